"""Keeping house: where people, offices, organisations and topics are used, two records made one, and what a change of
office will make wrong. Given to the admins of people and topics, which know nothing of articles."""

from dataclasses import dataclass

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from articles.forms import find_by_typing
from articles.merges import merge_people, merge_positions, merge_topics
from articles.topics import Topic
from articles.usage import misnomers, used
from people.admin import refusal
from people.models import DAY, Appointment, Person, Position
from people.rail import rail, told

# Beside the form


def where_used(model_admin, request, row):
    if isinstance(row, Appointment) or not request.user.has_perm("articles.view_edition"):
        return {}
    merges = type(row) in MERGES and model_admin.has_change_permission(request, row)
    return {"use": used(row, timezone.now(), request.user), "merge_url": _page(row, "merge") if merges else ""}


def on_the_rail(model_admin, request, row):
    """The offices of a person, or the holders of an office, as a picture; and the successors that are entered."""
    today = timezone.localdate()
    terms = row.appointments.standing().select_related("person", "position__organisation")
    is_person = isinstance(row, Person)
    context = {"rail": rail(terms, lambda term: str(term.position if is_person else term.person), today)}
    if is_person:
        context["successions"] = [_succession(term, request) for term in _followed(row, today)]
        office = row.office_on(today)
        context["office_today"] = office and told(office, office.position.title)
    return context


def _followed(person, today):
    """(own term, the next one of somebody else) in every office of one holder that somebody is to take over."""
    for term in person.appointments.standing().filter(position__single_holder=True).select_related("position"):
        if term.certainly_on(today):
            later = Appointment.objects.filter(position=term.position_id, since__gt=today, acting=False)
            later = later.exclude(person=person).select_related("person", "position").order_by("since").first()
            if later:
                yield later


def _succession(term, request):
    wrong = misnomers(term, timezone.now(), request.user) if request.user.has_perm("articles.view_edition") else []
    return {
        "person": term.person, "office": term.position.title, "since": date_format(term.since, DAY),
        "count": len({misnomer.edition.pk for misnomer in wrong}), "url": _page(term, "ahead"),
    }  # fmt: skip


def _page(row, name):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk])


# After saving, and ahead of a day


def tell_what_will_be_wrong(model_admin, request, appointments):
    if not request.user.has_perm("articles.view_edition"):
        return
    for appointment in appointments:
        wrong = {misnomer.edition.pk for misnomer in misnomers(appointment, timezone.now(), request.user)}
        if wrong:
            words = ngettext(
                "%(count)d text that is not public yet names another office than the one held on its day:",
                "%(count)d texts that are not public yet name another office than the one held on their day:",
                len(wrong),
            ) % {"count": len(wrong)}  # fmt: skip
            link = format_html('{} <a href="{}">{}</a>', words, _page(appointment, "ahead"), _("see them"))
            model_admin.message_user(request, link, messages.WARNING)


def ahead_view(model_admin, request, object_id):
    """The drafts and scheduled editions that the dates of an appointment contradict."""
    appointment = _row(model_admin, request, object_id)
    if not request.user.has_perm("articles.view_edition"):
        raise PermissionDenied
    context = {
        **model_admin.admin_site.each_context(request), "opts": model_admin.opts, "appointment": appointment,
        "title": _("What this change of office makes wrong"),
        "term": told(appointment, f"{appointment.person}, {appointment.position}"),
        "misnomers": misnomers(appointment, timezone.now(), request.user),
    }  # fmt: skip
    return TemplateResponse(request, "admin/people/appointment/ahead.html", context)


def _row(model_admin, request, object_id):
    row = model_admin.get_object(request, unquote(object_id))
    if row is None:
        raise Http404
    if not model_admin.has_view_permission(request, row):
        raise PermissionDenied
    return row


# Two records, one thing


@dataclass(frozen=True)
class Merge:
    """How two records of a model become one: the verb, the words, and `compared(row)`, [(label, what it has)]."""

    act: object
    title: str
    look: str
    unlike: str
    compared: object


def _joined(rows):
    return "; ".join(str(row) for row in rows) or "–"


def _of_person(person):
    return [
        (_("Name"), person.name), (_("Also written as"), _joined(person.aliases)),
        (_("Biography"), person.biography or "–"),
        (_("Offices"), _joined(told(term, term.position) for term in
                               person.appointments.standing().select_related("position__organisation"))),
        (_("Public address"), person.get_absolute_url()),
    ]  # fmt: skip


