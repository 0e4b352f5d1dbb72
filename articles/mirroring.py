"""For partners who keep a copy: the whole live record as one stream, and a digest that proves a copy equal.

Both speak of the ledger's horizon: the set that is live there is closed, so it is read by keyset in short reads,
without a long transaction, and a stream that broke off goes on where it stopped.
"""

import hashlib
from functools import lru_cache
from threading import Lock

from django.core import signing
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import override
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.response import Response

from articles.api import CURSOR, HASH, Articles, Topics, number_what_is_due
from articles.ledger import BEFORE_ALL_TIME, Change, State, epoch
from articles.models import Article, Edition
from articles.moment import moment
from people.api import EVERYWHERE, Endpoint, Organisations, People, Positions, Problem, means, misread, problems

CHUNK = 200
reading, PATIENCE = Lock(), 5  # seconds
#: in this order, so that what is named stands before what names it
SURFACES = {
    "organisation": (Organisations, "pk"), "position": (Positions, "pk"), "person": (People, "pk"),
    "topic": (Topics, "pk"), "article": (Articles, "article"),
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
    resume = serializers.CharField(required=False, **means("The last “resume” of a stream that broke off.", "WzEyMDc…"))


class Lines(BaseRenderer):
    """What the stream is to whoever asks for it by its type; it is written by `told`."""

    media_type, format = "application/x-ndjson", "ndjson"


class Snapshot(Endpoint):
    """The whole live record as JSON lines, each `{"type", "data"}`: first `snapshot`, then every organisation,
    position, person, topic and article as its own address tells it, from time to time `resume`, and at last `end` with
    the cursor from which to follow changes/. A stream without `end` broke off: go on with its last `resume`."""

    queryset = Edition.objects.none()
    serializer_class = SnapshotQuestion
    renderer_classes = [Lines]

    def parameters(self):
        return {*SnapshotQuestion().fields}

    @extend_schema(
        parameters=[SnapshotQuestion],
        responses={(200, Lines.media_type): OpenApiTypes.STR} | problems(EVERYWHERE),
    )
    def snapshot(self, request):
        asked = request.query_params.get("resume")
        if asked:
            state, type_, uid = place.read(asked)
        else:
            number_what_is_due(timezone.now())
            (state, type_, uid) = state_at_its_last_change(), next(iter(SURFACES)), ""
        lines = told(state, type_, uid) if request.method == "GET" else ()  # a server would read it all for a HEAD
        return StreamingHttpResponse(lines, content_type="application/x-ndjson")


def state_at_its_last_change():
    """The ledger's state, with the instant of its last change as horizon: what is live is the same at both. The horizon
    itself moves when something is merely scheduled, and whoever reads a `resume` would learn of that."""
    state = State.objects.get(id=1)
    state.horizon = Change.objects.filter(seq=state.seq).values_list("at", flat=True).first() or BEFORE_ALL_TIME
    return state


def told(state, type_, uid):
    """The lines of a snapshot from the row after `uid` on."""
    facts = {"cursor": state.cursor, "head": state.head, "seq": state.seq, "epoch": epoch()}
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
    for named in identities(Article if name == "article" else rows.model, uid, CHUNK):
        if found := [*rows.filter(**{f"{column}__in": named}).order_by()]:
            with override("en"):  # as every address of the API
                yield sorted(view.shown(found), key=lambda row: row["uid"])


def identities(model, uid, many):
    """{key: uid} of the rows after `uid`, hidden ones too, so many at a time: by the index of uids alone. Asked for the
    live ones in that order, SQLite sorts all that is live for every chunk: 20 s each among a million."""
    while found := dict(model.objects.filter(uid__gt=uid).order_by("uid").values_list("pk", "uid")[:many]):
        yield found
        uid = [*found.values()][-1]


class Asked:
    """What a surface asks of a request, when nobody made one."""

    def __init__(self, moment_):
        self.moment, self.query_params = moment_, {}


def line(type_, data):
    return JSONRenderer().render({"type": type_, "data": data}) + b"\n"


class DigestSerializer(serializers.Serializer):
    epoch = serializers.CharField(**means("The name of this history.", HASH))
    seq = serializers.IntegerField(**means("The number of the change after which this is so.", 1207))
    cursor = serializers.CharField(**means("The cursor after that change.", CURSOR))
    digest = serializers.CharField(
        **means(
            "SHA-256 over a line “uid edition content_hash” for each live article, sorted by uid, each line ended by a "
            "newline; hexadecimal.",
            HASH,
        )
    )


class Digest(Endpoint):
    """The live articles in one number: a copy that has followed changes/ up to `seq` computes the same."""

    queryset = Edition.objects.none()
    serializer_class = DigestSerializer

    def digest(self, request):
        number_what_is_due(timezone.now())
        for _try in range(5):
            state = State.objects.get(id=1)
            digest = read_in_turn(state)
            if digest is None:
                break
            if State.objects.get(id=1).head == state.head:  # nothing was withdrawn while it was read
                facts = {"epoch": epoch(), "seq": state.seq, "cursor": state.cursor, "digest": digest}
                return Response(DigestSerializer(facts).data)
            digest_at.cache_clear()
        raise Problem("busy", "Too much is being published just now. Ask again in a minute.", status=503, wait=60)


def read_in_turn(state):
    """The digest, which one request at a time reads: who asks meanwhile finds it read, or None after some seconds."""
    if not reading.acquire(timeout=PATIENCE):
        return None
    try:
        return digest_at(state.head, state.horizon)
    finally:
        reading.release()


@lru_cache(maxsize=1)
def digest_at(head, horizon):
    """The digest of what is live at `horizon`; of the same `head` it is the same, so it is read once."""
    found, live = hashlib.sha256(), Edition.objects.live(horizon).order_by()
    for uids in identities(Article, "", 2000):
        rows = live.filter(article__in=uids).values_list("article", "number", "content_hash")
        lines = sorted(f"{uids[article]} {number} {content}\n" for article, number, content in rows)
        found.update("".join(lines).encode())
    return found.hexdigest()
