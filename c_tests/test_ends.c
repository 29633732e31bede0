/*
 * Ends of threads and of the process, in every order: destructors of keys before and
 * after the library's own key, keys that are few or none, threads that are cancelled,
 * a main thread that ends first, exit handlers.
 *
 * Each test runs in a child, a process in which the library has no key yet.
 */
#include "pool_test.h"

#include <limits.h>
#include <sys/wait.h>

enum { SIZE = 64, CAPACITY = 200, PAIRS = 300 };

static pool_t *pool;

/* Runs `body` in a child; its failed checks are this test's. */
static void in_child(void (*body)(void)) {
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(CHECK_SECONDS);
        body();
        fflush(stdout);
        _exit(atomic_load(&check_errors) != 0);
    }
    waitpid(child, &status, 0);
    CHECK_EQ(status, 0);
}

/* Often enough for the thread to get a cache, if it may have one. */
static void use_pairs(void) {
    void *objects[10];
    for (int i = 0; i < PAIRS / 10; i++) {
        size_t n = alloc_up_to(pool, objects, 10);
        CHECK_EQ(n, 10);
        for (size_t k = 0; k < n; k++) write_token(objects[k], SIZE, (uintptr_t)objects[k]);
        for (size_t k = 0; k < n; k++) CHECK(has_token(objects[k], SIZE, (uintptr_t)objects[k]));
        free_each(pool, objects, n);
    }
}

static void *new_object(void) {
    void *object = pool_alloc(pool);
    if (CHECK(object != NULL)) write_token(object, SIZE, (uintptr_t)object);
    return object;
}

static void free_object(void *object) {
    CHECK(has_token(object, SIZE, (uintptr_t)object));
    CHECK_EQ(pool_free(pool, object), POOL_OK);
    CHECK_EQ(pool_free(pool, object), POOL_ERR_DOUBLE_FREE);
}

static void check_all_back(void) {
    CHECK_EQ(stats_of(pool).in_use, 0);
    check_allocatable(pool, CAPACITY);
    destroy(pool);
}

/* ---- keys before and after the library's ---------------------------------------------- */

static pthread_key_t before, after;
static atomic_int before_runs, after_runs;

/* The library has not yet heard of the thread's end: the cache is there and is used. */
static void end_before(void *object) {
    CHECK_EQ(stats_of(pool).caches, 1);
    uint64_t in_depot = report_of(pool).in_depot;
    free_object(object);
    CHECK_EQ(report_of(pool).in_depot, in_depot);
    use_pairs();
    CHECK_EQ(stats_of(pool).caches, 1);
    atomic_fetch_add(&before_runs, 1);
}

/* The cache went back: an object goes to the depot and comes from there, however many. */
static void end_after(void *object) {
    CHECK_EQ(atomic_load(&before_runs), 1);
    pool_report_t report = report_of(pool);
    CHECK_EQ(stats_of(pool).caches, 0);
    CHECK_EQ(report.in_magazines, 0);
    free_object(object);
    CHECK_EQ(report_of(pool).in_depot, report.in_depot + 1);
    use_pairs();
    CHECK_EQ(report_of(pool).in_magazines, 0);
    CHECK_EQ(stats_of(pool).caches, 0);
    void *next = new_object();
    CHECK_EQ(report_of(pool).in_depot, report.in_depot);
    if (atomic_fetch_add(&after_runs, 1) < PTHREAD_DESTRUCTOR_ITERATIONS - 1) pthread_setspecific(after, next);
    else pool_release(next);
}

static void use_in_thread(size_t index, void *shared) {
    (void)index, (void)shared;
    use_pairs();
}

static void leave_two_objects(size_t index, void *shared) {
    (void)index, (void)shared;
    use_pairs();
    CHECK_EQ(stats_of(pool).caches, 1);
    pthread_setspecific(before, new_object());
    pthread_setspecific(after, new_object());
}

