/*
 * Out of memory: every refusal of the system comes back as a status. Nothing
 * aborts, frees never fail, and when there is memory again the pool is whole.
 *
 * Two ways to refuse: RLIMIT_AS lowered in a child, and failmem.so, which fails
 * the n-th request of the library, for every n that a scenario makes.
 */
#include "pool_test.h"

#include <dlfcn.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { SIZE = 200, CAPACITY = 100, LIMIT = 5000, THREADS = 3, EACH = 60 };
enum { EXIT_CLEAN = 0, EXIT_DAMAGED = 1, EXIT_NOTHING_FAILED = 3, EXIT_NO_SHIM = 4 };

#if defined(__SANITIZE_ADDRESS__)
static const char *const unfit = "address sanitizer needs the address space and its own malloc";
#else
static const char *const unfit = NULL;
#endif

static bool no_memory_or_ok(pool_status_t status) { return CHECK(status == POOL_OK || status == POOL_ERR_NO_MEMORY); }

/* ---- what is done while memory is short: no statement here may allocate ------------- */

static pool_t *pools[8];
static void *batch[LIMIT + 1];

/* As many objects as there is memory for, then all back. */
static void alloc_and_free(pool_t *pool, size_t count) {
    void *objects[EACH];
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        pool_status_t status = pool_try_alloc(pool, &objects[n]);
        if (no_memory_or_ok(status) && status == POOL_OK) write_token(objects[n], SIZE, i), n++;
    }
    for (size_t i = 0; i < n; i++) CHECK_EQ(pool_free(pool, objects[i]), POOL_OK); /* never needs memory */
}

static void use_batch(pool_t *pool, size_t count) {
    size_t n = pool_alloc_batch(pool, batch, count); /* grows towards the limit, if it can */
    CHECK(n <= LIMIT);
    for (size_t i = 0; i < n; i++) write_token(batch[i], SIZE, i);
    for (size_t i = 0; i < n; i++) CHECK(has_token(batch[i], SIZE, i));
    CHECK_EQ(pool_free_batch(pool, batch, n), n);
}

static void look_at(pool_t *pool) {
    pool_stats_t stats = POOL_STATS_INIT;
    pool_report_t report = POOL_REPORT_INIT;
    pool_t *found = NULL, *listed[16];
    CHECK_EQ(pool_get_stats(pool, &stats), POOL_OK);
    check_stats_identities(&stats);
    no_memory_or_ok(pool_check(pool, &report));
    CHECK_EQ(pool_find("scarce", &found), POOL_OK);
    CHECK(found == pool);
    CHECK(pool_list(listed, 16) >= 1);
}

static void use_scarce_pool(size_t index, void *pool) {
    void *object = NULL;
    alloc_and_free(pool, EACH);
    if (pool_try_alloc(pool, &object) == POOL_OK) pool_release(object);
    CHECK_EQ(pool_flush_thread(pool), POOL_OK);
    alloc_and_free(pool, 1 + index);
}

/* Makes a growing, named pool; refused it is made at a later try. */
static pool_t *make_scarce_pool(int tries) {
    pool_config_t config = config_of(SIZE, CAPACITY);
    pool_t *pool = NULL;
    config.name = "scarce", config.limit = LIMIT;
    while (tries-- > 0 && pool == NULL) {
        pool_status_t status = tries % 2 ? pool_create(&config, &pool) : pool_open(&config, &pool);
        if (no_memory_or_ok(status)) CHECK((pool != NULL) == (status == POOL_OK));
    }
    return pool;
}

/* With memory to be had again: nothing is lost, and all of it can be used. */
static void check_recovered(pool_t *pool, size_t limit) {
    CHECK_EQ(report_of(pool).live, 0);
    CHECK_EQ(stats_of(pool).lost, 0);
    CHECK_EQ(misuse_of(pool), 0);
    check_allocatable(pool, limit);
    destroy(pool);
}

/* ---- the n-th request fails -------------------------------------------------------------- */

static worker_t workers[THREADS]; /* not from the heap: the shim counts that too in a static program */

static void use_by_threads(pool_t *pool) {
    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (worker_t){use_scarce_pool, i, pool, 0};
        if (thread_start(&workers[i].thread, worker_main, &workers[i])) exit(EXIT_DAMAGED);
    }
    for (size_t i = 0; i < THREADS; i++) pthread_join(workers[i].thread, NULL);
}

/* ISO C has no conversion from an object pointer to a function's. */
static long call_shim(const char *name, bool *found) {
    union {
        void *object;
        long (*function)(void);
    } symbol = {dlsym(RTLD_DEFAULT, name)};
    *found = symbol.object != NULL;
    return *found ? symbol.function() : 0;
}

/* In a process with failmem.so. */
static int run_scenario(void) {
    bool shim;
    pool_t *pool = make_scarce_pool(2);
    if (pool) {
        use_scarce_pool(0, pool);
        use_by_threads(pool);
        use_batch(pool, LIMIT + 1);
        look_at(pool);
        no_memory_or_ok(pool_trim(pool));
        use_by_threads(pool);
    }
    (void)call_shim("failmem_stop", &shim);
    if (!pool) pool = make_scarce_pool(1);
    if (CHECK(pool != NULL)) check_recovered(pool, LIMIT);
    if (!shim) return EXIT_NO_SHIM;
    if (atomic_load(&check_errors)) return EXIT_DAMAGED;
    return call_shim("failmem_failures", &shim) ? EXIT_CLEAN : EXIT_NOTHING_FAILED;
}

