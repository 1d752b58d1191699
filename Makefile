# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# What is compiled when the project is installed: after a change of these it is installed anew.
KERNELS := $(wildcard parsers/*/*.pxd) $(patsubst %.pxd,%.py,$(wildcard parsers/*/*.pxd))

.PHONY: demo test samples pages lint typecheck unit system-packages clean

demo: $(READY)
	@$(BIN)/tcxtriage analyze sample_bundles/stun-phone/input \
	    --ticket sample_bundles/stun-phone/ticket.yaml --as-of 2026-11-12 --lang en --exit-zero

test: system-packages lint typecheck unit

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/tcxtriage signatures lint

typecheck: $(READY)
	$(BIN)/mypy

unit: $(READY)
	$(BIN)/python -m pytest -n auto --dist loadgroup -q

# Some tests want tshark, sipp, tcpdump or a browser. They are installed when root in CI, or with SYSTEM_PACKAGES=1; else those tests skip.
system-packages:
	@sh tests/system-packages.sh

# Write the inputs of the sample cases anew.
samples: $(READY)
	$(BIN)/python -m sample_bundles.make

# Write the pages of the signatures anew.
pages: $(READY)
	$(BIN)/tcxtriage signatures docs docs/signatures

$(READY): setup.cfg setup.py pyproject.toml requirements.lock $(KERNELS)
	@$(PYTHON) -c 'import sys; sys.exit("tcxtriage needs Python 3.11 or newer; call: make PYTHON=python3.12 …" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[test]'
	@touch $(READY)

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
