/* Batches: runs of objects at once, the same promises as one by one. */
#include "pool_test.h"

enum { CAPACITY = 500, ROUNDS = 16, SIZE = 40 };

static pool_t *batch_pool(void) {
    pool_config_t config = config_of(SIZE, CAPACITY);
    config.magazine_rounds = ROUNDS;
    return create(&config);
}

/* ---- one thread --------------------------------------------------------------------- */

/* Sizes around those of a magazine and of the pool. */
static const size_t sizes[] = {0, 1, 7, ROUNDS - 1, ROUNDS, ROUNDS + 1, 3 * ROUNDS + 1, CAPACITY - 1, CAPACITY, CAPACITY + 1};
enum { SIZES = sizeof sizes / sizeof *sizes };

static size_t at_most_capacity(size_t count) { return count < CAPACITY ? count : CAPACITY; }

TEST(alloc_batch_of_any_size_gives_that_many_distinct_objects) {
    pool_t *pool = batch_pool();
    void *objects[CAPACITY + 1];
    for (size_t i = 0; i < SIZES; i++) {
        size_t expected = at_most_capacity(sizes[i]);
        uint64_t failed = stats_of(pool).failed_allocs;
        CHECK_EQ(pool_alloc_batch(pool, objects, sizes[i]), expected);
        check_distinct(pool, objects, expected);
        CHECK_EQ(report_of(pool).live, expected);
        CHECK_EQ(stats_of(pool).failed_allocs, failed + (sizes[i] > CAPACITY)); /* a batch counts once */
        CHECK_EQ(pool_free_batch(pool, objects, expected), expected);
        CHECK_EQ(report_of(pool).live, 0);
    }
    check_allocatable(pool, CAPACITY);
    destroy(pool);
}

TEST(alloc_batch_leaves_the_rest_of_the_array_untouched) {
    pool_t *pool = batch_pool();
    void *objects[CAPACITY + 10], *mark = &pool;
    for (size_t i = 0; i < CAPACITY + 10; i++) objects[i] = mark;
    CHECK_EQ(pool_alloc_batch(pool, objects, 0), 0);
    CHECK(objects[0] == mark);
    CHECK_EQ(pool_alloc_batch(pool, objects, 7), 7);
    CHECK(objects[7] == mark);
    CHECK_EQ(pool_alloc_batch(pool, objects + 7, CAPACITY), CAPACITY - 7);
    for (size_t i = 0; i < 10; i++) CHECK(objects[CAPACITY + i] == mark);
    CHECK_EQ(pool_alloc_batch(pool, objects + CAPACITY, 3), 0); /* nothing left */
    CHECK(objects[CAPACITY] == mark);
    check_distinct(pool, objects, CAPACITY);
    CHECK_EQ(pool_free_batch(pool, objects, CAPACITY), CAPACITY);
    destroy(pool);
}

TEST(alloc_batch_grows_the_pool_to_its_limit) {
    pool_t *pool = growing_pool(SIZE, 10, CAPACITY);
    void *objects[CAPACITY + 1];
    CHECK_EQ(pool_alloc_batch(pool, objects, CAPACITY + 1), CAPACITY);
    CHECK(stats_of(pool).grows >= 1);
    check_distinct(pool, objects, CAPACITY);
    CHECK_EQ(pool_free_batch(pool, objects, CAPACITY), CAPACITY);
    check_allocatable(pool, CAPACITY);
    destroy(pool);
}

TEST(objects_of_batches_and_single_calls_are_alike) {
    pool_t *pool = batch_pool();
    void *objects[CAPACITY + 1];
    for (int round = 0; round < ITERATIONS(200); round++) {
        size_t n = pool_alloc_batch(pool, objects, 100);
        n += alloc_up_to(pool, objects + n, 57);
        n += pool_alloc_batch(pool, objects + n, 3 * ROUNDS + 1);
        n += alloc_up_to(pool, objects + n, CAPACITY + 1 - n);
        CHECK_EQ(n, CAPACITY);
        check_distinct(pool, objects, n);
        free_each(pool, objects, 123); /* what batches gave, singly, and the reverse */
        CHECK_EQ(pool_free_batch(pool, objects + 123, n - 123), n - 123);
    }
    CHECK_EQ(misuse_of(pool), 0);
    check_allocatable(pool, CAPACITY);
    destroy(pool);
}

/* ---- batches with bad members --------------------------------------------------------- */

