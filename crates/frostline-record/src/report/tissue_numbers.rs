//! The numbers of the tissues around the probe, with the ranges that follow from what they are made of.

use frostline_plan::Filling;
use frostline_plan::anatomy::TissueKind;
use frostline_plan::catalogue::{Composition, FreezingCurve, FrozenPoint, Lipid, Sourced, TissueRow};

use super::compose::ReportInputs;
use super::numbers::NumberRows;

/// The options taken for all tissues, then every tissue that fills a cell.
pub(super) fn tissue_rows(inputs: &ReportInputs, all: &mut NumberRows) {
    let tissues = &inputs.catalogues.tissues;
    all.group("How tissue freezes");
    let (model, from) = (tissues.model(), tissues.catalogue_model());
    if model == from.value {
        all.add("freezing model", model.words(), from);
    } else {
        let note = format!("Chosen by the case; the catalogue has: {}.", from.value.words());
        all.add_with("freezing model", model.words(), from, &note);
    }
    for row in tissues_used(inputs) {
        one_tissue(inputs, row, all);
    }
}

fn tissues_used<'a>(inputs: &'a ReportInputs) -> Vec<&'a TissueRow> {
    let mut kinds: Vec<TissueKind> = Vec::new();
    for filling in &inputs.evaluation.built.fillings {
        match filling {
            Filling::Tissue(kind) => kinds.push(*kind),
            Filling::Mixed(mixture) => kinds.extend([mixture.first, mixture.second]),
            Filling::Vessel(_) | Filling::Outside => {}
        }
    }
    kinds.sort();
    kinds.dedup();
    kinds.iter().filter_map(|kind| inputs.catalogues.tissues.row(*kind)).collect()
}

fn one_tissue(inputs: &ReportInputs, row: &TissueRow, all: &mut NumberRows) {
    all.group(format!("Tissue: {}", row.name));
    let u = row.unfrozen.value;
    let unfrozen = format!(
        "conductivity {:.2} W/(m K); capacity {:.0} J/(kg K); density {:.0} kg/m³; blood {:.0} ml/(min kg)",
        u.conductivity_w_per_m_k, u.capacity_j_per_kg_k, u.density_kg_per_m3, u.perfusion_ml_per_min_per_kg
    );
    all.add("unfrozen", unfrozen, &row.unfrozen);
    let model = inputs.catalogues.tissues.model();
    all.add("freezing", freezing_words(row, model.freezing), &row.freezing);
    if let Some(lipid) = row.lipid.as_ref().filter(|_| model.lipid_crystallisation) {
        all.add("lipid hardens", lipid_words(lipid), lipid);
    }
    frozen_rows(row, all);
    if let Some(made_of) = inputs.catalogues.compositions.of(row.kind) {
        all.add("made of, by mass", composition_words(&made_of.value), made_of);
    }
}

fn freezing_words(row: &TissueRow, curve: FreezingCurve) -> String {
    let f = row.freezing.value;
    match curve {
        FreezingCurve::Linear => format!(
            "freezes from {:.1} to {:.1} °C; latent heat {:.0} kJ/kg",
            f.starts_c,
            f.ends_c,
            f.latent_j_per_kg / 1000.0
        ),
        FreezingCurve::WaterActivity => format!(
            "freezes from {:.1} °C, 80 % at {:.1} °C; latent heat of all water that can freeze {:.0} kJ/kg",
            f.starts_c,
            5.0 * f.starts_c,
            f.freezable_j_per_kg / 1000.0
        ),
    }
}

fn lipid_words(lipid: &Sourced<Lipid>) -> String {
    let l = lipid.value;
    format!("{:.0} to {:.0} °C; {:.0} kJ/kg", l.liquid_above_c, l.solid_below_c, l.latent_j_per_kg / 1000.0)
}

fn frozen_rows(row: &TissueRow, all: &mut NumberRows) {
    let points = &row.frozen.value.at;
    let list = |one: fn(&FrozenPoint) -> String| points.iter().map(one).collect::<Vec<_>>().join("; ");
    let conductivity = list(|p| format!("{:.2} W/(m K) at {:.0} °C", p.conductivity_w_per_m_k, p.temperature_c));
    let range = list(|p| {
        let (low, high) = (p.lowest_conductivity_w_per_m_k, p.highest_conductivity_w_per_m_k);
        format!("{low:.2} to {high:.2} at {:.0} °C", p.temperature_c)
    });
    let note = format!("Range thought possible: {range}. {}", row.frozen.note);
    all.add_with("frozen conductivity", conductivity, &row.frozen, &note);
    let capacity = list(|p| format!("{:.0} J/(kg K) at {:.0} °C", p.capacity_j_per_kg_k, p.temperature_c));
    all.add_with("frozen capacity", capacity, &row.frozen, "Without latent heat.");
}

fn composition_words(c: &Composition) -> String {
    let percent = |share: f64| 100.0 * share;
    format!(
        "water {:.1} %, protein {:.1} %, lipid {:.1} %, mineral {:.1} %",
        percent(c.water),
        percent(c.protein),
        percent(c.lipid),
        percent(c.ash)
    )
}
