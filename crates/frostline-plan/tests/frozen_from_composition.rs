//! The frozen numbers of `tissues.toml` are what `composition.toml` gives, to the digits they are written with.

use frostline_freeze::Freezing;
use frostline_plan::anatomy::TissueKind;
use frostline_plan::catalogue::{
    CatalogueTexts, Catalogues, Composition, FreezingCurve, FrozenPoint, Recommended, TissueModel, TissueModelChoice,
    even_range, tissue_word,
};

/// Down to which temperature `latent_j_per_kg` is counted, as the head of `tissues.toml` says. Unit: °C.
const LATENT_DOWN_TO_C: f64 = -40.0;

/// What a row says, what its composition gives, and half of the last digit written (a hundredth more for numbers that
/// lie on the edge between two).
fn differences(catalogues: &Catalogues) -> Vec<(String, f64, f64, f64)> {
    let mut all = Vec::new();
    for row in catalogues.tissues.rows() {
        let composition = catalogues.compositions.of(row.kind).unwrap_or_else(|| panic!("{}", row.name)).value;
        let (freezing, word) = (row.freezing.value, tissue_word(row.kind));
        let freezable_j_per_kg = catalogues.compositions.freezable_j_per_kg(&composition);
        let Freezing::Linear { ends_c, latent_j_per_kg } =
            even_range(freezing.starts_c, freezable_j_per_kg, LATENT_DOWN_TO_C)
        else {
            panic!("the even range is linear")
        };
        let mut push = |what: &str, says, gives, within: f64| {
            all.push((format!("{word}: {what}"), says, gives, 1.01 * within));
        };
        push("ends_c", freezing.ends_c, ends_c, 0.05);
        push("latent_j_per_kg", freezing.latent_j_per_kg, latent_j_per_kg, 500.0);
        push("freezable_j_per_kg", freezing.freezable_j_per_kg, freezable_j_per_kg, 50.0);
        for says in &row.frozen.value.at {
            let unfrozen = row.unfrozen.value.conductivity_w_per_m_k;
            let at_c = says.temperature_c;
            let gives = catalogues.compositions.frozen(&composition, freezing.starts_c, unfrozen, at_c);
            let mut column = |what: &str, pick: fn(&FrozenPoint) -> f64, within| {
                push(&format!("{what} at {at_c}"), pick(says), pick(&gives), within);
            };
            column("conductivity", |p| p.conductivity_w_per_m_k, 0.005);
            column("lowest", |p| p.lowest_conductivity_w_per_m_k, 0.005);
            column("highest", |p| p.highest_conductivity_w_per_m_k, 0.005);
            column("capacity", |p| p.capacity_j_per_kg_k, 0.5);
        }
    }
    all
}

fn drifted(catalogues: &Catalogues) -> Vec<String> {
    let all = differences(catalogues).into_iter();
    let off = |says: f64, gives: f64| (says - gives).abs();
    all.filter(|&(_, says, gives, within)| off(says, gives) > within || off(says, gives).is_nan())
        .map(|(what, says, gives, _)| format!("{what}: tissues.toml says {says}, composition.toml gives {gives:.4}"))
        .collect()
}

#[test]
fn no_frozen_number_has_drifted_from_its_composition() {
    let catalogues = Catalogues::bundled().unwrap();
    let drifted = drifted(&catalogues);
    assert!(drifted.is_empty(), "recalculate these or mark them with a source of their own:\n{}", drifted.join("\n"));
    // 12 tissues, each with three numbers of freezing and four columns at six temperatures.
    assert_eq!(differences(&catalogues).len(), 12 * (3 + 4 * 6));
}

#[test]
fn a_number_that_is_changed_alone_is_found() {
    let with = |change: &dyn Fn(&mut CatalogueTexts)| {
        let mut texts = CatalogueTexts::bundled();
        change(&mut texts);
        drifted(&Catalogues::from_toml(&texts).unwrap())
    };
    let one = with(&|texts| {
        texts.tissues = texts.tissues.replace("capacity_j_per_kg_k = 2195", "capacity_j_per_kg_k = 2185")
    });
    assert_eq!(one.len(), 1, "{one:?}");
    assert!(one[0].starts_with("muscle: capacity at -20: tissues.toml says 2185"), "{}", one[0]);
    let water = with(&|texts| texts.composition = texts.composition.replace("water = 0.741", "water = 0.72"));
    assert!(water.len() > 15 && water.iter().all(|line| line.starts_with("muscle")), "{water:?}");
}

