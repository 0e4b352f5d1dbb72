"""The editors' side: who may do what at which address, the life of an edition by buttons, and that nothing is lost."""

import io
import re
from datetime import UTC, date, datetime, time, timedelta
from html.parser import HTMLParser

import PIL.Image
import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone

from articles import body as bodies
from articles import imports
from articles.admin.editions import VERBS, PartInline, QuoteInline
from articles.desk import Release
from articles.forms import local_instant
from articles.images import Image, Placement
from articles.ledger import Change, State
from articles.models import Article, Edition, Mention, ReleaseGroup, sweep
from articles.releases import Opened
from articles.sharing import EmbargoRead
from articles.standing import StandingPage
from articles.topics import Topic
from newsroom.partners import Key, Partner
from newsroom.webhooks import Webhook
from people.models import Appointment, FormerSlug, Person


class Form(HTMLParser):
    """What a browser would send back of the page's form, untouched."""

    def __init__(self, response):
        super().__init__()
        self.data, self.inside, self.text, self.select = {}, False, None, None
        self.feed(response.content.decode())

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.inside = attributes.get("method") == "post" and attributes.get("id") != "logout-form"
        name = attributes.get("name")
        if self.inside and tag == "input" and name:
            kind = attributes.get("type", "text")
            ticked = kind not in ("radio", "checkbox") or "checked" in attributes
            if kind not in ("submit", "file") and ticked:
                self.data.setdefault(name, []).append(attributes.get("value", "on" if kind == "checkbox" else ""))
        elif self.inside and tag == "textarea":
            self.text = (name, [])
        elif self.inside and tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in attributes:
            self.data.setdefault(self.select, []).append(attributes["value"])

    def handle_data(self, data):
        if self.text:
            self.text[1].append(data)

    def handle_endtag(self, tag):
        if tag == "textarea" and self.text:
            self.data[self.text[0]] = ["".join(self.text[1]).removeprefix("\n").replace("\n", "\r\n")]
            self.text = None
        elif tag in ("select", "form"):
            self.select = None
            self.inside = self.inside and tag != "form"


class Hand:
    """One editor at a desk."""

    def __init__(self, user):
        User.objects.filter(pk=user.pk).update(is_staff=True)
        self.user, self.client = user, Client()
        self.client.force_login(user)

    def open(self, edition, verb=None):
        name = "admin:articles_edition_verb" if verb else "admin:articles_edition_change"
        return self.client.get(reverse(name, args=[edition.pk, *([verb] if verb else [])]))

    def send(self, page, **changes):
        """Send the form of `page` back to its address with some fields changed."""
        data = Form(page).data | changes
        return self.client.post(page.request["PATH_INFO"], data, follow=True)

    def save(self, edition, **changes):
        return self.send(self.open(edition), **changes)

    def press(self, edition, verb, **details):
        """Press a button: in the form of a draft where there is one, on the page of its verb otherwise."""
        if details or not self.open(edition).context["is_draft"]:
            return self.send(self.open(edition, verb), **details)
        return self.send(self.open(edition), _verb=verb)

    def act(self, model, action, rows, **more):
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        data = {"action": action, "_selected_action": [row.pk for row in rows]} | more
        return self.client.post(address, data, follow=True)


def said(response):
    return " ".join(str(message) for message in response.context["messages"])


class Desk:
    def __init__(self, world):
        self.world = world
        self.writer, self.editor, self.publisher = (Hand(u) for u in (world.writer, world.editor, world.publisher))


@pytest.fixture
def desk(world):
    return Desk(world)


def picture():
    file = io.BytesIO()
    PIL.Image.new("RGB", (2, 1)).save(file, "PNG")
    return Image.objects.create(title="Pier", file=ContentFile(file.getvalue(), "pier.png"))


def again(row):
    return type(row).objects.get(pk=row.pk)


# Every address, every role

