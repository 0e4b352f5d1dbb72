"""What the demonstration promises: the story, told through the verbs, twice the same; and the generated past."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client

from articles import body
from articles.images import Image
from articles.ledger import GENESIS, Change, Event, Stamp, State, chained
from articles.models import Article, Edition, Ending, Quote, QuoteText, content_hash, sweep
from articles.topics import Topic
from newsroom import backlog
from newsroom.story import Story, password, uid
from people.models import Appointment, Organisation, Person, Position


def demo(**options):
    said = StringIO()
    call_command("demo", stdout=said, **options)
    return said.getvalue()


# Into an empty newsroom only


def test_the_demonstration_is_not_loaded_among_other_articles(world):
    world.published()
    with pytest.raises(CommandError, match="not empty"):
        demo()
    assert Article.objects.count() == 1


def test_the_demonstration_is_not_loaded_once_its_years_are_closed(db):
    sweep()
    with pytest.raises(CommandError, match="closed up to today"):
        demo()
    assert not Person.objects.exists()


def test_a_load_that_fails_leaves_nothing(db, monkeypatch):
    def fails(self, tell):
        raise RuntimeError("the power went")

    monkeypatch.setattr(Story, "replay", fails)
    with pytest.raises(RuntimeError):
        demo()
    assert not Person.objects.exists() and not Topic.objects.exists()


@pytest.mark.any_database  # it makes its own
def test_one_command_makes_a_newsroom_of_an_empty_file(tmp_path):
    told = subprocess.run(
        [sys.executable, "manage.py", "demo"],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {"DATABASE_URL": f"sqlite:///{tmp_path / 'new.sqlite3'}", "MEDIA_ROOT": str(tmp_path), "DEBUG": "1"},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    assert "40 articles" in told.stdout
    assert all(f"{role}, password {password(role)}" in told.stdout for role in ("writer", "editor", "publisher"))


# The story


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker):
    """The story, told once for all tests below, which only read (or undo what they write)."""
    with django_db_blocker.unblock(), transaction.atomic():
        demo()
        connection.check_constraints()
        yield Story()
        transaction.set_rollback(True)


def test_the_story_has_what_a_newsroom_has(told):
    live = Edition.objects.live(told.ends)
    assert live.filter(language="en").count() >= 24
    assert set(live.values_list("language", flat=True)) == {"en", "fr", "ar"}
    assert QuoteText.objects.live(told.ends).count() >= 60
    assert Person.objects.count() >= 12
    assert Topic.objects.count() == 25 and Topic.objects.filter(path__contains="/").count() > 12
    assert Edition.objects.on_record(told.ends).filter(change_class=Edition.CORRECTION).count() == 2
    assert Ending.objects.filter(kind=Ending.WITHDRAWN).count() == 1
    assert {draft.review_state for draft in Edition.objects.drafts()} == {"writing", "in-review", "returned", "ready"}
    assert Image.objects.count() == 6 and Person.objects.exclude(portrait="").count() == 9


def test_every_translation_stands_beside_its_original_and_pairs_its_quotes(told):
    translations = Article.objects.exclude(translation_of=None)
    assert {article.language for article in translations} == {"fr", "ar"}
    for quote in Quote.objects.filter(article__in=translations):
        assert quote.translation_of.article_id == quote.article.translation_of_id


def test_what_the_documentation_looks_for_stands_in_the_story(told):
    (word,) = re.findall('--data-urlencode "q=(.+?)"', Client().get("/api/v1/docs/").text)
    asked = {"kind": "news", "updated_from": "2024-01-01", "q": word}
    assert Client().get("/api/v1/articles/", asked).json()["results"]


def test_some_quotes_are_split(told):
    spans = [span for edition in Edition.objects.live(told.ends) for span in body.quotes(edition.body)]
    assert sum(len(span.segments) > 1 for span in spans) >= 5


def test_offices_change_during_the_story_and_each_quote_shows_the_one_of_its_day(told):
    changed = [
        person
        for person in Person.objects.all()
        if person.appointments.filter(since__gt=told.begins.date(), since__lte=told.ends.date()).exists()
    ]
    assert len(changed) >= 5
    for text in QuoteText.objects.exclude(speaker=None).select_related("speaker", "position"):
        assert Appointment.objects.filter(person=text.speaker, position=text.position).held_on(text.said_on).exists()
        assert text.office == text.position.title


def test_nothing_scheduled_is_public_at_the_end_of_the_story(told):
    scheduled = Edition.objects.filter(live_from__gt=told.ends)
    assert scheduled.count() == 2
    assert not Edition.objects.live(told.ends).filter(article__in=scheduled.values("article")).exists()
    successor = Appointment.objects.get(since__gt=told.ends)
    assert not successor.is_public(told.ends) and successor.is_public(successor.public_from)
    assert successor.public_from == scheduled.order_by("live_from").first().live_from
    for model in (Organisation, Position, Person, Topic):
        assert not model.objects.exclude(public_from__lte=told.ends).exists()


def test_everything_happened_when_the_files_say(told):
    for name in told.texts:
        article = Article.objects.get(uid=uid("article", name))
        steps = [step.at for step in told.steps if step.article == name]
        assert list(article.acts.order_by("at", "id").values_list("at", flat=True)) == steps
        assert article.created_at == steps[0]
        assert not article.editions.filter(saved_at__gt=steps[-1]).exists()


def test_the_chain_holds_and_the_record_can_be_rebuilt_from_it(told):
    head, live = GENESIS, {}
    for change in Change.objects.order_by("seq"):
        event = Event(change.at, change.kind, change.type, change.uid, change.edition, change.content_hash)
        head = chained(head, change.seq, event)
        assert change.head == head
        if change.kind == Change.LIVE:
            live[change.uid] = change.edition
        elif change.type == "article" and change.kind != Change.RECLASSIFIED:
            live.pop(change.uid)
    state = State.objects.get()
    assert (state.head, state.horizon) == (head, told.ends)
    assert live == dict(Edition.objects.live(told.ends).values_list("article__uid", "number"))


def test_the_three_hands_can_sign_in_as_the_page_says(told):
    for role in ("writer", "editor", "publisher"):
        user = authenticate(username=role, password=password(role))
        assert user.is_staff and [group.name for group in user.groups.all()] == [role]


def test_a_second_run_keeps_everything(told):
    def stored():
        models = [model for app in ("people", "articles", "auth") for model in apps.get_app_config(app).get_models()]
        counts = {model.__name__: model.objects.count() for model in models}
        return counts, State.objects.values().get(), Stamp.objects.values().get()

    before = stored()
    assert "kept as it is" in demo()
    with pytest.raises(CommandError, match="not empty"):
        demo(articles=10)
    assert stored() == before


def test_identifiers_follow_from_the_files():
    name = "ingra-solheim-vance"
    assert re.fullmatch(r"[2-9a-hjkmnp-tv-z]{10}", uid("person", name))
    assert uid("person", name) == "ew5ydvbaa2"
    assert uid("article", name) != uid("person", name)


# The generated past


@pytest.fixture
def backlogged(db, monkeypatch):
    """Two hundred articles before the story, written in more than one chunk."""
    monkeypatch.setattr(backlog, "CHUNK", 150)
    said = demo(articles=200)
    connection.check_constraints()
    assert "150 of 200" in said and "200 of 200" in said
    return Story()


def test_generated_articles_are_such_as_the_verbs_leave(backlogged):
    story = backlogged
    since = backlog.years_before(story)
    generated = Edition.objects.filter(live_from__lt=story.begins).select_related("article")
    assert generated.count() == 200
    assert set(generated) == set(Edition.objects.live(story.begins))
    assert since < min(edition.live_from for edition in generated) < since + timedelta(365)
    for edition in generated:
        spans = body.quotes(edition.body)
        assert body.clean(edition.body) == edition.body
        assert body.plain_text(edition.body) == edition.plain_text
        assert [(span.key, span.text) for span in spans] == list(edition.quotes.values_list("quote__key", "text"))
        assert 1 <= len(spans) <= 3 and not edition.blockers() and edition.topics.count()
        assert edition.text_hash == edition.approved_hash == edition.fingerprint()
        assert edition.content_hash == content_hash(edition.salt, edition.text_hash, edition.note, edition.change_class)
        assert edition.sorted_at == edition.live_from
        assert set(edition.quotes.values_list("sorted_at", flat=True)) == {edition.sorted_at}
    assert Change.objects.filter(kind=Change.LIVE, at__lt=story.begins).count() == 200
    assert Article.objects.count() == 200 + len(story.texts)


def test_the_generated_past_is_the_same_every_time(db):
    story = Story()
    story.begin(since=backlog.years_before(story))
    texts = []
    for _ in range(2):
        with transaction.atomic():
            backlog.fill(story, 5)
            rows = Edition.objects.order_by("live_from").values_list("article__slug", "live_from", "text_hash")
            texts.append(list(rows))
            transaction.set_rollback(True)
    assert len(texts[0]) == 5 and texts[0] == texts[1]
