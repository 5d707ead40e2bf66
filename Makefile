# Two commands do everything: `make demo` runs the main job on a sample company, `make test` passes the tests.
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-long test-systems lint format types check bench docs lock clean

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
PARSED := .venv/share/pmo/dbt/project.sha256
HOME_DIR ?= .pmo
WORKERS ?= 2

export DO_NOT_TRACK = 1
export DBT_SEND_ANONYMOUS_USAGE_STATS = false
export GX_ANALYTICS_ENABLED = false
export DAGSTER_DISABLE_TELEMETRY = 1

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

setup: $(PARSED) ## build .venv from the hashed lock file, and parse the dbt project into it

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, found " + sys.version.split()[0] + "; set PYTHON=/path/to/python3") if sys.version_info < (3, 11) else None'
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --allow-existing --python "$$(command -v $(PYTHON))" .venv && \
	  uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock && \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . ; \
	else \
	  $(PYTHON) -m venv .venv && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . ; \
	fi
	@touch $(STAMP)

$(PARSED): $(STAMP) $(shell find dbt -name '*.sql' -o -name '*.yml' -o -name '*.csv' -o -name '*.py')
	@$(BIN)/python -m dagster_project.dbt_manifest
	@touch $@

demo: setup ## make the sample company, run the nightly job on it, show what was published
	$(BIN)/pmo demo --home $(HOME_DIR)

PYTEST = $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder

test: setup ## unit, golden, conformance and end-to-end tests
	$(PYTEST) -m "not long"

test-long: setup ## kills at random moments, a person forgotten, builds made again, records of each system down to core, whole random companies
	$(PYTEST) -m long

test-systems: setup ## tests against a real Redmine (root, Debian's packages) and a real Tryton (PyPI); CI=true fails where one cannot be had
	$(BIN)/python -m pytest tests/systems

lint: setup ## linter and formatter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: setup ## let the formatter write
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: setup ## strict types
	$(BIN)/mypy

check: lint types ## lint, types, dbt parse, Dagster definitions
	$(BIN)/python -m dagster_project.check

bench: setup ## measure speed; figures go into bench/README.md
	$(BIN)/python -m bench

docs: setup ## write the pages that are made from data
	$(BIN)/python docs/generate.py

lock: setup ## renew requirements.lock (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras --extra dev \
	  --constraint requirements.constraints \
	  pyproject.toml -o requirements.lock

clean: ## remove the environment and the demo
	rm -rf .venv $(HOME_DIR) dbt/target dbt/logs
