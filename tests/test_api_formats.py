"""The formats of the read API beside its own JSON: which one is answered, what it holds, and what it must not tell."""

import csv
import io
import json
import os
import re
from datetime import date
from xml.etree import ElementTree

import jsonschema
import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles.models import Article, Edition, EditionQuerySet, Image, Placement, QuoteTextQuerySet, RelatedItem, Topic
from articles.ninjs import item
from articles.representations import QuotesCSV, harmless
from people.models import Person, ReferenceQuerySet
from tests import ninjs
from tests.conftest import instant
from tests.test_api import partner  # noqa: F401 (fixture)
from tests.test_feeds import ATOM, structured, texts
from tests.test_pages import CANARY, hidden, picture, reader, story  # noqa: F401 (fixtures)

JSON, NINJS, LD = "application/json", "application/ninjs+json", "application/ld+json"
FEED, CSV, PROBLEM = (
    "application/atom+xml; charset=utf-8",
    "text/csv; charset=utf-8; header=present",
    "application/problem+json",
)
VARY = "Accept, Accept-Encoding, Authorization"
KINDS = {"json": JSON, "ninjs": NINJS, "jsonld": LD, "atom": FEED, "csv": CSV}
OFFERED = {"articles": ["json", "ninjs", "jsonld", "atom"], "quotes": ["json", "jsonld", "atom", "csv"]}


def every(story):
    """(path, format) of all that can be had."""
    for name, row in (("articles", story.article.uid), ("quotes", "lakequote")):
        for form in OFFERED[name]:
            yield f"{name}/", form
            yield f"{name}/{row}/", form


# Which one is answered


def test_a_format_is_had_by_its_name_and_by_its_media_type(partner, story):
    for path, form in every(story):
        named, kind = partner.raw(path, {"format": form}), KINDS[form].split(";")[0]
        assert (named.status_code, named["Content-Type"]) == (200, KINDS[form]), (path, form)
        assert partner.raw(path, accept=kind)["Content-Type"] == KINDS[form]
        assert partner.raw(path, {"format": form}, accept="application/xml")["Content-Type"] == KINDS[form]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", JSON), ("application/*", JSON), ("", JSON), ("text/*", CSV), ("APPLICATION/LD+JSON", LD),
        ("application/json; indent=4", JSON), ("text/csv; header=present", CSV),
        ("text/csv, application/json", JSON), ("application/atom+xml, */*", JSON),
        ("application/atom+xml, application/xml;q=0.9, */*;q=0.8", FEED), ("text/csv;q=0.5, application/ld+json", LD),
        ("application/json;q=0, */*;q=0.1", LD), ("application/json;q=0.2, application/*;q=0.7", LD),
        ("application/*;q=0.7, */*", CSV), ("text/html, text/csv;q=0.001", CSV),
        ("text/csv;q=loud", CSV), ("x" * 9000, JSON), (", ,", JSON),
    ],
)  # fmt: skip
def test_the_accept_header_is_weighed(partner, db, accept, kind):
    assert partner.raw("quotes/", accept=accept)["Content-Type"] == kind


def test_no_accept_header_asks_for_our_json(partner, db):
    assert partner.raw("quotes/")["Content-Type"] == JSON


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "*/*;q=0", "*/*;q=nan", "nonsense", "image/*"])
def test_who_accepts_nothing_there_is_learns_what_there_is(partner, db, accept):
    for path, kinds in (("quotes/", [JSON, LD, "application/atom+xml", "text/csv"]), ("people/", [JSON])):
        answer = partner.raw(path, accept=accept)
        assert (answer.status_code, answer["Content-Type"], answer["Vary"]) == (406, PROBLEM, VARY)
        assert (answer.json()["code"], answer.json()["allowed"]) == ("not_acceptable", kinds)


