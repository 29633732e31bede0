//! The overview: a row for each case, every peer where its ratio to the best rival puts it,
//! magpool on top with its spread. Left of the line is quicker.

use super::{figure, px, Scale};
use crate::outcome::{Case, PeerResult};
use crate::report::number;
use crate::report::palette::Palette;
use crate::report::view::{measured, Run};
use maud::{html, Markup};

/// Where things are, for a wide page or a phone.
struct Layout {
    width: f64,
    row: f64,
    left: f64,
    right: f64,
    /// Of the dots and of the words, below the row's top.
    dots: f64,
    words: f64,
    is_wide: bool,
}

const WIDE: Layout = Layout {
    width: 1100.0,
    row: 21.0,
    left: 235.0,
    right: 810.0,
    dots: 10.5,
    words: 14.5,
    is_wide: true,
};

const NARROW: Layout = Layout {
    width: 400.0,
    row: 38.0,
    left: 10.0,
    right: 390.0,
    dots: 27.0,
    words: 13.0,
    is_wide: false,
};

/// Above the first row.
const HEAD: f64 = 30.0;

/// Draws the overview, in the form for wide pages or that for phones.
pub(in crate::report) fn strip(run: &Run, palette: &Palette, is_wide: bool) -> Markup {
    let layout = if is_wide { WIDE } else { NARROW };
    let scale = scale(run, &layout);
    let cases: Vec<&Case> = run.cases().iter().filter(|case| run.best(case).is_some()).collect();
    let height = HEAD + layout.row * cases.len() as f64;
    let text: String = cases.iter().map(|case| sentence(run, case)).collect();
    figure(
        layout.width,
        height + 8.0,
        "Time of an operation as a multiple of the best rival's, by workload",
        &text,
        html! {
            (head(&layout, &scale, height))
            @for (index, case) in cases.iter().enumerate() {
                @let top = HEAD + layout.row * index as f64;
                @if index == 0 || cases[index - 1].workload != case.workload {
                    line class="rule" x1="0" x2=(px(layout.width)) y1=(px(top)) y2=(px(top)) {}
                }
                (row(run, palette, case, &layout, &scale, top))
            }
        },
    )
}

/// Wide enough for all that is near; what is far off gets an arrow.
fn scale(run: &Run, layout: &Layout) -> Scale {
    let (mut from, mut to) = (0.7f64, 4.0f64);
    for case in run.cases() {
        let Some(best) = run.best(case) else { continue };
        for result in case.results.iter().filter(|result| measured(result)) {
            let by = |time: f64| time / best.wall.median;
            if number::usable(result.wall.low) {
                from = from.min(by(result.wall.low));
            }
            to = to.max(by(result.wall.median));
        }
    }
    Scale::log((from / 1.08).max(0.04), (to * 1.1).min(10.5), layout.left, layout.right)
}

fn head(layout: &Layout, scale: &Scale, height: f64) -> Markup {
    let one = scale.at(1.0);
    html! {
        @for tick in scale.ticks() {
            line class=(if tick == 1.0 { "one" } else { "grid" })
                x1=(px(scale.at(tick))) x2=(px(scale.at(tick)))
                y1=(px(HEAD - 4.0)) y2=(px(height)) {}
            text class="tick" x=(px(scale.at(tick))) y=(px(HEAD - 8.0)) text-anchor="middle" {
                (trim(tick)) "×"
            }
        }
        text class="axis-title" x=(px(one - 16.0)) y="9" text-anchor="end" { "◂ quicker" }
        text class="axis-title" x=(px(one + 16.0)) y="9" { "slower than the best rival ▸" }
        @if layout.is_wide {
            text class="axis-title" x="0" y=(px(HEAD - 8.0)) { "workload, threads" }
            text class="axis-title" x="880" y=(px(HEAD - 8.0)) text-anchor="end" { "magpool" }
            text class="axis-title" x="900" y=(px(HEAD - 8.0)) { "best rival" }
        }
    }
}

