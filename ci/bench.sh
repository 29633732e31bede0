#!/usr/bin/env bash
# magpool and its peers in one run: [--quick] [--filter WORKLOAD] [--peers NAME,NAME] ...
# (`benches help`). Reports go to target/bench/report. Gets the peers
# that are Debian packages, where it may; BENCHES_FEATURES= leaves all foreign ones out.
set -euo pipefail
cd "$(dirname "$0")/.."

built=$(realpath -m "${CARGO_TARGET_DIR:-target}")
library="${MAGPOOL_LIBRARY:-$built/release/libmagpool.so}"
[ -f "$library" ] || { echo "bench: no library: run make build" >&2; exit 1; }
# A directory of its own: the crate is built without `capi` here, and would replace the library.
CARGO_TARGET_DIR="$built/bench/cargo" "${CARGO:-cargo}" build --release --package benches \
    --features "${BENCHES_FEATURES-$(ci/bench_peers.sh)}"
MAGPOOL_LIBRARY="$library" exec "$built/bench/cargo/release/benches" run \
    --out "$built/bench/report" "$@"
