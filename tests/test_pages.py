"""The site's pages for readers: what each shows, what it must not tell, and how addresses end."""

import io
import re
from datetime import date, timedelta
from types import SimpleNamespace

import PIL.Image
import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.merges import merge_people
from articles.models import (
    Article,
    Attachment,
    Edition,
    EditionQuerySet,
    Image,
    Mention,
    Placement,
    QuoteTextQuerySet,
    RelatedItem,
    Topic,
)  # fmt: skip
from people.models import Appointment, Organisation, Person, Position, ReferenceQuerySet
from tests.conftest import PDF, instant

MICROSECOND = timedelta(microseconds=1)
CANARY = "zyxomel"
NOON = instant("2024-03-02 12:00")
TEN, ELEVEN = instant("2024-03-01 10:00"), instant("2024-03-01 11:00")


def picture():
    drawn = io.BytesIO()
    PIL.Image.new("RGB", (4, 3)).save(drawn, "PNG")
    return ContentFile(drawn.getvalue(), name="harbour.png")


class Reader:
    """Reads the site at an instant of the test's choosing."""

    def __init__(self, monkeypatch):
        self.client = Client(raise_request_exception=True)
        self.monkeypatch = monkeypatch
        self.clock(NOON)

    def clock(self, at):
        self.monkeypatch.setattr("django.utils.timezone.now", lambda: at)

    def raw(self, path, query=None, **headers):
        return self.client.get(path, query, headers=headers)

    def read(self, path, expect=200, **query):
        response = self.raw(path, query)
        assert response.status_code == expect, (path, query, response.status_code, response.headers)
        return response.content.decode()

    def words(self, path, expect=200, **query):
        """What a reader sees of the page: its text without tags, spaces squeezed."""
        main = self.read(path, expect, **query).split("<main", 1)[1].split("</main>")[0]
        return " ".join(re.sub(r"<[^>]+>", " ", main).split())


@pytest.fixture
def reader(monkeypatch):
    return Reader(monkeypatch)


@pytest.fixture
def story(world, reader):
    """One article in two editions (10:00, corrected 11:00) of 1 March 2024, with a bit of everything."""
    quote = world.quote("The lake is everybody's", "lakequote")
    other = world.quote("It freezes late", "icequote", world.ilo).replace("<q", '<q data-on="2020-01-15"')
    body = f"<p>She said: {quote} to all.</p><p>{other}, he wrote.</p><p>The end.</p>"
    draft = world.draft("Ferries run again", body=body)
    draft.topics.set([world.ferries])
    Mention.objects.create(
        edition=draft, person=world.ilo, position=world.secretary_general, office="Secretary-General"
    )
    image = Image.objects.create(title="harbour", file=picture())
    Placement.objects.create(edition=draft, image=image, alt="Two ferries", caption="At the quay", after_paragraph=2)
    RelatedItem.objects.create(
        edition=draft, kind="video", label="Watch it", url="https://council.example/v", after_paragraph=1
    )
    file = ContentFile(PDF, name="timetable.pdf")
    attachment = Attachment.objects.create(edition=draft, title="Timetable", file=file)
    world.approve(draft, instant("2024-03-01 09:00"))
    first = draft.publish(world.publisher, at=TEN)
    second = world.draft(
        "Ferries run every day", body=first.body.replace("to all", "to everyone"), article=first.article
    )
    second.note, second.change_class = "The timetable was wrong.", Edition.CORRECTION
    second.save()
    world.approve(second, instant("2024-03-01 10:30"))
    second.publish(world.publisher, at=ELEVEN)
    return SimpleNamespace(
        article=first.article, first=first, second=second, url="/articles/ferries-run-again/", image=image,
        attachment=attachment,
    )  # fmt: skip


# What the pages show


def test_an_article_shows_its_words_its_speakers_and_its_record(reader, world, story, settings):
    page = reader.words(story.url)
    assert "Ferries run every day" in page
    assert "The lake is open." in page
    assert "Mara Ostrander-Lie Secretary-General Lakeside , 1 March 2024" in page
    assert "Published 1 March 2024, 11:00 Corrected 1 March 2024, 12:00" in page  # local time
    assert "The timetable was wrong." in page
    html = reader.read(story.url)
    assert f'<link rel="canonical" href="{settings.SITE_URL}{story.url}">' in html
    assert 'href="/quotes/lakequote/"' in html
    assert 'href="/people/mara-ostrander-lie/"' in html
    assert 'href="/topics/water/ferries/"' in html
    assert 'id="lakequote"' in html
    assert html.count("<h1") == 1
    assert "noindex" not in html


def test_what_was_placed_after_a_paragraph_stands_there(reader, story):
    page = reader.words(story.url)
    order = ["to everyone.", "Video Watch it", "he wrote.", "At the quay", "The end.", "Document Timetable"]
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    assert 'alt="Two ferries"' in reader.read(story.url)


def test_then_stands_before_an_office_only_when_it_is_no_longer_held(reader, world, story):
    page = reader.words(story.url)
    assert "Mara Ostrander-Lie Secretary-General" in page
    assert "Ilo Verhaak then Secretary-General" in page


def test_the_opening_mark_of_a_quote_hangs(reader, story):
    assert '<span class="mark hang">“</span><q' in reader.read(story.url)


