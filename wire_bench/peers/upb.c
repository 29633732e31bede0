/* upb: a message and all that is in it lie in an arena, which ends at once. Strings are copied
 * into it, as the bytes may go before the message. */
#include "peer.h"

#include "google/protobuf/descriptor.upb.h"
#include "upb/mem/arena.h"
#include "upb/reflection/def.h"
#include "upb/wire/decode.h"
#include "upb/wire/encode.h"

#include <stdlib.h>
#include <string.h>

/* The schema: a FileDescriptorProto. */
#include "concurrent_descriptor.h"

/* As the largest message needs. */
#define BLOCK 65536

struct loaded {
    const upb_MiniTable *type;
    const uint8_t *bytes;
    size_t length;
    upb_DefPool *pool;
    upb_Arena *arena;
    upb_Message *message;
    uint8_t *output;
    _Alignas(16) char block[BLOCK];
};

static void close_(struct loaded *loaded) {
    if (loaded->arena) upb_Arena_Free(loaded->arena);
    if (loaded->pool) upb_DefPool_Free(loaded->pool);
    free(loaded->output);
    free(loaded);
}

static size_t decode(struct loaded *loaded, upb_Arena *arena, upb_Message **out) {
    upb_Message *message = arena ? upb_Message_New(loaded->type, arena) : NULL;
    if (!message) return 0;
    *out = message;
    upb_DecodeStatus status = upb_Decode((const char *)loaded->bytes, loaded->length, message,
                                         loaded->type, NULL, 0, arena);
    return status == kUpb_DecodeStatus_Ok ? loaded->length : 0;
}

static const upb_MiniTable *find(upb_DefPool *pool, upb_Arena *arena, const char *message) {
    upb_Status status;
    upb_Status_Clear(&status);
    google_protobuf_FileDescriptorProto *file = google_protobuf_FileDescriptorProto_parse(
        (const char *)concurrent_descriptor, sizeof concurrent_descriptor, arena);
    if (!file || !upb_DefPool_AddFile(pool, file, &status)) return NULL;
    const upb_MessageDef *type = upb_DefPool_FindMessageByName(pool, message);
    return type ? upb_MessageDef_MiniTable(type) : NULL;
}

static struct loaded *open_(const char *message, const uint8_t *bytes, size_t length) {
    struct loaded *loaded = calloc(1, sizeof *loaded);
    if (!loaded) return NULL;
    loaded->arena = upb_Arena_New();
    loaded->pool = upb_DefPool_New();
    loaded->output = malloc(length);
    loaded->bytes = bytes;
    loaded->length = length;
    if (loaded->arena && loaded->pool && loaded->output)
        loaded->type = find(loaded->pool, loaded->arena, message);
    if (!loaded->type || decode(loaded, loaded->arena, &loaded->message) != length) {
        close_(loaded);
        return NULL;
    }
    return loaded;
}

static const uint8_t *output(const struct loaded *loaded) { return loaded->output; }

/* The arena from malloc, as most programs have it. */
static size_t decode_fresh(struct loaded *loaded) {
    upb_Message *message;
    upb_Arena *arena = upb_Arena_New();
    size_t length = decode(loaded, arena, &message);
    if (arena) upb_Arena_Free(arena);
    return length;
}

/* The arena in memory that is there. */
static size_t decode_block(struct loaded *loaded) {
    upb_Message *message;
    upb_Arena *arena = upb_Arena_Init(loaded->block, BLOCK, NULL);
    size_t length = decode(loaded, arena, &message);
    if (arena) upb_Arena_Free(arena);
    return length;
}

/* Into such an arena, and from there to where the others write. */
static size_t encode_block(struct loaded *loaded) {
    char *bytes;
    size_t length;
    upb_Arena *arena = upb_Arena_Init(loaded->block, BLOCK, NULL);
    if (!arena) return 0;
    upb_EncodeStatus status = upb_Encode(loaded->message, loaded->type, 0, arena, &bytes, &length);
    if (status != kUpb_EncodeStatus_Ok || length > loaded->length) length = 0;
    memcpy(loaded->output, bytes, length);
    upb_Arena_Free(arena);
    return length;
}

const struct peer upb_peer = {
    .open = open_,
    .output = output,
    .close = close_,
    .decode = {{"decode: upb, fresh arena", decode_fresh},
               {"decode: upb, arena reused", decode_block}},
    .encode = {{"encode: upb, arena reused", encode_block}},
};
