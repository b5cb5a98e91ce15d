//! The steady field around one probe: what the links to the grid are made from.
//!
//! `phi` is harmonic outside the probe, 0 on its cold surface and negative outside; no flux crosses its insulated
//! parts. Endless probes have `phi = -ln(r/a)`, balls `a/r - 1`; for every other shape it is solved for once on a fine
//! grid of the half-plane (distance from the axis, distance from the tip).

use std::sync::Arc;

use super::half_plane::HalfPlane;
use crate::grid::coordinate;
use crate::probe::{ProbeShape, SceneProbe, Shaft, TipShape};
use crate::{ScenePoint, SceneVector};

/// Where a place lies with respect to the body of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Where {
    /// In the tissue.
    Outside,
    /// In the part whose surface is cold.
    Active,
    /// In the dead tip or the shaft.
    Insulated,
}

/// The field of one probe, placed in the scene.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Potential {
    tip: ScenePoint,
    axis: SceneVector,
    shape: ProbeShape,
    form: Form,
}

#[derive(Clone, Debug, PartialEq)]
enum Form {
    Line,
    Ball,
    Solved(Arc<HalfPlane>),
}

/// Fields that were solved for, by the shape of the probe, so that many scenes with one probe solve for its field once.
#[derive(Clone, Debug, Default)]
pub(crate) struct SolvedFields(Vec<(ProbeShape, Arc<HalfPlane>)>);

impl SolvedFields {
    /// The fields of all probes that need one.
    pub(crate) fn of<'a>(probes: impl Iterator<Item = &'a SceneProbe>) -> Self {
        let mut fields = Self::default();
        for probe in probes {
            if let Form::Solved(field) = Potential::of(probe, &fields).form
                && fields.find(&probe.shape).is_none()
            {
                fields.0.push((probe.shape, field));
            }
        }
        fields
    }

    fn find(&self, shape: &ProbeShape) -> Option<Arc<HalfPlane>> {
        self.0.iter().find(|(known, _)| known == shape).map(|(_, field)| field.clone())
    }
}

impl Potential {
    /// The field of a probe; taken from `known` where its shape is in there.
    pub(crate) fn of(probe: &SceneProbe, known: &SolvedFields) -> Self {
        let shape = probe.shape;
        let is_ball = shape.tip == TipShape::Round
            && shape.dead_tip_mm == 0.0
            && shape.shaft_length_mm == 0.0
            && (shape.active_length_mm - 2.0 * shape.radius_mm).abs() < 1e-9;
        let form = if shape.tip == TipShape::Endless {
            Form::Line
        } else if is_ball {
            Form::Ball
        } else {
            Form::Solved(known.find(&shape).unwrap_or_else(|| Arc::new(HalfPlane::solved(&shape))))
        };
        Self { tip: probe.tip, axis: probe.towards_hub.as_vector(), shape, form }
    }

    /// True for the exact field of a ball.
    pub(crate) fn is_ball(&self) -> bool {
        matches!(self.form, Form::Ball)
    }

    /// Distance from the axis and distance along it from the tip. Unit: mm.
    fn cylindrical(&self, place: ScenePoint) -> (f64, f64) {
        let away = place - self.tip;
        let along = away.dot(self.axis);
        ((away.dot(away) - along * along).max(0.0).sqrt(), along)
    }

    /// Which part of the probe holds the place.
    pub(crate) fn locate(&self, place: ScenePoint) -> Where {
        let (rho, z) = self.cylindrical(place);
        body(&self.shape, rho, z)
    }

    /// Distance to the cold surface, 0 inside the probe; ends are taken as cut square. Unit: mm.
    pub(crate) fn distance_mm(&self, place: ScenePoint) -> f64 {
        let (rho, z) = self.cylindrical(place);
        let beside = (rho - self.shape.radius_mm).max(0.0);
        if self.shape.tip == TipShape::Endless {
            return beside;
        }
        let (start, end) = (self.shape.dead_tip_mm, self.shape.dead_tip_mm + self.shape.active_length_mm);
        let beyond = (start - z).max(z - end).max(0.0);
        beside.hypot(beyond)
    }

    /// The field; 0 on and inside the cold surface.
    pub(crate) fn phi(&self, place: ScenePoint) -> f64 {
        let (rho, z) = self.cylindrical(place);
        let a = self.shape.radius_mm;
        match &self.form {
            Form::Line => -(rho.max(a) / a).ln(),
            Form::Ball => a / rho.hypot(z - a).max(a) - 1.0,
            Form::Solved(plane) => match body(&self.shape, rho, z) {
                Where::Active => 0.0,
                _ => plane.at(rho, z).min(0.0),
            },
        }
    }

