//! Batches: whole runs of rounds in one busy section, the rest in one visit to
//! the depot.

#![forbid(unsafe_code)]

use super::alloc::pop_run;
use super::{Locked, Pool};
use crate::cache::Popped;
use crate::error::Error;
use crate::local::{self, VISITS_TO_FREE};
use crate::magazine::Round;

/// Most objects moved in one busy section or one visit to the depot, so that
/// nobody waits long for a large batch.
const RUN: usize = 256;

impl Pool {
    /// Fills `out` from its start; returns how many, and why not all.
    pub(crate) fn alloc_batch(&self, out: &mut [usize]) -> (usize, Result<(), Error>) {
        let mut done = 0;
        while done < out.len() {
            let end = out.len().min(done + RUN);
            let (got, suspect) = self.alloc_run(&mut out[done..end]);
            done += got;
            let more = match suspect {
                Some(round) => self.judge(round),
                None if done == end => Ok(()),
                None => self.lock().and_then(|mut at| {
                    let (got, more) = at.alloc_run(&mut out[done..end]);
                    done += got;
                    more
                }),
            };
            if more.is_err() {
                return (done, more);
            }
        }
        (done, Ok(()))
    }

    /// As many as the caches and shards give in one busy section.
    fn alloc_run(&self, out: &mut [usize]) -> (usize, Option<Round>) {
        match self.with_cache(|cache, shared| pop_run(cache, shared, out)) {
            Some((got, Popped::Suspect(round))) => (got, Some(round)),
            Some((got, _)) => (got, None),
            None => (0, None),
        }
    }

    /// Frees all objects that can be freed; returns how many.
    pub(crate) fn free_batch(&self, objects: &[usize]) -> usize {
        let mut done = 0;
        let mut freed = 0;
        while done < objects.len() {
            let end = objects.len().min(done + RUN);
            let run = self.free_run(&objects[done..end]);
            done += run;
            freed += run;
            if done == end {
                continue;
            }
            // The magazines are full, or the next object is odd: then the single call
            // tells what is wrong with it.
            let Ok(run) = self.lock().map(|mut at| at.free_run(&objects[done..end])) else {
                return freed;
            };
            done += run;
            freed += run;
            if run == 0 {
                freed += usize::from(self.free(objects[done]).is_ok());
                done += 1;
            }
        }
        freed
    }

    /// As many as the caches and shards take in one busy section.
    fn free_run(&self, objects: &[usize]) -> usize {
        self.with_cache(|cache, shared| self.push_run(cache, shared, objects)).unwrap_or(0)
    }
}

impl Locked<'_> {
    /// One object and a magazine to go on with, if the thread has a cache; else as
    /// many as can be had. An error if that is none, or fewer than asked for.
    fn alloc_run(&mut self, out: &mut [usize]) -> (usize, Result<(), Error>) {
        let cache = self.attach(local::visits_to_alloc());
        let mut got = 0;
        while got < out.len() {
            let popped = match cache {
                Some(_) if !self.tight && got > 0 => break,
                Some(cache) if !self.tight => self.pop_from_cache(cache),
                _ => self.pop_from_depot(),
            };
            match popped {
                Ok(Popped::Slot(address)) => {
                    out[got] = address;
                    got += 1;
                }
                Ok(Popped::Empty) => {}
                Ok(Popped::Suspect(round)) => self.drop_suspect(round),
                Err(error) => {
                    self.failed_allocs += 1;
                    return (got, Err(error));
                }
            }
        }
        (got, Ok(()))
    }

    /// Frees one object and makes room in the cache, if the thread has one; else
    /// all up to the first that is not plainly live.
    fn free_run(&mut self, objects: &[usize]) -> usize {
        let cache = self.attach(VISITS_TO_FREE);
        let mut done = 0;
        while objects.get(done).is_some_and(|&address| self.is_plain(address)) {
            match cache {
                Some(_) if !self.tight && done > 0 => break,
                Some(cache) if !self.tight && self.push_to_cache(cache, objects[done]) => {}
                _ => self.push_to_depot(objects[done]),
            }
            done += 1;
        }
        self.relax();
        done
    }
}
