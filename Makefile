# Everything goes through here, on a laptop and in CI alike. `make help` lists the targets.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check install --quiet
BUF    := .tools/node_modules/.bin/buf
AXE    := .tools/node_modules/axe-core/axe.min.js
DEMO   ?= demo
T      ?=

.DEFAULT_GOAL := help
.PHONY: help setup models run test check bench protos screenshots constraints release-contracts clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | column -t -s '|'

setup: $(VENV)/.run-ready models ## create the virtual environment, install Vitrine, get the models

models: $(VENV)/.run-ready
	@.ci/step models "face, hand and body models" $(BIN)/vitrine models \
	  || echo "  models    not to be had now; everything but try-on works without them" >&2

run: setup ## start all services with the demo catalogue; Ctrl-C stops them
	@$(BIN)/vitrine run --demo $(DEMO)

test: $(VENV)/.test-ready $(if $(shell command -v npm),$(AXE)) ## run all tests (installs redis-server, PostgreSQL, Chromium where missing)
	@.ci/system-packages
	$(BIN)/python -m pytest $(T)

check: $(VENV)/.test-ready $(BUF) ## lint, types, import directions, contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/k8s tests/contract
	cd protos && ../$(BUF) lint && ../$(BUF) breaking --against released.binpb

bench: $(VENV)/.test-ready ## print the benchmark tables
	$(BIN)/python -m tests.benchmarks $(T)

protos: $(VENV)/.test-ready ## generate the stubs beside the .proto files
	cd protos && ../$(BIN)/python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. --grpc_python_out=. vitrine/v1/*.proto

release-contracts: $(BUF) ## take today's contracts as what `make check` must stay compatible with
	cd protos && ../$(BUF) build -o released.binpb

screenshots: $(VENV)/.test-ready ## take the README's pictures of the pages, on the demo catalogue
	$(BIN)/python -m tests.browser.screenshots services/gateway/pictures

constraints: $(VENV)/.test-ready ## pin what is installed now as the tested set
	@.ci/pin $(BIN)/python > .constraints.txt

clean: ## remove what the targets made (not your catalogue: that is in the state folder)
	rm -rf $(VENV) .tools .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build *.egg-info

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Vitrine needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V). Try make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run-ready: pyproject.toml .constraints.txt | $(VENV)/bin/python
	@.ci/step setup "virtual environment" $(PIP) --constraint .constraints.txt --editable '.[demo]'
	@touch $@

$(VENV)/.test-ready: pyproject.toml .constraints.txt | $(VENV)/bin/python
	@.ci/step setup "virtual environment with the test tools" $(PIP) --constraint .constraints.txt --editable '.[train,test]'
	@touch $@ $(VENV)/.run-ready

$(BUF): .ci/buf-version
	@command -v npm >/dev/null || { echo "make check needs npm for buf, the contract linter: install nodejs and npm"; exit 1; }
	@npm install --silent --no-audit --no-fund --prefix .tools @bufbuild/buf@$$(cat .ci/buf-version)
	@touch $@

$(AXE): .ci/axe-version
	@npm install --silent --no-audit --no-fund --prefix .tools axe-core@$$(cat .ci/axe-version)
	@touch $@
