//! The typed face for Rust programs: [`Pool`] and [`Pooled`].

#![allow(unsafe_code, reason = "turns slots into values and back")]

use crate::config::{Config, ABORT_ON_MISUSE, HUGE_PAGES};
use crate::error::Error;
use crate::future::AllocFuture;
use crate::pool::{self, registry, Urgency};
use crate::stats::{Report, Stats};
use crate::wire::{self, DecodeError};
use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::time::Duration;

/// A type of which any bytes of its size are a value, padding included in none:
/// integers, floats and arrays of them, as in generated messages. Lets a pool
/// hand out an object without writing it first.
///
/// # Safety
/// Every initialised bit pattern is a valid value, and the type needs no drop.
pub unsafe trait PlainData: Copy {}

/// A pool of `T`: up to a fixed number of values, allocated and freed by any
/// thread at about the cost of a good `malloc`'s fast path.
///
/// A pool made with [`PoolBuilder::build`] ends when it is dropped, unless somebody
/// opened it by its name meanwhile. One opened with [`PoolBuilder::open`] lives as
/// long as the process (or until C or Dart code destroys it, which must not happen
/// while Rust code uses it), and is shared with all code that uses the same name.
///
/// ```
/// let pool = magpool::Pool::<[u8; 64]>::builder().capacity(2).build()?;
/// let a = pool.alloc([1; 64])?;
/// let b = pool.alloc([2; 64])?;
/// assert_eq!(pool.alloc([3; 64]).unwrap_err(), magpool::Error::Exhausted);
/// std::thread::scope(|threads| {
///     threads.spawn(move || drop(a)); // Any thread may free.
/// });
/// assert!(pool.alloc([3; 64]).is_ok());
/// # drop(b);
/// # Ok::<(), magpool::Error>(())
/// ```
pub struct Pool<T> {
    raw: &'static pool::Pool,
    /// Whether dropping this ends the pool.
    owned: bool,
    holds: PhantomData<T>,
}

// SAFETY: the pool hands values of `T` between threads, as a channel would, and
// shares none of them.
unsafe impl<T: Send> Send for Pool<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Pool<T> {}

/// Settings of a pool; see `pool_config_t` in `pool.h` for the ranges.
#[derive(Debug)]
pub struct PoolBuilder<'a, T> {
    config: Config<'a>,
    holds: PhantomData<fn() -> T>,
}

impl<'a, T> PoolBuilder<'a, T> {
    /// A name, unique among the pools of the process; at most 63 bytes.
    pub fn name(mut self, name: &'a str) -> Self {
        self.config.name = Some(name);
        self
    }

    /// Objects of a new pool. Required.
    pub fn capacity(mut self, objects: usize) -> Self {
        self.config.capacity = objects;
        self
    }

    /// Most objects the pool may grow to; `capacity` if not called.
    pub fn limit(mut self, objects: usize) -> Self {
        self.config.limit = objects;
        self
    }

    /// Objects that only critical allocations may take ([`Pool::alloc_critical`]):
    /// less than the limit. None if not called.
    pub fn reserve(mut self, objects: usize) -> Self {
        self.config.reserve = objects;
        self
    }

    /// Rounds of a magazine; chosen from limit and object size if not called.
    pub fn magazine_rounds(mut self, rounds: u32) -> Self {
        self.config.magazine_rounds = rounds;
        self
    }

    /// Alignment of the objects in bytes, if not that of `T`: a power of two that is
    /// larger. 64 keeps objects of two threads out of one line of the cache.
    pub fn align(mut self, bytes: usize) -> Self {
        self.config.object_align = bytes.max(align_of::<T>());
        self
    }

    /// Print a line and abort on misuse through raw pointers, for debugging.
    pub fn abort_on_misuse(self, abort: bool) -> Self {
        self.flag(ABORT_ON_MISUSE, abort)
    }

    /// Ask the system for huge pages (Linux; 2 MiB on x86-64): fewer misses of the
    /// translation cache in pools of many megabytes, at the price of whole pages as soon as
    /// one slot in them is used. A hint.
    pub fn huge_pages(self, huge: bool) -> Self {
        self.flag(HUGE_PAGES, huge)
    }

    fn flag(mut self, flag: u32, on: bool) -> Self {
        self.config.flags = self.config.flags & !flag | if on { flag } else { 0 };
        self
    }

    /// Makes a pool that ends when it is dropped.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Exists`], [`Error::NoMemory`].
    pub fn build(self) -> Result<Pool<T>, Error> {
        let raw = registry::create(&self.config)?;
        Ok(Pool { raw, owned: true, holds: PhantomData })
    }

    /// Finds the pool of this name, or makes it. Whoever opens a name must mean
    /// the same type by it: only size, alignment and limit can be compared.
    ///
    /// # Errors
    /// As [`PoolBuilder::build`]; [`Error::Exists`] if the pool found has another
    /// shape.
    pub fn open(self) -> Result<Pool<T>, Error> {
        let raw = registry::open(&self.config)?;
        Ok(Pool { raw, owned: false, holds: PhantomData })
    }
}

