/*
 * test_cache.c - explicit caches: the pool's objects by way of a handle that any thread may
 * have, one at a time; by calls into the library, and by the inline functions.
 */
#include "pool_test.h"

#include <errno.h>
#include <pool_inline.h>
#include <sched.h>
#include <sys/wait.h>

enum { SIZE = 48, CAPACITY = 500 };

/* ---- two ways in --------------------------------------------------------------------------- */

typedef struct way_t {
    void *(*alloc)(pool_cache_t *);
    pool_status_t (*free)(pool_cache_t *, void *);
} way_t;

static void *alloc_inlined(pool_cache_t *cache) { return pool_cache_alloc_inline(cache); }
static pool_status_t free_inlined(pool_cache_t *cache, void *object) { return pool_cache_free_inline(cache, object); }

static const way_t called = {pool_cache_alloc, pool_cache_free}, inlined = {alloc_inlined, free_inlined};

/* The same test by each way. */
#define TEST_BOTH(name)                        \
    static void name##_body(const way_t *way); \
    TEST(name) { name##_body(&called); }       \
    TEST(name##_inlined) { name##_body(&inlined); } \
    static void name##_body(const way_t *way)
#define RUN_BOTH(name) RUN(name), RUN(name##_inlined)

static pool_cache_t *cache_of(pool_t *pool) {
    pool_cache_t *cache = NULL;
    if (CHECK_EQ(pool_cache_create(pool, &cache), POOL_OK) && CHECK(cache != NULL)) return cache;
    exit(1);
}

static size_t alloc_through(const way_t *way, pool_cache_t *cache, void **objects, size_t count) {
    size_t n = 0;
    while (n < count && (objects[n] = way->alloc(cache))) n++;
    return n;
}

static void free_through(const way_t *way, pool_cache_t *cache, void **objects, size_t count) {
    for (size_t i = 0; i < count; i++) CHECK_EQ(way->free(cache, objects[i]), POOL_OK);
}

/* Every call with a handle that is nobody's. */
static void check_refused(const way_t *way, pool_cache_t *cache, void *object) {
    void *none = &none;
    CHECK(way->alloc(cache) == NULL);
    CHECK_EQ(pool_cache_try_alloc(cache, &none), POOL_ERR_DESTROYED);
    CHECK(none == &none);
    CHECK_EQ(way->free(cache, object), POOL_ERR_DESTROYED);
    CHECK_EQ(pool_cache_flush(cache), POOL_ERR_DESTROYED);
}

/* ---- objects --------------------------------------------------------------------------------- */

TEST_BOTH(objects_of_a_cache_are_the_pools) {
    pool_t *pool = bounded_pool(SIZE, CAPACITY);
    pool_cache_t *cache = cache_of(pool);
    void **objects = object_array(CAPACITY);
    CHECK_EQ(alloc_through(way, cache, objects, 300), 300);
    check_distinct(pool, objects, 300);
    CHECK_EQ(stats_of(pool).in_use, 300);
    CHECK_EQ(stats_of(pool).caches, 1);
    for (size_t i = 0; i < 300; i++) write_token(objects[i], SIZE, i);
    for (size_t i = 0; i < 300; i++) CHECK(has_token(objects[i], SIZE, i));
    for (size_t i = 0; i < 100; i++) pool_release(objects[i]);
    CHECK_EQ(pool_free_batch(pool, objects + 100, 100), 100);
    free_through(way, cache, objects + 200, 100);
    CHECK_EQ(stats_of(pool).total_allocated, 300);
    size_t n = alloc_up_to(pool, objects, CAPACITY); /* the cache's rounds too */
    CHECK_EQ(n, CAPACITY);
    free_through(way, cache, objects, n); /* not through which they came */
    CHECK_EQ(report_of(pool).live, 0);
    CHECK_EQ(pool_cache_destroy(cache), POOL_OK);
    CHECK_EQ(misuse_of(pool), 0);
    check_allocatable(pool, CAPACITY);
    destroy(pool), free(objects);
}

TEST_BOTH(cache_gives_exactly_the_capacity) {
    for (size_t capacity = 1; capacity < 200; capacity = capacity * 3 + 1) {
        pool_t *pool = bounded_pool(SIZE, capacity);
        pool_cache_t *cache = cache_of(pool), *other = cache_of(pool);
        void **objects = object_array(capacity + 1), *extra = &extra;
        for (int again = 0; again < 5; again++) {
            CHECK_EQ(alloc_through(way, again % 2 ? cache : other, objects, capacity + 1), capacity);
            check_distinct(pool, objects, capacity);
            CHECK_EQ(pool_cache_try_alloc(cache, &extra), POOL_ERR_EXHAUSTED);
            CHECK(extra == &extra);
            free_through(way, cache, objects, capacity);
        }
        CHECK_EQ(pool_cache_destroy(cache), POOL_OK);
        CHECK_EQ(pool_cache_destroy(other), POOL_OK);
        check_allocatable(pool, capacity);
        destroy(pool), free(objects);
    }
}

TEST_BOTH(flush_returns_the_magazines_of_the_cache) {
    pool_t *pool = bounded_pool(SIZE, CAPACITY);
    pool_cache_t *cache = cache_of(pool);
    void *objects[40];
    CHECK_EQ(alloc_through(way, cache, objects, 40), 40);
    free_through(way, cache, objects, 40);
    CHECK(report_of(pool).in_magazines > 0);
    CHECK_EQ(pool_cache_flush(cache), POOL_OK);
    CHECK_EQ(report_of(pool).in_magazines, 0);
    CHECK_EQ(alloc_through(way, cache, objects, 40), 40);
    free_through(way, cache, objects, 40);
    CHECK_EQ(pool_cache_destroy(cache), POOL_OK);
    CHECK_EQ(report_of(pool).in_magazines, 0);
    CHECK_EQ(stats_of(pool).caches, 0);
    CHECK_EQ(stats_of(pool).total_allocated, 80);
    destroy(pool);
}

/* Rounds have other units there, and the fast paths are closed. */
TEST_BOTH(pool_above_2_gib_is_a_pool_like_others) {
    enum { HUGE_OBJECT = 3 << 20, HUGE_CAPACITY = 6000, HELD = 100 };
    pool_t *pool = bounded_pool(HUGE_OBJECT, HUGE_CAPACITY);
    pool_cache_t *cache = cache_of(pool);
    void **objects = object_array(2 * HELD);
    for (int again = 0; again < 3; again++) {
        CHECK_EQ(alloc_through(way, cache, objects, HELD), HELD);
        CHECK_EQ(pool_alloc_batch(pool, objects + HELD, HELD / 2), HELD / 2);
        for (size_t i = HELD * 3 / 2; i < 2 * HELD; i++) CHECK((objects[i] = pool_alloc(pool)) != NULL);
        check_distinct(pool, objects, 2 * HELD);
        CHECK_EQ(way->free(cache, (char *)objects[0] + HUGE_OBJECT / 3), POOL_ERR_INTERIOR);
        CHECK_EQ(pool_free(pool, (char *)objects[0] + 8), POOL_ERR_INTERIOR);
        free_through(way, cache, objects, HELD);
        CHECK_EQ(way->free(cache, objects[1]), POOL_ERR_DOUBLE_FREE);
        CHECK_EQ(pool_free_batch(pool, objects + HELD, HELD / 2), HELD / 2);
        for (size_t i = HELD * 3 / 2; i < 2 * HELD; i++) CHECK_EQ(pool_free(pool, objects[i]), POOL_OK);
        CHECK_EQ(pool_free(pool, objects[HELD]), POOL_ERR_DOUBLE_FREE);
        CHECK_EQ(report_of(pool).live, 0);
    }
    CHECK_EQ(misuse_of(pool), 3 * 4);
    CHECK_EQ(pool_cache_destroy(cache), POOL_OK);
    check_allocatable(pool, HUGE_CAPACITY);
    destroy(pool), free(objects);
}

/* Rounds must have room for stamps that tell the two frees apart. */
TEST_BOTH(object_freed_by_two_caches_at_once_is_handed_out_once) {
    static const size_t sizes[][2] = {{64, 256}, {64, 1 << 25}, {64, 1 << 28}, {1 << 20, 1 << 14}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        pool_config_t config = POOL_CONFIG_INIT;
        config.object_size = sizes[i][0], config.capacity = 256, config.limit = sizes[i][1];
        pool_t *pool;
        CHECK_EQ(pool_create(&config, &pool), POOL_OK);
        pool_cache_t *a = cache_of(pool), *b = cache_of(pool);
        CHECK_EQ(way->free(b, way->alloc(b)), POOL_OK);
        uint64_t *object = way->alloc(a);
        CHECK_EQ(way->free(a, object), POOL_OK);
        *object = 0; /* b looked at the object before a wrote */
        CHECK_EQ(way->free(b, object), POOL_OK);
        void *seen[2] = {way->alloc(a), way->alloc(b)};
        CHECK(seen[0] != seen[1]);
        CHECK_EQ(misuse_of(pool), 1);
        for (size_t n = 0; n < 2; n++) CHECK_EQ(way->free(n ? b : a, seen[n]), POOL_OK);
        CHECK_EQ(pool_cache_destroy(a), POOL_OK);
        CHECK_EQ(pool_cache_destroy(b), POOL_OK);
        destroy(pool);
    }
}

/* ---- handles that are nobody's ------------------------------------------------------------------ */

TEST_BOTH(null_cache_is_refused) {
    pool_t *pool = bounded_pool(SIZE, 1);
    pool_cache_t *cache = (pool_cache_t *)pool;
    void *object = pool_alloc(pool), *none = &none;
    CHECK_EQ(pool_cache_create(NULL, &cache), POOL_ERR_NULL);
    CHECK(cache == (pool_cache_t *)pool);
    CHECK_EQ(pool_cache_create(pool, NULL), POOL_ERR_NULL);
    CHECK(way->alloc(NULL) == NULL);
    CHECK_EQ(pool_cache_try_alloc(NULL, &none), POOL_ERR_NULL);
    CHECK_EQ(way->free(NULL, object), POOL_ERR_NULL);
    CHECK_EQ(pool_cache_flush(NULL), POOL_ERR_NULL);
    CHECK_EQ(pool_cache_destroy(NULL), POOL_ERR_NULL);
    cache = cache_of(pool);
    CHECK_EQ(pool_cache_try_alloc(cache, NULL), POOL_ERR_NULL);
    CHECK_EQ(way->free(cache, NULL), POOL_ERR_NULL);
    CHECK_EQ(stats_of(pool).misuse_null, 1);
    CHECK_EQ(way->free(cache, object), POOL_OK);
    destroy(pool);
    CHECK_EQ(pool_cache_create(pool, &cache), POOL_ERR_DESTROYED);
    CHECK_EQ(pool_cache_destroy(cache), POOL_OK);
}

TEST_BOTH(destroyed_cache_is_refused_and_made_again) {
    pool_t *pool = bounded_pool(SIZE, CAPACITY);
    pool_cache_t *cache = cache_of(pool);
    void *objects[60];
    CHECK_EQ(alloc_through(way, cache, objects, 60), 60);
    free_through(way, cache, objects, 30);
    CHECK_EQ(pool_cache_destroy(cache), POOL_OK);
    check_refused(way, cache, objects[59]);
    CHECK_EQ(pool_cache_destroy(cache), POOL_ERR_DESTROYED);
    CHECK_EQ(stats_of(pool).in_use, 30);
    CHECK(cache_of(pool) == cache);
    CHECK_EQ(stats_of(pool).caches, 1);
    free_through(way, cache, objects + 30, 30);
    CHECK_EQ(pool_cache_destroy(cache), POOL_OK);
    check_allocatable(pool, CAPACITY);
    destroy(pool);
    check_refused(way, cache, objects[0]); /* now of no pool */
    CHECK_EQ(pool_cache_destroy(cache), POOL_ERR_DESTROYED);
}

TEST_BOTH(cache_of_a_destroyed_pool_is_refused) {
    pool_t *pool = bounded_pool(SIZE, CAPACITY);
    pool_cache_t *cache = cache_of(pool), *second = cache_of(pool);
    void *objects[60];
    size_t live = 0;
    CHECK_EQ(alloc_through(way, cache, objects, 60), 60);
    free_through(way, cache, objects, 20);
    CHECK_EQ(pool_destroy(pool), POOL_ERR_BUSY);
    CHECK(way->alloc(cache) != NULL);
    CHECK_EQ(pool_destroy_forced(pool, &live), POOL_OK);
    CHECK_EQ(live, 41);
    check_refused(way, cache, objects[59]);
    pool_t *next = bounded_pool(SIZE, 30);
    CHECK(next == pool); /* the header's next life */
    check_refused(way, cache, objects[59]);
    pool_cache_t *own = cache_of(next);
    CHECK(own != cache && own != second);
    CHECK_EQ(alloc_through(way, own, objects, 31), 30);
    check_refused(way, cache, objects[0]);
    CHECK_EQ(pool_cache_destroy(cache), POOL_OK);
    CHECK_EQ(pool_cache_destroy(cache), POOL_ERR_DESTROYED);
    check_refused(way, cache, objects[0]);
    CHECK(cache_of(next) == cache);
    free_through(way, cache, objects, 30);
    CHECK_EQ(misuse_of(next), 0);
    destroy(next);
    CHECK_EQ(pool_cache_destroy(second), POOL_OK);
    CHECK_EQ(pool_cache_destroy(own), POOL_OK);
    CHECK_EQ(pool_cache_destroy(cache), POOL_OK);
}

/* ---- misuse ---------------------------------------------------------------------------------------- */

TEST_BOTH(misuse_through_a_cache_is_refused) {
    pool_t *pool = bounded_pool(SIZE, CAPACITY), *other = bounded_pool(SIZE, 10);
    pool_cache_t *cache = cache_of(pool);
    void *objects[3], *theirs = pool_alloc(other);
    CHECK_EQ(alloc_through(way, cache, objects, 3), 3);
    CHECK_EQ(way->free(cache, objects), POOL_ERR_FOREIGN);
    CHECK_EQ(way->free(cache, (char *)objects[0] + 8), POOL_ERR_INTERIOR);
    CHECK_EQ(way->free(cache, (char *)objects[0] + 1), POOL_ERR_INTERIOR);
    CHECK_EQ(way->free(cache, theirs), POOL_ERR_WRONG_POOL);
    CHECK_EQ(way->free(cache, objects[0]), POOL_OK);
    CHECK_EQ(way->free(cache, objects[0]), POOL_ERR_DOUBLE_FREE);
    CHECK_EQ(pool_free(pool, objects[0]), POOL_ERR_DOUBLE_FREE);
    CHECK_EQ(way->free(cache, objects[1]), POOL_OK);
    memset(objects[1], 0x5a, 8);
    void *again = way->alloc(cache);
    CHECK(again && again != objects[1]); /* set aside */
    pool_stats_t stats = stats_of(pool);
    CHECK_EQ(stats.misuse_foreign, 1);
    CHECK_EQ(stats.misuse_interior, 2);
    CHECK_EQ(stats.misuse_wrong_pool, 1);
    CHECK_EQ(stats.misuse_double_free, 2);
    CHECK_EQ(stats.misuse_overwritten, 1);
    CHECK_EQ(stats.lost, 1);
    CHECK_EQ(way->free(cache, again), POOL_OK);
    CHECK_EQ(way->free(cache, objects[2]), POOL_OK);
    CHECK_EQ(pool_cache_destroy(cache), POOL_OK);
    CHECK_EQ(pool_free(other, theirs), POOL_OK);
    check_allocatable(pool, CAPACITY - 1);
    destroy(pool), destroy(other);
}

/* ---- threads ------------------------------------------------------------------------------------------ */

enum { HOPPERS = 6, CACHES = 4, HELD = 12, SMALL = CACHES * HELD + 5 };

/* Caches that lie between threads, each with what its owner left live. */
typedef struct loop_t {
    pool_cache_t *cache;
    void *objects[HELD];
    size_t count;
    uint64_t token;
} loop_t;

typedef struct hop_t {
    pool_t *pool;
    const way_t *way;
    pthread_mutex_t lock;
    loop_t *idle[CACHES], loops[CACHES];
    size_t idle_count;
    atomic_ullong allocated;
} hop_t;

static loop_t *take_loop(hop_t *hop) {
    loop_t *loop = NULL;
    pthread_mutex_lock(&hop->lock);
    if (hop->idle_count) loop = hop->idle[--hop->idle_count];
    pthread_mutex_unlock(&hop->lock);
    return loop;
}

static void leave_loop(hop_t *hop, loop_t *loop) {
    pthread_mutex_lock(&hop->lock);
    hop->idle[hop->idle_count++] = loop;
    pthread_mutex_unlock(&hop->lock);
}

/* One turn of an event loop: drops what the last turn left, takes as much anew. */
static unsigned turn(hop_t *hop, loop_t *loop, uint64_t *random) {
    const uint64_t draw = check_random(random);
    for (size_t i = 0; i < loop->count; i++) CHECK(has_token(loop->objects[i], SIZE, loop->token + i));
    free_through(hop->way, loop->cache, loop->objects, loop->count);
    loop->token = draw;
    loop->count = alloc_through(hop->way, loop->cache, loop->objects, draw % (HELD + 1));
    CHECK_EQ(loop->count, draw % (HELD + 1)); /* there are enough for all loops */
    for (size_t i = 0; i < loop->count; i++) write_token(loop->objects[i], SIZE, loop->token + i);
    if ((draw >> 8 & 63) == 0) CHECK_EQ(pool_cache_flush(loop->cache), POOL_OK);
    if ((draw >> 16 & 63) == 0) {
        CHECK_EQ(pool_cache_destroy(loop->cache), POOL_OK);
        CHECK_EQ(pool_cache_create(hop->pool, &loop->cache), POOL_OK);
    }
    if ((draw >> 24 & 255) == 0) report_of(hop->pool);
    return (unsigned)loop->count;
}

static void hop_body(size_t index, void *shared) {
    hop_t *hop = shared;
    uint64_t random = check_seed + index;
    unsigned long long allocated = 0;
    for (int i = 0; i < ITERATIONS(20000); i++) {
        loop_t *loop = take_loop(hop);
        if (!loop) {
            sched_yield();
            continue;
        }
        allocated += turn(hop, loop, &random);
        leave_loop(hop, loop);
    }
    atomic_fetch_add(&hop->allocated, allocated);
}

TEST_BOTH(caches_hop_threads_and_every_object_has_one_owner) {
    hop_t hop = {.pool = bounded_pool(SIZE, SMALL), .way = way, .lock = PTHREAD_MUTEX_INITIALIZER};
    for (int i = 0; i < CACHES; i++) hop.loops[i].cache = cache_of(hop.pool), leave_loop(&hop, &hop.loops[i]);
    run_threads(HOPPERS, hop_body, &hop);
    CHECK_EQ(hop.idle_count, CACHES);
    CHECK_EQ(stats_of(hop.pool).caches, CACHES); /* none of the threads' */
    CHECK_EQ(stats_of(hop.pool).total_allocated, hop.allocated);
    for (int i = 0; i < CACHES; i++) {
        loop_t *loop = &hop.loops[i];
        for (size_t k = 0; k < loop->count; k++) CHECK(has_token(loop->objects[k], SIZE, loop->token + k));
        free_through(way, loop->cache, loop->objects, loop->count);
        CHECK_EQ(pool_cache_destroy(loop->cache), POOL_OK);
    }
    CHECK_EQ(misuse_of(hop.pool), 0);
    check_allocatable(hop.pool, SMALL);
    destroy(hop.pool);
}

typedef struct rivals_t {
    pool_t *pool;
    const way_t *way;
    atomic_ullong allocated, refused;
} rivals_t;

/* More want than there is: some by a cache of their own, some by their thread's. */
static void rival_body(size_t index, void *shared) {
    rivals_t *rivals = shared;
    pool_cache_t *cache = index % 3 ? cache_of(rivals->pool) : NULL;
    uint64_t random = check_seed + index;
    unsigned long long allocated = 0, refused = 0;
    void *objects[8];
    for (int i = 0; i < ITERATIONS(6000); i++) {
        const size_t wanted = 1 + check_random(&random) % 8;
        size_t n = cache ? alloc_through(rivals->way, cache, objects, wanted) : alloc_up_to(rivals->pool, objects, wanted);
        for (size_t k = 0; k < n; k++) write_token(objects[k], SIZE, index << 32 | k);
        for (size_t k = 0; k < n; k++) CHECK(has_token(objects[k], SIZE, index << 32 | k));
        if (cache) free_through(rivals->way, cache, objects, n);
        else free_each(rivals->pool, objects, n);
        allocated += n, refused += n < wanted;
    }
    if (cache) CHECK_EQ(pool_cache_destroy(cache), POOL_OK);
    atomic_fetch_add(&rivals->allocated, allocated), atomic_fetch_add(&rivals->refused, refused);
}

TEST_BOTH(rounds_in_caches_are_found_by_others) {
    rivals_t rivals = {.pool = bounded_pool(SIZE, 24), .way = way};
    run_threads(8, rival_body, &rivals);
    pool_stats_t stats = stats_of(rivals.pool);
    printf("  %llu allocated, %llu times exhausted, %llu revocations\n", (unsigned long long)rivals.allocated,
           (unsigned long long)rivals.refused, (unsigned long long)stats.revocations);
    CHECK_EQ(stats.total_allocated, rivals.allocated);
    CHECK_EQ(stats.failed_allocs, rivals.refused);
    CHECK_EQ(misuse_of(rivals.pool), 0);
    check_allocatable(rivals.pool, 24);
    destroy(rivals.pool);
}

static void wait_for_object(size_t index, void *shared) {
    void *object = NULL;
    (void)index;
    if (CHECK_EQ(pool_alloc_timed(shared, &object, POOL_WAIT_FOREVER), POOL_OK))
        CHECK_EQ(pool_free(shared, object), POOL_OK);
}

TEST_BOTH(waiter_is_served_by_a_free_through_a_cache) {
    pool_t *pool = bounded_pool(SIZE, 20);
    pool_cache_t *cache = cache_of(pool);
    void *objects[20];
    for (int i = 0; i < ITERATIONS(200); i++) {
        CHECK_EQ(alloc_through(way, cache, objects, 20), 20);
        worker_t *workers = start_threads(2, wait_for_object, pool);
        if (i % 2)
            while (stats_of(pool).waiting < 2) sched_yield();
        free_through(way, cache, objects, 20);
        join_threads(workers, 2);
    }
    CHECK_EQ(pool_cache_destroy(cache), POOL_OK);
    check_allocatable(pool, 20);
    destroy(pool);
}

/* ---- the process ------------------------------------------------------------------------------------------ */

TEST_BOTH(child_of_a_fork_goes_on_with_the_cache) {
    pool_t *pool = bounded_pool(SIZE, CAPACITY);
    pool_cache_t *cache = cache_of(pool);
    void *objects[50];
    int status = 0;
    CHECK_EQ(alloc_through(way, cache, objects, 50), 50);
    free_through(way, cache, objects, 25);
    pid_t child = fork();
    if (child == 0) {
        free_through(way, cache, objects + 25, 25);
        CHECK_EQ(stats_of(pool).caches, 1);
        check_allocatable(pool, CAPACITY);
        CHECK_EQ(pool_cache_destroy(cache), POOL_OK);
        destroy(pool);
        _exit(atomic_load(&check_errors) != 0);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    CHECK_EQ(status, 0);
    free_through(way, cache, objects + 25, 25);
    CHECK_EQ(pool_cache_destroy(cache), POOL_OK);
    check_allocatable(pool, CAPACITY);
    destroy(pool);
}

/* Stands for a thread that enters a cache at the moment of a fork, when the library has
 * revoked it: a handler that was registered before the library's runs after it. */
static pool_inline_cache_t *entering;
static void enter_at_fork(void) {
    if (entering) entering->busy = 1;
}
static void leave_after_fork(void) {
    if (entering) entering->busy = 0;
}

TEST(child_does_not_wait_for_a_thread_that_was_entering_a_cache) {
    pool_t *pool = bounded_pool(SIZE, CAPACITY);
    pool_cache_t *cache = cache_of(pool);
    int status = 0;
    void *object = pool_cache_alloc(cache);
    entering = (pool_inline_cache_t *)cache;
    pid_t child = fork();
    entering = NULL;
    if (child == 0) {
        alarm(20);
        CHECK_EQ(stats_of(pool).in_use, 1);
        CHECK_EQ(pool_cache_flush(cache), POOL_OK);
        CHECK_EQ(pool_cache_free(cache, object), POOL_OK);
        check_allocatable(pool, CAPACITY);
        CHECK_EQ(pool_cache_destroy(cache), POOL_OK);
        destroy(pool);
        _exit(atomic_load(&check_errors) != 0);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    CHECK_EQ(status, 0);
    CHECK_EQ(pool_cache_free(cache, object), POOL_OK);
    CHECK_EQ(pool_cache_destroy(cache), POOL_OK);
    check_allocatable(pool, CAPACITY);
    destroy(pool);
}

TEST(caches_made_and_destroyed_are_used_again) {
    pool_cache_t *caches[8], *seen[8];
    for (int i = 0; i < ITERATIONS(5000); i++) {
        pool_t *pool = bounded_pool(SIZE, 20);
        for (int k = 0; k < 8; k++) caches[k] = cache_of(pool);
        if (i == 0) memcpy(seen, caches, sizeof seen);
        for (int k = 0; k < 8; k++) {
            int known = 0;
            for (int n = 0; n < 8; n++) known += caches[k] == seen[n];
            CHECK_EQ(known, 1);
        }
        CHECK_EQ(stats_of(pool).caches, 8);
        void *object = pool_cache_alloc(caches[i % 8]);
        CHECK_EQ(pool_cache_free(caches[3], object), POOL_OK);
        for (int k = 0; k < 4; k++) CHECK_EQ(pool_cache_destroy(caches[k]), POOL_OK);
        destroy(pool);
        for (int k = 4; k < 8; k++) CHECK_EQ(pool_cache_destroy(caches[k]), POOL_OK);
    }
}

int main(int argc, char **argv) {
    pthread_atfork(enter_at_fork, leave_after_fork, NULL); /* before the library's */
    check_begin(argc, argv);
    CHECK_EQ(pool_cache_layout_1(), sizeof(pool_inline_cache_t));
    RUN_BOTH(objects_of_a_cache_are_the_pools);
    RUN_BOTH(cache_gives_exactly_the_capacity);
    RUN_BOTH(flush_returns_the_magazines_of_the_cache);
    RUN_BOTH(pool_above_2_gib_is_a_pool_like_others);
    RUN_BOTH(object_freed_by_two_caches_at_once_is_handed_out_once);
    RUN_BOTH(null_cache_is_refused);
    RUN_BOTH(destroyed_cache_is_refused_and_made_again);
    RUN_BOTH(cache_of_a_destroyed_pool_is_refused);
    RUN_BOTH(misuse_through_a_cache_is_refused);
    RUN_BOTH(caches_hop_threads_and_every_object_has_one_owner);
    RUN_BOTH(rounds_in_caches_are_found_by_others);
    RUN_BOTH(waiter_is_served_by_a_free_through_a_cache);
    RUN_BOTH(child_of_a_fork_goes_on_with_the_cache);
    RUN(child_does_not_wait_for_a_thread_that_was_entering_a_cache);
    RUN(caches_made_and_destroyed_are_used_again);
    return check_end();
}
