#!/usr/bin/env bash
# Fuzzes the C ABI (fuzz/abi.c), valid calls and invalid ones, on several threads; and the wire
# format (fuzz/wire.c), for a quarter of the time.
#
#   ci/fuzz.sh --short            the committed corpus and some seconds of drawn inputs;
#                                 needs only a C compiler (FUZZ_SECONDS, MAGPOOL_SEED);
#                                 also meant by MAGPOOL_SHORT=1 without arguments
#   ci/fuzz.sh [SECONDS]          (600) libFuzzer, with coverage of the library itself;
#                                 new finds go to target/fuzz/corpus
#   ci/fuzz.sh --merge            makes fuzz/corpus anew of all that was found, minimised
set -euo pipefail
cd "$(dirname "$0")/.."

cargo=${CARGO:-cargo}
built=${CARGO_TARGET_DIR:-target}
out=$built/fuzz
sources=(fuzz/abi.c fuzz/crew.c fuzz/lives.c fuzz/looks.c fuzz/model.c fuzz/objects.c
    fuzz/storm.c fuzz/waits.c)
flags=(-std=c11 -O1 -g -Wall -Wextra -pedantic -Werror -Iinclude -Iinclude/generated
    -Icodegen/tests/golden/keep -Icodegen/tests/golden/kinds -Icodegen/tests/golden/old -Icodegen/tests/golden/rich -pthread)
libraries=(-lpthread -ldl -lm)
mkdir -p "$out/corpus" "$out/wire_corpus" "$out/finds"

# Whether a compiler has the sanitizers that are named.
has_sanitizer() {
    echo 'int main(void) { return 0; }' |
        "$1" "-fsanitize=$2" -x c - -o "$out/probe" 2>/dev/null && "$out/probe"
}

short_run() {
    local cc=${CC:-cc} sanitize=()
    [ -f "$built/release/libmagpool.a" ] || { echo "fuzz: no library: run make build" >&2; exit 1; }
    if has_sanitizer "$cc" address,undefined; then
        sanitize=(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    fi
    "$cc" "${flags[@]}" ${sanitize[@]+"${sanitize[@]}"} "${sources[@]}" fuzz/replay.c \
        "$built/release/libmagpool.a" "${libraries[@]}" -o "$out/replay"
    "$out/replay" --seconds "${FUZZ_SECONDS:-8}" fuzz/corpus/*
    "$cc" "${flags[@]}" ${sanitize[@]+"${sanitize[@]}"} fuzz/wire.c fuzz/replay.c \
        "$built/release/libmagpool.a" "${libraries[@]}" -o "$out/replay_wire"
    "$out/replay_wire" --seconds $((${FUZZ_SECONDS:-8} / 4 + 1))
}

# The library with counters where its branches are, and with its assertions.
build_instrumented() {
    local sancov="-Cpasses=sancov-module" option
    for option in level=3 inline-8bit-counters pc-table trace-compares; do
        sancov+=" -Cllvm-args=-sanitizer-coverage-$option"
    done
    host=$(rustc -vV | sed -n 's/^host: //p')
    RUSTFLAGS="$sancov -Cdebug-assertions -Coverflow-checks -Ccodegen-units=1" \
        CARGO_TARGET_DIR="$out/cargo" $cargo rustc --quiet --release --features capi --lib \
        --crate-type staticlib --target "$host"
    "$clang" "${flags[@]}" -fsanitize=fuzzer,address "${sources[@]}" \
        "$out/cargo/$host/release/libmagpool.a" "${libraries[@]}" -o "$out/abi"
    "$clang" "${flags[@]}" -fsanitize=fuzzer,address,undefined fuzz/wire.c \
        "$out/cargo/$host/release/libmagpool.a" "${libraries[@]}" -o "$out/wire"
}

fuzzer() {
    ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0} "$out/abi" -timeout=60 -rss_limit_mb=4096 \
        -max_len=600 -len_control=20 -artifact_prefix="$out/finds/" -print_final_stats=1 "$@"
}

# The fewest inputs that reach every branch that any reaches; regressions stay.
merge() {
    local found=$out/found merged=$out/merged
    rm -rf "$found" "$merged" && mkdir "$found" "$merged"
    cp fuzz/corpus/* "$found"
    find "$out/corpus" -type f -exec cp -t "$found" {} +
    fuzzer -set_cover_merge=1 -use_counters=0 "$merged" "$found"
    find fuzz/corpus -type f ! -name 'regression-*' -delete
    cp "$merged"/* fuzz/corpus/
    du -sh --apparent-size fuzz/corpus
}

case ${1:-${MAGPOOL_SHORT:+--short}} in
    --short) short_run; exit ;;
esac
clang=${CLANG:-clang}
has_sanitizer "$clang" address && echo 'int LLVMFuzzerTestOneInput(const char *d, long n) { return !d && n; }' |
    "$clang" -fsanitize=fuzzer -x c - -o "$out/probe" 2>/dev/null ||
    { echo "fuzz: skipped, clang with libFuzzer is missing (Debian: apt-get install clang libclang-rt-14-dev)"; exit 77; }
build_instrumented
case ${1:-} in
    --merge) merge ;;
    *)
        fuzzer -max_total_time="${1:-600}" "$out/corpus" fuzz/corpus
        "$out/wire" -timeout=60 -max_len=4000 -artifact_prefix="$out/finds/wire-" \
            -max_total_time=$((${1:-600} / 4 + 1)) -print_final_stats=1 "$out/wire_corpus"
        ;;
esac
