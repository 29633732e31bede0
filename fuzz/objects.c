#include "calls.h"

#include <string.h>

#define BATCH_MAX 400

/* ---- allocating ----------------------------------------------------------------- */

typedef struct asked_t {
    bool is_critical;
    pool_status_t refused; /* what a refusal says */
} asked_t;

static void settle(model_t *model, asked_t asked, pool_status_t status, void *object) {
    if (status == POOL_OK) {
        EXPECT(model_has_room(model, asked.is_critical));
        model_got(model, object);
    } else {
        EXPECT(object == NULL); /* outputs are left untouched */
        model_refused(model, asked.is_critical, status, asked.refused);
    }
}

/* Why nothing came from a call that does not say why. */
static pool_status_t guessed_reason(const model_t *model) {
    return model_has_room(model, false) ? POOL_ERR_NO_MEMORY : POOL_ERR_EXHAUSTED;
}

void call_alloc(model_t *model) {
    for (unsigned count = 1 + next_byte() % 16; count > 0 && model_may_hold(model, 1); count--) {
        void *object = pool_alloc(model->pool);
        pool_status_t status = object ? POOL_OK : guessed_reason(model);
        settle(model, (asked_t){false, POOL_ERR_EXHAUSTED}, status, object);
    }
}

void call_try_alloc(model_t *model) {
    if (!model_may_hold(model, 1)) return;
    void *object = NULL;
    pool_status_t status = pool_try_alloc(model->pool, &object);
    settle(model, (asked_t){false, POOL_ERR_EXHAUSTED}, status, object);
}

static const uint64_t timeouts[] = {0, 1, 50, 1000};

void call_alloc_timed(model_t *model) {
    if (!model_may_hold(model, 1)) return;
    void *object = NULL;
    pool_status_t status = pool_alloc_timed(model->pool, &object, timeouts[next_byte() % 4]);
    settle(model, (asked_t){false, POOL_ERR_TIMEOUT}, status, object);
}

void call_alloc_with(model_t *model) {
    if (!model_may_hold(model, 1)) return;
    unsigned how = next_byte();
    uint32_t flags = how % 8 == 7 ? 2u << how / 8 : how % 8 > 1 ? POOL_CRITICAL : 0;
    void *object = NULL;
    pool_status_t status = pool_alloc_with(model->pool, &object, timeouts[next_byte() % 4], flags);
    if (flags > POOL_CRITICAL)
        EXPECT(status == POOL_ERR_INVALID && !object);
    else
        settle(model, (asked_t){flags == POOL_CRITICAL, POOL_ERR_TIMEOUT}, status, object);
}

static void alloc_run(model_t *model, size_t count) {
    static void *objects[BATCH_MAX + 1];
    objects[count] = objects;
    size_t got = pool_alloc_batch(model->pool, objects, count);
    EXPECT(got <= count && objects[count] == objects);
    for (size_t at = 0; at < got; at++) {
        EXPECT(model_has_room(model, false));
        model_got(model, objects[at]);
    }
    if (got < count) model_refused(model, false, guessed_reason(model), POOL_ERR_EXHAUSTED);
}

void call_alloc_batch(model_t *model) {
    size_t count = next_byte();
    if (count >= 250) count = BATCH_MAX - (count - 250);
    if (model_may_hold(model, count)) alloc_run(model, count);
}

void call_alloc_all(model_t *model) {
    if (model->limit > LIVE_MAX) return;
    while (model_has_room(model, false)) {
        size_t room = model->limit - model->reserve - model->live_count;
        alloc_run(model, room < BATCH_MAX ? room : BATCH_MAX);
    }
    call_try_alloc(model);
}

/* ---- freeing -------------------------------------------------------------------- */

static uint32_t some_live(const model_t *model, uint32_t number) {
    return model->live[number % model->live_count];
}

/* A program may leave any bytes in an object, also those the pool knows free
 * objects by: such an object is freed like others. */
static void write_last_words(model_t *model, uint32_t index, unsigned choice) {
    uint64_t first = model->slots[index].first;
    uint64_t word = choice == 0 ? ~first : choice == 1 ? first : 0;
    if (choice > 2) return;
    memcpy(model_address(model, index), &word, model->object_size < 8 ? model->object_size : 8);
}

static void *give_up(model_t *model, uint32_t index, unsigned choice) {
    model_verify(model, index);
    write_last_words(model, index, choice);
    return model_address(model, index);
}

void call_free(model_t *model) {
    unsigned how = next_byte();
    for (unsigned count = 1 + how % 16; count > 0 && model->live_count > 0; count--) {
        void *object = give_up(model, some_live(model, next_byte()), how / 16);
        pool_status_t status = pool_free(model->pool, object);
        model_freed(model, object, BIT(POOL_OK), status);
        serve_queue(model);
    }
}

void call_free_all(model_t *model) {
    bool is_lifo = next_byte() & 1;
    for (uint32_t left = model->live_count; left > 0; left--) {
        void *object = give_up(model, model->live[is_lifo ? model->live_count - 1 : 0], 3);
        model_freed(model, object, BIT(POOL_OK), pool_free(model->pool, object));
        serve_queue(model);
    }
}

void call_release(model_t *model) {
    if (model->live_count == 0) return;
    unsigned how = next_byte();
    void *object = give_up(model, some_live(model, next_byte()), how);
    pool_release(object);
    model_freed(model, object, BIT(POOL_OK), UNSAID);
}