@pytest.mark.parametrize(
    "value", ["", "xml", "JSON", "csv ", "ninjs", "api", "../json", "%s", "9" * 5000, "é\u202e", "json,csv", "<b>"]
)
def test_a_format_that_is_not_there_is_refused_with_those_that_are(partner, db, value):
    for path in ("quotes/", "quotes/lakequote/"):
        assert partner.refused(path, "format", {"format": value})["allowed"] == OFFERED["quotes"]
    assert partner.refused("people/", "format", {"format": value})["code"] == "unknown_parameter"
    partner.refused("quotes/", "format", {"format": ["csv", "json"]})


def test_every_answer_says_that_it_varies_and_errors_are_problems_in_all_formats(partner, world, story):
    for path, form in every(story):
        answer = partner.raw(path, {"format": form})
        again = partner.raw(path, {"format": form}, if_none_match=answer["ETag"])
        assert (again.status_code, again.content) == (304, b"")
        assert answer["Vary"] == again["Vary"] == VARY
        head, options = partner.client.head(f"/api/v1/{path}?format={form}"), partner.client.options(f"/api/v1/{path}")
        assert (head["Content-Type"], head["ETag"]) == (answer["Content-Type"], answer["ETag"])
        assert (options.status_code, options["Vary"]) == (204, VARY)
        assert partner.client.options(f"/api/v1/{path}?format={form}").content == b""
    story.article.withdraw(world.publisher, "Misquoted.", at=instant("2024-03-02 10:00"))
    for path, form in every(story):
        asked = [(path, {"colour": "blue"}, 400)]
        asked += [(path, {}, 410), (f"{path.split('/')[0]}/never/", {}, 404)] if path.count("/") == 2 else []
        for address, query, status in asked:
            answer = partner.raw(address, query | {"format": form})
            assert (answer.status_code, answer["Content-Type"], answer["Vary"]) == (status, PROBLEM, VARY)
            assert answer.json()["status"] == status


def test_fields_belong_to_our_json_and_choose_columns(partner, story):
    for path, form in every(story):
        if form in ("ninjs", "jsonld", "atom"):
            assert form in partner.refused(path, "fields", {"fields": "url", "format": form})["detail"]
    words = partner.raw("quotes/", {"fields": "speaker,text", "format": "csv"}).content.decode()
    assert words.splitlines()[0] == "text,speaker.uid,speaker.name"
    partner.refused("quotes/", "fields", {"fields": "speaker.uid", "format": "csv"})


def links(answer):
    """{relation: address} of the header Link."""
    return {name: url for url, name in re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers.get("Link", ""))}


def test_the_pages_of_a_list_are_linked_in_every_format(partner, world):
    for number in range(5):
        quote = world.quote(f"Words {number}", f"keyofquote{number}")
        world.published(f"Item {number}", body=f"<p>{quote}</p>", at=instant(f"2024-03-01 1{number}:00"))
    for name, forms in OFFERED.items():
        for form in forms:
            pages, answer = [], partner.raw(f"{name}/", {"page_size": 2}, accept=KINDS[form].split(";")[0])
            while answer:
                pages.append(answer.content.decode())
                beside, last = links(answer), answer
                assert ("prev" in beside) == (len(pages) > 1)
                if form == "atom":
                    feed = ElementTree.fromstring(pages[-1])
                    told = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
                    assert (told.get("next"), told.get("previous")) == (beside.get("next"), beside.get("prev"))
                    assert partner.raw(told["self"]).content == answer.content
                answer = "next" in beside and partner.raw(beside["next"])  # which needs no header
            assert len(pages) == 3, (name, form)
            found = [re.findall(r"(?:Item|Words) (\d)", page) for page in pages]
            assert [[*dict.fromkeys(numbers)] for numbers in found] == [["4", "3"], ["2", "1"], ["0"]]
            assert partner.raw(links(last)["prev"])["Content-Type"] == KINDS[form]


# ninjs


