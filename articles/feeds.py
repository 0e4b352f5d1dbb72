"""Feeds of the record: Atom (RFC 4287) and JSON Feed 1.1, both written from the same entries.

Everything starts from `live(at)`; corrections from `on_record(at)`, since one stays a correction when the next edition
has come. An entry is the same one for ever: its identity comes from what never changes, and `updated` moves with an
update or a correction, not with typography.
"""

import json
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import OuterRef, Prefetch, Subquery, prefetch_related_objects
from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from articles import body as bodies
from articles.api import file
from articles.images import Rendition
from articles.models import Edition, Placement, QuoteText, Topic
from articles.pages import page
from articles.views import with_all
from people.api import address
from people.models import Person

MOST = 50
#: the feeds of everything: what a hub (settings.WEBSUB_HUB) is told of
PUSHED = ("articles", "quotes", "corrections")
ATOM = "http://www.w3.org/2005/Atom"
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)  # when a feed without entries changed last
#: what all our identities are derived in; not in a host's name, so that an institution may move to another
RECORD = uuid.UUID("6f0c7d1e-52a9-4c43-9c1b-8f0e4a6d2b37")


@dataclass(frozen=True)
class Entry:
    """One entry. `authors` are (name, absolute address or ""), `topics` are public Topics, `html` stands alone."""

    id: str
    url: str
    title: str
    html: str
    language: str
    published: datetime
    updated: datetime
    topics: list
    authors: tuple = ()
    summary: str = ""
    image: str = ""


@page()
def articles(request, form):
    rows = Edition.objects.live(request.moment.at)
    return fed(request, form, "articles", _("Articles"), reverse("article-list"), article_entries(rows, request))


@page()
def quotes(request, form):
    return fed(request, form, "quotes", _("Quotes"), reverse("quote-list"), quote_entries(request.moment.at))


@page()
def corrections(request, form):
    entries = correction_entries(request.moment.at)
    return fed(request, form, "corrections", _("Corrections"), reverse("corrections"), entries)


@page()
def person(request, slug, form):
    person = known(Person.objects, request.moment.at, {"slug": slug}, {"former_slugs__slug": slug})
    if person.slug != slug:
        return HttpResponsePermanentRedirect(reverse("person-feed", args=[person.slug, form]))
    entries = article_entries(Edition.objects.live(request.moment.at).with_person(person), request)
    return fed(request, form, f"person {person.uid}", person.name, person.get_absolute_url(), entries)


@page()
def topic(request, path, form):
    topic = known(Topic.objects, request.moment.at, {"path": path}, {"former_paths__path": path})
    if topic.path != path:
        return HttpResponsePermanentRedirect(reverse("topic-feed", args=[topic.path, form]))
    entries = article_entries(Edition.objects.live(request.moment.at).about(Topic.objects.at_or_under(topic)), request)
    return fed(request, form, f"topic {topic.uid}", topic.name, topic.get_absolute_url(), entries)


def known(rows, at, today, formerly):
    """The public record of this address, or the one it was renamed or merged to. 404 for what the public never knew."""
    rows = rows.public(at).select_related("merged_into")
    found = rows.filter(**today).first() or rows.filter(**formerly).first()
    found = found and (found.merged_into or found)
    if found is None or not found.is_public(at):
        raise Http404
    return found


# Entries


def article_entries(editions, request):
    return entries_of_editions([*editions.select_related("article").newest_first()[:MOST]], request.moment.at)


def entries_of_editions(editions, at):
    place_pictures(editions)
    file(editions, [], at)
    changes = changes_of(editions, at)
    return [article_entry(edition, changes.get(edition.article_id, [])) for edition in editions]


def place_pictures(editions):
    """Give each edition its placements, each with the name of its `wide` file. One query."""
    wide = Rendition.objects.filter(image=OuterRef("image"), shape=Rendition.WIDE, width__gte=960).order_by("width")
    placed = Placement.objects.select_related("image").annotate(wide=Subquery(wide.values("file")[:1]))
    prefetch_related_objects(editions, Prefetch("placements", placed))


def changes_of(editions, at):
    """{article id: [(instant, class, note)] of all that changed more than typography, oldest first}. One query."""
    later = Edition.objects.on_record(at).filter(article__in=[e.article_id for e in editions], number__gt=1)
    later = later.exclude(change_class=Edition.TYPOGRAPHIC).order_by("live_from")
    changes = {}
    for article, *change in later.values_list("article", "live_from", "change_class", "note"):
        changes.setdefault(article, []).append(change)
    return changes