impl<T> Pool<T> {
    /// Begins the settings of a pool. Its objects have the size and alignment of
    /// `T` (at least 1 byte).
    pub fn builder<'a>() -> PoolBuilder<'a, T> {
        let config = Config {
            object_size: size_of::<T>().max(1),
            object_align: align_of::<T>(),
            ..Config::default()
        };
        PoolBuilder { config, holds: PhantomData }
    }

    /// Puts a value into the pool. Dropping the result drops the value and frees
    /// the object.
    ///
    /// # Errors
    /// [`Error::Exhausted`] if, at some instant of the call, every object was
    /// live; [`Error::NoMemory`]. The value is dropped then; [`Pool::alloc_with`]
    /// makes it only once there is room.
    pub fn alloc(&self, value: T) -> Result<Pooled<'_, T>, Error> {
        self.alloc_with(|| value)
    }

    /// As [`Pool::alloc`], calling `make` once there is room. If it panics the
    /// object is freed.
    ///
    /// # Errors
    /// As [`Pool::alloc`].
    pub fn alloc_with(&self, make: impl FnOnce() -> T) -> Result<Pooled<'_, T>, Error> {
        let room = Room { object: self.take()?, pool: self };
        Ok(room.fill(make))
    }

    /// As [`Pool::alloc_with`], waiting up to `timeout` for an object to be freed if
    /// the pool is exhausted. Threads are served in the order they came.
    ///
    /// ```
    /// use std::time::Duration;
    /// let pool = magpool::Pool::<u64>::builder().capacity(1).build()?;
    /// let first = pool.alloc(1)?;
    /// let refused = pool.alloc_timeout(|| 2, Duration::from_millis(1));
    /// assert_eq!(refused.unwrap_err(), magpool::Error::Timeout);
    /// std::thread::scope(|threads| {
    ///     let waiter = threads.spawn(|| *pool.alloc_timeout(|| 3, Duration::MAX).unwrap());
    ///     drop(first);
    ///     assert_eq!(waiter.join().unwrap(), 3);
    /// });
    /// # Ok::<(), magpool::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Timeout`]; [`Error::NoMemory`]; [`Error::Destroyed`] if the pool's
    /// maker ends it meanwhile.
    pub fn alloc_timeout(
        &self,
        make: impl FnOnce() -> T,
        timeout: Duration,
    ) -> Result<Pooled<'_, T>, Error> {
        let address = self.raw.alloc_timed(Urgency::Ordinary, Some(timeout))?;
        Ok(self.room_at(address)?.fill(make))
    }

    /// As [`Pool::alloc_timeout`], and takes from the reserve when nothing else is left.
    /// `Duration::ZERO` does not wait.
    ///
    /// ```
    /// use std::time::Duration;
    /// let pool = magpool::Pool::<u64>::builder().capacity(3).reserve(1).build()?;
    /// let (a, b) = (pool.alloc(1)?, pool.alloc(2)?);
    /// assert_eq!(pool.alloc(3).unwrap_err(), magpool::Error::Exhausted);
    /// let last = pool.alloc_critical(|| 3, Duration::ZERO)?;
    /// drop(a); // Fills the reserve again.
    /// assert!(pool.alloc(4).is_err());
    /// # drop((b, last));
    /// # Ok::<(), magpool::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Pool::alloc_timeout`].
    pub fn alloc_critical(
        &self,
        make: impl FnOnce() -> T,
        timeout: Duration,
    ) -> Result<Pooled<'_, T>, Error> {
        let address = self.raw.alloc_timed(Urgency::Critical, Some(timeout))?;
        Ok(self.room_at(address)?.fill(make))
    }

    /// As [`Pool::alloc_with`] for asynchronous code: the future is ready when there is an
    /// object, and whoever frees one wakes it. First come first served, together with
    /// the threads that wait. Dropping the future gives its place up.
    ///
    /// # Errors
    /// [`Error::NoMemory`]; [`Error::Destroyed`] if the pool's maker ends it meanwhile.
    pub fn alloc_async<F: FnOnce() -> T>(&self, make: F) -> AllocFuture<'_, T, F> {
        AllocFuture::new(self, make)
    }

    pub(crate) fn raw(&self) -> &'static pool::Pool {
        self.raw
    }

    /// The object at an address that [`Pool::raw`] allocated.
    pub(crate) fn room_at(&self, address: usize) -> Result<Room<'_, T>, Error> {
        Ok(Room { object: object(address)?, pool: self })
    }

    /// An object with whatever value its memory holds: no bytes are written. (A
    /// page fresh from the system reads as zero, and a freed object keeps most of
    /// its bytes. A pool shared by name must hold plain data in all its users' eyes.)
    ///
    /// # Errors
    /// As [`Pool::alloc`].
    pub fn alloc_reused(&self) -> Result<Pooled<'_, T>, Error>
    where
        T: PlainData,
    {
        Ok(Pooled { object: self.take()?, pool: self })
    }

    /// A message made of bytes in protobuf's wire format, in an object of this pool and
    /// nowhere else. What the bytes do not fill holds whatever it held, also where the schema
    /// wants zeros: for that there is the `..._decode` of the generated code.
    ///
    /// # Errors
    /// As [`Pool::alloc`], or what is wrong with the bytes; nothing stays allocated then.
    pub fn decode(&self, bytes: &[u8]) -> Result<Pooled<'_, T>, DecodeError>
    where
        T: PlainData + wire::Message,
    {
        let mut message = self.alloc_reused().map_err(DecodeError::Pool)?;
        message.decode_from(bytes).map_err(DecodeError::Wire)?;
        Ok(message)
    }

    #[inline]
    fn take(&self) -> Result<NonNull<T>, Error> {
        object(self.raw.alloc()?)
    }

    /// # Safety
    /// The object came from `take`, holds no value any more, and is not used again.
    #[inline]
    unsafe fn give_back(&self, object: NonNull<T>) {
        let freed = self.raw.free(object.as_ptr().addr());
        debug_assert!(freed.is_ok(), "{freed:?}");
    }

    /// Turns a raw pointer from [`Pooled::into_raw`], or one that C or Dart code
    /// allocated from the pool of this name, into a value that frees itself.
    ///
    /// # Safety
    /// `object` is a live object of this pool, holds a `T`, and is nobody else's.
    pub unsafe fn adopt(&self, object: NonNull<T>) -> Pooled<'_, T> {
        Pooled { object, pool: self }
    }

    /// Figures at one instant; see `pool_get_stats` in `pool.h` for the cost.
    ///
    /// # Errors
    /// [`Error::Destroyed`] if a pool opened by name was ended by its maker.
    pub fn stats(&self) -> Result<Stats, Error> {
        self.raw.stats()
    }

    /// Where every slot is; see `pool_check` in `pool.h`.
    ///
    /// # Errors
    /// [`Error::NoMemory`]; [`Error::Destroyed`]. Damage is no error here:
    /// ask [`Report::is_clean`].
    pub fn check(&self) -> Result<Report, Error> {
        self.raw.check()
    }

    /// Gives the calling thread's cached slots back to the depot.
    ///
    /// # Errors
    /// [`Error::Destroyed`].
    pub fn flush_thread(&self) -> Result<(), Error> {
        self.raw.flush_thread()
    }

    /// Gives wholly free pages back to the system.
    ///
    /// # Errors
    /// [`Error::NoMemory`]; [`Error::Destroyed`].
    pub fn trim(&self) -> Result<(), Error> {
        self.raw.trim()
    }
}

