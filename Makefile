# `make` alone lists the verbs. STUDY=path works on another study folder than this one.
STUDY ?= .
PYTHON ?= python3
VENV := .venv
RUN := HALLAZGO_STARTED_BY=make $(VENV)/bin/python -m pipeline
# Done, with something left out and listed, is not a failure, and neither is Ctrl-C, after which make would add a line of its own.
LEFT_OUT := || { code=$$?; [ $$code -eq 2 ] || [ $$code -eq 130 ] || exit $$code; }
# Problems that the check lists of a study are its result, no failure of make; that there is no study is one.
LISTED = || { code=$$?; [ $$code -eq 1 ] && [ -f "$(STUDY)/config.toml" ] || exit $$code; }
UNTIL_STOPPED := trap : INT;
READY := $(VENV)/.runtime
DEV := $(VENV)/.dev
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.DEFAULT_GOAL := help

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Hallazgo needs Python 3.11 or newer; set PYTHON=path/to/python3")'
	$(PYTHON) -m venv $(VENV)

$(READY): $(VENV)/bin/python requirements.lock
	@echo "Installing packages into $(VENV)/. This happens once and takes a few minutes."
	$(VENV)/bin/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	@touch $(READY)

$(DEV): $(READY) requirements-dev.lock
	$(VENV)/bin/python -m pip install --quiet --no-deps --require-hashes -r requirements-dev.lock
	@touch $(DEV)

### Evaluation teams, in the order of the work (STUDY=path: a study other than the demonstration)

study: $(READY) ## create a new study at STUDY=path; CODEBOOK=empty: with codes of your own
	@$(RUN) study "$(STUDY)" $(if $(CODEBOOK),--codebook "$(CODEBOOK)") $(ARGS)

check-study: $(READY) ## list all problems of the study, and how each file is read; runs nothing
	@$(RUN) check --study "$(STUDY)" $(ARGS) $(LISTED)

analyze: $(READY) ## turn raw/ into evidence tables and the report; only what changed is done again (ARGS=--fresh: everything)
	@$(UNTIL_STOPPED) $(RUN) analyze --study "$(STUDY)" $(ARGS) $(LEFT_OUT)

review: $(READY) ## decide on excerpts in the browser: CODER=name
	$(call needs,CODER,make review CODER=ana)
	@$(UNTIL_STOPPED) $(RUN) review --study "$(STUDY)" --coder "$(CODER)" $(ARGS) $(LEFT_OUT)

review-export: $(READY) ## write a review workbook: CODER=name, and SIZE=50, BLIND=1, SAME_AS=name, AGAIN=1, CONFLICTS=1
	$(call needs,CODER,make review-export CODER=ana)
	@$(RUN) review export --study "$(STUDY)" --coder "$(CODER)" $(if $(SIZE),--size $(SIZE)) $(if $(BLIND),--blind) \
		$(if $(SAME_AS),--same-as "$(SAME_AS)") $(if $(AGAIN),--again) $(if $(CONFLICTS),--conflicts) $(ARGS)

review-import: $(READY) ## read the decisions of filled-in workbooks: FILES="workbook.xlsx ..."
	$(call needs,FILES,make review-import FILES=coded/review/review-ana.xlsx)
	@$(RUN) review import --study "$(STUDY)" $(FILES) $(ARGS) $(LEFT_OUT)

codebook: $(READY) ## change a code, and its decisions with it: ARGS='rename OLD NEW --reason "..."'
	@$(RUN) codebook --study "$(STUDY)" $(ARGS)

import: $(READY) ## read work from elsewhere: FILE=project.qdpx, codebook.qdc, report.docx, or codings.xlsx with CODER=name
	$(call needs,FILE,make import FILE=project.qdpx)
	@$(RUN) import --study "$(STUDY)" "$(FILE)" $(if $(CODER),--coder "$(CODER)") $(ARGS) $(LEFT_OUT)

export: $(READY) ## write the study for other programs: TO=study.qdpx (project), codebook.qdc or quotes.csv (table)
	$(call needs,TO,make export TO=../study.qdpx)
	@$(RUN) export --study "$(STUDY)" "$(TO)" $(ARGS)

agree: $(READY) ## measure how well coders agree with each other and with the machine
	@$(RUN) agree --study "$(STUDY)" $(ARGS)

prevalence: $(READY) ## show what share of the persons speak of each code, by a random sample: CODE=relevance for one
	@$(RUN) prevalence --study "$(STUDY)" $(if $(CODE),"$(CODE)") $(ARGS)

