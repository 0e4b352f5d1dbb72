"""Articles, quotes, pictures and topics as records, and what people and topics can do only with the ledger at hand."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.db.models import OuterRef, Q, Subquery
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from articles import forms
from articles.admin.editions import WordsAdmin
from articles.admin.lists import BoundedPaginator, LanguageFilter
from articles.badges import sentence, with_state
from articles.images import Image
from articles.ledger import State
from articles.models import (
    REFERENCES,
    Article,
    Edition,
    Quote,
    QuoteText,
    language_name,
    merge_people,
)
from articles.topics import Topic
from people.admin import RecordAdmin, ReferenceAdmin, ReferenceForm, refusal
from people.models import Person


@admin.register(Article)
class ArticleAdmin(WordsAdmin):
    form = forms.ArticleForm
    list_display = ["headline", "slug", "in_language", "uid"]
    search_fields = ["slug", "uid", "editions__headline__icontains"]
    list_filter = [LanguageFilter]
    paginator = BoundedPaginator
    ordering = ["-id"]
    actions = None
    autocomplete_fields = ["translation_of"]
    fields = ["slug", "translation_of", "in_language", "uid", "created_by", "created_at", "all_editions", "translated"]
    readonly_fields = ["in_language", "uid", "created_by", "created_at", "all_editions", "translated"]

    def get_queryset(self, request):
        newest = Edition.objects.filter(article=OuterRef("pk")).order_by("-id")
        return super().get_queryset(request).annotate(newest_headline=Subquery(newest.values("headline")[:1]))

    def has_change_permission(self, request, obj=None):
        """Writers change what they began, editors every article."""
        is_theirs = obj is None or obj.created_by_id == request.user.pk
        is_theirs = is_theirs or request.user.has_perm("articles.approve_edition")
        return is_theirs and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request, obj=None):
        may_move = request.user.has_perm("articles.publish_edition")
        return [*self.readonly_fields, *([] if may_move else ["slug"])]

    def add_view(self, request, form_url="", extra_context=None):
        """An article begins with its first draft, in one form."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:articles_edition_add"))

    def save_model(self, request, obj, form, change):
        slug = obj.slug
        obj.slug = form.initial.get("slug", slug)
        obj.save(update_fields=["translation_of"])
        if slug != obj.slug:
            obj.move(request.user, slug)

    @admin.display(description=_("headline"))
    def headline(self, article):
        return article.newest_headline or article.slug

    @admin.display(description=_("language"))
    def in_language(self, article):
        return language_name(article.language)

    @admin.display(description=_("editions"))
    def all_editions(self, article):
        now = timezone.now()
        rows = [
            (reverse("admin:articles_edition_change", args=[edition.pk]), edition.headline, edition)
            for edition in with_state(article.editions, now).order_by("-id")
        ]
        told = [(address, headline, sentence(edition, now, None)) for address, headline, edition in rows]
        return format_html('<ul class="told">{}</ul>', format_html_join("", '<li><a href="{}">{}</a><br>{}</li>', told))

    @admin.display(description=_("translations"))
    def translated(self, article):
        others = article.siblings().exclude(pk=article.pk)
        rows = [(reverse("admin:articles_article_change", args=[a.pk]), language_name(a.language), a) for a in others]
        return format_html_join("", '<p><a href="{}">{}</a>: {}</p>', rows) if rows else _("None.")


@admin.register(Quote)
class QuoteAdmin(WordsAdmin):
    """The identity of a quote. Its words follow from the body; its topics are given here."""

    list_display = ["words", "key"]
    search_fields = ["key", "texts__text__icontains", "texts__speaker__sort_key"]
    paginator = BoundedPaginator
    ordering = ["-id"]
    actions = None
    autocomplete_fields = ["topics"]
    fields = ["words", "key", "article", "topics"]
    readonly_fields = ["words", "key", "article"]

    def get_queryset(self, request):
        texts = QuoteText.objects.filter(quote=OuterRef("pk")).order_by("-id")
        return super().get_queryset(request).annotate(newest_text=Subquery(texts.values("text")[:1]))

    def has_add_permission(self, request):
        return False

    @admin.display(description=_("words"))
    def words(self, quote):
        return f"“{quote.newest_text}”" if quote.newest_text else _("no longer in any text")


