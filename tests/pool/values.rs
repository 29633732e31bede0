//! Values in a pool: made once, dropped once, of any size and alignment.

use crate::support::{expect_sound, pool_of, take_all, together};
use magpool::{Error, Pool};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

/// Counts how often it is dropped.
struct Counted<'a>(&'a AtomicUsize);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        // ORDERING: read after the threads were joined.
        self.0.fetch_add(1, Relaxed);
    }
}

#[test]
fn values_are_dropped_exactly_once() {
    let drops = AtomicUsize::new(0);
    let pool = pool_of(100);
    together(4, |_| {
        for _ in 0..500 {
            let held: Vec<_> = (0..10).map(|_| pool.alloc(Counted(&drops)).ok()).collect();
            drop(held);
        }
    });
    expect_sound(&pool, 0);
    drop(pool);
    assert_eq!(drops.into_inner(), 4 * 500 * 10);
}

#[test]
fn value_refused_by_exhausted_pool_is_dropped() {
    let drops = AtomicUsize::new(0);
    let pool = pool_of(1);
    let _held = pool.alloc(Counted(&drops)).unwrap();
    assert!(pool.alloc(Counted(&drops)).is_err_and(|error| error == Error::Exhausted));
    // ORDERING: one thread.
    assert_eq!(drops.load(Relaxed), 1);
}

#[test]
fn maker_of_value_is_not_called_without_room() {
    let pool = pool_of(1);
    let held = pool.alloc_with(|| 1).unwrap();
    assert!(pool.alloc_with(|| unreachable!("no room")).is_err());
    assert_eq!(*held, 1);
}

#[test]
fn panic_of_value_maker_frees_the_object() {
    let pool = pool_of::<u64>(1);
    let made = catch_unwind(AssertUnwindSafe(|| {
        let _ = pool.alloc_with(|| panic!("wanted by the test"));
    }));
    assert!(made.is_err());
    expect_sound(&pool, 0);
    assert!(pool.alloc(1).is_ok());
}

struct Fuse;

impl Drop for Fuse {
    fn drop(&mut self) {
        panic!("wanted by the test");
    }
}

#[test]
fn panic_of_value_drop_frees_the_object() {
    let pool = pool_of(1);
    let object = pool.alloc(Fuse).unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| drop(object))).is_err());
    expect_sound(&pool, 0);
}

#[test]
fn object_keeps_its_value_and_can_be_changed() {
    let pool = pool_of(4);
    let mut text = pool.alloc(String::from("te")).unwrap();
    text.push('a');
    assert_eq!((text.as_str(), format!("{text:?}").as_str()), ("tea", "\"tea\""));
}

/// Fills a pool; every object is aligned and the writes of one leave the others
/// alone.
#[track_caller]
fn expect_apart<T: Copy + PartialEq + std::fmt::Debug>(value: impl Fn(u8) -> T) {
    let pool = pool_of(40);
    let held: Vec<_> = (0..40).map(|n| (n, pool.alloc(value(n)).unwrap())).collect();
    assert!(pool.alloc(value(0)).is_err());
    for (number, object) in &held {
        assert_eq!((&raw const **object).addr() % align_of::<T>(), 0);
        assert_eq!(**object, value(*number));
    }
    expect_sound(&pool, 40);
    drop(held);
    expect_sound(&pool, 0);
}

#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(align(64))]
struct Line(u8);

#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(align(4096))]
struct Page(u8);

#[test]
fn objects_of_any_size_and_alignment_stay_apart() {
    expect_apart(|n| n);
    expect_apart(|n| [n; 3]);
    expect_apart(|n| [n; 7]);
    expect_apart(|n| [n; 9]);
    expect_apart(|n| [u16::from(n); 5]);
    expect_apart(|n| (u64::from(n), n));
    expect_apart(|n| [n; 4097]);
    expect_apart(u128::from);
    expect_apart(Line);
    expect_apart(Page);
}

#[test]
fn values_without_size_are_counted_like_others() {
    let pool = pool_of::<()>(10);
    let held = take_all(&pool);
    assert_eq!(held.len(), 10);
    let mut addresses: Vec<_> = held.iter().map(|object| (&raw const **object).addr()).collect();
    addresses.dedup();
    assert_eq!(addresses.len(), 10);
    expect_sound(&pool, 10);
}

#[test]
fn pool_debug_output_shows_its_shape() {
    let pool = Pool::<u32>::builder().name("values.debug").capacity(3).build().unwrap();
    assert!(format!("{pool:?}").contains("capacity: 3"));
}

#[test]
fn pool_that_others_opened_outlives_its_maker() {
    let maker = Pool::<u64>::builder().name("outlives").capacity(10).build().unwrap();
    let other = Pool::<u64>::builder().name("outlives").capacity(10).open().unwrap();
    let value = other.alloc(7).unwrap();
    drop(maker);
    let unrelated = Pool::<u64>::builder().capacity(10).build().unwrap();
    let held: Vec<_> = (0..10).map(|n| unrelated.alloc(n).unwrap()).collect();
    assert_eq!(*value, 7);
    let more: Vec<_> = (0..9).map(|n| other.alloc(100 + n).unwrap()).collect();
    assert!(held.iter().zip(0..).all(|(object, n)| **object == n));
    assert!(more.iter().zip(100..).all(|(object, n)| **object == n));
}

#[test]
fn field_that_does_not_fit_says_by_how_much() {
    let error = magpool::FieldTooLong { max: 32, len: 40 };
    assert_eq!(error.to_string(), "40 do not fit: the field holds at most 32");
}

#[test]
fn pool_that_aborts_on_misuse_serves_valid_calls() {
    let pool = Pool::<u64>::builder().capacity(10).abort_on_misuse(true).build().unwrap();
    assert_eq!(take_all(&pool).len(), 10);
    expect_sound(&pool, 0);
}

#[test]
fn critical_allocations_alone_take_the_reserve() {
    let pool = Pool::<u64>::builder().capacity(10).reserve(2).build().unwrap();
    let ordinary = take_all(&pool);
    assert_eq!(ordinary.len(), 8);
    let critical = || pool.alloc_critical(|| 7, Duration::ZERO);
    let held = [critical().unwrap(), critical().unwrap()];
    assert_eq!(critical().err(), Some(Error::Timeout));
    expect_sound(&pool, 10);
    drop((ordinary, held));
    expect_sound(&pool, 0);
}
