"""The full-text index in two dialects behind one word: FTS5 on SQLite, tsvector and GIN on PostgreSQL. It knows ids and
texts, not models; who may see what, callers say with their rows.

Words are folded and cut here, not by the databases, so that both answer alike: without case, accents and the plainest
plurals. A document is its headline, its quotes, its summary and its text; each word of a headline stands in it once
more as `h_word`, of a quote as `q_word`, so that "in the headline" is a word like any other and as quick to find. On
SQLite the row id begins with the minute a document is sorted at, so that the newest matches come first without a sort;
drafts, which have none, stand before all time.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, islice

from django.db import connection
from django.utils.html import format_html
from django.utils.safestring import mark_safe

TABLE = "articles_words"
TABLES = {
    "sqlite": {TABLE, *(f"{TABLE}_{part}" for part in ("data", "idx", "content", "docsize", "config"))},
    "postgresql": {TABLE},
}
HEADLINE, QUOTE = "h_", "q_"
#: how many of the newest matches are ranked; further back one goes by naming a day
REACH = 2000
#: by how many minutes a find counts as newer for standing in the headline, else in a quote, and for several words that
#: stand side by side
YEAR = 365 * 24 * 60
IN_HEADLINE, IN_QUOTE, SIDE_BY_SIDE = 4 * YEAR, 2 * YEAR, 2 * YEAR
#: tsvector holds positions up to 16,383 and a megabyte; of longer texts the beginning is searched, on both engines
LONGEST, LARGEST = 16_000, 500_000
#: how many words are looked for at once, and in how many characters
TERMS, LENGTH = 16, 200
ID_BITS = 30
ID_MASK = (1 << ID_BITS) - 1
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)

_COMBINING = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_COMBINING}])*")
_ASKED = re.compile(r'"([^"]+)"|[“„«]([^“”„«»]+)[”“»]|(\S+)')


# Words


def words(text):
    """The words of a text as they are indexed and asked for, in their order."""
    return [stem(word) for word in spelt(text)]


def spelt(text):
    """The words of a text, folded but whole."""
    return _WORD.findall(folded(text))


def folded(text):
    if text.isascii():
        return text.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()


def stem(word):
    """A word of more than three letters without the "s" of a plural, and "y" as its plural has it. Names longer than
    forty letters are cut."""
    if len(word) > 3:
        if word.endswith("y"):
            word = f"{word[:-1]}ie"
        elif word.endswith("s") and not word.endswith(("ss", "us", "is", "news")):
            word = word[:-1]
    return word[:40]


@dataclass(frozen=True)
class Asked:
    """What was typed: runs of words, each of which must stand somewhere just so. A word alone is a run of one; what is
    in quotation marks or holds together ("1,482") is one of several. `typed`: the runs before `stem`."""

    text: str
    runs: tuple
    typed: tuple

    def __bool__(self):
        return bool(self.runs)

    @property
    def words(self):
        return {*chain(*self.runs)}


def asked(text):
    """The first words, `TERMS` at most; no sign means anything but quotation marks."""
    text = " ".join(text.split())[:LENGTH]
    found = [spelt(one or two or three) for one, two, three in _ASKED.findall(text)]
    typed = [*dict.fromkeys(tuple(run[:TERMS]) for run in found if run)][:TERMS]
    return Asked(text, tuple(tuple(map(stem, run)) for run in typed), tuple(typed))


# The index


@dataclass(frozen=True)
class Document:
    id: int
    sorted_at: datetime | None
    headline: str
    summary: str
    text: str
    quotes: tuple = ()

    def tokens(self):
        """All its words, in an order in which no run reaches from one part into the next."""
        headline = words(self.headline)
        parts = [headline, [HEADLINE + word for word in headline]]
        parts += [[QUOTE + word for word in words(quote)] for quote in self.quotes]
        found, size = [], 0
        for token in chain(*([*part, "_"] for part in (*parts, words(self.summary), words(self.text)))):
            size += len(token.encode()) + 4
            if size > LARGEST or len(found) == LONGEST:
                break
            found.append(token)
        return found


def store(documents):
    """Put these documents into the index, in the place of what stood there for them. Returns how many."""
    sql = f"INSERT OR REPLACE INTO {TABLE} (rowid, words) VALUES (%s, %s)"  # noqa: S608 (names of ours; words are parameters)
    if connection.vendor == "postgresql":
        sql = f"INSERT INTO {TABLE} VALUES (%s, %s::tsvector) ON CONFLICT (id) DO UPDATE SET words = excluded.words"  # noqa: S608 (names of ours; words are parameters)
    count = 0
    with connection.cursor() as cursor:
        rows = map(row, documents)
        while some := [*islice(rows, 500)]:
            cursor.executemany(sql, some)
            count += len(some)
    return count


def row(document):
    """(key, words) of a document as the engine has them."""
    if connection.vendor == "postgresql":
        return document.id, vector(document.tokens())
    return place(document.id, document.sorted_at), " ".join(document.tokens())


def vector(tokens):
    positions = {}
    for position, token in enumerate(tokens, start=1):
        positions.setdefault(token, []).append(str(position))
    positions.pop("_", None)
    return " ".join(f"'{token}':{','.join(found[:255])}" for token, found in positions.items())


def place(id, sorted_at):
    """The row of a document on SQLite."""
    minutes = 0 if sorted_at is None else (sorted_at - BEGINNING) // timedelta(minutes=1)
    return (minutes << ID_BITS) + id


def move(id, former, sorted_at):
    """The document is sorted at another instant now."""
    if connection.vendor == "sqlite" and place(id, former) != place(id, sorted_at):
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {TABLE} SET rowid = %s WHERE rowid = %s",  # noqa: S608 (names of ours; words are parameters)
                [place(id, sorted_at), place(id, former)],
            )


def forget(places):
    """Take documents out: (id, sorted_at) each."""
    is_postgresql = connection.vendor == "postgresql"
    sql = f"DELETE FROM {TABLE} WHERE {'id' if is_postgresql else 'rowid'} = %s"  # noqa: S608 (names of ours; words are parameters)
    with connection.cursor() as cursor:
        cursor.executemany(sql, [[id if is_postgresql else place(id, at)] for id, at in places])


def clear():
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE}")  # noqa: S608 (names of ours; words are parameters)


def compact():
    """Let go of the words that were taken out: until then FTS5 keeps them beside a note that they are gone."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {TABLE} ({TABLE}) VALUES ('optimize')")  # noqa: S608 (names of ours; words are parameters)


