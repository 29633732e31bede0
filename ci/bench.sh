#!/usr/bin/env bash
# magpool and its peers in one run: [--quick] [--filter WORKLOAD] [--peers NAME,NAME] ...
# (`benches help`). Reports go to target/bench/report. BENCHES_FEATURES= leaves out the
# peers that take a C++ compiler and minutes to build.
set -euo pipefail
cd "$(dirname "$0")/.."

built=$(realpath -m "${CARGO_TARGET_DIR:-target}")
library="${MAGPOOL_LIBRARY:-$built/release/libmagpool.so}"
[ -f "$library" ] || { echo "bench: no library: run make build" >&2; exit 1; }
# A directory of its own: the crate is built without `capi` here, and would replace the library.
CARGO_TARGET_DIR="$built/bench/cargo" "${CARGO:-cargo}" build --release --package benches \
    --features "${BENCHES_FEATURES-peers}"
MAGPOOL_LIBRARY="$library" exec "$built/bench/cargo/release/benches" run \
    --out "$built/bench/report" "$@"
