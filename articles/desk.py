"""What editors' work leaves behind: saves of drafts, the log of verbs, overrides, releases as they came. Private, all
of it."""

from django.conf import settings
from django.db import models


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
