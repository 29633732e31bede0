//! tcmalloc of gperftools, with its default settings: 32 MiB of thread caches. Blocks are
//! given back by `tc_free_sized`, which its header offers since it is the faster one.

#![allow(unsafe_code, reason = "calls tcmalloc")]

use super::allocator::{Allocator, Functions};
use super::library::Library;
use std::ffi::{c_char, c_int, c_void, CStr};
use std::sync::OnceLock;

pub(crate) type Tcmalloc = Allocator<Calls>;

#[derive(Clone, Copy)]
pub(crate) struct Calls {
    allocate: unsafe extern "C" fn(usize) -> *mut c_void,
    release: unsafe extern "C" fn(*mut c_void, usize),
    version: Version,
}

type Version = unsafe extern "C" fn(*mut c_int, *mut c_int, *mut *const c_char) -> *const c_char;

impl Calls {
    fn find() -> Result<Self, String> {
        // First the C++ library, by itself: loaded for tcmalloc, it would take tcmalloc's
        // `operator delete` for its own and fail with blocks of other libraries in C++.
        let _ = Library::open(&["libstdc++.so.6"]);
        let library = Library::open(&["libtcmalloc_minimal.so.4", "libtcmalloc.so.4"])
            .map_err(|error| format!("apt-get install libtcmalloc-minimal4 ({error})"))?;
        // SAFETY: the types are those of <gperftools/tcmalloc.h>.
        unsafe {
            Ok(Self {
                allocate: library.function(c"tc_malloc")?,
                release: library.function(c"tc_free_sized")?,
                version: library.function(c"tc_version")?,
            })
        }
    }
}

impl Functions for Calls {
    const NAME: &'static str = "tcmalloc";

    fn version() -> String {
        let Ok(calls) = Self::load() else { return "none".to_owned() };
        let (mut major, mut minor, mut patch) = (0, 0, c"".as_ptr());
        // SAFETY: it fills in two numbers and a constant string.
        let patch = unsafe {
            (calls.version)(&mut major, &mut minor, &mut patch);
            CStr::from_ptr(patch).to_string_lossy()
        };
        format!("{major}.{minor}{patch}")
    }

    fn load() -> Result<Self, String> {
        static FOUND: OnceLock<Result<Calls, String>> = OnceLock::new();
        FOUND.get_or_init(Self::find).clone()
    }

    fn allocate(self, bytes: usize) -> *mut c_void {
        // SAFETY: any size may be asked for.
        unsafe { (self.allocate)(bytes) }
    }

    unsafe fn release(self, block: *mut c_void, bytes: usize) {
        // SAFETY: the caller had it from `tc_malloc` for that many bytes.
        unsafe { (self.release)(block, bytes) }
    }
}
