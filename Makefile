# From a fresh clone, each of these sets up first what it needs:
#
#   make run      start Spendlight on your logs; ARGS="daily --json" for a report
#   make demo     start it on invented logs
#   make test     everything that CI checks: format, lint, types, imports, tests; with a process
#                 for each core, or one test after the other with ARGS="-n 0"
#   make check    the same without the tests
#   make bench    measure speed, some minutes long; SIZE=300MB for another amount of logs
#   make bench-team  measure a team of a thousand machines, about five minutes long;
#                 ARGS="--sizes 10 100 1000 10000" for a longer plot, which takes an hour
#   make mutants  change the code in small ways, and tell which changes no test notices; an hour
#                 long; SAMPLE=10 changes of each package, SEED=2 for others
#   make fuzz     compare the native reader with the one in Python on mutated lines, some minutes
#                 long; LINES=2000000 and SEED=1 of them, LOGS=FOLDER to take lines from there, too
#   make frozen   build the program that needs no Python, into dist/spendlight
#   make package  build what this system can package, into dist; package-check proves each package
#   make wheel    build a wheel for this system and the sdist, into dist; wheel-check installs it by
#                 pipx and uv, and uses it; wheels builds those for all systems
#   make prices   renew the price lists that ship
#   make lock     renew requirements/*.txt
#   make clean    remove what the other targets made
#
# PYTHON=python3.12 chooses the Python of the environment.

SHELL := bash
MAKEFLAGS += --no-print-directory --no-builtin-rules

BIN := .venv/bin
ARGS ?=
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help run demo test check bench bench-team mutants fuzz frozen package package-check wheel wheels wheel-check prices lock clean libs-run libs-test libs-frozen libs-package libs-package-check native-reader

help:
	@sed -n 's/^#   //p' Makefile

run: libs-run .venv/.run native-reader
	@$(BIN)/spendlight $(ARGS)

demo: libs-run .venv/.run native-reader
	@$(BIN)/spendlight --demo $(ARGS)

test: libs-test check
	@$(BIN)/pytest --numprocesses auto --dist worksteal $(ARGS)

check: .venv/.test
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/python packaging/build_reader.py --checked --output build/checked/native_reader.so
	@found=$$($(BIN)/zizmor --offline --quiet --no-progress --persona pedantic .github 2>&1) || { echo "$$found"; exit 1; }
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/[!c]*.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	@found=$$($(BIN)/lint-imports --no-logo --no-cache 2>&1) || { echo "$$found"; exit 1; }; tail -n 1 <<<"$$found"

bench: libs-test .venv/.bench
	@$(BIN)/python benchmarks/bench.py --size $(or $(SIZE),2.85GB) $(ARGS)

bench-team: .venv/.bench
	@$(BIN)/python benchmarks/team.py $(ARGS)

mutants: libs-test .venv/.mutants
	@$(BIN)/python maintenance/mutation/run.py --sample $(or $(SAMPLE),100) --seed $(or $(SEED),1) $(ARGS)

fuzz: .venv/.test
	@$(BIN)/python maintenance/compare_readers.py --lines $(or $(LINES),2000000) --seed $(or $(SEED),1) $(LOGS) $(ARGS)

frozen: libs-frozen .venv-build/.build
	@.venv-build/bin/python packaging/freeze.py

package: libs-package frozen wheel
	@.venv-build/bin/python installers/package.py $(ARGS)

package-check: libs-package libs-package-check .venv-build/.build
	@.venv-build/bin/python installers/check.py $(ARGS)

wheel: .venv-build/.build
	@.venv-build/bin/python packaging/wheel.py

wheels: .venv-build/.build .venv-build/.compiler
	@.venv-build/bin/python packaging/wheel.py --all

wheel-check: wheel
	@.venv-build/bin/python packaging/check_wheel.py

prices: .venv/.run
	@$(BIN)/python -m maintenance.update_prices

lock:
	@maintenance/lock.sh

clean:
	@rm -rf .venv .venv-build build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@rm -f src/spendlight/logs/claude_code/native_reader.*
	@find benchmarks installers maintenance packaging src tests -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# A compiler may have been installed since the environment was made.
native-reader: .venv/.run
	@[ -e src/spendlight/logs/claude_code/native_reader.so ] || $(BIN)/python packaging/build_reader.py >&2

# The stamp of an environment that holds requirements/NAME.txt and the program itself.
.venv/.%: requirements/%.txt pyproject.toml maintenance/set_up.sh packaging/build_reader.py $(wildcard src/native_reader/*)
	@maintenance/set_up.sh $*

.venv-build/.%: requirements/%.txt pyproject.toml maintenance/set_up.sh
	@maintenance/set_up.sh $* .venv-build

.venv-build/.compiler: requirements/compiler.txt .venv-build/.build
	@.venv-build/bin/python -m pip --quiet --no-input --disable-pip-version-check install --require-hashes --only-binary :all: --requirement requirements/compiler.txt
	@touch $@

libs-run libs-test libs-frozen libs-package libs-package-check: libs-%:
	@maintenance/debian_packages.sh $*
