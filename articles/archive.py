"""The archive: a year as a calendar, its months and its days with what was published on them, by the newsroom's clock.

Whatever is counted is what is live, between two instants of one index: a year costs what stands in it, not what there
is in all.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from django.conf import settings
from django.db import connection
from django.http import Http404
from django.urls import reverse
from django.urls.converters import IntConverter, StringConverter
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from articles.models import Edition, start_of_day
from articles.pages import article_rows, articles_of, leaf, page, shown

LEVELS = 4
ONE_DAY = timedelta(days=1)


class Year(IntConverter):
    """A year that has a next one, and with it an end."""

    regex = "[1-9][0-9]{3}"

    def to_python(self, value):
        if value == "9999":
            raise ValueError
        return int(value)


class TwoFigures(StringConverter):
    """A month or a day as addresses have it: 05."""

    regex = "[0-9]{2}"

    def to_python(self, value):
        return int(value)

    def to_url(self, value):
        return f"{value:02}"


@page("cursor")
def newest_year(request):
    """The year with the newest articles."""
    years = years_of(request)
    if years:
        return shown_stretch(request, years, *year_of(years[-1]))
    nothing = {"title": _("Nothing has been published yet.")}
    return shown(request, "archive.html", title=_("Archive"), here="archive", empty_hint=nothing)


@page("cursor")
def year(request, year):
    return shown_stretch(request, years_of(request), *year_of(year))


@page("cursor")
def month(request, year, month):
    first = day_of(year, month, 1)
    until = first + timedelta(days=monthrange(year, month)[1])
    return shown_stretch(request, years_of(request), first, until, "F Y")


@page("cursor")
def day(request, year, month, day):
    first = day_of(year, month, day)
    return shown_stretch(request, years_of(request), first, first + ONE_DAY, "j F Y")


def year_of(year):
    return date(year, 1, 1), date(year + 1, 1, 1), "Y"


def day_of(year, month, day):
    try:
        return date(year, month, day)
    except ValueError:
        raise Http404 from None


# Counting


def years_of(request):
    """The years in which something was published that is live, oldest first. Two queries."""
    live = Edition.objects.live(request.moment.at)
    oldest = live.order_by("sorted_at", "id").values_list("sorted_at", flat=True).first()
    if oldest is None:
        return []
    years = range(timezone.localtime(oldest).year, request.moment.today.year + 1)
    spans = [(start_of_day(date(year, 1, 1)), start_of_day(date(year + 1, 1, 1))) for year in years]
    within, parameters = counted(live)
    found = over(spans, f"SELECT n FROM spans s WHERE (SELECT 1 {within} LIMIT 1) = 1", parameters)  # noqa: S608 (see `counted`)
    return [years[n] for (n,) in sorted(found)]


def days_of(year, at):
    """{day: (how many articles, whether one of them was corrected)} of a year. One query."""
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(366)]
    days = [day for day in days if day.year == year]
    starts = [start_of_day(day) for day in [*days, date(year + 1, 1, 1)]]
    within, parameters = counted(Edition.objects.live(at))
    corrected, also = counted(Edition.objects.on_record(at).filter(change_class=Edition.CORRECTION))
    found = over(
        [*zip(starts, starts[1:], strict=False)],
        f"SELECT n, (SELECT count(*) {within}), EXISTS (SELECT 1 {corrected}) FROM spans s",  # noqa: S608 (see `counted`)
        [*parameters, *also],
    )
    return {days[n]: (count, bool(was_corrected)) for n, count, was_corrected in found if count}


def counted(editions):
    """(SQL, parameters) of those of `editions` that are sorted within the span `s`. Its index is walked by itself:
    SQLite takes one upper bound only, and `editions` bring one of their own."""
    sql, parameters = editions.order_by().values_list("id").query.sql_with_params()  # the ORM's own words
    within = "i.live_from IS NOT NULL AND i.sorted_at >= s.since AND i.sorted_at < s.until"
    return f"FROM articles_edition i JOIN ({sql}) e ON e.id = i.id WHERE {within}", parameters


def over(spans, sql, parameters):
    """The rows of a statement over `spans`, half-open stretches of time with their numbers."""
    adapt = connection.ops.adapt_datetimefield_value
    rows = ", ".join(["(%s, %s, %s)"] * len(spans))
    values = [value for n, (since, until) in enumerate(spans) for value in (n, adapt(since), adapt(until))]
    with connection.cursor() as cursor:
        cursor.execute(f"WITH spans (n, since, until) AS (VALUES {rows}) {sql}", [*values, *parameters])
        return cursor.fetchall()


# Drawing


@dataclass
class Cell:
    """A day of the calendar. `level` 0: nothing was published."""

    day: date
    count: int = 0
    corrected: bool = False
    level: int = 0
    chosen: bool = False

    @property
    def is_weekend(self):
        return self.day.weekday() > 4

    @property
    def url(self):
        return reverse("archive-day", args=[self.day.year, self.day.month, self.day.day])


def shown_stretch(request, years, since, until, form):
    """The articles of a stretch of days, and the year it belongs to as a calendar. `form`: how its date is written."""
    at, year = request.moment.at, since.year
    if not years or not years[0] <= year <= request.moment.today.year:
        raise Http404
    days = days_of(year, at)
    editions = Edition.objects.filter(sorted_at__gte=start_of_day(since), sorted_at__lt=start_of_day(until)).live(at)
    rows, newer, older = leaf(request, articles_of(editions, at), ("-sorted_at", "-id"), ("article__uid", "number"))
    if not rows:
        request.robots = "noindex"
    is_day, name = until - since == ONE_DAY, date_format(since, form)
    path = year_url(year) if until.year > year and since.month == 1 else request.path  # the newest has two addresses
    step = max(2, ceil(max((count for count, _corrected in days.values()), default=0) / 5))
    before, after = neighbours(years, days, since, until)
    return shown(
        request, "archive.html", title=_("Archive: %(when)s") % {"when": name}, here="archive", year=year,
        description=_("What was published in %(when)s, day by day.") % {"when": name},
        canonical=settings.SITE_URL + path,
        years=[{"year": other, "url": year_url(other), "chosen": other == year} for other in reversed(years)],
        months=[month_row(year, number, days, step, since, until) for number in range(1, 13)],
        levels=legend(step), any_corrected=any(corrected for _count, corrected in days.values()),
        heading=date_format(since, f"l {form}") if is_day else name, is_day=is_day, rows=article_rows(rows),
        newer_url=newer, older_url=older, before=before, after=after, month=month_link(year, since.month),
        empty_hint={"title": _("Nothing was published then.")},
    )  # fmt: skip


def month_row(year, month, days, step, since, until):
    cells = []
    for number in range(1, monthrange(year, month)[1] + 1):
        day = date(year, month, number)
        count, corrected = days.get(day, (0, False))
        level = min(LEVELS, (count - 1) // step + 1) if count else 0
        cells.append(Cell(day, count, corrected, level, since == day and until - since == ONE_DAY))
    return {
        "name": MONTHS[month], "url": reverse("archive-month", args=[year, month]), "cells": cells,
        "total": sum(cell.count for cell in cells), "blank": 31 - len(cells),
        "chosen": since.month == month and until - since <= timedelta(days=31),
    }  # fmt: skip


def legend(step):
    """[(level, what it says)] of the four steps of colour."""
    said = [f"{level * step + 1}–{(level + 1) * step}" for level in range(LEVELS - 1)]
    last = _("%(count)s and more articles that day") % {"count": (LEVELS - 1) * step + 1}
    return [*enumerate([*said, last], start=1)]


def neighbours(years, days, since, until):
    """The nearest stretches before and after this one that have something: a day or a month of the same year, else a
    year. Each {label, url}, or None."""
    earlier, later = [day for day in days if day < since], [day for day in days if day >= until]
    link = day_link if until - since == ONE_DAY else lambda day: month_link(day.year, day.month)
    before = [year for year in years if year < since.year]
    after = [year for year in years if year > since.year]
    return [
        link(max(earlier)) if earlier else before and year_link(max(before)),
        link(min(later)) if later else after and year_link(min(after)),
    ]


def day_link(day):
    return {"label": date_format(day, "j F Y"), "url": Cell(day).url}


def month_link(year, month):
    label = date_format(date(year, month, 1), "F Y")
    return {"label": label, "url": reverse("archive-month", args=[year, month])}


def year_link(year):
    return {"label": str(year), "url": year_url(year)}


def year_url(year):
    return reverse("archive-year", args=[year])