#: name of the address: what a writer, an editor and a publisher are answered; "to" a redirect. Anonymous: to the login
ANSWERS = """
index                            200 200 200
everything                       200 200 200
notices                          200 200 200
confirm                          403 405 405
login                            to to to
logout                           405 405 405
password_change                  to to to
password_change_done             to to to
autocomplete                     403 403 403
jsi18n                           200 200 200
view_on_site                     404 404 404
app_list                         200 200 200
articles_edition_changelist      200 200 200
articles_edition_add             200 200 200
articles_edition_change          200 200 200
articles_edition_history         200 200 200
articles_edition_delete          403 403 403
articles_edition_verb            200 200 200
articles_speakers                200 200 200
articles_speaker_new             405 405 405
articles_suggest                 405 405 405
articles_edition_fromrelease     200 200 200
articles_edition_arrival         200 200 200
articles_edition_embargo         403 200 200
articles_edition_restore         200 200 200
articles_edition_preview         200 200 200
articles_edition_share           200 200 200
articles_edition_company         405 405 405
articles_edition_files           404 404 404
articles_edition_site            200 200 200
articles_article_changelist      200 200 200
articles_article_add             to to to
articles_article_change          200 200 200
articles_article_history         200 200 200
articles_article_delete          403 403 403
articles_image_changelist        200 200 200
articles_image_add               200 200 200
articles_image_change            200 200 200
articles_image_file              200 200 200
articles_image_history           200 200 200
articles_image_delete            403 403 403
articles_quote_changelist        200 200 200
articles_quote_add               403 403 403
articles_quote_change            200 200 200
articles_quote_history           200 200 200
articles_quote_delete            403 403 403
articles_standingpage_changelist 403 200 200
articles_standingpage_add        403 403 403
articles_standingpage_change     403 200 200
articles_standingpage_history    403 200 200
articles_standingpage_delete     403 403 403
articles_topic_changelist        200 200 200
articles_topic_add               403 200 200
articles_topic_change            200 200 200
articles_topic_history           200 200 200
articles_topic_merge             403 200 200
articles_topic_delete            403 403 403
people_person_changelist         200 200 200
people_person_add                200 200 200
people_person_change             200 200 200
people_person_history            200 200 200
people_person_merge              403 200 200
people_person_delete             403 403 403
people_organisation_changelist   200 200 200
people_organisation_add          403 200 200
people_organisation_change       200 200 200
people_organisation_history      200 200 200
people_organisation_delete       403 403 403
people_position_changelist       200 200 200
people_position_add              403 200 200
people_position_change           200 200 200
people_position_history          200 200 200
people_position_merge            403 200 200
people_position_delete           403 403 403
people_appointment_changelist    200 200 200
people_appointment_add           403 200 200
people_appointment_change        200 200 200
people_appointment_history       200 200 200
people_appointment_ahead         200 200 200
people_appointment_delete        403 403 403
articles_change_changelist       403 200 200
articles_change_add              403 403 403
articles_change_change           403 200 200
articles_change_history          403 200 200
articles_change_delete           403 403 403
articles_act_changelist          403 200 200
articles_act_add                 403 403 403
articles_act_change              403 200 200
articles_act_history             403 200 200
articles_act_delete              403 403 403
articles_releasegroup_changelist 403 200 200
articles_releasegroup_add        403 403 200
articles_releasegroup_change     403 200 200
articles_releasegroup_history    403 200 200
articles_releasegroup_delete     403 403 403
articles_override_changelist     403 200 200
articles_override_add            403 403 403
articles_override_change         403 200 200
articles_override_history        403 200 200
articles_override_delete         403 403 403
articles_embargoread_changelist  403 403 200
articles_embargoread_add         403 403 403
articles_embargoread_change      403 403 200
articles_embargoread_history     403 403 200
articles_embargoread_delete      403 403 403
newsroom_partner_changelist      403 403 200
newsroom_partner_add             403 403 200
newsroom_partner_change          403 403 200
newsroom_partner_keys            403 403 200
newsroom_partner_history         403 403 200
newsroom_partner_delete          403 403 403
newsroom_webhook_changelist      403 403 200
newsroom_webhook_add             403 403 200
newsroom_webhook_change          403 403 200
newsroom_webhook_history         403 403 200
newsroom_webhook_delete          403 403 403
newsroom_webhook_test            403 403 405
newsroom_webhook_again           403 403 405
newsroom_webhook_secret          403 403 405
auth_user_password_change        403 403 403
"""
#: what only a superuser sees: logs, accounts, groups
FOR_NOBODY = [
    "articles_save", "articles_release", "articles_ending", "articles_erasure", "articles_quotetext", "articles_state",
    "auth_user", "auth_group",
]  # fmt: skip


def expectations():
    listed = {line.split()[0]: line.split()[1:] for line in ANSWERS.split("\n") if line}
    for model in FOR_NOBODY:
        for view in ("changelist", "add", "change", "history", "delete"):
            listed[f"{model}_{view}"] = ["403"] * 3
    return listed


def admin_patterns():
    (site,) = [pattern for pattern in get_resolver().url_patterns if getattr(pattern, "namespace", None) == "admin"]

    def walk(patterns):
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern.url_patterns)
            elif pattern.name:
                yield pattern.name

    return sorted(set(walk(site.url_patterns)))


def test_every_address_of_the_admin_has_its_answers_listed():
    assert admin_patterns() == sorted(expectations())


def rows_for_every_model(world):
    """One row per model, as the addresses name them; what has none answers for number 1."""
    edition = world.published(body=f"<p>{world.quote('We sail.', 'sail1')}</p>")
    gone = world.published("Gone")
    gone.article.withdraw(world.publisher, "The figures were wrong.")
    gone.article.erase(world.publisher, "Court order 7")
    release = Release.objects.create(
        article=edition.article, name="r.txt", digest="d", text="", proposal={}, imported_at=timezone.now()
    )
    later = timezone.now() + timedelta(days=1)
    pair = [world.ready("One of two"), world.ready("Two of two")]
    partner = Partner.objects.create(name="Lake Wire", under_embargo=True)
    Key.mint(partner, world.publisher, "robot", timezone.now(), None)
    EmbargoRead.note([edition], timezone.now(), reader="Lake Wire", key="nr_01234567… (robot)", in_a_list=False)
    return {
        "partner": partner, "embargoread": EmbargoRead.objects.get(),
        "releasegroup": ReleaseGroup.release(world.publisher, "Two", pair, later),
        "override": world.draft("Alone").override(world.publisher, "A storm.").overrides.get(),
        "edition": world.draft("Another"), "article": edition.article, "image": picture(),
        "quote": edition.quotes.get().quote, "quotetext": edition.quotes.get(), "topic": world.water,
        "person": world.mara, "organisation": world.council, "position": world.secretary_general,
        "appointment": world.mara.appointments.first(), "change": Change.objects.first(), "act": edition.acts.first(),
        "save": edition.saves.first(), "ending": gone.article.endings.get(), "erasure": gone.article.erasures.get(),
        "release": release, "standingpage": StandingPage.objects.first(),
        "user": world.writer, "group": world.writer.groups.get(), "webhook": webhook(world),
    }  # fmt: skip


