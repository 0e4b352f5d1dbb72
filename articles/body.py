"""The HTML of a body and all that knows it: the allowlist, `clean()`, plain text, quote spans, the word diff.

Pure functions of strings: no ORM, no Django. A body is a list of blocks, each holding one line of text with flat marks
(as in ProseMirror); HTML is read into that model and always written from it. So only what the model can say comes out,
depth is bounded, and `clean()` is a fixed point. Every reader here takes any HTML and answers as for `clean(html)`.
"""

import html as entities
import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby, islice, pairwise, zip_longest
from typing import NamedTuple
from urllib.parse import quote as percent

import nh3

# The one allowlist, for sanitiser, editor and importer. No svg, math or style: every known mutation XSS of the parser
# under nh3 needs one of them. No img: images are placements beside the body.
ATTRIBUTES = {
    "p": frozenset({"lang", "dir"}),
    "h2": frozenset(),
    "h3": frozenset(),
    "ul": frozenset(),
    "ol": frozenset(),
    "li": frozenset(),
    "blockquote": frozenset({"lang", "dir"}),
    "a": frozenset({"href", "hreflang"}),
    "em": frozenset(),
    "strong": frozenset(),
    "br": frozenset(),
    "sup": frozenset(),
    "sub": frozenset(),
    "span": frozenset({"lang", "dir"}),
    "q": frozenset({"data-quote", "data-speaker", "data-source", "data-on", "data-office", "lang"}),
}
TAGS = frozenset(ATTRIBUTES)
SCHEMES = frozenset({"http", "https", "mailto"})

KEY = re.compile(r"[a-z0-9]{4,16}")  # the permanent address of a quote
UID = re.compile(r"[a-z0-9]{4,24}")  # a person or a position
SOURCE_LENGTH = 200
LIST_DEPTH = 4  # deeper lists are flattened into the deepest

# Tags that are understood on the way in and written as one of ours; "div" only ends the line before it.
READ_AS = {"b": "strong", "i": "em", "h1": "h2", "h4": "h3", "h5": "h3", "h6": "h3"} | dict.fromkeys(
    re.findall(
        r"\w+",
        "address article aside body caption center dd details div dl dt fieldset figcaption figure footer form header "
        "hr html legend main nav option pre section summary table tbody td tfoot th thead tr xmp",
    ),
    "div",
)

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_LINK = re.compile(r"(https?://[^\s/\\?#]|mailto:\S|/(?![/\\])|#).*", re.IGNORECASE)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# What XML (so a feed) cannot hold, and the invisible soft hyphen and byte order mark, which would split words.
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\ufeff\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")


def normalise(text: str) -> str:
    """The text with every line end as "\\n", in NFC, without control characters, soft hyphens and lone surrogates."""
    return unicodedata.normalize("NFC", _UNPRINTABLE.sub("", _LINE_ENDS.sub("\n", text)))


def clean(html: str) -> str:
    """The body in its normal form, safe to print; `clean(clean(x)) == clean(x)` for every x.

    Loose text becomes a paragraph, empty blocks vanish, white space is collapsed, two line breaks in a paragraph
    divide it. What is not understood loses its tag, an invalid attribute goes, the words stay (but for the contents of
    script, style, title, textarea and frames). Depth is bounded, and time grows with the size only.

    Quote spans: one over several blocks becomes one per block; one inside another and one without a valid key lose
    their tag and keep their words; marks and white space at the edges move outside (`shrink`). Of the spans of one
    key, the first to say something (speaker or source, day, office, language) says it for all. One tag that names
    both speaker and source keeps the speaker.
    """
    return _write(_read(html))


def plain_text(html: str) -> str:
    """The words: blocks parted by an empty line, list items and line breaks by a line end."""
    return "\n\n".join(_block_text(node) for node in _read(html).children)


@dataclass(frozen=True, slots=True)
class QuoteSpan:
    """One quote of a body: its words in one or several segments, and what its tags say of it."""

    key: str
    segments: tuple[str, ...]
    speaker: str | None = None
    source: str | None = None
    on: date | None = None
    office: str | None = None
    language: str | None = None

    @property
    def text(self) -> str:
        return " ".join(self.segments)


def quotes(html: str) -> list[QuoteSpan]:
    """The quotes in the order of their first spans. A line break inside a quote counts as a space."""
    body = _read(html)
    segments: dict[str, list[str]] = {}
    for line in _lines(body):
        for key, start, end in line.quote_spans():
            segments.setdefault(key, []).append(normalise(line.text[start:end].replace("\n", " ")))
    return [
        QuoteSpan(
            key=key,
            segments=tuple(texts),
            speaker=body.quotes[key].get("data-speaker"),
            source=body.quotes[key].get("data-source"),
            on=date.fromisoformat(body.quotes[key]["data-on"]) if "data-on" in body.quotes[key] else None,
            office=body.quotes[key].get("data-office"),
            language=body.quotes[key].get("lang"),
        )
        for key, texts in segments.items()
    ]


