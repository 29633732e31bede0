//! The asymmetric barrier between a cache's owner and a thread that revokes it.
//!
//! The owner writes `busy`, then reads the cache's token; the revoker writes the
//! token, then reads `busy`. One of the two must see the other's write. With
//! `membarrier` the revoker's system call puts a full fence into every running
//! thread, so the owner needs only a compiler fence ([`light`]). Where the
//! system has no `membarrier`, caches take their fenced path instead: then
//! [`fast_path_allowed`] is false and owners use [`full`].

#![forbid(unsafe_code)]

use super::nap::nap;
use crate::sync::plain::AtomicU8;
use crate::sync::{fence, light_fence, planted, Bug, Relaxed, SeqCst};

const UNKNOWN: u8 = 0;
const ASYMMETRIC: u8 = 1;
const FENCED: u8 = 2;
/// Was `ASYMMETRIC`, and the system refuses it now.
const LOST: u8 = 3;

static MODE: AtomicU8 = AtomicU8::new(UNKNOWN);

/// The owner's side when [`fast_path_allowed`]: orders nothing in hardware.
#[inline(always)]
pub(crate) fn light() {
    // ORDERING: keeps the compiler from moving the token's load above the store
    // of `busy`; `heavy` supplies the hardware order.
    light_fence();
}

/// The owner's side on the slow path: orders in any mode.
#[inline]
pub(crate) fn full() {
    if planted(Bug::NoFullBarrier) {
        return;
    }
    // ORDERING: total order with the fence in `heavy`.
    fence(SeqCst);
}

/// The revoker's side: between its stores of tokens and its loads of `busy`.
pub(crate) fn heavy() {
    if planted(Bug::NoHeavyBarrier) {
        return;
    }
    // ORDERING: pairs with `full`, and with `light` through the system call.
    fence(SeqCst);
    // ORDERING: see `fast_path_allowed`.
    let reached = match MODE.load(Relaxed) {
        ASYMMETRIC => reach_all(),
        LOST => false,
        _ => true,
    };
    if !reached {
        // The system took `membarrier` away (a filter installed later): no cache is
        // opened for the fast path any more, and those that are now have had their
        // stores out long before this is over.
        // ORDERING: as above.
        MODE.store(LOST, Relaxed);
        nap(2000);
    }
    // ORDERING: as above.
    fence(SeqCst);
}

/// Puts a fence into every running thread. Were a child of a fork to have lost the
/// registration, it registers again.
fn reach_all() -> bool {
    system::reach_registered() || (system::register() && system::reach_registered())
}

/// Decides the mode once per process; called before a pool is made.
/// `MAGPOOL_NO_MEMBARRIER` in the environment forces the fenced path.
pub(crate) fn prepare() {
    // ORDERING: a race decides twice, the same way.
    if MODE.load(Relaxed) != UNKNOWN {
        return;
    }
    let forced = std::env::var_os("MAGPOOL_NO_MEMBARRIER").is_some_and(|v| !v.is_empty());
    let registered = !forced && system::register();
    // ORDERING: the mode is read by threads that got a pool made after this.
    MODE.store(if registered { ASYMMETRIC } else { FENCED }, Relaxed);
}

/// Whether owners may use [`light`].
pub(crate) fn fast_path_allowed() -> bool {
    // ORDERING: set before the first pool exists; if it changes later, a cache opened
    // by the old value is revoked with the longer wait.
    MODE.load(Relaxed) == ASYMMETRIC
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod system {
    use rustix::thread::{membarrier, MembarrierCommand};

    pub(super) fn register() -> bool {
        membarrier(MembarrierCommand::RegisterPrivateExpedited).is_ok()
    }

    pub(super) fn reach_registered() -> bool {
        membarrier(MembarrierCommand::PrivateExpedited).is_ok()
    }
}

/// Without `membarrier`.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod system {
    pub(super) fn register() -> bool {
        false
    }

    pub(super) fn reach_registered() -> bool {
        false
    }
}