def webhook(world, url="https://hook.partner.example/", name="The Lake Post"):
    hook = Webhook(partner=Partner.objects.get_or_create(name=name)[0], url=url)
    hook.secret_in_the_open = hook.begin(world.publisher, State.objects.get().cursor)
    hook.save()
    return hook


def addresses(world):
    """An address for every name of one, of a row that is there where it is of a row."""
    rows = rows_for_every_model(world)
    arrival = imports.arrive(Opened("Lake opens"), "r.txt", "r", world.writer)
    particular = {
        "app_list": ["articles"], "view_on_site": [1, 1], "auth_user_password_change": [world.writer.pk],
        "articles_edition_verb": [rows["edition"].pk, "discard"], "confirm": ["person", rows["person"].pk],
        "articles_image_file": [rows["image"].pk, "square"],
        "newsroom_partner_keys": [rows["partner"].pk],
        "articles_topic_merge": [rows["topic"].pk], "people_person_merge": [rows["person"].pk],
        "people_position_merge": [rows["position"].pk], "people_appointment_ahead": [rows["appointment"].pk],
        "articles_edition_fromrelease": [],
        "articles_edition_arrival": [arrival.pk],
        "articles_edition_embargo": [world.draft(embargo="Until noon").pk],
        "articles_edition_restore": [rows["edition"].pk, f"e{rows['edition'].pk}"],
        **{f"articles_edition_{page}": [rows["edition"].pk] for page in ("preview", "share", "company")},
        "articles_edition_files": ["images/none.png"],
        **{f"newsroom_webhook_{button}": [rows["webhook"].pk] for button in ("test", "again", "secret")},
    }  # fmt: skip
    for name in admin_patterns():
        model, _, view = name.rpartition("_")
        row = rows.get(model.rpartition("_")[2])
        of_a_row = [row.pk if row else 1] if view in ("change", "history", "delete") else []
        yield name, reverse(f"admin:{name}", args=particular.get(name, of_a_row if model.count("_") == 1 else []))


def test_every_address_answers_every_role_as_listed(desk):
    clients = [Client(), desk.writer.client, desk.editor.client, desk.publisher.client]
    found, strangers = {}, {}
    for name, address in addresses(desk.world):
        answers = [client.get(address) for client in clients]
        strangers[name] = answers[0].status_code, "/admin/login/?next=" in answers[0].headers.get("Location", "")
        found[name] = ["to" if answer.status_code == 302 else str(answer.status_code) for answer in answers[1:]]
    assert found == expectations()
    open_to_all = {"login": (302, False), "logout": (302, False)}
    assert strangers == dict.fromkeys(found, (302, True)) | open_to_all


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_refused_to_whoever_may_not_do_it(desk, verb):
    everybody = dict.fromkeys(["submit", "discard", "next", "translate", "hold"], "wep")
    allowed = (everybody | dict.fromkeys(["approve", "return", "countersign", "confirm"], "ep")).get(verb, "p")
    draft = desk.world.draft()
    for letter, hand in zip("wep", (desk.writer, desk.editor, desk.publisher), strict=True):
        assert hand.open(draft, verb).status_code == (200 if letter in allowed else 403), (verb, letter)


def test_every_model_is_registered_or_part_of_another_or_known_to_be_machinery():
    parts = {inline.model for inline in PartInline.__subclasses__()} | {QuoteInline.model}
    machinery = {"arrival", "amendment", "stamp", "erasedaddress", "oldslug", "formerpath", "formerslug", "rendition"}
    machinery |= {"presence", "share", "shareread", "embargorelease"}  # told on the pages of the edition they belong to
    ours = [m for label in ("people", "articles") for m in apps.get_app_config(label).get_models()]
    missing = {m._meta.model_name for m in ours if not admin.site.is_registered(m) and m not in parts}
    assert missing == machinery
    nowhere_searched = [
        m for m in ours if admin.site.is_registered(m) and not admin.site.get_model_admin(m).search_fields
    ]
    assert nowhere_searched == [State]


def test_nothing_is_deleted_in_bulk(desk):
    root = User.objects.create_superuser("root")
    client = Client()
    client.force_login(root)
    for model in admin.site._registry:
        page = client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
        assert page.status_code == 200 and b"delete_selected" not in page.content, model


# The life of an edition


