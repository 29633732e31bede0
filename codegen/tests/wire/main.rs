//! The wire format beside another implementation, both ways: what one encodes the other decodes
//! to equal values and encodes to equal bytes; damaged bytes are refused by both or mean the
//! same to both, bounds apart.

mod c_side;
#[path = "../common/mod.rs"]
mod common;
mod draw;
mod keep;
mod peer;
mod protoc;
mod rich;
mod same;

#[allow(unreachable_pub, dead_code, missing_docs)]
mod kinds {
    include!("../golden/kinds/kinds.g.rs");
}
#[allow(unreachable_pub, dead_code, missing_docs)]
mod golden_rich {
    include!("../golden/rich/rich.g.rs");
}
#[allow(unreachable_pub, dead_code, missing_docs)]
mod golden_keep {
    include!("../golden/keep/keep.g.rs");
}
#[allow(unreachable_pub, dead_code, missing_docs)]
mod golden_old {
    include!("../golden/old/old.g.rs");
}

use draw::Draw;
use magpool::generated::concurrent::LargeMessage;
use magpool::wire::{Cause, DecodeError, Message as _};
use prost::Message as _;
use same::Same;

const ROUNDS: usize = 1000;

/// What we make of the peer's encoding, checked in every direction.
fn agree<O: magpool::wire::Message + Default + Same<P>, P: prost::Message + Default + PartialEq>(
    peer: &P,
) -> O {
    let bytes = peer.encode_to_vec();
    let mut ours = O::default();
    ours.decode_from(&bytes).expect("it is within its bounds");
    ours.same(peer);
    assert_eq!(ours.encoded_len(), bytes.len());
    let back = ours.encode_to_vec().expect("its strings are UTF-8");
    assert_eq!(back, bytes);
    assert!(P::decode(&back[..]).is_ok_and(|decoded| decoded == *peer));
    ours
}

#[test]
fn messages_of_all_kinds_agree_both_ways() {
    let mut draw = Draw::new();
    agree::<kinds::Everything, peer::Everything>(&peer::Everything::default());
    agree::<kinds::Lists, peer::Lists>(&peer::Lists::default());
    for _ in 0..ROUNDS {
        agree::<kinds::Everything, _>(&draw.everything());
        agree::<kinds::Lists, _>(&draw.lists());
        agree::<LargeMessage, _>(&draw.large());
    }
}

#[test]
fn bytes_one_behind_the_other_are_merged() {
    let mut draw = Draw::new();
    for _ in 0..ROUNDS {
        let (first, second) = (draw.everything(), draw.everything());
        let both = [first.encode_to_vec(), second.encode_to_vec()].concat();
        let Ok(peer) = peer::Everything::decode(&both[..]) else { panic!("both are good") };
        let mut ours = kinds::Everything::default();
        if ours.decode_from(&both).is_err_and(|error| error.cause == Cause::TooMany) {
            continue; // Two lists of `class` are too long.
        }
        ours.same(&peer);
        let mut merged = agree::<kinds::Everything, _>(&first);
        merged.merge_from(&second.encode_to_vec()).expect("it fitted");
        merged.same(&peer);
    }
}

#[test]
fn lists_one_by_one_and_unknown_fields_are_understood() {
    let mut draw = Draw::new();
    for _ in 0..ROUNDS {
        let lists = draw.lists();
        let plain = peer::Lists {
            texts: Vec::new(),
            blobs: Vec::new(),
            children: Vec::new(),
            ..lists.clone()
        };
        let other = peer::OtherLists {
            flags: lists.flags,
            numbers: lists.numbers,
            floats: lists.floats,
            narrow_floats: lists.narrow_floats,
            huge: lists.huge,
            colors: lists.colors,
            unknown_message: Some(draw.inner()),
            unknown_fixed: draw.next() as u32,
            unknown_number: draw.next(),
            unknown_double: 0.5,
        };
        let mut ours = kinds::Lists::default();
        ours.decode_from(&other.encode_to_vec()).expect("it is within its bounds");
        ours.same(&plain);
        assert_eq!(ours.encode_to_vec(), Ok(plain.encode_to_vec()));
    }
}

