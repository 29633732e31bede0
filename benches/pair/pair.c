/*
 * pair.c - one thread allocates an object and frees it, over and over
 *
 * Contenders in one process: magpool through its shared library (by thread, by an
 * explicit cache, by that one inlined, and in batches of 64), malloc, and a free list
 * behind a pthread mutex. They take turns, a batch each round,
 * and each round begins with another one, so that whatever slows the machine
 * for a while slows them all. The median of the rounds is the figure; least and
 * spread show how quiet the machine was. CPU time beside wall time shows
 * whether the thread was interrupted.
 *
 *     pair                            the comparison
 *     pair --only <name> --pairs <n>  n pairs of one contender, for counting
 */
#define _POSIX_C_SOURCE 200809L

#include <pool_inline.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OBJECT_SIZE = 64, OBJECTS = 4096, ROUNDS = 41, CONTENDERS = 6, BATCH = 64 };
static const long PAIRS_A_ROUND = 1000000;

/* The compiler may not know that an object is not used. */
#define USE(object) __asm__ volatile("" : : "g"(object) : "memory")

/* ---- magpool --------------------------------------------------------------- */

static pool_t *pool;

static int magpool_begin(void) {
    pool_config_t config = POOL_CONFIG_INIT;
    config.object_size = OBJECT_SIZE;
    config.capacity = OBJECTS;
    if (pool_create(&config, &pool) != POOL_OK) {
        return 0;
    }
    /* A pool that refuses would look fast. */
    void *object = pool_alloc(pool);
    return object != NULL && pool_free(pool, object) == POOL_OK;
}

static void magpool_pairs(long pairs) {
    for (long i = 0; i < pairs; i++) {
        void *object = pool_alloc(pool);
        USE(object);
        pool_free(pool, object);
    }
}

/* ---- magpool, other ways in --------------------------------------------------- */

static pool_cache_t *cache;

static int cache_begin(void) { return cache != NULL || pool_cache_create(pool, &cache) == POOL_OK; }

static void cache_pairs(long pairs) {
    for (long i = 0; i < pairs; i++) {
        void *object = pool_cache_alloc(cache);
        USE(object);
        pool_cache_free(cache, object);
    }
}

static void inline_pairs(long pairs) {
    for (long i = 0; i < pairs; i++) {
        void *object = pool_cache_alloc_inline(cache);
        USE(object);
        pool_cache_free_inline(cache, object);
    }
}

static int batch_begin(void) { return 1; }

static void batch_pairs(long pairs) {
    void *objects[BATCH];
    for (long i = 0; i < pairs; i += BATCH) {
        size_t count = pool_alloc_batch(pool, objects, BATCH);
        USE(objects);
        pool_free_batch(pool, objects, count);
    }
}

/* ---- malloc ---------------------------------------------------------------- */

static int malloc_begin(void) { return 1; }

static void malloc_pairs(long pairs) {
    for (long i = 0; i < pairs; i++) {
        void *object = malloc(OBJECT_SIZE);
        USE(object);
        free(object);
    }
}

/* ---- a free list with a lock ------------------------------------------------- */

typedef struct node_t {
    struct node_t *next;
    char rest[OBJECT_SIZE - sizeof(struct node_t *)];
} node_t;

static node_t nodes[OBJECTS];
static node_t *free_list;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int locked_begin(void) {
    for (int i = 0; i < OBJECTS; i++) {
        nodes[i].next = free_list;
        free_list = &nodes[i];
    }
    return 1;
}

/* Not inlined: the other contenders are calls, too. */
__attribute__((noinline)) static void *locked_alloc(void) {
    pthread_mutex_lock(&lock);
    node_t *node = free_list;
    if (node != NULL) {
        free_list = node->next;
    }
    pthread_mutex_unlock(&lock);
    return node;
}

__attribute__((noinline)) static void locked_free(void *object) {
    node_t *node = object;
    pthread_mutex_lock(&lock);
    node->next = free_list;
    free_list = node;
    pthread_mutex_unlock(&lock);
}

