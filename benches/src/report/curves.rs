//! Which cases make a curve: those that differ in one thing only, the threads, the
//! object's size or a number at the end of the workload's name.

use super::number::{self, usable};
use super::view::{self, measured, Run};
use crate::outcome::{Case, PeerResult};

/// What a curve shows upwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Height {
    /// Operations a second: more is better.
    Rate,
    /// Time of an operation: less is better.
    Time,
}

/// What changes along a curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Along {
    Threads,
    Bytes,
    /// The number at the end of the names; its steps are drawn evenly.
    Number,
}

/// Cases that differ in one thing.
pub(super) struct Curve<'a> {
    pub(super) title: String,
    pub(super) along: Along,
    pub(super) height: Height,
    /// Rising.
    pub(super) cases: Vec<(f64, &'a Case)>,
}

/// A peer's line through a curve.
pub(super) struct Line<'a> {
    pub(super) peer: &'a str,
    pub(super) points: Vec<Point>,
}

#[derive(Clone, Copy)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
    /// The quartiles.
    pub(super) low: f64,
    pub(super) high: f64,
}

impl<'a> Curve<'a> {
    /// The lines of all peers that were measured somewhere on it.
    pub(super) fn lines(&self, run: &'a Run) -> Vec<Line<'a>> {
        let line = |name| {
            let points = self.cases.iter().filter_map(|(x, case)| {
                let result = case.results.iter().find(|result| result.peer == name)?;
                self.point(*x, result)
            });
            Line { peer: name, points: points.collect() }
        };
        let lines = run.peers.iter().map(|peer| line(peer.name));
        lines.filter(|line| !line.points.is_empty()).collect()
    }

    fn point(&self, x: f64, result: &PeerResult) -> Option<Point> {
        let wall = result.wall;
        match self.height {
            Height::Time => measured(result).then_some(Point {
                x,
                y: wall.median,
                low: wall.low,
                high: wall.high,
            }),
            // The spread of the rate is that of the times, upside down.
            Height::Rate => (measured(result) && usable(result.throughput)).then(|| {
                let y = result.throughput;
                let by = |time: f64| if usable(time) { y * wall.median / time } else { y };
                Point { x, y, low: by(wall.high), high: by(wall.low) }
            }),
        }
    }

    /// What an operation is on this curve.
    pub(super) fn unit(&self) -> &'a str {
        &self.cases[0].1.unit
    }
}

/// Throughput by threads: a curve for each workload and size with several thread counts.
pub(super) fn by_threads<'a>(run: &Run<'a>) -> Vec<Curve<'a>> {
    let title = |case: &Case| with_bytes(run, &case.workload, case);
    group(run, 2, title, Along::Threads, Height::Rate, |case| Some(case.threads as f64))
}

/// Time by size: a curve for each workload and thread count with several sizes.
pub(super) fn by_bytes<'a>(run: &Run<'a>) -> Vec<Curve<'a>> {
    let title = |case: &Case| format!("{}, {}", case.workload, view::threads(case.threads));
    group(run, 3, title, Along::Bytes, Height::Time, |case| Some(case.object_bytes as f64))
}

/// Throughput by the number at the end of the name, as in `near-full-99`.
pub(super) fn by_number<'a>(run: &Run<'a>) -> Vec<Curve<'a>> {
    let title = |case: &Case| {
        let stem = numbered(&case.workload).map_or(case.workload.as_str(), |(stem, _)| stem);
        with_bytes(run, &format!("{stem}, {}", view::threads(case.threads)), case)
    };
    group(run, 3, title, Along::Number, Height::Rate, |case| {
        numbered(&case.workload).map(|(_, number)| number)
    })
}

/// A title with the object's size where that is unusual.
fn with_bytes(run: &Run, title: &str, case: &Case) -> String {
    if case.object_bytes == run.usual_bytes() {
        title.to_owned()
    } else {
        format!("{title}, {}", number::bytes(case.object_bytes as f64))
    }
}

/// Splits `near-full-99` into `near-full` and 99.
fn numbered(workload: &str) -> Option<(&str, f64)> {
    let (stem, number) = workload.rsplit_once('-')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    // `hand-off-1-1` is no step of a `hand-off-1`.
    let is_stem = !stem.ends_with(|byte: char| byte.is_ascii_digit());
    (is_number && is_stem).then(|| Some((stem, number.parse().ok()?))).flatten()
}

/// Cases of one title and unit that differ in `x`, if there are enough of them. Titles name
/// whatever else could differ.
fn group<'a>(
    run: &Run<'a>,
    least: usize,
    title: impl Fn(&Case) -> String,
    along: Along,
    height: Height,
    x: impl Fn(&Case) -> Option<f64>,
) -> Vec<Curve<'a>> {
    let mut curves: Vec<Curve<'a>> = Vec::new();
    for case in run.cases() {
        let Some(x) = x(case) else { continue };
        let title = title(case);
        let mut others = curves.iter_mut();
        let found = others.find(|curve| curve.title == title && curve.unit() == case.unit);
        match found {
            Some(curve) => curve.cases.push((x, case)),
            None => curves.push(Curve { title, along, height, cases: vec![(x, case)] }),
        }
    }
    for curve in &mut curves {
        curve.cases.sort_by(|a, b| a.0.total_cmp(&b.0));
        curve.cases.dedup_by(|a, b| a.0 == b.0);
    }
    curves.retain(|curve| curve.cases.len() >= least);
    curves
}
