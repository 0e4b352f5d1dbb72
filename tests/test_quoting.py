"""The quote-marking editor: in a real browser what editors do to the marks, and on the server what it answers."""

import json
import re

import pytest
from playwright.sync_api import expect

from articles import body as bodies
from articles.models import Edition
from people.models import Person
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


def marked(page, count=None):
    """The quotes of the body; once there are `count`, since the clipboard takes its time."""
    for _ in range(100):
        quotes = bodies.quotes(page.locator("#id_body").input_value())
        if count is None or len(quotes) == count:
            return quotes
        page.wait_for_timeout(50)
    raise AssertionError(f"{len(quotes)} quotes, not {count}")


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


def choose(page, typed, name):
    page.get_by_role("combobox", name="Speaker").fill(typed)
    expect(page.get_by_role("option", name=name)).to_be_visible()
    page.keyboard.press("Enter")


def test_words_are_marked_by_keyboard_changed_and_unmarked(write, open_world):
    page, text, edition = write(f"<p>{FREE}, she said.</p><p>It thawed.</p>")
    select(page, "The lake is ours")
    page.keyboard.press("Alt+q")
    choose(page, "ostrander", "Mara Ostrander-Lie")
    expect(page.get_by_role("button", name=re.compile("^Mara Ostrander-Lie"))).to_be_visible()
    [quote] = marked(page)
    assert (quote.text, quote.speaker) == ("The lake is ours", open_world.mara.uid)
    # Extend: the same quote, over more words.
    select(page, "lake is ours")
    start = page.evaluate("document.querySelector('.tiptap').editor.state.selection.from")
    reach(page, start, start + len("lake is ours and we will share it"))
    page.keyboard.press("Alt+q")
    choose(page, "ostrander", "Mara Ostrander-Lie")
    [longer] = marked(page)
    assert longer.key == quote.key and longer.text == "The lake is ours and we will share it"
    # Undo, and again.
    text.press("Control+z")
    assert marked(page)[0].text == "The lake is ours"
    text.press("Control+Shift+z")
    assert marked(page)[0].text == longer.text
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
    [quote] = marked(page)
    assert quote.segments == ("The ice is thin", "Stay away")
    person = Person.objects.get(uid=quote.speaker)
    assert person.name == "Tobiah Venn-Harrow" and person.proposed


def test_a_copy_is_another_quote_and_what_was_cut_is_the_same(write, open_world):
    page, _text, _edition = write(f"<p>{open_world.quote('The lake is ours', 'lakequote')}.</p><p>End.</p>")
    press(page, "Control+a", empty=False)
    page.keyboard.press("Control+c")
    press(page, "Control+End", empty=True)
    page.keyboard.press("Control+v")
    first, second = marked(page, 2)
    assert first.key == "lakequote" and second.key != "lakequote" and second.text == first.text
    press(page, "Control+a", empty=False)
    page.keyboard.press("Control+x")
    assert marked(page, 0) == []
    page.keyboard.press("Control+v")
    assert [quote.key for quote in marked(page, 2)] == ["lakequote", second.key]


def test_a_quote_over_two_paragraphs_stays_one(write, open_world):
    page, text, _edition = write("<p>“The lake is ours.</p><p>“So is the ice.”</p>")
    reach(page, 2, 34)
    page.keyboard.press("Alt+q")
    choose(page, "ostrander", "Mara Ostrander-Lie")
    [quote] = marked(page)
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
    [quote] = marked(page)
    assert (quote.text.rstrip(","), quote.speaker) == ("The ferries will run on Monday", open_world.mara.uid)


def test_lists_from_word_are_lists(write):
    page, text, _edition = write("<p>Start.</p>")
    marker = "<span style='mso-list:Ignore'>{1}<span>  </span></span>"
    line = f"<p class=MsoListParagraph style='mso-list:{{0}} lfo1'>{marker}{{2}}</p>"
    html = "<html><body><p class=MsoNormal>Three things:</p>" + "".join(
        line.format(*one) for one in [
            ("l0 level1", "·", "Ice"), ("l0 level2", "o", "Thin"), ("l0 level1", "·", "Water"),
            ("l1 level1", "1.", "First"), ("l1 level1", "2.", "Second"),
        ]
    ) + "<p class=MsoNormal style='color:red'>End <b>bold</b> <a href='javascript:alert(1)'>no</a></p>"  # fmt: skip
    text.press("Control+End")
    page.evaluate(
        """html => {
          const data = new DataTransfer()
          data.setData("text/html", html)
          document.querySelector(".tiptap").dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))
        }""",
        html,
    )
    body = bodies.clean(page.locator("#id_body").input_value())
    assert "<ul><li>Ice<ul><li>Thin</li></ul></li><li>Water</li></ul><ol><li>First</li><li>Second</li></ol>" in body
    assert "<strong>bold</strong>" in body and "javascript" not in body and "·" not in body


