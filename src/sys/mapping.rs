//! Address space: reserved at once, committed piece by piece, given back.
//!
//! A `Mapping` owns one contiguous range; pages in `[0, committed)` may be read
//! and written, the rest are inaccessible. Dropping it unmaps the range.

#![allow(unsafe_code, reason = "system calls on address ranges this type owns")]

use crate::error::Error;
use rustix::mm::{self, MapFlags, MprotectFlags, ProtFlags};
use std::ffi::c_void;
use std::ptr::NonNull;

/// Address space that counts for nothing until it is committed. (Not all systems
/// have the flag; they count what is accessible.)
#[cfg(any(target_os = "linux", target_os = "android"))]
const RESERVED: MapFlags = MapFlags::PRIVATE.union(MapFlags::NORESERVE);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const RESERVED: MapFlags = MapFlags::PRIVATE;

/// Commits go in steps of at least this many bytes.
const COMMIT_STEP: usize = 64 * 1024;

/// What a huge page is aligned to: 2 MiB on x86-64, and on aarch64 with small pages.
const HUGE_PAGE: usize = 2 << 20;

#[derive(Debug)]
pub(crate) struct Mapping {
    base: NonNull<u8>,
    reserved: usize,
    committed: usize,
    /// Commits end at multiples of this.
    grain: usize,
}

// SAFETY: a mapping is plain memory of the process, bound to no thread.
unsafe impl Send for Mapping {}

pub(crate) fn page_size() -> usize {
    rustix::param::page_size()
}

impl Mapping {
    /// Reserves at least `bytes` of address space without committing any of it.
    pub(crate) fn reserve(bytes: usize) -> Result<Mapping, Error> {
        let reserved = bytes.checked_next_multiple_of(page_size()).ok_or(Error::NoMemory)?;
        // SAFETY: a fresh anonymous mapping at an address the system chooses
        // overlaps nothing.
        let base = unsafe {
            mm::mmap_anonymous(std::ptr::null_mut(), reserved, ProtFlags::empty(), RESERVED)
        };
        let base = base.map_err(|_| Error::NoMemory)?;
        let base = NonNull::new(base.cast()).ok_or(Error::NoMemory)?;
        Ok(Mapping { base, reserved, committed: 0, grain: page_size() })
    }

    /// As [`Mapping::reserve`], and asks for huge pages: begins where one may begin, and is
    /// committed by whole ones. The system may not have any; then pages are small.
    pub(crate) fn reserve_huge(bytes: usize) -> Result<Mapping, Error> {
        let reserved = bytes.checked_next_multiple_of(HUGE_PAGE).ok_or(Error::NoMemory)?;
        let wide = Mapping::reserve(reserved.checked_add(HUGE_PAGE).ok_or(Error::NoMemory)?)?;
        let start = wide.base.align_offset(HUGE_PAGE);
        let (base, end) = (wide.base.as_ptr(), wide.reserved);
        std::mem::forget(wide);
        for (from, to) in [(0, start), (start + reserved, end)] {
            // SAFETY: the ends of the range just reserved, which nobody uses, and which no
            // `Mapping` owns any more. Refused, a piece of address space stays reserved.
            let _ = unsafe { unmap(base.wrapping_add(from).cast(), to - from) };
        }
        let base = NonNull::new(base.wrapping_add(start)).ok_or(Error::NoMemory)?;
        ask_for_huge_pages(base, reserved);
        Ok(Mapping { base, reserved, committed: 0, grain: HUGE_PAGE })
    }

    pub(crate) fn base(&self) -> NonNull<u8> {
        self.base
    }

    pub(crate) fn reserved(&self) -> usize {
        self.reserved
    }

    pub(crate) fn committed(&self) -> usize {
        self.committed
    }

    /// Makes `[0, end)` accessible. Committed memory reads as zero at first.
    /// Steps grow with the mapping, so that there are few of them.
    pub(crate) fn commit_to(&mut self, end: usize) -> Result<(), Error> {
        if end <= self.committed {
            return Ok(());
        }
        if end > self.reserved {
            debug_assert!(false, "more than was reserved");
            return Err(Error::NoMemory);
        }
        let step = COMMIT_STEP.max(self.committed / 4);
        let generous = (self.committed + step).max(end).next_multiple_of(self.grain);
        let exact = end.next_multiple_of(page_size());
        self.protect_to(generous.min(self.reserved)).or_else(|_| self.protect_to(exact))
    }

    fn protect_to(&mut self, end: usize) -> Result<(), Error> {
        let flags = MprotectFlags::READ | MprotectFlags::WRITE;
        // SAFETY: [committed, end) is page-aligned and inside the range this
        // mapping owns; making it accessible harms nobody.
        let done = unsafe {
            mm::mprotect(self.base.as_ptr().add(self.committed).cast(), end - self.committed, flags)
        };
        done.map_err(|_| Error::NoMemory)?;
        self.committed = end;
        Ok(())
    }

