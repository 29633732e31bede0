//! Fixed-size object pools for programs with many threads.

mod cache;
mod config;
mod depot;
mod error;
mod ffi;
mod holes;
mod local;
mod magazine;
mod pool;
mod slab;
mod stats;
mod sync;
mod sys;

pub use config::Config;
pub use error::{Error, FieldTooLong};
pub use stats::{Report, Stats};
