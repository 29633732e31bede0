/*
 * pool.h - magpool: fixed-size object pools for programs with many threads
 *
 * A pool hands out objects of one size. Every thread keeps two magazines of
 * free slots of its own, so that allocating and freeing need no lock, no atomic
 * read-modify-write and no memory fence; whole magazines move between threads
 * through a depot. This header is the manual; docs/design.md says how it works;
 * pool_inbox.h hands objects to owners that may be killed.
 *
 *     #include <pool.h>
 *     #include <stdio.h>
 *
 *     int main(void) {
 *         pool_config_t config = POOL_CONFIG_INIT;
 *         pool_t *pool;
 *         config.name = "sessions";
 *         config.object_size = 64;
 *         config.capacity = 1000;            (never more than 1000 live objects)
 *         pool_status_t status = pool_create(&config, &pool);
 *         if (status != POOL_OK) {
 *             fprintf(stderr, "%s\n", pool_status_string(status));
 *             return 1;
 *         }
 *         char *object = pool_alloc(pool);   (64 bytes; NULL when exhausted)
 *         pool_free(pool, object);           (by this thread or any other)
 *         return pool_destroy(pool) != POOL_OK;
 *     }
 *
 * THREADS   Every function may be called by any thread at any time unless it
 *           says otherwise. Threads need no registration. An object may be
 *           freed by any thread, also by one that never used the pool and by a
 *           destructor that runs while its thread ends. A thread's cached
 *           slots return to the pool when the thread exits.
 * CAPACITY  An allocation fails only if, at some instant of the call, every
 *           object of the pool was live, promised to somebody who waits, or
 *           kept in reserve. Slots idle in the magazines of other threads are
 *           taken back before an allocation fails.
 * OWNERSHIP An object belongs to the caller from allocation to free. Its
 *           contents are unspecified at allocation. While it is free the pool
 *           uses its first 8 bytes. Handing an object from one thread to
 *           another needs the synchronisation any shared memory needs.
 * MISUSE    NULL, a foreign, interior or wrong-pool pointer and a double free
 *           are found in every build, reported as a status, counted, and leave
 *           the pool intact. Only a pool made with POOL_ABORT_ON_MISUSE
 *           prints a line and aborts instead.
 * SIGNALS   No function may be called from a signal handler.
 * CANCEL    No function is a cancellation point (pthread_cancel).
 * PLUG-INS  The shared library stays mapped after dlclose, because threads may
 *           end later. A plug-in that contains libmagpool.a must be linked with
 *           -z nodelete for the same reason.
 * FORK      A child may use every pool of its parent: they are copies, at one
 *           instant at which no other thread was inside the pool. What other threads
 *           had cached is free in the child, their live objects stay live, and
 *           threads that waited are forgotten. (Not with vfork, nor a raw clone.)
 * NULL      A NULL argument is POOL_ERR_NULL unless a function says otherwise.
 *           Outputs are left untouched on failure.
 */
#ifndef MAGPOOL_POOL_H
#define MAGPOOL_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- version -------------------------------------------------------------- */

/* Version of the library this header belongs to (semantic versioning). */
#define POOL_VERSION_MAJOR 0
#define POOL_VERSION_MINOR 1
#define POOL_VERSION_PATCH 0

/* MAJOR * 10000 + MINOR * 100 + PATCH: larger is newer. */
#define POOL_VERSION_NUMBER 100

/* Number of the binary interface; the SONAME is libmagpool.so.<this>. A
 * library and a header with different numbers must not be used together. */
#define POOL_ABI_VERSION 1

/* ---- attributes (nothing here changes behaviour) --------------------------- */

#if defined(__GNUC__) || defined(__clang__)
#define POOL_NODISCARD __attribute__((warn_unused_result))
#define POOL_MALLOC __attribute__((malloc))
#else
#define POOL_NODISCARD
#define POOL_MALLOC
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- types ------------------------------------------------------------------ */

