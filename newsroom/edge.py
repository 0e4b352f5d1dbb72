"""What stands between the network and the views: bytes no view should have to think about."""

from django.http import HttpResponse, JsonResponse


def refuse_odd_bytes(get_response):
    """400 for a NUL or a lone surrogate in the path or query: PostgreSQL refuses them where SQLite would answer."""

    def middleware(request):
        words = request.path_info + "".join(key + "".join(values) for key, values in request.GET.lists())
        if "\0" in words or any("\ud800" <= char <= "\udfff" for char in words):
            detail = "This address holds bytes that no text has."
            if request.path_info.startswith("/api/"):
                problem = {"title": "Bad Request", "status": 400, "detail": detail}
                return JsonResponse(problem, status=400, content_type="application/problem+json")
            return HttpResponse(f"{detail}\n", status=400, content_type="text/plain")
        return get_response(request)

    return middleware
