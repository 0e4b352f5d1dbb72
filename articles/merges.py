"""One record where two stood: people, offices, topics. Both identifiers resolve for ever; the words of articles do not
change. Not undoable."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from articles.ledger import State
from articles.models import Edition, Mention, Quote, QuoteText, allow, reveal
from articles.topics import Topic
from people.models import Appointment, FormerSlug, Organisation, Person, Position


def merge_people(person, into, by):
    """What either said, held and was named for belongs to `into`, or to whom that was merged into."""
    allow(by, "approve_edition")
    with transaction.atomic():
        person, into = _both(Person, person, into)
        Person.objects.filter(Q(pk=person.pk) | Q(merged_into=person)).update(merged_into=into)
        for former in Person.objects.filter(merged_into=into):
            QuoteText.objects.filter(speaker=former).update(speaker=into)
            former.mentions.filter(edition__in=into.mentions.values("edition")).delete()
            former.mentions.update(person=into)
            former.appointments.update(person=into)
            FormerSlug.objects.filter(person=former).update(person=into)
        into.aliases = sorted({*into.aliases, person.name, *person.aliases} - {into.name})
        into.biography, into.portrait = into.biography or person.biography, into.portrait or person.portrait
        into.save()
        state = State.held()
        reveal({Person: {into.pk}}, state, state.next_instant())


def merge_positions(position, into, by):
    """One office where two stood, as merge_people. Who held either holds the one that stays; what quotes print and what
    is hashed of them does not change. Refused where two people would hold an office of one holder at once."""
    allow(by, "approve_edition")
    with transaction.atomic():
        position, into = _both(Position, position, into)
        former = Position.objects.filter(Q(pk=position.pk) | Q(merged_into=position))
        ids = [*former.values_list("pk", flat=True)]
        terms = Appointment.objects.filter(position__in=ids).select_related("person")
        moving = [term for term in terms if not term.is_told_by(into.appointments.filter(person=term.person_id))]
        for term in moving:
            term.position = into
            term.clean()
        Position.objects.filter(pk__in=ids).update(merged_into=into)
        QuoteText.objects.filter(position__in=ids).update(position=into)
        Mention.objects.filter(position__in=ids).update(position=into)
        Appointment.objects.filter(pk__in=[term.pk for term in moving]).update(position=into)
        state = State.held()
        reveal({Organisation: {into.organisation_id}, Position: {into.pk}}, state, state.next_instant())


def merge_topics(topic, into, by):
    """One topic where two stood, as merge_people: what was filed under either, and what stands below it, is found under
    the one that stays; its paths lead there for ever."""
    allow(by, "approve_edition")
    with transaction.atomic():
        topic, into = _both(Topic, topic, into)
        if into.path.startswith(f"{topic.path}/"):
            raise ValidationError(
                _("“%(into)s” stands below “%(topic)s”. Keep the upper one, or move the lower one first."),
                params={"into": into, "topic": topic},
            )
        both = topic.children.filter(merged_into=None, slug__in=into.children.values("slug"))
        if clash := both.first():
            raise ValidationError(
                _("Both have a topic “%(name)s” below them. Merge those two first."), params={"name": clash}
            )
        Topic.objects.filter(Q(pk=topic.pk) | Q(merged_into=topic)).update(merged_into=into)
        for filed, owner in ((Edition.topics.through, "edition"), (Quote.topics.through, "quote")):
            rows = filed.objects.filter(topic=topic)
            rows.filter(**{f"{owner}__in": filed.objects.filter(topic=into).values(owner)}).delete()
            rows.update(topic=into)
        for child in topic.children.filter(merged_into=None):
            child.parent = into
            child.save()
        into.aliases = sorted({*into.aliases, topic.name, *topic.aliases} - {into.name})
        into.description = into.description or topic.description
        into.save()
        shown = Topic.objects.filter(path__in=into.lineage()).values_list("pk", flat=True)
        state = State.held()
        reveal({Topic: {*shown}}, state, state.next_instant())


def _both(model, row, into):
    """The two rows of a merge, locked in order, the second one as its survivor."""
    into = model.objects.select_related("merged_into").get(pk=into.pk)
    into = into.merged_into or into
    if row.pk == into.pk:
        raise ValidationError(_("That is one and the same record."))
    both = model.objects.filter(pk__in=[row.pk, into.pk]).order_by("pk").select_for_update(no_key=True)
    rows = {found.pk: found for found in both}
    if rows[row.pk].merged_into_id or rows[into.pk].merged_into_id:
        raise ValidationError(_("One of them was merged into another meanwhile."))
    return rows[row.pk], rows[into.pk]
