#!/usr/bin/env bash
# The tests of all members, and of the pool as the C library is built.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}

$cargo test --quiet --workspace
$cargo test --quiet --package magpool --features capi