def test_lists_front_page_person_topic_and_organisation_lead_to_it(reader, world, story):
    for path in [
        "/", "/articles/", "/people/mara-ostrander-lie/", "/topics/water/ferries/", "/topics/water/",
        "/organisations/council-of-lakes/",
    ]:  # fmt: skip
        html = reader.read(path)
        assert f'href="{story.url}"' in html, path
        assert "Ferries run every day" in html
        assert html.count("<h1") == 1, path
    for path in ["/", "/quotes/", "/people/mara-ostrander-lie/", "/topics/water/"]:
        assert "The lake is everybody&#x27;s" in reader.read(path), path
    assert 'href="/people/ilo-verhaak/"' in reader.read("/people/")
    assert 'href="/topics/water/ferries/"' in reader.read("/topics/")


def test_a_person_shows_offices_and_quotes_by_topic(reader, world, story):
    page = reader.words("/people/mara-ostrander-lie/")
    assert "Secretary-General since 1 September 2023" in page
    assert "Ferries “" not in page
    assert "In their own words, by topic" in page


def test_a_quote_is_a_poster_with_its_paragraph_and_its_fate(reader, world, story):
    page = reader.words("/quotes/lakequote/")
    assert "The lake is everybody&#x27;s MO Mara Ostrander-Lie Secretary-General Lakeside , Friday 1 March 2024" in page
    assert "Mara Ostrander-Lie, Secretary-General, Lakeside, 1 March 2024; quoted by" in page
    assert "Unchanged since published, 1 March 2024, 11:00 , through 2 editions." in page
    assert "She said:" in page
    assert "It freezes late" not in page


def test_a_quote_that_was_removed_shows_its_last_words_and_since_when(reader, world, story):
    third = world.draft("Ferries run every day", body="<p>Silence.</p>", article=story.article)
    third.note, third.change_class = "A quote was removed.", Edition.UPDATE
    third.save()
    world.approve(third, instant("2024-03-01 11:30"))
    third.publish(world.publisher, at=instant("2024-03-01 12:00"))
    page = reader.words("/quotes/lakequote/")
    assert "No longer in the article since 1 March 2024, 13:00" in page
    assert "lakequote" not in reader.read("/quotes/")


def test_as_it_stood_shows_the_words_of_then_under_a_ribbon(reader, story):
    html = reader.read(story.url, at="2024-03-01T10:30:00Z")
    assert "Ferries run again" in html
    assert "every day" not in html
    assert "Edition 1 of 2, superseded." in html
    assert "As it stood" in html
    assert '<meta name="robots" content="noindex">' in html


def test_a_time_without_a_zone_is_read_in_the_newsrooms_and_sent_on_with_one(reader, story):
    response = reader.raw(story.url, {"at": "2024-03-01T11:30"})  # Zurich is an hour ahead
    assert (response.status_code, response["Location"]) == (302, f"{story.url}?at=2024-03-01T10%3A30%3A00Z")


UNREADABLE = ["2024-03-02T12:00:00.000001Z", "9999-01-01T00:00:00Z", "yesterday", "2024-13-01", "0"]
LONG_AGO = ["0001-01-01", "0001-01-01T00:00", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "0999-12-31"]


def test_an_instant_that_cannot_be_read_is_refused_in_words(reader, story, subtests):
    for at in ["2024-03-02T12:00:00.000001Z", "9999-01-01T00:00:00Z", "yesterday", "2024-13-01", "0", *LONG_AGO]:
        with subtests.test(at=at):
            page = reader.words("/articles/", 400, at=at)
            assert any(hint in page for hint in ("Give", "The future cannot be read.", "Nothing was on record then."))


def test_history_of_a_translation_is_offered_in_both_directions(reader, world, story):
    french = Article.objects.create(language="fr", translation_of=story.article)
    world.published("Les bacs circulent", article=french, at=instant("2024-03-01 11:15"))
    assert 'hreflang="fr"' in reader.read(story.url)
    html = reader.read("/articles/les-bacs-circulent/")
    assert 'hreflang="en"' in html
    assert '<link rel="canonical" href="http://127.0.0.1:8000/fr/articles/les-bacs-circulent/">' in html


def test_the_same_pages_stand_under_the_language_of_the_interface(reader, story):
    html = reader.read(f"/fr{story.url}")
    assert '<html lang="fr"' in html
    assert 'href="/fr/articles/"' in html
    assert 'href="/fr/quotes/lakequote/"' in html
    assert reader.raw(f"/fr{story.url}", headers={}).status_code == 200
    assert '<html lang="en"' in reader.client.get(story.url, headers={"Accept-Language": "fr"}).content.decode()


# Lists


def test_filters_narrow_and_read_as_a_sentence_with_removable_words(reader, world, story):
    world.published("A speech", kind="speech", at=instant("2024-03-01 12:00"))
    page = reader.words(
        "/articles/", kind=["speech", "statement"], person="ilo-verhaak", topic="water", **{"from": "2024-02-01"}
    )
    assert (
        "Showing speeches , remove and statements , remove with Ilo Verhaak , remove on Water , remove "
        "since 1 February 2024 , remove , newest first."
    ) in page
    assert "Nothing was published that fits all of this." in page
    html = reader.read("/articles/", kind=["speech", "statement"], topic="water")
    assert 'href="/articles/?topic=water&amp;kind=statement"' in html
    assert 'href="/articles/?kind=speech&amp;kind=statement"' in html


