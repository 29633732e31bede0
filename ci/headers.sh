#!/usr/bin/env bash
# Compiles every header alone in each language it promises, and checks the
# initialisers, the width of the statuses and the version macros of pool.h.
set -euo pipefail
cd "$(dirname "$0")/.."

cc=${CC:-cc}
cxx=${CXX:-c++}
strict=(-Wall -Wextra -pedantic -Werror -fsyntax-only -I include -I include/generated)

# gcc before 14 knows C23 by its draft's name.
c23=c23
echo | "$cc" -std=c23 -fsyntax-only -x c - 2>/dev/null || c23=c2x

compile_c() { "$cc" "-std=$1" "${strict[@]}" -x c -; }
compile_cxx() { "$cxx" "-std=$1" "${strict[@]}" -x c++ -; }

# Compiles standard input in all languages.
compile_all() {
    local source standard
    source=$(cat)
    for standard in c99 c11 "$c23"; do compile_c $standard <<<"$source"; done
    compile_cxx c++17 <<<"$source"
}

# One variable of each type that has an initialiser; -Wextra complains of a
# member that the initialiser leaves out.
initialised() {
    echo '#include "pool.h"'
    sed -nE 's/^#define (POOL_[A-Z_]+)_INIT .*/\1/p' include/pool.h | while read -r name; do
        echo "extern ${name,,}_t variable_${name,,};"
        echo "${name,,}_t variable_${name,,} = ${name}_INIT;"
    done
}

# pool.h says the version of Cargo.toml.
versions() {
    local major minor patch
    IFS=. read -r major minor patch < <(sed -nE 's/^version = "(.*)"$/\1/p' Cargo.toml | head -n 1)
    cat <<END
#include "pool.h"
_Static_assert(POOL_VERSION_MAJOR == $major, "POOL_VERSION_MAJOR is not Cargo.toml's");
_Static_assert(POOL_VERSION_MINOR == $minor, "POOL_VERSION_MINOR is not Cargo.toml's");
_Static_assert(POOL_VERSION_PATCH == $patch, "POOL_VERSION_PATCH is not Cargo.toml's");
_Static_assert(POOL_VERSION_NUMBER == POOL_VERSION_MAJOR * 10000 + POOL_VERSION_MINOR * 100
    + POOL_VERSION_PATCH, "POOL_VERSION_NUMBER is not the other three's");
_Static_assert(sizeof(pool_status_t) == sizeof(int), "pool_status_t has not the size of an int");
END
}

count=0
for header in include/*.h include/generated/*.h; do
    [ -e "$header" ] || continue
    compile_all <<<"#include \"$(basename "$header")\""
    count=$((count + 1))
done
initialised | compile_all
versions | compile_c c11
echo "headers: $count headers as C99, C11, C23 and C++17; initialisers; versions"
