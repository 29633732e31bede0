//! How each peer looks, everywhere in the report: magpool in a colour of its own, the floor
//! and the seed grey, the others by a colour and a mark that also tell them apart without
//! colours. The colours themselves are in `style.css`.

use super::view::{Peer, Run};
use crate::peer::Kind;
use maud::{html, Markup};

/// Colours for peers in `style.css`, `c0` and on.
const COLOURS: usize = 9;

/// The looks of all peers of a run.
pub(super) struct Palette {
    looks: Vec<Look>,
}

/// How one peer is drawn.
#[derive(Clone)]
pub(super) struct Look {
    /// The class that sets the colour `--c`.
    pub(super) class: String,
    pub(super) mark: Mark,
    /// Strokes and gaps of its lines; `none` for an unbroken one.
    pub(super) dash: &'static str,
    pub(super) is_ours: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Circle,
    Square,
    Diamond,
    Triangle,
    Cross,
    Plus,
}

impl Palette {
    pub(super) fn new(run: &Run) -> Self {
        let mut counts = Counts::default();
        Self { looks: run.peers.iter().map(|peer| look(peer, &mut counts)).collect() }
    }

    pub(super) fn of(&self, peer: &Peer) -> &Look {
        &self.looks[peer.index]
    }

    /// The peer's mark and name, for tables.
    pub(super) fn label(&self, peer: &Peer) -> Markup {
        let look = self.of(peer);
        html! {
            span class={ "peer " (look.class) } {
                svg class="swatch" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true" {
                    (look.mark.draw(7.0, 7.0, if look.is_ours { 5.0 } else { 4.0 }))
                }
                (peer.name)
            }
        }
    }
}

/// How many of each sort have their looks.
#[derive(Default)]
struct Counts {
    faces: usize,
    floors: usize,
    others: usize,
}

fn look(peer: &Peer, counts: &mut Counts) -> Look {
    let next = |count: &mut usize| std::mem::replace(count, *count + 1);
    match peer.kind {
        Kind::Magpool => {
            let face = next(&mut counts.faces);
            let (dash, mark) = match face % 4 {
                0 => ("none", Mark::Circle),
                1 => ("7 3", Mark::Diamond),
                2 => ("2 2.5", Mark::Square),
                _ => ("8 3 2 3", Mark::Triangle),
            };
            let class = if face == 0 { "ours first" } else { "ours" };
            Look { class: class.to_owned(), mark, dash, is_ours: true }
        }
        Kind::Floor => {
            let (dash, mark) = match next(&mut counts.floors) {
                0 => ("4 3", Mark::Cross),
                _ => ("1 2", Mark::Diamond),
            };
            Look { class: "floor".to_owned(), mark, dash, is_ours: false }
        }
        Kind::Seed => {
            Look { class: "seed".to_owned(), mark: Mark::Plus, dash: "1.5 3", is_ours: false }
        }
        Kind::Allocator | Kind::Pool | Kind::Crate => {
            let other = next(&mut counts.others);
            let marks = [Mark::Square, Mark::Circle, Mark::Triangle, Mark::Diamond];
            let class = format!("c{}", other % COLOURS);
            Look { class, mark: marks[other % marks.len()], dash: "none", is_ours: false }
        }
    }
}

impl Mark {
    /// Drawn round a place, filled with the peer's colour.
    pub(super) fn draw(self, x: f64, y: f64, size: f64) -> Markup {
        let path = |points: &[(f64, f64)]| {
            let points = points.iter().map(|(dx, dy)| format!("{:.1} {:.1}", x + dx, y + dy));
            let points = points.collect::<Vec<_>>().join("L");
            html! { path class="mark" d={ "M" (points) "z" } {} }
        };
        let lines = |d: String| html! { path class="mark open" d=(d) {} };
        let s = size;
        match self {
            Self::Circle => html! {
                circle class="mark" cx=(format!("{x:.1}")) cy=(format!("{y:.1}"))
                    r=(format!("{s:.1}")) {}
            },
            Self::Square => {
                let s = 0.88 * s;
                path(&[(-s, -s), (s, -s), (s, s), (-s, s)])
            }
            Self::Diamond => {
                let s = 1.25 * s;
                path(&[(0.0, -s), (s, 0.0), (0.0, s), (-s, 0.0)])
            }
            Self::Triangle => path(&[(0.0, -1.2 * s), (1.15 * s, 0.85 * s), (-1.15 * s, 0.85 * s)]),
            Self::Cross => {
                let (l, r, t, b) = (x - s, x + s, y - s, y + s);
                lines(format!("M{l:.1} {t:.1}L{r:.1} {b:.1}M{l:.1} {b:.1}L{r:.1} {t:.1}"))
            }
            Self::Plus => {
                let (l, r, t, b) = (x - s, x + s, y - s, y + s);
                lines(format!("M{l:.1} {y:.1}H{r:.1}M{x:.1} {t:.1}V{b:.1}"))
            }
        }
    }
}
