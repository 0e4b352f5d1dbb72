"""The words of the public site in the languages of the interface (`make messages`): collected, merged, compiled.

What readers see is translated; the editors' side speaks English. A new module counts as public until it is named here.
"""

import ast
import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import override
from django.utils.translation.template import templatize

from articles.models import Edition, RelatedItem
from articles.standing import StandingPage
from articles.views import PUBLIC_FACTS

ROOT = settings.BASE_DIR
#: modules and packages whose words only editors, partners or the command line read
EDITORS = {
    "people": {"admin", "api", "migrations", "models", "pictures"},
    "articles": {
        *("admin", "api", "badges", "checks", "clocks", "desk", "documents", "embargo", "floor", "forms", "images"),
        *("imports", "ledger", "management", "merges", "merging", "migrations", "models", "ninjs", "quoting"),
        *("releases", "representations", "review", "sharing", "standing", "topics", "usage"),
    },
    "newsroom": {
        *("access", "access_urls", "admin", "admin_site", "api", "backlog", "box", "callers", "demo", "desk"),
        *("embargoed", "first_hour", "forms", "management", "migrations", "models", "month", "negotiation", "notices"),
        *("outside", "partner_pages", "partners", "roles", "story", "telling", "typed", "webhook_admin", "webhooks"),
    },
}
#: templates of readers lie in one folder; these of them belong to the signing in
SIGNING_IN = {"429.html"}
CALLS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "ngettext": 2, "ngettext_lazy": 2}
TEXT = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
#: Django turns a template into such calls amid noise
CALLED = re.compile(rf"(?<![\w.])(?:_|n?p?gettext)\(\s*{TEXT}(?:\s*,\s*{TEXT})*(?:\s*,\s*count)?\s*\)")


class Command(BaseCommand):
    help = "Collect the words of the public site into locale/, keep their translations, compile them."

    def handle(self, *args, **options):
        for language, _name in settings.LANGUAGES[1:]:
            missing = renew(language, collected())
            self.stdout.write(f"{language}: {len(missing)} untranslated")
            for message in missing:
                self.stdout.write(f"  {message.id}")


def collected():
    """{message: where it stands}; a message with a plural is a pair."""
    found = {}
    for path in public_files():
        text = path.read_text(encoding="utf-8")
        source = "\n".join(CALLED.findall(templatize(text))) if path.suffix == ".html" else text
        for message in in_source(source):
            found.setdefault(message, []).append(str(path.relative_to(ROOT)))
    for message in of_models():
        found.setdefault(message, []).append("articles/models.py")
    return found


def public_files():
    yield from sorted(path for path in (ROOT / "templates").glob("*.html") if path.name not in SIGNING_IN)
    for app, editors in EDITORS.items():
        for path in sorted((ROOT / app).rglob("*.py")):
            if Path(path.relative_to(ROOT / app).parts[0]).stem not in editors:
                yield path


def in_source(text):
    """The messages that Python asks for in `text`."""
    for node in ast.walk(ast.parse(text)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        if "pgettext" in node.func.id:
            raise CommandError(f"Messages with a context are not collected: {ast.unparse(node)}")
        words = [word.value for word in node.args[: CALLS.get(node.func.id, 0)] if isinstance(word, ast.Constant)]
        if words:
            yield tuple(words) if len(words) > 1 else words[0]


def of_models():
    """Of the models readers see the names of kinds and pages, and of the facts that two editions are compared by."""
    with override(None):
        yield from (str(label) for _value, label in [*Edition.KINDS, *RelatedItem.KINDS, *StandingPage.NAMES])
        yield from (str(Edition._meta.get_field(fact).verbose_name) for fact in PUBLIC_FACTS)


def catalogue(language):
    """The file a language's words are in, and what stands in it."""
    path = ROOT / "locale" / language / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return path, Catalog(locale=language)
    with path.open("rb") as file:
        return path, read_po(file, locale=language)


def renew(language, messages):
    """Write both files of a language anew with exactly these messages. What is not translated yet is returned."""
    path, known = catalogue(language)
    asked = Catalog()
    for message, places in messages.items():
        asked.add(message, locations=[(place, None) for place in dict.fromkeys(places)])
    known.update(asked, no_fuzzy_matching=True, update_creation_date=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, known, width=120, sort_output=True, ignore_obsolete=True)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, known)
    return untranslated(known)


def untranslated(known):
    """Messages without their words in this language, or with words that nobody has confirmed."""

    def words(message):
        return message.string if isinstance(message.string, tuple) else [message.string]

    return [message for message in known if message.id and (message.fuzzy or not all(words(message)))]
