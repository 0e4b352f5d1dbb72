"""Journeys in a real browser: a reader from the front page to a topic, and an article from a writer to the public.

Every page on the way must load without an error in its scripts, without a file that is missing, and without anything
that our content security policy had to stop."""

import os
import shutil

import pytest

pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.sync_api import expect, sync_playwright  # noqa: E402 (only where it is there)

from articles.models import Edition  # noqa: E402

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium found: name its executable in CHROMIUM"),
]
expect.set_options(timeout=15_000)
WATCH = "addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective))"


@pytest.fixture(autouse=True)
def _orm_beside_the_browser(monkeypatch):
    """Playwright's event loop runs in the test's thread; the ORM must not take it for an asynchronous view's."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def visit(open_world, live_server, settings):
    """`visit(path)` opens a page in a browser of its own; at the end nothing may have gone wrong on any of them."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    wrong = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])

        def opened(path="/", javascript=True):
            context = browser.new_context(java_script_enabled=javascript, locale="en-GB")
            context.add_init_script(WATCH)
            page = context.new_page()
            page.set_default_timeout(15_000)
            page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.goto(f"{live_server.url}{path}")
            return page

        opened.wrong = wrong
        yield opened
        browser.close()
    assert wrong == []


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


def sign_in(visit, user, path):
    user.set_password("a long word of the test")
    user.is_staff = True
    user.save()
    page = visit(f"/admin/login/?next={path}")
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill("a long word of the test")
    page.get_by_role("button", name="Sign in").click()
    return page


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
