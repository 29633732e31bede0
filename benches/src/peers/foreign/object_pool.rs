//! object-pool: a stack under a mutex. Filled in advance as its examples are; `try_pull`
//! keeps the limit, and its guards go back when dropped.

use super::block::Block;
use super::leaked::Leaked;
use crate::peer::{Kind, Local, Peer, Setup};
use ::object_pool::{Pool, Reusable};

pub(crate) struct ObjectPool {
    pool: Leaked<Whole>,
}

/// The pool and how many objects it has when all are back.
struct Whole {
    pool: Pool<Block>,
    capacity: usize,
}

impl Peer for ObjectPool {
    const NAME: &'static str = "object-pool";
    const KIND: Kind = Kind::Crate;
    const BOUNDED: bool = true;

    type Object = Reusable<'static, Block>;
    type Local<'a> = Thread;

    fn version() -> String {
        "0.6.0".to_owned()
    }

    fn create(setup: &Setup) -> Result<Self, String> {
        let capacity = setup.capacity;
        let pool = Pool::new(capacity, || Block::new(setup.object_bytes));
        let is_whole = |whole: &Whole| whole.pool.len() == whole.capacity;
        Ok(Self { pool: Leaked::new(Whole { pool, capacity }, is_whole) })
    }

    fn local(&self) -> Thread {
        Thread(&self.pool.get().pool)
    }
}

pub(crate) struct Thread(&'static Pool<Block>);

impl Local for Thread {
    type Object = Reusable<'static, Block>;

    fn alloc(&mut self) -> Option<Self::Object> {
        self.0.try_pull()
    }

    fn free(&mut self, object: Self::Object) {
        drop(object);
    }

    fn bytes(object: &mut Self::Object) -> *mut u8 {
        object.address().as_ptr()
    }
}
