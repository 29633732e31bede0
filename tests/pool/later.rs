//! Futures that are ready when there is an object.

use crate::support::{c, expect_sound, pool_of, seed, together, Random};
use magpool::{Error, Pool, Pooled};
use std::ffi::CStr;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

/// Counts how often it was woken, and unparks a thread.
struct Bell {
    rings: AtomicUsize,
    thread: Thread,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rings.fetch_add(1, SeqCst);
        self.thread.unpark();
    }
}

fn bell() -> (Arc<Bell>, Waker) {
    let bell = Arc::new(Bell { rings: AtomicUsize::new(0), thread: std::thread::current() });
    (bell.clone(), bell.into())
}

fn block_on<F: Future>(future: F) -> F::Output {
    let (mut future, (_, waker)) = (pin!(future), bell());
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

#[test]
fn async_of_pool_with_free_objects_is_granted_at_once() {
    let pool: Pool<u64> = pool_of(1);
    let (bell, waker) = bell();
    let mut future = pin!(pool.alloc_async(|| 7));
    match future.as_mut().poll(&mut Context::from_waker(&waker)) {
        Poll::Ready(Ok(object)) => assert_eq!(*object, 7),
        other => panic!("{other:?}"),
    }
    assert_eq!(bell.rings.load(SeqCst), 0);
    expect_sound(&pool, 0);
}

#[test]
fn async_of_exhausted_pool_wakes_once_after_the_free() {
    let pool: Pool<u64> = pool_of(1);
    let only = pool.alloc(1).unwrap();
    let (bell, waker) = bell();
    let context = &mut Context::from_waker(&waker);
    let mut future = pin!(pool.alloc_async(|| 2));
    for _ in 0..3 {
        assert!(future.as_mut().poll(context).is_pending());
    }
    assert!(format!("{future:?}").contains("queued: true"));
    assert_eq!(pool.stats().unwrap().waiting, 1);
    assert_eq!(bell.rings.load(SeqCst), 0);
    drop(only);
    assert_eq!(bell.rings.load(SeqCst), 1);
    assert_eq!(pool.stats().unwrap().in_use, 1);
    match future.as_mut().poll(context) {
        Poll::Ready(Ok(object)) => assert_eq!(*object, 2),
        other => panic!("{other:?}"),
    }
    expect_sound(&pool, 0);
}

#[test]
fn dropped_future_gives_its_place_and_its_object_up() {
    let pool: Pool<u64> = pool_of(1);
    let only = pool.alloc(1).unwrap();
    let (_, waker) = bell();
    let context = &mut Context::from_waker(&waker);
    let (mut first, mut second) =
        (Box::pin(pool.alloc_async(|| 2)), Box::pin(pool.alloc_async(|| 3)));
    assert!(first.as_mut().poll(context).is_pending());
    assert!(second.as_mut().poll(context).is_pending());
    drop(first); // Before its turn.
    assert_eq!(pool.stats().unwrap().waiting, 1);
    drop(only);
    assert_eq!(pool.stats().unwrap().in_use, 1);
    drop(second); // After its turn, with an object that it never took.
    expect_sound(&pool, 0);
}

#[test]
fn future_is_told_when_a_pool_opened_by_name_is_destroyed() {
    let owner: Pool<u64> = Pool::builder().name("told").capacity(1).build().unwrap();
    let _live = std::mem::ManuallyDrop::new(owner.alloc(1).unwrap());
    let (_, waker) = bell();
    let mut future = Box::pin(owner.alloc_async(|| 2));
    assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    destroy_from_c(c"told");
    let told = future.as_mut().poll(&mut Context::from_waker(&waker));
    assert!(matches!(told, Poll::Ready(Err(Error::Destroyed))), "{told:?}");
}

/// Ends a pool as C code does, whatever is live.
fn destroy_from_c(name: &CStr) {
    let mut pool = std::ptr::null_mut();
    // SAFETY: as `pool.h` says; nobody uses the pool's objects any more.
    unsafe {
        assert_eq!(c::pool_find(name.as_ptr(), &mut pool), c::OK);
        assert_eq!(c::pool_destroy_forced(pool, std::ptr::null_mut()), c::OK);
    }
}

#[test]
fn every_request_is_granted_or_cancelled_exactly_once() {
    const OBJECTS: usize = 3;
    let pool: Pool<u64> = pool_of(OBJECTS);
    let (seed, live) = (seed(), AtomicUsize::new(0));
    let hold = |object: Pooled<'_, u64>, token: u64| {
        assert!(live.fetch_add(1, SeqCst) < OBJECTS);
        assert_eq!(*object, token);
        live.fetch_sub(1, SeqCst);
    };
    together(6, |number| {
        let mut random = Random(seed ^ number as u64);
        for turn in 0..1000 {
            let token = (number * 10_000 + turn) as u64;
            match random.below(3) {
                0 => hold(pool.alloc_timeout(|| token, Duration::MAX).unwrap(), token),
                1 => hold(block_on(pool.alloc_async(|| token)).unwrap(), token),
                _ => {
                    let (_, waker) = bell();
                    let mut future = Box::pin(pool.alloc_async(|| token));
                    let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
                    if let Poll::Ready(object) = polled {
                        hold(object.unwrap(), token);
                    }
                }
            }
        }
    });
    expect_sound(&pool, 0);
}
