"""The read API of what was said: articles, their editions, quotes, topics, and the feed of changes that mirrors follow.

Everything of articles starts from `Edition.objects.live(at)` or `QuoteText.objects.live(at)`; history from `on_record`.
"""

import re
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import InternalError, OperationalError, transaction
from django.db.models import Exists, OuterRef, Prefetch, Q, Subquery, Value, prefetch_related_objects
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from articles import body as bodies
from articles import search
from articles.comparison import woven
from articles.ledger import HistoryChanged, State, changes_after, database_now, epoch
from articles.models import (
    Article,
    Edition,
    EditionQuerySet,
    Ending,
    Mention,
    Placement,
    Quote,
    QuoteText,
    RelatedItem,
    Topic,
    is_due,
    start_of_day,
    still_open,
    sweep,
)  # fmt: skip
from articles.moment import BadMoment, moment, parse_at
from people.api import (
    MARA,
    SAME_AS,
    Address,
    Brief,
    DayFilter,
    Endpoint,
    FileAddress,
    Instant,
    Mergeable,
    MergeableFilter,
    PersonFilter,
    PositionBrief,
    Problem,
    Question,
    Surface,
    Texts,
    UidFilter,
    address,
    means,
    misread,
    refuse_reversed,
    uid_of,
)  # fmt: skip
from people.models import Organisation, Person, Position

ONE_DAY = timedelta(days=1)
MOST = 2**31  # what a number of an edition stays below
LANGUAGE_TAG = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z"


def clock(asked):
    """The Moment of a request that gives `asked` as its `?at=` (or None): taken once, used by all it reads."""
    now = timezone.now()
    try:
        return moment(parse_at(asked, now) if asked else None, now)
    except BadMoment as error:
        raise misread("at", str(error)) from error


# Fields

FERRIES = "topics/water/ferries/"
LANGUAGE = means("The language of the words, a BCP 47 tag.", "en")
HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def number(of, example=2, **kwargs):
    return serializers.IntegerField(**means(f"The number of {of}, from 1 on.", example), **kwargs)


class TopicBrief(Brief):
    name = serializers.CharField(**means("Its name today.", "Ferries"))
    path = serializers.CharField(**means("Its place in the tree; a rename may change it.", "water/ferries"))
    url = Address(path=FERRIES)


class TopicSerializer(serializers.Serializer):
    uid = uid_of("this topic")
    url = Address(path=FERRIES)
    name = serializers.CharField(**means("Its name.", "Ferries"))
    path = serializers.CharField(
        **means("Its place in the tree, from the top. Former paths are still understood in filters.", "water/ferries")
    )
    parent = TopicBrief(help_text="The topic right above; null at the top, and while that is not public.")
    description = serializers.CharField(
        **means("Plain text; empty where there is none.", "Boats that cross by a timetable.")
    )
    aliases = Texts(**means("Other names it is known by.", ["Boats"]))
    same_as = Texts(**SAME_AS)


class ArticleBrief(serializers.Serializer):
    uid = uid_of("the article", source="article.uid")
    headline = serializers.CharField(**means("The headline of the edition shown.", "Ferries run every day"))
    url = Address()


class SpeakerSerializer(serializers.Serializer):
    """The person today, under the name that was printed; null when the words have a source only."""

    uid = uid_of("the person", source="speaker.uid")
    name = serializers.CharField(source="speaker_name", **means("The name as it was printed.", "Mara Ostrander-Lie"))
    url = Address("speaker", path=MARA)

    def to_representation(self, text):
        return super().to_representation(text) if text.speaker and text.speaker.is_public(self.context["at"]) else None


class QuoteSerializer(serializers.Serializer):
    key = serializers.CharField(source="quote.key", **means("Names the quote for ever.", "lakequote7x"))
    url = Address("quote", path="quotes/lakequote7x/")
    text = serializers.CharField(
        **means("The words as published, plain text without quotation marks.", "The lake is everybody's")
    )
    language = serializers.CharField(**LANGUAGE)
    speaker = SpeakerSerializer(
        source="*", allow_null=True, help_text="Who said it; null when the words have a source only."
    )
    source = serializers.CharField(
        **means("A collective or unnamed source, as printed; empty when a person speaks.", "the ferrymen")
    )
    position = PositionBrief(help_text="The position held on the day it was said; null where none is known.")
    office = serializers.CharField(**means("The office as it was printed.", "Secretary-General"))
    said_on = serializers.DateField(
        allow_null=True, **means("The day it was said (ISO 8601); null where it is not known.", "2024-03-01")
    )
    place = serializers.CharField(**means("Where it was said; empty where it is not known.", "Lakeside"))
    article = ArticleBrief(source="edition", help_text="The article it stands in.")
    edition = number("the edition it is read from", source="edition.number")
    topics = TopicBrief(many=True, source="filed_under", help_text="Its own topics, then those of its article.")


