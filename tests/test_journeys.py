"""Journeys in a real browser: a reader from the front page to a topic, and an article from a writer to the public.

Every page on the way must load without an error in its scripts, without a file that is missing, and without anything
that our content security policy had to stop."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from articles.models import Edition
from tests.browser import sign_in
from tests.test_import import FOUNDING as RELEASE
from tests.test_import import run
from tests.test_quoting_browser import choose, marked, reach, select


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


def test_a_release_goes_from_the_clipboard_to_the_public_and_is_corrected(visit, open_world):
    """The whole way: pasted, accepted, one more quote, four eyes, public at its second, corrected in the open."""
    world = open_world
    page = sign_in(visit, world.writer, "/admin/articles/edition/from-release/")
    page.get_by_label("Paste the text").fill(RELEASE.read_text("utf-8"))
    page.get_by_role("button", name="Read the release").click()
    page.get_by_role("button", name="Accept all that are sure").click()
    page.get_by_role("button", name="Make the draft", exact=True).click()
    expect(page.get_by_text("The draft is made.")).to_be_visible()
    edition = Edition.objects.get()
    path, found = f"/admin/articles/edition/{edition.pk}/change/", edition.quotes.count()
    headline = edition.headline
    page.goto(page.url.partition("/admin/")[0] + path)
    expect(page.locator(".tiptap")).to_be_visible()
    # One more quote by the keyboard alone: words that the reader of releases took for no quote.
    select(page, "train 200 pilots by 2027")
    page.keyboard.press("Alt+q")
    choose(page, "solheim", re.compile("Ingrid Solheim"))
    marked(page, *[1] * (found + 1))
    summary = page.get_by_label("Summary")
    if not summary.input_value():
        summary.fill("They met in Tallinn.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.").first).to_be_visible()
    assert edition.quotes.count() == found + 1
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("Submitted.").first).to_be_visible()
    page.context.close()
    page = sign_in(visit, world.editor, path)
    page.get_by_role("link", name="Ingrid Solheim is only proposed.").click()
    expect(page).to_have_url(re.compile("/verb/confirm/"))  # the page before has a button of the same name
    page.get_by_role("button", name="Confirm who is named").click()
    expect(page.get_by_text("They are on the record now.")).to_be_visible()
    page.get_by_role("button", name="Approve this text").click()
    expect(page.get_by_text("Approved.").first).to_be_visible()
    edition.refresh_from_db()
    page.context.close()
    page = sign_in(visit, world.publisher, f"/admin/articles/edition/{edition.pk}/verb/schedule/")
    tomorrow = timezone.localtime() + timedelta(days=1)
    page.get_by_label("Day").fill(f"{tomorrow:%d %b %Y}")
    page.get_by_label("Time, 24 h").fill("07:00")
    page.get_by_role("button", name=re.compile("^Schedule")).click()
    expect(page.get_by_text("Until then nobody outside can see it")).to_be_visible()
    edition.refresh_from_db()
    edition.reschedule(world.publisher, timezone.now() + timedelta(seconds=3))  # the page knows whole minutes
    edition.refresh_from_db()
    address = f"/articles/{edition.article.slug}/"
    reader = visit("/")
    while True:
        before, status = timezone.now(), reader.request.get(reader.url.rstrip("/") + address).status
        if status == 200:
            break
        assert status == 404 and before < edition.live_from, "the instant has passed and it is not public"
    assert timezone.now() >= edition.live_from
    visit(address).get_by_text("train 200 pilots by 2027").first.wait_for()
    # Corrected: the next edition, with what readers are told.
    page.goto(page.url.partition("/admin/")[0] + path)
    page.get_by_role("button", name="Write the next edition").click()
    page.get_by_label("Headline").fill(f"{headline}, twice")
    page.get_by_label("Correction").check()
    page.get_by_label("Note").fill("They met twice.")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("Submitted.").first).to_be_visible()
    path = page.url.partition("/admin/")[2]
    page.context.close()
    page = sign_in(visit, world.editor, f"/admin/{path}")
    page.get_by_role("button", name="Approve this text").click()
    expect(page.get_by_text("Approved.").first).to_be_visible()
    page.context.close()
    page = sign_in(visit, world.publisher, f"/admin/{path}")
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_text("Published.").first).to_be_visible()
    reader = visit(address + "history/")
    expect(reader.get_by_text("They met twice.").first).to_be_visible()
    reader.get_by_role("link", name="Compare with edition 1").click()
    expect(reader.locator("h1 ins")).to_contain_text("twice")
    assert run("verify")[0] == 0


def test_two_editors_collide_and_merge(visit, open_world):
    world = open_world
    draft = world.draft("Ferries run again", body="<p>The lake thawed.</p><p>Boats sail.</p>")
    path = f"/admin/articles/edition/{draft.pk}/change/"
    first, second = sign_in(visit, world.writer, path), sign_in(visit, world.editor, path)
    for page, end, typed, place in ((second, 17, " It is open.", "Newtown"), (first, 30, " At last.", "")):
        expect(page.locator(".tiptap")).to_be_visible()
        reach(page, end, end)  # of the first paragraph, of the second
        page.keyboard.type(typed)
        expect(page.locator("#id_body")).to_have_value(re.compile(rf"(thawed|sail)\.{typed}</p>"))
        if place:
            page.get_by_label("Place").fill(place)
        page.get_by_role("button", name="Save", exact=True).click()
    expect(first.get_by_role("heading", level=1)).to_have_text("Two texts, one article")
    visit.wrong.clear()  # the browser names the answer 409 an error
    expect(first.get_by_role("status")).to_have_text("1 yours, 2 theirs.")
    first.get_by_role("button", name="All yours").click()
    expect(first.get_by_role("status")).to_have_text("3 yours, 0 theirs.")
    first.get_by_role("group", name="Place").get_by_label("Take theirs").check()
    first.get_by_role("group", name="Paragraph 1").get_by_label("Take theirs").check()
    first.get_by_role("button", name="Save the merged text").click()
    expect(first.get_by_text("Saved.").first).to_be_visible()
    draft.refresh_from_db()
    assert (draft.place, draft.body) == ("Newtown", "<p>The lake thawed. It is open.</p><p>Boats sail. At last.</p>")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_reader_takes_a_quote_along(visit, open_world, javascript):
    quote = open_world.quote("The lake is everybody's", "lakequote")
    open_world.published("Ferries run again", body=f"<p>{quote}</p>")
    page = visit("/articles/ferries-run-again/", javascript)
    page.locator(".speaker").get_by_role("link", name="Cite").click()
    expect(page).to_have_url(re.compile(r"/quotes/lakequote/#cite$"))
    expect(page.get_by_role("link", name="BibTeX")).to_have_attribute("href", "cite.bib")
    copy = page.get_by_role("button", name="Copy the citation")
    if not javascript:
        expect(copy).to_have_count(0)
        page.get_by_text("Show it on your own page").click()
        assert "<blockquote" in page.get_by_role("textbox", name="This HTML needs no script.").input_value()
        return
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    copy.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith("Mara Ostrander-Lie, Secretary-General, Lakeside")
