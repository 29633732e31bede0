/*
 * Any thread, any time: objects cross threads, threads come and go, and no slot
 * stays behind with one that is gone.
 */
#include "pool_test.h"

#include <sched.h>

enum { SIZE = 64 };

/* ---- queues between threads ---------------------------------------------------------- */

/* A bounded queue of objects; deliberately the plainest there is. */
typedef struct queue_t {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    void *objects[64];
    size_t count, head;
} queue_t;

static void queue_init(queue_t *queue) {
    memset(queue, 0, sizeof *queue);
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->changed, NULL);
}

static void queue_destroy(queue_t *queue) {
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->lock);
}

static void queue_push(queue_t *queue, void *object) {
    pthread_mutex_lock(&queue->lock);
    while (queue->count == 64) pthread_cond_wait(&queue->changed, &queue->lock);
    queue->objects[(queue->head + queue->count++) % 64] = object;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

static void *queue_pop(queue_t *queue) {
    pthread_mutex_lock(&queue->lock);
    while (queue->count == 0) pthread_cond_wait(&queue->changed, &queue->lock);
    void *object = queue->objects[queue->head];
    queue->head = (queue->head + 1) % 64, queue->count--;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
    return object;
}

/* ---- producers and consumers ----------------------------------------------------------- */

/* Every message names its producer and its number; the rest is a pattern made
 * of both, so that a message somebody else wrote into is seen. */
typedef struct message_t {
    uint64_t producer, number;
    unsigned char body[SIZE - 16];
} message_t;

typedef struct exchange_t {
    pool_t *pool;
    size_t producers, consumers;
    uint64_t messages;             /* of all producers together */
    queue_t queue;
    atomic_ullong received, sum;   /* sum of numbers: no message twice, none lost */
} exchange_t;

static void produce(exchange_t *exchange, uint64_t producer) {
    for (uint64_t number = producer; number < exchange->messages; number += exchange->producers) {
        message_t *message = pool_alloc(exchange->pool);
        while (!message) sched_yield(), message = pool_alloc(exchange->pool); /* the consumers are behind */
        message->producer = producer, message->number = number;
        memset(message->body, (int)((producer * 31 + number) & 0xff), sizeof message->body);
        queue_push(&exchange->queue, message);
    }
}

static void consume(exchange_t *exchange, size_t consumer) {
    unsigned char body[SIZE - 16];
    for (uint64_t n = consumer; n < exchange->messages; n += exchange->consumers) {
        message_t *message = queue_pop(&exchange->queue);
        memset(body, (int)((message->producer * 31 + message->number) & 0xff), sizeof body);
        CHECK_EQ(message->number % exchange->producers, message->producer);
        CHECK(memcmp(body, message->body, sizeof body) == 0);
        atomic_fetch_add(&exchange->received, 1);
        atomic_fetch_add(&exchange->sum, message->number);
        CHECK_EQ(pool_free(exchange->pool, message), POOL_OK);
    }
}

static void exchange_body(size_t index, void *shared) {
    exchange_t *exchange = shared;
    if (index < exchange->producers) produce(exchange, index);
    else consume(exchange, index - exchange->producers);
}

static void run_exchange(size_t producers, size_t consumers, size_t capacity) {
    exchange_t exchange = {.pool = bounded_pool(SIZE, capacity), .producers = producers, .consumers = consumers};
    exchange.messages = ITERATIONS(30000);
    queue_init(&exchange.queue);
    run_threads(producers + consumers, exchange_body, &exchange);
    queue_destroy(&exchange.queue);
    CHECK_EQ(exchange.received, exchange.messages);
    CHECK_EQ(exchange.sum, exchange.messages * (exchange.messages - 1) / 2);
    CHECK_EQ(stats_of(exchange.pool).total_freed, exchange.messages);
    CHECK_EQ(misuse_of(exchange.pool), 0);
    check_allocatable(exchange.pool, capacity);
    destroy(exchange.pool);
}

TEST(one_producer_one_consumer_messages_arrive_whole) { run_exchange(1, 1, 100); }
TEST(one_producer_many_consumers_messages_arrive_whole) { run_exchange(1, 6, 100); }
TEST(many_producers_one_consumer_messages_arrive_whole) { run_exchange(6, 1, 100); }
TEST(many_producers_many_consumers_messages_arrive_whole) { run_exchange(5, 5, 30); }

/* ---- freeing what others allocated -------------------------------------------------------- */

typedef struct objects_t {
    pool_t *pool;
    void **objects;
    size_t per_thread;
    bool release; /* by pool_release, not pool_free */
} objects_t;

static void free_share(size_t index, void *shared) {
    objects_t *part = shared;
    for (size_t i = index * part->per_thread; i < (index + 1) * part->per_thread; i++) {
        CHECK(has_token(part->objects[i], SIZE, i));
        if (part->release) pool_release(part->objects[i]);
        else CHECK_EQ(pool_free(part->pool, part->objects[i]), POOL_OK);
    }
}

static void alloc_share(size_t index, void *shared) {
    objects_t *part = shared;
    for (size_t i = index * part->per_thread; i < (index + 1) * part->per_thread; i++) {
        part->objects[i] = pool_alloc(part->pool);
        if (CHECK(part->objects[i] != NULL)) write_token(part->objects[i], SIZE, i);
    }
}

/* Threads that never allocated free it all; main then gets it all. */
static void check_crossing(size_t threads, bool release) {
    objects_t part = {bounded_pool(SIZE, threads * 50), object_array(threads * 50), 50, release};
    for (int round = 0; round < ITERATIONS(20); round++) {
        run_threads(threads, alloc_share, &part);
        CHECK_EQ(stats_of(part.pool).in_use, threads * 50);
        check_distinct(part.pool, part.objects, threads * 50);
        run_threads(threads, free_share, &part);
        CHECK_EQ(stats_of(part.pool).in_use, 0);
        check_allocatable(part.pool, threads * 50);
    }
    CHECK_EQ(misuse_of(part.pool), 0);
    destroy(part.pool);
    free(part.objects);
}

TEST(object_freed_by_another_thread_is_allocatable) { check_crossing(8, false); }
TEST(object_released_by_any_thread_is_allocatable) { check_crossing(8, true); }

/* ---- what a thread leaves behind ------------------------------------------------------------ */

static void alloc_and_free_some(size_t index, void *shared) {
    pool_t *pool = shared;
    void *objects[10];
    size_t n = alloc_up_to(pool, objects, 1 + index % 10);
    free_each(pool, objects, n);
}

TEST(thread_exit_returns_its_rounds) {
    pool_t *pool = bounded_pool(SIZE, 100);
    for (int round = 0; round < ITERATIONS(100); round++) {
        run_threads(8, alloc_and_free_some, pool);
        pool_report_t report = report_of(pool);
        CHECK_EQ(report.live, 0);
        if (round == 0) CHECK_EQ(report.in_magazines, 0); /* main has none yet */
        check_allocatable(pool, 100);
    }
    CHECK(stats_of(pool).caches <= 1);
    destroy(pool);
}

TEST(flush_returns_the_magazines_of_this_thread) {
    pool_t *pool = bounded_pool(SIZE, 100);
    void *objects[10];
    CHECK_EQ(alloc_up_to(pool, objects, 10), 10);
    free_each(pool, objects, 10);
    CHECK_EQ(pool_flush_thread(pool), POOL_OK);
    CHECK_EQ(report_of(pool).in_magazines, 0);
    CHECK_EQ(pool_flush_thread(pool), POOL_OK); /* nothing to flush is no error */
    check_allocatable(pool, 100);
    destroy(pool);
}

/* Resident pages of this process. */
static size_t resident_bytes(void) {
    size_t total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%zu %zu", &total, &resident) != 2) CHECK(!"/proc/self/statm");
    if (file) fclose(file);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

/* Threads one after another, a few at once: caches are of the living only, and
 * what is kept for the dead does not add up. */
TEST(thread_churn_keeps_caches_and_memory_bounded) {
    enum { AT_ONCE = 4 };
    pool_t *pool = bounded_pool(SIZE, 1000);
    for (int i = 0; i < 20; i++) run_threads(AT_ONCE, alloc_and_free_some, pool);
    size_t before = resident_bytes();
    for (int i = 0; i < ITERATIONS(2000) / AT_ONCE; i++) {
        run_threads(AT_ONCE, alloc_and_free_some, pool);
        if (i % 50 == 0) CHECK_EQ(stats_of(pool).caches, 0);
    }
    size_t grown = resident_bytes() - before;
    CHECK((ptrdiff_t)grown < 4 << 20); /* a leaked cache of 2 magazines each would show */
    CHECK_EQ(stats_of(pool).caches, 0);
    CHECK_EQ(report_of(pool).in_magazines, 0);
    check_allocatable(pool, 1000);
    destroy(pool);
}

/* ---- while a thread ends --------------------------------------------------------------------- */

static pthread_key_t key;
static pool_t *key_pool;
static atomic_int key_runs;

/* Runs while its thread ends; sets the key again, so that glibc calls it in
 * its later rounds too, after other thread-local storage is gone. */
static void use_pool_in_destructor(void *object) {
    CHECK(has_token(object, SIZE, (uintptr_t)object));
    CHECK_EQ(pool_free(key_pool, object), POOL_OK);
    CHECK_EQ(pool_free(key_pool, object), POOL_ERR_DOUBLE_FREE);
    void *next = pool_alloc(key_pool);
    CHECK(next != NULL);
    if (atomic_fetch_add(&key_runs, 1) % 3 == 2 || !next) {
        pool_release(next);
        return;
    }
    write_token(next, SIZE, (uintptr_t)next);
    pthread_setspecific(key, next);
}

static void leave_object_to_destructor(size_t index, void *shared) {
    void *object = pool_alloc(shared);
    (void)index;
    if (!CHECK(object != NULL)) return;
    write_token(object, SIZE, (uintptr_t)object);
    pthread_setspecific(key, object);
}

static void end_threads_with_objects(int count) {
    for (int i = 0; i < count; i++) {
        atomic_store(&key_runs, 0);
        run_threads(1, leave_object_to_destructor, key_pool);
        CHECK_EQ(key_runs, 3);
        CHECK_EQ(stats_of(key_pool).in_use, 0);
    }
}

TEST(pool_is_usable_in_key_destructors) {
    pthread_key_create(&key, use_pool_in_destructor);
    key_pool = bounded_pool(SIZE, 100);
    end_threads_with_objects(50);
    const size_t before = resident_bytes();
    end_threads_with_objects(ITERATIONS(2000));
#ifdef CHECK_SLOW
    (void)before; /* tools keep what is freed resident; they find leaks themselves */
#else
    CHECK((ptrdiff_t)(resident_bytes() - before) < 1 << 20); /* nothing stays behind with each */
#endif
    CHECK_EQ(stats_of(key_pool).caches, 0);
    check_allocatable(key_pool, 100);
    destroy(key_pool);
    pthread_key_delete(key);
}

static void free_last(void *object) { CHECK_EQ(pool_free(key_pool, object), POOL_OK); }

static void *end_with_object(void *object) {
    pthread_setspecific(key, object);
    return NULL;
}

/* The destructor's free is the thread's first call on the pool. */
TEST(first_call_of_a_thread_in_its_destructor_frees) {
    pthread_t thread;
    pthread_key_create(&key, free_last);
    key_pool = bounded_pool(SIZE, 100);
    for (int i = 0; i < ITERATIONS(200); i++) {
        if (!CHECK_EQ(thread_start(&thread, end_with_object, pool_alloc(key_pool)), 0)) break;
        pthread_join(thread, NULL);
    }
    CHECK_EQ(stats_of(key_pool).in_use, 0);
    CHECK(stats_of(key_pool).caches <= 1); /* main's */
    check_allocatable(key_pool, 100);
    destroy(key_pool);
    pthread_key_delete(key);
}

/* ---- pools come and go ------------------------------------------------------------------------- */

static void live_through_pools(size_t index, void *shared) {
    atomic_bool *stop = shared;
    pool_t *mine = bounded_pool(SIZE, 50);
    void *objects[51];
    uint64_t random = check_seed + index;
    while (!atomic_load(stop)) {
        size_t n = alloc_up_to(mine, objects, 1 + check_random(&random) % 50);
        for (size_t i = 0; i < n; i++) write_token(objects[i], SIZE, index << 32 | i);
        for (size_t i = 0; i < n; i++) CHECK(has_token(objects[i], SIZE, index << 32 | i));
        for (size_t i = 0; i < n; i++) CHECK(pool_of(objects[i]) == mine);
        free_each(mine, objects, n);
    }
    check_allocatable(mine, 50);
    destroy(mine);
}

TEST(pools_of_others_come_and_go_unnoticed) {
    atomic_bool stop = false;
    worker_t *workers = start_threads(4, live_through_pools, &stop);
    for (int i = 0; i < ITERATIONS(2000); i++) {
        pool_t *pool = bounded_pool(1 + (size_t)i % 200, 20);
        void *object = pool_alloc(pool);
        CHECK_EQ(pool_destroy(pool), POOL_ERR_BUSY);
        CHECK_EQ(pool_free(pool, object), POOL_OK);
        CHECK_EQ(pool_destroy(pool), POOL_OK);
    }
    atomic_store(&stop, true);
    join_threads(workers, 4);
}

static pool_status_t free_somehow(pool_t *pool, void *object, size_t index) {
    if (index % 2) return pool_free(pool, object);
    return pool_free_batch(pool, &object, 1) ? POOL_OK : POOL_ERR_DESTROYED;
}

/* A thread goes on with a pool until it hears that it is gone. It never
 * dereferences an object, since a forced end takes them away. */
static void use_until_destroyed(size_t index, void *shared) {
    pool_t *pool = shared;
    void *object = NULL;
    for (;;) {
        pool_status_t status = pool_try_alloc(pool, &object);
        if (status == POOL_ERR_EXHAUSTED) continue;
        if (status == POOL_OK) status = free_somehow(pool, object, index);
        if (status == POOL_OK) continue;
        CHECK_EQ(status, POOL_ERR_DESTROYED);
        CHECK(pool_alloc(pool) == NULL);
        return;
    }
}

/* Ends the pool between two of the others' calls; with all of them always
 * holding something that may never come, so that force follows. */
static void destroy_or_force(pool_t *pool) {
    pool_status_t status = POOL_ERR_BUSY;
    for (int i = 0; i < 2 && status == POOL_ERR_BUSY; i++) status = pool_destroy(pool);
    if (status == POOL_ERR_BUSY) status = pool_destroy_forced(pool, NULL);
    CHECK_EQ(status, POOL_OK);
}

TEST(destroy_racing_with_calls_gives_destroyed) {
    uint64_t random = check_seed;
    for (int round = 0; round < ITERATIONS(150); round++) {
        pool_t *pool = bounded_pool(SIZE, round % 2 ? 100 : 2);
        size_t live = 99;
        worker_t *workers = start_threads(2, use_until_destroyed, pool);
        usleep(check_random(&random) % 300);
        if (round % 3 == 0) CHECK(pool_destroy_forced(pool, &live) == POOL_OK && live <= 2);
        else destroy_or_force(pool);
        join_threads(workers, 2);
        CHECK_EQ(pool_destroy(pool), POOL_ERR_DESTROYED);
    }
}

/* Magazines of a destroyed pool that living threads still hold must not reach
 * the pool that gets its handle next. */
typedef struct heirs_t {
    pool_t *pool;
    pthread_barrier_t barrier;
} heirs_t;

static void use_each_generation(size_t index, void *shared) {
    heirs_t *heirs = shared;
    void *objects[6];
    for (int round = 0; round < ITERATIONS(500); round++) {
        pthread_barrier_wait(&heirs->barrier); /* main has made a pool */
        size_t n = alloc_up_to(heirs->pool, objects, 5);
        CHECK_EQ(n, 5);
        for (size_t i = 0; i < n; i++) write_token(objects[i], pool_object_size(heirs->pool), index);
        for (size_t i = 0; i < n; i++) CHECK(has_token(objects[i], pool_object_size(heirs->pool), index));
        free_each(heirs->pool, objects, n);
        pthread_barrier_wait(&heirs->barrier); /* main destroys it */
    }
}

TEST(handle_made_anew_inherits_nothing) {
    heirs_t heirs;
    pthread_barrier_init(&heirs.barrier, NULL, 5);
    worker_t *workers = start_threads(4, use_each_generation, &heirs);
    for (int round = 0; round < ITERATIONS(500); round++) {
        size_t capacity = 20 + (size_t)round % 7;
        heirs.pool = bounded_pool(8 + 8 * ((size_t)round % 5), capacity);
        pthread_barrier_wait(&heirs.barrier);
        pthread_barrier_wait(&heirs.barrier);
        CHECK_EQ(stats_of(heirs.pool).total_allocated, 20);
        check_allocatable(heirs.pool, capacity);
        destroy(heirs.pool);
    }
    join_threads(workers, 4);
    pthread_barrier_destroy(&heirs.barrier);
}

int main(int argc, char **argv) {
    check_begin(argc, argv);
    RUN(one_producer_one_consumer_messages_arrive_whole);
    RUN(one_producer_many_consumers_messages_arrive_whole);
    RUN(many_producers_one_consumer_messages_arrive_whole);
    RUN(many_producers_many_consumers_messages_arrive_whole);
    RUN(object_freed_by_another_thread_is_allocatable);
    RUN(object_released_by_any_thread_is_allocatable);
    RUN(thread_exit_returns_its_rounds);
    RUN(flush_returns_the_magazines_of_this_thread);
    RUN(thread_churn_keeps_caches_and_memory_bounded);
    RUN(pool_is_usable_in_key_destructors);
    RUN(first_call_of_a_thread_in_its_destructor_frees);
    RUN(pools_of_others_come_and_go_unnoticed);
    RUN(destroy_racing_with_calls_gives_destroyed);
    RUN(handle_made_anew_inherits_nothing);
    return check_end();
}
