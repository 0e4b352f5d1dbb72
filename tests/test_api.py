"""The partners' read API: what it answers, what it refuses, and what it must not tell."""

import gzip
import hashlib
import json
import re
from datetime import date, timedelta
from types import SimpleNamespace

import brotli
import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.api import Search
from articles.ledger import GENESIS, State
from articles.merges import merge_people
from articles.models import (
    Article,
    Edition,
    EditionQuerySet,
    Image,
    Mention,
    Placement,
    Quote,
    QuoteTextQuerySet,
    RelatedItem,
    Topic,
)  # fmt: skip
from newsroom.api import KeysetPagination
from people.models import Appointment, Organisation, Person, Position, ReferenceQuerySet
from tests.conftest import instant

MICROSECOND = timedelta(microseconds=1)
CANARY = "zyxomel"
LISTS = ["articles", "quotes", "people", "positions", "organisations", "topics"]
NOON = instant("2024-03-02 12:00")


class Partner:
    """Asks the API at an instant of the test's choosing."""

    def __init__(self, monkeypatch):
        self.client = Client()
        self.monkeypatch = monkeypatch
        self.clock(NOON)

    def clock(self, at):
        self.monkeypatch.setattr("django.utils.timezone.now", lambda: at)

    def raw(self, path, query=None, **headers):
        return self.client.get(path if path.startswith(("http", "/")) else f"/api/v1/{path}", query, headers=headers)

    def get(self, path, expect=200, **query):
        response = self.raw(path, query)
        assert response.status_code == expect, response.content
        return response.json()

    def uids(self, path, name="uid", **query):
        return [row[name] for row in self.get(path, **query)["results"]]

    def refused(self, path, parameter, query):
        response = self.raw(path, query)
        assert response.status_code == 400, response.content
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["parameter"] == parameter
        return response.json()


@pytest.fixture
def partner(monkeypatch):
    return Partner(monkeypatch)


def add_everything(world, edition, word, topics=(), person=None, position=None):
    """Topics, a mention, a picture and a related item for a draft, each with `word` in it."""
    edition.topics.set(topics)
    if person:
        Mention.objects.create(
            edition=edition, person=person, position=position, name=f"{word} name", office=f"{word} office"
        )
    image = Image.objects.create(title=word, file=f"images/{word}.jpg", width=1, height=1)
    Placement.objects.create(
        edition=edition, image=image, alt=f"{word} alt", caption=f"{word} cap", credit=f"{word} by"
    )
    RelatedItem.objects.create(edition=edition, label=f"{word} label", url=f"https://council.example/{word}")
    return edition


@pytest.fixture
def story(world):
    """One article in two editions (10:00, corrected 11:00) of 1 March 2024, with a bit of everything."""
    quote = world.quote("The lake is everybody's", "lakequote")
    draft = world.draft("Ferries run again", body=f"<p>She said: {quote} to all.</p>", dated=date(2024, 2, 29))
    add_everything(world, draft, "harbour", [world.ferries], world.ilo, world.secretary_general)
    world.approve(draft, instant("2024-03-01 09:00"))
    first = draft.publish(world.publisher, at=instant("2024-03-01 10:00"))
    second = world.draft("Ferries run every day", body=first.body, article=first.article, dated=date(2024, 2, 29))
    second.note, second.change_class = "The timetable was wrong.", Edition.CORRECTION
    second.save()
    world.approve(second, instant("2024-03-01 10:30"))
    second.publish(world.publisher, at=instant("2024-03-01 11:00"))
    return SimpleNamespace(article=first.article, first=first, second=second, uid=first.article.uid)


# What it answers


def test_an_article_has_every_promised_field(partner, world, story, settings):
    article = partner.get(f"articles/{story.uid}/")
    assert article["uid"] == story.uid
    assert article["url"] == f"{settings.SITE_URL}/articles/ferries-run-again/"
    assert (article["slug"], article["kind"], article["language"]) == ("ferries-run-again", "news", "en")
    assert (article["headline"], article["place"]) == ("Ferries run every day", "Lakeside")
    assert (article["event_date"], article["dated"]) == ("2024-03-01", "2024-02-29")
    assert article["published_at"] == "2024-03-01T10:00:00Z"
    assert article["updated_at"] == "2024-03-01T11:00:00Z"
    assert article["edition"] == 2
    assert 'data-quote="lakequote"' in article["body_html"]
    assert article["body_text"] == "She said: “The lake is everybody's” to all."
    assert article["corrections"] == [{"number": 2, "at": "2024-03-01T11:00:00Z", "note": "The timetable was wrong."}]
    assert [topic["path"] for topic in article["topics"]] == ["water/ferries"]
    assert [(who["name"], who["office"], who["role"]) for who in article["people"]] == [
        ("Mara Ostrander-Lie", "Secretary-General", "quoted"), ("harbour name", "harbour office", "named"),
    ]  # fmt: skip
    assert [(item["label"], item["url"]) for item in article["related"]] == [
        ("harbour label", "https://council.example/harbour")
    ]
    assert article["images"][0]["alt"] == "harbour alt"
    assert article["content_hash"] == Edition.objects.get(pk=story.second.pk).content_hash
    assert len(article["salt"]) == 32
    assert article["translations"] == []
    assert partner.get("articles/")["results"] == [article]


def test_a_quote_names_its_speaker_the_office_of_the_day_and_its_article(partner, world, story, settings):
    quote = partner.get("quotes/lakequote/")
    assert quote["text"] == "The lake is everybody's"
    assert quote["url"] == f"{settings.SITE_URL}/quotes/lakequote/"
    assert (quote["speaker"]["uid"], quote["speaker"]["name"]) == (world.mara.uid, "Mara Ostrander-Lie")
    assert quote["position"]["uid"] == world.secretary_general.uid
    assert quote["position"]["organisation"]["name"] == "Council of Lakes"
    assert (quote["office"], quote["said_on"], quote["place"]) == ("Secretary-General", "2024-03-01", "Lakeside")
    assert (quote["article"]["uid"], quote["article"]["headline"]) == (story.uid, "Ferries run every day")
    assert [topic["uid"] for topic in quote["topics"]] == [world.ferries.uid]
    assert partner.get("quotes/")["results"] == [quote] == partner.get(f"articles/{story.uid}/")["quotes"]


def test_a_quote_of_a_source_has_no_speaker(partner, world):
    body = '<p>“<q data-quote="manyvoices" data-source="the ferrymen">We row</q>”, they said.</p>'
    world.published("Rowing", body=body, at=instant("2024-03-01 10:00"))
    quote = partner.get("quotes/manyvoices/")
    assert (quote["speaker"], quote["position"], quote["source"]) == (None, None, "the ferrymen")


def test_people_and_positions_show_who_held_what(partner, world, story):
    person = partner.get(f"people/{world.mara.uid}/")
    assert [(held["position"]["title"], held["since"]) for held in person["appointments"]] == [
        ("Secretary-General", "2023-09-01")
    ]
    holders = partner.get(f"positions/{world.secretary_general.uid}/")["appointments"]
    assert [held["person"]["name"] for held in holders] == ["Mara Ostrander-Lie", "Ilo Verhaak"]
    held_then = {"position": world.secretary_general.uid, "on": "2020-01-01"}
    assert partner.uids("people/", **held_then) == [world.ilo.uid]
    assert partner.uids("people/", organisation=world.council.uid) == [world.mara.uid, world.ilo.uid]
    assert partner.uids("people/", organisation=world.council.uid, on="2019-01-01") == [
        world.ilo.uid
    ]  # hers is private
    assert partner.uids("people/", appointment=person["appointments"][0]["uid"]) == [world.mara.uid]
    assert partner.get(f"organisations/{world.council.uid}/")["abbreviation"] == "CL"
    assert partner.get(f"topics/{world.ferries.uid}/")["parent"]["uid"] == world.water.uid
    assert partner.uids("topics/", under="water") == [world.water.uid, world.ferries.uid]


