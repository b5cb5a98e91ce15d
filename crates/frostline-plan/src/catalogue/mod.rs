//! Probes, tissues, protocols, limits, nerves and their sources, read from `data/`.
//!
//! Knows: what the files may say, which numbers can be true, and where each comes from.
//! Does not know: any number of its own. Opens no file; the texts are arguments, or those built into the program.

mod band;
mod calibrated;
mod composition;
#[cfg(test)]
mod evidence_tests;
mod limits;
mod nerves;
mod probes;
mod proposing;
mod protocols;
mod rows;
mod segmentation;
mod site;
mod sources;
mod surroundings;
mod tissue_model;
mod tissues;
mod uncertainty;
mod varied;
mod words;

pub use band::{IceBand, SearchRanges, Sensitivity};
pub use composition::{Composition, Compositions, Ice, Mixture, Part, Recommended, even_range};
pub use limits::{ColdBlock, Length, Limit, LimitLevel, Limits, NerveGoals, Regrowth, Relief, ShownIsotherms};
pub use nerves::{Fibre, Limb, MotorRisk, Nerve, Nerves, Policy, Range, Restriction, Role, Surroundings};
pub use probes::{
    Calibration, CalibrationState, CoolingRow, CoolingUncertainty, Cryogen, Dimensions, NeedleRow, Probe,
    ProbeNotKnown, Probes, PublishedIce, SizeResidual, Temperature, TipForm, WarmingRow,
};
pub use proposing::{
    AimBeyond, Clearance, FluidTried, FreezeTimes, LongestProtocol, Positions, Proposing, Room, ShaftAngle,
    SkinContacts, ThawTimes, ThroughSkin, Transducer,
};
pub use protocols::{Protocol, Protocols, RescueRow, Step, StepKind, Steps, StudySettings};
pub use rows::{CatalogueError, Rows, every_source_is_listed, rows_of};
pub use segmentation::{Hounsfield, HuBand, Segmentation, Thickness, TissueBand};
pub use site::{SiteChoice, SiteGoals, SiteLimit, SiteLimitError};
pub use sources::{Known, Reading, Source, Sourced, Sources, Status};
pub use surroundings::{BodyAndRoom, Film, FluidRow, SkinCover, VesselWall};
pub use tissue_model::{FreezingCurve, TissueModel, TissueModelChoice};
pub use tissues::{FreezingRange, Frozen, FrozenPoint, Lipid, TissueRow, Tissues, Unfrozen};
pub use uncertainty::{
    Bias, Factor, FactorLeft, Placement, PlacementError, PlacementShape, Remedy, Spread, Uncertainties,
    UncertaintyChoice,
};
pub use varied::Variation;
pub use words::{TISSUES, structure_called, structure_word, tissue_called, tissue_word};

/// The texts of the files in `data/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueTexts {
    /// `tissues.toml`.
    pub tissues: String,
    /// `composition.toml`.
    pub composition: String,
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
    /// `uncertainty.toml`.
    pub uncertainty: String,
    /// `propose.toml`.
    pub propose: String,
    /// `sources.toml`.
    pub sources: String,
}

impl CatalogueTexts {
    /// The files as they were when the program was built.
    pub fn bundled() -> Self {
        Self {
            tissues: include_str!("../../../../data/tissues.toml").to_owned(),
            composition: include_str!("../../../../data/composition.toml").to_owned(),
            surroundings: include_str!("../../../../data/surroundings.toml").to_owned(),
            probes: include_str!("../../../../data/probes.toml").to_owned(),
            protocols: include_str!("../../../../data/protocols.toml").to_owned(),
            limits: include_str!("../../../../data/limits.toml").to_owned(),
            nerves: include_str!("../../../../data/nerves.toml").to_owned(),
            segmentation: include_str!("../../../../data/segmentation.toml").to_owned(),
            uncertainty: include_str!("../../../../data/uncertainty.toml").to_owned(),
            propose: include_str!("../../../../data/propose.toml").to_owned(),
            sources: include_str!("../../../../data/sources.toml").to_owned(),
        }
    }

