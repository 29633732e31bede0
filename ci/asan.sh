#!/usr/bin/env bash
# AddressSanitizer with leak detection over the Rust tests; with the
# undefined-behaviour sanitizer over the C tests, against the library as users
# have it and, which finds the library's own mistakes, one that is instrumented.
#
# usage: ci/asan.sh [--library]    --library: only build the instrumented library
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}

# A nightly compiler, or a stable one told to behave like it.
if rustc +nightly --version >/dev/null 2>&1; then
    unstable=(env RUSTUP_TOOLCHAIN=nightly)
else
    unstable=(env RUSTC_BOOTSTRAP=1)
fi
triple=$("${unstable[@]}" rustc -vV | sed -n 's/^host: //p')
compgen -G "$("${unstable[@]}" rustc --print sysroot)/lib/rustlib/$triple/lib/librustc-*_rt.asan.a" >/dev/null ||
    { echo "asan: skipped, this Rust has no sanitizers (rustup toolchain install nightly)"; exit 77; }
built=$PWD/target/asan

# rustix_use_libc: system calls through libc, where the sanitizer sees them.
instrumented() {
    RUSTFLAGS="-Zsanitizer=address --cfg=rustix_use_libc" CARGO_TARGET_DIR=$built \
        "${unstable[@]}" cargo "$1" --target "$triple" --package magpool "${@:2}"
}

c_tests() { $cargo run --quiet --package c-tests -- --sanitize address,undefined "$@"; }

instrumented build --quiet --release --features capi
[ "${1:-}" != --library ] || exit 0
instrumented test --quiet --lib --test pool
MAGPOOL_NO_MEMBARRIER=1 instrumented test --quiet --lib --test pool

$cargo build --quiet --release --features capi
c_tests --lib-dir "${CARGO_TARGET_DIR:-target}/release"
# The calls into libc that rustix_use_libc brings are cancellation points.
export CHECK_SKIP=calls_of_a_cancelled_thread_run_to_their_end
c_tests --lib-dir "$built/$triple/release" --tag instrumented
MAGPOOL_NO_MEMBARRIER=1 c_tests --lib-dir "$built/$triple/release" --tag fenced --shared
