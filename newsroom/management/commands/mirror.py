"""A complete client of the feed, for partners to read and take from: `manage.py mirror https://newsroom.example FILE`.

It needs nothing of Django but the command line: the standard library and a SQLite file. Whenever it is stopped, by
whatever, the next run goes on where this one was: the place reached is written after the records up to it.
"""

import hashlib
import json
import os
import sqlite3
import time
import urllib.error
import urllib.request
from contextlib import suppress
from http.client import HTTPException, InvalidURL
from itertools import islice
from urllib.parse import parse_qs, urlencode, urlsplit

from django.core.management.base import BaseCommand, CommandError

TABLES = """
CREATE TABLE IF NOT EXISTS place (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS record (id INTEGER PRIMARY KEY, type TEXT, uid TEXT, edition INTEGER, content_hash TEXT,
    data TEXT NOT NULL, UNIQUE (type, uid));
CREATE TABLE IF NOT EXISTS naming (named TEXT, record INTEGER, PRIMARY KEY (named, record)) WITHOUT ROWID;
"""
OURS = {"place", "record", "naming"}
#: where a record is fetched when a change names it
PLURALS = {"article": "articles", "person": "people", "organisation": "organisations", "position": "positions",
           "topic": "topics"}  # fmt: skip
#: what a list of articles can be narrowed to, by the same name
LISTED = {"person", "position", "organisation", "topic"}
#: of more records that name one, articles are fetched by such a list
MANY = 10
BATCH = 100
TRIES = 20
#: a network or a server that goes away, at whatever byte
AWAY = (OSError, HTTPException)
#: a server that is there, and answers better when asked again
PASSING = (429, 500, 502, 503, 504)
STREAM = "application/x-ndjson"


class HistoryChanged(Exception):
    """The newsroom has another history than the one followed so far, as after a restored backup."""


