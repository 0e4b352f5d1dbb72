"""The schema of the read API is complete and true: every word of it is held against the answers."""

import os
import re
from collections import Counter
from datetime import date

import jsonschema
import pytest
import schemathesis
import schemathesis.engine
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connections
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events

from articles.models import Article, Edition, Topic
from newsroom.api_urls import described
from people.models import Appointment, Organisation, Person, Position
from tests.conftest import instant
from tests.test_api import Partner, add_everything, partner, story  # noqa: F401 (fixtures)

SOAK = bool(os.environ.get("SOAK"))
#: what Schemathesis invents for each of the 18 addresses; with SOAK 2,000 in all, beside its lists of edge cases
EXAMPLES = 112 if SOAK else 1
#: the names that the examples of the schema give
UID, KEY = "k7mwq2zd", "lakequote7x"


def test_the_schema_is_generated_without_a_warning(tmp_path, db):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))


def test_the_schema_lists_every_parameter_that_is_taken(partner, world, story):
    paths = partner.get("schema/")["paths"]
    for path, operation in paths.items():
        described = {
            parameter["name"] for parameter in operation["get"].get("parameters", []) if parameter["in"] == "query"
        }
        address = path.format(uid=story.uid, key="lakequote", old=1, new=2)
        assert {*partner.refused(address, "colour", {"colour": "blue"})["allowed"]} == described, path
    assert len(paths) == 18


