"""The database refuses to change or delete what is sealed, on both engines, whoever asks."""

from articles import seal
from articles.models import Edition, sweep
from tests.conftest import instant


def test_the_seal_is_in_place_as_generated(db):
    assert seal.differences() == []


def test_a_published_edition_is_live(world):
    edition = world.published(at=instant("2024-03-01 10:00"))
    assert edition.number == 1
    assert Edition.objects.live(instant("2024-03-01 10:00")).get() == edition
    assert not Edition.objects.live(instant("2024-03-01 09:59")).exists()
    assert [c.kind for c in sweep()] == []
