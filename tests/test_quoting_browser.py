"""The quote-marking editor in a real browser: what editors do to the marks."""

import re
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from articles import body as bodies
from articles.models import Edition, RelatedItem
from people.models import Appointment, Person, Position
from tests.browser import sign_in

FREE = "“The lake is ours and we will share it”"


@pytest.fixture
def write(visit, open_world):
    """`write(body)` opens a draft of this body as its writer and gives (page, text area, edition)."""

    def opened(body, **words):
        edition = open_world.draft("Ferries run again", body=body, **words)
        page = sign_in(visit, open_world.writer, f"/admin/articles/edition/{edition.pk}/change/")
        text = page.locator(".tiptap")
        expect(text).to_be_visible()
        return page, text, edition

    return opened


def marked(page, *pieces):
    """The quotes of the body, once they are so many and of so many `pieces` each: a dialog that has closed, and the
    clipboard, are heard of a moment later."""
    for _ in range(300):
        quotes = bodies.quotes(page.locator("#id_body").input_value())
        if tuple(len(quote.segments) for quote in quotes) == pieces:
            return quotes
        page.wait_for_timeout(50)
    raise AssertionError(f"{quotes} instead of quotes of {pieces} pieces")


def heard(page, script, said=True):
    """Wait until the editor, which hears of focus and selection a moment later than the page, answers `said`."""
    for _ in range(100):
        if page.evaluate(f"(({{ editor }}) => {script})(document.querySelector('.tiptap'))") == said:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{script} is never {said}")


def press(page, key, empty):
    """Press a key in the text that makes a selection, `empty` or not."""
    page.locator(".tiptap").press(key)
    heard(page, "editor.state.selection.empty", empty)


def select(page, words):
    """Select these words of the text, which stand in one piece of it."""
    found = page.evaluate(
        """words => {
          let found = null
          document.querySelector(".tiptap").editor.state.doc.descendants((node, at) => {
            const place = node.isText ? node.text.indexOf(words) : -1
            if (place >= 0 && !found) found = [at + place, at + place + words.length]
          })
          return found
        }""",
        words,
    )
    assert found, f"“{words}” does not stand in one piece of the text"
    reach(page, *found)


def reach(page, start, end):
    page.evaluate(
        """([from, to]) => {
          const { editor } = document.querySelector(".tiptap")
          editor.view.focus()
          editor.commands.setTextSelection({ from, to })
        }""",
        [start, end],
    )
    heard(page, f"editor.isFocused && editor.state.selection.to === {end}")


def findings(page):
    """What axe calls serious or critical in the dialog that is open."""
    result = Axe().run(page, context="dialog", options={"preload": False})
    return [one["id"] for one in result.response["violations"] if one["impact"] in ("serious", "critical")]


def choose(page, typed, name):
    page.get_by_role("combobox", name="Speaker").fill(typed)
    expect(page.get_by_role("dialog").get_by_role("option", name=name)).to_be_visible()
    page.keyboard.press("Enter")


def test_words_are_marked_by_keyboard_changed_and_unmarked(write, open_world):
    page, text, edition = write(f"<p>{FREE}, she said.</p><p>It thawed.</p>")
    select(page, "The lake is ours")
    page.keyboard.press("Alt+q")
    choose(page, "ostrander", "Mara Ostrander-Lie")
    expect(page.get_by_role("button", name=re.compile("^Mara Ostrander-Lie"))).to_be_visible()
    [quote] = marked(page, 1)
    assert (quote.text, quote.speaker) == ("The lake is ours", open_world.mara.uid)
    # Extend: the same quote, over more words.
    select(page, "lake is ours")
    start = page.evaluate("document.querySelector('.tiptap').editor.state.selection.from")
    reach(page, start, start + len("lake is ours and we will share it"))
    page.keyboard.press("Alt+q")
    choose(page, "ostrander", "Mara Ostrander-Lie")
    expect(page.locator(".tiptap q")).to_have_text("The lake is ours and we will share it")
    [longer] = marked(page, 1)
    assert longer.key == quote.key and longer.text == "The lake is ours and we will share it"
    # Undo, and again.
    text.press("Control+z")
    assert marked(page, 1)[0].text == "The lake is ours"
    text.press("Control+Shift+z")
    assert marked(page, 1)[0].text == longer.text
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.").first).to_be_visible()
    assert bodies.quotes(Edition.objects.get(pk=edition.pk).body)[0].key == quote.key
    # Not a quote after all: on purpose, so the server asks nothing.
    page.get_by_role("button", name=re.compile("^Mara Ostrander-Lie")).click()
    page.get_by_role("button", name="Not a quote").click()
    assert marked(page) == []
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.").first).to_be_visible()
    assert bodies.quotes(Edition.objects.get(pk=edition.pk).body) == []


