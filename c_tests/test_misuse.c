/*
 * Misuse: each kind gets its status, is counted once, and leaves the pool
 * intact. "Intact" is what check_allocatable proves: exactly `capacity`
 * objects, all distinct, and a clean pool_check.
 */
#include "pool_test.h"

#include <sys/wait.h>

enum { CAPACITY = 100, SIZE = 64, RACES = 3000 };

static char static_memory[SIZE];

/* pool_free refuses `object` with `status`, and counts that once in *counter. */
#define CHECK_FREE_REFUSED(pool, object, status, counter)                   \
    do {                                                                    \
        pool_stats_t before_ = stats_of(pool);                              \
        CHECK_EQ(pool_free(pool, object), status);                          \
        pool_stats_t after_ = stats_of(pool);                               \
        CHECK_EQ(after_.counter, before_.counter + 1);                      \
        CHECK_EQ(after_.in_use, before_.in_use);                            \
        CHECK_EQ(after_.total_freed, before_.total_freed);                  \
        CHECK_EQ(misuse_of(pool), misuse_sum(&before_) + 1);                \
    } while (0)

static uint64_t misuse_sum(const pool_stats_t *stats) {
    return stats->misuse_null + stats->misuse_foreign + stats->misuse_interior + stats->misuse_wrong_pool +
           stats->misuse_double_free + stats->misuse_overwritten;
}

/* ---- pointers that are no object -------------------------------------------------- */

TEST(null_arguments_return_null_error) {
    pool_t *pool = bounded_pool(SIZE, CAPACITY);
    void *object = pool_alloc(pool), *untouched = object;
    CHECK_FREE_REFUSED(pool, NULL, POOL_ERR_NULL, misuse_null);
    CHECK(pool_alloc(NULL) == NULL);
    CHECK_EQ(pool_try_alloc(NULL, &untouched), POOL_ERR_NULL);
    CHECK_EQ(pool_try_alloc(pool, NULL), POOL_ERR_NULL);
    CHECK_EQ(pool_free(NULL, object), POOL_ERR_NULL);
    CHECK_EQ(pool_alloc_batch(NULL, &untouched, 1), 0);
    CHECK_EQ(pool_alloc_batch(pool, NULL, 1), 0);
    CHECK_EQ(pool_free_batch(NULL, &object, 1), 0);
    CHECK_EQ(pool_free_batch(pool, NULL, 1), 0);
    CHECK_EQ(pool_flush_thread(NULL), POOL_ERR_NULL);
    CHECK_EQ(pool_trim(NULL), POOL_ERR_NULL);
    CHECK_EQ(pool_destroy(NULL), POOL_ERR_NULL);
    CHECK_EQ(pool_destroy_forced(NULL, NULL), POOL_ERR_NULL);
    CHECK(untouched == object);
    CHECK_EQ(stats_of(pool).in_use, 1);
    CHECK_EQ(pool_free(pool, object), POOL_OK);
    check_allocatable(pool, CAPACITY);
    destroy(pool);
}

TEST(free_of_foreign_pointer_is_refused) {
    pool_t *pool = bounded_pool(SIZE, CAPACITY);
    void *object = pool_alloc(pool), *heap = malloc(SIZE);
    char stack[SIZE];
    write_token(heap, SIZE, check_seed), write_token(stack, SIZE, check_seed);
    CHECK_FREE_REFUSED(pool, stack, POOL_ERR_FOREIGN, misuse_foreign);
    CHECK_FREE_REFUSED(pool, heap, POOL_ERR_FOREIGN, misuse_foreign);
    CHECK_FREE_REFUSED(pool, static_memory, POOL_ERR_FOREIGN, misuse_foreign);
    CHECK_FREE_REFUSED(pool, pool, POOL_ERR_FOREIGN, misuse_foreign);
    CHECK_FREE_REFUSED(pool, (void *)(uintptr_t)1, POOL_ERR_FOREIGN, misuse_foreign);
    CHECK_FREE_REFUSED(pool, (void *)(uintptr_t)0xdeadbeef, POOL_ERR_FOREIGN, misuse_foreign);
    CHECK_FREE_REFUSED(pool, (void *)UINTPTR_MAX, POOL_ERR_FOREIGN, misuse_foreign);
    CHECK(has_token(heap, SIZE, check_seed) && has_token(stack, SIZE, check_seed)); /* not written to */
    free(heap);
    CHECK_EQ(pool_free(pool, object), POOL_OK);
    check_allocatable(pool, CAPACITY);
    destroy(pool);
}

