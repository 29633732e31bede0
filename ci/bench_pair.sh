#!/usr/bin/env bash
# One alloc/free pair of one thread: magpool, malloc, a free list with a lock.
set -euo pipefail
cd "$(dirname "$0")/.."
ci/pair_build.sh
exec "${CARGO_TARGET_DIR:-target}/bench/pair" "$@"
