//! The tail of latencies: the share of operations that took longer than a time. Both axes
//! by powers, so that the rare slow ones show.

use super::{figure, px, text_width, Area, Scale, WIDTH};
use crate::outcome::{Case, Latency, Outcome};
use crate::peer::Kind;
use crate::report::number;
use crate::report::palette::Palette;
use crate::report::view::{Peer, Run};
use maud::{html, Markup};

/// Times below this are not told apart: clocks do not.
const LEAST: f64 = 1.0;

/// A peer and its latencies.
type Tail<'a> = (&'a Peer<'a>, &'a Latency);

/// Draws the tails of a case. All cases share their axes, so that they can be compared.
pub(in crate::report) fn tail(run: &Run, palette: &Palette, case: &Case) -> Markup {
    let area = Area { left: 54.0, right: WIDTH - 40.0, top: 24.0, bottom: 264.0 };
    let (slowest, rarest) = bounds(run.outcome);
    let across = Scale::log(LEAST, slowest * 1.5, area.left, area.right);
    let up = Scale::log(rarest, 1.0, area.bottom, area.top);
    let mut curves: Vec<_> = case
        .results
        .iter()
        .filter_map(|result| Some((run.peer(&result.peer), result.latency.as_ref()?)))
        .collect();
    curves.sort_by_key(|(peer, _)| {
        let look = palette.of(peer);
        (look.is_ours, look.class.contains("first"))
    });
    let rows: Vec<_> = powers(rarest).map(|share| (up.at(share), percent(share))).collect();
    let columns: Vec<_> =
        across.ticks().iter().map(|tick| (across.at(*tick), short_time(*tick))).collect();
    let title = format!("{}: share of {}s slower than a time", run.name(case), case.unit);
    let text = curves.iter().map(|(peer, latency)| {
        format!(
            "{}: median {}, p99 {}, p99.9 {}, slowest {}. ",
            peer.name,
            number::time(latency.p50),
            number::time(latency.p99),
            number::time(latency.p999),
            number::time(latency.max)
        )
    });
    let text: String = text.collect();
    let mut taken = Vec::new();
    let names: Vec<_> = named(palette, &curves)
        .into_iter()
        .filter_map(|(peer, latency)| {
            let end = (across.at(latency.max.max(LEAST)), lowest(latency, &up));
            Some((palette.of(peer), peer.name, free_place(&mut taken, end, peer.name, &area)?))
        })
        .collect();
    figure(
        WIDTH,
        area.bottom + 40.0,
        &title,
        &text,
        html! {
            (area.rows(&rows))
            (area.columns(&columns))
            (area.titles("latency of one operation (log)", "share that took longer (log)"))
            @for (share, name) in [(0.5, "p50"), (0.01, "p99"), (0.001, "p99.9")] {
                text class="tick" x=(px(area.right + 4.0)) y=(px(up.at(share) + 3.5)) { (name) }
            }
            @for (peer, latency) in &curves {
                @let look = palette.of(peer);
                g class={ "series tail " (look.class) } {
                    title { (peer.name) }
                    path class="line" d=(steps(latency, &across, &up))
                        stroke-dasharray=(look.dash) {}
                    @for (share, time) in [(0.01, latency.p99), (0.001, latency.p999)] {
                        (look.mark.draw(across.at(time.max(LEAST)), up.at(share),
                            if look.is_ours { 3.8 } else { 2.8 }))
                    }
                }
            }
            @for (look, name, (x, y, anchor)) in &names {
                text class={ "name " (look.class) } x=(px(*x)) y=(px(*y)) text-anchor=(anchor) {
                    (name)
                }
            }
        },
    )
}

