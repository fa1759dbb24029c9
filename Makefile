# `make` lists the verbs. Everything is installed into .venv; nothing outside this folder is changed.
SHELL := /bin/sh
.DEFAULT_GOAL := help
UV_VERSION := 0.13.8
PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
UV := $(BIN)/python -m uv
MEMBERS := libs/contracts libs/service_kit libs/local_servers libs/telegram_simulator services/api services/telegram_bot tools/mutual_aid
PROJECTS := pyproject.toml $(MEMBERS:%=%/pyproject.toml)
EDITABLE := $(MEMBERS:%=-e ./%)
WORKERS ?= 4

help: ## list the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | awk -F '\t' '{printf "  make %-15s %s\n", $$1, $$2}'

# -- installing ---------------------------------------------------------------------------------------------------

.venv/uv: Makefile
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or name it with make PYTHON=/path/to/python"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { rm -rf .venv; echo "this Python cannot make a virtual environment: on Debian and Ubuntu install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
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
	@$(BIN)/lint-imports --no-cache >/tmp/.lint-imports.$$$$ 2>&1 || { cat /tmp/.lint-imports.$$$$; rm -f /tmp/.lint-imports.$$$$; exit 1; }; rm -f /tmp/.lint-imports.$$$$
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

clean: ## remove .venv and all local state
	@test ! -x $(BIN)/mutual-aid || { $(BIN)/mutual-aid down; $(BIN)/mutual-aid erase --yes; } || true
	rm -rf .venv .local

.PHONY: help install dev lock up down status doctor demo check format test chaos test-containers bench clean
