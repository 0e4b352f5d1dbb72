"""The database refuses to change or delete what is sealed, on both engines, whoever asks and however."""

import random
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.db.models import CharField, ProtectedError

from articles import seal
from articles.images import Rendition
from articles.ledger import BEFORE_ALL_TIME, Change, Stamp, State
from articles.merges import merge_people
from articles.models import (
    Article,
    Attachment,
    Edition,
    Ending,
    Erasure,
    Image,
    Mention,
    Placement,
    Quote,
    QuoteText,
    RelatedItem,
    Topic,
    sweep,
)  # fmt: skip
from articles.moment import moment
from people.models import Appointment, Organisation, Person, Position
from tests.conftest import instant
from tests.test_ledger import in_threads

PUBLISHED, SCHEDULED = instant("2024-03-01 10:00"), instant("2024-03-05 10:00")


@pytest.fixture(params=["live", "scheduled", "superseded"])
def sealed(world, request):
    """An edition with every kind of child, sealed in one of three ways."""
    edition = world.draft("Forty ferries", body=f"<p>{world.quote('We sail at dawn.', 'dawn1')} she said.</p>")
    image = Image.objects.create(title="A pier", file="images/pier.jpg", width=4, height=3)
    edition.placements.create(image=image, alt="A pier in mist", caption="The pier", credit="The council")
    edition.attachments.create(title="Timetable", file="attachments/t.pdf")
    edition.related.create(label="Press conference", kind="press-conference", after_paragraph=1)
    edition.mentions.create(person=world.ilo, name="Ilo Verhaak", office="Secretary-General")
    edition.topics.add(world.ferries)
    world.approve(edition, at=PUBLISHED)
    if request.param == "scheduled":
        edition.schedule(world.publisher, SCHEDULED, at=PUBLISHED)
    else:
        edition.publish(world.publisher, at=PUBLISHED)
    if request.param == "superseded":
        world.published(
            "Forty-one ferries", article=edition.article, at=PUBLISHED + timedelta(1), change_class="update", note="41."
        )  # fmt: skip
    edition.refresh_from_db()
    return edition


def refused(change, *args, **kwargs):
    """The database (or the guard before it) says no, and nothing is changed."""
    with pytest.raises((DatabaseError, ProtectedError, ValidationError)), transaction.atomic():
        change(*args, **kwargs)


def other(field, value):
    """Some value of the field's type that is not the one stored."""
    kind = field.get_internal_type()
    if kind == "BooleanField":
        return not value
    if kind in {"DateTimeField", "DateField"}:
        return (value or SCHEDULED) + timedelta(days=-3000)
    if "Integer" in kind or kind in {"ForeignKey", "BigAutoField"}:
        return (value or 0) + 7
    return f"{value}x"[-12:]


def test_the_seal_stands_as_generated(db):
    assert seal.differences() == []


def test_every_column_of_a_sealed_edition_is_refused_by_update(sealed):
    for field in Edition._meta.concrete_fields:
        before = getattr(sealed, field.attname)
        scheduled = sealed.live_from == SCHEDULED
        if field.name in {"withheld", "translated_from"} or (scheduled and field.name in {"number", "sorted_at"}):
            continue  # one may become true, one is classification; the others may move with the start
        movable = {"live_from", "live_until", "expires_at"}
        value = BEFORE_ALL_TIME if field.name in movable else other(field, before)
        refused(Edition.objects.filter(pk=sealed.pk).update, **{field.attname: value})
    fresh = Edition.objects.get(pk=sealed.pk)
    assert all(getattr(fresh, f.attname) == getattr(sealed, f.attname) for f in Edition._meta.concrete_fields)


def test_words_are_refused_through_save_bulk_update_and_upsert(sealed):
    sealed.headline = "Fifty ferries"
    refused(sealed.save)
    refused(Edition.objects.bulk_update, [sealed], ["headline"])
    refused(
        Edition.objects.bulk_create, [sealed], update_conflicts=True, unique_fields=["id"], update_fields=["headline"]
    )
    assert Edition.objects.get(pk=sealed.pk).headline == "Forty ferries"


