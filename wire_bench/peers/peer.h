/* What an implementation in C shows the bench: src/c_peer.rs. */
#ifndef WIRE_BENCH_PEER_H
#define WIRE_BENCH_PEER_H

#include <stddef.h>
#include <stdint.h>

/* The bytes to be decoded, and the message they are, to be encoded. */
struct loaded;

/* One way of decoding or encoding, once; returns the bytes read or written, 0 if it failed. */
struct way {
    const char *label;
    size_t (*run)(struct loaded *);
};

/* The ways end with one without a label. */
struct peer {
    /* The bytes stay where they are until the end; NULL if they are no such message. */
    struct loaded *(*open)(const char *message, const uint8_t *bytes, size_t length);
    /* What was encoded last. */
    const uint8_t *(*output)(const struct loaded *);
    void (*close)(struct loaded *);
    struct way decode[3], encode[3];
};

#endif
