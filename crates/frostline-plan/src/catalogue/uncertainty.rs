//! What is not known when a plan is made, from `data/uncertainty.toml`, and what a case says otherwise.
//!
//! Knows: how far off each thing may be, and what somebody can do about it. Does not know: what follows for a plan.

use serde::{Deserialize, Serialize};

use super::rows::{CatalogueError, RowCheck, rows_of};
use super::sources::{Sourced, Status};

const FILE: &str = "uncertainty.toml";

/// Something that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Factor {
    /// How far the tip lands from its aim across the shaft, towards the nerve (positive) or away from it.
    PlacementTowards,
    /// How far it lands across the shaft and square to that.
    PlacementBeside,
    /// How much deeper along the shaft it lands.
    PlacementAlong,
    /// How far it lands from its aim in all; made of the three before.
    PlacementSize,
    /// How warm the surface of the probe is.
    ProbeOutput,
    /// How well frozen tissue conducts.
    FrozenConductivity,
    /// How much heat freezing gives off.
    LatentHeat,
    /// How much blood flows in the tissue.
    Perfusion,
    /// How thick the fat under the skin is.
    FatLayer,
    /// Where the nerve was drawn, towards the probe or away from it.
    NerveMarking,
    /// Where the nerve was drawn, square to that.
    NerveMarkingBeside,
    /// How deep the transducer presses what was drawn.
    TransducerPressure,
    /// How warm the blood is, and with it the limb at the start.
    BloodTemperature,
}

/// Half the width of the range that holds 95 % of what happens, in the unit of the row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Mean, against what the plan takes.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
}

/// How far from its aim a tip lands.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlacementError {
    /// Mean distance.
    pub mean_mm: f64,
    /// Standard deviation of the distance.
    pub sd_mm: f64,
}

/// In which direction it lands.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlacementShape {
    /// How much larger an error along the shaft is than one across it.
    pub along_over_across: f64,
    /// Bias along the shaft.
    pub deeper_mm: f64,
    /// Bias across the shaft.
    pub towards_nerve_mm: f64,
}

/// How probes are placed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// Key: `freehand`, `tracked`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How far off.
    pub error: Sourced<PlacementError>,
    /// In which direction.
    pub shape: Sourced<PlacementShape>,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct InSd {
    in_sd: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct HalfPercent {
    half_width_percent: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct HalfFactor {
    half_width_factor: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct HalfMm {
    half_width_mm: f64,
}

/// A displacement with a mean of its own.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bias {
    /// Mean. Unit: mm.
    deeper_mm: f64,
    half_width_mm: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Blood {
    warmer_k: f64,
    half_width_k: f64,
}

/// What somebody can do, and what is then known.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// Key.
    pub id: String,
    /// What is then known better; absent where probes are placed another way.
    pub factor: Option<Factor>,
    /// How well.
    pub left: Option<Sourced<FactorLeft>>,
    /// How probes are placed then; absent where one factor is known better.
    pub placement: Option<String>,
    /// What to do, in the words of the report.
    pub text: String,
}

/// What is left of a doubt, in the unit of its factor.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactorLeft {
    half_width_mm: Option<f64>,
    half_width_k: Option<f64>,
}

impl FactorLeft {
    /// Half width, in mm or K.
    pub fn half_width(&self) -> f64 {
        // `from_toml` has refused a row without either.
        self.half_width_mm.or(self.half_width_k).unwrap_or_default()
    }
}

/// Numbers that a case gives instead of the catalogue's; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UncertaintyChoice {
    /// Key of the placement that is meant: `freehand` or `tracked`.
    pub placement: Option<String>,
    /// Mean distance of the tip from its aim.
    pub error_mean_mm: Option<f64>,
    /// Standard deviation of that distance.
    pub error_sd_mm: Option<f64>,
    /// How much larger an error along the shaft is than one across it.
    pub along_over_across: Option<f64>,
    /// Bias along the shaft, positive when deeper.
    pub deeper_mm: Option<f64>,
    /// Bias across the shaft, positive towards the nerve.
    pub towards_nerve_mm: Option<f64>,
    /// Half width of the conductivity of frozen tissue.
    pub frozen_conductivity_percent: Option<f64>,
    /// Half width of the latent heat.
    pub latent_heat_percent: Option<f64>,
    /// Half width of the perfusion, as a factor.
    pub perfusion_factor: Option<f64>,
    /// Half width of the thickness of the fat.
    pub fat_layer_mm: Option<f64>,
    /// Half width of where nerves and vessels were drawn.
    pub nerve_marking_mm: Option<f64>,
    /// How much deeper what was drawn lies under the transducer.
    pub pressed_deeper_mm: Option<f64>,
    /// Half width of that.
    pub transducer_pressure_mm: Option<f64>,
    /// How much warmer the blood is than the catalogue says.
    pub blood_warmer_k: Option<f64>,
    /// Half width of that.
    pub blood_k: Option<f64>,
}

