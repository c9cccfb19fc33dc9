# The pipeline of an edition: parameters and raw data → notebooks → tables and figures → book → report.
# `make help` lists the commands; every one of them sets up .venv by itself when it is missing.

EDITION  ?= 2025
PARAMS   ?= params/$(EDITION).yml
OUT      ?= output/$(EDITION)
LANGS    ?= $(or $(LANGUAGES),zh en)
RENDERER ?= auto
FORMATS  ?= html pdf
# Of `make grid`: where cells are made, by how many worker processes (0: as many as cores), and which (all of them).
ENGINE   ?= local
WORKERS  ?= 0
ONLY     ?=
PYTHON   ?= $(firstword $(shell command -v python3.11 python3))

VENV := .venv
PY   := $(VENV)/bin/python
# Stages are forked from one process that has imported the libraries and ends with this run of make (WARM=0: each by itself).
RUN   = $(PY) -I -S -E src/analysis/pipeline/warm_client.py analysis.pipeline
LIGHT = $(PY) -m analysis.pipeline
ARGS  = --params $(PARAMS) --output $(OUT)
# Tests of one file run on one core and share what they set up; builds are shared by all (tests/pipeline/conftest.py),
# and what takes longest is begun first (tests/conftest.py).
PYTEST = $(PY) -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

MAKEFLAGS += --no-builtin-rules --no-print-directory
# A make that another started works with the jobs of that one.
ifeq ($(MAKELEVEL)$(filter -j% --jobs%,$(MAKEFLAGS)),0)
# nproc obeys OMP_NUM_THREADS, which is about threads of one process.
MAKEFLAGS += --jobs=$(shell env -u OMP_NUM_THREADS nproc 2>/dev/null || echo 2)
endif
.DELETE_ON_ERROR:
.PRECIOUS: $(OUT)/deps.mk
.SUFFIXES:

# Quarto's package puts its command into .venv. One thread per process: the notebooks run side by side, and sums come out in the same order every time.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export PYTHONHASHSEED := 0
# Memory of up to 1 GiB is used again and not given back: with millions of answers a fifth of the time went into fresh pages (glibc).
export MALLOC_MMAP_THRESHOLD_ := 1073741824
export MALLOC_TRIM_THRESHOLD_ := 1073741824
# What Python has compiled is kept: every process would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE
export PYDEVD_DISABLE_FILE_VALIDATION := 1
export JUPYTER_PLATFORM_DIRS := 1
ifeq ($(MAKELEVEL),0)
export RUN_PID := $(shell echo $$PPID)
endif

.PHONY: new report notebooks instrument data-release label-sample compare test test-quick lint check preview lab bench bench-survey bench-sem bench-sem-models bench-weights bench-forecast bench-coverage bench-scale bench-tabulation bench-intake lock clean help FORCE
.PHONY: grid grid-workers bench-grid
.DEFAULT_GOAL := help

##@ Commands
report: $(OUT)/manifest.json ## run what changed and publish: HTML book, PDF (FORMATS), tables.xlsx, manifest.json
	@echo "→ $(LANGS:%=$(OUT)/report/%/index.html)"
notebooks: ## run the notebooks that what changed depends on
instrument: $(OUT)/instrument/xlsform.xlsx ## the questionnaire: an XLSForm for ODK or Kobo and a PDF to print → output/2025/instrument/
	@echo "→ $(OUT)/instrument/"
data-release: $(OUT)/data-release/report.json ## a public-use file of the answers: sav, parquet, csv, codebook, DDI metadata → output/2025/data-release/
	@echo "→ $(OUT)/data-release/"
compare: | $(VENV)/.ready ## what moved between two editions: make compare A=2024 B=2025 → output/compare/2024-2025/tables/
	@for edition in $(A) $(B); do test -e output/$$edition/results/05_satisfaction/scores.parquet || \
	  $(MAKE) PARAMS=params/$$edition.yml OUT=output/$$edition output/$$edition/notebooks/05_satisfaction.ipynb || exit 1; done
	@$(LIGHT).compare --params params/$(B).yml --output output/compare/$(A)-$(B) --before output/$(A) --now output/$(B)
