#!/usr/bin/env bash
# Formatting (of Dart, too, where its formatter can be had), clippy, rustdoc, shell syntax and the project's own rules.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}

for component in fmt clippy; do
    $cargo $component --version >/dev/null 2>&1 ||
        { echo "lint: cargo $component is missing: rustup component add rustfmt clippy" >&2; exit 1; }
done
$cargo fmt --all --check
$cargo clippy --quiet --workspace --all-targets -- -D warnings
$cargo clippy --quiet --package magpool --all-targets --features capi -- -D warnings
RUSTDOCFLAGS="-D warnings" $cargo doc --quiet --workspace --no-deps --document-private-items
for script in ci/*.sh .ci/run; do bash -n "$script"; done
$cargo xtask lint
ci/dart_format.sh --check || [ $? -eq 77 ]
