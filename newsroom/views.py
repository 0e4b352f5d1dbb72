"""The pages that need more than one app: the front page, a person, files of the record, and health."""

import hashlib
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import PurePath

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.db.models import F
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import quote_etag
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from articles import seal, structured_data
from articles.api import file, number_what_is_due
from articles.files import handed_over
from articles.images import Rendition
from articles.ledger import database_now
from articles.models import Attachment, Edition, Image, Placement, QuoteText, language_name
from articles.pages import (
    article_rows,
    articles_of,
    faces,
    in_one_language,
    page,
    quote_rows,
    shown,
    topic_links,
)  # fmt: skip
from articles.views import moved, picture, with_all
from articles.volume import Bars, about_topics, quotes_of
from people.models import Appointment, FormerSlug, Person
from people.rail import rail


def institution(request):
    """For every template: whose newsroom this is, how addresses begin in the interface language, and the attribute that
    tells of names of the house (offices, topics) that they are not in it."""
    home = get_script_prefix().rstrip("/")
    language = get_language()
    prefixed = language and language != settings.LANGUAGE_CODE and language in dict(settings.LANGUAGES)
    return {
        "institution": settings.INSTITUTION, "prefix": f"{home}/{language}" if prefixed else home,
        "house_lang": format_html(' lang="{}"', settings.LANGUAGE_CODE) if prefixed else "",
    }  # fmt: skip


@page()
def home(request):
    at = request.moment.at
    newest = [*articles_of(Edition.objects.live(at), at).newest_first()[:28]]
    lead, *rows = article_rows(in_one_language(newest)[:7]) or [None]
    if lead:
        above = Placement.objects.filter(edition=lead, after_paragraph=0).select_related("image")
        above = above.prefetch_related("image__renditions")
        lead.image = next((picture(placement) for placement in above[:1]), None)
    texts = [*with_all(QuoteText.objects.live(at)).newest_first()[:60]]
    corrected = Edition.objects.live(at).filter(change_class=Edition.CORRECTION).select_related("article")
    about = _("News, statements and speeches of %(name)s: what was said, by whom, in which office, and when.")
    corrected = lately_corrected(corrected.order_by("-live_from")[:3])
    yet = _("Nothing more has been published yet.")
    return shown(
        request, "home.html", feed="articles", structured=structured_data.of_site(), lead=lead, rows=rows,
        quotes=quote_rows(in_their_words(texts), request.moment), other_languages=languages_of(newest),
        topics=spoken_of(texts, request.moment), description=about % {"name": settings.INSTITUTION["name"]},
        corrected=corrected, day=newest_day([lead, *rows] if lead else [], corrected),
        empty_hint={"title": _("Nothing more had been published then.") if request.moment.as_of else yet},
    )  # fmt: skip


def newest_day(rows, corrected):
    """The instant of the newest event that the front page tells of: what it is dated by. None when it is empty."""
    told = [when for row in rows for when in (row.sorted_at, row.updated_at, row.corrected_at) if when]
    return max([*told, *(row["corrected_at"] for row in corrected)], default=None)


def in_their_words(texts):
    """Three quotes for the front page, short enough to be set large: the first of an article each."""
    short = [text for text in in_one_language(texts) if len(text.text) <= 220]
    first = {text.edition_id: text for text in short}  # the newest first: the last one put here stood first
    return [*first.values()][:3]


def spoken_of(texts, moment):
    """The topics these quotes are filed under, the most frequent first, with the months of each (not in the past)."""
    file([text.edition for text in texts], texts, moment.at)
    topics = {topic.path: topic for text in texts for topic in text.filed_under}
    counted = Counter(topic.path for text in texts for topic in text.filed_under)
    top = [topics[path] for path, _count in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:5]]
    sparks = [None] * len(top) if moment.as_of else about_topics(top, moment)
    return [link | {"spark": spark} for link, spark in zip(topic_links(top), sparks, strict=True)]


