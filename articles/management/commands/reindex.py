"""Make the full-text index anew from the editions: after an import past the verbs, or when `verify` asks for it."""

from django.core.management.base import BaseCommand
from django.db import transaction

from articles import search
from articles.models import Edition


class Command(BaseCommand):
    help = "Make the full-text index anew. Until it is done the old one answers; nobody can save meanwhile on SQLite."

    @transaction.atomic
    def handle(self, **options):
        search.clear()
        editions = Edition.objects.searched().order_by("id").iterator(chunk_size=500)
        count = search.store(edition.document() for edition in editions)
        self.stdout.write(f"{count} editions can be found by their words.")
