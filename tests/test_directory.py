"""People, organisations, topics and the front page for readers: who held what and when, how often it was spoken of, and
the way from each page to its past."""

import re
from datetime import date, timedelta

import pytest

from articles import volume
from articles.links import STANDING, keeping
from articles.models import Article, Edition, Topic
from articles.moment import moment
from people.models import Appointment, Organisation, Person, Position
from people.rail import LETTER, rail
from tests.conftest import instant
from tests.test_pages import Reader, budgets

NOON = instant("2024-03-02 12:00")
TEN, ELEVEN, EVENING = (instant(f"2024-03-01 {hour}:00") for hour in (10, 11, 20))
MARA, COUNCIL = "/people/mara-ostrander-lie/", "/organisations/council-of-lakes/"


@pytest.fixture
def reader(monkeypatch):
    return Reader(monkeypatch)


@pytest.fixture
def story(world):
    """One article with a quote of each of two people, corrected an hour after it was published."""
    icy = world.quote("It froze", "icequote", world.ilo).replace("<q", '<q data-on="2020-01-15"')
    body = f"<p>{world.quote('The lake is everybody’s', 'lakequote')} and {icy}</p>"
    draft = world.draft("Ferries run again", body=body)
    draft.topics.set([world.ferries])
    world.approve(draft, instant("2024-03-01 09:00"))
    first = draft.publish(world.publisher, at=TEN)
    second = world.draft("Ferries run", body=first.body.replace("It froze", "It freezes"), article=first.article)
    second.note, second.change_class = "A word was misheard.", Edition.CORRECTION
    second.save()
    world.approve(second, instant("2024-03-01 10:30"))
    second.publish(world.publisher, at=ELEVEN)
    return first.article


def links(html):
    return {link.replace("&amp;", "&") for link in re.findall(r'<a [^>]*href="([^"]*)"', html)}


def published(world, headline, at, topics=(), **words):
    draft = world.draft(headline, **words)
    draft.topics.set(topics)
    world.approve(draft, at)
    return draft.publish(world.publisher, at=at)


# As it stood


PAGES = ["/", "/articles/", "/articles/ferries-run-again/", "/quotes/", "/quotes/lakequote/", "/people/", MARA]
PAGES += ["/topics/", "/topics/water/ferries/", COUNCIL, "/archive/", "/archive/2024/", "/archive/2024/03/"]
PAGES += ["/archive/2024/03/01/", "/corrections/", "/search/"]
#: what has no moments of its own
TODAYS = ("/api/", "/media/", "/about/", "/feeds/")


def test_every_page_leads_to_its_past_and_back(reader, story, subtests):
    for path in PAGES:
        with subtests.test(path=path):
            today = reader.read(path)
            assert f'<form class="sheet" method="get" action="{path}">' in today and 'class="past"' in today
            at = "2024-03-01T10:30:00Z"
            then = reader.read(path, at=at)
            assert "As it stood" in then and 'class="past"' not in then
            assert f'<a class="back" rel="latest-version" href="{path}">' in then
            ours = [
                link
                for link in links(then)
                if link.startswith("/") and not link.startswith(TODAYS) and "/cite." not in link
            ]
            led_out = [
                link for link in ours if f"at={at.replace(':', '%3A')}" not in link and "at=2024-03-01T" not in link
            ]
            assert {link for link in led_out if "/compare/" not in link} <= {path}


@pytest.mark.parametrize("path", ["/articles/ferries-run-again/history/", "/articles/ferries-run-again/compare/1/2/"])
def test_what_tells_of_every_moment_offers_none(reader, story, path):
    assert 'class="past"' not in reader.read(path)


def test_a_link_keeps_its_own_moment_its_parameters_and_its_place():
    def led(address):
        return keeping(f'<a class="x" href="{address}">', "2024-03-01").split('href="')[1].split('"')[0]

    assert led("/quotes/?topic=water") == "/quotes/?topic=water&amp;at=2024-03-01"
    assert led("/fr/articles/x/#key") == "/fr/articles/x/?at=2024-03-01#key"
    assert led("/articles/x/?at=2020-01-01") == "/articles/x/?at=2020-01-01"
    for kept in ("/articles/x/history/", "/api/v1/", "https://elsewhere.example/articles/", "//articles/", "#cite"):
        assert led(kept) == kept
    assert keeping('<link rel="canonical" href="/articles/">', "2024-03-01").count("at=") == 0


