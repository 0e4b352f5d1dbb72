"""The readers' view of the pages that stand beside the record."""

from django.http import Http404
from django.utils.translation import get_language

from articles.pages import page, shown
from articles.standing import StandingPage


@page()
def standing_page(request, name):
    """In the interface's language. It has no editions, so `?at=` finds it as it is today, and it says so itself."""
    found = StandingPage.objects.filter(name=name, language=get_language()).first()
    if found is None:
        raise Http404
    if request.moment.as_of:
        request.robots = "noindex"
    return shown(
        request, "standing_page.html", page=found, title=found.get_name_display(), description=found.summary(), at=None
    )  # fmt: skip
