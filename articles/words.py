"""The editors' search over all editions, drafts included: every word typed must begin a word of the headline, the
summary or the text; what stands in quotation marks must stand there just so. Private: it ranks nothing.

PostgreSQL asks a GIN index over an expression (migrations 0006 and 0009), so the whole table is searched; of texts
beyond 250,000 letters the beginning, as to_tsvector refuses those beyond a megabyte. SQLite has no such
index: there the newest `REACH` editions are read, which takes a fraction of a second.
"""

import re
from functools import reduce
from operator import or_

from django.db import connection
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from articles.models import Edition

REACH = 10_000
COLUMNS = ("headline", "summary", "plain_text")
_ASKED = re.compile(r'"([^"]+)"|“([^”]+)”|(\S+)')
_WORD = re.compile(r"\w+")


def asked(text):
    """(words, phrases) of what was typed: a dozen at most."""
    words, phrases = [], []
    for match in _ASKED.finditer(text[:400]):
        if match[3]:
            words += _WORD.findall(match[3])
        elif _WORD.search(match[0]):
            phrases.append(match[1] or match[2])
    return words[:12], phrases[:4]


def holding(editions, text):
    """Those of `editions` that hold what was typed."""
    words, phrases = asked(text)
    if not words and not phrases:
        return editions.none() if text.strip() else editions
    is_indexed = connection.vendor == "postgresql"
    return matching(within_reach(editions, words, phrases), [] if is_indexed else words, phrases, COLUMNS)


def holders(text, key="pk"):
    """The keys of the newest editions that hold what was typed, or of their articles: REACH at most. Read first, since
    PostgreSQL plans a search inside another question badly."""
    return list(holding(Edition.objects.order_by("-pk"), text).values_list(key, flat=True)[:REACH])


def saying(texts, text):
    """Those of `texts`, quotes in editions, whose own words or printed speaker hold what was typed."""
    words, phrases = asked(text)
    if not words and not phrases:
        return texts.none() if text.strip() else texts
    editions = within_reach(Edition.objects.order_by("-pk"), words, phrases).values_list("pk", flat=True)
    return matching(texts.filter(edition__in=list(editions[:REACH])), words, phrases, ("text", "speaker_name"))


def within_reach(editions, words, phrases):
    """Those worth reading: on PostgreSQL they hold all the words, on SQLite they are the newest."""
    if connection.vendor == "postgresql":
        terms = [f"'{word}':*" for word in words]
        terms += [f"'{word}'" for phrase in phrases for word in _WORD.findall(phrase)]
        # As an array it is asked once and first; joined, the planner walks the newest editions and asks for each.
        sql = "articles_edition.id = ANY (ARRAY (SELECT editions_holding(to_tsquery('simple', %s))))"
        return editions.filter(RawSQL(sql, [" & ".join(terms)], BooleanField()))  # noqa: S611 (words are parameters)
    newest = Edition.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return editions.filter(pk__gt=newest - REACH)


def matching(rows, words, phrases, columns):
    """Those whose texts match, by reading them. An index of words cannot tell a phrase, and parsing each text anew
    to tell it costs twenty times this."""
    begin, end = (r"\m", r"\M") if connection.vendor == "postgresql" else (r"\b", r"\b")
    patterns = [begin + re.escape(word) for word in words]
    patterns += [begin + r"\W+".join(map(re.escape, _WORD.findall(phrase))) + end for phrase in phrases]
    for pattern in patterns:
        rows = rows.filter(reduce(or_, (Q(**{f"{column}__iregex": pattern}) for column in columns)))
    return rows
