# `make` alone lists the verbs. STUDY=path works on another study folder than this one.
STUDY ?= .
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python -m pipeline
READY := $(VENV)/.runtime
DEV := $(VENV)/.dev
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.DEFAULT_GOAL := help

help: ## list the verbs
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Hallazgo needs Python 3.11 or newer; set PYTHON=path/to/python3")'
	$(PYTHON) -m venv $(VENV)

$(READY): $(VENV)/bin/python requirements.lock
	$(VENV)/bin/python -m pip install --quiet --require-hashes -r requirements.lock
	@touch $(READY)

$(DEV): $(READY) requirements-dev.lock
	$(VENV)/bin/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $(DEV)

analyze: $(READY) ## from raw/ to evidence tables and the report; only what changed (ARGS=--fresh: everything)
	@$(RUN) analyze --study $(STUDY) $(ARGS)

check: $(DEV) ## everything that must hold for the code: format, lint, types, layers, tests, coverage
	$(VENV)/bin/ruff format --check pipeline tests
	$(VENV)/bin/ruff check pipeline tests
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(MAKE) --no-print-directory test ARGS="--cov --cov-report=term $(ARGS)"

test: $(DEV) ## the tests
	$(VENV)/bin/python -m pytest -n 2 $(ARGS)

study: $(READY) ## lay out a new study at STUDY=path
	@$(RUN) study $(STUDY)

check-study: $(READY) ## list every problem of the study at STUDY=path; runs nothing
	@$(RUN) check --study $(STUDY)

.PHONY: help analyze check test study check-study
