"""Who builds on the read API under a name of their own, and the keys they show. Private: nothing here changes what the
public sees. How keys are read from a request, and how requests are counted, is told in callers.py."""

import hashlib
import re
import secrets
from contextlib import contextmanager, suppress
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection, models, transaction
from django.utils.translation import gettext_lazy as _

from people.models import bounded


class Partner(models.Model):
    """An agency, a library, a newspaper: whoever is given keys, told of changes, or let in under embargo."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    contact = models.EmailField(_("contact"), blank=True, help_text=_("Whom to write to when something is wrong."))
    under_embargo = models.BooleanField(
        _("reads under embargo"), default=False,
        help_text=_("May read what a publisher gives out before its hour. Every reading is logged."),
    )  # fmt: skip
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    class Meta:
        ordering = ["name"]
        verbose_name, verbose_name_plural = _("partner"), _("partners")
        constraints = bounded(name=200)

    def __str__(self):
        return self.name


class Key(models.Model):
    """What a partner's program shows instead of a password. Of the token only the hash is kept, so whoever reads this
    table can show none of them; its `beginning` is public and tells keys apart in lists and logs."""

    LIFE = timedelta(days=365)
    #: "nr_" makes a token that was lost somewhere easy to search for; 160 random bits follow
    TOKEN = re.compile(r"nr_[0-9a-f]{40}")
    USED_EVERY = timedelta(minutes=1)

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="keys")
    name = models.CharField(_("name"), max_length=100)
    beginning = models.CharField(_("begins with"), max_length=11, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
    )
    expires_at = models.DateTimeField(_("ends"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        verbose_name, verbose_name_plural = _("key"), _("keys")
        constraints = bounded(name=100, beginning=11, digest=64)

    def __str__(self):
        return f"{self.beginning}… ({self.name})"

    @classmethod
    def mint(cls, partner, by, name, at, expires_at):
        """(the new key, its token). The token is told here and never again; without `expires_at` it never ends."""
        token = f"nr_{secrets.token_hex(20)}"
        facts = {"partner": partner, "name": name, "made_by": by, "made_at": at, "expires_at": expires_at}
        return cls.objects.create(beginning=token[:11], digest=cls.digest_of(token), **facts), token

    @staticmethod
    def digest_of(token):
        """A fast hash is enough: nobody guesses what is random throughout."""
        return hashlib.sha256(token.encode()).hexdigest()

    def revoke(self, by, at):
        """The next request that shows it is refused."""
        Key.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=at, revoked_by=by)

    def note_use(self, at):
        """When it was last used, to the minute. Whatever stands in the way of writing that, a lock or a database that
        only reads, the request goes on and does not wait."""
        if self.used_at and at - self.used_at < self.USED_EVERY:
            return
        free = Key.objects.filter(pk=self.pk).select_for_update(skip_locked=True)
        with suppress(DatabaseError), impatient(), transaction.atomic():
            Key.objects.filter(pk__in=[key.pk for key in free.only("pk")]).update(used_at=at)

    def is_good(self, at):
        return self.revoked_at is None and not self.has_ended(at)

    def has_ended(self, at):
        return self.expires_at is not None and self.expires_at <= at


@contextmanager
def impatient():
    """SQLite would wait for another writer as long as a save may (its `timeout`); in here it does not wait at all."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        (patience,) = cursor.fetchone()
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(patience)}")