def test_answers_are_as_the_schema_says(partner, world, story):
    schema = partner.get("schema/")
    uids = {"articles": story.uid, "people": world.mara.uid, "positions": world.secretary_general.uid,
            "organisations": world.council.uid, "topics": world.ferries.uid}  # fmt: skip
    assert "application/x-ndjson" in schema["paths"].pop("/api/v1/snapshot/")["get"]["responses"]["200"]["content"]
    for path, operation in schema["paths"].items():
        asked = {"q": "ferries"} if "search" in path else {}
        answer = partner.get(path.format(uid=uids.get(path.split("/")[3]), key="lakequote", old=1, new=2), **asked)
        described = operation["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.validate(answer, in_json_schema(described | {"components": schema["components"]}))
    problem = schema["components"]["schemas"]["Problem"]
    jsonschema.validate(
        partner.get("articles/never/", 404), in_json_schema(problem | {"components": schema["components"]})
    )


def test_the_headers_that_are_described_are_sent_and_every_refusal_is_described(partner, world, story, settings):
    settings.API_LIMITS = {"anonymous": 1000, "keyed": 0}
    world.published("Ferries stop", f"<p>{world.quote('A quote', 'second')}</p>", at=instant("2024-03-01 12:00"))
    uids = {"articles": story.uid, "people": world.mara.uid, "positions": world.secretary_general.uid,
            "organisations": world.council.uid, "topics": world.ferries.uid}  # fmt: skip
    schema, linked = described(), set()
    for path, operations in schema["paths"].items():
        answers, parameters = operations["get"]["responses"], operations["get"].get("parameters", [])
        address = path.format(uid=uids.get(path.split("/")[3]), key="lakequote", old=1, new=2)
        asked = {"q": "ferries"} if "search" in path else {}
        asked |= {"page_size": "1"} if "page_size" in [one["name"] for one in parameters] else {}
        answer = partner.raw(address, asked)
        told = {*answers["200"]["headers"]}
        assert told - {"Link"} == {*schema["components"]["headers"]} & {*answer.headers} - {"Link"}, path
        linked |= {path} if "Link" in answer else set()
        assert "Link" in told or "Link" not in answer, path
        tried = [partner.client.post(address), partner.raw(address, {"x": "1"}), partner.raw(address, accept="a/b")]
        tried += [partner.raw(address, asked, authorization="x"), partner.raw(address, asked, if_match='"x"')]
        tried += [partner.raw(address, asked, if_none_match=answer.get("ETag", '"x"'))]
        assert {str(one.status_code) for one in tried} | {"429", "503"} <= {*answers}, path
        assert {"Retry-After"} <= {*answers["429"]["headers"]} & {*answers["503"]["headers"]}, path
        assert "301" not in answers or "Location" in answers["301"]["headers"], path
    assert {"/api/v1/articles/", "/api/v1/quotes/", "/api/v1/people/", "/api/v1/search/"} <= linked
    assert {path for path in schema["paths"] if "304" not in schema["paths"][path]["get"]["responses"]} == {
        "/api/v1/snapshot/"
    }


def test_the_bounds_of_what_may_be_asked_are_told(db):
    told = {
        parameter["name"]: parameter for operations in described()["paths"].values()
        for parameter in operations["get"].get("parameters", [])
    }  # fmt: skip
    assert told["q"]["schema"]["maxLength"] == 200 and "At most 16 words" in told["q"]["description"]
    for name in ("from", "to", "updated_from", "updated_to", "said_from", "said_to", "on"):
        assert "from 1000-01-01 to 9998-12-31" in told[name]["description"], name
    assert re.match(told["language"]["schema"]["pattern"], "pt-BR")


def in_json_schema(node):
    """OpenAPI 3.0 as JSON Schema: `nullable` spelled out, and no field beside those described."""
    if isinstance(node, list):
        return [in_json_schema(one) for one in node]
    if not isinstance(node, dict):
        return node
    node = {key: in_json_schema(value) for key, value in node.items()}
    if isinstance(node.get("properties"), dict) and node.get("type") == "object":
        node["additionalProperties"] = False
    return {"anyOf": [{"type": "null"}, node]} if node.pop("nullable", False) is True else node


def test_every_field_and_parameter_says_what_it_is_with_an_example(db):
    """What stands in another component is described there too, and has no example of its own."""
    schema, silent = described(), []
    for name, component in schema["components"]["schemas"].items():
        for field, words in component.get("properties", {}).items():
            parts = [words, words.get("items", {}), *words.get("allOf", [])]
            elsewhere = any("$ref" in part and not part["$ref"].endswith("Enum") for part in parts)
            if not words.get("description", "").endswith(".") or not (elsewhere or "example" in words):
                silent.append(f"{name}.{field}")
    for path, operations in schema["paths"].items():
        operation = operations["get"]
        silent += [] if operation["description"] else [path]
        for parameter in operation.get("parameters", []):
            if "." not in parameter["description"] or "example" not in {**parameter, **parameter["schema"]}:
                silent.append(f"{path}?{parameter['name']}")
        for code, answer in operation["responses"].items():
            for kind, body in answer.get("content", {}).items():
                if int(code) >= 400 and not (answer["description"] and body["examples"]):
                    silent.append(f"{path} {code} {kind}")
    assert silent == []


# Asked by machine


@pytest.fixture
def record(open_world):
    """A record in which each example of the schema names a row that has a bit of everything."""
    world = open_world
    harbours = Organisation.objects.create(uid=UID, name="Board of Harbours", abbreviation="BH")
    chair = Position.objects.create(uid=UID, title="Chair", organisation=harbours)
    person = Person.objects.create(uid=UID, name="Una Tarn", biography="She began as a pilot.")
    Appointment.objects.create(uid=UID, person=person, position=chair, since=date(2020, 1, 1))
    topic = Topic.objects.create(uid=UID, name="Harbours")
    article = Article.objects.create(uid=UID, created_by=world.writer)
    quote, at = world.quote("The lake is everybody's", KEY, person), instant("2024-03-01 10:00")
    first = world.draft("A ferry has a new timetable", f"<p>She said: {quote} to all.</p>", article,
                        kind=Edition.STATEMENT, dated=date(2024, 3, 1))  # fmt: skip
    add_everything(world, first, "harbour", [world.ferries, topic], world.ilo, world.secretary_general)
    world.approve(first, at)
    first.publish(world.publisher, at=at)
    second = world.draft("The ferry has a new timetable", first.body, article, kind=Edition.STATEMENT,
                         note="It was one.", change_class=Edition.CORRECTION)  # fmt: skip
    world.approve(second, at)
    second.publish(world.publisher, at=instant("2024-03-01 10:20"))
    for number in range(3):
        world.published(f"Ferry {number}").article.withdraw(world.publisher, "It was wrong.")
    return world


def test_no_machine_finds_an_answer_that_is_not_described(record, monkeypatch):
    """All checks of Schemathesis in all its phases, links followed. It asks from threads, whose connections end with
    each answer. What names nothing public, or ends before it begins, is a 400 that no schema can foretell."""
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    config = SchemathesisConfig()
    project = config.projects.default
    project.checks.positive_data_acceptance.expected_statuses += ["400", "410"]
    project.generation.update(max_examples=EXAMPLES, deterministic=not SOAK)
    project.headers = {"Accept-Encoding": "identity"}  # the client in the process does not unpack
    project.phases.coverage.enabled = SOAK
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", get_wsgi_application(), config=config)
    wrong, asked, codes = [], Counter(), Counter()
    for event in schemathesis.engine.from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            for case, interaction in event.recorder.interactions.items():
                asked[event.phase.name] += 1
                codes[interaction.response.status_code if interaction.response else None] += 1
                found = [check for check in event.recorder.checks.get(case, []) if check.failure_info]
                wrong += [(interaction.request.uri, check.name, check.failure_info.failure) for check in found]
        elif isinstance(event, (events.NonFatalError, events.FatalError)):
            wrong.append(event)
    print(asked, codes)
    assert wrong == []
    assert {200, 400, 404} <= {*codes} and asked["STATEFUL_TESTING"]