def test_an_unchanged_full_save_passes(sealed):
    sealed.save()


def test_a_sealed_row_is_never_deleted(sealed):
    refused(sealed.delete)
    refused(Edition.objects.filter(pk=sealed.pk)._raw_delete, "default")
    refused(sealed.article.delete)
    refused(sealed.discard, None)
    with connection.cursor() as cursor:
        refused(cursor.execute, "DELETE FROM articles_quotetext")
        refused(cursor.execute, "DELETE FROM articles_edition")
        refused(cursor.execute, "DELETE FROM articles_article")
        refused(cursor.execute, "UPDATE articles_edition SET body = 'other' WHERE live_from IS NOT NULL")
        refused(cursor.execute, "UPDATE articles_quotetext SET text = 'other'")


@pytest.mark.parametrize("table", ["edition", "quotetext", "change", "state", "placement"])
def test_engine_specific_ways_round_are_closed(sealed, table):
    sweep(SCHEDULED + timedelta(1))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            refused(cursor.execute, f"TRUNCATE articles_{table} CASCADE")
        else:
            refused(cursor.execute, f"INSERT OR REPLACE INTO articles_{table} SELECT * FROM articles_{table}")
            refused(cursor.execute, f"REPLACE INTO articles_{table} SELECT * FROM articles_{table}")
            key = {"change": "seq", "edition": "number"}.get(table, "id")
            refused(cursor.execute, f"UPDATE OR REPLACE articles_{table} SET {key} = {key} + 1")


@pytest.mark.parametrize("model", [QuoteText, Placement, Attachment])
def test_children_that_bear_words_can_be_neither_changed_nor_added_nor_removed(sealed, model):
    child = model.objects.filter(edition=sealed).get()
    for field in model._meta.concrete_fields:
        if field.attname != "sorted_at":
            refused(
                model.objects.filter(pk=child.pk).update, **{field.attname: other(field, getattr(child, field.attname))}
            )
    refused(child.delete)
    copy = model.objects.get(pk=child.pk)
    copy.pk = None
    refused(copy.save, force_insert=True)


def test_a_picture_shown_in_a_sealed_edition_stays_that_picture(sealed):
    image = sealed.placements.get().image
    refused(Image.objects.filter(pk=image.pk).update, file="images/other.jpg")
    refused(Image.objects.filter(pk=image.pk).update, width=9)
    refused(image.delete)
    Image.objects.filter(pk=image.pk).update(title="Found again by this", focal_x="0.3")


def test_classification_may_be_amended_and_the_ledger_says_so(world):
    edition = world.published(at=PUBLISHED)
    sweep(PUBLISHED + timedelta(1))
    edition.article.reclassify(world.publisher, [world.ferries], at=PUBLISHED + timedelta(2))
    edition.related.create(label="Timetable", kind="document")
    edition.mentions.create(person=world.ilo, name="Ilo Verhaak")
    sweep(PUBLISHED + timedelta(3))
    assert [c.kind for c in Change.objects.filter(type="article")] == ["live", "reclassified", "reclassified"]


def test_withheld_is_never_undone(world):
    edition = world.published(at=PUBLISHED)
    edition.article.withdraw(world.publisher, "Wrong figures.", at=PUBLISHED + timedelta(1))
    refused(Edition.objects.filter(pk=edition.pk).update, withheld=False)
    refused(Ending.objects.update, reason="Another reason.")


def test_closed_time_is_closed(world):
    edition = world.ready(at=PUBLISHED)
    sweep(SCHEDULED)
    facts = {"number": 1, "sorted_at": PUBLISHED, "content_hash": "x", "live_from": PUBLISHED}
    refused(Edition.objects.filter(pk=edition.pk).update, **facts)
    refused(Person.objects.filter(pk=world.ilo.pk).update, public_from=PUBLISHED)
    refused(State.objects.update, horizon=PUBLISHED)
    refused(State.objects.all().delete)
    assert edition.publish(world.publisher, at=PUBLISHED).live_from > SCHEDULED


