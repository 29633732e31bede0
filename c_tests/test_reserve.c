/*
 * test_reserve.c - objects that only critical allocations may take: exactly as many as
 * configured, whoever frees what, wherever the rounds lie.
 */
#include "pool_test.h"

enum { SIZE = 40, LIMIT = 100, RESERVE = 10 };

static pool_t *reserving_pool(size_t capacity, size_t limit, size_t reserve, uint32_t rounds) {
    pool_config_t config = config_of(SIZE, capacity);
    config.limit = limit, config.reserve = reserve, config.magazine_rounds = rounds;
    return create(&config);
}

static void *alloc_critical(pool_t *pool) {
    void *object = NULL;
    pool_status_t status = pool_alloc_with(pool, &object, 0, POOL_CRITICAL);
    CHECK(status == (object ? POOL_OK : POOL_ERR_TIMEOUT));
    return object;
}

static size_t alloc_critical_up_to(pool_t *pool, void **objects, size_t count) {
    size_t n = 0;
    while (n < count && (objects[n] = alloc_critical(pool))) n++;
    return n;
}

/* Nothing is live: ordinary allocations get all but the reserve, critical ones the rest. */
static void check_both_kinds(pool_t *pool, size_t limit, size_t reserve) {
    void **objects = object_array(limit + 1);
    size_t n = alloc_up_to(pool, objects, limit + 1);
    CHECK_EQ(n, limit - reserve);
    CHECK_EQ(alloc_critical_up_to(pool, objects + n, reserve + 1), reserve);
    check_distinct(pool, objects, limit);
    CHECK(pool_alloc(pool) == NULL);
    CHECK_EQ(stats_of(pool).in_use, limit);
    CHECK_EQ(stats_of(pool).free, 0);
    CHECK_EQ(report_of(pool).live, limit);
    free_each(pool, objects, limit);
    CHECK_EQ(report_of(pool).live, 0);
    free(objects);
}

/* ---- exactly so many -------------------------------------------------------------------------- */

TEST(reserve_is_for_critical_allocations_only) {
    const size_t limits[] = {2, 11, LIMIT, 1000};
    for (int i = 0; i < 4; i++)
        for (uint32_t rounds = 0; rounds < 4; rounds++) {
            size_t limit = limits[i], reserve = i ? RESERVE : 1;
            pool_t *bounded = reserving_pool(limit, 0, reserve, rounds);
            pool_t *growing = reserving_pool(1, limit, reserve, rounds);
            CHECK_EQ(stats_of(bounded).reserve, reserve);
            for (int again = 0; again < 3; again++) {
                check_both_kinds(bounded, limit, reserve);
                check_both_kinds(growing, limit, reserve);
            }
            destroy(bounded), destroy(growing);
        }
}

TEST(reserve_as_large_as_the_pool_is_invalid) {
    pool_config_t config = config_of(SIZE, 10);
    pool_t *pool = NULL;
    config.reserve = 10;
    CHECK_EQ(pool_create(&config, &pool), POOL_ERR_INVALID);
    CHECK(pool == NULL);
    config.limit = 11;
    CHECK_EQ(pool_create(&config, &pool), POOL_OK);
    check_both_kinds(pool, 11, 10);
    destroy(pool);
}

TEST(open_with_another_reserve_is_refused) {
    pool_config_t config = config_of(SIZE, 10);
    pool_t *pool = NULL, *same = NULL;
    config.name = "reserved", config.reserve = 2;
    CHECK_EQ(pool_open(&config, &pool), POOL_OK);
    config.reserve = 0; /* no opinion */
    CHECK_EQ(pool_open(&config, &same), POOL_OK);
    CHECK(same == pool);
    config.reserve = 3;
    CHECK_EQ(pool_open(&config, &same), POOL_ERR_EXISTS);
    destroy(pool);
}

