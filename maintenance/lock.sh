#!/usr/bin/env bash
# Renews requirements/*.txt: the newest versions that pyproject.toml allows, with hashes, for
# every system and Python we support. No address of an index is written into them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

maintenance/set_up.sh empty # what is pinned yet may be too little to install the program
.venv/bin/python -m venv "$work"
"$work/bin/pip" install --quiet --disable-pip-version-check --no-input uv

lock() { # NAME, then what it holds beside the program's dependencies and what it must agree with
    local name=$1
    shift
    compile "$name" "$@" pyproject.toml
}

compile() { # NAME, then what it holds
    local name=$1
    shift
    "$work/bin/uv" pip compile --quiet --no-config --universal --python-version 3.11 \
        --generate-hashes --upgrade --no-annotate --no-emit-index-url --no-emit-find-links \
        --custom-compile-command "make lock" "$@" \
        --output-file "requirements/$name.txt"
}

lock run --group setup
lock test --group setup --group test --group lint --constraints requirements/run.txt
compile compiler --group compiler
lock build --group setup --group build --constraints requirements/run.txt
lock bench --group setup --group test --group bench --constraints requirements/test.txt
lock mutants --group setup --group test --group mutants --constraints requirements/test.txt

if grep -nE '://|^-|@ file|[[:space:]]/' requirements/*.txt; then
    echo "requirements/*.txt must name neither an index nor a path of this machine" >&2
    exit 1
fi
