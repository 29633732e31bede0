//! The library and the C part, loaded into this process.

#![allow(unsafe_code, reason = "functions of shared libraries")]
#![allow(clippy::missing_transmute_annotations, reason = "the struct's members have the types")]

use crate::build::Parts;
use crate::Outcome;
use std::ffi::{c_char, c_int, c_void, CString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

// SAFETY: as POSIX declares them.
unsafe extern "C" {
    fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

const RTLD_NOW: c_int = 2;

/// A `pool_t`.
#[derive(Clone, Copy)]
pub(crate) struct RawPool(*mut c_void);

// SAFETY: any thread may use a pool at any time.
unsafe impl Send for RawPool {}
// SAFETY: as above.
unsafe impl Sync for RawPool {}

type Pairs = unsafe extern "C" fn(u32, u32, u32, *mut u64) -> u64;

/// Functions by the names of `pool.h`, `pool_workloads.h` and `demo.c`.
pub(crate) struct Native {
    pool_find: unsafe extern "C" fn(*const c_char, *mut *mut c_void) -> c_int,
    pool_alloc: unsafe extern "C" fn(*mut c_void) -> *mut c_void,
    pool_free: unsafe extern "C" fn(*mut c_void, *mut c_void) -> c_int,
    mixed: extern "C" fn(u32, u32) -> u64,
    stress: extern "C" fn(u32, u32) -> u64,
    contention: extern "C" fn(u32, bool) -> u64,
    demo_pairs: Pairs,
    demo_report: unsafe extern "C" fn(u32, *mut [u64; 8]) -> bool,
}

impl Native {
    pub(crate) fn load(parts: &Parts) -> Outcome<Native> {
        let library = open(&parts.library)?;
        let c_part = open(&parts.c_part)?;
        macro_rules! function {
            ($library:ident, $name:literal) => {
                // SAFETY: the headers declare these functions with the types above.
                unsafe { std::mem::transmute::<*mut c_void, _>(symbol($library, $name)?) }
            };
        }
        Ok(Native {
            pool_find: function!(library, "pool_find"),
            pool_alloc: function!(library, "pool_alloc"),
            pool_free: function!(library, "pool_free"),
            mixed: function!(library, "concurrent_test_mixed_operations"),
            stress: function!(library, "stress_test_rapid_alloc_free"),
            contention: function!(library, "measure_contention"),
            demo_pairs: function!(c_part, "demo_pairs"),
            demo_report: function!(c_part, "demo_report"),
        })
    }

    /// The pool of this name.
    pub(crate) fn find(&self, name: &str) -> Outcome<RawPool> {
        let c_name = CString::new(name).map_err(|e| e.to_string())?;
        let mut pool = std::ptr::null_mut();
        // SAFETY: a string that ends, and a place for the handle.
        match unsafe { (self.pool_find)(c_name.as_ptr(), &raw mut pool) } {
            0 => Ok(RawPool(pool)),
            _ => Err(format!("no pool is named {name}")),
        }
    }

    /// Allocates and frees one object; whether that went well.
    #[inline(always)]
    pub(crate) fn pair(&self, pool: RawPool) -> bool {
        // SAFETY: a pool that nobody ends, and an object of it or NULL.
        unsafe {
            let object = std::hint::black_box((self.pool_alloc)(pool.0));
            (self.pool_free)(pool.0, object) == 0
        }
    }

    /// Pairs of `what` by C threads: how many, and picoseconds for each.
    pub(crate) fn c_pairs(&self, what: u32, threads: u32, ms: u32) -> Outcome<(u64, u64)> {
        let mut picoseconds = 0;
        // SAFETY: a place for the figure.
        let pairs = unsafe { (self.demo_pairs)(what, threads, ms, &raw mut picoseconds) };
        Ok((done(pairs, "C")?, picoseconds))
    }

    /// Milliseconds of Rust threads on all four pools.
    pub(crate) fn mixed(&self, threads: u32, operations: u32) -> Outcome<u64> {
        done((self.mixed)(threads, operations), "Rust")
    }

    /// Pairs of Rust threads that hold bursts of messages.
    pub(crate) fn stress(&self, threads: u32, ms: u32) -> Outcome<u64> {
        done((self.stress)(threads, ms), "Rust")
    }

    /// Microseconds of 10 000 pairs by each of these Rust threads.
    pub(crate) fn contention(&self, threads: u32, shared: bool) -> Outcome<u64> {
        done((self.contention)(threads, shared), "Rust")
    }

    /// The C part's report of one of the four pools, member by member.
    pub(crate) fn report(&self, index: u32) -> Outcome<[u64; 8]> {
        let mut report = [0; 8];
        // SAFETY: a place for the report, whose members are all of one type.
        match unsafe { (self.demo_report)(index, &raw mut report) } {
            true => Ok(report),
            false => Err(format!("no report of pool {index}")),
        }
    }
}

/// A figure, unless it is the one that says that threads failed.
fn done(figure: u64, whose: &str) -> Outcome<u64> {
    match figure {
        u64::MAX => Err(format!("the {whose} threads failed: a message damaged, or no thread")),
        figure => Ok(figure),
    }
}

fn open(file: &Path) -> Outcome<*mut c_void> {
    let name = CString::new(file.as_os_str().as_bytes()).map_err(|e| e.to_string())?;
    // SAFETY: a string that ends.
    let library = unsafe { dlopen(name.as_ptr(), RTLD_NOW) };
    match library.is_null() {
        true => Err(format!("{} cannot be loaded: run make build", file.display())),
        false => Ok(library),
    }
}

fn symbol(library: *mut c_void, name: &str) -> Outcome<*mut c_void> {
    let c_name = CString::new(name).map_err(|e| e.to_string())?;
    // SAFETY: a library that is open, and a string that ends.
    let found = unsafe { dlsym(library, c_name.as_ptr()) };
    match found.is_null() {
        true => Err(format!("the library has no {name}: run make build")),
        false => Ok(found),
    }
}
