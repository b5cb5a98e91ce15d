//! A view in space as a drawing: rendered pixels, orientation, scale, legend.

use frostline_record::report::SceneView;

use super::drawing::{Drawing, Lettering, Mark, Stroke, rectangle};
use super::palette::{INK, RULE, surface_of};
use super::png_bytes;
use super::render::render;
use super::slice::{edge_labels, scale_bar};

/// Width on paper, and in pixels: twice as many, for fine screens and paper.
const WIDTH: f64 = 480.0;
const PIXELS: usize = 840;
const LEGEND_LINE: f64 = 19.0;

/// The drawing of a view.
pub fn drawing(view: &SceneView) -> Drawing {
    let (columns, rows, pixels) = render(view, PIXELS);
    let height = WIDTH * rows as f64 / columns as f64;
    let lines = view.legend.len().div_ceil(2);
    let mut drawing = Drawing::new(WIDTH, (height + 14.0 + lines as f64 * LEGEND_LINE).ceil());
    let png = png_bytes::of_colours(columns, rows, &pixels);
    drawing.marks.push(Mark::Image { at: (0.0, 0.0), width: WIDTH, height, png });
    drawing.line(rectangle(0.5, 0.5, WIDTH - 1.0, height - 1.0), true, Stroke::plain(RULE, 1.0));
    edge_labels(&mut drawing, &view.labels, (WIDTH, height));
    scale_bar(&mut drawing, view.scale_bar_mm, WIDTH / (2.0 * view.camera.half_width_mm), height);
    for (n, entry) in view.legend.iter().enumerate() {
        let left = if n < lines { 0.0 } else { WIDTH / 2.0 };
        let middle = height + 10.0 + ((n % lines) as f64 + 0.5) * LEGEND_LINE;
        let (colour, opacity) = surface_of(entry.drawn);
        let swatch = rectangle(left + 1.0, middle - 7.0, 26.0, 14.0);
        drawing.area(swatch.clone(), colour, opacity.max(0.35));
        drawing.line(swatch, true, Stroke::plain(INK, 0.8));
        drawing.words((left + 34.0, middle + 4.5), &entry.words, Lettering::plain(12.0, INK));
    }
    drawing
}