/*
 * A pool. Opaque; made by pool_create or pool_open, ended by pool_destroy or
 * pool_destroy_forced. Any number of threads may use one at once. The memory
 * behind a handle is never unmapped: a call with the handle of a destroyed
 * pool returns POOL_ERR_DESTROYED until a later pool_create reuses the handle.
 */
typedef struct pool_t pool_t;

/*
 * What a call came to. Errors are negative, values are never reused, and the
 * enumeration has the size of an int.
 */
typedef enum pool_status_t {
    /* The allocation is queued; a callback will tell. Not an error. */
    POOL_PENDING = 1,
    /* Done. */
    POOL_OK = 0,
    /* A pointer argument was NULL. */
    POOL_ERR_NULL = -1,
    /* A configuration value is out of its range, or struct_size is too small. */
    POOL_ERR_INVALID = -2,
    /* The system refused memory. The pool stays usable. */
    POOL_ERR_NO_MEMORY = -3,
    /* Every object of the pool was live at some instant of the call. */
    POOL_ERR_EXHAUSTED = -4,
    /* The pool has live objects; it was not destroyed. Or a cache's handle is in
     * another thread's use. */
    POOL_ERR_BUSY = -5,
    /* The handle is not, or no longer, a pool's, or a pool's cache's. */
    POOL_ERR_DESTROYED = -6,
    /* A pool of this name exists already, or has another shape. */
    POOL_ERR_EXISTS = -7,
    /* No pool has this name; no queued allocation this ticket; no object this token. */
    POOL_ERR_NOT_FOUND = -8,
    /* The pointer is no object of any pool. */
    POOL_ERR_FOREIGN = -9,
    /* The pointer is inside an object, not at its start. */
    POOL_ERR_INTERIOR = -10,
    /* The object belongs to another pool. */
    POOL_ERR_WRONG_POOL = -11,
    /* The object is free already. */
    POOL_ERR_DOUBLE_FREE = -12,
    /* pool_check found damage; its report says which. */
    POOL_ERR_CORRUPT = -13,
    /* No object became free in the time given. */
    POOL_ERR_TIMEOUT = -14
} pool_status_t;

/*
 * How to make a pool. Begin with POOL_CONFIG_INIT, then set what you need:
 *
 *     pool_config_t config = POOL_CONFIG_INIT;
 */
typedef struct pool_config_t {
    /* Bytes of this struct as the caller knows it; POOL_CONFIG_INIT sets it.
     * Members a caller does not know yet are taken as 0. */
    size_t struct_size;
    /* Name for pool_find, pool_open and messages: UTF-8, at most
     * POOL_NAME_MAX bytes, not empty, copied. NULL: no name. Names are unique among the
     * pools of a process. */
    const char *name;
    /* Bytes of an object: 1 to 1 GiB. Required. */
    size_t object_size;
    /* Alignment of an object in bytes: a power of two, at most 4096.
     * 0: 16, or 8 for objects of up to 8 bytes. */
    size_t object_align;
    /* Objects of a new pool: 1 to POOL_OBJECTS_MAX. Required. Address space is
     * reserved, memory is touched only when slots are first used. */
    size_t capacity;
    /* Most objects the pool may ever have. 0 or `capacity`: bounded, an
     * allocation fails when `capacity` objects are live. More: the pool grows
     * up to this limit, and fails there. Address space for `limit` objects is
     * reserved at once: slot size times limit, at most 16 TiB. Above 2 GiB,
     * allocating and freeing takes twice as long. */
    size_t limit;
    /* Rounds of a magazine: 1 to POOL_MAGAZINE_ROUNDS_MAX; each thread holds at
     * most two magazines. 0: the pool chooses, within 120 rounds, 64 KiB of objects and
     * a quarter of the limit. Pools of up to 65536 begin with 40 or a 32nd of the
     * limit, double that while threads exchange magazines often, and halve it when the
     * pool is exhausted; pool_trim begins anew. (Pools with a reserve do not change
     * theirs.) At most `limit` are used. */
    uint32_t magazine_rounds;
    /* POOL_ABORT_ON_MISUSE and POOL_HUGE_PAGES, or 0. */
    uint32_t flags;
    /* Objects that only allocations with POOL_CRITICAL may take: less than
     * `limit`. Others are refused when `limit - reserve` objects are live,
     * whoever allocated them. Costs nothing until the pool is near its limit. */
    size_t reserve;
} pool_config_t;

