#!/usr/bin/env bash
# Throughput against occupancy: [threads [capacity [milliseconds a slice]]].
set -euo pipefail
cd "$(dirname "$0")/.."
built=$(realpath -m "${CARGO_TARGET_DIR:-target}")
[ -f "$built/release/libmagpool.so" ] || { echo "near_full: no library: run make build" >&2; exit 1; }
mkdir -p "$built/bench"
ln -sf ../release/libmagpool.so "$built/bench/libmagpool.so.1"
"${CC:-cc}" -std=c11 -O2 -g -Wall -Wextra -pedantic -Werror -Iinclude benches/near_full/near_full.c \
    "$built/release/libmagpool.so" -Wl,-rpath,'$ORIGIN' -pthread -o "$built/bench/near_full"
exec "$built/bench/near_full" "$@"
