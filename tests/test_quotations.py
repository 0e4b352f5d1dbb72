"""What readers take away from an article and a quote: citations, cards, code to embed; whether cited words still stand;
and the choices beside a list."""

import io
import json
import re
from datetime import date, timedelta
from xml.etree import ElementTree

import PIL.Image
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import features

from articles import cards, citing
from articles.embedding import embed_code
from articles.models import Article, Edition, QuoteText, Topic
from articles.narrowing import CAP
from people.models import Appointment, Person
from tests import test_pages
from tests.conftest import instant
from tests.test_pages import ELEVEN, TEN

SITE = "http://127.0.0.1:8000"
reader, story, hidden = test_pages.reader, test_pages.story, test_pages.hidden  # its fixtures


def corrected(world, story, new, note="The words were wrong.", change=Edition.CORRECTION):
    """The third edition, published at 12:00, with the words of the quote (or the whole body) changed."""
    body = story.second.body.replace("The lake is everybody's", new) if new else "<p>Silence.</p>"
    third = world.draft("Ferries run every day", body=body, article=story.article, note=note, change_class=change)
    world.approve(third, instant("2024-03-01 11:30"))
    return third.publish(world.publisher, at=instant("2024-03-01 11:45"))


# Citations


def test_an_article_is_cited_with_the_address_of_its_edition(reader, story):
    assert reader.read(f"{story.url}cite.txt") == (
        "Newsroom, “Ferries run every day”, news, Lakeside, 1 March 2024, edition 2. "
        f"{SITE}{story.url}history/2/\n"
    )  # fmt: skip
    assert "“Ferries run again”" in reader.read(f"{story.url}cite.txt", edition="1")
    assert f'href="{story.url}cite.bib"' in reader.read(story.url)
    assert f'href="{story.url}cite.bib?edition=1"' in reader.read(f"{story.url}history/1/")
    assert f"{story.url}history/1/" in reader.read(f"{story.url}cite.ris", edition="1")


def test_an_edition_of_another_day_is_cited_with_its_own(reader, world, story):
    third = world.ready("Ferries run", article=story.article, note="New times.", change_class=Edition.UPDATE, at=ELEVEN)
    third.publish(world.publisher, at=instant("2024-03-02 10:00"))
    reader.clock(instant("2024-03-02 12:00"))
    assert ", 1 March 2024, edition 3 of 2 March 2024. http" in reader.read(f"{story.url}cite.txt")


def test_a_quote_is_cited_with_its_speaker_office_day_and_edition(reader, story):
    answer = reader.raw("/quotes/lakequote/cite.bib")
    assert answer["Content-Type"] == "application/x-bibtex; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="quote-lakequote-2.bib"'
    bib = answer.content.decode()
    for line in (
        "@misc{quote-lakequote-2,", "author = {Mara Ostrander-Lie}", "title = {{The lake is everybody's}}",
        "note = {Secretary-General}", "date = {2024-03-01}", "month = mar", "edition = {2}",
        f"url = {{{SITE}/quotes/lakequote/?cited=2}}",
    ):  # fmt: skip
        assert line in bib
    ris = reader.raw("/quotes/lakequote/cite.ris").content.decode()
    assert ris.startswith("TY  - ELEC\r\n") and ris.endswith("ER  - \r\n")
    assert "AU  - Mara Ostrander-Lie\r\n" in ris and "DA  - 2024/03/01\r\n" in ris
    assert reader.raw("/quotes/lakequote/cite.pdf").status_code == 404


@pytest.fixture
def awkward():
    return citing.Citation(
        key="k-1", author="The Mayors of Aa, Bb and Cc*", title="50% of {all} $ & #1_x \\ ~^ say\nER  - \nTY  - BOOK",
        sentence="", day=date(2024, 3, 1), place="", kind="Quote", note="", number=1, language="en", url="https://a.example/",
    )  # fmt: skip


