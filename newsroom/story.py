"""The story of the demonstration: an institution's files (newsroom/demo) replayed through the verbs of the models.

All events of all articles happen in one order of time, each at its own instant, so that what stands in the record
afterwards is what a newsroom would have left that had worked there. Every identifier is derived from the files, so
that each replay makes the same record (but for salts, which nobody may guess).
"""

import hashlib
import re
import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from articles.desk import Act
from articles.images import Image, Placement
from articles.ledger import State
from articles.models import Article, Mention, Quote, RelatedItem, sweep
from articles.roles import ROLES
from articles.topics import Topic
from people.models import UID_ALPHABET, Appointment, Organisation, Person, Position, fold

FILES = Path(__file__).resolve().parent / "demo"


class NotFresh(Exception):
    """The story cannot be told in this database. The message says why, and what to do."""


@dataclass(frozen=True)
class Step:
    """One thing somebody did to the edition `number` of an article. `do` is "write" or the name of a verb."""

    at: datetime
    do: str
    article: str
    number: int
    facts: dict


class Story:
    """Everything the files say, and the rows made of it so far."""

    def __init__(self):
        self.people_file, self.topics_file = read("people.toml"), read("topics.toml")
        self.pictures = {row["file"]: row for row in read("images.toml")["image"]}
        self.texts = {row["id"]: row for path in sorted(FILES.glob("articles-*.toml")) for row in read(path)["article"]}
        self.zone = ZoneInfo(re.search(r'^TIME_ZONE="(.+)"', (FILES / "institution.env").read_text(), re.M)[1])
        self.steps = sorted(self._steps(), key=lambda step: step.at)
        self.begins = datetime(self.steps[0].at.year, 1, 1, tzinfo=self.zone)
        self.ends = self.steps[-1].at

    def _steps(self):
        for name, text in self.texts.items():
            for number, words in enumerate(text["edition"], 1):
                yield Step(_instant(words["written"]), "write", name, number, words)
                for event in words.get("events", ()):
                    yield Step(_instant(event["at"]), event["do"], name, number, event)

    def is_told(self):
        return Article.objects.filter(uid=uid("article", next(iter(self.texts)))).exists()

    def begin(self, since=None):
        """The hands, the house, its people and its topics. Public from `since` (default: the story's first day), or
        from the day an office is taken up, or from the instant the files name."""
        if Article.objects.exists() or Person.objects.exists() or Topic.objects.exists():
            raise NotFresh(
                "This newsroom is not empty, and the demonstration is only loaded into an empty one. Give it a "
                "database of its own: DATABASE_URL=sqlite:///demo.sqlite3 make demo."
            )
        since = since or self.begins
        if State.objects.get(id=1).horizon >= since:
            raise NotFresh(
                "This newsroom is empty, but its record is already closed up to today (somebody read its changes), so "
                "that a story of past years can no longer enter. Load the demonstration into a database of its own."
            )
        with transaction.atomic(), timezone.override(self.zone):
            self.hands = {role: _hand(role) for role in ROLES}
            self._house(since)
            self._topics(since)
            self._pictures()

    def _house(self, since):
        """Organisations, positions, people and appointments; each public when the first office they have part in is."""
        rows = self.people_file
        first, appointments = {}, []
        for row in rows["appointment"]:
            given = row.get("public_from")
            midnight = datetime.combine(date.fromisoformat(row["since"]), time(), self.zone)
            public_from = _instant(given) if given else max(since, midnight)
            appointments.append((row, public_from))
            organisation = next(p["organisation"] for p in rows["position"] if p["id"] == row["position"])
            for named in (("person", row["person"]), ("position", row["position"]), ("organisation", organisation)):
                first[named] = min(public_from, first.get(named, public_from))

        def known(kind, row):
            return {"uid": uid(kind, row["id"]), "public_from": first.get((kind, row["id"])), "public_by_hand": True}

        self.organisations, self.positions, self.people, self.titles = {}, {}, {}, {}
        for row in rows["organisation"]:
            self.organisations[row["id"]] = Organisation.objects.create(
                **known("organisation", row), **_of(row, "name", "slug", "abbreviation", "same_as")
            )
        for row in rows["position"]:
            self.positions[row["id"]] = position = Position.objects.create(
                **known("position", row),
                **_of(row, "title", "single_holder", "rank"),
                organisation=self.organisations[row["organisation"]],
            )
            self.titles |= {fold(text): position for key, text in row.items() if key.startswith("title")}
        for row in rows["person"]:
            self.people[row["id"]] = person = Person(
                **known("person", row),
                slug=row["id"],
                **_of(row, "name", "sort_name", "aliases", "biography", "same_as"),
            )
            if "portrait" in row:
                person.portrait = ContentFile((FILES / "images" / row["portrait"]).read_bytes(), row["portrait"])
            person.save()
        for row, public_from in appointments:
            Appointment.objects.create(
                uid=uid("appointment", f"{row['person']} {row['position']} {row['since']}"),
                person=self.people[row["person"]],
                position=self.positions[row["position"]],
                since=date.fromisoformat(row["since"]),
                until=date.fromisoformat(row["until"]) if "until" in row else None,
                acting=row.get("acting", False),
                public_from=public_from,
                public_by_hand=True,
            )

    def _topics(self, since):
        self.topics = {}
        for row in self.topics_file["topic"]:
            parent, _, slug = row["path"].rpartition("/")
            self.topics[row["path"]] = Topic.objects.create(
                uid=uid("topic", row["path"]),
                slug=slug,
                parent=self.topics.get(parent),
                public_from=since,
                public_by_hand=True,
                **_of(row, "name", "description", "aliases"),
            )

    def _pictures(self):
        self.images = {}
        for name, row in self.pictures.items():
            image = Image(uid=uid("image", name), title=row["subject"][:200], uploaded_by=self.hands["editor"])
            image.file = ContentFile((FILES / "images" / name).read_bytes(), name)
            image.save()
            self.images[name] = image

    def replay(self, tell=lambda line: None):
        """Everything that happened, in its order, and all time closed up to the story's end. All or nothing."""
        with transaction.atomic(), timezone.override(self.zone):
            self._articles()
            self.editions = {}
            for step, following in zip(self.steps, [*self.steps[1:], None], strict=True):
                self._take(step)
                if following is None or following.at.year != step.at.year:
                    written = sum(other.do == "write" and other.at.year == step.at.year for other in self.steps)
                    tell(f"{step.at.year}: {written} texts")
            sweep(self.ends)

    def _articles(self):
        """The identities, in the order in which they were begun: related items may point ahead."""
        self.articles = {}
        for step in self.steps:
            if step.do == "write" and step.number == 1:
                text = self.texts[step.article]
                self.articles[step.article] = article = Article.objects.create(
                    uid=uid("article", step.article),
                    slug=step.article,
                    language=text["language"],
                    translation_of=self.articles[text["translation_of"]] if "translation_of" in text else None,
                    created_by=self.hands["writer"],
                )
                Article.objects.filter(pk=article.pk).update(created_at=step.at)

    def _take(self, step):
        article, at, facts = self.articles[step.article], step.at, step.facts
        if step.do == "write":
            self.editions[step.article, step.number] = self._write(article, self.texts[step.article], facts, at)
            return
        edition, by = self.editions[step.article, step.number], self.hands[facts["by"]]
        match step.do:
            case "submit" | "approve" | "publish" | "cancel":
                getattr(edition, step.do)(by, at=at)
            case "return":
                edition.send_back(by, facts["note"], at=at)
            case "schedule" | "reschedule":
                getattr(edition, step.do)(by, _instant(facts["live_from"]), at=at)
            case "expire":
                article.expire(by, _instant(facts["expires_at"]), at=at)
            case "withdraw":
                article.withdraw(by, facts["reason"], at=at)
            case unknown:
                raise ValueError(f"{step.article}: nobody can “{unknown}” an article")

    def _write(self, article, text, words, at):
        """A draft as the files have it. What an edition does not say anew is carried over from the one before."""
        writer = self.hands["writer"]
        edition = article.start_edition(
            writer,
            kind=text["kind"],
            body=re.sub(
                r'data-(speaker|office)="([^"]+)"',
                lambda found: f'data-{found[1]}="{self._uid_of(found[1], found[2])}"',
                words["body"],
            ),
            event_date=_day(words, "event_date"),
            dated=_day(words, "dated"),
            change_class=words.get("change", ""),
            **_of(words, "headline", "summary", "place", "note"),
        )
        # The draft was written then, not while the demonstration is loaded.
        edition.write(saved_at=at)
        edition.saves.update(at=at)
        Act.objects.filter(edition=edition).update(at=at)
        if edition.based_on is None:
            edition.topics.set(self.topics[path] for path in text["topics"])
            self._mention(edition, text["people_named"])
            if article.translation_of:
                _pair_quotes(edition, article.translation_of.editions.order_by("pk").last())
        if "images" in words:
            edition.placements.all().delete()
            for order, row in enumerate(words["images"]):
                placed = {"edition": edition, "image": self.images[row["file"]], "order": order}
                Placement.objects.create(**placed, **_of(row, "alt", "caption", "credit", "after_paragraph"))
        if "related" in words:
            edition.related.all().delete()
            for order, row in enumerate(words["related"]):
                RelatedItem.objects.create(
                    edition=edition,
                    order=order,
                    article=self.articles[row["article"]] if "article" in row else None,
                    **_of(row, "kind", "label", "url", "after_paragraph"),
                )
        return edition

    def _uid_of(self, attribute, name):
        return (self.people if attribute == "speaker" else self.positions)[name].uid

    def _mention(self, edition, rows):
        """The people named, each with the position behind the office that is printed: the one of that title when it
        was held that day, else the one that would be printed beside the name."""
        day = edition.event_date or edition.dated
        for row in rows:
            person = self.people[row["person"]]
            position = self.titles.get(fold(row["office"]))
            held = Appointment.objects.filter(person=person).held_on(day)
            if not held.filter(position=position).exists():
                office = person.office_on(day) if row["office"] else None
                position = office and office.position
            Mention.objects.create(
                edition=edition, person=person, position=position, **_of(row, "name", "office", "role")
            )


