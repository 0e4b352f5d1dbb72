"""A file opened: plain text, HTML, a Word document (.docx) or a mail (.eml) as the text the reader reads.

HTML (and Word, which becomes HTML) keeps its paragraphs, headings, lists, quotations and links; all its words are in
the text. A mail is its subject, its date and sender, and its body. What a file is, its first bytes say, not its name.
"""

import email
import io
import re
import zipfile
from bisect import bisect_right
from dataclasses import dataclass, field
from email import policy

import mammoth

from articles import body
from articles.releases.proposal import UnreadableRelease

LIMIT = 2_000_000  # bytes of a text, characters of what a file holds
FILE_LIMIT = 20_000_000  # bytes of a document with pictures in it
UNPACKED_LIMIT = 100_000_000

MOJIBAKE = re.compile("â€[œ\u009d™˜“”¦¢]|Ã[©¨ª«´®§¼¶¤¸¥‰]|Â[ «»\u00a0]")
_CP1252 = bytes(range(0x80, 0xA0)).decode("cp1252", "ignore")  # what Western ANSI makes of these bytes
_DAMAGED = re.compile(f"[\u00c2-\u00f4][\u0080-\u00bf{_CP1252}]+")
_HTML = re.compile(
    r"\s*(?:<!--.*?-->\s*)*<(?:!doctype html|\?xml|html|head|body|meta|title|article|main|section|div|p|h[1-6]|ul|ol|"
    r"table|span|b|strong|br|a|blockquote)\b[^>]*>",
    re.IGNORECASE | re.DOTALL,
)
_TAGS = re.compile(r"</(?:p|div|li|h[1-6]|td|span|a|strong|em|blockquote)>|<br ?/?>", re.I)
_HEADER = re.compile(r"(?:[A-Za-z][A-Za-z-]{1,40}:[^\n]*\n(?:[ \t][^\n]*\n)*)+\r?\n")
_STYLES = "p[style-name='Title'] => h1:fresh"
_NO_IMAGES = mammoth.images.img_element(lambda image: {"src": ""})
_H1 = re.compile(r"<h1\b[^>]*>(.*?)</h1\s*>", re.I | re.S)


