#!/usr/bin/env bash
# The tests of all members, and of the pool as the C library is built.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}

$cargo test --quiet --workspace
$cargo test --quiet --package magpool --features capi
# Where the system has no membarrier, caches take their fenced path.
MAGPOOL_NO_MEMBARRIER=1 $cargo test --quiet --package magpool --lib --test pool --test soak

# What other machines get: thread-locals that stable Rust can declare.
RUSTFLAGS="--cfg magpool_portable" CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/portable" \
    $cargo test --quiet --package magpool --lib --test pool --test soak