    /// Gives the pages of `[start, end)` back to the system; they read as zero
    /// when touched again.
    ///
    /// # Safety
    /// Both ends are page-aligned, `end` is committed, and nobody needs the
    /// contents of the range or touches it during the call.
    pub(crate) unsafe fn discard(&self, start: usize, end: usize) -> Result<(), Error> {
        debug_assert!(start <= end && end <= self.committed);
        // SAFETY: the range is inside this mapping, and the caller needs none of it.
        let done = unsafe { discard(self.base.as_ptr().add(start).cast(), end - start) };
        done.map_err(|_| Error::NoMemory)
    }
}

/// # Safety
/// The range is pages of a mapping of ours that nobody uses.
unsafe fn unmap(at: *mut c_void, bytes: usize) -> rustix::io::Result<()> {
    if bytes == 0 {
        return Ok(());
    }
    // SAFETY: the caller's promise.
    unsafe { mm::munmap(at, bytes) }
}

/// A hint: a refusal (a kernel without them) changes nothing.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn ask_for_huge_pages(base: NonNull<u8>, bytes: usize) {
    // SAFETY: the range is a mapping that was just made; the advice changes no contents.
    let _ = unsafe { mm::madvise(base.as_ptr().cast(), bytes, mm::Advice::LinuxHugepage) };
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn ask_for_huge_pages(_base: NonNull<u8>, _bytes: usize) {}

/// # Safety
/// The range is committed pages of one mapping, whose contents nobody needs.
#[cfg(all(any(target_os = "linux", target_os = "android"), not(magpool_portable)))]
unsafe fn discard(at: *mut c_void, bytes: usize) -> rustix::io::Result<()> {
    // SAFETY: the caller's promise.
    unsafe { mm::madvise(at, bytes, mm::Advice::LinuxDontNeed) }
}

/// Elsewhere advice promises nothing; fresh pages in their place do.
///
/// # Safety
/// The range is committed pages of one mapping, whose contents nobody needs.
#[cfg(not(all(any(target_os = "linux", target_os = "android"), not(magpool_portable))))]
unsafe fn discard(at: *mut c_void, bytes: usize) -> rustix::io::Result<()> {
    let access = ProtFlags::READ | ProtFlags::WRITE;
    let flags = MapFlags::PRIVATE | MapFlags::FIXED;
    // SAFETY: the caller's promise; the new mapping replaces exactly the range.
    unsafe { mm::mmap_anonymous(at, bytes, access, flags) }.map(|_| ())
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: this type owns the range; whoever drops it has made sure that
        // nobody uses the memory any more.
        let unmapped = unsafe { mm::munmap(self.base.as_ptr().cast(), self.reserved) };
        debug_assert!(unmapped.is_ok());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commit_makes_memory_usable_and_discard_zeroes_it() {
        let page = page_size();
        let mut mapping = Mapping::reserve(64 * page).unwrap();
        assert_eq!((mapping.committed(), mapping.reserved()), (0, 64 * page));
        mapping.commit_to(3 * page).unwrap();
        assert!(mapping.committed() >= 3 * page);
        let byte = mapping.base().as_ptr().wrapping_add(2 * page);
        // SAFETY: the page is committed and owned by this test.
        unsafe {
            byte.write(7);
            mapping.discard(2 * page, 3 * page).unwrap();
            assert_eq!(byte.read(), 0);
        }
    }

    #[test]
    fn huge_pages_begin_where_they_may_and_are_committed_whole() {
        for bytes in [1, HUGE_PAGE - 1, HUGE_PAGE, 5 * HUGE_PAGE + 1] {
            let mut mapping = Mapping::reserve_huge(bytes).unwrap();
            assert_eq!(mapping.base().addr().get() % HUGE_PAGE, 0);
            assert_eq!(mapping.reserved(), bytes.next_multiple_of(HUGE_PAGE));
            mapping.commit_to(1).unwrap();
            assert_eq!(mapping.committed(), HUGE_PAGE);
            mapping.commit_to(bytes).unwrap();
            assert_eq!(mapping.committed() % HUGE_PAGE, 0);
            // SAFETY: committed, and owned by this test.
            unsafe { mapping.base().as_ptr().add(bytes - 1).write(7) };
        }
    }

    #[test]
    fn reserve_more_than_the_address_space_is_no_memory() {
        assert_eq!(Mapping::reserve(1 << 62).unwrap_err(), Error::NoMemory);
        assert_eq!(Mapping::reserve(usize::MAX).unwrap_err(), Error::NoMemory);
        assert_eq!(Mapping::reserve_huge(1 << 62).unwrap_err(), Error::NoMemory);
        assert_eq!(Mapping::reserve_huge(usize::MAX).unwrap_err(), Error::NoMemory);
    }
}
