"""The editors' side of people, organisations, positions and appointments.

What the database refuses about the record (its messages begin "sealed:") comes back as an error in the form, with
everything typed still in it. What needs the ledger or the articles, articles/admin/records.py adds to these admins.
"""

from functools import partial

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import DatabaseError, models
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from people import pictures
from people.models import Appointment, Organisation, Person, Position, fold


class LinesField(forms.Field):
    """A JSON list of texts, edited one per line."""

    widget = AdminTextareaWidget(attrs={"rows": 3})

    def __init__(self, *, encoder=None, decoder=None, **kwargs):
        kwargs["help_text"] = kwargs.get("help_text") or _("One per line.")
        super().__init__(**kwargs)

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        if "\x00" in (value or ""):
            raise ValidationError(_("Null characters are not allowed."))
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def has_changed(self, initial, data):
        return (initial or []) != self.to_python(data)


def refusal(error):
    """What the database said when it refused to touch the record, "" for any other error."""
    sentence, _colon, rest = str(error).partition("\n")[0].partition(": ")
    return rest if sentence == "sealed" else ""


class RecordForm(forms.ModelForm):
    """A form that can say what the database refused when it was saved a moment ago."""

    refused = ""

    def clean(self):
        cleaned = super().clean()
        if self.refused:
            raise ValidationError(
                _("The record refuses this: %(reason)s. Nothing was saved; what you typed is still here."),
                params={"reason": self.refused},
            )
        return cleaned


class Unsaved:
    """Of a form: it shows what was typed before a session ended, with its errors, and is never saved."""

    def is_valid(self):
        super().is_valid()
        return False


class RecordAdmin(admin.ModelAdmin):
    """An admin over sealed tables: a refusal of the database is an error in the form, not a broken page. A request
    marked `unsaved` (newsroom/typed.py) gets its form filled and nothing else."""

    form = RecordForm
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    view_on_site = False
    list_per_page = 50

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DatabaseError as error:
            request.refused = refusal(error)
            if not request.refused:
                raise
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.refused = getattr(request, "refused", "")
        return type(form.__name__, (Unsaved, form), {}) if getattr(request, "unsaved", False) else form


class ReferenceForm(RecordForm):
    def clean_public_from(self):
        """Untouched, it stays to the microsecond, which the widget does not show."""
        return self.cleaned_data["public_from"] if "public_from" in self.changed_data else self.instance.public_from

    def clean_same_as(self):
        for uri in self.cleaned_data["same_as"]:
            URLValidator(["http", "https"])(uri)
        return self.cleaned_data["same_as"]


class PublicFilter(admin.SimpleListFilter):
    title = _("public")
    parameter_name = "public"

    def lookups(self, request, model_admin):
        return [("yes", _("Public")), ("later", _("Public later")), ("no", _("Private"))]

    def queryset(self, request, queryset):
        now = timezone.now()
        return {
            "yes": queryset.public(now),
            "later": queryset.filter(public_from__gt=now),
            "no": queryset.filter(public_from=None),
        }.get(self.value(), queryset)


