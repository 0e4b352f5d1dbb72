"""What was said, and when: articles, their editions, the quotes in them, and the verbs that move them.

`Edition.objects.live(at)` is the only definition of public. Every verb runs in one transaction: it locks the article,
then the reference rows it touches, then the ledger's state row; chooses its instant; moves its intervals; sweeps.
"""

import hashlib
import json
import secrets
from contextlib import contextmanager
from datetime import UTC, datetime, time
from functools import reduce
from operator import or_

from django.conf import settings
from django.conf.global_settings import LANGUAGES as KNOWN_LANGUAGES
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MinValueValidator
from django.db import connection, models, transaction
from django.db.models.expressions import RawSQL
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from articles import body as bodies
from articles import checks, search
from articles import floor as floors
from articles.desk import Act, Arrival, Override, Release, Save
from articles.images import Attachment, Image, Placement, Rendition
from articles.ledger import TICK, Amendment, Change, Event, Stamp, State, database_now
from articles.sharing import EmbargoRead, EmbargoRelease, Presence, Share, ShareRead
from articles.standing import StandingPage  # noqa: F401 (a table of this app)
from articles.topics import FormerPath, Topic
from people.models import (
    Appointment,
    Organisation,
    Person,
    Position,
    UidField,
    bounded,
    free_slug,
    new_uid,
)  # fmt: skip

__all__ = [
    "Amendment",
    "Arrival",
    "Change",
    "EmbargoRead",
    "FormerPath",
    "Presence",
    "Release",
    "ShareRead",
    "Stamp",
    "State",
    "Topic",
]  # this app's models that live beside this file

RIGHT_TO_LEFT = {"ar", "fa", "he", "ur", "ps", "dv", "yi"}


class Stale(ValidationError):
    """Somebody saved this draft since it was opened. `theirs` is the stored edition; nothing was overwritten."""

    def __init__(self, theirs):
        super().__init__(_("Somebody saved this draft while you were writing. Nothing has been overwritten."))
        self.theirs = theirs


class ArticleQuerySet(models.QuerySet):
    def called(self, typed):
        """The article of this identifier or address, present or former; None when there is none."""
        slug = typed.strip().rstrip("/").rpartition("/")[2]
        return (
            self.filter(models.Q(uid=slug) | models.Q(slug=slug)).first()
            or self.filter(pk__in=OldSlug.objects.filter(slug=slug).values("article")).first()
        )

    def languages(self):
        """The codes in use, in order: each found from the one before by the index, however many articles there are."""
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH RECURSIVE used(code) AS (SELECT min(language) FROM articles_article UNION ALL"
                " SELECT (SELECT min(language) FROM articles_article WHERE language > code) FROM used"
                " WHERE code IS NOT NULL) SELECT code FROM used WHERE code IS NOT NULL"
            )
            return [code for (code,) in cursor.fetchall()]


class Article(models.Model):
    """An identity and an address. Its words are its editions."""

    uid = UidField()
    slug = models.SlugField(_("slug"), max_length=100, unique=True, blank=True)
    language = models.CharField(_("language"), max_length=12, default="en")
    translation_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="translations", verbose_name=_("translation of")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            *bounded(slug=100, language=12),
            models.CheckConstraint(
                condition=~models.Q(translation_of=models.F("id")), name="article_not_its_own_translation"
            ),
        ]
        indexes = [models.Index(fields=["language"], name="article_language")]
        permissions = [
            ("withdraw_article", "Can withdraw, redirect and expire published articles"),
            ("erase_article", "Can erase articles for ever"),
        ]

    def __str__(self):
        latest = self.editions.order_by("-id").values_list("headline", flat=True).first()
        return latest or self.slug or self.uid

    def save(self, **kwargs):
        self.slug = self.slug or self.uid
        super().save(**kwargs)

    def get_absolute_url(self):
        return reverse("article", args=[self.slug])

    # Verbs

    def start_edition(self, by, like=None, **words):
        """A new draft, based on the newest sealed edition. Words not given, topics and parts are taken from that, or
        from the edition it shall be `like`."""
        allow(by, "add_edition")
        with transaction.atomic():
            Article.objects.select_for_update(no_key=True).get(pk=self.pk)
            base = self.editions.exclude(live_from=None).filter(withheld=False).order_by("-number").first()
            edition, source = Edition(article=self, based_on=base, written_by=by), like or base
            edition.translated_from = base and base.translated_from
            for field in Edition.WORDS if source else ():
                setattr(edition, field, getattr(source, field))
            for field, value in words.items():
                setattr(edition, field, value)
            edition.save(by=by)
            if source or edition.translated_from:
                edition.take_parts(source or edition.translated_from)
            _record(edition, "start", by)
        return edition

    def move(self, by, slug):
        """Another address; the old one leads to it for ever."""
        allow(by, "publish_edition")
        with transaction.atomic():
            former = self.slug
            if self.slug_is_taken(slug):
                raise ValidationError(_("The address “%(slug)s” is in use."), params={"slug": slug})
            self.former_slugs.filter(slug=slug).delete()
            self.slug = slug
            self.save(update_fields=["slug"])
            if slug != former and self.editions.exclude(live_from=None).exists():
                self.former_slugs.update_or_create(slug=former)
            Act.objects.create(article=self, verb="move", by=by, at=database_now(), note=f"{former} → {slug}")

    def withdraw(self, by, reason, at=None):
        """Off the site at once, with a public reason: 410, quotes too. Cancels what is scheduled."""
        if not reason.strip():
            raise ValidationError(_("Say why: readers will see the reason."))
        self._end(by, Ending.WITHDRAWN, at, reason=reason)

    def redirect(self, by, target=None, url="", reason="", at=None):
        """Another page takes this one's place: 301. Nothing is withheld."""
        if bool(target) == bool(url):
            raise ValidationError(_("Say where readers are sent: another article, or an address."))
        self._end(by, Ending.REDIRECTED, at, reason=reason, target=target, url=url)

    def expire(self, by, expires_at=None, at=None):
        """A planned end for the live or scheduled edition, or (without `expires_at`) an end now."""
        with self._turn(by, "withdraw_article", at) as now:
            edition = self.editions.on_the_way(now).order_by("number").last()
            if edition is None:
                raise ValidationError(_("Nothing of this article is live or scheduled."))
            end = max(expires_at or now, now)
            if end <= edition.live_from:
                raise ValidationError(_("It would end before it begins."))
            edition.write(expires_at=end)
            _record(edition, "expire", by, now, moment_told(end))

    def _end(self, by, kind, at, **details):
        with self._turn(by, "withdraw_article", at) as now:
            scheduled = self.editions.filter(live_from__gt=now).first()
            if scheduled:
                scheduled.unseal()
            sealed = self.editions.exclude(live_from=None)
            if not sealed.exists():
                raise ValidationError(
                    _("Nothing of this article is public. A draft is discarded, a schedule cancelled.")
                )
            last = sealed.order_by("-number").first()
            if last.live_until is None or last.live_until > now:
                last.write(expires_at=now)
            Ending.objects.create(article=self, edition=last, kind=kind, by=by, at=now, **details)
            if kind == Ending.WITHDRAWN:
                sealed.filter(withheld=False).update(withheld=True)
            _record(last, kind, by, now, details.get("reason", ""))

    def erase(self, by, ground, edition=None, at=None):
        """The words are gone, here and everywhere this database keeps them; a tombstone stays (which see)."""
        if not ground.strip():
            raise ValidationError(_("Name the legal ground."))
        with self._turn(by, "erase_article", at) as now:
            for scheduled in self.editions.filter(live_from__gt=now):
                scheduled.unseal()
            doomed = self.editions.filter(pk=edition.pk) if edition else self.editions.all()
            number = edition.number if edition else self.editions.aggregate(last=models.Max("number"))["last"]
            erasure = Erasure.objects.create(article=self, edition=edition, number=number, by=by, at=now, ground=ground)
            for one in doomed.exclude(live_from=None):
                if one.live_until is None or one.live_until > now:
                    one.write(expires_at=now)
            if edition is None:
                addresses = [self.slug, *self.former_slugs.values_list("slug", flat=True)]
                if number:  # of what was never public, not even the absence is told
                    digests = map(ErasedAddress.digest_of, addresses)
                    ErasedAddress.objects.bulk_create([ErasedAddress(digest=d, erasure=erasure) for d in digests])
                self.former_slugs.all().delete()
                Article.objects.filter(pk=self.pk).update(slug=self.uid)
                self.slug = self.uid
                self.endings.update(reason="")
                self.acts.update(note="")
            came = self.releases.all()  # and what others brought in of the same text, which is no draft yet
            same = models.Q(digest__in=came.values("digest")) | models.Q(text__in=came.values("text"))
            Arrival.objects.filter(same).delete()
            came.delete()
            forget_log(self, doomed)
            empty(doomed)
            Act.objects.create(article=self, verb="erase", by=by, at=now)

    def reclassify(self, by, topics, at=None):
        """File the live edition under other topics. The change is logged; the words stay as they are. What it names
        by now (a mention may have been added beside) becomes public."""
        edition = self.editions.on_the_way(database_now()).order_by("number").first()
        if edition is None:
            raise ValidationError(_("Nothing of this article is live or scheduled."))
        filed = {path for topic in topics for path in topic.lineage()}
        also = edition.references()
        also[Topic] = set(Topic.objects.filter(path__in=filed).values_list("pk", flat=True))
        with self._turn(by, "change_edition", at, also=also) as now:
            edition.topics.set(topics)
            _record(edition, "reclassify", by, now)

    def _turn(self, by, permission, at=None, also=None):
        return turn([self], by, permission, at, also)

    def _relink(self, state):
        """`live_until = min(expires_at, the next edition's live_from)` for every interval not closed; what shrinks
        goes first, so that no two intervals overlap on the way."""
        editions = list(self.editions.exclude(live_from=None).order_by("live_from"))
        moves = []
        for edition, successor in zip(editions, [*editions[1:], None], strict=False):
            ends = [end for end in (edition.expires_at, successor and successor.live_from) if end]
            until = min(ends, default=None)
            is_closed = edition.live_until is not None and edition.live_until <= state.horizon
            if until != edition.live_until and not is_closed:
                grows = edition.live_until is not None and (until is None or until > edition.live_until)
                moves.append((grows, edition, until))
        for _grows, edition, until in sorted(moves, key=lambda move: move[0]):
            edition.write(live_until=until)

    # Questions

    def live(self, at):
        """The edition the public reads at `at`, or None."""
        return self.editions.live(at).first()

    def scheduled(self, at):
        """The edition that waits for its instant, or None."""
        return self.editions.filter(live_from__gt=at, withheld=False).first()

    def ending(self, at):
        """Why there is nothing to read at `at`, when there was something before: the last Ending, or None."""
        return self.endings.filter(at__lte=at).order_by("-at").first()

    def slug_is_taken(self, slug):
        return (
            Article.objects.exclude(pk=self.pk).filter(slug=slug).exists()
            or OldSlug.objects.exclude(article_id=self.pk).filter(slug=slug).exists()
            or ErasedAddress.objects.filter(digest=ErasedAddress.digest_of(slug)).exists()
        )

    def siblings(self):
        """This article, its original and all translations of it."""
        root = self.translation_of_id or self.pk
        return Article.objects.filter(models.Q(pk=root) | models.Q(translation_of=root))


