//! What a scene must be before anything is computed.

use crate::ScenePoint;
use crate::probe::{Cooling, SceneProbe, TipShape};
use crate::protocol::PhaseKind;
use crate::scene::{Held, Medium, OuterFace, SceneParts, Start};

mod tissue;

use tissue::check_tissue;

/// Why parts do not make a scene.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SceneError {
    /// One number per cell was expected.
    #[error("{what} has {found} entries for a grid of {cells} cells; give one per cell")]
    WrongLength {
        /// The list.
        what: &'static str,
        /// Its length.
        found: usize,
        /// Cells of the grid.
        cells: usize,
    },
    /// A cell of a medium that was not given.
    #[error("cell {cell} is of medium {found}, but only {media} media are given; number them from 0")]
    NoSuchMedium {
        /// Place in storage.
        cell: usize,
        /// Number found.
        found: u8,
        /// Media given.
        media: usize,
    },
    /// Nothing that conducts.
    #[error("no cell of the scene holds tissue; there is nothing to freeze")]
    NoTissue,
    /// A number that cannot be.
    #[error("{what} of {whose} is {found}; {expected}")]
    BadNumber {
        /// The quantity.
        what: &'static str,
        /// Tissue, medium, probe or the scene itself.
        whose: String,
        /// The number found.
        found: f64,
        /// What it must be.
        expected: &'static str,
    },
    /// A probe that does not lie in the box.
    #[error(
        "the cold length of {probe} reaches {place:?} mm, outside the box of the scene; enlarge the box or move the probe"
    )]
    ProbeOutside {
        /// Which probe.
        probe: String,
        /// The end that lies outside.
        place: ScenePoint,
    },
    /// Two probes in one place.
    #[error(
        "the axes of {first} and {second} come within {found_mm:.2} mm, but their radii add up to {least_mm:.2} mm; move one of them"
    )]
    ProbesOverlap {
        /// One probe.
        first: String,
        /// The other.
        second: String,
        /// Distance of the axes. Unit: mm.
        found_mm: f64,
        /// Sum of the radii. Unit: mm.
        least_mm: f64,
    },
    /// Active thaw without a table.
    #[error("the schedule of {probe} thaws actively, but the probe has no warming table; add one or thaw passively")]
    NoWarming {
        /// Which probe.
        probe: String,
    },
    /// A sensor that cannot read anything.
    #[error("sensor {sensor} at {place:?} mm lies {where_it_is}; move it into tissue inside the box")]
    SensorNotInTissue {
        /// Which sensor.
        sensor: String,
        /// Where it is.
        place: ScenePoint,
        /// Outside, or in what.
        where_it_is: String,
    },
}

/// The longest time that is simulated: four hours. Unit: s.
const LONGEST_S: f64 = 4.0 * 3600.0;
/// Temperatures that any table may name. Unit: °C.
const COLDEST_C: f64 = -273.15;
const WARMEST_C: f64 = 150.0;
/// Radius of probes. Unit: mm.
const PROBE_RADIUS_MM: (f64, f64) = (0.05, 10.0);
/// Length of any part of a probe. Unit: mm.
const LONGEST_PART_MM: f64 = 1000.0;

/// A number with its name, to be judged.
struct Named<'a> {
    what: &'static str,
    whose: &'a str,
    found: f64,
}

impl Named<'_> {
    fn must(&self, holds: bool, expected: &'static str) -> Result<(), SceneError> {
        if holds && !self.found.is_nan() {
            return Ok(());
        }
        let whose = self.whose.to_owned();
        Err(SceneError::BadNumber { what: self.what, whose, found: self.found, expected })
    }

    fn positive(&self) -> Result<(), SceneError> {
        self.must(self.found > 0.0 && self.found.is_finite(), "it must be above 0 and finite")
    }

    fn not_negative(&self) -> Result<(), SceneError> {
        self.must(self.found >= 0.0 && self.found.is_finite(), "it must be 0 or above and finite")
    }

    fn celsius(&self) -> Result<(), SceneError> {
        let expected = "it must be a temperature between -273.15 and 150 °C";
        self.must((COLDEST_C..=WARMEST_C).contains(&self.found), expected)
    }
}

