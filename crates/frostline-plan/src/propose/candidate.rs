//! Candidates: many ways in, cheaply ranked, of which a few tens are worth a simulation.

use frostline_space::PatientPoint;

use crate::fluid::ProtectiveFluid;

use super::climb::WORLDS;
use super::parallel::in_parallel;
use super::reach::{Estimate, Reach};
use super::rejection::Tally;
use super::settings::Sureness;
use super::site::Site;
use super::spot::Spot;
use super::way::{Approach, Placing, Pose};

/// Angles to the skin, from the least allowed to this share of the rest. Six angles differ by less than a hand feels.
const ANGLE_SHARES: [f64; 6] = [0.03, 0.08, 0.16, 0.3, 0.5, 0.75];
/// Directions around the nerve: along, across and between.
const AZIMUTHS: usize = 12;
/// Between probe and nerve: touching, and a little apart for cold probes. Unit: mm.
const GAPS_MM: [f64; 2] = [0.1, 1.0];
/// The middle of the cold surface from the nearest place of the nerve, in cold lengths.
const SHIFTS: [f64; 5] = [-0.5, -0.25, 0.0, 0.25, 0.5];

/// One plan in the making.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Candidate {
    pub model: usize,
    pub protocol: usize,
    pub placings: Vec<Placing>,
    pub poses: Vec<Pose>,
    pub contact: String,
    /// Fluid that pushes what must not freeze away.
    pub fluid: Vec<ProtectiveFluid>,
    pub estimate: Estimate,
    /// Nearest spot of the search, for estimates.
    pub spot: usize,
}

/// What the search by geometry found.
pub(super) struct Search {
    pub candidates: Vec<Candidate>,
    pub tally: Tally,
    pub estimates: usize,
}

/// A way that is open for a model.
struct Open {
    placing: Placing,
    pose: Pose,
}