def test_two_editions_of_an_article_never_overlap(world):
    edition = world.published(at=PUBLISHED)
    second = world.ready("Two", article=edition.article, at=PUBLISHED, change_class="update", note="More.")
    start = State.objects.get().next_instant()
    facts = {"number": 2, "sorted_at": PUBLISHED, "content_hash": "x", "live_from": start}
    refused(Edition.objects.filter(pk=second.pk).update, **facts)


def test_only_the_tombstone_opens_the_door_and_only_to_empty(sealed, world):
    emptied = {"headline": "", "summary": "", "body": "", "plain_text": ""}
    refused(Edition.objects.filter(pk=sealed.pk).update, **emptied)
    at = State.objects.get().next_instant()
    Erasure.objects.create(article=sealed.article, at=at, ground="order")
    refused(Edition.objects.filter(pk=sealed.pk).update, headline="Other words")
    refused(Edition.objects.filter(pk=sealed.pk).update, content_hash="")
    refused(QuoteText.objects.filter(edition=sealed).update, text="Other words")
    Edition.objects.filter(pk=sealed.pk).update(**emptied)
    QuoteText.objects.filter(edition=sealed).update(text="", speaker=None, speaker_name="")
    refused(Erasure.objects.update, ground="another")
    refused(Erasure.objects.all().delete)


def test_a_speaker_moves_only_to_the_survivor_of_a_merge(sealed, world):
    twin = Person.objects.create(name="M. Ostrander-Lie")
    refused(QuoteText.objects.filter(edition=sealed).update, speaker=twin)
    merge_people(world.mara, twin, world.publisher)
    text = QuoteText.objects.get(edition=sealed)
    assert (text.speaker, text.speaker_name) == (twin, "Mara Ostrander-Lie")
    assert Person.objects.get(uid=world.mara.uid).survivor() == twin


def test_a_reference_that_is_public_is_kept(world):
    world.published(body=f"<p>{world.quote('We sail at dawn.', 'dawn1')}</p>", at=PUBLISHED)
    for row in (world.mara, world.secretary_general, world.council):
        refused(type(row).objects.filter(pk=row.pk).update, uid="another")
        refused(type(row).objects.filter(pk=row.pk).update, public_from=None)
        refused(type(row).objects.filter(pk=row.pk)._raw_delete, "default")


def test_one_known_holder_at_a_time_is_the_databases_word_too(world):
    refused(
        Appointment.objects.create,
        person=world.ilo, position=world.secretary_general, since=instant("2025-01-01 00:00").date(),
    )  # fmt: skip


def test_verbs_ask_who(world):
    edition = world.draft()
    with pytest.raises(PermissionDenied):
        edition.publish(world.writer)
    edition.submit(world.writer)
    with pytest.raises(PermissionDenied):
        edition.approve(world.writer)
    with pytest.raises(PermissionDenied):
        edition.article.withdraw(world.editor, "No.")
    editors_own = Article.objects.create().start_edition(
        world.editor, headline="Mine", body="<p>Mine.</p>", summary="S"
    )
    editors_own.submit(world.editor)
    with pytest.raises(PermissionDenied, match="wrote at"):
        editors_own.approve(world.editor)


def test_only_the_approved_text_is_sealed(world):
    edition = world.ready(at=PUBLISHED)
    edition.summary = "Another summary."
    edition.save(by=world.writer)
    with pytest.raises(ValidationError, match="approved"):
        edition.publish(world.publisher, at=PUBLISHED)
    world.approve(edition)
    edition.placements.create(image=Image.objects.create(title="t", file="images/a.jpg", width=1, height=1), alt="A")
    with pytest.raises(ValidationError, match="approved"):
        edition.publish(world.publisher, at=PUBLISHED)