def languages_of(editions):
    """The other languages in which some of these can be read."""
    codes = sorted({edition.language for edition in editions} - {get_language()})
    url = reverse("article-list")
    return [{"code": code, "name": language_name(code), "url": f"{url}?language={code}"} for code in codes]


def lately_corrected(editions):
    return [
        {
            "headline": e.headline, "url": e.get_absolute_url(), "corrected_at": e.live_from, "note": e.note,
            "language": e.language, "direction": e.direction,
        }
        for e in editions
    ]  # fmt: skip


# A person


@page()
def person(request, slug):
    at, moment = request.moment.at, request.moment
    person = Person.objects.public(at).filter(slug=slug).select_related("merged_into").first()
    if person is None or person.merged_into:
        return moved(request, surviving(at, slug, person))
    (person,) = faces([person], moment)
    terms = terms_of(person, moment)
    offices = [office(term, moment) for term in terms]
    texts = [*with_all(QuoteText.objects.live(at).filter(speaker=person)).newest_first()[:90]]
    texts = in_one_language(texts)[:40]
    file([text.edition for text in texts], texts, at)
    rows = articles_of(Edition.objects.live(at).with_person(person), at).newest_first()[:24]
    rows = article_rows(in_one_language(rows)[:8])
    about = _("What %(name)s has said on the record, by topic, with the office held that day.") % {"name": person.name}
    return shown(
        request, "person.html", person=person, offices=offices, here="people", title=person.name, og_type="profile",
        feed=f"people/{person.slug}", structured=structured_data.of_person(person, offices),
        description=person.biography or about, quotes_by_topic=by_topic(quote_rows(texts, moment)), articles=rows,
        corrected=corrected_quotes(texts, at), quotes_url=f"{reverse('quote-list')}?speaker={person.slug}",
        quoting_url=f"{reverse('article-list')}?speaker={person.slug}",
        articles_url=f"{reverse('article-list')}?person={person.slug}", **time_rail(person, terms, moment),
    )  # fmt: skip


def surviving(at, slug, person):
    """The record under which a merged or renamed person is found now. 404 for whom the public never knew."""
    former = None if person else FormerSlug.objects.select_related("person__merged_into").filter(slug=slug).first()
    found = person or (former and former.person)
    found = found and found.survivor()
    if not found or not found.is_public(at):
        raise Http404
    return found


def terms_of(person, moment):
    """The public terms of a person, newest first."""
    terms = Appointment.objects.public(moment.at).filter(person=person, position__public_from__lte=moment.at)
    terms = terms.select_related("position__organisation")
    newest = F("since").desc(nulls_last=True), F("attested_from").desc(nulls_last=True), "-position__rank", "id"
    return [*terms.order_by(*newest)[:60]]


def office(term, moment):
    organisation = term.position.organisation
    begun = term.since is None or term.since <= moment.today
    attested = ""
    if term.attested_from and not (term.since and term.until):
        attested = _("seen in office on %(day)s") % {"day": date_format(term.attested_to, "j F Y")}
    return {
        "title": term.position.title, "acting": term.acting, "since": term.since, "last_day": term.last_day,
        "organisation": organisation if organisation.is_public(moment.at) else None,
        "is_current": begun and (term.until is None or term.until > moment.today) and bool(term.since),
        "attested": attested,
    }  # fmt: skip


def time_rail(person, terms, moment):
    """Offices on a rail of time, and on the same axis the quotes of every quarter."""
    drawn, quoted = rail(terms, lambda term: term.position.title, moment.today), quotes_of(person, moment)
    if drawn is None:
        return {}
    held = [term.since for term in terms if term.since and term.certainly_on(moment.today)]
    quoted = [span for span in quoted if span.end > drawn.first]
    bars = Bars(quoted, drawn.foot + 12, drawn.foot + 72, drawn.at, min(held, default=moment.today))
    return {"rail": drawn, "volume": bars or None}


