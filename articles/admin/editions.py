"""Editions written, reviewed, published and taken off the site.

A draft is one form; its next steps are buttons named as the verbs they do. A sealed edition is read, and may only be
classified.
"""

from dataclasses import dataclass, replace

from django.contrib import admin, messages
from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, models, transaction
from django.db.models import F, Q
from django.forms.widgets import Script
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from js_asset import Media

from articles import body as bodies
from articles import comparison, documents, forms, imports, merging, quoting
from articles.admin import arrivals
from articles.admin.history import WithHistory
from articles.admin.lists import (
    BoundedPaginator,
    DatesFilter,
    LanguageFilter,
    PersonFilter,
    TopicFilter,
    paged,
    the_topic,
)
from articles.admin.previews import WithPreviews
from articles.badges import name, sentence, stage, when, with_state
from articles.desk import Save
from articles.images import Attachment, Placement
from articles.ledger import database_now
from articles.models import (
    Article,
    Edition,
    Mention,
    QuoteText,
    RelatedItem,
    Stale,
    language_name,
)
from articles.sharing import EmbargoRelease
from people.admin import NamedFormSet, RecordAdmin, refusal

# Verbs


@dataclass(frozen=True)
class Verb:
    """A button: its label, the stages it is offered in, whose it is, and `act(edition, user, **details)`, the model's
    own verb. `outcome` says beforehand what will happen, `done` afterwards that it has."""

    label: str
    stages: tuple
    permission: str
    act: object
    outcome: str
    done: str
    form: type = forms.VerbForm
    loud: bool = True

    @property
    def asks(self):
        """Whether it needs more than the press of a button."""
        return self.form is not forms.VerbForm


