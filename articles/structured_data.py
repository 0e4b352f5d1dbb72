"""What a page and the API say to machines: JSON-LD in the words of schema.org. Pure functions of the facts a page is
drawn from.

Every address is written whole, since whoever reads this keeps it elsewhere.
"""

import json
import locale
import re

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import to_locale

CONTEXT = "https://schema.org"
#: as django.utils.html.json_script: nothing in the data can end the element
ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def document(*things):
    """These things as one document."""
    return json.dumps({"@context": CONTEXT, "@graph": things}, ensure_ascii=False, separators=(",", ":"))


def element(*things):
    """The script element that holds these things. Browsers run nothing of its type, so no policy is asked."""
    words = document(*things)
    return mark_safe(f'<script type="application/ld+json">{words.translate(ESCAPES)}</script>')  # noqa: S308 (escaped)


def og_locale(language):
    """A language as Open Graph wants it, "en_US": with the territory usual for it; "" where none is."""
    usual = locale.normalize(to_locale(language)).partition(".")[0]
    return usual if re.fullmatch(r"[a-z]{2,3}_[A-Z]{2}", usual) else ""


# Pages


def of_site():
    site = thing("WebSite", f"{settings.SITE_URL}/", name=settings.INSTITUTION["name"], publisher=by_reference())
    return element(site, institution())


def head_of_article(facts):
    """What the head of an article's page holds beside its title, from what `articles.views.reading` says of it. Words
    of the past are no data: machines are told what stands now."""
    edition = facts["edition"]
    published_at, modified_at = dates_of(facts)
    head = {
        "og_type": "article", "og_locale": og_locale(edition.language), "published_at": published_at,
        "modified_at": modified_at,
    }  # fmt: skip
    return head if "neighbours" in facts else head | {"structured": of_article(facts)}


def dates_of(facts):
    """When an article was first published, and when it last changed."""
    first = facts["edition"].sorted_at
    return first, max((event["at"] for event in facts["record"] if event["number"] > 1), default=first)


def of_article(facts):
    edition, blocks = facts["edition"], facts["blocks"]
    pictures = [image for block in blocks for image in block["images"] if image["url"]]
    quotes = {text.key: text for block in blocks for text in block["quotes"]}
    article = news_article(facts | {"pictures": pictures, "quotes": quotes.values()})
    return element(article, trail((_("Articles"), reverse("article-list")), (edition.headline, facts["canonical"])))


def news_article(facts):
    """An article from its edition, record, corrections, translations, topics, people, quotes and pictures, each as
    `articles.views` has them; `canonical` is its address."""
    edition, url = facts["edition"], facts["canonical"]
    published_at, modified_at = dates_of(facts)
    return thing(
        "NewsArticle", url, headline=edition.headline, description=edition.summary, inLanguage=edition.language,
        genre=str(edition.get_kind_display()), version=edition.number, isAccessibleForFree=True,
        mainEntityOfPage=url, author=by_reference(), publisher=institution(),
        datePublished=published_at.isoformat(), dateModified=modified_at.isoformat(),
        contentLocation=place(edition.place), image=[picture(image) for image in facts["pictures"]],
        about=[thing("Thing", topic["url"], name=topic["name"]) for topic in facts["topics"]],
        mentions=[thing("Person", person["url"], name=person["name"]) for person in facts["people"]],
        hasPart=[quotation(text) for text in facts["quotes"]],
        correction=[correction(change) for change in facts["corrections"]],
        workTranslation=[
            thing("NewsArticle", other["address"], inLanguage=other["language"]) for other in facts["translations"]
        ],
        speakable={"@type": "SpeakableSpecification", "cssSelector": [".title", ".deck"]},
    )  # fmt: skip


def of_quote(text, url):
    """A quote from the dressed text that its page shows."""
    steps = trail((_("Quotes"), reverse("quote-list")), (text.speaker_name or text.source, url))
    return element(quote_alone(text), steps)


def quote_alone(text):
    """A quote with the article it stands in and who publishes it."""
    article = thing("NewsArticle", text.article_url.partition("#")[0], headline=text.article_headline)
    return quotation(text) | {"isPartOf": article, "publisher": institution()}


