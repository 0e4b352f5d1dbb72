"""New from a release: brought in, reviewed beside what was understood of it, made into a draft; its embargo decided.

The pages stand under those of editions; `urls` is all that `EditionAdmin` needs to know of them.
"""

from dataclasses import replace
from datetime import date
from functools import partial

from django import forms
from django.conf import settings
from django.conf.global_settings import LANGUAGES as KNOWN_LANGUAGES
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.db.models.fields.json import KT
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from articles import imports, releases, review
from articles.badges import name, when
from articles.desk import Arrival, Release
from articles.embargo import EmbargoForm, told
from articles.models import Article, Edition, language_name
from articles.releases.proposal import Proposal
from people.models import Person, free_slug

FILES = ".txt,.text,.md,.html,.htm,.docx,.eml"


def urls(desk):
    """The pages of releases, under the permissions of `desk`, the admin of editions."""
    return [
        path("from-release/", guarded(desk, bring, kept_paste), name="articles_edition_fromrelease"),
        path("from-release/<int:pk>/", guarded(desk, reviewed, kept_answers), name="articles_edition_arrival"),
        path("<int:pk>/embargo/", desk.admin_site.admin_view(partial(embargo, desk)), name="articles_edition_embargo"),
    ]


# Nothing typed is lost when a session ends before the page is sent

_SALT, _VALID = "articles.arrivals", 3 * 24 * 60 * 60


def page_token(user):
    """Signs a page for the one it was served to, until the password changes: what is sent from it after the session
    has ended is kept under that name, and nothing else can be done with it."""
    return signing.dumps([user.pk, user.get_session_auth_hash()[:20]], salt=_SALT)


def served_to(token):
    try:
        pk, digest = signing.loads(token, salt=_SALT, max_age=_VALID)
    except signing.BadSignature:
        return None
    user = get_user_model().objects.filter(pk=pk, is_active=True, is_staff=True).first()
    is_same = user and user.get_session_auth_hash()[:20] == digest
    return user if is_same and user.has_perm("articles.add_edition") else None


def guarded(desk, view, keep):
    """A page of the admin that asks for a login; `keep(request, user, ...)` keeps what comes from a page whose session
    has ended, and says where to go on after the login."""
    inside = desk.admin_site.admin_view(partial(view, desk))

    def page(request, *args, **kwargs):
        if request.method == "POST" and not desk.admin_site.has_permission(request):
            user = served_to(request.POST.get("page", ""))
            address = user and keep(request, user, *args, **kwargs)
            if address:
                messages.warning(request, _("You had been signed out. What you sent is kept: sign in and go on."))
                return redirect_to_login(address, reverse("admin:login"))
        return inside(request, *args, **kwargs)

    page.keeps_what_is_sent = True  # so the gate before the admin lets it (newsroom/access.py)
    return page


def kept_paste(request, user):
    form = ReleaseForm(request.POST, request.FILES)
    if not form.is_valid():  # a file that cannot be read does not cost the text that was pasted beside it
        form = ReleaseForm(request.POST)
    try:
        return form.is_valid() and _review_address(form.arrive(user))
    except (imports.Refused, imports.AlreadyImported):
        return None


def kept_answers(request, user, pk):
    arrival = Arrival.objects.of(user).filter(pk=pk).first()
    if arrival:
        ReviewForm(arrival, request.POST).keep()
    return arrival and _review_address(arrival)


def _review_address(arrival):
    return reverse("admin:articles_edition_arrival", args=[arrival.pk])


def _draft_address(edition):
    return reverse("admin:articles_edition_change", args=[edition.pk])


# A release is brought in


