"""Attribution is by the office held that day; what is not known is assumed only while nothing speaks against it."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from articles.merges import merge_people
from people.models import Appointment, FormerSlug, Person, fold
from tests.conftest import instant


def office(person, day):
    appointment = person.office_on(day)
    return appointment and appointment.position.title


def test_an_office_is_held_from_its_first_day_until_the_day_before_its_end(world):
    assert office(world.mara, date(2018, 5, 1)) == "Commissioner for Ferries"
    assert office(world.mara, date(2023, 8, 31)) == "Commissioner for Ferries"
    assert office(world.mara, date(2023, 9, 1)) == "Secretary-General"
    assert office(world.ilo, date(2023, 9, 1)) is None
    assert office(world.ilo, date(2013, 12, 31)) is None


def test_held_on_is_the_same_rule_in_the_database(world):
    Appointment.objects.create(
        person=world.ilo, position=world.commissioner, attested_from=date(2010, 1, 5), attested_to=date(2011, 3, 4)
    )
    Appointment.objects.create(
        person=world.ilo, position=world.commissioner, attested_from=date(2005, 1, 5), attested_to=date(2005, 1, 5),
        until=date(2006, 1, 1),
    )  # fmt: skip
    days = [date(year, month, day) for year in range(2004, 2026) for month in (1, 3, 9) for day in (1, 4, 5, 6)]
    for day in days:
        held = set(Appointment.objects.held_on(day).values_list("pk", flat=True))
        assert held == {a.pk for a in Appointment.objects.all() if a.certainly_on(day)}, day


def test_of_several_offices_the_highest_ranked_is_printed(world):
    Appointment.objects.create(person=world.mara, position=world.commissioner, since=date(2024, 1, 1), acting=True)
    assert office(world.mara, date(2024, 3, 1)) == "Secretary-General"


def test_a_future_appointment_is_not_held_yet(world):
    Appointment.objects.filter(person=world.mara, position=world.secretary_general).update(until=date(2027, 1, 1))
    Appointment.objects.create(person=world.ilo, position=world.secretary_general, since=date(2027, 1, 1))
    assert office(world.ilo, date(2026, 12, 31)) is None
    assert office(world.ilo, date(2027, 1, 1)) == "Secretary-General"


def test_an_unknown_end_is_assumed_until_somebody_else_is_seen_in_the_office(world):
    anna, bo = (Person.objects.create(name=name) for name in ("Anna Reisz", "Bo Lund"))
    seat = world.commissioner
    seat.appointments.all().delete()
    first = Appointment.objects.create(person=anna, position=seat)
    assert first.attest(date(2013, 5, 1)) and not first.attest(date(2013, 5, 1))
    first.save()
    assert office(anna, date(2013, 5, 1)) == office(anna, date(2019, 1, 1)) == "Commissioner for Ferries"
    second = Appointment(person=bo, position=seat)
    second.attest(date(2018, 5, 30))
    second.save()
    assert office(anna, date(2014, 1, 1)) == "Commissioner for Ferries"
    assert office(anna, date(2019, 1, 1)) is None
    assert office(bo, date(2019, 1, 1)) == "Commissioner for Ferries"
    assert office(bo, date(2012, 1, 1)) is None


def test_two_holders_of_one_seat_are_refused_with_a_sentence_that_says_what_to_do(world):
    clash = Appointment(person=world.ilo, position=world.secretary_general, since=date(2025, 1, 1))
    with pytest.raises(ValidationError, match="Mara Ostrander-Lie holds it since 1 September 2023"):
        clash.full_clean()
    clash.acting = True
    clash.full_clean()


def test_a_merge_keeps_both_identifiers_and_both_addresses(world):
    twin = Person.objects.create(name="M. Ostrander-Lie", aliases=["Mme Ostrander"])
    third = Person.objects.create(name="Mara O. Lie")
    edition = world.published(body=f"<p>{world.quote('We sail.', 'sail1', twin)}</p>", at=instant("2024-03-01 10:00"))
    merge_people(third, twin, world.editor)
    merge_people(twin, world.mara, world.editor)
    for gone in (twin, third):
        assert Person.objects.get(uid=gone.uid).survivor() == world.mara
    assert edition.quotes.get().speaker == world.mara
    assert edition.quotes.get().speaker_uid == twin.uid
    assert set(Person.objects.get(pk=world.mara.pk).aliases) == {"M. Ostrander-Lie", "Mme Ostrander", "Mara O. Lie"}
    with pytest.raises(ValidationError):
        merge_people(world.mara, third, world.editor)


def test_a_renamed_person_keeps_answering_at_the_old_address(world):
    world.mara.rename("Mara Lie", slug="mara-lie")
    assert FormerSlug.objects.get(slug="mara-ostrander-lie").person == world.mara
    assert world.mara.sort_name == "Lie, Mara"


def test_a_taken_address_tells_nothing_of_its_twin(world):
    twin = Person.objects.create(name="Mara Ostrander Lie")
    assert twin.slug == f"mara-ostrander-lie-{twin.uid[:5]}"


def test_folding_ignores_case_and_accents():
    assert fold("Støre  ÅSA Éluard") == fold("støre åsa eluard".replace("å", "a").replace("é", "e"))
