//! Every conversion between raw pointers and Rust values, and the rule for NULL
//! in one place.

#![allow(unsafe_code, reason = "reads and writes what C callers point to")]

use super::sys;
use crate::cache::Cache;
use crate::config::Config;
use crate::error::Error;
use crate::pool::{registry, Pool};
use core::ffi::{c_char, c_void, CStr};

/// No array has more elements.
const MOST: usize = isize::MAX as usize / size_of::<usize>();

/// The pool behind a handle. Headers live for ever, so a destroyed pool's handle
/// is no danger: its pool says that it is dead.
#[inline(always)]
pub(super) fn pool(handle: *const sys::pool_t) -> Result<&'static Pool, Error> {
    // SAFETY: a handle is NULL or the address of a header, which lives for ever.
    unsafe { handle.cast::<Pool>().as_ref() }.ok_or(Error::Null)
}

/// The cache behind a handle. Caches of handles live for ever, too.
#[inline(always)]
pub(super) fn cache(handle: *const sys::pool_cache_t) -> Result<&'static Cache, Error> {
    // SAFETY: a handle is NULL or the address of a cache of a handle, whose memory is
    // never given back.
    unsafe { handle.cast::<Cache>().as_ref() }.ok_or(Error::Null)
}

pub(super) fn cache_handle(cache: &Cache) -> *mut sys::pool_cache_t {
    std::ptr::with_exposed_provenance_mut(std::ptr::from_ref(cache).expose_provenance())
}

pub(super) fn handle(pool: &'static Pool) -> *mut sys::pool_t {
    std::ptr::with_exposed_provenance_mut(pool.address())
}

#[inline(always)]
pub(super) fn object(address: usize) -> *mut c_void {
    std::ptr::with_exposed_provenance_mut(address)
}

/// Writes an output, which may not be NULL.
///
/// # Safety
/// `out` is NULL or valid for writing a `T`.
#[inline(always)]
pub(super) unsafe fn write<T>(out: *mut T, value: T) -> Result<(), Error> {
    if out.is_null() {
        return Err(Error::Null);
    }
    // SAFETY: not NULL, so valid by the caller's promise.
    unsafe { out.write(value) };
    Ok(())
}

/// The caller's array as addresses; empty for NULL.
///
/// # Safety
/// `array` is NULL or valid for `count` pointers for the call.
pub(super) unsafe fn addresses<'a>(array: *const *mut c_void, count: usize) -> &'a [usize] {
    if array.is_null() || count == 0 {
        return &[];
    }
    // SAFETY: the caller's promise; a pointer has the size of an address.
    unsafe { std::slice::from_raw_parts(array.cast(), count.min(MOST)) }
}

/// As [`addresses`], to write to.
///
/// # Safety
/// `array` is NULL or valid for writing `count` pointers, and the caller's alone.
pub(super) unsafe fn addresses_mut<'a>(array: *mut *mut c_void, count: usize) -> &'a mut [usize] {
    if array.is_null() || count == 0 {
        return &mut [];
    }
    // SAFETY: the caller's promise; a pointer has the size of an address.
    unsafe { std::slice::from_raw_parts_mut(array.cast(), count.min(MOST)) }
}

/// A caller's string as UTF-8.
///
/// # Safety
/// `text` is NULL or ends with a NUL and is valid for `'a`.
pub(super) unsafe fn text<'a>(text: *const c_char) -> Result<&'a str, Error> {
    if text.is_null() {
        return Err(Error::Null);
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_str().map_err(|_| Error::Invalid)
}

/// What both sides know of a caller's configuration; the rest is 0.
///
/// # Safety
/// `config` is NULL or points to `struct_size` bytes, valid for `'a` with all
/// they point to.
pub(super) unsafe fn config<'a>(config: *const sys::pool_config_t) -> Result<Config<'a>, Error> {
    if config.is_null() {
        return Err(Error::Null);
    }
    // SAFETY: every configuration begins with its size.
    let size = unsafe { config.cast::<usize>().read_unaligned() };
    let required = std::mem::offset_of!(sys::pool_config_t, capacity) + size_of::<usize>();
    if size < required {
        return Err(Error::Invalid);
    }
    let mut known = sys::pool_config_t {
        struct_size: 0,
        name: std::ptr::null(),
        object_size: 0,
        object_align: 0,
        capacity: 0,
        limit: 0,
        magazine_rounds: 0,
        flags: 0,
        reserve: 0,
    };
    let shared = size.min(size_of_val(&known));
    // SAFETY: both sides have at least `shared` bytes, and every member is plain
    // data for which any bits will do.
    unsafe {
        config.cast::<u8>().copy_to_nonoverlapping((&raw mut known).cast(), shared);
    }
    // SAFETY: the caller's promise for what the configuration points to.
    let name = (!known.name.is_null()).then(|| unsafe { text(known.name) }).transpose()?;
    Ok(Config {
        name,
        object_size: known.object_size,
        object_align: known.object_align,
        capacity: known.capacity,
        limit: known.limit,
        magazine_rounds: known.magazine_rounds,
        flags: known.flags,
        reserve: known.reserve,
    })
}

/// Copies into a caller's struct what both sides know of it, keeping its
/// `struct_size`, which is its first member.
///
/// # Safety
/// `out` is NULL or points to a struct that begins with its size in bytes and is
/// valid for writing that many. `T` is `repr(C)` and begins with a `usize`.
pub(super) unsafe fn fill<T>(out: *mut T, value: T) -> Result<(), Error> {
    // SAFETY: the caller's promise.
    let size = unsafe { checked_size(out) }?;
    let head = size_of::<usize>();
    let shared = size.min(size_of::<T>());
    // SAFETY: both have `shared` bytes, of which the first `head` are the size.
    unsafe {
        let from = (&raw const value).cast::<u8>().add(head);
        out.cast::<u8>().add(head).copy_from_nonoverlapping(from, shared - head);
    }
    Ok(())
}

/// The `struct_size` of a caller's struct.
///
/// # Safety
/// As for [`fill`].
pub(super) unsafe fn checked_size<T>(out: *const T) -> Result<usize, Error> {
    if out.is_null() {
        return Err(Error::Null);
    }
    // SAFETY: not NULL, so it begins with its size.
    let size = unsafe { out.cast::<usize>().read_unaligned() };
    if size < size_of::<usize>() {
        return Err(Error::Invalid);
    }
    Ok(size)
}

/// Writes handles of pools to a caller's array and returns how many there are.
///
/// # Safety
/// `out` is NULL, or valid for writing `count` handles.
pub(super) unsafe fn list(out: *mut *mut sys::pool_t, count: usize) -> usize {
    registry::list(|at, pool| {
        if at < count && !out.is_null() {
            // SAFETY: within the caller's array.
            unsafe { out.add(at).write(handle(pool)) };
        }
    })
}

/// Copies a name with its NUL into a caller's buffer.
///
/// # Safety
/// `buffer` is NULL or valid for writing `size` bytes.
pub(super) unsafe fn copy_name(name: &str, buffer: *mut c_char, size: usize) -> usize {
    if !buffer.is_null() && size > 0 {
        let cut = name.len().min(size - 1);
        // SAFETY: `cut + 1` is at most `size`.
        unsafe {
            buffer.cast::<u8>().copy_from_nonoverlapping(name.as_ptr(), cut);
            buffer.add(cut).write(0);
        }
    }
    name.len()
}
