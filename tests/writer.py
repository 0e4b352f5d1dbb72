"""A writer as a process: `python -m tests.writer SEED` does random verbs of the newsroom, by the real clock, for ever.

It is made to be killed: what it was at is whole or not there. What is refused with a sentence is no harm, nor is what
the database undid, because two waited for each other or one waited for too long; that is told, and counted. Anything
else ends it with its traceback.
"""

import random
import sys
from contextlib import suppress
from datetime import date, timedelta

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402 (the models come after the setup)
from django.core.exceptions import ValidationError  # noqa: E402
from django.db import OperationalError  # noqa: E402

from articles.ledger import database_now  # noqa: E402
from articles.merges import merge_people, merge_topics  # noqa: E402
from articles.models import (  # noqa: E402
    Article,
    Edition,
    Quote,
    RelatedItem,
    Topic,
)
from people.models import Appointment, Organisation, Person, Position, new_uid  # noqa: E402

WAITS = (0.5, 4)  # seconds, the shortest and the longest, until what is scheduled goes live


class Writer:
    #: verb → how often it is done among the others
    VERBS = {
        "publish": 30, "correct": 20, "schedule": 20, "reschedule": 3, "cancel": 3, "withdraw": 4, "redirect": 3,
        "expire": 3, "expire_later": 3, "erase": 1, "reclassify": 4, "relate": 3, "move": 3, "translate": 3,
        "file_quote": 2, "rename_topic": 2, "rename_person": 3, "rename_office": 1, "rename_house": 1, "amend_term": 2,
        "merge_two_people": 2, "merge_two_topics": 2,
    }  # fmt: skip

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.hands = {user.username: user for user in User.objects.all()}
        self.term = Appointment.objects.get(until=None)  # of the one who holds an office, and is merged with nobody
        self.writer, self.publisher = self.hands["writer"], self.hands["publisher"]

    def step(self):
        [verb] = self.random.choices([*self.VERBS], [*self.VERBS.values()])
        try:
            with suppress(ValidationError):
                getattr(self, verb)()
        except OperationalError as error:
            if not any(words in str(error) for words in ("deadlock detected", "database is locked")):
                raise
            print(f"undone: {verb}", flush=True)

    # What the verbs are done to

    def one_of(self, rows):
        """A row at random; a ValidationError when there is none."""
        keys = [*rows.order_by("pk").values_list("pk", flat=True)]
        if not keys:
            raise ValidationError("there is none")
        return rows.model.objects.get(pk=self.random.choice(keys))

    def soon(self):
        return database_now() + timedelta(seconds=self.random.uniform(*WAITS))

    def live(self):
        return self.one_of(Edition.objects.live(database_now()))

    def waiting(self):
        return self.one_of(Edition.objects.filter(live_from__gt=database_now()))

    def speaker(self):
        if self.random.random() < 0.2:
            return Person.objects.create(name=f"Pell {new_uid().title()}")
        if self.random.random() < 0.5:
            return self.term.person
        return self.one_of(Person.objects.surviving().filter(appointments=None))

    def topic(self):
        if self.random.random() < 0.1:
            above = self.random.choice([None, *Topic.objects.filter(parent=None, merged_into=None)])
            return Topic.objects.create(name=f"Topic {new_uid()}", parent=above)
        return self.one_of(Topic.objects.surviving())

    def ready(self, article):
        """A draft that has been approved, of new words that name people, topics and other articles."""
        said = f'“<q data-quote="{new_uid()}" data-speaker="{self.speaker().uid}">Words {new_uid()}.</q>”'
        edition = article.start_edition(
            self.writer, headline=f"Headline {new_uid()}", summary="The lake is open.", place="Lakeside",
            event_date=date(2024, 3, 1), body=f"<p>{said} said the council.</p>", expires_at=None,
            change_class="update", note="More is known.",
        )  # fmt: skip
        edition.topics.set([self.topic() for _ in range(self.random.randint(0, 2))])
        if self.random.random() < 0.2:
            edition.related.create(kind="article", label="See", article=self.one_of(Article.objects))
        return self.approved(edition)

    def approved(self, edition):
        edition.submit(self.writer)
        edition.approve(self.hands["editor"])
        return edition

    def new(self):
        return Article.objects.create(created_by=self.writer)

    # Verbs

    def publish(self):
        self.ready(self.new()).publish(self.publisher)

    def correct(self):
        self.ready(self.one_of(Article.objects)).publish(self.publisher)

    def schedule(self):
        article = self.new() if self.random.random() < 0.5 else self.one_of(Article.objects)
        self.ready(article).schedule(self.publisher, self.soon())

    def reschedule(self):
        self.waiting().reschedule(self.publisher, self.soon())

    def cancel(self):
        edition = self.waiting()
        edition.cancel(self.publisher)
        edition.discard(self.publisher)

    def withdraw(self):
        self.live().article.withdraw(self.publisher, "It was wrong.")

    def redirect(self):
        self.live().article.redirect(self.publisher, url="https://lakes.example/else")

    def expire(self):
        self.live().article.expire(self.publisher)

    def expire_later(self):
        self.live().article.expire(self.publisher, self.soon())

    def erase(self):
        self.live().article.erase(self.publisher, "court order")

    def reclassify(self):
        self.live().article.reclassify(self.publisher, [self.topic()])

    def relate(self):
        RelatedItem.objects.create(
            edition=self.live(), kind="article", label="See also", article=self.one_of(Article.objects)
        )

    def move(self):
        self.live().article.move(self.publisher, f"moved-{new_uid()}")

    def translate(self):
        self.approved(self.live().translate(self.writer, "fr")).publish(self.publisher)

    def file_quote(self):
        self.one_of(Quote.objects).topics.add(self.topic())

    def rename_topic(self):
        topic = self.topic()
        topic.name, topic.slug = f"Topic {new_uid()}", ""
        topic.save()

    def rename_person(self):
        self.speaker().rename(f"Pell {new_uid().title()}")

    def rename_office(self):
        Position.objects.filter(pk=self.term.position_id).update(title=f"Secretary-General {new_uid()}")

    def rename_house(self):
        Organisation.objects.filter(pk=self.term.position.organisation_id).update(name=f"Council {new_uid()}")

    def amend_term(self):
        self.term.since = date(2023, 9, 1) + timedelta(days=self.random.randint(0, 150))
        self.term.save()

    def merge_two_people(self):
        people = Person.objects.surviving().filter(appointments=None)
        merge_people(self.one_of(people), self.one_of(people), self.hands["editor"])

    def merge_two_topics(self):
        merge_topics(self.one_of(Topic.objects.surviving()), self.one_of(Topic.objects), self.hands["editor"])


if __name__ == "__main__":
    writer = Writer(sys.argv[1])
    while True:
        writer.step()
