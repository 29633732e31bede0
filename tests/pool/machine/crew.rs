//! Threads that take one command at a time: what they do together is the same in
//! every run.

use std::sync::mpsc::{channel, Sender};
use std::thread::JoinHandle;

type Job = Box<dyn FnOnce() + Send>;

struct Member {
    jobs: Sender<Job>,
    thread: JoinHandle<()>,
}

pub(super) const MEMBERS: usize = 4;

/// Number 0 is the calling thread; the others start when they are first needed.
#[derive(Default)]
pub(super) struct Crew {
    members: [Option<Member>; MEMBERS],
}

impl Crew {
    /// Runs `work` on thread `who` to its end.
    pub(super) fn call<R: Send + 'static>(
        &mut self,
        who: usize,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> R {
        let who = who % MEMBERS;
        if who == 0 {
            return work();
        }
        let member = self.members[who].get_or_insert_with(Member::new);
        let (sender, result) = channel();
        member.jobs.send(Box::new(move || drop(sender.send(work())))).expect("the thread runs");
        result.recv().expect("the thread did not panic")
    }

    /// Ends thread `who`.
    pub(super) fn end(&mut self, who: usize) {
        if let Some(member) = self.members[who % MEMBERS].take() {
            drop(member.jobs);
            member.thread.join().expect("the thread did not panic");
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        (0..MEMBERS).for_each(|who| self.end(who));
    }
}

impl Member {
    fn new() -> Member {
        let (jobs, work) = channel::<Job>();
        let thread = std::thread::spawn(move || work.into_iter().for_each(|job| job()));
        Member { jobs, thread }
    }
}
