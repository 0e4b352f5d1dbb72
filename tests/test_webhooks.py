"""Partners are told that the record has changed, and nothing more; whatever is killed, away or wrong, they are told in
the end; and nothing is ever sent into a network that is not public."""

import json
import re
import signal
import ssl
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

import html5lib
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from articles.feeds import ATOM, pushed
from articles.ledger import State
from newsroom import outside, telling
from newsroom.models import Hub, Partner, Webhook
from newsroom.webhooks import DEAD, FAILING, GIVEN_UP, LEASE, OFF, PAUSE, TOLD, WAITING
from tests.conftest import instant
from tests.test_admin import Desk, again, said, webhook
from tests.test_ledger import in_threads

SECOND = timedelta(seconds=1)


class Partnered(ThreadingHTTPServer):
    """A partner's web server. It notes what it is sent, and answers `status`."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.got, self.status, self.headers = [], 200, {}
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/hook"

    @property
    def said(self):
        return [json.loads(body) for _path, _headers, body in self.got]


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, self.headers, body))
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *args):
        pass


@pytest.fixture
def partner(settings):
    settings.DEBUG = True  # on a developer's own machine a partner may be one, too
    server = Partnered()
    yield server
    server.shutdown()
    server.server_close()


def later(**more):
    return timezone.now() + timedelta(**more)


# What is said


@pytest.fixture
def verified(client):
    """The function of the documentation, as it is written there."""
    page = html5lib.parse(client.get("/api/v1/docs/").content.decode(), namespaceHTMLElements=False)
    (example,) = [text for text in ("".join(pre.itertext()) for pre in page.iter("pre")) if "def verified" in text]
    exec(example, names := {})  # noqa: S102 (it is ours)
    return names["verified"]


def test_a_message_says_how_far_the_record_has_come_and_is_signed(world, partner, verified, client):
    hook = webhook(world, partner.url)
    world.published("Ferries run again")
    assert telling.tell() == (1, 0)
    (path, headers, body), state = partner.got[0], State.objects.get()
    assert path == "/hook" and headers["Content-Type"] == "application/json"
    said = verified(hook.secret_in_the_open, headers, body)
    assert said.keys() == {"seq", "cursor", "changes"} and (said["seq"], said["cursor"]) == (state.seq, state.cursor)
    changes = client.get(said["changes"].partition("8000")[2]).json()
    assert changes["results"][0]["seq"] == 1 and changes["cursor"] == said["cursor"] and not changes["more"]
    assert telling.tell(later(hours=1)) == (0, 0) and again(hook).told == state.cursor


def test_what_is_not_ours_does_not_verify(world, partner, verified):
    hook = webhook(world, partner.url)
    world.published()
    telling.tell()
    _path, headers, body = partner.got[0]
    old = {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) - 301)}
    stranger = webhook(world, partner.url, "Another").secret_in_the_open
    for secret, headers_, body_ in [
        (hook.secret_in_the_open, headers, body.replace(b'"seq": ', b'"seq": 9')),
        (stranger, headers, body), (hook.secret_in_the_open, old, body),
    ]:  # fmt: skip
        with pytest.raises(ValueError, match="not signed|too old"):
            verified(secret, headers_, body_)
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        for headers_ in ({**headers, name: "v1,é"}, {key: value for key, value in headers.items() if key != name}):
            with pytest.raises(ValueError, match="not signed"):
                verified(hook.secret_in_the_open, headers_, body)


def test_drafts_and_what_is_scheduled_say_nothing_until_their_time(world, partner):
    """And then without anybody doing anything."""
    world.published("First", at=instant("2024-03-01 08:00"))
    hook = webhook(world, partner.url)
    Webhook.objects.update(next_at=instant("2024-03-01 08:00"))
    world.draft("A draft")
    at = instant("2024-03-01 10:00")
    world.ready("Hidden", at=at).schedule(world.publisher, instant("2024-03-01 11:00"), at=at)
    seq = State.objects.get().seq
    assert telling.tell(instant("2024-03-01 10:59")) == (0, 0) and partner.got == []
    assert telling.tell(instant("2024-03-01 11:00")) == (1, 0) and partner.said[0]["seq"] > seq
    assert again(hook).told_seq == State.objects.get().seq


def test_whatever_happens_within_seconds_is_one_message(world, partner):
    webhook(world, partner.url)
    for number in range(8):
        world.published(f"Number {number}")
    now = timezone.now()
    assert telling.tell(now) == (1, 0) and partner.said[0]["seq"] == State.objects.get().seq >= 8
    world.published("One more")
    assert telling.tell(now + PAUSE - SECOND) == (0, 0)
    assert telling.tell(now + PAUSE) == (1, 0) and len(partner.got) == 2


def test_who_was_not_told_for_long_needs_only_the_newest(world, partner):
    """No round ran: as with a worker that is away."""
    hook = webhook(world, partner.url)
    assert hook.state(State.objects.get().cursor) == TOLD
    for number in range(3):
        world.published(f"Number {number}")
    assert again(hook).state(State.objects.get().cursor) == WAITING
    call_command("tell_partners")
    assert len(partner.got) == 1 and again(hook).told == State.objects.get().cursor


def test_a_ledger_that_was_restored_to_an_earlier_point_is_told_of(world, partner):
    hook = webhook(world, partner.url)
    Webhook.objects.update(told="9000-0123456789abcdef")
    assert telling.tell() == (1, 0) and again(hook).told == State.objects.get().cursor


# When it does not arrive


def test_failures_are_tried_again_ever_later_and_given_up_after_three_days(world, partner):
    hook, now = webhook(world, partner.url), timezone.now()
    world.published()
    partner.status, first, waits = 500, now, []
    assert telling.tell(now) == (0, 1) and telling.tell(again(hook).next_at - SECOND) == (0, 0)
    hook = again(hook)
    while not hook.dead_at and now < first + timedelta(days=4):
        waits.append((hook.next_at - now).total_seconds())
        now = hook.next_at
        assert hook.claim(now)
        hook.missed("It answered 500.", now)
    due = [min(10 * 2**number, 3600) for number in range(len(waits))]
    assert all(base <= wait <= min(base * 1.2, 3600) for base, wait in zip(due, waits, strict=True))
    assert waits[0] < 13 and waits[-1] == 3600 and GIVEN_UP <= now - first < GIVEN_UP + timedelta(hours=1)
    assert (again(hook).dead_at, again(hook).last_error, hook.state("")) == (now, "It answered 500.", DEAD)
    assert telling.tell(now + timedelta(days=9)) == (0, 0) and len(partner.got) == 1
    partner.status = 204
    hook.revive(now)
    assert telling.tell(now) == (1, 0)
    assert (again(hook).failures, again(hook).last_error, again(hook).failing_since) == (0, "", None)


def test_a_partner_who_wants_no_more_is_told_no_more(world, partner):
    hook = webhook(world, partner.url)
    world.published()
    partner.status = 410
    assert telling.tell() == (0, 1) and again(hook).state("") == OFF
    assert telling.tell(later(days=1)) == (0, 0) and len(partner.got) == 1


def test_a_redirect_is_a_failure_and_not_followed(world, partner):
    hook = webhook(world, partner.url)
    world.published()
    partner.status, partner.headers = 307, {"Location": partner.url.replace("hook", "inside")}
    assert telling.tell() == (0, 1)
    assert [path for path, *_ in partner.got] == ["/hook"] and "307" in again(hook).last_error


def test_one_partner_who_is_away_stops_no_other(world, partner):
    gone = Partnered()
    gone.shutdown()
    gone.server_close()
    hooks = [webhook(world, gone.url, "Away"), webhook(world, partner.url)]
    world.published()
    assert telling.tell() == (1, 1) and [again(hook).state("") for hook in hooks] == [FAILING, WAITING]
    assert again(hooks[0]).last_error == "No connection: Connection refused."
    with pytest.raises(CommandError, match="tried again"):
        Webhook.objects.update(next_at=timezone.now())
        call_command("tell_partners")


def test_what_a_killed_worker_claimed_is_sent_when_its_lease_has_run_out(world, partner, monkeypatch):
    webhook(world, partner.url)
    world.published()
    now = timezone.now()

    def killed(*args):
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(outside, "post", killed)
        with pytest.raises(SystemExit):
            telling.tell(now)
    assert telling.tell(now + LEASE - SECOND) == (0, 0)
    assert telling.tell(now + LEASE) == (1, 0) and len(partner.got) == 1


def test_of_four_rounds_at_once_one_tells(open_world, partner, monkeypatch):
    webhook(open_world, partner.url)
    open_world.published()
    all_have_seen, seen, due, results = threading.Barrier(4), threading.local(), telling.due, []

    def seen_by_all(*given):
        found = due(*given)
        if not hasattr(seen, "once"):
            seen.once = all_have_seen.wait(10)
        return found

    monkeypatch.setattr(telling, "due", seen_by_all)
    in_threads(4, lambda number: results.append(telling.tell()))
    assert sorted(results) == [(0, 0)] * 3 + [(1, 0)] and len(partner.got) == 1


def test_a_secret_that_no_key_opens_is_a_failure_that_says_so(world, partner, settings):
    hook = webhook(world, partner.url)
    world.published()
    settings.SECRET_KEY = "another key"  # noqa: S105
    assert telling.tell() == (0, 1) and "Make a new secret" in again(hook).last_error and partner.got == []


# The worker


def rounds(**given):
    return DBTaskResult.objects.filter(**given)


@pytest.fixture
def work():
    """Run a worker until nothing waits, without keeping what it does with signals."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT)}
    yield lambda: call_command("worker", "--batch", "--no-startup-delay", "--no-reload", verbosity=0)
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_a_worker_tells_and_leaves_one_next_round(open_world, partner, work):
    webhook(open_world, partner.url)
    open_world.published()
    work()
    assert len(partner.got) == 1
    assert rounds(status="SUCCESSFUL").get().return_value == {"told": 1, "failed": 0}
    assert rounds(status="READY").get().run_after > timezone.now()
    work()
    assert rounds(status="READY").count() == 1 and len(partner.got) == 1


