/*
 * Exact capacity: an allocation fails only if, at some instant of the call,
 * every object was live; never because free slots idle in other threads'
 * magazines.
 */
#include "pool_test.h"

#include <sched.h>

/* ---- one thread ------------------------------------------------------------------ */

TEST(alloc_at_capacity_returns_exhausted) {
    const size_t capacities[] = {1, 2, 3, 7, 64, 100, 1000, 4097};
    for (size_t i = 0; i < sizeof capacities / sizeof *capacities; i++) {
        pool_t *pool = bounded_pool(64, capacities[i]);
        for (int round = 0; round < 3; round++) check_allocatable(pool, capacities[i]);
        CHECK_EQ(stats_of(pool).grows, 0);
        CHECK_EQ(stats_of(pool).high_water, capacities[i]);
        CHECK_EQ(stats_of(pool).failed_allocs, 2 * 3);
        destroy(pool);
    }
}

TEST(alloc_of_any_magazine_size_reaches_capacity) {
    for (uint32_t rounds = 1; rounds <= POOL_MAGAZINE_ROUNDS_MAX; rounds = rounds * 3 + 1) {
        pool_config_t config = config_of(16, 100);
        config.magazine_rounds = rounds;
        pool_t *pool = create(&config);
        check_allocatable(pool, 100);
        check_allocatable(pool, 100);
        destroy(pool);
    }
}

TEST(alloc_of_growing_pool_reaches_limit) {
    pool_t *pool = growing_pool(64, 100, 1000);
    void *objects[1001];
    CHECK_EQ(stats_of(pool).capacity, 100);
    CHECK_EQ(stats_of(pool).grows, 0);
    CHECK_EQ(alloc_up_to(pool, objects, 100), 100);
    CHECK_EQ(alloc_up_to(pool, objects + 100, 901), 900);
    check_distinct(pool, objects, 1000);
    pool_stats_t stats = stats_of(pool);
    CHECK(stats.grows >= 1);
    CHECK_EQ(stats.capacity, 1000);
    CHECK_EQ(stats.free, 0);
    CHECK_EQ(stats.failed_allocs, 1);
    free_each(pool, objects, 1000);
    check_allocatable(pool, 1000);
    CHECK_EQ(stats_of(pool).grows, stats.grows); /* it does not grow twice */
    CHECK_EQ(stats_of(pool).limit, 1000);
    destroy(pool);
}

/* ---- many threads fill, free, and one takes all ------------------------------------- */

enum { MAX_THREADS = 64, HOARD = 256 };

typedef struct fill_t {
    pool_t *pool;
    size_t threads;
    int rounds;
    pthread_barrier_t barrier;
    size_t held[MAX_THREADS];            /* objects each thread holds */
    void *objects[MAX_THREADS][HOARD];
    size_t quota[MAX_THREADS];           /* how many each may take */
} fill_t;

/* Barriers part the phases: main sets quotas | all allocate | main looks |
 * all free into their own magazines | main takes everything. */
static void fill_loop(size_t index, void *shared) {
    fill_t *fill = shared;
    for (int round = 0; round < fill->rounds; round++) {
        pthread_barrier_wait(&fill->barrier);
        fill->held[index] = alloc_up_to(fill->pool, fill->objects[index], fill->quota[index]);
        for (size_t i = 0; i < fill->held[index]; i++) write_token(fill->objects[index][i], 64, index);
        pthread_barrier_wait(&fill->barrier);
        pthread_barrier_wait(&fill->barrier);
        for (size_t i = 0; i < fill->held[index]; i++) {
            CHECK(has_token(fill->objects[index][i], 64, index));
            CHECK_EQ(pool_free(fill->pool, fill->objects[index][i]), POOL_OK);
        }
        pthread_barrier_wait(&fill->barrier);
        pthread_barrier_wait(&fill->barrier);
    }
}

/* How many each thread may take. With `greedy` everyone takes till failure;
 * otherwise the quotas are a random split of the capacity: nobody may fail. */
