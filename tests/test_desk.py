"""The editor's first page: what waits for whom, an empty newsroom's first hour, and mail without a word of any text."""

import re
import smtplib
from datetime import date, timedelta

import pytest
from django.core import mail
from django.core.exceptions import FieldError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles import desk as traces
from articles.desk import Act
from articles.images import Image
from articles.models import Article, Edition, Mention, Quote, QuoteText
from articles.topics import Topic
from newsroom import desk, notices
from newsroom.models import Notice, NoticeChoice
from newsroom.month import month
from people.models import Appointment, Organisation, Person, Position
from tests.conftest import World, instant
from tests.test_admin import Desk, again
from tests.test_ledger import in_threads

NOW = instant("2024-03-15 10:00")


@pytest.fixture
def hands(world):
    return Desk(world)


def first_page(hand):
    response = hand.client.get(reverse("admin:index"))
    assert response.status_code == 200
    return response


def headlines(rows):
    return [getattr(row, "edition", row).headline for row in rows]


# What waits, for whom


def test_the_date_is_the_one_heading_of_the_page(hands):
    html = first_page(hands.writer).content.decode()
    (heading,) = re.findall(r"<h1[^>]*>(.*?)</h1>", html)
    assert heading == timezone.localtime().strftime("%A %-d %B")


def test_what_is_scheduled_stands_first_the_next_one_on_top(hands):
    later, sooner = hands.world.ready("Later"), hands.world.ready("Sooner")
    later.schedule(hands.world.publisher, timezone.now() + timedelta(days=3))
    sooner.schedule(hands.world.publisher, timezone.now() + timedelta(minutes=17, seconds=30))
    page = first_page(hands.writer)
    html = page.content.decode()
    assert headlines(page.context["scheduled"]) == ["Sooner", "Later"]
    assert html.index('id="scheduled"') < html.index('id="drafts"')
    assert re.search(r'<time datetime="[^"]+\+00:00">in 17 min \d+ s</time>', html)  # words of the server, no script
    assert "goes live in 17 minutes" in html


@pytest.mark.parametrize(
    "left, words",
    [
        (timedelta(minutes=17, seconds=19), "in 17 min 19 s"),
        (timedelta(hours=13, minutes=17, seconds=59), "in 13 h 17 min"),
        (timedelta(days=1, hours=15, minutes=59), "in 1 d 15 h"),
        (timedelta(seconds=-1), "in 0 min 0 s"),
    ],
)
def test_a_countdown_says_the_two_largest_units(left, words):
    assert desk.countdown(left) == words


def test_drafts_are_shown_to_who_writes_them_and_the_returned_ones_first(hands):
    world = hands.world
    mine, back = world.draft("Mine"), world.draft("Back")
    back.submit(world.writer)
    back.send_back(world.editor, "The second figure is from the draft report.")
    mine.save()
    page = first_page(hands.writer)
    assert headlines(page.context["returned"]) == ["Back"] and headlines(page.context["drafts"]) == ["Mine"]
    html = page.content.decode()
    assert html.index("Back") < html.index("Mine")
    assert "second figure" in html and "1 returned to you" in html
    other = first_page(hands.editor)
    assert other.context["drafts"] == other.context["returned"] == []
    back.submit(world.writer)
    assert first_page(hands.writer).context["returned"] == []


def test_a_draft_says_what_is_still_open_in_it(hands):
    body = '<p>“<q data-quote="who1">We sail.</q>”</p>'
    draft = hands.world.draft("Ferries", body=body, summary="")
    draft.placements.create(image=Image.objects.create(title="Pier", file="pier.jpg", width=2, height=1), alt="")
    (shown,) = first_page(hands.writer).context["drafts"]
    assert shown.open == ["a quote without a speaker", "a picture without alt text", "no summary"]


def test_only_who_may_approve_is_asked_to_review_and_never_their_own(hands):
    world = hands.world
    of_writer, of_editor, touched = world.draft("Of the writer"), world.draft("Of the editor"), world.draft("Touched")
    Edition.objects.filter(pk=of_editor.pk).update(written_by=world.editor)
    touched.save(by=world.editor)
    for draft in (of_editor, touched, of_writer):
        again(draft).submit(world.editor)
    page = first_page(hands.editor)
    assert headlines(page.context["review"]) == ["Of the writer"]
    assert headlines(first_page(hands.publisher).context["review"]) == ["Of the editor", "Touched", "Of the writer"]
    writers = first_page(hands.writer)
    assert writers.context["review"] == [] and 'id="review"' not in writers.content.decode()
    for row in page.context["review"]:
        row.approve(world.editor)  # what is offered can be done
    assert first_page(hands.editor).context["review"] == []