def test_a_worker_that_was_killed_before_it_left_the_next_round_begins_anew(open_world, partner, work):
    webhook(open_world, partner.url)
    telling.go_on()
    rounds().update(status="RUNNING", started_at=later(hours=-2))
    open_world.published()
    work()
    assert len(partner.got) == 1 and not rounds(status="RUNNING").exists()


def test_two_rounds_that_wait_become_one(world, partner):
    webhook(world, partner.url)
    for _number in range(2):
        telling.tell_partners.enqueue()
    for row in rounds():
        row.claim("a worker")
        row.task.func()
        row.set_successful(None)
    assert rounds(status="READY").count() == 1


def test_what_editors_do_leaves_one_round_and_waits_for_none(open_world, partner):
    hand, draft = Desk(open_world).publisher, open_world.ready()
    hand.client.post(reverse("admin:notices"))
    assert not rounds().exists()  # there is nobody to tell
    webhook(open_world, partner.url)
    hand.client.post(reverse("admin:notices"))
    hand.press(draft, "publish")
    assert rounds().count() == 1 and partner.got == []


def test_a_round_that_cannot_be_left_stops_no_publication(open_world, partner, monkeypatch):
    def broken():
        raise OSError("The disk is full.")

    monkeypatch.setattr(telling, "listens", broken)
    assert "Published" in said(Desk(open_world).publisher.press(open_world.ready(), "publish"))