@dataclass(frozen=True, slots=True)
class Block:
    """A top-level block of a body; `keys` are the quotes whose first span stands in it."""

    html: str
    text: str
    keys: tuple[str, ...]
    tag: str


def blocks(html: str) -> list[Block]:
    """The top-level blocks in order: number N of a related item's "after paragraph N" is `blocks(html)[N - 1]`."""
    body = _read(html)
    seen: set[str] = set()
    result = []
    for node in body.children:
        keys = dict.fromkeys(key for line in _lines(node) for key, _, _ in line.quote_spans() if key not in seen)
        seen.update(keys)
        result.append(Block(_write_node(node, body.quotes), _block_text(node), tuple(keys), node.tag))
    return result


def quote_runs(html: str) -> list[tuple[str, str]]:
    """The plain text in runs, each with the key of the quote it stands in, or ""."""
    parted: list[tuple[str, str]] = []
    for node in _read(html).children:
        parted += [("\n\n", "")] if parted else []
        parted += _quote_runs(node)
    return parted


def _quote_runs(node: "_Node | _Line") -> list[tuple[str, str]]:
    if isinstance(node, _Line):
        grouped = groupby(node.runs, lambda run: run[1].quote)
        return [("".join(text for text, _ in runs), key or "") for key, runs in grouped]
    gap = [("\n\n" if node.tag == "blockquote" else "\n", "")]
    parts = [_quote_runs(child) for child in node.children]
    return parts[0] + [run for part in parts[1:] for run in gap + part]


class Paragraph(NamedTuple):
    """One line of a body, flat: its tag (p, h2, h3, li or blockquote), its text, its links as (start, end, address)."""

    tag: str
    text: str
    links: tuple[tuple[int, int, str], ...] = ()


def paragraphs(html: str) -> list[Paragraph]:
    """The lines of a body in order, as `mark_up` takes them; lists lose their levels, other marks are not kept."""
    return list(_flat(_read(html), "p"))


def _flat(node: "_Node", tag: str) -> Iterator[Paragraph]:
    for child in node.children:
        if isinstance(child, _Line):
            links, position = [], 0
            for link, runs in groupby(child.runs, lambda run: run[1].link):
                start = position
                position += sum(len(text) for text, _ in runs)
                if link:
                    links.append((start, position, dict(link)["href"]))
            yield Paragraph(child.tag if tag == "p" else tag, child.text, tuple(links))
        else:
            yield from _flat(child, child.tag if child.tag in ("li", "blockquote") else tag)


def rekeyed(html: str, mint: Callable[[], str], keep: Callable[[str], bool] = lambda key: True) -> str:
    """The HTML with a key from `mint()` on every q whose key is missing, invalid or not one to `keep`.

    Spans that shared a key share the new one; each q without a key becomes a quote of its own. For what an editor
    or a copied body sends, before `clean()`, which would drop a q without a key. Raises ValueError on a minted non-key.
    """
    minted: dict[str, str] = {}

    def new_key(old: str) -> str:
        if KEY.fullmatch(old) and keep(old):
            return old
        key = minted.get(old) or mint()
        if not KEY.fullmatch(key):
            raise ValueError(f"not a quote key: {key!r}")
        if old:
            minted[old] = key
        return key

    parts = []
    for token in _TOKEN.finditer(_parsed(html)):
        if token["name"] == "q" and not token["end"]:
            attributes = _attributes(token["rest"])
            parts.append(_tag("q", attributes | {"data-quote": new_key(attributes.get("data-quote", ""))}))
        else:
            parts.append(token[0])
    return "".join(parts)


