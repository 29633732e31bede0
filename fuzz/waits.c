#include "calls.h"
#include "crew.h"

#include <sched.h>
#include <string.h>

/* ---- threads ---------------------------------------------------------------------- */

typedef struct wait_t {
    pool_t *pool;
    uint32_t flags;
    void *object;
    pool_status_t status;
} wait_t;

static wait_t waits[CREW];

static void wait_job(void *context) {
    wait_t *wait = context;
    wait->status = pool_alloc_with(wait->pool, &wait->object, POOL_WAIT_FOREVER, wait->flags);
}

static unsigned waiting(const model_t *model) {
    pool_stats_t stats = POOL_STATS_INIT;
    EXPECT_EQ(pool_get_stats(model->pool, &stats), POOL_OK);
    return (unsigned)stats.waiting;
}

static void enqueue(model_t *model, queued_t queued) {
    model->queue[model->queue_count++] = queued;
    model->lost = model->spoilt_count;
}

static queued_t dequeue(model_t *model, unsigned at) {
    queued_t queued = model->queue[at];
    model->queue_count--;
    for (; at < model->queue_count; at++) model->queue[at] = model->queue[at + 1];
    return queued;
}

/* On an exhausted pool the thread queues; the caller goes on when it stands there. */
void wait_on(model_t *model, unsigned who) {
    bool is_critical = next_byte() % 2;
    if (model->is_vast || !model_may_hold(model, QUEUED_MAX) || model->queue_count == QUEUED_MAX) return;
    waits[who] = (wait_t){model->pool, is_critical ? POOL_CRITICAL : 0, NULL, POOL_OK};
    if (model_has_room(model, is_critical)) {
        crew_do(who, wait_job, &waits[who]);
        EXPECT_EQ(waits[who].status, POOL_OK);
        model_got(model, waits[who].object);
    } else if (who != 0) {
        crew_begin(who, wait_job, &waits[who]);
        enqueue(model, (queued_t){true, is_critical, who});
        while (waiting(model) != model->queue_count) sched_yield();
    }
}

/* ---- callbacks -------------------------------------------------------------------- */

/* What was promised to a callback, and what it was told. */
typedef struct promise_t {
    pool_t *pool;
    pool_ticket_t ticket;
    bool frees_at_once;
    unsigned calls;
    pool_status_t status;
    void *object;
} promise_t;

#define PROMISES_MAX 64

static promise_t promises[PROMISES_MAX];
static unsigned promise_count;

/* No lock is held meanwhile: it may use the pool. */
static void ready(void *context, pool_status_t status, void *object) {
    promise_t *promise = context;
    pool_stats_t stats = POOL_STATS_INIT;
    promise->calls++;
    promise->status = status;
    promise->object = object;
    pool_status_t looked = pool_get_stats(promise->pool, &stats);
    EXPECT_EQ(looked, status == POOL_OK ? POOL_OK : POOL_ERR_DESTROYED);
    if (status == POOL_OK && promise->frees_at_once)
        EXPECT_EQ(pool_free(promise->pool, object), POOL_OK);
}

static void expect_fresh(pool_ticket_t ticket) {
    EXPECT(ticket != 0);
    for (unsigned i = 0; i < promise_count; i++) EXPECT(promises[i].ticket != ticket);
}

void call_alloc_async(model_t *model) {
    unsigned how = next_byte();
    bool is_critical = how % 4 == 1, wants_ticket = how % 8 != 0;
    if (model->is_vast || !model_may_hold(model, QUEUED_MAX) || model->queue_count == QUEUED_MAX) return;
    if (promise_count == PROMISES_MAX) return;
    promise_t *promise = &promises[promise_count];
    *promise = (promise_t){.pool = model->pool, .frees_at_once = how / 8 % 3 == 0 && model->reserve == 0};
    void *object = NULL;
    pool_ticket_t ticket = 0;
    uint32_t flags = how == 255 ? 2 : is_critical ? POOL_CRITICAL : 0;
    pool_status_t status = pool_alloc_async(model->pool, &object, flags, ready, promise,
                                            wants_ticket ? &ticket : NULL);
    EXPECT((object != NULL) == (status == POOL_OK));
    if (how == 255) {
        EXPECT_EQ(status, POOL_ERR_INVALID);
    } else if (model_has_room(model, is_critical)) {
        EXPECT_EQ(status, POOL_OK);
        EXPECT(ticket == 0);
        model_got(model, object);
    } else {
        EXPECT_EQ(status, POOL_PENDING);
        if (wants_ticket) expect_fresh(ticket);
        promise->ticket = ticket;
        enqueue(model, (queued_t){false, is_critical, promise_count++});
    }
}

void call_cancel(model_t *model) {
    unsigned number = next_byte();
    EXPECT_EQ(pool_alloc_cancel(model->pool, 0), POOL_ERR_NOT_FOUND);
    EXPECT_EQ(pool_alloc_cancel(model->pool, UINT64_MAX - number), POOL_ERR_NOT_FOUND);
    if (promise_count == 0) return;
    number %= promise_count;
    unsigned at = 0;
    bool has_ticket = promises[number].ticket != 0;
    while (at < model->queue_count && (model->queue[at].is_thread || model->queue[at].number != number)) at++;
    bool is_queued = has_ticket && at < model->queue_count;
    pool_status_t status = pool_alloc_cancel(model->pool, promises[number].ticket);
    EXPECT_EQ(status, is_queued ? POOL_OK : POOL_ERR_NOT_FOUND);
    if (is_queued) dequeue(model, at);
}

void forget_promises(void) {
    for (unsigned i = 0; i < promise_count; i++) EXPECT(promises[i].calls <= 1);
    promise_count = 0;
}

/* ---- who is served ------------------------------------------------------------------ */

/* Ends a queued allocation, of which the pool must have told what it came to. */
static void settle_queued(model_t *model, unsigned at, pool_status_t expected) {
    queued_t queued = dequeue(model, at);
    promise_t *promise = &promises[queued.number];
    if (queued.is_thread) crew_wait(queued.number);
    pool_status_t status = queued.is_thread ? waits[queued.number].status : promise->status;
    void *object = queued.is_thread ? waits[queued.number].object : promise->object;
    if (!queued.is_thread) EXPECT_EQ(promise->calls, 1);
    EXPECT_EQ(status, expected);
    EXPECT((object != NULL) == (status == POOL_OK));
    if (status != POOL_OK) return;
    if (!queued.is_thread && promise->frees_at_once)
        model_passed(model, object);
    else
        model_got(model, object);
}

/* The place of who is to be served next, or the queue's end. */
static unsigned next_in_queue(const model_t *model) {
    unsigned at = 0;
    if (model_has_room(model, false)) return 0;
    if (!model_has_room(model, true)) return model->queue_count;
    while (at < model->queue_count && !model->queue[at].is_critical) at++;
    return at;
}

void serve_queue(model_t *model) {
    for (;;) {
        unsigned at = next_in_queue(model);
        if (at >= model->queue_count) break;
        settle_queued(model, at, POOL_OK);
    }
    for (unsigned at = 0; at < model->queue_count; at++)
        if (!model->queue[at].is_thread) EXPECT_EQ(promises[model->queue[at].number].calls, 0);
}

void dismiss_queue(model_t *model) {
    while (model->queue_count > 0) settle_queued(model, 0, POOL_ERR_DESTROYED);
}
