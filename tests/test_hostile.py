"""What the read API answers to those who mean harm, or whose program went wrong: each family of hostile input, at each
address, in each parameter. Nothing makes it fail, and what is not listed is refused.

A sample of all this, the same each time; with SOAK all of it."""

import json
import logging
import os
import re
from itertools import chain, cycle, product
from random import Random
from urllib.parse import quote, urlencode

import pytest
from django.test import Client

from articles.ledger import Change
from articles.models import Edition, QuoteText, Topic
from newsroom.api_urls import described
from people.models import Appointment, Organisation, Person, Position
from tests.test_api import story  # noqa: F401 (a fixture)

SAMPLE = None if os.environ.get("SOAK") else 10
CLIENT = Client()  # one for all: nothing that is asked here keeps a session

#: values that no parameter takes, but perhaps `q`, whose words may be any
VALUES = {
    "NUL": ["\0", "news\0", "\0\0\0"],
    "U+FFFE": ["\ufffe", "2024\uffff", "\ufeff"],
    "direction overrides": ["\u202enews", "\u2066a\u2069", "\u200f"],
    "joiners": ["\u200d", "ne\u200dws", "\U0001f469\u200d\U0001f4bb"],
    "a megabyte": ["a" * 2**20, "é" * 2**19, "7" * 2**20],
    "five thousand digits": ["9" * 5000, "-" + "9" * 5000, "0." + "1" * 5000],
    "beyond 64 bits": [str(2**63), str(2**64), str(-(2**63) - 1), str(2**31)],
    "below zero": ["-1", "-0", "0"],
    "no numbers": ["NaN", "Infinity", "-inf", "1e400", "0x10", "1_0", "²", "٣x", "1.5"],
    "deep JSON": ["[" * 10_000, '{"a":' * 10_000 + "1" + "}" * 10_000],
    "line breaks": ["a\r\nSet-Cookie: x=1", "\r\n\r\n", "a\nb: c"],
    "SQL": ["' OR 1=1 --", '";SELECT pg_sleep(9)--', "1) UNION SELECT 1--", "a'||(SELECT 1)||'", "\\", "%27"],
    "paths": ["../../etc/passwd", "..%2f..%2f", "/", ".", "~root", "file:///etc/passwd", "C:\\"],
    "markup": ["<script>alert(1)</script>", "{{7*7}}", "{% debug %}", "${7*7}", "%s%n", "=cmd|x"],
    "wrong case": ["NEWS", "Uid", "EN", "Water", "2024-03-01t10:00:00z"],
    "dates that are none": ["0000-00-00", "2024-02-30", "9999-12-31", "10000-01-01", "2024-03-01T25:00:00Z"],
}
#: what comes as bytes that are no text
RAW = {"lone surrogates": ["%ED%A0%80", "x%ED%BF%BF"], "bytes": ["%ff", "%C0%80", "%E2%82", "%"]}
#: names of parameters that no address knows
NAMES = {
    "brackets": ["kind[]", "[]", "kind[0]", "filter[kind]", "[]="],
    "lookups": ["kind__in", "headline__icontains", "id__gt", "article__created_by__password__startswith", "pk", "__"],
    "wrong case of names": ["KIND", "Page_Size", "AT", "Fields"],
    "orders": ["ordering", "order_by", "sort", "order", "-id", "limit_to", "offset", "page", "format", "callback"],
    "odd names": ["\0", "a\r\nb", "\u202e", "", " ", "'", "é" * 100, "a" * 10**5, "__proto__", "_method"],
}


#: all of them, as they stand in an address
ANYTHING = {family: [quote(value) for value in values] for family, values in VALUES.items()} | RAW


def field_paths():
    """Every way along the relations of what the API shows, three steps deep."""
    found = set()

    def walk(model, path):
        for field in model._meta.get_fields():
            found.add("__".join([*path, field.name]))
            if field.related_model and len(path) < 2:
                walk(field.related_model, [*path, field.name])

    for model in (Edition, QuoteText, Person, Position, Organisation, Appointment, Topic, Change):
        walk(model, [])
    return sorted(found)


def some(things, seed):
    """All of them, or a sample that is the same each time."""
    things = [*things]
    return things if SAMPLE is None or len(things) <= SAMPLE else Random(seed).sample(things, SAMPLE)  # noqa: S311


