//! All pools of the process: headers that are never unmapped, names, and which
//! pool an address belongs to.

#![allow(unsafe_code, reason = "headers that live for ever, reached by address")]

use super::later::Ready;
use super::{Parts, Pool};
use crate::config::{Config, Name, Shape};
use crate::error::Error;
use crate::sync::{AtomicBool, Relaxed, RwLock};
use crate::sys::heap;
use std::alloc::Layout;
use std::ops::Range;
use std::sync::RwLockWriteGuard;

struct Entry {
    pool: &'static Pool,
    span: Range<usize>,
    name: Option<Name>,
    /// Whether anybody but its maker has the handle, by the name.
    found: AtomicBool,
}

pub(super) struct Registry {
    /// Pools that are alive, by address of their objects.
    live: Vec<Entry>,
    /// Headers that are no pool now. Has room for every header there is.
    idle: Vec<&'static Pool>,
    /// Headers ever made.
    headers: u32,
}

static REGISTRY: RwLock<Registry> =
    RwLock::new(Registry { live: Vec::new(), idle: Vec::new(), headers: 0 });

impl Registry {
    fn entry(&self, name: &str) -> Option<&Entry> {
        let is_it = |entry: &&Entry| entry.name.as_ref().is_some_and(|n| n.as_str() == name);
        self.live.iter().find(is_it)
    }

    fn is_taken(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    fn named(&self, name: &str) -> Option<&'static Pool> {
        let entry = self.entry(name)?;
        // ORDERING: read under the write lock, after this read lock is given back.
        entry.found.store(true, Relaxed);
        Some(entry.pool)
    }

    fn owner_of(&self, address: usize) -> Option<&'static Pool> {
        let after = self.live.partition_point(|entry| entry.span.start <= address);
        let entry = self.live.get(after.checked_sub(1)?)?;
        entry.span.contains(&address).then_some(entry.pool)
    }

    fn end(&mut self, pool: &'static Pool, forced: bool) -> Result<(u32, Ready), Error> {
        let ended = pool.stop(forced)?;
        self.live.retain(|entry| !std::ptr::eq(entry.pool, pool));
        self.idle.push(pool);
        Ok(ended)
    }

    /// All headers, of pools that are alive and of those that were.
    pub(super) fn headers(&self) -> impl Iterator<Item = &'static Pool> + '_ {
        self.live.iter().map(|entry| entry.pool).chain(self.idle.iter().copied())
    }

    /// A header to bring to life; stays in `idle` until it is used.
    fn idle_header(&mut self) -> Result<&'static Pool, Error> {
        if let Some(&pool) = self.idle.last() {
            return Ok(pool);
        }
        let room = self.headers as usize + 1 - self.idle.len();
        self.idle.try_reserve(room).map_err(|_| Error::NoMemory)?;
        let memory = heap::allocate(Layout::new::<Pool>())?.cast::<Pool>();
        // SAFETY: fresh memory of the right size and alignment, never given back.
        let pool: &'static Pool = unsafe {
            memory.write(Pool::header(self.headers));
            memory.as_ref()
        };
        self.headers += 1;
        self.idle.push(pool);
        Ok(pool)
    }

    fn add(&mut self, shape: &Shape, parts: Parts) -> Result<&'static Pool, Error> {
        self.live.try_reserve(1).map_err(|_| Error::NoMemory)?;
        let pool = self.idle_header()?;
        self.idle.pop();
        let span = parts.span();
        pool.start(parts);
        let at = self.live.partition_point(|entry| entry.span.start < span.start);
        self.live.insert(at, Entry { pool, span, name: shape.name, found: AtomicBool::new(false) });
        Ok(pool)
    }
}

/// The registry's lock, for a fork.
pub(super) fn lock() -> RwLockWriteGuard<'static, Registry> {
    REGISTRY.write()
}

/// Makes a pool.
pub(crate) fn create(config: &Config<'_>) -> Result<&'static Pool, Error> {
    let shape = Shape::check(config)?;
    let parts = Parts::new(&shape)?;
    let mut pools = REGISTRY.write();
    match config.name {
        Some(name) if pools.is_taken(name) => Err(Error::Exists),
        _ => pools.add(&shape, parts),
    }
}

/// Finds the pool of that name and shape, or makes it.
pub(crate) fn open(config: &Config<'_>) -> Result<&'static Pool, Error> {
    let name = config.name.ok_or(Error::Invalid)?;
    let shape = Shape::check(config)?;
    loop {
        // A pool found may end, and a name may be taken, meanwhile: look again.
        match find(name).and_then(|pool| Ok((pool, pool.shape()?))) {
            Ok((_, found)) if found.name != shape.name => {}
            Ok((pool, found)) if found.serves(&shape) => return Ok(pool),
            Ok(_) => return Err(Error::Exists),
            Err(_) => match create(config) {
                Err(Error::Exists) => {}
                made => return made,
            },
        }
    }
}

/// The pool of that name.
pub(crate) fn find(name: &str) -> Result<&'static Pool, Error> {
    REGISTRY.read().named(name).ok_or(Error::NotFound)
}

/// Shows `see` every pool; returns how many there are.
pub(crate) fn list(mut see: impl FnMut(usize, &'static Pool)) -> usize {
    let pools = REGISTRY.read();
    pools.live.iter().enumerate().for_each(|(at, entry)| see(at, entry.pool));
    pools.live.len()
}

/// Ends a pool whose maker lets go of it, unless others found it by its name: they
/// cannot be asked.
pub(crate) fn abandon(pool: &'static Pool) {
    // ORDERING: see `named`.
    let found = |entry: &Entry| std::ptr::eq(entry.pool, pool) && entry.found.load(Relaxed);
    let mut pools = REGISTRY.write();
    if !pools.live.iter().any(found) {
        // Whatever is live was leaked on purpose, or given to C code, whose promise
        // it was to free it first. The pool may have been ended by hand: then it
        // stays so.
        let ended = pools.end(pool, true);
        drop(pools);
        drop(ended);
    }
}

/// Ends a pool; returns how many objects were live.
pub(crate) fn destroy(pool: &'static Pool, forced: bool) -> Result<u32, Error> {
    let (live, ready) = REGISTRY.write().end(pool, forced)?;
    // The registry's lock is given up: whoever is told may use pools.
    drop(ready);
    Ok(live)
}

/// The pool among whose slots the address lies.
pub(crate) fn owner_of(address: usize) -> Option<&'static Pool> {
    REGISTRY.read().owner_of(address)
}

/// Frees an object to the pool it belongs to.
pub(crate) fn release(address: usize) -> Result<(), Error> {
    let pools = REGISTRY.read();
    let pool = pools.owner_of(address).ok_or(Error::Foreign)?;
    // Under the registry's lock, so that the pool does not end in between.
    let at = pool.lock()?;
    drop(pools);
    pool.release(at, address)
}

/// The header at an address that a cache or a handle holds.
pub(crate) fn header_at(address: usize) -> Option<&'static Pool> {
    let header = std::ptr::with_exposed_provenance::<Pool>(address);
    // SAFETY: such an address is 0 or a header's, and headers live for ever.
    unsafe { header.as_ref() }
}

impl Pool {
    /// The address by which handles and caches know this header.
    #[inline(always)]
    pub(crate) fn address(&self) -> usize {
        std::ptr::from_ref(self).expose_provenance()
    }
}
