#!/usr/bin/env bash
# Soaks the pools for so many minutes: threads that come and go use pools of several
# kinds in every way; every object bears its owner's token, and every figure must be
# exact whenever all threads have ended (tests/soak). `make test` soaks for seconds.
#
#   ci/soak.sh [MINUTES]          (5; MAGPOOL_SEED=n repeats what threads try to do)
set -euo pipefail
cd "$(dirname "$0")/.."

MAGPOOL_SOAK_SECONDS=$((${1:-5} * 60)) "${CARGO:-cargo}" test --quiet --release --features capi \
    --test soak -- --nocapture
