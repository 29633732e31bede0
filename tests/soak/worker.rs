//! One thread of a shift: allocates, frees, passes on, misuses and disturbs at random,
//! then ends and leaves what it holds to others.

use super::arena::{count, handle, pointer, Arena, Owned};
use super::Shift;
use crate::support::Random;
use crate::sys;
use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::atomic::Ordering::Relaxed;

/// Most objects of a batch.
const BATCH: usize = 48;
/// How long an allocation waits at most.
const PATIENCE_NS: u64 = 300_000;

pub(crate) struct Worker<'a> {
    shift: &'a Shift<'a>,
    random: Random,
    /// What it holds, arena by arena.
    held: Vec<Vec<Owned>>,
    operations: u64,
}

impl<'a> Worker<'a> {
    pub(crate) fn new(shift: &'a Shift<'a>, seed: u64) -> Worker<'a> {
        let held = shift.arenas.iter().map(|_| Vec::new()).collect();
        Worker { shift, random: Random(seed), held, operations: 0 }
    }

    /// Works until its time or the shift is over; how many operations that were.
    pub(crate) fn run(mut self) -> u64 {
        let steps = 1 << self.random.below(17);
        for _ in 0..steps {
            if self.shift.is_over() {
                break;
            }
            let at = self.random.below(self.held.len());
            self.act(at);
            self.operations += 1;
        }
        for at in 0..self.held.len() {
            self.leave(at);
        }
        self.operations
    }

    fn act(&mut self, at: usize) {
        let arena = &self.shift.arenas[at];
        match self.random.below(100) {
            0..=29 => self.alloc(at, 1),
            30..=37 => self.alloc(at, BATCH),
            38..=64 => self.free(at, 1),
            65..=72 => self.free(at, BATCH),
            73..=79 => self.post(at),
            80..=88 => self.fetch(at),
            89..=90 => self.flush(arena),
            91..=92 => self.alloc_later(arena),
            93..=95 => self.misuse(at),
            96..=97 => self.visit_mayfly(),
            _ if self.random.below(20) == 0 => self.disturb(arena),
            _ => self.held[at].iter().for_each(|owned| arena.verify(owned)),
        }
    }

    /// Takes up to `most` objects, no more than its share.
    fn alloc(&mut self, at: usize, most: usize) {
        let arena = &self.shift.arenas[at];
        let share = self.shift.share(arena);
        let room = share.saturating_sub(self.held[at].len()).min(most);
        if room == 0 {
            return;
        }
        let wanted = arena.permits(1 + self.random.below(room));
        let objects = match wanted {
            0 => return,
            1 => take(arena, self.random.below(4)).into_iter().collect(),
            _ => take_batch(arena, wanted),
        };
        self.held[at].extend(arena.keep(&objects, wanted, &mut self.random));
    }

    fn free(&mut self, at: usize, most: usize) {
        let arena = &self.shift.arenas[at];
        let held = &mut self.held[at];
        let count = held.len().min(1 + self.random.below(most));
        let start = self.random.below(held.len() - count + 1);
        let objects = arena.give_up(held.drain(start..start + count).collect());
        give_back(arena, &objects, self.random.below(4));
        arena.freed(count);
    }

    /// Leaves an object for another thread.
    fn post(&mut self, at: usize) {
        let arena = &self.shift.arenas[at];
        let Some(owned) = self.held[at].pop() else { return };
        arena.verify(&owned);
        arena.pile.lock().unwrap().push(owned);
    }

    /// Takes what some thread left, maybe one that has ended.
    fn fetch(&mut self, at: usize) {
        let arena = &self.shift.arenas[at];
        let fetched = arena.pile.lock().unwrap().pop();
        if let Some(owned) = fetched {
            arena.verify(&owned);
            self.held[at].push(owned);
        }
    }

    /// Before its end a thread frees some of its objects, and leaves the others.
    fn leave(&mut self, at: usize) {
        let arena = &self.shift.arenas[at];
        let kept = self.held[at].len() / 2;
        while self.held[at].len() > kept {
            self.free(at, BATCH);
        }
        arena.pile.lock().unwrap().append(&mut self.held[at]);
    }

    fn flush(&self, arena: &Arena) {
        // SAFETY: a live pool's handle.
        assert_eq!(unsafe { sys::pool_flush_thread(handle(arena.pool)) }, sys::POOL_OK);
    }

    /// A callback gets an object when there is one, and frees it at once.
    fn alloc_later(&mut self, arena: &'a Arena) {
        if arena.kind.guarded {
            return;
        }
        let (mut object, mut ticket) = (null_mut(), 0);
        let context = std::ptr::from_ref(arena).cast_mut().cast();
        // SAFETY: a live pool's handle and places for the outputs; arenas outlive shifts, and
        // when a shift ends nobody waits any more.
        let status = unsafe {
            let (object, ticket) = (&mut object, &mut ticket);
            sys::pool_alloc_async(handle(arena.pool), object, 0, Some(pass_on), context, ticket)
        };
        match status {
            sys::POOL_OK => pass(arena, object),
            // SAFETY: as above. Not found: the callback has run, or is running.
            sys::POOL_PENDING => unsafe {
                std::thread::yield_now();
                let cancelled = sys::pool_alloc_cancel(handle(arena.pool), ticket);
                assert!([sys::POOL_OK, sys::POOL_ERR_NOT_FOUND].contains(&cancelled));
            },
            other => panic!("pool_alloc_async said {other}"),
        }
    }

    fn misuse(&mut self, at: usize) {
        static FOREIGN: u64 = 0;
        let arena = &self.shift.arenas[at];
        let counts = &arena.counts;
        let (object, expected, counter) = match (self.random.below(3), self.held[at].last()) {
            (0, Some(owned)) => {
                let inside = arena.inside(owned, &mut self.random);
                (inside, sys::POOL_ERR_INTERIOR, &counts.interior)
            }
            (1, _) => ((&raw const FOREIGN).addr(), sys::POOL_ERR_FOREIGN, &counts.foreign),
            _ => (0, sys::POOL_ERR_NULL, &counts.null),
        };
        // SAFETY: any pointer may be given.
        let said = unsafe { sys::pool_free(handle(arena.pool), pointer(object)) };
        assert_eq!(said, expected);
        count(counter, 1);
    }

    /// Uses a pool that may end at any moment.
    fn visit_mayfly(&mut self) {
        // ORDERING: a handle is valid whenever it was stored.
        let mayfly = handle(self.shift.mayfly.load(Relaxed));
        let mut object = null_mut();
        // SAFETY: the handle of a pool that may have ended, and a place for the object.
        let status = unsafe { sys::pool_try_alloc(mayfly, &mut object) };
        if status == sys::POOL_OK {
            // SAFETY: a live object of at least 8 bytes, so its pool is not ended.
            unsafe {
                object.cast::<u64>().write(self.random.next());
                assert_eq!(sys::pool_free(mayfly, object), sys::POOL_OK);
            }
        } else {
            assert!([sys::POOL_ERR_DESTROYED, sys::POOL_ERR_EXHAUSTED].contains(&status));
        }
    }

    /// Looks and trims revoke everybody's caches.
    fn disturb(&mut self, arena: &Arena) {
        match self.random.below(3) {
            0 => assert!(arena.stats().in_use <= arena.kind.limit as u64),
            1 => assert!(arena.check().live <= arena.kind.limit as u64),
            // SAFETY: a live pool's handle.
            _ => assert_eq!(unsafe { sys::pool_trim(handle(arena.pool)) }, sys::POOL_OK),
        }
    }
}

