//! Faults that models plant into the code they run, each to be found by one of them:
//! a model that could not see its fault would prove nothing. `planted` is `false`
//! in every other build.

#![forbid(unsafe_code)]

macro_rules! bugs {
    ($($(#[$meta:meta])* $name:ident,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Bug { $($(#[$meta])* $name,)* }

        #[cfg(any(loom, shuttle))]
        impl Bug {
            /// The fault of that name.
            pub(crate) fn named(name: &str) -> Option<Bug> {
                [$((stringify!($name), Bug::$name)),*].iter().find(|bug| bug.0 == name).map(|bug| bug.1)
            }
        }
    };
}

bugs! {
    /// The revoker's fence is missing.
    NoHeavyBarrier,
    /// The owner's fence is missing in fenced mode.
    NoFullBarrier,
    /// A revoker does not wait for busy sections.
    NoBusyWait,
    /// The end of a busy section publishes nothing.
    LeaveRelaxed,
    /// Opening a cache publishes nothing.
    OpenRelaxed,
    /// The owner does not see what was published with the token.
    EnterRelaxed,
    /// A revoker does not see what was done in a busy section that it waited for.
    WaitRelaxed,
    /// A cache is left to its thread without publishing what was done to it.
    DetachRelaxed,
    /// A slow section ends before its work.
    LeaveEarly,
    /// The verdict forgets the shards.
    VerdictWithoutShards,
    /// The verdict looks at the caches without revoking them.
    VerdictWithoutRevoking,
    /// A magazine's way between shards hides it from who looks for room.
    EmptyLookedForOnce,
    /// A free hands nothing to waiters.
    FreeServesNobody,
    /// A waiter that gave up does not look whether it was served at that moment.
    TimeoutLosesObject,
    /// A promise that was taken back is kept all the same.
    CancelForgets,
    /// A waiter is told without being woken.
    TellWithoutWake,
    /// Telling a waiter publishes nothing.
    TellRelaxed,
    /// Waiters are not told that the pool ends.
    DestroyForgetsWaiters,
    /// A retiring thread's cache is given on while its end is being told.
    HeldCacheShared,
    /// A retiring thread does not note that its cache is free.
    RetireKeepsHeld,
    /// The pool's caches are dropped after its lock was given up.
    DropOutsideLock,
    /// The pool ends without revoking its caches.
    StopWithoutRevoking,
    /// All caches stamp rounds alike.
    SameStamp,
    /// An inbox is closed while it is being told.
    CloseForgetsPosts,
    /// Who finds an inbox being closed does not wait for that.
    SecondCloseWaitsNot,
    /// Whoever queues an allocation does not see that it was given up meanwhile.
    GivenUpUnseen,
    /// A token is taken without being removed.
    TakeTwice,
    /// An allocation does not compare a round with its slot's word.
    PopUnchecked,
}
