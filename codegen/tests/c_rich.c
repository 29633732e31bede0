/* The generated C functions for what may be absent, oneofs, maps and defaults; exit status 0 if
 * all is right. */
#include <keep.g.h>
#include <old.g.h>
#include <rich.g.h>

#include "check.h"

static void oneof_holds_the_field_set_last(void) {
    Choice choice, other;
    choice_init(&choice);
    choice_init(&other);
    CHECK(choice.body_case == CHOICE_BODY_NOT_SET && choice_get_number(&choice) == 0);
    choice_set_number(&choice, -1);
    CHECK(choice.body_case == CHOICE_BODY_NUMBER && choice_get_number(&choice) == -1);
    CHECK(!choice_set_text(&choice, "12345678901", 11) && choice_get_number(&choice) == -1);
    CHECK(choice_set_text(&choice, "1234", 4) && choice_set_text(&choice, "12", 2));
    CHECK(choice.body.text.length == 2 && choice_get_number(&choice) == 0);
    CHECK(!choice_equal(&choice, &other) && choice_set_text(&other, "12", 2));
    CHECK(choice_equal(&choice, &other));
    choice_mutable_point(&choice)->x = 3;
    CHECK(choice_mutable_point(&choice)->x == 3 && choice.body.point.y == 0);
    choice_clear_body(&choice);
    CHECK(choice.body_case == CHOICE_BODY_NOT_SET);
}

