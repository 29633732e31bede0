//! The design that magpool replaces: objects made beforehand, in a list behind one lock.

#![allow(unsafe_code, reason = "objects are addresses in one block of memory")]

use crate::peer::{Kind, Local, Peer, Pointer, Setup};
use std::alloc::{alloc_zeroed, dealloc, Layout};
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

pub(crate) struct Seed {
    free: Mutex<Vec<Pointer>>,
    memory: Pointer,
    layout: Layout,
}

impl Peer for Seed {
    const NAME: &'static str = "seed";
    const KIND: Kind = Kind::Seed;
    const BOUNDED: bool = true;
    type Object = Pointer;
    type Local<'a> = SeedLocal<'a>;

    fn version() -> String {
        "1".into()
    }

    fn create(setup: &Setup) -> Result<Self, String> {
        let stride = setup.object_bytes.max(1).next_multiple_of(16);
        let bytes = stride.checked_mul(setup.capacity.max(1)).ok_or("too many objects")?;
        let layout = Layout::from_size_align(bytes, 64).map_err(|error| error.to_string())?;
        // SAFETY: the layout has bytes.
        let memory = NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or("no memory")?;
        let objects = (0..setup.capacity).map(|index| {
            // SAFETY: the memory has room for all of them.
            Pointer(unsafe { memory.add(index * stride) })
        });
        Ok(Seed { free: Mutex::new(objects.rev().collect()), memory: Pointer(memory), layout })
    }

    fn local(&self) -> SeedLocal<'_> {
        SeedLocal { free: &self.free }
    }
}

impl Drop for Seed {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout; nobody has an object any more.
        unsafe { dealloc(self.memory.0.as_ptr(), self.layout) };
    }
}

// SAFETY: the memory is only handed out in parts.
unsafe impl Sync for Seed {}

pub(crate) struct SeedLocal<'a> {
    free: &'a Mutex<Vec<Pointer>>,
}

impl Local for SeedLocal<'_> {
    type Object = Pointer;

    fn alloc(&mut self) -> Option<Pointer> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn free(&mut self, object: Pointer) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(object);
    }

    fn bytes(object: &mut Pointer) -> *mut u8 {
        object.0.as_ptr()
    }
}
