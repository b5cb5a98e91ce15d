//! Drawings as SVG inside HTML.

use std::fmt::Write as _;

use base64::Engine as _;

use super::drawing::{Anchor, Colour, Drawing, Lettering, Mark, Stroke};
use super::html::escaped;

/// The drawing as an SVG element whose meaning for those who cannot see it is `alt`.
pub fn svg(drawing: &Drawing, alt: &str) -> String {
    let (width, height) = (drawing.width, drawing.height);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">",
        escaped(alt)
    );
    drawing.marks.iter().for_each(|mark| write_mark(&mut out, mark));
    out.push_str("</svg>");
    out
}

// Writing to a string cannot go wrong, hence the results that are not looked at below.
fn write_mark(out: &mut String, mark: &Mark) {
    match mark {
        Mark::Line { points, closed, stroke } => {
            let name = if *closed { "polygon" } else { "polyline" };
            let _ = write!(out, "<{name} points=\"{}\" fill=\"none\" {}/>", list(points), stroke_words(stroke));
        }
        Mark::Area { points, colour, opacity } => {
            let _ = write!(
                out,
                "<polygon points=\"{}\" fill=\"{}\" fill-opacity=\"{opacity}\"/>",
                list(points),
                hex(*colour)
            );
        }
        Mark::Words { at, words, lettering } => write_words(out, *at, words, lettering),
        Mark::Image { at, width, height, png } => {
            let data = base64::engine::general_purpose::STANDARD.encode(png);
            let _ = write!(
                out,
                "<image x=\"{:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" \
                 preserveAspectRatio=\"none\" href=\"data:image/png;base64,{data}\"/>",
                at.0, at.1
            );
        }
    }
}

fn write_words(out: &mut String, at: (f64, f64), words: &str, lettering: &Lettering) {
    let anchor = match lettering.anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    let weight = if lettering.bold { " font-weight=\"700\"" } else { "" };
    let turned =
        if lettering.upwards { format!(" transform=\"rotate(-90 {:.1} {:.1})\"", at.0, at.1) } else { "".into() };
    let halo = lettering.halo.map_or(String::new(), |c| {
        format!(" stroke=\"{}\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\"", hex(c))
    });
    let _ = write!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"{}\" text-anchor=\"{anchor}\" fill=\"{}\"{weight}{halo}{turned}>{}</text>",
        at.0,
        at.1,
        lettering.size,
        hex(lettering.colour),
        escaped(words)
    );
}

fn stroke_words(stroke: &Stroke) -> String {
    let mut words = format!(
        "stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\" stroke-linecap=\"butt\"",
        hex(stroke.colour),
        stroke.width
    );
    if !stroke.dash.is_empty() {
        let lengths: Vec<String> = stroke.dash.iter().map(f64::to_string).collect();
        let _ = write!(words, " stroke-dasharray=\"{}\"", lengths.join(" "));
    }
    if stroke.opacity < 1.0 {
        let _ = write!(words, " stroke-opacity=\"{}\"", stroke.opacity);
    }
    words
}

fn list(points: &[(f64, f64)]) -> String {
    let mut text = String::with_capacity(points.len() * 12);
    for (x, y) in points {
        let _ = write!(text, "{x:.1},{y:.1} ");
    }
    text.trim_end().to_owned()
}

fn hex(Colour(r, g, b): Colour) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}
