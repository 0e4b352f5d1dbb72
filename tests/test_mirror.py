"""Partners lose nothing: the snapshot, the digest, and a copy by the reference client that is stopped anywhere."""

import gzip
import hashlib
import json
import os
import random
import sqlite3
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import html5lib
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils import timezone

from articles import mirroring
from articles.ledger import State
from articles.merges import merge_people
from articles.models import Article, Edition, Mention, Quote, RelatedItem, Topic, sweep
from newsroom.management.commands.mirror import Mirror
from newsroom.partners import Key, Partner
from people.models import Organisation, Person, Position
from tests.conftest import instant
from tests.test_ledger import Newsdesk, live


def lines(response):
    return [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]


def of(told, kind):
    return [line["data"] for line in told if line["type"] == kind]


def test_the_snapshot_is_the_live_record_with_the_cursor_to_go_on_from(world, client):
    first, second = world.published("Ferries run again"), world.published("A speech on ice")
    world.ready("Hidden").schedule(world.publisher, instant("2090-01-01 00:00"))
    world.published("Withdrawn").article.withdraw(world.publisher, "It was wrong.")
    told = lines(client.get("/api/v1/snapshot/"))
    assert {article["uid"] for article in of(told, "article")} == {first.article.uid, second.article.uid}
    [article] = [one for one in of(told, "article") if one["uid"] == first.article.uid]
    assert article == client.get(f"/api/v1/articles/{first.article.uid}/").json()
    assert of(told, "person") == sorted(client.get("/api/v1/people/").json()["results"], key=lambda row: row["uid"])
    assert "Hidden" not in json.dumps(told)
    (end,), state = of(told, "end"), State.objects.get()
    assert (end["seq"], end["head"]) == (state.seq, state.head)
    follow = client.get("/api/v1/changes/", {"cursor": end["cursor"]}).json()
    assert follow["results"] == [] and not follow["more"]


def test_a_snapshot_that_broke_off_goes_on_with_the_same_record(world, client, monkeypatch):
    monkeypatch.setattr("articles.mirroring.CHUNK", 2)
    for number in range(5):
        world.published(f"Number {number}")
    whole = lines(client.get("/api/v1/snapshot/"))
    places = [at for at, line in enumerate(whole) if line["type"] == "resume"]
    assert len(places) == 3
    world.published("Later")  # is no part of the snapshot that goes on, and follows in the changes
    for at in places:
        rest = lines(client.get("/api/v1/snapshot/", {"resume": whole[at]["data"]}))
        assert [line for line in rest if line["type"] != "resume"][1:] == [
            line for line in whole[at:] if line["type"] != "resume"
        ]
    refused = client.get("/api/v1/snapshot/", {"resume": whole[places[0]]["data"][:-1]})
    assert refused.status_code == 400 and refused.json()["parameter"] == "resume"


def test_a_snapshot_does_not_tell_that_something_was_scheduled(world, client):
    world.published()
    before = b"".join(client.get("/api/v1/snapshot/").streaming_content)
    waiting = world.ready("Hidden")
    waiting.schedule(world.publisher, instant("2090-01-01 00:00"))
    waiting.cancel(world.publisher)
    assert b"".join(client.get("/api/v1/snapshot/").streaming_content) == before


def test_of_an_empty_record_nothing_is_told(world, client):
    world.ready("Hidden").schedule(world.publisher, instant("2090-01-01 00:00"))
    assert [line["type"] for line in lines(client.get("/api/v1/snapshot/"))] == ["snapshot", "end"]


def test_whoever_asks_for_the_head_of_a_snapshot_makes_nobody_read_it(world, rf):
    """A web server goes through the whole stream, though it sends nothing of it; Django's test client does not."""
    world.published()
    request = rf.head("/api/v1/snapshot/")
    answer = resolve(request.path).func(request)
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, b"")


def test_the_snapshot_is_sent_compressed_to_whoever_reads_that(world, client):
    world.published()
    answer = client.get("/api/v1/snapshot/", headers={"Accept-Encoding": "gzip"})
    plain = gzip.decompress(b"".join(answer.streaming_content)).splitlines()
    assert answer["Content-Encoding"] == "gzip" and json.loads(plain[-1])["type"] == "end"


