/* The life of a pool: configured, made, named, found, ended, and gone. */
#include "pool_test.h"

#include <limits.h>

enum { CYCLES = 10000 };

/* ---- configuration ------------------------------------------------------------ */

/* Both ways of making a pool refuse `config` and leave *out alone. */
static void check_refused(const pool_config_t *config, const char *what) {
    pool_t *const untouched = (pool_t *)&untouched;
    pool_t *pool = untouched;
    size_t pools = pool_list(NULL, 0);
    bool refused = pool_create(config, &pool) == POOL_ERR_INVALID && pool_open(config, &pool) == POOL_ERR_INVALID;
    check_that(refused && pool == untouched && pool_list(NULL, 0) == pools, what, __FILE__, __LINE__);
}

#define CHECK_REFUSED(member, value)                                                       \
    do {                                                                                   \
        pool_config_t config = config_of(64, 100);                                         \
        config.name = "refused";                                                           \
        config.member = (value);                                                           \
        check_refused(&config, #member " = " #value " is POOL_ERR_INVALID, out untouched"); \
    } while (0)

TEST(create_with_value_out_of_range_returns_invalid) {
    CHECK_REFUSED(object_size, 0);
    CHECK_REFUSED(object_size, ((size_t)1 << 30) + 1);
    CHECK_REFUSED(object_size, SIZE_MAX);
    CHECK_REFUSED(object_align, 3);
    CHECK_REFUSED(object_align, 24);
    CHECK_REFUSED(object_align, 8192);
    CHECK_REFUSED(object_align, SIZE_MAX);
    CHECK_REFUSED(capacity, 0);
    CHECK_REFUSED(capacity, (size_t)POOL_OBJECTS_MAX + 1);
    CHECK_REFUSED(capacity, SIZE_MAX);
    CHECK_REFUSED(limit, 99);
    CHECK_REFUSED(limit, (size_t)POOL_OBJECTS_MAX + 1);
    CHECK_REFUSED(limit, SIZE_MAX);
    CHECK_REFUSED(magazine_rounds, POOL_MAGAZINE_ROUNDS_MAX + 1);
    CHECK_REFUSED(magazine_rounds, UINT32_MAX);
    CHECK_REFUSED(flags, POOL_HUGE_PAGES << 1);
    CHECK_REFUSED(flags, UINT32_MAX);
    CHECK_REFUSED(struct_size, 0);
    CHECK_REFUSED(struct_size, offsetof(pool_config_t, object_size));
    CHECK_REFUSED(struct_size, offsetof(pool_config_t, capacity));
}

TEST(create_with_bad_name_returns_invalid) {
    char longest[POOL_NAME_MAX + 2];
    memset(longest, 'n', sizeof longest);
    longest[POOL_NAME_MAX + 1] = '\0';
    CHECK_REFUSED(name, longest);
    CHECK_REFUSED(name, "\xff no UTF-8");
    CHECK_REFUSED(name, "cut short \xc3");
}

TEST(create_beyond_16_tib_returns_invalid) {
    pool_config_t config = config_of((size_t)1 << 30, POOL_OBJECTS_MAX);
    config.name = "too large";
    check_refused(&config, "1 GiB times 2^31");
    config = config_of(8192, POOL_OBJECTS_MAX); /* 16 TiB exactly; one more byte is more */
    config.name = "too large";
    config.object_size = 8193;
    check_refused(&config, "8193 bytes times 2^31");
}

TEST(create_at_edge_of_range_succeeds) {
    pool_config_t config = config_of(1, 1);
    destroy(create(&config));
    config.object_align = 4096, config.magazine_rounds = POOL_MAGAZINE_ROUNDS_MAX;
    destroy(create(&config));
    config = config_of((size_t)1 << 30, 2);
    destroy(create(&config));
    config = config_of(64, 100), config.limit = 100, config.magazine_rounds = 1;
    destroy(create(&config));
}

TEST(create_with_null_returns_null_error) {
    pool_config_t config = config_of(64, 100);
    pool_t *pool = NULL;
    CHECK_EQ(pool_create(NULL, &pool), POOL_ERR_NULL);
    CHECK_EQ(pool_create(&config, NULL), POOL_ERR_NULL);
    CHECK_EQ(pool_open(NULL, &pool), POOL_ERR_NULL);
    CHECK_EQ(pool_open(&config, NULL), POOL_ERR_NULL);
    CHECK_EQ(pool_find(NULL, &pool), POOL_ERR_NULL);
    CHECK_EQ(pool_find("name", NULL), POOL_ERR_NULL);
    CHECK(pool == NULL);
}

TEST(open_without_name_is_invalid) {
    pool_config_t config = config_of(64, 100);
    pool_t *pool = NULL;
    CHECK_EQ(pool_open(&config, &pool), POOL_ERR_INVALID);
    CHECK(pool == NULL);
}

/* ---- struct_size: callers older and newer than the library ------------------------ */

TEST(config_of_older_caller_has_zeros_for_the_rest) {
    pool_config_t config = config_of(64, 100);
    config.struct_size = offsetof(pool_config_t, magazine_rounds);
    config.magazine_rounds = config.flags = UINT32_MAX; /* not members of this caller's struct */
    pool_t *pool = create(&config);
    CHECK(stats_of(pool).magazine_rounds <= POOL_MAGAZINE_ROUNDS_MAX);
    CHECK_EQ(pool_free(pool, NULL), POOL_ERR_NULL); /* does not abort */
    check_allocatable(pool, 100);
    destroy(pool);
}

TEST(config_of_newer_caller_is_accepted) {
    struct {
        pool_config_t config;
        char newer[64];
    } larger = {config_of(64, 100), {0}};
    larger.config.struct_size = sizeof larger;
    pool_t *pool = create(&larger.config);
    check_allocatable(pool, 100);
    destroy(pool);
}

TEST(stats_of_older_caller_fills_only_its_members) {
    pool_t *pool = bounded_pool(64, 100);
    pool_stats_t stats;
    memset(&stats, 0xa5, sizeof stats);
    stats.struct_size = offsetof(pool_stats_t, high_water);
    CHECK_EQ(pool_get_stats(pool, &stats), POOL_OK);
    CHECK_EQ(stats.struct_size, offsetof(pool_stats_t, high_water));
    CHECK_EQ(stats.free, 100);
    CHECK(has_token(&stats.high_water, sizeof stats - stats.struct_size, 0xa5a5a5a5a5a5a5a5));
    destroy(pool);
}

TEST(stats_and_report_of_newer_caller_are_filled) {
    struct {
        pool_stats_t stats;
        pool_report_t report;
        char newer[64];
    } larger = {POOL_STATS_INIT, POOL_REPORT_INIT, {0}};
    pool_t *pool = bounded_pool(64, 100);
    larger.stats.struct_size = sizeof(pool_stats_t) + 16;
    CHECK_EQ(pool_get_stats(pool, &larger.stats), POOL_OK);
    CHECK_EQ(larger.stats.limit, 100);
    larger.report = (pool_report_t)POOL_REPORT_INIT;
    larger.report.struct_size = sizeof(pool_report_t) + sizeof larger.newer;
    CHECK_EQ(pool_check(pool, &larger.report), POOL_OK);
    CHECK_EQ(larger.report.slots, 100);
    CHECK_EQ(larger.report.struct_size, sizeof(pool_report_t) + sizeof larger.newer);
    destroy(pool);
}

TEST(struct_size_of_zero_returns_invalid) {
    pool_t *pool = bounded_pool(64, 100);
    pool_stats_t stats = POOL_STATS_INIT;
    pool_report_t report = POOL_REPORT_INIT;
    stats.struct_size = report.struct_size = 0;
    stats.limit = report.slots = 7;
    CHECK_EQ(pool_get_stats(pool, &stats), POOL_ERR_INVALID);
    CHECK_EQ(pool_check(pool, &report), POOL_ERR_INVALID);
    CHECK_EQ(stats.limit, 7);
    CHECK_EQ(report.slots, 7);
    destroy(pool);
}

TEST(stats_and_check_of_null_return_null_error) {
    pool_t *pool = bounded_pool(64, 100);
    pool_stats_t stats = POOL_STATS_INIT;
    pool_report_t report = POOL_REPORT_INIT;
    CHECK_EQ(pool_get_stats(pool, NULL), POOL_ERR_NULL);
    CHECK_EQ(pool_get_stats(NULL, &stats), POOL_ERR_NULL);
    CHECK_EQ(pool_check(NULL, &report), POOL_ERR_NULL);
    CHECK_EQ(pool_check(NULL, NULL), POOL_ERR_NULL);
    CHECK_EQ(pool_check(pool, NULL), POOL_OK); /* the report is optional */
    CHECK_EQ(stats.limit + report.slots, 0);
    destroy(pool);
}

/* ---- names ------------------------------------------------------------------------ */

TEST(name_is_copied_and_found) {
    char name[] = "sessions \xc3\xa9";
    pool_config_t config = config_of(64, 100);
    pool_t *found = NULL, *twin = NULL;
    config.name = name;
    pool_t *pool = create(&config);
    memset(name, 'x', sizeof name - 1); /* the pool keeps its own copy */
    CHECK_EQ(pool_find("sessions \xc3\xa9", &found), POOL_OK);
    CHECK(found == pool);
    CHECK_EQ(pool_find(name, &twin), POOL_ERR_NOT_FOUND);
    config.name = "sessions \xc3\xa9";
    CHECK_EQ(pool_create(&config, &twin), POOL_ERR_EXISTS);
    CHECK(twin == NULL);
    destroy(pool);
    CHECK_EQ(pool_find("sessions \xc3\xa9", &twin), POOL_ERR_NOT_FOUND);
    CHECK_EQ(pool_find("sessions \xc3", &twin), POOL_ERR_NOT_FOUND); /* no UTF-8, so nobody's */
    destroy(create(&config)); /* the name is free again */
}

TEST(get_name_cuts_to_the_buffer) {
    char longest[POOL_NAME_MAX + 1], buffer[POOL_NAME_MAX + 9];
    memset(longest, 'n', POOL_NAME_MAX), longest[POOL_NAME_MAX] = '\0';
    pool_config_t config = config_of(64, 100);
    config.name = longest;
    pool_t *pool = create(&config);
    memset(buffer, '#', sizeof buffer);
    CHECK_EQ(pool_get_name(pool, buffer, 4), POOL_NAME_MAX);
    CHECK(memcmp(buffer, "nnn\0#", 5) == 0);
    CHECK_EQ(pool_get_name(pool, buffer, sizeof buffer), POOL_NAME_MAX);
    CHECK(strcmp(buffer, longest) == 0);
    CHECK_EQ(pool_get_name(pool, NULL, 0), POOL_NAME_MAX);
    CHECK_EQ(pool_get_name(NULL, buffer, sizeof buffer), 0);
    destroy(pool);
    pool = bounded_pool(64, 100);
    CHECK_EQ(pool_get_name(pool, buffer, sizeof buffer), 0);
    destroy(pool);
}

TEST(open_twice_is_one_pool) {
    pool_config_t config = config_of(64, 100);
    pool_t *first = NULL, *second = NULL;
    config.name = "shared";
    CHECK_EQ(pool_open(&config, &first), POOL_OK);
    CHECK_EQ(pool_open(&config, &second), POOL_OK);
    CHECK(first == second);
    destroy(first);
}

TEST(open_with_another_shape_is_refused) {
    pool_config_t config = config_of(64, 100), other;
    pool_t *pool, *twin = NULL;
    config.name = "shape", config.object_align = 64, config.limit = 200;
    pool = create(&config);
    other = config, other.object_size = 72;
    CHECK_EQ(pool_open(&other, &twin), POOL_ERR_EXISTS);
    other = config, other.object_align = 128; /* the pool has less */
    CHECK_EQ(pool_open(&other, &twin), POOL_ERR_EXISTS);
    other = config, other.limit = 300;
    CHECK_EQ(pool_open(&other, &twin), POOL_ERR_EXISTS);
    CHECK(twin == NULL);
    other = config, other.object_align = 16, other.capacity = 150; /* these may differ */
    CHECK_EQ(pool_open(&other, &twin), POOL_OK);
    CHECK(twin == pool);
    destroy(pool);
}

static void open_shared(size_t index, void *shared) {
    pool_config_t config = config_of(64, 100);
    config.name = "opened by many";
    CHECK_EQ(pool_open(&config, &((pool_t **)shared)[index]), POOL_OK);
}

TEST(open_by_many_threads_is_one_pool) {
    pool_t *pools[16];
    for (int round = 0; round < ITERATIONS(50); round++) {
        run_threads(16, open_shared, pools);
        for (int i = 1; i < 16; i++) CHECK(pools[i] == pools[0]);
        destroy(pools[0]);
    }
}

TEST(list_has_every_pool) {
    size_t before = pool_list(NULL, 0), found = 0;
    pool_t *made[5], *listed[64];
    for (int i = 0; i < 5; i++) made[i] = bounded_pool(64, 100);
    CHECK_EQ(pool_list(NULL, 0), before + 5);
    CHECK_EQ(pool_list(listed, 64), before + 5);
    for (int i = 0; i < 5; i++)
        for (size_t j = 0; j < before + 5; j++) found += made[i] == listed[j];
    CHECK_EQ(found, 5);
    listed[1] = NULL;
    CHECK_EQ(pool_list(listed, 1), before + 5); /* counts all, stores one */
    CHECK(listed[1] == NULL);
    for (int i = 0; i < 5; i++) destroy(made[i]);
    CHECK_EQ(pool_list(NULL, 0), before);
}

/* ---- the end --------------------------------------------------------------------------- */

TEST(destroy_with_live_objects_is_busy) {
    pool_t *pool = bounded_pool(64, 100);
    void *object = pool_alloc(pool);
    write_token(object, 64, check_seed);
    CHECK_EQ(pool_destroy(pool), POOL_ERR_BUSY);
    CHECK(has_token(object, 64, check_seed));
    CHECK_EQ(stats_of(pool).in_use, 1);
    CHECK_EQ(pool_free(pool, object), POOL_OK);
    check_allocatable(pool, 100);
    destroy(pool);
}

TEST(destroy_forced_counts_live_objects) {
    void *objects[100];
    size_t live = 77;
    pool_t *pool = bounded_pool(64, 100);
    CHECK_EQ(alloc_up_to(pool, objects, 42), 42);
    CHECK_EQ(pool_destroy_forced(pool, &live), POOL_OK);
    CHECK_EQ(live, 42);
    live = 77;
    CHECK_EQ(pool_destroy_forced(pool, &live), POOL_ERR_DESTROYED);
    CHECK_EQ(live, 77);
    pool = bounded_pool(64, 100);
    CHECK(pool_alloc(pool) != NULL);
    CHECK_EQ(pool_destroy_forced(pool, NULL), POOL_OK);
}

TEST(destroyed_pool_refuses_every_call) {
    pool_t *pool = bounded_pool(64, 100);
    pool_stats_t stats = POOL_STATS_INIT;
    void *untouched = &stats, *object = untouched;
    char name[8];
    CHECK_EQ(pool_free(pool, pool_alloc(pool)), POOL_OK); /* this thread has a magazine */
    CHECK_EQ(pool_destroy(pool), POOL_OK);
    CHECK_EQ(pool_destroy(pool), POOL_ERR_DESTROYED);
    CHECK_EQ(pool_destroy_forced(pool, NULL), POOL_ERR_DESTROYED);
    CHECK(pool_alloc(pool) == NULL);
    CHECK_EQ(pool_try_alloc(pool, &object), POOL_ERR_DESTROYED);
    CHECK_EQ(pool_free(pool, name), POOL_ERR_DESTROYED);
    CHECK_EQ(pool_alloc_batch(pool, &object, 1), 0);
    CHECK_EQ(pool_free_batch(pool, &object, 1), 0);
    CHECK(object == untouched);
    CHECK_EQ(pool_flush_thread(pool), POOL_ERR_DESTROYED);
    CHECK_EQ(pool_trim(pool), POOL_ERR_DESTROYED);
    CHECK_EQ(pool_get_stats(pool, &stats), POOL_ERR_DESTROYED);
    CHECK_EQ(pool_check(pool, NULL), POOL_ERR_DESTROYED);
    CHECK_EQ(pool_get_name(pool, name, sizeof name), 0);
    CHECK_EQ(pool_object_size(pool), 0);
    CHECK_EQ(pool_object_align(pool), 0);
}

TEST(create_and_destroy_repeatedly_keeps_pools_apart) {
    pool_t *lasting = bounded_pool(24, 10);
    void *kept = pool_alloc(lasting);
    write_token(kept, 24, check_seed);
    size_t pools = pool_list(NULL, 0);
    for (int i = 0; i < ITERATIONS(CYCLES); i++) {
        size_t size = 1 + (size_t)i % 300, count = 1 + (size_t)i % 70;
        pool_t *pool = bounded_pool(size, count);
        void *objects[71];
        CHECK_EQ(alloc_up_to(pool, objects, count + 1), count);
        for (size_t k = 0; k < count; k++) write_token(objects[k], size, k);
        for (size_t k = 0; k < count; k++) CHECK(has_token(objects[k], size, k));
        CHECK_EQ(pool_free_batch(pool, objects, count), count);
        CHECK_EQ(pool_destroy(pool), POOL_OK);
    }
    CHECK_EQ(pool_list(NULL, 0), pools);
    CHECK(has_token(kept, 24, check_seed));
    CHECK_EQ(pool_free(lasting, kept), POOL_OK);
    check_allocatable(lasting, 10);
    destroy(lasting);
}

/* ---- shape, statuses and version ---------------------------------------------------------- */

TEST(object_size_and_align_are_as_configured) {
    pool_t *pool = bounded_pool(40, 10);
    CHECK_EQ(pool_object_size(pool), 40);
    CHECK_EQ(pool_object_align(pool), 16);
    destroy(pool);
    pool = bounded_pool(8, 10);
    CHECK_EQ(pool_object_align(pool), 8);
    destroy(pool);
    CHECK_EQ(pool_object_size(NULL), 0);
    CHECK_EQ(pool_object_align(NULL), 0);
}

TEST(pool_of_tells_whose_slot_an_address_is) {
    pool_t *pool = bounded_pool(40, 10);
    char *object = pool_alloc(pool);
    CHECK(pool_of(object) == pool);
    CHECK(pool_of(object + 39) == pool);
    CHECK(pool_of(NULL) == NULL);
    CHECK(pool_of(&pool) == NULL);
    CHECK_EQ(pool_free(pool, object), POOL_OK);
    CHECK(pool_of(object) == pool);
    destroy(pool);
    CHECK(pool_of(object) == NULL);
}

TEST(status_string_is_one_sentence_for_any_value) {
    const char *unknown = pool_status_string((pool_status_t)2);
    for (int status = POOL_ERR_TIMEOUT; status <= POOL_PENDING; status++) {
        const char *text = pool_status_string((pool_status_t)status);
        CHECK(text && *text && strcmp(text, unknown) != 0 && !strchr(text, '\n'));
        CHECK(text == pool_status_string((pool_status_t)status)); /* static */
        for (int other = POOL_ERR_TIMEOUT; other < status; other++)
            CHECK(strcmp(text, pool_status_string((pool_status_t)other)) != 0);
    }
    const int others[] = {42, -15, INT_MAX, INT_MIN};
    for (int i = 0; i < 4; i++) CHECK(*pool_status_string((pool_status_t)others[i]));
}

TEST(version_equals_the_macros) {
    CHECK_EQ(pool_version(), POOL_VERSION_NUMBER);
    CHECK_EQ(pool_abi_version(), POOL_ABI_VERSION);
    CHECK_EQ(POOL_VERSION_NUMBER, POOL_VERSION_MAJOR * 10000 + POOL_VERSION_MINOR * 100 + POOL_VERSION_PATCH);
}

int main(int argc, char **argv) {
    check_begin(argc, argv);
    RUN(create_with_value_out_of_range_returns_invalid);
    RUN(create_with_bad_name_returns_invalid);
    RUN(create_beyond_16_tib_returns_invalid);
    RUN(create_at_edge_of_range_succeeds);
    RUN(create_with_null_returns_null_error);
    RUN(open_without_name_is_invalid);
    RUN(config_of_older_caller_has_zeros_for_the_rest);
    RUN(config_of_newer_caller_is_accepted);
    RUN(stats_of_older_caller_fills_only_its_members);
    RUN(stats_and_report_of_newer_caller_are_filled);
    RUN(struct_size_of_zero_returns_invalid);
    RUN(stats_and_check_of_null_return_null_error);
    RUN(name_is_copied_and_found);
    RUN(get_name_cuts_to_the_buffer);
    RUN(open_twice_is_one_pool);
    RUN(open_with_another_shape_is_refused);
    RUN(open_by_many_threads_is_one_pool);
    RUN(list_has_every_pool);
    RUN(destroy_with_live_objects_is_busy);
    RUN(destroy_forced_counts_live_objects);
    RUN(destroyed_pool_refuses_every_call);
    RUN(create_and_destroy_repeatedly_keeps_pools_apart);
    RUN(object_size_and_align_are_as_configured);
    RUN(pool_of_tells_whose_slot_an_address_is);
    RUN(status_string_is_one_sentence_for_any_value);
    RUN(version_equals_the_macros);
    return check_end();
}