@dataclass
class Opened:
    """The text of a file; `lines` are its paragraphs as (start, end, tag), tag h1 for its title, when the file had
    paragraphs of its own; `links` are (start, end, address) in the text."""

    text: str
    lines: list[tuple[int, int, str]] | None = None
    links: list[tuple[int, int, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def open_release(data: bytes, repair: bool = False) -> Opened:
    """The text in the bytes of a file, on request with its damaged characters `repaired`.

    Raises UnreadableRelease, with what to do, for what holds no text we can read.
    """
    mend = repaired if repair else str
    if not data.strip():
        raise UnreadableRelease("The file is empty. Send the text of the release.")
    if data.startswith(b"PK\x03\x04"):
        return from_html(mend(_word(data)))
    if _is_mail(data[:20_000]):
        return _mail(data, mend)
    text = mend(decode(data))
    return from_html(text) if _is_html(text) else Opened(text)


def decode(data: bytes) -> str:
    """Plain text in UTF-8, UTF-16 with its mark, or Western ANSI. Raises UnreadableRelease for anything else."""
    if len(data) > LIMIT:
        raise UnreadableRelease(
            f"The file has {len(data) / 1e6:.1f} MB, a release at most {LIMIT // 10**6} MB. Send the text alone."
        )
    for signature, what in ((b"%PDF", "a PDF"), (b"\xd0\xcf\x11\xe0", "an old Word file (.doc)")):
        if data.startswith(signature):
            raise UnreadableRelease(f"This is {what}. Save it as .docx or as plain text (UTF-8) and send that.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise UnreadableRelease("The file begins as UTF-16 but is damaged. Save it again as UTF-8.") from None
    if b"\0" in data:
        raise UnreadableRelease("The file is binary, not text. Save the release as plain text (UTF-8) and send that.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    # Western text is mostly ASCII letters; other code pages and images decode to noise.
    strange = sum(1 for c in text if ord(c) < 32 and c not in "\t\n\r\f")
    foreign = sum(1 for c in text if ord(c) > 127)
    if not text or strange or foreign > len(text) / 5 or MOJIBAKE.search(text):
        raise UnreadableRelease("The encoding of the file is unknown or damaged. Save it as UTF-8 and send it again.")
    return text


def repaired(text: str) -> str:
    """The text with mojibake undone, where UTF-8 had been read as Western ANSI ("â€œ" for “); else as it is.

    An offer to an editor, never applied by itself: nobody but a reader can tell a mistake from a spelling.
    """
    return _DAMAGED.sub(lambda match: _undone(match[0]), text)


def mended(opened: Opened) -> Opened:
    """What was opened, with its text `repaired` and its lines and links where they then stand."""
    edges, shifts, moved = [0], [0], 0  # from each edge on, a position has moved by so much
    for match in _DAMAGED.finditer(opened.text):
        moved += len(_undone(match[0])) - len(match[0])
        edges.append(match.end())
        shifts.append(moved)

    def at(position):
        return position + shifts[bisect_right(edges, position) - 1]

    lines = opened.lines and [(at(start), at(end), tag) for start, end, tag in opened.lines]
    links = [(at(start), at(end), address) for start, end, address in opened.links]
    return Opened(repaired(opened.text), lines, links, opened.problems)


def _undone(damaged):
    raw = b""
    for character in damaged:
        try:
            raw += character.encode("cp1252")
        except UnicodeEncodeError:  # the five bytes cp1252 leaves undefined
            if ord(character) > 255:
                return damaged
            raw += character.encode("latin-1")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return damaged


# --- HTML and Word ----------------------------------------------------------------------------------------------------


def _is_html(text):
    return bool(_HTML.match(text)) and len(_TAGS.findall(text[:20_000])) >= 2


def from_html(html: str) -> Opened:
    """The words of a page or of a pasted fragment, paragraph by paragraph; the first h1 is the title."""
    heading = _H1.search(html)
    title = body.plain_text(heading[1]) if heading else ""
    parts, lines, links, at = [], [], [], 0
    for paragraph in body.paragraphs(html):
        tag = paragraph.tag
        if title and tag == "h2" and paragraph.text == title:
            tag, title = "h1", ""
        parts.append(paragraph.text)
        lines += [(at + start, at + end, tag) for start, end in _parted(paragraph.text)]
        links += [(at + start, at + end, address) for start, end, address in paragraph.links]
        at += len(paragraph.text) + 2
    text = "\n\n".join(parts)
    if not text:
        raise UnreadableRelease("The page holds no text. Copy the words of the release and send those.")
    if len(text) > LIMIT:
        raise UnreadableRelease("The page holds too much text for a release. Copy the release alone and send that.")
    return Opened(text, lines, links)


def _parted(text):
    """A paragraph's lines, where it was broken by hand outside quotation marks: each is a paragraph of its own."""
    start = 0
    for stop in [match.start() for match in re.finditer("\n", text)]:
        line = text[start:stop]
        balanced = all(line.count(a) == line.count(b) for a, b in ("“”", "«»")) and line.count('"') % 2 == 0
        if balanced:
            yield start, stop
            start = stop + 1
    yield start, len(text)


def _word(data):
    """A Word document as HTML."""
    if len(data) > FILE_LIMIT:
        raise UnreadableRelease(
            f"The file has {len(data) / 1e6:.0f} MB; at most {FILE_LIMIT // 10**6} MB are read. Remove its pictures, "
            "or send the text alone."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if "word/document.xml" not in packed.namelist():
                raise UnreadableRelease(
                    "This is a zip file, not a Word document. Send the document itself, or its text."
                )
            if sum(entry.file_size for entry in packed.infolist()) > UNPACKED_LIMIT:
                raise UnreadableRelease("The document unpacks to far more than a release. Send its text alone.")
            for name in packed.namelist():
                if name.endswith((".xml", ".rels")) and b"<!DOCTYPE" in packed.read(name):
                    raise UnreadableRelease("The document declares entities, as no Word document does. Send its text.")
        html = mammoth.convert_to_html(io.BytesIO(data), style_map=_STYLES, convert_image=_NO_IMAGES).value
    except UnreadableRelease:
        raise
    except Exception as error:  # whatever a damaged file makes the libraries do
        raise UnreadableRelease(
            f"The Word document is damaged ({type(error).__name__}). Save it again, or send its text."
        ) from None
    return html


# --- Mail -------------------------------------------------------------------------------------------------------------


def _is_mail(data):
    if b"\0" in data:
        return False
    head = _HEADER.match(data.decode("latin-1").replace("\r\n", "\n"))
    fields = {line.split(":")[0].lower() for line in head[0].splitlines() if ":" in line} if head else set()
    return len(fields & {"from", "subject", "date", "message-id", "mime-version", "received", "to"}) >= 3


def _mail(data, mend):
    if len(data) > FILE_LIMIT:
        raise UnreadableRelease("The message is too large. Send the text of the release alone.")
    message = email.message_from_bytes(data, policy=policy.default)
    part = message.get_body(preferencelist=("html", "plain"))
    try:
        content = part.get_content() if part is not None else ""
    except (LookupError, UnicodeError, ValueError):
        content = part.get_payload(decode=True).decode("utf-8", "replace")
    if not content.strip():
        raise UnreadableRelease("The message has no text of its own. Open it, and send the release that came with it.")
    content = mend(content)
    html = part.get_content_subtype() == "html"
    inner = from_html(content) if html else Opened(content.replace("\r\n", "\n"))
    head = "".join(f"{name}: {value}\n" for name, value in _headers(message)) + "\n"
    lines = inner.lines
    if lines is not None:
        starts = [0, *(match.end() for match in re.finditer("\n", head[:-2]))]
        heads = [(start, head.index("\n", start), "p") for start in starts if head[start:].strip()]
        lines = heads + [(start + len(head), end + len(head), tag) for start, end, tag in lines]
    links = [(start + len(head), end + len(head), address) for start, end, address in inner.links]
    attached = [attachment.get_filename() or "?" for attachment in message.iter_attachments()]
    problems = [f"The message carries files that were not read: {', '.join(attached)}."] if attached else []
    return Opened(head + inner.text, lines, links, problems)


def _headers(message):
    sender, sent, subject = message["From"], message["Date"], message["Subject"]
    if sender:
        yield "From", " ".join(str(sender).split())
    moment = getattr(sent, "datetime", None)
    if moment:
        yield "Sent", f"{moment.day} {moment:%B %Y %H:%M}"
    if subject:
        yield "Subject", " ".join(str(subject).split())
