//! The rules that can be computed: each is a row of data and a small pure function that gives a [`Ruling`].
//!
//! Knows: what to hold against which number, where each number comes from, who may go on in spite of a ruling, and that
//! what is not known is never `ok`.
//! Does not know: clocks, calendars, files, the case. Times and answers are arguments.

mod answer;
mod coding;
mod id;
mod moment;
mod overriding;
mod quantity;
mod row;
mod ruling;
mod tables;

mod anaesthetic;
mod anticoagulant;
mod beside;
mod bleeding;
mod eligibility;
mod events;
mod follow_up;
mod outcomes;
mod procedure;
mod screening;
mod sedation;

use frostline_plan::catalogue::{CatalogueError, Sources, every_source_is_listed, rows_of};

use row::{Judge, Rule, RuleRows};

pub use anaesthetic::{Build, DosedDrug, GivenDose, ToxicitySigns};
pub use answer::{Answer, NoPainScore, PainScore, SedationLevel};
pub use anticoagulant::{DrugUse, HoldDecision, HoldPlan, Kidney, Thrombosis};
pub use beside::NerveSize;
pub use bleeding::{BleedingClass, BleedingFactors, BleedingRisk, LabValue, ProbeSize, TargetSite};
pub use coding::{BillingSite, Laterality, Units};
pub use eligibility::{
    DiagnosticBlock, FailedTreatment, IceMargin, LastFreeze, MotorNeighbour, PayerNeeds, Pregnancy, Reach,
    TreatmentLine,
};
pub use events::{Causality, Harm, Limits as DailyLimits, LoggedStep, Seriousness};
pub use follow_up::{Due, DueState, Timeliness};
pub use id::RuleId;
pub use moment::{Day, Moment, NoTime};
pub(crate) use moment::{as_text, parsed_second};
pub use outcomes::{Cohort, Course, Instrument, Response};
pub(crate) use overriding::may_be_one_person;
pub use overriding::{Override, OverrideRefused, Overriding, Role, Ruled, Signature, Stops, is_unseen};
pub use procedure::{CycleRecord, Done, Images, PowerCheck, Site, SkinReading, Twitch};
pub use row::{RuleRow, ShownNumber};
pub use ruling::{Computed, Fact, Ruling, Trust, Verdict, most_serious};
pub use screening::Guidance;
pub use sedation::{Intake, Monitoring, Recovery};
pub use tables::{
    Anaesthetic, BloodThinner, Contraindication, FastingRow, FollowUpRow, Hold, Included, Measured, NoteItem,
    PayerProfile, PublishedCurve, RedFlag, SideWord, Weighs,
};

// Other tables of the record are checked with the same words.
pub(crate) use tables::{between, some, wrong};

/// The texts of the files in `data/` that the rules are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleTexts {
    /// `rules.toml`.
    pub rules: String,
    /// `contraindications.toml`.
    pub contraindications: String,
    /// `blood_thinners.toml`.
    pub blood_thinners: String,
    /// `fasting.toml`.
    pub fasting: String,
    /// `anaesthetics.toml`.
    pub anaesthetics: String,
    /// `follow_up.toml`.
    pub follow_up: String,
    /// `published_curves.toml`.
    pub curves: String,
    /// `codes.toml`.
    pub codes: String,
    /// `sources.toml`.
    pub sources: String,
}

impl RuleTexts {
    /// The files as they were when the program was built.
    pub fn bundled() -> Self {
        Self {
            rules: include_str!("../../../../data/rules.toml").to_owned(),
            contraindications: include_str!("../../../../data/contraindications.toml").to_owned(),
            blood_thinners: include_str!("../../../../data/blood_thinners.toml").to_owned(),
            fasting: include_str!("../../../../data/fasting.toml").to_owned(),
            anaesthetics: include_str!("../../../../data/anaesthetics.toml").to_owned(),
            follow_up: include_str!("../../../../data/follow_up.toml").to_owned(),
            curves: include_str!("../../../../data/published_curves.toml").to_owned(),
            codes: include_str!("../../../../data/codes.toml").to_owned(),
            sources: include_str!("../../../../data/sources.toml").to_owned(),
        }
    }

