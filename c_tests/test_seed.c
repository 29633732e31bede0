/*
 * The concurrent test programme on the typed pools that the schema generates:
 * messages of four kinds, allocated, written, verified and freed by 4 to 2000
 * threads. Every message is made from a token that only its owner knows, all
 * its fields included, so that a slot with two owners shows.
 */
#include "pool_test.h"

#include <concurrent.g.h>

enum { STRESS_MS = 300 };

/* ---- the four kinds of messages ------------------------------------------------------- */

/* Text of `length` letters made from the token. */
static const char *letters(char *buffer, uint64_t token, size_t length) {
    for (size_t i = 0; i < length; i++) buffer[i] = (char)('a' + (token + i) % 26);
    return buffer;
}

static bool is_letters(const void *text, size_t actual, uint64_t token, size_t length) {
    char expected[1024];
    return actual == length && memcmp(text, letters(expected, token, length), length) == 0;
}

static void write_small(SmallMessage *message, uint64_t token) {
    char text[32];
    message->id = (uint32_t)token;
    CHECK(small_message_set_name(message, letters(text, token, 1 + token % 32), 1 + token % 32));
}

static bool is_small(const SmallMessage *message, uint64_t token) {
    return message->id == (uint32_t)token && is_letters(message->name, message->name_length, token, 1 + token % 32);
}

static void *make_small(uint64_t token) {
    SmallMessage *message = small_message_alloc();
    if (message) write_small(message, token);
    return message;
}
static bool check_small(const void *message, uint64_t token) { return is_small(message, token); }
static pool_status_t free_small(void *message) { return small_message_free(message); }

static void *make_medium(uint64_t token) {
    MediumMessage *message = medium_message_alloc();
    char text[256];
    if (!message) return NULL;
    message->id = (uint32_t)token;
    CHECK(medium_message_set_title(message, letters(text, token, 64), 64));
    CHECK(medium_message_set_description(message, letters(text, token + 1, 256), 256));
    for (uint64_t i = 0; i < 8; i++) CHECK(medium_message_add_tags(message, letters(text, token + i, 16), 16));
    CHECK(!medium_message_add_tags(message, text, 1)); /* eight are there */
    return message;
}

static bool check_medium(const void *object, uint64_t token) {
    const MediumMessage *message = object;
    bool good = message->id == (uint32_t)token && message->tags_count == 8;
    good = good && is_letters(message->title, message->title_length, token, 64);
    good = good && is_letters(message->description, message->description_length, token + 1, 256);
    for (uint64_t i = 0; i < 8; i++) good = good && is_letters(message->tags[i], message->tags_lengths[i], token + i, 16);
    return good;
}
static pool_status_t free_medium(void *message) { return medium_message_free(message); }

static void *make_large(uint64_t token) {
    LargeMessage *message = large_message_alloc();
    char text[1024];
    if (!message) return NULL;
    message->id = (uint32_t)token;
    CHECK(large_message_set_title(message, letters(text, token, 64), 64));
    CHECK(large_message_set_description(message, letters(text, token + 1, 512), 512));
    CHECK(large_message_set_payload(message, letters(text, token + 2, 1024), 1024));
    for (uint64_t i = 0; i < 8; i++) write_small(large_message_add_children(message), token + i);
    CHECK(large_message_add_children(message) == NULL);
    for (uint64_t i = 0; i < 16; i++) CHECK(large_message_add_keywords(message, letters(text, token + i, 24), 24));
    for (uint64_t i = 0; i < 32; i++) CHECK(large_message_add_timestamps(message, token + i));
    return message;
}

static bool check_large(const void *object, uint64_t token) {
    const LargeMessage *message = object;
    bool good = message->id == (uint32_t)token && message->children_count == 8 && message->keywords_count == 16;
    good = good && message->timestamps_count == 32;
    good = good && is_letters(message->title, message->title_length, token, 64);
    good = good && is_letters(message->description, message->description_length, token + 1, 512);
    good = good && is_letters(message->payload, message->payload_length, token + 2, 1024);
    for (uint64_t i = 0; i < 8; i++) good = good && is_small(&message->children[i], token + i);
    for (uint64_t i = 0; i < 16; i++) good = good && is_letters(message->keywords[i], message->keywords_lengths[i], token + i, 24);
    for (uint64_t i = 0; i < 32; i++) good = good && message->timestamps[i] == token + i;
    return good;
}
static pool_status_t free_large(void *message) { return large_message_free(message); }