class OldSlug(models.Model):
    """An address an article had once; it answers with a redirect."""

    slug = models.SlugField(max_length=100, unique=True)
    article = models.ForeignKey(Article, models.CASCADE, related_name="former_slugs")

    def __str__(self):
        return self.slug


def still_open(at):
    """That an edition which began has not ended at `at`."""
    return models.Q(live_until=None) | models.Q(live_until__gt=at)


class EditionQuerySet(models.QuerySet):
    def live(self, at):
        """What the public reads at the instant `at`. The only definition of public."""
        return self.on_record(at).filter(still_open(at))

    def on_record(self, at):
        """What the public could read at `at` or before, and may still be shown as history: neither withheld nor
        erased. (`sorted_at` never exceeds `live_from`; saying so lets every list walk one index.)"""
        return self.filter(live_from__lte=at, sorted_at__lte=at, withheld=False)

    def on_the_way(self, now):
        """Live or scheduled, not withheld."""
        return self.exclude(live_from=None).filter(still_open(now), withheld=False)

    def preview(self, token, at):
        """The edition that a link for an outsider shows at `at`: in the version it was made for, not public yet. Not
        for lists, feeds or search, and never cached."""
        shares = Share.objects.of_token(token).open(at).filter(version=models.OuterRef("version"))
        unborn = models.Q(live_from=None) | models.Q(live_from__gt=at)
        return self.filter(unborn, models.Exists(shares.filter(edition=models.OuterRef("pk"))), withheld=False)

    def embargoed_for(self, at):
        """What a publisher gave to partners under embargo and is not public yet at `at`. Not for lists, feeds or search
        of the public, never cached, and every reading is written down before it is shown."""
        given = EmbargoRelease.objects.filter(edition=models.OuterRef("pk"))
        return self.filter(models.Exists(given), live_from__gt=at, withheld=False)

    def drafts(self):
        return self.filter(live_from=None)

    def stale_translations(self, at):
        """The live translations that were held against an edition of the original which the public reads no more."""
        newer = Edition.objects.live(at).filter(
            article=models.OuterRef("translated_from__article"), number__gt=models.OuterRef("translated_from__number")
        )
        # Asked for by number, the few translations are found by their index; SQLite would walk all that is live.
        translated = Edition.objects.filter(translated_from__gt=0).order_by().values("pk")
        return self.live(at).filter(models.Exists(newer), pk__in=translated)

    def holding(self, typed, mark=""):
        """In which each word typed begins a word, and what stands in quotation marks stands just so; with
        `search.QUOTE`, in which they stand in a quote. For editors: of readers' searches see `search.ranked`."""
        question = search.asked(typed)
        if not question:
            return self.none() if question.text else self
        sql, parameters = search.beginning(question, mark)
        return self.filter(pk__in=RawSQL(sql, parameters))  # noqa: S611 (its words are parameters)

    def found(self, question, until, mark=""):
        """Those that hold what a reader asks for (a `search.Asked`): of very many, the newest `search.REACH`. None of
        them is sorted after `until`."""
        sql, parameters = search.newest(self.columns(), search.expression(question.runs, mark), until)
        return self.filter(pk__in=RawSQL(f"SELECT id FROM ({sql}) found", parameters))  # noqa: S608, S611 (its words are parameters)

    def columns(self):
        """(SQL, parameters) of these, as the index wants them."""
        return self.order_by().values_list("id", "sorted_at").query.sql_with_params()

    def holders(self, typed, key="pk", mark=""):
        """The keys of the newest that hold what was typed, or of their articles: 10,000 at most. Read first, since
        PostgreSQL plans a search inside another question badly."""
        return [*self.holding(typed, mark).order_by("-pk").values_list(key, flat=True)[:10_000]]

    def searched(self):
        """With what the index holds of them, drafts included: all that was not erased."""
        return self.exclude(headline="", withheld=True).prefetch_related("quotes")

    def newest_first(self):
        return self.order_by("-sorted_at", "-id")

    def at_address(self, slug):
        """Of the article that has this address, or had it once."""
        named, former = Article.objects.filter(slug=slug), OldSlug.objects.filter(slug=slug)
        return self.filter(article__in=named.order_by().values("pk").union(former.values("article")))

    def about(self, topics):
        """Filed under any of these topics."""
        filed = Edition.topics.through.objects.filter(edition=models.OuterRef("pk"), topic__in=topics)
        return self.filter(models.Exists(filed))

    def with_person(self, person):
        """In which the person is quoted or mentioned."""
        return self.with_people([person])

    def with_people(self, people):
        """In which one of these people is quoted or mentioned."""
        return self._of_either(QuoteText.objects.filter(speaker__in=people), Mention.objects.filter(person__in=people))

    def with_position(self, positions):
        """In which somebody is quoted or mentioned as the holder of one of these positions."""
        held = {"position__in": positions}
        return self._of_either(QuoteText.objects.filter(**held), Mention.objects.filter(**held))

    def _of_either(self, quoted, named):
        """One union of two index walks: an OR of two EXISTS reads every edition on PostgreSQL."""
        return self.filter(pk__in=quoted.order_by().values("edition").union(named.order_by().values("edition")))


