"""The public site in the languages of its interface: every word translated, every page reachable in each, and text
that runs from right to left kept in its own direction."""

import gettext
import re
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.utils.formats import date_format
from django.utils.translation import override

from articles.models import Article, Edition
from articles.standing import FIRST_WORDS
from newsroom.management.commands.messages import catalogue, collected, untranslated
from tests.conftest import instant
from tests.test_pages import Reader

LATE = instant("2024-03-01 14:00")
OTHERS = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
NAMED = re.compile(r"%\((\w+)\)s|%(?:[sd]|$)")
#: a sign that French parts from the word before it, after a space that a line may break at
LOOSE = re.compile(r"« |(?<=\w) [:;!?»]")


def strings(message):
    return message.string if isinstance(message.string, tuple) else [message.string]


# The catalogues


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.any_database
def test_every_word_for_readers_is_translated_and_nothing_else_is_kept(language):
    """If this fails: `make messages`, put the new words into locale/…/django.po, and once more."""
    _path, known = catalogue(language)
    assert {message.id for message in known if message.id} == collected().keys()
    assert [message.id for message in untranslated(known)] == []


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.any_database
def test_what_is_compiled_is_what_was_written(language):
    path, known = catalogue(language)
    with path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in known:
        if isinstance(message.id, str):
            assert not message.id or compiled.gettext(message.id) == message.string
        else:
            assert [compiled.ngettext(*message.id, n) for n in (1, 2)] == [*message.string], message.id


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.any_database
def test_translations_name_the_same_facts(language):
    for message in catalogue(language)[1]:
        if message.id:
            asked = set(NAMED.findall(message.id if isinstance(message.id, str) else message.id[-1]))
            assert asked == set(NAMED.findall(strings(message)[-1])), message.id


@pytest.mark.any_database
def test_french_signs_are_not_torn_from_their_words():
    written = [string for message in catalogue("fr")[1] if message.id for string in strings(message)]
    written += [file.read_text(encoding="utf-8") for file in (FIRST_WORDS / "fr").iterdir()]
    assert [text for text in written if LOOSE.search(text)] == []


# The site


@pytest.fixture
def reader(monkeypatch):
    return Reader(monkeypatch)


@pytest.fixture
def told(world):
    """One story in English, French and Arabic, the last corrected; another in English only."""
    body = f"<p>{world.quote('The lake is ours', 'lakequote')}</p>"
    world.published("Ferries run again", body=body, kind=Edition.RELEASE, at=instant("2024-03-01 10:00"))
    original = Article.objects.get()
    for number, (language, headline) in enumerate([("fr", "Les bacs circulent"), ("ar", "العبارات تعود")]):
        article = Article.objects.create(language=language, translation_of=original, slug=f"bacs-{language}")
        quote = world.quote({"fr": "Le lac est à nous", "ar": "البحيرة لنا"}[language], f"{language}quote")
        at = instant("2024-03-01 11:00").replace(minute=number)
        words = {"summary": headline, "place": headline, "body": f"<p>{quote}</p>"}
        world.published(headline, article=article, at=at, **words)
    second = world.draft("العبارات تعود اليوم", article=article, place="بحيرة", body=f"<p>{quote}</p><p>نعم.</p>")
    second.note, second.change_class = "كان اليوم خطأ.", "correction"
    second.save()
    world.approve(second, instant("2024-03-01 12:00"))
    second.publish(world.publisher, at=instant("2024-03-01 12:00"))
    world.published("Only in English", at=instant("2024-03-01 13:00"))


def switch(html):
    """Where the masthead leads in the other language of the interface."""
    return re.findall(r'<a class="language" href="([^"]*)" hreflang="(\w+)"', html)


def alternates(html):
    return dict(re.findall(r'<link rel="alternate" hreflang="([\w-]+)" href="([^"]*)">', html))


