"""What is not public yet, as readers would get it: one edition, for its editors or behind a link for an outsider; and
the whole site at an instant to come, for editors.

The public's own pages are drawn for another moment. Nothing here is cached, tagged or indexed, and lists, feeds and
search know nothing of it.
"""

import re
from datetime import timedelta
from urllib.parse import quote, unquote

from django.conf import settings
from django.core import signing
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language_from_path
from django.utils.translation import gettext as _

from articles.files import handed_over
from articles.links import ADDRESS, LINK, resolved
from articles.models import Edition, QuoteText, Topic
from articles.moment import Moment, moment
from articles.pages import SAFE, not_found, shown, topic_links
from articles.sharing import Share, ShareRead
from articles.views import family_of, readable, reading
from people.models import Appointment, Organisation, Person

FARTHEST = timedelta(days=3660)  # as far as a calendar of editors reaches
OF_ARTICLE, OF_QUOTE = ("article-citation", "article-card"), ("quote-citation", "quote-card")
CANONICAL = re.compile(r'\s*<link rel="canonical"[^>]*>')


def private(response, referrer="same-origin"):
    """An answer that no cache keeps, no index takes, and whose address no other site is told."""
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = referrer
    return response


# One edition


def edition_preview(request, editions, at, files, ribbon):
    """The page of the one edition in `editions` as readers would get it if it were public at `at`; None when there is
    none. Its links lead only to what is public now; `files(name)` is where it finds the file `name`."""
    edition = readable(editions, at).prefetch_related("topics").first()
    if edition is None:
        return None
    now, request.preview, request.robots = request_now(), ribbon, "noindex"
    edition = as_published(edition, at)
    instant = edition.live_from if edition.live_from > now else max(at, now)
    request.moment = Moment(instant, now, False, (), frozenset(edition.references()[Appointment]))
    language = edition.language if edition.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(language):
        family = family_of(edition.article, request.moment.at)
        if edition.pk not in {known.pk for known in family[edition.article_id]}:
            family[edition.article_id].append(edition)
        context = reading(request, edition, family)
        topics = topic_links(edition.topics.all())
        nothing_to_pass_on = dict.fromkeys(("canonical", "card_url", "embed", "oembed_url"), "")
        response = shown(request, "article.html", **context | nothing_to_pass_on | {"topics": topics})
    response.content = only_public(response.text, now, files)
    return response


def request_now():
    """The present as readers have it: the clock, but never before the horizon."""
    return moment(None, timezone.now()).at


def as_published(edition, at):
    """The edition in hand as its publication at `at` would leave it, with the people it names; never saved."""
    if edition.live_from is None:
        sealed = edition.article.editions.exclude(live_from=None).order_by("-number")
        last = sealed.values_list("number", flat=True).first()
        edition.live_from, edition.number = at, (last or 0) + 1
        edition.change_class = edition.change_class or (Edition.UPDATE if last else "")
    named = [text.speaker for text in edition.quotes.all()] + [mention.person for mention in edition.mentions.all()]
    for person in filter(None, named):
        person.public_from = min(filter(None, [person.public_from, edition.live_from]))
    return edition


def only_public(html, now, files):
    """The page without the addresses of ours in its links that nobody could open at `now`: the words stay. Files are
    fetched where `files` says."""
    paths = {match[3] for tag in LINK.findall(html) for match in ADDRESS.finditer(tag)}
    dead = paths - open_to_all(paths, now)

    def stripped(tag):
        return ADDRESS.sub(lambda match: "" if match[3] in dead else match[0], tag[0]).replace(" >", ">")

    def fetched(match):
        name = match[3].removeprefix(settings.MEDIA_URL)
        return match[0] if name == match[3] else f'{match[1]}="{files(unquote(name))}"'

    return LINK.sub(stripped, ADDRESS.sub(fetched, html))


def open_to_all(paths, now):
    """Which of these paths of the site the public can open. Lists always; of articles, quotes, people, topics and
    organisations what is on record or public. A query for each kind."""
    on_record = Edition.objects.on_record(now)
    known = {
        "slug": (on_record, "article__slug", {"article", "history", "edition", *OF_ARTICLE}),
        "key": (QuoteText.objects.standing(on_record), "quote__key", {"quote", *OF_QUOTE}),
        "person": (Person.objects.public(now), "slug", {"person"}),
        "path": (Topic.objects.public(now), "path", {"topic"}),
        "organisation": (Organisation.objects.public(now), "slug", {"organisation"}),
    }
    asked, found = {kind: {} for kind in known}, set()
    for path in paths:
        match = resolved(path)
        kind = next((kind for kind, (_rows, _column, names) in known.items() if match and match.url_name in names), "")
        if kind:
            asked[kind].setdefault(next(iter(match.kwargs.values())), []).append(path)
        elif match or path.startswith(settings.STATIC_URL):
            found.add(path)
    for kind, names in asked.items():
        rows, column, _names = known[kind]
        if names:
            there = rows.filter(**{f"{column}__in": names}).order_by().values_list(column, flat=True)
            found.update(path for name in {*there} for path in names[name])
    return found