def mark_up(
    paragraphs: Iterable[str | tuple[str, str] | Paragraph],
    quotes: Iterable[tuple[str, str | None, str | None, Sequence[tuple[int, int, int]]]] = (),
) -> str:
    """The body of plain paragraphs, each a text or a `Paragraph` or (tag, text) with tag p, h2, h3, li or blockquote.

    Quotes are (key, speaker or None, source or None, [(paragraph, start, end), …]), offsets into the given text.
    The result is a fixed point of `clean()` in which `quotes()` finds each of those slices in normal form: NFC, single
    spaces, shrunk as by `shrink`. Neighbouring li (or blockquote) paragraphs share one list (or blockquote).
    Raises ValueError for spans that overlap or lie outside, and for keys, speakers and sources that a body cannot hold.
    """
    paragraphs = [Paragraph(*(p if isinstance(p, tuple) else ("p", p))) for p in paragraphs]
    spans: list[list[tuple[int, int, str]]] = [[] for _ in paragraphs]
    body = _Node("body")
    for key, speaker, source, places in quotes:
        wanted = {"data-quote": key, "data-speaker": speaker, "data-source": source if speaker is None else None}
        wanted = {name: value for name, value in wanted.items() if value is not None}
        if _valid("q", wanted) != wanted or key in body.quotes:
            raise ValueError(f"not a quote a body can hold: {wanted!r}")
        body.quotes[key] = {name: value for name, value in wanted.items() if name != "data-quote"}
        for paragraph, start, end in places:
            if not (0 <= paragraph < len(paragraphs) and 0 <= start <= end <= len(paragraphs[paragraph].text)):
                raise ValueError(f"quote {key} lies outside the text: {(paragraph, start, end)}")
            spans[paragraph].append((start, end, key))
    for (tag, text, links), marked in zip(paragraphs, spans, strict=True):
        line = _Line("p" if tag in ("li", "blockquote") else tag)
        marked.sort()
        for (_, end, _), (start, _, key) in pairwise(marked):
            if start < end:
                raise ValueError(f"quote {key} overlaps another")
        linked = [(start, end, tuple(_valid("a", {"href": address}).items())) for start, end, address in links]
        cuts = {cut for start, end, _ in [*marked, *linked] for cut in (start, end) if cut <= len(text)}
        for start, end in pairwise(sorted(cuts | {0, len(text)})):
            key = next((key for first, last, key in marked if first <= start < last), "")
            link = next((link for first, last, link in linked if first <= start < last), ())
            line.add(text[start:end], _PLAIN._replace(quote=key, link=link), breaks=True)
        container = body
        if tag in ("li", "blockquote"):
            group = "ul" if tag == "li" else tag
            if not body.children or body.children[-1].tag != group:
                body.children.append(_Node(group))
            container = body.children[-1]
            if tag == "li":
                container.children.append(_Node("li"))
                container = container.children[-1]
        elif tag not in ("p", "h2", "h3"):
            raise ValueError(f"not the tag of a paragraph: {tag!r}")
        container.children.append(line)
    return _write(_settled(body))


# The model


class _Marks(NamedTuple):
    """What holds for a run of text, in the order in which the tags are written, outermost first."""

    quote: str = ""
    link: tuple[tuple[str, str], ...] = ()
    span: tuple[tuple[str, str], ...] = ()
    strong: bool = False
    em: bool = False
    sup: bool = False
    sub: bool = False


_PLAIN = _Marks()


@dataclass(slots=True)
class _Line:
    """A p, h2 or h3: runs of text with their marks, a line break being "\\n"."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    runs: list[tuple[str, _Marks]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.runs)

    def add(self, text: str, marks: _Marks, breaks: bool = False) -> None:
        """Adds the text; a line end in it is a line break if `breaks`, else white space as in HTML."""
        text = normalise(text)
        self.runs.append((text if breaks else text.replace("\n", " "), marks))

    def quote_spans(self) -> list[tuple[str, int, int]]:
        """(key, start, end) of each quote span, in offsets of `text`."""
        spans, position = [], 0
        for key, runs in groupby(self.runs, lambda run: run[1].quote):
            start = position
            position += sum(len(text) for text, _ in runs)
            if key:
                spans.append((key, start, position))
        return spans

    def settled(self) -> "list[_Line]":
        """This line in normal form: none if it is blank, several if it was a paragraph with empty lines in it."""
        self.runs = _merged(self.runs)
        text = self.text
        edits: dict[int, tuple[int, str]] = {}  # by the start of a gap: its end, and what stands for it
        for gap in re.finditer(r"\s+", text):
            if gap.start() == 0 or gap.end() == len(text):
                new = ""
            elif gap[0].count("\n") > 1 and self.tag == "p":
                new = "\f"  # no text holds one after normalise()
            else:
                new = "\n" if "\n" in gap[0] else re.sub(r"[ \t]+", " ", gap[0])
            if new != gap[0]:
                edits[gap.start()] = (gap.end(), new)
        runs, done = [], 0
        for at, piece, marks in _split(self.runs, [cut for gap in edits for cut in (gap, edits[gap][0])]):
            if at in edits:
                done, piece = edits[at]
                runs.append((piece, marks))
            elif at >= done:
                runs.append((piece, marks))
        lines = []
        for divides, group in groupby(runs, lambda run: run[0] == "\f"):
            line = replace(self, runs=_merged(group))
            if not divides and line.runs:
                line._shrink_quotes()
                line._drop_blank_links()
                lines.append(line)
        return lines

    def _shrink_quotes(self) -> None:
        text = self.text
        inside = []
        for _, start, end in self.quote_spans():
            left, right = shrink(text[start:end])
            inside.append((start + left, start + right))
        starts = [start for start, _ in inside]
        runs = []
        for start, piece, marks in _split(self.runs, [cut for span in inside for cut in span]):
            at = bisect_right(starts, start) - 1
            kept = at >= 0 and start < inside[at][1]
            runs.append((piece, marks if kept else marks._replace(quote="")))
        self.runs = _merged(runs)

    def _drop_blank_links(self) -> None:
        runs = []
        for _, group in groupby(self.runs, lambda run: run[1].link):
            group = list(group)
            if not "".join(text for text, _ in group).strip():
                group = [(text, marks._replace(link=())) for text, marks in group]
            runs += group
        self.runs = _merged(runs)


def _merged(runs: Iterable[tuple[str, _Marks]]) -> list[tuple[str, _Marks]]:
    """Neighbouring runs of equal marks joined, each in NFC (two halves of a character may have met)."""
    joined = ((marks, "".join(text for text, _ in group)) for marks, group in groupby(runs, lambda run: run[1]))
    return [(unicodedata.normalize("NFC", text), marks) for marks, text in joined if text]


def _split(runs: Iterable[tuple[str, _Marks]], cuts: Iterable[int]) -> Iterator[tuple[int, str, _Marks]]:
    """(start, text, marks) of the pieces of the runs, cut at the given offsets of their text."""
    cuts = iter(sorted(cuts))
    cut = next(cuts, None)
    position = 0
    for text, marks in runs:
        start, end = position, position + len(text)
        while start < end:
            while cut is not None and cut <= start:
                cut = next(cuts, None)
            stop = end if cut is None else min(cut, end)
            yield start, text[start - position : stop - position], marks
            start = stop
        position = end


@dataclass(slots=True)
class _Node:
    """The body itself, a list, an item or a blockquote. The body also holds the attributes of its quotes by key."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[_Node | _Line]" = field(default_factory=list)
    quotes: dict[str, dict[str, str]] = field(default_factory=dict)


