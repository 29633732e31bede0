//! magpool as a C program has it: the shared library, called through pointers.

#![allow(unsafe_code, reason = "calls the C library")]

use super::library::Library;
use crate::peer::{Kind, Local, Peer, Pointer, Setup};
use std::ffi::{c_char, c_int, c_void};
use std::path::PathBuf;
use std::ptr::{null, null_mut, NonNull};
use std::sync::OnceLock;

const ABI_VERSION: u32 = 1;
const OK: c_int = 0;

/// `pool_config_t`.
#[repr(C)]
struct Config {
    struct_size: usize,
    name: *const c_char,
    object_size: usize,
    object_align: usize,
    capacity: usize,
    limit: usize,
    magazine_rounds: u32,
    flags: u32,
    reserve: usize,
}

pub(super) type Handle = *mut c_void;

/// The functions of the library that are measured.
pub(super) struct Api {
    create: unsafe extern "C" fn(*const Config, *mut Handle) -> c_int,
    destroy_forced: unsafe extern "C" fn(Handle, *mut usize) -> c_int,
    alloc: unsafe extern "C" fn(Handle) -> *mut u8,
    try_alloc: unsafe extern "C" fn(Handle, *mut *mut u8) -> c_int,
    free: unsafe extern "C" fn(Handle, *mut u8) -> c_int,
    alloc_batch: unsafe extern "C" fn(Handle, *mut *mut u8, usize) -> usize,
    free_batch: unsafe extern "C" fn(Handle, *const *mut u8, usize) -> usize,
    version: unsafe extern "C" fn() -> u32,
    pub(super) cache_create: unsafe extern "C" fn(Handle, *mut Handle) -> c_int,
    pub(super) cache_destroy: unsafe extern "C" fn(Handle) -> c_int,
    pub(super) cache_alloc: unsafe extern "C" fn(Handle) -> *mut u8,
    pub(super) cache_free: unsafe extern "C" fn(Handle, *mut u8) -> c_int,
    /// Only libraries with the layout of pool_inline.h have it.
    _layout: unsafe extern "C" fn() -> u32,
}

/// The library, opened once.
fn api() -> Result<&'static Api, String> {
    static API: OnceLock<Result<Api, String>> = OnceLock::new();
    API.get_or_init(|| load(&path()?)).as_ref().map_err(Clone::clone)
}

/// `MAGPOOL_LIBRARY`, or the release build in the directory that this program was built in.
fn path() -> Result<PathBuf, String> {
    if let Some(path) = std::env::var_os("MAGPOOL_LIBRARY") {
        return Ok(path.into());
    }
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    program
        .ancestors()
        .skip(1)
        .take(3)
        .map(|directory| match directory.ends_with("release") {
            true => directory.join("libmagpool.so"),
            false => directory.join("release/libmagpool.so"),
        })
        .find(|path| path.is_file())
        .ok_or_else(|| "no libmagpool.so: run make build, or set MAGPOOL_LIBRARY".into())
}

fn load(path: &std::path::Path) -> Result<Api, String> {
    let library = Library::open(path)?;
    // SAFETY: the types are those of include/pool.h, whose version is compared below.
    let api = unsafe {
        let abi_version: unsafe extern "C" fn() -> u32 = library.function(c"pool_abi_version")?;
        if abi_version() != ABI_VERSION {
            return Err(format!("{}: another binary interface", path.display()));
        }
        Api {
            create: library.function(c"pool_create")?,
            destroy_forced: library.function(c"pool_destroy_forced")?,
            alloc: library.function(c"pool_alloc")?,
            try_alloc: library.function(c"pool_try_alloc")?,
            free: library.function(c"pool_free")?,
            alloc_batch: library.function(c"pool_alloc_batch")?,
            free_batch: library.function(c"pool_free_batch")?,
            version: library.function(c"pool_version")?,
            cache_create: library.function(c"pool_cache_create")?,
            cache_destroy: library.function(c"pool_cache_destroy")?,
            cache_alloc: library.function(c"pool_cache_alloc")?,
            cache_free: library.function(c"pool_cache_free")?,
            _layout: library.function(c"pool_cache_layout_1")?,
        }
    };
    Ok(api)
}