/// All checks, in the order in which a person would fix what they find.
pub(crate) fn check(parts: &SceneParts) -> Result<(), SceneError> {
    check_media(parts)?;
    check_cells(parts)?;
    let scene = "the scene";
    Named { what: "the arterial temperature", whose: scene, found: parts.arterial_c }.celsius()?;
    let duration = Named { what: "the duration", whose: scene, found: parts.duration_s };
    duration.must(parts.duration_s > 0.0 && parts.duration_s <= LONGEST_S, "it must be above 0 and at most 14400 s")?;
    for face in &parts.outer {
        if let OuterFace::Held { celsius } = face {
            Named { what: "the temperature of an outer face", whose: scene, found: *celsius }.celsius()?;
        }
    }
    for &found in &parts.isotherms_c {
        Named { what: "an isotherm", whose: scene, found }.celsius()?;
    }
    for probe in &parts.probes {
        check_probe(parts, probe)?;
    }
    check_apart(&parts.probes)?;
    check_sensors(parts)
}

fn check_media(parts: &SceneParts) -> Result<(), SceneError> {
    for medium in &parts.media {
        match medium {
            Medium::Tissue(tissue) => check_tissue(tissue)?,
            Medium::Held(held) => check_held(held)?,
        }
    }
    Ok(())
}

fn check_held(held: &Held) -> Result<(), SceneError> {
    let named = |what, found| Named { what, whose: &held.name, found };
    named("the temperature (°C)", held.celsius).celsius()?;
    let expected = "it must be above 0; infinite holds the wall itself";
    named("the film (W/(m2 K))", held.film_w_per_m2_k).must(held.film_w_per_m2_k > 0.0, expected)
}

fn check_cells(parts: &SceneParts) -> Result<(), SceneError> {
    let cells = parts.grid.cell_count();
    if parts.medium.len() != cells {
        return Err(SceneError::WrongLength { what: "the list of media", found: parts.medium.len(), cells });
    }
    let media = parts.media.len();
    if let Some((cell, &found)) = parts.medium.iter().enumerate().find(|(_, m)| usize::from(**m) >= media) {
        return Err(SceneError::NoSuchMedium { cell, found, media });
    }
    let is_tissue = |m: &u8| matches!(parts.media[usize::from(*m)], Medium::Tissue(_));
    if !parts.medium.iter().any(is_tissue) {
        return Err(SceneError::NoTissue);
    }
    match &parts.start {
        Start::Uniform { celsius } => {
            Named { what: "the start temperature", whose: "the scene", found: *celsius }.celsius()
        }
        Start::Steady => Ok(()),
        Start::Cells(start) if start.len() != cells => {
            Err(SceneError::WrongLength { what: "the list of start temperatures", found: start.len(), cells })
        }
        Start::Cells(start) => {
            // What is held has its own temperature, so its entries are not read.
            let read = start.iter().zip(&parts.medium).filter(|(_, m)| is_tissue(m));
            for (&found, _) in read {
                Named { what: "a start temperature", whose: "the scene", found: f64::from(found) }.celsius()?;
            }
            Ok(())
        }
    }
}

fn check_probe(parts: &SceneParts, probe: &SceneProbe) -> Result<(), SceneError> {
    let named = |what, found| Named { what, whose: &probe.name, found };
    let shape = &probe.shape;
    let (thin, thick) = PROBE_RADIUS_MM;
    let radius = named("the radius (mm)", shape.radius_mm);
    radius.must((thin..=thick).contains(&shape.radius_mm), "it must lie between 0.05 and 10 mm")?;
    named("the active length (mm)", shape.active_length_mm).positive()?;
    named("the dead tip (mm)", shape.dead_tip_mm).not_negative()?;
    named("the shaft length (mm)", shape.shaft_length_mm).not_negative()?;
    let total = named("the whole length (mm)", shape.total_length_mm());
    total.must(shape.total_length_mm() <= LONGEST_PART_MM, "it must be at most 1000 mm")?;
    check_cooling(probe)?;
    for phase in &probe.schedule.phases {
        named("the length of a phase (s)", phase.duration_s).not_negative()?;
        if phase.kind == PhaseKind::ActiveThaw && probe.warming.is_none() {
            return Err(SceneError::NoWarming { probe: probe.name.clone() });
        }
    }
    let cold_end = match shape.tip {
        TipShape::Endless => probe.tip,
        _ => probe.tip + probe.towards_hub * (shape.dead_tip_mm + shape.active_length_mm),
    };
    let outer = parts.grid.outer_box();
    for place in [probe.tip, cold_end] {
        if !place.is_finite() || !outer.contains(place) {
            return Err(SceneError::ProbeOutside { probe: probe.name.clone(), place });
        }
    }
    Ok(())
}