    /// Each file by its name, in the order in which they are fingerprinted.
    pub fn files(&self) -> [(&'static str, &str); 11] {
        [
            ("tissues.toml", &self.tissues),
            ("composition.toml", &self.composition),
            ("surroundings.toml", &self.surroundings),
            ("probes.toml", &self.probes),
            ("protocols.toml", &self.protocols),
            ("limits.toml", &self.limits),
            ("nerves.toml", &self.nerves),
            ("segmentation.toml", &self.segmentation),
            ("uncertainty.toml", &self.uncertainty),
            ("propose.toml", &self.propose),
            ("sources.toml", &self.sources),
        ]
    }
}

/// All catalogues, each number with its source.
#[derive(Clone, Debug, PartialEq)]
pub struct Catalogues {
    /// Thermal properties.
    pub tissues: Tissues,
    /// What tissues are made of, from which their frozen properties are calculated.
    pub compositions: Compositions,
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
    /// What is not known when a plan is made.
    pub uncertainties: Uncertainties,
    /// What bounds the search for plans.
    pub proposing: Proposing,
    /// Where the numbers come from.
    pub sources: Sources,
    /// The texts all of this was read from, for a fingerprint.
    pub texts: CatalogueTexts,
    /// Records of the calibrations that go before the files, for a fingerprint.
    pub calibrations: Vec<String>,
    /// Limits and goals of a site that go before the files, for a fingerprint.
    pub site: Vec<String>,
}

impl Catalogues {
    /// Reads all files and checks every value, every source and every cross-reference.
    ///
    /// # Errors
    /// [`CatalogueError`] naming file and row, what was found and what was expected.
    pub fn from_toml(texts: &CatalogueTexts) -> Result<Self, CatalogueError> {
        let catalogues = Self {
            tissues: Tissues::from_toml(&texts.tissues)?,
            compositions: Compositions::from_toml(&texts.composition)?,
            surroundings: BodyAndRoom::from_toml(&texts.surroundings)?,
            probes: Probes::from_toml(&texts.probes)?,
            protocols: Protocols::from_toml(&texts.protocols)?,
            limits: Limits::from_toml(&texts.limits)?,
            relief: Relief::from_toml(&texts.limits)?,
            nerves: Nerves::from_toml(&texts.nerves)?,
            segmentation: Segmentation::from_toml(&texts.segmentation)?,
            uncertainties: Uncertainties::from_toml(&texts.uncertainty)?,
            proposing: Proposing::from_toml(&texts.propose)?,
            sources: Sources::from_toml(&texts.sources)?,
            texts: texts.clone(),
            calibrations: Vec::new(),
            site: Vec::new(),
        };
        rows::every_source_is_listed(&texts.files(), &catalogues.sources)?;
        Ok(catalogues)
    }

    /// The same catalogues with some options for tissue chosen otherwise.
    pub fn with_tissue_model(self, choice: TissueModelChoice) -> Self {
        let model = self.tissues.model().with(choice);
        Self { tissues: self.tissues.with_model(model), ..self }
    }

    /// The same catalogues with some doubts stated otherwise.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the value, what was found and what was expected.
    pub fn with_uncertainty(self, choice: &UncertaintyChoice) -> Result<Self, CatalogueError> {
        let uncertainties = self.uncertainties.with(choice)?;
        Ok(Self { uncertainties, ..self })
    }

    /// The catalogues built into the program.
    ///
    /// # Errors
    /// [`CatalogueError`] when the files were wrong at build time, which a test refuses.
    pub fn bundled() -> Result<Self, CatalogueError> {
        Self::from_toml(&CatalogueTexts::bundled())
    }
}

#[cfg(test)]
mod tests {
    use frostline_freeze::{Cooling, PhaseKind};

    use super::*;
    use crate::anatomy::{StructureKind, TissueKind};

    /// The bundled files with one of them changed.
    fn with(change: impl Fn(&mut CatalogueTexts)) -> Result<Catalogues, CatalogueError> {
        let mut texts = CatalogueTexts::bundled();
        change(&mut texts);
        Catalogues::from_toml(&texts)
    }

    #[test]
    fn the_bundled_files_can_all_be_read() {
        let catalogues = Catalogues::bundled().unwrap();
        assert_eq!(catalogues.tissues.rows().len(), TISSUES.len());
        assert_eq!(catalogues.nerves.all().len(), 33, "32 atlas rows, of which Morton's has two webs");
        for kind in StructureKind::ALL {
            assert!(catalogues.limits.for_structure(kind).next().is_some());
        }
    }

