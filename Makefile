# make demo and make test do everything on a fresh machine with Python 3.11 or newer (the Kafka tests want Java 17 too).
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?=

.PHONY: demo test check format bench real demonstration-model schemas clean

demo: $(VENV)/.run  ## memes in nine languages judged, flagged and explained, on embedded defaults
	$(BIN)/memelens demo

test: $(VENV)/.test  ## every test; real Kafka and Redis servers are started by the fixtures
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(VENV)/.test  ## lint, format, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.test
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: $(VENV)/.test  ## each prints one JSON object as its last line
	$(BIN)/python -m benchmarks.engine
	$(BIN)/python -m benchmarks.pipeline
	$(BIN)/python -m benchmarks.memory
	$(BIN)/python -m benchmarks.startup
	$(BIN)/python -m benchmarks.corpus

real: $(VENV)/.test  ## all memes of the real corpus files beside the checkout through Kafka and Redis
	MEMELENS_REAL=all $(BIN)/python -m pytest tests/end_to_end/test_real_memes.py

demonstration-model: $(VENV)/.test  ## train the shipped demonstration model from scratch
	$(BIN)/python -m memelens.trainer.demonstration

schemas: $(VENV)/.run  ## write the JSON Schemas and the AsyncAPI document into the package
	$(BIN)/memelens schema --write consumer/schemas

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

# One virtual environment for all; the test one is the run one with more in it.
$(VENV)/.run: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.test: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	@touch $@ $(VENV)/.run

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
