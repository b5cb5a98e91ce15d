//! What all documents of one patient are made from, as one JSON file.

use frostline_record::case::{Case, Judging};
use frostline_record::documents::{
    ClaimInputs, ConsentInputs, DischargeInputs, Document, DocumentBook, DocumentError, Kind, Language, LetterInputs,
    PlanInputs, PreparationInputs, ProcedureInputs, Surroundings, Visit, claim, claim_of, consent, consent_of,
    discharge, discharge_of, leaflet, letter, letter_of, plan_of, plan_report, preparation, preparation_of,
    procedure_of, procedure_report, visit_of,
};
use serde::{Deserialize, Serialize};

/// A patient who does not exist.
pub const SAMPLE: &str = include_str!("../../../../examples/documents/sample.json");

/// Everything the documents of one patient are made from. What is absent is printed as not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct DocumentInputs {
    /// Clinic, patient, treatment, time.
    pub visit: Visit,
    /// For the consent form.
    pub consent: ConsentInputs,
    /// For the preparation sheet.
    pub preparation: PreparationInputs,
    /// For the plan report.
    pub plan: PlanInputs,
    /// For the procedure report.
    pub procedure: ProcedureInputs,
    /// For the discharge instructions.
    pub discharge: DischargeInputs,
    /// For the letter.
    pub letter: LetterInputs,
    /// For the claim.
    pub claim: ClaimInputs,
}

impl DocumentInputs {
    /// What a case knows.
    pub fn of_case(case: &Case, judging: &Judging, around: &Surroundings) -> Self {
        Self {
            visit: visit_of(case, around),
            consent: consent_of(case, around),
            preparation: preparation_of(case, judging, around),
            plan: plan_of(case, judging, around),
            procedure: procedure_of(case, judging, around),
            discharge: discharge_of(case, judging, around),
            letter: letter_of(case, judging, around),
            claim: claim_of(case, judging, around),
        }
    }

    /// One document.
    ///
    /// # Errors
    /// [`DocumentError`] when the words cannot be used, or are not written in this language.
    pub fn written(&self, book: &DocumentBook, kind: Kind, language: Language) -> Result<Document, DocumentError> {
        let visit = &self.visit;
        match kind {
            Kind::Leaflet => leaflet(book, language, visit),
            Kind::Consent => consent(book, language, visit, &self.consent),
            Kind::Preparation => preparation(book, language, visit, &self.preparation),
            Kind::PlanReport => plan_report(book, language, visit, &self.plan),
            Kind::ProcedureReport => procedure_report(book, language, visit, &self.procedure),
            Kind::Discharge => discharge(book, language, visit, &self.discharge),
            Kind::Letter => letter(book, language, visit, &self.letter),
            Kind::Claim => claim(book, language, visit, &self.claim),
        }
    }
}