def test_words_that_read_from_the_right_do_not_turn_the_sentence_around_them(world):
    arabic = Article.objects.create(language="ar")
    edition = world.published("البحيرة للجميع", article=arabic, place="فيرين", at=TEN)
    sentence = citing.of_edition(edition).sentence
    assert "“\u2068البحيرة للجميع\u2069”" in sentence and "\u2068فيرين\u2069, 1 March 2024" in sentence
    assert "\u2068" not in citing.of_edition(edition).bib()


def test_signs_that_mean_something_to_tex_are_escaped(awkward):
    bib = awkward.bib()
    assert (
        r"title = {{50\% of \{all\} \$ \& \#1\_x \textbackslash{} \textasciitilde{}\textasciicircum{} say"
        r" ER - TY - BOOK}}"
    ) in bib
    assert "author = {{The Mayors of Aa, Bb and Cc*}}" in bib
    assert re.sub(r"\\[{}]", "", bib).count("{") == re.sub(r"\\[{}]", "", bib).count("}")


def test_no_value_can_end_a_line_of_ris(awkward):
    lines = awkward.ris().split("\r\n")
    assert [line[:6] for line in lines if line[:2] in ("TY", "ER")] == ["TY  - ", "ER  - "]
    assert not any("\n" in line for line in lines)
    assert "AU  - The Mayors of Aa, Bb and Cc" in lines


# Whether cited words still stand


def test_whoever_follows_a_citation_reads_that_the_words_still_stand(reader, story):
    assert "These words still stand as they were cited. The article is at edition 2." in reader.words(
        "/quotes/lakequote/", cited="1"
    )
    assert "it is the one that stands" in reader.words("/quotes/lakequote/", cited="2")
    assert "noindex" not in reader.read("/quotes/lakequote/", cited="1")
    assert "Cited from" not in reader.words("/quotes/lakequote/")


def test_or_that_they_were_corrected_with_the_words_as_they_were_cited(reader, world, story):
    corrected(world, story, "The lake is ours")
    page = reader.words("/quotes/lakequote/", cited="1")
    assert "Corrected since. What was cited, as it stood then: The lake is everybody&#x27;s" in page
    assert "Corrected 1 March 2024, 12:45 , since it was first published." in page
    assert f'href="{story.url}compare/1/3/"' in reader.read("/quotes/lakequote/", cited="1")
    assert "it is the one that stands" in reader.words("/quotes/lakequote/", cited="3")


def test_or_changed_which_is_no_correction(reader, world, story):
    corrected(world, story, "The lake is ours", change=Edition.UPDATE)
    assert "Changed since. What was cited" in reader.words("/quotes/lakequote/", cited="2")


def test_or_that_they_were_removed_and_what_they_were(reader, world, story):
    corrected(world, story, "", change=Edition.UPDATE)
    page = reader.read("/quotes/lakequote/", cited="2")
    assert "These words are no longer in the article." in page
    assert f'href="{story.url}history/2/"' in page
    assert "card.png" not in page and "oembed" not in page
    assert reader.raw("/quotes/lakequote/card.png").status_code == 404
    assert "edition 2." in reader.read("/quotes/lakequote/cite.txt")


def test_of_an_edition_that_never_was_it_says_so(reader, hidden, subtests):
    """Edition 3 is scheduled: it gets the answer of all others."""
    for number in ["3", "0", "x", "9" * 50, "<b>"]:
        with subtests.test(number=number):
            page = reader.read("/quotes/lakequote/", cited=number)
            assert "This record has no such edition with these words." in page
            assert "<b></h2>" not in page


def test_a_correction_elsewhere_in_the_article_is_said_not_to_touch_the_words(reader, story):
    assert "Corrected 1 March 2024, 12:00 ; the correction does not touch these words." in reader.words(
        "/quotes/lakequote/"
    )


def test_the_link_into_the_article_marks_the_very_words(reader, world, story):
    assert f'href="{story.url}#lakequote:~:text=The%20lake%20is%20everybody%27s"' in reader.read("/quotes/lakequote/")
    words = "We have asked for well-kept boats, for honest timetables, and for every pier to be open"
    world.published("Long words", body=f"<p>{world.quote(words, 'longquote')}</p>", at=instant("2024-03-01 12:00"))
    assert ":~:text=We%20have%20asked%20for%20well%2Dkept,every%20pier%20to%20be%20open" in reader.read(
        "/quotes/longquote/"
    )