class ReferenceAdmin(RecordAdmin):
    """What articles refer to. The public learns of a row when an article names it, or when an editor says so.

    Given from above, by what knows of articles: `told_of`, functions (model_admin, request, row) that add to the
    context of its page; `after_saving`, functions (model_admin, request, appointments saved with it); `pages`,
    {name: view(model_admin, request, object_id)} beside its own."""

    form = ReferenceForm
    change_form_template = "admin/people/change_form.html"
    told_of, after_saving, pages = (), (), {}
    formfield_overrides = {
        models.JSONField: {"form_class": LinesField}, models.ImageField: {"form_class": pictures.PictureField},
    }  # fmt: skip
    readonly_fields = ["uid"]
    actions = ["confirm"]
    list_filter = ["proposed", PublicFilter]

    def get_urls(self):
        ours = f"{self.opts.app_label}_{self.opts.model_name}"
        pages = [
            path(f"<path:object_id>/{name}/", self.admin_site.admin_view(partial(view, self)), name=f"{ours}_{name}")
            for name, view in self.pages.items()
        ]
        return [*pages, *super().get_urls()]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        for tell in self.told_of if obj else ():
            context |= tell(self, request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """The two halves of an instant say what they are to those who do not see them side by side."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(db_field, models.DateTimeField) and field:
            for half, words in zip(field.widget.widgets, (_("%s, day"), _("%s, time")), strict=True):
                half.attrs["aria-label"] = words % field.label
        return field

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        saved = [form.instance] if form.has_changed() else []
        for formset in formsets:
            saved += [*formset.new_objects, *(row for row, _fields in formset.changed_objects)]
        for tell in self.after_saving:
            tell(self, request, [row for row in saved if isinstance(row, Appointment)])

    def get_search_results(self, request, queryset, search_term):
        """Names are compared without case and accents, on both databases alike. A merged record is found in the list,
        but nobody chooses it any more."""
        found, may_repeat = super().get_search_results(request, queryset, fold(search_term))
        is_choice = request.resolver_match.url_name == "autocomplete" and hasattr(found, "surviving")
        return found.surviving() if is_choice else found, may_repeat

    def has_change_permission(self, request, obj=None):
        """What was merged into another record is only read."""
        is_merged = getattr(obj, "merged_into_id", None) is not None
        return not is_merged and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return (obj is None or obj.public_from is None) and super().has_delete_permission(request, obj)

    def get_readonly_fields(self, request, obj=None):
        """Who may add a row and no more proposes it."""
        only_proposes = [] if self.has_change_permission(request) else ["proposed", "public_from"]
        return [*super().get_readonly_fields(request, obj), *only_proposes]

    def save_model(self, request, obj, form, change):
        if "public_from" in form.changed_data:
            obj.public_by_hand = obj.public_from is not None
        if not change and not self.has_change_permission(request):
            obj.proposed = True
        super().save_model(request, obj, form, change)

    @admin.display(description="")
    def standing(self, row):
        return format_html('<span class="badge needs-you">{}</span>', _("Proposed")) if row.proposed else ""

    @admin.display(description=_("public"), ordering="public_from")
    def seen(self, row):
        if row.public_from is None:
            return _("private")
        day = date_format(timezone.localtime(row.public_from), "j M Y, H:i")
        return _("since %s") % day if row.is_public(timezone.now()) else _("from %s") % day

    @admin.action(description=_("Confirm"), permissions=["change"])
    def confirm(self, request, queryset):
        confirmed = queryset.filter(proposed=True).update(proposed=False)
        self.message_user(request, ngettext("%d confirmed.", "%d confirmed.", confirmed) % confirmed, messages.SUCCESS)


@admin.register(Organisation)
class OrganisationAdmin(ReferenceAdmin):
    list_display = ["name", "abbreviation", "standing", "seen"]
    search_fields = ["sort_key", "abbreviation", "uid"]

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), *(["slug"] if obj else [])]


@admin.register(Position)
class PositionAdmin(ReferenceAdmin):
    list_display = ["title", "organisation", "rank", "single_holder", "standing", "seen"]
    list_select_related = ["organisation"]
    search_fields = ["sort_key", "organisation__sort_key", "organisation__abbreviation", "uid"]
    autocomplete_fields = ["organisation"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("organisation")


class NamedFormSet(forms.BaseInlineFormSet):
    """In a table only the column has a label; each field says it to those who do not see the column."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        for field in form.visible_fields():
            widget = field.field.widget
            getattr(widget, "widget", widget).attrs["aria-label"] = str(field.label)


class AppointmentInline(admin.TabularInline):
    model = Appointment
    formset = NamedFormSet
    fields = ["position", "since", "until", "acting", "proposed"]
    autocomplete_fields = ["position"]
    extra = 0
    can_delete = False


class PersonForm(ReferenceForm):
    def clean_slug(self):
        slug = self.cleaned_data["slug"] or self.instance.slug
        if slug and self.instance.slug_is_taken(slug):
            raise ValidationError(_("The address “%(slug)s” is in use."), params={"slug": slug})
        return slug


@admin.register(Person)
class PersonAdmin(ReferenceAdmin):
    form = PersonForm
    fields = [
        "name", "sort_name", "aliases", "biography", "portrait", "same_as", "slug", "proposed", "public_from", "uid",
    ]  # fmt: skip
    list_display = ["name", "sort_name", "standing", "seen"]
    search_fields = ["sort_key", "name", "aliases__icontains", "uid"]
    inlines = [AppointmentInline]

    def save_model(self, request, obj, form, change):
        """A new address is a renaming: the old one leads to it for ever."""
        slug, sort_name = obj.slug, obj.sort_name
        if change and "slug" in form.changed_data:
            obj.slug = form.initial["slug"]
            obj.rename(obj.name, slug)
            obj.sort_name = sort_name
        super().save_model(request, obj, form, change)


@admin.register(Appointment)
class AppointmentAdmin(ReferenceAdmin):
    list_display = ["person", "position", "since", "until", "acting", "standing", "seen"]
    list_select_related = ["person", "position__organisation"]
    list_filter = ["proposed", "acting", PublicFilter]
    search_fields = ["person__sort_key", "position__sort_key", "position__organisation__sort_key", "uid"]
    autocomplete_fields = ["person", "position"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("person", "position__organisation")
