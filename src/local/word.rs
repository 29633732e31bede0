//! One thread-local word, read without a call.
//!
//! `thread_local!` in a shared library costs a call to `__tls_get_addr` on every
//! access (6.3 ns against 2.8 ns in a prototype), and a lazily allocated block that
//! makes glibc abort when memory is out. An 8-byte initial-exec variable has
//! neither. Stable Rust cannot declare one, so it is defined in assembly for Linux with
//! glibc, which keeps room for such variables of libraries opened later (musl has none
//! and refuses them). Other targets use `thread_local!`, and so does `--cfg
//! magpool_portable`, to test that.
//!
//! The word holds the address of the thread's table of caches. Every thread
//! starts with [`EMPTY`](super::EMPTY).

#![allow(unsafe_code, reason = "assembly that defines and reads a thread-local word")]

pub(super) use imp::{get, set};

#[cfg(all(
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64"),
    target_pointer_width = "64",
    target_endian = "little",
    not(any(magpool_portable, loom, shuttle))
))]
mod imp {
    use super::super::{ThreadTable, EMPTY};
    use std::arch::{asm, global_asm};

    global_asm!(
        ".pushsection .tdata.magpool_thread_table, \"awT\", @progbits",
        ".p2align 3",
        ".globl magpool_thread_table_0_1",
        ".hidden magpool_thread_table_0_1",
        ".type magpool_thread_table_0_1, @object",
        ".size magpool_thread_table_0_1, 8",
        "magpool_thread_table_0_1:",
        ".quad {empty}",
        ".popsection",
        empty = sym EMPTY,
    );

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    pub(crate) fn get() -> *const ThreadTable {
        let table;
        // SAFETY: loads the offset of the word from the GOT and the word from
        // the thread's static TLS block, both always mapped. `readonly` holds:
        // only `set` changes the word, and it clobbers memory.
        unsafe {
            asm!(
                "mov {0}, qword ptr [rip + magpool_thread_table_0_1@GOTTPOFF]",
                "mov {0}, qword ptr fs:[{0}]",
                out(reg) table,
                options(pure, readonly, nostack, preserves_flags),
            );
        }
        table
    }

    #[cfg(target_arch = "aarch64")]
    #[inline(always)]
    pub(crate) fn get() -> *const ThreadTable {
        let table;
        // SAFETY: as on x86-64. The thread's own register and the offset from the
        // GOT, whose loads the linker may turn into moves of a constant.
        unsafe {
            asm!(
                "adrp {0}, :gottprel:magpool_thread_table_0_1",
                "mrs {1}, tpidr_el0",
                "ldr {0}, [{0}, :gottprel_lo12:magpool_thread_table_0_1]",
                "ldr {0}, [{1}, {0}]",
                out(reg) table,
                out(reg) _,
                options(pure, readonly, nostack, preserves_flags),
            );
        }
        table
    }

    #[cfg(target_arch = "x86_64")]
    pub(crate) fn set(table: *const ThreadTable) {
        // SAFETY: stores to this thread's own word.
        unsafe {
            asm!(
                "mov {0}, qword ptr [rip + magpool_thread_table_0_1@GOTTPOFF]",
                "mov qword ptr fs:[{0}], {1}",
                out(reg) _,
                in(reg) table,
                options(nostack, preserves_flags),
            );
        }
    }

    #[cfg(target_arch = "aarch64")]
    pub(crate) fn set(table: *const ThreadTable) {
        // SAFETY: stores to this thread's own word.
        unsafe {
            asm!(
                "adrp {0}, :gottprel:magpool_thread_table_0_1",
                "mrs {1}, tpidr_el0",
                "ldr {0}, [{0}, :gottprel_lo12:magpool_thread_table_0_1]",
                "str {2}, [{1}, {0}]",
                out(reg) _,
                out(reg) _,
                in(reg) table,
                options(nostack, preserves_flags),
            );
        }
    }
}

#[cfg(not(all(
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64"),
    target_pointer_width = "64",
    target_endian = "little",
    not(any(magpool_portable, loom, shuttle))
)))]
mod imp {
    use super::super::{ThreadTable, EMPTY};
    use crate::sync::per_thread;
    use std::cell::Cell;

    per_thread! {
        static TABLE: Cell<*const ThreadTable> = Cell::new((&raw const EMPTY).cast());
    }

    #[inline(always)]
    pub(crate) fn get() -> *const ThreadTable {
        // A constant initialiser and no destructor: usable as long as the thread.
        TABLE.with(Cell::get)
    }

    pub(crate) fn set(table: *const ThreadTable) {
        TABLE.with(|word| word.set(table));
    }
}
