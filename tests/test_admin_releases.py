"""New from a release: what is brought in is kept and nothing typed is lost, what was understood is shown with its
reasons, what an editor decides becomes the draft, and an embargo is decided by somebody before anything is public.

All texts are fiction.
"""

import io
import json
import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles import imports, releases, review
from articles.desk import Arrival, Release
from articles.embargo import instant_in
from articles.models import Act, Article, Edition, Topic
from articles.releases.proposal import Proposal
from people.models import Person
from tests.test_admin import Desk, Form, again, said

RELEASES = Path(__file__).with_name("releases")
FOUNDING = (RELEASES / "01_news_item_four_names.txt").read_text("utf-8")
EMBARGOED = """EMBARGOED UNTIL 24 NOVEMBER 2090, 18:00 CET

Cables of the Outer Sound get a watch

For immediate release

PORT HALDEN, 20 November 2090 – The Secretary-General met the cable owners on Monday.

“A cable that nobody watches is a cable that somebody will cut,” said Mara Ostrander-Lie.

Notes to editors

The Outer Sound carries 31 cables.
"""
BRING = "/admin/articles/edition/from-release/"


@pytest.fixture
def desk(world):
    return Desk(world)


def bring(hand, text="", rich="", file=None):
    """Hand over a release; the page that answers."""
    page = hand.client.get(BRING)
    data = Form(page).data | {"text": text, "rich": rich} | ({"file": file} if file else {})
    return hand.client.post(BRING, data, follow=True)


def press(hand, page, button="_draft", **answers):
    """Press a button of the page of review, with some answers changed; a None leaves a box empty."""
    data = {key: value for key, value in (Form(page).data | answers).items() if value is not None}
    return hand.client.post(page.request["PATH_INFO"], data | {button: data.get(button, "1")}, follow=True)


def shown(page):
    return page.content.decode()


def draft():
    return Edition.objects.get(live_from=None)


# It becomes a draft


def test_the_founding_sample_is_pasted_accepted_and_a_draft_with_its_five_quotes(desk):
    topic = Topic.objects.create(name="Navigation", aliases=["Winter navigation"])
    page = bring(desk.editor, FOUNDING.replace("\n", "\r\n"))
    assert page.status_code == 200 and Article.objects.count() == 0
    page = press(desk.editor, page, "_sure")
    assert Arrival.objects.get().waiting == 2  # "steady hand" and "She said" are likely
    page = press(desk.editor, page, "_accept", quote_1="yes", quote_3="yes")
    edition = draft()
    assert page.redirect_chain[-1][0] == reverse("admin:articles_edition_change", args=[edition.pk])
    assert edition.headline == "Harbour Council Secretary General meets with Estonian Prime Minister in Tallinn"
    assert (edition.dated, edition.event_date, edition.place) == (date(2024, 3, 14), date(2024, 3, 14), "Tallinn")
    quotes = list(edition.quotes.order_by("order"))
    assert len(quotes) == 5
    assert {(q.speaker_name, q.office, q.said_on) for q in quotes} == {
        ("Ingrid Solheim", "Secretary General", date(2024, 3, 14))
    }
    assert edition.related.get().kind == "press-conference" and list(edition.topics.all()) == [topic]
    assert edition.mentions.count() == 2 and edition.summary.startswith("Harbour Council Secretary General Ingrid")
    assert edition.proposals() == [] and edition.blockers() == []
    assert Release.objects.get().text == FOUNDING and not Arrival.objects.exists()


def test_who_makes_the_draft_is_its_writer_and_somebody_else_approves(desk):
    press(desk.editor, bring(desk.editor, FOUNDING), "_accept")
    edition = draft()
    editor = desk.world.editor
    assert edition.written_by == edition.article.created_by == Release.objects.get().imported_by == editor
    assert {act.verb: act.by for act in edition.acts.all()} == {"start": editor, "import": editor, "accept": editor}
    edition.submit(editor)
    with pytest.raises(PermissionDenied):
        edition.approve(editor)
    edition.approve(desk.world.publisher)


