//! Boost.Pool under a mutex (`shims/boost_pool.cc`), with its default growth. It has no limit.

#![allow(unsafe_code, reason = "calls the shim")]

use super::shim::Shim;
use crate::peer::{Kind, Local, Peer, Pointer, Setup};
use std::ffi::{c_char, c_void, CStr};
use std::ptr::NonNull;
use std::sync::OnceLock;

const SHIM: Shim = Shim {
    path: env!("BENCH_BOOST_SHIM"),
    missing: env!("BENCH_BOOST_MISSING"),
    packages: "g++ libboost-dev",
};

pub(crate) struct BoostPool {
    calls: Calls,
    pool: Pool,
}

/// The pool in C++.
#[derive(Clone, Copy)]
struct Pool(*mut c_void);

// SAFETY: the shim locks it.
unsafe impl Send for Pool {}
// SAFETY: as above.
unsafe impl Sync for Pool {}

#[derive(Clone, Copy)]
pub(crate) struct Calls {
    version: unsafe extern "C" fn() -> *const c_char,
    create: unsafe extern "C" fn(usize) -> *mut c_void,
    destroy: unsafe extern "C" fn(*mut c_void),
    get: unsafe extern "C" fn(*mut c_void) -> *mut u8,
    put: unsafe extern "C" fn(*mut c_void, *mut u8),
    get_bulk: unsafe extern "C" fn(*mut c_void, *mut Pointer, usize) -> usize,
    put_bulk: unsafe extern "C" fn(*mut c_void, *const Pointer, usize),
}

impl Calls {
    fn load() -> Result<Self, String> {
        static FOUND: OnceLock<Result<Calls, String>> = OnceLock::new();
        FOUND.get_or_init(Self::find).clone()
    }

    fn find() -> Result<Self, String> {
        let library = SHIM.open()?;
        // SAFETY: the types are those of the shim; a `Pointer` is an address.
        unsafe {
            Ok(Self {
                version: library.function(c"bench_boost_version")?,
                create: library.function(c"bench_boost_create")?,
                destroy: library.function(c"bench_boost_destroy")?,
                get: library.function(c"bench_boost_get")?,
                put: library.function(c"bench_boost_put")?,
                get_bulk: library.function(c"bench_boost_get_bulk")?,
                put_bulk: library.function(c"bench_boost_put_bulk")?,
            })
        }
    }
}

impl Peer for BoostPool {
    const NAME: &'static str = "Boost.Pool";
    const KIND: Kind = Kind::Pool;
    const BOUNDED: bool = false;

    type Object = Pointer;
    type Local<'a> = Thread;

    fn version() -> String {
        let Ok(calls) = Calls::load() else { return "none".to_owned() };
        // SAFETY: it returns a constant string.
        unsafe { CStr::from_ptr((calls.version)()) }.to_string_lossy().replace('_', ".")
    }

    fn create(setup: &Setup) -> Result<Self, String> {
        let calls = Calls::load()?;
        // SAFETY: any size may be asked for.
        let pool = Pool(unsafe { (calls.create)(setup.object_bytes) });
        Ok(Self { calls, pool })
    }

    fn local(&self) -> Thread {
        Thread { calls: self.calls, pool: self.pool }
    }
}

impl Drop for BoostPool {
    fn drop(&mut self) {
        // SAFETY: nobody uses it any more.
        unsafe { (self.calls.destroy)(self.pool.0) }
    }
}

pub(crate) struct Thread {
    calls: Calls,
    pool: Pool,
}

impl Local for Thread {
    type Object = Pointer;

    fn alloc(&mut self) -> Option<Pointer> {
        // SAFETY: workloads drop the peer after its users.
        NonNull::new(unsafe { (self.calls.get)(self.pool.0) }).map(Pointer)
    }

    fn free(&mut self, object: Pointer) {
        // SAFETY: workloads free what they had from `alloc` of the same peer, once.
        unsafe { (self.calls.put)(self.pool.0, object.0.as_ptr()) }
    }

    fn bytes(object: &mut Pointer) -> *mut u8 {
        object.0.as_ptr()
    }

    fn alloc_batch(&mut self, objects: &mut Vec<Pointer>, count: usize) -> usize {
        objects.reserve(count);
        // SAFETY: there is room for `count`, and the first `got` are set.
        unsafe {
            let got = (self.calls.get_bulk)(
                self.pool.0,
                objects.spare_capacity_mut().as_mut_ptr().cast(),
                count,
            );
            objects.set_len(objects.len() + got);
            got
        }
    }

    fn free_batch(&mut self, objects: &mut Vec<Pointer>) {
        // SAFETY: as in `free`.
        unsafe { (self.calls.put_bulk)(self.pool.0, objects.as_ptr(), objects.len()) }
        objects.clear();
    }
}
