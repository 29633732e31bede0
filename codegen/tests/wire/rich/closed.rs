//! Closed enumerations, which to the peer are open.

use super::{old, Either, Record, ROUNDS};
use crate::draw::Draw;
use crate::same::Same;
use magpool::wire::Message as _;
use prost::Message as _;

impl Record {
    /// Without the numbers that its closed enumeration does not have.
    pub(super) fn known(&self) -> Record {
        let is_known = |level: &i32| (1..=3).contains(level);
        Record {
            level: self.level.filter(is_known),
            high: self.high.filter(is_known),
            needed: Some(self.needed).filter(is_known).unwrap_or(-1),
            levels: self.levels.iter().copied().filter(is_known).collect(),
            either: self.either.clone().filter(|either| match either {
                Either::Right(right) => is_known(right),
                Either::Left(_) => true,
            }),
            ..self.clone()
        }
    }
}

#[test]
fn numbers_that_a_closed_enumeration_does_not_have_are_unknown_fields() {
    let mut draw = Draw::new();
    let mut left_out = 0;
    for _ in 0..ROUNDS {
        let mut record = draw.record();
        record.level = draw.maybe(|draw| draw.number() as i32);
        record.levels.splice(0..0, draw.list(2, |draw| draw.number() as i32));
        record.either = Some(Either::Right(draw.number() as i32));
        let known = record.known();
        if known.levels.len() > 2 {
            continue;
        }
        left_out += usize::from(known != record);
        let mut ours = old::Record::default();
        ours.decode_from(&record.encode_to_vec()).expect("what is left is within its bounds");
        ours.same(&known);
    }
    assert!(left_out > ROUNDS / 10, "only {left_out} had anything unknown");
}
