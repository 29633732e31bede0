/*
 * test_inbox.c - tokens and inboxes, by one thread: a token is good once, and what stands
 * in an inbox untaken goes back to its pool.
 */
#include "inbox_test.h"

/* ---- tokens, one thread ------------------------------------------------------------------- */

TEST(token_is_taken_once) {
    pool_t *pool = bounded_pool(SIZE, 2);
    void *object = pool_alloc(pool);
    write_token(object, SIZE, 7);
    pool_token_t token = give(pool, object, 0);
    CHECK_EQ(stats_of(pool).in_use, 1); /* live, though nobody's */
    CHECK(take(pool, token) == object);
    CHECK(has_token(object, SIZE, 7));
    check_void(token);
    CHECK_EQ(pool_free(pool, object), POOL_OK);
    check_void(token);
    CHECK_EQ(misuse_of(pool), 0);
    check_allocatable(pool, 2);
    destroy(pool);
}

TEST(stale_token_is_refused_after_many_generations) {
    enum { TIMES = 300000 };
    pool_t *pool = bounded_pool(SIZE, 1);
    void *object = pool_alloc(pool);
    pool_token_t first = give(pool, object, 0), last = first;
    CHECK(take(pool, first) == object);
    for (int i = 0; i < ITERATIONS(TIMES); i++) {
        pool_token_t token = give(pool, object, 0);
        if (!CHECK(token != first && token != last)) break;
        if (i % 1000 == 0) check_void(first), check_void(last);
        if (pool_take(token, &object, NULL) != POOL_OK) CHECK(!"taken");
        last = token;
    }
    CHECK_EQ(pool_free(pool, object), POOL_OK);
    check_allocatable(pool, 1);
    destroy(pool);
}

TEST(numbers_that_are_no_token_are_refused) {
    pool_t *pool = bounded_pool(SIZE, 1);
    told_t told;
    pool_inbox_t inbox = inbox_of(&told);
    pool_token_t token = give(pool, pool_alloc(pool), inbox);
    const uint64_t wrong[] = {0, 1, UINT64_MAX, inbox, token + 1, token ^ (1ull << 63), token + (1ull << 32)};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) check_void(wrong[i]);
    CHECK_EQ(pool_inbox_close(token), POOL_ERR_NOT_FOUND);
    CHECK_EQ(pool_inbox_close(0), POOL_ERR_NOT_FOUND);
    pool_inbox_release(NULL);
    CHECK_EQ(pool_discard(token), POOL_OK);
    check_void(token);
    CHECK_EQ(pool_inbox_close(inbox), POOL_OK);
    check_allocatable(pool, 1);
    destroy(pool);
}

TEST(only_a_live_object_of_the_pool_can_be_given) {
    pool_t *pool = bounded_pool(SIZE, 2), *other = bounded_pool(SIZE, 1);
    void *object = pool_alloc(pool), *freed = pool_alloc(pool), *foreign = pool_alloc(other);
    pool_token_t token = 7;
    told_t told;
    pool_inbox_t closed = inbox_of(&told);
    CHECK_EQ(pool_inbox_close(closed), POOL_OK);
    CHECK_EQ(pool_free(pool, freed), POOL_OK);
    CHECK_EQ(pool_give(pool, freed, 0, &token), POOL_ERR_DOUBLE_FREE);
    CHECK_EQ(pool_give(pool, foreign, 0, &token), POOL_ERR_WRONG_POOL);
    CHECK_EQ(pool_give(pool, &token, 0, &token), POOL_ERR_FOREIGN);
    CHECK_EQ(pool_give(pool, (char *)object + 8, 0, &token), POOL_ERR_INTERIOR);
    CHECK_EQ(pool_give(pool, NULL, 0, &token), POOL_ERR_NULL);
    CHECK_EQ(misuse_of(pool), 5);
    CHECK_EQ(pool_give(NULL, object, 0, &token), POOL_ERR_NULL);
    CHECK_EQ(pool_give(pool, object, 0, NULL), POOL_ERR_NULL);
    CHECK_EQ(pool_give(pool, object, closed, &token), POOL_ERR_NOT_FOUND);
    CHECK_EQ(pool_give(pool, object, 12345, &token), POOL_ERR_NOT_FOUND);
    CHECK_EQ(token, 7);
    CHECK_EQ(pool_take(token, NULL, NULL), POOL_ERR_NULL);
    CHECK_EQ(misuse_of(pool), 5);
    CHECK_EQ(pool_free(pool, object), POOL_OK); /* the caller's as before */
    CHECK_EQ(pool_free(other, foreign), POOL_OK);
    check_allocatable(pool, 2);
    destroy(pool), destroy(other);
    CHECK_EQ(pool_give(pool, object, 0, &token), POOL_ERR_DESTROYED);
}

