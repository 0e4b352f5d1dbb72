"""The text as given and the copy that is matched on, which maps back to it."""

import re
import unicodedata
from bisect import bisect_left

_SAME_LENGTH = {ord(c): " " for c in "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
                "\u202f\u205f\u3000\x1c\x1d\x1e\x1f"}  # fmt: skip
_SAME_LENGTH |= {ord(c): "\n" for c in "\x0b\x0c\x85\u2028\u2029"}
_STRANGE = re.compile(f"[{''.join(map(chr, _SAME_LENGTH))}]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\u202a-\u202e]")
_COMBINED = re.compile("[^\u0300-\u036f][\u0300-\u036f]+")


class Source:
    """The given text and a copy for matching: NFC, plain spaces, \\n, no invisible characters; `at` maps back."""

    def __init__(self, given):
        self.given = given
        text = given.translate(_SAME_LENGTH) if _STRANGE.search(given) else given
        text = text.replace("\r\n", " \n").replace("\r", "\n")
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

    def copied(self, position):
        """Where a position of the given text stands in the copy."""
        return position if self._back is None else bisect_left(self._back, position)

    def at(self, start, end):
        """The span in the given text of a span of the copy."""
        if self._back is None or start >= end:
            return (start, end) if self._back is None else (self._back[start],) * 2
        stop = self._back[end - 1] + 1
        while stop < len(self.given) and "\u0300" <= self.given[stop] <= "\u036f":
            stop += 1
        return self._back[start], stop
