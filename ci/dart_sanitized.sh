#!/usr/bin/env bash
# The Dart tests with an instrumented library in an ordinary Dart VM: the
# sanitizer's runtime is preloaded. It sees what the library does, and what the VM
# does through libc, but not the accesses of Dart code or of the VM. The libraries
# are those that ci/asan.sh and ci/tsan.sh build.
#
# usage: ci/dart_sanitized.sh [test files]
set -euo pipefail
cd "$(dirname "$0")/.."
# Those that start no other processes, which would take the runtime with them.
[ $# -gt 0 ] || set -- test/{pool,threads,handover,exhaustion,messages,batch,allocator}_test.dart

debian=$(ci/debian_rust.sh --src --sanitizers) || exit
triple=x86_64-unknown-linux-gnu
runtimes=$debian/usr/lib/llvm-22/lib/clang/22/lib/linux
vm=$(ci/dart_vm.sh)
ci/asan.sh --library
ci/tsan.sh --library

# $1: the sanitizer. The tests find a `dart` on PATH that preloads its runtime.
run() {
    local bin=$PWD/target/dart-sanitized/$1
    mkdir -p "$bin"
    printf '#!/bin/sh\nLD_PRELOAD=%s exec %s "$@"\n' "$runtimes/libclang_rt.$1-x86_64.so" "$vm" >"$bin/dart"
    chmod +x "$bin/dart"
    PATH=$bin:$PATH MAGPOOL_LIBRARY=target/$1/$triple/release/libmagpool.so ci/dart.sh "${@:2}"
}

symbolizer=external_symbolizer_path=$debian/bin/llvm-symbolizer-22
echo "-- address and leak sanitizer"
ASAN_OPTIONS=$symbolizer run asan "$@"
echo "-- thread sanitizer"
# The VM's own synchronisation is not instrumented, and its threads live on at exit.
TSAN_OPTIONS="$symbolizer ignore_noninstrumented_modules=1 report_thread_leaks=0" run tsan "$@"
