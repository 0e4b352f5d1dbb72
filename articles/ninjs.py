"""Articles in the words of ninjs 3.1, IPTC's News in JSON (iptc.org/std/ninjs). Pure functions of what our own JSON
says of an article, so that both tell the same.

ninjs forbids properties of one's own. What it has no word for (the hashes, a position as a record) is in our JSON only,
which `altIds` leads to.
"""

import re
from mimetypes import guess_type
from urllib.parse import quote as encoded

from django.conf import settings
from django.utils.encoding import iri_to_uri

from articles.feeds import standing_alone, urn

STANDARD = {"name": "ninjs", "version": "3.1", "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#"}
#: the kinds of related items whose nature is plain
NATURES = {"video": "video", "audio": "audio", "photos": "picture", "article": "text", "transcript": "text"}


def item(told):
    """An article as our JSON tells it, all its fields."""
    html = standing_alone(told["body_html"], told["url"])
    plain = told["body_text"]
    associated = [
        *map(quoted, told["quotes"]), *map(pictured, (image for image in told["images"] if image["url"])),
        *(related(one, told["uid"]) for one in told["related"]), *map(translated, told["translations"]),
    ]  # fmt: skip
    return known(
        uri=urn("article", told["uid"]), standard=STANDARD, type="text", representationType="full",
        version=str(told["edition"]), firstCreated=told["published_at"], versionCreated=told["updated_at"],
        pubStatus="usable", language=told["language"], headlines=worded("main", told["headline"]),
        slugline=told["slug"], located=told["place"], infoSources=[publisher()],
        descriptions=worded("summary", told["summary"])
        + [text for change in told["corrections"] for text in worded("correction", change["note"])],
        bodies=[
            {"role": "main", "contentType": "text/html", "value": html},
            {
                "role": "plain", "contentType": "text/plain", "charCount": len(plain), "wordCount": len(plain.split()),
                "value": plain,
            },
        ],
        genres=[{"literal": told["kind"]}], subjects=subjects(told["topics"]),
        people=[person(one, one["role"]) for one in told["people"]],
        organisations=organisations(quote["position"] for quote in told["quotes"]),
        renditions=[page(told["url"])], associations=associated,
        altIds=[{"role": "uid", "value": told["uid"]}, {"role": "json", "value": ours("articles", told["uid"])}],
    )  # fmt: skip


def page_of_items(uri, items):
    """A page of a list as one news object, the articles being what is associated with it."""
    named = [one | {"name": one["headlines"][0]["value"], "rel": "item"} for one in items]
    return known(uri=uri, standard=STANDARD, type="composite", representationType="full", associations=named)


def known(**properties):
    """What is known of a news object: no property is empty."""
    return {name: value for name, value in properties.items() if value}


def worded(role, text, **more):
    return [{"role": role, **more, "value": text}] if text else []


def publisher():
    return {"name": settings.INSTITUTION["name"], "uri": f"{settings.SITE_URL}/", "role": "publisher"}


def person(one, rel):
    return {"name": one["name"], "rel": rel, "uri": one["url"], "literal": one["uid"]}


def subjects(topics):
    return [{"name": topic["name"], "uri": topic["url"], "literal": topic["path"]} for topic in topics]


def organisations(positions):
    """The organisations whose offices these are, each once."""
    found = {}
    for position in positions:
        if position and position["organisation"]:
            body = position["organisation"]
            found[body["uid"]] = {"name": body["name"], "uri": body["url"], "literal": body["uid"]}
    return [*found.values()]


def page(url):
    return {"name": "web", "href": url, "contentType": "text/html"}


def ours(name, uid):
    return f"{settings.SITE_URL}/api/v1/{name}/{uid}/"


# What is associated


def quoted(quote):
    """A quote: its words are its body, `by` is who said them in which office, as printed."""
    name = quote["speaker"]["name"] if quote["speaker"] else quote["source"]
    return known(
        name=f"{name}: {quote['text'][:70]}", rel="quote", uri=urn("quote", quote["key"]), type="component",
        language=quote["language"], by=", ".join(filter(None, (name, quote["office"]))), located=quote["place"],
        bodies=worded("main", quote["text"], contentType="text/plain"),
        descriptions=worded("said-on", quote["said_on"]),
        people=[person(quote["speaker"], "speaker")] if quote["speaker"] else [],
        infoSources=[{"name": quote["source"], "role": "speaker"}] if quote["source"] else [],
        organisations=organisations([quote["position"]]), subjects=subjects(quote["topics"]),
        renditions=[page(quote["url"])],
        altIds=[{"role": "key", "value": quote["key"]}, {"role": "json", "value": ours("quotes", quote["key"])}],
    )  # fmt: skip


def pictured(image):
    shown = {
        "name": "original", "href": image["url"], "contentType": guess_type(image["url"])[0], "width": image["width"],
        "height": image["height"],
    }  # fmt: skip
    return known(
        name=image["caption"] or image["alt"] or image["uid"], rel="picture", uri=urn("image", image["uid"]),
        type="picture", by=image["credit"],
        descriptions=worded("alt", image["alt"]) + worded("caption", image["caption"]), renditions=[known(**shown)],
        altIds=[{"role": "uid", "value": image["uid"]}],
    )  # fmt: skip


def related(told, beside):
    """Another article of ours by its own identity; anything else by its address, or else by where it stands."""
    url = as_uri(told["url"])
    uri = urn("article", told["article"]) if told["article"] else url
    return known(
        name=told["label"], rel=told["kind"], uri=uri or urn("related", beside, told["kind"], told["label"]),
        type=NATURES.get(told["kind"]), renditions=url and [{"name": "web", "href": url}],
    )  # fmt: skip


def as_uri(address):
    """An address as RFC 3986 has it. Browsers take a bracket, a lone % or a second # as they come, ninjs does not."""
    escaped = re.sub("%(?![0-9A-Fa-f]{2})", "%25", iri_to_uri(address))
    site, rest = re.fullmatch(r"(\w+://[^/?#]*)?(.*)", escaped, re.DOTALL).groups("")
    return site + "#".join(encoded(part, safe="%/?:@!$&'()*+,;=") for part in rest.split("#", 1))


def translated(told):
    return known(
        name=told["headline"], rel="translation", uri=urn("article", told["uid"]), type="text",
        language=told["language"], headlines=worded("main", told["headline"]), renditions=[page(told["url"])],
    )  # fmt: skip
