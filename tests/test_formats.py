"""Files opened: HTML, Word and mail keep every word, their paragraphs and links; what is unreadable says what to do."""

import io
import random
import zipfile
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles import body
from articles.releases import UnreadableRelease, open_release, read, repaired

pytestmark = pytest.mark.any_database

WORDS = "“The gates are of oak, and they will last,” said Jane Holloway, Director of the Lock Office. “We are glad.”"
HTML = f"""<!DOCTYPE html><html><head><title>Site</title><style>p {{}}</style></head><body>
<nav><ul><li>Home</li><li>Latest items</li></ul></nav><h1>Lock Office opens the <em>new</em> gates</h1>
<p>14 March 2024</p>
<p>The office opened the <a href="https://lock.example/gates">new gates</a> in Dunmere on Monday.</p>
<h2>What is new</h2><ul><li>Gates of oak</li><li>A lamp</li></ul><p>{WORDS}</p>
<blockquote><p>We shall keep them open.</p></blockquote><p>ENDS</p><p>Contact: the office</p>
<script>alert(1)</script></body></html>"""


def solid(text):
    return "".join(text.split())


def document(*paragraphs, extra=()):
    """A Word file of (style, text) paragraphs."""
    body_xml = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'
        for style, text in paragraphs
    )
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{style}"><w:name w:val="{name}"/></w:style>'
        for style, name in (("Title", "Title"), ("Heading1", "heading 1"), ("Normal", "Normal"))
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        '<Relationship Id="r1" Target="word/document.xml" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>',
        "word/document.xml": f"<w:document {space}><w:body>{body_xml}</w:body></w:document>",
        "word/styles.xml": f"<w:styles {space}>{styles}</w:styles>",
    } | dict(extra)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return packed.getvalue()


WORD = document(
    ("Title", "Lock Office opens the new gates"), ("Normal", "14 March 2024"),
    ("Normal", "The office opened the new gates in Dunmere on Monday."), ("Heading1", "What is new"), ("Normal", WORDS),
)  # fmt: skip


def mail(*, html=None, text=None, attach=()):
    message = EmailMessage()
    message["From"], message["To"] = "Press Office <press@lock.example>", "desk@news.example"
    message["Subject"], message["Date"] = "Lock Office opens the new gates", "Thu, 14 Mar 2024 09:05:00 +0100"
    if text:
        message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html") if text else message.set_content(html, subtype="html")
    for name in attach:
        message.add_attachment(b"x", maintype="application", subtype="pdf", filename=name)
    return message.as_bytes()


def assert_read(proposal):
    assert proposal.title == "Lock Office opens the new gates"
    assert proposal.dated == "2024-03-14"
    assert [quote.speaker for quote in proposal.quotes] == ["Jane Holloway"]
    assert proposal.quotes[0].segments == ["The gates are of oak, and they will last,", "We are glad."]


def assert_nothing_lost(text, proposal):
    at = 0
    for start, end, words, _ in proposal.pieces():
        assert text[start:end] == words and at <= start and not text[at:start].strip()
        at = end
    assert not text[at:].strip()


def test_a_page_keeps_its_paragraphs_and_links_and_drops_what_surrounds_it():
    opened = open_release(HTML.encode())
    proposal = read(opened)
    assert_read(proposal)
    assert_nothing_lost(opened.text, proposal)
    assert [p.kind for p in proposal.paragraphs] == ["p", "h2", "li", "li", "p", "blockquote"]
    assert proposal.paragraphs[0].links == ((22, 31, "https://lock.example/gates"),)
    html = proposal.body_html()
    assert '<a href="https://lock.example/gates">new gates</a>' in html and body.clean(html) == html
    assert {cut.text: cut.reason for cut in proposal.cut} == {
        "Home": "before the title", "Latest items": "before the title", "ENDS": "end mark",
        "Contact: the office": "after the end",
    }  # fmt: skip
    assert solid(opened.text) == solid(body.plain_text(HTML)) and "alert" not in opened.text


def test_pasted_html_needs_no_title_of_its_own():
    proposal = read(f"<p>Lock Office opens the new gates</p><p>14 March 2024</p><div>{WORDS}</div>".encode())
    assert_read(proposal)


