# Everything that people do with this project. `make` alone lists it.
#
# Needed: GNU make, and python3 of version 3.11 or later. All that is made lies in .venv/ and var/.

PYTHON ?= python3
PY := .venv/bin/python
export PYTHONPATH := $(CURDIR)/plugins
# What is given behind a target (FILE=…) reaches its command through the environment, as make does it by itself.
# Airflow starts many short processes: without compiled byte-code each of them compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE
export GX_ANALYTICS_ENABLED := false

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: help setup demo ingest backfill templates up down mail check approve release-verify papers reconcile dictionary trace extracts backup restore login test lint format bench lock env clean

help: ## list what can be made
	@awk 'BEGIN {FS = ":.*## "; print "make …\n"} /^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ready ## make the virtual environment (the other targets do it by themselves)

demo: .venv/.ready ## the quarters of 2020/21 and 2021/22 on the sample returns, through Airflow, and a page that says what happened
	@$(PY) -m demo

ingest: .venv/.ready ## take one file in:  FILE=… [RETURN=tvp_crime] [QUARTER=2021-22Q4] [SOURCE=…] [RECEIVED=2022-04-20]
	@$(PY) -m sia.cli.ingest

backfill: .venv/.ready ## earlier quarters by Airflow's own backfill:  FROM=2017-18Q1 [TO=2021-22Q4]
	@$(PY) -m demo.backfill

templates: .venv/.ready ## write the blank workbooks for the partners
	@$(PY) -m sia.cli.templates

up: .venv/.ready ## start the real thing here: Airflow's four services, PostgreSQL, a mail catcher
	@$(PY) -m sia.local.services up

down: ## stop what `make up` started
	@if [ -x $(PY) ]; then $(PY) -m sia.local.services down; else echo "Nothing is running: there is no .venv yet."; fi

mail: .venv/.ready ## list the mail that was caught;  N=1 shows the first
	@$(PY) -m sia.local.mail_catcher

check: .venv/.ready ## check a return before it is sent, loading nothing:  FILE=… [RETURN=…] [QUARTER=…] [SOURCE=…]
	@$(PY) -m sia.cli.check

approve: .venv/.ready ## decide on the release of a quarter, while Airflow runs:  QUARTER=2021-22Q4 [COMMENT=…] [REJECT=1]
	@$(PY) -m sia.cli.approve "$$QUARTER" $(if $(REJECT),--reject) --comment "$$COMMENT"

release-verify: .venv/.ready ## make a release again and compare every byte:  RELEASE=2021-22Q4/1
	@$(PY) -m sia.cli.release verify "$$RELEASE"

papers: .venv/.ready ## make the papers of what is released:  QUARTER=2021-22Q4 (partnerships' reports) YEAR=2021-22 (assessment)
	@$(PY) -m sia.cli.papers --quarter="$$QUARTER" --year="$$YEAR"

reconcile: .venv/.ready ## compare the warehouse with published figures:  [FILE=…]
	@$(PY) -m sia.reconciliation

dictionary: .venv/.ready ## write the data dictionary, as pages and as a workbook
	@$(PY) -m sia.cli.with_database dictionary

trace: .venv/.ready ## from a figure to the returns and rows that made it:  MEASURE=… AREA=… QUARTER=2021-22Q4 [KNOWN=2021-06-30]
	@$(PY) -m sia.cli.with_database trace --measure="$$MEASURE" --area="$$AREA" --quarter="$$QUARTER" --known="$$KNOWN"

extracts: .venv/.ready ## write the marts as CSV and Parquet files, with their checksums:  [SINCE=2022-06-01] and what changed since
	@$(PY) -m sia.cli.with_database extracts $(if $(SINCE),--since '$(SINCE)')

backup: .venv/.ready ## save the warehouse, and restore it once beside itself to prove it
	@$(PY) -m sia.cli.with_database backup

restore: .venv/.ready ## bring the warehouse back:  FILE=var/backups/…
	@$(PY) -m sia.cli.with_database restore "$$FILE"

login: .venv/.ready ## a login of the warehouse:  NAME=… ROLE=analyst [SENDER=…]
	@$(PY) -m sia.cli.with_database login add '$(NAME)' --role '$(ROLE)' $(if $(SENDER),--sender '$(SENDER)')

test: .venv/.ready-dev ## all tests;  ARGS="-k timetable" chooses
	@$(PY) -m pytest --numprocesses 2 $(ARGS)

lint: .venv/.ready-dev ## the linters: ruff, mypy, sqlfluff, import-linter
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m sqlfluff lint --processes 2 -q include/sql
	.venv/bin/lint-imports --no-cache

format: .venv/.ready-dev ## put the Python files into the house style
	$(PY) -m ruff check --fix-only --quiet .
	$(PY) -m ruff format .

bench: .venv/.ready-dev ## measure speed and memory against the floor and the alternatives
	@$(PY) -m benchmarks
	@$(PY) -m benchmarks.analysts

lock: .venv/.ready ## write the requirement locks anew from the .in files
	$(compile) requirements-bootstrap.in -o requirements-bootstrap.txt
	$(compile) requirements.in -o requirements.txt
	$(compile) requirements-dev.in -o requirements-dev.txt
	$(compile) requirements-production.in -o requirements-production.txt

env: ## write .env with random passwords for docker-compose.yml, unless there is one
	@$(PYTHON) -m sia.production

clean: ## stop everything and remove all that was made here
	@sh tools/stop-all.sh
	@rm -rf .venv .make var .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
	@echo "Clean."

compile = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock'

.venv/.ready: requirements-bootstrap.txt requirements.txt
	$(call install,requirements.txt)

.venv/.ready-dev: requirements-bootstrap.txt requirements.txt requirements-dev.txt
	$(call install,requirements-dev.txt)
	@touch .venv/.ready

# One at a time: flock waits, and leaves nothing behind when it is killed. An environment that was being
# filled when somebody pulled the plug (.filling is still there) is made anew.
define install
@mkdir -p .make
@flock .make/lock sh -eu tools/fill-environment.sh '$(PYTHON)' '$(1)' '$@'
endef
