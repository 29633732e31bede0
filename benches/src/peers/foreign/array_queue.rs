//! crossbeam's `ArrayQueue` as a free list: as long as the pool is large, filled in advance.

use super::block::Block;
use crate::peer::{Kind, Local, Peer, Setup};
use crossbeam_queue::ArrayQueue;

pub(crate) struct FreeQueue {
    free: ArrayQueue<Block>,
}

impl Peer for FreeQueue {
    const NAME: &'static str = "ArrayQueue";
    const KIND: Kind = Kind::Crate;
    const BOUNDED: bool = true;

    type Object = Block;
    type Local<'a> = Thread<'a>;

    fn version() -> String {
        "0.3.14".to_owned()
    }

    fn create(setup: &Setup) -> Result<Self, String> {
        let free = ArrayQueue::new(setup.capacity);
        for _ in 0..setup.capacity {
            let _ = free.push(Block::new(setup.object_bytes));
        }
        Ok(Self { free })
    }

    fn local(&self) -> Thread<'_> {
        Thread(&self.free)
    }
}

pub(crate) struct Thread<'a>(&'a ArrayQueue<Block>);

impl Local for Thread<'_> {
    type Object = Block;

    fn alloc(&mut self) -> Option<Block> {
        self.0.pop()
    }

    fn free(&mut self, object: Block) {
        // It has room for all that it had.
        let _ = self.0.push(object);
    }

    fn bytes(object: &mut Block) -> *mut u8 {
        object.address().as_ptr()
    }
}