TEST(inbox_misuse_is_a_status) {
    pool_t *pool = bounded_pool(SIZE, 1);
    void *only = pool_alloc(pool), *object = &object;
    told_t told;
    pool_inbox_t inbox = inbox_of(&told);
    pool_token_t token = 7;
    CHECK_EQ(pool_inbox_create(note, &told, NULL), POOL_ERR_NULL);
    CHECK_EQ(pool_inbox_create_dart(NULL, 1, &inbox), POOL_ERR_NULL);
    CHECK_EQ(pool_alloc_inbox(NULL, &object, 0, inbox, &token), POOL_ERR_NULL);
    CHECK_EQ(pool_alloc_inbox(pool, NULL, 0, inbox, &token), POOL_ERR_NULL);
    CHECK_EQ(pool_alloc_inbox(pool, &object, 0, inbox, NULL), POOL_ERR_NULL);
    CHECK_EQ(pool_alloc_inbox(pool, &object, 2, inbox, &token), POOL_ERR_INVALID);
    CHECK_EQ(pool_alloc_inbox(pool, &object, 0, 0, &token), POOL_ERR_NOT_FOUND);
    CHECK_EQ(pool_inbox_close(inbox), POOL_OK);
    CHECK_EQ(pool_inbox_close(inbox), POOL_ERR_NOT_FOUND);
    CHECK_EQ(pool_alloc_inbox(pool, &object, 0, inbox, &token), POOL_ERR_NOT_FOUND);
    CHECK(object == &object && token == 7);
    CHECK_EQ(stats_of(pool).waiting, 0);
    CHECK_EQ(pool_free(pool, only), POOL_OK);
    CHECK_EQ(told.calls, 0);
    destroy(pool);
}

TEST(close_frees_what_nobody_took) {
    enum { GIVEN = 500 };
    pool_t *pool = bounded_pool(SIZE, GIVEN);
    pool_token_t tokens[GIVEN];
    told_t told, others;
    pool_inbox_t inbox = inbox_of(&told), other = inbox_of(&others);
    for (int i = 0; i < GIVEN; i++) {
        tokens[i] = give(pool, pool_alloc(pool), i % 5 == 0 ? other : i % 5 == 1 ? 0 : inbox);
    }
    for (int i = 2; i < GIVEN; i += 5) CHECK_EQ(pool_free(pool, take(pool, tokens[i])), POOL_OK);
    CHECK_EQ(stats_of(pool).in_use, GIVEN / 5 * 4);
    pool_inbox_release((void *)(uintptr_t)inbox);
    CHECK_EQ(stats_of(pool).in_use, GIVEN / 5 * 2);
    for (int i = 0; i < GIVEN; i++) {
        if (i % 5 < 2) CHECK_EQ(pool_free(pool, take(pool, tokens[i])), POOL_OK);
        check_void(tokens[i]);
    }
    CHECK_EQ(pool_inbox_close(other), POOL_OK);
    CHECK_EQ(told.calls + others.calls, 0);
    CHECK_EQ(misuse_of(pool), 0);
    check_allocatable(pool, GIVEN);
    destroy(pool);
}

TEST(object_freed_on_its_way_is_found_free_by_close) {
    pool_t *pool = bounded_pool(SIZE, 1);
    told_t told;
    pool_inbox_t inbox = inbox_of(&told);
    void *object = pool_alloc(pool);
    give(pool, object, inbox);
    CHECK_EQ(pool_free(pool, object), POOL_OK); /* nobody's to free */
    CHECK_EQ(pool_inbox_close(inbox), POOL_OK);
    CHECK_EQ(stats_of(pool).misuse_double_free, 1);
    check_allocatable(pool, 1);
    destroy(pool);
}

/* ---- queued allocations, one thread ---------------------------------------------------------- */

TEST(alloc_of_pool_with_free_objects_needs_no_token) {
    pool_t *pool = bounded_pool(SIZE, 1);
    told_t told;
    pool_inbox_t inbox = inbox_of(&told);
    pool_token_t token = 7;
    void *object = NULL;
    CHECK_EQ(pool_alloc_inbox(pool, &object, 0, inbox, &token), POOL_OK);
    CHECK(pool_of(object) == pool);
    CHECK_EQ(token, 7);
    CHECK_EQ(pool_free(pool, object), POOL_OK);
    CHECK_EQ(pool_inbox_close(inbox), POOL_OK);
    CHECK_EQ(told.calls, 0);
    destroy(pool);
}

