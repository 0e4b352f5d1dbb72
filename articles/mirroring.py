"""For partners who keep a copy: the whole live record as one stream, and a digest that proves a copy equal.

Both speak of the ledger's horizon: the set that is live there is closed, so it is read by keyset in short reads,
without a long transaction, and a stream that broke off goes on where it stopped.
"""

import hashlib
from functools import lru_cache

from django.core import signing
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import compress_sequence
from django.utils.translation import override
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from articles.api import Articles, Topics, number_what_is_due
from articles.ledger import State, epoch
from articles.models import Edition
from articles.moment import moment
from people.api import Endpoint, Organisations, People, Positions, Problem, misread

CHUNK = 200
#: in this order, so that what is named stands before what names it
SURFACES = {
    "organisation": (Organisations, "uid"), "position": (Positions, "uid"), "person": (People, "uid"),
    "topic": (Topics, "uid"), "article": (Articles, "article__uid"),
}  # fmt: skip


class Place(signing.Signer):
    """Where a stream stopped: the ledger's state it is of, and the last row it gave."""

    def given(self, state, type_, uid):
        return self.sign_object([state.seq, state.head, state.horizon.isoformat(), type_, uid])

    def read(self, text):
        """(state, type, uid)."""
        try:
            seq, head, horizon, type_, uid = self.unsign_object(text)
        except signing.BadSignature:
            raise misread("resume", "Give the last “resume” of the stream as it was.") from None
        return State(seq=seq, head=head, horizon=parse_datetime(horizon)), type_, uid


place = Place(salt="articles.snapshot", sep=".")


class SnapshotQuestion(serializers.Serializer):
    resume = serializers.CharField(required=False, help_text="The last “resume” of a stream that broke off.")


class Snapshot(Endpoint):
    """The whole live record as JSON lines, each `{"type", "data"}`: first `snapshot`, then every organisation,
    position, person, topic and article as its own address tells it, from time to time `resume`, and at last `end` with
    the cursor from which to follow changes/. A stream without `end` broke off: go on with its last `resume`."""

    queryset = Edition.objects.none()
    serializer_class = SnapshotQuestion

    def parameters(self):
        return {*SnapshotQuestion().fields}

    @extend_schema(parameters=[SnapshotQuestion], responses={(200, "application/x-ndjson"): OpenApiTypes.STR})
    def snapshot(self, request):
        asked = request.query_params.get("resume")
        if asked:
            state, type_, uid = place.read(asked)
        else:
            number_what_is_due(timezone.now())
            (state, type_, uid) = State.objects.get(id=1), next(iter(SURFACES)), ""
        lines = told(state, type_, uid)
        response = StreamingHttpResponse(lines, content_type="application/x-ndjson")
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            response.streaming_content = compress_sequence(lines)
            response["Content-Encoding"] = "gzip"
        response["Vary"] = "Accept-Encoding"
        return response


def told(state, type_, uid):
    """The lines of a snapshot from the row after `uid` on."""
    facts = {"cursor": cursor_of(state), "head": state.head, "seq": state.seq, "epoch": epoch()}
    yield line("snapshot", facts)
    types = [*SURFACES]
    for name in types[types.index(type_) :]:
        for rows in chunks(name, state.horizon, uid):
            yield b"".join(line(name, row) for row in rows)
            yield line("resume", place.given(state, name, rows[-1]["uid"]))
        uid = ""
    yield line("end", facts)


def chunks(name, at, uid):
    """All rows of a surface that are public at `at`, after the one named `uid`, as its address shows them."""
    surface, column = SURFACES[name]
    view = surface(action="list", request=Asked(moment(at, timezone.now())), kwargs={}, format_kwarg=None)
    view.wanted = {*surface.serializer_class._declared_fields}
    rows = view.get_queryset()
    if "merged_into" in {field.name for field in rows.model._meta.get_fields()}:
        rows = rows.filter(merged_into=None)
    while found := [*rows.filter(**{f"{column}__gt": uid}).order_by(column)[:CHUNK]]:
        with override("en"):  # as every address of the API
            shown = view.shown(found)
        yield shown
        uid = shown[-1]["uid"]


class Asked:
    """What a surface asks of a request, when nobody made one."""

    def __init__(self, moment_):
        self.moment, self.query_params = moment_, {}


def line(type_, data):
    return JSONRenderer().render({"type": type_, "data": data}) + b"\n"


def cursor_of(state):
    return f"{state.seq}-{state.head[:16]}"


class DigestSerializer(serializers.Serializer):
    epoch = serializers.CharField(help_text="The name of this history.")
    seq = serializers.IntegerField(help_text="The number of the change after which this is so.")
    cursor = serializers.CharField(help_text="The cursor after that change.")
    digest = serializers.CharField(
        help_text="SHA-256 over a line “uid edition content_hash” for each live article, sorted by uid, each line "
        "ended by a newline."
    )


class Digest(Endpoint):
    """The live articles in one number: a copy that has followed changes/ up to `seq` computes the same."""

    queryset = Edition.objects.none()
    serializer_class = DigestSerializer

    def digest(self, request):
        number_what_is_due(timezone.now())
        for _try in range(5):
            state = State.objects.get(id=1)
            digest = digest_at(state.head, state.horizon)
            if State.objects.get(id=1).head == state.head:  # nothing was withdrawn while it was read
                facts = {"epoch": epoch(), "seq": state.seq, "cursor": cursor_of(state), "digest": digest}
                return Response(DigestSerializer(facts).data)
            digest_at.cache_clear()
        raise Problem("busy", "Too much is being published just now. Ask again in a minute.", status=503)


@lru_cache(maxsize=1)
def digest_at(head, horizon):
    """The digest of what is live at `horizon`; of the same `head` it is the same, so it is read once."""
    found, uid = hashlib.sha256(), ""
    live = Edition.objects.live(horizon).order_by("article__uid")
    while True:
        rows = [*live.filter(article__uid__gt=uid).values_list("article__uid", "number", "content_hash")[:5000]]
        if not rows:
            return found.hexdigest()
        found.update("".join(f"{uid} {number} {content}\n" for uid, number, content in rows).encode())
        uid = rows[-1][0]