/* Longest name in bytes, without the final NUL. */
#define POOL_NAME_MAX 63
/* Most objects of a pool. */
#define POOL_OBJECTS_MAX 2147483648
/* Most rounds of a magazine. */
#define POOL_MAGAZINE_ROUNDS_MAX 1024

/* Flag: on misuse print one line to standard error and abort, instead of
 * returning the status. For debugging. */
#define POOL_ABORT_ON_MISUSE 1

/* Flag: ask the system for huge pages (Linux, 2 MiB on x86-64) for the objects. A
 * hint: without any the pool is as others are. For pools of many megabytes that are
 * used all over; takes whole huge pages as soon as one slot in them is used, and
 * pool_trim gives back small ones. */
#define POOL_HUGE_PAGES 2

/* Initialiser of a pool_config_t: every member 0, struct_size set. */
#define POOL_CONFIG_INIT { sizeof(pool_config_t), NULL, 0, 0, 0, 0, 0, 0, 0 }

/*
 * Figures of a pool at one instant. Exact: taken while no cache was in use.
 * Total: counted since the pool was made.
 */
typedef struct pool_stats_t {
    /* Bytes of this struct as the caller knows it; POOL_STATS_INIT sets it. The
     * library fills only members within it. */
    size_t struct_size;
    /* Bytes of an object, and from one object to the next. */
    uint64_t object_size;
    uint64_t slot_size;
    /* Objects the pool may have now, and at most. Exact. */
    uint64_t capacity;
    uint64_t limit;
    /* Live objects. Exact. */
    uint64_t in_use;
    /* Objects that could be allocated now without growing:
     * capacity - in_use - lost, the reserve included. Exact. */
    uint64_t free;
    /* Most objects live at once. Never below the true figure; may exceed it by
     * the slots that were idle in magazines at that time. */
    uint64_t high_water;
    /* Times the capacity grew. Exact. */
    uint64_t grows;
    /* Objects handed out, and taken back, in total. Exact. */
    uint64_t total_allocated;
    uint64_t total_freed;
    /* Allocations that found the pool exhausted or the system out of memory,
     * in total; a batch counts once. Exact. */
    uint64_t failed_allocs;
    /* Times a cache took rounds from the depot; gave rounds to it; swapped a
     * whole magazine without taking the depot's lock; took one from a shard
     * that was not its own. Totals. Exact. */
    uint64_t refills;
    uint64_t flushes;
    uint64_t exchanges;
    uint64_t steals;
    /* Times all caches of the pool were revoked, this call's own included. */
    uint64_t revocations;
    /* Misuse found, by kind. Totals. Exact. Calls with a NULL or destroyed
     * pool have no pool to be counted at. */
    uint64_t misuse_null;
    uint64_t misuse_foreign;
    uint64_t misuse_interior;
    uint64_t misuse_wrong_pool;
    uint64_t misuse_double_free;
    /* Free objects whose first 8 bytes somebody overwrote; found when the slot
     * was to be allocated. Such a slot is set aside. */
    uint64_t misuse_overwritten;
    /* Slots set aside because they were overwritten while free. They are
     * neither live nor free, for good; freeing one is a double free. Exact. */
    uint64_t lost;
    /* Caches that belong to a living thread or a handle. Exact. */
    uint64_t caches;
    /* Rounds of a magazine of this pool, now. */
    uint64_t magazine_rounds;
    /* Bytes of address space reserved for objects, and of it made accessible.
     * Exact. Resident memory is at most the latter. */
    uint64_t bytes_reserved;
    uint64_t bytes_committed;
    /* Threads that wait for an object, and callbacks that do. Exact. */
    uint64_t waiting;
    /* Objects that only critical allocations may take, as configured. */
    uint64_t reserve;
} pool_stats_t;

