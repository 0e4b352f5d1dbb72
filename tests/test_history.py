"""History, restoring, previews, links for outsiders and who else has a draft open: what each shows, and to nobody else.

Words that are not public are told apart by a canary; whatever the public can ask for must not say it."""

import io
import re
from datetime import date, timedelta
from urllib.parse import unquote

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from articles import body as bodies
from articles.comparison import compared, texts
from articles.desk import Act, Save
from articles.ledger import Stamp, database_now
from articles.models import Attachment, Edition, Mention, Placement, RelatedItem, Topic
from articles.sharing import Presence, Share, ShareRead
from people.models import Appointment, Person
from tests.conftest import PDF, instant
from tests.test_admin import Desk, Hand, again, picture, queries, said
from tests.test_pages import PLACES, Reader
from tests.test_site import ROOT, SOURCES, imported

CANARY = "zyxomel"
TEN, ELEVEN = instant("2024-03-01 10:00"), instant("2024-03-01 11:00")
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def desk(world):
    return Desk(world)


@pytest.fixture
def reader(monkeypatch):
    return Reader(monkeypatch)


def address(edition, page="history", *more):
    return reverse(f"admin:articles_edition_{page}", args=[edition.pk, *more])


def words_of(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def marked(html, tag):
    return [words_of(found) for found in re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.S)]


