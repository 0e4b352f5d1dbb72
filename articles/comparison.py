"""Two texts of one article beside each other, word by word: editions as they stand, saves as they were typed.

Nothing of it asks what is public. A text of the editors' page is named by a key, `e` or `s` and the number of its row.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from articles import body as bodies
from articles.badges import name, when
from articles.desk import Save
from articles.models import Edition
from people.models import Person, Position

KEY = re.compile(r"([es])([1-9][0-9]{0,17})")
#: the words that are compared whole, and what a save keeps beside the body
FACTS = (
    "headline", "summary", "kind", "place", "event_date", "dated", "source_updated", "expires_at", "change_class",
    "note",
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """A quote of a text. `office` is None where the text does not tell it (a save names it only by exception)."""

    words: str
    who: str
    office: str | None
    on: date | None


@dataclass
class Text:
    """One side of a comparison. `parts` are the lists beside the words by their names, None of a save, which keeps
    words only; a fact it does not hold is missing in `facts`."""

    key: str
    label: str
    edition: Edition
    facts: dict
    body: str
    quotes: dict[str, Said]
    parts: dict[str, list[str]] | None = None
    save: Save | None = None

    def words(self):
        """What a draft takes from it. A planned end is no word, and belongs to the time it was planned in."""
        held = self.facts | {"body": self.body}
        return {field: held[field] for field in Edition.WORDS if field in held and field != "expires_at"}


@dataclass(frozen=True)
class Piece:
    text: str
    changed: bool = False


@dataclass
class Row:
    """A line of the table: a name, and both sides as pieces."""

    name: str
    old: list[Piece]
    new: list[Piece]


@dataclass
class Passage:
    """Some blocks of the body: the same in both (`kept`), or one changed, each side as (quoted?, pieces) or None."""

    kept: list[str] = field(default_factory=list)
    old: list | None = None
    new: list | None = None
    only_marks: bool = False


@dataclass
class Comparison:
    old: Text
    new: Text
    rows: list[Row]
    passages: list[Passage]

    @property
    def differences(self):
        return len(self.rows) + sum(not passage.kept for passage in self.passages)

    @property
    def words_only(self):
        return self.old.parts is None or self.new.parts is None


# Reading


def texts(article, keys, now, reader=None):
    """The texts of `article` under `keys`, in their order; a KeyError for one that is not there. A fixed number of
    queries."""
    asked = {key: KEY.fullmatch(key) for key in keys}
    if not all(asked.values()):
        raise KeyError(next(key for key, match in asked.items() if not match))
    ids = {letter: [int(m[2]) for m in asked.values() if m[1] == letter] for letter in "es"}
    editions = article.editions.filter(pk__in=ids["e"]).prefetch_related(
        "topics", "quotes__quote", "mentions__person", "related", "placements__image", "attachments"
    )
    saves = Save.objects.filter(pk__in=ids["s"], edition__article=article).select_related("by", "edition")
    found = {f"e{edition.pk}": of_edition(edition) for edition in (editions if ids["e"] else ())}
    found |= of_saves([*saves], now, reader) if ids["s"] else {}
    return [found[key] for key in keys]


def edition_label(edition):
    if edition.number:
        return _("Edition %(number)s") % {"number": edition.number}
    return _("The draft as it stands")


def of_edition(edition):
    quotes = {
        text.quote.key: Said(text.text, text.speaker_name or text.source, text.office, text.said_on)
        for text in edition.quotes.all()
    }
    parts = {
        _("Topics"): sorted(topic.name for topic in edition.topics.all()),
        _("People mentioned"): [
            ", ".join(filter(None, [mention.name or mention.person.name, mention.office]))
            for mention in edition.mentions.all()
        ],
        _("Related items"): [item.label for item in edition.related.all()],
        _("Pictures"): [
            " · ".join(filter(None, [image.alt or image.image.title, image.caption, image.credit]))
            for image in edition.placements.all()
        ],
        _("Files"): [attachment.title for attachment in edition.attachments.all()],
    }
    facts = {fact: getattr(edition, fact) for fact in FACTS}
    return Text(f"e{edition.pk}", edition_label(edition), edition, facts, edition.body, quotes, parts)


def of_saves(saves, now, reader):
    """{key: Text} of saves: who speaks is looked up by the uids in their bodies."""
    spans = {save.pk: bodies.quotes(save.words.get("body") or "") for save in saves}
    said = [span for found in spans.values() for span in found]
    people = Person.objects.filter(uid__in={span.speaker for span in said if span.speaker})
    names = {person.uid: person.survivor().name for person in people.select_related("merged_into")}
    positions = Position.objects.filter(uid__in={span.office for span in said if span.office})
    offices = {position.uid: position.title for position in positions}
    return {f"s{save.pk}": of_save(save, spans[save.pk], names, offices, now, reader) for save in saves}


def of_save(save, spans, names, offices, now, reader):
    facts = {fact: value for fact in FACTS if (value := stored(save, fact)) is not MISSING}
    day = facts.get("event_date") or facts.get("dated")
    quotes = {
        span.key: Said(
            span.text, names.get(span.speaker, span.source or ""), offices.get(span.office), span.on or day or None
        )
        for span in spans
    }
    by = _("you") if reader is not None and save.by_id == reader.pk else name(save.by)
    label = _("Save of %(at)s by %(by)s") % {"at": when(save.at, now), "by": by}
    return Text(f"s{save.pk}", label, save.edition, facts, save.words.get("body") or "", quotes, save=save)


MISSING = object()


def stored(save, fact):
    """A fact of a save as its field has it. What was typed and could not be read (a save made in a conflict keeps that
    too) is missing."""
    value, column = save.words.get(fact, MISSING), Edition._meta.get_field(fact)
    if value is MISSING or isinstance(value, list):
        return MISSING
    if column.get_internal_type() not in ("DateField", "DateTimeField"):
        value = "" if value is None else str(value)
        return MISSING if column.choices and value and value not in dict(column.choices) else value
    try:
        return column.to_python(value or None)
    except ValidationError:
        return MISSING


# Comparing


def compared(old, new):
    rows = [*fact_rows(old, new), *quote_rows(old, new), *part_rows(old, new)]
    return Comparison(old, new, rows, passages(old.body, new.body))


def fact_rows(old, new):
    ours = FACTS if old.edition.pk == new.edition.pk else FACTS[:-2]  # what an edition says of its own change
    for fact in ours:
        if fact in old.facts and fact in new.facts:
            before, after = (shown(fact, text.facts[fact]) for text in (old, new))
            if before != after:
                yield Row(fact_label(fact), *sides(before, after))


def fact_label(fact):
    label = str(Edition._meta.get_field(fact).verbose_name)
    return label[:1].upper() + label[1:]


def shown(fact, value):
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "j F Y, H:i")
    if isinstance(value, date):
        return date_format(value, "j F Y")
    choices = dict(Edition._meta.get_field(fact).choices or ())
    return str(choices.get(value, value or ""))


def sides(before, after):
    """Both texts as pieces, what differs marked."""
    found = bodies.word_diff(before, after)
    return tuple([Piece(text, op != "=") for op, text in found if op in ("=", own)] for own in "-+")


def quote_rows(old, new):
    """Quotes by their keys: what is one in one text only, other words, another speaker, another day."""
    for number, key in enumerate(dict.fromkeys([*new.quotes, *old.quotes]), start=1):
        before, after = old.quotes.get(key), new.quotes.get(key)
        if before is None or after is None:
            only = [[Piece(f"“{said.words}” {said.who}".strip(), True)] if said else [] for said in (before, after)]
            yield Row(_("Quote %(number)s") % {"number": number}, *only)
            continue
        if before.words != after.words:
            yield Row(_("Words of quote %(number)s") % {"number": number}, *sides(before.words, after.words))
        yield from said_row(number, before, after)


def said_rows(old, new):
    """Of the quotes that both hold, who spoke and when where that differs."""
    for number, key in enumerate(dict.fromkeys([*new.quotes, *old.quotes]), start=1):
        if key in old.quotes and key in new.quotes:
            yield from said_row(number, old.quotes[key], new.quotes[key])


def said_row(number, before, after):
    known = before.office is not None and after.office is not None
    if before.who != after.who or (known and before.office != after.office):
        speakers = [
            [Piece(one.who or _("Nobody is named"), one.who != other.who)]
            + ([Piece(", "), Piece(one.office, one.office != other.office)] if known and one.office else [])
            for one, other in ((before, after), (after, before))
        ]
        yield Row(_("Speaker of quote %(number)s") % {"number": number}, *speakers)
    if before.on != after.on:
        days = [one.on and date_format(one.on, "j F Y") for one in (before, after)]
        yield Row(_("Day of quote %(number)s") % {"number": number}, *sides(*(day or "" for day in days)))


def part_rows(old, new):
    if old.parts is None or new.parts is None:
        return
    for label, before in old.parts.items():
        after = new.parts[label]
        if before != after:
            yield Row(label, listed(before, after), listed(after, before))


def listed(items, others):
    pieces = [[Piece(item, item not in others)] for item in items]
    return pieces[0] + [piece for one in pieces[1:] for piece in [Piece("; "), *one]] if pieces else []


def passages(old, new):
    """The bodies block by block, so that a long text costs and reads no more than what differs in it."""
    found = []
    for is_kept, rows in groupby(bodies.block_diff(old, new), lambda row: bool(row[0] and row[1] and same(*row))):
        if is_kept:
            found.append(Passage(kept=[block.text for block, _twin in rows]))
        else:
            found += [passage(before, after) for before, after in rows]
    return found


def woven(old, new):
    """The bodies as one text: [(texts of blocks that are the same, None) or (None, [(op, text)] of one that differs)],
    where op is "=", "-" (only in the old) or "+" (only in the new)."""
    found = []
    for is_kept, rows in groupby(bodies.block_diff(old, new), lambda row: bool(row[0] and row[1] and same(*row))):
        if is_kept:
            found.append(([block.text for block, _twin in rows], None))
        else:
            found += [(None, bodies.word_diff(*(block.text if block else "" for block in row))) for row in rows]
    return found


def same(before, after):
    return before.html == after.html


def passage(before, after):
    runs = [bodies.quote_runs(block.html) if block else [] for block in (before, after)]
    words = ["".join(text for text, _key in side) for side in runs]
    if before and after:
        old, new = (marked(side, pieces) for side, pieces in zip(runs, sides(*words), strict=True))
        return Passage(old=old, new=new, only_marks=words[0] == words[1])
    (own,) = [side for side in runs if side]
    whole = marked(own, [Piece("".join(words), True)])
    return Passage(old=whole if before else None, new=whole if after else None)


def marked(runs: Sequence[tuple[str, str]], pieces: Sequence[Piece]):
    """[(in a quote?, pieces)]: the pieces cut where a quote begins or ends."""
    groups, waiting = [], [*reversed(pieces)]
    for text, key in runs:
        inside, wanted = [], len(text)
        while wanted:
            piece = waiting.pop()
            if len(piece.text) > wanted:
                waiting.append(Piece(piece.text[wanted:], piece.changed))
                piece = Piece(piece.text[:wanted], piece.changed)
            inside.append(piece)
            wanted -= len(piece.text)
        groups.append((bool(key), inside))
    return groups
