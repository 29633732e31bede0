/*
 * test_async.c - allocations that are granted later: one callback each, in order, on the
 * thread that brings the object, which it may use pools on; or none, once cancelled.
 */
#include "pool_test.h"

enum { SIZE = 48 };

/* What one callback was told. */
typedef struct told_t {
    pool_t *pool;
    atomic_int calls;
    pool_status_t status;
    void *object;
    pthread_t thread;
    int order;
} told_t;

static atomic_int calls_made;

static void note(void *context, pool_status_t status, void *object) {
    told_t *told = context;
    told->status = status, told->object = object, told->thread = pthread_self();
    told->order = atomic_fetch_add(&calls_made, 1);
    atomic_fetch_add(&told->calls, 1);
}

static pool_ticket_t queue_up(pool_t *pool, told_t *told) {
    pool_ticket_t ticket = 0;
    void *object = &object;
    memset(told, 0, sizeof *told);
    told->pool = pool;
    CHECK_EQ(pool_alloc_async(pool, &object, 0, note, told, &ticket), POOL_PENDING);
    CHECK(object == &object);
    CHECK(ticket != 0);
    return ticket;
}

/* ---- one thread ----------------------------------------------------------------------------- */

TEST(async_of_pool_with_free_objects_is_granted_at_once) {
    pool_t *pool = bounded_pool(SIZE, 2);
    pool_ticket_t ticket = 7;
    told_t told = {.pool = pool};
    void *object = NULL;
    CHECK_EQ(pool_alloc_async(pool, &object, 0, note, &told, &ticket), POOL_OK);
    CHECK(pool_of(object) == pool);
    CHECK_EQ(ticket, 7);
    CHECK_EQ(pool_free(pool, object), POOL_OK);
    CHECK_EQ(told.calls, 0);
    check_allocatable(pool, 2);
    destroy(pool);
}

TEST(async_of_exhausted_pool_calls_back_once_from_the_free) {
    pool_t *pool = bounded_pool(SIZE, 1);
    void *only = pool_alloc(pool);
    told_t told;
    queue_up(pool, &told);
    CHECK_EQ(stats_of(pool).waiting, 1);
    CHECK_EQ(told.calls, 0);
    CHECK_EQ(pool_free(pool, only), POOL_OK);
    CHECK_EQ(told.calls, 1);
    CHECK_EQ(told.status, POOL_OK);
    CHECK(told.object == only);
    CHECK(pthread_equal(told.thread, pthread_self()));
    CHECK_EQ(stats_of(pool).in_use, 1);
    CHECK_EQ(stats_of(pool).waiting, 0);
    CHECK_EQ(stats_of(pool).failed_allocs, 0);
    CHECK_EQ(pool_free(pool, told.object), POOL_OK);
    CHECK_EQ(told.calls, 1);
    check_allocatable(pool, 1);
    destroy(pool);
}

static void free_one(pool_t *pool, void *object) { CHECK_EQ(pool_free(pool, object), POOL_OK); }
static void release_one(pool_t *pool, void *object) { (void)pool, pool_release(object); }
static void free_batch_of_one(pool_t *pool, void *object) { CHECK_EQ(pool_free_batch(pool, &object, 1), 1); }

TEST(callback_comes_however_the_object_is_freed) {
    void (*const ways[])(pool_t *, void *) = {free_one, release_one, free_batch_of_one};
    pool_t *pool = bounded_pool(SIZE, 1);
    for (int way = 0; way < 3; way++) {
        told_t told;
        void *only = pool_alloc(pool);
        queue_up(pool, &told);
        ways[way](pool, only);
        CHECK_EQ(told.calls, 1);
        CHECK(told.object == only);
        CHECK_EQ(pool_free(pool, told.object), POOL_OK);
    }
    check_allocatable(pool, 1);
    destroy(pool);
}

TEST(callbacks_come_in_the_order_of_the_calls) {
    pool_t *pool = bounded_pool(SIZE, 5);
    void *objects[5];
    told_t told[8];
    CHECK_EQ(alloc_up_to(pool, objects, 5), 5);
    for (int i = 0; i < 8; i++) queue_up(pool, &told[i]);
    calls_made = 0;
    CHECK_EQ(pool_free_batch(pool, objects, 5), 5); /* five at once */
    for (int i = 0; i < 5; i++) CHECK_EQ(told[i].calls, 1), CHECK_EQ(told[i].order, i);
    for (int i = 5; i < 8; i++) CHECK_EQ(told[i].calls, 0);
    for (int i = 0; i < 3; i++) CHECK_EQ(pool_free(pool, told[i].object), POOL_OK);
    for (int i = 5; i < 8; i++) CHECK_EQ(told[i].calls, 1), CHECK_EQ(told[i].order, i);
    for (int i = 3; i < 8; i++) CHECK_EQ(pool_free(pool, told[i].object), POOL_OK);
    check_allocatable(pool, 5);
    destroy(pool);
}

