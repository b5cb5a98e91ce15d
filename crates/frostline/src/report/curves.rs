//! Curves as a drawing: frame, ticks, shaded bands, thresholds, curves, legend.

use frostline_record::report::{Curve, CurveKind, Curves};

use super::drawing::{Anchor, Colour, Drawing, Lettering, Stroke, rectangle};
use super::palette::{INK, RULE, SOFT_INK, WHITE, curve_of};

const WIDTH: f64 = 640.0;
const PLOT_HEIGHT: f64 = 270.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 14.0;
const LEGEND_LINE: f64 = 19.0;
const BAND: Colour = Colour(214, 232, 246);

/// The drawing of curves.
pub fn drawing(curves: &Curves) -> Drawing {
    let frame = Frame::around(curves);
    let named: Vec<&Curve> = curves.curves.iter().filter(|curve| !curve.name.is_empty()).collect();
    let lines = named.len().div_ceil(2);
    let mut drawing = Drawing::new(WIDTH, TOP + PLOT_HEIGHT + 46.0 + lines as f64 * LEGEND_LINE + 4.0);
    draw_bands(&mut drawing, curves, &frame);
    draw_axes(&mut drawing, curves, &frame);
    draw_thresholds(&mut drawing, curves, &frame);
    for curve in &curves.curves {
        for piece in &curve.pieces {
            let points: Vec<_> = piece.iter().map(|&(x, y)| (frame.across(x), frame.down(y))).collect();
            match curve.kind {
                CurveKind::Measured { .. } => points.into_iter().for_each(|at| dot(&mut drawing, at, curve.kind)),
                _ => drawing.line(points, false, curve_of(curve.kind)),
            }
        }
    }
    draw_legend(&mut drawing, &named, lines);
    drawing
}

/// The range of both axes.
struct Frame {
    across: (f64, f64),
    upwards: (f64, f64),
}

impl Frame {
    fn around(curves: &Curves) -> Self {
        let points = || curves.curves.iter().flat_map(|c| c.pieces.iter().flatten());
        let across = range(points().map(|p| p.0));
        let upwards = range(points().map(|p| p.1).chain(curves.thresholds.iter().map(|t| t.at)));
        let step = tick_step(upwards.1 - upwards.0);
        Self { across, upwards: ((upwards.0 / step).floor() * step, (upwards.1 / step).ceil() * step) }
    }

    fn across(&self, x: f64) -> f64 {
        LEFT + (x - self.across.0) / (self.across.1 - self.across.0) * (WIDTH - LEFT - RIGHT)
    }

    fn down(&self, y: f64) -> f64 {
        TOP + (self.upwards.1 - y) / (self.upwards.1 - self.upwards.0) * PLOT_HEIGHT
    }
}

/// Least and most, never equal.
fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (least, most) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, m), v| (l.min(v), m.max(v)));
    match most - least {
        width if width.is_finite() && width > 0.0 => (least, most),
        width if width.is_finite() => (least - 1.0, most + 1.0),
        _ => (0.0, 1.0),
    }
}

/// A step of 1, 2 or 5 times a power of ten that cuts a range into at most eight.
fn tick_step(range: f64) -> f64 {
    let rough = range / 8.0;
    let power = 10.0_f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|step| *step >= rough * 0.999).unwrap_or(10.0 * power)
}

fn ticks((least, most): (f64, f64)) -> Vec<f64> {
    let step = tick_step(most - least);
    let first = (least / step).ceil() as i64;
    (first..).map(|n| n as f64 * step).take_while(|at| *at <= most + 1e-9 * step).collect()
}

fn draw_bands(drawing: &mut Drawing, curves: &Curves, frame: &Frame) {
    for band in &curves.bands {
        let clamp = |x: f64| frame.across(x.clamp(frame.across.0, frame.across.1));
        let (from, to) = (clamp(band.from), clamp(band.to));
        drawing.area(rectangle(from, TOP, to - from, PLOT_HEIGHT), BAND, 1.0);
        let lettering = Lettering::plain(12.0, SOFT_INK).anchored(Anchor::Middle);
        drawing.words((0.5 * (from + to), TOP + 14.0), &band.words, lettering);
    }
}

