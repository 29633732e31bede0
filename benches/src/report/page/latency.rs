//! Latencies: a plot of the tails for each case that has them, and the figures under it.

use super::Page;
use crate::outcome::{Case, Latency};
use crate::report::number;
use crate::report::plot;
use maud::{html, Markup};

/// One of the figures of a latency.
type Figure = fn(&Latency) -> f64;

pub(super) fn is_known(case: &Case) -> bool {
    case.results.iter().any(|result| result.latency.is_some())
}

impl Page<'_> {
    pub(super) fn latencies(&self, cases: &[&Case]) -> Option<Markup> {
        (!cases.is_empty()).then(|| {
            html! {
                p {
                    "How large a share of single operations took longer than a time: the further "
                    "left and the lower a curve, the better. Both axes go by powers and are the "
                    "same for all cases. Marks stand at p99 and p99.9; tables begin with the "
                    "least p99.9."
                }
                div class="plots tabled" {
                    @for case in cases {
                        figure {
                            figcaption { h3 { (self.run.name(case)) } p { (case.what) } }
                            (plot::tail(self.run, &self.palette, case))
                            (self.latency_table(case))
                        }
                    }
                }
            }
        })
    }

    fn latency_table(&self, case: &Case) -> Markup {
        let mut rows: Vec<_> = case
            .results
            .iter()
            .filter_map(|result| Some((self.run.peer(&result.peer), result.latency.as_ref()?)))
            .collect();
        rows.sort_by(|a, b| a.1.p999.total_cmp(&b.1.p999));
        let parts: [(&str, Figure); 4] = [
            ("p50", |latency| latency.p50),
            ("p99", |latency| latency.p99),
            ("p99.9", |latency| latency.p999),
            ("max", |latency| latency.max),
        ];
        html! {
            div class="scroll" {
                table {
                    caption class="unseen" { "Latencies of " (self.run.name(case)) }
                    thead {
                        tr {
                            th scope="col" { "peer" }
                            @for (name, _) in &parts { th scope="col" class="num" { (name) } }
                        }
                    }
                    tbody {
                        @for (peer, latency) in &rows {
                            tr class=[self.palette.of(peer).is_ours.then_some("is-ours")] {
                                th scope="row" { (self.palette.label(peer)) }
                                @for (_, of) in &parts {
                                    td class="num" { (number::time(of(latency))) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
