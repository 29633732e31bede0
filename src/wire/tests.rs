//! Tables by hand, also of what the schema compiler does not write yet; faults and where they
//! are. What `poolgen` writes is tested against another implementation in `codegen/tests`.

#![allow(unsafe_code, reason = "a table for a type of its own")]

use super::*;

/// What one of each presence looks like in memory.
#[repr(C, align(8))]
#[derive(Clone, Copy, Default)]
struct Holder {
    has_number: u8,
    number: i32,
    choice: u32,
    small: u32,
    text_length: u32,
    text: [u8; 8],
    child_count: u32,
    child: [Leaf; 2],
    has_only: u8,
    only: Leaf,
    wide: u64,
}

#[repr(C)]
#[derive(Clone, Copy, Default, Debug, PartialEq)]
struct Leaf {
    a: u32,
    b: u32,
}

macro_rules! at {
    ($type:ty, $member:ident) => {
        std::mem::offset_of!($type, $member) as u32
    };
}

const ROWS: &[Row] = &[
    Row([TABLE, size_of::<Holder>() as u32, 8, 6, 0, 10, 0, 0]),
    Row([0x10, INT32 | HAS, at!(Holder, number), at!(Holder, has_number), 0, 0, 0, 4]),
    Row([0x18, UINT32 | CASE, at!(Holder, small), at!(Holder, choice), 0, 0, 0, 11]),
    Row([
        0x22,
        STRING | CASE | UTF8,
        at!(Holder, text),
        at!(Holder, choice),
        at!(Holder, text_length),
        8,
        0,
        17,
    ]),
    Row([0x2a, MESSAGE | COUNT, at!(Holder, child), at!(Holder, child_count), 0, 7, 2, 22]),
    Row([0x32, MESSAGE | HAS, at!(Holder, only), at!(Holder, has_only), 0, 7, 0, 28]),
    Row([0x328, UINT64, at!(Holder, wide), 0, 0, 0, 0, 33]),
    Row([TABLE, 8, 4, 2, 1, 3, 0, 0]),
    Row([0x08, UINT32, at!(Leaf, a), 0, 0, 0, 0, 0]),
    Row([0x20, SINT32, at!(Leaf, b), 0, 0, 0, 0, 2]),
];

// SAFETY: offsets are taken from the type; integers and arrays of them.
unsafe impl Message for Holder {
    const TABLE: Table<'static> = Tables::new(ROWS).message(0);
    const NAMES: &'static str = "a\0b\0number\0small\0text\0child\0only\0wide\0";
}

fn decoded(bytes: &[u8]) -> Result<Holder, Error> {
    let mut holder = Holder::default();
    holder.decode_from(bytes).map(|()| holder)
}

fn cause(bytes: &[u8]) -> (Cause, u32, usize) {
    let error = decoded(bytes).err().expect("it is refused");
    (error.cause, error.field, error.offset)
}

