//! What was measured on the bench, checked.

use frostline_freeze::{FreezeScene, PhaseKind, ProbeShape, SceneError, SceneParts, ScenePoint, SceneVector, Sensor};

/// One reading of a thermocouple.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Since the first gas on. Unit: s.
    pub at_s: f64,
    /// Unit: °C.
    pub celsius: f64,
}

/// A thermocouple beside the probe.
#[derive(Clone, Debug, PartialEq)]
pub struct Couple {
    /// What it is called.
    pub name: String,
    /// From the axis of the probe. Unit: mm.
    pub r_mm: f64,
    /// From the very tip, towards the hub; negative beyond the tip. Unit: mm.
    pub z_mm: f64,
    /// In order of time.
    pub readings: Vec<Reading>,
}

/// A measured size of ice.
#[derive(Clone, Debug, PartialEq)]
pub struct IceSize {
    /// Since the first gas on. Unit: s.
    pub at_s: f64,
    /// The isotherm that was measured. Unit: °C.
    pub celsius: f64,
    /// Across the probe. Unit: mm.
    pub width_mm: Option<f64>,
    /// Along the probe. Unit: mm.
    pub length_mm: Option<f64>,
    /// Standard deviation of the width. Unit: mm.
    pub width_spread_mm: f64,
    /// Standard deviation of the length. Unit: mm.
    pub length_spread_mm: f64,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq)]
pub enum Measured {
    /// Temperatures at places.
    Couples(Vec<Couple>),
    /// Sizes of ice.
    Sizes(Vec<IceSize>),
}

/// How well things are known; standard deviations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accuracy {
    /// Of a thermocouple reading. Unit: K.
    pub couple_k: f64,
    /// Of the distance of a thermocouple from the probe. Unit: mm.
    pub place_mm: f64,
}

/// Why a bench run cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BenchError {
    /// Not exactly one probe.
    #[error("the bench has {found} probes; a cooling law is fitted to one probe at a time")]
    OneProbe {
        /// Probes found.
        found: usize,
    },
    /// A probe that never freezes.
    #[error("no phase of the bench run is a freeze; give phases with the times of gas on and off")]
    NoFreeze,
    /// A couple inside the metal.
    #[error(
        "thermocouple \"{name}\" lies {r_mm} mm from the axis at {z_mm} mm from the tip, inside the probe of {radius_mm} mm \
         radius; give its distance from the axis, not from the surface"
    )]
    InsideTheProbe {
        /// The couple.
        name: String,
        /// From the axis.
        r_mm: f64,
        /// From the tip.
        z_mm: f64,
        /// Of the probe.
        radius_mm: f64,
    },
    /// A couple outside the bath.
    #[error(
        "thermocouple \"{name}\" lies {r_mm} mm from the axis at {z_mm} mm from the tip, outside the bath; correct its place or \
         make the bath larger"
    )]
    OutsideTheBath {
        /// The couple.
        name: String,
        /// From the axis.
        r_mm: f64,
        /// From the tip.
        z_mm: f64,
    },
    /// Times that do not grow.
    #[error("row {row} is at {at_s} s, after a row at {before_s} s; rows must be in order of time, each time once")]
    TimesOutOfOrder {
        /// Number of the row, from 1.
        row: usize,
        /// Its time.
        at_s: f64,
        /// The time before.
        before_s: f64,
    },
    /// A number that cannot be one.
    #[error("{what} is {found}, expected {expected}; correct it or leave the field empty")]
    BadNumber {
        /// Which number.
        what: String,
        /// What was found.
        found: f64,
        /// What may be there.
        expected: &'static str,
    },
    /// Too little to fit anything.
    #[error(
        "found {found} usable values up to the end of the last freeze, expected at least {needed}; measure longer, or at more places"
    )]
    TooFew {
        /// Values found.
        found: usize,
        /// Values needed.
        needed: usize,
    },
    /// A size without any extent.
    #[error("row {row} has neither width nor length; give at least one of them")]
    NoExtent {
        /// Number of the row, from 1.
        row: usize,
    },
    /// A scene the engine refuses.
    #[error(transparent)]
    Scene(#[from] SceneError),
}

/// A bench run that can be fitted: one probe that freezes, places outside it, times in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Bench {
    parts: SceneParts,
    measured: Measured,
    accuracy: Accuracy,
    unused: usize,
}

/// Fewer readings than this say nothing about a course over time.
const FEWEST_READINGS: usize = 5;

