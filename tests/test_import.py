"""What coming in and going out for good promise: a release becomes an article with its people and offices, all of it or
nothing, and a name stands behind it; an erased article leaves no word; the record can be verified.

All texts are fiction.
"""

import io
import json
import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections
from django.utils import timezone

from articles import body as bodies
from articles import imports, seal
from articles.management.commands import erase
from articles.models import Act, Article, Change, Edition, Quote, QuoteText, Release, State, Topic, content_hash
from people.models import Appointment, Organisation, Person, Position

RELEASES = Path(__file__).with_name("releases")
FOUNDING = RELEASES / "01_news_item_four_names.txt"


def release(title, day, *paragraphs):
    return "\n\n".join([title, day, *paragraphs]).encode()


def run(command, *args):
    """(exit code, standard output, standard error) of a command; the code is that of the real process."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(command, *map(str, args), stdout=out, stderr=err)
    except CommandError as error:
        return error.returncode, out.getvalue(), f"{err.getvalue()}{error}"
    return 0, out.getvalue(), err.getvalue()


def counts():
    models = (Article, Edition, Quote, QuoteText, Release, Act, Person, Organisation, Position, Appointment)
    return {model.__name__: model.objects.count() for model in models}


def take_in(data, by=None, name="a.txt"):
    return imports.take_in(data, name, by)


# --- The founding sample's twin ---------------------------------------------------------------------------------------


def test_a_release_becomes_a_draft_with_everything_in_its_place(world):
    topics = [Topic.objects.create(name="Navigation", aliases=["Winter navigation"]), world.ferries]
    edition = take_in(FOUNDING.read_bytes(), world.publisher, FOUNDING.name)
    edition.refresh_from_db()
    assert edition.headline == "Harbour Council Secretary General meets with Estonian Prime Minister in Tallinn"
    assert (edition.dated, edition.event_date) == (date(2024, 3, 14), date(2024, 3, 14))
    assert (edition.source_updated, edition.place) == ("2024-03-14T09:05", "Tallinn")
    assert [block.tag for block in bodies.blocks(edition.body)] == ["p", "p", "p"]
    assert "Joint press conference" not in edition.plain_text
    item = edition.related.get()
    assert (item.kind, item.url, item.after_paragraph) == ("press-conference", "", 1)
    assert list(edition.topics.all()) == topics[:1]
    quotes = list(edition.quotes.order_by("order"))
    assert len(quotes) == 5
    assert {(q.speaker_name, q.office, str(q.position.organisation)) for q in quotes} == {
        ("Ingrid Solheim", "Secretary General", "Harbour Council")
    }
    assert quotes[1].text == "steady hand in keeping the eastern lanes open"
    assert [(m.name, m.office, str(m.position)) for m in edition.mentions.order_by("id")] == [
        ("Ingrid Solheim", "Harbour Council Secretary General", "Secretary General, Harbour Council"),
        ("Kaspar Van Tammela", "Estonian Prime Minister", "Prime Minister, Estonia"),
    ]
    assert {str(row) for row in edition.proposals()} == {
        "Harbour Council", "Estonia", "Secretary General, Harbour Council", "Prime Minister, Estonia",
        "Ingrid Solheim", "Kaspar Van Tammela", "Ingrid Solheim: Secretary General, Harbour Council",
        "Kaspar Van Tammela: Prime Minister, Estonia",
    }  # fmt: skip
    assert edition.live_from is None and not Person.objects.get(slug="ingrid-solheim").public_from


def test_the_release_is_kept_as_it_came_and_its_pieces_put_it_together_again(world):
    edition = take_in(FOUNDING.read_bytes(), world.publisher, FOUNDING.name)
    kept = Release.objects.get(article=edition.article)
    assert kept.text == FOUNDING.read_text("utf-8")
    assert (kept.name, kept.imported_by) == (FOUNDING.name, world.publisher)
    put_together = [" "] * len(kept.text)
    for start, end, _role in kept.proposal["pieces"]:
        put_together[start:end] = kept.text[start:end]
    assert "".join(put_together).split() == kept.text.split()


def test_accepted_and_published_by_name(open_world):
    code, out, err = run("import_release", FOUNDING, "--accept", "--publish", "--by", "publisher")
    assert (code, err) == (0, "")
    assert "confirmed person: Ingrid Solheim" in out and "published: edition 1" in out
    edition = Edition.objects.live(timezone.now()).get()
    assert edition.summary == edition.plain_text.split("\n")[0] != ""
    assert timezone.localtime(edition.sorted_at).isoformat()[:19] == "2024-03-14T00:00:00"
    assert {q.sorted_at for q in edition.quotes.all()} == {edition.sorted_at}
    assert edition.written_by.username == "import" and not edition.written_by.is_active
    assert edition.approved_by == edition.published_by == edition.article.created_by == open_world.publisher
    imported = Act.objects.get(verb="import")
    assert (imported.by, imported.note, imported.edition) == (open_world.publisher, FOUNDING.name, edition)
    for appointment in Appointment.objects.filter(person__slug__in=["ingrid-solheim", "kaspar-van-tammela"]):
        assert (appointment.attested_from, appointment.attested_to) == (date(2024, 3, 14), date(2024, 3, 14))
        assert not appointment.proposed and appointment.public_from == edition.live_from
    assert edition.proposals() == []
    assert run("verify")[0] == 0


def test_without_a_name_the_system_publishes_and_the_machine_still_did_not_approve_itself(world):
    code, _out, err = run("import_release", FOUNDING, "--accept", "--publish")
    assert (code, err) == (0, "")
    edition = Edition.objects.live(timezone.now()).get()
    assert edition.approved_by is None and edition.written_by.username == "import"


def test_what_is_missing_is_said_the_draft_is_kept_and_may_be_accepted_later(world):
    code, out, err = run("import_release", FOUNDING, "--publish", "--by", "publisher")
    assert code == 1 and "It has no summary." in err
    assert err.count("Ingrid Solheim is only proposed.") == 1 and "Estonia" in err
    edition = Edition.objects.get()
    assert edition.live_from is None and edition.submitted_at is None
    code, out, err = run("import_release", FOUNDING, "--accept", "--publish", "--by", "publisher")
    assert (code, err) == (0, "") and "Already imported" in out
    assert Edition.objects.live(timezone.now()).get() == edition


def test_whoever_answers_for_it_needs_the_permissions_of_the_verbs(world):
    code, _out, err = run("import_release", FOUNDING, "--accept", "--by", "writer")
    assert code == 1 and "people.change_person" in err
    assert Person.objects.get(slug="ingrid-solheim").proposed
    code, _out, err = run("import_release", FOUNDING, "--accept", "--publish", "--by", "editor")
    assert code == 1 and "publish_edition" in err
    edition = Edition.objects.get()
    assert edition.live_from is None and edition.approved_at is None
    world.writer.groups.clear()
    with pytest.raises(PermissionDenied):
        take_in(b"anything", type(world.writer).objects.get(pk=world.writer.pk))
    assert run("import_release", FOUNDING, "--by", "nobody")[0] == 1


# --- Bad input --------------------------------------------------------------------------------------------------------


BAD = {
    "empty.txt": (b" \n", "empty"),
    "binary.txt": (b"\x00\x01\x02" * 400, "binary"),
    "long.txt": (b"Lamps along the quay were lit again.\n" * 140_000, "5.2 MB"),
    "encoding.txt": (
        "Маяк на мысе снова светит каждую ночь.\n\n12 May 2024\n\nОн светит.".encode("koi8-r"),
        "encoding",
    ),
    "no_date.txt": (b"Lamps lit again on the quay\n\nThe lamps were lit again, the port said in a notice.", "date"),
    "no_title.txt": ((RELEASES / "14_glued_paragraphs.txt").read_bytes(), "title"),
    "headline.txt": (release("A lamp " * 50, "12 May 2024", "The lamps were lit again, the port said."), "title"),
    "year.txt": (release("Lamps lit again on the quay", "0203-05-12", "The lamps were lit again."), "date"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_named_and_the_others_come_in(world, tmp_path, name):
    data, reason = BAD[name]
    bad = tmp_path / name
    bad.write_bytes(data)
    before = counts()
    code, out, err = run("import_release", bad, tmp_path / "absent.txt", "--by", "publisher")
    assert code == 1 and counts() == before
    refusal, absent, total = err.splitlines()
    assert refusal.startswith(f"{name}: ") and reason in refusal
    assert absent.startswith("absent.txt: ") and total == "2 of 2 files not imported."
    code, out, err = run("import_release", bad, FOUNDING, "--by", "publisher")
    assert code == 1 and f"{FOUNDING.name}: draft of article" in out and name not in out
    assert Article.objects.count() == 1


def test_the_same_file_twice_is_one_article(world):
    assert run("import_release", FOUNDING)[0] == 0
    before = counts()
    code, out, err = run("import_release", FOUNDING, FOUNDING)
    assert (code, err) == (0, "") and out.count("Already imported, as article") == 2
    assert counts() == before


def test_nothing_is_half_written(world, monkeypatch):
    before = counts()

    def broken(paragraphs):
        raise RuntimeError("the power went")

    monkeypatch.setattr(imports, "_blocks_before", broken)
    with pytest.raises(RuntimeError):
        take_in(FOUNDING.read_bytes())
    assert counts() == before


def test_every_fictional_release_comes_in_or_says_why_not(world):
    files = sorted(RELEASES.glob("*.txt"))
    _code, out, err = run("import_release", *files)
    for path in files:
        assert (f"{path.name}: draft of" in out) != (f"{path.name}: " in err)
    for kept in Release.objects.all():
        edition = kept.article.editions.get()
        body = "".join(kept.text[start:end] for start, end, role in kept.proposal["pieces"] if role == "body")
        assert "".join(edition.plain_text.split()) == "".join(body.split())
        assert edition.quotes.count() == len(kept.proposal["quotes"])


# --- Folders of them --------------------------------------------------------------------------------------------------


def lock(number, who="Jane Holloway", office="Director of the Canal Union"):
    return release(
        f"Canal Union opens lock {number}", f"{1 + number % 28} May 2019",
        f"“Lock {number} is open, and the boats may pass,” said {who}, {office}.",
    )  # fmt: skip


def folder(path, count):
    (path / "2019").mkdir()
    for number in range(count):
        (path / "2019" / f"{number:03d}.txt").write_bytes(lock(number))
    (path / "page.html").write_text("<h1>Canal Union closes a lock</h1><p>3 June 2019</p><p>The lock was closed.</p>")
    (path / "empty.txt").write_bytes(b"")
    (path / "picture.png").write_bytes(b"no release")
    return path


def lines_of(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_folder_comes_in_with_a_summary_and_a_report(world, tmp_path):
    report = tmp_path / "report.jsonl"
    code, out, err = run("import_release", folder(tmp_path, 101), "--report", report, "--by", "publisher")
    assert code == 1 and "empty.txt: The file is empty" in err and "1 of 103 files not imported." in err
    assert "100 of 103 files" in out and "103 files in" in out and "102  imported" in out and "1  refused" in out
    assert "101  quotes" in out and "draft of article" not in out
    facts = lines_of(report)
    assert len(facts) == 103 and Article.objects.count() == 102
    first = next(fact for fact in facts if fact["file"].endswith("2019/000.txt"))
    assert (first["status"], first["title"], first["dated"], first["quotes"]) == (
        "imported", "Canal Union opens lock 0", "2019-05-01", 1,
    )  # fmt: skip
    assert Article.objects.get(uid=first["article"]).editions.get().headline == first["title"]
    assert [fact["reasons"] for fact in facts if fact["status"] == "refused"][0][0].startswith("The file is empty")
    assert Person.objects.filter(name="Jane Holloway").count() == 1


def test_a_run_that_was_broken_off_goes_on_where_it_was(world, tmp_path, monkeypatch):
    source, report = folder(tmp_path, 30), tmp_path / "report.jsonl"
    take_in_, done = imports.take_in, []

    def broken_off(*args):
        if len(done) == 12:
            raise KeyboardInterrupt
        done.append(args)
        return take_in_(*args)

    monkeypatch.setattr(imports, "take_in", broken_off)
    code, out, err = run("import_release", source, "--report", report)
    assert code == 1 and "Run the same command again" in err and "imported" in out
    before = Article.objects.count()
    monkeypatch.setattr(imports, "take_in", take_in_)
    code, out, err = run("import_release", source, "--report", report)
    assert Article.objects.count() == 31 > before == 12
    assert "12  already imported" in out and "19  imported" in out
    assert len(lines_of(report)) == 12 + 32


def test_a_folder_without_releases_says_what_is_read(world, tmp_path):
    (tmp_path / "picture.png").write_bytes(b"x")
    code, _out, err = run("import_release", tmp_path)
    assert code == 1 and ".docx" in err
    code, _out, err = run("import_release", FOUNDING, "--report", tmp_path / "absent" / "report.jsonl")
    assert code == 1 and "report cannot be written" in err


def test_what_many_releases_add_is_known_to_the_next_as_if_read_anew(world):
    """One register over a run answers as a fresh one does: people, offices, and who held them when."""
    register = imports.Register()
    for number, (who, year) in enumerate([("Tor Brandvik", 2013), ("Oona Hartwell", 2023), ("Ilse Amberg", 2018)]):
        edition = imports.take_in(
            meeting(who, f"12 March {year}", f"lock {number} is new"), f"{number}", None, register
        )
        imports.accept(edition, None, register)
    with pytest.raises(imports.Refused):
        imports.take_in(b"No date stands here.\n\nNor a title.", "bad", None, register)
    fresh = imports.Register()
    for day in ("2012-01-01", "2013-03-12", "2016-05-05", "2018-03-12", "2020-01-01", "2023-03-12", "2030-01-01"):
        asked = ("Canal Union Secretary General", day)
        known, expected = (sorted(h.name for _, h in r.reader.holders_on(*asked)) for r in (register, fresh))
        assert known == expected and (known or day in ("2016-05-05", "2020-01-01")), day
    assert register.people.keys() == fresh.people.keys()
    assert register.positions.keys() >= fresh.positions.keys()


def test_many_releases_come_in_with_flat_memory(world, tmp_path):
    """Three hundred of them; ten thousand with SOAK."""
    count = 10_000 if "SOAK" in os.environ else 300
    for number in range(count):
        (tmp_path / f"{number:05d}.txt").write_bytes(lock(number, f"Jane Holloway-{chr(97 + number % 26)}moor"))
    sizes = []

    class Watch(io.StringIO):
        def write(self, text):
            if f" of {count:,} files" in text:
                sizes.append(int(Path("/proc/self/statm").read_text().split()[1]) * 4096)
            return super().write(text)

    call_command("import_release", str(tmp_path), stdout=Watch())
    assert Article.objects.count() == count
    assert sizes[-1] < sizes[len(sizes) // 10] * 1.1, [size >> 20 for size in sizes]


# --- People and offices -----------------------------------------------------------------------------------------------


def meeting(who, day, spoken="the lock gates will be renewed"):
    return release(
        f"Canal Union Secretary General opens the lock of {day[-4:]}", day,
        f"Canal Union Secretary General {who} opened the lock in Dunmere on {day}.",
        f"“We are glad that {spoken},” said the Secretary General.",
    )  # fmt: skip


def test_two_secretaries_general_ten_years_apart(world):
    for data in (meeting("Oona Hartwell", "30 May 2023"), meeting("Tor Brandvik", "12 March 2013")):
        edition = take_in(data)
        imports.accept(edition)
        imports.publish(edition)
        Position.objects.filter(organisation__name="Canal Union").update(single_holder=True)
    position = Position.objects.get(organisation__name="Canal Union")
    oona, tor = (Person.objects.get(name=name) for name in ("Oona Hartwell", "Tor Brandvik"))
    assert {(q.speaker, q.position, q.said_on) for q in QuoteText.objects.all()} == {
        (oona, position, date(2023, 5, 30)), (tor, position, date(2013, 3, 12)),
    }  # fmt: skip
    assert list(position.appointments.held_on(date(2023, 5, 30))) == [oona.appointments.get()]
    assert list(position.appointments.held_on(date(2013, 3, 12))) == [tor.appointments.get()]
    assert oona.office_on(date(2030, 1, 1)).position == tor.office_on(date(2012, 1, 1)).position == position
    assert tor.office_on(date(2030, 1, 1)) is None and oona.office_on(date(2012, 1, 1)) is None

    # Others name the office alone: after, before, and in between, where it may have been either.
    for day, speaker in (("2 June 2023", oona), ("11 March 2013", tor), ("7 May 2018", None)):
        text = meeting("", day, "the towpath is dry").replace(b"General  opened", b"General opened")
        assert take_in(text).quotes.get().speaker == speaker


def test_the_register_is_used_whatever_the_spelling(world):
    world.mara.aliases = ["Mara O. Lie"]
    world.mara.save()
    before = {model: model.objects.count() for model in (Person, Organisation, Position, Appointment)}
    edition = take_in(
        release(
            "CL Secretary General opens the ferry", "12 May 2024",
            "CL Secretary General Mara O. Lie opened the ferry in Lakeside on 12 May 2024.",
            "“The ferry is for everybody on this lake,” said the Secretary General.",
        )
    )  # fmt: skip
    quote = edition.quotes.get()
    assert (quote.speaker, quote.position) == (world.mara, world.secretary_general)
    assert {model: model.objects.count() for model in before} == before
    imports.accept(edition)
    appointment = world.mara.appointments.get(position=world.secretary_general)
    assert (appointment.since, appointment.attested_from) == (date(2023, 9, 1), date(2024, 5, 12))


def test_the_office_named_in_the_text_is_printed_though_a_higher_one_was_held(world):
    tide = Position.objects.create(title="Chair", organisation=Organisation.objects.create(name="Tide Fund"), rank=1)
    Appointment.objects.create(person=world.mara, position=tide, since=date(2020, 1, 1))
    edition = take_in(
        release(
            "Chair of the Tide Fund signs for the lighthouse", "12 May 2024",
            "Mara Ostrander-Lie, Chair of the Tide Fund, signed for the lighthouse.",
            "“The lamp is paid for until the end of the century,” said Ms Ostrander-Lie.",
        )
    )  # fmt: skip
    assert world.mara.office_on(date(2024, 5, 12)).position == world.secretary_general
    assert edition.quotes.get().position == tide


def test_a_text_that_contradicts_the_register_is_put_to_an_editor(world):
    edition = take_in(
        release(
            "Secretary-General of the Council of Lakes speaks", "12 May 2011",
            "Mara Ostrander-Lie, Secretary-General of the Council of Lakes, spoke in Lakeside.",
            "“The lake has never been as clear as it is today,” said Ms Ostrander-Lie.",
        )
    )  # fmt: skip
    questions = edition.article.releases.get().proposal["open_questions"]
    assert any("the register says otherwise" in question for question in questions)
    imports.accept(edition)
    assert edition.quotes.get().position is None
    assert world.mara.appointments.get(position=world.secretary_general).attested_from is None
    with pytest.raises(ValidationError, match="held no known office"):
        imports.publish(edition)


def test_a_proposed_office_of_somebody_known_is_not_published_unconfirmed(world):
    edition = take_in(
        release(
            "Chair of the Tide Fund signs for the lighthouse", "12 May 2024",
            "Mara Ostrander-Lie, Chair of the Tide Fund, signed for the lighthouse.",
        )
    )  # fmt: skip
    edition.summary = "A signature."
    edition.save()
    with pytest.raises(ValidationError, match="Tide Fund"):
        imports.publish(edition)


def test_of_two_people_of_one_name_none_is_guessed(world):
    for _ in range(2):
        Person.objects.create(name="Ada Winterbourne")
    people = Person.objects.count()
    edition = take_in(
        release(
            "Harbour master closes the quay", "12 May 2024",
            "Ada Winterbourne, harbour master, closed the quay on Sunday.",
            "“The quay is closed until the crane has been repaired,” said Ms Winterbourne.",
        )
    )  # fmt: skip
    speakers = {quote.speaker for quote in edition.quotes.all()}
    assert Person.objects.count() == people
    assert speakers == {None} and not edition.mentions.exists()
    assert any("no speaker" in problem for problem in edition.blockers())


def test_collective_sources_stay_words_and_unknown_speakers_stay_open(world):
    collective = take_in((RELEASES / "05_collective_and_unnamed.txt").read_bytes())
    assert [(quote.speaker, quote.source) for quote in collective.quotes.order_by("order")] == [
        (None, "the lawmakers"), (None, "The lawmakers"), (None, "a spokesman for the transport board"),
        (None, "The Ferry Union"),
    ]  # fmt: skip
    unknown = take_in((RELEASES / "13_office_alone.txt").read_bytes())
    imports.accept(unknown)
    with pytest.raises(ValidationError, match="has no speaker"):
        imports.publish(unknown)


@pytest.mark.parametrize(
    ("office", "title", "institution"),
    [
        ("Secretary General of NATO", "Secretary General", "NATO"),
        ("Prime Minister of Norway", "Prime Minister", "Norway"),
        ("President of the University of Dunmere", "President", "University of Dunmere"),
        ("Minister of State for Ports of the United Kingdom", "Minister of State for Ports", "United Kingdom"),
        ("Professor of Tides at the University of Dunmere", "Professor of Tides", "University of Dunmere"),
        ("maire de Kerven", "maire", "Kerven"),
        ("Minister of Finance", "Minister of Finance", ""),
        ("Commissioner for Ferries of the North", "Commissioner for Ferries of the North", ""),
        ("Chairwoman of the Board", "Chairwoman of the Board", ""),
        ("member of the Sail Party and professor at Dunmere", "member of the Sail Party and professor at Dunmere", ""),
        ("Foreign Minister", "Foreign Minister", ""),
    ],
)
def test_an_office_is_parted_from_its_institution_only_where_the_words_say_so(office, title, institution):
    assert imports._institution(office) == (title, institution)


# --- The rest of a release --------------------------------------------------------------------------------------------


def test_an_embargo_waits_for_a_decision(world):
    edition = take_in(
        release(
            "Lighthouse report", "12 May 2024", "EMBARGOED UNTIL 00:01 on 13 May 2024",
            "One lamp in five is dark, the Coastal Office found in its report.",
        )
    )  # fmt: skip
    assert "EMBARGOED UNTIL" in edition.embargo
    imports.accept(edition)
    with pytest.raises(ValidationError, match="Decide the embargo first"):
        imports.publish(edition)


def test_a_day_told_of_in_passing_is_not_the_day_of_the_event(world):
    edition = take_in(
        release(
            "Rosa Lindqvist opens the archive", "12 May 2024",
            "Rosa Lindqvist opened the archive in Dunmere on Friday (7 October 2016).",
            "“The archive is open to everybody who can read,” said Ms Lindqvist.",
        )
    )  # fmt: skip
    assert edition.event_date is None and edition.quotes.get().said_on == date(2024, 5, 12)
    assert "2016-10-07" in edition.article.releases.get().proposal["open_questions"][0]


def test_a_related_item_counts_the_blocks_of_the_body(world):
    text = (RELEASES / "10_headings_and_lists.txt").read_bytes()
    edition = take_in(text)
    proposal = edition.article.releases.get().proposal
    blocks, paragraphs = bodies.blocks(edition.body), proposal["paragraphs"]
    assert len(blocks) < len(paragraphs)  # the items of a list stand in one block
    assert proposal["related"][0]["after_paragraph"] == len(paragraphs)
    assert edition.related.get().after_paragraph == len(blocks)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://a.example/b", "https://a.example/" + "b" * 500, None])
def test_only_web_addresses_become_links(url):
    assert imports._address(url) == ""
    assert imports._address("https://a.example/b") == "https://a.example/b"


def test_lines_broken_to_fit_a_page_are_joined(world):
    edition = take_in((RELEASES / "11_hard_wrapped.txt").read_bytes())
    assert "<br" not in edition.body


def test_a_summary_ends_with_a_sentence():
    assert imports.opening("Short.") == "Short."
    long = "The lamps were lit. " * 80
    cut = imports.opening(long)
    assert 900 < len(cut) <= 1000 and cut.endswith("lit.")
    assert len(imports.opening("lamp " * 400)) <= 1000 and imports.opening("lamp " * 400).endswith("lamp…")


# --- read_release -----------------------------------------------------------------------------------------------------


def test_read_release_prints_an_object_a_line_and_writes_nothing(world):
    before = counts()
    files = sorted(RELEASES.glob("*.txt"))
    code, out, err = run("read_release", *files, "--json")
    assert (code, err, counts()) == (0, "", before)
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["file"] for line in lines] == [path.name for path in files]
    for line in lines:
        assert {"title", "dated", "last_updated", "place", "topics"} <= line.keys()
        assert all(
            {"segments", "speaker", "position", "kind", "confidence"} <= quote.keys() for quote in line["quotes"]
        )
        assert all({"name", "office"} <= person.keys() for person in line["people"])
        assert all({"label", "url", "after_paragraph"} <= item.keys() for item in line["related"])
        assert all({"text", "start", "end", "reason"} <= cut.keys() for cut in line["cut"])
    assert lines[0]["last_updated"] == "2024-03-14T09:05"
    code, out, _err = run("read_release", *files)
    assert code == 0 and "Ingrid Solheim, Harbour Council Secretary General" in out


def test_read_release_goes_by_the_database_or_by_the_registry_it_is_given(world, tmp_path):
    text = tmp_path / "a.txt"
    text.write_bytes(
        release(
            "CL Secretary General opens the ferry", "12 May 2024",
            "The CL Secretary General opened the ferry in Lakeside.",
            "“The ferry is for everybody on this lake,” said the Secretary General.",
        )
    )  # fmt: skip
    registry = tmp_path / "registry.json"
    registry.write_text(json.dumps([{
        "name": "Piet Sorrel", "position": "Secretary General", "organisation": "CL", "aliases": [],
        "since": "2020-01-01", "until": None,
    }]))  # fmt: skip
    by_database = json.loads(run("read_release", text, "--json")[1])
    by_registry = json.loads(run("read_release", text, "--json", "--registry", registry)[1])
    assert by_database["quotes"][0]["speaker"] == "Mara Ostrander-Lie"
    assert by_database["quotes"][0]["position"] == "Secretary-General of CL"
    assert by_registry["quotes"][0]["speaker"] == "Piet Sorrel"
    registry.write_text("{")
    assert run("read_release", text, "--registry", registry)[0] == 1


def test_read_release_names_a_bad_file_and_goes_on(db, tmp_path):
    (tmp_path / "bad.txt").write_bytes(b"")
    code, out, err = run("read_release", tmp_path / "bad.txt", FOUNDING, "--json")
    bad, good = map(json.loads, out.splitlines())
    assert code == 1 and "bad.txt: The file is empty" in err
    assert bad.keys() == {"file", "error"} and good["title"]


def test_read_release_needs_no_migrated_database(monkeypatch):
    def no_tables():
        raise DatabaseError("no such table")

    monkeypatch.setattr(imports, "Register", no_tables)
    code, out, err = run("read_release", FOUNDING, "--json")
    assert code == 0 and json.loads(out)["quotes"][4]["speaker"] == "Ingrid Solheim"
    assert "without the register" in err


# --- erase and verify -------------------------------------------------------------------------------------------------

CANARY = "Quillfeather"


def dump():
    """Every column of every row of every table, as text."""
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows += [f"{table}: {row!r}" for row in cursor.fetchall()]
    return "\n".join(rows)


def with_canary(world):
    """A published article with a draft begun after it, whose every word field holds the canary."""
    edition = take_in(
        release(
            f"The {CANARY} lamp is lit", "12 May 2024", "Last updated: 12 May 2024 10:00",
            f"The {CANARY} lamp was lit in Lakeside on 12 May 2024 by Mara Ostrander-Lie, who had brought the oil.",
            f"“I have waited for the {CANARY} lamp for forty years,” said Ms Ostrander-Lie.",
        ), world.publisher, f"{CANARY}.txt",
    )  # fmt: skip
    imports.accept(edition, world.publisher)
    imports.publish(edition, world.publisher)
    article = edition.article
    article.move(world.publisher, f"{CANARY.lower()}-again")
    draft = article.start_edition(world.writer, note=f"{CANARY} was misspelt.", change_class="correction")
    LogEntry.objects.log_actions(world.publisher.pk, [draft], CHANGE, f"Saved {CANARY}", single_object=True)
    return article


def test_an_erased_article_leaves_no_word_anywhere(open_world):
    article = with_canary(open_world)
    other = open_world.published("Another lamp stays lit")
    assert dump().lower().count(CANARY.lower()) > 12
    code, out, err = run("erase", article.uid, "--by", "publisher", "--ground", "Order 12 of the court")
    assert (code, err) == (0, "")
    assert "2 editions, 2 quote texts" in out and "What remains" in out and "backups" in out
    assert CANARY.lower() not in dump().lower()
    if connection.vendor == "sqlite":
        assert CANARY.lower().encode() not in Path(connection.settings_dict["NAME"]).read_bytes().lower()
    assert Edition.objects.live(timezone.now()).get() == other
    assert "Order 12 of the court" in dump()
    assert run("verify")[0] == 0


def test_while_an_older_transaction_can_see_the_words_it_says_so(open_world):
    article = with_canary(open_world)
    older = connections.create_connection("default")
    try:
        with older.cursor() as cursor, connection.cursor() as ours:
            if connection.vendor == "sqlite":
                ours.execute("PRAGMA busy_timeout = 100").fetchall()
                cursor.execute("BEGIN")
            else:
                cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT count(*) FROM auth_user")
            cursor.fetchall()
            if connection.vendor == "postgresql":
                article.erase(open_world.publisher, "Order 12 of the court")
            with pytest.raises(CommandError, match="an older transaction can see them"):
                erase.rewrite_files(patience=0)
            cursor.execute("ROLLBACK")
            erase.rewrite_files(patience=20)
    finally:
        older.close()
        connection.close()  # with its own patience again


def test_one_edition_is_erased_and_the_next_one_stays(open_world):
    first = open_world.published(f"The {CANARY} lamp is lit")
    second = first.article.start_edition(
        open_world.writer, headline="A lamp is lit", body="<p>A lamp was lit.</p>", note="A name left out.",
        change_class="correction",
    )  # fmt: skip
    open_world.approve(second)
    second.publish(open_world.publisher)
    first.article.move(open_world.publisher, "a-lamp")
    first.article.former_slugs.all().delete()
    first.article.acts.filter(verb="move").update(note="")
    code, _out, err = run("erase", f"{first.article.uid}/1", "--by", "publisher", "--ground", "A name to protect")
    assert (code, err) == (0, "")
    assert CANARY.lower() not in dump().lower()
    assert Edition.objects.live(timezone.now()).get() == second
    assert run("verify")[0] == 0


def test_erase_refuses_what_it_cannot_do(open_world):
    article = open_world.published().article
    for uid, by, ground, reason in (
        ("nothing", "publisher", "A ground", "no article"),
        (f"{article.uid}/7", "publisher", "A ground", "no edition 7"),
        (f"{article.uid}/x", "publisher", "A ground", "no edition x"),
        (article.uid, "editor", "A ground", "may not"),
        (article.uid, "publisher", "  ", "ground"),
        (article.uid, "nobody", "A ground", "no active user"),
    ):
        code, _out, err = run("erase", uid, "--by", by, "--ground", ground)
        assert code == 1 and reason in err
    assert article.live(timezone.now())


def test_verify_counts_what_it_checked(world):
    world.published()
    world.draft("Not yet")
    code, out, err = run("verify")
    assert (code, err) == (0, "")
    assert "words: 1 checked, 0 wrong" in out and f"ledger: {State.objects.get().seq + 1} checked" in out


def tampering():
    def words():
        Edition.objects.filter(number=1).update(headline="It never happened")
        return "not those that were sealed"

    def rehashed():
        edition = Edition.objects.get(number=1)
        edition.headline = "It never happened"
        Edition.objects.filter(pk=edition.pk).update(
            headline=edition.headline, salt="", text_hash=edition.fingerprint(),
            content_hash=content_hash("", edition.fingerprint(), edition.note, edition.change_class),
        )  # fmt: skip
        return "not what the ledger says went live"

    def quote():
        QuoteText.objects.update(text="Nobody said this")
        return "its quotes are not those of its body"

    def plain():
        Edition.objects.filter(number=1).update(plain_text="Nothing")
        return "its plain text is not that of its body"

    def renumbered():
        Change.objects.filter(seq=1).delete()
        return "change 1 is missing"

    def retold():
        Change.objects.filter(seq=2).update(uid="somebody")
        return "change 2 does not follow"

    def cut_short():
        Change.objects.filter(seq=State.objects.get().seq).delete()
        return "the state says"

    def deleted():
        QuoteText.objects.all().delete()
        Edition.objects.all().delete()
        return "is in the ledger, but not in the database"

    def ahead():
        State.objects.update(horizon=datetime(2000, 1, 1, tzinfo=UTC))
        return "later than the horizon"

    return [words, rehashed, quote, plain, renumbered, retold, cut_short, deleted, ahead]


@pytest.mark.parametrize("tamper", tampering(), ids=lambda tamper: tamper.__name__)
def test_verify_finds_what_was_done_behind_the_seal(open_world, tamper):
    words = open_world.quote("Keep the lamp lit,", "lamp")
    open_world.published("The lamp is lit", body=f"<p>{words} she said.</p>")
    assert run("verify")[0] == 0
    seal.remove()
    try:
        told = tamper()
        code, _out, err = run("verify")
        assert code == 1 and "seal: " in err and "is missing" in err
    finally:
        seal.install()
    code, _out, err = run("verify")
    assert code == 1 and told in err and "seal: " not in err
