"""The addresses of the read API, and the edge that each of their answers passes on its way out."""

import hashlib
from functools import wraps
from http import HTTPStatus

from django.conf import settings
from django.shortcuts import render
from django.urls import path, re_path
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import override
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from articles.api import GONE, Articles, Changes, Comparison, Editions, Quotes, Topics, clock
from articles.mirroring import Digest, Snapshot
from people.api import Endpoint, Organisations, People, Positions


class Root(Endpoint):
    """The addresses of this API."""

    schema = None

    def retrieve(self, request):
        return Response(
            {name: f"{settings.SITE_URL}/api/v1/{name}/" for name in [*LISTS, "changes", "snapshot", "schema", "docs"]}
        )


class Schema(Endpoint):
    """This API in OpenAPI's words."""

    schema = None
    renderer_classes = [OpenApiJsonRenderer]

    def retrieve(self, request):
        return Response(described())


class Nothing(Endpoint):
    """No address of ours: 404 in the same words as for a row that is not there."""

    schema = None

    def initial(self, request, *args, **kwargs):
        raise NotFound()

    def retrieve(self, request):
        raise NotFound()


def described():
    return SchemaGenerator().get_schema(request=None, public=True)


@require_safe
def docs(request):
    """The schema, and the codes of problems, for people to read."""
    schema = described()
    operations = [(route, methods["get"]) for route, methods in schema["paths"].items()]
    problems = {
        "unknown_parameter": "400: a parameter this address does not know; “allowed” names those it does.",
        "invalid_parameter": "400: a value that cannot be understood, or names nothing that is public.",
        "not_found": "404: nothing public was ever here.",
        "history_changed": "410: the cursor is of another history. Take a snapshot anew, and follow from its cursor.",
        "busy": "503: too much is being published to prove a copy equal just now. Ask again in a minute.",
    } | {code: f"410: {words}" for code, words in GONE.items()}
    ids = {name: schema["paths"][f"/api/v1/{name}/"]["get"]["operationId"] for name in ("snapshot", "changes")}
    context = {
        "schema": schema, "operations": operations, "problems": problems, "title": "The read API", "ids": ids,
        "site": settings.SITE_URL, "canonical": f"{settings.SITE_URL}{request.path}",
        "description": schema["info"]["description"],
    }  # fmt: skip
    return render(request, "api_docs.html", context)


def public(view):
    """What every answer has in common. It may be kept but is asked for anew each time; its tag is the hash of its
    bytes, and tells nothing of what is scheduled; any site may read it; it is in English whoever asks."""

    @wraps(view)
    def answer(request, *args, **kwargs):
        with override("en"):
            response = view(request, *args, **kwargs)
            if hasattr(response, "render"):
                response.render()
        if response.status_code == HTTPStatus.OK and not response.streaming:
            etag = quote_etag(hashlib.sha256(response.content).hexdigest())
            response["ETag"] = etag
            response = get_conditional_response(request, etag=etag, response=response)
        response["Cache-Control"] = "public, no-cache"
        response["Access-Control-Allow-Origin"] = "*"
        return response

    return answer


LISTS = {
    "articles": Articles, "quotes": Quotes, "people": People, "positions": Positions, "organisations": Organisations,
    "topics": Topics,
}  # fmt: skip


def at(route, view, action, **given):
    return path(f"api/v1/{route}", public(view.as_view({"get": action}, **given)))


urlpatterns = [
    at("", Root, "retrieve"),
    *(at(f"{name}/", surface, "list", clock=clock) for name, surface in LISTS.items()),
    *(
        at(f"{name}/<str:{'key' if name == 'quotes' else 'uid'}>/", surface, "retrieve", clock=clock)
        for name, surface in LISTS.items()
    ),
    at("articles/<str:uid>/editions/", Editions, "list", clock=clock),
    at("articles/<str:uid>/compare/<int:old>/<int:new>/", Comparison, "retrieve", clock=clock),
    at("changes/", Changes, "changes"),
    at("changes/digest/", Digest, "digest"),
    at("snapshot/", Snapshot, "snapshot"),
    at("schema/", Schema, "retrieve"),
    path("api/v1/docs/", public(docs)),
    re_path(r"^api/v1/(?:.+/)?$", public(Nothing.as_view({"get": "retrieve"}))),
]
