"""What stands between a draft and the public: blockers, which stop it, and warnings, which only say so.

A rule is a function over an edition and the `Plan` of its publication; it yields what it found, each with the place.
Rules ask the edition and its rows; they import no models (`Edition.blockers` and `Edition.checks` call in here).
"""

import re
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.models import fold

LONG_HEADLINE = 110
OWN_ADDRESS = re.compile(r"(?:/[a-z]{2}(?:-[a-z]+)?)?/articles/([-\w]+)/?(?:[?#].*)?", re.ASCII)
WORD = re.compile(r"[^\W_]+")
HREF = re.compile(r'href="([^"]*)"')


@dataclass(frozen=True)
class Check:
    """One finding. `sentence` says it whole; `place` is the id of what mends it, `quote` the key of the
    quote it is about, with the quote's first words in `words`; `hint` says more in a second line."""

    sentence: str
    place: str = "id_headline"
    stops: bool = True
    hint: str = ""
    quote: str = ""
    words: str = ""

    def __str__(self):
        return str(self.sentence)


@dataclass(frozen=True)
class Plan:
    """When an edition is to be public, under which site, and the ids of the articles that go live at that instant
    together with it."""

    at: datetime
    site: str = ""
    beside: frozenset = field(default_factory=frozenset)


@dataclass(frozen=True)
class Findings:
    """What the rules found, and in `passed` a word for each rule that found nothing."""

    blockers: list
    warnings: list
    passed: list


def findings(edition, plan):
    found, passed = [], []
    for label, rule in (*BLOCKING, *WARNING):
        checks = list(rule(edition, plan))
        found += checks
        if not checks:
            passed.append(label)
    return Findings([check for check in found if check.stops], [check for check in found if not check.stops], passed)


def blockers(edition, plan):
    return [check for _label, rule in BLOCKING for check in rule(edition, plan)]


# What stops it


def _headline(edition, plan):
    if not edition.headline:
        yield Check(_("It has no headline."))


def _text(edition, plan):
    if not edition.plain_text:
        yield Check(_("It has no text."), "id_body")


def _summary(edition, plan):
    if not edition.summary:
        yield Check(_("It has no summary."), "id_summary", hint=_("Lists, search engines and share cards show it."))


def _embargo(edition, plan):
    if edition.embargo:
        yield Check(_("Decide the embargo first: “%(line)s”.") % {"line": edition.embargo}, "embargo")


def _attributed(edition, plan):
    for text, opening in _quotes(edition):
        if text.speaker is None and not text.source:
            yield Check(
                _("The quote “%(words)s…” has no speaker.") % {"words": opening}, "id_body",
                quote=text.quote.key, words=text.text,
            )  # fmt: skip


def _in_office(edition, plan):
    for text, opening in _quotes(edition):
        if text.speaker and not text.position and text.speaker.appointments.exists():
            sentence = _("%(name)s held no known office on the day of the quote “%(words)s…”.")
            yield Check(
                sentence % {"name": text.speaker, "words": opening}, "id_body",
                hint=_("Give the speaker's office on that day, or the day on which it was said."),
                quote=text.quote.key, words=text.text,
            )  # fmt: skip


def _quotes(edition):
    """The quotes of an edition, read once, each with its first words."""
    if "_checked_quotes" not in edition.__dict__:
        edition._checked_quotes = list(edition.quotes.select_related("speaker", "position", "quote"))
    for text in edition._checked_quotes:
        yield text, " ".join(text.text.split()[:6])


def _confirmed(edition, plan):
    for row in edition.proposals():
        yield Check(_("%(name)s is only proposed. Confirm it first.") % {"name": row}, "proposed")


def _described(edition, plan):
    for number, placement in enumerate(edition.placements.select_related("image").order_by("order", "id")):
        if not placement.alt.strip():
            yield Check(
                _("The picture “%(title)s” has no alternative text.") % {"title": placement.image.title},
                f"id_placements-{number}-alt", hint=_("Say what is in the picture, not that it is one."),
            )  # fmt: skip


def _classed(edition, plan):
    if not edition.based_on:
        return
    if not edition.change_class:
        yield Check(_("Say what kind of change this is."), "id_change_class")
    elif edition.change_class == edition.TYPOGRAPHIC and edition.floor() != edition.TYPOGRAPHIC:
        yield Check(_("More than typography changed: call it an update or a correction."), "id_change_class")
    if edition.change_class != edition.TYPOGRAPHIC and not edition.note:
        yield Check(_("Say in the note what changed: readers will see it."), "id_note")


