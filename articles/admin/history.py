"""The history of an article: its editions, their saves, any two of them word by word, and the way back to one.

`WithHistory` gives the admin of editions these pages. It asks that admin who may see and change an edition.
"""

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.admin.previews import numbered
from articles.badges import name, sentence, stage, when, with_state
from articles.comparison import compared, edition_label, texts
from articles.forms import VerbForm
from articles.models import Edition, Stale

SAVES, EDITIONS, ACTS = 30, 40, 12  # on one page

#: a verb of the log, as it is told afterwards
DONE = {
    "start": _("Begun"), "submit": _("Submitted"), "return": _("Returned"), "approve": _("Approved"),
    "publish": _("Published"), "schedule": _("Scheduled"), "reschedule": _("Rescheduled"),
    "cancel": _("Schedule cancelled"), "withdrawn": _("Withdrawn"), "redirected": _("Redirected"),
    "expire": _("End set"), "erase": _("Erased"), "reclassify": _("Classified anew"), "move": _("Moved"),
    "restore": _("Earlier words taken up"), "share": _("Link for an outsider made"), "unshare": _("Link revoked"),
    "give": _("Given to partners under embargo"), "take-back": _("Taken back from partners"),
}  # fmt: skip


class RestoreForm(VerbForm):
    """A press of the button, for the version of the draft that was read; of no draft, version 0."""


