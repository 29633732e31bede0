//! The report as text, for a terminal.

use super::number::{self, grouped, usable, Column, NONE};
use super::view::{
    is_ratio, measured, ranked, target_figure, threads, was_busy, Measure, Run, Verdict,
};
use crate::outcome::{Case, Outcome, PeerResult};
use std::fmt::Write;

/// Everything that the page has but its plots.
pub(super) fn table(outcome: &Outcome) -> String {
    let run = Run::new(outcome);
    let mut out = String::new();
    opening(&run, &mut out);
    run.cases().iter().for_each(|case| case_lines(&run, case, &mut out));
    targets(&run, &mut out);
    losses(&run, &mut out);
    missing(&run, &mut out);
    out.replace(['\u{a0}', '\u{202f}'], " ")
}

fn opening(run: &Run, out: &mut String) {
    let (machine, settings) = (&run.outcome.machine, &run.outcome.settings);
    line(out, format!("magpool and its peers: {} run, {}", settings.form, settings.date));
    let memory = number::bytes(machine.memory_bytes as f64);
    line(out, format!("{} × {}, {memory}", machine.processors, machine.processor));
    line(out, format!("{}; {}; commit {}", machine.system, machine.compiler, settings.commit));
    let (rounds, seed, seconds) = (settings.rounds, settings.seed, number::plain(settings.seconds));
    line(out, format!("{rounds} rounds, seed {seed}, {seconds} s"));
    let [start, end] = machine.load.map(number::plain);
    line(out, format!("load average {start} at the start, {end} at the end"));
    if was_busy(machine) {
        line(out, "WARNING: the machine was busy when the run began; trust no figure of it");
    }
}

fn case_lines(run: &Run, case: &Case, out: &mut String) {
    let wall = Column::times(case.results.iter().map(|result| result.wall.median));
    let rate = Column::rates(case.results.iter().map(|result| result.throughput));
    let has_time = case.results.iter().any(measured);
    let (who, bytes) = (threads(case.threads), case.object_bytes);
    line(out, "");
    let unit = if has_time { wall.unit } else { "no times" };
    line(out, format!("{}, {who}, {bytes} B ({unit}, one {})", case.workload, case.unit));
    line(out, format!("  {}", case.what));
    let has_latency = case.results.iter().any(|result| result.latency.is_some());
    let has_memory = case.results.iter().any(|result| result.memory.is_some());
    let times = ["median", "quartiles", "processor", rate.unit, "of best"];
    let parts: [(bool, &[&str]); 4] = [
        (true, &["peer"]),
        (has_time, &times),
        (has_latency, &["p99.9"]),
        (has_memory, &["resident", "B beyond", "stranded"]),
    ];
    let head = parts.iter().filter(|part| part.0).flat_map(|part| part.1);
    let mut rows = vec![head.map(|name| (*name).to_owned()).collect()];
    for result in ranked(case) {
        rows.push(cells(run, case, result, &wall, &rate, (has_time, has_latency, has_memory)));
    }
    let marks = ranked(case).into_iter().map(|result| run.is_magpool(result));
    let marks: Vec<bool> = std::iter::once(false).chain(marks).collect();
    let notes = ranked(case).into_iter().map(|result| result.note.as_deref());
    let notes: Vec<Option<&str>> = std::iter::once(None).chain(notes).collect();
    for ((cells, mark), note) in aligned(&rows).into_iter().zip(marks).zip(notes) {
        let note = note.map_or_else(String::new, |note| format!("  {note}"));
        line(out, format!("{} {cells}{note}", if mark { '>' } else { ' ' }));
    }
}

