//! A way in: from a handful of numbers to entry and tip, and everything that may speak against it.

use frostline_freeze::ProbeShape;
use frostline_space::{PatientDirection, PatientPoint, PatientVector, Segment};

use crate::anatomy::{Anatomy, Marked, Shape, StructureKind, TissueKind};
use crate::coldest::ring;

use super::rejection::Rejection;
use super::settings::{Access, ProposeSettings, View};
use super::spot::{Spot, skin_along, skin_normal, square_to};

/// How a probe lies relative to the nerve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Placing {
    /// Where along the nerve. Unit: mm.
    pub along_mm: f64,
    /// Between shaft and skin above the nerve. Unit: degrees.
    pub angle_deg: f64,
    /// 0 and 180 along the nerve, 90 and 270 across it. Unit: degrees.
    pub azimuth_deg: f64,
    /// Where around the nerve the shaft passes: 0 and 180 beside it, 90 towards the skin where the shaft is flat. Unit: degrees.
    pub around_deg: f64,
    /// Between the wall of the probe and the nerve. Unit: mm.
    pub gap_mm: f64,
    /// Of the middle of the cold surface towards the hub, in cold lengths; below 0 the tip goes past the nerve.
    pub shift: f64,
}

/// How a shaft comes to the nerve, seen from above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Approach {
    Along,
    Oblique,
    Across,
}

/// Between the middles of along (0 degrees), oblique (45) and across (90). Unit: degrees.
const APPROACH_ENDS_DEG: [f64; 2] = [22.5, 67.5];

impl Placing {
    /// How the shaft comes to the nerve.
    pub fn approach(&self) -> Approach {
        let from_along_deg = self.azimuth_deg.rem_euclid(180.0);
        let [along_deg, oblique_deg] = APPROACH_ENDS_DEG;
        match from_along_deg.min(180.0 - from_along_deg) {
            deg if deg < along_deg => Approach::Along,
            deg if deg < oblique_deg => Approach::Oblique,
            _ => Approach::Across,
        }
    }
}

/// A probe in its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pose {
    pub entry: PatientPoint,
    pub tip: PatientPoint,
    /// From the tip to the hub.
    pub outward: PatientDirection,
}

impl Pose {
    fn way(&self) -> Segment {
        Segment { start: self.entry, end: self.tip }
    }

    /// The probe with its tip elsewhere: it turns around its entry, so that what lies nearer to the skin is off by less.
    pub fn landed(&self, off: PatientVector) -> Self {
        let tip = self.tip + off;
        Self { tip, outward: (self.entry - tip).direction().unwrap_or(self.outward), ..*self }
    }
}

/// A pose, or what speaks against it together with the entry it would have.
pub(super) type Found = Result<Pose, (Option<PatientPoint>, Rejection)>;

/// Everything a way must keep away from.
pub(super) struct Obstacles<'a> {
    anatomy: &'a Anatomy,
    settings: &'a ProposeSettings<'a>,
    tubes: Vec<Barrier>,
    masks: Vec<(Rejection, f64, &'a frostline_space::Volume<bool>)>,
    nerve: Tube,
}

/// What was drawn as a tube and must not be pierced.
struct Barrier {
    reason: Rejection,
    clearance_mm: f64,
    tube: Tube,
    /// Which structure of the anatomy.
    structure: usize,
}

/// Centres and radii along what was drawn as a tube. Unit: mm.
type Tube = Vec<(PatientPoint, f64)>;

/// Places along what was drawn as a tube; the distance of a shaft is then right to 0.02 mm at 2 mm.
const TUBE_STEP_MM: f64 = 0.5;
/// Steps along a way; clearances are larger.
const WAY_STEP_MM: f64 = 0.5;
/// Places around the shaft that are looked at.
const WALL_PLACES: usize = 6;
/// The first stretch behind the entry, where the skin itself is uneven. Unit: mm.
const UNEVEN_SKIN_MM: f64 = 3.0;
/// Steps behind the entry: no limb is thinner. Unit: mm.
const ROOM_STEP_MM: f64 = 3.0;

