# Every target first makes .venv if it is missing or out of date; nothing needs to be activated.
# Written for GNU make 3.81 (macOS) and POSIX sh.

BIN := .venv/bin
PYTHON_IN := $(BIN)/python

# Where writing bytecode is forbidden every start takes several times as long.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup chat ask test page check fmt bench eval gate lock clean

help: ## list these targets
	@awk -F ':[^#]*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' Makefile

# --- use ---------------------------------------------------------------------------------------

setup: .venv/.project ## make .venv, so that .venv/bin/pincite runs
	@echo "Ready: $(BIN)/pincite --help"

chat: .venv/.project ## open the chat at http://127.0.0.1:8000
	@$(BIN)/pincite chat

# The question reaches the shell through the environment, as typed: $(value) keeps make, and the
# quotes below keep the shell, from running anything that stands in it.
unexport Q
export QUESTION := $(value Q)
ask: .venv/.project ## ask one question: make ask Q="which papers do KV cache compression?"
	@$(BIN)/pincite ask -- "$$QUESTION"

RUN := test-output/dev.jsonl
RUN_HOME := test-output/home

# --- work on it --------------------------------------------------------------------------------

test: .venv/.dev ## all tests; those of the page where Chromium is installed
	$(PYTHON_IN) -m pytest -rs -n 2 --dist loadfile

page: .venv/.dev ## only the tests that drive the chat in Chromium
	$(PYTHON_IN) -m pytest -rs -m page

check: .venv/.dev ## lint, types, import contracts, sizes, wheel, lock files, README
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy checks models/all-MiniLM-L6-v2/export.py
	$(BIN)/lint-imports
	$(PYTHON_IN) checks/size_gate.py
	$(PYTHON_IN) checks/structure.py
	$(PYTHON_IN) checks/wheel.py
	$(PYTHON_IN) checks/lock.py
	$(PYTHON_IN) checks/readme.py

fmt: .venv/.dev ## format, and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/.dev ## how fast it is, and how often its statistics err
	$(PYTHON_IN) -m evals.speed
	$(PYTHON_IN) -m evals.gate.simulations

eval: .venv/.dev ## how good the answers are
	@mkdir -p $(dir $(RUN)) && rm -f $(RUN)
	$(BIN)/pincite eval run --suite dev --home $(RUN_HOME) --out $(RUN)

# 2 says that the data cannot tell: it is printed, and for people to look at.
gate: eval ## whether the answers got worse than the baseline
	@$(BIN)/pincite eval gate $(RUN) || [ $$? -eq 2 ]

lock: .venv/.dev ## pin the dependencies of pyproject.toml anew
	@command -v uv >/dev/null 2>&1 || $(PYTHON_IN) -m pip install --quiet uv
	PATH="$$PWD/$(BIN):$$PATH" $(PYTHON_IN) checks/lock.py --write

clean: ## remove .venv, caches and test outputs
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- .venv -------------------------------------------------------------------------------------
# Each stamp is written after its step has succeeded, so an interrupted step is done again.

.venv/.locked: requirements.lock $(PYTHON_IN)
	@sh checks/bootstrap.sh locked

.venv/.project: .venv/.locked pyproject.toml
	@sh checks/bootstrap.sh project

.venv/.dev: requirements-dev.lock .venv/.locked | .venv/.project
	@sh checks/bootstrap.sh dev

# No recipe: where the interpreter has vanished (an upgrade took it away), .venv is made anew.
$(PYTHON_IN):