def test_the_snapshot_reads_as_often_for_twelve_articles_as_for_two(world, client):
    reads = []
    for many in (2, 10):
        for number in range(many):
            world.published(f"Of {many}: {number}", body=f"<p>{world.quote('We sail', f'sail{many}{number}')}</p>")
        sweep()
        with CaptureQueriesContext(connection) as captured:
            articles = of(lines(client.get("/api/v1/snapshot/")), "article")
        reads.append(len(captured))
    assert len(articles) == 12 and reads[0] == reads[1] <= 40


def test_the_digest_is_of_what_is_live_at_its_number(world, client, django_assert_max_num_queries):
    empty = client.get("/api/v1/changes/digest/").json()
    first = world.published("Ferries run again")
    second = world.published("A speech on ice")
    digest = client.get("/api/v1/changes/digest/").json()
    assert digest["digest"] != empty["digest"] and digest["seq"] == State.objects.get().seq
    with django_assert_max_num_queries(5):
        assert client.get("/api/v1/changes/digest/").json() == digest
    second.article.withdraw(world.publisher, "It was wrong.")
    one = client.get("/api/v1/changes/digest/").json()
    first.article.withdraw(world.publisher, "It was wrong.")
    assert one["digest"] not in (digest["digest"], empty["digest"])
    assert client.get("/api/v1/changes/digest/").json()["digest"] == empty["digest"]


def test_the_digest_is_read_by_one_request_at_a_time(open_world, monkeypatch):
    open_world.published()
    begun, go_on, at_work = threading.Event(), threading.Event(), []

    def slowly(*facts):
        at_work.append(facts)
        begun.set()
        go_on.wait(10)
        return "0"

    monkeypatch.setattr(mirroring, "digest_at", slowly)
    monkeypatch.setattr(mirroring, "PATIENCE", 0.1)

    def ask():
        Client().get("/api/v1/changes/digest/")
        connection.close()

    first = threading.Thread(target=ask)
    first.start()
    begun.wait(10)
    meanwhile = Client().get("/api/v1/changes/digest/")
    go_on.set()
    first.join()
    assert (meanwhile.status_code, meanwhile.json()["code"], meanwhile["Cache-Control"]) == (503, "busy", "no-store")
    assert meanwhile["Retry-After"] == "60"
    assert len(at_work) == 1 and Client().get("/api/v1/changes/digest/").status_code == 200


class Stopped(Exception):
    """The power went."""


class Unlucky(Mirror):
    """Is stopped in the middle of what it does, at random."""

    luck = random.Random(7)

    def put(self, kind, data):
        super().put(kind, data)
        if self.luck.random() < 0.05:
            raise Stopped


def copy_of(file):
    rows = sqlite3.connect(file).execute("SELECT uid, edition FROM record WHERE type = 'article'")
    return dict(rows)


@pytest.mark.parametrize("seed", range(2))
def test_a_copy_equals_the_live_record_however_often_it_is_stopped(open_world, live_server, tmp_path, seed):
    desk, file, stopped = Newsdesk(open_world, seed), tmp_path / "copy.sqlite3", 0
    for _round in range(6):
        for _step in range(8):
            desk.step()
        sweep(desk.now)
        desk.now = max(desk.now, State.objects.get().horizon)
        while True:
            try:
                assert Unlucky(live_server.url, file).run()
                break
            except Stopped:
                stopped += 1
        assert copy_of(file) == live(State.objects.get().horizon)
    assert stopped


def test_another_history_is_copied_anew(open_world, live_server, tmp_path):
    open_world.published()
    mirror = Mirror(live_server.url, tmp_path / "copy.sqlite3")
    assert mirror.run()
    mirror.keep(cursor="1-0123456789abcdef")
    assert mirror.run() and copy_of(tmp_path / "copy.sqlite3") == dict(
        Edition.objects.live(State.objects.get().horizon).values_list("article__uid", "number")
    )


def test_a_place_that_is_known_no_more_begins_the_copy_anew(open_world, live_server, tmp_path):
    open_world.published()
    mirror = Mirror(live_server.url, tmp_path / "copy.sqlite3")
    mirror.put("article", {"uid": "long-gone", "edition": 1, "content_hash": "0"})
    mirror.keep(resume="of another key")
    assert mirror.run() and len(copy_of(tmp_path / "copy.sqlite3")) == 1


