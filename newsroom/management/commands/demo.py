"""Loads the demonstration newsroom: `manage.py demo`, and with `--articles N` a past of N generated articles."""

import time

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from articles.models import Article, Edition
from articles.roles import ROLES
from newsroom import backlog
from newsroom.story import NotFresh, Story, password


class Command(BaseCommand):
    help = (
        "Load the demonstration newsroom into an empty database, migrated if need be. A second run keeps what is there."
    )

    requires_system_checks = []  # the server that follows makes them; a second run is up in half the time

    def add_arguments(self, parser):
        parser.add_argument(
            "--articles", type=int, default=0, metavar="N", help="before the story, N generated articles for load work"
        )

    def handle(self, *, articles, **options):
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.tell("Preparing the database …")
            call_command("migrate", verbosity=0)
        story, began = Story(), time.monotonic()
        if story.is_told():
            if articles:
                raise CommandError(
                    "This newsroom is not empty: generated articles come before the story, in a database of their own."
                )
            self.stdout.write("The demonstration newsroom is already here; it is kept as it is.")
        else:
            try:
                self.load(story, articles)
            except NotFresh as refusal:
                raise CommandError(str(refusal)) from refusal
            self.tell(
                f"{Article.objects.count()} articles in {Edition.objects.count()} editions, "
                f"loaded in {time.monotonic() - began:.0f} s"
            )
        self.stdout.write(
            f"\nRead it at       {settings.SITE_URL}/"
            f"\nQuery it at      {settings.SITE_URL}/api/v1/"
            f"\nEdit it at       {settings.SITE_URL}/admin/ as one of"
        )
        for role in ROLES:
            self.stdout.write(f"{'':17}{role}, password {password(role)}")

    @transaction.atomic  # whoever interrupts it finds the newsroom empty, as it was
    def load(self, story, articles):
        story.begin(since=backlog.years_before(story) if articles else None)
        self.tell(f"{len(story.people)} people, {len(story.positions)} positions, {len(story.topics)} topics")
        if articles:
            backlog.fill(story, articles, self.tell)
        story.replay(self.tell)

    def tell(self, line):
        self.stdout.write(line)
        self.stdout.flush()
