/*
 * pool_test.h - what every program here asks of a pool, said once: make one,
 * look at its figures, prove that it is intact, run threads on it.
 */
#ifndef POOL_TEST_H
#define POOL_TEST_H

#include "check.h"

#include <pool.h>
#include <pthread.h>

/* ---- pools ------------------------------------------------------------------ */

static inline pool_config_t config_of(size_t object_size, size_t capacity) {
    pool_config_t config = POOL_CONFIG_INIT;
    config.object_size = object_size;
    config.capacity = capacity;
    return config;
}

static inline pool_t *create(const pool_config_t *config) {
    pool_t *pool = NULL;
    pool_status_t status = pool_create(config, &pool);
    if (CHECK_EQ(status, POOL_OK) && CHECK(pool != NULL)) return pool;
    printf("pool_create: %s; nothing left to test\n", pool_status_string(status));
    exit(1);
}

static inline pool_t *bounded_pool(size_t object_size, size_t capacity) {
    pool_config_t config = config_of(object_size, capacity);
    return create(&config);
}

static inline pool_t *growing_pool(size_t object_size, size_t capacity, size_t limit) {
    pool_config_t config = config_of(object_size, capacity);
    config.limit = limit;
    return create(&config);
}

/* ---- figures ---------------------------------------------------------------- */

static inline void check_stats_identities(const pool_stats_t *stats) {
    CHECK_EQ(stats->total_allocated - stats->total_freed, stats->in_use);
    CHECK_EQ(stats->free, stats->capacity - stats->in_use - stats->lost);
    CHECK(stats->capacity <= stats->limit);
    CHECK(stats->high_water >= stats->in_use);
    CHECK(stats->slot_size >= stats->object_size);
    CHECK(stats->bytes_committed <= stats->bytes_reserved);
    CHECK(stats->bytes_reserved >= stats->slot_size * stats->limit);
}

static inline pool_stats_t stats_of(const pool_t *pool) {
    pool_stats_t stats = POOL_STATS_INIT;
    CHECK_EQ(pool_get_stats(pool, &stats), POOL_OK);
    check_stats_identities(&stats);
    return stats;
}

/* The report of a sound pool: each slot is in exactly one place. */
static inline pool_report_t report_of(pool_t *pool) {
    pool_report_t report = POOL_REPORT_INIT;
    CHECK_EQ(pool_check(pool, &report), POOL_OK);
    CHECK_EQ(report.live + report.in_magazines + report.in_depot + report.uncarved + report.lost, report.slots);
    CHECK_EQ(report.duplicates + report.out_of_range + report.overwritten, 0);
    CHECK(report.first_damaged == NULL);
    return report;
}

static inline uint64_t misuse_of(const pool_t *pool) {
    pool_stats_t stats = stats_of(pool);
    return stats.misuse_null + stats.misuse_foreign + stats.misuse_interior + stats.misuse_wrong_pool +
           stats.misuse_double_free + stats.misuse_overwritten;
}

/* ---- the whole pool --------------------------------------------------------- */

static inline void **object_array(size_t count) {
    void **objects = (void **)calloc(count + 1, sizeof *objects);
    if (objects) return objects;
    puts("no memory for the test itself");
    exit(1);
}

/* Allocates until the pool is exhausted, or `count` objects are there. */
static inline size_t alloc_up_to(pool_t *pool, void **objects, size_t count) {
    size_t n = 0;
    while (n < count && (objects[n] = pool_alloc(pool))) n++;
    return n;
}

static inline void free_each(pool_t *pool, void **objects, size_t count) {
    for (size_t i = 0; i < count; i++) CHECK_EQ(pool_free(pool, objects[i]), POOL_OK);
}

static inline int compare_addresses(const void *a, const void *b) {
    uintptr_t x = (uintptr_t) * (void *const *)a, y = (uintptr_t) * (void *const *)b;
    return (x > y) - (x < y);
}

