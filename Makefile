# The course's commands. Each sets up what it needs in .venv: Python 3.11-3.13 and make are enough.
#
#   make run     execute the course on the bundled data, laptop budget (report and HTML in build/)
#                make run BUDGET=smoke | laptop | full     DATA=bundled | auto | full     ONLY="02 03"
#   make test    lint and test everything
#   make lab     open JupyterLab
#   make clean   remove build/ and caches (never .venv, never data, never your records)
#
# PYTHON=python3.12 chooses an interpreter; EXTRA=gpu installs TensorFlow with CUDA (Linux).

BUDGET ?= laptop
DATA   ?= bundled
ONLY   ?=
EXTRA  ?= cpu
VENV   := .venv
BIN    := $(VENV)/bin

# The first interpreter that works and is new enough, but not too new for TensorFlow.
CANDIDATES := python3 python3.13 python3.12 python3.11 python
IN_RANGE   := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
ifndef PYTHON
PYTHON := $(shell for candidate in $(CANDIDATES); do \
	$$candidate -c '$(IN_RANGE)' >/dev/null 2>&1 && { echo $$candidate; break; }; done)
endif

.PHONY: run test lab clean

run: $(VENV)/.ready-$(EXTRA)-lab
	$(BIN)/course run --budget $(BUDGET) --data $(DATA) $(foreach name,$(ONLY),--only $(name))

test: $(VENV)/.ready-$(EXTRA)-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/course lint
	$(BIN)/python -m pytest

lab: $(VENV)/.ready-$(EXTRA)-lab
	$(BIN)/jupyter lab notebooks/00_start_here.ipynb

clean:
	rm -rf build dist .pytest_cache .ruff_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# One environment; the test tools come on top of the lab's.
$(VENV)/.ready-$(EXTRA)-lab: pyproject.toml
	$(call install,$(EXTRA),lab)
$(VENV)/.ready-$(EXTRA)-test: pyproject.toml
	$(call install,$(EXTRA),lab,test)

comma := ,
define install
	@test -n "$(PYTHON)" || { echo "No Python from 3.11 to 3.13 with venv was found (TensorFlow has no build for others)."; \
	  echo "Install one, for example from https://www.python.org/downloads/ (Debian, Ubuntu: apt install python3-venv),"; \
	  echo "or name it: make run PYTHON=/path/to/python3.12"; exit 1; }
	@if [ -x $(BIN)/python ] && ! $(BIN)/python -c '$(IN_RANGE)'; then \
	  echo ".venv holds a Python outside 3.11-3.13. Remove the folder .venv and try again."; exit 1; fi
	@echo "Setting up .venv with $(PYTHON) (about 2 minutes and 2.5 GB of disk, once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[$(1),$(2)$(if $(3),$(comma)$(3))]"
	@touch $@
endef
