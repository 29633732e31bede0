//! How many processors the process may use.

#![forbid(unsafe_code)]

/// One system call. The standard library would read several files to tell, two thirds
/// of what a short-lived pool cost (33 against 11 us), and a thread that was cancelled
/// (`pthread_cancel`) would end at the first of them, in the midst of a call.
#[cfg(target_os = "linux")]
pub(crate) fn processors() -> usize {
    // Refused where there are more than the set has bits for.
    rustix::thread::sched_getaffinity(None).map_or(1024, |set| set.count() as usize)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, |n| n.get())
}
