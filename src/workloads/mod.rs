//! The concurrent test programme, run by threads of its own: what
//! `include/pool_workloads.h` promises. Everything here goes through the crate's
//! public interface and the generated messages, as a user's program would.
//!
//! `threads` starts the threads, `message` writes and verifies messages from a
//! pattern, `timed` and `proofs` are the programme. Nothing panics: whatever goes
//! wrong is [`Failed`].

#![forbid(unsafe_code)]

mod message;
mod proofs;
mod random;
mod stats_message;
#[cfg(test)]
mod tests;
mod threads;
mod timed;

pub(crate) use proofs::{exhausts_beyond, free_list_is_sound};
pub(crate) use timed::{bursts, contention, mixed, one_pool};

use crate::error::{Error, FieldTooLong};

/// A message was damaged, an allocation failed below the limit, or a thread could
/// not be started. The C ABI has one value for all of these.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failed;

impl From<Error> for Failed {
    fn from(_: Error) -> Failed {
        Failed
    }
}

impl From<FieldTooLong> for Failed {
    fn from(_: FieldTooLong) -> Failed {
        Failed
    }
}
