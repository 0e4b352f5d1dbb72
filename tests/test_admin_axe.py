"""axe on every page that editors open: nothing serious in light and in dark, and no page scrolls sideways."""

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from articles import imports
from articles.admin.editions import VERBS
from articles.models import Mention
from articles.releases import Opened
from articles.sharing import Presence
from people.models import Appointment, Person
from tests.browser import PASSWORD, sign_in
from tests.test_access import code, with_app
from tests.test_admin import addresses, picture

pytestmark = pytest.mark.any_database  # how pages look and read

#: Style sheets are not preloaded: axe would put them into the page, and our policy stops that.
AXE = """async rules => (await axe.run({preload: false, resultTypes: ["violations"], ...rules})).violations
    .filter(({impact}) => impact === "serious" || impact === "critical")
    .map(({id, nodes}) => [id, nodes.map(({target, html}) => `${target} ${html.slice(0, 160)}`)])"""


def look(page):
    """What is wrong with an open page."""
    page.evaluate(Axe().axe_script)
    wrong = []
    for scheme, rules in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
        page.emulate_media(color_scheme=scheme)
        page.evaluate("document.getAnimations().forEach(one => one.finish())")
        wrong += [(scheme, *found) for found in page.evaluate(AXE, rules)]
    page.emulate_media(color_scheme="light")
    for width in (390, 820, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        if (needed := page.evaluate("document.documentElement.scrollWidth")) > width:
            wrong.append((width, needed))
    return wrong


def test_scratch(visit, open_world, live_server):
    world = open_world
    hand = world.publisher
    hand.is_superuser = True
    page = sign_in(visit, hand, "/admin/")
    client = Client(); client.force_login(hand)
    total = 0
    for name, address in addresses(world):
        r = client.get(address)
        if r.status_code != 200 or not r.headers["Content-Type"].startswith("text/html"):
            print("SKIP", name, r.status_code); continue
        t = time.time()
        page.goto(live_server.url + address)
        t1 = time.time()
        w = look(page)
        t2 = time.time()
        print(f"{name:40} {t1-t:.2f} {t2-t1:.2f}", w)
        total += t2 - t
    print(total, visit.wrong)
