"""Pages opened in a real Chromium: one browser for a module of tests, a context of its own for every page."""

import os
import shutil
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
WATCH = "addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective))"
PASSWORD = "a long word of the test"  # noqa: S105 (of accounts that live as long as a test)
expect.set_options(timeout=15_000)


@contextmanager
def chromium():
    if not CHROMIUM:
        pytest.skip("no Chromium found: name its executable in CHROMIUM")
    with pytest.MonkeyPatch.context() as patched, sync_playwright() as playwright:
        # Playwright's event loop runs in the thread of the tests; the ORM must not take it for an asynchronous view's.
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture
def visit(browser, open_world, live_server, settings):
    """`visit(path)` opens a page as a stranger; at the end nothing may have gone wrong on any (`visit.wrong`)."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    wrong, contexts = [], []

    def opened(path="/", javascript=True):
        context = browser.new_context(java_script_enabled=javascript, locale="en-GB")
        contexts.append(context)
        context.add_init_script(WATCH)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(f"{live_server.url}{path}")
        return page

    opened.wrong = wrong
    yield opened
    for context in contexts:
        context.close()
    assert not wrong, wrong


def sign_in(visit, user, path):
    user.set_password(PASSWORD)
    user.is_staff = True
    user.save()
    page = visit(f"/admin/login/?next={path}")
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation():  # until the page that was asked for has loaded its scripts
        page.get_by_role("button", name="Sign in").click()
    return page