/* Of ten bytes: "1234567" and a character of two, three or four of them. */
static void text_that_does_not_fit_is_cut_before_a_character(void) {
    Choice choice;
    choice_init(&choice);
    CHECK(choice_fit_text(&choice, "1234567890", 10) && choice.body.text.length == 10);
    CHECK(!choice_fit_text(&choice, "12345678901", 11) && choice.body.text.length == 10);
    CHECK(memcmp(choice.body.text.text, "1234567890", 10) == 0);
    CHECK(choice_fit_text(&choice, "1234567\xe2\x82\xac", 10) && choice.body.text.length == 10);
    CHECK(!choice_fit_text(&choice, "12345678\xe2\x82\xac", 11) && choice.body.text.length == 8);
    CHECK(!choice_fit_text(&choice, "1234567\xf0\x9f\x98\x80!", 12));
    CHECK(choice.body.text.length == 7 && choice.body_case == CHOICE_BODY_TEXT);
    CHECK(!choice_fit_text(&choice, "123456789\xc3\xb6", 11) && choice.body.text.length == 9);
    CHECK(choice_fit_text(&choice, NULL, 0) && choice.body.text.length == 0);
    /* Not UTF-8, and no character begins in it. */
    CHECK(!choice_fit_text(&choice, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80", 11));
    CHECK(choice.body.text.length == 0);
    CHECK(!choice_fit_blob(&choice, "\x80\x80\x80\x80\x80\x80\x80\x80", 8));
    CHECK(choice.body.blob.length == 7 && choice.body_case == CHOICE_BODY_BLOB);
    CHECK(choice_fit_blob(&choice, "1234567", 7) && choice.body.blob.length == 7);
}

static void optional_field_is_absent_until_it_is_set(void) {
    Maybe maybe, other;
    maybe_init(&maybe);
    maybe_init(&other);
    CHECK(!maybe.has_number && !maybe_get_flag(&maybe) && maybe_equal(&maybe, &other));
    maybe_set_number(&maybe, 0);
    CHECK(maybe.has_number && !maybe_equal(&maybe, &other));
    maybe.has_number = 0;
    maybe_set_flag(&maybe, true);
    CHECK(maybe_get_flag(&maybe) && maybe_set_text(&maybe, "", 0) && maybe.has_text);
    maybe_set_blob(&maybe, "1234");
    CHECK(maybe.has_blob && memcmp(maybe.blob, "1234", 4) == 0);
}

static void map_finds_what_was_put_and_refuses_when_full(void) {
    static const char *const names[] = {"Ada", "Bob", "Cyd", "Dan"};
    Maps maps;
    maps_init(&maps);
    for (uint32_t i = 0; i < 4; i++) {
        MapsAgesEntry *entry = maps_put_ages(&maps, names[i], 3);
        CHECK(entry != NULL);
        entry->value = i;
    }
    CHECK(maps_put_ages(&maps, "Eve", 3) == NULL && maps_put_ages(&maps, "Bob", 3) != NULL);
    CHECK(maps_find_ages(&maps, "Bob", 3)->value == 1);
    CHECK(maps_remove_ages(&maps, "Ada", 3) && !maps_remove_ages(&maps, "Ada", 3));
    CHECK(maps.ages_count == 3 && maps_find_ages(&maps, "Dan", 3)->value == 3);
    CHECK(maps_put_ages(&maps, "too long to fit", 15) == NULL && maps.ages_count == 3);
    maps_points_entry_mutable_value(maps_put_points(&maps, true))->y = 9;
    CHECK(maps_find_points(&maps, true)->value.y == 9 && maps_find_points(&maps, false) == NULL);
    maps.ages_count = UINT32_MAX;
    CHECK(maps_find_ages(&maps, "Zoe", 3) == NULL && maps_remove_ages(&maps, "Bob", 3));
    CHECK(maps.ages_count == 3);
}

static void fixed_fields_are_arrays(void) {
    Exact exact, other;
    exact_init(&exact);
    exact_init(&other);
    exact_set_id(&exact, "0123456789abcdef");
    exact.matrix[3] = 0.5f;
    exact.corners[1].y = 2;
    CHECK(exact_add_hashes(&exact, "1234") && exact_add_hashes(&exact, "5678"));
    CHECK(exact.hashes_count == 2 && memcmp(exact.hashes[1], "5678", 4) == 0);
    CHECK(!exact_equal(&exact, &other));
    exact_clear(&exact);
    CHECK(exact_equal(&exact, &other));
}

static void defaults_of_the_schema_hold_until_a_field_is_set(void) {
    Record record;
    record_init(&record);
    CHECK(record_get_number(&record) == -5 && record_get_least(&record) == INT64_MIN);
    CHECK(record_get_most(&record) == UINT64_MAX && record_get_flag(&record));
    CHECK(record_get_real(&record) == 1.5f && isinf(record_get_endless(&record)));
    CHECK(record_get_high(&record) == RECORD_LEVEL_HIGH && record.needed == RECORD_LEVEL_LOW);
    CHECK(sizeof RECORD_TEXT_DEFAULT - 1 == 10 && RECORD_TEXT_DEFAULT[0] == '"');
    CHECK(sizeof RECORD_BLOB_DEFAULT - 1 == 3 && RECORD_BLOB_DEFAULT[2] == 'x');
    record_set_number(&record, 0);
    CHECK(record_get_number(&record) == 0 && record_get_right(&record) == RECORD_LEVEL_MIDDLE);
}

static void pool_gives_messages_that_are_zero(void) {
    Tuned *first = tuned_alloc();
    CHECK(first != NULL && (uintptr_t)first % 64 == 0);
    memset(first, 0xff, sizeof *first);
    CHECK(tuned_free(first) == POOL_OK);
    Tuned *again = tuned_alloc();
    CHECK(again != NULL && again->numbers[2] == 0 && again->id == 0);
    memset(again, 0xff, sizeof *again);
    CHECK(tuned_free(again) == POOL_OK);
    Tuned *decoded = tuned_decode("\x08\x05", 2, NULL);
    CHECK(decoded != NULL && decoded->numbers[2] == 0 && decoded->id == 5);
    CHECK(tuned_free(decoded) == POOL_OK);
}

static void unknown_fields_are_kept_compared_and_forgotten(void) {
    static const char bytes[] = "\x52\x03" "tea" "\x08\x07";
    char out[16], json[32];
    size_t length = 0;
    pool_wire_error_t error = {POOL_WIRE_OK, 0, 0};
    Kept kept, other;
    memset(&kept, 0xa5, sizeof kept);
    CHECK(kept_decode_into(&kept, bytes, sizeof bytes - 1, NULL) == POOL_WIRE_OK);
    CHECK(kept.id == 7 && kept.unknown_fields_length == 5);
    CHECK(memcmp(kept.unknown_fields, "\x52\x03" "tea", 5) == 0);
    CHECK(kept_encode(&kept, out, sizeof out, &length) == POOL_WIRE_OK && length == 7);
    CHECK(memcmp(out, "\x08\x07\x52\x03" "tea", 7) == 0);
    CHECK(kept_json(&kept, json, sizeof json) == 8 && strcmp(json, "{\"id\":7}") == 0);
    other = kept;
    CHECK(kept_equal(&kept, &other));
    kept_clear_unknown_fields(&other);
    CHECK(!kept_equal(&kept, &other) && kept_encoded_size(&other) == 2);
    kept_clear(&kept);
    CHECK(kept_encoded_size(&kept) == 0);
    KeptFar far;
    CHECK(kept_far_decode_into(&far, bytes, sizeof bytes - 1, &error) == POOL_WIRE_TOO_LONG);
    CHECK(error.field == 10 && error.offset == 0);
    CHECK(pool_wire_check(keep_wire, sizeof keep_wire / sizeof keep_wire[0]) == POOL_WIRE_OK);
}

int main(void) {
    unknown_fields_are_kept_compared_and_forgotten();
    oneof_holds_the_field_set_last();
    text_that_does_not_fit_is_cut_before_a_character();
    optional_field_is_absent_until_it_is_set();
    map_finds_what_was_put_and_refuses_when_full();
    fixed_fields_are_arrays();
    defaults_of_the_schema_hold_until_a_field_is_set();
    pool_gives_messages_that_are_zero();
    return failures != 0;
}
