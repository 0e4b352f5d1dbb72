"""The addresses of the read API, and the edge that each of their answers passes on its way out."""

import hashlib
import re
from functools import wraps
from http import HTTPStatus
from math import inf

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path, re_path, resolve
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.html import escape
from django.utils.http import quote_etag
from django.utils.safestring import mark_safe
from django.utils.text import compress_sequence
from django.utils.translation import override
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from rest_framework.exceptions import NotFound
from rest_framework.renderers import StaticHTMLRenderer
from rest_framework.response import Response

from articles import representations
from articles.api import GONE, Articles, Changes, Comparison, Editions, Quotes, Search, Topics, clock
from articles.mirroring import Digest, Snapshot
from newsroom.api import JSONRenderer, RankedPagination, problem_body
from newsroom.callers import tally_of
from newsroom.edge import CODINGS, coding, holds_odd_bytes
from newsroom.embargoed import UnderEmbargo
from newsroom.negotiation import Negotiation
from people.api import Endpoint, Organisations, People, Positions


class Root(Endpoint):
    """The addresses of this API."""

    schema = None

    def retrieve(self, request):
        names = [*LISTS, "search", "changes", "changes/digest", "snapshot", "schema", "docs"]
        return Response({name.rpartition("/")[2]: f"{settings.SITE_URL}/api/v1/{name}/" for name in names})


class KeyScheme(OpenApiAuthenticationExtension):
    """How the schema tells of keys."""

    target_class, name = "newsroom.callers.Bearer", "key"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer", "description": "A partner’s key, for a higher limit. Not needed."}


class Schema(Endpoint):
    """This API in OpenAPI's words."""

    schema = None
    renderer_classes = [OpenApiJsonRenderer]

    def retrieve(self, request):
        return Response(described())


class Nothing(Endpoint):
    """No address of ours: 404 in the same words as for a row that is not there. Where only the last slash is missing it
    leads to the address with it, whatever that will answer."""

    schema = None

    def initial(self, request, *args, **kwargs):
        self.perform_authentication(request)
        self.check_throttles(request)
        if not self.is_there(request):
            raise NotFound()

    @staticmethod
    def is_there(request):
        if request.path_info.endswith("/"):
            return False
        slashed = resolve(f"{request.path_info}/").func.cls
        return slashed is not Nothing and slashed.is_there(request)

    def retrieve(self, request):
        location = f"{settings.SITE_URL}{request.get_full_path(force_append_slash=True)}"
        return Response(status=301, headers={"Location": location})


def described():
    return SchemaGenerator().get_schema(request=None, public=True)


class Docs(Endpoint):
    """The schema, and the codes of problems, for people to read."""

    schema = None
    renderer_classes = [StaticHTMLRenderer]

    def retrieve(self, request):
        schema = described()
        operations = [(route, with_words(methods["get"])) for route, methods in schema["paths"].items()]
        ids = {name: schema["paths"][f"/api/v1/{name}/"]["get"]["operationId"] for name in ("snapshot", "changes")}
        context = {
            "schema": schema, "operations": operations, "problems": CODES, "title": "The read API", "ids": ids,
            "site": settings.SITE_URL, "hub": settings.WEBSUB_HUB, "canonical": f"{settings.SITE_URL}{request.path}",
            "description": schema["info"]["description"], "limits": settings.API_LIMITS,
        }  # fmt: skip
        return render(request._request, "api_docs.html", context)


def with_words(operation):
    """An operation of the schema and its description as HTML: what stands between backticks is code."""
    return operation | {"words": mark_safe(re.sub("`(.+?)`", r"<code>\1</code>", escape(operation["description"])))}  # noqa: S308 (escaped before)


