/*
 * pool_wire.h - protobuf's wire format, straight into messages and out of them
 *
 * The functions that poolgen writes for each message (small_message_decode,
 * small_message_encode, ...) are the ones to use; they call these with the tables
 * that poolgen wrote. No function here allocates, waits or takes a lock; any thread
 * may call any of them, on messages that are its own meanwhile.
 *
 * A table says how a message travels and where its fields lie. Those of a schema
 * are one array of rows: a message's own row and behind it those of its fields, by
 * rising number. A message stands before those that it contains. A table must
 * describe the memory it is used on: what poolgen writes does, and asserts it.
 */
#ifndef MAGPOOL_POOL_WIRE_H
#define MAGPOOL_POOL_WIRE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What decoding or encoding came to. */
typedef enum pool_wire_status_t {
    POOL_WIRE_OK = 0,
    /* The bytes end within a field. */
    POOL_WIRE_TRUNCATED = -1,
    /* A varint has more than 64 bits. */
    POOL_WIRE_OVERLONG = -2,
    /* A tag has no field number, no wire type, or ends a group that did not begin. */
    POOL_WIRE_BAD_TAG = -3,
    /* A known field has a wire type that its type cannot have. */
    POOL_WIRE_WRONG_TYPE = -4,
    /* A string or bytes field is longer than its max_length, or an unknown field than what
     * others left of the message's unknown_max. */
    POOL_WIRE_TOO_LONG = -5,
    /* A repeated field has more elements than its max_count. */
    POOL_WIRE_TOO_MANY = -6,
    /* A string is not UTF-8. */
    POOL_WIRE_BAD_UTF8 = -7,
    /* Messages or groups are nested more than 100 deep. */
    POOL_WIRE_TOO_DEEP = -8,
    /* The buffer is too small for the encoding. */
    POOL_WIRE_NO_ROOM = -9,
    /* The pool has no object for the message; only poolgen's functions return it. */
    POOL_WIRE_NO_OBJECT = -10,
    /* The table is none that this library knows. */
    POOL_WIRE_BAD_TABLE = -11,
    /* A pointer argument is NULL. */
    POOL_WIRE_NULL = -12,
    /* A fixed field has another length or count than its own. */
    POOL_WIRE_WRONG_LENGTH = -13,
    /* A required field is not there. */
    POOL_WIRE_MISSING = -14
} pool_wire_status_t;

/* Where decoding went wrong. */
typedef struct pool_wire_error_t {
    /* What is wrong. */
    pool_wire_status_t status;
    /* The number of the field, in the innermost message; 0: none. */
    uint32_t field;
    /* Where in the bytes that field's tag begins; POOL_WIRE_MISSING: where the message
     * ends that lacks it. */
    size_t offset;
} pool_wire_error_t;

/*
 * Eight numbers. Of a message: POOL_WIRE_TABLE, bytes of an object, its alignment and
 * 256 times the number of its required fields, at most 64, and 65536 times what JSON
 * shows it as (0: a message, 1: a time, 2: a duration, 3: the value of its field, 4: a
 * field mask) and 16777216 if it keeps unknown fields, number of fields, how many of the
 * first fields have the numbers 1, 2, 3, ..., rows from this one to the end of the array,
 * and offset and number, a multiple of 8, of the bytes to be cleared in an empty message
 * (0, 0: what tells of each field that it is not there). Of a field:
 *
 *     its tag: the field number times 8, and the wire type it is written with
 *     its type, presence, and POOL_WIRE_UTF8, _FIXED, _REQUIRED, _MAP, _CLOSED, joined by |
 *     offset of the value, or of the first element
 *     offset of what tells whether it is there, or 0
 *     string and bytes: offset of the length, or of the first length, 0 if it is
 *         POOL_WIRE_FIXED; a number that is POOL_WIRE_ALWAYS there: what it is in an
 *         empty message; else 0
 *     string and bytes: most bytes; message: rows from that of the message with
 *         this field to that of the one it holds; enumeration: where its values
 *         begin in the schema's names, or 0, but POOL_WIRE_CLOSED: rows to that of the
 *         enumeration; else 0
 *     repeated: most elements; POOL_WIRE_REQUIRED: how many required fields stand
 *         before it; else 0
 *     where its JSON name begins in the schema's names
 *
 * Where a message keeps unknown fields, behind its fields, of which it is none:
 * POOL_WIRE_UNKNOWN, and the rest as of a field of POOL_WIRE_BYTES, without a name.
 *
 * Of a closed enumeration, behind all messages: POOL_WIRE_VALUES, how many numbers it has,
 * 0, 0, 0, rows from this one to the end of the array, 0, and where its values begin in the
 * names, or 0. Behind it stand its numbers, rising, seven in a row behind
 * POOL_WIRE_NUMBERS; what is left of the last row is 0.
 *
 * A name ends with NUL. The values of an enumeration are names, too: the value's name, a
 * space and its number; behind the last one is an empty name.
 */
typedef struct pool_wire_row_t {
    uint32_t words[8];
} pool_wire_row_t;

/* First number of a message's row: a mark, and the version of the format. */
#define POOL_WIRE_TABLE 0x4d570017
/* First number of a closed enumeration's row, and of those with its numbers. */
#define POOL_WIRE_VALUES 0x4d580017
#define POOL_WIRE_NUMBERS 0x4d590017
/* First number of the row that says where a message keeps unknown fields. */
#define POOL_WIRE_UNKNOWN 0x4d5a0017