def _linked(edition, plan):
    """Related items and links in the text that lead to an article of ours which will not be there."""
    slugs = {slug for _address, slug in _own_links(edition, plan)}
    items = list(edition.related.order_by("order", "id"))
    wanted = {item.article_id for item in items if item.article_id}
    Article = type(edition.article)
    found = Article.objects.filter(Q(pk__in=wanted) | Q(slug__in=slugs) | Q(former_slugs__slug__in=slugs))
    by_slug, there = {}, {edition.article_id} | plan.beside
    if wanted or slugs:
        rows = list(found.values_list("pk", "slug", "former_slugs__slug"))
        by_slug = {slug: pk for pk, *both in rows for slug in both if slug}
        ids = {pk for pk, *_slugs in rows}
        there |= set(type(edition).objects.live(plan.at).filter(article__in=ids).values_list("article", flat=True))
    for number, item in enumerate(items):
        if item.article_id and item.article_id not in there:
            yield Check(
                _("The related item “%(label)s” leads to an article that is not public.") % {"label": item.label},
                f"id_related-{number}-label", hint=_("Publish that one first, both together, or take the item out."),
            )  # fmt: skip
    for address, slug in _own_links(edition, plan):
        if by_slug.get(slug) not in there:
            yield Check(
                _("A link in the text leads to %(address)s, which is not public.") % {"address": address}, "id_body",
                hint=_("Publish that article first, both together, or take the link out."), words=address,
            )  # fmt: skip


def _own_links(edition, plan):
    for address in dict.fromkeys(HREF.findall(edition.body)):
        path = address.removeprefix(plan.site) if plan.site and address.startswith(f"{plan.site}/") else address
        if match := OWN_ADDRESS.fullmatch(path):
            yield address, match[1]


def _alone_today(edition, plan):
    """Another article that readers find under the same day with the same headline: neither can be told from it."""
    sealed = edition.article.editions.exclude(live_from=None).order_by("live_from")
    first = sealed.values_list("sorted_at", flat=True).first()
    day = timezone.localdate(first) if first else edition.dated or timezone.localdate(plan.at)
    start = timezone.make_aware(datetime.combine(day, datetime.min.time()))
    end = timezone.make_aware(datetime.combine(day, datetime.max.time()))
    others = type(edition).objects.on_the_way(plan.at).exclude(article=edition.article_id)
    others = others.filter(sorted_at__range=(start, end), language=edition.language)
    mine = fold(edition.headline)
    if mine and any(fold(headline) == mine for headline in others.order_by().values_list("headline", flat=True)):
        yield Check(
            _("Another article of that day has the same headline."),
            hint=_("Readers could not tell the two apart. Say in the headline what is particular to this one."),
        )


# What only warns


def _filed(edition, plan):
    if not edition.topics.exists():
        yield _warning(_("It is filed under no topic."), "id_topics", _("Readers find it by its date and words only."))


def _named_topics(edition, plan):
    """Topics whose name or other name stands in the text, under which (or below which) it is not filed."""
    filed = {path for topic in edition.topics.all() for path in topic.lineage()}
    Topic = edition.topics.model
    text = _worded(edition.headline, edition.summary, edition.plain_text)
    known = Topic.objects.filter(merged_into=None, proposed=False).order_by("path")
    named = [
        name for path, name, aliases in known.values_list("path", "name", "aliases")
        if path not in filed and any(_worded(word) in text for word in (name, *aliases) if word.strip())
    ]  # fmt: skip
    for name in named[:3]:
        yield _warning(_("The text names “%(topic)s”, and it is not filed there.") % {"topic": name}, "id_topics")


def _worded(*texts):
    """Folded words between single spaces, so that a name is found as whole words."""
    return f" {' '.join(WORD.findall(fold(' '.join(texts))))} "


def _short(edition, plan):
    if len(edition.headline) > LONG_HEADLINE:
        yield _warning(
            _("The headline is very long: %(count)d characters.") % {"count": len(edition.headline)}, "id_headline",
            _("Lists and share cards cut it."),
        )  # fmt: skip


def _placed(edition, plan):
    if not edition.place:
        yield _warning(_("It names no place."), "id_place")


def _on_a_day(edition, plan):
    if not edition.event_date:
        yield _warning(
            _("It has no date of the event."),
            "id_event_date",
            _("The office of a speaker is the one held on that day."),
        )


def _warning(sentence, place, hint=""):
    return Check(sentence, place, stops=False, hint=hint)


#: each rule with what is said of it when it found nothing
BLOCKING = (
    (gettext_lazy("It has a headline."), _headline),
    (gettext_lazy("It has a text."), _text),
    (gettext_lazy("It has a summary."), _summary),
    (gettext_lazy("No embargo is undecided."), _embargo),
    (gettext_lazy("Every quote has a speaker or a source."), _attributed),
    (gettext_lazy("Every speaker held an office that day."), _in_office),
    (gettext_lazy("Everyone and everything it names is confirmed."), _confirmed),
    (gettext_lazy("Every picture has an alternative text."), _described),
    (gettext_lazy("The kind of change fits what changed."), _classed),
    (gettext_lazy("Every link to an article of ours leads to a public one."), _linked),
    (gettext_lazy("No other article of that day has its headline."), _alone_today),
)
WARNING = (
    (gettext_lazy("It is filed under a topic."), _filed),
    (gettext_lazy("The topics that the text names are filed."), _named_topics),
    (gettext_lazy("Its headline is of a good length."), _short),
    (gettext_lazy("It names a place."), _placed),
    (gettext_lazy("It has a date of the event."), _on_a_day),
)
