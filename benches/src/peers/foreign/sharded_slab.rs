//! sharded-slab: its `Pool`, the type it has for storage that is used again, with its
//! default configuration. Objects are made when a slot is first used; a key stands for one.

use super::block::Block;
use crate::peer::{Kind, Local, Peer, Pointer, Setup};
use ::sharded_slab::{Clear, Pool};

pub(crate) struct ShardedSlab {
    pool: Pool<Slot>,
    bytes: usize,
}

/// Keeps its bytes when it is cleared.
#[derive(Default)]
struct Slot(Block);

impl Clear for Slot {
    fn clear(&mut self) {}
}

/// The key, and where the bytes are.
pub(crate) struct Keyed {
    key: usize,
    bytes: Pointer,
}

impl Peer for ShardedSlab {
    const NAME: &'static str = "sharded-slab";
    const KIND: Kind = Kind::Crate;
    const BOUNDED: bool = false;

    type Object = Keyed;
    type Local<'a> = Thread<'a>;

    fn version() -> String {
        "0.1.7".to_owned()
    }

    fn create(setup: &Setup) -> Result<Self, String> {
        Ok(Self { pool: Pool::new(), bytes: setup.object_bytes })
    }

    fn local(&self) -> Thread<'_> {
        Thread(self)
    }
}

pub(crate) struct Thread<'a>(&'a ShardedSlab);

impl Local for Thread<'_> {
    type Object = Keyed;

    fn alloc(&mut self) -> Option<Keyed> {
        let mut slot = self.0.pool.create()?;
        if slot.0.is_empty() {
            slot.0 = Block::new(self.0.bytes);
        }
        Some(Keyed { key: slot.key(), bytes: Pointer(slot.0.address()) })
    }

    fn free(&mut self, object: Keyed) {
        self.0.pool.clear(object.key);
    }

    fn bytes(object: &mut Keyed) -> *mut u8 {
        object.bytes.0.as_ptr()
    }
}
