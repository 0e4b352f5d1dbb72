"""How readers find things again: the search, the archive, the log of corrections."""

import re
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from articles import search
from articles.models import Article, Edition, EditionQuerySet, Mention, Topic
from articles.pages import signer
from people.models import Appointment, Organisation, Person, Position
from tests.conftest import instant
from tests.test_pages import CANARY, ELEVEN, NOON, TEN, budgets, hidden, reader, story  # noqa: F401 (fixtures)

TITLE = r'<h[23] class="row-title"[^>]*><a href="[^"]*">(.*?)</a>'


def headlines(html):
    return [re.sub(r"</?mark>", "", found) for found in re.findall(TITLE, html)]


@pytest.fixture
def papers(world, reader):
    """Three articles that hold "harbour" in the headline, in a quote, in the text: the best is the oldest."""
    world.published("The harbour is open", at=instant("2023-01-10 10:00"))
    quote = world.quote("We rebuilt the harbour", "harbourquote")
    world.published("A day in May", body=f"<p>She said: {quote}.</p>", at=instant("2023-05-17 10:00"))
    world.published("News of the coast", body="<p>Boats left the Harbours.</p>", at=instant("2023-12-31 23:30"))
    return world


# Search


def test_a_find_in_the_headline_comes_before_one_in_a_quote_and_that_before_one_in_the_text(papers, reader):
    assert headlines(reader.read("/search/", q="harbour")) == [
        "The harbour is open", "A day in May", "News of the coast",
    ]  # fmt: skip


def test_it_says_how_many_were_found(papers, reader, monkeypatch):
    assert "3 articles, the best and latest first" in reader.read("/search/", q="harbour")
    assert "One article" in reader.read("/search/", q="coast")
    assert "articles, the best" not in reader.read("/search/", q="airship")
    monkeypatch.setattr(search, "REACH", 3)
    assert "Of very many articles the newest 3, the best first" in reader.read("/search/", q="harbour")


def test_a_much_later_find_comes_before_a_better_one(papers, reader):
    papers.published("A chronicle", body="<p>The harbour then.</p>", at=instant("2024-02-01 10:00"))
    papers.published("Harbour works", dated=date(2012, 1, 1), at=instant("2024-02-02 10:00"))
    assert headlines(reader.read("/search/", q="harbour"))[2:] == [
        "A chronicle", "News of the coast", "Harbour works",
    ]  # fmt: skip


def test_words_that_stand_side_by_side_come_first(papers, reader):
    papers.published("Of locks", body="<p>The stone pier stands.</p>", at=instant("2023-01-11 10:00"))
    papers.published("Of piers", body="<p>The pier is of stone.</p>", at=instant("2023-06-11 10:00"))
    assert headlines(reader.read("/search/", q="stone pier")) == ["Of locks", "Of piers"]
    assert headlines(reader.read("/search/", q='"stone pier"')) == ["Of locks"]
    assert headlines(reader.read("/search/", q="“pier stone”")) == []


def test_capitals_accents_and_plurals_make_no_difference(papers, reader, subtests):
    for typed in ["HARBOUR", "harbours", "hárbour", "harbour harbour", " harbour  ", "-harbour"]:
        with subtests.test(typed=typed):
            assert len(headlines(reader.read("/search/", q=typed))) == 3


def test_what_was_found_is_marked_and_nothing_typed_or_written_becomes_markup(papers, reader):
    papers.published("Tides & <b>harbours</b>", summary="A <i>harbour</i>.", at=instant("2024-01-01 10:00"))
    html = reader.read("/search/", q="harbour <script>alert(1)</script>")
    assert "<script>alert" not in html
    html = reader.read("/search/", q="harbour")
    assert "Tides &amp; &lt;b&gt;<mark>harbours</mark>&lt;/b&gt;" in html
    assert "A &lt;i&gt;<mark>harbour</mark>&lt;/i&gt;." in html
    assert "Boats left the <mark>Harbours</mark>." in html