def test_editions_tell_the_history_and_not_the_future(partner, world, story):
    third = world.ready("Ferries stop", article=story.article, note="Storm.", change_class="update",
                        at=instant("2024-03-01 12:00"))  # fmt: skip
    third.schedule(world.publisher, instant("2024-03-05 10:00"), at=instant("2024-03-01 12:00"))
    assert Edition.objects.get(pk=story.second.pk).live_until == instant("2024-03-05 10:00")
    editions = partner.get(f"articles/{story.uid}/editions/")["results"]
    assert [(one["number"], one["live_until"]) for one in editions] == [(2, None), (1, "2024-03-01T11:00:00Z")]
    assert editions[0]["note"] == "The timetable was wrong."
    assert editions[1]["headline"] == "Ferries run again"


def test_as_of_shows_the_words_of_that_instant(partner, story):
    then = partner.get(f"articles/{story.uid}/", at="2024-03-01T10:30:00Z")
    assert (then["headline"], then["edition"], then["corrections"]) == ("Ferries run again", 1, [])
    assert partner.get("articles/", at="2024-03-01T12:30:00 02:00")["results"] == [then]  # a "+" that became a space
    assert partner.uids("articles/", at="2024-02-29") == partner.uids("people/", at="2024-02-29") == []
    assert partner.uids("articles/", at="0001-01-01") == []


def test_translations_find_each_other(partner, world, story):
    french = Article.objects.create(language="fr", translation_of=story.article)
    world.published("Les bacs circulent", article=french, at=instant("2024-03-01 12:00"))
    assert partner.get(f"articles/{french.uid}/")["url"].endswith("/fr/articles/les-bacs-circulent/")
    assert [t["headline"] for t in partner.get(f"articles/{story.uid}/")["translations"]] == ["Les bacs circulent"]
    (back,) = partner.get(f"articles/{french.uid}/")["translations"]
    assert (back["uid"], back["language"]) == (story.uid, "en")
    assert partner.uids("articles/", language="fr") == [french.uid]


def test_a_family_that_is_deeper_than_it_should_be_stops_no_list(partner, world, story):
    middle = world.published("Les bacs", at=instant("2024-03-01 12:00"))
    last = world.published("Die Fähren", at=instant("2024-03-01 13:00"))
    Article.objects.filter(pk=middle.article.pk).update(translation_of=story.article)
    Article.objects.filter(pk=last.article.pk).update(translation_of=middle.article)
    assert partner.uids("articles/", page_size=1) == [last.article.uid]
    assert partner.get(f"articles/{last.article.uid}/")["translations"] == []


def test_case_makes_no_difference_in_the_tag_of_a_language(partner, world, story, subtests):
    for code in ("fr", "zh-hans", "pt-BR"):
        article = Article.objects.create(language=code)
        quote = world.quote(f"In {code}", code.lower())
        world.published(f"In {code}", f"<p>{quote}</p>", article, at=instant("2024-03-01 12:00"))
    for asked, found in [
        ("FR", ["In fr"]), ("Fr", ["In fr"]), ("zh-Hans", ["In zh-hans"]), ("ZH-HANS", ["In zh-hans"]),
        ("pt-br", ["In pt-BR"]), ("PT-br", ["In pt-BR"]), ("EN", ["Ferries run every day"]), ("EN-us", []), ("pt", []),
    ]:  # fmt: skip
        with subtests.test(asked=asked):
            assert partner.uids("articles/", "headline", language=asked) == found
            assert len(partner.uids("quotes/", "key", language=asked)) == len(found)


def test_a_refusal_says_what_to_send(partner, world, subtests):
    language, day = "Give a language tag like fr or pt-BR.", "Give a date like 2024-03-01."
    span = "Give a date from 1000-01-01 to 9998-12-31."
    for path, name, given, detail in [
        ("articles/", "language", "<b>", language), ("quotes/", "language", "en_US", language),
        ("articles/", "from", "1 March", day), ("quotes/", "said_to", "x", day),
        ("articles/", "updated_from", "2024-02-30", day), ("people/", "on", "today", day),
        ("articles/", "to", "9999-12-31", span), ("quotes/", "from", "0001-01-01", span),
    ]:  # fmt: skip
        with subtests.test(path=path, name=name, given=given):
            assert partner.refused(path, name, {name: given})["detail"] == detail


def test_a_related_article_shows_while_it_can_be_read(partner, world, story):
    other = world.ready("Timetable", at=instant("2024-03-01 12:00"))
    story.second.related.create(label="The timetable", kind="article", article=other.article)
    assert len(partner.get(f"articles/{story.uid}/")["related"]) == 1
    other.publish(world.publisher, at=instant("2024-03-01 13:00"))
    related = partner.get(f"articles/{story.uid}/")["related"]
    assert [item["article"] for item in related] == [None, other.article.uid]
    assert related[1]["url"].endswith("/articles/timetable/")


def test_anyone_can_check_the_words_against_their_hash(partner, story):
    """With nothing but the answer, as the README says under "What is hashed"."""
    article = partner.get(f"articles/{story.uid}/")
    facts = {
        name: article[name] for name in ("kind", "language", "headline", "summary", "place", "event_date", "dated")
    }
    facts |= {"article": article["uid"], "body": article["body_html"], "source_updated": article["source_updated"]}
    facts["attribution"] = [
        {
            "key": quote["key"], "speaker": quote["speaker"]["uid"], "source": quote["source"],
            "name": quote["speaker"]["name"], "office": quote["office"], "position": quote["position"]["uid"],
            "said_on": quote["said_on"],
        }
        for quote in article["quotes"]
    ]  # fmt: skip
    facts["placements"] = [
        {"image": image["uid"]} | {name: image[name] for name in ("alt", "caption", "credit", "after_paragraph")}
        for image in article["images"]
    ]
    canonical = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(canonical.encode()).hexdigest() == article["text_hash"]
    chained = "\n".join(article[name] for name in ("salt", "text_hash", "change_class", "note"))
    assert hashlib.sha256(chained.encode()).hexdigest() == article["content_hash"]


def test_fields_picks(partner, story):
    assert partner.get("articles/", fields="headline,uid")["results"] == [
        {"headline": "Ferries run every day", "uid": story.uid}
    ]
    assert partner.get("quotes/lakequote/", fields="text,topics").keys() == {"text", "topics"}
    assert "headline" in partner.refused("articles/", "fields", {"fields": "uid,version"})["allowed"]