def corrected_quotes(texts, at):
    """Those of these quotes whose words a correction changed, newest first, each with its edition. One query."""
    today = {text.quote_id: text for text in texts}
    stood = QuoteText.objects.on_record(at).filter(quote__in=[*today]).select_related("edition")
    stood = stood.defer("edition__body", "edition__plain_text")
    found = [
        {"text": today[after.quote_id], "url": today[after.quote_id].quote.get_absolute_url(), "edition": after.edition}
        for before, after in pairwise(stood.order_by("quote_id", "edition__number"))
        if before.quote_id == after.quote_id and before.text != after.text
        and after.edition.change_class == Edition.CORRECTION
    ]  # fmt: skip
    return sorted(found, key=lambda one: one["edition"].live_from, reverse=True)[:5]


def by_topic(texts):
    """The newest quotes under each topic, the topic with the newest first. A quote stands under the most particular
    of its topics."""
    groups = {}
    for text in texts:
        topic = max(text.filed_under, key=lambda topic: topic.path.count("/"), default=None)
        link = {"name": topic.name, "url": topic.get_absolute_url()} if topic else None
        group = groups.setdefault(topic and topic.path, {"topic": link, "quotes": []})
        group["quotes"] += [text] if len(group["quotes"]) < 4 else []
    return sorted(groups.values(), key=lambda group: group["topic"] is None)


# Files of the record


@page()
def media(request, name):
    """A file that something public shows; any other, and none, are the same 404."""
    at = request.moment.now
    title = shown_as(name, at)
    if title is None or not default_storage.exists(name):
        raise Http404
    # The name of a file is random and never used again: the name and the length stand for the bytes.
    etag = quote_etag(hashlib.sha256(f"{name}:{default_storage.size(name)}".encode()).hexdigest())
    if unchanged := get_conditional_response(request, etag=etag):
        return unchanged
    response = handed_over(name, title)
    response["ETag"] = etag
    return response


def shown_as(name, at):
    """The title under which something public shows the file `name`; None when nothing does."""
    on_record = Edition.objects.on_record(at)
    shown = Image.objects.filter(placements__edition__in=on_record)
    if shown.filter(file=name).exists() or Rendition.objects.filter(file=name, image__in=shown).exists():
        return PurePath(name).stem
    attached = Attachment.objects.filter(file=name, edition__in=on_record).values_list("title", flat=True).first()
    if attached is not None:
        return attached
    if Person.objects.public(at).surviving().filter(portrait=name).exclude(portrait="").exists():
        return PurePath(name).stem


# Health


@csrf_exempt
@require_safe
def healthz(request):
    """The process answers."""
    return _plain("ok")


@csrf_exempt
@require_safe
def readyz(request):
    """Fit to serve: the database answers, the seal is whole, its clock and ours agree. In passing, what has become due
    is numbered. 503 says in plain words what is wrong."""
    try:
        wrong = [f"The seal of the record differs: {name}." for name in seal.differences()]
        apart = abs(timezone.now() - database_now())
        if apart > timedelta(seconds=1):
            wrong.append(f"The clock of this host and that of the database are {apart.total_seconds():.1f} s apart.")
        if not wrong:
            number_what_is_due(timezone.now())
    except DatabaseError:
        wrong = ["The database does not answer."]
    return _plain("\n".join(wrong) or "ready", 503 if wrong else 200)


@csrf_exempt
@require_safe
def robots(request):
    maps = [f"Sitemap: {settings.SITE_URL}/{name}" for name in ("sitemap.xml", "sitemap-news.xml")]
    response = _plain("\n".join(["User-agent: *", "Disallow: /admin/", "", *maps]))
    response["Cache-Control"] = settings.PUBLIC_CACHE_CONTROL
    return response


@csrf_exempt
@require_safe
def favicon(request):
    """Where browsers ask of themselves: the institution's mark, or that there is none."""
    mark = settings.INSTITUTION.get("icon") or settings.INSTITUTION["mark"]
    return redirect(static(mark)) if mark else HttpResponse(status=204)


def _plain(words, status=200):
    response = HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response