def test_an_edition_is_written_reviewed_and_published_by_buttons(desk):
    add = desk.writer.client.get(reverse("admin:articles_edition_add"))
    page = desk.writer.send(
        add, headline="Ferries run again", summary="The lake is open.", body="<p>They sail.</p>",
        event_date="2024-03-01", topics=[str(desk.world.ferries.pk)],
    )  # fmt: skip
    edition = Edition.objects.get()
    assert "draft is begun" in said(page) and edition.article.slug == "ferries-run-again"
    assert (edition.written_by, edition.article.created_by) == (desk.world.writer, desk.world.writer)
    assert list(edition.topics.all()) == [desk.world.ferries]
    desk.writer.save(edition, body="<p>They sail at dawn.</p>", place="Lakeside")
    assert again(edition).plain_text == "They sail at dawn." and edition.saves.count() == 2
    desk.writer.press(edition, "submit")
    assert again(edition).review_state == "in-review"
    desk.editor.press(edition, "approve")
    assert again(edition).approved_by == desk.world.editor
    page = desk.publisher.press(edition, "publish")
    assert "Published" in said(page) and again(edition).published_by == desk.world.publisher
    assert Edition.objects.live(timezone.now()).get() == edition


def test_submitting_saves_what_was_typed_first(desk):
    draft = desk.world.draft()
    desk.writer.save(draft, headline="A better headline", _verb="submit")
    assert (again(draft).headline, again(draft).review_state) == ("A better headline", "in-review")


def test_a_schedule_is_set_moved_and_cancelled(desk):
    edition = desk.world.ready()
    desk.publisher.press(edition, "schedule", day="2090-06-01", time="07:00")
    assert again(edition).live_from == datetime(2090, 6, 1, 5, 0, tzinfo=UTC)
    desk.publisher.press(edition, "reschedule", day="2090-01-01", time="07:00")
    assert again(edition).live_from == datetime(2090, 1, 1, 6, 0, tzinfo=UTC)
    desk.publisher.press(edition, "cancel")
    assert again(edition).live_from is None and again(edition).review_state == "ready"


def test_an_article_leaves_the_site_in_three_ways(desk):
    expired, withdrawn, redirected = (desk.world.published(title) for title in ("One", "Two", "Three"))
    desk.publisher.press(expired, "expire", day="", time="")
    desk.publisher.press(withdrawn, "withdraw", reason="The figures were wrong.")
    desk.publisher.press(redirected, "redirect", url="https://lakes.example/new")
    assert not Edition.objects.live(timezone.now()).exists()
    assert [again(e).withheld for e in (expired, withdrawn, redirected)] == [False, True, False]
    assert withdrawn.article.endings.get().reason == "The figures were wrong."
    assert redirected.article.endings.get().url == "https://lakes.example/new"
    listed = desk.editor.client.get(reverse("admin:articles_edition_changelist")).content.decode()
    assert all(badge in listed for badge in ("Expired", "Withdrawn", "Redirected"))


def test_a_published_edition_is_followed_by_the_next(desk):
    edition = desk.world.published()
    desk.writer.press(edition, "next")
    draft = edition.article.editions.get(live_from=None)
    assert draft.based_on == edition and draft.headline == edition.headline
    sentence = desk.writer.open(edition).context["sentence"]
    assert "you are writing edition 2" in str(sentence) and "next" not in dict(
        [desk.writer.open(edition).context["loud"] or ("", "")]
    )
    desk.writer.press(edition, "next")
    assert edition.article.editions.count() == 2


def test_a_draft_is_returned_with_a_note(desk):
    draft = desk.world.draft()
    draft.submit(desk.world.writer)
    desk.editor.press(draft, "return", note="The second figure is from the draft report.")
    assert "second figure" in desk.writer.open(draft).content.decode()
    assert again(draft).review_state == "returned"


def test_a_discard_is_asked_before_it_is_done(desk):
    draft = desk.world.draft()
    page = desk.writer.press(draft, "discard")
    assert Edition.objects.filter(pk=draft.pk).exists() and "all its saves are deleted" in page.content.decode()
    desk.writer.send(page)
    assert not Edition.objects.filter(pk=draft.pk).exists()


def test_what_stops_a_publication_is_listed_and_said(desk):
    edition = desk.world.ready(summary="")
    assert "It has no summary." in desk.publisher.open(edition).content.decode()
    assert "no summary" in said(desk.publisher.press(edition, "publish"))
    assert again(edition).live_from is None


def test_nobody_approves_an_own_text(desk):
    draft = Article.objects.create().start_edition(desk.world.editor, headline="Mine", summary="S", body="<p>B</p>")
    draft.submit(desk.world.editor)
    page = desk.editor.open(draft)
    assert page.context["loud"] is None and page.context["waits_for_another"]
    assert "somebody else approves" in said(desk.editor.press(draft, "approve"))
    assert again(draft).approved_at is None


def test_only_the_text_that_was_read_is_approved(desk):
    draft = desk.world.draft()
    draft.submit(desk.world.writer)
    page = desk.editor.open(draft, "approve")
    desk.writer.save(draft, headline="Another headline")
    assert "Read it again" in said(desk.editor.send(page))
    assert again(draft).approved_at is None


