"""Partners lose nothing, as processes: writers, mirrors and the server are killed at random, the database is put back
to an earlier point, and still every mirror comes to equal the live record, with nothing seen before its instant.

Small in every run; SOAK=1 makes it whole. It has a database of its own, beside the test's.
"""

import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from math import inf
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen

import psycopg
import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from articles.ledger import GENESIS, Change
from articles.models import Edition, Ending, Erasure
from newsroom.management.commands.mirror import PLURALS, TABLES, chained
from people.models import Person
from tests.writer import WAITS, Writer

SOAK = bool(os.environ.get("SOAK"))
WRITERS, MIRRORS, EVENTS, PAUSE = (8, 4, 10_000, 4) if SOAK else (2, 2, 90, 2)  # seconds between two kills
ROOT = Path(__file__).resolve().parent.parent
#: in a mirror's own file, by the clock of this one host: when it first held an edition
WATCH = """
CREATE TABLE seen (uid TEXT, edition INTEGER, live_from TEXT, at TEXT);
CREATE TRIGGER seen AFTER INSERT ON record WHEN NEW.type = 'article' BEGIN
    INSERT INTO seen VALUES (NEW.uid, NEW.edition, json_extract(NEW.data, '$.updated_at'),
        strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
END;
"""


def copied(source, target):
    """The database `target` made anew as `source` is now. Nobody else is connected to either."""
    connection.close()
    if connection.vendor == "postgresql":
        server = connection.get_connection_params() | {"dbname": "postgres", "autocommit": True}
        with psycopg.connect(
            **{name: server[name] for name in ("dbname", "user", "host", "port") if name in server},
            password=server.get("password"),
            autocommit=True,
        ) as admin:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [source])
            admin.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
            if source:
                admin.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
    else:
        for file in (target, f"{target}-journal", f"{target}-wal", f"{target}-shm"):
            Path(file).unlink(missing_ok=True)
        if source:
            with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
                old.backup(new)


class Crew:
    """The processes of one run, by name. Whoever ends without having been killed is a failure."""

    def __init__(self, database, room):
        self.room, self.running, self.seeds, self.kills = room, {}, random.Random(20260527), Counter()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.bind = "{}:{}".format(*free.getsockname())
        self.url = f"http://{self.bind}"
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "newsroom.settings", "DATABASE_URL": database, "SITE_URL": self.url,
            "SECRET_KEY": "of this run only", "DEBUG": "", "INSECURE_HTTP": "1", "ALLOWED_HOSTS": "127.0.0.1",
            "API_LIMIT_ANONYMOUS": "0",  # all of them come from one address
            "PYTHONUNBUFFERED": "1",  # what was logged stays, whoever is killed
        }  # fmt: skip

    def command(self, name):
        if name == "server":
            return ["gunicorn", "newsroom.wsgi", "--bind", self.bind, "--threads", "4"]
        if name.startswith("mirror"):
            file = self.room / f"{name}.sqlite3"
            if not file.exists():
                sqlite3.connect(file).executescript(TABLES + WATCH)
            return ["django", "mirror", self.url, str(file), "--every", "0.5"]
        return ["tests.writer", str(self.seeds.random())]

    def start(self, *names):
        for name in names:
            with self.log(name).open("a") as log:
                self.running[name] = subprocess.Popen(
                    [sys.executable, "-m", *self.command(name)], cwd=ROOT, env=self.environment, stdout=log, stderr=log,
                    start_new_session=True,
                )  # fmt: skip
        if "server" in names:
            self.wait_for(lambda: fetched(f"{self.url}/healthz", raw=True))

    def log(self, name):
        return self.room / f"{name}.log"

    def kill(self, *names):
        for name in names:
            with suppress(ProcessLookupError):
                os.killpg(self.running[name].pid, signal.SIGKILL)
        for name in names:
            self.running.pop(name).wait()
            self.kills[name.rstrip("0123456789")] += 1

    def check(self):
        for name, process in self.running.items():
            assert process.poll() is None, f"{name} ended by itself:\n{self.log(name).read_text()[-4000:]}"

    def wait_for(self, what, seconds=300):
        end = time.monotonic() + seconds
        while not what():
            self.check()
            assert time.monotonic() < end, "it does not come about"
            time.sleep(0.1)

    def places(self):
        """How far each mirror has come."""
        return [int(place(self.room / f"{name}.sqlite3", "seq") or 0) for name in self.running if "mirror" in name]


def place(file, name):
    row = sqlite3.connect(file).execute("SELECT value FROM place WHERE name = ?", [name]).fetchone()
    return row and row[0]


