"""Whom the newsroom tells that its record has changed: webhooks of partners, and the hub of the feeds. Private.

Neither is a queue. A message says "changes up to N" and nothing of what they are, so whoever missed ten of them needs
only the newest: all that is kept of each is the place it was told last, and when to try again. telling.py sends.
"""

import base64
import hmac
import json
import random
import secrets
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsroom.box import box
from newsroom.outside import Failed, in_words
from newsroom.partners import Partner
from people.models import bounded

PAUSE = timedelta(seconds=5)  # between two messages to one address: what happens meanwhile is one message
FIRST, LONGEST = timedelta(seconds=10), timedelta(hours=1)  # the waits after failures, each twice the one before
GIVEN_UP = timedelta(days=3)  # of nothing but failures
LEASE = timedelta(minutes=1)  # a claim so old was left by a process that ended
TOLD, WAITING, FAILING, DEAD, OFF = "told", "waiting", "failing", "dead", "off"


class Told(models.Model):
    """Somebody who is told the newest place of the ledger. `told` is the cursor they know; it is sent to whoever knows
    another than the newest (not: an older), so a ledger restored to an earlier point is told of too."""

    told = models.CharField(_("told up to"), max_length=40, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    next_at = models.DateTimeField(default=timezone.now, editable=False)
    last_error = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        abstract = True

    def claim(self, now):
        """Whether this process is to tell them: of several that saw them due at once, one. One that then dies has told
        nothing, and they are due again when the lease has run out."""
        seen, self.next_at = self.next_at, now + LEASE
        return self._only(seen).update(next_at=self.next_at) == 1

    def answered(self, status, place, now):
        """Whether they know `place` now, having answered so."""
        took = 200 <= status < 300
        if took:
            self._set(told=place, failures=0, failing_since=None, last_error="", next_at=now + PAUSE)
        else:
            self.missed(_("It answered %s.") % in_words(status), now)
        return took

    def missed(self, why, now):
        """They are tried again, ever later."""
        wait = min(FIRST * 2 ** min(self.failures, 20), LONGEST) * random.uniform(1, 1.2)  # noqa: S311 (spreads)
        self._set(
            failures=self.failures + 1, failing_since=self.failing_since or now, last_error=str(why)[:200],
            next_at=now + min(wait, LONGEST),
        )  # fmt: skip

    def _set(self, **columns):
        """Of a row that this process has claimed; what another has claimed or revived since is left alone."""
        self._only(self.next_at).update(**columns)
        for name, value in columns.items():
            setattr(self, name, value)

    def _only(self, next_at):
        return type(self).objects.filter(pk=self.pk, next_at=next_at)


class WebhookQuerySet(models.QuerySet):
    def listening(self):
        """Those that are told at all."""
        return self.filter(active=True, dead_at=None)


class Webhook(Told):
    """An address of a partner that is told of changes. Signed as Standard Webhooks 1.0.0 has it (webhook-id,
    webhook-timestamp, webhook-signature); the secret is kept encrypted."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="webhooks", verbose_name=_("partner"))
    url = models.CharField(
        _("address"), max_length=500, help_text=_("Where messages are posted to, such as https://partner.example/hook.")
    )
    active = models.BooleanField(_("active"), default=True, help_text=_("Off: nothing is sent, and nothing is lost."))
    secret = models.TextField(editable=False)
    dead_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["partner__name", "id"]
        verbose_name, verbose_name_plural = _("webhook"), _("webhooks")
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "url"], name="webhook_once",
                violation_error_message=_("This partner is told at this address already."),
            ),
            *bounded(url=500),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.partner}: {self.host}"

    def begin(self, by, place):
        """Not saved yet: told of what comes after `place`. Returns its secret, as `renew_secret` does."""
        self.created_by, self.told = by, place
        return self.renew_secret()

    def renew_secret(self):
        """A new secret, not saved yet. It is returned in the open once, for the partner, and never again."""
        key = secrets.token_bytes(32)
        self.secret = box("webhook").encrypt(key).decode()
        return "whsec_" + base64.b64encode(key).decode()

    def message(self, state):
        """(bytes, headers) that tell of the place the ledger is at; the same id however often it is sent."""
        changes = f"{settings.SITE_URL}/api/v1/changes/?{urlencode({'cursor': self.told} if self.told else {})}"
        return self.signed(state.cursor, {"seq": state.seq, "cursor": state.cursor, "changes": changes.rstrip("?")})

    def test(self):
        """(bytes, headers) that tell nothing."""
        return self.signed(f"test-{secrets.token_hex(8)}", {"test": True})

    def signed(self, id, said):
        """Failed when SECRET_KEY has changed and the old one is not among SECRET_KEY_FALLBACKS."""
        try:
            key = box("webhook").decrypt(self.secret.encode())
        except InvalidToken as error:
            raise Failed(_("The secret cannot be read, as SECRET_KEY has changed. Make a new secret.")) from error
        body, at = json.dumps(said).encode(), int(timezone.now().timestamp())
        digest = hmac.digest(key, f"{id}.{at}.".encode() + body, "sha256")
        return body, {
            "Content-Type": "application/json", "webhook-id": id, "webhook-timestamp": at,
            "webhook-signature": "v1," + base64.b64encode(digest).decode(),
        }  # fmt: skip

    def answered(self, status, place, now):
        took = super().answered(status, place, now)
        if status == HTTPStatus.GONE:
            self._set(active=False)
        return took

    def missed(self, why, now):
        super().missed(why, now)
        if now - self.failing_since >= GIVEN_UP:
            self._set(dead_at=now)

    def revive(self, now):
        """As if it had never failed: it is told at once."""
        columns = {"failures": 0, "failing_since": None, "last_error": "", "dead_at": None, "next_at": now}
        Webhook.objects.filter(pk=self.pk).update(**columns)

    @property
    def host(self):
        """What may be shown of the address in lists and logs: its path may hold a key of the partner."""
        return urlsplit(self.url).hostname or ""

    @property
    def told_seq(self):
        return int(self.told.partition("-")[0] or 0)

    def state(self, place):
        """One word, when the ledger is at `place`."""
        if not self.active:
            return OFF
        if self.dead_at:
            return DEAD
        return FAILING if self.failures else TOLD if self.told == place else WAITING


class Hub(Told):
    """The WebSub hub that the feeds name, by its address in the settings. Tried for as long as it stands there."""

    url = models.CharField(max_length=500, unique=True)

    def __str__(self):
        return urlsplit(self.url).hostname or ""
