#!/usr/bin/env bash
# Installs the headers, the built libraries and magpool.pc under PREFIX;
# DESTDIR, if set, is put before every path and written into no file.
set -euo pipefail
cd "$(dirname "$0")/.."

prefix=${PREFIX:-/usr/local}
stage=${DESTDIR:-}$prefix
built=${CARGO_TARGET_DIR:-target}/release
version=$(sed -nE 's/^version = "(.*)"$/\1/p' Cargo.toml | head -n 1)
abi=$(sed -nE 's/^#define POOL_ABI_VERSION ([0-9]+)$/\1/p' include/pool.h)

[ -f "$built/libmagpool.so" ] && [ -f "$built/libmagpool.a" ] ||
    { echo "install: no libraries in $built: run make build" >&2; exit 1; }

install -d "$stage/include" "$stage/lib/pkgconfig"
install -m 644 include/pool.h include/pool_inbox.h include/pool_inline.h include/pool_wire.h include/pool_workloads.h \
    "$stage/include"
install -m 644 "$built/libmagpool.a" "$stage/lib"
install -m 755 "$built/libmagpool.so" "$stage/lib/libmagpool.so.$version"
ln -sf "libmagpool.so.$version" "$stage/lib/libmagpool.so.$abi"
ln -sf "libmagpool.so.$abi" "$stage/lib/libmagpool.so"
cat >"$stage/lib/pkgconfig/magpool.pc" <<END
prefix=$prefix
includedir=\${prefix}/include
libdir=\${prefix}/lib

Name: magpool
Description: Fixed-size object pools for programs with many threads
Version: $version
Cflags: -I\${includedir}
Libs: -L\${libdir} -lmagpool
Libs.private: -lpthread -ldl -lm
END
echo "installed magpool $version under $stage"