def test_beside_articles_stand_quotes_with_their_speakers_people_and_topics(papers, reader, story):
    html, page = reader.read("/search/", q="harbour"), reader.words("/search/", q="harbour")
    assert 'href="/quotes/harbourquote/">We rebuilt the <mark>harbour</mark>' in html
    assert "Mara Ostrander-Lie Secretary-General" in page
    assert 'href="/people/mara-ostrander-lie/"' in reader.read("/search/", q="Ostrander")
    assert 'href="/people/mara-ostrander-lie/"' in reader.read("/search/", q="mara ostrander")
    assert ">People<" not in reader.read("/search/", q="ostrander ferries").split("</header>")[1].split("<footer")[0]
    assert 'href="/topics/water/ferries/"' in reader.read("/search/", q="ferry")


def test_filters_hold_for_what_is_found_and_say_so(papers, reader):
    papers.published("Harbour speech", kind="speech", at=instant("2024-01-05 10:00"))
    assert headlines(reader.read("/search/", q="harbour", kind="speech")) == ["Harbour speech"]
    assert headlines(reader.read("/search/", q="harbour", to="2023-04-30")) == ["The harbour is open"]
    assert headlines(reader.read("/search/", q="harbour", speaker="mara-ostrander-lie")) == ["A day in May"]
    assert headlines(reader.read("/search/", q="harbour", speaker="nobody")) == []
    page = reader.words("/search/", q="harbour", kind="speech")
    assert "Showing speeches , remove with the words “harbour” , remove , the best first." in page
    assert 'name="q" value="harbour"' in reader.read("/articles/", q="harbour")


def test_lists_take_words_too_newest_first(papers, reader):
    assert headlines(reader.read("/articles/", q="harbour")) == [
        "News of the coast", "A day in May", "The harbour is open",
    ]  # fmt: skip
    assert "We rebuilt the <mark>harbour</mark>" in reader.read("/quotes/", q="harbour")
    assert "harbourquote" not in reader.read("/quotes/", q="boats")
    assert "Nothing was published that fits all of this." in reader.words("/articles/", q="zeppelin")


def test_the_past_is_searched_as_it_stood(papers, reader, story):
    assert headlines(reader.read("/search/", q="ferries")) == ["Ferries run every day"]
    assert headlines(reader.read("/search/", q="ferries", at="2024-03-01T10:30:00Z")) == ["Ferries run again"]
    assert headlines(reader.read("/search/", q="ferries", at="2024-03-01T09:59:59Z")) == []


KIND = [
    '"', "*", "AND", "OR NOT", "NEAR(a b)", "-", "zz:*", "'; DROP TABLE x; --", "<->", "!&|()", "\\", "“”", "h_harbour",
    "q_harbour", "_", "{headline}: x", "^x", "ß", "🙂", "٣", "l'eau", "1,482", "x" * 5000, "zz " * 2500, '"' * 99,
]  # fmt: skip


def test_nothing_typed_breaks_the_search_and_no_sign_is_an_order(papers, reader, subtests):
    for typed in KIND:
        with subtests.test(typed=typed):
            for path in ("/search/", "/articles/", "/quotes/"):
                html = reader.read(path, q=typed)
                assert headlines(html) == [] and html.count("<h1") == 1
                assert 'class="nothing"' in html
            assert search.TABLE in connection.introspection.table_names()


def test_an_empty_search_asks_what_for(reader, story):
    page = reader.words("/search/")
    assert "What are you looking for?" in page and "Ferries run" not in page
    assert reader.raw("/search/?q=+")["Location"] == "/search/"
    assert reader.raw("/search/?q=%00").status_code == 400


