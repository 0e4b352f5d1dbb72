"""Partners: keys and what they are refused for, limits and how they are told, and what is read under embargo, which
for everybody else is not there."""

import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles.ledger import Stamp
from articles.models import Edition, Mention, RelatedItem
from articles.sharing import EmbargoRead, EmbargoRelease
from newsroom import callers
from newsroom.management.commands.mirror import Mirror
from newsroom.partners import Key, Partner
from people.models import Appointment, Organisation, Person, Position
from tests.test_admin import Hand

ARTICLES = "/api/v1/articles/"
EMBARGOED = "/api/v1/embargoed/"
DAY = timedelta(days=1)
BEGUN = timezone.now().replace(second=0, microsecond=0)


class Reader:
    """Asks the API as whoever holds `token`, or as anybody; from an address of their own."""

    def __init__(self, token="", address="192.0.2.1"):
        self.client = Client(REMOTE_ADDR=address)
        self.headers = {"authorization": f"Bearer {token}"} if token else {}

    def get(self, path, query=None, method="get", **headers):
        return getattr(self.client, method)(path, query, headers=self.headers | headers)

    def uids(self):
        answer = self.get(EMBARGOED)
        assert answer.status_code == 200, answer.content
        return [article["uid"] for article in answer.json()["results"]]


def keyed(world, name="Lake Wire", ends_in=DAY, **facts):
    """A partner with a key that ends in a day, and a Reader who holds it."""
    partner = Partner.objects.create(name=name, **facts)
    now = timezone.now()
    key, token = Key.mint(partner, world.publisher, "robot", now, ends_in and now + ends_in)
    return SimpleNamespace(partner=partner, key=key, token=token, reader=Reader(token))


@pytest.fixture
def limits(settings, monkeypatch):
    """`limits(anonymous, keyed)` sets them; the clock stands at a whole minute until `limits.pass_by(60)`."""
    at = SimpleNamespace(now=BEGUN)
    monkeypatch.setattr("django.utils.timezone.now", lambda: at.now)
    monkeypatch.setattr(callers, "counter", callers.Counter())
    caches["limits"].clear()

    def give(anonymous=0, keyed=0):
        settings.API_LIMITS = {"anonymous": anonymous, "keyed": keyed}

    def pass_by(seconds):
        at.now += timedelta(seconds=seconds)

    give.pass_by = pass_by
    return give


# Keys


def test_a_key_is_shown_once_and_kept_nowhere(world, caplog):
    caplog.set_level("DEBUG")
    partner, hand = Partner.objects.create(name="Lake Wire"), Hand(world.publisher)
    address = reverse("admin:newsroom_partner_keys", args=[partner.pk])
    made = hand.client.post(address, {"name": "archive", "days": "365"})
    token = Key.TOKEN.search(made.text)[0]
    assert made.status_code == 200 and "no-store" in made["Cache-Control"]
    key = partner.keys.get()
    assert Key.digest_of(token) == key.digest and token.startswith(key.beginning) and len(key.beginning) == 11
    assert (key.made_by, key.expires_at - key.made_at) == (world.publisher, timedelta(days=365))
    assert Reader(token).get(ARTICLES).status_code == 200
    assert Reader(token).get(ARTICLES, {"topic": "never"}).status_code == 400
    pages = [address, reverse("admin:newsroom_partner_change", args=[partner.pk]), reverse("admin:index")]
    hand.client.post(address, {"revoke": key.pk})
    refused = Reader(token).get(ARTICLES)
    told = [hand.client.get(page).text for page in pages] + [refused.text, str(refused.headers), caplog.text]
    told += [str([*rows.objects.values()]) for rows in (Key, Partner, LogEntry)]
    told += [str(session.get_decoded()) for session in Session.objects.all()]
    assert "archive" in told[0] and "Unauthorized" in caplog.text  # what is looked through is not empty
    assert [text for text in told if token in text or token[11:] in text] == []


