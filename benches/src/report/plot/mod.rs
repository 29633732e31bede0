//! Plots as SVG. The writer is our own: the plotting crates paint with fixed colours, while
//! these plots follow the page's light and dark style sheets, name the lines where they
//! end, and carry a text for those who cannot see them.

mod bars;
mod lines;
mod strip;
mod tail;

pub(super) use bars::{gauge, memory, range};
pub(super) use lines::{curve, percent};
pub(super) use strip::strip;
pub(super) use tail::tail;

use maud::{html, Markup};

/// Width of a plot, for a phone as for a column of a wide page.
const WIDTH: f64 = 440.0;

/// Between the baselines of labels.
const LABEL_GAP: f64 = 12.5;

/// A coordinate: a tenth of a pixel is enough.
fn px(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// About how wide a label is.
fn text_width(text: &str) -> f64 {
    6.2 * text.chars().count() as f64
}

/// A figure with its size and its text alternative.
fn figure(width: f64, height: f64, title: &str, text: &str, body: Markup) -> Markup {
    html! {
        svg class="plot" role="img" viewBox={ "0 0 " (px(width)) " " (px(height)) } {
            title { (title) }
            desc { (text) }
            (body)
        }
    }
}

/// From figures to coordinates.
#[derive(Clone, Copy)]
struct Scale {
    is_log: bool,
    from: f64,
    to: f64,
    start: f64,
    end: f64,
}

impl Scale {
    /// From zero, or by powers where the greatest is that many times the least.
    fn fit(values: &[f64], far: f64, start: f64, end: f64) -> Self {
        let (least, most) = limits(values);
        if most > far * least {
            return Self::log(least / 1.15, most * 1.15, start, end);
        }
        Self { is_log: false, from: 0.0, to: most * 1.06, start, end }
    }

    fn log(from: f64, to: f64, start: f64, end: f64) -> Self {
        Self { is_log: true, from, to, start, end }
    }

    fn at(&self, value: f64) -> f64 {
        let share = if self.is_log {
            (value.max(self.from / 10.0) / self.from).ln() / (self.to / self.from).ln()
        } else {
            (value - self.from) / (self.to - self.from)
        };
        self.start + share * (self.end - self.start)
    }

    /// Round values with room between them.
    fn ticks(&self) -> Vec<f64> {
        if self.is_log {
            self.powers()
        } else {
            let room = (self.end - self.start).abs() / 45.0;
            let rough = (self.to - self.from) / room.max(2.0);
            let power = 10f64.powf(rough.log10().floor());
            let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|step| step * power);
            let step = steps.into_iter().find(|step| *step >= rough).unwrap_or(10.0 * power);
            let count = ((self.to - self.from) / step + 1e-9).floor() as usize;
            (0..=count).map(|index| self.from + step * index as f64).collect()
        }
    }

    fn powers(&self) -> Vec<f64> {
        let decades = (self.to / self.from).log10();
        let digits: &[f64] = match decades {
            decades if decades < 1.2 => &[1.0, 1.5, 2.0, 3.0, 5.0, 7.0],
            decades if decades < 2.5 => &[1.0, 2.0, 5.0],
            _ => &[1.0],
        };
        let powers = self.from.log10().floor() as i32..=self.to.log10().ceil() as i32;
        let room = ((self.end - self.start).abs() / 34.0).max(2.0);
        let step = if digits.len() == 1 { (decades / room).ceil().max(1.0) as i32 } else { 1 };
        powers
            .filter(|power| power.rem_euclid(step) == 0)
            .flat_map(|power| digits.iter().map(move |digit| digit * 10f64.powi(power)))
            .filter(|tick| (self.from * 0.999..=self.to * 1.001).contains(tick))
            .collect()
    }
}

/// The least and the greatest figure that can be drawn.
fn limits(values: &[f64]) -> (f64, f64) {
    let usable = values.iter().copied().filter(|value| super::number::usable(*value));
    let limits = usable.fold((f64::MAX, 0.0f64), |(l, m), value| (l.min(value), m.max(value)));
    if limits.1 > 0.0 {
        limits
    } else {
        (1.0, 1.0)
    }
}