def test_dates_kinds_and_sentences_are_french_under_fr(reader, told):
    page = reader.words("/fr/articles/ferries-run-again/")  # it squeezes no-break spaces too
    assert "Communiqué de presse Lakeside vendredi 1er mars 2024" in page
    assert "Au registre Publié 1er mars 2024 à 11 h 00" in page
    assert "« Ferries run again », communiqué de presse, Lakeside, 1er mars 2024, édition 1." in page
    assert "11\u00a0h\u00a000" in reader.read("/fr/articles/ferries-run-again/")
    sentence = reader.words("/fr/articles/", kind=Edition.RELEASE, **{"from": "2024-02-02"})
    assert "Affichage : communiqués de presse , retirer depuis le 2 février 2024" in sentence
    english = reader.words("/articles/ferries-run-again/")
    assert "Press release Lakeside Friday 1 March 2024" in english and "Published 1 March 2024, 11:00" in english


@pytest.mark.parametrize("path", ["/articles/", "/quotes/?language=en", "/people/", "/topics/", "/about/record/", "/"])
def test_the_masthead_leads_to_the_same_page_in_the_other_language(reader, told, path):
    assert switch(reader.read(path)) == [(f"/fr{path}", "fr")]
    assert switch(reader.read(f"/fr{path}")) == [(path, "en")]


def test_the_masthead_of_an_article_leads_to_its_translation(reader, told):
    english, french, arabic = "/articles/ferries-run-again/", "/fr/articles/bacs-fr/", "/articles/bacs-ar/"
    assert switch(reader.read(english)) == [(french, "fr")]
    assert switch(reader.read(french)) == [(english, "en")]
    assert switch(reader.read(arabic)) == [(french, "fr")]
    assert switch(reader.read(f"/fr{arabic}")) == [(english, "en")]
    assert switch(reader.read("/articles/only-in-english/")) == [("/fr/articles/only-in-english/", "fr")]
    assert switch(reader.read("/fr/articles/only-in-english/")) == [("/articles/only-in-english/", "en")]
    then = "2024-03-01T11:30:00Z"
    assert switch(reader.read(english, at=then)) == [(f"{french}?at=2024-03-01T11%3A30%3A00Z", "fr")]
    assert switch(reader.read(english, at="2024-03-01T10:30:00Z"))[0][0].startswith(f"/fr{english}?at=")


def test_search_engines_are_told_of_each_version_by_its_own_address(reader, told):
    site = settings.SITE_URL
    family = {
        "en": f"{site}/articles/ferries-run-again/", "fr": f"{site}/fr/articles/bacs-fr/",
        "ar": f"{site}/articles/bacs-ar/", "x-default": f"{site}/articles/ferries-run-again/",
    }  # fmt: skip
    for path in ("/articles/ferries-run-again/", "/fr/articles/bacs-fr/", "/articles/bacs-ar/"):
        assert alternates(reader.read(path)) == family
    lists = {"en": f"{site}/people/", "fr": f"{site}/fr/people/", "x-default": f"{site}/people/"}
    assert alternates(reader.read("/people/")) == alternates(reader.read("/fr/people/")) == lists
    for path, query in [
        ("/articles/only-in-english/", {}), ("/people/", {"at": "2024-03-01"}), ("/people/", {"x": "y"}),
        ("/articles/bacs-ar/history/", {}),
    ]:  # fmt: skip
        assert alternates(reader.read(path, **query)) == {}, path


def test_only_the_address_decides_the_language(reader, told):
    for path in ("/", "/fr/", "/articles/ferries-run-again/", "/fr/nothing/"):
        answers = [reader.raw(path, **{"Accept-Language": asked}) for asked in ("fr", "ar,en;q=0.5", "")]
        assert len({answer.content for answer in answers}) == 1
        assert all("Accept-Language" not in answer.headers.get("Vary", "") for answer in answers)
        assert {answer["Content-Language"] for answer in answers} == {"fr" if path.startswith("/fr/") else "en"}


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/account/sign-in/", "/api/v1/"])
def test_editors_and_partners_are_answered_in_english(reader, db, path):
    answer = reader.raw(path, **{"Accept-Language": "fr"})
    assert answer["Content-Language"] == "en" and "Mot de passe" not in answer.content.decode()


ARABIC = re.compile(r"[\u0600-\u06ff]")