/* Initialiser of a pool_stats_t. */
#define POOL_STATS_INIT { sizeof(pool_stats_t), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/*
 * What pool_check found: where each slot of the pool is. In a sound pool
 *     live + in_magazines + in_depot + uncarved + lost == slots
 * and the three counts of damage are 0.
 */
typedef struct pool_report_t {
    /* Bytes of this struct as the caller knows it; POOL_REPORT_INIT sets it. */
    size_t struct_size;
    /* Slots of the pool: its limit. */
    uint64_t slots;
    /* Objects in users' hands. */
    uint64_t live;
    /* Free slots in the magazines that threads hold. */
    uint64_t in_magazines;
    /* Free slots in the depot. */
    uint64_t in_depot;
    /* Slots never used yet, or given back by pool_trim. */
    uint64_t uncarved;
    /* Slots set aside because they were overwritten while free. */
    uint64_t lost;
    /* Damage: rounds that stand in a second place too (an object freed twice by
     * two threads at once and not allocated since; the pool drops the extra
     * round when it meets it). */
    uint64_t duplicates;
    /* Damage: rounds that are no slot of the pool. */
    uint64_t out_of_range;
    /* Damage: free objects whose first 8 bytes were overwritten. */
    uint64_t overwritten;
    /* The first damaged object found, or NULL. */
    void *first_damaged;
} pool_report_t;

/* Initialiser of a pool_report_t. */
#define POOL_REPORT_INIT { sizeof(pool_report_t), 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL }

/* ---- making and ending pools -------------------------------------------------- */

/*
 * Makes a pool and stores its handle in *out_pool.
 * Returns POOL_OK, POOL_ERR_NULL, POOL_ERR_INVALID (see pool_config_t for the
 * ranges), POOL_ERR_EXISTS (the name is taken) or POOL_ERR_NO_MEMORY.
 * Cost: a few system calls, whatever the capacity.
 */
POOL_NODISCARD pool_status_t pool_create(const pool_config_t *config, pool_t **out_pool);

/*
 * Like pool_create, but if a pool named config->name exists, stores that one.
 * This is how parts of a program, in whatever language, share a pool.
 * Returns also POOL_ERR_INVALID for a NULL name, and POOL_ERR_EXISTS if the
 * existing pool has another object_size, a smaller alignment, another limit, or
 * (unless config->reserve is 0) another reserve.
 */
POOL_NODISCARD pool_status_t pool_open(const pool_config_t *config, pool_t **out_pool);

/*
 * Stores the pool named `name` in *out_pool. Gives no ownership: the pool may
 * be destroyed by whoever made it.
 * Returns POOL_OK, POOL_ERR_NULL or POOL_ERR_NOT_FOUND.
 */
POOL_NODISCARD pool_status_t pool_find(const char *name, pool_t **out_pool);

/*
 * Stores the handles of up to `count` pools of this process in out_pools, in no
 * particular order, and returns how many pools there are (maybe more than
 * `count`). out_pools may be NULL if count is 0.
 */
size_t pool_list(pool_t **out_pools, size_t count);

/*
 * Ends a pool that has no live objects and gives all its memory back.
 * Returns POOL_OK, POOL_ERR_NULL, POOL_ERR_DESTROYED, or POOL_ERR_BUSY with the
 * pool unchanged if objects are live. Other threads' calls on the pool that
 * race with it get POOL_ERR_DESTROYED, or NULL.
 */
pool_status_t pool_destroy(pool_t *pool);

/*
 * Ends a pool whatever is live; its objects' memory is gone at once, and using
 * them is undefined. Stores the number of objects that were live in *out_live
 * unless it is NULL. Returns POOL_OK, POOL_ERR_NULL or POOL_ERR_DESTROYED.
 */
pool_status_t pool_destroy_forced(pool_t *pool, size_t *out_live);

/* ---- allocating and freeing --------------------------------------------------- */

/*
 * Returns an object, aligned as configured, contents unspecified; NULL if the
 * pool is exhausted, the system is out of memory, or `pool` is NULL or
 * destroyed (pool_try_alloc tells which).
 * Cost: about 35 instructions; once in magazine_rounds calls an exchange with
 * the depot; a lock only when the depot's shards are empty.
 */
