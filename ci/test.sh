#!/usr/bin/env bash
# Runs every suite (or those named, each with its arguments as one word), shows
# which failed, and ends with one line of counts. A suite that lacks a tool which
# is not required exits with 77.
set -uo pipefail
cd "$(dirname "$0")/.."

# Suites that can run for long do not here.
export MAGPOOL_SHORT=1
suites=(rust models c install_check abi schema conformance dart demo fuzz callgrind)
[ $# -eq 0 ] || suites=("$@")

passed=0
failed=()
skipped=()
for suite in "${suites[@]}"; do
    printf '==== %s\n' "$suite"
    name=${suite%% *}
    command=ci/$name.sh${suite#"$name"}
    $command
    case $? in
        0) passed=$((passed + 1)) ;;
        77) skipped+=("$command") ;;
        *) failed+=("$command") ;;
    esac
done

echo
for command in ${failed[@]+"${failed[@]}"}; do echo "FAILED: $command"; done
for command in ${skipped[@]+"${skipped[@]}"}; do echo "skipped: $command"; done
echo "$passed passed, ${#failed[@]} failed"
[ ${#failed[@]} -eq 0 ]
