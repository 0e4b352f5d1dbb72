"""What every page for readers has in common: the edge around a view, pages of a list, and rows dressed for templates.

`page` stands around each public view: it takes the moment once, refuses what cannot be read, and tags the answer with a
hash of its own bytes. Used by the views of articles and of the site.
"""

import hashlib
import re
from datetime import UTC
from functools import wraps
from http import HTTPStatus

from django.conf import settings
from django.core import signing
from django.db.models import Max, OuterRef, Q, Subquery
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import translate_url
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag, urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from articles import search
from articles.ledger import BEFORE_ALL_TIME
from articles.links import can_stand, keeping
from articles.models import Edition
from articles.moment import BadMoment, moment, parse_at
from articles.structured_data import og_locale
from people.models import Appointment

SAFE = ["GET", "HEAD"]


# The edge


def page(*parameters):
    """A public page that knows `?at=` and these `parameters`; any other is ignored, and keeps the page out of indexes.
    The view finds its Moment in `request.moment`."""

    def around(view):
        @wraps(view)
        def answer(request, *args, **kwargs):
            if request.method not in SAFE:
                return HttpResponseNotAllowed(SAFE)
            request.robots = "" if set(request.GET) <= {"at", *parameters} else "noindex"
            try:
                response = shortened(request, parameters) or take_moment(request) or view(request, *args, **kwargs)
            except BadMoment as error:
                response = no_such_moment(request, str(error))
            except Http404:
                response = not_found(request)
            return tagged(request, response)

        answer.csrf_exempt = True  # a POST is refused for its method, not for a missing token
        answer.at_moment = view  # the page itself, for a preview: whoever calls it has set the moment
        return answer

    return around


def shortened(request, parameters):
    """A form sends its empty fields along: the address without them is the one to keep and to share."""
    query = request.GET.copy()
    for name in {*parameters} & {*query}:
        query.setlist(name, [value for value in query.getlist(name) if value.strip()])
    if query.urlencode() != request.GET.urlencode():
        return HttpResponseRedirect(f"{request.path}?{query.urlencode()}".rstrip("?"))


def take_moment(request):
    """The request's one look at the clock. A time without a zone is sent on to the same time with one."""
    asked, now, exact = request.GET.get("at", "").strip(), timezone.now(), None
    if asked:
        try:
            exact = parse_at(asked, now)
        except BadMoment:
            exact = _after_all_time(parse_at(asked, now, naive=True))
            query = request.GET.copy()
            query["at"] = exact.astimezone(UTC).isoformat().replace("+00:00", "Z")
            return HttpResponseRedirect(f"{request.path}?{query.urlencode()}")
        _after_all_time(exact)
    request.moment = moment(exact, now)


def _after_all_time(instant):
    """The instant, unless it lies so far back that no other zone can tell its day."""
    if instant.year <= BEFORE_ALL_TIME.year:
        raise BadMoment(_("Nothing was on record then. Ask for a later day."))
    return instant


def tagged(request, response):
    """The answer as it leaves: asked for anew each time, its tag the hash of its bytes (or of what they are drawn from,
    which the view has set). A tag made of anything else would move when something is merely scheduled."""
    response["Cache-Control"] = settings.PUBLIC_CACHE_CONTROL
    if response.status_code != HTTPStatus.OK or response.streaming or response.has_header("ETag"):
        return response
    etag = quote_etag(hashlib.sha256(response.content).hexdigest())
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response)


def shown(request, template, status=200, **context):
    """A page drawn from `context`, with what the sheet around it needs."""
    at = request.moment.at if request.moment.as_of else None
    context = {
        "at": at, "robots": request.robots, "canonical": settings.SITE_URL + request.path,
        "og_locale": og_locale(get_language()),
    } | context  # fmt: skip
    context |= other_moments(request)
    if not getattr(request, "preview", None):
        context |= in_other_languages(request, context)
    context["can_stand"] = status == HTTPStatus.OK and not at and can_stand(request.resolver_match)
    response = render(request, template, context, status=status)
    if context["at"]:
        response.content = keeping(response.text, request.GET["at"].strip())
    return response


