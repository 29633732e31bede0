//! Fixed-size object pools for programs with many threads.
//!
//! A [`Pool`] hands out objects of one type. Every thread keeps two magazines of
//! free slots of its own, so that allocating and freeing need no lock, no atomic
//! read-modify-write and no fence; whole magazines move between threads through
//! a depot. An allocation fails only if every object was live at some instant of
//! the call, whatever lies in other threads' magazines.
//!
//! C programs use the same pools through `include/pool.h`, Dart programs through
//! the package in `dart/`. `docs/design.md` says how it works.
//!
//! ```
//! struct Session { id: u32, peer: String }
//!
//! let sessions = magpool::Pool::<Session>::builder().capacity(1000).build()?;
//! let mut session = sessions.alloc(Session { id: 1, peer: "tea".into() })?;
//! session.id += 1;
//! assert_eq!((session.id, session.peer.as_str()), (2, "tea"));
//! drop(session); // Back in the pool; so are those that other threads drop.
//! assert_eq!(sessions.stats()?.in_use, 0);
//! # Ok::<(), magpool::Error>(())
//! ```
//!
//! For when not to use it: objects of many sizes, or a program with one thread
//! and no bound to keep, are served as well by `malloc`.

#![deny(unsafe_code)] // Files that need it say why; most others forbid it.

// The crate's generated messages name it as a user's do.
extern crate self as magpool;

mod cache;
mod config;
mod depot;
mod error;
mod ffi;
mod future;
pub mod generated;
mod holes;
mod inbox;
mod local;
mod magazine;
mod pool;
mod slab;
mod stats;
mod sync;
mod sys;
mod typed;
pub mod wire;
mod workloads;

pub use error::{Error, FieldTooLong};
pub use future::AllocFuture;
pub use stats::{Report, Stats};
pub use typed::{PlainData, Pool, PoolBuilder, Pooled};
