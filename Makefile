# SPDX-License-Identifier: BSD-3-Clause
# Two commands, each does its own set-up: `make demo` and `make test`. The versions of requirements/constraints.txt are installed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed-$(shell cat requirements/*.txt pyproject.toml | cksum | cut -d' ' -f1)
# Extra arguments for pip, for example an index of CPU-only torch builds.
PIP_ARGS ?=

.PHONY: setup demo test wheel-test trust proofs docs lint check-tools clean

demo: setup
	$(BIN)/qu-build --board pynq-z2 --config build_configs/demo.yaml

test: setup lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile

# The wheel, built, installed into an environment of its own outside this folder, and used there.
wheel-test: check-tools
	$(PYTHON) -m trust.wheel --pip-args="$(PIP_ARGS)"

# Every formal proof; `make test` runs a part. Results: builds/proofs.
proofs: setup
	$(BIN)/python -m proofs

# All the evidence of docs/trust.md, some hours; `make test` runs a sample of it.
trust: setup
	$(BIN)/python -m trust

# The documentation site: builds/site/index.html. Broken links and anchors are errors.
docs: setup
	$(BIN)/mkdocs build --strict

lint: setup
	$(BIN)/ruff check quantunet quantunet_common quantunet_lab hw_flows proofs trust tests benchmarks examples docs/hooks
	$(BIN)/ruff format --check --quiet quantunet quantunet_common quantunet_lab hw_flows proofs trust tests benchmarks examples docs/hooks
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

setup: $(STAMP)

check-tools:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is missing ($(PYTHON)); install it (Debian: apt install python3 python3-venv) or give PYTHON=..."; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv is missing (Debian: apt install python3-venv)"; exit 2; }
	@command -v g++ >/dev/null || { echo "a C++ compiler (g++) is missing (Debian: apt install g++)"; exit 2; }
	@command -v perl >/dev/null || { echo "perl is missing (Debian: apt install perl)"; exit 2; }

$(STAMP): | check-tools
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet $(PIP_ARGS) -c requirements/constraints.txt -r requirements/base.txt -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet $(PIP_ARGS) --no-deps -r requirements/no-deps.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	-$(BIN)/python -m hw_flows.machine.yowasp
	rm -f $(VENV)/.installed-*
	touch $@

clean:
	rm -rf $(VENV) builds build dist