def test_each_filter_finds_what_it_names(reader, world, story, subtests):
    world.published("A speech", kind="speech", at=instant("2024-03-01 12:00"))
    for query, found in [
        ({"kind": "speech"}, ["A speech"]),
        ({"kind": ["speech", "news"]}, ["A speech", "Ferries run every day"]),
        ({"topic": "water/ferries"}, ["Ferries run every day"]),
        ({"topic": "water"}, ["Ferries run every day"]),
        ({"person": "mara-ostrander-lie"}, ["Ferries run every day"]),
        ({"person": "mara ostrander-LIE"}, ["Ferries run every day"]),
        ({"speaker": "ilo-verhaak"}, ["Ferries run every day"]),
        ({"organisation": "council-of-lakes"}, ["Ferries run every day"]),
        ({"language": "fr"}, []),
        ({"from": "2024-03-01"}, ["A speech", "Ferries run every day"]),
        ({"to": "2024-02-29"}, []),
        ({"at": "2024-03-01T10:30:00Z"}, ["Ferries run again"]),
    ]:
        with subtests.test(query=query, found=found):
            html = reader.read("/articles/", **query)
            assert re.findall(r'<h2 class="row-title"[^>]*><a href="[^"]*">([^<]*)</a>', html) == found


def test_empty_fields_of_a_form_leave_the_address(reader, story):
    answer = reader.raw("/articles/?kind=speech&kind=&topic=&from=+&utm=")
    assert (answer.status_code, answer["Location"]) == (302, "/articles/?kind=speech&utm=")
    assert reader.raw("/articles/?topic=")["Location"] == "/articles/"


def test_a_person_is_found_by_a_part_of_the_name_or_another_spelling(reader, world, story):
    world.mara.aliases = ["Ms Ostrander"]
    world.mara.save()
    for typed in ["Ostrander-Lie", "ostrander", "Mara", "Ms Ostrander"]:
        assert "Ferries run every day" in reader.read("/articles/", person=typed)
    namesake = Person.objects.create(name="Ann Ostrander")
    world.published("Boats", body=f"<p>{world.quote('Ahoy', 'ahoyquote', namesake)}</p>", at=TEN)
    page = reader.words("/articles/", person="Ostrander")
    assert "Several people are called that. Choose one: Ann Ostrander Mara Ostrander-Lie" in page
    assert "does not know “Nobody”" in reader.words("/articles/", person="Nobody")


def test_what_is_unknown_is_counted_nowhere(reader, story):
    assert 'class="count"' in reader.read("/articles/")
    assert 'class="count"' not in reader.read("/articles/", person="Nobody")


def test_before_its_first_edition_an_address_says_since_when_it_is_public(reader, story):
    page = reader.words(story.url, 404, at="2024-03-01T09:59:59Z")
    assert "first published on 1 March 2024, 11:00" in page and "Ferries" not in page
    assert "as it stands today" in page


def test_an_office_is_shown_until_its_last_day_and_leads_to_its_organisation(reader, story):
    assert "1 January 2014 – 31 August 2023" in reader.words("/people/ilo-verhaak/")
    assert 'href="/organisations/council-of-lakes/"' in reader.read("/people/ilo-verhaak/")


def test_the_front_page_bears_the_day_of_its_newest_event(reader, world, story):
    draft = world.draft("Ferries run at last", article=story.article, note="It ran late.", change_class="correction")
    world.approve(draft, ELEVEN)
    draft.publish(world.publisher, at=instant("2024-03-02 10:00"))
    reader.clock(instant("2024-03-03 12:00"))
    assert "Saturday 2 March 2024" in reader.read("/")
    assert "Friday 1 March 2024" in reader.read("/", at="2024-03-01T20:00:00Z")


def test_an_old_edition_says_so_above_and_leads_to_the_one_in_force(reader, story):
    page = reader.read(f"{story.url}history/1/")
    assert "Edition 1 of 2" in page and 'class=" stood"' in page
    assert f'rel="latest-version" href="{story.url}"' in page
    assert "latest-version" not in reader.read(f"{story.url}history/2/")


def test_an_unknown_value_is_an_empty_list_with_a_hint(reader, story, subtests):
    for path in ["/articles/", "/quotes/"]:
        for name in ["topic", "person", "speaker", "position", "organisation", "kind", "language", "from", "to"]:
            for value in ["nobody", "9999-12-31", "0001-01-01", "é'\"<b>", "-1", "x" * 5000, "٣"]:
                with subtests.test(path=path, name=name, value=value):
                    html = reader.read(path, **{name: value})
                    if not (name in ("from", "to") and value == "9999-12-31"):
                        assert "lakequote" not in html
                        assert "Ferries run every day" not in html
                    assert "<b>&" not in html


def test_an_unknown_parameter_changes_nothing_but_keeps_the_page_out_of_indexes(reader, story):
    html = reader.read("/articles/", utm_source="x")
    assert '<meta name="robots" content="noindex">' in html
    assert "Ferries run every day" in html