fn draw_axes(drawing: &mut Drawing, curves: &Curves, frame: &Frame) {
    let small = Lettering::plain(12.0, INK);
    for at in ticks(frame.upwards) {
        let y = frame.down(at);
        drawing.line(vec![(LEFT, y), (WIDTH - RIGHT, y)], false, Stroke::plain(RULE, 0.8));
        drawing.words((LEFT - 6.0, y + 4.0), number(at), small.anchored(Anchor::End));
    }
    for at in ticks(frame.across) {
        let x = frame.across(at);
        drawing.line(vec![(x, TOP + PLOT_HEIGHT), (x, TOP + PLOT_HEIGHT + 5.0)], false, Stroke::plain(INK, 1.0));
        drawing.words((x, TOP + PLOT_HEIGHT + 18.0), number(at), small.anchored(Anchor::Middle));
    }
    drawing.line(rectangle(LEFT, TOP, WIDTH - LEFT - RIGHT, PLOT_HEIGHT), true, Stroke::plain(INK, 1.0));
    let title = Lettering { bold: true, ..Lettering::plain(12.5, INK).anchored(Anchor::Middle) };
    drawing.words((0.5 * (LEFT + WIDTH - RIGHT), TOP + PLOT_HEIGHT + 36.0), &curves.across, title);
    drawing.words((15.0, TOP + 0.5 * PLOT_HEIGHT), &curves.upwards, Lettering { upwards: true, ..title });
}

/// A number with a true minus sign.
fn number(at: f64) -> String {
    // Ticks are multiples of 1, 2 or 5 times a power of ten; three digits after the point show any that occur.
    let text = format!("{:.3}", at + 0.0);
    text.trim_end_matches('0').trim_end_matches('.').replace('-', "\u{2212}")
}

fn draw_thresholds(drawing: &mut Drawing, curves: &Curves, frame: &Frame) {
    for threshold in &curves.thresholds {
        let y = frame.down(threshold.at);
        let stroke = Stroke { dash: &[5.0, 4.0], ..Stroke::plain(SOFT_INK, 1.2) };
        drawing.line(vec![(LEFT, y), (WIDTH - RIGHT, y)], false, stroke);
        let lettering = Lettering { halo: Some(WHITE), ..Lettering::plain(12.0, INK).anchored(Anchor::End) };
        drawing.words((WIDTH - RIGHT - 5.0, y - 4.0), &threshold.words, lettering);
    }
}

/// A measured point: a diamond, so that it stays one without colour.
fn dot(drawing: &mut Drawing, (x, y): (f64, f64), kind: CurveKind) {
    const HALF: f64 = 3.2;
    let corners = vec![(x - HALF, y), (x, y - HALF), (x + HALF, y), (x, y + HALF)];
    drawing.area(corners, curve_of(kind).colour, 1.0);
}

fn draw_legend(drawing: &mut Drawing, curves: &[&Curve], lines: usize) {
    for (n, curve) in curves.iter().enumerate() {
        let left = if n < lines { LEFT } else { 0.5 * WIDTH + 20.0 };
        let y = TOP + PLOT_HEIGHT + 50.0 + ((n % lines) as f64 + 0.5) * LEGEND_LINE;
        match curve.kind {
            CurveKind::Measured { .. } => dot(drawing, (left + 17.0, y - 4.0), curve.kind),
            _ => drawing.line(vec![(left, y - 4.0), (left + 34.0, y - 4.0)], false, curve_of(curve.kind)),
        }
        drawing.words((left + 42.0, y), &curve.name, Lettering::plain(12.5, INK));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_cover_the_range() {
        assert_eq!(ticks((-80.0, 40.0)), vec![-80.0, -60.0, -40.0, -20.0, 0.0, 20.0, 40.0]);
        assert_eq!(tick_step(7.9), 1.0);
        assert_eq!(tick_step(8.1), 2.0);
    }

    #[test]
    fn numbers_have_a_true_minus_and_no_needless_digits() {
        assert_eq!(number(-20.0), "\u{2212}20");
        assert_eq!(number(0.5), "0.5");
        assert_eq!(number(-0.0), "0");
    }
}
