"""Words leave this database for good: the rows by `Article.erase`, then the files they lay in."""

import re
import time

from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from articles import search
from articles.management.commands.import_release import somebody
from articles.models import (
    Act,
    Arrival,
    Article,
    Attachment,
    Edition,
    Ending,
    Image,
    Mention,
    OldSlug,
    Placement,
    QuoteText,
    RelatedItem,
    Release,
    Rendition,
    Save,
    Share,
)

#: the tables that held words of an article; on PostgreSQL each is written anew, without the dead rows
TABLES = [Article, OldSlug, Edition, QuoteText, Placement, Attachment, Image, Rendition, Mention, RelatedItem, Save,
          Act, Ending, Release, Arrival, Share, LogEntry]  # fmt: skip

REMAINS = {
    "sqlite": [
        "freed blocks of the disk, where a rollback journal or a write-ahead log stood: until the system reuses them",
        "copies of this file and backups made before now: until you delete them",
    ],
    "postgresql": [
        "the write-ahead log, with its archive: until its segments are recycled or expire",
        "old statistics (pg_statistic), where this role does not own the database: until their space is reused",
        "replicas: until they have replayed this",
        "base backups and dumps made before now: until you delete them",
    ],
}


class Command(BaseCommand):
    help = (
        "Erase an article (UID) or one edition of it (UID/NUMBER): its words are gone from every table, a tombstone "
        "stays. Then the database's files are rewritten, which locks the tables for that time. Not undoable."
    )

    def add_arguments(self, parser):
        parser.add_argument("uid", metavar="UID[/NUMBER]")
        parser.add_argument("--by", required=True, metavar="USERNAME", help="who decides (may erase articles)")
        parser.add_argument("--ground", required=True, metavar="TEXT", help="the legal ground; it stays on record")

    def handle(self, *args, uid, by, ground, **options):
        article, edition = self.found(uid)
        if connection.in_atomic_block:
            raise CommandError("Erasing rewrites files; that cannot be done inside a transaction.")
        held = counted(article, edition)
        try:
            article.erase(somebody(by), ground, edition=edition)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except PermissionDenied as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Erased {uid}: {', '.join(held)}. A tombstone stays, with the ground you gave.")
        self.stdout.write(f"Rewrote {rewrite_files()}.")
        self.stdout.write("What remains, outside the reach of this command:")
        for remainder in [*REMAINS[connection.vendor], "pages kept by caches and readers elsewhere: until they expire"]:
            self.stdout.write(f"  {remainder}")

    def found(self, uid):
        uid, _slash, number = uid.partition("/")
        article = Article.objects.filter(uid=uid).first()
        if article is None:
            raise CommandError(f"There is no article {uid}.")
        if not number:
            return article, None
        edition = number.isdecimal() and len(number) < 9 and article.editions.filter(number=int(number)).first()
        if not edition:
            raise CommandError(f"Article {uid} has no edition {number}.")
        return article, edition


def counted(article, edition):
    """What is about to go, in words."""
    editions = article.editions.filter(pk=edition.pk) if edition else article.editions.all()
    rows = [(editions, "edition")] + [
        (model.objects.filter(edition__in=editions), model._meta.verbose_name)
        for model in (QuoteText, Placement, Attachment, Mention, RelatedItem, Save, Share)
    ]
    rows.append((article.releases.all(), "release"))
    counts = ((queryset.count(), name) for queryset, name in rows)
    return [f"{count} {name}{'s' if count > 1 else ''}" for count, name in counts if count]


def rewrite_files(patience=60):
    """The database's files without what was deleted in them. Returns what was rewritten, in words; raises CommandError
    when somebody's transaction still holds old rows after `patience` seconds."""
    if connection.vendor == "sqlite":
        rewrite, files = rewrite_sqlite, ["the database file"]
    else:
        rewrite, files = rewrite_postgresql, [*(model._meta.db_table for model in TABLES), search.TABLE, "pg_statistic"]
    held, give_up = rewrite(files), time.monotonic() + patience
    while held:
        if time.monotonic() > give_up:
            raise CommandError(
                f"The words are gone from every row, but old copies still lie in {', '.join(held)}: "
                "an older transaction can see them. End it, and VACUUM (FULL) these."
            )
        time.sleep(1)
        held = rewrite(held)
    return ", ".join(files)


def rewrite_sqlite(files):
    """VACUUM writes the file anew. Returns what another connection kept from being rewritten."""
    with connection.cursor() as cursor:
        try:
            cursor.execute("VACUUM")
        except OperationalError as error:
            if "locked" not in str(error):
                raise
            return files
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        is_busy = cursor.fetchone()[0]
    return ["the write-ahead log"] if is_busy else []


def rewrite_postgresql(tables):
    """VACUUM FULL writes tables anew (plain VACUUM leaves the words in the file) but keeps the rows that an older
    snapshot may want: it says how many, first in the details of its notices. ANALYZE replaces the samples of words
    that the planner has kept. Returns the tables in which rows were kept."""
    counts, held = [], []

    def heard(notice):
        if number := re.search(r"\d+", notice.message_detail or ""):
            counts.append(int(number[0]))

    with connection.cursor() as cursor:
        connection.connection.add_notice_handler(heard)
        try:
            for table in tables:
                counts.clear()
                analyze = "" if table == "pg_statistic" else ", ANALYZE"
                cursor.execute(f"VACUUM (FULL, VERBOSE{analyze}) {connection.ops.quote_name(table)}")
                if sum(counts):
                    held.append(table)
        finally:
            connection.connection.remove_notice_handler(heard)
    return held