class PersonInArticle(serializers.Serializer):
    """A person by the name and office that were printed. Role: quoted, speaks (a turn in a transcript) or named."""

    uid = uid_of("the person")
    name = serializers.CharField(**means("The name as it was printed.", "Mara Ostrander-Lie"))
    office = serializers.CharField(**means("The office as it was printed; may be empty.", "Secretary-General"))
    role = serializers.ChoiceField(
        ["quoted", Mention.SPEAKS, Mention.NAMED], **means("What the person does in the text.", "quoted")
    )
    url = serializers.URLField(**means("The person's public page.", f"https://council.example/{MARA}"))


class RelatedSerializer(serializers.Serializer):
    kind = serializers.CharField(**means("What it is: a word of the newsroom, or empty.", "press-conference"))
    label = serializers.CharField(**means("The words of the link.", "The joint press conference"))
    url = serializers.SerializerMethodField(**means("Where it leads; may be empty.", "https://council.example/x"))
    article = serializers.CharField(
        source="article.uid", allow_null=True, default=None,
        **means("The uid of an article of this record; null for other addresses.", "k7mwq2zd"),
    )  # fmt: skip
    after_paragraph = serializers.IntegerField(
        allow_null=True, **means("The number of the paragraph it stands after; null: beside the text.", 1)
    )

    def get_url(self, item) -> str:
        return address(item.article) if item.article else item.url


class CorrectionSerializer(serializers.Serializer):
    number = number("the edition that corrected")
    at = Instant(source="live_from", **means("Since when it could be read (UTC).", "2024-03-01T11:00:00Z"))
    note = serializers.CharField(**means("What was wrong.", "The timetable was wrong."))


class TranslationSerializer(ArticleBrief):
    language = serializers.CharField(**LANGUAGE)


class ImageSerializer(serializers.Serializer):
    uid = uid_of("the picture", source="image.uid")
    url = FileAddress(
        source="image.file", **means("The address of the file.", "https://council.example/media/images/x.jpg")
    )
    width = serializers.IntegerField(source="image.width", **means("In pixels.", 1600))
    height = serializers.IntegerField(source="image.height", **means("In pixels.", 900))
    alt = serializers.CharField(**means("What it shows, for who does not see it.", "A ferry at the pier"))
    caption = serializers.CharField(**means("The words below it; may be empty.", "The first ferry of the day."))
    credit = serializers.CharField(**means("Whose work it is; may be empty.", "Photograph: Ilo Verhaak"))
    after_paragraph = serializers.IntegerField(
        **means("The number of the paragraph it stands after; 0: before the text.", 0)
    )


class IdentitySerializer(serializers.Serializer):
    uid = uid_of("the article", source="article.uid")
    url = Address()
    slug = serializers.CharField(
        source="article.slug", **means("The last part of the public address.", "ferries-run-again")
    )


class FactsSerializer(serializers.Serializer):
    """What a list tells of an edition."""

    kind = serializers.ChoiceField(Edition.KINDS, **means("The kind of text.", Edition.NEWS))
    language = serializers.CharField(**LANGUAGE)
    headline = serializers.CharField(**means("Plain text.", "Ferries run every day"))
    summary = serializers.CharField(**means("Plain text; may be empty.", "The lake is open again."))
    place = serializers.CharField(**means("Where it is dated from; may be empty.", "Lakeside"))
    event_date = serializers.DateField(
        allow_null=True, **means("The day of what it tells of (ISO 8601); null where there is none.", "2024-03-01")
    )
    dated = serializers.DateField(
        allow_null=True, **means("The day printed on it (ISO 8601); null where there is none.", "2024-02-29")
    )


