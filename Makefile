# Everything a person or a machine runs here. `make demo` to look at it, `make test` while working, `make check` before
# handing over. All of it honours DATABASE_URL; without one the database is the file newsroom.sqlite3.

SHELL := /bin/bash
# The shell's search for a Python that is new enough; PYTHON=... names another.
PYTHON ?= $$(for p in python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
MANAGE := DEBUG=1 $(BIN)/python manage.py
ADDRESS ?= 127.0.0.1:8000
# Two workers, each with a database of its own; a file of tests stays on one of them.
WORKERS ?= 2
PYTEST = $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help environment demo test lint check coverage soak messages lock clean

help:
	@echo "make demo   load the demonstration newsroom and serve it on http://$(ADDRESS)/"
	@echo "make test   run the tests (on SQLite; on PostgreSQL with DATABASE_URL)"
	@echo "make coverage  the tests, measuring what they reach"
	@echo "make check  the tests, lint, format, migrations, deployment checks"
	@echo "make soak   the property tests, long"
	@echo "make messages  collect the words of the public site into locale/, and compile their translations"
	@echo "make lock   resolve requirements.in anew into requirements.txt"
	@echo "make clean  remove caches and collected files"

# The environment is made anew only when requirements.txt differs from the copy kept beside what was installed.
environment:
	@cmp -s requirements.txt .venv/installed.txt || { \
		python="$(PYTHON)"; \
		test -n "$$python" || { echo "Python 3.11 or newer is needed, as python3.11 or python3."; exit 1; }; \
		echo "Preparing the Python environment in .venv (once; a minute or two) …"; \
		{ $(BIN)/python -c 'import pip' 2>/dev/null || "$$python" -m venv .venv || { \
			echo "The venv module is missing. On Debian: apt-get install python3-venv"; exit 1; }; } && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt && \
		cp requirements.txt .venv/installed.txt; }

demo: export DEBUG = 1
demo: environment
	@set -a; . newsroom/demo/institution.env; set +a; \
	SITE_URL="$${SITE_URL:-http://$(ADDRESS)}"; export SITE_URL; \
	$(BIN)/python manage.py demo && \
	exec $(BIN)/python manage.py runserver --noreload $(ADDRESS)

test: environment
	$(PYTEST) $(TEST_OPTIONS)

lint: environment
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(MANAGE) makemigrations --check --dry-run
	env -u DEBUG SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
		ALLOWED_HOSTS=newsroom.example SITE_URL=https://newsroom.example \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

check: lint test

coverage: environment
	$(PYTEST) --cov --cov-report=term $(TEST_OPTIONS)

soak: environment
	HYPOTHESIS_PROFILE=soak SOAK=1 $(PYTEST) $$(grep -lE '^from hypothesis|SOAK' tests/test_*.py) $(TEST_OPTIONS)

# No GNU gettext: Babel reads and writes the catalogues, and what it compiled is committed.
messages: environment
	$(MANAGE) messages

# In an environment of its own: what resolves the requirements is not one of them.
lock:
	@room="$$(mktemp -d)" && trap 'rm -rf "$$room"' EXIT && $(PYTHON) -m venv "$$room" && \
	"$$room/bin/pip" install --quiet --disable-pip-version-check uv && \
	"$$room/bin/uv" pip compile --quiet --generate-hashes --no-strip-extras --no-header --python-version 3.11 \
		--output-file requirements.txt requirements.in && echo "requirements.txt is renewed."

clean:
	rm -rf .pytest_cache .ruff_cache .hypothesis .coverage .coverage.* staticfiles
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
	@echo "The database (newsroom.sqlite3), media/ and .venv/ are kept; delete them by hand to begin anew."
