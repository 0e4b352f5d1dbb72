"""Releases into the record: a file becomes a draft with people, offices and links; somebody accepts; it is published.

The one place where the reader (`releases`, pure) meets the models. The machine is the writer of what it read (the
inactive account "import"); whoever accepts and publishes answers for it, so two hands stand behind every import.
"""

import hashlib
import os
import re
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import groupby, islice
from math import inf

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import URLValidator
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from articles import body as bodies
from articles import releases
from articles.ledger import database_now
from articles.models import Act, Arrival, Article, Mention, RelatedItem, Release, Topic
from people.models import Appointment, Organisation, Person, Position, fold, new_uid

WRITER = "import"
NEWS_AGE = timedelta(days=31)  # a release tells of what happened at most this long before the date printed on it


class Refused(releases.UnreadableRelease):
    """Nothing was imported; the message says why, and what to do."""


class AlreadyImported(Exception):
    """This very file came in before, as `release`."""

    def __init__(self, release):
        super().__init__(_("Already imported, as article %(uid)s.") % {"uid": release.article.uid})
        self.release = release


def contents(path):
    """The bytes of a file; Refused when it cannot be opened or is longer than any release."""
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = file.read(releases.FILE_LIMIT + 1)
    except OSError as error:
        raise Refused(_("The file cannot be opened: %(why)s.") % {"why": error.strerror}) from None
    must_be_short(max(size, len(data)))
    return data


