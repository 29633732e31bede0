#!/usr/bin/env bash
# The chain from pool.h to the library: headers that compile alone, bindings
# (of C and of Dart) that belong to them, the same layout for C and Rust, the names exported; and
# that a change on one side alone does not build.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}

ci/headers.sh
$cargo xtask bindgen --check
$cargo xtask dart-bindings --check
$cargo run --quiet --package abi-check
$cargo xtask symbols --lib "${CARGO_TARGET_DIR:-target}/release/libmagpool.so"
$cargo xtask abi-mutants