/// A plot's inner area.
struct Area {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Area {
    /// Lines across the area at the ticks of its height, with their values at the left.
    fn rows(&self, ticks: &[(f64, String)]) -> Markup {
        html! {
            @for (y, label) in ticks {
                line class="grid" x1=(px(self.left)) x2=(px(self.right)) y1=(px(*y)) y2=(px(*y)) {}
                text class="tick" x=(px(self.left - 6.0)) y=(px(y + 3.5)) text-anchor="end" {
                    (label)
                }
            }
        }
    }

    /// Short strokes below the area at the ticks of its width, and their values.
    fn columns(&self, ticks: &[(f64, String)]) -> Markup {
        html! {
            line class="axis" x1=(px(self.left)) x2=(px(self.right))
                y1=(px(self.bottom)) y2=(px(self.bottom)) {}
            @for (x, label) in ticks {
                line class="axis" x1=(px(*x)) x2=(px(*x))
                    y1=(px(self.bottom)) y2=(px(self.bottom + 4.0)) {}
                text class="tick" x=(px(*x)) y=(px(self.bottom + 16.0)) text-anchor="middle" {
                    (label)
                }
            }
        }
    }

    /// What the axes show: the height's title lies above its values.
    fn titles(&self, across: &str, upwards: &str) -> Markup {
        html! {
            text class="axis-title" x="2" y="11" { (upwards) }
            text class="axis-title" text-anchor="middle"
                x=(px((self.left + self.right) / 2.0)) y=(px(self.bottom + 33.0)) { (across) }
        }
    }
}

/// Moves labels apart, in their order, within their room, and none further than it must be.
fn spread_out(wanted: &[f64], from: f64, to: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    let gap = LABEL_GAP.min((to - from) / wanted.len().max(1) as f64);
    // Groups of labels that touch, each at the mean of what its labels want.
    let mut groups: Vec<(f64, usize)> = Vec::new();
    let room = |(centre, count): (f64, usize)| {
        let half = gap * (count - 1) as f64 / 2.0;
        (centre.clamp(from + half, (to - half).max(from + half)), half)
    };
    for index in &order {
        let mut group = (wanted[*index], 1);
        while let Some(before) = groups.last().copied() {
            let ((above, half_above), (below, half_below)) = (room(before), room(group));
            if above + half_above + gap <= below - half_below {
                break;
            }
            let count = before.1 + group.1;
            let sum = before.0 * before.1 as f64 + group.0 * group.1 as f64;
            group = (sum / count as f64, count);
            groups.pop();
        }
        groups.push(group);
    }
    let mut placed = vec![0.0; wanted.len()];
    let mut rest = order.into_iter();
    for group in groups {
        let (centre, half) = room(group);
        for step in 0..group.1 {
            if let Some(index) = rest.next() {
                placed[index] = centre - half + gap * step as f64;
            }
        }
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_their_order_and_their_distance() {
        let placed = spread_out(&[50.0, 52.0, 51.0, 200.0, 3.0], 0.0, 210.0);
        let mut sorted = placed.clone();
        sorted.sort_by(f64::total_cmp);
        assert!(sorted.windows(2).all(|pair| pair[1] - pair[0] >= LABEL_GAP - 1e-9), "{placed:?}");
        assert!(placed[4] < placed[0] && placed[0] < placed[2] && placed[2] < placed[1]);
        assert_eq!((placed[3], placed[4]), (200.0, 3.0), "those with room stay");
    }

    #[test]
    fn labels_that_were_moved_push_those_before_them() {
        let placed = spread_out(&[30.0, 44.0, 58.0, 58.0], 0.0, 210.0);
        assert!(placed.windows(2).all(|pair| pair[1] - pair[0] >= LABEL_GAP - 1e-9), "{placed:?}");
    }

    #[test]
    fn labels_stay_in_a_room_that_is_too_small() {
        let placed = spread_out(&[9.0; 20], 0.0, 100.0);
        assert!(placed.iter().all(|place| (-1e-9..=100.0 + 1e-9).contains(place)), "{placed:?}");
    }

    #[test]
    fn a_scale_is_by_powers_only_where_the_range_is_wide() {
        let narrow = Scale::fit(&[5.0, 20.0], 40.0, 0.0, 300.0);
        assert!(!narrow.is_log && narrow.at(0.0) == 0.0);
        let wide = Scale::fit(&[1.0, 1000.0], 40.0, 0.0, 300.0);
        assert!(wide.is_log);
        assert_eq!(wide.ticks(), [1.0, 10.0, 100.0, 1000.0]);
    }
}