class WordsSerializer(FactsSerializer):
    """The sealed words of one edition, and what proves them (docs, “How to check the words”)."""

    source_updated = serializers.CharField(
        **means("A printed “last updated”, wall time of an unknown zone; may be empty.", "2024-03-01T18:18")
    )
    body_html = serializers.CharField(
        source="body", **means("The text as HTML of a small allow-list; quotes are <q data-quote>.", "<p>The lake.</p>")
    )
    body_text = serializers.CharField(
        source="plain_text", **means("The text without marks; paragraphs are parted by an empty line.", "The lake.")
    )
    change_class = serializers.CharField(
        **means("What it changed: typographic, update or correction; empty for a first edition.", Edition.CORRECTION),
    )
    note = serializers.CharField(
        **means("What was changed and why; empty for a first edition.", "The timetable was wrong.")
    )
    text_hash = serializers.CharField(**means("SHA-256 of the words, hexadecimal.", HASH))
    salt = serializers.CharField(**means("What the content hash is salted with, hexadecimal.", HASH[:32]))
    content_hash = serializers.CharField(**means("SHA-256 that stands in the chain of changes, hexadecimal.", HASH))


class DatesSerializer(serializers.Serializer):
    published_at = Instant(
        source="first_live", **means("Since when the article could be read (UTC).", "2024-03-01T10:00:00Z")
    )
    updated_at = Instant(
        source="live_from", **means("Since when this edition can be read (UTC).", "2024-03-01T11:00:00Z")
    )
    edition = number("this edition", source="number")
    topics = TopicBrief(many=True, source="filed_under", help_text="What it is filed under, in the order of paths.")


class FoundSerializer(IdentitySerializer, FactsSerializer, DatesSerializer):
    """What a search tells of an article; the rest stands at articles/UID/."""


class ArticleSerializer(IdentitySerializer, WordsSerializer, DatesSerializer):
    people = serializers.SerializerMethodField(help_text="Who is quoted, speaks or is named, quoted ones first.")
    quotes = QuoteSerializer(many=True, help_text="Its quotes, in the order of the text.")
    related = RelatedSerializer(many=True, source="related_now", help_text="Where it leads on.")
    corrections = CorrectionSerializer(many=True, help_text="The editions that corrected it, the oldest first.")
    translations = TranslationSerializer(many=True, help_text="The same in other languages, as far as it can be read.")
    images = ImageSerializer(many=True, source="placements", help_text="Its pictures, with the words of this edition.")

    @extend_schema_field(PersonInArticle(many=True))
    def get_people(self, edition):
        printed = [(text.speaker, text.speaker_name, text.office, "quoted") for text in edition.quotes.all()]
        printed += [(m.person, m.name, m.office, m.role) for m in edition.naming]
        found = {}
        for person, name, office, role in printed:
            if person and person.is_public(self.context["at"]) and person.uid not in found:
                found[person.uid] = {
                    "uid": person.uid, "name": name, "office": office, "role": role, "url": address(person),
                }  # fmt: skip
        return [*found.values()]


class EditionSerializer(WordsSerializer):
    """`live_until` is null while it is live, whatever is scheduled."""

    number = number("the edition")
    url = serializers.SerializerMethodField(
        **means("Its page in the public history.", "https://council.example/articles/ferries-run-again/history/2/")
    )
    live_from = Instant(**means("The first instant at which it could be read (UTC).", "2024-03-01T11:00:00Z"))
    live_until = serializers.SerializerMethodField(
        **means(
            "The first instant at which it could no longer be read (UTC); null while it is live.",
            "2024-03-02T10:00:00Z",
        )
    )

    def get_url(self, edition) -> str:
        return f"{address(edition)}history/{edition.number}/"

    @extend_schema_field(Instant(allow_null=True))
    def get_live_until(self, edition):
        ended = edition.live_until is not None and edition.live_until <= self.context["at"]
        return Instant().to_representation(edition.live_until) if ended else None


# Filters


class TopicFilter(UidFilter):
    """A topic by uid or path, today's path or a former one; it takes in all below it."""

    example = "water/ferries"
    column = "path"

    def __init__(self, narrow):
        label = "The uid or the path of a public topic, which takes in all below it."
        super().__init__(Topic, lambda rows, topic: narrow(rows, Topic.objects.at_or_under(topic)), label)

    def known(self, value):
        named = Q(uid=value) | Q(path=value) | Q(former_paths__path=value)
        named |= Q(merged__in=self.rows().filter(named))
        return self.rows().filter(named, merged_into=None)


class LanguageFilter(filters.CharFilter):
    """A language by its tag, in which case makes no difference (RFC 5646, 2.1.1)."""

    example = "fr"
    shape = {"pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"}

    def __init__(self):
        tag = RegexValidator(LANGUAGE_TAG, "Give a language tag like fr or pt-BR.", flags=re.IGNORECASE)
        super().__init__(validators=[tag], label="A language, as a BCP 47 tag; case makes no difference.")

    def filter(self, queryset, value):
        return queryset.filter(**{f"{self.field_name}__in": spellings(value)}) if value else queryset