def test_what_is_asked_cannot_break_out_of_a_link_or_a_form(reader, story):
    assert "<script>" not in keeping('<a href="/articles/">', '"><script>')
    assert "<script>" not in reader.read("/people/", at="2024-03-01T10:30:00Z", q='"><script>')


def test_the_forms_to_another_moment_carry_what_was_asked(reader, story):
    for query in ({"topic": "water", "kind": ["news", "speech"]}, {"topic": "water", "at": "2024-03-01T10:30:00Z"}):
        html = reader.read("/articles/", **query)
        form = re.search(r"<form[^>]*>(?:(?!</form>).)*(?:Show this moment|>Show<)", html, re.DOTALL)[0]
        assert '<input type="hidden" name="topic" value="water">' in form
        assert 'type="hidden" name="at"' not in form
        assert form.count('name="kind"') == len(query.get("kind", []))


def test_a_moment_to_come_is_refused_with_a_way_on(reader, story):
    html = reader.read("/articles/", 400, at="2024-03-03T00:00:00Z", topic="water")
    assert "This moment cannot be shown." in html and "The future cannot be read." in html
    assert "/articles/?topic=water" in links(html)
    assert '<input type="hidden" name="topic" value="water">' in html
    assert html.count("<h1") == 1 and 'content="noindex"' in html


def test_the_past_obeys_what_was_withdrawn_and_erased_since(reader, world, story):
    other = published(world, "Kept secret", ELEVEN, [world.ferries], body=f"<p>{world.quote('Hush', 'hushquote')}</p>")
    story.withdraw(world.publisher, "Wrong.", at=instant("2024-03-01 13:00"))
    other.article.erase(world.publisher, "A court said so.", at=instant("2024-03-01 13:00"))
    for path in ("/", "/articles/", "/quotes/", MARA, "/topics/water/", COUNCIL):
        page = reader.read(path, at="2024-03-01T11:30:00Z")
        assert not any(words in page for words in ("Kept secret", "Hush", "It freezes", "Ferries run")), path
    for path in ("/articles/ferries-run-again/", "/articles/kept-secret/", "/quotes/hushquote/"):
        reader.read(path, 410, at="2024-03-01T11:30:00Z")


# People


@pytest.fixture
def people(world, story):
    """Six more names, one of them private; an office that nobody public has held."""
    public = {"public_from": EVENING, "public_by_hand": True}
    for name in ("Ada Berg", "Bo Berglund", "Zoë Çelik", "Élise Étienne"):
        Person.objects.create(name=name, **public)
    Person.objects.create(name="Pavel Quist", public_from=instant("2024-04-01 10:00"), public_by_hand=True)
    Organisation.objects.create(name="Hidden house")
    return {person.name: person for person in Person.objects.all()}


def names(html):
    return re.findall(r'<span class="name">([^<]*)</span>', html)


def test_letters_are_those_that_public_names_begin_with(reader, people):
    html = reader.read("/people/")
    assert re.findall(r'<a href="/people/\?q=[^"]*">(.)</a>', html) == ["B", "C", "E", "O", "V"]
    reader.clock(instant("2024-04-01 10:00"))
    assert ">Q</a>" in reader.read("/people/")


def test_people_are_narrowed(reader, people, subtests):
    for query, found in [
        ({"q": "b"}, ["Ada Berg", "Bo Berglund"]),
        ({"q": "BERGL"}, ["Bo Berglund"]),
        ({"q": "ç"}, ["Zoë Çelik"]),
        ({"q": "étienne, e"}, ["Élise Étienne"]),
        ({"q": "q"}, []),
        ({"q": "%"}, []),
        ({"organisation": "council-of-lakes"}, ["Mara Ostrander-Lie", "Ilo Verhaak"]),
        ({"organisation": "hidden-house"}, []),
        ({"organisation": "nobody"}, []),
        ({"position": "nobody"}, []),
        ({"organisation": "council-of-lakes", "q": "v"}, ["Ilo Verhaak"]),
    ]:
        with subtests.test(query=query, found=found):
            html = reader.read("/people/", **query)
            assert names(html) == found
            assert ("Nobody on this record fits all of this." in html) == (not found)
            assert 'content="noindex"' not in html


