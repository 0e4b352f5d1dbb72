"""A paragraph seen as clauses: what stands outside the marks, where its sentences begin, and what is around a quote."""

import re
from bisect import bisect_left
from functools import cached_property

from articles.releases.cast import tokenise
from articles.releases.words import ABBREVIATIONS

_BOUNDARY = re.compile(
    r"[.!?…](?:[)\]’]*)(?=\s+[“\"«„‘(\[]?[A-ZÀ-Þ0-9“\"«„]|\s*$)|(?<=[a-zé)\d])[.!?](?=[A-ZÀ-Þ“\"«][a-z“ ’])"
)
_LAST_WORD = re.compile(r"([\w.’'-]+)$")
_INITIALS = re.compile(r"(?:\w\.)+\w")
_SENTENCE_AFTER = re.compile(r"\s*[“\"«„(]?[A-ZÀ-Þ]")


class Paragraph:
    """One paragraph of the body with its marked spans. `mentions` are filled in by whoever knows the cast."""

    def __init__(self, text, index, start, end, kind, spans, short):
        self.text, self.index, self.start, self.end, self.kind, self.spans = text, index, start, end, kind, spans
        self.tokens = tokenise(text, start, end) if short else []
        self.mentions = []
        self.masked = _mask(text, start, end, spans)
        self.bounds = _sentences(self.masked, start, end, spans, text)
        #: the words outside the marks: those within hold no clause of the author's
        self.words = (
            [t for t in self.tokens if not any(s.start <= t.start < s.end for s in spans)] if spans else self.tokens
        )
        self._starts = [token.start for token in self.words]

    @cached_property
    def free(self):
        """The mentions outside the marks, and behind a dateline that `begin_at` has cut off."""
        first = self.bounds[0]
        return [
            m for m in self.mentions if m.start >= first and not any(s.start <= m.start < s.end for s in self.spans)
        ]

    def begin_at(self, voice):
        """A dateline ends at `voice`: the first sentence begins there."""
        self.bounds = [voice, *(bound for bound in self.bounds if bound > voice)]

    def between(self, start, end):
        """The words outside the marks that begin there."""
        return self.words[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def slice(self, start, end):
        """The text there with the words inside marks blanked, same length."""
        return self.masked[start - self.start : end - self.start]


class Context:
    """The sentence around a span: what stands before and after it, and the mentions outside quotes.

    `begin` is where what belongs to the span begins (the sentence, or the end of the quote before it in the sentence).
    """

    def __init__(self, paragraph, begin, span, stop, sentence=None, mentions=None):
        self.paragraph, self.begin, self.span, self.stop = paragraph, begin, span, stop
        self.sentence = begin if sentence is None else sentence
        self.mentions = paragraph.free if mentions is None else mentions
        self.before = paragraph.slice(begin, span.open)
        self.after = paragraph.slice(span.close, max(stop, span.close))
        self.sentence_mentions = [m for m in self.mentions if self.sentence <= m.start < stop]
        self.slice, self.between = paragraph.slice, paragraph.between

    def before_mentions(self):
        return [m for m in self.sentence_mentions if m.end <= self.span.open]

    def after_mentions(self):
        return [m for m in self.mentions if m.start >= self.span.close]

    def match(self, pattern, start, end):
        """The match of a pattern with the masked paragraph at `start`, and where its group 1 stands in the text."""
        base = self.paragraph.start
        match = pattern.match(self.paragraph.masked, start - base, end - base)
        return match and (match, base + match.start(1), base + match.end(1))


def _mask(text, start, end, spans):
    out, at = [], start
    for span in spans:
        out.append(text[at : span.start])
        out.append("_" * (span.end - span.start))
        at = span.end
    out.append(text[at:end])
    return "".join(out)


def _sentences(masked, start, end, spans, text):
    """Where sentences begin: after a full stop that ends no abbreviation, and after a quote that ends one."""
    found = {start}
    for match in _BOUNDARY.finditer(masked):
        before = _LAST_WORD.search(masked, max(0, match.start() - 12), match.start())
        word = before[1].lower() if before else ""
        if match[0][0] == "." and (
            word in ABBREVIATIONS or (len(word) == 1 and word.isalpha()) or _INITIALS.fullmatch(word)
        ):
            continue
        at = start + match.end()
        if at < end:
            found.add(at)
    for span in spans:
        ended = text[span.end - 1] in ".!?…" and _SENTENCE_AFTER.match(text, span.close, span.close + 4)
        if ended and span.close < end:
            found.add(span.close)
    return sorted(found)
