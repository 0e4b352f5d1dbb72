"""Keeping house: pictures that carry nothing but their pixels, files that are what they say, two records made one,
offices that will be wrong, and translations that know what they were made from."""

import io
import re
import struct
import zipfile
import zlib
from datetime import UTC, date, datetime, timedelta

import PIL.Image
import PIL.ImageCms
import PIL.PngImagePlugin
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles.images import Attachment, Image, Placement, Rendition
from articles.ledger import Change
from articles.merges import merge_people, merge_positions, merge_topics
from articles.models import (
    Article,
    Edition,
    Mention,
    Quote,
    QuoteText,
    sweep,
)
from articles.topics import FormerPath, Topic
from articles.usage import misnomers, used
from people import pictures
from people.models import Appointment, Person, Position
from people.rail import rail
from tests.conftest import PDF, instant
from tests.test_admin import Desk, again, said

SECRET = b"somebody's kitchen"
PAYLOAD = b"<script>alert(1)</script>"


@pytest.fixture
def desk(world):
    return Desk(world)


def drawn(size=(2000, 1000), mode="RGB"):
    image = PIL.Image.new(mode, size)
    for across in range(0, size[0], 97):
        image.paste(
            200 if mode == "L" else (across * 255 // size[0], 120, 40, 255)[: len(mode)],
            (across, 0, across + 40, size[1]),
        )
    return image


def bytes_of(image, kind, **how):
    file = io.BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def with_position(orientation=1):
    """A JPEG with a place, a camera, an owner, a thumbnail's worth of notes, and an orientation."""
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Camera of " + SECRET.decode()
    exif[0x8825] = {1: "N", 2: (47.0, 22.0, 30.0), 3: "E", 4: (8.0, 32.0, 10.0)}
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + SECRET + b"</x:xmpmeta>"
    profile = PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("sRGB")).tobytes()
    return bytes_of(drawn(), "JPEG", exif=exif, comment=SECRET, xmp=xmp, icc_profile=profile)


def noted_png():
    notes = PIL.PngImagePlugin.PngInfo()
    notes.add_text("Comment", SECRET.decode())
    notes.add_itxt("Author", SECRET.decode(), zip=False)
    return bytes_of(drawn((300, 200), "RGBA"), "PNG", pnginfo=notes)


def archive(**parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name.replace("__", "/").replace("_xml", ".xml").replace("_bin", ".bin"), content)
    return file.getvalue()


