#!/usr/bin/env bash
# The schema compiler's tests, and that the committed output is its output.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}

$cargo test --quiet --package poolgen
ci/generate.sh --check