def _lines(node: _Node | _Line) -> Iterator[_Line]:
    if isinstance(node, _Line):
        yield node
    else:
        for child in node.children:
            yield from _lines(child)


def _settled(node: _Node) -> _Node:
    """The node with its lines in normal form and nothing empty in it. Its depth is bounded by LIST_DEPTH."""
    children: list[_Node | _Line] = []
    for child in node.children:
        if isinstance(child, _Line):
            children += child.settled()
        elif _settled(child).children:
            children.append(child)
    node.children = children
    return node


def _block_text(node: _Node | _Line) -> str:
    if isinstance(node, _Line):
        return normalise(node.text)
    return ("\n\n" if node.tag == "blockquote" else "\n").join(_block_text(child) for child in node.children)


# Writing


def _write(body: _Node) -> str:
    return "".join(_write_node(child, body.quotes) for child in body.children)


def _write_node(node: _Node | _Line, quotes: dict[str, dict[str, str]]) -> str:
    if isinstance(node, _Line):
        inner = _write_runs(node.runs, 0, quotes)
    elif node.tag == "li" and _is_tight(node):
        first, *rest = node.children
        inner = _write_runs(first.runs, 0, quotes) + "".join(_write_node(child, quotes) for child in rest)
    else:
        inner = "".join(_write_node(child, quotes) for child in node.children)
    return f"{_tag(node.tag, node.attributes)}{inner}</{node.tag}>"


def _is_tight(item: _Node) -> bool:
    """Whether the one paragraph of a list item can go without its tag."""
    lines = [isinstance(child, _Line) for child in item.children]
    return lines[0] and sum(lines) == 1 and not item.children[0].attributes


def _write_runs(runs: Sequence[tuple[str, _Marks]], level: int, quotes: dict[str, dict[str, str]]) -> str:
    if level == len(_Marks._fields):
        return "".join(_escaped(text).replace("\n", "<br>") for text, _ in runs)
    name = _Marks._fields[level]
    parts = []
    for value, group in groupby(runs, lambda run: run[1][level]):
        inner = _write_runs(list(group), level + 1, quotes)
        if not value:
            parts.append(inner)
        elif name == "quote":
            parts.append(f"{_tag('q', {'data-quote': value} | quotes.get(value, {}))}{inner}</q>")
        else:
            tag = "a" if name == "link" else name
            parts.append(f"{_tag(tag, dict(value) if name in ('link', 'span') else {})}{inner}</{tag}>")
    return "".join(parts)


def _tag(name: str, attributes: dict[str, str]) -> str:
    # The key first, then by name: equal bodies are equal strings.
    ordered = sorted(attributes.items(), key=lambda item: (item[0] != "data-quote", item))
    return "".join([f"<{name}", *(f' {key}="{_escaped(value)}"' for key, value in ordered), ">"])


def _escaped(text: str) -> str:
    return entities.escape(text).replace("&#x27;", "'").replace("\u0338", _SLASH)


_SLASH = "&#824;"  # raw U+0338 would melt with the ">" of a tag before it as soon as anybody applies NFC to the HTML


# Reading

