"""What was understood of a release, told to an editor with its reasons, and what her answers make of it.

Pure functions over a `Proposal`; no query, no request. The page that asks is admin/arrivals.py.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from articles.releases.dates import find_dates, read_date
from articles.releases.layout import IMMEDIATE
from articles.releases.proposal import Piece

# Confidence in three words


@dataclass(frozen=True)
class Word:
    """One of the three words; `look` is the style of its badge."""

    look: str
    label: str


SURE, LIKELY, UNSURE = Word("live", _("Sure")), Word("review", _("Likely")), Word("needs-you", _("Unsure"))


def confidence(quote):
    """Sure is what a clause with a name says outright; likely rests on a pronoun, an office or a source in words; what
    only its place in the text suggests, and what has no speaker, is unsure."""
    if not (quote.speaker or quote.source) or quote.confidence < 0.6:
        return UNSURE
    return SURE if quote.confidence >= 0.85 and quote.speaker else LIKELY


HOW = {
    "after": _("“%(words)s” stands right after it"), "halves": _("“%(words)s” stands between the two halves"),
    "before": _("“%(words)s” stands before it"), "incise": _("“%(words)s” stands inside it"),
    "after: name line": _("the line “%(words)s” below it names the speaker"),
    "statement": _("“%(words)s” announces a statement, and these words follow"),
    "block": _("“%(words)s” announces words that stand without quotation marks"),
    "headline": _("only the headline says who speaks: “%(words)s”"),
    "same as before": _("nothing near it says who; the quote right before it has this speaker"),
    "sentence before": _("“%(words)s”: the sentence before it says who speaks"),
    "inside": _("“%(words)s” leads into it"), "no cue": _("nothing near it says who"),
    "lost marks": _("the text has lost its quotation marks; where the words begin and end is read from “%(words)s”"),
}  # fmt: skip
KNOWN = {
    "name": _("one person here has that name"), "alias": _("one person here is known by that spelling"),
    "office": _("that office was held by one person here on that day"),
    "new": _("nobody here has that name yet"),
}  # fmt: skip


def reason(quote, people):
    """In one or two sentences why the quote was given its speaker, or none; `people` are those of the proposal."""
    how = quote.rule if quote.rule in HOW else next((rule for rule in HOW if quote.rule.startswith(rule)), "no cue")
    if "no cue" in quote.rule:
        how = "no cue"
    elif how in ("after", "incise") and len(quote.segments) > 1:
        how = "halves"
    words = " ".join((quote.evidence or {}).get("text", "").split()).strip(" ,")
    sentence = HOW[how] % {"words": words}
    named = next((person for person in people if person.name == quote.speaker), None)
    if quote.speaker:
        if quote.speaker.split()[-1] not in words:
            sentence += "; " + _("that is read as %(name)s") % {"name": quote.speaker}
        sentence += f"; {KNOWN[named.match]}" if named else ""
    elif quote.source:
        sentence += ". " + _("No person is named: it is left as “%(source)s” rather than guessed") % {
            "source": " ".join(quote.source.split())
        }
    else:
        sentence += ". " + _("It is left empty rather than guessed")
    return f"{sentence[0].upper()}{sentence[1:]}."


# What the other parts are called

DATE_ROLES = {
    "posted": _("printed as the date of the release"), "dateline": _("in the dateline"), "sent": _("sent, by its mail"),
    "event": _("told as the day of the event"), "updated": _("last updated"), "embargo": _("of the embargo"),
    "mentioned": _("mentioned"),
}  # fmt: skip
CUT = {
    "after the end": _("stands after the end of the release"), "end mark": _("marks the end"), "rule": _("a rule"),
    "layout": _("layout"), "image": _("a picture"), "embargo": _("an embargo line"), "code": _("code"),
    "furniture": _("what every release says"), "menu": _("a menu"), "contact": _("contacts"),
    "letterhead": _("letterhead"), "before the title": _("stands before the title"),
    "breadcrumb": _("a path through a site"), "title repeated": _("the title once more"), "bullet": _("a bullet"),
    "mark": _("a mark"), "invisible character": _("invisible"), "too long": _("too long to be read"),
}  # fmt: skip
LEFT = {
    "defined term": _("a term that is explained"), "code": _("code"), "title": _("the title of a work or a programme"),
    "name": _("a name"), "too short": _("too short to be a quote"),
    "no one is said to say it": _("nobody is said to say it"),
}  # fmt: skip


def left_in(cut):
    """Whether a stretch that was cut holds words that an editor may want back."""
    return bool(re.search(r"\w", cut.text)) and cut.reason != "invisible character"


# The release as it came, with the stretches that were understood


@dataclass
class Stretch:
    """A piece of the text: `kind` is its style ("" for nothing in particular), `note` what is written behind it and
    `quote` the number of the quote it belongs to, from 1."""

    text: str
    kind: str = ""
    note: str = ""
    quote: int = 0


def stretches(text, proposal):
    """The whole text in order, parted where something was understood; where two things were, the nearer one shows."""
    layers = [(cut.start, cut.end, "cut", "", 0) for cut in proposal.cut]
    layers += [(item.start, item.end, "related", pgettext_lazy("mark", "related"), 0) for item in proposal.related]
    if proposal.title_span:
        layers.append((*proposal.title_span, "title", pgettext_lazy("mark", "title"), 0))
    layers += [
        (left["start"], left["end"], "left", pgettext_lazy("mark", "left alone"), 0) for left in proposal.left_alone
    ]
    layers += [
        (found.start, found.end, "embargo" if found.role == "embargo" else "date", pgettext_lazy("mark", "date"), 0)
        for found in proposal.dates
    ]
    layers += [(cut.start, cut.end, "embargo", pgettext_lazy("mark", "embargo"), 0)
               for cut in proposal.cut if cut.reason == "embargo" or says_immediate(cut)]  # fmt: skip
    for number, quote in enumerate(proposal.quotes, 1):
        kind = "quote" if confidence(quote) is not UNSURE else "quote unsure"
        layers += [(start, end, kind, str(number), number) for start, end in quote.spans]
    return list(_flattened(text, layers))


def says_immediate(cut):
    """Whether a line that was cut says that the release may be published at once."""
    return len(cut.text) < 200 and bool(IMMEDIATE.search(cut.text))


def _flattened(text, layers):
    """A later layer covers an earlier one; each note stands once, behind the last piece of its layer."""
    edges = sorted({0, len(text)} | {edge for start, end, *_rest in layers for edge in (start, end)})
    position = {edge: index for index, edge in enumerate(edges)}
    top = [None] * len(edges)
    for layer in layers:
        top[position[layer[0]] : position[layer[1]]] = [layer] * (position[layer[1]] - position[layer[0]])
    pending = None
    for index in range(len(edges) - 1):
        start, end, layer = edges[index], edges[index + 1], top[index]
        goes_on = pending is not None and layer is pending[0]
        if goes_on:
            pending[1].text += text[start:end]
            continue
        if pending:
            yield pending[1]
        pending = (layer, Stretch(text[start:end], *layer[2:] if layer else ()))
    if pending:
        yield pending[1]


# The embargo

_CLOCK = re.compile(
    r"(?i)(?<![\d:/.])(?P<h>[01]?\d|2[0-3])(?:\s?[:h.]\s?(?P<m>[0-5]\d)|(?=\s?[ap]\.?m))(?:\s?(?P<ap>[ap])\.?m\b)?"
)
#: what a zone written in letters says; others (CST, IST) mean several, and an editor decides
ZONES = {
    "UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "EST": -5, "EDT": -4,
    "PST": -8, "PDT": -7,
}  # fmt: skip
_ZONE = re.compile(
    r"(?<=[\dhm.])\s?\(?(UTC|GMT|[A-Z]{2,4}T)\b", re.IGNORECASE
)  # behind the time, not "l'embargo EST levé"


def embargo_end(line):
    """(wall time, zone or None) that an embargo line names, or None when it gives no day and time that are clear."""
    found = next(find_dates(line, 0, len(line)), None)
    day, time = read_date(found) if found else (None, None)
    if not day:
        return None
    clock = _CLOCK.search(f"{line[: found.start()]} {line[found.end() :]}")
    if not time and clock:
        hour = int(clock["h"])
        if clock["ap"]:
            hour = hour % 12 + (12 if clock["ap"].lower() == "p" else 0)
        time = f"{hour:02d}:{clock['m'] or '00'}"
    zone = _ZONE.search(line)
    zone = zone and zone[1].upper()
    if not time or (zone and zone not in ZONES):
        return None
    return datetime.fromisoformat(f"{day}T{time}"), zone and timezone(timedelta(hours=ZONES[zone]), zone)


# What her answers make of it


def decided(proposal, facts, quotes, people, topics, related, put_back):
    """The proposal as an editor left it. `facts` replace fields of the proposal; `quotes` are (quote, keep, changes) in
    order, `keep` None while undecided and `changes` the fields of another speaker; the others are those that stay, and
    the cuts that come back as paragraphs. An unsure quote that nobody decided on goes on without a speaker, so that it
    has to be decided before it is published."""
    paragraphs = [*proposal.paragraphs, *(Piece(cut.text, cut.start, cut.end, "p") for cut in put_back)]
    paragraphs.sort(key=lambda piece: piece.start)
    kept = []
    for quote, keep, changes in quotes:
        if keep is None and not changes and confidence(quote) is UNSURE:
            changes = NOBODY
        if keep is not False:
            kept.append(replace(quote, **changes))
    return replace(
        proposal, **facts, paragraphs=paragraphs, quotes=kept, people=people, topics=topics,
        related=[replace(item, after_paragraph=sum(p.start < item.start for p in paragraphs)) for item in related],
        cut=[cut for cut in proposal.cut if cut not in put_back],
    )  # fmt: skip


#: the fields of a quote that nobody is said to have said
NOBODY = dict.fromkeys(("speaker", "speaker_uid", "position", "source"))
