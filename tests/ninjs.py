"""The rules of ninjs 3.1 (iptc.org/std/ninjs) for the properties that we use, in our own words as a JSON Schema.

What it lets pass the standard lets pass: it knows fewer properties and forbids all others as the standard does. It is
not the file that IPTC publishes, which `validator` takes instead. Either way an address and an instant are looked at,
as jsonschema alone does not: what it needs for that is not among our packages.
"""

import json
import re
from datetime import datetime
from pathlib import Path

import jsonschema

FORMATS = jsonschema.FormatChecker([])
TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
URI, INSTANT = {"type": "string", "format": "uri"}, {"type": "string", "format": "date-time"}
SOME = "[a-z0-9._~!$&'()*+,;=:@-]|%[0-9a-f]{2}"
ABSOLUTE = re.compile(
    rf"[a-z][a-z0-9+.-]*:(//(\[[0-9a-f:.]+\]|([a-z0-9._~-]|%[0-9a-f]{{2}})+)(:\d+)?(?![^/?#])|(?!//))"
    rf"({SOME}|/)*(\?({SOME}|[/?])*)?(#({SOME}|[/?])*)?",
    re.ASCII | re.IGNORECASE,
)


@FORMATS.checks("uri")
def is_uri(value):
    """RFC 3986, without the names and passwords that it has before a host."""
    return not isinstance(value, str) or ABSOLUTE.fullmatch(value) is not None


@FORMATS.checks("date-time", raises=ValueError)
def is_instant(value):
    """RFC 3339, without leap seconds."""
    if not isinstance(value, str):
        return True
    written = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:[0-5]\d)", value, re.ASCII)
    return written is not None and datetime.fromisoformat(value) is not None


def one(required="", **properties):
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": required.split()}


def many(required="", **properties):
    return {"type": "array", "items": one(required, **properties)}


def among(*words):
    return {"type": "string", "enum": [*words]}


NAMED = {"name": TEXT, "rel": TEXT, "uri": URI, "literal": TEXT}
ITEM = {
    "uri": URI,
    "type": among("text", "audio", "video", "picture", "graphic", "composite", "component", "event", "planning"),
    "representationType": among("full", "partial"),
    "pubStatus": among("usable", "withheld", "canceled"),
    "standard": one(name=TEXT, version=TEXT, schema=URI),
    "version": TEXT, "firstCreated": INSTANT, "versionCreated": INSTANT,
    "language": TEXT, "by": TEXT, "slugline": TEXT, "located": TEXT,
    "headlines": many("value", role=TEXT, contentType=TEXT, value=TEXT),
    "descriptions": many("value", role=TEXT, contentType=TEXT, value=TEXT),
    "bodies": many("value", role=TEXT, contentType=TEXT, charCount=NUMBER, wordCount=NUMBER, value=TEXT),
    "people": many(**NAMED), "organisations": many(**NAMED), "subjects": many(**NAMED),
    "infoSources": many(name=TEXT, role=TEXT, uri=URI, literal=TEXT),
    "genres": many(name=TEXT, uri=TEXT, literal=TEXT),
    "renditions": many("name", name=TEXT, href=URI, contentType=TEXT, width=NUMBER, height=NUMBER),
    "altIds": many(role=TEXT, value=TEXT),
    "associations": {"type": "array", "items": {"$ref": "#/$defs/associated"}},
}  # fmt: skip
RULES = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$defs": {"associated": one("name uri", **ITEM, name=TEXT, rel=TEXT)},
    **one("uri", **ITEM),
}


def validator(published=None):
    """Of these rules, or of those in the file that IPTC publishes."""
    rules = json.loads(Path(published).read_text()) if published else RULES
    return jsonschema.Draft202012Validator(rules, format_checker=FORMATS)


def spoilt(told):
    """What is no ninjs any more: each property, one after another, under another name and of another type."""
    for name in told:
        rest = {other: value for other, value in told.items() if other != name}
        yield rest | {f"{name}s": told[name]}
        yield rest | {name: 7 if isinstance(told[name], str) else "seven"}
        for index, part in enumerate(inside := told[name]) if isinstance(told[name], list) else []:
            for worse in spoilt(part):
                yield rest | {name: [*inside[:index], worse, *inside[index + 1 :]]}
        if isinstance(told[name], dict):
            for worse in spoilt(told[name]):
                yield rest | {name: worse}
