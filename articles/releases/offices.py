"""Offices in one form however they are written, and the register of people a newsroom knows."""

import re
from functools import lru_cache
from typing import NamedTuple

from articles.releases.words import (
    AFTER_NAMES,
    COUNTRY_OF,
    HONORIFICS,
    OFFICES,
    ORGANISATION_WORDS,
    PLACES,
    PLURAL_OFFICES,
    PORTFOLIOS,
    fold,
    word_set,
)


def _with_article(organisation):
    """ "the European Commission" but "NATO", as a position's canonical form reads."""
    if organisation.lower().startswith("the "):
        return "the " + organisation[4:]
    words = organisation.split()
    formal = len(words) > 1 and any(fold(w) in ORGANISATION_WORDS - PLACES for w in words)
    return f"the {organisation}" if formal else organisation


def canonical_position(office):
    """The one form of an office however it is written: "Norwegian Prime Minister" is "Prime Minister of Norway"."""
    if not office:
        return None
    words = office.replace("’", "'").split()
    words = [w.removesuffix("'s") for w in words]
    words = [_SINGULAR.sub(r"\1", w) if fold(w.rstrip(".")) in PLURAL_OFFICES else w for w in words]
    if re.match(r"(?i)(former|ex|then|outgoing)\b", words[0]):
        return None
    split = next((i for i, w in enumerate(words) if is_office(fold(w)) and w[0].isupper()), None)
    inside = {fold(w) for w in words[1:]} & {"of", "at", "de", "du", "chez"}
    if not split or (inside and fold(words[0]).rstrip(".") in {"u.s", "us"}):
        return " ".join(words)
    while split and fold(words[split - 1]) in _QUALIFIERS:
        split -= 1
    if not split:
        return " ".join(words)
    institution, title = words[:split], words[split:]
    for count in range(len(institution), 0, -1):
        country = COUNTRY_OF.get(fold(" ".join(institution[:count])))
        if country:
            title = institution[count:] + title
            if country == "the United States" and not fold(" ".join(title)).startswith(
                ("president", "secretary", "vice")
            ):
                return " ".join(words)
            return f"{' '.join(title)} of {country}"
    if fold(institution[-1]) in PORTFOLIOS or any(fold(w) in {"former", "acting", "deputy"} for w in institution):
        return " ".join(words)
    if inside or (len(institution) == 1 and not institution[0].isupper()):
        return " ".join(words)  # "Port Director": what port it is the words do not say
    return f"{' '.join(title)} of {_with_article(' '.join(institution))}"


def is_honorific(low):
    return low in HONORIFICS or low.rstrip(".") in HONORIFICS


_SINGULAR = re.compile(r"s(\.?)$")


@lru_cache(maxsize=8192)
def is_office(low):
    """Is the folded word a title, or a compound with one ("vice-president")?"""
    if low in OFFICES or low.replace(" ", "") in OFFICES or any(p in OFFICES for p in low.split()):
        return True
    return low.endswith(("ologist", "ographer", "ologue", "ographe")) and len(low) > 8


_QUALIFIERS = word_set(
    "special senior junior first second third interim regional national global high permanent principal managing"
)
LESSER = word_set("deputy vice assistant acting associate under former co sub junior shadow")
_GLUE = word_set("of the for and to in at a an de la le du des")


def office_key(office, organisation=""):
    """(title words, institution words): two ways to write one office have equal keys."""
    canonical = canonical_position(office) or office
    title, _, institution = canonical.partition(" of ")
    if not institution and organisation:
        institution = organisation
    key = frozenset(fold(title).split()) - _GLUE
    return key, frozenset(fold(f"{institution} {organisation}").split()) - _GLUE


class Holder(NamedTuple):
    """One appointment of one person, as the registry was told."""

    uid: str | None
    name: str
    position: str
    since: str | None
    until: str | None
    key: tuple

    def on(self, day):
        """Was it held that day? An unknown day or an unknown end never rules it out."""
        return day is None or ((not self.since or self.since <= day) and (not self.until or day < self.until))


