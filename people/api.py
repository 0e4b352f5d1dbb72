"""The read API of people and the offices they hold, and what a surface of this API is.

A surface declares its rows at one instant, its fields, its filters and its order; what is said here once holds for all
of them: every parameter is known, given once and understood, or the answer is 400. It knows nothing of articles: the
instant of a request comes from `clock`, which the site's addresses hand to every surface.
"""

import re
from datetime import UTC, date
from http import HTTPStatus

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import CharField, Exists, OuterRef, Prefetch, Q, Value
from django.utils.functional import cached_property
from django.utils.translation import get_language, override
from django_filters import rest_framework as filters
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent, build_basic_type
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotFound
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from people.models import Appointment, Organisation, Person, Position


class Problem(APIException):
    """An error with a `code` of its own; `members` go into its problem+json beside the standard ones (RFC 9457). `wait`
    are the seconds after which to ask again."""

    status_code = 400

    def __init__(self, code, detail, status=400, wait=None, **members):
        super().__init__(detail, code)
        self.status_code, self.code, self.wait, self.members = status, code, wait, members


def misread(parameter, detail, **members):
    """A 400 about the value of one parameter."""
    return Problem("invalid_parameter", detail, parameter=parameter, **members)


def address(row):
    """The absolute address of a row's public page: in the row's own language where the interface has it."""
    language = getattr(row, "language", "")
    language = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    if language == get_language():  # as nearly always: to change it and back costs more than the address
        return settings.SITE_URL + row.get_absolute_url()
    with override(language):
        return settings.SITE_URL + row.get_absolute_url()


# Fields


def means(words, example):
    """What the schema says of a field: what it holds and in which unit, and one value it might have."""
    return {"help_text": words, "style": {"example": example}}


@extend_schema_field({"type": "string", "format": "uri"})
class Address(serializers.ReadOnlyField):
    def __init__(self, source="*", path="articles/ferries-run-again/"):
        super().__init__(source=source, **means("Its public page.", f"https://council.example/{path}"))

    def to_representation(self, row):
        return address(row)


class Instant(serializers.DateTimeField):
    """Always UTC, always with a Z: one spelling, whatever the newsroom's zone."""

    def __init__(self, **kwargs):
        super().__init__(default_timezone=UTC, **kwargs)


@extend_schema_field({"type": "string", "format": "uri", "nullable": True})
class FileAddress(serializers.ReadOnlyField):
    def to_representation(self, file):
        return settings.SITE_URL + file.url if file else None


class Texts(serializers.ListField):
    child = serializers.CharField()


def uid_of(what, **kwargs):
    """The field that names a row for ever."""
    return serializers.CharField(**means(f"Names {what} for ever, here and in filters.", "k7mwq2zd"), **kwargs)


SAME_AS = means("Addresses (URIs) of the same in other registers.", ["https://registers.example/Q42"])
ALIASES = means("Other names and spellings it is known by.", ["CoL", "Lakes Council"])
ORGANISATION = "organisations/council-of-lakes/"
MARA = "people/mara-ostrander-lie/"


class Brief(serializers.Serializer):
    """A reference row inside another: null while the public may not know of it."""

    uid = uid_of("it")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"allow_null": True} | kwargs)

    def to_representation(self, row):
        return super().to_representation(row) if row.is_public(self.context["at"]) else None


class OrganisationBrief(Brief):
    name = serializers.CharField(**means("Its full name.", "Council of Lakes"))
    url = Address(path=ORGANISATION)


class PositionBrief(Brief):
    title = serializers.CharField(**means("Its title.", "Secretary-General"))
    organisation = OrganisationBrief(help_text="The organisation it belongs to; null while that is not public.")


class PersonBrief(Brief):
    name = serializers.CharField(**means("The name today.", "Mara Ostrander-Lie"))
    url = Address(path=MARA)