# Only to the public internet

REFUSED = """
http://partner.example/
ftp://partner.example/
//partner.example/
partner.example
https://
https:///hook
javascript:alert(1)
https://localhost/
https://LOCALHOST./
https://intranet/
https://127.0.0.1/
https://127.1/
https://2130706433/
https://0x7f000001/
https://0x7f.0.0.1/
https://0177.0.0.1/
https://017700000001/
https://0/
https://8.8.8.8/
https://134744072/
https://169.254.169.254/latest/meta-data/
https://[::1]/
https://[::]/
https://[::ffff:127.0.0.1]/
https://[2002:7f00:1::]/
https://[64:ff9b::7f00:1]/
https://[2001:4860:4860::8888]/
https://[fe80::1%25eth0]/
https://[broken/
https://user@partner.example/
https://user:password@partner.example/
https://@partner.example/
https://partner.example@127.0.0.1/
https://partner.example\\@127.0.0.1/
https://partner.example:80/
https://partner.example:22/
https://partner.example:0/
https://partner.example:99999/
https://partner.example:x/
https://partner.example./
https://-partner.example/
https://part_ner.example/
https://１２７.0.0.1/
https://ⓛocalhost/
https://pärtner.example/
https://partner.example/a b
https://partner.example/\r\nX: y
https://partner.example/\t
""".strip("\n").split("\n")


