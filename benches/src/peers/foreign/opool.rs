//! opool: filled in advance, so that `try_get` has every object and keeps the limit. Its
//! documentation advises borrowed guards over counted ones.

use super::block::Block;
use super::leaked::Leaked;
use crate::peer::{Kind, Local, Peer, Setup};
use ::opool::{Pool, PoolAllocator, RefGuard};

pub(crate) struct Opool {
    pool: Leaked<Pool<Blocks, Block>>,
}

/// Makes the objects.
pub(crate) struct Blocks {
    bytes: usize,
}

impl PoolAllocator<Block> for Blocks {
    fn allocate(&self) -> Block {
        Block::new(self.bytes)
    }
}

impl Peer for Opool {
    const NAME: &'static str = "opool";
    const KIND: Kind = Kind::Crate;
    const BOUNDED: bool = true;

    type Object = RefGuard<'static, Blocks, Block>;
    type Local<'a> = Thread;

    fn version() -> String {
        "0.2.0".to_owned()
    }

    fn create(setup: &Setup) -> Result<Self, String> {
        let pool = Pool::new_prefilled(setup.capacity, Blocks { bytes: setup.object_bytes });
        Ok(Self { pool: Leaked::new(pool, |pool| pool.len() == pool.capacity()) })
    }

    fn local(&self) -> Thread {
        Thread(self.pool.get())
    }
}

pub(crate) struct Thread(&'static Pool<Blocks, Block>);

impl Local for Thread {
    type Object = RefGuard<'static, Blocks, Block>;

    fn alloc(&mut self) -> Option<Self::Object> {
        self.0.try_get()
    }

    fn free(&mut self, object: Self::Object) {
        drop(object);
    }

    fn bytes(object: &mut Self::Object) -> *mut u8 {
        object.address().as_ptr()
    }
}
