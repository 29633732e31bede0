#!/usr/bin/env bash
# Makes sure that a tool reports a planted fault: builds c_tests/planted/PROGRAM.c
# against the release library (or LIBRARY), runs it under COMMAND, and looks for
# PATTERN in what is printed.
#
# usage: CFLAGS=... LIBRARY=... ci/planted.sh PROGRAM PATTERN [COMMAND...]
set -euo pipefail
cd "$(dirname "$0")/.."
program=$1 pattern=$2
shift 2

library=${LIBRARY:-${CARGO_TARGET_DIR:-target}/release/libmagpool.so}
out=$PWD/target/planted/$(basename "${CC:-cc}")${CFLAGS:-}
mkdir -p "$out"
ln -sf "$(realpath "$library")" "$out/libmagpool.so.1"
"${CC:-cc}" -std=c11 -g ${CFLAGS:-} -Wall -Wextra -Werror -pthread -Iinclude "c_tests/planted/$program.c" \
    "$library" -Wl,-rpath,'$ORIGIN' -o "$out/$program"
said=$("$@" "$out/$program" 2>&1) || true
if ! grep --quiet "$pattern" <<<"$said"; then
    printf 'FAILED planted %s: not reported\n%s\n' "$program" "$said"
    exit 1
fi
echo "ok     planted $program: reported, as it must"
