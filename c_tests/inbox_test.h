/*
 * inbox_test.h - what the programs about tokens and inboxes share: an inbox that notes
 * what it was told, and each call with what it must come to.
 */
#ifndef INBOX_TEST_H
#define INBOX_TEST_H

#include "pool_test.h"

#include <pool_inbox.h>

enum { SIZE = 48 };

/* What an inbox was told. */
typedef struct told_t {
    atomic_int calls;
    pool_token_t tokens[64];
    bool deaf; /* cannot be told */
} told_t;

static inline bool note(void *context, pool_token_t token) {
    told_t *told = context;
    told->tokens[atomic_fetch_add(&told->calls, 1) % 64] = token;
    return !told->deaf;
}

static inline pool_inbox_t inbox_of(told_t *told) {
    pool_inbox_t inbox = 0;
    memset(told, 0, sizeof *told);
    CHECK_EQ(pool_inbox_create(note, told, &inbox), POOL_OK);
    CHECK(inbox != 0);
    return inbox;
}

static inline pool_token_t give(pool_t *pool, void *object, pool_inbox_t inbox) {
    pool_token_t token = 0;
    CHECK_EQ(pool_give(pool, object, inbox, &token), POOL_OK);
    CHECK(token != 0 && token >> 62 == 0);
    return token;
}

/* What must be there. */
static inline void *take(pool_t *pool, pool_token_t token) {
    void *object = NULL;
    pool_t *of = NULL;
    CHECK_EQ(pool_take(token, &object, &of), POOL_OK);
    CHECK(of == pool && pool_of(object) == pool);
    return object;
}

static inline pool_token_t ask(pool_t *pool, pool_inbox_t inbox) {
    void *none = &none;
    pool_token_t token = 0;
    CHECK_EQ(pool_alloc_inbox(pool, &none, 0, inbox, &token), POOL_PENDING);
    CHECK(none == &none);
    CHECK(token != 0);
    return token;
}

/* Nothing can be had by this number, in any way; outputs stay. */
static inline void check_void(pool_token_t token) {
    void *object = &object;
    pool_t *pool = (pool_t *)&object;
    CHECK_EQ(pool_take(token, &object, &pool), POOL_ERR_NOT_FOUND);
    CHECK(object == &object && pool == (pool_t *)&object);
    CHECK_EQ(pool_discard(token), POOL_ERR_NOT_FOUND);
}

#endif