TEST(free_of_wild_pointers_returns_foreign) {
    pool_t *pool = bounded_pool(SIZE, CAPACITY);
    uint64_t random = check_seed, before = stats_of(pool).misuse_foreign;
    for (int i = 0; i < 10000; i++) {
        void *wild = (void *)(uintptr_t)(check_random(&random) | 1);
        if (pool_of(wild) == NULL) CHECK_EQ(pool_free(pool, wild), POOL_ERR_FOREIGN);
        else before--;
    }
    CHECK_EQ(stats_of(pool).misuse_foreign, before + 10000);
    check_allocatable(pool, CAPACITY);
    destroy(pool);
}

/* The address of a slot of `pool` far from all that were handed out, a
 * multiple of the slot size away from `object`; slots may be carved upwards or
 * downwards. */
static void *uncarved_slot(pool_t *pool, char *object, size_t distance) {
    size_t bytes = distance * stats_of(pool).slot_size;
    return pool_of(object + bytes) == pool ? object + bytes : object - bytes;
}

TEST(free_of_slot_never_allocated_returns_foreign) {
    pool_t *pool = growing_pool(SIZE, 100000, 200000);
    void *object = pool_alloc(pool);
    void *within = uncarved_slot(pool, object, 50000), *beyond = uncarved_slot(pool, object, 150000);
    CHECK(pool_of(within) == pool && pool_of(beyond) == pool);
    CHECK_FREE_REFUSED(pool, within, POOL_ERR_FOREIGN, misuse_foreign);
    CHECK_FREE_REFUSED(pool, beyond, POOL_ERR_FOREIGN, misuse_foreign);
    CHECK_EQ(pool_free(pool, object), POOL_OK);
    check_allocatable(pool, 200000);
    destroy(pool);
}

TEST(free_of_interior_pointer_is_refused) {
    pool_t *pool = bounded_pool(SIZE, CAPACITY);
    void *objects[CAPACITY];
    CHECK_EQ(alloc_up_to(pool, objects, CAPACITY), CAPACITY);
    for (size_t i = 0; i < CAPACITY; i++) write_token(objects[i], SIZE, i);
    for (size_t offset = 1; offset < SIZE; offset++) {
        char *object = objects[offset % CAPACITY];
        CHECK_FREE_REFUSED(pool, object + offset, POOL_ERR_INTERIOR, misuse_interior);
    }
    for (size_t i = 0; i < CAPACITY; i++) CHECK(has_token(objects[i], SIZE, i));
    free_each(pool, objects, CAPACITY);
    check_allocatable(pool, CAPACITY);
    destroy(pool);
}

TEST(free_into_wrong_pool_is_refused) {
    pool_t *pool = bounded_pool(SIZE, CAPACITY), *other = bounded_pool(SIZE, CAPACITY);
    void *object = pool_alloc(other);
    write_token(object, SIZE, check_seed);
    CHECK_FREE_REFUSED(pool, object, POOL_ERR_WRONG_POOL, misuse_wrong_pool);
    CHECK(has_token(object, SIZE, check_seed));
    CHECK_EQ(stats_of(other).in_use, 1);
    CHECK_EQ(misuse_of(other), 0);
    CHECK_EQ(pool_free(other, object), POOL_OK);
    CHECK_FREE_REFUSED(pool, object, POOL_ERR_WRONG_POOL, misuse_wrong_pool); /* whether live or free */
    check_allocatable(pool, CAPACITY), check_allocatable(other, CAPACITY);
    destroy(pool), destroy(other);
}

TEST(free_of_object_of_destroyed_pool_returns_foreign) {
    pool_t *pool = bounded_pool(SIZE, CAPACITY), *gone = bounded_pool(SIZE, CAPACITY);
    void *object = pool_alloc(gone);
    CHECK_EQ(pool_destroy_forced(gone, NULL), POOL_OK);
    CHECK_FREE_REFUSED(pool, object, POOL_ERR_FOREIGN, misuse_foreign);
    CHECK_EQ(pool_free(gone, object), POOL_ERR_DESTROYED);
    pool_release(object);
    check_allocatable(pool, CAPACITY);
    destroy(pool);
}

/* ---- double free, one after the other ------------------------------------------------ */

