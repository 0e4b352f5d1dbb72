"""The webhooks of partners, for publishers: where each has come to, a test, another try, a new secret.

A secret is in the answer to the POST that made it and nowhere else: in no message, no session, no log.
"""

import time

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import CharField, Subquery, Value
from django.db.models.functions import Cast, Concat, Substr
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from articles.badges import when
from articles.ledger import State
from newsroom import outside
from newsroom.webhooks import DEAD, FAILING, OFF, TOLD, WAITING, Webhook

BADGES = {
    TOLD: ("live", _("Told")), WAITING: ("", _("Waiting")), FAILING: ("needs-you", _("Failing")),
    DEAD: ("bad", _("Given up")), OFF: ("old", _("Off")),
}  # fmt: skip


def sentence(hook, now):
    """What follows the badge."""
    last = hook.last_error
    return {
        TOLD: lambda: _t("up to change %d, the newest.") % hook.told_seq,
        WAITING: lambda: _t("A worker tells it within seconds; when this stays, none is running."),
        FAILING: lambda: _t("since %(since)s: %(why)s It is tried again from %(next)s on.") % {
            "since": when(hook.failing_since, now), "why": last, "next": when(hook.next_at, now),
        },
        DEAD: lambda: _t("on %(dead)s, after three days of failures: %(why)s It is tried again when you say so.") % {
            "dead": when(hook.dead_at, now), "why": last,
        },
        OFF: lambda: last or _t("Nothing is sent to it."),
    }[hook.state(hook.place)]()  # fmt: skip


class WebhookForm(forms.ModelForm):
    class Meta:
        model = Webhook
        fields = ["partner", "url", "active"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        partner = self.fields.get("partner")  # of somebody who may only look there are none
        if self.instance.pk and partner:
            partner.disabled = True
            for may in ("add", "change", "delete", "view"):
                setattr(partner.widget, f"can_{may}_related", False)

    def clean_url(self):
        url = self.cleaned_data["url"]
        if "url" in self.changed_data:
            outside.check(url)
        return url


@admin.register(Webhook)
class WebhookAdmin(admin.ModelAdmin):
    form = WebhookForm
    list_display = ["partner", "status", "told_seq", "host"]
    list_select_related = ["partner"]
    search_fields = ["partner__name"]
    actions = None

    def get_queryset(self, request):
        """With the place that the ledger is at."""
        seq, head = (State.objects.values(name)[:1] for name in ("seq", "head"))
        place = Concat(Cast(Subquery(seq), CharField()), Value("-"), Substr(Subquery(head), 1, 16))
        return super().get_queryset(request).annotate(place=place)

    def get_fields(self, request, obj=None):
        return ["partner", "url", "active"] if obj else ["partner", "url"]

    @admin.display(description=_("host"))
    def host(self, hook):
        return hook.host

    @admin.display(description=_("told up to"))
    def told_seq(self, hook):
        return hook.told_seq

    @admin.display(description=_("state"))
    def status(self, hook):
        kind, badge = BADGES[hook.state(hook.place)]
        return format_html('<span class="badge {}">{}</span> {}', kind, badge, sentence(hook, timezone.now()))

    def save_model(self, request, obj, form, change):
        if not change:
            obj.shown = obj.begin(request.user, State.objects.get().cursor)
            obj.save()
        elif form.changed_data:  # these columns alone: a worker may have written to others since they were read
            obj.save(update_fields=form.changed_data)
            obj.revive(timezone.now())

    def response_add(self, request, obj, post_url_continue=None):
        return self.show(request, obj, obj.shown)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj:
            context |= {"status": self.status(obj), "may_change": self.has_change_permission(request, obj),
                        "may_revive": obj.state(obj.place) in (FAILING, DEAD)}  # fmt: skip
        context["show_save_and_add_another"] = context["show_save_and_continue"] = False
        return super().render_change_form(request, context, add, change, form_url, obj)

    # Buttons

    def get_urls(self):
        own = {"test": self.test_view, "again": self.again_view, "secret": self.secret_view}
        wrapped = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(self.pressed(view)), name=f"newsroom_webhook_{name}")
            for name, view in own.items()
        ]
        return [*wrapped, *super().get_urls()]

    def pressed(self, view):
        """For a POST of whoever may change the webhook; back to its page, unless there is something to show."""

        def answer(request, pk):
            hook = get_object_or_404(Webhook, pk=pk)
            if not self.has_change_permission(request, hook):
                raise PermissionDenied
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            return view(request, hook) or HttpResponseRedirect(reverse("admin:newsroom_webhook_change", args=[pk]))

        return answer

    def test_view(self, request, hook):
        """A message that says nothing, sent here and now; it changes nothing of what the webhook was told."""
        began = time.monotonic()
        try:
            status = outside.post(hook.url, *hook.test())
        except outside.Failed as error:
            messages.error(request, _("The test did not arrive. %s") % error)
        else:
            facts = {"status": outside.in_words(status), "ms": round((time.monotonic() - began) * 1000)}
            words = _("The test was answered: %(status)s, in %(ms)d ms.") % facts
            self.message_user(request, words, messages.SUCCESS if 200 <= status < 300 else messages.ERROR)

    def again_view(self, request, hook):
        hook.revive(timezone.now())
        self.log_change(request, hook, _t("It is tried again."))
        messages.success(request, _("It is told by the next round of a worker."))

    def secret_view(self, request, hook):
        secret = hook.renew_secret()
        hook.save(update_fields=["secret"])
        self.log_change(request, hook, _t("A new secret was made."))
        return self.show(request, hook, secret)

    def show(self, request, hook, secret):
        context = {
            **self.admin_site.each_context(request), "title": _("The secret of this webhook"), "hook": hook,
            "secret": secret, "opts": self.opts,
        }  # fmt: skip
        return TemplateResponse(
            request, "admin/newsroom/webhook/secret.html", context, headers={"Cache-Control": "no-store"}
        )