/// Everything that is not known.
#[derive(Clone, Debug, PartialEq)]
pub struct Uncertainties {
    half_width: Sourced<InSd>,
    placements: Vec<Placement>,
    usual: String,
    frozen_conductivity: Sourced<HalfPercent>,
    latent_heat: Sourced<HalfPercent>,
    perfusion: Sourced<HalfFactor>,
    fat_layer: Sourced<HalfMm>,
    nerve_marking: Sourced<HalfMm>,
    transducer_pressure: Sourced<Bias>,
    blood: Sourced<Blood>,
    regrowth: Sourced<InSd>,
    remedies: Vec<Remedy>,
}

const SECTIONS: [&str; 11] = [
    "half_width",
    "placement",
    "frozen_conductivity",
    "latent_heat",
    "perfusion",
    "fat_layer",
    "nerve_marking",
    "transducer_pressure",
    "blood",
    "regrowth",
    "remedy",
];

impl Uncertainties {
    /// Reads `uncertainty.toml`.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the row and the value.
    pub fn from_toml(text: &str) -> Result<Self, CatalogueError> {
        let rows = rows_of(FILE, text, &SECTIONS)?;
        let placements: Vec<Placement> = rows.list("placement")?;
        let Some(first) = placements.first() else {
            return Err(CatalogueError::MissingRow { file: FILE, row: "placement".to_owned() });
        };
        let read = Self {
            usual: first.id.clone(),
            placements,
            half_width: rows.one("half_width")?,
            frozen_conductivity: rows.one("frozen_conductivity")?,
            latent_heat: rows.one("latent_heat")?,
            perfusion: rows.one("perfusion")?,
            fat_layer: rows.one("fat_layer")?,
            nerve_marking: rows.one("nerve_marking")?,
            transducer_pressure: rows.one("transducer_pressure")?,
            blood: rows.one("blood")?,
            regrowth: rows.one("regrowth")?,
            remedies: rows.list("remedy")?,
        };
        read.check()?;
        Ok(read)
    }

    /// The ranges catch slips of the pen and what no sampling can represent.
    fn check(&self) -> Result<(), CatalogueError> {
        RowCheck::new(FILE, "half_width").between("in_sd", self.half_width.value.in_sd, 0.5, 5.0)?;
        RowCheck::new(FILE, "regrowth").between("in_sd", self.regrowth.value.in_sd, 0.5, 5.0)?;
        for placement in &self.placements {
            check_placement(placement)?;
        }
        let percent = |row, found| RowCheck::new(FILE, row).between("half_width_percent", found, 0.0, 60.0);
        percent("frozen_conductivity", self.frozen_conductivity.value.half_width_percent)?;
        percent("latent_heat", self.latent_heat.value.half_width_percent)?;
        let factor = self.perfusion.value.half_width_factor;
        RowCheck::new(FILE, "perfusion").between("half_width_factor", factor, 1.0, 10.0)?;
        let mm = |row, found| RowCheck::new(FILE, row).between("half_width_mm", found, 0.0, 20.0);
        mm("fat_layer", self.fat_layer.value.half_width_mm)?;
        mm("nerve_marking", self.nerve_marking.value.half_width_mm)?;
        mm("transducer_pressure", self.transducer_pressure.value.half_width_mm)?;
        let pressed = RowCheck::new(FILE, "transducer_pressure");
        pressed.between("deeper_mm", self.transducer_pressure.value.deeper_mm, -20.0, 20.0)?;
        let blood = RowCheck::new(FILE, "blood");
        blood.between("warmer_k", self.blood.value.warmer_k, -10.0, 5.0)?;
        blood.between("half_width_k", self.blood.value.half_width_k, 0.0, 10.0)?;
        self.remedies.iter().try_for_each(|remedy| self.check_remedy(remedy))
    }

