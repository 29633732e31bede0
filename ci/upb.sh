#!/usr/bin/env bash
# Prints the directory of upb's sources, below target/upb/: Python's protobuf is distributed with
# them. Without Python or a registry: one line that says so, and status 77.
set -euo pipefail
cd "$(dirname "$0")/.."

home=$PWD/target/upb
if [ ! -e "$home/sources/upb" ]; then
    python=$(ci/python_protobuf.sh) || { echo "upb is missing: it comes with Python's protobuf" >&2; exit 77; }
    version=$("$python" -c 'import google.protobuf as p; print(p.__version__)')
    mkdir -p "$home"
    # Unpacked aside and moved, so that an interrupted fetch leaves nothing that looks complete.
    fetch=$(mktemp -d "$home/fetch.XXXXXX")
    trap 'rm -rf "$fetch"' EXIT
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary protobuf \
        --dest "$fetch" "protobuf==$version" >&2 &&
        tar -xzf "$fetch/protobuf-$version.tar.gz" -C "$fetch" &&
        [ -e "$fetch/protobuf-$version/upb" ] ||
        { echo "upb is missing: pip cannot fetch the sources of protobuf $version" >&2; exit 77; }
    rm -rf "$home/sources"
    mv "$fetch/protobuf-$version" "$home/sources"
fi
echo "$home/sources"
