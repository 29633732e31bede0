//! Each planted fault is found by a model, and the models hold in fenced mode, too. Both
//! are decided once per process, so these tests run models in processes of their own.

use crate::sync::Bug;
use std::process::{Command, Output};

/// Runs one model in a process of its own.
fn run(model: &str, environment: &[(&str, &str)]) -> Output {
    let program = std::env::current_exe().unwrap();
    Command::new(program)
        .args(["--exact", &format!("pool::models::{model}"), "--nocapture"])
        .env("RUST_BACKTRACE", "0")
        .env("MAGPOOL_SEED", "1")
        .envs(environment.iter().copied())
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

/// Asserts that a model fails with a fault planted.
fn assert_found(bug: Bug, model: &str, environment: &[(&str, &str)]) {
    let name = format!("{bug:?}");
    let output = run(model, &[environment, &[("MAGPOOL_PLANTED", name.as_str())]].concat());
    let text = text(&output);
    assert!(text.contains("running 1 test"), "{model} is no model:\n{text}");
    assert!(!output.status.success(), "{model} does not see {name}:\n{text}");
    let why = text.lines().skip_while(|line| !line.contains("panicked at")).nth(1);
    println!("planted {name}: found by {model}: {}", why.unwrap_or("the process died"));
}

fn assert_holds(model: &str, environment: &[(&str, &str)]) {
    let output = run(model, environment);
    assert!(output.status.success(), "{}", text(&output));
    text(&output).lines().filter(|line| line.starts_with("model ")).for_each(|line| {
        println!("{line} (fenced mode)");
    });
}

const FENCED: [(&str, &str); 1] = [("MAGPOOL_NO_MEMBARRIER", "1")];

#[test]
fn models_hold_in_fenced_mode() {
    for model in [
        "revocation::revoker_finds_every_round_in_one_place",
        "exhaustion::allocation_takes_from_a_busy_cache",
        "ending::pool_ends_while_a_thread_frees",
    ] {
        assert_holds(model, &FENCED);
    }
}

macro_rules! found {
    ($($(#[$meta:meta])* $bug:ident by $model:literal $(in $environment:expr)?;)*) => {
        $(
            $(#[$meta])*
            #[test]
            #[allow(non_snake_case, reason = "the fault's name")]
            fn $bug() {
                let environment: &[(&str, &str)] = &[$($environment)?];
                assert_found(Bug::$bug, $model, environment);
            }
        )*
    };
}

// Faults of memory order, which shuttle cannot see, and orders that it rarely tries.
#[cfg(loom)]
found! {
    NoHeavyBarrier by "revocation::revoker_finds_every_round_in_one_place";
    NoFullBarrier by "revocation::revoker_finds_every_round_in_one_place" in FENCED[0];
    LeaveRelaxed by "revocation::revoker_finds_every_round_in_one_place";
    OpenRelaxed by "revocation::revoker_finds_every_round_in_one_place";
    EnterRelaxed by "revocation::revoker_finds_every_round_in_one_place";
    TellRelaxed by "waiting::waiter_is_served_by_a_racing_free";
    LeaveEarly by "exhaustion::round_on_its_way_through_a_shard_is_found";
    HeldCacheShared by "ending::cache_passes_to_the_next_thread";
    SameStamp by "misuse::object_freed_twice_at_once_is_had_once";
    StopWithoutRevoking by "ending::pool_ends_while_a_thread_frees";
}

// What shuttle finds in longer programs.
#[cfg(shuttle)]
found! {
    LeaveEarly by "schedules::too_few_objects_have_one_user_each";
    HeldCacheShared by "schedules::threads_come_and_go";
}

found! {
    NoBusyWait by "revocation::revoker_finds_every_round_in_one_place";
    VerdictWithoutShards by "exhaustion::round_on_its_way_through_a_shard_is_found";
    VerdictWithoutRevoking by "exhaustion::allocation_takes_from_a_busy_cache";
    EmptyLookedForOnce by "depot::empty_magazine_is_found_on_its_way";
    FreeServesNobody by "waiting::waiter_is_served_by_a_racing_free";
    TimeoutLosesObject by "waiting::waiter_gives_up_or_is_served";
    TellWithoutWake by "waiting::waiter_is_served_by_a_racing_free";
    DestroyForgetsWaiters by "waiting::waiter_is_told_that_the_pool_ends";
    RetireKeepsHeld by "ending::cache_passes_to_the_next_thread";
    DropOutsideLock by "ending::thread_and_pool_end_at_once";
    PopUnchecked by "misuse::object_freed_twice_at_once_is_had_once";
}