pub(crate) struct MagpoolC {
    pub(super) api: &'static Api,
    pub(super) pool: Handle,
}

// SAFETY: any thread may use a pool at any time.
unsafe impl Send for MagpoolC {}
// SAFETY: as above.
unsafe impl Sync for MagpoolC {}

impl Peer for MagpoolC {
    const NAME: &'static str = "magpool";
    const KIND: Kind = Kind::Magpool;
    const BOUNDED: bool = true;
    type Object = Pointer;
    type Local<'a> = MagpoolCLocal<'a>;

    fn version() -> String {
        // SAFETY: takes nothing.
        let number = api().map_or(0, |api| unsafe { (api.version)() });
        format!("{}.{}.{}", number / 10000, number / 100 % 100, number % 100)
    }

    fn create(setup: &Setup) -> Result<Self, String> {
        let api = api()?;
        let config = Config {
            struct_size: size_of::<Config>(),
            name: null(),
            object_size: setup.object_bytes,
            object_align: 0,
            capacity: setup.capacity,
            limit: 0,
            magazine_rounds: 0,
            flags: 0,
            reserve: 0,
        };
        let mut pool = null_mut();
        // SAFETY: both point to what the header asks for.
        match unsafe { (api.create)(&raw const config, &raw mut pool) } {
            OK => Ok(MagpoolC { api, pool }),
            status => Err(format!("pool_create: status {status}")),
        }
    }

    fn local(&self) -> MagpoolCLocal<'_> {
        MagpoolCLocal { peer: self }
    }
}

impl Drop for MagpoolC {
    fn drop(&mut self) {
        // SAFETY: the pool is this value's, and no thread uses it any more.
        unsafe { (self.api.destroy_forced)(self.pool, null_mut()) };
    }
}

pub(crate) struct MagpoolCLocal<'a> {
    peer: &'a MagpoolC,
}

impl Local for MagpoolCLocal<'_> {
    type Object = Pointer;

    #[inline(always)]
    fn alloc(&mut self) -> Option<Pointer> {
        // SAFETY: the pool lives as long as its peer.
        NonNull::new(unsafe { (self.peer.api.alloc)(self.peer.pool) }).map(Pointer)
    }

    fn alloc_or_verdict(&mut self) -> Option<Pointer> {
        let mut object = null_mut();
        // SAFETY: as above; the object is written to a place of this call.
        unsafe { (self.peer.api.try_alloc)(self.peer.pool, &raw mut object) };
        NonNull::new(object).map(Pointer)
    }

    #[inline(always)]
    fn free(&mut self, object: Pointer) {
        // SAFETY: the pool checks whatever it is given.
        unsafe { (self.peer.api.free)(self.peer.pool, object.0.as_ptr()) };
    }

    #[inline(always)]
    fn bytes(object: &mut Pointer) -> *mut u8 {
        object.0.as_ptr()
    }

    #[inline(always)]
    fn alloc_batch(&mut self, objects: &mut Vec<Pointer>, count: usize) -> usize {
        objects.reserve(count);
        let room = objects.spare_capacity_mut().as_mut_ptr();
        // SAFETY: there is room for `count`; the call writes as many objects as it returns,
        // none of them null, and a `Pointer` is a pointer.
        unsafe {
            let got = (self.peer.api.alloc_batch)(self.peer.pool, room.cast(), count);
            objects.set_len(objects.len() + got);
            got
        }
    }

    #[inline(always)]
    fn free_batch(&mut self, objects: &mut Vec<Pointer>) {
        // SAFETY: a `Pointer` is a pointer, and there are so many.
        unsafe {
            (self.peer.api.free_batch)(self.peer.pool, objects.as_ptr().cast(), objects.len());
        }
        objects.clear();
    }
}
