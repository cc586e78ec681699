# The project's commands. Everything runs in .venv, which the first of them makes from pyproject.toml.
PYTHON ?= python3
BIN := .venv/bin
RULESETS := rulesets/zhabei-2003 rulesets/permit-intake rulesets/district-year rulesets/banner-loop $(patsubst %/ruleset.yaml,%,$(wildcard rulesets/schemes/*/ruleset.yaml))

.PHONY: demo test test-spark check fmt bench bench-live docs setup
setup: .venv/ready

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@

.venv/bench-ready: .venv/ready pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	@touch $@

.venv/spark-ready: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group spark
	@touch $@

# The main job on shipped input: scorecards, unmet duties, an award list, and one number explained down to its events.
demo: setup
	$(BIN)/learnorg run rulesets/zhabei-2003 --at 2005-12-31
	$(BIN)/learnorg explain rulesets/zhabei-2003 publicity_department arts_salon --period 2005-08 --at 2005-12-31
	$(BIN)/learnorg explain rulesets/zhabei-2003 publicity_department year.staff --at 2005-12-31 --limit 5

test: setup
	$(BIN)/python -m pytest -n 2

# On a real Spark of two executors, all in one process; needs Java 17.
test-spark: .venv/spark-ready
	$(BIN)/python -m pytest tests/spark

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

# Ratios to hand-written peers, paired in one run, and how ours grows; ten minutes and more. BENCH="--help" says what else it can.
BENCH ?=
bench: .venv/bench-ready
	$(BIN)/python tests/bench/run.py $(BENCH)

# Microseconds of one event, kept up to date and made durable, beside bare SQLite and plain Python.
bench-live: setup
	$(BIN)/python tests/bench/live.py
