//! A cut as a drawing: image, outlines, orientation, scale, legend, overview.

use frostline_plan::anatomy::TissueKind;
use frostline_record::report::{ContourLine, EdgeLabels, LegendEntry, Locator, Outline, SlicePicture, tissue_name};

use super::drawing::{Anchor, Drawing, Lettering, Mark, Stroke, rectangle};
use super::palette::{INK, SHADE, WHITE, fill_of, line_of, tissue_colour};
use super::png_bytes;

/// Width of every cut on paper.
const WIDTH: f64 = 480.0;
const LEGEND_LINE: f64 = 19.0;
const GAP: f64 = 10.0;
/// The overview fits into a box of this side.
const LOCATOR: f64 = 130.0;

/// The drawing of a cut.
pub fn drawing(slice: &SlicePicture) -> Drawing {
    let scale = WIDTH / slice.width_mm;
    let height = slice.height_mm * scale;
    let lines = slice.legend.len().max(slice.tissues.len());
    let below = (lines as f64 * LEGEND_LINE).max(slice.locator.as_ref().map_or(0.0, |_| LOCATOR + 16.0));
    let mut drawing = Drawing::new(WIDTH, (height + GAP + below + 4.0).ceil());
    drawing.marks.push(Mark::Image { at: (0.0, 0.0), width: WIDTH, height, png: png_bytes::of_raster(&slice.raster) });
    for outline in &slice.outlines {
        draw_outline(&mut drawing, outline, scale, (WIDTH, height));
    }
    edge_labels(&mut drawing, &slice.labels, (WIDTH, height));
    scale_bar(&mut drawing, slice.scale_bar_mm, scale, height);
    legend(&mut drawing, &slice.legend, height + GAP);
    tissue_legend(&mut drawing, &slice.tissues, height + GAP);
    if let Some(locator) = &slice.locator {
        draw_locator(&mut drawing, locator, height + GAP);
    }
    drawing
}

fn draw_outline(drawing: &mut Drawing, outline: &Outline, scale: f64, size: (f64, f64)) {
    let stroke = line_of(outline.drawn);
    for line in &outline.lines {
        for points in inside(line, scale, size) {
            if let (Some((colour, opacity)), true) = (fill_of(outline.drawn), line.closed) {
                drawing.area(points.clone(), colour, opacity);
            }
            let rim = Stroke { colour: SHADE, width: stroke.width + 1.8, opacity: 0.55, dash: &[] };
            drawing.line(points.clone(), line.closed, rim);
            drawing.line(points, line.closed, stroke);
        }
    }
}

/// The line in pixels; a straight piece that leaves the picture is cut at its rim.
fn inside(line: &ContourLine, scale: f64, size: (f64, f64)) -> Vec<Vec<(f64, f64)>> {
    let points: Vec<(f64, f64)> = line.points.iter().map(|p| (p.right_mm * scale, p.down_mm * scale)).collect();
    match points[..] {
        [from, to] => clipped(from, to, size).map(|(a, b)| vec![a, b]).into_iter().collect(),
        _ => vec![points],
    }
}

/// The part of a straight piece inside a picture (Liang and Barsky 1984).
fn clipped(from: (f64, f64), to: (f64, f64), size: (f64, f64)) -> Option<((f64, f64), (f64, f64))> {
    let along = (to.0 - from.0, to.1 - from.1);
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    for (step, room) in [(-along.0, from.0), (along.0, size.0 - from.0), (-along.1, from.1), (along.1, size.1 - from.1)]
    {
        if step == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if step < 0.0 {
            enter = enter.max(room / step);
        } else {
            leave = leave.min(room / step);
        }
    }
    let at = |part: f64| (from.0 + along.0 * part, from.1 + along.1 * part);
    (enter < leave).then(|| (at(enter), at(leave)))
}

