"""What every answer of the read API has in common, as the settings tell Django REST framework: JSON, errors, pages.

It imports no view, and no view imports it (the framework reads it while it builds its own).
"""

import logging
from http import HTTPStatus
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.db import OperationalError
from django.db.models import BigIntegerField, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404
from rest_framework import renderers, serializers
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response

log = logging.getLogger(__name__)


class Unavailable(APIException):
    """503: a statement that took too long, a lock that another holds, a database that is away."""

    status_code, default_code, wait = 503, "unavailable", 5
    default_detail = "The record cannot be read just now. Ask again soon."


class JSONRenderer(renderers.JSONRenderer):
    """UTF-8 as it is, and one form only: an Accept header does not change the bytes."""

    def told(self, view, rows):
        """What the rows of a surface are in this format; articles.representations has the other formats."""
        return view.shown(rows)

    def get_indent(self, accepted_media_type, renderer_context):
        return None


def problem(exc, context):
    """problem+json (RFC 9457) for every error of the API. What is hidden and what never existed get the same bytes:
    nothing of the request is repeated."""
    exc = NotFound() if isinstance(exc, Http404) else exc
    if isinstance(exc, OperationalError):
        log.exception("The database did not answer in time.")
        exc = Unavailable()
    if not isinstance(exc, APIException):
        return None
    code, detail, members = getattr(exc, "code", exc.default_code), exc.detail, getattr(exc, "members", {})
    if isinstance(exc, ValidationError):
        (parameter, messages), *_others = exc.detail.items()
        code, detail, members = "invalid_parameter", messages[0], {"parameter": parameter}
    context["request"].accepted_renderer = JSONRenderer()
    context["request"].accepted_media_type = JSONRenderer.media_type
    body = problem_body(exc.status_code, code, str(detail)) | members
    wait = getattr(exc, "wait", None)
    headers = {"Retry-After": wait} if wait else None
    return Response(body, status=exc.status_code, headers=headers, content_type="application/problem+json")


def problem_body(status, code, detail):
    title = HTTPStatus(status).phrase
    kind = f"{settings.SITE_URL}/api/v1/docs/#{code}"
    return {"type": kind, "title": title, "status": status, "detail": detail, "code": code}


class Page(serializers.Serializer):
    page_size = serializers.IntegerField(min_value=1, max_value=100, default=20)


