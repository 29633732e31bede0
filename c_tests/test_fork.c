/*
 * test_fork.c - forks while other threads use the pools: the child has them all, with
 * every round of the threads that it does not have; only their live objects stay live.
 */
#include "pool_test.h"

#include <dlfcn.h>
#include <sys/wait.h>

enum { POOLS = 4, WORKERS = 3, HELD = 40, CAPACITY = 500, DEPTH = 2 };

/* ---- registered once --------------------------------------------------------------------- */

typedef int register_t_(void (*)(void), void (*)(void), void (*)(void), void *);

static atomic_int registered;

/* Stands in front of the function that pthread_atfork of a library comes to. (Thread
 * sanitizer calls it before a program can run, and knows no fork with threads.) */
#ifdef __SANITIZE_THREAD__
enum { KNOWS_FORKS = 0 };
#else
enum { KNOWS_FORKS = 1 };
int __register_atfork(void (*before)(void), void (*after)(void), void (*child)(void), void *object);
int __register_atfork(void (*before)(void), void (*after)(void), void (*child)(void), void *object) {
    union {
        void *object;
        register_t_ *function;
    } real = {dlsym(RTLD_NEXT, "__register_atfork")};
    atomic_fetch_add(&registered, 1);
    return real.object ? real.function(before, after, child, object) : 0;
}
#endif

TEST(fork_handlers_are_registered_once) {
    pool_t *pools[50];
    for (int i = 0; i < 50; i++) pools[i] = bounded_pool(32, 10);
    for (int i = 0; i < 50; i++) destroy(pools[i]);
    CHECK_EQ(registered, 1);
}

/* ---- threads that are inside the pools at the fork ------------------------------------------ */

/* What one worker has of one pool: never less live than `sure`, never more than
 * `claimed`, and the two differ by what it is about to allocate or free. */
typedef struct share_t {
    atomic_int sure, claimed;
    char apart[120];
} share_t;

typedef struct load_t {
    pool_t *pools[POOLS];
    share_t shares[POOLS][WORKERS];
    atomic_bool stop;
} load_t;

static pool_t *pool_number(int number) {
    pool_config_t config = config_of(number % 2 ? 24 : 64, CAPACITY);
    if (number == 1) config.magazine_rounds = 1;
    if (number == 2) config.capacity = 10, config.limit = CAPACITY;
    return create(&config);
}

static void take(pool_t *pool, share_t *share, void **objects, int *held, int wanted) {
    int got = 0;
    atomic_fetch_add(&share->claimed, wanted);
    if (wanted > 1) got = (int)pool_alloc_batch(pool, objects + *held, (size_t)wanted);
    else got = (objects[*held] = pool_alloc(pool)) != NULL;
    atomic_fetch_add(&share->sure, got);
    atomic_fetch_sub(&share->claimed, wanted - got);
    *held += got;
}

static void give(pool_t *pool, share_t *share, void **objects, int *held, int count) {
    atomic_fetch_sub(&share->sure, count);
    *held -= count;
    if (count > 1) CHECK_EQ(pool_free_batch(pool, objects + *held, (size_t)count), count);
    else CHECK_EQ(pool_free(pool, objects[*held]), POOL_OK);
    atomic_fetch_sub(&share->claimed, count);
}

static void keep_busy(size_t index, void *shared) {
    load_t *load = shared;
    void *objects[POOLS][HELD];
    int held[POOLS] = {0};
    uint64_t random = check_seed + index;
    while (!atomic_load(&load->stop)) {
        int p = (int)(check_random(&random) % POOLS), n = check_random(&random) % 8 ? 1 : 10;
        share_t *share = &load->shares[p][index];
        if (check_random(&random) % 2 && held[p] + n <= HELD) take(load->pools[p], share, objects[p], &held[p], n);
        else if (held[p] >= n) give(load->pools[p], share, objects[p], &held[p], n);
    }
    for (int p = 0; p < POOLS; p++)
        while (held[p]) give(load->pools[p], &load->shares[p][index], objects[p], &held[p], 1);
}

/* Threads that come and go: what is locked when a thread begins and ends. */
static void come_and_go(size_t index, void *shared) {
    load_t *load = shared;
    void *objects[20];
    (void)index;
    for (int p = 0; p < POOLS; p++)
        for (int i = 0; i < 20; i++)
            if ((objects[i] = pool_alloc(load->pools[p]))) pool_free(load->pools[p], objects[i]);
}

static void churn(size_t index, void *shared) {
    (void)index;
    while (!atomic_load(&((load_t *)shared)->stop)) run_threads(2, come_and_go, shared);
}

/* ---- the child ------------------------------------------------------------------------------ */

static void use_in_child(size_t index, void *shared) {
    load_t *load = shared;
    for (int p = 0; p < POOLS; p++) {
        void *objects[40];
        for (int round = 0; round < 3; round++) {
            size_t n = alloc_up_to(load->pools[p], objects, 40);
            for (size_t i = 0; i < n; i++) write_token(objects[i], 24, index + 1);
            for (size_t i = 0; i < n; i++) CHECK(has_token(objects[i], 24, index + 1));
            free_each(load->pools[p], objects, n);
        }
    }
}

