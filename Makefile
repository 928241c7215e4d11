# Everything runs in .venv, which is made when it is missing or pyproject.toml has changed.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test torture lowest check fix docs bench

help: ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

.venv/installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("ArtStyleNet needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

demo: .venv/installed ## Build an atlas of 174 paintings of The Met, and its site, into demo/
	$(BIN)/artstylenet demo --output demo

test: .venv/installed ## Run every test; those that need a browser skip where there is none
	$(BIN)/python -m pytest

torture: .venv/installed ## Kill, starve and feed rubbish to it, for half an hour; see every page on every screen
	$(BIN)/python -m pip install --quiet --editable '.[dev,torture]'
	ARTSTYLENET_EVERY_SCREEN=1 $(BIN)/python -m pytest -m 'torture or browser' tests/torture tests/test_explorer_browser.py tests/test_site_browser.py

.venv-lowest/installed: pyproject.toml
	$(PYTHON) -m venv .venv-lowest
	sed -nE 's/^  "([a-z0-9-]+)>=([0-9.]+)".*/\1==\2/p' pyproject.toml > .venv-lowest/bounds.txt
	.venv-lowest/bin/python -m pip install --quiet --constraint .venv-lowest/bounds.txt --editable . pytest
	touch $@

lowest: .venv-lowest/installed ## Build an atlas with the lowest version of every library that pyproject.toml allows
	.venv-lowest/bin/python -m pytest -W ignore tests/test_cli.py -k "network or summary"

check: .venv/installed ## Check format, style, types and layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: .venv/installed ## Format, and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: .venv/installed ## Make the parts of the documentation that are computed
	$(BIN)/python -m docs.reference

bench: .venv/installed ## Measure speed and memory on PAINTINGS=folder; BY_HAND=python with torch, scikit-learn, matplotlib: against it, too
	$(BIN)/python -m benchmarks.build_speed $(or $(PAINTINGS),$(error name the folder: make bench PAINTINGS=folder))
	$(BIN)/python -m pip install --quiet --editable '.[dev,bench]'
	$(if $(BY_HAND),$(BIN)/python -m benchmarks.yardstick $(PAINTINGS) --by-hand-python $(BY_HAND))
	$(if $(BY_HAND),$(BIN)/python -m benchmarks.yardstick $(PAINTINGS) --by-hand-python $(BY_HAND) --whole)
