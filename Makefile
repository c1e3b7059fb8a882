# `make help` lists the targets. Everything runs from .venv, which `make setup` makes.
.DEFAULT_GOAL := help
SHELL := /bin/bash
BIN := .venv/bin
PORT ?= 5000
# Options for pytest: `make unit TESTS="-k topics -x"`
TESTS ?=
# One more than there are cores: whole playbooks wait for each other's processes now and then.
WORKERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))

# This checkout's ansible.cfg, also for the tools that start in other directories.
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
# Tools that call `ansible-…` find those of .venv.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help setup lock test lint format unit integration molecule sanity docs build demo demo-audit demo-offboard emulator clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## Make .venv with the pinned requirements and this checkout (PYTHON=python3.13 chooses another Python)
	@.ci/setup

lock: setup ## Resolve requirements.in into requirements.txt
	$(BIN)/uv --system-certs --quiet pip compile --universal --python-version 3.11 --no-annotate \
	    --custom-compile-command 'make lock' requirements.in -o requirements.txt

test: lint unit integration sanity molecule ## Everything that continuous integration runs

lint: setup ## ruff, mypy, yamllint, ansible-lint (production), changelog
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/yamllint --strict .
	$(BIN)/ansible-lint --offline --strict
	$(BIN)/antsibull-changelog lint

format: setup ## Format the Python files
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

unit: setup ## Unit and contract tests (TESTS="-k name" gives options to pytest)
	$(BIN)/pytest -n auto tests/unit $(TESTS)

integration: setup ## The playbooks against the embedded AWS
	$(BIN)/pytest -n $(WORKERS) --no-loadscope-reorder tests/integration $(TESTS)

sanity: setup ## ansible-test sanity on a copy of the tracked files
	tests/sanity/run

molecule: setup ## The molecule scenarios, with one embedded AWS for all of them
	EMULATOR_PORT=$$($(BIN)/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])') \
	    $(BIN)/molecule test --all --report

docs: setup ## What is generated: docs/permissions.md, the policies of the audit
	$(BIN)/python docs/permissions.py

build: setup ## The collection's tarball, under build/
	rm -rf build/tree && mkdir -p build/tree
	git archive HEAD | tar --extract --directory build/tree  # never what lies beside it, an inventory for instance
	$(BIN)/ansible-galaxy collection build --force --output-path build build/tree

demo: setup ## Onboard the demo organization on the embedded AWS, twice
	@$(BIN)/python demo/onboard.py

demo-audit: setup ## Let ten things drift in the demo organization, find exactly those and repair them
	@$(BIN)/python demo/audit.py

demo-offboard: setup ## Hand four accounts back on the embedded AWS, and show the documents
	@$(BIN)/python demo/offboard.py

emulator: setup ## The embedded AWS in the foreground (PORT=5000)
	@$(BIN)/python -m emulator --port $(PORT)

clean: ## Remove .venv and what tests and builds left
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .cache build tests/output reports
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
