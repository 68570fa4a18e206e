# Chain Rule. Two commands do everything: make course, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
# As many processes as cores; one file stays in one process, so that its fixtures are made once.
PYTEST ?= -n auto --dist loadfile
.DEFAULT_GOAL := help
.PHONY: help course test test-slow release book examples serve lint format clean

help:
	@echo "make course   set up, generate the releases, build the book, grade the examples"
	@echo "make test     set up what tests need, and run them"
	@echo "make serve    show the built book on http://localhost:$(PORT)"
	@echo
	@echo "also: make release | book | examples | test-slow | lint | format | clean"

# -- environment -------------------------------------------------------------
$(BIN)/python:
	@sh scripts/system-packages.sh venv
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Python 3.11 or newer is needed; $$($(PYTHON) --version) was found. Try: make PYTHON=python3.11"; exit 1; }
	@echo "creating the virtual environment $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.course: pyproject.toml grader/pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing the course (some minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[course,torch]' -e ./grader
	@touch $@

$(VENV)/.test: pyproject.toml grader/pyproject.toml constraints.txt $(VENV)/.course
	@echo "installing what the tests need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[course,test]' -e './grader[cluster,postgresql]'
	@touch $@

# -- the course ---------------------------------------------------------------
course: $(VENV)/.course
	@sh scripts/system-packages.sh fashion-mnist
	@$(BIN)/chainrule release
	@$(BIN)/chainrule book
	@$(BIN)/python tools/grade_examples.py
	@echo
	@echo "The book:             _build/html/index.html   (make serve shows it)"
	@echo "Students' notebooks:  release/"
	@echo "Feedback pages:       _build/examples/feedback/"

release: $(VENV)/.course
	@$(BIN)/chainrule release

book: $(VENV)/.course
	@$(BIN)/chainrule book

examples: $(VENV)/.course
	@$(BIN)/python tools/grade_examples.py

serve: $(VENV)/.course
	@test -f _build/html/index.html || $(BIN)/chainrule book
	@echo "http://localhost:$(PORT)   (Ctrl+C ends it)"
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

# -- tests --------------------------------------------------------------------
test: $(VENV)/.test
	@sh scripts/system-packages.sh git chromium postgresql fashion-mnist
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/chainrule release --check
	@$(BIN)/python -m pytest $(PYTEST)

test-slow: $(VENV)/.test
	@$(BIN)/python -m pytest -m slow $(PYTEST)

lint: $(VENV)/.test
	@$(BIN)/ruff check .

format: $(VENV)/.test
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean:
	rm -rf _build .pytest_cache .ruff_cache
