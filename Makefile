# One door to everything. Each target sets up what it needs; `make` alone lists them.

# Python 3.11 to 3.14: the first of these that is one and has what makes environments (Debian keeps that in python3-venv),
# or else the first that is one. A name that is found may still fail: pyenv has one for each version of any folder.
# `make PYTHON=/path/to/python3 ...` overrides.
PYTHONS = python3 python3.14 python3.13 python3.12 python3.11 \
	$(wildcard $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/3.1[1-4].*/bin/python3)
SUPPORTED = import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
first = $(shell for each in $(PYTHONS); do $$each -c '$(1)$(SUPPORTED)' 2>/dev/null && echo $$each && break; done)
PYTHON ?= $(or $(call first,import ensurepip; ),$(call first,))
VENV ?= .venv
PY := $(VENV)/bin/python
# Named by the checksum of what is installed, so a changed requirements file sets up again, and only that does.
PINNED := requirements-pip.txt requirements-dev.txt tests/oldest-pip.txt
READY := $(VENV)/installed-$(firstword $(shell cat $(PINNED) | cksum))
# So does an environment whose Python has been removed.
BROKEN := $(if $(shell $(PY) -c '' 2>/dev/null || echo broken),broken)

.DEFAULT_GOAL := help
.PHONY: help demo test check local call bundle bench soak eval infra-check artefacts leads requirements clean setup

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

# Ctrl-C reaches make, this shell and the program alike. The program cleans up and says so; the shell then keeps quiet,
# and make ends by the signal (status 130) without a line of its own. So it does where `make demo | head` has read enough
# (status 141). MAKE_PID: see local/ending.py.
RUN = trap asked=1 INT; export MAKE_PID=$$PPID; $(PY) -m local $(1) || \
	{ status=$$?; [ $$status -ne 141 ] || kill -PIPE $$PPID; [ -n "$$asked" ] || exit $$status; }

demo: $(READY) ## Start everything, place the demonstration call, show it, check its lead; MODE=listen: a person answers
	@$(if $(MODE),export CALL_MODE=$(MODE);) $(call RUN,demo)

test: $(READY) ## Every test, the whole system included; those of Terraform's plans: make infra-check
	@$(PY) -m pytest --numprocesses 2 -m "not terraform" $(ARGS)

check: $(READY) ## Format, lint, types, and the direction of imports
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy .
	$(VENV)/bin/lint-imports

local: $(READY) ## The same system, left running; PUBLIC_HOST=... puts it behind a tunnel, REAL=... uses Google's services
	@$(call RUN,local)

call: $(READY) ## One call to a running system: SCRIPT=call.toml or WAV=my.wav
	@$(call RUN,call $(if $(SCRIPT),--script "$(SCRIPT)") $(if $(WAV),--wav "$(WAV)") $(ARGS))

bundle: $(READY) ## Build each function's deployable folder and zip below build/functions
	$(PY) -m infra.bundle_functions --out build/functions

bench: $(READY) ## Measure 20 concurrent calls (CALLS=...); KEEP=1 adds a line to docs/bench.md
	@$(call RUN,bench $(if $(CALLS),--calls $(CALLS)) $(if $(KEEP),--keep))

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

leads: $(READY) ## Export leads, or erase a caller: DO="export --format csv" or DO="erase 050-1234567"
	@$(PY) -m infra.leads $(DO)

soak: $(READY) ## Prove a promise by a long run: WHAT=faults, renewals (ten minutes), off, growth or kills
	@$(call RUN,soak $(or $(WHAT),faults) $(ARGS))

eval: $(READY) ## Score WHAT=words, or turns (REAL=1, PICTURES=folder); SET=set.json: yours; JSON=out.json: one by one
	@$(PY) -m evals.$(or $(WHAT),words) $(SET) $(if $(JSON),--json "$(JSON)") $(if $(REAL),--real) \
		$(if $(PICTURES),--pictures "$(PICTURES)") $(ARGS)

setup: $(READY) ## Only the Python environment in .venv

.PHONY: broken
$(READY): $(PINNED) $(BROKEN)
	@python="$(PYTHON)"; \
	test -n "$$python" || { echo "Maane needs Python 3.11 to 3.14, and none was found (python3: $$(python3 --version 2>&1 | head -n 1)). Install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }; \
	"$$python" -c '$(SUPPORTED)' 2>/dev/null || { echo "Maane needs Python 3.11 to 3.14, and $$python is not one ($$("$$python" --version 2>&1 | head -n 1)). Name another: make PYTHON=/path/to/python3" >&2; exit 1; }; \
	exec "$$python" -m infra.virtual_environment $(VENV) requirements-dev.txt --oldest-pip tests/oldest-pip.txt --log build/setup.log --ready $@

# Pinned and hashed, from pyproject.toml. Compiled on the oldest Python we support, which needs the most packages;
# the deployables' files are constrained to the versions that were tested. UPGRADE=1 takes newer versions.
COMPILE = CUSTOM_COMPILE_COMMAND="make requirements" $(VENV)/bin/pip-compile --quiet --no-strip-extras --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --allow-unsafe $(if $(UPGRADE),--upgrade)
CONSTRAINED = $(COMPILE) --constraint requirements-dev.txt

requirements: $(READY) ## Compile every requirements file again (on Python 3.11)
	@$(PY) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "make clean; make requirements PYTHON=python3.11" >&2; exit 1; }
	$(COMPILE) --all-extras --output-file requirements-dev.txt pyproject.toml
	$(CONSTRAINED) --extra pip --output-file requirements-pip.txt pyproject.toml
	$(CONSTRAINED) --extra media-service --output-file media_service/requirements.txt pyproject.toml
	$(CONSTRAINED) --extra incoming-call --output-file functions/incoming_call/requirements.txt pyproject.toml
	$(CONSTRAINED) --extra stream-status --output-file functions/stream_status/requirements.txt pyproject.toml
	$(CONSTRAINED) --extra summarize --output-file functions/summarize/requirements.txt pyproject.toml
	$(PY) -m infra.plain_pins requirements-dev.txt media_service/requirements.txt functions/*/requirements.txt

clean: ## Remove everything that was built, the environment included
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