_GAP = "[ \t\n\f\r]"
_NAME = "[^ \t\n\f\r/>][^ \t\n\f\r/>=]*+"
_VALUE = r"""(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^ \t\n\f\r>"'][^ \t\n\f\r>]*+)"""
_ATTRIBUTE = re.compile(f"({_NAME})(?:{_GAP}*+={_GAP}*+({_VALUE})?+)?+")
_REST = f"(?:[ \t\n\f\r/]++|{_NAME}(?:{_GAP}*+={_GAP}*+{_VALUE}?+)?+)*+"
# The tokens of HTML. What is not ended reaches to the end of the text, as in browsers; so no character is read twice.
_TOKEN = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))"
    rf"|<(?P<raw>script|style|title|iframe|noembed|noframes|textarea)(?={_GAP}|[/>]){_REST}(?:>|\Z)"
    rf".*?(?=</(?P=raw)(?:{_GAP}|[/>])|\Z)"
    rf"|<(?P<end>/?)(?P<name>[a-z][^ \t\n\f\r/>]*+)(?P<rest>{_REST})(?P<whole>>|\Z)"
    r"|<[!?/][^>]*+(?:>|\Z)"
    r"|(?P<text>[^<]++|<)",
    re.IGNORECASE | re.DOTALL,
)
_DEPTH = 60  # of tags around a tag; what would stand deeper loses its tag
_BLOCKS = frozenset({"p", "h2", "h3", "ul", "ol", "li", "blockquote", "div"})


def _parsed(html: str) -> str:
    """The HTML as a browser's parser understands it, in our tags and "div" only, properly nested, values unchecked.

    nh3 builds the tree, but takes minutes over deep nesting and over formatting with attributes; so it is handed
    only what we can use, of bounded depth.
    """
    parts = []
    opened: Counter[str] = Counter()
    levels: dict[str, list[int]] = {}  # of the inline tags: how many blocks were open where they began
    for token in _TOKEN.finditer(normalise(html)):
        if token["text"]:
            parts.append("&lt;" if token["text"] == "<" else token["text"])
            continue
        if not token["name"] or not token["whole"]:
            continue
        name = READ_AS.get(token["name"].lower(), token["name"].lower())
        if name == "div":
            opened["p"] = 0
            parts.append("<div></div>")
        elif name not in TAGS:
            continue
        elif name in ("p", "li", "br"):  # these end by themselves
            opened[name] = 0 if token["end"] else 1
            parts.append(f"</{name}>" if token["end"] else _raw_tag(name, token["rest"]))
        elif token["end"]:
            level = sum(opened[block] for block in _BLOCKS)
            if opened[name] and (name in _BLOCKS or levels[name][-1] >= level):
                opened[name] -= 1
                if name not in _BLOCKS:
                    levels[name].pop()
            parts.append(f"</{name}>")  # without effect while a block begun inside is open
        elif opened.total() < _DEPTH:
            if name not in _BLOCKS:
                levels.setdefault(name, []).append(sum(opened[block] for block in _BLOCKS))
            opened[name] += 1
            parts.append(_raw_tag(name, token["rest"]))
        elif name in _BLOCKS:
            parts.append("<div></div>")
    tags = set(TAGS | {"div"})
    html = nh3.clean("".join(parts), tags=tags, attributes=_SETS, url_schemes=set(SCHEMES), link_rel=None)
    return html.replace("\u0338", _SLASH)


_SETS = {tag: set(names) for tag, names in ATTRIBUTES.items()}


def _raw_tag(name: str, rest: str) -> str:
    """The start tag with its allowed attributes, values still encoded."""
    values: dict[str, str] = {}
    for attribute, value in _ATTRIBUTE.findall(rest) if ATTRIBUTES[name] else ():
        if attribute.lower() in ATTRIBUTES[name]:
            value = value[1:].removesuffix(value[0]) if value[:1] in ('"', "'") else value
            values.setdefault(attribute.lower(), value.replace('"', "&quot;"))
    return "".join([f"<{name}", *(f' {attribute}="{value}"' for attribute, value in values.items()), ">"])


def _attributes(rest: str) -> dict[str, str]:
    """The attributes of a tag that nh3 has written, decoded."""
    return {name: entities.unescape(value[1:-1]) for name, value in _ATTRIBUTE.findall(rest)}


class _Place(NamedTuple):
    """Where words stand while reading: the node that takes lines, the list around it, the line to open, the marks."""

    container: _Node
    list: _Node | None = None
    depth: int = 0
    line: str = "p"
    attributes: dict[str, str] = {}
    marks: _Marks = _PLAIN


def _read(html: str) -> _Node:
    body = _Node("body")
    places = [_Place(body)]
    line: _Line | None = None
    for token in _TOKEN.finditer(_parsed(html)):
        name, place = token["name"], places[-1]
        if name is None:
            text = entities.unescape(token["text"])
            if line is None and text.strip():
                line = _Line(place.line, dict(place.attributes))
                container = place.container
                if container is place.list:
                    container.children.append(container := _Node("li"))
                container.children.append(line)
            if line is not None:
                line.add(text, place.marks)
        elif name == "br":
            if line is not None:
                line.add("\n", place.marks, breaks=True)
        else:
            if name in _BLOCKS:
                line = None
            if token["end"]:
                places.pop()
            else:
                places.append(_entered(place, name, _valid(name, _attributes(token["rest"])), body.quotes))
    return _settled(body)


