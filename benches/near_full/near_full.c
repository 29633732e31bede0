/*
 * near_full.c - what becomes of a pool's speed when almost all of it is live
 *
 * Threads share a bounded pool that is X % full. In bursts, each allocates and frees 1 to
 * 32 objects as it likes; together they never have more live than X % (they draw on a
 * common budget), so no allocation may fail, but what one thread frees another needs. In
 * turnover, each frees one of its objects and allocates one, over and over. Occupancies
 * take turns, a slice of time each round; figures are medians of the rounds. "kept" is throughput relative
 * to the first occupancy; a pair's CPU time counts all threads. A free list behind
 * a pthread mutex, which does not care how full it is, stands beside it.
 *
 *     near_full [threads [capacity [milliseconds a slice]]]
 */
#define _POSIX_C_SOURCE 200809L

#include <pool.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OBJECT_SIZE = 64, ROUNDS = 7, MOST_THREADS = 256, BURST = 32 };

static const double occupancies[] = {50, 75, 90, 95, 97, 98, 99, 99.5, 100};
enum { OCCUPANCIES = sizeof occupancies / sizeof *occupancies };

static int threads = 8;
static size_t capacity = 1024;
static long slice_ms = 100;

/* ---- the two contenders ------------------------------------------------------- */

static pool_t *pool;

static void *pool_take(void) { return pool_alloc(pool); }
static void pool_give(void *object) { (void)pool_free(pool, object); }

typedef struct node_t {
    struct node_t *next;
    char rest[OBJECT_SIZE - sizeof(struct node_t *)];
} node_t;

static node_t *free_list;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *list_take(void) {
    pthread_mutex_lock(&lock);
    node_t *node = free_list;
    if (node) free_list = node->next;
    pthread_mutex_unlock(&lock);
    return node;
}

static void list_give(void *object) {
    node_t *node = object;
    pthread_mutex_lock(&lock);
    node->next = free_list, free_list = node;
    pthread_mutex_unlock(&lock);
}

/* ---- one slice ------------------------------------------------------------------ */

typedef struct result_t {
    double wall_ns, cpu_ns; /* a pair, all threads together */
    double revocations;     /* in 1000 pairs */
} result_t;

struct worker_t;
typedef long step_t(struct worker_t *, void **objects, long *held);

typedef struct worker_t {
    pthread_t thread;
    uint64_t random;
    long share; /* of the live objects */
    long pairs;
    int refused;
    void *(*take)(void);
    void (*give)(void *);
    step_t *step;
} worker_t;

static atomic_int stop;
static pthread_barrier_t ready;
static atomic_long budget; /* objects that may still be allocated */

static uint64_t draw(uint64_t *state) {
    uint64_t x = *state;
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    return *state = x;
}

static int may_take(long count) {
    if (atomic_fetch_sub_explicit(&budget, count, memory_order_relaxed) >= count) return 1;
    atomic_fetch_add_explicit(&budget, count, memory_order_relaxed);
    return 0;
}

/* Bursts: allocates or frees so many, as the budget allows. */
static long burst(worker_t *worker, void **objects, long *held) {
    long count = 1 + (long)(draw(&worker->random) % BURST);
    if (worker->random >> 63 && may_take(count)) {
        for (long i = 0; i < count; i++) worker->refused += !(objects[(*held)++] = worker->take());
        return count;
    }
    if (count > *held) count = *held;
    for (long i = 0; i < count; i++) worker->give(objects[--*held]);
    atomic_fetch_add_explicit(&budget, count, memory_order_relaxed);
    return 0;
}

/* Turnover: the oldest for a new one. */
static long turn_over(worker_t *worker, void **objects, long *held) {
    for (long i = 0; i < *held; i++) {
        worker->give(objects[i]);
        worker->refused += !(objects[i] = worker->take());
    }
    return *held;
}

static void *work(void *argument) {
    worker_t *worker = argument;
    void **objects = calloc(capacity, sizeof *objects);
    long held = 0, pairs = 0, share = worker->share;
    while (held + BURST <= share && may_take(BURST)) /* until the pool is as full as it is to be */
        for (int i = 0; i < BURST; i++) objects[held++] = worker->take();
    while (held < share && may_take(1)) objects[held++] = worker->take();
    pthread_barrier_wait(&ready);
    while (!atomic_load_explicit(&stop, memory_order_relaxed)) pairs += worker->step(worker, objects, &held);
    while (held > 0) worker->give(objects[--held]);
    free(objects);
    worker->pairs = pairs;
    return NULL;
}

