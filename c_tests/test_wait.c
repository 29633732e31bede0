/*
 * test_wait.c - waiting for an object: in order, with a deadline, missing no free
 */
#define _GNU_SOURCE
#include "pool_test.h"

enum { SIZE = 48 };

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static const uint64_t MS = 1000000;

/* ---- one waiter -------------------------------------------------------------------- */

TEST(alloc_timed_of_pool_with_free_objects_does_not_wait) {
    pool_t *pool = bounded_pool(SIZE, 2);
    void *object = NULL;
    CHECK_EQ(pool_alloc_timed(pool, &object, 0), POOL_OK);
    CHECK_EQ(pool_free(pool, object), POOL_OK);
    CHECK_EQ(pool_alloc_timed(pool, &object, POOL_WAIT_FOREVER), POOL_OK);
    CHECK_EQ(pool_free(pool, object), POOL_OK);
    CHECK_EQ(pool_alloc_timed(NULL, &object, 0), POOL_ERR_NULL);
    CHECK_EQ(pool_alloc_timed(pool, NULL, 0), POOL_ERR_NULL);
    check_allocatable(pool, 2);
    destroy(pool);
}

TEST(alloc_timed_of_exhausted_pool_times_out) {
    pool_t *pool = bounded_pool(SIZE, 1);
    void *object = pool_alloc(pool), *other = &other;
    CHECK_EQ(pool_alloc_timed(pool, &other, 0), POOL_ERR_TIMEOUT);
    uint64_t from = now_ns();
    CHECK_EQ(pool_alloc_timed(pool, &other, 20 * MS), POOL_ERR_TIMEOUT);
    CHECK(now_ns() - from >= 20 * MS);
    CHECK(other == &other);
    CHECK_EQ(stats_of(pool).failed_allocs, 2);
    CHECK_EQ(stats_of(pool).waiting, 0);
    CHECK_EQ(pool_free(pool, object), POOL_OK);
    check_allocatable(pool, 1);
    destroy(pool);
}

/* ---- frees of every kind ------------------------------------------------------------ */

typedef struct meeting_t {
    pool_t *pool;
    atomic_int coming, served;
    void *got[8];
    int order[8];
} meeting_t;

static size_t waiting_on(pool_t *pool) { return stats_of(pool).waiting; }

static void wait_for_object(size_t index, void *shared) {
    meeting_t *meeting = shared;
    while (waiting_on(meeting->pool) != index) usleep(100);
    CHECK_EQ(pool_alloc_timed(meeting->pool, &meeting->got[index], POOL_WAIT_FOREVER), POOL_OK);
    meeting->order[index] = atomic_load(&meeting->served); /* one is served at a time */
    atomic_fetch_add(&meeting->served, 1);
}

static void await_waiters(pool_t *pool, size_t count) {
    while (waiting_on(pool) < count) usleep(100);
}

static void await(atomic_int *counter, int value) {
    while (atomic_load(counter) < value) usleep(100);
}

/* Starts a waiter, frees the only object in some way, and sees it arrive. */
static void hand_over(pool_t *pool, void (*give)(pool_t *, void *)) {
    meeting_t meeting = {.pool = pool};
    void *object = pool_alloc(pool);
    worker_t *waiter = start_threads(1, wait_for_object, &meeting);
    await_waiters(pool, 1);
    CHECK_EQ(meeting.served, 0);
    give(pool, object);
    join_threads(waiter, 1);
    CHECK(meeting.got[0] == object);
    CHECK_EQ(pool_free(pool, object), POOL_OK);
}

static void give_free(pool_t *pool, void *object) { CHECK_EQ(pool_free(pool, object), POOL_OK); }
static void give_release(pool_t *pool, void *object) { (void)pool, pool_release(object); }
static void give_batch(pool_t *pool, void *object) { CHECK_EQ(pool_free_batch(pool, &object, 1), 1); }

TEST(waiter_gets_the_object_however_it_is_freed) {
    pool_t *pool = bounded_pool(SIZE, 1);
    for (int i = 0; i < 10; i++) {
        hand_over(pool, give_free);
        hand_over(pool, give_release);
        hand_over(pool, give_batch);
    }
    check_allocatable(pool, 1);
    destroy(pool);
}

TEST(waiters_are_served_in_the_order_they_came) {
    pool_t *pool = bounded_pool(SIZE, 1);
    for (int round = 0; round < ITERATIONS(10); round++) {
        meeting_t meeting = {.pool = pool};
        void *object = pool_alloc(pool);
        worker_t *waiters = start_threads(8, wait_for_object, &meeting);
        await_waiters(pool, 8);
        for (int i = 0; i < 8; i++) {
            CHECK_EQ(pool_free(pool, object), POOL_OK);
            void *taken = pool_alloc(pool); /* who does not wait comes last */
            CHECK(taken == NULL);
            await(&meeting.served, i + 1);
            CHECK_EQ(meeting.order[i], i);
            CHECK(meeting.got[i] == object);
        }
        join_threads(waiters, 8);
        CHECK_EQ(pool_free(pool, object), POOL_OK);
    }
    check_allocatable(pool, 1);
    destroy(pool);
}