TEST(double_free_is_refused) {
    pool_t *pool = bounded_pool(SIZE, CAPACITY);
    void *object = pool_alloc(pool);
    CHECK_EQ(pool_free(pool, object), POOL_OK);
    for (int i = 0; i < 3; i++) CHECK_FREE_REFUSED(pool, object, POOL_ERR_DOUBLE_FREE, misuse_double_free);
    check_allocatable(pool, CAPACITY);
    destroy(pool);
}

TEST(double_free_of_any_freed_object_is_found) {
    pool_t *pool = bounded_pool(SIZE, 1000);
    void **objects = object_array(1000);
    CHECK_EQ(alloc_up_to(pool, objects, 1000), 1000);
    free_each(pool, objects + 1, 999);
    /* Wherever the round is by now: loaded, previous or in the depot. */
    for (size_t i = 1; i < 1000; i++) CHECK_EQ(pool_free(pool, objects[i]), POOL_ERR_DOUBLE_FREE);
    CHECK_EQ(pool_flush_thread(pool), POOL_OK);
    for (size_t i = 1; i < 1000; i++) CHECK_EQ(pool_free(pool, objects[i]), POOL_ERR_DOUBLE_FREE);
    CHECK_EQ(stats_of(pool).misuse_double_free, 2 * 999);
    CHECK_EQ(stats_of(pool).in_use, 1);
    CHECK_EQ(pool_free(pool, objects[0]), POOL_OK);
    check_allocatable(pool, 1000);
    destroy(pool);
    free(objects);
}

/* What an object holds while live must not look like a free one's mark, not
 * even when it is a copy of one. */
TEST(object_that_holds_the_mark_of_a_free_one_is_freed) {
    enum { COUNT = 50 };
    pool_t *pool = bounded_pool(SIZE, COUNT);
    void *objects[COUNT], *again[COUNT];
    char marks[COUNT][SIZE];
    CHECK_EQ(alloc_up_to(pool, objects, COUNT), COUNT);
    free_each(pool, objects, COUNT);
    for (size_t i = 0; i < COUNT; i++) memcpy(marks[i], objects[i], SIZE);
    CHECK_EQ(alloc_up_to(pool, again, COUNT), COUNT);
    for (size_t i = 0; i < COUNT; i++) memcpy(objects[i], marks[i], SIZE);
    CHECK_EQ(report_of(pool).live, COUNT);
    free_each(pool, objects, COUNT);
    CHECK_EQ(misuse_of(pool), 0);
    for (size_t i = 0; i < COUNT; i++) CHECK_EQ(pool_free(pool, objects[i]), POOL_ERR_DOUBLE_FREE);
    check_allocatable(pool, COUNT);
    destroy(pool);
}

typedef struct handed_t {
    pool_t *pool;
    void *object;
    pool_status_t expected;
} handed_t;

static void free_handed(size_t index, void *shared) {
    handed_t *handed = shared;
    (void)index;
    CHECK_EQ(pool_free(handed->pool, handed->object), handed->expected);
}

TEST(double_free_after_other_thread_freed_is_refused) {
    pool_t *pool = bounded_pool(SIZE, CAPACITY);
    handed_t handed = {pool, pool_alloc(pool), POOL_OK};
    run_threads(1, free_handed, &handed); /* its magazines are back in the depot afterwards */
    CHECK_FREE_REFUSED(pool, handed.object, POOL_ERR_DOUBLE_FREE, misuse_double_free);
    handed = (handed_t){pool, pool_alloc(pool), POOL_ERR_DOUBLE_FREE};
    CHECK_EQ(pool_free(pool, handed.object), POOL_OK); /* it stays in this thread's magazine */
    run_threads(3, free_handed, &handed);
    CHECK_EQ(stats_of(pool).misuse_double_free, 4);
    check_allocatable(pool, CAPACITY);
    destroy(pool);
}

/* ---- double free, two threads at the same instant --------------------------------------- */

typedef struct race_t {
    pool_t *pool;
    void *object;             /* freed by both */
    pthread_barrier_t barrier;
    pool_status_t status[2];  /* what each free came to */
    void *got[2];             /* what each then allocated */
    bool allocate, write;     /* after the free; before it */
    uint64_t expected_misuse;
} race_t;

