//! Shared libraries that are opened while the program runs, and called as a program calls
//! any shared library: through pointers.

#![allow(unsafe_code, reason = "opens libraries and names their functions' types")]

use std::ffi::{c_void, CStr, CString};
use std::path::Path;
use std::ptr::NonNull;

/// Stays open for good.
pub(crate) struct Library {
    handle: NonNull<c_void>,
}

// SAFETY: the handle is only given to `dlsym`, which any thread may call.
unsafe impl Send for Library {}
// SAFETY: as above.
unsafe impl Sync for Library {}

impl Library {
    pub(crate) fn open(path: &Path) -> Result<Library, String> {
        let name = CString::new(path.as_os_str().as_encoded_bytes())
            .map_err(|_| format!("{}: not a path", path.display()))?;
        // SAFETY: the name is a C string; the libraries opened here do nothing at load that
        // this program forbids.
        let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        NonNull::new(handle).map(|handle| Library { handle }).ok_or_else(last_error)
    }

    /// The function of this name.
    ///
    /// # Safety
    /// `F` is the function's type: a function pointer.
    pub(crate) unsafe fn function<F: Copy>(&self, name: &CStr) -> Result<F, String> {
        assert_eq!(size_of::<F>(), size_of::<*mut c_void>());
        // SAFETY: the handle is open, and the name is a C string.
        let address = unsafe { libc::dlsym(self.handle.as_ptr(), name.as_ptr()) };
        if address.is_null() {
            return Err(last_error());
        }
        // SAFETY: a function pointer is an address that is not null, and of the same size.
        Ok(unsafe { std::mem::transmute_copy(&address) })
    }
}

fn last_error() -> String {
    // SAFETY: `dlerror` returns null or a C string that is this thread's until its next call.
    let message = unsafe { libc::dlerror() };
    if message.is_null() {
        return "the library could not be opened".into();
    }
    // SAFETY: as above.
    unsafe { CStr::from_ptr(message) }.to_string_lossy().into_owned()
}
