"""The addresses in a page of the site: what answers at them, and on a page of the past how they stay in its moment."""

import re
from urllib.parse import quote, unquote

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.translation import get_language_from_path

SITE = re.escape(settings.SITE_URL)
ADDRESS = re.compile(rf'(?<= )(href|src|action)="((?:{SITE})?)(/(?![/\\])[^"#?]*)([^"]*)"')
LINK = re.compile(r"<a\b[^>]*>")
#: What can be read as it stood. The history of an article and its comparisons tell of every moment: they are today's.
STANDING = {
    "home", "article-list", "article", "quote-list", "quote", "topic-list", "topic", "person-list", "person",
    "organisation", "search", "archive", "archive-year", "archive-month", "archive-day", "corrections",
}  # fmt: skip
TO_TODAY = 'rel="latest-version"'


def resolved(path):
    """What answers at a path of the site, in whatever language its address is; None for nothing."""
    path = unquote(path)
    with translation.override(get_language_from_path(path) or settings.LANGUAGE_CODE):
        try:
            return resolve(path)
        except Resolver404:
            return None


def can_stand(match):
    return match is not None and match.url_name in STANDING


def keeping(html, asked):
    """The page with `?at=asked` in its links to pages that can be read as they stood. A link that names a moment of
    its own, or leads to today on purpose, is left as it is."""
    known, at = {}, quote(asked, safe="")

    def led(match):
        attribute, site, path, rest = match.groups()
        if path not in known:
            known[path] = can_stand(resolved(path))
        query, mark, fragment = rest.partition("#")
        if not known[path] or re.search(r"[?&;]at=", query):
            return match[0]
        joint = "&amp;" if query else "?"
        return f'{attribute}="{site}{path}{query}{joint}at={at}{mark}{fragment}"'

    return LINK.sub(lambda tag: tag[0] if TO_TODAY in tag[0] else ADDRESS.sub(led, tag[0]), html)
