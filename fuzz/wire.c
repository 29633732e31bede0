/*
 * wire.c - the fuzz target of the wire format: bytes are decoded into objects of
 * exactly their size. What is taken must come out and in again as the same bytes;
 * of what is refused nothing may be left, and the fault must lie within the bytes.
 *
 * The first byte of an input chooses the message, and whether what follows are the
 * bytes themselves or choices from which fields of that message are made: most
 * random bytes are refused at once.
 */
#include <concurrent.g.h>
#include <keep.g.h>
#include <kinds.g.h>
#include <old.g.h>
#include <rich.g.h>

#include <stdio.h>
#include <stdlib.h>

#define BYTES_MAX 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *what) {
    printf("fuzz: %s\n", what);
    fflush(stdout);
    abort();
}

/* A block of exactly its size, so that a step beyond it is seen. */
static void *exactly(const void *bytes, size_t size) {
    void *block = malloc(size ? size : 1);
    if (!block) exit(2);
    if (size) memcpy(block, bytes, size);
    return block;
}

/* ---- fields by choice --------------------------------------------------------- */

typedef struct stream_t {
    uint8_t bytes[BYTES_MAX];
    size_t size;
} stream_t;

static void put(stream_t *out, const void *bytes, size_t size) {
    if (size > sizeof out->bytes - out->size) size = sizeof out->bytes - out->size;
    if (size) memcpy(out->bytes + out->size, bytes, size);
    out->size += size;
}

static void put_varint(stream_t *out, uint64_t value) {
    do {
        uint8_t byte = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        put(out, &byte, 1);
        value >>= 7;
    } while (value);
}

/* Up to eight bytes of the choices as a number. */
static uint64_t number(const uint8_t **choices, const uint8_t *end) {
    uint64_t value = 0;
    size_t count = *choices < end ? *(*choices)++ % 9u : 0;
    while (count-- && *choices < end) value = value << 8 | *(*choices)++;
    return value;
}

/* Fields of the message, each chosen by a byte; contained messages likewise. */
static void put_fields(const pool_wire_row_t *table, const uint8_t **choices, const uint8_t *end,
                       stream_t *out, int depth) {
    uint32_t count = table->words[3];
    while (*choices < end) {
        uint8_t choice = *(*choices)++;
        if (choice == 0) return;
        /* What no message has. */
        static const pool_wire_row_t others[] = {
            {{4000 << 3 | 0, 0}}, {{4000 << 3 | 2, 0}}, {{4001 << 3 | 1, 0}}, {{4002 << 3 | 5, 0}}};
        const pool_wire_row_t *field = others + choice % 4;
        if (choice % 8 != 7 && count != 0) field = table + 1 + choice % count;
        uint32_t tag = field->words[0], kind = field->words[1] & 0x1f;
        stream_t *inner;
        put_varint(out, tag);
        switch (tag & 7) {
        case 0: put_varint(out, number(choices, end)); break;
        case 1: { uint64_t value = number(choices, end); put(out, &value, 8); break; }
        case 5: { uint32_t value = (uint32_t)number(choices, end); put(out, &value, 4); break; }
        default:
            inner = (stream_t *)malloc(sizeof *inner);
            if (!inner) exit(2);
            inner->size = 0;
            if (kind == POOL_WIRE_MESSAGE && depth < 4) {
                put_fields(table + field->words[5], choices, end, inner, depth + 1);
            } else {
                size_t length = *choices < end ? *(*choices)++ % 40u : 0;
                /* What has exactly one length gets it half of the time. */
                if (field->words[1] & POOL_WIRE_FIXED && length % 2) length = field->words[5];
                if (length > (size_t)(end - *choices)) length = (size_t)(end - *choices);
                put(inner, *choices, length);
                *choices += length;
            }
            put_varint(out, inner->size);
            put(out, inner->bytes, inner->size);
            free(inner);
        }
    }
}

/* ---- what must hold ------------------------------------------------------------- */

