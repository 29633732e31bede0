#!/usr/bin/env bash
# The C tests under valgrind's memcheck.
exec "$(dirname "$0")/valgrind.sh" memcheck "$@"
