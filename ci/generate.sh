#!/usr/bin/env bash
# Writes the generated files that are committed; with --check, compares them
# with what would be written. The bindings' check is in ci/abi.sh: it alone
# needs libclang.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}

poolgen() {
    $cargo run --quiet --package poolgen -- "$@" \
        --c-out include/generated --rust-out src/generated --dart-out dart/lib/src/generated \
        --c-probe-out c_tests/generated --rust-probe-out codegen/tests/generated \
        --dart-probe-out dart/test/generated proto/concurrent.proto
    $cargo run --quiet --package poolgen -- "$@" \
        --dart-out dart/example dart/example/sensors.proto
}

case ${1:-} in
    "") $cargo xtask bindgen; $cargo xtask dart-bindings; $cargo xtask symbols --write; poolgen ;;
    --check) poolgen --check ;;
    *) echo "usage: ci/generate.sh [--check]" >&2; exit 2 ;;
esac
