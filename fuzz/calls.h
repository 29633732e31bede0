/*
 * calls.h - the calls that bytes are decoded into, each made on some thread, on
 * some pool, and held against the model.
 */
#ifndef FUZZ_CALLS_H
#define FUZZ_CALLS_H

#include "model.h"

/* The next bytes of the input; 0 at its end. */
uint8_t next_byte(void);
uint32_t next_number(void); /* two bytes */
size_t bytes_left(void);

/* Numbers that look random, from a state that the input gave. */
uint64_t draw(uint64_t *state);

/* lives.c: making, finding and ending pools. A call on an empty place makes one. */
void make_some_pool(model_t *model);
void call_create(model_t *model);
void call_open(model_t *model);
void call_find(model_t *model);
void call_destroy(model_t *model);
void call_destroy_forced(model_t *model);
void call_list(model_t *model);
void call_on_null(model_t *model);
void call_on_destroyed(model_t *model);
void end_all_pools(void);

/* objects.c: allocating and freeing. */
void call_alloc(model_t *model);
void call_try_alloc(model_t *model);
void call_alloc_timed(model_t *model);
void call_alloc_with(model_t *model);
void call_alloc_batch(model_t *model);
void call_alloc_all(model_t *model);
void call_free(model_t *model);
void call_free_all(model_t *model);
void call_free_batch(model_t *model);
void call_free_odd(model_t *model);
void call_release(model_t *model);
void call_release_odd(model_t *model);
void call_overwrite_free(model_t *model);

/* looks.c: figures, reports, names, memory. */
void call_stats(model_t *model);
void call_check(model_t *model);
void call_of(model_t *model);
void call_name(model_t *model);
void call_flush(model_t *model);
void call_trim(model_t *model);
void call_texts(model_t *model);
/* All other threads have ended: what they cached has come back. */
void expect_no_magazines(void);

/* waits.c: threads and callbacks that wait, and are served in order. */
void wait_on(model_t *model, unsigned who);
void call_alloc_async(model_t *model);
void call_cancel(model_t *model);
void serve_queue(model_t *model);
void dismiss_queue(model_t *model);
void forget_promises(void);

/* storm.c: all threads at once, then an audit. */
void storm(model_t *model);

#endif