    /// Slope of the field along x, y or z; 0 inside the probe. Unit: 1/mm.
    pub(crate) fn slope_per_mm(&self, place: ScenePoint, axis: usize) -> f64 {
        if self.locate(place) != Where::Outside {
            return 0.0;
        }
        let away = place - self.tip;
        let a = self.shape.radius_mm;
        match &self.form {
            Form::Line => {
                let radial = away - self.axis * away.dot(self.axis);
                -component(radial, axis) / radial.dot(radial)
            }
            Form::Ball => {
                let from = away - self.axis * a;
                -a * component(from, axis) / from.length().powi(3)
            }
            Form::Solved(plane) => {
                // Half a cell: from a place on the surface this reaches the first mirrored cell and no farther.
                let step = 0.5 * plane.finest_mm();
                let by = match axis {
                    0 => SceneVector::new(step, 0.0, 0.0),
                    1 => SceneVector::new(0.0, step, 0.0),
                    _ => SceneVector::new(0.0, 0.0, step),
                };
                let (ahead, behind) = (self.cylindrical(place + by), self.cylindrical(place - by));
                (plane.at(ahead.0, ahead.1) - plane.at(behind.0, behind.1)) / (2.0 * step)
            }
        }
    }

    /// The box around the cold surface, widened; `None` for an endless probe.
    pub(crate) fn reach(&self, margin_mm: f64) -> Option<crate::SceneBox> {
        if self.shape.tip == TipShape::Endless {
            return None;
        }
        let start = self.tip + self.axis * self.shape.dead_tip_mm;
        let end = start + self.axis * self.shape.active_length_mm;
        crate::SceneBox::around(&[start, end], self.shape.radius_mm + margin_mm)
    }

    /// The box around the whole body; `None` for an endless probe, which has no insulated part.
    pub(crate) fn body_box(&self) -> Option<crate::SceneBox> {
        if self.shape.tip == TipShape::Endless {
            return None;
        }
        let end = self.tip + self.axis * self.shape.total_length_mm();
        crate::SceneBox::around(&[self.tip, end], 2.0 * self.shape.radius_mm + 2.0)
    }

    /// Places every half millimetre along the axis of the cold surface, or of the part of an endless probe in a box.
    pub(crate) fn along_axis(&self, outer: &crate::SceneBox) -> Vec<ScenePoint> {
        let (start, end) = if self.shape.tip == TipShape::Endless {
            let diagonal = outer.least.distance(outer.most);
            (-diagonal, diagonal)
        } else {
            (self.shape.dead_tip_mm, self.shape.dead_tip_mm + self.shape.active_length_mm)
        };
        let count = ((end - start) / 0.5).ceil().max(1.0) as usize;
        let at = |n: usize| self.tip + self.axis * (start + (end - start) * n as f64 / count as f64);
        (0..=count).map(at).collect()
    }

    /// Places every `step_mm` along the axis of the shaft behind the cold length.
    pub(crate) fn along_shaft(&self, step_mm: f64) -> Vec<ScenePoint> {
        if self.shape.tip == TipShape::Endless || self.shape.shaft_length_mm == 0.0 {
            return Vec::new();
        }
        let start = self.shape.dead_tip_mm + self.shape.active_length_mm;
        let count = (self.shape.shaft_length_mm / step_mm).floor() as usize;
        (0..count).map(|n| self.tip + self.axis * (start + step_mm * (n as f64 + 0.5))).collect()
    }

    /// Whether any part of the body is insulated.
    pub(crate) fn is_partly_insulated(&self) -> bool {
        self.shape.shaft_length_mm > 0.0 || self.shape.dead_tip_mm > 0.0
    }

    /// What the shaft does.
    pub(crate) fn shaft(&self) -> Shaft {
        self.shape.shaft
    }

    /// Radius of the probe. Unit: mm.
    pub(crate) fn radius_mm(&self) -> f64 {
        self.shape.radius_mm
    }

    /// Distance of a place from the axis. Unit: mm.
    pub(crate) fn axis_distance_mm(&self, place: ScenePoint) -> f64 {
        self.cylindrical(place).0
    }

    /// Area of the cold surface. Unit: mm2. Endless probes: per mm of length.
    pub(crate) fn active_area_mm2(&self) -> f64 {
        let (a, length) = (self.shape.radius_mm, self.shape.active_length_mm);
        let pi = std::f64::consts::PI;
        match self.shape.tip {
            TipShape::Endless => 2.0 * pi * a,
            TipShape::Flat => 2.0 * pi * a * length + pi * a * a,
            // A half ball replaces a cylinder of one radius of length: the same lateral area.
            TipShape::Round => 2.0 * pi * a * length,
            // A cone of height 2a has the lateral area pi a sqrt(a^2 + 4 a^2).
            TipShape::Cone => 2.0 * pi * a * (length - 2.0 * a).max(0.0) + pi * a * a * 5.0_f64.sqrt(),
        }
    }
}