def holds(document):
    """Whether the index holds exactly this document."""
    sql = f"SELECT 1 FROM {TABLE} WHERE rowid = %s AND words = %s"  # noqa: S608 (names of ours; words are parameters)
    if connection.vendor == "postgresql":
        sql = f"SELECT 1 FROM {TABLE} WHERE id = %s AND words = %s::tsvector"  # noqa: S608 (names of ours; words are parameters)
    with connection.cursor() as cursor:
        cursor.execute(sql, row(document))
        return cursor.fetchone() is not None


def size():
    """How many documents the index holds: reads all of it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {TABLE}")  # noqa: S608 (names of ours; words are parameters)
        return cursor.fetchone()[0]


# Asking


def expression(runs, mark="", typed=None):
    """What the engine is asked: every run, as words of the headline or of a quote with their `mark`. With `typed` a
    word alone is the beginning of one."""
    found = []
    for number, run in enumerate(runs):
        begins = typed[number][0] if typed and len(run) == 1 else ""
        if connection.vendor == "postgresql":
            one = " <-> ".join(f"'{mark}{word}'" for word in run)
            found.append(f"('{mark}{begins}':* | {one})" if begins else f"({one})")
        else:
            one = f'"{" ".join(mark + word for word in run)}"'
            found.append(f'("{mark}{begins}" * OR {one})' if begins else one)
    return (" & " if connection.vendor == "postgresql" else " AND ").join(found)


def beginning(question, mark=""):
    """(SQL, parameters) of the ids of all documents in which the words asked for begin words, drafts included."""
    expressed = expression(question.runs, mark, question.typed)
    if connection.vendor == "postgresql":
        # OFFSET 0 keeps the planner from walking the newest editions and parsing each text on the way.
        return f"SELECT id FROM {TABLE} WHERE words @@ %s::tsquery OFFSET 0", [expressed]  # noqa: S608 (names of ours; words are parameters)
    return f"SELECT rowid & {ID_MASK} FROM {TABLE} WHERE words MATCH %s", [expressed]  # noqa: S608 (names of ours; words are parameters)


def newest(rows, expressed, until, flags=()):
    """(SQL, parameters) of (id, minute, *flags) of the newest `REACH` of `rows` that hold what was expressed; each of
    the `flags`, expressions too, says whether that holds as well. `rows` is the (SQL, parameters) of (id, sorted_at):
    matches that are not among them count for nothing. None of them is sorted after `until`: the walk begins there."""
    sql, parameters = rows
    if connection.vendor == "postgresql":
        columns = "".join(", w.words @@ %s::tsquery" for _flag in flags)
        found = (
            f"SELECT e.id, (extract(epoch FROM e.sorted_at) / 60)::bigint AS minute{columns} FROM ({sql}) e"  # noqa: S608 (names of ours; words are parameters)
            f" JOIN {TABLE} w ON w.id = e.id WHERE w.words @@ %s::tsquery"
            f" ORDER BY e.sorted_at DESC, e.id DESC LIMIT {REACH}"
        )
        return found, [*flags, *parameters, expressed]
    # CROSS JOIN: the index is walked first, from its newest end.
    found = (
        f"SELECT e.id, w.rowid AS place FROM {TABLE} w CROSS JOIN ({sql}) e ON e.id = w.rowid & {ID_MASK}"  # noqa: S608 (names of ours; words are parameters)
        f" WHERE w.words MATCH %s AND w.rowid > {ID_MASK} AND w.rowid <= {place(ID_MASK, until)}"
        f" ORDER BY w.rowid DESC LIMIT {REACH}"
    )
    within = f"SELECT rowid FROM {TABLE} WHERE words MATCH %s AND rowid >= (SELECT min(place) FROM found)"  # noqa: S608 (names of ours; words are parameters)
    columns = f", place IN ({within})" * len(flags)
    sql = f"WITH found AS ({found}) SELECT id, place >> {ID_BITS} AS minute{columns} FROM found"  # noqa: S608 (names of ours; words are parameters)
    return sql, [*parameters, expressed, *flags]


def ranked(rows, question, until):
    """[(worth, id, whether in a quote)] of what was found, the best first: a total order that nothing outside `rows`
    has a say in and no clock moves. The worth of a find is the minute it is sorted at, the later the better it fits."""
    side_by_side = expression([tuple(chain(*question.runs))])
    flags = [expression(question.runs, HEADLINE), expression(question.runs, QUOTE), side_by_side]
    several = len(question.runs) > 1
    with connection.cursor() as cursor:
        cursor.execute(*newest(rows, expression(question.runs), until, flags if several else flags[:2]))
        found = cursor.fetchall()
    finds = []
    for id, minute, in_headline, in_quote, *together in found:
        best = IN_HEADLINE if in_headline else IN_QUOTE if in_quote else 0
        finds.append((minute + best + SIDE_BY_SIDE * any(together), id, bool(in_quote)))
    return sorted(finds, reverse=True)


# Showing


def holding(text, question):
    """Whether a text holds all that was asked for."""
    stream = f" {' '.join(words(text))} "
    return all(f" {' '.join(run)} " in stream for run in question.runs)


def finds(text, question):
    """The (start, end) of the words of `text` that were asked for. Of a long text the beginning is read."""
    wanted = question.words
    return [match.span() for match in _WORD.finditer(text, 0, 50_000) if not wanted.isdisjoint(words(match[0]))]


def marked(text, question):
    """The text as HTML, with the words found in <mark>."""
    pieces, at = [], 0
    for start, end in finds(text, question):
        pieces.append(format_html("{}<mark>{}</mark>", text[at:start], text[start:end]))
        at = end
    return mark_safe("".join(pieces) + format_html("{}", text[at:]))  # noqa: S308 (every piece is escaped)


def excerpt(text, question, length=220):
    """The stretch of `text` in which most of what was asked for stands, as HTML with the words marked."""
    spans = finds(text, question)[:60]
    within = [len({text[s:e].lower() for s, e in spans if start <= s < start + length}) for start, _end in spans]
    first = spans[within.index(max(within))][0] if spans else 0
    start = max(0, first - length // 4)
    start = text.find(" ", start, first) + 1 if start else 0
    end = start + length
    if end < len(text):
        end = max(text.rfind(" ", start, end), first + 1)
    cut = re.sub(r"[ \t\n]+", " ", text[start:end]).strip()
    return format_html("{}{}{}", "… " if start else "", marked(cut, question), " …" if end < len(text) else "")
