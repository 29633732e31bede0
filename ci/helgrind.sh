#!/usr/bin/env bash
# The C tests under valgrind's helgrind.
exec "$(dirname "$0")/valgrind.sh" helgrind "$@"
