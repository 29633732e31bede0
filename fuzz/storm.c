#include "calls.h"
#include "crew.h"

#include <stdatomic.h>
#include <string.h>

/* Objects one thread holds at most, and promises. */
#define HELD 24
#define PROMISED 8
#define STEPS 60

typedef struct party_t {
    model_t *model;
    uint64_t state;
    void *held[HELD];
    uint64_t tokens[HELD];
    size_t count, most;
    pool_ticket_t tickets[PROMISED];
    size_t ticket_count, cancelled, promised;
    uint64_t allocated, failed, null;
    bool must_succeed;
} party_t;

static party_t parties[CREW];
static atomic_uint passed; /* objects that came to callbacks */

/* As much of an object as a token fills. */
static size_t reach(const party_t *party) {
    return party->model->object_size < 8 ? party->model->object_size : 8;
}

static void keep(party_t *party, void *object) {
    EXPECT((uintptr_t)object % party->model->object_align == 0);
    uint64_t token = draw(&party->state);
    memcpy(object, &token, reach(party));
    party->held[party->count] = object;
    party->tokens[party->count++] = token;
    party->allocated++;
}

static void *give_back(party_t *party) {
    size_t at = draw(&party->state) % party->count;
    void *object = party->held[at];
    EXPECT(memcmp(object, &party->tokens[at], reach(party)) == 0);
    party->held[at] = party->held[--party->count];
    party->tokens[at] = party->tokens[party->count];
    return object;
}

static void alloc_some(party_t *party, size_t count) {
    void *objects[HELD];
    size_t got = pool_alloc_batch(party->model->pool, objects, count);
    party->failed += got < count;
    EXPECT(got == count || !party->must_succeed);
    for (size_t at = 0; at < got; at++) keep(party, objects[at]);
}

static void alloc_one(party_t *party) {
    void *object = pool_alloc(party->model->pool);
    party->failed += object == NULL;
    EXPECT(object || !party->must_succeed);
    if (object) keep(party, object);
}

/* Waits a little, and may take the reserve. */
static void alloc_patiently(party_t *party) {
    void *object = NULL;
    pool_status_t status = pool_alloc_with(party->model->pool, &object, 2000, POOL_CRITICAL);
    party->failed += status == POOL_ERR_TIMEOUT;
    EXPECT(status == POOL_OK || (status == POOL_ERR_TIMEOUT && !party->must_succeed));
    if (object) keep(party, object);
}

/* Frees what it gets at once, on whichever thread that is. */
static void pass_on(void *context, pool_status_t status, void *object) {
    EXPECT_EQ(status, POOL_OK);
    EXPECT_EQ(pool_free(context, object), POOL_OK);
    atomic_fetch_add(&passed, 1);
}

static void alloc_later(party_t *party) {
    pool_t *pool = party->model->pool;
    pool_ticket_t ticket = 0;
    void *object = NULL;
    pool_status_t status = pool_alloc_async(pool, &object, 0, pass_on, pool, &ticket);
    EXPECT(status == POOL_OK || (status == POOL_PENDING && !party->must_succeed));
    if (status == POOL_OK) {
        keep(party, object);
    } else {
        party->tickets[party->ticket_count++] = ticket;
        party->promised++;
    }
}

static void cancel_all(party_t *party) {
    while (party->ticket_count > 0) {
        pool_ticket_t ticket = party->tickets[--party->ticket_count];
        pool_status_t status = pool_alloc_cancel(party->model->pool, ticket);
        EXPECT(status == POOL_OK || status == POOL_ERR_NOT_FOUND);
        party->cancelled += status == POOL_OK;
    }
}

static void free_some(party_t *party, size_t count) {
    void *objects[HELD];
    for (size_t at = 0; at < count; at++) objects[at] = give_back(party);
    EXPECT_EQ(pool_free_batch(party->model->pool, objects, count), count);
}

