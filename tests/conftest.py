"""The named world of the tests, and the two places where tests may lift the seal: a flush, and nothing else."""

import os
from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings

from articles import seal, search
from articles.models import Article, Topic
from people.models import Appointment, Organisation, Person, Position
from tests.browser import browser, visit  # noqa: F401 (fixtures)

settings.register_profile("check", max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
settings.register_profile("soak", max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "check"))


#: the smallest file that is a PDF by its content
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture(scope="session", autouse=True)
def _flush_needs_the_seal_lifted():
    flush = TransactionTestCase._fixture_teardown

    def teardown(self):
        cache.clear()  # the counts of sign-ins lie in a table that no model has
        search.clear()  # and so do the words
        seal.remove()
        flush(self)  # its post_migrate puts the seal, the ledger's rows and the roles back

    def emptied(style, tables, **options):
        """TRUNCATE makes every file of every table anew, a second and a half for tables that hold ten rows."""
        name = connection.ops.quote_name
        return ["SET LOCAL session_replication_role = replica", *(f"DELETE FROM {name(table)}" for table in tables)]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        if connection.vendor == "postgresql":
            patched.setattr(connection.ops, "sql_flush", emptied)
        yield


def pytest_collection_modifyitems(items):
    """Files with a browser first: they take longest, and what is left at the end should be short."""
    for item in items:
        if "browser" in item.fixturenames:
            item.add_marker("browser")
    slow = {item.path for item in items if item.get_closest_marker("browser")}
    items.sort(key=lambda item: item.path not in slow)


def instant(text):
    """ "2024-03-01 10:00" as an instant, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class World:
    """A small newsroom: three hands, one organisation, a Secretary-General and her predecessor, two topics."""

    def __init__(self):
        self.writer, self.editor, self.publisher = (self.hand(role) for role in ("writer", "editor", "publisher"))
        self.council = Organisation.objects.create(name="Council of Lakes", abbreviation="CL")
        self.secretary_general = Position.objects.create(
            title="Secretary-General", organisation=self.council, single_holder=True, rank=10
        )
        self.commissioner = Position.objects.create(title="Commissioner for Ferries", organisation=self.council, rank=5)
        self.mara = Person.objects.create(name="Mara Ostrander-Lie")
        self.ilo = Person.objects.create(name="Ilo Verhaak")
        Appointment.objects.create(
            person=self.ilo, position=self.secretary_general, since=date(2014, 1, 1), until=date(2023, 9, 1)
        )
        Appointment.objects.create(person=self.mara, position=self.secretary_general, since=date(2023, 9, 1))
        Appointment.objects.create(
            person=self.mara, position=self.commissioner, since=date(2018, 5, 1), until=date(2023, 9, 1)
        )
        self.water = Topic.objects.create(name="Water")
        self.ferries = Topic.objects.create(name="Ferries", parent=self.water)

    @staticmethod
    def hand(role):
        user, _ = User.objects.get_or_create(username=role, defaults={"email": f"{role}@newsroom.example"})
        user.groups.add(Group.objects.get(name=role))
        return User.objects.get(pk=user.pk)

    def quote(self, words, key, person=None):
        return f'“<q data-quote="{key}" data-speaker="{(person or self.mara).uid}">{words}</q>”'

    def draft(self, headline="Ferries run again", body=None, article=None, **words):
        """A complete draft by the writer; of a new article unless one is given."""
        article = article or Article.objects.create(created_by=self.writer)
        words = {
            "summary": "The lake is open.", "event_date": date(2024, 3, 1), "place": "Lakeside",
            "body": body if body is not None else f"<p>{headline}, the council said.</p>",
        } | words  # fmt: skip
        return article.start_edition(self.writer, headline=headline, **words)

    def ready(self, *args, at=None, **kwargs):
        """A draft that has been submitted and approved."""
        edition = self.draft(*args, **kwargs)
        self.approve(edition, at)
        return edition

    def approve(self, edition, at=None):
        edition.submit(self.writer, at=at)
        edition.approve(self.editor, at=at)

    def published(self, *args, at=None, **kwargs):
        edition = self.ready(*args, at=at, **kwargs)
        return edition.publish(self.publisher, at=at)


@pytest.fixture
def world(db):
    return World()


@pytest.fixture
def open_world(transactional_db):
    """The world, committed: for what happens between transactions."""
    return World()