def _entered(place: _Place, name: str, attributes: dict[str, str], quotes: dict[str, dict[str, str]]) -> _Place:
    """The place inside this tag. Adds the nodes it needs; notes what a q says of its quote."""
    marks = place.marks
    if name == "q" and not marks.quote and "data-quote" in attributes:
        key = attributes.pop("data-quote")
        said = quotes.setdefault(key, {})
        if "data-speaker" in attributes or said.keys() & {"data-speaker", "data-source"}:
            attributes.pop("data-source", None)
        if "data-source" in said:
            attributes.pop("data-speaker", None)
        quotes[key] = attributes | said
        return place._replace(marks=marks._replace(quote=key))
    if name == "a" and "href" in attributes:
        return place._replace(marks=marks._replace(link=tuple(sorted(attributes.items()))))
    if name == "span":
        return place._replace(marks=marks._replace(span=tuple(sorted((dict(marks.span) | attributes).items()))))
    if name in ("strong", "em", "sup", "sub"):
        return place._replace(marks=marks._replace(**{name: True}))
    if name not in _BLOCKS:
        return place
    container = place.container
    if name == "p":  # within a heading it is the heading that is written, which has no attributes
        return place._replace(attributes=attributes if place.line == "p" else {})
    if name in ("h2", "h3") and container.tag == "body":
        return place._replace(line=name, attributes={})
    if name == "blockquote" and container.tag == "body":
        container.children.append(node := _Node(name, attributes))
        return _Place(node, marks=marks)
    if name in ("ul", "ol") and place.depth < LIST_DEPTH:
        if container is place.list:  # a list straight in a list belongs to the item before it
            if not container.children:
                container.children.append(_Node("li"))
            container = container.children[-1]
        container.children.append(node := _Node(name))
        return _Place(node, node, place.depth + 1, marks=marks)
    if name in ("ul", "ol"):
        return place._replace(container=place.list, attributes={})
    if name == "li" and place.list is not None:
        place.list.children.append(node := _Node("li"))
        return place._replace(container=node, attributes={})
    return place._replace(attributes={})


_VALUES = {
    "data-quote": KEY,
    "data-speaker": UID,
    "data-office": UID,
    "data-source": re.compile(f".{{1,{SOURCE_LENGTH}}}"),
    "data-on": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "lang": _LANGUAGE,
    "hreflang": _LANGUAGE,
    "dir": re.compile("ltr|rtl|auto"),
    "href": _LINK,
}


def _valid(tag: str, attributes: dict[str, str]) -> dict[str, str]:
    """Those attributes that the tag may have and whose values are allowed, values in normal form."""
    valid = {}
    for name, value in attributes.items():
        if name not in ATTRIBUTES.get(tag, ()):
            continue
        value = normalise(value)
        if name == "href":  # browsers skip these in an address
            value = re.sub(r"[\t\n]", "", value).strip().replace(" ", "%20")
        else:
            value = " ".join(value.split())
        if _VALUES[name].fullmatch(value) and not (name == "data-on" and not _is_date(value)):
            valid[name] = value
    return valid


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


# Quotation marks

# Of each closing mark, the marks that it may close: the same mark opens in one language and closes in another.
_OPENERS = dict(zip("“”«»‹›‘’\"'", ["„", "“„”", "»", "«", "›", "‹", "‚", "‘‚’", '"', "'"], strict=True))
_QUOTATION_MARK = re.compile("[“”„«»‹›‘’‚\"']")
_APOSTROPHES = frozenset("’'")
_LAYERS = 6  # of marks around a quote; nobody quotes so deep, and each layer costs a reading


def shrink(text: str) -> tuple[int, int]:
    """Start and end of the words of a quote: without white space and the quotation marks around the whole of it.

    A mark at an edge goes when its partner stands at the other edge or not in the text at all. So “No” and “never”
    stay as they are, as does the last mark of: He said “no” – and an apostrophe at an edge (the senators’).
    """
    start, end = whole = _stripped(text, 0, len(text))
    for _ in range(_LAYERS):
        if start == end:
            return start, end
        partners = _partners(text, start, end)
        if end - start > 1 and partners.get(start) == end - 1:
            inside = (start + 1, end - 1)
        elif _is_stray(text, start, start, end, partners):
            inside = (start + 1, end)
        elif _is_stray(text, end - 1, start, end, partners):
            inside = (start, end - 1)
        else:
            return start, end
        start, end = _stripped(text, *inside)
    return whole


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _is_stray(text: str, at: int, start: int, end: int, partners: dict[int, int]) -> bool:
    """Whether a quotation mark without a partner, and not an apostrophe, stands at this edge."""
    if at in partners or not _QUOTATION_MARK.match(text[at]):
        return False
    neighbours = text[max(at - 1, start) : at] + text[at + 1 : min(at + 2, end)]
    return not (text[at] in _APOSTROPHES and neighbours.isalnum())


