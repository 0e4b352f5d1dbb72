"""The pages of keeping house in a real browser: axe finds nothing serious, the policy stops nothing, nothing scrolls
sideways; one click sets a focal point; a translation stands beside its original where there is room."""

import os
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.files.base import ContentFile
from django.urls import reverse
from playwright.sync_api import expect

from articles.images import Image
from articles.models import Mention
from people.models import Appointment, Person, Position
from tests.browser import sign_in
from tests.test_house import JPEG, again, original

pytestmark = pytest.mark.any_database  # how pages look and read

#: where the pictures of these pages are wanted, if they are
SHOTS = os.environ.get("SHOTS")


def looked_at(page, name, part=None):
    """Wide and narrow, light and dark: no sideways scroll and no serious finding; pictures where they are wanted.
    Axe and the camera break the policy themselves, so they look at a second copy of the page."""
    address, page = page.url, page.context.new_page()
    page.goto(address)
    for width, scheme in ((1440, "light"), (1440, "dark"), (820, "light")):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(150)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
        if SHOTS:
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=str(Path(SHOTS) / f"{name}-{width}-{scheme}.png"))
        found = Axe().run(page, context=part).response["violations"]
        serious = [(f["id"], n["html"]) for f in found if f["impact"] in ("serious", "critical") for n in f["nodes"]]
        assert serious == [], (name, width, scheme)
    page.close()


def furnished(world):
    """A world with a successor ahead, long titles, drafts and scheduled items."""
    world.mara.aliases, world.mara.biography = ["M. Lie", "مارا"], "Trained as a hydrographer."
    world.mara.save()
    post = Position.objects.create(
        title="Deputy Commissioner for Harbours and Inland Waters", organisation=world.council
    )
    Appointment.objects.create(person=world.mara, position=post, since=date(2016, 1, 1), until=date(2018, 5, 1))
    Appointment.objects.create(
        person=world.mara,
        position=world.secretary_general,
        since=date(2023, 7, 14),
        until=date(2023, 9, 1),
        acting=True,
    )
    term = Appointment.objects.get(person=world.mara, since=date(2023, 9, 1))
    term.until = date(2030, 10, 1)
    term.save()
    Appointment.objects.create(person=world.ilo, position=world.secretary_general, since=date(2030, 10, 1))
    world.published("The lake is open", f"<p>{world.quote('The lake is ours', 'lake1')}</p>")
    world.draft("What October brings", f"<p>{world.quote('We open', 'oct1')}</p>", event_date=date(2030, 10, 5))
    guest = world.draft("A guest in October", event_date=date(2030, 10, 7))
    Mention.objects.create(edition=guest, person=world.mara, position=world.secretary_general)
    return term


def test_the_pages_of_a_person_look_right_to_axe_and_to_the_policy(visit, open_world):
    world = open_world
    term = furnished(world)
    page = sign_in(visit, world.editor, reverse("admin:people_person_change", args=[world.mara.pk]))
    expect(page.get_by_text("A successor is entered:")).to_be_visible()
    looked_at(page, "person")
    page.goto(page.url.split("/admin/")[0] + reverse("admin:people_appointment_ahead", args=[term.pk]))
    looked_at(page, "ahead")
    for name, row in (("people_position", world.secretary_general), ("articles_topic", world.ferries)):
        page.goto(page.url.split("/admin/")[0] + reverse(f"admin:{name}_change", args=[row.pk]))
        looked_at(page, name)


def test_two_people_are_merged_on_a_page_that_shows_both(visit, open_world):
    world = open_world
    furnished(world)
    twin = Person.objects.create(name="M. Ostrander Lie", aliases=["Mme Lie"])
    page = sign_in(visit, world.editor, reverse("admin:people_person_merge", args=[twin.pk]))
    expect(page.get_by_role("button", name="Compare the two")).to_be_visible()
    looked_at(page, "merge-choice")
    page.goto(page.url + f"?with={world.mara.pk}&keep={world.mara.pk}")
    looked_at(page, "merge")
    page.get_by_role("button", name="Merge into Mara Ostrander-Lie").click()
    expect(page.get_by_text("One record now").first).to_be_visible()


def test_one_click_on_a_picture_sets_its_focal_point(visit, open_world):
    image = Image.objects.create(title="Pier", file=ContentFile(JPEG, "a.jpg"))
    page = sign_in(visit, open_world.editor, reverse("admin:articles_image_change", args=[image.pk]))
    frame = page.locator("[data-focal]")
    box = frame.bounding_box()
    frame.click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.75})
    expect(page.get_by_label("Focal point, across")).to_have_value("0.25")
    expect(page.get_by_label("Focal point, down")).to_have_value("0.75")
    assert frame.locator("circle").first.get_attribute("cx") == "25%"
    looked_at(page, "image")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert (float(again(image).focal_x), float(again(image).focal_y)) == (0.25, 0.75)


def test_a_translation_stands_beside_its_original_where_there_is_room(visit, open_world):
    draft = original(open_world).translate(open_world.writer, "fr")
    page = sign_in(visit, open_world.writer, reverse("admin:articles_edition_change", args=[draft.pk]))
    page.set_viewport_size({"width": 1440, "height": 900})
    beside, field = page.locator("details.original article"), page.get_by_label("Headline")
    expect(beside).to_be_visible()
    assert beside.bounding_box()["x"] + beside.bounding_box()["width"] < field.bounding_box()["x"]
    page.set_viewport_size({"width": 820, "height": 900})
    expect(beside).to_be_hidden()
    page.get_by_text("The original", exact=True).click()
    expect(beside).to_be_visible()
    assert beside.bounding_box()["y"] < field.bounding_box()["y"]
    looked_at(page, "translation", part=".original")  # the form about it has tests of its own
