//! A callback is called once, or taken back.

use super::{explore, thread, World};
use crate::error::Error;
use crate::pool::{Callback, Granted, Urgency};
use std::cell::RefCell;
use std::sync::Arc;

/// What came of the promises of this execution. (Its threads are one of the system's.)
#[derive(Default)]
struct Told {
    world: Option<Arc<World>>,
    outcomes: Vec<Result<usize, Error>>,
}

std::thread_local! {
    static TOLD: RefCell<Told> = RefCell::default();
}

/// Called with an object, gives it back.
fn note(_context: [usize; 2], outcome: Result<usize, Error>) {
    let world = TOLD.with_borrow_mut(|told| {
        told.outcomes.push(outcome);
        told.world.clone()
    });
    if let (Ok(address), Some(world)) = (outcome, world) {
        world.receive(address);
        world.free(address).unwrap();
    }
}

fn begin(world: &Arc<World>) {
    let world = Some(world.clone());
    TOLD.set(Told { world, ..Told::default() });
}

/// The outcomes that were told.
fn end() -> Vec<Result<usize, Error>> {
    TOLD.take().outcomes
}

/// Asks for an object, and gives it back if there is one now.
fn ask(world: &World) -> Result<Granted, Error> {
    let granted =
        world.pool.alloc_later(Urgency::Ordinary, Callback { call: note, context: [0; 2] });
    if let Ok(Granted::Now(address)) = granted {
        world.receive(address);
        world.free(address).unwrap();
    }
    granted
}

#[test]
fn promise_is_kept_or_taken_back() {
    explore("promise_is_kept_or_taken_back", (None, None), 1, |world| {
        begin(world);
        let address = world.alloc().unwrap();
        let asker = thread(world, |world| match ask(world).unwrap() {
            Granted::Now(_) => false,
            Granted::Later(ticket) => world.pool.cancel(ticket) == Err(Error::NotFound),
        });
        world.free(address).unwrap();
        let kept = asker.join();
        assert_eq!(end().len(), usize::from(kept));
        world.settle();
    });
}

#[test]
fn promise_ends_with_the_pool() {
    explore("promise_ends_with_the_pool", (None, None), 1, |world| {
        begin(world);
        world.alloc().unwrap();
        let asker = thread(world, ask);
        assert_eq!(world.stop(true), Ok(1));
        match (asker.join(), &end()[..]) {
            (Ok(Granted::Later(_)), [Err(Error::Destroyed)]) | (Err(Error::Destroyed), []) => {}
            other => panic!("{other:?}"),
        }
    });
}
