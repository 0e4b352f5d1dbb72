"""Where people, offices, organisations and topics are used, and what a change of office will make wrong.

Bounded, however large the record is: nothing here counts or reads a whole table.
"""

from dataclasses import dataclass

from django.db.models import F, Q
from django.utils import timezone

from articles import body as bodies
from articles.badges import Sentence, sentence, with_state
from articles.models import Edition, Mention, QuoteText
from articles.topics import Topic
from people.models import Organisation, Person

MOST, RECENT, SHOWN = 1000, 60, 12


@dataclass(frozen=True)
class Use:
    """Where a row is used: live quotes and articles and what waits, each counted to MOST at most; the newest editions
    that name it, one per article that is public, as (edition, its sentence)."""

    quotes: int
    articles: int
    drafts: int
    scheduled: int
    newest: list

    @property
    def is_much(self):
        return MOST in (self.quotes, self.articles, self.drafts)


def used(row, now, reader):
    """The Use of a person, position, organisation or topic, as `reader` is told it."""
    quotes, others = _rows(row)
    waiting = Edition.objects.filter(live_from__gt=now, withheld=False)
    unsealed = _editions(quotes.filter(sorted_at=None), others.filter(edition__live_from=None))
    scheduled = _editions(quotes.filter(edition__in=waiting), others.filter(edition__in=waiting))
    recent = {
        *quotes.exclude(sorted_at=None).order_by("-sorted_at", "-id").values_list("edition", flat=True)[:RECENT],
        *quotes.filter(sorted_at=None).order_by("-id").values_list("edition", flat=True)[:RECENT],
        *others.order_by("-edition_id").values_list("edition", flat=True)[:RECENT],
    }
    editions = with_state(Edition.objects.filter(pk__in=recent), now)
    newest, seen = [], set()
    for edition in editions.order_by(F("live_from").desc(nulls_first=True), "-id"):
        is_public_already = edition.live_from and edition.live_from <= now
        if not (is_public_already and edition.article_id in seen):
            newest.append((edition, sentence(edition, now, reader)))
        if is_public_already:
            seen.add(edition.article_id)
    live = Edition.objects.live(now).filter(pk__in=_editions(quotes, others).values("pk"))
    return Use(
        quotes=quotes.filter(edition__in=Edition.objects.live(now)).order_by()[:MOST].count(),
        articles=live.order_by()[:MOST].count(), drafts=unsealed.drafts()[:MOST].count(),
        scheduled=scheduled[:MOST].count(), newest=newest[:SHOWN],
    )  # fmt: skip


def _rows(row):
    """(quote texts, other rows with an `edition`) that name it."""
    if isinstance(row, Topic):
        family = Topic.objects.at_or_under(row)
        filed = Edition.topics.through.objects.filter(topic__in=family)
        return QuoteText.objects.filter(quote__topics__in=family), filed
    if isinstance(row, Person):
        return QuoteText.objects.filter(speaker=row), Mention.objects.filter(person=row)
    held = {"position__in": row.positions.all()} if isinstance(row, Organisation) else {"position": row}
    return QuoteText.objects.filter(**held), Mention.objects.filter(**held)


def _editions(quotes, others):
    """One union of two index walks, as `Edition.objects.with_person` does it."""
    return Edition.objects.filter(
        pk__in=quotes.order_by().values("edition").union(others.order_by().values("edition"))
    ).order_by()


# A change of office


@dataclass(frozen=True)
class Misnomer:
    """Somebody who is named, in a text that is not public yet, with another office than the one held on `day`."""

    edition: Edition
    told: Sentence
    person: Person
    printed: str
    held: str
    day: object
    is_derived: bool  # it follows from the dates: saving or publishing the draft puts it right


def misnomers(appointment, now, reader):
    """What drafts and scheduled editions say of the person or the office of `appointment` that the record contradicts.
    Asked after it was saved; the first MOST rows are looked at."""
    concerned = Q(position=appointment.position_id)
    unpublished = Q(edition__live_from=None) | Q(edition__in=Edition.objects.filter(live_from__gt=now, withheld=False))
    quotes = QuoteText.objects.filter(concerned | Q(speaker=appointment.person_id), unpublished)
    named = Mention.objects.filter(concerned | Q(person=appointment.person_id), unpublished)
    quotes = (
        quotes.exclude(speaker=None).select_related("speaker", "position", "quote").order_by("-edition_id", "order")
    )
    named = named.select_related("person", "position").order_by("-edition_id", "id")
    quotes, named = [*quotes[:MOST]], [*named[:MOST]]
    ids = {row.edition_id for row in (*quotes, *named)}
    editions = {edition.pk: edition for edition in with_state(Edition.objects.filter(pk__in=ids), now)}
    offices, found = Offices(), []
    for text in quotes:
        edition = editions[text.edition_id]
        given = {span.key for span in bodies.quotes(edition.body) if span.office}
        day = text.said_on or _day_of(edition)
        wrong = day and offices.contradict(text.speaker, text.position, day, is_given=text.quote.key in given)
        if wrong:
            derived = edition.live_from is None and text.quote.key not in given
            found.append((edition, text.speaker, text.office, day, derived))
    for mention in named:
        edition = editions[mention.edition_id]
        day = _day_of(edition)
        if day and mention.position and offices.contradict(mention.person, mention.position, day, is_given=True):
            found.append((edition, mention.person, mention.office or mention.position.title, day, False))
    once = {
        (edition.pk, person.pk, printed): (edition, person, printed, *rest) for edition, person, printed, *rest in found
    }
    return [
        Misnomer(edition, sentence(edition, now, reader), person, printed, offices.title(person, day), day, derived)
        for edition, person, printed, day, derived in once.values()
    ]


def _day_of(edition):
    """The day that a text speaks of: of the event, as printed, or of its publication. None for a draft without any."""
    return edition.event_date or edition.dated or (edition.live_from and timezone.localtime(edition.live_from).date())


class Offices:
    """Who held what on which day, asked once of each."""

    def __init__(self):
        self.known = {}

    def held(self, person, day):
        """(the appointment that is printed or None, the ids of all positions that may be said to be held)."""
        if (person.pk, day) not in self.known:
            terms = person.appointments.standing().select_related("position")
            ids = {term.position_id for term in terms if term.certainly_on(day) or term.assumed_on(day)}
            self.known[person.pk, day] = person.office_on(day), ids
        return self.known[person.pk, day]

    def title(self, person, day):
        office, _ids = self.held(person, day)
        return office.position.title if office else ""

    def contradict(self, person, position, day, is_given):
        """Whether `position` is not what the record gives `person` for `day`; one that was chosen (`is_given`) need
        only be one of those held."""
        office, ids = self.held(person, day)
        if position and position.pk not in ids:
            return True
        return not is_given and (office and office.position_id) != (position and position.pk)
