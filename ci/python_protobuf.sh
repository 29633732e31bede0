#!/usr/bin/env bash
# Prints the path of a Python that has protobuf of the version pinned here, in a virtual environment
# below target/. Without Python or a registry: one line that says what is missing, and status 77.
set -euo pipefail
cd "$(dirname "$0")/.."

version=6.33.0
venv=target/protobuf-venv
python=$PWD/$venv/bin/python

skip() { echo "skipped: $1" >&2; exit 77; }
has_it() { [ "$("$python" -c 'import google.protobuf as p; print(p.__version__)' 2>/dev/null)" = $version ]; }

if ! has_it; then
    command -v python3 >/dev/null || skip "no Python: install python3, 3.9 or later"
    { [ -x "$python" ] || python3 -m venv $venv; } >&2 ||
        skip "Python cannot make a virtual environment (Debian: apt-get install python3-venv)"
    "$python" -m pip install --quiet --disable-pip-version-check "protobuf==$version" >&2 && has_it ||
        skip "pip cannot install protobuf $version"
fi
echo "$python"
