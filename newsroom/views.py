from django.conf import settings


def institution(request):
    return {"institution": settings.INSTITUTION}