/* ---- misuse ----------------------------------------------------------------------- */

/* The slot from `number` on that is in one of two places, or none: `top`. */
static uint32_t slot_in(const model_t *model, uint32_t number, place_t one, place_t other) {
    for (uint32_t i = 0; i < model->top; i++) {
        uint32_t index = (number + i) % model->top;
        if (model->slots[index].place == one || model->slots[index].place == other) return index;
    }
    return model->top;
}

static void *inside(const model_t *model, uint32_t number) {
    uint32_t index = number % (model->top + 1);
    char *slot = model_address(model, index < model->limit ? index : 0);
    return slot + 1 + number % (model->slot_size - 1);
}

/* A pointer that is no live object of the pool, but maybe another's. */
static void *odd_pointer(model_t *model) {
    static uint64_t shared[2];
    static _Thread_local uint64_t own[2];
    unsigned kind = next_byte() % 12;
    uint32_t number = next_number();
    const model_t *other = &models[number % POOLS];
    switch (kind) {
    case 0: return NULL;
    case 1: return own;
    case 2: return shared;
    case 3: return (void *)model->slots;
    case 4: return (void *)(uintptr_t)1;
    case 5: return (void *)UINTPTR_MAX;
    default: break;
    }
    if (!model->base) return NULL;
    switch (kind) {
    case 6: return inside(model, number);
    case 7: return model_address(model, slot_in(model, number, FREED, TRIMMED));
    case 8: return model_address(model, slot_in(model, number, UNSEEN, TRIMMED));
    case 9: return (void *)(model->base - 1 - number);
    case 10: return (void *)(model->base + model->limit * model->slot_size + number);
    default: return other->pool && other->base ? model_address(other, number % (other->top + 1)) : NULL;
    }
}

/* As above, if the model can say what must become of it; else NULL. */
static void *sure_odd_pointer(model_t *model) {
    void *object = odd_pointer(model);
    model_t *owner = model_of(object);
    if (!owner) return pool_of(object) ? NULL : object;
    EXPECT(pool_of(object) == owner->pool);
    size_t offset = (uintptr_t)object - owner->base;
    bool is_start = offset % owner->slot_size == 0 && offset / owner->slot_size < SLOTS_MAX;
    place_t place = is_start ? owner->slots[offset / owner->slot_size].place : UNSEEN;
    /* A spoilt slot looks live until the pool meets it. */
    bool is_ours = owner == model && place == LIVE;
    return is_ours || place == SPOILT ? NULL : object;
}

static bool may_misuse(const model_t *model) {
    return (model->flags & POOL_ABORT_ON_MISUSE) == 0;
}

void call_free_odd(model_t *model) {
    if (!may_misuse(model)) return;
    void *object = sure_odd_pointer(model);
    unsigned expected = model_predict_free(model, object);
    EXPECT(!(expected & BIT(POOL_OK)));
    pool_status_t said = pool_free(model->pool, object);
    model_freed(model, object, expected, said);
}

void call_release_odd(model_t *model) {
    void *object = sure_odd_pointer(model);
    model_t *owner = model_of(object);
    if (owner && !may_misuse(owner)) return;
    if (owner && model_predict_free(owner, object) & BIT(POOL_OK)) return;
    pool_release(object);
    if (owner) model_freed(owner, object, model_predict_free(owner, object), UNSAID);
}

/* Some live objects in a row, and if the input says so, odd pointers and
 * objects that stand in the batch already. */
static size_t some_batch(model_t *model, void **objects) {
    unsigned how = next_byte();
    size_t count = next_byte();
    if (count >= 250 && model->queue_count == 0) count = BATCH_MAX - (count - 250);
    uint32_t start = next_number(), taken = 0;
    uint64_t state = start;
    /* With somebody waiting, an object that stands in it twice may be theirs by then. */
    bool has_odd = how % 3 == 0 && may_misuse(model) && model->queue_count == 0;
    size_t at = 0;
    for (; at < count; at++) {
        uint64_t drawn = draw(&state);
        if (has_odd && drawn % 8 == 0) {
            objects[at] = sure_odd_pointer(model);
        } else if (has_odd && drawn % 8 == 1 && at > 0) {
            objects[at] = objects[drawn / 8 % at];
        } else if (taken < model->live_count) {
            objects[at] = give_up(model, some_live(model, start + taken++), how / 3);
        } else {
            break;
        }
    }
    return at;
}

void call_free_batch(model_t *model) {
    static void *objects[BATCH_MAX];
    size_t count = some_batch(model, objects), freed = 0;
    size_t said = pool_free_batch(model->pool, objects, count);
    for (size_t at = 0; at < count; at++) {
        unsigned expected = model_predict_free(model, objects[at]);
        freed += expected == BIT(POOL_OK);
        model_freed(model, objects[at], expected, UNSAID);
    }
    EXPECT_EQ(said, freed);
}

/* Writes to an object that is free: the pool finds it and sets the slot aside. */
void call_overwrite_free(model_t *model) {
    static const uint64_t words[] = {0, UINT64_MAX, 0x4141414141414141, 0x8000000000000000};
    uint32_t index = slot_in(model, next_number(), FREED, FREED);
    uint64_t word = words[next_byte() % 4];
    /* Whether a spoilt slot counts for the reserve depends on where it lies. */
    if (!may_misuse(model) || model->reserve > 0 || index == model->top) return;
    poke(model_address(model, index), word);
    model->slots[index].place = SPOILT;
    model->spoilt_count++;
}
