# Threatstamp: `make` lists what there is.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
# so that not every process of the tests compiles them anew
unexport PYTHONDONTWRITEBYTECODE
# of what is done at the same time, each output comes as a whole, where make can do that
WHOLE := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

.DEFAULT_GOAL := help
.PHONY: help demo test check format format-check lint types contracts unused compiled tests lock bench build clean preflight chaos image-test eval eval-feeds settings pictures

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

preflight:
	@sh tools/preflight.sh "$(PYTHON)"

$(VENV)/.run: requirements/run.txt requirements/build.txt pyproject.toml | preflight
	@test -x $(BIN)/python && $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || "$(PYTHON)" -m venv --clear $(VENV)
	@echo "Installing what the desk needs into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q src
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@echo "Installing what the tests need into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(VENV)/.run ## run the main job in a workspace to click in (ARGS=--once: without a person)
	@$(BIN)/threatstamp demo $(ARGS)

test: $(VENV)/.dev ## run the tests (make check also plays the longest, and tries more crash points and examples)
	@$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.dev ## all that CI runs: format, lint, types, import contracts, what is unused, tests
	@$(MAKE) --no-print-directory -j 2 $(WHOLE) types compiled format-check lint contracts unused
	@$(MAKE) --no-print-directory tests

format: $(VENV)/.dev ## format the code
	@$(BIN)/ruff format src tests bench eval tools
	@$(BIN)/ruff check --fix --quiet src tests bench eval tools || true

format-check: $(VENV)/.dev
	@$(BIN)/ruff format --check --quiet src tests bench eval tools

lint: $(VENV)/.dev ## look for mistakes
	@$(BIN)/ruff check --quiet src tests bench eval tools

types: $(VENV)/.dev ## check the types
	@$(BIN)/mypy

contracts: $(VENV)/.dev ## check who may import whom
	@$(BIN)/lint-imports --no-cache >/tmp/threatstamp-contracts.$$$$ 2>&1 || { cat /tmp/threatstamp-contracts.$$$$; rm -f /tmp/threatstamp-contracts.$$$$; exit 1; }; tail -n 1 /tmp/threatstamp-contracts.$$$$ | cat; rm -f /tmp/threatstamp-contracts.$$$$

unused: $(VENV)/.dev ## look for dead code, and for packages that are unused or undeclared
	@$(BIN)/vulture
	@$(BIN)/deptry src 2>/tmp/threatstamp-unused.$$$$ || { cat /tmp/threatstamp-unused.$$$$; rm -f /tmp/threatstamp-unused.$$$$; exit 1; }; rm -f /tmp/threatstamp-unused.$$$$

# what would otherwise be done by each worker of the tests at the same time, while one core has the types to check
compiled: $(VENV)/.dev
	@$(BIN)/python -m pytest -n 0 --collect-only -qq >/dev/null 2>&1 || true # the tests themselves say what is wrong

tests: $(VENV)/.dev
	@CI=true $(BIN)/python -m pytest -rs

bench: $(VENV)/.dev ## measure, beside others (ARGS="stamps --quick", ARGS=feeds)
	@$(BIN)/python -m bench $(ARGS)

chaos: $(VENV)/.dev ## stamps under faults, kills and clock steps (ARGS="--stamps 10000 --on postgresql")
	@$(BIN)/python -m tools.chaos $(ARGS)

IMAGE_TEST ?= /var/tmp/threatstamp-image
image-test: $(VENV)/.dev ## build and run the container image by chroot in a clean Debian (as root, with debootstrap)
	@IMAGE_TEST="$(IMAGE_TEST)" $(BIN)/python -m pytest -n 0 $(ARGS) tests/docs/test_image.py

settings: $(VENV)/.run ## make docs/settings.md and docs/settings.ja.md from the definitions of the settings
	@$(BIN)/python tools/make_settings_pages.py

pictures: $(VENV)/.dev ## draw the README's pictures
	@$(BIN)/python -m tools.make_pictures

eval: $(VENV)/.dev ## say how well stories are read: ids, kinds, products, names (ARGS="--half held")
	@$(BIN)/python -m eval $(ARGS)

eval-feeds: $(VENV)/.dev ## compare our reading of feeds with feedparser, into docs/feeds.md
	@$(BIN)/python tools/eval_feeds.py

lock: ## pin the requirements with their hashes
	@"$(PYTHON)" -m venv .lock && .lock/bin/pip install --quiet uv
	@for set in run: dev:dev build:build; do name=$${set%%:*}; group=$${set#*:}; \
	  case $$name in run) what="pyproject.toml";; dev) what="pyproject.toml --extra sheets --extra pictures --group dev";; build) what="--group build";; esac; \
	  .lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	    --custom-compile-command "make lock" $$what -o requirements/$$name.txt; done
	@rm -rf .lock

build: $(VENV)/.dev ## build the wheel into dist/
	@$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation -w dist .

clean: ## remove what was installed and made
	@rm -rf $(VENV) dist build artefacts .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .lock
