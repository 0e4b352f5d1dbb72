"""Dates as releases print them."""

import re
from datetime import date

_MONTHS = {}
for _number, _names in enumerate(
    [
        "january jan janvier janv januar enero",
        "february feb février févr fevrier februar febrero",
        "march mar mars märz marzo",
        "april apr avril avr abril",
        "may mai mayo",
        "june jun juin juni junio",
        "july jul juillet juil juli julio",
        "august aug août aout agosto",
        "september sept sep septembre septiembre",
        "october oct octobre oktober octubre",
        "november nov novembre noviembre",
        "december dec décembre déc decembre dezember diciembre",
    ],
    1,
):
    _MONTHS |= dict.fromkeys(_names.split(), _number)
MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b"
WEEKDAY = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|"
    r"montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|mon|tue|wed|thu|fri|sat|sun)"
)
_TIME = (
    r"(?:(?:\s*[,T–-]|\s+at|\s+à|\s+a las|\s+um)?\s*(?P<h1>[01]?\d|2[0-3])\s?[:h]\s?(?P<mi1>[0-5]\d)(?::\d\d)?"
    r"(?:\s?(?P<ap1>[ap])\.?m\b\.?)?)?"
)
DATE = re.compile(
    rf"\b(?:{WEEKDAY},?\s+)?(?:"
    rf"(?P<d1>\d{{1,2}})(?:st|nd|rd|th|"
    rf"er)?\.?\s+(?:of\s+|de\s+)?(?P<m1>{MONTH})\.?,?\s+(?:de\s+)?(?P<y1>\d{{4}})(?!\d)"
    rf"|(?P<m2>{MONTH})\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y2>\d{{4}})(?!\d)"
    r"|(?P<y3>\d{4})-(?P<m3>\d\d)-(?P<d3>\d\d)(?!\d)"
    r"|(?P<a4>\d{1,2})[./](?P<b4>\d{1,2})[./](?P<y4>\d{4})(?!\d)"
    rf"){_TIME}",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
GLUED_DATE = re.compile(DATE.pattern.removeprefix(r"\b"), re.IGNORECASE)
UPDATED = re.compile(
    r"(?:last\s+(?:updated|modified|revised)|updated|modified|mise?\s+à\s+jour|"
    r"dernière\s+mise\s+à\s+jour|actualizado|aktualisiert)(?:\s+(?:on|le|el|am))?\s*:?\s*$",
    re.IGNORECASE,
)
POSTED = re.compile(
    r"(?:(?:posted|published|issued|released)(?:\s+on)?|(?:release|issue|"
    r"publication)?\s*date(?:\s+of\s+(?:issue|release))?|"
    r"publiée?(?:\s+le)?|le|date\s+de\s+publication)\s*:?\s*$",
    re.IGNORECASE,
)


SENT = re.compile(r"(?i)\b(?:sent|envoyé)\s*:\s*$")


def find_dates(text, start, end):
    """The dates of a stretch; looks only around years, which is what makes it quick."""
    at = start
    for year in _YEAR.finditer(text, start, end):
        if year.start() >= at and (match := DATE.search(text, max(at, year.start() - 40), min(end, year.end() + 20))):
            at = match.end()
            yield match


def read_date(match):
    """(ISO date, ISO time or None) of a date match; the ISO date is None when it is no date or ambiguous."""
    g = match.groupdict()
    if g["d1"]:
        day, month, year = g["d1"], _MONTHS[g["m1"].lower()], g["y1"]
    elif g["d2"]:
        day, month, year = g["d2"], _MONTHS[g["m2"].lower()], g["y2"]
    elif g["y3"]:
        day, month, year = g["d3"], g["m3"], g["y3"]
    else:
        first, second, year = int(g["a4"]), int(g["b4"]), g["y4"]
        if "." in match[0] or first > 12 or first == second:
            day, month = first, second
        elif second > 12:
            day, month = second, first
        else:
            return None, None
    try:
        iso = date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None, None
    if not g["h1"]:
        return iso, None
    hour = int(g["h1"])
    if g["ap1"]:
        hour = hour % 12 + (12 if g["ap1"].lower() == "p" else 0)
    return iso, f"{hour:02d}:{g['mi1']}"
