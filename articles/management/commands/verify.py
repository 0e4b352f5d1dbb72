"""Is the record what it says it is? The seal, the chain of the ledger, and the words under their hashes."""

from django.core.management.base import BaseCommand, CommandError
from django.db import models

from articles import body as bodies
from articles import seal, search
from articles.ledger import GENESIS, Change, State, chained
from articles.models import ERASABLE, Edition, Erasure, content_hash


class Command(BaseCommand):
    help = "Recompute the ledger's chain and the hashes of all sealed words; compare the seal. Exits 1 on any failure."

    def handle(self, *args, **options):
        failed = 0
        for what, check in CHECKS.items():
            looked_at, failures = 0, 0
            for failure in check():
                looked_at += 1
                if failure:
                    failures += 1
                    self.stderr.write(f"{what}: {failure}")
            failed += failures
            self.stdout.write(f"{what}: {looked_at} checked, {failures} wrong")
        if failed:
            raise CommandError(f"The record does not verify: {failed} failures.")
        self.stdout.write("The record verifies.")


def seal_stands():
    """One item per trigger that is missing, altered or strange; one empty item when the seal is whole."""
    yield from seal.differences() or [""]


def chain_holds():
    """Per change: its number follows, its hash follows from all before it, its time is closed; then the state row."""
    state = State.objects.get(id=1)
    seq, head = 0, GENESIS
    for change in Change.objects.order_by("seq").iterator():
        seq += 1
        if change.seq != seq:
            yield f"change {seq} is missing (the next is {change.seq})"
            seq = change.seq
        elif change.head != chained(head, change.seq, change):
            yield f"change {change.seq} does not follow from those before it"
        elif change.at > state.horizon:
            yield f"change {change.seq} is later than the horizon"
        else:
            yield ""
        head = change.head
    yield "" if (state.seq, state.head) == (seq, head) else f"the state says {state.seq}, the last change is {seq}"


def words_are_those():
    """Per sealed edition: its words give its hashes, its quotes are those of its body; an erased one is empty; and
    what the chain says of it is what it holds."""
    told = {
        (uid, number): digest
        for uid, number, digest in Change.objects.filter(kind=Change.LIVE, type="article")
        .values_list("uid", "edition", "content_hash").iterator()
    }  # fmt: skip
    tombstones = Erasure.objects.filter(
        models.Q(edition=models.OuterRef("pk"))
        | models.Q(edition=None, article=models.OuterRef("article"), at__gte=models.OuterRef("live_from"))
    )
    horizon = State.objects.values_list("horizon", flat=True).get()
    sealed = (
        Edition.objects.exclude(live_from=None).select_related("article").annotate(erased=models.Exists(tombstones))
    )
    for edition in sealed.order_by("id").iterator(chunk_size=500):
        name = f"edition {edition.number} of article {edition.article.uid}"
        digest = told.pop((edition.article.uid, edition.number), None)
        if edition.erased and any(getattr(edition, field) for field in ERASABLE):
            yield f"{name} was erased, yet holds words"
        elif not edition.erased and (altered := _altered(edition)):
            yield f"{name}: {altered}"
        elif edition.live_from <= horizon and digest != edition.content_hash:
            yield f"{name} is not what the ledger says went live"
        else:
            yield ""
    for uid, number in told:
        yield f"edition {number} of article {uid} is in the ledger, but not in the database"


def _altered(edition):
    fingerprint = edition.fingerprint()
    digest = content_hash(edition.salt, fingerprint, edition.note, edition.change_class)
    if (edition.text_hash, edition.content_hash) != (fingerprint, digest):
        return "its words are not those that were sealed"
    spans = [(span.key, span.text, span.speaker or "") for span in bodies.quotes(edition.body)]
    if spans != list(edition.quotes.order_by("order").values_list("quote__key", "text", "speaker_uid")):
        return "its quotes are not those of its body"
    if edition.plain_text != bodies.plain_text(edition.body):
        return "its plain text is not that of its body"


def index_holds():
    """Per edition, drafts included: the search holds exactly its words; and it holds nothing else."""
    strange = search.size()
    for edition in Edition.objects.searched().order_by("id").iterator(chunk_size=500):
        held = search.holds(edition.document())
        strange -= held
        yield "" if held else f"edition {edition.pk} is not found by its words; `manage.py reindex` mends that"
    yield f"{strange} texts too many; `manage.py reindex` mends that" if strange > 0 else ""


CHECKS = {"seal": seal_stands, "ledger": chain_holds, "words": words_are_those, "search": index_holds}