def test_filters_of_articles(partner, world, story, subtests):
    uids = {name: getattr(world, name).uid for name in ("ferries", "ilo", "mara", "secretary_general", "council")}
    for filters, found in [
        ({"topic": "water"}, True),
        ({"topic": "{ferries}"}, True),
        ({"person": "{ilo}"}, True),
        ({"speaker": "{mara}"}, True),
        ({"speaker": "{ilo}"}, False),
        ({"position": "{secretary_general}"}, True),
        ({"organisation": "{council}"}, True),
        ({"kind": "news"}, True),
        ({"kind": "speech"}, False),
        ({"language": "en"}, True),
        ({"language": "fr"}, False),
        ({"from": "2024-02-29"}, True),
        ({"from": "2024-03-01"}, False),
        ({"to": "2024-02-29"}, True),
        ({"to": "2024-02-28"}, False),
    ]:
        with subtests.test(filters=filters, found=found):
            filters = {name: value.format(**uids) for name, value in filters.items()}
            assert partner.uids("articles/", **filters) == ([story.uid] if found else [])
            if "person" not in filters:
                quoted = found and filters.get("speaker") != world.ilo.uid
                assert partner.uids("quotes/", "key", **filters) == (["lakequote"] if quoted else [])


def test_filters_of_quotes(partner, world, story):
    days = [
        ("2024-03-01", "2024-03-01", ["lakequote"]),
        ("2024-03-02", "2024-03-09", []),
        ("2024-02-01", "2024-02-29", []),
    ]
    for first, last, found in days:
        assert partner.uids("quotes/", "key", said_from=first, said_to=last) == found
    assert partner.uids("quotes/", "key", person=world.mara.uid) == ["lakequote"]
    assert partner.uids("quotes/", "key", person=world.ilo.uid) == []
    Topic.objects.create(name="Law", public_from=instant("2024-03-02 00:00")).quotes.add(
        Quote.objects.get(key="lakequote")
    )
    assert partner.uids("quotes/", "key", topic="law") == ["lakequote"]
    assert partner.uids("articles/", topic="law") == []


def test_words_narrow_a_list_and_keep_its_order(partner, world, story):
    other = world.published("A harbour for ferries", f"<p>{world.quote('No harbour', 'harbourquote')}.</p>",
                            at=instant("2024-03-01 12:00"))  # fmt: skip
    assert partner.uids("articles/", q="FERRY") == [other.article.uid, story.uid]
    assert partner.uids("articles/", q="ferry harbour") == [other.article.uid]
    assert partner.uids("articles/", q='"harbour for ferries"', kind="news", to="2024-03-01") == [other.article.uid]
    assert partner.uids("articles/", q="ferry", to="2024-02-29") == [story.uid]
    assert partner.uids("articles/", q="timetables") == []
    assert partner.uids("quotes/", "key", q="lake") == ["lakequote"]
    assert partner.uids("quotes/", "key", q="ferries") == []  # it stands in the article, and in no quote


def test_of_an_article_the_quotes_that_hold_the_words(partner, world):
    quotes = f"{world.quote('The lake rose', 'onlake')} and {world.quote('We waited', 'onwaiting')}"
    world.published("Two quotes", f"<p>{quotes}</p>", at=instant("2024-03-01 12:00"))
    assert partner.uids("quotes/", "key", q="lake") == ["onlake"]
    assert partner.uids("quotes/", "key", q="lake waited") == []  # each in a quote, and no quote holds both


def test_what_was_updated_since(partner, story, subtests):
    for filters, found in [
        ({"updated_from": "2024-03-01", "updated_to": "2024-03-01"}, True),
        ({"updated_from": "2024-03-02"}, False),
        ({"updated_to": "2024-02-29"}, False),
        ({"updated_to": "2024-02-29", "at": "2024-03-01T11:00:00Z"}, False),
    ]:
        with subtests.test(filters=filters, found=found):
            assert partner.uids("articles/", **filters) == ([story.uid] if found else [])


def test_a_search_gives_the_best_first_by_pages_both_ways(partner, world, story):
    at = instant("2024-03-01 12:00")
    said = world.published("What she said", f"<p>{world.quote('Harbour, harbour', 'harbourquote')}.</p>", at=at)
    named = world.published("The harbour", at=at)
    texts = [world.published(f"Item {number}", "<p>A harbour.</p>", at=at) for number in range(3)]
    expected = [edition.article.uid for edition in (named, said, *reversed(texts))]
    assert partner.uids("search/", q="harbour") == expected
    assert both_ways(partner, "search/", q="harbour", page_size=2) == expected
    assert partner.uids("search/", q="harbour", speaker=world.mara.uid) == [said.article.uid]
    assert partner.uids("search/", q="harbour", at="2024-03-01T11:59:59Z") == []
    (row,) = partner.get("search/", q="harbour she")["results"]
    assert {**row} == {name: fact for name, fact in partner.get(f"articles/{said.article.uid}/").items() if name in row}


def test_a_page_of_a_search_goes_on_where_its_last_row_was_withdrawn(partner, world):
    editions = [world.published(f"Harbour {number}", at=instant(f"2024-03-01 1{number}:00")) for number in range(3)]
    page = partner.get("search/", q="harbour", page_size=1)
    editions[2].article.withdraw(world.publisher, "It was wrong.", at=instant("2024-03-02 10:00"))
    assert [row["headline"] for row in partner.get(page["next"])["results"]] == ["Harbour 1"]


def test_what_is_hidden_has_no_say_in_a_search(partner, world, story):
    for number in range(3):
        world.published(f"Of harbours {number}", at=instant(f"2024-03-01 1{number}:00"))
    before = partner.raw("search/", {"q": "harbour"}).content
    for number in range(10):
        world.draft(f"Harbour harbour {number}")
    world.ready("Harbour", at=instant("2024-03-02 08:00")).schedule(
        world.publisher, instant("2024-04-01 09:00"), at=instant("2024-03-02 09:00")
    )
    assert partner.raw("search/", {"q": "harbour"}).content == before


def test_a_topic_answers_at_its_former_path(partner, world, story):
    world.water.refresh_from_db()
    world.water.slug = "waters"
    world.water.save()
    assert partner.uids("articles/", topic="water/ferries") == partner.uids("articles/", topic="waters") == [story.uid]


# Pages


def test_pages_go_forward_and_back_over_equal_days(partner, world):
    """Seven articles of one printed day: the order within it is total, and no row is repeated or lost."""
    for number in range(7):
        world.published(f"Item {number}", dated=date(2024, 2, 1), at=instant(f"2024-03-01 1{number}:00"))
    everything = partner.uids("articles/")
    assert len(everything) == 7
    for size in (3, 7, 1):
        assert both_ways(partner, "articles/", page_size=size) == everything


def both_ways(partner, path, **query):
    """The uids of all pages; going back, the pages are the same."""
    pages, page = [], partner.get(path, fields="uid", **query)
    while page:
        pages.append([row["uid"] for row in page["results"]])
        last, page = page, page["next"] and partner.get(page["next"])
    back = [pages[-1]]
    while last["previous"]:
        last = partner.get(last["previous"])
        back.insert(0, [row["uid"] for row in last["results"]])
    assert back == pages
    return sum(pages, [])


def test_what_is_published_meanwhile_moves_no_page(partner, world):
    for number in range(4):
        world.published(f"Item {number}", at=instant(f"2024-03-01 1{number}:00"))
    first = partner.get("articles/", page_size=2)
    world.published("News", at=instant("2024-03-02 10:00"))
    second = partner.get(first["next"])
    assert [row["headline"] for row in [*first["results"], *second["results"]]] == [f"Item {n}" for n in (3, 2, 1, 0)]
    assert [row["headline"] for row in partner.get(second["previous"])["results"]] == ["Item 3", "Item 2"]