class Mirror:
    """A copy of the live record of the newsroom at `url`, in the SQLite file `path`."""

    def __init__(self, url, path, tell=lambda line: None, key=""):
        self.api, self.tell, self.key = api_of(url), tell, key
        self.file = sqlite3.connect(path, isolation_level=None)
        held = {name for (name,) in self.file.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
        if held - OURS and not held >= OURS:
            raise CommandError(f"{path} is another database, no copy of a newsroom. Give a file that is not there yet.")
        self.file.executescript(TABLES)
        self.has_answered = False

    # The file

    def __getitem__(self, name):
        row = self.file.execute("SELECT value FROM place WHERE name = ?", [name]).fetchone()
        return row[0] if row else ""

    def keep(self, **places):
        for name, value in places.items():
            self.file.execute("INSERT OR REPLACE INTO place VALUES (?, ?)", [name, str(value)])

    def put(self, kind, data):
        self.drop(kind, data["uid"])
        row = [kind, data["uid"], data.get("edition"), data.get("content_hash"), json.dumps(data, ensure_ascii=False)]
        columns = "(type, uid, edition, content_hash, data)"
        written = self.file.execute(f"INSERT INTO record {columns} VALUES (?, ?, ?, ?, ?)", row)  # noqa: S608 (ours)
        named = [(other, written.lastrowid) for other in named_in(data)]
        self.file.executemany("INSERT INTO naming VALUES (?, ?)", named)

    def drop(self, kind, uid):
        found = self.file.execute("SELECT id, data FROM record WHERE type = ? AND uid = ?", [kind, uid])
        for number, data in found.fetchall():
            named = [(other, number) for other in named_in(json.loads(data))]
            self.file.executemany("DELETE FROM naming WHERE named = ? AND record = ?", named)
            self.file.execute("DELETE FROM record WHERE id = ?", [number])

    def at_once(self):
        """All or nothing of what is written in the block."""
        return _Transaction(self.file)

    @property
    def has_begun(self):
        return bool(self["cursor"] or self["resume"])

    @property
    def kept(self):
        return "What was copied is kept; the next run goes on from there." if self.has_begun else "Nothing was copied."

    # The newsroom

    def asked(self, address, expected=(), **parameters):
        """(status, JSON) of an address below /api/v1/: of 200, or of an `expected` status. A network that fails is
        asked again, ever more slowly."""
        for number in range(TRIES):
            wait = min(2**number / 10, 30)
            try:
                answer = self.opened_whatever(address, parameters)
                body = answer.read()  # may break off, too, whatever its status
            except AWAY as error:
                why = f"does not answer: {reason_of(error)}"
            else:
                if answer.status == 200 or answer.status in expected:
                    return answer.status, self.understood(answer, body)
                why = words_of(answer, body)
                if answer.status not in PASSING:
                    raise self.refusal(answer.url, why)
                wait = told_to_wait(answer) or wait
            time.sleep(wait)
        raise self.refusal(f"{self.api}{address}", why)

    def understood(self, answer, body):
        try:
            return json.loads(body)
        except ValueError as error:
            raise self.refusal(answer.url, f"answers {answer.status} without JSON") from error

    def refusal(self, address, why):
        return CommandError(f"{address} {why.removesuffix('.')}. {self.kept}")

    def opened_whatever(self, address, parameters):
        """The answer, of an error too."""
        try:
            return self.opened(address, parameters)
        except urllib.error.HTTPError as error:
            return error

    def opened(self, address, parameters):
        given = {name: value for name, value in parameters.items() if value}
        query = f"?{urlencode(given)}" if given else ""
        request = urllib.request.Request(f"{self.api}{address}{query}")  # noqa: S310 (the URL one gives)
        if self.key:  # not to where a redirect leads: that may be another site
            request.add_unredirected_header("Authorization", f"Bearer {self.key}")
        try:
            answer = urllib.request.urlopen(request, timeout=60)  # noqa: S310
        except urllib.error.HTTPError:
            self.has_answered = True
            raise
        except (urllib.error.URLError, InvalidURL) as error:
            if not (self.has_answered or self.has_begun):  # whoever was never there is no network that fails
                raise self.refusal(request.full_url, f"cannot be reached: {reason_of(error)}") from error
            if not self.has_answered:
                self.tell(f"{request.full_url} cannot be reached: {reason_of(error)}. It is asked again.")
            raise
        self.has_answered = True
        return answer

    # Copying

    def run(self):
        """Copy what changed, and prove the copy equal: True when it is, False when it is not, None when it changes
        faster than can be proved just now."""
        unequal = 0
        for _try in range(TRIES):
            try:
                if not self["cursor"]:
                    self.take_all()
                self.follow()
                equal = self.prove()
            except HistoryChanged:
                self.tell("Its history has changed: everything is copied anew.")
                with self.at_once():
                    for table in ("record", "naming", "place"):
                        self.file.execute(f"DELETE FROM {table}")  # noqa: S608 (ours)
                continue
            if equal:
                return True
            unequal = unequal + 1 if equal is False else 0
            if unequal == 3:
                return False
            if unequal:  # what was fetched may be of an instant that has passed and is being numbered just now
                time.sleep(0.3)
        return None

    def take_all(self):
        """The snapshot, from where an earlier run stopped."""
        for _try in range(TRIES):
            why, wait = "breaks off again and again", 1
            try:
                with self.opened("snapshot/", {"resume": self["resume"]}) as stream:
                    if stream.headers.get_content_type() != STREAM:
                        raise self.refusal(stream.url, f"answers {stream.status} without a snapshot")
                    if self.took(stream):
                        return
            except urllib.error.HTTPError as error:
                if error.code == 400 and self["resume"]:  # where we stopped it does not know, as after another key
                    raise HistoryChanged from error
                with suppress(*AWAY):
                    why = words_of(error, error.read())
                if error.code not in PASSING:
                    raise self.refusal(error.url, why) from error
                wait = told_to_wait(error) or wait
            except AWAY as error:
                why = f"does not answer: {reason_of(error)}"
            time.sleep(wait)
        raise self.refusal(f"{self.api}snapshot/", why)

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
            status, page = self.asked("changes/", expected=[410], cursor=self["cursor"], limit=BATCH)
            if status == 410:
                raise HistoryChanged
            head, seq = self["head"], int(self["seq"])
            for change in page["results"]:
                if change["head"] != chained(head, change):
                    raise HistoryChanged
                head, seq = change["head"], change["seq"]
            changed = {(change["type"], change["uid"]) for change in page["results"]}
            self.renew({(kind, uid) for kind, uid in changed if kind in PLURALS or kind == "appointment"})
            with self.at_once():
                self.keep(cursor=page["cursor"], head=head, seq=seq)
            more = page["more"]

    def renew(self, changed):
        """Fetch what has changed, then all that repeats a name or an address of it."""
        beside, listed = set(), set()
        for kind, uid, data in self.fetched(changed):
            naming = self.records("id IN (SELECT record FROM naming WHERE named = ?)", uid)
            beside |= naming
            if kind in LISTED and len(naming) > MANY:
                listed |= self.listed(kind, uid)
            # A parent of a topic, say, names it only from now on; where articles do, changes of theirs tell it.
            for other in named_in(data) if kind != "article" else ():
                beside |= self.records("uid = ?", other)
        for _written in self.fetched(beside - changed - listed):
            pass

    def listed(self, kind, uid):
        """The articles that name somebody or something, a hundred at a time: these are written. All that had changed
        when the page of changes was told is in them, so none need be fetched again for it."""
        found, cursor = set(), ""
        while True:
            asked = {kind: uid, "cursor": cursor, "page_size": 100}
            status, page = self.asked("articles/", expected=[400], **asked)
            if status == 400:  # it is public no more, or the list goes on elsewhere: what is left is fetched singly
                return found
            with self.at_once():
                for article in page["results"]:
                    self.put("article", article)
            found |= {("article", article["uid"]) for article in page["results"]}
            if not page["next"]:
                return found
            [cursor] = parse_qs(urlsplit(page["next"]).query)["cursor"]

    def records(self, condition, uid):
        return {*self.file.execute(f"SELECT type, uid FROM record WHERE {condition}", [uid])}  # noqa: S608 (ours)

    def fetched(self, names):
        """(kind, uid, what it is now, None where it is gone) of each; they are written a batch at a time."""
        names = iter(sorted(names))
        while batch := [(kind, uid, self.told(kind, uid)) for kind, uid in islice(names, BATCH)]:
            yield from batch
            with self.at_once():
                for kind, uid, data in batch:
                    if data and kind in PLURALS:
                        self.put(kind, data)
                    else:
                        self.drop(kind, uid)

    def told(self, kind, uid):
        if kind == "appointment":  # is told of by a person and a position
            return self.asked("people/", expected=[400], appointment=uid)[1]  # 400: it is public no more
        status, data = self.asked(f"{PLURALS[kind]}/{uid}/", expected=[404, 410])
        return data if status == 200 and data["uid"] == uid else None  # of the one it was merged into, a change tells

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


def api_of(url):
    """The address of the API of the newsroom at `url`, which may be that address itself."""
    with suppress(ValueError):  # as of a port beyond the last
        parts = urlsplit(url)
        is_place = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        if is_place and not (parts.query or parts.fragment):
            return url.rstrip("/").removesuffix("/api/v1") + "/api/v1/"
    raise CommandError(f"{url} is not the address of a newsroom. Give one like https://newsroom.example.")


def reason_of(error):
    """Why there was no answer."""
    return str(getattr(error, "reason", error)) or type(error).__name__


def words_of(answer, body):
    """That an answer is no record, and why, in its own words where it is a problem of ours."""
    try:
        return f"answers {answer.status}: {json.loads(body)['detail']}"
    except (ValueError, TypeError, LookupError):
        return f"answers {answer.status} {answer.reason}"


def told_to_wait(error):
    """The seconds that an answer asks for before the next request; 0 when it names none."""
    told = error.headers.get("Retry-After", "")
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 5 else 0


class _Transaction:
    def __init__(self, file):
        self.file = file

    def __enter__(self):
        self.file.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind, error, trace):
        self.file.execute("ROLLBACK" if kind else "COMMIT")


