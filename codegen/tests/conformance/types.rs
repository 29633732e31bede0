//! Values of every scalar type as they may come, and as they are written.

use crate::status::{BAD_UTF8, OVERLONG, TOO_LONG, TRUNCATED};

pub(crate) const VARINT: u32 = 0;
pub(crate) const EIGHT: u32 = 1;
pub(crate) const BLOCK: u32 = 2;
pub(crate) const GROUP: u32 = 3;
pub(crate) const GROUP_END: u32 = 4;
pub(crate) const FOUR: u32 = 5;

/// Bytes of a string or bytes field of the schema, at most.
const LENGTH_MAX: usize = 12;

/// What becomes of a value.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// It is written so.
    Is(Vec<u8>),
    /// All refuse it.
    Refused(i32),
    /// We do, others take it.
    Ours(i32),
}

/// A value, without its tag.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    pub(crate) bytes: Vec<u8>,
    pub(crate) outcome: Outcome,
    /// 0 or empty: left out where that is what an absent field is.
    pub(crate) is_zero: bool,
}

/// A type of the schema.
pub(crate) struct Type {
    pub(crate) name: &'static str,
    /// The number of its single field.
    pub(crate) number: u32,
    pub(crate) wire: u32,
    pub(crate) values: Vec<Value>,
}

impl Type {
    /// Values that are taken, and how they are written.
    pub(crate) fn good(&self) -> impl Iterator<Item = (&Value, &Vec<u8>)> {
        self.values.iter().filter_map(|value| match &value.outcome {
            Outcome::Is(written) => Some((value, written)),
            _ => None,
        })
    }

    /// Whether lists of it can be packed.
    pub(crate) fn is_packable(&self) -> bool {
        self.wire != BLOCK
    }

    /// Whether it can be the key of a map.
    pub(crate) fn is_key(&self) -> bool {
        !matches!(self.name, "double" | "float" | "bytes" | "enum" | "message")
    }
}

pub(crate) fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A varint of so many bytes, whose last ones may be 0.
pub(crate) fn long(value: u64, length: usize) -> Vec<u8> {
    let mut bytes = varint(value);
    while bytes.len() < length {
        *bytes.last_mut().expect("there is a byte") |= 0x80;
        bytes.push(0);
    }
    bytes
}

pub(crate) fn tag(number: u32, wire: u32) -> Vec<u8> {
    varint(u64::from(number << 3 | wire))
}

/// A length and as many bytes.
pub(crate) fn block(bytes: &[u8]) -> Vec<u8> {
    [varint(bytes.len() as u64), bytes.to_vec()].concat()
}

pub(crate) fn types() -> Vec<Type> {
    let low = |raw: u64| raw & 0xffff_ffff;
    let signed = |raw: u64| raw as i32 as i64 as u64;
    let names = [
        "double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32",
        "fixed64", "sfixed32", "sfixed64", "bool", "string", "bytes", "enum", "message",
    ];
    let describe = |(name, number): (&'static str, u32)| {
        let (wire, values) = match name {
            "double" | "fixed64" | "sfixed64" => (EIGHT, eights()),
            "float" | "fixed32" | "sfixed32" => (FOUR, fours()),
            "int32" | "enum" => (VARINT, varints(signed)),
            "uint32" | "sint32" => (VARINT, varints(low)),
            "bool" => (VARINT, varints(|raw| u64::from(raw != 0))),
            "string" => (BLOCK, texts(true)),
            "bytes" => (BLOCK, texts(false)),
            "message" => (BLOCK, messages()),
            _ => (VARINT, varints(|raw| raw)),
        };
        Type { name, number, wire, values }
    };
    names.into_iter().zip(1..).map(describe).collect()
}

fn is(bytes: Vec<u8>, written: Vec<u8>, is_zero: bool) -> Value {
    Value { bytes, outcome: Outcome::Is(written), is_zero }
}

fn not(bytes: Vec<u8>, outcome: Outcome) -> Value {
    Value { bytes, outcome, is_zero: false }
}