TEST(queued_allocations_are_delivered_in_order) {
    pool_t *pool = bounded_pool(SIZE, 3);
    void *objects[3], *none = NULL;
    told_t told, others;
    pool_inbox_t inbox = inbox_of(&told), other = inbox_of(&others);
    pool_token_t tokens[8];
    CHECK_EQ(alloc_up_to(pool, objects, 3), 3);
    for (int i = 0; i < 8; i++) tokens[i] = ask(pool, i % 2 ? other : inbox);
    CHECK_EQ(stats_of(pool).waiting, 8);
    CHECK_EQ(pool_take(tokens[0], &none, NULL), POOL_PENDING);
    CHECK(none == NULL);
    CHECK_EQ(pool_free_batch(pool, objects, 3), 3);
    CHECK_EQ(told.calls, 2), CHECK_EQ(others.calls, 1);
    for (int i = 0; i < 8; i++) { /* each taken and freed brings the next */
        if (i < 5) CHECK_EQ(pool_take(tokens[i + 3], &none, NULL), POOL_PENDING);
        CHECK_EQ(pool_free(pool, take(pool, tokens[i])), POOL_OK);
        check_void(tokens[i]);
    }
    CHECK_EQ(told.calls, 4), CHECK_EQ(others.calls, 4);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(told.tokens[i], tokens[2 * i]), CHECK_EQ(others.tokens[i], tokens[2 * i + 1]);
    CHECK_EQ(pool_inbox_close(inbox), POOL_OK), CHECK_EQ(pool_inbox_close(other), POOL_OK);
    check_allocatable(pool, 3);
    destroy(pool);
}

TEST(discarded_allocation_is_never_delivered) {
    pool_t *pool = bounded_pool(SIZE, 1);
    void *only = pool_alloc(pool);
    told_t told;
    pool_inbox_t inbox = inbox_of(&told);
    pool_token_t first = ask(pool, inbox), second = ask(pool, inbox);
    CHECK_EQ(pool_discard(first), POOL_OK);
    check_void(first);
    CHECK_EQ(stats_of(pool).waiting, 1);
    CHECK_EQ(pool_free(pool, only), POOL_OK);
    CHECK_EQ(told.calls, 1);
    CHECK_EQ(told.tokens[0], second);
    CHECK_EQ(pool_discard(second), POOL_OK); /* too late to be queued: freed */
    check_void(second);
    CHECK_EQ(pool_inbox_close(inbox), POOL_OK);
    check_allocatable(pool, 1);
    destroy(pool);
}

TEST(close_takes_queued_allocations_back_and_frees_delivered_ones) {
    pool_t *pool = bounded_pool(SIZE, 2);
    void *objects[2];
    told_t told, others;
    pool_inbox_t inbox = inbox_of(&told), other = inbox_of(&others);
    CHECK_EQ(alloc_up_to(pool, objects, 2), 2);
    pool_token_t delivered = ask(pool, inbox), queued = ask(pool, inbox), last = ask(pool, other);
    CHECK_EQ(pool_free(pool, objects[0]), POOL_OK);
    CHECK_EQ(told.calls, 1);
    CHECK_EQ(pool_inbox_close(inbox), POOL_OK); /* what it had goes to the other */
    CHECK_EQ(others.calls, 1);
    check_void(delivered), check_void(queued);
    CHECK_EQ(stats_of(pool).waiting, 0);
    CHECK_EQ(pool_free(pool, take(pool, last)), POOL_OK);
    CHECK_EQ(pool_free(pool, objects[1]), POOL_OK);
    CHECK_EQ(told.calls, 1);
    CHECK_EQ(pool_inbox_close(other), POOL_OK);
    check_allocatable(pool, 2);
    destroy(pool);
}

TEST(object_goes_past_an_inbox_that_cannot_be_told) {
    enum { DEAF = 1000 };
    pool_t *pool = bounded_pool(SIZE, 1);
    void *only = pool_alloc(pool);
    told_t told, nobody;
    pool_inbox_t deaf = inbox_of(&nobody), inbox = inbox_of(&told);
    pool_token_t first = ask(pool, deaf);
    nobody.deaf = true;
    for (int i = 1; i < DEAF; i++) ask(pool, deaf);
    pool_token_t token = ask(pool, inbox);
    CHECK_EQ(pool_free(pool, only), POOL_OK);
    CHECK_EQ(nobody.calls, DEAF);
    CHECK_EQ(told.calls, 1);
    check_void(first);
    CHECK_EQ(pool_free(pool, take(pool, token)), POOL_OK);
    CHECK_EQ(pool_inbox_close(deaf), POOL_OK), CHECK_EQ(pool_inbox_close(inbox), POOL_OK);
    check_allocatable(pool, 1);
    destroy(pool);
}

