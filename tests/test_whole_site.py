"""The demonstration's public site as a crawler meets it: every link, every head, valid HTML, and what a page weighs; as
axe does, on every kind of page, left to right and right to left, in light and in dark; and as whoever reads with keys,
with large letters or without motion."""

import gzip
from collections import defaultdict, deque
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import html5lib
import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from articles.links import resolved
from articles.models import Edition
from tests.browser import WATCH, chromium
from tests.test_admin_axe import Walk
from tests.test_demo import told  # noqa: F401 (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

HOST = "http://localhost"  # of the browser, which trusts it like HTTPS
HTML = "{http://www.w3.org/1999/xhtml}"
PAGE, STYLES = 60 * 1024, 20 * 1024  # over the wire, without pictures and fonts: what look and feel allow
MEANT = {200, 301, 410}
KINDS_OF_LINK = ("a", "link", "img", "script", "source", "form")


class Page:
    def __init__(self, address, response):
        self.address, self.response, self.status = address, response, response.status_code
        self.is_html = response["Content-Type"].startswith("text/html") and self.status == 200
        self.body = b"".join(response.streaming_content) if response.streaming else response.content
        self.links = []
        if self.is_html:
            parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=True)
            self.tree = parser.parse(self.body.decode())
            self.errors = [(error, data) for _position, error, data in parser.errors]
            for kind in KINDS_OF_LINK:
                for element in self.tree.iter(HTML + kind):
                    target = element.get("href") or element.get("src") or (kind == "form" and element.get("action"))
                    if target:
                        self.links.append(urldefrag(urljoin(address, target)).url)

    def texts(self, name):
        return ["".join(element.itertext()).strip() for element in self.tree.iter(HTML + name)]

    def head(self, name, key, value, wanted):
        found = [element for element in self.tree.iter(HTML + name) if element.get(key) == value]
        return [element.get(wanted) for element in found]


def crawled(client):
    """{address: Page} of all that can be reached from the front page. A list is narrowed once, not twice over: there
    are more ways to combine filters than pages."""
    pages, waiting = {}, deque(["/"])
    while waiting:
        address = waiting.popleft()
        if address in pages:
            continue
        page = pages[address] = Page(address, client.get(address))
        for link in page.links if not urlsplit(address).query else []:
            parts = urlsplit(link)
            if not (parts.netloc or parts.scheme or parts.path.startswith(("/static/", "/admin/"))):
                waiting.append(link)
    return pages


@pytest.fixture(scope="module")
def site(told):
    pages = crawled(Client())
    quote = next(a for a, page in pages.items() if resolved(a.partition("?")[0]).url_name == "quote" and page.is_html)
    for address in ("/", quote):  # links to the past stand in forms only
        stood = f"{address}?at={timezone.now():%Y-%m-%dT%H:%M:%SZ}"
        pages[stood] = Page(stood, Client().get(stood))
    return pages


def html(site):
    return [page for page in site.values() if page.is_html]


def test_every_link_answers_as_meant(site):
    wrong = {address: page.status for address, page in site.items() if page.status not in MEANT}
    assert wrong == {}
    assert len(html(site)) > 150
    moved = [page for page in site.values() if page.status == 301]
    assert all(page.response["Location"] in site or urlsplit(page.response["Location"]).netloc for page in moved)


def test_every_page_has_one_heading_and_a_head_of_its_own(site):
    titles, wrong = defaultdict(list), []
    for page in html(site):
        root = page.tree if page.tree.tag == HTML + "html" else next(page.tree.iter(HTML + "html"))
        canonical = page.head("link", "rel", "canonical", "href")
        indexed = "noindex" not in "".join(page.head("meta", "name", "robots", "content"))
        ok = len(page.texts("h1")) == 1 and len(page.texts("title")) == 1 and root.get("lang") and len(canonical) <= 1
        if indexed:
            ok = ok and len(canonical) == 1 and any(page.head("meta", "name", "description", "content"))
            if urljoin("http://x", canonical[0]).endswith(page.address):
                titles[page.texts("title")[0], root.get("lang")].append(page.address)
        if not ok:
            wrong.append(page.address)
    assert wrong == []
    assert {title: addresses for title, addresses in titles.items() if len(addresses) > 1} == {}


