"""Editors at work: overrides, schedules by the newsroom's clocks, release groups, checks, the floor, lists, logs."""

import inspect
import re
import threading
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles import clocks, imports, models
from articles.admin import lists, logs
from articles.desk import Act, Override
from articles.images import Placement
from articles.ledger import Change
from articles.models import Article, Edition, RelatedItem, ReleaseGroup
from articles.topics import Topic
from people.models import Person
from tests.conftest import instant
from tests.test_admin import Desk, Form, Hand, again, picture, queries, said
from tests.test_ledger import in_threads

TEN = instant("2024-03-01 10:00")
BRUSSELS = ZoneInfo("Europe/Brussels")


@pytest.fixture
def desk(world):
    return Desk(world)


def text_of(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


# Publishing alone


def test_an_override_needs_a_publisher_and_a_reason(world):
    draft = world.draft()
    with pytest.raises(PermissionDenied):
        draft.override(world.editor, "A storm is coming.")
    with pytest.raises(ValidationError, match="Say why"):
        draft.override(world.publisher, "  ")
    assert again(draft).live_from is None and not Override.objects.exists()


def test_an_override_publishes_exactly_this_text_and_stays_open_until_another_signs(world):
    draft = world.draft()
    draft.override(world.publisher, "A storm is coming.")
    edition = again(draft)
    assert edition.text_hash == edition.approved_hash == edition.fingerprint()
    assert (edition.approved_by, edition.published_by) == (None, world.publisher)
    alone = Override.objects.open().get()
    assert (alone.edition, alone.by, alone.reason) == (edition, world.publisher, "A storm is coming.")
    with pytest.raises(PermissionDenied):
        edition.countersign(world.publisher)
    with pytest.raises(PermissionDenied):
        edition.countersign(world.writer)
    edition.countersign(world.editor)
    assert not Override.objects.open().exists() and again(alone).countersigned_by == world.editor
    with pytest.raises(ValidationError, match="nothing to countersign"):
        edition.countersign(world.editor)


def test_an_override_passes_no_blocker_and_no_approved_text(world):
    with pytest.raises(ValidationError, match="no summary"):
        world.draft(summary="").override(world.publisher, "A storm.")
    with pytest.raises(ValidationError, match="publish it as any other"):
        world.ready().override(world.publisher, "A storm.")
    assert not Override.objects.exists() and not Edition.objects.exclude(approved_by=None).exclude(live_from=None)


def test_four_eyes_hold_for_everything_else(world):
    draft = world.draft()
    draft.submit(world.writer)
    with pytest.raises(ValidationError, match="not been approved"):
        draft.publish(world.publisher)
    mine = Article.objects.create().start_edition(world.publisher, headline="Mine", summary="S", body="<p>B</p>")
    mine.submit(world.publisher)
    with pytest.raises(PermissionDenied):
        mine.approve(world.publisher)


def test_a_schedule_under_an_override_that_is_cancelled_is_approved_by_nobody(world):
    tomorrow = timezone.now() + timedelta(days=1)
    draft = world.draft().override(world.publisher, "A storm.", live_from=tomorrow)
    draft.cancel(world.publisher)
    assert again(draft).approved_hash == "" and not Override.objects.exists()
    with pytest.raises(ValidationError, match="not been approved"):
        again(draft).publish(world.publisher)
    draft.override(world.publisher, "A storm.", live_from=tomorrow).countersign(world.editor)
    draft.cancel(world.publisher)
    assert again(draft).approved_by == world.editor
    again(draft).publish(world.publisher)


def test_an_override_is_made_and_signed_by_buttons(desk):
    draft = desk.world.draft(body="<p>They sail at dawn.</p>")
    page = desk.publisher.press(draft, "override", reason="A storm is coming.")
    assert "stays on the desk" in said(page) and "nobody has countersigned" in text_of(page)
    assert "countersign" not in dict([page.context["loud"]] + page.context["quiet"])
    page = desk.editor.open(draft)
    assert page.context["loud"][0] == "countersign" and "A storm is coming." in text_of(page)
    page = desk.editor.open(draft, "countersign")
    assert "They sail at dawn." in text_of(page)
    assert "Countersigned" in said(desk.editor.send(page))
    assert "countersigned by editor" in text_of(desk.editor.open(draft))


def test_erasing_empties_the_reason_of_an_override_and_the_name_of_a_group(world):
    one, two = world.draft("One").override(world.publisher, "A secret storm."), world.ready("Two")
    three = world.ready("Three")
    ReleaseGroup.release(world.publisher, "Secret storm", [two, three])
    one.article.erase(world.publisher, "Court order 7")
    two.article.erase(world.publisher, "Court order 8")
    assert [row.reason for row in Override.objects.all()] == [""]
    assert [group.name for group in ReleaseGroup.objects.all()] == [""]
    assert not Act.objects.filter(note__contains="storm").exists()


# The newsroom's clocks


@pytest.mark.parametrize(
    "day, clock, utc",
    [
        (date(2026, 11, 24), time(7, 0), ["06:00"]),
        (date(2027, 10, 31), time(2, 30), ["00:30", "01:30"]),
        (date(2027, 10, 31), time(2, 0), ["00:00", "01:00"]),
        (date(2027, 10, 31), time(3, 0), ["02:00"]),
        (date(2027, 3, 28), time(2, 30), ["00:30", "01:30"]),
        (date(2027, 3, 28), time(2, 0), ["00:00", "01:00"]),
        (date(2027, 3, 28), time(3, 0), ["01:00"]),
    ],
)
def test_a_wall_time_has_one_reading_or_two(day, clock, utc):
    assert [f"{r.instant:%H:%M}" for r in clocks.readings(day, clock, BRUSSELS).choices] == utc


def test_the_night_the_clocks_go_back_is_explained(db):
    found = clocks.readings(date(2027, 10, 31), time(2, 30), BRUSSELS)
    assert found.title == "02:30 happens twice on 31 October 2027"
    assert found.why == "Clocks in Brussels go back from 03:00 to 02:00 that night. Which 02:30 do you mean?"
    assert [reading.words for reading in found.choices] == [
        "The first, still summer time: 00:30 UTC", "The second, already winter time: 01:30 UTC",
    ]  # fmt: skip
    assert found.chosen("") is None and found.chosen("2027-10-31T01:30:00Z") == found.choices[1]


def test_the_night_the_clocks_jump_is_explained(db):
    found = clocks.readings(date(2027, 3, 28), time(2, 30), BRUSSELS)
    assert found.title == "02:30 does not exist on 28 March 2027"
    assert found.why == "Clocks in Brussels jump from 02:00 to 03:00 that night. What do you mean?"
    assert [reading.words for reading in found.choices] == [
        "Half an hour before the jump: 01:30, winter time, 00:30 UTC",
        "Half an hour after the jump: 03:30, summer time, 01:30 UTC",
    ]


@pytest.mark.parametrize("zone", ["Europe/Brussels", "America/New_York", "Australia/Lord_Howe", "Europe/Dublin", "UTC"])
def test_every_reading_of_a_year_shows_the_time_asked_for_or_says_which_it_shows(zone):
    day, zone = date(2027, 1, 1), ZoneInfo(zone)
    twice = skipped = 0
    while day.year == 2027:
        for minutes in range(0, 1440, 15):
            clock = time(minutes // 60, minutes % 60)
            found = clocks.readings(day, clock, zone)
            shown = [reading.local.time() == clock for reading in found.choices]
            assert shown in ([True], [True, True], [False, False])
            twice += shown == [True, True]
            skipped += shown == [False, False]
        day += timedelta(days=1)
    assert twice == skipped == {"UTC": 0, "Australia/Lord_Howe": 2}.get(str(zone), 4)


@pytest.mark.parametrize(
    "typed", ["24 Nov 2026", "24 November 2026", "Tue 24 nov. 2026", "24.11.2026", "24/11/2026", "2026-11-24"]
)
def test_a_day_is_read_as_it_is_typed(db, typed):
    assert clocks.parse_day(typed) == date(2026, 11, 24)


@pytest.mark.parametrize("typed", ["11/24/2026", "31 Feb 2026", "24 N 2026", "24 Ma 2026", "tomorrow", "24 Nov 99999"])
def test_a_day_that_is_none_is_refused(db, typed):
    with pytest.raises(ValidationError):
        clocks.parse_day(typed)


@pytest.mark.parametrize(
    "delta, told",
    [
        (timedelta(hours=13, minutes=17, seconds=9), "in 13 h 17 min"), (timedelta(minutes=18), "in 18 min"),
        (timedelta(days=341, hours=7), "in 341 days, 7 h"), (timedelta(seconds=5), "in less than a minute"),
        (timedelta(0), ""), (timedelta(days=-1), ""),
    ],
)  # fmt: skip
def test_a_countdown_is_told_in_its_two_greatest_units(db, delta, told):
    assert clocks.countdown(TEN + delta, TEN) == told


def test_a_time_is_read_before_anything_is_scheduled(desk):
    edition = desk.world.ready()
    page = desk.publisher.send(desk.publisher.open(edition, "schedule"), day="24 Nov 2033", time="07:00", _read="1")
    assert "Thursday 24 November 2033, 07:00 Zurich" in text_of(page) and "06:00 UTC, in " in text_of(page)
    assert "Schedule for 24 Nov, 07:00" in text_of(page)
    assert again(edition).live_from is None
    desk.publisher.send(page)
    assert again(edition).live_from == datetime(2033, 11, 24, 6, tzinfo=UTC)
    assert "2033-11-24 07:00 Europe/Zurich" in Act.objects.get(verb="schedule").note


@pytest.mark.parametrize("day, readings", [("30 Oct 2033", ["00:30", "01:30"]), ("27 Mar 2033", ["00:30", "01:30"])])
def test_nothing_is_scheduled_before_one_of_two_readings_is_chosen(desk, day, readings):
    edition = desk.world.ready()
    page = desk.publisher.press(edition, "schedule", day=day, time="02:30")
    assert again(edition).live_from is None and "Choose one of the two readings first." in text_of(page)
    html = page.content.decode()
    offered = re.findall(r'name="reading" value="([^"]+)"', html)
    assert [value[11:16] for value in offered] == readings and "data-short" in html
    assert not re.search(r'name="reading"[^>]*checked', html)
    desk.publisher.send(page, reading="2033-10-30T09:00:00Z")
    assert again(edition).live_from is None
    desk.publisher.send(page, reading=offered[1])
    assert again(edition).live_from == datetime.fromisoformat(offered[1])


def test_rescheduling_and_expiring_ask_the_same(desk):
    edition = desk.world.ready()
    edition.schedule(desk.world.publisher, datetime(2033, 1, 1, tzinfo=UTC))
    page = desk.publisher.open(edition, "reschedule")
    assert 'value="1 Jan 2033"' in page.content.decode() and 'value="01:00"' in page.content.decode()
    for verb, field in (("reschedule", "live_from"), ("expire", "expires_at")):
        year = {"reschedule": 2033, "expire": 2034}[verb]
        day = {2033: "30 Oct 2033", 2034: "29 Oct 2034"}[year]
        page = desk.publisher.press(edition, verb, day=day, time="02:30", reading="")
        assert "happens twice" in text_of(page)
        chosen = re.findall(r'name="reading" value="([^"]+)"', page.content.decode())[0]
        desk.publisher.send(page, reading=chosen)
        assert getattr(again(edition), field) == datetime.fromisoformat(chosen)


def test_a_day_typed_in_the_address_is_read_and_nothing_is_done(desk):
    edition = desk.world.ready()
    address = reverse("admin:articles_edition_verb", args=[edition.pk, "schedule"])
    page = desk.publisher.client.get(address, {"day": "30 Oct 2033", "time": "02:30"})
    assert "happens twice on 30 October 2033" in text_of(page) and again(edition).live_from is None


# Release groups


def test_a_group_goes_live_at_one_instant_and_its_members_may_lead_to_each_other(world):
    one, two = world.draft("One"), world.draft("Two")
    for edition, other in ((one, two), (two, one)):
        RelatedItem.objects.create(edition=edition, kind="article", label="See also", article=other.article)
        world.approve(edition)
    with pytest.raises(ValidationError, match="not public"):
        one.publish(world.publisher)
    group = ReleaseGroup.release(world.publisher, "Ministerial", [two, one])
    instants = set(Edition.objects.values_list("live_from", flat=True))
    assert instants == {group.live_from} and Change.objects.filter(kind="live", at=group.live_from).count() == 2
    assert set(Edition.objects.live(timezone.now())) == {one, two}


def test_all_of_a_group_or_none(world):
    good, bad = world.ready("Good"), world.draft("Bad")
    bad.submit(world.writer)
    with pytest.raises(ValidationError, match="“Bad”: This exact text has not been approved"):
        ReleaseGroup.release(world.publisher, "Two", [good, bad])
    assert not Edition.objects.exclude(live_from=None).exists() and not ReleaseGroup.objects.exists()
    with pytest.raises(ValidationError, match="at least two"):
        ReleaseGroup.release(world.publisher, "One", [good])
    with pytest.raises(PermissionDenied):
        ReleaseGroup.release(world.editor, "Two", [good, world.ready("Better")])
    with pytest.raises(ValidationError, match="has passed"):
        ReleaseGroup.release(world.publisher, "Two", [good, world.ready("Best")], TEN)
    assert not Edition.objects.exclude(live_from=None).exists()


def test_a_group_is_moved_and_called_off_as_one(world):
    tomorrow = timezone.now() + timedelta(days=1)
    pair = [world.ready("One"), world.ready("Two")]
    group = ReleaseGroup.release(world.publisher, "Two", pair, tomorrow)
    group.reschedule(world.publisher, tomorrow + timedelta(hours=1))
    assert set(Edition.objects.values_list("live_from", flat=True)) == {tomorrow + timedelta(hours=1)}
    pair[0].cancel(world.publisher)
    with pytest.raises(ValidationError, match="“One”: This edition is not scheduled"):
        group.reschedule(world.publisher, tomorrow)
    assert again(pair[1]).live_from == tomorrow + timedelta(hours=1)
    again(pair[0]).schedule(world.publisher, tomorrow)
    group.cancel(world.publisher)
    assert not Edition.objects.exclude(live_from=None).exists() and not ReleaseGroup.objects.exists()
    for edition in pair:
        again(edition).publish(world.publisher)


def test_a_group_replaces_what_was_live_in_each_of_its_articles(world):
    firsts = [world.published("One"), world.published("Two")]
    seconds = [
        world.ready(f"More of {first}", article=first.article, change_class="update", note="More.") for first in firsts
    ]
    group = ReleaseGroup.release(world.publisher, "Two", seconds, timezone.now() + timedelta(days=1))
    assert {again(first).live_until for first in firsts} == {group.live_from}
    group.cancel(world.publisher)
    assert {again(first).live_until for first in firsts} == {None}


def test_groups_over_the_same_articles_in_any_order_never_wait_in_a_circle(open_world):
    world, count = open_world, 6
    pairs, outcomes = [], []
    articles = [Article.objects.create() for _ in range(3)]
    for number in range(count):
        pairs.append([world.ready(f"Text {number}.{place}", article=articles[place]) for place in range(3)])
    gate = threading.Barrier(count)

    def release(number):
        gate.wait(30)
        members = pairs[number] if number % 2 else pairs[number][::-1]
        try:
            ReleaseGroup.release(world.publisher, f"Group {number}", members)
            outcomes.append("released")
        except ValidationError:  # another was first, and this one is based on nothing
            outcomes.append("refused")
        except OperationalError as error:
            outcomes.append(str(error))

    in_threads(count, release)
    assert sorted(outcomes) == ["refused"] * (count - 1) + ["released"]
    assert Edition.objects.exclude(live_from=None).count() == 3
    assert len(set(Edition.objects.exclude(live_from=None).values_list("live_from", flat=True))) == 1


def test_a_group_is_chosen_read_and_released_by_buttons(desk):
    pair = [desk.world.ready("One"), desk.world.ready("Two")]
    desk.world.draft("Not yet")
    page = desk.publisher.client.get(reverse("admin:articles_releasegroup_add"))
    assert "One" in text_of(page) and "Not yet" not in text_of(page)
    chosen = {"name": "Ministerial", "editions": [str(edition.pk) for edition in pair], "when": "later"}
    page = desk.publisher.send(page, day="30 Oct 2033", time="02:30", **chosen)
    assert "Choose one of the two readings first." in text_of(page) and not ReleaseGroup.objects.exists()
    assert Form(page).data["editions"] == [str(edition.pk) for edition in sorted(pair, key=lambda e: -e.pk)]
    reading = re.findall(r'name="reading" value="([^"]+)"', page.content.decode())[0]
    page = desk.publisher.send(page, reading=reading)
    group = ReleaseGroup.objects.get()
    assert group.live_from == datetime.fromisoformat(reading) and "one instant" in text_of(page)
    page = desk.publisher.send(page, day="1 Nov 2033", time="09:00")
    assert again(group).live_from == datetime(2033, 11, 1, 8, tzinfo=UTC)
    assert desk.editor.client.post(page.request["PATH_INFO"], {"_cancel": "1"}).status_code == 403
    page = desk.publisher.send(page, _cancel="1")
    assert "drafts again" in said(page) and not Edition.objects.exclude(live_from=None).exists()


# Checks


def found(edition):
    findings = edition.checks()
    return {check.sentence: check for check in (*findings.blockers, *findings.warnings)}


def test_a_complete_draft_has_no_blocker(world):
    draft = world.draft()
    draft.topics.set([world.ferries])
    assert draft.blockers() == [] and not draft.checks().warnings and len(draft.checks().passed) == 16


@pytest.mark.parametrize(
    "words, sentence, place",
    [
        ({"summary": ""}, "It has no summary.", "id_summary"),
        ({"body": ""}, "It has no text.", "id_body"),
        ({"place": ""}, "It names no place.", "id_place"),
        ({"event_date": None}, "It has no date of the event.", "id_event_date"),
        ({"headline": "Long " * 30}, "The headline is very long: 149 characters.", "id_headline"),
        ({}, "It is filed under no topic.", "id_topics"),
        ({"summary": "The price of water."}, "The text names “Water”, and it is not filed there.", "id_topics"),
        ({"body": '<p><a href="/articles/nowhere/">There</a></p>'},
         "A link in the text leads to /articles/nowhere/, which is not public.", "id_body"),
    ],
)  # fmt: skip
def test_a_check_leads_to_the_field_that_mends_it(world, words, sentence, place):
    assert found(world.draft(**words))[sentence].place == place


def test_a_quote_without_a_speaker_or_an_office_leads_to_its_words(world):
    body = f'<p>“<q data-quote="nobody1">We never sail.</q>” {world.quote("We sail.", "ilo1", world.ilo)}</p>'
    checks = [check for check in found(world.draft(body=body)).values() if check.quote]
    assert [(check.quote, check.words) for check in checks] == [("nobody1", "We never sail."), ("ilo1", "We sail.")]
    assert "held no known office" in checks[1].sentence


def test_a_picture_without_words_leads_to_its_field(world):
    draft = world.draft()
    for order, alt in enumerate(["A pier", " "]):
        Placement.objects.create(edition=draft, image=picture(), alt=alt, order=order)
    check = found(draft)["The picture “Pier” has no alternative text."]
    assert check.place == "id_placements-1-alt" and check.hint == "Say what is in the picture, not that it is one."


def test_links_to_what_is_public_by_then_pass(world, settings):
    target, later = world.published("Target"), world.ready("Later")
    later.schedule(world.publisher, timezone.now() + timedelta(days=1))
    for address in (f"/articles/{target.article.slug}/", f"{settings.SITE_URL}/fr/articles/{target.article.slug}/#top"):
        assert world.draft(f"Of {address[-30:]}", body=f'<p><a href="{address}">T</a></p>').blockers() == []
    draft = world.draft("To what waits", body=f'<p><a href="/articles/{later.article.slug}/">L</a></p>')
    assert any("not public" in problem for problem in draft.blockers())
    assert draft.blockers(at=later.live_from) == []
    target.article.withdraw(world.publisher, "Wrong.")
    item = world.draft("Related")
    RelatedItem.objects.create(edition=item, kind="article", label="Gone", article=target.article)
    assert found(item)["The related item “Gone” leads to an article that is not public."].place == "id_related-0-label"


def test_two_headlines_the_same_on_one_day_stop_the_second(world):
    world.published("Storm warning")
    second = world.ready("STORM  warning")
    with pytest.raises(ValidationError, match="same headline"):
        second.publish(world.publisher)
    assert world.draft("Storm warning", language="fr", article=Article.objects.create(language="fr")).blockers() == []
    assert world.draft("Storm warning", dated=date(2019, 1, 1)).blockers() == []
    second.schedule(world.publisher, timezone.now() + timedelta(days=2))


def test_the_rail_shows_checks_with_their_links(desk):
    draft = desk.world.draft(summary="", body='<p>“<q data-quote="nobody1">We never sail.</q>”</p>')
    page = desk.writer.open(draft)
    html = page.content.decode()
    assert "2 blockers, 2 warnings" in text_of(page) and "12 checks passed" in text_of(page)
    assert 'href="#id_summary"' in html and 'data-quote-key="nobody1"' in html


# The floor


def test_the_words_that_set_the_floor_are_listed(world):
    first = world.published(body=f"<p>The council bought 4 boats. {world.quote('Four boats sail', 'sail1')}.</p>")
    second = world.draft(
        "Ferries run again", article=first.article, event_date=date(2024, 3, 2),
        body=f"<p>The council bought 5 boats. {world.quote('Five boats sail', 'sail1')}.</p>",
    )  # fmt: skip
    reasons = {reason.of: (reason.was, reason.now) for reason in second.floor_reasons()}
    assert reasons["quote of Mara Ostrander-Lie"] == ("Four boats sail", "Five boats sail")
    assert reasons["number"] == ("4", "5") and reasons["date of the event"] == ("1 March 2024", "2 March 2024")


def test_a_class_out_of_reach_stays_visible_with_its_reason(desk):
    first = desk.world.published(body="<p>The council bought 4 boats.</p>")
    second = desk.world.draft("Ferries run again", article=first.article, body="<p>The council bought 5 boats.</p>")
    html = desk.writer.open(second).content.decode()
    assert "Why nothing milder?" in html and "<del>4</del><ins>5</ins>" in html
    radios = re.findall(r'<input type="radio" name="change_class"[^>]*>', html)
    assert [("disabled" in radio) for radio in radios] == [True, False, False]
    assert "Not available: it would hide the changes listed below." in html
    desk.writer.save(second, change_class="correction", note="Five boats.")
    assert again(second).change_class == "correction"
    slip = desk.world.published("Ships sail", body="<p>The counsil met.</p>")
    mended = desk.world.draft("Ships sail", article=slip.article, body="<p>The council met.</p>")
    html = desk.writer.open(mended).content.decode()
    assert "Why nothing milder?" not in html and not re.search(r'name="change_class"[^>]*disabled', html)


# Lists


def listed(hand, **parameters):
    page = hand.client.get(reverse("admin:articles_edition_changelist"), parameters)
    assert page.status_code == 200
    return [edition.headline for edition in page.context["cl"].result_list], page


def test_the_list_is_filtered_by_typed_topic_person_and_dates(desk):
    world = desk.world
    world.published("Old", at=TEN)
    filed = world.draft("Filed")
    filed.topics.set([world.ferries])
    world.draft("Quoting", body=f"<p>{world.quote('We sail.', 'sail1')}</p>")
    assert listed(desk.editor, topic="water")[0] == ["Filed"]  # and below
    assert listed(desk.editor, topic="Ferr")[0] == ["Filed"]
    assert listed(desk.editor, person="ostrander")[0] == ["Quoting"]
    assert listed(desk.editor, **{"from": "1 Mar 2024", "to": "1 March 2024"})[0] == ["Old"]
    assert listed(desk.editor, kind="news", person="ostrander", state="draft")[0] == ["Quoting"]
    for parameters in ({"topic": "nothing"}, {"person": "nobody"}, {"from": "yesterday"}):
        headlines, page = listed(desk.editor, **parameters)
        assert headlines == [] and 'class="errornote"' in page.content.decode()
    page = listed(desk.editor, topic="water", kind="news")[1].content.decode()
    assert '<input type="hidden" name="kind" value="news">' in page and "Mara" not in page


def test_the_search_finds_words_of_headline_summary_and_text(desk):
    world = desk.world
    world.published("Élan of the ferries", body="<p>The harbourmaster spoke of undersea cables.</p>")
    world.draft("Draft", summary="The cable was cut.", body="<p>Nothing under the sea.</p>")
    assert listed(desk.editor, q="HARBOURMASTER undersea")[0] == ["Élan of the ferries"]
    assert listed(desk.editor, q="cab")[0] == ["Draft", "Élan of the ferries"]
    assert listed(desk.editor, q='"undersea cables"')[0] == ["Élan of the ferries"]
    assert listed(desk.editor, q='"cables undersea"')[0] == []
    assert listed(desk.editor, q="élan")[0] == ["Élan of the ferries"]
    assert listed(desk.editor, q="arbourmaster")[0] == []
    assert listed(desk.editor, q="' & | ! :* ( <->")[0] == []
    assert listed(desk.editor, q="it's (cut) & \\")[0] == []


@pytest.mark.parametrize("text", ["'", '"', "a:*", "a <-> b", "!a", "\\", "a & | b", "“”", "(", "%_", "æ ø", "1,200"])
def test_no_typed_text_breaks_the_search(world, text):
    world.draft()
    assert list(Edition.objects.holding(text)) in ([], list(Edition.objects.all()))


def test_topics_are_filed_in_bulk_by_the_verb_and_logged(desk):
    world = desk.world
    live, draft, old = world.published("Live"), world.draft("Draft"), world.published("Old")
    world.published("New", article=old.article, change_class="update", note="More.")
    page = desk.editor.act(Edition, "add_topic", [live, draft, old], topic="ferries")
    assert "added to 2" in said(page) and "“Old”" in said(page)
    assert [list(e.topics.all()) for e in (live, draft, old)] == [[world.ferries], [world.ferries], []]
    assert Change.objects.filter(kind=Change.RECLASSIFIED, uid=live.article.uid).count() == 1
    acts = Act.objects.filter(by=world.editor, verb__in=["file", "reclassify"])
    assert {act.edition for act in acts} == {live, draft}
    desk.editor.act(Edition, "remove_topic", [live, draft], topic="water/ferries")
    assert not live.topics.exists() and not draft.topics.exists()
    assert "No topic is called so" in said(desk.editor.act(Edition, "add_topic", [live], topic="nothing"))
    Topic.objects.create(name="Ferries")
    assert "More than one topic" in said(desk.editor.act(Edition, "add_topic", [live], topic="Ferries"))


def test_a_writer_files_own_drafts_only(desk):
    other = desk.world.draft("Other")
    Edition.objects.filter(pk=other.pk).update(written_by=desk.world.editor)
    live, mine = desk.world.published("Live"), desk.world.draft("Mine")
    page = desk.writer.act(Edition, "add_topic", [other, live, mine], topic="ferries")
    assert "added to 1" in said(page) and [e.topics.count() for e in (other, live, mine)] == [0, 0, 1]


def test_an_approval_outlives_filing(world):
    edition = world.ready()
    assert edition.file(world.editor, add=[world.ferries]) and not edition.file(world.editor, add=[world.ferries])
    edition.publish(world.publisher)


def test_the_list_walks_back_page_by_page_and_counts_no_table(desk, monkeypatch):
    monkeypatch.setattr("articles.admin.editions.EditionAdmin.list_per_page", 4)
    monkeypatch.setattr(lists.BoundedPaginator, "most", 8)
    for number in range(10):
        desk.world.draft(f"Draft {number}")
    address, seen = "?", []
    while address:
        with CaptureQueriesContext(connection) as captured:
            page = desk.editor.client.get(reverse("admin:articles_edition_changelist") + address)
        counts = [row["sql"] for row in captured if "COUNT(" in row["sql"].upper()]
        assert all("LIMIT 8" in sql and "SELECT COUNT(*) FROM (SELECT" in sql for sql in counts), counts
        seen += [edition.headline for edition in page.context["cl"].result_list]
        address = page.context["cl"].older
    assert seen == [f"Draft {number}" for number in range(9, 1, -1)]
    assert "of more than 10,000" in text_of(page)


def test_every_filter_costs_a_fixed_number_of_queries(desk):
    world, address = desk.world, reverse("admin:articles_edition_changelist")
    for number in range(12):
        draft = world.draft(f"Draft {number}", body=f"<p>{world.quote('We sail.', f'sail{number}')}</p>")
        draft.topics.set([world.ferries, world.water])
        world.published(f"Live {number}")
    plain = queries(desk.editor, address)
    assert plain <= 10
    asked = {"topic": "ferries", "person": "mara", "from": "1 Jan 2020", "state": "draft", "q": "sail", "kind": "news"}
    assert queries(desk.editor, address, **asked) <= plain + 3
    assert queries(desk.editor, reverse("admin:articles_act_changelist"), verb="publish") <= 8


# The log of verbs


def test_the_log_is_filtered_by_verb_person_article_and_date(desk):
    world = desk.world
    edition = world.published("One", at=TEN)
    world.published("Two")
    address = reverse("admin:articles_act_changelist")

    def acts(**parameters):
        return list(desk.editor.client.get(address, parameters).context["cl"].result_list)

    assert {act.verb for act in acts(verb="publish")} == {"publish"} and len(acts(verb="publish")) == 2
    assert {act.by for act in acts(doer="publ")} == {world.publisher}
    assert {act.article for act in acts(of=edition.article.uid)} == {edition.article}
    assert {act.article for act in acts(of=f"/articles/{edition.article.slug}/")} == {edition.article}
    assert {act.verb for act in acts(to="1 Mar 2024")} == {"submit", "approve", "publish"}
    assert acts(of="nothing") == [] and acts(verb="publish", doer="editor") == []


def test_every_verb_that_is_recorded_can_be_asked_for(world):
    code = " ".join(f"{inspect.getsource(models)} {inspect.getsource(imports)}".split())
    found = re.findall(r'_record\(\w+, "([a-z-]+)"|verb="([a-z-]+)"|_review\( ?by, "\w+", "([a-z-]+)"', code)
    recorded = {verb for verbs in found for verb in verbs if verb} | {"publish", "schedule", "withdrawn", "redirected"}
    assert recorded <= dict(logs.VERBS).keys() and len(recorded) > 12


# Ways off the site


@pytest.mark.parametrize(
    "verb, sentence",
    [
        ("withdraw", "This has been withdrawn."), ("redirect", "Whoever asks for this address is sent there for good."),
        ("erase", "The words that stood here have been erased."),
    ],
)  # fmt: skip
def test_a_way_off_the_site_says_what_the_public_will_see(desk, verb, sentence):
    edition = desk.world.published(body=f"<p>{desk.world.quote('We sail.', 'sail1')}</p>")
    desk.world.ready("Next", article=edition.article, change_class="update", note="More.").schedule(
        desk.world.publisher, timezone.now() + timedelta(days=1)
    )
    page = text_of(desk.publisher.open(edition, verb))
    assert "What the public will see" in page and sentence in page and "Edition 2, scheduled for" in page


def test_unpublish_leads_to_withdraw(desk):
    edition = desk.world.published()
    page = desk.publisher.client.get(reverse("admin:articles_edition_verb", args=[edition.pk, "unpublish"]))
    assert page.headers["Location"] == reverse("admin:articles_edition_verb", args=[edition.pk, "withdraw"])
    assert "unpublish" in text_of(desk.publisher.open(edition))


def test_an_article_is_erased_only_by_typing_its_identifier(desk):
    edition = desk.world.published("Never again")
    page = desk.publisher.press(edition, "erase", ground="Court order 7", uid="wrong")
    assert "Nothing was erased" in text_of(page) and again(edition).headline == "Never again"
    assert desk.editor.open(edition, "erase").status_code == 403
    page = desk.publisher.press(edition, "erase", ground="Court order 7", uid=edition.article.uid)
    assert "Erased" in said(page) and again(edition).headline == ""
    assert edition.article.erasures.get().ground == "Court order 7"


def test_nobody_signs_or_files_without_the_right(desk):
    stranger = Hand(User.objects.create_user("stranger", is_staff=True))
    draft = desk.world.draft().override(desk.world.publisher, "A storm.")
    for verb in ("countersign", "erase", "override"):
        assert stranger.client.post(reverse("admin:articles_edition_verb", args=[draft.pk, verb])).status_code == 403
    assert stranger.client.get(reverse("admin:articles_releasegroup_add")).status_code == 403
    assert Override.objects.open().exists() and Person.objects.exists()
