"""What the editors' pages may ask of the database: so many statements, and not one more when there is more to show."""

from datetime import date, timedelta

from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles.desk import Override, Release
from articles.images import Image
from articles.models import ReleaseGroup, sweep
from articles.sharing import EmbargoRead
from articles.topics import Topic
from newsroom.partners import Key, Partner
from people.models import Appointment, Organisation, Person, Position
from tests.test_admin import webhook

#: the pages of a model: the most statements of its list, its list searched, and its form, for a superuser
BUDGETS = """
articles.article        6 10 11
articles.edition        9 10 34
articles.image          5  5  7
articles.quote          5  8  8
articles.quotetext      5  8  8
articles.topic          5  5 14
articles.change         5  5  4
articles.act            5  8  8
articles.save           5  8  8
articles.override       5  5  8
articles.release        5  5  8
articles.releasegroup   5  5  8
articles.ending         5  5  8
articles.erasure        5  5  8
articles.state          5  5  4
articles.embargoread    5  8  8
newsroom.partner        5  5 10
articles.standingpage   5  5  8
people.person           5  5 26
people.organisation     5  5 14
people.position         5  5 16
people.appointment      5  5  9
newsroom.webhook        5  5  7
auth.user               6  6  9
auth.group              5  5  8
"""
#: the first page, and what is not a list or a form
OTHERS = {"index": 30, "everything": 4, "articles_edition_add": 6, "articles_releasegroup_add": 6}


def budgets():
    return {name: tuple(map(int, numbers)) for name, *numbers in map(str.split, BUDGETS.strip().splitlines())}


def test_every_registered_model_has_its_budget():
    assert sorted(budgets()) == sorted(model._meta.label_lower for model in admin.site._registry)


class Record:
    """A record that grows by one of everything at a time."""

    def __init__(self, world):
        self.world, self.size, self.root = world, 0, User.objects.create_superuser("root")
        self.client = Client()
        self.client.force_login(self.root)

    def grow(self):
        self.size += 1
        world, number, now = self.world, self.size, timezone.now()
        Topic.objects.create(name=f"Lake {number}", proposed=True)
        house = Organisation.objects.create(name=f"House {number}", proposed=True)
        Position.objects.create(title=f"Pilot {number}", organisation=house, proposed=True)
        office = Position.objects.create(title=f"Envoy {number}", organisation=world.council)
        person = Person.objects.create(name=f"Ada Sea {number}")
        Appointment.objects.create(person=person, position=office, since=date(2020, 1, 1))
        Person.objects.create(name=f"Bo Sea {number}", proposed=True)
        quotes = f"{world.quote('The sea.', f'of{number}')}{world.quote('All sea.', f'by{number}', person)}"
        live = world.published(f"The sea, {number}", body=f"<p>{quotes}</p>")
        gone = world.published(f"Sea gone, {number}")
        gone.article.withdraw(world.publisher, "The sea was wrong.")
        gone.article.erase(world.publisher, "Sea court")
        world.draft(f"Next sea, {number}", article=live.article, body=f"<p>{world.quote('Sea.', f'd{number}')}</p>")
        world.draft(f"Sea to review, {number}").submit(world.writer)
        world.ready(f"Sea ready, {number}")
        pair = [world.ready(f"One sea of two, {number}"), world.ready(f"Two of two, {number}")]
        ReleaseGroup.release(world.publisher, f"Sea {number}", pair, now + timedelta(days=number))
        Override.objects.create(edition=live, by=world.publisher, at=now, reason="Sea storm")
        partner = Partner.objects.create(name=f"Sea Wire {number}", under_embargo=True)
        Key.mint(partner, world.publisher, "robot", now, None)
        Key.mint(Partner.objects.order_by("pk").first(), world.publisher, "robot", now, None)
        EmbargoRead.note([live], now, reader=f"Sea Wire {number}", key="nr_01234567… (robot)", in_a_list=False)
        Release.objects.create(
            article=live.article, name="sea.txt", digest=number, text="", proposal={}, imported_at=now
        )
        Image.objects.bulk_create([Image(title=f"Sea {number}", file=f"images/{number}.png", width=2, height=1)])
        webhook(world, name=f"The Sea Post {number}")
        User.objects.create_user(f"sea{number}", is_staff=True)
        sweep()
        return self

    def cost(self, address, **parameters):
        with CaptureQueriesContext(connection) as captured:
            assert self.client.get(address, parameters).status_code == 200, address
        return len(captured)

    def costs(self):
        """{page: statements}; the form of each model is that of its first row, which the whole record hangs on."""
        found = {name: self.cost(reverse(f"admin:{name}")) for name in OTHERS}
        for model in admin.site._registry:
            pages = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            first = model._default_manager.order_by("pk").first()
            found[model._meta.label_lower] = (
                self.cost(reverse(f"{pages}_changelist")), self.cost(reverse(f"{pages}_changelist"), q="sea"),
                self.cost(reverse(f"{pages}_change", args=[first.pk])),
            )  # fmt: skip
        return found


def test_no_list_and_no_form_asks_more_of_a_larger_record(world, monkeypatch):
    for model_admin in admin.site._registry.values():
        monkeypatch.setattr(model_admin, "list_per_page", 1000)  # every row is shown, and none costs a statement
    ContentType.objects.get_for_models(*admin.site._registry)  # kept by the process, so the first to ask would pay
    record = Record(world)
    few = record.grow().costs()
    for _ in range(9):
        record.grow()
    many = record.costs()
    assert many == few
    over = {page: few[page] for page, most in (budgets() | OTHERS).items() if not within(few[page], most)}
    assert over == {}


def within(cost, most):
    return cost <= most if isinstance(most, int) else all(one <= limit for one, limit in zip(cost, most, strict=True))
