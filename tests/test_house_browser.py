"""Keeping house in a real browser: records are merged, one click sets a focal point, a translation stands beside its
original where there is room."""

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from playwright.sync_api import expect

from articles.images import Image
from people.models import Person
from tests.browser import sign_in
from tests.test_house import JPEG, again, original

pytestmark = pytest.mark.any_database  # how pages look and read


def test_two_people_are_merged_on_a_page_that_shows_both(visit, open_world):
    world = open_world
    twin = Person.objects.create(name="M. Ostrander Lie", aliases=["Mme Lie"])
    page = sign_in(visit, world.editor, reverse("admin:people_person_merge", args=[twin.pk]))
    expect(page.get_by_role("button", name="Compare the two")).to_be_visible()
    page.goto(page.url + f"?with={world.mara.pk}&keep={world.mara.pk}")
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