static void end_around_the_library(void) {
    pthread_key_create(&before, end_before);
    pool = bounded_pool(SIZE, CAPACITY);
    run_threads(1, use_in_thread, NULL); /* makes the library's key */
    pthread_key_create(&after, end_after);
    CHECK(after > before + 1); /* destructors run in the order of keys */
    for (int i = 0; i < ITERATIONS(50); i++) {
        atomic_store(&before_runs, 0), atomic_store(&after_runs, 0);
        run_threads(1, leave_two_objects, NULL);
        CHECK_EQ(before_runs, 1);
        CHECK_EQ(after_runs, PTHREAD_DESTRUCTOR_ITERATIONS);
        CHECK_EQ(stats_of(pool).in_use, 0);
    }
    check_all_back();
}
TEST(destructors_before_and_after_the_librarys_use_the_pool) { in_child(end_around_the_library); }

/* ---- few keys, and none -------------------------------------------------------------------- */

static void use_and_report(size_t index, void *shared) {
    (void)index;
    use_pairs();
    atomic_fetch_add((atomic_int *)shared, (int)stats_of(pool).caches);
}

/* What `threads` of them leave behind, each alone; whether they had caches. */
static void end_with_keys_taken(int keys, int caches) {
    enum { THREADS = 20 };
    pthread_key_t key;
    atomic_int seen = 0;
    for (int i = 0; i < keys; i++)
        if (pthread_key_create(&key, NULL)) break;
    pool = bounded_pool(SIZE, CAPACITY);
    for (int i = 0; i < THREADS; i++) run_threads(1, use_and_report, &seen);
    CHECK_EQ(seen, caches * THREADS);
    CHECK_EQ(stats_of(pool).caches, 0);
    CHECK_EQ(report_of(pool).in_magazines, 0);
    check_all_back();
}

/* Beyond the first 32 a thread's first value needs memory. */
static void end_with_late_key(void) { end_with_keys_taken(40, 1); }
TEST(thread_exit_is_told_when_32_keys_are_taken) { in_child(end_with_late_key); }

/* With no key to tell of its end a thread gets no cache: everything works, slower. */
static void end_without_key(void) { end_with_keys_taken(PTHREAD_KEYS_MAX, 0); }
TEST(pool_works_without_caches_when_all_keys_are_taken) { in_child(end_without_key); }

/* ---- threads that are cancelled --------------------------------------------------------------- */

typedef struct victim_t {
    pthread_barrier_t barrier;
    atomic_bool forever;
} victim_t;

/* Is cancelled between two calls, with an object in hand; a cleanup handler frees it. */
static void *use_until_cancelled(void *shared) {
    victim_t *victim = shared;
    use_pairs();
    pthread_barrier_wait(&victim->barrier);
    for (;;) {
        void *object = new_object();
        pthread_cleanup_push(free_object, object);
        pthread_testcancel();
        pthread_cleanup_pop(1);
    }
    return NULL;
}

/* Was cancelled already: every call runs to its end all the same, none is where it ends. */
static void *call_everything(void *reached) {
    pool_config_t config = config_of(SIZE, 4);
    pool_t *mine = NULL, *found = NULL;
    pool_stats_t stats = POOL_STATS_INIT;
    pool_report_t report = POOL_REPORT_INIT;
    void *objects[5];
    pthread_cancel(pthread_self());
    config.name = "cancelled";
    CHECK(pool_create(&config, &mine) == POOL_OK && pool_find("cancelled", &found) == POOL_OK && found == mine);
    CHECK_EQ(pool_open(&config, &found), POOL_OK);
    CHECK_EQ(pool_alloc_batch(mine, objects, 5), 4);
    CHECK_EQ(pool_alloc_timed(mine, &objects[4], 1000000), POOL_ERR_TIMEOUT);
    CHECK_EQ(pool_get_stats(mine, &stats), POOL_OK);
    CHECK_EQ(pool_check(mine, &report), POOL_OK);
    CHECK_EQ(pool_free_batch(mine, objects, 4), 4);
    CHECK_EQ(pool_trim(mine), POOL_OK);
    CHECK_EQ(pool_flush_thread(mine), POOL_OK);
    CHECK_EQ(pool_destroy(mine), POOL_OK);
    atomic_store((atomic_bool *)reached, true);
    for (;;) pthread_testcancel();
    return NULL;
}

