//! The top of the page: what was run where and when, how it went, and how to read it.

use super::Page;
use crate::report::number;
use crate::report::view::{was_busy, Verdict};
use maud::{html, Markup};

impl Page<'_> {
    pub(super) fn opening(&self) -> Markup {
        let outcome = self.run.outcome;
        let (machine, settings) = (&outcome.machine, &outcome.settings);
        let [start, end] = machine.load.map(number::plain);
        let load = format!("{start} at the start, {end} at the end");
        html! {
            header {
                p class="kicker" { (settings.form) " run · " (settings.date) }
                h1 { "magpool and its peers" }
                p class="lead" { (self.summary()) }
                @if was_busy(machine) {
                    p class="warning" role="note" {
                        strong { "The machine was busy. " }
                        "The load average was " (number::plain(machine.load[0]))
                        " when the run began, on " (number::plain(machine.processors as f64))
                        " processors. All peers were measured in turn, so ratios suffer less "
                        "than times; run it again on an idle machine before you rely on it."
                    }
                }
                dl class="facts" {
                    (fact("Processor", &format!("{} × {}", machine.processors, machine.processor)))
                    (fact("Memory", &number::bytes(machine.memory_bytes as f64)))
                    (fact("System", &machine.system))
                    (fact("Compiler", &machine.compiler))
                    (fact("Load average", &load))
                    (fact("Commit", &settings.commit))
                    (fact("Rounds", &settings.rounds.to_string()))
                    (fact("Seed", &settings.seed.to_string()))
                    (fact("Took", &format!("{}\u{a0}s", number::plain(settings.seconds))))
                }
                (how_to_read())
            }
        }
    }

    /// The run in a sentence or three.
    fn summary(&self) -> Markup {
        let standing = self.run.standing();
        let cases = standing.ahead + standing.level + standing.behind;
        let targets = &self.run.outcome.targets;
        let met = targets.iter().filter(|target| Verdict::of(target) == Verdict::Met).count();
        html! {
            "Of " (cases) " cases, magpool is quicker than every rival in "
            strong { (standing.ahead) } ", level with the best in " strong { (standing.level) }
            " and slower in " strong { (standing.behind) } ". "
            @if !targets.is_empty() {
                strong { (met) " of " (targets.len()) } " targets are met. "
            }
            "What it loses is " a href="#losses" { "listed" } "."
        }
    }
}

fn fact(name: &str, value: &str) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}

fn how_to_read() -> Markup {
    html! {
        details class="how" {
            summary { "How to read this" }
            ul {
                li {
                    "All peers ran in one process. In each round every peer did every case once, "
                    "in turn, so that what disturbs the machine disturbs all of them."
                }
                li {
                    "A figure is the " strong { "median" } " of the rounds; a spread is from the "
                    "first quartile to the third. Two whose quartiles meet are called level."
                }
                li {
                    strong { "Time of an operation" } " is the elapsed time times the threads that "
                    "work, by the operations: what a thread waits for one. "
                    strong { "Processor time" } " counts the work of all threads."
                }
                li {
                    strong { "Ratios" } " compare with the best rival of the same case. Rivals are "
                    "all peers but magpool's own faces and the floor, a bare array that checks "
                    "nothing: what is possible, not what anybody would ship. Below 1× magpool is "
                    "quicker."
                }
                li {
                    strong { "Latency" } " is that of single operations, with the clock's own cost "
                    "taken off. Its slowest ones hold what the machine did to the thread, too."
                }
                li {
                    "Figures of one run compare with each other, not with those of other machines."
                }
            }
        }
    }
}
