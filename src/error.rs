//! Why a call failed: one variant a cause, with the text users read.

#![forbid(unsafe_code)]

use std::fmt;

/// Why a call failed. The C ABI reports the same causes as `POOL_ERR_…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Error {
    /// A pointer argument was null.
    Null,
    /// A configuration value is out of its range.
    Invalid,
    /// The system refused memory. The pool stays usable.
    NoMemory,
    /// Every object of the pool was live at some instant of the call.
    Exhausted,
    /// The pool has live objects; it was not destroyed.
    Busy,
    /// The handle is not, or no longer, a pool.
    Destroyed,
    /// A pool of this name exists already, or has another shape.
    Exists,
    /// No pool has this name.
    NotFound,
    /// The pointer is no object of any pool.
    Foreign,
    /// The pointer is inside an object, not at its start.
    Interior,
    /// The object belongs to another pool.
    WrongPool,
    /// The object is free already.
    DoubleFree,
    /// The pool's bookkeeping or a free object is damaged.
    Corrupt,
    /// No object became free in the time given.
    Timeout,
}

impl Error {
    /// One English sentence that says what was wrong and what to do.
    pub const fn message(self) -> &'static str {
        match self {
            Error::Null => "a pointer argument is NULL",
            Error::Invalid => {
                "a configuration value is out of range: see pool_config_t in pool.h for the ranges"
            }
            Error::NoMemory => "the system refused memory; the pool stays usable",
            Error::Exhausted => {
                "the pool is exhausted: every object is live; free some or raise the limit"
            }
            Error::Busy => "the pool has live objects and was not destroyed; free them first",
            Error::Destroyed => "the handle is not a pool, or the pool was destroyed",
            Error::Exists => "a pool of this name exists already, or has another shape",
            Error::NotFound => "nothing has this name, ticket, token or inbox number",
            Error::Foreign => "the pointer is no object of any pool",
            Error::Interior => "the pointer is inside an object, not at its start",
            Error::WrongPool => "the object belongs to another pool",
            Error::DoubleFree => "the object is free already",
            Error::Corrupt => "the pool is damaged: its report says where",
            Error::Timeout => "no object became free in the time given",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Error {}

/// A string or bytes field of a message was given more than it can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldTooLong {
    /// Most bytes or elements the field can hold (its `max_length` or `max_count`).
    pub max: usize,
    /// Bytes or elements that were offered.
    pub len: usize,
}

impl fmt::Display for FieldTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} do not fit: the field holds at most {}", self.len, self.max)
    }
}

impl std::error::Error for FieldTooLong {}
