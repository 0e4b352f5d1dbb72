"""What editors type: the words of a draft, a new article, and what a verb asks for before it is done."""

import re
from datetime import UTC, date, time

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from articles import body as bodies
from articles import clocks
from articles.models import Article, Edition, RelatedItem, languages
from articles.quoting import BodyWidget
from articles.standing import StandingPage
from people.admin import RecordForm

PRINTED_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


class TextField(forms.CharField):
    """A text whose line ends are the stored ones, so that a form sent back untouched counts as unchanged."""

    def to_python(self, value):
        return super().to_python((value or "").replace("\r\n", "\n"))


def written(rows, **options):
    """A field for words that readers will see."""
    return TextField(widget=forms.Textarea(attrs={"rows": rows}), required=False, **options)


def version_field():
    return forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)


class ParagraphSelect(forms.Select):
    """The paragraphs of a text by their first words, for what stands after one of them. It submits the number, and
    keeps one that the text does not have; while the text is edited, editor/places.js keeps numbers and words right."""

    def __init__(self, first, body):
        after = [(n, Truncator(block.text).words(7)) for n, block in enumerate(bodies.blocks(body), 1)]
        super().__init__({"class": "place"}, [first, *after])

    def optgroups(self, name, value, attrs=None):
        if value[0] and value[0] not in {str(number) for number, _text in self.choices}:
            self.choices = [*self.choices, (value[0], _("Paragraph %s, which is not there") % value[0])]
        return super().optgroups(name, value, attrs)


