"""The readers' pages of what was said: articles, quotes, topics, and the ways off the site.

Everything starts from `live(at)`; the record of an article, a quote that was removed and the pages of what has ended
look at `on_record(at)`.
"""

from collections import Counter
from itertools import zip_longest

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.http import Http404, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from articles import body as bodies
from articles import citing, comparison, structured_data
from articles.api import file, related_now, under
from articles.cards import card_url
from articles.embedding import embed_code, oembed_url
from articles.models import (
    Article,
    Edition,
    Ending,
    ErasedAddress,
    FormerPath,
    Mention,
    OldSlug,
    Placement,
    QuoteText,
    Topic,
    language_name,
)  # fmt: skip
from articles.narrowing import PARAMETERS, Narrowing
from articles.pages import (
    article_rows,
    articles_of,
    faces,
    in_its_language,
    in_one_language,
    initials,
    leaf,
    marked_quotes,
    marked_rows,
    no_such_moment,
    offices_past,
    page,
    quote_rows,
    set_marks,
    shown,
    topic_links,
)  # fmt: skip
from articles.volume import about_topic
from people.api import address

NEWEST_FIRST = ("-sorted_at", "-id")
PUBLIC_FACTS = ("headline", "summary", "kind", "place", "event_date", "dated", "source_updated")


# Lists


@page(*PARAMETERS)
def article_list(request):
    narrowed = Narrowing(request, articles_of(Edition.objects.live(request.moment.at), request.moment.at))
    editions, newer, older = leaf(request, narrowed.holding(), NEWEST_FIRST, ("article__uid", "number"))
    return shown(
        request, "article_list.html", title=_("Articles"), here="articles", feed="articles",
        description=_("Everything published here, newest first, by topic, person, office, language and day."),
        rows=marked_rows(article_rows(editions), narrowed.question), filters=narrowed.filters(), newer_url=newer,
        older_url=older, empty_hint=None if editions else narrowed.hint(),
    )  # fmt: skip


@page(*PARAMETERS)
def quote_list(request):
    narrowed = Narrowing(request, with_all(QuoteText.objects.live(request.moment.at)))
    texts, newer, older = leaf(request, narrowed.holding(), NEWEST_FIRST, ("quote__key", "edition__number"))
    texts = marked_quotes(texts, narrowed.question)
    return shown(
        request, "quote_list.html", title=_("Quotes"), here="quotes", feed="quotes",
        description=_("What was said on the record: by whom, in which office, on what day."),
        quotes=quote_rows(texts, request.moment), filters=narrowed.filters(), newer_url=newer, older_url=older,
        empty_hint=None if texts else narrowed.hint(),
    )  # fmt: skip


@page()
def topic_list(request):
    topics = Topic.objects.public(request.moment.at).filter(merged_into=None).order_by("path")
    tree = [link | {"depth": min(topic.path.count("/"), 3)} for topic in topics for link in topic_links([topic])]
    return shown(
        request, "topic_list.html", title=_("Topics"), here="topics", tree=tree,
        description=_("The topics that articles and quotes on this record are filed under."),
        empty_hint={"title": _("No topic yet.")},
    )  # fmt: skip


def with_all(texts):
    return texts.select_related("quote", "speaker", "edition__article")


# An article


@page()
def article(request, slug):
    at = request.moment.at
    edition = readable(Edition.objects.live(at), at).filter(article__slug=slug).first()
    return edition_page(request, edition) if edition else departed(request, slug)


def readable(editions, at):
    """Editions with all that stands in and beside their words."""
    return editions.select_related("article").prefetch_related(
        Prefetch("quotes", with_all(QuoteText.objects.order_by("order"))),
        Prefetch("related", related_now(at), to_attr="related_now"),
        Prefetch("mentions", Mention.objects.select_related("person").order_by("id")),
        Prefetch("placements", Placement.objects.select_related("image").prefetch_related("image__renditions")),
        "attachments",
    )  # fmt: skip


def edition_page(request, edition):
    family = family_of(edition.article, request.moment.at)
    facts = reading(request, edition, family)
    return shown(request, "article.html", **facts | structured_data.head_of_article(facts))