POOL_NODISCARD POOL_MALLOC void *pool_alloc(pool_t *pool);

/*
 * Like pool_alloc, but says why: stores the object in *out_object.
 * Returns POOL_OK, POOL_ERR_NULL, POOL_ERR_EXHAUSTED, POOL_ERR_NO_MEMORY or
 * POOL_ERR_DESTROYED. Cost as pool_alloc.
 */
POOL_NODISCARD pool_status_t pool_try_alloc(pool_t *pool, void **out_object);

/* A timeout that never ends, as any longer one: 292 years in nanoseconds. */
#define POOL_WAIT_FOREVER 9223372036854775807

/*
 * Like pool_try_alloc, but waits up to `timeout_ns` nanoseconds for an object to
 * be freed if the pool is exhausted; 0 tries only, POOL_WAIT_FOREVER waits without
 * end. Waiters are served first come first served, before calls that do not wait;
 * every free is seen, wherever it happens, and wakes one waiter. While anyone
 * waits, calls on the pool take the depot's lock.
 * Returns POOL_OK, POOL_ERR_NULL, POOL_ERR_TIMEOUT, POOL_ERR_NO_MEMORY (does not
 * wait for memory), or POOL_ERR_DESTROYED, also when the pool is destroyed
 * meanwhile: whoever ends the pool sends waiters away, and pool_destroy does so too if no
 * object is live. Blocks; not for threads that must not.
 */
POOL_NODISCARD pool_status_t pool_alloc_timed(pool_t *pool, void **out_object,
                                              uint64_t timeout_ns);

/* Flag of an allocation: may take the pool's reserve (see pool_config_t). */
#define POOL_CRITICAL 1

/*
 * Like pool_alloc_timed, with flags: POOL_CRITICAL or 0. A critical allocation is
 * served from the reserve when nothing else is left, also past ordinary ones that
 * wait. What comes back fills the reserve first.
 * Returns also POOL_ERR_INVALID for flags it does not know.
 */
POOL_NODISCARD pool_status_t pool_alloc_with(pool_t *pool, void **out_object,
                                             uint64_t timeout_ns, uint32_t flags);

/*
 * Tells what became of a queued allocation: POOL_OK and the object, which is the
 * callee's, or POOL_ERR_DESTROYED and NULL. Called exactly once, unless it is
 * cancelled first, on the thread that freed the object or ended the pool (it may
 * be a thread that is ending, and it may run before pool_alloc_async has
 * returned). No lock is held: it may call any function of this header; calls that
 * its own frees bring about come after it, not within. It must return (no longjmp,
 * no exception), and soon: the free waits for it.
 */
typedef void (*pool_ready_fn)(void *context, pool_status_t status, void *object);

/* Names one queued allocation: never 0, never used twice in a process. */
typedef uint64_t pool_ticket_t;

/*
 * Allocates without waiting, for event loops: stores an object in *out_object
 * (POOL_OK: `ready` is not called) or, if the pool is exhausted, queues behind all
 * who wait already, stores a ticket in *out_ticket (unless NULL) and returns
 * POOL_PENDING: then `ready(context, ...)` is called later. `flags` as in
 * pool_alloc_with. Whatever `context` points to must stay until `ready` has run
 * or pool_alloc_cancel has returned POOL_OK.
 * Returns also POOL_ERR_NULL (pool, out_object or ready), POOL_ERR_INVALID,
 * POOL_ERR_NO_MEMORY, POOL_ERR_DESTROYED. Cost as pool_alloc; 64 bytes of memory
 * and the depot's lock when it queues.
 */
POOL_NODISCARD pool_status_t pool_alloc_async(pool_t *pool, void **out_object, uint32_t flags,
                                              pool_ready_fn ready, void *context,
                                              pool_ticket_t *out_ticket);

