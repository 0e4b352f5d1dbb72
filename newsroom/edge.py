"""What stands between the network and the views: bytes no view should have to think about."""

from django.http import HttpResponse


def refuse_odd_bytes(get_response):
    """400 for a NUL or a lone surrogate in the path or query: PostgreSQL refuses them where SQLite would answer."""

    def middleware(request):
        words = request.path_info + "".join(key + "".join(values) for key, values in request.GET.lists())
        if "\0" in words or any("\ud800" <= char <= "\udfff" for char in words):
            return HttpResponse("This address holds bytes that no text has.\n", status=400, content_type="text/plain")
        return get_response(request)

    return middleware
