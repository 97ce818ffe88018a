# Firstline. `make help` lists the targets; `make run` is all a newcomer needs.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON := .venv/bin/python
CODE := firstline desk channels bot actions bench tests
SYNC := .tools/uv pip sync --quiet --require-hashes --compile-bytecode
LOCK := .tools/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links
APP_LOCK := $(LOCK) --python-version 3.12 --group app --group dev
ENGINE_LOCK := $(LOCK) --python-version 3.10 --group engine

# Where pip has been told its index and certificates, uv is told the same.
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif
ifdef PIP_CERT
export SSL_CERT_FILE ?= $(PIP_CERT)
endif

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# --- set-up: the stamps are newer than the locks when there is nothing to do ---

.PHONY: setup
setup: ## Install uv (into .tools/), .venv and .venv-engine; costs nothing when they are there
	@$(MAKE) -s -j2 .venv/.synced .venv-engine/.synced

.tools/uv:
	@tools/get-uv

.venv/bin/python: | .tools/uv
	@tools/make-venv 3.12 .venv

.venv-engine/bin/python: | .tools/uv
	@tools/make-venv 3.10 .venv-engine

# Bytecode is compiled here because PYTHONDONTWRITEBYTECODE may be set: without it the engine wakes 6 s later.
.venv/.synced: requirements/app.txt .venv/bin/python | .tools/uv
	@echo ".venv: installing" && $(SYNC) --python .venv $< && touch $@

.venv-engine/.synced: requirements/engine.txt .venv-engine/bin/python | .tools/uv
	@echo ".venv-engine: installing" && $(SYNC) --python .venv-engine $< && touch $@

.PHONY: lock
lock: .tools/uv ## Lock the dependencies of pyproject.toml anew, keeping the versions that still fit
	@$(APP_LOCK) -o requirements/app.txt pyproject.toml
	@$(ENGINE_LOCK) -o requirements/engine.txt pyproject.toml

.PHONY: upgrade
upgrade: .tools/uv ## Lock the newest versions that pyproject.toml allows
	@$(APP_LOCK) --upgrade -o requirements/app.txt pyproject.toml
	@$(ENGINE_LOCK) --upgrade -o requirements/engine.txt pyproject.toml

# --- run ---

.PHONY: run
run: setup ## Run Firstline: web chat, console, API, assistant; Ctrl-C stops it
	@exec $(PYTHON) -m firstline run

.PHONY: screenshots
screenshots: setup ## Take the screenshots of the README anew
	@$(PYTHON) -m tests.screenshots

.PHONY: bench
bench: setup ## Measure the whole product against bare Rasa
	@$(PYTHON) -m bench

.PHONY: bench-nlu
bench-nlu: setup ## Measure how well messages are understood, and DIET next to it (ARGS=--no-diet leaves it out)
	@$(PYTHON) -m bench.nlu $(ARGS)

.PHONY: bench-email
bench-email: setup ## Measure how well real mails are read (ARGS=--short prints the table only)
	@$(PYTHON) -m bench.email $(ARGS)

.PHONY: bench-desk
bench-desk: setup ## Measure lists, search and tickets of a desk with 100,000 tickets, made by script in a PostgreSQL of its own
	@$(PYTHON) -m bench.desk $(ARGS)

# --- check ---

.PHONY: test
test: setup ## Run every test, including those that need Rasa and a browser
	@$(PYTHON) -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

.PHONY: test-fast
test-fast: setup ## Run the tests that take less than two seconds each
	@$(PYTHON) -m pytest -m "not slow" $(ARGS)

.PHONY: lint
lint: setup ## Check style, types (bot and actions as Python 3.10 too) and the layers
	@$(PYTHON) -m ruff check
	@$(PYTHON) -m ruff format --check
	@$(PYTHON) -m mypy $(CODE)
	@$(PYTHON) -m mypy --python-version 3.10 --cache-dir .mypy_cache/engine bot actions
	@.venv/bin/lint-imports

.PHONY: format
format: setup ## Format the code and repair what ruff can repair
	@$(PYTHON) -m ruff check --fix
	@$(PYTHON) -m ruff format

.PHONY: clean
clean: ## Remove the environments and caches; var/ (the record and the model) stays
	rm -rf .venv .venv-engine .tools .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .rasa
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