def _pair_quotes(edition, original):
    """Each quote of a translation knows the one it translates, where both texts quote the same people in one order."""
    pairs = [list(each.quotes.order_by("order").values_list("speaker_uid", "quote")) for each in (edition, original)]
    if [speaker for speaker, _ in pairs[0]] == [speaker for speaker, _ in pairs[1]]:
        for (_, mine), (_, theirs) in zip(*pairs, strict=True):
            Quote.objects.filter(pk=mine).update(translation_of=theirs)


def password(role):
    """The published password of a demonstration login."""
    return f"demo-{role}-2026"


def _hand(role):
    user, is_new = User.objects.get_or_create(
        username=role, defaults={"email": f"{role}@highpasses.example", "is_staff": True}
    )
    if is_new:
        user.set_password(password(role))
        user.save()
        user.groups.add(Group.objects.get(name=role))
    return User.objects.get(pk=user.pk)


def uid(kind, name):
    """The public identifier of what the files call `name`: as short as any, the same in every replay."""
    number, letters = int.from_bytes(hashlib.sha256(f"{kind}:{name}".encode()).digest()), ""
    for _ in range(10):
        number, place = divmod(number, len(UID_ALPHABET))
        letters += UID_ALPHABET[place]
    return letters


def read(name):
    """A file of the demonstration."""
    return tomllib.loads((FILES / name).read_text(encoding="utf-8"))


def _of(row, *names):
    return {name: row[name] for name in names if name in row}


def _day(row, name):
    return date.fromisoformat(row[name]) if name in row else None


def _instant(text):
    return datetime.fromisoformat(text)