class Edition(models.Model):
    """The words of an article over a half-open interval of time. No interval: a draft. Once `live_from` is set the
    row is sealed, and the database refuses to change its words or to delete it."""

    NEWS, STATEMENT, SPEECH, TRANSCRIPT, RELEASE, ADVISORY = (
        "news", "statement", "speech", "transcript", "press-release", "media-advisory",
    )  # fmt: skip
    KINDS = [
        (NEWS, _("News")), (STATEMENT, _("Statement")), (SPEECH, _("Speech")), (TRANSCRIPT, _("Transcript")),
        (RELEASE, _("Press release")), (ADVISORY, _("Media advisory")),
    ]  # fmt: skip
    TYPOGRAPHIC, UPDATE, CORRECTION = "typographic", "update", "correction"
    CHANGE_CLASSES = [(TYPOGRAPHIC, _("Typographic")), (UPDATE, _("Update")), (CORRECTION, _("Correction"))]
    HOLD, LIFT, NOT_APPLY = EMBARGO_DECISIONS = "hold-embargo", "lift-embargo", "no-embargo"
    #: what an editor writes, and what the next edition starts from
    WORDS = (
        "kind", "headline", "summary", "place", "event_date", "dated", "source_updated", "body", "expires_at",
    )  # fmt: skip

    #: the columns a save of a draft writes; what a reviewer set meanwhile is not among them
    SAVED = (
        *WORDS, "language", "plain_text", "note", "change_class", "version", "saved_at", "approved_by", "approved_at",
        "approved_hash",
    )  # fmt: skip

    article = models.ForeignKey(Article, models.PROTECT, related_name="editions", verbose_name=_("article"))
    number = models.PositiveIntegerField(_("number"), null=True, editable=False)
    based_on = models.ForeignKey("self", models.PROTECT, null=True, editable=False, related_name="+")
    translated_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, editable=False, related_name="translated_to"
    )  # private, and classification: which edition of the original it was last held against
    kind = models.CharField(_("kind"), max_length=20, choices=KINDS, default=NEWS)
    language = models.CharField(max_length=12, editable=False)
    headline = models.CharField(_("headline"), max_length=300)
    summary = models.TextField(_("summary"), blank=True, max_length=1000)
    place = models.CharField(_("place"), max_length=200, blank=True)
    event_date = models.DateField(_("date of the event"), null=True, blank=True)
    dated = models.DateField(
        _("dated"), null=True, blank=True,
        help_text=_("The date printed on it, for an item that is older than its record here."),
    )  # fmt: skip
    source_updated = models.CharField(
        _("last updated at the source"), max_length=16, blank=True,
        help_text=_("As printed, zone unknown: 2023-05-30T18:18."),
    )  # fmt: skip
    body = models.TextField(_("body"), blank=True)
    plain_text = models.TextField(editable=False, blank=True)
    topics = models.ManyToManyField(Topic, blank=True, related_name="editions", verbose_name=_("topics"))
    note = models.TextField(
        _("note"), blank=True, max_length=1000, help_text=_("What changed, as readers will see it.")
    )
    change_class = models.CharField(_("kind of change"), max_length=20, choices=CHANGE_CLASSES, blank=True)
    embargo = models.TextField(
        _("embargo line"), blank=True, help_text=_("As found in the release, until it is decided.")
    )
    embargoed_until = models.DateTimeField(null=True, editable=False)  # decided: not public before this instant

    live_from = models.DateTimeField(null=True, editable=False)
    live_until = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    withheld = models.BooleanField(default=False, editable=False)
    sorted_at = models.DateTimeField(null=True, editable=False)
    text_hash = models.CharField(max_length=64, editable=False, blank=True)
    salt = models.CharField(max_length=64, editable=False, blank=True)
    content_hash = models.CharField(max_length=64, editable=False, blank=True)

    version = models.PositiveIntegerField(default=0, editable=False)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    saved_at = models.DateTimeField(editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, editable=False)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    returned_at = models.DateTimeField(null=True, editable=False)
    return_note = models.TextField(blank=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, editable=False)
    approved_hash = models.CharField(max_length=64, editable=False, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    published_at = models.DateTimeField(null=True, editable=False)

    objects = EditionQuerySet.as_manager()
    _originals = {}  # the quotes that a copied body brought along, by their new keys

    class Meta:
        ordering = ["-id"]
        permissions = [
            ("approve_edition", "Can approve or return drafts"),
            ("publish_edition", "Can publish, schedule and cancel editions"),
        ]
        constraints = [
            *bounded(headline=300, summary=1000, place=200, note=1000, source_updated=16),
            models.UniqueConstraint(fields=["article", "number"], name="edition_number_once"),
            models.CheckConstraint(
                condition=models.Q(live_until=None) | models.Q(live_until__gt=models.F("live_from")),
                name="edition_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(live_from=None, live_until=None, number=None, sorted_at=None)
                | models.Q(live_from__isnull=False, number__isnull=False, sorted_at__lte=models.F("live_from")),
                name="edition_sealed_or_draft",
            ),
            models.CheckConstraint(
                condition=models.Q(live_from=None) | ~models.Q(content_hash=""), name="edition_sealed_with_a_hash"
            ),
        ]
        indexes = [
            models.Index(
                fields=["written_by", "-saved_at"], name="edition_draft_of", condition=models.Q(live_from__isnull=True)
            ),
            models.Index(
                fields=["submitted_at"],
                name="edition_in_review",
                condition=models.Q(live_from__isnull=True, approved_at__isnull=True, submitted_at__isnull=False),
            ),
            models.Index(
                fields=["-live_from", "-id"], name="edition_corrected", condition=models.Q(change_class="correction")
            ),
            models.Index(
                # what `live` asks stands in the index: counting needs no row, and rows are wide
                fields=["-sorted_at", "-id", "live_from", "live_until", "withheld", "article"],
                name="edition_newest",
                condition=models.Q(live_from__isnull=False),
            ),
            *(
                models.Index(
                    fields=[column, "-sorted_at", "-id"],
                    name=f"edition_of_{column}_newest",
                    condition=models.Q(live_from__isnull=False),
                )
                for column in ("kind", "language")
            ),
            models.Index(fields=["-id"], name="edition_draft", condition=models.Q(live_from__isnull=True)),
            models.Index(fields=["-id"], name="edition_withheld", condition=models.Q(withheld=True)),
            models.Index(fields=["live_from"], name="edition_live_from", condition=models.Q(live_from__isnull=False)),
            models.Index(
                fields=["live_until"], name="edition_live_until", condition=models.Q(live_until__isnull=False)
            ),
        ]

    def __str__(self):
        return self.headline or str(self.article_id)

    def save(self, *, by=None, **kwargs):
        """Save a draft: clean its body, derive its quotes, keep the save. A sealed edition passes unchanged or not at
        all. Raises Stale when somebody else saved it since it was read."""
        if self.live_from is not None or "update_fields" in kwargs:
            super().save(**kwargs)
            return
        with transaction.atomic():
            self._derive()
            if self.pk:
                mine = Edition.objects.filter(pk=self.pk, version=self.version, live_from=None)
                if not mine.update(version=models.F("version") + 1):
                    raise Stale(Edition.objects.get(pk=self.pk))
            self.version += 1
            self.approved_by = self.approved_at = None
            self.approved_hash = ""
            self.saved_at = database_now()
            super().save(update_fields=self.SAVED if self.pk else None, **kwargs)
            self._store_quotes()
            search.store([self.document()])
            words = {field: getattr(self, field) for field in (*self.WORDS, "note", "change_class")}
            Save.objects.create(
                edition=self, by=by or self.written_by, at=self.saved_at, version=self.version,
                words=json.loads(json.dumps(words, default=str)),
            )  # fmt: skip

    def get_absolute_url(self):
        return self.article.get_absolute_url()

    def _derive(self):
        """Everything that follows from the words: the clean body, its text, a first address for the article."""
        self.language = self.article.language
        for field in ("headline", "summary", "place", "note"):
            setattr(self, field, bodies.normalise(getattr(self, field)).strip())
        copied = [span.key for span in bodies.quotes(self.body)]
        others = Quote.objects.filter(key__in=copied).exclude(article=self.article).select_related("translation_of")
        others = {quote.key: quote for quote in others}
        self.body = bodies.clean(bodies.rekeyed(self.body, new_uid, keep=lambda key: key not in others))
        renewed = [span.key for span in bodies.quotes(self.body)]
        self._originals = {new: others[old] for old, new in zip(copied, renewed, strict=False) if old in others}
        self.plain_text = bodies.plain_text(self.body)
        is_copied = self.translated_from and self.translated_from.headline == self.headline
        if self.article.slug == self.article.uid and self.headline and not is_copied:
            self.article.slug = free_slug(self.article, self.headline, self.article.slug_is_taken)
            self.article.save(update_fields=["slug"])

    def _store_quotes(self):
        """Derive the quotes of a draft anew from its body."""
        spans = bodies.quotes(self.body)
        people = {
            person.uid: person.survivor()
            for person in Person.objects.filter(uid__in={span.speaker for span in spans if span.speaker})
            .select_related("merged_into")
        }  # fmt: skip
        offices = Position.objects.filter(uid__in={span.office for span in spans if span.office})
        positions = {position.uid: position.survivor() for position in offices.select_related("merged_into")}
        known = {quote.key: quote for quote in Quote.objects.filter(key__in=[span.key for span in spans])}
        originals = self._originals if self.article.translation_of_id else {}
        originals = {key: quote.translation_of or quote for key, quote in originals.items()}
        fresh = [
            Quote(key=span.key, article=self.article, translation_of=originals.get(span.key))
            for span in spans if span.key not in known
        ]  # fmt: skip
        known |= {quote.key: quote for quote in Quote.objects.bulk_create(fresh)}
        self.quotes.all().delete()
        texts = []
        for order, span in enumerate(spans):
            speaker = people.get(span.speaker)
            said_on = span.on or self.event_date or self.dated
            position = positions.get(span.office)
            if speaker and not position and said_on:
                appointment = speaker.office_on(said_on)
                position = appointment and appointment.position
            texts.append(
                QuoteText(
                    edition=self, quote=known[span.key], order=order, text=span.text, speaker=speaker,
                    speaker_uid=span.speaker or "", source=span.source or "", language=span.language or self.language,
                    said_on=said_on, place=self.place, speaker_name=speaker.name if speaker else "",
                    office=position.title if position else "", position=position,
                    position_uid=position.uid if position else "",
                )
            )  # fmt: skip
        QuoteText.objects.bulk_create(texts)

    # Verbs

    def submit(self, by, at=None):
        """Ask for a second pair of eyes."""
        self._review(by, "change_edition", "submit", submitted_by=by, submitted_at=at or database_now())

    def send_back(self, by, note, at=None):
        """Return it to the writer, with a note."""
        if not note.strip():
            raise ValidationError(_("Say what should change: the writer will read it."))
        self._review(
            by, "approve_edition", "return", note,
            returned_by=by, returned_at=at or database_now(), return_note=note, approved_by=None, approved_at=None,
            approved_hash="",
        )  # fmt: skip

    def approve(self, by, at=None):
        """Somebody other than the writer stands for this exact text."""
        if by is not None and (by == self.written_by or self.saves.filter(by=by).exists()):
            raise PermissionDenied(_("You wrote at this text; somebody else approves it."))
        if self.submitted_at is None:
            raise ValidationError(_("It has not been submitted for review."))
        with transaction.atomic():
            Article.objects.select_for_update(no_key=True).get(pk=self.article_id)
            self._read_again()
            self._store_quotes()
            self._review(
                by, "approve_edition", "approve",
                approved_by=by, approved_at=at or database_now(), approved_hash=self.fingerprint(),
            )  # fmt: skip

    def _review(self, by, permission, verb, note="", **facts):
        allow(by, permission)
        with transaction.atomic():
            Article.objects.select_for_update(no_key=True).get(pk=self.article_id)
            if Edition.objects.filter(pk=self.pk).exclude(live_from=None).exists():
                raise ValidationError(_("It is published or scheduled: its words can no longer change."))
            self.write(**facts)
            _record(self, verb, by, max(filter(None, (v for k, v in facts.items() if k.endswith("_at")))), note)

    def publish(self, by, at=None):
        """Public from now on (or from `at`, when a story of the past is replayed)."""
        return self._seal(by, None, at)

    def schedule(self, by, live_from, at=None):
        """Public from `live_from` on, to the microsecond; sealed from this moment."""
        return self._seal(by, live_from, at)

    def _seal(self, by, live_from, at):
        with transaction.atomic():
            allow(by, "publish_edition")
            locked([self.article])
            held([self.article], self.references())
            self._prove(live_from or at)
            with self.article._turn(by, "publish_edition", at, also=self.references()) as now:
                self._begin(by, live_from, now)
        return self

    def _prove(self, start, beside=()):
        """Refuse unless this very text may go live at `start` (None: now). Its article must be locked."""
        self._read_again()
        if self.live_from is not None:
            raise ValidationError(_("This edition is already published or scheduled."))
        self._store_quotes()
        if problems := self.blockers(start, beside):
            raise ValidationError(problems)
        if self.approved_hash != self.fingerprint():
            raise ValidationError(_("This exact text has not been approved. Submit it, and let somebody approve it."))

    def _begin(self, by, live_from, now):
        """Seal it, public from `live_from` (None: `now`) on. Within the turn of its article, after `_prove`."""
        start = now if live_from is None else live_from
        if start < now:
            raise ValidationError(_("That instant has passed. Publish now, or choose a later one."))
        self._must_be_free(start)
        if self.expires_at and self.expires_at <= start:
            raise ValidationError(_("It would expire before it is published."))
        sealed = self.article.editions.exclude(live_from=None)
        waiting = sealed.filter(live_from__gt=now, withheld=False).first()
        if waiting:
            raise ValidationError(
                _("Edition %(number)s is already scheduled. Cancel it first."), params={"number": waiting.number}
            )
        current = sealed.order_by("-number").first()
        if current and not current.withheld and self.based_on_id != current.pk:
            raise ValidationError(
                _("Edition %(number)s went live since this draft was begun. Compare the two, then start anew."),
                params={"number": current.number},
            )
        first = sealed.order_by("live_from").values_list("live_from", flat=True).first() or start
        salt, fingerprint = secrets.token_hex(16), self.approved_hash
        sorted_at = min(first, start_of_day(self.dated) if self.dated else first)
        self.quotes.update(sorted_at=sorted_at)
        search.move(self.pk, self.sorted_at, sorted_at)
        if current and (current.live_until is None or current.live_until > start):
            current.write(live_until=start)  # shrink before growing
        self.write(
            number=(current.number if current else 0) + 1, live_from=start, salt=salt, text_hash=fingerprint,
            live_until=self.expires_at, content_hash=content_hash(salt, fingerprint, self.note, self.change_class),
            sorted_at=sorted_at, published_by=by, published_at=now,
            based_on=sealed.filter(pk=self.based_on_id).first(),  # a schedule called off is a draft, and may go
        )  # fmt: skip
        _record(self, "publish" if live_from is None else "schedule", by, now, moment_told(start))

    def override(self, by, reason, live_from=None, at=None):
        """Publish (or schedule) a text that nobody else approved: an emergency. The reason is kept, and it stays open
        until somebody else has read the edition and signed."""
        allow(by, "publish_edition")
        if not reason.strip():
            raise ValidationError(_("Say why it cannot wait for a second pair of eyes."))
        with transaction.atomic():
            locked([self.article])
            self._read_again()
            if self.live_from is None:
                held([self.article], self.references())
                self._store_quotes()
                fingerprint = self.fingerprint()
                if self.approved_at and self.approved_hash == fingerprint:
                    raise ValidationError(_("It is approved: publish it as any other."))
                self.write(approved_hash=fingerprint, approved_by=None, approved_at=None)
            self._seal(by, live_from, at)
            Override.objects.create(edition=self, by=by, at=self.published_at, reason=reason)
            _record(self, "override", by, self.published_at, reason)
        return self

    def countersign(self, by, at=None):
        """Somebody other than the one who published it alone has read this edition and stands for it."""
        allow(by, "approve_edition")
        with transaction.atomic():
            locked([self.article])
            alone = Override.objects.open().filter(edition=self).select_for_update().first()
            if alone is None:
                raise ValidationError(_("There is nothing to countersign here (any more)."))
            if by is not None and by.pk == alone.by_id:
                raise PermissionDenied(_("You published it alone; somebody else countersigns."))
            alone.countersigned_by, alone.countersigned_at = by, at or database_now()
            alone.save(update_fields=["countersigned_by", "countersigned_at"])
            _record(self, "countersign", by, alone.countersigned_at)

    def reschedule(self, by, live_from, at=None):
        """Another instant for a scheduled edition; the words stay sealed."""
        with self.article._turn(by, "publish_edition", at, also=self.references()) as now:
            self._move(by, live_from, now)

    def _move(self, by, live_from, now):
        self._must_wait(now)
        if live_from < now or (self.expires_at and self.expires_at <= live_from):
            raise ValidationError(_("Choose an instant that is still to come, and before it expires."))
        self._must_be_free(live_from)
        first = self.article.editions.exclude(live_from=None).exclude(pk=self.pk).order_by("live_from").first()
        first = first.live_from if first else live_from
        sorted_at = min(first, start_of_day(self.dated) if self.dated else first)
        previous = self.article.editions.filter(number=self.number - 1).first()
        if previous and previous.live_until and previous.live_until > live_from:
            previous.write(live_until=live_from)
        search.move(self.pk, self.sorted_at, sorted_at)
        self.write(live_from=live_from, sorted_at=sorted_at)
        self.quotes.update(sorted_at=sorted_at)
        _record(self, "reschedule", by, now, moment_told(live_from))

    def cancel(self, by, at=None):
        """Back to a draft, as if it had never been scheduled; its approval stands."""
        with self.article._turn(by, "publish_edition", at, also=self.references()) as now:
            self._call_off(by, now)

    def _call_off(self, by, now):
        self._must_wait(now)
        self.unseal()
        _record(self, "cancel", by, now)

    def give(self, by, at=None):
        """Partners who read under embargo may have this scheduled edition from now on. Nobody else learns of it."""
        with self._waiting(by, at) as now:
            _given, is_new = EmbargoRelease.objects.get_or_create(edition=self, defaults={"by": by, "at": now})
            if is_new:
                _record(self, "give", by, now)

    def take_back(self, by, at=None):
        """No partner can have it any more before its hour. Whoever took a copy keeps it."""
        with self._waiting(by, at) as now:
            taken, _by_table = EmbargoRelease.objects.filter(edition=self).delete()
            if taken:
                _record(self, "take-back", by, now)

    @contextmanager
    def _waiting(self, by, at):
        """A private act on an edition that waits for its instant: no boundary moves, so the ledger is left alone."""
        allow(by, "publish_edition")
        with transaction.atomic():
            locked([self.article])
            now = at or database_now()
            self._must_wait(now)
            yield now

    def _read_again(self):
        """What is in hand becomes what is stored, now that a lock keeps others from it."""
        try:
            self.refresh_from_db()
        except Edition.DoesNotExist as error:
            raise ValidationError(_("It was discarded meanwhile.")) from error

    def _must_wait(self, now):
        self._read_again()
        if self.live_from is None or self.live_from <= now:
            raise ValidationError(_("This edition is not scheduled (any more)."))

    def _must_be_free(self, start):
        if self.embargoed_until and start < self.embargoed_until:
            until = date_format(timezone.localtime(self.embargoed_until), "j M Y, H:i")
            raise ValidationError(_("It is held under embargo until %(until)s."), params={"until": until})

    def decide_embargo(self, by, decision, until=None, reason="", at=None):
        """What becomes of the embargo of a draft: HOLD it until an instant, LIFT it now, or it does NOT_APPLY (then the
        reason is asked for). Until it is decided nothing can be published; it may be decided again."""
        allow(by, "approve_edition")
        reason = " ".join(reason.split())
        if decision not in self.EMBARGO_DECISIONS or (decision == self.HOLD) != (until is not None):
            raise ValidationError(_("Say until when it is held, or that it is not."))
        if decision == self.NOT_APPLY and not reason:
            raise ValidationError(_("Say why the embargo does not apply."))
        with transaction.atomic():
            Article.objects.select_for_update(no_key=True).get(pk=self.article_id)
            self._read_again()
            if self.live_from is not None:
                raise ValidationError(_("It is published or scheduled: cancel that first."))
            if not (self.embargo or self.acts.filter(verb__in=self.EMBARGO_DECISIONS).exists()):
                raise ValidationError(_("No embargo was found in it."))
            said = [
                f"“{self.embargo}”" if self.embargo else "",
                until.astimezone(UTC).isoformat() if until else "",
                reason,
            ]
            self.write(embargo="", embargoed_until=until)
            _record(self, decision, by, at, "; ".join(filter(None, said)))

    def unseal(self):
        """A scheduled edition becomes a draft again. Held locks and the database's own rule guard it."""
        self.quotes.update(sorted_at=None)
        search.move(self.pk, self.sorted_at, None)
        self.write(
            live_from=None, live_until=None, number=None, sorted_at=None, salt="", content_hash="", text_hash="",
            published_by=None, published_at=None,
        )  # fmt: skip
        EmbargoRelease.objects.filter(edition=self).delete()
        if alone := self.overrides.order_by("-id").first():  # who signed it meanwhile has approved it; else nobody has
            signed = alone.countersigned_by_id and {
                "approved_by": alone.countersigned_by, "approved_at": alone.countersigned_at,
            }  # fmt: skip
            if self.approved_at is None:
                self.write(**signed or {"approved_hash": ""})
            self.overrides.open().delete()  # nothing was public; the log of verbs remembers

    def file(self, by, add=(), remove=()):
        """File it under these topics, and no longer under those: a draft at once, what is live or scheduled by
        reclassifying its article, which the ledger hears of. True when that changed anything."""
        allow(by, "change_edition")
        with transaction.atomic():
            locked([self.article])
            self._read_again()
            topics = set(self.topics.all())
            wanted = (topics | set(add)) - set(remove)
            if wanted == topics:
                return False
            if self.live_from is not None:
                current = self.article.editions.on_the_way(database_now()).order_by("number").first()
                if current != self:
                    raise ValidationError(_("It is no longer what the public reads: its topics stay."))
                self.article.reclassify(by, wanted)
            else:
                self.topics.set(wanted)
                _record(self, "file", by)
        return True

    def translate(self, by, language):
        """A draft in another language, with these words to be written over, filed and illustrated as they are. Quotes
        get keys of their own and remember their originals. Where the article has been published in that language
        before, the draft is its next edition, with its own words, held against this edition."""
        allow(by, "add_edition")
        with transaction.atomic():
            Article.objects.select_for_update(no_key=True).get(pk=self.article_id)
            if self.withheld or self.erasures.exists() or self.article.erasures.filter(edition=None).exists():
                raise ValidationError(_("It was withdrawn or erased. It is not translated any more."))
            if language == self.language:
                raise ValidationError(_("It is in this language already."))
            ours = self.article.siblings().filter(language=language).first()
            if ours is None:
                root = self.article.translation_of or self.article
                ours = Article.objects.create(language=language, translation_of=root, created_by=by)
                words = {field: getattr(self, field) for field in self.WORDS if field != "expires_at"}
                return ours.start_edition(by, translated_from=self, **words)
            if ours.editions.drafts().exists():
                raise ValidationError(_("A draft in this language is being written already: “%(it)s”.") % {"it": ours})
            if ours.pk == self.article.translation_of_id:
                raise ValidationError(_("That is the original of this translation."))
            return ours.start_edition(by, translated_from=self)

    def still_holds(self, by):
        """This translation needs nothing: the original's newest public edition says what it says."""
        allow(by, "change_edition")
        with transaction.atomic():
            Article.objects.select_for_update(no_key=True).get(pk=self.article_id)
            newest = self.translated_from and self.translated_from.article.live(database_now())
            if newest is None:
                raise ValidationError(_("Nothing of its original is public."))
            self.write(translated_from=newest)
            _record(self, "hold", by, note=str(newest.number))

    def take_parts(self, source):
        """The topics, pictures, related items, people and attachments of another edition, as parts of this draft."""
        self.topics.set(source.topics.all())
        for children in (source.placements, source.related, source.mentions, source.attachments):
            for child in children.all():
                child.pk, child.edition = None, self
                child.save(force_insert=True)

    def take(self, by, words, opened, source=""):
        """The words of an earlier text into this draft, as a save of their own; what stood here stays among the saves.
        Raises Stale when it is no longer in version `opened`."""
        for field, value in words.items():
            setattr(self, field, value)
        self.clean_fields(exclude=[field.name for field in self._meta.fields if field.name not in words])
        with transaction.atomic():
            self.version = opened
            self.save(by=by)
            _record(self, "restore", by, note=source)

    def share(self, by, expires_at, reader="", at=None):
        """(a Share, its token): a link by which an outsider reads this version, and no other, until `expires_at`."""
        allow(by, "change_edition")
        now = at or database_now()
        if self.live_from and self.live_from <= now:
            raise ValidationError(_("It is public, or was: send its own address."))
        if not now < expires_at <= now + Share.LONGEST:
            raise ValidationError(_("A link ends within %(days)s days."), params={"days": Share.LONGEST.days})
        with transaction.atomic():
            if not Edition.objects.filter(pk=self.pk, version=self.version).exists():
                raise ValidationError(_("Somebody saved this draft meanwhile. Read it again, then share it."))
            share, token = Share.mint(self, by, now, expires_at, reader)
            _record(self, "share", by, now, expires_at.isoformat())
        return share, token

    def unshare(self, share, by, at=None):
        """The link shows nothing any more. Whoever took a copy keeps it."""
        allow(by, "change_edition")
        now = at or database_now()
        with transaction.atomic():
            if self.shares.filter(pk=share.pk, revoked_at=None).update(revoked_at=now, revoked_by=by):
                _record(self, "unshare", by, now)

    def discard(self, by):
        """Delete a draft, with its saves."""
        allow(by, "change_edition")
        with transaction.atomic():
            self._read_again()
            if self.live_from is not None:
                raise ValidationError(_("A published or scheduled edition is never deleted."))
            search.forget([(self.pk, None)])
            Edition.objects.filter(based_on=self).update(based_on=self.based_on)  # begun while this was scheduled
            self.delete()
            if not self.article.editions.exists():  # its address is free again
                Article.objects.filter(pk=self.article_id).update(slug=models.F("uid"))

    def write(self, **fields):
        """Set exactly these columns, in the row and in hand."""
        Edition.objects.filter(pk=self.pk).update(**fields)
        for field, value in fields.items():
            setattr(self, field, value)

    # Questions

    @property
    def direction(self):
        return direction(self.language)

    @property
    def review_state(self):
        """Of a draft: "writing", "returned", "in-review" or "ready"; "" once it is sealed."""
        if self.live_from is not None:
            return ""
        if self.approved_at:
            return "ready"
        if self.returned_at and (not self.submitted_at or self.returned_at >= self.submitted_at):
            return "returned"
        return "in-review" if self.submitted_at else "writing"

    def erased_since_live(self):
        """The erasures of its words, or of all words of its article, after readers could have them."""
        whole_or_this = models.Q(edition=None) | models.Q(edition=self)
        return Erasure.objects.filter(whole_or_this, article=self.article_id, at__gte=self.live_from)

    def withdrawal(self):
        """The first withdrawal of its article after readers could have it, or None."""
        taken = Ending.objects.filter(article=self.article_id, kind=Ending.WITHDRAWN, at__gte=self.live_from)
        return taken.order_by("at").first()

    def is_stale_translation(self, at):
        """Whether the public reads, at `at`, a later edition of the original than the one this was held against."""
        held_against = self.translated_from
        if held_against is None or held_against.number is None:
            return False
        return Edition.objects.live(at).filter(article=held_against.article_id, number__gt=held_against.number).exists()

    def blockers(self, at=None, beside=()):
        """What stops this draft from being published (at `at`, together with the articles `beside`), each in one
        sentence."""
        return [check.sentence for check in checks.blockers(self, self._plan(at, beside))]

    def checks(self, at=None):
        """The Findings of every check: blockers and warnings with their places, and what was found in order."""
        return checks.findings(self, self._plan(at))

    def _plan(self, at, beside=()):
        self.__dict__.pop("_checked_quotes", None)
        return checks.Plan(at or database_now(), settings.SITE_URL, frozenset(beside))

    def proposals(self):
        """The people, institutions, offices, appointments and topics it names that nobody has confirmed yet."""
        named = self.references().items()
        return [row for model, ids in named for row in model.objects.filter(pk__in=ids, proposed=True).order_by("pk")]

    def floor(self):
        """The mildest class this change may carry: "typographic" only when no headline, quote, speaker, figure,
        date, name or negation differs from the edition it is based on."""
        return self.UPDATE if self.floor_reasons() else self.TYPOGRAPHIC

    def floor_reasons(self):
        """The differences from the edition it is based on that set the floor, as `articles.floor.Reason`s."""
        return floors.reasons(self.based_on, self)

    def fingerprint(self):
        """The hash of exactly these words: SHA-256 of a canonical JSON (README, "What is hashed")."""
        facts = {
            "article": self.article.uid, "kind": self.kind, "language": self.language, "headline": self.headline,
            "summary": self.summary, "body": self.body, "place": self.place,
            "event_date": self.event_date and self.event_date.isoformat(),
            "dated": self.dated and self.dated.isoformat(), "source_updated": self.source_updated,
            "attribution": [
                {
                    "key": text.quote.key, "speaker": text.speaker_uid, "source": text.source,
                    "name": text.speaker_name, "office": text.office,
                    "position": text.position_uid,
                    "said_on": text.said_on and text.said_on.isoformat(),
                }
                for text in self.quotes.select_related("quote").order_by("order")
            ],
            "placements": [
                {
                    "image": placement.image.uid, "alt": placement.alt, "caption": placement.caption,
                    "credit": placement.credit, "after_paragraph": placement.after_paragraph,
                }
                for placement in self.placements.select_related("image").order_by("order", "id")
            ],
        }  # fmt: skip
        canonical = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def document(self):
        """What of it is searched."""
        quotes = tuple(text.text for text in self.quotes.all())
        return search.Document(self.pk, self.sorted_at, self.headline, self.summary, self.plain_text, quotes)

    def references(self):
        """The reference rows this edition names: {model: ids}, in the order in which they are locked."""
        texts = self.quotes.exclude(speaker=None).values_list("speaker_id", "position_id")
        named = self.mentions.values_list("person_id", "position_id")
        holders = {*texts, *named}
        people = {person for person, _position in holders}
        positions = {position for _person, position in holders} - {None}
        appointments = Appointment.objects.filter(person__in=people, position__in=positions)
        paths = {path for topic in self.topics.all() for path in topic.lineage()}
        return {
            Organisation: set(Position.objects.filter(pk__in=positions).values_list("organisation", flat=True)),
            Position: positions,
            Person: people,
            Appointment: {a.pk for a in appointments if (a.person_id, a.position_id) in holders},
            Topic: set(Topic.objects.filter(path__in=paths).values_list("pk", flat=True)),
        }


class ReleaseGroup(models.Model):
    """Editions of several articles that go live at one instant, all of them or none. Private; its editions are the
    record, and each may still be moved or taken out by itself afterwards."""

    name = models.CharField(_("name"), max_length=200, help_text=_("Only editors see it."))
    editions = models.ManyToManyField(Edition, related_name="groups", verbose_name=_("editions"))
    live_from = models.DateTimeField(_("instant"), null=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")
    at = models.DateTimeField(_("begun"), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("release group"), _("release groups")
        ordering = ["-id"]
        constraints = bounded(name=200)

    def __str__(self):
        return self.name

    # Verbs

    @classmethod
    def release(cls, by, name, editions, live_from=None, at=None):
        """Publish these ready editions at one instant: now, or at `live_from`. All or none; the first that cannot go
        is named in the ValidationError."""
        with transaction.atomic():
            allow(by, "publish_edition")
            articles = locked([edition.article for edition in editions])
            if not name.strip() or len(articles) < 2:
                raise ValidationError(_("Give the group a name, and choose editions of at least two articles."))
            if len(articles) != len(editions):
                raise ValidationError(_("Choose one edition of each article."))
            held(articles, named_by(editions))
            for edition in sorted(editions, key=lambda edition: edition.article_id):
                with _naming_it(edition):
                    edition._prove(live_from or at, {article.pk for article in articles})
            with turn(articles, by, "publish_edition", at, also=named_by(editions)) as now:
                for edition in editions:
                    with _naming_it(edition):
                        edition._begin(by, live_from, now)
                group = cls.objects.create(name=name, live_from=live_from or now, by=by, at=now)
                group.editions.set(editions)
        return group

    def reschedule(self, by, live_from, at=None):
        """Another instant for all that still wait; refused when one of them does not."""
        with self._together(by, at) as (editions, now):
            for edition in editions:
                with _naming_it(edition):
                    edition._move(by, live_from, now)
            ReleaseGroup.objects.filter(pk=self.pk).update(live_from=live_from)
            self.live_from = live_from

    def cancel(self, by, at=None):
        """All of them are drafts again, their approvals stand, and the group is no more."""
        with self._together(by, at) as (editions, now):
            for edition in editions:
                with _naming_it(edition):
                    edition._call_off(by, now)
            self.delete()

    @contextmanager
    def _together(self, by, at):
        editions = list(self.editions.select_related("article").order_by("article"))
        articles = [edition.article for edition in editions]
        with turn(articles, by, "publish_edition", at, also=named_by(editions)) as now:
            yield editions, now


@contextmanager
def _naming_it(edition):
    """What is refused of one edition among several says of which."""
    try:
        yield
    except ValidationError as error:
        told = [_("“%(headline)s”: %(why)s") % {"headline": edition, "why": why} for why in error.messages]
        raise ValidationError(told) from error


class Quote(models.Model):
    """The identity and the permanent address of a quote. Its words are derived, edition by edition."""

    key = models.CharField(_("key"), max_length=24, unique=True, editable=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="quote_identities", editable=False)
    topics = models.ManyToManyField(Topic, blank=True, related_name="quotes", verbose_name=_("topics"))
    translation_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="translations")

    class Meta:
        constraints = bounded(key=24)

    def __str__(self):
        return self.key

    def get_absolute_url(self):
        return reverse("quote", args=[self.key])


class QuoteTextQuerySet(models.QuerySet):
    def live(self, at):
        """The quotes in what the public reads at `at`."""
        return self.standing(Edition.objects.live(at)).filter(sorted_at__lte=at)

    def standing(self, editions):
        """The quotes in these editions. EXISTS, since SQLite lists all that an IN names before it looks at one."""
        return self.filter(models.Exists(editions.filter(pk=models.OuterRef("edition"))))

    def found(self, question, editions, until):
        """Those that hold what a reader asks for, in the newest of these editions in whose quotes it stands. Which
        quote of an edition holds it, the index does not tell: of very many, the newest `search.REACH` are read."""
        within = editions.found(question, until, search.QUOTE).order_by().values("pk")
        read = self.filter(edition__in=within).newest_first().values_list("pk", "text")[: search.REACH]
        return self.filter(pk__in=[pk for pk, text in read if search.holding(text, question)])

    def on_record(self, at):
        """The quotes in what the public could read at `at` or before."""
        return self.standing(Edition.objects.on_record(at))

    def newest_first(self):
        return self.order_by("-sorted_at", "-id")


class QuoteText(models.Model):
    """One quote as it stands in one edition, with its speaker, the office held that day, and both as printed."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="quotes")
    quote = models.ForeignKey(Quote, models.PROTECT, related_name="texts")
    order = models.PositiveIntegerField()
    text = models.TextField()
    language = models.CharField(max_length=12)
    speaker = models.ForeignKey(Person, models.PROTECT, null=True, related_name="quotes")
    speaker_uid = models.CharField(max_length=24, blank=True)  # as written in the body; `speaker` follows merges
    source = models.CharField(max_length=200, blank=True)
    said_on = models.DateField(null=True)
    place = models.CharField(max_length=200, blank=True)
    speaker_name = models.CharField(max_length=200, blank=True)
    office = models.CharField(max_length=200, blank=True)
    position = models.ForeignKey(Position, models.PROTECT, null=True, related_name="quotes")
    position_uid = models.CharField(max_length=24, blank=True)  # when it was sealed; `position` follows merges
    sorted_at = models.DateTimeField(null=True)

    objects = QuoteTextQuerySet.as_manager()

    class Meta:
        ordering = ["edition", "order"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "quote"], name="quote_once_in_an_edition"),
            *bounded(source=200, speaker_name=200, office=200, place=200),
        ]
        indexes = [
            models.Index(fields=["speaker", "-sorted_at", "-id"], name="quote_of_speaker_newest"),
            models.Index(fields=["position", "-sorted_at", "-id"], name="quote_of_position_newest"),
            models.Index(fields=["-sorted_at", "-id"], name="quote_newest"),
            models.Index(fields=["language", "-sorted_at", "-id"], name="quote_of_language_newest"),
        ]

    def __str__(self):
        return self.text[:80]

    @property
    def direction(self):
        return direction(self.language)


class Mention(models.Model):
    """A person in an article beside its quotes. Classification: it may be amended, and that is logged."""

    NAMED, SPEAKS = "named", "speaks"
    ROLES = [(NAMED, _("named")), (SPEAKS, _("speaks"))]

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="mentions")
    person = models.ForeignKey(Person, models.PROTECT, related_name="mentions", verbose_name=_("person"))
    name = models.CharField(_("name as printed"), max_length=200, blank=True)
    office = models.CharField(_("office as printed"), max_length=200, blank=True)
    position = models.ForeignKey(
        Position, models.PROTECT, null=True, blank=True, related_name="mentions", verbose_name=_("position")
    )
    role = models.CharField(_("role"), max_length=10, choices=ROLES, default=NAMED)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "person"], name="mention_once_in_an_edition"),
            *bounded(name=200, office=200),
        ]

    def __str__(self):
        return self.name or str(self.person_id)


class RelatedItem(models.Model):
    """What belongs to an article: a press conference, a video, a document. Classification, placed by a number."""

    KINDS = [
        ("article", _("Article")), ("press-conference", _("Press conference")), ("transcript", _("Transcript")),
        ("speech", _("Speech")), ("video", _("Video")), ("audio", _("Audio")), ("photos", _("Photographs")),
        ("document", _("Document")), ("link", _("Link")),
    ]  # fmt: skip

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="related")
    kind = models.CharField(_("kind"), max_length=20, choices=KINDS, default="link")
    label = models.CharField(_("label"), max_length=300)
    url = models.URLField(_("address"), max_length=500, blank=True)
    article = models.ForeignKey(
        Article, models.PROTECT, null=True, blank=True, related_name="related_from", verbose_name=_("article")
    )
    after_paragraph = models.PositiveIntegerField(
        _("after paragraph"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "id"]
        constraints = bounded(label=300, url=500)

    def __str__(self):
        return self.label


class Ending(models.Model):
    """A way off the site that somebody chose: withdrawn (with a public reason) or redirected. Never changed."""

    WITHDRAWN, REDIRECTED = Change.WITHDRAWN, Change.REDIRECTED

    article = models.ForeignKey(Article, models.PROTECT, related_name="endings")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=[(WITHDRAWN, _("withdrawn")), (REDIRECTED, _("redirected"))])
    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)
    target = models.ForeignKey(Article, models.PROTECT, null=True, related_name="+")
    url = models.CharField(max_length=500, blank=True)

    def __str__(self):
        return f"{self.kind} {self.at:%Y-%m-%d}"


class Erasure(models.Model):
    """The tombstone. Without it the database opens no sealed row; with it, only to be emptied."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="erasures")
    edition = models.ForeignKey(Edition, models.PROTECT, null=True, related_name="erasures")
    number = models.PositiveIntegerField(null=True)
    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ground = models.TextField()

    def __str__(self):
        return f"{self.article_id} erased {self.at:%Y-%m-%d}"


class ErasedAddress(models.Model):
    """A keyed hash of an address that was erased with its article, so that it can answer 410 without being kept."""

    digest = models.CharField(max_length=64, unique=True)
    erasure = models.ForeignKey(Erasure, models.PROTECT, related_name="addresses")

    def __str__(self):
        return self.digest

    @staticmethod
    def digest_of(slug):
        return salted_hmac("articles.ErasedAddress", slug, algorithm="sha256").hexdigest()


def direction(language):
    return "rtl" if language.split("-")[0] in RIGHT_TO_LEFT else "ltr"


def language_name(code):
    """The language in its own words, or its code when Django does not know it."""
    try:
        return get_language_info(code)["name_local"].capitalize()
    except KeyError:
        return code


def languages():
    """(code, name) of every language that can be written in, the site's own first."""
    ours = [code for code, _name in settings.LANGUAGES]
    others = sorted(code for code, _name in KNOWN_LANGUAGES if code not in ours)
    return [(code, language_name(code)) for code in [*ours, *others]]


def start_of_day(day):
    """Local midnight in the newsroom's zone, as an instant."""
    return timezone.make_aware(datetime.combine(day, time()))


def moment_told(instant):
    """An instant for the log of verbs, with the wall time and the zone that the newsroom meant by it: should the zone's
    rules change before, what was meant is still known."""
    wall = timezone.localtime(instant, timezone.get_default_timezone())
    return f"{instant.isoformat()} ({wall:%Y-%m-%d %H:%M} {timezone.get_default_timezone_name()})"


def content_hash(salt, text_hash, note, change_class):
    """What goes into the chain: salted, so that an erased text cannot be guessed from it."""
    return hashlib.sha256("\n".join([salt, text_hash, change_class, note]).encode()).hexdigest()


@contextmanager
def turn(articles, by, permission, at=None, also=None):
    """One verb's turn over some articles: locks in order (the articles by id, what they name, the state row), the
    verb's instant, and at the end intervals relinked and all swept. `also` names the reference rows the verb touches
    beyond those of scheduled editions."""
    allow(by, permission)
    with transaction.atomic():
        articles = locked(articles)
        named = held(articles, also or {})
        theirs = Edition.objects.filter(article__in=articles)
        state = State.held()
        now = state.next_instant(at)
        while theirs.filter(live_from=now).exists():  # no interval may end at the instant it begins
            now += TICK
        yield now
        for article in articles:
            article._relink(state)
        reveal(named, state, now)
        _sweep(state, now)


def locked(articles):
    """These articles, locked until commit, in the order of their ids: two verbs over the same ones never wait for
    each other in a circle."""
    ids = {article.pk for article in articles}
    return list(Article.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True))


def named_by(editions):
    """The reference rows that these editions name: {model: ids}."""
    named = {model: set() for model in REFERENCES}
    for edition in editions:
        for model, ids in edition.references().items():
            named[model] |= ids
    return named


def held(articles, also):
    """Lock, in order and until commit, the reference rows that the scheduled editions of these articles name, and those
    of `also`: {model: ids}, which is returned for all. A merge holds people and offices before it moves the quotes of
    them: whoever derives quotes anew holds them before that, too."""
    horizon = State.objects.values_list("horizon", flat=True).get()
    named = named_by(Edition.objects.filter(article__in=articles, live_from__gt=horizon))
    for model, ids in also.items():
        named[model] |= ids
    for model, ids in named.items():
        list(model.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True))
    return named


