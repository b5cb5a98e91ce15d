//! Numbers on the command line and in what is printed.

use frostline_space::PatientPoint;
use serde_json::{Value, json};

/// Numbers separated by commas.
fn numbers<const N: usize>(text: &str, example: &str) -> Result<[f64; N], String> {
    let found: Option<Vec<f64>> =
        text.split(',').map(|word| word.trim().parse().ok().filter(|n: &f64| n.is_finite())).collect();
    let found = found.and_then(|found| <[f64; N]>::try_from(found).ok());
    found.ok_or_else(|| format!("found '{text}', expected {N} numbers separated by commas, such as {example}"))
}

/// A click: in the patient, or in a frame.
#[derive(Clone, Copy)]
pub enum Place {
    /// x, y, z in LPS mm.
    InPatient([f64; 3]),
    /// Across and down from the rims of a frame, in mm.
    InFrame([f64; 2]),
}

/// A click.
pub fn place(text: &str) -> Result<Place, String> {
    let in_patient = numbers(text, "12.5,-40,451 (in a frame: 19.5,12.1)");
    in_patient.map(Place::InPatient).or_else(|error| numbers(text, "").map(Place::InFrame).map_err(|_| error))
}

/// The size of a pixel.
pub fn pixel(text: &str) -> Result<[f64; 2], String> {
    numbers(text, "0.071,0.071")
}

/// An ellipse.
pub fn ellipse(text: &str) -> Result<[f64; 5], String> {
    numbers(text, "19.5,12.1,5.2,3.1,-4")
}

/// A place for a case file: tenths of a millimetre.
pub fn place_toml(place: PatientPoint) -> String {
    format!("[{:.1}, {:.1}, {:.1}]", place.x, place.y, place.z)
}

/// A list for a case file.
pub fn list_toml(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// A place for JSON: micrometres.
pub fn place_json(place: PatientPoint) -> Value {
    json!([rounded(place.x), rounded(place.y), rounded(place.z)])
}

/// Three decimals.
pub fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