    /// Each file by its name, in the order in which they would be fingerprinted.
    pub fn files(&self) -> [(&'static str, &str); 9] {
        [
            ("rules.toml", &self.rules),
            ("contraindications.toml", &self.contraindications),
            ("blood_thinners.toml", &self.blood_thinners),
            ("fasting.toml", &self.fasting),
            ("anaesthetics.toml", &self.anaesthetics),
            ("follow_up.toml", &self.follow_up),
            ("published_curves.toml", &self.curves),
            ("codes.toml", &self.codes),
            ("sources.toml", &self.sources),
        ]
    }
}

/// All rules with their numbers, tables and sentences. Every rule is a method; none of them changes anything.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleBook {
    rows: Vec<RuleRow>,
    sources: Sources,
    eligibility: eligibility::EligibilityRules,
    screening: screening::ScreeningRules,
    bleeding: bleeding::BleedingRules,
    anticoagulant: anticoagulant::AnticoagulantRules,
    sedation: sedation::SedationRules,
    anaesthetic: anaesthetic::AnaestheticRules,
    procedure: procedure::ProcedureRules,
    follow_up: follow_up::FollowUpRules,
    outcomes: outcomes::OutcomeRules,
    coding: coding::CodingRules,
    events: events::EventRules,
    contraindications: Vec<Contraindication>,
    thinners: tables::BloodThinners,
    fasting: Vec<FastingRow>,
    anaesthetics: tables::Anaesthetics,
    calls: tables::FollowUp,
    curves: Vec<PublishedCurve>,
    codes: tables::Codes,
    beside: beside::BesideRules,
}

impl RuleBook {
    /// Reads all files and checks every number, every sentence, every source, and that each rule of the program has its
    /// row and each row its rule.
    ///
    /// # Errors
    /// [`CatalogueError`] naming file and row, what was found and what was expected.
    pub fn from_toml(texts: &RuleTexts) -> Result<Self, CatalogueError> {
        let sources = Sources::from_toml(&texts.sources)?;
        every_source_is_listed(&texts.files(), &sources)?;
        let rows = RuleRows::read(&rows_of(row::FILE, &texts.rules, &["rule"])?)?;
        Ok(Self {
            eligibility: eligibility::EligibilityRules::read(&rows)?,
            screening: screening::ScreeningRules::read(&rows)?,
            bleeding: bleeding::BleedingRules::read(&rows)?,
            anticoagulant: anticoagulant::AnticoagulantRules::read(&rows)?,
            sedation: sedation::SedationRules::read(&rows)?,
            anaesthetic: anaesthetic::AnaestheticRules::read(&rows)?,
            procedure: procedure::ProcedureRules::read(&rows)?,
            follow_up: follow_up::FollowUpRules::read(&rows)?,
            outcomes: outcomes::OutcomeRules::read(&rows)?,
            coding: coding::CodingRules::read(&rows)?,
            events: events::EventRules::read(&rows)?,
            beside: beside::BesideRules::read(&rows)?,
            contraindications: tables::contraindications(&texts.contraindications)?,
            thinners: tables::BloodThinners::from_toml(&texts.blood_thinners)?,
            fasting: tables::fasting(&texts.fasting)?,
            anaesthetics: tables::Anaesthetics::from_toml(&texts.anaesthetics)?,
            calls: tables::FollowUp::from_toml(&texts.follow_up)?,
            curves: tables::curves(&texts.curves)?,
            codes: tables::Codes::from_toml(&texts.codes)?,
            rows: rows.0,
            sources,
        })
    }

    /// The rules built into the program.
    ///
    /// # Errors
    /// [`CatalogueError`] when the files were wrong at build time, which a test refuses.
    pub fn bundled() -> Result<Self, CatalogueError> {
        Self::from_toml(&RuleTexts::bundled())
    }

    /// Every row, in the order of the file.
    pub fn rows(&self) -> &[RuleRow] {
        &self.rows
    }

    /// Where the numbers come from.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Every rule that has a function, in the order of the groups.
    pub fn decided() -> Vec<RuleId> {
        [
            eligibility::EligibilityRules::IDS,
            screening::ScreeningRules::IDS,
            bleeding::BleedingRules::IDS,
            anticoagulant::AnticoagulantRules::IDS,
            sedation::SedationRules::IDS,
            anaesthetic::AnaestheticRules::IDS,
            procedure::ProcedureRules::IDS,
            follow_up::FollowUpRules::IDS,
            outcomes::OutcomeRules::IDS,
            coding::CodingRules::IDS,
            events::EventRules::IDS,
            beside::BesideRules::IDS,
        ]
        .concat()
    }

    fn judge<'a, N, T>(&'a self, rule: &'a Rule<N, T>) -> Judge<'a> {
        Judge::new(rule, &self.sources)
    }
}
