"""What a list of the site is narrowed to: read from the address, said as a sentence, offered as choices beside it.

Names in the address are slugs and paths. A name that means nothing to the public gives an empty list that says so,
in the same words whether the thing is hidden or was never there.
"""

import re
from datetime import date

from django.db.models.expressions import RawSQL
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext as _

from articles import search
from articles.api import LANGUAGE_TAG, ONE_DAY, quoting, under
from articles.models import Edition, QuoteText, Topic, language_name, start_of_day
from articles.pages import asking
from people.models import Organisation, Person, Position, fold

PARAMETERS = ("q", "topic", "person", "speaker", "position", "organisation", "kind", "language", "from", "to", "cursor")
KINDS = dict(Edition.KINDS)


class Narrowing:
    """The filters of one request. `rows` are the narrowed rows; the rest is what _filters.html and _sentence.html
    draw."""

    def __init__(self, request, rows):
        self.request, self.at = request, request.moment.at
        self.rows, self.of_quotes = rows, rows.model is QuoteText
        self.sentence, self.tokens, self.unknown, self.topic = [], [], [], None
        self._kinds()
        self._named("person", _("with"), self._person)
        self._named("speaker", _("by"), self._person)
        self._named("position", _("by a"), self._position)
        self._named("organisation", _("at"), lambda value: self._public(Organisation).filter(slug=value[:100]).first())
        self._named("topic", _("on"), self._topic)
        self._language()
        self._days()
        self._words()
        if self.unknown:
            self.rows = self.rows.none()

    # What was asked

    def _asked(self, name):
        return self.request.GET.get(name, "").strip()

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
        column = "edition__kind" if self.of_quotes else "kind"
        for number, kind in enumerate(self.kinds):
            if kind not in KINDS:
                self.unknown.append(kind)
            others = [other for other in self.kinds if other != kind]
            joined = _("from a") if self.of_quotes else ""
            words = joined if number == 0 else _("or") if self.of_quotes else _("and")
            self._token(words, str(KINDS.get(kind, f"“{kind}”")).lower(), kind=others)
        if self.kinds:
            self.rows = self.rows.filter(**{f"{column}__in": self.kinds})

    def _named(self, name, words, find):
        value = self._asked(name)
        if not value:
            return
        row = find(value)
        self._token(words, str(row) if row else f"“{value}”", **{name: None})
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
            self._token(_("in"), language_name(self.language) if known else f"“{self.language}”", language=None)
            self.rows = self.rows.filter(language=self.language)

    def _days(self):
        self.days = {}
        for name, words in (("from", _("since")), ("to", _("until"))):
            value = self._asked(name)
            if not value:
                continue
            day = _day(value)
            self._token(words, date_format(day, "j F Y") if day else f"“{value}”", **{name: None})
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
            self._token(_("with the words"), f"“{self.question.text}”", q=None)

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
        """The context of _filters.html and _sentence.html. Two queries: the topics at
        the top, and the languages in use."""
        showing = _("Showing") if self.kinds else _("Showing everything")
        said = [{"text": showing}, *self.sentence, {"text": order or _(", newest first.")}]
        hidden = [(name, self._asked(name)) for name in ("q", "at", "speaker", "position", "organisation")]
        return {
            "sentence": said if self.tokens else [{"text": _("Everything on this record, newest first.")}],
            "clear_url": asking(self.request, **dict.fromkeys(PARAMETERS)) if self.tokens else "",
            "chosen": len(self.tokens),
            "groups": [group for group in (self._kind_group(), self._topic_group(), self._language_group()) if group],
            "person": self._asked("person"),
            "from": self.days.get("from"),
            "to": self.days.get("to"),
            "hidden": [(name, value) for name, value in hidden if value],
        }  # fmt: skip

    def _kind_group(self):
        options = [{"label": label, "value": kind, "checked": kind in self.kinds} for kind, label in Edition.KINDS]
        return {"label": _("Kind"), "name": "kind", "options": options}

    def _topic_group(self):
        tops = [*self._public(Topic).filter(parent=None, merged_into=None).order_by("path")[:40]]
        options = [{"label": _("Any topic"), "value": "", "checked": not self._asked("topic")}]
        for top in tops:
            options.append({"label": top.name, "value": top.path, "checked": top == self.topic})
            if self.topic and self.topic.path.startswith(f"{top.path}/"):
                options.append({"label": self.topic.name, "value": self.topic.path, "checked": True, "depth": 1})
        return tops and {"label": _("Topic"), "name": "topic", "type": "radio", "options": options}

    def _language_group(self):
        """The languages of the newest few hundred rows: all rows would be a scan of the whole record."""
        newest = self.rows.model.objects.live(self.at).newest_first().values_list("language", flat=True)[:300]
        codes = sorted({*newest, *([self.language] if re.match(LANGUAGE_TAG, self.language) else [])})
        options = [{"label": _("Any language"), "value": "", "checked": not self.language}]
        options += [
            {"label": language_name(code), "value": code, "checked": code == self.language} for code in codes
        ]  # fmt: skip
        return len(codes) > 1 and {"label": _("Language"), "name": "language", "type": "radio", "options": options}

    def hint(self):
        """Why the list is empty, and what to take away."""
        if not self.tokens:
            return {"title": _("Nothing has been published yet.")}
        names = ", ".join(f"“{value}”" for value in self.unknown)
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


def _day(value):
    """A day within the years that both databases and every time zone can hold, or None."""
    try:
        day = parse_date(value)
    except ValueError:
        return None
    return day if day and date(1000, 1, 1) <= day <= date(9998, 12, 31) else None
