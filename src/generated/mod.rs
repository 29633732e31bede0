//! Messages and their pools, as `poolgen` writes them from the schemas in `proto/`.

// What is unsafe here is the promise that a message is plain data; its layout is asserted.
#![allow(unsafe_code)]

/// The messages of `proto/concurrent.proto`, the concurrent test programme's.
pub mod concurrent {
    // Included, not a module of its own, so that rustfmt leaves it as generated.
    include!("concurrent.g.rs");
}
