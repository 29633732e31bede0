//! What a conformance suite asks: bytes, and what is made of them.

use crate::status::{
    BAD_TAG, MISSING, OVERLONG, TOO_DEEP, TOO_LONG, TOO_MANY, TRUNCATED, WRONG_TYPE,
};
use crate::types::{block, long, tag, types, varint, Outcome, Type, Value};
use crate::types::{BLOCK, EIGHT, FOUR, GROUP, GROUP_END, VARINT};

/// What is made of bytes.
#[derive(Clone, Debug)]
pub(crate) enum Expect {
    /// A message that is written so.
    Is(Vec<u8>),
    /// The same; to Python an entry is unknown that has a field besides key and value.
    Open(Vec<u8>),
    /// All refuse it; we with this status.
    Refused(i32),
    /// We refuse it, others take it: a documented difference.
    Ours(i32),
}

/// One of them.
pub(crate) struct Row {
    pub(crate) about: String,
    pub(crate) message: &'static str,
    pub(crate) bytes: Vec<u8>,
    pub(crate) expect: Expect,
}

const ALL: &str = "every.All";
const MAPS: &str = "every.AllMaps";
const OLD: &str = "golden.old.Record";
const KEPT: &str = "golden.keep.Kept";
const KEPT_MAP: &str = "golden.keep.KeptMap";
const KEPT_ALONE: &str = "golden.keep.KeptAlone";
const KEPT_FAR: &str = "golden.keep.KeptFar";

/// The number of the single field of each type, and what is added to it in other places.
const OPTIONAL: u32 = 20;
const LIST: u32 = 40;
const UNPACKED: u32 = 60;
const ONEOF: u32 = 80;
const MAP_OF: u32 = 20;

#[derive(Default)]
struct Rows(Vec<Row>);

impl Rows {
    fn add(&mut self, about: &str, message: &'static str, bytes: Vec<u8>, expect: Expect) {
        self.0.push(Row { about: about.to_owned(), message, bytes, expect });
    }

    fn is(&mut self, about: &str, message: &'static str, bytes: &[u8], written: &[u8]) {
        self.add(about, message, bytes.to_vec(), Expect::Is(written.to_vec()));
    }

    fn refused(&mut self, about: &str, message: &'static str, bytes: &[u8], status: i32) {
        self.add(about, message, bytes.to_vec(), Expect::Refused(status));
    }

    fn ours(&mut self, about: &str, message: &'static str, bytes: &[u8], status: i32) {
        self.add(about, message, bytes.to_vec(), Expect::Ours(status));
    }

    /// As the value's outcome says, with what stands around it.
    fn value(
        &mut self,
        about: &str,
        message: &'static str,
        bytes: Vec<u8>,
        value: &Value,
        written: impl Fn(&[u8]) -> Vec<u8>,
    ) {
        let expect = match &value.outcome {
            Outcome::Is(bytes) => Expect::Is(written(bytes)),
            Outcome::Refused(status) => Expect::Refused(*status),
            Outcome::Ours(status) => Expect::Ours(*status),
        };
        self.add(about, message, bytes, expect);
    }
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Rows::default();
    for kind in types() {
        alone(&kind, &mut rows);
        lists(&kind, &mut rows);
        maps(&kind, &mut rows);
        cut(&kind, &mut rows);
        other_wire_types(&kind, &mut rows);
    }
    oneofs(&mut rows);
    tags(&mut rows);
    unknown(&mut rows);
    kept(&mut rows);
    groups(&mut rows);
    merging(&mut rows);
    entries(&mut rows);
    old(&mut rows);
    rows.0
}

fn field(number: u32, wire: u32, value: &[u8]) -> Vec<u8> {
    [tag(number, wire), value.to_vec()].concat()
}

