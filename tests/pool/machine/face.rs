//! The typed face of a pool whose objects have the size of one of a few types, behind
//! one trait.

use super::model::Model;
use super::steps::How;
use magpool::{Error, Pool};
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Duration;

pub(super) trait Face: Send + Sync {
    /// An object's address.
    fn alloc(&self, how: How, token: u64) -> Result<usize, Error>;

    /// # Safety
    /// A live object of the pool, which its owner gives up.
    unsafe fn free(&self, address: usize);
}

impl<const WORDS: usize> Face for Pool<[u64; WORDS]> {
    fn alloc(&self, how: How, token: u64) -> Result<usize, Error> {
        let value = [token; WORDS];
        let object = match how {
            How::TypedTimed => self.alloc_timeout(|| value, Duration::ZERO),
            How::TypedCritical => self.alloc_critical(|| value, Duration::ZERO),
            _ => self.alloc(value),
        };
        object.map(|object| object.into_raw().as_ptr().expose_provenance())
    }

    unsafe fn free(&self, address: usize) {
        let object = std::ptr::with_exposed_provenance_mut(address);
        // SAFETY: the caller's promise; any bytes are a value.
        drop(unsafe { self.adopt(NonNull::new(object).expect("no object is at 0")) });
    }
}

/// The typed face of the pool of this name, if there is one for its objects.
pub(super) fn of(name: &str, model: &Model) -> Option<Arc<dyn Face>> {
    fn open<const WORDS: usize>(name: &str, limit: usize) -> Arc<dyn Face> {
        let builder = Pool::<[u64; WORDS]>::builder().name(name).capacity(1).limit(limit);
        Arc::new(builder.open().expect("there is such a pool"))
    }
    let limit = model.limit;
    match model.shape.size {
        _ if model.align < align_of::<u64>() => None,
        8 => Some(open::<1>(name, limit)),
        24 => Some(open::<3>(name, limit)),
        64 => Some(open::<8>(name, limit)),
        512 => Some(open::<64>(name, limit)),
        _ => None,
    }
}
