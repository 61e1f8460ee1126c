# Everything sets itself up: `make demo` and `make test` need Python 3.11 to 3.14 and make, nothing else.
# After the first run, no target but `lock` needs a network.
PYTHON ?=
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check
PYTEST := $(CURDIR)/$(BIN)/python -m pytest

# One folder of real records serves both packages' tests.
ifdef LABKIT_SAMPLES
export POCKETAWS_SAMPLES ?= $(LABKIT_SAMPLES)
endif

.DEFAULT_GOAL := help
.PHONY: help demo test check format docs faults mutants bench wheel lock clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

# The lock file pins and hashes everything but our own two packages, build backend included.
$(READY): pyproject.toml pocketaws/pyproject.toml requirements.lock tools/find_python.sh
	@python=$$(tools/find_python.sh $(PYTHON)) && \
	echo "labkit: installing the pinned packages for $$python into $(VENV)" >&2 && \
	$$python -m venv --clear $(VENV) && \
	$(PIP) install --no-deps --require-hashes -r requirements.lock && \
	$(PIP) install --no-deps --no-build-isolation --editable pocketaws --editable . && \
	echo "labkit: using $$python, $$($(BIN)/python --version)" > $@

demo: $(READY)  ## run a whole workshop on the built-in AWS emulator: three seats, no account
	@cat $(READY) >&2
	@$(BIN)/labkit demo

test: $(READY)  ## run every test of both packages that needs no AWS account
	@cat $(READY) >&2
	$(PYTEST)
	cd pocketaws && $(PYTEST)

check: $(READY)  ## lint, formatting, types, import rules, rendered templates, wheels
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.check_templates
	$(BIN)/python -m tests.check_wheel

format: $(READY)  ## rewrite the code the way `make check` wants it
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(READY)  ## generate docs/cli.md and pocketaws/docs/*.md from the code
	$(BIN)/python -m labkit.cli.common.reference > docs/.cli.md.new
	mv docs/.cli.md.new docs/cli.md
	cd pocketaws && $(CURDIR)/$(BIN)/python -m tests.surface_page operations > docs/.operations.md.new
	mv pocketaws/docs/.operations.md.new pocketaws/docs/operations.md
	cd pocketaws && $(CURDIR)/$(BIN)/python -m tests.surface_page sources > docs/.sources.md.new
	mv pocketaws/docs/.sources.md.new pocketaws/docs/sources.md

faults: $(READY)  ## run long tests of days that go wrong; not part of `make test`
	$(PYTEST) tests/faults

mutants: $(READY)  ## test the tests of what decides verdicts with mutants: hours; needs a network and a clean checkout
	test -z "$$(git status --porcelain -- checks labkit)"
	test -d .venv-mutants || ($(BIN)/python -m venv .venv-mutants && .venv-mutants/bin/pip install --quiet 'cosmic-ray>=8.7')
	.venv-mutants/bin/cosmic-ray init --force tools/mutants.toml .mutants.sqlite
	.venv-mutants/bin/cr-filter-operators .mutants.sqlite tools/mutants.toml
	.venv-mutants/bin/cosmic-ray exec tools/mutants.toml .mutants.sqlite
	.venv-mutants/bin/cr-report .mutants.sqlite

bench: $(READY)  ## measure speed; nothing passes or fails
	$(BIN)/python -m tests.bench

wheel: $(READY)  ## build both wheels into dist/
	$(PIP) wheel --no-deps --no-build-isolation --no-index --wheel-dir dist . ./pocketaws
	@ls dist/*.whl

lock: LOCK_OPTIONS ?= --upgrade
lock:  ## update requirements.lock (needs a network)
	@python=$$(tools/find_python.sh $(PYTHON)) && $$python -m venv --clear .venv-lock
	.venv-lock/bin/python -m pip install --quiet uv==0.13.8
	.venv-lock/bin/uv pip compile pyproject.toml pocketaws/pyproject.toml --all-extras --universal --generate-hashes \
		--no-emit-package pocketaws --no-emit-package labkit-aws \
		--no-emit-index-url --no-emit-find-links --no-header --quiet $(LOCK_OPTIONS) --output-file requirements.lock
	rm -rf .venv-lock

clean:  ## remove what the targets made
	rm -rf $(VENV) .venv-lock .mypy_cache .ruff_cache .pytest_cache pocketaws/.pytest_cache dist
