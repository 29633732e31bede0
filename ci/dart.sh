#!/usr/bin/env bash
# Checks that every Dart file compiles, then runs the Dart tests, a process for
# each file, against a built library: MAGPOOL_LIBRARY, else the release build.
# Arguments, if any, are the test files to run instead of all.
#
# Needs no Dart package: `package:test` is the stand-in in dart/tool. With a
# full SDK and a package server, `cd dart && dart pub get && dart test` runs the
# same files.
set -euo pipefail

cd "$(dirname "$0")/.."
root=$PWD
out=$root/target/dart
library=$(realpath -m "${MAGPOOL_LIBRARY:-target/release/libmagpool.so}")
[ -f "$library" ] || {
    echo "dart.sh: no $library: run cargo build --release --features capi," \
        "or set MAGPOOL_LIBRARY" >&2
    exit 1
}
export MAGPOOL_LIBRARY=$library
dart=$(ci/dart_vm.sh)
mkdir -p "$out" dart/.dart_tool

# The limit is for a call that never returns: no timer can end that.
run_dart() {
    (cd dart && timeout 120 "$dart" --enable-asserts \
        --packages=.dart_tool/package_config.json "$@")
}

# A program that imports everything compiles only if everything does.
check_compiles() {
    local all=dart/.dart_tool/import_all.dart n=0 file
    : >"$all"
    while read -r file; do
        n=$((n + 1))
        echo "import '../$file' as i$n;" >>"$all"
    done < <(cd dart && find lib example benchmark test -name '*.dart' | sort)
    echo 'void main() {}' >>"$all"
    local said
    if ! said=$(run_dart .dart_tool/import_all.dart 2>&1) || [ -n "$said" ]; then
        printf 'FAIL  compile\n%s\n' "$said"
        return 1
    fi
    echo "ok    compile: $n files"
}

# The stand-in must fail the tests that have to fail, or its ok means nothing.
check_standin() {
    local expected='5 passed, 8 failed, 1 skipped' said
    said=$(run_dart tool/test_standin/selftest.dart || true)
    if [ "${said##*$'\n'}" != "$expected" ]; then
        printf 'FAIL  stand-in: expected %s\n%s\n' "$expected" "$said"
        return 1
    fi
    echo "ok    stand-in: $expected, as it must"
}

# The C compiler's view of the messages, for the layout test.
build_probe() {
    local source=c_tests/generated/concurrent_probe.g.c
    [ -f "$source" ] || return 0
    # Found by its soname, beside the probe.
    ln -sf "$library" "$out/libmagpool.so.1"
    "${CC:-cc}" -shared -fPIC -Iinclude -Iinclude/generated "$source" \
        "$library" -Wl,-rpath,'$ORIGIN' -o "$out/libconcurrent_probe.so"
    export MAGPOOL_PROBE_LIBRARY=$out/libconcurrent_probe.so
}

ci/dart_packages.sh
build_probe

bad=()
check_compiles || bad+=(compile)
check_standin || bad+=(stand-in)
if [ $# -gt 0 ]; then
    files=("${@#dart/}")
else
    mapfile -t files < <(cd dart && find test -name '*_test.dart' | sort)
fi
for file in "${files[@]}"; do
    echo "== $file"
    run_dart "$file" || {
        [ $? -ne 124 ] || echo "FAIL  $file: did not end within 120 s"
        bad+=("$file")
    }
done

if [ ${#bad[@]} -gt 0 ]; then
    echo "dart: FAILED: ${bad[*]}"
    exit 1
fi
echo "dart: all ${#files[@]} test files passed"