label-sample: $(OUT)/notebooks/10_feedback.ipynb ## a sheet of comments to label by hand → output/2025/labels/sample.xlsx
	@$(LIGHT).label_sample $(ARGS)
test: | $(VENV)/.ready ## all tests, on all cores
	@$(PYTEST)
test-quick: | $(VENV)/.ready ## all tests but those that need a build or a browser, or simulate hundreds of samples
	@$(PYTEST) -m 'not build and not browser and not simulation'
lint: | $(VENV)/.ready ## ruff, mypy (strict on src/), notebooks without outputs
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/nbstripout --verify notebooks/*.ipynb
check: | $(VENV)/.ready ## validate params and data, report all problems at once, run nothing
	@$(LIGHT).check $(ARGS)
preview: report ## publish, then serve the pages on localhost
	@echo "http://localhost:8000/$(firstword $(LANGS))/index.html" && $(PY) -m http.server 8000 --bind 127.0.0.1 --directory $(OUT)/report
new: | $(VENV)/.ready ## draft params and instrument of EDITION from a data file: make new EDITION=mysurvey FROM=export.xlsx
	@$(LIGHT).new $(ARGS) --source '$(subst ','\'',$(FROM))'
grid: | $(VENV)/.ready ## publish all cells of params/grids/GRID.yml and an index of them; ENGINE=local|tcp://scheduler:8786
	@$(PY) -m analysis.grid --grid "$(GRID)" --engine "$(ENGINE)" --workers $(WORKERS) --renderer $(RENDERER) --only "$(ONLY)"
grid-workers: | $(VENV)/.ready ## a scheduler and WORKERS workers (2) on this machine, for ENGINE=tcp://127.0.0.1:8786
	@$(PY) -m analysis.grid.cluster --workers $(or $(filter-out 0,$(WORKERS)),2)
lab: | $(VENV)/.ready ## open the notebooks in JupyterLab
	@$(VENV)/bin/jupyter lab --notebook-dir=.
bench: | $(VENV)/.ready ## time a cold run, nothing to do, a changed word, horizon, param of all service steps and of one → output/bench/report.json
	@$(PY) -m bench.report --params $(PARAMS) --output output/bench
bench-survey: | $(VENV)/.ready ## time weighting and estimation on a million rows, beside R survey → output/bench/survey.json
	@$(PY) -m bench.survey --params $(PARAMS) --output output/bench
bench-sem: | $(VENV)/.ready ## time the structural model beside lavaan and semopy → output/bench/sem.json
	@$(PY) -m bench.sem --params $(PARAMS) --output output/bench
bench-sem-models: | $(VENV)/.ready ## random structural models beside lavaan: agree, fail, differ → output/bench/sem_models.json
	@$(PY) -m bench.sem_models --params $(PARAMS) --output output/bench
bench-weights: | $(VENV)/.ready ## how often intervals of an index with weights from the sample hold the truth → output/bench/weights.json
	@$(PY) -m bench.weights --params $(PARAMS) --output output/bench
bench-forecast: | $(VENV)/.ready ## how often the forecast's interval holds what comes, on simulated series → output/bench/forecast.json
	@$(PY) -m bench.forecast --params $(PARAMS) --output output/bench
bench-coverage: | $(VENV)/.ready ## how often intervals of the service side hold what was planted, over 200 small editions → output/bench/coverage.json
	@$(PY) -m bench.coverage --params $(PARAMS) --output output/bench
bench-scale: | $(VENV)/.ready ## time all notebooks with 60,000 and 1,000,000 simulated responses → output/bench/scale.json
	@$(PY) -m bench.scale --params $(PARAMS) --output output/bench
bench-grid: | $(VENV)/.ready ## 60 small editions as a grid: seconds a cell, cost of scheduling, 64 workers simulated → output/bench/grid.json
	@$(PY) -m bench.grid --output output/bench
bench-tabulation: | $(VENV)/.ready ## time 200 questions by 40 columns of 100,000 interviews → output/bench/tabulation.json
	@$(PY) -m bench.tabulation --params $(PARAMS) --output output/bench
bench-intake: | $(VENV)/.ready ## time the intake of a million rows of 60 columns, csv and Parquet → output/bench/intake.json
	@$(PY) -m bench.intake --params $(PARAMS) --output output/bench
lock: | $(VENV)/.ready ## resolve requirements.lock again from pyproject.toml
	@$(PY) -m pip install --quiet uv && $(VENV)/bin/uv pip compile pyproject.toml --extra dev --generate-hashes \
	  --universal --python-version 3.11 --no-annotate --no-header --no-emit-index-url --no-emit-find-links --quiet -o requirements.lock
clean: ## remove everything that was made (output/ and the simulated raw data)
	@rm -rf output $(dir $(wildcard data/raw/*/manifest.json)) $(wildcard data/raw/.*.lock)
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /  make \1\t/' | expand -t 20
	@echo "  Variables: EDITION=$(EDITION) LANGS=\"$(LANGS)\" RENDERER=auto|quarto|embedded FORMATS=\"html pdf docx pptx\" PARAMS=$(PARAMS) OUT=$(OUT)"

