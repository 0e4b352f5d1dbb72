"""Who: people, the organisations and positions they serve in, and the days on which they held them.

Everything here is reference data under the clock: a row is public from `public_from` on, private while that is null.
Nothing in this app knows of articles.
"""

import secrets
import unicodedata
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from people import pictures

DAY = "j F Y"
UID_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
UID_PATTERN = r"[a-z0-9]{4,24}"


def new_uid():
    """A public identifier: ten random characters (about 49 bits), nothing to count or to guess by."""
    return "".join(secrets.choice(UID_ALPHABET) for _ in range(10))


def fold(text):
    """The key under which names are compared and sorted: without case and accents, the same on both databases."""
    decomposed = unicodedata.normalize("NFKD", text)
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).casefold().split())


def bounded(**lengths):
    """CHECK constraints on the lengths of text columns (SQLite enforces no varchar length by itself)."""
    return [
        models.CheckConstraint(
            condition=LessThanOrEqual(Length(field), limit), name=f"%(app_label)s_%(class)s_{field}_length"
        )
        for field, limit in lengths.items()
    ]


#: letters that no accent was taken from, as they are spelt in addresses
SPELT = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i", "ħ": "h"})


def free_slug(instance, words, taken):
    """A slug for `words`; where `taken(slug)` says it is in use, with a suffix from the own uid, never "-2" (which
    would tell that a hidden twin exists)."""
    slug = slugify(fold(words).translate(SPELT))[:80].strip("-") or instance.uid
    return f"{slug}-{instance.uid[:5]}" if taken(slug) else slug


class UidField(models.CharField):
    """A short public identifier that never changes."""

    def __init__(self, **kwargs):
        kwargs |= {"max_length": 24, "unique": True, "default": new_uid, "editable": False}
        super().__init__(**kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("max_length", "unique", "default", "editable"):
            kwargs.pop(fixed, None)
        return name, path, args, kwargs


class ReferenceQuerySet(models.QuerySet):
    def public(self, at):
        """The rows that the public may know of at the instant `at`."""
        return self.filter(public_from__lte=at)


class MergeableQuerySet(ReferenceQuerySet):
    def surviving(self):
        """Without the records that were merged into another."""
        return self.filter(merged_into=None)


class Reference(models.Model):
    """What articles refer to: has a public identifier, and a day on which the public learns of it."""

    uid = UidField()
    public_from = models.DateTimeField(
        _("public from"),
        null=True,
        blank=True,
        db_index=True,
        help_text=_("Empty: private until an article that names it goes live."),
    )
    public_by_hand = models.BooleanField(_("set by hand"), default=False, editable=False)
    proposed = models.BooleanField(
        _("proposed"), default=False, help_text=_("Read from a release; nobody has confirmed it yet.")
    )

    objects = ReferenceQuerySet.as_manager()

    #: what verbs set while an editor has the row open
    SET_BY_VERBS = ("public_from", "public_by_hand", "merged_into_id")

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db, field_names, values):
        row = super().from_db(db, field_names, values)
        row._remember()
        return row

    def _remember(self):
        self._read = {name: self.__dict__[name] for name in self.SET_BY_VERBS if name in self.__dict__}

    def save(self, **kwargs):
        """Writes of what verbs set only what was changed here: a row that was read before an article made it public is
        not made private again."""
        read = getattr(self, "_read", {})
        if read and not kwargs.keys() & {"update_fields", "force_insert"}:
            kept = {"id"} | {name for name, value in read.items() if self.__dict__[name] == value}
            loaded = [field.attname for field in self._meta.concrete_fields if field.attname in self.__dict__]
            kwargs["update_fields"] = [name for name in loaded if name not in kept]
        super().save(**kwargs)
        self._remember()

    def is_public(self, at):
        return self.public_from is not None and self.public_from <= at


