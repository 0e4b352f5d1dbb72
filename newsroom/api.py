"""What every answer of the read API has in common, as the settings tell Django REST framework: JSON, errors, pages.

It imports no view, and no view imports it (the framework reads it while it builds its own).
"""

from http import HTTPStatus
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.db.models import Q, Subquery
from django.http import Http404
from rest_framework import renderers, serializers
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response


class JSONRenderer(renderers.JSONRenderer):
    """UTF-8 as it is, and one form only: an Accept header does not change the bytes."""

    def get_indent(self, accepted_media_type, renderer_context):
        return None


def problem(exc, context):
    """problem+json (RFC 9457) for every error of the API. What is hidden and what never existed get the same bytes:
    nothing of the request is repeated."""
    exc = NotFound() if isinstance(exc, Http404) else exc
    if not isinstance(exc, APIException):
        return None
    code, detail, members = getattr(exc, "code", exc.default_code), exc.detail, getattr(exc, "members", {})
    if isinstance(exc, ValidationError):
        (parameter, messages), *_others = exc.detail.items()
        code, detail, members = "invalid_parameter", messages[0], {"parameter": parameter}
    body = {
        "type": f"{settings.SITE_URL}/api/v1/docs/#{code}",
        "title": HTTPStatus(exc.status_code).phrase,
        "status": exc.status_code,
        "detail": str(detail),
        "code": code,
    }
    return Response(body | members, status=exc.status_code, content_type="application/problem+json")


class Page(serializers.Serializer):
    page_size = serializers.IntegerField(min_value=1, max_value=100, default=20)


class KeysetPagination(BasePagination):
    """Pages by the place of their edge rows in the view's total order: none is skipped or repeated however much is
    published meanwhile. A cursor is signed, and holds public values only (ids have gaps that tell of hidden rows)."""

    signer = signing.Signer(salt="newsroom.api.cursor", sep=".")

    def paginate_queryset(self, queryset, request, view=None):
        self.request, self.view = request, view
        page = Page(data=request.query_params.dict())
        page.is_valid(raise_exception=True)
        self.size = page.validated_data["page_size"]
        backwards, place = self.read(request.query_params.get("cursor"))
        ordering = [turned(name) for name in view.ordering] if backwards else view.ordering
        if place:
            queryset = queryset.filter(self.beyond(queryset.model, ordering, *place))
        rows = list(queryset.order_by(*ordering)[: self.size + 1])
        more, rows = len(rows) > self.size, rows[: self.size]
        if backwards:
            rows.reverse()
        edges = [self.place(rows[0]), self.place(rows[-1])] if rows else [None, None]  # none: the last, the first page
        came_from_beyond = place is not None
        self.previous = self.link(True, edges[0]) if (more if backwards else came_from_beyond) else None
        self.next = self.link(False, edges[1]) if (came_from_beyond if backwards else more) else None
        return rows

    def read(self, cursor):
        """(backwards, place) of a cursor of ours, for this very list; without a place it means either end of it."""
        if cursor is None:
            return False, None
        try:
            listed, backwards, place = self.signer.unsign_object(cursor)
        except signing.BadSignature:
            listed = None
        if listed != self.request.path:
            raise ValidationError({"cursor": ["Take it from a page of this list, as it was."]})
        return backwards, place

    def place(self, row):
        """Where a row stands: its value in the first column of the order, and what names it."""
        first, second = (name.removeprefix("-") for name in self.view.ordering)
        value = row._meta.get_field(first).value_to_string(row)
        return [value, *(followed(row, name) for name in self.view.identity or [second])]

    def beyond(self, model, ordering, value, *named):
        """The condition for all rows after that place."""
        first, second = (name.removeprefix("-") for name in ordering)
        tie = named[0]
        if self.view.identity:
            rows = model.objects.filter(**dict(zip(self.view.identity, named, strict=True)))
            tie = Subquery(rows.values("pk")[:1])
        after = "lt" if ordering[0].startswith("-") else "gt"
        value = model._meta.get_field(first).to_python(value)
        later = Q(**{f"{first}__{after}": value}) | Q(**{first: value, f"{second}__{after}": tie})
        return Q(**{f"{first}__{after}e": value}) & later  # said twice, so that one index is walked from the place on

    def link(self, backwards, place):
        cursor = self.signer.sign_object([self.request.path, backwards, place])
        query = self.request.query_params.dict() | {"cursor": cursor}
        return f"{settings.SITE_URL}{self.request.path}?{urlencode(query)}"

    def get_paginated_response(self, data):
        return Response({"next": self.next, "previous": self.previous, "results": data})

    def get_paginated_response_schema(self, schema):
        link = {"type": "string", "format": "uri", "nullable": True}
        properties = {"next": link, "previous": link, "results": schema}
        return {"type": "object", "required": [*properties], "properties": properties}

    def get_schema_operation_parameters(self, view):
        size = {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
        cursor = {
            "name": "cursor",
            "in": "query",
            "description": "From next or previous.",
            "schema": {"type": "string"},
        }
        return [cursor, {"name": "page_size", "in": "query", "description": "Rows on a page.", "schema": size}]


def turned(name):
    return name[1:] if name.startswith("-") else f"-{name}"


def followed(row, name):
    for part in name.split("__"):
        row = getattr(row, part)
    return row
