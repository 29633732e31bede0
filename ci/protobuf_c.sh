#!/usr/bin/env bash
# Prints a directory that holds protobuf-c as bin/protoc-c, include/ and lib/libprotobuf-c.a: the
# system's, or Debian's packages unpacked below target/protobuf-c/. Nothing is installed, no root is
# needed. Without it: one line that says why, and status 77.
set -euo pipefail
cd "$(dirname "$0")/.."

home=$PWD/target/protobuf-c
packages=(libprotobuf-c-dev protobuf-c-compiler)

skip() { echo "protobuf-c is missing, and $1 (Debian: apt-get install ${packages[*]})" >&2; exit 77; }

is_there() { [ -x "$home/bin/protoc-c" ] && [ -e "$home/lib/libprotobuf-c.a" ]; }

# Where its parts are, below one directory.
gather() { # protoc-c, the folder of headers, the library
    mkdir -p "$home/bin" "$home/lib"
    ln -sfn "$2" "$home/include"
    ln -sf "$3" "$home/lib/libprotobuf-c.a"
    ln -sf "$1" "$home/bin/protoc-c"
}

if ! is_there && command -v protoc-c >/dev/null && pkg-config --exists libprotobuf-c 2>/dev/null; then
    library=$(pkg-config --variable=libdir libprotobuf-c)/libprotobuf-c.a
    [ ! -e "$library" ] ||
        gather "$(command -v protoc-c)" "$(pkg-config --variable=includedir libprotobuf-c)" "$library"
fi
if ! is_there; then
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || skip "there is no apt-get to fetch it"
    # Lists of packages of our own: the system's may be absent or old, and renewing them needs root.
    mkdir -p "$home/apt/lists" "$home/apt/cache/archives"
    apt=(-o Dir::State::lists="$home/apt/lists" -o Dir::Cache="$home/apt/cache" -o Debug::NoLocking=1
        -o Acquire::Languages=none -o APT::Sandbox::User= -qq)
    apt-get "${apt[@]}" update >&2 || true
    fetched=$(mktemp -d "$home/fetch.XXXXXX")
    trap 'rm -rf "$fetched"' EXIT
    # What they need that the system does not have is unpacked, too. Installed ones are asked for
    # by name: they may lack a part.
    list=$(apt-get "${apt[@]}" --simulate --yes --no-install-recommends install "${packages[@]}" |
        awk '$1 == "Inst" { print $2 }') || skip "apt does not know it"
    list=$(printf '%s\n' "${packages[@]}" $list | sort -u)
    (cd "$fetched" && xargs apt-get "${apt[@]}" download <<<"$list") >&2 || skip "apt cannot fetch it"
    for package in "$fetched"/*.deb; do dpkg-deb --extract "$package" "$home/root"; done
    libraries=$(echo "$home"/root/usr/lib/*-linux-gnu)
    program=$home/root/protoc-c
    printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s "$@"\n' "$libraries" "$home/root/usr/bin/protoc-c" >"$program"
    chmod +x "$program"
    gather "$program" "$home/root/usr/include" "$libraries/libprotobuf-c.a"
fi
"$home/bin/protoc-c" --version >&2 || skip "what apt fetched does not run"
echo "$home"
