"""The read API of what was said: articles, their editions, quotes, topics, and the feed of changes that mirrors follow.

Everything of articles starts from `Edition.objects.live(at)` or `QuoteText.objects.live(at)`; history from `on_record`.
"""

from contextlib import suppress
from datetime import timedelta

from django.conf import settings
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
    misread,
    refuse_reversed,
)  # fmt: skip
from people.models import Organisation, Position

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


class TopicBrief(Brief):
    name = serializers.CharField()
    path = serializers.CharField()
    url = Address()


class TopicSerializer(serializers.Serializer):
    uid = serializers.CharField()
    url = Address()
    name = serializers.CharField()
    path = serializers.CharField()
    parent = TopicBrief()
    description = serializers.CharField()
    aliases = Texts()
    same_as = Texts()


class ArticleBrief(serializers.Serializer):
    uid = serializers.CharField(source="article.uid")
    headline = serializers.CharField()
    url = Address()


class SpeakerSerializer(serializers.Serializer):
    """The person today, under the name that was printed; null when the words have a source only."""

    uid = serializers.CharField(source="speaker.uid")
    name = serializers.CharField(source="speaker_name")
    url = Address("speaker")

    def to_representation(self, text):
        return super().to_representation(text) if text.speaker and text.speaker.is_public(self.context["at"]) else None


class QuoteSerializer(serializers.Serializer):
    key = serializers.CharField(source="quote.key")
    url = Address("quote")
    text = serializers.CharField()
    language = serializers.CharField()
    speaker = SpeakerSerializer(source="*", allow_null=True)
    source = serializers.CharField()
    position = PositionBrief()
    office = serializers.CharField()
    said_on = serializers.DateField(allow_null=True)
    place = serializers.CharField()
    article = ArticleBrief(source="edition")
    edition = serializers.IntegerField(source="edition.number")
    topics = TopicBrief(many=True, source="filed_under")


class PersonInArticle(serializers.Serializer):
    """A person by the name and office that were printed. Role: quoted, speaks (a turn in a transcript) or named."""

    uid = serializers.CharField()
    name = serializers.CharField()
    office = serializers.CharField()
    role = serializers.ChoiceField(["quoted", Mention.SPEAKS, Mention.NAMED])
    url = serializers.URLField()


class RelatedSerializer(serializers.Serializer):
    kind = serializers.CharField()
    label = serializers.CharField()
    url = serializers.SerializerMethodField()
    article = serializers.CharField(source="article.uid", allow_null=True, default=None)
    after_paragraph = serializers.IntegerField(allow_null=True)

    def get_url(self, item) -> str:
        return address(item.article) if item.article else item.url


class CorrectionSerializer(serializers.Serializer):
    number = serializers.IntegerField()
    at = Instant(source="live_from")
    note = serializers.CharField()


class TranslationSerializer(ArticleBrief):
    language = serializers.CharField()


class ImageSerializer(serializers.Serializer):
    uid = serializers.CharField(source="image.uid")
    url = FileAddress(source="image.file")
    width = serializers.IntegerField(source="image.width")
    height = serializers.IntegerField(source="image.height")
    alt = serializers.CharField()
    caption = serializers.CharField()
    credit = serializers.CharField()
    after_paragraph = serializers.IntegerField()


class IdentitySerializer(serializers.Serializer):
    uid = serializers.CharField(source="article.uid")
    url = Address()
    slug = serializers.CharField(source="article.slug")


class WordsSerializer(serializers.Serializer):
    """The sealed words of one edition, and what proves them (README, "What is hashed")."""

    kind = serializers.ChoiceField(Edition.KINDS)
    language = serializers.CharField()
    headline = serializers.CharField()
    summary = serializers.CharField()
    place = serializers.CharField()
    event_date = serializers.DateField(allow_null=True)
    dated = serializers.DateField(allow_null=True)
    source_updated = serializers.CharField()
    body_html = serializers.CharField(source="body")
    body_text = serializers.CharField(source="plain_text")
    change_class = serializers.CharField()
    note = serializers.CharField()
    text_hash = serializers.CharField()
    salt = serializers.CharField()
    content_hash = serializers.CharField()


