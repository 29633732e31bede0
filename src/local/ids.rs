//! The numbers that the crate `thread_local` gives to threads.
//!
//! It keeps them behind a lock of its own, taken when a thread first needs its number
//! and again when the thread ends. Held by another thread at the moment of a fork, that
//! lock would stay locked in the child for ever. The first is done under a pool's lock,
//! which a fork takes; for the second, a thread passes a gate that a fork closes:
//! destructors of thread-locals run in the reverse order of their first use, so one used
//! before the crate's and one used after it stand on both sides of it. (In a Rust
//! program that used `thread_local` on that thread before, they do not.)

#![forbid(unsafe_code)]

use crate::sync::{RwLock, MODELLED};
use std::cell::Cell;
use std::panic::catch_unwind;
use std::sync::{RwLockReadGuard, RwLockWriteGuard};
use thread_local::ThreadLocal;

/// Every thread that ever made a cache is in here as long as `thread_local` knows
/// it: after that thread's own destructors of thread-locals, it is not.
static IDS: ThreadLocal<()> = ThreadLocal::new();

static GATE: RwLock<()> = RwLock::new(());

/// Keeps threads from giving their numbers back.
pub(crate) type Closed = RwLockWriteGuard<'static, ()>;

/// Enters the gate when the thread ends, before the crate's destructor.
struct Enter;

impl Drop for Enter {
    fn drop(&mut self) {
        PHASE.set(Phase::Over);
        // Gone already only if the order is not as it should be; then there is no gate.
        let _ = INSIDE.try_with(|inside| inside.set(Some(GATE.read())));
    }
}

/// How far the calling thread's thread-locals are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No number.
    Before,
    /// A number that the end of the thread-locals will give back, if it is still to come.
    Known,
    Over,
}

thread_local! {
    static PHASE: Cell<Phase> = const { Cell::new(Phase::Before) };
}

/// Whether the thread, whose keys' destructors run, keeps its number for ever: glibc runs those
/// of thread-locals before, and the number was given after them. (Elsewhere the order is not
/// known.)
pub(crate) fn is_late() -> bool {
    cfg!(all(target_os = "linux", target_env = "gnu")) && !MODELLED && PHASE.get() == Phase::Known
}

thread_local! {
    /// What a thread holds while it is inside the gate; dropped after the crate's.
    static INSIDE: Cell<Option<RwLockReadGuard<'static, ()>>> = const { Cell::new(None) };
    static ENTER: Enter = const { Enter };
}

/// Whether the calling thread has a number.
pub(crate) fn is_known() -> bool {
    IDS.get().is_some()
}

/// Gives the calling thread a number, or says that it cannot have one any more: in a
/// Rust program that uses `thread_local` itself, the thread's end may have been seen
/// before its first cache. Boxes memory; call under the lock of a pool.
pub(crate) fn make_known() -> bool {
    let _ = INSIDE.try_with(|_| ());
    let known = catch_unwind(|| IDS.get_or(|| ())).is_ok();
    if PHASE.get() == Phase::Before && known {
        PHASE.set(Phase::Known);
    }
    let _ = ENTER.try_with(|_| ());
    known
}

/// Closes the gate, for a fork.
pub(crate) fn close() -> Closed {
    GATE.write()
}