impl<T> Drop for Pool<T> {
    fn drop(&mut self) {
        if self.owned {
            registry::abandon(self.raw);
        }
    }
}

impl<T> fmt::Debug for Pool<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape = self.raw.shape();
        f.debug_struct("Pool").field("shape", &shape).finish_non_exhaustive()
    }
}

/// An object at its address, which is never 0.
#[inline]
fn object<T>(address: usize) -> Result<NonNull<T>, Error> {
    NonNull::new(std::ptr::with_exposed_provenance_mut(address)).ok_or(Error::NoMemory)
}

/// An object without a value yet; frees it if making the value panics.
pub(crate) struct Room<'p, T> {
    object: NonNull<T>,
    pool: &'p Pool<T>,
}

impl<'p, T> Room<'p, T> {
    pub(crate) fn fill(self, make: impl FnOnce() -> T) -> Pooled<'p, T> {
        // SAFETY: the object is this call's alone, aligned and large enough.
        unsafe { self.object.write(make()) };
        let full = Pooled { object: self.object, pool: self.pool };
        std::mem::forget(self);
        full
    }
}

impl<T> Drop for Room<'_, T> {
    fn drop(&mut self) {
        // SAFETY: no value was written, and this is the only owner.
        unsafe { self.pool.give_back(self.object) };
    }
}

/// A value in a pool. Dropping it drops the value and frees the object, on
/// whatever thread that happens.
pub struct Pooled<'p, T> {
    object: NonNull<T>,
    pool: &'p Pool<T>,
}

// SAFETY: it owns its value, as a Box does; the pool may be used by any thread.
unsafe impl<T: Send> Send for Pooled<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Pooled<'_, T> {}

impl<T> Pooled<'_, T> {
    /// Gives the object up without freeing it: to C or Dart code, which frees it
    /// with `pool_free`, or for [`Pool::adopt`]. The value is not dropped.
    pub fn into_raw(self) -> NonNull<T> {
        ManuallyDrop::new(self).object
    }
}

impl<T> Deref for Pooled<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the object is live, holds a value, and is this owner's alone.
        unsafe { self.object.as_ref() }
    }
}

impl<T> DerefMut for Pooled<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`.
        unsafe { self.object.as_mut() }
    }
}

impl<T> Drop for Pooled<'_, T> {
    fn drop(&mut self) {
        // Frees also if the value's drop panics.
        let _room = Room { object: self.object, pool: self.pool };
        // SAFETY: the value is live, and not used after this.
        unsafe { self.object.drop_in_place() };
    }
}

impl<T: fmt::Debug> fmt::Debug for Pooled<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