def allow(by, permission):
    if by is not None and not by.has_perm(f"articles.{permission}"):
        raise PermissionDenied(_("You may not do this (%(permission)s).") % {"permission": permission})


def _record(edition, verb, by, at=None, note=""):
    Act.objects.create(
        article_id=edition.article_id, edition=edition, verb=verb, by=by, at=at or database_now(), note=note
    )


def sweep(at=None):
    """Close all time up to now: number what became due since the horizon. Returns the new changes."""
    with transaction.atomic():
        state = State.held()
        return _sweep(state, max(at or database_now(), state.horizon))


def _sweep(state, until):
    amended = list(Amendment.objects.values_list("id", "kind", "type", "uid", "edition"))
    public = _amended_in_public(state.horizon) if amended else set()
    effects = {row[1:] for row in amended if row[2:] in public}
    events = due(state.horizon, until) + [Event(until, *effect) for effect in sorted(effects, key=str)]
    Amendment.objects.filter(pk__in=[row[0] for row in amended]).delete()
    return state.close(until, dict.fromkeys(events))  # what both tell of is told once


def _amended_in_public(horizon):
    """(type, uid, edition) of all that an amendment may tell of: what was public at `horizon`."""
    named = {model: Amendment.objects.filter(type=model._meta.model_name).values("uid") for model in REFERENCES}
    public = {
        (model._meta.model_name, uid, None)
        for model, uids in named.items()
        for uid in model.objects.filter(uid__in=uids, public_from__lte=horizon).values_list("uid", flat=True)
    }
    editions = Edition.objects.filter(article__uid__in=Amendment.objects.filter(type="article").values("uid"))
    editions = editions.filter(live_from__lte=horizon, withheld=False)
    return public | {("article", *names) for names in editions.values_list("article__uid", "number")}


