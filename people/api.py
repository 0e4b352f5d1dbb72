"""The read API of people and the offices they hold, and what a surface of this API is.

A surface declares its rows at one instant, its fields, its filters and its order; what is said here once holds for all
of them: every parameter is known, given once and understood, or the answer is 400. It knows nothing of articles: the
instant of a request comes from `clock`, which the site's addresses hand to every surface.
"""

from datetime import UTC, date

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils.translation import override
from django_filters import rest_framework as filters
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotFound
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from people.models import Appointment, Organisation, Person, Position


class Problem(APIException):
    """An error with a `code` of its own; `members` go into its problem+json beside the standard ones (RFC 9457)."""

    status_code = 400

    def __init__(self, code, detail, status=400, **members):
        super().__init__(detail, code)
        self.status_code, self.code, self.members = status, code, members


def misread(parameter, detail, **members):
    """A 400 about the value of one parameter."""
    return Problem("invalid_parameter", detail, parameter=parameter, **members)


def address(row):
    """The absolute address of a row's public page: in the row's own language where the interface has it."""
    language = getattr(row, "language", "")
    with override(language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
        return settings.SITE_URL + row.get_absolute_url()


# Fields


@extend_schema_field({"type": "string", "format": "uri", "description": "Its public page."})
class Address(serializers.ReadOnlyField):
    def __init__(self, source="*"):
        super().__init__(source=source)

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


class Brief(serializers.Serializer):
    """A reference row inside another: null while the public may not know of it."""

    uid = serializers.CharField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"allow_null": True} | kwargs)

    def to_representation(self, row):
        return super().to_representation(row) if row.is_public(self.context["at"]) else None


class OrganisationBrief(Brief):
    name = serializers.CharField()
    url = Address()


class PositionBrief(Brief):
    title = serializers.CharField()
    organisation = OrganisationBrief()


class PersonBrief(Brief):
    name = serializers.CharField()
    url = Address()


class Held(serializers.Serializer):
    """An appointment: known ends (half-open), and the first and last day on which the record has seen it."""

    uid = serializers.CharField()
    since = serializers.DateField(allow_null=True)
    until = serializers.DateField(allow_null=True)
    attested_from = serializers.DateField(allow_null=True)
    attested_to = serializers.DateField(allow_null=True)
    acting = serializers.BooleanField()


class OfficeHeld(Held):
    position = PositionBrief()


class Holder(Held):
    person = PersonBrief()


class PersonSerializer(serializers.Serializer):
    uid = serializers.CharField()
    url = Address()
    slug = serializers.CharField()
    name = serializers.CharField()
    sort_name = serializers.CharField()
    aliases = Texts()
    biography = serializers.CharField()
    portrait = FileAddress()
    same_as = Texts()
    appointments = OfficeHeld(many=True)


class PositionSerializer(serializers.Serializer):
    uid = serializers.CharField()
    title = serializers.CharField()
    organisation = OrganisationBrief()
    single_holder = serializers.BooleanField()
    rank = serializers.IntegerField()
    appointments = Holder(many=True)


class OrganisationSerializer(serializers.Serializer):
    uid = serializers.CharField()
    url = Address()
    slug = serializers.CharField()
    name = serializers.CharField()
    abbreviation = serializers.CharField()
    aliases = Texts()
    same_as = Texts()


class ProblemSerializer(serializers.Serializer):
    """problem+json (RFC 9457). `code` is the last part of `type`; the other members depend on it."""

    type = serializers.URLField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    parameter = serializers.CharField(required=False)
    allowed = serializers.ListField(child=serializers.CharField(), required=False)
    reason = serializers.CharField(required=False)
    published_at = Instant(required=False)
    ended_at = Instant(required=False)
    location = serializers.URLField(required=False, allow_null=True)


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