def other_moments(request):
    """What the forms and links to this page at another moment carry along: all that was asked, but its place in time
    and in the list."""
    asked = [(name, value) for name, values in request.GET.lists() for value in values]
    return {
        "asked": [(name, value) for name, value in asked if name not in ("at", "cursor")],
        "today_url": asking(request, at=None),
    }


def no_such_moment(request, message, status=400):
    context = {"robots": "noindex", "title": _("No such moment"), "message": message} | other_moments(request)
    return render(request, "no_such_moment.html", context, status=status)


def in_other_languages(request, context):
    """`languages`: where the masthead leads in the other languages of the interface: to the translation of what is
    read, else to this page. `alternates`: (language, address) of the same for search engines. The `versions` of an
    article are its translations and itself, {language: address}, the original first."""
    versions = context.get("versions") or {}
    languages, here = [], asking(request)
    for code, name in settings.LANGUAGES:
        if code != get_language():
            url = versions.get(code, "").removeprefix(settings.SITE_URL) or translate_url(here, code)
            if code in versions and request.moment.as_of:
                url = f"{url}?{urlencode({'at': request.GET['at']})}"
            languages.append({"code": code, "name": name, "url": url})
    if context["at"] or context["robots"] or not context["canonical"]:
        return {"languages": languages}
    if "versions" not in context:
        codes = dict(settings.LANGUAGES)
        versions = {code: settings.SITE_URL + translate_url(request.path, code) for code in codes}
    default = versions.get(settings.LANGUAGE_CODE) or next(iter(versions.values()), "")
    alternates = [*versions.items(), ("x-default", default)] if len(versions) > 1 else []
    return {"languages": languages, "alternates": alternates}


def in_its_language(row):
    """The path of a row's page in the language of its words where the interface has it, else in the reader's."""
    known = dict(settings.LANGUAGES)
    with override(row.language if row.language in known else get_language()):
        return row.get_absolute_url()


def not_found(request, exception=None):
    """The same bytes for what is hidden, what is yet to come, and what never existed."""
    response = render(request, "404.html", {"robots": "noindex", "title": _("Not found")}, status=404)
    response["Cache-Control"] = settings.PUBLIC_CACHE_CONTROL
    return response


# Pages of a list

signer = signing.Signer(salt="articles.pages", sep=".")


