"""Who is mentioned: names, offices, pronouns and groups, and the person each of them means."""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from articles.releases.offices import LESSER, is_honorific, is_office, name_key, office_key
from articles.releases.words import (
    ABBREVIATIONS,
    AFTER_NAMES,
    COUNTRY_OF,
    FAMILY_FIRST,
    GENDERED,
    GIVEN_MONTHS,
    GIVEN_NAMES,
    GROUPS,
    HONORIFICS,
    LOOSE_TITLES,
    MEN,
    NOT_NAMES,
    OFFICES,
    ORGANISATION_WORDS,
    PARTICLES,
    PLURAL_OFFICES,
    PORTFOLIOS,
    PRONOUNS,
    REPORTING,
    STATES,
    WEAK_OFFICES,
    WOMEN,
    fold,
    word_set,
)

_TOKEN = re.compile(r"\w+(?:['’‑-]\w+)*")
_ELIDED = re.compile(r"(?:[ldjmtscn]|qu)['’]|(?:[LDJMTSCN]|Qu)['’](?=[a-zà-ÿ])")
_INITIAL = re.compile(r"(?:[^\W\d_]\.){2,}|[A-Z]\.(?=\s+[A-ZÀ-Þ])|M\.(?=\s)")
_NICKNAME = re.compile(r"[A-ZÀ-Þ][\w’'-]*\) [A-ZÀ-Þ]")
_MODIFIERS = word_set(
    "vice deputy associate assistant acting chief crown former interim under sub co the senior presiding"
)
_GLUED_PARTICLE = re.compile(r"(?:al|el|ad|as|ar|an|ash|ul|ibn|bin)[-‑][A-Z]")
_PEERS = word_set("lord lady baroness baron earl viscount")
_GLUED_PARTICLE = re.compile(r"(?:al|el|ad|as|ar|an|ash|ul|ibn|bin)[-‑][A-Z]")


class _Token(NamedTuple):
    start: int
    end: int
    low: str
    capital: bool
    possessive: bool


def tokenise(text, start, end):
    """The words of text[start:end]; what French elides is a word of its own, as is "U.S."."""
    found, done = [], start
    for match in _TOKEN.finditer(text, start, end):
        at, stop = match.span()
        if at < done:
            continue
        word = match[0]
        if word.isalpha() and word.isascii() and stop - at > 1:  # most words
            low = word.lower() if word != "PR" else "p.r."  # no "Pr", which is a professor
            found.append(_Token(at, stop, low, low != word and word[0].isupper(), False))
            continue
        if stop - at == 1:
            if initial := _INITIAL.match(text, at, end):
                stop = done = initial.end()
                word = text[at:stop]
        elif elided := _ELIDED.match(word):
            found.append(_Token(at, at + elided.end(), fold(elided[0]), False, False))
            at += elided.end()
            word = text[at:stop]
        possessive = word[-2:] in ("'s", "’s")
        if possessive:
            word, stop = word[:-2], stop - 2
        if word:
            capital = word[0].isupper() or bool(_GLUED_PARTICLE.match(word))
            found.append(_Token(at, stop, fold(word) if len(word) > 1 else word.lower(), capital, possessive))
    return found


@dataclass
class _Person:
    """Someone this text names."""

    name: str
    key: tuple
    start: int
    end: int
    offices: list = field(default_factory=list)
    gender: str = ""
    excellency: bool = False
    registered: object = None  # person key in the registry


@dataclass
class Mention:
    """Words that can be the subject of a clause. kind: name, office, pronoun, group, bare (a capitalised unknown)."""

    start: int
    end: int
    kind: str
    text: str
    words: tuple = ()
    office: str | None = None
    gender: str = ""
    person: _Person | None = None
    weight: float = 1.0
    possessive: bool = False
    excellency: bool = False


