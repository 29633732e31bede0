//! The libraries that `build.rs` made, or why it could not.

use super::library::Library;

/// A shim: where it is, what went wrong when it was to be built, and the Debian packages
/// that it takes.
pub(crate) struct Shim {
    pub(crate) path: &'static str,
    pub(crate) missing: &'static str,
    pub(crate) packages: &'static str,
}

impl Shim {
    pub(crate) fn open(&self) -> Result<Library, String> {
        let opened = match self.missing {
            "" => Library::open(&[self.path]),
            reason => Err(reason.to_owned()),
        };
        opened.map_err(|reason| format!("apt-get install {} ({reason})", self.packages))
    }
}