def test_a_quote_is_offered_in_the_other_languages_of_its_article(reader, world, story):
    draft = story.second.translate(world.writer, "fr")
    draft.headline, draft.body = (
        "Les bacs circulent",
        draft.body.replace("The lake is everybody's", "Le lac est à tous"),
    )
    draft.save(by=world.writer)
    world.approve(draft, instant("2024-03-01 12:00"))
    draft.publish(world.publisher, at=instant("2024-03-01 12:05"))
    french = QuoteText.objects.get(text="Le lac est à tous").quote
    assert f'href="/quotes/{french.key}/" lang="fr"' in reader.read("/quotes/lakequote/")
    assert 'href="/quotes/lakequote/" lang="en"' in reader.read(f"/quotes/{french.key}/")


# Embedding


def test_the_code_to_embed_needs_no_script_and_escapes_the_words(world):
    text = world.draft(body=f"<p>{world.quote('a &lt;b&gt; &amp; c', 'oddquote')}</p>").quotes.get()
    code = embed_code(text)
    assert (
        '<blockquote cite="http://127.0.0.1:8000/quotes/oddquote/" lang="en" dir="ltr"><p>a &lt;b&gt; &amp; c</p>'
        in code
    )
    assert "Mara Ostrander-Lie, Secretary-General, Lakeside, 1 March 2024" in code
    assert "script" not in code and "style" not in code


def test_oembed_answers_for_our_live_pages(reader, story):
    page = reader.read("/quotes/lakequote/")
    address = re.search(r'application/json\+oembed" href="([^"]+)"', page)[1].replace("&amp;", "&")
    answer = reader.raw(address.removeprefix(SITE))
    facts = json.loads(answer.content)
    assert (facts["version"], facts["type"], facts["width"]) == ("1.0", "rich", 600)
    assert facts["author_name"] == "Mara Ostrander-Lie"
    assert facts["thumbnail_url"] == f"{SITE}/quotes/lakequote/card.png"
    assert "The lake is everybody&#x27;s" in facts["html"]
    assert answer["Access-Control-Allow-Origin"] == "*"
    small = json.loads(reader.raw("/oembed", {"url": f"{SITE}{story.url}", "maxwidth": "320"}).content)
    assert small["width"] == 320 and "thumbnail_url" not in small and small["title"] == "Ferries run every day"
    xml = ElementTree.fromstring(reader.raw("/oembed", {"url": f"{SITE}{story.url}", "format": "xml"}).content)
    assert (xml.tag, xml.findtext("type"), xml.findtext("title")) == ("oembed", "rich", "Ferries run every day")
    for other in (f"{SITE}/fr{story.url}", f"{SITE}/quotes/lakequote/?cited=1#cite"):
        assert reader.raw("/oembed", {"url": other}).status_code == 200


def test_oembed_does_not_know_any_other_address(reader, hidden, subtests):
    for url in [
        "x",
        "/quotes/lakequote/",
        "https://elsewhere.example/quotes/lakequote/",
        f"{SITE}.evil.example/quotes/lakequote/",
        f"{SITE}@evil.example/quotes/lakequote/",
        f"{SITE}/",
        f"{SITE}/quotes/",
        f"{SITE}/quotes/never/",
        f"{SITE}/admin/",
        f"{SITE}/quotes/lakequote/?at=2024-03-01T10:30:00Z",
        f"{SITE}/quotes/%00/",
        f"{SITE}/articles/%2500/",
        f"{SITE}/%ff/",
        f"{SITE}/quotes/draftquote/",
        f"{SITE}/quotes/scheduledquote/",
        f"{SITE}/quotes/withheldquote/",
        "http://[",
        f"{SITE}/articles/zyxomel-draft/",
        f"{SITE}/articles/zyxomel-withheld/",
    ]:
        with subtests.test(url=url):
            assert reader.raw("/oembed", {"url": url}).content == reader.raw("/no/such/page/").content