/* Any object fills the reserve again, not only those that came from it. */
TEST(what_comes_back_fills_the_reserve_first) {
    pool_t *pool = reserving_pool(LIMIT, 0, RESERVE, 4);
    void *objects[LIMIT];
    size_t n = alloc_up_to(pool, objects, LIMIT);
    CHECK_EQ(alloc_critical_up_to(pool, objects + n, RESERVE), RESERVE);
    for (int i = 0; i < RESERVE; i++) {
        CHECK_EQ(pool_free(pool, objects[i]), POOL_OK);
        CHECK(pool_alloc(pool) == NULL);
    }
    CHECK_EQ(pool_free(pool, objects[RESERVE]), POOL_OK); /* one more than the reserve lacks */
    CHECK((objects[0] = pool_alloc(pool)) != NULL);
    CHECK(pool_alloc(pool) == NULL);
    CHECK((objects[1] = alloc_critical(pool)) != NULL);
    CHECK_EQ(pool_free(pool, objects[0]), POOL_OK);
    CHECK(pool_alloc(pool) == NULL);
    CHECK_EQ(pool_free(pool, objects[1]), POOL_OK);
    free_each(pool, objects + RESERVE + 1, LIMIT - RESERVE - 1);
    check_both_kinds(pool, LIMIT, RESERVE);
    destroy(pool);
}

TEST(trim_keeps_the_reserve) {
    pool_t *pool = reserving_pool(10000, 0, 1000, 0);
    for (int again = 0; again < 3; again++) {
        check_both_kinds(pool, 10000, 1000);
        CHECK_EQ(pool_trim(pool), POOL_OK);
        CHECK_EQ(report_of(pool).live, 0);
    }
    void **objects = object_array(10000);
    size_t n = alloc_up_to(pool, objects, 10000);
    n += alloc_critical_up_to(pool, objects + n, 500);
    free_each(pool, objects, 5000);
    CHECK_EQ(pool_trim(pool), POOL_OK);
    CHECK_EQ(report_of(pool).live, n - 5000);
    CHECK_EQ(alloc_up_to(pool, objects, 10000), 10000 - 1000 - (n - 5000));
    CHECK_EQ(alloc_critical_up_to(pool, objects, 2000), 1000);
    CHECK_EQ(report_of(pool).live, 10000);
    CHECK_EQ(pool_destroy_forced(pool, &n), POOL_OK);
    CHECK_EQ(n, 10000);
    free(objects);
}

/* Where nothing can be given back the reserve is as full as before. */
TEST(trim_of_scattered_objects_keeps_the_reserve) {
    pool_t *pool = reserving_pool(1000, 0, 100, 0);
    void **objects = object_array(1000);
    size_t n = alloc_up_to(pool, objects, 1000);
    CHECK_EQ(alloc_critical_up_to(pool, objects + n, 100), 100);
    for (size_t i = 0; i < 1000; i += 2) CHECK_EQ(pool_free(pool, objects[i]), POOL_OK);
    CHECK_EQ(pool_trim(pool), POOL_OK);
    CHECK_EQ(report_of(pool).live, 500);
    CHECK_EQ(report_of(pool).uncarved, 0);
    for (size_t i = 0; i < 800; i += 2) CHECK((objects[i] = pool_alloc(pool)) != NULL);
    CHECK(pool_alloc(pool) == NULL);
    for (size_t i = 800; i < 1000; i += 2) CHECK((objects[i] = alloc_critical(pool)) != NULL);
    CHECK(alloc_critical(pool) == NULL);
    free_each(pool, objects, 1000);
    check_both_kinds(pool, 1000, 100);
    destroy(pool);
    free(objects);
}

/* ---- waiting ------------------------------------------------------------------------------------ */

typedef struct waiters_t {
    pool_t *pool;
    uint32_t flags[3];
    void *got[3];
    atomic_int served;
} waiters_t;

static void wait_with_flags(size_t index, void *shared) {
    waiters_t *waiters = shared;
    while (stats_of(waiters->pool).waiting != index) usleep(100);
    CHECK_EQ(pool_alloc_with(waiters->pool, &waiters->got[index], POOL_WAIT_FOREVER, waiters->flags[index]), POOL_OK);
    atomic_fetch_add(&waiters->served, 1);
}

