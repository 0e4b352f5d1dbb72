"""The page on which readers search: articles ranked by how well and how lately they fit, and beside them the quotes,
people and topics that answer to the same words.

What is found is what is live, and only that has a say in what comes first.
"""

import json
from difflib import get_close_matches

from django.core import signing
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from articles import search
from articles.models import Edition, QuoteText, Topic
from articles.narrowing import NAME_WORDS, PARAMETERS, Facets, Narrowing, begun, spelt_like, telling
from articles.pages import (
    article_rows,
    articles_of,
    asking,
    faces,
    marked_quotes,
    marked_rows,
    offices_of,
    offices_past,
    page,
    quote_rows,
    quoted,
    shown,
    signer,
    terms_of,
    topic_links,
)  # fmt: skip
from articles.views import with_all
from people.models import Organisation, Person

SIZE = 20


@page(*PARAMETERS)
def results(request):
    at = request.moment.at
    narrowed = Narrowing(request, articles_of(Edition.objects.live(at), at))
    question = narrowed.question
    ranking = []
    if question and not narrowed.unknown:
        ranking = search.ranked(narrowed.rows.columns(), question, narrowed.until)
    begins = after(request, ranking)
    leaf = ranking[begins : begins + SIZE]
    rows = {edition.pk: edition for edition in narrowed.rows.filter(pk__in=[pk for _worth, pk, _in_quote in leaf])}
    rows = [rows[pk] for _worth, pk, _in_quote in leaf if pk in rows]
    more = rows and begins + SIZE < len(ranking)
    words_alone = question and not begins and len(narrowed.tokens) == 1
    facets = Facets(narrowed, *(naming(question, at) if words_alone else []))
    filters = narrowed.filters(_(", the best first."), facets)
    filters["chosen"] -= bool(question.text)  # the words have a field of their own
    context = {
        "question": question, "filters": filters, "found": len(ranking), "reach": search.REACH,
        "older_url": asking(request, cursor=place(request, rows[-1])) if more else "",
        "newer_url": asking(request) if begins else "",
    }  # fmt: skip
    words = ""
    if words_alone:
        context |= beside(request, question, facets, [pk for _worth, pk, in_quote in ranking if in_quote][:12])
        if not (ranking or context["people"] or context["topics"]):
            words = meant(question, at)
    if question.text:
        request.robots = "noindex"
    title = _("%(words)s: search") % {"words": question.text} if question.text else _("Search")
    return shown(
        request, "search.html", title=title, here="search", description=_("Search all that was published and said."),
        rows=marked_rows(article_rows(rows), question),
        empty_hint=nothing(narrowed, words), **context,
    )  # fmt: skip


def beside(request, question, facets, quoting):
    """What else answers to these words: quotes out of the best articles (`quoting`, the ids of live ones), people and
    topics by their names, which the `facets` have read along. Two queries."""
    moment = request.moment
    texts = with_all(QuoteText.objects.filter(edition__in=quoting)).order_by("order")
    texts = sorted(marked_quotes(texts, question), key=lambda text: quoting.index(text.edition_id))
    first = {text.edition_id: text for text in reversed(texts)}  # one of each article, the first of it
    texts = [text for text in texts if text is first[text.edition_id]]
    quotes, people = texts[:3], people_named(facets, question)
    offices = offices_of(quotes)
    terms = terms_of(people, [position for _person, position in offices], moment)
    return {
        "quotes": quote_rows(quotes, moment, offices_past(offices, moment, terms)), "more_quotes": len(texts) > 3,
        "people": faces(people, moment, terms), "topics": topic_links(topics_named(facets, question)),
    }  # fmt: skip


def naming(question, at):
    """What `Facets` shall read along: whose name may hold these words."""
    known, topics = Cast("aliases", TextField()), Topic.objects.public(at).surviving().order_by("path")
    yield telling(Topic.objects.filter(pk__in=topics.values("pk")[:2000]), "topic named", "pk", "path", "name", known)
    typed = typed_of(question)
    if len(typed) <= NAME_WORDS:
        people = Person.objects.public(at).surviving().filter(spelt_like(typed)).order_by("sort_key", "id")
        columns = ("slug", "name", known, "sort_key", "portrait")
        yield telling(Person.objects.filter(pk__in=people.values("pk")[:60]), "person named", "pk", *columns)


def typed_of(question):
    return [word for run in question.typed for word in run]


def people_named(facets, question):
    """A few people of whose name (or another spelling of it) each word asked for begins one."""
    typed, found = typed_of(question), []
    for pk, slug, name, aliases, sort_key, portrait, *_rest in facets.read.get("person named", []):
        if any(begun(spelling, typed) for spelling in (name, *json.loads(aliases))):
            found.append(Person(pk=pk, slug=slug, name=name, sort_key=sort_key, portrait=portrait))
    return sorted(found, key=lambda person: (person.sort_key, person.pk))[:4]


def topics_named(facets, question):
    """A few topics whose name, or another name of theirs, holds all that was asked for."""
    found = [
        Topic(pk=pk, path=path, name=name)
        for pk, path, name, aliases, *_rest in facets.read.get("topic named", [])
        if any(search.holding(spelling, question) for spelling in (name, *json.loads(aliases)))
    ]
    return sorted(found, key=lambda topic: topic.path)[:6]


# Spelling

#: of how many names and headlines the words are known, how many words asked for are put right, and how long they are
NAMES, HEADLINES, WORDS, LONG = 3000, 300, 4, 24


def meant(question, at):
    """What was asked for in the nearest words that stand in public names and in the newest headlines; "" where they
    have none that is near, and where they have them all already. One query, or none."""
    typed = typed_of(question)
    if len(typed) > WORDS or any(len(word) > LONG for word in typed):
        return ""
    known = spelt_in_public(at)
    stems = {*map(search.stem, known)}
    near = {word: word if search.stem(word) in stems else nearest(word, known) for word in typed}
    if not all(near.values()) or all(word == one for word, one in near.items()):
        return ""
    runs = [" ".join(near[word] for word in run) for run in question.typed]
    return " ".join(f'"{run}"' if " " in run else run for run in runs)


def spelt_in_public(at):
    """The words of names of people, organisations and topics, and of the newest headlines."""
    people = Person.objects.public(at).surviving().order_by("-public_from", "-id").values("pk")[:NAMES]
    live = Edition.objects.live(at).newest_first().values("pk")[:HEADLINES]
    headlines = Edition.objects.filter(pk__in=live).order_by().values_list("headline")
    named = [
        Person.objects.filter(pk__in=people),
        Organisation.objects.public(at),
        Topic.objects.public(at).surviving(),
    ]
    texts = headlines.union(*(rows.order_by().values_list("name") for rows in named))
    return {word for (text,) in texts for word in search.spelt(text)}


def nearest(word, known):
    near = [one for one in known if abs(len(one) - len(word)) < 3]
    return next(iter(get_close_matches(word, near, 1, 0.75)), "")


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
    found = [index for index, (_worth, pk, _in_quote) in enumerate(ranking) if pk == last]
    return found[0] + 1 if found and path == request.path else 0


def nothing(narrowed, meant):
    """What an empty page says; `meant` are the words that were perhaps meant."""
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
        label = _("Did you mean %(words)s?") % {"words": quoted(meant)}
        hint["links"] = [{"label": label, "url": asking(narrowed.request, q=meant)}] if meant else []
    return hint
