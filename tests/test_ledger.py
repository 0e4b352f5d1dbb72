"""One ledger: a mirror fed by nothing else equals the live record at every step, and the past never changes."""

import os
import random
import threading
import time
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from articles import ledger, seal
from articles.ledger import GENESIS, Change, Event, HistoryChanged, State, chained, changes_after
from articles.models import Article, Edition, Quote, RelatedItem, Topic, sweep
from people.models import Person
from tests.conftest import instant

SOAK = bool(os.environ.get("SOAK"))
START = instant("2024-01-01 00:00")


class Mirror:
    """A partner's copy: uid -> edition number, kept by following the ledger from the last cursor."""

    def __init__(self):
        self.copy, self.cursor = {}, ""

    def poll(self):
        more = True
        while more:
            changes, self.cursor, more = changes_after(self.cursor, 7)
            for change in changes:
                self.take(change)

    def take(self, change):
        if change.type != "article":
            return
        if change.kind == Change.LIVE:
            self.copy[change.uid] = change.edition
        elif self.copy.get(change.uid) == change.edition and change.kind != Change.RECLASSIFIED:
            del self.copy[change.uid]


class NaiveMirror(Mirror):
    """The control: follows `live_from` by timestamp, as feeds do that list what is live, newest first."""

    def poll(self):
        seen = self.cursor or START
        for edition in Edition.objects.live(self.now).filter(published_at__gt=seen).order_by("published_at"):
            self.copy[edition.article.uid] = edition.number
            self.cursor = edition.published_at


def live(at):
    return dict(Edition.objects.live(at).values_list("article__uid", "number"))


def verify_chain():
    head = GENESIS
    for number, change in enumerate(Change.objects.order_by("seq"), start=1):
        assert change.seq == number
        event = Event(change.at, change.kind, change.type, change.uid, change.edition, change.content_hash)
        head = chained(head, number, event)
        assert change.head == head
    assert State.objects.get().head == head


class Newsdesk:
    """Random verbs over a clock that jumps: what is refused with a sentence is no harm, anything else is."""

    def __init__(self, world, seed, articles=6):
        self.world, self.random, self.now = world, random.Random(seed), START
        self.articles = [Article.objects.create(created_by=world.writer) for _ in range(articles)]
        self.done = {}

    def step(self):
        self.now += self.random.choice(
            [timedelta(0), timedelta(microseconds=1), timedelta(minutes=3), timedelta(hours=5), timedelta(days=2)]
        )
        verb = self.random.choice(
            ["publish", "publish", "schedule", "schedule", "reschedule", "cancel", "withdraw", "redirect", "expire",
             "expire_later", "reclassify", "rename", "sweep", "erase" if self.random.random() < 0.15 else "publish"]
        )  # fmt: skip
        article = self.random.choice(self.articles)
        try:
            with transaction.atomic():
                getattr(self, verb)(article)
            self.done[verb] = self.done.get(verb, 0) + 1
        except ValidationError:
            pass

    def soon(self):
        return self.now + self.random.choice(
            [timedelta(microseconds=2), timedelta(minutes=1), timedelta(hours=7), timedelta(days=3)]
        )

    def draft(self, article):
        expires = self.soon() + timedelta(days=4) if self.random.random() < 0.2 else None
        topics = self.random.sample([self.world.water, self.world.ferries], self.random.randint(0, 2))
        body = f"<p>{self.world.quote(f'Words {self.random.random()}', 'k' + article.uid[:8])} said the council.</p>"
        change = {"change_class": "update", "note": "More is known."}
        edition = self.world.ready(article=article, at=self.now, body=body, expires_at=expires, **change)
        edition.topics.set(topics)
        return edition

    def publish(self, article):
        self.draft(article).publish(self.world.publisher, at=self.now)

    def schedule(self, article):
        self.draft(article).schedule(self.world.publisher, self.soon(), at=self.now)

    def waiting(self, article):
        edition = article.editions.filter(live_from__gt=self.now).first()
        if edition is None:
            raise ValidationError("nothing waits")
        return edition

    def reschedule(self, article):
        self.waiting(article).reschedule(self.world.publisher, self.soon(), at=self.now)

    def cancel(self, article):
        edition = self.waiting(article)
        edition.cancel(self.world.publisher, at=self.now)
        edition.discard(self.world.publisher)

    def withdraw(self, article):
        article.withdraw(self.world.publisher, "It was wrong.", at=self.now)

    def redirect(self, article):
        article.redirect(self.world.publisher, url="https://lakes.example/else", at=self.now)

    def expire(self, article):
        article.expire(self.world.publisher, at=self.now)

    def expire_later(self, article):
        article.expire(self.world.publisher, self.soon(), at=self.now)

    def reclassify(self, article):
        article.reclassify(self.world.publisher, [self.world.ferries], at=self.now)

    def rename(self, article):
        Topic.objects.filter(pk=self.world.water.pk).update(description=str(self.random.random()))

    def erase(self, article):
        article.erase(self.world.publisher, "court order", at=self.now)
        self.articles.remove(article)
        self.articles.append(Article.objects.create(created_by=self.world.writer))

    def sweep(self, article):
        sweep(self.now)


