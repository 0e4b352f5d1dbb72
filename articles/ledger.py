"""The ledger: every public effect, numbered and hash-chained, and the instant up to which all is closed for ever.

It knows chains and numbers, not articles: what became due is told to it by `articles.models.sweep`.
Lock order everywhere: articles by id, reference rows, then the state row.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection, models

BEFORE_ALL_TIME = datetime(1000, 1, 1, tzinfo=UTC)
GENESIS = hashlib.sha256(b"newsroom ledger 1").hexdigest()
TICK = timedelta(microseconds=1)


def database_now():
    """The one clock of all writers: the database's, so that two hosts cannot disagree (SQLite has its host's)."""
    if connection.vendor != "postgresql":
        return datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


@dataclass(frozen=True)
class Event:
    """One public effect, not yet numbered."""

    at: datetime
    kind: str
    type: str
    uid: str
    edition: int | None = None
    content_hash: str = ""

    @property
    def order(self):
        """Ends before starts at one instant; then by uid, so that every run numbers alike."""
        return (self.at, self.kind in Change.STARTS, self.uid, self.kind, self.edition or 0)


class State(models.Model):
    """The one row of the ledger. Everything at or before `horizon` is closed; everything after it is free."""

    seq = models.BigIntegerField(default=0)
    head = models.CharField(max_length=64, default=GENESIS)
    horizon = models.DateTimeField(default=BEFORE_ALL_TIME)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="state_is_one_row")]

    def __str__(self):
        return f"{self.seq} until {self.horizon.isoformat()}"

    @classmethod
    def held(cls, **options):
        """The row, locked until commit: whoever sets or moves a boundary holds it. Needs a transaction."""
        return cls.objects.select_for_update(no_key=True, **options).get(id=1)

    @property
    def cursor(self):
        """The place after all that is numbered."""
        return f"{self.seq}-{self.head[:16]}"

    def next_instant(self, at=None):
        """The instant at which a verb acts: `at` (default: now), but always after the horizon."""
        return max(at or database_now(), self.horizon + TICK)

    def close(self, until, events):
        """Number `events` in order, chain them, and close all time up to `until`. The row must be held."""
        changes = []
        for event in sorted(events, key=lambda event: event.order):
            self.seq += 1
            self.head = chained(self.head, self.seq, event)
            changes.append(
                Change(
                    seq=self.seq, at=event.at, kind=event.kind, type=event.type, uid=event.uid,
                    edition=event.edition, content_hash=event.content_hash, head=self.head,
                )
            )  # fmt: skip
        Change.objects.bulk_create(changes, batch_size=500)
        self.horizon = max(until, self.horizon)
        self.save(update_fields=["seq", "head", "horizon"])
        return changes


def chained(head, seq, event):
    """The hash of the ledger at `seq`: SHA-256 over the one before and the event's fields, a line each, UTF-8."""
    at = event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    edition = "" if event.edition is None else event.edition
    fields = (head, seq, at, event.kind, event.type, event.uid, edition, event.content_hash)
    return hashlib.sha256("\n".join(map(str, fields)).encode()).hexdigest()


class Change(models.Model):
    """One numbered public effect. Never changed, never deleted; numbers have no gaps."""

    LIVE, ENDED, WITHDRAWN, REDIRECTED, ERASED, RECLASSIFIED = (
        "live", "ended", "withdrawn", "redirected", "erased", "reclassified",
    )  # fmt: skip
    PUBLIC, AMENDED, RENAMED, MERGED = "public", "amended", "renamed", "merged"
    STARTS = {LIVE, PUBLIC}

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    type = models.CharField(max_length=20)
    uid = models.CharField(max_length=24)
    edition = models.PositiveIntegerField(null=True)
    content_hash = models.CharField(max_length=64, blank=True)
    head = models.CharField(max_length=64)

    class Meta:
        ordering = ["seq"]
        indexes = [models.Index(fields=["uid", "-seq"], name="change_of")]

    def __str__(self):
        return f"{self.seq} {self.kind} {self.type} {self.uid}"

    @property
    def cursor(self):
        """The place after this change: its number and the first bytes of the chain there, which prove it is ours."""
        return f"{self.seq}-{self.head[:16]}"


START_CURSOR = f"0-{GENESIS[:16]}"


class HistoryChanged(ValueError):
    """The cursor is not of this chain: the ledger was restored to an earlier point, or the cursor is another's."""


def changes_after(cursor, limit):
    """(changes, cursor after them, more) for a partner's `cursor` ('' = from the start). Raises HistoryChanged for
    a place that is not ours or ahead of us, ValueError for a text that is no cursor."""
    seq, _, proof = (cursor or START_CURSOR).partition("-")
    if not (seq.isascii() and seq.isdigit() and len(seq) < 19 and len(proof) == 16):
        raise ValueError("not a cursor")
    if int(seq) == 0:
        known = proof == GENESIS[:16]
    else:
        head = Change.objects.filter(seq=int(seq)).values_list("head", flat=True).first()
        known = head is not None and head.startswith(proof)
    if not known:
        raise HistoryChanged(cursor)
    page = list(Change.objects.filter(seq__gt=int(seq)).order_by("seq")[: limit + 1])
    changes = page[:limit]
    return changes, changes[-1].cursor if changes else f"{int(seq)}-{proof}", len(page) > limit


def epoch():
    """The name of this chain: the hash of its first change, '' while there is none."""
    return Change.objects.filter(seq=1).values_list("head", flat=True).first() or ""


class Amendment(models.Model):
    """An effect without a boundary (a public row amended, renamed, merged, reclassified), written by triggers in the
    transaction that caused it and numbered by the next sweep: nothing can forget to tell the ledger."""

    kind = models.CharField(max_length=20)
    type = models.CharField(max_length=20)
    uid = models.CharField(max_length=24)
    edition = models.PositiveIntegerField(null=True)

    def __str__(self):
        return f"{self.kind} {self.type} {self.uid}"


class Stamp(models.Model):
    """One row, renewed at random by triggers on every table the public can see: the version of what is stored."""

    value = models.CharField(max_length=64, default="")
    renewed_by = models.CharField(max_length=40, default="")  # the transaction that renewed it last: once is enough

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="stamp_is_one_row")]

    def __str__(self):
        return self.value
