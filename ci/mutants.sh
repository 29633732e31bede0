#!/usr/bin/env bash
# Mutation testing of cache, depot and slab (.cargo/mutants.toml): each mutant must be
# caught by a test or run out of time, or stand in ci/mutants_known.txt with the reason.
# An hour or two; arguments go to cargo-mutants (say: -f src/slab.rs).
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}
$cargo mutants --version >/dev/null 2>&1 || {
    echo "mutants: needs cargo-mutants: cargo install cargo-mutants --locked" >&2
    exit 77
}
out="${CARGO_TARGET_DIR:-target}/mutants"
mkdir -p "$out"
status=0
$cargo mutants -j1 --no-shuffle --output "$out" "$@" || status=$?
# 2: some were missed; 3: some timed out, which is how a mutant of a lock-free protocol
# is caught.
case $status in 0 | 2 | 3) ;; *) exit $status ;; esac

# Lines and columns move; file and mutation name a mutant well enough.
missed=$(sed -E 's/:[0-9]+:[0-9]+:/:/' "$out/mutants.out/missed.txt")
known=$(sed -E '/^#/d; s/ #.*//' ci/mutants_known.txt)
unknown=$(grep -vxF -f <(printf '%s\n' "$known") <<<"$missed" | sed '/^$/d' || true)
[ -z "$unknown" ] || {
    printf 'mutants: missed, and not in ci/mutants_known.txt:\n%s\n' "$unknown" >&2
    exit 1
}
