/*
 * annotate.c - tells helgrind and drd that an allocated object is fresh memory, as
 * they know of malloc's: whatever was done to it before is over. They see neither
 * the library's atomics nor its locks made of futexes, and helgrind takes memory
 * that was reserved and made accessible later for nobody's: without this it
 * watches no object at all. To preload, between a program and libmagpool.so.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pool.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/helgrind.h> /* drd takes the same request */

/* The library's function of this name. ISO C has no conversion from an object
 * pointer to a function's. */
static void find(const char *name, void *out_function) {
    void *symbol = dlsym(RTLD_NEXT, name);
    if (!symbol) abort();
    memcpy(out_function, &symbol, sizeof symbol);
}

static void *fresh(pool_t *pool, void *object) {
    VALGRIND_HG_CLEAN_MEMORY(object, pool_object_size(pool));
    return object;
}

void *pool_alloc(pool_t *pool) {
    void *(*alloc)(pool_t *);
    find("pool_alloc", &alloc);
    void *object = alloc(pool);
    return object ? fresh(pool, object) : NULL;
}

pool_status_t pool_try_alloc(pool_t *pool, void **out_object) {
    pool_status_t (*alloc)(pool_t *, void **);
    find("pool_try_alloc", &alloc);
    pool_status_t status = alloc(pool, out_object);
    if (status == POOL_OK) fresh(pool, *out_object);
    return status;
}

pool_status_t pool_alloc_timed(pool_t *pool, void **out_object, uint64_t timeout_ns) {
    pool_status_t (*alloc)(pool_t *, void **, uint64_t);
    find("pool_alloc_timed", &alloc);
    pool_status_t status = alloc(pool, out_object, timeout_ns);
    if (status == POOL_OK) fresh(pool, *out_object);
    return status;
}

size_t pool_alloc_batch(pool_t *pool, void **out_objects, size_t count) {
    size_t (*alloc)(pool_t *, void **, size_t);
    find("pool_alloc_batch", &alloc);
    size_t done = alloc(pool, out_objects, count);
    for (size_t i = 0; i < done; i++) fresh(pool, out_objects[i]);
    return done;
}
