/*
 * pool_inline.h - allocating from an explicit cache without a call
 *
 * Opt-in: pool_cache_alloc_inline and pool_cache_free_inline do what
 * pool_cache_alloc and pool_cache_free do, every check included, with the fast
 * path compiled into the caller. What is not plainly possible (no round loaded, a
 * revoked cache, misuse) is left to the library. Mixing them with the functions of
 * pool.h on one cache is fine.
 *
 *     #include <pool_inline.h>
 *
 *     struct job *job = pool_cache_alloc_inline(cache);
 *     pool_cache_free_inline(cache, job);
 *
 * LAYOUT    The two structs below are the library's own, laid open. Code compiled
 *           with this header refers to the symbol pool_cache_layout_1, which only
 *           libraries with this layout export: with another one the program does
 *           not link, and if the library changed since, does not start. It never
 *           runs on a layout it does not know.
 * NEEDS     gcc or clang, 64-bit pointers, little-endian.
 */
#ifndef MAGPOOL_POOL_INLINE_H
#define MAGPOOL_POOL_INLINE_H

#include "pool.h"

#if !defined(__GNUC__) || !defined(__SIZEOF_POINTER__) || __SIZEOF_POINTER__ != 8 || \
        __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "pool_inline.h needs gcc or clang and a 64-bit little-endian machine: use pool_cache_alloc of pool.h"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- layout 1: for the functions below, not for programs ------------------------- */

/* A magazine; `capacity` rounds of 32 bits follow it. */
typedef struct pool_inline_magazine_t {
    void *next;
    /* Rounds held, in the lower 16 bits; above them, how many were allocated. */
    uint64_t fill;
    uint32_t capacity;
    bool racked;
} pool_inline_magazine_t;

/* The beginning of a cache. */
typedef struct pool_inline_cache_t {
    /* Has the bit POOL_INLINE_SLOW, or is the address of the pool, whose first 32 bits are the
     * number of slots that a free may trust. */
    uintptr_t token;
    /* 1 while its user is inside. */
    uint32_t busy;
    /* Which cache freed a slot, in a round's upper bits. */
    uint32_t stamp;
    pool_inline_magazine_t *loaded;
    /* Address of the first slot. */
    uintptr_t base;
    /* Inverse of the odd part of the distance between slots, modulo 2^64. */
    uint64_t inverse;
    /* A free slot's first word is this, xor its round. */
    uint64_t secret;
    /* Bytes from slot to slot: an odd number times 2^twos. */
    uint32_t stride;
    /* The bits of a round that are its slot's offset in units. */
    uint32_t place_mask;
    uint32_t twos;
    /* Bytes: POOL_INLINE_UNIT while the token is a pool's address. */
    uint32_t unit;
} pool_inline_cache_t;

/* Bit of a token with which the functions below leave all to the library. */
#define POOL_INLINE_SLOW 1

/* Bytes of the unit in which rounds count, where that bit is not set. */
#define POOL_INLINE_UNIT 8

/* Rounds of a magazine, of its fill word; one taken, and counted; one put back. */
#define POOL_INLINE_LEN_MASK 65535
#define POOL_INLINE_TAKEN 65535
#define POOL_INLINE_PUT 1

/* Size of a pool_inline_cache_t. Exported by libraries with this layout only. */
uint32_t pool_cache_layout_1(void);

/* Never called: makes the linker ask for the symbol, when the program is loaded. */
__attribute__((used)) static uint32_t (*const pool_inline_needs_layout_1)(void) = pool_cache_layout_1;

/* Words of memory that has the user's types while it is an object. */
typedef uint64_t pool_inline_word_t __attribute__((may_alias));
typedef uint32_t pool_inline_half_t __attribute__((may_alias));

/* Ends a busy section: whoever revokes the cache sees all that was done in it. */
static inline void pool_inline_leave(pool_inline_cache_t *cache) {
    __atomic_store_n(&cache->busy, 0u, __ATOMIC_RELEASE);
}

/* Begins one, and returns the token. The order of the store and the load is the
 * revoker's business (membarrier); the compiler must keep it. */
