//! Computes the fine answers of `conformance::FINE_CASES` again, as they stand in the source, with what changed from 0.5 mm
//! cells, and what the judged cells make of them.
//!
//! `cargo run --release -p frostline-freeze --example fine_runs`

use frostline_freeze::conformance::FINE_CASES;

fn main() {
    let only = std::env::args().nth(1);
    for case in FINE_CASES.iter().filter(|c| only.as_ref().is_none_or(|o| c.name.contains(o.as_str()))) {
        let started = std::time::Instant::now();
        let (judged, coarse, fine) = (case.judged(), case.numbers(0.5), case.numbers(0.25));
        let most = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        let volumes = [0, 1].map(|n| (coarse.volumes_mm3[n] / fine.volumes_mm3[n] - 1.0).abs());
        let radius = [0, 1].map(|n| most(&fine.radii_mm[n], &coarse.radii_mm[n]));
        println!("{} ({:.0} s)", case.name, started.elapsed().as_secs_f64());
        println!("    FineNumbers {{");
        println!("        volumes_mm3: {:.2?},", fine.volumes_mm3);
        println!("        radii_mm: {:.3?},", fine.radii_mm);
        println!("        celsius: {:.2?},", fine.celsius);
        println!("    }},");
        let kelvin = most(&fine.celsius, &coarse.celsius);
        println!("    ({:.4}, {:.3}, {kelvin:.2}),", volumes[0].max(volumes[1]), radius[0].max(radius[1]));
        println!("    judged: {judged:.3?}");
    }
}
