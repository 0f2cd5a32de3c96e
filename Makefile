# make help lists the targets. Nothing here runs in the background; `make clean` stops what `make demo` started.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
SHELL := bash

BIN := .venv/bin
PYTHON ?= python3
SANDBOX := .sandbox
export PIP_DISABLE_PIP_VERSION_CHECK := 1

##@ First

.PHONY: setup
setup: ## install everything: virtual environment, Debian packages, toolchain (about 12 minutes the first time)
	@PYTHON=$(PYTHON) scripts/setup

.PHONY: demo
demo: setup ## the main job on a real Kubernetes and a fake AWS: provision, release, roll back, with live load
	@$(BIN)/python -m opsctl.sandbox.demo --project $(SANDBOX)

##@ Work

.PHONY: test
test: setup ## every level of tests
	@scripts/test

.PHONY: fast
fast: ## the tests that start no other program and take no seconds each, in half a minute
	@$(BIN)/pytest -m "not cluster and not terraform and not process and not exhaustive" -n 2

.PHONY: check
check: setup ## format, lint, types, import contracts, documentation, Terraform and charts; changes nothing
	@scripts/check

.PHONY: fmt
fmt: ## format Python and Terraform
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix-only -q . && terraform fmt -recursive terraform

.PHONY: generate
generate: ## rewrite the pages that are made from the source: docs/commands.md, tables in other pages
	@$(BIN)/python -m opsctl.cli.commands_page && $(BIN)/python -m opsctl.cli.reference && $(BIN)/python -m opsctl.cli.infrastructure_page

.PHONY: screenshots
screenshots: setup ## take the pictures in docs/ and those that tests compare with anew; look at what git shows then
	@$(BIN)/python tests/console/pictures.py
	@scripts/browser && OPSCTL_SCREENSHOTS=1 $(BIN)/pytest -q tests/report

.PHONY: bench
bench: setup ## speed as ratios against the bare tools, side by side
	@$(BIN)/python -m bench --project $(SANDBOX)

.PHONY: prove
prove: setup ## the long proofs: releases cut short everywhere, broken after cutover, healthy on a busy computer (hours)
	@PYTHONPATH=tests:tests/cluster/releases $(BIN)/python tests/prove --runs $${PROVE_RUNS:-50}

.PHONY: clean
clean: ## stop the sandbox and delete its data; keeps the virtual environment and the toolchain cache
	@if [ -x $(BIN)/opsctl ] && [ -d $(SANDBOX) ]; then $(BIN)/opsctl sandbox down --purge --project $(SANDBOX); fi
	@rm -rf $(SANDBOX) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist build

.PHONY: help
help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