class Held(serializers.Serializer):
    """An appointment: known ends (half-open), and the first and last day on which the record has seen it."""

    uid = uid_of("this appointment")
    since = serializers.DateField(
        allow_null=True, **means("The first day in office (ISO 8601); null where it is not known.", "2023-09-01")
    )
    until = serializers.DateField(
        allow_null=True,
        **means("The first day no longer in office; null where it is not known or still held.", "2027-09-01"),
    )
    attested_from = serializers.DateField(
        allow_null=True, **means("The first day on which the record has seen it held.", "2023-09-04")
    )
    attested_to = serializers.DateField(
        allow_null=True, **means("The last day on which the record has seen it held, that day included.", "2024-03-01")
    )
    acting = serializers.BooleanField(**means("Whether it is held for somebody else, for a time.", False))


class OfficeHeld(Held):
    position = PositionBrief(help_text="What is held.")


class Holder(Held):
    person = PersonBrief(help_text="Who holds it.")


class PersonSerializer(serializers.Serializer):
    uid = uid_of("this person")
    url = Address(path=MARA)
    slug = serializers.CharField(
        **means("The last part of the public address; a rename may change it.", "mara-ostrander-lie")
    )
    name = serializers.CharField(**means("The name as it is printed today.", "Mara Ostrander-Lie"))
    sort_name = serializers.CharField(**means("What the name is sorted under.", "Ostrander-Lie, Mara"))
    aliases = Texts(**means("Other spellings and forms of the name.", ["M. Ostrander"]))
    biography = serializers.CharField(
        **means("Plain text; empty where there is none.", "Born beside the lake, she began as a ferry pilot.")
    )
    portrait = FileAddress(
        **means("The address of a picture; null where there is none.", "https://council.example/media/portraits/x.jpg")
    )
    same_as = Texts(**SAME_AS)
    appointments = OfficeHeld(many=True, help_text="The offices held, as far as the public may know.")


class PositionSerializer(serializers.Serializer):
    uid = uid_of("this position")
    title = serializers.CharField(**means("The title, as it is printed.", "Secretary-General"))
    organisation = OrganisationBrief(help_text="Where it belongs; null while that is not public.")
    single_holder = serializers.BooleanField(**means("Whether one person at a time holds it.", True))
    rank = serializers.IntegerField(
        **means("Of several offices held at once, the one with the highest number is printed.", 10)
    )
    appointments = Holder(many=True, help_text="Who held it and when, as far as the public may know.")


class OrganisationSerializer(serializers.Serializer):
    uid = uid_of("this organisation")
    url = Address(path=ORGANISATION)
    slug = serializers.CharField(**means("The last part of its public address.", "council-of-lakes"))
    name = serializers.CharField(**means("Its full name.", "Council of Lakes"))
    abbreviation = serializers.CharField(**means("Its short name; empty where there is none.", "CL"))
    aliases = Texts(**ALIASES)
    same_as = Texts(**SAME_AS)


class ProblemSerializer(serializers.Serializer):
    """problem+json (RFC 9457). `code` is the last part of `type`; the other members depend on it."""

    type = serializers.URLField(
        **means("What the code means, for people to read.", "https://council.example/api/v1/docs/#unknown_parameter")
    )
    title = serializers.CharField(**means("The status in words.", "Bad Request"))
    status = serializers.IntegerField(**means("The status of the answer.", 400))
    detail = serializers.CharField(**means("What went wrong, in English.", "This parameter is not known here."))
    code = serializers.CharField(**means("The kind of problem, for programs.", "unknown_parameter"))
    parameter = serializers.CharField(required=False, **means("The parameter it is about.", "colour"))
    allowed = serializers.ListField(
        child=serializers.CharField(), required=False, **means("What could have been given.", ["at", "fields"])
    )
    reason = serializers.CharField(
        required=False, **means("The public reason of a withdrawal.", "The council was misquoted.")
    )
    published_at = Instant(required=False, **means("Since when it could be read (UTC).", "2024-03-01T10:00:00Z"))
    ended_at = Instant(required=False, **means("Until when it could be read (UTC).", "2024-03-02T10:00:00Z"))
    location = serializers.URLField(
        required=False, allow_null=True,
        **means("Where to look instead.", "https://council.example/articles/ferries-run-every-day/"),
    )  # fmt: skip


# Filters


