# Chain Rule. Two commands do everything: make course, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
# Which build of PyTorch: auto, cpu or cuda. See tools/torch_build.py.
TORCH ?= auto
# The tests to run, for example tests/data; all of them, and the checks of style, without it.
TESTS ?=
# As many processes as cores; one file stays in one process, so that its fixtures are made once.
PYTEST ?= -n auto --dist loadfile
# The tests' data sets lie here and never in a user's cache.
export CHAINRULE_TEST_DATA ?= _build/data
# What is made and tested here sees no settings of Jupyter but the course's own.
OWN := $(BIN)/python tools/own_settings.py
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
.DEFAULT_GOAL := help
.PHONY: help course test test-slow data release book examples serve lint types format clean

# Each target that people call has a line of help behind ##.
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s  %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "make test TESTS=tests/data runs a part, make course TORCH=cpu takes PyTorch without CUDA,"
	@echo "make PYTHON=python3.12 takes another Python, make serve PORT=8001 another port."

# -- environment -------------------------------------------------------------
$(BIN)/python:
	@sh tools/system-packages.sh venv
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "make needs Python 3.11 or newer, for the tested set of the instructors' part; $$($(PYTHON) --version) was found. The students' own package runs with 3.10 to 3.13. Try: make PYTHON=python3.11"; exit 1; }
	@echo "creating the virtual environment $(VENV)"
	@$(PYTHON) -m venv $(VENV)

# Made again when another build is asked for; auto leaves what is there.
$(VENV)/.torch-$(TORCH): constraints.txt | $(BIN)/python
	@$(BIN)/python tools/torch_build.py $(TORCH)
	@rm -f $(VENV)/.torch-* && touch $@

$(VENV)/.course: pyproject.toml grader/pyproject.toml constraints.txt $(VENV)/.torch-$(TORCH)
	@echo "installing the course (some minutes the first time)"
	@$(PIP) -c constraints.txt -e '.[course,torch]' -e ./grader
	@touch $@

$(VENV)/.test: pyproject.toml grader/pyproject.toml constraints.txt $(VENV)/.course
	@echo "installing what the tests need"
	@$(PIP) -c constraints.txt -e '.[course,test]' -e './grader[cluster,postgresql,test]'
	@touch $@

# -- the course ---------------------------------------------------------------
course: $(VENV)/.course ## set up, generate the releases, build the book, grade the examples
	@sh tools/system-packages.sh fashion-mnist
	@$(OWN) $(BIN)/chainrule release
	@$(OWN) $(BIN)/chainrule book
	@$(OWN) $(BIN)/python tools/grade_examples.py
	@echo
	@echo "The book:             _build/html/index.html   (make serve shows it)"
	@echo "Students' notebooks:  release/"
	@echo "Feedback pages:       _build/examples/feedback/"

release: $(VENV)/.course ## generate the students' notebooks in release/
	@$(OWN) $(BIN)/chainrule release

book: $(VENV)/.course ## build the book in _build/html/
	@$(OWN) $(BIN)/chainrule book

examples: $(VENV)/.course ## grade the example submissions in _build/examples/
	@$(OWN) $(BIN)/python tools/grade_examples.py

serve: $(VENV)/.course ## show the built book on http://localhost:8000
	@test -f _build/html/index.html || $(OWN) $(BIN)/chainrule book
	@echo "http://localhost:$(PORT)   (Ctrl+C ends it)"
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

# -- tests --------------------------------------------------------------------
test: $(VENV)/.test data ## set up what tests need, and run them
	@sh tools/system-packages.sh git chromium postgresql
ifeq ($(TESTS),)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(OWN) $(BIN)/chainrule release --check
endif
	@$(BIN)/python -m pytest $(PYTEST) $(TESTS)

test-slow: $(VENV)/.test data ## run the tests that train networks or try many seeds
	@$(BIN)/python -m pytest -m slow $(PYTEST) $(TESTS)

data: $(VENV)/.course ## fetch the whole data sets that tests use, into _build/data/
	@sh tools/system-packages.sh fashion-mnist
	@$(BIN)/chainrule data cifar10 fashion-mnist --cache '$(CHAINRULE_TEST_DATA)' || \
	    echo "The tests that need what could not be had are left out, and the run names them."

lint: $(VENV)/.test types ## look for what breaks the rules of style, and check the types
	@$(BIN)/ruff check .

types: $(VENV)/.test ## check the types of both projects with mypy
	@$(BIN)/mypy

format: $(VENV)/.test ## put the Python files into shape
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean: ## remove what was built, the tests' data sets too
	rm -rf _build .mypy_cache .pytest_cache .ruff_cache
