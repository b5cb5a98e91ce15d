//! Rules about codes.

use frostline_plan::catalogue::Known;

use super::super::Case;
use super::super::steps::CodingConfirmed;
use super::super::views::known;
use super::Judging;
use crate::rules::{Answer, BillingSite, Laterality, Ruling};

impl Case {
    /// C-01 to C-07 over what the coder confirmed, or over what the record proposes when nobody has yet.
    pub(super) fn codes(&self, judging: &Judging) -> Vec<Ruling> {
        let book = judging.book;
        let confirmed = self.coding();
        let site = self.site();
        let own = self.diagnosis_codes();
        let codes = confirmed.map_or(own.as_slice(), |coding| coding.diagnoses.as_slice());
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        // Every nerve of the atlas is one of the leg; which of them is not known to it is asked of a person.
        let in_atlas = site.as_ref().is_some_and(|site| judging.nerves.find(&site.nerve).is_some());
        let billed = if in_atlas { Known::Known(BillingSite::LowerLimb) } else { Known::NotKnown };
        let proposed = book.procedure_code(&[billed]);
        let treated: Vec<_> = site.iter().map(|site| (site.nerve.as_str(), Known::Known(site.side))).collect();
        let by_coder = if confirmed.is_some() { Answer::Yes } else { Answer::NotAsked };
        let code = confirmed.map(|coding| coding.procedure_code.clone());
        let release = confirmed.and_then(|coding: &CodingConfirmed| coding.release.as_deref());
        let note = self.note_answers(judging);
        let note: Vec<(&str, Answer)> = note.iter().map(|(key, answer)| (key.as_str(), *answer)).collect();
        let payer = self.payer();
        vec![
            proposed.ruling,
            book.payer(payer.map_or(Known::NotKnown, Known::Known), by_coder),
            book.units(&treated).ruling,
            book.excludes(&codes),
            book.note(&note).ruling,
            book.release(code.as_deref().map_or(Known::NotKnown, Known::Known), known(release)),
            book.code_side(&codes, known(site.map(|site| Laterality { side: site.side }))),
        ]
    }

    /// What the note of the procedure must state, and whether this record holds it.
    pub fn note_answers(&self, judging: &Judging) -> Vec<(String, Answer)> {
        let freezes = self.freezes();
        let has = |key: &str| match key {
            "nerve" | "count" => self.site().is_some(),
            "side-level" => self.site().is_some() && self.imaging().is_some(),
            "imaging" => self.plan().is_some() && self.stored_images().ice == Answer::Yes,
            "technique" => {
                !freezes.is_empty() && freezes.iter().all(|f| f.stop.is_some_and(|(_, s)| s.tip_c.is_some()))
            }
            "indication" => self.indication().is_some(),
            "failed-care" => self.indication().is_some_and(|indication| !indication.failed.is_empty()),
            "block" => self.block().is_some(),
            _ => false,
        };
        let items = judging.book.note_items().iter();
        items.map(|item| (item.id.clone(), if has(&item.id) { Answer::Yes } else { Answer::No })).collect()
    }
}
