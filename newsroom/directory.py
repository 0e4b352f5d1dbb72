"""Who is on the record: people by name, organisation and office; an organisation with those who held its offices."""

from datetime import timedelta

from django.db.models import Exists, F, OuterRef
from django.db.models.expressions import RawSQL
from django.db.models.functions import Left
from django.http import Http404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from articles import structured_data
from articles.models import Edition, Mention, QuoteText
from articles.narrowing import day_of
from articles.pages import (
    article_rows,
    articles_of,
    asking,
    faces,
    in_one_language,
    initials,
    leaf,
    page,
    quote_rows,
    quoted,
    shown,
)  # fmt: skip
from articles.views import with_all
from newsroom.views import office
from people.models import Appointment, Organisation, Person, Position, fold

LAST = "\U0010ffff"  # sorts after whatever a name goes on with
CHOICES, TERMS = 300, 400  # as many as a form, or a page, can hold


# People by name


@page("organisation", "position", "q", "cursor")
def person_list(request):
    narrowed = Roll(request)
    people, newer, older = leaf(request, narrowed.people, ("sort_key", "id"), ("uid",), size=48)
    return shown(
        request, "person_list.html", title=_("People"), here="people", people=faces(people, request.moment),
        description=_("Everyone who speaks or is named on this record, by name, organisation and office."),
        filters=narrowed, newer_url=newer, older_url=older, empty_hint=None if people else narrowed.hint(),
    )  # fmt: skip


class Roll:
    """The people of the record, narrowed to an organisation, an office, or the beginning of a name. What is not known
    to the public finds nobody, whether it is hidden or was never there."""

    def __init__(self, request):
        self.request, self.at = request, request.moment.at
        self.people = Person.objects.public(self.at).surviving()
        self.sentence, self.clear_url, self.unknown = [], "", []
        self.organisation, self.position = self._named("organisation"), self._named("position")
        self._in_office()
        self._beginning()
        if self.unknown:
            self.people = self.people.none()
        if self.sentence:
            self.clear_url = asking(request, organisation=None, position=None, q=None)
            self.sentence = [{"text": _("Everyone")}, *self.sentence, {"text": _(", by name.")}]
        else:
            everyone = _("Everyone who speaks or is named on this record, with the office held today or last.")
            self.sentence = [{"text": everyone}]

    def _named(self, name):
        return self.request.GET.get(name, "").strip()[:100]

    def _in_office(self):
        """Queries: the organisation or the office, whichever is asked for; then the offices to choose from."""
        house = post = None
        self.offices, self.house = [], None
        if self.organisation:
            house = Organisation.objects.public(self.at).filter(slug=self.organisation).first()
        elif self.position:
            posts = Position.objects.public(self.at).select_related("organisation", "merged_into__organisation")
            post = posts.filter(uid=self.position[:24]).first()
            post = post and post.survivor()
            post = post if post and post.is_public(self.at) else None
            house = post and post.organisation
        if house:
            self.house = house if house.is_public(self.at) else None
            self.offices = [*Position.objects.public(self.at).surviving().filter(organisation=house)[:CHOICES]]
            post = post or next((known for known in self.offices if known.uid == self.position), None)
        terms = Appointment.objects.public(self.at).filter(person=OuterRef("pk"), position__public_from__lte=self.at)
        if self.position:
            self._token(_("who has been"), post and post.title, self.position, position=None)
            terms = terms.filter(position=post)
        if self.organisation:
            without = {"organisation": None, "position": None}
            self._token(_("with an office at"), house and house.name, self.organisation, **without)
            terms = terms.filter(position__organisation=house)
        if self.organisation or self.position:
            self.people = self.people.filter(Exists(terms))

    def _beginning(self):
        self.q = self._named("q")
        if self.q:
            begun = fold(self.q)
            self._token(_("whose last name begins with"), self.q, self.q, q=None)
            self.people = self.people.filter(sort_key__gte=begun, sort_key__lt=f"{begun}{LAST}")

    def _token(self, words, known, asked, **without):
        if known is None:
            self.unknown.append(asked)
        self.sentence.append({"text": words})
        self.sentence.append({"text": known or quoted(asked), "remove_url": asking(self.request, **without)})

    # What is drawn

    def letters(self):
        """The letters that names begin with. One query, not asked where the list is narrowed otherwise."""
        if self.organisation or self.position:
            return []
        names = Person.objects.public(self.at).surviving().order_by().annotate(letter=Left("sort_key", 1))
        found = sorted(letter for letter in {*names.values_list("letter", flat=True).distinct()} if letter.isalpha())
        return [
            {"letter": letter.upper(), "url": asking(self.request, q=letter), "current": fold(self.q) == letter}
            for letter in found
        ]

    def organisations(self):
        return Organisation.objects.public(self.at)[:CHOICES]

    def hint(self):
        if not self.clear_url:
            return {"title": _("Nobody is on this record yet.")}
        links = [
            {"label": _("Without %(condition)s") % {"condition": part["text"]}, "url": part["remove_url"]}
            for part in self.sentence if "remove_url" in part
        ]  # fmt: skip
        return {"title": _("Nobody on this record fits all of this."), "links": links}