def test_a_writer_makes_a_draft_and_writes_on_but_confirms_nobody(desk):
    page = bring(desk.writer, FOUNDING)
    assert "_accept" not in shown(page)
    page = press(desk.writer, page, "_accept")
    assert page.status_code == 200 and 'name="headline"' in shown(page)
    assert Person.objects.get(name="Ingrid Solheim").proposed and not Act.objects.filter(verb="accept").exists()


def test_what_an_editor_changes_is_what_the_draft_says(desk):
    page = bring(desk.editor, FOUNDING)
    page = press(
        desk.editor, page, headline="Icebreakers stay at sea", summary="Three of them.", place="Reval", language="fr",
        kind="press-release", dated="other", dated_other="2024-03-15", happened="none", person_1=None, related_0=None,
        quote_0="yes", quote_1="no", who_2="p1", who_3="other", other_3="mara OSTRANDER-lie", who_4="nobody",
    )  # fmt: skip
    edition = draft()
    assert (edition.headline, edition.summary, edition.place) == ("Icebreakers stay at sea", "Three of them.", "Reval")
    assert (edition.language, edition.kind) == ("fr", "press-release")
    assert (edition.dated, edition.event_date) == (date(2024, 3, 15), None)
    assert [q.speaker_name for q in edition.quotes.order_by("order")] == [
        "Ingrid Solheim", "Kaspar Van Tammela", "Mara Ostrander-Lie", "",
    ]  # fmt: skip
    assert edition.quotes.get(order=2).speaker == desk.world.mara and edition.quotes.get(order=2).source == ""
    assert "steady hand" in edition.plain_text and "steady hand" not in {q.text for q in edition.quotes.all()}
    assert [m.name for m in edition.mentions.all()] == ["Ingrid Solheim"] and not edition.related.exists()


def test_what_was_cut_comes_back_where_it_stood(desk):
    page = bring(desk.editor, EMBARGOED)
    (number,) = re.findall(r'<q>The Outer Sound carries.*?name="cut_(\d+)"', shown(page), re.S)
    press(desk.editor, page, **{f"cut_{number}": "on"})
    assert draft().plain_text.endswith("said Mara Ostrander-Lie.\n\nThe Outer Sound carries 31 cables.")


def test_an_unsure_quote_that_nobody_decided_on_names_nobody(desk):
    text = "Plan signed\n\n12 May 2024\n\nThe plan was signed.\n\n“It is late, but it is certainly not too late.”\n"
    page = bring(desk.editor, text)
    assert "Unsure" in shown(page) and "left empty rather than guessed" in shown(page)
    press(desk.editor, page)
    assert any("has no speaker" in blocker for blocker in draft().blockers())


def test_somebody_new_in_the_text_is_said_to_be_somebody_known(desk):
    page = bring(desk.editor, FOUNDING)
    press(desk.editor, page, is_0="mara ostrander lie", person_1=None)
    edition = draft()
    assert {quote.speaker for quote in edition.quotes.all()} == {edition.mentions.get().person} == {desk.world.mara}
    assert edition.mentions.get().name == "Ingrid Solheim" and not Person.objects.filter(name="Ingrid Solheim").exists()


def test_of_two_people_of_one_name_an_editor_says_which(desk):
    twin = Person.objects.create(name="Mara Ostrander-Lie")
    text = "Lake opens\n\n12 May 2024\n\n“The lake is open to all of you,” said Mara Ostrander-Lie.\n"
    page = bring(desk.editor, text)
    page = press(desk.editor, page, who_0="other", other_0="Mara Ostrander-Lie")
    assert "Several people here have that name" in shown(page) and not Edition.objects.exists()
    press(desk.editor, page, who_0="p0", is_0=twin.uid)
    assert draft().quotes.get().speaker == twin


def test_a_name_that_nobody_here_has_is_an_error_and_nothing_is_lost(desk):
    page = press(
        desk.editor, bring(desk.editor, FOUNDING), headline="My own headline", who_0="other", other_0="Nobody Known"
    )
    assert "Nobody here is called “Nobody Known”" in shown(page) and "My own headline" in shown(page)
    assert not Edition.objects.exists()
    assert "My own headline" in shown(desk.editor.client.get(page.request["PATH_INFO"]))