class ArticleSerializer(IdentitySerializer, WordsSerializer):
    published_at = Instant(source="first_live")
    updated_at = Instant(source="live_from")
    edition = serializers.IntegerField(source="number")
    topics = TopicBrief(many=True, source="filed_under")
    people = serializers.SerializerMethodField()
    quotes = QuoteSerializer(many=True)
    related = RelatedSerializer(many=True, source="related_now")
    corrections = CorrectionSerializer(many=True)
    translations = TranslationSerializer(many=True)
    images = ImageSerializer(many=True, source="placements")

    @extend_schema_field(PersonInArticle(many=True))
    def get_people(self, edition):
        printed = [(text.speaker, text.speaker_name, text.office, "quoted") for text in edition.quotes.all()]
        printed += [(m.person, m.name or m.person.name, m.office, m.role) for m in edition.mentions.all()]
        found = {}
        for person, name, office, role in printed:
            if person and person.is_public(self.context["at"]) and person.uid not in found:
                found[person.uid] = {
                    "uid": person.uid, "name": name, "office": office, "role": role, "url": address(person),
                }  # fmt: skip
        return [*found.values()]


class EditionSerializer(WordsSerializer):
    """`live_until` is null while it is live, whatever is scheduled."""

    number = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    live_from = Instant()
    live_until = serializers.SerializerMethodField()

    def get_url(self, edition) -> str:
        return f"{address(edition)}history/{edition.number}/"

    @extend_schema_field(Instant(allow_null=True))
    def get_live_until(self, edition):
        ended = edition.live_until is not None and edition.live_until <= self.context["at"]
        return Instant().to_representation(edition.live_until) if ended else None


# Filters


class TopicFilter(UidFilter):
    """A topic by uid or path, today's path or a former one; it takes in all below it."""

    def __init__(self, narrow):
        label = "The uid or the path of a public topic, which takes in all below it."
        super().__init__(Topic, lambda rows, topic: narrow(rows, Topic.objects.at_or_under(topic)), label)

    def found(self, value):
        named = Q(uid=value) | Q(path=value) | Q(former_paths__path=value)
        named |= Q(merged__in=self.rows().filter(named))
        return self.rows().filter(named, merged_into=None).first()


def sorted_from(rows, day):
    return rows.filter(sorted_at__gte=start_of_day(day))


def sorted_to(rows, day):
    return rows.filter(sorted_at__lt=start_of_day(day + ONE_DAY))


class ListQuestion(Question):
    """What articles and quotes are both asked. `from` and `to` are days of the one sort column, in local time."""

    language = filters.CharFilter(validators=[RegexValidator(LANGUAGE_TAG)], label="A language: “fr”.")
    vars()["from"] = DayFilter(sorted_from, "Not older than this day.")  # "from" is a word of Python
    to = DayFilter(sorted_to, "Not newer than this day.")

    def filter_queryset(self, queryset):
        refuse_reversed(self.form.cleaned_data, "from", "to")
        return super().filter_queryset(queryset)


class ArticlesQuestion(ListQuestion):
    topic = TopicFilter(EditionQuerySet.about)
    person = PersonFilter(EditionQuerySet.with_person, label="The uid of a person quoted or mentioned.")
    speaker = PersonFilter(
        lambda editions, person: editions.filter(quoting(person)), label="The uid of a person quoted."
    )
    position = MergeableFilter(Position, lambda editions, position: editions.with_position([position]))
    organisation = UidFilter(Organisation, lambda editions, body: editions.with_position(body.positions.all()))
    kind = filters.ChoiceFilter(choices=Edition.KINDS)


def quoting(person):
    return Exists(QuoteText.objects.filter(edition=OuterRef("pk"), speaker=person))


class QuotesQuestion(ListQuestion):
    topic = TopicFilter(lambda texts, topics: texts.filter(under(topics)))
    speaker = PersonFilter(lambda texts, person: texts.filter(speaker=person))
    person = PersonFilter(lambda texts, person: texts.filter(speaker=person), label="The same as speaker.")
    position = MergeableFilter(Position, lambda texts, position: texts.filter(position=position))
    organisation = UidFilter(Organisation, lambda texts, body: texts.filter(position__in=body.positions.all()))
    kind = filters.ChoiceFilter(field_name="edition__kind", choices=Edition.KINDS)
    said_from = DayFilter(lambda texts, day: texts.filter(said_on__gte=day), "Said on this day or later.")
    said_to = DayFilter(lambda texts, day: texts.filter(said_on__lte=day), "Said on this day or earlier.")

    def filter_queryset(self, queryset):
        refuse_reversed(self.form.cleaned_data, "said_from", "said_to")
        return super().filter_queryset(queryset)


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