impl Site<'_> {
    /// Every way of every model at every spot, with what is estimated of each protocol.
    pub fn search(&self, reaches: &[Vec<Reach>]) -> Search {
        let jobs: Vec<(usize, usize)> =
            (0..self.spots.len()).flat_map(|spot| (0..self.models.len()).map(move |model| (spot, model))).collect();
        let parts = in_parallel(&jobs, self.settings.evaluate.solver.threads, |&(spot, model)| {
            self.search_with(spot, model, &reaches[model])
        });
        let mut found = Search { candidates: vec![], tally: Tally::default(), estimates: 0 };
        for part in parts {
            found.candidates.extend(part.candidates);
            found.tally.merge(part.tally);
            found.estimates += part.estimates;
        }
        found
    }

    /// The ways of one model at one spot, with one estimate per reach.
    pub fn search_with(&self, spot: usize, model: usize, reaches: &[Reach]) -> Search {
        let mut tally = Tally::default();
        let at = &self.spots[spot];
        let mut open = Vec::new();
        for placing in self.placings(at) {
            let found = self.obstacles.pose(at, &placing, &self.models[model].shape);
            let flat = |entry: PatientPoint| (entry, at.flat_mm(entry));
            match found {
                Ok(pose) => {
                    tally.add(Some(flat(pose.entry)), None);
                    open.push(Open { placing, pose });
                }
                Err((entry, reason)) => tally.add(entry.map(flat), Some(reason)),
            }
        }
        let mut candidates = Vec::new();
        for (protocol, reach) in reaches.iter().enumerate() {
            let estimated = open.iter().map(|o| (o, reach.estimate(at, &[o.pose], self.goals.below_c)));
            let mut best: Vec<_> = estimated.collect();
            best.sort_by(|a, b| self.by_estimate(&a.1, &b.1));
            // What is worst by estimate is never simulated, so it is not carried along; but what the estimate likes best is what
            // leaves the widest margin as planned, and where everything lies as planned is not what is surest.
            let mut manners = std::collections::BTreeSet::new();
            let mut is_kept = |(n, (o, estimate)): (usize, &(&Open, Estimate))| {
                let is_first = manners.insert(manner(&o.placing));
                n < KEPT || (is_first && self.does_by_estimate(estimate))
            };
            let kept: Vec<bool> = best.iter().enumerate().map(&mut is_kept).collect();
            let best = best.into_iter().zip(kept).filter_map(|(one, is_kept)| is_kept.then_some(one));
            candidates.extend(best.map(|(o, estimate)| {
                let (placings, poses) = (vec![o.placing], vec![o.pose]);
                let contact = self.contact_for(&estimate);
                Candidate { model, protocol, placings, poses, contact, fluid: Vec::new(), estimate, spot }
            }));
        }
        Search { candidates, tally, estimates: open.len() * reaches.len() }
    }

    fn placings(&self, spot: &Spot) -> Vec<Placing> {
        let least_deg = self.settings.least_angle_deg;
        let mut all = Vec::new();
        for share in ANGLE_SHARES {
            for azimuth in 0..AZIMUTHS {
                for around_deg in [180.0, 0.0] {
                    for gap_mm in GAPS_MM {
                        all.extend(SHIFTS.map(|shift| Placing {
                            along_mm: spot.along_mm,
                            angle_deg: least_deg + share * (90.0 - least_deg),
                            azimuth_deg: 360.0 * azimuth as f64 / AZIMUTHS as f64,
                            around_deg,
                            gap_mm,
                            shift,
                        }));
                    }
                }
            }
        }
        all
    }

    /// What is aimed at: a little more than what is wanted. Unit: mm.
    pub fn aim_mm(&self) -> f64 {
        self.goals.disabled_mm * (1.0 + self.settings.aim_percent / 100.0)
    }

    /// Does what is wanted and crosses no stop, by estimate.
    pub fn does_by_estimate(&self, estimate: &Estimate) -> bool {
        estimate.disabled_mm >= self.goals.disabled_mm && estimate.margin_k >= 0.0
    }

    /// Better first: limits kept, then enough nerve, then margin.
    pub fn by_estimate(&self, a: &Estimate, b: &Estimate) -> std::cmp::Ordering {
        let key = |e: &Estimate| {
            let lack_mm = (self.aim_mm() - e.disabled_mm).max(0.0);
            // Where nothing is disabled, what comes nearer to it is better.
            let short_k = if e.disabled_mm > 0.0 { 0.0 } else { (e.section_c - self.goals.below_c).max(0.0) };
            let over_k = (-e.margin_k).max(0.0);
            (lack_mm + MM_PER_K * (over_k + short_k), -e.margin_k)
        };
        let (a, b) = (key(a), key(b));
        a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
    }

    /// Bare skin where it stays warm by itself, else the last thing that may lie on it.
    pub fn contact_for(&self, estimate: &Estimate) -> String {
        let contacts = &self.settings.contacts;
        let untouched_c = self.catalogues.proposing.contact.value.untouched_skin_c;
        let chosen = if estimate.skin_c >= untouched_c { contacts.first() } else { contacts.last() };
        chosen.map_or_else(|| self.catalogues.surroundings.room_air().id.clone(), Clone::clone)
    }

    /// A candidate with one probe like this one at each of several places along the nerve, a share of the wanted length over
    /// their number apart.
    pub fn repeated(&self, one: &Candidate, (count, share): (usize, f64), reach: &Reach) -> Option<Candidate> {
        let first = one.placings.first()?;
        let (from_mm, to_mm) = self.stretch_mm();
        let spacing_mm = share * self.aim_mm() / count as f64;
        let model = &self.models[one.model];
        let (mut placings, mut poses) = (Vec::new(), Vec::new());
        for n in 0..count {
            let along_mm = first.along_mm + (n as f64 - 0.5 * (count as f64 - 1.0)) * spacing_mm;
            if !(from_mm..=to_mm).contains(&along_mm) {
                return None;
            }
            let placing = Placing { along_mm, ..*first };
            let spot = Spot::at(self.anatomy, self.catalogues, along_mm, (along_mm, along_mm))?;
            let pose = self.obstacles.pose(&spot, &placing, &model.shape).ok()?;
            let apart = |other: &Pose| shafts_apart_mm(other, &pose) > 2.0 * model.shape.radius_mm;
            if !poses.iter().all(apart) {
                return None;
            }
            placings.push(placing);
            poses.push(pose);
        }
        let estimate = reach.estimate(&self.spots[one.spot], &poses, self.goals.below_c);
        let contact = self.contact_for(&estimate);
        Some(Candidate { placings, poses, estimate, contact, ..one.clone() })
    }

    /// The same candidate at another place; `None` when something speaks against it.
    pub fn moved(&self, one: &Candidate, placings: Vec<Placing>, reach: &Reach) -> Option<Candidate> {
        let shape = &self.models[one.model].shape;
        let mut poses = Vec::new();
        for placing in &placings {
            let spot = Spot::at(self.anatomy, self.catalogues, placing.along_mm, (placing.along_mm, placing.along_mm))?;
            poses.push(self.obstacles.pose(&spot, placing, shape).ok()?);
        }
        let estimate = reach.estimate(&self.spots[one.spot], &poses, self.goals.below_c);
        let contact = self.contact_for(&estimate);
        Some(Candidate { placings, poses, estimate, contact, ..one.clone() })
    }

    /// How sure a candidate is, by whatever measures it; greatest is surest.
    pub fn sureness(&self, candidate: &Candidate, reach: &Reach) -> f64 {
        match self.settings.sureness {
            Sureness::By(score) => self.plan(candidate).map_or(f64::NEG_INFINITY, |plan| score(&plan)),
            Sureness::Chance => self.guessed(candidate, reach, WORLDS),
        }
    }
}

impl Candidate {
    /// How its first shaft comes to the nerve; `None` for what somebody made by hand.
    pub fn approach(&self) -> Option<Approach> {
        self.placings.first().map(Placing::approach)
    }
}

/// Ways of one manner come to the nerve alike, as steeply, and lie as far along the cold surface; they differ in side and gap.
pub(super) type Manner = (Approach, i64, i64);

/// The manner of a way of the first search, whose angles and shifts are a few fixed ones.
pub(super) fn manner(placing: &Placing) -> Manner {
    (placing.approach(), placing.angle_deg.round() as i64, (100.0 * placing.shift).round() as i64)
}

/// A kelvin over a limit weighs as much as a tenth of a millimetre of nerve: both are only estimates.
const MM_PER_K: f64 = 0.1;
/// Candidates kept per spot, model and protocol, beside the best of every manner.
const KEPT: usize = 60;

/// Smallest distance between the axes of two shafts. Unit: mm.
fn shafts_apart_mm(a: &Pose, b: &Pose) -> f64 {
    let (a, b) = (
        frostline_space::Segment { start: a.entry, end: a.tip },
        frostline_space::Segment { start: b.entry, end: b.tip },
    );
    a.samples(0.5).iter().map(|p| b.distance_mm(*p)).fold(f64::INFINITY, f64::min)
}
