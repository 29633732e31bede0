#include "model.h"

#include <string.h>

unsigned fuzz_step;
const char *fuzz_call = "?";
model_t models[POOLS];

#define VAST ((size_t)1 << 30)
#define RESERVED_MAX ((size_t)1 << 44)

/* Tokens fill the first and the last bytes of larger objects. */
#define TOKEN_REACH ((size_t)4096)

_Noreturn void deviation(const char *what, const char *file, int line) {
    fprintf(stderr, "DEVIATION in step %u, %s: %s (%s:%d)\n", fuzz_step, fuzz_call, what, file, line);
    abort();
}

void expect_equal(long long actual, long long expected, const char *what, const char *file, int line) {
    char text[256];
    if (actual == expected) return;
    snprintf(text, sizeof text, "%.200s: %lld, %lld", what, actual, expected);
    deviation(text, file, line);
}

__attribute__((no_sanitize("address"))) uint64_t peek(const void *at) {
    return *(const volatile uint64_t *)at;
}

__attribute__((no_sanitize("address"))) void poke(void *at, uint64_t word) {
    *(volatile uint64_t *)at = word;
}

/* ---- shapes ------------------------------------------------------------------- */

size_t align_of_config(const pool_config_t *config) {
    if (config->object_align) return config->object_align;
    return config->object_size <= 8 ? 8 : 16;
}

static size_t limit_of_config(const pool_config_t *config) {
    return config->limit ? config->limit : config->capacity;
}

static size_t least_slot(const pool_config_t *config) {
    size_t align = align_of_config(config) < 8 ? 8 : align_of_config(config);
    return (config->object_size + align - 1) / align * align;
}

unsigned model_predict(const pool_config_t *config) {
    size_t align = align_of_config(config), limit = limit_of_config(config);
    bool ranges = config->object_size >= 1 && config->object_size <= VAST && align <= 4096 &&
                  (align & (align - 1)) == 0 && config->capacity >= 1 &&
                  config->capacity <= POOL_OBJECTS_MAX && limit >= config->capacity &&
                  limit <= POOL_OBJECTS_MAX && config->reserve < limit &&
                  config->magazine_rounds <= POOL_MAGAZINE_ROUNDS_MAX &&
                  (config->flags & ~(uint32_t)(POOL_ABORT_ON_MISUSE | POOL_HUGE_PAGES)) == 0;
    if (!ranges) return BIT(POOL_ERR_INVALID);
    size_t bytes = least_slot(config) * limit;
    if (bytes > RESERVED_MAX) return BIT(POOL_ERR_INVALID);
    if (bytes <= VAST) return BIT(POOL_OK);
    /* Slots of vast pools may be padded to twice the size. */
    unsigned padded = bytes > RESERVED_MAX / 2 ? BIT(POOL_ERR_INVALID) : 0;
    return BIT(POOL_OK) | BIT(POOL_ERR_NO_MEMORY) | padded;
}

void model_begin(model_t *model, pool_t *pool, const pool_config_t *config) {
    slot_t *slots = model->slots ? model->slots : calloc(SLOTS_MAX, sizeof *slots);
    EXPECT(slots != NULL);
    memset(model, 0, sizeof *model);
    model->slots = slots;
    model->pool = pool;
    model->object_size = config->object_size;
    model->object_align = align_of_config(config);
    model->capacity = config->capacity;
    model->limit = limit_of_config(config);
    model->reserve = config->reserve;
    model->rounds = config->magazine_rounds;
    model->flags = config->flags;
    model->is_vast = least_slot(config) * model->limit > VAST;
    if (config->name) snprintf(model->name, sizeof model->name, "%s", config->name);

    pool_stats_t stats = POOL_STATS_INIT;
    EXPECT_EQ(pool_get_stats(pool, &stats), POOL_OK);
    model->slot_size = stats.slot_size;
    EXPECT(stats.slot_size >= least_slot(config) && stats.slot_size % model->object_align == 0);
    EXPECT(model->is_vast || stats.slot_size == least_slot(config));
    uint64_t rounds = stats.magazine_rounds;
    EXPECT(rounds >= 1 && rounds <= POOL_MAGAZINE_ROUNDS_MAX && rounds <= model->limit);
    if (model->rounds)
        EXPECT_EQ(rounds, model->rounds < model->limit ? model->rounds : model->limit);
}

