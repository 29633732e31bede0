/*
 * Two copies of the library in one process: the program's, and the one that a
 * plug-in contains. Each has its pools, its thread word and its end of threads.
 */
#include "pool_test.h"
#include "plugin.h"

#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>
#include <sys/wait.h>

enum { SIZE = 64, CAPACITY = 100, THREADS = 4 };

static void *handle;
static const plugin_t *plugin;

/* plugin.so lies beside the program. */
static bool open_plugin(void) {
    char program[PATH_MAX - 16] = "", path[PATH_MAX];
    union {
        void *object;
        const plugin_t *(*function)(void);
    } symbol; /* ISO C has no conversion between the two */
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length > 0) program[length] = '\0';
    snprintf(path, sizeof path, "%s/plugin.so", dirname(program));
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!CHECK(handle != NULL)) return printf("%s\n", dlerror()), false;
    symbol.object = dlsym(handle, "plugin_functions");
    CHECK(dlsym(handle, "pool_alloc") == NULL); /* hidden, or the copies would be one */
    if (CHECK(symbol.object != NULL)) plugin = symbol.function();
    return plugin != NULL;
}

static pool_t *plugin_pool(const char *name) {
    pool_config_t config = config_of(SIZE, CAPACITY);
    pool_t *pool = NULL;
    config.name = name;
    CHECK_EQ(plugin->create(&config, &pool), POOL_OK);
    return pool;
}

static pool_stats_t plugin_stats(const pool_t *pool) {
    pool_stats_t stats = POOL_STATS_INIT;
    CHECK_EQ(plugin->get_stats(pool, &stats), POOL_OK);
    check_stats_identities(&stats);
    return stats;
}

/* ---- apart ---------------------------------------------------------------------------- */

TEST(object_of_another_copy_is_foreign) {
    pool_config_t config = config_of(SIZE, CAPACITY);
    pool_t *found = NULL, *theirs = plugin_pool("twice"), *ours;
    CHECK_EQ(pool_find("twice", &found), POOL_ERR_NOT_FOUND); /* names are a copy's own */
    config.name = "twice", ours = create(&config);
    CHECK(plugin->find("twice", &found) == POOL_OK && found == theirs);
    CHECK(pool_find("twice", &found) == POOL_OK && found == ours);
    void *mine = pool_alloc(ours), *other = plugin->alloc(theirs);
    write_token(mine, SIZE, 1), write_token(other, SIZE, 2);
    CHECK_EQ(pool_free(ours, other), POOL_ERR_FOREIGN);
    CHECK_EQ(plugin->free(theirs, mine), POOL_ERR_FOREIGN);
    CHECK(pool_of(other) == NULL && plugin->of(mine) == NULL);
    CHECK(pool_of(mine) == ours && plugin->of(other) == theirs);
    pool_release(other), plugin->release(mine); /* nobody's: ignored */
    CHECK(has_token(mine, SIZE, 1) && has_token(other, SIZE, 2));
    CHECK(stats_of(ours).misuse_foreign == 1 && stats_of(ours).in_use == 1);
    CHECK(plugin_stats(theirs).misuse_foreign == 1 && plugin_stats(theirs).in_use == 1);
    CHECK_EQ(pool_free(ours, mine), POOL_OK);
    CHECK_EQ(plugin->free(theirs, other), POOL_OK);
    CHECK_EQ(plugin->check(theirs, CAPACITY), 0);
    CHECK_EQ(plugin->destroy(theirs), POOL_OK);
    check_allocatable(ours, CAPACITY);
    destroy(ours);
}

/* ---- together -------------------------------------------------------------------------- */

typedef struct pair_t {
    pool_t *ours, *theirs;
    pthread_key_t key;
    pthread_barrier_t barrier;
} pair_t;

typedef struct held_t {
    pair_t *pair;
    void *mine, *other;
} held_t;

static void free_held(void *value) {
    held_t *held = value;
    CHECK_EQ(pool_free(held->pair->ours, held->mine), POOL_OK);
    CHECK_EQ(plugin->free(held->pair->theirs, held->other), POOL_OK);
    free(held);
}

/* Works on pools of both copies in turn; at its end a destructor frees one of each. */
static void use_both(size_t index, void *shared) {
    pair_t *pair = shared;
    void *mine[10], *others[10];
    for (int round = 0; round < ITERATIONS(500); round++) {
        uint64_t token = (uint64_t)index << 32 | (uint64_t)round;
        for (int i = 0; i < 10; i++) {
            mine[i] = pool_alloc(pair->ours), others[i] = plugin->alloc(pair->theirs);
            if (!CHECK(mine[i] && others[i])) return;
            write_token(mine[i], SIZE, token), write_token(others[i], SIZE, ~token);
        }
        for (int i = 0; i < 10; i++) {
            CHECK(has_token(mine[i], SIZE, token) && has_token(others[i], SIZE, ~token));
            CHECK_EQ(pool_free(pair->ours, mine[i]), POOL_OK);
            CHECK_EQ(plugin->free(pair->theirs, others[i]), POOL_OK);
        }
    }
    held_t *held = malloc(sizeof *held);
    *held = (held_t){pair, pool_alloc(pair->ours), plugin->alloc(pair->theirs)};
    pthread_setspecific(pair->key, held);
    pthread_barrier_wait(&pair->barrier); /* all have caches of both copies */
    pthread_barrier_wait(&pair->barrier);
}

