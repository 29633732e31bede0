//! Secrets for the keys of free slots.

#![forbid(unsafe_code)]

use std::hash::{BuildHasher, Hasher, RandomState};

/// Sixty-four bits no program writes by accident.
pub(crate) fn secret() -> u64 {
    // No entropy yet, or a filtered system call: std's per-process keys.
    from_system().unwrap_or_else(|| RandomState::new().build_hasher().finish())
}

#[cfg(all(any(target_os = "linux", target_os = "android"), not(magpool_portable)))]
fn from_system() -> Option<u64> {
    let mut bytes = [0; 8];
    let drawn = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::NONBLOCK);
    (drawn == Ok(8)).then(|| u64::from_ne_bytes(bytes))
}

#[cfg(not(all(any(target_os = "linux", target_os = "android"), not(magpool_portable))))]
fn from_system() -> Option<u64> {
    None
}