void model_end(model_t *model) {
    memset(model->slots, 0, model->top * sizeof *model->slots);
    model->pool = NULL;
}

/* ---- addresses ---------------------------------------------------------------- */

/* The first slot, by asking who owns what lies before an object. */
static uintptr_t find_base(const model_t *model, const void *object) {
    size_t least = 0, most = model->limit - 1;
    while (least < most) {
        size_t slots = least + (most - least + 1) / 2;
        uintptr_t at = (uintptr_t)object - slots * model->slot_size;
        bool is_ours = at < (uintptr_t)object && pool_of((const void *)at) == model->pool;
        *(is_ours ? &least : &most) = is_ours ? slots : slots - 1;
    }
    uintptr_t base = (uintptr_t)object - least * model->slot_size;
    size_t bytes = model->limit * model->slot_size;
    EXPECT(pool_of((const void *)base) == model->pool);
    EXPECT(pool_of((const void *)(base - 1)) != model->pool);
    EXPECT(pool_of((const void *)(base + bytes - 1)) == model->pool);
    EXPECT(pool_of((const void *)(base + bytes)) != model->pool);
    return base;
}

static bool is_within(const model_t *model, const void *address) {
    size_t bytes = model->limit * model->slot_size;
    return model->pool && model->base && (uintptr_t)address - model->base < bytes;
}

model_t *model_of(const void *address) {
    for (model_t *model = models; model < models + POOLS; model++)
        if (is_within(model, address)) return model;
    return NULL;
}

void *model_address(const model_t *model, uint32_t index) {
    return (void *)(model->base + index * model->slot_size);
}

/* ---- tokens ------------------------------------------------------------------- */

static uint64_t next_token(void) {
    static uint64_t last;
    return (last += 0x9e3779b97f4a7c15) | 1;
}

/* The part of an object in which the token of byte `at` stands. */
static size_t part(const model_t *model, size_t at) {
    return model->object_size - at < 8 ? model->object_size - at : 8;
}

static size_t after(const model_t *model, size_t at) {
    size_t next = at + 8;
    bool is_skipped = model->object_size > 2 * TOKEN_REACH && next == TOKEN_REACH;
    return is_skipped ? (model->object_size - TOKEN_REACH) / 8 * 8 : next;
}

static void write_token(const model_t *model, uint32_t index) {
    char *object = model_address(model, index);
    for (size_t at = 0; at < model->object_size; at = after(model, at))
        memcpy(object + at, &model->slots[index].token, part(model, at));
}

void model_verify(const model_t *model, uint32_t index) {
    const char *object = model_address(model, index);
    for (size_t at = 0; at < model->object_size; at = after(model, at))
        if (memcmp(object + at, &model->slots[index].token, part(model, at)) != 0)
            deviation("an object bears another token than its owner's", __FILE__, __LINE__);
}

/* ---- objects ------------------------------------------------------------------ */

bool model_has_room(const model_t *model, bool is_critical) {
    size_t kept = is_critical ? 0 : model->reserve;
    return model->live_count + model->spoilt_count < model->limit - kept;
}

bool model_may_hold(const model_t *model, size_t more) {
    return model->live_count + more <= LIVE_MAX;
}

