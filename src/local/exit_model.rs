//! The end of a thread of a model: the model's threads call it, as their last act.

#![forbid(unsafe_code)]

use super::{end_thread, Retire};
use crate::error::Error;
use crate::sync::{at_thread_end, per_thread};
use std::cell::Cell;

per_thread! {
    static RETIRE: Cell<Option<Retire>> = Cell::new(None);
}

/// As the machine's, which asks the system for a key.
pub(super) fn watch_exit(retire: Retire) -> Result<(), Error> {
    RETIRE.with(|told| told.set(Some(retire)));
    at_thread_end(|| {
        if let Some(retire) = RETIRE.with(Cell::take) {
            end_thread(retire);
        }
    });
    Ok(())
}