def _partners(text: str, start: int, end: int) -> dict[int, int]:
    """Which quotation marks between two offsets belong together, by the offset of either."""
    partners: dict[int, int] = {}
    opened: list[int] = []
    waiting: Counter[str] = Counter()
    single: tuple[int, int] | None = None  # the last pair ‘…’: its end may have been an apostrophe
    for match in _QUOTATION_MARK.finditer(text, start, end):
        at, mark = match.start(), match[0]
        before = text[at - 1] if at > start else " "
        after = text[at + 1] if at + 1 < end else " "
        if mark in _APOSTROPHES and before.isalnum() and after.isalnum():
            continue
        begins_word = not before.isalnum() and before not in ".,;:!?…" and not after.isspace()
        openers = _OPENERS.get(mark, "")
        closes = any(waiting[opener] for opener in openers) and not (begins_word and mark in "\"'" and before != mark)
        if closes:
            while text[opener := opened.pop()] not in openers:
                waiting[text[opener]] -= 1
            waiting[text[opener]] -= 1
            partners[opener], partners[at] = at, opener
            single = (opener, at) if mark == "’" else single
        elif mark == "’" and single and not begins_word:
            del partners[single[1]]
            partners[single[0]], partners[at] = at, single[0]
            single = (single[0], at)
        elif mark not in "”’»›\"'" or begins_word:
            opened.append(at)
            waiting[mark] += 1
            single = None if mark in "‘‚’" else single
        elif mark in "\"'" and at == start:
            opened.append(at)
            waiting[mark] += 1
    return partners


# Comparing

_WORD = re.compile(r"\w+(?:['’]\w+)*|\s+|[^\w\s]")
_PARAGRAPH = re.compile(r".+?(?:\n+|\Z)", re.DOTALL)
_DIFFERENCES = 1000  # in one comparison; beyond, the whole is given as replaced


def word_diff(old: str, new: str) -> list[tuple[str, str]]:
    """How the old text becomes the new: ("=", kept), ("-", deleted) and ("+", inserted) pieces, whole words each.

    Joining "=" and "-" gives the old text, "=" and "+" the new one, to the space. Neighbouring pieces differ in kind
    and a deletion stands before the insertion that replaces it. Paragraphs are compared first, then the words of those
    that differ; of texts with next to nothing in common the whole is replaced, so that time stays bounded.
    """
    pieces: list[tuple[str, str, str]] = []  # (kept, deleted, inserted)
    for kept, gone, come in _compared(_PARAGRAPH.findall(old), _PARAGRAPH.findall(new)):
        pieces += [(text, "", "") for text in kept]
        whole = _compared(_WORD.findall("".join(gone)), _WORD.findall("".join(come)))
        if len(whole) == 1 and len(gone) == len(come):  # nothing in common, or too much to compare at once
            whole = [piece for pair in zip(gone, come, strict=True) for piece in _compared(*map(_WORD.findall, pair))]
        pieces += [("".join(same), "".join(out), "".join(in_)) for same, out, in_ in whole]
    return _readable(pieces)


def block_diff(old: str, new: str) -> list[tuple[Block | None, Block | None]]:
    """The blocks of two bodies beside each other, in the order of both: what was kept beside itself, what was changed
    beside what it became, None beside what stands in one of them only. Time is bounded as in `word_diff`."""
    sides = blocks(old), blocks(new)
    before, after = map(iter, sides)
    rows: list[tuple[Block | None, Block | None]] = []
    for kept, gone, come in _compared(*([block.html for block in side] for side in sides)):
        if kept:
            rows += zip(islice(before, len(kept)), islice(after, len(kept)), strict=True)
        else:
            rows += _paired(list(islice(before, len(gone))), list(islice(after, len(come))))
    return rows


_ALIKE = 0.35  # the share of words two blocks have in common for one to be taken for the other, changed
_PAIRS = 3600  # as many are tried for the best; in more, one block stands beside the next