def test_an_office_that_is_not_held_today_is_said_to_be_a_former_one(reader, world, story):
    noon = instant("2024-03-01 12:00")
    elect = Person.objects.create(name="Una Field", public_from=noon)
    post = Position.objects.create(title="Envoy", organisation=world.council, public_from=noon)
    Appointment.objects.create(person=elect, position=post, since=date(2024, 4, 1), public_from=noon)
    page = reader.words("/people/")
    assert "with the office held today or last." in page
    assert "Ilo Verhaak formerly Secretary-General" in page and "Mara Ostrander-Lie Secretary-General" in page
    assert "Una Field" in page and "Envoy" not in page  # not yet
    assert "Ilo Verhaak anciennement Secretary-General" in reader.words("/fr/people/")
    assert "formerly Secretary-General" in reader.words("/topics/water/ferries/")


def test_people_are_narrowed_to_an_office(reader, world, people):
    uid = world.secretary_general.uid
    for query in ({"position": uid}, {"position": uid, "organisation": "council-of-lakes"}):
        page = reader.read("/people/", **query)
        assert names(page) == ["Mara Ostrander-Lie", "Ilo Verhaak"]
        assert f'<option value="{uid}" selected>Secretary-General</option>' in page
    assert "Everyone who has been Secretary-General , remove , by name." in reader.words("/people/", position=uid)


def test_a_hidden_office_answers_as_one_that_never_was(reader, world, people):
    post = Position.objects.create(title="Hidden post", organisation=world.council)
    told, never = (reader.read("/people/", position=uid).replace(uid, "") for uid in (post.uid, "neverpost2"))
    assert told == never
    page = reader.read("/people/", organisation="council-of-lakes")
    assert "Hidden" not in page and 'href="/organisations/council-of-lakes/"' in page


def test_a_person_stands_on_a_rail_with_the_quotes_of_each_quarter(reader, world, story):
    page = reader.words(MARA)
    assert "Offices above the line, quotes published per quarter below it, since January 2024." in page
    html = reader.read(MARA)
    assert '<rect class="now' in html and '<rect class="count is-now"' in html
    assert "/quotes/?speaker=mara-ostrander-lie&from=2024-01-01&to=2024-03-31" in links(html)
    assert "/articles/?speaker=mara-ostrander-lie" in links(html)
    assert "/articles/?person=mara-ostrander-lie" in links(html)
    assert "style=" not in html


def test_a_name_too_long_for_the_rail_is_cut_there_and_whole_in_words(world):
    title = "Deputy Under-Secretary for the Coordination of Seasonal Road Closures and of all Ferries of the Lakes"
    drawn = rail(world.ilo.appointments.all(), lambda term: title, date(2026, 1, 1))
    (bar,) = drawn.bars
    assert bar.label.endswith("…") and title.startswith(bar.label.removesuffix("…")) and title in bar.told
    assert len(bar.label) * LETTER <= max(bar.width, bar.x, 100 - bar.x - bar.width)


def test_a_quote_in_two_languages_is_counted_once_and_a_schedule_not_at_all(world, story):
    body = f"<p>{world.quote('Le lac', 'lakequote')}</p>"
    french = Article.objects.create(language="fr", translation_of=story)
    world.published("Les bacs", body=body, article=french, at=instant("2024-03-01 12:00"))
    ready = world.ready("Tomorrow", body=f"<p>{world.quote('Soon', 'soonquote')}</p>", at=ELEVEN)
    ready.schedule(world.publisher, instant("2024-06-01 12:00"), at=instant("2024-03-01 13:00"))
    counted = volume.quotes_of(world.mara, moment(now=NOON))
    assert [(span.first, span.count) for span in counted] == [(date(2024, 1, 1), 1)]


def test_only_quotes_whose_words_were_corrected_are_said_to_be(reader, world, story):
    assert "A word was misheard." in reader.words("/people/ilo-verhaak/")
    assert "Quotes we corrected" not in reader.words(MARA)
    assert "Quotes we corrected" not in reader.words("/people/ilo-verhaak/", at="2024-03-01T10:30:00Z")


# Organisations


def test_an_organisation_knows_who_held_office_on_a_day(reader, world, story, subtests):
    for model in (Position, Appointment):
        model.objects.filter(public_from=None).update(public_from=EVENING)
    for day, holders in [
        ("2024-03-01", {"Mara Ostrander-Lie Secretary-General"}),
        ("2023-09-01", {"Mara Ostrander-Lie Secretary-General"}),
        ("2023-08-31", {"Ilo Verhaak Secretary-General", "Mara Ostrander-Lie Commissioner for Ferries"}),
        ("2013-12-31", set()),
    ]:
        with subtests.test(day=day, holders=holders):
            html = reader.read(COUNCIL, on=day)
            faces = html.split('id="in-office"')[1].split("</section>")[0].split('<ul class="faces">')[-1]
            words = re.findall(r'<span class="name">([^<]*)</span>\s*<span class="office">([^<]*)</span>', faces)
            assert {f"{name} {office}" for name, office in words} == holders
            assert ("nobody who held an office here on that day" in html) == (not holders)


