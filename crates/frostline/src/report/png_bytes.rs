//! Pixels to PNG files in memory.

use frostline_record::report::{Pixels, Raster};

use super::drawing::Colour;
use super::palette::tissue_colour;

/// The file of a raster.
pub fn of_raster(raster: &Raster) -> Vec<u8> {
    match &raster.pixels {
        Pixels::Grey(grey) => encode(raster.columns, raster.rows, png::ColorType::Grayscale, grey),
        Pixels::Tissue(kinds) => {
            let colours: Vec<Colour> = kinds.iter().map(|kind| tissue_colour(*kind)).collect();
            of_colours(raster.columns, raster.rows, &colours)
        }
    }
}

/// The file of a picture of colours.
pub fn of_colours(columns: usize, rows: usize, colours: &[Colour]) -> Vec<u8> {
    let bytes: Vec<u8> = colours.iter().flat_map(|Colour(r, g, b)| [*r, *g, *b]).collect();
    encode(columns, rows, png::ColorType::Rgb, &bytes)
}

fn encode(columns: usize, rows: usize, colours: png::ColorType, bytes: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, columns as u32, rows as u32);
    encoder.set_color(colours);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    // Writing to memory cannot go wrong, and every caller gives one entry per pixel of a picture that is not empty.
    let mut writer = encoder.write_header().expect("a picture that is not empty");
    writer.write_image_data(bytes).expect("one entry per pixel");
    writer.finish().expect("memory takes the rest");
    file
}
