//! The exported functions of `include/pool_inbox.h`: convert, call, map.

#![allow(unsafe_code, reason = "exported to C, and calls of what C passed")]
#![allow(clippy::missing_safety_doc, reason = "include/pool_inbox.h is the contract")]
#![allow(unreachable_pub, reason = "exported to C, not to Rust")]

use super::exports::{status, status_of, urgency};
use super::handle;
use super::sys::*;
use crate::inbox::{self, Asked, Number, Post, Taken};
use core::ffi::c_void;

// SAFETY (every function below): arguments are as `pool_inbox.h` demands of the caller;
// `handle` checks what can be checked.

#[no_mangle]
pub unsafe extern "C" fn pool_inbox_create(
    post: pool_post_fn,
    context: *mut c_void,
    out_inbox: *mut pool_inbox_t,
) -> pool_status_t {
    let post = match post {
        Some(post) => Post { call: tell, context: [post as usize, context.expose_provenance()] },
        None => Post { call: |_, _| true, context: [0; 2] },
    };
    // SAFETY: see above.
    unsafe { create(post, out_inbox) }
}

#[no_mangle]
pub unsafe extern "C" fn pool_inbox_create_dart(
    post: pool_dart_post_fn,
    port: i64,
    out_inbox: *mut pool_inbox_t,
) -> pool_status_t {
    let Some(post) = post else { return POOL_ERR_NULL };
    let post = Post { call: tell_port, context: [post as usize, port as usize] };
    // SAFETY: see above.
    unsafe { create(post, out_inbox) }
}

/// # Safety
/// As for `pool_inbox_create`.
unsafe fn create(post: Post, out_inbox: *mut pool_inbox_t) -> pool_status_t {
    if out_inbox.is_null() {
        return POOL_ERR_NULL;
    }
    // SAFETY: not NULL, so valid by the caller's promise.
    status_of(inbox::create(post).and_then(|inbox| unsafe { handle::write(out_inbox, inbox) }))
}

/// Calls what `pool_inbox_create` was given.
fn tell(context: [usize; 2], token: Number) -> bool {
    let post = std::ptr::with_exposed_provenance::<c_void>(context[0]);
    // SAFETY: `pool_inbox_create` made the address from a function of this type.
    let post = unsafe { std::mem::transmute::<*const c_void, pool_post_fn>(post) };
    let context = std::ptr::with_exposed_provenance_mut(context[1]);
    // SAFETY: the caller promised that it may be called with its context until the inbox
    // is closed, which waits for this.
    post.is_some_and(|post| unsafe { post(context, token) })
}

/// A `Dart_CObject` that is an int: as dart_native_api.h has laid it out since Dart 1. The
/// rest is room for the union's largest member.
#[repr(C)]
struct Message {
    kind: i32,
    value: i64,
    rest: [u64; 6],
}

const DART_COBJECT_INT64: i32 = 3;
const _: () = assert!(core::mem::offset_of!(Message, value) == 8);

/// Sends a token to the port that `pool_inbox_create_dart` was given. The freeing thread may
/// be an isolate's in a leaf call, or the collector's: docs/design.md says why it may post.
fn tell_port(context: [usize; 2], token: Number) -> bool {
    let post = std::ptr::with_exposed_provenance::<c_void>(context[0]);
    // SAFETY: `pool_inbox_create_dart` made the address from a function of this type.
    let post = unsafe { std::mem::transmute::<*const c_void, pool_dart_post_fn>(post) };
    let mut message = Message { kind: DART_COBJECT_INT64, value: token as i64, rest: [0; 6] };
    // SAFETY: the caller promised that this is Dart_PostCObject, which reads the message
    // before it returns, and knows which ports there are.
    post.is_some_and(|post| unsafe { post(context[1] as i64, (&raw mut message).cast()) })
}

#[no_mangle]
pub unsafe extern "C" fn pool_inbox_close(inbox: pool_inbox_t) -> pool_status_t {
    status_of(inbox::close(inbox))
}

#[no_mangle]
pub unsafe extern "C" fn pool_inbox_release(inbox: *mut c_void) {
    // The header says that nothing comes of an unknown one.
    let _ = inbox::close(inbox.addr() as Number);
}

#[no_mangle]
pub unsafe extern "C" fn pool_give(
    pool: *mut pool_t,
    object: *mut c_void,
    inbox: pool_inbox_t,
    out_token: *mut pool_token_t,
) -> pool_status_t {
    if out_token.is_null() {
        return POOL_ERR_NULL;
    }
    let given = handle::pool(pool).and_then(|pool| inbox::give(pool, object.addr(), inbox));
    // SAFETY: not NULL, so valid by the caller's promise.
    status_of(given.and_then(|token| unsafe { handle::write(out_token, token) }))
}

#[no_mangle]
pub unsafe extern "C" fn pool_take(
    token: pool_token_t,
    out_object: *mut *mut c_void,
    out_pool: *mut *mut pool_t,
) -> pool_status_t {
    if out_object.is_null() {
        return POOL_ERR_NULL;
    }
    match inbox::take(token) {
        Ok(Taken::Object(pool, address)) => {
            // SAFETY: not NULL, so valid by the caller's promise.
            unsafe { out_object.write(handle::object(address)) };
            if !out_pool.is_null() {
                // SAFETY: as above.
                unsafe { out_pool.write(handle::handle(pool)) };
            }
            POOL_OK
        }
        Ok(Taken::Pending) => POOL_PENDING,
        Err(error) => status(error),
    }
}

#[no_mangle]
pub unsafe extern "C" fn pool_discard(token: pool_token_t) -> pool_status_t {
    status_of(inbox::discard(token))
}

#[no_mangle]
pub unsafe extern "C" fn pool_alloc_inbox(
    pool: *mut pool_t,
    out_object: *mut *mut c_void,
    flags: u32,
    inbox: pool_inbox_t,
    out_token: *mut pool_token_t,
) -> pool_status_t {
    if out_object.is_null() || out_token.is_null() {
        return POOL_ERR_NULL;
    }
    let asked = handle::pool(pool)
        .and_then(|pool| Ok((pool, urgency(flags)?)))
        .and_then(|(pool, urgency)| inbox::alloc(pool, urgency, inbox));
    match asked {
        Ok(Asked::Object(address)) => {
            // SAFETY: not NULL, so valid by the caller's promise.
            unsafe { out_object.write(handle::object(address)) };
            POOL_OK
        }
        Ok(Asked::Queued(token)) => {
            // SAFETY: as above.
            unsafe { out_token.write(token) };
            POOL_PENDING
        }
        Err(error) => status(error),
    }
}