def test_pages_of_a_list_skip_and_repeat_nothing_while_more_is_published(reader, world, db):
    dated = date(2024, 1, 1)  # all at one instant: the tie is broken by a hidden column
    for number in range(45):
        world.published(f"Item {number}", dated=dated, at=TEN + timedelta(minutes=number))
    seen, path = [], "/articles/"
    while path:
        html = reader.read(path)
        seen += re.findall(r'<h2 class="row-title"[^>]*><a href="[^"]*">([^<]*)</a>', html)
        newer = re.findall(r'<a href="([^"]*)" rel="prev"', html)
        older = re.findall(r'<a href="([^"]*)" rel="next"', html)
        path = older[0].replace("&amp;", "&") if older else ""
        if len(seen) == 20:
            world.published("Breaking", at=instant("2024-03-01 23:00"))
    assert seen == [f"Item {number}" for number in range(44, -1, -1)]
    back = reader.read(newer[0].replace("&amp;", "&"))
    assert re.findall(r'<h2 class="row-title"[^>]*><a href="[^"]*">([^<]*)</a>', back) == seen[20:40]


def test_people_are_paged_by_name(reader, world, story):
    names = [f"Nox{number:02d} Aaa{number:02d}" for number in range(60)]
    for name in names:
        Person.objects.create(name=name, public_from=instant("2024-03-01 20:00"), public_by_hand=True)
    html = reader.read("/people/")
    path = re.findall(r'<a href="([^"]*)" rel="next"', html)[0].replace("&amp;", "&")
    assert "Nox47" in html and "Nox48" not in html
    assert "Nox48" in reader.read(path) and "Nox47" not in reader.read(path)


@pytest.mark.parametrize("cursor", ["x", "a.b.c", "é", "W10.x", "." * 300])
def test_a_cursor_that_is_not_ours_begins_the_list_anew(reader, story, cursor):
    assert "Ferries run every day" in reader.read("/articles/", cursor=cursor)


def test_a_cursor_of_one_list_means_nothing_in_another(reader, world, db):
    for number in range(21):
        world.published(f"Item {number}", at=TEN + timedelta(minutes=number))
    path = re.findall(r'href="/articles/(\?cursor=[^"]*)" rel="next"', reader.read("/articles/"))[0]
    assert "Item" not in reader.words(f"/people/{path}")


# Boundaries: not one microsecond early, not one late


def boundary_pages(words, key):
    return {
        f"/articles/{words}/": "Ferries run again", "/": "Ferries run again", "/articles/": "Ferries run again",
        "/quotes/": "The lake is", f"/quotes/{key}/": "The lake is", "/people/": "Mara Ostrander-Lie",
        "/people/mara-ostrander-lie/": "The lake is", "/topics/": "Ferries", "/topics/water/ferries/": "The lake is",
        "/organisations/council-of-lakes/": "Ferries run again", "/archive/": "Ferries run again",
    }  # fmt: skip


def test_everything_appears_at_its_microsecond_and_not_before(reader, world):
    draft = world.draft("Ferries run again", body=f"<p>{world.quote('The lake is ours', 'lakequote')}</p>")
    draft.topics.set([world.ferries])
    world.approve(draft, instant("2024-03-01 08:00"))
    start, end = instant("2024-03-01 18:00"), instant("2024-03-01 20:00")
    draft.schedule(world.publisher, start, at=TEN)
    draft.article.expire(world.publisher, end, at=ELEVEN)
    pages = boundary_pages("ferries-run-again", "lakequote")
    for path, words in pages.items():
        reader.clock(start - MICROSECOND)
        before = reader.raw(path)
        assert words not in before.content.decode().replace("Ferries</a>", ""), path
        assert before.status_code == (200 if path.count("/") < 3 else 404)
        for instant_of in (start, start + MICROSECOND, end - MICROSECOND):
            reader.clock(instant_of)
            assert words in reader.read(path), (path, instant_of)
        for instant_of in (end, end + MICROSECOND):
            reader.clock(instant_of)
            after = reader.raw(path)
            if path.startswith(("/people", "/topics")) and path.count("/") == 2 or path == "/quotes/lakequote/":
                assert words in after.content.decode(), path  # who and what stay known; a quote keeps its address
            elif path == "/articles/ferries-run-again/":
                assert after.status_code == 410
                assert "This has ended as planned." in after.content.decode()
            else:
                assert words not in after.content.decode(), path


# Leaks


