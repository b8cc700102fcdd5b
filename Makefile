# All commands of this project. Run `make` to list them.
#
# They need GNU make and Python 3.11 or later, and write only to .venv/ and var/.

PYTHON ?= python3
PY := .venv/bin/python
SIA = $(PY) -m sia.cli
export PYTHONPATH := $(CURDIR)/plugins
# Airflow starts many short processes. Without compiled byte-code, each of them would compile everything again.
unexport PYTHONDONTWRITEBYTECODE
export GX_ANALYTICS_ENABLED := false

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: help setup demo demo-releases demo-backfill ingest check backfill templates approve releases release-verify papers restricted trace reconcile dictionary extracts backup restore login up down status mail test lint format bench attack calibrate chaos fuzz components lock env clean

# $(call option,NAME,--name) passes a variable on as an option; $(call need,NAME,example) asks for it if it is missing.
option = $${$(1):+$(2) "$$$(1)"}
need = test -n "$$$(1)" || { echo 'Add $(1)=…, for example: make $@ $(1)=$(2)' >&2; exit 2; }

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "; print "make …\n"} /^[a-z-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ready ## create the virtual environment (other targets do so when they need it)

demo: .venv/.ready ## load two years of synthetic returns with Airflow, draft the scorecards, and print a summary
	@$(PY) -m demo run

demo-releases: .venv/.ready ## release the last four quarters of the demo, each as known on a day of its own, after make demo
	@$(PY) -m demo releases

demo-backfill: .venv/.ready ## write the synthetic returns of earlier quarters and load them:  FROM=2017-18Q1 [TO=2021-22Q4]
	@$(call need,FROM,2017-18Q1)
	@$(PY) -m demo backfill --from "$$FROM" $(call option,TO,--to)

ingest: .venv/.ready ## load one file:  FILE=… [RETURN=tvp_crime] [QUARTER=2021-22Q4] [SOURCE=…] [RECEIVED=2022-04-20]
	@$(call need,FILE,~/Downloads/return.xlsx)
	@$(SIA) ingest "$$FILE" $(call option,RETURN,--return) $(call option,QUARTER,--quarter) $(call option,SOURCE,--source) $(call option,RECEIVED,--received)

check: .venv/.ready ## check a return before you send it; nothing is loaded:  FILE=… [RETURN=…] [QUARTER=…] [SOURCE=…]
	@$(call need,FILE,~/Downloads/return.xlsx)
	@$(SIA) check "$$FILE" $(call option,RETURN,--return) $(call option,QUARTER,--quarter) $(call option,SOURCE,--source)

backfill: .venv/.ready ## load earlier quarters from the inbox with an Airflow backfill:  FROM=2017-18Q1 [TO=2021-22Q4]
	@$(call need,FROM,2017-18Q1)
	@$(SIA) backfill --from "$$FROM" $(call option,TO,--to)

templates: .venv/.ready ## write the blank workbooks for partners:  [QUARTER=2026-27Q3]
	@$(SIA) templates $(call option,QUARTER,--quarter)

approve: .venv/.ready ## decide on the release of a quarter, after make up:  QUARTER=2021-22Q4 [COMMENT=…] [REJECT=1]
	@$(call need,QUARTER,2021-22Q4)
	@$(SIA) approve "$$QUARTER" $(call option,COMMENT,--comment) $(if $(REJECT),--reject)

releases: .venv/.ready ## list the releases
	@$(SIA) releases

release-verify: .venv/.ready ## rebuild a release from the warehouse and compare every byte:  RELEASE=2021-22Q4/1
	@$(call need,RELEASE,2021-22Q4/1)
	@$(SIA) release-verify "$$RELEASE"

papers: .venv/.ready ## write papers from releases:  QUARTER=2021-22Q4 (Board's paper, partnerships' reports) YEAR=2021-22 (assessment pack)
	@$(SIA) papers $(call option,QUARTER,--quarter) $(call option,YEAR,--year)

restricted: .venv/.ready ## write reports with a partnership's own small numbers, for the readers of an agreement:  QUARTER=2021-22Q4
	@$(call need,QUARTER,2021-22Q4)
	@$(SIA) restricted "$$QUARTER"

trace: .venv/.ready ## show which returns and rows a figure comes from:  MEASURE=… AREA=… QUARTER=2021-22Q4 [KNOWN=2021-06-30]
	@$(SIA) trace $(call option,MEASURE,--measure) $(call option,AREA,--area) $(call option,QUARTER,--quarter) $(call option,KNOWN,--known)

