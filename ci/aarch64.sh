#!/usr/bin/env bash
# The second platform, emulated: builds the library for aarch64 Linux, looks at
# the machine code of the fast paths, and runs the Rust and the C tests under
# qemu-user. The emulator executes memory accesses in this machine's order, so
# what only a weaker order allows is not tested.
set -euo pipefail
cd "$(dirname "$0")/.."

triple=aarch64-unknown-linux-gnu
packages=(g++-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user)
export QEMU_LD_PREFIX=/usr/aarch64-linux-gnu

skip() { echo "aarch64: skipped, $1"; exit 77; }

have_tools() {
    command -v aarch64-linux-gnu-g++ >/dev/null && command -v qemu-aarch64 >/dev/null &&
        [ -e $QEMU_LD_PREFIX/lib/libc.so.6 ]
}
install_tools() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    { apt-get update -qq || true; apt-get install -y -qq --no-install-recommends "${packages[@]}"; } >&2
}

# Runs this script again where the kernel hands programs for aarch64 to qemu, also
# those that tests start: in a namespace, so that the system stays as it is. The
# emulator keeps a record of every page a program reserves; should memory run
# out, it goes and not its neighbours.
enter() {
    unshare --user --map-root-user --mount bash -c '
        mount -t binfmt_misc none /proc/sys/fs/binfmt_misc || exit 77
        magic="\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00"
        mask="\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff"
        printf %s ":aarch64:M::$magic:$mask:$(command -v qemu-aarch64):" \
            >/proc/sys/fs/binfmt_misc/register || exit 77
        echo 1000 >/proc/self/oom_score_adj
        AARCH64_ENTERED=1 exec "$0"' "$0"
}

if [ -z "${AARCH64_ENTERED:-}" ]; then
    have_tools || { install_tools && have_tools; } || skip "install ${packages[*]} (Debian)"
    ci/debian_rust.sh --std-arm64 >/dev/null || skip "there is no Rust for it, see ci/debian_rust.sh"
    unshare --user --map-root-user --mount mount -t binfmt_misc none /proc/sys/fs/binfmt_misc 2>/dev/null ||
        skip "needs user namespaces with binfmt_misc (Linux 6.7 or later)"
    enter
    exit
fi

native_cargo=${CARGO:-cargo}
native_target=${CARGO_TARGET_DIR:-target}
toolchain=$(ci/debian_rust.sh --std-arm64)
libraries=$native_target/aarch64/$triple/release

# Cargo with a standard library for aarch64.
cross() {
    PATH=$toolchain/bin:$PATH CARGO_TARGET_DIR=$native_target/aarch64 CARGO_BUILD_TARGET=$triple \
        CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
        cargo "$@"
}

# The instructions of an exported function up to its first return.
fast_path() {
    aarch64-linux-gnu-objdump --disassemble="$1" --no-show-raw-insn "$libraries/libmagpool.so" |
        sed -nE 's/^ +[0-9a-f]+:\t//p' | awk '{ print } $1 == "ret" { exit }'
}

# No call, no fence and no atomic read-modify-write, from the entry to the return.
check_fast_path() {
    local path
    path=$(fast_path "$1")
    [ "$(tail -n 1 <<<"$path")" = ret ] || { echo "aarch64: no $1 in the library"; return 1; }
    if grep -E '^(blr?|dmb|dsb|isb|ld[a]?xr|st[l]?xr|cas|swp|ld(add|clr|eor|set))' <<<"$path"; then
        echo "aarch64: the fast path of $1 has these"
        return 1
    fi
    echo "aarch64: $1 returns after at most $(wc -l <<<"$path") instructions"
}

# A pool of a terabyte is too much for the emulator's records, and the programme's
# thousands of threads take it minutes: the C tests run that programme, too.
rust_tests() {
    echo "== Rust tests, $1"
    cross test --quiet --package magpool --lib --test pool -- \
        --skip pool_that_ends_gives_its_addresses_back --skip programme::
}

# What these look at is the emulator's: its own memory and address space, what it
# prints when a program aborts, how it starts threads in the child of a fork. (Its
# records of a limited address space once took all memory of the machine.) Of
# the last five, two would take it minutes, and requests cannot be refused in it by a
# preloaded library.
export CHECK_SKIP="create_of_a_million_slots_touches_few_pages
    create_and_destroy_gives_address_space_back
    thread_churn_keeps_caches_and_memory_bounded
    pool_is_usable_in_key_destructors
    ten_thousand_short_threads_leave_nothing
    misuse_of_aborting_pool_prints_a_line_and_aborts
    address_space_exhausted_gives_statuses_only
    threads_begin_and_end_without_any_memory
    child_of_busy_process_uses_every_pool
    child_of_process_whose_threads_come_and_go_uses_every_pool
    pools_made_and_ended_in_one_thread_leave_nothing
    pools_made_and_ended_by_several_threads_leave_nothing_and_disturb_nobody
    any_one_request_refused_gives_statuses_only
    all_requests_refused_from_the_nth_gives_statuses_only
    every_call_of_a_kind_refused_gives_statuses_only"

c_tests() {
    echo "== C tests, $1"
    shift
    $native_cargo run --quiet --package c-tests -- --lib-dir "$libraries" --target $triple "$@"
}

cross build --quiet --release --features capi
check_fast_path pool_alloc
check_fast_path pool_free
rust_tests "as they are"
MAGPOOL_NO_MEMBARRIER=1 rust_tests "without membarrier"
# (With such pages the emulator fails programs that read themselves for a backtrace.)
RUST_BACKTRACE=0 QEMU_PAGESIZE=65536 rust_tests "pages of 64 KiB"
RUSTFLAGS="--cfg magpool_portable" rust_tests "portable thread-local"
c_tests "shared and static" --slow 20
QEMU_PAGESIZE=65536 c_tests "pages of 64 KiB" --slow 20 --shared --tag 64k