def gone(article, moment):
    """Why nothing of `article` is live: an exception to raise. What the public never could read is not found, in the
    same words as what never existed. Withdrawal and erasure hold for the past too, other ends from their time on."""
    was_public = article.editions.filter(live_from__lte=moment.at)
    last = was_public.order_by("-number").first()
    if last is None:
        return NotFound()
    dates = {"published_at": shown(was_public.order_by("live_from").first().live_from)}
    erasure = article.erasures.filter(Q(edition=None) | Q(edition=last)).order_by("at").first()
    if erasure:
        return Gone("erased", ended_at=shown(erasure.at), **dates)
    if last.withheld:
        ending = article.endings.filter(kind=Ending.WITHDRAWN, at__gte=last.live_from).order_by("at").first()
        return Gone("withdrawn", reason=ending.reason, ended_at=shown(ending.at), **dates)
    dates["ended_at"] = shown(last.live_until)
    ending = article.endings.filter(kind=Ending.REDIRECTED, at=last.live_until).select_related("target").first()
    if ending is None:
        return Gone("ended", location=address(article), **dates)
    target = ending.target and ending.target.live(moment.at)
    return Gone("redirected", reason=ending.reason, location=address(target) if target else ending.url or None, **dates)


def shown(instant):
    return Instant().to_representation(instant)


# Surfaces


class Articles(Surface):
    """What can be read of each article at one instant, newest first; what was public and is gone says why."""

    queryset = Edition.objects.all()
    serializer_class = ArticleSerializer
    filterset_class = ArticlesQuestion
    lookup_field = "article__uid"
    may_be_gone = True
    ordering = ("-sorted_at", "-id")
    identity = ("article__uid", "number")

    def get_queryset(self):
        same_article = Edition.objects.on_record(self.at).filter(article=OuterRef("article"))
        first = same_article.order_by("live_from").values("live_from")[:1]
        return Edition.objects.live(self.at).select_related("article").annotate(first_live=Subquery(first))

    def missing(self, name):
        article = Article.objects.filter(uid=name).first()
        return gone(article, self.request.moment) if article else NotFound()

    def gather(self, editions):
        needed = {
            "quotes": QuoteText.objects.select_related("quote", "speaker", "position__organisation").order_by("order"),
            "mentions": Mention.objects.select_related("person").order_by("id"),
            "placements": Placement.objects.select_related("image"),
        }
        wanted = {"people": ["quotes", "mentions"], "quotes": ["quotes"], "images": ["placements"]}
        fetched = {name for field in self.wanted for name in wanted.get(field, ())}
        lookups = [Prefetch(name, rows) for name, rows in needed.items() if name in fetched]
        if "related" in self.wanted:
            lookups.append(Prefetch("related", related_now(self.at), to_attr="related_now"))
        prefetch_related_objects(editions, *lookups)
        if self.wanted & {"topics", "quotes"}:
            texts = [text for edition in editions for text in edition.quotes.all()] if "quotes" in self.wanted else []
            file(editions, texts, self.at)
        if self.wanted & {"corrections", "translations"}:
            join_family(editions, self.at)


def related_now(at):
    """Related items, without those that lead to an article which is not there to read."""
    there = Edition.objects.live(at).filter(article=OuterRef("article"))
    return RelatedItem.objects.filter(Q(article=None) | Exists(there)).select_related("article")


def file(editions, texts, at):
    """Give each edition, and each quote, its `filed_under`: its public topics, a quote's own first. One query."""

    def filings(through, column, ids):
        rows = through.objects.filter(**{f"{column}__in": ids}, topic__in=Topic.objects.public(at))
        names = ("topic__path", "topic__uid", "topic__name", "topic__public_from")
        return rows.annotate(of=Value(column)).values_list("of", column, *names)

    of_editions = filings(Edition.topics.through, "edition", [edition.pk for edition in editions])
    of_quotes = filings(Quote.topics.through, "quote", [text.quote_id for text in texts])
    filed = {}
    for of, owner, path, uid, name, since in of_editions.union(of_quotes).order_by("topic__path"):
        filed.setdefault((of, owner), {})[uid] = Topic(path=path, uid=uid, name=name, public_from=since)
    for edition in editions:
        edition.filed_under = [*filed.get(("edition", edition.pk), {}).values()]
    for text in texts:
        own, with_article = (filed.get(key, {}) for key in (("quote", text.quote_id), ("edition", text.edition_id)))
        text.filed_under = [*(own | with_article).values()]