reconcile: .venv/.ready ## compare the warehouse with published figures:  [FILE=…]
	@$(SIA) reconcile $${FILE:+"$$FILE"}

dictionary: .venv/.ready ## write the data dictionary, as web pages and as a workbook
	@$(SIA) dictionary

extracts: .venv/.ready ## write the marts as CSV and Parquet files with checksums:  [SINCE=2022-06-01] adds what changed
	@$(SIA) extracts $(call option,SINCE,--since)

backup: .venv/.ready ## back up the warehouse, encrypted, and restore the backup into a second database to prove it
	@$(SIA) backup

restore: .venv/.ready ## replace the warehouse with a backup:  FILE=var/backups/…
	@$(call need,FILE,var/backups/warehouse-20220501T120000Z.dump)
	@$(SIA) restore "$$FILE"

login: .venv/.ready ## create a log-in of the warehouse:  NAME=… ROLE=analyst [SENDER=…]
	@$(call need,NAME,ann ROLE=analyst)
	@$(call need,ROLE,analyst)
	@$(SIA) login add "$$NAME" --role "$$ROLE" $(call option,SENDER,--sender)

up: .venv/.ready ## start the desk, Airflow, PostgreSQL and a mail catcher on this machine
	@$(SIA) up

down: ## stop what `make up` started
	@if [ -x $(PY) ]; then $(SIA) down; else echo "Nothing was running: there is no .venv yet."; fi

status: .venv/.ready ## say when Airflow last did its work
	@$(SIA) status

mail: .venv/.ready ## list the letters in the mail catcher;  N=1 shows the first
	@$(SIA) mail $${N:+"$$N"}

test: .venv/.ready-dev ## run all tests, or some:  ARGS="-k timetable"
	@$(PY) -m pytest --numprocesses 2 $(ARGS)

lint: .venv/.ready-dev ## run the linters: ruff, mypy, sqlfluff, import-linter
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m sqlfluff lint --processes 2 -q include/sql
	.venv/bin/lint-imports --no-cache

format: .venv/.ready-dev ## format the Python files
	$(PY) -m ruff check --fix-only --quiet .
	$(PY) -m ruff format .

bench: .venv/.ready-dev ## measure speed and memory, compared with a plain COPY and with pandas
	@$(PY) -m benchmarks
	@$(PY) -m benchmarks.analysts
	@$(PY) -m benchmarks.papers
	@$(PY) -m benchmarks.desk

calibrate: .venv/.ready-dev ## measure how often a verdict is false, by simulation; it goes on where it was stopped
	@$(PY) -m benchmarks.calibrate

attack: .venv/.ready-dev ## attack 10,000 random histories of releases; a run that was stopped goes on
	@$(PY) -m benchmarks.attack --save

chaos: .venv/.ready-dev ## try 200 faults while returns are loaded, and check how each ends
	@$(PY) -m benchmarks.chaos --save

fuzz: .venv/.ready-dev ## read thousands of made-up files, to find one that gets no answer:  [EXAMPLES=2000]
	@FUZZ_EXAMPLES=$${EXAMPLES:-2000} $(PY) -m pytest --numprocesses 2 --timeout 0 tests/unit/intake/test_fuzz.py

components: .venv/.ready-dev ## list every component of the production image with its hashes (CycloneDX):  [FILE=var/components.json]
	@mkdir -p var
	@.venv/bin/cyclonedx-py requirements requirements-production.txt --output-reproducible -o $${FILE:-var/components.json}

lock: .venv/.ready ## write the requirement locks from the .in files
	$(compile) requirements-bootstrap.in -o requirements-bootstrap.txt
	$(compile) requirements.in -o requirements.txt
	$(compile) requirements-dev.in -o requirements-dev.txt
	$(compile) requirements-production.in -o requirements-production.txt

env: ## write .env with random passwords for docker-compose.yml, or add missing variables
	@$(PYTHON) tools/write_env.py

clean: ## stop everything and delete everything that make created
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

# flock lets one make at a time install. An environment whose installation was interrupted (.filling is still there)
# is created again.
define install
@mkdir -p .make
@flock .make/lock sh -eu tools/fill-environment.sh '$(PYTHON)' '$(1)' '$@'
endef
