//! magpool as a Rust program has it: `magpool::Pool`, in a type.

#![allow(unsafe_code, reason = "hands objects from thread to thread as raw pointers")]

use crate::peer::{Kind, Local, Peer, Pointer, Setup};

/// What a C program would call 64 bytes.
#[repr(C, align(16))]
#[derive(Clone, Copy)]
struct Block([u8; 64]);

// SAFETY: any bytes are a `Block`, which has no padding and needs no drop.
unsafe impl magpool::PlainData for Block {}

pub(crate) struct MagpoolRust {
    pool: magpool::Pool<Block>,
}

impl Peer for MagpoolRust {
    const NAME: &'static str = "magpool-rust";
    const KIND: Kind = Kind::Magpool;
    const BOUNDED: bool = true;
    type Object = Pointer;
    type Local<'a> = MagpoolRustLocal<'a>;

    fn version() -> String {
        env!("CARGO_PKG_VERSION").into()
    }

    fn create(setup: &Setup) -> Result<Self, String> {
        if setup.object_bytes != size_of::<Block>() {
            return Err("its objects have a type: of 64 bytes here".into());
        }
        let pool = magpool::Pool::builder().capacity(setup.capacity).build();
        pool.map(|pool| MagpoolRust { pool }).map_err(|error| error.to_string())
    }

    fn local(&self) -> MagpoolRustLocal<'_> {
        MagpoolRustLocal { pool: &self.pool }
    }
}

pub(crate) struct MagpoolRustLocal<'a> {
    pool: &'a magpool::Pool<Block>,
}

impl Local for MagpoolRustLocal<'_> {
    type Object = Pointer;

    #[inline(always)]
    fn alloc(&mut self) -> Option<Pointer> {
        let object = self.pool.alloc_reused().ok()?;
        Some(Pointer(object.into_raw().cast()))
    }

    #[inline(always)]
    fn free(&mut self, object: Pointer) {
        // SAFETY: the object is a live one of this pool, whole whatever its bytes, and was
        // given up by whoever had it.
        drop(unsafe { self.pool.adopt(object.0.cast()) });
    }

    #[inline(always)]
    fn bytes(object: &mut Pointer) -> *mut u8 {
        object.0.as_ptr()
    }
}
