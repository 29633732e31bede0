#!/usr/bin/env bash
# Compiles the library for systems that cannot be run here, without linking it:
# Rust's own checks of what `cfg` chooses there. Their standard library is checked
# along, from Debian's sources.
#
# usage: ci/portable_check.sh [TRIPLE...]
set -euo pipefail
cd "$(dirname "$0")/.."

targets=(x86_64-unknown-linux-musl x86_64-unknown-freebsd aarch64-apple-darwin)
[ $# -eq 0 ] || targets=("$@")
target_dir=$(realpath -m "${CARGO_TARGET_DIR:-target}")/portable_check
toolchain=$(ci/debian_rust.sh --src) ||
    { echo "portable_check: skipped, there is no Rust with sources, see ci/debian_rust.sh"; exit 77; }

for triple in "${targets[@]}"; do
    PATH=$toolchain/bin:$PATH RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$target_dir RUSTFLAGS="-D warnings" \
        cargo check --quiet --package magpool --lib --features capi \
        -Zbuild-std=std,panic_abort --target "$triple"
    echo "portable_check: $triple compiles"
done