def spellings(tag):
    """How a tag may be written in the record, as an index can find it: in small letters, as our own choices are, or as
    is usual (pt-BR, zh-Hans)."""
    small = tag.lower()
    language, *others = small.split("-")
    usual = [part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part for part in others]
    return {small, "-".join([language, *usual])}


class KindFilter(filters.ChoiceFilter):
    example = Edition.STATEMENT

    def __init__(self, field_name=None):
        refusal = {"invalid_choice": "There is no such kind."}  # Django's own words would repeat what was sent
        super().__init__(field_name, choices=Edition.KINDS, label="The kind of text.", error_messages=refusal)


def sorted_from(rows, day):
    return rows.filter(sorted_at__gte=start_of_day(day))


def sorted_to(rows, day):
    return rows.filter(sorted_at__lt=start_of_day(day + ONE_DAY))


def updated_from(editions, day):
    return editions.filter(live_from__gte=start_of_day(day))


def updated_to(editions, day):
    """None of them is sorted later than it went live; saying so lets the walk begin there (a second, of a million)."""
    return sorted_to(editions.filter(live_from__lt=start_of_day(day + ONE_DAY)), day)


def askable(text):
    """Refuses what `search.asked` would cut, the length first: what is longer is not read."""
    if len(text) > search.LENGTH:
        raise ValidationError(f"Give {search.LENGTH} characters at most.")
    if not (number := len(search.spelt(text))):
        raise ValidationError("There is no word in this. Give at least one letter or figure.")
    if number > search.TERMS:
        raise ValidationError(f"Give {search.TERMS} words at most.")


class WordsFilter(filters.CharFilter):
    """Words to look for. The last of the filters, since of very many finds the newest are taken: `ListQuestion`."""

    example = "ferry “new timetable”"
    shape = {"maxLength": search.LENGTH}

    def __init__(self, label, **kwargs):
        label += " What stands in quotation marks stands together; case, accents and plurals make no difference."
        label += f" At most {search.TERMS} words, in {search.LENGTH} characters."
        super().__init__(label=label, validators=[askable], **kwargs)

    def filter(self, queryset, value):
        return queryset


class ListQuestion(Question):
    """What articles and quotes are both asked. `from` and `to` are days of the one sort column, in local time."""

    language = LanguageFilter()
    vars()["from"] = DayFilter(sorted_from, "Not older than this day.")  # "from" is a word of Python
    to = DayFilter(sorted_to, "Not newer than this day.")
    q = WordsFilter(f"Those that hold all these words: of more than {search.REACH} the newest.")

    def filter_queryset(self, queryset):
        refuse_reversed(self.form.cleaned_data, "from", "to")
        rows, typed = super().filter_queryset(queryset), self.form.cleaned_data["q"]
        return self.holding(rows, search.asked(typed)) if typed else rows

    @property
    def until(self):
        """An instant after which no row is sorted."""
        last = self.form.cleaned_data["to"]
        return min(start_of_day(last + ONE_DAY), self.at) if last else self.at


class ArticlesQuestion(ListQuestion):
    topic = TopicFilter(EditionQuerySet.about)
    person = PersonFilter(EditionQuerySet.with_person, label="The uid of a person quoted or mentioned.")
    speaker = PersonFilter(
        lambda editions, person: editions.filter(quoting(person)), label="The uid of a person quoted."
    )
    position = MergeableFilter(Position, lambda editions, position: editions.with_position([position]))
    organisation = UidFilter(Organisation, lambda editions, body: editions.with_position(body.positions.all()))
    kind = KindFilter()
    updated_from = DayFilter(updated_from, "Whose edition went live on this day or later.")
    updated_to = DayFilter(updated_to, "Whose edition went live on this day or earlier.")

    def filter_queryset(self, queryset):
        refuse_reversed(self.form.cleaned_data, "updated_from", "updated_to")
        return super().filter_queryset(queryset)

    def holding(self, editions, question):
        return editions.found(question, self.until)


class SearchQuestion(ArticlesQuestion):
    q = WordsFilter(
        f"All of them must stand in the article. The newest {search.REACH} finds are ranked.", required=True
    )

    def holding(self, editions, question):
        """All of them: the index is asked once, and ranks. It wants to know where to begin."""
        self.request.ranking = question, self.until
        return editions