@pytest.fixture
def hidden(world, story):
    """What must not be told, each with the canary in its words: drafts, schedules, withdrawals, private rows."""
    word = CANARY
    body = Organisation.objects.create(name=f"{word} office")
    post = Position.objects.create(title=f"{word} chair", organisation=body)
    secret = Person.objects.create(name=f"{word} Person", biography=word)
    Appointment.objects.create(person=secret, position=post, since=date(2020, 1, 1))
    topic = Topic.objects.create(name=f"{word} topic", parent=world.water)
    editions = {}
    for state in ("draft", "scheduled", "withheld", "later"):
        article = story.article if state == "later" else None
        speaker = world.mara if state == "withheld" else secret  # who was once named in public stays known
        draft = world.draft(
            f"{word} {state}", summary=word, place=word, article=article,
            body=f"<p>{word} {world.quote(f'{word} words', f'{state}quote', speaker)}</p>",
        )  # fmt: skip
        draft.topics.set([world.ferries if state == "withheld" else topic])
        image = Image.objects.create(title=word, file=picture())
        Placement.objects.create(edition=draft, image=image, alt=word, caption=word, credit=word)
        Attachment.objects.create(edition=draft, title=word, file=ContentFile(PDF, name="a.pdf"))
        if state == "later":
            draft.note, draft.change_class = word, Edition.UPDATE
            draft.save()
        editions[state] = draft
    RelatedItem.objects.create(edition=story.second, kind="article", label=word, article=editions["draft"].article)
    world.approve(editions["withheld"], instant("2024-03-01 12:00"))
    editions["withheld"].publish(world.publisher, at=instant("2024-03-01 12:05"))
    editions["withheld"].article.withdraw(world.publisher, "Wrong.", at=instant("2024-03-01 12:10"))
    for state in ("scheduled", "later"):
        world.approve(editions[state], instant("2024-03-01 12:00"))
        editions[state].schedule(world.publisher, instant("2024-06-01 12:00"), at=instant("2024-03-01 13:00"))
    return SimpleNamespace(topic=topic, person=secret, body=body, post=post, **editions)


PLACES = [
    "/", "/articles/", "/quotes/", "/people/", "/topics/", "/articles/ferries-run-again/", "/quotes/lakequote/",
    "/people/mara-ostrander-lie/", "/topics/water/", "/topics/water/ferries/", "/organisations/council-of-lakes/",
    "/fr/", "/fr/articles/", "/articles/?topic=water", "/quotes/?person=mara-ostrander-lie", "/robots.txt",
    *(f"/feeds/{name}.{form}" for form in ("atom", "json") for name in
      ("articles", "quotes", "corrections", "people/mara-ostrander-lie", "topics/water", "topics/water/ferries")),
    "/sitemap.xml", "/sitemap-news.xml", "/sitemap-people.xml", "/sitemap-organisations.xml", "/sitemap-topics.xml",
    "/sitemap-articles-2024-03.xml", "/sitemap-quotes-2024-03.xml", "/sitemap-articles-2024-06.xml",
    "/articles/?speaker=mara-ostrander-lie&organisation=council-of-lakes", "/quotes/?topic=water",
    "/quotes/lakequote/?cited=1", "/quotes/lakequote/?cited=3", "/quotes/lakequote/cite.bib",
    "/articles/ferries-run-again/cite.ris", "/articles/ferries-run-again/cite.txt?edition=3",
    "/oembed?url=http://127.0.0.1:8000/quotes/lakequote/",
    "/oembed?format=xml&url=http://127.0.0.1:8000/articles/ferries-run-again/",
    "/about/record/", "/fr/about/privacy/",
    "/people/?q=o", "/people/?organisation=council-of-lakes", "/organisations/council-of-lakes/?on=2024-03-01",
    "/?at=2024-03-01T11:30:00Z", "/people/mara-ostrander-lie/?at=2024-03-01T11:30:00Z",
    "/search/", "/search/?q=ferries", "/articles/?q=lake", "/quotes/?q=lake", "/archive/", "/archive/2024/03/01/",
    "/corrections/",
    *(f"/api/v1/{path}/?format={form}" for path in ("articles", "quotes", "quotes/lakequote")
      for form in ("json", "jsonld", "atom")), "/api/v1/articles/?format=ninjs", "/api/v1/quotes/?format=csv",
]  # fmt: skip


def test_no_page_says_a_word_of_what_is_hidden(reader, hidden):
    withheld = ["/articles/zyxomel-withheld/", "/quotes/withheldquote/", "/articles/zyxomel-withheld/history/"]
    for path in PLACES:
        assert CANARY not in reader.raw(path).content.decode().lower(), path
    for path in withheld:
        words = reader.words(path, 410).lower()
        assert CANARY not in words
        assert CANARY not in reader.words(path, 410, at="2024-03-01T12:07:00Z").lower()
    for path in (hidden.withheld.placements.get().image.file.url, hidden.withheld.attachments.get().file.url):
        assert reader.raw(path).status_code == 404


def test_the_leak_test_sees_the_canary_once_the_gate_is_open(reader, hidden, monkeypatch):
    monkeypatch.setattr(EditionQuerySet, "live", lambda self, at: self.exclude(live_from=None))
    monkeypatch.setattr(QuoteTextQuerySet, "live", lambda self, at: self)
    monkeypatch.setattr(ReferenceQuerySet, "public", lambda self, at: self)
    for path in PLACES[:5]:
        assert CANARY in reader.read(path).lower(), path


def test_what_is_hidden_and_what_never_was_get_the_same_answer(reader, hidden):
    nothing = reader.raw("/articles/never-was/")
    secrets = [
        hidden.draft.article.get_absolute_url(), hidden.scheduled.article.get_absolute_url(), "/articles/Ferries/",
        "/quotes/draftquote/", "/quotes/scheduledquote/", "/quotes/neverquote/", "/people/nobody/",
        hidden.person.get_absolute_url(), hidden.topic.get_absolute_url(), hidden.body.get_absolute_url(),
        "/topics/never/was/", "/no/such/page/", hidden.draft.placements.get().image.file.url,
        hidden.draft.attachments.get().file.url, "/media/never.jpg", "/media/../newsroom.sqlite3",
    ]  # fmt: skip
    for path in secrets:
        answer = reader.raw(path)
        assert answer.status_code == 404, path
        assert answer.content == nothing.content, path
        assert {**answer.headers} == {**nothing.headers}, path