def fetched(address, raw=False):
    """The JSON of an address, or its bytes; None while the server is away."""
    try:
        with urlopen(address, timeout=30) as answer:
            return answer.read() if raw else json.load(answer)
    except HTTPError:
        raise
    except OSError:
        return None


class Follower:
    """Reads the ledger and the newest articles without pause, and believes nothing: numbers, chain, clock."""

    def __init__(self, url):
        self.url = url
        self.begin()

    def begin(self):
        self.cursor, self.head, self.seq = "", GENESIS, 0

    def poll(self):
        try:
            page = fetched(f"{self.url}/api/v1/changes/?limit=1000" + (self.cursor and f"&cursor={self.cursor}"))
        except HTTPError as error:
            assert error.code == 410, error.read()
            return self.begin()
        for change in page["results"] if page else ():
            assert change["seq"] == self.seq + 1
            assert change["head"] == chained(self.head, change)
            assert parsed(change["at"]) <= timezone.now()
            self.seq, self.head = change["seq"], change["head"]
        self.cursor = page["cursor"] if page else self.cursor
        newest = fetched(f"{self.url}/api/v1/articles/?page_size=20&fields=uid,edition,updated_at")
        for article in newest["results"] if newest else ():
            assert parsed(article["updated_at"]) <= timezone.now(), "seen before its instant"


def parsed(instant):
    return datetime.fromisoformat(instant.replace("Z", "+00:00"))


class Naive:
    """The control: asks for what is live and greater than the greatest `column` it has seen."""

    def __init__(self, column):
        self.column, self.copy, self.last = column, {}, None

    def poll(self):
        rows = Edition.objects.live(timezone.now()).order_by(self.column)
        if self.last is not None:
            rows = rows.filter(**{f"{self.column}__gt": self.last})
        for uid, number, place in rows.values_list("article__uid", "number", self.column):
            self.copy[uid], self.last = number, place


def published(writer, at=None):
    """A new edition that is live at once, or at `at`."""
    for _try in range(20):  # what a text names at random may stand in its way
        with suppress(ValidationError):
            edition = writer.ready(writer.new())
            if at:
                edition.schedule(writer.publisher, at)
            else:
                edition.publish(writer.publisher)
            return edition
    raise AssertionError("nothing can be published")


def overtaken(writer, naive):
    """What is scheduled first goes live last: every run has this, so that a control cannot be lucky."""
    published(writer, timezone.now() + timedelta(seconds=WAITS[1] / 2))
    published(writer)
    for reader in naive:
        reader.poll()


@pytest.fixture
def crew(open_world, tmp_path):
    Person.objects.create(name="Pell Arden")  # who holds no office
    tests = connection.settings_dict["NAME"]
    if connection.vendor == "postgresql":
        own = {name: f"{tests}_{name}" for name in ("soak", "earlier")}
        given = connection.settings_dict
        login = f"{quote(given['USER'])}:{quote(given['PASSWORD'])}@{given['HOST']}:{given['PORT']}"
        database = f"postgres://{login}/{own['soak']}"
    else:
        own = {name: str(tmp_path / f"{name}.sqlite3") for name in ("soak", "earlier")}
        database = f"sqlite:///{own['soak']}"
    copied(tests, own["soak"])
    connection.settings_dict["NAME"] = own["soak"]
    crew = Crew(database, tmp_path)
    crew.databases = own
    yield crew
    connection.close()
    connection.settings_dict["NAME"] = tests
    crew.kill(*crew.running)
    for name in own.values():
        copied("", name)


