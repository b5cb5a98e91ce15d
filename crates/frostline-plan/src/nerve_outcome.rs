//! What happens to the target nerve: which length of it was cold enough over its whole cross-section.

use serde::Serialize;

use frostline_space::CourseSample;

use crate::anatomy::Anatomy;
use crate::assess::side_word;
use crate::catalogue::Catalogues;
use crate::coldest::{ColdestOf, ring};
use crate::plan::Plan;

/// What happens to the target nerve.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NerveOutcome {
    /// Key in the atlas.
    pub id: String,
    /// Name in the atlas, or the key where the atlas has none.
    pub name: String,
    /// Which leg.
    pub side: &'static str,
    /// Longest unbroken stretch whose whole cross-section was below the threshold at some time. Unit: mm.
    pub disabled_length_mm: f64,
    /// The threshold. Unit: °C.
    pub threshold_c: f64,
    /// The same for every threshold that is shown.
    pub lengths: Vec<LengthBelow>,
    /// Coldest place of the nerve, ever. Unit: °C.
    pub coldest_c: Option<f64>,
    /// When that was. Unit: s.
    pub coldest_at_s: Option<f64>,
    /// Longest stretch whose whole cross-section was cold enough to stop conducting while cold. Unit: mm.
    pub cold_block_length_mm: f64,
    /// Smallest distance from the wall of a probe's active length to the surface of the nerve; negative when it lies
    /// inside. Unit: mm.
    pub probe_distance_mm: f64,
    /// Along the nerve: the coldest and the least cold place of each cross-section.
    pub profile: Vec<ProfileSample>,
}

/// A stretch of nerve below a temperature.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LengthBelow {
    /// The temperature. Unit: °C.
    pub celsius: f64,
    /// Longest unbroken stretch whose whole cross-section was colder at some time. Unit: mm.
    pub length_mm: f64,
}

/// One cross-section of the nerve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ProfileSample {
    /// Length along the marked course. Unit: mm.
    pub along_mm: f64,
    /// Least cold place of the cross-section. Unit: °C.
    pub least_cold_c: Option<f64>,
    /// Coldest place of the cross-section. Unit: °C.
    pub coldest_c: Option<f64>,
}

/// Spacing of the cross-sections along the nerve.
const ALONG_MM: f64 = 0.25;
/// Rings of a cross-section, as fractions of the radius, and places on each.
const RINGS: [(f64, usize); 3] = [(0.5, 8), (0.8, 12), (1.0, 24)];

/// Looks at every cross-section of the marked course.
pub fn nerve_outcome(anatomy: &Anatomy, plan: &Plan, catalogues: &Catalogues, field: &ColdestOf) -> NerveOutcome {
    let nerve = &anatomy.nerve;
    let samples = nerve.course.samples(ALONG_MM);
    let profile: Vec<ProfileSample> = samples.iter().map(|s| cross_section(s, field)).collect();
    let goals = catalogues.limits.nerve();
    let threshold_c = goals.disabled_below.value.celsius;
    let length = |celsius| LengthBelow { celsius, length_mm: longest_below_mm(&profile, celsius) };
    let coldest = samples.iter().filter_map(|s| coldest_of(s, field)).min_by(|a, b| a.0.total_cmp(&b.0));
    NerveOutcome {
        id: nerve.id.clone(),
        name: catalogues.nerves.find(&nerve.id).map_or(nerve.id.clone(), |n| n.name.clone()),
        side: side_word(anatomy.side),
        disabled_length_mm: longest_below_mm(&profile, threshold_c),
        threshold_c,
        lengths: vec![length(threshold_c), length(goals.also_shown_below.value.celsius)],
        coldest_c: coldest.map(|c| c.0),
        coldest_at_s: coldest.and_then(|c| c.1),
        cold_block_length_mm: longest_below_mm(&profile, goals.cold_block.value.warmest_c),
        probe_distance_mm: probe_distance_mm(anatomy, plan, catalogues),
        profile,
    }
}

fn places_of(sample: &CourseSample) -> impl Iterator<Item = frostline_space::PatientPoint> {
    let (centre, tangent, radius_mm) = (sample.centre, sample.tangent, sample.radius_mm);
    let rings = RINGS.into_iter().flat_map(move |(part, count)| ring(centre, tangent, part * radius_mm, count));
    std::iter::once(centre).chain(rings)
}