/// Each value of a type in a single field; the last of several counts.
fn alone(kind: &Type, rows: &mut Rows) {
    for value in &kind.values {
        for (place, base) in [("single", 0), ("optional", OPTIONAL), ("oneof", ONEOF)] {
            let number = kind.number + base;
            let about = format!("{} {}", place, kind.name);
            let bytes = field(number, kind.wire, &value.bytes);
            rows.value(&about, ALL, bytes, value, |written| match base == 0 && value.is_zero {
                true => Vec::new(),
                false => field(number, kind.wire, written),
            });
        }
    }
    if kind.name == "message" {
        return; // They are merged.
    }
    for (first, _) in kind.good().step_by(3) {
        for (last, written) in kind.good().step_by(5) {
            let both = [first, last].map(|value| field(kind.number, kind.wire, &value.bytes));
            let written = match last.is_zero {
                true => Vec::new(),
                false => field(kind.number, kind.wire, written),
            };
            rows.is(&format!("last {} counts", kind.name), ALL, &both.concat(), &written);
        }
    }
}

/// Each value in a list, given packed and not, to a field that is written packed and one that is not.
fn lists(kind: &Type, rows: &mut Rows) {
    for value in &kind.values {
        for base in [LIST, UNPACKED] {
            let number = kind.number + base;
            let about = format!("{} in list {base}", kind.name);
            let written = |written: &[u8]| match kind.is_packable() && base == LIST {
                true => field(number, BLOCK, &block(written)),
                false => field(number, kind.wire, written),
            };
            rows.value(&about, ALL, field(number, kind.wire, &value.bytes), value, written);
            if kind.is_packable() {
                let packed = field(number, BLOCK, &block(&value.bytes));
                rows.value(&format!("{about}, packed"), ALL, packed, value, written);
            }
        }
    }
    let eight: Vec<_> =
        kind.good().map(|(value, written)| (&value.bytes, written)).take(8).collect();
    if !kind.is_packable() || eight.len() < 8 {
        return;
    }
    // Packed and single elements, and blocks without any, in turn.
    let (list, unpacked) = (kind.number + LIST, kind.number + UNPACKED);
    for number in [list, unpacked] {
        let mut bytes = Vec::new();
        for pair in eight.chunks(2) {
            let both = [&pair[0].0[..], &pair[1].0[..]].concat();
            match bytes.len() % 2 {
                0 => bytes.extend(field(number, BLOCK, &block(&both))),
                _ => {
                    for (value, _) in pair {
                        bytes.extend(field(number, kind.wire, value));
                    }
                    bytes.extend(field(number, BLOCK, &[0]));
                }
            }
        }
        let written: Vec<u8> = eight.iter().flat_map(|(_, written)| written.to_vec()).collect();
        let expected = match number == list {
            true => field(number, BLOCK, &block(&written)),
            false => {
                let each = eight.iter().flat_map(|(_, written)| field(number, kind.wire, written));
                each.collect()
            }
        };
        rows.is(&format!("{} mixed", kind.name), ALL, &bytes, &expected);
        let more = [bytes, field(number, kind.wire, eight[0].0)].concat();
        rows.ours(&format!("nine of {}", kind.name), ALL, &more, TOO_MANY);
        rows.is("empty block", ALL, &field(number, BLOCK, &[0]), &[]);
    }
}

/// Each value as key and as value of an entry.
fn maps(kind: &Type, rows: &mut Rows) {
    let entry = |number: u32, key: &[u8], value: &[u8]| {
        field(number, BLOCK, &block(&[key, value].concat()))
    };
    for value in &kind.values {
        let number = kind.number + MAP_OF;
        let around = |value: &[u8]| entry(number, &[0x08, 7], &field(2, kind.wire, value));
        // What is written is written in order, key and value always.
        rows.value(&format!("map of {}", kind.name), MAPS, around(&value.bytes), value, around);
        if kind.is_key() {
            let (key, five) = (|key: &[u8]| field(1, kind.wire, key), [0x10, 5]);
            let bytes = entry(kind.number, &five, &key(&value.bytes));
            let about = format!("map by {}", kind.name);
            rows.value(&about, MAPS, bytes, value, |written| {
                entry(kind.number, &key(written), &five)
            });
        }
    }
}