def told_by(mirror):
    """What the newsroom tells of each record that the copy holds, and the copy."""
    held = mirror.file.execute("SELECT type, uid, data FROM record").fetchall()
    return {row[:2]: mirror.told(*row[:2]) for row in held}, {row[:2]: json.loads(row[2]) for row in held}


@pytest.mark.parametrize("many", [0, 10])  # from how many articles on they are fetched as a list
def test_a_copy_tells_names_and_addresses_of_others_as_they_are_now(
    open_world, live_server, tmp_path, settings, monkeypatch, many
):
    monkeypatch.setattr("newsroom.management.commands.mirror.MANY", many)
    settings.SITE_URL = live_server.url  # where a record that was merged leads
    world = open_world
    other = Person.objects.create(name="Pell Arden")
    spoken = f"<p>{world.quote('We sail', 'sail1')} {world.quote('At dawn', 'dawn1', other)}</p>"
    edition, later = world.ready(body=spoken), world.ready("Later")
    edition.topics.add(world.ferries)
    edition.publish(world.publisher)
    RelatedItem.objects.create(edition=edition, kind="article", label="See", article=later.article)
    mirror = Mirror(live_server.url, tmp_path / "copy.sqlite3")
    assert mirror.run()

    def follows(change):
        change()
        assert mirror.run() is True
        theirs, ours = told_by(mirror)
        assert ours == theirs

    follows(lambda: world.mara.rename("Mara Lie"))
    follows(lambda: rename(world.water, "Lakes"))
    follows(lambda: rename(world.council, "Council of Waters"))
    follows(lambda: merge_people(other, world.mara, world.editor))
    follows(lambda: later.publish(world.publisher))
    assert mirror.told("article", edition.article.uid)["related"]
    follows(lambda: later.article.move(world.publisher, "moved"))
    follows(lambda: Quote.objects.get(key="sail1").topics.add(world.ferries))
    follows(lambda: world.approve(french := edition.translate(world.writer, "fr")) or french.publish(world.publisher))
    follows(lambda: later.article.withdraw(world.publisher, "It was wrong."))
    assert not mirror.told("article", edition.article.uid)["related"]


def test_a_copy_tells_what_becomes_public_after_what_names_it(open_world, live_server, tmp_path):
    world = open_world
    edition = world.published(body=f"<p>{world.quote('We sail', 'sail1')}</p>")
    house, parent = Organisation.objects.create(name="Ferry House"), Topic.objects.create(name="Boats")
    chair = Position.objects.create(title="Chair", organisation=house)
    child, other = Topic.objects.create(name="Rafts", parent=parent), Topic.objects.create(name="Night")
    person = Person.objects.create(name="Pell Arden")
    mirror = Mirror(live_server.url, tmp_path / "copy.sqlite3")

    def follows(*rows):
        state = State.objects.get()
        type(rows[0]).objects.filter(pk__in=[row.pk for row in rows]).update(public_from=state.next_instant())
        assert mirror.run() is True
        theirs, ours = told_by(mirror)
        assert ours == theirs

    follows(chair)
    follows(child)
    Mention.objects.create(edition=edition, person=person)
    Quote.objects.get(key="sail1").topics.add(other)
    edition.topics.add(parent)
    assert mirror.run() is True
    follows(house)
    follows(other)
    follows(parent)
    follows(person)
    told = mirror.told("article", edition.article.uid)
    assert person.uid in [one["uid"] for one in told["people"]]
    assert {topic["uid"] for topic in told["quotes"][0]["topics"]} == {other.uid, parent.uid}
    assert mirror.told("topic", child.uid)["parent"] and mirror.told("position", chair.uid)["organisation"]


def test_a_copy_tells_whose_translation_an_article_has_become(open_world, live_server, tmp_path):
    world = open_world
    first, second = world.published("Ferries run again"), world.published("Les bacs")
    mirror = Mirror(live_server.url, tmp_path / "copy.sqlite3")
    assert mirror.run() is True
    for original in (first.article, None):
        article = Article.objects.get(pk=second.article.pk)
        article.translation_of = original
        article.save(update_fields=["translation_of"])
        assert mirror.run() is True
        theirs, ours = told_by(mirror)
        assert ours == theirs
        for one in (first, second):
            assert bool(mirror.told("article", one.article.uid)["translations"]) is bool(original)