def test_every_list_has_pages(partner, world, subtests):
    since = instant("2024-01-01 00:00")
    for number in range(3):
        Person.objects.create(name=f"Person {number}", public_from=since)
        organisation = Organisation.objects.create(name="Same name", public_from=since)
        Position.objects.create(title="Same title", organisation=organisation, public_from=since)
        Topic.objects.create(name=f"Topic {number}", public_from=since)
    for number in range(3):
        quote = world.quote(f"Words {number}", f"keyofquote{number}")
        world.published(f"Item {number}", body=f"<p>{quote} she said.</p>", dated=date(2024, 2, 1),
                        at=instant(f"2024-03-01 1{number}:00"))  # fmt: skip
    for name in ["people", "positions", "organisations", "topics", "quotes"]:
        with subtests.test(name=name):
            key = "key" if name == "quotes" else "uid"
            everything = partner.uids(f"{name}/", key)
            assert len(everything) >= 3
            found, page = [], partner.get(f"{name}/", page_size=1)
            while page:
                found += [row[key] for row in page["results"]]
                page = page["next"] and partner.get(page["next"])
            assert found == everything


def test_a_cursor_holds_public_values_only_and_is_ours_alone(partner, world):
    for number in range(3):
        edition = world.published(f"Item {number}", at=instant(f"2024-03-01 1{number}:00"))
    following = partner.get("articles/", page_size=1)["next"]
    cursor = following.partition("cursor=")[2]
    assert KeysetPagination.signer.unsign_object(cursor) == [
        "/api/v1/articles/", False, [edition.sorted_at.isoformat(), edition.article.uid, 1],
    ]  # fmt: skip
    partner.refused("articles/", "cursor", {"cursor": cursor[:-1] + ("A" if cursor[-1] != "A" else "B")})
    partner.refused("quotes/", "cursor", {"cursor": cursor})
    partner.refused("articles/", "cursor", {"cursor": cursor, "kind": "news"})
    partner.refused("articles/", "cursor", {"cursor": cursor, "at": "2024-03-01T12:00:00Z"})
    assert partner.get("articles/", cursor=cursor, page_size=2, fields="uid")["results"]
    partner.refused("articles/", "cursor", {"cursor": "é" * 5000})


# What it refuses


def test_an_unknown_parameter_is_named(partner, world, subtests):
    for name in [*LISTS, "changes", "schema", ""]:
        with subtests.test(name=name):
            answer = partner.refused(f"{name}/" if name else "", "colour", {"colour": "blue"})
            assert answer["code"] == "unknown_parameter"
            assert "colour" not in answer["allowed"]


def test_what_cannot_be_understood_is_named(partner, world, story, subtests):
    for path, parameter, query in [
        ("articles/", "q", {"q": "!?"}),
        ("articles/", "q", {"q": "a " * 17}),
        ("quotes/", "q", {"q": "a" * 201}),
        ("people/", "q", {"q": "ferry"}),
        ("search/", "q", {}),
        ("search/", "person", {"q": "ferry", "person": "nobody"}),
        ("articles/", "updated_to", {"updated_from": "2024-03-02", "updated_to": "2024-03-01"}),
        ("articles/", "kind", {"kind": "gossip"}),
        ("articles/", "topic", {"topic": "nowhere"}),
        ("articles/", "topic", {"topic": ""}),
        ("articles/", "person", {"person": "9" * 5000}),
        ("articles/", "speaker", {"speaker": ["a", "b"]}),
        ("articles/", "from", {"from": "2024-02-30"}),
        ("articles/", "from", {"from": "9" * 5000}),
        ("articles/", "from", {"from": "0001-01-01"}),
        ("articles/", "to", {"to": "9999-12-31"}),
        ("articles/", "to", {"from": "2024-03-02", "to": "2024-03-01"}),
        ("articles/", "language", {"language": "<b>"}),
        ("articles/", "at", {"at": "yesterday"}),
        ("articles/", "at", {"at": "2024-03-01T10:00:00"}),
        ("articles/", "at", {"at": "2024-03-02T12:00:00.000001Z"}),
        ("articles/", "at", {"at": "9999-12-31"}),
        ("articles/", "page_size", {"page_size": "0"}),
        ("articles/", "page_size", {"page_size": "101"}),
        ("articles/", "page_size", {"page_size": "9" * 5000}),
        ("quotes/", "said_to", {"said_from": "2024-03-02", "said_to": "2024-03-01"}),
        ("quotes/", "fields", {"fields": "key,,text"}),
        ("people/", "on", {"on": "today"}),
        ("people/", "position", {"position": "nobody"}),
        ("changes/", "limit", {"limit": "1001"}),
        ("changes/", "limit", {"limit": "9" * 5000}),
        ("changes/", "cursor", {"cursor": "here"}),
        ("changes/", "cursor", {"cursor": "9" * 5000 + "-" + "0" * 16}),
        ("changes/", "at", {"at": "2024-03-01"}),
        ("articles/abcdefgh/", "page_size", {"page_size": "5"}),
    ]:
        with subtests.test(path=path, parameter=parameter, query=query):
            partner.refused(path, parameter, query)


def test_without_its_last_slash_an_address_leads_to_itself(partner, world, story, settings, subtests):
    query = "?q=%C3%A9t%C3%A9&page_size=3"
    for path in ("", "articles/", f"articles/{story.uid}/", "articles/never/", f"articles/{story.uid}/compare/1/2/",
                 "changes/digest/", "schema/", "snapshot/", "docs/"):  # fmt: skip
        with subtests.test(path=path):
            slashed = f"/api/v1/{path}"
            bare = slashed.removesuffix("/")
            for answer in (partner.raw(bare + query, accept="text/csv"), partner.client.head(bare + query)):
                assert (answer.status_code, answer["Location"]) == (301, settings.SITE_URL + slashed + query)
                assert (answer["Access-Control-Allow-Origin"], answer.content) == ("*", b"")
                assert {"Accept-Encoding", "Authorization"} <= {*answer["Vary"].split(", ")}
            assert partner.client.options(bare).status_code == 204
            for method in (partner.client.post, partner.client.delete):
                answer = method(bare)
                assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
                assert answer["Allow"] == "GET, HEAD, OPTIONS"


def test_an_unknown_address_is_not_found_with_and_without_a_slash(partner, story):
    nowhere = partner.raw("articles/never/")
    of_the_story = (f"articles/{story.uid}/nothing", f"articles/{story.uid}/compare/1/x")
    for path in ("nothing", "nothing/at/all", "/x", "//x", "articles//", *of_the_story):
        answer = partner.raw(f"/api/v1/{path}")
        assert (answer.status_code, answer.content) == (404, nowhere.content), path
        assert answer.headers.items() == nowhere.headers.items()
    assert partner.client.post("/api/v1/nothing").content == nowhere.content
    assert partner.raw("/api/v1/a%00b").json()["code"] == "malformed"


def test_whatever_site_asks_for_a_change_is_told_that_it_is_only_read(db):
    """Also where the documentation stands: no check of forms comes before that."""
    strict = Client(enforce_csrf_checks=True)
    for path in ("articles/", "docs/", "docs", "articles", "schema/"):
        for method in (strict.post, strict.put, strict.patch, strict.delete):
            answer = method(f"/api/v1/{path}")
            assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json"), path
            assert answer.json()["code"] == "method_not_allowed"


def test_a_tag_that_is_no_more_is_a_problem_like_others(partner, world, story):
    tag = partner.raw("articles/")["ETag"]
    assert partner.raw("articles/", if_match=tag).status_code == 200
    for path in ("articles/", f"articles/{story.uid}/", "schema/", "docs/"):
        answer = partner.raw(path, if_match='"of old"', accept_encoding="br")
        assert (answer.status_code, answer["Content-Type"]) == (412, "application/problem+json")
        assert (answer.json()["code"], answer["Access-Control-Allow-Origin"]) == ("precondition_failed", "*")
        assert "ETag" not in answer and "Content-Encoding" not in answer