def of_person(person, offices):
    """A person with all public terms of office: `offices` as newsroom.views.office has them."""
    described = thing(
        "Person", person.url, name=person.name, alternateName=person.aliases, description=person.biography,
        image=absolute(person.portrait_url), sameAs=person.same_as,
        memberOf=[role(office, "memberOf", organisation(str(office["organisation"] or ""))) for office in offices],
    )  # fmt: skip
    page = thing("ProfilePage", person.url, mainEntity=described)
    return element(page, trail((_("People"), reverse("person-list")), (person.name, person.url)))


def of_organisation(row, posts):
    """An organisation and who holds, and held, its posts."""
    url = row.get_absolute_url()
    members = [
        role(holder | {"title": post["title"]}, "member", thing("Person", holder["url"], name=holder["title"]))
        for post in posts for holder in post["holders"]
    ]  # fmt: skip
    names = [*filter(None, [row.abbreviation]), *row.aliases]
    described = thing("Organization", url, name=row.name, alternateName=names, sameAs=row.same_as, member=members)
    return element(described, trail((_("People"), reverse("person-list")), (row.name, url)))


def of_topic(topic, above):
    """A topic; `above` are those it stands under, from the root down, as (name, url)."""
    url = topic.get_absolute_url()
    about = thing(
        "Thing", url, name=topic.name, alternateName=topic.aliases, description=topic.description, sameAs=topic.same_as
    )
    page = thing("CollectionPage", url, name=topic.name, about=about)
    return element(page, trail((_("Topics"), reverse("topic-list")), *above, (topic.name, url)))


# Things


def thing(kind, address="", **properties):
    """A thing of schema.org with what is known of it: no property is empty."""
    whole = absolute(address)
    known = {"@type": kind} | ({"@id": f"{whole}#{kind}", "url": whole} if address else {})
    return known | {name: value for name, value in properties.items() if value}


def absolute(url):
    return settings.SITE_URL + url if url.startswith("/") else url


def institution():
    named = settings.INSTITUTION
    icon = absolute(static(f"{named['icons']}/512.png")) if named["icons"] else ""
    return by_reference() | thing(
        "Organization", name=named["name"], url=f"{settings.SITE_URL}/", email=named["press_email"],
        logo=thing("ImageObject", contentUrl=icon, url=icon) if icon else None,
    )  # fmt: skip


def by_reference():
    return {"@type": "Organization", "@id": f"{settings.SITE_URL}/#institution"}


def quotation(text):
    said_on = text.said_on and text.said_on.isoformat()
    speaker = thing("Person", text.speaker_url, name=text.speaker_name) if text.speaker_name else None
    if speaker and text.office:  # the office of that day belongs to the words, not to the person
        speaker = {"@type": "Role", "roleName": text.office, "author": speaker}
    return thing(
        "Quotation", text.url, text=text.text, inLanguage=text.language, author=speaker, creditText=text.source,
        dateCreated=said_on, locationCreated=place(text.place),
    )  # fmt: skip


def correction(change):
    url, at = change["compare_url"] or "", change["at"].isoformat()
    return thing("CorrectionComment", url, text=change["note"], datePublished=at)


def picture(image):
    return thing(
        "ImageObject", contentUrl=absolute(image["url"]), description=image["alt"], caption=image["caption"],
        creditText=image["credit"],
    )  # fmt: skip


def place(name):
    return thing("Place", name=name) if name else None


def organisation(name):
    return thing("Organization", name=name) if name else None


def role(office, relation, other):
    """A dated term of office: schema.org repeats the relation inside the role that qualifies it."""
    dates = {"startDate": office["since"], "endDate": office["last_day"]}
    dates = {name: day.isoformat() for name, day in dates.items() if day}
    title = _("%(office)s, acting") % {"office": office["title"]} if office["acting"] else office["title"]
    return thing("OrganizationRole", roleName=title, **dates, **{relation: other})


def trail(*steps):
    """The way down to a page: (name, address) from the front page's first step on."""
    items = [
        {"@type": "ListItem", "position": number, "name": name, "item": absolute(url)}
        for number, (name, url) in enumerate(steps, 1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}