static worker_t *start_pair(pair_t *pair) {
    pair->ours = bounded_pool(SIZE, CAPACITY), pair->theirs = plugin_pool(NULL);
    pthread_key_create(&pair->key, free_held);
    pthread_barrier_init(&pair->barrier, NULL, THREADS + 1);
    worker_t *workers = start_threads(THREADS, use_both, pair);
    pthread_barrier_wait(&pair->barrier);
    CHECK_EQ(stats_of(pair->ours).caches, THREADS);
    CHECK_EQ(plugin_stats(pair->theirs).caches, THREADS);
    CHECK_EQ(plugin_stats(pair->theirs).in_use, THREADS);
    return workers;
}

static void end_pair(pair_t *pair, worker_t *workers) {
    pthread_barrier_wait(&pair->barrier);
    join_threads(workers, THREADS);
    CHECK_EQ(stats_of(pair->ours).caches, 0);
    CHECK_EQ(stats_of(pair->ours).total_freed, THREADS * (10 * ITERATIONS(500) + 1));
    check_allocatable(pair->ours, CAPACITY);
    destroy(pair->ours);
    pthread_key_delete(pair->key);
}

static void check_theirs(pair_t *pair) {
    CHECK_EQ(plugin_stats(pair->theirs).caches, 0);
    CHECK_EQ(plugin_stats(pair->theirs).total_freed, THREADS * (10 * ITERATIONS(500) + 1));
    CHECK_EQ(plugin->check(pair->theirs, CAPACITY), 0);
    CHECK_EQ(plugin->destroy(pair->theirs), POOL_OK);
}

TEST(both_copies_work_from_the_same_threads) {
    pair_t pair;
    worker_t *workers = start_pair(&pair);
    end_pair(&pair, workers);
    check_theirs(&pair);
}

/* Each copy holds its own locks over a fork. */
static int child_main(void) {
    atomic_store(&check_errors, 0);
    alarm(20);
    pair_t pair;
    worker_t *workers = start_pair(&pair);
    end_pair(&pair, workers);
    check_theirs(&pair);
    return atomic_load(&check_errors) != 0;
}

TEST(child_makes_pools_of_both_copies) {
    for (int i = 0; i < 5; i++) {
        int status = 0;
        pid_t child = fork();
        if (child == 0) _exit(child_main());
        waitpid(child, &status, 0);
        CHECK_EQ(status, 0);
    }
}

/* ---- closed ------------------------------------------------------------------------------ */

/* The threads' destructors run code of the plug-in that the program has let go of. */
TEST(threads_may_outlive_a_closed_copy) {
    pair_t pair;
    worker_t *workers = start_pair(&pair);
    CHECK_EQ(dlclose(handle), 0);
    end_pair(&pair, workers);
    if (!open_plugin()) return; /* the same one: it was never unmapped */
    CHECK(plugin->of(pair.theirs) == NULL);
    check_theirs(&pair);
}

/* So little that of all the library does for a thread only the key's value is there: the
 * one thing that would not keep the code in place. */
static void use_a_little(size_t index, void *shared) {
    pair_t *pair = shared;
    (void)index;
    CHECK_EQ(plugin->free(pair->theirs, plugin->alloc(pair->theirs)), POOL_OK);
    pthread_barrier_wait(&pair->barrier);
    pthread_barrier_wait(&pair->barrier);
}

static int close_early(void) {
    pair_t pair = {.theirs = plugin_pool(NULL)};
    pthread_barrier_init(&pair.barrier, NULL, THREADS + 1);
    worker_t *workers = start_threads(THREADS, use_a_little, &pair);
    pthread_barrier_wait(&pair.barrier);
    CHECK_EQ(dlclose(handle), 0);
    pthread_barrier_wait(&pair.barrier);
    join_threads(workers, THREADS);
    CHECK_EQ(plugin_stats(pair.theirs).in_use, 0);
    CHECK_EQ(plugin->destroy(pair.theirs), POOL_OK);
    return atomic_load(&check_errors) != 0;
}

TEST(threads_that_used_a_closed_copy_a_little_may_end) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) _exit(close_early());
    waitpid(child, &status, 0);
    CHECK_EQ(status, 0);
}

int main(int argc, char **argv) {
    check_begin(argc, argv);
    check_test = "open_plugin";
    if (!open_plugin()) return 1;
    RUN(threads_that_used_a_closed_copy_a_little_may_end); /* forks: before there are threads */
    RUN(child_makes_pools_of_both_copies);
    RUN(object_of_another_copy_is_foreign);
    RUN(both_copies_work_from_the_same_threads);
    RUN(threads_may_outlive_a_closed_copy);
    return check_end();
}
