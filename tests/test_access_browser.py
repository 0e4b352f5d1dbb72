"""Signing in in a real browser: a security key, and what was typed when a session had ended."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from articles.models import Edition
from tests.browser import sign_in
from tests.test_access import PASSWORD


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
    page.get_by_role("link", name="Add a key").click()
    page.get_by_label("Name").fill("The key on my ring")
    page.get_by_role("button", name="Add this key").click()
    expect(page.get_by_text("Keep these where your phone is not")).to_be_visible()
    page.get_by_role("link", name="To my desk").click()
    expect(page).to_have_url(f"{live_server.url}/admin/")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Username").fill("publisher")
    page.get_by_label("Password").fill("a long word of the test")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("The key did not answer")).to_be_hidden()
    page.get_by_role("button", name="Use a security key").click()
    expect(page).to_have_url(f"{live_server.url}/admin/")
    page.goto(f"{live_server.url}{reverse('mfa_list_webauthn')}")
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
