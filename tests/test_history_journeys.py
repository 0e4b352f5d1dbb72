"""History, previews, links and presence in a real browser: their scripts work, and axe finds nothing grave."""

import os
from datetime import date, timedelta

from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from articles.sharing import Presence, Share, ShareRead
from people.models import Appointment
from tests.browser import sign_in
from tests.test_history import address, site

WIDTHS = (1440, 820)


def look(page, name, width=None, dark=False, within="body"):
    """Nothing serious for axe; a picture of the page where SCREENSHOTS names a folder for it."""
    options = {"preload": False, "resultTypes": ["violations"]}
    found = Axe().run(page, context=within, options=options).response["violations"]
    grave = [
        (rule["id"], node["html"][:160], node.get("any") and node["any"][0]["message"][:160])
        for rule in found if rule["impact"] in ("serious", "critical") for node in rule["nodes"]
    ]  # fmt: skip
    assert grave == [], (name, width)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} scrolls sideways at {width}"
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}-{width}{'-dark' if dark else ''}.png", full_page=True)


def test_the_pages_of_this_part_hold_in_a_browser(visit, open_world):
    world = open_world
    edition, draft = shown_story(world)
    share = sign_in(visit, world.editor, address(draft, "share"))
    pages = {
        "history": address(edition), "saves": address(draft),
        "restore": address(edition, "restore", f"e{edition.based_on_id}"), "share": address(draft, "share"),
        "preview": address(draft, "preview"), "form": address(draft, "change"),
        "site": reverse("admin:articles_edition_site"), "site-at": site(timezone.now() + timedelta(days=2)),
    }  # fmt: skip
    for dark in (False, True):
        share.emulate_media(color_scheme="dark" if dark else "light")
        for name, path in pages.items():
            for width in WIDTHS:
                share.set_viewport_size({"width": width, "height": 900})
                share.goto(share.url.split("/admin/")[0] + path)
                look(share, name, width, dark, within=".rail .state, .rail .company" if name == "form" else "body")


def test_a_link_is_made_copied_followed_and_revoked(visit, open_world):
    world = open_world
    draft = world.draft("Ferries run again")
    page = sign_in(visit, world.writer, address(draft, "share"))
    page.get_by_role("button", name="Make the link").click()
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    look(page, "share-made", 1440)
    token = page.get_by_label("Link", exact=True).input_value().split("/preview/")[1]
    outside = visit(f"/preview/{token}")
    expect(outside.get_by_role("heading", level=1)).to_have_text("Ferries run again")
    look(outside, "shared", 1440)
    page.get_by_role("button", name="Revoke").click()
    assert Share.objects.get().revoked_at and ShareRead.objects.filter(shown=True).count() == 1


def test_two_editors_see_each_other_in_a_draft(visit, open_world):
    world = open_world
    draft = world.draft("Ferries run again")
    path = reverse("admin:articles_edition_change", args=[draft.pk])
    writer = sign_in(visit, world.writer, path)
    expect(writer.get_by_text("Also open by")).to_have_count(0)
    writer.wait_for_load_state("networkidle")  # its first sign of life has arrived
    editor = sign_in(visit, world.editor, path)
    expect(editor.get_by_text("Also open by writer")).to_be_visible()
    look(editor, "company", 1440, within=".rail .company")
    writer.clock.install()
    writer.reload()
    expect(writer.get_by_text("Also open by editor")).to_be_visible()
    editor.get_by_label("Summary").fill("The lake is wide open.")
    editor.get_by_role("button", name="Save", exact=True).click()
    expect(editor.get_by_text("Saved.").first).to_be_visible()
    writer.clock.run_for(31_000)
    expect(writer.get_by_text("editor saved this draft")).to_be_visible()


def shown_story(world):
    """The story of the pictures: an edition, its correction, and a draft with a few saves."""
    Appointment.objects.create(person=world.ilo, position=world.commissioner, since=date(2023, 9, 1))
    thanks = world.quote("Sixteen times somebody answered. That is what a council is for.", "answer1")
    did = world.quote("did what had to be done", "done1", world.ilo)
    first = world.draft(
        "The lake watch answers sixteen distress calls in one night", summary="A storm came over the lake.",
        body="<p>The watch answered sixteen calls between 21:00 and 05:30, more than in any night since it was set up. "
        "Crews from four harbours took part.</p><p>It has eleven boats on the lake, and one for the winter.</p>"
        f"<p>The council thanked the crews: {thanks}</p><p>The crews, it said, {did}.</p>",
    )  # fmt: skip
    first.topics.set([world.water])
    world.approve(first)
    first.publish(world.publisher)
    body = (
        first.body.replace("sixteen", "fourteen")
        .replace("Sixteen", "Fourteen")
        .replace("four harbours", "five harbours")
    )
    body = body.replace(world.ilo.uid, world.mara.uid)
    second = world.draft(
        "The lake watch answers fourteen distress calls in one night", article=first.article, change_class="correction",
        body=f"{body}<p>Sixty-one people were brought to Lakeside and to the northern pier.</p>",
        note="The first edition said sixteen calls. Two of them were the same boat.",
    )  # fmt: skip
    second.topics.set([world.water, world.ferries])
    world.approve(second)
    second.publish(world.publisher)
    draft = second.article.start_edition(world.writer)
    for summary in ("A storm came over the lake.", "A storm came over the lake at night."):
        draft.summary = summary
        draft.save(by=world.editor)
    third = world.ready("Ferries run again on Sunday")
    third.schedule(world.publisher, timezone.now() + timedelta(days=1))
    Presence.sign(draft, world.writer, timezone.now())
    return second, draft