# The stamp: every public table renews it, drafts never do


def settle():
    """What a commit does: PostgreSQL runs its deferred triggers."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        Stamp.objects.update(renewed_by="")  # as if the next write came from another transaction


def renews(write):
    settle()
    before = Stamp.objects.get().value
    write()
    settle()
    return Stamp.objects.get().value != before


def touch(row, **values):
    return lambda: type(row).objects.filter(pk=row.pk).update(**values)


def public_writes(world, edition):
    """One write to every public table that the public can see: {table: callable}."""
    article, text = edition.article, edition.quotes.get()
    appointment = Appointment.objects.filter(person=world.mara, position=world.secretary_general).get()
    twin = Person.objects.create(name="Twin")
    Person.objects.filter(pk=world.mara.pk).update(merged_into=twin)
    through, quote_topics = Edition.topics.through, Quote.topics.through
    return {
        Person: touch(world.mara, biography="Rows."), Organisation: touch(world.council, abbreviation="CoL"),
        Position: touch(world.secretary_general, rank=11), Appointment: touch(appointment, acting=True),
        Topic: touch(world.ferries, description="Boats."),
        seal.FormerSlug: lambda: world.mara.former_slugs.create(slug="mara-o"),
        seal.FormerPath: lambda: world.ferries.former_paths.create(path="boats"),
        Edition: touch(edition, withheld=True), QuoteText: touch(text, speaker=twin),
        Mention: lambda: edition.mentions.create(person=twin),
        RelatedItem: lambda: edition.related.create(label="More"),
        through: lambda: through.objects.create(edition=edition, topic=world.water),
        quote_topics: lambda: quote_topics.objects.create(quote=text.quote, topic=world.water),
        Article: touch(article, slug="forty"), seal.OldSlug: lambda: article.former_slugs.create(slug="once"),
        Quote: touch(text.quote, translation_of=Quote.objects.create(key="orig1", article=article)),
        Image: touch(edition.placements.get().image, focal_x="0.4"),
        Rendition: lambda: edition.placements.get().image.renditions.create(
            shape="wide", width=2, height=1, file="images/small.jpg"
        ),
        Ending: lambda: Ending.objects.create(
            article=article, edition=edition, kind="withdrawn", at=State.objects.get().next_instant()
        ),
        Erasure: lambda: Erasure.objects.create(article=article, at=State.objects.get().next_instant(), ground="g"),
        Placement: touch(edition.placements.get(), alt="", caption="", credit=""),
        Attachment: touch(edition.attachments.get(), title="", file=""),
        seal.ErasedAddress: lambda: seal.ErasedAddress.objects.create(digest="d", erasure=Erasure.objects.get()),
        seal.StandingPage: touch(seal.StandingPage.objects.first(), body="<p>Anew.</p>"),
    }  # fmt: skip


@pytest.mark.parametrize("sealed", ["live"], indirect=True)
def test_a_write_to_any_public_table_renews_the_stamp(sealed, world):
    writes = public_writes(world, sealed)
    assert set(writes) == set(seal.PUBLIC)
    assert [model.__name__ for model, write in writes.items() if not renews(write)] == []


@pytest.mark.parametrize("sealed", ["live"], indirect=True)
def test_the_control_without_stamp_triggers_every_write_goes_unseen(sealed, world):
    writes = public_writes(world, sealed)
    seal.remove()
    try:
        assert not any(renews(write) for write in writes.values())
    finally:
        transaction.set_rollback(False)
        seal.install()


def test_draft_work_never_renews_the_stamp(world):
    def work():
        edition = world.ready(body=f"<p>{world.quote('We sail at dawn.', 'dawn1')}</p>")
        edition.topics.add(world.ferries)
        edition.mentions.create(person=world.ilo)
        edition.related.create(label="More")
        world.mara.biography = "Private still."
        world.mara.save()
        edition.discard(world.editor)

    assert not renews(work)


def test_no_cached_answer_outlives_a_change_or_a_boundary(world):
    """A cache keyed by the version alone, filled and asked at random between random writes and jumps of the clock."""
    rng, cache, hits, now = random.Random(7), {}, 0, PUBLISHED
    articles = [world.published(f"Story {n}", at=PUBLISHED).article for n in range(3)]

    def answer(at):
        return (
            sorted(Edition.objects.live(at).values_list("headline", "number")),
            sorted(Topic.objects.public(at).values_list("name", "description")),
            sorted(Person.objects.public(at).values_list("name", "biography")),
        )

    for number in range(150):
        now += timedelta(seconds=rng.choice([0, 0, 0, 1, 3600]))
        act = rng.random()
        article = rng.choice(articles)
        if act < 0.1:
            body = f"<p>{world.quote('Words.', f'key{number}')}</p>"
            draft = world.ready(f"S{number}", article=article, at=now, body=body, change_class="update", note="N")
            if rng.random() < 0.5:
                draft.topics.add(rng.choice([world.water, world.ferries]))
            if not article.editions.filter(live_from__gt=now).exists():
                draft.schedule(world.publisher, now + timedelta(seconds=rng.choice([1, 1800])), at=now)
        elif act < 0.2:
            touch(world.ferries, description=str(number))()
        elif act < 0.25:
            touch(world.mara, biography=str(number))()
        settle()
        seen = moment(now=now)
        key, fresh = seen.version, answer(seen.at)
        hits += key in cache
        assert cache.setdefault(key, fresh) == fresh
    assert hits > 40


def test_a_migration_that_alters_and_backfills_an_edition_leaves_the_seal_in_place(open_world):
    """What a later migration does: the seal is lifted, the table altered and filled, and the seal is back and whole."""
    edition = open_world.published()
    seal.before_migrate(plan=["something"])
    field = CharField(max_length=20, default="", db_default="")
    field.set_attributes_from_name("colour")
    field.model = Edition
    with connection.schema_editor() as editor:
        editor.add_field(Edition, field)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE articles_edition SET colour = 'blue'")
    assert seal.differences()
    seal.after_migrate()
    assert seal.differences() == []
    refused(Edition.objects.filter(pk=edition.pk).update, headline="Other")
    seal.before_migrate(plan=["something"])
    with connection.schema_editor() as editor:
        editor.remove_field(Edition, field)
    seal.after_migrate()
    refused(Edition.objects.filter(pk=edition.pk).update, headline="Other")


def test_a_seal_that_was_tampered_with_is_noticed(db):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE articles_edition DISABLE TRIGGER record_articles_edition_update")
            assert seal.differences() == ["record_articles_edition_update is altered"]
            cursor.execute("DROP TRIGGER record_articles_edition_update ON articles_edition")
            assert seal.differences() == ["record_articles_edition_update is missing"]
        else:
            cursor.execute("DROP TRIGGER record_articles_edition_update_words")
            assert seal.differences() == ["record_articles_edition_update_words is missing"]


def test_sixteen_threads_publishing_on_five_articles_never_overlap_and_nobody_in_the_right_is_refused(open_world):
    world = open_world
    articles = [world.published(f"Story {n}").article for n in range(5)]
    outcomes = []

    def work(number):
        rng = random.Random(number)
        for _ in range(3):
            article = rng.choice(articles)
            draft = world.ready(f"{article.slug} by {number}", article=article, change_class="update", note="More.")
            try:
                draft.publish(world.publisher)
                outcomes.append("published")
            except ValidationError as refusal:
                assert "went live since" in str(refusal)  # somebody was first: the one reason to be refused
                outcomes.append("overtaken")

    in_threads(16, work)
    assert len(outcomes) == 48 and outcomes.count("published") >= 5
    for article in articles:
        editions = list(article.editions.exclude(live_from=None).order_by("live_from"))
        assert [e.number for e in editions] == list(range(1, len(editions) + 1))
        assert all(a.live_until == b.live_from for a, b in zip(editions, editions[1:], strict=False))