def test_pages_of_finds_repeat_and_skip_nothing_while_more_is_published(world, reader):
    for number in range(45):
        world.published(f"Harbour {number}", dated=date(2024, 1, 1), at=TEN + timedelta(minutes=number))
    seen, path = [], "/search/?q=harbour"
    while path:
        html = reader.read(path)
        seen += headlines(html)
        older = re.findall(r'<a href="([^"]*)" rel="next"', html)
        path = older[0].replace("&amp;", "&") if older else ""
        if len(seen) == 20:
            world.published("Harbour breaking", at=instant("2024-03-01 23:00"))
    assert seen == [f"Harbour {number}" for number in range(44, -1, -1)]
    for cursor in ("x", "a.b.c", "é", "." * 300):
        assert headlines(reader.read("/search/", q="harbour", cursor=cursor))[0] == "Harbour breaking"


def test_words_that_nothing_holds_are_put_right_by_names_and_headlines(papers, reader, story):
    for typed, meant in [
        ("harbuor", "harbour"), ("Ostrnder", "ostrander"), ("feries", "ferries"), ("counicl", "council"),
        ('"harbour opne"', "“&quot;harbour open&quot;”"), ("harbour zzzzzz", ""), ("harbour ferries", ""),
        ("x" * 25, ""), ("قارب", ""),
        ("harbuor " * 2 + "feries counicl opne coasts", ""),
    ]:  # fmt: skip
        html = reader.read("/search/", q=typed)
        assert ("Did you mean" in html) == bool(meant) and meant in html, typed
    assert '<a href="/search/?q=harbour">Did you mean “harbour”?</a>' in reader.read("/search/", q="harbuor")
    assert "Did you mean" not in reader.read("/search/", q="harbuor", at="2023-01-01T00:00:00Z")
    assert "Did you mean" not in reader.read("/search/", q="harbour")


def test_no_word_is_put_right_by_what_is_hidden(reader, hidden, monkeypatch):
    typed = f"{CANARY[:-2]}{CANARY[:-3:-1]}"
    told = reader.read("/search/", q=typed)
    assert CANARY not in told and told.replace(typed, "") == reader.read("/search/", q="neverwas").replace(
        "neverwas", ""
    )
    monkeypatch.setattr(EditionQuerySet, "live", lambda self, at: self.exclude(live_from=None))
    assert f"Did you mean “{CANARY}”?" in reader.read("/search/", q=typed)


def test_a_search_for_what_is_hidden_answers_as_for_what_never_was(reader, hidden):
    for path in ("/search/", "/articles/", "/quotes/"):
        told, other = (reader.read(path, q=word).replace(word, "") for word in (CANARY, "neverwas"))
        assert told == other, path


def test_the_search_would_find_the_canary_were_the_gate_open(reader, hidden, monkeypatch):
    monkeypatch.setattr(EditionQuerySet, "live", lambda self, at: self.exclude(live_from=None))
    assert "<mark>zyxomel</mark> later" in reader.read("/search/", q=CANARY)


def test_hidden_rows_have_no_say_in_what_comes_first(papers, reader):
    before = reader.read("/search/", q="harbour boats")
    search_all = reader.read("/search/", q="harbour")
    for number in range(30):
        papers.draft(f"Harbour harbour {number}", body="<p>Harbour, harbour, boats left.</p>")
    papers.ready("Harbour", at=instant("2024-02-01 10:00")).schedule(
        papers.publisher, instant("2024-06-01 12:00"), at=instant("2024-02-01 11:00")
    )
    assert reader.read("/search/", q="harbour boats") == before
    assert reader.read("/search/", q="harbour") == search_all


def test_it_is_found_from_its_microsecond_until_its_last(world, reader):
    edition = world.ready("Harbour day", at=instant("2024-03-01 08:00"))
    edition.schedule(world.publisher, instant("2024-03-01 18:00"), at=TEN)
    edition.article.expire(world.publisher, instant("2024-03-01 20:00"), at=ELEVEN)
    for at, found in [("17:59:59.999999", 0), ("18:00", 1), ("19:59:59.999999", 1), ("20:00", 0)]:
        reader.clock(instant(f"2024-03-01 {at}"))
        assert len(headlines(reader.read("/search/", q="harbour"))) == found, at