/// Every beginning of a field ends too early; so does what a length cuts off.
fn cut(kind: &Type, rows: &mut Rows) {
    for (value, _) in kind.good().step_by(4) {
        for base in [0, OPTIONAL, LIST, UNPACKED, ONEOF] {
            let whole = field(kind.number + base, kind.wire, &value.bytes);
            let about = format!("cut {} {base}", kind.name);
            for end in 1..whole.len() {
                rows.refused(&about, ALL, &whole[..end], TRUNCATED);
                let unknown = field(500, kind.wire, &value.bytes);
                rows.refused("cut unknown", ALL, &unknown[..end.min(unknown.len() - 1)], TRUNCATED);
            }
        }
        if !kind.is_packable() {
            continue;
        }
        for number in [kind.number + LIST, kind.number + UNPACKED] {
            for end in 1..value.bytes.len() {
                let both = [&value.bytes[..], &value.bytes[..end]].concat();
                rows.refused("cut element", ALL, &field(number, BLOCK, &block(&both)), TRUNCATED);
            }
            let whole = field(number, BLOCK, &block(&value.bytes));
            (1..whole.len())
                .for_each(|end| rows.refused("cut list", ALL, &whole[..end], TRUNCATED));
        }
    }
}

/// A field that is known with a wire type its type does not have: others pass over it.
fn other_wire_types(kind: &Type, rows: &mut Rows) {
    for base in [0, OPTIONAL, LIST, UNPACKED, ONEOF] {
        let number = kind.number + base;
        let payloads: [(u32, Vec<u8>); 5] = [
            (VARINT, vec![1]),
            (EIGHT, vec![0; 8]),
            (BLOCK, vec![8, 0, 0, 0, 0, 0, 0, 0, 0]),
            (FOUR, vec![0; 4]),
            (GROUP, tag(number, GROUP_END)),
        ];
        for (wire, payload) in payloads {
            let is_list = base == LIST || base == UNPACKED;
            if wire == kind.wire || (wire == BLOCK && is_list && kind.is_packable()) {
                continue;
            }
            let bytes = field(number, wire, &payload);
            rows.ours(&format!("{} as wire type {wire}", kind.name), ALL, &bytes, WRONG_TYPE);
        }
        rows.refused("end of no group", ALL, &tag(number, GROUP_END), BAD_TAG);
    }
}

/// Each case after each other one.
fn oneofs(rows: &mut Rows) {
    let types = types();
    for first in &types {
        for last in &types {
            let values = [first, last].map(|kind| (kind, kind.good().nth(1).expect("it has two")));
            let [first, last] = values.map(|(kind, (value, written))| {
                let number = kind.number + ONEOF;
                (field(number, kind.wire, &value.bytes), field(number, kind.wire, written))
            });
            if first.0 != last.0 {
                rows.is("last case", ALL, &[first.0, last.0].concat(), &last.1);
            }
        }
    }
    let [message, other] = [97, 83].map(|number| {
        move |value: &[u8]| match number {
            97 => field(97, BLOCK, &block(value)),
            _ => field(83, VARINT, value),
        }
    });
    let (number, text) = ([0x08, 1], [0x12, 1, b'a']);
    let both = [message(&number), message(&text)].concat();
    let merged = message(&[&number[..], &text].concat());
    rows.is("a case merged", ALL, &both, &merged);
    let between = [message(&number), other(&[5]), message(&text)].concat();
    rows.is("a case begun anew", ALL, &between, &message(&text));
    let zero = [message(&number), other(&[0])].concat();
    rows.is("a case of zero", ALL, &zero, &other(&[0]));
}