def test_what_is_missing_is_asked_for(desk):
    page = bring(desk.editor, (RELEASES / "15_no_title_no_date.txt").read_text("utf-8"))
    page = press(desk.editor, page)
    assert "Write a headline" in shown(page) and "Say which date is printed on it." in shown(page)
    press(desk.editor, page, headline="A notice", dated="other", dated_other="2024-05-12")
    assert draft().headline == "A notice"


def test_an_error_on_the_way_leaves_no_half_of_a_draft(desk, monkeypatch):
    page = bring(desk.editor, FOUNDING)

    def broken(*args):
        raise ValidationError("the power went")

    monkeypatch.setattr(imports, "accept", broken)
    page = press(desk.editor, page, "_accept")
    assert "the power went" in shown(page)
    assert (
        not Article.objects.exists()
        and Arrival.objects.count() == 1
        and not Person.objects.filter(name="Ingrid Solheim")
    )


# What is shown


def test_the_release_stands_there_as_it_came_with_what_was_understood_marked(desk):
    html = shown(bring(desk.editor, EMBARGOED))
    (original,) = re.findall(r'<div class="original"[^>]*>(.*?)</div>', html, re.S)
    words = re.sub(r"<sup>.*?</sup>|<[^>]+>", "", original, flags=re.S)
    assert words == EMBARGOED
    assert '<mark class="title">Cables of the Outer Sound get a watch</mark>' in original
    assert '<mark class="embargo">EMBARGOED UNTIL 24 NOVEMBER 2090, 18:00 CET</mark>' in original
    assert '<mark class="quote" id="said-1">A cable that nobody watches' in original
    assert "<del>Notes to editors" in original


@pytest.mark.parametrize("path", sorted(RELEASES.glob("*.txt")), ids=lambda path: path.stem)
def test_every_release_shows_each_of_its_characters_once_and_can_be_made_a_draft_or_says_why_not(desk, path):
    text = path.read_text("utf-8")
    page = bring(desk.editor, text)
    arrival = Arrival.objects.get()
    pieces = review.stretches(arrival.text, Proposal.from_json(arrival.proposal))
    assert "".join(piece.text for piece in pieces) == arrival.text
    page = press(desk.editor, page)
    assert Edition.objects.exists() or page.context["form"].errors


def test_each_quote_says_how_sure_it_is_and_why(desk):
    page = bring(desk.editor, FOUNDING)
    rows = page.context["quotes"]
    assert [str(row["word"].label) for row in rows] == ["Sure", "Likely", "Sure", "Likely", "Sure"]
    assert rows[0]["reason"] == "“said Ms Solheim” stands right after it; nobody here has that name yet."
    assert rows[3]["reason"] == (
        "“She said:” stands before it; that is read as Ingrid Solheim; nobody here has that name yet."
    )
    assert "14 March. 2024”: printed as the date of the release" in shown(page)


@pytest.mark.parametrize("path", sorted((RELEASES / "labelled").glob("*.txt"))[::4], ids=lambda path: path.stem)
def test_every_rule_has_its_reason_in_words(path):
    proposal = releases.read(path.read_text("utf-8"))
    for quote in proposal.quotes:
        told = review.reason(quote, proposal.people)
        assert told[0] in "“ONT" and told.endswith(".") and "%(" not in told and "None" not in told


def test_a_proposal_comes_back_from_json_as_it_was():
    for path in RELEASES.glob("*.txt"):
        proposal = releases.read(path.read_text("utf-8"))
        stored = json.loads(json.dumps(proposal.to_json()))
        assert json.loads(json.dumps(Proposal.from_json(stored).to_json())) == stored


# It is brought in