@pytest.mark.parametrize("seed", range(40 if SOAK else 3))
def test_a_mirror_fed_by_the_ledger_alone_equals_the_live_record_at_every_step(world, seed):
    desk, mirror, past = Newsdesk(world, seed), Mirror(), []
    for step in range(60):
        desk.step()
        sweep(desk.now)
        desk.now = max(desk.now, State.objects.get().horizon)
        mirror.poll()
        assert mirror.copy == live(desk.now), f"step {step}"
        if step % 5 == 0:
            past.append((desk.now, live(desk.now)))
    verify_chain()
    assert Change.objects.filter(kind="live").count() >= Edition.objects.filter(live_from__lte=desk.now).count() > 0
    gone = set(Edition.objects.filter(withheld=True).values_list("article__uid", "number"))
    for at, answer in past:
        assert live(at) == {uid: number for uid, number in answer.items() if (uid, number) not in gone}
    assert len(desk.done) > 5, desk.done


def test_the_control_a_feed_by_timestamp_is_not_equal(world):
    failed = 0
    for seed in range(3):
        desk, mirror = Newsdesk(world, 100 + seed), NaiveMirror()
        mirror.now = START
        for _ in range(40):
            desk.step()
            sweep(desk.now)
            mirror.now = desk.now = max(desk.now, State.objects.get().horizon)
            mirror.poll()
        failed += mirror.copy != live(desk.now)
    assert failed == 3


def test_boundaries_are_numbered_once_in_order_with_their_own_instants(world):
    first = world.published("One", at=instant("2024-03-01 10:00"))
    second = world.ready(
        "Two", article=first.article, at=instant("2024-03-01 11:00"), change_class="update", note="More."
    )
    second.schedule(world.publisher, instant("2024-03-02 07:00"), at=instant("2024-03-01 12:00"))
    sweep(instant("2024-03-09 00:00"))
    article = [(c.at, c.kind, c.edition) for c in Change.objects.filter(type="article")]
    assert article == [(instant("2024-03-01 10:00"), "live", 1), (instant("2024-03-02 07:00"), "live", 2)]


def told_since(seq):
    return [(c.at, c.kind, c.uid, c.edition) for c in Change.objects.filter(seq__gt=seq, type="article")]


def test_what_changes_around_the_words_of_an_article_is_told(world):
    """Its address, the topics of its quotes, a link that appears when the article it leads to goes live."""
    body = f"<p>{world.quote('We sail at dawn.', 'dawn1')}</p>"
    first, at = world.published(body=body, at=instant("2024-03-01 10:00")), instant("2024-03-05 10:00")
    second = world.ready("Two", at=instant("2024-03-01 11:00"))
    RelatedItem.objects.create(edition=first, kind="article", label="See", article=second.article)
    sweep(instant("2024-03-02 10:00"))
    uid, seq = first.article.uid, State.objects.get().seq
    first.article.move(world.publisher, "moved")
    sweep(instant("2024-03-02 11:00"))
    Quote.objects.get(key="dawn1").topics.add(world.ferries)
    sweep(instant("2024-03-02 12:00"))
    second.schedule(world.publisher, at, at=instant("2024-03-03 10:00"))
    sweep(instant("2024-03-09 00:00"))
    assert told_since(seq) == [
        (instant("2024-03-02 11:00"), "reclassified", uid, 1),
        (instant("2024-03-02 12:00"), "reclassified", uid, 1),
        (at, "reclassified", uid, 1),
        (at, "live", second.article.uid, 1),
    ]
    seq = State.objects.get().seq
    first.article.erase(world.publisher, "court order", at=instant("2024-03-10 00:00"))
    assert told_since(seq) == [(instant("2024-03-10 00:00"), "erased", uid, 1)]


def test_a_translation_is_told_to_all_of_its_family(world):
    original = world.published(at=instant("2024-03-01 10:00"))

    def translated(language, at):
        draft = original.translate(world.writer, language)
        world.approve(draft, at)
        return draft.publish(world.publisher, at=at)

    french = translated("fr", instant("2024-03-02 10:00"))
    seq = State.objects.get().seq
    arabic = translated("ar", instant("2024-03-03 10:00"))
    family = {edition.article.uid for edition in (original, french)}
    assert {uid for _at, kind, uid, _edition in told_since(seq) if kind == "reclassified"} == family
    seq = State.objects.get().seq
    Article.objects.filter(pk=arabic.article_id).update(translation_of=None)
    sweep()
    assert {(kind, uid) for _at, kind, uid, _edition in told_since(seq)} == {
        ("reclassified", uid) for uid in family | {arabic.article.uid}
    }