fn component(v: SceneVector, axis: usize) -> f64 {
    coordinate(ScenePoint::new(v.x, v.y, v.z), axis)
}

/// Which part of the body, at a distance from the axis and from the tip, both in mm.
pub(super) fn body(shape: &ProbeShape, rho: f64, z: f64) -> Where {
    let a = shape.radius_mm;
    if shape.tip == TipShape::Endless {
        return if rho < a { Where::Active } else { Where::Outside };
    }
    let total = shape.total_length_mm();
    if z < 0.0 || z > total {
        return Where::Outside;
    }
    let mut radius = match shape.tip {
        TipShape::Flat | TipShape::Endless => a,
        TipShape::Round if z < a => (z * (2.0 * a - z)).max(0.0).sqrt(),
        TipShape::Cone if z < 2.0 * a => 0.5 * z,
        TipShape::Round | TipShape::Cone => a,
    };
    // A round probe without a shaft is round at both ends.
    let left = total - z;
    if shape.tip == TipShape::Round && shape.shaft_length_mm == 0.0 && left < a {
        radius = radius.min((left * (2.0 * a - left)).max(0.0).sqrt());
    }
    if rho >= radius {
        Where::Outside
    } else if z >= shape.dead_tip_mm && z <= shape.dead_tip_mm + shape.active_length_mm {
        Where::Active
    } else {
        Where::Insulated
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SceneDirection;
    use crate::probe::Cooling;
    use crate::protocol::Schedule;
    use crate::table::TimeTable;

    fn probe(shape: ProbeShape) -> SceneProbe {
        SceneProbe {
            name: "probe".into(),
            tip: ScenePoint::origin(),
            towards_hub: SceneDirection::along_z(),
            shape,
            cooling: Cooling::Surface(TimeTable::constant(-70.0)),
            warming: None,
            schedule: Schedule::one_freeze(60.0),
        }
    }

    fn shape(tip: TipShape, radius_mm: f64, active_length_mm: f64) -> ProbeShape {
        ProbeShape { radius_mm, active_length_mm, dead_tip_mm: 0.0, shaft_length_mm: 0.0, tip, shaft: Shaft::Insulated }
    }

    #[test]
    fn a_long_probe_has_the_field_of_a_line_beside_its_middle() {
        let long = Potential::of(&probe(shape(TipShape::Flat, 0.75, 60.0)), &SolvedFields::default());
        let at = |r: f64| long.phi(ScenePoint::new(r, 0.0, 30.0));
        // Drops in the ratio of logarithms: ln 2 to ln 4, with 1 % for the cells of the half-plane.
        let ratio = at(1.5) / at(3.0);
        assert!((ratio - 0.5).abs() < 0.005, "{ratio}");
    }

    #[test]
    fn the_field_of_a_short_round_probe_falls_like_that_of_a_ball() {
        // Just not a ball, so that it is solved for.
        let short = Potential::of(&probe(shape(TipShape::Round, 0.75, 1.501)), &SolvedFields::default());
        assert!(matches!(short.form, Form::Solved(_)));
        let drop = |r: f64| short.phi(ScenePoint::new(r, 0.0, 0.75));
        // a/r - 1 is -1/2 at 2 a and -2/3 at 3 a; the far end lies at 10 mm instead of nowhere, and the round surface
        // is stairs of a/8, which moves the ratio by a few per cent.
        let ratio = drop(1.5) / drop(2.25);
        assert!((ratio - 0.75).abs() < 0.03, "{ratio}");
    }

    #[test]
    fn no_heat_crosses_an_insulated_shaft() {
        let mut with_shaft = shape(TipShape::Flat, 0.75, 4.0);
        with_shaft.shaft_length_mm = 50.0;
        let field = Potential::of(&probe(with_shaft), &SolvedFields::default());
        assert_eq!(field.locate(ScenePoint::new(0.5, 0.0, 6.0)), Where::Insulated);
        let beside = ScenePoint::new(0.76, 0.0, 7.0);
        let along = field.slope_per_mm(beside, 2).abs();
        let across = field.slope_per_mm(beside, 0).abs();
        assert!(across < 0.1 * along, "{across} {along}");
    }

    #[test]
    fn slopes_point_away_from_the_axis() {
        let field = Potential::of(&probe(shape(TipShape::Endless, 0.5, 1.0)), &SolvedFields::default());
        assert!((field.slope_per_mm(ScenePoint::new(2.0, 0.0, 3.0), 0) + 0.5).abs() < 1e-12);
        assert_eq!(field.slope_per_mm(ScenePoint::new(0.3, 0.0, 3.0), 0), 0.0);
    }
}
