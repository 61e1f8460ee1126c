# Everything sets itself up: `make demo` and `make test` need Python 3.11 and make, nothing else.
# After the first run no target but `lock` needs a network.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test check format docs bench lock clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

# The lock file pins and hashes everything, build backend included, so nothing is resolved twice.
$(READY): pyproject.toml requirements.lock
	@command -v $(PYTHON) >/dev/null || { echo "labkit needs Python 3.11 or newer: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY)  ## the whole story on the embedded AWS: three seats, no account needed
	@$(BIN)/labkit demo

test: $(READY)  ## every test that needs no AWS account
	$(BIN)/python -m pytest

check: $(READY)  ## lint, format, types, import rules, rendered templates
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.check_templates
	$(BIN)/python -m tests.check_wheel

format: $(READY)  ## rewrite the code as `make check` wants it
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(READY)  ## write docs/cli.md and docs/local-aws.md anew from the code
	$(BIN)/python -m labkit.cli.common.reference > docs/.cli.md.new
	mv docs/.cli.md.new docs/cli.md
	$(BIN)/python -m labkit.localaws.surface_page > docs/.local-aws.md.new
	mv docs/.local-aws.md.new docs/local-aws.md

bench: $(READY)  ## speed measurements; no pass or fail
	$(BIN)/python -m tests.bench

lock:  ## renew requirements.lock (needs a network)
	$(PYTHON) -m venv --clear .venv-lock
	.venv-lock/bin/python -m pip install --quiet uv==0.13.8
	.venv-lock/bin/uv pip compile pyproject.toml --extra dev --universal --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --quiet --upgrade --output-file requirements.lock
	rm -rf .venv-lock

clean:  ## remove what the targets made
	rm -rf $(VENV) .venv-lock .mypy_cache .ruff_cache .pytest_cache dist
