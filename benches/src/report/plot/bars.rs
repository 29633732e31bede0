//! Small plots in rows: memory of each peer, and the tiny ones within tables.

use super::{figure, px, text_width, Scale, WIDTH};
use crate::outcome::{Case, Memory, Spread, Target};
use crate::report::number::{self, usable};
use crate::report::palette::{Look, Palette};
use crate::report::view::{Peer, Run, Verdict};
use maud::{html, Markup};

/// A row's height.
const ROW: f64 = 19.0;

/// What the bars of memory show.
#[derive(Clone, Copy)]
enum Amount {
    /// Bytes beyond the object's own, for each.
    Each,
    /// All bytes, where most need less than one for each.
    All,
    /// Objects that could not be had, where no bytes were measured.
    Stranded,
}

impl Amount {
    fn of_case(memories: &[&Memory]) -> Self {
        let small = memories.iter().filter(|memory| memory.overhead_per_object.abs() < 1.0);
        if memories.iter().all(|memory| memory.resident_bytes == 0) {
            Self::Stranded
        } else if 2 * small.count() > memories.len() {
            Self::All
        } else {
            Self::Each
        }
    }

    fn of(self, memory: &Memory) -> f64 {
        match self {
            Self::Each => memory.overhead_per_object,
            Self::All => memory.resident_bytes as f64,
            Self::Stranded => memory.stranded as f64,
        }
    }

    /// The figure, and what else is worth saying.
    fn words(self, memory: &Memory) -> (String, String) {
        let stranded = format!(", {} stranded", memory.stranded);
        let stranded = if memory.stranded > 0 { stranded } else { String::new() };
        match self {
            Self::Each => {
                (format!("{}\u{a0}B", number::grouped(memory.overhead_per_object, 1)), stranded)
            }
            Self::All => (number::bytes(memory.resident_bytes as f64), stranded),
            Self::Stranded => (memory.stranded.to_string(), String::new()),
        }
    }

    fn axis(self, unit: &str) -> String {
        match self {
            Self::Each => format!("bytes for each {unit}"),
            Self::All => "bytes in all".to_owned(),
            Self::Stranded => "objects stranded".to_owned(),
        }
    }
}

/// What memory a case took, a bar for each peer, the least first. Bars carry their figures and
/// need no axis.
pub(in crate::report) fn memory(run: &Run, palette: &Palette, case: &Case) -> Markup {
    let mut rows: Vec<(&Peer, &Memory)> = case
        .results
        .iter()
        .filter_map(|result| Some((run.peer(&result.peer), result.memory.as_ref()?)))
        .filter(|(_, memory)| memory.overhead_per_object.is_finite())
        .collect();
    let memories: Vec<_> = rows.iter().map(|(_, memory)| *memory).collect();
    let amount = Amount::of_case(&memories);
    rows.sort_by(|a, b| amount.of(a.1).total_cmp(&amount.of(b.1)));
    let values: Vec<f64> = rows.iter().map(|(_, memory)| amount.of(memory)).collect();
    let all_words = rows.iter().map(|(_, memory)| amount.words(memory));
    let widest = all_words.map(|(figure, more)| text_width(&(figure + &more))).fold(0.0, f64::max);
    let longest = rows.iter().map(|row| text_width(row.0.name)).fold(0.0, f64::max).min(150.0);
    let left = longest + 12.0;
    let scale = bar_scale(&values, left, WIDTH - widest - 10.0);
    let bottom = 20.0 + ROW * rows.len() as f64;
    let text = rows.iter().map(|(peer, memory)| {
        let (figure, more) = amount.words(memory);
        format!("{}: {figure}{more}. ", peer.name)
    });
    let text: String = text.collect();
    let axis = amount.axis(&case.unit) + if scale.is_log { ", log" } else { "" };
    figure(
        WIDTH,
        bottom + 8.0,
        &format!("{}: {axis}", run.name(case)),
        &text,
        html! {
            text class="axis-title" x="2" y="11" { (axis) }
            @for (index, (peer, memory)) in rows.iter().enumerate() {
                @let y = 18.0 + ROW * index as f64;
                @let end = scale.at(amount.of(memory).max(scale.from)).max(left + 1.0);
                @let (figure, more) = amount.words(memory);
                g class={ "bar " (palette.of(peer).class) } {
                    text class="name" x=(px(longest + 4.0)) y=(px(y + 12.0)) text-anchor="end" {
                        (peer.name)
                    }
                    rect x=(px(left)) y=(px(y + 2.0)) width=(px(end - left))
                        height=(px(ROW - 6.0)) {}
                    text class="value" x=(px(end + 5.0)) y=(px(y + 12.0)) {
                        (figure) tspan class="stranded" { (more) }
                    }
                }
            }
        },
    )
}

/// Bars begin at zero, unless one would dwarf all others; then all begin at one byte.
fn bar_scale(values: &[f64], left: f64, right: f64) -> Scale {
    let most = values.iter().copied().filter(|value| value.is_finite()).fold(1.0, f64::max);
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| *value > 0.0).collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.get(sorted.len() / 2).copied().unwrap_or(1.0);
    if most > 30.0 * middle {
        Scale::log(sorted[0].min(1.0), most, left, right)
    } else {
        Scale { is_log: false, from: 0.0, to: most, start: left, end: right }
    }
}

/// How far a target was reached: the bar should end left of the line.
pub(in crate::report) fn gauge(target: &Target) -> Markup {
    if !usable(target.reached) || !usable(target.wanted) {
        return html! {};
    }
    let (from, to) = (0.2, 5.0);
    let scale = Scale::log(from, to, 2.0, 118.0);
    let end = scale.at((target.reached / target.wanted).clamp(from, to));
    let class = if Verdict::of(target) == Verdict::Met { "gauge met" } else { "gauge missed" };
    html! {
        svg class=(class) viewBox="0 0 120 16" width="120" height="16" aria-hidden="true" {
            rect class="room" x="2" y="5" width="116" height="6" {}
            rect class="reach" x="2" y="5" width=(px((end - 2.0).max(1.0))) height="6" {}
            line class="one" x1="60" x2="60" y1="1" y2="15" {}
        }
    }
}

/// A peer's time among those of a case: quartiles as a line, the median as its mark. By
/// powers, from the case's least time to its greatest.
pub(in crate::report) fn range(look: &Look, wall: &Spread, (least, most): (f64, f64)) -> Markup {
    let scale = Scale::log(least / 1.02, (most * 1.02).max(least * 1.5), 7.0, 123.0);
    let at = |time: f64| px(scale.at(time.clamp(least, most.max(least))));
    html! {
        svg class={ "range " (look.class) } viewBox="0 0 130 16" width="130" height="16"
            aria-hidden="true" {
            line class="room" x1="7" x2="123" y1="8" y2="8" {}
            @if usable(wall.low) && wall.high > wall.low {
                line class="spread" x1=(at(wall.low)) x2=(at(wall.high)) y1="8" y2="8" {}
            }
            (look.mark.draw(scale.at(wall.median), 8.0, if look.is_ours { 4.2 } else { 3.4 }))
        }
    }
}
