//! The chance of success by estimate: worlds drawn as `robust` draws them, each answered from the table of free tissue.
//!
//! A thousandth of the cost of solving a world, and no probability: it ranks plans of which the best are then solved.

use frostline_space::PatientVector;

use crate::anatomy::{Marked, Shape};
use crate::robust::common::Compared;
use crate::robust::place::Frame;
use crate::robust::world::World;

use super::candidate::Candidate;
use super::reach::{Probes, Reach};
use super::site::Site;
use super::way::Pose;

/// A limit that is not asked, to learn what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Forgiving {
    /// Every limit counts.
    Nothing,
    /// The skin may freeze.
    Skin,
    /// The structure of this number may freeze.
    Structure(usize),
}

impl Site<'_> {
    /// What plans are compared in, by estimate and when they are solved.
    pub fn compared(&self) -> Compared<'_> {
        let Self { anatomy, goals, catalogues, worlds, .. } = self;
        Compared { anatomy, goals, catalogues, settings: worlds, confirmed: &[] }
    }

    /// The share of so many worlds in which the estimate says that all is well; 0 for what makes no plan.
    pub fn guessed(&self, candidate: &Candidate, reach: &Reach, worlds: usize) -> f64 {
        self.guessed_but_for(candidate, (reach, Forgiving::Nothing), worlds)
    }

    /// The same with one limit left out.
    pub fn guessed_but_for(
        &self,
        candidate: &Candidate,
        (reach, forgiving): (&Reach, Forgiving),
        worlds: usize,
    ) -> f64 {
        let Some(plan) = self.plan(candidate) else { return 0.0 };
        let Ok((frame, worlds)) = self.compared().worlds(&plan, worlds) else { return 0.0 };
        let good = worlds.iter().filter(|world| self.goes_well(candidate, (reach, forgiving), (&frame, world))).count();
        good as f64 / worlds.len().max(1) as f64
    }

    fn goes_well(
        &self,
        candidate: &Candidate,
        (reach, forgiving): (&Reach, Forgiving),
        (frame, world): (&Frame, &World),
    ) -> bool {
        let (spot, model) = (&self.spots[candidate.spot], &self.models[candidate.model]);
        let landed = |(n, pose): (usize, &Pose)| pose.landed(frame.landed_off(world, n));
        let poses: Vec<Pose> = candidate.poses.iter().enumerate().map(landed).collect();
        // Nerve, structures and probes lie on as much fat, so its thickness moves the skin alone.
        let of_structure = |n: usize| match &self.anatomy.structures[n].shape {
            Marked::Marked(Shape::Course(course)) => frame.structure_off(world, course, world.structures_mm[n]),
            Marked::Marked(Shape::Cells(_)) => frame.cells_off(world, world.structures_mm[n]),
            _ => NOWHERE,
        };
        if poses.iter().any(|pose| self.obstacles.lands_badly(pose, model.shape.radius_mm, &of_structure)) {
            return false;
        }
        // The band of a probe is that of its output and of the conductivity of ice together; one number stands for both.
        let percent = self.catalogues.probes.band(model.probe, self.goals.below_c).percent;
        let grown = (1.0 + 0.01 * percent * world.probe_output).max(LEAST_GROWN);
        let probes = Probes { poses: &poses, grown };
        let counts = |n: usize| forgiving != Forgiving::Structure(n);
        let (disabled_mm, _) = reach.disabled(spot, probes, frame.nerve_off(world), self.goals.below_c);
        self.goals.is_enough(disabled_mm)
            && reach.near_margin_k(spot, probes, (&of_structure, &counts)) >= 0.0
            && (forgiving == Forgiving::Skin
                || reach.skin_c(spot, probes, frame.aim_by_fat(world, 0) * -1.0) >= spot.skin_stop_c)
    }
}

/// Ice is never thought narrower than this share of that of the table.
const LEAST_GROWN: f64 = 0.2;
const NOWHERE: PatientVector = PatientVector::new(0.0, 0.0, 0.0);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogues;
    use crate::robust::place::placed;
    use crate::robust::tests_support::{limb, plan};

    #[test]
    fn the_guess_lets_a_probe_land_as_a_solved_world_does() {
        let (catalogues, anatomy) = (Catalogues::bundled().unwrap(), limb());
        let plan = plan(&anatomy, &catalogues);
        let frame = Frame::of(&anatomy, &plan, &catalogues);
        let mut world = World::without_doubt(1, anatomy.structures.len());
        (world.landings[0].towards_mm, world.landings[0].beside_mm, world.landings[0].along_mm) = (3.0, -2.0, 1.0);
        let there = placed(&anatomy, &plan, &catalogues, &frame, &world).unwrap().1.placements()[0].clone();

        let planned = &plan.placements()[0];
        let outward = (planned.entry - planned.tip).direction().unwrap();
        let pose = Pose { entry: planned.entry, tip: planned.tip, outward }.landed(frame.landed_off(&world, 0));

        // Half way up the shaft, where a shaft that did not turn would be off by 3.7 mm and not by half of it. A world finds its
        // entry to 0.05 mm.
        let half_mm = 0.5 * planned.way().length_mm();
        let by_world = there.tip + (there.entry - there.tip).direction().unwrap() * half_mm;
        let by_guess = pose.tip + pose.outward * half_mm;
        assert!(by_world.distance(by_guess) < 0.05, "{by_world} {by_guess}");
        let as_planned = planned.tip + outward * half_mm;
        assert!((1.5..2.5).contains(&by_guess.distance(as_planned)), "{}", by_guess.distance(as_planned));
    }
}
