//! Fluid beside a good plan, where the limits of skin, motor or mixed nerves cost much of its chance.
//!
//! Knows: where it may open and how much there may be, from the catalogue. The estimate does not know fluid, so every plan with
//! fluid gets a planning run, and the chance of the best of them is solved.

use frostline_space::{PatientDirection, PatientPoint};

use crate::anatomy::{Marked, Shape, StructureKind};
use crate::fluid::ProtectiveFluid;

use super::candidate::Candidate;
use super::climb::WORLDS;
use super::guess::Forgiving;
use super::reach::Reach;
use super::site::Site;
use super::spot::skin_along;

/// Where fluid may push: from a place towards another, so far away. Unit: mm.
struct Room {
    from: PatientPoint,
    towards: PatientDirection,
    length_mm: f64,
}

impl Site<'_> {
    /// The candidate with fluid in each place and volume that is offered, against what costs it enough of its chance.
    pub fn with_fluid(&self, one: &Candidate, reach: &Reach) -> Vec<Candidate> {
        if one.is_by_hand() || !one.fluid.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for against in self.pushed() {
            if !self.costs_enough(one, reach, against) {
                continue;
            }
            let Some(room) = self.room(one, against) else { continue };
            for share in &self.catalogues.proposing.fluid.value.between {
                for &millilitres in &self.catalogues.surroundings.fluid().value.offered_millilitres {
                    let place = room.from + room.towards * (share * room.length_mm);
                    let towards = room.from + room.towards * room.length_mm;
                    let fluid = vec![ProtectiveFluid { place, towards, millilitres }];
                    found.push(Candidate { fluid, ..one.clone() });
                }
            }
        }
        found
    }

    /// What fluid can push away.
    fn pushed(&self) -> Vec<Forgiving> {
        let pushed = |kind| matches!(kind, StructureKind::MotorNerve | StructureKind::MixedNerve);
        let structures = self.anatomy.structures.iter().enumerate();
        let nerves = structures.filter(|(_, s)| pushed(s.kind)).map(|(n, _)| Forgiving::Structure(n));
        std::iter::once(Forgiving::Skin).chain(nerves).collect()
    }

    fn costs_enough(&self, one: &Candidate, reach: &Reach, against: Forgiving) -> bool {
        let gained = self.guessed_but_for(one, (reach, against), WORLDS) - self.guessed(one, reach, WORLDS);
        100.0 * gained >= self.catalogues.proposing.fluid.value.worth_percent
    }

    /// Between the nerve with the probe and what is protected; `None` where there is no room.
    fn room(&self, one: &Candidate, against: Forgiving) -> Option<Room> {
        let spot = &self.spots[one.spot];
        let (towards, far_mm) = match against {
            Forgiving::Nothing => return None,
            Forgiving::Skin => (spot.outward, skin_along(&self.anatomy.tissues, spot.centre, spot.outward)?),
            Forgiving::Structure(n) => {
                let Marked::Marked(Shape::Course(course)) = &self.anatomy.structures[n].shape else { return None };
                let nearest = course.nearest(spot.centre);
                let way = nearest.centre - spot.centre;
                (way.direction()?, way.length() - nearest.radius_mm)
            }
        };
        let model = &self.models[one.model];
        let middle_mm = model.shape.dead_tip_mm + 0.5 * model.shape.active_length_mm;
        // What is frozen must stay: the fluid opens beyond the nerve and beyond the cold surface.
        let probe_mm = one.poses.iter().map(|p| {
            let middle = p.tip + p.outward * middle_mm;
            (middle - spot.centre).dot(towards.as_vector()) + model.shape.radius_mm
        });
        let from_mm = probe_mm.fold(spot.radius_mm, f64::max);
        let length_mm = far_mm - from_mm;
        (length_mm > LEAST_ROOM_MM).then(|| Room { from: spot.centre + towards * from_mm, towards, length_mm })
    }
}

/// No needle is placed in less. Unit: mm.
const LEAST_ROOM_MM: f64 = 1.0;