class Organisation(Reference):
    name = models.CharField(_("name"), max_length=200)
    abbreviation = models.CharField(_("abbreviation"), max_length=40, blank=True)
    slug = models.SlugField(_("slug"), max_length=100, unique=True, blank=True)
    sort_key = models.CharField(max_length=240, editable=False)
    aliases = models.JSONField(_("other names"), default=list, blank=True)
    same_as = models.JSONField(_("the same elsewhere (URIs)"), default=list, blank=True)

    class Meta:
        ordering = ["sort_key", "id"]
        constraints = bounded(name=200, slug=100)

    def __str__(self):
        return self.name

    def save(self, **kwargs):
        self.sort_key = fold(self.name)[:240]
        others = Organisation.objects.exclude(pk=self.pk)
        self.slug = self.slug or free_slug(self, self.name, lambda slug: others.filter(slug=slug).exists())
        super().save(**kwargs)

    def get_absolute_url(self):
        return reverse("organisation", args=[self.slug])


class Position(Reference):
    title = models.CharField(_("title"), max_length=200)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="positions", verbose_name=_("organisation")
    )
    single_holder = models.BooleanField(_("one holder at a time"), default=False)
    rank = models.PositiveSmallIntegerField(
        _("rank"), default=0, help_text=_("Where somebody holds several offices, the highest number is printed.")
    )
    sort_key = models.CharField(max_length=240, editable=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="merged"
    )

    objects = MergeableQuerySet.as_manager()

    class Meta:
        ordering = ["-rank", "sort_key", "id"]
        constraints = [
            *bounded(title=200),
            models.CheckConstraint(
                condition=~models.Q(merged_into=models.F("id")), name="position_not_merged_into_itself"
            ),
        ]

    def __str__(self):
        return f"{self.title}, {self.organisation.abbreviation or self.organisation.name}"

    def save(self, **kwargs):
        self.sort_key = fold(self.title)[:240]
        super().save(**kwargs)

    def survivor(self):
        """The office this one was merged into, or itself."""
        return self.merged_into or self


def portrait_name(person, filename):
    """A file's name says nothing and cannot be guessed: who is not public yet is not found by a portrait."""
    return pictures.unguessable("portraits", filename)


class Person(Reference):
    name = models.CharField(_("name"), max_length=200, help_text=_("As it is printed: “Maren Aldous-Vik”."))
    slug = models.SlugField(_("slug"), max_length=100, unique=True, blank=True)
    sort_name = models.CharField(_("sorted under"), max_length=200, blank=True, help_text=_("“Aldous-Vik, Maren”"))
    sort_key = models.CharField(max_length=240, editable=False)
    aliases = models.JSONField(_("other spellings"), default=list, blank=True)
    biography = models.TextField(_("biography"), blank=True)
    portrait = models.ImageField(_("portrait"), upload_to=portrait_name, blank=True)
    same_as = models.JSONField(_("the same elsewhere (URIs)"), default=list, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="merged"
    )

    objects = MergeableQuerySet.as_manager()

    class Meta:
        ordering = ["sort_key", "id"]
        verbose_name_plural = "people"
        constraints = [
            *bounded(name=200, slug=100, sort_name=200),
            models.CheckConstraint(
                condition=~models.Q(merged_into=models.F("id")), name="person_not_merged_into_itself"
            ),
        ]
        indexes = [
            models.Index(
                fields=["sort_key", "id", "public_from"], name="person_by_name", condition=models.Q(merged_into=None)
            )
        ]

    def __str__(self):
        return self.name

    def save(self, **kwargs):
        if not self.sort_name:
            *given, family = self.name.split() or [""]
            self.sort_name = f"{family}, {' '.join(given)}" if given else family
        self.sort_key = fold(self.sort_name)[:240]
        if not self.slug:
            self.slug = free_slug(self, self.name, self.slug_is_taken)
        if self.portrait and not self.portrait._committed:
            self.portrait = pictures.kept(self.portrait)
        super().save(**kwargs)

    def slug_is_taken(self, slug):
        return (
            Person.objects.exclude(pk=self.pk).filter(slug=slug).exists()
            or FormerSlug.objects.exclude(person_id=self.pk).filter(slug=slug).exists()
        )

    def get_absolute_url(self):
        return reverse("person", args=[self.slug])

    def rename(self, name, slug=""):
        """Another name, or another address; the old address leads to the new one for ever."""
        former = self.slug
        self.name, self.sort_name, self.slug = name, "", slug
        self.save()
        if self.slug != former:
            FormerSlug.objects.filter(slug=self.slug).delete()
            FormerSlug.objects.update_or_create(slug=former, defaults={"person": self})

    def survivor(self):
        """The record this one was merged into, or itself. Merges are kept flat: one step is enough."""
        return self.merged_into or self

    def office_on(self, day):
        """The appointment to print beside a name on `day`: the highest-ranked one certainly held, else the
        highest-ranked one assumed; None when the record knows of no office."""
        return next(self.offices_on(day), None)

    def offices_on(self, day):
        """Every appointment that may be printed beside a name on `day`, in the order of `office_on`."""
        appointments = self.appointments.standing().select_related("position__organisation")
        appointments = appointments.order_by("-position__rank", "-since", "id")
        held = [appointment for appointment in appointments if appointment.certainly_on(day)]
        yield from held
        yield from (a for a in appointments if a not in held and a.assumed_on(day))