class Cast:
    """The people of one text and what each mention of them resolves to."""

    def __init__(self, text, registry, day, language="en"):
        self.text = text
        self.romance = language in ("fr", "es", "it", "pt")
        self.registry = registry
        self.day = day
        self.people = []
        self._folded = None
        self._bare = []  # names in full that nothing marks as people yet

    def mentions(self, start, end, tokens):
        """All mentions of a paragraph in order; introduces the people it names with an office or by the registry."""
        text = self.text
        found, i, carry, carry_end = [], 0, None, 0
        while i < len(tokens):
            token = tokens[i]
            if token.low in PRONOUNS and not token.possessive:
                found.append(
                    Mention(
                        token.start, token.end, "pronoun", text[token.start : token.end], gender=PRONOUNS[token.low]
                    )
                )
                i += 1
                continue
            if token.capital and (token.low not in NOT_NAMES or token.low == "m." or self._registered_from(tokens, i)):
                j = self._run_end(tokens, i)
                bracketed = text[token.start - 1 : token.start] == "(" and token.start > start
                mention = None if bracketed else self._run(tokens, i, j)
                if mention and carry and mention.kind == "bare" and _LISTED.fullmatch(text, carry_end, mention.start):
                    mention.kind, mention.office = "name", carry
                if mention:
                    if mention.kind == "name":
                        self._apposition(mention, tokens, j, end)
                        plural = mention.office and any(
                            w in PLURAL_OFFICES for w in fold(mention.office).replace(".", "").split()
                        )
                        carry, carry_end = (mention.office, mention.end) if plural else (None, 0)
                    elif mention.kind == "bare" and (
                        len(mention.words) > 1 or not self._begins_sentence(start, mention)
                    ):
                        self._apposition(mention, tokens, j, end)
                        if mention.office:
                            mention.kind = "name"
                    found.append(mention)
                i = j
                continue
            if (token.low in GROUPS or token.low in PLURAL_OFFICES or is_office(token.low)) and not token.capital:
                found.append(self._noun(tokens, i))
            i += 1
        return self._settled(found)

    def _begins_sentence(self, start, mention):
        """Is the word a capital only because a sentence begins with it?"""
        before = self.text[max(start, mention.start - 3) : mention.start].rstrip()
        return not before or before[-1] in '.!?…:“”«»"'

    def _settled(self, found):
        """ "The rector, Anna Berg," names the rector; a title inside a name's own words is no mention of its own."""
        for index, title in enumerate(found):
            if title.kind not in ("office", "group") or title.possessive:
                continue
            determined = title.text.split()[0].lower() in _ARTICLES
            if not determined and self.text[max(0, title.start - 3) : title.start].rstrip()[-1:] == ",":
                continue  # itself the apposition of a name before it
            for name in found[index + 1 : index + 4]:
                gap = _TITLE_GAP.fullmatch(self.text[title.end : name.start])
                closed = self.text[name.end : name.end + 1] in (",", ".", ";", ":", "")
                named = name.kind == "bare" or (name.kind == "name" and not name.office)
                if not gap or not closed or not named or not name.weight or len(name.words) < 2:
                    continue
                if not title.office and (title.text.endswith("s") or title.text[:2].lower() not in ("a ", "an")):
                    continue
                office = title.office or title.text.split(maxsplit=1)[1]
                name.kind, name.gender, name.office = "name", name.gender or title.gender, office + (gap[1] or "")
                break
        names = [m for m in found if m.kind == "name"]
        return [m for m in found if m.kind == "name" or not any(n.start <= m.start and m.end <= n.end for n in names)]

    def introduce(self, mentions):
        """Enter everyone named in full; the longest spelling of a name comes first, shorter ones join it."""
        named = [m for m in mentions if m.kind == "name" and len(name_key(m.text)) > 1]
        for mention in sorted(named, key=lambda m: -len(name_key(m.text))):
            self._introduce(mention)
        self._bare = [m for m in mentions if m.kind == "bare" and m.weight and 1 < len(name_key(m.text)) < 5]

    def _run_end(self, tokens, i):
        """The end of a run of capitalised words, particles inside it allowed."""
        text, j = self.text, i + 1
        while j < len(tokens) and not tokens[j - 1].possessive:
            gap = text[tokens[j - 1].end : tokens[j].start]
            if gap == " (" and j - i < 4 and _NICKNAME.match(text, tokens[j].start):
                j += 2  # "Robert (Bob) Berg"
                continue
            if gap.strip() and not (gap.strip() == "." and tokens[j - 1].low in ABBREVIATIONS):
                break
            if len(gap) > 2 or not gap.strip(" ") and len(gap) > 1:
                break
            token = tokens[j]
            if token.low in PRONOUNS and token.capital:
                break
            if token.capital and gap:
                j += 1
            elif (
                token.low == "in"
                and is_office(tokens[j - 1].low)
                and tokens[j + 1 : j + 2]
                and tokens[j + 1].low == "charge"
            ):
                j += 2
            elif after := self._after_particles(tokens, j):
                j = after
            elif token.low == "of" and tokens[i].low in _PEERS and tokens[j + 1 : j + 2] and tokens[j + 1].capital:
                j += 2  # "Lord Berg of Lakeside"
            else:
                break
        return j

    def _after_particles(self, tokens, j):
        """Where a name goes on behind particles ("van der Moor", "d’Hauterive"), or None. What an office is followed
        by is what it is for ("Ministre du Travail"), unless it is how people are addressed ("Mme de La Tour")."""
        k, office = j, self.romance and is_office(tokens[j - 1].low) and not is_honorific(tokens[j - 1].low)
        while k < len(tokens) and k < j + 3 and tokens[k].low in PARTICLES and not tokens[k].capital:
            if office and tokens[k].low in _BELONGING:
                return None
            if k > j and self.text[tokens[k - 1].end : tokens[k].start].strip(" "):
                return None
            k += 1
        if k == j or k >= len(tokens) or not tokens[k].capital:
            return None
        gap = self.text[tokens[k - 1].end : tokens[k].start]
        return k + 1 if gap == " " or (not gap and tokens[k - 1].low == "d'") else None

    def _run(self, tokens, i, j):
        text, run = self.text, tokens[i:j]
        whole = text[run[0].start : run[-1].end]
        known = self._registered(run)
        honorific, last = "", -1
        for k, token in enumerate(run):
            low = token.low.rstrip(".") if token.low not in HONORIFICS else token.low
            if low in HONORIFICS and not (low == "m." and k):  # an initial in "Karl M. Berg"
                honorific, last = low, k
            elif is_office(low) or low in PLURAL_OFFICES:
                if (
                    k == len(run) - 1
                    and k
                    and (last < k - 1 or not _MODIFIERS & set(run[k - 1].low.split()))
                    and low in {"king", "dean", "judge", "marshal", "bishop", "prince", "major", "pope", "abbot"}
                ):
                    break
                last = k
        office_words = [t for t in run[: last + 1] if not is_honorific(t.low)]
        if known:
            a, b, _key = known
            while a and len(run[a - 1].low.rstrip(".")) == 1:
                a -= 1  # "W. Walter Berg", whom the register has without the initial
            before = [t for t in run[:a] if not is_honorific(t.low)]
            office_words = before if any(is_office(t.low) or t.low in PLURAL_OFFICES for t in before) else []
            name = run[a:b]
            if before and not office_words:
                run = name
        else:
            name = list(run[last + 1 :])
            if last < 0 and i and tokens[i - 1].low in {"of", "for"}:
                for size in (2, 1):
                    if len(name) > size + 1 and " ".join(t.low for t in name[:size]) in STATES:
                        name = name[size:]
                        break
            if last < 0 and i and tokens[i - 1].low in {"of", "for", "de", "des"}:
                while len(name) > 2 and name[0].low in PORTFOLIOS:
                    name = name[1:]
        office = self._office_before(tokens, i, office_words, name)
        gender = HONORIFICS.get(honorific, "") or next(
            (GENDERED[p] for t in office_words for p in t.low.split() if p in GENDERED), ""
        )
        excellency = "excellency" in honorific or honorific.startswith("h.e")
        if excellency and i and tokens[i - 1].low in {"her", "his"}:
            gender = "f" if tokens[i - 1].low == "her" else "m"
        if run[0].low == "excellency" and i and tokens[i - 1].low in {"her", "his"}:
            start = tokens[i - 1].start
        else:
            start = run[0].start
        if not name:
            kind = "group" if any(t.low in PLURAL_OFFICES for t in run) else "office"
            start = self._determiner(tokens, i, start)
            return Mention(start, run[-1].end, kind, text[start : run[-1].end], office=whole if office_words else None,
                            gender=gender, possessive=run[-1].possessive, excellency=excellency)  # fmt: skip
        words = tuple(t.low for t in name)
        if known:
            person = self._known(known[2], Mention(name[0].start, name[-1].end, "name", ""))
            mention = Mention(
                office[1] if office else start,
                name[-1].end,
                "name",
                person.name,
                words,
                office and office[0],
                gender or person.gender,
                person,
            )
            mention.possessive = name[-1].possessive
            mention.excellency = excellency
            return mention
        titled = last >= 0 and (
            honorific
            or len(name) > 1
            or any(
                p not in WEAK_OFFICES
                for t in office_words
                for p in t.low.split()
                if p in OFFICES or p in PLURAL_OFFICES
            )
        )
        titled = titled or (office is not None and not office_words)  # a lower-case title, or one with its portfolio
        personal = len(name) <= 6 and not any(
            w in ORGANISATION_WORDS or w in COUNTRY_OF for w in words[titled and words[0] in GIVEN_MONTHS :]
        )
        while len(name) > 2 and name[-1].low in AFTER_NAMES and text[name[-1].start : name[-1].end].isupper():
            name = name[:-1]
        acronym = any(
            len(text[t.start : t.end]) > 1 + (t is name[0] and len(name) > 1)
            and text[t.start : t.end].isupper()
            and "." not in text[t.start : t.end]
            for t in name
        )
        if titled and personal and not (acronym and len(name) == 1):
            name = [t for t in name if t.low not in {"phd", "md"}] or name
            value = text[name[0].start : name[-1].end]
            at = office[1] if office else start
            return Mention(
                at,
                name[-1].end,
                "name",
                value,
                words,
                office and office[0],
                gender,
                possessive=name[-1].possessive,
                excellency=excellency,
            )
        start = self._determiner(tokens, i, start) if not personal or acronym else start
        mention = Mention(
            start,
            run[-1].end,
            "bare",
            text[start : run[-1].end],
            tuple(t.low for t in run),
            possessive=run[-1].possessive,
        )
        mention.weight = 0.0 if not personal or acronym or len(run) > 5 or any(c.isdigit() for c in whole) else 1.0
        if start != run[0].start:
            mention.weight = 0.0
        return mention

    def _office_before(self, tokens, i, office_words, name):
        """(office as written, where it starts): the capitalised words or the lower-case title right before a name."""
        if office_words:
            text = self.text
            start = office_words[0].start
            office = text[start : office_words[-1].end]
            before = tokens[i - 1] if i else None
            # "Secretary of State Anna Berg": the run before "of" belongs to the office.
            if (
                before
                and before.low in {"of", "for"}
                and i >= 2
                and tokens[i - 2].capital
                and is_office(tokens[i - 2].low)
                and name
            ):
                k = i - 2
                while k and tokens[k - 1].capital and text[tokens[k - 1].end : tokens[k].start].strip() in ("", "."):
                    k -= 1
                return text[tokens[k].start : office_words[-1].end], tokens[k].start
            if office.endswith((".", ",")) and not office.endswith(("Rep.", "Reps.", "Sen.", "Sens.", "Gov.")):
                office = office.rstrip(".,")
            elif text[office_words[-1].end : office_words[-1].end + 1] == "." and office_words[-1].low in ABBREVIATIONS:
                office += "."
            return office, start
        if not name or not i:
            return None
        k = i - 1
        if k and name[0].start > tokens[i].start and is_office(tokens[k - 1].low):
            # "Minister for Civil Protection Anna Berg": the portfolio was taken off the run.
            k -= 1
            while (
                k
                and tokens[k].capital
                and tokens[k - 1].capital
                and not self.text[tokens[k - 1].end : tokens[k].start].strip()
            ):
                k -= 1
            return self.text[tokens[k].start : name[0].start].strip(), tokens[k].start
        if tokens[k].capital or self.text[tokens[k].end : tokens[i].start].strip():
            return None
        if tokens[k].possessive or not (is_office(tokens[k].low) or tokens[k].low in PLURAL_OFFICES):
            return None
        stop = tokens[k].end
        while (
            k
            and self.text[tokens[k - 1].end : tokens[k].start].strip() == ""
            and (
                is_office(tokens[k - 1].low)
                or tokens[k - 1].capital
                or tokens[k - 1].low in PORTFOLIOS
                or tokens[k - 1].low in COUNTRY_OF
            )
            and tokens[k - 1].low not in NOT_NAMES
        ):
            k -= 1
        return self.text[tokens[k].start : stop], tokens[k].start

    def _determiner(self, tokens, i, start):
        if i and tokens[i - 1].low in {"the", "a", "an", "le", "la", "les", "un", "une", "her", "his"}:
            return tokens[i - 1].start
        return start

    def _noun(self, tokens, i):
        """A lower-case title or body ("the minister", "the senators", "a spokesman for the board")."""
        text, k = self.text, i
        while k and i - k < 5:
            before = tokens[k - 1]
            if text[before.end : tokens[k].start].strip(" \n'’s"):
                break
            if before.low in {
                "the",
                "a",
                "an",
                "le",
                "la",
                "les",
                "un",
                "une",
                "our",
                "its",
                "their",
                "another",
                "one",
                "l'",
                "l’",
            }:
                k -= 1
                break
            if before.low in NOT_NAMES or before.low in REPORTING or before.low in PREPOSITIONS:
                break
            k -= 1
        start, end = tokens[k].start, tokens[i].end
        title = is_office(tokens[i].low) and tokens[i].low not in GROUPS
        kind = "office" if title else "group"  # "the spokesman" is a group even when a name follows it
        if title and tokens[k].low in {"a", "an", "un", "une", "one", "another"}:
            kind = "group"
        title = title or tokens[i].low.startswith("spokes")
        first = k
        while first < i and (
            tokens[first].low in _ARTICLES or (not tokens[first].capital and tokens[first].possessive)
        ):
            first += 1
        if first < i and "'" in text[tokens[first].end : tokens[first + 1].start].replace("’", "'"):
            first += 1  # "the ports' spokeswoman"
        office = text[tokens[first].start : end] if title else None
        return Mention(
            start,
            end,
            kind,
            text[start:end],
            office=office,
            gender=GENDERED.get(tokens[i].low, ""),
            possessive=tokens[i].possessive,
        )

    def _apposition(self, mention, tokens, j, end):
        """ "Anna Berg, chair of the board,": the office after the name."""
        opening = _APPOSITION.match(self.text, mention.end, min(end, mention.end + 80))
        if not opening or mention.possessive or not mention.weight:
            return
        while j < len(tokens) and tokens[j].start < opening.end():
            j += 1
        if j >= len(tokens):
            return
        first, stop, seen = j, None, False
        if tokens[first].low in PREPOSITIONS or tokens[first].low in {"their", "its", "our"}:
            return
        if self.romance and tokens[first].low in {"a", "ont", "est", "sont"}:
            return  # a verb, no article
        for k in range(j, min(j + 26, len(tokens))):
            token = tokens[k]
            gap = self.text[tokens[k - 1].end : token.start] if k > first else ""
            if re.search(r"[,;:(){}“”\"«»—–?!]|\.\s*$", gap) and not (
                gap.strip() == "." and tokens[k - 1].low in ABBREVIATIONS
            ):
                break
            if token.low in REPORTING or token.low in VERBS or token.low in {"who", "which", "qui", "whose"}:
                break
            loose = not token.capital and token.low in LOOSE_TITLES
            if not seen and not loose and k - first < 12 and (is_office(token.low) or token.low in PLURAL_OFFICES):
                seen = True
                run_end = self._run_end(tokens, k) if token.capital else k + 1
                rest = [t for t in tokens[k + 1 : run_end] if not is_office(t.low) and t.low != "in"]
                if (
                    token.capital
                    and rest
                    and not any(t.low in ORGANISATION_WORDS or t.low in PORTFOLIOS for t in rest)
                    and tokens[first].capital
                ):
                    return
            stop = token.end
        if not seen or stop is None:
            return
        if tokens[first].low in {"a", "an", "the", "le", "la", "un", "une"} and first + 1 < len(tokens):
            first += 1
        if tokens[first].possessive and not tokens[first].capital:
            first += 1  # "the company's finance director"
        office = self.text[tokens[first].start : stop]
        if mention.office and not mention.person and len(mention.office) > 4:
            return
        mention.office = mention.office or office
        mention.gender = mention.gender or next((GENDERED[w] for w in fold(office).split()[:3] if w in GENDERED), "")

    def _registered_from(self, tokens, i):
        """Does a name of the registry begin with this word, which is mostly none ("Le Thu Thuy")?"""
        return tokens[i].low in self.registry.by_first and any(
            size > 1 for size, _ in self.registry.named([t.low for t in tokens[i : i + 4]])
        )

    def _registered(self, run):
        """(from, to, person key) of the longest name of the registry inside a run."""
        if not self.registry.by_first:
            return None
        keyed = [(k, p) for k, t in enumerate(run) if len(t.low.rstrip(".")) != 1 for p in t.low.split()]
        words = [p for _, p in keyed]
        best = None
        for at in range(len(words)):
            for size, key in self.registry.named(words[at:]):
                if (
                    size == 1
                    and len(run) > 1
                    and not (at and (is_office(words[at - 1]) or words[at - 1] in HONORIFICS) and at + 1 == len(words))
                ):
                    continue
                whole = (not at or keyed[at - 1][0] != keyed[at][0]) and (
                    at + size >= len(keyed) or keyed[at + size - 1][0] != keyed[at + size][0]
                )
                if not whole:
                    continue
                if best is None or size > best[3]:
                    last = keyed[min(at + size, len(keyed)) - 1][0]
                    best = (keyed[at][0], last + 1, key, size)
                elif size == best[3] and key != best[2] and at == 0:
                    best = (*best[:2], min(best[2], key), size)
        return best[:3] if best else None

    def _known(self, key, at):
        """The person of the registry, entered into this text where `at` (a mention or a token) names them."""
        for person in self.people:
            if person.registered == key:
                return person
        _uid, full = self.registry.person(key)
        person = next((p for p in self.people if p.key == name_key(full)), None)
        if person is None:
            person = _Person(full, name_key(full), at.start, at.end)
            self.people.append(person)
        person.registered = key
        return person

    def _introduce(self, mention):
        person = mention.person or self._match(mention)
        if person is None:
            words = name_key(mention.text)
            if any(len(p.key) > len(words) and p.key[-len(words) :] == words for p in self.people):
                return  # several people go by it
            person = _Person(mention.text, words, mention.start, mention.end)
            self.people.append(person)
        mention.person = person
        if mention.office and mention.office not in person.offices:
            fuller = person.offices and set(fold(person.offices[0]).split()) < set(fold(mention.office).split())
            person.offices.insert(0 if fuller else len(person.offices), mention.office)
        person.gender = person.gender or mention.gender or given_gender(person.key)
        person.excellency = person.excellency or mention.excellency

    def _match(self, mention):
        """The one person of this text a full or partial name can mean, or None."""
        written = words = name_key(mention.text)
        while len(words) > 1 and is_office(words[0]):
            words = words[1:]  # "Chief Berg"
        if not words:
            return None
        whole = [p for p in self.people if p.key == words]
        if len(whole) == 1:
            return whole[0]
        found = [p for p in self.people if len(p.key) > len(words) and p.key[-len(words) :] == words]
        if not found and len(words) > 1:
            found = [
                p for p in self.people if p.key[0] == words[0] and p.key[-1] == words[-1] and _ordered(words, p.key)
            ]
        if not found and len(words) == 1:
            # A family name that comes first, the first of two family names, or a given name alone.
            found = [p for p in self.people if len(p.key) > 1 and words[0] in p.key[:-1] and p.start < mention.end]
        if mention.gender and len(found) > 1:
            found = [p for p in found if p.gender in ("", mention.gender)]
        if not found and len(written) == 1:
            # "named Anna Berg chief executive … said Berg": a name in full that nothing else marked as a person.
            full = {name_key(m.text): m for m in self._bare if _goes_by(name_key(m.text), words[0])}
            if len(full) == 1:
                (bare,) = full.values()
                self._introduce(bare)
                return bare.person
        if len(found) == 1 and not (mention.gender and found[0].gender and mention.gender != found[0].gender):
            return found[0]
        return None

    def slip(self, mention):
        """Someone whose first name differs by one letter and whose family name is the same: a printed slip."""
        words = name_key(mention.text)
        close = [
            p for p in self.people
            if p is not mention.person and len(p.key) == len(words) > 1 and p.key[1:] == words[1:] and len(words[0]) > 3
            and len(p.key[0]) == len(words[0]) and sum(a != b for a, b in zip(p.key[0], words[0], strict=True)) == 1
        ]  # fmt: skip
        return close[0] if len(close) == 1 else None

    def resolve(self, mention):
        """(person or None, confidence factor, how) for a name or an office; pronouns are the caller's."""
        if mention.kind == "name" or (mention.kind == "bare" and mention.weight):
            if mention.kind == "name" and mention.person:
                if (
                    not mention.person.registered
                    and (other := self.slip(mention))
                    and other.start < mention.person.start
                ):
                    return other, 0.7, "name with a slip"
                return mention.person, 1.0, "name"
            person = self._match(mention)
            if person:
                return person, 0.95, "surname"
            if mention.kind == "name":
                words = name_key(mention.text)
                if not words or any(words[-1] in p.key for p in self.people):
                    return None, 0.5, "several of this name"
                self._introduce(mention)
                return mention.person, 0.8, "surname and title"
            if len(mention.words) > 1 and (
                mention.words[0] in GIVEN_NAMES or any(len(w.rstrip(".")) == 1 for w in mention.words[1:-1])
            ):
                self._introduce(mention)
                return mention.person, 0.8, "name"
            return None, 0.5, "unknown"
        if mention.kind == "office":
            return self._holder(mention)
        return None, 0.9, "group"

    def _holder(self, mention):
        if mention.excellency and not mention.office:
            found = [p for p in self.people if p.excellency and p.gender in ("", mention.gender)]
            before = [p for p in found if p.start < mention.start]
            return (before[-1], 0.85, "honorific") if len(found) == 1 and before else (None, 0.5, "office")
        if not mention.office:
            return None, 0.5, "office"
        tail = re.compile(r"\s+(?:of|for|de|du|des)\s+(?:the\s+|la\s+)?((?:[A-ZÀ-Þ][\w-]*\s?)+)").match(
            self.text, mention.end, mention.end + 80
        )
        asked = mention.office + (f" of {tail[1].strip()}" if tail else "")
        title, institution = office_key(asked)
        found = []
        for person in self.people:
            for office in person.offices:
                held, at = office_key(office)
                if not institution - at - held and (
                    title == held or (title <= held and not (held - title) & LESSER and title != {"general"})
                ):
                    found.append((person, title == held or title <= held | at))
                    break
        if len(found) == 1:
            return found[0][0], 0.9, "office in this text"
        if found:
            return None, 0.5, "office"
        if self._folded is None:
            self._folded = frozenset(fold(self.text[:20000]).replace(".", " ").replace(",", " ").split())
        holders = {key for key, _ in self.registry.holders_on(asked, self.day, self._folded)} if self.day else set()
        if len(holders) == 1:
            key = holders.pop()
            person = self._known(key, mention)
            person.offices.append(asked)
            return person, 0.8, "office held that day"
        return None, 0.5, "office"


