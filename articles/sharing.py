"""What is not public in other hands: colleagues who have a draft open, outsiders who were given a link to it, partners
who were given a scheduled edition under embargo. Private, all of it."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Max, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from articles.desk import Save
from people.models import bounded

OPEN_FOR = timedelta(minutes=2)  # after its last sign of life a form counts as closed


class PresenceQuerySet(models.QuerySet):
    def others(self, edition, user, at):
        """Who else has this draft open at `at`, with when they last saved it since. One query."""
        saves = Save.objects.filter(edition=OuterRef("edition"), by=OuterRef("user"), at__gte=OuterRef("opened_at"))
        rows = self.filter(edition=edition, seen_at__gt=at - OPEN_FOR).exclude(user=user).select_related("user")
        saved = Subquery(saves.order_by().values("edition").annotate(last=Max("at")).values("last"))
        return rows.annotate(saved_at=saved).order_by("opened_at", "id")


class Presence(models.Model):
    """Somebody has the form of a draft open: since when, and the last sign of life."""

    edition = models.ForeignKey("articles.Edition", models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    objects = PresenceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "user"], name="presence_once_in_a_draft")]

    def __str__(self):
        return f"{self.user_id} in {self.edition_id}"

    @classmethod
    def sign(cls, edition, user, at):
        """A sign of life of `user` in the form of `edition`."""
        alive = cls.objects.filter(edition=edition, user=user, seen_at__gt=at - OPEN_FOR)
        if not alive.update(seen_at=at):
            cls.objects.bulk_create(
                [cls(edition=edition, user=user, opened_at=at, seen_at=at)],
                update_conflicts=True, unique_fields=["edition", "user"], update_fields=["opened_at", "seen_at"],
            )  # fmt: skip


class ShareQuerySet(models.QuerySet):
    def of_token(self, token):
        return self.filter(digest=Share.digest_of(token))

    def open(self, at):
        """Neither revoked nor run out at `at`."""
        return self.filter(revoked_at=None, expires_at__gt=at)

    def with_reads(self):
        return self.annotate(read_at=Max("reads__at"), times=models.Count("reads"))


class Share(models.Model):
    """A link by which an outsider reads one version of one draft until a day, unless it is revoked. Of its token only
    the hash is kept, so whoever reads this table can follow none of the links."""

    LONGEST = timedelta(days=30)

    edition = models.ForeignKey("articles.Edition", models.CASCADE, related_name="shares")
    version = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, unique=True)
    reader = models.CharField(_("for whom"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = ShareQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = bounded(digest=64, reader=200)

    def __str__(self):
        return f"{self.edition_id}, version {self.version}, until {self.expires_at:%Y-%m-%d %H:%M}"

    @classmethod
    def mint(cls, edition, by, at, expires_at, reader=""):
        """(the new link, its token). The token, 192 random bits, is told here and never again."""
        token = secrets.token_urlsafe(24)
        facts = {"edition": edition, "version": edition.version, "by": by, "at": at, "expires_at": expires_at}
        return cls.objects.create(digest=cls.digest_of(token), reader=reader, **facts), token

    @staticmethod
    def digest_of(token):
        return hashlib.sha256(token.encode()).hexdigest()

    def is_open(self, at):
        return self.revoked_at is None and at < self.expires_at


class ShareRead(models.Model):
    """A link was followed: when, and whether the words were shown."""

    share = models.ForeignKey(Share, models.CASCADE, related_name="reads")
    at = models.DateTimeField()
    shown = models.BooleanField()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self):
        return f"{self.share_id} {self.at:%Y-%m-%d %H:%M}"


class EmbargoRelease(models.Model):
    """A scheduled edition that a publisher gave to the partners who read under embargo. Gone with its schedule."""

    edition = models.OneToOneField("articles.Edition", models.CASCADE, related_name="embargo_release")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self):
        return f"{self.edition_id}, {self.at:%Y-%m-%d %H:%M}"


class EmbargoRead(models.Model):
    """A partner was given words before the public: who, by which key, and which words. Partner and key
    are kept as they were called then; the row outlives the draft that a cancelled edition becomes, and its end."""

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="+")
    edition = models.ForeignKey("articles.Edition", models.SET_NULL, null=True, related_name="embargo_reads")
    number = models.PositiveIntegerField()
    version = models.PositiveIntegerField()
    reader = models.CharField(_("partner"), max_length=200)
    key = models.CharField(_("key"), max_length=120)
    in_a_list = models.BooleanField(_("in a list"))
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name, verbose_name_plural = _("reading under embargo"), _("readings under embargo")
        constraints = bounded(reader=200, key=120)
        indexes = [models.Index(fields=["at"], name="embargo_read_at")]

    def __str__(self):
        return f"{self.reader} {self.at:%Y-%m-%d %H:%M}"

    @classmethod
    def note(cls, editions, at, **who):
        """That these editions were read, in the transaction that must not give their words without it."""
        cls.objects.bulk_create(
            cls(article_id=one.article_id, edition=one, number=one.number, version=one.version, at=at, **who)
            for one in editions
        )
