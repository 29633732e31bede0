//! Measures magpool and its peers in one process, interleaved; see `docs/performance.md`.

#![deny(unsafe_code)]

mod outcome;
mod peer;
mod peers;

fn main() {}