class ReleaseForm(forms.Form):
    """A text that was pasted (with its paragraphs and links where the clipboard had them as HTML), or a file."""

    text = forms.CharField(
        label=_("Paste the text"), required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 16, "placeholder": _("Paste here")}),
        help_text=_("From Word, a mail or a web page: paragraphs, links and block quotes stay. No character is lost."),
    )  # fmt: skip
    rich = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)
    file = forms.FileField(
        label=_("Choose a file"), required=False, widget=forms.FileInput(attrs={"accept": FILES}),
        help_text=_(".txt, .html, .docx or .eml. You may also drop it anywhere on this page."),
    )  # fmt: skip

    def clean(self):
        """Reads what was handed over: `opened`, under a `name` and a `digest`."""
        cleaned = super().clean()
        file, text = cleaned.get("file"), (cleaned.get("text") or "").replace("\r\n", "\n")
        if self.errors:
            return cleaned
        try:
            if file and text.strip():
                raise releases.UnreadableRelease(
                    _("You pasted a text and chose a file. Hand over one of them: empty the text, or choose no file.")
                )
            if file:
                imports.must_be_short(file.size)
                data, self.name = file.read(), file.name
                self.opened = releases.open_release(data)
            elif text.strip():
                data, self.name = text.encode(), str(_("Pasted text"))
                self.opened = _pasted(text, cleaned.get("rich") or "")
            else:
                raise releases.UnreadableRelease(_("Paste a text, or choose a file."))
        except releases.UnreadableRelease as error:
            self.add_error("file" if file else "text", str(error))
        else:
            self.digest = imports.digest_of(data)
        return cleaned

    def arrive(self, by):
        """What was handed over, as an arrival. Raises what `imports.arrive` raises."""
        return imports.arrive(self.opened, self.name, self.digest, by)


def _pasted(text, rich):
    """The clipboard's HTML where it holds the words of the text, else the text."""
    plain = releases.open_release(text.encode())
    try:
        formatted = releases.from_html(rich) if rich.strip() else plain
    except releases.UnreadableRelease:
        return plain
    return formatted if _letters(formatted.text) >= 0.9 * _letters(plain.text) else plain


def _letters(text):
    return sum(map(str.isalnum, text))


def bring(desk, request):
    """Paste a release or hand over its file; it is read, and waits for review."""
    if not desk.has_add_permission(request):
        raise PermissionDenied
    sent = request.method == "POST"
    form, earlier = ReleaseForm(request.POST if sent else None, request.FILES if sent else None), None
    if sent and form.is_valid():
        try:
            return HttpResponseRedirect(_review_address(form.arrive(request.user)))
        except imports.Refused as error:
            form.add_error(None, str(error))
        except imports.AlreadyImported as known:
            earlier = known.release
    now = timezone.now()
    context = {
        **desk.admin_site.each_context(request), "opts": desk.opts, "title": _("New from a release"), "form": form,
        "earlier": earlier and earlier.article.editions.order_by("-id").first(),
        "earlier_by": earlier and name(earlier.imported_by), "earlier_at": earlier and when(earlier.imported_at, now),
        "token": page_token(request.user), "lately": lately(request.user, now), "text_limit": releases.LIMIT,
    }  # fmt: skip
    return TemplateResponse(request, "admin/articles/edition/release.html", context)


def lately(user, now):
    """(address, headline, sentence) of what waits for review, then of what became a draft, newest first."""
    waiting = Arrival.objects.unread(now).of(user).annotate(headline=KT("proposal__title")).select_related("by")
    newest = Edition.objects.filter(article=OuterRef("article")).order_by("-id")
    done = Release.objects.annotate(
        edition=Subquery(newest.values("pk")[:1]), headline=Subquery(newest.values("headline")[:1])
    ).select_related("imported_by")
    rows = []
    for arrival in waiting.defer("text", "lines", "links", "remarks", "proposal", "answers").order_by("-id")[:5]:
        left = ngettext("%d quote to decide", "%d quotes to decide", arrival.waiting) % arrival.waiting
        facts = {"by": _("You") if arrival.by == user else name(arrival.by), "at": when(arrival.at, now), "left": left}
        sentence = (
            _("Not finished: %(left)s. %(by)s, %(at)s.") if arrival.waiting else _("Not finished. %(by)s, %(at)s.")
        )
        rows.append((_review_address(arrival), arrival.headline or arrival.name, sentence % facts))
    for release in done.defer("text", "proposal").order_by("-id")[:5]:
        facts = {"by": name(release.imported_by), "at": when(release.imported_at, now)}
        if release.edition:
            address = reverse("admin:articles_edition_change", args=[release.edition])
            rows.append((address, release.headline, _("Became a draft. %(by)s, %(at)s.") % facts))
    return rows


