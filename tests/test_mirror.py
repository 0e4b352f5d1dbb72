"""Partners lose nothing: the snapshot, the digest, and a copy by the reference client that is stopped anywhere."""

import gzip
import json
import random
import sqlite3
import subprocess
import sys

import html5lib
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles.ledger import State
from articles.models import Edition, sweep
from newsroom.management.commands.mirror import Mirror
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


def test_a_copy_that_was_meddled_with_is_found_out(open_world, live_server, tmp_path):
    edition = open_world.published()
    mirror = Mirror(live_server.url, tmp_path / "copy.sqlite3")
    assert mirror.run()
    mirror.drop("article", edition.article.uid)
    assert mirror.run() is False


def test_the_examples_of_the_documentation_run_as_they_are_written(open_world, live_server, client, settings):
    settings.SITE_URL = live_server.url
    open_world.published(body=f"<p>{open_world.quote('The lake is ours', 'lake1')}</p>")
    page = html5lib.parse(client.get("/api/v1/docs/").content.decode(), namespaceHTMLElements=False)
    told = []
    for example in page.iter("pre"):
        program = {"sh": ["sh", "-c"], "python": [sys.executable, "-c"]}[example.get("data-language")]
        run = subprocess.run([*program, "".join(example.itertext())], capture_output=True, text=True, timeout=60)
        assert run.returncode == 0, run.stderr
        told.append(run.stdout)
    assert json.loads(told[0])["results"][0]["headline"] == "Ferries run again"
    assert "2024-03-01 Secretary-General Mara Ostrander-Lie The lake is ours" in told[1]
    assert told[2].startswith("equal at change ")