def test_an_unknown_kind_is_answered_with_those_there_are(partner, world):
    assert "press-release" in partner.refused("articles/", "kind", {"kind": "x"})["allowed"]


def test_it_says_what_may_be_asked(partner, world, story):
    assert partner.client.head(f"/api/v1/articles/{story.uid}/").status_code == 200
    for address in partner.get("schema/")["paths"]:
        path = address.format(uid=story.uid, key="lakequote", old=1, new=1)
        options = partner.client.options(path)
        assert (options.status_code, options["Allow"], options.content) == (204, "GET, HEAD, OPTIONS", b""), path
    assert partner.raw("articles/", accept="application/xml").status_code == 406


# Ways off the site


def test_withdrawn_is_gone_with_its_reason_also_for_the_past(partner, world, story):
    story.article.withdraw(world.publisher, "The council was misquoted.", at=instant("2024-03-02 10:00"))
    for path in (f"articles/{story.uid}/", f"articles/{story.uid}/editions/", "quotes/lakequote/"):
        for query in ({}, {"at": "2024-03-01T10:30:00Z"}):
            gone = partner.get(path, 410, **query)
            assert (gone["code"], gone["reason"]) == ("withdrawn", "The council was misquoted.")
            assert (gone["published_at"], gone["ended_at"]) == ("2024-03-01T10:00:00Z", "2024-03-02T10:00:00Z")
        before = partner.raw(path, {"at": "2024-03-01T09:59:59Z"})
        assert (before.status_code, before.content) == (404, partner.raw("articles/never/").content)
    assert partner.uids("articles/") == partner.uids("quotes/", "key") == []
    assert partner.raw("articles/never/").json()["code"] == "not_found"


def test_published_again_after_a_withdrawal(partner, world, story):
    story.article.withdraw(world.publisher, "Misquoted.", at=instant("2024-03-01 13:00"))
    third = world.draft("Ferries, corrected", article=story.article, note="Corrected.", change_class="correction")
    world.approve(third, instant("2024-03-01 13:30"))
    third.publish(world.publisher, at=instant("2024-03-01 14:00"))
    assert partner.get(f"articles/{story.uid}/")["published_at"] == "2024-03-01T14:00:00Z"
    assert partner.get(f"articles/{story.uid}/", 410, at="2024-03-01T12:00:00Z")["ended_at"] == "2024-03-01T13:00:00Z"


def test_erased_says_so_and_nothing_else(partner, world, story):
    story.article.erase(world.publisher, "Order 12", at=instant("2024-03-02 10:00"))
    for path in (f"articles/{story.uid}/", f"articles/{story.uid}/editions/", "quotes/lakequote/"):
        answer = partner.raw(path)
        assert (answer.status_code, answer.json()["code"]) == (410, "erased")
        for word in ("Ferries", "ferries", "lake is", "Order", "Mara"):
            assert word not in answer.content.decode()


def test_what_was_published_again_after_an_erasure_is_gone_for_its_own_reason(partner, world, story, client):
    story.article.erase(world.publisher, "Order 12", at=instant("2024-03-01 13:00"))
    article = Article.objects.get(pk=story.article.pk)
    third = world.draft("Ferries anew", f"<p>{world.quote('Anew', 'anew1')}</p>", article=article,
                        note="Anew.", change_class="update")  # fmt: skip
    world.approve(third, instant("2024-03-01 13:30"))
    third.publish(world.publisher, at=instant("2024-03-01 14:00"))
    article.withdraw(world.publisher, "The council was misquoted.", at=instant("2024-03-02 10:00"))
    for path in (f"articles/{story.uid}/", f"articles/{story.uid}/editions/", "quotes/anew1/"):
        gone = partner.get(path, 410)
        assert (gone["code"], gone.get("reason")) == ("withdrawn", "The council was misquoted.")
        assert partner.get(path, 410, at="2024-03-01T14:30:00Z")["code"] == "withdrawn"
    assert partner.get("quotes/lakequote/", 410)["code"] == "erased"
    assert partner.get(f"articles/{story.uid}/", 410, at="2024-03-01T12:00:00Z")["code"] == "erased"
    for page in (Article.objects.get(pk=article.pk).get_absolute_url(), "/quotes/anew1/"):
        assert "The council was misquoted." in client.get(page).text


def test_a_quote_that_stood_in_no_other_edition_is_gone_as_that_edition_is(partner, world, story):
    """Though its article can be read: in a later edition without it."""
    without = {"body": "<p>No words.</p>", "change_class": "update", "note": "The quote went."}
    third = world.draft("Ferries, no words", article=story.article, **without)
    world.approve(third, instant("2024-03-01 11:30"))
    third.publish(world.publisher, at=instant("2024-03-01 11:40"))
    for edition in (story.second, story.first):
        story.article.erase(world.publisher, "Order 12", edition=edition, at=NOON - timedelta(hours=1))
    gone = partner.get("quotes/lakequote/", 410)
    assert (gone["code"], gone["published_at"]) == ("erased", "2024-03-01T10:00:00Z")
    assert gone["ended_at"].startswith("2024-03-02T11:00:00")
    said = world.published("Said", f"<p>{world.quote('Not so', 'notso1')}</p>", at=instant("2024-03-02 11:10"))
    said.article.withdraw(world.publisher, "She was misquoted.", at=instant("2024-03-02 11:20"))
    again = world.draft("Said again", article=said.article, **without)
    world.approve(again, instant("2024-03-02 11:30"))
    again.publish(world.publisher, at=instant("2024-03-02 11:40"))
    gone = partner.get("quotes/notso1/", 410)
    assert (gone["code"], gone["reason"]) == ("withdrawn", "She was misquoted.")
    assert gone["ended_at"] == "2024-03-02T11:20:00Z"


def test_ended_as_planned_keeps_its_past(partner, world, story, settings):
    story.article.expire(world.publisher, at=instant("2024-03-02 10:00"))
    gone = partner.get(f"articles/{story.uid}/", 410)
    assert (gone["code"], gone["ended_at"]) == ("ended", "2024-03-02T10:00:00Z")
    assert partner.get(f"articles/{story.uid}/", at="2024-03-02T09:59:59Z")["edition"] == 2
    assert len(partner.get(f"articles/{story.uid}/editions/")["results"]) == 2
    for path in (f"articles/{story.uid}/", "quotes/lakequote/"):
        assert len(partner.get(partner.get(path, 410)["location"].removeprefix(settings.SITE_URL))["results"]) == 2


def test_redirected_tells_where_to(partner, world, story):
    target = world.published("The new page", at=instant("2024-03-01 12:00"))
    story.article.redirect(world.publisher, target=target.article, at=instant("2024-03-02 10:00"))
    gone = partner.get(f"articles/{story.uid}/", 410)
    assert gone["code"] == "redirected"
    assert gone["location"].endswith("/articles/the-new-page/")
    target.article.withdraw(world.publisher, "Wrong.", at=instant("2024-03-02 11:00"))
    assert partner.get(f"articles/{story.uid}/", 410)["location"] is None