def test_changing_a_text_and_approving_it_at_once_only_saves_it(desk):
    draft = desk.world.draft()
    draft.submit(desk.world.writer)
    page = desk.editor.save(draft, headline="The editor's headline", _verb="approve")
    assert "Read it again" in said(page)
    assert (again(draft).headline, again(draft).approved_at) == ("The editor's headline", None)


def test_a_form_sent_back_untouched_is_no_save(desk):
    edition = desk.world.ready(body=f"<p>One.</p>\n<p>{desk.world.quote('We sail.', 'sail1')}</p>", embargo="")
    desk.writer.save(edition)
    assert again(edition).review_state == "ready" and again(edition).version == edition.version


def test_an_inline_changed_is_a_save_and_costs_the_approval(desk):
    edition = desk.world.ready()
    page = desk.writer.save(edition, **{
        "mentions-TOTAL_FORMS": "1", "mentions-0-person": str(desk.world.ilo.pk), "mentions-0-role": "named",
    })  # fmt: skip
    assert "Saved" in said(page) and edition.mentions.get().person == desk.world.ilo
    assert again(edition).review_state == "in-review" and again(edition).version == edition.version + 1


def test_the_same_person_mentioned_twice_is_an_error_in_the_form(desk):
    draft, mara = desk.world.draft(), str(desk.world.mara.pk)
    page = desk.writer.save(draft, **{
        "mentions-TOTAL_FORMS": "2", "mentions-0-person": mara, "mentions-0-role": "named",
        "mentions-1-person": mara, "mentions-1-role": "named",
    })  # fmt: skip
    assert page.context["errors"] and not draft.mentions.exists()


def test_a_schedule_that_follows_an_other_edition_says_so(desk):
    first = desk.world.published("Ferries run again")
    second = desk.world.ready("And the night boat", article=first.article, change_class="update", note="More.")
    second.schedule(desk.world.publisher, timezone.now() + timedelta(days=1))
    assert "edition 2 replaces edition 1" in str(desk.editor.open(second).context["sentence"])
    assert set(dict(desk.publisher.open(second).context["quiet"])) == {"cancel", "expire", "give", "translate"}


# Nothing typed is lost


def test_whoever_saves_second_sees_both_texts_and_goes_on_from_there(desk):
    draft = desk.world.draft("First words")
    mine = desk.writer.open(draft)
    desk.editor.save(draft, headline="Their words")
    page = desk.writer.send(mine, headline="My words", summary="My summary.")
    assert page.status_code == 409 and "Their words" in page.content.decode() and "My words" in page.content.decode()
    assert again(draft).headline == "Their words"
    assert [save.words["headline"] for save in draft.saves.all()][:2] == ["My words", "Their words"]
    desk.writer.send(page, _merge="1")
    assert (again(draft).headline, again(draft).summary) == ("My words", "My summary.")


def test_two_texts_are_merged_by_whoever_changed_what_and_by_choice(desk):
    sail = desk.world.quote("We sail", "sail1")
    draft = desk.world.draft("First words", f"<p>One.</p><p>Two.</p><p>She: {sail}.</p><p>Four.</p>")
    mine = desk.writer.open(draft)
    theirs = f"<p>One, theirs.</p><p>Two.</p><p>She said: {sail}.</p><p>Four.</p><p>Five, theirs.</p>"
    desk.editor.save(draft, headline="Their words", summary="Their summary.", body=theirs)
    body = f"<p>One, mine.</p><p>Two, mine.</p><p>She: {sail}.</p>"
    page = desk.writer.send(mine, headline="My words", body=body)
    takes = {one.label: one.takes for one in page.context["choices"]}
    assert takes == {
        "Headline": "mine", "Summary": "theirs", "Paragraph 1": "mine", "Paragraph 2": "mine",
        "Paragraph 3": "theirs", "Paragraph 4": "mine", "Paragraph 5": "theirs",
    }  # fmt: skip
    # Somebody is quicker again: the choices were made of another text, so they are asked anew and nothing is lost.
    desk.editor.save(draft, place="Newtown")
    page = desk.writer.send(page, _merge="1", **{"take-paragraph-1": "theirs"})
    assert page.status_code == 409
    takes = {one.label for one in page.context["choices"] if one.takes == "theirs"}
    assert takes == {"Summary", "Place", "Paragraph 3", "Paragraph 5"}
    done = desk.writer.send(page, _merge="1", **{"take-paragraph-1": "theirs"})
    assert "Saved" in said(done)
    merged = again(draft)
    assert (merged.headline, merged.summary, merged.place) == ("My words", "Their summary.", "Newtown")
    assert [block.text for block in bodies.blocks(merged.body)] == [
        "One, theirs.", "Two, mine.", "She said: “We sail”.", "Five, theirs.",
    ]  # fmt: skip
    assert [span.key for span in bodies.quotes(merged.body)] == ["sail1"]
    address = reverse("admin:articles_edition_change", args=[draft.pk])
    assert desk.writer.client.post(address, {"_merge": "1"}).status_code == 200  # no form of ours: errors, no words
    assert again(draft).body == merged.body


