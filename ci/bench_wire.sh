#!/usr/bin/env bash
# Decoding and encoding of the seed's messages beside prost and, where they can be had, protobuf-c
# and upb, in one run: [rounds (101)] [message].
set -euo pipefail
cd "$(dirname "$0")/.."
# A peer that is missing says so in a line.
WIRE_BENCH_PROTOBUF_C=$(ci/protobuf_c.sh) || WIRE_BENCH_PROTOBUF_C=
WIRE_BENCH_UPB=$(ci/upb.sh) || WIRE_BENCH_UPB=
export WIRE_BENCH_PROTOBUF_C WIRE_BENCH_UPB
exec "${CARGO:-cargo}" run --quiet --release --package wire-bench -- "$@"