    fn check_remedy(&self, remedy: &Remedy) -> Result<(), CatalogueError> {
        let check = RowCheck::new(FILE, &remedy.id);
        check.words("text", &remedy.text)?;
        match (&remedy.placement, remedy.factor, &remedy.left) {
            (Some(id), None, None) if self.placement(id).is_some() => Ok(()),
            (None, Some(_), Some(left)) => check.between("left.half_width", left.value.half_width(), 1e-3, 50.0),
            _ => check.wrong(
                "placement, factor, left",
                format!("{:?}, {:?}", remedy.placement, remedy.factor),
                "either a known placement, or a factor with what is left of it".to_owned(),
            ),
        }
    }

    /// The same with what a case says otherwise.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the value, what was found and what was expected.
    pub fn with(&self, choice: &UncertaintyChoice) -> Result<Self, CatalogueError> {
        let mut chosen = self.clone();
        if let Some(id) = &choice.placement {
            if chosen.placement(id).is_none() {
                return Err(CatalogueError::MissingRow { file: FILE, row: id.clone() });
            }
            chosen.usual.clone_from(id);
        }
        chosen.place_otherwise(choice);
        let c = choice;
        own(&mut chosen.frozen_conductivity, [c.frozen_conductivity_percent], |v, [x]| v.half_width_percent = x);
        own(&mut chosen.latent_heat, [c.latent_heat_percent], |v, [x]| v.half_width_percent = x);
        own(&mut chosen.perfusion, [c.perfusion_factor], |v, [x]| v.half_width_factor = x);
        own(&mut chosen.fat_layer, [c.fat_layer_mm], |v, [x]| v.half_width_mm = x);
        own(&mut chosen.nerve_marking, [c.nerve_marking_mm], |v, [x]| v.half_width_mm = x);
        own(&mut chosen.transducer_pressure, [c.pressed_deeper_mm], |v, [x]| v.deeper_mm = x);
        own(&mut chosen.transducer_pressure, [c.transducer_pressure_mm], |v, [x]| v.half_width_mm = x);
        own(&mut chosen.blood, [c.blood_warmer_k], |v, [x]| v.warmer_k = x);
        own(&mut chosen.blood, [c.blood_k], |v, [x]| v.half_width_k = x);
        chosen.check()?;
        Ok(chosen)
    }

    /// The numbers of the placement that is meant.
    fn place_otherwise(&mut self, choice: &UncertaintyChoice) {
        let usual = self.usual.clone();
        let Some(placement) = self.placements.iter_mut().find(|placement| placement.id == usual) else { return };
        own(&mut placement.error, [choice.error_mean_mm], |v, [x]| v.mean_mm = x);
        own(&mut placement.error, [choice.error_sd_mm], |v, [x]| v.sd_mm = x);
        own(&mut placement.shape, [choice.along_over_across], |v, [x]| v.along_over_across = x);
        own(&mut placement.shape, [choice.deeper_mm], |v, [x]| v.deeper_mm = x);
        own(&mut placement.shape, [choice.towards_nerve_mm], |v, [x]| v.towards_nerve_mm = x);
    }

    /// The placement with this key.
    pub fn placement(&self, id: &str) -> Option<&Placement> {
        self.placements.iter().find(|placement| placement.id == id)
    }

    /// All placements, in the order of the file.
    pub fn placements(&self) -> &[Placement] {
        &self.placements
    }

    /// Key of the placement that is meant where nobody says which.
    pub fn usual_placement(&self) -> &str {
        &self.usual
    }

    /// What can be done.
    pub fn remedies(&self) -> &[Remedy] {
        &self.remedies
    }