@pytest.fixture
def demonstration(world, story):
    """What a newsroom has beside the story: Arabic, a source without a name, items of all kinds, a translation."""
    arabic = Article.objects.create(language="ar", translation_of=story.article)
    quote = world.quote("البحيرة للجميع", "arabquote")
    world.published("العبارات تعود", body=f"<p>{quote}</p>", article=arabic, at=instant("2024-03-01 12:00"))
    body = '<p>“<q data-quote="manyvoices" data-source="the ferrymen">We <a href="/people/">row</a></q>”.</p>'
    draft = world.draft("Rowing", body=body, kind="statement", place="")
    for kind, _label in RelatedItem.KINDS:
        given = {"article": story.article} if kind == "article" else {"url": f"https://é.example/é {kind}/[1]?a=5%#b#c"}
        RelatedItem.objects.create(edition=draft, kind=kind, label=f"A {kind}", **given)
    RelatedItem.objects.create(edition=draft, kind="document", label="On paper only")
    image = Image.objects.create(title="quay", file=ContentFile(picture().read(), name="quay.png"))
    Placement.objects.create(edition=draft, image=image, alt="A quay")
    world.approve(draft, instant("2024-03-01 13:00"))
    return draft.publish(world.publisher, at=instant("2024-03-01 14:00"))


def broken(told, **changes):
    return {name: value for name, value in (told | changes).items() if value is not None}


def test_every_article_is_ninjs(partner, story, demonstration):
    """By our own rules, or by the schema that IPTC publishes when the environment's NINJS_SCHEMA names its file."""
    rules = ninjs.validator(os.environ.get("NINJS_SCHEMA"))
    check = rules.validate
    whole = partner.get("articles/", format="ninjs")
    check(whole)
    assert (whole["type"], len(whole["associations"])) == ("composite", 3)
    for told in partner.get("articles/")["results"]:
        one = partner.get(f"articles/{told['uid']}/", format="ninjs")
        check(one)
        assert one | {"name": told["headline"], "rel": "item"} in whole["associations"]
    for wrong in [
        {"uri": None}, {"headline": "x"}, {"name": "x"}, {"headlines": "x"}, {"representationType": "complete"},
        {"associations": {"quote": {"uri": "urn:x:y"}}}, {"associations": [{"uri": "urn:x:y"}]}, {"version": 2},
        {"associations": [{"uri": "urn:x:y", "name": "x", "said_on": "2024-03-01"}]}, {"versionCreated": "2024-03-01"},
        {"subjects": [{"uri": "/topics/water/"}]}, {"bodies": [{"role": "main"}]}, {"renditions": [{"href": "x:y"}]},
        *({"uri": f"https://council.example{rest}"} for rest in ("/é", "/[1]", "/5%", "/#b#c", "/\n", ":port/", "|")),
        *({"versionCreated": f"2024-{rest}"} for rest in ("02-30T10:00:00Z", "03-01T10:00:00", "03-01T10:00:00Z\n")),
    ]:  # fmt: skip
        with pytest.raises(jsonschema.ValidationError):
            check(broken(one, **wrong))
    worse = [*ninjs.spoilt(one)]
    assert len(worse) > 100 and [told for told in worse if rules.is_valid(told)] == []