/* The slot of an object that came out, which was free. */
static uint32_t taken(model_t *model, void *object) {
    EXPECT(object != NULL);
    EXPECT(pool_of(object) == model->pool);
    if (!model->base) model->base = find_base(model, object);
    size_t offset = (uintptr_t)object - model->base;
    EXPECT(is_within(model, object) && offset % model->slot_size == 0);
    EXPECT_EQ((uintptr_t)object % model->object_align, 0);
    uint32_t index = (uint32_t)(offset / model->slot_size);
    EXPECT(index < SLOTS_MAX);
    EXPECT(model->slots[index].place != LIVE);
    EXPECT(model->slots[index].place != SPOILT);
    EXPECT(model_has_room(model, true));
    model->allocated++;
    if (index >= model->top) model->top = index + 1;
    if (model->live_count >= model->most_live) model->most_live = model->live_count + 1;
    return index;
}

void model_got(model_t *model, void *object) {
    uint32_t index = taken(model, object);
    EXPECT(model_may_hold(model, 1));
    model->slots[index] = (slot_t){LIVE, model->live_count, next_token(), peek(object)};
    model->live[model->live_count++] = index;
    write_token(model, index);
}

void model_passed(model_t *model, void *object) {
    model->slots[taken(model, object)].place = FREED;
}

void model_refused(model_t *model, bool is_critical, pool_status_t said, pool_status_t expected) {
    model->failed++;
    if (said == POOL_ERR_NO_MEMORY && model->is_vast) return;
    EXPECT_EQ(said, expected);
    EXPECT(!model_has_room(model, is_critical));
    /* Nothing is left unseen in the pool, spoilt slots neither. */
    model->lost = model->spoilt_count;
}

/* For a pointer into the pool's own slots. */
static unsigned predict_own(const model_t *model, const void *object) {
    size_t offset = (uintptr_t)object - model->base, index = offset / model->slot_size;
    if (offset % model->slot_size != 0) return BIT(POOL_ERR_INTERIOR);
    place_t place = index < SLOTS_MAX ? model->slots[index].place : UNSEEN;
    if (place == LIVE) return BIT(POOL_OK);
    if (place == FREED) return BIT(POOL_ERR_DOUBLE_FREE);
    return BIT(POOL_ERR_DOUBLE_FREE) | BIT(POOL_ERR_FOREIGN);
}

unsigned model_predict_free(const model_t *model, const void *object) {
    if (!object) return BIT(POOL_ERR_NULL);
    const model_t *owner = model_of(object);
    if (owner == model) return predict_own(model, object);
    return owner ? BIT(POOL_ERR_WRONG_POOL) : BIT(POOL_ERR_FOREIGN);
}

static void forget_live(model_t *model, const void *object) {
    uint32_t index = (uint32_t)(((uintptr_t)object - model->base) / model->slot_size);
    uint32_t at = model->slots[index].at, last = model->live[--model->live_count];
    model->live[at] = last;
    model->slots[last].at = at;
    model->slots[index].place = FREED;
}

void model_freed(model_t *model, const void *object, unsigned statuses, pool_status_t said) {
    if (said != UNSAID) statuses &= BIT(said);
    switch (statuses) {
    case BIT(POOL_OK): forget_live(model, object); break;
    case BIT(POOL_ERR_NULL): model->null++; break;
    case BIT(POOL_ERR_FOREIGN): model->foreign++; break;
    case BIT(POOL_ERR_INTERIOR): model->interior++; break;
    case BIT(POOL_ERR_WRONG_POOL): model->wrong_pool++; break;
    case BIT(POOL_ERR_DOUBLE_FREE): model->double_free++; break;
    case BIT(POOL_ERR_DOUBLE_FREE) | BIT(POOL_ERR_FOREIGN): model->unsure++; break;
    default: deviation("a free said what it must not say", __FILE__, __LINE__);
    }
}

void model_trimmed(model_t *model) {
    for (uint32_t index = 0; index < model->top; index++)
        if (model->slots[index].place == FREED) model->slots[index].place = TRIMMED;
}

/* ---- the audit ---------------------------------------------------------------- */

