//! The generated Rust accessors of what may be absent, of oneofs, maps and defaults, and types
//! that several files share.

#[allow(unreachable_pub, dead_code, missing_docs)]
mod rich {
    include!("golden/rich/rich.g.rs");
}

#[allow(unreachable_pub, dead_code, missing_docs)]
mod old {
    include!("golden/old/old.g.rs");
}

// The modules of one run stand side by side.
#[allow(unreachable_pub, dead_code, missing_docs)]
mod several {
    pub(super) mod google_protobuf_duration {
        include!("golden/several/google_protobuf_duration.g.rs");
    }
    mod google_protobuf_empty {
        include!("golden/several/google_protobuf_empty.g.rs");
    }
    pub(super) mod google_protobuf_field_mask {
        include!("golden/several/google_protobuf_field_mask.g.rs");
    }
    mod google_protobuf_struct {
        include!("golden/several/google_protobuf_struct.g.rs");
    }
    pub(super) mod google_protobuf_timestamp {
        include!("golden/several/google_protobuf_timestamp.g.rs");
    }
    mod google_protobuf_wrappers {
        include!("golden/several/google_protobuf_wrappers.g.rs");
    }
    pub(super) mod shared_person {
        include!("golden/several/shared_person.g.rs");
    }
    pub(super) mod main {
        include!("golden/several/main.g.rs");
    }
}

use old::{Record, RecordLevel};
use rich::{Choice, ChoiceBodyField, ChoiceOtherField, Exact, Loose, Maps, Maybe, Mood, Point};

#[test]
fn oneof_holds_the_field_set_last() {
    let mut choice = Choice::default();
    assert_eq!(choice.body(), ChoiceBodyField::None);
    choice.set_number(-1);
    assert_eq!((choice.body(), choice.number()), (ChoiceBodyField::Number(-1), Some(-1)));
    choice.set_text("größe").expect("it fits");
    assert_eq!((choice.number(), choice.text_str()), (None, Ok(Some("größe"))));
    assert_eq!(choice.body(), ChoiceBodyField::Text("größe".as_bytes()));
    choice.point_mut().set_x(3);
    assert_eq!(choice.point_mut().x(), 3, "choosing again keeps it");
    assert_eq!(choice.point().map(|point| (point.x(), point.y())), Some((3, 0)));
    choice.set_digest(&[7; 20]);
    assert_eq!(choice.body(), ChoiceBodyField::Digest(&[7; 20]));
    choice.nothing_mut();
    assert!(matches!(choice.other(), ChoiceOtherField::Nothing(_)));
    choice.clear_body();
    assert_eq!(choice.body(), ChoiceBodyField::None);
    assert!(choice.nothing().is_some(), "the other oneof is another one");
}

#[test]
fn text_too_long_for_a_oneof_changes_nothing() {
    let mut choice = Choice::default();
    choice.set_flag(true);
    assert!(choice.set_text("12345678901").is_err_and(|e| (e.max, e.len) == (10, 11)));
    assert!(choice.set_blob(&[0; 8]).is_err());
    assert_eq!(choice.flag(), Some(true));
}

#[test]
fn text_that_does_not_fit_is_cut_before_a_character() {
    let mut choice = Choice::default();
    for (given, held) in [
        ("1234567890", "1234567890"),
        ("12345678901", "1234567890"),
        ("1234567€", "1234567€"),
        ("12345678€", "12345678"),
        ("1234567😀!", "1234567"),
        ("123456789ö", "123456789"),
        ("", ""),
    ] {
        assert_eq!(choice.fit_text(given), given == held, "{given}");
        assert_eq!(choice.text_str(), Ok(Some(held)));
    }
    assert!(!choice.fit_blob(b"12345678") && choice.blob() == Some(b"1234567"));
    assert!(choice.fit_blob(b"1234567") && choice.fit_blob(b""));
    assert_eq!(choice.blob(), Some(&b""[..]));
}