def rename(row, name):
    row = type(row).objects.get(pk=row.pk)
    row.name, row.slug = name, ""
    row.save()


def test_what_is_being_numbered_just_now_is_no_difference(open_world, live_server, tmp_path, monkeypatch):
    """A boundary has passed and its number waits for the ledger: the copy is ahead of the digest for a moment."""
    open_world.published()
    mirror = Mirror(live_server.url, tmp_path / "copy.sqlite3")
    answers = iter([False, None, False, True])
    monkeypatch.setattr(mirror, "prove", lambda: next(answers))
    assert mirror.run() is True


def test_a_copy_that_was_meddled_with_is_found_out(open_world, live_server, tmp_path):
    edition = open_world.published()
    mirror = Mirror(live_server.url, tmp_path / "copy.sqlite3")
    assert mirror.run()
    mirror.drop("article", edition.article.uid)
    assert mirror.run() is False


def test_the_examples_of_the_documentation_run_as_they_are_written(open_world, live_server, client, settings):
    settings.SITE_URL, settings.API_LIMITS = live_server.url, {"anonymous": 300, "keyed": 1200}
    said = f"<p>{open_world.quote('The lake is ours', 'lake1')}, the council was told.</p>"
    open_world.published(body=said)
    waiting, wire = open_world.ready("Boats at night"), Partner.objects.create(name="Lake Wire", under_embargo=True)
    waiting.schedule(open_world.publisher, instant("2090-01-01 00:00"))
    waiting.give(open_world.publisher)
    _key, token = Key.mint(wire, open_world.publisher, "desk", timezone.now(), None)
    environment = os.environ | {"NEWSROOM_KEY": token}
    runs = [run(example, env=environment) for example in examples(client)]
    assert [one.stderr for one in runs if one.returncode] == []
    told = [one.stdout for one in runs]
    listed, narrowed, said, csv, limit, waits, mirrored, verified, _defined = told
    assert json.loads(listed)["results"][0]["headline"] == "Ferries run again"
    assert [row["headline"] for row in json.loads(narrowed)["results"]] == ["Ferries run again"]
    assert "2024-03-01 Secretary-General Mara Ostrander-Lie The lake is ours" in said
    assert csv.startswith("text,speaker.uid,speaker.name,office,said_on") and "The lake is ours" in csv
    assert 'RateLimit: "keyed";r=1199;t=' in limit
    assert json.loads(waits)["results"][0]["embargoed_until"] == "2090-01-01T00:00:00Z"
    assert mirrored.startswith("equal at change ")
    assert verified == "true 1 Ferries run again\n"


def examples(client):
    """(language, text) of the examples in the documentation, in their order."""
    page = html5lib.parse(client.get("/api/v1/docs/").content.decode(), namespaceHTMLElements=False)
    return [(example.get("data-language"), "".join(example.itertext())) for example in page.iter("pre")]


def run(example, **more):
    language, text = example
    program = {"sh": ["sh", "-c"], "python": [sys.executable, "-c"]}[language]
    return subprocess.run([*program, text], capture_output=True, text=True, timeout=60, **more)


@pytest.fixture
def served():
    """A server at `served.url` that gives the answers in `served.answers`: {path below /api/v1/: (status, type,
    text)}."""

    class Server(BaseHTTPRequestHandler):
        def do_GET(self):
            status, kind, text = server.answers[self.path.removeprefix("/api/v1/").partition("?")[0]]
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Server) as server:
        server.url = "http://{}:{}".format(*server.server_address)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def canned(client, settings):
    """`canned(beginning)` runs the example of the documentation in which that stands, against a newsroom that gives the
    answers in `canned.answers`: {path below /api/v1/: (status, text)}."""

    class Canned(BaseHTTPRequestHandler):
        def do_GET(self):
            status, text = ran.answers[self.path.removeprefix("/api/v1/")]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *args):
            pass

    def ran(words):
        (example,) = [example for example in examples(client) if words in example[1]]
        return run(example)

    ran.answers = {}
    with HTTPServer(("127.0.0.1", 0), Canned) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.SITE_URL = "http://{}:{}".format(*server.server_address)
        yield ran
        server.shutdown()