def assert_private(response):
    assert {"private", "no-store"} <= {part.strip() for part in response["Cache-Control"].split(",")}
    assert "public" not in response["Cache-Control"] and "ETag" not in response and "Last-Modified" not in response
    assert response["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert response["Referrer-Policy"] in ("same-origin", "no-referrer")


@pytest.fixture
def two(world):
    """An article in two editions: headline, a figure, a speaker, a topic and a paragraph differ."""
    Appointment.objects.create(person=world.ilo, position=world.commissioner, since=date(2023, 9, 1))
    same = "".join(f"<p>Paragraph {number} stays as it was.</p>" for number in range(3))
    first = world.draft(
        "Sixteen calls in one night", article=None,
        body=f"<p>The watch answered sixteen calls.</p>{same}<p>{world.quote('Somebody answered.', 'answer1')}</p>",
    )  # fmt: skip
    first.topics.set([world.water])
    world.approve(first, at=TEN)
    first.publish(world.publisher, at=TEN)
    second = world.draft(
        "Fourteen calls in one night", article=first.article, change_class="correction", note="Two were one boat.",
        body=f"<p>The watch answered fourteen calls.</p>{same}"
        f"<p>{world.quote('Somebody answered.', 'answer1', world.ilo)}</p><p>Sixty people came ashore.</p>",
    )  # fmt: skip
    second.topics.set([world.water, world.ferries])
    world.approve(second, at=ELEVEN)
    second.publish(world.publisher, at=ELEVEN)
    return first, second


# Blocks beside each other

PARAGRAPHS = st.lists(st.sampled_from(["a b c", "a b d", "x y", "one two three four", "one two six four", "z"]))


@given(PARAGRAPHS, PARAGRAPHS)
def test_blocks_beside_each_other_give_both_texts_back_in_order(old, new):
    old, new = ("".join(f"<p>{text}</p>" for text in side) for side in (old, new))
    rows = bodies.block_diff(old, new)
    assert [row[0] for row in rows if row[0]] == bodies.blocks(old)
    assert [row[1] for row in rows if row[1]] == bodies.blocks(new)
    assert (None, None) not in rows


def test_a_changed_block_stands_beside_what_it_became_not_beside_what_was_put_before_it():
    old = "<p>The watch answered sixteen calls.</p><p>The end.</p>"
    new = "<p>It was a long night for everyone.</p><p>The watch answered fourteen calls.</p><p>The end.</p>"
    rows = [tuple(block and block.text for block in row) for row in bodies.block_diff(old, new)]
    assert rows == [
        (None, "It was a long night for everyone."),
        ("The watch answered sixteen calls.", "The watch answered fourteen calls."),
        ("The end.", "The end."),
    ]


@pytest.mark.parametrize(
    "html",
    [
        "<p>She: “<q data-quote='abcd'>No</q>” and “<q data-quote='abcd'>never</q>”.</p>",
        "<ul><li>one</li><li>two <q data-quote='abcd'>three</q><ul><li>four</li></ul></li></ul><p>five<br>six</p>",
        "<blockquote><p>a</p><p><q data-quote='abcd'>b</q></p></blockquote>", "", "loose",
    ],
)  # fmt: skip
def test_runs_of_quotes_join_to_the_plain_text(html):
    assert "".join(text for text, _key in bodies.quote_runs(html)) == bodies.plain_text(html)
    assert [key for _text, key in bodies.quote_runs(html) if key] == ["abcd"] * html.count("<q")


def test_a_long_text_reads_as_what_differs_in_it(world):
    paragraphs = [f"<p>Paragraph {number} of a very long speech, word for word.</p>" for number in range(400)]
    first = world.draft(body="".join(paragraphs))
    paragraphs[200] = paragraphs[200].replace("word for word", "more or less")
    first.body = "".join(paragraphs)
    first.save()
    pair = [f"s{pk}" for pk in first.saves.order_by("id").values_list("pk", flat=True)]
    found = compared(*texts(first.article, pair, timezone.now()))
    assert [len(passage.kept) for passage in found.passages] == [200, 0, 199]
    assert found.differences == 1


# The history page


def test_two_editions_are_compared_word_by_word(desk, two):
    html = desk.writer.client.get(address(two[1])).content.decode()
    assert "Edition 1 and Edition 2" in html and "6 differences." in words_of(html)
    assert {"Sixteen", "sixteen", "Mara Ostrander-Lie"} <= set(marked(html, "del"))
    assert {"Fourteen", "fourteen", "Ilo Verhaak", "Ferries", "Sixty people came ashore."} <= set(marked(html, "ins"))
    assert "Water" not in marked(html, "ins")
    assert "3 paragraphs are the same" in html
    assert "Two were one boat." in html and "Correction" in html
    assert re.search(r"<q><ins>|<q>Somebody answered", html)  # a quote is one in the comparison too


def test_the_speaker_the_words_and_the_source_of_a_quote_are_told(world):
    body = '<p>“<q data-quote="answer1" data-source="the crew">{}</q>”</p>'
    draft = world.draft(body=f"<p>{world.quote('We came.', 'answer1')}</p><p>{world.quote('Gone.', 'other1')}</p>")
    draft.body = body.format("We came at once.")
    draft.save()
    new, old = [f"s{pk}" for pk in draft.saves.values_list("pk", flat=True)]
    rows = {row.name: row for row in compared(*texts(draft.article, [old, new], timezone.now())).rows}
    assert [piece.text for piece in rows["Words of quote 1"].new if piece.changed] == [" at once"]
    speaker = rows["Speaker of quote 1"]
    assert [[piece.text for piece in side] for side in (speaker.old, speaker.new)] == [
        ["Mara Ostrander-Lie"], ["the crew"],
    ]  # fmt: skip
    assert rows["Quote 2"].new == [] and "Gone." in rows["Quote 2"].old[0].text


def test_a_save_and_an_edition_are_compared_by_their_words_only(desk, two):
    oldest = two[0].saves.order_by("id").first()
    html = desk.editor.client.get(address(two[1]), {"from": f"s{oldest.pk}", "to": f"e{two[1].pk}"}).content.decode()
    assert "A save keeps words only" in html
    assert "Fourteen" in marked(html, "ins") and "Ferries" not in marked(html, "ins")
    assert "Speaker of quote 1" in html and "Secretary-General" not in html  # the save does not tell the office


def test_what_was_typed_in_a_conflict_can_be_compared_too(desk, world):
    draft = world.draft()
    typed = {
        "headline": "Mine",
        "event_date": "not a day",
        "expires_at": ["x", ""],
        "body": "<p>Mine<script>",
        "kind": "?",
    }
    save = Save.objects.create(edition=draft, by=world.editor, at=timezone.now(), version=0, words=typed)
    page = desk.writer.client.get(address(draft), {"from": f"s{save.pk}", "to": f"e{draft.pk}"})
    assert page.status_code == 200 and "<script>" not in page.content.decode().split("<main")[1]


@pytest.mark.parametrize("key", ["e0", "x1", "e", "s99999999999", "e" + "9" * 40, "e1 or 1", "é"])
def test_a_text_that_is_not_of_this_article_is_not_found(desk, two, key):
    other = desk.world.draft("Another")
    for asked in (key, f"e{other.pk}", f"s{other.saves.first().pk}"):
        assert desk.publisher.client.get(address(two[0]), {"from": asked}).status_code == 404, asked


def test_of_a_first_draft_the_last_two_saves_are_compared(desk, world):
    draft = world.draft()
    assert "There is one text so far." in desk.writer.client.get(address(draft)).content.decode()
    draft.summary = "The lake is open again."
    draft.save(by=world.editor)
    html = desk.writer.client.get(address(draft)).content.decode()
    assert marked(html, "ins")[1:] == ["again"]  # the first stands in the legend
    assert "editor" in html and "you" in html


def test_saves_beyond_the_first_page_are_reached(desk, world):
    draft = world.draft()
    for number in range(34):
        draft.summary = f"Number {number}."
        draft.save()
    page = desk.writer.client.get(address(draft))
    (older,) = re.findall(r'href="(\?before=\d+)"', page.content.decode())
    rest = desk.writer.client.get(address(draft) + older)
    keys = [save.pk for answer in (page, rest) for save in answer.context["saves"]]
    assert keys == [*draft.saves.order_by("-id").values_list("pk", flat=True)]


def test_the_history_costs_the_same_for_few_and_for_many(desk, world, two):
    few = queries(desk.editor, address(two[1]))
    edition = two[1]
    for number in range(3, 7):
        quotes = "".join(f"<p>{world.quote(f'We sail, {n}.', f'sail{n}')}</p>" for n in range(number * 3))
        edition = world.draft(
            f"Edition {number}", article=edition.article, body=quotes, change_class="update", note="X"
        )
        for save in range(4):
            edition.summary = f"Save {save}"
            edition.save(by=world.editor)
        Mention.objects.get_or_create(edition=edition, person=world.mara)
        RelatedItem.objects.create(edition=edition, label="Watch", url="https://council.example/v")
        edition.submit(world.writer)
        Edition.objects.filter(pk=edition.pk).update(
            approved_at=timezone.now(), approved_hash=again(edition).fingerprint()
        )
        edition = again(edition).publish(world.publisher)
    assert queries(desk.editor, address(edition)) <= few + 2 <= 30  # a first related item, a first mention's person
    saves = [f"s{pk}" for pk in edition.saves.values_list("pk", flat=True)[:2]]
    assert queries(desk.editor, address(edition), **{"from": saves[0], "to": saves[1]}) <= 30


# Restoring


def test_an_edition_is_restored_as_a_new_draft(desk, two):
    world, (first, second) = desk.world, two
    page = desk.writer.client.get(address(second, "restore", f"e{first.pk}"))
    assert "A new draft starts with these words." in page.content.decode()
    assert "The draft is begun" in said(desk.writer.send(page))
    draft = Edition.objects.drafts().get()
    assert (draft.headline, draft.body, draft.summary) == (first.headline, first.body, first.summary)
    assert draft.based_on == second and draft.written_by == world.writer  # the next edition, with old words
    assert [*draft.topics.all()] == [world.water] and draft.note == "" and draft.expires_at is None
    assert again(second).headline == "Fourteen calls in one night"


def test_a_save_is_restored_as_a_new_draft_with_the_parts_of_the_newest_edition(desk, two):
    world, (first, second) = desk.world, two
    save = first.saves.order_by("id").first()
    desk.editor.send(desk.editor.client.get(address(first, "restore", f"s{save.pk}")))
    draft = Edition.objects.drafts().get()
    assert draft.headline == "Sixteen calls in one night" and draft.event_date == date(2024, 3, 1)
    assert {*draft.topics.all()} == {world.water, world.ferries} and draft.based_on == second


def test_where_a_draft_is_open_no_second_one_is_begun_and_its_words_are_kept(desk, two):
    first, second = two
    draft = desk.world.draft("Being written", article=first.article)
    page = desk.writer.client.get(address(second, "restore", f"e{first.pk}"))
    assert "A draft is open" in page.content.decode()
    assert "as a save of their own" in said(desk.writer.send(page))
    (only,) = Edition.objects.drafts()
    assert only == draft and only.headline == first.headline and only.version == draft.version + 1
    assert [save.words["headline"] for save in only.saves.all()] == [first.headline, "Being written"]
    assert only.acts.first().verb == "restore"


def test_a_save_made_while_deciding_is_noticed(desk, two):
    first, second = two
    draft = desk.world.draft("Being written", article=first.article)
    page = desk.writer.client.get(address(second, "restore", f"e{first.pk}"))
    draft.summary = "Changed meanwhile."
    draft.save(by=desk.world.editor)
    assert "Nothing has been overwritten." in said(desk.writer.send(page))
    assert again(draft).headline == "Being written" and again(draft).summary == "Changed meanwhile."


def test_a_draft_discarded_while_deciding_is_noticed(desk, two):
    draft = desk.world.draft("Being written", article=two[0].article)
    page = desk.writer.client.get(address(two[1], "restore", f"e{two[0].pk}"))
    draft.discard(desk.world.editor)
    assert "is gone" in said(desk.writer.send(page))
    assert not Edition.objects.drafts().exists()


def test_an_approval_does_not_survive_a_restore(desk, two):
    draft = desk.world.draft("Being written", article=two[0].article)
    desk.world.approve(draft)
    page = desk.editor.client.get(address(two[1], "restore", f"e{two[0].pk}"))
    assert "new approval" in page.content.decode()
    desk.editor.send(page)
    assert again(draft).approved_hash == ""


def test_restoring_is_refused_beside_a_schedule_and_of_words_that_are_gone(desk, two):
    world, (first, second) = desk.world, two
    third = world.ready("Third", article=first.article, change_class="update", note="More.")
    third.schedule(world.publisher, timezone.now() + timedelta(days=1))
    page = desk.publisher.client.get(address(second, "restore", f"e{first.pk}"))
    assert "Cancel its schedule first" in page.content.decode()
    desk.publisher.send(page)
    assert not Edition.objects.drafts().exists()
    third.cancel(world.publisher)
    again(third).discard(world.editor)
    first.article.erase(world.publisher, "Court order 7", edition=first)
    assert (
        "Nothing is left of its words."
        in desk.publisher.client.get(address(second, "restore", f"e{first.pk}")).content.decode()
    )


def test_words_that_no_draft_can_hold_are_refused_in_words(desk, world):
    draft = world.draft()
    save = Save.objects.create(
        edition=draft, by=world.writer, at=timezone.now(), version=0, words={"headline": "x" * 301, "body": "<p>x</p>"}
    )
    answer = desk.writer.send(desk.writer.client.get(address(draft, "restore", f"s{save.pk}")))
    assert "300" in said(answer) and again(draft).version == draft.version


def test_whoever_may_not_change_the_open_draft_cannot_restore_into_it(desk, two):
    draft = desk.world.draft("Being written", article=two[0].article)
    Edition.objects.filter(pk=draft.pk).update(written_by=desk.world.editor)
    path = address(two[1], "restore", f"e{two[0].pk}")
    assert desk.writer.client.get(path).status_code == 403
    assert desk.writer.client.post(path, {"opened": draft.version}).status_code == 403
    assert again(draft).headline == "Being written"


# A preview of one edition


@pytest.fixture
def rich(world, settings):
    """A draft that names what nobody may know yet: a person, a topic, another draft; with a picture and a file."""
    secret = Person.objects.create(name="Zyxomel Person", public_from=None)
    hidden = world.draft("Zyxomel plan")
    said, plan = world.quote("We sail.", "sail1", secret), hidden.article.get_absolute_url()
    body = f'<p>She said: {said} See <a href="{plan}">the plan</a> and <a href="/articles/">all</a>,'
    body += f' <a href="{settings.SITE_URL}{plan}">once more</a> and <a href="https://council.example/x">there</a>.</p>'
    draft = world.draft("Zyxomel opens", body=body)
    draft.topics.set([Topic.objects.create(name="Zyxomel")])
    Mention.objects.create(edition=draft, person=world.ilo)
    Placement.objects.create(edition=draft, image=picture(), alt="Two ferries")
    Attachment.objects.create(edition=draft, title="Timetable", file=ContentFile(PDF, name="t.pdf"))
    return draft


def hrefs(html):
    return {unquote(path) for path in re.findall(r'<a[^>]* href="([^"#]*)', html)}


def test_a_preview_is_the_page_readers_get_at_that_instant(desk, world, reader, monkeypatch):
    stay = world.quote("We stay.", "stay1", world.ilo).replace("<q", '<q data-on="2020-01-15"')
    body = f"<p>She said: {world.quote('We sail.', 'sail1')} and {stay}.</p>"
    draft = world.draft("Ferries run again", body=body)
    draft.topics.set([world.ferries])
    Mention.objects.create(edition=draft, person=world.ilo)
    RelatedItem.objects.create(edition=draft, label="Watch", url="https://council.example/v", after_paragraph=1)
    reader.clock(TEN)
    desk = Hand(world.editor)
    preview = desk.client.get(address(draft, "preview"))
    world.approve(draft, at=TEN)
    again(draft).publish(world.publisher, at=TEN)
    public = reader.raw(draft.get_absolute_url())
    main = [page.content.decode().split("<main")[1].split("</main>")[0] for page in (preview, public)]
    own = r'<span class="address">.*?</span>|<section class="entry" id="share">.*?</section>'  # of what is public only
    shown = [words_of(re.sub(own, "", html, flags=re.DOTALL)) for html in main]
    assert shown[0] == shown[1] and "We sail." in shown[0]


def test_a_preview_is_private_and_leads_to_nothing_hidden(desk, rich):
    page = desk.writer.client.get(address(rich, "preview"))
    html = page.content.decode()
    assert_private(page)
    assert "Nothing of it is public" in html and '<meta name="robots" content="noindex">' in html
    assert 'rel="canonical"' not in html
    assert "Zyxomel Person" in html and "Two ferries" in html and ">Zyxomel<" in html
    ours = {path for path in hrefs(html) if path.startswith("/") and not path.startswith(("/admin/", "/static/"))}
    assert "/articles/" in ours
    for path in ours:
        assert Client().get(path).status_code == 200, path
    assert CANARY not in " ".join(hrefs(html)) and "the plan" in html and "once more" in html
    assert "https://council.example/x" in hrefs(html)
    row = again(rich)
    assert row.live_from is None and row.number is None and row.version == rich.version  # drawn, never written
    assert Person.objects.get(name="Zyxomel Person").public_from is None


def test_pictures_and_files_of_a_preview_are_fetched_by_editors_only(desk, rich):
    html = desk.writer.client.get(address(rich, "preview")).content.decode()
    found = set(re.findall(r'(?:src|href)="(/admin/[^"]*/files/[^"]*)"', html))
    assert len(found) == 2 and "/media/" not in html
    for path in found:
        answer = desk.writer.client.get(path)
        assert answer.status_code == 200 and b"".join(answer.streaming_content)
        assert_private(answer)
        assert Client().get(path).status_code == 302
    assert desk.writer.client.get(reverse("admin:articles_edition_files", args=["../manage.py"])).status_code in (
        400,
        404,
    )
    stranger = User.objects.create_user("stranger", is_staff=True)
    assert Hand(stranger).client.get(found.pop()).status_code == 403


def test_a_preview_of_another_instant_and_of_every_stage(desk, two):
    world = desk.world
    third = world.ready("Third", article=two[0].article, change_class="update", note="More.")
    at = timezone.now() + timedelta(days=2)
    html = desk.editor.client.get(address(third, "preview"), {"at": at.isoformat()}).content.decode()
    assert timezone.localtime(at).strftime("%H:%M") in words_of(html.split("<main")[0])
    third.schedule(world.publisher, timezone.now() + timedelta(days=1))
    for edition in (*two, third):
        page = desk.editor.client.get(address(edition, "preview"))
        assert page.status_code == 200 and edition.headline in page.content.decode()
        assert_private(page)
    two[0].article.withdraw(world.publisher, "Wrong.")
    assert desk.editor.client.get(address(two[1], "preview")).status_code == 200
    assert desk.editor.client.get(address(two[1], "preview"), {"at": "rubbish"}).status_code == 200


def test_a_preview_costs_a_fixed_number_of_queries(desk, world):
    one = world.draft(body=f"<p>{world.quote('We sail.', 'sail0')}</p>")
    ten = world.draft(body="".join(f"<p>{world.quote(f'We sail, {n}.', f'sail{n}')}</p>" for n in range(1, 11)))
    few = queries(desk.writer, address(one, "preview"))
    assert queries(desk.writer, address(ten, "preview")) == few <= 30


# The site at an instant to come


@pytest.fixture
def tomorrow(world, rich):
    """A schedule for tomorrow, with its person, topic and quote; and a draft that nobody has scheduled."""
    rich.body = re.sub(r'<a href="[^"]*zyxomel-plan/">(.*?)</a>', r"\1", rich.body)  # else it could not be scheduled
    rich.save(by=world.writer)
    world.approve(rich)
    start = timezone.now().replace(microsecond=0) + timedelta(days=1)
    again(rich).schedule(world.publisher, start)
    return start


def site(at, page=""):
    text = at.astimezone(tz=None).astimezone(TEN.tzinfo).isoformat().replace("+00:00", "Z")
    return reverse("admin:articles_edition_site", args=[text, *([page] if page else [])])


def test_the_site_at_an_instant_shows_what_is_scheduled_not_a_microsecond_early(desk, rich, tomorrow):
    slug = rich.article.slug
    pages = ["", "articles/", "quotes/", "people/", "topics/", f"articles/{slug}/", "quotes/sail1/", "topics/zyxomel/"]
    for page in pages:
        before = desk.editor.client.get(site(tomorrow - MICROSECOND, page))
        after = desk.editor.client.get(site(tomorrow, page))
        assert CANARY not in before.content.decode().lower().split("<main")[1], page
        assert after.status_code == 200 and CANARY in after.content.decode().lower(), page
        assert before.status_code == (404 if page.count("/") == 2 else 200), page
        assert "Only editors see this." in before.content.decode()
        for answer in (before, after):
            assert_private(answer)
            assert 'rel="canonical"' not in answer.content.decode()
    assert "plan" not in desk.editor.client.get(site(tomorrow, "articles/")).content.decode()  # a draft is nowhere


def test_links_of_the_site_at_an_instant_stay_in_it(desk, rich, tomorrow):
    root = site(tomorrow)
    for page in ("", "articles/", f"articles/{rich.article.slug}/", "quotes/", "fr/articles/"):
        html = desk.editor.client.get(site(tomorrow, page)).content.decode()
        leaving = {path for path in hrefs(html) if path.startswith("/") and not path.startswith(root)}
        assert leaving <= {reverse("admin:articles_edition_site"), "/api/v1/docs/"}, page
        assert any(path.startswith(root) for path in hrefs(html))
    assert f"{root}fr/people/" in html and "Tout" not in html.split("<title>")[0]
    image = re.search(
        rf'src="({re.escape(root)}media/[^"]*)"',
        desk.editor.client.get(site(tomorrow, f"articles/{rich.article.slug}/")).content.decode(),
    )
    picture_ = desk.editor.client.get(unquote(image[1]))
    assert picture_.status_code == 200 and b"".join(picture_.streaming_content)
    assert_private(picture_)
    assert Client().get(f"/{image[1].removeprefix(root)}").status_code == 404


def test_pages_and_filters_work_in_the_site_at_an_instant(desk, rich, tomorrow):
    html = desk.editor.client.get(site(tomorrow, "articles/"), {"kind": "speech"}).content.decode()
    assert "Zyxomel opens" not in html
    html = desk.editor.client.get(site(tomorrow, "articles/"), {"kind": "news"}).content.decode()
    assert "Zyxomel opens" in html


def test_nobody_but_editors_reaches_the_site_at_an_instant(desk, rich, tomorrow):
    for client in (Client(), Hand(User.objects.create_user("stranger", is_staff=True)).client):
        for path in (
            site(tomorrow),
            site(tomorrow, f"articles/{rich.article.slug}/"),
            reverse("admin:articles_edition_site"),
        ):
            answer = client.get(path)
            assert answer.status_code in (302, 403) and CANARY not in answer.content.decode().lower()


@pytest.mark.parametrize(
    "at", ["2020-01-01T00:00:00Z", "2026-11-24", "9999-12-31T23:59:59Z", "x", "2030-01-01T00:00:00"]
)
def test_only_an_instant_to_come_can_be_asked_for(desk, at):
    assert desk.editor.client.get(reverse("admin:articles_edition_site", args=[at])).status_code == 404


def test_a_moment_is_chosen_by_day_and_time(desk, rich, tomorrow):
    chooser = reverse("admin:articles_edition_site")
    page = desk.editor.client.get(chooser)
    assert site(tomorrow) in page.content.decode() and "Zyxomel opens" in page.content.decode()
    local = timezone.localtime(tomorrow)
    answer = desk.editor.client.get(chooser, {"day": local.date().isoformat(), "time": f"{local:%H:%M}"})
    assert answer["Location"] == site(tomorrow.replace(second=0))
    past = desk.editor.client.get(chooser, {"day": "2020-01-01", "time": "10:00"})
    assert "Choose a moment to come." in past.content.decode()
    assert desk.editor.client.post(site(tomorrow)).status_code == 404


# A link for an outsider


def link(hand, edition, **details):
    """The address of a new link, as the page that makes it shows it once."""
    page = hand.client.get(address(edition, "share"))
    data = {"opened": again(edition).version, "days": 3, "reader": "", "csrfmiddlewaretoken": "x"} | details
    made = hand.client.post(page.request["PATH_INFO"], data)
    return re.search(r'value="(https?://[^"]*/preview/[^"]*)"', made.content.decode())[1]


def follow(url):
    return Client().get("/" + url.split("/", 3)[3])


def test_an_outsider_reads_one_version_of_one_draft_by_a_link(desk, rich, settings):
    url = link(desk.writer, rich)
    assert url.startswith(settings.SITE_URL)
    token = url.rstrip("/").rpartition("/")[2]
    assert len(token) * 6 >= 128
    page = follow(url)
    html = page.content.decode()
    assert page.status_code == 200 and "Zyxomel opens" in html and "in confidence" in html
    assert_private(page)
    assert page["Referrer-Policy"] == "no-referrer"
    assert "/admin/" not in html and "Zyxomel plan" not in html
    ours = {path for path in hrefs(html) if path.startswith("/") and not path.startswith(("/preview/", "/static/"))}
    assert CANARY not in " ".join(ours)
    assert not page.cookies


def test_of_a_token_only_its_hash_is_kept(desk, rich):
    token = link(desk.writer, rich).rstrip("/").rpartition("/")[2]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608
            assert token not in str(cursor.fetchall()), table
    assert token not in desk.writer.client.get(address(rich, "share")).content.decode()


def why(answer):
    assert CANARY not in answer.content.decode().lower()
    assert_private(answer)
    return answer.status_code, re.search(r"<h1[^>]*>(.*?)</h1>", answer.content.decode())[1]


def test_a_link_ends_with_the_next_save(desk, rich):
    url = link(desk.writer, rich)
    again(rich).save(by=desk.world.editor)
    assert why(follow(url)) == (410, "The text has changed since.")


def test_a_link_ends_when_it_is_revoked(desk, rich):
    url = link(desk.writer, rich)
    page = desk.writer.client.get(address(rich, "share"))
    answer = desk.writer.client.post(page.request["PATH_INFO"], {"revoke": Share.objects.get().pk}, follow=True)
    assert "Revoked." in said(answer)
    assert why(follow(url)) == (410, "This link has been withdrawn.")
    assert Share.objects.get().revoked_by == desk.world.writer


def test_a_link_ends_to_the_microsecond(world, reader, rich):
    end = instant("2024-03-05 12:00")
    _share, token = rich.share(world.writer, end, at=instant("2024-03-02 12:00"))
    reader.clock(end - MICROSECOND)
    assert reader.raw(f"/preview/{token}/").status_code == 200
    reader.clock(end)
    assert why(reader.raw(f"/preview/{token}/")) == (410, "This link has run out.")


def test_a_link_shows_a_schedule_until_it_is_public_and_nothing_afterwards(world, rich, tomorrow, reader):
    _share, token = again(rich).share(world.publisher, tomorrow + timedelta(days=1))
    reader.clock(tomorrow - MICROSECOND)
    assert reader.raw(f"/preview/{token}/").status_code == 200
    reader.clock(tomorrow)
    assert why(reader.raw(f"/preview/{token}/")) == (410, "This is no longer a draft.")


def test_a_link_to_a_discarded_draft_and_one_that_nobody_made_are_alike(desk, rich):
    url = link(desk.writer, rich)
    again(rich).discard(desk.world.editor)
    assert not Share.objects.exists()
    assert why(follow(url)) == why(follow("http://x/preview/never/")) == (404, "This link leads nowhere.")
    assert Client().post("/preview/never/").status_code == 405


def test_a_link_of_one_draft_never_shows_another(desk, world, rich):
    other = world.draft("Other text", article=rich.article)
    url = link(desk.writer, other)
    assert "Zyxomel opens" not in follow(url).content.decode()
    assert [*Edition.objects.preview("", timezone.now())] == []


def test_every_read_is_noted(desk, rich):
    url = link(desk.writer, rich, reader="Ms Aster of the ministry")
    follow(url), follow(url)
    again(rich).save(by=desk.world.editor)
    follow(url)
    assert [*ShareRead.objects.order_by("id").values_list("shown", flat=True)] == [True, True, False]
    page = desk.writer.client.get(address(rich, "share")).content.decode()
    assert "Ms Aster of the ministry" in page and "Followed 3 times" in page and "Outdated" in page
    assert [*Act.objects.filter(verb="share").values_list("by__username", flat=True)] == ["writer"]
    assert "Aster" not in follow(url).content.decode()


def test_only_the_files_of_the_shared_page_come_with_the_link(desk, world, rich):
    url = link(desk.writer, rich)
    html = follow(url).content.decode()
    found = re.findall(r'(?:src|href)="(/preview/[^"]*)"', html)
    assert len(found) == 2 and "/media/" not in html
    for path in found:
        answer = Client().get(path)
        assert answer.status_code == 200 and b"".join(answer.streaming_content)
        assert_private(answer)
    other = picture()
    name, _, signature = found[0].rpartition("~")
    forged = name.rpartition("/files/")[0] + f"/files/{other.file.name}~{signature}"
    assert Client().get(forged).status_code == 404
    assert Client().get(found[0].replace("/preview/", "/preview/x")).status_code == 404
    again(rich).save(by=world.editor)
    assert Client().get(found[0]).status_code == 404


def test_who_may_not_change_a_draft_makes_no_link_to_it(desk, rich):
    Edition.objects.filter(pk=rich.pk).update(written_by=desk.world.editor)
    assert desk.writer.client.get(address(rich, "share")).status_code == 403
    assert desk.writer.client.post(address(rich, "share"), {"opened": rich.version, "days": 3}).status_code == 403
    with pytest.raises(PermissionDenied):
        rich.share(User.objects.create_user("stranger"), timezone.now() + timedelta(days=1))
    assert not Share.objects.exists()


def test_a_link_is_refused_for_what_is_public_for_too_long_and_for_another_text(desk, world, rich, two):
    with pytest.raises(ValidationError):
        two[1].share(world.editor, timezone.now() + timedelta(days=1))
    for days in (-1, 31):
        with pytest.raises(ValidationError):
            rich.share(world.writer, timezone.now() + timedelta(days=days))
    stale = again(rich)
    again(rich).save(by=world.editor)
    with pytest.raises(ValidationError):
        stale.share(world.writer, timezone.now() + timedelta(days=1))
    answer = desk.writer.client.post(address(rich, "share"), {"opened": rich.version, "days": 3})
    assert "Somebody saved this draft since you opened it." in answer.content.decode()
    assert not Share.objects.exists()


def test_erasing_takes_the_links_with_it(open_world):
    world = open_world
    draft = world.ready("Zyxomel")
    draft.share(world.writer, timezone.now() + timedelta(days=1), reader="Zyxomel reader")
    again(draft).publish(world.publisher)
    call_command("erase", draft.article.uid, by="publisher", ground="Court order 7", verbosity=0, stdout=io.StringIO())
    assert not Share.objects.exists() and not ShareRead.objects.exists()


# Leaks


def test_no_public_page_and_no_tag_of_one_knows_of_links_previews_and_presence(desk, world, reader, rich, two):
    reader.clock(database_now())
    surfaces = [
        *PLACES,
        "/api/v1/articles/",
        "/api/v1/quotes/",
        "/api/v1/people/",
        "/api/v1/topics/",
        "/api/v1/changes/",
    ]
    surfaces = [path for path in surfaces if "ferries-run" not in path and "quotes/lake" not in path]

    def answers():
        return {
            path: (page.status_code, page.get("ETag"), page.content) for path in surfaces for page in [reader.raw(path)]
        }

    before, stamp = answers(), Stamp.objects.values_list("value", flat=True).get()
    url = link(desk.writer, rich)
    token = url.rstrip("/").rpartition("/")[2]
    follow(url)
    desk.writer.client.get(address(rich, "preview"))
    desk.writer.client.get(site(timezone.now() + timedelta(days=1)))
    desk.writer.client.post(address(rich, "company"), {"opened": rich.version})
    assert answers() == before
    assert Stamp.objects.values_list("value", flat=True).get() == stamp
    for path, (_status, _etag, content) in before.items():
        assert token not in content.decode() and CANARY not in content.decode().lower(), path


def test_the_neighbours_of_live_are_known_to_one_module_each():
    """design: "never imported by lists, feeds and search"."""

    def holding(words):
        return {path.relative_to(ROOT).as_posix() for path in SOURCES if words in path.read_text(encoding="utf-8")}

    def importing(module):
        return {path.relative_to(ROOT).as_posix() for path in SOURCES if module in imported(path)}

    assert holding(".preview(") == {"articles/previews.py"}
    assert holding(".embargoed_for(") == {"newsroom/embargoed.py"}
    assert importing("newsroom.embargoed") == {"newsroom/api_urls.py"}
    pages = {"articles/admin/previews.py", "newsroom/partner_pages.py", "newsroom/urls.py"}
    assert importing("articles.previews") == pages
    editors = {f"articles/{name}.py" for name in ("badges", "admin/editions", "admin/logs", "admin/previews")}
    assert importing("articles.sharing") == editors | {
        "articles/models.py", "articles/previews.py", "newsroom/embargoed.py",
    }  # fmt: skip


# Who else has it open


def sign(hand, edition, **more):
    return hand.client.post(address(edition, "company"), {"opened": again(edition).version} | more)


def test_also_open_by_is_told_on_load_and_by_every_sign_of_life(desk, world):
    draft = world.draft()
    assert "Also open by" not in desk.writer.open(draft).content.decode()
    assert "Also open by" not in sign(desk.writer, draft).content.decode()  # not by oneself
    answer = sign(desk.editor, draft)
    assert "Also open by writer" in answer.content.decode() and "not saved yet" in answer.content.decode()
    assert_private(answer)
    assert "Also open by editor" in desk.writer.open(draft).content.decode()
    draft.save(by=world.writer)
    answer = sign(desk.editor, draft, opened=1)
    assert "last saved" in answer.content.decode() and "writer saved this draft" in answer.content.decode()


def test_after_two_minutes_without_a_sign_a_form_counts_as_closed(world):
    draft, now = world.draft(), TEN
    Presence.sign(draft, world.editor, now)
    Presence.sign(draft, world.editor, now + timedelta(seconds=30))
    assert Presence.objects.get().opened_at == now
    seen = now + timedelta(seconds=30)
    assert Presence.objects.others(draft, world.writer, seen + timedelta(minutes=2) - MICROSECOND).count() == 1
    assert Presence.objects.others(draft, world.writer, seen + timedelta(minutes=2)).count() == 0
    later = seen + timedelta(minutes=2)
    Presence.sign(draft, world.editor, later)
    assert Presence.objects.get().opened_at == later  # opened anew


def test_presence_asks_nothing_per_row(desk, world):
    draft = world.draft()
    sign(desk.writer, draft)

    def cost():
        with CaptureQueriesContext(connection) as captured:
            assert sign(desk.writer, draft).status_code == 200
        return len(captured)

    few, form = cost(), queries(desk.writer, reverse("admin:articles_edition_change", args=[draft.pk]))
    for number in range(12):
        Presence.sign(draft, User.objects.create_user(f"hand{number}", is_staff=True), timezone.now())
    assert cost() == few <= 10
    assert queries(desk.writer, reverse("admin:articles_edition_change", args=[draft.pk])) == form


def test_who_may_not_change_a_draft_leaves_no_sign_and_a_sealed_one_takes_none(desk, world, two):
    draft = world.draft()
    Edition.objects.filter(pk=draft.pk).update(written_by=world.editor)
    assert sign(desk.writer, draft).status_code == 403
    assert sign(desk.editor, two[1]).status_code == 410
    by_itself = {"HTTP_SEC_FETCH_MODE": "cors"}
    assert Client().post(address(draft, "company"), **by_itself).status_code == 401
    assert Client(enforce_csrf_checks=True).post(address(draft, "company"), **by_itself).status_code in (401, 403)
    assert not Presence.objects.exists()
    assert "data-company" not in desk.editor.open(two[1]).content.decode()