def test_a_row_read_before_it_became_public_is_not_made_private_by_saving_it(world):
    """An editor has the page of a person open while an article that names her is scheduled."""
    opened = [type(row).objects.get(pk=row.pk) for row in (world.mara, world.council, world.ferries)]
    edition = world.ready(body=f"<p>{world.quote('We sail at dawn.', 'dawn1')}</p>", at=instant("2024-03-01 10:00"))
    edition.topics.add(world.ferries)
    edition.schedule(world.publisher, instant("2024-03-05 10:00"), at=instant("2024-03-01 11:00"))
    for row in opened:
        row.name = f"{row.name} anew"
        row.save()
        stored = type(row).objects.get(pk=row.pk)
        assert (stored.name, stored.public_from) == (row.name, instant("2024-03-05 10:00"))
        stored.public_from = instant("2024-03-02 10:00")
        stored.save()
        assert type(row).objects.get(pk=row.pk).public_from == instant("2024-03-02 10:00")


def test_people_are_held_before_the_quotes_of_them_are_derived_anew(world):
    """As a merge holds them before it moves their quotes: else each may wait for the other for ever."""
    edition = world.ready(body=f"<p>{world.quote('We sail at dawn.', 'dawn1')}</p>")
    with CaptureQueriesContext(connection) as captured:
        edition.publish(world.publisher)
    done = [query["sql"] for query in captured]
    held = next(place for place, sql in enumerate(done) if '"people_person"."id" IN' in sql and "ORDER BY" in sql)
    derived = next(place for place, sql in enumerate(done) if sql.startswith('DELETE FROM "articles_quotetext"'))
    assert held < derived


def test_a_cancelled_schedule_leaves_no_trace(world):
    edition = world.ready(body=f"<p>{world.quote('We sail at dawn.', 'dawn1')}</p>", at=instant("2024-03-01 10:00"))
    edition.topics.add(world.ferries)
    edition.schedule(world.publisher, instant("2024-03-05 10:00"), at=instant("2024-03-01 11:00"))
    assert Person.objects.get(pk=world.mara.pk).public_from == instant("2024-03-05 10:00")
    edition.cancel(world.publisher, at=instant("2024-03-02 10:00"))
    sweep(instant("2024-04-01 00:00"))
    assert not Change.objects.exists()
    assert Person.objects.get(pk=world.mara.pk).public_from is None
    assert Topic.objects.get(pk=world.ferries.pk).public_from is None


def test_what_an_edition_names_becomes_public_with_it_and_no_earlier(world):
    edition = world.ready(body=f"<p>{world.quote('We sail at dawn.', 'dawn1')}</p>", at=instant("2024-03-01 10:00"))
    edition.topics.add(world.ferries)
    edition.schedule(world.publisher, instant("2024-03-05 10:00"), at=instant("2024-03-01 11:00"))
    for row in (world.mara, world.secretary_general, world.council, world.water, world.ferries):
        assert not type(row).objects.public(instant("2024-03-05 09:59")).filter(pk=row.pk).exists()
        assert type(row).objects.public(instant("2024-03-05 10:00")).filter(pk=row.pk).exists()
    assert not Person.objects.public(instant("2024-06-01 00:00")).filter(pk=world.ilo.pk).exists()
    assert (
        not type(world.commissioner)
        .objects.public(instant("2024-06-01 00:00"))
        .filter(pk=world.commissioner.pk)
        .exists()
    )


def test_withdrawing_says_so_in_the_ledger_and_hides_at_once(world):
    edition = world.published(at=instant("2024-03-01 10:00"))
    edition.article.withdraw(world.publisher, "The figures were wrong.", at=instant("2024-03-02 10:00"))
    assert not Edition.objects.live(instant("2024-03-01 12:00")).exists()
    assert [(c.kind, c.edition) for c in Change.objects.filter(type="article")] == [("live", 1), ("withdrawn", 1)]


def test_a_cursor_of_another_history_is_refused(world):
    world.published(at=instant("2024-03-01 10:00"))
    with pytest.raises(HistoryChanged):
        changes_after("1-0123456789abcdef", 10)
    with pytest.raises(HistoryChanged):
        changes_after("999-" + Change.objects.get(seq=1).head[:16], 10)
    with pytest.raises(ValueError, match="cursor"):
        changes_after("nonsense", 10)


