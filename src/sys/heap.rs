//! Memory that may be refused.
//!
//! The library's own metadata comes from [`allocate`], which returns an error
//! when memory is out. `thread_local` and `crossbeam-deque` box what they need,
//! and a failed `Box` aborts the process. The C library (feature `capi`)
//! therefore brings an allocator with a static reserve, and [`with_reserve`]
//! lets third-party code run only while the reserve covers all it can ask for:
//! it never sees a failure. In Rust programs, where the allocator is the
//! program's own, the check is a trial allocation.
//!
//! `crossbeam-epoch` boxes something when a thread ends, too, which nobody can
//! refuse: so every thread with caches lays a block of that size by beforehand.

#![allow(unsafe_code, reason = "an allocator, and raw allocations of metadata")]

pub(crate) use reserve::Held;

use crate::error::Error;
use crate::sync::note_memory;
use std::alloc::{GlobalAlloc, Layout};
use std::ptr::NonNull;

#[cfg(not(feature = "capi"))]
use program::SOURCE;
#[cfg(feature = "capi")]
use std::alloc::System as SOURCE;

/// Memory for `layout` (not of size 0), or an error.
pub(crate) fn allocate(layout: Layout) -> Result<NonNull<u8>, Error> {
    reserve::with(0, || allocate_now(layout))?
}

fn allocate_now(layout: Layout) -> Result<NonNull<u8>, Error> {
    debug_assert!(layout.size() != 0);
    note_memory(1);
    // SAFETY: the layout has a size.
    NonNull::new(unsafe { SOURCE.alloc(layout) }).ok_or(Error::NoMemory)
}

/// Gives back what [`allocate`] returned.
///
/// # Safety
/// `memory` came from `allocate(layout)` and is not used after this.
pub(crate) unsafe fn release(memory: NonNull<u8>, layout: Layout) {
    note_memory(-1);
    // SAFETY: the caller's promise.
    unsafe { SOURCE.dealloc(memory.as_ptr(), layout) }
}

/// Runs `f`, which may box up to `bytes` in all, unless memory is too short. `f`
/// must not call [`allocate`]: nobody does meanwhile, so that what the trial found
/// is still there when a thread-local's destructor is registered. glibc takes
/// memory for that itself, and aborts without.
pub(crate) fn with_reserve<T>(bytes: usize, f: impl FnOnce() -> T) -> Result<T, Error> {
    reserve::with(bytes, || trial(bytes).map(|()| f()))?
}

/// More blocks than third-party code boxes at a time.
const SMALL_BLOCKS: usize = 8;

/// Whether the system would give `bytes` now, also in several blocks: where it refuses
/// a thread an arena, glibc maps pages for each block, however small.
fn trial(bytes: usize) -> Result<(), Error> {
    let large = Layout::from_size_align(bytes.max(1), 16).map_err(|_| Error::NoMemory)?;
    let layouts = [large].into_iter().chain([Layout::new::<[u64; 8]>(); SMALL_BLOCKS]);
    let mut blocks = [None; 1 + SMALL_BLOCKS];
    for (block, layout) in blocks.iter_mut().zip(layouts.clone()) {
        // Opaque, or the compiler would drop the pair and call it a success.
        *block = std::hint::black_box(allocate_now(layout).ok());
    }
    for (block, layout) in blocks.iter().zip(layouts) {
        if let Some(block) = block {
            // SAFETY: just allocated with this layout.
            unsafe { release(*block, layout) };
        }
    }
    if blocks.iter().all(Option::is_some) {
        Ok(())
    } else {
        Err(Error::NoMemory)
    }
}

/// Lays a block by for what third-party code boxes when the calling thread ends.
pub(crate) fn lay_by() -> Result<(), Error> {
    reserve::lay_by()
}

/// A thread has ended: blocks are laid by for `threads` others.
pub(crate) fn keep_for(threads: usize) {
    reserve::keep_for(threads);
}

/// Keeps everybody else from the reserve, over a fork.
pub(crate) fn hold() -> Held {
    reserve::hold()
}

#[cfg(not(feature = "capi"))]
mod program {
    use std::alloc::{alloc, dealloc, GlobalAlloc, Layout};

    /// The allocator of the program this crate is part of.
    pub(super) struct Program;
    pub(super) static SOURCE: Program = Program;

    // SAFETY: forwards to the program's global allocator.
    unsafe impl GlobalAlloc for Program {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: the caller's promise.
            unsafe { alloc(layout) }
        }

        unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
            // SAFETY: the caller's promise.
            unsafe { dealloc(memory, layout) }
        }
    }
}

#[cfg(not(feature = "capi"))]
mod reserve {
    use crate::error::Error;

    pub(super) fn with<T>(_bytes: usize, f: impl FnOnce() -> T) -> Result<T, Error> {
        Ok(f())
    }

    pub(super) fn lay_by() -> Result<(), Error> {
        Ok(())
    }

    pub(super) fn keep_for(_threads: usize) {}

    pub(crate) struct Held;

    pub(super) fn hold() -> Held {
        Held
    }
}