def test_a_script_that_fails_strips_no_mark(visit, open_world):
    edition = open_world.draft("Ferries run again", body=f"<p>{open_world.quote('The lake is ours', 'lakequote')}.</p>")
    page = sign_in(visit, open_world.writer, "/admin/")
    page.route("**/editor/suggestions*.js", lambda route: route.fulfill(body="throw 1", content_type="text/javascript"))
    page.goto(page.url.split("/admin/")[0] + f"/admin/articles/edition/{edition.pk}/change/")
    expect(page.get_by_text("so it is edited as HTML here")).to_be_visible()
    area = page.locator("#id_body")
    assert [quote.key for quote in bodies.quotes(area.input_value())] == ["lakequote"]
    area.fill(area.input_value() + "<p>More.</p>")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.").first).to_be_visible()
    assert bodies.quotes(Edition.objects.get(pk=edition.pk).body)[0].key == "lakequote"
    visit.wrong.clear()  # what had to fail was said


def test_what_was_typed_is_offered_again(write):
    page, text, edition = write("<p>It thawed.</p>")
    text.press("Control+End")
    page.keyboard.type(" Nobody had saved this.")
    page.get_by_label("Headline").fill("Ferries run at last")
    expect(page.get_by_text("is kept in this browser")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.get_by_role("button", name="Put it back").click()
    expect(page.locator(".tiptap")).to_contain_text("Nobody had saved this.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.").first).to_be_visible()
    saved = Edition.objects.get(pk=edition.pk)
    assert saved.headline == "Ferries run at last" and "Nobody had saved this." in saved.body
    assert page.get_by_role("button", name="Put it back").count() == 0


# The server


def staff(user):
    user.is_staff = True
    user.save()
    return user


def test_stored_quotes_vanish_only_when_confirmed(open_world, client):
    world = open_world
    edition = world.draft("Ferries run again", body=f"<p>{world.quote('The lake is ours', 'lakequote')}.</p>")
    client.force_login(staff(world.writer))
    path = f"/admin/articles/edition/{edition.pk}/change/"
    form = client.get(path).context["adminform"].form
    typed = {name: form.initial.get(name) or "" for name in form.fields if name != "topics"} | {
        "body": "<p>The lake is ours.</p>"
    }
    for prefix in ["related", "mentions", "placements", "attachments", "quotes"]:
        typed |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    refused = client.post(path, typed)
    assert refused.status_code == 200 and "The lake is ours" in str(refused.context["errors"])
    assert 'type="checkbox" name="without_quotes"' in refused.content.decode()
    assert bodies.quotes(Edition.objects.get(pk=edition.pk).body)
    confirmed = client.post(path, typed | {"without_quotes": "on"})
    assert confirmed.status_code == 302, confirmed.context["errors"]
    assert bodies.quotes(Edition.objects.get(pk=edition.pk).body) == []


def test_the_editor_asks_with_permission_only(open_world, client, django_user_model):
    nobody = django_user_model.objects.create_user("nobody", is_staff=True)
    client.force_login(nobody)
    assert client.get("/admin/articles/edition/speakers/?q=a").status_code == 403
    assert client.post("/admin/articles/edition/speakers/new/", {"name": "A Person"}).status_code == 403
    assert client.post("/admin/articles/edition/suggest/", "{}", content_type="text/plain").status_code == 403
    client.force_login(staff(open_world.writer))
    assert client.post("/admin/articles/edition/suggest/", "{}", content_type="text/plain").status_code == 400
    assert client.get("/admin/articles/edition/suggest/").status_code == 405


def test_a_suggestion_counts_as_the_browser_does(open_world, client):
    client.force_login(staff(open_world.writer))
    blocks = ["🚢🚢 sail.", f"🚢 “It is open,” said {open_world.mara.name}."]
    answer = client.post(
        "/admin/articles/edition/suggest/", json.dumps({"blocks": blocks, "on": ""}), content_type="application/json"
    ).json()
    [quote] = answer["quotes"]
    [[block, start, end]] = quote["places"]
    units = blocks[block].encode("utf-16-le")
    assert units[2 * start : 2 * end].decode("utf-16-le") in {"It is open", "It is open,"}
    assert quote["speaker"] == open_world.mara.uid and quote["evidence"]