def test_quotes_without_a_speaker_are_those_of_open_drafts_one_may_change(hands):
    world = hands.world
    open_ = world.draft("Open", body='<p>“<q data-quote="who1">We sail.</q>”</p>')
    world.draft("Sourced", body='<p>“<q data-quote="who2" data-source="the captains">We wait.</q>”</p>')
    world.draft("Said", body=f"<p>{world.quote('We land.', 'who3')}</p>")
    assert [quote.text for quote in first_page(hands.writer).context["unattributed"]] == ["We sail."]
    Edition.objects.filter(pk=open_.pk).update(written_by=world.editor)
    assert first_page(hands.writer).context["unattributed"] == []
    assert [quote.text for quote in first_page(hands.editor).context["unattributed"]] == ["We sail."]


def test_what_is_proposed_is_confirmed_from_the_page_by_who_may(hands):
    world = hands.world
    person = Person.objects.create(name="Ilse Marchetti-Holt", proposed=True)
    office = Position.objects.create(title="Harbour Master", organisation=world.council, proposed=True)
    Appointment.objects.create(person=person, position=office, proposed=True)
    topic = Topic.objects.create(name="Cables", proposed=True)
    draft = world.draft("The cables")
    Mention.objects.create(edition=draft, person=person, name=person.name)
    page = first_page(hands.editor)
    assert [proposal.row for proposal in page.context["proposed"]] == [person, office, topic]
    first = page.context["proposed"][0]
    assert (first.aside, first.where, first.twin) == ("Harbour Master", draft, None)
    assert first_page(hands.writer).context["proposed"] == []
    addresses = [reverse("admin:confirm", args=[row._meta.model_name, row.pk]) for row in (person, office, topic)]
    assert hands.writer.client.post(addresses[0]).status_code == 403 and again(person).proposed
    assert hands.editor.client.get(addresses[0]).status_code == 405 and again(person).proposed
    assert "account/login.html" in [made.name for made in Client().post(addresses[0]).templates]
    assert again(person).proposed
    for address in addresses:
        assert address in page.content.decode()
        hands.editor.client.post(address)
    assert not any(again(row).proposed for row in (person, office, topic))
    held = first_page(hands.editor).context["proposed"]
    assert [str(proposal.row) for proposal in held] == ["Ilse Marchetti-Holt: Harbour Master, CL"]
    assert hands.editor.client.post(reverse("admin:confirm", args=["user", 1])).status_code == 404


def test_confirming_from_the_page_needs_the_token_of_a_form(hands):
    person = Person.objects.create(name="Ilse Marchetti-Holt", proposed=True)
    client = Client(enforce_csrf_checks=True)
    client.force_login(hands.editor.user)
    assert client.post(reverse("admin:confirm", args=["person", person.pk])).status_code == 403
    assert client.post(reverse("admin:notices"), {"kinds": ["soon"]}).status_code == 403


@pytest.mark.parametrize("name", ["M. Ostrander Lie", "Mara Ostrander Lie", "Mára Ostrander-Lye"])
def test_a_proposed_name_very_close_to_a_known_one_is_said_to_be(hands, name):
    Person.objects.create(name=name, proposed=True)
    (proposal,) = first_page(hands.editor).context["proposed"]
    assert proposal.twin == hands.world.mara and proposal.office == hands.world.secretary_general
    assert "who holds Secretary-General, CL" in first_page(hands.editor).content.decode()


@pytest.mark.parametrize("name", ["Ilo Ostrander-Lie", "Mara Verhaak", "Mara Oster"])
def test_a_name_that_only_begins_alike_is_not(hands, name):
    Person.objects.create(name=name, proposed=True)
    (proposal,) = first_page(hands.editor).context["proposed"]
    assert proposal.twin is None