static void look(party_t *party, unsigned what) {
    pool_t *pool = party->model->pool;
    pool_report_t report = POOL_REPORT_INIT;
    pool_stats_t stats = POOL_STATS_INIT;
    pool_status_t status;
    switch (what) {
    case 0: EXPECT_EQ(pool_flush_thread(pool), POOL_OK); break;
    case 1: EXPECT_EQ(pool_trim(pool), POOL_OK); break;
    case 2:
        EXPECT_EQ(pool_get_stats(pool, &stats), POOL_OK);
        EXPECT_EQ(stats.total_allocated - stats.total_freed, stats.in_use);
        EXPECT(stats.in_use >= party->count);
        break;
    case 3:
        status = pool_check(pool, &report);
        EXPECT_EQ(status, report.overwritten ? POOL_ERR_CORRUPT : POOL_OK);
        EXPECT(report.duplicates == 0 && report.out_of_range == 0 && report.live >= party->count);
        break;
    default:
        EXPECT_EQ(pool_free(pool, NULL), POOL_ERR_NULL);
        party->null++;
    }
}

enum { ALLOC, ALLOC_BATCH, ALLOC_WITH, ALLOC_ASYNC, FREE, FREE_BATCH, RELEASE, LOOK };

static const unsigned char actions[16] = {
    ALLOC, ALLOC, ALLOC, ALLOC, ALLOC_WITH, ALLOC_BATCH, ALLOC_ASYNC, FREE,
    FREE,  FREE,  FREE,  FREE,  FREE,       FREE_BATCH,  RELEASE,     LOOK,
};

static void act(party_t *party, unsigned action) {
    size_t room = party->most - party->count;
    switch (action) {
    case ALLOC: if (room > 0) alloc_one(party); break;
    case ALLOC_WITH: if (room > 0) alloc_patiently(party); break;
    case ALLOC_ASYNC:
        if (party->ticket_count == PROMISED) cancel_all(party);
        else if (room > 0) alloc_later(party);
        break;
    case ALLOC_BATCH: alloc_some(party, room); break;
    case FREE_BATCH: free_some(party, party->count); break;
    case LOOK: look(party, (unsigned)(draw(&party->state) % 5)); break;
    default:
        if (party->count == 0) break;
        if (action == RELEASE) pool_release(give_back(party));
        else EXPECT_EQ(pool_free(party->model->pool, give_back(party)), POOL_OK);
    }
}

static void party_job(void *context) {
    party_t *party = context;
    for (unsigned step = 0; step < STEPS; step++) act(party, actions[draw(&party->state) % 16]);
    cancel_all(party);
}

static void begin_party(model_t *model, unsigned who, size_t most, bool must_succeed) {
    party_t *party = &parties[who];
    memset(party, 0, sizeof *party);
    party->model = model;
    party->state = (uint64_t)next_number() << 8 | who;
    party->most = most;
    party->must_succeed = must_succeed;
}

static void end_party(party_t *party) {
    model_t *model = party->model;
    model->allocated += party->allocated - party->count;
    model->failed += party->failed;
    model->null += party->null;
    for (size_t at = 0; at < party->count; at++) model_got(model, party->held[at]);
}

void storm(model_t *model) {
    bool may_misuse = (model->flags & POOL_ABORT_ON_MISUSE) == 0;
    size_t most = 1 + next_byte() % HELD;
    unsigned idle = 0;
    for (unsigned who = 0; who < CREW; who++) idle += !crew_is_busy(who);
    size_t used = model->live_count + model->spoilt_count + model->reserve;
    size_t room = used < model->limit ? model->limit - used : 0;
    if (model->is_vast || model->queue_count > 0 || !may_misuse) return;
    if (!model_may_hold(model, CREW * HELD)) return;
    bool is_there[CREW] = {false};
    atomic_store(&passed, 0);
    for (unsigned who = 0; who < CREW; who++) {
        is_there[who] = !crew_is_busy(who);
        begin_party(model, who, most, room >= idle * most);
    }
    for (unsigned who = 1; who < CREW; who++)
        if (is_there[who]) crew_begin(who, party_job, &parties[who]);
    party_job(&parties[0]);
    for (unsigned who = 1; who < CREW; who++)
        if (is_there[who]) crew_wait(who);
    /* Anybody may have had any slot, and trimmed since. */
    model_trimmed(model);
    size_t expected = 0;
    for (unsigned who = 0; who < CREW; who++) expected += parties[who].promised - parties[who].cancelled;
    EXPECT_EQ(atomic_load(&passed), expected);
    model->allocated += expected;
    for (unsigned who = 0; who < CREW; who++)
        if (is_there[who]) end_party(&parties[who]);
    model_audit(model);
}
