#include "calls.h"

#include <string.h>

#define BUFFER 512
#define FILLED 0xa5

/* Sizes that a caller's struct may claim to have. */
static size_t some_size(size_t real) {
    unsigned kind = next_byte() % 8;
    switch (kind) {
    case 0: return next_byte() % 8; /* too small */
    case 1: return 8 + next_byte() % real;
    case 2: return real + next_byte();
    case 3: return SIZE_MAX;
    default: return real;
    }
}

/* Exactly the bytes that both sides know were written, its size aside. */
static void expect_filled(const unsigned char *buffer, size_t claimed, size_t real) {
    size_t known = claimed < real ? claimed : real, left = 0;
    EXPECT(memcmp(buffer, &claimed, sizeof claimed) == 0);
    for (size_t at = known < 8 ? 8 : known; at < BUFFER; at++) EXPECT_EQ(buffer[at], FILLED);
    for (size_t at = sizeof claimed; at < known; at++) left += buffer[at] == FILLED;
    EXPECT(known - sizeof claimed < 32 || left < (known - sizeof claimed) / 2);
}

static void *buffer_of(unsigned char *buffer, size_t claimed) {
    memset(buffer, FILLED, BUFFER);
    memcpy(buffer, &claimed, sizeof claimed);
    return buffer;
}

void call_stats(model_t *model) {
    _Alignas(8) unsigned char buffer[BUFFER];
    size_t claimed = some_size(sizeof(pool_stats_t));
    pool_status_t status = pool_get_stats(model->pool, buffer_of(buffer, claimed));
    EXPECT_EQ(status, claimed < sizeof claimed ? POOL_ERR_INVALID : POOL_OK);
    expect_filled(buffer, claimed, status ? sizeof claimed : sizeof(pool_stats_t));
}

void call_check(model_t *model) {
    _Alignas(8) unsigned char buffer[BUFFER];
    size_t claimed = some_size(sizeof(pool_report_t));
    bool is_null = claimed == sizeof(pool_report_t) && next_byte() % 2;
    pool_status_t status = pool_check(model->pool, is_null ? NULL : buffer_of(buffer, claimed));
    if (status == POOL_ERR_NO_MEMORY && model->is_vast) return;
    if (claimed < sizeof claimed) {
        EXPECT_EQ(status, POOL_ERR_INVALID);
    } else {
        EXPECT(status == POOL_OK || status == POOL_ERR_CORRUPT);
        EXPECT(status == POOL_OK || model->spoilt_count > model->lost);
    }
    bool is_written = status != POOL_ERR_INVALID;
    if (!is_null) expect_filled(buffer, claimed, is_written ? sizeof(pool_report_t) : sizeof claimed);
}

void call_of(model_t *model) {
    uint32_t number = next_number();
    EXPECT(pool_of(NULL) == NULL);
    EXPECT(pool_of(&number) == NULL);
    if (!model->base) return;
    size_t bytes = model->limit * model->slot_size;
    EXPECT(pool_of((const void *)(model->base + number % bytes)) == model->pool);
    EXPECT(pool_of((const void *)(model->base + bytes + number)) != model->pool);
}

void call_name(model_t *model) {
    char buffer[POOL_NAME_MAX + 8];
    size_t length = strlen(model->name), size = next_byte() % sizeof buffer;
    memset(buffer, FILLED, sizeof buffer);
    EXPECT_EQ(pool_get_name(model->pool, buffer, size), length);
    size_t copied = size == 0 ? 0 : length < size ? length : size - 1;
    EXPECT(memcmp(buffer, model->name, copied) == 0);
    EXPECT(size == 0 || buffer[copied] == '\0');
    for (size_t at = size == 0 ? 0 : copied + 1; at < sizeof buffer; at++)
        EXPECT_EQ((unsigned char)buffer[at], FILLED);
    EXPECT_EQ(pool_get_name(model->pool, NULL, 0), length);
}

void call_flush(model_t *model) {
    EXPECT_EQ(pool_flush_thread(model->pool), POOL_OK);
}

void call_trim(model_t *model) {
    pool_status_t status = pool_trim(model->pool);
    if (status != POOL_ERR_NO_MEMORY || !model->is_vast) EXPECT_EQ(status, POOL_OK);
    model_trimmed(model);
}

void expect_no_magazines(void) {
    for (model_t *model = models; model < models + POOLS; model++) {
        pool_report_t report = POOL_REPORT_INIT;
        pool_stats_t stats = POOL_STATS_INIT;
        if (!model->pool || model->is_vast) continue;
        EXPECT_EQ(pool_flush_thread(model->pool), POOL_OK);
        pool_status_t status = pool_check(model->pool, &report);
        EXPECT(status == POOL_OK || status == POOL_ERR_CORRUPT);
        EXPECT_EQ(report.in_magazines, 0);
        EXPECT_EQ(pool_get_stats(model->pool, &stats), POOL_OK);
        EXPECT(stats.caches <= 1);
    }
}

void call_texts(model_t *model) {
    (void)model;
    const char *known = pool_status_string((pool_status_t)(1 - next_byte() % 16));
    const char *other = pool_status_string((pool_status_t)(2 + (int)next_number()));
    EXPECT(known && other && strlen(known) > 0 && strcmp(known, other) != 0);
    EXPECT_EQ(pool_version(), POOL_VERSION_NUMBER);
    EXPECT_EQ(pool_abi_version(), POOL_ABI_VERSION);
}
