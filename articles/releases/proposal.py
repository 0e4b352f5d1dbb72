"""What a release is read into: plain data, with offsets into the text as given. Knows nothing of how it is read."""

from bisect import bisect_right
from dataclasses import asdict, dataclass, field, fields

from articles import body as bodies


class UnreadableRelease(ValueError):
    """The bytes are no text we can read; the message tells the sender what to do."""


@dataclass(frozen=True)
class Piece:
    """A body paragraph: `text == given[start:end]`; kind is p, h2, h3, li or blockquote; links lie within its text."""

    text: str
    start: int
    end: int
    kind: str
    links: tuple[tuple[int, int, str], ...] = ()


@dataclass(frozen=True)
class FoundDate:
    """A date as printed; `standalone` dates are layout of their own, the others stand inside a paragraph or a cut."""

    text: str
    start: int
    end: int
    role: str  # posted, updated, sent (of a mail), dateline, event, embargo or mentioned
    iso: str | None
    standalone: bool
    evidence: str  # the line around it


@dataclass(frozen=True)
class Cut:
    text: str
    start: int
    end: int
    reason: str


@dataclass(frozen=True)
class Related:
    label: str
    url: str | None
    after_paragraph: int
    start: int
    end: int


@dataclass(frozen=True)
class Named:
    """A person named in the text: office as written there, position canonical, uid when the registry knows them.

    `match` says how it knows them: by "name", "alias" or the "office" held that day; "new" when it does not.
    """

    name: str
    office: str | None
    position: str | None
    uid: str | None
    start: int
    end: int
    match: str


@dataclass
class Quote:
    """One quotation, in one or several segments; exactly one of speaker and source is set, or neither when unsure."""

    segments: list[str]
    spans: list[list[int]]
    kind: str
    speaker: str | None
    speaker_uid: str | None
    position: str | None
    source: str | None
    rule: str
    evidence: dict | None
    confidence: float


@dataclass
class Proposal:
    file: str = ""
    language: str = "en"
    title: str | None = None
    title_span: list[int] | None = None
    dated: str | None = None
    last_updated: str | None = None
    place: str | None = None
    event_date: str | None = None
    summary: str | None = None
    embargo: str | None = None
    paragraphs: list[Piece] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    people: list[Named] = field(default_factory=list)
    topics: list[dict] = field(default_factory=list)
    related: list[Related] = field(default_factory=list)
    cut: list[Cut] = field(default_factory=list)
    dates: list[FoundDate] = field(default_factory=list)
    left_alone: list[dict] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def pieces(self):
        """Every part of the input as (start, end, text, role), in order and without overlap.

        Put back at their offsets they hold each non-space character of the input exactly once.
        """
        parts = [(p.start, p.end, p.text, "body") for p in self.paragraphs]
        parts += [(d.start, d.end, d.text, "date") for d in self.dates if d.standalone]
        parts += [(r.start, r.end, r.label, "related") for r in self.related]
        parts += [(c.start, c.end, c.text, "cut") for c in self.cut]
        if self.title_span:
            parts.append((*self.title_span, self.title, "title"))
        return sorted(parts)

    @classmethod
    def from_json(cls, facts):
        """The proposal that `to_json` was called on."""
        parts = {
            "paragraphs": Piece,
            "quotes": Quote,
            "people": Named,
            "related": Related,
            "cut": Cut,
            "dates": FoundDate,
        }
        facts = {field.name: facts[field.name] for field in fields(cls)}
        for name, part in parts.items():
            names = {field.name for field in fields(part)}
            facts[name] = [part(**{key: value for key, value in row.items() if key in names}) for row in facts[name]]
        return cls(**facts)

    def paragraph_offsets(self, span):
        """Where an input span lies: (paragraph index, start, end) within that paragraph's text, or None outside all."""
        start, end = span
        index = bisect_right([p.start for p in self.paragraphs], start) - 1
        if index < 0 or end > self.paragraphs[index].end:
            return None
        base = self.paragraphs[index].start
        return index, start - base, end - base

    def body_html(self):
        """The paragraphs as the HTML of a body, links kept, quotes not marked."""
        return bodies.mark_up([bodies.Paragraph(p.kind, p.text, p.links) for p in self.paragraphs])

    def to_json(self):
        """Plain data: the fields, `pieces` as [start, end, role], `body_html`, and for each quote its `places`, the
        [paragraph, start, end] of each segment."""
        facts = asdict(self)
        for quote in facts["quotes"]:
            quote["places"] = [self.paragraph_offsets(span) for span in quote["spans"]]
        pieces = [[start, end, role] for start, end, _, role in self.pieces()]
        return facts | {"pieces": pieces, "body_html": self.body_html()}