##@ Set-up: locked packages, static fonts, and Quarto where it can be had
$(VENV)/.ready: requirements.lock pyproject.toml
	@echo "setting up $(VENV) (once; a minute or two)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(PY) -m analysis.publish.figures.fonts
	@command -v quarto >/dev/null || $(PY) -m pip install --quiet --disable-pip-version-check 'quarto-cli>=1.9.20,<2' >$(VENV)/quarto.log 2>&1 \
	  || echo "Quarto is not on the PATH and its package can't be had here: the embedded renderer (pandoc + typst) publishes"
	@touch $@

##@ What is made from what: derived from the source of notebooks and modules, never typed (analysis.pipeline.deps)
# deps.mk names LANGUAGES, STEPS, TABLES and SECTIONS, gives every notebook its prerequisites, and CODE_<stage> to the other stages.
STAMP   := $(OUT)/params
# A folder is newer when a file came or went: what words.yml says changes no prerequisite, that it is there does.
SOURCES := $(shell find src/analysis -name __pycache__ -prune -o -type d -print -o -name '*.py' -print) $(wildcard notebooks/[0-9]*.ipynb)
$(OUT)/deps.mk: $(SOURCES) $(wildcard $(PARAMS)) | $(VENV)/.ready
	@$(LIGHT).deps $(ARGS)
# Written with deps.mk, and only when it changed; where it is gone both are made again.
$(OUT)/deps.json: ;
$(if $(wildcard $(OUT)/deps.json),,$(shell rm -f $(OUT)/deps.mk))

