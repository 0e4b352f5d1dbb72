"""What a reader takes along from an article or a quote: its citation as a file, and its share card."""

from django.http import Http404, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.formats import date_format
from django.utils.http import quote_etag
from django.utils.translation import gettext as _

from articles import cards, citing
from articles.models import Edition
from articles.pages import page, quote_rows
from articles.quotations import live_of, quote_gone, stood_of
from articles.views import departed


def live_edition(request, slug):
    """The edition that stands at an address, today's or a former one, or None."""
    editions = Edition.objects.live(request.moment.at).at_address(slug)
    return editions.select_related("article").first()


# Citations


@page("edition")
def article_citation(request, slug, form):
    """Of the edition that is asked for, or else of the live one."""
    number = request.GET.get("edition", "")
    if number:
        record = Edition.objects.on_record(request.moment.at).at_address(slug).select_related("article")
        edition = next((one for one in record.defer("body", "plain_text") if str(one.number) == number), None)
    else:
        edition = live_edition(request, slug)
    return as_file(citing.of_edition(edition), form) if edition else departed(request, slug)


@page()
def quote_citation(request, key, form):
    """Of the words that stand, or of those that stood last."""
    stood = stood_of(key, request.moment.at)
    if not stood:
        return quote_gone(request, key)
    return as_file(citing.of_quote(live_of(stood, request.moment.at) or stood[-1]), form)


def as_file(citation, form):
    if form not in citing.FORMS:
        raise Http404
    response = HttpResponse(getattr(citation, form)(), content_type=citing.FORMS[form])
    response["Content-Disposition"] = f'attachment; filename="{citation.key}.{form}"'
    response["X-Robots-Tag"] = "noindex"
    return response


# Cards


@page()
def article_card(request, slug):
    edition = live_edition(request, slug)
    if edition is None:
        return departed(request, slug)
    day = edition.dated or edition.event_date or edition.live_from
    card = cards.Card(
        words=edition.headline, direction=edition.direction, label=str(edition.get_kind_display()),
        line=", ".join(filter(None, [edition.place, date_format(day, "j F Y")])),
    )  # fmt: skip
    return as_picture(request, card)


@page()
def quote_card(request, key):
    """Only of words that stand: a picture cannot say that they were removed."""
    stood = stood_of(key, request.moment.at)
    if not stood:
        return quote_gone(request, key)
    live = live_of(stood, request.moment.at)
    if live is None:
        raise Http404
    (text,) = quote_rows([live], request.moment)
    speaker = text.speaker if text.speaker_url else None
    card = cards.Card(
        words=text.text, direction=text.direction, language=text.language,
        name=text.speaker_name or text.source, office=text.office,
        then=_("then") if text.office_is_past else "", initials=text.initials,
        line=", ".join(filter(None, [text.place, text.said_on and date_format(text.said_on, "j F Y")])),
        portrait=speaker.portrait.name if speaker and speaker.portrait else "",
    )  # fmt: skip
    return as_picture(request, card)


def as_picture(request, card):
    """The tag is known before anything is drawn, so that whoever has the picture costs nothing."""
    etag = quote_etag(cards.tag(card))
    if unchanged := get_conditional_response(request, etag=etag):
        return unchanged
    return HttpResponse(cards.drawn(card), content_type="image/png", headers={"ETag": etag})