def reading(request, edition, family):
    """All that the page of an edition from `readable` says; `family` is that of its article."""
    at = request.moment.at
    file([edition], [], at)
    own = family[edition.article_id]
    record = record_of(own)
    named = [*edition.quotes.all(), *edition.mentions.all()]
    past = offices_past([held_by(row) for row in named if row.position_id], request.moment)
    several = len(own) > 1
    return {
        "edition": edition, "record": record, "here": "articles", "blocks": blocks_of(edition, request.moment, past),
        "topics": topic_links(edition.filed_under), "people": people_of(edition, request.moment, past),
        "translations": translations_of(edition, family, at),
        "versions": {e.language: address(e) for e in live_in(family, at)},
        "corrections": corrections_in(record),
        "citation": citing.of_edition(edition), "canonical": address(edition), "title": edition.headline,
        "on_topic": on_topic(edition, at), **to_take_away(edition, request.moment),
        "description": edition.summary, "history_url": history_url(edition.article) if several else "",
        "compare_url": record[-1]["compare_url"] if record else "",
    } | as_it_stood(request, edition)  # fmt: skip


def record_of(own):
    """What each edition of an article did, the oldest first, with where it is compared to the one before."""
    return [
        event | {"compare_url": compare_url(one.article.slug, earlier, one)}
        for earlier, one in zip([None, *own], own, strict=False) if (event := event_of(one))
    ]  # fmt: skip


def corrections_in(record):
    """The corrections of a record, the newest first."""
    return [event for event in record[1:] if event["verb"] == "corrected"][::-1]


def to_take_away(edition, moment):
    """The addresses of an edition's citation, and, while it is live, of its card, with the code to embed it by."""
    forms = f"{edition.get_absolute_url()}cite."
    if moment.as_of or (edition.live_until is not None and edition.live_until <= moment.at):
        return {"forms": forms, "edition_asked": f"?edition={edition.number}"}
    return {
        "forms": forms, "card_url": card_url(edition), "embed": embed_code(edition), "oembed_url": oembed_url(edition),
    }  # fmt: skip


def on_topic(edition, at):
    """What stands before and after an edition under the most particular of its topics, in its language."""
    topic = max(edition.filed_under, key=lambda topic: topic.path.count("/"), default=None)
    if topic is None or edition.sorted_at is None:
        return None
    under_it = Edition.topics.through.objects.filter(edition=OuterRef("pk"), topic__uid=topic.uid)
    others = Edition.objects.live(at).filter(Exists(under_it), language=edition.language)
    others, place = others.exclude(article=edition.article), {"sorted_at": edition.sorted_at}
    newer = others.filter(Q(sorted_at__gt=edition.sorted_at) | Q(pk__gt=edition.pk, **place))
    older = others.filter(Q(sorted_at__lt=edition.sorted_at) | Q(pk__lt=edition.pk, **place))
    newer = newer.filter(sorted_at__gte=edition.sorted_at).order_by("sorted_at", "id")  # said again, for the index
    older = older.filter(sorted_at__lte=edition.sorted_at).newest_first()
    next_to_it = [
        Edition.objects.filter(pk__in=rows.values("pk")[:1]).order_by().values("pk") for rows in (older, newer)
    ]
    found = Edition.objects.filter(pk__in=next_to_it[0].union(next_to_it[1]))
    found = [*found.select_related("article").defer("body", "plain_text").order_by("sorted_at", "id")]
    for other in found:
        other.is_newer = (other.sorted_at, other.pk) > (edition.sorted_at, edition.pk)
    return {"name": topic.name, "articles": found} if found else None


def history_url(article):
    return reverse("history", args=[article.slug])


def family_of(article, at):
    """{article id: its editions on record, oldest first} of the article and of those it is a translation of."""
    return families_of([article], at)[article.pk]


def families_of(articles, at):
    """{article id: its family} of these articles, each in its own even while it is withdrawn. One query."""
    roots = {article.pk: article.translation_of_id or article.pk for article in articles}
    members = Article.objects.filter(Q(pk__in=roots.values()) | Q(translation_of__in=roots.values()))
    found = Edition.objects.on_record(at).filter(article__in=members)
    found = found.select_related("article").defer("body", "plain_text").order_by("live_from")
    families = {}
    for edition in found:
        family = families.setdefault(edition.article.translation_of_id or edition.article_id, {})
        family.setdefault(edition.article_id, []).append(edition)
    return {article: {article: []} | families.get(root, {}) for article, root in roots.items()}


def event_of(edition):
    """What an edition did to the record, or None where only typography changed."""
    verbs = {Edition.UPDATE: "updated", Edition.CORRECTION: "corrected", Edition.TYPOGRAPHIC: None}
    verb = verbs.get(edition.change_class, "published")
    return verb and {"verb": verb, "at": edition.live_from, "note": edition.note, "number": edition.number}


