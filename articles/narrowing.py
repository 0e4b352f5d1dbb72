"""What a list of the site is narrowed to: read from the address, said as a sentence, offered as choices beside it.

Names in the address are slugs and paths. A name that means nothing to the public gives an empty list that says so,
in the same words whether the thing is hidden or was never there.
"""

import re
from collections import Counter
from datetime import date

from django.db.models import CharField, DateTimeField, Q, Value
from django.db.models.expressions import RawSQL
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles import search
from articles.api import LANGUAGE_TAG, ONE_DAY, quoting, under
from articles.models import Edition, Mention, Quote, QuoteText, Topic, language_name, start_of_day
from articles.pages import asking, quoted
from people.models import Organisation, Person, Position, fold

PARAMETERS = ("q", "topic", "person", "speaker", "position", "organisation", "kind", "language", "from", "to", "cursor")
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
        self.sentence, self.tokens, self.unknown, self.topic, self.found = [], [], [], None, {}
        self._kinds()
        self._named("person", _("with"), self._person)
        self._named("speaker", _("by"), self._person)
        self._named("position", _("as") if self.of_quotes else _("with a"), self._position)
        self._named("organisation", _("at"), lambda value: self._public(Organisation).filter(slug=value[:100]).first())
        self._named("topic", _("on"), self._topic)
        self._language()
        self._days()
        self._words()
        if self.unknown:
            self.rows = self.rows.none()

    # What was asked

    def _asked(self, name):
        """The last value that says anything: what is typed stands after what is chosen."""
        return next((value for given in reversed(self.request.GET.getlist(name)) if (value := given.strip())), "")

    def _public(self, model):
        return model.objects.public(self.at)

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

    def _named(self, name, words, find):
        value = self._asked(name)
        if not value:
            return
        row = find(value)
        self._token(words, str(row) if row else quoted(value), **{name: None})
        self.found[name] = row
        if row is None:
            self.unknown.append(value)
        else:
            self.rows = getattr(self, f"_by_{name}")(row)

    def _person(self, value):
        """By slug, today's or a former one, or by the name as a reader types it."""
        people = self._public(Person).select_related("merged_into")
        for slug in dict.fromkeys([value, slugify(fold(value))]):
            person = people.filter(slug=slug[:100]).first() or people.filter(former_slugs__slug=slug[:100]).first()
            if slug and person:
                return person.survivor()

    def _position(self, value):
        position = self._public(Position).select_related("merged_into").filter(uid=value[:24]).first()
        return position and position.survivor()

    def _topic(self, value):
        topics, path = self._public(Topic).select_related("merged_into"), value.strip("/")[:400]
        found = topics.filter(path=path).first() or topics.filter(former_paths__path=path).first()
        self.topic = found and (found.merged_into or found)
        return self.topic

    def _by_person(self, person):
        return self.rows.filter(speaker=person) if self.of_quotes else self.rows.with_person(person)

    def _by_speaker(self, person):
        return self.rows.filter(speaker=person) if self.of_quotes else self.rows.filter(quoting(person))

    def _by_position(self, position):
        return self.rows.filter(position=position) if self.of_quotes else self.rows.with_position([position])

    def _by_organisation(self, organisation):
        positions = organisation.positions.all()
        return self.rows.filter(position__in=positions) if self.of_quotes else self.rows.with_position(positions)

    def _by_topic(self, topic):
        topics = Topic.objects.at_or_under(topic)
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
        for name, words in (("from", _("since")), ("to", _("until"))):
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

    def columns(self):
        """(SQL, parameters) of the rows, as the index wants them."""
        return self.rows.order_by().values_list("id", "sorted_at").query.sql_with_params()

    def holding(self):
        """The rows that hold the words asked for, or all when none were. Of very many matches the newest; of quotes,
        all those of an article in whose quotes the words stand."""
        question = self.question
        if self.unknown or not question.text:
            return self.rows
        if not question:
            return self.rows.none()
        column, columns, mark = "pk", self.columns(), ""
        if self.of_quotes:
            live = Edition.objects.live(self.at).order_by().values_list("id", "sorted_at")
            column, columns, mark = "edition", live.query.sql_with_params(), search.QUOTE
        sql, parameters = search.newest(columns, search.expression(question.runs, mark), self.until)
        found = RawSQL(f"SELECT id FROM ({sql}) found", parameters)  # noqa: S608, S611 (its words are parameters)
        return self.rows.filter(**{f"{column}__in": found})

    # What is drawn

    def filters(self, order=None):
        """The context of _filters.html and _sentence.html. One query for the topics beside those of `Facets`."""
        said = [{"text": _("Showing")}, *self.sentence, {"text": order or _(", newest first.")}]
        facets = Facets(self)
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
        """The topics at the top, those above the chosen one, and what stands right below it."""
        shown, chosen = Q(parent=None), self.topic
        if chosen:
            shown |= Q(path__in=chosen.lineage()) | Q(parent__path=chosen.path)
        tops = [*self._public(Topic).filter(shown, merged_into=None).order_by("path")[:60]]
        options = [{"label": _("Any topic"), "value": "", "checked": not self._asked("topic")}]
        options += [
            {
                "label": topic.name, "value": topic.path, "checked": topic == chosen,
                "depth": min(topic.path.count("/"), 2), "said": facets.said("topic", topic.path),
            }
            for topic in tops
        ]  # fmt: skip
        return tops and {"label": _("Topic"), "name": "topic", "type": "radio", "options": options}

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
        links = [
            {"label": _("Without %(condition)s") % {"condition": token["label"]}, "url": token["remove_url"]}
            for token in self.tokens
        ]  # fmt: skip
        return {
            "title": _("Nothing was published that fits all of this."),
            "text": text or _("One condition less, and there may be something to read:"),
            "links": links,
        }