def test_the_mirror_of_the_documentation_reads_all_pages_and_deletes_only_what_is_gone(canned, db):
    def page(uid, cursor, more):
        return 200, json.dumps({"results": [{"type": "article", "uid": uid}], "cursor": cursor, "more": more})

    first, second = ({"uid": uid, "edition": 1, "content_hash": "00"} for uid in "ab")
    kept = [("article", first), ("article", second), ("resume", "x"), ("end", {"cursor": "1-x"})]
    digest = hashlib.sha256(b"b 2 00\n").hexdigest()
    canned.answers = {
        "snapshot/": (200, "\n".join(json.dumps({"type": kind, "data": data}) for kind, data in kept)),
        "changes/?cursor=1-x": page("a", "2-x", True), "changes/?cursor=2-x": page("b", "3-x", False),
        "articles/a/": (410, "{}"), "articles/b/": (200, json.dumps(second | {"edition": 2})),
        "changes/digest/": (200, json.dumps({"digest": digest, "seq": 3})),
    }  # fmt: skip
    assert canned("snapshot/").stdout == "equal at change 3\n"
    canned.answers["articles/a/"] = 429, "{}"
    busy = canned("snapshot/")
    assert busy.returncode and "429" in busy.stderr and busy.stdout == ""


def test_the_documentation_proves_words_and_who_said_them_where_and_when(canned, world, client):
    world.published(body=f"<p>{world.quote('The lake is ours', 'lake1')}</p>")
    (told,) = client.get("/api/v1/articles/").json()["results"]
    (quote,) = told["quotes"]
    others = [{"body_html": "<p>It is not.</p>"}, {"summary": "Another."}, {"note": "Another."}]
    others += [{"quotes": [quote | {"office": "Spokesman"}]}, {"quotes": [quote | {"said_on": "2024-03-02"}]}]
    for altered in [{}, *others]:
        canned.answers["articles/"] = 200, json.dumps({"results": [told | altered]})
        assert canned("text_hash").stdout.startswith("FALSE" if altered else "true")


def test_a_name_that_many_articles_repeat_is_renewed_by_a_list_of_them(open_world, live_server, tmp_path, monkeypatch):
    world = open_world
    for number in range(12):
        world.published(f"Number {number}", body=f"<p>{world.quote('We sail', f'sail{number}')}</p>")
    mirror = Mirror(live_server.url, tmp_path / "copy.sqlite3")
    assert mirror.run()
    asked, ask = [], Mirror.asked
    monkeypatch.setattr(Mirror, "asked", lambda *args, **given: asked.append(args[1]) or ask(*args, **given))
    world.mara.rename("Mara Lie")
    assert mirror.run() and len(asked) < 10
    theirs, ours = told_by(mirror)
    assert ours == theirs


@pytest.mark.parametrize("tail", ["", "/", "/api/v1", "/api/v1/"])
def test_a_mirror_takes_the_address_of_the_site_or_of_its_api(open_world, live_server, tmp_path, tail):
    open_world.published()
    assert Mirror(f"{live_server.url}{tail}", tmp_path / "copy.sqlite3").run() is True


@pytest.fixture
def impatient(monkeypatch):
    """Fails when something is asked again."""
    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail("it waits"))


def refused(url, file):
    with pytest.raises(CommandError) as error:
        call_command("mirror", str(url), str(file))
    return str(error.value)


def test_where_no_newsroom_is_a_mirror_says_at_once_what_was_asked_and_answered(
    open_world, live_server, tmp_path, impatient
):
    file, closed = tmp_path / "copy.sqlite3", "http://127.0.0.1:1"
    told = refused(closed, file)
    assert told.startswith(f"{closed}/api/v1/snapshot/ cannot be reached: ")
    assert told.endswith("Connection refused. Nothing was copied.")
    wrong = f"{live_server.url}/elsewhere"
    assert refused(wrong, file) == f"{wrong}/api/v1/snapshot/ answers 404 Not Found. Nothing was copied."
    for url in (
        "ftp://newsroom.example",
        "newsroom.example",
        "file:///etc",
        "http://",
        "http://x:99999",
        "http://[",
        "",
    ):
        assert refused(url, file) == f"{url} is not the address of a newsroom. Give one like https://newsroom.example."