def test_a_filter_by_something_hidden_answers_as_for_nothing(reader, hidden):
    for name, secret, nothing in [
        ("topic", hidden.topic.path, "never/was"), ("person", hidden.person.slug, "nobody"),
        ("organisation", hidden.body.slug, "nobody"), ("position", hidden.post.uid, "neverpost"),
    ]:  # fmt: skip
        told = reader.read("/articles/", **{name: secret}).replace(secret.replace("/", "%2F"), "").replace(secret, "")
        other = (
            reader.read("/articles/", **{name: nothing}).replace(nothing.replace("/", "%2F"), "").replace(nothing, "")
        )
        assert told == other, name


def test_a_schedule_changes_no_byte_and_no_tag_of_any_page(reader, world, story):
    before = [(answer.content, {**answer.headers}) for answer in map(reader.raw, PLACES)]
    draft = world.ready("Tomorrow", body=f"<p>{world.quote('Soon', 'soonquote')}</p>", at=instant("2024-03-01 12:00"))
    draft.schedule(world.publisher, instant("2024-06-01 12:00"), at=instant("2024-03-01 13:00"))
    assert before == [(answer.content, {**answer.headers}) for answer in map(reader.raw, PLACES)]


# Ways off the site


def test_what_was_withdrawn_is_410_with_the_reason_and_its_quotes_too(reader, world, story):
    story.article.withdraw(world.publisher, "The figures were wrong.", at=instant("2024-03-01 15:00"))
    page = reader.words(story.url, 410)
    assert "This has been withdrawn. The figures were wrong. Newsroom, 1 March 2024, 16:00" in page
    assert "1 March 2024, 11:00 to 1 March 2024, 16:00" in page
    assert "Ferries run" not in page
    assert "The figures were wrong." in reader.words("/quotes/lakequote/", 410)
    assert "This has been withdrawn" in reader.words(story.url, 410, at="2024-03-01T10:30:00Z")
    for path in PLACES[:5]:
        assert "Ferries run" not in reader.read(path)


def test_what_was_replaced_by_another_page_leads_there(reader, world, story):
    other = world.published("The new timetable", at=instant("2024-03-01 12:00"))
    story.article.redirect(world.publisher, target=other.article, at=instant("2024-03-01 15:00"))
    answer = reader.raw(story.url)
    assert (answer.status_code, answer["Location"]) == (301, "/articles/the-new-timetable/")
    assert "Ferries run every day" in reader.read(story.url, at="2024-03-01T14:00:00Z")
    elsewhere = world.published("Moved away", at=instant("2024-03-01 15:30"))
    elsewhere.article.redirect(world.publisher, url="https://council.example/", at=instant("2024-03-01 16:00"))
    assert reader.raw("/articles/moved-away/")["Location"] == "https://council.example/"


def test_what_was_erased_is_410_without_a_word_at_every_address_it_had(reader, world, story):
    story.article.move(world.publisher, "boats-run")
    story.article.erase(world.publisher, "Court order 7", at=instant("2024-03-01 15:00"))
    pages = [reader.words(path, 410) for path in (story.url, "/articles/boats-run/", f"/articles/{story.article.uid}/")]
    pages.append(reader.words("/quotes/lakequote/", 410))
    assert len({*pages}) == 1
    for word in ("Ferries", "Court", "2024", "Mara", "News "):
        assert word not in pages[0].replace("Newsroom", "")


def test_former_addresses_lead_to_the_present_ones(reader, world, story):
    story.article.move(world.publisher, "boats-run")
    Person.objects.get(pk=world.mara.pk).rename("Mara Lie")
    ferries = Topic.objects.get(pk=world.ferries.pk)
    ferries.slug = "boats"
    ferries.save()
    for former, present in [
        (story.url, "/articles/boats-run/"), ("/people/mara-ostrander-lie/", "/people/mara-lie/"),
        ("/topics/water/ferries/", "/topics/water/boats/"),
    ]:  # fmt: skip
        answer = reader.raw(former)
        assert (answer.status_code, answer["Location"]) == (301, present)
        assert reader.raw(present).status_code == 200


def test_a_former_address_of_what_is_not_public_yet_is_404(reader, world):
    draft = world.ready("Tomorrow", at=instant("2024-03-01 08:00"))
    draft.schedule(world.publisher, instant("2024-06-01 12:00"), at=TEN)
    draft.article.move(world.publisher, "next-week")
    assert reader.raw("/articles/tomorrow/").status_code == 404
    world.water.name, world.water.slug = "Lakes", "lakes"
    world.water.save()
    assert reader.raw("/topics/water/").status_code == 404


