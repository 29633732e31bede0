#!/usr/bin/env bash
# Counts the instructions of one alloc/free pair, by each way into the library, and holds
# them to a budget. Two runs that differ only in their number of pairs: the difference is
# exact, whatever the machine does meanwhile.
set -euo pipefail
cd "$(dirname "$0")/.."

# Both calls, the shared library's call stubs and the loop of pair.c (a handful); of a
# batch of 64, its share of them.
budgets=(magpool 84 cache 75 inline 68 batch 48)
pairs=128000

command -v valgrind >/dev/null ||
    { echo "callgrind: skipped, valgrind is missing (Debian: apt-get install valgrind)"; exit 77; }
ci/pair_build.sh
bench=${CARGO_TARGET_DIR:-target}/bench

# Prints the instructions of a run of $2 pairs of contender $1.
instructions() {
    valgrind --quiet --tool=callgrind --callgrind-out-file="$bench/callgrind.out" \
        "$bench/pair" --only "$1" --pairs "$2" >/dev/null || return
    sed -nE 's/^(summary|totals): ([0-9]+).*/\2/p' "$bench/callgrind.out" | head -n 1
}

failed=0
for ((at = 0; at < ${#budgets[@]}; at += 2)); do
    way=${budgets[at]}
    single=$(instructions "$way" $pairs)
    double=$(instructions "$way" $((2 * pairs)))
    awk -v way="$way" -v total=$((double - single)) -v pairs=$pairs -v budget="${budgets[at + 1]}" 'BEGIN {
        each = total / pairs
        over = each > budget ? ": over budget" : ""
        printf "callgrind: %-8s %6.2f instructions a pair, budget %d%s\n", way, each, budget, over
        exit each > budget
    }' || failed=1
done
exit $failed