def test_a_quote_taken_out_says_since_when(partner, world, story):
    third = world.draft("Ferries, no words", body="<p>No words.</p>", article=story.article,
                        note="The quote went.", change_class="update")  # fmt: skip
    world.approve(third, instant("2024-03-02 09:00"))
    third.publish(world.publisher, at=instant("2024-03-02 10:00"))
    gone = partner.get("quotes/lakequote/", 410)
    assert (gone["code"], gone["ended_at"]) == ("removed", "2024-03-02T10:00:00Z")
    assert partner.get("quotes/lakequote/", at="2024-03-01T12:00:00Z")["edition"] == 2


def test_a_merged_person_leads_to_the_survivor(partner, world, story, settings):
    twin = Person.objects.create(name="M. Ostrander", public_from=NOON)
    merge_people(twin, world.mara, world.editor)
    answer = partner.raw(f"people/{twin.uid}/", {"fields": "uid"})
    assert answer.status_code == 301
    assert answer["Location"] == f"{settings.SITE_URL}/api/v1/people/{world.mara.uid}/?fields=uid"
    assert partner.uids("articles/", speaker=twin.uid) == [story.uid]
    assert twin.uid not in partner.uids("people/")
    hidden = Person.objects.create(name="Still private")
    merge_people(Person.objects.create(name="Known", uid="knownone", public_from=NOON), hidden, world.editor)
    assert partner.raw("people/knownone/").content == partner.raw("people/never/").content


# What it must not tell


@pytest.fixture
def hidden(world, story):
    """A draft, a scheduled and a withdrawn article with a canary in every field, and private rows only they name."""
    organisation = Organisation.objects.create(name=f"{CANARY} house", abbreviation=CANARY, aliases=[CANARY])
    position = Position.objects.create(title=f"{CANARY} chair", organisation=organisation)
    person = Person.objects.create(name=f"Ana {CANARY}", aliases=[CANARY], biography=CANARY)
    appointments = [
        Appointment.objects.create(person=person, position=position, since=date(2024, 1, 1)),
        Appointment.objects.create(
            person=person, position=world.secretary_general, acting=True, since=date(2024, 3, 2)
        ),
        Appointment.objects.create(person=world.mara, position=position, since=date(2024, 1, 1)),
    ]
    topic = Topic.objects.create(name=f"{CANARY} topic", description=CANARY, parent=world.water)
    Quote.objects.get(key="lakequote").topics.add(topic)

    def article(key, **words):
        quote = world.quote(f"The {CANARY} {key}", key, person)
        words = {"headline": f"{CANARY} {key}", "body": f"<p>{CANARY} {quote}</p>", "summary": CANARY} | words
        return add_everything(world, world.draft(place=CANARY, **words), CANARY, [topic], world.mara, position)

    article("draftquote")
    article("secondquote", article=story.article, note=CANARY, change_class="update")
    scheduled = article("scheduledquote")
    world.approve(scheduled, instant("2024-03-02 08:00"))
    scheduled.schedule(world.publisher, instant("2024-04-01 09:00"), at=instant("2024-03-02 08:30"))
    Article.objects.create(translation_of=story.article, language="fr")
    withdrawn = world.draft(
        f"{CANARY} w", f"<p>{world.quote(CANARY, 'withdrawnquote')}</p>", summary=CANARY, place=CANARY
    )
    add_everything(world, withdrawn, CANARY, [world.ferries])
    world.approve(withdrawn, instant("2024-03-02 09:00"))
    withdrawn.publish(world.publisher, at=instant("2024-03-02 09:30"))
    withdrawn.article.withdraw(world.publisher, "It was wrong.", at=instant("2024-03-02 10:00"))
    Mention.objects.create(edition=story.second, person=person, name=CANARY, office=CANARY)
    rows = {"organisations": organisation, "positions": position, "people": person, "topics": topic}
    keys = ["draftquote", "secondquote", "scheduledquote", "withdrawnquote"]
    paths = [
        "", "docs/", "schema/", "changes/", *(f"{name}/" for name in LISTS),
        *(f"{name}/{row.uid}/" for name, row in rows.items()), *(f"quotes/{key}/" for key in keys),
        *(f"articles/{article.uid}/{tail}" for article in Article.objects.all() for tail in ("", "editions/")),
        f"articles/?topic={topic.uid}", f"articles/?person={person.uid}", f"quotes/?position={position.uid}",
        f"people/?appointment={appointments[0].uid}", f"people/?position={position.uid}", "people/?on=2024-02-01",
        f"people/{world.mara.uid}/", f"positions/{world.secretary_general.uid}/",
        f"articles/?q={CANARY}", f"quotes/?q={CANARY}", f"search/?q={CANARY}", f"search/?q={CANARY}&topic=water",
        f"topics/?under={topic.path}", "articles/?at=2024-03-02T09:40:00Z", "quotes/?at=2024-03-02T09:40:00Z",
    ]  # fmt: skip
    secrets = [CANARY, scheduled.article.uid, *keys[:3], *(row.uid for row in [*rows.values(), *appointments])]
    return SimpleNamespace(paths=paths, secrets=secrets, rows=rows, scheduled=scheduled, person=person, topic=topic)


def leaks(partner, hidden):
    """{path: secrets} for every answer that holds one."""
    found = {}
    for path in hidden.paths:
        words = partner.raw(path).content.decode()
        if told := [secret for secret in hidden.secrets if secret in words]:
            found[path] = told
    return found


def test_nothing_hidden_is_told_before_its_instant(partner, hidden):
    for at in (NOON, instant("2024-04-01 09:00") - MICROSECOND):
        partner.clock(at)
        assert leaks(partner, hidden) == {}


def test_what_a_public_row_stands_under_may_be_private(partner, world, story):
    hidden = Organisation.objects.create(name="Not yet founded")
    chair = Position.objects.create(title="Chair", organisation=hidden, public_from=NOON)
    parent = Topic.objects.create(name="Not yet a topic")
    child = Topic.objects.create(name="Known", parent=parent, public_from=NOON)
    assert partner.get(f"positions/{chair.uid}/")["organisation"] is None
    assert partner.get(f"topics/{child.uid}/")["parent"] is None
    Quote.objects.get(key="lakequote").topics.add(parent)
    assert [topic["uid"] for topic in partner.get("quotes/lakequote/")["topics"]] == [world.ferries.uid]


def test_hidden_and_never_existing_look_the_same(partner, hidden):
    nowhere = partner.raw("articles/never/")
    addresses = [f"{name}/{row.uid}/" for name, row in hidden.rows.items()]
    addresses += [f"articles/{hidden.scheduled.article.uid}/", f"articles/{hidden.scheduled.article.uid}/editions/"]
    for path in [
        *addresses,
        "quotes/scheduledquote/",
        "quotes/draftquote/",
        "quotes/never/",
        "people/never/",
        "nothing/",
    ]:
        answer = partner.raw(path)
        assert (answer.status_code, answer.content) == (404, nowhere.content), path
        assert answer.headers.items() == nowhere.headers.items()
    for name, secret in (("topic", hidden.topic), ("person", hidden.person)):
        known, unknown = (partner.raw("articles/", {name: value}) for value in (secret.uid, "never"))
        assert (known.status_code, known.content) == (400, unknown.content)