def test_rich_text_keeps_its_paragraphs_and_links_and_runs_nothing(desk):
    rich = (
        "<html><body><!--StartFragment--><h1>Lake opens<script>alert(1)</script></h1><p>12 May 2024</p>"
        "<p onclick='alert(2)'>The lake <a href='https://lakes.example/plan'>opens</a> on "
        "<a href='javascript:alert(3)'>Monday</a>.</p><p>&lt;img src=x onerror=alert(4)&gt;</p>"
        "<ul><li>The pier</li><li>The slip</li></ul></body></html>"
    )
    text = (
        "Lake opens\n\n12 May 2024\n\nThe lake opens on Monday.\n\n<img src=x onerror=alert(4)>\n\nThe pier\nThe slip\n"
    )
    page = bring(desk.editor, text, rich)
    assert not re.search(r"<script(?![^>]*\ssrc=)|<img|\sonclick=|javascript:", shown(page))
    assert "&lt;img src=x onerror=alert(4)&gt;" in shown(page)
    press(desk.editor, page)
    body = draft().body
    assert '<a href="https://lakes.example/plan">opens</a>' in body and "<ul><li>The pier</li>" in body
    assert "script" not in body and "javascript" not in body and "<img" not in body


def test_a_clipboard_that_lost_words_is_not_believed(desk):
    bring(desk.editor, FOUNDING, "<p>Only this.</p>")
    assert Arrival.objects.get().text == FOUNDING


def docx(*paragraphs):
    office = "http://schemas.openxmlformats.org"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    words = "".join(f"<w:p><w:r><w:t>{paragraph}</w:t></w:r></w:p>" for paragraph in paragraphs)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{office}/package/2006/content-types">'
        f'<Override PartName="/word/document.xml" ContentType="{kind}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{office}/package/2006/relationships"><Relationship Id="a" '
        f'Type="{office}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
        "</Relationships>",
        "word/document.xml": f'<w:document xmlns:w="{office}/wordprocessingml/2006/main"><w:body>{words}</w:body>'
        "</w:document>",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return file.getvalue()


FILES = {
    "r.txt": b"Lake opens\n\n12 May 2024\n\nThe lake opens on Monday, the port said.\n",
    "r.html": b"<h1>Lake opens</h1><p>12 May 2024</p><p>The lake opens on Monday, the port said.</p>",
    "r.docx": docx("Lake opens", "12 May 2024", "The lake opens on Monday, the port said."),
    "r.eml": b"From: Port <port@lakes.example>\nTo: all@lakes.example\nDate: Sun, 12 May 2024 08:00:00 +0000\n"
    b"Subject: Lake opens\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
    b"The lake opens on Monday, the port said.\n",
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_each_sort_becomes_a_draft(desk, name):
    press(desk.editor, bring(desk.editor, file=SimpleUploadedFile(name, FILES[name])))
    edition = draft()
    assert (edition.headline, edition.dated) == ("Lake opens", date(2024, 5, 12))
    assert "The lake opens on Monday, the port said." in edition.plain_text and Release.objects.get().name == name


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "empty"), (b"%PDF-1.4", "PDF"), (b"\0\1\2" * 99, "binary"), (b"PK\3\4broken", "damaged"), (b" \n", "empty")],
)
def test_a_file_that_cannot_be_read_says_what_to_do(desk, data, reason):
    page = bring(desk.editor, file=SimpleUploadedFile("r.bin", data))
    assert page.status_code == 200 and reason in str(page.context["form"].errors["file"])
    assert not Arrival.objects.exists()


def test_a_text_beside_a_file_is_not_lost(desk):
    page = bring(desk.editor, "An hour of typing", "<p>An hour of typing</p>", SimpleUploadedFile("r.txt", b"Other"))
    assert "Hand over one of them" in shown(page) and "An hour of typing" in Form(page).data["text"][0]
    assert Form(page).data["rich"] == ["<p>An hour of typing</p>"]
    assert "Paste a text, or choose a file." in shown(bring(desk.editor))


def test_a_text_with_what_no_database_stores_is_refused_in_the_form(desk):
    page = bring(desk.editor, file=SimpleUploadedFile("r.html", b"<p>One&#0;</p><p>Two</p>"))
    assert page.status_code == 200
    page = bring(desk.editor, "One\0Two")
    assert "Null characters" in shown(page)


