//! The exported workloads: call and convert. `include/pool_workloads.h` documents
//! them.

#![allow(unsafe_code, reason = "exported to C")]
#![allow(unreachable_pub, reason = "exported to C, not to Rust")]

use super::sys::POOL_WORKLOAD_FAILED;
use crate::generated::concurrent::{
    LargeMessage, MediumMessage, SmallMessage, CONCURRENT_LAYOUT_HASH,
};
use crate::workloads::{self, Failed};
use std::time::Duration;

fn milliseconds(elapsed: Result<Duration, Failed>) -> u64 {
    elapsed.map_or(POOL_WORKLOAD_FAILED, |time| time.as_millis() as u64)
}

#[no_mangle]
pub extern "C" fn concurrent_test_small_pool(thread_count: u32, ops_per_thread: u32) -> u64 {
    milliseconds(workloads::one_pool::<SmallMessage>(thread_count, ops_per_thread))
}

#[no_mangle]
pub extern "C" fn concurrent_test_medium_pool(thread_count: u32, ops_per_thread: u32) -> u64 {
    milliseconds(workloads::one_pool::<MediumMessage>(thread_count, ops_per_thread))
}

#[no_mangle]
pub extern "C" fn concurrent_test_large_pool(thread_count: u32, ops_per_thread: u32) -> u64 {
    milliseconds(workloads::one_pool::<LargeMessage>(thread_count, ops_per_thread))
}

#[no_mangle]
pub extern "C" fn concurrent_test_mixed_operations(thread_count: u32, ops_per_thread: u32) -> u64 {
    milliseconds(workloads::mixed(thread_count, ops_per_thread))
}

#[no_mangle]
pub extern "C" fn stress_test_rapid_alloc_free(thread_count: u32, duration_ms: u32) -> u64 {
    let duration = Duration::from_millis(duration_ms.into());
    workloads::bursts(thread_count, duration).unwrap_or(POOL_WORKLOAD_FAILED)
}

#[no_mangle]
pub extern "C" fn test_pool_exhaustion(pool_size: u32) -> bool {
    workloads::exhausts_beyond(pool_size).unwrap_or(false)
}

#[no_mangle]
pub extern "C" fn test_free_list_integrity(iterations: u32) -> bool {
    workloads::free_list_is_sound(iterations).is_ok()
}

#[no_mangle]
pub extern "C" fn measure_contention(thread_count: u32, shared_pool: bool) -> u64 {
    let elapsed = workloads::contention(thread_count, shared_pool);
    elapsed.map_or(POOL_WORKLOAD_FAILED, |time| time.as_micros() as u64)
}

#[no_mangle]
pub extern "C" fn concurrent_layout_hash() -> u64 {
    CONCURRENT_LAYOUT_HASH
}