#: what each code of a problem means
CODES = {
    "unknown_parameter": "400: a parameter this address does not know; “allowed” names those it does.",
    "invalid_parameter": "400: a value that cannot be understood, or names nothing that is public.",
    "malformed": "400: an address that is no text, or that has thousands of parameters.",
    "invalid_key": "401: the Authorization header holds no key of ours, or one that has ended or was revoked.",
    "not_found": "404: nothing public was ever here.",
    "not_acceptable": "406: no media type of the Accept header is to be had here; “allowed” names those there are.",
    "history_changed": "410: the cursor is of another history. Take a snapshot anew, and follow from its cursor.",
    "precondition_failed": "412: the tag in If-Match is not that of the answer, which has changed.",
    "method_not_allowed": "405: this API can only be read.",
    "too_many_requests": "429: more requests in a minute than the limit. Retry-After says when to go on.",
    "not_logged": "503: a reading under embargo could not be written down, so nothing was shown.",
    "unavailable": "503: the record cannot be read just now. Retry-After says when to ask again.",
    "busy": "503: too much is being published to prove a copy equal just now. Ask again in a minute.",
} | {code: f"410: {words}" for code, words in GONE.items()}


def public(view):
    """What every answer has in common. It may be kept but is asked for anew each time; its tag is the hash of its
    bytes, and tells nothing of what is scheduled; any site may read it; it is in English whoever asks. It says how the
    caller stands, and is counted even when it was refused before that. A preflight is asked by no reader but by their
    browser: it is neither counted nor refused, and no view sees it, so that it tells of no address whether it is there.
    """

    @wraps(view)
    def answer(request, *args, **kwargs):
        is_preflight = request.method == "OPTIONS"
        with override("en"):
            response = permitted() if is_preflight else refused(request) or view(request, *args, **kwargs)
            if hasattr(response, "render"):
                response.render()
        if "Cache-Control" not in response:  # a view that set it has something no cache may keep
            response = streamed(request, response) if response.streaming else packed(request, response)
            # The words are everybody's, but how a key stands, and that it is good, is told to its holder alone: such an
            # answer stays out of shared caches, and Vary keeps them from giving to a key what they hold for nobody.
            keyed = "Authorization" in request.headers
            response["Cache-Control"] = "private, no-cache" if keyed else settings.PUBLIC_CACHE_CONTROL
            if response.status_code in PASSING:
                response["Cache-Control"] = "no-store"
        patch_vary_headers(response, ["Accept", "Accept-Encoding", "Authorization"])
        for name, value in ANY_SITE.items():
            response[name] = value
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            response["WWW-Authenticate"] = "Bearer"
        if not is_preflight and (tally := tally_of(request)):
            for name, value in tally.headers.items():
                response[name] = value
            if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
                response["Retry-After"] = tally.reset
        return response

    return answer


