"""How what stands on the record is cited: as a sentence, as BibTeX and as RIS. Pure functions over one set of facts.

Every citation names the edition it was taken from, and its address answers whether those words still stand.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from articles.pages import quoted
from people.api import address

TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
        **{sign: f"\\{sign}" for sign in "{}$&#_%"},
    }
)  # fmt: skip
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


@dataclass(frozen=True)
class Citation:
    """An article's author is the institution and its title the headline; a quote's author is who said it, its title the
    words, and `held_in` the article it was taken from."""

    key: str
    author: str
    title: str
    sentence: str
    day: date
    place: str
    kind: str
    note: str
    number: int
    language: str
    url: str
    held_in: str = ""

    def txt(self):
        return f"{self.sentence} {self.url}\n"

    def bib(self):
        """BibTeX of a UTF-8 engine. The address stands as it is: `url` is printed word for word."""
        fields = {
            "author": name_in_tex(self.author), "title": f"{{{tex(self.title)}}}",
            "howpublished": tex(self.held_in or self.kind), "note": tex(self.note), "address": tex(self.place),
            "organization": tex(settings.INSTITUTION["name"]), "edition": str(self.number), "year": str(self.day.year),
            "month": MONTHS[self.day.month - 1], "date": self.day.isoformat(), "language": self.language,
            "url": self.url,
        }  # fmt: skip
        given = [f"  {name} = {{{value}}}" for name, value in fields.items() if value and name != "month"]
        given.append(f"  month = {fields['month']}")  # a word that BibTeX knows, so without braces
        return f"@misc{{{self.key},\n" + ",\n".join(given) + "\n}\n"

    def ris(self):
        """RIS: a tag and its value in a line, so that no value may hold a line end."""
        fields = [
            ("TY", "ELEC"), ("ID", self.key), ("AU", self.author.replace("*", "")), ("TI", self.title),
            ("T2", self.held_in), ("PB", settings.INSTITUTION["name"]), ("CY", self.place),
            ("PY", f"{self.day.year:04}"), ("DA", f"{self.day:%Y/%m/%d}"), ("ET", str(self.number)), ("M3", self.kind),
            ("N1", self.note), ("LA", self.language), ("UR", self.url),
        ]  # fmt: skip
        lines = [f"{tag}  - {_line(value)}" for tag, value in fields if value]
        return "\r\n".join([*lines, "ER  - ", ""])


#: what a citation is given as: the ending of its address, and what it is
FORMS = {
    "txt": "text/plain; charset=utf-8",
    "bib": "application/x-bibtex; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
}


def of_edition(edition):
    day = _day_of(edition)
    kind = str(edition.get_kind_display())
    parts = [settings.INSTITUTION["name"], quoted(_apart(edition.headline)), kind.lower(), _apart(edition.place)]
    number = _("edition %(number)s") % {"number": edition.number}
    if edition.number > 1 and (begun := localdate(edition.live_from)) != day:
        facts = {"number": edition.number, "day": date_format(begun, "j F Y")}
        number = _("edition %(number)s of %(day)s") % facts
    return Citation(
        key=f"{edition.article.slug}-{edition.number}", author=settings.INSTITUTION["name"], title=edition.headline,
        sentence=", ".join([*filter(None, parts), date_format(day, "j F Y"), number]) + ".", day=day,
        place=edition.place, kind=kind, note="", number=edition.number, language=edition.language,
        url=f"{address(edition)}history/{edition.number}/",
    )  # fmt: skip


def of_quote(text):
    """The citation of a quote text, whose edition and quote are at hand."""
    edition, day = text.edition, text.said_on or _day_of(text.edition)
    said = [*map(_apart, (text.speaker_name or text.source, text.office, text.place))]
    said += [date_format(day, "j F Y")] if text.said_on else []
    sentence = _("%(said)s; quoted by %(institution)s, “%(headline)s”, edition %(number)s.") % {
        "said": ", ".join(filter(None, said)), "institution": settings.INSTITUTION["name"],
        "headline": _apart(edition.headline), "number": edition.number,
    }  # fmt: skip
    return Citation(
        key=f"quote-{text.quote.key}-{edition.number}", author=text.speaker_name or text.source, title=text.text,
        sentence=sentence, day=day, place=text.place, kind=_("Quote"), note=text.office, number=edition.number,
        language=text.language, held_in=edition.headline,
        url=f"{settings.SITE_URL}{text.quote.get_absolute_url()}?cited={edition.number}",
    )  # fmt: skip


def _apart(words):
    """Words that read from the right, kept from turning the sentence around them (first strong isolate)."""
    turns = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in words)
    return f"\u2068{words}\u2069" if turns else words


def _day_of(edition):
    return edition.dated or edition.event_date or localdate(edition.live_from)


def tex(words):
    return _line(words).translate(TEX)


def name_in_tex(name):
    """A name whole in braces where BibTeX would take it apart: at a comma, and at an "and" as between two people."""
    whole = "," in name or re.search(r"\band\b", name, re.I) or name == settings.INSTITUTION["name"]
    return f"{{{tex(name)}}}" if whole else tex(name)


def _line(words):
    return " ".join(words.split())
