//! Computes the fine axisymmetric answers of `exact::FINITE_PROBES` again, as they stand in the source, with what changes
//! from the next coarser cells. Cells in mm, 0.1 by default, and the shape of tip if not all; a few minutes.
//!
//! `cargo run --release -p frostline-freeze --example fine_finite_probes -- 0.07 flat`

use frostline_freeze::exact::{Axisymmetric, FINITE_PROBES, FINITE_SURFACES_C, FINITE_TIMES_S, Reach};

fn main() {
    let cell_mm: f64 = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(0.1);
    let tip = std::env::args().nth(2);
    for case in FINITE_PROBES {
        let name = format!("{:?}", case.tip).to_lowercase();
        if tip.as_ref().is_some_and(|t| *t != name) {
            continue;
        }
        let started = std::time::Instant::now();
        let of = |cell_mm| rows(&case.problem(cell_mm));
        let (fine, coarse) = (of(cell_mm), of(2.0_f64.sqrt() * cell_mm));
        println!(
            "    case(TipShape::{:?}, ({}, {}, {}), [",
            case.tip, case.radius_mm, case.active_length_mm, case.surface_c
        );
        let mut most = [0.0_f64; 3];
        for (row, before) in fine.iter().zip(&coarse) {
            let cells: Vec<String> = row
                .iter()
                .map(|r| format!("({:.3}, {:.3}, {:.3})", r.width_mm, r.length_mm, r.beyond_tip_mm))
                .collect();
            println!("        [{}],", cells.join(", "));
            for (a, b) in row.iter().zip(before) {
                most[0] = most[0].max((a.width_mm - b.width_mm).abs());
                most[1] = most[1].max((a.length_mm - b.length_mm).abs());
                most[2] = most[2].max((a.beyond_tip_mm - b.beyond_tip_mm).abs());
            }
        }
        println!("    ]),");
        let [w, l, b] = most;
        eprintln!(
            "{:?} {} mm: {cell_mm} mm cells differ from {:.3} mm ones by at most {w:.3} in width, {l:.3} in length, {b:.3} beyond \
             the tip (mm); {:.0} s",
            case.tip,
            case.radius_mm,
            2.0_f64.sqrt() * cell_mm,
            started.elapsed().as_secs_f64()
        );
    }
}

fn rows(problem: &Axisymmetric) -> Vec<Vec<Reach>> {
    let fields = problem.solve(&FINITE_TIMES_S);
    fields.iter().map(|f| FINITE_SURFACES_C.iter().map(|&c| f.reach(c)).collect()).collect()
}