def test_the_same_release_never_makes_two_articles(desk):
    first, second = bring(desk.editor, FOUNDING), bring(desk.publisher, FOUNDING)
    assert Arrival.objects.count() == 2
    assert bring(desk.editor, FOUNDING).request["PATH_INFO"] == first.request["PATH_INFO"]  # goes on where she was
    press(desk.editor, first)
    for late in (press(desk.editor, first), press(desk.publisher, second)):
        assert "has become a draft already" in said(late) and late.context["original"] == draft()
    again_ = bring(desk.writer, FOUNDING)
    assert "came in before" in shown(again_) and FOUNDING.split("\n")[0] in shown(again_)
    assert "came in before" in shown(bring(desk.writer, file=SimpleUploadedFile("a.txt", FOUNDING.encode())))
    assert Article.objects.count() == 1 and not Arrival.objects.exists()


def test_a_headline_that_is_taken_is_told_of(desk):
    desk.world.draft("Lake opens")
    assert "There is an article with this headline already" in shown(bring(desk.editor, FILES["r.txt"].decode()))


def test_damaged_characters_are_mended_only_on_request_and_back(desk):
    damaged = FILES["r.txt"].decode() + "\nâ€œThe lake is open to all of you,â€\u009d said Mara Ostrander-Lie.\n"
    page = bring(desk.editor, damaged)
    assert "look damaged" in shown(page) and page.context["quotes"] == []
    page = press(desk.editor, page, "_repair", _repair="yes", headline="My own headline")
    assert len(page.context["quotes"]) == 1 and "My own headline" in shown(page)
    assert "“The lake is open to all of you,”" in shown(page)
    back = press(desk.editor, page, "_repair", _repair="no")
    assert back.context["quotes"] == [] and Arrival.objects.get().text == damaged.replace("\r", "")
    press(desk.editor, press(desk.editor, back, "_repair", _repair="yes"))
    assert draft().quotes.get().speaker == desk.world.mara


@pytest.mark.parametrize(
    "text", ["plain", "<h1>Ã©tÃ©</h1><p>x <a href='https://a.example/'>lâ€™Ã©cole</a> y</p><p>Ã©</p>"]
)
def test_mended_lines_and_links_stand_where_their_words_stand(text):
    opened = releases.open_release(text.encode())
    mended = releases.mended(opened)
    assert mended.text == releases.repaired(opened.text)
    for before, after in ((opened.lines or [], mended.lines or []), (opened.links, mended.links)):
        for (start, end, tag), (s, e, t) in zip(before, after, strict=True):
            assert (mended.text[s:e], t) == (releases.repaired(opened.text[start:end]), tag)


# Nothing typed is lost


def test_what_is_sent_after_the_session_ended_waits_for_the_login(desk):
    page = desk.writer.client.get(BRING)
    desk.writer.client.logout()
    data = Form(page).data | {"text": FOUNDING}
    answer = desk.writer.client.post(BRING, data)
    arrival = Arrival.objects.get()
    address = reverse("admin:articles_edition_arrival", args=[arrival.pk])
    assert answer.status_code == 302 and answer["Location"] == f"/admin/login/?next={address}"
    assert arrival.by == desk.world.writer and arrival.text == FOUNDING
    desk.writer.client.force_login(desk.world.writer)
    assert desk.writer.client.get(address).status_code == 200


def test_answers_sent_after_the_session_ended_wait_for_the_login_and_make_no_draft(desk):
    page = bring(desk.writer, FOUNDING)
    desk.writer.client.logout()
    data = Form(page).data | {"headline": "An hour of thought", "quote_0": "no", "_draft": "1"}
    answer = desk.writer.client.post(page.request["PATH_INFO"], data)
    assert (
        answer.status_code == 302 and page.request["PATH_INFO"] in answer["Location"] and not Edition.objects.exists()
    )
    desk.writer.client.force_login(desk.world.writer)
    later = Form(desk.writer.client.get(page.request["PATH_INFO"])).data
    assert (later["headline"], later["quote_0"]) == (["An hour of thought"], ["no"])


