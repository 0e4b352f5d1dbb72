"""The formats in which the API tells articles and quotes beside our own JSON: ninjs, JSON-LD, Atom, CSV.

A renderer says what the rows of a surface are in its format, and how a page of them and a single one are written.
Errors are never its concern: they are problem+json whatever was asked for.
"""

import csv
import io
import json
import re
import unicodedata
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Prefetch, prefetch_related_objects
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from rest_framework.renderers import BaseRenderer

from articles import feeds, ninjs, structured_data
from articles.api import file
from articles.models import Mention, QuoteText
from articles.pages import quote_rows, topic_links
from articles.views import corrections_in, families_of, people_of, record_of, translations_of, with_all
from people.api import address, misread

NO_OFFICE_IS_PAST = frozenset()  # whether it still is held is a page's concern
PAGING = {"cursor", "page_size", "format"}  # what makes another page of a feed, not another feed


class Representation(BaseRenderer):
    """A format beside our JSON. `schema` is what OpenAPI can say of it."""

    charset = None
    schema = OpenApiTypes.OBJECT

    def told(self, view, rows):
        """These rows of a surface in this format, which has no fields to choose from."""
        if "fields" in view.request.query_params:
            raise misread("fields", f"Our JSON has fields to choose from, {self.format} has not. Leave it out.")
        return self.facts(view, rows)

    def render(self, data, accepted_media_type=None, renderer_context=None):
        view = renderer_context["view"]
        return (self.page(view, data) if view.action == "list" else self.one(view, data)).encode()


def own_address(view, form):
    """Where this very answer is found again, whatever the reader accepts."""
    query = view.request.query_params.dict() | {"format": form}
    return f"{settings.SITE_URL}{view.request.path}?{urlencode(query)}"


class Ninjs(Representation):
    """IPTC has registered no media type for it; agencies use this one."""

    media_type, format = "application/ninjs+json", "ninjs"

    def facts(self, view, rows):
        return [ninjs.item(told) for told in view.shown(rows)]

    def page(self, view, data):
        return self.one(view, ninjs.page_of_items(own_address(view, self.format), data["results"]))

    def one(self, view, item):
        return json.dumps(item, ensure_ascii=False, separators=(",", ":"))


class JSONLD(Representation):
    media_type, format = "application/ld+json", "jsonld"

    def page(self, view, data):
        return structured_data.document(*data["results"])

    def one(self, view, thing):
        return structured_data.document(thing)


class ArticlesJSONLD(JSONLD):
    """The facts that the pages of these articles have, gathered for all of them at once."""

    def facts(self, view, editions):
        moment = view.request.moment
        quotes = with_all(QuoteText.objects.order_by("order"))
        mentions = Mention.objects.select_related("person").order_by("id")
        prefetch_related_objects(editions, Prefetch("quotes", quotes), Prefetch("mentions", mentions))
        feeds.place_pictures(editions)
        file(editions, [], moment.at)
        families = families_of([edition.article for edition in editions], moment.at)
        return [self.article(edition, families[edition.article_id], moment) for edition in editions]

    def article(self, edition, family, moment):
        record = record_of(family[edition.article_id])
        pictures = [
            {"url": url, "alt": placement.alt, "caption": placement.caption, "credit": placement.credit}
            for placement in edition.placements.all() if (url := feeds.file_url(placement))
        ]  # fmt: skip
        return structured_data.news_article(
            {
                "edition": edition, "canonical": address(edition), "record": record,
                "corrections": corrections_in(record), "translations": translations_of(edition, family, moment.at),
                "topics": topic_links(edition.filed_under), "people": people_of(edition, moment, NO_OFFICE_IS_PAST),
                "quotes": quote_rows([*edition.quotes.all()], moment, NO_OFFICE_IS_PAST), "pictures": pictures,
            }
        )  # fmt: skip


class QuotesJSONLD(JSONLD):
    def facts(self, view, texts):
        rows = quote_rows(texts, view.request.moment, NO_OFFICE_IS_PAST)
        return [structured_data.quote_alone(text) for text in rows]


class Atom(Representation):
    """The entries of the site's feeds; a list is a feed in pages (RFC 5005), a single row an entry by itself."""

    media_type, format = "application/atom+xml", "atom"
    charset = "utf-8"
    schema = OpenApiTypes.STR

    def page(self, view, data):
        asked = {name: value for name, value in sorted(view.request.query_params.items()) if name not in PAGING}
        identity = feeds.urn("feed", view.request.path, urlencode(asked))
        title = f"{self.title} · {settings.INSTITUTION['name']}"
        beside = [(name, data[name]) for name in ("previous", "next") if data[name]]
        home = settings.SITE_URL + reverse(self.home)
        return feeds.atom(identity, title, home, own_address(view, self.format), data["results"], beside=beside)

    def one(self, view, entry):
        return feeds.atom_entry(entry, own_address(view, self.format))


class ArticlesAtom(Atom):
    title, home = "Articles", "article-list"

    def facts(self, view, editions):
        return feeds.entries_of_editions(editions, view.at)


class QuotesAtom(Atom):
    title, home = "Quotes", "quote-list"

    def facts(self, view, texts):
        return feeds.entries_of_quotes(texts, view.at)


class QuotesCSV(Representation):
    """RFC 4180 in UTF-8, a row a quote. A column is named by its path in our JSON, and chosen by `fields` as there. The
    columns keep their order; new ones come last."""

    media_type, format = "text/csv", "csv"
    schema = OpenApiTypes.STR
    COLUMNS = [
        "key", "url", "text", "language", "speaker.uid", "speaker.name", "source", "office", "position.uid",
        "position.title", "position.organisation.uid", "position.organisation.name", "said_on", "place", "article.uid",
        "article.headline", "article.url", "edition", "topics",
    ]  # fmt: skip

    def told(self, view, rows):
        return view.shown(rows)

    def page(self, view, data):
        return self.table(view, data["results"])

    def one(self, view, quote):
        return self.table(view, [quote])

    def table(self, view, quotes):
        columns = [column for column in self.COLUMNS if column.partition(".")[0] in view.wanted]
        table = io.StringIO()
        written = csv.writer(table)
        written.writerow(columns)
        written.writerows([cell(quote, column.split(".")) for column in columns] for quote in quotes)
        return table.getvalue()

    def render(self, data, accepted_media_type=None, renderer_context=None):
        renderer_context["response"]["Content-Type"] = "text/csv; charset=utf-8; header=present"
        return super().render(data, accepted_media_type, renderer_context)


def cell(row, path):
    """What stands at a path of our JSON, as no spreadsheet will take for a formula; topics by their paths."""
    for name in path:
        row = row and row[name]
    if isinstance(row, list):
        row = " ".join(topic["path"] for topic in row)
    return harmless(str(row)) if row is not None else ""


#: what stands before the first letter of a cell unseen, and some spreadsheets skip
UNSEEN = re.compile(r"['\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*")


def harmless(text):
    """The text, behind an apostrophe where a spreadsheet might compute it: after spaces too, and in full width. After
    apostrophes as well, so that one taken away gives the text again."""
    first = unicodedata.normalize("NFKC", text[UNSEEN.match(text).end() :][:1])
    computed = first in {"=", "+", "-", "@"} or text.lstrip("'")[:1] in {"\t", "\r", "\n"}
    return f"'{text}" if computed else text


ARTICLES = [Ninjs, ArticlesJSONLD, ArticlesAtom]
QUOTES = [QuotesJSONLD, QuotesAtom, QuotesCSV]
