//! The libraries that `build.rs` made, or why it could not.

use super::library::Library;

/// A shim: where it is, and what the machine lacked when it was to be built.
pub(crate) struct Shim {
    pub(crate) path: &'static str,
    pub(crate) missing: &'static str,
}

impl Shim {
    pub(crate) fn open(&self) -> Result<Library, String> {
        if self.missing.is_empty() {
            Library::open(&[self.path])
        } else {
            Err(self.missing.to_owned())
        }
    }
}