TEST(cancelled_allocation_is_never_called_back) {
    pool_t *pool = bounded_pool(SIZE, 1), *other = bounded_pool(SIZE, 1);
    void *only = pool_alloc(pool);
    told_t a, b, c;
    pool_ticket_t first = queue_up(pool, &a), second = queue_up(pool, &b), third = queue_up(pool, &c);
    CHECK(first != second && second != third);
    CHECK_EQ(pool_alloc_cancel(other, second), POOL_ERR_NOT_FOUND);
    CHECK_EQ(pool_alloc_cancel(pool, second), POOL_OK);
    CHECK_EQ(pool_alloc_cancel(pool, second), POOL_ERR_NOT_FOUND);
    CHECK_EQ(stats_of(pool).waiting, 2);
    CHECK_EQ(pool_free(pool, only), POOL_OK);
    CHECK_EQ(pool_alloc_cancel(pool, first), POOL_ERR_NOT_FOUND); /* called already */
    CHECK_EQ(pool_free(pool, a.object), POOL_OK);
    CHECK_EQ(a.calls, 1), CHECK_EQ(b.calls, 0), CHECK_EQ(c.calls, 1);
    CHECK_EQ(pool_free(pool, c.object), POOL_OK);
    check_allocatable(pool, 1);
    destroy(pool), destroy(other);
}

TEST(async_misuse_is_a_status) {
    pool_t *pool = bounded_pool(SIZE, 1);
    void *only = pool_alloc(pool), *object = &object;
    told_t told = {.pool = pool};
    CHECK_EQ(pool_alloc_async(NULL, &object, 0, note, &told, NULL), POOL_ERR_NULL);
    CHECK_EQ(pool_alloc_async(pool, NULL, 0, note, &told, NULL), POOL_ERR_NULL);
    CHECK_EQ(pool_alloc_async(pool, &object, 0, NULL, &told, NULL), POOL_ERR_NULL);
    CHECK_EQ(pool_alloc_async(pool, &object, 2, note, &told, NULL), POOL_ERR_INVALID);
    CHECK_EQ(pool_alloc_with(pool, &object, 0, 2), POOL_ERR_INVALID);
    CHECK_EQ(pool_alloc_with(pool, NULL, 0, POOL_CRITICAL), POOL_ERR_NULL);
    CHECK_EQ(pool_alloc_with(NULL, &object, 0, POOL_CRITICAL), POOL_ERR_NULL);
    CHECK_EQ(pool_alloc_cancel(NULL, 1), POOL_ERR_NULL);
    CHECK_EQ(pool_alloc_cancel(pool, 0), POOL_ERR_NOT_FOUND);
    CHECK(object == &object);
    CHECK_EQ(stats_of(pool).waiting, 0);
    CHECK_EQ(pool_alloc_async(pool, &object, 0, note, &told, NULL), POOL_PENDING); /* no ticket wanted */
    CHECK_EQ(pool_free(pool, only), POOL_OK);
    CHECK_EQ(told.calls, 1);
    CHECK_EQ(pool_free(pool, told.object), POOL_OK);
    destroy(pool);
    CHECK_EQ(pool_alloc_async(pool, &object, 0, note, &told, NULL), POOL_ERR_DESTROYED);
    CHECK_EQ(pool_alloc_cancel(pool, 1), POOL_ERR_DESTROYED);
}

/* ---- what a callback may do ------------------------------------------------------------------- */

/* Uses every kind of call, this pool's and the registry's, then asks again. */
static void busy_callback(void *context, pool_status_t status, void *object) {
    told_t *told = context;
    CHECK_EQ(status, POOL_OK);
    pool_t *made = bounded_pool(16, 4);
    check_allocatable(made, 4);
    destroy(made);
    CHECK(pool_of(object) == told->pool);
    CHECK_EQ(stats_of(told->pool).in_use, 1);
    if (atomic_fetch_add(&told->calls, 1) < 2) {
        void *none = NULL;
        CHECK_EQ(pool_alloc_async(told->pool, &none, 0, busy_callback, told, NULL), POOL_PENDING);
    }
    CHECK_EQ(pool_free(told->pool, object), POOL_OK); /* calls the next one back */
}

TEST(callback_may_use_pools_and_queue_again) {
    pool_t *pool = bounded_pool(SIZE, 1);
    for (int way = 0; way < 2; way++) {
        void *only = pool_alloc(pool), *none = NULL;
        told_t told = {.pool = pool};
        CHECK_EQ(pool_alloc_async(pool, &none, 0, busy_callback, &told, NULL), POOL_PENDING);
        if (way) pool_release(only);
        else CHECK_EQ(pool_free(pool, only), POOL_OK);
        CHECK_EQ(told.calls, 3);
        check_allocatable(pool, 1);
    }
    destroy(pool);
}