static double now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static double revocations(void) {
    pool_stats_t stats = POOL_STATS_INIT;
    return pool_get_stats(pool, &stats) == POOL_OK ? (double)stats.revocations : 0;
}

static result_t slice(step_t *step, void *(*take)(void), void (*give)(void *), double occupancy) {
    static worker_t workers[MOST_THREADS];
    struct timespec time = {slice_ms / 1000, slice_ms % 1000 * 1000000};
    long pairs = 0;
    int refused = 0;
    atomic_store(&stop, 0);
    long live = (long)((double)capacity * occupancy / 100);
    atomic_store(&budget, live);
    for (int i = 0; i < threads; i++) {
        workers[i] = (worker_t){.random = 88172645463325252u + (uint64_t)i, .share = live / threads, .take = take, .give = give, .step = step};
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    pthread_barrier_wait(&ready);
    double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID), revoked = revocations();
    nanosleep(&time, NULL);
    atomic_store(&stop, 1);
    wall = now(CLOCK_MONOTONIC) - wall, cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    revoked = revocations() - revoked - 1;
    for (int i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        pairs += workers[i].pairs, refused += workers[i].refused;
    }
    if (refused) fprintf(stderr, "near_full: %d allocations refused below the capacity\n", refused);
    return (result_t){wall / (double)pairs, cpu / (double)pairs, revoked * 1000 / (double)pairs};
}

/* ---- all of them ------------------------------------------------------------------ */

static int ascending(const void *left, const void *right) {
    double a = ((const result_t *)left)->wall_ns, b = ((const result_t *)right)->wall_ns;
    return (a > b) - (a < b);
}

static void compare(const char *what, step_t *step) {
    static result_t ours[OCCUPANCIES][ROUNDS], list[OCCUPANCIES][ROUNDS];
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < OCCUPANCIES; i++) {
            ours[i][round] = slice(step, pool_take, pool_give, occupancies[i]);
            list[i][round] = slice(step, list_take, list_give, occupancies[i]);
        }
    printf("%s: %d threads, %zu objects of %d bytes, %d rounds of %ld ms each, interleaved\n", what, threads,
           capacity, OBJECT_SIZE, ROUNDS, slice_ms);
    printf("%9s %12s %9s %9s %6s %16s %14s %6s\n", "occupied", "M pairs/s", "p10-p90", "cpu ns", "kept",
           "revocations/1000", "locked M/s", "ratio");
    for (int i = 0; i < OCCUPANCIES; i++) {
        qsort(ours[i], ROUNDS, sizeof ours[i][0], ascending), qsort(list[i], ROUNDS, sizeof list[i][0], ascending);
        result_t middle = ours[i][ROUNDS / 2], locked = list[i][ROUNDS / 2];
        printf("%8.1f%% %12.1f %4.0f-%4.0f %9.1f %5.0f%% %16.2f %14.1f %5.1fx\n", occupancies[i],
               1000 / middle.wall_ns, 1000 / ours[i][ROUNDS - 1].wall_ns, 1000 / ours[i][0].wall_ns, middle.cpu_ns,
               100 * ours[0][ROUNDS / 2].wall_ns / middle.wall_ns, middle.revocations, 1000 / locked.wall_ns,
               locked.wall_ns / middle.wall_ns);
    }
}

static long number(int argc, char **argv, int at, long least, long most, long otherwise) {
    if (argc <= at) return otherwise;
    char *end;
    long value = strtol(argv[at], &end, 10);
    if (*argv[at] && !*end && value >= least && value <= most) return value;
    fprintf(stderr, "near_full: %s: not a number from %ld to %ld\n", argv[at], least, most);
    exit(2);
}

int main(int argc, char **argv) {
    threads = (int)number(argc, argv, 1, 1, MOST_THREADS, threads);
    capacity = (size_t)number(argc, argv, 2, 4L * threads, 100000000, (long)capacity);
    slice_ms = number(argc, argv, 3, 1, 60000, slice_ms);
    pool_config_t config = POOL_CONFIG_INIT;
    config.object_size = OBJECT_SIZE, config.capacity = capacity;
    node_t *nodes = calloc(capacity, sizeof *nodes);
    pool_status_t status = pool_create(&config, &pool);
    if (status != POOL_OK || !nodes) {
        fprintf(stderr, "near_full: %s\n", pool_status_string(status));
        return 1;
    }
    for (size_t i = 0; i < capacity; i++) nodes[i].next = free_list, free_list = &nodes[i];
    pthread_barrier_init(&ready, NULL, (unsigned)threads + 1);
    compare("bursts", burst);
    compare("turnover", turn_over);
    return 0;
}
