# `make` lists the verbs. Everything is installed into .venv; outside this folder only uv's cache is written to, or, where the
# home folder cannot be written, nothing.
SHELL := /bin/sh
.DEFAULT_GOAL := help
UV_VERSION := 0.13.8
PYTHONS := python3.14 python3.13 python3.12 python3.11 python3
# The first that is new enough and can make a virtual environment; on Debian that is a package of its own for each.
PYTHON ?= $(call first,import ensurepip$(comma) sys$(comma) venv; sys.exit(sys.version_info < (3$(comma) 11)))
# The first that is new enough: what to name when none can.
BARE = $(call first,import sys; sys.exit(sys.version_info < (3$(comma) 11)))
first = $(shell for p in $(PYTHONS); do $$p -c '$(1)' 2>/dev/null && echo $$p && break; done)
comma := ,
BIN := .venv/bin
UV = $(CACHE) $(BIN)/python -m uv
# uv keeps what it downloaded in the home folder, for other clones; where it cannot, with what it installs.
CACHE = $(shell kept="$${UV_CACHE_DIR:-$${XDG_CACHE_HOME:-$${HOME:-/dev/null}/.cache}/uv}"; mkdir -p "$$kept" 2>/dev/null && test -w "$$kept" || echo UV_CACHE_DIR=.venv/.cache)
# Two that install at once would be in each other's way.
ALONE := $(shell command -v flock >/dev/null 2>&1 && echo flock Makefile)
MEMBERS := libs/contracts libs/service_kit libs/local_servers libs/telegram_simulator services/api services/telegram_bot tools/mutual_aid
PROJECTS := pyproject.toml $(MEMBERS:%=%/pyproject.toml)
EDITABLE := $(MEMBERS:%=-e ./%)
WORKERS ?= 4

help: ## list the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | awk -F '\t' '{printf "  make %-15s %s\n", $$1, $$2}'

# -- installing ---------------------------------------------------------------------------------------------------

# An installation that was broken off halfway is begun anew; one that was whole once stays.
.venv/uv: Makefile
	@test -n "$(PYTHON)" || { bare="$(BARE)"; test -z "$$bare" || { echo "$$bare cannot make a virtual environment: on Debian and Ubuntu apt install $$bare-venv"; exit 1; }; echo "Python 3.11 or newer is needed: install it, or name it with make PYTHON=/path/to/python"; exit 1; }
	@$(ALONE) $(SHELL) -c '$(BIN)/python -m pip --version >/dev/null 2>&1 || { rm -rf .venv; "$(PYTHON)" -m venv .venv; }' || { rm -rf .venv; echo "$(PYTHON) cannot make a virtual environment: on Debian and Ubuntu apt install $(PYTHON)-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) || { test -e $@ || rm -rf .venv; exit 1; }
	@touch $@

.venv/run: .venv/uv requirements/run.lock $(PROJECTS)
	@echo "installing what the product runs on (once; a minute or so)"
	@$(UV) pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements/run.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps $(EDITABLE)
	@touch $@

.venv/dev: .venv/run requirements/dev.lock
	@echo "installing what the tests and checkers need"
	@$(UV) pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements/dev.lock
	@touch $@

install: .venv/run ## install what the product runs on into .venv
dev: .venv/dev ## install the tests' and checkers' packages too

lock: .venv/uv ## resolve the dependencies anew and write requirements/*.lock
	@$(BIN)/python tools/locks.py write

# -- running ------------------------------------------------------------------------------------------------------

up: .venv/run ## start everything and stay in front; Ctrl-C stops it
	@$(BIN)/mutual-aid up

start: .venv/run ## start everything in the background, and return when it is ready
	@$(BIN)/mutual-aid up --detach

down: .venv/run ## stop what is running
	@$(BIN)/mutual-aid down

status: .venv/run ## what runs, and what waits
	@$(BIN)/mutual-aid status

doctor: .venv/run ## look for what is wrong and name its fix
	@$(BIN)/mutual-aid doctor

demo: .venv/run ## play a day through the whole stack: make demo INPUT=FILE.csv
	@$(BIN)/mutual-aid demo $(if $(INPUT),--input "$(INPUT)",)

# -- proving ------------------------------------------------------------------------------------------------------

check: .venv/dev ## linters, types, import rules, generated files, locks
	@$(BIN)/python tools/locks.py check
	@$(BIN)/ruff format --check --quiet . || { echo "run: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@said=$$($(BIN)/lint-imports --no-cache 2>&1) || { printf '%s\n' "$$said"; exit 1; }
	@$(BIN)/python -m contracts check
	@$(BIN)/python tools/settings_table.py check
	@for lint in hadolint $(BIN)/hadolint; do ! command -v $$lint >/dev/null 2>&1 || { $$lint Dockerfile || exit 1; break; }; done
	@! docker compose version >/dev/null 2>&1 || { docker compose --file docker-compose.yml config --quiet && PUBLIC_HOST=bot.example.org docker compose --file deploy/example/compose.yml config --quiet; }
	@echo "check: all good"

format: .venv/dev ## let ruff format the code
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet . || true

test: .venv/dev ## every test, against real servers
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal

chaos: .venv/dev ## the long runs that break things on purpose
	@MUTUAL_AID_CHAOS=long $(BIN)/python -m pytest -q -m chaos

test-containers: .venv/dev ## build the images, and try docker compose and deploy/example with them
	@MUTUAL_AID_CONTAINERS=$(if $(LONG),long,1) $(BIN)/python -m pytest -q -s -n 0 tests/containers

bench: .venv/dev ## measure: ours beside pgbench, raw nats-py and a prototype, as ratios
	@$(BIN)/mutual-aid bench

clean: ## remove .venv and the checkers' caches; what people wrote stays
	@test ! -x $(BIN)/mutual-aid || $(BIN)/mutual-aid down || true
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache

erase: .venv/run ## delete everything that people wrote here, after asking: make erase, or make erase YES=1
	@$(BIN)/mutual-aid erase $(if $(YES),--yes)

.PHONY: help install dev lock up start down status doctor demo check format test chaos test-containers bench clean erase