@pytest.fixture(autouse=True)
def unlogged():
    """pytest keeps every log line to the end of its test, each with the request it is of."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def addresses(world, story):
    """{address: the parameters it knows}."""
    names = {"articles": story.uid, "people": world.mara.uid, "positions": world.secretary_general.uid,
             "organisations": world.council.uid, "topics": world.ferries.uid}  # fmt: skip
    found = {"/api/v1/": [], "/api/v1/schema/": []}
    for path, operations in described()["paths"].items():
        address = path.format(uid=names.get(path.split("/")[3]), key="lakequote", old=1, new=2)
        parameters = operations["get"].get("parameters", [])
        found[address] = [one["name"] for one in parameters if one["in"] == "query"]
    return found


def asked(address, query="", method="GET", **more):
    """The answer, which is JSON and no failure (an exception of a view is raised here)."""
    answer = CLIENT.generic(method, address, QUERY_STRING=query, **more)
    assert answer.status_code < 500, (address, query[:200])
    assert answer["Content-Type"] in ("application/json", "application/problem+json", "application/x-ndjson",
                                      "application/vnd.oai.openapi+json"), (address, query[:200])  # fmt: skip
    return answer


def refused(address, query, **more):
    answer = asked(address, query, **more)
    assert answer.status_code == 400, (address, query[:200], answer.status_code)
    problem = answer.json()
    assert {"type", "title", "status", "detail", "code"} <= {*problem}
    assert len(answer.content) < 2000, "what was sent does not come back"
    return problem


def each(things, families):
    """(thing, one of a family): a sample of each family."""
    return chain.from_iterable(some(product(things, family), name) for name, family in families.items())


def test_no_value_makes_it_fail_and_only_words_may_be_any(addresses):
    places = [(address, name) for address, names in addresses.items() for name in names]
    for (address, name), value in each(places, ANYTHING):
        query = f"{name}={value}" if name == "q" or "search" not in address else f"q=ferry&{name}={value}"
        if name == "q":
            assert asked(address, query).status_code in (200, 400)
        elif name == "language" and re.fullmatch("[A-Za-z]{2,3}", value):  # "Uid" is a tag, though of no words here
            assert asked(address, query).json()["results"] == [] or value == "EN"
        else:
            refused(address, query)


def test_no_name_but_those_listed_is_known(addresses):
    for (address, known), name in each(addresses.items(), NAMES | {"fields of the models": field_paths()}):
        if name not in known:
            refused(address, f"{quote(name)}=1")


def test_nothing_is_sorted_or_picked_by_a_field_of_a_model(addresses):
    for name, (address, known) in some(zip(field_paths(), cycle(addresses.items()), strict=False), "picked"):
        refused(address, urlencode({"ordering": name}))
        if "fields" in known:
            refused(address, urlencode({"fields": f"uid,-{name}"}))


def test_what_is_given_twice_or_empty_is_refused(addresses):
    for address, names in addresses.items():
        for name in names if SAMPLE is None else names[:2]:
            for query in (f"{name}=1&{name}=1", f"{name}=", name, f"{name}=%20"):
                assert refused(address, query)["parameter"] == name


def test_ten_thousand_parameters_are_refused(addresses):
    for address in addresses:
        refused(address, "&".join(f"a{number}=1" for number in range(10_000)))
        refused(address, "&" * 10_000 + "=")


def test_no_name_in_a_path_makes_it_fail(world, story):
    shapes = ["{}/", "articles/{}/", "articles/{}/editions/", "quotes/{}/", "people/{}/", "positions/{}/",
              "organisations/{}/", "topics/{}/", f"articles/{story.uid}/compare/{{}}/2/", "changes/{}/"]  # fmt: skip
    for shape, value in each(shapes, ANYTHING):
        path = f"/api/v1/{shape.format(value.replace('/', '%2F'))}"
        assert asked(path).status_code in (400, 404), path[:200]


def test_it_is_only_read_whatever_comes_with_it(addresses):
    methods, body = ["POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "FOO"], "[" * 100_000
    for address in [*addresses, "/api/v1/docs/"]:
        for method, query in zip(methods, cycle(["", "kind=x", "colour=blue"]), strict=False):
            answer = CLIENT.generic(method, address, body, content_type="application/json", QUERY_STRING=query)
            assert answer.status_code == 405, (method, address, query)
            assert "GET" in answer["Allow"]


def test_a_body_beside_a_question_is_not_read(addresses):
    bodies = {"application/json": "[" * 100_000, "multipart/form-data": "x", "application/x-www-form-urlencoded": "a=1",
              "\u00ff/;;": "x", "text/plain; charset=none": json.dumps({"kind": "x"})}  # fmt: skip
    for address in addresses:
        query = "q=ferry" if "search" in address else ""
        for kind, body in bodies.items():
            assert asked(address, query, data=body, content_type=kind).status_code == 200


HEADERS = {
    "accept": ["*/*", "a/b", "application/json;q=x", "é", "," * 1000, "application/json;" * 500, "text/html", "/"],
    "if-none-match": ["*", '"x"', 'W/"', "é", '"' * 5000],
    "if-match": ['"x"'], "if-modified-since": ["never", "Thu, 01 Jan 1970 00:00:00 GMT", "9" * 5000],
    "range": ["bytes=0-1", "bytes=-", "bytes=" + "9" * 5000],
    "accept-encoding": ["gzip;q=x", "br;q=0,gzip;q=0,identity;q=0", "," * 1000, "é", "*;q=0"],
    "accept-language": ["\u00e9", "fr;q=", "x" * 5000],
    "authorization": ["Bearer", "Basic \u00ff", "x" * 5000],
    "host": ["localhost", "127.0.0.1:99999"], "cookie": ["sessionid=../../x; csrftoken=", "=;=;"],
    "x-http-method-override": ["DELETE"], "x-forwarded-host": ["elsewhere.example"], "origin": ["null", "\u00e9"],
}  # fmt: skip


def test_no_header_makes_it_fail(addresses):
    for address, (header, value) in each(addresses, {name: [(name, one) for one in HEADERS[name]] for name in HEADERS}):
        query = "q=ferry" if "search" in address else ""
        answer = CLIENT.get(address, QUERY_STRING=query, headers={header: value})
        assert answer.status_code in (200, 304, 400, 401, 406, 412), (address, header, value[:100])
        if answer.status_code == 200 and not answer.streaming:
            assert b"elsewhere.example" not in answer.content
