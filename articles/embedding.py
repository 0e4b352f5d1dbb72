"""Our words on other people's pages: a quotation without any script, and oEmbed for whoever asks by an address.

oEmbed 1.0 (oembed.com). Only what is live is given; any other address is not found.
"""

from urllib.parse import parse_qs, unquote, urlencode, urlsplit
from xml.etree import ElementTree

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import Resolver404, resolve, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import get_language_from_path, override
from django.utils.translation import gettext as _

from articles import citing
from articles.cards import HEIGHT, WIDTH, card_url
from articles.models import Edition, QuoteText
from articles.pages import page
from people.api import address

FIGURE = (
    '<figure><blockquote cite="{url}" lang="{language}" dir="{direction}"><p>{words}</p></blockquote>'
    '<figcaption>{who}<br><a href="{link}">{where}</a></figcaption></figure>'
)
COLUMN = 600  # px: as wide as a column of text needs to be


def embed_code(row):
    """The HTML that an edition or a quote text is embedded by: it needs no script and says where it is from. Of a quote
    its link tells whoever follows it whether these words still stand."""
    return format_html(
        FIGURE, url=address_of(row), language=row.language, direction=row.direction, **(
            {"words": row.text, "who": _who(row), "where": _from(row.edition), "link": citing.of_quote(row).url}
            if isinstance(row, QuoteText)
            else {"words": row.headline, "who": row.summary, "where": _from(row), "link": address(row)}
        )
    )  # fmt: skip


def _who(text):
    said_on = text.said_on and date_format(text.said_on, "j F Y")
    return ", ".join(filter(None, [text.speaker_name or text.source, text.office, text.place, said_on]))


def _from(edition):
    return _("%(institution)s: %(headline)s") % {
        "institution": settings.INSTITUTION["name"], "headline": edition.headline,
    }  # fmt: skip


def address_of(row):
    return settings.SITE_URL + row.quote.get_absolute_url() if isinstance(row, QuoteText) else address(row)


def oembed_url(row):
    """Where the page of an edition or a quote text says it can be asked for (without the format)."""
    return f"{settings.SITE_URL}{reverse('oembed')}?{urlencode({'url': address_of(row)})}"


@page("url", "format", "maxwidth", "maxheight")
def oembed(request):
    form = request.GET.get("format") or "json"
    if form not in ("json", "xml"):
        return HttpResponse(_("Ask for json or xml."), status=501, content_type="text/plain; charset=utf-8")
    row = named_by(request.GET.get("url", ""), request.moment.at)
    if row is None:
        raise Http404
    facts = facts_of(row, _at_most(request, "maxwidth"), _at_most(request, "maxheight"))
    answer = JsonResponse(facts) if form == "json" else HttpResponse(as_xml(facts), content_type="text/xml")
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


def _at_most(request, name):
    given = request.GET.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 6 else WIDTH


def named_by(url, at):
    """The live edition or quote text whose page has this address; None for every other address, that of a moment of
    the past among them: what is embedded is of today."""
    parts = urlsplit(url) if url.startswith(f"{settings.SITE_URL}/") else None
    path = parts and unquote(parts.path)
    if not path or not path.isprintable() or "at" in parse_qs(parts.query):
        return None
    with override(get_language_from_path(path) or settings.LANGUAGE_CODE):
        try:
            match = resolve(path)
        except Resolver404:
            return None
    if match.url_name == "article":
        return Edition.objects.live(at).at_address(match.kwargs["slug"]).select_related("article").first()
    if match.url_name == "quote":
        texts = QuoteText.objects.live(at).filter(quote__key=match.kwargs["key"])
        return texts.select_related("quote", "speaker", "edition__article").first()


def facts_of(row, width, height):
    of_quote = isinstance(row, QuoteText)
    facts = {
        "version": "1.0", "type": "rich", "title": row.text if of_quote else row.headline,
        "author_name": (row.speaker_name or row.source) if of_quote else settings.INSTITUTION["name"],
        "provider_name": settings.INSTITUTION["name"], "provider_url": f"{settings.SITE_URL}/",
        "html": embed_code(row), "width": min(width, COLUMN), "height": None,  # as high as the reader's own type
    }  # fmt: skip
    if width >= WIDTH and height >= HEIGHT:
        facts |= {"thumbnail_url": card_url(row), "thumbnail_width": WIDTH, "thumbnail_height": HEIGHT}
    return facts


def as_xml(facts):
    root = ElementTree.Element("oembed")
    for name, value in facts.items():
        if value is not None:
            ElementTree.SubElement(root, name).text = str(value)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
