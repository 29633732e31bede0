/*
 * Out of memory: every refusal of the system comes back as a status. Nothing
 * aborts, frees never fail, and when there is memory again the pool is whole.
 *
 * Two ways to refuse: RLIMIT_AS lowered in a child, and failmem.so, which fails
 * the n-th request of the library, for every n that a scenario makes. Nothing is
 * lost on the way: in the end there are no more blocks and mappings than without
 * failures.
 */
#include "pool_test.h"

#include <pool_inbox.h>

#include <dlfcn.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { SIZE = 200, CAPACITY = 100, LIMIT = 5000, THREADS = 3, EACH = 60 };
enum { EXIT_CLEAN = 0, EXIT_DAMAGED = 1, EXIT_NOTHING_FAILED = 3, EXIT_NO_SHIM = 4 };

#ifdef CHECK_SLOW
static const char *const unfit = "the tool needs the address space and its own malloc";
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

/* More want an object than there are: waiting needs a little memory. */
static pool_t *single;

static void wait_for_single(size_t index, void *ignored) {
    void *object = NULL;
    (void)ignored;
    pool_status_t status = pool_alloc_timed(single, &object, index ? (uint64_t)20000000 : POOL_WAIT_FOREVER);
    CHECK(status == POOL_OK || status == POOL_ERR_NO_MEMORY || (status == POOL_ERR_TIMEOUT && index));
    if (status == POOL_OK) usleep(1000), CHECK_EQ(pool_free(single, object), POOL_OK);
}

static void note_object(void *context, pool_status_t status, void *object) {
    CHECK_EQ(status, POOL_OK);
    *(void **)context = object;
}

/* A request that is granted later needs a little memory, telling it none; and the
 * reserve holds what it promised, if there is memory to carve it. */
static void ask_and_take_reserve(pool_t *pool) {
    void *ordinary = NULL, *critical = NULL, *later = NULL, *none = NULL;
    pool_ticket_t ticket = 0;
    no_memory_or_ok(pool_try_alloc(pool, &ordinary));
    if (!ordinary) return;
    pool_status_t asked = pool_alloc_async(pool, &none, 0, note_object, &later, &ticket);
    CHECK(asked == POOL_PENDING || asked == POOL_ERR_NO_MEMORY);
    CHECK((ticket != 0) == (asked == POOL_PENDING));
    no_memory_or_ok(pool_alloc_with(pool, &critical, 0, POOL_CRITICAL));
    CHECK_EQ(pool_free(pool, ordinary), POOL_OK); /* goes to the reserve if that gave one */
    CHECK((later != NULL) == (asked == POOL_PENDING && !critical));
    if (critical) CHECK_EQ(pool_free(pool, critical), POOL_OK);
    CHECK((later != NULL) == (asked == POOL_PENDING));
    if (later) CHECK_EQ(pool_free(pool, later), POOL_OK);
}

/* To hand an object on needs a little memory: refused, it stays the giver's. To take it,
 * to deliver one and to close an inbox needs none. */
static void hand_on(pool_t *pool) {
    pool_inbox_t inbox = 0;
    pool_token_t tokens[4] = {0}, queued = 0;
    void *objects[4], *none = NULL;
    no_memory_or_ok(pool_inbox_create(NULL, NULL, &inbox));
    size_t n = alloc_up_to(pool, objects, 4);
    pool_status_t asked = pool_alloc_inbox(pool, &none, 0, inbox, &queued);
    CHECK(asked == POOL_PENDING || asked == POOL_ERR_NO_MEMORY || (asked == POOL_ERR_NOT_FOUND && !inbox) ||
          (asked == POOL_OK && n < 4));
    for (size_t i = 0; i < n; i++) no_memory_or_ok(pool_give(pool, objects[i], inbox, &tokens[i]));
    if (none) CHECK_EQ(pool_free(pool, none), POOL_OK);
    for (size_t i = 0; i < n; i++) {
        void *taken = objects[i];
        if (i % 2 && inbox && tokens[i]) continue; /* to be closed with the inbox */
        if (tokens[i]) CHECK_EQ(pool_take(tokens[i], &taken, NULL), POOL_OK);
        CHECK(taken == objects[i]);
        CHECK_EQ(pool_free(pool, taken), POOL_OK);
    }
    if (inbox) CHECK_EQ(pool_inbox_close(inbox), POOL_OK);
    CHECK_EQ(pool_take(queued, &none, NULL), POOL_ERR_NOT_FOUND);
    CHECK_EQ(stats_of(pool).in_use, 0);
}

