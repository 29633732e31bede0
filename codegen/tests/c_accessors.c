/* The generated C functions on messages of all kinds; exit status 0 if all is right. */
/* Some of the names in the schema are macros there. */
#include <complex.h>
#include <errno.h>

#include <kinds.g.h>

#include "check.h"

static void text_too_long_is_refused_and_changes_nothing(void) {
    static Everything message;
    static char text[65];
    memset(&message, 0xff, sizeof message);
    everything_clear(&message);
    CHECK(message.text_length == 0 && message.flag == 0 && message.has_child == 0);
    CHECK(everything_set_text(&message, "kept", 4));
    CHECK(!everything_set_text(&message, text, sizeof text));
    CHECK(message.text_length == 4 && memcmp(message.text, "kept", 4) == 0);
    CHECK(everything_set_text(&message, text, 64) && message.text_length == 64);
    CHECK(everything_set_text(&message, NULL, 0) && message.text_length == 0);
    CHECK(everything_set_blob(&message, "12345", 5) && !everything_set_blob(&message, "123456", 6));
}

static void lists_fill_up_and_then_refuse(void) {
    static Lists lists;
    memset(&lists, 0xff, sizeof lists);
    lists_clear(&lists);
    CHECK(lists_add_texts(&lists, "a", 1) && lists_add_texts(&lists, "", 0));
    CHECK(!lists_add_texts(&lists, "1234567", 7) && lists.texts_count == 2);
    CHECK(lists_add_texts(&lists, "123456", 6) && !lists_add_texts(&lists, "b", 1));
    CHECK(lists.texts_lengths[2] == 6 && memcmp(lists.texts[2], "123456", 6) == 0);
    for (int32_t i = 0; i < 16; i++) {
        CHECK(lists_add_numbers(&lists, -i));
    }
    CHECK(!lists_add_numbers(&lists, 0) && lists.numbers[15] == -15);
    CHECK(lists_add_flags(&lists, true) && lists.flags[0] == 1);
    CHECK(lists_add_colors(&lists, COLOR_DARK_BLUE) && lists.colors[0] == INT32_MIN);
    Inner *first = lists_add_children(&lists);
    CHECK(first == &lists.children[0] && first->first == 0 && first->has_deep == 0);
    CHECK(lists_add_children(&lists) != NULL && lists_add_children(&lists) == NULL);
    lists.texts_count = UINT32_MAX;
    CHECK(!lists_add_texts(&lists, "a", 1));
}

static void inner_message_is_empty_when_it_becomes_present(void) {
    static Everything message;
    memset(&message, 0xff, sizeof message);
    everything_clear(&message);
    Inner *child = everything_mutable_child(&message);
    CHECK(message.has_child == 1 && child->last == 0);
    child->last = 1;
    CHECK(everything_mutable_child(&message)->last == 1);
}

static void keywords_have_an_underscore_behind(void) {
    Words words;
    words_clear(&words);
    words.int_ = 1;
    CHECK(words_set_type(&words, "abcd", 4) && words_add_class(&words, 2));
    CHECK(words.class_[0] == 2);
}

int main(void) {
    text_too_long_is_refused_and_changes_nothing();
    lists_fill_up_and_then_refuse();
    inner_message_is_empty_when_it_becomes_present();
    keywords_have_an_underscore_behind();
    return failures != 0;
}
