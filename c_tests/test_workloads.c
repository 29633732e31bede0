/*
 * The workloads that the library exports (pool_workloads.h): each succeeds,
 * does what it was asked to, and leaves the schema's pools as they were.
 */
#include "pool_test.h"

#include <concurrent.g.h>
#include <pool_workloads.h>

enum { STRESS_MS = 300, POOLS = 4 };

typedef struct figures_t {
    pool_stats_t stats[POOLS];
} figures_t;

static pool_t *pool_number(int i) {
    pool_t *(*const pools[POOLS])(void) = {small_message_pool, medium_message_pool, large_message_pool, stress_test_message_pool};
    return pools[i]();
}

static figures_t figures_now(void) {
    figures_t figures;
    for (int i = 0; i < POOLS; i++) figures.stats[i] = stats_of(pool_number(i));
    return figures;
}

/* Pairs on pool `i` since `before`. */
static uint64_t pairs_since(const figures_t *before, int i) {
    return stats_of(pool_number(i)).total_freed - before->stats[i].total_freed;
}

static void check_settled(const figures_t *before) {
    for (int i = 0; i < POOLS; i++) {
        pool_stats_t after = stats_of(pool_number(i));
        CHECK_EQ(report_of(pool_number(i)).live, before->stats[i].in_use);
        CHECK_EQ(after.lost, 0);
        CHECK_EQ(misuse_of(pool_number(i)), 0);
        CHECK_EQ(after.total_allocated - before->stats[i].total_allocated, pairs_since(before, i));
    }
}

TEST(layout_hash_equals_the_header) { CHECK(concurrent_layout_hash() == CONCURRENT_LAYOUT_HASH); }

/* Runs one workload on pool `i` and counts what it did there. */
static void check_workload(uint64_t (*workload)(uint32_t, uint32_t), int i, uint32_t threads, uint32_t operations) {
    figures_t before = figures_now();
    CHECK(workload(threads, operations) != POOL_WORKLOAD_FAILED);
    CHECK_EQ(pairs_since(&before, i), (uint64_t)threads * operations);
    check_settled(&before);
}

TEST(four_threads_use_each_pool) {
    check_workload(concurrent_test_small_pool, 0, 4, 100);
    check_workload(concurrent_test_medium_pool, 1, 4, 100);
    check_workload(concurrent_test_large_pool, 2, 4, 50);
}

TEST(many_threads_use_each_pool) {
    const uint32_t crowds[] = {100, 200, 500, 1000, 2000};
    for (size_t i = 0; i < 5; i++) {
        check_workload(concurrent_test_small_pool, 0, (uint32_t)ITERATIONS(crowds[i]), 20);
        check_workload(concurrent_test_medium_pool, 1, (uint32_t)ITERATIONS(crowds[i]), 20);
        check_workload(concurrent_test_large_pool, 2, (uint32_t)ITERATIONS(crowds[i]), 5);
    }
}

TEST(no_threads_and_no_operations_do_nothing) {
    check_workload(concurrent_test_small_pool, 0, 0, 100);
    check_workload(concurrent_test_small_pool, 0, 4, 0);
}

TEST(eight_threads_mix_all_pools) {
    figures_t before = figures_now();
    uint64_t pairs = 0;
    CHECK(concurrent_test_mixed_operations(8, 500) != POOL_WORKLOAD_FAILED);
    for (int i = 0; i < POOLS; i++) pairs += pairs_since(&before, i);
    CHECK_EQ(pairs, 8 * 500);
    check_settled(&before);
}

TEST(stress_counts_its_pairs) {
    const uint32_t crowds[] = {10, 20, 50};
    for (size_t i = 0; i < 3; i++) {
        figures_t before = figures_now();
        uint64_t pairs = stress_test_rapid_alloc_free(crowds[i], STRESS_MS);
        CHECK(pairs != POOL_WORKLOAD_FAILED);
        CHECK(pairs >= crowds[i]);
        CHECK_EQ(pairs_since(&before, 3), pairs);
        check_settled(&before);
        printf("  %u threads: %.0f pairs a millisecond\n", crowds[i], (double)pairs / STRESS_MS);
    }
}

TEST(exhaustion_tells_whether_the_pool_grew) {
    figures_t before = figures_now();
    CHECK(test_pool_exhaustion(100));
    check_settled(&before);
    CHECK(stats_of(pool_number(0)).capacity > 100);
    CHECK(!test_pool_exhaustion(100000)); /* that is its limit */
    CHECK_EQ(report_of(pool_number(0)).live, before.stats[0].in_use);
}

TEST(free_list_stays_whole) {
    figures_t before = figures_now();
    CHECK(test_free_list_integrity(1000));
    check_settled(&before);
}

TEST(contention_is_measured_for_shared_and_isolated_pools) {
    size_t pools = pool_list(NULL, 0);
    uint64_t together = measure_contention(4, true), apart = measure_contention(4, false);
    CHECK(together != POOL_WORKLOAD_FAILED && apart != POOL_WORKLOAD_FAILED);
    CHECK_EQ(pool_list(NULL, 0), pools); /* its pools are gone */
    printf("  4 threads: %llu us on one pool, %llu us on one each\n", (unsigned long long)together, (unsigned long long)apart);
}

/* Workloads at once, from several threads of the caller. */
static void run_some_workload(size_t index, void *shared) {
    (void)shared;
    if (index % 4 == 0) CHECK(concurrent_test_small_pool(8, 100) != POOL_WORKLOAD_FAILED);
    if (index % 4 == 1) CHECK(concurrent_test_mixed_operations(8, 100) != POOL_WORKLOAD_FAILED);
    if (index % 4 == 2) CHECK(stress_test_rapid_alloc_free(8, 50) != POOL_WORKLOAD_FAILED);
    if (index % 4 == 3) CHECK(test_free_list_integrity(100));
}

TEST(workloads_may_run_at_once) {
    figures_t before = figures_now();
    run_threads(8, run_some_workload, NULL);
    check_settled(&before);
}

int main(int argc, char **argv) {
    check_begin(argc, argv);
    RUN(layout_hash_equals_the_header);
    RUN(four_threads_use_each_pool);
    RUN(many_threads_use_each_pool);
    RUN(no_threads_and_no_operations_do_nothing);
    RUN(eight_threads_mix_all_pools);
    RUN(stress_counts_its_pairs);
    RUN(exhaustion_tells_whether_the_pool_grew);
    RUN(free_list_stays_whole);
    RUN(contention_is_measured_for_shared_and_isolated_pools);
    RUN(workloads_may_run_at_once);
    return check_end();
}
