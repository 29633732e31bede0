#!/usr/bin/env bash
# Counts the instructions of one alloc/free pair and holds them to a budget.
# Two runs that differ only in their number of pairs: the difference is exact,
# whatever the machine does meanwhile.
set -euo pipefail
cd "$(dirname "$0")/.."

# Both calls, the shared library's call stubs and the loop of pair.c (a handful).
budget=84
pairs=100000

command -v valgrind >/dev/null ||
    { echo "callgrind: skipped, valgrind is missing (Debian: apt-get install valgrind)"; exit 77; }
ci/pair_build.sh
bench=${CARGO_TARGET_DIR:-target}/bench

# Prints the instructions of a run of $1 pairs.
instructions() {
    valgrind --quiet --tool=callgrind --callgrind-out-file="$bench/callgrind.out" \
        "$bench/pair" --only magpool --pairs "$1" >/dev/null || return
    sed -nE 's/^(summary|totals): ([0-9]+).*/\2/p' "$bench/callgrind.out" | head -n 1
}

single=$(instructions $pairs)
double=$(instructions $((2 * pairs)))
awk -v total=$((double - single)) -v pairs=$pairs -v budget=$budget 'BEGIN {
    each = total / pairs
    over = each > budget ? ": over budget" : ""
    printf "callgrind: %.2f instructions a pair, budget %d%s\n", each, budget, over
    exit each > budget
}'