def is_due(at):
    """Whether a sweep to `at` would number anything: one query, of indexes only."""
    waiting = [Amendment.objects.all(), *_boundaries(models.OuterRef("horizon"), at).values()]
    return State.objects.filter(reduce(or_, map(models.Exists, waiting))).exists()


def _boundaries(after, until):
    """Every table that holds instants of the public record, cut down to those in (after, until]."""
    span = {"gt": after, "lte": until}

    def within(model, field):
        return model.objects.filter(**{f"{field}__{lookup}": value for lookup, value in span.items()})

    return {
        "starts": within(Edition, "live_from"),
        "ends": within(Edition, "live_until"),
        "endings": within(Ending, "at"),
        "erasures": within(Erasure, "at").exclude(number=None),
    } | {model._meta.model_name: within(model, "public_from") for model in REFERENCES}


def due(after, until):
    """The events of (after, until] that follow from dated facts. An end with a successor at the same instant is part
    of the successor's `live`; one with an Ending or an Erasure at the same instant is part of that."""
    found = _boundaries(after, until)
    events = [
        Event(at, Change.LIVE, "article", uid, number, digest)
        for at, uid, number, digest in found["starts"].values_list(
            "live_from", "article__uid", "number", "content_hash"
        )
    ]
    for model, kind in ((found["endings"], None), (found["erasures"], Change.ERASED)):
        field = "edition__number" if kind is None else "number"
        for row in model.select_related("article", "edition"):
            number = row.edition.number if field == "edition__number" else row.number
            events.append(Event(row.at, kind or row.kind, "article", row.article.uid, number))
    same_article = {"article": models.OuterRef("article")}
    absorbed = (
        models.Exists(Edition.objects.filter(live_from=models.OuterRef("live_until"), **same_article))
        | models.Exists(Ending.objects.filter(at=models.OuterRef("live_until"), **same_article))
        | models.Exists(Erasure.objects.filter(at=models.OuterRef("live_until"), **same_article))
    )
    for at, uid, number in found["ends"].exclude(absorbed).values_list("live_until", "article__uid", "number"):
        events.append(Event(at, Change.ENDED, "article", uid, number))
    events += [Event(at, Change.RECLASSIFIED, "article", uid, number) for at, uid, number in _appearing(found)]
    events += [Event(at, Change.AMENDED, type_, uid) for at, type_, uid in _belonging(found)]
    for model in REFERENCES:
        name = model._meta.model_name
        events += [Event(at, Change.PUBLIC, name, uid) for at, uid in found[name].values_list("public_from", "uid")]
    return events


