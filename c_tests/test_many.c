/*
 * Many threads: ten thousand one after another leave nothing behind, and more than
 * four thousand at once share one pool exactly.
 */
#include "pool_test.h"
#include "blocks.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>

/* ---- one after another ---------------------------------------------------------------- */

enum { POOLS = 4, CAPACITY = 400, AT_ONCE = 8, EACH = 20 };

typedef struct churn_t {
    pool_t *pools[POOLS];
    size_t sizes[POOLS];
    pthread_barrier_t barrier;
} churn_t;

/* Uses all pools, two of them with objects of both in hand; ends with full magazines. */
static void use_all_pools(size_t index, void *shared) {
    churn_t *churn = shared;
    void *objects[POOLS][EACH];
    pthread_barrier_wait(&churn->barrier); /* all of a batch are there at once */
    for (int round = 0; round < 3; round++)
        for (int p = 0; p < POOLS; p++) {
            size_t n = alloc_up_to(churn->pools[p], objects[p], EACH);
            CHECK_EQ(n, EACH);
            for (size_t i = 0; i < n; i++) write_token(objects[p][i], churn->sizes[p], index << 8 | i);
            if (p % 2 == 0) continue;
            for (int q = p - 1; q <= p; q++)
                for (size_t i = 0; i < n; i++) {
                    CHECK(has_token(objects[q][i], churn->sizes[q], index << 8 | i));
                    CHECK_EQ(pool_free(churn->pools[q], objects[q][i]), POOL_OK);
                }
        }
    pthread_barrier_wait(&churn->barrier);
}

static void use_all_slots(size_t index, void *pool) {
    (void)index;
    check_allocatable(pool, CAPACITY);
}

/* Returns the fewest blocks in use after any of the last batches: what was put aside to
 * be given back later comes and goes. */
static long run_batches(churn_t *churn, int threads) {
    const int batches = threads / AT_ONCE;
    long fewest = LONG_MAX;
    for (int i = 0; i < batches; i++) {
        run_threads(AT_ONCE, use_all_pools, churn);
        if (i + 25 > batches && blocks_in_use() < fewest) fewest = blocks_in_use();
        if (i % 50) continue;
        for (int p = 0; p < POOLS; p++) CHECK_EQ(stats_of(churn->pools[p]).caches, 0);
    }
    return fewest;
}

/* No block, no mapping, and (for what malloc itself keeps) no page to speak of more after
 * 10 000 threads than after the first 1000. */
TEST(ten_thousand_short_threads_leave_nothing) {
    churn_t churn;
    for (size_t p = 0; p < POOLS; p++) {
        churn.sizes[p] = 24 + 40 * p, churn.pools[p] = bounded_pool(churn.sizes[p], CAPACITY);
        run_threads(1, use_all_slots, churn.pools[p]); /* they are carved now, and have magazines */
    }
    pthread_barrier_init(&churn.barrier, NULL, AT_ONCE);
    const long blocks = run_batches(&churn, 1000), mappings = mappings_in_use();
    const size_t resident = resident_bytes();
    const long more_blocks = run_batches(&churn, ITERATIONS(9000)) - blocks;
    const long more_mappings = mappings_in_use() - mappings;
    const ptrdiff_t more_resident = (ptrdiff_t)(resident_bytes() - resident);
    printf("  blocks %ld%+ld, mappings %ld%+ld, resident %zu KiB %+td KiB\n", blocks, more_blocks, mappings,
           more_mappings, resident / 1024, more_resident / 1024);
    CHECK(more_blocks <= 0);
#if COUNTS_BLOCKS /* a sanitizer keeps what was freed */
    CHECK(more_mappings <= 0);
    CHECK(more_resident <= 1 << 20);
#endif
    for (int p = 0; p < POOLS; p++) {
        CHECK_EQ(stats_of(churn.pools[p]).caches, 0);
        CHECK_EQ(stats_of(churn.pools[p]).total_freed, CAPACITY + (uint64_t)(1000 + ITERATIONS(9000)) / AT_ONCE * AT_ONCE * EACH * 3);
        CHECK_EQ(report_of(churn.pools[p]).in_magazines, 0);
        check_allocatable(churn.pools[p], CAPACITY); /* no round is stranded */
        destroy(churn.pools[p]);
    }
}

/* ---- all at once --------------------------------------------------------------------------- */

#ifdef CHECK_SLOW
enum { CROWD = 300 };
#else
enum { CROWD = 4500 }; /* more than 4096 */
#endif
enum { SPARE = 5 * CROWD };

