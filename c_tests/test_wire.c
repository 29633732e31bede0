/*
 * The wire format through the generated functions: what is decoded into the pool
 * comes out as the same bytes; what is refused leaves no object behind and no field
 * set, and says why and where.
 */
#include "pool_test.h"

#include <concurrent.g.h>

static size_t live(void) { return stats_of(large_message_pool()).in_use; }

/* A message with something in every field; `seed` makes it another one. */
static LargeMessage *make_large(uint32_t seed) {
    LargeMessage *message = large_message_alloc();
    char text[1024];
    if (!message) return NULL;
    memset(text, 'a' + (int)(seed % 26), sizeof text);
    message->id = seed;
    CHECK(large_message_set_title(message, text, seed % 65));
    CHECK(large_message_set_description(message, text, seed * 7 % 513));
    CHECK(large_message_set_payload(message, text, seed * 31 % 1025));
    for (uint32_t i = 0; i < seed % 9; i++) {
        SmallMessage *child = large_message_add_children(message);
        if (!CHECK(child != NULL)) break;
        child->id = i * seed;
        CHECK(small_message_set_name(child, text, (seed + i) % 33));
    }
    for (uint32_t i = 0; i < seed % 17; i++) CHECK(large_message_add_keywords(message, text, (seed + i) % 25));
    for (uint32_t i = 0; i < seed % 33; i++) CHECK(large_message_add_timestamps(message, UINT64_MAX >> (2 * i)));
    return message;
}

static void check_same(const LargeMessage *a, const LargeMessage *b) {
    CHECK_EQ(a->id, b->id);
    CHECK_EQ(a->title_length, b->title_length);
    CHECK(memcmp(a->title, b->title, a->title_length) == 0);
    CHECK_EQ(a->description_length, b->description_length);
    CHECK(memcmp(a->description, b->description, a->description_length) == 0);
    CHECK_EQ(a->payload_length, b->payload_length);
    CHECK(memcmp(a->payload, b->payload, a->payload_length) == 0);
    CHECK_EQ(a->children_count, b->children_count);
    for (uint32_t i = 0; i < a->children_count; i++) {
        CHECK_EQ(a->children[i].id, b->children[i].id);
        CHECK_EQ(a->children[i].name_length, b->children[i].name_length);
        CHECK(memcmp(a->children[i].name, b->children[i].name, a->children[i].name_length) == 0);
    }
    CHECK_EQ(a->keywords_count, b->keywords_count);
    for (uint32_t i = 0; i < a->keywords_count; i++) {
        CHECK_EQ(a->keywords_lengths[i], b->keywords_lengths[i]);
        CHECK(memcmp(a->keywords[i], b->keywords[i], a->keywords_lengths[i]) == 0);
    }
    CHECK_EQ(a->timestamps_count, b->timestamps_count);
    CHECK(memcmp(a->timestamps, b->timestamps, a->timestamps_count * sizeof *a->timestamps) == 0);
}

TEST(bytes_become_an_equal_message_in_the_pool) {
    uint8_t bytes[4096];
    for (uint32_t seed = 0; seed < 1000; seed++) {
        size_t length = 0, again = 0;
        LargeMessage *message = make_large(seed);
        if (!CHECK(message != NULL)) return;
        CHECK_EQ(large_message_encode(message, bytes, sizeof bytes, &length), POOL_WIRE_OK);
        CHECK_EQ(large_message_encoded_size(message), length);
        LargeMessage *other = large_message_decode(bytes, length, NULL);
        if (!CHECK(other != NULL)) return;
        check_same(message, other);
        /* The buffer is exactly large enough, or one byte too small. */
        CHECK_EQ(large_message_encode(other, bytes, length, &again), POOL_WIRE_OK);
        CHECK_EQ(again, length);
        if (length > 0) {
            CHECK_EQ(large_message_encode(other, bytes, length - 1, &again), POOL_WIRE_NO_ROOM);
            CHECK_EQ(again, length);
        }
        CHECK_EQ(large_message_free(message), POOL_OK);
        CHECK_EQ(large_message_free(other), POOL_OK);
    }
    CHECK_EQ(live(), 0);
}