/* Misuse is found, and what is overwritten set aside, whether there is memory for that
 * or not. */
static void misuse(pool_t *pool) {
    void *objects[2] = {NULL, NULL};
    no_memory_or_ok(pool_try_alloc(pool, &objects[0]));
    no_memory_or_ok(pool_try_alloc(pool, &objects[1]));
    if (!objects[0] || !objects[1]) return;
    CHECK_EQ(pool_free(pool, objects[0]), POOL_OK);
    CHECK_EQ(pool_free(pool, objects[0]), POOL_ERR_DOUBLE_FREE);
    CHECK_EQ(pool_free(pool, (char *)objects[1] + 8), POOL_ERR_INTERIOR);
    CHECK_EQ(pool_free(pool, &objects), POOL_ERR_FOREIGN);
    memset(objects[0], 0x5a, 8);
    CHECK(pool_alloc_batch(pool, batch, 20) <= 19);
    CHECK_EQ(stats_of(pool).misuse_overwritten, 1);
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

static void run_on_threads(void (*body)(size_t, void *), void *shared) {
    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (worker_t){body, i, shared, 0};
        if (thread_start(&workers[i].thread, worker_main, &workers[i])) exit(EXIT_DAMAGED);
    }
    for (size_t i = 0; i < THREADS; i++) pthread_join(workers[i].thread, NULL);
}

static void use_by_threads(pool_t *pool) { run_on_threads(use_scarce_pool, pool); }

