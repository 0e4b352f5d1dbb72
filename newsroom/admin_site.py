"""The admin site, apart from admin.py: a site class beside @admin.register in one module loses the registration."""

from functools import wraps

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from newsroom import desk, notices, telling
from newsroom.forms import NoticesForm
from newsroom.models import NoticeChoice


class NewsroomAdminSite(admin.AdminSite):
    enable_nav_sidebar = False
    site_title = settings.INSTITUTION["name"]
    site_header = settings.INSTITUTION["name"]
    index_title = "My desk"

    def each_context(self, request):
        return super().each_context(request) | {"second_factor_is_required": settings.REQUIRE_SECOND_FACTOR}

    def password_change(self, request, extra_context=None):
        return redirect("account_change_password")

    def password_change_done(self, request, extra_context=None):
        return redirect("mfa_index")

    def get_urls(self):
        own = [
            path("everything/", self.admin_view(self.everything), name="everything"),
            path("notices/", self.admin_view(self.notices), name="notices"),
            path("confirm/<slug:model>/<int:pk>/", self.admin_view(self.confirm), name="confirm"),
        ]
        return [*own, *super().get_urls()]

    def admin_view(self, view, cacheable=False):
        """After a POST has been committed, the mails that its acts owe are sent (`send_notices` sends what is left),
        and a round of telling partners is left for a worker, unless one waits already."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def answered(request, *args, **kwargs):
            response = inner(request, *args, **kwargs)
            if request.method == "POST":
                transaction.on_commit(notices.send_soon, robust=True)
                transaction.on_commit(telling.go_on, robust=True)
            return response

        return answered

    def index(self, request, extra_context=None):
        return super().index(request, desk.page(request.user, timezone.now()) | (extra_context or {}))

    def everything(self, request):
        """Django's own first page: every table this editor may see."""
        context = {
            **self.each_context(request), "title": _("Everything else"), "app_list": self.get_app_list(request),
        }  # fmt: skip
        return TemplateResponse(request, "admin/everything.html", context)

    def notices(self, request):
        """What the editor who asks wants to be told by e-mail."""
        chosen = NoticeChoice.objects.filter(user=request.user).values_list("kind", flat=True)
        form = NoticesForm(request.POST or None, user=request.user, initial={"kinds": list(chosen)})
        if request.method == "POST" and form.is_valid():
            NoticeChoice.choose(request.user, form.cleaned_data["kinds"], timezone.now())
            messages.success(request, _("Kept. From now on you are told of what you ticked."))
            return HttpResponseRedirect(reverse("admin:notices"))
        context = {
            **self.each_context(request), "title": _("E-mail to you"), "form": form,
            "is_configured": notices.is_configured(),
        }  # fmt: skip
        return TemplateResponse(request, "admin/notices.html", context)

    def confirm(self, request, model, pk):
        """A proposed person, office, institution, appointment or topic is confirmed, from the first page."""
        kind = next((kind for kind in desk.PROPOSED if kind._meta.model_name == model), None)
        if kind is None:
            raise Http404
        row = get_object_or_404(kind, pk=pk)
        if not self.get_model_admin(kind).has_change_permission(request, row):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        kind.objects.filter(pk=row.pk, proposed=True).update(proposed=False)
        messages.success(request, _("Confirmed."))
        return HttpResponseRedirect(reverse("admin:index"))
