//! Tokens: the owner of an object writes its own into every word. Two owners of one
//! object, or a write into somebody else's, are seen.
//!
//! Words are atomic, so that a pool that is wrong gives a failed test and no undefined
//! behaviour.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

// ORDERING (whole file): in a sound pool nobody else writes these words.

pub(crate) fn write(words: &[AtomicU64], token: u64) {
    // ORDERING: see above.
    words.iter().for_each(|word| word.store(token, Relaxed));
}

#[track_caller]
pub(crate) fn verify(words: &[AtomicU64], token: u64) {
    // ORDERING: see above.
    let mut found = words.iter().map(|word| word.load(Relaxed));
    let other = found.find(|&word| word != token);
    assert_eq!(other, None, "two owners: one's token is {token:#x}");
}

/// Before an object is given up: another owner would miss its token.
#[track_caller]
pub(crate) fn wipe(words: &[AtomicU64], token: u64) {
    verify(words, token);
    write(words, 0);
}
