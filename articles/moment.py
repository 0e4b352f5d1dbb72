"""The instant a request reads at, and the version of all that can be seen then: one statement, taken once at the edge.

Key of a response: stamp (what is stored), boundary (what the clock has let through), the local day (offices change at
midnight). Under `?at=` the asked instant takes the place of boundary and day.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time

from django.db import connection
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from articles.ledger import BEFORE_ALL_TIME
from articles.models import REFERENCES, Edition, Ending, Erasure


@dataclass(frozen=True)
class Moment:
    """`at`: the instant to read at. `as_of`: whether the reader asked for it. `version`: what to key a response by.
    `also`: the appointments that a preview takes for public, as they will be with what it shows."""

    at: datetime
    now: datetime
    as_of: bool
    version: tuple
    also: frozenset = frozenset()

    @property
    def today(self):
        """The newsroom's local day at that instant."""
        return timezone.localdate(self.at)


class BadMoment(ValueError):
    """`at` cannot be read, or lies in the future. The message says what to send."""


def version_statement():
    """SQL of (stamp, the present: the clock but never before the horizon, the last boundary in each column of
    instants up to then); the clock is given twice. Written out, since the ORM needs 4 ms to build it."""
    columns = [(Edition, "live_from"), (Edition, "live_until"), (Ending, "at"), (Erasure, "at")]
    columns += [(model, "public_from") for model in REFERENCES]
    last = "(SELECT max({column}) FROM {table} WHERE {column} <= p.present)"
    boundaries = ", ".join(last.format(column=column, table=model._meta.db_table) for model, column in columns)
    present = "SELECT CASE WHEN horizon > %s THEN horizon ELSE %s END AS present FROM articles_state WHERE id = 1"
    tables = f"({present}) p, articles_stamp t"
    return f"SELECT t.value, p.present, {boundaries} FROM {tables} WHERE t.id = 1"  # noqa: S608 (our own tables)


VERSION = version_statement()


def as_instant(value):
    """An instant as the driver gives it: SQLite has them as text, in UTC."""
    return datetime.fromisoformat(value).replace(tzinfo=UTC) if isinstance(value, str) else value


def moment(asked=None, now=None):
    """The Moment of a request: `asked` is an instant from `parse_at`, or None for the present."""
    clock = connection.ops.adapt_datetimefield_value(now or timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(VERSION, [clock, clock])
        stamp, *instants = cursor.fetchone()
    present, *boundaries = map(as_instant, instants)
    if asked is not None:
        if asked > present:
            raise BadMoment(_("The future cannot be read. Ask for an instant that has passed."))
        return Moment(asked, present, True, (stamp, asked.isoformat()))
    boundary = max(filter(None, boundaries), default=None)
    day = timezone.localdate(present).isoformat()
    return Moment(present, present, False, (stamp, boundary and boundary.isoformat(), day))


def parse_at(text, now=None, naive=False):
    """An instant from `?at=`: a date and time with an offset or Z (a "+" that arrived as a space is accepted), or a
    bare date, which means the end of that day in the newsroom's zone, or now where the day is not over yet. With
    `naive`, a time without an offset is read in the newsroom's zone. Raises BadMoment."""
    text = re.sub(r" (\d\d:?\d\d)$", r"+\1", text.strip())
    try:
        day, instant = parse_date(text), parse_datetime(text)
    except ValueError:
        day = instant = None
    try:
        if day and len(text) == 10:
            now = now or timezone.now()
            return now if day == timezone.localdate(now) else timezone.make_aware(datetime.combine(day, time.max))
        if instant and timezone.is_naive(instant) and naive:
            instant = timezone.make_aware(instant)
        if instant and timezone.is_aware(instant) and instant >= BEFORE_ALL_TIME:
            return instant.astimezone(timezone.get_default_timezone())
    except (OverflowError, ValueError):
        pass
    raise BadMoment(_('Give "at" as a date (2023-05-30) or an instant with its offset (2023-05-30T18:00:00Z).'))