    #[test]
    fn perfusion_of_muscle_is_that_of_the_reference_table() {
        let catalogues = Catalogues::bundled().unwrap();
        let muscle = catalogues.tissues.thermal(TissueKind::Muscle).unwrap();
        // 36.738 ml/min/kg x 1e-6/60 x 1090.4 kg/m3 x 1049.75 x 3617 J/(m3 K) = 2535.04 W/(m3 K), 0.90612 x 1090.4 =
        // 988.03 W/m3; both are given to 0.01, so they agree to half of that.
        assert!((muscle.perfusion_w_per_m3_k - 2535.04).abs() < 0.005, "{}", muscle.perfusion_w_per_m3_k);
        assert!((muscle.metabolic_w_per_m3 - 988.03).abs() < 0.005, "{}", muscle.metabolic_w_per_m3);
        assert_eq!(muscle.frozen_w_per_m_k.at(-20.0), 1.46);
    }

    #[test]
    fn outside_the_body_there_is_no_tissue() {
        assert_eq!(Catalogues::bundled().unwrap().tissues.thermal(TissueKind::Outside), None);
    }

    #[test]
    fn a_source_that_nobody_listed_is_refused_with_file_and_row() {
        let refused = with(|texts| texts.limits = texts.limits.replace("\"gage-1982\"", "\"gage-1892\""));
        let expected = CatalogueError::UnknownSource {
            file: "limits.toml",
            row: "skin-frozen".to_owned(),
            found: "gage-1892".to_owned(),
        };
        assert_eq!(refused, Err(expected));
    }

    #[test]
    fn a_number_without_a_source_is_refused() {
        let refused = with(|texts| {
            texts.segmentation = texts.segmentation.replacen("source = \"hounsfield\"\n", "", 1);
        });
        assert!(matches!(&refused, Err(CatalogueError::UnreadableRow { row, problem, .. })
            if row == "air_below" && problem.contains("source")));
    }

    #[test]
    fn a_misspelt_key_is_refused_with_its_row() {
        let refused = with(|texts| texts.tissues = texts.tissues.replacen("latent_j_per_kg =", "latent_j =", 1));
        assert!(matches!(&refused, Err(CatalogueError::UnreadableRow { file: "tissues.toml", row, problem })
            if row == "skin" && problem.contains("latent_j")));
    }

    #[test]
    fn a_density_ten_times_too_large_is_refused_with_what_was_expected() {
        let refused = with(|texts| texts.tissues = texts.tissues.replace("= 1090.4", "= 10904"));
        let message = refused.unwrap_err().to_string();
        assert_eq!(
            message,
            "tissues.toml, row \"muscle\", unfrozen.density_kg_per_m3: found 10904, expected a number from 500 to 3000"
        );
    }

    #[test]
    fn a_number_that_is_not_one_is_refused() {
        let refused = with(|texts| texts.tissues = texts.tissues.replace("= 1090.4", "= nan"));
        assert!(matches!(refused, Err(CatalogueError::WrongValue { .. })));
    }

    #[test]
    fn two_rows_with_one_id_are_refused() {
        let refused = with(|texts| texts.nerves = texts.nerves.replace("id = \"sfn\"", "id = \"sural\""));
        let expected = CatalogueError::TwiceTheSameId { file: "nerves.toml", row: "sural".to_owned() };
        assert_eq!(refused, Err(expected));
    }

    #[test]
    fn a_structure_without_any_limit_is_refused() {
        let refused = with(|texts| texts.limits = texts.limits.replace("\"tendon\"", "\"bone\""));
        assert!(matches!(refused, Err(CatalogueError::MissingRow { file: "limits.toml", .. })));
    }

    #[test]
    fn a_missing_tissue_is_refused() {
        let refused = with(|texts| texts.tissues = texts.tissues.replace("id = \"marrow\"", "id = \"bone marrow\""));
        assert!(matches!(refused, Err(CatalogueError::UnreadableRow { .. })));
    }

