//! The peers that others wrote, each with the settings that its documentation asks for.
//!
//! Two that one might look for are not here. GLib's GSlice is `malloc` since 2.76. libumem is
//! neither a Debian package nor a crate.

use crate::peer::Visitor;

mod allocator;
mod array_queue;
mod block;
mod boost_pool;
pub(super) mod dpdk;
mod jemalloc;
mod leaked;
mod library;
mod lockfree_object_pool;
mod mimalloc;
mod object_pool;
mod opool;
mod rpmalloc;
mod sharded_slab;
mod shim;
mod snmalloc;
mod tbbmalloc;
mod tcmalloc;

/// Visits them in the order of reports.
pub(super) fn visit_all(visitor: &mut impl Visitor) {
    visitor.visit::<mimalloc::Mimalloc>();
    visitor.visit::<jemalloc::Jemalloc>();
    visitor.visit::<snmalloc::Snmalloc>();
    visitor.visit::<rpmalloc::Rpmalloc>();
    visitor.visit::<tcmalloc::Tcmalloc>();
    visitor.visit::<tbbmalloc::Tbbmalloc>();
    visitor.visit::<dpdk::Dpdk>();
    visitor.visit::<boost_pool::BoostPool>();
    visitor.visit::<sharded_slab::ShardedSlab>();
    visitor.visit::<object_pool::ObjectPool>();
    visitor.visit::<lockfree_object_pool::LockfreeObjectPool>();
    visitor.visit::<opool::Opool>();
    visitor.visit::<array_queue::FreeQueue>();
}