def _of_position(position):
    return [
        (_("Title"), position.title), (_("Organisation"), position.organisation.name),
        (_("One holder at a time"), _("yes") if position.single_holder else _("no")), (_("Rank"), position.rank),
        (_("Held by"), _joined(told(term, term.person) for term in
                               position.appointments.standing().select_related("person"))),
        (_("Address in the API"), f"positions/{position.uid}/"),
    ]  # fmt: skip


def _of_topic(topic):
    return [
        (_("Name"), topic.name), (_("Other names"), _joined(topic.aliases)),
        (_("Description"), topic.description or "–"),
        (_("Below it"), _joined(topic.children.surviving())), (_("Public address"), topic.get_absolute_url()),
    ]  # fmt: skip


MERGES = {
    Person: Merge(
        merge_people, _("Merge two people"), _("Two records look like one person."), _("They are two people"),
        _of_person,
    ),
    Position: Merge(
        merge_positions, _("Merge two offices"), _("Two records look like one office."), _("They are two offices"),
        _of_position,
    ),
    Topic: Merge(
        merge_topics, _("Merge two topics"), _("Two topics look like one."), _("They are two topics"), _of_topic,
    ),
}  # fmt: skip


class OtherForm(forms.Form):
    def __init__(self, data, row):
        super().__init__(data)
        others = type(row).objects.surviving().exclude(pk=row.pk)
        self.fields["with"] = forms.ModelChoiceField(others, label=_("The other record"))
        find_by_typing(self.fields["with"], type(row)._meta.get_field("merged_into"))


def merge_view(model_admin, request, object_id):
    """Choose the other record, see both, choose which stays, and make them one."""
    row = _row(model_admin, request, object_id)
    if not model_admin.has_change_permission(request, row):
        raise PermissionDenied
    merge, sent = MERGES[type(row)], request.POST if request.method == "POST" else request.GET
    form = OtherForm(sent if "with" in sent else None, row)
    other = form.cleaned_data["with"] if form.is_valid() else None
    stays, goes = (other, row) if other and sent.get("keep") == str(other.pk) else (row, other)
    if request.method == "POST" and other and "keep" in sent and _merged(model_admin, request, merge, goes, stays):
        return HttpResponseRedirect(reverse(f"admin:{_name(row)}_change", args=[stays.pk]))
    context = {
        **model_admin.admin_site.each_context(request), "opts": model_admin.opts, "title": merge.title, "merge": merge,
        "row": row, "other": other, "stays": stays, "goes": goes, "form": form, "media": model_admin.media + form.media,
    }  # fmt: skip
    if other:
        now = timezone.now()
        uses = [used(record, now, request.user) for record in (stays, goes)]
        compared = zip(merge.compared(stays), merge.compared(goes), strict=True)
        context |= {
            "rows": [(label, kept, lost) for (label, kept), (_label, lost) in compared], "uses": uses,
            "swap": f"?with={other.pk}&keep={goes.pk}",
            "open_drafts": [pair for pair in uses[1].newest if pair[0].live_from is None],
        }  # fmt: skip
    return TemplateResponse(request, "admin/people/merge.html", context)


def _name(row):
    return f"{row._meta.app_label}_{row._meta.model_name}"


def _merged(model_admin, request, merge, goes, stays):
    """Whether it was done; what stood against it is said."""
    try:
        merge.act(goes, stays, request.user)
    except (ValidationError, PermissionDenied) as error:
        for message in getattr(error, "messages", [str(error)]):
            messages.error(request, message)
        return False
    except DatabaseError as error:
        if not refusal(error):
            raise
        messages.error(request, _("The record refuses this: %(reason)s.") % {"reason": refusal(error)})
        return False
    messages.success(request, _("One record now: %(name)s. The other address leads here.") % {"name": stays})
    return True


@admin.action(description=_("Merge two records"), permissions=["change"])
def merge(model_admin, request, queryset):
    rows = list(queryset.surviving().order_by("pk")[:3])
    if len(rows) != 2:
        model_admin.message_user(request, _("Choose exactly two records that are one."), messages.ERROR)
        return None
    return HttpResponseRedirect(f"{_page(rows[0], 'merge')}?with={rows[1].pk}")


def keep_house(reference_admin):
    """Give an admin of people or topics what it can do only with the articles at hand."""
    model = reference_admin.model
    reference_admin.told_of = [where_used, *([on_the_rail] if model in (Person, Position) else [])]
    reference_admin.after_saving = [tell_what_will_be_wrong]
    reference_admin.pages = {
        **({"merge": merge_view} if model in MERGES else {}), **({"ahead": ahead_view} if model is Appointment else {}),
    }  # fmt: skip
    reference_admin.actions = [*reference_admin.actions, *([merge] if model in MERGES else [])]
