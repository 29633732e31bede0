#!/usr/bin/env bash
# Writes the generated files that are committed; with --check, compares them
# with what would be written. The bindings' check is in ci/abi.sh: it alone
# needs libclang.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}

poolgen() { $cargo run --quiet --package poolgen -- "$@"; }

case ${1:-} in
    "") $cargo xtask bindgen; $cargo xtask symbols --write; poolgen proto/concurrent.proto ;;
    --check) poolgen --check proto/concurrent.proto ;;
    *) echo "usage: ci/generate.sh [--check]" >&2; exit 2 ;;
esac