static void check_json(const pool_wire_row_t *table, const char *names, const void *object, size_t room) {
    size_t length = pool_wire_json(table, names, object, NULL, 0);
    char *text = (char *)malloc(room ? room : 1);
    if (!text) exit(2);
    if (pool_wire_json(table, names, object, text, room) != length) fail("JSON of two lengths");
    if (room && strlen(text) != (length < room ? length : room - 1)) fail("JSON is cut badly");
    if (room > length && (text[0] != '{' || text[length - 1] != '}')) fail("JSON that is none");
    free(text);
}

static void check_taken(const pool_wire_row_t *table, const void *object) {
    size_t length = pool_wire_size(table, object), used = 0, again = 0;
    uint8_t *bytes = (uint8_t *)malloc(length ? length : 1);
    uint8_t *second = (uint8_t *)malloc(length ? length : 1);
    void *other = malloc(table->words[1]);
    if (!bytes || !second || !other) exit(2);
    if (pool_wire_encode(table, object, bytes, length, &used) != POOL_WIRE_OK) fail("it does not encode");
    if (used != length) fail("its size is another");
    if (pool_wire_decode(table, bytes, length, other, NULL) != POOL_WIRE_OK) fail("its encoding is refused");
    if (pool_wire_encode(table, other, second, length, &again) != POOL_WIRE_OK) fail("again it does not");
    if (again != length || memcmp(bytes, second, length) != 0) fail("it comes out otherwise");
    if (length && pool_wire_encode(table, other, second, length - 1, &again) != POOL_WIRE_NO_ROOM)
        fail("there was no room");
    free(other);
    free(second);
    free(bytes);
}

static void check(const pool_wire_row_t *table, const char *names, const uint8_t *data, size_t size, size_t room) {
    pool_wire_error_t error = {POOL_WIRE_OK, 0, 0};
    uint8_t *bytes = (uint8_t *)exactly(data, size);
    void *object = malloc(table->words[1]);
    if (!object) exit(2);
    memset(object, 0xa5, table->words[1]);
    pool_wire_status_t status = pool_wire_decode(table, bytes, size, object, &error);
    if (status == POOL_WIRE_OK) {
        check_taken(table, object);
    } else {
        if (error.status != status || error.offset > size) fail("the fault has no place");
        void *empty = malloc(table->words[1]);
        if (!empty) exit(2);
        (void)pool_wire_decode(table, NULL, 0, empty, NULL);
        if (pool_wire_size(table, object) != pool_wire_size(table, empty)) fail("something is left");
        free(empty);
    }
    check_json(table, names, object, room);
    free(object);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) return 0;
    const uint8_t *choices = data + 2, *end = data + size;
    static const struct {
        const pool_wire_row_t *rows;
        const char *names;
    } schemas[] = {
        {concurrent_wire, concurrent_wire_names},
        {kinds_wire, kinds_wire_names},
        {rich_wire, rich_wire_names},
        {old_wire, old_wire_names},
        {keep_wire, keep_wire_names},
    };
    const unsigned chosen = data[0] & 0x80 ? 4 : data[0] & 3;
    const pool_wire_row_t *table = schemas[chosen].rows;
    const char *names = schemas[chosen].names;
    /* Each message in turn: from one's row to the next. */
    for (int steps = data[0] >> 3 & 15; steps > 0; steps--) {
        size_t own = 1 + table->words[3] + (table->words[2] >> 24);
        if (table->words[5] == own || table[own].words[0] != POOL_WIRE_TABLE) break;
        table += own;
    }
    if (data[0] & 4) {
        stream_t *made = (stream_t *)malloc(sizeof *made);
        if (!made) exit(2);
        made->size = 0;
        put_fields(table, &choices, end, made, 0);
        check(table, names, made->bytes, made->size, data[1]);
        free(made);
    } else {
        check(table, names, choices, (size_t)(end - choices), data[1]);
    }
    return 0;
}