def test_mirrors_equal_the_live_record_whoever_is_killed_and_whatever_is_restored(crew):
    began = time.monotonic()
    writers, mirrors = (
        [f"{kind}{n}" for n in range(many)] for kind, many in (("writer", WRITERS), ("mirror", MIRRORS))
    )
    crew.start("server", *writers, *mirrors)
    follower, naive = Follower(crew.url), [Naive("pk"), Naive("published_at")]
    luck, next_kill, earlier, undone, server_dies = random.Random(7), 0, None, 0, EVENTS * 0.8
    # However fast they write, the database is put back once.
    while (done := follower.seq + undone) < EVENTS or not undone:
        for reader in (follower, *naive):
            reader.poll()
        crew.check()
        time.sleep(0.1)
        if time.monotonic() > next_kill:
            doomed = luck.choice([*writers, *mirrors])
            crew.kill(doomed)
            crew.start(doomed)
            next_kill = time.monotonic() + luck.uniform(0.5, 1.5) * PAUSE
        if done > server_dies:
            crew.kill("server")
            crew.start("server")
            server_dies = EVENTS
        if earlier is None and done > EVENTS * 0.3:
            crew.kill("server", *writers)
            copied(crew.databases["soak"], crew.databases["earlier"])
            crew.start("server", *writers)
            earlier = follower.seq
            only_here = published(Writer(luck.random())).article.uid
        if earlier and not undone and done > EVENTS * 0.6:
            crew.kill(*writers)  # they write faster than anybody reads
            # What had been scheduled happens alike in both histories; this did in one of them.
            told = Change.objects.filter(uid=only_here).values_list("seq", flat=True)
            crew.wait_for(lambda first=told: min(crew.places()) >= min(first.all(), default=inf), seconds=1200)
            follower.poll()
            crew.kill("server")
            copied(crew.databases["earlier"], crew.databases["soak"])
            crew.start("server", *writers)
            naive, undone = [Naive(control.column) for control in naive], follower.seq - earlier
    crew.kill(*writers)
    overtaken(Writer(luck.random()), naive)
    waited = timezone.now() + timedelta(seconds=WAITS[1])
    while timezone.now() < waited:
        for reader in (follower, *naive):
            reader.poll()
        time.sleep(0.1)
    crew.kill(*mirrors)
    for name in mirrors:
        once = [sys.executable, "-m", *crew.command(name)[:-2]]
        last = subprocess.run(once, cwd=ROOT, env=crew.environment, capture_output=True, text=True, timeout=600)
        assert last.returncode == 0 and last.stdout.rstrip().endswith("equal"), last.stdout + last.stderr
        assert "Its history has changed" in crew.log(name).read_text() + last.stdout
    seconds = time.monotonic() - began

    live = dict(Edition.objects.live(timezone.now()).values_list("article__uid", "number"))
    told = {
        (kind, row["uid"]): row for kind, plural in PLURALS.items() for row in pages(f"{crew.url}/api/v1/{plural}/")
    }
    assert {uid: row["edition"] for (kind, uid), row in told.items() if kind == "article"} == live
    for name in mirrors:
        file = sqlite3.connect(crew.room / f"{name}.sqlite3")
        held = {(kind, uid): json.loads(data) for kind, uid, data in file.execute("SELECT type, uid, data FROM record")}
        assert held.keys() == told.keys()
        different = {
            key: {field: (held[key][field], row[field]) for field in row if held[key][field] != row[field]}
            for key, row in told.items() if held[key] != row
        }  # fmt: skip
        assert not different, f"{name}: {len(different)} records differ: {[*different.items()][:5]}"
        early = [row for row in file.execute("SELECT * FROM seen") if row[3][:23] < row[2][:23].rstrip("Z")]
        assert not early, early

    follower.poll()
    numbered_once()
    call_command("verify")
    lost = {control.column: sum(control.copy.get(uid) != number for uid, number in live.items()) for control in naive}
    undone_by_database = sum(crew.log(name).read_text().count("undone: ") for name in writers)
    print(
        f"\n{connection.vendor}: {follower.seq} changes and {undone} undone, {len(live)} articles live, "
        f"{sum(crew.kills.values())} killed {dict(crew.kills)}, {seconds:.0f} s, lost by the controls {lost}, "
        f"{undone_by_database} undone by the database"
    )
    assert undone_by_database <= (follower.seq + undone) / 100
    assert all(lost.values()), lost


def pages(address):
    address += "?page_size=100"
    while address:
        page = fetched(address)
        yield from page["results"]
        address = page["next"]


def numbered_once():
    """Every dated fact up to the horizon stands in the ledger exactly once, and nothing else of its kinds does."""
    of_articles = Change.objects.filter(type="article")
    told = Counter(of_articles.filter(kind=Change.LIVE).values_list("at", "uid", "edition", "content_hash"))
    now = timezone.now()
    starts = Edition.objects.filter(live_from__lte=now)
    assert told == Counter(starts.values_list("live_from", "article__uid", "number", "content_hash"))
    marks = {Change.LIVE, Change.ENDED, Change.WITHDRAWN, Change.REDIRECTED, Change.ERASED}
    ends = Counter(of_articles.filter(kind__in=marks).values_list("at", "uid"))
    instants = Counter(starts.values_list("live_from", "article__uid"))
    for model in (Ending, Erasure):
        instants += Counter(model.objects.values_list("at", "article__uid"))
    closing = set(Edition.objects.filter(live_until__lte=now).values_list("live_until", "article__uid"))
    assert ends == instants + Counter(closing - {*instants})
