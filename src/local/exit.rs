//! Being told when a thread ends.
//!
//! A pthread key rather than a `thread_local!` with a destructor: setting one of
//! the first 32 keys needs no memory (registering a destructor does, and glibc
//! aborts when it gets none), key destructors run after those of C++ and Rust
//! thread-locals, which may still use the pool, and a key that is set by another
//! key's destructor is seen in the next round.

#![allow(unsafe_code, reason = "pthread keys")]

use super::{end_thread, Retire};
use crate::error::Error;
use std::ffi::c_void;
use std::sync::OnceLock;

/// The key, and what to do with caches. One for the process; never deleted.
static KEY: OnceLock<Option<(libc::pthread_key_t, Retire)>> = OnceLock::new();

/// Arranges that `retire` is called for each of the calling thread's caches when
/// the thread ends. `retire` is the same in every call.
pub(super) fn watch_exit(retire: Retire) -> Result<(), Error> {
    let key = KEY.get_or_init(|| make_key().map(|key| (key, retire)));
    let (key, _) = key.ok_or(Error::NoMemory)?;
    // SAFETY: the key exists. Any value but NULL makes the destructor run.
    match unsafe { libc::pthread_setspecific(key, (&raw const KEY).cast()) } {
        0 => Ok(()),
        _ => Err(Error::NoMemory),
    }
}

fn make_key() -> Option<libc::pthread_key_t> {
    let mut key = 0;
    // SAFETY: `at_exit` may be called on any thread until the process ends: the
    // library is never unmapped.
    (unsafe { libc::pthread_key_create(&mut key, Some(at_exit)) } == 0).then_some(key)
}

unsafe extern "C" fn at_exit(_value: *mut c_void) {
    if let Some(Some((_, retire))) = KEY.get() {
        end_thread(*retire);
    }
}