def translation_of(world, edition):
    article = Article.objects.create(language="fr", created_by=world.writer, translation_of=edition.article)
    return world.published(f"{edition.headline}, en français", article=article, translated_from=edition)


def test_a_translation_is_stale_once_its_original_has_a_later_live_edition(hands):
    world = hands.world
    original = world.published("The ferry leaves")
    translation = translation_of(world, original)
    assert first_page(hands.writer).context["stale"] == []
    following = {"change_class": "correction", "note": "The hour was wrong."}
    second = world.ready("The ferry leaves at ten", article=original.article, **following)
    second.schedule(world.publisher, timezone.now() + timedelta(days=1))
    assert first_page(hands.writer).context["stale"] == []  # what is only scheduled makes nothing stale
    second.cancel(world.publisher)
    again(second).publish(world.publisher)
    page = first_page(hands.writer)
    assert headlines(page.context["stale"]) == ["The ferry leaves, en français"]
    assert "French follows edition 1; English is at 2 (correction)." in page.content.decode()
    translation.still_holds(world.editor)
    assert first_page(hands.writer).context["stale"] == []


@pytest.mark.skipif(not hasattr(traces, "Override"), reason="overrides are not there yet")
def test_an_override_stays_on_every_desk_until_somebody_else_signs(hands):
    world = hands.world
    edition = world.published("Ferries run again")
    traces.Override.objects.create(edition=edition, by=world.publisher, at=timezone.now(), reason="Nobody on shift.")
    may = {role: hand.may_sign for role, hand in (
        (role, first_page(getattr(hands, role)).context["overrides"][0]) for role in ("writer", "editor", "publisher")
    )}  # fmt: skip
    assert may == {"writer": False, "editor": True, "publisher": False}
    assert "Nobody on shift." in first_page(hands.editor).content.decode()
    traces.Override.objects.update(countersigned_by=world.editor, countersigned_at=timezone.now())
    assert first_page(hands.writer).context["overrides"] == []


def test_one_sentence_says_what_waits_and_leads_there(hands):
    world = hands.world
    world.published()
    assert "Nothing waits for you." in first_page(hands.writer).content.decode()
    for number in range(3):
        world.draft(f"Text {number}").submit(world.writer)
    html = first_page(hands.editor).content.decode()
    assert '<a href="#review">Three texts</a> wait for a second pair of eyes.' in html and 'id="review"' in html
    for number in range(9):
        world.draft(f"More {number}").submit(world.writer)
    page = first_page(hands.editor)
    assert "More than 8 texts" in page.content.decode() and len(page.context["review"]) == 8
    assert "?state=in-review" in page.content.decode()


def test_words_of_a_draft_are_escaped(hands):
    world = hands.world
    world.draft("<script>alert(1)</script>", body='<p>“<q data-quote="who1">5 &lt; 6 &amp; so</q>”</p>')
    Person.objects.create(name="<img src=x>", proposed=True)
    html = first_page(hands.editor).content.decode()
    assert "<script>alert" not in html and "<img src=x>" not in html and "5 &lt; 6" in html


def test_an_account_without_a_role_is_told_whom_to_ask(hands):
    hands.writer.user.groups.clear()
    html = first_page(hands.writer).content.decode()
    assert "no part in this newsroom yet" in html and 'id="drafts"' not in html


# The month


def test_the_month_counts_what_went_live_per_newsroom_day(world):
    world.published("Before", at=instant("2024-02-29 22:30"))
    world.published("One", at=instant("2024-03-01 09:00"))
    edition = world.published("Two", at=instant("2024-03-01 23:30"))  # past midnight in Zurich
    world.published(
        "Two again",
        article=edition.article,
        change_class="correction",
        note="A figure.",
        at=instant("2024-03-05 09:00"),
    )
    world.ready("To come", at=NOW).schedule(world.publisher, instant("2024-03-20 09:00"), at=NOW)
    chart = month(NOW)
    counted = {day.day: (day.others, day.corrections) for day in chart.days if day.all}
    assert counted == {date(2024, 3, 1): (1, 0), date(2024, 3, 2): (1, 0), date(2024, 3, 5): (0, 1)}
    assert (chart.all, chart.corrections, len(chart.days)) == (3, 1, 31)