/// Letters at the four rims, readable on any ground.
pub fn edge_labels(drawing: &mut Drawing, labels: &EdgeLabels, (width, height): (f64, f64)) {
    let lettering = Lettering { halo: Some(SHADE), bold: true, ..Lettering::plain(15.0, WHITE) };
    let middle = lettering.anchored(Anchor::Middle);
    drawing.words((7.0, height / 2.0 + 5.0), &labels.left, lettering);
    drawing.words((width - 7.0, height / 2.0 + 5.0), &labels.right, lettering.anchored(Anchor::End));
    drawing.words((width / 2.0, 18.0), &labels.top, middle);
    drawing.words((width / 2.0, height - 8.0), &labels.bottom, middle);
}

/// A bar of known length in the lower left corner.
pub fn scale_bar(drawing: &mut Drawing, length_mm: f64, scale: f64, height: f64) {
    let (left, base) = (12.0, height - 14.0);
    let bar = vec![(left, base), (left + length_mm * scale, base)];
    drawing.line(bar.clone(), false, Stroke { opacity: 0.8, ..Stroke::plain(SHADE, 6.0) });
    drawing.line(bar, false, Stroke::plain(WHITE, 3.0));
    let lettering = Lettering { halo: Some(SHADE), ..Lettering::plain(13.0, WHITE) };
    drawing.words((left, base - 7.0), format!("{length_mm:.0} mm"), lettering);
}

/// A sample and words per line, on dark ground as in the picture.
fn legend(drawing: &mut Drawing, entries: &[LegendEntry], top: f64) {
    for (n, entry) in entries.iter().enumerate() {
        let middle = top + (n as f64 + 0.5) * LEGEND_LINE;
        drawing.area(rectangle(0.0, middle - 8.0, 44.0, 16.0), SHADE, 0.85);
        if let Some((colour, opacity)) = fill_of(entry.drawn) {
            drawing.area(rectangle(5.0, middle - 4.0, 34.0, 8.0), colour, opacity);
        }
        drawing.line(vec![(5.0, middle), (39.0, middle)], false, line_of(entry.drawn));
        drawing.words((52.0, middle + 4.5), &entry.words, Lettering::plain(13.0, INK));
    }
}

/// Where the tissues stand beside the legend; flat colours have no overview there.
const TISSUES: f64 = 310.0;

fn tissue_legend(drawing: &mut Drawing, tissues: &[TissueKind], top: f64) {
    for (n, kind) in tissues.iter().enumerate() {
        let middle = top + (n as f64 + 0.5) * LEGEND_LINE;
        drawing.area(rectangle(TISSUES, middle - 8.0, 44.0, 16.0), tissue_colour(*kind), 1.0);
        drawing.words((TISSUES + 52.0, middle + 4.5), tissue_name(*kind), Lettering::plain(13.0, INK));
    }
}

fn draw_locator(drawing: &mut Drawing, locator: &Locator, top: f64) {
    let scale = LOCATOR / locator.width_mm.max(locator.height_mm);
    let (width, height) = (locator.width_mm * scale, locator.height_mm * scale);
    let left = WIDTH - width;
    let png = png_bytes::of_raster(&locator.raster);
    drawing.marks.push(Mark::Image { at: (left, top), width, height, png });
    let window = &locator.window;
    let (right, down) = (window.corner.right_mm * scale, window.corner.down_mm * scale);
    let (from, to) = (
        (right.max(0.0), down.max(0.0)),
        ((right + window.width_mm * scale).min(width), (down + window.height_mm * scale).min(height)),
    );
    let frame = rectangle(left + from.0, top + from.1, to.0 - from.0, to.1 - from.1);
    drawing.line(frame, true, Stroke::plain(WHITE, 1.6));
    let lettering = Lettering::plain(12.0, INK).anchored(Anchor::End);
    drawing.words((WIDTH, top + height + 13.0), "white frame: this picture", lettering);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_through_the_picture_ends_at_its_rims() {
        let cut = clipped((-10.0, 5.0), (30.0, 5.0), (20.0, 10.0)).unwrap();
        assert_eq!(cut, ((0.0, 5.0), (20.0, 5.0)));
    }

    #[test]
    fn a_line_beside_the_picture_is_not_drawn() {
        assert_eq!(clipped((-10.0, 15.0), (30.0, 15.0), (20.0, 10.0)), None);
    }
}
