"""Articles, quotes, pictures and topics as records, and what people and topics can do only with the ledger at hand."""

from pathlib import PurePath

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import ImageField, OuterRef, Q, Subquery
from django.http import FileResponse, Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from js_asset import Media

from articles import forms
from articles.admin.editions import WordsAdmin
from articles.admin.house import keep_house
from articles.admin.lists import BoundedPaginator, LanguageFilter, quotes_called
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
)
from articles.standing import StandingPage
from articles.topics import Topic
from people import pictures
from people.admin import RecordAdmin, ReferenceAdmin, ReferenceForm


@admin.register(Article)
class ArticleAdmin(WordsAdmin):
    form = forms.ArticleForm
    list_display = ["headline", "slug", "in_language", "uid"]
    search_fields = ["slug"]
    search_help_text = _("Searches the words of editions; finds an article by its identifier or address.")
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

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        if article := Article.objects.called(search_term):
            return queryset.filter(pk=article.pk), False
        return queryset.filter(pk__in=Edition.objects.holders(search_term, "article")), False

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
    search_fields = ["key"]
    search_help_text = _("Finds a quote by its key, its speaker, or with all quotes of its article by its words.")
    paginator = BoundedPaginator
    ordering = ["-id"]
    actions = None
    autocomplete_fields = ["topics"]
    fields = ["words", "key", "article", "topics"]
    readonly_fields = ["words", "key", "article"]

    def get_queryset(self, request):
        texts = QuoteText.objects.filter(quote=OuterRef("pk")).order_by("-id")
        return super().get_queryset(request).annotate(newest_text=Subquery(texts.values("text")[:1]))

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        texts = quotes_called(QuoteText.objects.order_by(), search_term)
        return queryset.filter(pk__in=texts.values("quote")), False

    def has_add_permission(self, request):
        return False

    @admin.display(description=_("words"))
    def words(self, quote):
        return f"“{quote.newest_text}”" if quote.newest_text else _("no longer in any text")


@admin.register(Image)
class ImageAdmin(RecordAdmin):
    """What is uploaded is written anew before anything else sees it (people/pictures.py)."""

    change_form_template = "admin/articles/image/change_form.html"
    list_display = ["title", "width", "height", "uploaded_at"]
    search_fields = ["title", "uid"]
    paginator = BoundedPaginator
    ordering = ["-id"]
    fields = ["title", "file", ("focal_x", "focal_y"), "uid"]
    readonly_fields = ["uid"]
    actions = ["cut"]
    formfield_overrides = {
        ImageField: {
            "form_class": pictures.PictureField, "widget": pictures.PictureField.widget,
            "help_text": _("JPEG, PNG, WebP or still GIF, 10 MB and 40 million pixels at most. Where and with what "
                           "it was taken is removed."),
        }
    }  # fmt: skip

    def get_urls(self):
        view = self.admin_site.admin_view(self.file_view)
        name = "articles_image_file"
        return [path("<path:object_id>/file/<slug:shape>/", view, name=name), *super().get_urls()]

    def file_view(self, request, object_id, shape):
        """The picture for those who work with it: what readers may fetch, they fetch elsewhere."""
        image = self.get_object(request, unquote(object_id))
        if image is None or not image.file:
            raise Http404
        if not self.has_view_permission(request, image):
            raise PermissionDenied
        cut = image.renditions.filter(shape=shape).order_by("-width").first()
        file = cut.file if cut else image.file
        kind = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}.get(PurePath(file.name).suffix)
        if not file.storage.exists(file.name):
            raise Http404
        response = FileResponse(file.open(), content_type=kind or "application/octet-stream", as_attachment=not kind)
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-cache"
        return response

    @admin.action(description=_("Make the smaller pictures that are missing"), permissions=["change"])
    def cut(self, request, queryset):
        for image in queryset:
            image.cut()
        self.message_user(request, _("Done."))

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


for model in REFERENCES:
    reference_admin = admin.site.get_model_admin(model)
    reference_admin.actions = [*reference_admin.actions, make_public]
    keep_house(reference_admin)


@admin.register(StandingPage)
class StandingPageAdmin(RecordAdmin):
    """Which pages there are is fixed, since every footer links to them; their words are the editors'."""

    form = forms.StandingPageForm
    list_display = ["page", "in_language", "changed_at"]
    search_fields = ["body"]
    fields = ["page", "in_language", "body", "opened", "changed_at"]
    readonly_fields = ["page", "in_language", "changed_at"]
    actions = None

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def render_change_form(self, request, context, **kwargs):
        """The import map of the text editor is inline, so it needs the nonce of the answer."""
        context["media"] = Media.from_media(context["media"], nonce=str(request.csp_nonce))
        return super().render_change_form(request, context, **kwargs)

    def view_on_site(self, obj):
        return obj.get_absolute_url()

    @admin.display(description=_("page"), ordering="name")
    def page(self, obj):
        return obj.get_name_display()

    @admin.display(description=_("language"), ordering="language")
    def in_language(self, obj):
        return language_name(obj.language)
