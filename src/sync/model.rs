//! A model checker in place of the machine: loom, which also explores what weak
//! memory may show, or shuttle, which runs longer programs in random orders.
//!
//! The checker runs a model many times, each an *execution*. The threads of an
//! execution are fibers of one thread of the system, which may be switched at every
//! operation of this file, and nowhere else. Statics outlive executions; the
//! checker's atomics do not, and have no constant constructors. So an [`AtomicU64`]
//! here is a place that takes one of the checker's atomics when first used. Those are
//! made when the execution begins ([`begin`]), before any thread that might use them.

#![allow(unsafe_code, reason = "threads of a model are fibers of one thread")]
#![cfg_attr(not(test), allow(dead_code, unused_imports, reason = "the models are tests"))]

#[cfg(loom)]
use ::loom as checker;
#[cfg(shuttle)]
use ::shuttle as checker;

use super::{Bug, Relaxed, SeqCst};
use checker::sync::atomic::AtomicU64 as Word;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock, PoisonError, TryLockError};

pub(crate) use checker::sync::atomic::fence;
pub(crate) use checker::thread::{spawn, yield_now};

/// Whether a model checker runs this.
pub(crate) const MODELLED: bool = true;

/// Atomics made before an execution begins. Shuttle's may be made when they are needed.
const WORDS: usize = if cfg!(loom) { 64 } else { 0 };
/// Threads an execution may have, one after the other.
const THREADS: usize = 8;

/// What belongs to one execution.
#[derive(Default)]
struct Execution {
    number: u64,
    words: Vec<Rc<Word>>,
    slots: HashMap<usize, Box<AtomicU64>>,
    threads: [bool; THREADS],
    blocks: isize,
    unfollowed: Range<usize>,
    sleepers: Option<Rc<futex::Sleepers>>,
}

std::thread_local! {
    static EXECUTION: RefCell<Execution> = RefCell::default();
}

/// Begins an execution. The atomics at these addresses are not followed: all may
/// write them, and nothing comes of it.
pub(crate) fn begin(unfollowed: Range<usize>) {
    EXECUTION.with_borrow_mut(|execution| {
        *execution = Execution {
            number: execution.number + 1,
            words: (0..WORDS).map(|_| Rc::new(Word::new(0))).collect(),
            unfollowed,
            sleepers: Some(Rc::default()),
            ..Execution::default()
        };
    });
}

/// Blocks of memory that were not given back yet.
pub(crate) fn blocks() -> isize {
    EXECUTION.with_borrow(|execution| execution.blocks)
}

/// Notes memory taken or given back.
pub(crate) fn note_memory(blocks: isize) {
    EXECUTION.with_borrow_mut(|execution| execution.blocks += blocks);
}

// ---- atomics ------------------------------------------------------------------

/// A place for one of the execution's words, which all begin as 0: it holds the
/// difference to the initial value.
#[derive(Debug)]
struct Place {
    initial: u64,
    word: RefCell<Option<(u64, Rc<Word>)>>,
}

// SAFETY: reached by fibers of one thread, and no borrow lasts over a switch. Statics
// that several threads of the system reach are not followed.
unsafe impl Sync for Place {}
// SAFETY: as above.
unsafe impl Send for Place {}

impl Place {
    const fn new(initial: u64) -> Place {
        Place { initial, word: RefCell::new(None) }
    }

    /// The checker's word, or none if this place is not followed.
    fn word(&self) -> Option<Rc<Word>> {
        EXECUTION.with_borrow_mut(|execution| {
            if execution.unfollowed.contains(&std::ptr::from_ref(self).addr()) {
                return None;
            }
            let mut place = self.word.borrow_mut();
            match &*place {
                Some((number, word)) if *number == execution.number => Some(word.clone()),
                _ => {
                    let word = execution.words.pop().unwrap_or_else(|| {
                        if cfg!(loom) {
                            panic!("a model with more than WORDS atomics");
                        }
                        Rc::new(Word::new(0))
                    });
                    *place = Some((execution.number, word.clone()));
                    Some(word)
                }
            }
        })
    }

    fn load(&self, order: Ordering) -> u64 {
        self.initial ^ self.word().map_or(0, |word| word.load(order))
    }

    fn store(&self, value: u64, order: Ordering) {
        if let Some(word) = self.word() {
            word.store(self.initial ^ value, order);
        }
    }

    fn compare_exchange(
        &self,
        from: u64,
        to: u64,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        let word = self.word().expect("followed");
        let raw = |value| self.initial ^ value;
        word.compare_exchange(raw(from), raw(to), success, failure).map(raw).map_err(raw)
    }

    /// Replaces the value in one step; returns the old one.
    fn update(&self, order: Ordering, change: impl Fn(u64) -> u64) -> u64 {
        // ORDERING: the exchange orders.
        let mut old = self.load(Relaxed);
        loop {
            // ORDERING: a failure tries again.
            match self.compare_exchange(old, change(old), order, Relaxed) {
                Ok(old) => return old,
                Err(other) => old = other,
            }
        }
    }
}

