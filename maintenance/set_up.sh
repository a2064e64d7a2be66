#!/usr/bin/env bash
# Makes an environment hold the pinned packages of requirements/NAME.txt and the program, editable.
#
#   maintenance/set_up.sh run|test|build|bench|mutants|empty [ENVIRONMENT]
#
# "empty" demands nothing of it but a Python. ENVIRONMENT is .venv, unless another is named. PYTHON
# names the interpreter; without it the newest one we test with is taken.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
name=$1
environment=${2:-.venv}

say() { echo "$*" >&2; }

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

makes_environments() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

# The system's own comes first: distributions build with profile data, which makes Python half as
# fast again, and many other builds do not.
find_python() {
    local candidate candidates=${PYTHON:-/usr/bin/python3 python3.13 python3.12 python3.11 python3 python}
    for candidate in $candidates; do
        if is_new_enough "$candidate" && makes_environments "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    for candidate in $candidates; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

make_environment() {
    local python
    if ! python=$(find_python); then
        if [ -z "${PYTHON:-}" ]; then
            maintenance/debian_packages.sh python3 python3-venv || exit
        fi
        if ! python=$(find_python); then
            say "Spendlight needs Python 3.11 or newer, and ${PYTHON:-python3} is missing or older:" \
                "install one, or name it, as in: make PYTHON=/path/to/python3.12 run"
            exit 1
        fi
    fi
    if ! makes_environments "$python"; then
        local version
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        maintenance/debian_packages.sh "python$version-venv" || exit
        if ! makes_environments "$python"; then
            say "$python cannot make environments, for its venv or ensurepip module is missing:" \
                "install them, or name another Python, as in: make PYTHON=/path/to/python3.12 run"
            exit 1
        fi
    fi
    say "Making $environment with $("$python" --version)"
    "$python" -m venv --clear "$environment"
}

if ! is_new_enough "$environment/bin/python" || ! "$environment/bin/python" -m pip --version >/dev/null 2>&1; then
    make_environment
fi

if [ "$name" = empty ]; then
    exit
fi

pip() {
    "$environment/bin/python" -m pip --quiet --no-input --disable-pip-version-check "$@"
}

# PyInstaller takes along Python's library, which Debian keeps apart from Python itself.
if [ "$name" = build ]; then
    library=$("$environment/bin/python" -c 'import sys
if sys.base_prefix == "/usr":
    print("libpython%d.%d" % sys.version_info[:2])')
    if [ -n "$library" ]; then
        maintenance/debian_packages.sh "$library"
    fi
fi

say "Installing requirements/$name.txt"
pip install --require-hashes --only-binary :all: --requirement "requirements/$name.txt"
if ! "$environment/bin/python" packaging/build_reader.py --required >/dev/null; then
    say "No C compiler compiles the native reader: installing requirements/compiler.txt"
    pip install --require-hashes --only-binary :all: --requirement requirements/compiler.txt ||
        say "It cannot be installed; install a compiler later, and the next make will use it"
fi
pip install --no-deps --no-build-isolation --editable .
"$environment/bin/python" packaging/build_reader.py >&2
"$environment/bin/python" -m compileall -q src
touch "$environment/.$name"
