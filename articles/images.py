"""Pictures and files. Their words (alternative text, caption, credit, title) belong to the place in an edition."""

from decimal import Decimal

import PIL.Image
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from articles import documents
from people import pictures
from people.models import UidField, bounded

SHARE = {"max_digits": 3, "decimal_places": 2, "default": Decimal("0.5"),
         "validators": [MinValueValidator(0), MaxValueValidator(1)]}  # fmt: skip


def random_name(instance, filename):
    """A file's name says nothing and cannot be guessed."""
    return pictures.unguessable(f"{type(instance).__name__.lower()}s", filename)


class Image(models.Model):
    """A picture, written anew when it came in (people/pictures.py), and the smaller ones cut from it."""

    WIDTHS = (480, 960, 1600)
    SIDE = 640

    uid = UidField()
    title = models.CharField(_("title"), max_length=200, help_text=_("For finding it again; readers never see it."))
    file = models.ImageField(_("file"), upload_to=random_name)
    width = models.PositiveIntegerField(editable=False, default=0)
    height = models.PositiveIntegerField(editable=False, default=0)
    focal_x = models.DecimalField(_("focal point, across"), **SHARE)
    focal_y = models.DecimalField(_("focal point, down"), **SHARE)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["file"], name="image_file")]

    def __str__(self):
        return self.title

    def save(self, **kwargs):
        """A new file is cleaned (ValidationError when it is no picture) and cut to size; a moved focal point cuts the
        square anew. Files that nothing points to any more are deleted once that is certain."""
        before = Image.objects.filter(pk=self.pk).first()
        is_new = bool(self.file) and not self.file._committed
        if is_new:
            self.file = pictures.kept(self.file)
            self.width, self.height = self.file.file.pixels
        with transaction.atomic():
            super().save(**kwargs)
            if is_new:
                self._drop(self.renditions.all(), *([before.file] if before and before.file else []))
                self.cut()
            elif before and (before.focal_x, before.focal_y) != (self.focal_x, self.focal_y):
                self._drop(self.renditions.filter(shape=Rendition.SQUARE))
                self.cut()

    def cut(self):
        """Make the renditions that are missing."""
        if not self.file:
            return
        have = {*self.renditions.values_list("shape", "width")}
        with self.file.storage.open(self.file.name) as stored, PIL.Image.open(stored) as picture:
            picture.load()
            for width in self.WIDTHS:
                if width < picture.width and (Rendition.WIDE, width) not in have:
                    file, height = pictures.narrowed(picture, width)
                    self.renditions.create(shape=Rendition.WIDE, file=file, width=width, height=height)
            if Rendition.SQUARE not in {shape for shape, _width in have}:
                file, side = pictures.squared(picture, self.SIDE, float(self.focal_x), float(self.focal_y))
                self.renditions.create(shape=Rendition.SQUARE, file=file, width=side, height=side)

    def _drop(self, renditions, *more):
        """Delete renditions; their files, and `more` of them, go when that is certain."""
        files = [*more, *(rendition.file for rendition in renditions)]
        renditions.delete()
        transaction.on_commit(lambda: [file.storage.delete(file.name) for file in files])

    def offered(self):
        """[(file, width)] for a page to choose from, narrowest first. The picture as it was kept is among them only
        where it is no wider than a page needs."""
        wide = [row for row in self.renditions.all() if row.shape == Rendition.WIDE]
        found = [(row.file, row.width) for row in sorted(wide, key=lambda row: row.width)]
        return [*found, (self.file, self.width)] if self.width <= self.WIDTHS[-1] or not found else found


class Rendition(models.Model):
    """A smaller picture cut from an image, under a random name of its own. Derived: made by `Image.save`."""

    WIDE, SQUARE = "wide", "square"
    SHAPES = [(WIDE, _("whole")), (SQUARE, _("square"))]

    image = models.ForeignKey(Image, models.CASCADE, related_name="renditions")
    shape = models.CharField(max_length=10, choices=SHAPES)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    file = models.FileField(upload_to=random_name, unique=True)

    class Meta:
        ordering = ["shape", "width"]
        constraints = [
            models.UniqueConstraint(fields=["image", "shape", "width"], name="rendition_once"),
            *bounded(shape=10),
        ]

    def __str__(self):
        return f"{self.shape} {self.width}"


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
        indexes = [models.Index(fields=["file"], name="attachment_file")]

    def __str__(self):
        return self.title

    def save(self, **kwargs):
        """A new file must be one of the documents on the list (ValidationError otherwise)."""
        if self.file and not self.file._committed:
            self.file = documents.kept(self.file)
        super().save(**kwargs)