/* Types of fields, with the numbers of FieldDescriptorProto.Type. */
#define POOL_WIRE_DOUBLE 1
#define POOL_WIRE_FLOAT 2
#define POOL_WIRE_INT64 3
#define POOL_WIRE_UINT64 4
#define POOL_WIRE_INT32 5
#define POOL_WIRE_FIXED64 6
#define POOL_WIRE_FIXED32 7
#define POOL_WIRE_BOOL 8
#define POOL_WIRE_STRING 9
#define POOL_WIRE_MESSAGE 11
#define POOL_WIRE_BYTES 12
#define POOL_WIRE_UINT32 13
#define POOL_WIRE_ENUM 14
#define POOL_WIRE_SFIXED32 15
#define POOL_WIRE_SFIXED64 16
#define POOL_WIRE_SINT32 17
#define POOL_WIRE_SINT64 18

/* Presences: unless it is 0 or empty; as often as a uint32_t says; if a byte is
 * not 0; if a uint32_t, the case of its oneof, is its number; whatever it is. With
 * COUNT, ALWAYS is exactly as often as it can be. */
#define POOL_WIRE_IMPLICIT 0
#define POOL_WIRE_COUNT 0x20
#define POOL_WIRE_HAS 0x100
#define POOL_WIRE_CASE 0x200
#define POOL_WIRE_ALWAYS 0x300

/* The bytes of a string must be UTF-8. */
#define POOL_WIRE_UTF8 0x400
/* Exactly the most bytes: no length is stored. */
#define POOL_WIRE_FIXED 0x800
/* Bytes without it are no message. */
#define POOL_WIRE_REQUIRED 0x1000
/* Entries of a map: no two have the same field 1, the key. */
#define POOL_WIRE_MAP 0x2000
/* Another number than those of the enumeration is an unknown field; not for lists of
 * exactly so many elements, which could not do without it. */
#define POOL_WIRE_CLOSED 0x4000

/*
 * Makes the message at `object` what the `length` bytes say, as protobuf does: the
 * last single value counts, messages are merged, lists continued, packed or not;
 * unknown fields are passed over, or added to those that the message keeps, and so are
 * numbers that a closed enumeration does not have; of entries of a map with the same key
 * the last counts; required fields must be there, fixed ones have exactly their length.
 * `object` has the size and alignment of the table; what it held does not matter. If it
 * fails the message is empty, and *out_error (unless NULL) says where it went wrong.
 * `bytes` may be NULL if `length` is 0; they must not lie in `object`. (Without bytes, object or table nothing
 * is touched.)
 * Returns any status but NO_ROOM and NO_OBJECT.
 * Cost: as a copy of the texts and some nanoseconds a field.
 */
pool_wire_status_t pool_wire_decode(const pool_wire_row_t *table, const void *bytes,
                                    size_t length, void *object, pool_wire_error_t *out_error);

/*
 * As pool_wire_decode, onto a message: as if the bytes stood behind those that it was
 * decoded from; required fields of the message itself may be missing in them. If it
 * fails, the message is empty, too.
 */
pool_wire_status_t pool_wire_merge(const pool_wire_row_t *table, const void *bytes,
                                   size_t length, void *object, pool_wire_error_t *out_error);

/* Bytes of the message's encoding; 0 for a NULL or unknown table, or a NULL object. */
size_t pool_wire_size(const pool_wire_row_t *table, const void *object);

/*
 * Encodes the message into `out`, fields by rising number and behind them the unknown
 * ones that it keeps, and stores in *out_length how many bytes that are. Lengths and
 * counts above their bounds are taken as those. Returns POOL_WIRE_OK; POOL_WIRE_NO_ROOM, with the bytes that are needed in
 * *out_length; POOL_WIRE_BAD_UTF8; POOL_WIRE_MISSING, if a required message is absent;
 * POOL_WIRE_BAD_TABLE; POOL_WIRE_NULL. What is in `out` behind the encoding, and after a
 * failure, is unspecified. `out` may be NULL if `capacity` is 0.
 */
pool_wire_status_t pool_wire_encode(const pool_wire_row_t *table, const void *object, void *out,
                                    size_t capacity, size_t *out_length);

/*
 * Writes the message as one line of JSON with its final NUL into `buffer` of `size`
 * bytes, cut if it is longer, and returns the text's length in bytes; 0 for a NULL or
 * unknown table, or a NULL object. `names` are those poolgen wrote with the tables.
 * `buffer` may be NULL if `size` is 0. For debugging.
 */
size_t pool_wire_json(const pool_wire_row_t *table, const char *names, const void *object,
                      char *buffer, size_t size);

/*
 * Whether `count` rows are a schema's tables, each consistent in itself and with
 * those it names. For tables that came by another way than a compiler.
 * Returns POOL_WIRE_OK, POOL_WIRE_BAD_TABLE or POOL_WIRE_NULL.
 */
pool_wire_status_t pool_wire_check(const pool_wire_row_t *rows, size_t count);

/* One English sentence for a status, also for an unknown value; never NULL. */
const char *pool_wire_status_string(pool_wire_status_t status);

#ifdef __cplusplus
}
#endif

#endif /* MAGPOOL_POOL_WIRE_H */
