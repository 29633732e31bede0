//! Each thread takes N objects by one call and gives them back by another, where the peer
//! has such calls.

use super::Task;
use crate::measure::{team, Sample, Tally};
use crate::peer::{Local, Peer};
use crate::sys::write_first;

pub(super) fn sample<P: Peer>(task: &Task<P>, objects: usize) -> Sample {
    team(task.threads, |_, watch| {
        let mut local = task.peer.local();
        let mut held = Vec::with_capacity(objects);
        batches(&mut local, &mut held, objects, task.warming());
        let asked = task.count.div_ceil(objects) * objects;
        let taken = watch.time(|| batches(&mut local, &mut held, objects, task.count));
        Tally { operations: taken as u64, refused: (asked - taken) as u64, latencies: None }
    })
}

#[inline(always)]
fn batches<L: Local>(
    local: &mut L,
    held: &mut Vec<L::Object>,
    objects: usize,
    count: usize,
) -> usize {
    let mut taken = 0;
    for turn in 0..count.div_ceil(objects) {
        taken += local.alloc_batch(held, objects);
        for object in held.iter_mut() {
            write_first(L::bytes(object), turn as u64);
        }
        local.free_batch(held);
    }
    taken
}
