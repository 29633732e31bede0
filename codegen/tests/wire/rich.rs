//! Oneofs, optional fields, maps, fixed lengths and required fields beside the peer.

mod closed;

use std::collections::HashMap;

use crate::draw::Draw;
use crate::golden_old as old;
use crate::golden_rich as ours;
use crate::golden_rich::ChoiceBodyField as Field;
use crate::same::Same;
use crate::{agree, agree_on, ROUNDS};
use magpool::wire::{Cause, Message as _};
use prost::{Message, Oneof};

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Point {
    #[prost(sint32, tag = "1")]
    x: i32,
    #[prost(sint32, tag = "2")]
    y: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Nothing {}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Choice {
    #[prost(uint32, tag = "1")]
    before: u32,
    #[prost(oneof = "Body", tags = "4, 2, 9, 3, 5, 6, 7, 8")]
    body: Option<Body>,
    #[prost(bool, tag = "10")]
    after: bool,
    #[prost(oneof = "Other", tags = "11, 12")]
    other: Option<Other>,
    #[prost(oneof = "Numbers", tags = "13, 14")]
    numbers: Option<Numbers>,
}

#[derive(Clone, PartialEq, Oneof)]
enum Body {
    #[prost(int64, tag = "4")]
    Number(i64),
    #[prost(bool, tag = "2")]
    Flag(bool),
    #[prost(double, tag = "9")]
    Real(f64),
    #[prost(int32, tag = "3")]
    Mood(i32),
    #[prost(string, tag = "5")]
    Text(String),
    #[prost(bytes = "vec", tag = "6")]
    Blob(Vec<u8>),
    #[prost(bytes = "vec", tag = "7")]
    Digest(Vec<u8>),
    #[prost(message, tag = "8")]
    Point(Point),
}

#[derive(Clone, PartialEq, Oneof)]
enum Other {
    #[prost(string, tag = "11")]
    Type(String),
    #[prost(message, tag = "12")]
    Nothing(Nothing),
}

#[derive(Clone, PartialEq, Oneof)]
enum Numbers {
    #[prost(uint32, tag = "13")]
    Small(u32),
    #[prost(int32, tag = "14")]
    Large(i32),
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Maybe {
    #[prost(int32, optional, tag = "1")]
    number: Option<i32>,
    #[prost(bool, optional, tag = "2")]
    flag: Option<bool>,
    #[prost(int32, optional, tag = "3")]
    mood: Option<i32>,
    #[prost(string, optional, tag = "4")]
    text: Option<String>,
    #[prost(bytes = "vec", optional, tag = "5")]
    blob: Option<Vec<u8>>,
    #[prost(double, optional, tag = "6")]
    real: Option<f64>,
    #[prost(message, optional, tag = "7")]
    point: Option<Point>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Maps {
    #[prost(map = "string, uint32", tag = "1")]
    ages: HashMap<String, u32>,
    #[prost(map = "int64, string", tag = "2")]
    names: HashMap<i64, String>,
    #[prost(map = "bool, message", tag = "3")]
    points: HashMap<bool, Point>,
    #[prost(map = "string, string", tag = "4")]
    words: HashMap<String, String>,
    #[prost(map = "uint32, int32", tag = "5")]
    moods: HashMap<u32, i32>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Exact {
    #[prost(bytes = "vec", tag = "1")]
    id: Vec<u8>,
    #[prost(string, tag = "2")]
    code: String,
    #[prost(float, repeated, tag = "3")]
    matrix: Vec<f32>,
    #[prost(message, repeated, tag = "4")]
    corners: Vec<Point>,
    #[prost(bytes = "vec", repeated, tag = "5")]
    hashes: Vec<Vec<u8>>,
    #[prost(bool, repeated, tag = "6")]
    bits: Vec<bool>,
    #[prost(int32, repeated, tag = "7")]
    moods: Vec<i32>,
}

/// As another sender writes the lists of [`Exact`]: one by one.
#[derive(Clone, PartialEq, Message)]
struct Unpacked {
    #[prost(float, repeated, packed = "false", tag = "3")]
    matrix: Vec<f32>,
    #[prost(bool, repeated, packed = "false", tag = "6")]
    bits: Vec<bool>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Part {
    #[prost(string, optional, tag = "1")]
    name: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Record {
    #[prost(uint32, required, tag = "1")]
    id: u32,
    #[prost(int32, optional, tag = "2")]
    plain: Option<i32>,
    #[prost(int32, optional, tag = "3", default = "-5")]
    number: Option<i32>,
    #[prost(int64, optional, tag = "4")]
    least: Option<i64>,
    #[prost(uint64, optional, tag = "5")]
    most: Option<u64>,
    #[prost(bool, optional, tag = "6", default = "true")]
    flag: Option<bool>,
    #[prost(float, optional, tag = "7")]
    real: Option<f32>,
    #[prost(double, optional, tag = "8")]
    endless: Option<f64>,
    #[prost(string, optional, tag = "9")]
    text: Option<String>,
    #[prost(bytes = "vec", optional, tag = "10")]
    blob: Option<Vec<u8>>,
    #[prost(int32, optional, tag = "11")]
    level: Option<i32>,
    #[prost(int32, optional, tag = "12")]
    high: Option<i32>,
    #[prost(int32, required, tag = "13")]
    needed: i32,
    #[prost(int32, repeated, packed = "false", tag = "14")]
    levels: Vec<i32>,
    #[prost(message, optional, tag = "15")]
    part: Option<Part>,
    #[prost(message, required, tag = "16")]
    whole: Part,
    #[prost(oneof = "Either", tags = "17, 18")]
    either: Option<Either>,
    #[prost(uint32, repeated, tag = "19")]
    packed: Vec<u32>,
    #[prost(map = "string, bool", tag = "20")]
    by_name: HashMap<String, bool>,
    #[prost(map = "int32, message", tag = "21")]
    parts: HashMap<i32, Part>,
}

#[derive(Clone, PartialEq, Oneof)]
enum Either {
    #[prost(int32, tag = "17")]
    Left(i32),
    #[prost(int32, tag = "18")]
    Right(i32),
}

impl Draw {
    fn point(&mut self) -> Point {
        Point { x: self.number() as i32, y: self.number() as i32 }
    }

    fn exactly(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }

    pub(crate) fn choice(&mut self) -> Choice {
        let body = match self.below(9) {
            0 => None,
            1 => Some(Body::Number(self.number() as i64)),
            2 => Some(Body::Flag(self.flag())),
            3 => Some(Body::Real(self.float())),
            4 => Some(Body::Mood(self.number() as i32)),
            5 => Some(Body::Text(self.text(10))),
            6 => Some(Body::Blob(self.bytes(7))),
            7 => Some(Body::Digest(self.exactly(20))),
            _ => Some(Body::Point(self.point())),
        };
        let other = match self.below(3) {
            0 => None,
            1 => Some(Other::Type(self.text(10))),
            _ => Some(Other::Nothing(Nothing {})),
        };
        let numbers = match self.below(3) {
            0 => None,
            1 => Some(Numbers::Small(self.number() as u32)),
            _ => Some(Numbers::Large(self.number() as i32)),
        };
        let before = self.number() as u32;
        Choice { before, body, after: self.flag(), other, numbers }
    }

    pub(crate) fn presences(&mut self) -> Maybe {
        Maybe {
            number: self.maybe(|draw| draw.number() as i32),
            flag: self.maybe(Self::flag),
            mood: self.maybe(|draw| draw.number() as i32),
            text: self.maybe(|draw| draw.text(10)),
            blob: self.maybe(|draw| draw.exactly(4)),
            real: self.maybe(Self::float),
            point: self.maybe(Self::point),
        }
    }

    pub(crate) fn maps(&mut self) -> Maps {
        Maps {
            ages: self.list(4, |draw| (draw.text(10), draw.number() as u32)).into_iter().collect(),
            names: self.list(3, |draw| (draw.number() as i64, draw.text(6))).into_iter().collect(),
            points: self.list(2, |draw| (draw.flag(), draw.point())).into_iter().collect(),
            words: self.list(3, |draw| (draw.text(3), draw.text(5))).into_iter().collect(),
            moods: self
                .list(3, |draw| (draw.number() as u32, draw.number() as i32))
                .into_iter()
                .collect(),
        }
    }

    pub(crate) fn exact(&mut self) -> Exact {
        Exact {
            id: self.exactly(16),
            code: (0..3).map(|_| (b'a' + self.below(26) as u8) as char).collect(),
            matrix: (0..4).map(|_| self.float() as f32).collect(),
            corners: (0..2).map(|_| self.point()).collect(),
            hashes: self.list(3, |draw| draw.exactly(4)),
            bits: (0..5).map(|_| self.flag()).collect(),
            moods: (0..2).map(|_| self.number() as i32).collect(),
        }
    }

    fn part(&mut self) -> Part {
        Part { name: self.maybe(|draw| draw.text(4)) }
    }

    /// Of a closed enumeration: other numbers would be unknown fields.
    fn level(&mut self) -> i32 {
        1 + self.below(3) as i32
    }

    pub(crate) fn record(&mut self) -> Record {
        Record {
            id: self.number() as u32,
            plain: self.maybe(|draw| draw.number() as i32),
            number: self.maybe(|draw| draw.number() as i32),
            least: self.maybe(|draw| draw.number() as i64),
            most: self.maybe(Self::number),
            flag: self.maybe(Self::flag),
            real: self.maybe(|draw| draw.float() as f32),
            endless: self.maybe(Self::float),
            text: self.maybe(|draw| draw.text(64)),
            blob: self.maybe(|draw| draw.bytes(8)),
            level: self.maybe(Self::level),
            high: self.maybe(Self::level),
            needed: self.level(),
            levels: self.list(2, Self::level),
            part: self.maybe(Self::part),
            whole: self.part(),
            either: self.maybe(|draw| match draw.flag() {
                true => Either::Left(draw.number() as i32),
                false => Either::Right(draw.level()),
            }),
            packed: self.list(2, |draw| draw.number() as u32),
            by_name: self.list(2, |draw| (draw.text(64), draw.flag())).into_iter().collect(),
            parts: self.list(2, |draw| (draw.number() as i32, draw.part())).into_iter().collect(),
        }
    }
}

impl Same<Point> for ours::Point {
    fn same(&self, peer: &Point) {
        assert_eq!((self.x, self.y), (peer.x, peer.y));
    }
}

impl Same<Choice> for ours::Choice {
    fn same(&self, peer: &Choice) {
        assert_eq!((self.before, self.after()), (peer.before, peer.after));
        match (self.body(), &peer.body) {
            (Field::None, None) => {}
            (Field::Number(a), Some(Body::Number(b))) => assert_eq!(a, *b),
            (Field::Flag(a), Some(Body::Flag(b))) => assert_eq!(a, *b),
            (Field::Real(a), Some(Body::Real(b))) => {
                assert_eq!(a.to_bits(), b.to_bits());
            }
            (Field::Mood(a), Some(Body::Mood(b))) => assert_eq!(a, *b),
            (Field::Text(a), Some(Body::Text(b))) => assert_eq!(a, b.as_bytes()),
            (Field::Blob(a), Some(Body::Blob(b))) => assert_eq!(a, b),
            (Field::Digest(a), Some(Body::Digest(b))) => assert_eq!(a, &b[..]),
            (Field::Point(a), Some(Body::Point(b))) => a.same(b),
            (_, other) => panic!("another case than {other:?}"),
        }
        match (self.other(), &peer.other) {
            (ours::ChoiceOtherField::None, None) => {}
            (ours::ChoiceOtherField::Type(a), Some(Other::Type(b))) => assert_eq!(a, b.as_bytes()),
            (ours::ChoiceOtherField::Nothing(_), Some(Other::Nothing(_))) => {}
            (_, other) => panic!("another case than {other:?}"),
        }
        match (self.numbers(), &peer.numbers) {
            (ours::ChoiceNumbersField::None, None) => {}
            (ours::ChoiceNumbersField::Small(a), Some(Numbers::Small(b))) => assert_eq!(a, *b),
            (ours::ChoiceNumbersField::Large(a), Some(Numbers::Large(b))) => assert_eq!(a, *b),
            (_, other) => panic!("another case than {other:?}"),
        }
    }
}

impl Same<Maybe> for ours::Maybe {
    fn same(&self, peer: &Maybe) {
        assert_eq!((self.number(), self.flag()), (peer.number, peer.flag));
        assert_eq!((self.has_mood != 0).then_some(self.mood), peer.mood);
        assert_eq!(self.text(), peer.text.as_ref().map(String::as_bytes));
        assert_eq!(self.blob().map(|blob| &blob[..]), peer.blob.as_deref());
        assert_eq!(self.real().map(f64::to_bits), peer.real.map(f64::to_bits));
        assert_eq!(self.point().is_some(), peer.point.is_some());
        self.point().zip(peer.point.as_ref()).into_iter().for_each(|(a, b)| a.same(b));
    }
}

impl Same<Maps> for ours::Maps {
    fn same(&self, peer: &Maps) {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it was checked");
        let ages: HashMap<_, _> = self.ages().iter().map(|e| (text(e.key()), e.value)).collect();
        assert_eq!((ages, self.ages_len()), (peer.ages.clone(), peer.ages.len()));
        let names: HashMap<_, _> = self.names().iter().map(|e| (e.key, text(e.value()))).collect();
        assert_eq!((names, self.names_len()), (peer.names.clone(), peer.names.len()));
        assert_eq!(self.points_len(), peer.points.len());
        for (key, value) in &peer.points {
            let entry = self.find_points(*key).expect("it is there");
            entry.value().copied().unwrap_or_default().same(value);
        }
        let words = self.words().iter().map(|e| (text(e.key()), text(e.value())));
        assert_eq!((words.collect(), self.words_len()), (peer.words.clone(), peer.words.len()));
        let moods: HashMap<_, _> = self.moods().iter().map(|e| (e.key, e.value)).collect();
        assert_eq!((moods, self.moods_len()), (peer.moods.clone(), peer.moods.len()));
    }
}

/// The last of a list that came as often as it liked, or as many zeros.
fn last<T: Clone + Default, const N: usize>(list: &[T]) -> Vec<T> {
    if list.is_empty() {
        return vec![T::default(); N];
    }
    list[list.len() - N..].to_vec()
}

impl Same<Exact> for ours::Exact {
    fn same(&self, peer: &Exact) {
        assert_eq!(self.id[..], last::<_, 16>(&peer.id)[..]);
        assert_eq!(self.code[..], last::<_, 3>(peer.code.as_bytes())[..]);
        let bits = |list: &[f32]| list.iter().map(|f| f.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&self.matrix), bits(&last::<_, 4>(&peer.matrix)));
        let corners = last::<_, 2>(&peer.corners);
        self.corners.iter().zip(&corners).for_each(|(ours, peer)| ours.same(peer));
        assert_eq!(self.hashes_len(), peer.hashes.len());
        assert!(self.hashes_iter().zip(&peer.hashes).all(|(a, b)| a[..] == b[..]));
        let flags = self.bits.iter().map(|&bit| bit != 0).collect::<Vec<_>>();
        assert_eq!(flags, last::<_, 5>(&peer.bits));
        assert_eq!(self.moods[..], last::<_, 2>(&peer.moods)[..]);
    }
}

impl Same<Part> for old::RecordPart {
    fn same(&self, peer: &Part) {
        assert_eq!(self.name(), peer.name.as_ref().map(String::as_bytes));
    }
}

impl Same<Record> for old::Record {
    fn same(&self, peer: &Record) {
        assert_eq!((self.id, self.needed), (peer.id, peer.needed));
        assert_eq!((self.plain(), self.number()), (peer.plain, peer.number));
        assert_eq!(self.number_or_default(), peer.number.unwrap_or(-5));
        assert_eq!((self.least(), self.most(), self.flag()), (peer.least, peer.most, peer.flag));
        assert_eq!(self.real().map(f32::to_bits), peer.real.map(f32::to_bits));
        assert_eq!(self.endless().map(f64::to_bits), peer.endless.map(f64::to_bits));
        assert_eq!(self.blob(), peer.blob.as_deref());
        assert_eq!((self.has_level != 0).then_some(self.level), peer.level);
        assert_eq!((self.has_high != 0).then_some(self.high), peer.high);
        assert_eq!((self.levels(), self.packed()), (&peer.levels[..], &peer.packed[..]));
        let either = match self.either() {
            old::RecordEitherField::None => None,
            old::RecordEitherField::Left(left) => Some(Either::Left(left)),
            old::RecordEitherField::Right(right) => Some(Either::Right(right)),
        };
        assert_eq!(either, peer.either);
        assert_eq!(self.text(), peer.text.as_ref().map(String::as_bytes));
        self.whole().expect("it is required").same(&peer.whole);
        assert_eq!(self.part().is_some(), peer.part.is_some());
        self.part().zip(peer.part.as_ref()).into_iter().for_each(|(a, b)| a.same(b));
        assert_eq!((self.by_name_len(), self.parts_len()), (peer.by_name.len(), peer.parts.len()));
        for (key, value) in &peer.by_name {
            assert_eq!(self.find_by_name(key).map(|entry| entry.value()), Some(*value));
        }
        for (key, value) in &peer.parts {
            let entry = self.find_parts(*key).expect("it is there");
            entry.value().copied().unwrap_or_default().same(value);
        }
    }
}

/// As [`agree`], but the bytes may differ: the order of a map's entries does, and we write what
/// is always there.
fn understand<O, P>(peer: &P)
where
    O: magpool::wire::Message + Default + Same<P>,
    P: prost::Message + Default + PartialEq,
{
    let mut ours = O::default();
    ours.decode_from(&peer.encode_to_vec()).expect("it is within its bounds");
    ours.same(peer);
    let back = ours.encode_to_vec().expect("its strings are UTF-8");
    assert_eq!(ours.encoded_len(), back.len());
    let again = P::decode(&back[..]).expect("it is well formed");
    ours.same(&again);
    let mut second = O::default();
    second.decode_from(&back).expect("it is what we wrote");
    assert_eq!(second.encode_to_vec().as_deref(), Ok(&back[..]));
}

#[test]
fn oneofs_and_optional_fields_agree_both_ways() {
    let mut draw = Draw::new();
    agree::<ours::Choice, _>(&Choice::default());
    agree::<ours::Maybe, _>(&Maybe::default());
    for _ in 0..ROUNDS {
        agree::<ours::Choice, _>(&draw.choice());
        agree::<ours::Maybe, _>(&draw.presences());
    }
}

#[test]
fn last_case_of_a_oneof_and_last_entry_of_a_key_win() {
    let mut draw = Draw::new();
    let mut full = 0;
    for _ in 0..ROUNDS {
        let both = [draw.choice().encode_to_vec(), draw.choice().encode_to_vec()].concat();
        agree_on::<ours::Choice, Choice>(&both, &mut [0; 3]);
        let mut maps = draw.maps();
        let first = maps.encode_to_vec();
        // The same keys again: even a map that is full has room for them.
        maps.ages.values_mut().for_each(|age| *age = draw.number() as u32);
        maps.points.values_mut().for_each(|point| *point = draw.point());
        maps.words.values_mut().for_each(|word| *word = draw.text(5));
        full += usize::from(maps.ages.len() == 4);
        let both = [first, maps.encode_to_vec()].concat();
        let mut ours = ours::Maps::default();
        ours.decode_from(&both).expect("it is within its bounds");
        ours.same(&maps);
    }
    assert!(full > ROUNDS / 10, "only {full} maps were full");
}

#[test]
fn maps_fixed_and_required_fields_are_understood_both_ways() {
    let mut draw = Draw::new();
    understand::<ours::Maps, _>(&Maps::default());
    understand::<ours::Exact, _>(&Exact::default());
    for _ in 0..ROUNDS {
        understand::<ours::Maps, _>(&draw.maps());
        understand::<ours::Exact, _>(&draw.exact());
        understand::<old::Record, _>(&draw.record());
    }
}

#[test]
fn fixed_lists_come_packed_or_not_and_never_in_part() {
    let mut draw = Draw::new();
    for _ in 0..ROUNDS {
        let Exact { matrix, bits, .. } = draw.exact();
        let mut ours = ours::Exact::default();
        let unpacked = Unpacked { matrix: matrix.clone(), bits: bits.clone() };
        ours.decode_from(&unpacked.encode_to_vec()).expect("all elements are there");
        ours.same(&Exact { matrix, bits, ..Exact::default() });
    }
    for (length, list) in (0..8).flat_map(|n| [(n, true), (n, false)]) {
        let (matrix, bits) = (vec![1.0; length], vec![true; 5]);
        let bytes = match list {
            true => Exact { matrix, bits, ..Exact::default() }.encode_to_vec(),
            false => Unpacked { matrix, bits }.encode_to_vec(),
        };
        let done = ours::Exact::default().decode_from(&bytes).map_err(|error| error.cause);
        let expected = if matches!(length, 0 | 4) { Ok(()) } else { Err(Cause::WrongLength) };
        assert_eq!(done, expected, "{length}");
    }
    for length in [0, 15, 17] {
        let bytes = [&[0x0a, length as u8][..], &vec![7; length]].concat();
        let error = ours::Exact::default().decode_from(&bytes).expect_err("it is not 16");
        assert_eq!((error.cause, error.field, error.offset), (Cause::WrongLength, 1, 0));
    }
}

#[test]
fn message_that_lacks_a_required_field_is_refused() {
    let mut draw = Draw::new();
    let all = draw.record().encode_to_vec();
    let mut record = old::Record::default();
    for (lacking, bytes) in
        [(1, &b"\x68\x01\x82\x01\0"[..]), (13, b"\x08\x01\x82\x01\0"), (16, b"\x08\x01\x68\x01")]
    {
        let error = record.decode_from(bytes).expect_err("it lacks something");
        let expected = (Cause::Missing, lacking, bytes.len());
        assert_eq!((error.cause, error.field, error.offset), expected);
        // What a message has it may be without later.
        record.decode_from(&all).expect("it has all");
        record.merge_from(bytes).expect("the message has it");
    }
    record.clear();
    let error = record.encode_to_vec().expect_err("`whole` is absent");
    assert_eq!((error.cause, error.field), (Cause::Missing, 16));
}

#[test]
fn damage_to_all_of_them_means_the_same_or_is_refused() {
    let mut draw = Draw::new();
    let mut tally = [0; 3];
    for _ in 0..ROUNDS * 2 {
        let all = [draw.choice().encode_to_vec(), draw.maps().encode_to_vec()];
        let (mut choice, mut maps) = (all[0].clone(), all[1].clone());
        let mut maybe = draw.presences().encode_to_vec();
        let (mut exact, mut record) = (draw.exact().encode_to_vec(), draw.record().encode_to_vec());
        draw.damage(&mut choice, &all[1]);
        draw.damage(&mut maps, &all[0]);
        draw.damage(&mut maybe, &all[0]);
        draw.damage(&mut exact, &all[0]);
        draw.damage(&mut record, &all[1]);
        agree_on::<ours::Choice, Choice>(&choice, &mut tally);
        agree_on::<ours::Maybe, Maybe>(&maybe, &mut tally);
        agree_on::<ours::Maps, Maps>(&maps, &mut tally);
        agree_on::<ours::Exact, Exact>(&exact, &mut tally);
        // To the peer enumerations are open.
        if !Record::decode(&record[..]).is_ok_and(|record| record != record.known()) {
            agree_on::<old::Record, Record>(&record, &mut tally);
        }
    }
    println!("taken, refused, out of bounds: {tally:?}");
    assert!(tally.iter().all(|&times| times > ROUNDS / 10), "{tally:?} tests little");
}

#[test]
fn json_has_names_of_enumerations_and_maps_as_objects() {
    let mut maps = ours::Maps::default();
    maps.put_ages("a\"b").expect("it fits").value = 7;
    maps.put_names(-3).expect("it fits").set_value("x").expect("it fits");
    maps.put_points(true).expect("it fits").value_mut().x = 1;
    maps.put_moods(9).expect("it fits").value = 2;
    maps.put_moods(8).expect("it fits").value = 77;
    let expected = concat!(
        r#"{"ages":{"a\"b":7},"names":{"-3":"x"},"points":{"true":{"x":1}},"#,
        r#""moods":{"9":"MOOD_BAD","8":77}}"#
    );
    assert_eq!(maps.to_json(), expected);
}
