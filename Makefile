# Daily Dose. `make demo` and `make test` set up all they need; `make help` lists the rest.

PYTHON ?= python3
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade

.PHONY: help demo test check format bench soak picture clients lock system golden clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

.venv/.runtime: .ci/requirements.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r .ci/requirements.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.runtime .ci/requirements-dev.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r .ci/requirements-dev.txt
	@touch $@

# uv, since pip stumbles over an extra that one peer spells in two ways.
.venv/peers/.done: .venv/.dev .ci/requirements-bench.txt
	@$(BIN)/uv venv -q --clear .venv/peers
	@$(BIN)/uv pip install -q --python .venv/peers/bin/python --require-hashes -r .ci/requirements-bench.txt
	@touch $@

demo: .venv/.runtime  ## make and send the sample edition, on this machine alone
	@$(BIN)/digest demo --out demo

test: .venv/.dev  ## run the tests; with CI=true, install the system packages they use
	@if [ "$$CI" = true ]; then $(MAKE) --no-print-directory system; fi
	@! command -v npm >/dev/null || cmp -s tests/oracles/package-lock.json tests/oracles/node_modules/.of || \
		{ npm ci --silent --no-audit --no-fund --prefix tests/oracles && cp tests/oracles/package-lock.json tests/oracles/node_modules/.of; }
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

check: .venv/.dev  ## ruff, mypy, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: .venv/.dev  ## let ruff rewrite what it can
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

bench: .venv/peers/.done  ## measure speed and memory; writes tests/bench/results.json
	@$(BIN)/python -m tests.bench $(ARGS)

soak: .venv/peers/.done  ## fuzz the readers with 100,000 inputs and kill senders 450 times (ARGS=1000 for fewer); writes tests/bench/results.json
	@$(BIN)/python -m tests.soak $(ARGS)

golden: .venv/.dev  ## rewrite the golden files; read the diff
	@$(BIN)/python -m pytest -q --update-golden tests

picture: .venv/.dev  ## draw the manual's pictures: the sample edition in each layout, and the pages of the desk
	@$(BIN)/python -m tests.picture
	@$(BIN)/python -m tests.picture_desk

clients: .venv/.dev  ## write what mail programs support anew, from the newest caniemail data (npm)
	@$(BIN)/python -m tests.bench.client_support

system:  ## install the system packages that tests use (Debian, Ubuntu)
	@.ci/system

lock: .venv/.dev  ## write the locked requirements anew
	@$(LOCK) --group pyproject.toml:build --output-file .ci/requirements.txt pyproject.toml
	@$(LOCK) --group pyproject.toml:dev --constraint .ci/requirements.txt --output-file .ci/requirements-dev.txt
	@$(LOCK) --group pyproject.toml:bench --constraint .ci/requirements.txt --output-file .ci/requirements-bench.txt pyproject.toml

clean:  ## remove what was made here
	@rm -rf .venv demo var outbox out dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
