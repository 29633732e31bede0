/*
 * pool_inbox.h - handing objects to another owner, and allocating for event loops,
 * so that nothing is lost when a receiver ends at any moment
 *
 * A message that carries a pointer loses the object when nobody reads it. Here it
 * carries a token instead: a number under which the library keeps the object until
 * somebody takes it, once. And a receiver (an event loop, a Dart isolate) has an
 * inbox: when that is closed, what stands in it untaken goes back to its pool, and
 * allocations queued for it are taken back.
 *
 *     pool_token_t token;                          (giver)
 *     pool_give(pool, object, inbox_of_receiver, &token);
 *     send(receiver, token);
 *
 *     void *object;                                (receiver)
 *     if (pool_take(token, &object, NULL) == POOL_OK) ...
 *
 * THREADS   As in pool.h: any function, any thread, any time.
 * FORK      A child has the tokens and inboxes of its parent, as copies. It is told
 *           of no object by threads that it does not have.
 */
#ifndef MAGPOOL_POOL_INBOX_H
#define MAGPOOL_POOL_INBOX_H

#include "pool.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Names an object on its way, or an allocation that is queued: never 0, below 2^62,
 * never used twice in a process. Any thread that has the number may use it. */
typedef uint64_t pool_token_t;

/* Names an inbox, likewise; no token is the number of an inbox. */
typedef uint64_t pool_inbox_t;

/* ---- inboxes ------------------------------------------------------------------- */

/*
 * Tells a receiver that a queued allocation has come to something: pool_take(token)
 * says to what. Returns whether the receiver was told; if not, the object goes to the
 * next who waits, and the token is void. Called as a pool_ready_fn is: once for each
 * token, on the thread that freed the object or ended the pool, with no lock held,
 * maybe before pool_alloc_inbox has returned. It may call any function of the library
 * but pool_inbox_close, which waits for such calls. It must return, and soon.
 */
typedef bool (*pool_post_fn)(void *context, pool_token_t token);

/*
 * Makes an inbox and stores its number in *out_inbox. `post` may be NULL: then the
 * receiver asks, by pool_take. Whatever `context` points to must stay until
 * pool_inbox_close has returned.
 * Returns POOL_OK, POOL_ERR_NULL or POOL_ERR_NO_MEMORY.
 */
POOL_NODISCARD pool_status_t pool_inbox_create(pool_post_fn post, void *context,
                                               pool_inbox_t *out_inbox);

/* Dart_PostCObject of dart_native_api.h; in Dart, NativeApi.postCObject. `message` points
 * to a Dart_CObject: a 32-bit type (Dart_CObject_kInt64 is 3), and at offset 8 a union
 * with the value. */
typedef bool (*pool_dart_post_fn)(int64_t port, void *message);

/*
 * Like pool_inbox_create, for an isolate: each token is sent to `port` as an int. To post
 * to a port that is closed, or whose isolate was killed, does no harm.
 */
POOL_NODISCARD pool_status_t pool_inbox_create_dart(pool_dart_post_fn post, int64_t port,
                                                    pool_inbox_t *out_inbox);

/*
 * Closes an inbox: frees the objects that stand in it, and takes its queued
 * allocations back. Waits for a call of its `post` that is under way; there is none
 * after this. Its number is void from then on, and so are the tokens that were in it.
 * Returns POOL_OK, or POOL_ERR_NOT_FOUND: no such inbox, or another call closes or closed
 * it, which may be about to free objects; there is no call of `post` after this, either.
 * Cost: proportional to the tokens there are in the process.
 */
pool_status_t pool_inbox_close(pool_inbox_t inbox);

/* As pool_inbox_close. For finalizers: one argument, an inbox's number cast to a pointer;
 * nothing comes of an unknown one. */
void pool_inbox_release(void *inbox);

/* ---- objects on their way --------------------------------------------------------- */

/*
 * Puts a live object under a token, stored in *out_token, until somebody takes it. It
 * stays live, but is nobody's: the giver must not touch or free it from now on, or give
 * it again. (Freed all the same, it is lost to the taker as any object is that somebody
 * else freed.) With an inbox's number, the object goes back to its pool when that inbox is
 * closed first; with 0 it waits for ever. Tells nobody: to send the token is up to the giver.
 * Returns POOL_OK; POOL_ERR_NOT_FOUND: the inbox was closed; POOL_ERR_NULL,
 * POOL_ERR_FOREIGN, POOL_ERR_INTERIOR, POOL_ERR_WRONG_POOL, POOL_ERR_DOUBLE_FREE (it is
 * free): counted as misuse; POOL_ERR_NO_MEMORY, POOL_ERR_DESTROYED. Unless it is POOL_OK,
 * the object is the caller's as before.
 * Cost: a lock; two on a thread that has not allocated from the pool.
 */
POOL_NODISCARD pool_status_t pool_give(pool_t *pool, void *object, pool_inbox_t inbox,
                                       pool_token_t *out_token);

/*
 * Takes what stands under a token: stores the object, which is the caller's from now on,
 * in *out_object, and its pool in *out_pool unless that is NULL. Once: however many
 * threads try, one gets it. The giver takes it back in the same way.
 * Returns POOL_OK; POOL_PENDING: the allocation is still queued, nothing was taken;
 * POOL_ERR_NOT_FOUND: it was taken, discarded, or closed with its inbox, or the number
 * never was a token; POOL_ERR_DESTROYED: its pool has ended, and the token with it;
 * POOL_ERR_NULL.
 * Cost: a lock.
 */
POOL_NODISCARD pool_status_t pool_take(pool_token_t token, void **out_object,
                                       pool_t **out_pool);

/*
 * Frees what stands under a token, or takes its allocation out of the queue, or, if an
 * object comes at this moment, passes that on. The token is void then.
 * Returns POOL_OK or POOL_ERR_NOT_FOUND.
 */
pool_status_t pool_discard(pool_token_t token);

/* ---- allocating for event loops ------------------------------------------------------ */

/*
 * Like pool_alloc_async, for an inbox: stores an object in *out_object (POOL_OK), or
 * queues behind all who wait already, stores a token in *out_token and returns
 * POOL_PENDING: later the inbox's `post` is called with that token, and pool_take gives
 * the object, or POOL_ERR_DESTROYED if the pool ended. pool_discard gives up waiting.
 * `flags` as in pool_alloc_with.
 * Returns also POOL_ERR_NULL, POOL_ERR_INVALID, POOL_ERR_NO_MEMORY, POOL_ERR_DESTROYED,
 * and POOL_ERR_NOT_FOUND if the inbox is closed.
 */
POOL_NODISCARD pool_status_t pool_alloc_inbox(pool_t *pool, void **out_object, uint32_t flags,
                                              pool_inbox_t inbox, pool_token_t *out_token);

#ifdef __cplusplus
}
#endif

#endif /* MAGPOOL_POOL_INBOX_H */