#[test]
fn field_chosen_again_begins_empty() {
    let mut choice = Choice::default();
    choice.point_mut().set_x(5);
    choice.set_number(i64::MAX);
    assert_eq!(choice.point_mut().x(), 0);
    choice.set_mood(Mood::Good);
    assert_eq!((choice.mood(), choice.body()), (Some(Mood::FINE), ChoiceBodyField::Mood(1)));
}

#[test]
fn messages_are_equal_if_they_hold_the_same() {
    let (mut a, mut b) = (Choice::default(), Choice::default());
    assert_eq!(a, b);
    a.set_text("1234").expect("it fits");
    a.set_text("12").expect("it fits");
    assert_ne!(a, b);
    b.set_text("12").expect("it fits");
    assert_eq!(a, b, "what is behind the length does not count");
    let (mut a, mut b) = (Maybe::default(), Maybe::default());
    a.set_number(5);
    a.clear_number();
    assert_eq!(a, b);
    b.set_number(0);
    assert_ne!(a, b, "0 is not absent");
}

#[test]
fn optional_field_is_absent_until_it_is_set() {
    let mut maybe = Maybe::default();
    assert_eq!((maybe.number(), maybe.flag(), maybe.mood()), (None, None, None));
    assert_eq!((maybe.text(), maybe.text_str(), maybe.blob()), (None, Ok(None), None));
    maybe.set_number(0);
    maybe.set_flag(false);
    maybe.set_mood(Mood::None_);
    maybe.set_text("").expect("it fits");
    maybe.set_blob(&[1, 2, 3, 4]);
    assert_eq!((maybe.number(), maybe.flag()), (Some(0), Some(false)));
    assert_eq!((maybe.mood(), maybe.text()), (Some(Mood::None_), Some(&b""[..])));
    assert_eq!(maybe.blob(), Some(&[1, 2, 3, 4]));
    maybe.clear_text();
    assert_eq!(maybe.text(), None);
    assert!(maybe.set_text("12345678901").is_err() && maybe.text().is_none());
}

#[test]
fn map_finds_what_was_put_and_refuses_when_full() {
    let mut maps = Maps::default();
    for (age, name) in ["Ada", "Bob", "Cyd", "Dan"].into_iter().enumerate() {
        maps.put_ages(name).expect("4 fit").set_value(age as u32);
    }
    assert!(maps.put_ages("Eve").is_err_and(|e| (e.max, e.len) == (4, 5)));
    maps.put_ages("Bob").expect("it is there").set_value(50);
    assert_eq!((maps.ages_len(), maps.find_ages("Bob").map(|e| e.value())), (4, Some(50)));
    assert!(maps.remove_ages("Ada") && !maps.remove_ages("Ada"));
    assert_eq!(maps.find_ages("Dan").map(|e| e.value()), Some(3), "the last one moved");
    assert!(maps.put_ages("too long to fit").is_err() && maps.ages_len() == 3);
    maps.put_points(true).expect("2 fit").value_mut().set_y(9);
    let found = maps.find_points(true).and_then(|entry| entry.value());
    assert_eq!(found.map(Point::y), Some(9));
    assert!(maps.find_points(false).is_none());
}

#[test]
fn damaged_map_is_clamped() {
    let mut maps = Maps { ages_count: u32::MAX, ..Maps::default() };
    assert_eq!(maps.ages().len(), 4);
    assert!(maps.remove_ages("") && maps.ages_len() == 3);
}

#[test]
fn fixed_fields_are_arrays() {
    let mut exact = Exact::default();
    exact.set_id(&[3; 16]);
    exact.matrix_mut()[3] = 0.5;
    exact.corners_mut()[1].set_y(2);
    exact.add_hashes(&[1; 4]).expect("there is room");
    assert_eq!((exact.id(), exact.matrix()[3], exact.corners()[1].y()), (&[3; 16], 0.5, 2));
    assert_eq!(exact.hashes(0), Some(&[1; 4]));
    exact.clear();
    assert_eq!(exact, Exact::default());
}

