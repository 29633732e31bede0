//! The C ABI: `include/pool.h`, function by function.
//!
//! Rules: a NULL argument is `POOL_ERR_NULL` unless the header says otherwise;
//! outputs are written only on success; structs carry their size, and only what
//! both sides know is read or written; nothing panics.
//!
//! `sys.g.rs` is made from the header. The definitions in `exports`, `inbox`, `wire`
//! and `workloads` use its types, and the assertions below compile only if each has
//! exactly the signature that the header declares.

mod exports;
mod handle;
mod inbox;
#[cfg(not(any(loom, shuttle)))]
mod layout;
mod wire;
mod workloads;

#[path = "sys.g.rs"]
pub(crate) mod sys;

/// Each definition and its declaration have one type: an array has but one.
macro_rules! same_signature {
    ($module:ident: $($name:ident($($arg:ty),*) $(-> $result:ty)?;)*) => {
        $(const _: [unsafe extern "C" fn($($arg),*) $(-> $result)?; 2] =
            [$module::$name, sys::$name];)*
    };
}

same_signature! { exports:
    pool_create(*const sys::pool_config_t, *mut *mut sys::pool_t) -> sys::pool_status_t;
    pool_open(*const sys::pool_config_t, *mut *mut sys::pool_t) -> sys::pool_status_t;
    pool_find(*const core::ffi::c_char, *mut *mut sys::pool_t) -> sys::pool_status_t;
    pool_list(*mut *mut sys::pool_t, usize) -> usize;
    pool_destroy(*mut sys::pool_t) -> sys::pool_status_t;
    pool_destroy_forced(*mut sys::pool_t, *mut usize) -> sys::pool_status_t;
    pool_alloc(*mut sys::pool_t) -> *mut core::ffi::c_void;
    pool_try_alloc(*mut sys::pool_t, *mut *mut core::ffi::c_void) -> sys::pool_status_t;
    pool_alloc_timed(*mut sys::pool_t, *mut *mut core::ffi::c_void, u64) -> sys::pool_status_t;
    pool_alloc_with(*mut sys::pool_t, *mut *mut core::ffi::c_void, u64, u32) -> sys::pool_status_t;
    pool_alloc_async(
        *mut sys::pool_t, *mut *mut core::ffi::c_void, u32, sys::pool_ready_fn,
        *mut core::ffi::c_void, *mut sys::pool_ticket_t
    ) -> sys::pool_status_t;
    pool_alloc_cancel(*mut sys::pool_t, sys::pool_ticket_t) -> sys::pool_status_t;
    pool_free(*mut sys::pool_t, *mut core::ffi::c_void) -> sys::pool_status_t;
    pool_release(*mut core::ffi::c_void);
    pool_alloc_batch(*mut sys::pool_t, *mut *mut core::ffi::c_void, usize) -> usize;
    pool_free_batch(*mut sys::pool_t, *const *mut core::ffi::c_void, usize) -> usize;
    pool_cache_create(*mut sys::pool_t, *mut *mut sys::pool_cache_t) -> sys::pool_status_t;
    pool_cache_destroy(*mut sys::pool_cache_t) -> sys::pool_status_t;
    pool_cache_alloc(*mut sys::pool_cache_t) -> *mut core::ffi::c_void;
    pool_cache_try_alloc(
        *mut sys::pool_cache_t, *mut *mut core::ffi::c_void
    ) -> sys::pool_status_t;
    pool_cache_free(*mut sys::pool_cache_t, *mut core::ffi::c_void) -> sys::pool_status_t;
    pool_cache_flush(*mut sys::pool_cache_t) -> sys::pool_status_t;
    pool_cache_layout_1() -> u32;
    pool_flush_thread(*mut sys::pool_t) -> sys::pool_status_t;
    pool_trim(*mut sys::pool_t) -> sys::pool_status_t;
    pool_get_stats(*const sys::pool_t, *mut sys::pool_stats_t) -> sys::pool_status_t;
    pool_check(*mut sys::pool_t, *mut sys::pool_report_t) -> sys::pool_status_t;
    pool_of(*const core::ffi::c_void) -> *mut sys::pool_t;
    pool_get_name(*const sys::pool_t, *mut core::ffi::c_char, usize) -> usize;
    pool_object_size(*const sys::pool_t) -> usize;
    pool_object_align(*const sys::pool_t) -> usize;
    pool_status_string(sys::pool_status_t) -> *const core::ffi::c_char;
    pool_version() -> u32;
    pool_abi_version() -> u32;
}

same_signature! { inbox:
    pool_inbox_create(
        sys::pool_post_fn, *mut core::ffi::c_void, *mut sys::pool_inbox_t
    ) -> sys::pool_status_t;
    pool_inbox_create_dart(
        sys::pool_dart_post_fn, i64, *mut sys::pool_inbox_t
    ) -> sys::pool_status_t;
    pool_inbox_close(sys::pool_inbox_t) -> sys::pool_status_t;
    pool_inbox_release(*mut core::ffi::c_void);
    pool_give(
        *mut sys::pool_t, *mut core::ffi::c_void, sys::pool_inbox_t, *mut sys::pool_token_t
    ) -> sys::pool_status_t;
    pool_take(
        sys::pool_token_t, *mut *mut core::ffi::c_void, *mut *mut sys::pool_t
    ) -> sys::pool_status_t;
    pool_discard(sys::pool_token_t) -> sys::pool_status_t;
    pool_alloc_inbox(
        *mut sys::pool_t, *mut *mut core::ffi::c_void, u32, sys::pool_inbox_t,
        *mut sys::pool_token_t
    ) -> sys::pool_status_t;
}

same_signature! { wire:
    pool_wire_decode(
        *const sys::pool_wire_row_t, *const core::ffi::c_void, usize, *mut core::ffi::c_void,
        *mut sys::pool_wire_error_t
    ) -> sys::pool_wire_status_t;
    pool_wire_merge(
        *const sys::pool_wire_row_t, *const core::ffi::c_void, usize, *mut core::ffi::c_void,
        *mut sys::pool_wire_error_t
    ) -> sys::pool_wire_status_t;
    pool_wire_size(*const sys::pool_wire_row_t, *const core::ffi::c_void) -> usize;
    pool_wire_encode(
        *const sys::pool_wire_row_t, *const core::ffi::c_void, *mut core::ffi::c_void, usize,
        *mut usize
    ) -> sys::pool_wire_status_t;
    pool_wire_json(
        *const sys::pool_wire_row_t, *const core::ffi::c_char, *const core::ffi::c_void,
        *mut core::ffi::c_char, usize
    ) -> usize;
    pool_wire_check(*const sys::pool_wire_row_t, usize) -> sys::pool_wire_status_t;
    pool_wire_status_string(sys::pool_wire_status_t) -> *const core::ffi::c_char;
}

same_signature! { workloads:
    concurrent_test_small_pool(u32, u32) -> u64;
    concurrent_test_medium_pool(u32, u32) -> u64;
    concurrent_test_large_pool(u32, u32) -> u64;
    concurrent_test_mixed_operations(u32, u32) -> u64;
    stress_test_rapid_alloc_free(u32, u32) -> u64;
    test_pool_exhaustion(u32) -> bool;
    test_free_list_integrity(u32) -> bool;
    measure_contention(u32, bool) -> u64;
    concurrent_layout_hash() -> u64;
}