def test_a_text_typed_while_the_draft_was_published_or_discarded_is_shown_again(desk):
    for verb in ("publish", "discard"):
        edition = desk.world.ready(f"To {verb}")
        page = desk.writer.open(edition)
        getattr(edition, verb)(desk.world.publisher)
        pk = edition.pk or page.context["original"].pk
        answer = desk.writer.send(page, body="<p>An hour of work.</p>")
        assert answer.status_code == 409 and "An hour of work." in answer.content.decode()
        assert not Edition.objects.filter(pk=pk, body__contains="An hour").exists()


def test_a_form_with_an_error_keeps_what_was_typed(desk):
    draft = desk.world.draft()
    page = desk.writer.save(draft, headline="", body="<p>An hour of work.</p>")
    assert "An hour of work." in page.content.decode() and page.context["errors"]


# Sealed


def test_a_sealed_edition_is_read_only(desk):
    edition = desk.world.published(body=f"<p>{desk.world.quote('We sail.', 'sail1')}</p>")
    page = desk.publisher.open(edition).content.decode()
    assert "We sail." in page and 'name="headline"' not in page and 'name="body"' not in page
    image = str(picture().pk)
    forged = {"placements-TOTAL_FORMS": "1", "placements-0-image": image, "placements-0-alt": "Forged", "topics": []}
    desk.publisher.save(edition, **forged)
    assert not edition.placements.exists()
    address = reverse("admin:articles_edition_change", args=[edition.pk])
    assert desk.publisher.client.post(address, {"headline": "Forged", "opened": "1"}).status_code == 409
    assert desk.writer.client.post(address, {}).status_code == 403
    for hand in (desk.writer, desk.editor, desk.publisher):
        assert hand.client.post(reverse("admin:articles_edition_delete", args=[edition.pk])).status_code == 403
    assert again(edition).headline == "Ferries run again"


def test_editors_classify_a_live_edition_and_the_ledger_hears_of_it(desk):
    edition = desk.world.published()
    text_hash = edition.text_hash
    desk.editor.save(edition, topics=[str(desk.world.ferries.pk)], **{
        "mentions-TOTAL_FORMS": "1", "mentions-0-person": str(desk.world.ilo.pk), "mentions-0-role": "named",
    })  # fmt: skip
    assert list(again(edition).topics.all()) == [desk.world.ferries] and again(edition).text_hash == text_hash
    assert Mention.objects.get().edition == edition
    assert Change.objects.filter(kind=Change.RECLASSIFIED, uid=edition.article.uid).exists()
    assert again(desk.world.ilo).is_public(timezone.now()) and again(desk.world.ferries).is_public(timezone.now())


def test_an_article_that_ended_while_its_topics_were_saved_says_so(desk, monkeypatch):
    edition = desk.world.published()
    page, reclassify = desk.editor.open(edition), Article.reclassify

    def just_too_late(article, by, topics):
        article.expire(None)
        return reclassify(article, by, topics)

    monkeypatch.setattr(Article, "reclassify", just_too_late)
    answer = desk.editor.send(page, topics=[str(desk.world.water.pk)])
    assert "Nothing of this article is live" in said(answer)
    assert not edition.topics.exists() and Edition.objects.live(timezone.now()).exists()


def test_a_superseded_edition_is_not_classified_any_more(desk):
    first = desk.world.published()
    desk.world.published("Two", article=first.article, change_class="update", note="More.")
    assert desk.editor.client.post(reverse("admin:articles_edition_change", args=[first.pk]), {}).status_code == 403
    assert "Superseded" in str(desk.editor.open(first).context["sentence"])


def test_a_picture_in_a_sealed_edition_keeps_its_file(desk):
    image = picture()
    draft = desk.world.draft()
    Placement.objects.create(edition=draft, image=image, alt="A pier")
    address = reverse("admin:articles_image_change", args=[image.pk])
    assert 'name="file"' in desk.editor.client.get(address).content.decode()
    desk.world.approve(draft)
    draft.publish(desk.world.publisher)
    assert 'name="file"' not in desk.editor.client.get(address).content.decode()


def test_writers_change_their_own_drafts_only(desk):
    other = User.objects.create_user("other", is_staff=True)
    other.groups.set(desk.world.writer.groups.all())
    draft = desk.world.draft()
    hand = Hand(User.objects.get(pk=other.pk))
    page = hand.open(draft)
    assert page.status_code == 200 and 'name="headline"' not in page.content.decode()
    assert hand.client.post(page.request["PATH_INFO"], {"headline": "Taken", "opened": "1"}).status_code == 403
    assert hand.open(draft, "discard").status_code == 403
    assert desk.editor.save(draft, headline="Edited").status_code == 200 and again(draft).headline == "Edited"


def test_djangos_own_log_never_keeps_a_headline(desk):
    draft = desk.world.draft()
    desk.writer.save(draft, headline="A secret for now")
    assert not LogEntry.objects.exists()


def test_an_article_moves_and_its_old_address_leads_there(desk):
    edition = desk.world.published()
    address = reverse("admin:articles_article_change", args=[edition.article_id])
    desk.publisher.send(desk.publisher.client.get(address), slug="boats")
    assert again(edition.article).slug == "boats"
    assert edition.article.former_slugs.get().slug == "ferries-run-again"
    assert 'name="slug"' not in desk.editor.client.get(address).content.decode()


