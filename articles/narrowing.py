"""What a list of the site is narrowed to: read from the address, said as a sentence, offered as choices beside it.

Names in the address are slugs and paths. A name that means nothing to the public gives an empty list that says so,
in the same words whether the thing is hidden or was never there.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Case, CharField, F, Q, TextField, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Coalesce, Concat, NullIf
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles import search
from articles.api import LANGUAGE_TAG, ONE_DAY, quoting, under
from articles.models import (
    Edition,
    FormerPath,
    Mention,
    Quote,
    QuoteText,
    Topic,
    language_name,
    start_of_day,
)  # fmt: skip
from articles.pages import asking, quoted
from people.models import FormerSlug, Organisation, Person, Position, fold

NAMES = ("person", "speaker", "position", "organisation", "topic")
PARAMETERS = ("q", *NAMES, "kind", "language", "from", "to", "cursor")
#: what the sentence calls them
KINDS = {
    Edition.NEWS: gettext_lazy("news"), Edition.STATEMENT: gettext_lazy("statements"),
    Edition.SPEECH: gettext_lazy("speeches"),
    Edition.TRANSCRIPT: gettext_lazy("transcripts"), Edition.RELEASE: gettext_lazy("press releases"),
    Edition.ADVISORY: gettext_lazy("media advisories"),
}  # fmt: skip


class Narrowing:
    """The filters of one request. `rows` are the narrowed rows; the rest is what _filters.html and _sentence.html
    draw."""

    def __init__(self, request, rows):
        self.request, self.at = request, request.moment.at
        self.rows, self.of_quotes = rows, rows.model is QuoteText
        self.sentence, self.tokens, self.unknown, self.several = [], [], [], {}
        self.found, called = known({name: value for name in NAMES if (value := self._asked(name))}, self.at)
        for name, people in called.items():
            if self.found[name] is None and len(people) == 1:  # the only one who answers to that is meant
                self.found[name] = people[0]
            elif self.found[name] is None:
                self.several[name] = people
        self._kinds()
        self._named("person", _("with"))
        self._named("speaker", _("by"))
        self._named("position", _("as") if self.of_quotes else _("with a"))
        self._named("organisation", _("at"))
        self._named("topic", _("on"))
        self._language()
        self._days()
        self._words()
        if self.unknown:
            self.rows = self.rows.none()

    # What was asked

    def _asked(self, name):
        """The last value that says anything: what is typed stands after what is chosen."""
        return next((value for given in reversed(self.request.GET.getlist(name)) if (value := given.strip())), "")

    def _token(self, words, text, **without):
        if words:
            self.sentence.append({"text": words})
        token = {"text": text, "remove_url": asking(self.request, **without), "label": text}
        if {*without} & {"from", "to"}:
            token["label"] = f"{words} {text}"
        self.tokens.append(token)
        self.sentence.append(token)

    def _kinds(self):
        self.kinds = [kind for kind in dict.fromkeys(self.request.GET.getlist("kind")) if kind]
        if self.of_quotes or not self.kinds:
            self.sentence.append({"text": _("quotes") if self.of_quotes else _("articles")})
        for number, kind in enumerate(self.kinds):
            if kind not in KINDS:
                self.unknown.append(kind)
            others = [other for other in self.kinds if other != kind]
            joined = _("from") if self.of_quotes else ""
            words = joined if number == 0 else _("or") if self.of_quotes else _("and")
            self._token(words, str(KINDS.get(kind, quoted(kind))), kind=others)
        if self.kinds:
            of_kind = Edition.objects.live(self.at).filter(kind__in=self.kinds)
            self.rows = self.rows.standing(of_kind) if self.of_quotes else self.rows.filter(kind__in=self.kinds)

    def _named(self, name, words):
        if name not in self.found:
            return
        row, value = self.found[name], self._asked(name)
        self._token(words, row.label if row else quoted(value), **{name: None})
        if row is None:
            self.unknown.append(value)
        else:
            self.rows = getattr(self, f"_by_{name}")(row)

    def _by_person(self, person):
        return self.rows.filter(speaker=person.pk) if self.of_quotes else self.rows.with_person(person.pk)

    def _by_speaker(self, person):
        return self.rows.filter(speaker=person.pk) if self.of_quotes else self.rows.filter(quoting(person.pk))

    def _by_position(self, position):
        held = [position.pk]
        return self.rows.filter(position__in=held) if self.of_quotes else self.rows.with_position(held)

    def _by_organisation(self, organisation):
        positions = Position.objects.filter(organisation=organisation.pk)
        return self.rows.filter(position__in=positions) if self.of_quotes else self.rows.with_position(positions)

    def _by_topic(self, topic):
        topics = Topic.objects.at_or_under(Topic(path=topic.value))
        return self.rows.filter(under(topics)) if self.of_quotes else self.rows.about(topics)

    def _language(self):
        self.language = self._asked("language")
        if self.language:
            known = re.match(LANGUAGE_TAG, self.language)
            if not known:
                self.unknown.append(self.language)
            self._token(_("in"), language_name(self.language) if known else quoted(self.language), language=None)
            self.rows = self.rows.filter(language=self.language)

    def _days(self):
        self.days = {}
        since = _("published since") if self.of_quotes else _("since")  # a quote was said on a day of its own
        until = _("published until") if self.of_quotes and not self._asked("from") else _("until")
        for name, words in (("from", since), ("to", until)):
            value = self._asked(name)
            if not value:
                continue
            day = day_of(value)
            self._token(words, date_format(day, "j F Y") if day else quoted(value), **{name: None})
            if day is None:
                self.unknown.append(value)
            elif name == "from":
                self.rows = self.rows.filter(sorted_at__gte=start_of_day(day))
            else:
                self.rows = self.rows.filter(sorted_at__lt=start_of_day(day + ONE_DAY))
            self.days[name] = day

    def _words(self):
        self.question = search.asked(self._asked("q"))
        if self.question.text:
            self._token(_("with the words"), quoted(self.question.text), q=None)

    # What holds the words asked for

    @property
    def until(self):
        """An instant after which no row is sorted."""
        last = self.days.get("to")
        return min(start_of_day(last + ONE_DAY), self.at) if last else self.at

    def holding(self):
        """The rows that hold the words asked for, or all when none were."""
        question = self.question
        if self.unknown or not question.text:
            return self.rows
        if not question:
            return self.rows.none()
        if self.of_quotes:
            return self.rows.found(question, Edition.objects.live(self.at), self.until)
        return self.rows.found(question, self.until)

    # What is drawn

    def filters(self, order=None, facets=None):
        """The context of _filters.html and _sentence.html. One query, unless the facets have been read."""
        facets = facets or Facets(self)
        said = [{"text": _("Showing")}, *self.sentence, {"text": order or _(", newest first.")}]
        groups = [self._kind_group(facets), facets.group("speaker", _("Who speaks")), self._topic_group(facets)]
        groups += [facets.group("organisation", _("Organisation"))]
        groups += [facets.group("position", _("Office"))] if self.of_quotes else []
        groups += [self._language_group(facets)]
        typed = "person" if "person" in self.found and self.found["person"] is None else ""
        offered = {group["name"] for group in groups if group}
        hidden = [(name, self._asked(name)) for name in ("q", "at", "person", "speaker", "position", "organisation")]
        return {
            "sentence": said if self.tokens else [{"text": _("Everything on this record, newest first.")}],
            "clear_url": asking(self.request, **dict.fromkeys(PARAMETERS)) if self.tokens else "",
            "chosen": len(self.tokens), "groups": [group for group in groups if group],
            "person": self._asked("person") if typed else "", "from": self.days.get("from"), "to": self.days.get("to"),
            "hidden": [(name, value) for name, value in hidden if value and name not in {*offered, typed}],
        }  # fmt: skip

    def _kind_group(self, facets):
        options = [
            {"label": label, "value": kind, "checked": kind in self.kinds, "said": facets.said("kind", kind)}
            for kind, label in Edition.KINDS
        ]
        return {"label": _("Kind"), "name": "kind", "options": options}

    def _topic_group(self, facets):
        chosen = self.found.get("topic")
        options = [{"label": _("Any topic"), "value": "", "checked": not self._asked("topic")}]
        options += [
            {
                "label": name, "value": path, "checked": chosen is not None and path == chosen.value,
                "depth": min(path.count("/"), 2), "said": facets.said("topic", path),
            }
            for path, name in facets.topics
        ]  # fmt: skip
        return facets.topics and {"label": _("Topic"), "name": "topic", "type": "radio", "options": options}

    def _language_group(self, facets):
        codes = sorted({*facets.codes, *([self.language] if re.match(LANGUAGE_TAG, self.language) else [])})
        options = [{"label": _("Any language"), "value": "", "checked": not self.language}]
        options += [
            {
                "label": language_name(code), "value": code, "checked": code == self.language,
                "said": facets.said("language", code),
            }
            for code in codes
        ]  # fmt: skip
        return len(codes) > 1 and {"label": _("Language"), "name": "language", "type": "radio", "options": options}

    def hint(self):
        """Why the list is empty, and what to take away."""
        if not self.tokens:
            return {"title": _("Nothing has been published yet.")}
        names = ", ".join(map(quoted, self.unknown))
        text = _("This record does not know %(names)s.") % {"names": names} if names else ""
        several = [(name, person) for name, people in self.several.items() for person in people]
        text = _("Several people are called that. Choose one:") if several else text
        links = [
            {"label": person.label, "url": asking(self.request, **{name: person.value})} for name, person in several
        ]  # fmt: skip
        links += [
            {"label": _("Without %(condition)s") % {"condition": token["label"]}, "url": token["remove_url"]}
            for token in self.tokens
        ]  # fmt: skip
        return {
            "title": _("Nothing was published that fits all of this."),
            "text": text or _("One condition less, and there may be something to read:"),
            "links": links,
        }


# Names in the address


@dataclass(frozen=True)
class Known:
    """A public row that an address names: `value` is how addresses name it today."""

    pk: int
    value: str
    label: str


#: parameter → where its values stand: (model, column, the way from there to the row that is meant)
PEOPLE = [(Person, "slug", ""), (FormerSlug, "slug", "person__")]
STANDING = {
    "person": PEOPLE, "speaker": PEOPLE, "position": [(Position, "uid", "")],
    "organisation": [(Organisation, "slug", "")], "topic": [(Topic, "path", ""), (FormerPath, "path", "topic__")],
}  # fmt: skip


def known(asked, at):
    """Of what was asked for: {parameter: the Known that its value names by its address of today or a former one, else
    None}, and {parameter: a few people, in whose name or another spelling of it each of its words begins one}. One
    query for all, or none."""
    spelt = {name: spellings(name, value) for name, value in asked.items()}
    rows = [bearing(name, *place, spelt[name], at) for name in asked for place in STANDING[name]]
    words = {name: search.spelt(asked[name]) for name in ("person", "speaker") if name in asked}
    rows += [called(name, typed, at) for name, typed in words.items() if 0 < len(typed) <= NAME_WORDS]
    found, people = {}, {}
    for name, spelling, is_former, *row, aliases in rows[0].union(*rows[1:], all=True) if rows else ():
        one = Known(*row)
        if aliases is None:
            found[name, spelling, bool(is_former)] = one
        elif any(begun(known_as, words[name]) for known_as in (one.label, *json.loads(aliases))):
            people.setdefault(name, []).append(one)
    people = {name: sorted(these, key=lambda one: one.value)[:NAMES_SHOWN] for name, these in people.items()}
    tries = {name: [(name, one, former) for one in spelt[name] for former in (False, True)] for name in asked}
    return {name: next((found[one] for one in tries[name] if one in found), None) for name in asked}, people


def spellings(name, value):
    """What may stand in the database for a value, the likeliest first: people are named as a reader types it, too."""
    if name == "topic":
        return [value.strip("/")[:400]]
    typed = [slugify(fold(value))] if name in ("person", "speaker") else []
    return [*dict.fromkeys(one[:100] for one in (value, *typed) if one)]


def called(name, words, at):
    """Rows as of `bearing`, with their other spellings, of people whose name may hold these words."""
    people = Person.objects.public(at).surviving().filter(spelt_like(words)).order_by("sort_key", "id")
    rows = Person.objects.filter(pk__in=people.values("pk")[:60]).order_by()
    return rows.values_list(Value(name), "slug", Value(False), "pk", "slug", "name", Cast("aliases", TextField()))


def spelt_like(words):
    """People whose family name begins with one of these words, or whose name is all of them as addresses spell it."""
    slug = "-".join(words)
    near = Q(slug__gte=slug, slug__lt=f"{slug}zzzz")
    for word in words:
        near |= Q(sort_key__gte=word, sort_key__lt=f"{word}\uffff")
    return near


def begun(name, typed):
    return all(any(word.startswith(one) for word in search.spelt(name)) for one in typed)


def bearing(name, model, column, way, values, at):
    """(name, spelling, whether it is a former one, and what makes a Known) of the rows that bear one of these values:
    of a merged row, the one that stays."""

    def today(field):
        if name == "organisation":
            return F(field)
        return Coalesce(f"{way}merged_into__{field}", f"{way}{field}")

    rows, label = model.objects.filter(**{f"{column}__in": values, f"{way}public_from__lte": at}), today("name")
    if name != "organisation":
        rows = rows.filter(Q(**{f"{way}merged_into": None}) | Q(**{f"{way}merged_into__public_from__lte": at}))
    if name == "position":
        house = Coalesce(NullIf(today("organisation__abbreviation"), Value("")), today("organisation__name"))
        label = Concat(today("title"), Value(", "), house)
    no_aliases = Value(None, output_field=TextField())
    return rows.order_by().values_list(
        Value(name), column, Value(bool(way)), today("pk"), today(column), label, no_aliases
    )


# Choices beside a list

SAMPLE, CAP, NAMES_SHOWN, NAME_WORDS = 200, 20, 6, 6


class Facets:
    """What there is to choose from in a list, and how many rows each choice has. One query.

    All of it is told from the newest 200 rows, since counting all would read the whole record. How many is said only
    where it is exact: where the rows are fewer than 200, all of them have been seen; of more, it is at least "20+". The
    choices of a group that is already narrowed come from the list without any filter, and are not counted. Beside words
    that are looked for nothing is counted: how many rows hold them, the index does not tell."""

    def __init__(self, narrowing, *also):
        self.narrowing, self.at, self.of_quotes = narrowing, narrowing.at, narrowing.of_quotes
        self.silent = bool(narrowing.question.text)
        samples = {"others": narrowing.rows.model.objects.live(self.at)}
        mine = "others"
        if narrowing.tokens and not self.silent:
            mine = "mine"
            samples |= {} if narrowing.unknown else {"mine": narrowing.rows}
        self.read = {}
        for what, *told in rows_of(samples, [*self._asked(samples), *also]):
            self.read.setdefault(what, []).append(told)
        self._count(self.read.get(mine, []), self.read.get("others", []))

    def _asked(self, samples):
        """The statements to read: what the rows of the `samples` are, who is named in them, where they are filed, and
        the topics to choose from."""
        rows, of, kind = (QuoteText, "pk", "edition__kind") if self.of_quotes else (Edition, "edition", "kind")
        either = within(*samples)
        speaker, office = self._public("speaker__", "slug", "name"), self._public("position__", "uid", "title")
        office += self._public("position__organisation__", "slug", "name")
        for name in samples:
            yield telling(rows.objects.filter(pk__in=within(name)), name, "pk", "language", kind)
        yield telling(QuoteText.objects.filter(**{f"{of}__in": either}), "named", of, *speaker, *office)
        if not self.of_quotes:
            mentions = Mention.objects.filter(edition__in=either, position__isnull=False)
            yield telling(mentions, "named", "edition", NONE, NONE, *office)
        if not self.silent:
            yield from self._filings(within([*samples][-1]))
        yield telling(self._topics(), "topic", "pk", "path", "name")

    def _public(self, way, *columns):
        """These columns of a row that is named; nothing where it is not public."""
        is_public = {f"{way}public_from__lte": self.at}
        return [Case(When(**is_public, then=f"{way}{column}"), default=NONE) for column in columns]

    def _filings(self, rows):
        """Quotes are filed by themselves or with their article."""
        filed = Edition.topics.through.objects
        if not self.of_quotes:
            return [telling(filed.filter(edition__in=rows), "filed", "edition", "topic__path")]
        own = Quote.topics.through.objects.filter(quote__texts__in=rows)
        with_article = filed.filter(edition__quotes__in=rows)
        return [
            telling(own, "filed", "quote__texts", "topic__path"),
            telling(with_article, "filed", "edition__quotes", "topic__path"),
        ]

    def _topics(self):
        """The topics at the top, those above the chosen one, and what stands right below it."""
        shown, chosen = Q(parent=None), self.narrowing.found.get("topic")
        if chosen:
            shown |= Q(path__in=Topic(path=chosen.value).lineage()) | Q(parent__path=chosen.value)
        topics = Topic.objects.public(self.at).surviving().filter(shown)
        return Topic.objects.filter(pk__in=topics.order_by("path").values("pk")[:60])

    def _count(self, rows, others):
        mine, self.complete = {pk for pk, *_told in rows}, len(rows) < SAMPLE
        self.codes = {language for _pk, language, *_told in others}
        self.topics = sorted((path, name) for _pk, path, name, *_rest in self.read.get("topic", []))
        self.counted, self.names = Counter(), {}
        for _pk, language, kind, *_rest in rows:
            self.counted["language", language] += 1
            self.counted["kind", kind] += 1
        for pk, name, value, label in {*self._named()}:
            self.names.setdefault(name, Counter())[value, label] += 1
            self.counted[name, value] += pk in mine
        under = {}
        for pk, path, *_rest in self.read.get("filed", []):
            parts = path.split("/")
            for depth in range(len(parts)):
                under.setdefault("/".join(parts[: depth + 1]), set()).add(pk)
        self.counted |= {("topic", path): len(filed) for path, filed in under.items()}

    def _named(self):
        """(row, parameter, value, label) of whoever speaks in these rows, in which office and of what organisation; in
        articles the offices of those who are only mentioned, too."""
        for pk, *told in self.read.get("named", []):
            for name, value, label in zip(("speaker", "position", "organisation"), told[0::2], told[1::2], strict=True):
                if value:
                    yield pk, name, value, label

    def said(self, name, value):
        """How many rows a choice has, as far as that is known; '' where it is not."""
        asked = self.narrowing.kinds if name == "kind" else self.narrowing._asked(name)
        if self.silent or self.narrowing.unknown or asked and value != asked and asked != [value]:
            return ""
        count = self.counted[name, value]
        return f"{CAP}+" if count > CAP else str(count) if self.complete else ""

    def group(self, name, legend):
        """Names to choose from, the most frequent first, and the chosen one among them."""
        row = self.narrowing.found.get(name)
        value = row and row.value
        often = sorted(self.names.get(name, {}).items(), key=lambda pair: (-pair[1], pair[0]))[:NAMES_SHOWN]
        names = dict(pair for pair, _count in often) | ({value: row.label} if row else {})
        options = [{"label": _("Any"), "value": "", "checked": not self.narrowing._asked(name)}]
        options += [
            {"label": label, "value": choice, "checked": choice == value, "said": self.said(name, choice)}
            for choice, label in names.items()
        ]
        folded = name != "speaker" and not value
        return names and {"label": legend, "name": name, "type": "radio", "options": options, "folded": folded}


NONE = Value("", CharField())
COLUMNS = 6


def telling(rows, what, of, *columns):
    """One part of the statement of `Facets`: `what` kind of fact this is, the id it is a fact `of`, and up to six
    columns of text."""
    nothing = [NONE] * (COLUMNS - len(columns))
    return rows.order_by().values_list(Value(what), of, *columns, *nothing)


def within(*samples):
    """The ids of the rows in these samples, inside the statement of `Facets`."""
    return RawSQL(" UNION ".join(f"SELECT id FROM {name}" for name in samples), [])  # noqa: S608, S611 (names of ours)


def rows_of(samples, parts):
    """The rows of all these parts, which may ask for the newest rows of the `samples`. One query; each sample is
    taken once."""
    named, parameters = [], []
    for name, rows in samples.items():
        sql, given = rows.newest_first().values_list("pk")[:SAMPLE].query.sql_with_params()
        named.append(f"{name} (id) AS ({sql})")
        parameters += given
    sql, given = parts[0].union(*parts[1:], all=True).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(named)} {sql}", [*parameters, *given])
        return cursor.fetchall()


def day_of(value):
    """A day within the years that both databases and every time zone can hold, or None."""
    try:
        day = parse_date(value)
    except ValueError:
        return None
    return day if day and date(1000, 1, 1) <= day <= date(9998, 12, 31) else None
