//! lockfree-object-pool: its `LinearObjectPool`, the one that its documentation measures as
//! the fastest. It has no limit and grows by pages of 32, which it searches from the first.

use super::block::Block;
use super::leaked::Leaked;
use crate::peer::{Kind, Local, Peer, Setup};
use ::lockfree_object_pool::{LinearObjectPool, LinearReusable};
use std::sync::atomic::{AtomicI64, Ordering};

pub(crate) struct LockfreeObjectPool {
    pool: Leaked<Counted>,
}

/// The pool and how many of its objects are out: it does not tell itself.
struct Counted {
    pool: LinearObjectPool<Block>,
    live: AtomicI64,
}

impl Peer for LockfreeObjectPool {
    const NAME: &'static str = "lockfree-object-pool";
    const KIND: Kind = Kind::Crate;
    const BOUNDED: bool = false;

    type Object = LinearReusable<'static, Block>;
    type Local<'a> = Thread;

    fn version() -> String {
        "0.1.6".to_owned()
    }

    fn create(setup: &Setup) -> Result<Self, String> {
        let bytes = setup.object_bytes;
        let pool = LinearObjectPool::new(move || Block::new(bytes), |_| {});
        let counted = Counted { pool, live: AtomicI64::new(0) };
        // ORDERING: threads were joined before their peer is dropped.
        let is_whole = |counted: &Counted| counted.live.load(Ordering::Relaxed) == 0;
        Ok(Self { pool: Leaked::new(counted, is_whole) })
    }

    fn local(&self) -> Thread {
        Thread { counted: self.pool.get(), live: 0 }
    }
}

pub(crate) struct Thread {
    counted: &'static Counted,
    /// What this thread took less what it gave back.
    live: i64,
}

impl Local for Thread {
    type Object = LinearReusable<'static, Block>;

    fn alloc(&mut self) -> Option<Self::Object> {
        self.live += 1;
        Some(self.counted.pool.pull())
    }

    fn free(&mut self, object: Self::Object) {
        self.live -= 1;
        drop(object);
    }

    fn bytes(object: &mut Self::Object) -> *mut u8 {
        object.address().as_ptr()
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // ORDERING: only a sum; threads are joined before it is read.
        self.counted.live.fetch_add(self.live, Ordering::Relaxed);
    }
}
