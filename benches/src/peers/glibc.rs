//! The system's `malloc` and `free`.

#![allow(unsafe_code, reason = "calls malloc and free")]

use crate::peer::{Kind, Local, Peer, Pointer, Setup};
use std::ffi::CStr;
use std::ptr::NonNull;

pub(crate) struct Glibc {
    object_bytes: usize,
}

impl Peer for Glibc {
    const NAME: &'static str = "glibc";
    const KIND: Kind = Kind::Allocator;
    const BOUNDED: bool = false;
    type Object = Pointer;
    type Local<'a> = GlibcLocal;

    fn version() -> String {
        // SAFETY: returns a C string that is never freed.
        unsafe { CStr::from_ptr(libc::gnu_get_libc_version()) }.to_string_lossy().into_owned()
    }

    fn create(setup: &Setup) -> Result<Self, String> {
        Ok(Glibc { object_bytes: setup.object_bytes })
    }

    fn local(&self) -> GlibcLocal {
        GlibcLocal { object_bytes: self.object_bytes }
    }
}

pub(crate) struct GlibcLocal {
    object_bytes: usize,
}

impl Local for GlibcLocal {
    type Object = Pointer;

    #[inline(always)]
    fn alloc(&mut self) -> Option<Pointer> {
        // SAFETY: any size may be asked for.
        NonNull::new(unsafe { libc::malloc(self.object_bytes) }.cast()).map(Pointer)
    }

    #[inline(always)]
    fn free(&mut self, object: Pointer) {
        // SAFETY: it came from malloc, and whoever had it gave it up.
        unsafe { libc::free(object.0.as_ptr().cast()) };
    }

    #[inline(always)]
    fn bytes(object: &mut Pointer) -> *mut u8 {
        object.0.as_ptr()
    }
}