def join_family(editions, at):
    """Give each edition the `corrections` of its article, and its `translations` that are live. One query."""
    roots = {edition.article.translation_of_id or edition.article_id for edition in editions}
    articles = Article.objects.filter(Q(pk__in=roots) | Q(translation_of__in=roots))
    family = Edition.objects.on_record(at).filter(article__in=articles)
    found = family.annotate(is_live=still_open(at)).filter(Q(is_live=True) | Q(change_class=Edition.CORRECTION))
    found = [*found.select_related("article").order_by("article__language", "article__uid", "number")]
    for edition in editions:
        root = edition.article.translation_of_id or edition.article_id
        same = [other for other in found if other.article_id == edition.article_id]
        edition.corrections = [other for other in same if other.change_class == Edition.CORRECTION]
        edition.translations = [
            other for other in found
            if other.is_live and other not in same and root in (other.article_id, other.article.translation_of_id)
        ]  # fmt: skip


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
    op = serializers.ChoiceField(["=", "-", "+"], help_text="In both, only in the old, only in the new.")
    text = serializers.CharField()


class PassageSerializer(serializers.Serializer):
    unchanged = serializers.IntegerField(help_text="So many paragraphs that are the same in both, or 0.")
    pieces = PieceSerializer(many=True, help_text="A paragraph that differs; empty where paragraphs are unchanged.")


class ComparisonSerializer(serializers.Serializer):
    uid = serializers.CharField()
    url = serializers.URLField()
    old = serializers.IntegerField()
    new = serializers.IntegerField()
    headline = PieceSerializer(many=True)
    summary = PieceSerializer(many=True)
    body = PassageSerializer(many=True)


class Comparison(Surface):
    """Two editions of one article as one text, word by word. Both numbers are of editions on record."""

    queryset = Edition.objects.all()
    serializer_class = ComparisonSerializer
    may_be_gone = True

    def retrieve(self, request, uid, old, new):
        """The older edition first, whatever order they are asked in."""
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
        if text.edition.withheld or not text.edition.article.live(moment.at):
            return gone(text.edition.article, moment)
        return Gone("removed", ended_at=shown(text.edition.live_until), location=address(text.quote))

    def gather(self, texts):
        if "topics" in self.wanted:
            file([text.edition for text in texts], texts, self.at)


class Topics(Mergeable):
    """The tree of topics that articles and quotes are filed under."""

    queryset = Topic.objects.all()
    serializer_class = TopicSerializer
    filterset_class = TopicsQuestion
    ordering = ("path", "uid")

    def get_queryset(self):
        return super().get_queryset().public(self.at).select_related("parent")


# The feed of changes


class ChangeSerializer(serializers.Serializer):
    seq = serializers.IntegerField()
    at = Instant()
    kind = serializers.CharField()
    type = serializers.CharField()
    uid = serializers.CharField()
    edition = serializers.IntegerField(allow_null=True)
    content_hash = serializers.CharField()
    head = serializers.CharField(help_text="The hash of the chain after this change (README, “What is hashed”).")
    url = serializers.SerializerMethodField()

    def get_url(self, change) -> str:
        """Where this API tells what it is now: made of type and uid alone, so that it says no more than they do."""
        paths = {"person": "people/{}/", "appointment": "people/?appointment={}"}
        return f"{settings.SITE_URL}/api/v1/{paths.get(change.type, f'{change.type}s/{{}}/').format(change.uid)}"


class ChangesQuestion(serializers.Serializer):
    cursor = serializers.CharField(default="", help_text="Where the last answer ended; without it, the beginning.")
    limit = serializers.IntegerField(min_value=1, max_value=1000, default=100)


class ChangesSerializer(serializers.Serializer):
    epoch = serializers.CharField()
    results = ChangeSerializer(many=True)
    cursor = serializers.CharField()
    more = serializers.BooleanField()


class Changes(Endpoint):
    """Every public effect, numbered without gaps: a mirror that follows the cursor has lost nothing."""

    queryset = Edition.objects.none()
    serializer_class = ChangesSerializer
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