class KeysetPagination(BasePagination):
    """Pages by the place of their edge rows in the view's total order: none is skipped or repeated however much is
    published meanwhile. A cursor is signed, holds public values only (ids have gaps that tell of hidden rows), and goes
    on in the list it was taken from, filters and all."""

    signer = signing.Signer(salt="newsroom.api.cursor", sep=".")

    def paginate_queryset(self, queryset, request, view=None):
        self.request, self.view = request, view
        page = Page(data=request.query_params.dict())
        page.is_valid(raise_exception=True)
        self.size = page.validated_data["page_size"]
        backwards, place = self.read(request.query_params.get("cursor"))
        rows = self.walked(queryset, backwards, place)
        more, rows = len(rows) > self.size, rows[: self.size]
        if backwards:
            rows.reverse()
        edges = [self.place(rows[0]), self.place(rows[-1])] if rows else [None, None]  # none: the last, the first page
        came_from_beyond = place is not None
        self.previous = self.link(True, edges[0]) if (more if backwards else came_from_beyond) else None
        self.next = self.link(False, edges[1]) if (came_from_beyond if backwards else more) else None
        return rows

    @property
    def listed(self):
        """What a cursor belongs to: this list, narrowed as it is. How much of it is shown, and how, may change."""
        asked = sorted(
            (name, value) for name, value in self.request.query_params.items()
            if name not in ("cursor", "page_size", "fields", "format")
        )  # fmt: skip
        return f"{self.request.path}?{urlencode(asked)}" if asked else self.request.path

    def read(self, cursor):
        """(backwards, place) of a cursor of ours, for this very list; without a place it means either end of it."""
        if cursor is None:
            return False, None
        try:
            listed, backwards, place = self.signer.unsign_object(cursor)
        except signing.BadSignature:
            listed = None
        if listed != self.listed:
            raise ValidationError({"cursor": ["Take it from a page of this list, as it was, and keep its filters."]})
        return backwards, place

    def walked(self, queryset, backwards, place):
        """The rows of a page in the direction of the walk, and one more if there are more."""
        ordering = [turned(name) for name in self.view.ordering] if backwards else self.view.ordering
        if place:
            queryset = queryset.filter(self.beyond(queryset.model, ordering, *place))
        return list(queryset.order_by(*ordering)[: self.size + 1])

    def place(self, row):
        """Where a row stands: its value in the first column of the order, and what names it."""
        first, second = (name.removeprefix("-") for name in self.view.ordering)
        value = row._meta.get_field(first).value_to_string(row)
        return [value, *(followed(row, name) for name in self.view.identity or [second])]

    def beyond(self, model, ordering, value, *named):
        """The condition for all rows after that place."""
        first, second = (name.removeprefix("-") for name in ordering)
        after = "lt" if ordering[0].startswith("-") else "gt"
        tie = named[0]
        if self.view.identity:
            rows = model.objects.filter(**dict(zip(self.view.identity, named, strict=True)))
            # What was called off has no place any more: then all of its instant is told again, and none left out.
            end = 0 if after == "gt" else 2**63 - 1
            tie = Coalesce(Subquery(rows.values("pk")[:1]), end, output_field=BigIntegerField())
        value = model._meta.get_field(first).to_python(value)
        later = Q(**{f"{first}__{after}": value}) | Q(**{first: value, f"{second}__{after}": tie})
        return Q(**{f"{first}__{after}e": value}) & later  # said twice, so that one index is walked from the place on

    def link(self, backwards, place):
        cursor = self.signer.sign_object([self.listed, backwards, place])
        form = self.request.accepted_renderer.format
        query = self.request.query_params.dict() | ({"format": form} if form != "json" else {}) | {"cursor": cursor}
        return f"{settings.SITE_URL}{self.request.path}?{urlencode(query)}"

    def get_paginated_response(self, data):
        pages = {"prev": self.previous, "next": self.next}
        links = ", ".join(f'<{address}>; rel="{name}"' for name, address in pages.items() if address)  # RFC 8288
        body = {"next": self.next, "previous": self.previous, "results": data}
        return Response(body, headers={"Link": links} if links else None)

    def get_paginated_response_schema(self, schema):
        address = f"{settings.SITE_URL}/api/v1/articles/?cursor=WyIvYXBp…"
        link = {"type": "string", "format": "uri", "nullable": True, "example": address}
        properties = {
            "next": link | {"description": "The address of the next page; null on the last."},
            "previous": link | {"description": "The address of the page before; null on the first."},
            "results": schema | {"description": "The rows of this page, in the order of the list."},
        }
        return {"type": "object", "required": [*properties], "properties": properties}

    def get_schema_operation_parameters(self, view):
        size = {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
        cursor = "The place to go on from: what stands in the address under next or previous, with the same filters."
        rows = "Rows on a page, up to 100; without it 20."
        text = {"type": "string"}
        return [
            {"name": "cursor", "in": "query", "description": cursor, "schema": text, "example": "WyIvYXBp…"},
            {"name": "page_size", "in": "query", "description": rows, "schema": size, "example": 50},
        ]


class RankedPagination(KeysetPagination):
    """Pages of what was found, the best first. The place of a row is its worth, which no later row changes."""

    def walked(self, queryset, backwards, place):
        finds = self.view.finds(queryset)
        if place:
            worth, *named = place
            rows = queryset.model.objects.filter(**dict(zip(self.view.identity, named, strict=True)))
            last = (worth, rows.values_list("pk", flat=True).first() or 0)
            finds = [find for find in finds if (find > last if backwards else find < last)]
        finds = (finds[::-1] if backwards else finds)[: self.size + 1]
        rows = queryset.in_bulk([pk for _worth, pk in finds])
        for worth, pk in finds:
            if pk in rows:
                rows[pk].worth = worth
        return [rows[pk] for _worth, pk in finds if pk in rows]

    def place(self, row):
        return [row.worth, *(followed(row, name) for name in self.view.identity)]


def turned(name):
    return name[1:] if name.startswith("-") else f"-{name}"


def followed(row, name):
    for part in name.split("__"):
        row = getattr(row, part)
    return row
