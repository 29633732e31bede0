//! The messages of `proto/concurrent.proto` as prost has them, and their contents.

use prost::Message;

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Small {
    #[prost(uint32, tag = "1")]
    id: u32,
    #[prost(string, tag = "2")]
    name: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Medium {
    #[prost(uint32, tag = "1")]
    id: u32,
    #[prost(string, tag = "2")]
    title: String,
    #[prost(string, tag = "3")]
    description: String,
    #[prost(string, repeated, tag = "4")]
    tags: Vec<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Large {
    #[prost(uint32, tag = "1")]
    id: u32,
    #[prost(string, tag = "2")]
    title: String,
    #[prost(string, tag = "3")]
    description: String,
    #[prost(bytes = "vec", tag = "4")]
    payload: Vec<u8>,
    #[prost(message, repeated, tag = "5")]
    children: Vec<Small>,
    #[prost(string, repeated, tag = "6")]
    keywords: Vec<String>,
    #[prost(uint64, repeated, tag = "7")]
    timestamps: Vec<u64>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Stress {
    #[prost(uint32, tag = "1")]
    thread_id: u32,
    #[prost(uint64, tag = "2")]
    sequence: u64,
    #[prost(uint64, tag = "3")]
    timestamp: u64,
    #[prost(bytes = "vec", tag = "4")]
    data: Vec<u8>,
}

/// A message whose texts and lists are as full as `tenths` says.
pub(crate) trait Filled {
    fn filled(tenths: usize) -> Self;
}

/// A time in nanoseconds, as messages carry them: nine bytes of varint.
const NOW: u64 = 1_700_000_000_000_000_000;

fn text(length: usize) -> String {
    (0..length).map(|index| (b'a' + (index % 26) as u8) as char).collect()
}

impl Filled for Small {
    fn filled(tenths: usize) -> Self {
        Self { id: 123_456, name: text(32 * tenths / 10) }
    }
}

impl Filled for Medium {
    fn filled(tenths: usize) -> Self {
        Self {
            id: 123_456,
            title: text(64 * tenths / 10),
            description: text(256 * tenths / 10),
            tags: vec![text(16 * tenths / 10); 8 * tenths / 10],
        }
    }
}

impl Filled for Large {
    fn filled(tenths: usize) -> Self {
        Self {
            id: 123_456,
            title: text(64 * tenths / 10),
            description: text(512 * tenths / 10),
            payload: text(1024 * tenths / 10).into_bytes(),
            children: vec![Small::filled(tenths); 8 * tenths / 10],
            keywords: vec![text(24 * tenths / 10); 16 * tenths / 10],
            timestamps: (0..32 * tenths as u64 / 10).map(|index| NOW + index * 977).collect(),
        }
    }
}

impl Filled for Stress {
    fn filled(tenths: usize) -> Self {
        Self {
            thread_id: 17,
            sequence: 123_456_789,
            timestamp: NOW,
            data: text(128 * tenths / 10).into_bytes(),
        }
    }
}