def test_a_stranger_keeps_nothing_here(desk):
    token = Form(desk.writer.client.get(BRING)).data["page"][0]
    desk.world.writer.set_password("another long word")
    desk.world.writer.save()
    for page in ("", "forged", token):
        answer = Client().post(BRING, {"text": FOUNDING, "page": page})
        assert answer.status_code == 302 and answer["Location"].startswith("/admin/login/?next=")
    assert not Arrival.objects.exists()


def test_a_page_of_somebody_else_writes_into_nothing_of_mine(desk):
    page = bring(desk.editor, FOUNDING)
    token = Form(desk.writer.client.get(BRING)).data["page"][0]
    Client().post(page.request["PATH_INFO"], Form(page).data | {"headline": "Forged", "page": token})
    assert Arrival.objects.get().answers == {}


def test_answers_are_kept_until_they_are_used_thrown_away_or_too_old(desk):
    page = press(desk.writer, bring(desk.writer, FOUNDING), "_keep", headline="Half done", quote_0="yes")
    arrival = Arrival.objects.get()
    assert (arrival.answers["headline"], arrival.waiting) == ("Half done", 4)
    assert "Not finished: 4 quotes to decide. You" in shown(desk.writer.client.get(BRING))
    press(desk.writer, page, "_throw")
    assert not Arrival.objects.exists()
    bring(desk.writer, FOUNDING)
    Arrival.objects.update(at=timezone.now() - timedelta(days=31))
    assert desk.writer.client.get(page.request["PATH_INFO"]).status_code == 302
    bring(desk.writer, "Another\n\n12 May 2024\n\nThe lake opens, the port said.")
    assert [kept.text[:7] for kept in Arrival.objects.all()] == ["Another"]


# Who may


def test_writers_review_what_they_brought_and_editors_everything(desk):
    other = User.objects.create_user("other", is_staff=True)
    other.groups.set(desk.world.writer.groups.all())
    client = Client()
    client.force_login(other)
    page = bring(desk.writer, FOUNDING)
    address = page.request["PATH_INFO"]
    assert client.get(address).status_code == client.post(address, {"_throw": "1"}).status_code == 403
    assert desk.editor.client.get(address).status_code == 200
    assert FOUNDING.split("\n")[0] not in shown(client.get(BRING))
    assert client.get("/admin/articles/edition/from-release/99999999999999999999/").status_code in (302, 404)


def test_who_may_write_nothing_brings_nothing_in(desk):
    reader = User.objects.create_user("reader", is_staff=True)
    client = Client()
    client.force_login(reader)
    assert client.get(BRING).status_code == client.post(BRING, {"text": FOUNDING}).status_code == 403
    assert client.get(f"{BRING}1/").status_code == 403 and not Arrival.objects.exists()


def test_without_its_token_a_post_is_refused(desk):
    client = Client(enforce_csrf_checks=True)
    client.force_login(desk.world.editor)
    assert client.post(BRING, {"text": FOUNDING}).status_code == 403 and not Arrival.objects.exists()


# The embargo


@pytest.mark.parametrize(
    ("line", "instant"),
    [
        ("EMBARGOED UNTIL 24 NOVEMBER 2026, 18:00 CET", datetime(2026, 11, 24, 17, 0, tzinfo=UTC)),
        ("EMBARGOED UNTIL 00:01 on 6 June 2025", datetime(2025, 6, 5, 22, 1, tzinfo=UTC)),  # no zone: the newsroom's
        ("Embargo: 6 p.m. GMT, 1 March 2026", datetime(2026, 3, 1, 18, 0, tzinfo=UTC)),
        ("EMBARGO 2.30 am EDT 4 July 2026", datetime(2026, 7, 4, 6, 30, tzinfo=UTC)),
        ("L'EMBARGO EST LEVÉ le 24 novembre 2026 à 18h00", datetime(2026, 11, 24, 17, 0, tzinfo=UTC)),  # EST: "is"
        ("Sous embargo jusqu'au 24 novembre 2026 à 18h00", datetime(2026, 11, 24, 17, 0, tzinfo=UTC)),
        ("EMBARGOED UNTIL 24 NOVEMBER 2026, 18:00 IST", None),  # India, Ireland or Israel
        ("Embargoed until 28 March 2027, 02:30", None),  # the clocks skip it
        ("Embargoed until 24 November 2026", None), ("Embargoed until noon", None), ("", None),
    ],
)  # fmt: skip
def test_the_instant_of_an_embargo_is_read_only_where_it_is_clear(line, instant):
    assert instant_in(line) == instant


