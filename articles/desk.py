"""What editors' work leaves behind: saves of drafts, the log of verbs, overrides, releases as they came. Private, all
of it."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Save(models.Model):
    """One save of a draft: who, when, what. Private; nothing typed is ever lost."""

    edition = models.ForeignKey("articles.Edition", models.CASCADE, related_name="saves")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    version = models.PositiveIntegerField()
    words = models.JSONField()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self):
        return f"{self.edition_id}, save {self.version}"


class Act(models.Model):
    """Who did what, and when: the private log of verbs."""

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="acts")
    edition = models.ForeignKey("articles.Edition", models.SET_NULL, null=True, related_name="acts")
    verb = models.CharField(max_length=20)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["verb", "-id"], name="act_of_verb"), models.Index(fields=["at"], name="act_at"),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.verb} {self.at:%Y-%m-%d %H:%M}"


class OverrideQuerySet(models.QuerySet):
    def open(self):
        """Those that nobody has countersigned yet."""
        return self.filter(countersigned_at=None)


class Override(models.Model):
    """An edition that somebody published without a second pair of eyes, and why. Open until another has signed."""

    edition = models.ForeignKey("articles.Edition", models.CASCADE, related_name="overrides")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField()
    countersigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    countersigned_at = models.DateTimeField(null=True)

    objects = OverrideQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at"], name="override_open", condition=models.Q(countersigned_at__isnull=True))
        ]

    def __str__(self):
        return f"{self.edition_id}, {self.at:%Y-%m-%d %H:%M}"


class Release(models.Model):
    """A press release as it came, and what was understood from it. The digest keeps one file from coming in twice."""

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="releases")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, unique=True)
    text = models.TextField()
    proposal = models.JSONField()
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    imported_at = models.DateTimeField()

    def __str__(self):
        return self.name


class ArrivalQuerySet(models.QuerySet):
    def unread(self, at):
        """Those that may still become a draft at `at`; what is older is only waiting to be pruned."""
        return self.filter(at__gt=at - Arrival.KEPT)

    def of(self, user):
        """Writers see what they brought in, editors everything: as with drafts."""
        return self if user.has_perm("articles.approve_edition") else self.filter(by=user)

    def prune(self, at):
        """Forget what nobody made a draft of in time."""
        return self.exclude(pk__in=self.unread(at).values("pk")).delete()


class Arrival(models.Model):
    """A release that somebody brought in and nobody has made a draft of yet: its text as it came, what was understood
    of it, and what has been decided so far. Gone once it is a draft (the `Release` keeps the text then), when it is
    thrown away, or after 30 days."""

    KEPT = timedelta(days=30)

    name = models.CharField(_("file"), max_length=200, blank=True)
    digest = models.CharField(max_length=64, db_index=True)
    text = models.TextField()
    lines = models.JSONField(null=True)  # as in `releases.Opened`, as are links and remarks
    links = models.JSONField(default=list)
    remarks = models.JSONField(default=list)
    repaired = models.BooleanField(default=False)  # whether `proposal` was read with damaged characters mended
    proposal = models.JSONField()
    answers = models.JSONField(
        default=dict
    )  # what was typed and chosen on the page of review, by the names of its fields
    waiting = models.PositiveIntegerField(default=0)  # quotes nobody has decided on
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(db_index=True)

    objects = ArrivalQuerySet.as_manager()

    def __str__(self):
        return self.name or str(self.pk)