/// One object, in one of several ways.
fn take(arena: &Arena, way: usize) -> Option<usize> {
    let pool = handle(arena.pool);
    let mut object = null_mut();
    // SAFETY: a live pool's handle, and a place for the object.
    let status = unsafe {
        match way {
            0 => {
                object = sys::pool_alloc(pool);
                if object.is_null() {
                    sys::POOL_ERR_EXHAUSTED
                } else {
                    sys::POOL_OK
                }
            }
            1 => sys::pool_try_alloc(pool, &mut object),
            2 => sys::pool_alloc_timed(pool, &mut object, PATIENCE_NS),
            _ => sys::pool_alloc_with(pool, &mut object, PATIENCE_NS, sys::POOL_CRITICAL),
        }
    };
    let refusals = [sys::POOL_ERR_EXHAUSTED, sys::POOL_ERR_TIMEOUT];
    assert!(status == sys::POOL_OK || refusals.contains(&status), "an allocation said {status}");
    (status == sys::POOL_OK).then(|| object.expose_provenance())
}

fn take_batch(arena: &Arena, wanted: usize) -> Vec<usize> {
    let mut objects = vec![0_usize; wanted];
    // SAFETY: a live pool's handle; an address has the size of a pointer.
    let got =
        unsafe { sys::pool_alloc_batch(handle(arena.pool), objects.as_mut_ptr().cast(), wanted) };
    objects.truncate(got);
    objects
}

fn give_back(arena: &Arena, objects: &[usize], way: usize) {
    let pool = handle(arena.pool);
    // SAFETY: live objects whose owner gave them up.
    unsafe {
        match (objects, way) {
            (&[object], 0) => sys::pool_release(pointer(object)),
            (&[object], _) => assert_eq!(sys::pool_free(pool, pointer(object)), sys::POOL_OK),
            _ => {
                let freed = sys::pool_free_batch(pool, objects.as_ptr().cast(), objects.len());
                assert_eq!(freed, objects.len());
            }
        }
    }
}

/// An object that came to a callback is freed at once.
fn pass(arena: &Arena, object: *mut c_void) {
    // SAFETY: a live object, which is the callback's.
    assert_eq!(unsafe { sys::pool_free(handle(arena.pool), object) }, sys::POOL_OK);
    count(&arena.counts.allocated, 1);
}

unsafe extern "C" fn pass_on(context: *mut c_void, status: i32, object: *mut c_void) {
    assert_eq!(status, sys::POOL_OK);
    // SAFETY: `alloc_later` passed an arena, which outlives the shift.
    pass(unsafe { &*context.cast::<Arena>() }, object);
}