impl<'a> Obstacles<'a> {
    /// Of an anatomy.
    pub fn new(anatomy: &'a Anatomy, settings: &'a ProposeSettings<'a>) -> Self {
        let sampled = |course: &frostline_space::Course| {
            course.samples(TUBE_STEP_MM).into_iter().map(|s| (s.centre, s.radius_mm)).collect::<Tube>()
        };
        let (mut tubes, mut masks) = (Vec::new(), Vec::new());
        for (n, structure) in anatomy.structures.iter().enumerate() {
            let Some((reason, clearance_mm)) = keeps_from(structure.kind, settings) else { continue };
            match &structure.shape {
                Marked::Marked(Shape::Course(course)) => {
                    tubes.push(Barrier { reason, clearance_mm, tube: sampled(course), structure: n });
                }
                Marked::Marked(Shape::Cells(cells)) => masks.push((reason, clearance_mm, cells)),
                // Tissues are looked up along the way.
                _ => {}
            }
        }
        Self { anatomy, settings, tubes, masks, nerve: sampled(&anatomy.nerve.course) }
    }

    /// Where a probe lies, unless something speaks against it. Cheap questions come first.
    pub fn pose(&self, spot: &Spot, placing: &Placing, shape: &ProbeShape) -> Found {
        let outward = direction(spot, (placing.angle_deg, placing.azimuth_deg));
        let aside = square_to(outward, spot.tangent).or(spot.sideways().direction()).unwrap_or(spot.outward);
        let over = outward.as_vector().cross(aside.as_vector());
        let over = if over.dot(spot.outward.as_vector()) < 0.0 { over * -1.0 } else { over };
        let around = placing.around_deg.to_radians();
        let away = aside * around.cos() + over * around.sin();
        let aim = spot.centre + away * (spot.radius_mm + shape.radius_mm + placing.gap_mm);
        let back_mm = shape.dead_tip_mm + shape.active_length_mm * (0.5 - placing.shift);
        self.through(spot, (aim, outward, back_mm), shape)
    }

    /// A probe through a place with this direction to its hub, its tip so far beyond the place, unless something speaks
    /// against it.
    pub fn through(
        &self,
        spot: &Spot,
        (aim, outward, back_mm): (PatientPoint, PatientDirection, f64),
        shape: &ProbeShape,
    ) -> Found {
        let cold_mm = shape.dead_tip_mm + shape.active_length_mm;
        let tip = aim - outward * back_mm;
        let tissues = &self.anatomy.tissues;
        match tissues.at(aim) {
            None => return Err((None, Rejection::OutsideView)),
            Some(TissueKind::Outside) => return Err((None, Rejection::LeavesLimb)),
            Some(_) => {}
        }
        let far_mm = skin_along(tissues, aim, outward).ok_or((None, Rejection::OutsideView))?;
        let entry = aim + outward * far_mm;
        let pose = Pose { entry, tip, outward };
        let against = |reason| Err((Some(entry), reason));
        let inside_mm = far_mm + back_mm;
        if inside_mm > shape.total_length_mm() {
            return against(Rejection::TooShort);
        }
        if inside_mm < cold_mm {
            return against(Rejection::ColdInSkin);
        }
        match self.against_entry(spot, &pose).or_else(|| self.against_way(&pose, shape.radius_mm)) {
            Some(reason) => against(reason),
            None => Ok(pose),
        }
    }

    /// Whether a probe that landed elsewhere meets something whose crossing stops a plan, or leaves the limb, by what was drawn.
    pub fn lands_badly(&self, pose: &Pose, radius_mm: f64, off: &impl Fn(usize) -> PatientVector) -> bool {
        if self.anatomy.tissues.at(pose.tip).is_none_or(|t| t == TissueKind::Outside) {
            return true;
        }
        let stops = |reason| !matches!(reason, Rejection::SensoryNerve | Rejection::Tendon);
        let met = |tube: &Barrier| {
            // The structure lies off by so much; the way lies off by the opposite.
            let off = off(tube.structure);
            let way = Segment { start: pose.entry - off, end: pose.tip - off };
            stops(tube.reason) && nearest_mm(&tube.tube, way) < radius_mm
        };
        self.tubes.iter().any(met)
    }

    /// What speaks against the entry.
    fn against_entry(&self, spot: &Spot, pose: &Pose) -> Option<Rejection> {
        if let Access::From(side) = self.settings.access
            && pose.outward.dot(side) < 0.0
        {
            return Some(Rejection::OutOfReach);
        }
        let from_foot = pose.entry - spot.foot;
        let beside_mm = (from_foot - spot.outward * from_foot.dot(spot.outward.as_vector())).length();
        let foot = self.settings.transducer;
        let needed_mm = match self.settings.view {
            View::InPlane => 0.5 * foot.length_mm,
            View::OutOfPlane | View::Either => 0.5 * foot.width_mm,
            View::NoTransducer => 0.0,
        };
        if beside_mm < needed_mm {
            return Some(Rejection::UnderTransducer);
        }
        let normal = skin_normal(&self.anatomy.tissues, pose.entry)?;
        if pose.outward.dot(normal) < self.settings.least_angle_deg.to_radians().sin() {
            return Some(Rejection::TooFlat);
        }
        let behind = |n: usize| pose.entry + pose.outward * (UNEVEN_SKIN_MM + n as f64 * ROOM_STEP_MM);
        let steps = (self.settings.room_mm / ROOM_STEP_MM) as usize;
        let is_limb = |place| self.anatomy.tissues.at(place).is_some_and(|t| t != TissueKind::Outside);
        (0..steps).any(|n| is_limb(behind(n))).then_some(Rejection::NoRoomBehind)
    }

