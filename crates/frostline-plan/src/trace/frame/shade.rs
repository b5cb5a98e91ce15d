//! A smoothed picture that can be read between its pixels.

use frostline_formats::frame_png::UltrasoundFrame;

use super::super::lattice::gaussian;
use super::ellipse::FramePoint;

/// Grey values after a Gaussian that is round in millimetres.
pub(super) struct Shade {
    grey: Vec<f32>,
    width: usize,
    height: usize,
    across_mm: f64,
    down_mm: f64,
}

impl Shade {
    pub fn of(frame: &UltrasoundFrame, sigma_mm: f64) -> Self {
        let (width, height) = (frame.width_px, frame.height_px);
        let (across_mm, down_mm) = (frame.pixel.across_mm(), frame.pixel.down_mm());
        let rows = along_rows(&frame.grey, width, &gaussian(sigma_mm / across_mm));
        let turned = transposed(&rows, width, height);
        let columns = along_rows(&turned, height, &gaussian(sigma_mm / down_mm));
        Self { grey: transposed(&columns, height, width), width, height, across_mm, down_mm }
    }

    /// The grey value at a place, linear between pixel centres; beyond the rim that of the rim.
    pub fn at(&self, place: FramePoint) -> f64 {
        let (x, y) = (place.x / self.across_mm - 0.5, place.y / self.down_mm - 0.5);
        let x = x.clamp(0.0, (self.width - 1) as f64);
        let y = y.clamp(0.0, (self.height - 1) as f64);
        let (left, top) = (x as usize, y as usize);
        let (right, bottom) = ((left + 1).min(self.width - 1), (top + 1).min(self.height - 1));
        let (fx, fy) = (x - left as f64, y - top as f64);
        let grey = |column: usize, row: usize| f64::from(self.grey[row * self.width + column]);
        let upper = grey(left, top) * (1.0 - fx) + grey(right, top) * fx;
        let lower = grey(left, bottom) * (1.0 - fx) + grey(right, bottom) * fx;
        upper * (1.0 - fy) + lower * fy
    }
}

fn along_rows(grey: &[f32], width: usize, weights: &[f32]) -> Vec<f32> {
    let blurred = |row: &[f32], at: usize| {
        let beside = |n: usize| row[at.saturating_sub(n)] + row[(at + n).min(width - 1)];
        weights.iter().enumerate().skip(1).fold(weights[0] * row[at], |sum, (n, weight)| sum + weight * beside(n))
    };
    grey.chunks_exact(width).flat_map(|row| (0..width).map(move |at| blurred(row, at))).collect()
}

fn transposed(grey: &[f32], width: usize, height: usize) -> Vec<f32> {
    (0..width).flat_map(|column| (0..height).map(move |row| grey[row * width + column])).collect()
}
