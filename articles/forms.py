"""What editors type: the words of a draft, a new article, and what a verb asks for before it is done."""

import re
from datetime import UTC, datetime

from django import forms
from django.conf import settings
from django.conf.global_settings import LANGUAGES as KNOWN_LANGUAGES
from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget, AutocompleteSelect
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models import Article, Edition, RelatedItem, language_name
from people.admin import RecordForm

PRINTED_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


def languages():
    """(code, name) of every language that can be written in, the site's own first."""
    ours = [code for code, _name in settings.LANGUAGES]
    others = sorted(code for code, _name in KNOWN_LANGUAGES if code not in ours)
    return [(code, language_name(code)) for code in [*ours, *others]]


class TextField(forms.CharField):
    """A text whose line ends are the stored ones, so that a form sent back untouched counts as unchanged."""

    def to_python(self, value):
        return super().to_python((value or "").replace("\r\n", "\n"))


def written(rows, **options):
    """A field for words that readers will see."""
    return TextField(widget=forms.Textarea(attrs={"rows": rows}), required=False, **options)


def version_field():
    return forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)


class WordsForm(RecordForm):
    """The words of an edition: what `Edition.WORDS` names, and its topics."""

    headline = TextField(label=_("Headline"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    summary = written(3, label=_("Summary"), max_length=1000)
    body = written(22, label=_("Body"), help_text=_("HTML. Every quote stands in a q element that names its speaker."))

    class Meta:
        model = Edition
        fields = ["kind", "headline", "summary", "place", "event_date", "dated", "source_updated", "body", "topics"]

    def clean_headline(self):
        return " ".join(self.cleaned_data["headline"].split())

    def clean_source_updated(self):
        printed = self.cleaned_data["source_updated"]
        if printed and not PRINTED_TIME.fullmatch(printed):
            raise ValidationError(_("Write it as 2023-05-30T18:18."))
        return printed


class DraftForm(WordsForm):
    """A draft, as it stood in version `opened` when the form was rendered."""

    opened = version_field()
    note = written(3, label=_("Note"), max_length=1000, help_text=_("What changed, as readers will see it."))
    embargo = written(2, label=_("Embargo line"), help_text=Edition._meta.get_field("embargo").help_text)

    class Meta(WordsForm.Meta):
        fields = [*WordsForm.Meta.fields, "change_class", "note", "embargo", "expires_at"]

    def __init__(self, *args, instance=None, initial=None, **kwargs):
        super().__init__(*args, instance=instance, initial={"opened": instance.version} | (initial or {}), **kwargs)


class NewArticleForm(WordsForm):
    """An article and its first draft."""

    written_in = forms.ChoiceField(
        label=_("Language"), help_text=_("It stays: a translation is an article of its own.")
    )
    translation_of = forms.ModelChoiceField(Article.objects.all(), label=_("Translation of"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["written_in"].choices = languages()
        self.fields["written_in"].initial = settings.LANGUAGE_CODE
        find_by_typing(self.fields["translation_of"], Article._meta.get_field("translation_of"))

    def save(self, commit=True):
        """The edition is made by the article's own verb; the form only gives the words."""
        self.save_m2m = self._save_m2m
        return self.instance

    def words(self):
        return {field: value for field, value in self.cleaned_data.items() if field in Edition.WORDS}


class SealedForm(RecordForm):
    """What of a published edition may still be amended: its classification."""

    class Meta:
        model = Edition
        fields = ["topics"]


class ArticleForm(RecordForm):
    class Meta:
        model = Article
        fields = ["slug", "translation_of"]

    def clean_slug(self):
        slug = self.cleaned_data["slug"] or self.instance.slug
        if self.instance.slug_is_taken(slug):
            raise ValidationError(_("The address “%(slug)s” is in use."), params={"slug": slug})
        return slug

    def clean_translation_of(self):
        original = self.cleaned_data["translation_of"]
        if original and (original.translation_of_id or original.pk == self.instance.pk):
            raise ValidationError(_("Choose the original: neither this article itself nor a translation of another."))
        return original


def find_by_typing(field, relation):
    """Let `field` be filled by typing, under the rules of the relation of a model."""
    field.widget = AutocompleteSelect(relation, admin.site)
    field.widget.choices = field.choices


# What verbs ask for


class VerbForm(forms.Form):
    """Every verb is done to the text its editor has read: version `opened`."""

    opened = version_field()

    def details(self):
        """What the verb is given beside its doer."""
        return {field: value for field, value in self.cleaned_data.items() if field != "opened"}


class SureForm(VerbForm):
    """Nothing but a second press, on a page that says what will happen."""


class TranslateForm(VerbForm):
    language = forms.ChoiceField(label=_("Into"), choices=lambda: [("", "–"), *languages()])


class ReturnForm(VerbForm):
    note = forms.CharField(label=_("What should change?"), widget=forms.Textarea(attrs={"rows": 4}), max_length=1000)


class WithdrawForm(VerbForm):
    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 4}), max_length=1000,
        help_text=_("Readers see it in place of the article."),
    )  # fmt: skip


class RedirectForm(VerbForm):
    target = forms.ModelChoiceField(Article.objects.all(), label=_("To the article"), required=False)
    url = forms.URLField(label=_("or to the address"), required=False, max_length=500, assume_scheme="https")
    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 2}), max_length=1000, required=False,
        help_text=_("For the record."),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        find_by_typing(self.fields["target"], RelatedItem._meta.get_field("article"))


class InstantForm(VerbForm):
    """A day and a time in the newsroom's zone; a time that the clocks skip or repeat is refused."""

    day = forms.DateField(label=_("Day"), widget=AdminDateWidget)
    time = forms.TimeField(label=_("Time"), widget=forms.TimeInput(format="%H:%M", attrs={"placeholder": "07:00"}))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["time"].help_text = _("24 hours, time of %(zone)s.") % {
            "zone": timezone.get_default_timezone_name()
        }

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("day") and cleaned.get("time") is not None:
            cleaned["instant"] = local_instant(cleaned["day"], cleaned["time"])
        return cleaned


class ScheduleForm(InstantForm):
    def details(self):
        return {"live_from": self.cleaned_data["instant"]}


class ExpireForm(InstantForm):
    """Without a day and a time it ends now."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in ("day", "time"):
            self.fields[field].required = False
        self.fields["day"].help_text = _("Leave both empty to end it now.")

    def clean(self):
        cleaned = super().clean()
        if (cleaned.get("day") is None) != (cleaned.get("time") is None) and not self.errors:
            raise ValidationError(_("Give both the day and the time, or neither."))
        return cleaned

    def details(self):
        return {"expires_at": self.cleaned_data.get("instant")}


def local_instant(day, time):
    """The instant at which the newsroom's clocks show this; ValidationError for a time they skip or show twice."""
    zone = timezone.get_default_timezone()
    try:
        first, second = (datetime.combine(day, time, tzinfo=zone).replace(fold=fold) for fold in (0, 1))
        shown = first.astimezone(UTC).astimezone(zone)
    except OverflowError:
        raise ValidationError(_("Choose a day within a few thousand years.")) from None
    words = {"time": f"{time:%H:%M}", "day": day.isoformat()}
    if shown.time() != time:
        raise ValidationError(
            _("%(time)s does not exist on %(day)s: the clocks skip it that night. Choose another time."), params=words
        )
    if first.utcoffset() != second.utcoffset():
        raise ValidationError(
            _("%(time)s happens twice on %(day)s: the clocks go back that night. Choose another time."), params=words
        )
    return first.astimezone(UTC)
