"""The text as given: bytes to text, and the copy that is matched on, which maps back to it."""

import re
import unicodedata

from articles.releases.proposal import UnreadableRelease

LIMIT = 2_000_000
_SAME_LENGTH = {ord(c): " " for c in "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
                "\u202f\u205f\u3000\x1c\x1d\x1e\x1f"}  # fmt: skip
_SAME_LENGTH |= {ord(c): "\n" for c in "\x0b\x0c\x85\u2028\u2029"}
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\u202a-\u202e]")
_COMBINED = re.compile("[^\u0300-\u036f][\u0300-\u036f]+")
MOJIBAKE = re.compile("â€[œ\u009d™˜“”¦¢]|Ã[©¨ª«´®§¼¶¤¸¥‰]|Â[ «»\u00a0]")


class Source:
    """The given text and a copy for matching: NFC, plain spaces, \\n, no invisible characters; `at` maps back."""

    def __init__(self, given):
        self.given = given
        text = given.translate(_SAME_LENGTH).replace("\r\n", " \n").replace("\r", "\n")
        self._back = None
        if _INVISIBLE.search(text) or not unicodedata.is_normalized("NFC", text):
            out, back, position = [], [], 0
            for match in re.finditer(f"{_INVISIBLE.pattern}|{_COMBINED.pattern}", text):
                out.append(text[position : match.start()])
                back.extend(range(position, match.start()))
                if not _INVISIBLE.match(match[0]):
                    composed = unicodedata.normalize("NFC", match[0])
                    out.append(composed)
                    back.extend([match.start()] * len(composed))
                position = match.end()
            out.append(text[position:])
            back.extend(range(position, len(text) + 1))
            text, self._back = "".join(out), back
        self.text = text
        self.invisible = [m.start() for m in _INVISIBLE.finditer(given)]

    def at(self, start, end):
        """The span in the given text of a span of the copy."""
        if self._back is None or start >= end:
            return (start, end) if self._back is None else (self._back[start],) * 2
        stop = self._back[end - 1] + 1
        while stop < len(self.given) and "\u0300" <= self.given[stop] <= "\u036f":
            stop += 1
        return self._back[start], stop


def decode(data):
    if not data.strip():
        raise UnreadableRelease("The file is empty. Send the text of the release.")
    if len(data) > LIMIT:
        raise UnreadableRelease(
            f"The file has {len(data) / 1e6:.1f} MB, a release at most {LIMIT // 10**6} MB. Send the text alone."
        )
    for signature, what in (
        (b"PK\x03\x04", "a Word or zip file"),
        (b"%PDF", "a PDF"),
        (b"\xd0\xcf\x11\xe0", "an old Word file"),
    ):
        if data.startswith(signature):
            raise UnreadableRelease(f"This is {what}, not plain text. Save it as plain text (UTF-8) and send that.")
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