def test_a_quote_goes_on_and_a_new_person_speaks(write):
    page, _text, _edition = write("<p>“The ice is thin,” he said. “Stay away,” he added.</p>")
    select(page, "The ice is thin")
    page.keyboard.press("Alt+q")
    page.get_by_role("combobox", name="Speaker").fill("Tobiah Venn-Harrow")
    page.get_by_role("option", name=re.compile("New person")).click()
    expect(page.get_by_role("button", name=re.compile("^Tobiah Venn-Harrow"))).to_be_visible()
    select(page, "Stay away")
    page.keyboard.press("Alt+q")
    page.get_by_role("button", name="It continues the quote before").click()
    [quote] = marked(page, 2)
    assert quote.segments == ("The ice is thin", "Stay away")
    person = Person.objects.get(uid=quote.speaker)
    assert person.name == "Tobiah Venn-Harrow" and person.proposed


def test_a_copy_is_another_quote_and_what_was_cut_is_the_same(write, open_world):
    page, _text, _edition = write(f"<p>{open_world.quote('The lake is ours', 'lakequote')}.</p><p>End.</p>")
    press(page, "Control+a", empty=False)
    page.keyboard.press("Control+c")
    press(page, "Control+End", empty=True)
    page.keyboard.press("Control+v")
    first, second = marked(page, 1, 1)
    assert first.key == "lakequote" and second.key != "lakequote" and second.text == first.text
    press(page, "Control+a", empty=False)
    page.keyboard.press("Control+x")
    assert marked(page) == []
    page.keyboard.press("Control+v")
    assert [quote.key for quote in marked(page, 1, 1)] == ["lakequote", second.key]


