# Everything a fresh machine needs: `make demo` serves a demo city, `make test` proves the program.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
LOCKS := .ci/locks
WORKERS ?= 2

# Whatever the machine's habit, modules are compiled once: the tests start the program hundreds of times.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: all demo test quick lint bench proof pictures server browser tracer java lock clean
all: $(VENV)/.run

# A stamp a lock file: the environment is made once and renewed when a lock or setup.cfg changes.
$(VENV)/.run: $(LOCKS)/run.txt setup.cfg pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || python3 -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCKS)/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: $(LOCKS)/test.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCKS)/test.txt
	@touch $@

$(VENV)/.bench: $(LOCKS)/bench.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCKS)/bench.txt
	@touch $@

$(VENV)/.mutation: $(LOCKS)/mutation.txt $(VENV)/.test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCKS)/mutation.txt
	@touch $@

$(VENV)/.spark: $(LOCKS)/spark.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --require-hashes -r $(LOCKS)/spark.txt
	@touch $@

demo: $(VENV)/.run
	$(BIN)/registry demo --serve

test: lint server browser
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal tests

# The tests run on PostgreSQL too, on a server of their own; its programs are installed where there are none.
server: $(VENV)/.test
	@.ci/server $(BIN)/python

# They look at the pages in a browser, with a Chinese font: Debian's packages, where there are none.
browser:
	@.ci/browser

# Rules, domain and store, on SQLite and without what takes seconds: within a minute.
QUICK := $(addprefix tests/,domain rules policy parity store shape)
quick: $(VENV)/.test
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow and not long and not postgresql" $(QUICK)

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy registry
	$(BIN)/lint-imports

bench: $(VENV)/.bench
	$(BIN)/python -m tests.bench

# By it the long proofs let calls of the system fail: Debian's package, where it is missing.
tracer:
	@.ci/tracer

# The long proofs: kills, faults, load, pages …; each prints its figure. `PROOFS="kills"` runs one.
PROOFS ?=
proof: server tracer $(VENV)/.mutation $(if $(filter spark,$(or $(PROOFS),spark)),$(VENV)/.spark java)
	@$(if $(filter pages suite,$(or $(PROOFS),pages)),.ci/browser)
	@$(if $(filter pages,$(or $(PROOFS),pages)),.ci/checkers)
	@$(if $(filter deploy,$(or $(PROOFS),deploy)),.ci/deploy)
	$(BIN)/python -m tests.proof $(PROOFS)

# Spark runs on Java: Debian's package, where there is none.
java:
	@.ci/java

# The pictures of the guides, taken anew from the demo city; `PICTURES="desk-zh"` takes one.
PICTURES ?=
pictures: $(VENV)/.test browser
	$(BIN)/python -m tests.pictures $(PICTURES)

# Re-derives the locked versions; needs uv on the path.
lock:
	uv pip compile setup.cfg --extra build --generate-hashes --no-header --no-annotate --python-version 3.11 -o $(LOCKS)/run.txt
	uv pip compile setup.cfg --extra build --extra test --extra oidc -c $(LOCKS)/run.txt --generate-hashes --no-header --no-annotate --python-version 3.11 -o $(LOCKS)/test.txt
	uv pip compile setup.cfg --extra build --extra test --extra oidc --extra bench -c $(LOCKS)/run.txt --generate-hashes --no-header --no-annotate --python-version 3.11 -o $(LOCKS)/bench.txt
	uv pip compile setup.cfg --extra build --extra test --extra oidc --extra mutation -c $(LOCKS)/test.txt --generate-hashes --no-header --no-annotate --python-version 3.11 -o $(LOCKS)/mutation.txt
	uv pip compile setup.cfg --extra build --extra bench --extra spark -c $(LOCKS)/bench.txt --generate-hashes --no-header --no-annotate --python-version 3.11 -o $(LOCKS)/spark.txt

clean:
	rm -rf $(VENV) var build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
