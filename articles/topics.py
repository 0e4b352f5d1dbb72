"""Topics: a tree that articles are filed under. Renamed and merged topics keep answering at their old paths."""

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from people.models import Reference, ReferenceQuerySet, bounded, free_slug


class TopicQuerySet(ReferenceQuerySet):
    def surviving(self):
        """Without the topics that were merged into another."""
        return self.filter(merged_into=None)

    def at_or_under(self, topic):
        """The topic and all below it. Paths sort bytewise ("0" follows "/"), so this is one range of an index."""
        return self.filter(models.Q(path=topic.path) | models.Q(path__gt=f"{topic.path}/", path__lt=f"{topic.path}0"))


class Topic(Reference):
    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("slug"), max_length=100, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(_("path"), max_length=400, unique=True, editable=False)
    description = models.TextField(_("description"), blank=True)
    aliases = models.JSONField(_("other names"), default=list, blank=True)
    same_as = models.JSONField(_("the same elsewhere (URIs)"), default=list, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="merged"
    )

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ["path"]
        constraints = [
            *bounded(name=120, slug=100, path=400),
            models.CheckConstraint(condition=~models.Q(parent=models.F("id")), name="topic_not_its_own_parent"),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        if self.pk and self.parent and (self.parent == self or self.parent.path.startswith(f"{self.former_path()}/")):
            raise ValidationError(_("A topic cannot stand below itself. Choose another parent."))

    def save(self, **kwargs):
        """Keeps `path` true for this topic and all below it, and the former paths as redirects."""
        former = self.former_path()
        prefix = f"{self.parent.path}/" if self.parent else ""
        if not self.slug:
            others = Topic.objects.exclude(pk=self.pk)
            self.slug = free_slug(self, self.name, lambda slug: others.filter(path=prefix + slug).exists())
        self.path = prefix + self.slug
        super().save(**kwargs)
        if former and former != self.path:
            FormerPath.objects.filter(path=self.path).delete()
            FormerPath.objects.update_or_create(path=former, defaults={"topic": self})
            for child in self.children.all():
                child.parent = self
                child.save()

    def get_absolute_url(self):
        return reverse("topic", args=[self.path])

    def former_path(self):
        """The path as it is stored, '' for a new topic."""
        return Topic.objects.filter(pk=self.pk).values_list("path", flat=True).first() or ""

    def lineage(self):
        """The paths from the root down to this topic, itself included."""
        parts = self.path.split("/")
        return ["/".join(parts[: depth + 1]) for depth in range(len(parts))]


class FormerPath(models.Model):
    """A path a topic had once; it answers with a redirect."""

    path = models.CharField(max_length=400, unique=True)
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="former_paths")

    def __str__(self):
        return self.path
