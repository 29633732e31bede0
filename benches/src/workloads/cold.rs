//! What the first use costs: of a thread, of a pool, and a large pool's creation.

use super::Task;
use crate::histogram::{Each, Meter};
use crate::measure::Sample;
use crate::peer::{Local, Peer, Setup};
use crate::sys::write_first;
use std::thread;

/// One new thread after the other, each timed until it has its first object.
pub(super) fn first_of_thread<P: Peer>(task: &Task<P>) -> Sample {
    let mut times = Each::new();
    for _ in 0..task.count {
        thread::scope(|scope| {
            let times = &mut times;
            scope.spawn(move || first(task.peer, times));
        });
    }
    Sample::of_parts(times.result().unwrap_or_default())
}

fn first<P: Peer>(peer: &P, times: &mut Each) {
    let (mut local, object) = times.watch(|| {
        let mut local = peer.local();
        let object = local.alloc();
        (local, object)
    });
    if let Some(mut object) = object {
        write_first(P::Local::bytes(&mut object), 1);
        local.free(object);
    }
}

/// One new pool after the other, each timed from its creation until its first object is taken
/// and given back.
pub(super) fn first_of_pool<P: Peer>(task: &Task<P>, setup: &Setup) -> Sample {
    let mut times = Each::new();
    for _ in 0..task.count {
        let mut pool = None;
        times.watch(|| {
            let peer = pool.insert(P::create(setup).ok()?);
            let mut local = peer.local();
            let object = local.alloc()?;
            local.free(object);
            Some(())
        });
    }
    Sample::of_parts(times.result().unwrap_or_default())
}

/// New pools, each timed until it is there.
pub(super) fn creation<P: Peer>(count: usize, setup: &Setup) -> Sample {
    let mut times = Each::new();
    for _ in 0..count {
        drop(times.watch(|| P::create(setup)));
    }
    Sample::of_parts(times.result().unwrap_or_default())
}