/* failmem.so lies beside the program. */
static void shim_path(char *path) {
    char program[PATH_MAX - 16] = "";
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length > 0) program[length] = '\0';
    snprintf(path, PATH_MAX, "%s/failmem.so", dirname(program));
}

/* Whose requests fail: the library's, or those of a program that contains it. */
static const char *library_object(void) {
    union {
        uint32_t (*function)(void);
        void *object;
    } symbol = {pool_version};
    Dl_info info;
    return dladdr(symbol.object, &info) && strstr(info.dli_fname, "libmagpool") ? "libmagpool" : "";
}

static int scenario_with_failure(long nth, bool all) {
    char number[32], shim[PATH_MAX];
    int status = 0;
    snprintf(number, sizeof number, "%ld", nth);
    shim_path(shim);
    if (access(shim, R_OK)) return EXIT_NO_SHIM;
    pid_t child = fork();
    if (child == 0) {
        setenv("LD_PRELOAD", shim, 1), setenv("FAIL_OBJECT", library_object(), 1);
        setenv("FAIL_NTH", number, 1), setenv("FAIL_ALL", all ? "1" : "0", 1);
        execl("/proc/self/exe", "test_oom", "--scenario", (char *)NULL);
        _exit(EXIT_NO_SHIM);
    }
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void fail_each_request(bool all) {
    long nth = 1;
    int result, bad = 0;
    while ((result = scenario_with_failure(nth, all)) != EXIT_NOTHING_FAILED) {
        if (!CHECK_EQ(result, EXIT_CLEAN) && bad++ < 10)
            printf("  with request %ld%s failing\n", nth, all ? " and all after it" : "");
        if (result == EXIT_NO_SHIM || nth++ == 2000) break;
    }
    CHECK(nth > 1); /* something was injected at all */
    printf("  requests that failed: %ld\n", nth - 1);
}

TEST(any_one_request_refused_gives_statuses_only) { fail_each_request(false); }
TEST(all_requests_refused_from_the_nth_gives_statuses_only) { fail_each_request(true); }

/* ---- no address space ------------------------------------------------------------------------ */

static void limit_address_space(size_t headroom) {
    size_t pages = 0;
    struct rlimit limit;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%zu", &pages) != 1) exit(EXIT_DAMAGED);
    fclose(file);
    getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = headroom == SIZE_MAX ? limit.rlim_max : pages * (size_t)sysconf(_SC_PAGESIZE) + headroom;
    setrlimit(RLIMIT_AS, &limit);
}

typedef struct shortage_t {
    pool_t *pool;
    pthread_barrier_t barrier;
} shortage_t;

/* Starts before memory is short; its first call on the pool comes after. */
static void wait_and_use(size_t index, void *shared) {
    shortage_t *shortage = shared;
    pthread_barrier_wait(&shortage->barrier);
    use_scarce_pool(index, shortage->pool);
}

/* Makes pools until the system refuses, uses those there are, grows them. */
static void use_under_shortage(shortage_t *shortage) {
    pool_config_t config = config_of(SIZE, 20000);
    for (int i = 0; i < 8; i++) {
        pools[i] = NULL;
        no_memory_or_ok(pool_create(&config, &pools[i]));
    }
    use_batch(shortage->pool, LIMIT - THREADS * EACH); /* the rest is for the threads */
    look_at(shortage->pool);
    for (int i = 0; i < 8; i++)
        if (pools[i]) alloc_and_free(pools[i], EACH);
    no_memory_or_ok(pool_trim(shortage->pool));
}

static int run_shortage(size_t headroom) {
    shortage_t shortage = {.pool = make_scarce_pool(1)};
    pthread_barrier_init(&shortage.barrier, NULL, THREADS + 1);
    worker_t *threads = start_threads(THREADS, wait_and_use, &shortage);
    limit_address_space(headroom);
    pthread_barrier_wait(&shortage.barrier);
    use_under_shortage(&shortage);
    join_threads(threads, THREADS);
    limit_address_space(SIZE_MAX);
    for (int i = 0; i < 8; i++)
        if (pools[i]) check_recovered(pools[i], 20000);
    check_recovered(shortage.pool, LIMIT);
    return atomic_load(&check_errors) ? EXIT_DAMAGED : EXIT_CLEAN;
}

/* From not a page to enough for some of the pools. */
TEST(address_space_exhausted_gives_statuses_only) {
    for (size_t headroom = 0; headroom <= (size_t)64 << 20; headroom = headroom ? headroom * 2 : 4096) {
        int status = 0;
        pid_t child = fork();
        if (child == 0) {
            atomic_store(&check_errors, 0);
            alarm(CHECK_SECONDS);
            _exit(run_shortage(headroom));
        }
        waitpid(child, &status, 0);
        bool clean = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_CLEAN;
        if (!CHECK(clean)) printf("  with %zu bytes of address space left: wait status %d\n", headroom, status);
    }
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "--scenario") == 0) {
        check_test = "scenario";
        alarm(CHECK_SECONDS);
        return run_scenario();
    }
    check_begin(argc, argv);
    setenv("RUST_BACKTRACE", "0", 1); /* an abort says enough in one line */
    if (unfit) {
        printf("SKIPPED: %s\n", unfit);
        return check_end();
    }
    RUN(address_space_exhausted_gives_statuses_only); /* forks: this process stays without threads */
    RUN(any_one_request_refused_gives_statuses_only);
    RUN(all_requests_refused_from_the_nth_gives_statuses_only);
    return check_end();
}