typedef struct crowd_t {
    pool_t *pool;
    atomic_size_t holding;
    atomic_bool end;
    pthread_mutex_t lock;
    pthread_cond_t changed;
} crowd_t;

/* Gets a cache, holds one object, and waits with magazines that are not empty. */
static void *hold_one(void *shared) {
    crowd_t *crowd = shared;
    for (int i = 0; i < 40; i++) {
        void *object = pool_alloc(crowd->pool);
        if (CHECK(object != NULL)) CHECK_EQ(pool_free(crowd->pool, object), POOL_OK);
    }
    void *object = pool_alloc(crowd->pool);
    if (CHECK(object != NULL)) write_token(object, 64, (uintptr_t)object);
    pthread_mutex_lock(&crowd->lock);
    atomic_fetch_add(&crowd->holding, 1);
    while (!atomic_load(&crowd->end)) pthread_cond_wait(&crowd->changed, &crowd->lock);
    pthread_mutex_unlock(&crowd->lock);
    CHECK(has_token(object, 64, (uintptr_t)object));
    CHECK_EQ(pool_free(crowd->pool, object), POOL_OK);
    return NULL;
}

/* As many of CROWD threads as the system lets live at once. */
static size_t start_crowd(pthread_t *threads, crowd_t *crowd) {
    pthread_attr_t attributes;
    size_t n = 0;
    int error = 0;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 64 * 1024);
    while (n < CROWD && (error = pthread_create(&threads[n], &attributes, hold_one, crowd)) == 0) n++;
    pthread_attr_destroy(&attributes);
    if (n < CROWD) printf("SKIPPED: %d threads at once; the system allows %zu: %s\n", CROWD, n, strerror(error));
    return n;
}

static void end_crowd(pthread_t *threads, size_t count, crowd_t *crowd) {
    pthread_mutex_lock(&crowd->lock);
    atomic_store(&crowd->end, true);
    pthread_cond_broadcast(&crowd->changed);
    pthread_mutex_unlock(&crowd->lock);
    for (size_t i = 0; i < count; i++) pthread_join(threads[i], NULL);
}

/* Every thread has its object, and magazines; the rest, also what those hold, is main's
 * to the last object. */
static void check_exact_beside(crowd_t *crowd) {
    pool_stats_t stats = stats_of(crowd->pool);
    pool_report_t report = report_of(crowd->pool);
    CHECK_EQ(stats.in_use, CROWD);
    CHECK_EQ(stats.caches, CROWD);
    CHECK(report.in_magazines >= CROWD / 2);
    printf("  %d threads hold %llu idle rounds\n", CROWD, (unsigned long long)report.in_magazines);
    void **objects = object_array(SPARE + 1);
    CHECK_EQ(alloc_up_to(crowd->pool, objects, SPARE + 1), SPARE);
    check_distinct(crowd->pool, objects, SPARE);
    CHECK_EQ(report_of(crowd->pool).live, CROWD + SPARE);
    CHECK_EQ(stats_of(crowd->pool).failed_allocs, 1);
    free_each(crowd->pool, objects, SPARE);
    free(objects);
}

TEST(more_than_4096_threads_at_once_share_the_capacity_exactly) {
    pool_config_t config = config_of(64, CROWD + SPARE);
    config.magazine_rounds = 2; /* so that there is enough for everybody's */
    crowd_t crowd = {.pool = create(&config)};
    pthread_t *threads = calloc(CROWD, sizeof *threads);
    pthread_mutex_init(&crowd.lock, NULL), pthread_cond_init(&crowd.changed, NULL);
    size_t count = start_crowd(threads, &crowd);
    while (atomic_load(&crowd.holding) < count) usleep(1000);
    if (count == CROWD) check_exact_beside(&crowd);
    end_crowd(threads, count, &crowd);
    CHECK_EQ(pool_flush_thread(crowd.pool), POOL_OK);
    CHECK(stats_of(crowd.pool).caches <= 1); /* main's */
    CHECK_EQ(report_of(crowd.pool).in_magazines, 0);
    check_allocatable(crowd.pool, CROWD + SPARE);
    destroy(crowd.pool);
    free(threads);
}

int main(int argc, char **argv) {
    check_begin(argc, argv);
#if COUNTS_BLOCKS
    mallopt(M_ARENA_MAX, 1); /* arenas would come as threads meet, not as they leak */
#endif
    RUN(ten_thousand_short_threads_leave_nothing);
    RUN(more_than_4096_threads_at_once_share_the_capacity_exactly);
    return check_end();
}
