"""What stands between the network and the views: the language of an address, and bytes no view should have to think
about."""

import gzip
import re

import brotli
from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _


def speak_as_addressed(get_response):
    """The interface speaks the language its address begins with, and nothing else decides: an address says the same to
    every reader. (Django's own middleware would add that the answer varies with what the browser prefers.)"""

    def middleware(request):
        language = translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
        translation.activate(language)  # for good: the page of an error is drawn after this has returned
        request.LANGUAGE_CODE = language
        response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

    return middleware


def refuse_odd_bytes(get_response):
    """400 for a NUL or a lone surrogate in the path or query: PostgreSQL refuses them where SQLite would answer. The
    API says so in its own words (newsroom/api_urls.py)."""

    def middleware(request):
        if not request.path_info.startswith("/api/") and holds_odd_bytes(request):
            detail = _("This address holds bytes that no text has.")
            return HttpResponse(f"{detail}\n", status=400, content_type="text/plain")
        return get_response(request)

    return middleware


ODD = re.compile("[\0\ud800-\udfff]")


def holds_odd_bytes(request):
    words = request.path_info + "".join(key + "".join(values) for key, values in request.GET.lists())
    return bool(ODD.search(words))


#: how an answer may be packed, the best first
CODINGS = {
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, compresslevel=6, mtime=0),
}
WORTH_PACKING = 400  # bytes


def coding(request, size, among=tuple(CODINGS)):
    """How the answer to a request is packed, '' for not at all (RFC 9110, 12.5.3)."""
    asked = {}
    for one in request.headers.get("Accept-Encoding", "").lower().split(","):
        name, _semicolon, weight = one.partition(";")
        asked[name.strip()] = not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight)
    wanted = next((name for name in among if asked.get(name, asked.get("*", False))), "")
    return wanted if size >= WORTH_PACKING else ""
