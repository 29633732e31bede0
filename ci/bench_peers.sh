#!/usr/bin/env bash
# Gets the peers of the benchmark that are Debian packages, where apt-get and root are there,
# and says in a line what is missing otherwise. Prints the features to build `benches` with.
#
# usage: cargo run --release -p benches --features "$(ci/bench_peers.sh)"
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(g++ make pkg-config libboost-dev libdpdk-dev libtbbmalloc2 libtcmalloc-minimal4)

is_there() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Sets `missing` to the packages that are not there.
look() {
    missing=()
    local package
    for package in "${packages[@]}"; do is_there "$package" || missing+=("$package"); done
}

get() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; }

look
if [ ${#missing[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    # The lists of packages may be absent or old.
    { get || { apt-get update -qq && get; } || true; } >&2
    look
fi
[ ${#missing[@]} -eq 0 ] ||
    echo "bench_peers: some peers will be missing: apt-get install ${missing[*]}" >&2

# snmalloc takes a C++ compiler, the others only C.
if command -v "${CXX:-c++}" >/dev/null; then echo peers,snmalloc; else echo peers; fi
