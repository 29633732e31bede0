//! The report as one HTML file: no script, no font and no style from elsewhere. It is
//! well-formed XML as well, so that tests can read it.

mod cases;
mod latency;
mod opening;
mod verdicts;

use super::curves::{self, Along, Curve, Height};
use super::palette::Palette;
use super::plot;
use super::view::Run;
use crate::outcome::{Case, Outcome};
use maud::{html, Markup, PreEscaped, DOCTYPE};

/// What every part of the page needs.
struct Page<'a> {
    run: &'a Run<'a>,
    palette: Palette,
}

/// The complete file.
pub(super) fn page(outcome: &Outcome) -> String {
    let run = Run::new(outcome);
    let page = Page { run: &run, palette: Palette::new(&run) };
    let threads = curves::by_threads(&run);
    let numbers = curves::by_number(&run);
    let sizes = curves::by_bytes(&run);
    let latencies: Vec<_> = run.cases().iter().filter(|case| latency::is_known(case)).collect();
    let memories: Vec<_> = run.cases().iter().filter(|case| has_memory(case)).collect();
    let title = format!("magpool and its peers, {}", outcome.settings.date);
    let curves: Vec<_> = numbers.into_iter().chain(sizes).collect();
    let sections = [
        ("targets", "Targets", page.targets()),
        ("overview", "Against the best rival", page.overview()),
        ("losses", "Where magpool loses", page.losses()),
        ("threads", "Throughput by threads", page.curves(THREADS, &threads)),
        ("steps", "Fullness and size", page.curves(STEPS, &curves)),
        ("latency", "Latency", page.latencies(&latencies)),
        ("memory", "Memory", page.memories(&memories)),
        ("cases", "Every case", page.cases()),
        ("peers", "Peers", page.peers()),
    ];
    let sections: Vec<_> =
        sections.into_iter().filter_map(|(id, name, body)| Some((id, name, body?))).collect();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                (PreEscaped(METAS))
                title { (title) }
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body {
                (page.opening())
                nav aria-label="Sections" {
                    @for (id, name, _) in &sections { a href={ "#" (id) } { (name) } " " }
                }
                main {
                    @for (id, name, body) in &sections {
                        section id=(id) {
                            h2 { (name) }
                            (body)
                        }
                    }
                }
            }
        }
    }
    .into_string()
}

/// Written out, for XML wants them closed.
const METAS: &str = "<meta charset=\"utf-8\"/>\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\
    <meta name=\"color-scheme\" content=\"light dark\"/>";

const THREADS: &str = "All threads together, the median of the rounds; thin strokes are the \
    quartiles. Beyond the machine's processors a curve that stays level is \
    a good one.";
const STEPS: &str = "Workloads in steps: how much of a pool's capacity is held, how large an \
    object is. Medians of the rounds; thin strokes are the quartiles. A line that ends early \
    belongs to a peer that cannot do the rest.";

impl Page<'_> {
    /// The overview of all cases, in a form for wide pages and one for narrow ones.
    fn overview(&self) -> Option<Markup> {
        let has_any = self.run.cases().iter().any(|case| self.run.best(case).is_some());
        has_any.then(|| {
            html! {
                p {
                    "A row is a case, a mark a peer: its median time of an operation by that of "
                    "the quickest rival. The large mark is magpool, with its quartiles; the "
                    "shaded band has those of the best rival. The floor, "
                    "which checks nothing, is no rival. Arrows at the edge stand for peers "
                    "further off; ▲ before a ratio says that magpool is behind."
                }
                (self.key())
                div class="only-wide" { (plot::strip(self.run, &self.palette, true)) }
                div class="only-narrow" { (plot::strip(self.run, &self.palette, false)) }
            }
        })
    }

    /// The marks of all peers in one line.
    fn key(&self) -> Markup {
        html! {
            p class="key" {
                @for peer in self.run.peers.iter().filter(|peer| peer.missing.is_none()) {
                    (self.palette.label(peer)) " "
                }
            }
        }
    }

    fn curves(&self, what: &str, curves: &[Curve]) -> Option<Markup> {
        (!curves.is_empty()).then(|| {
            html! {
                p { (what) }
                div class="plots" {
                    @for curve in curves {
                        figure {
                            figcaption {
                                h3 { (curve.title) }
                                p { (explained(curve)) }
                            }
                            (plot::curve(self.run, &self.palette, curve))
                        }
                    }
                }
            }
        })
    }

    fn memories(&self, cases: &[&Case]) -> Option<Markup> {
        (!cases.is_empty()).then(|| {
            html! {
                p {
                    "Resident memory, less that before and less the objects' own bytes. Stranded "
                    "are objects that could not be had though nobody held them. Lower is better."
                }
                div class="plots" {
                    @for case in cases {
                        figure {
                            figcaption { h3 { (self.run.name(case)) } p { (case.what) } }
                            (plot::memory(self.run, &self.palette, case))
                        }
                    }
                }
            }
        })
    }
}

/// What the threads of a curve do, and which way is good.
fn explained(curve: &Curve) -> String {
    let what = match curve.along {
        Along::Number => {
            let (x, case) = curve.cases[0];
            let what = case.what.replace(&plot::percent(x), "so many %");
            // Otherwise each step has a sentence of its own.
            if what == case.what {
                String::new()
            } else {
                what + " "
            }
        }
        Along::Threads | Along::Bytes => format!("{} ", curve.cases[0].1.what),
    };
    let good = match curve.height {
        Height::Rate => "Higher is better.",
        Height::Time => "Lower is better.",
    };
    what + good
}

fn has_memory(case: &Case) -> bool {
    case.results.iter().any(|result| result.memory.is_some())
}

/// A case's place on the page.
fn anchor(case: &Case) -> String {
    let word = case.workload.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
    let word: String = word.collect();
    format!("case-{word}-{}t-{}b", case.threads, case.object_bytes)
}