static void *make_stress(uint64_t token) {
    StressTestMessage *message = stress_test_message_alloc();
    char data[128];
    if (!message) return NULL;
    message->thread_id = (uint32_t)(token >> 32), message->sequence = token, message->timestamp = ~token;
    CHECK(stress_test_message_set_data(message, letters(data, token, token % 129), token % 129));
    return message;
}

static bool check_stress(const void *object, uint64_t token) {
    const StressTestMessage *message = object;
    return message->thread_id == (uint32_t)(token >> 32) && message->sequence == token && message->timestamp == ~token &&
           is_letters(message->data, message->data_length, token, token % 129);
}
static pool_status_t free_stress(void *message) { return stress_test_message_free(message); }

typedef struct kind_t {
    pool_t *(*pool)(void);
    void *(*make)(uint64_t token);
    bool (*check)(const void *message, uint64_t token);
    pool_status_t (*free)(void *message);
    uint64_t capacity, limit;
} kind_t;

enum { SMALL, MEDIUM, LARGE, STRESS, KINDS };

static const kind_t kinds[KINDS] = {
    {small_message_pool, make_small, check_small, free_small, 100, 100000},
    {medium_message_pool, make_medium, check_medium, free_medium, 1000, 100000},
    {large_message_pool, make_large, check_large, free_large, 10000, 100000},
    {stress_test_message_pool, make_stress, check_stress, free_stress, 5000, 100000},
};

/* ---- before and after --------------------------------------------------------------------- */

typedef struct figures_t {
    pool_stats_t stats[KINDS];
} figures_t;

static figures_t figures_now(void) {
    figures_t figures;
    for (int i = 0; i < KINDS; i++) figures.stats[i] = stats_of(kinds[i].pool());
    return figures;
}

/* All pools are sound, nothing is live that was not, nothing was lost, refused
 * or misused; `pairs` objects were allocated and freed, if that is known. */
static void check_settled(const figures_t *before, uint64_t pairs) {
    uint64_t allocated = 0;
    for (int i = 0; i < KINDS; i++) {
        pool_stats_t after = stats_of(kinds[i].pool());
        CHECK_EQ(report_of(kinds[i].pool()).live, before->stats[i].in_use);
        CHECK_EQ(after.in_use, before->stats[i].in_use);
        CHECK_EQ(after.failed_allocs, before->stats[i].failed_allocs);
        CHECK_EQ(after.lost, 0);
        CHECK_EQ(misuse_of(kinds[i].pool()), 0);
        allocated += after.total_allocated - before->stats[i].total_allocated;
    }
    if (pairs) CHECK_EQ(allocated, pairs);
}

/* ---- threads that allocate, write, verify and free ----------------------------------------- */

typedef struct workload_t {
    int first_kind, kinds; /* which kinds, in turn */
    int operations;        /* per thread */
} workload_t;

static void work(size_t index, void *shared) {
    const workload_t *workload = shared;
    for (int i = 0; i < workload->operations; i++) {
        const kind_t *kind = &kinds[workload->first_kind + i % workload->kinds];
        uint64_t token = (uint64_t)index << 32 | (uint32_t)i;
        void *message = kind->make(token);
        if (!CHECK(message != NULL)) continue;
        CHECK(kind->check(message, token));
        CHECK_EQ(kind->free(message), POOL_OK);
    }
}

static void run_workload(size_t threads, int first_kind, int kind_count, int operations) {
    workload_t workload = {first_kind, kind_count, operations};
    figures_t before = figures_now();
    run_threads(threads, work, &workload);
    check_settled(&before, threads * (uint64_t)operations);
}

TEST(pools_have_the_sizes_of_the_schema) {
    for (int i = 0; i < KINDS; i++) {
        pool_stats_t stats = stats_of(kinds[i].pool());
        CHECK_EQ(stats.capacity, kinds[i].capacity);
        CHECK_EQ(stats.limit, kinds[i].limit);
    }
    CHECK_EQ(stats_of(kinds[SMALL].pool()).object_size, sizeof(SmallMessage));
    CHECK_EQ(stats_of(kinds[LARGE].pool()).object_size, sizeof(LargeMessage));
}

TEST(four_threads_use_small_messages) { run_workload(4, SMALL, 1, 100); }
TEST(four_threads_use_medium_messages) { run_workload(4, MEDIUM, 1, 100); }
TEST(four_threads_use_large_messages) { run_workload(4, LARGE, 1, 50); }
TEST(eight_threads_mix_all_messages) { run_workload(8, SMALL, KINDS, 500); }

/* ---- stress: bursts for some time -------------------------------------------------------------- */

enum { BURST = 32 };

