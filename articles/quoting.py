"""The quote-marking editor's server side: the widget of a body, who may be chosen as a speaker, and what the reader of
releases would mark. The marks themselves are made in static/admin-newsroom/editor/."""

import json

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseBadRequest, JsonResponse
from django.urls import path, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_prose_editor.widgets import AdminProseEditorWidget
from js_asset import ImportMap, Media, Script

from articles import clocks, imports
from articles.models import Topic, languages
from articles.releases import suggest
from people.models import Person, Position, fold

MOST_TEXT, MOST_FOUND = 200_000, 12
OFFICES = ["organisation", "merged_into__organisation"]
# No button twice: the package would drop the second with all of its group.
MENU = ["blockType -lists", "marks", "lists", "nodes -blockType", "link", "quote", "history"]


class BodyWidget(AdminProseEditorWidget):
    """The rich-text editor of a body. What it can show is the allowlist of `articles.body`, mark by mark; without
    `quotes` nothing is marked as said by somebody."""

    def __init__(self, quotes=True, **kwargs):
        addresses = {
            "speakers": reverse_lazy("admin:articles_speakers"),
            "person": reverse_lazy("admin:articles_speaker_new"),
            "suggest": reverse_lazy("admin:articles_suggest"),
        }
        quote = addresses | {"languages": languages()}
        extensions = {
            "Bold": True, "Italic": True, "Superscript": True, "Subscript": True, "HardBreak": True,
            "Heading": {"levels": [2, 3]}, "BulletList": True, "OrderedList": True, "ListItem": True,
            "Blockquote": True, "Link": {"enableTarget": False, "protocols": ["http", "https", "mailto"]},
            "NoSpellCheck": False, "Foreign": True, "Sheet": True,
            "Menu": {"groups": [{"group": group} for group in MENU if quotes or group != "quote"]},
        } | ({"Quote": quote} if quotes else {})  # fmt: skip
        super().__init__(config={"extensions": extensions}, preset="configurable", **kwargs)

    @property
    def media(self):
        modules = ["paste", "places", "spans", "speaker", "suggestions"]
        own = {f"newsroom/{name}": f"admin-newsroom/editor/{name}.js" for name in modules}
        return super().media + Media(
            importmap=ImportMap(own),
            css={"all": ["django_prose_editor/overrides.css", "admin-newsroom/editor/editor.css"]},  # ours last
            js=[Script("admin-newsroom/editor/guard.js", type="module")],
        )


def addresses():
    """The editor's own addresses, all under the admin's sign-in."""
    view = admin.site.admin_view
    return [
        path("speakers/", view(speakers), name="articles_speakers"),
        path("speakers/new/", view(new_speaker), name="articles_speaker_new"),
        path("suggest/", view(suggested), name="articles_suggest"),
    ]


def told(person, day):
    held = person.office_on(day)
    return {
        "uid": person.uid,
        "name": person.name,
        "office": str(held.position) if held else "",
        "proposed": person.proposed,
    }


def offices(person, day):
    return list({held.position.uid: str(held.position) for held in person.offices_on(day)}.items())


@require_GET
def speakers(request):
    """{"said", "results": [{uid, name, office, proposed}]}: of `uid` (repeated), or those whose name holds `q`, with
    the office each held on the day `said`, as an editor types it, or else `on`; `said` comes back as it was read, null
    when it was not. Of `uid` also every office of that day, [uid, title], and {uid: title} of `office` (repeated)."""
    if not request.user.has_perm("people.view_person"):
        raise PermissionDenied
    said = _said(request.GET.get("said", ""))
    day = said or _day(request.GET.get("on", ""))
    answer = {"said": said and said.isoformat()}
    if uids := request.GET.getlist("uid")[:200]:
        people = [(p.uid, p.survivor()) for p in Person.objects.filter(uid__in=uids).select_related("merged_into")]
        asked = Position.objects.filter(uid__in=request.GET.getlist("office")[:200])
        answer["results"] = [told(p, day) | {"uid": uid, "offices": offices(p, day)} for uid, p in people]
        answer["offices"] = {p.uid: str(p.survivor()) for p in asked.select_related(*OFFICES)}
        return JsonResponse(answer)
    words = fold(request.GET.get("q", ""))[:100].split()
    found = Person.objects.surviving().order_by("sort_key", "pk")
    for word in words:
        found = found.filter(sort_key__contains=word)
    return JsonResponse(answer | {"results": [told(person, day) for person in found[:MOST_FOUND]]})


@require_POST
def new_speaker(request):
    """A person proposed without leaving the text: private, and to be confirmed before anything is published."""
    if not request.user.has_perm("people.add_person"):
        raise PermissionDenied
    name = " ".join(request.POST.get("name", "").split())
    if not 1 < len(name) <= 200:
        return JsonResponse({"error": _("Write the name, with at most 200 characters.")}, status=400)
    person = Person.objects.create(name=name, proposed=True)
    return JsonResponse(told(person, timezone.localdate()))


@require_POST
def suggested(request):
    """`releases.suggest` of the blocks of a text; offsets count UTF-16 units, as the browser does, and what can be
    added, topics and people, comes with its id."""
    if not request.user.has_perm("articles.change_edition"):
        raise PermissionDenied
    try:
        asked = json.loads(request.body)
        blocks = [str(block) for block in asked["blocks"]]
        day = _day(str(asked.get("on") or ""))
    except (ValueError, KeyError, TypeError, RecursionError):
        return HttpResponseBadRequest()
    if sum(map(len, blocks)) > MOST_TEXT:
        return JsonResponse({"error": _("The text is too long to be read for quotes.")}, status=400)
    register = imports.Register()
    found = suggest(blocks, register.reader, day.isoformat())
    for quote in found["quotes"]:
        quote["places"] = [[block, *(_units(blocks[block][:at]) for at in span)] for block, *span in quote["places"]]
    for part, model, field in [("topics", Topic, "path"), ("people", Person, "uid")]:
        rows = model.objects.in_bulk([one[field] for one in found[part] if one[field]], field_name=field)
        found[part] = [one | {"id": rows[one[field]].pk} for one in found[part] if one[field] in rows]
    return JsonResponse(found)


def _units(text):
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _said(text):
    """The day that an editor wrote; None when it cannot be read."""
    try:
        return clocks.parse_day(text)
    except ValidationError:
        return None


def _day(text):
    """The day of what is said, as a date field of the form has it; today when it has none."""
    try:
        return forms.DateField(required=False).clean(text) or timezone.localdate()
    except ValidationError:
        return timezone.localdate()
