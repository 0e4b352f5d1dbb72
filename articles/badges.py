"""What an edition is right now, told to editors: one badge and the rest of its sentence.

Everything the sentence needs comes with `with_state`, in the one query that reads the editions.
"""

from dataclasses import dataclass
from datetime import UTC

from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, html_safe
from django.utils.translation import gettext_lazy as _

from articles.desk import Override
from articles.models import Edition, Ending, Erasure
from articles.sharing import EmbargoRelease


def with_state(editions, now):
    """Editions with all that `stage` and `sentence` ask of them at `now`."""
    same = Edition.objects.filter(article=OuterRef("article"))
    sealed = same.exclude(live_from=None)
    current = same.live(now).order_by("-number")  # an order that one index of the article's own editions gives
    ending = Ending.objects.filter(article=OuterRef("article")).order_by("-at")
    erasure = Erasure.objects.filter(Q(edition=None) | Q(edition=OuterRef("pk")), article=OuterRef("article"))
    next_draft = same.filter(live_from=None, based_on=OuterRef("pk")).order_by("-id")
    alone = Override.objects.open().filter(edition=OuterRef("pk"))
    full_name = NullIf(Trim(Concat("by__first_name", Value(" "), "by__last_name")), Value(""))
    ending_by = ending.annotate(name=Coalesce(full_name, "by__username")).values("name")
    people = ["written_by", "submitted_by", "returned_by", "approved_by", "published_by"]
    return editions.select_related("article", *people).annotate(
        last_number=Subquery(sealed.order_by("-number").values("number")[:1]),
        first_live=Subquery(sealed.order_by("number").values("live_from")[:1]),
        current_number=Subquery(current.values("number")[:1]),
        current_since=Subquery(current.values("live_from")[:1]),
        is_followed=Exists(same.filter(live_from=OuterRef("live_until"))),
        next_draft=Subquery(next_draft.values("pk")[:1]),
        next_writer=Subquery(next_draft.values("written_by")[:1]),
        filed=Subquery(same.on_the_way(now).order_by("number").values("pk")[:1]),
        ending_kind=Subquery(ending.values("kind")[:1]),
        ending_at=Subquery(ending.values("at")[:1]),
        ending_by=Subquery(ending_by[:1]),
        is_erased=Exists(erasure),
        is_alone=Exists(alone),
        is_given=Exists(EmbargoRelease.objects.filter(edition=OuterRef("pk"))),
        alone_by=Subquery(alone.values("by")[:1]),
    )


def stage(edition, now):
    """One word: writing, returned, in-review or ready (of a draft); scheduled, live, superseded, ended, redirected,
    withdrawn or erased (of a sealed edition)."""
    if edition.is_erased:
        return "erased"
    if edition.live_from is None:
        return edition.review_state
    if edition.withheld:
        return "withdrawn"
    if now < edition.live_from:
        return "scheduled"
    if edition.live_until is None or now < edition.live_until:
        return "live"
    if edition.is_followed:
        return "superseded"
    return (
        "redirected" if (edition.ending_kind, edition.ending_at) == (Ending.REDIRECTED, edition.live_until) else "ended"
    )


@html_safe
@dataclass(frozen=True)
class Sentence:
    """`badge` is the first word and `text` the rest; as a string, HTML. `look` is the style of the badge."""

    look: str
    badge: str
    text: str

    def __str__(self):
        return format_html('<span class="badge {}">{}</span> {}', self.look, self.badge, self.text)


def sentence(edition, now, reader):
    """What an edition from `with_state` is at `now`, as `reader` is told it."""
    number = edition.number or (edition.last_number or 0) + 1
    facts = {
        "number": number, "next": number + 1, "now": edition.current_number, "note": edition.return_note,
        "change": str(edition.get_change_class_display()).lower() or _("next"), "by": name(edition.written_by),
        "since": when(edition.first_live, now), "from": when(edition.live_from, now),
        "until": when(edition.live_until, now), "ended_by": edition.ending_by, "ended": when(edition.ending_at, now),
    }  # fmt: skip
    match stage(edition, now):
        case "writing":
            text = _("of edition %(number)s, by %(by)s")
            if edition.written_by == reader:
                text = _("of edition %(number)s, yours")
            if edition.current_number:
                text += _("; readers keep seeing edition %(now)s until it goes live")
            return Sentence("draft", _("Draft"), f"{text}." % facts)
        case "returned":
            facts |= {"by": name(edition.returned_by), "at": when(edition.returned_at, now)}
            return Sentence("needs-you", _("↩ Returned"), _("by %(by)s on %(at)s: “%(note)s”") % facts)
        case "in-review":
            facts["at"] = when(edition.submitted_at, now)
            return Sentence(
                "review", _("In review"), _("since %(at)s. %(by)s wrote it; somebody else approves.") % facts
            )
        case "ready":
            facts |= {"by": name(edition.approved_by), "at": when(edition.approved_at, now)}
            text = _("since %(at)s, approved by %(by)s. Any change to the text needs a new approval.")
            return Sentence("review", _("✓ Ready"), text % facts)
        case "scheduled":
            facts |= {"from": when(edition.live_from, now, utc=True), "since": when(edition.current_since, now)}
            text = _("for %(from)s.")
            if edition.current_number:
                text = _("for %(from)s: edition %(number)s replaces edition %(now)s, live since %(since)s.")
            if edition.is_given:
                text += _(" Given to partners under embargo.")
            return Sentence("review", _("◷ Scheduled"), text % facts)
        case "live":
            text = _("since %(since)s")
            if number > 1:
                text += _("; edition %(number)s (%(change)s) since %(from)s")
            if edition.is_alone:
                text += _("; published under an override nobody has countersigned")
            if edition.live_until:
                text += _("; until %(until)s")
            if edition.next_draft:
                mine, other = _("; you are writing edition %(next)s"), _("; edition %(next)s is being written")
                text += mine if reader and edition.next_writer == reader.pk else other
            return Sentence("live", _("● Live"), f"{text}." % facts)
        case "superseded":
            return Sentence("old", _("Superseded"), _("edition %(number)s, live from %(from)s to %(until)s.") % facts)
        case "redirected":
            return Sentence("old", _("Redirected"), _("since %(until)s; live since %(from)s.") % facts)
        case "withdrawn":
            return Sentence("bad", _("Withdrawn"), _("by %(ended_by)s on %(ended)s; readers see the reason.") % facts)
        case "erased":
            return Sentence("bad", _("Erased"), _("nothing of it is left but this line."))
    return Sentence("old struck", _("Expired"), _("on %(until)s; live since %(from)s.") % facts)


def name(user):
    return (user.get_full_name() or user.get_username()) if user else _("nobody")


def when(instant, now, utc=False):
    """An instant as the newsroom's clocks show it, without the year when it is this one; "" for None. With `utc`, what
    UTC shows stands beside it."""
    if instant is None:
        return ""
    local = timezone.localtime(instant)
    same_year = local.year == timezone.localtime(now).year
    text = date_format(local, "j M, H:i" if same_year else "j M Y, H:i")
    return f"{text} ({instant.astimezone(UTC):%H:%M} UTC)" if utc and local.utcoffset() else text