class WithHistory:
    """Pages of an admin of editions."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.restore_view)
        return [path("<path:object_id>/restore/<str:key>/", view, name="articles_edition_restore"), *super().get_urls()]

    def seen(self, request, object_id):
        """The edition at this address, if this editor may read it."""
        edition = self.get_object(request, unquote(object_id))
        if edition is None:
            raise Http404
        if not self.has_view_permission(request, edition):
            raise PermissionDenied
        return edition

    def history_view(self, request, object_id, extra_context=None):
        edition, now = self.seen(request, object_id), timezone.now()
        editions = with_state(edition.article.editions.defer("body", "plain_text", "summary"), now).order_by("-id")
        editions = [*editions[:EDITIONS]]
        saves = saves_of(edition, request.GET.get("before", ""))
        keys = chosen(request.GET, edition, editions, saves)
        try:
            pair = texts(edition.article, keys, now, request.user) if keys else None
        except KeyError:
            raise Http404 from None
        for one in editions:
            one.key, one.label, one.told = f"e{one.pk}", edition_label(one), sentence(one, now, request.user)
            one.when = when(one.live_from or one.saved_at, now)
        for save in saves:
            save.key, save.when, save.who = f"s{save.pk}", when(save.at, now), told(save.by, request.user)
        comparison = compared(*pair) if pair else None
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "edition": edition, "editions": editions,
            "title": edition.headline or _("Without words"), "saves": saves[:SAVES], "more": saves[SAVES:],
            "comparison": comparison, "beyond": beyond(pair or [], editions, saves[:SAVES]),
            "change": change_of(comparison.new.edition) if comparison else None,
            "acts": acts_of(edition.article, now), "may_restore": self.may_restore(request, edition.article, editions),
        }  # fmt: skip
        return TemplateResponse(request, "admin/articles/edition/history.html", context)

    def may_restore(self, request, article, editions):
        draft = next((one for one in editions if one.live_from is None), None)
        return self.has_change_permission(request, draft) if draft else self.has_add_permission(request)

    def restore_view(self, request, object_id, key):
        """An earlier text as a new draft; where a draft is open, its words as a save of that draft."""
        edition, now = self.seen(request, object_id), timezone.now()
        try:
            (text,) = texts(edition.article, [key], now, request.user)
        except KeyError:
            raise Http404 from None
        draft = with_state(edition.article.editions.drafts(), now).order_by("-id").first()
        if not (self.has_change_permission(request, draft) if draft else self.has_add_permission(request)):
            raise PermissionDenied
        refused = why_not(text, draft, edition.article, now)
        form = RestoreForm(request.POST or None, initial={"opened": draft.version if draft else 0})
        if request.method == "POST" and form.is_valid() and not refused:
            return self.restore(request, edition, text, draft, form.cleaned_data["opened"])
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "edition": edition, "text": text,
            "title": _("Take up an earlier text"), "draft": draft, "form": form, "refused": refused,
            "is_read": draft and stage(draft, now) in ("in-review", "ready"),
            "writer": draft and name(draft.written_by),
            "sentence": draft and sentence(draft, now, request.user), "saved": draft and when(draft.saved_at, now),
        }  # fmt: skip
        return TemplateResponse(request, "admin/articles/edition/restore.html", context)

    def restore(self, request, edition, text, draft, opened):
        """Done, or refused with the reasons said; nothing is ever overwritten."""
        try:
            if draft:
                draft.take(request.user, text.words(), opened, text.label)
                done = _("Its words are in the draft now, as a save of their own. Topics and parts stayed.")
            elif opened:
                raise ValidationError(_("The draft you saw is gone. Look again what this will do."))
            else:
                words_fit(text.words())
                with transaction.atomic():
                    draft = edition.article.start_edition(
                        request.user, None if text.save else text.edition, expires_at=None, **text.words()
                    )
                done = _("The draft is begun with these words. Nothing of it is public yet.")
        except Stale:
            messages.error(request, _("Somebody saved the draft meanwhile. Nothing has been overwritten."))
        except ValidationError as error:
            for message in error.messages:
                messages.error(request, message)
        else:
            messages.success(request, done)
            return HttpResponseRedirect(reverse("admin:articles_edition_change", args=[draft.pk]))
        return HttpResponseRedirect(request.path)


def words_fit(words):
    """ValidationError for words that no draft can hold: a save made in a conflict keeps whatever was typed."""
    Edition(**words).clean_fields(exclude=[field.name for field in Edition._meta.fields if field.name not in words])


def saves_of(edition, before):
    """The newest saves of an edition, without their words; one more than a page shows where there are more."""
    saves = edition.saves.select_related("by").defer("words").order_by("-id")
    if numbered(before):
        saves = saves.filter(pk__lt=numbered(before))
    return [*saves[: SAVES + 1]]


def chosen(asked, edition, editions, saves):
    """The keys of the two texts to compare: those asked for, else this edition and the one it follows, else (of a
    first edition) the one that follows it, else its last two saves."""
    own = f"e{edition.pk}"
    if "from" in asked or "to" in asked:
        return [asked.get("from") or own, asked.get("to") or own]
    followers = [one for one in editions if one.based_on_id == edition.pk]
    if edition.based_on_id:
        return [f"e{edition.based_on_id}", own]
    if followers:
        return [own, f"e{followers[-1].pk}"]
    return [f"s{saves[1].pk}", own] if len(saves) > 1 else []


def beyond(pair, editions, saves):
    """What is compared but stands in neither list of this page: still to be found in the two fields."""
    listed = {one.key for one in [*editions, *saves]}
    return [text for text in pair if text.key not in listed]


def change_of(edition):
    """What its makers said an edition changed, for the line above the comparison; None where nothing was said."""
    if not (edition.change_class or edition.note):
        return None
    return {
        "what": edition.get_change_class_display() or _("Change"), "note": edition.note,
        "by": edition.written_by and name(edition.written_by),
        "approved_by": edition.approved_by and name(edition.approved_by),
    }  # fmt: skip


def acts_of(article, now):
    acts = article.acts.select_related("by")[:ACTS]
    return [{"done": DONE.get(act.verb, act.verb), "when": when(act.at, now), "by": name(act.by)} for act in acts]


def told(user, reader):
    return _("you") if user == reader else name(user)


def why_not(text, draft, article, now):
    """What stands against taking this text up, in one sentence; "" for nothing."""
    if not (text.body or text.facts.get("headline")):
        return _("Nothing is left of its words.")
    if draft and text.save is None and text.edition.pk == draft.pk:
        return _("That is the draft itself.")
    if not draft and Edition.objects.filter(article=article, live_from__gt=now, withheld=False).exists():
        return _("The next edition is scheduled. Cancel its schedule first; then its draft can take these words.")
    return ""