/// Both refuse, or both see the same; we may also refuse what is too long.
fn agree_on<O, P>(bytes: &[u8], tally: &mut [usize; 3])
where
    O: magpool::wire::Message + Default + Same<P>,
    P: prost::Message + Default,
{
    let mut ours = O::default();
    let peer = P::decode(bytes);
    match ours.decode_from(bytes) {
        Ok(()) => {
            tally[0] += 1;
            let peer = peer.unwrap_or_else(|error| panic!("we take what it does not: {error}"));
            ours.same(&peer);
            let again = P::decode(&ours.encode_to_vec().expect("UTF-8")[..]);
            ours.same(&again.expect("it is well formed"));
        }
        Err(error) => {
            // What only we know: bounds, what must be there, and that a tag has five bytes at most.
            let ours_alone =
                [Cause::TooLong, Cause::TooMany, Cause::WrongLength, Cause::Missing, Cause::BadTag];
            let bound = ours_alone.contains(&error.cause);
            tally[if bound { 2 } else { 1 }] += 1;
            assert!(bound || peer.is_err(), "{error}, but it takes {bytes:02x?}");
            assert!(error.offset <= bytes.len());
            let mut empty = O::default();
            let _ = empty.decode_from(&[]);
            assert_eq!(ours.to_json(), empty.to_json(), "something is left");
        }
    }
}

#[test]
fn damaged_bytes_mean_the_same_or_are_refused() {
    let mut draw = Draw::new();
    let mut tally = [0; 3];
    for _ in 0..ROUNDS * 5 {
        let everything = draw.everything().encode_to_vec();
        let lists = draw.lists().encode_to_vec();
        let large = draw.large().encode_to_vec();
        let (mut a, mut b, mut c) = (everything.clone(), lists.clone(), large.clone());
        draw.damage(&mut a, &lists);
        draw.damage(&mut b, &everything);
        draw.damage(&mut c, &everything);
        agree_on::<kinds::Everything, peer::Everything>(&a, &mut tally);
        agree_on::<kinds::Lists, peer::Lists>(&b, &mut tally);
        agree_on::<LargeMessage, peer::LargeMessage>(&c, &mut tally);
        let noise: Vec<u8> = (0..draw.below(40)).map(|_| draw.next() as u8 & 0x7f).collect();
        agree_on::<kinds::Everything, peer::Everything>(&noise, &mut tally);
        agree_on::<kinds::Lists, peer::Lists>(&noise, &mut tally);
    }
    println!("taken, refused, out of bounds: {tally:?}");
    assert!(tally.iter().all(|&times| times > ROUNDS / 10), "{tally:?} tests little");
}

#[test]
fn messages_are_decoded_into_the_pool() {
    let bytes = peer::Lists { flags: vec![true], ..peer::Lists::default() }.encode_to_vec();
    let live: Vec<_> = (0..8).map(|_| kinds::lists_decode(&bytes).expect("8 fit")).collect();
    assert!(live.iter().all(|lists| lists.flags() == [1]));
    let refused = kinds::lists_decode(&bytes).err();
    assert_eq!(refused, Some(DecodeError::Pool(magpool::Error::Exhausted)));
    drop(live);
    let pool = kinds::lists_pool().expect("it is open");
    for _ in 0..100 {
        let error = kinds::lists_decode(&[0x0a, 2, 1]).expect_err("the bytes end early");
        let DecodeError::Wire(error) = error else { panic!("{error}") };
        assert_eq!((error.cause, error.field, error.offset), (Cause::Truncated, 1, 0));
    }
    assert_eq!(pool.stats().expect("it is open").in_use, 0);
}