static void audit_places(model_t *model) {
    pool_report_t report = POOL_REPORT_INIT;
    pool_status_t status = pool_check(model->pool, &report);
    if (status == POOL_ERR_NO_MEMORY && model->is_vast) return;
    EXPECT_EQ(report.slots, model->limit);
    EXPECT_EQ(report.live, model->live_count);
    EXPECT_EQ(report.live + report.in_magazines + report.in_depot + report.uncarved + report.lost,
              report.slots);
    EXPECT_EQ(report.duplicates, 0);
    EXPECT_EQ(report.out_of_range, 0);
    EXPECT_EQ(report.lost + report.overwritten, model->spoilt_count);
    EXPECT_EQ(status, report.overwritten ? POOL_ERR_CORRUPT : POOL_OK);
    EXPECT((report.first_damaged != NULL) == (report.overwritten > 0));
    if (report.first_damaged) {
        size_t offset = (uintptr_t)report.first_damaged - model->base;
        EXPECT(is_within(model, report.first_damaged) && offset % model->slot_size == 0);
        EXPECT_EQ(model->slots[offset / model->slot_size].place, SPOILT);
    }
}

/* The capacity is the first one doubled as often as the pool grew. */
static size_t grown(const model_t *model, uint64_t grows) {
    size_t capacity = model->capacity;
    while (grows-- > 0) {
        EXPECT(capacity < model->limit);
        capacity = capacity * 2 < model->limit ? capacity * 2 : model->limit;
    }
    return capacity;
}

static void audit_figures(model_t *model) {
    pool_stats_t stats = POOL_STATS_INIT;
    EXPECT_EQ(pool_get_stats(model->pool, &stats), POOL_OK);
    EXPECT_EQ(stats.object_size, model->object_size);
    EXPECT_EQ(stats.slot_size, model->slot_size);
    EXPECT_EQ(stats.limit, model->limit);
    EXPECT_EQ(stats.in_use, model->live_count);
    EXPECT_EQ(stats.total_allocated, model->allocated);
    EXPECT_EQ(stats.total_freed, model->allocated - model->live_count);
    EXPECT_EQ(stats.failed_allocs, model->failed);
    EXPECT_EQ(stats.free, stats.capacity - stats.in_use - stats.lost);
    EXPECT(stats.grows >= model->grows);
    EXPECT_EQ(stats.capacity, grown(model, stats.grows));
    EXPECT(stats.high_water >= model->most_live && stats.high_water <= stats.capacity);
    EXPECT(stats.lost >= model->lost && stats.lost <= model->spoilt_count);
    EXPECT_EQ(stats.misuse_overwritten, stats.lost);
    EXPECT_EQ(stats.misuse_null, model->null);
    EXPECT_EQ(stats.misuse_interior, model->interior);
    EXPECT_EQ(stats.misuse_wrong_pool, model->wrong_pool);
    EXPECT(stats.misuse_foreign >= model->foreign && stats.misuse_double_free >= model->double_free);
    EXPECT_EQ(stats.misuse_foreign + stats.misuse_double_free,
              model->foreign + model->double_free + model->unsure);
    EXPECT_EQ(stats.waiting, model->queue_count);
    EXPECT_EQ(stats.reserve, model->reserve);
    EXPECT(stats.bytes_reserved >= model->limit * model->slot_size);
    EXPECT(stats.bytes_committed <= stats.bytes_reserved);
    model->grows = stats.grows;
    model->lost = stats.lost;
    model->foreign = stats.misuse_foreign;
    model->double_free = stats.misuse_double_free;
    model->unsure = 0;
}

void model_audit(model_t *model) {
    audit_figures(model);
    audit_places(model);
    for (uint32_t at = 0; at < model->live_count; at++) model_verify(model, model->live[at]);
    EXPECT_EQ(pool_object_size(model->pool), model->object_size);
    EXPECT_EQ(pool_object_align(model->pool), model->object_align);
}