class WordsForm(RecordForm):
    """The words of an edition: what `Edition.WORDS` names, and its topics."""

    headline = TextField(label=_("Headline"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    summary = written(3, label=_("Summary"), max_length=1000)
    body = TextField(
        label=_("Body"),
        required=False,
        widget=BodyWidget,
        help_text=_("Select what somebody said and press Alt+Q. The office beside a name is the one held that day."),
    )

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


class ClassChoice(forms.RadioSelect):
    """The kinds of change, each with what readers are told. One out of reach stays visible, with its reason."""

    out_of_reach = {}
    TOLD = {
        Edition.TYPOGRAPHIC: _("Readers are not told."),
        Edition.UPDATE: _("“Updated on …”, with your note."),
        Edition.CORRECTION: _("“Corrected on …”, with your note on the page, in the feed and under Corrections."),
    }

    def render(self, name, value, attrs=None, renderer=None):
        return render_to_string("admin/articles/edition/class_choice.html", self.get_context(name, value, attrs))

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        option["told"] = self.TOLD.get(value, "")
        if value in self.out_of_reach:
            option["refused"] = self.out_of_reach[value]
            option["selected"] = False
        return option


class DraftForm(WordsForm):
    """A draft, as it stood in version `opened` when the form was rendered."""

    opened = version_field()
    note = written(3, label=_("Note"), max_length=1000, help_text=_("What changed, as readers will see it."))

    quotes_removed = forms.CharField(required=False, max_length=10_000, widget=forms.HiddenInput)
    without_quotes = forms.BooleanField(
        required=False, widget=forms.HiddenInput, label=_("Save it without these quotes")
    )

    class Meta(WordsForm.Meta):
        fields = [*WordsForm.Meta.fields, "change_class", "note", "expires_at"]

    def __init__(self, *args, instance=None, initial=None, **kwargs):
        super().__init__(*args, instance=instance, initial={"opened": instance.version} | (initial or {}), **kwargs)
        self.fields["body"].widget.attrs |= {"lang": instance.language, "dir": instance.direction}
        self.stored_quotes = {span.key: span.text for span in bodies.quotes(instance.body)}
        if "change_class" in self.fields:
            kind = self.fields["change_class"]
            kind.choices = [(value, label) for value, label in kind.choices if value]
            kind.widget = ClassChoice(choices=kind.choices)
            if instance.pk and instance.based_on_id and instance.floor() != Edition.TYPOGRAPHIC:
                kind.widget.out_of_reach = {
                    Edition.TYPOGRAPHIC: _("Not available: it would hide the changes listed below.")
                }

    def clean(self):
        """Quotes are lost on purpose only: the editor took the mark away, or says so here."""
        super().clean()
        typed = self.cleaned_data
        left = {span.key for span in bodies.quotes(typed.get("body", ""))} | set(
            typed.get("quotes_removed", "").split()
        )
        gone = [text for key, text in self.stored_quotes.items() if key not in left]
        if gone and not typed.get("without_quotes"):
            self.fields["without_quotes"].widget = forms.CheckboxInput()
            told = " · ".join(f"“{text[:80]}”" for text in gone[:5]) + (" …" if len(gone) > 5 else "")
            why = _(
                "Nothing is saved yet: these quotes are no longer marked: %(quotes)s. Mark them again, or tick "
                "“Save it without these quotes”."
            )
            self.add_error("body", why % {"quotes": told})


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

    def clean_translation_of(self):
        return an_original(self.cleaned_data["translation_of"])

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
        original = an_original(self.cleaned_data["translation_of"], self.instance)
        if original and self.instance.translations.exists():
            raise ValidationError(_("It has translations itself. Make them translations of that original first."))
        return original


def an_original(article, own=None):
    """The article chosen as the original of `own`; a family is an original and its translations, and no deeper."""
    if article and (article.translation_of_id or article == own):
        raise ValidationError(_("Choose the original: neither this article itself nor a translation of another."))
    return article


class StandingPageForm(RecordForm):
    """A page with the words of fingerprint `opened`, which stood there when the form was rendered."""

    opened = forms.CharField(max_length=64, widget=forms.HiddenInput)
    body = TextField(
        label=_("Text"), widget=BodyWidget(quotes=False), help_text=_("Readers see a change at once, without a note.")
    )

    def __init__(self, *args, instance=None, initial=None, **kwargs):
        opened = {"opened": instance.fingerprint()} if instance else {}
        super().__init__(*args, instance=instance, initial=opened | (initial or {}), **kwargs)

    def clean(self):
        """Nobody's words are replaced unseen. The row is held until the save, so that of two editors one is second."""
        super().clean()
        stored = StandingPage.objects.select_for_update(no_key=True).get(pk=self.instance.pk)
        if self.cleaned_data.get("opened") != stored.fingerprint():
            self.data = self.data.copy()
            self.data["opened"] = stored.fingerprint()  # the next save has been warned
            why = _(
                "Somebody changed this page since you opened it. Nothing is saved yet: your text is still here, theirs "
                "is under “View on site”. Take over what should stay, and save again: your text then replaces theirs."
            )
            self.add_error("body", why)


class TopicActionForm(ActionForm):
    """What is done to the selected rows of the list, with the topic it is about."""

    topic = forms.CharField(
        label=_("topic"), required=False, max_length=400,
        widget=forms.TextInput(attrs={"placeholder": _("Name of a topic"), "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["action"].label = _("With the selected:")


def find_by_typing(field, relation):
    """Let `field` be filled by typing, under the rules of the relation of a model."""
    field.widget = AutocompleteSelect(relation, admin.site)
    field.widget.choices = field.choices


# What verbs ask for


class VerbForm(forms.Form):
    """Every verb is done to the text its editor has read: version `opened`."""

    opened = version_field()
    template = "admin/articles/edition/verb.html"

    def __init__(self, *args, edition=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.edition = edition

    def details(self):
        """What the verb is given beside its doer."""
        return {field: value for field, value in self.cleaned_data.items() if field != "opened"}


class SureForm(VerbForm):
    """Nothing but a second press, on a page that says what will happen."""


class ConfirmForm(VerbForm):
    """Nothing but a second press, below who is confirmed by it."""

    template = "admin/articles/edition/confirm.html"


class TranslateForm(VerbForm):
    language = forms.ChoiceField(label=_("Into"), choices=lambda: [("", "–"), *languages()])


class ReturnForm(VerbForm):
    note = forms.CharField(label=_("What should change?"), widget=forms.Textarea(attrs={"rows": 4}), max_length=1000)


class LeavingForm(VerbForm):
    """A way off the site; its page says what the public will see."""

    template = "admin/articles/edition/leaving.html"


class WithdrawForm(LeavingForm):
    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 4}), max_length=1000,
        help_text=_("Readers see it in place of the article."),
    )  # fmt: skip


class RedirectForm(LeavingForm):
    target = forms.ModelChoiceField(Article.objects.all(), label=_("To the article"), required=False)
    url = forms.URLField(label=_("or to the address"), required=False, max_length=500, assume_scheme="https")
    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 2}), max_length=1000, required=False,
        help_text=_("For the record."),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        find_by_typing(self.fields["target"], RelatedItem._meta.get_field("article"))


class DayField(forms.CharField):
    """A day as editors type it (the browser's own date field would follow the browser's language)."""

    def to_python(self, value):
        return clocks.parse_day(value) if super().to_python(value) else None

    def prepare_value(self, value):
        return date_format(value, "j M Y") if isinstance(value, date) else value


class ClockField(forms.CharField):
    """A time of 24 hours as editors type it."""

    def to_python(self, value):
        return clocks.parse_clock(value) if super().to_python(value) else None

    def prepare_value(self, value):
        return f"{value:%H:%M}" if isinstance(value, time) else value


class TimedForm(forms.Form):
    """A day and a time on the newsroom's clocks, and what they mean. A time that the clocks skip or repeat has two
    readings: none is preselected, and nothing is done before one is chosen. A form that is only `looked` at (the
    "Read it" button, or the script that reads while one types) complains of nothing that is still to come."""

    day = DayField(label=_("Day"), widget=forms.TextInput(attrs={"placeholder": "24 Nov 2026", "autocomplete": "off"}))
    time = ClockField(
        label=_("Time, 24 h"), widget=forms.TextInput(attrs={"placeholder": "07:00", "autocomplete": "off"})
    )
    reading = forms.CharField(required=False, widget=forms.HiddenInput)

    found = None

    @property
    def readings(self):
        """What the day and the time mean; None when they mean nothing yet."""
        return self.found if self.errors is not None else None  # asking for the errors reads what was typed

    @property
    def zone(self):
        return timezone.get_default_timezone()

    @property
    def city(self):
        return clocks.city(self.zone)

    @property
    def now(self):
        return timezone.now()

    def clean(self):
        cleaned = super().clean()
        day, clock = cleaned.get("day"), cleaned.get("time")
        if day is None or clock is None:
            return cleaned
        self.found = clocks.readings(day, clock, self.zone)
        chosen = self.found.chosen(cleaned.get("reading"))
        if chosen is None:
            raise ValidationError(_("Choose one of the two readings first."), code="two readings")
        cleaned["instant"] = chosen.instant
        return cleaned

    @property
    def chosen(self):
        """The reading that will be taken; None while there is none."""
        return self.readings.chosen(self["reading"].value()) if self.readings else None

    @property
    def choices(self):
        """The readings, each with how far off it is and whether it was chosen."""
        chosen = self.chosen
        return [
            (reading, clocks.countdown(reading.instant, self.now), reading == chosen)
            for reading in (self.readings.choices if self.readings else ())
        ]

    @property
    def waits_for_a_choice(self):
        return bool(self.readings and self.readings.are_two and self.chosen is None)


class InstantForm(TimedForm, VerbForm):
    """A verb that asks when."""

    template = "admin/articles/edition/when.html"

    def __init__(self, *args, edition=None, initial=None, **kwargs):
        initial = self.timed(self.stands(edition)) | (initial or {})
        super().__init__(*args, edition=edition, initial=initial, **kwargs)
        if not self.is_bound and "day" in initial:
            self.found = clocks.readings(initial["day"], initial["time"], self.zone)

    @staticmethod
    def stands(edition):
        """The instant that is set now, or None."""
        return edition and edition.live_from

    def timed(self, instant):
        if instant is None:
            return {}
        local = instant.astimezone(self.zone)
        return {"day": local.date(), "time": local.time(), "reading": f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}


class ScheduleForm(InstantForm):
    def details(self):
        return {"live_from": self.cleaned_data["instant"]}


class ExpireForm(InstantForm):
    """Without a day and a time it ends now."""

    @staticmethod
    def stands(edition):
        return edition and edition.expires_at

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


class GroupForm(TimedForm):
    """The editions of a release group, and their one instant."""

    NOW, LATER = "now", "later"

    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("Only editors see it: “Ministerial, day two”."))
    editions = forms.ModelMultipleChoiceField(
        Edition.objects.none(), label=_("Editions"), widget=forms.CheckboxSelectMultiple
    )
    when = forms.ChoiceField(
        label=_("When?"), widget=forms.RadioSelect, initial=LATER,
        choices=[(NOW, _("Now")), (LATER, _("At a time"))],
    )  # fmt: skip

    field_order = ["name", "editions", "when", "day", "time", "reading"]

    def __init__(self, *args, ready=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["editions"].queryset = ready
        for field in ("day", "time"):
            self.fields[field].required = False

    def clean(self):
        if self.data.get("when") == self.NOW:
            return forms.Form.clean(self) or self.cleaned_data
        cleaned = super().clean()
        for field in ("day", "time"):
            if cleaned.get(field) is None and field not in self.errors:
                self.add_error(field, _("Say when, or choose “Now”."))
        return cleaned


class OverrideForm(VerbForm):
    """Publishing alone asks for its reason."""

    reason = forms.CharField(
        label=_("Why can it not wait?"), widget=forms.Textarea(attrs={"rows": 4}), max_length=1000,
        help_text=_("Whoever countersigns reads it. It stays on everybody's desk until then."),
    )  # fmt: skip


class CountersignForm(VerbForm):
    """Nothing but the signature, below the text that is signed."""

    template = "admin/articles/edition/countersign.html"


class EraseForm(LeavingForm):
    """The words are gone for ever, so the article's identifier is typed by hand."""

    ground = forms.CharField(
        label=_("Legal ground"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000,
        help_text=_("It stays on record with your name. Repeat nothing in it of what is erased."),
    )  # fmt: skip
    uid = forms.CharField(label=_("Type the article's identifier"), max_length=24, strip=True)

    def __init__(self, *args, edition=None, **kwargs):
        super().__init__(*args, edition=edition, **kwargs)
        self.fields["uid"].help_text = _("It is %(uid)s. Nothing is erased unless you type it.") % {
            "uid": edition.article.uid if edition else ""
        }

    def clean_uid(self):
        if self.cleaned_data["uid"] != self.edition.article.uid:
            raise ValidationError(_("That is not the identifier of this article. Nothing was erased."))
        return self.cleaned_data["uid"]

    def details(self):
        return {"ground": self.cleaned_data["ground"]}


def local_instant(day, time):
    """The instant at which the newsroom's clocks show this; ValidationError for a time they skip or show twice."""
    found = clocks.readings(day, time, timezone.get_default_timezone())
    if found.are_two:
        raise ValidationError(f"{found.title}. {found.why}")
    return found.choices[0].instant