class FormerSlug(models.Model):
    """An address a person had once; it answers with a redirect."""

    slug = models.SlugField(max_length=100, unique=True)
    person = models.ForeignKey(Person, models.CASCADE, related_name="former_slugs")

    def __str__(self):
        return self.slug


class AppointmentQuerySet(ReferenceQuerySet):
    def public(self, at):
        return super().public(at).standing()

    def standing(self):
        """Without those that a merge of two offices left behind, because the one that stays had them already."""
        return self.filter(position__merged_into=None)

    def held_on(self, day):
        """The appointments that the record is certain of for `day`."""
        Q = models.Q
        known_start = Q(since__lte=day) & (Q(until=None) | Q(until__gt=day))
        seen_then_ended = Q(since=None, attested_from__lte=day, until__gt=day)
        seen_around = Q(since=None, until=None, attested_from__lte=day, attested_to__gte=day)
        seen_before_known_start = Q(attested_from__lte=day, attested_to__gte=day)
        return self.filter(known_start | seen_then_ended | seen_around | seen_before_known_start)


class Appointment(Reference):
    """One person in one position. `since` and `until` are known ends (half-open; null = unknown, or still in office);
    `attested_from` and `attested_to` are the first and last day on which the record has seen it (both included)."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="appointments", verbose_name=_("person"))
    position = models.ForeignKey(Position, models.PROTECT, related_name="appointments", verbose_name=_("position"))
    since = models.DateField(_("since"), null=True, blank=True)
    until = models.DateField(
        _("until"), null=True, blank=True, help_text=_("The first day on which it is no longer held.")
    )
    attested_from = models.DateField(_("seen from"), null=True, blank=True)
    attested_to = models.DateField(_("seen to"), null=True, blank=True)
    acting = models.BooleanField(_("acting"), default=False)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["-since", "-attested_from", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(since=None) | models.Q(until__gt=models.F("since")),
                name="appointment_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(attested_from=None, attested_to=None)
                | models.Q(attested_to__gte=models.F("attested_from")),
                name="appointment_seen_in_order",
            ),
        ]

    def __str__(self):
        return f"{self.person}: {self.position}"

    def save(self, **kwargs):
        """The office is locked before its terms, as verbs do; the rule of one holder asks for that lock anyway."""
        with transaction.atomic():
            Position.objects.filter(pk=self.position_id).select_for_update(no_key=True).first()
            super().save(**kwargs)

    def clean(self):
        other = self.overlapping().select_related("person").order_by("since").first()
        if other:
            raise ValidationError(
                self._ways_out(other),
                params={
                    "position": self.position.title,
                    "person": other.person,
                    "since": date_format(other.since, DAY),
                    "until": other.until and date_format(other.until, DAY),
                },
            )

    def _ways_out(self, other):
        """The sentence of the refusal: who holds it, how long, and what can be done about it."""
        if other.since > self.since:
            return _(
                "%(position)s has one holder at a time: %(person)s holds it from %(since)s on. "
                "End this one by then, or start that one later."
            )
        if other.until is None:
            return _(
                "%(position)s has one holder at a time: %(person)s holds it since %(since)s, and no end is entered. "
                "End that one first, and start this one then; or call one of the two acting."
            )
        return _(
            "%(position)s has one holder at a time: %(person)s holds it until %(until)s. "
            "Start this one then, or end that one first."
        )

    def overlapping(self):
        """Other known, non-acting appointments to the same single-holder position whose days overlap with these."""
        others = (
            Appointment.objects.exclude(pk=self.pk)
            .filter(position_id=self.position_id, acting=False)
            .exclude(since=None)
        )
        if self.acting or not self.since or not self.position_id or not self.position.single_holder:
            return others.none()
        others = others.filter(models.Q(until=None) | models.Q(until__gt=self.since))
        return others.filter(since__lt=self.until) if self.until else others

    @property
    def last_day(self):
        """The last day in office, as it is told to people; None while it is not known. `until` is the day after."""
        return self.until and self.until - timedelta(1)

    def is_told_by(self, others):
        """Whether one of these appointments, to whatever position, has all the days that this one knows."""
        known = [day for day in (self.since, self.attested_from, self.attested_to, self.last_day) if day]
        is_open = self.since and not self.until
        return any(all(other.certainly_on(day) for day in known) and not (is_open and other.until) for other in others)

    def attest(self, day):
        """Widen what the record has seen by `day`. Returns whether that changed anything."""
        seen = (self.attested_from, self.attested_to)
        self.attested_from = min(filter(None, (self.attested_from, day)))
        self.attested_to = max(filter(None, (self.attested_to, day)))
        return seen != (self.attested_from, self.attested_to)

    def certainly_on(self, day):
        """The rule of `held_on`, for a row in hand."""
        if self.attested_from and self.attested_from <= day <= self.attested_to:
            return True
        start = self.since or (self.attested_from if self.until else None)
        return start is not None and start <= day and (self.until is None or day < self.until)

    def assumed_on(self, day):
        """Whether it may be assumed for a `day` outside what is known: the nearest day on which the record has seen
        it is not cut off by a known end, nor by another holder seen in between."""
        between = self._unseen(day)
        if not between:
            return between == ()
        others = Appointment.objects.filter(position_id=self.position_id).exclude(person_id=self.person_id)
        return not others.filter(
            models.Q(since__range=between)
            | models.Q(attested_from__range=between)
            | models.Q(attested_to__range=between)
            | models.Q(until__gt=between[0], until__lte=between[1])
            | models.Q(since__lte=between[0], until__gt=between[0])
            | models.Q(attested_from__lte=between[0], attested_to__gte=between[0])
        ).exists()

    def assumed_among(self, terms, day):
        """The rule of `assumed_on`, with the appointments to the same position in hand."""
        between = self._unseen(day)
        if not between:
            return between == ()
        return not any(term.person_id != self.person_id and term.seen_between(*between) for term in terms)

    def _unseen(self, day):
        """(first, last): from `day` to the nearest day on which the record has seen it, in their order; () when it has
        seen none, None when a known end excludes `day`."""
        if (self.since and day < self.since) or (self.until and day >= self.until):
            return None
        seen = [
            d for d in (self.since, self.attested_from, self.attested_to, self.until and self.until - timedelta(1)) if d
        ]
        nearest = min(seen, key=lambda d: abs(d - day), default=None)
        return (min(nearest, day), max(nearest, day)) if nearest else ()

    def seen_between(self, first, last):
        """Whether the record has seen it on one of these days."""
        known = [day for day in (self.since, self.attested_from, self.attested_to) if day]
        if any(first <= day <= last for day in known) or (self.until and first < self.until <= last):
            return True
        held = self.since and self.until and self.since <= first < self.until
        return bool(held or (self.attested_from and self.attested_from <= first <= self.attested_to))