BEING_WRITTEN, ENDED = ("writing", "returned"), ("live", "ended", "redirected")
VERBS = {
    "countersign": Verb(
        _("Read and countersign"), ("scheduled", "superseded", *ENDED, "withdrawn"), "approve_edition",
        Edition.countersign,
        _("You have read this edition and stand for it. What is wrong in it is put right by the next edition."),
        _("Countersigned."), forms.CountersignForm,
    ),
    "confirm": Verb(
        _("Confirm who is named"), (*BEING_WRITTEN, "in-review", "ready"), "people.change_person", imports.confirm,
        _("You stand for each of these: the name, and that the office was held at least on that day. Until the article"
          " is public, nobody outside sees them."),
        _("Confirmed. They are on the record now."), forms.ConfirmForm, loud=False,
    ),
    "submit": Verb(
        _("Submit for review"), BEING_WRITTEN, "change_edition", Edition.submit,
        _("Somebody other than the writer reads and approves it next."),
        _("Submitted. Somebody other than the writer reads and approves it next."),
    ),
    "approve": Verb(
        _("Approve this text"), ("in-review",), "approve_edition", Edition.approve,
        _("You stand for this exact text. Any change to it needs a new approval."),
        _("Approved. Any change to the text needs a new approval."),
    ),
    "publish": Verb(
        _("Publish now"), ("ready",), "publish_edition", Edition.publish,
        _("Everybody can read it at once. It can then no longer be changed, only followed by a next edition."),
        _("Published. It can no longer be changed, only followed by a next edition."),
    ),
    "schedule": Verb(
        _("Schedule"), ("ready",), "publish_edition", Edition.schedule,
        _("Its words are sealed now. Until that instant nobody outside can see it, or that it exists."),
        _("Scheduled. Until then nobody outside can see it, or that it exists."), forms.ScheduleForm, loud=False,
    ),
    "return": Verb(
        _("Return with a note"), ("in-review", "ready"), "approve_edition", Edition.send_back,
        _("The writer reads your note, changes the text and submits it again."),
        _("Returned to the writer."), forms.ReturnForm, loud=False,
    ),
    "reschedule": Verb(
        _("Reschedule"), ("scheduled",), "publish_edition", Edition.reschedule,
        _("The words stay sealed; only the instant changes."),
        _("Rescheduled."), forms.ScheduleForm,
    ),
    "cancel": Verb(
        _("Cancel the schedule"), ("scheduled",), "publish_edition", Edition.cancel,
        _("It becomes a draft again, as if it had never been scheduled. Its approval stands."),
        _("Cancelled. It is a draft again, and its approval stands."), loud=False,
    ),
    "give": Verb(
        _("Give to partners under embargo"), ("scheduled",), "publish_edition", Edition.give,
        _("Partners who read under embargo can have its words from now on, before its hour. Nobody else can see it, or"
          " that it exists. Every reading is written down here."),
        _("Given. Who reads it is written down here."), forms.SureForm, loud=False,
    ),
    "take-back": Verb(
        _("Take back from partners"), ("scheduled",), "publish_edition", Edition.take_back,
        _("No partner can have it any more before its hour. What was read stays read; its page says by whom."),
        _("Taken back. No partner can have it any more before its hour."), forms.SureForm, loud=False,
    ),
    "next": Verb(
        _("Write the next edition"), (*ENDED, "withdrawn"), "add_edition",
        lambda edition, by: edition.article.start_edition(by),
        _("Starts a draft. Readers keep seeing what they see now until the next edition goes live."),
        _("The next edition is begun. Nothing of it is public yet."),
    ),
    "expire": Verb(
        _("Let it expire"), ("live", "scheduled"), "withdraw_article",
        lambda edition, by, **end: edition.article.expire(by, **end),
        _("It ends at the time you set, and the page says that it ended as planned. Nothing is withheld."),
        _("Its end is set."), forms.ExpireForm, loud=False,
    ),
    "withdraw": Verb(
        _("Withdraw (unpublish)"), ENDED, "withdraw_article",
        lambda edition, by, reason: edition.article.withdraw(by, reason),
        _("The whole article leaves the site at once, with all its editions and quotes; its page shows your reason."
          " What is scheduled is cancelled. This cannot be undone, but a next edition can be published."),
        _("Withdrawn. Readers see the reason."), forms.WithdrawForm, loud=False,
    ),
    "redirect": Verb(
        _("Redirect"), ENDED, "withdraw_article",
        lambda edition, by, **where: edition.article.redirect(by, **where),
        _("Readers are sent to another page from now on. Nothing is withheld."),
        _("Redirected."), forms.RedirectForm, loud=False,
    ),
    "translate": Verb(
        _("Translate"), ("in-review", "ready", "scheduled", "live"), "add_edition",
        lambda edition, by, language: edition.translate(by, language),
        _("Starts a draft in another language, with these words to be written over and the original beside them."),
        _("The translation is begun. Nothing of it is public yet."), forms.TranslateForm, loud=False,
    ),
    "hold": Verb(
        _("It still holds"), ("live", "writing", "returned"), "change_edition", Edition.still_holds,
        _("This translation says what the newest edition of its original says. It is not marked stale any more."),
        _("Noted: it stands for the newest edition of its original."), forms.SureForm, loud=False,
    ),
    "override": Verb(
        _("Publish without approval"), (*BEING_WRITTEN, "in-review"), "publish_edition", Edition.override,
        _("For an emergency: nobody else has approved this text. Everybody can read it at once, and your reason stays"
          " on the desk until somebody other than you reads the edition and signs."),
        _("Published without approval. It stays on the desk until somebody other than you signs."),
        forms.OverrideForm, loud=False,
    ),
    "erase": Verb(
        _("Erase for ever"), (*ENDED, "superseded", "withdrawn"), "erase_article",
        lambda edition, by, ground: edition.article.erase(by, ground),
        _("For legal reasons only. Every word of this article, of all its editions, drafts and saves, is emptied and"
          " cannot be brought back. A tombstone stays: who, when and on what ground."),
        _("Erased. What an address of it answers now says so, and nothing else."), forms.EraseForm, loud=False,
    ),
    "discard": Verb(
        _("Discard this draft"), (*BEING_WRITTEN, "in-review", "ready"), "change_edition", Edition.discard,
        _("The draft and all its saves are deleted. Nothing of it was ever public."),
        _("The draft is gone."), forms.SureForm, loud=False,
    ),
}  # fmt: skip


