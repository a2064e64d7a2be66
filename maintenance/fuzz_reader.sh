#!/usr/bin/env bash
# Lets AFL++ look for what makes the native reader crash, or come to two results for one log.
#
#   maintenance/fuzz_reader.sh [SECONDS] [FOLDER]
#
# An hour, unless SECONDS says otherwise; what is found lies in FOLDER, build/fuzz unless another is
# named. Needs Debian's packages afl++ and clang. The seeds are made by tests/native_reader/seeds.py.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-3600}
folder=${2:-build/fuzz}
sources=src/native_reader

mkdir -p "$folder/seeds"
.venv/bin/python -m tests.native_reader.seeds "$folder/seeds"

build() { # COMPILER, then its flags; into $folder/$name
    local name=$1 compiler=$2
    shift 2
    local objects=$folder/$name.objects
    mkdir -p "$objects"
    local flags=(-std=gnu11 -g -O1 -I "$sources" "$@")
    for part in rows circumstances pack runs; do
        "$compiler" "${flags[@]}" -c "$sources/$part.c" -o "$objects/$part.o"
    done
    "$compiler" "${flags[@]}" -c "$sources/lines_plain.c" -o "$objects/lines_plain.o"
    "$compiler" "${flags[@]}" -U__SSE2__ -Dlines_plain=lines_scalar \
        -c "$sources/lines_plain.c" -o "$objects/lines_scalar.o"
    if [ "$(uname -m)" = x86_64 ]; then
        "$compiler" "${flags[@]}" -mavx2 -c "$sources/lines_avx2.c" -o "$objects/lines_avx2.o"
        flags+=(-DLINES_AVX2)
    fi
    "$compiler" "${flags[@]}" "$objects"/*.o tests/native_reader/fuzzer.c -o "$folder/$name"
}

export AFL_USE_ASAN=1 AFL_USE_UBSAN=1 AFL_QUIET=1 AFL_NO_UI=1
build fuzzer afl-clang-fast -fsanitize=fuzzer
export AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1
nice -n 19 afl-fuzz -i "$folder/seeds" -o "$folder/found" -x tests/native_reader/words.dict \
    -V "$seconds" -t 1000 -m none -- "$folder/fuzzer"