def given_gender(key):
    """What a given name commonly says of its bearer, or nothing."""
    return "m" if key[:1] and key[0] in MEN else "f" if key[:1] and key[0] in WOMEN else ""


def _goes_by(key, word):
    """Is the word the family name of a full name, last or, where that is the custom, first?"""
    return key[-1] == word or (key[0] == word and word in FAMILY_FIRST)


def _ordered(part, whole):
    rest = iter(whole)
    return all(word in rest for word in part)


_BELONGING = word_set("de du des la le d'")
_ARTICLES = word_set(
    "the a an le la les un une our its their another one his her l' l’ der die das ein eine el los las"
)
PREPOSITIONS = word_set(
    "of for with to from by on at in against alongside between under behind after before than like about into "
    "over through avec pour par chez dans sur contre and de du des entre apres avant selon"
)
VERBS = word_set(
    "is are was were has have had will would can could met meets joined visited opened announced launched est "
    "sont ont participated today led expected called welcomed"
)
_TITLE_GAP = re.compile(r"(\s+(?:of|for|at|de|du|des|d['’]|chez)\s?[^,.;:“”\"«»]{1,60})?,\s+")
_LISTED = re.compile(r"[^\w]*(?:\([^()]*\))?\s*(?:,|,?\s*(?:and|&|et))?\s*")
_APPOSITION = re.compile(r"(?:\s*\([^()]{1,40}\))?,\s+(?:(?:PhD|Ph\.D\.?|MD|M\.D\.?|Jr\.?|Sr\.?|Esq\.?|\d\d),\s+)?")
