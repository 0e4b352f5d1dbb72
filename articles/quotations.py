"""The page of a quote: its words as a poster, where they stand, and whether the words that somebody cited still do.

What stands now is `live(at)`; words that were removed, and those cited of an earlier edition, are of `on_record(at)`.
"""

from itertools import pairwise
from urllib.parse import urlencode

from django.db.models import Q
from django.http import Http404
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from articles import body as bodies
from articles import citing, structured_data
from articles.api import file
from articles.cards import card_url
from articles.embedding import embed_code, oembed_url
from articles.models import Edition, Quote, QuoteText, language_name
from articles.pages import only_quote, page, quote_rows, set_marks, shown, topic_links
from articles.views import compare_url, erased, off_the_site, with_all


@page("cited")
def quote(request, key):
    stood = stood_of(key, request.moment.at)
    if not stood:
        return quote_gone(request, key)
    live = live_of(stood, request.moment.at)
    today = live and not request.moment.as_of
    (text,) = quote_rows([live or stood[-1]], request.moment)
    file([text.edition], [text], request.moment.at)
    block = next((b for b in bodies.blocks(text.edition.body) if key in b.keys), None)
    text.paragraph = only_quote(set_marks(block.html), key) if block else ""
    text.kind_display, text.topics = text.edition.get_kind_display(), topic_links(text.filed_under)
    spans = (span for span in bodies.quotes(text.edition.body) if span.key == key)
    text.article_url += bodies.text_directive(next((span.segments for span in spans), ()))
    text.removed_at = None if live else text.edition.live_until
    if text.removed_at:
        text.article_url = reverse("edition", args=[text.edition.article.slug, text.edition.number])
    return shown(
        request, "quote.html", quote=text, fate=fate_of(stood, text),
        correction=correction_of(stood, request.moment.at),
        cited=cited_of(request.GET.get("cited", "").strip()[:6], stood, text), here="quotes",
        translations=translations_of(text, request.moment.at), citation=citing.of_quote(text),
        embed=embed_code(text) if today else "",
        forms="cite.", edition_asked=f"?{urlencode({'at': request.GET['at']})}" if request.moment.as_of else "",
        card_url=card_url(text) if today else "", oembed_url=oembed_url(text) if today else "",
        title=f"{text.speaker_name or text.source}: {Truncator(text.text).chars(70)}",
        description=Truncator(text.text).chars(300), structured=structured_data.of_quote(text, text.url),
    )  # fmt: skip


def stood_of(key, at):
    """A quote as it stood in each edition on record that had it, the oldest first."""
    texts = with_all(QuoteText.objects.filter(quote__key=key).standing(Edition.objects.on_record(at)))
    return [*texts.defer("edition__body", "edition__plain_text").order_by("edition__number")]


def live_of(stood, at):
    return next((text for text in stood if text.edition.live_until is None or text.edition.live_until > at), None)


def words_of(text):
    return text.text, text.speaker_name, text.source


def changes_of(stood):
    """Each edition that changed the words or who is named for them: (text before, text after)."""
    return [(before, after) for before, after in pairwise(stood) if words_of(before) != words_of(after)]


def fate_of(stood, text):
    """What has become of the words since they were first published."""
    first, changes = stood[0], changes_of(stood)
    return {
        "published_at": first.edition.live_from, "editions": len(stood), "unchanged": not changes,
        "changed_at": changes[-1][1].edition.live_from if changes else None,
        "changed_url": compare_url(text.edition.article.slug, first.edition, text.edition) if changes else "",
        "corrected": any(after.edition.change_class == Edition.CORRECTION for _before, after in changes),
    }  # fmt: skip


def cited_of(number, stood, text):
    """Whether the words that were cited of one edition still stand: None where nothing was asked."""
    if not number:
        return None
    was = next((was for was in stood if str(was.edition.number) == number), None)
    if was is None:
        return {"number": number, "state": "unknown"}
    since = stood[stood.index(was) :]
    state = "changed" if words_of(was) != words_of(text) else "removed" if text.removed_at else "unchanged"
    if state == "changed" and any(new.edition.change_class == Edition.CORRECTION for _old, new in changes_of(since)):
        state = "corrected"
    url = compare_url(text.edition.article.slug, was.edition, text.edition) if state in ("changed", "corrected") else ""
    return {"number": number, "state": state, "text": was, "now": text.edition.number, "compare_url": url}


def correction_of(stood, at):
    """The last correction of the article since it had these words, and whether it touched them."""
    first = stood[0].edition
    record = Edition.objects.on_record(at).filter(article=first.article_id, number__gt=first.number)
    last = record.filter(change_class=Edition.CORRECTION).order_by("-number").defer("body", "plain_text").first()
    touched = {after.edition_id for _before, after in changes_of(stood)}
    return last and {"at": last.live_from, "touches": last.pk in touched}


def translations_of(text, at):
    """The same words in the other languages of the article."""
    root = text.quote.translation_of_id or text.quote_id
    quotes = Quote.objects.filter(Q(pk=root) | Q(translation_of=root))
    others = with_all(QuoteText.objects.live(at).filter(quote__in=quotes))
    return [
        {"language": o.language, "language_name": language_name(o.language), "url": o.quote.get_absolute_url()}
        for o in others.exclude(quote=text.quote_id).order_by("language", "id")
    ]  # fmt: skip


def quote_gone(request, key):
    """410 for words that were public and are withheld or erased now, 404 for words that never were."""
    texts = with_all(QuoteText.objects.filter(quote__key=key, edition__live_from__lte=request.moment.at))
    text = texts.order_by("-edition__number").first()
    if text is None:
        raise Http404
    if not text.text or text.edition.erased_since_live().exists():
        return erased(request)
    ending = text.edition.withdrawal()
    facts = {"state": "withdrawn", "kind_display": _("Quote"), "at": ending.at, "reason": ending.reason}
    return off_the_site(request, facts)
