# Each target makes its own .venv; Python 3.11, pip and make are all it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test check lint types bench soak clean

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[cli]' --group dev
	touch $@

demo: $(READY)
	$(BIN)/livechat-customer demo

test: $(READY)
	$(BIN)/python -m pytest --numprocesses 3

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: $(READY)
	$(BIN)/mypy
	MYPYPATH=tests $(BIN)/mypy --explicit-package-bases tests benchmarks tools examples
	$(BIN)/pyright --pythonpath $(BIN)/python

# What CI runs: the README's and the docs' code blocks are tests, too.
check: lint types test

bench: $(READY)
	$(BIN)/python -m benchmarks

# Random runs under random faults: make soak RUNS=1000 SECONDS=600 SEED=7; STEPS=file repeats one.
soak: $(READY)
	PYTHONHASHSEED=0 PYTHONPATH=tests $(BIN)/python -m soak $(if $(RUNS),--runs $(RUNS)) \
		$(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED)) \
		$(if $(START),--start $(START)) $(if $(STEPS),--steps $(STEPS))

clean:
	rm -rf $(VENV) build dist *.egg-info
