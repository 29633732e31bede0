//! The tables that are printed, and the verdict on the pools.

use crate::figures::Figures;
use crate::measure::{CONTENDERS, CROWDS, MALLOC, MESSAGE, POOL};
use crate::Outcome;
use std::fmt::Write;

const POOLS: [&str; 4] = ["SmallMessage", "MediumMessage", "LargeMessage", "StressTestMessage"];

/// The members of the C part's report of a pool.
struct PoolFigures {
    clean: bool,
    capacity: u64,
    grows: u64,
    in_use: u64,
    lost: u64,
    allocated: u64,
}

fn pool_figures(figures: &Figures, index: usize) -> Option<PoolFigures> {
    match figures.list(&format!("pool.{index}"))?[..] {
        [clean, capacity, grows, in_use, lost, allocated, ..] => {
            Some(PoolFigures { clean: clean == 1, capacity, grows, in_use, lost, allocated })
        }
        _ => None,
    }
}

/// Fails unless every pool is sound, idle, and has lost nothing.
pub(crate) fn proof(figures: &Figures) -> Outcome<()> {
    for (index, name) in POOLS.iter().enumerate() {
        let pool = pool_figures(figures, index).ok_or(format!("no report of the pool {name}"))?;
        if !pool.clean || pool.in_use != 0 || pool.lost != 0 {
            let (in_use, lost) = (pool.in_use, pool.lost);
            let found = if pool.clean { "undamaged" } else { "DAMAGED" };
            return Err(format!("the pool {name} is {found}, {in_use} in use, {lost} lost"));
        }
    }
    Ok(())
}

/// All tables.
pub(crate) fn all(figures: &Figures, cores: u32) -> String {
    let mut out = String::new();
    let tables = [latency, at_once, contention, scalability, integrity];
    let written = tables.iter().try_for_each(|table| table(&mut out, figures, cores));
    debug_assert!(written.is_ok(), "writing to a string fails");
    out
}

type Written = std::fmt::Result;

/// A number with a space after every three digits.
fn spaced(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    groups.map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}

/// A cell: the figure as `show` shows it, or a dash.
fn cell(figures: &Figures, name: &str, show: impl Fn(f64) -> String) -> String {
    figures.number(name).map_or("-".to_owned(), show)
}

fn latency(out: &mut String, figures: &Figures, cores: u32) -> Written {
    writeln!(out, "\nLatency: nanoseconds for an allocation and its free")?;
    writeln!(out, "  {:<46}{:>9}{:>9}{:>9}", "", "C", "Rust", "Dart")?;
    let rows = [
        (POOL, "pool_alloc + pool_free"),
        (MALLOC, "malloc + free"),
        (MESSAGE, "SmallMessage, written and verified"),
    ];
    for (load, threads) in [("1", "1 thread".to_owned()), ("n", format!("{cores} threads"))] {
        for (what, name) in rows {
            write!(out, "  {:<46}", format!("{name}, {threads}"))?;
            for language in ["c", "rust", "dart"] {
                let name = format!("latency.{language}.{what}.{load}");
                let show = |picoseconds| format!("{:.1}", picoseconds / 1000.0);
                write!(out, "{:>9}", cell(figures, &name, show))?;
            }
            writeln!(out)?;
        }
    }
    Ok(())
}

fn at_once(out: &mut String, figures: &Figures, _: u32) -> Written {
    let ms = figures.number("together.ms").unwrap_or(1.0);
    match figures.text("no dart") {
        None => {
            writeln!(out, "\nThroughput: C, Rust and Dart at once, in one process, on four pools")?
        }
        Some(why) => writeln!(out, "\nThroughput: C and Rust at once ({why})")?,
    }
    for (key, who) in [
        ("c", "C        3 threads,  written and verified in part"),
        ("rust", "Rust     3 threads,  every field written and verified"),
        ("dart", "Dart     3 isolates, written and verified in part"),
    ] {
        let show = |pairs: f64| spaced((pairs / ms * 1000.0) as u64);
        let rate = cell(figures, &format!("together.{key}"), show);
        writeln!(out, "  {who:<56}{rate:>13} pairs/s")?;
    }
    if let Some(checks) = figures.text("together.checks") {
        writeln!(out, "  checked {checks} times meanwhile: every slot in exactly one place")?;
    }
    if let Some([by_c, by_rust]) = figures.list("handover").as_deref() {
        let (by_c, by_rust) = (spaced(*by_c), spaced(*by_rust));
        writeln!(out, "  handed over: {by_c} messages from C to Dart to C, and")?;
        writeln!(
            out,
            "  {by_rust} from C to Dart to Rust, in a pool that Rust threads were using"
        )?;
    }
    Ok(())
}