def test_ninjs_tells_what_our_json_tells(partner, world, story, demonstration, settings):
    path = f"articles/{story.article.uid}/"
    told, one = partner.get(path), partner.get(path, format="ninjs")
    assert one == item(told)
    assert (one["headlines"], one["language"]) == ([{"role": "main", "value": "Ferries run every day"}], "en")
    assert (one["version"], one["firstCreated"], one["versionCreated"]) == (
        "2", "2024-03-01T10:00:00Z", "2024-03-01T11:00:00Z",
    )  # fmt: skip
    assert {"role": "correction", "value": "The timetable was wrong."} in one["descriptions"]
    html, plain = one["bodies"]
    assert plain["value"] == told["body_text"] and plain["wordCount"] == len(told["body_text"].split())
    assert "“<span>The lake is everybody's</span>”" in html["value"] and "<q" not in html["value"]
    by_rel = {}
    for associated in one["associations"]:
        by_rel.setdefault(associated["rel"], []).append(associated)
    said, written = by_rel["quote"]
    assert (said["by"], said["located"]) == ("Mara Ostrander-Lie, Secretary-General", "Lakeside")
    assert (said["bodies"][0]["value"], said["people"][0]["literal"]) == ("The lake is everybody's", world.mara.uid)
    assert written["descriptions"] == [{"role": "said-on", "value": "2020-01-15"}]
    (shown,) = by_rel["picture"]
    assert (shown["name"], shown["renditions"][0]["contentType"]) == ("At the quay", "image/png")
    assert (by_rel["translation"][0]["language"], by_rel["video"][0]["name"]) == ("ar", "Watch it")
    rowing = partner.get(f"articles/{demonstration.article.uid}/", format="ninjs")
    (source,) = [associated for associated in rowing["associations"] if associated["rel"] == "quote"]
    assert "people" not in source and source["infoSources"] == [{"name": "the ferrymen", "role": "speaker"}]
    assert f'<a href="{settings.SITE_URL}/people/">row</a>' in rowing["bodies"][0]["value"]
    (there,) = [associated for associated in rowing["associations"] if associated["rel"] == "article"]
    assert there["uri"] == one["uri"]
    link, paper = rowing["associations"][-2:]
    assert link["uri"] == "https://%C3%A9.example/%C3%A9%20link/%5B1%5D?a=5%25#b%23c" == link["renditions"][0]["href"]
    assert (paper["name"], paper["uri"][:9], "renditions" in paper) == ("On paper only", "urn:uuid:", False)
    for alternative in one["altIds"]:
        assert alternative["role"] == "uid" or partner.raw(alternative["value"]).json()["uid"] == story.article.uid


# JSON-LD and Atom


def test_json_ld_is_what_the_page_has(partner, reader, world, story, demonstration):
    listed = json.loads(partner.raw("articles/", {"format": "jsonld"}).content)["@graph"]
    assert len(listed) == 3
    for path, uid in ((story.url, story.article.uid), ("/articles/rowing/", demonstration.article.uid)):
        on_page = structured(reader, path)["NewsArticle"]
        assert graph_of(partner, f"articles/{uid}/") == [on_page]
        assert on_page in listed
    for key in ("lakequote", "icequote", "manyvoices"):
        on_page = structured(reader, f"/quotes/{key}/")["Quotation"]
        assert graph_of(partner, f"quotes/{key}/") == [on_page]
        assert on_page in graph_of(partner, "quotes/")


def graph_of(partner, path):
    return partner.get(path, format="jsonld")["@graph"]


def test_atom_has_the_entries_of_the_sites_feeds(partner, reader, story, demonstration):
    for name, row in (("articles", story.article.uid), ("quotes", "lakequote")):
        ours, sites = (ElementTree.fromstring(reader.read(path)) for path in
                       (f"/api/v1/{name}/?format=atom", f"/feeds/{name}.atom"))  # fmt: skip
        entries = [ElementTree.tostring(entry) for entry in ours.findall(f"{ATOM}entry")]
        assert entries == [ElementTree.tostring(entry) for entry in sites.findall(f"{ATOM}entry")] != []
        one = ElementTree.fromstring(partner.raw(f"{name}/{row}/", {"format": "atom"}).content)
        assert one.tag == f"{ATOM}entry" and one.find(f"{ATOM}author") is not None
        assert texts(one, f"{ATOM}id")[0] in texts(ours, f"{ATOM}entry", f"{ATOM}id")
        assert texts(one, f"{ATOM}content")[0] in texts(ours, f"{ATOM}entry", f"{ATOM}content")


