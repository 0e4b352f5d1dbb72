"""How well the reader does on a labelled set: the table of pieces, whole quotes and speakers, and every miss.

A label is one object for each text: `file, lang, title, date, last_updated, quotes, people`, a quote
`{text: [segments], speaker, kind: full|partial|scare, attribution}`; `scare` marks words that are no quotation.
What is counted, all of it on exact words (white space apart):

- piece: one stretch of a quotation; one found where the label has none, or a scare, lowers the precision.
- whole quote: all its stretches, and no other.
- speaker: of the quotations with a named speaker, those found, in whole or in part, under that name. Its precision is
  over all names the reader gave: a name on words that are no quotation is a wrong name.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from articles.releases import Registry, read
from articles.releases.offices import name_key


def shared_registry(labels):
    """One registry of everybody in a labelled set, with their offices as written there and no dates."""
    people = {}
    for label in labels:
        named = [(person["name"], person.get("office")) for person in label.get("people", [])]
        named += [(quote["speaker"], None) for quote in label["quotes"] if quote.get("speaker")]
        for name, office in named:
            offices = people.setdefault(name_key(name), (name, {}))[1]
            if office:
                offices[office] = None
    return Registry.from_json(
        {"name": name, "position": office} for name, offices in people.values() for office in offices or [None]
    )


def _same_person(one, other):
    return one is not None and other is not None and name_key(one) == name_key(other)


def _flat(words):
    return " ".join((words or "").split())


@dataclass
class Tally:
    """Counts of one group of quotations; every ratio is None when there is nothing to divide by."""

    counts: Counter = field(default_factory=Counter)

    def ratio(self, right, of):
        return self.counts[right] / self.counts[of] if self.counts[of] else None

    def figures(self):
        precision = self.ratio("pieces right", "pieces found")
        recall = self.ratio("pieces right", "pieces")
        f1 = 2 * precision * recall / (precision + recall) if precision and recall else None
        return {
            "pieces": self.counts["pieces"], "piece_precision": precision, "piece_recall": recall, "piece_f1": f1,
            "quotes": self.counts["quotes"],
            "quote_precision": self.ratio("quotes right", "quotes found"),
            "quote_recall": self.ratio("quotes right", "quotes"),
            "speaker": self.ratio("speakers right", "speakers"),
            "speaker_precision": self.ratio("names right", "names"),
        }  # fmt: skip


class Evaluation:
    """Reads labelled texts one by one (`add`) and keeps the counts and the misses."""

    def __init__(self, registry):
        self.registry = registry
        self.tallies = defaultdict(Tally)  # "all", "lang en", "kind full", "attribution surname" …
        self.layout = Counter()
        self.misses = []  # {file, what, expected, found}

    def add(self, text, label):
        proposal = read(text, self.registry, label["file"])
        for key, expected, found in (
            ("title", _flat(label.get("title")), _flat(proposal.title)),
            ("date", label.get("date") or "", proposal.dated or ""),
            ("last_updated", label.get("last_updated") or "", proposal.last_updated or ""),
        ):
            self.layout[key] += 1
            self.layout[f"{key} right"] += expected == found
            if expected != found:
                self._miss(label, key, expected, found)
        self._quotes(text, label, proposal)
        return proposal

    def _miss(self, label, what, expected, found):
        self.misses.append({"file": label["file"], "what": what, "expected": expected, "found": found})

    def _quotes(self, text, label, proposal):
        golds = [quote for quote in label["quotes"] if quote["kind"] != "scare"]
        places = _places(text, golds)
        overlaps = [[_overlap(found.spans, place) for place in places] for found in proposal.quotes]
        # Each quotation found stands for the labelled one it shares most words with, and each of those has one partner.
        partner, best = {}, {}
        for number, shares in enumerate(overlaps):
            share = max(shares, default=0)
            if share:
                gold = shares.index(share)
                partner[number] = gold
                if gold not in best or share > overlaps[best[gold]][gold]:
                    best[gold] = number
        for index, gold in enumerate(golds):
            found = proposal.quotes[best[index]] if index in best else None
            self._recall(label, gold, found)
        for number, found in enumerate(proposal.quotes):
            gold = golds[partner[number]] if number in partner else None
            self._precision(label, gold, found)

    def _groups(self, label, kind, attribution=None):
        names = ["all", f"lang {label['lang']}", f"kind {kind}"] + [f"by {attribution}"] * bool(attribution)
        return [self.tallies[name].counts for name in names]

    def _recall(self, label, gold, found):
        words = list(map(_flat, gold["text"]))
        got = Counter(map(_flat, found.segments)) if found else Counter()
        right = sum((Counter(words) & got).values())
        whole = found is not None and words == list(map(_flat, found.segments))
        named = right > 0 and _same_person(found.speaker, gold["speaker"])
        for counts in self._groups(label, gold["kind"], gold.get("attribution")):
            counts["pieces"] += len(words)
            counts["quotes"] += 1
            counts["speakers"] += gold["speaker"] is not None
            counts["pieces right"] += right
            counts["quotes right"] += whole
            counts["speakers right"] += named
        if not whole:
            self._miss(label, "quote", gold["text"], found and found.segments)
        elif gold["speaker"] and not named:
            self._miss(label, "speaker", gold["speaker"], found.speaker or f"({found.source})")

    def _precision(self, label, gold, found):
        kind = gold["kind"] if gold else found.kind
        right = gold is not None and _same_person(found.speaker, gold["speaker"])
        for counts in self._groups(label, kind, gold and gold.get("attribution")):
            counts["pieces found"] += len(found.segments)
            counts["quotes found"] += 1
            counts["names"] += found.speaker is not None
            counts["names right"] += right
        if gold is None:
            self._miss(label, "no quote", None, found.segments)
        if found.speaker and not right:
            self._miss(label, "wrong name", gold and (gold["speaker"] or "nobody"), found.speaker)

    def figures(self):
        """{"texts", "title", "date", "last_updated", "groups": {name: figures}, "misses": [...]}."""
        keys = ("title", "date", "last_updated")
        layout = {key: self.layout[f"{key} right"] / self.layout[key] if self.layout[key] else None for key in keys}
        groups = {name: tally.figures() for name, tally in sorted(self.tallies.items(), key=_all_first)}
        return {"texts": self.layout["title"]} | layout | {"groups": groups, "misses": self.misses}


def _all_first(item):
    order = ("all", "lang", "kind", "by")
    return order.index(item[0].split()[0]), item[0]


def _places(text, golds):
    """Where each labelled quotation stands, as lists of spans: labels are in reading order, so each is sought behind
    the one before it, and from the beginning only when it is not there."""
    places, at = [], 0
    for gold in golds:
        spans = []
        for words in gold["text"]:
            start = text.find(words, at)
            start = start if start >= 0 else text.find(words)
            if start >= 0:
                spans.append((start, start + len(words)))
                at = start + 1
        places.append(spans)
    return places


def _overlap(spans, others):
    return sum(max(0, min(b, d) - max(a, c)) for a, b in spans for c, d in others)


def table(figures):
    """The figures as lines for a terminal."""
    heads = ("quotes", "piece P", "R", "F1", "whole P", "R", "speaker", "precision")
    keys = ("piece_precision", "piece_recall", "piece_f1", "quote_precision", "quote_recall", "speaker",
            "speaker_precision")  # fmt: skip
    rows = [("", *heads)]
    for name, group in figures["groups"].items():
        rows.append((name, str(group["quotes"]), *(_ratio(group[key]) for key in keys)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads) + 1)]
    for row in rows:
        yield "  ".join(
            cell.ljust(width) if not column else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
    yield (
        f"{figures['texts']} texts: titles {_ratio(figures['title'])}, dates {_ratio(figures['date'])}, "
        f"last updated {_ratio(figures['last_updated'])}"
    )
    for before, miss in pairwise([None, *figures["misses"]]):
        if before is None or before["file"] != miss["file"]:
            yield f"{miss['file']}:"
        yield f"  {miss['what']}: {miss['expected']!r} was read as {miss['found']!r}"


def _ratio(value):
    return "–" if value is None else f"{value:.3f}"
