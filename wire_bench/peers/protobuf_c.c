/* protobuf-c: each message, string and list is an allocation. It does not look whether strings
 * are UTF-8, and packing trusts that there is room. */
#include "peer.h"

#include "concurrent.pb-c.h"

#include <stdlib.h>
#include <string.h>

struct loaded {
    const ProtobufCMessageDescriptor *type;
    const uint8_t *bytes;
    size_t length;
    ProtobufCMessage *message;
    uint8_t *output;
};

static const ProtobufCMessageDescriptor *const types[] = {
    &concurrent__small_message__descriptor,
    &concurrent__medium_message__descriptor,
    &concurrent__large_message__descriptor,
    &concurrent__stress_test_message__descriptor,
};

static void close_(struct loaded *loaded) {
    protobuf_c_message_free_unpacked(loaded->message, NULL);
    free(loaded->output);
    free(loaded);
}

static struct loaded *open_(const char *message, const uint8_t *bytes, size_t length) {
    struct loaded *loaded = calloc(1, sizeof *loaded);
    if (!loaded) return NULL;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i]->name, message) == 0) loaded->type = types[i];
    if (loaded->type) loaded->message = protobuf_c_message_unpack(loaded->type, NULL, length, bytes);
    loaded->output = malloc(length);
    loaded->bytes = bytes;
    loaded->length = length;
    if (!loaded->message || !loaded->output ||
        protobuf_c_message_get_packed_size(loaded->message) != length) {
        close_(loaded);
        return NULL;
    }
    return loaded;
}

static const uint8_t *output(const struct loaded *loaded) { return loaded->output; }

static size_t unpack(struct loaded *loaded) {
    ProtobufCMessage *message =
        protobuf_c_message_unpack(loaded->type, NULL, loaded->length, loaded->bytes);
    if (!message) return 0;
    protobuf_c_message_free_unpacked(message, NULL);
    return loaded->length;
}

static size_t pack(struct loaded *loaded) {
    return protobuf_c_message_pack(loaded->message, loaded->output);
}

/* What one must do who does not know the size. */
static size_t size_and_pack(struct loaded *loaded) {
    if (protobuf_c_message_get_packed_size(loaded->message) > loaded->length) return 0;
    return pack(loaded);
}

const struct peer protobuf_c_peer = {
    .open = open_,
    .output = output,
    .close = close_,
    .decode = {{"decode: protobuf-c, fresh", unpack}},
    .encode = {{"encode: protobuf-c, unbounded", pack},
               {"encode: protobuf-c, bounded", size_and_pack}},
};