static void call_when_cancelled(void) {
    pthread_t thread;
    void *result = NULL;
    atomic_bool reached = false;
    pthread_create(&thread, NULL, call_everything, &reached);
    pthread_join(thread, &result);
    CHECK(result == PTHREAD_CANCELED);
    CHECK(reached);
}
TEST(calls_of_a_cancelled_thread_run_to_their_end) { in_child(call_when_cancelled); }

/* Is cancelled while it waits for an object: that goes on until one is freed. */
static void *wait_until_cancelled(void *shared) {
    victim_t *victim = shared;
    void *object = NULL;
    pthread_barrier_wait(&victim->barrier);
    CHECK_EQ(pool_alloc_timed(pool, &object, POOL_WAIT_FOREVER), POOL_OK);
    write_token(object, SIZE, (uintptr_t)object);
    pthread_cleanup_push(free_object, object);
    for (;;) pthread_testcancel();
    pthread_cleanup_pop(0);
    return NULL;
}

static void cancel_threads(void) {
    victim_t victim;
    pool = bounded_pool(SIZE, CAPACITY);
    pthread_barrier_init(&victim.barrier, NULL, 2);
    for (int i = 0; i < ITERATIONS(100); i++) {
        pthread_t thread;
        void *result = NULL;
        pthread_create(&thread, NULL, use_until_cancelled, &victim);
        pthread_barrier_wait(&victim.barrier);
        pthread_cancel(thread);
        pthread_join(thread, &result);
        CHECK(result == PTHREAD_CANCELED);
        CHECK_EQ(stats_of(pool).in_use, 0);
        CHECK_EQ(stats_of(pool).caches, 0);
    }
    check_all_back();
}
TEST(threads_cancelled_between_calls_leave_nothing) { in_child(cancel_threads); }

static void cancel_waiters(void) {
    victim_t victim;
    void *objects[CAPACITY];
    pool = bounded_pool(SIZE, CAPACITY);
    pthread_barrier_init(&victim.barrier, NULL, 2);
    for (int i = 0; i < ITERATIONS(50); i++) {
        pthread_t thread;
        void *result = NULL;
        CHECK_EQ(alloc_up_to(pool, objects, CAPACITY), CAPACITY);
        pthread_create(&thread, NULL, wait_until_cancelled, &victim);
        pthread_barrier_wait(&victim.barrier);
        while (stats_of(pool).waiting == 0) usleep(100);
        pthread_cancel(thread);
        free_each(pool, objects, CAPACITY);
        pthread_join(thread, &result);
        CHECK(result == PTHREAD_CANCELED);
        CHECK_EQ(stats_of(pool).waiting, 0);
        CHECK_EQ(stats_of(pool).in_use, 0);
    }
    check_all_back();
}
TEST(waiter_cancelled_gets_its_object_first) { in_child(cancel_waiters); }

/* ---- the end of the process --------------------------------------------------------------------- */

static atomic_int working;

static void *hold_and_work(void *ignored) {
    void *object = new_object();
    (void)ignored;
    use_pairs();
    for (atomic_fetch_add(&working, 1);;) {
        CHECK(has_token(object, SIZE, (uintptr_t)object));
        use_pairs();
    }
    return NULL;
}

static void start_workers(void) {
    pthread_t thread;
    pool = bounded_pool(SIZE, CAPACITY);
    for (int i = 0; i < 3; i++) CHECK_EQ(pthread_create(&thread, NULL, hold_and_work, NULL), 0);
    while (atomic_load(&working) < 3) usleep(100);
}

