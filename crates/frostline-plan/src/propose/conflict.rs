//! Goals that cannot be met: which limit and which goal are in conflict, and by how much.

use crate::catalogue::{Fibre, MotorRisk, Policy};
use crate::finding::{Finding, Level};

use super::proposals::Conflict;
use super::rejection::Tally;
use super::simulate::Trial;
use super::site::Site;

const GOAL: &str = "disabled_mm";

impl Site<'_> {
    /// Stops that the target itself brings, whatever the plan.
    pub fn target_stops(&self) -> usize {
        let role = self.catalogues.nerves.find(&self.anatomy.nerve.id).map(|n| n.role.value);
        role.map_or(0, |r| usize::from(r.fibre != Fibre::Sensory && r.motor_risk == MotorRisk::Major))
    }

    /// What must be said of the target before anything is proposed for it.
    pub fn target_remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        match self.catalogues.nerves.find(&self.anatomy.nerve.id) {
            Some(nerve) if nerve.role.value.policy == Policy::Specialist => remarks.push(format!(
                "{}: policy specialist; a written reason and a second signature are needed before any of these plans is used",
                nerve.name
            )),
            Some(_) => {}
            None => remarks.push(format!(
                "'{}' is not in the atlas: whether it may be a target is not known",
                self.anatomy.nerve.id
            )),
        }
        if self.spots_unseen > 0 {
            remarks.push(format!(
                "at {} of {} places along the nerve the wanted length leaves the image or the limb; nothing is proposed there",
                self.spots_unseen,
                self.spots_unseen + self.spots.len()
            ));
        }
        remarks
    }

    /// Which limit and which goal are in conflict; nothing where a trial does what is wanted.
    pub fn conflicts(&self, trials: &[Trial], tally: &Tally) -> Vec<Conflict> {
        let mut found = Vec::new();
        let wanted_mm = self.goals.disabled_mm;
        if trials.is_empty() {
            found.push(self.nowhere(tally));
            return found;
        }
        let kept = trials.iter().filter(|t| t.merits.stops <= self.target_stops());
        let within_limits_mm = kept.map(|t| t.merits.disabled_mm).reduce(f64::max);
        if within_limits_mm.is_some_and(|mm| mm >= wanted_mm) {
            return found;
        }
        let reaching = trials.iter().filter(|t| t.merits.lack_mm <= 0.0);
        let Some(least) = reaching.min_by(|a, b| a.merits.compare(&b.merits)) else {
            let most_mm = trials.iter().map(|t| t.merits.disabled_mm).fold(0.0, f64::max);
            let text = format!(
                "no plan that was tried disables more than {most_mm:.1} mm; {wanted_mm:.1} mm are wanted, {:.1} mm are missing",
                wanted_mm - most_mm
            );
            found.push(Conflict { limit: "reach".into(), goal: GOAL, wanted_mm, within_limits_mm, over_k: None, text });
            return found;
        };
        let stops = least.findings.iter().filter(|f| f.level == Level::Stop && !is_of_target(f));
        found.extend(stops.map(|finding| self.between(finding, least, within_limits_mm)));
        found
    }

    fn between(&self, finding: &Finding, least: &Trial, within_limits_mm: Option<f64>) -> Conflict {
        let wanted_mm = self.goals.disabled_mm;
        let of_kind = least.merits.margins.iter().filter(|m| finding.id.starts_with(&format!("{}.", m.kind)));
        let over_k = of_kind.filter_map(|m| m.margin_k).reduce(f64::min).filter(|k| *k < 0.0).map(|k| -k);
        let by = over_k.map_or(String::new(), |k| format!(", {k:.1} K beyond the limit"));
        let kept = match within_limits_mm {
            Some(mm) => {
                format!("with every limit kept at most {mm:.1} mm are disabled, {:.1} mm too little", wanted_mm - mm)
            }
            None => "no plan that was tried keeps every limit".to_owned(),
        };
        let text = format!("to disable {wanted_mm:.1} mm: {}{by}; {kept}", finding.text);
        Conflict { limit: finding.id.clone(), goal: GOAL, wanted_mm, within_limits_mm, over_k, text }
    }

    /// No way in at all.
    fn nowhere(&self, tally: &Tally) -> Conflict {
        let reasons: Vec<_> = tally.reasons().iter().map(|r| format!("{} ({})", r.words, r.ways)).collect();
        let text = if reasons.is_empty() {
            "no place of the wanted stretch of nerve lies inside limb and image".to_owned()
        } else {
            format!("no way in is allowed: {}", reasons.join(", "))
        };
        let wanted_mm = self.goals.disabled_mm;
        Conflict { limit: "way".into(), goal: GOAL, wanted_mm, within_limits_mm: None, over_k: None, text }
    }

    /// The stop that the target itself brings.
    pub fn target_conflict(&self, findings: &[Finding]) -> Option<Conflict> {
        let finding = findings.iter().find(|f| f.level == Level::Stop && is_of_target(f))?;
        let wanted_mm = self.goals.disabled_mm;
        let text = format!("{}; no plan for this nerve is without this stop", finding.text);
        Some(Conflict { limit: finding.id.clone(), goal: GOAL, wanted_mm, within_limits_mm: None, over_k: None, text })
    }
}

fn is_of_target(finding: &Finding) -> bool {
    ["nerve.policy", "nerve.motor-fibres"].contains(&finding.id.as_str())
}
