#!/usr/bin/env bash
# The C tests against the release library under one of valgrind's tools, and a
# planted fault that the tool must report.
#
# usage: ci/valgrind.sh memcheck|helgrind|drd [filter]
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}
tool=$1

command -v valgrind >/dev/null && [ -e /usr/include/valgrind/helgrind.h ] ||
    { echo "$tool: skipped, valgrind is missing (Debian: apt-get install valgrind)"; exit 77; }

$cargo build --quiet --release --features capi
command="valgrind --quiet --tool=$tool --error-exitcode=9 --suppressions=$PWD/ci/suppressions/$tool.supp"

annotate=$PWD/target/planted/annotate.so
mkdir -p target/planted
"${CC:-cc}" -std=c11 -shared -fPIC -Wall -Wextra -pedantic -Werror -Iinclude c_tests/annotate.c -o "$annotate" -ldl

case $tool in
    memcheck)
        slow=50
        command+=" --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite"
        ci/planted.sh use_after_destroy 'Invalid write' $command
        ;;
    helgrind)
        slow=200
        command="env LD_PRELOAD=$annotate $command --history-level=approx"
        ci/planted.sh race 'Possible data race' $command
        ;;
    drd)
        slow=1000
        command="env LD_PRELOAD=$annotate $command"
        ci/planted.sh race 'Conflicting' $command
        ;;
esac
$cargo run --quiet --package c-tests -- --lib-dir "${CARGO_TARGET_DIR:-target}/release" \
    --shared --tag "$tool" --slow $slow --under "$command" "${@:2}"