static inline uintptr_t pool_inline_enter(pool_inline_cache_t *cache) {
    __atomic_store_n(&cache->busy, 1u, __ATOMIC_RELAXED);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    return __atomic_load_n(&cache->token, __ATOMIC_ACQUIRE);
}

static inline uint32_t *pool_inline_rounds(pool_inline_magazine_t *magazine) {
    return (uint32_t *)(magazine + 1);
}

/* The object of the loaded magazine's top round, or NULL with nothing changed. */
static inline void *pool_inline_pop(pool_inline_cache_t *cache) {
    pool_inline_magazine_t *magazine = cache->loaded;
    uint64_t fill = magazine->fill, len = fill & POOL_INLINE_LEN_MASK, key;
    uint32_t round;
    pool_inline_word_t *word;
    if (__builtin_expect(len == 0, 0)) return NULL;
    round = pool_inline_rounds(magazine)[len - 1];
    word = (pool_inline_word_t *)(cache->base + (uintptr_t)(round & cache->place_mask) * POOL_INLINE_UNIT);
    key = __atomic_load_n(word, __ATOMIC_RELAXED);
    if (__builtin_expect(key != (cache->secret ^ round), 0)) return NULL;
    magazine->fill = fill + POOL_INLINE_TAKEN;
    __atomic_store_n(word, ~key, __ATOMIC_RELAXED);
    return word;
}

/* Whether the loaded magazine took the object: plainly a live one, and room. */
static inline bool pool_inline_push(pool_inline_cache_t *cache, uintptr_t pool, void *object) {
    uint64_t offset = (uintptr_t)object - cache->base, odd, fill, len;
    uint32_t bound = __atomic_load_n((const uint32_t *)pool, __ATOMIC_RELAXED), round;
    pool_inline_magazine_t *magazine;
    odd = offset >> cache->twos | offset << (-cache->twos & 63);
    if (__builtin_expect(odd * cache->inverse >= bound, 0)) return false;
    if (__builtin_expect(__atomic_load_n((pool_inline_half_t *)object + 1, __ATOMIC_RELAXED) ==
                             ((const pool_inline_half_t *)&cache->secret)[1], 0))
        return false;
    magazine = cache->loaded;
    fill = magazine->fill;
    len = fill & POOL_INLINE_LEN_MASK;
    if (__builtin_expect((uint32_t)len == magazine->capacity, 0)) return false;
    round = (uint32_t)(offset / POOL_INLINE_UNIT) | cache->stamp;
    pool_inline_rounds(magazine)[len] = round;
    __atomic_store_n((pool_inline_word_t *)object, cache->secret ^ round, __ATOMIC_RELAXED);
    magazine->fill = fill + POOL_INLINE_PUT;
    return true;
}

/* ---- the functions ---------------------------------------------------------------- */

/* As pool_cache_alloc. Cost: about 20 instructions, no call. */
POOL_NODISCARD static inline void *pool_cache_alloc_inline(pool_cache_t *handle) {
    pool_inline_cache_t *cache = (pool_inline_cache_t *)handle;
    void *object = NULL;
    if (__builtin_expect(cache != NULL, 1)) {
        if (__builtin_expect(!(pool_inline_enter(cache) & POOL_INLINE_SLOW), 1)) object = pool_inline_pop(cache);
        pool_inline_leave(cache);
    }
    return __builtin_expect(object != NULL, 1) ? object : pool_cache_alloc(handle);
}

/* As pool_cache_free. Cost: about 30 instructions, no call. */
static inline pool_status_t pool_cache_free_inline(pool_cache_t *handle, void *object) {
    pool_inline_cache_t *cache = (pool_inline_cache_t *)handle;
    bool done = false;
    if (__builtin_expect(cache != NULL, 1)) {
        uintptr_t token = pool_inline_enter(cache);
        if (__builtin_expect(!(token & POOL_INLINE_SLOW), 1)) done = pool_inline_push(cache, token, object);
        pool_inline_leave(cache);
    }
    return __builtin_expect(done, 1) ? POOL_OK : pool_cache_free(handle, object);
}

#ifdef __cplusplus
}
#endif

#endif /* MAGPOOL_POOL_INLINE_H */
