#!/usr/bin/env bash
# Gradescope runs this once, as root, while it builds the autograder's image.
# Elsewhere, for a trial: setup.sh SOURCE PYTHON
set -eu
source=${1:-/autograder/source}
python=${2:-/opt/fairmark}
say() { printf 'setup.sh: %s\n' "$*"; }

if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update
    apt-get install -y python3 python3-venv
fi
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    say "$(python3 --version) is too old: choose a base image with Python 3.11 or newer."
    exit 1
fi

# Students' code may read this folder, and needs to. The tests lie elsewhere.
umask 022
python3 -m venv "$python"
pip() { "$python/bin/python" -m pip --disable-pip-version-check --no-input "$@"; }

if grep -q '^torch' "$source/requirements.txt"; then
    # The usual build brings several gigabytes of CUDA, which no autograder needs.
    cpu=https://download.pytorch.org/whl/cpu
    pip install --index-url "$cpu" -c "$source/constraints.txt" torch torchvision ||
        pip install --index-url "$cpu" torch torchvision ||
        say "the build of torch for the CPU could not be had: taking the usual, large one."
fi
if ! pip install -c "$source/constraints.txt" -r "$source/requirements.txt" "$source"/wheels/*.whl; then
    say "NOTE: the tested versions do not go with $(python3 --version): taking newer or older ones."
    pip install -r "$source/requirements.txt" "$source"/wheels/*.whl
fi
"$python/bin/python" -I -c 'import fairmark.gradescope.run, fairmark.execution.session'

# Students' code has no network later: what the checks compare with must be here now.
fetch() {
    name=$1
    shift
    if ! "$@" </dev/null; then
        say "the data set $name could not be had, and the checks need it."
        exit 1
    fi
}
. "$source/environment.sh"
. "$source/data.sh"
say "done."
