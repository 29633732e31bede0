#include "calls.h"

#include <stddef.h>
#include <string.h>

#define DESTROYED_MAX 8

static pool_t *destroyed[DESTROYED_MAX];
static unsigned destroyed_count;

/* ---- names ---------------------------------------------------------------------- */

#define TEXT_63 "123456789 123456789 123456789 123456789 123456789 123456789 123"

static const char *const good_names[] = {"a", "b", "pool", TEXT_63, "\xc3\xbc\xe2\x82\xac\xf0\x9f\x8d\xb5"};
static const char *const bad_names[] = {
    "", TEXT_63 "4", "\xff", "a\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf8\x88\x80\x80\x80"};

static const char *some_name(void) {
    unsigned kind = next_byte();
    if (kind % 8 == 7) return bad_names[kind / 8 % (sizeof bad_names / sizeof *bad_names)];
    return good_names[kind / 8 % (sizeof good_names / sizeof *good_names)];
}

static bool is_bad_name(const char *name) {
    for (size_t i = 0; i < sizeof bad_names / sizeof *bad_names; i++)
        if (name == bad_names[i]) return true;
    return false;
}

static model_t *named(const char *name) {
    for (model_t *model = models; model < models + POOLS; model++)
        if (model->pool && model->name[0] && strcmp(model->name, name) == 0) return model;
    return NULL;
}

/* ---- configurations --------------------------------------------------------------- */

static size_t some_object_size(void) {
    static const size_t sizes[] = {1, 2, 7, 8, 9, 16, 24, 40, 64, 96, 100, 256, 1000, 4096};
    unsigned kind = next_byte();
    return kind < 224 ? sizes[kind % 14] : 1 + next_number() % 4096;
}

static size_t some_capacity(void) {
    static const size_t capacities[] = {1, 2, 3, 4, 5, 7, 8, 16, 31, 50, 64, 100, 300, 1000};
    unsigned kind = next_byte();
    return kind < 224 ? capacities[kind % 14] : 1 + next_number() % 5000;
}

/* One that is good, and not vast. */
static pool_config_t good_config(void) {
    static const uint32_t rounds[] = {0, 1, 2, 3, 4, 5, 8, 16, 64, 128, 1024};
    pool_config_t config = POOL_CONFIG_INIT;
    config.object_size = some_object_size();
    config.capacity = some_capacity();
    unsigned kind = next_byte();
    if (kind % 4 == 1) config.object_align = (size_t)1 << kind / 4 % 13;
    unsigned growth = next_byte();
    if (growth % 2) config.limit = config.capacity + growth / 2 * (growth % 4 == 3 ? 20 : 1);
    config.magazine_rounds = rounds[next_byte() % 11];
    unsigned kept = next_byte();
    size_t limit = config.limit ? config.limit : config.capacity;
    if (kept % 3 == 1) config.reserve = kept / 3 % limit;
    return config;
}

/* One that may be out of range anywhere. */
static pool_config_t odd_config(void) {
    static const size_t odd[] = {0, 3, 1 << 30, (1 << 30) + 1, (size_t)1 << 31, ((size_t)1 << 31) + 1,
                                 SIZE_MAX, SIZE_MAX / 2 + 1, 8192, 4096};
    pool_config_t config = good_config();
    unsigned kind = next_byte();
    size_t number = odd[next_byte() % 10];
    switch (kind % 8) {
    case 0: config.object_size = number; break;
    case 1: config.object_align = number; break;
    case 2: config.capacity = number; break;
    case 3: config.limit = number; break;
    case 4: config.magazine_rounds = (uint32_t)number + next_byte(); break;
    case 5: config.flags = (uint32_t)1 << kind / 8; break;
    case 7: config.reserve = number; break;
    case 6: config.object_size = odd[kind / 8 % 10], config.limit = number; break;
    default: break;
    }
    return config;
}

