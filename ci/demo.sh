#!/usr/bin/env bash
# `make demo`, whose tables must be there and find every pool whole. It is built
# by itself and uses the Dart package as a stranger does, so that no other suite
# notices when it falls behind.
set -euo pipefail
cd "$(dirname "$0")/.."

progress=$(mktemp)
trap 'rm -f "$progress"' EXIT
said=$(make --no-print-directory demo 2>"$progress") || {
    cat "$progress" >&2
    echo "FAIL  demo: make demo failed" >&2
    exit 1
}
clean=$(grep -cE '^  [A-Za-z]+Message +clean +0 +0 ' <<<"$said" || true)
[ "$clean" = 4 ] || {
    printf 'FAIL  demo: %s of 4 pools clean, empty and with nothing lost\n%s\n' "$clean" "$said" >&2
    exit 1
}
echo "ok    demo: 4 pools clean after C, Rust and Dart"