class Registry:
    """The people and offices a newsroom knows, and its topics. Build it with `from_json`, or piece by piece."""

    def __init__(self):
        self.by_first = {}  # first folded word of a name or alias -> [(words of it, person key)]
        self._people = {}  # person key -> (uid, name)
        self._offices = {}  # person key -> [Holder]
        self._by_title = {}  # one word of an office's title -> [(person key, Holder)]
        self._tagged = {}  # tag -> [(person key, Holder)]
        self._topics = {}  # first word of a spelling -> [(path, topic, spellings)]

    @classmethod
    def from_json(cls, entries, topics=()):
        """From a list of {name, position, organisation, aliases, since, until}, with uid if there is one."""
        registry = cls()
        for entry in entries:
            if (entry.get("name") or "").strip():
                key = registry.add_person(entry["name"], entry.get("aliases") or (), entry.get("uid"))
                if entry.get("position"):
                    facts = (entry.get("organisation"), entry.get("since"), entry.get("until"))
                    registry.appoint(key, entry["position"], *facts)
        for topic in topics or []:
            registry.add_topic(topic.get("name"), topic.get("path"), topic.get("aliases") or ())
        return registry

    def add_person(self, name, aliases=(), uid=None):
        """The person's key; somebody already there gains what is new."""
        key = uid or fold(name)
        self._people.setdefault(key, (uid, name))
        for spelling in (name, *aliases):
            words = name_key(spelling)
            spellings = self.by_first.setdefault(words[0], []) if words else None
            if words and (words, key) not in spellings:
                spellings.append((words, key))
                spellings.sort(key=lambda s: -len(s[0]))
        return key

    def appoint(self, key, position, organisation="", since=None, until=None, tag=None):
        """Person `key` held the position from ISO date `since` until before `until`; `vacate(tag)` takes it back."""
        uid, name = self._people[key]
        office = office_key(position, organisation or "")
        title = canonical_position(position) or position
        if organisation and not office[1] <= frozenset(fold(title).split()):
            title = f"{title} of {_with_article(organisation)}"
        holder = Holder(uid, name, title, since or None, until or None, office)
        self._offices.setdefault(key, []).append(holder)
        self._by_title.setdefault(_one_word(office[0]), []).append((key, holder))
        if tag is not None:
            self._tagged.setdefault(tag, []).append((key, holder))

    def vacate(self, tag):
        """Forget the appointments made under this tag."""
        for key, holder in self._tagged.pop(tag, ()):
            self._offices[key].remove(holder)
            self._by_title[_one_word(holder.key[0])].remove((key, holder))

    def add_topic(self, name, path=None, aliases=()):
        names = [spelling for spelling in (name, *aliases) if spelling and fold(spelling)]
        for spelling in names:
            words = _topic_words(spelling)
            self._topics.setdefault(words[0] if words else "", []).append((path, name, names))

    def topics_in(self, texts):
        """(path, name, all spellings) of the topics that may stand in the texts: the first word of one of their
        spellings does. However many topics there are, only those are looked at more closely."""
        if not self._topics:
            return []
        words = {word for text in texts for word in _topic_words(text)}
        found = {}
        for word in words & self._topics.keys():
            for path, name, names in self._topics[word]:
                found[path or name] = (path, name, names)
        return [found[key] for key in sorted(found)]

    def named(self, words):
        """Person keys whose name or alias begins `words` (folded, initials dropped): [(how many words, person key)]."""
        found = []
        for name, key in self.by_first.get(words[0], []) if words else []:
            if tuple(words[: len(name)]) == name:
                found.append((len(name), key))
        return found

    def person(self, key):
        """(uid, name) of a person key."""
        return self._people[key]

    def offices(self, key, day):
        """The canonical positions a person held that day."""
        return [h for h in self._offices.get(key, []) if h.on(day)]

    def holders_on(self, office, day, context=None):
        """Who held the office so worded that day: [(person key, Holder)].

        With `context` (folded words of the text) an office without its institution counts only where that is named.
        """
        title, institution = office_key(office)
        asked = title | institution
        found = []
        for word in {*asked, ""}:
            for key, holder in self._by_title.get(word, ()):
                held_title, held_at = holder.key
                here = institution or context is None or held_at <= context
                if here and held_title <= asked <= held_title | held_at and holder.on(day):
                    found.append((key, holder))
        return found


def _one_word(title):
    """The word of a title's key under which it is looked up."""
    return min(title, default="")


def _topic_words(text):
    return re.findall(r"\w+", text.casefold())


def name_key(name):
    """The words of a name to compare by: folded, honorifics, single initials and what follows a name ("Jr", "OBE")
    away."""
    words = []
    for word in name.split():
        bare = word.strip(".,")
        if len(bare) == 1 and bare.isupper():
            continue
        for low in fold(bare).split():
            if low not in HONORIFICS and low not in AFTER_NAMES:
                words.append(low)
    return tuple(words) or tuple(fold(name).split())