/*
 * Takes a queued allocation back. Returns POOL_OK: its callback is not called, then
 * or ever; POOL_ERR_NOT_FOUND: it was called, or is being called at this moment;
 * POOL_ERR_NULL, POOL_ERR_DESTROYED. Cost: proportional to the queue.
 */
pool_status_t pool_alloc_cancel(pool_t *pool, pool_ticket_t ticket);

/*
 * Takes an object back. Any thread may free it.
 * Returns POOL_OK; POOL_ERR_NULL (a NULL object is refused and counted, nothing
 * else happens); POOL_ERR_FOREIGN, POOL_ERR_INTERIOR, POOL_ERR_WRONG_POOL,
 * POOL_ERR_DOUBLE_FREE: the pool is unchanged; POOL_ERR_DESTROYED.
 * A double free is found at once unless two threads free the same object at
 * the same time: then at the latest when that slot's extra round is about to be
 * allocated, where it is dropped. As with every allocator, freeing an object
 * again after somebody else got it is not a double free but frees theirs.
 * Cost as pool_alloc; never needs memory, never fails for a valid object.
 */
pool_status_t pool_free(pool_t *pool, void *object);

/*
 * Takes an object back, finding its pool from the address, straight to the
 * depot, past the thread's magazines. NULL does nothing; misuse is counted at
 * the pool whose object it is, otherwise ignored. For finalizers and
 * destructors: one argument, any thread, also one whose thread-local storage
 * is gone. Cost: two locks and a binary search over the pools.
 */
void pool_release(void *object);

/*
 * Allocates up to `count` objects into out_objects and returns how many. Fewer
 * only if the pool was exhausted at some instant of the call, the system is out
 * of memory, or an argument is NULL (0). Takes runs of rounds, not one by one.
 */
POOL_NODISCARD size_t pool_alloc_batch(pool_t *pool, void **out_objects, size_t count);

/*
 * Frees `count` objects and returns how many it took. An object that pool_free
 * would refuse is counted as misuse and skipped; the others are freed.
 */
size_t pool_free_batch(pool_t *pool, void *const *objects, size_t count);

/* ---- explicit caches ------------------------------------------------------------ */

/*
 * A cache that belongs to whoever has its handle and not to a thread: for event
 * loops, coroutines, isolates, that go on on another thread. It has the same two
 * magazines and takes part in the same exchanges; its free slots are taken back
 * before an allocation of somebody else fails, as every cache's. Its objects are
 * the pool's: any of the calls above may free them, and it takes any object back.
 *
 * A handle may be used by one thread at a time; passing it on needs synchronisation.
 * (Two at once are undefined; the slow path says POOL_ERR_BUSY where it notices.)
 * Costs about two magazines of memory. That of the handle is never unmapped: a call
 * with a destroyed one is POOL_ERR_DESTROYED until pool_cache_create reuses it (and
 * undefined while that does).
 * pool_inline.h has pool_cache_alloc and pool_cache_free as inline functions.
 */
typedef struct pool_cache_t pool_cache_t;

/*
 * Makes a cache of a pool and stores its handle in *out_cache. When the pool is
 * destroyed, its caches stay until pool_cache_destroy; calls with them return
 * POOL_ERR_DESTROYED.
 * Returns POOL_OK, POOL_ERR_NULL, POOL_ERR_NO_MEMORY or POOL_ERR_DESTROYED.
 * Cost: the depot's lock, three allocations.
 */
POOL_NODISCARD pool_status_t pool_cache_create(pool_t *pool, pool_cache_t **out_cache);

/*
 * Gives the cache's slots back to its pool, and the handle up. Live objects stay
 * live. Returns POOL_OK, POOL_ERR_NULL, POOL_ERR_DESTROYED (it was destroyed
 * before; nothing happens) or POOL_ERR_BUSY (another thread is inside a call with it).
 */
pool_status_t pool_cache_destroy(pool_cache_t *cache);

/* As pool_alloc, by way of this cache; pool_cache_try_alloc tells why it is NULL.
 * Cost: about 25 instructions; no thread-local storage. */
POOL_NODISCARD POOL_MALLOC void *pool_cache_alloc(pool_cache_t *cache);

