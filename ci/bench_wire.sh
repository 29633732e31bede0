#!/usr/bin/env bash
# Decoding and encoding of the seed's messages beside prost, in one run: [rounds (101)] [message].
set -euo pipefail
cd "$(dirname "$0")/.."
exec "${CARGO:-cargo}" run --quiet --release --package wire-bench -- "$@"