def test_a_quote_has_a_day_an_office_and_a_language_of_its_own_and_loses_words_in_its_middle(write, open_world):
    world = open_world
    chair = Position.objects.create(title="Chair of the Ice Board", organisation=world.council)
    Appointment.objects.create(person=world.mara, position=chair, since=date(2019, 1, 1))
    page, text, edition = write(f"<p>{world.quote('La glace, dit-elle, est mince', 'icequote')}.</p>")
    on_words = page.get_by_role("button", name=re.compile("^Mara Ostrander-Lie"))
    expect(on_words).to_contain_text("Secretary-General")
    select(page, "glace")
    page.keyboard.press("Alt+q")
    dialog = page.get_by_role("dialog")
    expect(page.get_by_role("option", name=re.compile("^Mara Ostrander-Lie"))).to_be_visible()
    assert not dialog.get_by_label("Day").is_visible()
    # By keyboard: past the source to the disclosure, into the day.
    for key in ["Escape", "Tab", "Tab", "Enter", "Tab"]:
        page.keyboard.press(key)
    expect(dialog.get_by_label("Day")).to_be_focused()
    page.keyboard.type("the other day")
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("Write the day as")).to_be_visible()
    dialog.get_by_label("Day").fill("2 May 2020")
    page.keyboard.press("Tab")
    office = dialog.get_by_label("Office in which they spoke")
    expect(office.locator("option")).to_have_text(
        ["Commissioner for Ferries, CL (as printed for that day)", "Chair of the Ice Board, CL"]
    )
    assert findings(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("Fran")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(on_words).to_contain_text("Chair of the Ice Board, CL, 2 May 2020")
    [quote] = marked(page, 1)
    assert (quote.on, quote.office, quote.language) == (date(2020, 5, 2), chair.uid, "fr")
    assert (quote.key, quote.speaker) == ("icequote", world.mara.uid)
    # Words in its middle are unmarked: one quote in two pieces, with the same address; undone in one step.
    select(page, ", dit-elle, ")
    page.keyboard.press("Alt+q")
    expect(dialog.get_by_label("Day")).to_be_visible()
    dialog.get_by_role("button", name="Unmark these words").click()
    assert [(quote.key, quote.segments) for quote in marked(page, 2)] == [("icequote", ("La glace", "est mince"))]
    text.press("Control+z")
    assert marked(page, 1) == [quote]
    text.press("Control+Shift+z")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.").first).to_be_visible()
    stored = edition.quotes.get()
    assert (stored.said_on, stored.office, stored.language) == (date(2020, 5, 2), "Chair of the Ice Board", "fr")
    # Without its own day and office it is the article's again.
    on_words.click()
    dialog.get_by_label("Day").fill("")
    office.select_option(index=0)
    dialog.get_by_role("button", name="Save the quote").click()
    expect(on_words).to_contain_text("Secretary-General")
    [quote] = marked(page, 2)
    assert (quote.on, quote.office, quote.language) == (None, None, "fr")


def test_what_is_placed_stays_behind_its_paragraph(write, open_world):
    page, text, edition = write("<p>The ice is thin.</p><p>The lake is ours.</p><p>It thawed.</p>")
    RelatedItem.objects.create(edition=edition, kind="video", label="The thaw", after_paragraph=2)
    page.reload()
    place = page.locator("#id_related-0-after_paragraph")
    expect(place).to_have_value("2")
    assert place.locator("option").all_inner_texts()[:3] == [
        "At the end", "The ice is thin.", "The lake is ours."
    ]  # fmt: skip
    chip = text.locator(".placed")
    expect(chip).to_have_text("Video · The thaw")
    text.press("Control+Home")
    page.keyboard.type("Hear this.")
    page.keyboard.press("Enter")
    expect(place).to_have_value("3")
    assert place.locator("option:checked").inner_text() == "The lake is ours."
    # Cut and pasted elsewhere, the paragraph takes it along; so does undoing.
    select(page, "The lake is ours.")
    page.keyboard.press("Control+x")
    page.keyboard.press("Backspace")
    expect(place).to_have_value("2")
    text.press("Control+End")
    heard(page, "editor.state.selection.from === editor.state.doc.content.size - 1")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+v")
    expect(place).to_have_value("4")
    place.select_option("It thawed.")
    expect(text.locator("p:has(+ .placed)")).to_have_text("It thawed.")
    # A row that is added offers the text as it is now.
    page.get_by_role("button", name="Add another Related item").click()
    page.locator("#id_related-1-label").fill("The lake")
    page.locator("#id_related-1-after_paragraph").select_option("The lake is ours.")
    expect(chip).to_have_text(["Video · The thaw", "Link · The lake"])
    page.locator("#id_related-1-url").fill("https://council.example/lake")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.").first).to_be_visible()
    blocks = [block.text for block in bodies.blocks(Edition.objects.get(pk=edition.pk).body)]
    assert [(item.label, blocks[item.after_paragraph - 1]) for item in edition.related.all()] == [
        ("The thaw", "It thawed."), ("The lake", "The lake is ours.")
    ]  # fmt: skip


def test_a_quote_over_two_paragraphs_stays_one(write, open_world):
    page, text, _edition = write("<p>“The lake is ours.</p><p>“So is the ice.”</p>")
    reach(page, 2, 34)
    page.keyboard.press("Alt+q")
    choose(page, "ostrander", "Mara Ostrander-Lie")
    [quote] = marked(page, 2)
    assert len(quote.segments) == 2


def test_suggestions_are_accepted_or_refused_one_by_one(write, open_world):
    name = open_world.mara.name
    page, _text, edition = write(
        f"<p>“The lake 🚢 is ours,” said {name}. “It is open to all,” she added.</p>"
        f"<p>“The ferries will run on Monday,” said {name}.</p>",
    )
    page.get_by_role("button", name="Suggest quotes").click()
    panel = page.get_by_role("region", name="Suggestions")
    expect(panel.get_by_role("button", name="Accept as a quote").first).to_be_visible()
    before = panel.get_by_role("button", name="Accept as a quote").count()
    assert before >= 2 and marked(page) == []
    panel.get_by_role("button", name="Not a quote").first.click()
    assert marked(page) == []
    panel.get_by_role("button", name="Accept as a quote").last.click()
    [quote] = marked(page, 1)
    assert (quote.text.rstrip(","), quote.speaker) == ("The ferries will run on Monday", open_world.mara.uid)


# As Google Docs puts it on the clipboard: all of it in a "b" that is not bold, each run with its styles.
GOOGLE_DOCS = """<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1c2f"><h1 dir="ltr"
style="line-height:1.38;margin-top:20pt;"><span style="font-size:20pt;font-weight:400;">Ice report</span></h1>
<p dir="ltr" style="line-height:1.38;"><span style="font-weight:400;font-style:normal;">The lake is </span><span
style="font-weight:700;font-style:normal;">closed</span><span style="font-weight:400;font-style:italic;"> for now</span
><span style="font-weight:400;">, see </span><a href="https://council.example/ice" style="text-decoration:none;"><span
style="color:#1155cc;font-weight:400;text-decoration:underline;">the map</span></a><span
style="font-weight:400;">.</span></p><br /><h2 dir="ltr"><span style="font-weight:700;">What to do</span></h2>
<ul style="margin-top:0;"><li dir="ltr" style="list-style-type:disc;font-weight:400;" aria-level="1"><p dir="ltr"
role="presentation"><span style="font-weight:400;">Stay away</span></p></li><ul><li dir="ltr" style="font-weight:400;"
aria-level="2"><p dir="ltr" role="presentation"><span style="font-weight:400;">Dogs too</span></p></li></ul></ul>
<ol><li dir="ltr" aria-level="1"><p dir="ltr" role="presentation"><span>Wait</span></p></li></ol>
<p dir="ltr"><span style="border:none;display:inline-block;width:9px;"><img src="https://docs.example/x.png"
width="9" height="9" /></span></p><!-- a comment --><div dir="ltr" align="left"><table style="border:none;"><colgroup>
<col width="99" /></colgroup><tbody><tr><td style="padding:5pt;"><p dir="ltr"><span
style="font-weight:400;">Monday</span></p></td><td><p dir="ltr"><span style="font-weight:400;">2 cm</span></p></td></tr>
</tbody></table></div></b><br class="Apple-interchange-newline">"""
WEB_PAGE = """<!--StartFragment--><h4>Ferries</h4><p style="font-weight: 400;">Plain <b>bold <span
style="font-weight: 400">not bold</span></b> <i style="font-weight: 400">italic</i> <b
style="mso-bidi-font-weight:normal">loud</b></p>
<table><tr><td>Tuesday</td><td>3 cm</td></tr></table><!--EndFragment-->"""


def paste(page, html):
    page.locator(".tiptap").press("Control+End")
    page.evaluate(
        """html => {
          const data = new DataTransfer()
          data.setData("text/html", html)
          document.querySelector(".tiptap").dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))
        }""",
        html,
    )
    return bodies.clean(page.locator("#id_body").input_value())


def test_what_is_pasted_arrives_whole_with_its_headings_lists_links_bold_and_italic(write):
    page, text, _edition = write("<p>Start.</p>")
    marker = "<span style='mso-list:Ignore'>{1}<span>  </span></span>"
    line = f"<p class=MsoListParagraph style='mso-list:{{0}} lfo1'>{marker}{{2}}</p>"
    html = "<html><body><p class=MsoNormal>Three things:</p>" + "".join(
        line.format(*one) for one in [
            ("l0 level1", "·", "Ice"), ("l0 level2", "o", "Thin"), ("l0 level1", "·", "Water"),
            ("l1 level1", "1.", "First"), ("l1 level1", "2.", "Second"),
        ]
    ) + "<p class=MsoNormal style='color:red'>End <b>bold</b> <a href='javascript:alert(1)'>no</a></p>"  # fmt: skip
    body = paste(page, html)
    assert "<ul><li>Ice<ul><li>Thin</li></ul></li><li>Water</li></ul><ol><li>First</li><li>Second</li></ol>" in body
    assert "<strong>bold</strong>" in body and "javascript" not in body and "·" not in body
    press(page, "Control+a", empty=False)
    page.keyboard.press("Delete")
    assert paste(page, GOOGLE_DOCS) == (
        "<h2>Ice report</h2>"
        "<p>The lake is <strong>closed</strong><em> for now</em>, see "
        '<a href="https://council.example/ice">the map</a>.</p>'
        "<h2>What to do</h2>"
        "<ul><li>Stay away<ul><li>Dogs too</li></ul></li></ul><ol><li>Wait</li></ol>"
        "<p>Monday</p><p>2 cm</p>"
    )
    press(page, "Control+a", empty=False)
    page.keyboard.press("Delete")
    assert paste(page, WEB_PAGE) == (
        "<h3>Ferries</h3><p>Plain <strong>bold </strong>not bold <em>italic</em> <strong>loud</strong></p>"
        "<p>Tuesday</p><p>3 cm</p>"
    )


def test_a_script_that_fails_strips_no_mark(visit, open_world):
    edition = open_world.draft("Ferries run again", body=f"<p>{open_world.quote('The lake is ours', 'lakequote')}.</p>")
    page = sign_in(visit, open_world.writer, "/admin/")
    page.route("**/editor/suggestions*.js", lambda route: route.fulfill(body="throw 1", content_type="text/javascript"))
    page.goto(page.url.split("/admin/")[0] + f"/admin/articles/edition/{edition.pk}/change/")
    expect(page.get_by_text("so it is edited as HTML here")).to_be_visible()
    area = page.locator("#id_body")
    assert [quote.key for quote in bodies.quotes(area.input_value())] == ["lakequote"]
    area.fill(area.input_value() + "<p>More.</p>")
    page.unroute_all()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.").first).to_be_visible()
    expect(page.locator(".tiptap")).to_contain_text("More.")
    assert bodies.quotes(Edition.objects.get(pk=edition.pk).body)[0].key == "lakequote"
    visit.wrong.clear()  # the first page had to fail; the second was whole before this


def test_what_was_typed_is_offered_again(write):
    page, text, edition = write("<p>It thawed.</p>")
    text.press("Control+End")
    page.keyboard.type(" Nobody had saved this.")
    page.get_by_label("Headline").fill("Ferries run at last")
    page.get_by_role("button", name="Add another Related item").click()
    page.locator("#id_related-0-label").fill("The thaw")
    page.locator("#id_related-0-url").fill("https://council.example/thaw")
    page.locator("#id_related-0-after_paragraph").select_option(index=1)
    page.get_by_role("button", name="Add another Person").click()
    page.locator("#mentions-0 .field-person .select2-selection").click()
    page.keyboard.type("verhaak")
    page.get_by_role("option", name="Ilo Verhaak").click()
    expect(page.get_by_text("is kept in this browser")).to_be_visible()
    heard(page, "Object.values(localStorage).some(kept => kept.includes('Ilo Verhaak'))")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.get_by_role("button", name="Put it back").click()
    expect(page.locator(".tiptap")).to_contain_text("Nobody had saved this.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.").first).to_be_visible()
    saved = Edition.objects.get(pk=edition.pk)
    assert saved.headline == "Ferries run at last" and "Nobody had saved this." in saved.body
    assert [(item.label, item.after_paragraph) for item in saved.related.all()] == [("The thaw", 1)]
    assert [mention.person.name for mention in saved.mentions.all()] == ["Ilo Verhaak"]
    assert page.get_by_role("button", name="Put it back").count() == 0
