# Everything a developer or CI does. Needs python3 (3.11+) and make; makes the rest itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check -q
# Named, because ruff reads Markdown as well, and a sample post is GB18030 on purpose.
PYTHON_FILES := benchmarks feedsvc tests wsgi.py gunicorn.conf.py

.PHONY: serve test quick screenshots lint bench lock clean

serve: $(VENV)/.run  ## start the server on the sample content
	$(BIN)/feedsvc serve content

test: $(VENV)/.dev  ## every test
	$(BIN)/pytest -n 2 --dist worksteal

quick: $(VENV)/.dev  ## all but the slow tests
	$(BIN)/pytest -n 2 --dist worksteal -m "not slow"

screenshots: $(VENV)/.dev  ## pictures of every page, in build/screenshots (needs chromium)
	$(BIN)/pytest -n 2 --dist worksteal tests/browser/test_every_page.py

lint: $(VENV)/.dev  ## style and types
	$(BIN)/ruff check $(PYTHON_FILES)
	$(BIN)/ruff format --check $(PYTHON_FILES)
	$(BIN)/mypy

bench: $(VENV)/.dev  ## the benchmark table (ratios, one run)
	$(BIN)/python -m benchmarks

lock: $(VENV)/.dev  ## renew the lock files from pyproject.toml (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  --extra postgres --group build -o requirements.lock pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  --extra postgres --group build --group dev -c requirements.lock -o requirements-dev.lock pyproject.toml

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("feedsvc needs Python 3.11 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python requirements.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	$(PIP) install --require-hashes -r requirements-dev.lock
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
