//! What any allocator with a cache a thread costs at least: `floor.c`, through its shared
//! library, as magpool is called.

#![allow(unsafe_code, reason = "calls the C library")]

use super::library::Library;
use crate::peer::{Kind, Local, Peer, Pointer, Setup};
use std::path::Path;
use std::ptr::NonNull;
use std::sync::OnceLock;

/// `floor_pool_t`.
#[repr(C)]
struct Pool {
    object_size: usize,
}

struct Api {
    alloc: unsafe extern "C" fn(*const Pool) -> *mut u8,
    free: unsafe extern "C" fn(*const Pool, *mut u8),
    end: unsafe extern "C" fn(),
}

fn api() -> Result<&'static Api, String> {
    static API: OnceLock<Result<Api, String>> = OnceLock::new();
    API.get_or_init(load).as_ref().map_err(Clone::clone)
}

fn load() -> Result<Api, String> {
    let library = Library::open(Path::new(env!("BENCHES_FLOOR")))
        .map_err(|error| format!("not built, for want of a C compiler? {error}"))?;
    // SAFETY: the types are those of floor.c.
    unsafe {
        Ok(Api {
            alloc: library.function(c"floor_alloc")?,
            free: library.function(c"floor_free")?,
            end: library.function(c"floor_end")?,
        })
    }
}

pub(crate) struct Floor {
    api: &'static Api,
    pool: Pool,
}

impl Peer for Floor {
    const NAME: &'static str = "floor";
    const KIND: Kind = Kind::Floor;
    const BOUNDED: bool = false;
    type Object = Pointer;
    type Local<'a> = FloorLocal<'a>;

    fn version() -> String {
        "1".into()
    }

    fn create(setup: &Setup) -> Result<Self, String> {
        Ok(Floor { api: api()?, pool: Pool { object_size: setup.object_bytes } })
    }

    fn local(&self) -> FloorLocal<'_> {
        FloorLocal { floor: self }
    }
}

pub(crate) struct FloorLocal<'a> {
    floor: &'a Floor,
}

impl Local for FloorLocal<'_> {
    type Object = Pointer;

    #[inline(always)]
    fn alloc(&mut self) -> Option<Pointer> {
        // SAFETY: the pool lives as long as its peer.
        NonNull::new(unsafe { (self.floor.api.alloc)(&raw const self.floor.pool) }).map(Pointer)
    }

    #[inline(always)]
    fn free(&mut self, object: Pointer) {
        // SAFETY: as above; the object came from it, and whoever had it gave it up.
        unsafe { (self.floor.api.free)(&raw const self.floor.pool, object.0.as_ptr()) };
    }

    #[inline(always)]
    fn bytes(object: &mut Pointer) -> *mut u8 {
        object.0.as_ptr()
    }
}

impl Drop for FloorLocal<'_> {
    fn drop(&mut self) {
        // SAFETY: gives back what this thread has cached.
        unsafe { (self.floor.api.end)() };
    }
}
