#!/usr/bin/env bash
# Soaks the pools for so many minutes: threads that come and go use pools of several
# kinds in every way; every object bears its owner's token, and every figure must be
# exact whenever all threads have ended (tests/soak). `make test` soaks for seconds.
#
#   ci/soak.sh [MINUTES]          (5; MAGPOOL_SEED=n repeats what threads try to do)
set -euo pipefail
cd "$(dirname "$0")/.."

minutes=${1:-5}
[[ $minutes =~ ^[1-9][0-9]{0,5}$ ]] || { echo "soak: $minutes: not a number of minutes" >&2; exit 2; }
MAGPOOL_SOAK_SECONDS=$((minutes * 60)) "${CARGO:-cargo}" test --quiet --release --features capi \
    --test soak -- --nocapture
