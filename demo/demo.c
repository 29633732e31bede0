/*
 * demo.c - the C part of the demonstration
 *
 * Threads of C that use the same four pools as the Dart and Rust threads of the
 * process, through the generated header. Loaded by demo.dart and by the demo's
 * main program.
 */
#define _POSIX_C_SOURCE 200809L

#include <concurrent.g.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define DEMO_FAILED UINT64_MAX
enum { MOST_THREADS = 64, BURST = 64, TEXT = 24 };

/* What a thread does over and over. */
enum { POOL_PAIR, MALLOC_PAIR, MESSAGE_PAIR, MIXED_PAIR };

/* The compiler may not know that an object is not used. */
#define USE(object) __asm__ volatile("" : : "g"(object) : "memory")

static uint64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* ---- messages ---------------------------------------------------------------- */

/* A text of TEXT bytes that depends on the number. */
static const char *text_of(uint64_t number) {
    static const char letters[] = "the quick brown fox jumps over the lazy dog and sleeps in the sun";
    return letters + number % (sizeof letters - 1 - TEXT);
}

static bool is_text(const char *found, uint32_t length, uint64_t number) {
    return length == TEXT && memcmp(found, text_of(number), TEXT) == 0;
}

/* Allocates, writes, verifies and frees a message of one type. */
#define WRITTEN_PAIR(type, prefix, field, id_field)                                         \
    static bool prefix##_pair(uint64_t number) {                                            \
        type *message = prefix##_alloc();                                                   \
        if (message == NULL) {                                                              \
            return false;                                                                   \
        }                                                                                   \
        message->id_field = (uint32_t)number;                                               \
        bool whole = prefix##_set_##field(message, text_of(number), TEXT);            \
        USE(message);                                                                       \
        whole = whole && message->id_field == (uint32_t)number &&                           \
                is_text((const char *)message->field, message->field##_length, number);     \
        return prefix##_free(message) == POOL_OK && whole;                                  \
    }
WRITTEN_PAIR(SmallMessage, small_message, name, id)
WRITTEN_PAIR(MediumMessage, medium_message, description, id)
WRITTEN_PAIR(LargeMessage, large_message, payload, id)
WRITTEN_PAIR(StressTestMessage, stress_test_message, data, thread_id)

static bool pool_pair(pool_t *pool) {
    void *object = pool_alloc(pool);
    USE(object);
    return pool_free(pool, object) == POOL_OK;
}

static bool malloc_pair(void) {
    void *object = malloc(sizeof(SmallMessage));
    USE(object);
    bool got = object != NULL;
    free(object);
    return got;
}

static bool mixed_pair(uint64_t number) {
    switch (number % 4) {
    case 0: return small_message_pair(number);
    case 1: return medium_message_pair(number);
    case 2: return large_message_pair(number);
    default: return stress_test_message_pair(number);
    }
}

/* ---- threads ----------------------------------------------------------------- */

typedef struct run_t {
    /* Held while threads are started, so that they begin together. */
    pthread_mutex_t gate;
    int what;
    uint64_t until;
} run_t;

typedef struct worker_t {
    pthread_t thread;
    run_t *run;
    uint64_t number;
    uint64_t pairs;
    uint64_t nanoseconds;
    bool failed;
} worker_t;

/* One burst, with the choice of pair outside the loop. */
static bool burst(int what, pool_t *pool, uint64_t first) {
    bool good = true;
    uint64_t last = first + BURST;
    switch (what) {
    case POOL_PAIR: for (; first < last; first++) good &= pool_pair(pool); break;
    case MALLOC_PAIR: for (; first < last; first++) good &= malloc_pair(); break;
    case MESSAGE_PAIR: for (; first < last; first++) good &= small_message_pair(first); break;
    default: for (; first < last; first++) good &= mixed_pair(first); break;
    }
    return good;
}

static void *work(void *argument) {
    worker_t *me = argument;
    run_t *run = me->run;
    pool_t *pool = small_message_pool();
    uint64_t number = me->number << 32;
    pthread_mutex_lock(&run->gate);
    pthread_mutex_unlock(&run->gate);
    uint64_t began = now_ns();
    /* Once at least: on a busy machine a thread may begin when the time is over. */
    do {
        me->failed = !burst(run->what, pool, number + me->pairs);
        me->pairs += BURST;
    } while (!me->failed && now_ns() < run->until);
    me->nanoseconds = now_ns() - began;
    return NULL;
}

/* Runs threads for some time; the number that could be started. */
static uint32_t run_threads(worker_t *workers, run_t *run, uint32_t threads, uint32_t ms) {
    uint32_t started = 0;
    pthread_mutex_lock(&run->gate);
    for (; started < threads; started++) {
        workers[started] = (worker_t){.run = run, .number = started + 1};
        if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) != 0) {
            break;
        }
    }
    run->until = now_ns() + (uint64_t)ms * 1000000u;
    pthread_mutex_unlock(&run->gate);
    for (uint32_t i = 0; i < started; i++) {
        pthread_join(workers[i].thread, NULL);
    }
    return started;
}

