#!/usr/bin/env bash
# The wire format and JSON beside Python's protobuf, whose version ci/python_protobuf.sh pins: random
# messages, damaged ones, and the table of cases. MAGPOOL_SEED repeats a run.
set -euo pipefail
cd "$(dirname "$0")/.."
MAGPOOL_PYTHON=$(ci/python_protobuf.sh)
export MAGPOOL_PYTHON
${CARGO:-cargo} test --quiet --package poolgen --test conformance
