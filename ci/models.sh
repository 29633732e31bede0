#!/usr/bin/env bash
# The pool under model checkers (src/pool/models): loom explores small programs in every
# order that few preemptions and weak memory allow, shuttle runs longer ones in random
# orders; and each planted fault must be found. Prints what was explored.
#   ci/models.sh [--long] [NAME]   more preemptions and schedules; only models whose
#                                  names contain NAME
# Shuttle's schedules follow from MAGPOOL_SEED, which is printed.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}
target=${CARGO_TARGET_DIR:-target}

form=short
if [ "${1:-}" = --long ]; then
    form=long
    shift
    export MAGPOOL_MODELS_LONG=1
fi
name=models::${1:-}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
MAGPOOL_SEED=${MAGPOOL_SEED:-$((RANDOM * 32768 + RANDOM))}
export MAGPOOL_SEED

for checker in loom shuttle; do
    echo "models: $checker, the $form form, MAGPOOL_SEED=$MAGPOOL_SEED"
    if ! RUSTFLAGS="${RUSTFLAGS:-} --cfg $checker" CARGO_TARGET_DIR="$target/$checker" \
        $cargo test --quiet --package magpool --lib --profile models -- "$name" --show-output \
        >"$log" 2>&1; then
        cat "$log"
        echo "models: FAILED under $checker; MAGPOOL_SEED=$MAGPOOL_SEED" >&2
        exit 1
    fi
    sed -nE 's/^(model|planted) /    &/p' "$log" | sort
    grep '^test result' "$log"
done