/// Tags that are none.
fn tags(rows: &mut Rows) {
    for wire in 0..8 {
        for rest in [&b"\x01\0"[..], b"\0\0\0\0\0\0\0\0\0", b""] {
            let bytes = [&[wire as u8], rest].concat();
            rows.refused("field number 0", ALL, &bytes, BAD_TAG);
        }
        for length in 2..=5 {
            let bytes = [long(wire, length), vec![1, 0, 0, 0, 0, 0, 0, 0]].concat();
            rows.refused("field number 0, longer", ALL, &bytes, BAD_TAG);
        }
    }
    for (number, wire, rest) in (0..4)
        .flat_map(|n| [(n, 6), (n, 7)])
        .flat_map(|(n, w)| [0, 1, 2, 3].map(|rest| (n, w, rest)))
    {
        rows.refused("wire type", ALL, &field(number, wire, &[rest]), BAD_TAG);
        rows.refused("wire type, far", ALL, &field(number + 500, wire, &[rest]), BAD_TAG);
    }
    for number in [3u32, 500] {
        let written = if number == 3 { vec![0x18, 1] } else { Vec::new() };
        let tag = u64::from(number << 3);
        for length in 2..=5 {
            rows.is("longer tag", ALL, &[long(tag, length), vec![1]].concat(), &written);
        }
        for length in 6..=12 {
            let bytes = [long(tag, length), vec![1]].concat();
            let status = if length > 10 { OVERLONG } else { BAD_TAG };
            rows.refused("tag of too many bytes", ALL, &bytes, status);
        }
        for high in [1 << 32, 1 << 34, 1 << 35, 1 << 42, 1 << 63] {
            let bytes = [varint(high | tag), vec![1]].concat();
            rows.refused("tag of too many bits", ALL, &bytes, BAD_TAG);
        }
    }
    (1..5).for_each(|end| rows.refused("cut tag", ALL, &long(0x18, 5)[..end], TRUNCATED));
}

/// A field of each wire type, with numbers that the schema does not have.
fn payloads(number: u32) -> [Vec<u8>; 5] {
    [
        field(number, VARINT, &varint(u64::MAX)),
        field(number, EIGHT, &[0xff; 8]),
        field(number, BLOCK, &block(b"\xff\0\x80")),
        field(number, GROUP, &[field(1, VARINT, &[1]), tag(number, GROUP_END)].concat()),
        field(number, FOUR, &[0xff; 4]),
    ]
}

/// Kept, behind what is known, by messages that have room for them.
fn kept(rows: &mut Rows) {
    let known = field(1, VARINT, &[7]);
    for number in [10, 500, (1 << 29) - 1] {
        for payload in payloads(number) {
            rows.is("kept alone", KEPT_ALONE, &payload, &payload);
            rows.is(
                "kept, first",
                KEPT,
                &[&payload[..], &known].concat(),
                &[&known[..], &payload].concat(),
            );
            rows.is(
                "kept, last",
                KEPT,
                &[&known[..], &payload].concat(),
                &[&known[..], &payload].concat(),
            );
            for part in [6, 7] {
                let inner = field(part, BLOCK, &block(&[&known[..], &payload].concat()));
                rows.is("kept within", KEPT, &inner, &inner);
            }
            // Of two occurrences of one message.
            let one = field(6, BLOCK, &block(&field(10, VARINT, &[1])));
            let other = field(6, BLOCK, &block(&[&known[..], &payload].concat()));
            let both = [&known[..], &field(10, VARINT, &[1]), &payload].concat();
            rows.is("kept of both", KEPT, &[one, other].concat(), &field(6, BLOCK, &block(&both)));
            let plain = field(8, BLOCK, &block(&[&known[..], &payload].concat()));
            rows.is("not kept", KEPT, &plain, &field(8, BLOCK, &block(&known)));
        }
    }
    // Numbers that a closed enumeration does not have.
    rows.is("kept number", KEPT, &[0x10, 7, 0x10, 1], &[0x10, 1, 0x10, 7]);
    rows.is("kept of a list", KEPT, &[0x18, 7, 0x18, 1, 0x18, 8], &[0x18, 1, 0x18, 7, 0x18, 8]);
    rows.is("kept of a block", KEPT, &[0x22, 3, 7, 1, 8], &[0x22, 1, 1, 0x20, 7, 0x20, 8]);
    rows.is("kept of a single", KEPT, &[0x20, 7], &[0x20, 7]);
    let entry = [0x0a, 4, 0x08, 3, 0x10, 7];
    rows.is("kept entry", KEPT_MAP, &entry, &entry);
    // Up to as many bytes as there is room for.
    let full = [field(10, VARINT, &[1]), vec![0x50]].concat();
    rows.is("kept, full", KEPT_FAR, &[0x50, 0x80, 1], &[0x50, 0x80, 1]);
    rows.ours("one more", KEPT_FAR, &[0x50, 0x80, 0x80, 1], TOO_LONG);
    rows.ours("one more field", KEPT_FAR, &[&full[..], &[2]].concat(), TOO_LONG);
    rows.refused("cut", KEPT_FAR, &full, TRUNCATED);
}

