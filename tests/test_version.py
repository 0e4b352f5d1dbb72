"""The version of a response: under concurrent transactions no cached answer is stale; without the triggers it is."""

import os
import random
import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from articles import seal
from articles.models import Edition, Topic
from articles.moment import BadMoment, moment, parse_at
from people.models import Person
from tests.conftest import instant
from tests.test_ledger import in_threads

ROUNDS = 60 if os.environ.get("SOAK") else 8


def answer(at):
    return (
        sorted(Edition.objects.live(at).values_list("article__uid", "number")),
        sorted(Topic.objects.public(at).values_list("name", "description")),
        sorted(Person.objects.public(at).values_list("name", "biography")),
    )


def stale_hits(world, writes):
    """Three writers and one reader with a cache keyed by the version alone. Returns (hits, stale hits). An answer is
    compared only when the version before and after it is the same: then nothing was committed in between."""
    articles = [world.published(f"Story {n}").article for n in range(3)]
    Topic.objects.filter(pk=world.ferries.pk).update(public_from=None)
    articles[0].reclassify(world.publisher, [world.ferries])
    at_work, done, cache, counted = set(range(3)), threading.Event(), {}, [0, 0]

    def read():
        while not done.is_set():
            seen = moment()
            fresh = answer(seen.at)
            if moment().version != seen.version:
                continue
            counted[0] += seen.version in cache
            counted[1] += cache.setdefault(seen.version, fresh) != fresh

    def work(number):
        if number == 3:
            return read()
        rng = random.Random(number)
        try:
            for turn in range(ROUNDS):
                writes(world, rng, articles[number], turn)
        finally:
            at_work.discard(number)
            if not at_work:
                done.set()

    in_threads(4, work)
    return counted


def write(world, rng, article, turn):
    choice = rng.random()
    if choice < 0.3:
        Topic.objects.filter(pk=world.ferries.pk).update(description=str(rng.random()))
    elif choice < 0.6:
        Person.objects.filter(pk=world.mara.pk).update(biography=str(rng.random()))
    else:
        body = f"<p>{world.quote('We sail.', f'{article.uid[:6]}{turn}')}</p>"
        draft = world.ready(f"Turn {turn}", article=article, body=body, change_class="update", note="More.")
        with suppress(ValidationError):  # one is scheduled already
            draft.schedule(world.publisher, draft.saved_at + timedelta(milliseconds=rng.randint(300, 900)))


def test_no_cached_answer_is_stale_under_concurrent_writers(open_world):
    hits, stale = stale_hits(open_world, write)
    assert stale == 0 and hits > 20


def test_the_control_without_stamps_cached_answers_are_stale(open_world):
    seal.remove()
    try:
        hits, stale = stale_hits(open_world, write)
    finally:
        seal.install()
    assert hits and stale


def test_a_rename_keeps_nobody_waiting_who_refers_to_what_is_renamed(open_world):
    """Who did would wait at the end of a transaction, with the stamp in hand that the other one waits for."""
    if connection.vendor == "sqlite":  # one writer at a time
        return
    article = open_world.published().article
    renamed = [(article, "slug"), (open_world.ferries, "path"), (open_world.council, "slug"), (open_world.mara, "slug")]

    def refer(_number):
        with transaction.atomic(), connection.cursor() as cursor:
            for row, _address in renamed:  # as a foreign key is checked
                cursor.execute(f"SELECT 1 FROM {row._meta.db_table} WHERE id = %s FOR KEY SHARE NOWAIT", [row.pk])

    with transaction.atomic():
        for row, address in renamed:
            assert type(row).objects.filter(pk=row.pk).update(**{address: "elsewhere"}) == 1
        in_threads(1, refer)


def test_the_version_costs_one_statement(world, django_assert_num_queries):
    with django_assert_num_queries(1):
        moment()


def test_the_clock_alone_changes_the_version_at_a_boundary_and_at_midnight(world):
    edition = world.ready(at=instant("2024-03-01 10:00"))
    edition.schedule(world.publisher, instant("2024-03-05 10:00"), at=instant("2024-03-01 10:00"))

    def version(text):
        return moment(now=instant(text)).version

    assert version("2024-03-05 09:00") == version("2024-03-05 09:59") != version("2024-03-05 10:00")
    assert (
        version("2024-03-05 10:00") == version("2024-03-05 22:59") != version("2024-03-05 23:00")
    )  # Zurich's midnight


def test_the_past_can_be_asked_for_and_the_future_cannot(world):
    now = instant("2024-03-05 10:00")
    assert parse_at("2024-03-04T10:00:00Z") == parse_at("2024-03-04T11:00:00 01:00") == instant("2024-03-04 10:00")
    assert parse_at("2024-03-04", now) == instant("2024-03-04 22:59:59.999999")
    assert parse_at("2024-03-05", now) == now
    assert parse_at("2024-03-04T11:00", naive=True) == instant("2024-03-04 10:00")
    for nonsense in ("", "yesterday", "2024-03-04T11:00", "2024-13-01", "9" * 5000, "0001-01-01T00:00:00Z"):
        with pytest.raises(BadMoment):
            parse_at(nonsense)
    for future in (now + timedelta(microseconds=1), parse_at("2024-03-06", now), parse_at("9999-12-31", now)):
        with pytest.raises(BadMoment, match="future"):
            moment(future, now=now)
    assert moment(instant("2024-03-04 10:00"), now=now).as_of