def _appearing(found):
    """(instant, uid, edition) of what was live already when what it names begins to be shown: a link to an article that
    is there to read only from then on, a translation, a person it mentions, a topic that it or a quote of it is filed
    under."""
    same_article = {"article": models.OuterRef("article"), "withheld": False}
    before = Edition.objects.filter(live_until=models.OuterRef("live_from"), **same_article)
    there = found["starts"].exclude(models.Exists(before))
    return _live_beside(there, "live_from", "article__related_from__edition").union(
        _live_beside(there, "live_from", "article__translation_of__editions"),
        _live_beside(there, "live_from", "article__translation_of__translations__editions"),
        _live_beside(there, "live_from", "article__translations__editions"),
        _live_beside(found["person"], "public_from", "mentions__edition"),
        _live_beside(found["topic"], "public_from", "editions"),
        _live_beside(found["topic"], "public_from", "quotes__texts__edition"),
    )


def _live_beside(rows, begins, editions):
    """(instant, uid, edition) of the `editions` of these rows that were live before a row `begins`, and still are."""
    Q, instant = models.Q, models.F(begins)
    live = Q(**{f"{editions}__live_until": None}) | Q(**{f"{editions}__live_until__gt": instant})
    live &= Q(**{f"{editions}__live_from__lt": instant, f"{editions}__withheld": False})
    return rows.order_by().filter(live).values_list(begins, f"{editions}__article__uid", f"{editions}__number")