    /// Standard deviations in a half width.
    pub fn half_width_in_sd(&self) -> f64 {
        self.half_width.value.in_sd
    }

    /// Standard deviations from the mean to the ends of the interval of the speed of regrowth.
    pub fn regrowth_in_sd(&self) -> f64 {
        self.regrowth.value.in_sd
    }

    /// Mean and standard deviation of what one factor is off by: K for the blood, mm for places, a share for conductivity and
    /// latent heat, the logarithm of a factor for perfusion. `None` for placement and the output of a probe, which have
    /// rows of their own.
    pub fn spread(&self, factor: Factor) -> Option<Spread> {
        const PERCENT: f64 = 100.0;
        let (mean, half_width) = match factor {
            Factor::FrozenConductivity => (0.0, self.frozen_conductivity.value.half_width_percent / PERCENT),
            Factor::LatentHeat => (0.0, self.latent_heat.value.half_width_percent / PERCENT),
            Factor::Perfusion => (0.0, self.perfusion.value.half_width_factor.ln()),
            Factor::FatLayer => (0.0, self.fat_layer.value.half_width_mm),
            Factor::NerveMarking | Factor::NerveMarkingBeside => (0.0, self.nerve_marking.value.half_width_mm),
            Factor::TransducerPressure => {
                let pressed = self.transducer_pressure.value;
                (pressed.deeper_mm, pressed.half_width_mm)
            }
            Factor::BloodTemperature => (self.blood.value.warmer_k, self.blood.value.half_width_k),
            Factor::PlacementTowards
            | Factor::PlacementBeside
            | Factor::PlacementAlong
            | Factor::PlacementSize
            | Factor::ProbeOutput => return None,
        };
        Some(Spread { mean, sd: half_width / self.half_width.value.in_sd })
    }

    /// Source, status and note of what a factor's numbers come from; `None` as for [`Self::spread`].
    pub fn evidence(&self, factor: Factor) -> Option<(&str, Status, &str)> {
        fn of<T>(row: &Sourced<T>) -> Option<(&str, Status, &str)> {
            Some((row.source.as_str(), row.status, row.note.as_str()))
        }
        match factor {
            Factor::FrozenConductivity => of(&self.frozen_conductivity),
            Factor::LatentHeat => of(&self.latent_heat),
            Factor::Perfusion => of(&self.perfusion),
            Factor::FatLayer => of(&self.fat_layer),
            Factor::NerveMarking | Factor::NerveMarkingBeside => of(&self.nerve_marking),
            Factor::TransducerPressure => of(&self.transducer_pressure),
            Factor::BloodTemperature => of(&self.blood),
            _ => None,
        }
    }
}

fn check_placement(placement: &Placement) -> Result<(), CatalogueError> {
    let check = RowCheck::new(FILE, &placement.id);
    check.words("name", &placement.name)?;
    let (error, shape) = (placement.error.value, placement.shape.value);
    check.between("error.mean_mm", error.mean_mm, 0.01, 30.0)?;
    // A distance of a normal error has at least this spread; a narrower one is no scatter around an aim.
    check.between("error.sd_mm", error.sd_mm, LEAST_VARIATION * error.mean_mm, 10.0 * error.mean_mm)?;
    check.between("shape.along_over_across", shape.along_over_across, 0.1, 10.0)?;
    check.between("shape.deeper_mm", shape.deeper_mm, -30.0, 30.0)?;
    check.between("shape.towards_nerve_mm", shape.towards_nerve_mm, -30.0, 30.0)
}

/// Standard deviation over mean of the length of an isotropic normal vector: sqrt(3 pi / 8 - 1) = 0.4220, rounded up.
const LEAST_VARIATION: f64 = 0.4221;

/// Source of numbers that a case gives instead.
const OF_THE_CASE: &str = "design";

/// Puts a number of the case in, with where it comes from.
fn own<T>(row: &mut Sourced<T>, given: [Option<f64>; 1], put: impl Fn(&mut T, [f64; 1])) {
    if let [Some(found)] = given {
        put(&mut row.value, [found]);
        row.source = OF_THE_CASE.to_owned();
        row.status = Status::Design;
        row.note = "From the case file.".to_owned();
    }
}