/* Handlers run last first. The others go on with the pool all the while. */
static void check_at_exit(void) {
    use_pairs();
    pool_report_t report = report_of(pool);
    CHECK(report.live >= 3 && report.live <= 3 * 11);
    CHECK_EQ(pool_destroy(pool), POOL_ERR_BUSY);
    fflush(stdout);
    _exit(atomic_load(&check_errors) != 0);
}

static void use_at_exit(void) {
    use_pairs();
    free_object(new_object());
    CHECK_EQ(pool_trim(pool), POOL_OK);
}

static void exit_while_threads_work(void) {
    start_workers();
    use_pairs();
    atexit(check_at_exit), atexit(use_at_exit);
    exit(7); /* check_at_exit says better */
}
TEST(exit_handlers_use_the_pool_while_threads_work) { in_child(exit_while_threads_work); }

static void *exit_elsewhere(void *ignored) {
    (void)ignored;
    use_pairs();
    exit(7);
}

static void exit_from_a_thread(void) {
    pthread_t thread;
    start_workers();
    atexit(check_at_exit), atexit(use_at_exit);
    pthread_create(&thread, NULL, exit_elsewhere, NULL);
    pthread_join(thread, NULL);
}
TEST(exit_handlers_of_a_thread_that_exits_use_the_pool) { in_child(exit_from_a_thread); }

static void quick_exit_while_threads_work(void) {
    start_workers();
    use_pairs();
    at_quick_exit(check_at_exit), at_quick_exit(use_at_exit);
    quick_exit(7);
}
TEST(quick_exit_handlers_use_the_pool) { in_child(quick_exit_while_threads_work); }

static pthread_t main_thread;

/* After main's thread has ended its magazines are back. */
static void *outlive_main(void *object) {
    pthread_join(main_thread, NULL);
    CHECK_EQ(stats_of(pool).caches, 0);
    CHECK_EQ(report_of(pool).in_magazines, 0);
    free_object(object);
    use_pairs();
    check_all_back();
    fflush(stdout);
    _exit(atomic_load(&check_errors) != 0);
}

static void end_main_first(void) {
    pthread_t thread;
    pool = bounded_pool(SIZE, CAPACITY);
    main_thread = pthread_self();
    use_pairs();
    CHECK_EQ(stats_of(pool).caches, 1);
    pthread_create(&thread, NULL, outlive_main, new_object());
    pthread_exit(NULL);
}
TEST(main_thread_that_ends_first_leaves_its_rounds) { in_child(end_main_first); }

#ifdef CHECK_SLOW /* thread sanitizer and helgrind do not expect main to be joined */
static const bool knows_main = false;
#else
static const bool knows_main = true;
#endif
#ifdef __SANITIZE_THREAD__ /* it crashes in the last destructors of a thread, and in cancelled ones */
static const bool knows_threads = false;
#else
static const bool knows_threads = true;
#endif

int main(int argc, char **argv) {
    check_begin(argc, argv);
    if (knows_threads) RUN(destructors_before_and_after_the_librarys_use_the_pool);
    RUN(thread_exit_is_told_when_32_keys_are_taken);
    RUN(pool_works_without_caches_when_all_keys_are_taken);
    RUN(threads_cancelled_between_calls_leave_nothing);
    if (knows_threads) RUN(calls_of_a_cancelled_thread_run_to_their_end);
    RUN(waiter_cancelled_gets_its_object_first);
    RUN(exit_handlers_use_the_pool_while_threads_work);
    RUN(exit_handlers_of_a_thread_that_exits_use_the_pool);
    RUN(quick_exit_handlers_use_the_pool);
    if (knows_main) RUN(main_thread_that_ends_first_leaves_its_rounds);
    if (!knows_main) puts("SKIPPED: what the tool cannot follow: joining main's thread, or a thread's last destructors");
    return check_end();
}
