"""What search engines are told: an index, and under it articles and quotes by the month they are sorted in.

An address never moves from one of these to another, since the month of an item is sealed with it; and a month is one
range of the index that every list walks, so none costs more when there are more of them.
"""

from datetime import date, timedelta
from itertools import chain, pairwise
from xml.etree import ElementTree

from django.conf import settings
from django.db import connection
from django.db.models.expressions import RawSQL
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone

from articles import body as bodies
from articles.feeds import put, told
from articles.models import Edition, QuoteText, Topic, start_of_day
from articles.pages import page
from articles.standing import StandingPage
from people.api import address
from people.models import Organisation, Person

MOST = 50_000  # of the protocol, in one file
NEWS_MOST, NEWS = 1000, timedelta(hours=48)
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS_SCHEMA = "http://www.google.com/schemas/sitemap-news/0.9"
ADDRESSED = ("language", "live_from", "article__slug", "article__translation_of")  # all that an address needs
PAGES = ("home", "article-list", "quote-list", "person-list", "topic-list", "corrections")


@page()
def index(request):
    at = request.moment.at
    names, starts = ["pages", *by_name(at)], months_between(Edition.objects.live(at))
    for kind, rows in by_month(at).items():
        names += [f"{kind}-{month:%Y-%m}" for month in months_of(rows, starts)]
    root = ElementTree.Element("sitemapindex", xmlns=SITEMAP)
    for name in names:
        put(put(root, "sitemap"), "loc", settings.SITE_URL + reverse("sitemap", args=[name]))
    return written(request, root)


def by_name(at):
    return {
        "people": Person.objects.public(at).surviving().order_by("sort_key"),
        "organisations": Organisation.objects.public(at).order_by("sort_key"),
        "topics": Topic.objects.public(at).surviving().order_by("path"),
    }


def by_month(at):
    return {"articles": Edition.objects.live(at), "quotes": QuoteText.objects.live(at)}


def months_between(rows):
    """The first days of all months from the oldest of `rows` to the newest, and of the one after; [] without rows."""
    sorted_at = rows.order_by("sorted_at").values_list("sorted_at", flat=True)
    first, last = sorted_at.first(), sorted_at.last()
    starts = [month_of(first)] if first else []
    while starts and starts[-1] <= month_of(last):
        starts.append(after(starts[-1]))
    return starts


def months_of(rows, starts):
    """Those of the months that have something of `rows`. One statement that asks the index once for each: to group the
    rows would read all of them."""
    if not starts:
        return []
    inside = rows.filter(sorted_at__gte=RawSQL("span.since", ()), sorted_at__lt=RawSQL("span.until", ()))
    inside, given = inside.values("pk")[:1].query.sql_with_params()
    edges = [connection.ops.adapt_datetimefield_value(start_of_day(start)) for start in starts]
    spans = ", ".join(f"({number}, %s, %s)" for number in range(len(starts) - 1))
    asked = f"WITH span (month, since, until) AS (VALUES {spans}) SELECT month FROM span WHERE EXISTS ({inside})"  # noqa: S608 (the ORM's words and numbers of ours)
    with connection.cursor() as cursor:
        cursor.execute(f"{asked} ORDER BY month", [*chain.from_iterable(pairwise(edges)), *given])
        return [starts[number] for (number,) in cursor.fetchall()]


def month_of(instant):
    return timezone.localdate(instant).replace(day=1)


def after(month):
    return (month + timedelta(31)).replace(day=1)


@page()
def section(request, name):
    at = request.moment.at
    kind, _dash, month = name.partition("-")
    root = ElementTree.Element("urlset", {"xmlns": SITEMAP, "xmlns:xhtml": "http://www.w3.org/1999/xhtml"})
    if name == "pages":
        for view in PAGES:
            put_url(root, settings.SITE_URL + reverse(view))
        for beside, _label in StandingPage.NAMES:
            put_url(root, settings.SITE_URL + reverse("standing-page", args=[beside]))
    elif name in by_name(at):
        for row in by_name(at)[name][:MOST]:
            put_url(root, address(row))
    else:
        rows, start = by_month(at).get(kind), month_from(month)
        if rows is None or start is None:
            raise Http404
        rows = rows.filter(sorted_at__gte=start_of_day(start), sorted_at__lt=start_of_day(after(start)))
        put_rows = put_quotes if kind == "quotes" else put_articles
        put_rows(root, rows.order_by("sorted_at", "id")[:MOST], at)
        if not len(root):
            raise Http404
    return written(request, root)


def month_from(text):
    """The first day of "2024-03", None when that is no month of this calendar."""
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return month if 1 < month.year < 9999 else None


def put_articles(root, editions, at):
    editions = [*editions.select_related("article").only(*ADDRESSED)]
    families = families_of(editions, at)
    for edition in editions:
        family = families.get(edition.article.translation_of_id or edition.article_id, [])
        put_url(root, address(edition), edition.live_from, [(other.language, address(other)) for other in family])


def families_of(editions, at):
    """{id of the original: what is live of it and of its translations}, where there is more than one. Two queries."""
    live = Edition.objects.live(at).select_related("article").only(*ADDRESSED)
    roots = {edition.article.translation_of_id or edition.article_id for edition in editions}
    translated = [*live.filter(article__translation_of__in=roots).order_by("language", "id")]
    families = {}
    originals = live.filter(article__in={edition.article.translation_of_id for edition in translated})
    for edition in [*originals, *translated]:
        families.setdefault(edition.article.translation_of_id or edition.article_id, []).append(edition)
    return {root: family for root, family in families.items() if len(family) > 1}


def put_quotes(root, texts, at):
    for text in texts.select_related("quote", "edition").only("quote__key", "edition__live_from"):
        put_url(root, address(text.quote), text.edition.live_from)


@page()
def news(request):
    """What was published in the last 48 hours, for engines that show it as news."""
    at = request.moment.at
    editions = Edition.objects.live(at).filter(sorted_at__gt=at - NEWS).select_related("article")
    root = ElementTree.Element("urlset", {"xmlns": SITEMAP, "xmlns:news": NEWS_SCHEMA})
    for edition in editions.only(*ADDRESSED, "headline", "sorted_at").newest_first()[:NEWS_MOST]:
        one = put(put_url(root, address(edition)), "news:news")
        publication = put(one, "news:publication")
        put(publication, "news:name", settings.INSTITUTION["name"])
        put(publication, "news:language", edition.language.split("-")[0])
        put(one, "news:publication_date", told(edition.sorted_at))
        put(one, "news:title", edition.headline)
    return written(request, root)


def put_url(root, loc, lastmod=None, alternates=()):
    url = put(root, "url")
    put(url, "loc", loc)
    if lastmod:
        put(url, "lastmod", told(lastmod))
    for language, other in alternates:
        put(url, "xhtml:link", rel="alternate", hreflang=language, href=other)
    return url


def written(request, root):
    words = bodies.normalise(ElementTree.tostring(root, encoding="unicode", xml_declaration=True))
    response = HttpResponse(words, content_type="application/xml; charset=utf-8")
    response["X-Robots-Tag"] = "noindex"  # the list itself is no page to find; what it names is
    return response