def in_threads(count, work):
    """Run `work(number)` in threads, each with a connection of its own; the first exception is raised here."""
    failures = []

    def run(number):
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 (told to the test)
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def test_numbered_equals_went_live_under_eight_concurrent_writers(open_world):
    world, rounds = open_world, 20 if SOAK else 4
    stop = threading.Event()
    mirror, seen = Mirror(), []

    def write(number):
        if number == 8:  # the partner
            while not stop.is_set():
                sweep()
                mirror.poll()
                seen.append(dict(mirror.copy))
            return
        rng = random.Random(number)
        try:
            for turn in range(rounds):
                edition = world.ready(f"By {number}, {turn}")
                if rng.random() < 0.5:
                    edition.publish(world.publisher)
                else:
                    soon = ledger.database_now() + timedelta(milliseconds=rng.randint(2000, 4000))
                    edition.schedule(world.publisher, soon)
        finally:
            at_work.discard(number)
            if not at_work:
                stop.set()

    at_work = set(range(8))
    in_threads(9, write)
    end = ledger.database_now() + timedelta(seconds=5)
    sweep(end)
    mirror.poll()
    assert len(mirror.copy) == 8 * rounds
    assert mirror.copy == live(end)
    assert Change.objects.filter(kind="live").count() == 8 * rounds
    verify_chain()


def test_what_changes_while_its_instant_passes_is_told(open_world):
    """The transaction begins before the instant and ends after it was numbered."""
    if connection.vendor == "sqlite":  # whoever writes keeps the sweep waiting
        return
    world, begun, swept = open_world, threading.Event(), threading.Event()
    person = Person.objects.create(name="Ines Roth")
    edition = world.ready(body=f"<p>{world.quote('We sail.', 'sail1', person)}</p>")
    hour = ledger.database_now() + timedelta(seconds=1)
    edition.schedule(world.publisher, hour)

    def work(number):
        if number:
            with transaction.atomic():
                Person.objects.filter(pk=person.pk).update(biography="She sails.")
                edition.topics.add(world.water)
                Quote.objects.get(key="sail1").topics.add(world.ferries)
                begun.set()
                assert swept.wait(20)
        else:
            assert begun.wait(20)
            while ledger.database_now() <= hour:
                time.sleep(0.1)
            sweep()
            swept.set()

    in_threads(2, work)
    seq = State.objects.get().seq
    assert Change.objects.filter(kind="public", uid=person.uid).exists() and person.biography == ""
    sweep()
    assert {(change.kind, change.uid) for change in Change.objects.filter(seq__gt=seq)} == {
        ("amended", person.uid),
        ("reclassified", edition.article.uid),
    }


def test_a_quote_is_filed_before_or_after_it_is_published_and_never_meanwhile(open_world):
    if connection.vendor == "sqlite":
        return
    world, filed, order = open_world, threading.Event(), []
    edition = world.ready(body=f"<p>{world.quote('We sail.', 'sail1')}</p>")

    def work(number):
        if number:
            with transaction.atomic():
                Quote.objects.get(key="sail1").topics.add(world.ferries)
                filed.set()
                time.sleep(1)
                order.append("filed")
        else:
            assert filed.wait(20)
            edition.publish(world.publisher)
            order.append("published")

    in_threads(2, work)
    assert order == ["filed", "published"]


def test_the_control_scheduling_without_the_lock_loses_events(open_world):
    """A boundary set without the state row can fall behind a horizon that moved meanwhile: the database says no."""
    world = open_world
    edition = world.ready()
    start = ledger.database_now() + timedelta(milliseconds=50)
    sweep(start + timedelta(seconds=1))
    with pytest.raises(IntegrityError, match="closed"), transaction.atomic():
        Edition.objects.filter(pk=edition.pk).update(
            live_from=start, number=1, sorted_at=start, content_hash="x", salt="x", text_hash="x"
        )
    seal.remove()
    try:
        Edition.objects.filter(pk=edition.pk).update(
            live_from=start, number=1, sorted_at=start, content_hash="x", salt="x", text_hash="x"
        )
        sweep(start + timedelta(seconds=2))
        mirror = Mirror()
        mirror.poll()
        assert live(start + timedelta(seconds=2)) and not mirror.copy  # lost for ever: what the rule prevents
    finally:
        Edition.objects.filter(pk=edition.pk).update(live_from=None, number=None, sorted_at=None, content_hash="")
        seal.install()


def test_an_address_is_told_of_an_article_that_was_erased_and_published_again(world):
    article = world.published().article
    article.erase(world.publisher, "court order")
    world.ready("Anew", article=Article.objects.get(pk=article.pk), change_class="update", note="Anew.").publish(
        world.publisher
    )
    sweep()
    told = Change.objects.count()
    Article.objects.get(pk=article.pk).move(world.publisher, "moved")
    sweep()
    assert [(change.kind, change.uid) for change in Change.objects.all()[told:]] == [("reclassified", article.uid)]
