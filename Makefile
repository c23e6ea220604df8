# Two commands do everything: `make up` (a running store on this machine) and `make test` (all tests).
INVENTORY ?= inventory/local
SCENARIOS ?= default upgrade rotation drives images access local leftovers
LONG_SCENARIOS ?= upgrade restart node_loss rotation
PROJECT   := /opt/storageserver

SHELL := /bin/bash
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
# Ansible starts many Pythons: without compiled files each takes three times as long.
unexport PYTHONDONTWRITEBYTECODE
SUDO   := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
# sudo asks for a password only where it needs one.
BECOME := $(shell [ "$$(id -u)" = 0 ] || sudo -n true 2>/dev/null || echo --ask-become-pass)
PLAY   := ansible-playbook -i $(INVENTORY) $(BECOME)
SCREEN := ANSIBLE_STDOUT_CALLBACK=screen ANSIBLE_LOCALHOST_WARNING=false $(PLAY)

.DEFAULT_GOAL := help
.PHONY: help venv up status logs env down destroy test test-long unit molecule lint lock collection bench-up engine

help: ## Show what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

venv: ## Make .venv from the hashed requirements.txt
	@scripts/bootstrap

up: venv ## A running four-node store behind nginx on this machine
	$(PLAY) site.yml $(ARGS)

status: venv ## Nodes, drives, quorum, capacity, versions; the exit code says healthy or not (INVENTORY=inventory/prod)
	@$(SCREEN) playbooks/status.yml

logs: ## Follow the logs of every service
	@[ -e $(PROJECT)/compose.yaml ] || { echo "There is no store on this machine: make up" >&2; exit 1; }
	@cd $(PROJECT) && $(SUDO) docker compose logs --follow --tail 50

env: venv ## Shell exports for clients: eval "$$(make env)" (WHO=root, or an application that is declared)
	@$(SCREEN) playbooks/env.yml $(if $(WHO),-e env_as=$(WHO))

down: venv ## Stop; the data stays, and `make up` brings it back
	$(PLAY) playbooks/stop.yml

destroy: venv ## Remove what `make up` made here, data included: CONFIRM=yes
	$(PLAY) playbooks/destroy-local.yml -e destroy_confirm=$(or $(CONFIRM),no)

test: lint unit molecule ## All tests; leaves a running local store alone
	@scripts/leftovers

test-long: engine ## What takes too long for every change: twenty upgrades in a row, faults of nodes, drives and gateway
	@echo "make test-long adds to make test: $(LONG_SCENARIOS), with twenty upgrades in a row (about 90 minutes)"
	@STORAGE_LONG=1 $(MAKE) --no-print-directory molecule SCENARIOS="$(LONG_SCENARIOS)"
	@scripts/leftovers

lint: venv ## ansible-lint, yamllint, ruff, mypy, shellcheck
	@scripts/lint

unit: venv ## Tests without instances: unit, contract, and integration against a real server process
	pytest tests/unit tests/contract tests/integration

engine: venv # Molecule's instances are containers of this machine's engine.
	@$(PLAY) -i inventory/local playbooks/install-engine.yml
	@docker version >/dev/null || { echo "make test asks the engine: run it as root, or as a member of group docker" >&2; exit 1; }

molecule: engine ## Scenarios on instances that look like servers (SCENARIOS="default drives")
	@scripts/scenarios $(SCENARIOS)

lock: venv ## Resolve requirements.txt anew
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --all-extras --no-emit-index-url --no-header pyproject.toml -o requirements.txt

collection: venv ## The same files as an Ansible collection
	ansible-galaxy collection build --force --output-path build

bench-up: venv ## Seconds of `make up` by phase, cold and warm
	@bench/up
