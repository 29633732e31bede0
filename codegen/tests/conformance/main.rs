//! The wire format and JSON beside Python's protobuf (upb): what it draws, damages and refuses, and
//! the usual cases of a conformance suite from a table, which needs no Python. `ci/conformance.sh`
//! provides the Python.

mod ask;
#[path = "../common/mod.rs"]
mod common;
mod table;
mod types;

use ask::{Oracle, Subject, Verdict};
use table::{Expect, Row};

/// Statuses of `pool_wire.h`.
mod status {
    pub(crate) const TRUNCATED: i32 = -1;
    pub(crate) const OVERLONG: i32 = -2;
    pub(crate) const BAD_TAG: i32 = -3;
    pub(crate) const WRONG_TYPE: i32 = -4;
    pub(crate) const TOO_LONG: i32 = -5;
    pub(crate) const TOO_MANY: i32 = -6;
    pub(crate) const BAD_UTF8: i32 = -7;
    pub(crate) const TOO_DEEP: i32 = -8;
    pub(crate) const WRONG_LENGTH: i32 = -13;
    pub(crate) const MISSING: i32 = -14;
}

/// Those that subject.c knows.
const MESSAGES: &[&str] = &[
    "concurrent.SmallMessage",
    "concurrent.MediumMessage",
    "concurrent.LargeMessage",
    "concurrent.StressTestMessage",
    "concurrent.PoolStatsMessage",
    "every.All",
    "every.AllMaps",
    "every.AllInner",
    "golden.keep.Kept",
    "golden.keep.KeptMap",
    "golden.keep.KeptAlone",
    "golden.keep.KeptFar",
    "golden.kinds.Everything",
    "golden.kinds.Lists",
    "golden.kinds.Words",
    "golden.old.Record",
    "golden.rich.Choice",
    "golden.rich.Maybe",
    "golden.rich.Maps",
    "golden.rich.Exact",
    "golden.rich.Loose",
    "golden.rich.Compact",
    "golden.rich.Nothing",
    "golden.rich.Fading",
    "several.Event",
];

/// Random messages of each kind.
const ROUNDS: usize = 300;

fn seed() -> u64 {
    let given = std::env::var("MAGPOOL_SEED").ok().and_then(|seed| seed.parse().ok());
    let clock = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seed = given.unwrap_or_else(|| clock().map_or(1, |time| time.as_nanos() as u64));
    println!("MAGPOOL_SEED={seed}");
    seed
}

/// Whether it is documented that we refuse this although others take it: proto/README.md.
fn is_documented(message: &str, refused: i32) -> bool {
    match refused {
        // Bounds.
        status::TOO_LONG | status::TOO_MANY | status::WRONG_LENGTH => true,
        // Others pass over it as unknown.
        status::WRONG_TYPE => true,
        // Others drop what is above 64 bits.
        status::OVERLONG => true,
        // Others do not look at the strings of proto2.
        status::BAD_UTF8 => {
            message.starts_with("golden.old.") || message.starts_with("golden.keep.")
        }
        _ => false,
    }
}

/// Whether it is documented that a part of what both take may be unknown to Python alone: entries of
/// maps that have more than key and value.
fn may_be_unknown(message: &str) -> bool {
    let others = ["golden.keep.KeptMap", "golden.old.Record", "several.Event"];
    message.ends_with("Maps") || others.contains(&message)
}

/// How often bytes were taken by both; refused by both; refused by us alone; taken by both, but
/// with a part that is unknown to Python.
type Tally = [usize; 4];

/// Both refuse, or both take it and mean the same, JSON included, or the difference is documented.
fn agree(ours: &mut Subject, theirs: &mut Oracle, message: &str, bytes: &[u8], tally: &mut Tally) {
    let mine = ours.decode(message, bytes);
    match (mine, theirs.parse(message, bytes, b"")) {
        (Ok(_), Verdict::Taken { has_known: true, .. }) if may_be_unknown(message) => tally[3] += 1,
        (Ok(mine), Verdict::Taken { bytes: expected, .. }) => {
            tally[0] += 1;
            let Verdict::Taken { bytes: again, fault, .. } =
                theirs.parse(message, &mine.bytes, &mine.json)
            else {
                panic!("{message} {bytes:02x?}: it refuses our {:02x?}", mine.bytes);
            };
            assert_eq!(again, expected, "{message} {bytes:02x?}: another message");
            let json = String::from_utf8_lossy(&mine.json);
            assert_eq!(fault, "", "{message} {bytes:02x?}: {json}");
        }
        (Err(_), Verdict::Refused) => tally[1] += 1,
        (Err(mine), Verdict::Taken { .. }) => {
            tally[2] += 1;
            assert!(is_documented(message, mine.status), "{message} {bytes:02x?}: {mine:?}");
        }
        (Ok(_), Verdict::Refused) => panic!("{message}: we take {bytes:02x?}, Python does not"),
    }
}

#[test]
fn python_reads_what_we_write_and_we_what_it_writes_or_both_refuse() {
    let Some(mut theirs) = Oracle::start(seed()) else { return };
    let mut ours = Subject::start();
    let (mut whole, mut hurt) = ([0; 4], [0; 4]);
    for _ in 0..ROUNDS {
        for message in MESSAGES {
            let [bytes, damaged] = theirs.draw(message);
            agree(&mut ours, &mut theirs, message, &bytes, &mut whole);
            agree(&mut ours, &mut theirs, message, &damaged, &mut hurt);
        }
    }
    println!("taken, refused, refused by us, taken with unknown parts: {whole:?} {hurt:?}");
    assert_eq!(whole[0], ROUNDS * MESSAGES.len(), "{whole:?}: what is in bounds is refused");
    assert!(hurt[..3].iter().all(|&times| times > ROUNDS), "{hurt:?} tests little");
}

#[test]
fn table_holds() {
    let mut ours = Subject::start();
    let mut wrong = Vec::new();
    for Row { about, message, bytes, expect } in table::rows() {
        let done = ours.decode(message, &bytes);
        let holds = match (&expect, &done) {
            (Expect::Is(expected) | Expect::Open(expected), Ok(done)) => done.bytes == *expected,
            (Expect::Refused(status) | Expect::Ours(status), Err(error)) => error.status == *status,
            _ => false,
        };
        if !holds {
            wrong.push(format!("{about}: {message} {bytes:02x?}: {done:02x?}, not {expect:02x?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn python_agrees_with_the_table() {
    let Some(mut theirs) = Oracle::start(1) else { return };
    let rows = table::rows();
    println!("{} rows", rows.len());
    let mut wrong = Vec::new();
    for Row { about, message, bytes, expect } in rows {
        let verdict = theirs.parse(message, &bytes, b"");
        let holds = match (&expect, &verdict) {
            (Expect::Is(expected), Verdict::Taken { bytes, .. }) => {
                match theirs.parse(message, expected, b"") {
                    Verdict::Taken { bytes: again, .. } => again == *bytes,
                    _ => false,
                }
            }
            (Expect::Open(_), Verdict::Taken { has_known, .. }) => *has_known,
            (Expect::Refused(_), Verdict::Refused) => true,
            (Expect::Ours(status), Verdict::Taken { .. }) => is_documented(message, *status),
            _ => false,
        };
        if !holds {
            wrong.push(format!(
                "{about}: {message} {bytes:02x?}: {verdict:02x?}, not {expect:02x?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