# An organisation


@page("on")
def organisation(request, slug):
    at, moment = request.moment.at, request.moment
    organisation = Organisation.objects.public(at).filter(slug=slug).first()
    if organisation is None:
        raise Http404
    positions = Position.objects.public(at).surviving().filter(organisation=organisation)
    terms = Appointment.objects.public(at).filter(position__in=positions, person__public_from__lte=at)
    terms = terms.select_related("position__organisation", "person").order_by(
        "-position__rank", "position__sort_key", "position", F("since").desc(nulls_last=True), "id"
    )
    posts = {}
    for term in terms[:TERMS]:
        posts.setdefault(term.position, []).append(term)
    rows = article_rows(in_one_language(latest(positions, moment))[:8])
    texts = with_all(QuoteText.objects.live(at).filter(edition__in=[row.pk for row in rows], position__in=positions))
    asked = request.GET.get("on", "").strip()
    day = day_of(asked)
    succession = [{"title": post.title, "holders": holders(terms, moment)} for post, terms in posts.items()]
    return shown(
        request, "organisation.html", organisation=organisation, title=organisation.name, here="people",
        description=_("Who held which office at %(name)s and when, and what was said there.") % {"name": organisation},
        on=day or moment.today, is_no_day=bool(asked and not day), in_office=in_office(posts, day or moment.today),
        posts=succession, structured=structured_data.of_organisation(organisation, succession),
        quotes=quote_rows([*texts.newest_first()[:4]], moment), articles=rows,
        articles_url=f"{reverse('article-list')}?organisation={organisation.slug}",
        quotes_url=f"{reverse('quote-list')}?organisation={organisation.slug}",
        people_url=f"{reverse('person-list')}?organisation={organisation.slug}",
    )  # fmt: skip


def latest(positions, moment, count=24):
    """The newest articles that quote or name a holder of these offices. Of the last year each is asked; only where that
    finds too few does the database go on to gather what was ever said from these offices: both engines read a UNION ALL
    part by part, and no further than LIMIT. One query."""
    editions, year_ago = Edition.objects.live(moment.at).newest_first(), moment.at - timedelta(days=366)
    held = {"edition": OuterRef("pk"), "position__in": positions}
    spoken = Exists(QuoteText.objects.filter(**held)) | Exists(Mention.objects.filter(**held))
    lately = editions.filter(spoken, sorted_at__gte=year_ago)
    before = editions.filter(sorted_at__lt=year_ago).with_position(positions)
    (late, given), (early, also) = (rows.values("pk")[:count].query.sql_with_params() for rows in (lately, before))
    sql = f"SELECT pk FROM ({late}) late UNION ALL SELECT pk FROM ({early}) early LIMIT {count}"  # noqa: S608 (the ORM's own words)
    found = Edition.objects.filter(pk__in=RawSQL(sql, [*given, *also]))  # noqa: S611 (see above)
    return articles_of(found, moment.at).newest_first()


def holders(terms, moment):
    """The successive holders of one office, as _offices.html draws them."""
    return [
        office(term, moment) | {"title": term.person.name, "organisation": None, "url": term.person.get_absolute_url()}
        for term in terms
    ]


def in_office(posts, day):
    """Who held each office on a day, for _face.html; and who is only assumed to have held it, with what is known."""
    found = []
    for post, terms in posts.items():
        certain = [term for term in terms if term.certainly_on(day)]
        for term in certain or [term for term in terms if term.assumed_among(terms, day)]:
            person = term.person
            found.append(
                {
                    "name": person.name, "url": person.get_absolute_url(),
                    "office": _("%(office)s, acting") % {"office": post.title} if term.acting else post.title,
                    "initials": initials(person.name), "portrait_url": person.portrait.url if person.portrait else "",
                    "note": "" if certain else known_of(term),
                }
            )  # fmt: skip
    return found


def known_of(term):
    """What the record knows of a term whose days it does not know."""
    first, last = term.attested_from or term.since, term.attested_to or term.since
    if first is None and term.until:
        return _("assumed: known to have ended on %(day)s") % {"day": date_format(term.last_day, "j F Y")}
    if first is None:
        return _("assumed: the record knows no day of it")
    days = {"first": date_format(first, "j F Y"), "last": date_format(last, "j F Y")}
    if first == last:
        return _("assumed: seen in office on %(first)s") % days
    return _("assumed: seen in office from %(first)s to %(last)s") % days
