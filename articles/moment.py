"""The instant a request reads at, and the version of all that can be seen then: one statement, taken once at the edge.

Key of a response: stamp (what is stored), boundary (what the clock has let through), the local day (offices change at
midnight). Under `?at=` the asked instant takes the place of boundary and day.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from articles.ledger import Stamp, State
from articles.models import REFERENCES, Edition, Ending, Erasure


@dataclass(frozen=True)
class Moment:
    """`at`: the instant to read at. `as_of`: whether the reader asked for it. `version`: what to key a response by."""

    at: datetime
    now: datetime
    as_of: bool
    version: tuple

    @property
    def today(self):
        """The newsroom's local day at that instant."""
        return timezone.localdate(self.at)


class BadMoment(ValueError):
    """`at` cannot be read, or lies in the future. The message says what to send."""


def moment(asked=None, now=None):
    """The Moment of a request: `asked` is an instant from `parse_at`, or None for the present."""
    clock = now or timezone.now()
    present = Greatest(models.F("horizon"), models.Value(clock, models.DateTimeField()))
    columns = [(Edition, "live_from"), (Edition, "live_until"), (Ending, "at"), (Erasure, "at")]
    columns += [(model, "public_from") for model in REFERENCES]
    boundaries = {
        f"boundary_{number}": models.Subquery(
            model.objects.filter(**{f"{column}__lte": models.OuterRef("present")})
            .order_by(f"-{column}").values(column)[:1]
        )
        for number, (model, column) in enumerate(columns)
    }  # fmt: skip
    stamp = models.Subquery(Stamp.objects.filter(id=1).values("value")[:1])
    row = State.objects.annotate(present=present).annotate(stamp=stamp, **boundaries).values().get(id=1)
    present = row["present"]
    if asked is not None:
        if asked > present:
            raise BadMoment("The future cannot be read. Ask for an instant that has passed.")
        return Moment(asked, present, True, (row["stamp"], asked.isoformat()))
    boundary = max((row[name] for name in boundaries if row[name]), default=None)
    day = timezone.localdate(present).isoformat()
    return Moment(present, present, False, (row["stamp"], boundary and boundary.isoformat(), day))


def parse_at(text, now=None, naive=False):
    """An instant from `?at=`: a date and time with an offset or Z (a "+" that arrived as a space is accepted), or a
    bare date, which means the end of that day in the newsroom's zone, but not later than now. With `naive`, a time
    without an offset is read in the newsroom's zone. Raises BadMoment."""
    text = re.sub(r" (\d\d:?\d\d)$", r"+\1", text.strip())
    try:
        day, instant = parse_date(text), parse_datetime(text)
    except ValueError:
        day = instant = None
    try:
        if day and len(text) == 10:
            end = timezone.make_aware(datetime(day.year, day.month, day.day) + timedelta(days=1)) - timedelta(
                microseconds=1
            )
            return min(end, now or timezone.now())
        if instant and timezone.is_naive(instant) and naive:
            instant = timezone.make_aware(instant)
        if instant and timezone.is_aware(instant):
            return instant.astimezone(timezone.get_default_timezone())
    except (OverflowError, ValueError):
        pass
    raise BadMoment('Give "at" as a date (2023-05-30) or an instant with its offset (2023-05-30T18:00:00Z).')