def must_be_short(size):
    """Refused for a file of so many bytes that it is longer than any release."""
    if size > releases.FILE_LIMIT:
        raise Refused(
            _("The file has %(size).1f MB; at most %(limit)d MB are read. Send the text of the release alone.")
            % {"size": size / 1e6, "limit": releases.FILE_LIMIT // 10**6}
        )


class Register:
    """What the database knows of people, offices and topics, proposed or not: for the reader, and as rows.

    One serves for many releases: what they add is learnt, not read anew. An unknown end of an appointment yields to
    evidence: it reaches to the nearest day on which the record has seen somebody else in that office, as
    `Person.office_on` has it.
    """

    def __init__(self):
        self.load()

    def load(self):
        """Everything from the database; also after a transaction that used this register was rolled back."""
        self.reader = releases.Registry()
        self.people, self.named, self.organisations, self.positions = {}, defaultdict(dict), {}, {}
        for person in Person.objects.surviving().order_by("id"):
            self.add(person)
        for organisation in Organisation.objects.order_by("-id"):
            self.organisations |= {_key(name): organisation for name in _names(organisation)}
        for position in Position.objects.surviving().select_related("organisation").order_by("-id"):
            for name in _names(position.organisation):
                self.positions[_key(f"{position.title} of {name}")] = position
                if set(_key(name).split()) <= set(_key(position.title).split()):
                    self.positions[_key(position.title)] = position
        self._appoint(Appointment.objects.all())
        for topic in Topic.objects.filter(merged_into=None):
            self.reader.add_topic(topic.name, topic.path, topic.aliases)

    def add(self, person):
        self.reader.add_person(person.name, person.aliases, person.uid)
        self.people[person.uid] = person
        for name in [person.name, *person.aliases]:
            self.named[_key(name)][person.pk] = person

    def called(self, name):
        """Everybody who is known by this name, whatever its case and accents."""
        return list(self.named.get(_key(name), {}).values())

    def learn(self, positions):
        """The appointments to these positions (their ids) anew."""
        for position in positions:
            self.reader.vacate(position)
        self._appoint(Appointment.objects.filter(position__in=positions))

    def _appoint(self, appointments):
        firsts, lasts = defaultdict(list), defaultdict(list)  # position -> [(day seen, person)], in order of the days
        rows = list(appointments.select_related("person", "position__organisation").order_by("id"))
        for row in rows:
            if days := _days_seen(row):
                insort(firsts[row.position_id], (min(days), row.person_id))
                insort(lasts[row.position_id], (max(days), row.person_id))
        for row in rows:
            if row.person.uid not in self.people:
                continue  # merged into somebody
            since, until = _reach(row, firsts[row.position_id], lasts[row.position_id])
            since, until = since and since.isoformat(), until and until.isoformat()
            for organisation in _names(row.position.organisation):
                self.reader.appoint(row.person.uid, row.position.title, organisation, since, until, tag=row.position_id)


def _days_seen(appointment):
    last = appointment.until and appointment.until - timedelta(days=1)
    return [day for day in (appointment.since, appointment.attested_from, appointment.attested_to, last) if day]


def _reach(appointment, firsts, lasts):
    """(since, until) of an appointment, unknown ends narrowed by whom else the record has seen in that office."""
    since, until, days = appointment.since, appointment.until, _days_seen(appointment)
    person = appointment.person_id
    if days and not since:
        before = reversed(lasts[: bisect_left(lasts, (min(days),))])
        since = next((last + timedelta(days=1) for last, other in before if other != person), None)
    if days and not until and not appointment.since:
        after = islice(firsts, bisect_right(firsts, (max(days), inf)), None)
        until = next((first for first, other in after if other != person), None)
    return since, until


def _names(organisation):
    """All names of an organisation, the one to print first."""
    names = [organisation.abbreviation, organisation.name, *organisation.aliases]
    return list(dict.fromkeys(name for name in names if name))


# --- A file becomes a draft -------------------------------------------------------------------------------------------


def take_in(data, name, by=None, register=None, repair=False):
    """The draft made of the release in the bytes `data`, which came as the file `name`; `by` answers for it.

    One transaction: all of it or nothing. Raises Refused, AlreadyImported, or PermissionDenied for `by`. Whoever takes
    in many hands in one `register`; `repair` mends damaged characters first.
    """
    _may(by, "articles.add_edition")
    digest = digest_of(data)
    _must_be_new(digest)
    opened = releases.open_release(data, repair)
    register = register or Register()
    with _all_or_nothing(digest, register):
        proposal = releases.read(opened, register.reader, name)
        _refuse(opened.text, proposal)
        open_questions = []
        if not is_news(proposal):
            open_questions.append(
                _("The text gives %(event)s beside its date %(dated)s; it is not taken as the day of the event.")
                % {"event": proposal.event_date, "dated": proposal.dated}
            )
        cast = _Cast(register, open_questions)
        return _draft(opened.text, proposal, name, digest, by, cast, None, written_by=_machine())


def digest_of(data):
    return hashlib.sha256(data).hexdigest()


def _must_be_new(digest):
    if earlier := Release.objects.filter(digest=digest).select_related("article").first():
        raise AlreadyImported(earlier)


@contextmanager
def _all_or_nothing(digest, register):
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        register.load()
        _must_be_new(digest)  # raises when another process took it in meanwhile
        raise
    except Exception:
        register.load()
        raise


def is_news(proposal):
    """Whether the day that is told of may be the day of the event: not after the printed date, nor long before it."""
    if not (proposal.event_date and proposal.dated):
        return True
    return timedelta() <= date.fromisoformat(proposal.dated) - date.fromisoformat(proposal.event_date) <= NEWS_AGE


def _draft(text, proposal, name, digest, by, cast, writer, **words):
    """The draft of a proposal that lacks nothing, begun by `writer`; `by` answers for it. Within a transaction."""
    dated = date.fromisoformat(proposal.dated)
    event_date = date.fromisoformat(proposal.event_date) if proposal.event_date and is_news(proposal) else None
    event_date = words.pop("event_date", event_date)
    cast.day = event_date or dated
    article = Article.objects.create(language=proposal.language, created_by=by)
    edition = article.start_edition(
        writer, headline=_flat(proposal.title), dated=dated, event_date=event_date,
        source_updated=(proposal.last_updated or "")[:16], place=_short(proposal.place),
        body=_body(proposal, cast), embargo=_flat(proposal.embargo), **words,
    )  # fmt: skip
    edition.topics.set(Topic.objects.filter(path__in=[topic["path"] for topic in proposal.topics]))
    for person, named, position in cast.of(proposal):
        Mention.objects.get_or_create(
            edition=edition, person=person,
            defaults={"name": _short(named.name), "office": _short(named.office), "position": position},
        )  # fmt: skip
    for order, item in enumerate(proposal.related):
        RelatedItem.objects.create(
            edition=edition, kind=_kind(item), label=_short(item.label, 300), url=_address(item.url), order=order,
            after_paragraph=_blocks_before(proposal.paragraphs[: item.after_paragraph]) or None,
        )  # fmt: skip
    now = database_now()
    Release.objects.create(
        article=article, name=_short(name), digest=digest, text=text, imported_by=by, imported_at=now,
        proposal=proposal.to_json() | {"open_questions": cast.open_questions},
    )  # fmt: skip
    Act.objects.create(article=article, edition=edition, verb="import", by=by, at=now, note=name)
    cast.register.learn(cast.appointed)
    return edition


def _must_be_storable(text):
    if re.search("[\0\ud800-\udfff]", text):
        raise Refused(_("The text holds characters (NUL) that cannot be stored. Remove them and send it again."))


def _refuse(text, proposal):
    _must_be_storable(text)
    if not (proposal.title and proposal.dated and proposal.paragraphs):
        missing = [problem for problem in proposal.problems if not problem.startswith("An embargo")]
        raise Refused(" ".join(missing) or _("It has no title, no date or no text."))
    if len(_flat(proposal.title)) > 300:
        raise Refused(_("Its title has more than 300 characters. Put a shorter one on a line of its own."))
    if not 1500 <= int(proposal.dated[:4]) <= 9998:
        raise Refused(_("The date %(date)s cannot be that of a release.") % {"date": proposal.dated})


def _machine():
    """The account that stands for this reader as the writer: nobody can log in with it, and it may do nothing."""
    users = get_user_model().objects
    return users.get_or_create(username=WRITER, defaults={"is_active": False, "password": make_password(None)})[0]


def _body(proposal, cast):
    quotes, offices = [], {}
    for quote in proposal.quotes:
        places = [proposal.paragraph_offsets(span) for span in quote.spans]
        if None in places:
            cast.ask(_("A quote could not be marked: “%(words)s”.") % {"words": _flat(quote.segments[0])[:60]})
            continue
        key, person = new_uid(), cast.person(quote.speaker, quote.speaker_uid)
        source = _flat(quote.source) if not person else ""
        quotes.append((key, person and person.uid, source if 0 < len(source) <= bodies.SOURCE_LENGTH else None, places))
        position = cast.appoint(person, quote.position)
        printed = position and person.office_on(cast.day)
        if printed and printed.position != position:
            offices[key] = position.uid
    one_line = str.maketrans(dict.fromkeys("\t\n\r\x0b\x0c\x85\u2028\u2029", " "))  # lines were broken to fit a page
    paragraphs = [bodies.Paragraph(p.kind, p.text.translate(one_line), p.links) for p in proposal.paragraphs]
    try:
        html = bodies.mark_up(paragraphs, quotes)
    except ValueError as error:
        raise Refused(_("Its quotes cannot be marked in the text: %(why)s.") % {"why": error}) from None
    for key, uid in offices.items():
        html = html.replace(f'data-quote="{key}"', f'data-quote="{key}" data-office="{uid}"')
    return html


def _blocks_before(paragraphs):
    """How many blocks of a body these make: neighbouring list items share one list, as do block quotations."""
    kinds = groupby(paragraphs, key=lambda piece: piece.kind)
    return sum(1 if kind in ("li", "blockquote") else len(list(group)) for kind, group in kinds)


def _kind(item):
    kinds = [
        ("press-conference", r"press conference|press briefing|conférence de presse"), ("transcript", "transcript"),
        ("video", "video|vidéo|watch"), ("audio", "audio|podcast|listen|écouter"), ("photos", "photo|picture|image"),
        ("speech", "speech|remarks|discours"), ("document", "document|report|rapport|pdf|communiqué"),
    ]  # fmt: skip
    return next((kind for kind, words in kinds if re.search(rf"\b(?:{words})", item.label, re.I)), "link")


def _address(url):
    try:
        URLValidator(schemes=["http", "https"])(url)
    except ValidationError:
        return ""
    return url if len(url) <= 500 else ""


def _flat(words):
    return " ".join((words or "").split())


def _short(words, limit=200):
    words = _flat(words)
    return words if len(words) <= limit else f"{words[: limit - 1]}…"


class _Cast:
    """The people and offices of one release as rows: those the record knows, and proposed ones for the rest.

    What it cannot settle it leaves out and adds to the open questions, in words for an editor.
    """

    def __init__(self, register, open_questions=(), settled=()):
        self.register, self.open_questions, self.settled = register, list(open_questions), settled
        self.day = None  # on which they held their offices
        self.appointed = set()  # ids of the positions somebody was proposed for

    def ask(self, question):
        if question not in self.open_questions:
            self.open_questions.append(question)

    def of(self, proposal):
        """(person, as named, position or None) of everybody named whom the record can tell apart."""
        for named in proposal.people:
            if person := self.person(named.name, named.uid):
                yield person, named, self.appoint(person, named.position, named.office)

    def person(self, name, uid=None):
        if not name:
            return None
        if uid in self.settled:  # an editor said which one is meant
            return self.register.people[uid]
        namesakes = self.register.named.get(_key(name), {})
        if len(namesakes) > 1:
            return self.ask(_("Several people are called %(name)s; say which one is meant.") % {"name": name})
        if uid in self.register.people:
            return self.register.people[uid]
        if len(name) > 200:
            return self.ask(_("This is too long for a name: “%(name)s…”.") % {"name": name[:60]})
        if not namesakes:
            person = Person.objects.create(name=_flat(name), proposed=True)
            self.register.add(person)
            return person
        return next(iter(namesakes.values()))

    def appoint(self, person, office, written=""):
        """The position that `person` held that day by the words of the text, and a proposed appointment to it where
        the record has none."""
        position = person and office and self._position(office)
        if not position:
            if person and (office or written):
                self.ask(
                    _("%(name)s is called “%(office)s”: enter the office and its institution by hand.")
                    % {"name": person, "office": _flat(office or written)}
                )
            return None
        appointments = person.appointments.filter(position=position)
        if not appointments:
            Appointment.objects.create(
                person=person, position=position, proposed=True, attested_from=self.day, attested_to=self.day
            )
            self.appointed.add(position.pk)
        elif not any(_allows(appointment, self.day) for appointment in appointments):
            self.ask(
                _("The text has %(name)s as %(office)s on %(day)s; the register says otherwise. Settle it.")
                % {"name": person, "office": position, "day": self.day}
            )
        return position

    def _position(self, office):
        if known := self.register.positions.get(_key(office)):
            return known
        title, institution = _institution(office, self.register.organisations)
        if not institution:
            return None
        organisation = self.register.organisations.get(_key(institution))
        if organisation is None:
            organisation = Organisation.objects.create(name=institution, proposed=True)
            self.register.organisations[_key(institution)] = organisation
        position = self.register.positions.get(_key(f"{title} of {organisation.name}"))
        if position is None:
            position = Position.objects.create(title=title, organisation=organisation, proposed=True)
            self.register.positions[_key(f"{title} of {organisation.name}")] = position
        self.register.positions[_key(office)] = position
        return position


def _key(words):
    """For comparing names of people, offices and institutions: folded, hyphens and "the" away."""
    words = fold(words).replace("-", " ").replace("’", "'").split()
    return " ".join(word for word in words if word != "the")


_LINK = re.compile(r" (?:of|at|de|chez) ")
#: titles that are followed by what they are for, not by whom they serve: "Minister of Finance", "Secretary of State"
_PORTFOLIO_FOLLOWS = re.compile(
    r"(?i)(?:(?:deputy|vice|junior|associate|permanent|under)[ -])*(?:minister|secretary|ministre)"
)
#: what stands alone names no institution, and is no title either
_BODY = re.compile(
    r"(?i)(?:department|ministry|office|agency|commission|committee|council|board|university|court|bank)\b"
)


def _institution(office, organisations=()):
    """("Secretary General", "NATO") of "Secretary General of NATO"; ("…", "") when the words do not say it clearly."""
    splits = [(office[: link.start()].strip(), office[link.end() :].strip()) for link in _LINK.finditer(office)]
    for title, institution in splits:
        if _key(institution) in organisations:
            return title, institution.removeprefix("the ")
    crowded = len(splits) > 1 and re.search(r" (?:and|et) ", office)
    if splits and _PORTFOLIO_FOLLOWS.fullmatch(splits[0][0]):
        splits = splits[-1:] if len(splits) > 1 else []
    elif at := re.search(r" (?:at|chez) ", office):
        splits = [(office[: at.start()].strip(), office[at.end() :].strip())]
    title, institution = splits[0] if splits else (office, "")
    institution = institution.removeprefix("the ")
    narrowed = " for " in title and not _PORTFOLIO_FOLLOWS.match(title)
    nameless = _BODY.fullmatch(institution) or _BODY.match(title) or not institution[:1].isupper()
    if crowded or narrowed or nameless or max(len(title), len(institution)) > 80:
        return office, ""
    return title, institution


def _allows(appointment, day):
    return (not appointment.since or appointment.since <= day) and (not appointment.until or day < appointment.until)


# --- A release is brought in, reviewed, and then becomes a draft ------------------------------------------------------


def arrive(opened, name, digest, by):
    """What `by` brought in, read and kept for review; the same once more when it is still waiting.

    Raises Refused, AlreadyImported, or PermissionDenied for `by`.
    """
    _may(by, "articles.add_edition")
    _must_be_new(digest)
    _must_be_storable(opened.text)
    now = database_now()
    Arrival.objects.prune(now)
    if waiting := Arrival.objects.filter(digest=digest, by=by).order_by("-id").first():
        return waiting
    arrival = Arrival(
        name=_short(bodies.normalise(name)), digest=digest, text=opened.text, lines=opened.lines, links=opened.links,
        remarks=opened.problems, by=by, at=now,
    )  # fmt: skip
    read_anew(arrival, repair=False)
    return arrival


def read_anew(arrival, repair):
    """Read an arrival, on request with its damaged characters mended, and save it."""
    opened = text_of(arrival, repair)
    register = Register()
    proposal = releases.read(opened, register.reader, arrival.name)
    namesakes = {
        named.name: [[person.uid, person.name] for person in known]
        for named in proposal.people if len(known := register.called(named.name)) > 1
    }  # fmt: skip
    arrival.proposal = proposal.to_json() | {"namesakes": namesakes}
    arrival.repaired, arrival.waiting = repair, len(proposal.quotes)
    arrival.save()


def text_of(arrival, repair=None):
    """The text of an arrival as `Opened`, mended when it is to be read so."""
    opened = releases.Opened(arrival.text, arrival.lines, arrival.links, arrival.remarks)
    return releases.mended(opened) if (arrival.repaired if repair is None else repair) else opened


def make_draft(arrival, proposal, by, register, settled=(), **words):
    """The draft of an arrival as `by` has reviewed it: `proposal` is what became of its own one, `settled` are the uids
    of people whom `by` named, `words` go beyond a proposal. `by` chose these words, and is their writer.

    One transaction, in which the arrival ceases to be. Raises Refused, AlreadyImported or PermissionDenied.
    """
    _may(by, "articles.add_edition")
    _must_be_new(arrival.digest)
    _refuse(arrival.text, proposal)
    with _all_or_nothing(arrival.digest, register):
        text, cast = text_of(arrival).text, _Cast(register, settled=settled)
        edition = _draft(text, proposal, arrival.name, arrival.digest, by, cast, by, written_by=by, **words)
        Arrival.objects.filter(digest=arrival.digest).delete()
    return edition


# --- The draft is accepted and published ------------------------------------------------------------------------------


def accept(edition, by=None, register=None):
    """`by` stands for what was read: who is named is confirmed, and a draft without a summary takes its first
    paragraph."""
    with transaction.atomic():
        confirm(edition, by, "accept")
        if not edition.summary:
            release = edition.article.releases.order_by("id").first()
            edition.summary = opening(release.proposal["summary"] or "") if release else ""
            edition.save()  # the machine took these words from the release; `by` wrote none, and may approve
    if register:
        register.learn({appointment.position_id for appointment in _held(edition)})


def confirm(edition, by=None, verb="confirm"):
    """`by` stands for the people, offices and topics a draft names: none of them is only proposed any more, and each
    office was held at least on that day."""
    _may(by, "people.change_person")
    with transaction.atomic():
        Article.objects.select_for_update(no_key=True).get(pk=edition.article_id)
        day = edition.event_date or edition.dated
        for row in edition.proposals():
            row.proposed = False
            row.save(update_fields=["proposed"])
        for appointment in _held(edition).select_for_update(no_key=True):
            if _allows(appointment, day) and appointment.attest(day):
                appointment.save(update_fields=["attested_from", "attested_to"])
        Act.objects.create(article_id=edition.article_id, edition=edition, verb=verb, by=by, at=database_now())


def _held(edition):
    return Appointment.objects.filter(pk__in=edition.references()[Appointment]).order_by("pk")


def publish(edition, by=None):
    """Submitted, approved and published in one go by whoever answers for the import. Raises ValidationError with
    all that is missing; then nothing happened."""
    if problems := edition.blockers():
        raise ValidationError(problems)
    with transaction.atomic():
        edition.submit(by)
        edition.approve(by)
        edition.publish(by)


def opening(text, limit=1000):
    """At most `limit` characters from the beginning of `text`, to the end of a sentence where one ends in time."""
    if len(text) <= limit:
        return text
    sentences = re.match(r".*[.!?…][”»\"')]*(?=\s)", text[: limit + 1], re.S)
    return sentences[0] if sentences else f"{text[: limit - 1].rsplit(None, 1)[0]}…"


def _may(by, permission):
    if by is not None and not by.has_perm(permission):
        raise PermissionDenied(_("You may not do this (%(permission)s).") % {"permission": permission})
