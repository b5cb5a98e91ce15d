//! Probes, tissues, protocols, limits, nerves and their sources, read from `data/`.
//!
//! Knows: what the files may say, which numbers can be true, and where each comes from.
//! Does not know: any number of its own. Opens no file; the texts are arguments, or those built into the program.

mod limits;
mod nerves;
mod probes;
mod protocols;
mod rows;
mod segmentation;
mod sources;
mod surroundings;
mod tissues;
mod words;

pub use limits::{ColdBlock, Length, Limit, LimitLevel, Limits, NerveGoals, Regrowth, Relief, ShownIsotherms};
pub use nerves::{Fibre, MotorRisk, Nerve, Nerves, Policy, Range, Role, Surroundings};
pub use probes::{
    Calibration, CalibrationState, CoolingRow, CoolingUncertainty, Cryogen, Dimensions, NeedleRow, Probe,
    ProbeNotKnown, Probes, PublishedIce, Temperature, TipForm, WarmingRow,
};
pub use protocols::{Protocol, Protocols, Step, StepKind, Steps, StudySettings};
pub use rows::CatalogueError;
pub use segmentation::{Hounsfield, HuBand, Segmentation, Thickness, TissueBand};
pub use sources::{Known, Source, Sourced, Sources, Status};
pub use surroundings::{BodyAndRoom, Film, SkinCover, VesselWall};
pub use tissues::{FreezingRange, Frozen, FrozenPoint, TissueRow, Tissues, Unfrozen};
pub use words::{TISSUES, structure_called, structure_word, tissue_called, tissue_word};

/// The texts of the files in `data/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueTexts {
    /// `tissues.toml`.
    pub tissues: String,
    /// `surroundings.toml`.
    pub surroundings: String,
    /// `probes.toml`.
    pub probes: String,
    /// `protocols.toml`.
    pub protocols: String,
    /// `limits.toml`.
    pub limits: String,
    /// `nerves.toml`.
    pub nerves: String,
    /// `segmentation.toml`.
    pub segmentation: String,
    /// `sources.toml`.
    pub sources: String,
}

impl CatalogueTexts {
    /// The files as they were when the program was built.
    pub fn bundled() -> Self {
        Self {
            tissues: include_str!("../../../../data/tissues.toml").to_owned(),
            surroundings: include_str!("../../../../data/surroundings.toml").to_owned(),
            probes: include_str!("../../../../data/probes.toml").to_owned(),
            protocols: include_str!("../../../../data/protocols.toml").to_owned(),
            limits: include_str!("../../../../data/limits.toml").to_owned(),
            nerves: include_str!("../../../../data/nerves.toml").to_owned(),
            segmentation: include_str!("../../../../data/segmentation.toml").to_owned(),
            sources: include_str!("../../../../data/sources.toml").to_owned(),
        }
    }

    /// Each file by its name, in the order in which they are fingerprinted.
    pub fn files(&self) -> [(&'static str, &str); 8] {
        [
            ("tissues.toml", &self.tissues),
            ("surroundings.toml", &self.surroundings),
            ("probes.toml", &self.probes),
            ("protocols.toml", &self.protocols),
            ("limits.toml", &self.limits),
            ("nerves.toml", &self.nerves),
            ("segmentation.toml", &self.segmentation),
            ("sources.toml", &self.sources),
        ]
    }
}

/// All catalogues, each number with its source.
#[derive(Clone, Debug, PartialEq)]
pub struct Catalogues {
    /// Thermal properties.
    pub tissues: Tissues,
    /// Skin covers, core temperature, vessel walls.
    pub surroundings: BodyAndRoom,
    /// Probes.
    pub probes: Probes,
    /// Freezing protocols.
    pub protocols: Protocols,
    /// How cold is too cold.
    pub limits: Limits,
    /// How long relief may last.
    pub relief: Relief,
    /// The atlas.
    pub nerves: Nerves,
    /// How a CT becomes tissues.
    pub segmentation: Segmentation,
    /// Where the numbers come from.
    pub sources: Sources,
    /// The texts all of this was read from, for a fingerprint.
    pub texts: CatalogueTexts,
}

impl Catalogues {
    /// Reads all files and checks every value, every source and every cross-reference.
    ///
    /// # Errors
    /// [`CatalogueError`] naming file and row, what was found and what was expected.
    pub fn from_toml(texts: &CatalogueTexts) -> Result<Self, CatalogueError> {
        let catalogues = Self {
            tissues: Tissues::from_toml(&texts.tissues)?,
            surroundings: BodyAndRoom::from_toml(&texts.surroundings)?,
            probes: Probes::from_toml(&texts.probes)?,
            protocols: Protocols::from_toml(&texts.protocols)?,
            limits: Limits::from_toml(&texts.limits)?,
            relief: Relief::from_toml(&texts.limits)?,
            nerves: Nerves::from_toml(&texts.nerves)?,
            segmentation: Segmentation::from_toml(&texts.segmentation)?,
            sources: Sources::from_toml(&texts.sources)?,
            texts: texts.clone(),
        };
        rows::every_source_is_listed(&texts.files(), &catalogues.sources)?;
        Ok(catalogues)
    }

    /// The catalogues built into the program.
    ///
    /// # Errors
    /// [`CatalogueError`] when the files were wrong at build time, which a test refuses.
    pub fn bundled() -> Result<Self, CatalogueError> {
        Self::from_toml(&CatalogueTexts::bundled())
    }
}