# A link for an outsider


def shared(request, token):
    """One version of one draft, for whoever holds its link: 404 for a link nobody made, 410 for one that has ended."""
    if request.method not in SAFE:
        return HttpResponseNotAllowed(SAFE)
    now = request_now()
    share = Share.objects.of_token(token).select_related("edition__article").first()
    if share is None:
        return refused(request, 404, _("This link leads nowhere."), _("Perhaps a part of it was lost on the way."))
    signer = file_signer(share)
    response = edition_preview(
        request, Edition.objects.preview(token, now), max(now, share.edition.live_from or now),
        lambda name: reverse("shared-file", args=[token, signer.sign(name)]), {"share": share},
    )  # fmt: skip
    ShareRead.objects.create(share=share, at=now, shown=response is not None)
    return private(response, "no-referrer") if response else refused(request, 410, *why_closed(share, now))


def why_closed(share, now):
    """Why a link shows nothing any more, without a word of the text."""
    if share.revoked_at:
        return _("This link has been withdrawn."), _("The newsroom has closed it.")
    if share.expires_at <= now:
        return _("This link has run out."), _("It was made for a few days only. Ask the newsroom for a new one.")
    if share.edition.live_from and share.edition.live_from <= now:
        return _("This is no longer a draft."), _("Look for it on the public site.")
    return _("The text has changed since."), _("This link showed one version of it. Ask the newsroom for a new one.")


def refused(request, status, title, words):
    response = render(request, "shared_ended.html", {"title": title, "words": words}, status=status)
    return private(response, "no-referrer")


def shared_file(request, token, signed):
    """A file of the page behind a link: the page itself named it, and signed that it did."""
    if request.method not in SAFE:
        return HttpResponseNotAllowed(SAFE)
    share = Share.objects.of_token(token).first()
    if share is None or not Edition.objects.preview(token, request_now()).exists():
        return refused(request, 404, _("This link leads nowhere."), "")
    try:
        name = file_signer(share).unsign(signed)
    except signing.BadSignature:
        return refused(request, 404, _("This link leads nowhere."), "")
    return stored_file(name, "no-referrer")


def file_signer(share):
    return signing.Signer(salt=f"articles.previews.{share.digest}", sep="~")


def stored_file(name, referrer="same-origin"):
    """A file that is not public, for whom the caller lets have it."""
    if not default_storage.exists(name):
        raise Http404
    return private(handed_over(name, "file"), referrer)


# The site at an instant to come


def site_at(request, at, path, root, **ribbon):
    """The public page at `path` as it will be at `at` if nothing changes: with what is scheduled, under today's
    withholdings. Links between its pages stay under `root`."""
    path = f"/{path}"
    request.moment, request.robots = Moment(at, at, False, ()), "noindex"
    request.preview = {"at": at, "root": root} | ribbon
    with translation.override(get_language_from_path(path) or settings.LANGUAGE_CODE):
        match = resolved(path)
        view = getattr(match and match.func, "at_moment", None)
        try:
            if view is None:
                raise Http404
            response = view(request, *match.args, **match.kwargs)
        except Http404:
            response = not_found(request)
    if "Location" in response:
        response = HttpResponseRedirect(within(response["Location"], root))
    elif not response.streaming:
        response.content = rooted(response.text, root)
    del response["ETag"]
    return private(response)


def rooted(html, root):
    """The page with the addresses of other pages of the site moved under `root`."""
    known = {}

    def moved(match):
        attribute, _site, path, rest = match.groups()
        if path not in known:
            known[path] = within(path, root)
        return match[0] if known[path] == path else f'{attribute}="{known[path]}{rest}"'

    return ADDRESS.sub(moved, CANONICAL.sub("", html))


def within(address, root):
    """An address of the public site under `root`, any other as it is."""
    path, mark, rest = address.partition("?")
    match = resolved(path) if path.startswith("/") else None
    if not hasattr(match and match.func, "at_moment"):
        return address
    return f"{root}{quote(unquote(path.removeprefix('/')))}{mark}{rest}"
