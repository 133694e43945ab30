# `make run` is for users, `make check` before each commit, `make test` before a merge; `make help` lists the others.
PYTHON ?= python3
HELIOS_PORT ?= 8501
BIN := .venv/bin
# A worker a core; a file's tests stay together, as they share what is slow to make. In the order of folders,
# as few long files come first, and many short ones last.
TESTS := -m pytest --numprocesses=logical --dist=loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help run build templates check test cases pages duckdb2 lint bench calibrate advice benchmark clean lock raw

help: ## List the commands
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: build ## Build everything and open the viewer in the browser
	$(BIN)/streamlit run viewer/app.py --server.port $(HELIOS_PORT)

build: .venv/run.done raw ## Build the published file: environment, simulated exports if there are none, dbt build
	$(BIN)/dbt build

raw: .venv/run.done
	@if [ -z "$$HELIOS_RAW" ] && [ -z "$$(ls seeds/raw 2>/dev/null)" ]; then \
		$(BIN)/python -m simulate --world default --seed 42; \
	fi

templates: .venv/run.done ## Write a file for each table with its headers to the folder templates, examples beside it
	$(BIN)/python -m intake templates templates

check: lint ## Lint, and run the fast tests: no build, no browser, nothing slow
	$(BIN)/python $(TESTS) -m "not build and not browser and not slow and not long"

test: .venv/dev.done ## Run everything that has to pass
	$(BIN)/python $(TESTS)

cases: .venv/dev.done ## Run the long tests of reading: every handed export, and a thousand ways of writing a good one; an hour
	$(BIN)/python $(TESTS) tests/python/intake -m "long or not long"

pages: .venv/dev.done ## Run the long tests of pages: questions in other worlds, exports with gaps, forty selections; half an hour
	$(BIN)/python $(TESTS) tests/python/viewer -m long

duckdb2: ## Run the tests with DuckDB 2, which is allowed, instead of the locked version
	$(PYTHON) -m venv .venv-duckdb2
	.venv-duckdb2/bin/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	.venv-duckdb2/bin/python -m pip install --quiet --upgrade 'duckdb>=2,<3'
	.venv-duckdb2/bin/python $(TESTS)

lint: .venv/dev.done ## Check style, types and the SQL dialect
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint models tests/data
	$(BIN)/python -m tests.lint.shared_dialect

bench: .venv/dev.done ## Compare speed with named peers; minutes
	$(BIN)/python -m bench.build
	$(BIN)/python -m bench.reading
	$(BIN)/python -m bench.scale --orders 200000 --check
	$(BIN)/python -m bench.joint_panel --check
	$(BIN)/python -m bench.planning --check
	$(BIN)/python -m bench.simulate --check
	$(BIN)/python -m bench.experiments --check
	$(BIN)/python -m bench.viewer --check

calibrate: .venv/run.done ## Hold every method against the truth of many simulated worlds, and write it into docs; an hour or two
	$(BIN)/python -m calibrate --docs docs

advice: .venv/run.done ## Hold plans of tests and of budgets against the truth of simulated worlds, and write it into docs; an hour or two
	$(BIN)/python -m calibrate.advice --docs docs

benchmark: .venv/run.done ## Compare the methods of geo tests with other tools, on the process of a published study; half an hour
	$(BIN)/python -m calibrate.benchmark --docs docs

clean: ## Remove what builds leave behind, but no exports and no environment
	rm -rf target logs warehouse .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -type d -exec rm -rf {} +

lock: ## Resolve the pinned requirements anew (needs uv)
	uv pip compile pyproject.toml -o requirements.txt $(LOCK_OPTIONS)
	uv pip compile pyproject.toml --group dev -o requirements-dev.txt $(LOCK_OPTIONS)

LOCK_OPTIONS := --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras \
	--no-emit-index-url --no-header --no-annotate

.venv/pip.done:
	@$(PYTHON) -c 'import sys; sys.exit("Helios needs Python 3.11 or later; set PYTHON, as in: make run PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv || { echo "Python has no venv module here; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@touch $@

.venv/run.done: requirements.txt | .venv/pip.done
	@test -f .venv/dev.done || $(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	@touch $@

.venv/dev.done: requirements-dev.txt | .venv/pip.done
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@ .venv/run.done
