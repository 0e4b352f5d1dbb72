"""What stands between the network and the views: the language of an address, and bytes no view should have to think
about."""

from django.conf import settings
from django.http import HttpResponse, JsonResponse
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
    """400 for a NUL or a lone surrogate in the path or query: PostgreSQL refuses them where SQLite would answer."""

    def middleware(request):
        words = request.path_info + "".join(key + "".join(values) for key, values in request.GET.lists())
        if "\0" in words or any("\ud800" <= char <= "\udfff" for char in words):
            detail = _("This address holds bytes that no text has.")
            if request.path_info.startswith("/api/"):
                problem = {"title": "Bad Request", "status": 400, "detail": detail}
                return JsonResponse(problem, status=400, content_type="application/problem+json")
            return HttpResponse(f"{detail}\n", status=400, content_type="text/plain")
        return get_response(request)

    return middleware