def test_a_merged_person_leads_to_the_survivor(reader, world, story):
    twin = Person.objects.create(name="M. Ostrander", public_from=instant("2024-03-01 20:00"), public_by_hand=True)
    merge_people(twin, world.mara, world.publisher)
    answer = reader.raw("/people/m-ostrander/")
    assert (answer.status_code, answer["Location"]) == (301, "/people/mara-ostrander-lie/")


# Files


def test_a_file_is_served_while_something_public_shows_it_and_never_before_or_after(reader, world):
    draft = world.draft("Ferries run again")
    image = Image.objects.create(title="harbour", file=picture())
    Placement.objects.create(edition=draft, image=image, alt="Two ferries")
    file = ContentFile(PDF, name="timetable.pdf")
    attachment = Attachment.objects.create(edition=draft, title="Timetable", file=file)
    picture_url, file_url = image.file.url, attachment.file.url
    world.approve(draft, instant("2024-03-01 08:00"))
    draft.schedule(world.publisher, ELEVEN, at=TEN)
    reader.clock(ELEVEN - MICROSECOND)
    assert {reader.raw(url).status_code for url in (picture_url, file_url)} == {404}
    reader.clock(ELEVEN)
    answer = reader.raw(picture_url)
    assert (answer.status_code, answer["Content-Type"], answer["X-Content-Type-Options"]) == (
        200,
        "image/png",
        "nosniff",
    )
    assert answer["Cache-Control"] == "public, no-cache"
    assert answer.getvalue().startswith(b"\x89PNG")
    assert reader.client.get(picture_url, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    attached = reader.raw(file_url)
    assert attached["Content-Disposition"] == 'attachment; filename="Timetable.pdf"'
    assert attached["Content-Type"] == "application/pdf"
    assert attached.getvalue() == PDF
    draft.article.withdraw(world.publisher, "Wrong.", at=instant("2024-03-01 15:00"))
    reader.clock(NOON)
    assert {reader.raw(url).status_code for url in (picture_url, file_url)} == {404}


def test_a_portrait_is_served_once_the_person_is_public(reader, world):
    nina = Person.objects.create(name="Nina Aalto", portrait=picture())
    assert reader.raw(nina.portrait.url).status_code == 404
    Person.objects.filter(pk=nina.pk).update(public_from=TEN, public_by_hand=True)
    assert reader.raw(nina.portrait.url).status_code == 200


# Manners


EVERY = [
    "/", "/articles/", "/articles/ferries-run-again/", "/quotes/", "/quotes/lakequote/", "/people/",
    "/people/mara-ostrander-lie/", "/topics/", "/topics/water/", "/organisations/council-of-lakes/", "/about/record/",
    "/search/?q=ferries", "/archive/", "/archive/2024/03/01/", "/corrections/",
]  # fmt: skip


def test_an_answer_may_be_kept_by_anyone_and_is_asked_for_anew(reader, story, subtests):
    for path in EVERY:
        with subtests.test(path=path):
            reader.clock(NOON)
            answer = reader.client.get(path)
            assert answer["Cache-Control"] == "public, no-cache"
            assert not answer.cookies
            assert "Cookie" not in answer.headers.get("Vary", "")
            assert reader.client.get(path, headers={"If-None-Match": answer["ETag"]}).status_code == 304
            head = reader.client.head(path)
            assert (head.status_code, head["ETag"]) == (200, answer["ETag"])
            reader.clock(NOON + timedelta(minutes=1))
            assert reader.client.get(path)["ETag"] == answer["ETag"]


def test_only_reading_is_answered(db, subtests):
    for path in [*EVERY, "/healthz", "/readyz", "/media/x.jpg"]:
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO"]:
            with subtests.test(path=path, method=method):
                answer = Client(enforce_csrf_checks=True).generic(method, path)
                assert answer.status_code == 405
                assert "GET" in answer["Allow"]


ODD = [
    "%00",
    "%ff",
    "%ED%A0%80",
    "é",
    "..",
    "%2e%2e%2f",
    "a" * 3000,
    "'",
    '"><script>',
    "٣",
    "%F0%9F%98%80",
    "-",
    "a/b/c",
]


def test_odd_bytes_never_break_a_page(reader, story, subtests):
    for odd in ODD:
        with subtests.test(odd=odd):
            for start in (
                "/articles/",
                "/quotes/",
                "/people/",
                "/topics/",
                "/organisations/",
                "/media/",
                "/fr/articles/",
            ):
                answer = reader.client.get(f"{start}{odd}/")
                assert answer.status_code in (301, 400, 404), (start, odd)
            for start in ("/articles/", "/quotes/", "/people/", "/"):
                for name in ("at", "topic", "person", "kind", "from", "cursor", odd[:20]):
                    assert reader.client.get(f"{start}?{name}={odd}").status_code in (200, 302, 400), (start, name, odd)


def budgets(reader, paths):
    counts = {}
    for path in paths:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert reader.client.get(path).status_code == 200, path
        counts[path] = len(queries)
    return counts


def test_every_page_asks_a_fixed_number_of_questions_however_much_there_is(reader, world, story):
    paths = [*EVERY, "/articles/?topic=water&person=ilo-verhaak&kind=news"]
    few = budgets(reader, paths)
    for number in range(12):
        person = Person.objects.create(name=f"Speaker {number}")
        Appointment.objects.create(person=person, position=world.commissioner, since=date(2020, 1, 1))
        topic = Topic.objects.create(name=f"Matter {number}", parent=world.water)
        quotes = "".join(f"<p>{world.quote(f'Words {n} {number}', f'key{n}x{number}', person)}</p>" for n in range(3))
        draft = world.draft(f"Item {number}", body=quotes)
        draft.topics.set([topic, world.ferries])
        Mention.objects.create(edition=draft, person=world.ilo)
        world.approve(draft, instant("2024-03-01 12:00"))
        draft.publish(world.publisher, at=instant("2024-03-01 12:00") + timedelta(minutes=number))
    many = budgets(reader, paths)
    assert few == many
    assert many["/articles/ferries-run-again/"] <= 12
    assert all(many[path] <= 10 for path in paths if path != "/articles/ferries-run-again/"), many
    assert many["/people/"] <= 6
    assert many["/topics/"] <= 6


def test_the_process_says_that_it_lives_and_whether_it_is_fit(reader, world, monkeypatch):
    assert reader.read("/healthz") == "ok\n"
    monkeypatch.undo()  # the real clock: it must agree with the database's
    assert reader.read("/readyz") == "ready\n"
    monkeypatch.setattr("articles.seal.differences", lambda: ["edition_sealed is missing"])
    assert "edition_sealed is missing" in reader.read("/readyz", 503)
    monkeypatch.undo()
    monkeypatch.setattr("newsroom.views.database_now", lambda: instant("2024-03-01 10:00"))
    assert "clock" in reader.read("/readyz", 503)


# History


def test_the_history_lists_every_edition_and_leads_to_its_words(reader, world, story):
    page = reader.words(f"{story.url}history/")
    assert "Edition 2 , Corrected 1 March 2024, 12:00 The timetable was wrong." in page
    assert "Edition 1 , Published 1 March 2024, 11:00 – 1 March 2024, 12:00" in page
    assert f'href="{story.url}history/1/"' in reader.read(f"{story.url}history/")
    assert f'href="{story.url}history/"' in reader.read(story.url)
    first = reader.read(f"{story.url}history/1/")
    assert "Ferries run again" in first
    assert "Edition 1 of 2, superseded." in first
    assert "Ferries run every day" in reader.read(f"{story.url}history/2/")
    assert {reader.raw(f"{story.url}history/{number}/").status_code for number in (0, 3, 2**63, "9" * 40)} == {404}


def test_two_editions_stand_as_one_text_with_its_changes(reader, world, story):
    page = reader.read(f"{story.url}compare/1/2/")
    assert "<del>again</del>" in page and "<ins>every day</ins>" in page
    assert "The timetable was wrong." in page and f'href="{story.url}history/1/"' in page
    assert f'href="{story.url}compare/1/2/"' in reader.read(story.url)
    assert f'href="{story.url}compare/1/2/"' in reader.read(f"{story.url}history/1/")
    assert reader.raw(f"{story.url}compare/2/1/")["Location"] == f"{story.url}compare/1/2/"
    never = ("compare/1/1/", "compare/1/3/", "compare/0/1/", f"compare/1/{2**70}/")
    assert {reader.raw(story.url + path).status_code for path in never} == {404}
    story.article.withdraw(world.publisher, "The figures were wrong.", at=instant("2024-03-01 16:00"))
    assert "The figures were wrong." in reader.read(f"{story.url}compare/1/2/", 410)


def test_the_history_outlives_an_end_but_not_a_withdrawal_and_shows_no_schedule(reader, world, hidden, story):
    for path in ("history/", "history/1/", "history/3/"):
        assert CANARY not in reader.raw(f"{story.url}{path}").content.decode()
    assert reader.raw(f"{story.url}history/3/").status_code == 404
    assert reader.raw(f"{hidden.draft.article.get_absolute_url()}history/").status_code == 404
    other = world.published("It ends", at=instant("2024-03-01 14:00"))
    other.article.expire(world.publisher, at=instant("2024-03-01 15:00"))
    assert 'href="/articles/it-ends/history/"' in reader.read("/articles/it-ends/", 410)
    assert "Edition 1, no longer in force." in reader.read("/articles/it-ends/history/1/")
    story.article.withdraw(world.publisher, "The figures were wrong.", at=instant("2024-03-01 16:00"))
    for path in ("history/", "history/1/"):
        assert "The figures were wrong." in reader.read(f"{story.url}{path}", 410)


def test_a_page_tells_a_story_once_in_the_language_of_its_reader(reader, world, story):
    french = Article.objects.create(language="fr", translation_of=story.article)
    quote = world.quote("Le lac est à tous", "lacquote")
    world.published("Les bacs circulent", body=f"<p>{quote}</p>", article=french, at=instant("2024-03-01 12:00"))
    for path in ("/", "/people/mara-ostrander-lie/"):
        english, other = reader.read(path), reader.read(f"/fr{path}")
        assert "Ferries run every day" in english and "The lake is everybody" in english
        assert "Les bacs circulent" not in english and "Le lac est" not in english
        assert "Les bacs circulent" in other and "Le lac est" in other
        assert "The lake is everybody" not in other
    assert "Les bacs circulent" in reader.read("/articles/")
    assert "Ferries run every day" in reader.read("/articles/")
