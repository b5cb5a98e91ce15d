//! The dozen lines a physician reads first.

use frostline_plan::anatomy::{Marked, StructureKind};
use frostline_plan::catalogue::{structure_called, structure_word};
use frostline_plan::{Coldest, Finding, Level, StructureOutcome};

use super::Fact;
use super::compose::ReportInputs;
use super::probe_numbers::phase_word;

/// The verdict in one sentence.
pub(super) fn verdict_sentence(verdict: Level, findings: &[Finding]) -> String {
    let of = |level| findings.iter().filter(move |f| f.level == level);
    let count = |level| of(level).count();
    match verdict {
        Level::Stop => format!("Do not carry this plan out as it stands. {}", first_text(of(Level::Stop))),
        Level::Warn => format!("Within the hard limits, but a person must decide. {}", first_text(of(Level::Warn))),
        Level::Unknown => format!(
            "Nothing forbids this plan, but {} thing(s) are not known. {}",
            count(Level::Unknown),
            first_text(of(Level::Unknown))
        ),
        Level::Ok => "All limits that were asked are kept.".into(),
    }
}

fn first_text<'a>(mut findings: impl Iterator<Item = &'a Finding>) -> String {
    findings.next().map_or(String::new(), |f| format!("First: {}.", f.text.trim_end_matches('.')))
}

/// The lines.
pub(super) fn facts(inputs: &ReportInputs) -> Vec<Fact> {
    let mut facts = nerve_facts(inputs);
    facts.extend(structure_facts(inputs));
    facts.push(relief_fact(inputs));
    facts.extend(plan_facts(inputs));
    facts
}

fn fact(label: impl Into<String>, value: impl Into<String>, detail: impl Into<String>, level: Option<Level>) -> Fact {
    Fact { label: label.into(), value: value.into(), detail: detail.into(), level }
}

fn level_of(findings: &[Finding], id: &str) -> Option<Level> {
    findings.iter().filter(|f| f.id == id).map(|f| f.level).max()
}

fn nerve_facts(inputs: &ReportInputs) -> Vec<Fact> {
    let assessment = &inputs.evaluation.assessment;
    let nerve = &assessment.nerve;
    let goals = inputs.catalogues.limits.nerve();
    let mut facts = Vec::new();
    for length in &nerve.lengths {
        let judged = length.celsius == nerve.threshold_c;
        let detail = if judged {
            format!("at least {:.0} mm wanted", goals.wanted_disabled.value.millimetres)
        } else {
            "the same, by the stricter threshold".into()
        };
        let label = format!("Nerve disabled (whole cross-section below {:.0} °C)", length.celsius);
        let level = judged.then(|| level_of(&assessment.findings, "nerve.length")).flatten();
        facts.push(fact(label, format!("{:.1} mm", length.length_mm), detail, level));
    }
    let coldest = nerve.coldest_c.map_or("outside the simulated region".into(), |c| format!("{c:.0} °C"));
    let caution = format!("caution below {:.0} °C", goals.caution_below.value.celsius);
    facts.push(fact("Coldest place of the nerve", coldest, caution, level_of(&assessment.findings, "nerve.coldest")));
    facts
}

/// One line per kind that matters most, always present; marked or not.
fn structure_facts(inputs: &ReportInputs) -> Vec<Fact> {
    let kinds = [
        (StructureKind::Skin, "Coldest skin"),
        (StructureKind::Artery, "Arteries"),
        (StructureKind::Vein, "Veins"),
        (StructureKind::Bone, "Bone"),
        (StructureKind::MotorNerve, "Motor nerves"),
        (StructureKind::MixedNerve, "Mixed nerves"),
    ];
    kinds.into_iter().map(|(kind, label)| structure_fact(inputs, kind, label)).collect()
}