TEST(critical_waiter_is_served_from_the_reserve_before_ordinary_ones) {
    waiters_t waiters = {.pool = reserving_pool(3, 0, 1, 1), .flags = {0, POOL_CRITICAL, 0}};
    void *objects[3];
    CHECK_EQ(alloc_up_to(waiters.pool, objects, 3), 2);
    CHECK((objects[2] = alloc_critical(waiters.pool)) != NULL);
    worker_t *threads = start_threads(3, wait_with_flags, &waiters);
    while (stats_of(waiters.pool).waiting < 3) usleep(100);
    CHECK_EQ(pool_free(waiters.pool, objects[0]), POOL_OK);
    while (stats_of(waiters.pool).waiting > 2) usleep(100);
    while (!waiters.served) usleep(100);
    CHECK(waiters.got[1] == objects[0]);
    CHECK_EQ(pool_free(waiters.pool, objects[1]), POOL_OK); /* fills the reserve */
    CHECK_EQ(stats_of(waiters.pool).waiting, 2);
    CHECK_EQ(pool_free(waiters.pool, objects[2]), POOL_OK);
    while (waiters.served < 2) usleep(100);
    CHECK(waiters.got[0] == objects[2]);
    CHECK_EQ(pool_free(waiters.pool, waiters.got[1]), POOL_OK);
    join_threads(threads, 3);
    CHECK(waiters.got[2] != NULL);
    CHECK_EQ(pool_free(waiters.pool, waiters.got[0]), POOL_OK);
    CHECK_EQ(pool_free(waiters.pool, waiters.got[2]), POOL_OK);
    check_both_kinds(waiters.pool, 3, 1);
    destroy(waiters.pool);
}

/* ---- threads -------------------------------------------------------------------------------------- */

typedef struct crowd_t {
    pool_t *pool;
    atomic_int live; /* objects that are live for sure */
} crowd_t;

static void take_both_kinds(size_t index, void *shared) {
    crowd_t *crowd = shared;
    void *objects[40];
    int held = 0;
    uint64_t random = check_seed + index;
    for (int i = 0; i < ITERATIONS(50000); i++) {
        bool critical = check_random(&random) % 4 == 0;
        if (held < 40 && check_random(&random) % 3) {
            void *object = critical ? alloc_critical(crowd->pool) : pool_alloc(crowd->pool);
            if (!object) continue;
            CHECK(atomic_fetch_add(&crowd->live, 1) < LIMIT);
            write_token(objects[held++] = object, SIZE, index + 1);
        } else if (held) {
            CHECK(has_token(objects[--held], SIZE, index + 1));
            atomic_fetch_sub(&crowd->live, 1);
            CHECK_EQ(pool_free(crowd->pool, objects[held]), POOL_OK);
        }
    }
    atomic_fetch_sub(&crowd->live, held);
    free_each(crowd->pool, objects, (size_t)held);
}

TEST(reserve_is_whole_again_after_threads_took_both_kinds) {
    for (uint32_t rounds = 0; rounds < 3; rounds++) {
        crowd_t crowd = {.pool = reserving_pool(LIMIT, 0, RESERVE, rounds)};
        run_threads(4, take_both_kinds, &crowd);
        CHECK_EQ(crowd.live, 0);
        CHECK_EQ(report_of(crowd.pool).live, 0);
        check_both_kinds(crowd.pool, LIMIT, RESERVE);
        destroy(crowd.pool);
    }
}

int main(int argc, char **argv) {
    check_begin(argc, argv);
    RUN(reserve_is_for_critical_allocations_only);
    RUN(reserve_as_large_as_the_pool_is_invalid);
    RUN(open_with_another_reserve_is_refused);
    RUN(what_comes_back_fills_the_reserve_first);
    RUN(trim_keeps_the_reserve);
    RUN(trim_of_scattered_objects_keeps_the_reserve);
    RUN(critical_waiter_is_served_from_the_reserve_before_ordinary_ones);
    RUN(reserve_is_whole_again_after_threads_took_both_kinds);
    return check_end();
}
