#!/usr/bin/env bash
# Installs into a stage, then compiles and runs the C example of README.md with
# nothing but what was installed, linked both ways.
set -euo pipefail
cd "$(dirname "$0")/.."

stage=${CARGO_TARGET_DIR:-target}/stage
prefix=/usr/local
rm -rf "$stage"
DESTDIR=$stage PREFIX=$prefix ci/install.sh
stage=$(cd "$stage" && pwd)

example=$stage/example.c
awk '/^```/ { if (inside) exit; inside = ($0 == "```c"); next } inside' README.md >"$example"
[ -s "$example" ] || { echo "install_check: README.md has no C example" >&2; exit 1; }

# The flags a user gets; without pkg-config, those that magpool.pc stands for.
flags() {
    if command -v pkg-config >/dev/null; then
        PKG_CONFIG_LIBDIR=$stage$prefix/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$stage \
            pkg-config "$@" magpool
    else
        echo "-I$stage$prefix/include -L$stage$prefix/lib -lmagpool -lpthread -ldl -lm"
    fi
}

# Prints what the example prints, so that a reader sees it work.
run() { echo "install_check: README example, $1:"; shift; "$@"; }

read -ra shared < <(flags --cflags --libs)
read -ra static < <(flags --static --cflags --libs)
strict=(-std=c11 -Wall -Wextra -pedantic -Werror)
"${CC:-cc}" "${strict[@]}" "$example" "${shared[@]}" -o "$stage/example-shared"
# The linker prefers the shared library; so it is told which file to take.
"${CC:-cc}" "${strict[@]}" "$example" "${static[@]/#-lmagpool/-l:libmagpool.a}" -o "$stage/example-static"

readelf -d "$stage/example-shared" | grep -q 'NEEDED.*libmagpool\.so\.[0-9]' ||
    { echo "install_check: the example does not need the library by its SONAME" >&2; exit 1; }
run shared env LD_LIBRARY_PATH="$stage$prefix/lib" "$stage/example-shared"
run static "$stage/example-static"
