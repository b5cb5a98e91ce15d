//! Rules about codes.

use frostline_plan::catalogue::Known;

use super::super::Case;
use super::super::steps::CodingConfirmed;
use super::super::views::known;
use super::Judging;
use crate::rules::{Answer, BillingSite, Laterality, Ruling, Site};

impl Case {
    /// C-01 to C-07 over what the coder confirmed, or over what the record proposes when nobody has yet.
    pub(super) fn codes(&self, judging: &Judging) -> Vec<Ruling> {
        let book = judging.book;
        let confirmed = self.coding();
        let sites = self.session_sites(judging);
        let codes = self.session_codes(judging);
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        // Every nerve of the atlas is one of the leg; which of them is not known to it is asked of a person.
        let billed = |site: &Site| match judging.nerves.find(&site.nerve) {
            Some(_) => Known::Known(BillingSite::LowerLimb),
            None => Known::NotKnown,
        };
        let billed: Vec<_> = sites.iter().map(billed).collect();
        let proposed = book.procedure_code(if billed.is_empty() { &[Known::NotKnown] } else { &billed });
        let treated: Vec<_> = sites.iter().map(|site| (site.nerve.as_str(), Known::Known(site.side))).collect();
        // Codes of both legs are of no one side.
        let side = sites.first().map(|site| site.side).filter(|side| sites.iter().all(|site| site.side == *side));
        let by_coder = if confirmed.is_some() { Answer::Yes } else { Answer::NotAsked };
        let code = confirmed.map(|coding| coding.procedure_code.clone());
        let release = confirmed.and_then(|coding: &CodingConfirmed| coding.release.as_deref());
        let note = self.session_note(judging);
        let note: Vec<(&str, Answer)> = note.iter().map(|(key, answer)| (key.as_str(), *answer)).collect();
        let payer = self.payer();
        vec![
            proposed.ruling,
            book.payer(payer.map_or(Known::NotKnown, Known::Known), by_coder),
            book.units(&treated).ruling,
            book.excludes(&codes),
            book.note(&note).ruling,
            book.release(code.as_deref().map_or(Known::NotKnown, Known::Known), known(release)),
            book.code_side(&codes, known(side.map(|side| Laterality { side }))),
        ]
    }

    /// Every nerve with its leg that is treated in the session, that of this case first.
    pub fn session_sites(&self, judging: &Judging) -> Vec<Site> {
        self.with_session(judging).into_iter().filter_map(Case::site).collect()
    }

    /// Diagnosis codes of the session: as a coder confirmed them, else those of every case of it.
    pub fn session_codes(&self, judging: &Judging) -> Vec<String> {
        if let Some(coding) = self.coding() {
            return coding.diagnoses.clone();
        }
        let mut codes: Vec<String> = Vec::new();
        for code in self.with_session(judging).into_iter().flat_map(Case::diagnosis_codes) {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        codes
    }

    /// What the notes of the session state: of each item the least that any of its cases says.
    pub fn session_note(&self, judging: &Judging) -> Vec<(String, Answer)> {
        let mut note = self.note_answers(judging);
        for case in self.with_session(judging).into_iter().skip(1) {
            for (said, (_, theirs)) in note.iter_mut().zip(case.note_answers(judging)) {
                if theirs != Answer::Yes {
                    said.1 = theirs;
                }
            }
        }
        note
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