    #[test]
    fn a_probe_of_unknown_length_cannot_be_simulated_and_says_why() {
        let catalogues = Catalogues::bundled().unwrap();
        let refused = catalogues.probes.find("endocare-1.7").unwrap().shape();
        assert_eq!(refused.unwrap_err().missing, "active length");
        let refused = catalogues.probes.find("prosense-10g").unwrap().cooling();
        assert_eq!(refused.unwrap_err().missing, "cooling");
    }

    #[test]
    fn a_probe_is_called_calibrated_only_where_an_ice_ball_of_it_was_published() {
        let probes = Catalogues::bundled().unwrap().probes;
        let calibrated = probes.all().iter().filter(|probe| probe.calibration.state == CalibrationState::Calibrated);
        let ids: Vec<&str> = calibrated.clone().map(|probe| probe.id.as_str()).collect();
        assert_eq!(ids, ["icesphere-1.5", "endocare-2.4"], "a fit needs a bench file in validation/calibration");
        for probe in calibrated {
            assert!(probe.published_ice.iter().any(|ice| ice.status == Status::Seen), "{}", probe.id);
        }
    }

    #[test]
    fn no_surface_is_colder_than_its_cryogen() {
        let catalogues = Catalogues::bundled().unwrap();
        for probe in catalogues.probes.all() {
            let cryogen = catalogues.probes.cryogens().iter().find(|cryogen| cryogen.id == probe.cryogen).unwrap();
            if let Ok(Cooling::Surface(table)) = probe.cooling() {
                let coldest_c = table.pairs().iter().map(|pair| pair.1).fold(f64::INFINITY, f64::min);
                assert!(coldest_c > cryogen.boils.value.celsius, "{}: {coldest_c}", probe.id);
            }
        }
    }

    #[test]
    fn the_proposed_nitrous_oxide_protocol_is_three_freezes_of_two_minutes() {
        let catalogues = Catalogues::bundled().unwrap();
        let schedule = catalogues.protocols.proposed_for("nitrous-oxide").unwrap().schedule();
        let freezes: Vec<f64> = schedule
            .phases
            .iter()
            .filter(|phase| phase.kind == PhaseKind::Freeze)
            .map(|phase| phase.duration_s)
            .collect();
        assert_eq!(freezes, [120.0, 120.0, 120.0]);
    }

    #[test]
    fn studies_and_atlas_use_the_same_names_for_nerves() {
        let catalogues = Catalogues::bundled().unwrap();
        for study in catalogues.protocols.studies() {
            for nerve in &study.value.nerves {
                assert!(catalogues.nerves.find(nerve).is_some(), "{nerve}");
            }
        }
    }

    #[test]
    fn the_common_fibular_nerve_is_never_a_target_and_the_sural_is() {
        let nerves = Catalogues::bundled().unwrap().nerves;
        assert_eq!(nerves.find("cfn").unwrap().role.value.policy, Policy::Avoid);
        assert_eq!(nerves.find("sural").unwrap().role.value.policy, Policy::Target);
        assert_eq!(nerves.find("tib_popl").unwrap().role.value.fibre, Fibre::Mixed);
    }

    #[test]
    fn a_vessel_twice_as_wide_has_half_the_film() {
        let wall = Catalogues::bundled().unwrap().surroundings.vessel_wall().value;
        // 4.36 x 0.51686 / 0.002 = 1126.8 W/(m2 K).
        assert!((wall.film_w_per_m2_k(2.0) - 1126.8).abs() < 0.1);
        assert_eq!(wall.film_w_per_m2_k(4.0) * 2.0, wall.film_w_per_m2_k(2.0));
    }

    #[test]
    fn every_hounsfield_value_has_one_tissue() {
        let segmentation = Catalogues::bundled().unwrap().segmentation;
        assert_eq!(segmentation.tissue_at_hu(-1000.0), TissueKind::Outside);
        assert_eq!(segmentation.tissue_at_hu(-100.0), TissueKind::Fat);
        assert_eq!(segmentation.tissue_at_hu(-30.0), TissueKind::Muscle);
        assert_eq!(segmentation.tissue_at_hu(200.0), TissueKind::CancellousBone);
        assert_eq!(segmentation.tissue_at_hu(9000.0), TissueKind::CorticalBone);
    }
}