def test_a_key_costs_one_statement_more_and_gives_the_same_words(world):
    world.published()
    wire = keyed(world)
    wire.reader.get(ARTICLES)  # notes that it is used, for a minute
    with CaptureQueriesContext(connection) as anonymous:
        everybody = Reader().get(ARTICLES)
    with CaptureQueriesContext(connection) as with_a_key:
        theirs = wire.reader.get(ARTICLES)
    assert len(with_a_key) == len(anonymous) + 1
    assert (theirs.content, theirs["ETag"]) == (everybody.content, everybody["ETag"])
    assert wire.reader.get(ARTICLES, **{"if-none-match": theirs["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer ", "Bearer nr_" + "0" * 40, "Bearer nr_" + "0" * 39, "Bearer nr_" + "é" * 40,
     "Basic bnI6eA==", "Bearer " + "x" * 5000],
)  # fmt: skip
@pytest.mark.parametrize("path", [ARTICLES, EMBARGOED, "/api/v1/nowhere/"])
def test_what_is_no_key_of_ours_is_refused_with_words_that_help(db, given, path):
    answer = Client().get(path, headers={"authorization": given})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer["Content-Type"] == "application/problem+json" and "Authorization" in answer["Vary"]
    assert answer.json()["code"] == "invalid_key"
    assert "leave the header out" in answer.json()["detail"] or "Send “Authorization: Bearer" in answer.json()["detail"]


def test_a_key_holds_until_its_end_and_one_without_an_end_for_ever(world, limits):
    wire, robot = keyed(world, ends_in=timedelta(seconds=90)), keyed(world, "Archive", ends_in=None)
    assert wire.reader.get(ARTICLES).status_code == 200
    limits.pass_by(90)
    assert "has ended" in wire.reader.get(ARTICLES).json()["detail"]
    limits.pass_by(10**9)
    assert robot.reader.get(ARTICLES).status_code == 200


def test_a_revoked_key_is_refused_at_the_next_request(world):
    wire = keyed(world)
    assert wire.reader.get(ARTICLES).status_code == 200
    wire.key.revoke(world.publisher, timezone.now())
    answer = wire.reader.get(ARTICLES)
    assert answer.status_code == 401 and "has been revoked" in answer.json()["detail"]
    wire.key.refresh_from_db()
    first = wire.key.revoked_at
    wire.key.revoke(world.editor, timezone.now())
    wire.key.refresh_from_db()
    assert (wire.key.revoked_by, wire.key.revoked_at) == (world.publisher, first)


def test_no_request_that_begins_after_a_revocation_is_let_through(open_world):
    wire, revoked, late, began = keyed(open_world), threading.Event(), [], threading.Barrier(4)

    def read():
        reader = Reader(wire.token)
        reader.get(ARTICLES)
        began.wait()
        for _ in range(8):
            is_late = revoked.is_set()
            status = reader.get(ARTICLES).status_code
            late.append(status) if is_late else None
        late.append(reader.get(ARTICLES).status_code if revoked.wait(10) else 0)
        connection.close()

    readers = [threading.Thread(target=read) for _ in range(3)]
    for thread in readers:
        thread.start()
    began.wait()
    wire.key.revoke(open_world.publisher, timezone.now())
    revoked.set()
    for thread in readers:
        thread.join()
    assert len(late) >= 3 and {*late} == {401}


def test_a_key_in_the_address_is_an_unknown_parameter(world):
    wire = keyed(world)
    for name in ("key", "token", "access_token"):
        answer = Reader().get(ARTICLES, {name: wire.token})
        assert (answer.status_code, answer.json()["code"]) == (400, "unknown_parameter")
        assert wire.token not in answer.text


def test_when_a_key_was_used_is_noted_once_a_minute(world, limits):
    wire = keyed(world)

    def used():
        wire.reader.get(ARTICLES)
        wire.key.refresh_from_db()
        return wire.key.used_at

    assert used() == BEGUN
    limits.pass_by(59)
    assert used() == BEGUN
    limits.pass_by(1)
    assert used() == BEGUN + timedelta(seconds=60)


def test_a_read_does_not_wait_for_whoever_writes(open_world):
    wire, other = keyed(open_world), connection.copy()
    with other.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA journal_mode")
            cursor.execute("BEGIN IMMEDIATE")
        else:
            cursor.execute("BEGIN")
            cursor.execute("SELECT * FROM newsroom_key FOR UPDATE")
        begun = timezone.now()
        assert wire.reader.get(ARTICLES).status_code == 200
        assert timezone.now() - begun < timedelta(seconds=2)
        cursor.execute("ROLLBACK")
    other.close()
    wire.key.refresh_from_db()
    assert wire.key.used_at is None
    assert wire.reader.get(ARTICLES).status_code == 200
    wire.key.refresh_from_db()
    assert wire.key.used_at is not None


@pytest.fixture
def read_only(open_world):
    """A call makes the database refuse to be written to, as a replica or a full disk does."""
    sqlite = connection.vendor == "sqlite"

    def switch(on):
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA query_only = {on}" if sqlite else f"SET default_transaction_read_only = {on}")

    yield lambda: switch("on")
    switch("off")


def test_a_database_that_only_reads_answers_keys(open_world, read_only):
    wire = keyed(open_world)
    read_only()
    assert wire.reader.get(ARTICLES).status_code == 200


# Limits


def test_every_answer_says_how_the_caller_stands(world, limits):
    limits(anonymous=9, keyed=5)
    reader, wire = Reader(), keyed(world)
    etag = reader.get(ARTICLES)["ETag"]
    limits.pass_by(18)
    answers = [
        (304, reader.get(ARTICLES, **{"if-none-match": etag})), (400, reader.get(ARTICLES, {"nothing": "x"})),
        (404, reader.get(f"{ARTICLES}never/")), (404, reader.get("/api/v1/nowhere/")), (404, reader.get(EMBARGOED)),
        (405, reader.get(ARTICLES, method="post")), (406, reader.get(ARTICLES, accept="text/html")),
        (401, Reader("nr_wrong").get(ARTICLES)),
    ]  # fmt: skip
    assert [answer.status_code for _code, answer in answers] == [code for code, _answer in answers]
    assert {answer["RateLimit-Policy"] for _code, answer in answers} == {'"anonymous";q=9;w=60'}
    assert [answer["RateLimit"] for _code, answer in answers] == [
        f'"anonymous";r={left};t=42' for left in range(7, -1, -1)
    ]
    theirs = wire.reader.get("/api/v1/snapshot/")
    assert (theirs["RateLimit-Policy"], theirs["RateLimit"]) == ('"keyed";q=5;w=60', '"keyed";r=4;t=42')


def test_what_is_too_much_is_refused_until_the_minute_is_over(world, limits):
    limits(anonymous=2)
    limits.pass_by(50)
    reader = Reader()
    assert [reader.get(ARTICLES).status_code for _ in range(4)] == [200, 200, 429, 429]
    refused = reader.get(ARTICLES)
    assert (refused["Retry-After"], refused["RateLimit"]) == ("10", '"anonymous";r=0;t=10')
    assert (refused["Content-Type"], refused.json()["code"]) == ("application/problem+json", "too_many_requests")
    assert refused.json()["detail"].startswith("Wait 10 seconds")
    assert Reader(address="192.0.2.2").get(ARTICLES).status_code == 200
    assert reader.get("/").status_code == 200  # the site is not the API
    limits.pass_by(10)
    assert reader.get(ARTICLES).status_code == 200


def test_a_preflight_is_not_counted_and_never_refused(world, limits):
    limits(anonymous=1)
    reader = Reader()
    for _ in range(3):
        asked = reader.get(ARTICLES, method="options", **{"access-control-request-method": "GET"})
        assert (asked.status_code, "RateLimit" in asked) == (204, False)
    assert reader.get(ARTICLES).status_code == 200
    assert reader.get(ARTICLES).status_code == 429
    assert reader.get(ARTICLES, method="options").status_code == 204


def test_a_key_has_a_limit_of_its_own_wherever_it_is_used(world, limits):
    limits(anonymous=1, keyed=3)
    wire, others = keyed(world), keyed(world, "Other Wire")
    assert [Reader().get(ARTICLES).status_code for _ in range(2)] == [200, 429]
    asked = [Reader(wire.token, f"192.0.2.{number}").get(ARTICLES).status_code for number in range(1, 5)]
    assert asked == [200, 200, 200, 429]
    assert others.reader.get(ARTICLES).status_code == 200
    assert [Reader("nr_wrong", "192.0.2.9").get(ARTICLES).status_code for _ in range(2)] == [
        401,
        429,
    ]  # trying is counted


@pytest.mark.parametrize(
    ("proxies", "asked", "answers"),
    [
        (0, [("192.0.2.1", f"203.0.113.{number}") for number in range(3)], [200, 429, 429]),
        (1, [("10.0.0.1", f"203.0.113.{number}, 198.51.100.7") for number in range(3)], [200, 429, 429]),
        (1, [("10.0.0.1", "198.51.100.7"), ("10.0.0.1", "198.51.100.8")], [200, 200]),
        (2, [("192.0.2.1", "203.0.113.1"), ("192.0.2.1", "203.0.113.2")], [200, 429]),
        (0, [("2001:db8:1:2::1", ""), ("2001:db8:1:2:ffff::9", ""), ("2001:db8:1:3::1", "")], [200, 429, 200]),
        (0, [("::ffff:192.0.2.1", ""), ("192.0.2.1", ""), ("::ffff:192.0.2.2", "")], [200, 429, 200]),
    ],
)
def test_a_caller_is_the_address_our_own_proxies_saw(world, limits, settings, proxies, asked, answers):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    limits(anonymous=1)
    got = [
        Reader(address=address).get(ARTICLES, **({"x-forwarded-for": told} if told else {})) for address, told in asked
    ]
    assert [answer.status_code for answer in got] == answers


def test_counting_asks_nothing_of_the_database(world, limits):
    with CaptureQueriesContext(connection) as without:
        Reader().get(ARTICLES)
    limits(anonymous=1)
    with CaptureQueriesContext(connection) as counted:
        Reader().get(ARTICLES)
    with CaptureQueriesContext(connection) as refused:
        assert Reader().get(ARTICLES).status_code == 429
    assert (len(counted), len(refused)) == (len(without), 0)


def test_a_cache_that_is_away_lets_everybody_through_and_is_told_of_once(world, limits, settings, caplog):
    settings.CACHES = settings.CACHES | {
        "limits": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    limits(anonymous=1)
    answers = [Reader().get(ARTICLES) for _ in range(3)]
    callers.counter.away_until = 0  # as after the pause
    answers.append(Reader().get(ARTICLES))
    assert {answer.status_code for answer in answers} == {200}
    assert {answer["RateLimit-Policy"] for answer in answers} == {'"anonymous";q=1;w=60'}
    assert not any("RateLimit" in answer for answer in answers)
    assert caplog.text.count("the cache does not answer") == 1


def test_no_shared_cache_gives_to_one_caller_what_is_another_s(world):
    wire = keyed(world)
    for path in (ARTICLES, "/api/v1/nowhere/", f"{ARTICLES}never/"):
        assert Reader().get(path)["Cache-Control"] == "public, no-cache"
        assert wire.reader.get(path)["Cache-Control"] == "private, no-cache"
        assert "Authorization" in Reader().get(path)["Vary"] and "Authorization" in wire.reader.get(path)["Vary"]
    assert "Accept-Encoding, Authorization" in Reader().get("/api/v1/snapshot/")["Vary"]


def test_no_cache_gives_to_others_what_one_caller_was_refused(world, limits, settings):
    settings.PUBLIC_CACHE_CONTROL = "public, max-age=0, s-maxage=2"
    limits(anonymous=1)
    assert Reader().get(ARTICLES)["Cache-Control"] == "public, max-age=0, s-maxage=2"
    refused = Reader().get(ARTICLES)
    assert (refused.status_code, refused["Cache-Control"]) == (429, "no-store")


def test_a_mirror_waits_when_it_is_told_to_and_shows_its_key(open_world, live_server, limits, monkeypatch, tmp_path):
    for number in range(3):
        open_world.published(f"Number {number}")
    limits(anonymous=1, keyed=2)
    wire, waits = keyed(open_world), []
    monkeypatch.setattr("time.sleep", lambda seconds: (waits.append(seconds), limits.pass_by(seconds)))
    wire.reader.get(ARTICLES)
    wire.reader.get(ARTICLES)  # so that already the snapshot has to wait
    copy = Mirror(live_server.url, tmp_path / "copy.sqlite3", key=wire.token)
    assert copy.run() and copy.counts()["article"] == 3
    assert waits and set(waits) == {60}
    open_world.published("One more")
    assert copy.run() and copy.counts()["article"] == 4


# Under embargo


@pytest.fixture
def embargo(world):
    """An edition scheduled for tomorrow with a person, an office and a topic that only it names; given to a partner."""
    body = Organisation.objects.create(name="Zyxomel House")
    post = Position.objects.create(title="Zyxomel Envoy", organisation=body)
    person = Person.objects.create(name="Zyxomel Lind")
    Appointment.objects.create(person=person, position=post, since="2020-01-01")
    topic = type(world.water).objects.create(name="Zyxomel matters")
    live = world.published("Ferries run again", body=f"<p>{world.quote('Today.', 'today1')}</p>")
    draft = world.draft("Zyxomel ferries", body=f"<p>{world.quote('Soon.', 'soon1', person)}</p>")
    draft.topics.set([topic])
    Mention.objects.create(edition=draft, person=world.ilo)
    world.approve(draft)
    hour = timezone.now() + DAY
    draft.schedule(world.publisher, hour)
    draft.give(world.publisher)
    wire = keyed(world, under_embargo=True)
    detail = f"{EMBARGOED}{draft.article.uid}/"
    return SimpleNamespace(edition=draft, uid=draft.article.uid, hour=hour, detail=detail, live=live, **vars(wire))


def test_a_partner_reads_before_the_hour_what_everybody_reads_after_it(world, embargo, monkeypatch):
    answer = embargo.reader.get(embargo.detail)
    assert (answer["Cache-Control"], "Authorization" in answer["Vary"], "ETag" in answer) == ("no-store", True, False)
    early = answer.json()
    assert embargo.reader.get(EMBARGOED).json()["results"] == [early]
    assert [topic["name"] for topic in early["topics"]] == ["Zyxomel matters"]
    quote = early["quotes"][0]
    assert (quote["speaker"]["name"], quote["position"]["title"]) == ("Zyxomel Lind", "Zyxomel Envoy")
    assert quote["position"]["organisation"]["name"] == "Zyxomel House"
    assert [topic["name"] for topic in quote["topics"]] == ["Zyxomel matters"]
    assert {person["name"] for person in early["people"]} == {"Zyxomel Lind", "Ilo Verhaak"}
    monkeypatch.setattr("django.utils.timezone.now", lambda: embargo.hour)
    assert early.pop("embargoed_until") == early["updated_at"]
    assert early["updated_at"].endswith("Z")
    assert Reader().get(f"{ARTICLES}{embargo.uid}/").json() == early
    assert embargo.reader.uids() == [] and embargo.reader.get(embargo.detail).status_code == 404


def test_many_cost_as_many_statements_as_one_and_each_is_as_at_its_own_hour(world, embargo):
    def asked():
        with CaptureQueriesContext(connection) as captured:
            answer = embargo.reader.get(EMBARGOED)
        return len(captured), answer.json()["results"]

    asked()  # notes that the key is used, for a minute
    cost, _one = asked()
    assert cost == 13  # six of them for the transaction in which it is written down who reads what
    for number in range(1, 8):
        quote = world.quote(f"Words {number}.", f"many{number}", Person.objects.create(name=f"Zyxomel {number}"))
        more = world.draft(f"Zyxomel {number}", body=f"<p>{quote}</p>")
        more.topics.set([type(world.water).objects.create(name=f"Zyxomel topic {number}")])
        Mention.objects.create(edition=more, person=world.ilo)
        world.approve(more)
        more.schedule(world.publisher, embargo.hour + number * DAY)
        more.give(world.publisher)
    more.topics.add(embargo.edition.topics.get())
    embargo.edition.topics.add(more.topics.first())  # of a later hour: the first edition is read without it
    for_all, many = asked()
    assert (for_all, len(many)) == (cost, 8)
    assert many == [embargo.reader.get(f"{EMBARGOED}{told['uid']}/").json() for told in many]
    assert [[topic["name"] for topic in told["topics"]] for told in (many[0], many[-1])] == [
        ["Zyxomel matters"],
        ["Zyxomel matters", "Zyxomel topic 7"],
    ]


def test_fields_can_be_picked_and_the_past_cannot_be_asked(embargo):
    assert embargo.reader.get(embargo.detail, {"fields": "uid,embargoed_until"}).json().keys() == {
        "uid",
        "embargoed_until",
    }
    refused = embargo.reader.get(embargo.detail, {"at": "2024-01-01"})
    assert (refused.status_code, refused.json()["allowed"]) == (400, ["fields"])
    assert refused["Cache-Control"] == "no-store"


def test_every_reading_is_written_down_before_the_words_leave(world, embargo):
    embargo.reader.get(embargo.detail)
    embargo.reader.get(EMBARGOED, method="head")
    assert embargo.reader.get(f"{EMBARGOED}never/").status_code == 404
    reads = EmbargoRead.objects.order_by("id")
    assert [(read.reader, read.key, read.edition, read.number, read.version, read.in_a_list) for read in reads] == [
        ("Lake Wire", f"{embargo.key.beginning}… (robot)", embargo.edition, 1, embargo.edition.version, in_a_list)
        for in_a_list in (False, True)
    ]
    page, log = Hand(world.publisher), reverse("admin:articles_embargoread_changelist")
    assert "Lake Wire" in page.open(embargo.edition).text
    assert "Lake Wire" in page.client.get(log, {"q": "lake"}).text
    assert "Lake Wire" in page.client.get(log, {"of": embargo.uid}).text
    editor = Hand(world.editor)
    assert "Lake Wire" not in editor.open(embargo.edition).text and editor.client.get(log).status_code == 403


def test_what_cannot_be_written_down_is_not_shown(open_world, read_only, embargo):
    read_only()
    for path in (EMBARGOED, embargo.detail):
        answer = embargo.reader.get(path)
        assert (answer.status_code, answer.json()["code"], answer["Cache-Control"]) == (503, "not_logged", "no-store")
        assert "yxomel" not in answer.text
    assert not EmbargoRead.objects.exists()


def told(answer):
    return answer.status_code, answer.content, {
        name: value for name, value in answer.headers.items() if not name.startswith("RateLimit")
    }  # fmt: skip


@pytest.mark.parametrize("method", ["get", "head", "post", "delete", "trace"])
def test_for_everybody_else_it_is_an_address_that_is_not_there(world, embargo, limits, method):
    limits(anonymous=1000, keyed=1000)
    for reader in (Reader(), keyed(world, "Other Wire").reader):
        nothing = told(reader.get("/api/v1/nothing/", method=method))
        assert nothing[0] == 404
        for path in (EMBARGOED, embargo.detail, f"{EMBARGOED}never/", f"{embargo.detail}editions/"):
            for query in ("", "?fields=uid", "?at=never", "?page_size=0", "?nothing=1"):
                assert told(reader.get(path + query, method=method)) == nothing, (path, query)
    assert not EmbargoRead.objects.exists()


def test_a_preflight_tells_of_no_address_whether_it_is_there(world, embargo, limits):
    limits(anonymous=1000, keyed=1000)
    paths = ["/api/v1/", ARTICLES, f"{ARTICLES}{embargo.live.article.uid}/", f"{ARTICLES}never/", EMBARGOED,
             embargo.detail, f"{EMBARGOED}never/", "/api/v1/docs/", "/api/v1/schema/", "/api/v1/snapshot/",
             "/api/v1/nothing/", "/api/v1/a%00b/"]  # fmt: skip
    answers = [Client().options(path, HTTP_ORIGIN="https://press.example") for path in paths]
    assert {answer.status_code for answer in answers} == {204}
    assert len({str(told(answer)) for answer in answers}) == 1
    for reader in (embargo.reader, Reader("nr_wrong")):
        keyed_ones = [reader.get(f"{path}?nothing=1", method="options") for path in paths]
        assert {answer.status_code for answer in keyed_ones} == {204}
        assert len({str(told(answer)) for answer in keyed_ones}) == 1
    assert not EmbargoRead.objects.exists()


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_without_its_slash_it_is_there_for_nobody_else_either(world, embargo, method):
    for reader in (Reader(), keyed(world, "Other Wire").reader):
        nothing = told(reader.get("/api/v1/nothing/", method=method))
        for path in (EMBARGOED, embargo.detail, f"{EMBARGOED}never/"):
            assert told(reader.get(path.removesuffix("/"), method=method)) == nothing
    leads = embargo.reader.get(embargo.detail.removesuffix("/"))
    assert (leads.status_code, leads["Location"]) == (301, f"{settings.SITE_URL}{embargo.detail}")
    assert not EmbargoRead.objects.exists()


def test_to_others_it_costs_as_many_statements_as_an_address_that_is_not_there(world, embargo):
    for reader in (Reader(), keyed(world, "Other Wire").reader):
        reader.get(ARTICLES)
        costs = []
        for path in ("/api/v1/nothing/", EMBARGOED, embargo.detail):
            with CaptureQueriesContext(connection) as captured:
                reader.get(path)
            costs.append(len(captured))
        assert len({*costs}) == 1


#: of the site, what lists, counts, feeds or finds
SITE = ["/", "/articles/", "/quotes/", "/people/", "/topics/", "/organisations/council-of-lakes/", "/search/?q=zyxomel",
        "/archive/", "/corrections/", "/feeds/articles.atom", "/feeds/quotes.json", "/sitemap.xml", "/sitemap-news.xml",
        "/sitemap-people.xml"]  # fmt: skip


def everything(uid):
    """All that anybody can ask for, without what changes with each answer."""
    reader, api = (
        Reader(),
        ("", "articles/", "quotes/", "people/", "positions/", "organisations/", "topics/", "changes/"),
    )
    paths = [f"/api/v1/{path}" for path in (*api, "changes/digest/", "snapshot/", "embargoed/")]
    paths += [f"{ARTICLES}{uid}/", f"{ARTICLES}{uid}/editions/", f"{EMBARGOED}{uid}/", *SITE]
    for path in paths:
        answer = reader.get(path)
        yield path, answer.status_code, b"".join(answer), {**answer.headers}


def test_giving_an_edition_to_partners_changes_no_byte_for_anybody_else(world, embargo):
    embargo.edition.take_back(world.publisher)
    stamp = Stamp.objects.get().value
    before = [*everything(embargo.uid)]
    embargo.edition.give(world.publisher)
    embargo.reader.get(EMBARGOED)
    assert [*everything(embargo.uid)] == before
    assert Stamp.objects.get().value == stamp
    assert not any(b"yxomel" in body.lower().replace(b"q=zyxomel", b"").replace(b'value="zyxomel"', b"")
                   for path, _status, body, _headers in before if "q=" not in path)  # fmt: skip
    assert not any(b"embargoed/" in body for _path, _status, body, _headers in before)
    assert b"/api/v1/embargoed/" not in Reader().get("/api/v1/schema/").content


def test_what_else_is_scheduled_stays_unknown_to_partners(world, embargo):
    secret = world.ready("Wuthmere opens")
    secret.schedule(world.publisher, timezone.now() + DAY / 2)
    article = embargo.edition.article
    embargo.edition.cancel(world.publisher)
    draft = Edition.objects.get(pk=embargo.edition.pk)
    RelatedItem.objects.create(edition=draft, label="Wuthmere", article=secret.article)
    RelatedItem.objects.create(edition=draft, label="Ferries", article=embargo.live.article)
    world.approve(draft)
    draft.schedule(world.publisher, embargo.hour)
    draft.give(world.publisher)
    translation = draft.translate(world.writer, "fr")
    translation.headline = "Wuthmere ouvre"
    translation.save(by=world.writer)
    world.approve(translation)
    translation.schedule(world.publisher, timezone.now() + DAY / 2)
    early = embargo.reader.get(f"{EMBARGOED}{article.uid}/").json()
    assert ([item["label"] for item in early["related"]], early["translations"]) == (["Ferries"], [])
    assert "uthmere" not in embargo.reader.get(EMBARGOED).text
    translation.give(world.publisher)
    assert embargo.reader.uids() == [translation.article.uid, article.uid]


def test_only_what_was_given_is_read_and_only_while_it_waits(world, embargo):
    other = world.ready("Not given")
    other.schedule(world.publisher, embargo.hour)
    assert embargo.reader.uids() == [embargo.uid]
    embargo.edition.take_back(world.publisher)
    assert embargo.reader.uids() == [] and embargo.reader.get(embargo.detail).status_code == 404
    embargo.edition.give(world.publisher)
    later = embargo.hour + DAY
    embargo.edition.reschedule(world.publisher, later)
    assert embargo.reader.get(embargo.detail).json()["updated_at"].startswith(later.strftime("%Y-%m-%d"))
    Partner.objects.update(under_embargo=False)
    assert embargo.reader.get(embargo.detail).status_code == 404
    Partner.objects.update(under_embargo=True)
    embargo.edition.cancel(world.publisher)
    assert embargo.reader.uids() == [] and not EmbargoRelease.objects.exists()
    again = Edition.objects.get(pk=embargo.edition.pk)
    again.schedule(world.publisher, later)
    assert embargo.reader.uids() == []  # the new schedule was not given
    again.give(world.publisher)
    again.article.erase(world.publisher, "Court order 7")
    assert embargo.reader.uids() == []
    assert EmbargoRead.objects.filter(article=again.article).exists()  # who read it is not forgotten


def test_a_correction_under_embargo_is_withdrawn_with_its_article(world, embargo):
    draft = embargo.live.article.start_edition(world.writer, note="Wrong figures.", change_class=Edition.CORRECTION)
    world.approve(draft)
    draft.schedule(world.publisher, embargo.hour)
    draft.give(world.publisher)
    early = embargo.reader.get(f"{EMBARGOED}{draft.article.uid}/").json()
    assert (early["edition"], [one["note"] for one in early["corrections"]]) == (2, ["Wrong figures."])
    assert early["published_at"] < early["updated_at"]
    draft.article.withdraw(world.publisher, "All of it was wrong.")
    assert embargo.reader.uids() == [embargo.uid]


def test_a_page_at_a_time(world, embargo):
    for number in range(2):
        edition = world.ready(f"Later {number}")
        edition.schedule(world.publisher, embargo.hour + DAY * (number + 1))
        edition.give(world.publisher)
    first = embargo.reader.get(EMBARGOED, {"page_size": 2, "fields": "headline"}).json()
    rest = embargo.reader.get(first["next"]).json()
    assert [row["headline"] for row in first["results"] + rest["results"]] == ["Zyxomel ferries", "Later 0", "Later 1"]
    assert rest["next"] is None and EmbargoRead.objects.count() == 3


def test_a_page_after_what_was_called_off_leaves_out_nothing_of_its_hour(world, embargo):
    for number in range(3):
        edition = world.ready(f"Beside {number}")
        edition.schedule(world.publisher, embargo.hour)
        edition.give(world.publisher)
    page = embargo.reader.get(EMBARGOED, {"page_size": 2}).json()
    told = [row["uid"] for row in page["results"]]
    Edition.objects.get(article__uid=told[-1]).cancel(world.publisher)
    while page["next"]:
        page = embargo.reader.get(page["next"]).json()
        told += [row["uid"] for row in page["results"]]
    assert {*embargo.reader.uids()} <= {*told}


def somebody_waits():
    """Whether another connection waits for the end of this transaction (PostgreSQL)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid")
        return cursor.fetchone() is not None


def test_what_is_taken_back_while_it_is_read_is_not_shown(open_world, embargo):
    """The reader has found it and waits for the row that a publisher is deleting."""
    if connection.vendor == "sqlite":  # one writer at a time: there is no such moment
        embargo.edition.take_back(open_world.publisher)
        assert embargo.reader.get(embargo.detail).status_code == 404
        return
    answers = []

    def read():
        answers.append(embargo.reader.get(embargo.detail).status_code)
        connections.close_all()

    reader = threading.Thread(target=read)
    with transaction.atomic():
        embargo.edition.take_back(open_world.publisher)
        reader.start()
        while not answers and not somebody_waits():
            reader.join(0.01)
        assert answers == []
    reader.join()
    assert answers == [404] and not EmbargoRead.objects.exists()


def test_a_publisher_gives_and_takes_back_on_the_page_of_the_edition(world, embargo):
    hand, edition = Hand(world.publisher), embargo.edition
    page = hand.press(edition, "take-back", sure="")
    assert "Given to partners" not in page.context["sentence"].text and not EmbargoRelease.objects.exists()
    page = hand.press(edition, "give", sure="")
    assert "Given to partners under embargo" in page.context["sentence"].text
    assert "Nobody has read it yet." in page.text
    assert EmbargoRelease.objects.get().by == world.publisher
    verbs = edition.acts.order_by("id").values_list("verb", flat=True)
    assert [*verbs][-3:] == ["give", "take-back", "give"]
    edition.give(world.publisher)  # is given already: nothing is told twice
    assert edition.acts.filter(verb="give").count() == 2
    with pytest.raises(PermissionDenied):
        edition.give(world.editor)
    with pytest.raises(ValidationError):
        world.draft().give(world.publisher)
    with pytest.raises(ValidationError):
        embargo.live.give(world.publisher)
