#!/usr/bin/env bash
# Prints the directory of a libclang for `cargo xtask bindgen`; gets one if
# there is none: from PyPI into target/, else with apt when root.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=target/libclang-venv
version=18.1.1

# The directory given holds a libclang shared library.
holds() { compgen -G "$1/libclang.so*" >/dev/null || compgen -G "$1/libclang-[0-9]*.so*" >/dev/null ||
    compgen -G "$1/libclang.dylib" >/dev/null; }

# Prints the first directory among the arguments that holds a libclang.
first() {
    local dir
    for dir in "$@"; do
        if holds "$dir"; then printf '%s\n' "$dir"; return 0; fi
    done
    return 1
}

from_pypi() {
    command -v python3 >/dev/null || return 1
    { [ -x $venv/bin/python ] || python3 -m venv $venv; } >&2 &&
        $venv/bin/python -m pip install --quiet --disable-pip-version-check \
            "libclang==$version" >&2
}

from_apt() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    { apt-get update -qq || true; apt-get install -y -qq --no-install-recommends libclang1; } >&2
}

known() {
    first ${LIBCLANG_PATH:+"$LIBCLANG_PATH"} /usr/lib/llvm-*/lib /usr/lib/*-linux-gnu /usr/lib64 \
        /usr/lib /opt/homebrew/opt/llvm/lib "$PWD"/$venv/lib/python*/site-packages/clang/native
}

known && exit
from_pypi && known && exit
from_apt && known && exit
echo "libclang is missing: install it (Debian: apt-get install libclang1) or python3 with venv" >&2
exit 1