fn cells(
    run: &Run,
    case: &Case,
    result: &PeerResult,
    wall: &Column,
    rate: &Column,
    (has_time, has_latency, has_memory): (bool, bool, bool),
) -> Vec<String> {
    let show = |column: &Column, value: f64| match usable(value) {
        true => column.show(value),
        false => NONE.to_owned(),
    };
    // A case's processor times have the unit of its elapsed times.
    let spread = &result.wall;
    let quartiles = match measured(result) {
        true => format!("{} - {}", wall.show(spread.low), wall.show(spread.high)),
        false => NONE.to_owned(),
    };
    let mut cells = vec![result.peer.clone()];
    if has_time {
        cells.extend([
            show(wall, spread.median),
            quartiles,
            show(wall, result.processor.median),
            show(rate, result.throughput),
            run.ratio(case, result).map_or_else(|| NONE.to_owned(), number::ratio),
        ]);
    }
    if has_latency {
        let tail = result.latency.as_ref().map(|latency| number::time(latency.p999));
        cells.push(tail.unwrap_or_else(|| NONE.to_owned()));
    }
    if has_memory {
        let memory = result.memory.as_ref();
        let resident = memory.map(|memory| number::bytes(memory.resident_bytes as f64));
        let beyond = memory.map(|memory| grouped(memory.overhead_per_object, 1));
        let stranded = memory.map(|memory| grouped(memory.stranded as f64, 0));
        let memory = [resident, beyond, stranded];
        cells.extend(memory.map(|cell| cell.unwrap_or_else(|| NONE.to_owned())));
    }
    cells
}

fn targets(run: &Run, out: &mut String) {
    if run.outcome.targets.is_empty() {
        return;
    }
    line(out, "");
    line(out, "Targets");
    let mut rows = Vec::new();
    for target in &run.outcome.targets {
        let versus = if is_ratio(run, target) { target.versus.as_str() } else { "a bound" };
        rows.push(vec![
            format!("{}, {}: {}", target.workload, threads(target.threads), target.what),
            versus.to_owned(),
            format!("<= {}", target_figure(run, target, target.wanted)),
            target_figure(run, target, target.reached),
            stressed(Verdict::of(target)),
        ]);
    }
    aligned(&rows).into_iter().for_each(|row| line(out, format!("  {row}")));
}

/// A missed target stands out without colours.
fn stressed(verdict: Verdict) -> String {
    match verdict {
        Verdict::Missed => verdict.word().to_uppercase(),
        Verdict::Met | Verdict::Unmeasured => verdict.word().to_owned(),
    }
}

fn losses(run: &Run, out: &mut String) {
    line(out, "");
    line(out, "Where magpool loses");
    let losses = run.losses();
    if losses.is_empty() {
        line(out, "  nowhere in this run");
    }
    let mut last: Option<Measure> = None;
    let rows = losses.iter().map(|loss| {
        vec![
            run.name(loss.case),
            loss.face.peer.clone(),
            loss.measure.show(loss.ours),
            loss.measure.show(loss.theirs),
            loss.best.peer.clone(),
            number::ratio(loss.factor()),
            if loss.is_close() { "close".to_owned() } else { String::new() },
        ]
    });
    let rows: Vec<_> = rows.collect();
    for (row, loss) in aligned(&rows).into_iter().zip(&losses) {
        if last != Some(loss.measure) {
            line(out, format!("  {}", loss.measure.name()));
            last = Some(loss.measure);
        }
        line(out, format!("    {row}"));
    }
}

fn missing(run: &Run, out: &mut String) {
    let missing = run.peers.iter().filter_map(|peer| Some((peer.name, peer.missing?)));
    let missing: Vec<_> = missing.collect();
    if !missing.is_empty() {
        line(out, "");
        line(out, "Peers that were missing");
        missing.iter().for_each(|(name, why)| line(out, format!("  {name}: {why}")));
    }
}

fn line(out: &mut String, text: impl AsRef<str>) {
    let _ = writeln!(out, "{}", text.as_ref().trim_end());
}

/// Rows with their cells below each other: the first to the left, the others to the right.
fn aligned(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column| {
        let cells = rows.iter().filter_map(|row: &Vec<String>| row.get(column));
        cells.map(|cell: &String| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let pad = |(column, cell): (usize, &String)| {
        let gap = " ".repeat(widths[column] - cell.chars().count());
        if column == 0 {
            format!("{cell}{gap}")
        } else {
            format!("  {gap}{cell}")
        }
    };
    rows.iter().map(|row| row.iter().enumerate().map(pad).collect()).collect()
}