static void burst(const kind_t *kind, uint64_t token, uint64_t *random) {
    void *messages[BURST];
    size_t count = 1 + check_random(random) % BURST;
    for (size_t i = 0; i < count; i++) CHECK((messages[i] = kind->make(token + i)) != NULL);
    for (size_t i = 0; i < count; i++) CHECK(messages[i] && kind->check(messages[i], token + i));
    for (size_t i = 0; i < count; i++) CHECK_EQ(kind->free(messages[i]), POOL_OK);
}

static void stress(size_t index, void *shared) {
    const atomic_bool *stop = shared;
    uint64_t random = check_seed + index;
    for (uint64_t round = 0; !atomic_load(stop); round++)
        burst(&kinds[STRESS], (uint64_t)index << 32 | (uint32_t)(round * BURST), &random);
}

static void run_stress(size_t threads) {
    atomic_bool stop = false;
    figures_t before = figures_now();
    worker_t *workers = start_threads(threads, stress, &stop);
    usleep(STRESS_MS * 1000);
    atomic_store(&stop, true);
    join_threads(workers, threads);
    check_settled(&before, 0);
    uint64_t pairs = stats_of(kinds[STRESS].pool()).total_freed - before.stats[STRESS].total_freed;
    CHECK(pairs >= threads);
    printf("  %zu threads: %.0f pairs a millisecond\n", threads, (double)pairs / STRESS_MS);
}

TEST(stress_by_10_threads) { run_stress(10); }
TEST(stress_by_20_threads) { run_stress(20); }
TEST(stress_by_50_threads) { run_stress(50); }

/* ---- exhaustion and integrity ---------------------------------------------------------------------- */

TEST(small_pool_grows_past_its_size) {
    void *messages[101];
    figures_t before = figures_now();
    for (uint64_t i = 0; i < 101; i++) CHECK((messages[i] = make_small(i)) != NULL);
    CHECK(stats_of(kinds[SMALL].pool()).capacity > 100);
    CHECK(stats_of(kinds[SMALL].pool()).grows >= 1);
    check_distinct(kinds[SMALL].pool(), messages, 101);
    for (uint64_t i = 0; i < 101; i++) CHECK(check_small(messages[i], i));
    for (uint64_t i = 0; i < 101; i++) CHECK_EQ(free_small(messages[i]), POOL_OK);
    check_settled(&before, 101);
}

/* Changing numbers of messages come and go in changing orders. */
TEST(free_list_1000_iterations_is_intact) {
    enum { MOST = 150 };
    void *messages[MOST];
    uint64_t tokens[MOST], random = check_seed;
    size_t count = 0;
    figures_t before = figures_now();
    for (uint64_t round = 0; round < 1000; round++) {
        for (size_t target = check_random(&random) % MOST; count < target; count++) {
            tokens[count] = check_random(&random);
            CHECK((messages[count] = make_small(tokens[count])) != NULL);
        }
        if (round % 20 == 0) check_distinct(kinds[SMALL].pool(), messages, count);
        for (size_t keep = check_random(&random) % (count + 1); count > keep;) {
            size_t victim = check_random(&random) % count--;
            CHECK(check_small(messages[victim], tokens[victim]));
            CHECK_EQ(free_small(messages[victim]), POOL_OK);
            messages[victim] = messages[count], tokens[victim] = tokens[count];
        }
    }
    while (count-- > 0) CHECK_EQ(free_small(messages[count]), POOL_OK);
    check_settled(&before, 0);
}

/* ---- the same messages from a pool that does not grow ----------------------------------------------- */

static void use_bounded(size_t index, void *shared) {
    pool_t *pool = shared;
    for (uint64_t i = 0; i < ITERATIONS(1000); i++) {
        SmallMessage *messages[2];
        for (uint64_t k = 0; k < 2; k++)
            if (CHECK((messages[k] = pool_alloc(pool)) != NULL)) write_small(messages[k], index * 1000 + i + k);
        for (uint64_t k = 0; k < 2; k++) CHECK(messages[k] && is_small(messages[k], index * 1000 + i + k));
        for (uint64_t k = 0; k < 2; k++) CHECK_EQ(pool_free(pool, messages[k]), POOL_OK);
    }
}

TEST(bounded_pool_of_100_serves_50_threads_with_2_messages_each) {
    pool_t *pool = bounded_pool(sizeof(SmallMessage), 100);
    run_threads(50, use_bounded, pool);
    CHECK_EQ(stats_of(pool).failed_allocs, 0);
    CHECK_EQ(stats_of(pool).total_freed, 50 * 2 * (uint64_t)ITERATIONS(1000));
    check_allocatable(pool, 100); /* and not 101 */
    destroy(pool);
}

