//! Rules about the target, the ways of the probes, and what the probes are known to do.

use super::Evidence;
use crate::anatomy::{Anatomy, Marked, Shape, StructureKind, TissueKind};
use crate::catalogue::{CalibrationState, Catalogues, Fibre, MotorRisk, Policy, structure_word};
use crate::finding::{FROM_GEOMETRY, Finding, Level};
use crate::path::crossings;
use crate::plan::ProbePlacement;

/// What the atlas says of the nerve as a target, whatever is planned for it.
pub fn target_policy(anatomy: &Anatomy, catalogues: &Catalogues) -> Vec<Finding> {
    let id = &anatomy.nerve.id;
    let Some(nerve) = catalogues.nerves.find(id) else {
        let text = format!("'{id}' is not in the atlas, so its fibres and its neighbours are not known");
        return vec![Finding::new("nerve.policy", Level::Unknown, text, FROM_GEOMETRY)];
    };
    let (role, source) = (nerve.role.value, nerve.role.source.as_str());
    let mut found = vec![match role.policy {
        Policy::Target => {
            Finding::new("nerve.policy", Level::Ok, format!("{}: a usual sensory target", nerve.name), source)
        }
        Policy::Specialist => {
            let only = nerve.restriction.as_ref().map(|only| format!("only in {}; ", only.value.words()));
            let only = only.unwrap_or_default();
            let text =
                format!("{}: {only}needs a written reason and a second signature before it is frozen", nerve.name);
            Finding::new("nerve.policy", Level::Warn, text, source)
        }
        Policy::Avoid => {
            let text = format!("{}: never offered as a target; choose a sensory branch", nerve.name);
            Finding::new("nerve.policy", Level::Stop, text, source)
        }
    }];
    if role.fibre != Fibre::Sensory {
        let fibres = if role.fibre == Fibre::Mixed { "mixed" } else { "motor" };
        let (level, risk) = match role.motor_risk {
            MotorRisk::Major => (Level::Stop, "major weakness is expected while it is disabled"),
            MotorRisk::Minor => (Level::Warn, "some weakness is expected while it is disabled"),
            MotorRisk::None => (Level::Warn, "its motor fibres are said to be of no consequence"),
        };
        let text = format!("{}: {fibres} fibres; {risk}", nerve.name);
        found.push(Finding::new("nerve.motor-fibres", level, text, source));
    }
    found
}

pub(super) fn ways(e: &Evidence) -> Vec<Finding> {
    let mut found = Vec::new();
    for (n, placement) in e.plan.placements().iter().enumerate() {
        let shape = e.catalogues.probes.find(&placement.probe).and_then(|p| p.shape().ok());
        let radius_mm = shape.map_or(0.0, |s| s.radius_mm);
        for crossing in crossings(e.anatomy, placement.way(), radius_mm) {
            let level = match crossing.kind {
                StructureKind::SensoryNerve | StructureKind::Tendon | StructureKind::Skin => Level::Warn,
                _ => Level::Stop,
            };
            let text = format!(
                "probe {} passes through {} ({}) {:.1} mm below the entry, over {:.1} mm; choose another way in",
                n + 1,
                crossing.name,
                structure_word(crossing.kind),
                crossing.from_mm,
                crossing.length_mm
            );
            found.push(Finding::new(format!("way.{}", structure_word(crossing.kind)), level, text, FROM_GEOMETRY));
        }
    }
    if found.is_empty() {
        let text = "no marked structure lies on the way of a probe";
        found.push(Finding::new("way.clear", Level::Ok, text, FROM_GEOMETRY));
    }
    found
}

/// A probe cannot lie where the nerve lies: it pushes the nerve aside or pierces it.
pub(super) fn nerve_pierced(e: &Evidence) -> Option<Finding> {
    let deepest = |placement: &ProbePlacement| {
        let shape = e.catalogues.probes.find(&placement.probe).and_then(|p| p.shape().ok());
        let radius_mm = shape.map_or(0.0, |s| s.radius_mm);
        let on_the_way = placement.way().samples(0.25).into_iter();
        on_the_way.map(|p| radius_mm - e.anatomy.nerve.course.surface_distance_mm(p)).fold(f64::NEG_INFINITY, f64::max)
    };
    let inside_mm = e.plan.placements().iter().map(deepest).fold(f64::NEG_INFINITY, f64::max);
    (inside_mm > NERVE_CONTACT_MM).then(|| {
        let text = format!(
            "the probe as planned reaches {inside_mm:.1} mm into the nerve; plan it beside the nerve, where it will come to lie"
        );
        Finding::new("nerve.pierced", Level::Warn, text, FROM_GEOMETRY)
    })
}

/// A drawn nerve and a planned probe that touch are not told apart more finely than this.
const NERVE_CONTACT_MM: f64 = 0.1;

/// Fluid runs where it finds room; a plan that counts on it must not pass as if that were certain.
pub(super) fn fluid(e: &Evidence) -> Option<Finding> {
    let millilitres: f64 = e.plan.fluid().iter().map(|fluid| fluid.millilitres).sum();
    (millilitres > 0.0).then(|| {
        let text = format!(
            "{millilitres:.1} ml of fluid are taken to lie exactly where they are planned; where fluid really runs is not known, look at \
             it under ultrasound before the gas goes on"
        );
        Finding::new("fluid.spread", Level::Unknown, text, FROM_GEOMETRY)
    })
}

/// A structure drawn in the air or off the image was drawn with wrong coordinates, and cannot be judged.
pub(super) fn drawn_outside(e: &Evidence) -> Vec<Finding> {
    let mut found = Vec::new();
    for structure in &e.anatomy.structures {
        let Marked::Marked(Shape::Course(course)) = &structure.shape else { continue };
        let outside =
            |p: &frostline_space::CoursePoint| e.anatomy.tissues.at(p.centre).is_none_or(|t| t == TissueKind::Outside);
        if let Some(n) = course.points().iter().position(outside) {
            let text = format!(
                "point {} of {} at {} lies outside the limb or the image; correct its coordinates, it cannot be judged like this",
                n + 1,
                structure.name,
                course.points()[n].centre
            );
            let id = format!("{}.drawn-outside", structure_word(structure.kind));
            found.push(Finding::new(id, Level::Warn, text, FROM_GEOMETRY));
        }
    }
    found
}

pub(super) fn calibration(e: &Evidence) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for placement in e.plan.placements() {
        let Some(probe) = e.catalogues.probes.find(&placement.probe) else { continue };
        let id = "probe.calibration";
        let spread_k = probe.uncertainty.value.surface_k;
        if found.iter().any(|f| f.text.contains(&probe.name)) {
            continue;
        }
        if probe.calibration.state == CalibrationState::Calibrated {
            // A law that stands for a model needs no finding; one that stands for a single probe must meet that probe.
            found.extend(probe.calibration.serial.as_ref().map(|serial| {
                let against = &probe.calibration.against;
                let text = format!("{}: {against}; it holds for the probe with serial {serial} alone", probe.name);
                Finding::new(id, Level::Ok, text, &probe.uncertainty.source)
            }));
            continue;
        }
        let percent = e.catalogues.probes.band(probe, 0.0).percent;
        let text = format!(
            "{} is not calibrated against a published ice size; its surface may be {spread_k:.0} K warmer or colder, and 0 °C ice \
             {percent:.0} % smaller or larger",
            probe.name
        );
        found.push(Finding::new(id, Level::Warn, text, &probe.uncertainty.source));
    }
    found
}
