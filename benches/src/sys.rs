//! What needs unsafe code beside the adapters: clocks, the counter of processor cycles, an
//! object's first bytes.

#![allow(unsafe_code, reason = "calls the system, and writes to objects by their address")]

use std::sync::OnceLock;
use std::time::Instant;

/// Processor time of the calling thread in nanoseconds.
pub(crate) fn thread_time() -> u64 {
    clock(libc::CLOCK_THREAD_CPUTIME_ID)
}

/// Processor time of all threads there are and were, in nanoseconds.
pub(crate) fn process_time() -> u64 {
    clock(libc::CLOCK_PROCESS_CPUTIME_ID)
}

fn clock(id: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes the time to a place of this call.
    unsafe { libc::clock_gettime(id, &raw mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// A counter that rises at a constant rate. What stands before it in the program is done
/// before it is read, and what stands after it begins after that.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn ticks() -> u64 {
    use std::arch::x86_64::{_mm_lfence, _rdtsc};
    // SAFETY: every x86-64 processor has both.
    unsafe {
        _mm_lfence();
        let ticks = _rdtsc();
        _mm_lfence();
        ticks
    }
}

#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn ticks() -> u64 {
    clock(libc::CLOCK_MONOTONIC)
}

/// How the counter relates to time.
#[derive(Clone, Copy)]
pub(crate) struct Ticking {
    /// Nanoseconds of a tick.
    pub(crate) nanoseconds: f64,
    /// Ticks between two readings with nothing between them.
    pub(crate) own: u64,
}

impl Ticking {
    /// Of this machine; takes a fiftieth of a second the first time.
    pub(crate) fn here() -> Ticking {
        static HERE: OnceLock<Ticking> = OnceLock::new();
        *HERE.get_or_init(|| {
            let own = (0..10_000).map(|_| ticks().abs_diff(ticks())).min().unwrap_or(0);
            let (begin, first) = (Instant::now(), ticks());
            while begin.elapsed().as_millis() < 20 {
                std::hint::spin_loop();
            }
            let passed = begin.elapsed().as_nanos() as f64;
            Ticking { nanoseconds: passed / ticks().saturating_sub(first).max(1) as f64, own }
        })
    }
}

/// Writes an object's first 8 bytes, as a program would that uses it.
///
/// The caller has the object, which has at least 8 bytes.
#[inline(always)]
pub(crate) fn write_first(object: *mut u8, value: u64) {
    // SAFETY: the workloads call this with live objects of at least 8 bytes, and nobody else
    // has them.
    unsafe { object.cast::<u64>().write_unaligned(value) };
    // SAFETY: no instruction. The compiler may not know that nobody looks at the bytes.
    unsafe { std::arch::asm!("/* {0} */", in(reg) object, options(nostack, preserves_flags)) };
}

/// Reads what `write_first` wrote, maybe on another thread.
#[inline(always)]
pub(crate) fn read_first(object: *mut u8) -> u64 {
    // SAFETY: as in `write_first`; a ring or a barrier lies between the two.
    unsafe { object.cast::<u64>().read_unaligned() }
}

/// The time in UTC, as RFC 3339 has it.
pub(crate) fn date() -> String {
    // SAFETY: a null argument asks for the result only.
    let seconds = unsafe { libc::time(std::ptr::null_mut()) };
    // SAFETY: a `tm` is numbers and a pointer, for which zero is a value.
    let mut now: libc::tm = unsafe { std::mem::zeroed() };
    // SAFETY: both places are this call's.
    unsafe { libc::gmtime_r(&raw const seconds, &raw mut now) };
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        now.tm_year + 1900,
        now.tm_mon + 1,
        now.tm_mday,
        now.tm_hour,
        now.tm_min,
        now.tm_sec
    )
}
