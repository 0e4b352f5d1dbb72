"""The page on which readers search: articles ranked by how well and how lately they fit, and beside them the quotes,
people and topics that answer to the same words.

What is found is what is live, and only that has a say in what comes first.
"""

from django.core import signing
from django.db.models import Q
from django.utils.translation import gettext as _

from articles import search
from articles.models import Edition, QuoteText, Topic
from articles.narrowing import PARAMETERS, Narrowing
from articles.pages import (
    article_rows,
    articles_of,
    asking,
    faces,
    marked_quotes,
    marked_rows,
    page,
    quote_rows,
    shown,
    signer,
    topic_links,
)  # fmt: skip
from articles.views import with_all
from people.models import Person

SIZE = 20


@page(*PARAMETERS)
def results(request):
    at = request.moment.at
    narrowed = Narrowing(request, articles_of(Edition.objects.live(at), at))
    question = narrowed.question
    ranking = []
    if question and not narrowed.unknown:
        ranking = search.ranked(narrowed.columns(), question, narrowed.until)
    begins = after(request, ranking)
    leaf = ranking[begins : begins + SIZE]
    rows = {edition.pk: edition for edition in narrowed.rows.filter(pk__in=[pk for _worth, pk, _quoted in leaf])}
    rows = [rows[pk] for _worth, pk, _quoted in leaf if pk in rows]
    more = rows and begins + SIZE < len(ranking)
    filters = narrowed.filters(order=_(", the best first."))
    filters["chosen"] -= bool(question.text)  # the words have a field of their own
    context = {
        "question": question, "filters": filters,
        "older_url": asking(request, cursor=place(request, rows[-1])) if more else "",
        "newer_url": asking(request) if begins else "",
    }  # fmt: skip
    if question and not begins and len(narrowed.tokens) == 1:
        context |= beside(request, question, [pk for _worth, pk, quoted in ranking if quoted][:12])
    if question.text:
        request.robots = "noindex"
    title = _("%(words)s: search") % {"words": question.text} if question.text else _("Search")
    return shown(
        request, "search.html", title=title, here="search", description=_("Search all that was published and said."),
        rows=marked_rows(article_rows(rows), question),
        empty_hint=nothing(narrowed), **context,
    )  # fmt: skip


def beside(request, question, quoting):
    """What else answers to these words: quotes out of the best articles (`quoting`, the ids of live ones), people and
    topics by their names."""
    at = request.moment.at
    texts = with_all(QuoteText.objects.filter(edition__in=quoting)).order_by("order")
    texts = sorted(marked_quotes(texts, question), key=lambda text: quoting.index(text.edition_id))
    first = {text.edition_id: text for text in reversed(texts)}  # one of each article, the first of it
    texts = [text for text in texts if text is first[text.edition_id]]
    people = people_named(Person.objects.public(at).surviving(), question)
    return {
        "quotes": quote_rows(texts[:3], request.moment), "more_quotes": len(texts) > 3,
        "people": faces(people, request.moment) if people else [],
        "topics": topic_links(topics_named(Topic.objects.public(at).surviving(), question)),
    }  # fmt: skip


def people_named(people, question):
    """A few people of whose name (or another spelling of it) each word asked for begins one. They are looked up by
    how their family name begins, or the whole name as addresses spell it."""
    typed = [word for run in question.typed for word in run]
    if len(typed) > 6:
        return []
    slug = "-".join(typed)
    near = Q(slug__gte=slug, slug__lt=f"{slug}zzzz")
    for word in typed:
        near |= Q(sort_key__gte=word, sort_key__lt=f"{word}\uffff")
    return [person for person in people.filter(near).order_by("sort_key", "id")[:60] if named(person, typed)][:4]


def named(person, typed):
    return any(
        all(any(word.startswith(one) for word in search.spelt(name)) for one in typed)
        for name in (person.name, *person.aliases)
    )


def topics_named(topics, question):
    """A few topics whose name, or another name of theirs, holds all that was asked for."""
    known = topics.only("name", "path", "aliases").order_by("path")[:2000]
    found = [t for t in known if any(search.holding(name, question) for name in (t.name, *t.aliases))]
    return found[:6]


# Pages: by the place of the last row, whose worth no later article changes


def place(request, edition):
    return signer.sign_object([request.path, edition.article.uid, edition.number])


def after(request, ranking):
    """Where in the ranking the page begins. A cursor that is not ours, or of what is found no more, begins it anew."""
    try:
        path, uid, number = signer.unsign_object(request.GET.get("cursor", ""))
    except (signing.BadSignature, ValueError):
        return 0
    last = Edition.objects.filter(article__uid=uid, number=number).values_list("pk", flat=True).first()
    found = [index for index, (_worth, pk, _quoted) in enumerate(ranking) if pk == last]
    return found[0] + 1 if found and path == request.path else 0


def nothing(narrowed):
    """What an empty page says."""
    question = narrowed.question
    if not question.text:
        return {
            "title": _("What are you looking for?"),
            "text": _("Type a word, several words, or “words that stand together” in quotation marks."),
        }
    if not question:
        return {"title": _("There is no word in this."), "text": _("Type at least one letter or figure.")}
    hint = narrowed.hint()
    hint["title"] = _("Nothing on this record holds these words.")
    if len(narrowed.tokens) == 1:
        hint["text"] = _("Try fewer words, or another spelling. Capitals and accents make no difference.")
        hint["links"] = []
    return hint
