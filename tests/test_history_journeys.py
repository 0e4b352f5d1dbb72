"""Links for outsiders and presence in a real browser: their scripts work."""

from django.urls import reverse
from playwright.sync_api import expect

from articles.sharing import Share, ShareRead
from tests.browser import sign_in
from tests.test_history import address


def test_a_link_is_made_copied_followed_and_revoked(visit, open_world):
    world = open_world
    draft = world.draft("Ferries run again")
    page = sign_in(visit, world.writer, address(draft, "share"))
    page.get_by_role("button", name="Make the link").click()
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    token = page.get_by_label("Link", exact=True).input_value().split("/preview/")[1]
    outside = visit(f"/preview/{token}")
    expect(outside.get_by_role("heading", level=1)).to_have_text("Ferries run again")
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
    writer.clock.install()
    writer.reload()
    expect(writer.get_by_text("Also open by editor")).to_be_visible()
    editor.get_by_label("Summary").fill("The lake is wide open.")
    editor.get_by_role("button", name="Save", exact=True).click()
    expect(editor.get_by_text("Saved.").first).to_be_visible()
    writer.clock.run_for(31_000)
    expect(writer.get_by_text("editor saved this draft")).to_be_visible()
