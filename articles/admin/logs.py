"""Logs: read by those who may, written by the verbs alone."""

from django.contrib import admin

from articles.admin.lists import BoundedPaginator
from articles.desk import Act, Release, Save
from articles.ledger import Change, State
from articles.models import (
    Ending,
    Erasure,
    QuoteText,
)


class LogAdmin(admin.ModelAdmin):
    """Read by those who may, written by the verbs alone."""

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


@admin.register(Change)
class ChangeAdmin(LogAdmin):
    list_display = ["seq", "at", "kind", "type", "uid", "edition"]
    list_filter = ["kind", "type"]
    search_fields = ["uid"]
    ordering = ["-seq"]


@admin.register(Act)
class ActAdmin(LogAdmin):
    list_display = ["at", "verb", "by", "edition", "note"]
    list_filter = ["verb"]
    list_select_related = ["by", "edition"]
    search_fields = ["note", "by__username", "article__uid"]
    ordering = ["-id"]


@admin.register(Save)
class SaveAdmin(LogAdmin):
    list_display = ["at", "edition", "version", "by"]
    list_select_related = ["by", "edition"]
    search_fields = ["edition__headline__icontains", "by__username"]
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
    search_fields = ["text__icontains", "speaker_name__icontains", "quote__key"]
    ordering = ["-id"]


@admin.register(State)
class StateAdmin(LogAdmin):
    list_display = ["seq", "horizon", "head"]
