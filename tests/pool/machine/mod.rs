//! A machine that runs random programs of all operations, on pools of all shapes and
//! by several threads, beside a reference that says what each must come to.
//!
//! `PROPTEST_CASES=n` runs so many programs; `MAGPOOL_SEED=n` draws the same ones
//! again. What fails is shrunk to a short program.

mod crew;
mod face;
mod model;
mod play;
mod steps;

use crate::support::{seed, Random};
use crate::sys;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

#[test]
fn random_programs_come_to_what_the_reference_says() {
    let mut random = Random(seed());
    let seed: Vec<u8> = (0..4).flat_map(|_| random.next().to_ne_bytes()).collect();
    let config = Config { failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let run = runner.run(&steps::programme(), |(shapes, steps)| play::run(&shapes, &steps));
    if let Err(error) = run {
        panic!("{error}");
    }
}

fn handle(pool: usize) -> *mut sys::pool_t {
    std::ptr::with_exposed_provenance_mut(pool)
}

fn pointer(address: usize) -> *mut std::ffi::c_void {
    std::ptr::with_exposed_provenance_mut(address)
}

/// The pool whose slots an address lies in, or 0.
fn owner_of(address: usize) -> usize {
    // SAFETY: any address will do.
    unsafe { sys::pool_of(pointer(address)) }.expose_provenance()
}

fn stats_of(pool: usize) -> Result<sys::pool_stats_t, TestCaseError> {
    // SAFETY: plain numbers, for which zeros will do.
    let mut stats: sys::pool_stats_t = unsafe { std::mem::zeroed() };
    stats.struct_size = size_of_val(&stats);
    // SAFETY: a handle, and a struct of the size it says.
    let status = unsafe { sys::pool_get_stats(handle(pool), &mut stats) };
    prop_assert_eq!(status, sys::POOL_OK);
    Ok(stats)
}

/// The report of a pool that must be sound.
fn report_of(pool: usize) -> Result<sys::pool_report_t, TestCaseError> {
    // SAFETY: numbers and a pointer, for which zeros will do.
    let mut report: sys::pool_report_t = unsafe { std::mem::zeroed() };
    report.struct_size = size_of_val(&report);
    // SAFETY: a handle, and a struct of the size it says.
    let status = unsafe { sys::pool_check(handle(pool), &mut report) };
    prop_assert_eq!(status, sys::POOL_OK);
    prop_assert_eq!(report.duplicates + report.out_of_range + report.overwritten, 0);
    Ok(report)
}
