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

/// A place in the patient.
pub fn place(text: &str) -> Result<[f64; 3], String> {
    numbers(text, "12.5,-40,451")
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
