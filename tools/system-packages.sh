#!/bin/sh
# Look for the Debian packages that parts of the course use, and install what is
# missing where that is possible (root and apt). What stays missing is named with
# what is left out; this script never fails and never asks.
#
# usage: system-packages.sh NAME ...      (names as in the table below)
set -u

say() { printf '%s\n' "$*"; }

# name | how to see that it is there | Debian packages | what is left out without it
table() {
    cat <<'TABLE'
venv|python3 -c 'import ensurepip, venv'|python3-venv|everything: Python cannot make a virtual environment
git|command -v git|git|the tests that install from a git address
chromium|command -v chromium|chromium|the browser tests
postgresql|ls /usr/lib/postgresql/*/bin/initdb|postgresql|the test of a gradebook in PostgreSQL
fashion-mnist|test -d /usr/share/datasets/fashion-mnist|dataset-fashion-mnist|Fashion-MNIST without a download
TABLE
}

wanted=" $* "
missing=""
while IFS='|' read -r name test packages without; do
    case "$wanted" in *" $name "*) ;; *) continue ;; esac
    sh -c "$test" >/dev/null 2>&1 || missing="$missing $packages"
done <<EOF
$(table)
EOF

if [ -n "$missing" ] && command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    say "installing system packages:$missing"
    log=$(mktemp)
    export DEBIAN_FRONTEND=noninteractive
    { apt-get -qq update && apt-get -qq install -y --no-install-recommends $missing; } \
        >"$log" 2>&1 || { say "apt-get could not install all of them:"; tail -n 3 "$log"; }
    rm -f "$log"
fi

while IFS='|' read -r name test packages without; do
    case "$wanted" in *" $name "*) ;; *) continue ;; esac
    sh -c "$test" >/dev/null 2>&1 ||
        say "missing: $name (as root: apt-get install $packages). Left out without it: $without."
done <<EOF
$(table)
EOF
exit 0