fn check_cooling(probe: &SceneProbe) -> Result<(), SceneError> {
    let named = |what, found| Named { what, whose: &probe.name, found };
    let table = match &probe.cooling {
        Cooling::Surface(table) => table,
        Cooling::Film { gas_c, film_w_per_m2_k, most_power_w } => {
            named("the film inside the wall (W/(m2 K))", *film_w_per_m2_k).positive()?;
            let power = named("the greatest power (W)", *most_power_w);
            power.must(*most_power_w > 0.0, "it must be above 0; infinite sets no limit")?;
            gas_c
        }
    };
    for &(_, found) in table.pairs().iter().chain(probe.warming.iter().flat_map(|t| t.pairs())) {
        named("a temperature of a table (°C)", found).celsius()?;
    }
    Ok(())
}

/// The axis from tip to the end of the shaft.
fn ends(probe: &SceneProbe) -> (ScenePoint, ScenePoint) {
    let reach = if probe.shape.tip == TipShape::Endless { LONGEST_PART_MM } else { 0.0 };
    let back = probe.tip - probe.towards_hub * reach;
    (back, probe.tip + probe.towards_hub * probe.shape.total_length_mm().max(reach))
}

fn check_apart(probes: &[SceneProbe]) -> Result<(), SceneError> {
    for (n, first) in probes.iter().enumerate() {
        for second in &probes[n + 1..] {
            let found_mm = axis_distance_mm(ends(first), ends(second));
            let least_mm = first.shape.radius_mm + second.shape.radius_mm;
            if found_mm < least_mm {
                let (first, second) = (first.name.clone(), second.name.clone());
                return Err(SceneError::ProbesOverlap { first, second, found_mm, least_mm });
            }
        }
    }
    Ok(())
}

/// Distance of two straight pieces: the distance of a point of one from the other is convex along the one, so thirds are
/// cut off until nothing is left.
fn axis_distance_mm(a: (ScenePoint, ScenePoint), b: (ScenePoint, ScenePoint)) -> f64 {
    let from_b = |fraction: f64| {
        let place = a.0.towards(a.1, fraction);
        let along = b.1 - b.0;
        let length_squared = along.dot(along);
        let foot = if length_squared > 0.0 { ((place - b.0).dot(along) / length_squared).clamp(0.0, 1.0) } else { 0.0 };
        place.distance(b.0.towards(b.1, foot))
    };
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..80 {
        let (left, right) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        if from_b(left) < from_b(right) {
            high = right;
        } else {
            low = left;
        }
    }
    from_b(0.5 * (low + high))
}