/* Of each pool exactly what the lost threads had live is missing. */
static void check_pool_in_child(load_t *load, int p, bool churned) {
    int sure = 0, claimed = 0;
    for (int w = 0; w < WORKERS; w++) sure += load->shares[p][w].sure, claimed += load->shares[p][w].claimed;
    int live = (int)stats_of(load->pools[p]).in_use;
    CHECK(live >= sure);
    CHECK(live <= claimed + (churned ? 2 : 0));
    void **objects = object_array(CAPACITY);
    size_t n = alloc_up_to(load->pools[p], objects, CAPACITY);
    CHECK_EQ(n, CAPACITY - live);
    check_distinct(load->pools[p], objects, n);
    free_each(load->pools[p], objects, n);
    CHECK_EQ(report_of(load->pools[p]).live, live);
    free(objects);
}

static int child_main(load_t *load, bool churned) {
    atomic_store(&check_errors, 0);
    alarm(20); /* a lock that nobody is left to release ends in SIGALRM */
    for (int p = 0; p < POOLS; p++) check_pool_in_child(load, p, churned);
    run_threads(3, use_in_child, load);
    pool_t *own = bounded_pool(64, 100);
    check_allocatable(own, 100);
    destroy(own);
    for (int p = 0; p < POOLS; p++) {
        CHECK_EQ(report_of(load->pools[p]).duplicates, 0);
        CHECK_EQ(pool_destroy_forced(load->pools[p], NULL), POOL_OK);
    }
    return atomic_load(&check_errors) != 0;
}

static void fork_and_check(load_t *load, bool churned) {
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) _exit(child_main(load, churned));
    waitpid(child, &status, 0);
    CHECK_EQ(status, 0);
}

static void with_load(bool churned, int forks) {
    static load_t load;
    memset(&load, 0, sizeof load);
    for (int p = 0; p < POOLS; p++) load.pools[p] = pool_number(p);
    worker_t *workers = start_threads(WORKERS, keep_busy, &load);
    worker_t *churning = churned ? start_threads(1, churn, &load) : NULL;
    for (int i = 0; i < forks && !atomic_load(&check_errors); i++) fork_and_check(&load, churned);
    atomic_store(&load.stop, true);
    join_threads(workers, WORKERS);
    if (churning) join_threads(churning, 1);
    for (int p = 0; p < POOLS; p++) check_allocatable(load.pools[p], CAPACITY), destroy(load.pools[p]);
}

TEST(child_of_busy_process_uses_every_pool) { with_load(false, ITERATIONS(150)); }
TEST(child_of_process_whose_threads_come_and_go_uses_every_pool) { with_load(true, ITERATIONS(150)); }

/* ---- idle threads, the forking thread, grandchildren ------------------------------------------ */

typedef struct idle_t {
    pool_t *pool;
    pthread_barrier_t barrier;
} idle_t;

static void fill_magazines_and_wait(size_t index, void *shared) {
    idle_t *idle = shared;
    void *objects[30];
    (void)index;
    size_t n = alloc_up_to(idle->pool, objects, 30);
    free_each(idle->pool, objects, n);
    pthread_barrier_wait(&idle->barrier); /* the main thread forks */
    pthread_barrier_wait(&idle->barrier);
}

/* In the child, before it used the pool, and in children of its own. */
static int all_rounds_are_there(pool_t *pool, int depth) {
    int status = 0;
    atomic_store(&check_errors, 0);
    alarm(20);
    if (depth == DEPTH) CHECK_EQ(stats_of(pool).caches, 0); /* the forking thread had none */
    if (depth == DEPTH) CHECK_EQ(report_of(pool).in_magazines, 0);
    check_allocatable(pool, 100);
    pid_t child = depth ? fork() : -1;
    if (child == 0) _exit(all_rounds_are_there(pool, depth - 1));
    if (child > 0) waitpid(child, &status, 0), CHECK_EQ(status, 0);
    return atomic_load(&check_errors) != 0;
}

TEST(magazines_of_lost_threads_are_free_in_the_child) {
    idle_t idle = {.pool = bounded_pool(64, 100)};
    int status = 0;
    pthread_barrier_init(&idle.barrier, NULL, 4);
    worker_t *workers = start_threads(3, fill_magazines_and_wait, &idle);
    pthread_barrier_wait(&idle.barrier);
    CHECK_EQ(stats_of(idle.pool).in_use, 0);
    pid_t child = fork();
    if (child == 0) _exit(all_rounds_are_there(idle.pool, DEPTH));
    waitpid(child, &status, 0);
    CHECK_EQ(status, 0);
    pthread_barrier_wait(&idle.barrier);
    join_threads(workers, 3);
    check_allocatable(idle.pool, 100);
    destroy(idle.pool);
    pthread_barrier_destroy(&idle.barrier);
}

