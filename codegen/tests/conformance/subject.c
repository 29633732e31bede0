/* The generated functions, asked over a pipe. A request is a message's name and bytes, an answer the
 * status (with field and offset; twelve bytes), the message's encoding, and its JSON. Each of these
 * parts has its length in four bytes before it. */
#include <concurrent.g.h>
#include <every.g.h>
#include <keep.g.h>
#include <kinds.g.h>
#include <main.g.h>
#include <old.g.h>
#include <rich.g.h>

#include "../check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PART_MAX (1 << 20)

static uint8_t bytes[PART_MAX], encoded[PART_MAX];
static char json[PART_MAX];

/* Reads one part; false at the end of the input. */
static int get(void *part, size_t size, uint32_t *length) {
    if (fread(length, sizeof *length, 1, stdin) != 1) return 0;
    CHECK(*length < size);
    return *length < size && fread(part, 1, *length, stdin) == *length;
}

static void put(const void *part, size_t size) {
    uint32_t length = (uint32_t)size;
    CHECK(fwrite(&length, sizeof length, 1, stdout) == 1);
    CHECK(fwrite(part, 1, size, stdout) == size);
}

/* Decodes onto what is no message, encodes, shows; what is refused is left empty. */
#define MESSAGE(full_name, type, name)                                                  \
    if (strcmp(wanted, full_name) == 0) {                                               \
        static type object, empty;                                                      \
        memset(&object, 0xa5, sizeof object);                                           \
        error.status = name##_decode_into(&object, bytes, length, &error);              \
        if (error.status == POOL_WIRE_OK) {                                             \
            CHECK(name##_encode(&object, encoded, sizeof encoded, &used) == POOL_WIRE_OK); \
            CHECK(name##_encoded_size(&object) == used);                                \
            shown = name##_json(&object, json, sizeof json);                            \
        } else {                                                                        \
            name##_init(&empty);                                                        \
            CHECK(name##_equal(&object, &empty));                                       \
        }                                                                               \
        is_known = 1;                                                                   \
    }

static void answer(const char *wanted, size_t length) {
    pool_wire_error_t error = {POOL_WIRE_OK, 0, 0};
    size_t used = 0, shown = 0;
    uint32_t status[3];
    int is_known = 0;
    MESSAGE("concurrent.SmallMessage", SmallMessage, small_message)
    MESSAGE("concurrent.MediumMessage", MediumMessage, medium_message)
    MESSAGE("concurrent.LargeMessage", LargeMessage, large_message)
    MESSAGE("concurrent.StressTestMessage", StressTestMessage, stress_test_message)
    MESSAGE("concurrent.PoolStatsMessage", PoolStatsMessage, pool_stats_message)
    MESSAGE("every.All", All, all)
    MESSAGE("every.AllMaps", AllMaps, all_maps)
    MESSAGE("every.AllInner", AllInner, all_inner)
    MESSAGE("golden.keep.Kept", Kept, kept)
    MESSAGE("golden.keep.KeptMap", KeptMap, kept_map)
    MESSAGE("golden.keep.KeptAlone", KeptAlone, kept_alone)
    MESSAGE("golden.keep.KeptFar", KeptFar, kept_far)
    MESSAGE("golden.kinds.Everything", Everything, everything)
    MESSAGE("golden.kinds.Lists", Lists, lists)
    MESSAGE("golden.kinds.Words", Words, words)
    MESSAGE("golden.old.Record", Record, record)
    MESSAGE("golden.rich.Choice", Choice, choice)
    MESSAGE("golden.rich.Maybe", Maybe, maybe)
    MESSAGE("golden.rich.Maps", Maps, maps)
    MESSAGE("golden.rich.Exact", Exact, exact)
    MESSAGE("golden.rich.Loose", Loose, loose)
    MESSAGE("golden.rich.Compact", Compact, compact)
    MESSAGE("golden.rich.Nothing", Nothing, nothing)
    MESSAGE("golden.rich.Fading", Fading, fading)
    MESSAGE("several.Event", Event, event)
    CHECK(is_known);
    CHECK(shown < sizeof json);
    status[0] = (uint32_t)error.status;
    status[1] = error.field;
    status[2] = (uint32_t)error.offset;
    put(status, sizeof status);
    put(encoded, used);
    put(json, shown);
    fflush(stdout);
}

int main(void) {
    char name[64];
    uint32_t length;
    while (get(name, sizeof name, &length)) {
        name[length] = '\0';
        CHECK(get(bytes, sizeof bytes, &length));
        answer(name, length);
        if (failures) return EXIT_FAILURE;
    }
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
