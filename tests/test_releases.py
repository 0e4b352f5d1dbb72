"""What the reader of releases promises: nothing lost, nothing invented, no wrong name on a quote.

The texts in `releases/` are fiction; beside each stands what an editor would take from it.
"""

import json
import random
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.releases import LIMIT, Registry, UnreadableRelease, canonical_position, read

pytestmark = pytest.mark.any_database

TEXTS = sorted(Path(__file__).with_name("releases").glob("*.txt"))


def text_of(path):
    return path.read_bytes().decode("utf-8")


def summary(proposal):
    """The part of a proposal that the expectations are written in."""
    full = proposal.to_json()
    keys = ("language", "title", "dated", "last_updated", "event_date", "place", "embargo")
    quote_keys = ("segments", "kind", "speaker", "position", "source")
    return {
        **{key: full[key] for key in keys},
        "paragraphs": [p["kind"] for p in full["paragraphs"]],
        "quotes": [{key: quote[key] for key in quote_keys} for quote in full["quotes"]],
        "people": [{key: person[key] for key in ("name", "office", "position")} for person in full["people"]],
        "related": [{key: item[key] for key in ("label", "url", "after_paragraph")} for item in full["related"]],
        "left_alone": [item["text"] for item in full["left_alone"]],
        "problems": len(full["problems"]),
    }


def solid(text):
    return "".join(character for character in text if not character.isspace())


def assert_lossless(text, proposal):
    at = 0
    for start, end, words, _ in proposal.pieces():
        assert at <= start < end, "pieces overlap or are empty"
        assert text[start:end] == words
        assert not text[at:start].strip(), f"lost: {text[at:start]!r}"
        at = end
    assert not text[at:].strip(), f"lost: {text[at:]!r}"


def assert_verbatim(text, proposal):
    for quote in proposal.quotes:
        assert quote.segments == [text[start:end] for start, end in quote.spans]
        for span, words in zip(quote.spans, quote.segments, strict=True):
            index, start, end = proposal.paragraph_offsets(span)
            assert proposal.paragraphs[index].text[start:end] == words
        assert 0 <= quote.confidence <= 1
        assert not (quote.speaker and quote.source)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_a_release_is_read_as_an_editor_would(path):
    text = text_of(path)
    proposal = read(text, Registry(), path.name)
    assert summary(proposal) == json.loads(path.with_suffix(".json").read_text("utf-8"))
    assert_lossless(text, proposal)
    assert_verbatim(text, proposal)
    json.dumps(proposal.to_json())


def test_there_are_texts_in_all_the_shapes():
    assert len(TEXTS) >= 12


def test_five_quotes_of_one_speaker_under_four_names():
    text = text_of(TEXTS[0])
    for registry in (Registry(), Registry.from_json(SECRETARY)):
        proposal = read(text, registry)
        assert [quote.speaker for quote in proposal.quotes] == ["Ingrid Solheim"] * 5
        assert {quote.position for quote in proposal.quotes} == {"Secretary General of the Harbour Council"}
        assert [quote.kind for quote in proposal.quotes] == ["full", "partial", "full", "full", "full"]
        assert [(r.label[:22], r.after_paragraph) for r in proposal.related] == [("Joint press conference", 1)]


# Nothing is lost