/// Passed over, before and behind what is known, also within messages.
fn unknown(rows: &mut Rows) {
    let known = field(3, VARINT, &[7]);
    for number in [18, 98, 500, 18_999, (1 << 29) - 1] {
        for payload in payloads(number) {
            rows.is("unknown", ALL, &payload, &[]);
            rows.is("unknown first", ALL, &[&payload[..], &known].concat(), &known);
            rows.is("unknown last", ALL, &[&known[..], &payload].concat(), &known);
            let inner = field(17, BLOCK, &block(&[&payload[..], &[0x08, 1]].concat()));
            rows.is("unknown within", ALL, &inner, &[0x8a, 1, 2, 0x08, 1]);
        }
    }
}

/// So many groups within each other.
fn nested(depth: u32) -> Vec<u8> {
    let (begin, end) = (tag(500, GROUP), tag(500, GROUP_END));
    [begin.repeat(depth as usize), end.repeat(depth as usize)].concat()
}

fn groups(rows: &mut Rows) {
    let all = [1, 2, 500].map(|number| payloads(number).concat()).concat();
    let whole = field(500, GROUP, &[all, tag(500, GROUP_END)].concat());
    rows.is("group with all", ALL, &whole, &[]);
    (1..whole.len()).for_each(|end| rows.refused("cut group", ALL, &whole[..end], TRUNCATED));
    let end = |number| tag(number, GROUP_END);
    rows.refused("another group's end", ALL, &field(500, GROUP, &end(501)), BAD_TAG);
    let crossed = [tag(500, GROUP), tag(501, GROUP), end(500), end(501)].concat();
    rows.refused("groups crossed", ALL, &crossed, BAD_TAG);
    rows.refused("end of no group", ALL, &end(500), BAD_TAG);
    let inner = [&block(&tag(500, GROUP))[..], &end(500)].concat();
    rows.refused("group across a message", ALL, &field(17, BLOCK, &inner), TRUNCATED);
    rows.refused("end in a message", ALL, &field(17, BLOCK, &block(&end(500))), BAD_TAG);
    for bad in [&[0x00, 0x01][..], &[0x06, 0x01], &[0x0f, 0x01], &[0x80, 0x80, 0x80, 0x80, 0x40]] {
        let bytes = field(500, GROUP, &[bad, &end(500)].concat());
        rows.refused("bad tag in a group", ALL, &bytes, BAD_TAG);
    }
    // A hundred may be within each other, messages counted.
    for depth in [1, 2, 50, 99, 100] {
        rows.is("groups within each other", ALL, &nested(depth), &[]);
        if depth < 100 {
            let inner = field(17, BLOCK, &block(&nested(depth)));
            rows.is("groups in a message", ALL, &inner, &[0x8a, 1, 0]);
        }
    }
    for depth in [101, 102, 1000, 20_000] {
        rows.refused("too many groups", ALL, &nested(depth), TOO_DEEP);
    }
    for depth in [100, 101, 20_000] {
        let inner = field(17, BLOCK, &block(&nested(depth)));
        rows.refused("too many groups in a message", ALL, &inner, TOO_DEEP);
    }
}

