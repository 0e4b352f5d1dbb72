"""What an editor's first page says: what waits for them, what is about to happen, in a new newsroom what comes next.

Each list is a plain function with a bounded number of rows: it finds ids by an index, and `told` reads all the editions
of the page at once. `page` puts them together for one editor at one instant.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher

from django.apps import apps
from django.db.models import Count, Exists, F, Max, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language_info, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from articles.badges import name, sentence, when, with_state
from articles.desk import Save
from articles.images import Placement
from articles.models import Edition, Mention, QuoteText
from articles.topics import Topic
from newsroom.first_hour import first_hour
from newsroom.month import month
from people.models import Appointment, Organisation, Person, Position, fold

SHOWN = 8  # rows of a list; beyond them its heading says "more than 8" and leads to all of them
FEW = ["", *map(gettext_lazy, ("one", "two", "three", "four", "five", "six", "seven", "eight"))]


class Rows(list):
    """The first rows of a list; `more` says whether there are others."""

    def __init__(self, rows, shown=SHOWN):
        rows = list(rows)
        super().__init__(rows[:shown])
        self.more = len(rows) > shown

    @property
    def count(self):
        """How many, as a heading says it."""
        return _("more than %d") % len(self) if self.more else str(len(self))

    @property
    def in_words(self):
        if self.more or len(self) >= len(FEW):
            return self.count
        return str(FEW[len(self)])


# Editions: the ids of each list


def _ids(editions):
    return Rows(editions.values_list("pk", flat=True)[: SHOWN + 1])


def scheduled(now):
    """What goes live next, first."""
    return _ids(Edition.objects.filter(live_from__gt=now, withheld=False).order_by("live_from", "id"))


RETURNED = Q(returned_at__isnull=False) & (Q(submitted_at=None) | Q(returned_at__gte=F("submitted_at")))


def returned(user):
    """My drafts that a reviewer sent back, the last one first."""
    mine = Edition.objects.drafts().filter(RETURNED, written_by=user, approved_at=None)
    return _ids(mine.order_by("-returned_at", "-id"))


def my_drafts(user):
    """My drafts in every other state, the last one saved first."""
    mine = Edition.objects.drafts().filter(written_by=user).exclude(Q(approved_at=None) & RETURNED)
    return _ids(mine.order_by("-saved_at", "-id"))


def to_review(user):
    """What this editor may approve, the oldest first: submitted, and not a word of it theirs."""
    if not user.has_perm("articles.approve_edition"):
        return Rows([])
    waiting = Edition.objects.filter(live_from__isnull=True, approved_at__isnull=True, submitted_at__isnull=False)
    wrote = Save.objects.filter(edition=OuterRef("pk"), by=user)
    others = waiting.exclude(RETURNED).exclude(written_by=user).exclude(Exists(wrote))
    return _ids(others.order_by("submitted_at", "id"))


def told(ids, now, reader):
    """{id: edition} with its `sentence`, how many `quotes` it has, and what is still `open` in it: three queries for
    all lists of the page together."""
    if not ids:
        return {}
    editions = {edition.pk: edition for edition in with_state(Edition.objects.filter(pk__in=ids).defer("body"), now)}
    quotes = QuoteText.objects.filter(edition__in=ids).order_by().values("edition")
    quotes = quotes.annotate(all=Count("pk"), unsaid=Count("pk", filter=Q(speaker=None, source="")))
    counted = {row["edition"]: row for row in quotes}
    blind = Placement.objects.filter(edition__in=ids, alt="").order_by().values("edition").annotate(all=Count("pk"))
    blind = {row["edition"]: row["all"] for row in blind}
    for edition in editions.values():
        edition.sentence = sentence(edition, now, reader)
        row = counted.get(edition.pk, {"all": 0, "unsaid": 0})
        edition.quote_count = row["all"]
        edition.open = _open(edition, row["unsaid"], blind.get(edition.pk, 0))
        edition.saved = when(edition.saved_at, now)
    return editions


def _open(edition, unsaid, blind):
    """The commonest things that keep a draft from being complete. (Whether it can be published is asked of
    `Edition.blockers`, one edition at a time.)"""
    missing = []
    if unsaid:
        words = ngettext("a quote without a speaker", "%(count)d quotes without a speaker", unsaid)
        missing.append(words % {"count": unsaid})
    if blind:
        words = ngettext("a picture without alt text", "%(count)d pictures without alt text", blind)
        missing.append(words % {"count": blind})
    if not edition.summary:
        missing.append(_("no summary"))
    if not edition.plain_text:
        missing.append(_("no text"))
    if edition.embargo:
        missing.append(_("an embargo to decide"))
    return missing


@dataclass
class Due:
    """A scheduled edition beside the clock."""

    edition: Edition
    now: datetime

    @property
    def clock(self):
        return date_format(timezone.localtime(self.edition.live_from), "H:i")

    @property
    def day(self):
        day, today = timezone.localdate(self.edition.live_from), timezone.localdate(self.now)
        if day - today in (timedelta(0), timedelta(1)):
            return _("today") if day == today else _("tomorrow")
        return date_format(day, "D j M" if day.year == today.year else "D j M Y")

    @property
    def countdown(self):
        return countdown(self.edition.live_from - self.now)

    @property
    def utc(self):
        return f"{self.edition.live_from.astimezone(UTC):%H:%M} UTC"

    @property
    def line(self):
        edition = self.edition
        hands = []
        if edition.approved_by:
            hands.append(_("approved by %s") % name(edition.approved_by))
        if edition.published_by:
            hands.append(_("scheduled by %s") % name(edition.published_by))
        what = _("edition %d") % edition.number
        if edition.current_number:
            what = _("edition %(next)d replaces edition %(now)d") % {
                "next": edition.number, "now": edition.current_number,
            }  # fmt: skip
        hands = ", ".join(hands)
        parts = [f"{edition.get_kind_display()}, {what}", self.utc, hands[:1].upper() + hands[1:]]
        return " ".join(f"{part}." for part in parts if part)


def countdown(left):
    """The two largest units of a span, as static/admin-newsroom/desk.js goes on counting them."""
    seconds = max(0, int(left.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return _("in %(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours:
        return _("in %(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    return _("in %(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": seconds % 60}


# What is not an edition


def unattributed(user):
    """Quotes without speaker or source in the open drafts this editor may change, the newest drafts first."""
    quotes = QuoteText.objects.filter(speaker=None, source="", sorted_at=None, edition__live_from=None)
    if not user.has_perm("articles.approve_edition"):
        quotes = quotes.filter(edition__written_by=user)
    return Rows(
        quotes.select_related("edition").defer("edition__body", "edition__plain_text")
        .order_by("-edition", "order")[: SHOWN + 1]
    )  # fmt: skip


#: what can be proposed, and how many of each are shown: {model: (permission, the word for one)}
PROPOSED = {
    Person: ("people.change_person", gettext_lazy("person")),
    Position: ("people.change_position", gettext_lazy("office")),
    Organisation: ("people.change_organisation", gettext_lazy("institution")),
    Appointment: ("people.change_appointment", gettext_lazy("holds an office")),
    Topic: ("articles.change_topic", gettext_lazy("topic")),
}
EACH = 4


@dataclass
class Proposal:
    row: object
    kind: str
    aside: str = ""
    where: object = None  # the newest edition that names them
    twin: object = None  # somebody known with nearly the same name
    office: object = None  # what the twin holds

    @property
    def model(self):
        return self.row._meta.model_name

    @property
    def address(self):
        return reverse(f"admin:{self.row._meta.app_label}_{self.model}_change", args=[self.row.pk])


def proposed(user, now):
    """People, offices, institutions, appointments and topics that nobody has confirmed, for those who may confirm."""
    found = Rows([])
    for model, (permission, word) in PROPOSED.items():
        if not user.has_perm(permission):
            continue
        waiting = model.objects.filter(proposed=True).order_by("-id")
        if model is Person:
            waiting = waiting.filter(merged_into=None).prefetch_related(
                Prefetch("appointments", Appointment.objects.select_related("position__organisation"))
            )
        elif model is Position:
            waiting = waiting.select_related("organisation")
        elif model is Appointment:  # of a person who is proposed too, it is told beside their name
            waiting = waiting.filter(person__proposed=False).select_related("person", "position__organisation")
        rows = Rows(waiting[: EACH + 1], EACH)
        found.more = found.more or rows.more
        found += [Proposal(row, word) for row in rows]
    people = {proposal.row.pk: proposal for proposal in found if isinstance(proposal.row, Person)}
    _where_named(people)
    _twins(people, timezone.localdate(now))
    for proposal in people.values():
        proposal.aside = next((a.position.title for a in proposal.row.appointments.all()), "")
    return found


def _where_named(people):
    """Where each proposed person was found: the newest edition that quotes or mentions them."""
    rows = [
        *QuoteText.objects.filter(speaker__in=people).order_by().values_list("speaker").annotate(Max("edition")),
        *Mention.objects.filter(person__in=people).order_by().values_list("person").annotate(Max("edition")),
    ] if people else []  # fmt: skip
    newest = {}
    for person, edition in rows:
        newest[person] = max(edition, newest.get(person, 0))
    editions = Edition.objects.defer("body", "plain_text").in_bulk(newest.values()) if newest else {}
    for person, edition in newest.items():
        people[person].where = editions[edition]


def _twins(people, day):
    """Known people whose name is nearly that of a proposed one. The folded key begins with the family name, of which
    nobody knows where it starts: read are those whose key begins like any word of the name, two hundred at most."""
    near = Q()
    beginnings = {
        word[:3] for proposal in people.values() for name in _spellings(proposal.row) for word in name.split()
    }
    for beginning in sorted(word for word in beginnings if len(word) > 2)[:40]:
        near |= Q(sort_key__gte=beginning, sort_key__lt=beginning + "\U0010ffff")
    if not near:
        return
    held = Prefetch("appointments", Appointment.objects.held_on(day).select_related("position__organisation"))
    known = list(Person.objects.surviving().filter(near, proposed=False).prefetch_related(held)[:200])
    for proposal in people.values():
        names = _spellings(proposal.row)
        best = max(known, key=lambda person: _likeness(names, _spellings(person)), default=None)
        if best and _likeness(names, _spellings(best)) >= 0.82:
            proposal.twin = best
            proposal.office = next((appointment.position for appointment in best.appointments.all()), None)


def _spellings(person):
    return [fold(spelling).replace(".", "").replace("-", " ") for spelling in [person.name, *person.aliases]]


def _likeness(one, other):
    """How alike the likest spellings are, from 0 to 1; an initial stands for every name that begins with it."""
    return max(_alike(a, b) for a in one for b in other)


def _alike(a, b):
    ours, theirs = a.split(), b.split()
    if len(ours) == len(theirs) and ours[0][:1] == theirs[0][:1] and 1 in (len(ours[0]), len(theirs[0])):
        ours, theirs = ours[1:], theirs[1:]
    return SequenceMatcher(None, " ".join(ours), " ".join(theirs)).ratio()


@dataclass
class StaleTranslation:
    edition: Edition  # the live one of the translation
    original: Edition  # the live one of its original, later than the one it was held against

    @property
    def line(self):
        facts = {
            "language": _in_words(self.edition.language), "follows": self.edition.translated_from.number,
            "original": _in_words(self.original.language), "number": self.original.number,
            "change": str(self.original.get_change_class_display()).lower(),
        }  # fmt: skip
        return _("%(language)s follows edition %(follows)d; %(original)s is at %(number)d (%(change)s).") % facts


def _in_words(language):
    try:
        return get_language_info(language)["name_translated"]
    except KeyError:
        return language


def stale_translations(now):
    """Live translations whose original has been followed by a later live edition, the latest of them first."""
    behind = (
        Edition.objects.stale_translations(now).select_related("article", "translated_from__article")
        .defer("body", "plain_text", "translated_from__body", "translated_from__plain_text")
        .order_by("-live_from", "-id")[: SHOWN + 1]
    )  # fmt: skip
    originals = Edition.objects.live(now).filter(article__in=[edition.translated_from.article_id for edition in behind])
    newest = {edition.article_id: edition for edition in originals.defer("body", "plain_text")}
    return Rows([StaleTranslation(edition, newest[edition.translated_from.article_id]) for edition in behind])


def overrides(user, now):
    """What was published without a second pair of eyes, on every desk until somebody else has signed; the oldest
    first. `may_sign` says whether this editor is such a somebody."""
    model = next((model for model in apps.get_models() if model._meta.label == "articles.Override"), None)
    if model is None:
        return Rows([])
    unsigned = model.objects.filter(countersigned_at=None).select_related("by", "edition")
    rows = Rows(unsigned.defer("edition__body", "edition__plain_text").order_by("at", "id")[: SHOWN + 1])
    for override in rows:
        override.may_sign = override.by_id != user.pk and user.has_perm("articles.approve_edition")
        override.line = _("Published alone by %(by)s on %(at)s. The reason: “%(reason)s”") % {
            "by": name(override.by), "at": when(override.at, now), "reason": override.reason,
        }  # fmt: skip
    return rows


# The page


def page(user, now):
    """All that the first page says to `user` at `now`, as the context of its template."""
    context = {
        "title": date_format(timezone.localtime(now), _("l j F")), "now": now, "zone": zone(),
        "may_read": user.has_perm("articles.view_edition"), "may_write": user.has_perm("articles.add_edition"),
        "may_review": user.has_perm("articles.approve_edition"),
    }  # fmt: skip
    if not context["may_read"]:
        return context
    lists = {
        "scheduled": scheduled(now), "returned": returned(user), "drafts": my_drafts(user), "review": to_review(user),
    }  # fmt: skip
    editions = told({pk for ids in lists.values() for pk in ids}, now, user)
    for ids in lists.values():
        ids[:] = [editions[pk] for pk in ids if pk in editions]
    lists["scheduled"][:] = [Due(edition, now) for edition in lists["scheduled"]]
    lists |= {
        "unattributed": unattributed(user), "proposed": proposed(user, now), "stale": stale_translations(now),
        "overrides": overrides(user, now),
    }  # fmt: skip
    steps = first_hour(user)
    return context | lists | {
        "first_hour": steps, "month": month(now), "summary": summary(user, now, steps, **lists),
    }  # fmt: skip


def zone():
    return timezone.get_current_timezone_name().rpartition("/")[2].replace("_", " ")


def summary(user, now, first_hour, scheduled, returned, drafts, review, unattributed, proposed, stale, overrides):
    """One sentence for each thing that waits, with a link to its list."""
    waiting = []

    def waits(rows, anchor, one, many):
        if rows:
            text = one if len(rows) == 1 and not rows.more else many
            words = rows.in_words
            link = format_html('<a href="#{}">{}</a>', anchor, text[0] % {"count": words[:1].upper() + words[1:]})
            waiting.append(format_html("{} {}", link, text[1]))

    greeting = _greeting(user, now)
    if scheduled:
        waiting.append(_("The next article goes live %s.") % _roughly(scheduled[0].edition.live_from - now))
    waits(returned, "drafts", (_("%(count)s of your texts"), _("came back to you.")),
          (_("%(count)s of your texts"), _("came back to you.")))  # fmt: skip
    waits(review, "review", (_("%(count)s text"), _("waits for a second pair of eyes.")),
          (_("%(count)s texts"), _("wait for a second pair of eyes.")))  # fmt: skip
    waits(overrides, "overrides", (_("%(count)s override"), _("has not been countersigned.")),
          (_("%(count)s overrides"), _("have not been countersigned.")))  # fmt: skip
    waits(unattributed, "unattributed", (_("%(count)s quote"), _("has no speaker yet.")),
          (_("%(count)s quotes"), _("have no speaker yet.")))  # fmt: skip
    waits(stale, "stale", (_("%(count)s translation"), _("follows an older edition.")),
          (_("%(count)s translations"), _("follow an older edition.")))  # fmt: skip
    waits(proposed, "proposed", (_("%(count)s name"), _("waits to be confirmed.")),
          (_("%(count)s names"), _("wait to be confirmed.")))  # fmt: skip
    if not waiting:
        waiting.append(_("Here is the way to the first published item.") if first_hour else _("Nothing waits for you."))
    return format_html("{} {}", greeting, format_html_join(" ", "{}", ((part,) for part in waiting)))


def _greeting(user, now):
    hour = timezone.localtime(now).hour
    who = {"name": user.get_short_name() or user.get_username()}
    if 5 <= hour < 12:
        return _("Good morning, %(name)s.") % who
    return _("Good afternoon, %(name)s.") % who if 12 <= hour < 18 else _("Good evening, %(name)s.") % who


def _roughly(left):
    minutes = int(left.total_seconds()) // 60
    if minutes < 1:
        return _("within a minute")
    if minutes < 120:
        return ngettext("in %d minute", "in %d minutes", minutes) % minutes
    hours = minutes // 60
    if hours < 48:
        return ngettext("in %d hour", "in %d hours", hours) % hours
    return ngettext("in %d day", "in %d days", hours // 24) % (hours // 24)
