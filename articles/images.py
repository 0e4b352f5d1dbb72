"""Pictures and files. Their words (alternative text, caption, credit, title) belong to the place in an edition."""

import secrets
from pathlib import PurePath

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from people.models import UidField, bounded


def random_name(instance, filename):
    """A file's name says nothing and cannot be guessed: 128 random bits and the suffix."""
    return f"{type(instance).__name__.lower()}s/{secrets.token_urlsafe(16)}{PurePath(filename).suffix.lower()[:6]}"


class Image(models.Model):
    uid = UidField()
    title = models.CharField(_("title"), max_length=200, help_text=_("For finding it again; readers never see it."))
    file = models.ImageField(_("file"), upload_to=random_name, width_field="width", height_field="height")
    width = models.PositiveIntegerField(editable=False, default=0)
    height = models.PositiveIntegerField(editable=False, default=0)
    focal_x = models.DecimalField(_("focal point, across"), max_digits=3, decimal_places=2, default="0.5")
    focal_y = models.DecimalField(_("focal point, down"), max_digits=3, decimal_places=2, default="0.5")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return self.title


class Placement(models.Model):
    """An image in an edition: its words belong to the place, not to the picture."""

    edition = models.ForeignKey("articles.Edition", models.CASCADE, related_name="placements")
    image = models.ForeignKey(Image, models.PROTECT, related_name="placements", verbose_name=_("image"))
    alt = models.CharField(_("alternative text"), max_length=500, blank=True)
    caption = models.TextField(_("caption"), blank=True)
    credit = models.CharField(_("credit"), max_length=200, blank=True)
    after_paragraph = models.PositiveIntegerField(_("after paragraph"), default=0, help_text=_("0: above the text."))
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "id"]
        constraints = bounded(alt=500, credit=200)

    def __str__(self):
        return self.alt or str(self.image_id)


class Attachment(models.Model):
    edition = models.ForeignKey("articles.Edition", models.CASCADE, related_name="attachments")
    title = models.CharField(_("title"), max_length=200)
    file = models.FileField(_("file"), upload_to=random_name)

    class Meta:
        constraints = bounded(title=200)

    def __str__(self):
        return self.title
