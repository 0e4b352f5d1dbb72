"""The pages beside the record: they are there from the first migrate on, say what editors want, and every footer link
leads to one."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import reverse

from articles.standing import StandingPage, establish_pages, first_words
from tests.test_pages import Reader

NAMES = [name for name, _label in StandingPage.NAMES]
LANGUAGES = [code for code, _name in settings.LANGUAGES]


@pytest.fixture
def reader(monkeypatch):
    return Reader(monkeypatch)


def one(name, language="en"):
    return StandingPage.objects.get(name=name, language=language)


def signed_in(user):
    user.is_staff = True
    user.save()
    client = Client()
    client.force_login(user)
    return client


def change(client, page, body, opened=None):
    """Save `body` over the words that stood there when the form was `opened`, else over those of `page`."""
    words = {"body": body, "opened": opened or page.fingerprint()}
    return client.post(reverse("admin:articles_standingpage_change", args=[page.pk]), words, follow=True)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_each_page_stands_in_each_language_with_its_first_words(reader, db, language, name):
    page = one(name, language)
    html = reader.read(page.get_absolute_url())
    assert page.get_absolute_url().startswith("/fr/about/" if language == "fr" else "/about/")
    assert page.body in html and html.count("<h1") == 1 and f'<html lang="{language}"' in html
    assert f'<link rel="canonical" href="{settings.SITE_URL}{page.get_absolute_url()}">' in html
    assert re.search(r'<meta name="description" content="[^"]{40,}">', html)
    assert "noindex" not in html


@pytest.mark.parametrize("name", NAMES)
def test_the_languages_say_the_same_things_in_the_same_order(name):
    shapes = {tuple(re.findall(r"<(\w+)", first_words(name, language))) for language in LANGUAGES}
    assert len(shapes) == 1


def test_what_editors_wrote_outlives_every_migrate_and_what_is_missing_comes_back(db):
    page = one("privacy")
    page.body = "<p>Ours.</p>"
    page.save()
    one("press", "fr").delete()
    establish_pages()
    assert one("privacy").body == "<p>Ours.</p>"
    assert one("press", "fr").body
    assert StandingPage.objects.count() == len(NAMES) * len(LANGUAGES)


def test_an_editor_changes_the_words_and_only_what_a_body_may_hold_is_kept(reader, world):
    page = one("privacy")
    body = (
        '<p onclick="x()">No <strong>cookies</strong>.</p><script>alert(1)</script><p><a href="javascript:x">No</a></p>'
    )
    answer = change(signed_in(world.editor), page, body)
    assert answer.status_code == 200
    html = reader.read("/about/privacy/")
    assert "<p>No <strong>cookies</strong>.</p>" in html
    assert not any(word in html for word in ("onclick", "alert(1)", "javascript:"))
    assert "No cookies" not in reader.words("/fr/about/privacy/")


def test_of_two_editors_the_second_is_told_and_keeps_what_was_typed(world):
    page, client = one("privacy"), signed_in(world.editor)
    change(client, page, "<p>The first.</p>")
    answer = change(client, page, "<p>The second.</p>").content.decode()
    assert "Somebody changed this page since you opened it." in answer and "The second." in answer
    assert one("privacy").body == "<p>The first.</p>"
    warned = re.search(r'name="opened" value="(\w+)"', answer)[1]
    change(client, page, "<p>The third.</p>", opened=one("press").fingerprint())
    assert one("privacy").body == "<p>The first.</p>"
    change(client, page, "<p>Both.</p>", opened=warned)
    assert one("privacy").body == "<p>Both.</p>"


def test_a_writer_changes_nothing_and_nobody_adds_or_deletes_a_page(reader, world):
    page = one("press")
    assert change(signed_in(world.writer), page, "<p>Mine.</p>").status_code == 403
    for verb, args in (("add", []), ("delete", [page.pk])):
        address = reverse(f"admin:articles_standingpage_{verb}", args=args)
        assert signed_in(world.publisher).post(address, {"body": "<p>x</p>", "post": "yes"}).status_code == 403
    assert one("press").body == page.body


def test_they_are_no_part_of_the_record_and_say_so(reader, db):
    html = reader.read("/about/record/", at="2024-03-01T10:00:00Z")
    assert "This page is not part of the record" in html
    assert '<meta name="robots" content="noindex">' in html
    assert "As it stood" not in html.split("<main")[0]
    assert reader.raw("/about/nothing/").content == reader.raw("/articles/nothing/").content


def test_the_press_page_tells_how_the_office_is_reached_if_the_institution_says(reader, db, settings):
    settings.INSTITUTION = settings.INSTITUTION | {"press_email": "press@council.example", "press_phone": "+00 1"}
    page = reader.words("/about/press/")
    assert "press@council.example" in page and "+00 1" in page
    settings.INSTITUTION = settings.INSTITUTION | {"press_email": "", "press_phone": ""}
    assert "mailto:" not in reader.read("/about/press/").split("<main")[1]


def test_every_link_of_the_site_leads_somewhere(reader, world):
    """Crawled from both front pages."""
    quote = world.quote("The lake is ours", "lakequote")
    draft = world.draft("Ferries run again", body=f"<p>{quote}</p>")
    draft.topics.set([world.ferries])
    world.approve(draft)
    draft.publish(world.publisher)
    reader.monkeypatch.undo()  # the real clock
    seen, waiting = set(), {"/", "/fr/"}
    while waiting:
        path = waiting.pop()
        seen.add(path)
        answer = reader.client.get(path)
        assert answer.status_code == 200, path
        if answer["Content-Type"].startswith("text/html"):
            found = re.findall(r'<a\b[^>]*? href="(/[^"#]*)', answer.content.decode())
            waiting |= {address.replace("&amp;", "&") for address in found} - seen
    assert {page.get_absolute_url() for page in StandingPage.objects.all()} <= seen
    assert {"/quotes/lakequote/", "/fr/quotes/lakequote/", "/topics/water/ferries/", "/api/v1/docs/"} <= seen


def test_axe_has_no_complaint_in_either_language(visit, open_world):
    draft = open_world.draft("Ferries run again", body=f"<p>{open_world.quote('The lake is ours', 'lakequote')}</p>")
    open_world.approve(draft)
    draft.publish(open_world.publisher)
    page = visit("/about/record/")
    own = page.context.browser.new_context(bypass_csp=True)  # for its scripts are not the page's
    other = own.new_page()
    for path in ("/about/record/", "/articles/ferries-run-again/", "/", "/quotes/"):
        for start in ("", "/fr"):
            other.goto(f"{page.url.removesuffix('/about/record/')}{start}{path}")
            assert Axe().run(other).response["violations"] == [], (start, path)
    own.close()
