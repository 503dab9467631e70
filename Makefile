# One door to everything. Each target sets up what it needs; `make` alone lists them.

# Python 3.11 or newer: `python3` if that is one, else the newest found. `make PYTHON=/path/to/python3 ...` overrides.
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
VENV := .venv
PY := $(VENV)/bin/python
# Named by the checksum of what is installed, so a changed requirements file sets up again, and only that does.
READY := $(VENV)/installed-$(firstword $(shell cksum requirements-dev.txt))

.DEFAULT_GOAL := help
.PHONY: help demo test check local call bundle bench soak infra-check artefacts requirements clean setup

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

demo: $(READY) ## Start everything, place the demonstration call, show it, check its lead; MODE=listen: a person answers
	@$(if $(MODE),CALL_MODE=$(MODE)) $(PY) -m local.demo

test: $(READY) ## Every test, the whole system included; those of Terraform's plans: make infra-check
	@$(PY) -m pytest -m "not terraform" $(ARGS)

check: $(READY) ## Format, lint, types, and the direction of imports
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy .
	$(VENV)/bin/lint-imports

local: $(READY) ## The same system, left running; PUBLIC_HOST=... puts it behind a tunnel, REAL=... uses Google's services
	@$(PY) -m local.system

call: $(READY) ## One call to a running system: SCRIPT=call.toml or WAV=my.wav
	@$(PY) -m local.phone $(if $(SCRIPT),--script "$(SCRIPT)") $(if $(WAV),--wav "$(WAV)") $(ARGS)

bundle: $(READY) ## Build each function's deployable folder and zip below build/functions
	$(PY) -m infra.bundle_functions --out build/functions

bench: $(READY) ## Measure 20 concurrent calls (CALLS=...); KEEP=1 adds a line to docs/bench.md
	@$(PY) -m local.bench $(if $(CALLS),--calls $(CALLS)) $(if $(KEEP),--keep)

# Real Terraform without a cloud: TF_OFFLINE names the program that stands in for the providers.
TF_OFFLINE ?= ../shared/tools/terraform-offline/tf-offline

infra-check: $(READY) bundle ## Terraform: format, types, tests, plans of dev and prod held to policies; checkov if there
	terraform fmt -check -recursive infra/terraform
	$(TF_OFFLINE) infra/terraform validate
	$(TF_OFFLINE) infra/terraform test
	TF_OFFLINE="$(TF_OFFLINE)" $(PY) -m pytest -m terraform $(ARGS)
	@if command -v checkov >/dev/null; then checkov --directory infra/terraform --framework terraform --skip-download --compact --quiet; \
		else echo "checkov is not installed and did not run"; fi

artefacts: $(READY) ## Start what is deployed as the cloud starts it, and measure; KEEP=1 writes docs/artefacts.md
	@$(PY) -m infra.artefacts $(if $(KEEP),--keep) $(ARGS)

soak: $(READY) ## Prove a promise by a long run: WHAT=faults, renewals (ten minutes), off or growth
	@$(PY) -m local.soak $(or $(WHAT),faults) $(ARGS)

setup: $(READY) ## Only the Python environment in .venv

$(READY): requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer was not found. Install it, or say: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version), once; a minute or two ..."
	@$(PYTHON) -m venv --clear $(VENV) || { echo "python3 -m venv failed (on Debian and Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@$(PY) -m pip install --disable-pip-version-check --no-input --require-hashes -r requirements-dev.txt
	@touch $@

# Pinned and hashed, from pyproject.toml. Compiled on the oldest Python we support, which needs the most packages;
# the deployables' files are constrained to the versions that were tested. UPGRADE=1 takes newer versions.
COMPILE = CUSTOM_COMPILE_COMMAND="make requirements" $(VENV)/bin/pip-compile --quiet --strip-extras --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host $(if $(UPGRADE),--upgrade)

requirements: $(READY) ## Compile every requirements file again (on Python 3.11)
	@$(PY) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "make clean; make requirements PYTHON=python3.11" >&2; exit 1; }
	$(COMPILE) --all-extras --allow-unsafe --output-file requirements-dev.txt pyproject.toml
	$(COMPILE) --extra media-service --constraint requirements-dev.txt --output-file media_service/requirements.txt pyproject.toml
	$(COMPILE) --extra incoming-call --constraint requirements-dev.txt --output-file functions/incoming_call/requirements.txt pyproject.toml
	$(COMPILE) --extra stream-status --constraint requirements-dev.txt --output-file functions/stream_status/requirements.txt pyproject.toml
	$(COMPILE) --extra summarize --constraint requirements-dev.txt --output-file functions/summarize/requirements.txt pyproject.toml

clean: ## Remove everything that was built, the environment included
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
