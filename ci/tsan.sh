#!/usr/bin/env bash
# ThreadSanitizer over the Rust tests and the C tests, in both modes of the
# caches. The standard library is built with it too, so that its locks are seen.
# Takes its toolchain from Debian (ci/debian_rust.sh). One report is suppressed, of a crate's
# race that is meant (ci/suppressions/tsan.supp).
#
# The sanitizer understands neither membarrier nor fences. It need not: magazines
# change hands by the Release of `busy`, `token` and `gate` and the Acquire on the
# other side; the barriers decide only who gives way to whom, which is the models'
# to prove. So every report is a bug, in either mode.
#
# usage: ci/tsan.sh [--library]    --library: only build the instrumented library
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}

debian=$(ci/debian_rust.sh --src --sanitizers) || exit
triple=x86_64-unknown-linux-gnu
built=$PWD/target/tsan
TSAN_OPTIONS="external_symbolizer_path=$debian/bin/llvm-symbolizer-22 ${TSAN_OPTIONS:-}"
export TSAN_OPTIONS="suppressions=$PWD/ci/suppressions/tsan.supp $TSAN_OPTIONS"

# RUSTC_BOOTSTRAP: -Z on a stable compiler. rustix_use_libc: system calls through
# libc, where the sanitizer sees that memory was unmapped; otherwise the next pool
# at the same addresses races with the one that is gone.
instrumented() {
    PATH=$debian/bin:$PATH RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$built CARGO_PROFILE_RELEASE_LTO=off \
        RUSTFLAGS="-Zsanitizer=thread -Zexternal-clangrt -Clinker=clang-22 -Clink-arg=-fsanitize=thread --cfg=rustix_use_libc" \
        cargo "$1" --target $triple --package magpool "${@:2}"
}

# Resident memory is mostly the sanitizer's own.
rust_tests() {
    instrumented test --quiet -Zbuild-std --lib --test pool "$@" -- --skip trim_gives_free_pages_back
}

c_tests() {
    CC=$debian/bin/clang-22 CXX=$debian/bin/clang++-22 $cargo run --quiet --package c-tests -- \
        --lib-dir "$built/$triple/release" --shared --sanitize thread "$@"
}

# Were a cache left without ordering, a look at it would race: that must be reported.
planted_bug_is_reported() {
    local tree=$built/planted said
    rm -rf "$tree"
    mkdir -p "$tree"
    tar --create --exclude=./target --exclude=./.git . | tar --extract --directory "$tree"
    sed -i 's/order(Release, Bug::LeaveRelaxed)/Relaxed/' "$tree/src/cache/mod.rs"
    ! cmp --quiet src/cache/mod.rs "$tree/src/cache/mod.rs" || { echo "tsan: nothing was planted"; return 1; }
    # A directory of its own: cargo would take its tests for those of this tree.
    if said=$(cd "$tree" && built=$built/planted-target instrumented test --quiet -Zbuild-std --test pool \
        check_while_threads_run 2>&1) || ! grep --quiet 'ThreadSanitizer: data race' <<<"$said"; then
        printf '%s\ntsan: a Relaxed store in Cache::leave was not reported\n' "$said"
        return 1
    fi
    echo "tsan: a Relaxed store in Cache::leave is reported, as it must"
}

instrumented build --quiet -Zbuild-std=std,panic_abort --release --features capi
[ "${1:-}" != --library ] || exit 0
c_tests
MAGPOOL_NO_MEMBARRIER=1 c_tests --tag fenced
planted_bug_is_reported
rust_tests
MAGPOOL_NO_MEMBARRIER=1 rust_tests