def test_the_chart_has_its_numbers_as_a_table_too(hands):
    hands.world.published()
    html = first_page(hands.editor).content.decode()
    table = re.search(r"<details>.*?<table>(.*?)</table>", html, re.S)[1]
    today = timezone.localdate()
    assert re.search(
        rf'<th scope="row">{today:%B} {today.day}</th><td>1</td>|{today.day} {today:%B}</th><td>1</td>', table
    )
    assert '<svg class="chart"' in html and "<strong>1</strong> edition went live" in html


# What it costs


def many(world, count):
    """`count` of everything the page lists, past the verbs."""
    now = timezone.now()
    articles = Article.objects.bulk_create(
        [Article(slug=f"a{world.writer.pk}-{n}-{now:%f}", created_by=world.writer) for n in range(3 * count)]
    )
    words = {"language": "en", "summary": "S.", "plain_text": "One two.", "body": "<p>One two.</p>", "saved_at": now}
    states = [
        {"written_by": world.editor},
        {"written_by": world.editor, "submitted_at": now, "returned_at": now, "return_note": "No."},
        {"written_by": world.writer, "submitted_at": now, "submitted_by": world.writer},
    ]
    editions = Edition.objects.bulk_create(
        [Edition(article=a, headline=f"H{n}", **words, **states[n % 3]) for n, a in enumerate(articles)]
    )
    quotes = Quote.objects.bulk_create([Quote(key=f"q{now:%f}{e.pk}", article_id=e.article_id) for e in editions])
    QuoteText.objects.bulk_create(
        [
            QuoteText(edition=e, quote=q, order=0, text="W.", language="en")
            for e, q in zip(editions, quotes, strict=True)
        ]
    )
    people = [
        Person(name=f"Ada Proposed {n}", slug=f"p{n}-{now:%f}", sort_key="proposed", proposed=True)
        for n in range(count)
    ]
    people = Person.objects.bulk_create(people)
    Mention.objects.bulk_create([Mention(edition=e, person=p) for e, p in zip(editions, people, strict=False)])
    Topic.objects.bulk_create(
        [Topic(name=f"T{n}", path=f"t{n}-{now:%f}", slug=f"t{n}", proposed=True) for n in range(count)]
    )
    for n in range(2):
        original = world.published(f"Original {count} {n}")
        translation_of(world, original)
        world.published(f"Second {count} {n}", article=original.article, change_class="update", note="N.")
        world.ready(f"Due {count} {n}").schedule(world.publisher, now + timedelta(days=1 + n))


def test_the_page_costs_the_same_at_any_size(hands):
    many(hands.world, 2)
    costs = []
    for count in (2, 400):
        many(hands.world, count) if count > 2 else None
        with CaptureQueriesContext(connection) as captured:
            page = first_page(hands.editor)
        costs.append(len(captured))
        told = [query["sql"] for query in captured]
        assert not any("COUNT(*)" in sql and "LIMIT" not in sql for sql in told), "a count over a whole table"
    assert costs[0] == costs[1] <= 40
    lists = ("scheduled", "drafts", "returned", "review", "unattributed", "stale")
    assert all(len(page.context[name]) <= desk.SHOWN for name in lists)
    assert len(page.context["proposed"]) <= desk.EACH * len(desk.PROPOSED)
    assert page.context["drafts"].more and page.context["review"].more and page.context["unattributed"].more


@pytest.mark.parametrize("rows", [desk.my_drafts, desk.to_review, desk.returned])
def test_drafts_are_found_by_an_index_and_not_among_what_was_published(world, rows):
    with CaptureQueriesContext(connection) as captured:
        rows(world.editor)
    sql = next(query["sql"] for query in captured if "articles_edition" in query["sql"])
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = " ".join(str(row) for row in cursor.fetchall())
        assert "edition_draft_of" in plan or "edition_in_review" in plan, plan


# An empty newsroom's first hour


@pytest.fixture
def nothing(db):
    """Three hands, and nothing else."""
    world = World.__new__(World)
    world.writer, world.editor, world.publisher = (World.hand(role) for role in ("writer", "editor", "publisher"))
    return Desk(world)


def ticks(hand):
    return [step.done for step in first_page(hand).context["first_hour"]]


