//! Implementations in C, as `peers/peer.h` shows them; which ones, the build script knows.
#![allow(unsafe_code, reason = "functions of C")]

use std::ffi::{c_char, CStr, CString};
use std::ptr::NonNull;

/// `struct loaded`, which only its peer knows.
#[repr(C)]
struct Opaque {
    _private: [u8; 0],
}

/// `struct way`.
#[repr(C)]
struct Way {
    label: *const c_char,
    run: Option<unsafe extern "C" fn(NonNull<Opaque>) -> usize>,
}

/// `struct peer`.
#[repr(C)]
pub(crate) struct Peer {
    open: unsafe extern "C" fn(*const c_char, *const u8, usize) -> Option<NonNull<Opaque>>,
    output: unsafe extern "C" fn(NonNull<Opaque>) -> *const u8,
    close: unsafe extern "C" fn(NonNull<Opaque>),
    decode: [Way; 3],
    encode: [Way; 3],
}

// SAFETY: of constants.
unsafe impl Sync for Peer {}

extern "C" {
    #[cfg(protobuf_c)]
    static protobuf_c_peer: Peer;
    #[cfg(upb)]
    static upb_peer: Peer;
}

/// Those that were built.
pub(crate) fn all() -> Vec<&'static Peer> {
    vec![
        #[cfg(protobuf_c)]
        // SAFETY: a constant of C.
        unsafe {
            &protobuf_c_peer
        },
        #[cfg(upb)]
        // SAFETY: as above.
        unsafe {
            &upb_peer
        },
    ]
}

/// A message of a peer's.
pub(crate) struct Loaded<'a> {
    peer: &'static Peer,
    bytes: &'a [u8],
    loaded: NonNull<Opaque>,
}

impl<'a> Loaded<'a> {
    pub(crate) fn new(peer: &'static Peer, message: &str, bytes: &'a [u8]) -> Self {
        let name = CString::new(message).expect("no name has a NUL");
        // SAFETY: the bytes outlive it.
        let loaded = unsafe { (peer.open)(name.as_ptr(), bytes.as_ptr(), bytes.len()) };
        Self { peer, bytes, loaded: loaded.expect("the peer takes the bytes") }
    }

    /// Its ways of decoding the bytes.
    pub(crate) fn decoders(&self) -> Vec<(&'static str, impl FnMut() + '_)> {
        self.ways(&self.peer.decode)
    }

    /// Its ways of encoding the message, each of which was seen to make the bytes.
    pub(crate) fn encoders(&self) -> Vec<(&'static str, impl FnMut() + '_)> {
        let mut ways = self.ways(&self.peer.encode);
        for (name, run) in &mut ways {
            run();
            // SAFETY: it has just written as many.
            let output = unsafe {
                std::slice::from_raw_parts((self.peer.output)(self.loaded), self.bytes.len())
            };
            assert_eq!(output, self.bytes, "{name}");
        }
        ways
    }

    fn ways(&self, ways: &'static [Way]) -> Vec<(&'static str, impl FnMut() + '_)> {
        let there = ways.iter().filter(|way| !way.label.is_null());
        let named = there.map(|way| {
            // SAFETY: a literal of C's.
            let label = unsafe { CStr::from_ptr(way.label) };
            let run = way.run.expect("it has a label");
            let run = move || {
                // SAFETY: what it was made for, until `self` ends.
                let length = unsafe { run(self.loaded) };
                assert_eq!(length, self.bytes.len());
            };
            (label.to_str().unwrap_or_default(), run)
        });
        named.collect()
    }
}

impl Drop for Loaded<'_> {
    fn drop(&mut self) {
        // SAFETY: this owns it.
        unsafe { (self.peer.close)(self.loaded) }
    }
}