static void set_quotas(fill_t *fill, size_t capacity, bool greedy, uint64_t *random) {
    size_t left = capacity;
    for (size_t i = 0; i < fill->threads; i++) {
        size_t share = i + 1 == fill->threads ? left : check_random(random) % (left + 1);
        if (share > HOARD) share = HOARD;
        fill->quota[i] = greedy ? HOARD : share;
        left -= share;
    }
}

static size_t gather(const fill_t *fill, void **all) {
    size_t n = 0;
    for (size_t i = 0; i < fill->threads; i++) {
        memcpy(all + n, fill->objects[i], fill->held[i] * sizeof *all);
        n += fill->held[i];
    }
    return n;
}

static void check_filled(const fill_t *fill, size_t capacity, bool greedy) {
    void **all = object_array(MAX_THREADS * HOARD), *extra = NULL;
    size_t n = gather(fill, all);
    if (greedy) {
        CHECK_EQ(n, capacity);
        CHECK_EQ(pool_try_alloc(fill->pool, &extra), POOL_ERR_EXHAUSTED);
    }
    for (size_t i = 0; !greedy && i < fill->threads; i++) CHECK_EQ(fill->held[i], fill->quota[i]);
    check_distinct(fill->pool, all, n);
    CHECK_EQ(report_of(fill->pool).live, n);
    free(all);
}

static void run_fill(size_t capacity, size_t threads, int rounds) {
    fill_t *fill = calloc(1, sizeof *fill);
    uint64_t random = check_seed;
    fill->pool = bounded_pool(64, capacity), fill->threads = threads, fill->rounds = rounds;
    pthread_barrier_init(&fill->barrier, NULL, (unsigned)threads + 1);
    worker_t *workers = start_threads(threads, fill_loop, fill);
    for (int round = 0; round < rounds; round++) {
        bool greedy = round % 2 == 0;
        set_quotas(fill, capacity, greedy, &random);
        pthread_barrier_wait(&fill->barrier);
        pthread_barrier_wait(&fill->barrier);
        check_filled(fill, capacity, greedy);
        pthread_barrier_wait(&fill->barrier);
        pthread_barrier_wait(&fill->barrier);
        check_allocatable(fill->pool, capacity); /* though all of it idles in others' magazines */
        pthread_barrier_wait(&fill->barrier);
    }
    join_threads(workers, threads);
    check_allocatable(fill->pool, capacity);
    destroy(fill->pool);
    pthread_barrier_destroy(&fill->barrier);
    free(fill);
}

TEST(capacity_100_shared_by_50_threads_gives_exactly_100) { run_fill(100, 50, ITERATIONS(150)); }
TEST(capacity_100_shared_by_2_threads_gives_exactly_100) { run_fill(100, 2, ITERATIONS(1000)); }
TEST(capacity_1_shared_by_8_threads_gives_exactly_1) { run_fill(1, 8, ITERATIONS(500)); }
TEST(capacity_7_shared_by_8_threads_gives_exactly_7) { run_fill(7, 8, ITERATIONS(500)); }

/* ---- no unjustified failure, no barrier ------------------------------------------------ */

/*
 * The oracle. Before each attempt a thread counts it in `claimed`; after a
 * free, or a failed attempt, has returned it counts that in `surrendered`. For
 * a failed call let s = surrendered before it and c = claimed after it: any
 * object live at any instant of the call was claimed by then and not
 * surrendered before, so at most c - s - 1 were. Is that less than the capacity,
 * the failure was a lie.
 */
typedef struct oracle_t {
    pool_t *pool;
    long capacity;
    size_t hold; /* most objects a thread holds at once */
    int operations;
    atomic_long claimed, surrendered;
    atomic_long live, failures; /* live: counted after allocation and before free */
} oracle_t;

