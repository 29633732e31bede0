//! The Rust part of the demonstration: takes messages that C allocated and Dart
//! changed, in a Rust thread that never used their pool.

#![allow(unsafe_code, reason = "called from Dart, with objects of a C library")]

use std::ffi::c_void;

/// The beginning of a `LargeMessage`, as `concurrent.g.h` lays it out.
#[repr(C)]
pub struct LargeMessageHead {
    id: u32,
    title_length: u32,
    title: [u8; 64],
}

impl LargeMessageHead {
    /// Whether Dart's isolate was here.
    fn is_from_dart(&self, id: u32) -> bool {
        let title = self.title.get(..self.title_length as usize);
        self.id == id && title == Some(b"from Dart")
    }
}

/// `pool_release`.
type Release = unsafe extern "C" fn(*mut c_void);

/// What is given to the thread: nobody else uses it until that was joined.
struct Taken<'a>(&'a [*mut LargeMessageHead]);

// SAFETY: the objects belong to whoever has the slice.
unsafe impl Send for Taken<'_> {}

impl Taken<'_> {
    /// Verifies and frees every message; how many were as they should be.
    fn take(self, first: u32, release: Release) -> u32 {
        let ids = first..;
        let take = |(&message, id): (&*mut LargeMessageHead, u32)| {
            // SAFETY: a live message that was given to us, and is not used again.
            unsafe {
                let good = (*message).is_from_dart(id);
                release(message.cast());
                u32::from(good)
            }
        };
        self.0.iter().zip(ids).map(take).sum()
    }
}

/// Verifies and frees `count` messages whose numbers begin with `first`; how many
/// were as they should be.
///
/// # Safety
/// The array has `count` live LargeMessages, which become this function's.
#[no_mangle]
pub unsafe extern "C" fn demo_rust_take(
    messages: *const *mut LargeMessageHead,
    count: u32,
    first: u32,
    release: Release,
) -> u32 {
    // SAFETY: the caller's promise.
    let taken = Taken(unsafe { std::slice::from_raw_parts(messages, count as usize) });
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().spawn_scoped(scope, || taken.take(first, release));
        thread.map_or(0, |thread| thread.join().unwrap_or(0))
    })
}
