//! Messages that keep unknown fields, beside a peer that knows more fields than they do.

use crate::draw::Draw;
use crate::golden_keep::{Kept, KeptFar, KeptPart, KeptPlain};
use crate::ROUNDS;
use magpool::wire::{Cause, Message as _};
use prost::Message;

/// `Kept`, and what a newer schema adds.
#[derive(Clone, PartialEq, Message)]
struct Newer {
    #[prost(uint32, optional, tag = "1")]
    id: Option<u32>,
    #[prost(int32, optional, tag = "2")]
    mode: Option<i32>,
    #[prost(message, optional, tag = "6")]
    part: Option<NewerPart>,
    #[prost(message, repeated, tag = "7")]
    parts: Vec<NewerPart>,
    #[prost(fixed64, optional, tag = "20")]
    wide: Option<u64>,
    #[prost(string, optional, tag = "21")]
    word: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
struct NewerPart {
    #[prost(int32, optional, tag = "1")]
    number: Option<i32>,
    #[prost(sint32, optional, tag = "2")]
    turn: Option<i32>,
    #[prost(string, optional, tag = "3")]
    word: Option<String>,
}

impl Draw {
    fn newer_part(&mut self) -> NewerPart {
        NewerPart {
            number: self.maybe(|draw| draw.number() as i32),
            turn: self.maybe(|draw| draw.number() as i32),
            word: self.maybe(|draw| draw.text(10)),
        }
    }
}

#[test]
fn fields_of_a_newer_schema_come_through() {
    let mut draw = Draw::new();
    for _ in 0..ROUNDS {
        let newer = Newer {
            id: draw.maybe(|draw| draw.next() as u32),
            mode: draw.maybe(|draw| draw.number() as i32),
            part: draw.maybe(Draw::newer_part),
            parts: draw.list(2, Draw::newer_part),
            wide: draw.maybe(Draw::next),
            word: draw.maybe(|draw| draw.text(16)),
        };
        let mut ours = Kept::default();
        ours.decode_from(&newer.encode_to_vec()).expect("there is room");
        assert_eq!((ours.id(), ours.has_part != 0), (newer.id, newer.part.is_some()));
        let bytes = ours.encode_to_vec().expect("no text is wrong");
        assert_eq!(bytes.len(), ours.encoded_len());
        assert_eq!(Newer::decode(&bytes[..]).as_ref(), Ok(&newer));
        let mut again = Kept::default();
        again.decode_from(&bytes).expect("it fits again");
        assert_eq!(again, ours);
        assert!(!ours.to_json().contains("unknown"));
        ours.clear_unknown_fields();
        assert_eq!(ours == again, again.unknown_fields().is_empty());
        let stripped = ours.encode_to_vec().expect("no text is wrong");
        let stripped = Newer::decode(&stripped[..]).expect("it is well formed");
        assert_eq!((stripped.wide, stripped.word), (None, None));
        again.clear();
        assert_eq!(again.encoded_len(), 0);
    }
}

#[test]
fn what_does_not_fit_is_refused_with_its_number() {
    let mut far = KeptFar::default();
    far.decode_from(&[0x50, 0x80, 1]).expect("three bytes");
    assert_eq!(far.unknown_fields(), [0x50, 0x80, 1]);
    let error = far.merge_from(&[0x0a, 1, 7, 0x58, 1]).expect_err("five bytes");
    assert_eq!((error.cause, error.field, error.offset), (Cause::TooLong, 11, 3));
    assert_eq!(far, KeptFar::default());
    // Within another message, the number is the innermost's.
    let long = [&[0x32, 26, 0x6a, 24][..], &[b'x'; 24]].concat();
    let error = Kept::default().decode_from(&long).expect_err("26 bytes");
    assert_eq!((error.cause, error.field, error.offset), (Cause::TooLong, 13, 2));
}

#[test]
fn what_keeps_none_has_no_room() {
    assert_eq!((size_of::<KeptPlain>(), size_of::<KeptPart>()), (8, 8 + 4 + 24));
    let mut plain = KeptPlain::default();
    plain.decode_from(&[0x50, 1, 0x08, 7]).expect("it is passed over");
    assert_eq!(plain.encode_to_vec().as_deref(), Ok(&[0x08, 7][..]));
}
