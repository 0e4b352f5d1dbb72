"""Logs: read by those who may, written by the verbs alone."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from articles.admin.lists import (
    ActDatesFilter,
    ArticleFilter,
    BoundedPaginator,
    DoerFilter,
    doers_called,
    quotes_called,
)
from articles.desk import Act, Override, Release, Save
from articles.ledger import Change, State
from articles.models import REFERENCES, Article, Edition, Ending, Erasure, QuoteText
from articles.sharing import EmbargoRead


class LogAdmin(admin.ModelAdmin):
    """Read by those who may, written by the verbs alone."""

    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    paginator = BoundedPaginator
    actions = None
    view_on_site = False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class ListedFilter(admin.SimpleListFilter):
    """A filter whose values are listed here, since asking the log for them would read all of it."""

    values = ()

    def lookups(self, request, model_admin):
        return self.values

    def queryset(self, request, queryset):
        return queryset.filter(**{self.parameter_name: self.value()}) if self.value() else queryset


class KindFilter(ListedFilter):
    title, parameter_name = _("kind"), "kind"
    values = [
        (kind, kind) for kind in (
            Change.LIVE, Change.ENDED, Change.WITHDRAWN, Change.REDIRECTED, Change.ERASED, Change.RECLASSIFIED,
            Change.PUBLIC, Change.AMENDED, Change.RENAMED, Change.MERGED,
        )
    ]  # fmt: skip


class TypeFilter(ListedFilter):
    title, parameter_name = _("type"), "type"
    values = [(name, name) for name in ("article", *(model._meta.model_name for model in REFERENCES))]


@admin.register(Change)
class ChangeAdmin(LogAdmin):
    list_display = ["seq", "at", "kind", "type", "uid", "edition"]
    list_filter = [KindFilter, TypeFilter]
    search_fields = ["uid__exact"]
    search_help_text = _("Finds the changes of one identifier.")
    ordering = ["-seq"]


#: every verb that leaves a trace
VERBS = [
    ("start", _("began")), ("import", _("imported")), ("accept", _("accepted what was read")),
    ("confirm", _("confirmed who is named")),
    ("submit", _("submitted")), ("return", _("returned")),
    ("approve", _("approved")), ("publish", _("published")), ("schedule", _("scheduled")),
    ("reschedule", _("rescheduled")), ("cancel", _("called off")), ("override", _("published alone")),
    ("countersign", _("countersigned")), ("file", _("filed a draft")), ("reclassify", _("reclassified")),
    ("move", _("moved the address")), ("expire", _("set an end")), ("withdrawn", _("withdrew")),
    ("redirected", _("redirected")), ("erase", _("erased")), ("restore", _("restored")),
    ("share", _("gave a link to an outsider")), ("unshare", _("ended a link")),
    ("hold", _("found that a translation holds")), ("hold-embargo", _("held under embargo")),
    ("lift-embargo", _("lifted the embargo")), ("no-embargo", _("found that no embargo applies")),
    ("give", _("gave to partners under embargo")), ("take-back", _("took back from partners")),
]  # fmt: skip


class VerbFilter(ListedFilter):
    title, parameter_name, values = _("verb"), "verb", VERBS


class DoingsAdmin(LogAdmin):
    """A log of what somebody did to an edition."""

    search_fields = ["by"]
    search_help_text = _("Finds an article by its identifier or address, an account by its names, editions by words.")
    of_article = "edition__article"

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        if article := Article.objects.called(search_term):
            return queryset.filter(**{self.of_article: article}), False
        if doers := doers_called(search_term):
            return queryset.filter(by__in=doers), False
        return queryset.filter(edition__in=Edition.objects.holders(search_term)), False


@admin.register(Act)
class ActAdmin(DoingsAdmin):
    """Every verb that was done to an article: who, when, to which edition."""

    list_display = ["at", "told", "by", "edition", "note"]
    list_filter = [VerbFilter, DoerFilter, ArticleFilter, ActDatesFilter]
    list_select_related = ["by", "edition"]
    of_article = "article"
    ordering = ["-id"]

    class Media:
        css = {"all": ["admin-newsroom/workflow.css"]}

    @admin.display(description=_("verb"), ordering="verb")
    def told(self, act):
        return dict(VERBS).get(act.verb, act.verb)


@admin.register(Override)
class OverrideAdmin(LogAdmin):
    list_display = ["at", "by", "edition", "reason", "countersigned_by", "countersigned_at"]
    list_filter = [("countersigned_at", admin.EmptyFieldListFilter)]
    list_select_related = ["by", "edition", "countersigned_by"]
    search_fields = ["by__username", "edition__article__uid"]
    ordering = ["-id"]


@admin.register(EmbargoRead)
class EmbargoReadAdmin(LogAdmin):
    """Every reading before the hour: which partner, by which key, which words."""

    list_display = ["at", "reader", "key", "edition", "number", "in_a_list"]
    list_filter = [ArticleFilter, ActDatesFilter]
    list_select_related = ["edition"]
    search_fields = ["reader"]
    search_help_text = _("Finds an article by its identifier or address, else partners by their names.")
    ordering = ["-id"]

    def get_search_results(self, request, queryset, search_term):
        article = search_term.strip() and Article.objects.called(search_term)
        if article:
            return queryset.filter(article=article), False
        return super().get_search_results(request, queryset, search_term)


@admin.register(Save)
class SaveAdmin(DoingsAdmin):
    list_display = ["at", "edition", "version", "by"]
    list_select_related = ["by", "edition"]
    ordering = ["-id"]


@admin.register(Release)
class ReleaseAdmin(LogAdmin):
    list_display = ["name", "imported_at", "imported_by"]
    list_select_related = ["imported_by"]
    search_fields = ["name", "digest"]
    ordering = ["-id"]


@admin.register(Ending)
class EndingAdmin(LogAdmin):
    list_display = ["at", "kind", "by", "edition", "reason"]
    list_filter = ["kind"]
    list_select_related = ["by", "edition"]
    search_fields = ["reason", "article__uid"]
    ordering = ["-id"]


@admin.register(Erasure)
class ErasureAdmin(LogAdmin):
    list_display = ["at", "by", "number", "ground"]
    list_select_related = ["by"]
    search_fields = ["ground", "article__uid"]
    ordering = ["-id"]


@admin.register(QuoteText)
class QuoteTextAdmin(LogAdmin):
    list_display = ["text", "speaker_name", "office", "said_on", "edition"]
    list_select_related = ["edition"]
    search_fields = ["text"]
    search_help_text = _("Finds quotes by their key, their speaker, or with all quotes of their article by its words.")
    ordering = ["-id"]

    def get_search_results(self, request, queryset, search_term):
        return quotes_called(queryset, search_term) if search_term.strip() else queryset, False


@admin.register(State)
class StateAdmin(LogAdmin):
    list_display = ["seq", "horizon", "head"]