macro_rules! atomic {
    ($name:ident, $type:ty, $from:expr) => {
        #[derive(Debug)]
        pub(crate) struct $name(Place);

        #[allow(dead_code, reason = "as std has them")]
        impl $name {
            pub(crate) const fn new(value: $type) -> $name {
                $name(Place::new(value as u64))
            }

            pub(crate) fn load(&self, order: Ordering) -> $type {
                $from(self.0.load(order))
            }

            pub(crate) fn store(&self, value: $type, order: Ordering) {
                self.0.store(value as u64, order);
            }

            pub(crate) fn swap(&self, value: $type, order: Ordering) -> $type {
                $from(self.0.update(order, |_| value as u64))
            }

            pub(crate) fn compare_exchange(
                &self,
                from: $type,
                to: $type,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$type, $type> {
                let done = self.0.compare_exchange(from as u64, to as u64, success, failure);
                done.map($from).map_err($from)
            }

            pub(crate) fn fetch_add(&self, value: $type, order: Ordering) -> $type {
                $from(self.0.update(order, |old| $from(old.wrapping_add(value as u64)) as u64))
            }

            pub(crate) fn fetch_sub(&self, value: $type, order: Ordering) -> $type {
                $from(self.0.update(order, |old| $from(old.wrapping_sub(value as u64)) as u64))
            }
        }
    };
}

atomic!(AtomicBool, bool, |value: u64| value != 0);
atomic!(AtomicU32, u32, |value: u64| value as u32);
atomic!(AtomicU64, u64, |value: u64| value);
atomic!(AtomicUsize, usize, |value: u64| value as usize);

/// The first word of the slot at an address: the checker's, not the memory's.
///
/// # Safety
/// The reference is not used after the execution.
pub(crate) unsafe fn slot_word<'a>(address: usize) -> &'a AtomicU64 {
    EXECUTION.with_borrow_mut(|execution| {
        let word = execution.slots.entry(address).or_insert_with(|| Box::new(AtomicU64::new(0)));
        // SAFETY: boxed, and dropped when the next execution begins.
        unsafe { &*std::ptr::from_ref::<AtomicU64>(word) }
    })
}

/// As strong as the asymmetric barrier makes it: a full fence. (It is one only while
/// a heavy barrier is on its way.)
pub(crate) fn light_fence() {
    // ORDERING: see sys::barrier.
    fence(SeqCst);
}

// ---- locks --------------------------------------------------------------------

#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(checker::sync::Mutex<T>);

/// A held [`Mutex`].
pub(crate) type PoolGuard<'a, T> = checker::sync::MutexGuard<'a, T>;

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Mutex<T> {
        Mutex(checker::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> PoolGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn try_lock(&self) -> Option<PoolGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

/// Stands in for the system's futexes: one queue for all addresses, so that every wake
/// wakes all, which is allowed.
pub(crate) mod futex {
    use super::super::{AtomicU32, Relaxed};
    use super::{checker, yield_now, EXECUTION};
    use std::rc::Rc;
    use std::sync::PoisonError;
    use std::time::Duration;

    #[derive(Default)]
    pub(crate) struct Sleepers(checker::sync::Mutex<()>, checker::sync::Condvar);

    /// Returns when woken, when the word is not `expected`, or early. A time to sleep
    /// for is over at once.
    pub(crate) fn sleep(word: &AtomicU32, expected: u32, most: Option<Duration>) {
        let Sleepers(lock, woken) = &*sleepers();
        let held = lock.lock().unwrap_or_else(PoisonError::into_inner);
        // ORDERING: the lock orders it with `wake`.
        if most.is_some() {
            drop(held);
            yield_now();
        } else if word.load(Relaxed) == expected {
            drop(woken.wait(held));
        }
    }

    pub(crate) fn wake(_word: *const AtomicU32) {
        let Sleepers(lock, woken) = &*sleepers();
        let held = lock.lock();
        woken.notify_all();
        drop(held);
    }

    fn sleepers() -> Rc<Sleepers> {
        EXECUTION.with_borrow(|execution| execution.sleepers.clone().expect("begun"))
    }
}

// ---- what has one user at a time ------------------------------------------------

/// Tells loom of each use: it fails when one is not ordered after the last.
#[derive(Debug)]
pub(crate) struct Watch(#[cfg(loom)] RefCell<Option<(u64, Watched)>>);

#[cfg(loom)]
type Watched = Rc<::loom::cell::UnsafeCell<()>>;

// SAFETY: as for `Place`.
unsafe impl Sync for Watch {}
// SAFETY: as for `Place`.
unsafe impl Send for Watch {}

impl Watch {
    pub(crate) const fn new() -> Watch {
        Watch(
            #[cfg(loom)]
            RefCell::new(None),
        )
    }

    #[cfg(loom)]
    #[track_caller]
    pub(crate) fn touch(&self) {
        let number = EXECUTION.with_borrow(|execution| execution.number);
        let mut watched = self.0.borrow_mut();
        if watched.as_ref().is_none_or(|(of, _)| *of != number) {
            *watched = Some((number, Rc::new(::loom::cell::UnsafeCell::new(()))));
        }
        if let Some((_, cell)) = &*watched {
            cell.with_mut(|_| ());
        }
    }

    /// Shuttle's memory is in one order: there is nothing to miss.
    #[cfg(shuttle)]
    pub(crate) fn touch(&self) {}
}

// ---- threads ------------------------------------------------------------------

macro_rules! per_thread {
    ($(#[$meta:meta])* static $name:ident: $type:ty = $initial:expr;) => {
        $crate::sync::model::checker_thread_local! { $(#[$meta])* static $name: $type = $initial; }
    };
}
pub(crate) use per_thread;

#[cfg(loom)]
pub(crate) use ::loom::thread_local as checker_thread_local;
#[cfg(shuttle)]
pub(crate) use ::shuttle::thread_local as checker_thread_local;

per_thread! {
    static ID: Cell<Option<usize>> = Cell::new(None);
}
per_thread! {
    static AT_END: Cell<Option<fn()>> = Cell::new(None);
}

/// Has `act` called at the end of the calling thread, after its id was given back:
/// so late are keys' destructors called.
pub(crate) fn at_thread_end(act: fn()) {
    AT_END.with(|end| end.set(Some(act)));
}

/// What happens at the end of a thread. Its last act.
pub(crate) fn end_thread() {
    if let Some(id) = ID.with(Cell::take) {
        EXECUTION.with_borrow_mut(|execution| execution.threads[id] = false);
    }
    yield_now();
    if let Some(act) = AT_END.with(Cell::take) {
        act();
    }
}

/// The least number that no living thread has.
fn thread_id() -> usize {
    ID.with(Cell::get).unwrap_or_else(|| {
        let id = EXECUTION.with_borrow_mut(|execution| {
            let id = execution.threads.iter().position(|taken| !taken);
            let id = id.expect("a model with more than THREADS threads");
            execution.threads[id] = true;
            id
        });
        ID.with(|own| own.set(Some(id)));
        id
    })
}

/// A value for each thread; those of threads that ended go to their successors.
pub(crate) struct ThreadLocal<T>([OnceLock<T>; THREADS]);

impl<T> ThreadLocal<T> {
    pub(crate) const fn new() -> ThreadLocal<T> {
        ThreadLocal([const { OnceLock::new() }; THREADS])
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.0[thread_id()].get()
    }

    pub(crate) fn get_or(&self, make: impl FnOnce() -> T) -> &T {
        self.0[thread_id()].get_or_init(make)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().filter_map(OnceLock::get)
    }
}

// ---- a deque ------------------------------------------------------------------

/// Stands in for crossbeam's, whose authors test it.
pub(crate) struct Worker<T>(Arc<Mutex<VecDeque<T>>>);
pub(crate) struct Stealer<T>(Arc<Mutex<VecDeque<T>>>);

#[allow(dead_code, reason = "as crossbeam has it")]
pub(crate) enum Steal<T> {
    Empty,
    Success(T),
    Retry,
}

impl<T> Worker<T> {
    pub(crate) fn new_lifo() -> Worker<T> {
        Worker(Arc::new(Mutex::new(VecDeque::new())))
    }

    pub(crate) fn stealer(&self) -> Stealer<T> {
        Stealer(self.0.clone())
    }

    pub(crate) fn push(&self, item: T) {
        self.0.lock().push_back(item);
    }

    pub(crate) fn pop(&self) -> Option<T> {
        self.0.lock().pop_back()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().len()
    }
}

impl<T> Stealer<T> {
    pub(crate) fn steal(&self) -> Steal<T> {
        match self.0.lock().pop_front() {
            Some(item) => Steal::Success(item),
            None => Steal::Empty,
        }
    }
}

// ---- planted faults -----------------------------------------------------------

/// Whether a model planted this fault: `MAGPOOL_PLANTED` names it. See [`Bug`].
pub(crate) fn planted(bug: Bug) -> bool {
    static PLANTED: OnceLock<Option<Bug>> = OnceLock::new();
    let named = || {
        let name = std::env::var("MAGPOOL_PLANTED").ok()?;
        Some(Bug::named(&name).expect("MAGPOOL_PLANTED names a fault"))
    };
    *PLANTED.get_or_init(named) == Some(bug)
}

/// A memory order, which a planted fault may weaken.
pub(crate) fn order(order: Ordering, weakened_by: Bug) -> Ordering {
    // ORDERING: the fault.
    if planted(weakened_by) {
        Relaxed
    } else {
        order
    }
}