def test_an_assumed_holder_is_said_to_be_assumed(reader, world, story):
    seen = {"attested_from": date(2022, 5, 1), "attested_to": date(2022, 6, 1), "public_from": EVENING}
    clerk = Position.objects.create(title="Clerk", organisation=world.council, single_holder=True, public_from=EVENING)
    Appointment.objects.create(person=world.ilo, position=clerk, **seen)
    assert "assumed: seen in office from 1 May 2022 to 1 June 2022" in reader.words(COUNCIL, on="2023-01-01")
    assert "assumed" not in reader.words(COUNCIL, on="2022-05-15")


def test_a_day_that_is_none_shows_the_day_of_the_page(reader, story, subtests):
    for day in ["2024-13-01", "yesterday", "0001-01-01", "9999-12-31", "٣", "x" * 5000]:
        with subtests.test(day=day):
            assert "That was not a day we could read." in reader.words(COUNCIL, on=day)


def test_what_is_assumed_of_terms_in_hand_is_what_the_database_assumes(world):
    days = [date(2015, 1, 1) + timedelta(days=97 * n) for n in range(40)]
    names = ("since", "until", "attested_from", "attested_to")
    shapes = [
        (date(2016, 1, 1), None, None, None), (None, date(2017, 1, 1), None, None), (None, None, None, None),
        (date(2019, 1, 1), date(2020, 1, 1), None, None), (None, None, date(2018, 1, 1), date(2018, 6, 1)),
        (None, date(2022, 1, 1), date(2021, 1, 1), date(2021, 1, 1)),
    ]  # fmt: skip
    post = Position.objects.create(title="Clerk", organisation=world.council)
    for number, shape in enumerate(shapes):
        person = world.ilo if number % 2 else Person.objects.create(name=f"Clerk {number}")
        Appointment.objects.create(person=person, position=post, **dict(zip(names, shape, strict=True)))
    terms = [*post.appointments.all()]
    told = {(term, day): term.assumed_among(terms, day) for term in terms for day in days}
    assert told == {(term, day): term.assumed_on(day) for term in terms for day in days}
    assert {*told.values()} == {True, False}


# Topics and the front page


def test_a_topic_has_as_many_articles_on_the_front_page_as_on_its_own(world, story):
    published(world, "Water rises", EVENING, [world.water, world.ferries])
    published(world, "Ferries wait", EVENING, [world.ferries])
    (bars,) = volume.about_topics([world.water], moment(now=NOON))
    assert bars.all == volume.about_topic(Topic.objects.at_or_under(world.water), moment(now=NOON)).all == 3


def test_a_topic_shows_its_months_with_all_below_it_and_none_in_the_past(reader, world, story):
    published(world, "Water rises", EVENING, [world.water], dated=date(2024, 2, 10))
    french = Article.objects.create(language="fr", translation_of=story)
    world.published("Les bacs", article=french, at=instant("2024-03-01 12:00"))
    Edition.objects.get(article=french).topics.set([world.ferries])
    bars = volume.about_topic(Topic.objects.at_or_under(world.water), moment(now=NOON))
    assert [(span.first, span.count) for span in bars.newest_first] == [(date(2024, 3, 1), 1), (date(2024, 2, 1), 1)]
    assert len(bars.spans) == volume.MONTHS
    html = reader.read("/topics/water/")
    assert "/articles/?topic=water&from=2024-02-01&to=2024-02-29" in links(html)
    assert 'class="volume"' in html and "style=" not in html
    assert 'class="volume"' not in reader.read("/topics/water/", at="2024-03-01T11:30:00Z")


def test_months_are_the_newsrooms(world, story):
    midnight = published(world, "At midnight", EVENING, [world.water], dated=date(2024, 2, 1))
    assert midnight.sorted_at == instant("2024-01-31 23:00")
    bars = volume.about_topic(Topic.objects.at_or_under(world.water), moment(now=NOON))
    assert date(2024, 2, 1) in [span.first for span in bars.newest_first]


