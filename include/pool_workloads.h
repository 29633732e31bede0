/*
 * pool_workloads.h - the concurrent test programme, run by native threads
 *
 * These functions live in the same library as the pools. Each starts its own
 * threads, which allocate messages from the schema's pools (include/generated/
 * concurrent.g.h) through the public interface, write every message, verify it
 * and free it. They exist for tests, demonstrations and measurements from any
 * language. Each frees all it allocated before it returns.
 *
 * Every function blocks until its threads are done; any thread may call any of
 * them at any time. A thread that cannot be started counts as a failure.
 */
#ifndef MAGPOOL_POOL_WORKLOADS_H
#define MAGPOOL_POOL_WORKLOADS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the timed workloads return when a message was found damaged, an
 * allocation failed below the limit, or a thread could not be started. */
#define POOL_WORKLOAD_FAILED UINT64_MAX

/*
 * `thread_count` threads each allocate, write, verify and free `ops_per_thread`
 * messages of one pool (mixed: of all four in turn). Returns the elapsed
 * milliseconds, or POOL_WORKLOAD_FAILED.
 */
uint64_t concurrent_test_small_pool(uint32_t thread_count, uint32_t ops_per_thread);
uint64_t concurrent_test_medium_pool(uint32_t thread_count, uint32_t ops_per_thread);
uint64_t concurrent_test_large_pool(uint32_t thread_count, uint32_t ops_per_thread);
uint64_t concurrent_test_mixed_operations(uint32_t thread_count, uint32_t ops_per_thread);

/*
 * `thread_count` threads allocate, hold and free StressTestMessages in bursts
 * for `duration_ms` milliseconds. Returns the alloc/free pairs done, or
 * POOL_WORKLOAD_FAILED.
 */
uint64_t stress_test_rapid_alloc_free(uint32_t thread_count, uint32_t duration_ms);

/*
 * Whether more than `pool_size` SmallMessages could be live at once, that is,
 * whether the pool grew past that size. Allocates pool_size + 1 and frees them.
 */
bool test_pool_exhaustion(uint32_t pool_size);

/*
 * `iterations` rounds of allocating and freeing in changing orders, after which
 * no two live messages shared a slot and pool_check is clean. False: damage.
 */
bool test_free_list_integrity(uint32_t iterations);

/*
 * `thread_count` threads do 10 000 pairs each on one pool they share, or each on
 * a pool of its own. Returns microseconds, or POOL_WORKLOAD_FAILED.
 */
uint64_t measure_contention(uint32_t thread_count, bool shared_pool);

/* The layout hash of the schema this library was built with; equals
 * CONCURRENT_LAYOUT_HASH of a matching generated header. */
uint64_t concurrent_layout_hash(void);

#ifdef __cplusplus
}
#endif

#endif /* MAGPOOL_POOL_WORKLOADS_H */