def translations_of(edition, family, at):
    """The other languages in which this can be read now."""
    return [
        {
            "language": e.language, "language_name": language_name(e.language), "url": in_its_language(e),
            "address": address(e),
        }
        for e in sorted(live_in(family, at), key=lambda e: e.language)
        if e.article_id != edition.article_id
    ]  # fmt: skip


def live_in(family, at):
    """The edition of each article in a family that is public now, the original's first."""
    newest = [editions[-1] for editions in family.values() if editions]
    live = [e for e in newest if e.live_until is None or e.live_until > at]
    return sorted(live, key=lambda e: (e.article.translation_of_id is not None, e.language))


def blocks_of(edition, moment, past):
    """The body block by block, with who speaks in each and what the editors placed after it."""
    texts = {text.quote.key: text for text in quote_rows([*edition.quotes.all()], moment, past)}
    said_before, head = None, (edition.place, edition.dated or edition.event_date)
    for text in texts.values():
        who = (text.speaker_name or text.source, text.office)
        text.again, text.as_dated, said_before = who == said_before, (text.place, text.said_on) == head, who
    blocks = [
        {"html": set_marks(block.html), "quotes": [texts[key] for key in block.keys if key in texts]}
        for block in bodies.blocks(edition.body)
    ]
    blocks.insert(0, {"html": "", "quotes": []})  # what stands above the text
    for block in blocks:
        block.update(related=[], images=[])
    last = len(blocks) - 1
    for placement in edition.placements.all():
        blocks[min(placement.after_paragraph, last)]["images"].append(picture(placement))
    for item in edition.related_now:
        url = item.article.get_absolute_url() if item.article else item.url
        place = last if item.after_paragraph is None else min(item.after_paragraph, last)
        blocks[place]["related"].append({"kind": item.get_kind_display(), "label": item.label, "url": url})
    for attachment in edition.attachments.all():
        if attachment.file:
            document = {"kind": _("Document"), "label": attachment.title, "url": attachment.file.url}
            blocks[last]["related"].append(document)
    return blocks


def picture(placement):
    image = placement.image
    offered = image.offered() if image.file else []
    wide = next((file for file, width in offered if width >= 960), image.file)
    return {
        "url": wide.url if wide else "", "width": image.width, "height": image.height,
        "srcset": ", ".join(f"{file.url} {width}w" for file, width in offered) if len(offered) > 1 else "",
        "alt": placement.alt, "caption": placement.caption, "credit": placement.credit,
    }  # fmt: skip


def held_by(row):
    """(person id, position id) of a quote text or a mention."""
    return row.person_id if isinstance(row, Mention) else row.speaker_id, row.position_id


def people_of(edition, moment, past):
    """Everybody quoted or mentioned, once, by the name and office that were printed."""
    printed = [(text.speaker, text.speaker_name, text.office, text.position_id) for text in edition.quotes.all()]
    printed += [(m.person, m.name or m.person.name, m.office, m.position_id) for m in edition.mentions.all()]
    found = {}
    for person, name, office, position in printed:
        if person and person.is_public(moment.at):
            found.setdefault(
                person.pk,
                {
                    "name": name, "office": office, "office_is_past": (person.pk, position) in past,
                    "url": person.get_absolute_url(), "initials": initials(name),
                    "portrait_url": person.portrait.url if person.portrait else "",
                },
            )  # fmt: skip
    return [*found.values()]


def as_it_stood(request, edition):
    """For the words of the past: what has happened to this edition since, and the other editions to go to."""
    moment = request.moment
    over = edition.live_until is not None and edition.live_until <= moment.now
    if not (moment.as_of or over):
        return {}
    record = edition.article.editions.on_record(moment.now).order_by("live_from")
    record = [*record.defer("body", "plain_text")]
    path = edition.get_absolute_url()
    others = [
        {"number": other.number, "url": f"{path}?at={other.live_from.isoformat().replace('+00:00', 'Z')}"}
        for other in record if other.pk != edition.pk
    ]  # fmt: skip
    if not over:
        return {"neighbours": others}
    later = [other for other in record if other.live_from > edition.live_from]
    corrected = any(other.change_class == Edition.CORRECTION for other in later)
    superseded = {
        "total": len(record), "since": edition.live_from, "until": edition.live_until, "corrected": corrected,
        "ended": not later, "compare_url": compare_url(edition.article.slug, edition, later[-1]) if later else "",
    }  # fmt: skip
    return {"neighbours": others, "superseded": superseded}