/* ---- many ---------------------------------------------------------------------------- */

typedef struct crowd_t {
    pool_t *pool;
    uint64_t timeout_ns; /* at most; each wait draws its own, unless it is for ever */
    atomic_int live, most, timeouts;
} crowd_t;

static void take_turns(size_t index, void *shared) {
    crowd_t *crowd = shared;
    uint64_t random = check_seed + index;
    for (int i = 0; i < ITERATIONS(2000); i++) {
        void *object = NULL;
        bool forever = crowd->timeout_ns == POOL_WAIT_FOREVER;
        uint64_t timeout = forever ? POOL_WAIT_FOREVER : check_random(&random) % crowd->timeout_ns;
        pool_status_t status = pool_alloc_timed(crowd->pool, &object, timeout);
        if (status == POOL_ERR_TIMEOUT && !forever) {
            atomic_fetch_add(&crowd->timeouts, 1);
            continue;
        }
        if (!CHECK_EQ(status, POOL_OK)) return;
        int live = atomic_fetch_add(&crowd->live, 1) + 1, most = atomic_load(&crowd->most);
        while (live > most && !atomic_compare_exchange_weak(&crowd->most, &most, live)) {}
        uint64_t token = (uint64_t)index << 32 | (uint64_t)i;
        write_token(object, SIZE, token);
        if (check_random(&random) % 4 == 0) sched_yield();
        CHECK(has_token(object, SIZE, token));
        atomic_fetch_sub(&crowd->live, 1);
        CHECK_EQ(pool_free(crowd->pool, object), POOL_OK);
    }
}

static void run_crowd(size_t capacity, size_t threads, uint64_t timeout_ns) {
    crowd_t crowd = {.pool = bounded_pool(SIZE, capacity), .timeout_ns = timeout_ns};
    run_threads(threads, take_turns, &crowd);
    CHECK(crowd.most <= (int)capacity);
    CHECK_EQ(stats_of(crowd.pool).in_use, 0);
    check_allocatable(crowd.pool, capacity);
    destroy(crowd.pool);
}

TEST(no_free_is_missed_by_threads_that_wait_for_ever) {
    run_crowd(1, 8, POOL_WAIT_FOREVER);
    run_crowd(3, 16, POOL_WAIT_FOREVER);
    run_crowd(15, 16, POOL_WAIT_FOREVER);
}

TEST(timeouts_racing_with_frees_lose_no_object) {
    run_crowd(1, 8, 200 * 1000);
    run_crowd(3, 16, 50 * 1000);
}

/* ---- the end ---------------------------------------------------------------------------- */

static void wait_for_the_end(size_t index, void *shared) {
    meeting_t *meeting = shared;
    void *object = &object;
    (void)index;
    atomic_fetch_add(&meeting->coming, 1);
    CHECK_EQ(pool_alloc_timed(meeting->pool, &object, POOL_WAIT_FOREVER), POOL_ERR_DESTROYED);
    CHECK(object == &object);
}

TEST(destroy_forced_sends_waiters_away) {
    for (int round = 0; round < ITERATIONS(50); round++) {
        meeting_t meeting = {.pool = bounded_pool(SIZE, 1)};
        CHECK(pool_alloc(meeting.pool) != NULL);
        worker_t *waiters = start_threads(4, wait_for_the_end, &meeting);
        await(&meeting.coming, 4);
        usleep(round % 4 * 500);
        CHECK_EQ(pool_destroy(meeting.pool), POOL_ERR_BUSY);
        size_t live = 0;
        CHECK_EQ(pool_destroy_forced(meeting.pool, &live), POOL_OK);
        CHECK_EQ(live, 1);
        join_threads(waiters, 4);
    }
}

int main(int argc, char **argv) {
    check_begin(argc, argv);
    RUN(alloc_timed_of_pool_with_free_objects_does_not_wait);
    RUN(alloc_timed_of_exhausted_pool_times_out);
    RUN(waiter_gets_the_object_however_it_is_freed);
    RUN(waiters_are_served_in_the_order_they_came);
    RUN(no_free_is_missed_by_threads_that_wait_for_ever);
    RUN(timeouts_racing_with_frees_lose_no_object);
    RUN(destroy_forced_sends_waiters_away);
    return check_end();
}
