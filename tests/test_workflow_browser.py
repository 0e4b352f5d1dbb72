"""The page that asks when, in a real browser: read while one types, and nothing is done before a reading is chosen."""

import os
import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from articles.images import Placement
from articles.models import ReleaseGroup
from tests.test_admin import again, picture

SCREENS = os.environ.get("SCREENS")  # a folder for pictures of these pages


@pytest.fixture
def signed_in(visit, live_server):
    def opened(user, address, javascript=True):
        User.objects.filter(pk=user.pk).update(is_staff=True)
        client = Client()
        client.force_login(user)
        page = visit("/healthz", javascript)
        page.context.add_cookies(
            [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
        )
        page.goto(live_server.url + address)
        return page

    return opened


def pictured(page, name):
    if SCREENS:
        for width, scheme in ((1440, "light"), (1440, "dark"), (820, "light")):
            page.set_viewport_size({"width": width, "height": 1000})
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=f"{SCREENS}/{name}-{width}-{scheme}.png", full_page=True)
        page.set_viewport_size({"width": 1440, "height": 1000})
        page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("javascript", [True, False])
def test_one_of_two_readings_is_chosen_before_anything_is_scheduled(signed_in, open_world, javascript):
    edition = open_world.ready()
    page = signed_in(
        open_world.publisher, reverse("admin:articles_edition_verb", args=[edition.pk, "schedule"]), javascript
    )
    page.get_by_label("Day").fill("30 Oct 2033")
    page.get_by_label("Time, 24 h").fill("02:30")
    if not javascript:
        page.get_by_role("button", name="Read it").click()
    expect(page.get_by_text("02:30 happens twice on 30 October 2033")).to_be_visible()
    expect(page.get_by_text("Choose one of the two readings first.")).to_be_visible()
    schedule = page.get_by_role("button", name=re.compile("^Schedule"))
    assert page.locator("input[name=reading]:checked").count() == 0
    if javascript:
        pictured(page, "fold")
        expect(schedule).to_be_disabled()
    else:
        schedule.click()
        expect(page.get_by_text("Choose one of the two readings first.")).to_be_visible()
    assert again(edition).live_from is None
    page.get_by_label("The second, already winter time: 01:30 UTC").check()
    if javascript:
        expect(schedule).to_have_text("Schedule for 30 Oct, 02:30")
    schedule.click()
    expect(page.get_by_text("Until then nobody outside can see it")).to_be_visible()
    assert again(edition).live_from == datetime(2033, 10, 30, 1, 30, tzinfo=UTC)


def test_a_check_leads_to_its_words(signed_in, open_world):
    draft = open_world.draft(summary="", body='<p>Said: “<q data-quote="nobody1">We never sail at night.</q>”</p>')
    Placement.objects.create(edition=draft, image=picture())
    page = signed_in(open_world.writer, reverse("admin:articles_edition_change", args=[draft.pk]))
    pictured(page, "draft")
    page.get_by_role("link", name="The picture “Pier” has no alternative text.").click()
    expect(page.locator("#id_placements-0-alt")).to_be_focused()
    page.get_by_role("link", name="It has no summary.").click()
    expect(page.locator("#id_summary")).to_be_focused()
    page.get_by_role("link", name=re.compile("has no speaker")).click()
    expect(page.locator(".tiptap")).to_be_focused()


def test_a_group_is_released_at_a_time_that_is_read_while_it_is_typed(signed_in, open_world):
    pair = [open_world.ready("Ministers meet at the lake"), open_world.ready("What the ministers said")]
    page = signed_in(open_world.publisher, reverse("admin:articles_releasegroup_add"))
    page.get_by_label("Name").fill("Ministerial")
    for edition in pair:
        page.get_by_label(edition.headline).check()
    page.get_by_label("Day").fill("24 Nov 2033")
    page.get_by_label("Time, 24 h").fill("07:00")
    expect(page.get_by_text("Thursday 24 November 2033, 07:00 Zurich")).to_be_visible()
    pictured(page, "group")
    page.get_by_role("button", name="Release them together").click()
    expect(page.get_by_text("All of them stand for one instant.")).to_be_visible()
    pictured(page, "group-made")
    assert ReleaseGroup.objects.get().editions.count() == 2


@pytest.mark.skipif(not SCREENS, reason="pictures only when a folder for them is named in SCREENS")
def test_pictures_of_the_other_pages(signed_in, open_world):
    world = open_world
    first = world.published(body=f"<p>The council bought 4 boats. “{world.quote('Four boats sail', 'sail1')}.”</p>")
    changed = world.draft(
        article=first.article, body=f"<p>The council bought 5 boats. “{world.quote('Five boats sail', 'sail1')}.”</p>",
    )  # fmt: skip
    alone = world.draft("Ports close tonight").override(world.publisher, "A storm is coming and nobody else is here.")
    ready = world.ready("Ministers meet at the lake")
    address = reverse("admin:articles_edition_changelist")
    page = signed_in(world.publisher, address)
    pictured(page, "list")

    def see(name, *args, view="admin:articles_edition_verb"):
        page.goto(page.url.partition("/admin/")[0] + reverse(view, args=args))
        pictured(page, name)

    see("floor", changed.pk, view="admin:articles_edition_change")
    see("live-alone", alone.pk, view="admin:articles_edition_change")
    see("schedule", ready.pk, "schedule")
    for verb in ("withdraw", "erase", "redirect"):
        see(verb, first.pk, verb)
    see("override", world.draft("Another").pk, "override")
    see("log", view="admin:articles_act_changelist")
    other = signed_in(world.editor, reverse("admin:articles_edition_verb", args=[alone.pk, "countersign"]))
    pictured(other, "countersign")