/* Every caller knows the members up to the capacity. */
#define REQUIRED (offsetof(pool_config_t, capacity) + sizeof(size_t))

/* The configuration as a caller with an older or newer header passes it, in
 * exactly so many bytes; `*config` becomes what the library must take it for. */
static pool_config_t *claimed(pool_config_t *config) {
    unsigned kind = next_byte() % 8;
    size_t real = sizeof *config, size = real, room = real;
    if (kind == 0) size = next_byte() % (real + 8);
    if (kind == 1) size = room = real + next_byte();
    if (kind == 2) size = SIZE_MAX;
    if (size < real) room = size < sizeof size ? sizeof size : size;
    config->struct_size = size;
    unsigned char *copy = malloc(room);
    EXPECT(copy != NULL);
    memset(copy, 0xff, room);
    memcpy(copy, config, room < real ? room : real);
    if (size >= REQUIRED && size < real) memset((char *)config + size, 0, real - size);
    return (pool_config_t *)copy;
}

static unsigned predict(const pool_config_t *config) {
    if (config->struct_size < REQUIRED) return BIT(POOL_ERR_INVALID);
    if (config->name && is_bad_name(config->name)) return BIT(POOL_ERR_INVALID);
    return model_predict(config);
}

/* ---- beginnings ------------------------------------------------------------------- */

static void expect_new(pool_t *pool) {
    EXPECT(pool != NULL);
    for (model_t *model = models; model < models + POOLS; model++) EXPECT(model->pool != pool);
    /* A destroyed pool's handle may live again. */
    for (unsigned i = 0; i < destroyed_count; i++)
        if (destroyed[i] == pool) destroyed[i--] = destroyed[--destroyed_count];
}

static void begin(model_t *model, pool_t *pool, const pool_config_t *config) {
    expect_new(pool);
    model_begin(model, pool, config);
}

void make_some_pool(model_t *model) {
    pool_config_t config = good_config();
    pool_t *pool = NULL;
    EXPECT_EQ(pool_create(&config, &pool), POOL_OK);
    begin(model, pool, &config);
}

void call_create(model_t *model) {
    pool_config_t config = next_byte() % 2 ? good_config() : odd_config();
    if (next_byte() % 2) config.name = some_name();
    pool_config_t *passed = claimed(&config);
    unsigned expected = predict(&config);
    bool is_taken = expected & BIT(POOL_OK) && config.name && named(config.name);
    if (is_taken) expected = (expected & ~BIT(POOL_OK)) | BIT(POOL_ERR_EXISTS);
    pool_t *pool = NULL;
    pool_status_t status = model->pool && expected & BIT(POOL_OK) ? POOL_OK : pool_create(passed, &pool);
    free(passed);
    if (status == POOL_OK && model->pool) return; /* The place is taken: not tried. */
    EXPECT(BIT(status) & expected);
    EXPECT((pool != NULL) == (status == POOL_OK));
    if (pool) begin(model, pool, &config);
}

/* Whether an existing pool serves who asks for this. */
static bool serves(const model_t *model, const pool_config_t *config) {
    size_t limit = config->limit ? config->limit : config->capacity;
    return model->object_size == config->object_size && model->limit == limit &&
           model->object_align >= align_of_config(config) &&
           (config->reserve == 0 || model->reserve == config->reserve);
}