/// Numbers as varints: at the ends of types, longer than they need be, of too many bits.
fn varints(meant: impl Fn(u64) -> u64) -> Vec<Value> {
    let ends = [7, 8, 14, 28, 31, 32, 33, 35, 49, 56, 63]
        .into_iter()
        .flat_map(|bits| [(1 << bits) - 1, 1 << bits, (1 << bits) + 1]);
    let raws = ends.chain([0, 1, 2, 12_345_678, u64::MAX, u64::MAX - 1, !0 << 31, !0 << 32]);
    let mut values: Vec<Value> =
        raws.map(|raw| is(varint(raw), varint(meant(raw)), meant(raw) == 0)).collect();
    for length in 2..=10 {
        values.push(is(long(0, length), vec![0], true));
        values.push(is(long(1, length), varint(meant(1)), false));
    }
    // -1 as those send it who forget that negative numbers have ten bytes.
    values.push(is(varint(0xffff_ffff), varint(meant(0xffff_ffff)), false));
    for last in [2, 3, 0x7f] {
        let bytes = [&[0xff; 9][..], &[last]].concat();
        values.push(not(bytes, Outcome::Ours(OVERLONG)));
    }
    values.push(not(vec![0x80; 11], Outcome::Refused(OVERLONG)));
    values.push(not([&[0x80; 10][..], &[0]].concat(), Outcome::Refused(OVERLONG)));
    values
}

/// Patterns that are the ends of integers, or zeros, infinities, NaNs and smallest numbers.
fn eights() -> Vec<Value> {
    let floats =
        [1.0, -0.0, f64::MAX, f64::MIN, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 5e-324];
    let patterns = floats.into_iter().map(f64::to_bits);
    let patterns = patterns.chain([0, 1, u64::MAX, 1 << 63, !(1 << 63), 0x7ff0_0000_0000_0001]);
    let values = patterns.map(|bits| (bits, bits.to_le_bytes().to_vec()));
    values.map(|(bits, bytes)| is(bytes.clone(), bytes, bits == 0)).collect()
}

fn fours() -> Vec<Value> {
    let floats = [1.0, -0.0, f32::MAX, f32::MIN, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 1e-45];
    let patterns = floats.into_iter().map(f32::to_bits);
    let patterns = patterns.chain([0, 1, u32::MAX, 1 << 31, !(1 << 31), 0x7f80_0001]);
    let values = patterns.map(|bits| (bits, bits.to_le_bytes().to_vec()));
    values.map(|(bits, bytes)| is(bytes.clone(), bytes, bits == 0)).collect()
}

fn texts(is_utf8: bool) -> Vec<Value> {
    let good = ["", "a", "\0", "\u{7f}\u{80}\u{7ff}", "\u{800}\u{ffff}", "\u{10000}\u{10ffff}"];
    let good = good.into_iter().chain(["\u{d7ff}\u{e000}", "twelve bytes", "ßßßßßß"]);
    let mut values: Vec<Value> = good
        .map(|text| (text, block(text.as_bytes())))
        .map(|(t, b)| is(b.clone(), b, t.is_empty()))
        .collect();
    // Lone and missing continuations, longer forms, surrogates, above the last character.
    let bad: [&[u8]; 12] = [
        b"\x80",
        b"a\xbf",
        b"\xc3",
        b"\xe2\x82",
        b"\xf0\x90\x80",
        b"\xc0\x80",
        b"\xc1\xbf",
        b"\xe0\x9f\xbf",
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xf4\x90\x80\x80",
        b"\xff\xfe",
    ];
    for text in bad {
        let bytes = block(text);
        values.push(match is_utf8 {
            true => not(bytes, Outcome::Refused(BAD_UTF8)),
            false => is(bytes.clone(), bytes, false),
        });
    }
    values.push(not(block(&[b'x'; LENGTH_MAX + 1]), Outcome::Ours(TOO_LONG)));
    lengths(&mut values);
    values
}

/// A message with number, text and list.
fn messages() -> Vec<Value> {
    let whole = [0x08, 7, 0x12, 1, b'a', 0x1a, 2, 1, 2, 0x22, 2, 0x10, 3];
    let mut values: Vec<Value> =
        [&whole[..], &whole[..2], &[]].map(|inner| is(block(inner), block(inner), false)).into();
    for cut in [1, 3, 4, 6, 7, 10, 12] {
        values.push(not(block(&whole[..cut]), Outcome::Refused(TRUNCATED)));
    }
    lengths(&mut values);
    values
}

/// Lengths in more bytes than they need, and of more bytes than there are.
fn lengths(values: &mut Vec<Value>) {
    for length in 2..=10 {
        values.push(is([long(2, length), vec![0x08, 1]].concat(), vec![2, 0x08, 1], false));
    }
    for length in [3, 127, 1 << 31, (1 << 31) - 1, 1 << 32, (1 << 32) + 2, 1 << 63, u64::MAX] {
        values.push(not([varint(length), vec![0x08, 1]].concat(), Outcome::Refused(TRUNCATED)));
    }
    values.push(not([long(2, 11), vec![0x08, 1]].concat(), Outcome::Refused(OVERLONG)));
}
