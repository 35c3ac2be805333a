# Everything a person or CI runs. `make help` lists it.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
DATASETS := $(or $(LUREWATCH_DATASETS),$(wildcard ../shared/datasets))

.DEFAULT_GOAL := help
.PHONY: help install demo test check fix train evaluate bench browser clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/installed ## what scoring and serving need, in .venv

demo: install ## score the bundled samples, then serve on http://127.0.0.1:$(PORT)
	@PORT=$(PORT) $(BIN)/lurewatch demo

test: $(VENV)/installed-test browser ## install what the tests need and run them all
	$(BIN)/python -m pytest

check: $(VENV)/installed-test ## style, types, import rules, corpus
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/lurewatch data check

fix: $(VENV)/installed-test ## put style in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

train: artifacts/data/manifest.json ## build the data and train the default model (half an hour with a GPU, days without)
	$(BIN)/lurewatch train default

evaluate: artifacts/data/manifest.json ## judge the shipped model, compare with the committed figures
	$(BIN)/lurewatch evaluate --check

bench: artifacts/data/manifest.json $(VENV)/installed-bench ## speed beside what else one would pick, on an idle machine (ARGS=--quick)
	$(BIN)/python -m benchmarks.speed $(ARGS)

artifacts/data/manifest.json: $(VENV)/installed-test $(wildcard data/corpus/*.jsonl)
	$(BIN)/lurewatch data build $(if $(DATASETS),--datasets $(DATASETS))

browser: ## a chromium on the PATH, from Debian's packages where there is none
	@command -v chromium >/dev/null || { \
	  echo "no chromium on the PATH, installing Debian's" >&2; \
	  { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } >/dev/null \
	  || echo "chromium could not be installed: the browser tests will fail and say so" >&2; }

clean: ## remove what was built, not what was downloaded
	rm -rf artifacts .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.11 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) -e ".[postgres]"
	@touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(PIP) -e ".[postgres,ray,train,test]"
	@touch $@

$(VENV)/installed-bench: $(VENV)/installed-test
	$(PIP) -e ".[postgres,train,test,bench]"
	@touch $@