void call_open(model_t *model) {
    unsigned kind = next_byte();
    pool_config_t config = kind % 4 == 0 ? odd_config() : good_config();
    config.name = kind % 16 == 15 ? NULL : some_name();
    model_t *found = config.name ? named(config.name) : NULL;
    if (found && kind % 4 >= 2) {
        config.object_size = found->object_size;
        config.limit = found->limit;
        config.capacity = kind % 4 == 2 ? 1 : found->limit;
        if (kind % 16 < 8) config.reserve = kind < 128 ? 0 : found->reserve;
    }
    pool_config_t *passed = claimed(&config);
    unsigned expected = config.name ? predict(&config) : BIT(POOL_ERR_INVALID);
    found = config.name ? named(config.name) : NULL;
    if (found && expected & BIT(POOL_OK))
        expected = BIT(serves(found, &config) ? POOL_OK : POOL_ERR_EXISTS) |
                   (expected & BIT(POOL_ERR_INVALID));
    bool is_possible = found || !model->pool || !(expected & BIT(POOL_OK));
    pool_t *pool = NULL;
    pool_status_t status = is_possible ? pool_open(passed, &pool) : POOL_OK;
    free(passed);
    if (!is_possible) return;
    EXPECT(BIT(status) & expected);
    EXPECT((pool != NULL) == (status == POOL_OK));
    if (!pool) return;
    if (found)
        EXPECT(pool == found->pool);
    else
        begin(model, pool, &config);
}

void call_find(model_t *model) {
    (void)model;
    const char *name = some_name();
    model_t *found = named(name);
    pool_t *pool = NULL;
    EXPECT_EQ(pool_find(name, &pool), found ? POOL_OK : POOL_ERR_NOT_FOUND);
    EXPECT(pool == (found ? found->pool : NULL));
}

void call_list(model_t *model) {
    (void)model;
    pool_t *listed[POOLS + 1];
    size_t count = next_byte() % (POOLS + 1), known = 0;
    for (size_t i = 0; i <= POOLS; i++) listed[i] = (pool_t *)listed;
    for (model_t *each = models; each < models + POOLS; each++) known += each->pool != NULL;
    EXPECT_EQ(pool_list(listed, count), known);
    EXPECT_EQ(pool_list(NULL, 0), known);
    for (size_t i = 0; i <= POOLS; i++) {
        size_t matches = 0;
        for (model_t *each = models; each < models + POOLS; each++) matches += each->pool == listed[i];
        EXPECT_EQ(matches, i < count && i < known);
        EXPECT(matches || listed[i] == (pool_t *)listed);
    }
}

/* ---- ends ------------------------------------------------------------------------- */

static void ended(model_t *model) {
    if (destroyed_count < DESTROYED_MAX) destroyed[destroyed_count++] = model->pool;
    model_end(model);
}

void call_destroy(model_t *model) {
    pool_status_t status = pool_destroy(model->pool);
    EXPECT_EQ(status, model->live_count ? POOL_ERR_BUSY : POOL_OK);
    if (status != POOL_OK) return;
    dismiss_queue(model);
    ended(model);
}

void call_destroy_forced(model_t *model) {
    size_t live = SIZE_MAX;
    model_audit(model);
    bool wants_live = next_byte() % 2;
    EXPECT_EQ(pool_destroy_forced(model->pool, wants_live ? &live : NULL), POOL_OK);
    EXPECT_EQ(live, wants_live ? model->live_count : SIZE_MAX);
    dismiss_queue(model);
    ended(model);
}

void end_all_pools(void) {
    for (model_t *model = models; model < models + POOLS; model++)
        if (model->pool) call_destroy_forced(model);
    EXPECT_EQ(pool_list(NULL, 0), 0);
    destroyed_count = 0;
    forget_promises();
}

/* ---- handles of no pool ------------------------------------------------------------- */

static void never_ready(void *context, pool_status_t status, void *object) {
    (void)context, (void)status, (void)object;
    deviation("a callback of a refused allocation was called", __FILE__, __LINE__);
}

