/*
 * floor.c - what any allocator with a cache a thread costs at least
 *
 * A stack of pointers in thread-local storage behind a call into a shared library,
 * and nothing else: no check, no capacity, no other thread's objects. malloc fills
 * it, and takes what is too much.
 */
#include <stddef.h>
#include <stdlib.h>

enum { MOST = 4096 };

typedef struct floor_pool_t {
    size_t object_size;
} floor_pool_t;

/* The next free place, and where places begin and end; all NULL before the first free. */
static __thread void **top, **bottom, **limit;

static __attribute__((noinline)) void *refill(const floor_pool_t *pool) {
    return malloc(pool->object_size);
}

static __attribute__((noinline)) void spill(void *object) {
    if (bottom == NULL && (bottom = malloc(MOST * sizeof *bottom)) != NULL) {
        limit = bottom + MOST;
        top = bottom;
        *top++ = object;
        return;
    }
    free(object);
}

void *floor_alloc(const floor_pool_t *pool) {
    return __builtin_expect(top != bottom, 1) ? *--top : refill(pool);
}

void floor_free(const floor_pool_t *pool, void *object) {
    (void)pool;
    if (__builtin_expect(top != limit, 1)) {
        *top++ = object;
    } else {
        spill(object);
    }
}

/* The calling thread's objects go back to malloc. */
void floor_end(void) {
    while (top != bottom) {
        free(*--top);
    }
    free(bottom);
    top = bottom = limit = NULL;
}
