/*
 * test_inbox_races.c - tokens and inboxes under way: each object is somebody's once, or its
 * pool's, whoever takes, discards, closes, frees, forks or ends the pool at the same time.
 */
#include "inbox_test.h"

#include <sys/wait.h>

/* ---- threads ------------------------------------------------------------------------------------- */

enum { THREADS = 4, OBJECTS = 3, TURNS = 400000, BOXES = 2, SHELF = 8 };

/* Each object's owner, as the threads see it: 0 is nobody. */
typedef struct race_t {
    pool_t *pool;
    char *first;
    size_t stride;
    atomic_int owners[OBJECTS];
    _Atomic pool_token_t shelf[SHELF]; /* tokens that anybody may use */
    _Atomic pool_inbox_t boxes[BOXES];
    atomic_int taken, told, closed;
} race_t;

static atomic_int *owner_of(race_t *race, void *object) {
    size_t offset = (size_t)((char *)object - race->first);
    CHECK(offset % race->stride == 0 && offset / race->stride < OBJECTS);
    return &race->owners[offset / race->stride % OBJECTS];
}

static void own(race_t *race, void *object, int me) {
    int nobody = 0;
    CHECK(atomic_compare_exchange_strong(owner_of(race, object), &nobody, me + 1));
    write_token(object, SIZE, (uint64_t)me);
}

static void disown(race_t *race, void *object, int me) {
    int mine = me + 1;
    CHECK(has_token(object, SIZE, (uint64_t)me));
    CHECK(atomic_compare_exchange_strong(owner_of(race, object), &mine, 0));
}

static bool note_race(void *context, pool_token_t token) {
    race_t *race = context;
    int told = atomic_fetch_add(&race->told, 1);
    CHECK(token != 0);
    return told % 7 != 0;
}

static void put_on_shelf(race_t *race, uint64_t *random, pool_token_t token) {
    atomic_store(&race->shelf[check_random(random) % SHELF], token);
}

static void free_or_give(race_t *race, uint64_t *random, void *object, int me) {
    pool_token_t token;
    disown(race, object, me);
    if (check_random(random) % 2) {
        pool_inbox_t box = atomic_load(&race->boxes[check_random(random) % BOXES]);
        pool_status_t status = pool_give(race->pool, object, box, &token);
        CHECK(status == POOL_OK || status == POOL_ERR_NOT_FOUND);
        if (status == POOL_OK) {
            put_on_shelf(race, random, token);
            return;
        }
    }
    CHECK_EQ(pool_free(race->pool, object), POOL_OK);
}

static void close_one(race_t *race, uint64_t *random) {
    _Atomic pool_inbox_t *place = &race->boxes[check_random(random) % BOXES];
    pool_inbox_t box, fresh;
    CHECK_EQ(pool_inbox_create(note_race, race, &fresh), POOL_OK);
    box = atomic_exchange(place, fresh);
    CHECK_EQ(pool_inbox_close(box), POOL_OK);
    atomic_fetch_add(&race->closed, 1);
}

static void race_on(size_t index, void *shared) {
    race_t *race = shared;
    uint64_t random = check_seed + index;
    int me = (int)index;
    for (int turn = 0; turn < ITERATIONS(TURNS); turn++) {
        void *object = NULL;
        pool_token_t token = atomic_load(&race->shelf[check_random(&random) % SHELF]);
        pool_status_t status;
        switch (check_random(&random) % 8) {
        case 0:
            if (turn % 4 == 0) close_one(race, &random);
            break;
        case 1:
            status = pool_discard(token);
            CHECK(status == POOL_OK || status == POOL_ERR_NOT_FOUND);
            break;
        case 2:
        case 3:
        case 4:
            status = pool_take(token, &object, NULL);
            CHECK(status == POOL_OK || status == POOL_PENDING || status == POOL_ERR_NOT_FOUND);
            if (status != POOL_OK) break;
            atomic_fetch_add(&race->taken, 1);
            own(race, object, me);
            free_or_give(race, &random, object, me);
            break;
        default:
            status = pool_alloc_inbox(race->pool, &object, 0, atomic_load(&race->boxes[turn % BOXES]), &token);
            CHECK(status == POOL_OK || status == POOL_PENDING || status == POOL_ERR_NOT_FOUND);
            if (status == POOL_PENDING) put_on_shelf(race, &random, token);
            if (status != POOL_OK) break;
            own(race, object, me);
            free_or_give(race, &random, object, me);
        }
    }
}

