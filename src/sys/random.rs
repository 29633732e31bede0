//! Secrets for the keys of free slots.

#![forbid(unsafe_code)]

use std::hash::{BuildHasher, Hasher, RandomState};

/// Sixty-four bits no program writes by accident.
pub(crate) fn secret() -> u64 {
    let mut bytes = [0; 8];
    match rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::NONBLOCK) {
        Ok(8) => u64::from_ne_bytes(bytes),
        // No entropy yet, or a filtered system call: std's per-process keys.
        _ => RandomState::new().build_hasher().finish(),
    }
}
