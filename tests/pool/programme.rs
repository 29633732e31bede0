//! The concurrent test programme: the exported workloads, each of which must leave
//! the four pools undamaged and with as many live objects as before.

use crate::support::{c, expect_sound};
use magpool::generated::concurrent::{
    large_message_alloc, large_message_pool, medium_message_pool, small_message_pool,
    stress_test_message_pool, PoolStatsMessage, CONCURRENT_LAYOUT_HASH,
};
use std::sync::{Mutex, PoisonError};

/// The pools are the process's; one test at a time can say what is live in them.
static POOLS: Mutex<()> = Mutex::new(());

#[track_caller]
fn expect_pools_idle() {
    expect_sound(small_message_pool().unwrap(), 0);
    expect_sound(medium_message_pool().unwrap(), 0);
    expect_sound(large_message_pool().unwrap(), 0);
    expect_sound(stress_test_message_pool().unwrap(), 0);
}

/// Runs a workload between two proofs that the pools are sound and idle.
#[track_caller]
fn run<R>(workload: impl FnOnce() -> R) -> R {
    let _turn = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    expect_pools_idle();
    let result = workload();
    expect_pools_idle();
    result
}

/// Runs a workload that returns a figure; the figure.
#[track_caller]
fn figure(workload: impl FnOnce() -> u64) -> u64 {
    let result = run(workload);
    assert_ne!(result, c::WORKLOAD_FAILED);
    result
}

#[test]
fn small_pool_4_threads_100_operations_is_intact() {
    figure(|| c::concurrent_test_small_pool(4, 100));
}

#[test]
fn medium_pool_4_threads_100_operations_is_intact() {
    figure(|| c::concurrent_test_medium_pool(4, 100));
}

#[test]
fn large_pool_4_threads_50_operations_is_intact() {
    figure(|| c::concurrent_test_large_pool(4, 50));
}

#[test]
fn stress_10_threads_1000_ms_is_intact() {
    assert!(figure(|| c::stress_test_rapid_alloc_free(10, 1000)) > 0);
}

#[test]
fn stress_20_threads_1000_ms_is_intact() {
    assert!(figure(|| c::stress_test_rapid_alloc_free(20, 1000)) > 0);
}

#[test]
fn stress_50_threads_2000_ms_is_intact() {
    assert!(figure(|| c::stress_test_rapid_alloc_free(50, 2000)) > 0);
}

#[test]
fn exhaustion_beyond_the_first_capacity_grows() {
    assert!(run(|| c::test_pool_exhaustion(100)));
    assert!(small_message_pool().unwrap().stats().unwrap().capacity > 100);
}

#[test]
fn exhaustion_beyond_the_limit_is_refused() {
    assert!(run(|| c::test_pool_exhaustion(99_999)));
    assert!(!run(|| c::test_pool_exhaustion(100_000)));
    assert!(!run(|| c::test_pool_exhaustion(u32::MAX)));
    assert_eq!(small_message_pool().unwrap().stats().unwrap().capacity, 100_000);
}

#[test]
fn free_list_1000_iterations_is_intact() {
    assert!(run(|| c::test_free_list_integrity(1000)));
}

#[test]
fn mixed_operations_8_threads_500_operations_are_intact() {
    figure(|| c::concurrent_test_mixed_operations(8, 500));
}

#[test]
fn contention_of_shared_and_isolated_pools_is_measured() {
    for threads in [1, 4] {
        let shared = figure(|| c::measure_contention(threads, true));
        let isolated = figure(|| c::measure_contention(threads, false));
        println!("{threads} threads: {shared} us shared, {isolated} us isolated");
        assert!(shared > 0 && isolated > 0);
    }
}

/// All workloads that take a number of threads, with little work for each.
#[track_caller]
fn crowd(threads: u32) {
    figure(|| c::concurrent_test_small_pool(threads, 50));
    figure(|| c::concurrent_test_medium_pool(threads, 20));
    figure(|| c::concurrent_test_large_pool(threads, 5));
    figure(|| c::concurrent_test_mixed_operations(threads, 8));
    assert!(figure(|| c::stress_test_rapid_alloc_free(threads, 100)) > 0);
}

#[test]
fn pools_used_by_100_threads_are_intact() {
    crowd(100);
}

#[test]
fn pools_used_by_200_threads_are_intact() {
    crowd(200);
}

#[test]
fn pools_used_by_500_threads_are_intact() {
    crowd(500);
}

#[test]
fn pools_used_by_1000_threads_are_intact() {
    crowd(1000);
}

#[test]
fn pools_used_by_2000_threads_are_intact() {
    crowd(2000);
}

#[test]
fn workloads_without_threads_do_nothing() {
    assert_eq!(figure(|| c::concurrent_test_mixed_operations(0, 100)), 0);
    assert_eq!(figure(|| c::stress_test_rapid_alloc_free(0, 10_000)), 0);
    figure(|| c::concurrent_test_small_pool(4, 0));
    assert!(run(|| c::test_free_list_integrity(0)));
    assert!(run(|| c::test_pool_exhaustion(0)));
}

#[test]
fn workloads_run_at_once_are_intact() {
    run(|| {
        let results = crate::support::together(4, |number| match number {
            0 => c::concurrent_test_small_pool(8, 500),
            1 => c::concurrent_test_mixed_operations(8, 200),
            2 => u64::from(!c::test_free_list_integrity(100)),
            _ => c::stress_test_rapid_alloc_free(8, 100),
        });
        assert!(!results.contains(&c::WORKLOAD_FAILED) && results[2] == 0, "{results:?}");
    });
}

#[test]
fn layout_hash_of_library_equals_generated_one() {
    assert_eq!(c::concurrent_layout_hash(), CONCURRENT_LAYOUT_HASH);
}

#[test]
fn message_allocated_again_is_empty() {
    run(|| {
        for id in 1..100 {
            let mut message = large_message_alloc().unwrap();
            assert_eq!((message.id(), message.title(), message.children_len()), (0, &b""[..], 0));
            message.set_id(id);
            message.set_title("tea").unwrap();
            message.add_children().unwrap().set_id(id);
            assert!(message.set_title(&"t".repeat(65)).is_err_and(|error| error.max == 64));
            assert_eq!(message.title_str(), Ok("tea"));
        }
    });
}

#[test]
fn stats_message_of_pool_counts_its_objects() {
    run(|| {
        let _held = large_message_alloc().unwrap();
        let message = PoolStatsMessage::from(large_message_pool().unwrap().stats().unwrap());
        assert_eq!(message.active_count(), 1);
        assert_eq!(message.total_allocated() - message.total_freed(), 1);
        assert!(message.pool_size() >= 10_000 && message.growth_count() <= 4);
    });
}
