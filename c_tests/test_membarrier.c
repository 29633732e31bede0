/*
 * Without membarrier: forced by the environment, refused by the system from the start,
 * and taken away while threads have caches. The promises are the same: exact capacity,
 * one owner for each object, every cache revoked when it must be.
 *
 * Each test runs in a child with a seccomp filter of its own.
 */
#include "pool_test.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>

#if defined(__x86_64__)

enum { SIZE = 64, CAPACITY = 64, THREADS = 6, REVOCATIONS = 20000, EXIT_NO_FILTER = 77 };

/* ---- a system that has no membarrier, from now on ------------------------------------- */

static atomic_int refusals;

/* SIGSYS: the kernel has not made the call. Counts it, and says that there is none. */
static void on_membarrier(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info;
    atomic_fetch_add(&refusals, 1);
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_RAX] = -ENOSYS;
}

/* For all threads of the process, also those that run. */
static void refuse_membarrier(void) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    struct sigaction action = {.sa_sigaction = on_membarrier, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGSYS, &action, NULL);
    bool done = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
    if (!done) _exit(EXIT_NO_FILTER);
}

/* Runs `body` in a child, a process in which no pool was made yet. */
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
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NO_FILTER) puts("SKIPPED: the system lets nobody install a filter");
    else CHECK_EQ(status, 0);
}

/* ---- work that needs caches, and work that revokes them --------------------------------- */

typedef struct work_t {
    pool_t *pool;
    atomic_bool stop;
    atomic_int ready;
    atomic_ullong allocated;
} work_t;

/* At most CAPACITY / THREADS objects each: nobody may ever be refused. */
static void work_within_share(size_t index, void *shared) {
    work_t *work = shared;
    void *objects[CAPACITY / THREADS];
    uint64_t random = check_seed + index;
    unsigned long long allocated = 0;
    for (uint64_t turn = 0; turn < 50 || !atomic_load(&work->stop); turn++) {
        size_t wanted = 1 + check_random(&random) % (CAPACITY / THREADS);
        size_t n = alloc_up_to(work->pool, objects, wanted);
        CHECK_EQ(n, wanted);
        for (size_t i = 0; i < n; i++) write_token(objects[i], SIZE, (uint64_t)index << 48 | turn << 8 | i);
        for (size_t i = 0; i < n; i++) CHECK(has_token(objects[i], SIZE, (uint64_t)index << 48 | turn << 8 | i));
        free_each(work->pool, objects, n);
        allocated += n;
        if (turn == 50) atomic_fetch_add(&work->ready, 1);
    }
    atomic_fetch_add(&work->allocated, allocated);
}

static worker_t *start_work(work_t *work) {
    pool_config_t config = config_of(SIZE, CAPACITY);
    config.magazine_rounds = 2;
    memset(work, 0, sizeof *work);
    work->pool = create(&config);
    worker_t *workers = start_threads(THREADS, work_within_share, work);
    while (atomic_load(&work->ready) < THREADS) usleep(100);
    return workers;
}

/* Looks while they work: every look revokes all caches and must find every slot once. */
static void revoke_often(pool_t *pool, int times) {
    uint64_t revocations = stats_of(pool).revocations;
    for (int i = 0; i < times; i++) {
        pool_report_t report = report_of(pool);
        CHECK(report.live <= THREADS * (CAPACITY / THREADS));
        CHECK(stats_of(pool).in_use <= THREADS * (CAPACITY / THREADS));
        if (i % 8 == 0) CHECK_EQ(pool_trim(pool), POOL_OK);
        usleep(200);
    }
    CHECK(stats_of(pool).revocations >= revocations + 2 * (uint64_t)times);
}

static void end_work(work_t *work, worker_t *workers) {
    atomic_store(&work->stop, true);
    join_threads(workers, THREADS);
    pool_stats_t stats = stats_of(work->pool);
    CHECK_EQ(stats.total_allocated, work->allocated);
    CHECK_EQ(stats.failed_allocs, 0);
    CHECK_EQ(stats.lost, 0);
    CHECK_EQ(stats.caches, 0);
    CHECK_EQ(misuse_of(work->pool), 0);
    check_allocatable(work->pool, CAPACITY);
    destroy(work->pool);
}

/* All want everything, in rounds, after each has idle rounds in its magazines: together
 * they get all there is. */
typedef struct greedy_t {
    pool_t *pool;
    pthread_barrier_t barrier;
    void *objects[THREADS][CAPACITY + 1];
    size_t held[THREADS];
} greedy_t;