class Question(filters.FilterSet):
    """What may be asked of a list. A value that cannot be understood is a Problem naming the parameter."""

    def is_valid(self):
        for name, messages in self.errors.items():
            field = self.form.fields[name]
            choices = [value for value, _label in getattr(field, "choices", []) if value]
            raise misread(name, messages[0], **({"allowed": choices} if choices else {}))
        return True

    @property
    def at(self):
        return self.request.moment.at

    @cached_property
    def named(self):
        """{parameter: the public row it names}, read at once however many are asked for. Of two rows by one name the
        first is the one that has it today."""
        asked = {name: value for name, value in self.form.cleaned_data.items() if value}
        filters = {name: self.filters[name] for name in asked if isinstance(self.filters[name], UidFilter)}
        if not filters:
            return {}
        first, *others = (one.named(asked[name]) for name, one in filters.items())
        rows = sorted(first.union(*others), key=lambda row: (row[1] == asked[row[0]], -row[2]))
        return {name: filters[name].rows_of(pk=pk, **{filters[name].column: word}) for name, word, pk in rows}


class UidFilter(filters.CharFilter):
    """Names one public row by its uid; `narrow(queryset, row)` is what it means for the list."""

    example = "k7mwq2zd"
    #: what of the row is read beside its id
    column = "uid"

    def __init__(self, rows_of, narrow, label=None):
        self.kind = rows_of._meta.verbose_name
        super().__init__(label=label or f"The uid of a public {self.kind}.")
        self.rows_of, self.narrow = rows_of, narrow

    def filter(self, queryset, value):
        if not value:
            return queryset
        row = self.parent.named.get(self.field_name)
        if row is None:
            raise misread(self.field_name, f"No public {self.kind} is known by that name.")
        return self.narrow(queryset, row)

    def named(self, value):
        """(parameter, `column`, id) of the public rows that are named so."""
        parameter = Value(self.field_name, CharField())
        return self.known(value).order_by().annotate(parameter=parameter).values_list("parameter", self.column, "pk")

    def known(self, value):
        return self.rows().filter(uid=value)

    def rows(self):
        return self.rows_of.objects.public(self.parent.at)


class MergeableFilter(UidFilter):
    """The uid of a merged record stands for the one it was merged into."""

    def known(self, value):
        named = Q(uid=value) | Q(merged__in=self.rows().filter(uid=value))
        return self.rows().filter(named, merged_into=None)


class PersonFilter(MergeableFilter):
    def __init__(self, narrow, label=None):
        super().__init__(Person, narrow, label)


class DayFilter(filters.DateFilter):
    """A day, within the years that both databases and every time zone can hold."""

    example = "2024-03-01"
    first, last = date(1000, 1, 1), date(9998, 12, 31)

    def __init__(self, narrow, label):
        self.narrow = narrow
        span = f"from {self.first} to {self.last}"
        refusal = f"Give a date {span}."
        limits = [MinValueValidator(self.first, refusal), MaxValueValidator(self.last, refusal)]
        super().__init__(
            label=f"{label} A date {span}.", validators=limits, input_formats=["%Y-%m-%d"],
            error_messages={"invalid": f"Give a date like {self.example}."},
        )  # fmt: skip

    def filter(self, queryset, value):
        return self.narrow(queryset, value) if value else queryset


def refuse_reversed(asked, first, last):
    """400 for a span of days that ends before it begins."""
    if asked[first] and asked[last] and asked[first] > asked[last]:
        raise misread(last, f'"{last}" lies before "{first}".')


class PeopleQuestion(Question):
    """All of it is asked of one and the same appointment: who held this position on that day."""

    position = MergeableFilter(Position, lambda held, position: held.filter(position=position))
    organisation = UidFilter(Organisation, lambda held, organisation: held.filter(position__organisation=organisation))
    appointment = UidFilter(Appointment, lambda held, appointment: held.filter(pk=appointment.pk))
    on = DayFilter(lambda held, day: held.held_on(day), "A day on which the office was certainly held.")

    def filter_queryset(self, people):
        if not any(self.form.cleaned_data.values()):
            return people
        held = super().filter_queryset(Appointment.objects.public(self.at))
        return people.filter(Exists(held.filter(person=OuterRef("pk"))))


class PositionsQuestion(Question):
    organisation = UidFilter(Organisation, lambda positions, organisation: positions.filter(organisation=organisation))


# Surfaces


