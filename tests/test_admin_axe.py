"""axe on the pages that editors open: nothing serious, in light and in dark; and no page scrolls sideways."""

import time
from datetime import date, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from articles import imports
from articles.admin.editions import VERBS
from articles.desk import Override
from articles.images import Placement
from articles.models import Mention
from articles.releases import Opened
from articles.sharing import EmbargoRead
from newsroom.partners import Partner
from people.models import Appointment, Person, Position
from tests.browser import PASSWORD, sign_in
from tests.test_access import code, with_app
from tests.test_admin import FOR_NOBODY, addresses, picture, webhook

pytestmark = pytest.mark.any_database  # how pages look and read

#: Style sheets are not preloaded: axe would put them into the page, and our policy stops that.
AXE = """async rules => {
  document.getAnimations().forEach(one => one.finish());
  const { violations } = await axe.run({ preload: false, resultTypes: ["violations"], ...rules });
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(", ")}`);
}"""
RELEASE = """Embargoed until 24 November 2090, 18:00 CET
Cables of the Outer Sound get a watch
LAKESIDE, 20 November 2090 - The council met.
“A cable that nobody watches is a cable that somebody will cut,” said Mara Ostrander-Lie.
“It is late, but it is certainly not too late to begin with it.”"""
LONG = "Transcript: the Secretary-General at the lake, with questions and answers from students and all their guests"
#: one verb for each page that asks for something else
ASKING = [
    "submit", "return", "schedule", "expire", "translate", "withdraw", "redirect", "erase", "override", "countersign",
    "discard",
]  # fmt: skip
#: of the pages that Django makes alike for every record, these stand for all
ALIKE = {"articles_edition_history", "people_person_history", "auth_group_delete"}


def wrong_with(page, widths):
    page.evaluate(Axe().axe_script)
    wrong = page.evaluate(AXE, {})
    page.emulate_media(color_scheme="dark")
    wrong += [f"dark {found}" for found in page.evaluate(AXE, {"runOnly": ["color-contrast"]})]
    page.emulate_media(color_scheme="light")
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"scrolls sideways at {width}")
    page.set_viewport_size({"width": 1440, "height": 900})
    return wrong


class Walk:
    """A way through pages; `found` has what is wrong, by the name of the page."""

    def __init__(self, page, address, widths=(390, 820)):
        self.page, self.address, self.widths, self.found = page, address, widths, {}
        page.set_viewport_size({"width": 1440, "height": 900})

    def look(self, name):
        if wrong := wrong_with(self.page, self.widths):
            self.found[name] = wrong

    def go(self, name, address, ready=None):
        assert self.page.goto(self.address + address).status < 400, name
        if ready:
            expect(self.page.locator(ready)).to_be_visible()
        self.look(name)

    def press(self, button, name, says):
        self.page.get_by_role("button", name=button, exact=True).first.click()
        expect(self.page.get_by_text(says).first).to_be_visible()
        self.look(name)


def furnished(world):
    """Names and headlines that are long or run from right to left, a successor, a draft that lacks much; and editions
    by their stage."""
    world.mara.aliases, world.mara.biography = ["M. Lie", "مارا"], "Trained as a hydrographer."
    world.mara.save()
    post = Position.objects.create(
        title="Deputy Commissioner for Harbours and Inland Waters", organisation=world.council
    )
    Appointment.objects.create(person=world.mara, position=post, since=date(2016, 1, 1), until=date(2018, 5, 1))
    live = world.published(LONG, f"<h2>On ice</h2><p>{world.quote('The lake is ours', 'lake1')} and 4 boats.</p>")
    world.published("العبّارات تعود", "<p>عادت العبّارات.</p>")
    draft = live.article.start_edition(world.writer)
    draft.body = draft.body.replace("4 boats", '5 boats. She said: “We sail.” “<q data-quote="who1">At night.</q>”')
    draft.summary = ""
    draft.save(by=world.writer)
    Placement.objects.create(edition=draft, image=picture())
    Mention.objects.create(edition=draft, person=world.ilo, position=world.secretary_general)
    in_review = world.draft("To be read")
    in_review.submit(world.writer)
    returned = world.draft("Returned")
    returned.submit(world.writer)
    returned.send_back(world.editor, "Not yet.")
    scheduled = world.ready("Due")
    scheduled.schedule(world.publisher, timezone.now() + timedelta(days=1))
    ready = world.ready("Approved")
    Person.objects.create(name="M. Ostrander Lie", proposed=True)
    return {"live": live, "writing": draft, "in-review": in_review, "ready": ready, "scheduled": scheduled}


def pages(world):
    """Every address of the admin that answers its superuser with a page."""
    client = Client()
    client.force_login(world.publisher)
    for name, address in addresses(world):
        is_log = name.endswith("_changelist") and name.rpartition("_")[0] in FOR_NOBODY
        if name in ALIKE or not (is_log or name.endswith(("_history", "_delete"))):
            answer = client.get(address)
            if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
                yield name, address