static void take_all(size_t index, void *shared) {
    greedy_t *greedy = shared;
    for (int round = 0; round < ITERATIONS(100); round++) {
        for (int i = 0; i < 30; i++) {
            void *object = pool_alloc(greedy->pool);
            if (CHECK(object != NULL)) CHECK_EQ(pool_free(greedy->pool, object), POOL_OK);
        }
        pthread_barrier_wait(&greedy->barrier);
        greedy->held[index] = alloc_up_to(greedy->pool, greedy->objects[index], CAPACITY + 1);
        pthread_barrier_wait(&greedy->barrier);
        if (index == 0) {
            void *all[CAPACITY * THREADS];
            size_t n = 0;
            for (size_t i = 0; i < THREADS; n += greedy->held[i++])
                memcpy(all + n, greedy->objects[i], greedy->held[i] * sizeof *all);
            CHECK_EQ(n, CAPACITY);
            check_distinct(greedy->pool, all, n);
        }
        pthread_barrier_wait(&greedy->barrier);
        free_each(greedy->pool, greedy->objects[index], greedy->held[index]);
        pthread_barrier_wait(&greedy->barrier);
    }
}

static void share_exactly(void) {
    greedy_t *greedy = calloc(1, sizeof *greedy);
    pool_config_t config = config_of(SIZE, CAPACITY);
    config.magazine_rounds = 3;
    greedy->pool = create(&config);
    pthread_barrier_init(&greedy->barrier, NULL, THREADS);
    run_threads(THREADS, take_all, greedy);
    CHECK_EQ(misuse_of(greedy->pool), 0);
    check_allocatable(greedy->pool, CAPACITY);
    destroy(greedy->pool);
    free(greedy);
}

/* Nothing but pairs, on the fast path where there is one. */
static void pairs_only(size_t index, void *shared) {
    work_t *work = shared;
    unsigned long long allocated = 0;
    (void)index;
    while (!atomic_load_explicit(&work->stop, memory_order_relaxed)) {
        void *object = pool_alloc(work->pool);
        allocated++;
        if (!object || pool_free(work->pool, object) != POOL_OK) CHECK(!"a pair");
        if (allocated == 100) atomic_fetch_add(&work->ready, 1);
    }
    atomic_fetch_add(&work->allocated, allocated);
}

/* Revokes a cache in use as often as can be: if ever its owner went on in it unseen, a
 * count or a slot would be wrong in the end. */
static void revoke_in_the_midst_of_pairs(void) {
    work_t work = {.pool = bounded_pool(SIZE, CAPACITY)};
    worker_t *workers = start_threads(2, pairs_only, &work);
    while (atomic_load(&work.ready) < 2) usleep(100);
    for (int i = 0; i < ITERATIONS(REVOCATIONS); i++) {
        pool_stats_t stats = POOL_STATS_INIT;
        if (pool_get_stats(work.pool, &stats) != POOL_OK || stats.in_use > 2) CHECK(!"at most 2 are live");
    }
    atomic_store(&work.stop, true);
    join_threads(workers, 2);
    CHECK_EQ(stats_of(work.pool).total_allocated, work.allocated);
    CHECK_EQ(misuse_of(work.pool), 0);
    check_allocatable(work.pool, CAPACITY);
    destroy(work.pool);
}

static void work_and_share(void) {
    work_t work;
    worker_t *workers = start_work(&work);
    CHECK_EQ(stats_of(work.pool).caches, THREADS);
    revoke_often(work.pool, ITERATIONS(200));
    end_work(&work, workers);
    share_exactly();
    revoke_in_the_midst_of_pairs();
}

/* ---- how it comes to be missing ------------------------------------------------------------ */

static void with_membarrier(void) { work_and_share(); }
TEST(capacity_with_membarrier_is_exact) { in_child(with_membarrier); }

static void without_by_environment(void) {
    setenv("MAGPOOL_NO_MEMBARRIER", "1", 1);
    refuse_membarrier();
    work_and_share();
    CHECK_EQ(refusals, 0); /* it was not even asked for */
}
TEST(capacity_without_membarrier_by_environment_is_exact) { in_child(without_by_environment); }

static void without_from_the_start(void) {
    refuse_membarrier();
    work_and_share();
    CHECK_EQ(refusals, 1); /* to register; then never again */
}
TEST(capacity_without_membarrier_from_the_start_is_exact) { in_child(without_from_the_start); }