def _belonging(found):
    """(instant, type, uid) of what was public already when the row right above it becomes so, and is shown beside it:
    the positions of an organisation, the topics below a topic."""
    return _public_beside(found["organisation"], "positions").union(_public_beside(found["topic"], "children"))


def _public_beside(rows, below):
    kind = rows.model._meta.get_field(below).related_model._meta.model_name
    known = rows.order_by().filter(**{f"{below}__public_from__lt": models.F("public_from")})
    return known.values_list("public_from", models.Value(kind), f"{below}__uid")


REFERENCES = (Organisation, Position, Person, Appointment, Topic)


def reveal(named, state, now):
    """`public_from` of the reference rows in `named` ({model: ids}): the earliest `live_from` of all sealed editions
    that name them (`now` where that is closed already, as for a topic an old item is newly filed under); null again
    when a cancelled schedule was the only one. What is closed, and what an editor set earlier by hand, stays."""
    for model, ids in named.items():
        still_private = models.Q(public_from=None) | models.Q(public_from__gt=state.horizon)
        for row in model.objects.filter(still_private, pk__in=ids):
            earliest = _naming(row).exclude(live_from=None).aggregate(first=models.Min("live_from"))["first"]
            if earliest is not None and earliest <= state.horizon:
                earliest = now
            if row.public_by_hand and row.public_from and (earliest is None or row.public_from <= earliest):
                continue
            if earliest != row.public_from:
                model.objects.filter(pk=row.pk).update(public_from=earliest)


