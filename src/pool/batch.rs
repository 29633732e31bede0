//! Batches: whole runs of rounds in one busy section, the rest in one visit to
//! the depot.

#![forbid(unsafe_code)]

use super::alloc::pop_or_exchange;
use super::{Locked, Pool};
use crate::cache::{Popped, Pushed};
use crate::error::Error;

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
    fn alloc_run(&self, out: &mut [usize]) -> (usize, Option<crate::magazine::Round>) {
        let mut got = 0;
        let suspect = self.with_cache(|cache, shared| {
            while got < out.len() {
                match pop_or_exchange(cache, shared) {
                    Popped::Slot(address) => out[got] = address,
                    Popped::Empty => return None,
                    Popped::Suspect(round) => return Some(round),
                }
                got += 1;
            }
            None
        });
        (got, suspect.flatten())
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
            // The next object is odd, or the magazines are full: the depot takes
            // what is plain, and the single call tells what is wrong with one.
            match self.lock() {
                Ok(mut at) => {
                    let run = at.free_run(&objects[done..end]);
                    drop(at);
                    done += run;
                    freed += run;
                }
                Err(_) => return freed,
            }
            if done < end {
                freed += usize::from(self.free(objects[done]).is_ok());
                done += 1;
            }
        }
        freed
    }

    fn free_run(&self, objects: &[usize]) -> usize {
        let run = self.with_cache(|cache, shared| {
            objects
                .iter()
                .take_while(|&&address| {
                    matches!(self.push_or_exchange(cache, shared, address), Pushed::Done)
                })
                .count()
        });
        run.unwrap_or(0)
    }
}

impl Locked<'_> {
    /// As many as can be had; an error if that is fewer than asked for.
    fn alloc_run(&mut self, out: &mut [usize]) -> (usize, Result<(), Error>) {
        let mut got = 0;
        self.attach();
        while got < out.len() {
            match self.pop_from_depot() {
                Ok(Popped::Slot(address)) => {
                    out[got] = address;
                    got += 1;
                }
                Ok(Popped::Empty) => {}
                Ok(Popped::Suspect(round)) => self.drop_suspect(round),
                Err(error) => return (got, Err(error)),
            }
        }
        (got, Ok(()))
    }

    /// Frees plain objects to the depot; stops at the first that is not.
    fn free_run(&mut self, objects: &[usize]) -> usize {
        let run = objects.iter().take_while(|&&address| self.free_plain(address)).count();
        self.relax();
        run
    }

    fn free_plain(&mut self, address: usize) -> bool {
        let plain = self.is_plain(address);
        if plain {
            self.push_to_depot(address);
        }
        plain
    }
}