def test_where_not_all_is_counted_the_chart_begins_later(world, story):
    for month in (11, 12):
        published(world, f"Old {month}", EVENING, [world.water], dated=date(2023, month, 10))
    assert volume.since(moment(now=NOON), 24, newest=4) == date(2022, 4, 1)
    assert volume.since(moment(now=NOON), 24, newest=3) == date(2023, 12, 1)
    assert volume.since(moment(now=NOON), 24, newest=2) == date(2024, 1, 1)


def test_the_front_page_shows_topics_with_their_months_and_other_languages(reader, world, story):
    french = Article.objects.create(language="fr", translation_of=story)
    world.published("Les bacs", article=french, at=instant("2024-03-01 12:00"))
    html = reader.read("/")
    assert html.count('<svg class="spark"') == 1
    assert "/articles/?language=fr" in links(html)
    assert '<svg class="spark"' not in reader.read("/", at="2024-03-01T11:30:00Z")
    assert '<meta name="description" content="News, statements and speeches of' in html


def test_a_bar_is_as_high_as_its_count():
    spans = volume.spans({date(2024, 1, 1): 3, date(2024, 3, 1): 12}, date(2024, 1, 1), date(2024, 3, 31))
    bars = volume.Bars(spans, top=0, base=100)
    assert bars.highest == 20 and bars.most.count == 12 and bars.all == 15
    assert [(bar["y"], bar["height"], bar["is_now"]) for bar in bars.bars] == [(85, 15, False), (40, 60, True)]
    assert not volume.Bars(volume.spans({}, date(2024, 1, 1), date(2024, 3, 31)))


# Leaks and budgets


def test_nothing_hidden_is_told_by_letters_offices_charts_or_the_past(reader, world, story):
    word = "zyxomel"
    house = Organisation.objects.create(name=f"{word} house")
    post = Position.objects.create(title=f"{word} chair", organisation=world.council)
    secret = Person.objects.create(name=f"Xeno {word}")
    Appointment.objects.create(person=secret, position=post, since=date(2020, 1, 1))
    topic = Topic.objects.create(name=f"{word} topic", parent=world.water)
    draft = world.draft(f"{word} headline", body=f"<p>{world.quote(f'{word} words', 'secretquote', secret)}</p>")
    draft.topics.set([topic, world.ferries])
    world.approve(draft, ELEVEN)
    before = {path: reader.read(path) for path in PAGES}
    draft.schedule(world.publisher, instant("2024-06-01 12:00"), at=instant("2024-03-01 13:00"))
    paths = [*PAGES, "/people/?q=x", "/people/?organisation=council-of-lakes", f"{COUNCIL}?on=2024-01-01"]
    for path in paths + [f"{path}{'&' if '?' in path else '?'}at=2024-03-01T12:00:00Z" for path in paths]:
        assert word not in reader.raw(path).content.decode().lower(), path
    assert before == {path: reader.read(path) for path in PAGES}
    for slug, uid in ((house.slug, "council-of-lakes"), ("council-of-lakes", post.uid)):
        assert names(reader.read("/people/", organisation=slug, position=uid)) == []
    reader.clock(instant("2024-06-01 12:00"))
    assert all(word in reader.read(path).lower() for path in ("/people/?q=z", COUNCIL, "/topics/water/", "/"))


def test_lists_of_people_and_the_past_ask_a_fixed_number_of_questions(reader, world, story):
    narrowed = f"/people/?organisation=council-of-lakes&position={world.secretary_general.uid}"
    lists = ["/people/?q=o", "/people/?organisation=council-of-lakes", narrowed]
    past = [f"{path}?at=2024-03-01T23:00:00Z" for path in PAGES]
    paths = [*lists, f"{COUNCIL}?on=2024-01-01", MARA, "/people/ilo-verhaak/", "/topics/water/", "/", *past]
    few = budgets(reader, paths)
    for number in range(12):
        person = Person.objects.create(name=f"Speaker O{number}")
        Appointment.objects.create(person=person, position=world.commissioner, since=date(2020, 1, 1))
        topic = Topic.objects.create(name=f"Matter {number}", parent=world.water)
        body = f"<p>{world.quote(f'Words {number}', f'key{number}x', person)}</p>"
        published(world, f"Item {number}", ELEVEN + timedelta(minutes=number), [topic, world.ferries], body=body)
    many = budgets(reader, paths)
    assert few == many
    assert all(many[path] <= 6 for path in lists), many
    assert all(count <= 10 for path, count in many.items() if "ferries-run-again" not in path), many


def test_pages_that_stand_are_all_there_are_with_a_moment_of_their_own(reader, story):
    assert {reader.client.get(path).resolver_match.url_name for path in PAGES} == STANDING
