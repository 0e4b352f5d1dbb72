"""A complete client of the feed, for partners to read and take from: `manage.py mirror https://newsroom.example FILE`.

It needs nothing of Django but the command line: the standard library and a SQLite file. Whenever it is stopped, by
whatever, the next run goes on where this one was: a record and the place reached are written in one transaction.
"""

import hashlib
import json
import sqlite3
import time
import urllib.error
import urllib.request
from urllib.parse import urlencode

from django.core.management.base import BaseCommand, CommandError

TABLES = """
CREATE TABLE IF NOT EXISTS place (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS record (type TEXT, uid TEXT, edition INTEGER, content_hash TEXT, data TEXT NOT NULL,
    PRIMARY KEY (type, uid));
"""
#: where a record is fetched when a change names it; an appointment is part of its person, so all people are asked
PLURALS = {"article": "articles", "person": "people", "organisation": "organisations", "position": "positions",
           "topic": "topics"}  # fmt: skip
TRIES = 20


class HistoryChanged(Exception):
    """The newsroom has another history than the one followed so far, as after a restored backup."""


class Mirror:
    """A copy of the live record of the newsroom at `url`, in the SQLite file `path`."""

    def __init__(self, url, path, tell=lambda line: None):
        self.api, self.tell = url.rstrip("/") + "/api/v1/", tell
        self.file = sqlite3.connect(path, isolation_level=None)
        self.file.executescript(TABLES)

    # The file

    def __getitem__(self, name):
        row = self.file.execute("SELECT value FROM place WHERE name = ?", [name]).fetchone()
        return row[0] if row else ""

    def keep(self, **places):
        for name, value in places.items():
            self.file.execute("INSERT OR REPLACE INTO place VALUES (?, ?)", [name, str(value)])

    def put(self, kind, data):
        row = [kind, data["uid"], data.get("edition"), data.get("content_hash"), json.dumps(data, ensure_ascii=False)]
        self.file.execute("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?)", row)

    def drop(self, kind, uid):
        self.file.execute("DELETE FROM record WHERE type = ? AND uid = ?", [kind, uid])

    def at_once(self):
        """All or nothing of what is written in the block."""
        return _Transaction(self.file)

    # The newsroom

    def asked(self, address, **parameters):
        """(status, JSON) of an address below /api/v1/. A network that fails is asked again, ever more slowly."""
        for number in range(TRIES):
            try:
                with self.opened(address, parameters) as answer:
                    return answer.status, json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code in (404, 410):
                    return error.code, json.load(error)
                if error.code not in (429, 500, 502, 503, 504):
                    raise CommandError(f"{error.url} answers {error.code}: {error.read().decode()[:500]}") from error
                wait = float(error.headers.get("Retry-After") or min(2**number / 10, 30))
            except OSError:
                wait = min(2**number / 10, 30)
            time.sleep(wait)
        raise CommandError(f"{self.api}{address} does not answer. What was copied is kept; run it again.")

    def opened(self, address, parameters):
        given = {name: value for name, value in parameters.items() if value}
        query = f"?{urlencode(given)}" if given else ""
        return urllib.request.urlopen(f"{self.api}{address}{query}", timeout=60)  # noqa: S310 (the URL one gives)

    # Copying

    def run(self):
        """Copy what changed, and prove the copy equal. True when it is."""
        for _try in range(TRIES):
            try:
                if not self["cursor"]:
                    self.take_all()
                self.follow()
                equal = self.prove()
            except HistoryChanged:
                self.tell("Its history has changed: everything is copied anew.")
                with self.at_once():
                    self.file.execute("DELETE FROM record")
                    self.file.execute("DELETE FROM place")
                continue
            if equal is not None:
                return equal
        raise CommandError("It changes faster than it can be followed. What was copied is kept; run it again.")

    def take_all(self):
        """The snapshot, from where an earlier run stopped."""
        for _try in range(TRIES):
            try:
                with self.opened("snapshot/", {"resume": self["resume"]}) as stream:
                    if self.took(stream):
                        return
            except urllib.error.HTTPError as error:
                if error.code == 400:  # it knows nothing of where we stopped, as after a change of its key
                    raise HistoryChanged from error
                time.sleep(1)
            except OSError:
                time.sleep(1)
        raise CommandError("The snapshot breaks off again and again. What was copied is kept; run it again.")

    def took(self, stream):
        """Whether the stream reached its end. Rows are written with the place from which it would go on."""
        rows = []
        for line in stream:
            if not line.endswith(b"\n"):
                return False
            told = json.loads(line)
            if told["type"] in PLURALS:
                rows.append((told["type"], told["data"]))
            elif told["type"] == "resume":
                with self.at_once():
                    for kind, data in rows:
                        self.put(kind, data)
                    self.keep(resume=told["data"])
                rows = []
            elif told["type"] == "end":
                end = told["data"]
                with self.at_once():
                    self.keep(cursor=end["cursor"], head=end["head"], seq=end["seq"], resume="")
                return True
        return False

    def follow(self):
        more = True
        while more:
            status, page = self.asked("changes/", cursor=self["cursor"], limit=1000)
            if status == 410:
                raise HistoryChanged
            head, seq = self["head"], int(self["seq"])
            for change in page["results"]:
                if change["head"] != chained(head, change):
                    raise HistoryChanged
                head, seq = change["head"], change["seq"]
            named = {(change["type"], change["uid"]) for change in page["results"]}
            if any(kind == "appointment" for kind, _uid in named):
                named |= {
                    ("person", uid) for (uid,) in self.file.execute("SELECT uid FROM record WHERE type = 'person'")
                }
            found = [
                (kind, uid, *self.asked(f"{PLURALS[kind]}/{uid}/")) for kind, uid in sorted(named) if kind in PLURALS
            ]
            with self.at_once():
                for kind, uid, status, data in found:
                    if status == 200 and data["uid"] == uid:
                        self.put(kind, data)
                    else:
                        self.drop(kind, uid)  # gone, or merged into another that a change of its own names
                self.keep(cursor=page["cursor"], head=head, seq=seq)
            more = page["more"]

    def prove(self):
        """True or False once the newsroom's digest speaks of the place we are at; None when it has moved on."""
        _status, theirs = self.asked("changes/digest/")
        return self.digest() == theirs["digest"] if theirs["cursor"] == self["cursor"] else None

    def digest(self):
        found = hashlib.sha256()
        rows = "SELECT uid, edition, content_hash FROM record WHERE type = 'article' ORDER BY uid"
        for uid, edition, content_hash in self.file.execute(rows):
            found.update(f"{uid} {edition} {content_hash}\n".encode())
        return found.hexdigest()

    def counts(self):
        return dict(self.file.execute("SELECT type, count(*) FROM record GROUP BY type ORDER BY type"))