class SurfaceSchema(AutoSchema):
    """What every surface adds to its description: its instant, its choice of fields, its errors, and examples."""

    def get_override_parameters(self):
        asked = [OpenApiParameter(name, str, description=words) for name, (words, _example) in self.view.asks.items()]
        formats = self.map_renderers("format")
        if len(formats) > 1:
            words = "The format of the answer; without it, the Accept header decides."
            asked.append(OpenApiParameter("format", str, description=words, enum=formats))
        return asked + [OpenApiParameter(name, str, OpenApiParameter.PATH) for name in self.path_variables()]

    def path_variables(self):
        return [part.strip("{}") for part in self.path.split("/") if part.startswith("{")]

    def _get_parameters(self):
        parameters = super()._get_parameters()
        filtered = self.view.filterset_class.base_filters if getattr(self.view, "filterset_class", None) else {}
        for parameter in parameters:
            name = parameter["name"]
            if parameter["in"] == "path":
                parameter["description"], parameter["example"] = NAMES[name]
            elif name in self.view.asks:
                parameter["example"] = self.view.asks[name][1]
            elif name in filtered:
                parameter["example"] = filtered[name].example
                parameter["schema"] |= getattr(filtered[name], "shape", {})
            elif name == "format":
                parameter["example"] = parameter["schema"]["enum"][-1]
            if name == "fields":
                known = {"type": "string", "enum": [*self.view.serializer_class._declared_fields]}
                parameter |= {"schema": {"type": "array", "items": known, "minItems": 1}, "explode": False}
                parameter["example"] = known["enum"][:2]
            elif parameter["schema"].get("type") == "string":
                parameter["schema"]["minLength"] = 1
        return parameters

    def get_operation(self, *args):
        operation = super().get_operation(*args)
        links = {} if self.path_variables() else self.view.leads
        found = {
            to: {"operationId": to, "description": words, "parameters": {name: f"$response.body#{place}"}}
            for to, (name, place, words) in links.items()
        }
        if found:
            operation["responses"]["200"]["links"] = found
        for other in self.view.renderer_classes[1:]:  # a list of ours is taken for a list in every format
            operation["responses"]["200"]["content"][other.media_type]["schema"] = build_basic_type(other.schema)
        if "fields" in self.view.asks:  # so no field of a row is sure to be there
            name = self._get_serializer_name(self.view.serializer_class(), "response")
            self.registry[name, ResolvedComponent.SCHEMA].schema.pop("required", None)
        return operation

    def _get_serializer_field_meta(self, field, direction):
        meta = super()._get_serializer_field_meta(field, direction)
        return meta | ({"example": field.style["example"]} if "example" in getattr(field, "style", {}) else {})

    def get_response_serializers(self):
        codes = [*EVERYWHERE, 412] + ([404] if self.path_variables() else [])
        if self.view.may_be_gone and (self.path_variables() or self.view.action != "list"):
            codes.append(410)
        moved = {(301, "application/json"): MOVED} if self.view.may_move and self.path_variables() else {}
        told = {(200, "application/json"): super().get_response_serializers()}
        _json, *others = self.view.renderer_classes
        told |= {(200, other.media_type): build_basic_type(other.schema) for other in others}
        return told | moved | {304: UNCHANGED} | problems(codes)


def problems(codes):
    """The answers with these codes, as the schema has them."""
    return {
        (code, "application/problem+json"): OpenApiResponse(
            ProblemSerializer, words, [OpenApiExample(**example) for example in examples]
        )
        for code, (words, *examples) in PROBLEMS.items()
        if code in codes
    }


class MovedSerializer(serializers.Serializer):
    uid = uid_of("the row that stays")


MOVED = OpenApiResponse(MovedSerializer, "It was merged into another; the header Location leads there.")
UNCHANGED = OpenApiResponse(description="What has the tag that is sent in If-None-Match is still the answer.")
#: what stands in a path, and one value it might have
NAMES = {
    "uid": ("The uid of a row.", "k7mwq2zd"), "key": ("The key of a quote.", "lakequote7x"),
    "old": ("The number of one edition.", 1), "new": ("The number of another edition.", 2),
}  # fmt: skip