#[cfg(feature = "capi")]
mod reserve {
    use crate::error::Error;
    use crate::sync::MutexGuard;
    use crate::sync::{AtomicUsize, Mutex, Relaxed};
    use std::alloc::{GlobalAlloc, Layout, System};
    use std::cell::UnsafeCell;
    use std::ptr::{null_mut, NonNull};

    /// Covers a pool's table of caches for 8192 threads; untouched until needed.
    const SIZE: usize = 256 * 1024;

    #[repr(align(128))]
    struct Arena(UnsafeCell<[u8; SIZE]>);

    // SAFETY: `USED` hands each byte to one allocation.
    unsafe impl Sync for Arena {}

    static ARENA: Arena = Arena(UnsafeCell::new([0; SIZE]));
    /// Bytes handed out, never taken back: the reserve is for emergencies.
    static USED: AtomicUsize = AtomicUsize::new(0);
    static USER: Mutex<()> = Mutex::new(());

    /// What `crossbeam-epoch` boxes when a thread's part in it ends (2072 bytes), with slack.
    const LAID_BY: Layout = match Layout::from_size_align(2304, 16) {
        Ok(layout) => layout,
        Err(_) => panic!("a size and an alignment"),
    };

    /// Blocks that were laid by, each with the address of the next in it.
    pub(crate) struct Spares {
        first: *mut u8,
        count: usize,
    }

    // SAFETY: the blocks are plain memory that nobody else points to.
    unsafe impl Send for Spares {}

    static SPARES: Mutex<Spares> = Mutex::new(Spares { first: null_mut(), count: 0 });

    impl Spares {
        fn push(&mut self, block: NonNull<u8>) {
            // SAFETY: a block of LAID_BY, which is larger than an address and aligned for it.
            unsafe { block.cast::<*mut u8>().write(self.first) };
            self.first = block.as_ptr();
            self.count += 1;
        }

        fn pop(&mut self) -> *mut u8 {
            let first = self.first;
            if !first.is_null() {
                // SAFETY: `push` wrote it.
                self.first = unsafe { first.cast::<*mut u8>().read() };
                self.count -= 1;
            }
            first
        }
    }

    pub(super) fn lay_by() -> Result<(), Error> {
        let block = super::allocate(LAID_BY)?;
        SPARES.lock().push(block);
        Ok(())
    }

    pub(super) fn keep_for(threads: usize) {
        let mut spares = SPARES.lock();
        while spares.count > threads {
            // SAFETY: from `lay_by`, of this layout, and nobody's now.
            unsafe { System.dealloc(spares.pop(), LAID_BY) };
        }
    }

    /// Lets one thread at a time run, if `bytes` are left of the reserve. What could never fit (a pool with more threads than `SIZE` covers)
    /// relies on the trial allocation alone.
    pub(super) fn with<T>(bytes: usize, f: impl FnOnce() -> T) -> Result<T, Error> {
        let _only_user = USER.lock();
        // ORDERING: a stale figure is caught by the allocation itself.
        let left = SIZE - USED.load(Relaxed);
        if bytes > left && bytes <= SIZE / 2 {
            return Err(Error::NoMemory);
        }
        Ok(f())
    }

    pub(crate) type Held = (MutexGuard<'static, ()>, MutexGuard<'static, Spares>);

    pub(super) fn hold() -> Held {
        (USER.lock(), SPARES.lock())
    }

    struct Reserved;

    #[global_allocator]
    static ALLOCATOR: Reserved = Reserved;

    // SAFETY: memory comes from the system's allocator, now or when it was laid by, or from
    // ARENA, of which each byte is handed out once and never taken back. (The provided
    // `realloc` and `alloc_zeroed` go through these two.)
    unsafe impl GlobalAlloc for Reserved {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: the caller's promise is the system allocator's.
            let memory = unsafe { System.alloc(layout) };
            if !memory.is_null() {
                return memory;
            }
            let spare = from_spares(layout);
            if spare.is_null() {
                from_arena(layout)
            } else {
                spare
            }
        }

        unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
            let offset = (memory as usize).wrapping_sub(ARENA.0.get() as usize);
            if offset >= SIZE {
                // SAFETY: not from the arena, so from the system.
                unsafe { System.dealloc(memory, layout) }
            }
        }
    }

    /// A block laid by, if it is for this. It is the system's to take back, as any other:
    /// its `dealloc` asks no layout.
    fn from_spares(layout: Layout) -> *mut u8 {
        let fits = layout.size() <= LAID_BY.size() && layout.align() <= LAID_BY.align();
        if fits && layout.size() > LAID_BY.size() / 2 {
            SPARES.lock().pop()
        } else {
            null_mut()
        }
    }

    fn from_arena(layout: Layout) -> *mut u8 {
        let place = |used: usize| {
            let start = used.next_multiple_of(layout.align());
            let end = start.checked_add(layout.size())?;
            (layout.align() <= 128 && end <= SIZE).then_some((start, end))
        };
        // ORDERING: only the bytes' owner touches them; the count orders nothing.
        let taken = USED.fetch_update(Relaxed, Relaxed, |used| place(used).map(|(_, end)| end));
        match taken.ok().and_then(place) {
            Some((start, _)) => ARENA.0.get().cast::<u8>().wrapping_add(start),
            None => null_mut(),
        }
    }
}
