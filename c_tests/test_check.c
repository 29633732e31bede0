/* pool_check and pool_get_stats tell the truth, also while threads run. */
#include "pool_test.h"

#include <sched.h>

enum { THREADS = 16, HOLD = 20, CAPACITY = THREADS * HOLD, SIZE = 48, CHECKS = 200 };

typedef struct churn_t {
    pool_t *pool;
    atomic_bool stop;
} churn_t;

static void churn_loop(size_t index, void *shared) {
    churn_t *churn = shared;
    uint64_t random = check_seed + index;
    void *held[HOLD];
    size_t count = 0;
    while (!atomic_load(&churn->stop)) {
        if (count == 0 || (count < HOLD && check_random(&random) % 2)) {
            held[count] = pool_alloc(churn->pool);
            if (!CHECK(held[count] != NULL)) break; /* nobody takes more than its share */
            write_token(held[count++], SIZE, index);
        } else {
            size_t victim = check_random(&random) % count;
            CHECK(has_token(held[victim], SIZE, index));
            CHECK_EQ(pool_free(churn->pool, held[victim]), POOL_OK);
            held[victim] = held[--count];
        }
        if (check_random(&random) % 256 == 0) sched_yield();
    }
    free_each(churn->pool, held, count);
}

/* Ends of the churn, and of the proof that it harmed nothing. */
static void stop_churn(churn_t *churn, worker_t *workers) {
    atomic_store(&churn->stop, true);
    join_threads(workers, THREADS);
    CHECK_EQ(stats_of(churn->pool).caches, 0);
    CHECK_EQ(stats_of(churn->pool).in_use, 0);
    CHECK_EQ(misuse_of(churn->pool), 0);
    check_allocatable(churn->pool, CAPACITY);
    destroy(churn->pool);
}

TEST(check_while_threads_run_finds_every_slot_once) {
    churn_t churn = {.pool = bounded_pool(SIZE, CAPACITY)};
    worker_t *workers = start_threads(THREADS, churn_loop, &churn);
    for (int i = 0; i < ITERATIONS(CHECKS); i++) {
        pool_report_t report = report_of(churn.pool); /* the identity and no damage */
        CHECK_EQ(report.slots, CAPACITY);
        CHECK_EQ(report.lost, 0);
        CHECK(report.live <= CAPACITY);
        usleep(200);
    }
    stop_churn(&churn, workers);
}

static void look_many_times(size_t index, void *shared) {
    for (int i = 0; i < ITERATIONS(CHECKS); i++) {
        if (index % 2) CHECK_EQ(report_of(shared).slots, CAPACITY);
        else CHECK_EQ(stats_of(shared).limit, CAPACITY);
    }
}

TEST(checks_and_stats_by_several_threads_at_once_are_sound) {
    churn_t churn = {.pool = bounded_pool(SIZE, CAPACITY)};
    worker_t *workers = start_threads(THREADS, churn_loop, &churn);
    run_threads(4, look_many_times, churn.pool);
    stop_churn(&churn, workers);
}

TEST(stats_while_threads_run_keep_their_identities) {
    churn_t churn = {.pool = bounded_pool(SIZE, CAPACITY)};
    worker_t *workers = start_threads(THREADS, churn_loop, &churn);
    pool_stats_t last = stats_of(churn.pool);
    for (int i = 0; i < ITERATIONS(CHECKS); i++) {
        pool_stats_t now = stats_of(churn.pool);
        CHECK_EQ(now.capacity, CAPACITY);
        CHECK_EQ(now.failed_allocs, 0);
        CHECK(now.total_allocated >= last.total_allocated && now.total_freed >= last.total_freed);
        CHECK(now.high_water >= last.high_water && now.high_water <= CAPACITY);
        CHECK(now.revocations > last.revocations); /* this call's own included */
        CHECK(now.caches <= THREADS + 1);
        last = now;
        usleep(200);
    }
    stop_churn(&churn, workers);
}

/* ---- one thread: every figure is known ------------------------------------------------- */

TEST(stats_of_fresh_pool_are_its_shape) {
    pool_t *pool = growing_pool(40, 100, 1000);
    pool_stats_t stats = stats_of(pool);
    CHECK_EQ(stats.struct_size, sizeof stats);
    CHECK_EQ(stats.object_size, 40);
    CHECK_EQ(stats.slot_size, 48);
    CHECK_EQ(stats.capacity, 100);
    CHECK_EQ(stats.limit, 1000);
    CHECK_EQ(stats.free, 100);
    CHECK_EQ(stats.in_use + stats.high_water + stats.grows + stats.total_allocated + stats.total_freed, 0);
    CHECK_EQ(stats.failed_allocs + stats.lost + misuse_of(pool), 0);
    CHECK(stats.magazine_rounds >= 1 && stats.magazine_rounds <= POOL_MAGAZINE_ROUNDS_MAX);
    pool_report_t report = report_of(pool);
    CHECK_EQ(report.slots, 1000);
    CHECK_EQ(report.live + report.in_magazines + report.lost, 0);
    destroy(pool);
}

TEST(stats_count_every_call) {
    pool_t *pool = bounded_pool(40, 100);
    void *objects[101];
    for (size_t n = 1; n <= 100; n++) {
        CHECK((objects[n - 1] = pool_alloc(pool)) != NULL);
        pool_stats_t stats = stats_of(pool);
        CHECK_EQ(stats.in_use, n);
        CHECK_EQ(stats.free, 100 - n);
        CHECK_EQ(stats.total_allocated, n);
        CHECK(stats.high_water >= n);
        CHECK(stats.caches <= 1); /* a thread may get one later than at its first call */
        CHECK_EQ(report_of(pool).live, n);
    }
    for (size_t n = 100; n-- > 0;) {
        CHECK_EQ(pool_free(pool, objects[n]), POOL_OK);
        CHECK_EQ(stats_of(pool).in_use, n);
        CHECK_EQ(stats_of(pool).total_freed, 100 - n);
        CHECK_EQ(stats_of(pool).high_water, 100);
    }
    CHECK_EQ(stats_of(pool).failed_allocs, 0);
    destroy(pool);
}

TEST(magazine_rounds_are_as_configured) {
    pool_config_t config = config_of(16, 10000);
    config.magazine_rounds = 24;
    pool_t *pool = create(&config);
    void *objects[200];
    CHECK_EQ(stats_of(pool).magazine_rounds, 24);
    CHECK_EQ(alloc_up_to(pool, objects, 200), 200);
    free_each(pool, objects, 200);
    CHECK(report_of(pool).in_magazines <= 2 * 24); /* a thread holds two magazines at most */
    destroy(pool);
}

int main(int argc, char **argv) {
    check_begin(argc, argv);
    RUN(stats_of_fresh_pool_are_its_shape);
    RUN(stats_count_every_call);
    RUN(magazine_rounds_are_as_configured);
    RUN(check_while_threads_run_finds_every_slot_once);
    RUN(stats_while_threads_run_keep_their_identities);
    RUN(checks_and_stats_by_several_threads_at_once_are_sound);
    return check_end();
}