def test_an_embargo_has_no_answer_of_its_own_and_blocks_until_it_has_one(desk):
    page = bring(desk.editor, EMBARGOED)
    assert "Decide the embargo: the release says more than one thing" in shown(page)
    assert "Line 1:" in shown(page) and "Line 5:" in shown(page)
    assert "Publish at Fri 24 November 2090, 18:00 CET (17:00 UTC)" in shown(page)
    assert "embargo-decision" not in Form(page).data
    press(desk.editor, page, "_accept")
    edition = draft()
    assert edition.embargo == "EMBARGOED UNTIL 24 NOVEMBER 2090, 18:00 CET"
    assert any("Decide the embargo first" in blocker for blocker in edition.blockers())
    edition.submit(desk.world.editor)
    edition.approve(desk.world.publisher)
    with pytest.raises(ValidationError, match="Decide the embargo first"):
        edition.publish(desk.world.publisher)


def test_decided_on_the_page_of_review_it_holds_to_the_second(desk):
    press(desk.editor, bring(desk.editor, EMBARGOED), "_accept", **{"embargo-decision": "as-read"})
    edition, until = draft(), datetime(2090, 11, 24, 17, 0, tzinfo=UTC)
    assert (edition.embargo, edition.embargoed_until) == ("", until)
    act = edition.acts.get(verb="hold-embargo")
    assert act.by == desk.world.editor and "EMBARGOED UNTIL" in act.note and until.isoformat() in act.note
    edition.submit(desk.world.editor)
    edition.approve(desk.world.publisher)
    for attempt in (edition.publish, lambda by: edition.schedule(by, until - timedelta(microseconds=1))):
        with pytest.raises(ValidationError, match="held under embargo until 24 Nov 2090, 18:00"):
            attempt(desk.world.publisher)
    edition.schedule(desk.world.publisher, until)
    with pytest.raises(ValidationError, match="held under embargo"):
        edition.reschedule(desk.world.publisher, until - timedelta(days=1))
    with pytest.raises(ValidationError, match="cancel that first"):
        edition.decide_embargo(desk.world.editor, Edition.LIFT)
    assert again(edition).live_from == until


