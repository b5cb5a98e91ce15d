//! The numbers of probes, nerve and protocol in the table of numbers.

use std::collections::BTreeSet;

use frostline_freeze::PhaseKind;
use frostline_plan::catalogue::{CalibrationState, CoolingRow, Known, Probe, WarmingRow};

use super::compose::ReportInputs;
use super::numbers::NumberRows;

/// Rows for the nerve, every probe of the plan and the protocol.
pub(super) fn probe_rows(inputs: &ReportInputs, all: &mut NumberRows) {
    if let Some(nerve) = inputs.catalogues.nerves.find(&inputs.anatomy.nerve.id) {
        all.group(format!("Nerve: {}", nerve.name));
        let role = nerve.role.value;
        let value = format!("{:?}, motor risk {:?}, policy {:?}", role.fibre, role.motor_risk, role.policy);
        all.add("fibres and policy", value.to_lowercase(), &nerve.role);
        for (what, range) in [("usual diameter", &nerve.diameter), ("usual depth", &nerve.depth)] {
            if let Known::Known(range) = range {
                all.add(what, format!("{} to {} mm", range.value.low_mm, range.value.high_mm), range);
            }
        }
    }
    let models: BTreeSet<&str> = inputs.plan.placements().iter().map(|p| p.probe.as_str()).collect();
    for probe in models.iter().filter_map(|id| inputs.catalogues.probes.find(id)) {
        one_probe(probe, all);
    }
    let schedule = &inputs.plan.protocol().schedule;
    let phases = schedule.phases.iter().map(|p| format!("{} {:.0} s", phase_word(p.kind), p.duration_s));
    let words = phases.collect::<Vec<_>>().join(", ");
    let known = inputs.catalogues.protocols.all().iter().find(|p| p.schedule() == *schedule);
    if let Some(protocol) = known {
        all.group("Protocol");
        all.add(&protocol.name, words, &protocol.course);
    }
}

fn one_probe(probe: &Probe, all: &mut NumberRows) {
    all.group(format!("Probe: {} ({})", probe.name, probe.maker));
    let d = probe.dimensions.value;
    let mm = |value: Known<f64>| value.known().map_or("not known".into(), |v| format!("{v} mm"));
    let size = format!("diameter {}; cold part {}", mm(d.diameter_mm), mm(d.active_length_mm));
    all.add("dimensions", size, &probe.dimensions);
    let against = &probe.calibration.against;
    let validity = match probe.calibration.state {
        CalibrationState::Calibrated => format!("Calibrated against: {against}. "),
        CalibrationState::Uncalibrated => format!("NOT CALIBRATED: {against}. "),
    };
    let note = format!("{validity}{}", probe.cooling.note);
    all.add_with("cooling", cooling_words(&probe.cooling.value), &probe.cooling, &note);
    let spread = format!("± {:.0} K", probe.uncertainty.value.surface_k);
    all.add("surface temperature is known within", spread, &probe.uncertainty);
    let warming = match &probe.warming.value {
        WarmingRow::Passive {} => "only by the tissue around it".to_owned(),
        WarmingRow::Active { table_s_c } => table_words(table_s_c),
    };
    all.add("thawing", warming, &probe.warming);
}

fn cooling_words(cooling: &CoolingRow) -> String {
    match cooling {
        CoolingRow::Surface { table_s_c } => format!("surface {}", table_words(table_s_c)),
        CoolingRow::Exponential { start_c, coldest_c, time_constant_s } => {
            format!("surface from {start_c:.0} to {coldest_c:.1} °C with a time constant of {time_constant_s:.1} s")
        }
        CoolingRow::Film { gas_c, film_w_per_m2_k, most_power_w } => {
            let limit = most_power_w.map_or(String::new(), |w| format!(", at most {w:.0} W"));
            format!("gas at {gas_c:.0} °C behind {film_w_per_m2_k:.0} W/(m² K){limit}")
        }
        CoolingRow::NotKnown {} => "not known".into(),
    }
}

fn table_words(table_s_c: &[(f64, f64)]) -> String {
    let points: Vec<_> = table_s_c.iter().map(|(s, c)| format!("{c:.0} °C at {s:.0} s")).collect();
    points.join(", ")
}

/// The word for a phase of a protocol.
pub(super) fn phase_word(kind: PhaseKind) -> &'static str {
    match kind {
        PhaseKind::Freeze => "freeze",
        PhaseKind::PassiveThaw => "thaw",
        PhaseKind::ActiveThaw => "active thaw",
    }
}
