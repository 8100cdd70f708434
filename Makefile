# Every target sets up what it needs first; `make` alone says what there is.
SHELL := /bin/bash
PYTHON := .venv/bin/python
# A test that failed runs once more and is named as RERUN (docs/decisions/0007).
PYTEST := $(PYTHON) -m pytest --reruns 1 -raR $(if $(filter-out 0,$(COVERAGE)),--cov --cov-append)
# What dies and hangs there must have the machine for itself.
FAILURES := tests/journeys/test_failures.py
# Processes start by the dozen: each would compile the program anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test all-tests dev lint bench lock clean

help: ## Lists the targets.
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: ## Installs, starts everything, plays real calls in and out (ONCE=1: stops after them).
	@scripts/setup run
	@scripts/frontend build
	@$(PYTHON) manage.py demo $(if $(filter-out 0,$(ONCE)),--once)

dev: ## Runs the program in this terminal until Ctrl-C.
	@scripts/setup run
	@scripts/frontend build
	@$(PYTHON) manage.py up

test: ## Runs all tests (COVERAGE=1: counts lines, takes longer).
	@scripts/setup run test
	@scripts/frontend build
	@rm -f .coverage
	@$(PYTHON) -m tests.serving $(MAKE) --no-print-directory all-tests

# Under tests.serving: one pair of servers and one migrated database for all of them.
all-tests:
	scripts/frontend run vitest run
	$(PYTEST) -n 4 --dist worksteal -m "not journey and not browser"
	$(PYTEST) -n 2 --dist loadfile -m journey --ignore $(FAILURES)
	$(PYTEST) -n 2 --dist loadfile -m browser
	$(PYTEST) -m journey $(FAILURES)

lint: ## ruff, mypy, import-linter; tsc, eslint and prettier.
	@scripts/setup
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	scripts/frontend run tsc --noEmit
	scripts/frontend run eslint . --max-warnings 0
	scripts/frontend run prettier --check --log-level warn src tests '*.ts' '*.js'

bench: ## Measures, into var/bench.json (ONLY=name: one area or figure).
	@scripts/setup run test
	@scripts/frontend build
	@$(PYTHON) tests/bench/run.py $(if $(ONLY),--only $(ONLY))

lock: ## Compiles requirements/*.in into the pinned *.txt.
	@scripts/setup
	@for name in base dev bench-pipecat bench-livekit; do \
		PATH="$$PATH:var/tools/bin" uv pip compile -q --universal --python-version 3.11 \
			--no-emit-index-url --no-emit-find-links \
			requirements/$$name.in -o requirements/$$name.txt; \
	done

clean: ## Removes what the other targets made: .venv, var (with its database) and caches.
	@scripts/clean
