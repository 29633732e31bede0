//! A curve for each peer: throughput against threads, time against size.

use super::{figure, px, spread_out, text_width, Area, Scale, LABEL_GAP, WIDTH};
use crate::report::curves::{Along, Curve, Height, Line, Point};
use crate::report::number::{self, Column};
use crate::report::palette::Palette;
use crate::report::view::{self, Run};
use maud::{html, Markup};

/// Draws a curve with its lines named at their right ends.
pub(in crate::report) fn curve(run: &Run, palette: &Palette, curve: &Curve) -> Markup {
    let mut lines = curve.lines(run);
    // Those that matter most are drawn last, and so on top.
    lines.sort_by_key(|line| {
        let look = palette.of(run.peer(line.peer));
        (look.is_ours, look.class.contains("first"))
    });
    let longest = lines.iter().map(|line| text_width(line.peer)).fold(0.0, f64::max);
    // The more labels, the further they are moved apart, and the more room leaders need.
    let leaders = if lines.len() > 12 { 26.0 } else { 9.0 };
    let labels = LABEL_GAP * lines.len() as f64;
    let area = Area {
        left: 44.0,
        right: WIDTH - longest.min(150.0) - leaders - 13.0,
        top: 24.0,
        bottom: 24.0 + labels.max(230.0),
    };
    let heights: Vec<f64> =
        lines.iter().flat_map(|line| &line.points).flat_map(|p| [p.y, p.low, p.high]).collect();
    let column = match curve.height {
        Height::Rate => Column::rates(heights.iter().copied()),
        Height::Time => Column::times(heights.iter().copied()),
    };
    // Rates show the good ones at the top without powers, times only with them.
    let far = if curve.height == Height::Rate { 500.0 } else { 20.0 };
    let up = Scale::fit(&heights, far, area.bottom, area.top);
    let across = Across::new(curve, &area);
    let place = |point: &Point| (across.at(point.x), up.at(point.y));

    let ends: Vec<_> =
        lines.iter().map(|line| place(&line.points[line.points.len() - 1])).collect();
    let labels = name_places(&ends, &area, leaders);
    let title = match curve.height {
        Height::Rate => format!("{}: {}s a second", curve.title, curve.unit()),
        Height::Time => format!("{}: time of one {}", curve.title, curve.unit()),
    };
    let upwards = match curve.height {
        Height::Rate if column.unit == "/s" => format!("{}s a second", curve.unit()),
        Height::Rate => format!("{}s a second ({})", curve.unit(), scaled(column.unit)),
        Height::Time => format!("time of one {} ({})", curve.unit(), column.unit),
    };
    let upwards = format!("{upwards}{}", if up.is_log { ", log" } else { "" });
    let rows: Vec<_> = up.ticks().iter().map(|tick| (up.at(*tick), column.tick(*tick))).collect();
    let alternative = describe(run, curve, &lines, &column);
    figure(
        WIDTH,
        area.bottom + 40.0,
        &title,
        &alternative,
        html! {
            (area.rows(&rows))
            (area.columns(&across.ticks()))
            (area.titles(across.title(), &upwards))
            @for (line, label) in lines.iter().zip(&labels) {
                (draw(run, palette, line, place, &up, *label))
            }
        },
    )
}

/// As sentences about workloads have it.
pub(in crate::report) fn percent(x: f64) -> String {
    format!("{x} %")
}

fn scaled(unit: &str) -> &'static str {
    match unit {
        "M/s" => "millions",
        "k/s" => "thousands",
        _ => "each",
    }
}

/// Where names stand: right of the area and apart from each other, but beside its last point
/// where a line ends early.
fn name_places(ends: &[(f64, f64)], area: &Area, leaders: f64) -> Vec<(f64, f64)> {
    let last = ends.iter().map(|end| end.0).fold(0.0, f64::max);
    let is_early = |end: &&(f64, f64)| end.0 < last - 1.0;
    let wanted: Vec<f64> = ends.iter().filter(|end| !is_early(end)).map(|end| end.1).collect();
    let mut placed = spread_out(&wanted, area.top, area.bottom).into_iter();
    let place = |end: &(f64, f64)| match is_early(&end) {
        true => (end.0 + 4.0, end.1 - 7.0),
        false => (area.right + leaders, placed.next().unwrap_or(end.1)),
    };
    ends.iter().map(place).collect()
}