def test_the_html_is_valid(site):
    assert {page.address: page.errors for page in html(site) if page.errors} == {}
    twice = {}
    for page in html(site):
        ids = [element.get("id") for element in page.tree.iter() if element.get("id")]
        if len(ids) != len(set(ids)):
            twice[page.address] = sorted({one for one in ids if ids.count(one) > 1})
    assert twice == {}


def test_no_page_weighs_more_than_a_slow_line_bears(site):
    heavy = {page.address: len(gzip.compress(page.body)) for page in html(site)}
    assert {address: size for address, size in heavy.items() if size > PAGE} == {}
    sheets = {tuple(page.head("link", "rel", "stylesheet", "href")) for page in html(site)}
    for addresses in sheets:
        files = [Path(finders.find(address.removeprefix("/static/"))) for address in addresses]
        assert files and sum(len(gzip.compress(file.read_bytes())) for file in files) <= STYLES, addresses


def test_nothing_in_a_page_runs_or_styles_inline(site):
    assert {page.address: found for page in html(site) if (found := [*inline(page.tree)])} == {}


def inline(tree):
    for element in tree.iter():
        if not isinstance(element.tag, str):  # a comment
            continue
        tag, attributes = element.tag.removeprefix(HTML), element.attrib
        runs = tag == "script" and "src" not in attributes and "json" not in attributes.get("type", "")
        if runs or tag == "style" or "style" in attributes or any(name.startswith("on") for name in attributes):
            yield tag


@pytest.fixture
def page(site):
    """A page of a browser that is given what the crawler was given: one story told and one crawl do for both."""
    wrong = []
    with chromium() as browser:
        page = browser.new_page(locale="en-GB", reduced_motion="reduce")
        page.route("**/*", lambda route: answer(route, site))
        page.add_init_script(WATCH)
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        yield page
    assert [line for line in wrong if "410 (Gone)" not in line] == []


def answer(route, site):
    address = route.request.url.removeprefix(HOST)
    if address.startswith("/static/"):
        route.fulfill(path=finders.find(address.removeprefix("/static/")))
    elif page := site.get(address):
        route.fulfill(status=page.status, headers=dict(page.response.items()), body=page.body)
    else:
        route.abort()


@pytest.fixture(scope="module")
def kinds(site):
    """One address for each kind of page: by its view, its language and whether it can be read."""
    languages = dict(Edition.objects.values_list("article__slug", "language"))
    found = {}
    for address, page in site.items():
        if not page.response["Content-Type"].startswith("text/html") or page.status == 301:
            continue
        match = resolved(address.partition("?")[0])
        kind = (match.url_name or match.route, languages.get(match.kwargs.get("slug")), page.status, "?" in address)
        found.setdefault(kind, address)
    return found


@pytest.mark.browser
def test_axe_finds_nothing_serious_on_any_page_for_readers(kinds, page):
    walk = Walk(page, HOST, widths=(320, 390, 820))  # the first is 1280 px at 400 %
    assert {"article", "quote", "person", "topic", "history"} <= {kind[0] for kind in kinds}
    assert {"ar", "fr"} <= {kind[1] for kind in kinds}
    for kind, address in sorted(kinds.items(), key=lambda pair: str(pair[0])):
        assert page.goto(HOST + address).status == kind[2]
        walk.look(f"{address} {kind}")
        assert page.evaluate("document.getAnimations().length") == 0, address
    assert walk.found == {}


@pytest.mark.browser
def test_a_reader_needs_no_mouse(page):
    page.goto(HOST + "/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    page.wait_for_url("**/#main")
    page.keyboard.press("Tab")
    inside = "document.getElementById('main').contains(document.activeElement)"
    assert page.evaluate(inside)
    # Every stop on the way has a ring that can be seen, or a line under it.
    for _stop in range(12):
        ring = page.evaluate(
            """(() => { const style = getComputedStyle(document.activeElement);
            return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 })()"""
        )
        assert ring, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        page.keyboard.press("Tab")