@pytest.mark.any_database
@pytest.mark.parametrize("url", [*REFUSED, "https://partner.example/\r\nX: y", "https://partner.example/\0", ""])
def test_an_address_that_is_none_of_the_public_internet_is_refused(url):
    with pytest.raises(ValidationError):
        outside.target(url)


@pytest.mark.any_database
@pytest.mark.parametrize(
    "url", ["https://partner.example", "https://a.b.partner.example:8443/hook?key=1", "https://xn--bcher-kva.example/"]
)
def test_an_address_of_the_public_internet_is_taken(url):
    assert outside.target(url).secure


PRIVATE = """
0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.255.0.1 169.254.169.254 172.16.0.1 172.31.255.255
192.0.0.8 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1
255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 64:ff9b::127.0.0.1 64:ff9b::8.8.8.8
64:ff9b:1::1 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:db8::1 2002:7f00:1:: 2002:808:808::1 3fff::1
5f00::1 fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 ff0e::1 nonsense
"""


@pytest.mark.any_database
@pytest.mark.parametrize("address", PRIVATE.split())
def test_an_address_of_another_network_is_not_public(address):
    assert not outside.is_public(address)


@pytest.mark.any_database
@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2001:4860:4860::8888", "2a00:1450:4001::1"])
def test_an_address_of_the_internet_is_public(address):
    assert outside.is_public(address)


def resolver(monkeypatch, *answers):
    """Names resolve to each of these lists of addresses in turn, then to the last. Returns the names asked for."""
    asked, rest = [], list(answers)

    def resolved(host, port):
        asked.append(host)
        return rest.pop(0) if len(rest) > 1 else rest[0]

    monkeypatch.setattr(outside, "resolved", resolved)
    return asked


def test_a_name_is_looked_at_each_time_anew(world, monkeypatch):
    """One that was public when it was saved may lead inside when a message is sent."""
    asked = resolver(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])
    connected = []
    monkeypatch.setattr(outside.socket, "create_connection", lambda *given: connected.append(given))
    outside.check("https://partner.example/")
    hook = webhook(world, "https://partner.example/")
    world.published()
    assert telling.tell() == (0, 1) and "private or reserved" in again(hook).last_error
    assert asked == ["partner.example"] * 2 and connected == []


def test_what_was_looked_at_is_what_is_connected_to(monkeypatch):
    asked, connected = resolver(monkeypatch, ["8.8.8.8"], ["127.0.0.1"]), []

    def connect(where, timeout):
        connected.append(where)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(outside.socket, "create_connection", connect)
    with pytest.raises(outside.Failed, match="refused"):
        outside.post("https://partner.example/", b"", {})
    assert asked == ["partner.example"] and connected == [("8.8.8.8", 443)]


@pytest.mark.parametrize("answer", [["8.8.8.8", "10.0.0.1"], ["2001:4860:4860::8888", "::1"], []])
def test_one_private_address_among_public_ones_is_enough(monkeypatch, answer):
    resolver(monkeypatch, answer)
    with pytest.raises(ValidationError, match="private or reserved"):
        outside.check("https://partner.example/")