TEST(free_batch_takes_the_good_among_the_bad) {
    pool_t *pool = batch_pool();
    void *objects[CAPACITY], *mixed[2 * CAPACITY];
    CHECK_EQ(pool_alloc_batch(pool, objects, CAPACITY), CAPACITY);
    for (size_t i = 0; i < CAPACITY; i++) {
        mixed[2 * i] = objects[i];
        mixed[2 * i + 1] = i % 3 == 0 ? NULL : i % 3 == 1 ? (void *)&pool : objects[i]; /* the last: twice */
    }
    CHECK_EQ(pool_free_batch(pool, mixed, 2 * CAPACITY), CAPACITY);
    pool_stats_t stats = stats_of(pool);
    CHECK_EQ(stats.misuse_null, (CAPACITY + 2) / 3);
    CHECK_EQ(stats.misuse_foreign, (CAPACITY + 1) / 3);
    CHECK_EQ(stats.misuse_double_free, CAPACITY / 3);
    CHECK_EQ(stats.in_use, 0);
    CHECK_EQ(pool_free_batch(pool, objects, CAPACITY), 0); /* all free already */
    check_allocatable(pool, CAPACITY);
    destroy(pool);
}

/* ---- many threads ------------------------------------------------------------------------ */

enum { THREADS = 8, MOST = CAPACITY / THREADS };

/* Each thread holds at most its fair share, so every batch must be whole. */
static void batch_loop(size_t index, void *shared) {
    pool_t *pool = shared;
    void *objects[MOST];
    uint64_t random = check_seed + index;
    for (int i = 0; i < ITERATIONS(10000); i++) {
        size_t count = check_random(&random) % (MOST + 1), half = count / 2;
        CHECK_EQ(pool_alloc_batch(pool, objects, count), count);
        for (size_t k = 0; k < count; k++) write_token(objects[k], SIZE, index << 32 | k);
        for (size_t k = 0; k < count; k++) CHECK(has_token(objects[k], SIZE, index << 32 | k));
        CHECK_EQ(pool_free_batch(pool, objects, half), half);
        free_each(pool, objects + half, count - half);
    }
}

TEST(batches_of_many_threads_within_fair_share_are_whole) {
    pool_t *pool = batch_pool();
    run_threads(THREADS, batch_loop, pool);
    CHECK_EQ(stats_of(pool).failed_allocs, 0);
    CHECK_EQ(misuse_of(pool), 0);
    check_allocatable(pool, CAPACITY);
    destroy(pool);
}

typedef struct greedy_t {
    pool_t *pool;
    pthread_barrier_t barrier;
    void *objects[THREADS][CAPACITY];
    size_t held[THREADS];
} greedy_t;

static void take_all(size_t index, void *shared) {
    greedy_t *greedy = shared;
    for (int round = 0; round < ITERATIONS(300); round++) {
        pthread_barrier_wait(&greedy->barrier);
        greedy->held[index] = pool_alloc_batch(greedy->pool, greedy->objects[index], CAPACITY);
        pthread_barrier_wait(&greedy->barrier);
        pthread_barrier_wait(&greedy->barrier);
        size_t held = greedy->held[index];
        CHECK_EQ(pool_free_batch(greedy->pool, greedy->objects[index], held), held);
    }
}

/* All want everything at once: together they get exactly everything. */
TEST(greedy_batches_share_exactly_the_capacity) {
    greedy_t *greedy = calloc(1, sizeof *greedy);
    greedy->pool = batch_pool();
    pthread_barrier_init(&greedy->barrier, NULL, THREADS + 1);
    worker_t *workers = start_threads(THREADS, take_all, greedy);
    for (int round = 0; round < ITERATIONS(300); round++) {
        void *all[CAPACITY * THREADS];
        size_t n = 0;
        pthread_barrier_wait(&greedy->barrier); /* all have freed what they had */
        pthread_barrier_wait(&greedy->barrier);
        for (size_t i = 0; i < THREADS; n += greedy->held[i++])
            memcpy(all + n, greedy->objects[i], greedy->held[i] * sizeof *all);
        CHECK_EQ(n, CAPACITY);
        check_distinct(greedy->pool, all, n);
        pthread_barrier_wait(&greedy->barrier);
    }
    join_threads(workers, THREADS);
    check_allocatable(greedy->pool, CAPACITY);
    destroy(greedy->pool);
    free(greedy);
}

int main(int argc, char **argv) {
    check_begin(argc, argv);
    RUN(alloc_batch_of_any_size_gives_that_many_distinct_objects);
    RUN(alloc_batch_leaves_the_rest_of_the_array_untouched);
    RUN(alloc_batch_grows_the_pool_to_its_limit);
    RUN(objects_of_batches_and_single_calls_are_alike);
    RUN(free_batch_takes_the_good_among_the_bad);
    RUN(batches_of_many_threads_within_fair_share_are_whole);
    RUN(greedy_batches_share_exactly_the_capacity);
    return check_end();
}