static void *oracle_alloc(oracle_t *oracle) {
    atomic_fetch_add(&oracle->claimed, 1);
    long surrendered = atomic_load(&oracle->surrendered);
    void *object = pool_alloc(oracle->pool);
    if (object) {
        CHECK(atomic_fetch_add(&oracle->live, 1) < oracle->capacity);
        return object;
    }
    long bound = atomic_load(&oracle->claimed) - surrendered - 1;
    CHECK(bound >= oracle->capacity);
    atomic_fetch_add(&oracle->surrendered, 1);
    atomic_fetch_add(&oracle->failures, 1);
    return NULL;
}

static void oracle_free(oracle_t *oracle, void *object, uint64_t token) {
    CHECK(has_token(object, 32, token));
    atomic_fetch_sub(&oracle->live, 1);
    CHECK_EQ(pool_free(oracle->pool, object), POOL_OK);
    atomic_fetch_add(&oracle->surrendered, 1);
}

static void oracle_loop(size_t index, void *shared) {
    oracle_t *oracle = shared;
    uint64_t random = check_seed + index;
    void *held[64];
    size_t count = 0;
    for (int i = 0; i < oracle->operations; i++) {
        bool take = count == 0 || (count < oracle->hold && check_random(&random) % 2);
        if (take && (held[count] = oracle_alloc(oracle))) write_token(held[count++], 32, index);
        if (!take) {
            size_t victim = check_random(&random) % count;
            oracle_free(oracle, held[victim], index);
            held[victim] = held[--count];
        }
        if (check_random(&random) % 64 == 0) sched_yield();
    }
    while (count) oracle_free(oracle, held[--count], index);
}

static oracle_t run_oracle(size_t threads, size_t capacity, size_t hold, int operations) {
    oracle_t oracle = {.pool = bounded_pool(32, capacity), .capacity = (long)capacity, .hold = hold};
    oracle.operations = operations;
    run_threads(threads, oracle_loop, &oracle);
    CHECK_EQ(oracle.live, 0);
    CHECK_EQ(oracle.claimed, oracle.surrendered);
    CHECK_EQ(stats_of(oracle.pool).failed_allocs, oracle.failures);
    CHECK_EQ(stats_of(oracle.pool).total_allocated, oracle.claimed - oracle.failures);
    check_allocatable(oracle.pool, capacity);
    destroy(oracle.pool);
    return oracle;
}

/* T threads hold at most k each, and T * k <= capacity. */
TEST(alloc_within_fair_share_never_fails) {
    CHECK_EQ(run_oracle(2, 2, 1, ITERATIONS(200000)).failures, 0);
    CHECK_EQ(run_oracle(4, 100, 25, ITERATIONS(100000)).failures, 0);
    CHECK_EQ(run_oracle(8, 64, 8, ITERATIONS(50000)).failures, 0);
    CHECK_EQ(run_oracle(50, 100, 2, ITERATIONS(5000)).failures, 0);
    CHECK_EQ(run_oracle(16, 1000, 62, ITERATIONS(20000)).failures, 0);
}

TEST(alloc_beyond_fair_share_fails_only_when_all_are_live) {
    const long attempts = run_oracle(2, 1, 1, ITERATIONS(100000)).claimed;
    CHECK(attempts >= ITERATIONS(100000)); /* counted at all */
    run_oracle(4, 6, 3, ITERATIONS(100000));
    run_oracle(8, 100, 20, ITERATIONS(50000));
    run_oracle(50, 100, 4, ITERATIONS(5000));
    run_oracle(16, 700, 60, ITERATIONS(20000));
}

/* ---- one object, passed around ------------------------------------------------------------ */

enum { PASSERS = 8 };

typedef struct ring_t {
    pool_t *pool;
    int laps;
    atomic_int turn; /* whose turn it is to allocate; the others must not be live then */
} ring_t;

/* The thread whose turn it is finds the only slot wherever its predecessor
 * left it: in that one's magazine, or straight from a release in the depot. */