def article_entry(edition, changes):
    url, images = address(edition), [file_url(placement) for placement in edition.placements.all()]
    return Entry(
        id=urn("article", edition.article.uid), url=url, title=edition.headline, html=content_of(edition, url, changes),
        language=edition.language, published=edition.sorted_at, topics=edition.filed_under, summary=edition.summary,
        updated=changes[-1][0] if changes else edition.sorted_at, image=next(filter(None, images), ""),
    )  # fmt: skip


def urn(*names):
    return uuid.uuid5(RECORD, " ".join(map(str, names))).urn


def content_of(edition, url, changes):
    """The whole text with its pictures, and what was corrected in it."""
    placements = edition.placements.all()
    within = any(placement.after_paragraph for placement in placements)
    blocks = ["", *(block.html for block in bodies.blocks(edition.body))] if within else ["", edition.body]
    for placement in placements:
        blocks[min(placement.after_paragraph, len(blocks) - 1)] += figure(placement)
    for at, change, note in changes:
        if change == Edition.CORRECTION:
            day = date_format(at, "j F Y")
            blocks.append(format_html("<p><strong>{} {}.</strong> {}</p>", _("Corrected"), day, note))
    html = standing_alone("".join(blocks), url)
    return f'<div dir="rtl">{html}</div>' if edition.direction == "rtl" else html


def figure(placement):
    said = " ".join(filter(None, (placement.caption, placement.credit)))
    caption = format_html("<figcaption>{}</figcaption>", said) if said else ""
    url = file_url(placement)
    return format_html('<figure><img src="{}" alt="{}">{}</figure>', url, placement.alt, caption) if url else ""


def file_url(placement):
    name = placement.wide or placement.image.file.name
    return settings.SITE_URL + default_storage.url(name) if name else ""


def standing_alone(html, url):
    """A clean body for readers who see it elsewhere: its links whole, its quotes without our marks, as the style of a
    feed reader would put marks of its own around each <q> beside those that are printed."""
    html = re.sub(r'<q [^>]*?( lang="[^"]*")?>', r"<span\1>", html).replace("</q>", "</span>")
    html = html.replace(' href="#', f' href="{url}#')
    return html.replace(' href="/', f' href="{settings.SITE_URL}/')


def quote_entries(at):
    return entries_of_quotes([*with_all(QuoteText.objects.live(at)).newest_first()[:MOST]], at)


def entries_of_quotes(texts, at):
    file([text.edition for text in texts], texts, at)
    renewed = last_renewed(texts, at)
    return [quote_entry(text, renewed.get(text.quote_id, text.sorted_at), at) for text in texts]


def last_renewed(texts, at):
    """{quote id: since when it has had its present words and speaker}. One query."""
    stood = QuoteText.objects.filter(edition__in=Edition.objects.on_record(at)).order_by("edition__number")
    stood = stood.filter(quote__in=[text.quote_id for text in texts])
    since, last = {}, {}
    columns = ("quote", "edition__number", "edition__live_from", "sorted_at", "text", "speaker_name", "source")
    for quote, number, live_from, sorted_at, *said in stood.values_list(*columns):
        if last.get(quote) != said:
            since[quote] = live_from if number > 1 else sorted_at
            last[quote] = said
    return since


def quote_entry(text, updated, at):
    speaker = text.speaker if text.speaker and text.speaker.is_public(at) else None
    name = text.speaker_name or text.source
    said = [name, text.office, text.place, text.said_on and date_format(text.said_on, "j F Y")]
    return Entry(
        id=urn("quote", text.quote.key), url=address(text.quote), title=f"{name}: {text.text[:70]}",
        html=format_html(
            '<blockquote lang="{}"><p>{}</p></blockquote><p>{}</p><p><a href="{}">{}</a></p>',
            text.language, text.text, ", ".join(filter(None, said)), address(text.edition), text.edition.headline,
        ),
        language=text.language, published=text.sorted_at, updated=updated, topics=text.filed_under,
        authors=((name, address(speaker) if speaker else ""),),
    )  # fmt: skip


def correction_entries(at):
    editions = Edition.objects.on_record(at).filter(change_class=Edition.CORRECTION).select_related("article")
    editions = [*editions.order_by("-live_from", "-id")[:MOST]]
    file(editions, [], at)
    return [correction_entry(edition, address(edition)) for edition in editions]


def correction_entry(edition, url):
    links = [(f"{url}history/", _("What changed")), (url, edition.headline)]
    return Entry(
        id=urn("correction", edition.article.uid, edition.number), url=url, title=edition.headline,
        html=format_html("<p>{}</p>", edition.note) + format_html_join("", '<p><a href="{}">{}</a></p>', links),
        language=edition.language, published=edition.live_from, updated=edition.live_from, topics=edition.filed_under,
    )  # fmt: skip