fn coldest_of(sample: &CourseSample, field: &ColdestOf) -> Option<(f64, Option<f64>)> {
    let cold = places_of(sample).filter_map(|p| field.at(p).map(|c| (c, p))).min_by(|a, b| a.0.total_cmp(&b.0))?;
    Some((cold.0, field.time_at(cold.1)))
}

fn cross_section(sample: &CourseSample, field: &ColdestOf) -> ProfileSample {
    let temperatures: Vec<f64> = places_of(sample).filter_map(|p| field.at(p)).collect();
    ProfileSample {
        along_mm: sample.along_mm,
        least_cold_c: temperatures.iter().copied().reduce(f64::max),
        coldest_c: temperatures.iter().copied().reduce(f64::min),
    }
}

/// Longest unbroken stretch of cross-sections wholly at or below a temperature, with its ends interpolated.
pub(crate) fn longest_below_mm(profile: &[ProfileSample], celsius: f64) -> f64 {
    let mut longest_mm = 0.0_f64;
    let mut began: Option<f64> = None;
    for (n, sample) in profile.iter().enumerate() {
        let below = sample.least_cold_c.is_some_and(|c| c <= celsius);
        match (below, began) {
            (true, None) => {
                let from_mm = n.checked_sub(1).and_then(|m| crossing_mm(&profile[m], sample, celsius));
                began = Some(from_mm.unwrap_or(sample.along_mm));
            }
            (false, Some(from_mm)) => {
                let before = &profile[n - 1];
                let to_mm = crossing_mm(before, sample, celsius).unwrap_or(before.along_mm);
                longest_mm = longest_mm.max(to_mm - from_mm);
                began = None;
            }
            _ => {}
        }
    }
    match (began, profile.last()) {
        (Some(from_mm), Some(last)) => longest_mm.max(last.along_mm - from_mm),
        _ => longest_mm,
    }
}

fn crossing_mm(a: &ProfileSample, b: &ProfileSample, celsius: f64) -> Option<f64> {
    let (from_c, to_c) = (a.least_cold_c?, b.least_cold_c?);
    Some(a.along_mm + (b.along_mm - a.along_mm) * (celsius - from_c) / (to_c - from_c))
}

/// From the wall of the nearest active length to the surface of the nerve.
fn probe_distance_mm(anatomy: &Anatomy, plan: &Plan, catalogues: &Catalogues) -> f64 {
    let mut nearest_mm = f64::INFINITY;
    for placement in plan.placements() {
        let shape = catalogues.probes.find(&placement.probe).and_then(|p| p.shape().ok());
        let (Some(shape), Some(back)) = (shape, (placement.entry - placement.tip).direction()) else { continue };
        let active = frostline_space::Segment {
            start: placement.tip + back * shape.dead_tip_mm,
            end: placement.tip + back * (shape.dead_tip_mm + shape.active_length_mm),
        };
        for place in active.samples(ALONG_MM) {
            nearest_mm = nearest_mm.min(anatomy.nerve.course.surface_distance_mm(place) - shape.radius_mm);
        }
    }
    nearest_mm
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(least_cold: &[f64]) -> Vec<ProfileSample> {
        let sample = |(n, c): (usize, &f64)| ProfileSample {
            along_mm: n as f64,
            least_cold_c: Some(*c),
            coldest_c: Some(*c - 5.0),
        };
        least_cold.iter().enumerate().map(sample).collect()
    }

    #[test]
    fn a_stretch_ends_where_the_temperature_crosses_between_samples() {
        // -10 to -30 crosses -20 halfway: from 0.5 to 2.5.
        assert_eq!(longest_below_mm(&profile(&[-10.0, -30.0, -30.0, -10.0]), -20.0), 2.0);
    }

    #[test]
    fn two_stretches_are_not_added_up() {
        let found = longest_below_mm(&profile(&[-10.0, -30.0, -10.0, -30.0, -30.0, -10.0]), -20.0);
        assert_eq!(found, 2.0);
    }

    #[test]
    fn a_nerve_that_stays_warm_has_no_disabled_length() {
        assert_eq!(longest_below_mm(&profile(&[10.0, 5.0, 8.0]), -20.0), 0.0);
    }
}