/// Messages that come more than once; fields in any order.
fn merging(rows: &mut Rows) {
    for base in [0, OPTIONAL] {
        let inner = |bytes: &[u8]| field(17 + base, BLOCK, &block(bytes));
        let first = [0x08, 1, 0x12, 1, b'a', 0x1a, 2, 1, 2, 0x22, 2, 0x08, 1];
        let second = [0x08, 2, 0x1a, 1, 3, 0x22, 2, 0x10, 2];
        let merged = [0x08, 2, 0x12, 1, b'a', 0x1a, 3, 1, 2, 3, 0x22, 4, 0x08, 1, 0x10, 2];
        rows.is("merged", ALL, &[inner(&first), inner(&second)].concat(), &inner(&merged));
        rows.is("merged with nothing", ALL, &[inner(&first), inner(&[])].concat(), &inner(&first));
        let nothing = [inner(&[0x08, 5]), inner(&[0x08, 0])].concat();
        rows.is("merged with zero", ALL, &nothing, &inner(&[]));
    }
    // Those of lists are not.
    let two = field(57, BLOCK, &block(&[0x08, 1])).repeat(2);
    rows.is("listed", ALL, &two, &two);
    let (low, high) = (field(3, VARINT, &[1]), field(5, VARINT, &[2]));
    rows.is("any order", ALL, &[&high[..], &low].concat(), &[low, high].concat());
}

/// Entries that lack something, have it twice, or something else.
fn entries(rows: &mut Rows) {
    let entry = |number: u32, parts: &[&[u8]]| field(number, BLOCK, &block(&parts.concat()));
    let (key, value) = (&[0x08, 7][..], &[0x10, 9][..]);
    let whole = entry(25, &[key, value]);
    rows.is("entry", MAPS, &whole, &whole);
    rows.is("value first", MAPS, &entry(25, &[value, key]), &whole);
    rows.is("no key", MAPS, &entry(25, &[value]), &entry(25, &[&[0x08, 0], value]));
    rows.is("no value", MAPS, &entry(25, &[key]), &entry(25, &[key, &[0x10, 0]]));
    rows.is("neither", MAPS, &entry(25, &[]), &entry(25, &[&[0x08, 0, 0x10, 0]]));
    rows.is("two keys", MAPS, &entry(25, &[&[0x08, 3], value, key]), &whole);
    rows.is("two values", MAPS, &entry(25, &[key, &[0x10, 3], value]), &whole);
    for payload in payloads(3) {
        let bytes = entry(25, &[key, &payload, value]);
        rows.add("unknown in an entry", MAPS, bytes, Expect::Open(whole.clone()));
    }
    let again = [entry(25, &[key, &[0x10, 3]]), whole.clone()].concat();
    rows.is("a key again", MAPS, &again, &whole);
    let absent = [whole.clone(), entry(25, &[key])].concat();
    rows.is("a key again, without value", MAPS, &absent, &entry(25, &[key, &[0x10, 0]]));
    let wide = [entry(25, &[&[0x08, 0x87, 0x80, 0x80, 0x80, 0x10], &[0x10, 3]]), whole.clone()];
    rows.is("a key again, too wide", MAPS, &wide.concat(), &whole);
    let (texts, text) = (|value| entry(14, &[&[0x0a, 1, b'k', 0x10, value]]), [0x0a, 1, b'k']);
    rows.is("a text again", MAPS, &[texts(1), texts(2)].concat(), &texts(2));
    let others = [entry(14, &[&[0x0a, 1, b'j', 0x10, 1]]), texts(2)].concat();
    rows.is("texts as long", MAPS, &others, &others);
    let empty = entry(14, &[&[0x0a, 0, 0x10, 4]]);
    rows.is("no text", MAPS, &entry(14, &[&[0x10, 4]]), &empty);
    rows.is(
        "an empty text again",
        MAPS,
        &[entry(14, &[&[0x10, 3]]), empty.clone()].concat(),
        &empty,
    );
    rows.is("two texts", MAPS, &entry(14, &[&text, &[0x10, 4], &[0x0a, 0]]), &empty);
    // Messages: of one entry merged, of two replaced.
    let message = |inner: &[u8]| field(2, BLOCK, &block(inner));
    let (one, two) = (message(&[0x08, 1]), message(&[0x12, 1, b'a']));
    let merged = entry(37, &[key, &message(&[0x08, 1, 0x12, 1, b'a'])]);
    rows.is("a value merged", MAPS, &entry(37, &[key, &one, &two]), &merged);
    let replaced = [entry(37, &[key, &one]), entry(37, &[key, &two])].concat();
    rows.is("a value replaced", MAPS, &replaced, &entry(37, &[key, &two]));
    rows.is("no message", MAPS, &entry(37, &[key]), &entry(37, &[key, &message(&[])]));
    rows.is(
        "an empty message",
        MAPS,
        &entry(37, &[key, &message(&[])]),
        &entry(37, &[key, &message(&[])]),
    );
    for bad in [&[0x0d, 0, 0, 0, 0][..], &[0x12, 1, 0]] {
        rows.ours("wire type in an entry", MAPS, &entry(25, &[key, bad, value]), WRONG_TYPE);
    }
    rows.refused("bad tag in an entry", MAPS, &entry(25, &[&[0x00, 1], key, value]), BAD_TAG);
    let cut = entry(25, &[key, value]);
    (1..cut.len()).for_each(|end| rows.refused("cut entry", MAPS, &cut[..end], TRUNCATED));
    for end in [1, 3] {
        let bytes = entry(25, &[&[key, value].concat()[..end]]);
        rows.refused("cut in an entry", MAPS, &bytes, TRUNCATED);
    }
    let many: Vec<u8> = (0..9).flat_map(|key| entry(25, &[&[0x08, key, 0x10, key]])).collect();
    rows.ours("nine entries", MAPS, &many, TOO_MANY);
}

