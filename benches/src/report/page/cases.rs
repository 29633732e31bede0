//! Every case with all that was found, and the peers with those that were missing.

use super::{anchor, has_memory, latency, Page};
use crate::outcome::{Case, PeerResult, Spread};
use crate::peer::Kind;
use crate::report::number::{self, usable, Column, NONE};
use crate::report::plot;
use crate::report::view::{measured, ranked, threads};
use maud::{html, Markup};

impl Page<'_> {
    pub(super) fn cases(&self) -> Option<Markup> {
        let cases = self.run.cases();
        (!cases.is_empty()).then(|| {
            html! {
                p {
                    "The quickest first. The strokes in the first column are the quartiles, the "
                    "mark is the median, by powers from the least time of the case to its "
                    "greatest."
                }
                @for case in cases { (self.case(case)) }
            }
        })
    }

    fn case(&self, case: &Case) -> Markup {
        let ratio = self.run.face(case).and_then(|face| self.run.ratio(case, face));
        html! {
            details class="case" id=(anchor(case)) {
                summary {
                    span class="case-name" {
                        (case.workload) ", " (threads(case.threads)) ", "
                        (number::bytes(case.object_bytes as f64))
                    }
                    @if let (Some(ratio), Some(best)) = (ratio, self.run.best(case)) {
                        span class="case-ratio" {
                            "magpool " strong { (number::ratio(ratio)) } " of " (best.peer)
                        }
                    }
                }
                p { (case.what) " Figures are for one " (case.unit) "." }
                div class="scroll" { (self.case_table(case)) }
            }
        }
    }

    fn case_table(&self, case: &Case) -> Markup {
        let medians = |of: fn(&PeerResult) -> f64| case.results.iter().map(of);
        let columns = Columns {
            wall: Column::times(medians(|result| result.wall.median)),
            processor: Column::times(medians(|result| result.processor.median)),
            rate: Column::rates(medians(|result| result.throughput)),
            time: case.results.iter().any(measured),
            latency: latency::is_known(case),
            memory: has_memory(case),
            note: case.results.iter().any(|result| result.note.is_some()),
            limits: limits(case),
        };
        let unit = |name: &str, unit: &str| {
            html! { th scope="col" class="num" { (name) " " span class="unit" { (unit) } } }
        };
        html! {
            table class="full" {
                caption class="unseen" { "All figures of " (self.run.name(case)) }
                thead {
                    tr {
                        th scope="col" { "peer" }
                        th scope="col" class="range-cell" { span class="unseen" { "spread" } }
                        @if columns.time {
                            (unit("median", columns.wall.unit))
                            (unit("quartiles", columns.wall.unit))
                            (unit("least", columns.wall.unit))
                            (unit("processor", columns.processor.unit))
                            (unit("throughput", columns.rate.unit))
                            th scope="col" class="num" { "of best" }
                        }
                        @if columns.latency {
                            @for name in ["p50", "p99", "p99.9", "max"] {
                                th scope="col" class="num" { (name) }
                            }
                        }
                        @if columns.memory {
                            th scope="col" class="num" { "resident" }
                            (unit("beyond", &format!("B/{}", case.unit)))
                            th scope="col" class="num" { "stranded" }
                        }
                        @if columns.note { th scope="col" { "note" } }
                    }
                }
                tbody { @for result in ranked(case) { (self.result(case, result, &columns)) } }
            }
        }
    }

    fn result(&self, case: &Case, result: &PeerResult, columns: &Columns) -> Markup {
        let peer = self.run.peer(&result.peer);
        let look = self.palette.of(peer);
        let wall = |time: f64| if usable(time) { columns.wall.show(time) } else { NONE.to_owned() };
        let ratio = self.run.ratio(case, result).map_or_else(|| NONE.to_owned(), number::ratio);
        html! {
            tr class=[look.is_ours.then_some("is-ours")] {
                th scope="row" { (self.palette.label(peer)) }
                td class="range-cell" {
                    @if measured(result) { (plot::range(look, &result.wall, columns.limits)) }
                }
                @if columns.time {
                    td class="num strong" { (wall(result.wall.median)) }
                    td class="num" { (quartiles(&result.wall, &columns.wall)) }
                    td class="num" { (wall(result.wall.least)) }
                    td class="num" { (shown(&columns.processor, result.processor.median)) }
                    td class="num" { (shown(&columns.rate, result.throughput)) }
                    td class="num" { (ratio) }
                }
                @if columns.latency { (latencies(result)) }
                @if columns.memory { (memory(result)) }
                @if columns.note { td class="note" { (result.note.as_deref().unwrap_or("")) } }
            }
        }
    }

    pub(super) fn peers(&self) -> Option<Markup> {
        Some(html! {
            div class="scroll" {
                table {
                    caption class="unseen" { "Peers of the run" }
                    thead {
                        tr {
                            th scope="col" { "peer" }
                            th scope="col" { "kind" }
                            th scope="col" { "version" }
                            th scope="col" { "in the run" }
                        }
                    }
                    tbody {
                        @for peer in &self.run.peers {
                            tr {
                                th scope="row" { (self.palette.label(peer)) }
                                td { (kind(peer.kind)) }
                                td { (peer.version) }
                                td {
                                    @match peer.missing {
                                        Some(reason) => { strong { "missing: " } (reason) }
                                        None => "yes",
                                    }
                                }
                            }
                        }
                    }
                }
            }
        })
    }
}

/// What the columns of a case's table have in common, and which there are.
struct Columns {
    wall: Column,
    processor: Column,
    rate: Column,
    time: bool,
    latency: bool,
    memory: bool,
    note: bool,
    limits: (f64, f64),
}

/// The least and the greatest time of a case.
fn limits(case: &Case) -> (f64, f64) {
    let results = case.results.iter().filter(|result| measured(result));
    let times = results.flat_map(|result| [result.wall.median, result.wall.low, result.wall.high]);
    let times = times.filter(|time| usable(*time));
    times.fold((f64::MAX, 0.0), |(least, most): (f64, f64), time| (least.min(time), most.max(time)))
}

fn shown(column: &Column, value: f64) -> String {
    if usable(value) {
        column.show(value)
    } else {
        NONE.to_owned()
    }
}

fn quartiles(spread: &Spread, column: &Column) -> String {
    if usable(spread.low) {
        format!("{}\u{a0}–\u{a0}{}", column.show(spread.low), column.show(spread.high))
    } else {
        NONE.to_owned()
    }
}

fn latencies(result: &PeerResult) -> Markup {
    html! {
        @if let Some(latency) = &result.latency {
            @for time in [latency.p50, latency.p99, latency.p999, latency.max] {
                td class="num" { (number::time(time)) }
            }
        } @else {
            @for _ in 0..4 { td class="num" { (NONE) } }
        }
    }
}

fn memory(result: &PeerResult) -> Markup {
    html! {
        @if let Some(memory) = &result.memory {
            td class="num" { (number::bytes(memory.resident_bytes as f64)) }
            td class="num" { (number::grouped(memory.overhead_per_object, 1)) }
            td class="num" { (number::grouped(memory.stranded as f64, 0)) }
        } @else {
            @for _ in 0..3 { td class="num" { (NONE) } }
        }
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Magpool => "magpool",
        Kind::Floor => "for comparison: nothing is checked",
        Kind::Allocator => "general allocator",
        Kind::Pool => "pool of C or C++",
        Kind::Crate => "pool of a Rust crate",
        Kind::Seed => "the design that magpool replaces",
    }
}
