//! Each planted fault is found by a model, and the models hold in fenced mode, too. Both
//! are decided once per process, so these tests run models in processes of their own.

use crate::sync::Bug;
use std::process::{Command, Output};

/// Runs one model in a process of its own.
fn run(model: &str, environment: &[(&str, &str)]) -> Output {
    let program = std::env::current_exe().unwrap();
    let path = match model.strip_prefix("inbox::") {
        Some(name) => format!("inbox::models::{name}"),
        None => format!("pool::models::{model}"),
    };
    Command::new(program)
        .args(["--exact", &path, "--nocapture"])
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
        "explicit::cache_of_a_handle_is_revoked_and_destroyed",
    ] {
        assert_holds(model, &FENCED);
    }
}

macro_rules! found {
    ($($bug:ident by $($model:literal),+ $(in $environment:expr)?;)*) => {
        $(
            #[test]
            #[allow(non_snake_case, reason = "the fault's name")]
            fn $bug() {
                let environment: &[(&str, &str)] = &[$($environment)?];
                $(assert_found(Bug::$bug, $model, environment);)+
            }
        )*
    };
}

/// Faults of memory order, which shuttle cannot see, and orders that it rarely tries.
#[cfg(loom)]
mod by_loom {
    use super::*;

    found! {
        NoHeavyBarrier by "revocation::revoker_finds_every_round_in_one_place",
            "exhaustion::three_threads_share_three_objects",
            "explicit::cache_of_a_handle_is_revoked_and_destroyed",
            "explicit::cache_of_a_handle_passes_to_another_thread";
        WaitRelaxed by "revocation::revoker_finds_every_round_in_one_place";
        DetachRelaxed by "ending::cache_of_an_ended_pool_is_its_threads_to_free";
        LeaveRelaxed by "revocation::revoker_finds_every_round_in_one_place",
            "ending::thread_ends_while_its_cache_is_revoked";
        OpenRelaxed by "revocation::revoker_finds_every_round_in_one_place";
        EnterRelaxed by "revocation::revoker_finds_every_round_in_one_place";
        VerdictWithoutRevoking by "exhaustion::no_object_is_had_twice_when_there_are_too_few";
        LeaveEarly by "depot::refills_and_flushes_lose_nothing",
            "exhaustion::round_on_its_way_through_a_shard_is_found";
        TellRelaxed by "waiting::waiter_is_served_by_a_racing_free",
            "waiting::free_and_end_race_for_a_waiter";
        HeldCacheShared by "ending::cache_passes_to_the_next_thread";
        StopWithoutRevoking by "ending::pool_ends_while_a_thread_frees",
            "ending::pool_ends_whatever_is_live",
            "explicit::pool_ends_before_the_cache_of_a_handle";
        SameStamp by "misuse::object_freed_twice_at_once_is_had_once";
    }
}

/// The same of fenced mode.
#[cfg(loom)]
mod by_loom_in_fenced_mode {
    use super::*;

    found! {
        NoFullBarrier by "revocation::revoker_finds_every_round_in_one_place" in FENCED[0];
        OpenRelaxed by "revocation::revoker_finds_every_round_in_one_place" in FENCED[0];
        EnterRelaxed by "revocation::revoker_finds_every_round_in_one_place" in FENCED[0];
    }
}

/// Faults that it takes a longer program to find in random orders.
#[cfg(shuttle)]
mod by_shuttle {
    use super::*;

    found! {
        SecondCloseWaitsNot by "inbox::second_close_waits_for_a_post";
        NoBusyWait by "schedules::who_holds_one_of_as_many_is_never_refused";
        LeaveEarly by "schedules::too_few_objects_have_one_user_each";
        FreeServesNobody by "schedules::every_waiter_is_served_in_the_end";
        DestroyForgetsWaiters by "schedules::pool_ends_among_many";
        HeldCacheShared by "schedules::threads_come_and_go";
    }
}

mod by_both {
    use super::*;

    found! {
        NoBusyWait by "revocation::revoker_finds_every_round_in_one_place";
        VerdictWithoutShards by "exhaustion::round_on_its_way_through_a_shard_is_found";
        VerdictWithoutRevoking by "exhaustion::allocation_takes_from_a_busy_cache";
        EmptyLookedForOnce by "depot::empty_magazine_is_found_on_its_way";
        FreeServesNobody by "waiting::waiter_is_served_by_a_racing_free",
            "waiting::waiter_is_served_by_a_thread_that_ends";
        TellWithoutWake by "waiting::two_waiters_are_served_by_one_free_each";
        TimeoutLosesObject by "waiting::waiter_gives_up_or_is_served";
        CancelForgets by "later::promise_is_kept_or_taken_back";
        DestroyForgetsWaiters by "waiting::waiter_is_told_that_the_pool_ends",
            "later::promise_ends_with_the_pool";
        RetireKeepsHeld by "ending::cache_passes_to_the_next_thread";
        DropOutsideLock by "ending::thread_and_pool_end_at_once";
        CloseForgetsPosts by "inbox::close_waits_for_a_post";
        GivenUpUnseen by "inbox::allocation_and_close_race";
        TakeTwice by "inbox::one_of_two_takes_an_object";
        PopUnchecked by "misuse::object_freed_twice_at_once_is_had_once";
    }
}