/* ---- contention ------------------------------------------------------------------------------------ */

enum { CONTENDERS = 4, PAIRS = ITERATIONS(10000) };

static void do_pairs(size_t index, void *shared) {
    pool_t *pool = ((pool_t **)shared)[index];
    for (uint64_t i = 0; i < PAIRS; i++) {
        StressTestMessage *message = pool_alloc(pool);
        if (!CHECK(message != NULL)) continue;
        message->sequence = index << 32 | i;
        CHECK_EQ(message->sequence, index << 32 | i);
        CHECK_EQ(pool_free(pool, message), POOL_OK);
    }
}

static double contend(pool_t **pools) {
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    run_threads(CONTENDERS, do_pairs, pools);
    clock_gettime(CLOCK_MONOTONIC, &to);
    return (double)(to.tv_sec - from.tv_sec) * 1e6 + (double)(to.tv_nsec - from.tv_nsec) / 1e3;
}

TEST(contention_of_shared_and_isolated_pools_is_measured) {
    pool_t *shared[CONTENDERS], *isolated[CONTENDERS];
    for (int i = 0; i < CONTENDERS; i++) {
        shared[i] = i ? shared[0] : bounded_pool(sizeof(StressTestMessage), 100);
        isolated[i] = bounded_pool(sizeof(StressTestMessage), 100);
    }
    double together = contend(shared), apart = contend(isolated);
    printf("  %d threads x %d pairs: %.0f us on one pool, %.0f us on one each\n", CONTENDERS, PAIRS, together, apart);
    CHECK_EQ(stats_of(shared[0]).total_freed, CONTENDERS * PAIRS);
    for (int i = 0; i < CONTENDERS; i++) CHECK_EQ(stats_of(isolated[i]).total_freed, PAIRS);
    for (int i = 0; i < CONTENDERS; i++) check_allocatable(isolated[i], 100), destroy(isolated[i]);
    check_allocatable(shared[0], 100);
    destroy(shared[0]);
}

/* ---- crowds ------------------------------------------------------------------------------------------- */

typedef struct crowd_t {
    pthread_barrier_t barrier;
} crowd_t;

/* All are alive at once and hold a message of each kind at the same time. */
static void crowd_in(size_t index, void *shared) {
    crowd_t *crowd = shared;
    void *messages[KINDS];
    uint64_t token = (uint64_t)index << 32;
    for (int i = 0; i < KINDS; i++) CHECK((messages[i] = kinds[i].make(token + (uint64_t)i)) != NULL);
    pthread_barrier_wait(&crowd->barrier);
    for (int i = 0; i < KINDS; i++) CHECK(messages[i] && kinds[i].check(messages[i], token + (uint64_t)i));
    for (int i = 0; i < KINDS; i++) CHECK_EQ(kinds[i].free(messages[i]), POOL_OK);
    workload_t workload = {SMALL, KINDS, 40};
    work(index, &workload);
}

TEST(crowds_of_up_to_2000_threads_lose_nothing) {
    const size_t crowds[] = {100, 200, 500, 1000, 2000};
    for (size_t i = 0; i < sizeof crowds / sizeof *crowds; i++) {
        const size_t threads = ITERATIONS(crowds[i]);
        crowd_t crowd;
        figures_t before = figures_now();
        pthread_barrier_init(&crowd.barrier, NULL, (unsigned)threads);
        run_threads(threads, crowd_in, &crowd);
        check_settled(&before, threads * (KINDS + 40));
        for (int k = 0; k < KINDS; k++) CHECK(stats_of(kinds[k].pool()).caches <= 1); /* main's */
        pthread_barrier_destroy(&crowd.barrier);
    }
}

int main(int argc, char **argv) {
    check_begin(argc, argv);
    RUN(pools_have_the_sizes_of_the_schema);
    RUN(four_threads_use_small_messages);
    RUN(four_threads_use_medium_messages);
    RUN(four_threads_use_large_messages);
    RUN(eight_threads_mix_all_messages);
    RUN(stress_by_10_threads);
    RUN(stress_by_20_threads);
    RUN(stress_by_50_threads);
    RUN(small_pool_grows_past_its_size);
    RUN(free_list_1000_iterations_is_intact);
    RUN(bounded_pool_of_100_serves_50_threads_with_2_messages_each);
    RUN(contention_of_shared_and_isolated_pools_is_measured);
    RUN(crowds_of_up_to_2000_threads_lose_nothing);
    return check_end();
}