static void locked_pairs(long pairs) {
    for (long i = 0; i < pairs; i++) {
        void *object = locked_alloc();
        USE(object);
        locked_free(object);
    }
}

/* ---- measuring --------------------------------------------------------------- */

typedef struct contender_t {
    const char *name;
    int (*begin)(void);
    void (*pairs)(long pairs);
    /* Nanoseconds a pair, by round. */
    double wall[ROUNDS];
    double cpu[ROUNDS];
} contender_t;

static contender_t contenders[CONTENDERS] = {
    {"magpool", magpool_begin, magpool_pairs, {0}, {0}},
    {"cache", cache_begin, cache_pairs, {0}, {0}},
    {"inline", cache_begin, inline_pairs, {0}, {0}},
    {"batch", batch_begin, batch_pairs, {0}, {0}},
    {"malloc", malloc_begin, malloc_pairs, {0}, {0}},
    {"locked", locked_begin, locked_pairs, {0}, {0}},
};

static double now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void measure(contender_t *contender, int round) {
    double wall = now(CLOCK_MONOTONIC);
    double cpu = now(CLOCK_THREAD_CPUTIME_ID);
    contender->pairs(PAIRS_A_ROUND);
    contender->cpu[round] = (now(CLOCK_THREAD_CPUTIME_ID) - cpu) / (double)PAIRS_A_ROUND;
    contender->wall[round] = (now(CLOCK_MONOTONIC) - wall) / (double)PAIRS_A_ROUND;
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(const double *sorted) { return sorted[ROUNDS / 2]; }

static void show(contender_t *contender, double reference) {
    const double *wall = contender->wall, *cpu = contender->cpu;
    printf("%-10s %8.2f %8.2f %8.2f %8.2f %8.2f %9.2f\n", contender->name, median(wall), wall[0],
           wall[ROUNDS * 9 / 10] - wall[ROUNDS / 10], median(cpu), cpu[0],
           median(cpu) / reference);
}

static void compare(void) {
    for (int i = 0; i < CONTENDERS; i++) {
        contenders[i].pairs(PAIRS_A_ROUND / 10);
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (int turn = 0; turn < CONTENDERS; turn++) {
            measure(&contenders[(round + turn) % CONTENDERS], round);
        }
    }
    for (int i = 0; i < CONTENDERS; i++) {
        qsort(contenders[i].wall, ROUNDS, sizeof(double), ascending);
        qsort(contenders[i].cpu, ROUNDS, sizeof(double), ascending);
    }
    printf("ns a pair of %d bytes, one thread, %d rounds of %ld pairs each, interleaved\n",
           OBJECT_SIZE, ROUNDS, PAIRS_A_ROUND);
    printf("%-10s %8s %8s %8s %8s %8s %9s\n", "", "wall", "least", "p10-p90", "cpu", "least",
           "x magpool");
    for (int i = 0; i < CONTENDERS; i++) {
        show(&contenders[i], median(contenders[0].cpu));
    }
}

static contender_t *find(const char *name) {
    for (int i = 0; i < CONTENDERS; i++) {
        if (strcmp(contenders[i].name, name) == 0) {
            return &contenders[i];
        }
    }
    return NULL;
}

static int usage(void) {
    fprintf(stderr, "usage: pair [--only magpool|cache|inline|batch|malloc|locked --pairs <n>]\n");
    return 2;
}

int main(int argc, char **argv) {
    for (int i = 0; i < CONTENDERS; i++) {
        if (!contenders[i].begin()) {
            fprintf(stderr, "pair: %s cannot begin\n", contenders[i].name);
            return 1;
        }
    }
    if (argc == 1) {
        compare();
        return 0;
    }
    if (argc != 5 || strcmp(argv[1], "--only") != 0 || strcmp(argv[3], "--pairs") != 0) {
        return usage();
    }
    contender_t *only = find(argv[2]);
    long pairs = strtol(argv[4], NULL, 10);
    if (only == NULL || pairs <= 0) {
        return usage();
    }
    only->pairs(pairs);
    return 0;
}