def _naming(row):
    """The editions that name a reference row."""
    Q = models.Q
    if isinstance(row, Topic):
        return Edition.objects.filter(topics__in=Topic.objects.at_or_under(row))
    if isinstance(row, Person):
        return Edition.objects.filter(Q(quotes__speaker=row) | Q(mentions__person=row))
    if isinstance(row, Position):
        return Edition.objects.filter(Q(quotes__position=row) | Q(mentions__position=row))
    if isinstance(row, Organisation):
        return Edition.objects.filter(Q(quotes__position__organisation=row) | Q(mentions__position__organisation=row))
    return Edition.objects.filter(
        Q(quotes__speaker=row.person_id, quotes__position=row.position_id)
        | Q(mentions__person=row.person_id, mentions__position=row.position_id)
    )


def forget_log(article, editions):
    """Empty what the admin's own log says of these editions, and of the article when none of it remains."""
    ids = {"edition": [str(pk) for pk in editions.values_list("pk", flat=True)], "article": [str(article.pk)]}
    if article.editions.exclude(pk__in=editions.values("pk")).exists():
        del ids["article"]
    for model, keys in ids.items():
        entries = LogEntry.objects.filter(content_type__app_label="articles", content_type__model=model)
        entries.filter(object_id__in=keys).update(object_repr="", change_message="")


def empty(editions):
    """Empty every word of these editions and of what hangs on them; the rows, keys and content hashes stay."""
    places = list(editions.values_list("pk", "sorted_at"))
    search.forget(places)
    search.compact()  # or the words would lie in the index's files until their next merge
    ids = [pk for pk, _sorted_at in places]
    children = {"edition__in": ids}
    sealed = Edition.objects.filter(pk__in=ids).exclude(live_from=None)
    sealed.update(withheld=True)
    RelatedItem.objects.filter(**children).delete()
    Mention.objects.filter(**children).delete()
    Save.objects.filter(**children).delete()
    Share.objects.filter(**children).delete()
    QuoteText.objects.filter(**children).update(
        text="", source="", speaker=None, speaker_uid="", speaker_name="", office="", position=None, position_uid="",
        place="",
    )  # fmt: skip
    Placement.objects.filter(**children).update(alt="", caption="", credit="")
    Act.objects.filter(**children).update(note="")
    Override.objects.filter(**children).update(reason="")
    ReleaseGroup.objects.filter(editions__in=ids).update(name="")
    attached = Attachment.objects.filter(**children).exclude(file="")
    kept = Attachment.objects.exclude(edition__in=ids).values("file")
    pictures = Image.objects.filter(placements__edition__in=ids).exclude(file="").distinct()
    pictures = pictures.exclude(pk__in=Placement.objects.exclude(edition__in=ids).values("image"))
    cut = Rendition.objects.filter(image__in=[picture.pk for picture in pictures])
    files = [row.file for row in (*attached.exclude(file__in=kept), *pictures, *cut)]
    cut.delete()
    Attachment.objects.filter(**children).update(title="", file="")
    Image.objects.filter(pk__in=[picture.pk for picture in pictures]).update(title="", file="")
    transaction.on_commit(lambda: [file.storage.delete(file.name) for file in files])
    sealed.update(**dict.fromkeys(ERASABLE, ""), event_date=None, dated=None)
    drafts = Edition.objects.filter(pk__in=ids, live_from=None)
    Edition.objects.filter(based_on__in=drafts).update(based_on=None)  # a draft begun from a schedule called off
    drafts.delete()


#: the columns of an edition that hold words, or a hash from which words could be guessed
ERASABLE = (
    "headline", "summary", "place", "source_updated", "body", "plain_text", "note", "embargo", "return_note",
    "text_hash", "approved_hash", "salt",
)  # fmt: skip
