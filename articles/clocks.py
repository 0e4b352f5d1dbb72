"""What an editor means by a day and a time on the newsroom's clocks: the one instant, or two where the clocks jump.

Pure functions of time: no database, and `now` is an argument.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from people.models import fold


@dataclass(frozen=True)
class Reading:
    """One instant that a day and a time can mean: `words` for its choice, "" where there is no other."""

    instant: datetime
    local: datetime
    words: str = ""

    @property
    def value(self):
        """As a form sends it back."""
        return self.instant.strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def utc(self):
        """The time in UTC, with its day where that is another than on the newsroom's clocks."""
        same_day = self.instant.date() == self.local.date()
        return self.instant.strftime("%H:%M UTC") if same_day else date_format(self.instant, "j M, H:i ") + "UTC"

    @property
    def spelled_out(self):
        return date_format(self.local, "l j F Y, H:i") + " " + city(self.local.tzinfo)

    @property
    def short(self):
        return date_format(self.local, "j M, H:i")


@dataclass(frozen=True)
class Readings:
    """All instants that `day` and `clock` can mean. `title` and `why` explain it where there are two."""

    choices: tuple
    title: str = ""
    why: str = ""

    @property
    def are_two(self):
        return len(self.choices) == 2

    def chosen(self, value):
        """The reading with this value; the only one needs no choosing. None: nothing was chosen yet."""
        if not self.are_two:
            return self.choices[0]
        return next((reading for reading in self.choices if reading.value == value), None)


def readings(day, clock, zone):
    """The Readings of a wall time in `zone`. Raises ValidationError for a day that no calendar here reaches."""
    try:
        both = sorted({datetime.combine(day, clock, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1)})
        walls = [instant.astimezone(zone) for instant in both]
    except OverflowError:
        raise ValidationError(_("Choose a day within a few thousand years.")) from None
    if len(both) == 1:
        return Readings((Reading(both[0], walls[0]),))
    jump = _jump(*both, zone)
    shown = jump.astimezone(zone).replace(tzinfo=None)
    awaited = (jump + walls[0].utcoffset()).replace(tzinfo=None)  # what the clocks would show had they not jumped
    facts = {
        "time": f"{clock:%H:%M}", "day": date_format(day, "j F Y"), "city": city(zone), "from": f"{awaited:%H:%M}",
        "to": f"{shown:%H:%M}",
    }  # fmt: skip
    if shown < awaited:
        title = _("%(time)s happens twice on %(day)s")
        why = _("Clocks in %(city)s go back from %(from)s to %(to)s that night. Which %(time)s do you mean?")
        lines = [_("The first, still %(season)s: %(utc)s UTC"), _("The second, already %(season)s: %(utc)s UTC")]
    else:
        title = _("%(time)s does not exist on %(day)s")
        why = _("Clocks in %(city)s jump from %(from)s to %(to)s that night. What do you mean?")
        lines = [
            _("%(span)s before the jump: %(wall)s, %(season)s, %(utc)s UTC"),
            _("%(span)s after the jump: %(wall)s, %(season)s, %(utc)s UTC")
            if both[1] > jump else _("At the jump: %(wall)s, %(season)s, %(utc)s UTC"),
        ]  # fmt: skip
    choices = [
        Reading(instant, wall, line % {
            "season": season, "utc": f"{instant:%H:%M}", "wall": f"{wall:%H:%M}", "span": _span(abs(instant - jump)),
        })
        for instant, wall, line, season in zip(both, walls, lines, _seasons(*walls), strict=True)
    ]  # fmt: skip
    return Readings(tuple(choices), title % facts, why % facts)


def _jump(low, high, zone):
    """The second after `low`, and not after `high`, at which the zone's offset changes."""
    offset, seconds = low.astimezone(zone).utcoffset(), int((high - low).total_seconds())
    before, after = 0, seconds
    while after - before > 1:
        middle = (before + after) // 2
        changed = (low + timedelta(seconds=middle)).astimezone(zone).utcoffset() != offset
        before, after = (before, middle) if changed else (middle, after)
    return low + timedelta(seconds=after)


def _seasons(first, second):
    """What the clocks go by before and after a jump."""
    if first.dst() == second.dst():  # a country changed its zone
        return _("the old time"), _("the new time")
    summer, winter = _("summer time"), _("winter time")
    return (summer, winter) if first.utcoffset() > second.utcoffset() else (winter, summer)


def _span(length):
    minutes = round(length.total_seconds() / 60)
    if minutes == 30:
        return _("Half an hour")
    if minutes % 60 == 0:
        return ngettext("%d hour", "%d hours", minutes // 60) % (minutes // 60)
    return ngettext("%d minute", "%d minutes", minutes) % minutes


def countdown(instant, now):
    """How far off an instant is, in its two greatest units: "in 13 h 17 min", "in 341 days, 7 h"; "" once passed."""
    minutes = int((instant - now).total_seconds() // 60)
    if instant <= now:
        return ""
    if minutes < 1:
        return _("in less than a minute")
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return ngettext("in %(days)d day, %(hours)d h", "in %(days)d days, %(hours)d h", days) % {
            "days": days, "hours": hours,
        }  # fmt: skip
    return (
        _("in %(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
        if hours
        else (_("in %d min") % minutes)
    )


def city(zone):
    """The zone as people name it: "Brussels" of Europe/Brussels."""
    return str(zone).rpartition("/")[2].replace("_", " ")


def parse_day(text):
    """A day as editors type it: 24 Nov 2026, 24 November 2026, 24.11.2026, 24/11/2026, 2026-11-24. The day stands
    before the month, never after it. Raises ValidationError."""
    folded = fold(text).replace(",", " ")
    try:
        if match := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", folded):
            return date(*map(int, match.groups()))
        if match := re.fullmatch(r"(\d{1,2})[./](\d{1,2})[./](\d{4})", folded):
            return date(*map(int, reversed(match.groups())))
        if match := re.fullmatch(r"(?:[^\W\d]+\.? )?(\d{1,2})\.? ([^\W\d]{3,})\.? (\d{4})", folded):
            day, word, year = match.groups()
            months = [number for number, name in _month_names() if name.startswith(word)]
            if len(set(months)) == 1:
                return date(int(year), months[0], int(day))
    except ValueError:
        pass
    raise ValidationError(_("Write the day as 24 Nov 2026."))


ENGLISH = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip


def _month_names():
    """Every month in English and in the language of the page."""
    yield from enumerate(ENGLISH, start=1)
    for number, name in MONTHS.items():
        yield number, fold(str(name))


def parse_clock(text):
    """A time of 24 hours as editors type it: 07:00, 7:00, 7.00, 7 h 00. Raises ValidationError."""
    match = re.fullmatch(r"(\d{1,2}) ?[:.h] ?(\d\d)", fold(text))
    if match and int(match[1]) < 24 and int(match[2]) < 60:
        return time(int(match[1]), int(match[2]))
    raise ValidationError(_("Write the time as 07:00, with 24 hours."))
