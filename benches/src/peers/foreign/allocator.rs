//! General allocators behind one adapter: each says only what its functions are.

#![allow(unsafe_code, reason = "calls allocators by their C functions")]

use crate::peer::{Kind, Local, Peer, Pointer, Setup};
use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr::NonNull;

/// The functions of an allocator.
pub(crate) trait Functions: Copy + Send + Sync + 'static {
    const NAME: &'static str;

    fn version() -> String;

    /// Finds them, or says what is missing.
    fn load() -> Result<Self, String>;

    /// A block of so many bytes, or null.
    fn allocate(self, bytes: usize) -> *mut c_void;

    /// Gives a block back.
    ///
    /// # Safety
    /// `allocate` returned it for that many bytes, and nobody uses it any more.
    unsafe fn release(self, block: *mut c_void, bytes: usize);

    /// A thread is about to use the allocator.
    fn enter(self) {}

    /// It is done with it.
    fn leave(self) {}
}

/// An allocator as a peer: without a limit, every object a block.
pub(crate) struct Allocator<F> {
    functions: F,
    bytes: usize,
}

impl<F: Functions> Peer for Allocator<F> {
    const NAME: &'static str = F::NAME;
    const KIND: Kind = Kind::Allocator;
    const BOUNDED: bool = false;

    type Object = Pointer;
    type Local<'a> = Thread<F>;

    fn version() -> String {
        F::version()
    }

    fn create(setup: &Setup) -> Result<Self, String> {
        Ok(Self { functions: F::load()?, bytes: setup.object_bytes })
    }

    fn local(&self) -> Thread<F> {
        self.functions.enter();
        Thread { functions: self.functions, bytes: self.bytes, here: PhantomData }
    }
}

/// A thread that uses the allocator; it stays on that thread.
pub(crate) struct Thread<F: Functions> {
    functions: F,
    bytes: usize,
    here: PhantomData<*mut ()>,
}

impl<F: Functions> Local for Thread<F> {
    type Object = Pointer;

    fn alloc(&mut self) -> Option<Pointer> {
        NonNull::new(self.functions.allocate(self.bytes).cast()).map(Pointer)
    }

    fn free(&mut self, object: Pointer) {
        // SAFETY: workloads free what they had from `alloc` of the same peer, once.
        unsafe { self.functions.release(object.0.as_ptr().cast(), self.bytes) }
    }

    fn bytes(object: &mut Pointer) -> *mut u8 {
        object.0.as_ptr()
    }
}

impl<F: Functions> Drop for Thread<F> {
    fn drop(&mut self) {
        self.functions.leave();
    }
}