def quoting(person):
    return Exists(QuoteText.objects.filter(edition=OuterRef("pk"), speaker=person))


class QuotesQuestion(ListQuestion):
    topic = TopicFilter(lambda texts, topics: texts.filter(under(topics)))
    speaker = PersonFilter(lambda texts, person: texts.filter(speaker=person))
    person = PersonFilter(lambda texts, person: texts.filter(speaker=person), label="The same as speaker.")
    position = MergeableFilter(Position, lambda texts, position: texts.filter(position=position))
    organisation = UidFilter(Organisation, lambda texts, body: texts.filter(position__in=body.positions.all()))
    kind = KindFilter("edition__kind")
    said_from = DayFilter(lambda texts, day: texts.filter(said_on__gte=day), "Said on this day or later.")
    said_to = DayFilter(lambda texts, day: texts.filter(said_on__lte=day), "Said on this day or earlier.")

    def filter_queryset(self, queryset):
        refuse_reversed(self.form.cleaned_data, "said_from", "said_to")
        return super().filter_queryset(queryset)

    def holding(self, texts, question):
        return texts.found(question, Edition.objects.live(self.at), self.until)


def under(topics):
    """Quotes filed under one of these topics, by themselves or with their article."""
    own = Quote.topics.through.objects.filter(quote=OuterRef("quote"), topic__in=topics)
    with_article = Edition.topics.through.objects.filter(edition=OuterRef("edition"), topic__in=topics)
    return Exists(own) | Exists(with_article)


class TopicsQuestion(Question):
    under = TopicFilter(lambda rows, topics: rows.filter(pk__in=topics))


# What is not there


class Gone(Problem):
    """410: it was public once. `facts` are its code, its dates, the public reason, and where to look instead."""

    def __init__(self, code, **facts):
        super().__init__(code, facts.get("reason") or GONE[code], status=410, **facts)


GONE = {
    "ended": "It ended as planned.",
    "withdrawn": "It has been withdrawn.",
    "redirected": "Another page has taken its place.",
    "erased": "It has been erased.",
    "removed": "This quote is no longer in the article.",
}


def gone(article, moment, last=None):
    """Why nothing of `article`, or of its edition `last`, is to be read: an exception to raise. What the public never
    could read is not found, in the same words as what never existed. Withdrawal and erasure hold for the past too,
    other ends from their time on."""
    was_public = article.editions.filter(live_from__lte=moment.at)
    last = last or was_public.order_by("-number").first()
    if last is None:
        return NotFound()
    dates = {"published_at": shown(was_public.order_by("live_from").first().live_from)}
    if erasure := last.erased_since_live().order_by("at").first():
        return Gone("erased", ended_at=shown(erasure.at), **dates)
    if last.withheld:
        ending = last.withdrawal()
        return Gone("withdrawn", reason=ending.reason, ended_at=shown(ending.at), **dates)
    dates["ended_at"] = shown(last.live_until)
    ending = article.endings.filter(kind=Ending.REDIRECTED, at=last.live_until).select_related("target").first()
    if ending is None:
        history = f"{settings.SITE_URL}/api/v1/articles/{article.uid}/editions/"  # its own page is gone as this is
        return Gone("ended", location=history, **dates)
    target = ending.target and ending.target.live(moment.at)
    return Gone("redirected", reason=ending.reason, location=address(target) if target else ending.url or None, **dates)


def shown(instant):
    return Instant().to_representation(instant)


# Surfaces


class Articles(Surface):
    """What can be read of each article at one instant, newest first; what was public and is gone says why."""

    queryset = Edition.objects.all()
    serializer_class = ArticleSerializer
    leads = {
        "articles_retrieve": ("uid", "/results/0/uid", "One article."),
        "articles_editions_list": ("uid", "/results/0/uid", "Its public history."),
    }
    filterset_class = ArticlesQuestion
    lookup_field = "article__uid"
    may_be_gone = True
    ordering = ("-sorted_at", "-id")
    identity = ("article__uid", "number")

    def get_queryset(self):
        return Edition.objects.live(self.at).select_related("article").annotate(first_live=self.first_live())

    def first_live(self):
        same_article = Edition.objects.on_record(self.at).filter(article=OuterRef("article"))
        return Subquery(same_article.order_by("live_from").values("live_from")[:1])

    def missing(self, name):
        article = Article.objects.filter(uid=name).first()
        return gone(article, self.request.moment) if article else NotFound()

    def gather(self, editions):
        texts = QuoteText.objects.select_related("quote", "speaker", "position__organisation").order_by("order")
        lookups = {
            "quotes": Prefetch("quotes", texts),
            "images": Prefetch("placements", Placement.objects.select_related("image")),
            "related": Prefetch("related", related_now(self.at), to_attr="related_now"),
        }
        wanted = self.wanted | ({"quotes"} if "people" in self.wanted else set())
        prefetch_related_objects(editions, *(lookup for name, lookup in lookups.items() if name in wanted))
        if self.wanted & {"topics", "quotes", "people"}:
            texts = [text for edition in editions for text in edition.quotes.all()] if "quotes" in self.wanted else []
            self.file(editions, texts)
        if self.wanted & {"corrections", "translations"}:
            join_family(editions, self.at)

    def file(self, editions, texts):
        file(editions, texts, self.at)


