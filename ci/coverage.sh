#!/usr/bin/env bash
# Which lines of src/ the Rust tests and the C tests run, together: a table, and
# the lines that neither runs. Everything is in target/coverage/ afterwards.
# docs/coverage.md says why each of the latter is not run. Takes the tools of
# LLVM from Debian (ci/debian_rust.sh).
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}

debian=$(ci/debian_rust.sh --sanitizers) || exit
out=$PWD/target/coverage
rm -rf "$out/raw"
mkdir -p "$out/raw"

# Written as counts change (%c), so that processes that end by _exit or a signal
# count as well; merged by program (%m).
export LLVM_PROFILE_FILE=$out/raw/%c%m.profraw
counting() {
    CARGO_PROFILE_DEV_OPT_LEVEL=1 RUSTFLAGS="-Cinstrument-coverage -Cllvm-args=-runtime-counter-relocation" CARGO_TARGET_DIR=$out/build $cargo "$@"
}
# Builds the test programs and prints their paths.
programs() {
    counting test --quiet --package magpool --lib --test pool --no-run --message-format=json-render-diagnostics "$@" |
        sed -nE 's/.*"executable":"([^"]+)".*/\1/p'
}

$cargo build --quiet --package c-tests
counting build --quiet --package magpool --features capi
objects=("$out/build/debug/libmagpool.so")
for features in "" "--features=capi"; do
    paths=$(programs $features)
    for program in $paths; do
        "$program" --quiet
        objects+=("$program")
        [ -n "$features" ] || MAGPOOL_NO_MEMBARRIER=1 "$program" --quiet
    done
done
# Fewer rounds, except where that leaves the test out.
c_tests() {
    $cargo run --quiet --package c-tests -- --lib-dir "$out/build/debug" --shared --tag coverage "$@"
}
c_tests --slow 5
c_tests oom

"$debian/bin/llvm-profdata-22" merge -sparse "$out"/raw/*.profraw -o "$out/merged.profdata"
# $1: what to make of it.
llvm_cov() {
    "$debian/bin/llvm-cov-22" "$@" --instr-profile "$out/merged.profdata" \
        "${objects[@]/#/--object=}" --ignore-filename-regex='/tests\.rs$|\.g\.rs$|/tests/|/\.cargo/|/rustc/'
}
llvm_cov export --format=lcov >"$out/lcov.info"
llvm_cov report --show-functions=0 --show-region-summary=0 --show-branch-summary=0 >"$out/report.txt"

# Runs of lines that were not run: file, first-last.
awk -F '[:,]' -v root="$PWD/" '
    function flush() { if (first) print file ":" first (last > first ? "-" last : ""); first = 0 }
    $1 == "SF" { flush(); file = substr($2, length(root) + 1) }
    $1 == "DA" && $3 == 0 { if (!first || $2 > last + 1) { flush(); first = $2 } last = $2 }
    $1 == "DA" && $3 > 0 { flush() }
    END { flush() }' "$out/lcov.info" >"$out/uncovered.txt"

sed 's/^Filename/File    /' "$out/report.txt"
echo
while IFS=: read -r file lines; do
    echo "$file:$lines"
    sed -n "$(tr - , <<<"$lines")p" "$file"
done <"$out/uncovered.txt" | tee "$out/uncovered_lines.txt"
