//! What was promised and whether it was kept, and where magpool is behind.

use super::{anchor, Page};
use crate::outcome::Target;
use crate::report::number;
use crate::report::plot;
use crate::report::view::{is_ratio, target_figure, threads, Loss, Verdict};
use maud::{html, Markup};

impl Page<'_> {
    pub(super) fn targets(&self) -> Option<Markup> {
        let targets = &self.run.outcome.targets;
        (!targets.is_empty()).then(|| {
            html! {
                p {
                    "Lower is better. A bar that ends before the stroke in the middle has met its "
                    "target; the scale goes by powers, from a fifth of what is wanted to five "
                    "times as much."
                }
                div class="scroll" {
                    table class="targets" {
                        caption class="unseen" { "Targets, wanted and reached" }
                        thead {
                            tr {
                                th scope="col" { "target" }
                                th scope="col" { "workload" }
                                th scope="col" { "against" }
                                th scope="col" class="num" { "wanted" }
                                th scope="col" class="num" { "reached" }
                                th scope="col" { "" span class="unseen" { "reached by wanted" } }
                                th scope="col" { "verdict" }
                            }
                        }
                        tbody { @for target in targets { (self.target(target)) } }
                    }
                }
            }
        })
    }

    fn target(&self, target: &Target) -> Markup {
        let verdict = Verdict::of(target);
        let (sign, class) = match verdict {
            Verdict::Met => ("✓ ", "verdict met"),
            Verdict::Missed => ("✗ ", "verdict missed"),
            Verdict::Unmeasured => ("", "verdict"),
        };
        html! {
            tr {
                th scope="row" { (target.what) }
                td class="where" { (target.workload) ", " (threads(target.threads)) }
                td class="versus" {
                    @if is_ratio(self.run, target) { (target.versus) } @else { "a bound" }
                }
                td class="num wanted" { "≤\u{a0}" (target_figure(self.run, target, target.wanted)) }
                td class="num strong reached" { (target_figure(self.run, target, target.reached)) }
                td class="gauge-cell" { (plot::gauge(target)) }
                td class="end" { span class=(class) { (sign) (verdict.word()) } }
            }
        }
    }

    pub(super) fn losses(&self) -> Option<Markup> {
        let losses = self.run.losses();
        let missed = self.run.outcome.targets.iter();
        let missed = missed.filter(|target| Verdict::of(target) == Verdict::Missed).count();
        Some(html! {
            p {
                "Every case in which a face of magpool is behind the best rival, by time, by "
                "processor time, at the 99.9th percentile of latency and by memory. Close: the "
                "quartiles of the two meet, and another run may end the other way. Processor "
                "time is left out where it is lost by no more than the time is. "
                @if missed > 0 {
                    strong { (missed) } " of the " a href="#targets" { "targets" } " "
                    @if missed == 1 { "was" } @else { "were" } " missed. "
                }
            }
            @if losses.is_empty() {
                p { "Nowhere in this run." }
            } @else {
                div class="scroll" { (self.loss_table(&losses)) }
            }
        })
    }

    /// A body for each measure, with its name above.
    fn loss_table(&self, losses: &[Loss]) -> Markup {
        html! {
            table class="losses" {
                caption class="unseen" { "Where magpool is behind" }
                thead {
                    tr {
                        th scope="col" { "case" }
                        th scope="col" { "face" }
                        th scope="col" class="num" { "magpool" }
                        th scope="col" class="num" { "best rival" }
                        th scope="col" { "" }
                        th scope="col" class="num" { "ratio" }
                        th scope="col" { "" }
                    }
                }
                @for group in losses.chunk_by(|a, b| a.measure == b.measure) {
                    tbody {
                        tr {
                            th colspan="7" scope="rowgroup" class="group" {
                                (group[0].measure.name())
                            }
                        }
                        @for loss in group { (self.loss(loss)) }
                    }
                }
            }
        }
    }

    fn loss(&self, loss: &Loss) -> Markup {
        html! {
            tr {
                th scope="row" {
                    a href={ "#" (anchor(loss.case)) } { (self.run.name(loss.case)) }
                }
                td class="face" { (self.palette.label(self.run.peer(&loss.face.peer))) }
                td class="num figure" { (loss.measure.show(loss.ours)) }
                td class="num theirs" { (loss.measure.show(loss.theirs)) }
                td class="rival" { (self.palette.label(self.run.peer(&loss.best.peer))) }
                td class="num strong ratio" { (number::ratio(loss.factor())) }
                td class="end" { @if loss.is_close() { span class="close" { "close" } } }
            }
        }
    }
}
