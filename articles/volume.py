"""How often something was spoken of: counts by month or by quarter, and bars of them for an SVG drawn on the server.

Every count looks at a bounded number of rows through an index, whatever the size of the record. Where that bound is
met, the chart begins later and says so by its first date.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, Min, OuterRef
from django.db.models.functions import TruncMonth
from django.utils import timezone

from articles.models import Article, Edition, QuoteText, Topic, start_of_day

MONTHS = 36
LATELY = 24
NEWEST = 12_000
LATEST = 2_000
QUOTES = 2_000


@dataclass(frozen=True)
class Span:
    """One month or quarter, from `first` until the day before `end`, and how much there was in it."""

    first: date
    end: date
    count: int

    @property
    def last(self):
        return self.end - timedelta(1)


class Bars:
    """Spans as bars: places in per cent of the width, heights in pixels between `top` and `base`. `at(day)` is where a
    day stands (without it the spans share the width), `now` the day from which on a bar is of the present. False when
    nothing was counted."""

    def __init__(self, spans, top=22, base=124, at=None, now=None):
        self.spans = spans if any(span.count for span in spans) else []
        self.top, self.base, self.at, self.now = top, base, at, now

    def __bool__(self):
        return bool(self.spans)

    @property
    def first(self):
        return self.spans[0].first

    @property
    def last(self):
        return self.spans[-1]

    @property
    def most(self):
        return max(self.spans, key=lambda span: span.count)

    @property
    def all(self):
        return sum(span.count for span in self.spans)

    @property
    def newest_first(self):
        return [span for span in reversed(self.spans) if span.count]

    @property
    def highest(self):
        """The value of the upper line: even, so that the line in the middle has a whole number."""
        step = 10 ** (len(str(self.most.count)) - 1)
        return next(n for n in (2, *(k * step for k in (2, 4, 6, 8, 10))) if n >= self.most.count)

    @property
    def lines(self):
        return [(value, self._y(value)) for value in (self.highest, self.highest // 2)]

    @property
    def bars(self):
        now = self.now or self.last.first
        for number, span in enumerate(self.spans):
            if span.count:
                (start, end), y = self._edges(number, span), self._y(span.count)
                pitch = end - start
                yield {
                    "span": span, "x": round(start + 0.06 * pitch, 3), "width": round(0.88 * pitch, 3), "y": y,
                    "height": self.base - y, "is_now": span.end > now,
                }  # fmt: skip

    @property
    def years(self):
        """(year, place) of every January."""
        januaries = [(n, span) for n, span in enumerate(self.spans) if span.first.month == 1]
        return [(span.first.year, round(self._edges(n, span)[0], 3)) for n, span in januaries]

    def _edges(self, number, span):
        if self.at:
            return self.at(span.first), self.at(span.end)
        return number * 100 / len(self.spans), (number + 1) * 100 / len(self.spans)

    def _y(self, value):
        return round(self.base - (self.base - self.top) * value / self.highest)


def quotes_of(person, moment):
    """How often the person is quoted, by quarter, in Spans; a quote and its translations are one."""
    texts = QuoteText.objects.live(moment.at).filter(speaker=person, quote__translation_of=None)
    newest = [*texts.newest_first().values_list("sorted_at", flat=True)[:QUOTES]]
    if not newest:
        return []
    quarters = Counter(quarter_of(timezone.localdate(at)) for at in newest)
    first = min(quarters)
    if len(newest) == QUOTES:  # of the oldest only a part has been seen
        first = month_of(first, -3)
    return spans(quarters, first, moment.today, months=3)


def quarter_of(day):
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def month_of(day, back=0):
    """The first day of a day's month, or of the month so many before it."""
    months = day.year * 12 + day.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


def spans(counted, first, today, months=1):
    """A Span for every `months` months from `first` up to `today`, those without anything included."""
    found = []
    while first <= today:
        end = month_of(first, -months)
        found.append(Span(first, end, counted.get(first, 0)))
        first = end
    return found


def since(moment, months, newest=NEWEST):
    """The first day of the span of months to count in: as many as asked for, or as the newest editions fill whole."""
    first = month_of(moment.today, months - 1)
    editions = Edition.objects.live(moment.at).filter(sorted_at__gte=start_of_day(first)).newest_first()[:newest]
    seen = editions.aggregate(count=Count("pk"), oldest=Min("sorted_at"))
    return month_of(timezone.localdate(seen["oldest"]), -1) if seen["count"] == newest else first


def about_topic(family, moment):
    """Bars of the live articles about one of these topics, by month; a translation is none. Two queries."""
    first = since(moment, MONTHS)
    counted = by_month(family, first, moment).annotate(count=Count("pk"))
    counted = {month.date(): count for month, count in counted.values_list("month", "count")}
    return Bars(spans(counted, first, moment.today))


def about_topics(topics, moment):
    """Bars of the articles filed at or under each of some topics, in the order given. Two queries, the second by the
    keys that the first found: left to itself, PostgreSQL would read all that was ever filed there."""
    first = month_of(moment.today, LATELY - 1)
    editions = Edition.objects.live(moment.at).filter(sorted_at__gte=start_of_day(first)).newest_first()
    newest = [*editions.values_list("pk", "sorted_at", "article__translation_of")[:LATEST]]
    if len(newest) == LATEST:
        first = month_of(timezone.localdate(newest[-1][1]), -1)
    months = {pk: month_of(timezone.localdate(at)) for pk, at, original in newest if original is None}
    filed = Edition.topics.through.objects.filter(edition__in=[*months])
    under = {}
    for path, edition in filed.values_list("topic__path", "edition"):
        for above in Topic(path=path).lineage():
            under.setdefault(above, set()).add(edition)
    counted = [Counter(months[edition] for edition in under.get(topic.path, ())) for topic in topics]
    return [Bars(spans(count, first, moment.today), 0, 26) for count in counted]


def by_month(topics, first, moment):
    """The live editions of originals about one of these topics, from the day `first` on, each with its local month. Not
    a join: SQLite would begin it with all articles there are."""
    translations = Article.objects.filter(pk=OuterRef("article"), translation_of__isnull=False)
    editions = Edition.objects.live(moment.at).filter(sorted_at__gte=start_of_day(first)).about(topics)
    month = TruncMonth("sorted_at", tzinfo=timezone.get_default_timezone())
    return editions.filter(~Exists(translations)).order_by().annotate(month=month).values("month")
