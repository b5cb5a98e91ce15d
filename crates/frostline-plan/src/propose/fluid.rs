//! Fluid beside a good plan, where the limits of skin, motor or mixed nerves or vessels cost much of its chance.
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
            let kept_mm = self.kept_from_mm(against);
            let shares = self.catalogues.proposing.fluid.value.between.iter();
            for share in shares.filter(|share| (1.0 - *share) * room.length_mm >= kept_mm) {
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
        let pushed = |kind| {
            use StructureKind::{Artery, MixedNerve, MotorNerve, Vein};
            matches!(kind, MotorNerve | MixedNerve | Vein | Artery)
        };
        let structures = self.anatomy.structures.iter().enumerate();
        let structures = structures.filter(|(_, s)| pushed(s.kind)).map(|(n, _)| Forgiving::Structure(n));
        std::iter::once(Forgiving::Skin).chain(structures).collect()
    }

    /// The needle for fluid keeps as far from the wall of a vessel as a probe does. Unit: mm.
    fn kept_from_mm(&self, against: Forgiving) -> f64 {
        let is_vessel =
            |n: usize| matches!(self.anatomy.structures[n].kind, StructureKind::Artery | StructureKind::Vein);
        match against {
            Forgiving::Structure(n) if is_vessel(n) => self.settings.clearance.vessel_mm,
            _ => 0.0,
        }
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

#[cfg(test)]
mod tests {
    use frostline_freeze::Continue;
    use frostline_space::{Course, CoursePoint};

    use super::*;
    use crate::anatomy::{Anatomy, Layer, LayerStack, Origin, Side, Structure, TargetNerve, TissueKind, TissueMap};
    use crate::catalogue::Catalogues;
    use crate::goals::Goals;
    use crate::propose::ProposeSettings;

    const VEIN_RADIUS_MM: f64 = 0.6;

    fn tube(x: f64, radius_mm: f64) -> Course {
        let end = |z| CoursePoint { centre: PatientPoint::new(x, 10.0, z), radius_mm };
        Course::through(&[end(-40.0), end(40.0)]).unwrap()
    }

    /// A nerve 10 mm deep in fat, a thin vein so far beside it.
    fn limb(vein_mm: f64) -> Anatomy {
        let layers = vec![
            Layer { tissue: TissueKind::Skin, bottom_mm: 1.5 },
            Layer { tissue: TissueKind::Fat, bottom_mm: 20.0 },
            Layer { tissue: TissueKind::Muscle, bottom_mm: 60.0 },
        ];
        let vein = Marked::Marked(Shape::Course(tube(vein_mm, VEIN_RADIUS_MM)));
        Anatomy {
            side: Side::Left,
            origin: Origin::Calipers,
            tissues: TissueMap::Layers(LayerStack::new(layers).unwrap()),
            nerve: TargetNerve { id: "sural".into(), course: tube(0.0, 0.7), distance_to_target_mm: Marked::NotMarked },
            structures: vec![Structure { name: "vein".into(), kind: StructureKind::Vein, shape: vein }],
            remarks: vec![],
        }
    }

    /// Fluid that is tried beside the surest plan and pushes to the side on which the vein lies.
    fn tried_beside(anatomy: &Anatomy) -> Vec<ProtectiveFluid> {
        let catalogues = Catalogues::bundled().unwrap();
        let mut settings = ProposeSettings::of(&catalogues);
        settings.stock = Some(vec!["n2o-2.1".into()]);
        settings.protocols = Some(vec!["n2o-2x180".into()]);
        settings.effort.spots = 1;
        let goals = Goals::of(&catalogues);
        let site = Site::new(anatomy, &goals, &catalogues, &settings).unwrap();
        let reaches = site.reaches(&|_, _| Continue::Yes).unwrap();
        let surest = site.surest(&site.search(&reaches).candidates, &reaches);
        let with_fluid = site.with_fluid(&surest[0].1, &reaches[0][0]);
        let fluid = with_fluid.into_iter().flat_map(|c| c.fluid);
        fluid.filter(|fluid| fluid.towards.x - fluid.place.x > 1.0).collect()
    }

    #[test]
    fn fluid_is_tried_against_a_vein_that_costs_the_chance_and_opens_a_clearance_from_its_wall() {
        let near = tried_beside(&limb(3.6));
        assert!(!near.is_empty());
        let wall_mm = |fluid: &ProtectiveFluid| 3.6 - VEIN_RADIUS_MM - fluid.place.x;
        assert!(near.iter().all(|fluid| wall_mm(fluid) >= 1.0 && fluid.place.x > 0.7), "{near:?}");
        // The cold does not reach a vein that is further away.
        let far = tried_beside(&limb(20.0));
        assert!(far.is_empty(), "{far:?}");
    }
}