#[test]
fn presence_of_its_own_keeps_a_zero() {
    let holder = decoded(&[0x10, 0]).expect("well formed");
    assert_eq!((holder.has_number, holder.number), (1, 0));
    assert_eq!(holder.encode_to_vec().as_deref(), Ok(&[0x10, 0][..]));
    assert_eq!(holder.to_json(), r#"{"number":0}"#);
    assert_eq!(Holder::default().encode_to_vec().as_deref(), Ok(&[][..]));
    assert_eq!(Holder::default().to_json(), "{}");
}

#[test]
fn last_case_of_a_oneof_wins() {
    let holder = decoded(b"\x18\x07\x22\x01x").expect("well formed");
    assert_eq!((holder.choice, holder.text_length), (4, 1));
    assert_eq!(holder.encode_to_vec().as_deref(), Ok(&b"\x22\x01x"[..]));
    let holder = decoded(b"\x22\x01x\x18\x00").expect("well formed");
    assert_eq!((holder.choice, holder.small), (3, 0));
    assert_eq!(holder.encode_to_vec().as_deref(), Ok(&b"\x18\x00"[..]));
}

#[test]
fn messages_merge_and_lists_continue() {
    let bytes = b"\x32\x02\x08\x01\x2a\x02\x08\x05\x32\x02\x20\x03\x2a\x00\xa8\x06\x09";
    let holder = decoded(bytes).expect("well formed");
    assert_eq!((holder.has_only, holder.only), (1, Leaf { a: 1, b: (-2_i32) as u32 }));
    assert_eq!((holder.child_count, holder.child), (2, [Leaf { a: 5, b: 0 }, Leaf::default()]));
    assert_eq!(holder.wide, 9);
    let mut both = holder;
    both.merge_from(b"\x32\x02\x08\x04").expect("well formed");
    assert_eq!(both.only, Leaf { a: 4, b: (-2_i32) as u32 });
    assert_eq!(both.to_json(), r#"{"child":[{"a":5},{}],"only":{"a":4,"b":-2},"wide":"9"}"#);
}

#[test]
fn unknown_fields_are_passed_over() {
    let groups = b"\x7b\x08\x01\x73\x74\x7c";
    let mut bytes = b"\x60\x80\x01\x69\0\0\0\0\0\0\0\0\x6d\0\0\0\0\x72\x01\xff".to_vec();
    bytes.extend(groups);
    bytes.extend([0x10, 3]);
    let holder = decoded(&bytes).expect("well formed");
    assert_eq!(holder.encode_to_vec().as_deref(), Ok(&[0x10, 3][..]));
}

#[test]
fn every_fault_has_its_cause_and_place() {
    assert_eq!(cause(&[0x10]), (Cause::Truncated, 2, 0));
    assert_eq!(cause(&[0x10, 1, 0x22, 5, b'a']), (Cause::Truncated, 4, 2));
    assert_eq!(cause(&[0x80]), (Cause::Truncated, 0, 0));
    assert_eq!(cause(&[0x10, 1, 0x00]), (Cause::BadTag, 0, 2));
    assert_eq!(cause(&[0x0f]), (Cause::BadTag, 0, 0));
    assert_eq!(cause(&[0x0c]), (Cause::BadTag, 1, 0));
    // Of a field that is known, too.
    assert_eq!(cause(&[0x14]), (Cause::BadTag, 2, 0));
    assert_eq!(cause(&[0x13]), (Cause::WrongType, 2, 0));
    assert_eq!(cause(&[0x7b, 0x74]), (Cause::BadTag, 15, 0));
    assert_eq!(cause(&[0x7b]), (Cause::Truncated, 15, 0));
    assert_eq!(cause(&[0xf8, 0xff, 0xff, 0xff, 0x1f, 1]), (Cause::BadTag, 0, 0));
    assert_eq!(cause(&[0x12, 0]), (Cause::WrongType, 2, 0));
    assert_eq!(cause(b"\x22\x09123456789"), (Cause::TooLong, 4, 0));
    assert_eq!(cause(b"\x22\x02\xc3\x28"), (Cause::BadUtf8, 4, 0));
    assert_eq!(cause(&[0x2a, 0, 0x2a, 0, 0x2a, 0]), (Cause::TooMany, 5, 4));
    // Within a contained message, the innermost field.
    assert_eq!(cause(&[0x10, 1, 0x32, 4, 0x08, 1, 0x20, 0x80]), (Cause::Truncated, 4, 6));
    let overlong = [0x10, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2];
    assert_eq!(cause(&overlong), (Cause::Overlong, 2, 0));
    assert_eq!(cause(&[&[0x10][..], &[0x80; 10], &[0]].concat()), (Cause::Overlong, 2, 0));
}

#[test]
fn widest_varint_is_taken_and_cut() {
    let holder = decoded(&[0x10, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]);
    assert_eq!(holder.expect("64 bits").number, -1);
    let mut bytes = vec![0xa8, 0x06];
    for length in 1..=10 {
        bytes.truncate(2);
        bytes.extend(std::iter::repeat_n(0x81, length - 1));
        bytes.push(1);
        let expected = (0..length).fold(0_u64, |all, index| all | 1 << (7 * index));
        assert_eq!(decoded(&bytes).expect("well formed").wide, expected, "{length} bytes");
        // With what follows, it is one load; alone, bytes.
        bytes.extend([0x10, 1, 0x10, 1, 0x10, 1, 0x10, 1]);
        assert_eq!(decoded(&bytes).expect("well formed").wide, expected, "{length} bytes");
    }
}

#[test]
fn groups_nest_up_to_a_depth() {
    let nested = |depth: usize| [vec![0x7b; depth], vec![0x7c; depth]].concat();
    assert!(decoded(&nested(100)).is_ok());
    let around = |depth: usize| [&vec![0x7b; depth][..], &[0x08, 1], &vec![0x7c; depth]].concat();
    assert!(decoded(&around(100)).is_ok(), "a number in them is no deeper");
    assert_eq!(cause(&nested(101)), (Cause::TooDeep, 15, 0));
}

#[test]
fn nothing_is_left_of_a_message_that_is_refused() {
    let mut holder = decoded(b"\x10\x01\x22\x01x\x2a\x02\x08\x05\xa8\x06\x09").expect("good");
    assert!(holder.merge_from(&[0x10, 2, 0x2a, 0, 0x10]).is_err());
    assert_eq!(holder.encode_to_vec().as_deref(), Ok(&[][..]));
    assert_eq!((holder.has_number, holder.choice, holder.child_count, holder.wide), (0, 0, 0, 0));
}

#[test]
fn buffer_too_small_is_told_what_is_needed() {
    let bytes = b"\x10\x01\x22\x03xyz\x2a\x02\x08\x05\xa8\x06\x09";
    let holder = decoded(bytes).expect("well formed");
    let full = holder.encode_to_vec().expect("it is UTF-8");
    assert_eq!((&full[..], holder.encoded_len()), (&bytes[..], bytes.len()));
    for room in 0..full.len() {
        let mut out = vec![0; room];
        let error = holder.encode_to_slice(&mut out).expect_err("too small");
        assert_eq!((error.cause, error.offset), (Cause::NoRoom, full.len()));
    }
}

#[test]
fn text_that_is_not_utf8_is_not_encoded() {
    let mut holder = decoded(b"\x22\x02\xc3\xa4").expect("well formed");
    holder.text[1] = b'(';
    let error = holder.encode_to_vec().expect_err("it is not UTF-8");
    assert_eq!((error.cause, error.field), (Cause::BadUtf8, 4));
    assert_eq!(holder.to_json(), "{\"text\":\"\u{fffd}(\"}");
}

#[test]
fn lengths_and_counts_too_large_are_cut() {
    let holder = Holder {
        child_count: 77,
        choice: 4,
        text_length: 99,
        text: *b"abcdefgh",
        ..Holder::default()
    };
    let bytes = holder.encode_to_vec().expect("it is UTF-8");
    assert_eq!(bytes, b"\x22\x08abcdefgh\x2a\x00\x2a\x00");
}

#[test]
fn tables_that_do_not_hold_are_found() {
    assert_eq!(fault(ROWS), None);
    let change = |row: usize, word: usize, to: u32| {
        let mut rows = ROWS.to_vec();
        rows[row].0[word] = to;
        fault(&rows)
    };
    for (row, word, to) in [
        (7, 0, 0),                  // no message
        (0, 5, 9),                  // not where it says
        (0, 1, 40),                 // smaller than its members
        (0, 3, 7),                  // more fields than there are
        (0, 4, 1),                  // no field 1
        (1, 0, 0x18),               // twice the same number
        (1, 0, 0x12),               // a number as a block
        (1, 1, 10 | HAS),           // a group
        (1, 1, INT32 | HAS | 0x40), // flags that there are not
        (1, 1, INT32 | HAS | 0x80),
        (1, 1, INT32 | HAS | 0x8000),
        (1, 1, INT32 | HAS | 1 << 31),
        (1, 1, INT32 | COUNT),           // no bound
        (1, 2, 2),                       // not aligned
        (3, 5, 0),                       // no bound
        (3, 5, 1000),                    // beyond the message
        (3, 4, 4000),                    // its length is, too
        (4, 1, MESSAGE),                 // no presence
        (5, 1, MESSAGE | ALWAYS),        // its presence is none of a message
        (1, 1, INT32 | HAS | REQUIRED),  // more required than the message says
        (0, 2, 8 | 1 << 8),              // fewer
        (1, 1, INT32 | HAS | FIXED),     // no text
        (3, 1, STRING | FIXED),          // fixed without presence
        (3, 1, STRING | COUNT | ALWAYS), // a fixed count of texts
        (4, 1, MESSAGE | COUNT | MAP),   // a key that can be absent
        (6, 6, 3),                       // a bound, but no list
        (4, 5, 6),                       // no table there
        (4, 5, 10),                      // beyond the tables
        (4, 6, 9),                       // beyond the message
        (7, 2, 0),                       // what is contained has no alignment
        (4, 3, 4000),                    // its count is, too
        (6, 2, 4),                       // not aligned
        (0, 7, 8),                       // not all cleared
        (7, 7, 4),                       // not a multiple of 8
        (7, 7, 16),                      // more cleared than there is
    ] {
        assert!(change(row, word, to).is_some(), "row {row}, word {word}, {to}");
    }
}

/// All places in which a closed enumeration can stand.
#[repr(C)]
#[derive(Clone, Copy, Default, Debug, PartialEq)]
struct Moods {
    has_mood: u8,
    mood: i32,
    choice: u32,
    chosen: i32,
    count: u32,
    moods: [i32; 2],
    by_key_count: u32,
    by_key: [Entry; 1],
    needed: i32,
}

#[repr(C)]
#[derive(Clone, Copy, Default, Debug, PartialEq)]
struct Entry {
    key: u32,
    mood: i32,
}

const MOODS: &[Row] = &[
    Row([TABLE, size_of::<Moods>() as u32, 4 | 1 << 8, 5, 5, 12, 0, 0]),
    Row([0x08, ENUM | HAS | CLOSED, at!(Moods, mood), at!(Moods, has_mood), 0, 9, 0, 4]),
    Row([0x10, ENUM | CASE | CLOSED, at!(Moods, chosen), at!(Moods, choice), 0, 9, 0, 9]),
    Row([0x1a, ENUM | COUNT | CLOSED, at!(Moods, moods), at!(Moods, count), 0, 9, 2, 16]),
    Row([0x22, MESSAGE | COUNT | MAP, at!(Moods, by_key), at!(Moods, by_key_count), 0, 6, 1, 22]),
    Row([0x28, ENUM | ALWAYS | REQUIRED | CLOSED, at!(Moods, needed), 0, 0, 9, 0, 28]),
    Row([TABLE, 8, 4, 2, 2, 6, 0, 0]),
    Row([0x08, UINT32 | ALWAYS, 0, 0, 0, 0, 0, 0]),
    Row([0x10, ENUM | ALWAYS | CLOSED, 4, 0, 0, 3, 0, 4]),
    Row([VALUES, 8, 0, 0, 0, 3, 0, 35]),
    Row([NUMBERS, -3_i32 as u32, 0, 1, 2, 3, 5, 8]),
    Row([NUMBERS, 1000, 0, 0, 0, 0, 0, 0]),
];

// SAFETY: offsets are taken from the type; integers and arrays of them.
unsafe impl Message for Moods {
    const TABLE: Table<'static> = Tables::new(MOODS).message(0);
    const NAMES: &'static str = "key\0mood\0chosen\0moods\0byKey\0needed\0LOW -3\0BIG 1000\0\0";
}

#[test]
fn numbers_that_a_closed_enumeration_does_not_have_are_unknown_fields() {
    let decoded = |bytes: &[u8]| {
        let mut moods = Moods::default();
        // What tells a required field from one that is absent.
        moods.decode_from(&[bytes, &[0x28, 1]].concat()).map(|()| moods)
    };
    let only = |moods| Moods { needed: 1, ..moods };
    let low = [0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
    let moods = decoded(&[&[0x08][..], &low].concat()).expect("it has -3");
    assert_eq!(moods, only(Moods { has_mood: 1, mood: -3, ..Moods::default() }));
    assert_eq!(moods.to_json(), r#"{"mood":"LOW","needed":1}"#);
    for known in [0_i32, 1, 2, 3, 5, 8, 1000] {
        let bytes = [0x08, known as u8 & 0x7f | 0x80, (known >> 7) as u8];
        assert_eq!(decoded(&bytes).expect("known").mood, known);
    }
    for unknown in [4, 6, 7, 9, 0x7f] {
        assert_eq!(decoded(&[0x08, unknown]), Ok(only(Moods::default())), "{unknown}");
    }
    assert_eq!(decoded(&[0x08, 2, 0x08, 4]).expect("the last known").mood, 2);
    // Cases of oneofs.
    assert_eq!(decoded(&[0x10, 4]).expect("unknown").choice, 0);
    assert_eq!(decoded(&[0x10, 5]).map(|moods| (moods.choice, moods.chosen)), Ok((2, 5)));
    // Lists, packed and not; those left out take no room.
    for bytes in [&b"\x1a\x05\x04\x01\x04\x02\x04"[..], b"\x18\x04\x18\x01\x18\x07\x18\x02\x18\x07"]
    {
        let moods = decoded(bytes).expect("two are known");
        assert_eq!((moods.count, moods.moods), (2, [1, 2]));
    }
    assert_eq!(decoded(b"\x1a\x03\x01\x02\x03").map_err(|error| error.cause), Err(Cause::TooMany));
    assert_eq!(decoded(b"\x1a\x01\x80").map_err(|error| error.cause), Err(Cause::Truncated));
    // An entry of a map as a whole, also one for a key that is there.
    let bytes = b"\x22\x04\x08\x07\x10\x02\x22\x04\x08\x07\x10\x04\x22\x04\x08\x06\x10\x04";
    let moods = decoded(bytes).expect("one is known");
    assert_eq!((moods.by_key_count, moods.by_key), (1, [Entry { key: 7, mood: 2 }]));
    // A required field has not come.
    let mut moods = Moods::default();
    let error = moods.decode_from(&[0x28, 4]).expect_err("nothing is known of it");
    assert_eq!((error.cause, error.field), (Cause::Missing, 5));
}

#[test]
fn closed_enumerations_that_are_none_are_found() {
    assert_eq!(fault(MOODS), None);
    for (row, word, to) in [
        (1, 5, 0),                              // nowhere
        (1, 5, 8),                              // no enumeration
        (1, 5, 10),                             // its numbers
        (1, 5, 12),                             // beyond the tables
        (1, 1, INT32 | HAS | CLOSED),           // a number
        (3, 1, ENUM | COUNT | ALWAYS | CLOSED), // a fixed count
        (9, 0, NUMBERS),                        // no row of its own
        (9, 1, 0),                              // none of them
        (9, 1, 15),                             // more than there are
        (9, 5, 2),                              // not where it says
        (10, 0, VALUES),                        // no numbers
        (11, 0, 0),
        (11, 0, TABLE),
        (10, 4, 1), // they do not rise
        (11, 1, 8),
    ] {
        let mut rows = MOODS.to_vec();
        rows[row].0[word] = to;
        assert!(fault(&rows).is_some(), "row {row}, word {word}, {to}");
    }
}

/// A table of messages each of which contains the next one, and bytes that nest so deep, with
/// `innermost` in them.
fn nested(levels: u32, depth: usize, innermost: &[u8]) -> (Vec<Row>, Vec<u8>) {
    let mut rows = Vec::new();
    for level in 1..levels {
        let behind = 2 * (levels - level) + 1;
        rows.push(Row([TABLE, 4 * (levels - level + 1), 4, 1, 1, behind, 0, 0]));
        rows.push(Row([0x0a, MESSAGE | HAS, 4, 0, 0, 2, 0, 0]));
    }
    rows.push(Row([TABLE, 4, 4, 0, 0, 1, 0, 0]));
    let mut bytes = innermost.to_vec();
    for _ in 0..depth {
        let length = bytes.len() as u8;
        let long = [0x0a, length | 0x80, 1];
        let tag = if bytes.len() < 0x80 { vec![0x0a, length] } else { long.to_vec() };
        bytes.splice(0..0, tag).for_each(drop);
    }
    (rows, bytes)
}

#[test]
fn tables_that_nest_too_deep_or_contain_one_message_twice_in_a_place_are_refused() {
    for (levels, fault) in [(2, false), (101, false), (102, true), (5000, true)] {
        let (rows, _) = nested(levels, 0, &[]);
        assert_eq!(super::fault(&rows), None);
        assert_eq!(super::nesting_fault(&rows).is_some(), fault, "{levels}");
    }
    // Two fields of one message, in the same place.
    let rows = [
        Row([TABLE, 16, 4, 2, 2, 4, 0, 0]),
        Row([0x0a, MESSAGE | HAS, 8, 0, 0, 3, 0, 0]),
        Row([0x12, MESSAGE | HAS, 8, 1, 0, 3, 0, 0]),
        Row([TABLE, 8, 4, 0, 0, 1, 0, 0]),
    ];
    assert_eq!(super::fault(&rows), None, "they may, as far as there is room");
    let mut rows = rows;
    rows[0].0[1] = 12;
    rows[1].0[2] = 4;
    rows[2].0[2] = 4;
    assert_eq!(super::fault(&rows), Some("members lie on each other"));
    // Two oneofs, each with one message, or one with both.
    let rows = |mark| {
        [
            Row([TABLE, 16, 4, 2, 2, 4, 0, 8]),
            Row([0x0a, MESSAGE | CASE, 8, 0, 0, 3, 0, 0]),
            Row([0x12, MESSAGE | CASE, 8, mark, 0, 3, 0, 0]),
            Row([TABLE, 8, 4, 0, 0, 1, 0, 0]),
        ]
    };
    assert_eq!(super::fault(&rows(0)), None);
    let mut two = rows(4);
    two[0].0[1] = 20;
    assert_eq!(super::fault(&two), None, "they may, as far as there is room");
    two[0].0[1] = 16;
    two[3].0[1] = 12;
    two[1].0[2] = 4;
    two[2].0[2] = 4;
    assert_eq!(super::fault(&two), Some("members lie on each other"));
}

/// No tag is the mark of a message's row.
#[test]
fn field_with_a_number_like_the_mark_is_a_field() {
    let number = TABLE >> 3;
    let rows = [
        Row([TABLE, 8, 8, 1, 0, 2, 0, 0]),
        Row([number << 3 | 1, FIXED64 | IMPLICIT, 0, 0, 0, 0, 0, 0]),
    ];
    assert_eq!(super::fault(&rows), None);
    assert_ne!(rows[1].0[0], TABLE);
}

#[test]
fn messages_nest_up_to_a_depth() {
    // Unoptimised and under a sanitizer, a call of the decoder takes 20 KiB.
    let thread = std::thread::Builder::new().stack_size(64 << 20);
    let nested = thread.spawn(decode_nested).expect("a thread starts");
    nested.join().expect("all is as deep as it may be");
}

fn decode_nested() {
    let unknown = &[0x10, 1][..];
    for (depth, innermost, expected) in [
        (3, &[][..], None),
        (100, &[], None),
        (100, unknown, None),
        (100, &[0x13, 0x14], Some(Cause::TooDeep)),
        (101, &[], Some(Cause::TooDeep)),
    ] {
        let (rows, bytes) = nested(110, depth, innermost);
        let table = Tables::new(&rows).message(0);
        let mut memory = [0_u8; 440];
        // SAFETY: as many bytes as the table says, which are a message's memory.
        let target = unsafe { Target::new(memory.as_mut_ptr(), table.size()) };
        let result = decode(table, target, &bytes);
        assert_eq!(result.err().map(|error| error.cause), expected, "{depth}");
        let there = memory.iter().filter(|&&byte| byte == 1).count();
        assert_eq!(there, if expected.is_none() { depth } else { 0 });
    }
}

/// A message that keeps up to six bytes of unknown fields.
const KEEPING: &[Row] = &[
    Row([TABLE, 24, 8 | 1 << 24, 1, 1, 3, 0, 16]),
    Row([0x08, UINT64, 0, 0, 0, 0, 0, 0]),
    Row([UNKNOWN, BYTES, 12, 0, 8, 6, 0, 0]),
];

#[test]
fn unknown_fields_are_kept_where_there_is_room_for_them() {
    // A number is cleared with the length beside it; further apart, each by itself.
    let mut apart = KEEPING.to_vec();
    apart[0].0[7] = 0;
    for rows in [KEEPING.to_vec(), apart] {
        let table = Tables::new(&rows).message(0);
        let mut memory = [0xa5_u8; 24];
        let mut run = |merges: bool, bytes: &[u8]| {
            // SAFETY: as many bytes as the table says, which are a message's memory.
            let target = unsafe { Target::new(memory.as_mut_ptr(), table.size()) };
            let done = match merges {
                true => merge(table, target, bytes),
                false => decode(table, target, bytes),
            };
            let mut out = [std::mem::MaybeUninit::new(0); 16];
            // SAFETY: the same bytes, all written.
            let source = unsafe { Source::new(memory.as_ptr(), table.size()) };
            let used = encode(table, source, Output::new(&mut out)).expect("there is room");
            assert_eq!(size(table, source), used);
            let mut json = String::new();
            super::json(table, "id\0", source, &mut json).expect("a String takes all");
            let kept = u32::from_ne_bytes([8, 9, 10, 11].map(|at| memory[at])) as usize;
            let kept = memory[12..][..kept].to_vec();
            (done.map_err(|error| (error.cause, error.field, error.offset)), kept, used, json)
        };
        let json = |text: &str| text.to_owned();
        assert_eq!(run(false, &[]), (Ok(()), vec![], 0, json("{}")));
        let whole = run(false, &[0x10, 1, 0x08, 7, 0x1b, 0x1c]);
        assert_eq!(whole, (Ok(()), vec![0x10, 1, 0x1b, 0x1c], 6, json(r#"{"id":"7"}"#)));
        let full = run(true, &[0x90, 0x00, 0x02]);
        assert_eq!(full.1, [0x10, 1, 0x1b, 0x1c, 0x10, 2], "its tag is written in one byte");
        let (done, kept, used, _) = run(true, &[0x08, 1, 0x18, 3]);
        assert_eq!((done, kept, used), (Err((Cause::TooLong, 3, 2)), vec![], 0));
        assert_eq!(run(false, &[0x18, 3]).1, [0x18, 3]);
        assert_eq!(run(false, &[0x18]).0, Err((Cause::Truncated, 3, 0)));
    }
}

#[test]
fn tables_that_keep_unknown_fields_elsewhere_are_refused() {
    let mut good = KEEPING.to_vec();
    assert_eq!(fault(&good), None);
    for (row, word, to) in [
        // Kept in something else, or in two places, or not at all.
        (0, 2, 8 | 2 << 24),
        (0, 2, 8),
        (2, 0, TABLE),
        (2, 0, 0x12),
        (2, 1, STRING),
        (2, 1, BYTES | FIXED),
        (2, 1, BYTES | HAS),
        (2, 1, BYTES | COUNT),
        (2, 3, 4),
        (2, 6, 1),
        (2, 7, 1),
        // Outside, uneven, without room, on other members, or not cleared.
        (2, 2, 19),
        (2, 2, u32::MAX),
        (2, 4, 24),
        (2, 4, u32::MAX - 3),
        (2, 4, 9),
        (2, 5, 0),
        (2, 5, 13),
        (2, 5, u32::MAX),
        (0, 7, 8),
        (2, 4, 16),
        (0, 3, 2),
    ] {
        let mut rows = good.clone();
        rows[row].0[word] = to;
        assert!(fault(&rows).is_some(), "row {row}, word {word}, {to}");
    }
    let mut crowded = good.clone();
    (crowded[2].0[2], crowded[2].0[5]) = (7, 17);
    assert_eq!(fault(&crowded), Some("members lie on each other"));
    good.pop();
    good[0].0[5] = 2;
    assert!(fault(&good).is_some(), "the row is not there");
}