impl Bench {
    /// Checks what was measured against the scene it was measured in. The cooling law in the scene does not matter.
    ///
    /// # Errors
    /// [`BenchError`] with what was found, what was expected and what to do.
    pub fn new(mut parts: SceneParts, mut measured: Measured, accuracy: Accuracy) -> Result<Self, BenchError> {
        let [probe] = &parts.probes[..] else { return Err(BenchError::OneProbe { found: parts.probes.len() }) };
        let end_s = last_freeze_end_s(&probe.schedule.phases).ok_or(BenchError::NoFreeze)?;
        positive("the accuracy of a reading (K)", accuracy.couple_k)?;
        positive("the accuracy of a place (mm)", accuracy.place_mm)?;
        match &measured {
            Measured::Couples(couples) => check_couples(couples, &parts)?,
            Measured::Sizes(sizes) => check_sizes(sizes)?,
        }
        let before = count(&measured);
        keep_until(&mut measured, end_s);
        let (found, needed) = match &measured {
            Measured::Couples(_) => (count(&measured), FEWEST_READINGS),
            Measured::Sizes(_) => (count(&measured), 1),
        };
        if found < needed {
            return Err(BenchError::TooFew { found, needed });
        }
        parts.duration_s = end_s;
        (parts.sensors, parts.isotherms_c) = recorded(&measured, &parts, accuracy);
        // Refused now rather than in the middle of the fit.
        FreezeScene::new(parts.clone())?;
        Ok(Self { parts, measured, accuracy, unused: before - found })
    }

    /// The scene, with sensors for every couple or the isotherms that were measured.
    pub fn parts(&self) -> &SceneParts {
        &self.parts
    }

    /// What was measured up to the end of the last freeze.
    pub fn measured(&self) -> &Measured {
        &self.measured
    }

    /// How well things are known.
    pub fn accuracy(&self) -> Accuracy {
        self.accuracy
    }

    /// Values after the last freeze, which say nothing about cooling and are left out.
    pub fn unused(&self) -> usize {
        self.unused
    }
}

/// Values measured.
fn count(measured: &Measured) -> usize {
    match measured {
        Measured::Couples(couples) => couples.iter().map(|c| c.readings.len()).sum(),
        Measured::Sizes(sizes) => {
            sizes.iter().map(|s| usize::from(s.width_mm.is_some()) + usize::from(s.length_mm.is_some())).sum()
        }
    }
}

fn keep_until(measured: &mut Measured, end_s: f64) {
    match measured {
        Measured::Couples(couples) => {
            couples.iter_mut().for_each(|couple| couple.readings.retain(|reading| reading.at_s <= end_s));
        }
        Measured::Sizes(sizes) => sizes.retain(|size| size.at_s <= end_s),
    }
}

fn last_freeze_end_s(phases: &[frostline_freeze::Phase]) -> Option<f64> {
    let mut now_s = 0.0;
    let mut end_s = None;
    for phase in phases {
        now_s += phase.duration_s;
        if phase.kind == PhaseKind::Freeze && phase.duration_s > 0.0 {
            end_s = Some(now_s);
        }
    }
    end_s
}

fn positive(what: &str, found: f64) -> Result<(), BenchError> {
    if found > 0.0 && found.is_finite() {
        return Ok(());
    }
    Err(BenchError::BadNumber { what: what.to_owned(), found, expected: "a number above 0" })
}

fn between(
    what: impl Fn() -> String,
    found: f64,
    least: f64,
    most: f64,
    expected: &'static str,
) -> Result<(), BenchError> {
    if found >= least && found <= most {
        return Ok(());
    }
    Err(BenchError::BadNumber { what: what(), found, expected })
}

fn check_couples(couples: &[Couple], parts: &SceneParts) -> Result<(), BenchError> {
    let shape = parts.probes[0].shape;
    for couple in couples {
        let (name, r_mm, z_mm) = (couple.name.clone(), couple.r_mm, couple.z_mm);
        between(|| format!("r_mm of thermocouple \"{name}\""), r_mm, 0.0, 500.0, "0 to 500 mm")?;
        between(|| format!("z_mm of thermocouple \"{name}\""), z_mm, -500.0, 500.0, "-500 to 500 mm")?;
        let beside = z_mm >= 0.0 && z_mm <= shape.total_length_mm();
        // A couple soldered to the wall lies exactly on it; the last digit must not throw it inside.
        if beside && r_mm < shape.radius_mm * (1.0 - 1e-9) {
            return Err(BenchError::InsideTheProbe { name, r_mm, z_mm, radius_mm: shape.radius_mm });
        }
        let edges = parts.grid.edges_mm();
        let inside = |edges: &[f64], at: f64| edges.first() <= Some(&at) && Some(&at) <= edges.last();
        if !(inside(&edges[0], r_mm) && inside(&edges[2], z_mm)) {
            return Err(BenchError::OutsideTheBath { name, r_mm, z_mm });
        }
        let mut before_s = f64::NEG_INFINITY;
        for (n, reading) in couple.readings.iter().enumerate() {
            let row = n + 1;
            between(|| format!("the time of row {row}"), reading.at_s, 0.0, 14_400.0, "0 to 14400 s since gas on")?;
            let what = || format!("the reading of \"{}\" at {} s", couple.name, reading.at_s);
            between(what, reading.celsius, -200.0, 100.0, "-200 to 100 °C")?;
            if reading.at_s <= before_s {
                return Err(BenchError::TimesOutOfOrder { row, at_s: reading.at_s, before_s });
            }
            before_s = reading.at_s;
        }
    }
    Ok(())
}