def test_another_question_is_another_feed_and_another_page_is_not(partner, story):
    def identity(**query):
        return texts(ElementTree.fromstring(partner.raw("articles/", query | {"format": "atom"}).content), f"{ATOM}id")

    assert identity() == identity(page_size="1")
    assert identity() != identity(topic="water") != identity(topic="water/ferries")


# CSV


def rows_of(partner, path="quotes/", **query):
    answer = partner.raw(path, query | {"format": "csv"})
    assert answer.status_code == 200
    return [*csv.DictReader(io.StringIO(answer.content.decode(), newline=""))]


def test_csv_tells_what_our_json_tells(partner, world, story, demonstration):
    quotes, rows = partner.get("quotes/")["results"], rows_of(partner)
    assert [row["key"] for row in rows] == [quote["key"] for quote in quotes]
    for quote, row in zip(quotes, rows, strict=True):
        assert [*row] == QuotesCSV.COLUMNS
        assert row["topics"] == " ".join(topic["path"] for topic in quote["topics"])
        for column in QuotesCSV.COLUMNS[:-1]:
            told = quote
            for name in column.split("."):
                told = told and told[name]
            assert row[column] == ("" if told is None else str(told)), column
        assert rows_of(partner, f"quotes/{quote['key']}/") == [row]
    content = partner.raw("quotes/", {"format": "csv"}).content
    assert content.startswith(b"key,url,text,") and content.count(b"\r\n") == len(rows) + 1
    assert rows_of(partner, language="de") == []


def test_words_keep_their_lines_marks_and_commas(partner, world):
    quote = world.quote('She said, "no", 5 < 6;', "markedquote")
    other = world.quote("and no", "markedquote").replace("“", "", 1)
    world.published("Marks", body=f"<p>{quote}</p><p>{other}</p>", at=instant("2024-03-01 10:00"))
    ((row,), told) = rows_of(partner), partner.get("quotes/markedquote/")
    assert row["text"] == told["text"] and '"no", 5 < 6;' in row["text"]


@pytest.mark.any_database
@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\tx", "\rx", "\nx", "  =1", "\u00a0=1", "\u3000＝1", "＋1", "－1",
             "＠x", "﹦1", "\ufeff=1", "\u200b-1", "\u202e@x", "=cmd|' /C calc'!A0"]
)  # fmt: skip
def test_what_a_spreadsheet_would_compute_has_an_apostrophe_before_it(text):
    assert harmless(text) == f"'{text}"
    assert harmless(f"'{text}") == f"''{text}"  # so one taken away gives the text again, whatever it began with


@pytest.mark.any_database
@pytest.mark.parametrize(
    "text", ["", "x", " x", "1-1", "a=b", "'t is", "“=1”", "Ærø", "—so", "2024-03-01", "البحيرة", "x\n=1"]
)
def test_what_it_would_not_stays_as_it_is(text):
    assert harmless(text) == text


def test_no_cell_is_a_formula_whoever_named_it(partner, world):
    person = Person.objects.create(name="=HYPERLINK(1)")
    topic = Topic.objects.create(name="+Plus")
    draft = world.draft("@home", body=f"<p>{world.quote('-1 degrees', 'coldquote', person)}</p>", place="＝Lake")
    draft.topics.set([topic])
    world.approve(draft, instant("2024-03-01 09:00"))
    draft.publish(world.publisher, at=instant("2024-03-01 10:00"))
    (row,) = rows_of(partner)
    for column, words in [
        ("text", "-1 degrees"), ("speaker.name", "=HYPERLINK(1)"), ("place", "＝Lake"), ("article.headline", "@home"),
    ]:  # fmt: skip
        assert row[column] == f"'{words}"
    assert partner.get("quotes/coldquote/")["text"] == "-1 degrees"


# What it must not tell, and what it costs


def test_as_it_stood_is_told_in_every_format(partner, world, story):
    for path, form in every(story):
        then = partner.raw(path, {"format": form, "at": "2024-03-01T10:30:00Z"}).content.decode()
        before = partner.raw(path, {"format": form, "at": "2024-03-01T09:00:00Z"})
        assert "Ferries run again" in then and "Ferries run every day" not in then, (path, form)
        assert "Ferries" not in before.content.decode() and before.status_code == (404 if path.count("/") == 2 else 200)


