//! Where a probe really is.

use frostline_space::{PatientDirection, PatientPoint, Segment};
use serde::Serialize;

use super::{RescueError, RescueQuestion};
use crate::anatomy::TissueMap;
use crate::path::skin_on_line;
use crate::plan::ProbePlacement;

/// The tip of a probe and another place of its shaft.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Landed {
    /// The very end.
    pub tip: PatientPoint,
    /// Anywhere behind it on the shaft, or where the line through both passes the skin.
    pub shaft: PatientPoint,
}

impl Landed {
    /// The tip and where the shaft comes from, as a tracked needle tells it.
    pub fn coming_from(tip: PatientPoint, towards_hub: PatientDirection) -> Self {
        // Far enough that rounding does not turn it.
        const BEHIND_MM: f64 = 10.0;
        Self { tip, shaft: tip + towards_hub * BEHIND_MM }
    }

    /// Two places of the shaft as two images show them; the tip is the one deeper under the skin on the line of both.
    ///
    /// # Errors
    /// [`RescueError::NoWay`] when the line never meets the skin.
    pub fn seen_in_two_images(a: PatientPoint, b: PatientPoint, tissues: &TissueMap) -> Result<Self, RescueError> {
        let under_skin_mm = |start: PatientPoint, end| {
            skin_on_line(tissues, Segment { start, end }).map_or(f64::INFINITY, |skin| skin.distance(start))
        };
        let (from_a_mm, from_b_mm) = (under_skin_mm(a, b), under_skin_mm(b, a));
        if from_a_mm.min(from_b_mm).is_infinite() {
            return Err(RescueError::NoWay { tip: a, shaft: b });
        }
        let (tip, shaft) = if from_a_mm < from_b_mm { (b, a) } else { (a, b) };
        Ok(Self { tip, shaft })
    }

    /// The placement of a probe that lies so; its entry is where its line passes the skin.
    pub(super) fn placement(&self, probe: &str, tissues: &TissueMap) -> Result<ProbePlacement, RescueError> {
        const LEAST_APART_MM: f64 = 1.0;
        // Longer than any probe; a line across the room would be walked along for minutes.
        const MOST_APART_MM: f64 = 1000.0;
        let refused = RescueError::NoWay { tip: self.tip, shaft: self.shaft };
        let apart_mm = self.tip.distance(self.shaft);
        if !(self.tip.is_finite() && self.shaft.is_finite() && (LEAST_APART_MM..=MOST_APART_MM).contains(&apart_mm)) {
            return Err(refused);
        }
        let entry = skin_on_line(tissues, Segment { start: self.shaft, end: self.tip }).ok_or(refused)?;
        Ok(ProbePlacement { probe: probe.into(), entry, tip: self.tip })
    }
}

/// How far a probe is from where it was aimed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Missed {
    /// Distance of the tips. Unit: mm.
    pub tip_mm: f64,
    /// Of that, along the planned way; above 0 when it went too deep. Unit: mm.
    pub too_deep_mm: f64,
    /// Of that, across it. Unit: mm.
    pub aside_mm: f64,
    /// Angle between both shafts. Unit: degrees.
    pub angle_deg: f64,
}

pub(super) fn missed(question: &RescueQuestion) -> Result<Missed, RescueError> {
    let probes = question.plan.placements().len();
    let Some(aimed) = question.plan.placements().get(question.probe) else {
        return Err(RescueError::NoSuchProbe { number: question.probe + 1, probes });
    };
    let is = question.landed.placement(&aimed.probe, &question.anatomy.tissues)?;
    let off = is.tip - aimed.tip;
    // A plan has entries apart from tips, and so has a placement.
    let (Some(planned), Some(real)) = (aimed.way().direction(), is.way().direction()) else {
        return Err(RescueError::NoWay { tip: is.tip, shaft: is.entry });
    };
    let too_deep_mm = off.dot(planned.as_vector());
    Ok(Missed {
        tip_mm: off.length(),
        too_deep_mm,
        aside_mm: (off.dot(off) - too_deep_mm * too_deep_mm).max(0.0).sqrt(),
        angle_deg: planned.dot(real).clamp(-1.0, 1.0).acos().to_degrees(),
    })
}
