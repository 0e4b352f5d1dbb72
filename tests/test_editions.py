"""Articles and their editions, as editors speak of them: drafts, reviews, what stops a text, ways off the site."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from articles import body as bodies
from articles.ledger import Change, database_now
from articles.models import Article, Edition, ErasedAddress, Quote, QuoteText, Release, Stale, Topic, sweep
from people.models import Person
from tests.conftest import instant

TEN = instant("2024-03-01 10:00")
TICK = timedelta(microseconds=1)


def test_live_is_half_open_to_the_microsecond(world):
    first = world.published("One", at=TEN)
    second = world.ready("Two", article=first.article, at=TEN + TICK, change_class="update", note="More.")
    second.schedule(world.publisher, TEN + timedelta(days=1), at=TEN + timedelta(hours=1))
    first.article.expire(world.publisher, TEN + timedelta(days=2), at=TEN + timedelta(hours=2))
    change, end = TEN + timedelta(days=1), TEN + timedelta(days=2)
    expected = {
        TEN - TICK: [], TEN: ["One"], TEN + TICK: ["One"],
        change - TICK: ["One"], change: ["Two"], change + TICK: ["Two"],
        end - TICK: ["Two"], end: [], end + TICK: [],
    }  # fmt: skip
    assert {at: [e.headline for e in Edition.objects.live(at)] for at in expected} == expected
    assert Edition.objects.on_record(end).count() == 2 and not Edition.objects.on_record(TEN - TICK).exists()


def test_quotes_are_live_with_their_edition(world):
    world.published(body=f"<p>{world.quote('We sail.', 'sail1')}</p>", at=TEN)
    assert not QuoteText.objects.live(TEN - TICK).exists()
    assert QuoteText.objects.live(TEN).get().text == "We sail."


def test_the_office_of_the_day_is_printed_and_stays(world):
    body = (
        f"<p>{world.quote('We sail.', 'sail1')} and earlier “<q data-quote='past1' data-on='2019-01-01'"
        f" data-speaker='{world.mara.uid}'>We wait.</q>”.</p>"
    )
    edition = world.published(body=body, at=TEN)
    assert list(edition.quotes.values_list("office", "said_on")) == [
        ("Secretary-General", date(2024, 3, 1)), ("Commissioner for Ferries", date(2019, 1, 1)),
    ]  # fmt: skip
    world.secretary_general.title = "Head of the Council"
    world.secretary_general.save(update_fields=["title"])
    assert QuoteText.objects.get(quote__key="sail1").office == "Secretary-General"


def test_an_imported_item_is_sorted_in_its_own_year_and_its_record_begins_today(world):
    edition = world.published(dated=date(2019, 5, 30), at=TEN)
    assert edition.live_from == TEN
    assert edition.sorted_at == instant("2019-05-29 22:00")  # local midnight
    assert not Edition.objects.live(instant("2020-01-01 00:00")).exists()
    corrected = world.published(
        "Again",
        article=edition.article,
        dated=date(2019, 5, 30),
        at=TEN + timedelta(1),
        change_class="update",
        note="N",
    )
    assert corrected.sorted_at == edition.sorted_at
    later = world.published(dated=date(2030, 1, 1), at=TEN + timedelta(2))
    assert later.sorted_at == later.live_from


def test_every_save_of_a_draft_is_kept(world):
    edition = world.draft("First words")
    edition.headline = "Second words"
    edition.save(by=world.editor)
    assert [(s.by, s.words["headline"]) for s in edition.saves.all()] == [
        (world.editor, "Second words"), (world.writer, "First words"),
    ]  # fmt: skip


def test_whoever_saves_second_is_told_and_overwrites_nothing(world):
    edition = world.draft("First words")
    mine, theirs = (Edition.objects.get(pk=edition.pk) for _ in range(2))
    theirs.headline = "Their words"
    theirs.save(by=world.editor)
    mine.headline = "My words"
    with pytest.raises(Stale) as refusal:
        mine.save(by=world.writer)
    assert refusal.value.theirs.headline == "Their words"
    assert Edition.objects.get(pk=edition.pk).headline == "Their words"


def test_a_review_in_the_meantime_does_not_cost_the_writer_a_save(world):
    edition = world.draft()
    mine = Edition.objects.get(pk=edition.pk)
    edition.submit(world.writer)
    mine.summary = "Another summary."
    mine.save(by=world.writer)
    assert Edition.objects.get(pk=edition.pk).review_state == "in-review"


def test_whoever_wrote_at_a_text_does_not_approve_it(world):
    edition = world.draft()
    edition.summary = "Rewritten by the editor."
    edition.save(by=world.editor)
    edition.submit(world.writer)
    with pytest.raises(PermissionDenied, match="You wrote at this text"):
        edition.approve(world.editor)
    edition.approve(world.publisher)


def test_the_states_of_a_review(world):
    edition = world.draft()
    states = [edition.review_state]
    edition.submit(world.writer)
    states.append(edition.review_state)
    edition.send_back(world.editor, "The second figure is from the draft report.")
    states.append(edition.review_state)
    edition.submit(world.writer)
    edition.approve(world.editor)
    states.append(edition.review_state)
    edition.save(by=world.writer)
    states.append(edition.review_state)
    assert states == ["writing", "in-review", "returned", "ready", "in-review"]
    assert [a.verb for a in edition.acts.order_by("id")] == ["start", "submit", "return", "submit", "approve"]


@pytest.mark.parametrize(
    "words, sentence",
    [
        ({"summary": ""}, "no summary"),
        ({"body": ""}, "no text"),
        ({"body": "<p>“<q data-quote='none1'>Nobody said it so.</q>”</p>"}, "no speaker"),
        ({"embargo": "EMBARGOED UNTIL NOON"}, "Decide the embargo"),
    ],
)
def test_what_stops_a_publication_is_said_in_a_sentence(world, words, sentence):
    edition = world.ready(**words)
    with pytest.raises(ValidationError, match=sentence):
        edition.publish(world.publisher)
    assert Edition.objects.get(pk=edition.pk).live_from is None


def test_a_proposed_person_is_confirmed_before_publication(world):
    Person.objects.filter(pk=world.mara.pk).update(proposed=True)
    edition = world.ready(body=f"<p>{world.quote('We sail.', 'sail1')}</p>")
    with pytest.raises(ValidationError, match="only proposed"):
        edition.publish(world.publisher)


def test_a_speaker_without_an_office_that_day_stops_a_publication(world):
    edition = world.ready(body=f"<p>{world.quote('We sail.', 'sail1', world.ilo)}</p>")
    with pytest.raises(ValidationError, match="held no known office"):
        edition.publish(world.publisher)


def test_the_system_sets_the_floor_of_a_change(world):
    first = world.published("Ferries run again", at=TEN)

    def floor(**words):
        edition = world.draft("Ferries run again", article=first.article, change_class="typographic", **words)
        return edition.floor()

    text = "Ferries run again, the council said."
    assert floor(body=f"<p>{text.replace('council', 'counsel')}</p>") == "typographic"
    assert floor(body=f"<p>{text} Not today.</p>") == "update"
    assert floor(body=f"<p>{text} 14 boats.</p>") == "update"
    assert floor(event_date=date(2024, 3, 2)) == "update"
    assert floor(body=f"<p>{text} {world.quote('we sail', 'sail2')}</p>") == "update"


def test_a_change_needs_its_class_and_its_note(world):
    first = world.published("One", at=TEN)
    second = world.ready("Two", article=first.article)
    with pytest.raises(ValidationError, match="what kind of change"):
        second.publish(world.publisher)
    second.change_class = "typographic"
    second.save(by=world.writer)
    world.approve(second)
    with pytest.raises(ValidationError, match="More than typography"):
        second.publish(world.publisher)


def test_a_draft_whose_base_was_replaced_is_not_published_over_it(world):
    first = world.published("One", at=TEN)
    slow = world.ready("Slow", article=first.article, change_class="update", note="N")
    world.published("Quick", article=first.article, change_class="update", note="N")
    with pytest.raises(ValidationError, match="went live since"):
        slow.publish(world.publisher)


def test_one_edition_at_a_time_is_scheduled(world):
    edition = world.ready("One", at=TEN)
    edition.schedule(world.publisher, TEN + timedelta(days=5), at=TEN)
    second = world.ready("Two", article=edition.article, change_class="update", note="N")
    with pytest.raises(ValidationError, match="already scheduled"):
        second.publish(world.publisher, at=TEN + timedelta(days=1))
    edition.reschedule(world.publisher, TEN + timedelta(days=3), at=TEN + timedelta(days=1))
    assert Edition.objects.live(TEN + timedelta(days=3)).get().headline == "One"
    edition.cancel(world.publisher, at=TEN + timedelta(days=2))
    assert Edition.objects.get(pk=edition.pk).review_state == "ready"


def test_withdraw_redirect_and_expire_stay_apart(world):
    gone, moved, ended = (world.published(name, at=TEN).article for name in ("Gone", "Moved", "Ended"))
    later = TEN + timedelta(days=1)
    gone.withdraw(world.publisher, "The figures were wrong.", at=later)
    moved.redirect(world.publisher, target=ended, at=later)
    ended.expire(world.publisher, at=later)
    assert not Edition.objects.live(later + TICK * 9).exists()
    past = {e.headline for e in Edition.objects.live(TEN + timedelta(hours=1))}
    assert past == {"Moved", "Ended"}
    assert (gone.ending(later + TICK * 9).kind, moved.ending(later + TICK * 9).target) == ("withdrawn", ended)
    assert sorted(c.kind for c in Change.objects.filter(type="article", at__gte=later)) == [
        "ended", "redirected", "withdrawn",
    ]  # fmt: skip


def test_what_was_withdrawn_can_be_published_again_as_a_new_edition(world):
    article = world.published("One", at=TEN).article
    article.withdraw(world.publisher, "Wrong.", at=TEN + timedelta(days=1))
    again = world.published("Two", article=article, at=TEN + timedelta(days=2))
    assert again.number == 2 and again.based_on is None
    assert Edition.objects.live(TEN + timedelta(days=3)).get() == again


def test_erasing_leaves_no_word_and_an_intact_chain(world):
    canary = "Xanthorrhiza"
    edition = world.draft(
        f"{canary} ferries", summary=canary, place=canary, body=f"<p>{world.quote(f'{canary} sails.', 'sail1')}</p>"
    )
    article = edition.article
    assert canary.lower() in article.slug
    edition.mentions.create(person=world.ilo, name=canary)
    edition.related.create(label=canary)
    world.approve(edition, at=TEN)
    edition.publish(world.publisher, at=TEN)
    Release.objects.create(
        article=article, name=canary, digest="d", text=canary, proposal={"a": canary}, imported_at=TEN
    )
    slug = article.slug
    article.erase(world.publisher, "court order 12", at=TEN + timedelta(days=1))
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            assert canary.lower() not in str(cursor.fetchall()).lower(), table
    assert ErasedAddress.objects.filter(digest=ErasedAddress.digest_of(slug)).exists()
    assert Edition.objects.get(pk=edition.pk).content_hash == edition.content_hash
    assert [c.kind for c in Change.objects.filter(type="article")] == ["live", "erased"]


def test_erasing_a_draft_tells_nobody_that_there_was_one(world):
    article = world.draft("Nobody knows").article
    article.erase(world.publisher, "order")
    sweep()
    assert not Change.objects.exists() and not ErasedAddress.objects.exists() and not article.editions.exists()


def test_a_copied_body_gets_keys_of_its_own(world):
    original = world.published(body=f"<p>{world.quote('We sail.', 'sail1')}</p>", at=TEN)
    translation = Article.objects.create(language="fr", translation_of=original.article)
    copy = translation.start_edition(world.writer, headline="Bacs", body=original.body, summary="S")
    (key,) = copy.quotes.values_list("quote__key", flat=True)
    assert key != "sail1" and Quote.objects.get(key=key).translation_of.key == "sail1"
    assert copy.language == "fr"


def test_a_new_address_keeps_the_old_one_answering(world):
    article = world.published("One", at=TEN).article
    article.move(world.publisher, "the-first")
    assert list(article.former_slugs.values_list("slug", flat=True)) == ["one"]
    with pytest.raises(ValidationError, match="in use"):
        world.draft("Other").article.move(world.publisher, "one")


def test_a_topic_that_moves_takes_its_branch_along_and_leaves_redirects(world):
    world.water.slug = "lakes"
    world.water.save()
    assert Topic.objects.get(pk=world.ferries.pk).path == "lakes/ferries"
    assert set(world.ferries.former_paths.values_list("path", flat=True)) == {"water/ferries"}
    assert set(Topic.objects.at_or_under(world.water)) == {world.water, Topic.objects.get(pk=world.ferries.pk)}


@settings(max_examples=25)
@given(words=st.text(min_size=1, max_size=60), loose=st.text(max_size=40))
def test_the_text_of_a_quote_is_the_text_of_its_spans(db_world, words, loose):
    start = len(loose) + 1
    span = [(0, start, start + len(words))]
    markup = bodies.mark_up([f"{loose} {words}."], [("quote1", db_world.mara.uid, None, span)])
    edition = db_world.draft(body=markup)
    spans = bodies.quotes(edition.body)
    assert [text.text for text in edition.quotes.all()] == [span.text for span in spans]


@pytest.fixture
def db_world(world):
    return world


def test_a_draft_begun_from_a_schedule_that_was_discarded_goes_on_from_what_stood_before(world):
    first = world.published()
    waiting = world.ready(article=first.article, change_class="update", note="More is known.")
    waiting.schedule(world.publisher, database_now() + timedelta(days=1))
    draft = world.draft("Later still", article=first.article)
    waiting.cancel(world.publisher)
    waiting.discard(world.publisher)
    draft.refresh_from_db()
    assert draft.based_on == first


def test_what_was_begun_from_a_schedule_called_off_is_published_and_either_can_go(world):
    waiting = world.ready("Called off")
    waiting.schedule(world.publisher, database_now() + timedelta(days=1))
    again = {"article": waiting.article, "change_class": "update", "note": "More is known."}
    later, left = world.ready("Goes out", **again), world.draft("Left", **again)
    waiting.cancel(world.publisher)
    later.publish(world.publisher)
    assert Edition.objects.get(pk=later.pk).based_on is None
    assert Edition.objects.get(pk=left.pk).based_on == waiting
    waiting.article.erase(world.publisher, "court order")
    assert [edition.headline for edition in waiting.article.editions.all()] == [""]


def test_what_was_discarded_meanwhile_refuses_every_verb_in_words(world):
    draft = world.ready()
    Edition.objects.get(pk=draft.pk).discard(world.writer)
    for verb in (draft.publish, draft.cancel, draft.discard):
        with pytest.raises(ValidationError, match="discarded meanwhile"):
            verb(world.publisher)
