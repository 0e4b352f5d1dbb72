"""What browsers and others ask of a site at fixed addresses: how it installs, and whom to tell of a hole in it."""

import json
from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.http import Http404, HttpResponse
from django.templatetags.static import static
from django.urls import reverse

from articles.pages import page

PAPER = "#fcfcfa"  # static/css/tokens.css
HALF_A_YEAR = timedelta(days=180)


@page()
def manifest(request):
    """The site as an application of its reader's device (w3.org/TR/appmanifest). Addresses stay in sight: they are part
    of a record."""
    named = settings.INSTITUTION
    told = {
        "id": "/", "start_url": "/", "scope": "/", "display": "minimal-ui",
        "name": named["name"], "short_name": named["short_name"], "lang": settings.LANGUAGE_CODE, "dir": "ltr",
        "background_color": PAPER, "theme_color": PAPER, "icons": icons(),
    }  # fmt: skip
    return HttpResponse(json.dumps(told, ensure_ascii=False), content_type="application/manifest+json; charset=utf-8")


def icons():
    """The mark stands on paper, well within the circle that a device may cut out of it."""
    folder = settings.INSTITUTION["icons"]
    shapes = [(192, "any"), (512, "any"), (512, "maskable")] if folder else []
    return [
        {"src": static(f"{folder}/{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size, purpose in shapes
    ]


@page()
def security_txt(request):
    """RFC 9116. It is renewed by itself for as long as somebody is named: its end moves on once a day."""
    contacts = settings.INSTITUTION["security_contact"]
    if not contacts:
        raise Http404
    expires = datetime.combine(request.moment.at.astimezone(UTC).date() + HALF_A_YEAR, time(), UTC)
    lines = [f"Contact: {contact if ':' in contact else f'mailto:{contact}'}" for contact in contacts]
    lines += [
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Canonical: {settings.SITE_URL}{reverse('security-txt')}",
        f"Preferred-Languages: {', '.join(dict(settings.LANGUAGES))}",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
