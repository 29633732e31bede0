//! The scalable allocator of oneTBB, with its default settings. Threads need no set-up.

#![allow(unsafe_code, reason = "calls tbbmalloc")]

use super::allocator::{Allocator, Functions};
use super::library::Library;
use std::ffi::c_void;
use std::sync::OnceLock;

pub(crate) type Tbbmalloc = Allocator<Calls>;

#[derive(Clone, Copy)]
pub(crate) struct Calls {
    allocate: unsafe extern "C" fn(usize) -> *mut c_void,
    release: unsafe extern "C" fn(*mut c_void),
}

/// The functions and the library's version, found once.
fn found() -> &'static Result<(Calls, String), String> {
    static FOUND: OnceLock<Result<(Calls, String), String>> = OnceLock::new();
    FOUND.get_or_init(find)
}

fn find() -> Result<(Calls, String), String> {
    let library = Library::open(&["libtbbmalloc.so.2"])
        .map_err(|error| format!("apt-get install libtbbmalloc2 ({error})"))?;
    // SAFETY: the types are those of <tbb/scalable_allocator.h>.
    let calls = unsafe {
        Calls {
            allocate: library.function(c"scalable_malloc")?,
            release: library.function(c"scalable_free")?,
        }
    };
    // It has no function that tells; its file is libtbbmalloc.so.2.8 or the like.
    let file = library.file(c"scalable_malloc").unwrap_or_default();
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    Ok((calls, name.trim_start_matches("libtbbmalloc.so.").to_owned()))
}

impl Functions for Calls {
    const NAME: &'static str = "tbbmalloc";

    fn version() -> String {
        found().as_ref().map_or("none".to_owned(), |(_, version)| version.clone())
    }

    fn load() -> Result<Self, String> {
        found().as_ref().map(|(calls, _)| *calls).map_err(Clone::clone)
    }

    fn allocate(self, bytes: usize) -> *mut c_void {
        // SAFETY: any size may be asked for.
        unsafe { (self.allocate)(bytes) }
    }

    unsafe fn release(self, block: *mut c_void, _bytes: usize) {
        // SAFETY: the caller had it from `scalable_malloc`.
        unsafe { (self.release)(block) }
    }
}
