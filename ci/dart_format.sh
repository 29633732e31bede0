#!/usr/bin/env bash
# Checks that the Dart files are formatted as `dart format` of the package's
# language version leaves them; with --write, formats them. By `dart` from PATH if
# it is the full SDK, else by the same formatter from npm, fetched once into
# target/dart-format/. Exits with 77 if there is neither.
set -euo pipefail

cd "$(dirname "$0")/.."
formatter=@wasm-fmt/dart_fmt@0.4.0
# Older ones do not know the kind of WebAssembly it is compiled to.
node_version=22

mode=${1:---check}
case $mode in
    --check | --write) ;;
    *) echo "usage: ci/dart_format.sh [--check | --write]" >&2; exit 2 ;;
esac
mapfile -t files < <(find dart -name '*.dart' -not -path '*/.dart_tool/*' | sort)

if dart format --help >/dev/null 2>&1; then
    [ "$mode" = --write ] || set -- --output=none --set-exit-if-changed
    [ "$mode" = --check ] || set --
    exec dart format --language-version=3.2 "$@" "${files[@]}"
fi
command -v npm >/dev/null || {
    echo "dart_format.sh: needs the Dart SDK, or npm to fetch its formatter" >&2
    exit 77
}
home=$PWD/target/dart-format
mkdir -p "$home"
node=node
packages=("$formatter")
if [ "$(node --version 2>/dev/null | tr -dc '0-9.' | cut -d. -f1)" -lt $node_version ] 2>/dev/null; then
    node=$home/node_modules/node/bin/node
    packages+=("node@$node_version")
fi
if [ ! -d "$home/node_modules/@wasm-fmt/dart_fmt" ] || ! command -v "$node" >/dev/null; then
    npm install --silent --no-audit --no-fund --prefix "$home" "${packages[@]}" >/dev/null || {
        echo "dart_format.sh: npm cannot fetch ${packages[*]}" >&2
        exit 77
    }
fi
cp ci/dart_format.mjs "$home/"
exec "$node" "$home/dart_format.mjs" "$mode" "${files[@]}"