@page()
def history(request, slug):
    editions = rail_of(request, slug)
    if not editions:
        return departed(request, slug)
    newest = editions[0]
    return shown(
        request, "history.html", editions=editions, newest=newest, here="articles", robots="noindex",
        title=_("History: %(headline)s") % {"headline": newest.headline}, article_url=newest.get_absolute_url(),
    )  # fmt: skip


def rail_of(request, slug):
    """The editions of an article on record, newest first, each with its addresses and what it did."""
    at = request.moment.at
    editions = Edition.objects.on_record(at).filter(article__slug=slug).select_related("article").order_by("-number")
    editions = [*editions.defer("body", "plain_text")]
    for edition, earlier in zip_longest(editions, editions[1:]):
        edition.url = reverse("edition", args=[slug, edition.number])
        edition.event = event_of(edition)
        edition.is_live = edition.live_until is None or edition.live_until > at
        edition.earlier = earlier and earlier.number
        edition.compare_url = compare_url(slug, earlier, edition)
    return editions


def compare_url(slug, old, new):
    """Where two editions stand as one text with its changes; "" where there is no earlier one."""
    return reverse("compare", args=[slug, old.number, new.number]) if old else ""


@page()
def compare(request, slug, old, new):
    """Two editions as one text: what went is struck out, what came is underlined."""
    editions = rail_of(request, slug)
    if not editions:
        return departed(request, slug)
    by_number = {edition.number: edition for edition in editions}
    if old == new or old not in by_number or new not in by_number:
        raise Http404
    if old > new:
        return HttpResponsePermanentRedirect(reverse("compare", args=[slug, new, old]))
    pair = Edition.objects.filter(pk__in=[by_number[old].pk, by_number[new].pk]).prefetch_related("quotes__quote")
    before, after = (public_text(edition) for edition in pair.order_by("number"))
    headline = bodies.word_diff(before.facts.pop("headline"), after.facts.pop("headline"))
    quotes_differ = len([*comparison.quote_rows(before, after)])
    return shown(
        request, "compare.html", editions=editions, old=by_number[old], new=by_number[new], here="articles",
        robots="noindex", title=_("What changed: %(headline)s") % {"headline": by_number[new].headline},
        article_url=by_number[new].get_absolute_url(), passages=comparison.woven(before.body, after.body),
        headline=headline, rows=[*comparison.fact_rows(before, after), *comparison.said_rows(before, after)],
        quotes=bool(after.quotes), quotes_differ=quotes_differ,
    )  # fmt: skip


def public_text(edition):
    """Its words for a comparison: what readers were given, not the lists beside it, whose names are today's."""
    text = comparison.of_edition(edition)
    text.parts = None
    text.facts = {fact: value for fact, value in text.facts.items() if fact in PUBLIC_FACTS}
    return text


@page()
def edition(request, slug, number):
    """One edition as it was published, whatever came after it."""
    at = request.moment.at
    found = readable(Edition.objects.on_record(at), at).filter(article__slug=slug, number=number).first()
    if found:
        request.robots = "noindex"
        return edition_page(request, found)
    if Edition.objects.on_record(at).filter(article__slug=slug).exists():
        raise Http404
    return departed(request, slug)


# Ways off the site


def departed(request, slug):
    """An address under which nothing can be read: gone, moved, or nothing the public ever knew."""
    at = request.moment.at
    article = Article.objects.filter(slug=slug).first()
    if article:
        return gone(request, article)
    if ErasedAddress.objects.filter(digest=ErasedAddress.digest_of(slug), erasure__at__lte=request.moment.now).exists():
        return erased(request)
    former = OldSlug.objects.select_related("article").filter(slug=slug).first()
    if former and former.article.editions.filter(live_from__lte=at).exists():
        return moved(request, former.article)
    raise Http404


def moved(request, row):
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(row.get_absolute_url() + (f"?{query}" if query else ""))