def test_every_verb_keeps_the_index(world):
    edition = world.draft("Harbour day")

    def found():
        return [*Edition.objects.holding("harbour")]

    def holds():
        return search.size() == Edition.objects.count() and search.holds(Edition.objects.get().document())

    edition.headline = "Harbour night"
    edition.save()
    assert found() == [edition] and holds()
    world.approve(edition, instant("2024-03-01 08:00"))
    edition.schedule(world.publisher, instant("2034-03-01 18:00"), at=TEN)
    assert holds()
    edition.reschedule(world.publisher, instant("2034-03-02 18:00"), at=ELEVEN)
    assert holds()
    edition.cancel(world.publisher, at=NOON)
    assert found() == [edition] and holds()
    edition.publish(world.publisher, at=NOON + timedelta(hours=1))
    assert holds()
    edition.article.erase(world.publisher, "Court order 7", at=NOON + timedelta(hours=2))
    assert found() == [] and search.size() == 0
    call_command("verify")


def test_a_discarded_draft_leaves_the_index(world):
    world.draft("Harbour day").discard(world.writer)
    assert search.size() == 0


def test_verify_finds_a_broken_index_and_reindex_mends_it(papers, capsys):
    call_command("verify")
    search.clear()
    with pytest.raises(CommandError):
        call_command("verify")
    call_command("reindex")
    call_command("verify")
    search.store([search.Document(10**6, None, "Stray", "", "")])
    with pytest.raises(CommandError):
        call_command("verify")
    assert "1 texts too many" in capsys.readouterr().err


def test_a_text_of_any_length_is_saved_and_its_beginning_found(world):
    long = " ".join(f"word{number}é" * 9 for number in range(30_000))
    world.draft("Harbour day", body=f"<p>lighthouse {long}</p>")
    assert Edition.objects.holding("lighthouse").exists()


# The archive


def test_a_year_shows_each_day_with_its_number_and_leads_to_it(papers, reader, story):
    html = reader.read("/archive/2023/")
    assert re.search(r'<td class="heat-1"><a href="/archive/2023/05/17/">.*? 1</a>', html)
    assert 'href="/archive/2024/01/01/"' not in html  # 23:30 UTC is the next day in Zurich
    assert headlines(html) == ["A day in May", "The harbour is open"]
    assert 'href="/archive/2024/" rel="next"' in html
    newest = reader.read("/archive/")
    assert headlines(newest) == ["Ferries run every day", "News of the coast"]
    assert re.search(r'href="/archive/2024/03/01/">.*?, corrected</span>', newest)


def test_a_month_and_a_day_show_what_was_published_and_the_nearest_that_have_something(papers, reader):
    html = reader.read("/archive/2023/05/")
    assert headlines(html) == ["A day in May"]
    assert 'href="/archive/2023/01/" rel="prev"' in html and 'href="/archive/2024/" rel="next"' in html
    html = reader.read("/archive/2023/05/17/")
    assert headlines(html) == ["A day in May"] and "12:00" in reader.words("/archive/2023/05/17/")
    assert 'href="/archive/2023/01/10/" rel="prev"' in html
    assert headlines(reader.read("/archive/2024/01/01/")) == ["News of the coast"]
    empty = reader.read("/archive/2023/05/18/")
    assert "Nothing was published then." in empty and '<meta name="robots" content="noindex">' in empty


def test_a_day_that_is_none_or_beyond_the_record_is_not_found(papers, reader, subtests):
    for path in [
        "2022/",
        "2025/",
        "9999/",
        "999/",
        "2023/5/",
        "2023/13/",
        "2023/00/",
        "2023/02/30/",
        "2023/05/17/1/",
        "٢٠٢٣/",
        "x/",
    ]:
        with subtests.test(path=path):
            assert reader.raw(f"/archive/{path}").status_code == 404


