"""The years before the story: any number of generated articles of the same institution, for load work.

The rows are written in bulk and past the verbs, but each is one that the verbs could have left, with its quotes, its
hashes and its place in time, and every trigger stays on: drafts first, then sealed by one UPDATE for each chunk.
"""

import random
import re
import secrets
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify

from articles import search
from articles.ledger import TICK
from articles.models import Article, Edition, Quote, QuoteText, content_hash, sweep
from newsroom.story import read, uid
from people.models import Appointment, Person, Position

YEARS = 20
CHUNK = 2000
SPEAKERS = 200

#: word → its lines; a [word] inside a line stands for one of that word's lines
GRAMMAR = read("grammar.toml")


def fill(story, count, tell=lambda line: None, seed=1961):
    """Write `count` articles, live one after the other over the twenty years before `story`, whose house and topics
    must stand already, and close that time. Equal seeds give equal words and addresses. Needs a transaction of its
    own if it is to be all or nothing."""
    rng = random.Random(seed)  # noqa: S311 (words that are the same every time; nothing here is secret)
    since = years_before(story)
    pace = (story.begins - since - timedelta(days=1)) / max(count, 1)
    speakers = _speakers(story, rng, since)
    for first in range(0, count, CHUNK):
        writing = range(first, min(first + CHUNK, count))
        with transaction.atomic():
            _write([_Text(story, rng, speakers, number, since + pace * (number + rng.random())) for number in writing])
        tell(f"{writing[-1] + 1:,} of {count:,} generated articles")
    sweep(story.begins - TICK)


def years_before(story):
    """The instant from which the generated past of `story` is told."""
    return story.begins.replace(year=story.begins.year - YEARS)


def _speakers(story, rng, since):
    """Two hundred people in forty positions, in office and public throughout."""
    known = {"public_from": since, "public_by_hand": True}
    houses = list(story.organisations.values())
    positions = [
        Position.objects.create(
            uid=uid("position", f"generated {title}"), title=title, organisation=rng.choice(houses), rank=10, **known
        )
        for title in (f"{rank} {field}" for rank in GRAMMAR["rank"] for field in GRAMMAR["field"])
    ]
    names = rng.sample([f"{given} {family}" for given in GRAMMAR["given"] for family in GRAMMAR["family"]], SPEAKERS)
    speakers = []
    for name in names:
        person = Person.objects.create(uid=uid("person", f"generated {name}"), name=name, **known)
        position = rng.choice(positions)
        Appointment.objects.create(
            uid=uid("appointment", f"generated {name}"), person=person, position=position,
            since=date(since.year - 1, 6, 1), **known,
        )  # fmt: skip
        speakers.append((person, position))
    return speakers


class _Text:
    """One generated article: its rows in hand, not yet stored."""

    def __init__(self, story, rng, speakers, number, at):
        headline = _sentence(rng, "headline")
        name, writer, publisher = f"generated {number}", story.hands["writer"], story.hands["publisher"]
        own_uid = uid("article", name)
        self.article = Article(
            uid=own_uid, slug=f"{slugify(headline)[:80]}-{own_uid}", language="en", created_by=writer
        )
        place, day = rng.choice(GRAMMAR["place"]), timezone.localdate(at, story.zone)
        self.quotes, self.texts = [], []
        paragraphs = [self._paragraph(rng)]
        for order in range(rng.randint(1, 3)):
            person, position = rng.choice(speakers)
            key = uid("quote", f"{name} {order}")
            html, words = _spoken(rng, person, key)
            paragraphs += [html, self._paragraph(rng)]
            quote = Quote(key=key, article=self.article)
            self.quotes.append(quote)
            self.texts.append(
                QuoteText(
                    quote=quote, order=order, text=words, language="en", speaker=person, speaker_uid=person.uid,
                    said_on=day, place=place, speaker_name=person.name, office=position.title, position=position,
                    position_uid=position.uid, sorted_at=at,
                )
            )  # fmt: skip
        self.edition = Edition(
            article=self.article, kind=rng.choice(Edition.KINDS[:2] + Edition.KINDS[4:5])[0], language="en",
            headline=headline, summary=_sentence(rng, "summary"), place=place, event_date=day,
            body="".join(f"<p>{paragraph}</p>" for paragraph in paragraphs),
            plain_text="\n\n".join(re.sub(r"<[^>]+>", "", paragraph) for paragraph in paragraphs),
            version=1, written_by=writer, saved_at=at, submitted_by=writer, submitted_at=at,
            approved_by=story.hands["editor"], approved_at=at, published_by=publisher, published_at=at,
        )  # fmt: skip
        edition = self.edition
        edition.text_hash = edition.approved_hash = Edition.fingerprint(_InHand(edition, _Rows(self.texts), _Rows()))
        edition.salt = secrets.token_hex(16)
        edition.content_hash = content_hash(edition.salt, edition.text_hash, edition.note, edition.change_class)
        self.topics = rng.sample(list(story.topics.values()), rng.randint(1, 3))

    @staticmethod
    def _paragraph(rng):
        return " ".join(_sentence(rng, "sentence") for _ in range(rng.randint(2, 4)))


class _Rows(list):
    """Rows in hand that answer as a query would."""

    def select_related(self, *names):
        return self

    def order_by(self, *names):
        return self


@dataclass
class _InHand:
    """An edition whose children are not stored yet, as `Edition.fingerprint` reads it."""

    edition: Edition
    quotes: _Rows
    placements: _Rows

    def __getattr__(self, name):
        return getattr(self.edition, name)


def _write(texts):
    """Store these texts, and seal them: each live from the instant at which it was published."""
    Article.objects.bulk_create([text.article for text in texts])
    Edition.objects.bulk_create([text.edition for text in texts])
    Quote.objects.bulk_create([quote for text in texts for quote in text.quotes])
    for text in texts:
        for row in text.texts:
            row.edition = text.edition
    QuoteText.objects.bulk_create([row for text in texts for row in text.texts])
    filed = Edition.topics.through
    filed.objects.bulk_create(
        [filed(edition_id=text.edition.pk, topic_id=topic.pk) for text in texts for topic in text.topics]
    )
    editions = Edition.objects.filter(pk__in=[text.edition.pk for text in texts])
    editions.update(live_from=F("published_at"), sorted_at=F("published_at"), number=1)
    search.store(edition.document() for edition in editions.searched())


def _spoken(rng, person, key):
    """A paragraph with one quote, now and then a split one: its HTML, and the words of the quote."""
    tag = f'<q data-quote="{key}" data-speaker="{person.uid}">'
    words, aside = _sentence(rng, "speech"), _say(rng, "aside")
    reporting = f"{person.name} {_say(rng, 'reporting')}"
    if rng.random() < 0.25:
        return f"“{tag}{words}</q>”, {reporting}, “{tag}{aside}.</q>” {_sentence(rng, 'sentence')}", f"{words} {aside}."
    return f"{_sentence(rng, 'sentence')} {reporting}: “{tag}{words}, {aside}.</q>”", f"{words}, {aside}."


def _sentence(rng, symbol):
    """What the grammar gives for `symbol`, with capitals where sentences begin."""
    return re.sub(r"(?:^|(?<=\. ))[a-z]", lambda first: first[0].upper(), _say(rng, symbol))


def _say(rng, symbol):
    return re.sub(r"\[(\w+)\]", lambda word: _say(rng, word[1]), rng.choice(GRAMMAR[symbol]))