def following(hand):
    """The step that comes next, and what opening its link answers."""
    step = next(step for step in first_page(hand).context["first_hour"] if step.is_next)
    return step, hand.client.get(step.link).status_code if step.link else None


def test_the_first_hour_leads_from_nothing_to_the_first_published_item(nothing):
    world = nothing.world
    assert ticks(nothing.editor) == [False] * 3 + [True] + [False] * 4  # there are three accounts
    assert following(nothing.editor)[1] == 200
    council = Organisation.objects.create(name="Council of Lakes")
    assert ticks(nothing.editor)[:2] == [True, False] and following(nothing.editor)[1] == 200
    office = Position.objects.create(title="Chair", organisation=council)
    assert ticks(nothing.editor)[1:3] == [True, False] and following(nothing.editor)[1] == 200
    Appointment.objects.create(person=Person.objects.create(name="Mara Lie"), position=office)
    assert ticks(nothing.editor)[2:5] == [True, True, False] and following(nothing.writer)[1] == 200
    draft = World.draft(world)
    assert ticks(nothing.writer)[4:] == [True, False, False, False] and following(nothing.writer)[1] == 200
    draft.submit(world.writer)
    assert ticks(nothing.writer)[4:] == [True, True, False, False]
    step, answer = following(nothing.writer)
    assert (step.link, answer) == ("", None) and "other than its writer" in step.who
    assert following(nothing.editor)[1] == 200
    draft.approve(world.editor)
    assert ticks(nothing.publisher)[4:] == [True, True, True, False] and following(nothing.publisher)[1] == 200
    assert following(nothing.editor)[0].who == "A publisher does this."
    draft.publish(world.publisher)
    assert first_page(nothing.publisher).context["first_hour"] is None


def test_every_link_of_the_first_hour_works_for_the_role_at_hand(nothing):
    World.draft(nothing.world)
    for hand in (nothing.writer, nothing.editor, nothing.publisher):
        for step in first_page(hand).context["first_hour"]:
            assert bool(step.link) != bool(step.who)
            assert not step.link or hand.client.get(step.link).status_code == 200, step.title


def test_what_is_only_proposed_ticks_no_step(nothing):
    Organisation.objects.create(name="Council of Lakes", proposed=True)
    assert not ticks(nothing.editor)[0]


def test_one_account_alone_is_told_to_ask_for_a_colleague(db):
    user = World.hand("editor")
    user.is_superuser = user.is_staff = True
    user.save()
    hand = Client()
    hand.force_login(user)
    step = hand.get(reverse("admin:index")).context["first_hour"][3]
    assert not step.done and hand.get(step.link).status_code == 200


# Everything else


def test_every_table_an_editor_may_see_is_under_everything_else(hands):
    html = hands.editor.client.get(reverse("admin:everything")).content.decode()
    assert reverse("admin:articles_image_changelist") in html and reverse("admin:articles_save_changelist") not in html
    assert reverse("admin:everything") in first_page(hands.editor).content.decode()


# What an editor is told by e-mail

CANARIES = ["Oropendola", "Quetzal", "Hoatzin", "Kakapo", "Shoebill", "Drongo", "Xenops"]


@pytest.fixture
def told(hands):
    """Everybody chose everything, an hour ago."""
    since = timezone.now() - timedelta(hours=1)
    for hand in (hands.writer, hands.editor, hands.publisher):
        hand.user.refresh_from_db()
        NoticeChoice.choose(hand.user, [kind for kind, _label in notices.may_choose(hand.user)], since)
    return hands


def letters():
    return sorted((message.to[0].partition("@")[0], message.subject.partition("] ")[2]) for message in mail.outbox)


def canary_draft(world):
    headline, summary, body, place, note, speaker, topic = CANARIES
    person = Person.objects.create(name=f"{speaker} Lie")
    draft = world.draft(
        headline, summary=summary, place=place, body=f"<p>{body} {world.quote(body, 'canary1', person)}</p>", note=note
    )
    draft.topics.add(Topic.objects.create(name=topic))
    return draft