def _paired(gone: list[Block], come: list[Block]) -> list[tuple[Block | None, Block | None]]:
    """The changed blocks beside each other, so that as many words as possible meet and none change places."""
    if len(gone) * len(come) > _PAIRS:
        return list(zip_longest(gone, come))
    bags = [[Counter(_WORD.findall(block.text)) for block in side] for side in (gone, come)]
    best = [[0.0] * (len(come) + 1) for _ in range(len(gone) + 1)]
    alike: dict[tuple[int, int], float] = {}
    for x in range(len(gone) - 1, -1, -1):
        for y in range(len(come) - 1, -1, -1):
            a, b = bags[0][x], bags[1][y]
            share = 2 * (a & b).total() / ((a.total() + b.total()) or 1)
            if share >= _ALIKE:
                alike[x, y] = share
            best[x][y] = max(best[x + 1][y], best[x][y + 1], alike.get((x, y), 0.0) + best[x + 1][y + 1])
    rows: list[tuple[Block | None, Block | None]] = []
    x = y = 0
    while x < len(gone) or y < len(come):
        if (x, y) in alike and best[x][y] == alike[x, y] + best[x + 1][y + 1]:
            rows.append((gone[x], come[y]))
            x, y = x + 1, y + 1
        elif x < len(gone) and best[x][y] == best[x + 1][y]:
            rows.append((gone[x], None))
            x += 1
        else:
            rows.append((None, come[y]))
            y += 1
    return rows


def _readable(pieces: Iterable[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """The pieces as operations; a space that alone was kept between two changes counts as changed."""
    result: list[tuple[str, str]] = []
    deleted = inserted = space = ""
    for kept, gone, come in [*pieces, ("", "", "")]:
        if kept and (deleted or inserted) and kept.isspace() and "\n" not in kept:
            space += kept
        elif kept:
            result += [(op, text) for op, text in (("-", deleted), ("+", inserted)) if text]
            result.append(("=", space + kept))
            deleted = inserted = space = ""
        if gone or come:
            deleted, inserted, space = deleted + space + gone, inserted + space + come, ""
    result += [(op, text) for op, text in (("-", deleted), ("+", inserted), ("=", space)) if text]
    return [(op, "".join(text for _, text in group)) for op, group in groupby(result, lambda operation: operation[0])]


def _compared(old: list[str], new: list[str]) -> list[tuple[list[str], list[str], list[str]]]:
    """(kept, deleted, inserted) one after another, by Myers' O(ND) algorithm (Algorithmica 1, 1986)."""
    top = tail = 0
    shorter = min(len(old), len(new))
    while top < shorter and old[top] == new[top]:
        top += 1
    while tail < shorter - top and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    end_x, end_y = len(old) - tail, len(new) - tail
    inner = [(x + top, y + top, length) for x, y, length in _common(old[top:end_x], new[top:end_y])]
    result, x, y = [], 0, 0
    for next_x, next_y, length in [(0, 0, top), *inner, (end_x, end_y, tail)]:
        result += [([], old[x:next_x], new[y:next_y]), (old[next_x : next_x + length], [], [])]
        x, y = next_x + length, next_y + length
    return [piece for piece in result if any(piece)]


def _common(a: list[str], b: list[str]) -> list[tuple[int, int, int]]:
    """The runs (start in a, start in b, length) that a shortest edit keeps; none if the edit would be long."""
    reach = {1: 0}  # by diagonal k = x - y: how far in a one comes with so many edits
    history: list[list[int]] = []
    for distance in range(min(len(a) + len(b), _DIFFERENCES) + 1):
        for k in range(-distance, distance + 1, 2):
            x = reach[k + 1] if _inserts(reach, distance, k) else reach[k - 1] + 1
            while x < len(a) and x - k < len(b) and a[x] == b[x - k]:
                x += 1
            reach[k] = x
            if x >= len(a) and x - k >= len(b):
                return _walked_back(history, len(a), len(b))
        history.append([reach[k] for k in range(-distance, distance + 1, 2)])
    return []


def _inserts(reach: dict[int, int], distance: int, k: int) -> bool:
    """Whether the last edit on the way to diagonal k is an insertion (from k + 1), not a deletion (from k - 1)."""
    return k == -distance or (k != distance and reach[k - 1] < reach[k + 1])


def _walked_back(history: list[list[int]], x: int, y: int) -> list[tuple[int, int, int]]:
    runs = []
    for distance in range(len(history), 0, -1):
        reach = dict(zip(range(1 - distance, distance, 2), history[distance - 1], strict=True))
        k = x - y
        inserts = _inserts(reach, distance, k)
        start = reach[k + 1] if inserts else reach[k - 1] + 1
        runs.append((start, start - k, x - start))
        x, y = (start, start - k - 1) if inserts else (start - 1, start - k)
    runs.append((0, 0, x))
    return [run for run in reversed(runs) if run[2]]


def text_directive(segments: Sequence[str]) -> str:
    """The ":~:text=…" after the "#" of an address by which browsers find a passage on a page (WICG, "Scroll to Text
    Fragment"); a long one, or one in several segments, by its first and last five words. "" for no words."""
    if not segments:
        return ""
    first, last = segments[0].split(), segments[-1].split()
    parts = [first] if len(segments) == 1 and len(first) <= 12 else [first[:5], last[-5:]]
    return ":~:text=" + ",".join(percent(" ".join(part), safe="").replace("-", "%2D") for part in parts)