#: what editors of other systems look for
ALSO_CALLED = {"unpublish": "withdraw", "retract": "withdraw"}
#: how many reasons of a floor are shown
MOST = 8
#: how many readings under embargo are shown; the log has all
EARLY_READS = 20
ANOTHER_TEXT = _("Somebody saved this draft since you opened it. Read it again.")


#: the most editions that are filed in one go
AT_ONCE = 200


class StageFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [
            ("draft", _("Draft")), ("returned", _("Returned")), ("in-review", _("In review")), ("ready", _("Ready")),
            ("scheduled", _("Scheduled")), ("live", _("Live")), ("ended", _("Ended or superseded")),
            ("withheld", _("Withdrawn")),
        ]  # fmt: skip

    def queryset(self, request, queryset):
        now = timezone.now()
        drafts, open_drafts = queryset.drafts(), queryset.drafts().filter(approved_at=None)
        returned = Q(returned_at__isnull=False) & (Q(submitted_at=None) | Q(returned_at__gte=F("submitted_at")))
        return {
            "draft": drafts,
            "returned": open_drafts.filter(returned),
            "in-review": open_drafts.exclude(submitted_at=None).filter(
                Q(returned_at=None) | Q(returned_at__lt=F("submitted_at"))
            ),
            "ready": drafts.exclude(approved_at=None),
            "scheduled": queryset.filter(live_from__gt=now, withheld=False),
            "live": queryset.live(now),
            "ended": queryset.filter(live_until__lte=now, withheld=False),
            "withheld": queryset.filter(withheld=True),
        }.get(self.value(), queryset)


# The parts of an edition


class PartInline(admin.TabularInline):
    """Who may change an edition may change its parts; of a sealed one only those that classify it. A part that stands
    after a paragraph names its `first` place, which is after none."""

    extra = 0
    formset = NamedFormSet
    classifies = False
    first = None

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        if self.first:
            place = formset.form.base_fields["after_paragraph"]
            place.widget, place.help_text = forms.ParagraphSelect(self.first, obj.body), ""
        return formset

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("articles.view_edition")

    def has_change_permission(self, request, obj=None):
        may_change = self.admin_site.get_model_admin(Edition).has_change_permission(request, obj)
        return may_change and (self.classifies or obj is None or obj.live_from is None)

    def has_delete_permission(self, request, obj=None):
        return self.has_change_permission(request, obj)

    def has_add_permission(self, request, obj):
        return self.has_change_permission(request, obj)


class MentionInline(PartInline):
    model = Mention
    classifies = True
    autocomplete_fields = ["person", "position"]
    verbose_name, verbose_name_plural = _("person"), _("people mentioned")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("person", "position__organisation")