/* Every call on a handle that is NULL or destroyed. */
static void expect_refused(pool_t *pool, pool_status_t status) {
    pool_stats_t stats = POOL_STATS_INIT;
    pool_report_t report = POOL_REPORT_INIT;
    void *object = NULL, *objects[3] = {NULL, NULL, NULL};
    pool_ticket_t ticket = 0;
    size_t live = SIZE_MAX;
    char name[4] = "abc";
    EXPECT(pool_alloc(pool) == NULL);
    EXPECT_EQ(pool_try_alloc(pool, &object), status);
    EXPECT_EQ(pool_alloc_timed(pool, &object, 0), status);
    EXPECT_EQ(pool_alloc_timed(pool, &object, POOL_WAIT_FOREVER), status);
    EXPECT_EQ(pool_alloc_with(pool, &object, POOL_WAIT_FOREVER, POOL_CRITICAL), status);
    EXPECT_EQ(pool_alloc_async(pool, &object, 0, never_ready, NULL, &ticket), status);
    EXPECT_EQ(pool_alloc_cancel(pool, 1), status);
    EXPECT_EQ(pool_alloc_batch(pool, objects, 3), 0);
    EXPECT(ticket == 0 && !object && !objects[0] && !objects[1] && !objects[2]);
    EXPECT_EQ(pool_free(pool, &object), status);
    objects[0] = objects;
    EXPECT_EQ(pool_free_batch(pool, objects, 3), 0);
    EXPECT_EQ(pool_flush_thread(pool), status);
    EXPECT_EQ(pool_trim(pool), status);
    EXPECT_EQ(pool_get_stats(pool, &stats), status);
    EXPECT_EQ(pool_check(pool, &report), status);
    EXPECT(stats.capacity == 0 && report.slots == 0);
    EXPECT_EQ(pool_object_size(pool), 0);
    EXPECT_EQ(pool_object_align(pool), 0);
    EXPECT_EQ(pool_get_name(pool, name, sizeof name), 0);
    EXPECT_EQ(pool_destroy(pool), status);
    EXPECT_EQ(pool_destroy_forced(pool, &live), status);
    EXPECT(live == SIZE_MAX);
}

void call_on_destroyed(model_t *model) {
    (void)model;
    for (unsigned i = 0; i < destroyed_count; i++) expect_refused(destroyed[i], POOL_ERR_DESTROYED);
}

void call_on_null(model_t *model) {
    pool_config_t config = POOL_CONFIG_INIT;
    pool_t *pool = NULL, *is_null = NULL;
    void *object = NULL;
    expect_refused(is_null, POOL_ERR_NULL);
    pool_release(NULL);
    EXPECT_EQ(pool_create(NULL, &pool), POOL_ERR_NULL);
    EXPECT_EQ(pool_create(&config, NULL), POOL_ERR_NULL);
    EXPECT_EQ(pool_open(NULL, &pool), POOL_ERR_NULL);
    EXPECT_EQ(pool_open(&config, NULL), POOL_ERR_NULL);
    EXPECT_EQ(pool_find(NULL, &pool), POOL_ERR_NULL);
    EXPECT_EQ(pool_find("a", NULL), POOL_ERR_NULL);
    EXPECT(pool == NULL);
    if (!model->pool) return;
    EXPECT_EQ(pool_try_alloc(model->pool, NULL), POOL_ERR_NULL);
    EXPECT_EQ(pool_alloc_timed(model->pool, NULL, 0), POOL_ERR_NULL);
    EXPECT_EQ(pool_alloc_with(model->pool, NULL, 0, 0), POOL_ERR_NULL);
    EXPECT_EQ(pool_alloc_async(model->pool, NULL, 0, never_ready, NULL, NULL), POOL_ERR_NULL);
    EXPECT_EQ(pool_alloc_async(model->pool, &object, 0, NULL, NULL, NULL), POOL_ERR_NULL);
    EXPECT_EQ(pool_alloc_batch(model->pool, NULL, 3), 0);
    EXPECT_EQ(pool_alloc_batch(model->pool, &object, 0), 0);
    EXPECT_EQ(pool_free_batch(model->pool, NULL, 3), 0);
    EXPECT_EQ(pool_free_batch(model->pool, &object, 0), 0);
    EXPECT_EQ(pool_get_stats(model->pool, NULL), POOL_ERR_NULL);
}
