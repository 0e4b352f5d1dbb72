"""axe on every kind of public page, left to right and right to left, in light and in dark; and whoever reads with keys,
with large letters or without motion."""

import pytest
from django.core.management import call_command
from django.test import Client

from articles.links import resolved
from articles.models import Edition
from tests.browser import WATCH
from tests.test_admin_axe import Walk
from tests.test_whole_site import crawled

pytestmark = pytest.mark.any_database


@pytest.fixture
def page(browser, transactional_db, live_server, settings):
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    call_command("demo", verbosity=0)
    context, wrong = browser.new_context(locale="en-GB", reduced_motion="reduce"), []
    context.add_init_script(WATCH)
    page = context.new_page()
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    assert [line for line in wrong if "410 (Gone)" not in line and "404 (Not Found)" not in line] == []


def kinds(site):
    """One address for each kind of page: by its view, its language and whether it can be read."""
    languages = dict(Edition.objects.values_list("article__slug", "language"))
    found = {}
    for address, page in site.items():
        if not page.response["Content-Type"].startswith("text/html") or page.status == 301:
            continue
        match = resolved(address.partition("?")[0])
        kind = (match.url_name or match.route, languages.get(match.kwargs.get("slug")), page.status, "?" in address)
        found.setdefault(kind, address)
    return found


def test_axe_finds_nothing_serious_on_any_page_for_readers(page, live_server):
    walk = Walk(page, live_server.url)
    found = kinds(crawled(Client()))
    assert {"article", "quote", "person", "topic", "history"} <= {kind[0] for kind in found}
    assert {"ar", "fr"} <= {kind[1] for kind in found}
    for kind, address in sorted(found.items(), key=lambda pair: str(pair[0])):
        page.goto(live_server.url + address)
        walk.look(f"{address} {kind}")
        page.set_viewport_size({"width": 320, "height": 256})  # 1280 px at 400 %
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            walk.found.setdefault(f"{address} {kind}", []).append("scrolls sideways at 400 %")
        page.set_viewport_size({"width": 1440, "height": 900})
        assert page.evaluate("document.getAnimations().length") == 0, address
    assert walk.found == {}


def test_a_reader_needs_no_mouse(page, live_server):
    page.goto(live_server.url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = "document.getElementById('main').contains(document.activeElement)"
    assert page.evaluate(inside)
    # Every stop on the way has a ring that can be seen, or a line under it.
    for _stop in range(12):
        ring = page.evaluate(
            """(() => { const style = getComputedStyle(document.activeElement);
            return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 })()"""
        )
        assert ring, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        page.keyboard.press("Tab")
