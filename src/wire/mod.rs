//! The wire format of protobuf, straight into a message's memory and out of it.
//!
//! `poolgen` writes a table for every message ([`Row`]): which fields there are, how they
//! travel, and where in the message they lie. One decoder and one encoder walk those
//! tables, for all languages: C calls them through `include/pool_wire.h`, Dart through the
//! library, Rust by the trait [`Message`] and `Pool::decode`. Nothing is allocated.
//!
//! ```
//! use magpool::generated::concurrent::{small_message_pool, SmallMessage};
//! use magpool::wire::Message as _;
//!
//! let pool = small_message_pool()?;
//! let message = pool.decode(b"\x08\x07\x12\x03tea").expect("it is well formed");
//! assert_eq!((message.id, message.name()), (7, &b"tea"[..]));
//! let mut bytes = [0; 40];
//! let used = message.encode_to_slice(&mut bytes).expect("40 bytes are enough");
//! assert_eq!(&bytes[..used], b"\x08\x07\x12\x03tea");
//! assert_eq!(message.to_json(), r#"{"id":7,"name":"tea"}"#);
//! # Ok::<(), magpool::Error>(())
//! ```
//!
//! What must hold for the unsafe code here and in `ffi/wire.rs`: a table was checked
//! ([`Tables::new`], `pool_wire_check`), and it describes the memory it is used on. Memory
//! is reached only through `object`, which checks every access against the message's
//! size all the same.

mod decode;
mod encode;
mod fault;
mod input;
mod json;
mod map;
mod object;
mod output;
mod table;
#[cfg(test)]
mod tests;
mod unknown;
mod values;
mod well_known;

use std::fmt;

pub use object::Message;
pub(crate) use object::{Source, Target};
pub use table::{Row, Table, Tables};
pub use table::{
    ALWAYS, BOOL, BYTES, CASE, CLOSED, COUNT, DOUBLE, ENUM, FIXED, FIXED32, FIXED64, FLOAT, HAS,
    IMPLICIT, INT32, INT64, MAP, MESSAGE, NUMBERS, REQUIRED, SFIXED32, SFIXED64, SINT32, SINT64,
    STRING, TABLE, UINT32, UINT64, UNKNOWN, UTF8, VALUES,
};

pub(crate) use decode::{decode, merge};
pub(crate) use encode::{encode, size};
pub(crate) use fault::{fault, nesting_fault};
pub(crate) use json::json;
pub(crate) use output::Output;

/// Messages and groups within each other that a decoder follows.
pub(crate) const DEPTH_MAX: u32 = 100;

/// What is wrong with bytes, or with a message to be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// The bytes end within a field.
    Truncated,
    /// A varint has more than 64 bits.
    Overlong,
    /// A field's tag is none: its number is 0, its wire type unknown, or it ends a group
    /// that did not begin.
    BadTag,
    /// A known field has a wire type that its type cannot have.
    WrongType,
    /// A string or bytes field is longer than its `max_length`, or an unknown one does not fit in
    /// what `unknown_max` leaves.
    TooLong,
    /// A repeated field has more elements than its `max_count`.
    TooMany,
    /// A string is not UTF-8.
    BadUtf8,
    /// Messages or groups are nested more than 100 deep.
    TooDeep,
    /// The buffer is too small for the encoding.
    NoRoom,
    /// A fixed field has another length or count than its own.
    WrongLength,
    /// A required field is not there.
    Missing,
}

impl Cause {
    /// One English sentence.
    pub const fn message(self) -> &'static str {
        match self {
            Cause::Truncated => "the bytes end within a field",
            Cause::Overlong => "a varint has more than 64 bits",
            Cause::BadTag => "a tag has no field number, no wire type, or ends no group",
            Cause::WrongType => "a field has a wire type that its type cannot have",
            Cause::TooLong => "a text or bytes field is longer than its max_length, or unknown fields than unknown_max",
            Cause::TooMany => "a repeated field has more elements than its max_count",
            Cause::BadUtf8 => "a string is not UTF-8",
            Cause::TooDeep => "messages or groups are nested too deep",
            Cause::NoRoom => "the buffer is too small for the encoding",
            Cause::WrongLength => "a fixed field has another length or count than its own",
            Cause::Missing => "a required field is not there",
        }
    }
}

/// Why bytes could not be decoded, or a message not encoded, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub cause: Cause,
    /// The number of the field it is about, in the innermost message; 0 if there is none.
    pub field: u32,
    /// Decoding: where in the bytes that field's tag begins, or ([`Cause::Missing`]) the message
    /// ends that lacks it. Encoding: bytes that are needed
    /// ([`Cause::NoRoom`]), or else 0.
    pub offset: usize,
}

/// Why there is no message made of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The pool has no object for it.
    Pool(crate::error::Error),
    /// The bytes are none.
    Wire(Error),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::Pool(error) => error.fmt(f),
            DecodeError::Wire(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for DecodeError {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (field {}, byte {})", self.cause.message(), self.field, self.offset)
    }
}

impl std::error::Error for Error {}
