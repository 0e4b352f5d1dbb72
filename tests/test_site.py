"""What holds for the whole project: which way imports go, that migrations and tables are complete, that README and
code say the same, and that a process without its secret does not start."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command, get_commands
from django.db import connection

from articles import seal

ROOT = Path(__file__).resolve().parent.parent
APPS = ["people", "articles", "newsroom"]  # each may import those before it, and itself
SOURCES = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)
#: inside articles: each layer may import those before it, and itself; what is not named is a surface
LAYERS = [
    [
        *("body", "releases", "search", "ledger", "topics", "roles", "desk", "sharing", "images", "documents"),
        *("checks", "floor", "standing"),
    ],
    ["models"],
    ["seal", "moment"],
]

#: inside articles/releases: each module may import those before it, and `articles.body`
READER = ["proposal", "formats", "words", "offices", "source", "dates", "layout", "marks", "cast", "clauses", "voices"]
READER += ["__init__", "evaluation"]

DJANGO_TABLES = {
    *("auth_group", "auth_group_permissions", "auth_permission"),
    *("auth_user", "auth_user_groups", "auth_user_user_permissions"),
    *("django_admin_log", "django_content_type", "django_migrations", "django_session"),
}


def imported(path):
    """The dotted names a file imports: `from a.b import c` gives a.b and a.b.c."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: a relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def tracked():
    """The names of the files that belong to the project: git's, or in a tree without git all that is not hidden."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
        return listed.stdout.rstrip("\0").split("\0")
    names = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]
    return [str(name) for name in names if not any(part[0] == "." or part == "__pycache__" for part in name.parts)]


def layer_of(module):
    return next((depth for depth, layer in enumerate(LAYERS) if module in layer), len(LAYERS))


@pytest.mark.any_database
@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path):
    app = path.relative_to(ROOT).parts[0]
    for name in imported(path):
        package, _, rest = name.partition(".")
        if package in APPS:
            assert APPS.index(package) <= APPS.index(app), f"{app} imports {name}"
        if package == app == "articles" and path.parent.name == "articles" and path.stem != "apps":
            assert layer_of(rest.split(".")[0]) <= layer_of(path.stem) or not rest, f"{path.stem} imports {name}"


@pytest.mark.any_database
@pytest.mark.parametrize("name", READER)
def test_the_reader_of_releases_knows_no_models(name):
    allowed = {f"articles.releases.{module}" for module in READER[: READER.index(name)]} | {"articles.releases"}
    for imported_ in imported(ROOT / "articles" / "releases" / f"{name}.py"):
        ours = imported_.split(".")[0] in APPS and imported_ not in ("articles", "articles.body")
        assert not ours or imported_ in allowed or imported_.rpartition(".")[0] in allowed, imported_
    assert {path.stem for path in (ROOT / "articles" / "releases").glob("*.py")} == set(READER)


@pytest.mark.any_database
@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_stand_at_the_top(path):
    """But for `ready()` of an app: models can be imported only once the apps are ready."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    functions = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, kinds)]
    if path.name == "apps.py":
        functions = [function for function in functions if function.name != "ready"]
    hidden = [
        f"{function.name}, line {node.lineno}"
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def test_no_migration_is_pending(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)  # exits when one is


def test_every_table_is_listed_as_public_or_private(db):
    with connection.cursor() as cursor:
        stored = set(connection.introspection.table_names(cursor)) - DJANGO_TABLES
    public = {model._meta.db_table for model in seal.PUBLIC}
    assert public.isdisjoint(seal.PRIVATE)
    assert stored == public | seal.PRIVATE


@pytest.mark.any_database
def test_no_file_names_the_machine_it_was_made_on():
    """Neither a home directory nor a package index: a clone must not depend on where it was written."""
    telling = re.compile(
        r"(?<![\w.])/(?:work|root|home|Users)/\w|^\s*--(?:extra-)?index[-]url|^\s*--(?:trusted-host|find-links)"
        r"|https?://[^/\s]*(?:pypi|pythonhosted|artifactory|devpi)",
        re.M,
    )
    found = {}
    for name in tracked():
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):  # pictures and fonts; what somebody has just moved
            continue
        if match := telling.search(text):
            found[name] = match[0]
    assert found == {}


@pytest.mark.any_database
def test_every_command_in_the_readme_exists():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", readme, re.S))
    made = set(re.findall(r"(?:`|^)make ([a-z]+)", readme, re.M))
    managed = set(re.findall(r"manage\.py ([a-z_]+)", readme))
    programs = {line.split()[0] for line in blocks.splitlines() if line.strip()} - {"make", "manage.py"}
    assert {"demo", "test"} <= made <= targets
    assert "demo" in managed and managed <= set(get_commands())
    assert {name for name in programs if not (Path(sys.executable).parent / name).exists()} == set()


@pytest.mark.any_database
def test_every_variable_that_the_settings_read_is_in_the_readme():
    settings = "".join((ROOT / "newsroom" / name).read_text(encoding="utf-8") for name in ("settings.py", "wsgi.py"))
    read = set(re.findall(r"""(?:env|flag|listed|setdefault)\("([A-Z_]+)\"""", settings)) - {"DJANGO_SETTINGS_MODULE"}
    tables = "\n".join(re.findall(r"^\|.*", (ROOT / "README.md").read_text(encoding="utf-8"), re.M))
    assert "SECRET_KEY" in read
    assert {name for name in read if not re.search(rf"`{name}\b", tables)} == set()


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("given", "missing"), [({}, "SECRET_KEY"), ({"SECRET_KEY": "long enough for this"}, "ALLOWED_HOSTS")]
)
def test_a_process_without_its_settings_refuses_to_start_and_says_why(given, missing):
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | given
    started = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert started.returncode != 0
    assert f"{missing} is not set" in started.stderr.splitlines()[-1]