def variants(text):
    words = text.split(" ")
    random.Random(7).shuffle(words)  # noqa: S311 a fixed order is wanted
    lines = text.split("\n")
    yield "\ufeff" + text
    yield text.replace("\n", "\r\n")
    yield text.replace("\n", "\r")
    yield unicodedata.normalize("NFD", text)
    yield text.replace("e", "e\u00ad").replace(" ", "\u00a0")
    yield text.replace("\n", " ")
    yield " ".join(words)
    yield "\n".join(reversed(lines))
    yield text.replace("“", "”")
    yield text.translate({ord(c): None for c in '”»"'})
    for part in range(1, 8):
        yield text[: len(text) * part // 8]
        yield text[len(text) * part // 8 :]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_no_damage_to_a_text_loses_a_character(path):
    for text in variants(text_of(path)):
        proposal = read(text, Registry.from_json(SECRETARY))
        assert_lossless(text, proposal)
        assert_verbatim(text, proposal)


PARTS = st.sampled_from(
    ["“", "”", '"', "«", "»", "‘", "’", "„", " said ", "Mr Holm", ", ", ". ", "\n", "\n\n", "• ", "- ", "###",
     "About X\n",
     "3 May 2024", "EMBARGOED UNTIL ", "OSLO – ", "said: ", "The Minister", "\u00ad", "e\u0301", "> ", "1. ", "he",
     "a-t-il dit",
     "Anna Berg", "Chief Berg", "Judge King", " van der Moor", "Minister of Trade Jonas Holm",
     ", head of the office,", "MP said", "Dr", "Professor said: ", "J. ",
     " and ", "« ", " »", "d’Arc", " added that ", "Berg Chief", "U.S. ",
     "[a](http://b)", "\x00", "\u2028", "ENDS", "---", "(", ")"]
)  # fmt: skip


@given(
    st.one_of(
        st.text(),
        st.lists(PARTS, max_size=40).map("".join),
        st.lists(st.one_of(PARTS, st.text(max_size=9))).map("".join),
    )
)
def test_any_string_is_read_and_kept_whole(text):
    proposal = read(text, Registry.from_json(SECRETARY))
    assert_lossless(text, proposal)
    assert_verbatim(text, proposal)


def test_invisible_characters_outside_the_words_are_cut_not_lost():
    proposal = read("\ufeffA short title\n\n\u200bThe text of it stands here.", None)
    assert proposal.title == "A short title"
    assert [cut.text for cut in proposal.cut] == ["\ufeff", "\u200b"]


def test_a_quote_over_a_wrapped_line_keeps_the_line_break():
    text = text_of(next(path for path in TEXTS if "hard_wrapped" in path.name))
    quotes = read(text, None).quotes
    assert quotes[0].segments[1] == "From January on\nthe answer is: everyone."


# Bytes


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"PK\x03\x04....", "Word"),
        (b"%PDF-1.7", "PDF"),
        (b"Title\x00\x01\x02body", "binary"),
        (b"x" * 5_000_000, "MB"),
        (b"\xff\xfe\x00", "UTF-16"),
        ("Привет, мир и море".encode("cp1251"), "encoding"),
        (b"caf\xc3\xa9 \xe2\x80\x9cx\xe2\x80", "encoding"),
        (b"\x81\x8d\x8f\x90 text", "encoding"),
    ],
)
def test_unreadable_bytes_say_what_to_do(data, words):
    with pytest.raises(UnreadableRelease, match=words) as raised:
        read(data, None)
    assert any(advice in str(raised.value) for advice in ("Send", "Save"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_known_encodings_are_read(encoding):
    proposal = read("Café opens on the quay\n\n“We are open,” said Mr Holm.".encode(encoding), None)
    assert proposal.title == "Café opens on the quay"
    assert proposal.quotes[0].segments == ["We are open,"]


def test_a_string_is_never_refused():
    assert read("", None).problems == ["The text is empty."]
    long = read("word " * (LIMIT // 4), None)
    assert "too long" in long.problems[0] and long.cut[0].reason == "too long"
    assert any("NUL" in problem for problem in read("Title\n\nText\x00 here.", None).problems)
    assert any("damaged" in problem for problem in read("Title\n\nâ€œA text,â€\u009d he said.", None).problems)


def test_what_is_missing_is_said_in_words():
    problems = read(text_of(next(path for path in TEXTS if "no_title" in path.name)), None).problems
    assert any("title" in problem for problem in problems) and any("date" in problem for problem in problems)
    both = read("Head line\n\n3/4/2024\n\nThe text of it stands here.", None)
    assert both.dated is None and "3/4/2024" in both.problems[0]


def test_an_embargo_is_a_decision_for_the_editor():
    proposal = read(text_of(next(path for path in TEXTS if "embargo" in path.name)), None)
    assert proposal.embargo.startswith("EMBARGOED UNTIL")
    assert any("immediate release" in problem for problem in proposal.problems)
    assert [(d.role, d.iso) for d in proposal.dates] == [("embargo", "2025-06-06")]


# Offices and the registry

SECRETARY = [
    {"name": "Ingrid Solheim", "position": "Secretary General", "organisation": "Harbour Council",
     "since": "2020-01-01"},
    {"name": "Tor Blom", "position": "Secretary General", "organisation": "Harbour Council", "until": "2020-01-01"},
    {"name": "Ana Ruiz", "position": "Mayor", "organisation": "Port Sable", "aliases": ["Anita Ruiz"], "uid": "p1"},
]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("NATO Secretary General", "Secretary General of NATO"),
        ("Secretary General of NATO", "Secretary General of NATO"),
        ("Norwegian Prime Minister", "Prime Minister of Norway"),
        ("Dutch Foreign Minister", "Foreign Minister of the Netherlands"),
        ("New Zealander Prime Minister", "Prime Minister of New Zealand"),
        ("Harbour Council Secretary General", "Secretary General of the Harbour Council"),
        ("Deputy Secretary General", "Deputy Secretary General"),
        ("Finance Minister", "Finance Minister"),
        ("Port Director", "Port Director"),
        ("U.S. Attorney for the Northern District", "U.S. Attorney for the Northern District"),
        ("former Prime Minister", None),
        (None, None),
    ],
)
def test_one_office_has_one_form(written, canonical):
    assert canonical_position(written) == canonical


def test_who_held_an_office_depends_on_the_day():
    registry = Registry.from_json(SECRETARY)

    def names(words, day):
        return [holder.name for _, holder in registry.holders_on(words, day)]

    for words in ("Harbour Council Secretary General", "Secretary-General of the Harbour Council", "Secretary General"):
        assert names(words, "2019-12-31") == ["Tor Blom"]
        assert names(words, "2020-01-01") == ["Ingrid Solheim"]
    assert names("Deputy Secretary General", "2020-01-01") == []
    assert names("Secretary General of the Fishing Council", "2020-01-01") == []


def office_text(day, institution="Harbour Council"):
    return (
        f"{institution} meets in spring\n\n{day}\n\nThe {institution} met on Monday.\n\n"
        "The Secretary General said: “The ice is gone and the boats are out.”"
    )


def test_an_office_alone_is_the_one_who_held_it_that_day():
    registry = Registry.from_json(SECRETARY)
    assert read(office_text("1 May 2019"), registry).quotes[0].speaker == "Tor Blom"
    assert read(office_text("1 May 2021"), registry).quotes[0].speaker == "Ingrid Solheim"


def test_an_office_of_an_institution_not_in_the_text_names_nobody():
    quote = read(office_text("1 May 2021", "Weaving Guild"), Registry.from_json(SECRETARY)).quotes[0]
    assert (quote.speaker, quote.source) == (None, "The Secretary General")


def test_a_name_in_the_clause_outranks_the_office():
    text = office_text("1 May 2021").replace("The Secretary General said", "The Secretary General, Paula Quist, said")
    assert read(text, Registry.from_json(SECRETARY)).quotes[0].speaker == "Paula Quist"


def test_an_alias_is_the_person_the_registry_knows():
    text = "New pier\n\n2 May 2021\n\n“The pier is open,” said Anita Ruiz. Ms Ruiz added: “Walk to the end of it.”"
    quotes = read(text, Registry.from_json(SECRETARY)).quotes
    assert {(q.speaker, q.speaker_uid, q.position) for q in quotes} == {("Ana Ruiz", "p1", "Mayor of Port Sable")}


@pytest.mark.parametrize(
    "clause",
    [
        "said a spokesman for Mr Holm",
        "said the office of Jonas Holm",
        "Mr Holm’s lawyer said",
        "said Jonas Holm and Vera Lind",
        "the members of the board said",
        "he said",
    ],
)
def test_nobody_is_named_for_words_that_are_not_theirs(clause):
    text = (
        "Talks\n\n2 May 2021\n\nJonas Holm met Director Vera Lind.\n\n"
        f"The board met later. “The talks were long and they were useful,” {clause}."
    )
    (quote,) = read(text, None).quotes
    assert quote.speaker is None


def test_topics_come_from_the_registry_with_their_evidence():
    topics = [{"path": "sea/ice", "name": "Sea ice", "aliases": ["the ice"]}, {"path": "sea/salt", "name": "Salt"}]
    proposal = read(office_text("1 May 2021"), Registry.from_json(SECRETARY, topics=topics))
    (topic,) = proposal.topics
    assert (topic["path"], topic["name"], topic["evidence"]) == ("sea/ice", "Sea ice", "The ice")
    assert office_text("1 May 2021")[topic["start"] : topic["end"]] == "The ice"
    assert read(office_text("1 May 2021"), Registry.from_json(SECRETARY)).topics == []


def test_a_label_is_a_related_item_even_when_somebody_speaks_in_the_first_person_below_it():
    text = (
        "Harbour Council meets in Tallinn\n\n14 March 2024\n\nThe Harbour Council met in Tallinn on Thursday.\n\n"
        "Press conference with the Chair and the Mayor of Tallinn\n\n"
        "The Chair thanked the city. “I am glad that we meet here, and I hope that we return. It is our harbour,” "
        "said Ingrid Solheim.\n"
    )
    proposal = read(text)
    assert [(item.label, item.after_paragraph) for item in proposal.related] == [
        ("Press conference with the Chair and the Mayor of Tallinn", 1)
    ]