query: $(READY) ## count who says what: QUERY="code:efficiency not code:relevance" BY=gender, AND=criterion to cross, TO=folder for table and figure
	@$(RUN) query --study "$(STUDY)" $(if $(QUERY),'$(QUERY)') $(if $(BY),--by "$(BY)") $(if $(AND),--by "$(AND)") $(if $(TO),--to "$(TO)") $(ARGS)

diff: $(READY) ## show what changed since the run in BEFORE=path, an earlier copy of the study, and why
	$(call needs,BEFORE,make diff BEFORE=../backup/my-study)
	@$(RUN) diff "$(BEFORE)" "$(STUDY)" $(ARGS)

audit: $(READY) ## check every file, quote and link, and count everything again
	@$(RUN) audit --study "$(STUDY)" $(ARGS)

trace: $(READY) ## show the path from ID=finding, excerpt, source, person, ... to the words, and back
	$(call needs,ID,make trace ID=F1)
	@$(RUN) trace --study "$(STUDY)" "$(ID)" $(ARGS)

withdraw: $(READY) ## take the words of PERSON=id out of the study, and analyse what is left (ARGS=--remove: also files in which only this person speaks)
	$(call needs,PERSON,make withdraw PERSON=P012)
	@$(RUN) withdraw --study "$(STUDY)" "$(PERSON)" $(ARGS)

roster: $(READY) ## encrypt NAMES=people.csv as a roster TO=file outside the study; the passphrase is in HALLAZGO_ROSTER
	$(call needs,NAMES,make roster NAMES=people.csv TO=../people.roster)
	@$(RUN) roster "$(NAMES)" "$(TO)" $(ARGS)

release: $(READY) ## write an edition that may leave the team, in outputs/EDITION: EDITION=public or partner
	$(call needs,EDITION,make release EDITION=public)
	@$(RUN) release --study "$(STUDY)" --edition "$(EDITION)" $(ARGS)

evaluate: $(READY) ## measure how good the tagger is: GOLD=file.csv to score against, TRAIN=file.csv to learn from
	@$(RUN) evaluate --study "$(STUDY)" $(if $(GOLD),--gold "$(GOLD)") $(if $(TRAIN),--train "$(TRAIN)") $(ARGS)

notebook: $(DEV) ## run the notebooks on the study and write them into its outputs/
	@study="$$(cd "$(STUDY)" && pwd)" && for name in $(basename $(notdir $(wildcard notebooks/*.ipynb))); do \
		HALLAZGO_STUDY="$$study" $(VENV)/bin/jupyter-execute "notebooks/$$name.ipynb" \
			--output "$$study/outputs/$$name.ipynb" || exit 1; done

### Programmers

test: $(DEV) ## run the tests
	$(VENV)/bin/python -m pytest -n 2 $(ARGS)

check: $(DEV) ## run every check of the code: format, lint, types, layers, tests
	$(VENV)/bin/ruff format --check pipeline tests
	$(VENV)/bin/ruff check pipeline tests
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(MAKE) --no-print-directory test ARGS="$(ARGS)"

coverage: $(DEV) ## run the tests and show the lines and branches that none of them runs; half as slow again as `make test`
	$(MAKE) --no-print-directory test ARGS="--cov --cov-report=term $(ARGS)"

hostile: $(DEV) ## run the tests of hostile cases, and count the cases that hold
	$(VENV)/bin/python -m pytest -n 2 -k case_ $(ARGS)

bench: $(DEV) ## measure time and memory, compared with other libraries: ARGS="rules readers", ARGS="--table docs/performance.csv"
	@$(RUN) bench $(ARGS)

real-data: $(DEV) ## analyse studies of real material (../shared/data) and write docs/real-data.csv
	@PYTHONPATH=. $(VENV)/bin/python tests/support/real_studies.py $(ARGS)

cluster-demo: $(DEV) ## analyse the demonstration on a cluster of two workers, kill one, and compare every byte
	@PYTHONPATH=.:tests/support $(VENV)/bin/python tests/support/dask_cluster.py

docs: $(DEV) ## build the documentation site, links checked, outside the repository: TO=../hallazgo-site
	$(call needs,TO,make docs TO=../hallazgo-site)
	@PYTHONPATH=.:tests/support $(VENV)/bin/python tests/support/site_of_docs.py "$(TO)"

help: ## show this list
	@awk -F':.*## ' '/^### / {print "\n" substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

needs = $(if $($(1)),,$(error $(1) is missing, for example: $(2)))

.PHONY: help docs analyze check test coverage hostile study check-study review review-export review-import codebook import export agree prevalence query diff evaluate audit trace withdraw release roster bench real-data notebook cluster-demo