#[test]
fn defaults_of_the_schema_hold_until_a_field_is_set() {
    let mut record = Record::default();
    assert_eq!((record.number(), record.number_or_default()), (None, -5));
    assert_eq!((record.least_or_default(), record.most_or_default()), (i64::MIN, u64::MAX));
    assert_eq!((record.flag_or_default(), record.real_or_default()), (true, 1.5));
    assert_eq!(record.endless_or_default(), f64::NEG_INFINITY);
    assert_eq!(record.text_or_default(), "\"what?\"\nä".as_bytes());
    assert_eq!(record.blob_or_default(), b"\0\x01x");
    assert_eq!(record.high_or_default(), RecordLevel::High as i32);
    assert_eq!(record.needed(), Some(RecordLevel::Low), "the first value, not 0");
    assert_eq!(record.right_or_default(), 2);
    record.set_number(0);
    assert_eq!(record.number_or_default(), 0);
    record.set_right(RecordLevel::Low);
    assert_eq!((record.right_or_default(), record.left_or_default()), (1, 3));
    record.needed = 0;
    record.clear();
    assert_eq!(record.needed(), Some(RecordLevel::Low));
}

#[test]
fn builder_sets_fields_and_reports_what_does_not_fit() {
    let mut maps = Maps::default();
    let done = maps.build().ages("Ada", |entry| entry.set_value(1)).points(true, |entry| {
        entry.value_mut().set_x(2);
    });
    assert!(done.finish().is_ok());
    assert_eq!(maps.find_ages("Ada").map(|entry| entry.value()), Some(1));
    let mut maybe = Maybe::default();
    let done = maybe.build().number(4).text("far too long").flag(true).text("ok").finish();
    assert!(done.is_err_and(|e| (e.max, e.len) == (10, 12)));
    assert_eq!(
        (maybe.number(), maybe.flag(), maybe.text()),
        (Some(4), Some(true), Some(&b"ok"[..]))
    );
    let mut loose = Loose::default();
    loose.build().a(true).d("text").e(|choice| choice.set_flag(true)).finish().expect("all fit");
    assert_eq!(loose.e().and_then(Choice::flag), Some(true));
}

#[test]
fn pool_options_arrive_at_the_pool() {
    let tuned = rich::tuned_pool().expect("it can be made").stats().expect("it is open");
    assert_eq!((tuned.capacity, tuned.limit, tuned.reserve), (8, 16, 1));
    assert_eq!((tuned.magazine_rounds, tuned.slot_size % 64), (2, 0));
    let mut message = rich::tuned_alloc().expect("it is not exhausted");
    message.numbers = [9; 3];
    drop(message);
    let message = rich::tuned_alloc().expect("it is not exhausted");
    assert_eq!(message.numbers, [0; 3], "zero: also what is out of use");
    drop(message);
    let mut message = rich::tuned_decode(&[0x08, 5]).expect("it is well formed");
    assert_eq!((message.id, message.numbers), (5, [0; 3]));
    message.numbers = [9; 3];
    drop(message);
    let message = rich::tuned_decode(&[0x08, 5]).expect("it is well formed");
    assert_eq!(message.numbers, [0; 3], "zero: also what is made of bytes");
    drop(message);
    assert!(rich::tuned_decode(&[0x08]).is_err());
    let spread: Vec<_> = (0..4).map(|_| rich::spread_alloc().expect("4 fit")).collect();
    assert!(spread.iter().all(|message| std::ptr::from_ref(&**message).addr() % 256 == 0));
    assert!(rich::spread_alloc().is_err());
}

