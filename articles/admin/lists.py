"""What the lists of this app share: a page of rows that never counts a whole table, and filters that are typed."""

from datetime import datetime, time, timedelta

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from articles import clocks, search
from articles.models import Article, Edition, Topic, language_name
from people.models import Person, fold

#: how many people or topics a few typed letters may stand for
MANY = 50


class BoundedPaginator(Paginator):
    """Never counts a whole table: further back one goes by searching and filtering. The rows of a page are found by
    their keys first, so that what is told of each is asked for these rows only."""

    most = 10_000

    @cached_property
    def count(self):
        return self.object_list.values("pk")[: self.most].count()

    def page(self, number):
        page = super().page(number)
        keys = list(page.object_list.values_list("pk", flat=True))
        page.object_list = self.object_list.filter(pk__in=keys)
        return page


def paged(listed):
    """A ChangeList that knows its neighbouring pages, and which rows these are."""
    first = (listed.page_num - 1) * listed.list_per_page + 1
    listed.first_row, listed.last_row = first, min(first + listed.list_per_page - 1, listed.result_count)
    listed.is_more = listed.result_count >= listed.paginator.most
    listed.newer = listed.get_query_string({"p": listed.page_num - 1}) if listed.page_num > 1 else ""
    has_older = listed.page_num < listed.paginator.num_pages
    listed.older = listed.get_query_string({"p": listed.page_num + 1}) if has_older else ""
    return listed


class LanguageFilter(admin.SimpleListFilter):
    title = _("language")
    parameter_name = "language"

    def lookups(self, request, model_admin):
        return [(code, language_name(code)) for code in Article.objects.languages()]

    def queryset(self, request, queryset):
        return queryset.filter(language=self.value()) if self.value() else queryset


class TypedFilter(admin.ListFilter):
    """A filter one types into. `fields` are its parameters with their labels; `narrow(queryset, *values)` may raise
    ValidationError: then nothing is listed and the reason stands under the field."""

    template = "admin/typed_filter.html"
    fields = ()
    placeholder = _("Type a name")

    def __init__(self, request, params, model, model_admin):
        super().__init__(request, params, model, model_admin)
        self.error = ""
        for name in self.expected_parameters():
            values = params.pop(name, None)
            if values and values[-1].strip():
                self.used_parameters[name] = values[-1].strip()[:200]

    def has_output(self):
        return True

    def expected_parameters(self):
        return [name for name, _label in self.fields]

    def queryset(self, request, queryset):
        if not self.used_parameters:
            return queryset
        try:
            return self.narrow(queryset, *(self.used_parameters.get(name, "") for name in self.expected_parameters()))
        except ValidationError as error:
            self.error = " ".join(error.messages)
            return queryset.none()

    def choices(self, changelist):
        own = self.expected_parameters()
        others = [(name, value) for name, value in changelist.params.items() if name not in own]
        yield {
            "fields": [(name, label, self.used_parameters.get(name, "")) for name, label in self.fields],
            "others": others, "is_used": bool(self.used_parameters),
            "without": changelist.get_query_string(remove=own),
        }  # fmt: skip


class TopicFilter(TypedFilter):
    title, fields = _("topic"), [("topic", _("Topic"))]

    def narrow(self, queryset, typed):
        under = Topic.objects.none()
        for topic in topics_called(typed):
            under |= Topic.objects.at_or_under(topic)
        return queryset.about(under.order_by())


class PersonFilter(TypedFilter):
    """Quoted or mentioned."""

    title, fields = _("person"), [("person", _("Person"))]

    def narrow(self, queryset, typed):
        people = people_called(typed)
        if not people:
            raise ValidationError(_("Nobody of that name is known here."))
        return queryset.with_people(people)


class DatesFilter(TypedFilter):
    """The days on the newsroom's clocks between which an edition went live or, of a draft, was saved last."""

    title, fields = _("dates"), [("from", _("From")), ("to", _("to"))]
    placeholder = _("24 Nov 2026")

    def narrow(self, queryset, since, until):
        span = days(since, until)
        return queryset.filter(
            Q(**{f"live_from__{lookup}": instant for lookup, instant in span.items()})
            | Q(live_from=None, **{f"saved_at__{lookup}": instant for lookup, instant in span.items()})
        )


class ActDatesFilter(DatesFilter):
    def narrow(self, queryset, since, until):
        return queryset.filter(**{f"at__{lookup}": instant for lookup, instant in days(since, until).items()})


class DoerFilter(TypedFilter):
    title, fields = _("person"), [("doer", _("Who did it"))]

    def narrow(self, queryset, typed):
        return queryset.filter(by__in=doers_called(typed))


class ArticleFilter(TypedFilter):
    title, fields = _("article"), [("of", _("Identifier or address of an article"))]
    placeholder = _("Identifier or address")

    def narrow(self, queryset, typed):
        article = Article.objects.called(typed)
        if article is None:
            raise ValidationError(_("There is no article of that identifier or address."))
        return queryset.filter(article=article)


def people_called(typed):
    """The keys of those whose name holds each word typed, or whose identifier it is: MANY at most."""
    people = Person.objects.filter(merged_into=None)
    for word in fold(typed).split():
        people = people.filter(Q(sort_key__contains=word) | Q(uid=word))
    return list(people.values_list("pk", flat=True)[:MANY])


def quotes_called(texts, typed):
    """Those of `texts` with that key, by speakers of that name, or of editions that quote these words."""
    named = texts.filter(quote__key=typed.strip()), texts.filter(speaker__in=people_called(typed))
    quoting = Edition.objects.holders(typed, mark=search.QUOTE)
    first, *others = [way.order_by().values("pk") for way in (*named, texts.filter(edition__in=quoting))]
    return texts.filter(pk__in=first.union(*others))


def doers_called(typed):
    """The keys of the accounts of whose names each word typed begins one: MANY at most."""
    doers = User.objects.all()
    for word in typed.split():
        doers = doers.filter(
            Q(username__istartswith=word) | Q(first_name__istartswith=word) | Q(last_name__istartswith=word)
        )
    return list(doers.values_list("pk", flat=True)[:MANY])


def days(since, until):
    """Lookups of the instants from the beginning of the one day to the end of the other; either may be ""."""
    span = {}
    if since:
        span["gte"] = timezone.make_aware(datetime.combine(clocks.parse_day(since), time()))
    if until:
        span["lt"] = timezone.make_aware(datetime.combine(clocks.parse_day(until) + timedelta(days=1), time()))
    return span


def topics_called(typed):
    """The topics of that name, other name or path; failing those, the ones whose name begins so. Raises
    ValidationError when there is none, or when the letters stand for too many."""
    wanted = fold(typed)
    exact, begun = [], []
    for topic in Topic.objects.filter(merged_into=None).order_by("path"):
        called = {fold(word) for word in (topic.name, topic.path, *topic.aliases)}
        if wanted in called:
            exact.append(topic)
        elif any(word.startswith(wanted) for word in called):
            begun.append(topic)
    found = exact or begun
    if not wanted or not found:
        raise ValidationError(_("No topic is called so."))
    if len(found) > MANY:
        raise ValidationError(_("Too many topics begin so. Type more of the name."))
    return found


def the_topic(typed):
    """The one topic that is meant; ValidationError names the ones it could be."""
    found = topics_called(typed)
    if len(found) > 1:
        paths = ", ".join(topic.path for topic in found[:8])
        raise ValidationError(_("More than one topic is called so. Type its path: %(paths)s.") % {"paths": paths})
    return found[0]
