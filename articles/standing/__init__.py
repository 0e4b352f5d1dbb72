"""The pages that stand beside the record: what this site is, how it corrects, what it knows of its readers.

Editors may rewrite them; they are not part of the record, so they have no editions. The words they begin with lie
beside this file, one text a language, and say what the software does.
"""

import hashlib
from pathlib import Path

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from articles import body as bodies

FIRST_WORDS = Path(__file__).parent


class StandingPage(models.Model):
    """One of the pages, in one language of the interface. Which there are is fixed, so that no link leads nowhere."""

    NAMES = [
        ("record", _("What is published here, and how it changes")),
        ("corrections", _("How we correct")),
        ("accessibility", _("Accessibility")),
        ("privacy", _("Privacy")),
        ("press", _("Press office")),
    ]

    name = models.CharField(_("page"), max_length=20, choices=NAMES, editable=False)
    language = models.CharField(_("language"), max_length=12, editable=False)
    body = models.TextField(_("text"))
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "language"], name="standing_page_once_a_language")]
        ordering = ["name", "language"]
        verbose_name, verbose_name_plural = _("page beside the record"), _("pages beside the record")

    def __str__(self):
        return f"{self.get_name_display()} ({self.language})"

    def save(self, *args, **kwargs):
        self.body = bodies.clean(self.body)
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        with override(self.language):
            return reverse("standing-page", args=[self.name])

    def fingerprint(self):
        """Tells its words from any others."""
        return hashlib.sha256(self.body.encode()).hexdigest()

    def summary(self):
        """Its first paragraph, for a search engine."""
        return bodies.plain_text(self.body).split("\n")[0]


def establish_pages():
    """Every page exists in every language of the interface; what editors wrote is kept."""
    known = {*StandingPage.objects.values_list("name", "language")}
    wanted = [(name, code) for code, _label in settings.LANGUAGES for name, _label in StandingPage.NAMES]
    for name, code in wanted:
        if (name, code) not in known:
            StandingPage.objects.create(name=name, language=code, body=first_words(name, code))


def first_words(name, language):
    """What a page says until an editor changes it; in English where nobody has put it into that language."""
    file = FIRST_WORDS / language / f"{name}.html"
    return (file if file.exists() else FIRST_WORDS / settings.LANGUAGE_CODE / f"{name}.html").read_text("utf-8")