class _Transaction:
    def __init__(self, file):
        self.file = file

    def __enter__(self):
        self.file.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind, error, trace):
        self.file.execute("ROLLBACK" if kind else "COMMIT")


def chained(head, change):
    """The hash of the chain after `change`, from the one before (README of the newsroom, "What is hashed")."""
    whole, _, fraction = change["at"].removesuffix("Z").partition(".")
    at = f"{whole}.{fraction or 0:0<6}Z"
    edition = "" if change["edition"] is None else change["edition"]
    fields = (head, change["seq"], at, change["kind"], change["type"], change["uid"], edition, change["content_hash"])
    return hashlib.sha256("\n".join(map(str, fields)).encode()).hexdigest()


class Command(BaseCommand):
    help = "Copy the live record of a newsroom into a SQLite file, follow its changes, and prove the copy equal."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("url", help="the newsroom, such as https://newsroom.example")
        parser.add_argument("file", help="the SQLite file of the copy; it is made when it is not there")
        parser.add_argument("--every", type=float, metavar="SECONDS", help="go on for ever, asking so often")

    def handle(self, *, url, file, every, **options):
        mirror = Mirror(url, file, self.stdout.write)
        while True:
            equal = mirror.run()
            counted = ", ".join(f"{number} {PLURALS[kind]}" for kind, number in mirror.counts().items()) or "nothing"
            self.stdout.write(f"{counted}; change {mirror['seq']}; {'equal' if equal else 'NOT EQUAL'}")
            if not equal:
                raise CommandError(
                    "The copy differs from the newsroom: its digest is another. Delete the file, run again."
                )
            if not every:
                return
            time.sleep(every)