def leaking(partner, story):
    return {
        (path, form) for path, form in every(story)
        if CANARY in partner.raw(path, {"format": form}).content.decode().lower()
    }  # fmt: skip


def test_nothing_hidden_is_told_in_any_format(partner, hidden, story, monkeypatch):
    assert leaking(partner, story) == set()
    for state in ("draft", "scheduled", "withheld"):
        uid = getattr(hidden, state).article.uid
        for path in (f"articles/{uid}/", f"quotes/{state}quote/"):
            for form in OFFERED[path.split("/")[0]]:
                answer = partner.raw(path, {"format": form})
                assert CANARY not in answer.content.decode().lower()
                assert answer.status_code == (410 if state == "withheld" else 404)
    monkeypatch.setattr(EditionQuerySet, "live", lambda self, at: self.exclude(live_from=None))  # control
    monkeypatch.setattr(QuoteTextQuerySet, "live", lambda self, at: self.exclude(edition__live_from=None))
    monkeypatch.setattr(ReferenceQuerySet, "public", lambda self, at: self)
    monkeypatch.setattr("people.models.Reference.is_public", lambda self, at: True)
    assert leaking(partner, story) >= {(path, form) for path, form in every(story) if path.count("/") == 1}


def test_the_number_of_queries_does_not_grow_in_any_format(partner, world, story):
    def costs():
        found = {}
        for path, form in every(story):
            with CaptureQueriesContext(connection) as queries:
                assert partner.raw(path, {"format": form}).status_code == 200
            found[path, form] = len(queries)
        return found

    few = costs()
    for number in range(2):
        person = Person.objects.create(name=f"Person {number}")
        topic = Topic.objects.create(name=f"Topic {number}", parent=world.water)
        quotes = "".join(
            world.quote(f"Words {number}", f"q{number}{who.uid}"[:16], who) for who in (world.mara, person)
        )
        article = Article.objects.create(language="fr", translation_of=story.article) if number == 0 else None
        draft = world.draft(f"Item {number}", body=f"<p>{quotes}</p>", article=article, dated=date(2024, 2, 1))
        draft.topics.set([topic])
        Placement.objects.create(
            edition=draft, image=Image.objects.create(title="x", file=picture()), alt="An alt text"
        )
        RelatedItem.objects.create(edition=draft, label="See", kind="article", article=story.article)
        world.approve(draft, instant("2024-03-01 12:00"))
        first = draft.publish(world.publisher, at=instant(f"2024-03-01 1{number + 3}:00"))
        second = world.draft(f"Item {number}!", body=first.body, article=first.article)
        second.note, second.change_class = "Wrong.", Edition.CORRECTION
        second.save()
        world.approve(second, instant("2024-03-01 18:00"))
        second.publish(world.publisher, at=instant(f"2024-03-01 19:0{number}"))
    assert costs() == few
    assert max(few.values()) <= 8


def test_the_schema_names_the_media_types_of_each_address(partner, story):
    paths = partner.get("schema/")["paths"]
    for path, operation in paths.items():
        name = path.split("/")[3]
        forms = OFFERED[name] if path.count("/") <= 5 - ("{" not in path) and name in OFFERED else ["json"]
        if name == "snapshot":  # a stream, described by itself
            continue
        content = operation["get"]["responses"]["200"]["content"]
        assert [*content] == [KINDS[form].split(";")[0] for form in forms], path
        named = [one for one in operation["get"].get("parameters", []) if one["name"] == "format"]
        assert [one["schema"]["enum"] for one in named] == ([sorted(forms)] if len(forms) > 1 else []), path
        assert "application/problem+json" in operation["get"]["responses"]["406"]["content"], path