def named_in(data):
    """The uids of all others that a record, or a part of one, tells something of."""
    found, parts = set(), [data]
    while parts:
        part = parts.pop()
        inner = part if isinstance(part, list) else part.values() if isinstance(part, dict) else ()
        parts += [one for one in inner if isinstance(one, (dict, list))]
        if isinstance(part, dict):
            found |= {part[name] for name in ("uid", "article") if isinstance(part.get(name), str)}
    return found


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
        parser.add_argument(
            "--key", default=os.environ.get("NEWSROOM_KEY", ""),
            help="a partner's key, for a higher limit; better in the environment as NEWSROOM_KEY, as others can read"
            " the commands that run",
        )  # fmt: skip
        parser.add_argument("--every", type=float, metavar="SECONDS", help="go on for ever, asking so often")

    def handle(self, *, url, file, key, every, **options):
        try:
            self.copy(Mirror(url, file, self.stdout.write, key), every)
        except sqlite3.Error as error:
            raise CommandError(
                f"{file} cannot hold the copy: {error}. Give a copy that this command made, or a file that is not there"
                " yet, in a folder you may write to."
            ) from error

    def copy(self, mirror, every):
        while True:
            equal = mirror.run()
            counted = ", ".join(f"{number} {PLURALS[kind]}" for kind, number in mirror.counts().items()) or "nothing"
            proof = {True: "equal", False: "NOT EQUAL", None: "it changes faster than can be proved"}[equal]
            self.stdout.write(f"{counted}; change {mirror['seq']}; {proof}")
            if equal is False:
                raise CommandError(
                    "The copy differs from the newsroom: its digest is another. Delete the file, run again."
                )
            if not every:
                if equal is None:
                    raise CommandError(mirror.kept)
                return
            time.sleep(every)
