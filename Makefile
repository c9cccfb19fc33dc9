# The pipeline of an edition: parameters and raw data → notebooks → tables and figures → book → report.
# `make help` lists the commands; every one of them sets up .venv by itself when it is missing.

EDITION  ?= 2025
PARAMS   ?= params/$(EDITION).yml
OUT      ?= output/$(EDITION)
LANGS    ?= zh en
RENDERER ?= auto
PYTHON   ?= $(firstword $(shell command -v python3.11 python3))

VENV := .venv
PY   := $(VENV)/bin/python
RUN   = $(PY) -m analysis.pipeline
ARGS  = --params $(PARAMS) --output $(OUT)

MAKEFLAGS += --no-builtin-rules --no-print-directory
ifeq ($(filter -j% --jobs%,$(MAKEFLAGS)),)
# nproc obeys OMP_NUM_THREADS, which is about threads of one process.
MAKEFLAGS += --jobs=$(shell env -u OMP_NUM_THREADS nproc 2>/dev/null || echo 2)
endif
.DELETE_ON_ERROR:
.SUFFIXES:

# Quarto's package puts its command into .venv. One thread per process: the notebooks run side by side, and sums come out in the same order every time.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export PYTHONHASHSEED := 0
export PYDEVD_DISABLE_FILE_VALIDATION := 1
export JUPYTER_PLATFORM_DIRS := 1

.PHONY: report notebooks test lint check preview lab bench bench-survey bench-sem lock clean help FORCE
.DEFAULT_GOAL := help

##@ Commands
report: $(OUT)/manifest.json ## run what changed and publish: HTML book, PDF, tables.xlsx, manifest.json
	@echo "→ $(LANGS:%=$(OUT)/report/%/index.html)"
notebooks: ## run the notebooks that what changed depends on
test: | $(VENV)/.ready ## all tests
	@$(PY) -m pytest
lint: | $(VENV)/.ready ## ruff, mypy (strict on src/), notebooks without outputs
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/nbstripout --verify notebooks/*.ipynb
check: | $(VENV)/.ready ## validate params and data, report all problems at once, run nothing
	@$(RUN).check $(ARGS)
preview: report ## publish, then serve the pages on localhost
	@echo "http://localhost:8000/$(firstword $(LANGS))/index.html" && $(PY) -m http.server 8000 --bind 127.0.0.1 --directory $(OUT)/report
lab: | $(VENV)/.ready ## open the notebooks in JupyterLab
	@$(VENV)/bin/jupyter lab --notebook-dir=.
bench: | $(VENV)/.ready ## time a cold run, small changes and a run with nothing to do → output/bench/report.json
	@$(PY) bench/report.py --params $(PARAMS) --output output/bench
bench-survey: | $(VENV)/.ready ## time weighting and estimation on a million rows, beside R survey → output/bench/survey.json
	@$(PY) bench/survey.py --params $(PARAMS) --output output/bench
bench-sem: | $(VENV)/.ready ## time the structural model beside lavaan and semopy → output/bench/sem.json
	@$(PY) bench/sem.py --params $(PARAMS) --output output/bench
lock: | $(VENV)/.ready ## resolve requirements.lock again from pyproject.toml
	@$(PY) -m pip install --quiet uv && $(VENV)/bin/uv pip compile pyproject.toml --extra dev --generate-hashes \
	  --universal --python-version 3.11 --no-annotate --no-header --no-emit-index-url --no-emit-find-links --quiet -o requirements.lock
clean: ## remove everything that was made (output/ and the simulated raw data)
	@rm -rf output $(dir $(wildcard data/raw/*/manifest.json))
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /  make \1\t/' | expand -t 20
	@echo "  Variables: EDITION=$(EDITION) LANGS=\"$(LANGS)\" RENDERER=auto|quarto|embedded PARAMS=$(PARAMS) OUT=$(OUT)"

##@ Set-up: locked packages, static fonts, and Quarto where it can be had
$(VENV)/.ready: requirements.lock pyproject.toml
	@echo "setting up $(VENV) (once; a minute or two)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(PY) -m analysis.publish.book.fonts
	@command -v quarto >/dev/null || $(PY) -m pip install --quiet --disable-pip-version-check 'quarto-cli>=1.9.20,<2' >$(VENV)/quarto.log 2>&1 \
	  || echo "Quarto is not on the PATH and its package can't be had here: the embedded renderer (pandoc + typst) publishes"
	@touch $@

