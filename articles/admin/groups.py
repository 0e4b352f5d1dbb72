"""Release groups: several ready editions that go live at one instant, all or none."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles import forms
from articles.admin.logs import LogAdmin
from articles.badges import sentence, when, with_state
from articles.models import Edition, ReleaseGroup
from people.admin import refusal

#: the ready editions that a group is chosen from, the newest
OFFERED = 100


@admin.register(ReleaseGroup)
class ReleaseGroupAdmin(LogAdmin):
    list_display = ["name", "instant", "by"]
    list_select_related = ["by"]
    search_fields = ["name"]
    ordering = ["-id"]

    def has_add_permission(self, request):
        return request.user.has_perm("articles.publish_edition")

    @admin.display(description=_("goes live"), ordering="live_from")
    def instant(self, group):
        return when(group.live_from, timezone.now(), utc=True)

    def add_view(self, request, form_url="", extra_context=None):
        """Choose the editions and the instant. A POST of "Read it", or a GET that gives a day, does nothing: it shows
        what the day and the time mean."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        now = timezone.now()
        newest = Edition.objects.drafts().exclude(approved_at=None).order_by("-id").values_list("pk", flat=True)
        ready = with_state(Edition.objects.filter(pk__in=list(newest[:OFFERED])), now).order_by("-id")
        looked = request.GET if "day" in request.GET else None
        form = forms.GroupForm(request.POST or looked, ready=ready, initial={"editions": request.GET.getlist("with")})
        if request.method == "POST" and "_read" not in request.POST and form.is_valid():
            group = self.attempt(
                request, ReleaseGroup.release, by=request.user, name=form.cleaned_data["name"],
                editions=list(form.cleaned_data["editions"]), live_from=form.cleaned_data.get("instant"),
            )  # fmt: skip
            if group:
                messages.success(request, _("All of them stand for one instant. Nothing of it can be read before."))
                return HttpResponseRedirect(reverse("admin:articles_releasegroup_change", args=[group.pk]))
        chosen = set(map(str, form["editions"].value() or []))
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("New release group"), "form": form,
            "rows": [(edition, sentence(edition, now, request.user), str(edition.pk) in chosen) for edition in ready],
            "media": self.media,
        }  # fmt: skip
        return TemplateResponse(request, "admin/articles/releasegroup/choose.html", context)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """What is in it and how it stands; moved or called off as one."""
        group = self.get_object(request, unquote(object_id))
        if group is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, group):
            raise PermissionDenied
        may_move = request.user.has_perm("articles.publish_edition")
        if request.method == "POST" and not may_move:
            raise PermissionDenied
        now = timezone.now()
        waits = group.live_from > now
        form = forms.TimedForm(request.POST or (request.GET if "day" in request.GET else None))
        if "_cancel" in request.POST and self.attempt(request, group.cancel, by=request.user):
            messages.success(request, _("Called off: all of them are drafts again, and their approvals stand."))
            return HttpResponseRedirect(reverse("admin:articles_releasegroup_changelist"))
        moves = request.method == "POST" and not {"_cancel", "_read"} & set(request.POST) and form.is_valid()
        if moves and self.attempt(
            request, group.reschedule, by=request.user, live_from=form.cleaned_data["instant"]
        ):  # fmt: skip
            messages.success(request, _("Rescheduled, all of them."))
            return HttpResponseRedirect(request.path)
        editions = with_state(group.editions.all(), now).order_by("article")
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": group.name or _("Without words"),
            "group": group, "form": form, "waits": waits, "may_move": may_move and waits,
            "instant": when(group.live_from, now, utc=True), "media": self.media,
            "rows": [(edition, sentence(edition, now, request.user)) for edition in editions],
        }  # fmt: skip
        return TemplateResponse(request, "admin/articles/releasegroup/group.html", context)

    def attempt(self, request, verb, **details):
        """Do it; what it made (or True), or None when it was refused, with the reasons said."""
        try:
            return verb(**details) or True
        except (ValidationError, PermissionDenied) as error:
            for message in getattr(error, "messages", [str(error)]):
                messages.error(request, message)
        except DatabaseError as error:
            if not refusal(error):
                raise
            messages.error(request, _("The record refuses this: %(reason)s.") % {"reason": refusal(error)})