def example_of(code, **members):
    status, title = members["status"], HTTPStatus(members["status"]).phrase
    body = {"type": f"https://council.example/api/v1/docs/#{code}", "title": title, "status": status}
    return {"name": code, "value": body | {"code": code} | members, "status_codes": [status], "response_only": True,
            "media_type": "application/problem+json"}  # fmt: skip


#: problems that any address may have
EVERYWHERE = [400, 401, 405, 406, 429, 503]
#: {status: (what it means, examples of it)}
PROBLEMS = {
    400: (
        "A parameter is not known here, or its value cannot be understood.",
        example_of("unknown_parameter", status=400, detail="This parameter is not known here.", parameter="colour",
                   allowed=["at", "fields"]),
    ),
    401: (
        "The Authorization header holds no key of ours, or one that has ended or was revoked.",
        example_of("invalid_key", status=401, detail="This key has been revoked. Ask the newsroom for a new one."),
    ),
    404: ("Nothing public was ever here.", example_of("not_found", status=404, detail="Not found.")),
    405: (
        "To every method but GET, HEAD and OPTIONS: this API can only be read.",
        example_of("method_not_allowed", status=405, detail='Method "POST" not allowed.'),
    ),
    406: (
        "None of the media types that are accepted is to be had here.",
        example_of("not_acceptable", status=406, detail="None of the accepted media types is to be had here.",
                   allowed=["application/json"]),
    ),
    410: (
        "It was public once, or the cursor is of another history.",
        example_of("withdrawn", status=410, detail="The council was misquoted.", reason="The council was misquoted.",
                   published_at="2024-03-01T10:00:00Z", ended_at="2024-03-02T10:00:00Z"),
    ),
    412: (
        "The tag in If-Match is not that of the answer, which has changed.",
        example_of("precondition_failed", status=412,
                   detail="What stands here has another tag than those you sent."),
    ),
    429: (
        "More requests in a minute than the limit; Retry-After says when to go on.",
        example_of("too_many_requests", status=429, detail="Wait 12 seconds: there may be 300 requests a minute from "
                   "one address."),
    ),
    503: (
        "The record cannot be read just now, or too much is being published to be sure of the answer; Retry-After says "
        "when to ask again.",
        example_of("unavailable", status=503, detail="The record cannot be read just now. Ask again soon."),
        example_of("busy", status=503, detail="Too much is being published just now. Ask again in a minute."),
    ),
}  # fmt: skip


READING = ["GET", "HEAD"]
#: parameters that are counts: figures and nothing else, where Python would take “1_0” and “٣” for numbers too
NUMBERS = {"page_size", "limit"}


class Endpoint(GenericViewSet):
    """One address of the API: GET only, and every parameter known and given once."""

    schema = SurfaceSchema()
    http_method_names = ["get", "head", "options"]
    may_be_gone = may_move = False
    #: {operation: (its parameter, where an answer of this address has it, in words)}
    leads = {}
    #: {name: (what it means, an example)}
    asks = {}

    @staticmethod
    def is_there(request):
        """Whether there is such an address for whoever asks."""
        return True

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if request.method in READING:
            allowed = sorted(self.parameters())
            for name, values in request.query_params.lists():
                if name not in allowed:
                    raise Problem(
                        "unknown_parameter", "This parameter is not known here.", parameter=name[:100], allowed=allowed
                    )
                if len(values) > 1:
                    raise misread(name, "Give it once.")
                if not values[0].strip():
                    raise misread(name, "It is empty. Give a value, or leave it out.")
                if name in NUMBERS and not re.fullmatch("[0-9]{1,9}", values[0]):
                    raise misread(name, "Give a whole number, in figures.")

    def parameters(self):
        return {*self.asks} | ({"format"} if len(self.renderer_classes) > 1 else set())