def related_now(at):
    """Related items, without those that lead to an article which is not there to read."""
    there = Edition.objects.live(at).filter(article=OuterRef("article"))
    return RelatedItem.objects.filter(Q(article=None) | Exists(there)).select_related("article")


def file(editions, texts, at, hours=None):
    """Give each edition whom it is `naming`, and each edition and quote its `filed_under`: its public topics, a quote's
    own first. One query for all of it. `hours`, {id of an edition: instant}, when each is read at an instant of its
    own; then `at` is the last of them."""
    nothing = {name: Value("") for name in ("slug", "printed", "office", "role")}

    def filings(through, column, ids):
        rows = through.objects.filter(**{f"{column}__in": ids}, topic__in=Topic.objects.public(at))
        names = ("topic__path", "id", "topic__uid", "topic__name", "topic__public_from")
        return rows.annotate(of=Value(column), **nothing).values_list("of", column, *names, *nothing)

    ids = [edition.pk for edition in editions]
    mentions = Mention.objects.filter(edition__in=ids, person__in=Person.objects.public(at)).order_by()
    names = ("person__uid", "person__name", "person__public_from", "person__slug", "name", "office", "role")
    rows = mentions.annotate(of=Value("mention"), path=Value("")).values_list("of", "edition", "path", "id", *names)
    of_editions = filings(Edition.topics.through, "edition", ids)
    of_quotes = filings(Quote.topics.through, "quote", [text.quote_id for text in texts])
    filed, naming = {}, {}
    rows = rows.union(of_editions, of_quotes).order_by("path", "id")
    for of, owner, path, _id, uid, name, since, slug, printed, office, role in rows:
        if of == "mention":
            person = Person(uid=uid, name=name, slug=slug, public_from=since)
            naming.setdefault(owner, []).append(Mention(person=person, name=printed or name, office=office, role=role))
        else:
            filed.setdefault((of, owner), {})[uid] = Topic(path=path, uid=uid, name=name, public_from=since)
    hours = hours or {}
    for edition in editions:
        hour = hours.get(edition.pk, at)
        topics = filed.get(("edition", edition.pk), {})
        edition.naming = [mention for mention in naming.get(edition.pk, []) if mention.person.is_public(hour)]
        edition.filed_under = [topic for topic in topics.values() if topic.is_public(hour)]
    for text in texts:
        own, with_article = (filed.get(key, {}) for key in (("quote", text.quote_id), ("edition", text.edition_id)))
        hour = hours.get(text.edition_id, at)
        text.filed_under = [topic for topic in (own | with_article).values() if topic.is_public(hour)]


def join_family(editions, at):
    """Give each edition the `corrections` of its article, and its `translations` that are live. One query."""
    roots = {edition.article.translation_of_id or edition.article_id for edition in editions}
    articles = Article.objects.filter(Q(pk__in=roots) | Q(translation_of__in=roots))
    found = Edition.objects.on_record(at).filter(article__in=articles)
    found = found.annotate(is_live=still_open(at)).filter(Q(is_live=True) | Q(change_class=Edition.CORRECTION))
    found = [*found.select_related("article").order_by("article__language", "article__uid", "number")]
    family = {}
    for other in found:
        family.setdefault(other.article.translation_of_id or other.article_id, []).append(other)
    for edition in editions:
        kin = family.get(edition.article.translation_of_id or edition.article_id, [])
        same = [other for other in kin if other.article_id == edition.article_id]
        edition.corrections = [other for other in same if other.change_class == Edition.CORRECTION]
        edition.translations = [other for other in kin if other.is_live and other.article_id != edition.article_id]