class Unmarked(HTMLParser):
    """Collects the Arabic words of a page that stand in nothing with a direction of its own, nor isolated."""

    VOID = {"meta", "link", "img", "input", "br"}
    OWN = re.compile(r"\b(name|office|address)\b")  # of plain direction by static/css/base.css

    def __init__(self, html):
        super().__init__()
        self.inside, self.words = [], []
        self.feed(html.partition("<body")[2].partition(">")[2])

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag not in self.VOID:
            self.inside.append("dir" in given or tag == "bdi" or bool(self.OWN.search(given.get("class") or "")))

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        if self.inside:
            self.inside.pop()

    def handle_data(self, data):
        if ARABIC.search(re.sub("\u2068.*?\u2069", "", data)) and not any(self.inside):
            self.words.append(data.strip())


@pytest.mark.parametrize(
    "path",
    ["/articles/?language=ar", "/quotes/?language=ar", "/quotes/arquote/", "/articles/bacs-ar/",
     "/fr/articles/bacs-ar/", "/articles/bacs-ar/history/", "/articles/bacs-ar/history/1/",
     "/articles/bacs-ar/compare/1/2/", "/articles/ferries-run-again/", "/"],
)  # fmt: skip
def test_arabic_keeps_its_direction_wherever_it_stands(reader, told, path):
    page = reader.read(path)
    assert Unmarked(page).words == []
    if "bacs-ar" in path or "language=ar" in path or "arquote" in path:
        assert 'lang="ar"' in page and 'dir="rtl"' in page
        assert '<html lang="ar"' not in page


def test_a_citation_of_arabic_is_kept_from_turning_its_date_round(reader, told):
    assert "\u2068بحيرة\u2069, 1 March 2024" in reader.words("/articles/bacs-ar/")
    assert "\u2068" not in reader.words("/articles/ferries-run-again/")


@pytest.mark.any_database
def test_only_the_first_of_a_month_is_an_ordinal_in_french_and_english_keeps_its_own():
    first, second = instant("2024-03-01 10:00"), instant("2024-03-02 10:00")
    with override("fr"):
        assert [date_format(day, "j F") for day in (first, second)] == ["1er mars", "2 mars"]
    with override("en"):
        assert [date_format(day, "jS F") for day in (first, second)] == ["1st March", "2nd March"]


# Where nothing is read


def test_what_cannot_be_found_or_read_is_said_in_french_under_fr(reader, told):
    assert "Il n’y a rien à cette adresse." in reader.words("/fr/articles/rien/", 404)
    assert 'href="/fr/about/press/"' in reader.read("/fr/articles/rien/", 404)
    page = reader.read("/fr/articles/", 400, at="hier")
    assert '<html lang="fr">' in page and "Donnez «\u00a0at\u00a0»" in page and 'href="/fr/"' in page
    assert "L’avenir ne se lit pas." in reader.words("/fr/quotes/", 400, at="2999-01-01T00:00:00Z")
    assert "Le registre était vide alors." in reader.words("/fr/", 400, at="1000-06-01T00:00:00Z")
    assert "The future cannot be read." in reader.read("/api/v1/quotes/", 400, at="2999-01-01T00:00:00Z")
    Article.objects.get(slug="only-in-english").withdraw(User.objects.get(username="publisher"), "Wrong.", at=LATE)
    assert "Ce texte a été retiré." in reader.words("/fr/articles/only-in-english/", 410)


def test_a_fault_of_ours_is_said_in_the_language_of_the_address(reader, told, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("articles.pages.moment", broken)
    reader.client.raise_request_exception = False
    for start, words in (("/fr", "Vous n’y êtes pour rien."), ("", "Nothing you did.")):
        page = reader.read(f"{start}/people/", 500)
        assert words in page and f'href="{start}/"' in page and page.count("<h1") == 1


def test_names_of_the_house_say_that_they_are_not_french(reader, told, world):
    world.published("Filed", at=instant("2024-03-01 14:00")).article.reclassify(world.publisher, [world.water])
    assert '<h1 class="title" lang="en">Water' in reader.read("/fr/topics/water/")
    assert '<h1 class="title">Water' in reader.read("/topics/water/")
    assert '<span lang="en">Secretary-General</span>' in reader.read("/fr/people/mara-ostrander-lie/")
