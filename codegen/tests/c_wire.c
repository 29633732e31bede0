/* Decodes messages of the kinds in rich.proto and old.proto from the input and encodes them again
 * to the output: a byte that says which message, a length in four bytes, the bytes. Before that,
 * what C itself makes must come out. Exit status 0 if all is right. */
#include <old.g.h>
#include <rich.g.h>

#include "check.h"

#include <stdlib.h>

#define BYTES_MAX 4096

/* What one writes the other reads, member by member. */
static void what_c_sets_is_read_again(void) {
    static Record record, other;
    uint8_t bytes[BYTES_MAX];
    size_t length = 0;
    pool_wire_error_t error = {POOL_WIRE_OK, 0, 0};
    record_init(&record);
    CHECK(record_encode(&record, bytes, sizeof bytes, &length) == POOL_WIRE_MISSING);
    record_set_number(&record, 0);
    record_set_left(&record, 0);
    CHECK(record_part_set_name(record_mutable_whole(&record), "abc", 3));
    CHECK(record_encode(&record, bytes, sizeof bytes, &length) == POOL_WIRE_OK);
    CHECK(record_encoded_size(&record) == length);
    CHECK(record_decode_into(&other, bytes, length, &error) == POOL_WIRE_OK);
    CHECK(record_equal(&record, &other) && other.has_number && !other.has_plain);
    CHECK(other.either_case == RECORD_EITHER_LEFT && record_get_most(&other) == UINT64_MAX);
    CHECK(record_decode_into(&other, bytes, 0, &error) == POOL_WIRE_MISSING && error.field == 1);
    CHECK(record_merge(&record, bytes, 0, &error) == POOL_WIRE_OK);
}

static void fixed_lengths_and_maps_are_kept(void) {
    static Exact exact, same;
    static Maps maps, also;
    uint8_t bytes[BYTES_MAX];
    char json[256];
    size_t length = 0;
    pool_wire_error_t error = {POOL_WIRE_OK, 0, 0};
    exact_init(&exact);
    memcpy(exact.id, "0123456789abcdef", 16);
    exact.matrix[3] = 1.5f;
    exact.corners[1].y = -1;
    CHECK(exact_encode(&exact, bytes, sizeof bytes, &length) == POOL_WIRE_OK);
    CHECK(exact_decode_into(&same, bytes, length, &error) == POOL_WIRE_OK);
    CHECK(exact_equal(&exact, &same));
    bytes[1] = 15;
    CHECK(exact_decode_into(&same, bytes, length, &error) == POOL_WIRE_WRONG_LENGTH);
    CHECK(error.field == 1 && error.offset == 0);
    maps_init(&maps);
    maps.moods_count = 1;
    maps.moods[0].key = 4;
    maps.moods[0].value = 1;
    CHECK(maps_encode(&maps, bytes, sizeof bytes, &length) == POOL_WIRE_OK);
    CHECK(maps_decode_into(&also, bytes, length, &error) == POOL_WIRE_OK);
    CHECK(maps_equal(&maps, &also));
    CHECK(maps_merge(&also, bytes, length, &error) == POOL_WIRE_OK && also.moods_count == 1);
    CHECK(maps_json(&also, json, sizeof json) == strlen("{\"moods\":{\"4\":\"MOOD_GOOD\"}}"));
    CHECK(strcmp(json, "{\"moods\":{\"4\":\"MOOD_GOOD\"}}") == 0);
}

static pool_wire_status_t again(int kind, const uint8_t *bytes, size_t length, uint8_t *out,
                                size_t *used) {
    static union {
        Choice choice;
        Maybe maybe;
        Maps maps;
        Exact exact;
        Record record;
    } m;
#define AGAIN(name)                                                             \
    do {                                                                        \
        pool_wire_status_t status = name##_decode_into(&m.name, bytes, length, NULL); \
        return status ? status : name##_encode(&m.name, out, BYTES_MAX, used);  \
    } while (0)
    memset(&m, 0xa5, sizeof m);
    switch (kind) {
    case 0: AGAIN(choice);
    case 1: AGAIN(maybe);
    case 2: AGAIN(maps);
    case 3: AGAIN(exact);
    default: AGAIN(record);
    }
}

int main(void) {
    static uint8_t bytes[BYTES_MAX], out[BYTES_MAX];
    uint32_t length;
    int kind;
    what_c_sets_is_read_again();
    fixed_lengths_and_maps_are_kept();
    while ((kind = getchar()) != EOF) {
        size_t used = 0;
        CHECK(fread(&length, sizeof length, 1, stdin) == 1 && length <= sizeof bytes);
        CHECK(fread(bytes, 1, length, stdin) == length);
        CHECK(again(kind, bytes, length, out, &used) == POOL_WIRE_OK);
        length = (uint32_t)used;
        CHECK(fwrite(&length, sizeof length, 1, stdout) == 1);
        CHECK(fwrite(out, 1, used, stdout) == used);
    }
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
