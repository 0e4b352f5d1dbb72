"""Pages that show an edition before the public has it, to its editors and by a link to an outsider; and who has its
draft open.

`WithPreviews` gives the admin of editions these pages. It asks that admin who may see and change an edition.
"""

from datetime import UTC, timedelta

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from articles.badges import name, sentence, when, with_state
from articles.forms import VerbForm, local_instant
from articles.ledger import database_now
from articles.models import Edition
from articles.previews import FARTHEST, edition_preview, private, request_now, site_at, stored_file
from articles.sharing import Presence


class ShareForm(VerbForm):
    """A link to version `opened`."""

    reader = forms.CharField(
        label=_("For whom"), max_length=200, required=False,
        help_text=_("For your own list; the reader does not see it."),
    )  # fmt: skip
    days = forms.TypedChoiceField(
        label=_("It ends after"), coerce=int, initial=3,
        choices=[(1, _("1 day")), (3, _("3 days")), (7, _("7 days")), (14, _("14 days")), (30, _("30 days"))],
    )  # fmt: skip


class MomentForm(forms.Form):
    """A moment to come, as the newsroom's clocks show it."""

    day = forms.DateField(label=_("Day"), widget=AdminDateWidget)
    time = forms.TimeField(label=_("Time"), widget=forms.TimeInput(format="%H:%M", attrs={"placeholder": "18:00"}))

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("day") and cleaned.get("time") is not None:
            cleaned["instant"] = local_instant(cleaned["day"], cleaned["time"])
            if not timezone.now() < cleaned["instant"] < timezone.now() + FARTHEST:
                raise ValidationError(_("Choose a moment to come. For the past, the site has “as it stood”."))
        return cleaned