/// The older syntax: required fields, closed enumerations, lists that are not packed.
fn old(rows: &mut Rows) {
    let (id, needed, whole) = (&[0x08, 1][..], &[0x68, 1][..], &[0x82, 1, 0][..]);
    let all = [id, needed, whole].concat();
    rows.is("all required", OLD, &all, &all);
    for lacking in 0..3 {
        let mut parts = vec![id, needed, whole];
        parts.remove(lacking);
        rows.refused("one lacks", OLD, &parts.concat(), MISSING);
    }
    rows.refused("all lack", OLD, &[], MISSING);
    let with = |more: &[u8]| [&all[..], more].concat();
    // 14, `levels`, one by one; 19, packed.
    rows.is(
        "packed given",
        OLD,
        &with(&[0x72, 2, 1, 2]),
        &[id, needed, &[0x70, 1, 0x70, 2], whole].concat(),
    );
    rows.is("not packed given", OLD, &with(&[0x98, 1, 1, 0x98, 1, 2]), &with(&[0x9a, 1, 2, 1, 2]));
    // 11, `level`; 18, of the oneof; 14, `levels`; 13, `needed`. What has no name is unknown.
    let named = |value: &[u8]| [id, value, needed, whole].concat();
    for number in [0, 4, 1000, 1 << 31, u64::MAX] {
        let level = [vec![0x58], varint(number)].concat();
        rows.is("number without a name", OLD, &with(&level), &all);
        rows.is(
            "a name before it",
            OLD,
            &with(&[&[0x58, 2], &level[..]].concat()),
            &named(&[0x58, 2]),
        );
        let case = [vec![0x90, 1], varint(number)].concat();
        rows.is("case without a name", OLD, &with(&case), &all);
        let left = [0x88, 1, 7];
        rows.is("a case before it", OLD, &with(&[&left[..], &case].concat()), &with(&left));
        let listed = [vec![0x70], varint(number), vec![0x70, 3]].concat();
        let expected = [id, needed, &[0x70, 3], whole].concat();
        rows.is("element without a name", OLD, &with(&listed), &expected);
        let packed = block(&[varint(number), vec![3]].concat());
        rows.is("element in a block", OLD, &with(&field(14, BLOCK, &packed)), &expected);
        let lacking = [id, &[0x68], &varint(number), whole].concat();
        rows.refused("required number without a name", OLD, &lacking, MISSING);
    }
    // Only its lowest 32 bits count.
    let wide = [vec![0x58], varint((1 << 32) + 2)].concat();
    rows.is("number too wide", OLD, &with(&wide), &named(&[0x58, 2]));
    rows.is("zero is there", OLD, &with(&[0x10, 0]), &named(&[0x10, 0]));
    rows.ours("not UTF-8", OLD, &with(&[0x4a, 1, 0xff]), crate::status::BAD_UTF8);
}