/* No two of the objects overlap, and each is one of the pool, aligned. Sorts a
 * copy, so that the order of the caller's stays what the pool made it. */
static inline void check_distinct(pool_t *pool, void *const *objects, size_t count) {
    size_t size = pool_object_size(pool), align = pool_object_align(pool);
    void **sorted = object_array(count);
    memcpy(sorted, objects, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_addresses);
    for (size_t i = 0; i < count; i++) {
        CHECK_EQ((uintptr_t)sorted[i] % align, 0);
        CHECK(pool_of(sorted[i]) == pool);
        if (i) CHECK((uintptr_t)sorted[i] - (uintptr_t)sorted[i - 1] >= size);
    }
    free(sorted);
}

/* Nothing is live: then exactly `count` objects can be, all distinct, and one
 * more cannot. Leaves the pool with nothing live again. */
static inline void check_allocatable(pool_t *pool, size_t count) {
    void **objects = object_array(count + 1), *extra = &extra;
    size_t n = alloc_up_to(pool, objects, count + 1);
    CHECK_EQ(n, count);
    check_distinct(pool, objects, n);
    CHECK_EQ(pool_try_alloc(pool, &extra), POOL_ERR_EXHAUSTED);
    CHECK(extra == &extra);
    CHECK_EQ(report_of(pool).live, n);
    CHECK_EQ(stats_of(pool).in_use, n);
    free_each(pool, objects, n);
    CHECK_EQ(report_of(pool).live, 0);
    free(objects);
}

static inline void destroy(pool_t *pool) {
    CHECK_EQ(report_of(pool).live, 0);
    CHECK_EQ(pool_destroy(pool), POOL_OK);
}

/* ---- threads ---------------------------------------------------------------- */

typedef struct worker_t {
    void (*body)(size_t index, void *shared);
    size_t index;
    void *shared;
    pthread_t thread;
} worker_t;

static inline void *worker_main(void *argument) {
    worker_t *worker = (worker_t *)argument;
    worker->body(worker->index, worker->shared);
    return NULL;
}

/* Small stacks, so that thousands of threads fit into any address space limit. */
static inline int thread_start(pthread_t *thread, void *(*start)(void *), void *argument) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 * 1024);
    int error = pthread_create(thread, &attributes, start, argument);
    pthread_attr_destroy(&attributes);
    return error;
}

static inline worker_t *start_threads(size_t count, void (*body)(size_t, void *), void *shared) {
    worker_t *workers = (worker_t *)calloc(count, sizeof *workers);
    for (size_t i = 0; i < count; i++) {
        workers[i].body = body, workers[i].index = i, workers[i].shared = shared;
        /* Bodies meet at barriers: with a thread missing they would wait for ever. */
        if (CHECK_EQ(thread_start(&workers[i].thread, worker_main, &workers[i]), 0)) continue;
        printf("thread %zu of %zu does not start\n", i, count);
        exit(1);
    }
    return workers;
}

static inline void join_threads(worker_t *workers, size_t count) {
    for (size_t i = 0; i < count; i++) pthread_join(workers[i].thread, NULL);
    free(workers);
}

/* Runs body(0..count-1, shared), each on a thread of its own, to their ends. */
static inline void run_threads(size_t count, void (*body)(size_t, void *), void *shared) {
    join_threads(start_threads(count, body, shared), count);
}

/* ---- tokens: who owns an object ------------------------------------------------ */

/* Fills the whole object with a value only its owner knows. */
static inline void write_token(void *object, size_t size, uint64_t token) {
    for (size_t i = 0; i < size; i += 8) memcpy((char *)object + i, &token, size - i < 8 ? size - i : 8);
}

static inline bool has_token(const void *object, size_t size, uint64_t token) {
    for (size_t i = 0; i < size; i += 8)
        if (memcmp((const char *)object + i, &token, size - i < 8 ? size - i : 8)) return false;
    return true;
}

#endif
