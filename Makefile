# `make help` lists the targets. Needs Python 3.11 or newer with venv, and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/pytest
DEMO_DATABASE := sqlite:///$(CURDIR)/var/demo.db

.DEFAULT_GOAL := help
.PHONY: help env demo serve test test-pg test-web test-all lint types messages bench moves chaos clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

env: $(VENV)/stamp ## install everything into .venv

$(VENV)/stamp: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "fieldops needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Python's venv module is missing; install it (Debian: apt install python3-venv)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: env ## load the demonstration network, plan its day, show the result
	FIELDOPS_DATABASE_URL=$(DEMO_DATABASE) $(BIN)/fieldops demo --no-serve

serve: env ## serve the demonstration: API and web page
	@test -f var/demo.db || $(MAKE) --no-print-directory demo
	FIELDOPS_DATABASE_URL=$(DEMO_DATABASE) $(BIN)/fieldops serve

test: env ## all tests that need neither PostgreSQL nor a browser
	$(PYTEST) -m "not postgres and not web" -n auto

test-pg: env ## the tests on a PostgreSQL server of their own
	tools/ensure-debian initdb postgresql
	$(PYTEST) -m postgres -n auto

test-web: env node_modules/stamp ## the tests of the pages in Chromium
	tools/ensure-debian chromium chromium
	$(PYTEST) -m web

test-all: test test-pg test-web ## every test

lint: env ## style, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: env node_modules/stamp ## mypy, strict; the types of the scripts of the pages
	$(BIN)/mypy
	node_modules/.bin/tsc --project jsconfig.json

node_modules/stamp: package.json package-lock.json
	tools/ensure-debian npm npm
	npm ci --silent
	@touch $@

messages: env ## collect the texts, compile the translations; names what is not translated
	$(BIN)/python tools/messages.py

bench: env ## short runs of every benchmark
	tools/ensure-debian initdb postgresql
	$(BIN)/python -m benchmarks.api --quick
	$(BIN)/python -m benchmarks.dispatch --live --quick
	$(BIN)/python -m benchmarks.forecast --quick
	$(BIN)/python -m benchmarks.stocking --quick
	tools/ensure-debian chromium chromium
	$(BIN)/python -m benchmarks.board --quick

moves: env ## a million random moves of the dispatch kernel, each against the checker (about 40 minutes)
	FIELDOPS_DISPATCH_MOVES=1000000 $(PYTEST) tests/optimizer/dispatch/test_moves.py

chaos: env ## processes killed at every point around a commit, twenty times each
	tools/ensure-debian initdb postgresql
	FIELDOPS_CHAOS_SEEDS=20 $(PYTEST) tests/faults -n auto

clean: ## remove what make has made
	rm -rf $(VENV) node_modules var dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
