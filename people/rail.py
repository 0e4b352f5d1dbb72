"""Terms of office drawn on a rail of time: what an SVG of fixed rows and of widths in per cent needs. Pure functions.

Whoever draws it says the same in words beside it: `told` of every bar.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from people.models import DAY

ROW, TOP = 38, 40
#: how many per cent of the rail a letter takes where it is drawn smallest (600 px)
LETTER = 1.25
STEPS = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True)
class Bar:
    """One term: `x` and `width` in per cent, `y` in pixels; its label stands inside or, where it is too long, beside
    it (`anchor` "start" or "end" at `label_x`)."""

    label: str
    told: str
    x: float
    width: float
    y: int
    look: str
    label_x: float
    anchor: str
    is_inside: bool

    @property
    def text_y(self):
        return self.y + 20


@dataclass(frozen=True)
class Rail:
    bars: list
    years: list  # (year, x)
    today_x: float
    height: int
    first: date
    last: date

    def at(self, day):
        """Where a day stands, in per cent of the rail."""
        return round((day - self.first).days * 100 / (self.last - self.first).days, 2)

    @property
    def foot(self):
        return self.height - 26

    @property
    def years_y(self):
        return self.height - 6


def rail(terms, label, today):
    """The Rail of some appointments, first begun first; `label(term)` names a bar. None without a single known day."""
    spans = [(*_reach(term, today), term) for term in terms]
    spans = sorted((span for span in spans if span[0]), key=lambda span: (span[0], span[1]))
    if not spans:
        return None
    first, last = min(span[0] for span in spans), max(max(span[1] for span in spans), today + timedelta(200))
    slack = max((last - first).days // 20, 90)
    drawn = Rail([], [], 0, 0, first - timedelta(slack), last + timedelta(slack))
    first, last, at, rows, bars = drawn.first, drawn.last, drawn.at, [], []
    for start, end, term in spans:
        x, width = at(start), max(at(end) - at(start), 0.4)
        words, room = label(term), int(max(width, x, 100 - x - width) / LETTER)
        text = words if len(words) <= room else f"{words[: room - 1].rstrip()}…"
        needed = len(text) * LETTER
        inside = needed <= width
        if inside:
            place, anchor, taken = x, "start", x + width
        elif x + width + needed <= 100:
            place, anchor, taken = x + width, "start", x + width + needed
        else:
            place, anchor, taken = x, "end", x + width
        begins = x - needed if anchor == "end" and not inside else x
        row = next((number for number, free in enumerate(rows) if free + 0.5 <= begins), len(rows))
        rows[row : row + 1] = [taken]
        look = "now" if term.certainly_on(today) else "to-come" if start > today else "then"
        looks = [look, *(["acting"] if term.acting else []), *([] if term.until else ["open"])]
        bars.append(
            Bar(text, told(term, words), x, width, TOP + row * ROW, " ".join(looks), place, anchor, inside)
        )  # fmt: skip
    years = (last.year - first.year) or 1
    step = next(step for step in STEPS if years / step <= 7)
    marks = [year for year in range(first.year, last.year + 1) if year % step == 0 and date(year, 1, 1) > first]
    years = [(year, at(date(year, 1, 1))) for year in marks]
    return replace(drawn, bars=bars, years=years, today_x=at(today), height=TOP + len(rows) * ROW + 34)


def _reach(term, today):
    """The days between which a term is drawn: what is known, else what was seen; open ends reach a little further."""
    seen = [day for day in (term.since, term.attested_from, term.attested_to, term.until) if day]
    if not seen:
        return None, None
    start = term.since or min(seen)
    if term.until:
        return start, max(term.until, start + timedelta(1))
    return start, max(max(seen), today, start) + timedelta(120)


def told(term, words):
    """A term in words: "Secretary-General, acting, from 1 May 2020 until 1 June 2021"."""
    acting = _(", acting") if term.acting else ""
    if term.since and term.until:
        days = _("from %(since)s until %(until)s")
    elif term.until:
        days = _("until %(until)s")
    elif term.since:
        days = _("since %(since)s")
    else:
        days = _("seen from %(first)s to %(last)s") if term.attested_from else _("at an unknown time")
    facts = {"since": term.since, "until": term.until, "first": term.attested_from, "last": term.attested_to}
    return f"{words}{acting}, {days % {key: day and date_format(day, DAY) for key, day in facts.items()}}"
