#!/usr/bin/env bash
# Unpacks the complete Rust toolchain of Debian's security archive (rustc-web
# and what it needs) below target/debian-rust/ and prints its directory, whose
# bin/ goes before PATH. Nothing is installed, no root is needed.
#
# usage: ci/debian_rust.sh [--src] [--sanitizers] [--std-arm64]
#   --src         the sources of the standard library, for -Zbuild-std
#   --sanitizers  clang of the same LLVM, its runtimes and tools (clang-22)
#   --std-arm64   the standard library for aarch64-unknown-linux-gnu
set -euo pipefail
cd "$(dirname "$0")/.."

want=(rustc-web cargo-web)
for option in "$@"; do
    case $option in
        --src) want+=(rust-web-src) ;;
        --sanitizers) want+=(clang-22 libclang-rt-22-dev llvm-22) ;;
        --std-arm64) want+=(libstd-rust-web-dev:arm64) ;;
        *) echo "usage: ci/debian_rust.sh [--src] [--sanitizers] [--std-arm64]" >&2; exit 2 ;;
    esac
done

skip() { echo "debian_rust: $1" >&2; exit 77; }

home=$PWD/target/debian-rust
mkdir -p "$home/have"
# One at a time: several suites may ask at once.
exec 9>"$home/lock"
flock 9

missing=()
for package in "${want[@]}"; do
    [ -e "$home/have/$package" ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    echo "$home"
    exit 0
fi

command -v apt-get >/dev/null && [ "$(dpkg --print-architecture)" = amd64 ] ||
    skip "needs the Debian 12 archive for amd64, by apt-get"

# Lists of packages of our own: they know arm64 whatever the system knows, and
# need no root.
mkdir -p "$home/apt/lists" "$home/apt/cache/archives"
apt=(-o Dir::State::lists="$home/apt/lists" -o Dir::Cache="$home/apt/cache"
    -o APT::Architectures::=amd64 -o APT::Architectures::=arm64
    -o Debug::NoLocking=1 -o Acquire::Languages=none -o APT::Sandbox::User= -qq)
apt-get "${apt[@]}" update >&2 || true

# The packages asked for and those they need that the system does not have, as
# apt itself finds them; an architecture's standard library needs nothing.
packages() {
    local native=() package
    for package in "${missing[@]}"; do
        case $package in *:*) echo "$package" ;; *) native+=("$package") ;; esac
    done
    [ ${#native[@]} -gt 0 ] || return 0
    apt-get "${apt[@]}" --simulate --yes --no-install-recommends install "${native[@]}" |
        awk '$1 == "Inst" { print $2 }'
}

fetched=$(mktemp -d "$home/fetch.XXXXXX")
trap 'rm -rf "$fetched"' EXIT
list=$(packages) && [ -n "$list" ] || skip "apt knows no ${missing[*]}: the Debian 12 security archive has them"
(cd "$fetched" && xargs apt-get "${apt[@]}" download <<<"$list") >&2 || skip "apt cannot fetch ${missing[*]}"
for package in "$fetched"/*.deb; do
    dpkg-deb --extract "$package" "$home"
done

# The programs do not say where their libraries are, and the system has not all
# of them.
mkdir -p "$home/bin"
for program in "$home"/usr/bin/*; do
    cat >"$home/bin/$(basename "$program")" <<END
#!/bin/sh
here=\$(dirname "\$(realpath "\$0")")/..
LD_LIBRARY_PATH=\$here/usr/lib/x86_64-linux-gnu\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH
exec "\$here/usr/bin/$(basename "$program")" "\$@"
END
    chmod +x "$home/bin/$(basename "$program")"
done
# Sanitizers look for this one by its short name.
ln -sf llvm-symbolizer-22 "$home/bin/llvm-symbolizer"
"$home/bin/rustc" --version >&2 && "$home/bin/cargo" --version >&2 || skip "the toolchain does not run"

for package in "${missing[@]}"; do touch "$home/have/$package"; done
echo "$home"
