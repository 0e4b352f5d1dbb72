"""Quotation marks paired, paragraph by paragraph; never raises, never lets a lost mark disturb its neighbours."""

import re
from dataclasses import dataclass

_PAIRS = {"“": "”", "„": "“", "«": "»", "‘": "’", '"': '"', "”": "”"}
_MARKS = re.compile('[“”„"«»‘’]')
_EMPTY_LINK = re.compile(r"\s*\[\]\([^)\s]*\)")


@dataclass
class Span:
    """Words between marks: [start, end) without the marks, [open, close) with them; closed: both marks are there."""

    start: int
    end: int
    open: int
    close: int
    paragraph: int
    closed: bool = True
    parts: list = None


def pair_marks(text, start, end, index, goes_on=False):
    """The outermost marked stretches of one paragraph; `goes_on`: the next paragraph begins with an opening mark.

    Unbalanced marks never disturb the paragraphs around it.
    """
    spans, stack = [], []
    for match in _MARKS.finditer(text, start, end):
        mark, at = match[0], match.start()
        before = text[at - 1] if at > start else " "
        after = text[at + 1] if at + 1 < end else " "
        if mark in "‘’":
            _single(text, at, mark, before, after, stack, spans, index)
        elif mark == '"':
            if before.isdigit() and not stack:
                continue
            opens = (before.isspace() or before in "([—–“‘") and not after.isspace()
            if not stack and not opens and before in ",.!?…" and after.isspace() and not spans:
                spans.append(Span(start, at, start, at + 1, index, False))
            elif (
                stack
                and stack[-1][0] in '"“'
                and not (opens and stack[-1][0] == '"' and len(stack) == 1 and _closes_twice(text, at, end))
            ):
                _close(stack, spans, at, index)
            elif not stack or opens:
                stack.append((mark, at))
        elif mark == "”":
            if any(m in '“"”' for m, _ in stack):
                while stack and stack[-1][0] not in '“"”':
                    stack.pop()
                _close(stack, spans, at, index)
            elif not spans and before in ",.!?…" and not any(_MARKS.finditer(text, start, at)):
                spans.append(Span(start, at, start, at + 1, index, False))
        elif mark == "»":
            while any(m == "«" for m, _ in stack):
                if stack[-1][0] == "«":
                    _close(stack, spans, at, index)
                    break
                stack.pop()
        elif mark == "“" and stack and stack[-1][0] == "„":
            _close(stack, spans, at, index)
        else:
            stack.append((mark, at))
    if stack:
        mark, at = stack[0]
        if (mark != "‘" or (goes_on and at == start)) and not any(s.open > at for s in spans):
            if len(stack) > 1 or (not goes_on and re.search('[“«„]|(?<=\\s)"(?=\\w)', text[at + 1 : end])):
                # An earlier mark was never closed: what was read as nested stands by itself again.
                return _flat(text, start, end, index)
            spans.append(Span(at + 1, end, at, end, index, False))
    return [s for s in (shrink(text, s) for s in spans) if s]


def _closes_twice(text, at, end):
    """Do two more marks follow with words between, as after a nested straight mark?"""
    rest = [m.start() for m in re.finditer('"', text[at + 1 : min(end, at + 400)])]
    return (
        len(rest) >= 2
        and not text[at + rest[0]].isspace()
        and not re.match(r'["\s]*\w+ said', text[at + 2 + rest[0] :])
    )


def _close(stack, spans, at, index):
    mark, opened = stack.pop()
    if not stack:
        spans.append(Span(opened + 1, at, opened, at + 1, index))


def _single(text, at, mark, before, after, stack, spans, index):
    """‘ ’ are marks only where they cannot be apostrophes, and outermost only where no double marks are open."""
    if mark == "‘":
        if not before.isalnum() and not stack:
            stack.append((mark, at))
    elif stack and stack[-1][0] == "‘" and not after.isalnum() and (before in ",.!?…" or not before.isspace()):
        closing, opening = text.find("’", at + 1), text.find("‘", at + 1)
        plural = before == "s" and after == " " and closing > 0 and not 0 < opening < closing
        if not plural:
            _close(stack, spans, at, index)


def _flat(text, start, end, index):
    """Marks read without nesting: each opening ends the stretch before it."""
    spans, opened = [], None
    for match in re.finditer('[“”"«»„]', text[start:end]):
        at = start + match.start()
        closing = match[0] in "”»" or (match[0] == '"' and opened is not None)
        if closing and opened is not None:
            spans.append(Span(opened + 1, at, opened, at + 1, index))
            opened = None
        elif not closing:
            opened = at
    if opened is not None:
        spans.append(Span(opened + 1, end, opened, end, index, False))
    return [s for s in (shrink(text, s) for s in spans) if s]


def shrink(text, span):
    """The words alone: edge spaces and an empty link at the front are not said by anyone."""
    if link := _EMPTY_LINK.match(text, span.start, span.end):
        span.start = link.end()
    while span.start < span.end and text[span.start].isspace():
        span.start += 1
    while span.end > span.start and text[span.end - 1].isspace():
        span.end -= 1
    return span if any(c.isalnum() for c in text[span.start : span.end]) else None