/* As pool_try_alloc, by way of this cache. Returns also POOL_ERR_BUSY. */
POOL_NODISCARD pool_status_t pool_cache_try_alloc(pool_cache_t *cache, void **out_object);

/* As pool_free, by way of this cache. Returns also POOL_ERR_BUSY. */
pool_status_t pool_cache_free(pool_cache_t *cache, void *object);

/* As pool_flush_thread, of this cache. Returns also POOL_ERR_BUSY. */
pool_status_t pool_cache_flush(pool_cache_t *cache);

/* ---- threads and memory ------------------------------------------------------- */

/*
 * Gives the calling thread's cached slots of this pool back to the depot. Never
 * needed for correctness. Returns POOL_OK, POOL_ERR_NULL, POOL_ERR_DESTROYED.
 */
pool_status_t pool_flush_thread(pool_t *pool);

/*
 * Gives the memory of wholly free pages back to the system; the pool's capacity
 * is unchanged, and the slots are usable as before. Takes back the slots cached
 * by all threads. Cost: proportional to the slots ever used, other threads wait;
 * afterwards, until the slots given back are used again, a pair costs some 10 ns
 * more. A double free of an object in memory given back may be reported as
 * POOL_ERR_FOREIGN.
 * Returns POOL_OK, POOL_ERR_NULL, POOL_ERR_DESTROYED, POOL_ERR_NO_MEMORY (also if
 * the system refuses, as for locked pages: then a part is given back).
 */
pool_status_t pool_trim(pool_t *pool);

/* ---- looking at pools ---------------------------------------------------------- */

/*
 * Fills *out_stats, whose struct_size must be set (POOL_STATS_INIT). Revokes
 * all caches for the figures to be exact: some microseconds (or until a thread
 * that was interrupted inside a call runs again, when there are more threads than
 * processors), and other threads' next calls may take the depot's lock.
 * Returns POOL_OK, POOL_ERR_NULL, POOL_ERR_INVALID, POOL_ERR_DESTROYED.
 */
pool_status_t pool_get_stats(const pool_t *pool, pool_stats_t *out_stats);

/*
 * Proves, while other threads go on using the pool, that every slot is live, or
 * in exactly one magazine, or in the depot, or uncarved, or lost, and that no
 * free object was written to. Fills *out_report (unless NULL; struct_size must
 * be set). Other threads wait meanwhile: about 10 ns a free slot.
 * Returns POOL_OK (sound), POOL_ERR_CORRUPT, POOL_ERR_NULL, POOL_ERR_INVALID,
 * POOL_ERR_DESTROYED, or POOL_ERR_NO_MEMORY (needs a bit a slot).
 */
pool_status_t pool_check(pool_t *pool, pool_report_t *out_report);

/* The pool whose slots `object` lies in (also when free or inside), or NULL.
 * Cost: a lock and a binary search over the pools. */
pool_t *pool_of(const void *object);

/*
 * Copies the pool's name with its final NUL into `buffer` of `size` bytes, cut
 * if it is longer, and returns the name's length in bytes; 0 for a pool without
 * a name, a NULL or destroyed one. `buffer` may be NULL if `size` is 0.
 */
size_t pool_get_name(const pool_t *pool, char *buffer, size_t size);

/* Bytes of an object; 0 for a NULL or destroyed pool. */
size_t pool_object_size(const pool_t *pool);

/* Alignment of an object in bytes; 0 for a NULL or destroyed pool. */
size_t pool_object_align(const pool_t *pool);

/* ---- statuses and version --------------------------------------------------------- */

/* One English sentence for a status, also for an unknown value; never NULL.
 * Static: valid for ever, not to be freed. */
const char *pool_status_string(pool_status_t status);

/* POOL_VERSION_NUMBER of the library in use. */
uint32_t pool_version(void);

/* POOL_ABI_VERSION of the library in use; compare it after dlopen. */
uint32_t pool_abi_version(void);

#ifdef __cplusplus
}
#endif

#endif /* MAGPOOL_POOL_H */
