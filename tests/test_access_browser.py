"""Signing in in a real browser: a security key, what was typed when a session had ended, and axe on every page."""

import os
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from articles.models import Edition
from tests.browser import sign_in
from tests.test_access import PASSWORD, code, with_app

PICTURES = os.environ.get("ACCESS_PICTURES")


def look(page, name):
    """No serious finding of axe, no sideways scroll from 390 px up; with ACCESS_PICTURES=FOLDER also as pictures."""
    found = Axe().run(page, options={"preload": False}).response["violations"]
    grave = [(finding["id"], finding["nodes"][0]["html"]) for finding in found if finding["impact"] not in ("minor",)]
    assert grave == [], name
    for width in (390, 820, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        for scheme in ("light", "dark") if PICTURES else ():
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(700)  # Django's buttons change colour slowly
            page.screenshot(path=f"{PICTURES}/{name}-{width}-{scheme}.png", full_page=True)


def test_a_security_key_is_set_up_asked_for_and_taken_away(visit, open_world, live_server, settings):
    settings.SITE_URL, settings.REQUIRE_SECOND_FACTOR = live_server.url, True
    settings.MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
    page = sign_in(visit, open_world.publisher, "/admin/")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    key = {
        "protocol": "ctap2", "transport": "usb", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    expect(page.get_by_text("Set one up first")).to_be_visible()
    look(page, "account-led")
    page.get_by_role("link", name="Add a key").click()
    look(page, "key-add")
    page.get_by_label("Name").fill("The key on my ring")
    page.get_by_role("button", name="Add this key").click()
    expect(page.get_by_text("Keep these where your phone is not")).to_be_visible()
    look(page, "codes")
    page.get_by_role("link", name="To my desk").click()
    expect(page).to_have_url(f"{live_server.url}/admin/")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Username").fill("publisher")
    page.get_by_label("Password").fill("a long word of the test")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("The key did not answer")).to_be_hidden()
    look(page, "second-factor")
    page.get_by_role("button", name="Use a security key").click()
    expect(page).to_have_url(f"{live_server.url}/admin/")
    page.goto(f"{live_server.url}{reverse('mfa_list_webauthn')}")
    look(page, "keys")
    page.get_by_role("link", name="Remove it").click()
    page.get_by_role("button", name="Remove the key").click()
    page.goto(f"{live_server.url}/admin/")
    expect(page.get_by_text("Set one up first")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_session_that_ended_at_the_save_gives_the_text_back(visit, open_world, javascript):
    edition = open_world.draft()
    path = f"/admin/articles/edition/{edition.pk}/change/"
    hand = open_world.writer
    hand.set_password(PASSWORD)
    hand.is_staff = True
    hand.save()
    page = visit(f"{reverse('account_login')}?next={path}", javascript)
    page.get_by_label("Username").fill("writer")
    page.get_by_label("Password").fill(PASSWORD)
    look(page, "sign-in") if javascript else None
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Headline").fill("Typed “late” & <long>")
    page.get_by_label("Summary").fill("Two lines\n\nand an end.")
    Session.objects.all().delete()
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("kept in this page and nowhere else")).to_be_visible()
    page.get_by_label("Username").fill("writer")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("not correct")).to_be_visible()
    look(page, "kept") if javascript else None
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    if not javascript:
        page.get_by_role("button", name="Back to what I typed").click()
    expect(page.get_by_text("is not saved yet")).to_be_visible()
    expect(page.get_by_label("Headline")).to_have_value("Typed “late” & <long>")
    expect(page.get_by_label("Summary")).to_have_value("Two lines\n\nand an end.")
    assert page.url.endswith(path) and Edition.objects.get(pk=edition.pk).headline == "Ferries run again"
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Saved.").first).to_be_visible()
    saved = Edition.objects.get(pk=edition.pk)
    assert (saved.headline, saved.summary) == ("Typed “late” & <long>", "Two lines\n\nand an end.")


def test_axe_finds_nothing_serious_on_the_other_pages(visit, open_world, live_server):
    page = visit(reverse("account_reset_password"))
    look(page, "forgotten")
    page.get_by_label("Email").fill("writer@newsroom.example")
    page.get_by_role("button", name="Send the letter").click()
    look(page, "letter-sent")
    page = sign_in(visit, open_world.publisher, "/admin/")
    expect(page.get_by_text("a password alone is enough to publish")).to_be_visible()
    look(page, "desk")
    for name in ("account_change_password", "mfa_activate_totp", "account_reauthenticate"):
        page.goto(f"{live_server.url}{reverse(name)}")
        look(page, name)
    secret = with_app(User.objects.get(username="publisher"))
    for name in ("mfa_index", "mfa_reauthenticate", "mfa_deactivate_totp", "mfa_generate_recovery_codes"):
        page.goto(f"{live_server.url}{reverse(name)}")
        look(page, name)
    page.get_by_role("button", name="Sign out").click()
    look(page, "signed-out")
    page.get_by_label("Username").fill("publisher")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code").fill(code(secret, time.time()))
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{live_server.url}/admin/")
