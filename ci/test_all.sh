#!/usr/bin/env bash
# Everything: the suites of ci/test.sh, then the checkers that take minutes or
# need tools of their own. Ends like ci/test.sh; hours on a small machine.
set -euo pipefail
cd "$(dirname "$0")/.."

suites=(rust c install_check abi schema conformance dart demo callgrind)
for long in asan tsan memcheck helgrind drd coverage dart_sanitized 'models --long' 'fuzz 600' 'soak 10' \
    aarch64 portable_check mutants; do
    [ ! -x "ci/${long%% *}.sh" ] || suites+=("$long")
done
exec ci/test.sh "${suites[@]}"