def test_never_a_word_of_an_unpublished_text_is_mailed(told, caplog):
    world = told.world
    draft = canary_draft(world)
    draft.submit(world.writer)
    draft.send_back(world.editor, f"{CANARIES[0]} is spelt with one l; {CANARIES[4]}.")
    draft.submit(world.writer)
    draft.approve(world.editor)
    draft.schedule(world.publisher, timezone.now() + timedelta(minutes=10))
    Act.objects.create(
        article=draft.article, edition=draft, verb="override", by=world.publisher, at=timezone.now(), note=CANARIES[4]
    )
    assert notices.send() == (6, 0)
    assert set(Notice.objects.values_list("kind", flat=True)) == {kind for kind, _ in NoticeChoice.KINDS}
    for message in mail.outbox:
        raw = message.message().as_string() + message.subject + message.body + str(message.extra_headers)
        assert [word for word in CANARIES if word.lower() in raw.lower()] == []
        assert f"edition 1 of article {draft.article.uid}" in message.subject
        assert reverse("admin:articles_edition_change", args=[draft.pk]) in message.body
    assert [word for word in CANARIES if word in caplog.text] == []
    stored = [
        str(value) for row in (*Notice.objects.values(), *NoticeChoice.objects.values()) for value in row.values()
    ]
    assert [word for word in CANARIES if any(word in value for value in stored)] == []


def test_each_is_told_what_concerns_them_and_not_what_they_did_themselves(told):
    world = told.world
    draft = world.draft()
    draft.submit(world.writer)
    draft.send_back(world.editor, "Not yet.")
    draft.submit(world.writer)
    draft.approve(world.editor)
    Act.objects.create(article=draft.article, edition=draft, verb="override", by=world.publisher, at=timezone.now())
    notices.send()
    what = f"edition 1 of article {draft.article.uid}"
    assert letters() == [
        ("editor", f"To countersign: {what}"), ("writer", f"Approved: {what}"), ("writer", f"Returned: {what}"),
    ]  # fmt: skip


def test_each_act_is_told_once_however_often_it_runs(told):
    draft = told.world.ready()
    call_command("send_notices")
    call_command("send_notices")
    assert len(mail.outbox) == 1
    again(draft).save()
    told.world.approve(again(draft))  # another act
    call_command("send_notices")
    assert len(mail.outbox) == 2


def test_what_goes_live_soon_is_told_once_for_each_instant(told):
    world, now = told.world, timezone.now()
    NoticeChoice.objects.exclude(kind="soon").delete()
    edition = world.ready()
    edition.schedule(world.publisher, now + timedelta(hours=2))
    assert notices.send(now) == (0, 0)
    later = now + timedelta(minutes=91)
    assert notices.send(later) == (3, 0) and notices.send(later + timedelta(minutes=5)) == (0, 0)
    assert {to for to, _ in letters()} == {"writer", "editor", "publisher"}
    edition.reschedule(world.publisher, now + timedelta(hours=3))
    assert notices.send(later) == (0, 0)
    assert notices.send(now + timedelta(minutes=151)) == (3, 0)
    assert notices.send(now + timedelta(hours=4)) == (0, 0)  # it is live


def test_what_was_done_before_the_choice_or_long_ago_is_not_told(hands):
    world = hands.world
    world.ready("Before")
    NoticeChoice.choose(again(world.writer), ["approved"], timezone.now())
    assert notices.send() == (0, 0)
    world.ready("After")
    assert notices.send(timezone.now() + notices.LATE + timedelta(hours=1)) == (0, 0)
    assert notices.send() == (1, 0)


@pytest.mark.parametrize("lost", ["is_active", "is_staff", "email", "groups"])
def test_who_has_no_business_here_any_more_is_told_nothing(told, lost):
    user = told.world.writer
    if lost == "groups":
        user.groups.clear()
    else:
        type(user).objects.filter(pk=user.pk).update(**{lost: "" if lost == "email" else False})
    told.world.ready()
    assert notices.send() == (0, 0)


def test_a_mail_that_cannot_be_sent_is_owed_again_and_the_log_has_no_word_of_it(told, monkeypatch, caplog):
    canary_draft(told.world).submit(told.world.writer)
    draft = Edition.objects.get()
    draft.approve(told.world.editor)

    def refuses(self, *args, **kwargs):
        raise smtplib.SMTPDataError(554, f"no {self.subject} {CANARIES[0]}".encode())

    with monkeypatch.context() as patched:
        patched.setattr(notices.EmailMessage, "send", refuses)
        assert notices.send() == (0, 1)
        with pytest.raises(CommandError, match="1 could not be sent"):
            call_command("send_notices")
    assert "SMTPDataError" in caplog.text and draft.article.uid not in caplog.text and CANARIES[0] not in caplog.text
    assert notices.send() == (1, 0)