static void pass_the_only_object(size_t index, void *shared) {
    ring_t *ring = shared;
    for (int lap = 0; lap < ring->laps; lap++) {
        while (atomic_load(&ring->turn) % PASSERS != (int)index) sched_yield();
        void *object = pool_alloc(ring->pool);
        if (CHECK(object != NULL)) {
            CHECK(pool_alloc(ring->pool) == NULL);
            if (lap % 3) CHECK_EQ(pool_free(ring->pool, object), POOL_OK);
            else pool_release(object);
        }
        atomic_fetch_add(&ring->turn, 1);
    }
}

TEST(the_only_object_passes_around_eight_threads) {
    ring_t ring = {bounded_pool(64, 1), ITERATIONS(2000), 0};
    run_threads(PASSERS, pass_the_only_object, &ring);
    CHECK_EQ(stats_of(ring.pool).total_allocated, PASSERS * ring.laps);
    CHECK_EQ(stats_of(ring.pool).failed_allocs, PASSERS * ring.laps);
    check_allocatable(ring.pool, 1);
    destroy(ring.pool);
}

/* ---- thousands of threads -------------------------------------------------------------------- */

enum { CROWD = ITERATIONS(2000), EACH = 5 };

typedef struct crowd_t {
    pool_t *pool;
    pthread_barrier_t barrier;
    void *objects[CROWD * EACH];
} crowd_t;

/* All are alive at once, hold all there is, and free what their neighbour has. */
static void join_the_crowd(size_t index, void *shared) {
    crowd_t *crowd = shared;
    void **mine = &crowd->objects[index * EACH];
    for (int i = 0; i < EACH; i++)
        if (CHECK((mine[i] = pool_alloc(crowd->pool)) != NULL)) write_token(mine[i], 48, index);
    pthread_barrier_wait(&crowd->barrier);
    if (index == 0) check_distinct(crowd->pool, crowd->objects, CROWD * EACH);
    if (index == 0) CHECK(pool_alloc(crowd->pool) == NULL);
    pthread_barrier_wait(&crowd->barrier);
    size_t neighbour = (index + 1) % CROWD;
    for (int i = 0; i < EACH; i++) {
        void *object = crowd->objects[neighbour * EACH + i];
        if (!object) continue; /* that has been noted */
        CHECK(has_token(object, 48, neighbour));
        CHECK_EQ(pool_free(crowd->pool, object), POOL_OK);
    }
    pthread_barrier_wait(&crowd->barrier);
    if (index == 0) check_allocatable(crowd->pool, CROWD * EACH);
    pthread_barrier_wait(&crowd->barrier);
}

TEST(thousands_of_threads_share_exactly_the_capacity) {
    crowd_t *crowd = calloc(1, sizeof *crowd);
    crowd->pool = bounded_pool(48, CROWD * EACH);
    pthread_barrier_init(&crowd->barrier, NULL, CROWD);
    run_threads(CROWD, join_the_crowd, crowd);
    CHECK_EQ(stats_of(crowd->pool).caches, 0);
    check_allocatable(crowd->pool, CROWD * EACH);
    destroy(crowd->pool);
    pthread_barrier_destroy(&crowd->barrier);
    free(crowd);
}

int main(int argc, char **argv) {
    check_begin(argc, argv);
    RUN(alloc_at_capacity_returns_exhausted);
    RUN(alloc_of_any_magazine_size_reaches_capacity);
    RUN(alloc_of_growing_pool_reaches_limit);
    RUN(capacity_100_shared_by_50_threads_gives_exactly_100);
    RUN(capacity_100_shared_by_2_threads_gives_exactly_100);
    RUN(capacity_1_shared_by_8_threads_gives_exactly_1);
    RUN(capacity_7_shared_by_8_threads_gives_exactly_7);
    RUN(alloc_within_fair_share_never_fails);
    RUN(alloc_beyond_fair_share_fails_only_when_all_are_live);
    RUN(the_only_object_passes_around_eight_threads);
    RUN(thousands_of_threads_share_exactly_the_capacity);
    return check_end();
}