def test_everything_scheduled_appears_at_its_very_instant(partner, hidden):
    for at, shown in ((-MICROSECOND, False), (MICROSECOND * 0, True), (MICROSECOND, True)):
        partner.clock(instant("2024-04-01 09:00") + at)
        uid = hidden.scheduled.article.uid
        assert (uid in partner.uids("articles/")) is shown
        assert ("scheduledquote" in partner.uids("quotes/", "key")) is shown
        assert (uid in partner.uids("changes/")) is shown
        assert (partner.raw(f"articles/{uid}/").status_code == 200) is shown
        assert (partner.raw("quotes/scheduledquote/").status_code == 200) is shown
        for name, row in hidden.rows.items():
            assert (row.uid in partner.uids(f"{name}/")) is shown
            assert (partner.raw(f"{name}/{row.uid}/").status_code == 200) is shown


def test_an_end_is_exact(partner, world):
    edition = world.ready("Open until ten", body=f"<p>{world.quote('Until ten', 'untilten')} said she.</p>",
                          at=instant("2024-03-01 09:00"), expires_at=instant("2024-03-03 10:00"))  # fmt: skip
    edition.publish(world.publisher, at=instant("2024-03-01 10:00"))
    for at, shown in ((-MICROSECOND, True), (MICROSECOND * 0, False), (MICROSECOND, False)):
        partner.clock(instant("2024-03-03 10:00") + at)
        assert bool(partner.uids("articles/")) is bool(partner.uids("quotes/", "key")) is shown
        assert partner.raw(f"articles/{edition.article.uid}/").status_code == (200 if shown else 410)
        assert partner.raw("quotes/untilten/").status_code == (200 if shown else 410)
        assert ("ended" in partner.uids("changes/", "kind")) is not shown


def test_the_leak_test_sees_a_leak_on_every_surface(partner, hidden, monkeypatch):
    """Control: with the definitions of public gone, the same search finds the canary wherever words are shown."""
    monkeypatch.setattr(EditionQuerySet, "live", lambda self, at: self.all())
    monkeypatch.setattr(EditionQuerySet, "on_record", lambda self, at: self.all())
    searched = Search.get_queryset
    monkeypatch.setattr(Search, "get_queryset", lambda self: searched(self).exclude(sorted_at=None))  # drafts lack age
    monkeypatch.setattr(QuoteTextQuerySet, "live", lambda self, at: self.all())
    monkeypatch.setattr(ReferenceQuerySet, "public", lambda self, at: self.all())
    monkeypatch.setattr("people.models.Reference.is_public", lambda self, at: True)
    silent = {"", "docs/", "schema/", "changes/"}
    article = Article.objects.exclude(pk__in=Edition.objects.values("article")).get()
    silent |= {f"articles/{article.uid}/", f"articles/{article.uid}/editions/"}
    assert {*hidden.paths} - {*leaks(partner, hidden)} <= silent


# Headers


def test_an_answer_can_be_kept_but_is_asked_for_anew(partner, world, story):
    answer = partner.raw("articles/")
    assert answer["Cache-Control"] == "public, no-cache"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Content-Type"] == "application/json"
    assert not answer.cookies
    again = partner.raw("articles/", if_none_match=answer["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", answer["ETag"])
    world.ready("Not yet", at=instant("2024-03-02 08:00")).schedule(
        world.publisher, instant("2024-04-01 09:00"), at=instant("2024-03-02 09:00")
    )
    assert partner.raw("articles/", if_none_match=answer["ETag"]).status_code == 304
    partner.clock(instant("2024-04-01 09:00"))
    assert partner.raw("articles/", if_none_match=answer["ETag"]).status_code == 200


@pytest.mark.parametrize(
    "path", ["articles/", "articles/never/", "articles/?q=%00", "docs/", "snapshot/", "changes/?x=1"]
)
def test_any_site_may_read_and_caches_know_what_varies(partner, world, path):
    answer = partner.raw(path, origin="https://press.example")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in answer["Access-Control-Expose-Headers"].split(", ")
    assert {"Accept", "Accept-Encoding"} <= {*answer["Vary"].split(", ")}
    assert "Access-Control-Allow-Credentials" not in answer


def test_a_browser_may_ask_with_a_key_and_a_tag(partner, world):
    asked = {"origin": "https://press.example", "access-control-request-method": "GET"}
    answer = partner.client.options("/api/v1/articles/never/", headers=asked)
    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert {"Authorization", "If-None-Match"} <= {*answer["Access-Control-Allow-Headers"].split(", ")}


UNPACKED = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}


def test_a_packed_answer_has_a_tag_of_its_own(partner, story, subtests):
    for asked, coding in [
        ("br, gzip", "br"),
        ("gzip, deflate", "gzip"),
        ("gzip;q=0.5, br;q=0", "gzip"),
        ("*", "br"),
        ("identity", ""),
        ("*;q=0", ""),
        ("gzip; q=0.000", ""),
        ("", ""),
    ]:
        with subtests.test(asked=asked, coding=coding):
            plain, answer = partner.raw("articles/"), partner.raw("articles/", accept_encoding=asked)
            assert answer.get("Content-Encoding", "") == coding
            assert UNPACKED[coding](answer.content) == plain.content
            assert (answer["ETag"] == plain["ETag"]) is (not coding)
            assert int(answer["Content-Length"]) == len(answer.content)
            again = partner.raw("articles/", accept_encoding=asked, if_none_match=answer["ETag"])
            assert (again.status_code, again.content, again["ETag"]) == (304, b"", answer["ETag"])
            assert "Accept-Encoding" in again["Vary"]
            if coding:
                assert partner.raw("articles/", if_none_match=answer["ETag"]).status_code == 200
            head = partner.client.head("/api/v1/articles/", headers={"accept-encoding": asked})
            assert (head.content, head["ETag"], head["Content-Length"]) == (
                b"",
                answer["ETag"],
                answer["Content-Length"],
            )


def test_an_edge_may_keep_what_is_public_for_the_same_seconds_always(partner, world, story, settings):
    settings.PUBLIC_CACHE_CONTROL = "public, max-age=0, s-maxage=2"
    hour = instant("2024-03-02 12:30")
    world.ready("Soon", at=NOON).schedule(world.publisher, hour, at=NOON)
    for at in (NOON, hour - MICROSECOND, hour):
        partner.clock(at)
        for path in ("articles/", "articles/never/", "/", "/articles/", "/articles/never/", "/robots.txt"):
            assert partner.raw(path)["Cache-Control"] == "public, max-age=0, s-maxage=2", path


def test_addresses_and_words_do_not_follow_the_request(partner, world, story):
    plain = partner.raw("articles/", {"page_size": "1"}).content
    assert partner.raw("articles/", {"page_size": "1"}, host="localhost", accept_language="fr").content == plain
    assert partner.raw("articles/", {"page_size": "1"}, accept="application/json; indent=4").content == plain
    french = partner.raw("articles/", {"from": "x"}, accept_language="fr").json()["detail"]
    assert french == "Give a date like 2024-03-01."


def test_words_are_sent_as_utf8(partner, world):
    world.published("Déjà vu: 湖", at=instant("2024-03-01 10:00"))
    assert "Déjà vu: 湖".encode() in partner.raw("articles/").content


def test_two_editions_are_compared_word_by_word(partner, world, story):
    both = partner.get(f"articles/{story.uid}/compare/2/1/")
    assert (both["old"], both["new"]) == (1, 2) and both["url"].endswith("/compare/1/2/")
    for side, number in (("-", 1), ("+", 2)):
        edition = Edition.objects.get(article=story.article, number=number)
        assert "".join(piece["text"] for piece in both["headline"] if piece["op"] in ("=", side)) == edition.headline
        blocks = len(edition.plain_text.split("\n\n"))
        assert sum(passage["unchanged"] or 1 for passage in both["body"]) >= blocks
    for pair in ("1/3", "1/1", f"1/{2**70}"):
        partner.get(f"articles/{story.uid}/compare/{pair}/", 404)
    story.article.withdraw(world.publisher, "It was wrong.")
    assert partner.get(f"articles/{story.uid}/compare/1/2/", 410)["code"] == "withdrawn"


