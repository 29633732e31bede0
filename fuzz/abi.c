/*
 * abi.c - the fuzz target: bytes become calls of the C ABI, valid and invalid, on
 * several pools and threads; each must come to exactly what pool.h promises.
 *
 * An input is a row of calls: which, on which pool and by which thread, then
 * what that call wants to know. Threads take turns (crew.h), but for storms, in
 * which all run at once. Any input will do; missing bytes are 0.
 * FUZZ_TRACE=1 prints the calls.
 */
#include "calls.h"
#include "crew.h"

#include <pthread.h>

#define CALLS_MAX 300
#define AUDIT_EVERY 16

static const uint8_t *input, *input_end;

uint8_t next_byte(void) {
    return input < input_end ? *input++ : 0;
}

uint32_t next_number(void) {
    uint32_t high = next_byte();
    return high << 8 | next_byte();
}

uint64_t draw(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

typedef struct call_t {
    const char *name;
    void (*make)(model_t *model); /* NULL: see `perform` */
    bool needs_pool;
} call_t;

#define STORM "storm"
#define WAIT "wait"
#define LEAVE "leave"

static const call_t calls[] = {
    {"create", call_create, false},
    {"open", call_open, false},
    {"find", call_find, false},
    {"list", call_list, false},
    {"destroy", call_destroy, true},
    {"destroy_forced", call_destroy_forced, true},
    {"on_null", call_on_null, false},
    {"on_destroyed", call_on_destroyed, false},
    {"alloc", call_alloc, true},
    {"try_alloc", call_try_alloc, true},
    {"alloc_timed", call_alloc_timed, true},
    {"alloc_with", call_alloc_with, true},
    {"alloc_async", call_alloc_async, true},
    {"cancel", call_cancel, true},
    {"alloc_batch", call_alloc_batch, true},
    {"alloc_all", call_alloc_all, true},
    {"free", call_free, true},
    {"free_all", call_free_all, true},
    {"free_batch", call_free_batch, true},
    {"free_odd", call_free_odd, true},
    {"release", call_release, true},
    {"release_odd", call_release_odd, true},
    {"overwrite_free", call_overwrite_free, true},
    {"stats", call_stats, true},
    {"check", call_check, true},
    {"of", call_of, true},
    {"name", call_name, true},
    {"flush", call_flush, true},
    {"trim", call_trim, true},
    {"texts", call_texts, false},
    {"audit", model_audit, true},
    {STORM, NULL, true},
    {WAIT, NULL, true},
    {LEAVE, NULL, false},
};

typedef struct turn_t {
    const call_t *call;
    model_t *model;
} turn_t;

static void turn_job(void *context) {
    const turn_t *turn = context;
    turn->call->make(turn->model);
}

static void perform(const call_t *call, model_t *model, unsigned who) {
    turn_t turn = {call, model};
    if (call->make)
        crew_do(who, turn_job, &turn);
    else if (call->name[0] == STORM[0])
        storm(model);
    else if (call->name[0] == WAIT[0])
        wait_on(model, who);
    else if (who != 0)
        crew_dismiss(who);
}

static void turn(bool is_traced) {
    const call_t *call = &calls[next_byte() % (sizeof calls / sizeof *calls)];
    unsigned where = next_byte(), who = where / POOLS % CREW;
    model_t *model = &models[where % POOLS];
    if (crew_is_busy(who)) who = 0; /* It waits for an object. */
    fuzz_call = call->name;
    if (is_traced) fprintf(stderr, "%u: %s, pool %u, thread %u\n", fuzz_step, call->name, where % POOLS, who);
    if (call->needs_pool && !model->pool) make_some_pool(model);
    perform(call, model, who);
    for (model_t *each = models; each < models + POOLS; each++)
        if (each->pool) serve_queue(each);
    if (fuzz_step % AUDIT_EVERY == AUDIT_EVERY - 1 && model->pool) model_audit(model);
}

/* Thread 0 of an input: a new one, so that inputs leave each other alone. */
static void *play(void *unused) {
    bool is_traced = getenv("FUZZ_TRACE") != NULL;
    for (fuzz_step = 0; fuzz_step < CALLS_MAX && input < input_end; fuzz_step++) turn(is_traced);
    fuzz_call = "the end";
    bool is_alone = true;
    for (unsigned who = 1; who < CREW; who++) {
        if (crew_is_busy(who)) is_alone = false;
        else crew_dismiss(who);
    }
    if (is_alone) expect_no_magazines();
    end_all_pools();
    for (unsigned who = 1; who < CREW; who++) crew_dismiss(who);
    return unused;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    pthread_t thread;
    input = data;
    input_end = data + size;
    if (pthread_create(&thread, NULL, play, NULL) == 0) pthread_join(thread, NULL);
    return 0;
}