SAMPLE, CAP, NAMES = 200, 20, 6
SPEAKER = ("speaker__slug", "speaker__name", "speaker__public_from")
OFFICE = ("position__uid", "position__title", "position__public_from")
OFFICE += ("position__organisation__slug", "position__organisation__name", "position__organisation__public_from")


class Facets:
    """What there is to choose from in a list, and how many rows each choice has.

    All of it is told from the newest 200 rows, since counting all would read the whole record. How many is said only
    where it is exact: where the rows are fewer than 200, all of them have been seen; of more, it is at least "20+". The
    choices of a group that is already narrowed come from the list without any filter, and are not counted. Beside words
    that are looked for nothing is counted: how many rows hold them, the index does not tell."""

    def __init__(self, narrowing):
        self.narrowing, self.of_quotes = narrowing, narrowing.of_quotes
        self.silent = bool(narrowing.question.text)
        others = self._newest(narrowing.rows.model.objects.live(narrowing.at))
        rows = self._newest(narrowing.rows) if narrowing.tokens and not self.silent else others
        mine, self.complete = {pk for pk, *_told in rows}, len(rows) < SAMPLE
        self.codes = {language for _pk, language, *_told in others}
        self.counted, self.names = Counter(), {}
        for _pk, language, kind, *_told in rows:
            self.counted["language", language] += 1
            self.counted["kind", kind] += 1
        for pk, name, value, label in {*self._named({*rows, *others})}:
            self.names.setdefault(name, Counter())[value, label] += 1
            self.counted[name, value] += pk in mine
        if not self.silent:
            for path, filed in self._filed(mine).items():
                self.counted["topic", path] = len(filed)

    def _newest(self, rows):
        facts = ("edition__kind", *SPEAKER, *OFFICE) if self.of_quotes else ("kind",)
        return [*rows.newest_first().values_list("pk", "language", *facts)[:SAMPLE]]

    def _named(self, rows):
        """(row, parameter, value, label) of whoever speaks in these rows, in which office and of what organisation; in
        articles the offices of those who are only mentioned, too. One query for articles."""
        facts = [(pk, *told) for pk, _language, _kind, *told in rows]
        if not self.of_quotes:
            within = {"edition__in": [pk for pk, *_told in rows]}
            nobody = [Value(None, field) for field in (CharField(), CharField(), DateTimeField())]
            mentions = Mention.objects.filter(**within).order_by().values_list("edition", *nobody, *OFFICE)
            texts = QuoteText.objects.filter(**within).order_by().values_list("edition", *SPEAKER, *OFFICE)
            facts = texts.union(mentions, all=True)
        for pk, *told in facts:
            names = ("speaker", "position", "organisation")
            for name, value, label, since in zip(names, told[0::3], told[1::3], told[2::3], strict=True):
                if value and since and since <= self.narrowing.at:
                    yield pk, name, value, label

    def _filed(self, ids):
        """{path: rows filed there or below}. One query."""
        filings = Edition.topics.through.objects.filter(edition__in=ids).values_list("edition", "topic__path")
        if self.of_quotes:
            own = Quote.topics.through.objects.filter(quote__texts__in=ids).values_list("quote__texts", "topic__path")
            with_article = QuoteText.objects.filter(pk__in=ids).order_by().values_list("pk", "edition__topics__path")
            filings = own.union(with_article)
        under = {}
        for row, path in filings:
            parts = path.split("/") if path else []
            for depth in range(len(parts)):
                under.setdefault("/".join(parts[: depth + 1]), set()).add(row)
        return under

    def said(self, name, value):
        """How many rows a choice has, as far as that is known; '' where it is not."""
        asked = self.narrowing.kinds if name == "kind" else self.narrowing._asked(name)
        if self.silent or asked and value != asked and asked != [value]:
            return ""
        count = self.counted[name, value]
        return f"{CAP}+" if count > CAP else str(count) if self.complete else ""

    def group(self, name, legend):
        """Names to choose from, the most frequent first, and the chosen one among them."""
        row = self.narrowing.found.get(name)
        value = row and (row.uid if name == "position" else row.slug)
        often = sorted(self.names.get(name, {}).items(), key=lambda pair: (-pair[1], pair[0]))[:NAMES]
        names = dict(pair for pair, _count in often) | ({value: str(row)} if row else {})
        options = [{"label": _("Any"), "value": "", "checked": not self.narrowing._asked(name)}]
        options += [
            {"label": label, "value": choice, "checked": choice == value, "said": self.said(name, choice)}
            for choice, label in names.items()
        ]
        folded = name != "speaker" and not value
        return names and {"label": legend, "name": name, "type": "radio", "options": options, "folded": folded}


def day_of(value):
    """A day within the years that both databases and every time zone can hold, or None."""
    try:
        day = parse_date(value)
    except ValueError:
        return None
    return day if day and date(1000, 1, 1) <= day <= date(9998, 12, 31) else None