class RelatedInline(PartInline):
    model = RelatedItem
    first = ("", _("At the end"))
    classifies = True
    autocomplete_fields = ["article"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    fields = ["kind", "label", "after_paragraph", "url", "article", "order"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "article":  # an article is begun on a page of its own, not in passing
            field.widget.can_add_related = field.widget.can_change_related = False
        return field


class PlacementInline(PartInline):
    model = Placement
    first = (0, _("Above the text"))
    autocomplete_fields = ["image"]
    verbose_name, verbose_name_plural = _("picture"), _("pictures")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("image")


class AttachmentInline(PartInline):
    model = Attachment
    formfield_overrides = {
        models.FileField: {"form_class": documents.DocumentField, "widget": documents.DocumentField.widget}
    }


class QuoteInline(admin.TabularInline):
    """The quotes of the body, as the last save derived them."""

    model = QuoteText
    fields = readonly_fields = ["text", "speaker_name", "office", "said_on", "source"]
    verbose_name_plural = _("quotes in the text")
    extra = 0
    can_delete = False

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("articles.view_edition")

    def has_change_permission(self, request, obj=None):
        return False

    def has_add_permission(self, request, obj):
        return False


class WordsAdmin(RecordAdmin):
    """Django's own log keeps headlines for ever. Saves and acts tell more, and are emptied when words are erased."""

    def has_delete_permission(self, request, obj=None):
        return False

    def construct_change_message(self, request, form, formsets, add=False):
        return []

    def log_addition(self, request, obj, message):
        """Nothing: see above."""

    def log_change(self, request, obj, message):
        """Nothing: see above."""


@admin.register(Edition)
class EditionAdmin(WithHistory, WithPreviews, WordsAdmin):
    list_filter = [StageFilter, "kind", LanguageFilter, TopicFilter, PersonFilter, DatesFilter]
    list_display_links = None
    search_fields = ["headline"]
    search_help_text = _("Searches headline, summary and text. Quotation marks find exact words.")
    paginator = BoundedPaginator
    ordering = ["-id"]
    actions = ["add_topic", "remove_topic"]
    action_form = forms.TopicActionForm
    autocomplete_fields = ["topics"]
    readonly_fields = ["words"]
    inlines = [RelatedInline, MentionInline, PlacementInline, AttachmentInline, QuoteInline]

    class Media:
        css = {"all": ["admin-newsroom/workflow.css"]}
        js = [Script("admin-newsroom/workflow.js", type="module")]

    # Who may

    def has_change_permission(self, request, obj=None):
        """Writers change their own drafts, editors all of them; editors classify what is live or, before, scheduled."""
        if obj is None or not super().has_change_permission(request, obj):
            return super().has_change_permission(request, obj)
        is_editor = request.user.has_perm("articles.approve_edition")
        if obj.live_from is None:
            return is_editor or obj.written_by_id == request.user.pk
        return is_editor and obj.filed == obj.pk

    def may(self, request, edition, verb):
        if verb.permission == "change_edition":
            return self.has_change_permission(request, edition)
        return request.user.has_perm(verb.permission if "." in verb.permission else f"articles.{verb.permission}")

    def offered(self, request, edition):
        """The verbs that this editor can do to this edition now, by their names."""
        now = timezone.now()
        verbs = {
            key: verb for key, verb in VERBS.items()
            if stage(edition, now) in verb.stages and self.may(request, edition, verb)
        }  # fmt: skip
        if edition.next_draft:
            verbs.pop("next", None)
        if not edition.is_stale_translation(now):
            verbs.pop("hold", None)
        if "confirm" in verbs and not edition.proposals():
            verbs.pop("confirm")
        verbs.pop("give" if edition.is_given else "take-back", None)
        if not edition.is_alone or edition.alone_by == request.user.pk:
            verbs.pop("countersign", None)
        return verbs

    # The list

    def get_queryset(self, request):
        return with_state(super().get_queryset(request), timezone.now())

    def get_list_display(self, request):
        now = timezone.now()

        @admin.display(description=_("edition"))
        def told(edition):
            return format_html(
                '<a class="headline" href="{}"><bdi lang="{}">{}</bdi></a><p class="told">{}</p>',
                reverse("admin:articles_edition_change", args=[edition.pk]), edition.language,
                edition.headline or _("Without words"), sentence(edition, now, request.user),
            )  # fmt: skip

        return [told, "kind", "in_language", "filed_under", "writer", "changed"]

    def get_search_results(self, request, queryset, search_term):
        return queryset.holding(search_term), False

    def get_changelist_instance(self, request):
        listed = super().get_changelist_instance(request)
        listed.result_list = listed.result_list.prefetch_related("topics")
        return paged(listed)

    @admin.display(description=_("topics"))
    def filed_under(self, edition):
        return ", ".join(topic.name for topic in edition.topics.all()) or _("none yet")

    @admin.action(description=_("Add the topic"), permissions=["change"])
    def add_topic(self, request, queryset):
        self.file(request, queryset, "add")

    @admin.action(description=_("Remove the topic"), permissions=["change"])
    def remove_topic(self, request, queryset):
        self.file(request, queryset, "remove")

    def file(self, request, queryset, way):
        """Each edition by the model's own verb, logged; those that may not be filed are named."""
        try:
            topic = the_topic(request.POST.get("topic", ""))
            editions = list(queryset[: AT_ONCE + 1])
            if len(editions) > AT_ONCE:
                raise ValidationError(_("At most %(count)d at once.") % {"count": AT_ONCE})
        except ValidationError as error:
            return self.message_user(request, " ".join(error.messages), messages.ERROR)
        changed, left = 0, []
        for edition in editions:
            try:
                if not self.has_change_permission(request, edition):
                    raise PermissionDenied
                changed += edition.file(request.user, **{way: [topic]})
            except (ValidationError, PermissionDenied):
                left.append(f"“{edition.headline}”")
        told = _("“%(topic)s” added to %(count)d.") if way == "add" else _("“%(topic)s” removed from %(count)d.")
        self.message_user(request, told % {"topic": topic.name, "count": changed}, messages.SUCCESS)
        if left:
            told = _("Left as they are, since you may not file them or readers no longer get them: %s.")
            self.message_user(request, told % ", ".join(left[:8]), messages.WARNING)

    @admin.display(description=_("language"))
    def in_language(self, edition):
        return language_name(edition.language)

    @admin.display(description=_("writer"))
    def writer(self, edition):
        return name(edition.written_by)

    @admin.display(description=_("when"))
    def changed(self, edition):
        return when(edition.live_from or edition.saved_at, timezone.now())

    # The form

    def get_form(self, request, obj=None, change=False, **kwargs):
        is_draft = obj is not None and obj.live_from is None and self.has_change_permission(request, obj)
        form = forms.NewArticleForm if obj is None else forms.DraftForm if is_draft else forms.SealedForm
        return super().get_form(request, obj, change=change, **{"form": form} | kwargs)

    def get_fieldsets(self, request, obj=None):
        filing = (_("Classification"), {"fields": ["topics"]})
        if obj and (obj.live_from or not self.has_change_permission(request, obj)):
            return [(None, {"fields": ["words"], "classes": ["print"]}), filing]
        words = ["headline", "summary", ("kind", "place", "event_date"), "body"]
        if obj is None:
            return [(None, {"fields": [("written_in", "translation_of"), *words]}), filing]
        changed = []
        if obj.based_on_id:
            reasons = {"fields": ["change_class", "note"], "description": why_nothing_milder(obj)}
            changed.append((_("What changed"), reasons))
        dates = {"fields": [("dated", "source_updated"), "expires_at"], "classes": ["collapse"]}
        return [
            (None, {"fields": [*words, "without_quotes", "opened", "quotes_removed"]}), *changed, filing,
            (_("Dates as printed, planned end"), dates),
        ]  # fmt: skip

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    @admin.display(description="")
    def words(self, edition):
        return in_print(edition)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["media"] = Media.from_media(context["media"], nonce=str(request.csp_nonce))
        if obj is None:
            context |= {"title": _("New article"), "subtitle": None}
            return super().render_change_form(request, context, add, change, form_url, obj)
        offered = self.offered(request, obj)
        if obj.written_by_id == request.user.pk:
            offered.pop("approve", None)  # somebody else's
        is_draft = obj.live_from is None
        loud = next((key for key, verb in offered.items() if verb.loud), None)
        context |= {
            "title": obj.headline or _("Without words"), "subtitle": None, "is_draft": is_draft,
            "sentence": sentence(obj, timezone.now(), request.user),
            "may_change": self.has_change_permission(request, obj),
            "findings": obj.checks() if is_draft else None,
            "alone": obj.overrides.select_related("by", "countersigned_by").first(),
            "loud": loud and (loud, offered[loud]),
            "quiet": [(key, replace(verb, loud=False)) for key, verb in offered.items() if key != loud],
            "waits_for_another": stage(obj, timezone.now()) == "in-review" and "approve" not in offered,
            "saved": when(obj.saved_at, timezone.now()), "came": arrivals.story(obj),
            "stories": [
                (edition, sentence(edition, timezone.now(), request.user)) for edition in
                with_state(obj.article.editions.exclude(pk=obj.pk), timezone.now()).order_by("-id")[:12]
            ],
        }  # fmt: skip
        context["source"] = beside(obj, request.user) if is_draft else None
        if not is_draft and request.user.has_perm("articles.view_embargoread"):
            context |= {"given": given(obj), "reads": obj.embargo_reads.all()[:EARLY_READS]}
        return super().render_change_form(request, context, add, change, form_url, obj)

    # Saving

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Save, then do the verb whose button was pressed, each in a transaction of its own. Where somebody else was
        first, both texts are shown and nothing is overwritten."""
        request.pressed, edition = None, None
        if request.method == "POST" and object_id and "headline" in request.POST:
            edition = self.get_object(request, unquote(object_id))
            if edition is None or edition.live_from is not None:
                return self.conflict(request, edition)
        try:
            if edition and "_merge" in request.POST:
                request.POST = self.merged(request, edition)
            response = super().changeform_view(request, object_id, form_url, extra_context)
        except Stale:
            return self.conflict(request, self.get_object(request, unquote(object_id)))
        except ValidationError as error:  # a verb found that the article had moved on; its transaction is undone
            for message in error.messages:
                messages.error(request, message)
            return HttpResponseRedirect(request.path)
        if request.pressed:
            key, opened = request.pressed
            return self.press(request, unquote(object_id), key, opened) or response
        return response

    def save_form(self, request, form, change):
        if change:
            return super().save_form(request, form, change)
        article = Article.objects.create(
            language=form.cleaned_data["written_in"], translation_of=form.cleaned_data["translation_of"],
            created_by=request.user,
        )  # fmt: skip
        form.instance = article.start_edition(request.user, **form.words())
        return form.save()

    def save_model(self, request, obj, form, change):
        """In `save_related`, which knows whether anything changed at all."""

    def save_related(self, request, form, formsets, change):
        edition = form.instance
        if not change:
            form.save_m2m()
        elif not (form.has_changed() or any(formset.has_changed() for formset in formsets)):
            pass
        elif edition.live_from is None:
            edition.version = form.cleaned_data["opened"]
            edition.save(by=request.user)
            super().save_related(request, form, formsets, change)
            messages.success(request, _("Saved."))
        else:
            Article.objects.select_for_update(no_key=True).get(pk=edition.article_id)
            for formset in formsets:
                self.save_formset(request, form, formset, change)
            edition.article.reclassify(request.user, form.cleaned_data["topics"])
            messages.success(request, _("Classified anew. The words stay as they are."))

    def response_add(self, request, obj, post_url_continue=None):
        messages.success(request, _("The draft is begun. Nothing of it is public yet."))
        return HttpResponseRedirect(reverse("admin:articles_edition_change", args=[obj.pk]))

    def response_change(self, request, obj):
        if "_verb" in request.POST:
            request.pressed = request.POST["_verb"], obj.version
            if obj.version != int(request.POST.get("opened", obj.version)) and request.pressed[0] == "approve":
                request.pressed = None
                messages.warning(request, _("You changed the text: it was saved. Read it again, then approve it."))
        return HttpResponseRedirect(reverse("admin:articles_edition_change", args=[obj.pk]))

    def conflict(self, request, theirs):
        """Both texts beside each other, and a choice wherever they differ. `theirs` is None when the draft is gone."""
        if not self.has_view_permission(request, theirs):
            raise PermissionDenied
        typed, now = request.POST, timezone.now()
        form = forms.DraftForm(typed, instance=Edition.objects.get(pk=theirs.pk) if theirs else Edition(version=0))
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("Two texts, one article"),
            "theirs": theirs, "media": Media.from_media(self.media + form.media, nonce=str(request.csp_nonce)),
        }  # fmt: skip
        if theirs is None:
            context["fields"] = [bound for bound in form.visible_fields() if typed.get(bound.name)]
            return TemplateResponse(request, "admin/articles/edition/conflict.html", context, status=409)
        latest = theirs.saves.select_related("by").first()
        may_write = theirs.live_from is None and self.has_change_permission(request, theirs)
        begun = number_of(typed.get("begun") or typed.get("opened"))
        save = typed_save(form, theirs, begun, request.user)
        if may_write or theirs.written_by_id == request.user.pk:
            save.save()
        mine, base, stand = three_texts(save, theirs, now, request.user)
        found = merging.choices(mine, stand, base)
        control = {"csrfmiddlewaretoken", "opened", "begun", "_verb", "_merge", *(f"take-{one.name}" for one in found)}
        blocks = sum(one.name.startswith("paragraph-") for one in found)
        context |= {
            "saved_by": latest and name(latest.by), "saved": latest and when(latest.at, now), "choices": found,
            "same": len(bodies.block_diff(mine.body, stand.body)) - blocks, "begun": begun, "may_write": may_write,
            "carried": [(key, value) for key, values in typed.lists() if key not in control for value in values],
        }  # fmt: skip
        return TemplateResponse(request, "admin/articles/edition/conflict.html", context, status=409)

    def merged(self, request, edition):
        """What was typed, with what its editor takes over from the text as it stands. Raises Stale when that is no
        longer the text the choices were made of."""
        typed = request.POST.copy()
        if number_of(typed.get("opened")) != edition.version:
            raise Stale(edition)
        form = forms.DraftForm(typed, instance=Edition.objects.get(pk=edition.pk))
        save = typed_save(form, edition, number_of(typed.get("begun")), request.user)
        mine, base, stand = three_texts(save, edition, timezone.now(), request.user)
        picked = {
            one.name: typed.get(f"take-{one.name}", one.takes) for one in merging.choices(mine, stand, base)
        }  # fmt: skip
        taken, typed["body"] = merging.settled(mine, stand, picked)
        for fact in taken:
            shown = form.fields[fact].widget.format_value(form.fields[fact].prepare_value(form.initial[fact]))
            typed[fact] = shown[0] if isinstance(shown, list) else shown or ""
        return typed

    # Verbs

    def get_urls(self):
        view = self.admin_site.admin_view(self.verb_view)
        verb = path("<path:object_id>/verb/<slug:key>/", view, name="articles_edition_verb")
        return [*quoting.addresses(), verb, *arrivals.urls(self), *super().get_urls()]

    def verb_view(self, request, object_id, key):
        """What a verb asks for, or what it will do; done by POST. A POST of "Read it", or a GET that gives a day and a
        time, does nothing: it shows what they mean."""
        if key in ALSO_CALLED:
            return HttpResponseRedirect(reverse("admin:articles_edition_verb", args=[object_id, ALSO_CALLED[key]]))
        if key not in VERBS:
            raise Http404
        verb, edition = VERBS[key], self.get_object(request, unquote(object_id))
        if edition is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.may(request, edition, verb):
            raise PermissionDenied
        looked = request.GET.dict() | {"opened": edition.version} if "day" in request.GET else None
        form = verb.form(request.POST or looked, initial={"opened": edition.version}, edition=edition)
        if request.method == "POST" and "_read" not in request.POST and form.is_valid():
            done = self.press(request, object_id, key, form.cleaned_data["opened"], form.details())
            if done:
                return done
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": verb.label, "verb": verb, "form": form,
            "edition": edition, "sentence": sentence(edition, timezone.now(), request.user), "key": key,
            "media": self.media + form.media, "alone": edition.overrides.open().select_related("by").first(),
        }  # fmt: skip
        if isinstance(form, forms.ConfirmForm):
            context["proposals"] = [
                (row._meta.verbose_name, row, reverse(admin_urlname(row._meta, "change"), args=[row.pk]))
                for row in edition.proposals()
            ]
        if isinstance(form, forms.LeavingForm):
            context |= {"quotes": edition.quotes.count(), "scheduled": edition.article.scheduled(timezone.now())}
        return TemplateResponse(request, form.template, context)

    def press(self, request, object_id, key, opened, details=None):
        """Do a verb to version `opened` of a draft; the way on, or None when it was refused, with the reasons said."""
        edition, verb = self.get_object(request, object_id), VERBS.get(key)
        if verb and verb.asks and details is None:
            return HttpResponseRedirect(reverse("admin:articles_edition_verb", args=[object_id, key]))
        try:
            if verb is None or not self.may(request, edition, verb):
                raise PermissionDenied(_("You may not do this."))
            if key not in self.offered(request, edition):
                raise ValidationError(_("That cannot be done to it any more: it has moved on."))
            if edition.version != opened:
                raise ValidationError(ANOTHER_TEXT)
            with transaction.atomic():
                made = verb.act(edition, request.user, **details or {})
                if Edition.objects.filter(pk=edition.pk).exclude(version=opened).exists():
                    raise ValidationError(ANOTHER_TEXT)  # saved between the two looks: undone again
        except (ValidationError, PermissionDenied) as error:
            for message in getattr(error, "messages", [str(error)]):
                messages.error(request, message)
            return None
        except DatabaseError as error:
            if not refusal(error):
                raise
            messages.error(request, _("The record refuses this: %(reason)s.") % {"reason": refusal(error)})
            return None
        messages.success(request, verb.done)
        if key == "discard" or not Edition.objects.filter(pk=(made or edition).pk).exists():  # erased with its article
            return HttpResponseRedirect(reverse("admin:articles_edition_changelist"))
        return HttpResponseRedirect(reverse("admin:articles_edition_change", args=[(made or edition).pk]))


def why_nothing_milder(edition):
    """The words that set the floor of a change, as HTML; "" when they allow every class."""
    reasons = edition.floor_reasons()
    if not reasons:
        return ""
    rows = format_html_join(" · ", "{}: {}", ((reason.of, _compared(reason)) for reason in reasons[:MOST]))
    more = _(" · and %d more") % (len(reasons) - MOST) if len(reasons) > MOST else ""
    return format_html(
        '<div class="floor"><strong>{}</strong> {}<p>{}{}</p></div>', _("Why nothing milder?"),
        _("The difference from edition %(number)s sets the floor. You may go above it, never below:")
        % {"number": edition.based_on.number}, rows, more,
    )  # fmt: skip


def _compared(reason):
    """A few words around each that changed, struck or underlined."""
    pieces = bodies.word_diff(reason.was, reason.now) if reason.was and reason.now else []
    pieces = pieces or [("-", reason.was), ("+", reason.now)]
    marks = {"-": "<del>{}</del>", "+": "<ins>{}</ins>", "=": "{}"}
    shown = [(mark, words if mark != "=" else _shortened(words)) for mark, words in pieces if words]
    return format_html_join("", "{}", ((format_html(marks[mark], words),) for mark, words in shown))


def _shortened(text, words=4):
    parts = text.split(" ")
    return text if len(parts) <= 2 * words + 1 else " ".join([*parts[:words], "…", *parts[-words:]])


def number_of(value):
    """The version a form was rendered in; 0 for what is none."""
    return int(value) if value and value.isascii() and value.isdecimal() and len(value) < 9 else 0


def typed_save(form, edition, begun, user):
    """The words of a form as a save that was begun from version `begun`; not stored yet."""
    words = {bound.name: bound.data for bound in form.visible_fields() if bound.name in form.data}
    words.pop("topics", None)
    return Save(edition=edition, by=user, at=database_now(), version=begun, words=words)


def three_texts(save, edition, now, reader):
    """(what was typed, what it was begun from or None, the draft as it stands) as texts to be compared."""
    base = edition.saves.filter(version=save.version).exclude(pk=save.pk).order_by("id").first()
    mine, *others = comparison.of_saves([save, *([base] if base else [])], now, reader).values()
    mine.body = bodies.clean(mine.body)
    return mine, (others or [None])[0], comparison.of_edition(edition)


def in_print(edition):
    """Its words as readers would see them."""
    day = edition.event_date and date_format(edition.event_date, "j F Y")
    line = [str(edition.get_kind_display()), language_name(edition.language), edition.place, day]
    return format_html(
        '<article class="words" lang="{}" dir="{}"><p class="line">{}</p><p class="deck">{}</p>{}</article>',
        edition.language, edition.direction,
        " · ".join(filter(None, line)),
        edition.summary, mark_safe(edition.body),  # noqa: S308 (clean since it was saved: our own allowlist)
    )  # fmt: skip


def given(edition):
    """The EmbargoRelease of an edition from `with_state`, or None."""
    return EmbargoRelease.objects.select_related("by").get(edition=edition) if edition.is_given else None


def beside(draft, reader):
    """What a translator has beside a draft: the edition it is made from, or the one that readers see by now."""
    if draft.translated_from_id is None:
        return None
    now = timezone.now()
    newest = draft.translated_from.article.live(now) if draft.is_stale_translation(now) else None
    edition = with_state(Edition.objects.filter(pk=(newest or draft.translated_from).pk), now).get()
    return {"edition": edition, "words": in_print(edition), "sentence": sentence(edition, now, reader), "newer": newest}
