#!/usr/bin/env bash
# The C tests under valgrind's drd.
exec "$(dirname "$0")/valgrind.sh" drd "$@"