fn structure_fact(inputs: &ReportInputs, kind: StructureKind, label: &str) -> Fact {
    let assessment = &inputs.evaluation.assessment;
    let of_kind: Vec<&StructureOutcome> =
        assessment.structures.iter().filter(|s| structure_called(s.kind) == Some(kind)).collect();
    let marked: Vec<_> = of_kind.iter().filter(|s| s.coldest != Coldest::NotMarked).collect();
    if marked.is_empty() {
        return fact(label, "not marked", "nothing can be said", Some(Level::Unknown));
    }
    let celsius = |s: &StructureOutcome| match s.coldest {
        Coldest::Reached { celsius, .. } => Some(celsius),
        _ => None,
    };
    let coldest = marked.iter().filter_map(|s| celsius(s).map(|c| (c, *s))).min_by(|a, b| a.0.total_cmp(&b.0));
    let level = level_of(&assessment.findings, &format!("{}.coldest", structure_word(kind)));
    match coldest {
        None => fact(label, "stays warm", "outside the simulated region", level),
        Some((celsius, outcome)) => {
            let ice = match outcome.closest_mm {
                Some(mm) if mm > 0.0 => format!("{mm:.1} mm from the ice"),
                Some(_) => "in the ice".into(),
                None => "no ice".into(),
            };
            // The skin needs no name; of several vessels one must know which.
            let name = if kind == StructureKind::Skin { String::new() } else { format!("{}, ", outcome.name) };
            fact(label, format!("{celsius:.1} °C"), format!("{name}{ice}"), level)
        }
    }
}

fn relief_fact(inputs: &ReportInputs) -> Fact {
    let label = "Relief may last (hypothesis)";
    match &inputs.evaluation.assessment.relief {
        Some(r) => fact(
            label,
            format!("{:.0} to {:.0} days", r.low_days, r.high_days),
            format!("{:.0} mm to grow back; middle {:.0} days. {}", r.distance_mm, r.mid_days, r.evidence),
            None,
        ),
        None => {
            let known = inputs.anatomy.nerve.distance_to_target_mm != Marked::NotMarked;
            let why = if known {
                "too little of the nerve is disabled for any"
            } else {
                "distance to what the nerve serves is not given"
            };
            fact(label, "not known", why, (!known).then_some(Level::Unknown))
        }
    }
}

fn plan_facts(inputs: &ReportInputs) -> Vec<Fact> {
    let protocol = inputs.plan.protocol();
    let schedule = &protocol.schedule;
    let phases: Vec<_> =
        schedule.phases.iter().map(|p| format!("{} {:.0} s", phase_word(p.kind), p.duration_s)).collect();
    let mut facts = vec![fact("Time on the table", clock(schedule.duration_s()), phases.join(", "), None)];
    for placement in inputs.plan.placements() {
        let name = inputs.catalogues.probes.find(&placement.probe).map_or(&placement.probe, |p| &p.name);
        let depth = format!("{:.0} mm from skin to tip", placement.way().length_mm());
        let near = match inputs.evaluation.assessment.nerve.probe_distance_mm {
            inside if inside <= 0.0 => "the cold part touches the nerve".to_owned(),
            away => format!("cold part {away:.1} mm from the nerve"),
        };
        let known = inputs.evaluation.assessment.probes.iter().find(|probe| probe.id == placement.probe);
        let evidence = known.map_or(String::new(), |probe| match (probe.calibrated, &probe.serial) {
            (true, Some(_)) => format!("; {}", probe.against),
            (true, None) => "; calibrated".to_owned(),
            (false, _) => format!("; NOT CALIBRATED, surface known within {:.0} K", probe.surface_k),
        });
        facts.push(fact("Probe", name.clone(), format!("{depth}; {near}{evidence}"), None));
    }
    if let Some(ice) = inputs.evaluation.assessment.isotherms.first() {
        let size = format!("{:.1} × {:.1} mm", ice.width_mm, ice.length_mm);
        let (width, length) = (ice.width_band_mm, ice.length_band_mm);
        let detail = format!(
            "width × length of {:.0} °C, {:.1} cm³; between {:.1} × {:.1} and {:.1} × {:.1} mm for what is not known about probe \
             and frozen tissue",
            ice.celsius,
            ice.volume_mm3 / 1000.0,
            width.0,
            length.0,
            width.1,
            length.1
        );
        facts.push(fact("Greatest ice", size, detail, None));
    }
    facts
}

fn clock(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    format!("{} min {:02} s", whole / 60, whole % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_of_stop_says_what_stops_it() {
        let findings = vec![
            Finding::new("a", Level::Stop, "the skin freezes", "x"),
            Finding::new("b", Level::Warn, "something else", "x"),
        ];
        let sentence = verdict_sentence(Level::Stop, &findings);
        assert_eq!(sentence, "Do not carry this plan out as it stands. First: the skin freezes.");
    }

    #[test]
    fn half_a_minute_after_eight_reads_as_a_clock() {
        assert_eq!(clock(510.2), "8 min 30 s");
        assert_eq!(clock(5.0), "0 min 05 s");
    }
}