class Search(Articles):
    """Articles that hold all words of `q`, the best first: the newest, and what has the words in its headline, in a
    quote or side by side counts as years newer. Nothing that is not public has a say in the order."""

    serializer_class = FoundSerializer
    filterset_class = SearchQuestion

    def finds(self, editions):
        """[(worth, id)] of all that was found, the best first."""
        question, until = self.request.ranking
        return [(worth, pk) for worth, pk, _quoted in search.ranked(editions.columns(), question, until)]


class Editions(Surface):
    """The public history of one article, newest first; a withdrawal empties it."""

    queryset = Edition.objects.all()
    serializer_class = EditionSerializer
    may_be_gone = True
    ordering = ("-live_from", "-number")

    def get_queryset(self):
        return Edition.objects.on_record(self.at).filter(article__uid=self.kwargs["uid"]).select_related("article")

    def paginate_queryset(self, queryset):
        page = super().paginate_queryset(queryset)
        if not page and "cursor" not in self.request.query_params:
            article = Article.objects.filter(uid=self.kwargs["uid"]).first()
            raise gone(article, self.request.moment) if article else NotFound()
        return page


class PieceSerializer(serializers.Serializer):
    op = serializers.ChoiceField(["=", "-", "+"], **means("In both, only in the old, only in the new.", "+"))
    text = serializers.CharField(**means("The words; spaces belong to them.", "every day"))


class PassageSerializer(serializers.Serializer):
    unchanged = serializers.IntegerField(**means("So many paragraphs that are the same in both, or 0.", 0))
    pieces = PieceSerializer(many=True, help_text="A paragraph that differs; empty where paragraphs are unchanged.")


class ComparisonSerializer(serializers.Serializer):
    uid = uid_of("the article")
    url = serializers.URLField(
        **means("The same on the site.", "https://council.example/articles/ferries-run-again/compare/1/2/")
    )
    old = number("the older edition", 1)
    new = number("the newer edition")
    headline = PieceSerializer(many=True, help_text="Both headlines as one text.")
    summary = PieceSerializer(many=True, help_text="Both summaries as one text.")
    body = PassageSerializer(many=True, help_text="Both texts as one, paragraph by paragraph.")


class Comparison(Surface):
    """Two editions of one article as one text, word by word, the older first, whatever order they are asked in. Both
    numbers are of editions on record."""

    queryset = Edition.objects.all()
    serializer_class = ComparisonSerializer
    may_be_gone = True

    def retrieve(self, request, uid, old, new):
        numbers = {number for number in (old, new) if number < MOST}
        pair = Edition.objects.on_record(self.at).filter(article__uid=uid, number__in=numbers)
        pair = [*pair.select_related("article").order_by("number")]
        if len(pair) != 2:
            article = Article.objects.filter(uid=uid).first()
            there = article and article.editions.on_record(self.at).exists()
            raise NotFound() if there or not article else gone(article, request.moment)
        before, after = pair
        facts = {
            "uid": uid, "old": before.number, "new": after.number,
            "url": f"{address(after)}compare/{before.number}/{after.number}/",
            "headline": pieces(before.headline, after.headline), "summary": pieces(before.summary, after.summary),
            "body": [
                {"unchanged": len(kept or ()), "pieces": [{"op": op, "text": text} for op, text in found or ()]}
                for kept, found in woven(before.body, after.body)
            ],
        }  # fmt: skip
        return Response({name: fact for name, fact in facts.items() if name in self.wanted})


def pieces(old, new):
    return [{"op": op, "text": text} for op, text in bodies.word_diff(old, new)]


class Quotes(Surface):
    """The quotes in what can be read, newest first: words, speaker, and the office held on the day."""

    queryset = QuoteText.objects.all()
    serializer_class = QuoteSerializer
    leads = {
        "quotes_retrieve": ("key", "/results/0/key", "One quote."),
        "articles_retrieve": ("uid", "/results/0/article/uid", "The article it stands in."),
    }
    filterset_class = QuotesQuestion
    lookup_field = "quote__key"
    may_be_gone = True
    ordering = ("-sorted_at", "-id")
    identity = ("quote__key", "edition__number")

    def get_queryset(self):
        texts = QuoteText.objects.live(self.at)
        return texts.select_related("quote", "speaker", "position__organisation", "edition__article")

    def missing(self, name):
        moment = self.request.moment
        texts = QuoteText.objects.filter(quote__key=name, edition__live_from__lte=moment.at)
        text = texts.select_related("edition__article", "quote").order_by("-edition__number").first()
        if text is None:
            return NotFound()
        if text.edition.withheld:
            return gone(text.edition.article, moment, text.edition)
        if not text.edition.article.live(moment.at):
            return gone(text.edition.article, moment)
        return Gone("removed", ended_at=shown(text.edition.live_until), location=address(text.quote))

    def gather(self, texts):
        if "topics" in self.wanted:
            file([text.edition for text in texts], texts, self.at)