/* Two pools' caches are open for the fast path when membarrier goes; the library learns of
 * it at the next revocation, of either. */
static void lost_while_threads_work(void) {
    work_t work[2];
    worker_t *workers[2];
    for (int i = 0; i < 2; i++) workers[i] = start_work(&work[i]);
    revoke_often(work[0].pool, ITERATIONS(50));
    CHECK_EQ(refusals, 0);
    refuse_membarrier();
    for (int i = 0; i < 2; i++) revoke_often(work[i].pool, ITERATIONS(50));
    CHECK_EQ(refusals, 2); /* to use it, and to register again; then never again */
    for (int i = 0; i < 2; i++) end_work(&work[i], workers[i]);
    share_exactly(); /* also pools made later */
    CHECK_EQ(refusals, 2);
}
TEST(capacity_after_membarrier_was_lost_is_exact) { in_child(lost_while_threads_work); }

/* The one that learns of it is an allocation that needs what idle threads keep. */
static void *keep_rounds_idle(void *shared) {
    work_t *work = shared;
    for (int i = 0; i < 100; i++) CHECK_EQ(pool_free(work->pool, pool_alloc(work->pool)), POOL_OK);
    atomic_fetch_add(&work->ready, 1);
    while (!atomic_load(&work->stop)) usleep(100);
    CHECK_EQ(pool_free(work->pool, pool_alloc(work->pool)), POOL_OK); /* its cache was revoked meanwhile */
    return NULL;
}

static void lost_with_rounds_idle(void) {
    pthread_t threads[THREADS];
    void *objects[CAPACITY + 1];
    work_t work = {.pool = bounded_pool(SIZE, CAPACITY)};
    for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, keep_rounds_idle, &work);
    while (atomic_load(&work.ready) < THREADS) usleep(100);
    CHECK(report_of(work.pool).in_magazines > 0);
    refuse_membarrier();
    CHECK_EQ(alloc_up_to(work.pool, objects, CAPACITY + 1), CAPACITY);
    check_distinct(work.pool, objects, CAPACITY);
    CHECK(refusals > 0);
    CHECK_EQ(pool_free_batch(work.pool, objects, CAPACITY), CAPACITY);
    atomic_store(&work.stop, true);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    check_allocatable(work.pool, CAPACITY);
    destroy(work.pool);
}
TEST(rounds_of_idle_threads_are_reclaimed_after_membarrier_was_lost) { in_child(lost_with_rounds_idle); }

/* A revocation lasts longer then, and the library sleeps meanwhile: not a place where a
 * thread that was cancelled may end, with the pool's lock. */
#if !CHECK_SANITIZED
static void *look_when_cancelled(void *pool) {
    static pool_stats_t stats = POOL_STATS_INIT;
    pthread_cancel(pthread_self());
    CHECK_EQ(pool_get_stats(pool, &stats), POOL_OK);
    return &stats; /* and ends by itself */
}

static void lost_and_cancelled(void) {
    pthread_t thread;
    void *result = NULL;
    pool_t *pool = bounded_pool(SIZE, CAPACITY);
    refuse_membarrier();
    pthread_create(&thread, NULL, look_when_cancelled, pool);
    pthread_join(thread, &result);
    CHECK(result != PTHREAD_CANCELED);
    CHECK_EQ(refusals, 2);
    check_allocatable(pool, CAPACITY);
    destroy(pool);
}
TEST(revocation_by_a_cancelled_thread_runs_to_its_end) { in_child(lost_and_cancelled); }
#endif

int main(int argc, char **argv) {
    check_begin(argc, argv);
    unsetenv("MAGPOOL_NO_MEMBARRIER"); /* each test says for itself what there is */
    RUN(capacity_with_membarrier_is_exact);
    RUN(capacity_without_membarrier_by_environment_is_exact);
    RUN(capacity_without_membarrier_from_the_start_is_exact);
    RUN(capacity_after_membarrier_was_lost_is_exact);
    RUN(rounds_of_idle_threads_are_reclaimed_after_membarrier_was_lost);
#if CHECK_SANITIZED /* instrumented libraries make system calls through libc: naps are cancellation points */
    puts("SKIPPED: cancelled threads, under sanitizers");
#else
    RUN(revocation_by_a_cancelled_thread_runs_to_its_end);
#endif
    return check_end();
}

#else

int main(int argc, char **argv) {
    check_begin(argc, argv);
    puts("SKIPPED: the filter's handler knows x86-64 only");
    return check_end();
}

#endif
