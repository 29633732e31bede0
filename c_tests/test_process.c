/*
 * The process around the pools: exit handlers, and a library that is loaded a second
 * time and unloaded while threads hold its magazines. (Forks: test_fork.c.)
 */
#include "pool_test.h"

#include <dlfcn.h>
#include <sys/wait.h>

enum { SIZE = 64, CAPACITY = 100 };

/* ---- exit ----------------------------------------------------------------------------- */

static pool_t *exit_pool;
static void *exit_object;

/* After main has returned: the pool still works. Not CHECK: its errors are no
 * longer reported. */
static void use_pool_at_exit(void) {
    if (pool_free(exit_pool, exit_object) != POOL_OK) _exit(3);
    void *object = pool_alloc(exit_pool);
    if (!object) _exit(4);
    pool_release(object);
    if (pool_destroy(exit_pool) != POOL_OK) _exit(5);
}

TEST(pool_is_usable_in_exit_handlers) {
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        exit_pool = bounded_pool(SIZE, CAPACITY), exit_object = pool_alloc(exit_pool);
        atexit(use_pool_at_exit);
        exit(0);
    }
    waitpid(child, &status, 0);
    CHECK_EQ(status, 0);
}

/* ---- a second copy of the library -------------------------------------------------------- */

typedef struct copy_t {
    void *handle;
    pool_status_t (*create)(const pool_config_t *, pool_t **);
    void *(*alloc)(pool_t *);
    pool_status_t (*free)(pool_t *, void *);
    pool_status_t (*get_stats)(const pool_t *, pool_stats_t *);
    pool_status_t (*destroy)(pool_t *);
    pool_t *pool;
    pthread_barrier_t barrier;
} copy_t;

/* A function of the copy; ISO C has no conversion to its pointer. */
static void load(const copy_t *copy, const char *name, void *out_function) {
    void *symbol = dlsym(copy->handle, name);
    CHECK(symbol != NULL);
    memcpy(out_function, &symbol, sizeof symbol);
}

static const char *library_path(void) {
    static Dl_info info;
    union {
        uint32_t (*function)(void);
        void *object;
    } symbol = {pool_version};
    return dladdr(symbol.object, &info) && strstr(info.dli_fname, "libmagpool") ? info.dli_fname : NULL;
}

/* Loads the library again under another name: as two plug-ins would that each
 * bring their own. */
static bool open_copy(copy_t *copy) {
    char command[1024], name[] = "/tmp/magpool_copy_XXXXXX";
    int file = mkstemp(name);
    if (!CHECK(file >= 0)) return false;
    snprintf(command, sizeof command, "cp '%s' '%s'", library_path(), name);
    if (CHECK_EQ(system(command), 0)) copy->handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    close(file), unlink(name);
    if (!CHECK(copy->handle != NULL)) return false;
    load(copy, "pool_create", &copy->create), load(copy, "pool_destroy", &copy->destroy);
    load(copy, "pool_alloc", &copy->alloc), load(copy, "pool_free", &copy->free);
    load(copy, "pool_get_stats", &copy->get_stats);
    return atomic_load(&check_errors) == 0;
}

static void use_copy_then_outlive_it(size_t index, void *shared) {
    copy_t *copy = shared;
    for (int i = 0; i < 50; i++) {
        void *object = copy->alloc(copy->pool);
        CHECK(object != NULL);
        write_token(object, SIZE, index);
        CHECK(has_token(object, SIZE, index));
        CHECK_EQ(copy->free(copy->pool, object), POOL_OK);
    }
    pthread_barrier_wait(&copy->barrier); /* main unloads the copy */
    pthread_barrier_wait(&copy->barrier); /* the thread ends with magazines of it */
}

static uint64_t caches_of(const copy_t *copy) {
    pool_stats_t stats = POOL_STATS_INIT;
    CHECK_EQ(copy->get_stats(copy->pool, &stats), POOL_OK);
    CHECK_EQ(stats.in_use, 0);
    return stats.caches;
}

TEST(second_copy_of_the_library_is_separate_and_may_be_closed) {
    copy_t copy = {.handle = NULL};
    pool_config_t config = config_of(SIZE, CAPACITY);
    pool_t *pool = bounded_pool(SIZE, CAPACITY);
    if (!open_copy(&copy) || !CHECK_EQ(copy.create(&config, &copy.pool), POOL_OK)) return;
    void *object = copy.alloc(copy.pool), *ours = pool_alloc(pool);
    CHECK_EQ(pool_free(pool, object), POOL_ERR_FOREIGN); /* neither knows the other's */
    CHECK_EQ(copy.free(copy.pool, ours), POOL_ERR_FOREIGN);
    CHECK(pool_of(object) == NULL);
    CHECK_EQ(copy.free(copy.pool, object), POOL_OK);
    CHECK_EQ(pool_free(pool, ours), POOL_OK);
    pthread_barrier_init(&copy.barrier, NULL, 5);
    worker_t *workers = start_threads(4, use_copy_then_outlive_it, &copy);
    pthread_barrier_wait(&copy.barrier);
    CHECK_EQ(caches_of(&copy), 5); /* main's, too */
    CHECK_EQ(dlclose(copy.handle), 0); /* and yet its code stays: the threads' ends need it */
    pthread_barrier_wait(&copy.barrier);
    join_threads(workers, 4);
    CHECK_EQ(caches_of(&copy), 1);
    CHECK_EQ(copy.destroy(copy.pool), POOL_OK);
    check_allocatable(pool, CAPACITY);
    destroy(pool);
}

int main(int argc, char **argv) {
    check_begin(argc, argv);
    RUN(pool_is_usable_in_exit_handlers);
    if (library_path()) RUN(second_copy_of_the_library_is_separate_and_may_be_closed);
    else puts("SKIPPED: a program that contains the library cannot load it again");
    return check_end();
}