class WithPreviews:
    """Pages of an admin of editions."""

    def get_urls(self):
        own = {
            "site/": ("site", self.site_view),
            "site/<str:at>/": ("site", self.site_view),
            "site/<str:at>/<path:page>": ("site", self.site_view),
            "files/<path:file>": ("files", self.files_view),
            "<path:object_id>/preview/": ("preview", self.preview_view),
            "<path:object_id>/share/": ("share", self.share_view),
            "<path:object_id>/company/": ("company", self.company_view),
        }
        wrapped = [
            path(route, self.admin_site.admin_view(view), name=f"articles_edition_{key}")
            for route, (key, view) in own.items()
        ]
        return [*wrapped, *super().get_urls()]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None:
            context |= {
                "company": company_of(obj, request.user, obj.version) if context.get("is_draft") else None,
                "may_share": shareable(obj, timezone.now()) and self.has_change_permission(request, obj),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    # As readers would get it

    def preview_view(self, request, object_id):
        edition, now = self.seen(request, object_id), request_now()
        at = asked_instant(request.GET.get("at", ""), now) or max(now, edition.live_from or now)
        ribbon = {"edition": edition, "at": at, "public": not shareable(edition, now)}
        return private(edition_preview(request, Edition.objects.filter(pk=edition.pk), at, file_address, ribbon))

    def files_view(self, request, file):
        """Any file of the newsroom: whoever may read editions may see what will stand in them."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return stored_file(file)

    def site_view(self, request, at="", page=""):
        """The site at an instant to come; without an instant, the page that asks for one."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = request_now()
        instant = asked_instant(at, now)
        if at and (instant is None or request.method not in ("GET", "HEAD")):
            raise Http404
        chooser = reverse("admin:articles_edition_site")
        if instant:
            return site_at(request, instant, page, site_address(instant), chooser=chooser)
        form = MomentForm(request.GET if "day" in request.GET else None)
        if form.is_bound and form.is_valid():
            return HttpResponseRedirect(site_address(form.cleaned_data["instant"]))
        scheduled = with_state(Edition.objects.filter(live_from__gt=now, withheld=False), now).order_by("live_from")
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("The site at a moment to come"),
            "form": form, "media": self.media + form.media, "zone": timezone.get_default_timezone_name(),
            "scheduled": [
                {"edition": edition, "when": when(edition.live_from, now, utc=True),
                 "url": site_address(edition.live_from), "told": sentence(edition, now, request.user)}
                for edition in scheduled[:20]
            ],
        }  # fmt: skip
        return TemplateResponse(request, "admin/articles/edition/site.html", context)

    # A link for an outsider

    def share_view(self, request, object_id):
        """The links to an edition: made, read, revoked. A new one is shown once, in the answer that makes it."""
        edition, now = self.seen(request, object_id), timezone.now()
        if not self.has_change_permission(request, edition):
            raise PermissionDenied
        address, form = "", ShareForm(initial={"opened": edition.version})
        if "revoke" in request.POST:
            return self.revoke(request, edition)
        if request.method == "POST":
            form = ShareForm(request.POST)
            address = self.make(request, edition, form) if form.is_valid() else ""
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("Links for outsiders"),
            "edition": edition, "sentence": sentence(edition, now, request.user), "form": form, "address": address,
            "may_share": shareable(edition, now), "links": links_of(edition, timezone.now()),
        }  # fmt: skip
        return private(TemplateResponse(request, "admin/articles/edition/share.html", context))

    def make(self, request, edition, form):
        """The address of a new link, or "" when it was refused, with the reason in the form."""
        asked = form.cleaned_data
        if asked["opened"] != edition.version:
            form.add_error(None, _("Somebody saved this draft since you opened it. Read it again, then share it."))
            return ""
        try:
            expires_at = database_now() + timedelta(days=asked["days"])
            _share, token = edition.share(request.user, expires_at, asked["reader"])
        except ValidationError as error:
            form.add_error(None, error)
            return ""
        return settings.SITE_URL + reverse("shared", args=[token])

    def revoke(self, request, edition):
        share = edition.shares.filter(pk=numbered(request.POST["revoke"])).first()
        if share:
            edition.unshare(share, request.user)
            messages.success(request, _("Revoked. The link shows nothing any more."))
        return HttpResponseRedirect(request.path)

    # Who has it open

    def company_view(self, request, object_id):
        """A sign of life of an open form; the answer says who else has it open, as the rail shows it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        edition = Edition.objects.filter(pk=numbered(object_id)).first()
        if edition is None or edition.live_from is not None:
            return HttpResponse(status=410)  # discarded, published or scheduled: the form finds out when it saves
        if not self.has_change_permission(request, edition):
            raise PermissionDenied
        opened = request.POST.get("opened", "")
        Presence.sign(edition, request.user, timezone.now())
        company = company_of(edition, request.user, numbered(opened) or edition.version)
        return private(render(request, "admin/articles/edition/company_rows.html", {"company": company}))


def numbered(text):
    """A number out of a request; 0, which no row has, for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def file_address(stored):
    return reverse("admin:articles_edition_files", args=[stored])


def site_address(instant):
    return reverse("admin:articles_edition_site", args=[instant.astimezone(UTC).isoformat().replace("+00:00", "Z")])


def asked_instant(text, now):
    """An instant to come out of an address; None for anything else."""
    try:
        instant = parse_datetime(text)
    except ValueError:
        return None
    return instant if instant and timezone.is_aware(instant) and now < instant < now + FARTHEST else None


def shareable(edition, now):
    """Whether it is still only the newsroom's."""
    return not edition.withheld and (edition.live_from is None or edition.live_from > now)


def company_of(edition, user, opened):
    """Who else has the draft open, and whether it was saved since version `opened`."""
    now = timezone.now()
    newer = edition.version != opened and edition.saves.select_related("by").first()
    return {
        "others": [
            {"name": name(one.user), "since": when(one.opened_at, now), "saved": when(one.saved_at, now)}
            for one in Presence.objects.others(edition, user, now)
        ],
        "newer": newer and {"by": name(newer.by), "at": when(newer.at, now)},
    }  # fmt: skip


def links_of(edition, now):
    """The links to an edition, newest first, each with what it does now and how often it was followed."""
    links = [*edition.shares.with_reads().select_related("by", "revoked_by").order_by("-at", "-id")[:50]]
    for link in links:
        link.is_current = link.is_open(now) and link.version == edition.version and shareable(edition, now)
        link.made, link.ends, link.read = (when(at, now) for at in (link.at, link.expires_at, link.read_at))
        link.maker, link.revoked = name(link.by), when(link.revoked_at, now)
        link.is_outdated = link.version != edition.version
    return links