static void race_loop(size_t index, void *shared) {
    race_t *race = shared;
    for (int round = 0; round < ITERATIONS(RACES); round++) {
        pthread_barrier_wait(&race->barrier); /* main has set the object */
        race->status[index] = pool_free(race->pool, race->object);
        pthread_barrier_wait(&race->barrier);
        if (race->allocate) race->got[index] = pool_alloc(race->pool);
        pthread_barrier_wait(&race->barrier); /* main looks */
    }
}

/* At least one free took the object; one refused is counted at once. */
static void check_race_statuses(const race_t *race) {
    int ok = (race->status[0] == POOL_OK) + (race->status[1] == POOL_OK);
    int doubles = (race->status[0] == POOL_ERR_DOUBLE_FREE) + (race->status[1] == POOL_ERR_DOUBLE_FREE);
    CHECK(ok >= 1);
    CHECK_EQ(ok + doubles, 2);
}

/* The racers hold what they got; main takes the rest: every slot has one
 * owner, and with all rounds popped the double free has been counted. */
static void check_no_slot_has_two_owners(race_t *race) {
    void *objects[CAPACITY + 3];
    size_t n = 0;
    for (int i = 0; i < 2; i++)
        if (race->got[i]) objects[n++] = race->got[i];
    if (race->allocate) CHECK_EQ(n, 2);
    n += alloc_up_to(race->pool, objects + n, CAPACITY + 1);
    CHECK_EQ(n, CAPACITY);
    check_distinct(race->pool, objects, n);
    for (size_t i = 0; i < n; i++) write_token(objects[i], SIZE, i);
    for (size_t i = 0; i < n; i++) CHECK(has_token(objects[i], SIZE, i));
    CHECK_EQ(stats_of(race->pool).misuse_double_free, ++race->expected_misuse);
    CHECK_EQ(pool_free_batch(race->pool, objects, n), n);
    race->got[0] = race->got[1] = NULL;
}

static void run_race(bool allocate, bool write) {
    race_t race = {.pool = bounded_pool(SIZE, CAPACITY), .allocate = allocate, .write = write};
    pthread_barrier_init(&race.barrier, NULL, 3);
    worker_t *workers = start_threads(2, race_loop, &race);
    for (int round = 0; round < ITERATIONS(RACES); round++) {
        race.object = pool_alloc(race.pool);
        if (CHECK(race.object != NULL) && write) write_token(race.object, SIZE, check_seed + (uint64_t)round);
        for (int i = 0; i < 3; i++) pthread_barrier_wait(&race.barrier);
        check_race_statuses(&race);
        check_no_slot_has_two_owners(&race);
    }
    join_threads(workers, 2);
    CHECK_EQ(stats_of(race.pool).lost, 0);
    CHECK_EQ(stats_of(race.pool).misuse_overwritten, 0);
    check_allocatable(race.pool, CAPACITY);
    destroy(race.pool);
    pthread_barrier_destroy(&race.barrier);
}

TEST(double_free_by_two_threads_at_once_is_counted_when_popped) { run_race(false, false); }
TEST(double_free_by_two_threads_at_once_of_written_object) { run_race(false, true); }
TEST(double_free_by_two_threads_who_then_allocate_gives_distinct_objects) { run_race(true, true); }

/* ---- writing to a free object --------------------------------------------------------------- */

TEST(overwritten_free_object_is_set_aside) {
    pool_t *pool = bounded_pool(SIZE, CAPACITY);
    void *objects[CAPACITY], *bad = pool_alloc(pool);
    pool_report_t report = POOL_REPORT_INIT;
    CHECK_EQ(pool_free(pool, bad), POOL_OK);
    memset(bad, 0x5a, 8);
    CHECK_EQ(pool_check(pool, &report), POOL_ERR_CORRUPT);
    CHECK_EQ(report.overwritten, 1);
    CHECK(report.first_damaged == bad);
    CHECK_EQ(alloc_up_to(pool, objects, CAPACITY), CAPACITY - 1);
    for (size_t i = 0; i < CAPACITY - 1; i++) CHECK(objects[i] != bad);
    CHECK_EQ(stats_of(pool).misuse_overwritten, 1);
    CHECK_EQ(stats_of(pool).lost, 1);
    CHECK_EQ(report_of(pool).lost, 1); /* set aside, the pool is sound again */
    CHECK(pool_free(pool, bad) != POOL_OK);
    free_each(pool, objects, CAPACITY - 1);
    CHECK_EQ(pool_trim(pool), POOL_OK); /* does not bring it back */
    check_allocatable(pool, CAPACITY - 1);
    destroy(pool);
}