# The feed of changes


def test_changes_are_followed_without_gaps(partner, world, story):
    everything = partner.get("changes/")
    assert [row["seq"] for row in everything["results"]] == [*range(1, len(everything["results"]) + 1)]
    assert everything["more"] is False
    state, edition = State.objects.get(), Edition.objects.get(article=story.article, number=2)
    assert everything["results"][-1] == {
        "content_hash": edition.content_hash, "head": state.head,
        "seq": len(everything["results"]), "at": "2024-03-01T11:00:00Z", "kind": "live", "type": "article",
        "uid": story.uid, "edition": 2, "url": f"http://127.0.0.1:8000/api/v1/articles/{story.uid}/",
    }  # fmt: skip
    found, cursor, more = [], None, True
    while more:
        page = partner.get("changes/", limit=2, **({"cursor": cursor} if cursor else {}))
        found, cursor, more = found + page["results"], page["cursor"], page["more"]
        assert page["epoch"] == everything["epoch"]
    assert found == everything["results"]
    assert cursor == everything["cursor"] == partner.get("changes/", cursor=cursor)["cursor"]
    assert partner.get("changes/", cursor=cursor)["results"] == []
    for change in found:
        assert partner.raw(change["url"]).status_code == 200, change


def test_a_cursor_of_another_history_is_told_how_to_start_anew(partner, world, story):
    for cursor in ("1-0000000000000000", f"999999-{GENESIS[:16]}", "0-0000000000000000"):
        gone = partner.get("changes/", 410, cursor=cursor)
        assert gone["code"] == "history_changed" == gone["type"].partition("#")[2]
        assert "anew" in gone["detail"]


def test_a_boundary_is_numbered_when_it_has_passed(partner, hidden):
    before = partner.get("changes/")
    partner.clock(instant("2024-04-02 00:00"))
    after = partner.get("changes/", cursor=before["cursor"])
    assert {row["at"] for row in after["results"]} == {"2024-04-01T09:00:00Z"}
    assert {row["type"] for row in after["results"]} == {
        "article", "person", "position", "organisation", "appointment", "topic",
    }  # fmt: skip
    assert State.objects.get().horizon == instant("2024-04-02 00:00")


def test_a_ledger_held_by_another_answers_what_is_numbered(partner, hidden, monkeypatch):
    before = partner.get("changes/")
    partner.clock(instant("2024-04-02 00:00"))

    def held(**options):
        raise OperationalError("somebody else holds it")

    with monkeypatch.context() as patched:
        patched.setattr(State, "held", held)
        assert partner.get("changes/") == before
    assert len(partner.get("changes/")["results"]) > len(before["results"])


def test_a_database_that_does_not_answer_in_time_is_a_problem_that_passes(partner, story, monkeypatch, caplog):
    def late(self):
        raise OperationalError("canceling statement due to statement timeout")

    monkeypatch.setattr("articles.api.Articles.get_queryset", late)
    answer = partner.raw("articles/")
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert (answer.json()["code"], answer["Cache-Control"]) == ("unavailable", "no-store")
    assert answer["Retry-After"] == "5" and answer["Access-Control-Allow-Origin"] == "*"
    assert "statement timeout" in caplog.text and "statement" not in answer.text


# Cost


#: what each address is asked at once, and the most statements that may cost
NAMED = "person={mara}&speaker={mara}&position={chair}&organisation={council}&topic=water"
DAYS = "kind=news&language=en&from=2024-02-01&to=2024-03-02&at=2024-03-02T11:00:00Z"
COSTS = {
    "articles/": 7, f"articles/?{NAMED}&{DAYS}&updated_from=2024-02-01&updated_to=2024-03-02&q=she": 8,
    f"search/?{NAMED}&{DAYS}&updated_from=2024-02-01&updated_to=2024-03-02&q=she": 5,
    "quotes/": 3, f"quotes/?{NAMED}&{DAYS}&said_from=2024-02-01&said_to=2024-03-02&q=words": 5,
    "people/": 3, "people/?position={chair}&organisation={council}&on=2024-03-01": 4,
    "positions/": 3, "positions/?organisation={council}": 4, "organisations/": 2, "topics/": 2,
    "articles/{uid}/": 7, "articles/{uid}/editions/": 2, "articles/{uid}/compare/1/2/": 2, "quotes/lakequote/": 3,
    "people/{mara}/": 4, "positions/{chair}/": 4, "organisations/{council}/": 2, "topics/{ferries}/": 3,
    "topics/?under=water": 3, "changes/": 2,
}  # fmt: skip


def test_the_number_of_queries_does_not_grow(partner, world, story, monkeypatch, subtests):
    monkeypatch.setattr("articles.api.is_due", lambda now: False)
    names = {"mara": world.mara, "chair": world.secretary_general, "council": world.council, "ferries": world.ferries}
    uids = {"uid": story.uid} | {name: row.uid for name, row in names.items()}

    def cost(path):
        with CaptureQueriesContext(connection) as queries:
            found = partner.get(path.format(**uids))
        assert found.get("results", True), "an empty page costs nothing"
        return len(queries)

    grow(world, "once")
    small = {path: cost(path) for path in COSTS}
    for number in range(6):
        grow(world, f"Again {number}")
    for path, most in COSTS.items():
        with subtests.test(path=path):
            assert cost(path) == small[path] == most <= 8


def grow(world, word):
    """An article with two quotes, a picture, a related item and a topic; a person in an office."""
    person = Person.objects.create(name=f"Person {word}")
    Appointment.objects.create(person=person, position=world.secretary_general, attested_from=date(2024, 3, 1),
                               attested_to=date(2024, 3, 1), acting=True)  # fmt: skip
    topic = Topic.objects.create(name=f"Topic {word}", parent=world.water)
    quotes = [world.quote(f"Words {word}", f"{key}{word.replace(' ', '')}", who)
              for key, who in (("mara", world.mara), ("other", person))]  # fmt: skip
    draft = world.draft(f"Item {word}", body=f"<p>{quotes[0]} and {quotes[1]}, she said.</p>")
    add_everything(world, draft, word.replace(" ", ""), [topic], person)
    world.approve(draft, instant("2024-03-01 12:00"))
    draft.publish(world.publisher, at=instant("2024-03-01 13:00"))


# The documentation


def test_the_documentation_names_every_address_and_problem(partner, world):
    words = partner.raw("docs/").content.decode()
    for path in partner.get("schema/")["paths"]:
        assert path in words
    for code in ("withdrawn", "history_changed", "unknown_parameter"):
        assert f'id="{code}"' in words
    assert "<code></code>" not in words and "`" not in words
    assert {*re.findall(r'href="#([^"]+)"', words)} <= {"main", *re.findall(r' id="([^"]+)"', words)}
    assert {*partner.get("")} == {*LISTS, "search", "changes", "digest", "snapshot", "schema", "docs"}
    for address in partner.get("").values():
        assert partner.raw(address, {"q": "ferry"} if "search" in address else {}).status_code == 200, address
    assert json.loads(partner.raw("").content)["docs"].endswith("/api/v1/docs/")