@admin.register(Image)
class ImageAdmin(RecordAdmin):
    list_display = ["title", "width", "height", "uploaded_at"]
    search_fields = ["title", "uid"]
    fields = ["title", "file", ("focal_x", "focal_y"), "uid"]
    readonly_fields = ["uid"]

    def get_readonly_fields(self, request, obj=None):
        """The picture of a sealed edition stays that picture."""
        is_sealed = obj and obj.placements.exclude(edition__live_from=None).exists()
        return [*self.readonly_fields, *(["file"] if is_sealed else [])]

    def save_model(self, request, obj, form, change):
        if not change:
            obj.uploaded_by = request.user
        super().save_model(request, obj, form, change)


class TopicForm(ReferenceForm):
    def clean(self):
        cleaned = super().clean()
        parent, slug = cleaned.get("parent"), cleaned.get("slug")
        where = f"{parent.path}/{slug}" if parent else slug
        if slug and Topic.objects.exclude(pk=self.instance.pk).filter(path=where).exists():
            self.add_error("slug", _("There is a topic at this place already."))
        return cleaned


@admin.register(Topic)
class TopicAdmin(ReferenceAdmin):
    form = TopicForm
    list_display = ["name", "path", "standing", "seen"]
    search_fields = ["name__icontains", "path", "aliases__icontains", "uid"]
    autocomplete_fields = ["parent"]
    fields = ["name", "parent", "slug", "aliases", "description", "same_as", "proposed", "public_from", "path", "uid"]
    readonly_fields = ["path", "uid"]


# What people and topics can do only with the ledger and the articles at hand


@admin.action(description=_("Make public now"), permissions=["change"])
def make_public(model_admin, request, queryset):
    """Public by hand, from an instant that is still open. What is only proposed is confirmed first."""
    rows = model_admin.model.objects.filter(pk__in=list(queryset.values_list("pk", flat=True)), proposed=False)
    with transaction.atomic():
        list(rows.order_by("pk").select_for_update(no_key=True))
        now = State.held().next_instant()
        hidden = rows.filter(Q(public_from=None) | Q(public_from__gt=now))
        count = hidden.update(public_from=now, public_by_hand=True)
    model_admin.message_user(request, ngettext("%d is public now.", "%d are public now.", count) % count)
    if queryset.filter(proposed=True).exists():
        model_admin.message_user(request, _("What is only proposed stays private: confirm it first."), messages.WARNING)


@admin.action(description=_("Merge two records"), permissions=["change"])
def merge(model_admin, request, queryset):
    people = list(queryset.surviving().order_by("pk")[:3])
    if len(people) != 2:
        model_admin.message_user(request, _("Choose exactly two records that are one person."), messages.ERROR)
        return None
    into = next((person for person in people if str(person.pk) == request.POST.get("into")), None)
    if into:
        former = people[1 - people.index(into)]
        try:
            merge_people(former, into, request.user)
        except (ValidationError, PermissionDenied, DatabaseError) as error:
            if isinstance(error, DatabaseError) and not refusal(error):
                raise
            model_admin.message_user(request, "; ".join(getattr(error, "messages", [str(error)])), messages.ERROR)
            return None
        model_admin.message_user(request, _("One record now: %(name)s. The other address leads here.") % {"name": into})
        return None
    context = {
        **model_admin.admin_site.each_context(request), "opts": model_admin.opts,
        "title": _("Two records look like one person"),
        "people": [(person, person.quotes.exclude(edition__live_from=None).count()) for person in people],
    }  # fmt: skip
    return TemplateResponse(request, "admin/people/person/merge.html", context)


for model in REFERENCES:
    reference_admin = admin.site.get_model_admin(model)
    reference_admin.actions = [*reference_admin.actions, make_public, *([merge] if model is Person else [])]
