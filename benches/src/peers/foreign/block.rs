//! What the pools of Rust crates hold: bytes of a size that only the run knows, on the heap.

#![allow(unsafe_code, reason = "hands out the address of what it owns")]

use std::mem::MaybeUninit;
use std::ptr::NonNull;

type Piece = MaybeUninit<u128>;

/// Bytes, aligned as those of `malloc` are. They are kept by address, so that workloads may
/// write to them while the pool holds the block itself.
pub(crate) struct Block {
    pieces: NonNull<[Piece]>,
}

impl Block {
    pub(crate) fn new(bytes: usize) -> Self {
        let pieces = Box::new_uninit_slice(bytes.div_ceil(size_of::<Piece>()));
        Self { pieces: NonNull::from(Box::leak(pieces)) }
    }

    pub(crate) fn address(&self) -> NonNull<u8> {
        self.pieces.cast()
    }

    /// Whether it has no bytes, as the default has none.
    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.len() == 0
    }
}

impl Default for Block {
    fn default() -> Self {
        Self::new(0)
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: it came from a box and is dropped once.
        drop(unsafe { Box::from_raw(self.pieces.as_ptr()) });
    }
}

// SAFETY: it owns its bytes.
unsafe impl Send for Block {}
// SAFETY: a shared block gives no more than its address.
unsafe impl Sync for Block {}