/* Also on its way through the depot, and for several objects. */
TEST(overwritten_objects_in_depot_are_set_aside) {
    enum { COUNT = 2000, BAD = 7 };
    pool_t *pool = bounded_pool(24, COUNT);
    void **objects = object_array(COUNT);
    CHECK_EQ(alloc_up_to(pool, objects, COUNT), COUNT);
    free_each(pool, objects, COUNT);
    for (size_t i = 0; i < BAD; i++) memset(objects[i * 251], 0, 8);
    CHECK_EQ(alloc_up_to(pool, objects, COUNT), COUNT - BAD);
    check_distinct(pool, objects, COUNT - BAD);
    CHECK_EQ(stats_of(pool).lost, BAD);
    CHECK_EQ(stats_of(pool).misuse_overwritten, BAD);
    free_each(pool, objects, COUNT - BAD);
    check_allocatable(pool, COUNT - BAD);
    destroy(pool);
    free(objects);
}

/* ---- release and batches ------------------------------------------------------------------------ */

TEST(release_of_misused_pointers_is_counted_or_ignored) {
    pool_t *pool = bounded_pool(SIZE, CAPACITY);
    char *object = pool_alloc(pool), stack[SIZE];
    pool_release(NULL);
    pool_release(stack);
    pool_release((void *)UINTPTR_MAX);
    CHECK_EQ(misuse_of(pool), 0); /* nobody's object */
    pool_release(object + 1);
    CHECK_EQ(stats_of(pool).misuse_interior, 1);
    CHECK_EQ(stats_of(pool).in_use, 1);
    pool_release(object);
    CHECK_EQ(stats_of(pool).in_use, 0);
    pool_release(object);
    CHECK_EQ(stats_of(pool).misuse_double_free, 1);
    CHECK_EQ(pool_free(pool, object), POOL_ERR_DOUBLE_FREE);
    CHECK_EQ(misuse_of(pool), 3);
    check_allocatable(pool, CAPACITY);
    destroy(pool);
}

TEST(free_batch_skips_misused_pointers) {
    pool_t *pool = bounded_pool(SIZE, CAPACITY), *other = bounded_pool(SIZE, CAPACITY);
    char stack[SIZE], *good[5];
    for (int i = 0; i < 5; i++) good[i] = pool_alloc(pool);
    void *foreign = pool_alloc(other);
    void *mixed[] = {NULL, good[0], stack, good[1], good[2] + 8, foreign, good[2], good[0], good[3], good[4], good[4]};
    CHECK_EQ(pool_free_batch(pool, mixed, 11), 5);
    pool_stats_t stats = stats_of(pool);
    CHECK_EQ(stats.misuse_null, 1);
    CHECK_EQ(stats.misuse_foreign, 1);
    CHECK_EQ(stats.misuse_interior, 1);
    CHECK_EQ(stats.misuse_wrong_pool, 1);
    CHECK_EQ(stats.misuse_double_free, 2);
    CHECK_EQ(stats.total_freed, 5);
    CHECK_EQ(stats.in_use, 0);
    CHECK_EQ(pool_free(other, foreign), POOL_OK);
    check_allocatable(pool, CAPACITY), check_allocatable(other, CAPACITY);
    destroy(pool), destroy(other);
}

/* ---- POOL_ABORT_ON_MISUSE ------------------------------------------------------------------------ */

typedef enum kind_t { KIND_NULL, KIND_FOREIGN, KIND_INTERIOR, KIND_WRONG_POOL, KIND_DOUBLE_FREE, KIND_RELEASE, KINDS } kind_t;

/* Any of these words names the kind. */
static const char *const kind_words[KINDS][3] = {
    {"null", "null", "null"},       {"foreign", "no object", "not an object"}, {"interior", "inside", "interior"},
    {"wrong", "another", "other"},  {"double", "free already", "already free"}, {"double", "free already", "already free"},
};

