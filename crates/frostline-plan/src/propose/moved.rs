//! One probe for several places along the nerve: moved from place to place, or withdrawn along its way.
//!
//! Knows: handling times of `data/protocols.toml`. The estimate takes each place alone, which is right for a probe that is moved; that
//! the second place starts colder is left to the simulation.

use frostline_space::PatientVector;

use crate::plan::{Sequence, least_withdrawn_mm};

use super::candidate::{Candidate, shafts_apart_mm};
use super::reach::Reach;
use super::simulate::Trial;
use super::site::{PLANNING_MM, Site};
use super::way::{Placing, Pose};

/// Cold of one place does not help the next when each freezes alone, so other distances of the places are tried as well, as shares of
/// that of several probes.
const APART: [f64; 3] = [0.85, 1.0, 1.15];
/// Ways across the nerve, tried where those of several probes lie too near to each other. Unit: degrees.
const ACROSS_DEG: [f64; 2] = [90.0, 270.0];
/// Tissue between two shafts of which one freezes at a time, one planning cell: with less, a planning run loses track of its heat.
/// Unit: mm.
const BETWEEN_MM: f64 = PLANNING_MM;

impl Site<'_> {
    /// The best trial with several probes, with one that is moved instead.
    pub fn with_one_probe(&self, trials: &[Trial], reaches: &[Vec<Reach>]) -> Vec<Candidate> {
        let several = trials.iter().filter(|t| t.plan.probes_needed() > 1 && !t.candidate.is_by_hand());
        let Some(best) = several.min_by(|a, b| a.merits.compare(&b.merits)) else { return Vec::new() };
        let handling_s = self.catalogues.protocols.rescue().value.reinsert_s;
        let one = Candidate { sequence: Sequence::Moved { handling_s }, ..best.candidate.clone() };
        let middle_mm = one.placings.iter().map(|p| p.along_mm).sum::<f64>() / one.placings.len() as f64;
        let placed = |share: f64, turned_deg: Option<f64>| {
            let along_mm = |p: &Placing| middle_mm + share * (p.along_mm - middle_mm);
            let azimuth_deg = |p: &Placing| turned_deg.unwrap_or(p.azimuth_deg);
            let placing = |p: &Placing| Placing { along_mm: along_mm(p), azimuth_deg: azimuth_deg(p), ..*p };
            let placings = one.placings.iter().map(placing).collect();
            self.moved(&one, placings, &reaches[one.model][one.protocol]).filter(|c| self.is_clear(c))
        };
        let turns = std::iter::once(None).chain(ACROSS_DEG.map(Some));
        let of_turn = |turn| APART.iter().filter_map(|&share| placed(share, turn)).collect::<Vec<_>>();
        turns.map(of_turn).find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// Whether there is enough tissue between its shafts.
    fn is_clear(&self, one: &Candidate) -> bool {
        let least_mm = 2.0 * self.models[one.model].shape.radius_mm + BETWEEN_MM;
        let after = |n: usize| one.poses[n + 1..].iter().map(move |b| shafts_apart_mm(&one.poses[n], b));
        (0..one.poses.len()).flat_map(after).all(|apart_mm| apart_mm >= least_mm)
    }

    /// A candidate whose probe freezes deeper first and is then withdrawn along its way, its cold parts end to end; `None` when
    /// something speaks against it.
    pub fn withdrawn(&self, one: &Candidate, reach: &Reach) -> Option<Candidate> {
        let first = one.placings.first()?;
        let shape = &self.models[one.model].shape;
        let half = 0.5 * least_withdrawn_mm(shape) / shape.active_length_mm;
        let placings = [-half, half].map(|by| Placing { shift: first.shift + by, ..*first }).to_vec();
        let handling_s = self.catalogues.protocols.rescue().value.move_s;
        let sequence = Sequence::Moved { handling_s };
        self.moved(&Candidate { sequence, ..one.clone() }, placings, reach).filter(|c| self.plan(c).is_some())
    }

    /// Where the probes of a candidate land: one that is withdrawn stays on the way on which it landed.
    pub fn landed(&self, candidate: &Candidate, off: impl Fn(usize) -> PatientVector) -> Vec<Pose> {
        let mut landed: Vec<Pose> = Vec::new();
        for (n, pose) in candidate.poses.iter().enumerate() {
            landed.push(match landed.first() {
                Some(first) if candidate.is_withdrawn() => {
                    Pose { tip: first.tip + first.outward * pose.tip.distance(candidate.poses[0].tip), ..*first }
                }
                _ => pose.landed(off(n)),
            });
        }
        landed
    }
}

impl Candidate {
    /// One probe that is moved along one way.
    fn is_withdrawn(&self) -> bool {
        let way = |p: &Placing| (p.along_mm, p.angle_deg, p.azimuth_deg, p.around_deg, p.gap_mm);
        let one_way = self.placings.windows(2).all(|pair| way(&pair[0]) == way(&pair[1]));
        self.sequence != Sequence::Together && self.placings.len() > 1 && one_way
    }
}