#[test]
fn files_share_their_types() {
    let mut event = several::main::Event::default();
    event.who_mut().set_name("Ada").expect("it fits");
    event.who_mut().set_kind(several::shared_person::SharedPersonKind::Human);
    event.at_mut().set_seconds(5);
    event.note_mut().set_value("noted").expect("it fits");
    event.add_roles(several::shared_person::SharedRole::Guest).expect("there is room");
    let other = event.put_others("Bob").expect("there is room").value_mut();
    other.set_name("Bob").expect("it fits");
    assert_eq!(event.at().map(|at| at.seconds()), Some(5));
    assert!(format!("{event:?}").contains("name: \"Bob\""));
}

#[test]
fn well_known_types_are_in_json_what_protobuf_makes_of_them() {
    use magpool::wire::Message as _;
    let mut event = several::main::Event::default();
    assert_eq!(event.to_json(), "{}");
    (event.at_mut().seconds, event.at_mut().nanos) = (63_108_020, 21_000_000);
    event.took_mut().nanos = -500_000_000;
    event.note_mut().set_value("a \"note\"").expect("it fits");
    event.nothing_mut();
    event.mask_mut().add_paths("user.display_name").expect("it fits");
    event.mask_mut().add_paths("photo").expect("it fits");
    event.sure_mut();
    event.far_mut().value = -9;
    event.add_pauses().expect("there is room").seconds = 3;
    event.add_pauses().expect("there is room");
    event.put_times("first").expect("there is room").value_mut();
    assert_eq!(
        event.to_json(),
        r#"{"at":"1972-01-01T10:00:20.021Z","took":"-0.500s","note":"a \"note\"","nothing":{},"#
            .to_owned()
            + r#""mask":"user.displayName,photo","sure":false,"far":"-9","pauses":["3s","0s"],"#
            + r#""times":{"first":"1970-01-01T00:00:00Z"}}"#
    );
    assert_eq!(event.at().expect("it is there").to_json(), "\"1972-01-01T10:00:20.021Z\"");
    // What JSON is told by the tables is nothing to the decoder.
    let bytes = event.encode_to_vec().expect("all texts are UTF-8");
    let mut again = several::main::Event::default();
    assert_eq!(again.decode_from(&bytes), Ok(()));
    assert!(again == event);
}

#[test]
fn what_is_no_value_of_a_well_known_type_is_a_message_in_json() {
    use magpool::wire::Message as _;
    let time = |seconds, nanos| {
        let mut time = several::google_protobuf_timestamp::PbTimestamp::default();
        (time.seconds, time.nanos) = (seconds, nanos);
        time.to_json()
    };
    assert_eq!(time(253_402_300_800, 0), r#"{"seconds":"253402300800"}"#);
    assert_eq!(time(-62_135_596_801, 0), r#"{"seconds":"-62135596801"}"#);
    assert_eq!(
        time(i64::MIN, i32::MIN),
        r#"{"seconds":"-9223372036854775808","nanos":-2147483648}"#
    );
    assert_eq!(time(0, -1), r#"{"nanos":-1}"#);
    assert_eq!(time(0, 1_000_000_000), r#"{"nanos":1000000000}"#);
    let duration = |seconds, nanos| {
        let mut duration = several::google_protobuf_duration::PbDuration::default();
        (duration.seconds, duration.nanos) = (seconds, nanos);
        duration.to_json()
    };
    assert_eq!(duration(-315_576_000_000, -1), "\"-315576000000.000000001s\"");
    assert_eq!(duration(315_576_000_001, 0), r#"{"seconds":"315576000001"}"#);
    assert_eq!(duration(1, -1), r#"{"seconds":"1","nanos":-1}"#);
    assert_eq!(duration(i64::MIN, 0), r#"{"seconds":"-9223372036854775808"}"#);
    let mut mask = several::google_protobuf_field_mask::PbFieldMask::default();
    assert_eq!(mask.to_json(), "\"\"");
    mask.add_paths("displayName").expect("it fits");
    assert_eq!(mask.to_json(), r#"{"paths":["displayName"]}"#);
}