class UidFilter(filters.CharFilter):
    """Names one public row by its uid; `narrow(queryset, row)` is what it means for the list."""

    def __init__(self, rows_of, narrow, label=None):
        self.kind = rows_of._meta.verbose_name
        super().__init__(label=label or f"The uid of a public {self.kind}.")
        self.rows_of, self.narrow = rows_of, narrow

    def filter(self, queryset, value):
        if not value:
            return queryset
        row = self.found(value)
        if row is None:
            raise misread(self.field_name, f"No public {self.kind} is known by that name.")
        return self.narrow(queryset, row)

    def found(self, value):
        """The public row that is named, or None."""
        return self.rows().filter(uid=value).first()

    def rows(self):
        return self.rows_of.objects.public(self.parent.at)


class MergeableFilter(UidFilter):
    """The uid of a merged record stands for the one it was merged into."""

    def found(self, value):
        named = Q(uid=value) | Q(merged__in=self.rows().filter(uid=value))
        return self.rows().filter(named, merged_into=None).first()


class PersonFilter(MergeableFilter):
    def __init__(self, narrow, label=None):
        super().__init__(Person, narrow, label)


class DayFilter(filters.DateFilter):
    """A day, within the years that both databases and every time zone can hold."""

    def __init__(self, narrow, label):
        self.narrow = narrow
        limits = [MinValueValidator(date(1000, 1, 1)), MaxValueValidator(date(9998, 12, 31))]
        super().__init__(label=label, validators=limits, input_formats=["%Y-%m-%d"])

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
    """What every surface adds to its description: its instant, its choice of fields, its errors."""

    def get_override_parameters(self):
        asked = [OpenApiParameter(name, str, description=text) for name, text in self.view.asks.items()]
        return asked + [OpenApiParameter(name, str, OpenApiParameter.PATH) for name in self.path_variables()]

    def path_variables(self):
        return [part.strip("{}") for part in self.path.split("/") if part.startswith("{")]

    def get_response_serializers(self):
        codes = [400] + ([404] if self.path_variables() else [])
        if self.view.may_be_gone and (self.path_variables() or self.view.action != "list"):
            codes.append(410)
        problems = {(code, "application/problem+json"): ProblemSerializer for code in codes}
        return {(200, "application/json"): super().get_response_serializers()} | problems


class Endpoint(GenericViewSet):
    """One address of the API: GET only, and every parameter known and given once."""

    schema = SurfaceSchema()
    http_method_names = ["get", "head", "options"]
    may_be_gone = False
    #: {name: what it means}
    asks = {}

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if request.method != "OPTIONS":
            allowed = sorted(self.parameters())
            for name, values in request.query_params.lists():
                if name not in allowed:
                    raise Problem(
                        "unknown_parameter", "This parameter is not known here.", parameter=name, allowed=allowed
                    )
                if len(values) > 1:
                    raise misread(name, "Give it once.")
                if not values[0].strip():
                    raise misread(name, "It is empty. Give a value, or leave it out.")

    def options(self, request, *args, **kwargs):
        return Response(status=204)

    def parameters(self):
        return {*self.asks}


class Surface(Endpoint):
    """A list and its rows at one instant. `ordering` is a total order of two columns in one direction; where the second
    is the database's own id, `identity` names the public columns by which a cursor finds it."""

    asks = {
        "at": "Read as of this instant, given with an offset or Z; a bare date means the end of that day.",
        "fields": "Only these fields, separated by commas.",
    }
    clock = None
    lookup_field = "uid"
    filterset_class = None
    ordering = ("sort_key", "uid")
    identity = ()

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if request.method != "OPTIONS":
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
        return self.get_paginated_response(self.shown(page))

    def retrieve(self, request, **path):
        (name,) = path.values()
        row = self.get_queryset().filter(**{self.lookup_field: name}).first()
        if row is None:
            raise self.missing(name)
        return Response(self.shown([row])[0])

    def missing(self, name):
        """Why there is nothing by this name: an exception to raise."""
        return NotFound()

    def shown(self, rows):
        self.gather(rows)
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

    def get_queryset(self):
        return super().get_queryset().public(self.at)
