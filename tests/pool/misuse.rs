//! Misuse through raw pointers: found, counted by kind, and harmless.

use crate::support::{c, expect_sound, take_all};
use magpool::{Pool, Stats};
use std::ffi::{c_int, c_void, CString};
use std::ptr::{null_mut, NonNull};

/// A pool with a name, and its handle.
fn named(name: &str) -> (Pool<u64>, *mut c::RawPool) {
    let pool = Pool::builder().name(name).capacity(10).build().unwrap();
    (pool, find(name))
}

fn find(name: &str) -> *mut c::RawPool {
    let name = CString::new(name).unwrap();
    let mut raw = null_mut();
    // SAFETY: a string that ends, and a place for the handle.
    assert_eq!(unsafe { c::pool_find(name.as_ptr(), &mut raw) }, c::OK);
    raw
}

fn free(raw: *mut c::RawPool, object: *mut u64) -> c_int {
    // SAFETY: any pointer may be given; that is what these tests are about.
    unsafe { c::pool_free(raw, object.cast()) }
}

/// Frees a pointer that must be refused, and be counted once.
#[track_caller]
fn expect_refused(
    (pool, raw): (&Pool<u64>, *mut c::RawPool),
    object: *mut u64,
    status: c_int,
    count: fn(&Stats) -> u64,
) {
    let before = pool.stats().unwrap();
    assert_eq!(free(raw, object), status);
    let after = pool.stats().unwrap();
    assert_eq!(count(&after), count(&before) + 1);
    expect_sound(pool, before.in_use);
}

#[test]
fn free_of_null_is_refused() {
    let (pool, raw) = named("misuse.null");
    expect_refused((&pool, raw), null_mut(), c::ERR_NULL, |stats| stats.misuse_null);
}

#[test]
fn free_of_foreign_pointer_is_refused() {
    let (pool, raw) = named("misuse.foreign");
    let (mut on_stack, mut on_heap) = (0_u64, Box::new(0_u64));
    for object in
        [&raw mut on_stack, &raw mut *on_heap, std::ptr::dangling_mut(), usize::MAX as *mut u64]
    {
        expect_refused((&pool, raw), object, c::ERR_FOREIGN, |stats| stats.misuse_foreign);
    }
}

/// Where pages were given back, a free asks for its slot before anything else.
#[test]
fn free_of_pointer_beyond_trimmed_pool_is_refused() {
    let pool = Pool::<[u64; 32]>::builder().name("misuse.beyond").capacity(100).build().unwrap();
    let raw = find("misuse.beyond");
    // Often enough that this thread has a cache.
    (0..20).for_each(|_| drop(take_all(&pool)));
    let kept = take_all(&pool).pop().unwrap();
    pool.trim().unwrap();
    let beyond = (&raw const *kept).cast_mut().wrapping_add(1000);
    // Another test's pool may lie there by now.
    let said = free(raw, beyond.cast());
    assert!([c::ERR_FOREIGN, c::ERR_WRONG_POOL].contains(&said), "{said}");
    let stats = pool.stats().unwrap();
    assert_eq!(stats.misuse_foreign + stats.misuse_wrong_pool, 1);
    expect_sound(&pool, 1);
}

#[test]
fn free_of_interior_pointer_is_refused() {
    let (pool, raw) = named("misuse.interior");
    let mut object = pool.alloc(7).unwrap();
    let inside = (&raw mut *object).cast::<u8>().wrapping_add(1).cast();
    expect_refused((&pool, raw), inside, c::ERR_INTERIOR, |stats| stats.misuse_interior);
    assert_eq!(*object, 7);
}

#[test]
fn free_into_wrong_pool_is_refused() {
    let (pool, raw) = named("misuse.wrong");
    let (other, _) = named("misuse.right");
    let mut object = other.alloc(7).unwrap();
    let pointer = &raw mut *object;
    expect_refused((&pool, raw), pointer, c::ERR_WRONG_POOL, |stats| stats.misuse_wrong_pool);
    assert_eq!((*object, other.stats().unwrap().in_use), (7, 1));
}

#[test]
fn double_free_is_refused() {
    let (pool, raw) = named("misuse.double");
    let object = pool.alloc(7).unwrap().into_raw();
    assert_eq!(free(raw, object.as_ptr()), c::OK);
    let double = |stats: &Stats| stats.misuse_double_free;
    expect_refused((&pool, raw), object.as_ptr(), c::ERR_DOUBLE_FREE, double);
    pool.flush_thread().unwrap();
    expect_refused((&pool, raw), object.as_ptr(), c::ERR_DOUBLE_FREE, double);
    assert_eq!(take_all(&pool).len(), 10);
}

#[test]
fn double_free_after_other_thread_freed_is_refused() {
    let (pool, raw) = named("misuse.crossed");
    let object = pool.alloc(7).unwrap();
    let address = (&raw const *object).addr();
    std::thread::scope(|scope| {
        scope.spawn(|| drop(object));
    });
    let pointer = std::ptr::with_exposed_provenance_mut(address);
    expect_refused((&pool, raw), pointer, c::ERR_DOUBLE_FREE, |stats| stats.misuse_double_free);
}

#[test]
fn object_given_to_c_is_freed_by_c() {
    let (pool, raw) = named("misuse.given");
    let object = pool.alloc(42).unwrap().into_raw();
    expect_sound(&pool, 1);
    assert_eq!(free(raw, object.as_ptr()), c::OK);
    let released = pool.alloc(43).unwrap().into_raw();
    // SAFETY: a live object that nobody else has.
    unsafe { c::pool_release(released.as_ptr().cast::<c_void>()) };
    expect_sound(&pool, 0);
}

#[test]
fn object_of_c_is_adopted_and_freed_by_drop() {
    let (pool, raw) = named("misuse.adopted");
    // SAFETY: the pool is alive; the object is written before it is adopted.
    let adopted = unsafe {
        let object = NonNull::new(c::pool_alloc(raw).cast::<u64>()).unwrap();
        object.write(42);
        pool.adopt(object)
    };
    assert_eq!(*adopted, 42);
    expect_sound(&pool, 1);
    drop(adopted);
    expect_sound(&pool, 0);
}