/* A pool of one object, waited for; a pool that ends by force, misused. */
static void use_short_lived_pools(void) {
    pool_config_t config = config_of(SIZE, 1);
    pool_t *pool = NULL;
    single = NULL;
    if (no_memory_or_ok(pool_create(&config, &single)) && single) {
        run_on_threads(wait_for_single, NULL);
        CHECK_EQ(pool_destroy(single), POOL_OK);
    }
    config.capacity = 2, config.reserve = 1;
    single = NULL;
    if (no_memory_or_ok(pool_create(&config, &single)) && single) {
        ask_and_take_reserve(single);
        CHECK_EQ(pool_destroy(single), POOL_OK);
    }
    config.capacity = 4, config.reserve = 0;
    single = NULL;
    if (no_memory_or_ok(pool_create(&config, &single)) && single) {
        hand_on(single);
        CHECK_EQ(pool_destroy(single), POOL_OK);
    }
    config.capacity = 20;
    if (no_memory_or_ok(pool_create(&config, &pool)) && pool) {
        misuse(pool);
        CHECK_EQ(pool_destroy_forced(pool, NULL), POOL_OK);
    }
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

enum { REPORT_FD = 9 };

typedef struct memory_t {
    long blocks, mappings;
} memory_t;

static pthread_barrier_t meeting;

static void meet_and_use(size_t index, void *pool) {
    pthread_barrier_wait(&meeting);
    use_scarce_pool(index, pool);
    pthread_barrier_wait(&meeting);
}

/* Tells the parent what is in use when all pools are gone. Before that everybody comes
 * again, at once: what is made only once for a thread or the process exists then in each
 * run. And again, until no more is in use than was expected: what is put aside to be given
 * back later comes and goes. */
static void report_memory(void) {
    bool shim;
    const char *expected = getenv("EXPECTED_BLOCKS");
    memory_t fewest = {LONG_MAX, LONG_MAX};
    pthread_barrier_init(&meeting, NULL, THREADS);
    for (int i = 0; i < 20 && fewest.blocks > (expected ? atol(expected) : 0); i++) {
        pool_t *pool = make_scarce_pool(1);
        run_on_threads(meet_and_use, pool);
        CHECK_EQ(pool_destroy(pool), POOL_OK);
        memory_t memory = {call_shim("failmem_blocks", &shim), call_shim("failmem_mappings", &shim)};
        if (memory.blocks < fewest.blocks) fewest = memory;
    }
    CHECK_EQ(write(REPORT_FD, &fewest, sizeof fewest), sizeof fewest);
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
    use_short_lived_pools();
    (void)call_shim("failmem_stop", &shim);
    if (!shim) return EXIT_NO_SHIM;
    if (!pool) pool = make_scarce_pool(1);
    if (CHECK(pool != NULL)) check_recovered(pool, LIMIT);
    report_memory();
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

typedef struct failure_t {
    long nth;
    bool all;
    const char *call; /* NULL: any */
} failure_t;

/* How the scenario ends, and what is left in use in it. */
static int scenario_with_failure(const failure_t *failure, const memory_t *expected, memory_t *memory) {
    char number[32], blocks[32], shim[PATH_MAX];
    int status = 0, report[2];
    snprintf(number, sizeof number, "%ld", failure->nth);
    snprintf(blocks, sizeof blocks, "%ld", expected->blocks);
    shim_path(shim);
    if (access(shim, R_OK) || pipe(report)) return EXIT_NO_SHIM;
    pid_t child = fork();
    if (child == 0) {
        dup2(report[1], REPORT_FD), close(report[0]), close(report[1]);
        setenv("LD_PRELOAD", shim, 1), setenv("FAIL_OBJECT", library_object(), 1);
        setenv("FAIL_NTH", number, 1), setenv("FAIL_ALL", failure->all ? "1" : "0", 1);
        setenv("EXPECTED_BLOCKS", blocks, 1);
        if (failure->call) setenv("FAIL_CALL", failure->call, 1);
        execl("/proc/self/exe", "test_oom", "--scenario", (char *)NULL);
        _exit(EXIT_NO_SHIM);
    }
    close(report[1]);
    *memory = (memory_t){-1, -1};
    if (read(report[0], memory, sizeof *memory) < 0) memory->blocks = -1;
    close(report[0]);
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* Runs the scenario with that failure; whether anything failed in it. */
static bool check_scenario(const failure_t *failure, const memory_t *usual) {
    memory_t memory;
    int result, tries = 0;
    do result = scenario_with_failure(failure, usual, &memory);
    while (memory.blocks > usual->blocks && ++tries < 60); /* a leak comes every time */
    if (result == EXIT_NOTHING_FAILED) return false;
    bool clean = CHECK_EQ(result, EXIT_CLEAN);
    clean &= CHECK(memory.blocks <= usual->blocks); /* fewer: something lies in the reserve */
    clean &= CHECK_EQ(memory.mappings, usual->mappings);
    if (!clean)
        printf("  with request %ld%s of %s failing; blocks %ld, %ld without failures\n", failure->nth,
               failure->all ? " and all after it" : "", failure->call ? failure->call : "any kind", memory.blocks,
               usual->blocks);
    return result != EXIT_NO_SHIM;
}

/* The most of several runs: how threads meet decides about a few blocks. */
static memory_t usual_memory(void) {
    memory_t memory, most = {0, 0}, none = {0, 0};
    for (int run = 0; run < 12; run++) {
        CHECK_EQ(scenario_with_failure(&(failure_t){0, false, NULL}, &none, &memory), EXIT_NOTHING_FAILED);
        CHECK_EQ(memory.mappings, 0);
        if (memory.blocks > most.blocks) most = memory;
    }
    return most;
}

static void fail_each_request(bool all) {
    const memory_t usual = usual_memory();
    failure_t failure = {1, all, NULL};
    while (failure.nth < 2000 && check_errors < 5 && check_scenario(&failure, &usual)) failure.nth++;
    CHECK(failure.nth > 1 && failure.nth < 2000); /* something was injected at all, and all was */
    printf("  requests that failed: %ld; blocks in the end: %ld\n", failure.nth - 1, usual.blocks);
}

TEST(any_one_request_refused_gives_statuses_only) { fail_each_request(false); }
TEST(all_requests_refused_from_the_nth_gives_statuses_only) { fail_each_request(true); }

/* A system that never lets a range be reserved, made accessible, or given back; and one
 * whose malloc has nothing. That the scenario comes there is checked with it. */
TEST(every_call_of_a_kind_refused_gives_statuses_only) {
    const memory_t usual = usual_memory();
    const char *const calls[] = {"malloc", "mmap", "mprotect", "madvise"};
    for (int i = 0; i < 4; i++) CHECK(check_scenario(&(failure_t){1, true, calls[i]}, &usual));
}

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

/* From not a page, each page more up to what a thread's first use takes, to enough for some
 * of the pools. */
static size_t more(size_t headroom) { return headroom < 160 << 10 ? headroom + 4096 : headroom * 2; }

TEST(address_space_exhausted_gives_statuses_only) {
    for (size_t headroom = 0; headroom <= (size_t)64 << 20; headroom = more(headroom)) {
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

/* ---- no memory at all ------------------------------------------------------------------------- */

enum { CROWD = 400 }; /* more than the library's reserve would do for, if each took from it */

typedef struct famine_t {
    pool_t *pool;
    pthread_barrier_t barrier;
} famine_t;

/* The first half have caches when memory runs out, the others come later. All end
 * without it. Every slot is carved: so allocations need no memory, and fail for nobody. */
static void live_through_famine(size_t index, void *shared) {
    famine_t *famine = shared;
    void *objects[5];
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < 20 && (turn || index < CROWD / 2); i++) {
            size_t n = alloc_up_to(famine->pool, objects, 5);
            CHECK_EQ(n, 5);
            free_each(famine->pool, objects, n);
        }
        pthread_barrier_wait(&famine->barrier); /* memory runs out; they end */
        pthread_barrier_wait(&famine->barrier);
    }
}

/* Takes all there is of the heap, to the last small chunk. */
static void *eat_heap(void) {
    void **eaten = NULL;
    for (size_t size = 1 << 20; size >= 16; size /= 2)
        for (void **more; (more = malloc(size)); eaten = more) *more = eaten;
    return eaten;
}

static void give_heap_back(void *eaten) {
    for (void **next; eaten; eaten = next) next = *(void **)eaten, free(eaten);
}

static int run_famine(void) {
    famine_t famine = {.pool = bounded_pool(SIZE, 5 * CROWD)};
    mallopt(M_ARENA_MAX, 1);
    check_allocatable(famine.pool, 5 * CROWD);
    pthread_barrier_init(&famine.barrier, NULL, CROWD + 1);
    worker_t *threads = start_threads(CROWD, live_through_famine, &famine);
    pthread_barrier_wait(&famine.barrier);
    CHECK(stats_of(famine.pool).caches >= CROWD / 2);
    limit_address_space(0);
    void *eaten = eat_heap();
    for (int i = 0; i < 3; i++) pthread_barrier_wait(&famine.barrier);
    for (size_t i = 0; i < CROWD; i++) pthread_join(threads[i].thread, NULL);
    limit_address_space(SIZE_MAX);
    give_heap_back(eaten);
    CHECK_EQ(stats_of(famine.pool).failed_allocs, 2); /* check_allocatable's */
    CHECK(stats_of(famine.pool).caches <= 1);
    check_recovered(famine.pool, 5 * CROWD);
    free(threads);
    return atomic_load(&check_errors) ? EXIT_DAMAGED : EXIT_CLEAN;
}

TEST(threads_begin_and_end_without_any_memory) {
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(CHECK_SECONDS);
        status = run_famine();
        fflush(stdout);
        _exit(status);
    }
    waitpid(child, &status, 0);
    CHECK_EQ(status, 0);
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
    RUN(threads_begin_and_end_without_any_memory);
    RUN(any_one_request_refused_gives_statuses_only);
    RUN(all_requests_refused_from_the_nth_gives_statuses_only);
    RUN(every_call_of_a_kind_refused_gives_statuses_only);
    return check_end();
}
