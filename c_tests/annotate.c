/*
 * annotate.c - tells helgrind and drd that an allocated object is fresh memory, as
 * they know of malloc's: whatever was done to it before is over. They see neither
 * the library's atomics nor its locks made of futexes, and helgrind takes memory
 * that was reserved and made accessible later for nobody's: without this it
 * watches no object at all. To preload, between a program and libmagpool.so.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pool_inbox.h>
#include <string.h>
#include <valgrind/helgrind.h> /* drd takes the same request */

static void *(*real_alloc)(pool_t *);
static pool_status_t (*real_try_alloc)(pool_t *, void **);
static pool_status_t (*real_alloc_timed)(pool_t *, void **, uint64_t);
static pool_status_t (*real_alloc_with)(pool_t *, void **, uint64_t, uint32_t);
static pool_status_t (*real_alloc_inbox)(pool_t *, void **, uint32_t, pool_inbox_t, pool_token_t *);
static pool_status_t (*real_take)(pool_token_t, void **, pool_t **);
static size_t (*real_alloc_batch)(pool_t *, void **, size_t);

/* The library's function of this name. ISO C has no conversion from an object
 * pointer to a function's. */
static void find(const char *name, void *out_function) {
    void *symbol = dlsym(RTLD_NEXT, name);
    memcpy(out_function, &symbol, sizeof symbol);
}

/* At once: a fork must not find dlsym's lock taken. In a program without the library
 * there is nothing to find. */
__attribute__((constructor)) static void find_all(void) {
    find("pool_alloc", &real_alloc), find("pool_try_alloc", &real_try_alloc);
    find("pool_alloc_timed", &real_alloc_timed), find("pool_alloc_with", &real_alloc_with);
    find("pool_alloc_batch", &real_alloc_batch);
    find("pool_alloc_inbox", &real_alloc_inbox), find("pool_take", &real_take);
}

static void *fresh(pool_t *pool, void *object) {
    VALGRIND_HG_CLEAN_MEMORY(object, pool_object_size(pool));
    return object;
}

static pool_status_t fresh_if(pool_status_t status, pool_t *pool, void **object) {
    if (status == POOL_OK) fresh(pool, *object);
    return status;
}

void *pool_alloc(pool_t *pool) {
    void *object = real_alloc(pool);
    return object ? fresh(pool, object) : NULL;
}

pool_status_t pool_try_alloc(pool_t *pool, void **out_object) {
    return fresh_if(real_try_alloc(pool, out_object), pool, out_object);
}

pool_status_t pool_alloc_timed(pool_t *pool, void **out_object, uint64_t timeout_ns) {
    return fresh_if(real_alloc_timed(pool, out_object, timeout_ns), pool, out_object);
}

pool_status_t pool_alloc_with(pool_t *pool, void **out_object, uint64_t timeout_ns, uint32_t flags) {
    return fresh_if(real_alloc_with(pool, out_object, timeout_ns, flags), pool, out_object);
}

pool_status_t pool_alloc_inbox(pool_t *pool, void **out_object, uint32_t flags, pool_inbox_t inbox,
                               pool_token_t *out_token) {
    return fresh_if(real_alloc_inbox(pool, out_object, flags, inbox, out_token), pool, out_object);
}

/* Handed on, which orders all that was done to it before. */
pool_status_t pool_take(pool_token_t token, void **out_object, pool_t **out_pool) {
    pool_t *pool = NULL;
    pool_status_t status = real_take(token, out_object, &pool);
    if (status == POOL_OK && out_pool) *out_pool = pool;
    return fresh_if(status, pool, out_object);
}

size_t pool_alloc_batch(pool_t *pool, void **out_objects, size_t count) {
    size_t done = real_alloc_batch(pool, out_objects, count);
    for (size_t i = 0; i < done; i++) fresh(pool, out_objects[i]);
    return done;
}