def test_one_address_that_is_refused_stops_no_other(told, monkeypatch):
    for number in range(2):
        told.world.ready(f"Text {number}")
    sent = []

    def picky(self, *args, **kwargs):
        sent.append(self.subject)
        if len(sent) == 1:
            raise smtplib.SMTPRecipientsRefused({})

    monkeypatch.setattr(notices.EmailMessage, "send", picky)
    assert notices.send() == (1, 1)


def test_a_claim_left_by_a_process_that_ended_is_taken_up_again(told):
    draft, now = told.world.ready(), timezone.now()
    act = draft.acts.get(verb="approve")
    Notice.objects.create(user=told.world.writer, kind="approved", act=act, claimed_at=now)
    assert notices.send(now + timedelta(minutes=1)) == (0, 0)
    assert notices.send(now + notices.BROKEN_OFF + timedelta(minutes=1)) == (1, 0)


def test_two_senders_at_once_send_it_once(open_world):
    world = open_world
    type(world.writer).objects.update(is_staff=True)
    NoticeChoice.choose(world.writer, ["approved"], timezone.now() - timedelta(minutes=1))
    world.ready()
    results = []
    in_threads(4, lambda number: results.append(notices.send()))
    assert sorted(results) == [(0, 0), (0, 0), (0, 0), (1, 0)] and len(mail.outbox) == 1


def test_pressing_the_button_sends_the_mail_once_it_is_committed(told, django_capture_on_commit_callbacks):
    draft = told.world.draft()
    draft.submit(told.world.writer)
    with django_capture_on_commit_callbacks(execute=True):
        told.editor.press(draft, "approve")
    assert [to for to, _ in letters()] == ["writer"]
    call_command("send_notices")
    assert len(mail.outbox) == 1


def test_without_a_mail_server_nothing_is_sent_and_the_command_says_so(told, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    told.world.ready()
    assert notices.send() == (0, 0) and not Notice.objects.exists()
    with pytest.raises(CommandError, match="EMAIL_HOST"):
        call_command("send_notices")
    assert "has no mail server yet" in told.writer.client.get(reverse("admin:notices")).content.decode()


def test_an_editor_chooses_for_themselves(hands):
    page = hands.editor.client.get(reverse("admin:notices"))
    assert re.findall(r'name="kinds" value="(\w+)"', page.content.decode()) == [
        "returned", "approved", "soon", "override",
    ]  # fmt: skip
    hands.editor.client.post(reverse("admin:notices"), {"kinds": ["approved", "override"]})
    since = NoticeChoice.objects.get(kind="approved").since
    hands.editor.client.post(reverse("admin:notices"), {"kinds": ["approved", "soon"]})
    chosen = NoticeChoice.objects.filter(user=hands.world.editor)
    assert {choice.kind for choice in chosen} == {"approved", "soon"} == {c.kind for c in NoticeChoice.objects.all()}
    assert chosen.get(kind="approved").since == since
    checked = re.findall(
        r'value="(\w+)"[^>]* checked', hands.editor.client.get(reverse("admin:notices")).content.decode()
    )
    assert checked == ["approved", "soon"]


def test_a_writer_cannot_choose_what_never_concerns_them(hands):
    answer = hands.writer.client.post(reverse("admin:notices"), {"kinds": ["override"]})
    assert answer.status_code == 200 and not NoticeChoice.objects.exists()


def test_a_draft_and_its_notices_can_be_discarded_and_erased(told):
    world = told.world
    draft = world.ready()
    draft.schedule(world.publisher, timezone.now() + timedelta(minutes=10))
    notices.send()
    draft.cancel(world.publisher)
    again(draft).discard(world.writer)
    assert not Notice.objects.exclude(edition=None).exists()
    gone = world.published("Gone")
    notices.send()
    gone.article.erase(world.publisher, "Court order 7")
    with pytest.raises(FieldError):
        Notice.objects.filter(text="")  # nothing to empty: no column of it holds words