def test_a_mirror_takes_no_page_for_a_record(tmp_path, impatient, served):
    file = tmp_path / "copy.sqlite3"
    served.answers = {"snapshot/": (200, "text/html", "<html>Welcome</html>")}
    assert "/api/v1/snapshot/ answers 200 without a snapshot. Nothing was copied." in refused(served.url, file)
    served.answers = {"snapshot/": (400, "text/html", "<h1>Bad Request (400)</h1>")}
    assert "/api/v1/snapshot/ answers 400 Bad Request. Nothing was copied." in refused(served.url, file)
    served.answers = {"snapshot/": (401, "application/problem+json", '{"detail": "This key has ended."}')}
    assert "/api/v1/snapshot/ answers 401: This key has ended. Nothing was copied." in refused(served.url, file)
    Mirror(served.url, file).keep(cursor="1-x", head="", seq=1)
    kept = "What was copied is kept; the next run goes on from there."
    served.answers = {"changes/": (404, "application/problem+json", '{"detail": "Not found."}')}
    assert refused(served.url, file).endswith(f"answers 404: Not found. {kept}")
    served.answers = {"changes/": (200, "text/html", "<html>Sign in to the hotel</html>")}
    assert refused(served.url, file).endswith(f"answers 200 without JSON. {kept}")
    page = json.dumps({"results": [], "cursor": "1-x", "more": False})
    served.answers = {"changes/": (200, "application/json", page), "changes/digest/": (404, "text/html", "")}
    assert refused(served.url, file).endswith(f"changes/digest/ answers 404 Not Found. {kept}")


def test_a_newsroom_that_is_away_is_asked_again_by_a_mirror_that_knows_it(tmp_path, monkeypatch, capsys):
    waits, file = [], tmp_path / "copy.sqlite3"
    monkeypatch.setattr("time.sleep", waits.append)
    Mirror("http://127.0.0.1:1", file).keep(cursor="1-x")
    told = refused("http://127.0.0.1:1", file)
    assert "does not answer: " in told and "Connection refused. What was copied is kept" in told and len(waits) > 9
    assert "Connection refused. It is asked again.\n" in capsys.readouterr().out


def test_a_snapshot_that_never_ends_says_what_stopped_it(tmp_path, monkeypatch, served):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    served.answers = {"snapshot/": (200, "application/x-ndjson", "")}
    assert "breaks off again and again. Nothing was copied." in refused(served.url, tmp_path / "copy.sqlite3")
    served.answers = {"snapshot/": (503, "application/problem+json", '{"detail": "Ask again soon."}')}
    assert "answers 503: Ask again soon. Nothing was copied." in refused(served.url, tmp_path / "copy.sqlite3")


def test_a_file_that_can_hold_no_copy_is_refused_with_what_to_do(tmp_path, impatient):
    page = tmp_path / "page.html"
    page.write_text("<html>" + "no database " * 100)
    for file in (page, tmp_path, tmp_path / "no folder" / "copy.sqlite3"):
        told = refused("http://127.0.0.1:1", file)
        assert told.startswith(f"{file} cannot hold the copy: ") and "a file that is not there yet" in told
    assert page.read_text().startswith("<html>no database")


@pytest.mark.parametrize("table", ["person", "record"])
def test_another_database_is_no_copy_and_is_left_as_it_is(tmp_path, impatient, table):
    file = tmp_path / "accounts.sqlite3"
    with sqlite3.connect(file) as other:
        other.executescript(f"CREATE TABLE {table} (name TEXT); CREATE TABLE bill (sum INTEGER);")
    before = file.read_bytes()
    assert refused("http://127.0.0.1:1", file).startswith(f"{file} is another database, no copy of a newsroom.")
    assert file.read_bytes() == before


def test_a_copy_to_which_its_owner_has_added_a_table_is_a_copy(open_world, live_server, tmp_path):
    file = tmp_path / "copy.sqlite3"
    assert Mirror(live_server.url, file).run()
    sqlite3.connect(file).execute("CREATE TABLE mine (note TEXT)")
    assert Mirror(live_server.url, file).run()


def test_an_answer_that_breaks_off_is_asked_for_again_whatever_it_began_to_say(tmp_path):
    answers = [(410, b"", 273), (200, b'{"sq', 9), (200, b'{"seq": 1}', 10)]

    class Server(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body, length = answers.pop(0)
            self.send_response(status)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        mirror = Mirror("http://{}:{}".format(*server.server_address), tmp_path / "copy.sqlite3")
        assert mirror.asked("changes/") == (200, {"seq": 1})
        server.shutdown()