TEST(every_beginning_of_an_encoding_is_taken_or_refused_whole) {
    uint8_t bytes[4096];
    size_t length = 0;
    LargeMessage *message = make_large(4321);
    if (!CHECK(message != NULL)) return;
    CHECK_EQ(large_message_encode(message, bytes, sizeof bytes, &length), POOL_WIRE_OK);
    CHECK_EQ(large_message_free(message), POOL_OK);
    for (size_t cut = 0; cut < length; cut++) {
        pool_wire_error_t error = {POOL_WIRE_OK, 0, 0};
        uint8_t *exact = (uint8_t *)malloc(cut ? cut : 1); /* reading beyond it is seen */
        if (!exact) exit(2);
        memcpy(exact, bytes, cut);
        LargeMessage *part = large_message_decode(exact, cut, &error);
        if (part) {
            CHECK_EQ(large_message_free(part), POOL_OK);
        } else {
            CHECK_EQ(error.status, POOL_WIRE_TRUNCATED);
            CHECK(error.offset < cut);
        }
        free(exact);
    }
    CHECK_EQ(live(), 0);
}

TEST(what_is_wrong_is_told_with_its_place) {
    static const struct {
        const char *bytes;
        size_t length;
        pool_wire_error_t error;
    } cases[] = {
        {"\x08\x01\x10\x05", 4, {POOL_WIRE_WRONG_TYPE, 2, 2}},
        {"\x08\x01\x12\x05" "ab", 6, {POOL_WIRE_TRUNCATED, 2, 2}},
        {"\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02", 11, {POOL_WIRE_OVERLONG, 1, 0}},
        {"\x08\x01\x07", 3, {POOL_WIRE_BAD_TAG, 0, 2}},
        {"\x12\x02\xff\xfe", 4, {POOL_WIRE_BAD_UTF8, 2, 0}},
        {"\x12\x21" "0123456789012345678901234567890123456789", 35, {POOL_WIRE_TOO_LONG, 2, 0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SmallMessage message = {77, 4, "left"};
        pool_wire_error_t error = {POOL_WIRE_OK, 0, 0};
        pool_wire_status_t status =
            small_message_decode_into(&message, cases[i].bytes, cases[i].length, &error);
        CHECK_EQ(status, cases[i].error.status);
        CHECK_EQ(error.status, cases[i].error.status);
        CHECK_EQ(error.field, cases[i].error.field);
        CHECK_EQ(error.offset, cases[i].error.offset);
        CHECK_EQ(message.id, 0);
        CHECK_EQ(message.name_length, 0);
    }
    LargeMessage large;
    pool_wire_error_t error;
    uint8_t many[18];
    for (size_t i = 0; i < sizeof many; i++) many[i] = i % 2 ? 0 : 0x2a;
    CHECK_EQ(large_message_decode_into(&large, many, 16, &error), POOL_WIRE_OK);
    CHECK_EQ(large.children_count, 8);
    CHECK_EQ(large_message_decode_into(&large, many, 18, &error), POOL_WIRE_TOO_MANY);
    CHECK_EQ(error.field, 5);
    CHECK_EQ(error.offset, 16);
}

TEST(full_pool_is_told_from_bad_bytes) {
    static SmallMessage *held[100000];
    pool_wire_error_t error = {POOL_WIRE_OK, 9, 9};
    size_t count = 0;
    while (count < 100000 && (held[count] = small_message_decode("\x08\x07", 2, NULL)) != NULL) {
        CHECK_EQ(held[count]->id, 7);
        count++;
    }
    CHECK_EQ(count, 100000);
    CHECK(small_message_decode("\x08\x07", 2, &error) == NULL);
    CHECK_EQ(error.status, POOL_WIRE_NO_OBJECT);
    while (count > 0) CHECK_EQ(small_message_free(held[--count]), POOL_OK);
    for (int i = 0; i < 1000; i++) CHECK(small_message_decode("\x08", 1, &error) == NULL);
    CHECK_EQ(error.status, POOL_WIRE_TRUNCATED);
    CHECK_EQ(stats_of(small_message_pool()).in_use, 0);
    report_of(small_message_pool());
}

TEST(bytes_are_merged_onto_a_message) {
    SmallMessage message = {1, 0, ""};
    CHECK_EQ(small_message_merge(&message, "\x12\x03tea", 5, NULL), POOL_WIRE_OK);
    CHECK_EQ(message.id, 1);
    CHECK_EQ(message.name_length, 3);
    CHECK_EQ(small_message_merge(&message, "\x08\x05", 2, NULL), POOL_WIRE_OK);
    CHECK_EQ(message.id, 5);
    CHECK_EQ(message.name_length, 3);
}

TEST(json_is_cut_where_the_buffer_ends) {
    SmallMessage message = {7, 5, "te\"a\n"};
    static const char whole[] = "{\"id\":7,\"name\":\"te\\\"a\\n\"}";
    char buffer[64];
    CHECK_EQ(small_message_json(&message, NULL, 0), strlen(whole));
    for (size_t size = 1; size < sizeof buffer; size++) {
        memset(buffer, '?', sizeof buffer);
        CHECK_EQ(small_message_json(&message, buffer, size), strlen(whole));
        size_t used = size - 1 < strlen(whole) ? size - 1 : strlen(whole);
        CHECK(memcmp(buffer, whole, used) == 0);
        CHECK_EQ(buffer[used], '\0');
        CHECK_EQ(buffer[used + 1], '?');
    }
    PoolStatsMessage stats;
    pool_stats_message_clear(&stats);
    stats.total_allocated = UINT64_MAX;
    pool_stats_message_json(&stats, buffer, sizeof buffer);
    CHECK(strcmp(buffer, "{\"totalAllocated\":\"18446744073709551615\"}") == 0);
}

TEST(null_and_foreign_tables_are_refused) {
    SmallMessage message = {0, 0, ""};
    pool_wire_row_t wrong = {{1, 2, 3, 4, 5, 6, 7, 8}};
    size_t length = 0;
    CHECK_EQ(pool_wire_decode(NULL, "", 0, &message, NULL), POOL_WIRE_NULL);
    CHECK_EQ(pool_wire_decode(&wrong, "", 0, &message, NULL), POOL_WIRE_BAD_TABLE);
    CHECK_EQ(small_message_decode_into(NULL, "", 0, NULL), POOL_WIRE_NULL);
    CHECK_EQ(small_message_decode_into(&message, NULL, 1, NULL), POOL_WIRE_NULL);
    CHECK_EQ(small_message_decode_into(&message, NULL, 0, NULL), POOL_WIRE_OK);
    CHECK_EQ(small_message_encode(&message, NULL, 1, &length), POOL_WIRE_NULL);
    CHECK_EQ(small_message_encode(&message, NULL, 0, NULL), POOL_WIRE_NULL);
    CHECK_EQ(small_message_encode(&message, NULL, 0, &length), POOL_WIRE_OK);
    CHECK_EQ(small_message_encode(NULL, NULL, 0, &length), POOL_WIRE_NULL);
    CHECK_EQ(pool_wire_size(NULL, &message), 0);
    CHECK_EQ(small_message_json(NULL, NULL, 0), 0);
    size_t rows = sizeof concurrent_wire / sizeof *concurrent_wire;
    CHECK_EQ(pool_wire_check(concurrent_wire, rows), POOL_WIRE_OK);
    CHECK_EQ(pool_wire_check(concurrent_wire, rows - 1), POOL_WIRE_BAD_TABLE);
    CHECK_EQ(pool_wire_check(NULL, 1), POOL_WIRE_NULL);
    for (int status = 0; status >= POOL_WIRE_MISSING; status--)
        CHECK(strcmp(pool_wire_status_string((pool_wire_status_t)status),
                     pool_wire_status_string((pool_wire_status_t)1)) != 0);
}

int main(int argc, char **argv) {
    check_begin(argc, argv);
    RUN(bytes_become_an_equal_message_in_the_pool);
    RUN(every_beginning_of_an_encoding_is_taken_or_refused_whole);
    RUN(what_is_wrong_is_told_with_its_place);
    RUN(full_pool_is_told_from_bad_bytes);
    RUN(bytes_are_merged_onto_a_message);
    RUN(json_is_cut_where_the_buffer_ends);
    RUN(null_and_foreign_tables_are_refused);
    return check_end();
}
