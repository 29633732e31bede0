/*
 * model.h - the reference a pool is held to: which objects are live, whose token
 * each bears, what became of every other slot, and what the figures must be.
 * Any deviation prints a line and aborts.
 */
#ifndef FUZZ_MODEL_H
#define FUZZ_MODEL_H

#include <pool.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Most objects the harness holds of a pool, and slots it knows: magazines of
 * all threads may lie between the objects it holds. */
#define LIVE_MAX 1024
#define SLOTS_MAX 16384
#define POOLS 5
#define QUEUED_MAX 12

/* What is being done, for the line that says what went wrong. */
extern unsigned fuzz_step;
extern const char *fuzz_call;

#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) deviation(#condition, __FILE__, __LINE__);                               \
    } while (0)
#define EXPECT_EQ(actual, expected)                                                                \
    expect_equal((long long)(actual), (long long)(expected), #actual " == " #expected, __FILE__, __LINE__)

_Noreturn void deviation(const char *what, const char *file, int line);
void expect_equal(long long actual, long long expected, const char *what, const char *file, int line);

typedef enum place_t {
    UNSEEN,  /* never handed out */
    LIVE,
    FREED,
    TRIMMED, /* freed, and the pool trimmed since: its memory may be gone */
    SPOILT   /* overwritten while it was free */
} place_t;

typedef struct slot_t {
    place_t place;
    uint32_t at; /* in `live` */
    uint64_t token;
    uint64_t first; /* what the object began with when it was handed out */
} slot_t;

/* An allocation that waits: a thread's, or a callback's. */
typedef struct queued_t {
    bool is_thread, is_critical;
    unsigned number; /* of the thread, or of the promise */
} queued_t;

typedef struct model_t {
    pool_t *pool; /* NULL: there is none */
    size_t object_size, object_align, slot_size, capacity, limit, reserve;
    uint32_t rounds, flags;
    char name[POOL_NAME_MAX + 1];
    bool is_vast; /* may meet refused memory */

    uintptr_t base; /* 0 until an object was seen */
    slot_t *slots;
    uint32_t top; /* no slot from here on was ever handed out */
    uint32_t live[LIVE_MAX];
    uint32_t live_count, spoilt_count;

    uint64_t allocated, failed, most_live, grows, lost;
    uint64_t null, foreign, interior, wrong_pool, double_free;
    uint64_t unsure; /* foreign or double_free, and nobody said which */

    queued_t queue[QUEUED_MAX]; /* in order of arrival */
    unsigned queue_count;
} model_t;

/* A bit for each status, for sets of them. */
#define BIT(status) (1u << (1 - (status)))

extern model_t models[POOLS];

/* What pool_create must say of a configuration, names in use aside: a set. */
unsigned model_predict(const pool_config_t *config);
/* The alignment it asks for. */
size_t align_of_config(const pool_config_t *config);

void model_begin(model_t *model, pool_t *pool, const pool_config_t *config);
void model_end(model_t *model);

/* Whether an allocation must succeed; else it must be refused. */
bool model_has_room(const model_t *model, bool is_critical);
/* Whether the harness has room for more. */
bool model_may_hold(const model_t *model, size_t more);
void *model_address(const model_t *model, uint32_t index);
/* An object came out: it must be a free one. Marks it. */
void model_got(model_t *model, void *object);
/* As above, but it was freed again at once. */
void model_passed(model_t *model, void *object);
/* An allocation was refused. */
void model_refused(model_t *model, bool is_critical, pool_status_t said, pool_status_t expected);
/* An object is about to be freed: its owner's token must be there. */
void model_verify(const model_t *model, uint32_t index);
/* What freeing this pointer to this pool must say: a set. */
unsigned model_predict_free(const model_t *model, const void *object);
/* It said so, or UNSAID: a batch or a release does not tell. */
#define UNSAID ((pool_status_t)2)
void model_freed(model_t *model, const void *object, unsigned statuses, pool_status_t said);
void model_trimmed(model_t *model);
/* Every figure and every slot, and all tokens. */
void model_audit(model_t *model);

/* The model whose slots an address lies in, or NULL. */
model_t *model_of(const void *address);

/* Reads and writes that the harness means, whoever owns the memory. */
uint64_t peek(const void *at);
void poke(void *at, uint64_t word);

#endif
