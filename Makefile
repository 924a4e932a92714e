# make demo, make test, make bench, make clean. Nothing need be installed by hand but Python 3.11.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin

.PHONY: demo test bench clean install install-test

demo: install
	$(BIN)/carrier-sim run scenarios

test: install-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n auto

# a folder with a generator, a stub and a floor in C and Python, used if it is there
LOAD ?= ../shared/load

bench: .venv/.installed-bench
	$(BIN)/python -m bench --load-dir $(LOAD)

install: .venv/.installed

install-test: .venv/.installed-test

.venv/.installed: pyproject.toml
	@test -n "$(PYTHON)" || { echo "carrier-sim needs Python 3.11 or newer, as python3 or python3.11 on the PATH" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/.installed-test: .venv/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

.venv/.installed-bench: .venv/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
