#!/usr/bin/env bash
# The schema compiler's tests, also of a crate that uses it in its build script, and that the
# committed output is its output. POOLGEN_SCHEMAS=1000 compares that many random layouts.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}

POOLGEN_BUILD_CRATE=1 $cargo test --quiet --package poolgen
ci/generate.sh --check