class Topics(Mergeable):
    """The tree of topics that articles and quotes are filed under."""

    queryset = Topic.objects.all()
    serializer_class = TopicSerializer
    leads = {
        "topics_retrieve": ("uid", "/results/0/uid", "One topic."),
        "articles_list": ("topic", "/results/0/uid", "What is filed under a topic and below it."),
    }
    filterset_class = TopicsQuestion
    ordering = ("path", "uid")

    def get_queryset(self):
        return super().get_queryset().public(self.at).select_related("parent")


# The feed of changes


class ChangeSerializer(serializers.Serializer):
    seq = serializers.IntegerField(**means("Its number: 1, 2, 3 … without gaps.", 1207))
    at = Instant(**means("When it took effect (UTC).", "2024-03-01T11:00:00Z"))
    kind = serializers.CharField(
        **means("public, live, ended, withdrawn, redirected, erased, amended, renamed, merged or reclassified.", "live")
    )
    type = serializers.CharField(
        **means("To what: article, person, position, organisation, appointment or topic.", "article")
    )
    uid = uid_of("what it happened to")
    edition = number("the edition it is about; null for other rows", allow_null=True)
    content_hash = serializers.CharField(**means("The content hash of the edition; empty for other rows.", HASH))
    head = serializers.CharField(
        **means("The hash of the chain after this change (docs, “How to check the words”).", HASH[::-1])
    )
    url = serializers.SerializerMethodField(
        **means("Where this API tells what it is now.", "https://council.example/api/v1/articles/k7mwq2zd/")
    )

    def get_url(self, change) -> str:
        """Where this API tells what it is now: made of type and uid alone, so that it says no more than they do."""
        paths = {"person": "people/{}/", "appointment": "people/?appointment={}"}
        return f"{settings.SITE_URL}/api/v1/{paths.get(change.type, f'{change.type}s/{{}}/').format(change.uid)}"


CURSOR = "1207-9f86d081884c7d65"


class ChangesQuestion(serializers.Serializer):
    cursor = serializers.CharField(
        default="", **means("Where the last answer ended; without it, the beginning.", CURSOR)
    )
    limit = serializers.IntegerField(
        min_value=1, max_value=1000, default=100, **means("Changes at most, up to 1000; without it 100.", 500)
    )


class ChangesSerializer(serializers.Serializer):
    epoch = serializers.CharField(**means("The name of this history: another one is another record.", HASH))
    results = ChangeSerializer(many=True, help_text="The next changes, by number.")
    cursor = serializers.CharField(**means("Where this answer ends: ask from here the next time.", CURSOR))
    more = serializers.BooleanField(**means("Whether more changes are numbered already.", False))


class Changes(Endpoint):
    """Every public effect, numbered without gaps: a mirror that follows the cursor has lost nothing."""

    queryset = Edition.objects.none()
    serializer_class = ChangesSerializer
    leads = {"changes_retrieve": ("cursor", "/cursor", "What happened since.")}
    may_be_gone = True

    def parameters(self):
        return {*ChangesQuestion().fields}

    @extend_schema(parameters=[ChangesQuestion])
    def changes(self, request):
        asked = ChangesQuestion(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        number_what_is_due(timezone.now())
        try:
            changes, cursor, more = changes_after(**asked.validated_data)
        except HistoryChanged as error:
            detail = "This cursor is not of our history. Take a snapshot anew, and follow changes/ from its cursor."
            raise Problem(
                "history_changed", detail, status=410, location=f"{settings.SITE_URL}/api/v1/snapshot/"
            ) from error
        except ValueError as error:
            raise misread("cursor", "Give the cursor of an earlier answer as it was.") from error
        answer = {"epoch": epoch(), "results": changes, "cursor": cursor, "more": more}
        return Response(self.get_serializer(answer).data)


def number_what_is_due(now):
    """Sweep when a boundary has passed. While somebody else holds the ledger, or where it cannot be written, what is
    numbered already is the whole answer. Neither clock is trusted to close a time the other has not reached."""
    if not is_due(now):
        return
    with suppress(OperationalError, InternalError), transaction.atomic():
        State.held(nowait=True)
        sweep(min(now, database_now()))