def test_lines_broken_by_hand_are_paragraphs_but_not_inside_marks():
    html = "<h1>Lock Office opens the new gates</h1><p>14 March 2024<br>“The gates are<br>of oak,” said Jane Holm.</p>"
    opened = open_release(html.encode())
    assert [opened.text[start:end] for start, end, _ in opened.lines] == [
        "Lock Office opens the new gates", "14 March 2024", "“The gates are\nof oak,” said Jane Holm.",
    ]  # fmt: skip


def test_a_word_file_is_read_with_its_title_and_headings():
    opened = open_release(WORD)
    proposal = read(opened)
    assert_read(proposal)
    assert_nothing_lost(opened.text, proposal)
    assert [p.kind for p in proposal.paragraphs] == ["p", "h2", "p"]


@pytest.mark.parametrize(
    "content", [{"html": HTML}, {"text": f"14 March 2024\n\n{WORDS}\n"}, {"html": HTML, "text": "x"}]
)
def test_a_mail_is_its_subject_its_date_and_its_body(content):
    data = mail(**content, attach=["gates.pdf"])
    opened = open_release(data)
    proposal = read(opened)
    assert_read(proposal)
    assert_nothing_lost(opened.text, proposal)
    assert any("gates.pdf" in problem for problem in proposal.problems)
    assert "Press Office <press@lock.example>" in opened.text
    assert [d.iso for d in proposal.dates if d.role == "sent"] == ["2024-03-14T09:05"]


def test_the_day_a_mail_was_sent_dates_a_release_that_bears_no_date():
    proposal = read(mail(text=f"The office opened the new gates.\n\n{WORDS}\n"))
    assert proposal.dated == "2024-03-14"


def bomb():
    return document(("Normal", "x"), extra=[("word/media/big.xml", b"0" * 101_000_000)])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04....", "damaged"),
        (WORD[:300], "damaged"),
        (document(("Normal", "")), "no text"),
        (document(("Normal", "x"), extra=[("word/settings.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x/>')]), "entities"),
        (bomb(), "far more"),
        (b"PK\x03\x04" + b"x" * 21_000_000, "MB"),
        (b"<html><body><script>1</script><p></p><br></body></html>", "no text"),
        (mail(text=" "), "no text of its own"),
        (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0 old", "old Word"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_what_to_do(data, words):
    with pytest.raises(UnreadableRelease, match=words) as raised:
        read(data)
    assert any(advice in str(raised.value) for advice in ("Send", "send", "Save", "Copy", "Remove"))


def test_a_zip_file_that_is_no_document_is_refused():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("a.txt", "words")
    with pytest.raises(UnreadableRelease, match="zip file"):
        read(packed.getvalue())


@pytest.mark.parametrize(
    "data", [HTML.encode(), WORD, mail(html=HTML), mail(text=WORDS)], ids=["html", "word", "mail", "plain"]
)
def test_damaged_files_are_read_or_refused_and_never_break(data):
    chance = random.Random(3)  # noqa: S311 a fixed order is wanted
    for _ in range(60):
        broken = bytearray(data)
        for _ in range(chance.randint(1, 30)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        for variant in (bytes(broken), bytes(broken[: chance.randrange(1, len(broken))])):
            try:
                opened = open_release(variant)
            except UnreadableRelease:
                continue
            assert_nothing_lost(opened.text, read(opened))


@given(
    st.one_of(
        st.binary(max_size=400),
        st.text(max_size=300).map(lambda text: f"<p>{text}</p><br><br>".encode("utf-8", "replace")),
    )
)
def test_any_bytes_are_read_or_refused(data):
    try:
        opened = open_release(data)
    except UnreadableRelease:
        return
    assert_nothing_lost(opened.text, read(opened))


# Mojibake


def test_damaged_characters_are_offered_repaired_and_never_by_themselves():
    good = "Lock Office opens\n\n“The gates’ oak – from Évian – costs 3 £,” said Jane Holm."
    damaged = good.encode().decode("cp1252", "replace").replace("\ufffd", "\x9d")
    proposal = read(damaged)
    assert any("repaired" in problem for problem in proposal.problems)
    assert damaged[slice(*proposal.title_span)] == proposal.title
    assert repaired(damaged) == good and repaired(good) == good
    assert open_release(damaged.encode()).text == damaged and open_release(damaged.encode(), repair=True).text == good


@given(st.text(max_size=200))
def test_repairing_never_breaks_and_leaves_plain_text_alone(text):
    repaired(text)
    assert repaired(text.encode("ascii", "ignore").decode()) == text.encode("ascii", "ignore").decode()