##@ Stamps: one file per section of the params and per data file, touched only when its content changes
STAMP := $(OUT)/params
TABLES := responses population dispositions waves feedback service_log training customers actions frame
SECTIONS := publication languages seed renderer instrument model standards benchmarks data sampling fieldwork cleaning weighting \
            index measurement structural trend disclosure $(addprefix table_,$(TABLES))
$(SECTIONS:%=$(STAMP)/%.json) &: FORCE | $(VENV)/.ready
	@$(RUN).prepare $(ARGS) --renderer $(RENDERER)
stamps = $(patsubst %,$(STAMP)/%.json,$(1))

##@ Intake: every raw table through its contract, with quarantine and counts
TAKEN  := $(TABLES:%=$(OUT)/results/intake/%.json)
taken   = $(patsubst %,$(OUT)/results/intake/%.json,$(1))
CORE   := $(wildcard src/analysis/*.py src/analysis/edition/*.py src/analysis/edition/sections/*.py) src/analysis/pipeline/command.py
$(TAKEN): $(OUT)/results/intake/%.json: $(STAMP)/table_%.json $(call stamps,data instrument standards) $(CORE) $(wildcard src/analysis/data/*.py) | $(VENV)/.ready
	@$(RUN).intake $(ARGS) --table $*

##@ Notebooks: what each one reads
STEPS := 01_sampling 02_fieldwork 03_cleaning 04_weighting 05_satisfaction 06_measurement 07_structural 09_trend
DONE  := $(STEPS:%=$(OUT)/notebooks/%.ipynb)
done   = $(patsubst %,$(OUT)/notebooks/%.ipynb,$(1))
code   = $(wildcard $(patsubst %,src/analysis/%/*.py,$(1)))
ALLCODE := $(shell find src/analysis -name "*.py" -o -name "*.yml")

notebooks: $(DONE)
$(DONE): $(ALLCODE) $(call stamps,instrument languages disclosure)
$(call done,01_sampling): $(call stamps,sampling model seed) $(call taken,population frame)
$(call done,02_fieldwork): $(call stamps,sampling fieldwork index seed) $(call taken,population frame dispositions responses) $(call done,03_cleaning)
$(call done,03_cleaning): $(call stamps,cleaning index) $(call taken,responses)
$(call done,04_weighting): $(call stamps,weighting sampling seed) $(call taken,population dispositions) $(call done,03_cleaning)
$(call done,05_satisfaction): $(call stamps,index) $(call done,03_cleaning 04_weighting)
$(call done,06_measurement): $(call stamps,measurement seed) $(call done,03_cleaning 04_weighting)
$(call done,07_structural): $(call stamps,model structural seed) $(call done,03_cleaning 04_weighting 06_measurement)

$(call done,09_trend): $(call stamps,trend) $(call taken,waves)

# Two targets of one recipe: a notebook whose page for reviewers was deleted runs again.
$(OUT)/notebooks/%.ipynb $(OUT)/notebooks/html/%.html: notebooks/%.ipynb | $(VENV)/.ready
	@$(RUN).execute $(ARGS) --step $*

##@ Publication
PUBLISH := $(ALLCODE)
ASSETS  := $(shell find report/assets report/references.bib -type f 2>/dev/null)
READ    := $(call stamps,publication benchmarks standards measurement structural index trend sampling fieldwork renderer)

$(OUT)/tables/tables.xlsx: $(DONE) $(TAKEN) $(READ) $(PUBLISH)
	@$(RUN).publish $(ARGS)

$(OUT)/report/%/index.html: $(DONE) $(READ) $(PUBLISH) $(ASSETS) $(OUT)/tables/tables.xlsx
	@$(RUN).render $(ARGS) --lang $* --renderer $(RENDERER)
$(OUT)/report/zh/index.html: $(wildcard report/zh/*.qmd report/zh/chapters/*.qmd)
$(OUT)/report/en/index.html: $(wildcard report/en/*.qmd report/en/chapters/*.qmd)

$(OUT)/manifest.json: $(LANGS:%=$(OUT)/report/%/index.html) $(OUT)/tables/tables.xlsx
	@$(RUN).manifest $(ARGS)