def test_a_host_that_is_not_there_is_said_so(monkeypatch):
    with pytest.raises(ValidationError, match="not found"):
        outside.check("https://nowhere.invalid/")


def test_who_finds_no_name_in_time_is_left(monkeypatch):
    """The partner's own name server may answer as slowly as it likes."""
    found = threading.Event()
    monkeypatch.setattr(outside, "SECONDS", 0.1)
    monkeypatch.setattr(outside, "resolved", lambda host, port: found.wait(10) and ["8.8.8.8"])
    began = time.monotonic()
    with pytest.raises(outside.Failed, match="No answer within"):
        outside.post("https://partner.example/", b"", {})
    with pytest.raises(ValidationError, match="not found within"):
        outside.check("https://partner.example/")
    assert time.monotonic() - began < 5
    found.set()


def test_a_server_on_this_machine_is_out_of_reach_in_production(partner, settings):
    settings.DEBUG = False
    for url in (partner.url, partner.url.replace("http:", "https:"), partner.url.replace("127.0.0.1", "localhost")):
        with pytest.raises(outside.Failed):
            outside.post(url, b"{}", {})
    assert partner.got == []


@pytest.fixture
def secure(tmp_path, monkeypatch):
    """A TLS server of “partner.example” whose certificate this machine trusts, as if it were on the internet."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    cert = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    cert = cert.serial_number(1).not_valid_before(later(days=-1)).not_valid_after(later(days=1))
    cert = cert.add_extension(x509.SubjectAlternativeName([x509.DNSName("partner.example")]), critical=True)
    pem = cert.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "cert.pem").write_bytes(pem)
    (tmp_path / "both.pem").write_bytes(pem + key.private_bytes(*private))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")
    server = Partnered()
    server.names = []
    context.sni_callback = lambda line, name, context: server.names.append(name)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    monkeypatch.setattr(outside, "PORTS", {server.server_address[1]})
    monkeypatch.setattr(outside, "is_public", lambda address: address == "127.0.0.1")
    resolver(monkeypatch, ["127.0.0.1"])
    yield server
    server.shutdown()
    server.server_close()


def test_the_certificate_is_of_the_name_though_the_connection_is_to_a_number(secure, monkeypatch):
    port = secure.server_address[1]
    assert outside.post(f"https://partner.example:{port}/hook", b"{}", {}) == 200
    assert secure.names == ["partner.example"] and secure.got[0][1]["Host"] == f"partner.example:{port}"
    with pytest.raises(outside.Failed, match="certificate is not valid"):
        outside.post(f"https://other.example:{port}/hook", b"{}", {})
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(outside.Failed, match="certificate is not valid"):
        outside.post(f"https://partner.example:{port}/hook", b"{}", {})
    assert len(secure.got) == 1


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "No answer within"), (b"HTTP/1.1 2", "No answer within"), (b"x" * 5000, "no answer of a web server"),
        (b"SSH-2.0\r\n", "no answer of a web server"), (b"HTTP/1.1 999 No\r\n", "no answer of a web server"),
        ([b"%c" % byte for byte in b"HTTP/1.1 200 OK\r\n"], "No answer within"),  # each byte in time, all too late
    ],
)  # fmt: skip
def test_what_answers_slowly_or_strangely_is_left(settings, monkeypatch, answer, why):
    settings.DEBUG = True
    monkeypatch.setattr(outside, "SECONDS", 0.2)
    with outside.socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"

        def serve():
            line, _address = server.accept()
            with line:
                for piece in answer if isinstance(answer, list) else [answer]:
                    line.sendall(piece)
                    if stop.wait(0.05):
                        break
                stop.wait(2)

        stop = threading.Event()
        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(outside.Failed, match=why):
            outside.post(url, b"{}", {})
        stop.set()
        thread.join()


# The pages of publishers


@pytest.fixture
def hand(world):
    return Desk(world).publisher


def pressed(hand, hook, button):
    return hand.client.post(reverse(f"admin:newsroom_webhook_{button}", args=[hook.pk]), follow=True)


def added(hand, **given):
    return hand.client.post(reverse("admin:newsroom_webhook_add"), given)


def test_a_webhook_is_made_and_its_secret_shown_once(world, hand, partner, verified):
    paper = Partner.objects.create(name="The Lake Post")
    page = added(hand, partner=paper.pk, url=partner.url)
    hook, shown = Webhook.objects.get(), page.content.decode()
    secret = shown.partition('value="whsec_')[2].partition('"')[0]
    assert page.status_code == 200 and page["Cache-Control"].startswith("no-store") and len(secret) == 44
    assert (hook.created_by, hook.told) == (world.publisher, State.objects.get().cursor)
    world.published()
    telling.tell()
    assert verified(f"whsec_{secret}", *partner.got[0][1:])["seq"]
    pages = [reverse("admin:newsroom_webhook_change", args=[hook.pk]), reverse("admin:newsroom_webhook_changelist")]
    kept = [hand.client.get(address).content.decode() for address in pages]
    kept += [str(row) for model in (LogEntry, Webhook, DBTaskResult) for row in model.objects.values()]
    kept += [str(session.get_decoded()) for session in Session.objects.all()]
    assert LogEntry.objects.exists() and not any(secret in words for words in kept)
    assert partner.url not in kept[1] + str(LogEntry.objects.values())  # a path may hold a key of the partner's own
    shown = pressed(hand, hook, "secret").content.decode()
    assert "whsec_" in shown and secret not in shown and again(hook).secret != hook.secret


def test_an_address_inside_is_refused_where_it_is_typed(hand):
    paper = Partner.objects.create(name="The Lake Post")
    for url, why in [("https://127.0.0.1/", "not by a number"), ("https://nowhere.invalid/", "was not found")]:
        page = added(hand, partner=paper.pk, url=url)
        assert why in page.content.decode() and not Webhook.objects.exists()


def test_an_address_is_told_once_for_a_partner(world, hand, partner):
    one, two = webhook(world, partner.url), webhook(world, f"{partner.url}/2")
    assert "told at this address already" in added(hand, partner=one.partner_id, url=one.url).content.decode()
    page = hand.client.post(reverse("admin:newsroom_webhook_change", args=[two.pk]), {"url": one.url, "active": "on"})
    assert "told at this address already" in page.content.decode()


def test_the_partner_of_a_webhook_stays_and_nothing_beside_it_says_otherwise(world, hand):
    hook = webhook(world, "https://partner.example/hook")
    address = reverse("admin:newsroom_webhook_change", args=[hook.pk])
    html = hand.client.get(address).content.decode()
    assert re.search(r'<select name="partner"[^>]* disabled', html)
    assert "related-widget-wrapper-link" not in html
    assert "related-widget-wrapper-link" in hand.client.get(reverse("admin:newsroom_webhook_add")).content.decode()


def test_who_may_only_look_at_a_webhook_can(world, hand):
    hook = webhook(world, "https://partner.example/hook")
    looker = User.objects.create_user("looker", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_webhook"))
    hand.client.force_login(looker)
    page = hand.client.get(reverse("admin:newsroom_webhook_change", args=[hook.pk]))
    assert page.status_code == 200 and "https://partner.example/hook" in page.content.decode()


def test_a_change_keeps_what_a_worker_wrote_meanwhile(world, hand, partner, monkeypatch):
    hook = webhook(world, f"{partner.url}/old")
    hook.missed("It answered 500.", timezone.now())
    page = hand.client.get(reverse("admin:newsroom_webhook_change", args=[hook.pk]))
    monkeypatch.setattr(outside, "check", lambda url: Webhook.objects.update(told="7-0123456789abcdef"))
    hand.send(page, url=partner.url)
    assert (again(hook).url, again(hook).told_seq, again(hook).failures) == (partner.url, 7, 0)


def test_a_test_is_sent_and_what_came_back_is_shown(world, hand, partner, verified):
    hook = webhook(world, partner.url)
    assert "answered: 200 OK, in" in said(pressed(hand, hook, "test"))
    (_path, headers, body) = partner.got[0]
    assert verified(hook.secret_in_the_open, headers, body) == {"test": True}
    assert headers["webhook-id"].startswith("test-") and again(hook).told == hook.told
    partner.status = 404
    assert "404 Not Found" in said(pressed(hand, hook, "test")) and again(hook).failures == 0
    Webhook.objects.update(url="https://nowhere.invalid/")
    assert "did not arrive. The host was not found" in said(pressed(hand, hook, "test"))


def test_the_dead_are_seen_with_why_and_revived(world, hand, partner):
    hook, now = webhook(world, partner.url), timezone.now()
    world.published()
    hook.failing_since = now - GIVEN_UP
    hook.missed("It answered 500 Internal Server Error.", now)
    listed = hand.client.get(reverse("admin:newsroom_webhook_changelist")).content.decode()
    assert "Given up" in listed and "500 Internal Server Error" in listed
    assert telling.tell(later(days=1)) == (0, 0)
    page = hand.client.get(reverse("admin:newsroom_webhook_change", args=[hook.pk])).content.decode()
    assert "Try again</button>" in page
    pressed(hand, hook, "again")
    assert telling.tell(later(seconds=1)) == (1, 0)
    page = hand.client.get(reverse("admin:newsroom_webhook_change", args=[hook.pk])).content.decode()
    assert "Told</span>" in page and "Try again</button>" not in page


# The hub of the feeds


HUB = "https://hub.partner.example/"


def test_no_feed_names_a_hub_unless_there_is_one(world, client):
    world.published()
    for name in ("articles", "quotes", "corrections"):
        for form in ("atom", "json"):
            feed = client.get(f"/feeds/{name}.{form}")
            assert "Link" not in feed and b"hub" not in feed.content


@pytest.mark.parametrize("prefix", ["", "/fr"])
@pytest.mark.parametrize("name", ["articles", "quotes", "corrections"])
def test_the_feeds_of_everything_name_the_hub_and_themselves(world, client, settings, name, prefix):
    settings.WEBSUB_HUB = HUB
    for form in ("atom", "json"):
        url = f"{settings.SITE_URL}{prefix}/feeds/{name}.{form}"
        feed = client.get(urlsplit(url).path)
        assert feed["Link"] == f'<{HUB}>; rel="hub", <{url}>; rel="self"' and url in pushed()
        if form == "atom":
            links = ElementTree.fromstring(feed.content).findall(f"{{{ATOM}}}link")  # noqa: S314 (ours)
            assert {link.get("rel"): link.get("href") for link in links} | {"hub": HUB, "self": url} == {
                link.get("rel"): link.get("href") for link in links
            }
        else:
            assert feed.json()["hubs"] == [{"type": "WebSub", "url": HUB}] and feed.json()["feed_url"] == url


def test_feeds_that_the_hub_is_not_told_of_do_not_name_it(world, client, settings):
    settings.WEBSUB_HUB = HUB
    world.published(body=f"<p>{world.quote('We sail', 'sail1')}</p>")
    past = timezone.now().isoformat().replace("+00:00", "Z")
    for url in (f"/feeds/people/{world.mara.slug}.atom", f"/feeds/articles.atom?at={past}"):
        feed = client.get(url)
        assert feed.status_code == 200 and "Link" not in feed and HUB.encode() not in feed.content


def test_the_hub_is_told_to_fetch_the_feeds_anew_and_never_given_up(world, partner, settings):
    settings.WEBSUB_HUB = partner.url
    world.published()
    now = timezone.now()
    partner.status = 503
    for _day in range(5):
        assert telling.tell(now) == (0, 1)
        now += timedelta(days=1)
    partner.status = 204
    assert telling.tell(now) == (1, 0) and telling.tell(now + timedelta(days=1)) == (0, 0)
    said = parse_qsl(partner.got[-1][2].decode())
    assert said == [("hub.mode", "publish"), *(("hub.url", url) for url in pushed())] and len(said) == 13
    assert Hub.objects.get().told == State.objects.get().cursor
