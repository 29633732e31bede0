#!/usr/bin/env bash
# What pools cost from Dart, beside malloc, calloc, empty calls and the garbage
# collector: ci/bench_dart.sh [--quick] [--out FILE.json]. Measures the release
# build, or the library that MAGPOOL_LIBRARY names.
set -euo pipefail
cd "$(dirname "$0")/.."

library=$(realpath -m "${MAGPOOL_LIBRARY:-${CARGO_TARGET_DIR:-target}/release/libmagpool.so}")
[ -f "$library" ] || { echo "bench_dart: no library: run make build" >&2; exit 1; }
arguments=()
before=
for argument in "$@"; do
    # Relative to where the user is, not to dart/.
    [ "$before" != --out ] || argument=$(realpath -m "$argument")
    before=$argument
    arguments+=("$argument")
done

built=$(realpath -m "${CARGO_TARGET_DIR:-target}")/bench
mkdir -p "$built"
"${CC:-cc}" -std=c11 -O2 -Wall -Wextra -pedantic -Werror -shared -fPIC \
    dart/benchmark/src/empty.c -o "$built/libempty.so"
dart=$(ci/dart_vm.sh)
ci/dart_packages.sh
cd dart
MAGPOOL_LIBRARY=$library MAGPOOL_EMPTY_LIBRARY=$built/libempty.so \
    exec "$dart" --packages=.dart_tool/package_config.json benchmark/main.dart \
    ${arguments[@]+"${arguments[@]}"}
