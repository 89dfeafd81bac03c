# `make run` is all it takes. Everything is installed into this folder; nothing else on the machine is changed.

PYTHON ?= python3
BIN := .venv/bin
# Words for `junzi up`, as in: make run ARGS="--port 9000"; make film ARGS=zh films the tour in Chinese.
ARGS ?=
# Types and unit tests of the web app, with the Node of .venv; not again while nothing of it changed.
WEB_CHECKED := $(BIN)/web-checked
WEB_FILES := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -print)

# What Python has compiled is kept, whoever calls: anew it takes each start of Junzi a second, and each worker of the tests ten.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run setup test check bench film python

help: ## shows this
	@grep -E '^[a-z]+:.*## ' Makefile | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

run: setup ## installs what is missing and starts Junzi with a demo town; Ctrl-C stops it
	@exec $(BIN)/junzi up --demo $(ARGS)

setup: python ## installs only; then .venv/bin/junzi is there
	@$(PYTHON) scripts/setup.py

test: setup $(WEB_CHECKED) ## all tests, the browser's included
	@CHROMIUM="$$(scripts/ensure_browser)" && export CHROMIUM && exec $(BIN)/pytest -n 2 --dist worksteal

check: setup $(WEB_CHECKED) ## lint, types, floors and the fast tests, in under a minute
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "Run: $(BIN)/ruff format ." >&2; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@JUNZI_ONE_EXAMPLE_IN=5 $(BIN)/pytest -q -n 2 --dist worksteal -m "not browser and not crash and not slow"

bench: setup ## measures everything that has a goal, and prints one table
	@exec $(BIN)/junzi bench all

film: setup ## records the tour into film/tour.webm, and its picture, docs/tour.webp
	@CHROMIUM="$$(scripts/ensure_browser)" && export CHROMIUM && exec $(BIN)/python -m tests.browser.film film/tour.webm docs/tour.webp $(ARGS)

$(WEB_CHECKED): $(WEB_FILES) | setup
	@cd web && PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent check
	@touch $@

python:
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { \
		echo "There is no $(PYTHON). Junzi needs Python 3.11 or newer; name yours with: make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is too old ($$($(PYTHON) --version 2>&1)). Junzi needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3" >&2; exit 1; }