def test_the_archive_as_it_stood_knows_nothing_later(papers, reader, story):
    html = reader.read("/archive/", at="2023-12-01")
    assert headlines(html) == ["A day in May", "The harbour is open"] and "/archive/2024/" not in html


def test_an_empty_archive_says_so(reader, world):
    assert "Nothing has been published yet." in reader.words("/archive/")
    assert reader.raw("/archive/2024/").status_code == 404


def test_steps_of_colour_follow_the_busiest_day(world, reader):
    world.published("One more", at=instant("2024-02-02 10:00"))
    for number in range(11):
        world.published(f"Item {number}", at=TEN + timedelta(minutes=number))
    html, page = reader.read("/archive/2024/"), reader.words("/archive/2024/")
    assert "1–3 4–6 7–9 10 and more articles that day" in page
    assert '<td class="heat-4 from-5">' in html and '<td class="heat-1">' in html


# The log of corrections


def test_the_log_shows_note_date_article_and_only_the_words_that_changed(reader, world, story):
    page, html = reader.words("/corrections/"), reader.read("/corrections/")
    assert "The timetable was wrong." in page and "Corrected 1 March 2024, 12:00" in page
    assert "<del>all</del>" in html and "<ins>everyone</ins>" in html
    assert "<del>again</del>" in html  # of the headline
    assert "The end." not in page
    assert f'href="{story.url}compare/1/2/"' in html


def test_a_correction_stays_in_the_log_until_it_is_withdrawn(reader, world, story):
    third = world.draft("Ferries run every day", body="<p>Silence.</p>", article=story.article)
    third.note, third.change_class = "New timetable.", Edition.UPDATE
    third.save()
    world.approve(third, instant("2024-03-01 11:30"))
    third.publish(world.publisher, at=instant("2024-03-01 12:00"))
    assert "The timetable was wrong." in reader.words("/corrections/")
    assert "New timetable." not in reader.words("/corrections/")
    assert "The timetable was wrong." not in reader.words("/corrections/", at="2024-03-01T10:30:00Z")
    story.article.withdraw(world.publisher, "Wrong.", at=instant("2024-03-01 15:00"))
    page = reader.words("/corrections/")
    assert "The timetable was wrong." not in page and "Nothing has had to be corrected." in page


def test_many_changed_paragraphs_fold(reader, world):
    first = world.published("Tables", body="".join(f"<p>Row {n} old</p>" for n in range(6)), at=TEN)
    second = world.draft("Tables", body="".join(f"<p>Row {n} new</p>" for n in range(6)), article=first.article)
    second.note, second.change_class = "All rows.", Edition.CORRECTION
    second.save()
    world.approve(second, instant("2024-03-01 10:30"))
    second.publish(world.publisher, at=ELEVEN)
    html = reader.read("/corrections/")
    assert html.count("<del>old</del>") == 6
    assert "3 more paragraphs with changes." in html.split("<details")[1]


def test_corrections_are_paged(reader, world):
    article = world.published("Numbers 0", at=TEN).article
    for number in range(1, 13):
        edition = world.draft(f"Numbers {number}", article=Article.objects.get(pk=article.pk))
        edition.note, edition.change_class = f"Note {number}.", Edition.CORRECTION
        edition.save()
        at = TEN + timedelta(minutes=number)
        world.approve(edition, at)
        edition.publish(world.publisher, at=at)
    html = reader.read("/corrections/")
    older = re.findall(r'<a href="([^"]*)" rel="next"', html)[0].replace("&amp;", "&")
    assert "Note 12." in html and "Note 3." in html and "Note 2." not in html
    assert "Note 2." in reader.read(older) and "Note 3." not in reader.read(older)


# All lists