# The two forms


FORMS = {"atom": "application/atom+xml", "json": "application/feed+json"}


def pushed():
    """The addresses of the feeds that name the hub, in every language."""
    urls = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            urls += [reverse(f"{name}-feed", args=[form]) for name in PUSHED for form in FORMS]
    return [settings.SITE_URL + url for url in urls]


def fed(request, form, identity, title, home, entries):
    title, own = f"{title} · {settings.INSTITUTION['name']}", settings.SITE_URL + request.path
    hub = settings.WEBSUB_HUB if identity in PUSHED and not request.moment.as_of else ""
    write = {"atom": atom, "json": json_feed}[form]
    words = write(urn("feed", identity), title, settings.SITE_URL + home, own, entries, hub)
    response = HttpResponse(words, content_type=f"{FORMS[form]}; charset=utf-8")
    if hub:
        response["Link"] = f'<{hub}>; rel="hub", <{own}>; rel="self"'
    if request.robots or request.moment.as_of:
        response["X-Robots-Tag"] = "noindex"
    return response


def atom(identity, title, home, own, entries, hub="", beside=()):
    """A feed; `beside` are the (relation, address) of its other pages (RFC 5005)."""
    feed = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": get_language()})
    put(feed, "id", identity)
    put(feed, "title", title)
    put(feed, "updated", told(max((entry.updated for entry in entries), default=LONG_AGO)))
    put(feed, "link", rel="self", type="application/atom+xml", href=own)
    put(feed, "link", rel="alternate", type="text/html", href=home)
    if hub:
        put(feed, "link", rel="hub", href=hub)
    for relation, address_ in beside:
        put(feed, "link", rel=relation, type="application/atom+xml", href=address_)
    put_author(feed, settings.INSTITUTION["name"], f"{settings.SITE_URL}/")
    for entry in entries:
        put_facts(put(feed, "entry", **{"xml:lang": entry.language}), entry)
    return written(feed)


def atom_entry(entry, own):
    """An entry as a document of its own, which names an author where a feed would (RFC 4287, 4.1.2)."""
    one = ElementTree.Element("entry", {"xmlns": ATOM, "xml:lang": entry.language})
    put_facts(one, entry)
    put(one, "link", rel="self", type="application/atom+xml", href=own)
    if not entry.authors:
        put_author(one, settings.INSTITUTION["name"], f"{settings.SITE_URL}/")
    return written(one)


def written(element):
    # Names of people and topics may hold what XML cannot.
    return bodies.normalise(ElementTree.tostring(element, encoding="unicode", xml_declaration=True))


def put_facts(one, entry):
    put(one, "id", entry.id)
    put(one, "title", entry.title)
    put(one, "published", told(entry.published))
    put(one, "updated", told(entry.updated))
    put(one, "link", rel="alternate", type="text/html", href=entry.url)
    for author in entry.authors:
        put_author(one, *author)
    for topic in entry.topics:
        put(one, "category", term=topic.path, scheme=f"{settings.SITE_URL}/topics/", label=topic.name)
    if entry.summary:
        put(one, "summary", entry.summary)
    put(one, "content", entry.html, type="html")


def put(parent, tag, text=None, **attributes):
    element = ElementTree.SubElement(parent, tag, attributes)
    element.text = text
    return element


def put_author(parent, name, uri):
    author = put(parent, "author")
    put(author, "name", name)
    if uri:
        put(author, "uri", uri)


def json_feed(identity, title, home, own, entries, hub=""):
    feed = {
        "version": "https://jsonfeed.org/version/1.1", "title": title, "home_page_url": home, "feed_url": own,
        "language": get_language(), "authors": [{"name": settings.INSTITUTION["name"], "url": f"{settings.SITE_URL}/"}],
    }  # fmt: skip
    if hub:
        feed["hubs"] = [{"type": "WebSub", "url": hub}]
    return json.dumps(feed | {"items": [item(entry) for entry in entries]}, ensure_ascii=False)


def item(entry):
    told_of = {
        "id": entry.id, "url": entry.url, "title": entry.title, "summary": entry.summary, "content_html": entry.html,
        "image": entry.image, "date_published": told(entry.published), "date_modified": told(entry.updated),
        "authors": [{"name": name} | ({"url": url} if url else {}) for name, url in entry.authors],
        "tags": [topic.name for topic in entry.topics], "language": entry.language,
    }  # fmt: skip
    return {member: value for member, value in told_of.items() if value}


def told(instant):
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
