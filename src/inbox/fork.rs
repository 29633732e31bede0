//! The table, and its lock over a fork: the child's table is whole. Nothing is locked while
//! the lock is held, so it does not matter when it is taken.

#![allow(unsafe_code, reason = "pthread_atfork; a lock that is held from one handler to the next")]

use super::Table;
use crate::sync::{Mutex, PoolGuard};
use std::cell::UnsafeCell;
use std::sync::Once;

static TABLE: Mutex<Table> = Mutex::new(Table::new());

pub(super) fn table() -> PoolGuard<'static, Table> {
    TABLE.lock()
}

/// The table's lock while its holder forks.
struct Held(UnsafeCell<Option<PoolGuard<'static, Table>>>);

// SAFETY: touched only by a thread that holds the table's lock, which is in it.
unsafe impl Sync for Held {}

static HELD: Held = Held(UnsafeCell::new(None));
static ONCE: Once = Once::new();

/// Called before there is anything in the table.
pub(super) fn prepare() {
    ONCE.call_once(|| {
        // SAFETY: the functions may be called until the process ends: the library is never
        // unmapped. Without memory for the entry a fork is as in a program that does not
        // do this.
        unsafe { libc::pthread_atfork(Some(before), Some(after), Some(after_in_child)) };
    });
}

unsafe extern "C" fn before() {
    let table = table();
    // SAFETY: this thread holds the lock.
    unsafe { *HELD.0.get() = Some(table) };
}

unsafe extern "C" fn after() {
    // SAFETY: this thread took the lock in `before`.
    drop(unsafe { (*HELD.0.get()).take() });
}

unsafe extern "C" fn after_in_child() {
    // SAFETY: as in `after`.
    if let Some(mut table) = unsafe { (*HELD.0.get()).take() } {
        // Threads that were telling an inbox, or closing it, are not here to end that.
        table.inboxes.values().for_each(|inbox| {
            inbox.posting = 0;
            inbox.closing = false;
        });
    }
}