def one_more(world, number):
    """One of everything that a list can name or count: an office, who holds it, a topic, and an article, corrected."""
    house = Organisation.objects.create(name=f"Harbour board {number}")
    office = Position.objects.create(title=f"Warden {number}", organisation=house)
    person = Person.objects.create(name=f"Harbour {number}")
    Appointment.objects.create(person=person, position=office, since=date(2020, 1, 1))
    Appointment.objects.create(person=person, position=world.commissioner, until=date(2013, 1, 1))
    topic = Topic.objects.create(name=f"Harbour {number}", parent=world.ferries if number % 2 else None)
    body = f"<p>{world.quote(f'The harbour {number}', f'key{number}')}{world.quote('Boats', f'b{number}', person)}</p>"
    draft = world.draft(f"Harbour {number}", body=body)
    draft.topics.set([topic, world.ferries])
    Mention.objects.create(edition=draft, person=person, position=office, office=office.title)
    at = instant("2024-03-01 12:00") + timedelta(minutes=2 * number)
    world.approve(draft, at)
    first = draft.publish(world.publisher, at=at)
    second = world.draft(f"Harbour {number} again", body=body, article=first.article)
    second.note, second.change_class = f"Note {number}.", Edition.CORRECTION
    second.save()
    world.approve(second, at + timedelta(minutes=1))
    return second.publish(world.publisher, at=at + timedelta(minutes=1))


def test_no_list_asks_more_than_six_questions_however_it_is_narrowed_and_however_much_there_is(world, reader, story):
    edition = one_more(world, 0)
    filters = [
        "topic=water", "kind=news", "language=en", "from=2020-01-01&to=2024-12-31", "person=Mara+Ostrander-Lie",
        "speaker=mara-ostrander-lie", f"position={world.secretary_general.uid}", "organisation=council-of-lakes",
    ]  # fmt: skip
    narrowed, words, office = "&".join(filters), "q=harbour", f"position={world.secretary_general.uid}"
    cursor = f"cursor={signer.sign_object(['/search/', edition.article.uid, edition.number])}"
    paths = [f"/articles/?{one}" for one in filters] + [f"/quotes/?{one}" for one in filters[::3]]
    for path in ("/articles/", "/quotes/", "/search/", "/fr/articles/", "/fr/quotes/", "/fr/search/"):
        paths += [path, f"{path}?{words}", f"{path}?{words}&{narrowed}&at=2024-03-01T12:02:00Z"]
    paths += [
        f"/articles/?{narrowed}", f"/quotes/?{narrowed}", f"/search/?{words}&{cursor}",
        f"/search/?{words}&{narrowed}&{cursor}", "/search/?q=harbuor", "/articles/?topic=nothing&person=nobody",
        "/people/", "/people/?q=h", f"/people/?organisation=council-of-lakes&{office}&q=o", f"/people/?{office}",
        "/topics/", "/organisations/council-of-lakes/", "/archive/", "/archive/2024/03/",
        "/archive/2024/03/01/", "/archive/2024/?at=2024-03-01T12:02:00Z", "/corrections/",
    ]  # fmt: skip
    partly = narrowed.replace("Mara+Ostrander-Lie", "Ostrander").replace("mara-ostrander-lie", "Ostrander")
    paths += [f"/articles/?{partly}", f"/quotes/?{words}&{partly}", f"/search/?{words}&{partly}&{cursor}"]
    for path in ("/articles/", "/quotes/", "/search/"):
        assert edition.get_absolute_url() in reader.read(f"{path}?{words}&{narrowed}"), path
    few = budgets(reader, paths)
    for number in (1, 2):
        one_more(world, number)
    many = budgets(reader, paths)
    assert {path: (few[path], many[path]) for path in paths if few[path] != many[path]} == {}
    assert {path: many[path] for path in paths if many[path] > 6} == {}


def test_every_page_has_a_field_to_search(reader, story):
    for path in ("/", "/articles/", story.url, "/fr/people/", "/archive/", "/corrections/"):
        header = reader.read(path).split("<main")[0]
        assert 'role="search"' in header and f'action="{"/fr" if path[:3] == "/fr" else ""}/search/"' in header, path