TEST(inbox_without_a_function_is_asked) {
    pool_t *pool = bounded_pool(SIZE, 1);
    void *only = pool_alloc(pool);
    pool_inbox_t inbox = 0;
    CHECK_EQ(pool_inbox_create(NULL, NULL, &inbox), POOL_OK);
    pool_token_t token = ask(pool, inbox), last = ask(pool, inbox);
    CHECK_EQ(pool_free(pool, only), POOL_OK);
    CHECK_EQ(pool_free(pool, take(pool, token)), POOL_OK);
    CHECK_EQ(pool_inbox_close(inbox), POOL_OK);
    check_void(last);
    check_allocatable(pool, 1);
    destroy(pool);
}

TEST(critical_allocation_is_served_from_the_reserve) {
    pool_config_t config = config_of(SIZE, 2);
    config.reserve = 1;
    pool_t *pool = create(&config);
    told_t told;
    pool_inbox_t inbox = inbox_of(&told);
    pool_token_t token = 0, ordinary;
    void *object = pool_alloc(pool), *critical = NULL, *none = NULL;
    CHECK_EQ(pool_alloc_inbox(pool, &critical, POOL_CRITICAL, inbox, &token), POOL_OK);
    ordinary = ask(pool, inbox);
    CHECK_EQ(pool_alloc_inbox(pool, &none, POOL_CRITICAL, inbox, &token), POOL_PENDING);
    CHECK_EQ(pool_free(pool, critical), POOL_OK); /* the reserve's: past the ordinary one */
    CHECK_EQ(told.tokens[0], token);
    CHECK_EQ(pool_take(ordinary, &none, NULL), POOL_PENDING);
    CHECK_EQ(pool_free(pool, take(pool, token)), POOL_OK);
    CHECK_EQ(pool_free(pool, object), POOL_OK);
    CHECK_EQ(pool_free(pool, take(pool, ordinary)), POOL_OK);
    CHECK_EQ(pool_inbox_close(inbox), POOL_OK);
    destroy(pool);
}

/* ---- pools that end ---------------------------------------------------------------------------- */

TEST(tokens_of_a_pool_that_ended_are_refused) {
    pool_t *pool = bounded_pool(SIZE, 2);
    told_t told;
    pool_inbox_t inbox = inbox_of(&told);
    void *object = NULL, *object_too;
    size_t live = 0;
    pool_token_t given = give(pool, pool_alloc(pool), inbox), left = give(pool, pool_alloc(pool), inbox);
    pool_token_t queued = ask(pool, inbox), given_up = ask(pool, inbox);
    CHECK_EQ(pool_destroy(pool), POOL_ERR_BUSY); /* on its way is live */
    CHECK_EQ(pool_discard(given_up), POOL_OK);
    CHECK_EQ(pool_destroy_forced(pool, &live), POOL_OK);
    CHECK_EQ(live, 2);
    CHECK_EQ(told.calls, 1);
    CHECK_EQ(told.tokens[0], queued);
    CHECK_EQ(pool_take(queued, &object, NULL), POOL_ERR_DESTROYED);
    check_void(queued), check_void(given_up);
    /* The handle's next life, with all of its objects live, some at the same addresses. */
    pool_t *next = bounded_pool(SIZE, 2);
    object_too = pool_alloc(next), object = pool_alloc(next);
    CHECK(next == pool);
    void *untouched = &untouched;
    CHECK_EQ(pool_take(given, &untouched, NULL), POOL_ERR_DESTROYED);
    CHECK(untouched == &untouched);
    check_void(given);
    CHECK_EQ(pool_inbox_close(inbox), POOL_OK); /* frees nothing of the new pool */
    check_void(left);
    CHECK_EQ(stats_of(next).in_use, 2);
    CHECK_EQ(misuse_of(next), 0);
    CHECK_EQ(pool_free(next, object), POOL_OK), CHECK_EQ(pool_free(next, object_too), POOL_OK);
    check_allocatable(next, 2);
    destroy(next);
}

int main(int argc, char **argv) {
    check_begin(argc, argv);
    RUN(token_is_taken_once);
    RUN(stale_token_is_refused_after_many_generations);
    RUN(numbers_that_are_no_token_are_refused);
    RUN(only_a_live_object_of_the_pool_can_be_given);
    RUN(inbox_misuse_is_a_status);
    RUN(close_frees_what_nobody_took);
    RUN(object_freed_on_its_way_is_found_free_by_close);
    RUN(alloc_of_pool_with_free_objects_needs_no_token);
    RUN(queued_allocations_are_delivered_in_order);
    RUN(discarded_allocation_is_never_delivered);
    RUN(close_takes_queued_allocations_back_and_frees_delivered_ones);
    RUN(object_goes_past_an_inbox_that_cannot_be_told);
    RUN(inbox_without_a_function_is_asked);
    RUN(critical_allocation_is_served_from_the_reserve);
    RUN(tokens_of_a_pool_that_ended_are_refused);
    return check_end();
}