def test_axe_finds_nothing_serious_on_any_page(visit, open_world, live_server):
    world = open_world
    world.publisher.is_superuser = True
    page = sign_in(visit, world.publisher, "/admin/")
    walk = Walk(page, live_server.url)
    expect(page.get_by_text("From nothing to the first published item")).to_be_visible()
    walk.look("desk, empty")
    by_stage = furnished(world)
    for name, address in pages(world):
        walk.go(name, address, ".tiptap" if name == "articles_edition_add" else None)
    alone = Override.objects.get().edition
    for key in ASKING:
        edition = alone if key == "countersign" else by_stage[VERBS[key].stages[0]]
        walk.go(key, reverse("admin:articles_edition_verb", args=[edition.pk, key]))
    fold = reverse("admin:articles_edition_verb", args=[by_stage["ready"].pk, "schedule"])
    walk.go("an hour that comes twice", f"{fold}?day=30+Oct+2033&time=02:30", "text=happens twice")
    walk.go("nothing found", reverse("admin:articles_edition_changelist") + "?q=zebra")
    walk.go("live", reverse("admin:articles_edition_change", args=[by_stage["live"].pk]))
    walk.go("two editions", reverse("admin:articles_edition_history", args=[by_stage["writing"].pk]))
    translation = by_stage["live"].translate(world.publisher, "fr")
    walk.go("translation", reverse("admin:articles_edition_change", args=[translation.pk]), ".tiptap")
    walk.go("merging", reverse("admin:people_person_merge", args=[world.ilo.pk]) + f"?with={world.mara.pk}")
    arrival = imports.arrive(Opened(RELEASE), "cables.txt", "cables", world.publisher)
    walk.go("review", reverse("admin:articles_edition_arrival", args=[arrival.pk]))
    by_stage["scheduled"].give(world.publisher)
    EmbargoRead.note([by_stage["scheduled"]], timezone.now(), reader="Lake Wire", key="nr_1… (robot)", in_a_list=True)
    walk.go("given to partners", reverse("admin:articles_edition_change", args=[by_stage["scheduled"].pk]))
    walk.go("keys", reverse("admin:newsroom_partner_keys", args=[Partner.objects.get(name="Lake Wire").pk]))
    page.get_by_label("For what").fill("archive")
    walk.press("Make the key", "a key", "It is shown only now.")
    hook = webhook(world, name="A newspaper with a name so long that it will not fit a line of a narrow screen")
    hook.missed("It answered 500 Internal Server Error.", timezone.now())
    walk.go("webhooks", reverse("admin:newsroom_webhook_changelist"))
    walk.go("a webhook that fails", reverse("admin:newsroom_webhook_change", args=[hook.pk]))
    walk.press("New secret", "the secret", "It is shown only now.")
    assert walk.found == {}


def test_axe_finds_nothing_serious_while_one_writes(visit, open_world, live_server):
    world = open_world
    draft = furnished(world)["writing"]
    address = reverse("admin:articles_edition_change", args=[draft.pk])
    walk = Walk(sign_in(visit, world.editor, address), live_server.url)
    page = walk.page
    page.locator("button.speaker.missing").click()
    expect(page.get_by_role("dialog").get_by_role("option").first).to_be_visible()
    walk.look("who says this?")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Suggest quotes").click()
    expect(page.locator(".suggestions")).to_be_visible()
    walk.look("suggestions")
    page.get_by_label("Headline").fill("")
    walk.press("Save", "errors", "This field is required.")
    page.get_by_label("Headline").fill("My words")
    draft.headline, draft.body = "Their words", draft.body.replace("5 boats", "6 boats")
    draft.save(by=world.writer)
    walk.press("Save", "two texts", "Two texts, one article")
    visit.wrong[:] = [told for told in visit.wrong if "409 (Conflict)" not in told]  # that it answers so is right
    page.on("dialog", lambda dialog: dialog.accept())
    walk.go("links", reverse("admin:articles_edition_share", args=[draft.pk]))
    walk.press("Make the link", "a link", "It is shown only now.")
    assert walk.found == {}


def test_axe_finds_nothing_serious_where_one_signs_in(visit, open_world, live_server, settings):
    settings.MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
    draft = open_world.draft()
    page = visit(reverse("account_reset_password"))
    walk = Walk(page, live_server.url)
    walk.look("forgotten")
    page.get_by_label("Email").fill("writer@newsroom.example")
    walk.press("Send the letter", "letter", "A letter is on its way")
    page.context.close()
    walk.page = page = sign_in(visit, open_world.publisher, reverse("admin:articles_edition_change", args=[draft.pk]))
    page.get_by_label("Headline").fill("Typed")
    Session.objects.all().delete()
    walk.press("Save", "kept", "kept in this page and nowhere else")
    page.get_by_label("Username").fill("publisher")
    page.get_by_label("Password").fill("wrong")
    walk.press("Sign in", "refused", "not correct")
    page.get_by_label("Password").fill(PASSWORD)
    walk.press("Sign in", "given back", "is not saved yet")
    page.on("dialog", lambda dialog: dialog.accept())
    for name in ("account_change_password", "mfa_activate_totp", "mfa_add_webauthn", "account_reauthenticate"):
        walk.go(name, reverse(name))
    secret = with_app(open_world.publisher)
    for name in ("mfa_index", "mfa_reauthenticate", "mfa_deactivate_totp", "mfa_generate_recovery_codes"):
        walk.go(name, reverse(name))
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Username").fill("publisher")
    page.get_by_label("Password").fill(PASSWORD)
    walk.press("Sign in", "second factor", "Code")
    page.get_by_label("Code").fill(code(secret, time.time()))
    walk.press("Sign in", "desk", "a password alone")
    assert walk.found == {}