fn check_sizes(sizes: &[IceSize]) -> Result<(), BenchError> {
    let mut before_s = f64::NEG_INFINITY;
    for (n, size) in sizes.iter().enumerate() {
        let row = n + 1;
        between(|| format!("the time of row {row}"), size.at_s, 0.0, 14_400.0, "0 to 14400 s since gas on")?;
        // Two isotherms may be measured at one time.
        if size.at_s < before_s {
            return Err(BenchError::TimesOutOfOrder { row, at_s: size.at_s, before_s });
        }
        before_s = size.at_s;
        between(|| format!("the isotherm of row {row}"), size.celsius, -150.0, 0.0, "-150 to 0 °C")?;
        let extents =
            [("width", size.width_mm, size.width_spread_mm), ("length", size.length_mm, size.length_spread_mm)];
        if size.width_mm.is_none() && size.length_mm.is_none() {
            return Err(BenchError::NoExtent { row });
        }
        for (what, extent_mm, spread_mm) in extents {
            let Some(extent_mm) = extent_mm else { continue };
            between(|| format!("the {what} of row {row}"), extent_mm, 0.5, 200.0, "0.5 to 200 mm")?;
            positive(&format!("the spread of the {what} of row {row} (mm)"), spread_mm)?;
        }
    }
    Ok(())
}

/// Sensors around the probe that stand for one couple. The real field is the same all around; that of the solver jumps where
/// a cell freezes, and cells at different angles freeze at different times, so that their mean runs smoothly.
pub(super) const TURNS: usize = 4;
/// The grid looks the same after a quarter turn, so more would repeat. Unit: rad.
const QUARTER_TURN: f64 = std::f64::consts::FRAC_PI_2;

/// Three places for every couple: its own, nearer and farther by the doubt about it, for the slope between.
fn recorded(measured: &Measured, parts: &SceneParts, accuracy: Accuracy) -> (Vec<Sensor>, Vec<f64>) {
    match measured {
        Measured::Couples(couples) => {
            let probe = &parts.probes[0];
            let (first, second) = probe.towards_hub.perpendiculars();
            let place = |(r_mm, z_mm): (f64, f64), turn: usize| -> ScenePoint {
                let angle = QUARTER_TURN * (turn as f64 + 0.5) / TURNS as f64;
                let out: SceneVector = first * (r_mm * angle.cos()) + second * (r_mm * angle.sin());
                probe.tip + probe.towards_hub * z_mm + out
            };
            let sensors = couples.iter().flat_map(|couple| {
                let places = Outward::of(couple, &probe.shape).places(couple, accuracy.place_mm);
                let names = ["", ", nearer", ", farther"];
                names
                    .into_iter()
                    .zip(places)
                    .flat_map(|(word, at)| (0..TURNS).map(move |turn| (word, at, turn)))
                    .map(|(word, at, turn)| Sensor { name: format!("{}{word}", couple.name), place: place(at, turn) })
            });
            (sensors.collect(), Vec::new())
        }
        Measured::Sizes(sizes) => {
            let mut isotherms_c: Vec<f64> = sizes.iter().map(|size| size.celsius).collect();
            isotherms_c.sort_by(|a, b| b.total_cmp(a));
            isotherms_c.dedup();
            (Vec::new(), isotherms_c)
        }
    }
}

/// The way out of the probe at a couple: the direction in which its temperature rises, so that a doubt about its place
/// along it is what matters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Outward {
    /// Away from the axis, and towards the hub; together of length one.
    direction: (f64, f64),
    /// How much nearer the probe the couple can lie without touching it. Unit: mm.
    room_mm: f64,
}

impl Outward {
    /// From the nearest place on the middle line of the cold part.
    pub fn of(couple: &Couple, shape: &ProbeShape) -> Self {
        let (first_mm, last_mm) = (shape.dead_tip_mm, shape.dead_tip_mm + shape.active_length_mm);
        let inset_mm = shape.radius_mm.min(0.5 * shape.active_length_mm);
        let along_mm = couple.z_mm - couple.z_mm.clamp(first_mm + inset_mm, last_mm - inset_mm);
        let distance_mm = couple.r_mm.hypot(along_mm);
        // A couple on the middle line itself was refused as inside the probe.
        let direction =
            if distance_mm > 0.0 { (couple.r_mm / distance_mm, along_mm / distance_mm) } else { (1.0, 0.0) };
        Self { direction, room_mm: (distance_mm - shape.radius_mm).max(0.0) }
    }

    /// Places (from the axis, from the tip) of the couple, nearer by at most `by_mm`, and farther by it. Unit: mm.
    fn places(self, couple: &Couple, by_mm: f64) -> [(f64, f64); 3] {
        let moved = |mm: f64| (couple.r_mm + mm * self.direction.0, couple.z_mm + mm * self.direction.1);
        [moved(0.0), moved(-by_mm.min(self.room_mm)), moved(by_mm)]
    }

    /// From the nearer place to the farther one. Unit: mm.
    pub fn apart_mm(self, by_mm: f64) -> f64 {
        by_mm + by_mm.min(self.room_mm)
    }
}