/* In the child: misuses a pool that aborts; tells the parent the address first. */
static void misuse_and_die(kind_t kind, int address_pipe) {
    pool_config_t config = config_of(SIZE, CAPACITY);
    config.name = "strict pool", config.flags = POOL_ABORT_ON_MISUSE;
    pool_t *pool = create(&config), *other = bounded_pool(SIZE, CAPACITY);
    char *object = pool_alloc(pool), *pointer = object;
    if (kind == KIND_NULL) pointer = NULL;
    if (kind == KIND_FOREIGN) pointer = static_memory;
    if (kind == KIND_INTERIOR) pointer = object + 8;
    if (kind == KIND_WRONG_POOL) pointer = pool_alloc(other);
    if (kind == KIND_DOUBLE_FREE || kind == KIND_RELEASE) CHECK_EQ(pool_free(pool, object), POOL_OK);
    if (write(address_pipe, &pointer, sizeof pointer) != sizeof pointer) _exit(2);
    if (kind == KIND_RELEASE) pool_release(pointer);
    else (void)pool_free(pool, pointer);
    _exit(0); /* it should not have come so far */
}

static void check_abort_line(kind_t kind, const char *line, size_t length, const void *pointer) {
    char address[32];
    snprintf(address, sizeof address, "%p", pointer);
    bool named = false;
    for (int i = 0; i < 3; i++) named = named || strcasestr(line, kind_words[kind][i]);
    bool good = length > 1 && strchr(line, '\n') == line + length - 1 && named && strstr(line, "strict pool");
    if (pointer) good = good && strstr(line, address);
    if (!CHECK(good)) printf("kind %d, object %s, got: \"%s\"\n", (int)kind, address, line);
}

static void check_dies(kind_t kind) {
    int error[2], address[2], status;
    char line[1024] = "";
    size_t length = 0;
    void *pointer = NULL;
    if (pipe(error) || pipe(address)) exit(1);
    pid_t child = fork();
    if (child == 0) {
        dup2(error[1], 2);
        close(error[0]), close(address[0]);
        misuse_and_die(kind, address[1]);
    }
    close(error[1]), close(address[1]);
    CHECK_EQ(read(address[0], &pointer, sizeof pointer), sizeof pointer);
    for (ssize_t n; (n = read(error[0], line + length, sizeof line - 1 - length)) > 0;) length += (size_t)n;
    close(error[0]), close(address[0]);
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    check_abort_line(kind, line, length, pointer);
}

TEST(misuse_of_aborting_pool_prints_a_line_and_aborts) {
    for (kind_t kind = KIND_NULL; kind < KINDS; kind++) check_dies(kind);
}

TEST(calls_on_destroyed_aborting_pool_return_destroyed) {
    pool_config_t config = config_of(64, 10);
    config.flags = POOL_ABORT_ON_MISUSE;
    pool_t *pool = create(&config);
    void *object = pool_alloc(pool);
    CHECK_EQ(pool_free(pool, object), POOL_OK);
    CHECK_EQ(pool_destroy(pool), POOL_OK);
    CHECK_EQ(pool_free(pool, object), POOL_ERR_DESTROYED);
    CHECK_EQ(pool_free_batch(pool, &object, 1), 0);
    CHECK_EQ(pool_free(pool, NULL), POOL_ERR_NULL);
}

int main(int argc, char **argv) {
    check_begin(argc, argv);
    RUN(misuse_of_aborting_pool_prints_a_line_and_aborts); /* forks: before there are threads */
    RUN(calls_on_destroyed_aborting_pool_return_destroyed);
    RUN(null_arguments_return_null_error);
    RUN(free_of_foreign_pointer_is_refused);
    RUN(free_of_wild_pointers_returns_foreign);
    RUN(free_of_slot_never_allocated_returns_foreign);
    RUN(free_of_interior_pointer_is_refused);
    RUN(free_into_wrong_pool_is_refused);
    RUN(free_of_object_of_destroyed_pool_returns_foreign);
    RUN(double_free_is_refused);
    RUN(double_free_of_any_freed_object_is_found);
    RUN(object_that_holds_the_mark_of_a_free_one_is_freed);
    RUN(double_free_after_other_thread_freed_is_refused);
    RUN(double_free_by_two_threads_at_once_is_counted_when_popped);
    RUN(double_free_by_two_threads_at_once_of_written_object);
    RUN(double_free_by_two_threads_who_then_allocate_gives_distinct_objects);
    RUN(overwritten_free_object_is_set_aside);
    RUN(overwritten_objects_in_depot_are_set_aside);
    RUN(release_of_misused_pointers_is_counted_or_ignored);
    RUN(free_batch_skips_misused_pointers);
    return check_end();
}