fn check_sensors(parts: &SceneParts) -> Result<(), SceneError> {
    for sensor in &parts.sensors {
        let refuse = |where_it_is: String| SceneError::SensorNotInTissue {
            sensor: sensor.name.clone(),
            place: sensor.place,
            where_it_is,
        };
        let Some(cell) = parts.grid.cell_at(sensor.place) else {
            return Err(refuse("outside the box of the scene".into()));
        };
        let medium = &parts.media[usize::from(parts.medium[parts.grid.offset(cell)])];
        if let Medium::Held(held) = medium {
            return Err(refuse(format!("in {}, which is held at {} °C", held.name, held.celsius)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::{ProbeShape, Shaft};
    use crate::{
        FreezeScene, Freezing, Reperfusion, SceneBox, SceneDirection, SceneGrid, Schedule, Sensor, TemperatureTable,
        TimeTable, Tissue,
    };

    fn tissue() -> Tissue {
        Tissue {
            name: "muscle".into(),
            density_kg_per_m3: 1000.0,
            unfrozen_w_per_m_k: 0.5,
            unfrozen_j_per_kg_k: 3600.0,
            frozen_w_per_m_k: TemperatureTable::constant(2.0),
            frozen_j_per_kg_k: TemperatureTable::constant(1800.0),
            freezing_starts_c: -1.0,
            freezing: Freezing::Linear { ends_c: -8.0, latent_j_per_kg: 250e3 },
            lipid: None,
            perfusion_w_per_m3_k: 0.0,
            metabolic_w_per_m3: 0.0,
        }
    }

    fn probe(name: &str, x_mm: f64) -> SceneProbe {
        SceneProbe {
            name: name.into(),
            tip: ScenePoint::new(x_mm, 0.0, -2.0),
            towards_hub: SceneDirection::along_z(),
            shape: ProbeShape {
                radius_mm: 0.65,
                active_length_mm: 4.0,
                dead_tip_mm: 0.0,
                shaft_length_mm: 50.0,
                tip: TipShape::Flat,
                shaft: Shaft::Insulated,
            },
            cooling: Cooling::Surface(TimeTable::constant(-70.0)),
            warming: None,
            schedule: Schedule::one_freeze(60.0),
        }
    }

    fn parts() -> SceneParts {
        let outer = SceneBox { least: ScenePoint::new(-5.0, -5.0, -5.0), most: ScenePoint::new(5.0, 5.0, 5.0) };
        let grid = SceneGrid::uniform(outer, 1.0).unwrap();
        SceneParts {
            medium: vec![0; grid.cell_count()],
            grid,
            media: vec![Medium::Tissue(tissue())],
            arterial_c: 37.0,
            start: Start::Uniform { celsius: 37.0 },
            outer: [OuterFace::Insulated; 6],
            reperfusion: Reperfusion::Never,
            probes: vec![probe("first", 0.0)],
            sensors: vec![],
            isotherms_c: vec![0.0],
            duration_s: 60.0,
        }
    }

    fn refused(change: impl FnOnce(&mut SceneParts)) -> SceneError {
        let mut parts = parts();
        change(&mut parts);
        FreezeScene::new(parts).expect_err("refused")
    }

    #[test]
    fn a_scene_that_makes_sense_is_taken() {
        assert!(FreezeScene::new(parts()).is_ok());
    }

    #[test]
    fn a_probe_outside_the_box_is_refused_with_its_name() {
        let error = refused(|p| p.probes[0].tip = ScenePoint::new(0.0, 0.0, 4.0));
        assert!(matches!(&error, SceneError::ProbeOutside { probe, .. } if probe == "first"), "{error}");
    }

    #[test]
    fn probes_that_overlap_are_refused_and_those_that_touch_are_not() {
        let error = refused(|p| p.probes.push(probe("second", 1.2)));
        assert!(matches!(error, SceneError::ProbesOverlap { .. }), "{error}");
        let mut apart = parts();
        apart.probes.push(probe("second", 1.31));
        assert!(FreezeScene::new(apart).is_ok());
    }

    #[test]
    fn five_hours_are_refused_and_four_are_not() {
        assert!(matches!(refused(|p| p.duration_s = 18000.0), SceneError::BadNumber { .. }));
        let mut long = parts();
        long.duration_s = 14400.0;
        assert!(FreezeScene::new(long).is_ok());
    }

    #[test]
    fn a_medium_that_was_not_given_is_refused_with_its_cell() {
        let error = refused(|p| p.medium[17] = 3);
        assert_eq!(error, SceneError::NoSuchMedium { cell: 17, found: 3, media: 1 });
    }

    #[test]
    fn a_start_that_is_not_a_number_is_refused() {
        let error = refused(|p| p.start = Start::Cells(vec![f32::NAN; 1000]));
        assert!(matches!(error, SceneError::BadNumber { .. }), "{error}");
    }

    #[test]
    fn active_thaw_without_a_table_is_refused() {
        let error = refused(|p| p.probes[0].schedule = Schedule::of(&[(PhaseKind::ActiveThaw, 30.0)]));
        assert_eq!(error, SceneError::NoWarming { probe: "first".into() });
    }

    #[test]
    fn a_sensor_in_the_air_is_refused() {
        let error = refused(|p| {
            p.media.push(Medium::Held(Held { name: "air".into(), celsius: 22.0, film_w_per_m2_k: 8.0 }));
            p.medium[0] = 1;
            p.sensors = vec![Sensor { name: "S1".into(), place: ScenePoint::new(-4.5, -4.5, -4.5) }];
        });
        assert!(error.to_string().contains("in air, which is held at 22 °C"), "{error}");
    }
}
