//! The pool under a model checker (`ci/models.sh`): the real code of caches, depot,
//! shards and waiters, on the stand-ins of `sync::model`. Pools are tiny, a magazine
//! holds one round, and a thread gets a cache at its first visit, so that few steps
//! lead everywhere. Loom explores each model, up to a number of preemptions and with
//! what weak memory may show; shuttle runs the same models, and longer ones.
//!
//! Each fault of [`Bug`](crate::sync::Bug) is planted in turn, and a model named in
//! [`planted`] must fail.

mod depot;
mod ending;
mod exhaustion;
mod explicit;
mod later;
mod misuse;
mod planted;
mod revocation;
#[cfg(shuttle)]
mod schedules;
mod waiting;

use super::{Parts, Pool, Urgency};
use crate::cache::NOBODY;
use crate::config::{Config, Shape};
use crate::depot::shard::Shards;
use crate::error::Error;
use crate::sync::model::{begin, blocks, end_thread, spawn};
use crate::sync::Watch;
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

/// A pool and what its users know.
pub(crate) struct World {
    pub(crate) pool: Pool,
    base: usize,
    objects: Vec<Object>,
}

/// A slot as its users see it.
struct Object {
    /// What they write to it, all of it ordered.
    contents: Watch,
    live: Cell<bool>,
}

// SAFETY: reached by fibers of one thread.
unsafe impl Sync for World {}
// SAFETY: as above.
unsafe impl Send for World {}

const STRIDE: usize = 64;

impl World {
    /// A pool of `capacity` objects at this place in threads' tables, with magazines of
    /// one round and two shards.
    fn new(place: u32, capacity: usize) -> World {
        let config =
            Config { object_size: STRIDE, capacity, magazine_rounds: 1, ..Config::default() };
        let shape = Shape::check(&config).unwrap();
        let mut parts = Parts::new(&shape).unwrap();
        parts.shared.shards = Shards::new(2).unwrap();
        let base = parts.span().start;
        let object = |_| Object { contents: Watch::new(), live: Cell::new(false) };
        let objects = (0..capacity).map(object).collect();
        let world = World { pool: Pool::header(place), base, objects };
        world.pool.start(parts);
        world
    }

    fn object(&self, address: usize) -> &Object {
        &self.objects[(address - self.base) / STRIDE]
    }

    /// Notes that an object is the caller's.
    pub(crate) fn receive(&self, address: usize) -> usize {
        let object = self.object(address);
        assert!(!object.live.replace(true), "an object was handed out twice");
        object.contents.touch();
        address
    }

    pub(crate) fn alloc(&self) -> Result<usize, Error> {
        self.pool.alloc().map(|address| self.receive(address))
    }

    pub(crate) fn free(&self, address: usize) -> Result<(), Error> {
        self.part_with(address);
        self.pool.free(address)
    }

    /// Notes that an object is the caller's no more.
    pub(crate) fn part_with(&self, address: usize) {
        let object = self.object(address);
        object.contents.touch();
        assert!(object.live.replace(false));
    }

    fn alloc_and_free(&self) {
        let address = self.alloc().expect("not all objects are live");
        self.free(address).unwrap();
    }

    /// Once all is quiet and free: each slot is in one place and can be had, and no
    /// misuse was seen. Ends the pool.
    pub(crate) fn settle(&self) {
        let report = self.pool.check().unwrap();
        assert!(report.is_clean(), "{report:?}");
        assert_eq!(report.live, 0);
        self.settle_after_misuse(0);
    }

    /// As [`World::settle`] when an object was freed `extra` times too often.
    fn settle_after_misuse(&self, extra: u64) {
        let all: Vec<usize> = std::iter::from_fn(|| self.alloc().ok()).collect();
        assert_eq!(all.len(), self.objects.len(), "objects that can be had");
        all.into_iter().for_each(|address| self.free(address).unwrap());
        let stats = self.pool.stats().unwrap();
        assert_eq!((stats.in_use, stats.lost, stats.misuse_overwritten), (0, 0, 0));
        assert_eq!(stats.misuse_double_free, extra);
        assert!(stats.caches <= 1, "a thread that ended keeps its cache");
        assert_eq!(self.stop(false), Ok(0));
    }

    /// Ends the pool; how many objects were live.
    pub(crate) fn stop(&self, forced: bool) -> Result<u32, Error> {
        self.pool.stop(forced).map(|(live, _)| live)
    }

    /// Waits for an object as long as it takes, or as good as not at all.
    fn wait(&self, timeout: Option<Duration>) -> Result<usize, Error> {
        let got = self.pool.alloc_timed(Urgency::Ordinary, timeout);
        got.map(|address| self.receive(address))
    }

    fn wait_and_free(&self) {
        let address = self.wait(None).unwrap();
        self.free(address).unwrap();
    }
}

/// A thread of the model.
pub(crate) struct Thread<T>(Box<dyn FnOnce() -> T>);

/// Starts a thread of the model.
pub(crate) fn thread<T: Send + 'static>(
    world: &Arc<World>,
    act: impl FnOnce(&World) -> T + Send + 'static,
) -> Thread<T> {
    let world = world.clone();
    let handle = spawn(move || {
        let result = act(&world);
        end_thread();
        result
    });
    Thread(Box::new(|| handle.join().unwrap()))
}

impl<T> Thread<T> {
    pub(crate) fn join(self) -> T {
        (self.0)()
    }
}

/// Loom's preemptions in the short form and in the long one.
pub(crate) type Preemptions = (Most, Most);

/// A bound, if there is one.
pub(crate) type Most = Option<usize>;

/// Explores a model of a pool of `capacity` objects, which ends as `act` leaves it.
pub(crate) fn explore(name: &str, preemptions: Preemptions, capacity: usize, act: fn(&Arc<World>)) {
    explore_bare(name, preemptions, move || {
        let world = Arc::new(World::new(0, capacity));
        act(&world);
        end_thread();
        drop(world);
    });
}

/// Explores a model of anything.
fn explore_bare(name: &str, preemptions: Preemptions, act: impl Fn() + Send + Sync + 'static) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    let how = run(preemptions, move || {
        // ORDERING: a count.
        counter.fetch_add(1, Ordering::Relaxed);
        let nobody = (&raw const NOBODY).addr();
        begin(nobody..nobody + size_of_val(&NOBODY));
        act();
        assert_eq!(blocks(), 0, "blocks of memory that nobody gave back");
    });
    // ORDERING: a count.
    println!("model {name}: {} executions, {how}", count.load(Ordering::Relaxed));
}

/// Whether the long form was asked for.
fn is_long() -> bool {
    std::env::var_os("MAGPOOL_MODELS_LONG").is_some_and(|long| !long.is_empty())
}

#[cfg(loom)]
fn run((short, long): Preemptions, act: impl Fn() + Send + Sync + 'static) -> String {
    let mut builder = ::loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(if is_long() { long } else { short });
    builder.max_branches = 10_000;
    let how = match builder.preemption_bound {
        Some(bound) => format!("all with up to {bound} preemptions"),
        None => "all".to_owned(),
    };
    builder.check(act);
    how
}

#[cfg(shuttle)]
fn run(_: Preemptions, act: impl Fn() + Send + Sync + 'static) -> String {
    schedules::run(act)
}
