#!/usr/bin/env bash
# The C tests against the shared and the static library, plain and with the
# address and undefined-behaviour sanitizers.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}
libraries=${CARGO_TARGET_DIR:-target}/release

c_tests() { $cargo run --quiet --package c-tests -- --lib-dir "$libraries" "$@"; }

c_tests --shared
c_tests --static
c_tests --shared --sanitize address,undefined