    /// What speaks against the way from entry to tip.
    fn against_way(&self, pose: &Pose, radius_mm: f64) -> Option<Rejection> {
        let way = pose.way();
        if nearest_mm(&self.nerve, way) < radius_mm {
            return Some(Rejection::Target);
        }
        let tube = self.tubes.iter().find(|b| nearest_mm(&b.tube, way) < radius_mm + b.clearance_mm);
        if let Some(barrier) = tube {
            return Some(barrier.reason);
        }
        let places = way.samples(WAY_STEP_MM);
        // The first place lies on the skin, where inside and outside are not told apart.
        places.iter().skip(2).find_map(|&place| self.against_place(pose, place, radius_mm))
    }

    fn against_place(&self, pose: &Pose, place: PatientPoint, radius_mm: f64) -> Option<Rejection> {
        let tissues = &self.anatomy.tissues;
        match tissues.at(place) {
            None => return Some(Rejection::OutsideView),
            Some(TissueKind::Outside) => return Some(Rejection::LeavesLimb),
            Some(_) => {}
        }
        let around = |clearance_mm: f64| {
            std::iter::once(place).chain(ring(place, pose.outward, radius_mm + clearance_mm, WALL_PLACES))
        };
        let clearance = &self.settings.clearance;
        let near_bone = around(clearance.bone_mm).find_map(|p| tissues.at(p).and_then(hard));
        let near_tendon = || {
            let is_tendon = around(clearance.tendon_mm).any(|p| tissues.at(p) == Some(TissueKind::Tendon));
            is_tendon.then_some(Rejection::Tendon)
        };
        let in_mask = |mask: &frostline_space::Volume<bool>, clearance_mm| {
            around(clearance_mm).any(|p| mask.nearest(p).copied().unwrap_or(false))
        };
        let near_mask = || self.masks.iter().find(|(_, clearance_mm, m)| in_mask(m, *clearance_mm)).map(|m| m.0);
        near_bone.or_else(near_tendon).or_else(near_mask)
    }
}

/// Bone or joint.
fn hard(tissue: TissueKind) -> Option<Rejection> {
    match tissue {
        TissueKind::CorticalBone | TissueKind::CancellousBone | TissueKind::Marrow => Some(Rejection::Bone),
        TissueKind::Cartilage => Some(Rejection::Joint),
        _ => None,
    }
}

/// Which reason a structure gives, and how far a shaft keeps from it. Unit: mm.
fn keeps_from(kind: StructureKind, settings: &ProposeSettings) -> Option<(Rejection, f64)> {
    let c = &settings.clearance;
    Some(match kind {
        StructureKind::Artery => (Rejection::Artery, c.vessel_mm),
        StructureKind::Vein => (Rejection::Vein, c.vessel_mm),
        StructureKind::MotorNerve | StructureKind::MixedNerve => (Rejection::MotorNerve, c.motor_nerve_mm),
        StructureKind::SensoryNerve => (Rejection::SensoryNerve, c.sensory_nerve_mm),
        StructureKind::Bone => (Rejection::Bone, c.bone_mm),
        StructureKind::Tendon => (Rejection::Tendon, c.tendon_mm),
        StructureKind::Skin => return None,
    })
}

/// From the axis of a way to the surface of a tube. Unit: mm.
fn nearest_mm(tube: &[(PatientPoint, f64)], way: Segment) -> f64 {
    tube.iter().map(|(centre, radius_mm)| way.distance_mm(*centre) - radius_mm).fold(f64::INFINITY, f64::min)
}

/// From tip to hub, by the angle to the skin and the azimuth.
pub(super) fn direction(spot: &Spot, (angle_deg, azimuth_deg): (f64, f64)) -> PatientDirection {
    let (angle, azimuth) = (angle_deg.to_radians(), azimuth_deg.to_radians());
    let flat = spot.tangent * azimuth.cos() + spot.sideways() * azimuth.sin();
    let steep = spot.outward * angle.sin() + flat * angle.cos();
    steep.direction().unwrap_or(spot.outward)
}