fn contention(out: &mut String, figures: &Figures, _: u32) -> Written {
    writeln!(out, "\nContention: 10 000 pairs by each thread (Rust), microseconds")?;
    writeln!(out, "  {:<10}{:>14}{:>14}{:>9}", "threads", "one pool", "own pools", "ratio")?;
    for threads in CONTENDERS {
        let figure = |kind| figures.number(&format!("contention.{kind}.{threads}")).unwrap_or(0.0);
        let (shared, isolated): (f64, f64) = (figure("shared"), figure("isolated"));
        let ratio = shared / isolated.max(1.0);
        writeln!(out, "  {threads:<10}{shared:>14.0}{isolated:>14.0}{ratio:>9.2}")?;
    }
    Ok(())
}

fn scalability(out: &mut String, figures: &Figures, cores: u32) -> Written {
    writeln!(out, "\nScalability: million pairs a second by all threads, on {cores} cores")?;
    let heads = ["pool (C)", "malloc (C)", "bursts of messages (Rust)"];
    writeln!(out, "  {:<10}{:>10}{:>12}{:>28}", "threads", heads[0], heads[1], heads[2])?;
    for threads in CROWDS {
        let figure = |who| {
            let show = |rate| format!("{:.1}", rate / 1e6);
            cell(figures, &format!("scale.{who}.{threads}"), show)
        };
        let (pool, malloc, rust) = (figure("pool"), figure("malloc"), figure("rust"));
        writeln!(out, "  {threads:<10}{pool:>10}{malloc:>12}{rust:>28}")?;
    }
    Ok(())
}

fn integrity(out: &mut String, figures: &Figures, _: u32) -> Written {
    writeln!(out, "\nIntegrity: pool_check of each pool, after all that")?;
    let heads = ["pool", "verdict", "in use", "lost", "capacity", "grown", "allocated"];
    let [name, verdict, in_use, lost, capacity, grown, allocated] = heads;
    let head = format!("{name:<20}{verdict:<10}{in_use:>7}{lost:>6}{capacity:>10}{grown:>7}");
    writeln!(out, "  {head}{allocated:>14}")?;
    for (index, name) in POOLS.iter().enumerate() {
        let Some(pool) = pool_figures(figures, index) else { continue };
        let verdict = if pool.clean { "clean" } else { "DAMAGED" };
        let (in_use, lost, grows) = (pool.in_use, pool.lost, pool.grows);
        let (capacity, allocated) = (spaced(pool.capacity), spaced(pool.allocated));
        let row = format!("{name:<20}{verdict:<10}{in_use:>7}{lost:>6}{capacity:>10}{grows:>7}");
        writeln!(out, "  {row}{allocated:>14}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{all, proof, spaced, Figures};

    fn with_pools(report: &str) -> Figures {
        let mut figures = Figures::default();
        (0..4).for_each(|index| figures.set(&format!("pool.{index}"), report));
        figures
    }

    #[test]
    fn pools_that_are_damaged_busy_or_short_fail() {
        assert_eq!(proof(&with_pools("1,100,0,0,0,5,100,95")), Ok(()));
        for bad in ["0,100,0,0,0,5,100,95", "1,100,0,1,0,5,100,95", "1,100,0,0,1,5,100,95", "1,2"] {
            assert!(proof(&with_pools(bad)).is_err(), "{bad}");
        }
        assert!(proof(&Figures::default()).is_err());
    }

    #[test]
    fn what_was_not_measured_is_a_dash() {
        let text = all(&with_pools("1,1600,4,0,0,1234567,100000,1"), 2);
        assert!(text.contains("1 234 567") && text.contains(" -\n"), "{text}");
    }

    #[test]
    fn digits_are_spaced_by_threes() {
        assert_eq!([0, 999, 1000, 1234567].map(spaced), ["0", "999", "1 000", "1 234 567"]);
    }
}
