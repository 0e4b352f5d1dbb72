"""The editor's first page in a real browser: the clock runs, its words stand without a script, axe has no complaint."""

import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from people.models import Person
from tests.browser import sign_in

pytestmark = pytest.mark.any_database  # how pages look and read


def findings(page):
    """What axe calls serious or critical, with the first element of each. It may not preload style sheets: it would put
    them into the page, and our policy stops that."""
    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")]


def busy(world):
    """Something in every list."""
    world.draft("A draft", body='<p>“<q data-quote="who1">We sail.</q>”</p>', summary="")
    world.draft("العبّارات تعود").submit(world.writer)
    returned = world.draft("Returned")
    returned.submit(world.writer)
    returned.send_back(world.editor, "Not yet.")
    world.published("Live")
    world.ready("Due").schedule(world.publisher, timezone.now() + timedelta(minutes=17, seconds=30))
    Person.objects.create(name="M. Ostrander Lie", proposed=True)


@pytest.mark.parametrize("role", ["writer", "editor"])
def test_axe_finds_nothing_serious_on_a_full_desk(visit, open_world, role):
    busy(open_world)
    page = sign_in(visit, getattr(open_world, role), "/admin/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert findings(page) == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_axe_finds_nothing_serious_on_an_empty_desk_nor_where_mail_is_chosen(visit, open_world):
    page = sign_in(visit, open_world.editor, "/admin/")
    expect(page.get_by_text("From nothing to the first published item")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("link", name="What you are told by e-mail").click()
    page.get_by_label("A text of mine was returned").check()
    page.get_by_role("button", name="Keep this choice").click()
    expect(page.get_by_text("Kept.")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("link", name="Everything else").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Everything else")


@pytest.mark.parametrize("javascript", [True, False])
def test_the_countdown_runs_and_says_the_same_without_a_script(visit, open_world, javascript):
    busy(open_world)
    page = sign_in(lambda path: visit(path, javascript), open_world.editor, "/admin/")
    clock = page.locator(".due time")
    expect(clock).to_have_text(re.compile(r"^in 1[67] min \d+ s$"))
    before = clock.text_content()
    if javascript:
        expect(clock).not_to_have_text(before)
    else:
        page.wait_for_timeout(1500)
        assert clock.text_content() == before