# Commands that need none of it start at once.
PLAIN := help grid grid-workers bench-grid new compare lint test test-quick check lab lock clean bench bench-survey bench-sem bench-sem-models bench-weights bench-forecast bench-coverage bench-scale bench-tabulation bench-intake $(VENV)/.ready
ifneq ($(filter-out $(PLAIN),$(or $(MAKECMDGOALS),help)),)
include $(OUT)/deps.mk
-include $(wildcard $(OUT)/made/*.mk)

# Whatever is dated in the future would never look old: it is named, and products among it are made again.
FUTURE := $(shell find Makefile src notebooks report params $(OUT) -type f -newermt '1 minute' 2>/dev/null)
$(if $(FUTURE),$(warning dated in the future and not trusted: $(FUTURE)))

# made/<stage>.mk lists what a stage made; a stage that misses one of its products runs again.
stage-products = $(addprefix $(OUT)/,$(MADE_$(1)))
stale = $(filter-out $(wildcard $(stage-products)),$(stage-products))$(filter $(FUTURE),$(stage-products))
again = $(if $(strip $(stale)),FORCE)

##@ Stamps: one file per section of the params and per data file, touched only when its content changes
STAMPS := $(SECTIONS:%=$(STAMP)/%.json) $(STAMP)/renderer.json
# The + lets `make -n` write the stamps too (without simulating): only then it can tell what would run.
DRY    := $(if $(findstring n,$(filter-out -%,$(firstword $(MAKEFLAGS)))),yes,no)
$(STAMPS) $(STAMP)/formats.json $(TABLES:%=$(STAMP)/table_%.json) &: FORCE | $(VENV)/.ready
	+@$(LIGHT).prepare $(ARGS) --renderer $(RENDERER) --langs "$(LANGS)" --formats "$(FORMATS)" --dry $(DRY)

##@ Intake: every raw table through its contract, with quarantine and counts
TAKEN := $(TABLES:%=$(OUT)/results/intake/%.json)
$(TAKEN): $(OUT)/results/intake/%.json: $(STAMP)/table_%.json $(CODE_intake) | $(VENV)/.ready
	@$(RUN).intake $(ARGS) --table $*
$(foreach table,$(TABLES),$(eval $(OUT)/results/intake/$(table).json: $(call again,$(table))))

##@ Notebooks
DONE := $(STEPS:%=$(OUT)/notebooks/%.ipynb)
notebooks: $(DONE)
$(DONE): $(OUT)/notebooks/%.ipynb: | $(VENV)/.ready
	@$(RUN).execute $(ARGS) --step $*
$(foreach step,$(STEPS),$(eval $(OUT)/notebooks/$(step).ipynb: $(call again,$(step))))

# The edition before, as far as its index: made only where its results are not there, built or as an archive.
ifneq ($(PREDECESSOR),)
INDEX_BEFORE := $(BEFORE)/results/05_satisfaction/scores.parquet
$(OUT)/notebooks/17_moved.ipynb: $(INDEX_BEFORE)
$(INDEX_BEFORE):
	+@$(LIGHT).before $@ $(MAKE) PARAMS=$(PREDECESSOR) OUT=$(BEFORE) $(BEFORE)/notebooks/05_satisfaction.ipynb
endif

##@ Publication: what passes disclosure, then one book per language
RELEASED := $(OUT)/results/disclosed/tables.json
$(RELEASED): $(DONE) $(TAKEN) $(STAMPS) $(CODE_release) $(OUT)/deps.json $(call again,release)
	@$(RUN).release $(ARGS)

PAGES  := $(STEPS:%=$(OUT)/results/pages/%.html)
$(PAGES) &: $(STEPS:%=notebooks/%.ipynb) $(CODE_pages) $(call again,pages) | $(VENV)/.ready $(firstword $(STAMPS))
	@$(RUN).pages $(ARGS)

# The figures of a language are drawn while the workbook, which goes out with every book, is written.
DRAWN  := $(LANGS:%=$(OUT)/figures/%.json)
$(DRAWN): $(OUT)/figures/%.json: $(RELEASED) $(PAGES) $(CODE_draw)
	@$(RUN).draw $(ARGS) --lang $*
$(foreach lang,$(LANGS),$(eval $(OUT)/figures/$(lang).json: $(call again,figures_$(lang))))

BOOKS  := $(LANGS:%=$(OUT)/report/%/index.html)
ASSETS := $(shell find report/assets report/references.bib -type f 2>/dev/null)
$(BOOKS): $(OUT)/report/%/index.html: $(OUT)/figures/%.json $(OUT)/tables/tables.xlsx $(RELEASED) $(STAMP)/formats.json $(CODE_render) $(ASSETS)
	@$(RUN).render $(ARGS) --lang $* --langs "$(LANGS)" --renderer $(RENDERER) --formats "$(FORMATS)"
OWN    := report/overlays/$(basename $(notdir $(PARAMS)))
$(foreach lang,$(LANGS),$(eval $(OUT)/report/$(lang)/index.html: $(shell find report/$(lang) -name '*.qmd') $(shell find $(OWN)/$(lang) 2>/dev/null) $(call again,$(lang))))

$(OUT)/tables/tables.xlsx: $(RELEASED) $(CODE_workbook) $(call again,workbook)
	@$(RUN).workbook $(ARGS)

##@ Besides the report: the questionnaire, and the answers as a public-use file
$(OUT)/instrument/xlsform.xlsx: $(READS_instrument) $(CODE_instrument) $(call again,instrument)
	@$(RUN).instrument $(ARGS)
$(OUT)/data-release/report.json: $(RELEASED) $(READS_data_release) $(CODE_data_release) $(call again,data_release)
	@$(RUN).data_release $(ARGS)

$(OUT)/manifest.json: $(BOOKS) $(OUT)/tables/tables.xlsx
	@$(RUN).manifest $(ARGS)
endif
