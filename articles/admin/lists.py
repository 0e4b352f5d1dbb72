"""What the lists of this app share: a page of rows that never counts a whole table."""

from django.contrib import admin
from django.core.paginator import Paginator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from articles.models import (
    Article,
    language_name,
)

# The list of editions


class BoundedPaginator(Paginator):
    """Never counts a whole table: further back one goes by searching and filtering."""

    most = 10_000

    @cached_property
    def count(self):
        return self.object_list[: self.most].count()


class LanguageFilter(admin.SimpleListFilter):
    title = _("language")
    parameter_name = "language"

    def lookups(self, request, model_admin):
        codes = Article.objects.order_by("language").values_list("language", flat=True).distinct()
        return [(code, language_name(code)) for code in codes]

    def queryset(self, request, queryset):
        return queryset.filter(language=self.value()) if self.value() else queryset
