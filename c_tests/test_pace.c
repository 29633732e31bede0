/*
 * test_pace.c - magazines whose size the pool chooses: they grow where caches exchange often,
 * shrink when the pool is tight or trimmed, and no slot is lost or had twice meanwhile.
 */
#include "pool_test.h"

enum { SIZE = 64, LIMIT = 20000, HELD = 3000, FEW = 40, MANY = 120 };

static uint64_t rounds_of(pool_t *pool) { return stats_of(pool).magazine_rounds; }

/* Takes and gives back more than a cache holds, so that it exchanges. */
static void exchange_often(pool_t *pool, void **objects, int times) {
    for (int i = 0; i < times; i++) {
        CHECK_EQ(alloc_up_to(pool, objects, HELD), HELD);
        for (size_t k = 0; k < HELD; k++) write_token(objects[k], SIZE, k);
        for (size_t k = 0; k < HELD; k++) CHECK(has_token(objects[k], SIZE, k));
        free_each(pool, objects, HELD);
    }
}

TEST(magazines_grow_with_traffic_and_shrink_when_tight) {
    pool_t *pool = bounded_pool(SIZE, LIMIT);
    void **objects = object_array(LIMIT + 1);
    CHECK_EQ(rounds_of(pool), FEW);
    for (int i = 0; i < 100000; i++) CHECK_EQ(pool_free(pool, pool_alloc(pool)), POOL_OK);
    CHECK_EQ(rounds_of(pool), FEW); /* pairs exchange nothing */
    exchange_often(pool, objects, 20);
    CHECK_EQ(rounds_of(pool), MANY);
    CHECK_EQ(report_of(pool).live, 0);
    CHECK_EQ(alloc_up_to(pool, objects, LIMIT + 1), LIMIT); /* is tight once, at its end */
    CHECK_EQ(rounds_of(pool), MANY / 2); /* of at least FEW */
    check_distinct(pool, objects, LIMIT);
    free_each(pool, objects, LIMIT);
    exchange_often(pool, objects, 60);
    CHECK_EQ(rounds_of(pool), MANY);
    check_allocatable(pool, LIMIT);
    CHECK_EQ(stats_of(pool).total_allocated, 100000 + 80 * (uint64_t)HELD + 2 * LIMIT);
    destroy(pool), free(objects);
}

TEST(magazines_are_few_again_after_a_trim) {
    pool_t *pool = bounded_pool(SIZE, LIMIT);
    void **objects = object_array(LIMIT);
    exchange_often(pool, objects, 20);
    CHECK_EQ(rounds_of(pool), MANY);
    CHECK_EQ(alloc_up_to(pool, objects, HELD), HELD);
    for (size_t k = 0; k < HELD; k++) write_token(objects[k], SIZE, k);
    CHECK_EQ(pool_trim(pool), POOL_OK);
    CHECK_EQ(rounds_of(pool), FEW);
    for (size_t k = 0; k < HELD; k++) CHECK(has_token(objects[k], SIZE, k));
    free_each(pool, objects, HELD);
    check_allocatable(pool, LIMIT);
    destroy(pool), free(objects);
}

TEST(magazines_asked_for_stay_as_they_are) {
    const uint32_t sizes[] = {1, 8, 64, 300};
    void **objects = object_array(LIMIT + 1);
    for (int i = 0; i < 4; i++) {
        pool_config_t config = config_of(SIZE, LIMIT);
        config.magazine_rounds = sizes[i];
        pool_t *pool = create(&config);
        exchange_often(pool, objects, 20);
        CHECK_EQ(rounds_of(pool), sizes[i]);
        CHECK_EQ(alloc_up_to(pool, objects, LIMIT + 1), LIMIT);
        CHECK_EQ(rounds_of(pool), sizes[i]);
        CHECK_EQ(pool_free_batch(pool, objects, LIMIT), LIMIT);
        CHECK_EQ(pool_trim(pool), POOL_OK);
        CHECK_EQ(rounds_of(pool), sizes[i]);
        destroy(pool);
    }
    free(objects);
}

/* ---- beside threads that use the pool ------------------------------------------------------ */

enum { THREADS = 6, EACH = 1500, CAPACITY = 4096 };

typedef struct scene_t {
    pool_t *pool;
    atomic_ullong allocated;
    atomic_uint smallest, largest;
} scene_t;

static void note_rounds(scene_t *scene) {
    unsigned rounds = (unsigned)rounds_of(scene->pool);
    if (rounds < atomic_load(&scene->smallest)) atomic_store(&scene->smallest, rounds);
    if (rounds > atomic_load(&scene->largest)) atomic_store(&scene->largest, rounds);
}

/* Bursts, in which the threads together want more than there is now and then. */
static void burst(size_t index, void *shared) {
    scene_t *scene = shared;
    uint64_t random = check_seed + index;
    void **objects = object_array(EACH);
    unsigned long long allocated = 0;
    for (int i = 0; i < ITERATIONS(1500); i++) {
        const size_t n = alloc_up_to(scene->pool, objects, check_random(&random) % (EACH + 1));
        for (size_t k = 0; k < n; k++) write_token(objects[k], SIZE, index << 32 | k);
        for (size_t k = 0; k < n; k++) CHECK(has_token(objects[k], SIZE, index << 32 | k));
        free_each(scene->pool, objects, n);
        allocated += n;
        if (i % 16 == 0) note_rounds(scene);
        if (index == 0 && i % 200 == 100) CHECK_EQ(pool_trim(scene->pool), POOL_OK);
        if (index == 1 && i % 100 == 50) report_of(scene->pool);
    }
    atomic_fetch_add(&scene->allocated, allocated);
    free(objects);
}

TEST(changes_of_magazines_lose_no_slot_and_give_none_twice) {
    scene_t scene = {.pool = bounded_pool(SIZE, CAPACITY), .smallest = 1000};
    run_threads(THREADS, burst, &scene);
    pool_stats_t stats = stats_of(scene.pool);
    printf("  rounds %u to %u, %llu times exhausted\n", scene.smallest, scene.largest, (unsigned long long)stats.failed_allocs);
    CHECK_EQ(stats.total_allocated, scene.allocated);
    CHECK_EQ(stats.lost, 0);
    CHECK_EQ(misuse_of(scene.pool), 0);
#ifndef CHECK_SLOW
    CHECK(scene.smallest < scene.largest); /* they changed under way */
#endif
    check_allocatable(scene.pool, CAPACITY);
    destroy(scene.pool);
}

int main(int argc, char **argv) {
    check_begin(argc, argv);
    RUN(magazines_grow_with_traffic_and_shrink_when_tight);
    RUN(magazines_are_few_again_after_a_trim);
    RUN(magazines_asked_for_stay_as_they_are);
    RUN(changes_of_magazines_lose_no_slot_and_give_none_twice);
    return check_end();
}