static void free_at_once(void *context, pool_status_t status, void *object) {
    told_t *told = context;
    CHECK_EQ(status, POOL_OK);
    told->calls++;
    CHECK_EQ(pool_free(told->pool, object), POOL_OK); /* the next one's turn */
}

TEST(long_queue_of_callbacks_that_free_is_no_deep_stack) {
    enum { QUEUED = 200000 };
    pool_t *pool = bounded_pool(SIZE, 1);
    told_t told = {.pool = pool};
    void *only = pool_alloc(pool), *none = NULL;
    for (int i = 0; i < QUEUED; i++)
        if (!CHECK_EQ(pool_alloc_async(pool, &none, 0, free_at_once, &told, NULL), POOL_PENDING)) break;
    CHECK_EQ(pool_free(pool, only), POOL_OK);
    CHECK_EQ(told.calls, QUEUED);
    check_allocatable(pool, 1);
    destroy(pool);
}

static void make_pool_when_told(void *context, pool_status_t status, void *object) {
    told_t *told = context;
    CHECK_EQ(status, POOL_ERR_DESTROYED);
    CHECK(object == NULL);
    told->calls++;
    pool_t *made = bounded_pool(16, 4); /* the registry is not locked */
    check_allocatable(made, 4);
    destroy(made);
}

TEST(callback_is_told_when_the_pool_is_destroyed) {
    pool_t *pool = bounded_pool(SIZE, 1);
    told_t told = {.pool = pool};
    size_t live = 0;
    void *only = pool_alloc(pool), *none = NULL;
    for (int i = 0; i < 3; i++)
        CHECK_EQ(pool_alloc_async(pool, &none, 0, make_pool_when_told, &told, NULL), POOL_PENDING);
    CHECK_EQ(pool_destroy(pool), POOL_ERR_BUSY);
    CHECK_EQ(told.calls, 0);
    CHECK_EQ(pool_destroy_forced(pool, &live), POOL_OK);
    CHECK_EQ(live, 1);
    CHECK_EQ(told.calls, 3);
    (void)only;
}

/* ---- threads ------------------------------------------------------------------------------------- */

enum { ASKERS = 4, TURNS = 2000, OBJECTS = 3 };

typedef struct crowd_t {
    pool_t *pool;
    atomic_int live, granted, cancelled;
} crowd_t;

static void hold_then_free(crowd_t *crowd, void *object) {
    CHECK(atomic_fetch_add(&crowd->live, 1) < OBJECTS);
    write_token(object, SIZE, (uintptr_t)object);
    CHECK(has_token(object, SIZE, (uintptr_t)object));
    atomic_fetch_sub(&crowd->live, 1);
    atomic_fetch_add(&crowd->granted, 1);
    CHECK_EQ(pool_free(crowd->pool, object), POOL_OK);
}

static void grant(void *context, pool_status_t status, void *object) {
    CHECK_EQ(status, POOL_OK);
    hold_then_free(context, object);
}

static void ask(size_t index, void *shared) {
    crowd_t *crowd = shared;
    uint64_t random = check_seed + index;
    for (int turn = 0; turn < ITERATIONS(TURNS); turn++) {
        pool_ticket_t ticket;
        void *object;
        switch (check_random(&random) % 3) {
        case 0:
            CHECK_EQ(pool_alloc_timed(crowd->pool, &object, POOL_WAIT_FOREVER), POOL_OK);
            hold_then_free(crowd, object);
            break;
        default:
            if (pool_alloc_async(crowd->pool, &object, 0, grant, crowd, &ticket) == POOL_OK)
                hold_then_free(crowd, object);
            else if (check_random(&random) % 4 == 0 && pool_alloc_cancel(crowd->pool, ticket) == POOL_OK)
                atomic_fetch_add(&crowd->cancelled, 1);
        }
    }
}

TEST(every_request_is_granted_or_cancelled_exactly_once) {
    crowd_t crowd = {.pool = bounded_pool(SIZE, OBJECTS)};
    run_threads(ASKERS, ask, &crowd);
    CHECK_EQ(crowd.granted + crowd.cancelled, ASKERS * ITERATIONS(TURNS));
    CHECK_EQ(stats_of(crowd.pool).waiting, 0);
    check_allocatable(crowd.pool, OBJECTS);
    destroy(crowd.pool);
}

int main(int argc, char **argv) {
    check_begin(argc, argv);
    RUN(async_of_pool_with_free_objects_is_granted_at_once);
    RUN(async_of_exhausted_pool_calls_back_once_from_the_free);
    RUN(callback_comes_however_the_object_is_freed);
    RUN(callbacks_come_in_the_order_of_the_calls);
    RUN(cancelled_allocation_is_never_called_back);
    RUN(async_misuse_is_a_status);
    RUN(callback_may_use_pools_and_queue_again);
    RUN(long_queue_of_callbacks_that_free_is_no_deep_stack);
    RUN(callback_is_told_when_the_pool_is_destroyed);
    RUN(every_request_is_granted_or_cancelled_exactly_once);
    return check_end();
}