TEST(objects_of_the_forking_thread_are_its_own_on_both_sides) {
    pool_t *pool = bounded_pool(64, 50);
    void *objects[20];
    int status = 0;
    size_t n = alloc_up_to(pool, objects, 20);
    for (size_t i = 0; i < n; i++) write_token(objects[i], 64, i + 1);
    pid_t child = fork();
    for (size_t i = 0; i < n; i++) CHECK(has_token(objects[i], 64, i + 1));
    if (child == 0) {
        for (size_t i = 0; i < n; i++) write_token(objects[i], 64, 99);
        free_each(pool, objects, n);
        check_allocatable(pool, 50);
        destroy(pool);
        _exit(atomic_load(&check_errors) != 0);
    }
    waitpid(child, &status, 0);
    CHECK_EQ(status, 0);
    for (size_t i = 0; i < n; i++) CHECK(has_token(objects[i], 64, i + 1));
    free_each(pool, objects, n);
    check_allocatable(pool, 50);
    destroy(pool);
}

/* ---- threads that enter a cache just then ------------------------------------------------------ */

typedef struct tight_t {
    pool_t *pool;
    atomic_bool stop;
} tight_t;

/* In a full pool every call looks into a cache that is closed, and finds it so. */
static void call_in_vain(size_t index, void *shared) {
    tight_t *tight = shared;
    (void)index;
    while (!atomic_load(&tight->stop)) {
        void *object = pool_alloc(tight->pool);
        if (object) CHECK_EQ(pool_free(tight->pool, object), POOL_OK);
    }
}

TEST(child_of_a_full_pool_does_not_wait_for_threads_it_has_not) {
    tight_t tight = {.pool = bounded_pool(64, CAPACITY)};
    void *held[CAPACITY];
    size_t count = 0;
    worker_t *workers = start_threads(WORKERS, call_in_vain, &tight);
    usleep(20000); /* until they have caches */
    for (int i = 0; i < ITERATIONS(300) && atomic_load(&check_errors) == 0; i++) {
        int status = 0;
        count += alloc_up_to(tight.pool, held + count, CAPACITY - count);
        pid_t child = fork();
        if (child == 0) {
            alarm(20);
            free_each(tight.pool, held, count);
            stats_of(tight.pool), report_of(tight.pool);
            _exit(atomic_load(&check_errors) != 0);
        }
        waitpid(child, &status, 0);
        CHECK_EQ(status, 0);
    }
    atomic_store(&tight.stop, true);
    join_threads(workers, WORKERS);
    free_each(tight.pool, held, count);
    check_allocatable(tight.pool, CAPACITY);
    destroy(tight.pool);
}

/* ---- threads that wait ------------------------------------------------------------------------ */

static void wait_for_one(size_t index, void *shared) {
    void *object = NULL;
    (void)index;
    CHECK_EQ(pool_alloc_timed(shared, &object, POOL_WAIT_FOREVER), POOL_OK);
    CHECK_EQ(pool_free(shared, object), POOL_OK);
}

TEST(threads_that_wait_are_forgotten_in_the_child_only) {
    pool_t *pool = bounded_pool(64, 1);
    void *object = pool_alloc(pool);
    int status = 0;
    worker_t *waiters = start_threads(2, wait_for_one, pool);
    while (stats_of(pool).waiting < 2) usleep(100);
    pid_t child = fork();
    if (child == 0) {
        CHECK_EQ(stats_of(pool).waiting, 0);
        CHECK_EQ(pool_free(pool, object), POOL_OK);
        check_allocatable(pool, 1);
        destroy(pool);
        _exit(atomic_load(&check_errors) != 0);
    }
    waitpid(child, &status, 0);
    CHECK_EQ(status, 0);
    CHECK_EQ(stats_of(pool).waiting, 2);
    CHECK_EQ(pool_free(pool, object), POOL_OK);
    join_threads(waiters, 2);
    check_allocatable(pool, 1);
    destroy(pool);
}

int main(int argc, char **argv) {
    check_begin(argc, argv);
    if (!KNOWS_FORKS) {
        puts("SKIPPED: forks of a process with threads, under thread sanitizer");
        return check_end();
    }
    RUN(fork_handlers_are_registered_once);
    RUN(magazines_of_lost_threads_are_free_in_the_child);
    RUN(objects_of_the_forking_thread_are_its_own_on_both_sides);
    RUN(threads_that_wait_are_forgotten_in_the_child_only);
    if (CHECK_SANITIZED) {
        puts("SKIPPED: fork under load; the sanitizer's own locks do not survive it");
        return check_end();
    }
    RUN(child_of_a_full_pool_does_not_wait_for_threads_it_has_not);
    RUN(child_of_busy_process_uses_every_pool);
    RUN(child_of_process_whose_threads_come_and_go_uses_every_pool);
    return check_end();
}
