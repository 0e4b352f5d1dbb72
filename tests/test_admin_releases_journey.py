"""A release from the clipboard to a draft in a real browser."""

from playwright.sync_api import expect

from articles.models import Edition
from tests.browser import sign_in

RICH = """<h1>Cables of the Outer Sound get a watch</h1><p>Embargoed until 24 November 2090, 18:00 CET</p>
<p>20 November 2090</p><p>The plan is <a href="https://cables.example/plan">public</a>.</p>
<p>“A cable that nobody watches is a cable that somebody will cut,” said Mara Ostrander-Lie.</p>
<p>“It is late, but it is certainly not too late to begin with it.”</p>"""
COPY = """html => navigator.clipboard.write([new ClipboardItem({
    "text/html": new Blob([html], {type: "text/html"}),
    "text/plain": new Blob([html.replace(/<[^>]+>/g, "")], {type: "text/plain"})})])"""


def test_a_release_goes_from_the_clipboard_to_a_draft(visit, open_world):
    world = open_world
    page = sign_in(visit, world.editor, "/admin/articles/edition/from-release/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.wait_for_selector("#release-form")
    page.evaluate(COPY, RICH)
    page.get_by_label("Paste the text").focus()
    page.keyboard.press("Control+V")
    expect(page.get_by_text("Its paragraphs and links are kept.")).to_be_visible()
    page.get_by_role("button", name="Read the release").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Review the release")
    page.get_by_role("button", name="Accept all that are sure").click()
    expect(page.get_by_text("2 found, 1 to decide")).to_be_visible()
    page.get_by_label("Speaker of quote 2").select_option("other")
    name = page.get_by_label("Name of somebody known here, for quote 2")
    expect(name).to_be_focused()
    name.press_sequentially("verhaak")
    expect(page.locator("#known-people option")).to_have_attribute("value", "Ilo Verhaak")
    name.fill("Ilo Verhaak")
    page.get_by_role("button", name="Make the draft", exact=True).click()
    expect(page.get_by_text("The draft is made.")).to_be_visible()
    edition = Edition.objects.get()
    assert '<a href="https://cables.example/plan">public</a>' in edition.body
    assert [quote.speaker for quote in edition.quotes.order_by("order")] == [world.mara, world.ilo]
    page.get_by_role("link", name="Decide…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Decide the embargo")
    page.get_by_label("Publish at Fri 24 November 2090, 18:00 CET (17:00 UTC)").check()
    page.get_by_role("button", name="Decide the embargo").click()
    expect(page.get_by_text("Held under embargo until Fri 24 November 2090, 18:00 CET")).to_be_visible()