@pytest.mark.parametrize(
    ("answers", "verb", "until"),
    [
        ({"decision": "lift-embargo"}, "lift-embargo", None),
        ({"decision": "no-embargo", "reason": "It is their own text."}, "no-embargo", None),
        ({"decision": "at", "day": "2090-01-01", "time": "07:00"}, "hold-embargo", datetime(2090, 1, 1, 6, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_it_is_decided_on_the_draft_and_that_is_an_act(desk, answers, verb, until):
    edition = desk.world.draft(embargo="EMBARGOED UNTIL NOON")
    address = reverse("admin:articles_edition_embargo", args=[edition.pk])
    assert address in shown(desk.editor.open(edition))
    page = desk.editor.client.get(address)
    page = desk.editor.client.post(address, Form(page).data | answers, follow=True)
    assert "Decided" in said(page)
    edition = again(edition)
    assert (edition.embargo, edition.embargoed_until) == ("", until)
    act = edition.acts.get(verb=verb)
    assert act.by == desk.world.editor and "EMBARGOED UNTIL NOON" in act.note
    assert answers.get("reason", "") in act.note
    assert not any("embargo" in blocker for blocker in edition.blockers())
    again_ = desk.publisher.client.get(address)
    assert "What you decide now takes its place" in shown(again_)
    desk.publisher.client.post(address, Form(again_).data | {"decision": "lift-embargo"})
    assert again(edition).embargoed_until is None and edition.acts.filter(by=desk.world.publisher).count() == 1


@pytest.mark.parametrize(
    "answers",
    [{}, {"decision": "no-embargo"}, {"decision": "at"}, {"decision": "at", "day": "2027-03-28", "time": "02:30"}],
)
def test_half_a_decision_is_none(desk, answers):
    edition = desk.world.draft(embargo="EMBARGOED UNTIL NOON")
    address = reverse("admin:articles_edition_embargo", args=[edition.pk])
    page = desk.editor.client.post(address, answers)
    assert page.status_code == 200 and page.context["form"].errors and again(edition).embargo
    page = bring(desk.editor, EMBARGOED)
    given = {f"embargo-{field}": value for field, value in answers.items()}
    press(desk.editor, page, **given)
    assert Edition.objects.count() == (1 if answers else 2)


def test_a_writer_does_not_decide_an_embargo(desk):
    page = bring(desk.writer, EMBARGOED)
    assert "An editor decides it, in the draft." in shown(page)
    press(desk.writer, page, **{"embargo-decision": "lift-embargo"})
    edition = draft()
    address = reverse("admin:articles_edition_embargo", args=[edition.pk])
    assert edition.embargo and desk.writer.client.post(address, {"decision": "lift-embargo"}).status_code == 403
    with pytest.raises(PermissionDenied):
        edition.decide_embargo(desk.world.writer, Edition.LIFT)
    desk.writer.save(edition, embargo="", headline="Another")
    assert again(edition).embargo and again(edition).headline == "Another"


def test_the_check_of_an_embargo_leads_to_where_it_is_decided_or_says_who_decides(desk):
    edition = desk.world.draft(embargo="Until noon")
    sentence = "Decide the embargo first: “Until noon”."
    there = reverse("admin:articles_edition_embargo", args=[edition.pk])
    assert f'<a href="{there}">{sentence}</a>' in desk.editor.open(edition).content.decode()
    page = desk.writer.open(edition).content.decode()
    assert f'<a href="#embargo">{sentence}</a>' in page and 'id="embargo"' in page and "An editor decides it." in page


def test_a_draft_without_an_embargo_has_none_to_decide(desk):
    edition = desk.world.draft()
    assert desk.editor.client.get(reverse("admin:articles_edition_embargo", args=[edition.pk])).status_code == 404
    with pytest.raises(ValidationError):
        edition.decide_embargo(desk.world.editor, Edition.LIFT)


# Erased


def test_erasing_takes_what_waits_of_the_same_text(desk):
    bring(desk.publisher, FOUNDING)
    press(desk.editor, bring(desk.editor, FOUNDING + "\n"))  # another file of the same words
    Arrival.objects.update(text=FOUNDING + "\n")
    draft().article.erase(desk.world.publisher, "Order 12 of the court")
    assert not Arrival.objects.exists() and not Release.objects.exists()


# What it costs, and what it loads


def queries(client, address):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_pages_cost_the_same_for_one_release_and_for_many(desk):
    page = bring(desk.editor, FOUNDING)
    few = queries(desk.editor.client, BRING), queries(desk.editor.client, page.request["PATH_INFO"])
    for number in range(12):
        made = bring(desk.editor, f"Lock {number} opens\n\n12 May 2024\n\n“Lock {number} is open,” said Jane Holloway.")
        if number % 2:
            press(desk.editor, made)
    many = queries(desk.editor.client, BRING), queries(desk.editor.client, page.request["PATH_INFO"])
    assert many == few or (many[0] <= 8 and many[1] == few[1])
    assert few[1] <= 9


def test_no_page_carries_what_the_policy_would_refuse(desk):
    review_page = bring(desk.editor, EMBARGOED)
    edition = desk.world.draft(embargo="EMBARGOED UNTIL NOON")
    decision = desk.editor.client.get(reverse("admin:articles_edition_embargo", args=[edition.pk]))
    for page in (desk.editor.client.get(BRING), review_page, decision):
        assert "style-src 'self'" in page["Content-Security-Policy"] and "unsafe" not in page["Content-Security-Policy"]
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\ssrc=)", shown(page))