/// A row of the reference table: composition, start, then (geometric, parallel, capacity, ice) at -20 and at -40, ice at -5,
/// and latent heat down to -40 in kJ/kg.
type Reference = (&'static str, [f64; 4], f64, [f64; 4], [f64; 4], f64, f64);

/// The table of the physics notes, section 2.3, as printed there (k to 0.01, c to 1, ice to 0.01 or 0.001, latent to 1).
const TABLE: [Reference; 12] = [
    ("muscle", [0.741, 0.208, 0.042, 0.009], -1.0, [1.17, 1.75, 2195.0, 0.63], [1.24, 1.94, 2062.0, 0.64], 0.53, 214.0),
    ("skin", [0.653, 0.246, 0.094, 0.007], -0.8, [0.92, 1.54, 2210.0, 0.53], [0.96, 1.70, 2100.0, 0.54], 0.47, 181.0),
    ("fat", [0.212, 0.044, 0.741, 0.003], -0.8, [0.31, 0.63, 2004.0, 0.19], [0.32, 0.69, 1941.0, 0.19], 0.16, 64.0),
    ("nerve", [0.69, 0.15, 0.15, 0.01], -0.8, [1.05, 1.66, 2124.0, 0.61], [1.11, 1.84, 2001.0, 0.62], 0.53, 206.0),
    ("tendon", [0.63, 0.35, 0.01, 0.01], -1.0, [0.84, 1.44, 2310.0, 0.47], [0.85, 1.58, 2207.0, 0.48], 0.39, 159.0),
    ("cartilage", [0.75, 0.20, 0.01, 0.04], -1.0, [1.26, 1.81, 2161.0, 0.64], [1.33, 2.00, 2026.0, 0.65], 0.54, 218.0),
    (
        "cortical bone",
        [0.122, 0.246, 0.0, 0.632],
        -1.5,
        [0.29, 0.38, 1614.0, 0.02],
        [0.26, 0.37, 1576.0, 0.02],
        0.02,
        8.0,
    ),
    ("cancellous", [0.27, 0.17, 0.25, 0.31], -1.0, [0.42, 0.81, 1849.0, 0.19], [0.42, 0.88, 1784.0, 0.20], 0.16, 66.0),
    (
        "yellow marrow",
        [0.153, 0.04, 0.804, 0.003],
        -0.8,
        [0.27, 0.50, 1996.0, 0.13],
        [0.28, 0.54, 1942.0, 0.13],
        0.12,
        45.0,
    ),
    (
        "red marrow",
        [0.402, 0.189, 0.403, 0.006],
        -0.8,
        [0.48, 0.97, 2143.0, 0.31],
        [0.49, 1.07, 2065.0, 0.32],
        0.27,
        107.0,
    ),
    ("blood", [0.79, 0.20, 0.006, 0.004], -0.55, [1.36, 1.89, 2161.0, 0.69], [1.44, 2.08, 2037.0, 0.70], 0.63, 234.0),
    ("2 % agar", [0.98, 0.0, 0.0, 0.0], -0.1, [2.41, 2.41, 1940.0, 0.995], [2.66, 2.66, 1797.0, 0.998], 0.98, 333.0),
];

fn composition([water, protein, lipid, ash]: [f64; 4]) -> Composition {
    Composition {
        kind: TissueKind::Muscle,
        water,
        protein,
        lipid,
        ash,
        recommended: Recommended::Mean,
        lowest_w_per_m_k: None,
        highest_w_per_m_k: None,
    }
}

#[test]
fn the_reference_table_of_frozen_tissue_is_met() {
    let compositions = Catalogues::bundled().unwrap().compositions;
    let mut worst = [0.0_f64; 4];
    for (name, parts, starts_c, at_20, at_40, ice_5, latent_kj) in TABLE {
        let of = composition(parts);
        for (celsius, [geometric, parallel, capacity, ice]) in [(-20.0, at_20), (-40.0, at_40)] {
            let found = compositions.mixture(&of, starts_c, celsius);
            // Agar is printed as one number, the geometric mixture.
            let high = if geometric == parallel { parallel } else { found.parallel_w_per_m_k };
            let k = (found.geometric_w_per_m_k - geometric).abs().max((high - parallel).abs());
            let c = (found.capacity_j_per_kg_k - capacity).abs();
            let x = (found.ice_kg_per_kg - ice).abs();
            println!("{name:14} {celsius:4}: k {k:.4} W/(m K), c {c:.2} J/(kg K), ice {x:.4}");
            worst = [worst[0].max(k), worst[1].max(c), worst[2].max(x), worst[3]];
            assert!(
                found.series_w_per_m_k <= found.geometric_w_per_m_k
                    && found.geometric_w_per_m_k <= found.parallel_w_per_m_k
            );
        }
        let x = (compositions.mixture(&of, starts_c, -5.0).ice_kg_per_kg - ice_5).abs();
        let latent = (compositions.mixture(&of, starts_c, -40.0).latent_j_per_kg / 1e3 - latent_kj).abs();
        worst = [worst[0], worst[1], worst[2].max(x), worst[3].max(latent)];
    }
    println!(
        "largest: k {:.4} W/(m K), c {:.2} J/(kg K), ice {:.4}, latent {:.2} kJ/kg",
        worst[0], worst[1], worst[2], worst[3]
    );
    // Half of the last digit printed, and a tenth of that for water coefficients with a digit more than those of the notes.
    for (found, within) in worst.iter().zip([0.0055, 0.55, 0.0055, 0.55]) {
        assert!(found <= &within, "{worst:?}");
    }
}

fn with_model(freezing: FreezingCurve, lipid_crystallisation: bool) -> Catalogues {
    let choice = TissueModelChoice { freezing: Some(freezing), lipid_crystallisation: Some(lipid_crystallisation) };
    Catalogues::bundled().unwrap().with_tissue_model(choice)
}

#[test]
fn along_the_water_activity_curve_conductivity_stays_near_that_of_the_composition() {
    let catalogues = with_model(FreezingCurve::WaterActivity, false);
    let mut worst = 0.0_f64;
    for row in catalogues.tissues.rows() {
        let (found, of) =
            (catalogues.tissues.thermal(row.kind).unwrap(), catalogues.compositions.of(row.kind).unwrap());
        let starts_c = found.freezing_starts_c;
        for celsius in [-1.6, -2.0, -3.0, -5.0, -7.0] {
            let mixed = catalogues.compositions.frozen(&of.value, starts_c, found.unfrozen_w_per_m_k, celsius);
            let share = found.ice_share(celsius) / found.ice_share(-10.0);
            let run = found.unfrozen_w_per_m_k + (found.frozen_w_per_m_k.at(-10.0) - found.unfrozen_w_per_m_k) * share;
            let off = run / mixed.conductivity_w_per_m_k - 1.0;
            println!(
                "{:16} {celsius:5}: run {run:.3}, mixed {:.3}, {:+.1} %",
                tissue_word(row.kind),
                mixed.conductivity_w_per_m_k,
                100.0 * off
            );
            worst = worst.max(off.abs());
        }
    }
    println!("largest {:.1} %", 100.0 * worst);
    // Found: 9.1 % for saline, 7.9 % for nerve, 7.0 % for muscle, near the freezing point. The ways of
    // mixing the parts of a tissue differ by 40 to 60 % there, so a tenth is enough.
    assert!(worst < 0.1, "{worst}");
}

#[test]
fn the_model_that_is_chosen_reaches_the_solver() {
    let plain = Catalogues::bundled().unwrap();
    assert_eq!(plain.tissues.model(), TissueModel { freezing: FreezingCurve::Linear, lipid_crystallisation: false });
    let fat = plain.tissues.thermal(TissueKind::Fat).unwrap();
    assert_eq!((fat.freezing, fat.lipid), (Freezing::Linear { ends_c: -5.6, latent_j_per_kg: 64e3 }, None));
    let chosen = with_model(FreezingCurve::WaterActivity, true);
    let fat = chosen.tissues.thermal(TissueKind::Fat).unwrap();
    assert_eq!(fat.freezing, Freezing::WaterActivity { freezable_j_per_kg: 64.9e3, tables_from_c: -10.0 });
    assert_eq!(fat.lipid.unwrap().latent_j_per_kg, 40e3);
    assert_eq!(chosen.tissues.thermal(TissueKind::Muscle).unwrap().lipid, None, "only fat has a row for lipid");
}
