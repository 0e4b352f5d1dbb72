"""What each editor wants to be told by e-mail, and what they were told. Private, and without a word of any text."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.desk import Act
from articles.models import Edition
from newsroom.partners import Key, Partner  # noqa: F401 (models of this app)
from newsroom.webhooks import Hub, Webhook  # noqa: F401


class NoticeChoice(models.Model):
    """One thing that one editor wants to be told of, from `since` on."""

    RETURNED, APPROVED, SOON, OVERRIDE = "returned", "approved", "soon", "override"
    KINDS = [
        (RETURNED, _("A text of mine was returned")),
        (APPROVED, _("A text of mine was approved")),
        (SOON, _("A text I wrote, approved or scheduled is about to go live")),
        (OVERRIDE, _("Something was published without a second pair of eyes, and waits to be countersigned")),
    ]

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notice_choices")
    kind = models.CharField(max_length=20, choices=KINDS)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="notice_choice_once")]

    def __str__(self):
        return f"{self.user_id}: {self.kind}"

    @classmethod
    def choose(cls, user, kinds, at):
        """From `at` on exactly these kinds; what was chosen before keeps its own instant."""
        chosen = cls.objects.filter(user=user)
        chosen.exclude(kind__in=kinds).delete()
        cls.objects.bulk_create([cls(user=user, kind=kind, since=at) for kind in kinds], ignore_conflicts=True)


class Notice(models.Model):
    """That somebody was told of an act, or of an edition about to go live at `instant`: once, whoever sends. The row
    is claimed before the mail goes out; one that was never sent is taken up again later."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=NoticeChoice.KINDS)
    act = models.ForeignKey(Act, models.CASCADE, null=True, related_name="+")
    edition = models.ForeignKey(Edition, models.CASCADE, null=True, related_name="+")
    instant = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "act"], name="notice_of_an_act_once"),
            models.UniqueConstraint(fields=["user", "edition", "instant"], name="notice_of_an_instant_once"),
            models.CheckConstraint(
                condition=models.Q(act__isnull=False, edition=None, instant=None)
                | models.Q(act=None, edition__isnull=False, instant__isnull=False),
                name="notice_of_an_act_or_an_instant",
            ),
        ]

    def __str__(self):
        return f"{self.kind} to {self.user_id}"
