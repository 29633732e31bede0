//! The generated Rust accessors, and the pools of a schema outside magpool.

#[allow(unreachable_pub, dead_code, missing_docs)]
mod kinds {
    include!("golden/kinds/kinds.g.rs");
}

use kinds::{Color, Everything, Lists, Words};

#[test]
fn numbers_set_are_read() {
    let mut message = Everything::default();
    message.set_flag(true);
    message.set_zigzag(-5);
    message.set_wide_float(0.5);
    message.set_color(Color::DarkBlue);
    assert!(message.flag());
    assert_eq!((message.zigzag(), message.wide_float()), (-5, 0.5));
    assert_eq!(message.color(), Some(Color::DarkBlue));
    message.color = 99;
    assert_eq!(message.color(), None);
}

#[test]
fn text_too_long_is_refused_and_changes_nothing() {
    let mut message = Everything::default();
    message.set_text("größe").expect("it fits");
    let error = message.set_text(&"x".repeat(65)).expect_err("it does not fit");
    assert_eq!((error.max, error.len), (64, 65));
    assert_eq!(message.text_str(), Ok("größe"));
    message.set_blob(&[1, 2, 3, 4, 5]).expect("it fits exactly");
    assert_eq!(message.blob(), [1, 2, 3, 4, 5]);
    assert!(message.set_blob(&[0; 6]).is_err());
}

#[test]
fn lists_fill_up_and_then_refuse() {
    let mut lists = Lists::default();
    for text in ["a", "bb", "cccccc"] {
        lists.add_texts(text).expect("there is room");
    }
    assert!(lists.add_texts("d").is_err_and(|error| (error.max, error.len) == (3, 4)));
    assert_eq!(lists.texts_iter().collect::<Vec<_>>(), [&b"a"[..], b"bb", b"cccccc"]);
    assert_eq!(lists.texts(3), None);
    lists.add_flags(true).and_then(|()| lists.add_flags(false)).expect("there is room");
    assert_eq!(lists.flags(), [1, 0]);
    lists.add_colors(Color::Red).expect("there is room");
    assert_eq!(lists.colors(), [1]);
    for number in 0..16 {
        lists.add_numbers(-number).expect("there is room");
    }
    assert!(lists.add_numbers(0).is_err());
    lists.add_children().expect("there is room").set_first(true);
    lists.add_children().expect("there is room");
    assert!(lists.add_children().is_none());
    assert!(lists.children()[0].first() && !lists.children()[1].first());
    lists.clear();
    assert_eq!((lists.texts_len(), lists.numbers().len(), lists.children_len()), (0, 0, 0));
}

#[test]
fn text_too_long_for_a_list_does_not_count() {
    let mut lists = Lists::default();
    assert!(lists.add_texts("1234567").is_err_and(|error| (error.max, error.len) == (6, 7)));
    assert_eq!(lists.texts_len(), 0);
}

#[test]
fn damaged_lengths_are_clamped() {
    let mut lists =
        Lists { texts_count: u32::MAX, texts_lengths: [u32::MAX; 3], ..Lists::default() };
    assert_eq!(lists.texts_len(), 3);
    assert_eq!(lists.texts(2).map(<[u8]>::len), Some(6));
    assert!(lists.add_texts("a").is_err());
    lists.children_count = u32::MAX;
    assert_eq!(lists.children().len(), 2);
    assert!(lists.add_children().is_none());
    let message = Everything { text_length: u32::MAX, ..Everything::default() };
    assert_eq!(message.text().len(), 64);
}

#[test]
fn inner_message_is_empty_when_it_becomes_present() {
    let mut message = Everything::default();
    assert!(message.child().is_none());
    message.child_mut().set_last(true);
    message.child_mut().set_first(true);
    assert!(message.child().is_some_and(|child| child.last() && child.first()));
    message.clear_child();
    assert!(message.child().is_none());
    assert!(!message.child_mut().last());
}

#[test]
fn keywords_have_an_underscore_behind() {
    let mut words = Words { self_: 7, default_: 1, ..Words::default() };
    words.set_type("abcd").expect("it fits");
    words.set_int(3);
    assert_eq!((words.type_(), words.int(), words.self_()), (&b"abcd"[..], 3, 7));
}

#[test]
fn debug_output_shows_what_is_in_use() {
    let mut lists = Lists::default();
    lists.add_texts("shown").expect("there is room");
    let shown = format!("{lists:?}");
    assert!(shown.contains(r#"texts: ["shown"]"#), "{shown}");
}

#[test]
fn bounded_pool_hands_out_its_capacity_of_empty_messages() {
    let mut live: Vec<_> = (0..8).map(|_| kinds::lists_alloc().expect("8 fit")).collect();
    live[0].add_texts("left behind").expect_err("longer than 6");
    live[0].add_texts("left").expect("it fits");
    assert_eq!(kinds::lists_alloc().err(), Some(magpool::Error::Exhausted));
    live.clear();
    assert!((0..8).all(|_| kinds::lists_alloc().is_ok_and(|lists| lists.texts_len() == 0)));
    let pool = kinds::lists_pool().expect("it is open");
    assert_eq!(pool.stats().expect("it is open").limit, 8);
}
