//! Shared libraries that a machine may have: opened so that their symbols replace nobody
//! else's, and never closed.

#![allow(unsafe_code, reason = "dlopen and its friends")]

use libc::{c_void, dladdr, dlerror, dlopen, dlsym, Dl_info, RTLD_LOCAL, RTLD_NOW};
use std::ffi::{CStr, CString};
use std::path::PathBuf;

pub(crate) struct Library(*mut c_void);

impl Library {
    /// Opens the first of these that is there.
    pub(crate) fn open(names: &[&str]) -> Result<Self, String> {
        let mut reason = String::new();
        for name in names {
            let name = CString::new(*name).map_err(|error| error.to_string())?;
            // SAFETY: the libraries named run nothing at load that concerns others; an error
            // is read by the thread that had it.
            unsafe {
                let handle = dlopen(name.as_ptr(), RTLD_NOW | RTLD_LOCAL);
                if !handle.is_null() {
                    return Ok(Self(handle));
                }
                reason = CStr::from_ptr(dlerror()).to_string_lossy().into_owned();
            }
        }
        Err(reason)
    }

    /// The function of that name.
    ///
    /// # Safety
    /// `F` is the type of a pointer to it.
    pub(crate) unsafe fn function<F: Copy>(&self, name: &CStr) -> Result<F, String> {
        const { assert!(size_of::<F>() == size_of::<*mut c_void>()) }
        let address = self.address(name)?;
        // SAFETY: both are pointers, and the caller knows the type.
        Ok(unsafe { std::mem::transmute_copy(&address) })
    }

    /// The file that defines a function, links followed: its name tells the version.
    pub(crate) fn file(&self, function: &CStr) -> Option<PathBuf> {
        let address = self.address(function).ok()?;
        // SAFETY: all zero is a value of it, and `dladdr` fills it in when it succeeds.
        let name = unsafe {
            let mut info: Dl_info = std::mem::zeroed();
            if dladdr(address, &mut info) == 0 {
                return None;
            }
            CStr::from_ptr(info.dli_fname).to_str().ok()?
        };
        std::fs::canonicalize(name).ok()
    }

    fn address(&self, name: &CStr) -> Result<*mut c_void, String> {
        // SAFETY: the handle stays open.
        let address = unsafe { dlsym(self.0, name.as_ptr()) };
        if address.is_null() {
            return Err(format!("{} is not in the library", name.to_string_lossy()));
        }
        Ok(address)
    }
}