/// Those whose curves are named in the plot, the most important first: magpool, the rivals
/// with the least and the greatest p99.9, and the floor. The table has the others.
fn named<'a>(palette: &Palette, curves: &[Tail<'a>]) -> Vec<Tail<'a>> {
    let is_rival = |tail: &&Tail| !palette.of(tail.0).is_ours && tail.0.kind != Kind::Floor;
    let by = |a: &&Tail, b: &&Tail| a.1.p999.total_cmp(&b.1.p999);
    let chosen = [
        curves.iter().rfind(|tail| palette.of(tail.0).is_ours),
        curves.iter().filter(is_rival).min_by(by),
        curves.iter().filter(is_rival).max_by(by),
        curves.iter().find(|tail| tail.0.kind == Kind::Floor),
    ];
    let mut names: Vec<Tail> = Vec::new();
    for tail in chosen.into_iter().flatten() {
        if !names.iter().any(|named| named.0.index == tail.0.index) {
            names.push(*tail);
        }
    }
    names
}

/// The slowest operation of the run, and the rarest share that a plot must show.
fn bounds(outcome: &Outcome) -> (f64, f64) {
    let results = outcome.cases.iter().flat_map(|case| &case.results);
    let latencies = results.filter_map(|result| result.latency.as_ref());
    let (mut slowest, mut rarest) = (100.0f64, 1e-4f64);
    for latency in latencies {
        slowest = slowest.max(latency.max);
        let shares = latency.distribution.iter().map(|(_, share)| 1.0 - share);
        rarest = shares.filter(|share| *share > 1e-9).fold(rarest, f64::min);
    }
    (slowest, 10f64.powf(rarest.log10().floor()).max(1e-8))
}

fn powers(rarest: f64) -> impl Iterator<Item = f64> {
    (0..=(-rarest.log10()).round() as i32).map(|power| 10f64.powi(-power))
}

fn percent(share: f64) -> String {
    let text = format!("{:.7}", share * 100.0);
    format!("{}\u{a0}%", text.trim_end_matches('0').trim_end_matches('.'))
}

fn short_time(value: f64) -> String {
    let (scale, unit) = match value {
        value if value >= 1e9 => (1e9, "s"),
        value if value >= 1e6 => (1e6, "ms"),
        value if value >= 1e3 => (1e3, "µs"),
        _ => (1.0, "ns"),
    };
    format!("{}\u{a0}{unit}", number::plain(value / scale))
}

/// Down in steps: what is in a bucket is counted at its upper bound, to nobody's favour.
fn steps(latency: &Latency, across: &Scale, up: &Scale) -> String {
    let mut path = format!("M{} {}", px(across.start), px(up.at(1.0)));
    let mut drawn = (across.start, up.at(1.0));
    for (bound, share) in &latency.distribution {
        let (x, y) = (across.at(bound.max(LEAST)), up.at(1.0 - share).min(up.start));
        // Steps that nobody could see are left out.
        if (x - drawn.0).abs() + (y - drawn.1).abs() >= 0.6 {
            path.push_str(&format!("H{}V{}", px(x), px(y)));
            drawn = (x, y);
        }
    }
    path
}

/// Where its curve ends above the axis.
fn lowest(latency: &Latency, up: &Scale) -> f64 {
    let shares = latency.distribution.iter().map(|(_, share)| 1.0 - share);
    up.at(shares.filter(|share| *share > 1e-9).fold(1.0, f64::min))
}

/// A place for a name beside the end of its curve, clear of those that are taken.
fn free_place(
    taken: &mut Vec<(f64, f64, f64)>,
    (x, y): (f64, f64),
    name: &str,
    area: &Area,
) -> Option<(f64, f64, &'static str)> {
    let width = text_width(name);
    for shift in [-4.0, -17.0, -30.0, -43.0] {
        for (left, at, anchor) in [(x + 4.0, x + 4.0, "start"), (x - 4.0 - width, x - 4.0, "end")] {
            let y = y + shift;
            let is_inside = left > area.left && left + width < area.right + 2.0 && y > area.top;
            let is_free = taken.iter().all(|(from, to, other)| {
                (y - other).abs() >= 12.0 || left > to + 4.0 || left + width < from - 4.0
            });
            if is_inside && is_free {
                taken.push((left, left + width, y));
                return Some((at, y, anchor));
            }
        }
    }
    None
}