def test_oembed_knows_two_formats(reader, story):
    assert reader.raw("/oembed", {"url": f"{SITE}{story.url}", "format": "yaml"}).status_code == 501
    assert reader.client.post("/oembed").status_code == 405


# Cards


def opened(answer):
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    return PIL.Image.open(io.BytesIO(answer.content))


@pytest.mark.parametrize("path", ["/quotes/lakequote/card.png", "/articles/ferries-run-again/card.png"])
def test_a_card_is_drawn_once_for_whoever_keeps_it(reader, story, path, monkeypatch):
    answer = reader.raw(path)
    assert opened(answer).size == (cards.WIDTH, cards.HEIGHT)
    assert len(answer.content) < 80_000
    assert answer["Cache-Control"] == "public, no-cache"
    monkeypatch.setattr(cards, "drawn", None)
    assert reader.client.get(path, headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_a_card_is_another_when_the_words_are(reader, world, story):
    before = reader.raw("/quotes/lakequote/card.png")
    corrected(world, story, "The lake is ours")
    after = reader.raw("/quotes/lakequote/card.png")
    assert before["ETag"] != after["ETag"] and before.content != after.content
    assert reader.raw("/quotes/icequote/card.png", {"at": "2024-03-01T10:30:00Z"}).status_code == 200


def test_no_card_of_what_is_hidden_and_none_after_a_withdrawal(reader, world, story, hidden):
    nothing = reader.raw("/quotes/neverquote/card.png").content
    for path in (
        "/quotes/draftquote/card.png",
        "/quotes/scheduledquote/card.png",
        "/articles/zyxomel-scheduled/card.png",
    ):
        assert reader.raw(path).content == nothing
    assert reader.raw("/quotes/withheldquote/card.png").status_code == 410
    story.article.withdraw(world.publisher, "Wrong.", at=instant("2024-03-01 15:00"))
    for path in (
        f"{story.url}card.png",
        f"{story.url}cite.bib",
        "/quotes/lakequote/card.png",
        "/quotes/lakequote/cite.ris",
    ):
        assert reader.raw(path).status_code == 410, path
    assert reader.raw("/oembed", {"url": f"{SITE}{story.url}"}).status_code == 404


def test_a_former_address_has_the_card_and_the_citation_of_the_present_one(reader, world, story):
    card = reader.raw(f"{story.url}card.png")
    story.article.move(world.publisher, "boats-run")
    assert reader.raw(f"{story.url}card.png").content == card.content
    assert "/articles/boats-run/history/2/" in reader.read(f"{story.url}cite.txt")


LONG = "Nobody who has waited at a pier in November will forget what a timetable is for. " * 12


@pytest.mark.parametrize(
    ("words", "direction"),
    [
        ("Boats.", "ltr"), (LONG, "ltr"), ("x" * 600, "ltr"),
        ("البحيرة للجميع، منذ 1961، كما قال Council of Lakes.", "rtl"),
        ("Ελληνικά, Українська, Đorđe", "ltr"), ("", "ltr"),
    ],
)  # fmt: skip
def test_a_card_takes_words_of_every_length_and_script(words, direction):
    bare = cards.drawn(cards.Card(words="", direction=direction, line=""))
    drawn = cards.drawn(cards.Card(words=words, direction=direction, line="Lakeside", name="N" * 90, office=LONG[:200]))
    picture = PIL.Image.open(io.BytesIO(drawn)).convert("RGB")
    assert picture.size == (1200, 630)
    for margin in ((0, 0, 24, 630), (1176, 0, 1200, 630)):
        assert len(picture.crop(margin).getcolors()) == 1, "something is drawn over the edge"
    assert drawn != bare


@pytest.mark.parametrize("words", ["湖は皆のもの", "\U0001f6a2 boats"])
def test_a_card_without_the_letters_says_nothing_rather_than_boxes(words):
    said = cards.drawn(cards.Card(words=words, direction="ltr", line="Lakeside"))
    assert said == cards.drawn(cards.Card(words="還", direction="ltr", line=""))


def test_without_raqm_nothing_is_written_backwards(monkeypatch):
    assert cards.can_set("البحيرة") == features.check("raqm")
    monkeypatch.setattr("PIL.features.check", lambda name: False)
    assert not cards.can_set("البحيرة") and cards.can_set("The lake")


def test_marks_and_spaces_of_a_line_that_reads_from_the_right_belong_to_it():
    pieces = cards.runs("في 2026 كما", cards.SERIF, 400, base="rtl")
    assert [(way, "".join(part for _face, part in parts)) for way, parts in pieces] == [
        ("rtl", "في "), ("ltr", "2026"), ("rtl", " كما"),
    ]  # fmt: skip


# Choices beside a list


def choices(html, name):
    """{label: how many, '' where that is not said} of a group of facets."""
    found = re.findall(
        rf'name="{name}" value="[^"]*"(?: checked)?><bdi>([^<]*)</bdi>(?: <span class="count">([^<]*))?', html
    )
    return dict(found)


def test_who_speaks_in_which_office_and_where_is_offered_with_exact_numbers(reader, world, story):
    for number in range(3):
        quote = world.quote(f"Words {number}", f"words{number}x", world.ilo).replace("<q", '<q data-on="2020-01-15"')
        draft = world.draft(f"Item {number}", body=f"<p>{quote}</p>", kind="speech")
        draft.topics.set([world.water])
        world.approve(draft, instant("2024-03-01 12:00"))
        draft.publish(world.publisher, at=instant("2024-03-01 12:00") + timedelta(minutes=number))
    quotes, articles = reader.read("/quotes/"), reader.read("/articles/")
    assert choices(quotes, "speaker") == {"Any": "", "Ilo Verhaak": "4", "Mara Ostrander-Lie": "1"}
    assert choices(quotes, "position") == {"Any": "", "Secretary-General": "5"}
    assert choices(quotes, "organisation") == {"Any": "", "Council of Lakes": "5"}
    assert choices(quotes, "topic") == {"Any topic": "", "Water": "5"}
    assert choices(articles, "speaker") == {"Any": "", "Ilo Verhaak": "4", "Mara Ostrander-Lie": "1"}
    assert choices(articles, "kind")["Speech"] == "3" and choices(articles, "kind")["News"] == "1"
    narrowed = reader.read("/articles/", speaker="mara-ostrander-lie")
    assert choices(narrowed, "speaker") == {"Any": "", "Ilo Verhaak": "", "Mara Ostrander-Lie": "1"}
    assert choices(narrowed, "kind")["Speech"] == "0"
    assert choices(reader.read("/articles/", topic="water"), "topic") == {"Any topic": "", "Water": "4", "Ferries": ""}


def test_more_than_can_be_counted_cheaply_is_said_to_be_more(reader, world, monkeypatch):
    monkeypatch.setattr("articles.narrowing.SAMPLE", CAP + 5)
    for number in range(CAP + 6):
        kind = "speech" if number > CAP else "news"
        world.published(f"Item {number}", kind=kind, at=TEN + timedelta(minutes=number))
    found = choices(reader.read("/articles/"), "kind")
    assert found["News"] == "" and found["Speech"] == ""  # the newest 25 of 26: neither is known
    monkeypatch.setattr("articles.narrowing.SAMPLE", CAP + 7)
    found = choices(reader.read("/articles/"), "kind")
    assert found["News"] == f"{CAP}+" and found["Speech"] == "5"


def test_a_name_that_is_typed_goes_before_one_that_is_chosen(reader, story):
    html = reader.raw("/articles/?person=nobody&person=Ilo+Verhaak").content.decode()
    assert "Ferries run every day" in html and "with <a" in html


def test_quotes_are_narrowed_in_a_sentence(reader, story):
    page = reader.words("/quotes/", kind=["news", "speech"], speaker="ilo-verhaak", language="en")
    assert (
        "Showing quotes from news , remove or speeches , remove by Ilo Verhaak , remove "
        "in English , remove , newest first."
    ) in page


def test_older_and_newer_keep_the_filters(reader, world, db):
    for number in range(21):
        world.published(f"Item {number}", kind="speech", at=TEN + timedelta(minutes=number))
    older = re.search(r'<a href="([^"]*)" rel="next"', reader.read("/articles/", kind="speech"))[1].replace(
        "&amp;", "&"
    )
    assert "kind=speech" in older
    assert "Item 0" in reader.read(older)
    assert "Item 20" in reader.read(
        re.search(r'<a href="([^"]*)" rel="prev"', reader.read(older))[1].replace("&amp;", "&")
    )


# The article


def test_an_article_leads_to_what_stands_before_and_after_it_on_its_topic(reader, world, story):
    for minute, headline, topic, dated in [
        (45, "Earlier", world.ferries, date(2024, 2, 20)), (50, "Later", world.ferries, None),
        (55, "Other", world.water, None),
    ]:  # fmt: skip
        draft = world.draft(headline, dated=dated)
        draft.topics.set([topic])
        world.approve(draft, instant("2024-03-01 09:00"))
        draft.publish(world.publisher, at=instant(f"2024-03-01 11:{minute}"))
    page = reader.words(story.url)
    assert "More on Ferries Before, 20 February 2024 Earlier Next, 1 March 2024 Later" in page
    assert "Other" not in page.split("More on Ferries")[1]


def test_what_the_head_says_is_marked_as_said_in_a_narrow_margin(reader, world, story):
    html = reader.read(story.url)
    assert '<div class="speaker as-dated">' in html and '<div class="speaker">' in html
    twice = f"<p>{world.quote('One', 'onequote')}</p><p>{world.quote('Two', 'twoquote')}</p>"
    world.published("Twice", body=twice, at=instant("2024-03-01 11:30"))
    assert '<div class="speaker as-dated again">' in reader.read("/articles/twice/")


def asked(reader, path):
    with CaptureQueriesContext(connection) as queries:
        assert reader.client.get(path).status_code == 200, path
    return len(queries)


BUDGETS = {
    "/articles/ferries-run-again/": 12, "/quotes/lakequote/": 10, "/quotes/lakequote/?cited=1": 10, "/articles/": 6,
    "/quotes/": 6, "/articles/?topic=water&speaker=ilo-verhaak&kind=news": 6, "/quotes/?topic=water&language=en": 6,
    "/quotes/lakequote/card.png": 3, "/articles/ferries-run-again/card.png": 3, "/quotes/lakequote/cite.bib": 2,
    "/oembed?url=http://127.0.0.1:8000/quotes/lakequote/": 2,
}  # fmt: skip


def test_what_a_page_asks_does_not_grow_with_the_record(reader, world, story):
    few = {path: asked(reader, path) for path in BUDGETS}
    for number in range(12):
        topic = Topic.objects.create(name=f"Matter {number}", parent=world.water)
        person = Person.objects.create(name=f"Speaker {number}")
        Appointment.objects.create(person=person, position=world.commissioner, since=date(2020, 1, 1))
        body = f"<p>{world.quote(f'Words {number}', f'key{number}x', person)}</p>"
        draft = world.draft(f"Item {number}", body=body)
        draft.topics.set([topic, world.ferries])
        world.approve(draft, instant("2024-03-01 12:00"))
        draft.publish(world.publisher, at=instant("2024-03-01 12:00") + timedelta(minutes=number))
    anew = {"article": story.article, "body": story.second.body, "note": "Said anew."}
    third = world.draft("Ferries run", change_class=Edition.CORRECTION, **anew)
    world.approve(third, instant("2024-03-01 12:30"))
    third.publish(world.publisher, at=instant("2024-03-01 12:45"))
    many = {path: asked(reader, path) for path in BUDGETS}
    assert {path: many[path] for path in BUDGETS if many[path] > BUDGETS[path]} == {}
    assert {path: (few[path], many[path]) for path in BUDGETS if few[path] < many[path]} == {}
