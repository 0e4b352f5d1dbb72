"""Journeys in a real browser: a reader from the front page to a topic, and an article from a writer to the public.

Every page on the way must load without an error in its scripts, without a file that is missing, and without anything
that our content security policy had to stop."""

import pytest
from playwright.sync_api import expect

from articles.models import Edition
from tests.browser import sign_in


@pytest.mark.parametrize("javascript", [True, False])
def test_a_reader_goes_from_the_front_page_to_the_topic(visit, open_world, javascript):
    world = open_world
    draft = world.draft("Ferries run again", body=f"<p>She said: {world.quote('The lake is ours', 'lakequote')}.</p>")
    draft.topics.set([world.ferries])
    world.approve(draft)
    draft.publish(world.publisher)
    page = visit("/", javascript)
    page.get_by_role("link", name="Ferries run again").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ferries run again")
    page.locator(".said .tools a").first.focus()
    page.locator(".said .tools a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The lake is ours")
    page.locator(".spoken-by a.name").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mara Ostrander-Lie")
    page.get_by_role("heading", name="Ferries").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ferries")


def test_a_reader_narrows_a_list_without_a_script(visit, open_world):
    open_world.published("Ferries run again")
    open_world.published("A speech on ice", kind="speech")
    page = visit("/articles/", javascript=False)
    page.get_by_label("Speech").check()
    page.get_by_role("button", name="Show these").click()
    expect(page.get_by_role("link", name="A speech on ice")).to_be_visible()
    expect(page.get_by_role("link", name="Ferries run again")).to_have_count(0)
    page.locator("a.token").click()
    expect(page.get_by_role("link", name="Ferries run again")).to_be_visible()


def test_an_article_goes_from_the_writer_through_the_editor_to_the_public(visit, open_world):
    world = open_world
    page = sign_in(visit, world.writer, "/admin/articles/edition/add/")
    page.get_by_label("Headline").fill("Ferries run again")
    page.get_by_label("Summary").fill("The lake is open.")
    page.get_by_role("textbox", name="Body").click()
    page.keyboard.type("The council opened the lake.")
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("Submitted.").first).to_be_visible()
    edition = Edition.objects.get()
    path = f"/admin/articles/edition/{edition.pk}/change/"
    page = sign_in(visit, world.editor, path)
    page.get_by_role("button", name="Approve this text").click()
    expect(page.get_by_text("Approved.").first).to_be_visible()
    page = sign_in(visit, world.publisher, path)
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_text("Published.").first).to_be_visible()
    page = visit("/")
    page.get_by_role("link", name="Ferries run again").first.click()
    expect(page.get_by_text("The council opened the lake.")).to_be_visible()