#: what one caller is answered at one moment, and an edge must give to no other
PASSING = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
ANY_SITE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, Deprecation, "
    "Sunset",
}
METHODS = "GET, HEAD, OPTIONS"
PREFLIGHT = {
    "Allow": METHODS,
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "Accept, Authorization, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


def permitted():
    """The answer to a browser that asks what a script may ask: the same at every address."""
    response = HttpResponse(status=204, headers=PREFLIGHT)
    del response["Content-Type"]
    return response


def refused(request):
    """The answer to a query that no view should see: with bytes that no text has, or with thousands of parameters."""
    try:
        odd = holds_odd_bytes(request) and "This address holds bytes that no text has."
    except TooManyFieldsSent:
        odd = "There are too many parameters."
    if odd:
        return problem_answer(400, "malformed", odd)


def problem_answer(status, code, detail):
    """A problem that is found outside the views."""
    return JsonResponse(problem_body(status, code, detail), status=status, content_type="application/problem+json")


def packed(request, response):
    """The answer, packed as the request allows, or 304 where it has that already. A tag names bytes, so each way of
    packing has a tag of its own, made of the one hash (RFC 9110, 8.8.3)."""
    how = coding(request, len(response.content))
    if response.status_code == HTTPStatus.OK:
        digest = hashlib.sha256(response.content).hexdigest()
        etag = quote_etag(f"{digest}-{how}" if how else digest)
        response["ETag"] = etag
        response = get_conditional_response(request, etag=etag, response=response)
        if response.status_code == HTTPStatus.PRECONDITION_FAILED:
            return problem_answer(412, "precondition_failed", "What stands here has another tag than those you sent.")
    if how and response.status_code != HTTPStatus.NOT_MODIFIED:
        response.content = CODINGS[how](response.content)
        response["Content-Encoding"] = how
    return response


def streamed(request, response):
    if coding(request, inf, among=["gzip"]):
        response.streaming_content = compress_sequence(response.streaming_content)
        response["Content-Encoding"] = "gzip"
    return response


#: what the schema says of headers, {name: (what it means, an example)}
HEADERS = {
    "ETag": ("The hash of the bytes, to send back in If-None-Match; each way of packing has its own.", '"9f86d081…"'),
    "Link": (
        "The pages before and after, if there are any, as in previous and next (RFC 8288).",
        '<https://council.example/api/v1/articles/?cursor=WyIvYXBp…>; rel="next"',
    ),
    "Location": ("Where it leads.", "https://council.example/api/v1/people/k7mwq2zd/"),
    "RateLimit": ("How many requests are left, and for how many seconds; absent without a limit.", '"keyed";r=12;t=30'),
    "RateLimit-Policy": ("How many requests in how many seconds; absent without a limit.", '"keyed";q=1200;w=60'),
    "Retry-After": ("After how many seconds to ask again.", "12"),
}


def with_headers(result, **given):
    """The schema, with the headers that `public` and the views give to each answer."""
    result["components"]["headers"] = {
        name: {"description": words, "schema": {"type": "string"}, "example": example}
        for name, (words, example) in HEADERS.items()
    }
    for methods in result["paths"].values():
        is_list = "page_size" in {parameter["name"] for parameter in methods["get"].get("parameters", [])}
        answers = methods["get"]["responses"]
        of_code = {
            "200": (["ETag"] if "304" in answers else []) + (["Link"] if is_list else []), "301": ["Location"],
            "304": ["ETag"], "429": ["Retry-After"], "503": ["Retry-After"],
        }  # fmt: skip
        for code, answer in answers.items():
            names = ["RateLimit", "RateLimit-Policy", *of_code.get(code, [])]
            answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return result


LISTS = {
    "articles": Articles, "quotes": Quotes, "people": People, "positions": Positions, "organisations": Organisations,
    "topics": Topics,
}  # fmt: skip
#: what a list and its rows can be had in beside our own JSON
FORMATS = {"articles": representations.ARTICLES, "quotes": representations.QUOTES}


def at(route, view, action, **given):
    return path(
        f"api/v1/{route}", public(view.as_view({"get": action}, content_negotiation_class=Negotiation, **given))
    )


urlpatterns = [
    at("", Root, "retrieve"),
    *(
        at(f"{name}/{tail}", surface, action, clock=clock, renderer_classes=[JSONRenderer, *FORMATS.get(name, ())])
        for name, surface in LISTS.items()
        for tail, action in (("", "list"), (f"<str:{'key' if name == 'quotes' else 'uid'}>/", "retrieve"))
    ),
    at("articles/<str:uid>/editions/", Editions, "list", clock=clock),
    at("articles/<str:uid>/compare/<int:old>/<int:new>/", Comparison, "retrieve", clock=clock),
    at("search/", Search, "list", clock=clock, pagination_class=RankedPagination),
    at("changes/", Changes, "changes"),
    at("changes/digest/", Digest, "digest"),
    at("snapshot/", Snapshot, "snapshot"),
    at("schema/", Schema, "retrieve"),
    at("embargoed/", UnderEmbargo, "list", clock=clock),
    at("embargoed/<str:uid>/", UnderEmbargo, "retrieve", clock=clock),
    at("docs/", Docs, "retrieve"),
    re_path(r"^api/v1(?:/[\s\S]*)?\Z", public(Nothing.as_view({"get": "retrieve"}))),
]