/*
 * `threads` threads do pairs of one kind for `ms` milliseconds. Returns the
 * pairs they did and, in *picoseconds, what one took a thread on average;
 * DEMO_FAILED if a message was damaged or a call failed.
 */
uint64_t demo_pairs(uint32_t what, uint32_t threads, uint32_t ms, uint64_t *picoseconds);
uint64_t demo_pairs(uint32_t what, uint32_t threads, uint32_t ms, uint64_t *picoseconds) {
    static const pthread_mutex_t open_gate = PTHREAD_MUTEX_INITIALIZER;
    worker_t workers[MOST_THREADS];
    run_t run = {.gate = open_gate, .what = (int)what};
    uint64_t pairs = 0, nanoseconds = 0;
    bool failed = threads > MOST_THREADS || run_threads(workers, &run, threads, ms) < threads;
    for (uint32_t i = 0; i < threads && !failed; i++) {
        pairs += workers[i].pairs;
        nanoseconds += workers[i].nanoseconds;
        failed = workers[i].failed;
    }
    if (failed || pairs == 0) {
        return DEMO_FAILED;
    }
    *picoseconds = nanoseconds * 1000u / pairs;
    return pairs;
}

/* ---- objects that change hands -------------------------------------------------- */

/* Allocates `count` LargeMessages with the numbers from `first` on; how many. */
uint32_t demo_give(LargeMessage **messages, uint32_t count, uint32_t first);
uint32_t demo_give(LargeMessage **messages, uint32_t count, uint32_t first) {
    for (uint32_t i = 0; i < count; i++) {
        LargeMessage *message = large_message_alloc();
        if (message == NULL) {
            return i;
        }
        message->id = first + i;
        (void)large_message_set_title(message, "from C", 6);
        (void)large_message_set_payload(message, text_of(first + i), TEXT);
        SmallMessage *child = large_message_add_children(message);
        child->id = ~message->id;
        (void)large_message_add_keywords(message, "checked by Dart", 15);
        (void)large_message_add_timestamps(message, now_ns());
        messages[i] = message;
    }
    return count;
}

typedef struct taken_t {
    LargeMessage **messages;
    uint32_t count;
    uint32_t first;
    uint32_t good;
} taken_t;

static void *take_all(void *argument) {
    taken_t *taken = argument;
    for (uint32_t i = 0; i < taken->count; i++) {
        LargeMessage *message = taken->messages[i];
        bool good = message->id == taken->first + i && message->title_length == 9 &&
                    memcmp(message->title, "from Dart", 9) == 0 && message->children_count == 2 &&
                    message->children[1].id == message->id + 1 &&
                    is_text((const char *)message->payload, message->payload_length, message->id);
        taken->good += large_message_free(message) == POOL_OK && good;
    }
    return NULL;
}

/* Verifies what Dart wrote, and frees, in a thread that never used the pool;
 * how many were as they should be. */
uint32_t demo_take(LargeMessage **messages, uint32_t count, uint32_t first);
uint32_t demo_take(LargeMessage **messages, uint32_t count, uint32_t first) {
    taken_t taken = {.messages = messages, .count = count, .first = first};
    pthread_t thread;
    if (pthread_create(&thread, NULL, take_all, &taken) != 0) {
        return 0;
    }
    pthread_join(thread, NULL);
    return taken.good;
}

/* ---- the proof ------------------------------------------------------------------- */

/* What there is to know of a pool, for whoever prints it. */
typedef struct demo_report_t {
    uint64_t clean, capacity, grows, in_use, lost, allocated, slots, uncarved;
} demo_report_t;

/* Proves that one of the four pools is sound; false if there is no such pool. */
bool demo_report(uint32_t index, demo_report_t *out);
bool demo_report(uint32_t index, demo_report_t *out) {
    pool_t *(*const pools[])(void) = {small_message_pool, medium_message_pool,
                                      large_message_pool, stress_test_message_pool};
    pool_report_t report = POOL_REPORT_INIT;
    pool_stats_t stats = POOL_STATS_INIT;
    if (index >= 4) {
        return false;
    }
    pool_t *pool = pools[index]();
    pool_status_t status = pool_check(pool, &report);
    if (pool_get_stats(pool, &stats) != POOL_OK || (status != POOL_OK && status != POOL_ERR_CORRUPT)) {
        return false;
    }
    uint64_t found = report.live + report.in_magazines + report.in_depot + report.uncarved + report.lost;
    *out = (demo_report_t){.clean = status == POOL_OK && found == report.slots,
                           .capacity = stats.capacity, .grows = stats.grows,
                           .in_use = stats.in_use, .lost = stats.lost,
                           .allocated = stats.total_allocated, .slots = report.slots,
                           .uncarved = report.uncarved};
    return true;
}