def gone(request, article):
    """410 or 301 for an article that was public before; 404 for one that never was. Withdrawal and erasure hold for
    the past too, other ends from their time on."""
    at = request.moment.at
    was_public = [*article.editions.filter(live_from__lte=at).order_by("number")]
    if not was_public:
        return not_yet(request, article)
    last = was_public[-1]
    if last.erased_since_live().exists():
        return erased(request)
    facts = {"stood_since": was_public[0].live_from, "kind_display": last.get_kind_display()}
    if last.withheld:
        ending = last.withdrawal()
        note = _("Withdrawn with it. Their addresses say so, too.") if last.quotes.exists() else ""
        facts |= {"state": "withdrawn", "at": ending.at, "reason": ending.reason, "quotes_note": note}
        return off_the_site(request, facts | {"stood_until": last.live_until})
    ending = article.endings.filter(kind=Ending.REDIRECTED, at=last.live_until).select_related("target").first()
    if ending and (ending.url or ending.target.live(at)):
        return HttpResponsePermanentRedirect(ending.url or ending.target.get_absolute_url())
    facts |= {
        "state": "expired", "at": last.live_until, "stood_until": last.live_until, "headline": last.headline,
        "place": last.place, "dated": last.dated or last.event_date,
        "history_url": history_url(article),
    }  # fmt: skip
    if last.quotes.exists():
        facts["quotes_note"] = _("They stay at their own addresses.")
    return off_the_site(request, facts)


def not_yet(request, article):
    """404 for an article that was not public at the instant asked for; what is public today says from when on."""
    now = request.moment.now
    first = article.editions.on_record(now).order_by("live_from").first() if article.live(now) else None
    if first is None:
        raise Http404
    day = date_format(timezone.localtime(first.live_from), "j F Y, H:i")
    message = _("Nothing stood at this address then. What stands here was first published on %(day)s.") % {"day": day}
    return no_such_moment(request, message, status=404)


def erased(request):
    """Not a word: the same page for every address that was erased."""
    return off_the_site(request, {"state": "erased"})


def off_the_site(request, facts):
    return shown(
        request, "gone.html", status=410, gone=facts, robots="noindex", canonical="", title=_("No longer here"), at=None
    )


# A topic


@page()
def topic(request, path):
    at, moment = request.moment.at, request.moment
    topics = Topic.objects.public(at)
    topic = topics.select_related("merged_into").filter(path=path).first()
    if topic is None or topic.merged_into:
        return moved(request, survivor(at, path, topic))
    family = Topic.objects.at_or_under(topic)
    near = topics.filter(Q(path__in=topic.lineage()) | Q(parent=topic), merged_into=None).order_by("path")
    tree = [
        {"name": node.name, "url": node.get_absolute_url(), "depth": node.path.count("/"), "current": node == topic}
        for node in near
    ]
    above = [(node["name"], node["url"]) for node in tree if node["depth"] < topic.path.count("/")]
    texts = [*with_all(QuoteText.objects.live(at).filter(under(family))).newest_first()[:90]]
    texts = in_one_language(texts)
    rows = articles_of(Edition.objects.live(at).about(family), at).newest_first()[:24]
    rows = article_rows(in_one_language(rows)[:8])
    about = _("%(topic)s: what was said and published about it, and by whom.") % {"topic": topic.name}
    return shown(
        request, "topic.html", topic=topic, tree=tree, here="topics", title=topic.name,
        description=topic.description or about, feed=f"topics/{topic.path}",
        structured=structured_data.of_topic(topic, above), speakers=speakers_of(texts, moment), counted=texts,
        quotes=quote_rows(texts[:4], moment), articles=rows,
        volume=None if moment.as_of else about_topic(family, moment),
        quotes_url=f"{reverse('quote-list')}?topic={topic.path}",
        articles_url=f"{reverse('article-list')}?topic={topic.path}",
    )  # fmt: skip


def survivor(at, path, topic):
    """Where a topic that was merged or moved is found now. 404 for what the public never knew."""
    former = None if topic else FormerPath.objects.select_related("topic__merged_into").filter(path=path).first()
    found = topic or (former and former.topic)
    found = found and (found.merged_into or found)
    if not found or not found.is_public(at):
        raise Http404
    return found


def speakers_of(texts, moment):
    """Who was quoted most in these texts, with how often."""
    counted = Counter(text.speaker_id for text in texts if text.speaker and text.speaker.is_public(moment.at))
    people = {text.speaker_id: text.speaker for text in texts}
    top = faces([people[pk] for pk, _count in counted.most_common(6)], moment)
    for person in top:
        person.said = counted[person.pk]
        person.share = round(100 * person.said / top[0].said, 1)
    return top
