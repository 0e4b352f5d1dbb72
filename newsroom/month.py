"""What went live this month, day by day: bars for an SVG drawn on the server, and the same numbers as a table."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from articles.models import Edition, start_of_day


@dataclass
class Day:
    day: date
    others: int = 0
    corrections: int = 0

    @property
    def all(self):
        return self.others + self.corrections


@dataclass
class Chart:
    """A month's editions by the day on which they went live: bars for an SVG, and the same numbers as a table."""

    days: list
    WIDTH, HEIGHT, LEFT, TOP, FOOT = 300, 132, 26, 8, 20

    @property
    def all(self):
        return sum(day.all for day in self.days)

    @property
    def corrections(self):
        return sum(day.corrections for day in self.days)

    @property
    def top(self):
        """The number at the top line: even, and never below 2, so that the line in the middle has a whole number."""
        highest = max([day.all for day in self.days] + [2])
        step = 10 ** (len(str(highest)) - 1)
        return next(n for n in (k * step for k in (1, 2, 4, 6, 8, 10)) if n >= highest and n % 2 == 0)

    @property
    def base(self):
        return self.HEIGHT - self.FOOT

    @property
    def lines(self):
        return [(self._y(value), value, self._y(value) + 4) for value in (0, self.top // 2, self.top)]

    @property
    def bars(self):
        pitch = (self.WIDTH - self.LEFT) / len(self.days)
        for index, day in enumerate(self.days):
            if day.all:
                x, top, middle = self.LEFT + index * pitch + pitch * 0.12, self._y(day.all), self._y(day.others)
                yield {
                    "day": day, "x": f"{x:.1f}", "width": f"{pitch * 0.76:.1f}",
                    "top": f"{top:.1f}", "amber": f"{middle - top:.1f}" if day.corrections else "",
                    "middle": f"{middle:.1f}", "height": f"{self.base - middle:.1f}",
                }  # fmt: skip

    @property
    def ticks(self):
        pitch = (self.WIDTH - self.LEFT) / len(self.days)
        return [(f"{self.LEFT + (day - 0.5) * pitch:.1f}", day) for day in (1, 8, 15, 22, 29) if day <= len(self.days)]

    def _y(self, value):
        return self.base - (self.base - self.TOP) * value / self.top


def month(now):
    """The editions that went live in this month so far, per newsroom day, corrections apart."""
    today = timezone.localdate(now)
    first = today.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    public = Edition.objects.filter(live_from__gte=start_of_day(first), live_from__lte=now)
    local = TruncDate("live_from", tzinfo=timezone.get_current_timezone())
    counted = public.order_by().annotate(day=local).values("day").annotate(
        all=Count("pk"), corrections=Count("pk", filter=Q(change_class=Edition.CORRECTION))
    )  # fmt: skip
    days = {first + timedelta(days=n): Day(first + timedelta(days=n)) for n in range((following - first).days)}
    for row in counted:
        days[row["day"]].corrections = row["corrections"]
        days[row["day"]].others = row["all"] - row["corrections"]
    return Chart(list(days.values()))