class Surface(Endpoint):
    """A list and its rows at one instant. `ordering` is a total order of two columns in one direction; where the second
    is the database's own id, `identity` names the public columns by which a cursor finds it."""

    asks = {
        "at": (
            "Read as of this instant, given with an offset or Z; a bare date means the end of that day.",
            "2024-03-01T10:30:00Z",
        ),
        "fields": ("Only these fields, separated by commas.", "uid"),
    }
    clock = None
    lookup_field = "uid"
    filterset_class = None
    ordering = ("sort_key", "uid")
    identity = ()

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if request.method in READING:
            request.moment = self.clock(request.query_params.get("at"))
            self.wanted = self.wanted_fields(request.query_params.get("fields"))

    @property
    def at(self):
        return self.request.moment.at

    def parameters(self):
        filtered = self.filterset_class.base_filters if self.filterset_class else {}
        return super().parameters() | ({"cursor", "page_size", *filtered} if self.action == "list" else set())

    def wanted_fields(self, text):
        known = [*self.serializer_class._declared_fields]
        asked = known if text is None else text.split(",")
        for name in asked:
            if name not in known:
                raise misread("fields", "There is no such field.", allowed=known)
        return {*asked}

    def list(self, request, **path):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(request.accepted_renderer.told(self, page))

    def retrieve(self, request, **path):
        (name,) = path.values()
        row = self.get_queryset().filter(**{self.lookup_field: name}).first()
        if row is None:
            raise self.missing(name)
        return Response(request.accepted_renderer.told(self, [row])[0])

    def missing(self, name):
        """Why there is nothing by this name: an exception to raise."""
        return NotFound()

    def shown(self, rows):
        """These rows in our own JSON."""
        self.gather(rows)
        return self.serialized(rows)

    def serialized(self, rows):
        serializer = self.get_serializer(rows, many=True)
        for name in {*serializer.child.fields} - self.wanted:
            serializer.child.fields.pop(name)
        return serializer.data

    def gather(self, rows):
        """Fetch at once what the wanted fields of these rows need."""

    def get_serializer_context(self):
        return {"at": getattr(self.request, "moment", None) and self.at}


class Mergeable(Surface):
    """Rows that may be merged into another: their uid answers with a redirect, and lists leave them out."""

    may_move = True

    def filter_queryset(self, queryset):
        return super().filter_queryset(queryset).filter(merged_into=None)

    def retrieve(self, request, uid):
        row = self.get_queryset().exclude(merged_into=None).filter(uid=uid).select_related("merged_into").first()
        if row is None:
            return super().retrieve(request, uid=uid)
        survivor = row.merged_into
        if not survivor.is_public(self.at):
            raise NotFound()
        query = f"?{request.query_params.urlencode()}" if request.query_params else ""
        location = f"{settings.SITE_URL}{request.path.removesuffix(f'{uid}/')}{survivor.uid}/{query}"
        return Response({"uid": survivor.uid}, status=301, headers={"Location": location})


class People(Mergeable):
    """People, and the offices they held. The uid of a merged record redirects to the one that stays."""

    queryset = Person.objects.all()
    serializer_class = PersonSerializer
    leads = {
        "people_retrieve": ("uid", "/results/0/uid", "One person."),
        "quotes_list": ("speaker", "/results/0/uid", "What a person said."),
    }
    filterset_class = PeopleQuestion

    def get_queryset(self):
        positions = Position.objects.public(self.at)
        held = Appointment.objects.public(self.at).filter(position__in=positions)
        return (
            super()
            .get_queryset()
            .public(self.at)
            .prefetch_related(Prefetch("appointments", held.select_related("position__organisation")))
        )


class Positions(Mergeable):
    """Positions, and who held them when. The uid of a merged record redirects to the one that stays."""

    queryset = Position.objects.all()
    serializer_class = PositionSerializer
    leads = {
        "positions_retrieve": ("uid", "/results/0/uid", "One position."),
        "people_list": ("position", "/results/0/uid", "Who held a position."),
    }
    filterset_class = PositionsQuestion

    def get_queryset(self):
        held = Appointment.objects.public(self.at).filter(person__in=Person.objects.public(self.at))
        return (
            super()
            .get_queryset()
            .public(self.at)
            .select_related("organisation")
            .prefetch_related(Prefetch("appointments", held.select_related("person")))
        )


class Organisations(Surface):
    """The organisations that positions belong to."""

    queryset = Organisation.objects.all()
    serializer_class = OrganisationSerializer
    leads = {
        "organisations_retrieve": ("uid", "/results/0/uid", "One organisation."),
        "positions_list": ("organisation", "/results/0/uid", "Its positions."),
    }

    def get_queryset(self):
        return super().get_queryset().public(self.at)