# It is reviewed

LATER, YES, NO = "", "yes", "no"
NOBODY, SOURCE, OTHER, NONE = "nobody", "source", "other", "none"


def _day(label):
    return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"placeholder": "2024-03-14"}))


class ReviewForm(forms.Form):
    """What was understood of an arrival, as fields; what an editor answered before is in them. `decided()` is the
    proposal that her answers make of it."""

    headline = forms.CharField(
        label=_("Headline"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write a headline: the release has none that was recognised.")},
    )  # fmt: skip
    summary = forms.CharField(
        label=_("Summary"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Edition.KINDS, initial=Edition.NEWS)
    language = forms.ChoiceField(label=_("Language"))
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    dated = forms.ChoiceField(
        label=_("The date printed on it"), widget=forms.RadioSelect,
        error_messages={"required": _("Say which date is printed on it.")},
    )  # fmt: skip
    dated_other = _day(_("Date printed on it"))
    happened = forms.ChoiceField(
        label=_("It happened on"), widget=forms.RadioSelect,
        error_messages={"required": _("Say on which day it happened, or that it has none.")},
    )  # fmt: skip
    happened_other = _day(_("Day on which it happened"))

    def __init__(self, arrival, data=None):
        self.arrival, self.proposal = arrival, Proposal.from_json(arrival.proposal)
        super().__init__(data, initial=self._understood())
        codes = [code for code, _name in settings.LANGUAGES]
        codes += sorted(code for code, _name in KNOWN_LANGUAGES if code not in codes)
        self.fields["language"].choices = [(code, language_name(code)) for code in codes]
        days = self._days()
        self.fields["dated"].choices = [*days, (OTHER, _("Another day"))]
        self.fields["happened"].choices = [*days, (NONE, _("No day of its own")), (OTHER, _("Another day"))]
        for number, quote in enumerate(self.proposal.quotes):
            self._ask_of(number, quote)
        for number, named in enumerate(self.proposal.people):
            self._keep(f"person_{number}", named.name)
            if namesakes := arrival.proposal["namesakes"].get(named.name):
                choices = [("", _("Not settled")), *((uid, f"{name} [{uid}]") for uid, name in namesakes)]
                self.fields[f"is_{number}"] = forms.ChoiceField(label=_("Which one?"), choices=choices, required=False)
            elif named.match == "new":
                self.fields[f"is_{number}"] = _known_person(_("It is somebody known here"))
        for number, topic in enumerate(self.proposal.topics):
            self._keep(f"topic_{number}", topic["name"])
        for number, item in enumerate(self.proposal.related):
            self._keep(f"related_{number}", item.label)
        for number, cut in enumerate(self.proposal.cut):
            if review.left_in(cut):
                self._keep(f"cut_{number}", _("Put back"), initial=False)
        self.initial |= {name: self._answered(name, value) for name, value in arrival.answers.items()}

    def _understood(self):
        found = self.proposal
        happened = found.event_date if found.event_date and imports.is_news(found) else NONE
        return {
            "headline": " ".join((found.title or "").split()), "summary": imports.opening(found.summary or ""),
            "language": found.language, "place": found.place or "", "dated": found.dated, "happened": happened,
        }  # fmt: skip

    def _days(self):
        """The days that the text names, each with the words it was found in."""
        evidence = {}
        for found in self.proposal.dates:
            if found.iso and found.role != "embargo":
                words = format_html("“{}”: {}", " ".join(found.text.split()), review.DATE_ROLES[found.role])
                evidence.setdefault(found.iso[:10], []).append(words)
        for day in (self.proposal.dated, self.proposal.event_date):
            if day:
                evidence.setdefault(day, [])
        return [
            (
                day,
                format_html(
                    "<strong>{}</strong><small>{}</small>",
                    _long(day),
                    format_html_join("; ", "{}", ((w,) for w in words[:4])),
                ),
            )
            for day, words in list(evidence.items())[:12]
        ]

    def _ask_of(self, number, quote):
        people = self.proposal.people
        office = {named.name: f", {named.office}" if named.office else "" for named in people}
        choices = [
            (f"p{index}", f"{named.name}{' '.join(office[named.name].split())}") for index, named in enumerate(people)
        ]
        if quote.source:
            source = " ".join(quote.source.split())
            choices.append((SOURCE, _("No person: “%(source)s”, as the text has it") % {"source": source[:80]}))
        choices += [(NOBODY, _("Nobody yet")), (OTHER, _("Somebody else, known here"))]
        speaker = next((f"p{index}" for index, named in enumerate(people) if named.name == quote.speaker), NOBODY)
        self.fields[f"quote_{number}"] = forms.ChoiceField(
            label=_("Is it a quote?"), widget=forms.RadioSelect, required=False,
            choices=[(YES, _("Accept as a quote")), (NO, _("Not a quote")), (LATER, _("Decide later"))],
        )  # fmt: skip
        self.fields[f"who_{number}"] = forms.ChoiceField(label=_("Speaker"), choices=choices)
        self.fields[f"other_{number}"] = _known_person(_("Name of somebody known here"))
        self.initial |= {f"quote_{number}": LATER, f"who_{number}": SOURCE if quote.source else speaker}

    def _keep(self, field, label, initial=True):
        self.fields[field] = forms.BooleanField(label=label, required=False)
        self.initial[field] = initial

    def _answered(self, field, value):
        return value == "on" if isinstance(self.fields.get(field), forms.BooleanField) else value

    def typed(self):
        """What was sent, as it was sent."""
        names = [*self.fields, *(f"embargo-{field}" for field in EmbargoForm.base_fields)]
        return {field: self.data.get(field, "").replace("\0", "") for field in names}

    def keep(self, **changes):
        """Keep what was answered so far, valid or not."""
        answers = self.typed() | changes
        self.arrival.answers = answers
        self.arrival.waiting = sum(
            answers[f"quote_{number}"] not in (YES, NO) for number, _quote in self.each("quotes")
        )
        self.arrival.save(update_fields=["answers", "waiting"])

    def each(self, part):
        return list(enumerate(getattr(self.proposal, part)))

    @cached_property
    def register(self):
        return imports.Register()

    def clean(self):
        cleaned = super().clean()
        cleaned["settled"] = set()
        for field in ("dated", "happened"):
            if cleaned.get(field) == OTHER:
                cleaned[field] = day = cleaned.get(f"{field}_other")
                if day is None and f"{field}_other" not in self.errors:
                    self.add_error(f"{field}_other", _("Give the day, as 2024-03-14."))
            elif cleaned.get(field):
                cleaned[field] = None if cleaned[field] == NONE else date.fromisoformat(cleaned[field])
        for number, named in self.each("people"):
            cleaned[f"person_of_{number}"] = self._meant(named, f"is_{number}", cleaned)
        for number, quote in self.each("quotes"):
            cleaned[f"changes_{number}"] = self._changes(number, quote, cleaned)
        put_back = any(cleaned.get(f"cut_{number}") for number, _cut in self.each("cut"))
        if not (self.proposal.paragraphs or put_back):
            self.add_error(None, _("No text was found below the title. Put back what belongs to it."))
        return cleaned

    def _meant(self, named, field, cleaned):
        """(name, uid) of somebody in the text, as the record has it or as an editor settled it."""
        answer = cleaned.get(field)
        if not answer:
            return named.name, named.uid
        person = self.register.people.get(answer) if named.match != "new" else self._known(field, answer)
        if person is None:
            return named.name, named.uid
        cleaned["settled"].add(person.uid)
        return person.name, person.uid

    def _changes(self, number, quote, cleaned):
        who, people = cleaned.get(f"who_{number}"), self.proposal.people
        if who == NOBODY:
            return review.NOBODY if quote.speaker or quote.source else {}
        if who == OTHER:
            person = self._known(f"other_{number}", cleaned.get(f"other_{number}"))
            if person is None:
                return {}
            cleaned["settled"].add(person.uid)
            return review.NOBODY | {"speaker": person.name, "speaker_uid": person.uid}
        if who and who != SOURCE:
            index = int(who[1:])
            name, uid = cleaned[f"person_of_{index}"]
            if (name, uid) != (quote.speaker, quote.speaker_uid):
                return review.NOBODY | {"speaker": name, "speaker_uid": uid, "position": people[index].position}
        return {}

    def _known(self, field, typed):
        """The person of this name, or the one of several whose uid stands behind it; None with an error."""
        text, _bracket, uid = (typed or "").partition(" [")
        known = self.register.called(text)
        chosen = [person for person in known if person.uid == uid.rstrip("]")] if uid else known
        if len(chosen) == 1:
            return chosen[0]
        if len(known) > 1:
            which = ", ".join(f"{person.name} [{person.uid}]" for person in known)
            error = _("Several people here have that name. Write one of these: %(which)s.") % {"which": which}
        elif text.strip():
            error = _("Nobody here is called “%(name)s”. Add the person first, or leave it open.") % {"name": text}
        else:
            error = _("Write the name of somebody known here.")
        self.add_error(field, error)
        return None

    def decided(self):
        """The proposal as it was decided. Of a valid form."""
        chosen = self.cleaned_data
        kept = {part: [row for number, row in self.each(part) if chosen[f"{field}_{number}"]]
                for part, field in (("topics", "topic"), ("related", "related"))}  # fmt: skip
        people = []
        for number, named in self.each("people"):
            if chosen[f"person_{number}"]:
                people.append(replace(named, uid=chosen[f"person_of_{number}"][1]))
        answers = {YES: True, NO: False, LATER: None}
        quotes = [
            (quote, answers[chosen[f"quote_{number}"]], chosen[f"changes_{number}"])
            for number, quote in self.each("quotes")
        ]
        facts = {
            "title": chosen["headline"], "language": chosen["language"], "place": chosen["place"],
            "dated": chosen["dated"].isoformat(),
            "event_date": chosen["happened"] and chosen["happened"].isoformat(),
        }  # fmt: skip
        put_back = [cut for number, cut in self.each("cut") if chosen.get(f"cut_{number}")]
        return review.decided(self.proposal, facts, quotes, people, **kept, put_back=put_back)

    def words(self):
        """What goes beyond a proposal."""
        return {field: self.cleaned_data[field] for field in ("kind", "summary")} | {
            "event_date": self.cleaned_data["happened"]
        }


def _known_person(label):
    return forms.CharField(
        label=label,
        required=False,
        max_length=250,
        widget=forms.TextInput(attrs={"list": "known-people", "autocomplete": "off"}),
    )


def _long(day):
    return date_format(date.fromisoformat(day), "D j F Y")


def reviewed(desk, request, pk):
    """What was understood, beside the release as it came; decisions are kept, and at last it becomes a draft."""
    if not desk.has_add_permission(request):
        raise PermissionDenied
    now = timezone.now()
    arrival = Arrival.objects.unread(now).filter(pk=pk).select_related("by").first()
    if arrival is None:
        return _no_longer(request)
    if not Arrival.objects.of(request.user).filter(pk=pk).exists():
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else None
    form = ReviewForm(arrival, sent)
    may_decide = request.user.has_perm("articles.approve_edition")
    decision = EmbargoForm(
        sent if may_decide or sent is None else {}, line=form.proposal.embargo or "", required=False, prefix="embargo",
        initial={key.removeprefix("embargo-"): value for key, value in arrival.answers.items()},
    )  # fmt: skip
    if request.method == "POST":
        response = _pressed(desk, request, form, decision)
        if response:
            return response
    context = {
        **desk.admin_site.each_context(request), "opts": desk.opts, "title": _("Review the release"), "form": form,
        "arrival": arrival, "decision": decision, "may_decide": may_decide, "token": page_token(request.user),
        "may_confirm": request.user.has_perm("people.change_person"), **told_of(form),
    }  # fmt: skip
    return TemplateResponse(request, "admin/articles/edition/release_review.html", context)


def _no_longer(request):
    """It became a draft meanwhile (in another window, from a colleague's hand), or it is gone."""
    release = Release.objects.filter(digest=request.POST.get("digest") or "-").select_related("article").first()
    edition = release and release.article.editions.order_by("-id").first()
    if edition:
        messages.info(request, _("This release has become a draft already. Here it is."))
        return HttpResponseRedirect(_draft_address(edition))
    messages.warning(
        request, _("That release does not wait any more: it was thrown away, or nobody used it for 30 days.")
    )
    return HttpResponseRedirect(reverse("admin:articles_edition_fromrelease"))


def _pressed(desk, request, form, decision):
    """The way on after a button; None when the answers have to be mended first."""
    arrival, sent = form.arrival, request.POST
    here = HttpResponseRedirect(_review_address(arrival))
    if "_throw" in sent:
        arrival.delete()
        messages.success(request, _("Thrown away. Nothing of it is kept."))
        return HttpResponseRedirect(reverse("admin:articles_edition_fromrelease"))
    if "_repair" in sent:
        # What was decided part by part would be said of other parts; what was typed of the whole stays.
        typed = {key: value for key, value in form.typed().items() if key in ReviewForm.base_fields}
        untouched = form._understood() | {"kind": Edition.NEWS}
        arrival.answers = {key: value for key, value in typed.items() if _flat(value) != _flat(untouched.get(key))}
        imports.read_anew(arrival, sent["_repair"] == "yes")
        messages.success(request, _("Read anew. Look at the quotes again."))
        return here
    if "_sure" in sent:
        sure = [number for number, quote in form.each("quotes") if review.confidence(quote) is review.SURE]
        open_still = [number for number in sure if form.typed()[f"quote_{number}"] == LATER]
        form.keep(**{f"quote_{number}": YES for number in open_still})
        return here
    if "_draft" in sent or "_accept" in sent:
        form.keep()
        return _made(desk, request, form, decision) if form.is_valid() & decision.is_valid() else None
    form.keep()
    messages.success(request, _("Kept for you for 30 days. Nothing of it is a draft yet."))
    return here


def _made(desk, request, form, decision):
    arrival, user = form.arrival, request.user
    try:
        with transaction.atomic():
            edition = imports.make_draft(
                arrival, form.decided(), user, form.register, form.cleaned_data["settled"], **form.words()
            )
            if edition.embargo and decision.cleaned_data.get("decision"):
                decision.decide(edition, user)
            if "_accept" in request.POST and user.has_perm("people.change_person"):
                imports.accept(edition, user)
    except imports.AlreadyImported:
        return _no_longer(request)
    except (imports.Refused, ValidationError) as error:
        for message in getattr(error, "messages", [str(error)]):
            form.add_error(None, message)
        return None
    messages.success(request, _("The draft is made. Nothing of it is public yet."))
    return HttpResponseRedirect(_draft_address(edition))


def _flat(value):
    return " ".join(str(value or "").split())


def told_of(form):
    """What the page shows beside the fields."""
    arrival, proposal = form.arrival, form.proposal
    text = imports.text_of(arrival).text
    known = {person.uid: person for person in Person.objects.filter(uid__in=[n.uid for n in proposal.people if n.uid])}
    embargo_lines = [
        (text.count("\n", 0, cut.start) + 1, " ".join(cut.text.split()))
        for cut in proposal.cut if cut.reason == "embargo" or review.says_immediate(cut)
    ]  # fmt: skip
    damaged = releases.MOJIBAKE.search(arrival.text)
    sample = damaged and arrival.text[max(0, damaged.start() - 30) : damaged.end() + 30]
    headline_taken = free_slug(Article(), proposal.title or "-", lambda slug: False)
    return {
        "stretches": review.stretches(text, proposal), "characters": len(text),
        "quotes": [
            {
                "number": number + 1, "quote": quote, "word": review.confidence(quote),
                "reason": review.reason(quote, proposal.people), "answer": form[f"quote_{number}"],
                "who": form[f"who_{number}"], "other": form[f"other_{number}"],
            }
            for number, quote in form.each("quotes")
        ],
        "people": [
            {
                "named": named, "keep": form[f"person_{number}"], "known": known.get(named.uid),
                "match": review.KNOWN[named.match],
                "is": form[f"is_{number}"] if f"is_{number}" in form.fields else None,
            }
            for number, named in form.each("people")
        ],
        "topics": [(form[f"topic_{number}"], topic) for number, topic in form.each("topics")],
        "related": [(form[f"related_{number}"], item) for number, item in form.each("related")],
        "cuts": [
            (form[f"cut_{number}"], cut, review.CUT.get(cut.reason, cut.reason))
            for number, cut in form.each("cut") if f"cut_{number}" in form.fields
        ],
        "left_alone": [
            (" ".join(left["text"].split()), review.LEFT.get(left["reason"], left["reason"]))
            for left in proposal.left_alone
        ],
        "problems": [line for line in proposal.problems if not line.startswith(("An embargo", "Some characters"))],
        "embargo_lines": embargo_lines if proposal.embargo else [],
        "damaged": sample, "mended": sample and releases.repaired(sample),
        "has_sure": any(review.confidence(quote) is review.SURE for quote in proposal.quotes),
        "twin": Edition.objects.filter(article__slug=headline_taken).order_by("-id").first(),
    }  # fmt: skip


# The embargo of a draft


def embargo(desk, request, pk):
    """What becomes of the embargo that was found in a draft; decided by POST, and kept as an act."""
    edition = desk.get_object(request, str(pk))
    if edition is None:
        return desk._get_obj_does_not_exist_redirect(request, desk.opts, str(pk))
    if not (request.user.has_perm("articles.approve_edition") and desk.has_change_permission(request, edition)):
        raise PermissionDenied
    decided = edition.acts.filter(verb__in=Edition.EMBARGO_DECISIONS).select_related("by").first()
    if edition.live_from or not (edition.embargo or decided):
        raise Http404
    form = EmbargoForm(request.POST if request.method == "POST" else None, line=edition.embargo)
    if request.method == "POST" and form.is_valid():
        try:
            form.decide(edition, request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Decided. It stands in the list of steps, with your name."))
            return HttpResponseRedirect(_draft_address(edition))
    context = {
        **desk.admin_site.each_context(request), "opts": desk.opts, "title": _("Decide the embargo"), "form": form,
        "edition": edition, "decided": decided, "decided_by": decided and name(decided.by),
    }  # fmt: skip
    return TemplateResponse(request, "admin/articles/edition/release_embargo.html", context)


def story(edition):
    """Of a first draft that came as a release: what its rail tells of that, in one query; None for any other."""
    if edition.live_from or edition.based_on_id:
        return None
    came = Release.objects.filter(article=edition.article_id).select_related("imported_by").defer("text", "proposal")
    release = came.annotate(questions=F("proposal__open_questions")).order_by("id").first()
    if release is None and not edition.embargo:
        return None
    return {
        "release": release, "by": release and name(release.imported_by),
        "at": release and when(release.imported_at, timezone.now()), "questions": release and release.questions,
        "until": edition.embargoed_until and told(edition.embargoed_until),
    }  # fmt: skip
