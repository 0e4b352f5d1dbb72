"""The floor of a change: what differs between two editions that no editor may call a slip of the pen.

Pure functions over two editions in hand; `Edition.floor` asks them.
"""

import re
from collections import Counter
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

#: words that carry weight: figures, names (any capital), negations in the languages we print
NUMBER = r"\w*\d[\w.,:/-]*"
NEGATION = r"\b(?:no|not|never|none|nor|without|ne|pas|jamais|aucune?|sans)\b|n[’']"
NAME = r"[^\W\d_a-zß-öø-ÿ]\w*"
WEIGHTY = re.compile(f"(?P<number>{NUMBER})|(?P<name>{NAME})|(?P<negation>{NEGATION})")
#: how many reasons of one sort are told
MOST = 6


@dataclass(frozen=True)
class Reason:
    """One difference that sets the floor: `of` says of what, `was` and `now` are its words, "" for none."""

    of: str
    was: str
    now: str


def reasons(old, new):
    """Every difference from `old` that rules out a typographic change, as Reasons."""
    found = []
    if old.headline != new.headline:
        found.append(Reason(_("headline"), old.headline, new.headline))
    found += _quotes(_attributed(old), _attributed(new))
    for field, of in (("event_date", _("date of the event")), ("dated", _("date printed"))):
        was, now = getattr(old, field), getattr(new, field)
        if was != now:
            found.append(Reason(of, _day(was), _day(now)))
    if old.place != new.place:
        found.append(Reason(_("place"), old.place, new.place))
    return [*found, *_weighty(old, new)]


def _attributed(edition):
    rows = edition.quotes.order_by("order").values_list(
        "quote__key", "text", "speaker_uid", "source", "office", "speaker_name"
    )
    return {key: row for key, *row in rows}


def _quotes(old, new):
    for key in [*old, *(key for key in new if key not in old)]:
        was, now = old.get(key), new.get(key)
        if was is None or now is None:
            words, _uid, source, _office, name = was or now
            of = _("quote of %(name)s") % {"name": name or source or _("nobody")}
            yield Reason(of, words if was else "", words if now else "")
        else:
            if was[0] != now[0]:
                of = _("quote of %(name)s") % {"name": now[4] or now[2] or _("nobody")}
                yield Reason(of, was[0], now[0])
            if was[1:3] != now[1:3]:
                yield Reason(_("speaker"), was[4] or was[2], now[4] or now[2])
            if was[3] != now[3]:
                yield Reason(_("office of a speaker"), was[3], now[3])


def _weighty(old, new):
    """Figures, names and negations that the one text has and the other has not, sort by sort."""
    was, now = (Counter(_told(edition)) for edition in (old, new))
    gone, came = was - now, now - was
    labels = {"number": _("number"), "name": _("name"), "negation": _("negation")}
    for sort, of in labels.items():
        left, right = ([word for kind, word in words if kind == sort] for words in (gone, came))
        for row in range(min(max(len(left), len(right)), MOST)):
            yield Reason(of, left[row] if row < len(left) else "", right[row] if row < len(right) else "")


def _told(edition):
    for match in WEIGHTY.finditer(f"{edition.summary} {edition.plain_text}"):
        yield match.lastgroup, match[0].rstrip(".,:/-") if match.lastgroup == "number" else match[0]


def _day(day):
    return date_format(day, "j F Y") if day else ""
