# Every target sets up what it needs first; that does nothing when nothing changed.
.DEFAULT_GOAL := help
SHELL := /bin/bash
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export CHECKPOINT_DISABLE := 1

PYTHON ?= python3
ENV ?= dev
EVENTS ?=

BASE ?= main
# the scripts read these: ids of approved weakenings; false for a role that may not lock the state; a folder to compare with
export APPROVED LOCK AGAINST

.PHONY: help setup demo test check lint lint-workflows synth scan docs bench lock bootstrap-state deploy diff destroy clean \
  synth-twice plan review apply drift cost-difference

help: ## this list
	@awk -F ':.*## ' '/^[a-z -]+:.*## / { printf "make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# without Terraform the deployment tests are skipped, and say so; everything else needs it
test check: export SETUP_TERRAFORM := optional

setup: ## .venv and node_modules as the lock files say
	@PYTHON="$(PYTHON)" scripts/setup.sh

demo: setup ## deploy prod into the embedded AWS, replay an attack, write build/demo (EVENTS=path replays yours)
	@cloudtrail-monitoring demo $(if $(EVENTS),--events "$(EVENTS)")

test: setup ## the whole test suite
	@pytest

check: setup lint synth-twice scan test ## all that CI runs

lint: setup lint-workflows
	@ruff check .
	@ruff format --check .
	@mypy

lint-workflows: setup # offline
	@actionlint
	@zizmor --offline --no-progress --quiet .github

synth: setup ## Terraform of every environment, in cdktf.out
	@python main.py

synth-twice: setup
	@scripts/synth-twice.sh

scan: synth ## Checkov on the synthesised output, waivers joined; build/scan.sarif, build/scan.xml (JUnit)
	@mkdir -p build
	@cloudtrail-monitoring scan --sarif build/scan.sarif --junit build/scan.xml

docs: setup ## pages that follow from the code, then the site in build/site, its links checked; offline
	@python scripts/docs.py
	@scripts/docs-site.sh

bench: setup ## evaluation, memory, responders and synthesis, as ratios of one run
	@python -m benchmarks

lock: setup ## newest versions into the lock files, without registry addresses
	@scripts/lock.sh

bootstrap-state: setup ## the state bucket of ENV, from nothing
	@cloudtrail-monitoring state account --environment "$(ENV)"
	@scripts/bootstrap-state.sh "$(ENV)"

plan: ## Terraform plan of ENV as synthesised, in build/plans; changes nothing (LOCK=false without rights to lock)
	@scripts/plan.sh "$(ENV)"

review: setup ## what the plan of ENV changes and weakens, in build/plans (APPROVED="id id")
	@scripts/review.sh "$(ENV)"

apply: ## apply the reviewed plan of ENV, and nothing else
	@scripts/apply.sh "$(ENV)"

drift: setup ## whether what is deployed in ENV is still what is written
	@scripts/drift.sh "$(ENV)"

cost-difference: setup ## what ENV would cost more or less than at BASE (main), in build/cost
	@scripts/cost-difference.sh "$(ENV)" "$(BASE)"

deploy diff destroy: setup ## the cdktf CLI on ENV (dev, staging, prod)
	@cloudtrail-monitoring state account --environment "$(ENV)"
	@cdktf $@ "$(ENV)"

clean: ## everything that was generated, but not .venv and node_modules
	@rm -rf build cdktf.out .pytest_cache .mypy_cache .ruff_cache .hypothesis