def test_a_family_of_translations_is_no_deeper_than_one_original(desk):
    original, translation = desk.world.published("Ferries"), desk.world.published("Les bacs")
    other, hand = desk.world.published("Others"), desk.editor

    def becomes(edition, of):
        address = reverse("admin:articles_article_change", args=[edition.article_id])
        hand.send(hand.client.get(address), translation_of=of.article_id)
        return Article.objects.get(pk=edition.article_id).translation_of_id == of.article_id

    assert becomes(translation, original)
    assert not becomes(other, translation) and not becomes(original, other) and becomes(other, original)
    add = desk.writer.client.get(reverse("admin:articles_edition_add"))
    words = {"headline": "Die Fähren", "body": "<p>Ja.</p>", "written_in": "de"}
    refused = desk.writer.send(add, **words, translation_of=translation.article_id)
    assert "Choose the original" in refused.text and not Edition.objects.filter(headline="Die Fähren").exists()
    desk.writer.send(add, **words, translation_of=original.article_id)
    assert Edition.objects.get(headline="Die Fähren").article.translation_of == original.article


# Time


@pytest.mark.parametrize(
    "day, clock, answer",
    [
        (date(2027, 3, 28), time(2, 30), "does not exist"),
        (date(2027, 10, 31), time(2, 30), "happens twice"),
        (date(2027, 3, 28), time(3, 0), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
        (date(2027, 10, 31), time(3, 0), datetime(2027, 10, 31, 2, 0, tzinfo=UTC)),
        (date(2027, 10, 31), time(1, 59), datetime(2027, 10, 30, 23, 59, tzinfo=UTC)),
        (date(9999, 12, 31), time(23, 59), datetime(9999, 12, 31, 22, 59, tzinfo=UTC)),
        (date(1, 1, 1), time(0, 0), "Choose a day"),
    ],
)
def test_a_time_that_the_clocks_skip_or_repeat_is_refused(day, clock, answer):
    if isinstance(answer, datetime):
        assert local_instant(day, clock) == answer
    else:
        with pytest.raises(ValidationError, match=answer):
            local_instant(day, clock)


def test_an_instant_that_has_passed_is_refused_and_the_page_keeps_what_was_typed(desk):
    edition = desk.world.ready()
    page = desk.publisher.press(edition, "schedule", day="2001-06-01", time="07:15")
    assert "has passed" in said(page) and "07:15" in page.content.decode()
    assert again(edition).live_from is None


# People, offices, topics


def person_form(desk, person, **changes):
    page = desk.editor.client.get(reverse("admin:people_person_change", args=[person.pk]))
    return desk.editor.send(page, **changes)


def test_other_spellings_are_written_one_per_line(desk):
    person_form(desk, desk.world.mara, aliases="Mara O. Lie\r\n\r\n  Mara Óstrander ")
    assert again(desk.world.mara).aliases == ["Mara O. Lie", "Mara Óstrander"]
    page = person_form(desk, desk.world.mara, same_as="javascript:alert(1)")
    assert page.context["errors"] and again(desk.world.mara).same_as == []


def test_a_public_person_is_amended_without_moving_the_day_it_became_public(desk):
    desk.world.published(body=f"<p>{desk.world.quote('We sail.', 'sail1')}</p>")
    public_from = again(desk.world.mara).public_from
    assert public_from.microsecond
    page = person_form(desk, desk.world.mara, biography="She grew up on the lake.")
    assert not page.context.get("errors") and again(desk.world.mara).biography
    assert again(desk.world.mara).public_from == public_from


def test_closed_time_is_refused_in_the_form_and_nothing_typed_is_lost(desk):
    sweep()
    page = person_form(
        desk, desk.world.ilo, public_from_0="2001-01-01", public_from_1="10:00", biography="A long life."
    )
    assert "that time is closed" in page.content.decode() and "A long life." in page.content.decode()
    assert again(desk.world.ilo).public_from is None and again(desk.world.ilo).biography == ""


def test_an_overlap_of_offices_is_explained(desk):
    page = desk.editor.client.get(reverse("admin:people_appointment_add"))
    people = {"person": str(desk.world.ilo.pk), "position": str(desk.world.secretary_general.pk)}
    page = desk.editor.send(page, since="2024-01-01", **people)
    assert "has one holder at a time: Mara Ostrander-Lie holds it" in page.content.decode()
    assert Appointment.objects.count() == 3


def test_a_writer_proposes_a_person_and_an_editor_confirms(desk):
    page = desk.writer.client.get(reverse("admin:people_person_add"))
    desk.writer.send(page, name="Tove Brandt")
    person = Person.objects.get(name="Tove Brandt")
    assert person.proposed and person.public_from is None
    assert "confirm it first" in said(desk.editor.act(Person, "make_public", [person]))
    desk.editor.act(Person, "confirm", [person])
    assert not again(person).proposed


def test_a_reference_is_made_public_by_hand(desk):
    sweep()
    horizon = State.objects.get().horizon
    desk.editor.act(Topic, "make_public", [desk.world.water, desk.world.ferries])
    for topic in (again(desk.world.water), again(desk.world.ferries)):
        assert topic.public_by_hand and topic.public_from > horizon and topic.is_public(timezone.now())
    assert {change.uid for change in sweep()} == {desk.world.water.uid, desk.world.ferries.uid}


def test_two_records_of_one_person_are_merged_after_a_choice(desk):
    twin = Person.objects.create(name="M. Ostrander Lie")
    assert "exactly two" in said(desk.editor.act(Person, "merge", [twin]))
    page = desk.editor.act(Person, "merge", [twin, desk.world.mara])
    assert page.status_code == 200 and again(twin).merged_into is None
    desk.editor.send(page, keep=str(desk.world.mara.pk))
    assert again(twin).merged_into == desk.world.mara
    names = desk.editor.client.get(
        reverse("admin:autocomplete"),
        {"term": "ostrander", "app_label": "articles", "model_name": "mention", "field_name": "person"},
    ).json()
    assert [row["text"] for row in names["results"]] == ["Mara Ostrander-Lie"]


def test_names_are_found_without_case_and_accents(desk):
    Person.objects.create(name="Éloïse Ågren")
    page = desk.editor.client.get(reverse("admin:people_person_changelist"), {"q": "agren ELOISE"})
    assert [person.name for person in page.context["cl"].result_list] == ["Éloïse Ågren"]


def test_a_person_with_a_new_address_keeps_the_old_one(desk):
    person_form(desk, desk.world.mara, slug="mara-lie", sort_name="Lie, Mara")
    assert (again(desk.world.mara).slug, again(desk.world.mara).sort_name) == ("mara-lie", "Lie, Mara")
    assert FormerSlug.objects.get().slug == "mara-ostrander-lie"


def test_a_topic_at_a_taken_place_is_refused(desk):
    page = desk.editor.client.get(reverse("admin:articles_topic_add"))
    page = desk.editor.send(page, name="Ferries again", parent=str(desk.world.water.pk), slug="ferries")
    assert "already" in page.content.decode() and Topic.objects.count() == 2


# What it costs, and what it loads


def queries(hand, address, **parameters):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert hand.client.get(address, parameters).status_code == 200
    return len(captured)


def test_the_list_costs_the_same_for_three_editions_and_for_thirty(desk):
    address = reverse("admin:articles_edition_changelist")
    desk.world.published(), desk.world.draft(), desk.world.ready()
    few = queries(desk.editor, address)
    for number in range(9):
        edition = desk.world.published(f"Live {number}")
        desk.world.draft(f"Next {number}", article=edition.article)
        desk.world.ready(f"Ready {number}")
    assert queries(desk.editor, address) == few <= 9
    assert queries(desk.editor, address, q="live", state="live", language="en") <= 9


def test_the_form_costs_the_same_for_one_quote_and_for_ten(desk):
    one = desk.world.draft(body=f"<p>{desk.world.quote('We sail.', 'sail0')}</p>")
    quotes = "".join(f"<p>{desk.world.quote(f'We sail, {n}.', f'sail{n}')}</p>" for n in range(1, 11))
    ten = desk.world.draft(body=quotes)
    few = queries(desk.writer, reverse("admin:articles_edition_change", args=[one.pk]))
    assert queries(desk.writer, reverse("admin:articles_edition_change", args=[ten.pk])) == few <= 34


def test_the_list_is_filtered_by_state(desk, subtests):
    world = desk.world
    made = {"draft": world.draft("draft"), "ready": world.ready("ready"), "live": world.published("live")}
    made["in-review"] = world.draft("in-review")
    made["in-review"].submit(world.writer)
    made["returned"] = world.draft("returned")
    made["returned"].submit(world.writer)
    made["returned"].send_back(world.editor, "Not yet.")
    made["scheduled"] = world.ready("scheduled")
    made["scheduled"].schedule(world.publisher, timezone.now() + timedelta(days=1))
    made["ended"], made["withheld"] = world.published("ended"), world.published("withheld")
    made["ended"].article.expire(world.publisher)
    made["withheld"].article.withdraw(world.publisher, "Wrong.")
    for state in ["draft", "returned", "in-review", "ready", "scheduled", "live", "ended", "withheld"]:
        with subtests.test(state=state):
            found = desk.editor.client.get(reverse("admin:articles_edition_changelist"), {"state": state}).context["cl"]
            expected = {state} if state != "draft" else {"draft", "returned", "in-review", "ready"}
            assert {edition.headline for edition in found.result_list} == expected


def test_no_page_carries_a_style_or_script_that_the_policy_would_refuse(desk):
    edition = desk.world.published(body=f"<p>{desk.world.quote('We sail.', 'sail1')}</p>")
    names = [
        "index",
        "articles_edition_changelist",
        "articles_edition_add",
        "people_person_changelist",
        "people_person_add",
    ]
    pages = [desk.publisher.client.get(reverse(f"admin:{name}")) for name in names]
    pages += [
        desk.publisher.open(edition),
        desk.publisher.open(desk.world.draft()),
        desk.publisher.open(edition, "redirect"),
    ]
    for page in pages:
        html = page.content.decode()
        assert "style-src 'self'" in page["Content-Security-Policy"] and "unsafe" not in page["Content-Security-Policy"]
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\s(?:src|nonce)=)", html), page.request[
            "PATH_INFO"
        ]
