"""What machines read of the site: feeds, sitemaps, the head of pages, and the files at fixed addresses."""

import json
import re
from datetime import date, datetime, timedelta
from xml.etree import ElementTree

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.merges import merge_people
from articles.models import Article, Edition, Mention, Placement, Topic
from articles.structured_data import element, og_locale
from people.models import Person
from tests.conftest import instant
from tests.test_pages import NOON, hidden, reader, story  # noqa: F401 (fixtures)

ATOM, SITEMAP = "{http://www.w3.org/2005/Atom}", "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS, XHTML = "{http://www.google.com/schemas/sitemap-news/0.9}", "{http://www.w3.org/1999/xhtml}"
FEEDS = ["articles", "quotes", "corrections", "people/mara-ostrander-lie", "topics/water", "topics/water/ferries"]
XML = [*(f"/feeds/{name}.atom" for name in FEEDS), "/sitemap.xml", "/sitemap-pages.xml", "/sitemap-people.xml",
       "/sitemap-topics.xml", "/sitemap-organisations.xml", "/sitemap-articles-2024-03.xml",
       "/sitemap-quotes-2024-03.xml", "/sitemap-news.xml"]  # fmt: skip
MACHINES = [*XML, *(f"/feeds/{name}.json" for name in FEEDS), "/manifest.webmanifest", "/robots.txt"]
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def read_xml(reader, path, **query):
    return ElementTree.fromstring(reader.read(path, **query).encode())


def atom(reader, name, **query):
    return read_xml(reader, f"/feeds/{name}.atom", **query)


def items(reader, name, **query):
    return json.loads(reader.read(f"/feeds/{name}.json", **query))["items"]


def texts(element, *names):
    return [found.text for found in element.iterfind("/".join(names))]


# Feeds


def test_an_atom_feed_has_what_its_standard_demands(reader, story, subtests):
    """RFC 4287, sections 4.1.1 and 4.1.2, and 3.3 for dates."""
    for name in FEEDS:
        with subtests.test(name=name):
            feed = atom(reader, name)
            assert feed.tag == f"{ATOM}feed"
            entries = feed.findall(f"{ATOM}entry")
            assert entries
            for part in (feed, *entries):
                for once in ("id", "title", "updated"):
                    (found,) = part.findall(ATOM + once)
                    assert found.text
                for dated in (*part.findall(f"{ATOM}updated"), *part.findall(f"{ATOM}published")):
                    assert RFC3339.fullmatch(dated.text)
                assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", part.find(f"{ATOM}id").text)
                assert all(link.get("href").startswith("http") for link in part.findall(f"{ATOM}link"))
                assert len([link for link in part.findall(f"{ATOM}link") if link.get("rel") == "alternate"]) == 1
                assert all(author.find(f"{ATOM}name").text for author in part.findall(f"{ATOM}author"))
                assert all(category.get("term") for category in part.findall(f"{ATOM}category"))
            assert feed.find(f"{ATOM}author") is not None
            (own,) = [link for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
            assert own.get("href").endswith(f"/feeds/{name}.atom")
            ids = texts(feed, f"{ATOM}entry", f"{ATOM}id")
            assert len(ids) == len({*ids})
            assert feed.find(f"{ATOM}updated").text == max(texts(feed, f"{ATOM}entry", f"{ATOM}updated"))
            for entry in entries:
                (content,) = entry.findall(f"{ATOM}content")
                assert content.get("type") == "html" and content.text
                assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"


def test_a_json_feed_has_what_its_standard_demands(reader, story, subtests):
    for name in FEEDS:
        with subtests.test(name=name):
            feed = json.loads(reader.read(f"/feeds/{name}.json"))
            assert feed["version"] == "https://jsonfeed.org/version/1.1"
            assert feed["title"] and feed["feed_url"].endswith(f"/feeds/{name}.json") and feed["home_page_url"]
            assert feed["items"]
            for item in feed["items"]:
                assert item["id"] and item["content_html"] and item["url"].startswith("http")
                assert RFC3339.fullmatch(item["date_published"]) and RFC3339.fullmatch(item["date_modified"])
                assert all(author["name"] for author in item.get("authors", []))
            same = atom(reader, name)
            assert [item["id"] for item in feed["items"]] == texts(same, f"{ATOM}entry", f"{ATOM}id")


def test_an_entry_holds_the_whole_text_and_stands_alone(reader, world, story, settings):
    draft = world.draft("It links", body=f'<p>See <a href="/people/">them</a> and {world.quote("so", "soquote")}.</p>')
    world.approve(draft, instant("2024-03-01 12:00"))
    draft.publish(world.publisher, at=instant("2024-03-01 13:00"))
    newest, item = items(reader, "articles")
    assert f'<a href="{settings.SITE_URL}/people/">' in newest["content_html"]
    assert "“<span>so</span>”" in newest["content_html"]
    assert item["title"] == "Ferries run every day"
    assert item["tags"] == ["Ferries"]
    assert item["language"] == "en"
    html = item["content_html"]
    order = [
        "She said: “",
        "to everyone.</p>",
        "he wrote.</p>",
        "<figure><img",
        "The end.</p>",
        "Corrected 1 March 2024",
    ]
    places = [html.index(words) for words in order]
    assert places == sorted(places)
    assert "The timetable was wrong." in html
    assert "<q" not in html and 'src="/' not in html and 'href="/' not in html
    assert item["image"].startswith(f"{settings.SITE_URL}/media/")


def publish_next(world, article, at, change, **words):
    """The next edition of an article: its newest one with other words."""
    draft = article.start_edition(world.writer, **words)
    draft.note, draft.change_class = "Something changed.", change
    draft.save()
    world.approve(draft, at - timedelta(minutes=5))
    return draft.publish(world.publisher, at=at)


def test_an_entry_moves_with_an_update_or_a_correction_and_not_with_typography(reader, world, story):
    def seen(name, key):
        return {item["id"]: item["date_modified"] for item in items(reader, name) if key in item["url"]}

    first = seen("articles", "ferries-run-again"), seen("quotes", "lakequote")
    assert [*first[0].values()] == ["2024-03-01T11:00:00Z"]
    assert [*first[1].values()] == ["2024-03-01T10:00:00Z"]
    typo = story.second.body.replace("The end.", "The  end!")
    publish_next(world, story.article, instant("2024-03-01 12:00"), Edition.TYPOGRAPHIC, body=typo)
    story.article.move(world.publisher, "boats-run")
    assert (seen("articles", "boats-run"), seen("quotes", "lakequote")) == first
    other = typo.replace("The lake is everybody's", "The lake is ours")
    publish_next(world, story.article, instant("2024-03-01 13:00"), Edition.UPDATE, body=other)
    moved = seen("articles", "boats-run"), seen("quotes", "lakequote")
    assert [{*now} for now in moved] == [{*before} for before in first]  # the same entries
    assert [*moved[0].values(), *moved[1].values()] == ["2024-03-01T13:00:00Z"] * 2
    assert len(items(reader, "corrections")) == 1


def test_what_is_dated_in_the_past_was_published_then(reader, world, story):
    world.published("Long ago", dated=date(2019, 5, 30), at=instant("2024-03-01 14:00"))
    newest, oldest = items(reader, "articles")
    assert (oldest["title"], oldest["date_published"]) == ("Long ago", "2019-05-29T22:00:00Z")
    assert oldest["date_modified"] == oldest["date_published"]


def test_a_correction_stays_in_its_feed_when_the_next_edition_comes(reader, world, story):
    publish_next(world, story.article, instant("2024-03-01 13:00"), Edition.UPDATE, headline="Ferries run at night")
    (item,) = items(reader, "corrections")
    assert item["title"] == "Ferries run every day"
    assert "The timetable was wrong." in item["content_html"]


def test_what_is_withdrawn_leaves_every_feed_and_sitemap(reader, world, story):
    story.article.withdraw(world.publisher, "The figures were wrong.", at=instant("2024-03-01 15:00"))
    for name in FEEDS:
        assert items(reader, name) == []
        assert texts(atom(reader, name), f"{ATOM}updated") == ["1970-01-01T00:00:00Z"]
    assert "articles-" not in reader.read("/sitemap.xml") and "quotes-" not in reader.read("/sitemap.xml")
    for path in ("/sitemap-articles-2024-03.xml", "/sitemap-quotes-2024-03.xml"):
        assert reader.raw(path).status_code == 404


def test_what_is_published_again_after_a_withdrawal_is_the_same_entry_anew(reader, world, story):
    (before,) = items(reader, "articles")
    story.article.withdraw(world.publisher, "The figures were wrong.", at=instant("2024-03-01 15:00"))
    quote = world.quote("The lake is everybody's", "lakequote")
    again = world.ready("Ferries run", body=f"<p>{quote}</p>", article=story.article, at=instant("2024-03-01 16:00"))
    again.publish(world.publisher, at=instant("2024-03-01 17:00"))
    (item,), (said,) = items(reader, "articles"), items(reader, "quotes")
    assert item["id"] == before["id"]
    assert [item["date_modified"], said["date_modified"]] == ["2024-03-01T17:00:00Z"] * 2
    article = structured(reader, story.url)["NewsArticle"]
    assert datetime.fromisoformat(article["dateModified"]) == instant("2024-03-01 17:00")


def test_feeds_of_former_addresses_lead_to_the_present_ones(reader, world, story):
    Person.objects.get(pk=world.mara.pk).rename("Mara Lie")
    twin = Person.objects.create(name="M. Lie", public_from=instant("2024-03-01 20:00"), public_by_hand=True)
    merge_people(twin, Person.objects.get(pk=world.mara.pk), world.publisher)
    ferries = Topic.objects.get(pk=world.ferries.pk)
    ferries.slug = "boats"
    ferries.save()
    for former, present in [
        ("people/mara-ostrander-lie.atom", "people/mara-lie.atom"), ("people/m-lie.json", "people/mara-lie.json"),
        ("topics/water/ferries.json", "topics/water/boats.json"),
    ]:  # fmt: skip
        answer = reader.raw(f"/feeds/{former}")
        assert (answer.status_code, answer["Location"]) == (301, f"/feeds/{present}")
        assert reader.raw(f"/feeds/{present}").status_code == 200


def test_there_is_no_feed_of_what_is_not_there(reader, story, subtests):
    for path in [
        "people/nobody.atom",
        "topics/never/was.json",
        "articles.rss",
        "people/.atom",
        "topics/.json",
        "x.atom",
    ]:
        with subtests.test(path=path):
            assert reader.raw(f"/feeds/{path}").status_code == 404


def test_a_feed_reads_as_of_an_instant_too_and_is_then_kept_out_of_indexes(reader, story):
    (item,) = items(reader, "articles", at="2024-03-01T10:30:00Z")
    assert item["title"] == "Ferries run again"
    assert reader.raw("/feeds/articles.atom", {"at": "2024-03-01T10:30:00Z"})["X-Robots-Tag"] == "noindex"
    assert reader.raw("/feeds/articles.atom", {"utm_source": "x"})["X-Robots-Tag"] == "noindex"
    assert "X-Robots-Tag" not in reader.raw("/feeds/articles.atom").headers


def test_pages_lead_to_their_feeds_in_their_head_and_in_sight(reader, story):
    for path, feed in [
        ("/", "articles"), ("/articles/", "articles"), ("/quotes/", "quotes"),
        ("/people/mara-ostrander-lie/", "people/mara-ostrander-lie"), ("/topics/water/", "topics/water"),
    ]:  # fmt: skip
        for language in ("", "/fr"):
            html = reader.read(language + path)
            for kind, form in ((r"atom\+xml", "atom"), (r"feed\+json", "json")):
                href = f'href="{language}/feeds/{feed}.{form}"'
                assert re.search(rf'<link rel="alternate" type="application/{kind}" [^>]*{href}>', html), path
                assert path == "/" or f"<a {href}>" in html, path
            assert reader.raw(f"{language}/feeds/{feed}.atom").status_code == 200


def test_names_that_xml_cannot_hold_break_no_feed_and_no_sitemap(reader, world, story):
    Topic.objects.filter(pk=world.ferries.pk).update(name="Fer\x0bries \x1f& <boats>")
    for path in XML:
        read_xml(reader, path)
    assert items(reader, "articles")[0]["tags"] == ["Fer\x0bries \x1f& <boats>"]


# Sitemaps


def test_the_index_leads_to_everything_that_can_be_read(reader, world, story, settings):
    world.published("Long ago", dated=date(2019, 12, 31), at=instant("2024-03-01 14:00"))
    index = texts(read_xml(reader, "/sitemap.xml"), f"{SITEMAP}sitemap", f"{SITEMAP}loc")
    listed = {}
    for address in index:
        for url in read_xml(reader, address.removeprefix(settings.SITE_URL)).iterfind(f"{SITEMAP}url"):
            listed[url.find(f"{SITEMAP}loc").text.removeprefix(settings.SITE_URL)] = url.find(f"{SITEMAP}lastmod")
    assert [address.rpartition("/")[2] for address in index] == [
        "sitemap-pages.xml", "sitemap-people.xml", "sitemap-organisations.xml", "sitemap-topics.xml",
        "sitemap-articles-2019-12.xml", "sitemap-articles-2024-03.xml", "sitemap-quotes-2024-03.xml",
    ]  # fmt: skip
    assert {*listed} == {
        "/", "/articles/", "/quotes/", "/people/", "/topics/", "/corrections/", "/about/record/", "/about/corrections/",
        "/about/accessibility/", "/about/privacy/", "/about/press/", "/people/mara-ostrander-lie/",
        "/people/ilo-verhaak/",
        "/organisations/council-of-lakes/", "/topics/water/", "/topics/water/ferries/", "/articles/long-ago/",
        story.url, "/quotes/lakequote/", "/quotes/icequote/",
    }  # fmt: skip
    assert listed[story.url].text == "2024-03-01T11:00:00Z"
    for path in listed:
        html = reader.read(path)
        assert f'<link rel="canonical" href="{settings.SITE_URL}{path}">' in html, path
        assert 'name="robots"' not in html, path
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml\n" in reader.read("/robots.txt")


def test_a_month_is_the_newsrooms_own(reader, world, story):
    world.published("First of April", dated=date(2023, 4, 1), at=instant("2024-03-01 14:00"))  # local midnight
    assert "first-of-april" in reader.read("/sitemap-articles-2023-04.xml")
    assert reader.raw("/sitemap-articles-2023-03.xml").status_code == 404


def test_there_is_no_sitemap_of_what_is_no_month(reader, story, subtests):
    for name in [
        "articles",
        "articles-",
        "articles-2024",
        "articles-2024-13",
        "articles-0001-01",
        "articles-9999-12",
        "x-2024-03",
    ]:
        with subtests.test(name=name):
            assert reader.raw(f"/sitemap-{name}.xml").status_code == 404


def test_translations_name_each_other_in_sitemap_and_head(reader, world, story, settings):
    french = Article.objects.create(language="fr", translation_of=story.article)
    world.published("Les bacs circulent", article=french, dated=date(2023, 1, 2), at=instant("2024-03-01 11:15"))
    own = {"en": settings.SITE_URL + story.url, "fr": f"{settings.SITE_URL}/fr/articles/les-bacs-circulent/"}
    for month in ("2024-03", "2023-01"):
        (url,) = read_xml(reader, f"/sitemap-articles-{month}.xml").iterfind(f"{SITEMAP}url")
        assert {link.get("hreflang"): link.get("href") for link in url.findall(f"{XHTML}link")} == own
    for path in (story.url, "/fr/articles/les-bacs-circulent/"):
        found = re.findall(r'<link rel="alternate" hreflang="(\w+)" href="([^"]*)">', reader.read(path))
        assert dict(found) == own


def test_the_news_are_those_of_the_last_two_days_by_the_clock(reader, world, story, settings):
    def told():
        return texts(read_xml(reader, "/sitemap-news.xml"), f"{SITEMAP}url", f"{NEWS}news", f"{NEWS}title")

    world.published("Long ago", dated=date(2019, 12, 31), at=instant("2024-03-01 14:00"))
    assert told() == ["Ferries run every day"]
    (news,) = read_xml(reader, "/sitemap-news.xml").iterfind(f"{SITEMAP}url/{NEWS}news")
    assert texts(news, f"{NEWS}publication", f"{NEWS}name") == [settings.INSTITUTION["name"]]
    assert texts(news, f"{NEWS}publication", f"{NEWS}language") == ["en"]
    assert texts(news, f"{NEWS}publication_date") == ["2024-03-01T10:00:00Z"]
    reader.clock(instant("2024-03-03 09:59"))
    assert told() == ["Ferries run every day"]
    reader.clock(instant("2024-03-03 10:00"))
    assert told() == []


# The head of pages

#: of schema.org (release 29): the properties used here of each class, its parents' among them
CREATIVE_WORK = {
    "about", "author", "contentLocation", "correction", "creditText", "dateCreated", "dateModified", "datePublished",
    "genre", "hasPart", "headline", "inLanguage", "isAccessibleForFree", "isPartOf", "locationCreated",
    "mainEntity", "mainEntityOfPage", "mentions", "publisher", "text", "version", "workTranslation",
}  # fmt: skip
THING = {"name", "url", "description", "image", "sameAs", "alternateName"}
ROLE = {"roleName", "startDate", "endDate"}
VOCABULARY = {
    "NewsArticle": THING | CREATIVE_WORK | {"speakable"},
    "Quotation": THING | CREATIVE_WORK,
    "CorrectionComment": THING | CREATIVE_WORK,
    "ImageObject": THING | CREATIVE_WORK | {"caption", "contentUrl"},
    "WebSite": THING | CREATIVE_WORK,
    "ProfilePage": THING | CREATIVE_WORK,
    "CollectionPage": THING | CREATIVE_WORK,
    "Person": THING | {"memberOf"},
    "Organization": THING | {"email", "logo", "member"},
    "Role": THING | ROLE | {"author"},  # a role repeats the property it qualifies
    "OrganizationRole": THING | ROLE | {"memberOf", "member"},
    "Place": THING,
    "Thing": THING,
    "BreadcrumbList": THING | {"itemListElement"},
    "ListItem": THING | {"position", "item"},
    "SpeakableSpecification": THING | {"cssSelector"},
}


def things(value):
    """Every thing in a graph, however deep."""
    if isinstance(value, list):
        for one in value:
            yield from things(one)
    elif isinstance(value, dict):
        yield value
        for one in value.values():
            yield from things(one)


def graph(html):
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
    found = json.loads(data)
    assert found["@context"] == "https://schema.org"
    return {thing["@type"]: thing for thing in found["@graph"]}


def structured(reader, path):
    return graph(reader.read(path))


def test_a_page_speaks_the_words_of_schema_org_and_leads_to_pages_that_are_there(reader, story, settings, subtests):
    for path in [
        "/",
        "/articles/ferries-run-again/",
        "/quotes/lakequote/",
        "/people/ilo-verhaak/",
        "/people/mara-ostrander-lie/",
        "/topics/water/ferries/",
        "/organisations/council-of-lakes/",
        "/fr/articles/ferries-run-again/",
    ]:
        with subtests.test(path=path):
            for thing in things([*structured(reader, path).values()]):
                assert {*thing} - {"@type", "@id"} <= VOCABULARY[thing["@type"]], thing
                assert all(thing.values()), thing
                assert "@id" not in thing or thing["@id"].startswith(settings.SITE_URL)
                for address in (thing.get("url"), thing.get("item")):
                    if address:
                        assert reader.raw(address.removeprefix(settings.SITE_URL)).status_code == 200, address


def test_an_article_tells_its_dates_corrections_quotes_and_people(reader, world, story, settings):
    found = structured(reader, story.url)
    article = found["NewsArticle"]
    assert article["headline"] == "Ferries run every day"
    assert datetime.fromisoformat(article["datePublished"]) == instant("2024-03-01 10:00")
    assert datetime.fromisoformat(article["dateModified"]) == instant("2024-03-01 11:00")
    (correction,) = article["correction"]
    assert correction["text"] == "The timetable was wrong."
    assert [quote["text"] for quote in article["hasPart"]] == ["The lake is everybody's", "It freezes late"]
    speaker = article["hasPart"][0]["author"]
    assert (speaker["roleName"], speaker["author"]["name"]) == ("Secretary-General", "Mara Ostrander-Lie")
    assert {person["name"] for person in article["mentions"]} == {"Mara Ostrander-Lie", "Ilo Verhaak"}
    assert article["image"][0]["description"] == "Two ferries"
    assert article["speakable"]["cssSelector"] == [".title", ".deck"]
    html = reader.read(story.url)
    assert 'class="title"' in html and 'class="deck"' in html
    steps = found["BreadcrumbList"]["itemListElement"]
    assert [step["item"] for step in steps] == [f"{settings.SITE_URL}/articles/", settings.SITE_URL + story.url]


def test_a_person_tells_terms_of_office_with_their_days(reader, world, story):
    person = structured(reader, "/people/ilo-verhaak/")["ProfilePage"]["mainEntity"]
    (term,) = person["memberOf"]
    assert (term["roleName"], term["startDate"], term["endDate"]) == ("Secretary-General", "2014-01-01", "2023-08-31")
    assert term["memberOf"]["name"] == "Council of Lakes"


def test_words_of_the_past_are_told_to_readers_only(reader, story):
    for path in (f"{story.url}?at=2024-03-01T10:30:00Z", f"{story.url}history/1/"):
        assert "ld+json" not in reader.read(path), path
    assert "og:" not in reader.read(story.url, at="2024-03-01T10:30:00Z")


def test_structured_data_cannot_leave_its_element():
    html = element({"name": "</script><script>alert(1)</script><!-- & "})
    assert html.count("<") == 2 and "&" not in html
    assert graph(f"{html}".replace('{"name"', '{"@type":"Thing","name"'))["Thing"]["name"].startswith("</script>")


def test_open_graph_tells_title_dates_picture_and_language(reader, story, settings):
    html = reader.read(story.url)
    told = dict(re.findall(r'<meta property="([^"]+)" content="([^"]*)">', html))
    assert told["og:title"] == "Ferries run every day"
    assert told["og:type"] == "article"
    assert told["og:url"] == settings.SITE_URL + story.url
    assert told["og:description"] == "The lake is open."
    assert told["og:locale"] == "en_US"
    assert told["og:image"] == f"{settings.SITE_URL}/articles/ferries-run-again/card.png"
    assert told["og:image:alt"] == "Ferries run every day"
    assert datetime.fromisoformat(told["article:published_time"]) == instant("2024-03-01 10:00")
    assert datetime.fromisoformat(told["article:modified_time"]) == instant("2024-03-01 11:00")
    other = dict(re.findall(r'<meta property="([^"]+)" content="([^"]*)">', reader.read("/fr/people/")))
    assert (other["og:type"], other["og:locale"]) == ("website", "fr_FR")


def test_a_language_without_a_usual_territory_has_no_locale():
    assert [og_locale(language) for language in ("en-GB", "fr", "xx")] == ["en_GB", "fr_FR", ""]


# Fixed addresses


def test_the_manifest_names_the_institution_and_its_icons(reader, db, settings):
    settings.INSTITUTION = settings.INSTITUTION | {"name": "Council of Lakes", "icons": "demo/icons"}
    answer = reader.raw("/manifest.webmanifest")
    assert answer["Content-Type"].startswith("application/manifest+json")
    told = json.loads(answer.content)
    assert told["name"] == "Council of Lakes"
    assert {(icon["sizes"], icon["purpose"]) for icon in told["icons"]} == {
        ("192x192", "any"), ("512x512", "any"), ("512x512", "maskable"),
    }  # fmt: skip
    html = reader.read("/")
    assert '<link rel="manifest" href="/manifest.webmanifest">' in html
    assert '<link rel="apple-touch-icon" href="/static/demo/icons/180.png">' in html
    settings.INSTITUTION = settings.INSTITUTION | {"icons": ""}
    assert json.loads(reader.raw("/manifest.webmanifest").content)["icons"] == []
    assert "apple-touch-icon" not in reader.read("/")


def test_security_txt_is_there_once_somebody_is_named(reader, db, settings):
    assert reader.raw("/.well-known/security.txt").status_code == 404
    settings.INSTITUTION = settings.INSTITUTION | {"security_contact": ["hole@lakes.example", "https://lakes.example/"]}
    lines = reader.read("/.well-known/security.txt").splitlines()
    assert lines[:2] == ["Contact: mailto:hole@lakes.example", "Contact: https://lakes.example/"]
    told = dict(line.split(": ", 1) for line in lines)
    expires = datetime.fromisoformat(told["Expires"])
    assert timedelta(0) < expires - NOON < timedelta(days=366)
    assert told["Canonical"] == f"{settings.SITE_URL}/.well-known/security.txt"
    before = reader.raw("/.well-known/security.txt")["ETag"]
    reader.clock(NOON + timedelta(hours=2))
    assert reader.raw("/.well-known/security.txt")["ETag"] == before


# Manners


def test_an_answer_is_tagged_and_stays_the_same_while_nothing_changes(reader, story, subtests):
    for path in MACHINES[:-1]:
        with subtests.test(path=path):
            reader.clock(NOON)
            answer = reader.raw(path)
            assert answer["Cache-Control"] == "public, no-cache"
            assert not answer.cookies
            reader.clock(NOON + timedelta(minutes=1))
            assert reader.client.get(path, headers={"If-None-Match": answer["ETag"]}).status_code == 304
            assert reader.client.post(path).status_code == 405


def questions(reader):
    counts = {}
    for path in MACHINES:
        with CaptureQueriesContext(connection) as asked:
            assert reader.raw(path).status_code == 200, path
        counts[path] = len(asked)
    return counts


def test_every_answer_asks_a_fixed_number_of_questions_however_much_there_is(reader, world, story):
    french = Article.objects.create(language="fr", translation_of=story.article)
    world.published("Les bacs circulent", article=french, at=instant("2024-03-01 11:15"))
    few = questions(reader)
    for number in range(60):
        quote = f"<p>{world.quote(f'Words {number}', f'key{number}')}</p>"
        draft = world.draft(f"Item {number}", body=quote, dated=date(2015 + number % 10, 3, 1))
        draft.topics.set([world.ferries])
        Placement.objects.create(edition=draft, image=story.image, alt="Two ferries")
        Mention.objects.create(edition=draft, person=world.ilo)
        world.approve(draft, instant("2024-03-01 12:00"))
        draft.publish(world.publisher, at=instant("2024-03-01 12:00") + timedelta(minutes=number))
    many = questions(reader)
    assert few == many
    assert max(many.values()) <= 6, many
    assert len(items(reader, "articles")) == 50


def test_what_is_hidden_has_no_feed_and_no_month(reader, hidden):
    assert "2024-06" not in reader.read("/sitemap.xml")
    nothing = reader.raw("/feeds/people/nobody.atom")
    secrets = [f"/feeds/{kind}.{form}" for kind in (f"people/{hidden.person.slug}", f"topics/{hidden.topic.path}")
               for form in ("atom", "json")]  # fmt: skip
    for path in [*secrets, "/sitemap-articles-2024-06.xml", "/sitemap-quotes-2024-06.xml"]:
        answer = reader.raw(path)
        assert (answer.status_code, answer.content, {**answer.headers}) == (404, nothing.content, {**nothing.headers})


def test_the_policy_of_the_site_lets_structured_data_and_the_manifest_be(visit, open_world):
    open_world.published("Ferries run again", at=timezone.now())
    page = visit("/articles/ferries-run-again/")  # what the policy stops would fail the test at its end
    data = page.locator('script[type="application/ld+json"]').text_content()
    kinds = [thing["@type"] for thing in json.loads(data)["@graph"]]
    assert kinds == ["NewsArticle", "BreadcrumbList"]
    assert page.evaluate("fetch(document.querySelector('link[rel=manifest]').href).then(it => it.status)") == 200
