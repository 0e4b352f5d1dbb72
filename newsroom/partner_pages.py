"""The editors' side of partners: who they are, whether they read under embargo, and their keys, each shown once."""

from datetime import timedelta

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.admin.previews import numbered
from articles.badges import name, when
from articles.previews import private
from newsroom.partners import Key, Partner
from people.admin import RecordAdmin


class KeyForm(forms.Form):
    """A new key. Each program has one of its own, so that one can be revoked without the others."""

    name = forms.CharField(
        label=_("For what"),
        max_length=100,
        help_text=_("The program that will use it, such as “archive of the library”."),
    )
    days = forms.TypedChoiceField(
        label=_("It ends after"), coerce=int, initial=Key.LIFE.days,
        choices=[(30, _("30 days")), (90, _("90 days")), (Key.LIFE.days, _("a year")), (0, _("never"))],
    )  # fmt: skip


class KeyInline(admin.TabularInline):
    """The keys of a partner; they are made and revoked on a page of their own."""

    model = Key
    fields = readonly_fields = ["name", "beginning", "made_at", "maker", "expires_at", "used_at", "revoked_at"]
    extra = 0
    can_delete = False

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("made_by")

    @admin.display(description=_("made by"))
    def maker(self, key):
        return name(key.made_by)

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("newsroom.view_partner")

    def has_change_permission(self, request, obj=None):
        return False

    def has_add_permission(self, request, obj):
        return False


@admin.register(Partner)
class PartnerAdmin(RecordAdmin):
    list_display = ["name", "contact", "under_embargo", "created_at"]
    list_filter = ["under_embargo"]
    search_fields = ["name", "contact"]
    inlines = [KeyInline]
    change_form_template = "admin/newsroom/partner/change_form.html"

    def get_urls(self):
        view = self.admin_site.admin_view(self.keys_view)
        return [path("<path:object_id>/keys/", view, name="newsroom_partner_keys"), *super().get_urls()]

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def has_delete_permission(self, request, obj=None):
        """Whoever leaves has no key any more: logs name partners for ever."""
        return False

    def save_model(self, request, obj, form, change):
        obj.created_by = obj.created_by if change else request.user
        super().save_model(request, obj, form, change)

    def keys_view(self, request, object_id):
        """The keys of a partner: made, used, revoked. A new one is shown once, in the answer that makes it."""
        partner = self.get_object(request, unquote(object_id))
        if partner is None:
            raise Http404
        if not self.has_change_permission(request, partner):
            raise PermissionDenied
        now, token, form = timezone.now(), "", KeyForm(request.POST or None)
        if "revoke" in request.POST:
            return self.revoke(request, partner, now)
        if request.method == "POST" and form.is_valid():
            asked = form.cleaned_data
            ends = now + timedelta(days=asked["days"]) if asked["days"] else None
            _key, token = Key.mint(partner, request.user, asked["name"], now, ends)
            form = KeyForm()
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("Keys"), "partner": partner,
            "form": form, "token": token, "keys": [told(key, now) for key in partner.keys.select_related("made_by")],
        }  # fmt: skip
        return private(TemplateResponse(request, "admin/newsroom/partner/keys.html", context))

    def revoke(self, request, partner, now):
        key = partner.keys.filter(pk=numbered(request.POST["revoke"])).first()
        if key:
            key.revoke(request.user, now)
            messages.success(request, _("Revoked. The next request with it is refused."))
        return HttpResponseRedirect(request.path)


def told(key, now):
    """A key as its row tells it."""
    return {
        "key": key, "is_good": key.is_good(now), "has_ended": key.has_ended(now), "maker": name(key.made_by),
        "made": when(key.made_at, now), "ends": when(key.expires_at, now), "used": when(key.used_at, now),
        "revoked": when(key.revoked_at, now),
    }  # fmt: skip
