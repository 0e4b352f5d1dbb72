"""How French writes what templates and code ask for in the English order: "1er mars 2024 à 9 h 05".

Django looks up any format by its own text in the module of a language, so one table speaks for every page.
"""

from django.utils.dateformat import DateFormat
from django.utils.translation import get_language

CLOCK = "G\u00a0\\h\u00a0i"
globals().update(
    {
        "j F Y": "jS F Y",
        "l j F Y": "l jS F Y",
        "j F": "jS F",
        "H:i": CLOCK,
        "j F Y, H:i": rf"jS F Y à {CLOCK}",
        "l j F Y, H:i": rf"l jS F Y à {CLOCK}",
        "j F, H:i": rf"jS F à {CLOCK}",
    }
)

english = DateFormat.S


def S(self):  # noqa: N802 (Django's name of the ordinal after a day)
    """Django has the English ordinals only; French has one, for the first of a month."""
    if get_language() == "fr":
        return "er" if self.data.day == 1 else ""
    return english(self)


DateFormat.S = S
