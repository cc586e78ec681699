# The project's commands. Everything runs in .venv, which the first of them makes from pyproject.toml.
PYTHON ?= python3
BIN := .venv/bin
RULESETS := rulesets/zhabei-2003 rulesets/permit-intake rulesets/district-year $(patsubst %/ruleset.yaml,%,$(wildcard rulesets/schemes/*/ruleset.yaml))

.PHONY: demo test check fmt bench docs setup
setup: .venv/ready

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@

.venv/bench-ready: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	@touch $@

# The main job on shipped input: scorecards, unmet duties, an award list, and one number explained down to its events.
demo: setup
	$(BIN)/learnorg run rulesets/zhabei-2003 --at 2005-12-31
	$(BIN)/learnorg explain rulesets/zhabei-2003 publicity_department arts_salon --period 2005-08 --at 2005-12-31
	$(BIN)/learnorg explain rulesets/zhabei-2003 publicity_department year.staff --at 2005-12-31 --limit 5

test: setup
	$(BIN)/python -m pytest -n 2

# All that CI runs. The tests also run every block of the documentation.
check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -n 2
	$(BIN)/learnorg check $(RULESETS)
	$(BIN)/learnorg test $(RULESETS)

fmt: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: setup
	$(BIN)/python docs/build.py

# Ratios to hand-written peers, paired in one run. EVENTS=1000000 by default.
bench: .venv/bench-ready
	$(BIN)/python tests/bench/run.py