fn trim(tick: f64) -> String {
    let text = format!("{tick:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn row(
    run: &Run,
    palette: &Palette,
    case: &Case,
    layout: &Layout,
    scale: &Scale,
    top: f64,
) -> Markup {
    let Some(best) = run.best(case) else { return html! {} };
    let (dots, words) = (top + layout.dots, top + layout.words);
    let at = |time: f64| scale.at(time / best.wall.median);
    // The rivals, the slowest at the bottom, then the faces of magpool, the first on top.
    let mut results: Vec<&PeerResult> = case.results.iter().filter(|r| measured(r)).collect();
    results.sort_by_key(|result| {
        let index = run.peer(&result.peer).index;
        (run.is_magpool(result), std::cmp::Reverse(index))
    });
    let ratio = run.face(case).and_then(|face| run.ratio(case, face));
    let standing = match ratio {
        Some(ratio) if ratio > 1.0 => "value behind",
        _ => "value",
    };
    let behind = if standing == "value" { "" } else { "▲ " };
    let shown = ratio.map_or_else(|| "not measured".to_owned(), number::ratio);
    let (low, high) = (at(best.wall.low), at(best.wall.high));
    html! {
        @if number::usable(best.wall.low) {
            rect class="band" x=(px(low)) y=(px(dots - 7.0))
                width=(px((high - low).max(0.5))) height="14" {}
        }
        @for result in results {
            (dot(run, palette, result, scale, best.wall.median, dots))
        }
        text class="row-name" x="0" y=(px(words)) { (run.name(case)) }
        @if layout.is_wide {
            text class=(standing) x="880" y=(px(words)) text-anchor="end" { (behind) (shown) }
            text class="tick" x="900" y=(px(words)) {
                (best.peer) " " (number::time(best.wall.median))
            }
        } @else {
            text class="tick" x=(px(layout.width)) y=(px(words)) text-anchor="end" {
                tspan class=(standing) { (behind) (shown) }
                " of " (best.peer)
            }
        }
    }
}

/// A peer's mark; beyond the scale an arrow at its edge.
fn dot(
    run: &Run,
    palette: &Palette,
    result: &PeerResult,
    scale: &Scale,
    best: f64,
    y: f64,
) -> Markup {
    let peer = run.peer(&result.peer);
    let look = palette.of(peer);
    let at = |time: f64| scale.at(time / best).clamp(scale.start, scale.end);
    let ratio = result.wall.median / best;
    let is_beyond = !(scale.from..=scale.to).contains(&ratio);
    let x = at(result.wall.median);
    let size = if look.is_ours { 5.5 } else { 3.2 };
    let hint = format!("{}: {}", peer.name, number::ratio(ratio));
    html! {
        g class={ "dot " (look.class) @if !look.is_ours { " faint" } } {
            title { (hint) }
            @if is_beyond {
                @let arrow = if ratio > 1.0 { size } else { -size };
                path class="mark" d={
                    "M" (px(x - arrow)) " " (px(y - arrow)) "l" (px(2.0 * arrow)) " " (px(arrow))
                    "l" (px(-2.0 * arrow)) " " (px(arrow)) "z"
                } {}
            } @else {
                @if look.is_ours && result.wall.high > result.wall.low {
                    line class="spread" x1=(px(at(result.wall.low))) x2=(px(at(result.wall.high)))
                        y1=(px(y)) y2=(px(y)) {}
                }
                (look.mark.draw(x, y, if look.class == "ours first" { 5.2 } else { 3.3 }))
            }
        }
    }
}

/// A row in words.
fn sentence(run: &Run, case: &Case) -> String {
    let face = run.face(case).and_then(|face| run.ratio(case, face));
    let best = run.best(case).map_or("nobody", |best| best.peer.as_str());
    match face {
        Some(ratio) => format!("{}: {} of {best}. ", run.name(case), number::ratio(ratio)),
        None => format!("{}: magpool not measured. ", run.name(case)),
    }
}