/// A line with its spread, its marks and its name.
fn draw(
    run: &Run,
    palette: &Palette,
    line: &Line,
    place: impl Fn(&Point) -> (f64, f64),
    up: &Scale,
    (right, label): (f64, f64),
) -> Markup {
    let look = palette.of(run.peer(line.peer));
    let places: Vec<_> = line.points.iter().map(&place).collect();
    let path: Vec<_> = places.iter().map(|(x, y)| format!("{} {}", px(*x), px(*y))).collect();
    let (last_x, last_y) = places[places.len() - 1];
    html! {
        g class={ "series " (look.class) } {
            title { (line.peer) }
            path class="line" d={ "M" (path.join("L")) } stroke-dasharray=(look.dash) {}
            @for (point, (x, y)) in line.points.iter().zip(&places) {
                @if point.high > point.low {
                    line class="spread" x1=(px(*x)) x2=(px(*x))
                        y1=(px(up.at(point.low))) y2=(px(up.at(point.high))) {}
                }
                (look.mark.draw(*x, *y, if look.is_ours { 4.2 } else { 3.3 }))
            }
            @if right > last_x + 9.0 {
                path class="leader" d={
                    "M" (px(last_x + 5.0)) " " (px(last_y)) "L" (px(right)) " " (px(label))
                } {}
            }
            text class="name" x=(px(right + 3.0)) y=(px(label + 3.8)) { (line.peer) }
        }
    }
}

/// The whole curve in words.
fn describe(run: &Run, curve: &Curve, lines: &[Line], column: &Column) -> String {
    let mut text = String::new();
    for peer in &run.peers {
        let Some(line) = lines.iter().find(|line| line.peer == peer.name) else { continue };
        let points = line.points.iter().map(|point| {
            let at = step(curve.along, point.x);
            format!("{} {} at {at}", column.show(point.y), column.unit)
        });
        text.push_str(&format!("{}: {}. ", peer.name, points.collect::<Vec<_>>().join(", ")));
    }
    text
}

fn step(along: Along, x: f64) -> String {
    match along {
        Along::Threads => view::threads(x as usize),
        Along::Bytes => number::bytes(x),
        Along::Number => number::plain(x),
    }
}

/// The width of a curve: threads and sizes by powers, the numbers of names in even steps.
struct Across {
    along: Along,
    /// What the numbers are, if that is what it is along.
    of: &'static str,
    steps: Vec<f64>,
    scale: Scale,
}

impl Across {
    fn new(curve: &Curve, area: &Area) -> Self {
        let steps: Vec<f64> = curve.cases.iter().map(|(x, _)| *x).collect();
        let (start, end) = (area.left + 14.0, area.right - 14.0);
        let scale = match curve.along {
            Along::Number => {
                let to = (steps.len() - 1) as f64;
                Scale { is_log: false, from: 0.0, to, start, end }
            }
            Along::Threads | Along::Bytes => {
                let (from, to) = (steps[0].max(1.0), steps[steps.len() - 1]);
                Scale::log(from, to, start, end)
            }
        };
        let is_share = curve.cases.iter().all(|(x, case)| case.what.contains(&percent(*x)));
        let of = match is_share {
            true => "% (even steps)",
            false => "the number in the workload's name (even steps)",
        };
        Self { along: curve.along, of, steps, scale }
    }

    fn at(&self, x: f64) -> f64 {
        match self.along {
            Along::Number => {
                let step = self.steps.iter().position(|step| *step == x);
                self.scale.at(step.unwrap_or(0) as f64)
            }
            Along::Threads | Along::Bytes => self.scale.at(x),
        }
    }

    /// Every step, as long as there is room for its value.
    fn ticks(&self) -> Vec<(f64, String)> {
        let mut ticks: Vec<(f64, String)> = Vec::new();
        for step in &self.steps {
            let label = match self.along {
                Along::Bytes => number::bytes(*step),
                Along::Threads | Along::Number => number::plain(*step),
            };
            let x = self.at(*step);
            let has_room = ticks.last().is_none_or(|(before, text)| {
                x - before > (text_width(text) + text_width(&label)) / 2.0 + 4.0
            });
            if has_room {
                ticks.push((x, label));
            }
        }
        ticks
    }

    fn title(&self) -> &'static str {
        match self.along {
            Along::Threads => "threads (log)",
            Along::Bytes => "bytes of an object (log)",
            Along::Number => self.of,
        }
    }
}