def leaf(request, rows, order, identity, size=20):
    """One page of `rows` in a total order of two columns: (rows, newer_url, older_url), '' at the ends. Pages go by
    the place of their edge rows, so that none is skipped or repeated however much is published meanwhile. The cursor is
    signed and names the row by its public `identity`: database ids have gaps that tell of hidden rows."""
    backwards, place = _place(request)
    model = rows.model
    names = [name.removeprefix("-") for name in order]
    if backwards:
        order = [name.removeprefix("-") if name.startswith("-") else f"-{name}" for name in order]
    if place:
        value, *named = place
        value = model._meta.get_field(names[0]).to_python(value)
        same = model.objects.filter(**dict(zip(identity, named, strict=True))).values(names[1])[:1]
        after = "lt" if order[0].startswith("-") else "gt"
        tie = Q(**{names[0]: value, f"{names[1]}__{after}": Subquery(same)})
        rows = rows.filter(Q(**{f"{names[0]}__{after}": value}) | tie, **{f"{names[0]}__{after}e": value})
    found = list(rows.order_by(*order)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    before, after = (more, place) if backwards else (place, more)
    if not found:
        return [], "", ""
    field = model._meta.get_field(names[0])
    edges = [
        [field.value_to_string(row), *(_followed(row, name) for name in identity)] for row in (found[0], found[-1])
    ]
    newer = asking(request, cursor=_cursor(request, True, edges[0])) if before else ""
    older = asking(request, cursor=_cursor(request, False, edges[1])) if after else ""
    return found, newer, older


def _place(request):
    """(backwards, place) of a cursor of ours for this very list. Any other is ignored: the list begins anew."""
    try:
        path, backwards, place = signer.unsign_object(request.GET.get("cursor", ""))
    except (signing.BadSignature, ValueError):
        return False, None
    return (backwards, place) if path == request.path else (False, None)


def _cursor(request, backwards, place):
    return signer.sign_object([request.path, backwards, place])


def _followed(row, name):
    for part in name.split("__"):
        row = getattr(row, part)
    return row


def asking(request, **changes):
    """The address of this page with other parameters: a list repeats one, None or '' takes it away. Whatever changes,
    the list begins at its first page."""
    query = request.GET.copy()
    for name, value in ({"cursor": None} | changes).items():
        query.pop(name, None)
        if value:
            query.setlist(name, value if isinstance(value, list) else [value])
    return f"{request.path}?{query.urlencode()}" if query else request.path


# Rows


def articles_of(editions, at):
    """Live editions as the rows of a list, with the days of their last correction and update."""
    record = Edition.objects.on_record(at).filter(article=OuterRef("article"), number__gt=1).order_by()

    def last(change):
        of_class = record.filter(change_class=change).values("article")
        return Subquery(of_class.annotate(last=Max("live_from")).values("last"))

    return editions.select_related("article").annotate(
        corrected_at=last(Edition.CORRECTION), updated_at=last(Edition.UPDATE)
    )


def in_one_language(rows):
    """Of what stands in several languages only the one of the interface, else the original; in the order given. Rows
    are editions, or quote texts with their edition."""

    def edition_of(row):
        return row if isinstance(row, Edition) else row.edition

    chosen = {}
    for row in rows:
        edition = edition_of(row)
        root = edition.article.translation_of_id or edition.article_id
        fitness = (edition.language == get_language(), edition.article_id == root)
        if root not in chosen or fitness > chosen[root][0]:
            chosen[root] = (fitness, edition.pk)
    kept = {pk for _fitness, pk in chosen.values()}
    return [row for row in rows if edition_of(row).pk in kept]


def article_rows(editions):
    """Dress rows of `articles_of` for _article_row.html."""
    for edition in editions:
        edition.url, edition.kind_display = edition.get_absolute_url(), edition.get_kind_display()
        edition.updated_word = _("Updated")
    return editions


def quote_rows(texts, moment, past=None):
    """Dress quote texts (with quote, speaker and edition__article at hand) for _quote_row.html. One query, or none when
    it is known which offices are `past`."""
    if past is None:
        past = offices_past(offices_of(texts), moment)
    for text in texts:
        speaker = text.speaker if text.speaker and text.speaker.is_public(moment.at) else None
        text.key, text.url = text.quote.key, text.quote.get_absolute_url()
        text.speaker_url = speaker.get_absolute_url() if speaker else ""
        text.portrait_url = speaker.portrait.url if speaker and speaker.portrait else ""
        text.initials = initials(text.speaker_name or text.source)
        text.office_is_past = (text.speaker_id, text.position_id) in past
        text.article_headline = text.edition.headline
        text.article_url = f"{text.edition.get_absolute_url()}#{text.quote.key}"
    return texts


def offices_of(texts):
    """The (person id, position id) pairs under which these quotes were said."""
    return [(text.speaker_id, text.position_id) for text in texts if text.position_id]


def marked_rows(editions, question):
    """Rows of articles with the words asked for marked; where the summary does not tell it, with the stretch of the
    text in which they stand."""
    for edition in editions if question else ():
        told = search.holding(f"{edition.headline} {edition.summary}", question)
        edition.headline = search.marked(edition.headline, question)
        if told:
            edition.summary = search.marked(edition.summary, question)
        else:
            edition.summary = search.excerpt(edition.plain_text, question)
    return editions


def marked_quotes(texts, question):
    """Of quote texts those that hold the words asked for, marked; all when none were."""
    if not question:
        return texts
    texts = [text for text in texts if search.holding(text.text, question)]
    for text in texts:
        text.text = search.marked(text.text, question)
    return texts


def terms_of(people, positions, moment):
    """The public terms of these people, and of whoever held one of these positions. One query, or none."""
    if not people and not positions:
        return []
    terms = Appointment.objects.public(moment.at)
    if moment.also:
        terms |= Appointment.objects.filter(pk__in=moment.also)
    terms = terms.filter(Q(person__in=people) | Q(position__in=positions))
    return [*terms.select_related("position")]


def offices_past(pairs, moment, terms=None):
    """Which of these (person id, position id) pairs are no longer so, as far as the public record tells: all of the
    person's terms in it have ended, or somebody else has been seen since in a post of one holder. One query, or none
    when the `terms_of` these positions are at hand."""
    if terms is None:
        terms = terms_of([], {position for _person, position in pairs}, moment)
    past, today = set(), moment.today
    for pair in {*pairs}:
        own = [term for term in terms if (term.person_id, term.position_id) == pair]
        others = [term for term in terms if term.position_id == pair[1] and term.person_id != pair[0]]
        if own and not any(_still_held(term, others, today) for term in own):
            past.add(pair)
    return past


def _still_held(term, others, today):
    if term.until and term.until <= today:
        return False
    seen = term.attested_to or term.since
    followed = term.position.single_holder and not term.acting and seen
    starts = [other.since or other.attested_from for other in others if not other.acting]
    return not (followed and any(start and seen < start <= today for start in starts))


def faces(people, moment, terms=None):
    """People with the office they hold today (or else held last), for _face.html. One query, or none when the
    `terms_of` these people are at hand."""
    held = {}
    for term in terms_of(people, [], moment) if terms is None else terms:
        if term.position.is_public(moment.at):
            held.setdefault(term.person_id, []).append(term)
    for person in people:
        own = [term for term in held.get(person.pk, []) if not term.since or term.since <= moment.today]
        now = [term for term in own if not _over(term, moment)]
        term = max(now, key=lambda term: term.position.rank, default=None) or max(own, key=_last_day, default=None)
        person.url, person.initials = person.get_absolute_url(), initials(person.name)
        person.portrait_url = person.portrait.url if person.portrait else ""
        person.office = term.position.title if term else ""
        person.office_is_former = bool(term and term not in now)
    return people


def _over(term, moment):
    return term.until is not None and term.until <= moment.today


def _last_day(term):
    return str(term.until or term.attested_to or term.since or "")


def topic_links(topics):
    return [{"name": topic.name, "url": topic.get_absolute_url()} for topic in topics]


def quoted(words):
    """Words of others inside a sentence of the interface, between its own marks."""
    return _("“%(words)s”") % {"words": words}


def initials(name):
    words = [word for word in name.split() if word[:1].isalpha()]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else ""


# Words

OPENING = re.compile(r'(^<[a-z0-9]+(?: [^>]*)?>)?(["“„«‹‘»])(\s?)(?=<q )')
CLOSING = re.compile(r'(?<=</q>)(\s?)(["”“»›’«])')


def set_marks(html):
    """A clean block of a body with the marks around its quotes named, so that the style can hang and colour them."""

    def opening(match):
        block, mark, space = match.groups()
        return f'{block or ""}<span class="mark{" hang" if block else ""}">{mark}{space}</span>'

    html = OPENING.sub(opening, html)
    html = CLOSING.sub(lambda match: f'<span class="mark">{match[1]}{match[2]}</span>', html)
    return mark_safe(html)  # noqa: S308 (what clean() wrote, and spans of ours)


def only_quote(html, key):
    """A clean block in which only the spans of one quote are still marked as one."""
    others = re.compile(rf'<q data-quote="(?!{re.escape(key)}")[^>]*>(.*?)</q>', re.DOTALL)
    return mark_safe(others.sub(r"\1", html))  # noqa: S308 (what clean() wrote, less some of its tags)