TEST(every_object_has_one_owner_while_all_race) {
    race_t race = {.pool = bounded_pool(SIZE, OBJECTS)};
    void *objects[OBJECTS];
    race.stride = stats_of(race.pool).slot_size;
    CHECK_EQ(alloc_up_to(race.pool, objects, OBJECTS), OBJECTS);
    race.first = objects[0];
    for (int i = 1; i < OBJECTS; i++)
        if ((char *)objects[i] < race.first) race.first = objects[i];
    free_each(race.pool, objects, OBJECTS);
    for (int i = 0; i < BOXES; i++) {
        pool_inbox_t box = 0;
        CHECK_EQ(pool_inbox_create(note_race, &race, &box), POOL_OK);
        atomic_store(&race.boxes[i], box);
    }
    run_threads(THREADS, race_on, &race);
    for (int i = 0; i < BOXES; i++) CHECK_EQ(pool_inbox_close(atomic_load(&race.boxes[i])), POOL_OK);
    printf("  taken %d, told %d, closed %d\n", race.taken, race.told, race.closed);
    CHECK(race.taken > 0 && race.told > 0);
    CHECK_EQ(stats_of(race.pool).waiting, 0);
    CHECK_EQ(misuse_of(race.pool), 0);
    for (int i = 0; i < SHELF; i++) check_void(atomic_load(&race.shelf[i])); /* closed with an inbox */
    check_allocatable(race.pool, OBJECTS);
    destroy(race.pool);
}

/* A context that is gone as soon as its inbox is closed. */
typedef struct brief_t {
    atomic_bool closed;
    pool_t *pool;
    pool_inbox_t inbox;
} brief_t;

static bool note_brief(void *context, pool_token_t token) {
    brief_t *brief = context;
    (void)token;
    CHECK(!atomic_load(&brief->closed));
    usleep(200); /* time for a close that does not wait */
    CHECK(!atomic_load(&brief->closed));
    return true;
}

static void close_brief(size_t index, void *shared) {
    brief_t *brief = shared;
    (void)index;
    usleep(50);
    CHECK_EQ(pool_inbox_close(brief->inbox), POOL_OK);
    atomic_store(&brief->closed, true);
}

TEST(close_waits_for_a_call_under_way) {
    pool_t *pool = bounded_pool(SIZE, 1);
    for (int i = 0; i < ITERATIONS(300); i++) {
        brief_t brief = {.pool = pool};
        void *only = pool_alloc(pool);
        CHECK_EQ(pool_inbox_create(note_brief, &brief, &brief.inbox), POOL_OK);
        ask(pool, brief.inbox);
        worker_t *closer = start_threads(1, close_brief, &brief);
        CHECK_EQ(pool_free(pool, only), POOL_OK);
        join_threads(closer, 1);
        CHECK_EQ(stats_of(pool).in_use, 0);
    }
    check_allocatable(pool, 1);
    destroy(pool);
}

/* Takes and gives while the main thread ends the pool. */
static void give_to_the_end(size_t index, void *shared) {
    pool_t *pool = shared;
    pool_token_t token;
    pool_inbox_t inbox;
    void *object;
    (void)index;
    CHECK_EQ(pool_inbox_create(NULL, NULL, &inbox), POOL_OK);
    for (;;) {
        pool_status_t status = pool_alloc_inbox(pool, &object, 0, inbox, &token);
        if (status == POOL_OK) status = pool_give(pool, object, inbox, &token);
        if (status == POOL_OK || status == POOL_PENDING) {
            status = pool_take(token, &object, NULL);
            if (status == POOL_OK) status = pool_free(pool, object);
            else if (status == POOL_PENDING) CHECK_EQ(pool_discard(token), POOL_OK);
        }
        if (status == POOL_ERR_DESTROYED) break;
        CHECK(status == POOL_OK || status == POOL_PENDING);
    }
    CHECK_EQ(pool_inbox_close(inbox), POOL_OK);
}

TEST(pool_ends_while_tokens_are_on_their_way) {
    for (int i = 0; i < ITERATIONS(100); i++) {
        pool_t *pool = bounded_pool(SIZE, 2);
        worker_t *workers = start_threads(THREADS, give_to_the_end, pool);
        usleep(300);
        CHECK_EQ(pool_destroy_forced(pool, NULL), POOL_OK);
        join_threads(workers, THREADS);
    }
}

/* ---- Dart and forks ----------------------------------------------------------------------------- */

typedef struct dart_message_t {
    int32_t kind;
    union {
        int64_t number;
        void *room[5];
    } value;
} dart_message_t;

static int64_t port_told;
static pool_token_t number_told;

static bool post_c_object(int64_t port, void *message) {
    dart_message_t *sent = message;
    CHECK_EQ(sent->kind, 3);
    port_told = port, number_told = (pool_token_t)sent->value.number;
    memset(message, 0, sizeof *sent); /* it may write to all of it */
    return true;
}