def word(types="<Types/>", **more):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in {"[Content_Types].xml": types, "word/document.xml": "<w:document/>", **more}.items():
            packed.writestr(name, content)
    return file.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width, height):
    """A PNG of a few kilobytes that asks for `width` × `height` pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def moving():
    frames = [PIL.Image.new("RGB", (20, 20), color) for color in ("red", "green", "blue")]
    return bytes_of(frames[0], "GIF", save_all=True, append_images=frames[1:])


JPEG = with_position()
HOSTILE = {
    "an SVG": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "an SVG behind a byte order mark": b'\xef\xbb\xbf\n <svg xmlns="http://www.w3.org/2000/svg"/>',
    "a page called a picture": b"<!DOCTYPE html>" + PAYLOAD,
    "a page before a picture": PAYLOAD + JPEG,
    "an archive before a picture": archive(a="b") + JPEG,
    "a document": b"%PDF-1.7\n" + JPEG + b"%%EOF",
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(x) run\n",
    "a TIFF": bytes_of(drawn((20, 20)), "TIFF"),
    "a BMP": bytes_of(drawn((20, 20)), "BMP"),
    "an icon": bytes_of(drawn((32, 32)), "ICO"),
    "half a JPEG": JPEG[: len(JPEG) // 2],
    "half a PNG": noted_png()[:-200],
    "the first bytes only": JPEG[:20],
    "nothing but a header": b"\x89PNG\r\n\x1a\n",
    "a bomb of 42 million pixels": bomb(7000, 6001),
    "a bomb of four thousand million pixels": bomb(65000, 65000),
    "a bomb within the limit that is not all there": bomb(6000, 6000),
    "a moving picture": moving(),
    "a JPEG of a hundred scans": JPEG[:-2] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" * 100 + b"\xff\xd9",
    "eleven megabytes": JPEG + b"\0" * 11 * 2**20,
    "an empty picture": b"\0" * 100,
}


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("name", ["pier.jpg", "pier.png"])
def test_what_is_no_whole_picture_is_refused_whatever_it_is_called(what, name):
    with pytest.raises(ValidationError):
        pictures.cleaned(ContentFile(HOSTILE[what], name))


def test_no_hostile_picture_reaches_the_record_or_the_disk(desk):
    before = {*default_storage.listdir("images")[1]} if default_storage.exists("images") else set()
    page = desk.editor.client.get(reverse("admin:articles_image_add"))
    for what, data in HOSTILE.items():
        file = SimpleUploadedFile("pier.jpg", data, "image/jpeg")
        answer = desk.editor.send(page, title="Pier", file=file)
        assert answer.status_code == 200 and 'class="errorlist"' in answer.content.decode(), what
        with pytest.raises(ValidationError):
            Image.objects.create(title="Pier", file=ContentFile(data, "pier.jpg"))
    assert not Image.objects.exists()
    assert ({*default_storage.listdir("images")[1]} if default_storage.exists("images") else set()) == before


POLYGLOTS = {
    "a JPEG with its place and its owner": JPEG,
    "a PNG with notes": noted_png(),
    "a WebP with notes": bytes_of(drawn(), "WEBP", exif=b"Exif\0\0" + SECRET, xmp=SECRET),
    "a JPEG with an archive behind it": JPEG + archive(**{"run.html": PAYLOAD + SECRET}),
    "a GIF that is a script": bytes_of(drawn((30, 30), "L"), "GIF", comment=b"*/=1;" + PAYLOAD + SECRET),
    "a PNG with a page behind it": noted_png() + PAYLOAD,
}


@pytest.mark.parametrize("what", POLYGLOTS)
def test_nothing_is_kept_of_a_picture_but_the_picture(db, what):
    image = Image.objects.create(title="Pier", file=ContentFile(POLYGLOTS[what], "kitchen at home.jpg"))
    files = [image.file, *(rendition.file for rendition in image.renditions.all())]
    assert len(files) == (5 if image.width == 2000 else 2)
    for file in files:
        assert "kitchen" not in file.name and len(file.name.split("/")[-1]) > 20
        data = file.open().read()
        for trace in (SECRET, PAYLOAD, b"PK\x05\x06", b"xmpmeta", b"Exif\0\0", b"tEXt", b"iTXt"):
            assert trace not in data, (what, file.name, trace)
        with PIL.Image.open(io.BytesIO(data)) as kept:
            kept.load()
            assert not dict(kept.getexif()) and not {"exif", "xmp", "comment", "icc_profile"} & {*kept.info}, what
    assert len({file.name for file in files}) == len(files)


def test_a_picture_is_turned_upright_before_its_orientation_is_forgotten(db):
    image = Image.objects.create(title="Pier", file=ContentFile(with_position(orientation=6), "a.jpg"))
    assert (image.width, image.height) == (1000, 2000)
    with PIL.Image.open(image.file) as kept:
        assert kept.size == (1000, 2000)


def test_renditions_are_never_wider_than_the_picture(db):
    image = Image.objects.create(title="Pier", file=ContentFile(bytes_of(drawn((700, 400)), "PNG"), "a.png"))
    sizes = [(row.shape, row.width, row.height) for row in image.renditions.all()]
    assert sizes == [("square", 400, 400), ("wide", 480, 274)]
    assert [width for _file, width in image.offered()] == [480, 700]


def test_the_square_is_cut_around_the_focal_point(db):
    picture = PIL.Image.new("RGB", (1000, 200), (0, 0, 0))
    picture.paste((250, 0, 0), (800, 0, 1000, 200))
    image = Image.objects.create(title="Pier", file=ContentFile(bytes_of(picture, "PNG"), "a.png"))

    def middle():
        with PIL.Image.open(image.renditions.get(shape="square").file) as square:
            return square.convert("RGB").getpixel((100, 100))

    former = image.renditions.get(shape="square").file.name
    assert middle()[0] < 20
    image.focal_x = "0.9"
    image.save()
    assert middle()[0] > 200 and image.renditions.get(shape="square").file.name != former


def test_a_replaced_picture_leaves_no_file_behind(db, django_capture_on_commit_callbacks):
    image = Image.objects.create(title="Pier", file=ContentFile(JPEG, "a.jpg"))
    former = [image.file.name, *image.renditions.values_list("file", flat=True)]
    with django_capture_on_commit_callbacks(execute=True):
        image.file = ContentFile(noted_png(), "b.png")
        image.save()
    assert not any(default_storage.exists(name) for name in former)
    assert default_storage.exists(image.file.name) and image.renditions.count() == 1


def test_nothing_of_a_picture_can_be_fetched_before_an_edition_shows_it(world):
    image = Image.objects.create(title="Pier", file=ContentFile(JPEG, "a.jpg"))
    edition = world.draft("Pier")
    Placement.objects.create(edition=edition, image=image, alt="A pier")
    addresses = [image.file.url, *(row.file.url for row in image.renditions.all())]
    reader = Client()
    assert [reader.get(address).status_code for address in addresses] == [404] * 5
    world.approve(edition)
    edition.publish(world.publisher)
    for address in addresses:
        answer = reader.get(address)
        assert answer.status_code == 200 and answer["X-Content-Type-Options"] == "nosniff"
    page = reader.get(edition.get_absolute_url()).content.decode()
    widths = re.findall(r"(/media/\S+) (\d+)w", page)
    assert [int(width) for _address, width in widths] == [480, 960, 1600]
    assert all(address in addresses for address, _width in widths) and image.file.url not in page
    edition.article.withdraw(world.publisher, "The figures were wrong.")
    assert [reader.get(address).status_code for address in addresses] == [404] * 5


def test_the_renditions_of_a_sealed_edition_are_sealed_but_for_the_square(world):
    image = Image.objects.create(title="Pier", file=ContentFile(JPEG, "a.jpg"))
    edition = world.draft("Pier")
    Placement.objects.create(edition=edition, image=image, alt="A pier")
    world.approve(edition)
    edition.publish(world.publisher)
    wide = image.renditions.filter(shape="wide").first()
    for change in (
        lambda: wide.delete(),
        lambda: Rendition.objects.filter(pk=wide.pk).update(file="renditions/x.webp"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    image.focal_x = "0.1"
    image.save()
    image.cut()
    assert image.renditions.count() == 4


def test_erasing_an_article_erases_its_pictures_and_all_that_was_cut_from_them(
    world, django_capture_on_commit_callbacks
):
    image = Image.objects.create(title="Pier", file=ContentFile(JPEG, "a.jpg"))
    edition = world.draft("Pier")
    Placement.objects.create(edition=edition, image=image, alt="A pier")
    world.approve(edition)
    edition.publish(world.publisher)
    names = [image.file.name, *image.renditions.values_list("file", flat=True)]
    with django_capture_on_commit_callbacks(execute=True):
        edition.article.erase(world.publisher, "Court order 7")
    assert not Rendition.objects.exists() and again(image).file == ""
    assert not any(default_storage.exists(name) for name in names)


def test_a_portrait_is_cleaned_like_every_picture(desk):
    world = desk.world
    page = desk.editor.client.get(reverse("admin:people_person_change", args=[world.mara.pk]))
    refused = desk.editor.send(page, portrait=SimpleUploadedFile("mara.jpg", HOSTILE["an SVG"], "image/jpeg"))
    assert "not a picture" in refused.content.decode() and not again(world.mara).portrait
    desk.editor.send(page, portrait=SimpleUploadedFile("successor of ilo.jpg", JPEG, "image/jpeg"))
    portrait = again(world.mara).portrait
    assert "successor" not in portrait.name and SECRET not in portrait.open().read()


def test_an_editor_sees_a_picture_that_readers_may_not(desk):
    image = Image.objects.create(title="Pier", file=ContentFile(JPEG, "a.jpg"))
    page = desk.writer.client.get(reverse("admin:articles_image_change", args=[image.pk])).content.decode()
    address = reverse("admin:articles_image_file", args=[image.pk, "square"])
    assert address in page and 'data-across="id_focal_x"' in page
    answer = desk.writer.client.get(address)
    assert answer.status_code == 200 and answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "image/webp" and "private" in answer["Cache-Control"]
    assert Client().get(address).status_code == 302


# Files


DOCUMENTS = {
    "a.pdf": (PDF, "pdf"),
    "report.docx": (word(), "docx"),
    "figures.csv": ("Jahr;Fähren\n2026;40\n".encode(), "csv"),
    "called wrongly.exe": (PDF, "pdf"),
}
NO_DOCUMENTS = {
    "page.html": b"<html>" + PAYLOAD,
    "page.pdf": b"<html>" + PAYLOAD,
    "page.csv": b" <svg onload=alert(1)>",
    "program.exe": b"MZ\x90\0" + b"\0" * 100,
    "archive.zip": archive(a="b"),
    "archive.docx": archive(a="b"),
    "macros.docx": word(**{"word/vbaProject.bin": "x"}),
    "macros too.docx": word(types="<Override ContentType='application/vnd.ms-word.document.macroEnabled.main+xml'/>"),
    "both.pdf": PDF + archive(a="b"),
    "behind a page.docx": PAYLOAD + word(),
    "with a tail.docx": word() + PAYLOAD,
    "torn.docx": word()[:-30],
    "torn.pdf": PDF[:20],
    "bomb.docx": word(**{"word/media/zeros": b"\0" * (201 * 2**20)}),
    "latin.csv": "Fähren;40".encode("latin-1"),
    "zeros.csv": b"a;b\0c",
    "empty.csv": b"",
    "plain.txt": b"nothing wrong with it, but it is not on the list",
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_kept_under_a_name_that_says_what_it_is(world, name):
    data, kind = DOCUMENTS[name]
    attachment = Attachment.objects.create(edition=world.draft(), title="The report", file=ContentFile(data, name))
    assert attachment.file.name.endswith(f".{kind}") and "report" not in attachment.file.name


@pytest.mark.parametrize("name", NO_DOCUMENTS)
def test_what_is_not_on_the_list_is_not_attached_whatever_it_is_called(world, name):
    with pytest.raises(ValidationError):
        Attachment.objects.create(edition=world.draft(), title="R", file=ContentFile(NO_DOCUMENTS[name], name))


def test_an_attachment_is_handed_over_to_be_saved(world):
    edition = world.draft()
    attachment = Attachment.objects.create(edition=edition, title="The report", file=ContentFile(PDF, "a.pdf"))
    assert Client().get(attachment.file.url).status_code == 404
    world.approve(edition)
    edition.publish(world.publisher)
    answer = Client().get(attachment.file.url)
    assert answer["Content-Disposition"].startswith("attachment") and answer["X-Content-Type-Options"] == "nosniff"


def test_a_refused_attachment_is_an_error_in_the_form(desk):
    draft = desk.world.draft()
    files = {
        "attachments-TOTAL_FORMS": "1", "attachments-0-title": "R",
        "attachments-0-file": SimpleUploadedFile("a.pdf", b"<html>" + PAYLOAD, "application/pdf"),
    }  # fmt: skip
    page = desk.writer.save(draft, **files)
    assert "can be attached; this is none" in page.content.decode() and not draft.attachments.exists()
    files["attachments-0-file"] = SimpleUploadedFile("a.pdf", PDF, "application/pdf")
    desk.writer.save(draft, **files)
    assert draft.attachments.get().file.name.endswith(".pdf")


# Where used


def test_where_a_record_is_used_is_told_newest_first_with_what_nobody_sees_yet(desk):
    world = desk.world
    body = lambda key: f"<p>{world.quote('We sail.', key)}</p>"  # noqa: E731 (a name for three lines)
    old = world.published("Old ferries", body("old1"), at=instant("2024-03-01 10:00"))
    new = world.published("New ferries", body("new1"), at=instant("2024-05-01 10:00"))
    waiting = world.ready("Coming ferries", body("com1"))
    waiting.topics.set([world.ferries])
    waiting.schedule(world.publisher, timezone.now() + timedelta(days=3))
    draft = world.draft("Ferries unwritten", body("dra1"))
    mentioned = world.draft("A guest")
    Mention.objects.create(edition=mentioned, person=world.mara, position=world.secretary_general)
    now = timezone.now()
    for row in (world.mara, world.secretary_general, world.council):
        use = used(row, now, world.editor)
        assert [edition for edition, _told in use.newest] == [mentioned, draft, waiting, new, old], row
        assert (use.quotes, use.articles, use.drafts, use.scheduled) == (2, 2, 2, 1), row
    use = used(world.water, now, world.editor)
    assert [edition for edition, _told in use.newest] == [waiting] and use.scheduled == 1
    page = desk.editor.client.get(reverse("admin:people_person_change", args=[world.mara.pk])).content.decode()
    used_card = page[page.index("Where used") :]
    assert used_card.index("Ferries unwritten") < used_card.index("◷ Scheduled") < used_card.index("New ferries")
    for name, row in (("people_position", world.secretary_general), ("people_organisation", world.council)):
        assert (
            "Coming ferries" in desk.editor.client.get(reverse(f"admin:{name}_change", args=[row.pk])).content.decode()
        )
    assert (
        "Coming ferries"
        in desk.editor.client.get(reverse("admin:articles_topic_change", args=[world.water.pk])).content.decode()
    )


def test_a_page_of_a_person_stays_within_its_queries_however_much_is_said(desk):
    world = desk.world
    address = reverse("admin:people_person_change", args=[world.mara.pk])

    def asked():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert desk.editor.client.get(address).status_code == 200
        return len(queries)

    world.published(body=f"<p>{world.quote('We sail.', 'one1')}</p>")
    asked()
    few = asked()
    for number in range(8):
        world.published(f"Ferries {number}", f"<p>{world.quote('We sail.', f'more{number}')}</p>")
    assert asked() == few <= 40


# Merging


def test_merged_offices_keep_what_was_printed_and_what_was_hashed(world):
    twin = Position.objects.create(title="Sec. General", organisation=world.council, rank=9)
    nina = Person.objects.create(name="Nina Aalto")
    Appointment.objects.create(person=nina, position=twin, since=date(2000, 1, 1), until=date(2004, 1, 1))
    body = f"<p>{world.quote('We sailed.', 'then1', nina)}</p>"
    edition = world.published(body=body, event_date=date(2001, 1, 1), at=instant("2024-03-01 10:00"))
    hashed = edition.text_hash
    merge_positions(twin, world.secretary_general, world.editor)
    text = edition.quotes.get()
    assert (text.office, text.position_uid) == ("Sec. General", twin.uid)
    assert text.position == world.secretary_general
    assert again(edition).fingerprint() == hashed
    assert Edition.objects.with_position([world.secretary_general]).get() == edition
    assert nina.office_on(date(2001, 1, 1)).position == world.secretary_general
    sweep()
    assert [change.kind for change in Change.objects.filter(type="position", uid=twin.uid)][-1] == "merged"
    answer = Client().get(f"/api/v1/positions/{twin.uid}/")
    assert answer.status_code == 301 and answer["Location"].endswith(f"/positions/{world.secretary_general.uid}/")
    assert len(Client().get(f"/api/v1/quotes/?position={twin.uid}").json()["results"]) == 1
    listed = Client().get("/api/v1/positions/").json()["results"]
    assert [row["uid"] for row in listed] == [world.secretary_general.uid]


def test_an_office_of_a_sealed_quote_changes_only_by_a_merge(world):
    edition = world.published(body=f"<p>{world.quote('We sail.', 'sail1')}</p>")
    with pytest.raises(DatabaseError), transaction.atomic():
        edition.quotes.update(position=world.commissioner)
    with pytest.raises(DatabaseError), transaction.atomic():
        edition.quotes.update(position_uid=world.commissioner.uid)


def test_a_body_that_names_a_merged_office_means_the_one_that_stayed(world):
    twin = Position.objects.create(title="Ferry commissioner", organisation=world.council)
    merge_positions(twin, world.commissioner, world.editor)
    body = f'<p><q data-quote="o1o1" data-speaker="{world.mara.uid}" data-office="{twin.uid}">We sail.</q></p>'
    assert world.draft(body=body).quotes.get().position == world.commissioner


def test_a_term_that_both_offices_have_is_told_once(world):
    twin = Position.objects.create(title="SG", organisation=world.council)
    Appointment.objects.create(person=world.mara, position=twin, since=date(2023, 9, 1))
    merge_positions(twin, world.secretary_general, world.editor)
    terms = world.mara.appointments.standing().filter(position=world.secretary_general)
    assert terms.count() == 1 and world.mara.office_on(date(2024, 1, 1)) == terms.get()


def test_offices_whose_holders_would_meet_are_not_merged(desk):
    world = desk.world
    twin = Position.objects.create(title="SG", organisation=world.council)
    Appointment.objects.create(person=world.ilo, position=twin, since=date(2024, 1, 1))
    with pytest.raises(ValidationError, match="one holder at a time: Mara Ostrander-Lie"):
        merge_positions(twin, world.secretary_general, world.editor)
    page = desk.editor.client.get(
        reverse("admin:people_position_merge", args=[twin.pk]), {"with": world.secretary_general.pk}
    )
    answer = desk.editor.send(page, keep=str(world.secretary_general.pk))
    assert "one holder at a time" in said(answer) and again(twin).merged_into is None


def test_merged_topics_are_found_under_one_and_every_path_leads_there(world):
    boats, lakes = Topic.objects.create(name="Boats", aliases=["Ships"]), Topic.objects.create(name="Lake ferries")
    small = Topic.objects.create(name="Small boats", parent=boats)
    filed = world.draft("Filed under boats", f"<p>{world.quote('We sail.', 'sail1')}</p>")
    filed.topics.set([boats, world.ferries])
    world.approve(filed)
    filed.publish(world.publisher, at=instant("2024-03-01 10:00"))
    filed.quotes.get().quote.topics.set([boats])
    below = world.draft("Filed below")
    below.topics.set([small])
    world.approve(below)
    below.publish(world.publisher, at=instant("2024-03-02 10:00"))
    merge_topics(lakes, boats, world.editor)
    merge_topics(boats, world.ferries, world.editor)
    assert again(lakes).merged_into == again(boats).merged_into == world.ferries
    assert list(filed.topics.all()) == [world.ferries]
    assert list(Quote.objects.get(key="sail1").topics.all()) == [world.ferries]
    assert again(small).path == "water/ferries/small-boats"
    assert again(world.ferries).aliases == ["Boats", "Lake ferries", "Ships"]
    reader = Client()
    assert reader.get("/topics/boats/")["Location"].endswith("/topics/water/ferries/")
    assert reader.get("/topics/boats/small-boats/")["Location"].endswith("/topics/water/ferries/small-boats/")
    assert FormerPath.objects.filter(path="boats/small-boats").exists()
    assert reader.get(f"/api/v1/topics/{boats.uid}/").status_code == 301
    sweep()
    kinds = {(change.kind, change.uid) for change in Change.objects.all()}
    assert {("merged", boats.uid), ("reclassified", filed.article.uid), ("renamed", small.uid)} <= kinds


def test_a_topic_is_not_merged_into_one_below_it_nor_over_another(world):
    with pytest.raises(ValidationError, match="stands below"):
        merge_topics(world.water, world.ferries, world.editor)
    ice = Topic.objects.create(name="Ice")
    Topic.objects.create(name="Ferries", parent=ice)
    with pytest.raises(ValidationError, match="Merge those two first"):
        merge_topics(ice, world.water, world.editor)
    with pytest.raises(ValidationError, match="one and the same"):
        merge_topics(ice, ice, world.editor)


@pytest.mark.parametrize("kind", ["person", "position", "topic"])
def test_a_merge_shows_both_and_does_what_its_button_says(desk, kind):
    world = desk.world
    one, two, name = {
        "person": (world.mara, Person.objects.create(name="M. Ostrander Lie", biography="Sails."), "people_person"),
        "position": (
            world.commissioner, Position.objects.create(title="Ferry chief", organisation=world.council),
            "people_position",
        ),
        "topic": (world.ferries, Topic.objects.create(name="Boats"), "articles_topic"),
    }[kind]  # fmt: skip
    address = reverse(f"admin:{name}_merge", args=[two.pk])
    first = desk.editor.client.get(address).content.decode()
    assert "is the same as" in first
    page = desk.editor.client.get(address, {"with": one.pk, "keep": one.pk})
    words = page.content.decode()
    assert str(one) in words and str(two) in words and f"Merge into {str(one).split(',')[0]}" in words
    assert again(two).merged_into is None
    desk.editor.send(page)
    assert again(two).merged_into == one
    assert desk.editor.client.get(address).status_code == 403
    assert desk.editor.client.get(reverse(f"admin:{name}_change", args=[two.pk])).status_code == 200
    assert desk.writer.client.get(reverse(f"admin:{name}_merge", args=[one.pk])).status_code == 403


def test_a_merge_is_for_those_who_may(world):
    stranger = world.hand("writer")
    stranger.groups.clear()
    boats = Topic.objects.create(name="Boats")
    with pytest.raises(PermissionDenied):
        merge_topics(boats, world.water, type(stranger).objects.get(pk=stranger.pk))


# The time rail, and the day an office changes


def test_the_rail_draws_every_term_and_says_it_in_words(desk):
    world = desk.world
    drawn_rail = rail(world.mara.appointments.all(), lambda term: term.position.title, date(2026, 1, 1))
    told = [bar.told for bar in drawn_rail.bars]
    assert told == [
        "Commissioner for Ferries, from 1 May 2018 until 1 September 2023", "Secretary-General, since 1 September 2023",
    ]  # fmt: skip
    first, second = drawn_rail.bars
    assert first.x + first.width == pytest.approx(second.x, abs=0.1) and "now" in second.look
    assert second.x < drawn_rail.today_x < second.x + second.width <= 100
    page = desk.writer.client.get(reverse("admin:people_person_change", args=[world.mara.pk])).content.decode()
    svg = page[page.index('<svg class="time-rail"') : page.index("</svg>", page.index("time-rail"))]
    assert (
        svg.count("<rect") == 2
        and "style=" not in svg
        and "Commissioner for Ferries, CL, from 1 May 2018 until 1 September 2023" in page
    )
    holders = desk.writer.client.get(reverse("admin:people_position_change", args=[world.secretary_general.pk]))
    assert "Ilo Verhaak, from 1 January 2014 until 1 September 2023" in holders.content.decode()


def test_terms_never_lie_on_each_other_on_the_rail(world):
    for year in range(2000, 2012):
        Appointment.objects.create(
            person=world.ilo,
            position=world.commissioner,
            since=date(year, 1, 1),
            until=date(year + 3, 6, 1),
            acting=True,
        )
    bars = rail(world.ilo.appointments.all(), lambda term: "An office with quite a long title", date(2026, 1, 1)).bars
    by_row = {}
    for bar in bars:
        assert bar.x >= 0 and bar.x + bar.width <= 100
        by_row.setdefault(bar.y, []).append(bar)
    for row in by_row.values():
        row.sort(key=lambda bar: bar.x)
        assert all(left.x + left.width <= right.x for left, right in zip(row, row[1:], strict=False))


def test_a_person_without_a_known_day_has_no_rail(db):
    assert rail([Appointment()], str, date(2026, 1, 1)) is None
    assert rail([], str, date(2026, 1, 1)) is None


@pytest.mark.parametrize(
    ("until", "since", "sentence"),
    [
        (date(2027, 10, 1), "2027-01-01", "holds it until 1 October 2027. Start this one then, or end that one first."),
        (None, "2027-01-01", "holds it since 1 September 2023, and no end is entered. End that one first"),
        (None, "2013-01-01", "holds it from 1 January 2014 on. End this one by then, or start that one later."),
    ],
)
def test_an_overlap_is_refused_with_the_name_the_day_and_both_ways_out(desk, until, since, sentence):
    world = desk.world
    Appointment.objects.filter(person=world.mara, position=world.secretary_general).update(until=until)
    nina = Person.objects.create(name="Nina Aalto")
    page = desk.editor.client.get(reverse("admin:people_appointment_add"))
    page = desk.editor.send(page, person=str(nina.pk), position=str(world.secretary_general.pk), since=since)
    words = page.content.decode()
    assert "Secretary-General has one holder at a time: " in words and sentence in words
    assert not nina.appointments.exists()


def succeed(desk, since):
    """Enter a successor ahead, through the forms: the end of the one, then the other."""
    world = desk.world
    term = Appointment.objects.get(person=world.mara, position=world.secretary_general)
    page = desk.editor.client.get(reverse("admin:people_appointment_change", args=[term.pk]))
    ended = desk.editor.send(page, until=since)
    page = desk.editor.client.get(reverse("admin:people_appointment_add"))
    entered = desk.editor.send(
        page, person=str(world.ilo.pk), position=str(world.secretary_general.pk), since=since
    )  # fmt: skip
    return term, ended, entered


def test_entering_a_successor_ahead_lists_what_will_be_wrong_that_day(desk):
    world = desk.world
    after, before = date(2090, 10, 5), date(2090, 9, 1)
    wrong_draft = world.draft("Opening in October", f"<p>{world.quote('We open.', 'oct1')}</p>", event_date=after)
    right = world.draft("Closing in September", f"<p>{world.quote('We close.', 'sep1')}</p>", event_date=before)
    scheduled = world.ready("Speech in October", f"<p>{world.quote('Now.', 'oct2')}</p>", event_date=after)
    scheduled.schedule(world.publisher, datetime(2090, 10, 5, 8, tzinfo=UTC))
    named = world.draft("A guest in October", event_date=after)
    Mention.objects.create(
        edition=named, person=world.mara, position=world.secretary_general, office="Secretary-General"
    )
    past = world.published("Said today", f"<p>{world.quote('Today.', 'tod1')}</p>", event_date=after)
    term, ended, entered = succeed(desk, "2090-10-01")
    assert "3 texts that are not public yet" in said(ended) and "see them" in said(ended)
    wrong = misnomers(again(term), timezone.now(), world.editor)
    assert {one.edition for one in wrong} == {wrong_draft, scheduled, named} and past not in {o.edition for o in wrong}
    assert right not in {one.edition for one in wrong}
    assert {(one.printed, one.held, one.is_derived) for one in wrong} == {
        ("Secretary-General", "", True), ("Secretary-General", "", False),
    }  # fmt: skip
    page = desk.editor.client.get(reverse("admin:people_appointment_ahead", args=[term.pk])).content.decode()
    assert "Speech in October" in page and "◷ Scheduled" in page and "cancel the schedule" in page
    assert "Closing in September" not in page and "Said today" not in page
    mara = desk.editor.client.get(reverse("admin:people_person_change", args=[world.mara.pk])).content.decode()
    assert "A successor is entered:" in mara and "Ilo Verhaak" in mara and "3 texts" in mara
    successor = Appointment.objects.get(person=world.ilo, since=date(2090, 10, 1))
    assert successor.public_from is None
    assert Client().get(f"/api/v1/people/?position={world.secretary_general.uid}&on=2090-10-02").json()["results"] == []


def test_an_office_chosen_by_hand_is_wrong_only_when_it_is_not_held(world):
    office = f'data-office="{world.commissioner.uid}"'
    body = f'<p><q data-quote="o1o1" data-speaker="{world.mara.uid}" {office}>We sail.</q></p>'
    draft = world.draft(body=body, event_date=date(2020, 1, 1))
    term = Appointment.objects.get(person=world.mara, position=world.commissioner)
    Appointment.objects.create(
        person=world.mara, position=Position.objects.create(title="Chair", organisation=world.council, rank=99),
        since=date(2019, 1, 1),
    )  # fmt: skip
    assert misnomers(term, timezone.now(), world.editor) == []
    Appointment.objects.filter(pk=term.pk).update(until=date(2019, 6, 1))
    (wrong,) = misnomers(again(term), timezone.now(), world.editor)
    assert (wrong.edition, wrong.held, wrong.is_derived) == (draft, "Chair", False)


# Translations


def original(world, **words):
    edition = world.draft("Ferries run again", f"<p>She said “{world.quote('We sail', 'sail1')}”.</p>", **words)
    edition.topics.set([world.ferries])
    Mention.objects.create(edition=edition, person=world.ilo)
    world.approve(edition)
    return edition.publish(world.publisher, at=instant("2024-03-01 10:00"))


def test_a_translation_starts_with_the_words_of_the_original_and_keys_of_its_own(world):
    source = original(world)
    draft = source.translate(world.writer, "fr")
    assert (draft.article.language, draft.article.translation_of, draft.language) == ("fr", source.article, "fr")
    assert (draft.headline, draft.summary, draft.live_from, draft.number) == (
        source.headline,
        "The lake is open.",
        None,
        None,
    )
    assert draft.translated_from == source and draft.written_by == draft.article.created_by == world.writer
    text = draft.quotes.get()
    assert text.quote.key != "sail1" and text.quote.translation_of.key == "sail1"
    assert text.quote.key in draft.body and "sail1" not in draft.body
    assert list(draft.topics.all()) == [world.ferries] and draft.mentions.get().person == world.ilo
    draft.headline = "Les bacs repartent"
    draft.save(by=world.writer)
    assert draft.article.slug == "les-bacs-repartent"
    assert Client().get(f"/articles/{draft.article.slug}/").status_code == 404


def test_a_translation_of_a_translation_belongs_to_the_original(world):
    french = original(world).translate(world.writer, "fr")
    world.approve(french)
    french.publish(world.publisher)
    german = french.translate(world.writer, "de")
    assert german.article.translation_of == french.article.translation_of and german.translated_from == french
    assert german.quotes.get().quote.translation_of.key == "sail1"


@pytest.mark.parametrize("role", ["writer", "editor", "publisher"])
def test_a_second_translation_into_a_language_is_refused_while_the_first_is_written(world, role):
    source = original(world)
    source.translate(getattr(world, role), "fr")
    with pytest.raises(ValidationError, match="being written already"):
        source.translate(world.editor, "fr")
    with pytest.raises(ValidationError, match="in this language already"):
        source.translate(world.editor, "en")


def test_the_originals_later_edition_marks_the_translation_stale_until_it_is_held_against_it(world):
    source = original(world)
    french = source.translate(world.writer, "fr")
    world.approve(french)
    french.publish(world.publisher, at=instant("2024-03-02 10:00"))
    second = source.article.start_edition(
        world.writer, summary="Forty ferries.", change_class=Edition.UPDATE, note="How many."
    )
    world.approve(second)
    second.publish(world.publisher, at=instant("2024-03-03 10:00"))
    french = again(french)
    early, late = instant("2024-03-02 12:00"), instant("2024-03-04 10:00")
    assert [french.is_stale_translation(at) for at in (early, late)] == [False, True]
    assert not Edition.objects.stale_translations(early).exists()
    assert Edition.objects.stale_translations(late).get() == french
    anew = second.translate(world.writer, "fr")
    assert (anew.article, anew.based_on, anew.translated_from) == (french.article, french, second)
    assert anew.headline == french.headline and not anew.is_stale_translation(late)
    anew.discard(world.editor)
    french.still_holds(world.editor)
    assert again(french).translated_from == second and not Edition.objects.stale_translations(late).exists()


def test_a_next_edition_of_a_translation_keeps_what_it_was_made_from(world):
    source = original(world)
    french = source.translate(world.writer, "fr")
    world.approve(french)
    french.publish(world.publisher)
    assert french.article.start_edition(world.writer).translated_from == source


def test_what_was_withdrawn_is_not_translated(world):
    source = original(world)
    source.article.withdraw(world.publisher, "The figures were wrong.")
    with pytest.raises(ValidationError, match="withdrawn or erased"):
        again(source).translate(world.writer, "fr")


def test_erasing_an_original_leaves_its_translation_and_no_words_of_its_own(world):
    source = original(world)
    french = source.translate(world.writer, "fr")
    french.headline = "Les bacs"
    french.save(by=world.writer)
    source.article.erase(world.publisher, "Court order 7")
    assert again(french).headline == "Les bacs" and again(source).headline == ""


def test_a_translation_is_started_by_a_button_and_written_beside_its_original(desk):
    world = desk.world
    source = original(world)
    page = desk.writer.press(source, "translate", language="fr")
    draft = Edition.objects.get(language="fr")
    assert "translation is begun" in said(page)
    words = desk.writer.open(draft).content.decode()
    beside = words[words.index('<details class="original') : words.index("</details>")]
    assert "We sail" in beside and "● Live" in beside and 'lang="en"' in beside and "<textarea" not in beside
    assert '<details class="original' not in desk.writer.open(world.draft()).content.decode()
    page = desk.writer.press(source, "translate", language="fr")
    assert "being written already" in said(page)


def test_the_translator_sees_the_edition_that_readers_see_by_now(desk):
    world = desk.world
    source = original(world)
    draft = source.translate(world.writer, "fr")
    second = source.article.start_edition(
        world.writer, summary="Forty ferries.", change_class=Edition.UPDATE, note="How many."
    )
    world.approve(second)
    second.publish(world.publisher)
    page = desk.writer.open(draft).content.decode()
    assert "Forty ferries." in page and "edition 2 of the original" in page
    assert "It still holds" in page
    desk.writer.send(desk.writer.open(draft, "hold"))
    assert again(draft).translated_from == second
    assert "It still holds" not in desk.writer.open(draft).content.decode()


def test_a_speech_of_an_hour_is_translated_with_every_quote(world):
    body = "".join(f"<p>“{world.quote(f'Sentence {n}', f'long{n}')}” she said.</p>" for n in range(40))
    source = world.draft("An hour", body)
    draft = source.translate(world.writer, "ar")
    pairs = QuoteText.objects.filter(edition=draft).values_list("text", "quote__translation_of__key")
    assert {*pairs} == {(f"Sentence {n}", f"long{n}") for n in range(40)}
    assert Article.objects.filter(translation_of=source.article).count() == 1


def test_people_who_merge_keep_a_biography_of_the_one_that_goes(world):
    twin = Person.objects.create(name="M. Ostrander Lie", biography="Sails.")
    merge_people(twin, world.mara, world.editor)
    assert again(world.mara).biography == "Sails."
