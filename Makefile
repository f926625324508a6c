# A bare `make` lists what there is. Everything is installed into $(VENV); nothing outside the checkout is touched.

PYTHON ?= python3
VENV ?= .venv
# More for pip, for instance: make test VENV=.venv-old WITH="'oauthlib<4'"
WITH ?=
# The demo: CHECK=1 stops after the tour, non-zero if a step failed
CHECK ?=
DEMO_ARGS ?=
WORKERS ?= 2
PYTEST_ARGS ?=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint format messages compiled wheel clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.demo ## start the demo on http://127.0.0.1:8000 and the next port, and walk the tour (CHECK=1: stop after it)
	$(BIN)/python manage.py demo $(if $(filter 1,$(CHECK)),--check) $(DEMO_ARGS)

test: $(VENV)/.test ## run the tests on SQLite, or on DATABASE_URL=postgres://… and CACHE_URL=redis://… (PYTEST_ARGS="-k name")
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

lint: $(VENV)/.lint ## ruff, mypy --strict, import-linter, missing migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict oauth_provider demo_project
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run

format: $(VENV)/.lint ## let ruff format and mend what it safely can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Empty entries of `en` are the source's own words: that catalogue is what a new one is copied from.
messages: $(VENV)/.test ## read the source's words into every catalogue and name what is not translated (needs gettext)
	cd oauth_provider && PYTHONPATH=.. $(abspath $(BIN))/django-admin makemessages --all --no-obsolete --no-wrap --add-location file
	@for po in oauth_provider/locale/*/LC_MESSAGES/django.po; do case $$po in */en/*) continue;; esac; \
	  echo "── $$po: $$(msgfmt --statistics --output-file=/dev/null "$$po" 2>&1)"; \
	  msgattrib --no-wrap --only-fuzzy --no-obsolete "$$po" | grep '^msgid ' | grep -v '^msgid ""$$'; \
	  msgattrib --no-wrap --untranslated --no-obsolete "$$po" | grep '^msgid ' | grep -v '^msgid ""$$'; done; true

compiled: $(VENV)/.test ## compile the catalogues (needs gettext)
	cd oauth_provider && PYTHONPATH=.. $(abspath $(BIN))/django-admin compilemessages --exclude en

wheel: $(VENV)/.test ## build the wheel and the source archive into dist/
	rm -rf dist
	$(BIN)/python -m build --outdir dist .

clean: ## remove the environment, caches and what was built
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name node_modules -prune -o -name __pycache__ -type d -exec rm -rf {} +

# Stamps: an install is done again only when what it reads has changed.

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'Python 3.11 or newer is needed; "$(PYTHON)" is' "$$($(PYTHON) --version 2>&1 | head -n 1)." \
	       'Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo '"$(PYTHON)" comes without venv. On Debian or Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: requirements/base.txt requirements/demo.txt
$(VENV)/.test: requirements/base.txt requirements/demo.txt requirements/test.txt
$(VENV)/.lint: requirements/base.txt requirements/demo.txt requirements/test.txt requirements/lint.txt

$(VENV)/.demo $(VENV)/.test $(VENV)/.lint: $(VENV)/.%: pyproject.toml | $(BIN)/python
	$(PIP) -r requirements/$*.txt $(WITH)
	@touch $@
