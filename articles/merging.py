"""Two texts of one draft made one: what differs, which side goes on unless its editor says otherwise, and the text that
comes of it.

The texts are those of articles.comparison: `mine` as it was typed, `theirs` as it stands, and `base`, from which mine
was begun, or None where nobody knows.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from articles import body as bodies
from articles.comparison import FACTS, fact_label, passage, same, shown, sides

MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True)
class Choice:
    """One difference. Each side is a list of (in a quote?, pieces), or None where that text has nothing here; `takes`
    is the side of whoever changed it, mine where both did."""

    name: str
    label: str
    mine: list | None
    theirs: list | None
    takes: str
    only_marks: bool = False
    speakers: tuple[str, str] = ("", "")


def choices(mine, theirs, base):
    """[Choice]: the facts, then the paragraphs, in the order of the page."""
    return [*fact_choices(mine, theirs, base), *body_choices(mine, theirs, base)]


def fact_choices(mine, theirs, base):
    for fact in FACTS:
        if fact in mine.facts and fact in theirs.facts:
            before, after = (shown(fact, text.facts[fact]) for text in (mine, theirs))
            if before != after:
                untouched = base is not None and fact in base.facts and shown(fact, base.facts[fact]) == before
                pair = [[(False, pieces)] if pieces else None for pieces in sides(before, after)]
                yield Choice(fact, fact_label(fact), *pair, THEIRS if untouched else MINE)


def body_choices(mine, theirs, base):
    was = {block.html for block in bodies.blocks(base.body)} if base else set()
    for number, (own, other) in enumerate(bodies.block_diff(mine.body, theirs.body), start=1):
        if own and other and same(own, other):
            continue
        seen = passage(own, other)
        takes = THEIRS if (own.html in was if own else other.html not in was) else MINE
        yield Choice(
            f"paragraph-{number}", _("Paragraph %(number)s") % {"number": number}, seen.old, seen.new, takes,
            seen.only_marks, (speakers(mine, own), speakers(theirs, other)),
        )  # fmt: skip


def speakers(text, block):
    """Who is quoted in this block, in a line."""
    said = [text.quotes[key] for key in (block.keys if block else ()) if key in text.quotes]
    return "; ".join(dict.fromkeys(one.who or _("Nobody is named") for one in said))


def settled(mine, theirs, picked):
    """(facts to be taken from theirs, the body), where `picked` names a side for every choice by its name."""
    taken = [fact for fact in FACTS if picked.get(fact) == THEIRS]
    kept = []
    for number, (own, other) in enumerate(bodies.block_diff(mine.body, theirs.body), start=1):
        block = other if picked.get(f"paragraph-{number}") == THEIRS else own
        if block:
            kept.append(block.html)
    return taken, bodies.clean("".join(kept))