TEST(inbox_of_an_isolate_posts_an_int) {
    pool_t *pool = bounded_pool(SIZE, 1);
    pool_inbox_t inbox = 0;
    CHECK_EQ(pool_inbox_create_dart(post_c_object, INT64_MIN + 5, &inbox), POOL_OK);
    void *only = pool_alloc(pool);
    pool_token_t token = ask(pool, inbox);
    CHECK_EQ(pool_free(pool, only), POOL_OK);
    CHECK_EQ(port_told, INT64_MIN + 5);
    CHECK_EQ(number_told, token);
    CHECK_EQ(pool_free(pool, take(pool, token)), POOL_OK);
    CHECK_EQ(pool_inbox_close(inbox), POOL_OK);
    destroy(pool);
}

static pthread_barrier_t inside, outside;
static worker_t *telling; /* seen by leak checkers in the child, too */

static bool stay_inside(void *context, pool_token_t token) {
    (void)context, (void)token;
    pthread_barrier_wait(&inside);
    pthread_barrier_wait(&outside);
    return true;
}

static void free_and_tell(size_t index, void *shared) {
    void **object = shared;
    (void)index;
    CHECK_EQ(pool_free(pool_of(*object), *object), POOL_OK);
}

TEST(child_does_not_wait_for_calls_of_threads_it_has_not) {
    pool_t *pool = bounded_pool(SIZE, 1);
    void *object = pool_alloc(pool);
    pool_inbox_t inbox = 0;
    int status = -1;
    pthread_barrier_init(&inside, NULL, 2), pthread_barrier_init(&outside, NULL, 2);
    CHECK_EQ(pool_inbox_create(stay_inside, NULL, &inbox), POOL_OK);
    pool_token_t token = ask(pool, inbox);
    telling = start_threads(1, free_and_tell, &object);
    pthread_barrier_wait(&inside);
    pid_t child = fork();
    if (child == 0) {
        alarm(10);
        bool good = pool_inbox_close(inbox) == POOL_OK && stats_of(pool).in_use == 0;
        _exit(!good || pool_destroy(pool) != POOL_OK);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK_EQ(status, 0);
    pthread_barrier_wait(&outside);
    join_threads(telling, 1);
    CHECK(take(pool, token) == object);
    CHECK_EQ(pool_free(pool, object), POOL_OK);
    CHECK_EQ(pool_inbox_close(inbox), POOL_OK);
    destroy(pool);
}

static void churn_tokens(size_t index, void *shared) {
    pool_t *pool = shared;
    told_t told = {0};
    (void)index;
    for (;;) {
        pool_inbox_t inbox;
        pool_token_t token;
        void *object;
        if (pool_inbox_create(note, &told, &inbox) != POOL_OK) break;
        pool_status_t status = pool_alloc_inbox(pool, &object, 0, inbox, &token);
        if (status == POOL_OK) (void)!pool_give(pool, object, inbox, &token);
        pool_inbox_close(inbox);
        if (status == POOL_ERR_DESTROYED) break;
    }
}

TEST(child_of_a_fork_has_the_tokens) {
    pool_t *mine = bounded_pool(SIZE, 2), *busy = bounded_pool(SIZE, 1);
    told_t told;
    pool_inbox_t inbox = inbox_of(&told);
    void *object = pool_alloc(mine), *other = pool_alloc(mine);
    pool_token_t given = give(mine, object, inbox), queued = ask(mine, inbox);
    (void)other;
    for (int i = 0; i < ITERATIONS(40); i++) {
        size_t live;
        pool_t *pool = i % 2 ? busy : mine;
        worker_t *workers = i == 0 ? NULL : start_threads(2, churn_tokens, pool = bounded_pool(SIZE, 1));
        usleep(200);
        pid_t child = fork();
        if (child == 0) {
            alarm(20);
            void *taken = NULL;
            bool good = pool_take(given, &taken, NULL) == POOL_OK && taken == object;
            good = good && pool_free(mine, taken) == POOL_OK && told.calls == 1 && told.tokens[0] == queued;
            good = good && pool_inbox_close(inbox) == POOL_OK && pool_free(mine, other) == POOL_OK;
            _exit(!good || pool_destroy(mine) != POOL_OK);
        }
        int status = -1;
        CHECK(child > 0 && waitpid(child, &status, 0) == child);
        CHECK_EQ(status, 0);
        if (workers) CHECK_EQ(pool_destroy_forced(pool, &live), POOL_OK), join_threads(workers, 2);
    }
    CHECK_EQ(told.calls, 0);
    CHECK_EQ(pool_inbox_close(inbox), POOL_OK);
    CHECK_EQ(pool_free(mine, other), POOL_OK);
    destroy(mine), destroy(busy);
}

static atomic_bool post_begun, post_may_end;
static pool_inbox_t closing_inbox;

static bool post_slowly(void *context, pool_token_t token) {
    (void)context, (void)token;
    atomic_store(&post_begun, true);
    while (!atomic_load(&post_may_end)) usleep(100);
    return true;
}

static void free_and_close(size_t index, void *shared) {
    void **pool_and_object = shared;
    if (index == 0) CHECK_EQ(pool_free(pool_and_object[0], pool_and_object[1]), POOL_OK);
    while (!atomic_load(&post_begun)) usleep(100);
    if (index == 1) CHECK_EQ(pool_inbox_close(closing_inbox), POOL_OK);
}

TEST(child_closes_an_inbox_that_its_parent_was_closing) {
    pool_t *pool = bounded_pool(SIZE, 2);
    CHECK_EQ(pool_inbox_create(post_slowly, NULL, &closing_inbox), POOL_OK);
    void *shared[2] = {pool, pool_alloc(pool)}, *object = pool_alloc(pool);
    (void)give(pool, object, closing_inbox), (void)ask(pool, closing_inbox);
    worker_t *workers = start_threads(2, free_and_close, shared);
    while (!atomic_load(&post_begun)) usleep(100);
    usleep(20000); /* so that the other thread is in its close, most likely */
    pid_t child = fork();
    if (child == 0) {
        alarm(20);
        bool good = pool_inbox_close(closing_inbox) == POOL_OK;
        _exit(!good || pool_destroy(pool) != POOL_OK);
    }
    int status = -1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK_EQ(status, 0);
    atomic_store(&post_may_end, true);
    join_threads(workers, 2);
    destroy(pool);
}

static atomic_int closed_by;

static void free_or_close(size_t index, void *shared) {
    void **pool_and_object = shared;
    if (index == 0) {
        CHECK_EQ(pool_free(pool_and_object[0], pool_and_object[1]), POOL_OK);
        return;
    }
    while (!atomic_load(&post_begun)) usleep(100);
    pool_status_t status = pool_inbox_close(closing_inbox);
    CHECK(status == POOL_OK || status == POOL_ERR_NOT_FOUND);
    /* Nobody's close has returned before the call's end. */
    CHECK(atomic_load(&post_may_end));
    if (status == POOL_OK) atomic_fetch_add(&closed_by, 1);
}

TEST(second_close_waits_for_a_call_under_way) {
    pool_t *pool = bounded_pool(SIZE, 1);
    atomic_store(&post_begun, false), atomic_store(&post_may_end, false);
    CHECK_EQ(pool_inbox_create(post_slowly, NULL, &closing_inbox), POOL_OK);
    void *shared[2] = {pool, pool_alloc(pool)};
    (void)ask(pool, closing_inbox);
    worker_t *workers = start_threads(4, free_or_close, shared);
    while (!atomic_load(&post_begun)) usleep(100);
    usleep(20000); /* so that all are in their close, most likely */
    atomic_store(&post_may_end, true);
    join_threads(workers, 4);
    CHECK_EQ(atomic_load(&closed_by), 1);
    destroy(pool);
}

static void close_and_free(void *context, pool_status_t status, void *object) {
    CHECK_EQ(status, POOL_OK);
    CHECK_EQ(pool_inbox_close(closing_inbox), POOL_ERR_NOT_FOUND);
    CHECK_EQ(pool_free(context, object), POOL_OK);
    atomic_fetch_add(&closed_by, 1);
}

TEST(inbox_is_closed_by_what_its_close_sets_free) {
    pool_t *pool = bounded_pool(SIZE, 1);
    void *object = NULL;
    atomic_store(&closed_by, 0);
    CHECK_EQ(pool_inbox_create(post_slowly, NULL, &closing_inbox), POOL_OK);
    (void)give(pool, pool_alloc(pool), closing_inbox);
    CHECK_EQ(pool_alloc_async(pool, &object, 0, close_and_free, pool, NULL), POOL_PENDING);
    CHECK_EQ(pool_inbox_close(closing_inbox), POOL_OK);
    CHECK_EQ(atomic_load(&closed_by), 1);
    CHECK_EQ(stats_of(pool).in_use, 0);
    destroy(pool);
}

int main(int argc, char **argv) {
    check_begin(argc, argv);
    RUN(every_object_has_one_owner_while_all_race);
    RUN(close_waits_for_a_call_under_way);
    RUN(pool_ends_while_tokens_are_on_their_way);
    RUN(inbox_of_an_isolate_posts_an_int);
    RUN(child_does_not_wait_for_calls_of_threads_it_has_not);
    RUN(child_of_a_fork_has_the_tokens);
    RUN(child_closes_an_inbox_that_its_parent_was_closing);
    RUN(second_close_waits_for_a_call_under_way);
    RUN(inbox_is_closed_by_what_its_close_sets_free);
    return check_end();
}
