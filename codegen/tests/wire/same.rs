//! Equality of our messages and the peer's, field by field through the accessors.

use crate::{kinds, peer};
use magpool::generated::concurrent::LargeMessage;

/// Fails unless all fields are equal.
pub(crate) trait Same<P> {
    fn same(&self, peer: &P);
}

impl Same<peer::Deep> for kinds::InnerDeep {
    fn same(&self, peer: &peer::Deep) {
        assert_eq!((self.value, self.color), (peer.value, peer.color));
    }
}

impl Same<peer::Inner> for kinds::Inner {
    fn same(&self, peer: &peer::Inner) {
        assert_eq!((self.first(), self.last()), (peer.first, peer.last));
        both(self.deep(), peer.deep.as_ref());
    }
}

fn both<O: Same<P>, P>(ours: Option<&O>, peer: Option<&P>) {
    assert_eq!(ours.is_some(), peer.is_some());
    ours.zip(peer).into_iter().for_each(|(ours, peer)| ours.same(peer));
}

impl Same<peer::Words> for kinds::Words {
    fn same(&self, peer: &peer::Words) {
        assert_eq!(
            (self.int, self.address, self.hash_code),
            (peer.int, peer.address, peer.hash_code)
        );
        assert_eq!((self.camel_case, self.self_), (peer.camel_case, peer.self_));
        assert_eq!((self.errno, self.complex), (peer.errno, peer.complex));
        assert_eq!(self.default_, peer.default);
        assert_eq!(self.type_(), peer.r#type.as_bytes());
        assert_eq!(self.class(), peer.class);
    }
}

impl Same<peer::Everything> for kinds::Everything {
    fn same(&self, peer: &peer::Everything) {
        assert_eq!((self.flag(), self.small, self.zigzag), (peer.flag, peer.small, peer.zigzag));
        assert_eq!((self.fixed_signed, self.count), (peer.fixed_signed, peer.count));
        assert_eq!((self.fixed, self.big), (peer.fixed, peer.big));
        assert_eq!(self.big_zigzag, peer.big_zigzag);
        assert_eq!(self.big_fixed_signed, peer.big_fixed_signed);
        assert_eq!((self.huge, self.huge_fixed), (peer.huge, peer.huge_fixed));
        // The peer leaves -0.0 out.
        let zero = |bits: u64| if bits == 1 << 63 { 0 } else { bits };
        assert_eq!(zero(self.wide_float.to_bits()), zero(peer.wide_float.to_bits()));
        let zero = |bits: u32| if bits == 1 << 31 { 0 } else { bits };
        assert_eq!(zero(self.narrow_float.to_bits()), zero(peer.narrow_float.to_bits()));
        assert_eq!((self.color, self.text()), (peer.color, peer.text.as_bytes()));
        assert_eq!(self.blob(), peer.blob);
        both(self.child(), peer.child.as_ref());
        both(self.deep(), peer.deep.as_ref());
        both(self.words(), peer.words.as_ref());
    }
}

impl Same<peer::Lists> for kinds::Lists {
    fn same(&self, peer: &peer::Lists) {
        assert_eq!(self.flags().iter().map(|&flag| flag != 0).collect::<Vec<_>>(), peer.flags);
        assert_eq!((self.numbers(), self.huge()), (&peer.numbers[..], &peer.huge[..]));
        let bits = |floats: &[f64]| floats.iter().map(|f| f.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(self.floats()), bits(&peer.floats));
        let bits = |floats: &[f32]| floats.iter().map(|f| f.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(self.narrow_floats()), bits(&peer.narrow_floats));
        assert_eq!(self.colors(), peer.colors);
        assert!(self.texts_iter().eq(peer.texts.iter().map(String::as_bytes)));
        assert!(self.blobs_iter().eq(peer.blobs.iter().map(Vec::as_slice)));
        assert_eq!(self.children().len(), peer.children.len());
        self.children().iter().zip(&peer.children).for_each(|(ours, peer)| ours.same(peer));
    }
}

impl Same<peer::LargeMessage> for LargeMessage {
    fn same(&self, peer: &peer::LargeMessage) {
        assert_eq!((self.id, self.title()), (peer.id, peer.title.as_bytes()));
        assert_eq!(self.description(), peer.description.as_bytes());
        assert_eq!(self.payload(), peer.payload);
        assert_eq!(self.children().len(), peer.children.len());
        for (ours, peer) in self.children().iter().zip(&peer.children) {
            assert_eq!((ours.id, ours.name()), (peer.id, peer.name.as_bytes()));
        }
        assert!(self.keywords_iter().eq(peer.keywords.iter().map(String::as_bytes)));
        assert_eq!(self.timestamps(), peer.timestamps);
    }
}
