//! Rules before the day: whether this patient may be treated, and whether everybody means the same place.

use frostline_plan::anatomy::Side;
use frostline_plan::catalogue::{Known, Limb};

use super::super::steps::{BlockRecord, PreviousFreeze};
use super::super::views::known;
use super::super::{Case, Step};
use super::Judging;
use crate::rules::{
    Answer, DiagnosticBlock, FailedTreatment, Guidance, IceMargin, LastFreeze, MotorNeighbour, NerveSize, PayerNeeds,
    Pregnancy, Reach, Ruling, Site,
};

/// The question of `data/contraindications.toml` about local anaesthetics, all of which in the table are amides.
const AMIDE_ALLERGY: &str = "amide-allergy";

impl Case {
    pub(super) fn eligibility(&self, judging: &Judging) -> Vec<Ruling> {
        let mut rulings = self.why_freeze(judging);
        rulings.extend(self.which_nerve(judging));
        rulings.extend(self.against(judging));
        rulings
    }

    fn why_freeze(&self, judging: &Judging) -> Vec<Ruling> {
        let book = judging.book;
        let indication = self.indication();
        let began = known(indication.and_then(|i| i.pain_began));
        let average = known(indication.and_then(|i| i.average_pain));
        let failed: Vec<FailedTreatment> = indication
            .map(|i| i.failed.iter().map(|f| FailedTreatment { line: f.line, weeks: known(f.weeks) }).collect())
            .unwrap_or_default();
        let codes = self.diagnosis_codes();
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        let told = match indication {
            Some(_) => Known::Known(failed.as_slice()),
            None => Known::NotKnown,
        };
        vec![
            book.pain_duration(began, judging.today),
            book.pain_score(average),
            book.failed_treatments(told, self.payer_asks(judging)).ruling,
            book.polyneuropathy(&codes),
        ]
    }

    /// What the payer of this case asks to have been tried: as written in the case, else as its profile says.
    fn payer_asks(&self, judging: &Judging) -> Known<PayerNeeds> {
        let said = self.payer_choice().and_then(|choice| choice.asks);
        let said = said.map(|asks| PayerNeeds { lines: asks.lines, weeks: asks.weeks });
        let of_profile =
            || judging.book.payer_profiles().iter().find(|row| Some(row.id.as_str()) == self.payer())?.asks();
        known(said.or_else(of_profile).or(judging.payer))
    }

    fn which_nerve(&self, judging: &Judging) -> Vec<Ruling> {
        let book = judging.book;
        let nerve = self.site().map(|site| site.nerve).unwrap_or_default();
        let (block, at_site) = self.block_at_site();
        let mut rulings =
            vec![book.diagnostic_block(block, &nerve), book.target_policy(&nerve, self.limb(), judging.nerves)];
        if let Some(block) = at_site {
            let hurts: Vec<&str> =
                self.indication().map(|i| i.hurts.iter().map(String::as_str).collect()).unwrap_or_default();
            let numbed: Vec<&str> = block.numbed.iter().map(String::as_str).collect();
            let said = |regions: &[&str]| !regions.is_empty();
            let hurts_known = if said(&hurts) { Known::Known(hurts.as_slice()) } else { Known::NotKnown };
            let numbed_known = if said(&numbed) { Known::Known(numbed.as_slice()) } else { Known::NotKnown };
            rulings.push(book.block_where(hurts_known, numbed_known));
        }
        rulings.extend(self.nerve_size(judging));
        if let Some(plan) = self.plan() {
            let neighbours: Vec<MotorNeighbour> = plan
                .motor
                .iter()
                .map(|motor| MotorNeighbour { name: motor.nerve.clone(), margin: margin(motor.margin_mm) })
                .collect();
            rulings.push(book.ice_margin(&neighbours, judging.limits));
        }
        rulings
    }

    /// What the limb is, as somebody wrote it before the first freeze.
    fn limb(&self) -> Known<Limb> {
        known(self.baseline_exam().and_then(|exam| exam.limb))
    }

    /// X-01 over what the images show; nothing where nobody measured the nerve or saw a lesion that compresses it.
    fn nerve_size(&self, judging: &Judging) -> Option<Ruling> {
        let imaging = self.imaging()?;
        let asked = imaging.area_mm2.is_some() || imaging.compressed == Answer::Yes;
        let size = NerveSize {
            area_mm2: known(imaging.area_mm2),
            other_leg_mm2: known(imaging.other_leg_area_mm2),
            compressed: imaging.compressed,
        };
        asked.then(|| judging.book.nerve_size(&imaging.nerve, size))
    }

    /// The newest block of this nerve on this leg, or why there was none. One of another place says nothing here.
    fn block_at_site(&self) -> (DiagnosticBlock, Option<&BlockRecord>) {
        let site = self.site();
        let here = |block: &&BlockRecord| {
            site.as_ref().is_none_or(|site| site.nerve == block.nerve && site.side == block.side)
        };
        let found = self.effective().rev().find_map(|(_, step)| match step {
            Step::Blocked(block) => Some(block).filter(here).map(Some),
            Step::NotBlocked(_) => Some(None),
            _ => None,
        });
        match found {
            Some(Some(block)) => (done(block), Some(block)),
            Some(None) => (DiagnosticBlock::NotDone, None),
            None if self.block().is_some() => (DiagnosticBlock::NotDone, None),
            None => (DiagnosticBlock::NotKnown, None),
        }
    }

    /// E-08 over the answers, and over what the list of allergies says of local anaesthetics.
    pub(super) fn contraindicated(&self, judging: &Judging) -> Ruling {
        let mut answers: Vec<(&str, Answer)> = self
            .screening()
            .map(|s| s.contraindications.iter().map(|(key, answer)| (key.as_str(), *answer)).collect())
            .unwrap_or_default();
        if self.is_allergic_to_anaesthetic(judging) {
            answers.retain(|(key, _)| *key != AMIDE_ALLERGY);
            answers.push((AMIDE_ALLERGY, Answer::Yes));
        }
        judging.book.contraindications(&answers, self.guidance())
    }

    /// Whether an allergy, told or learnt from an event, names a local anaesthetic of the table.
    pub(super) fn is_allergic_to_anaesthetic(&self, judging: &Judging) -> bool {
        let names = |words: &str| {
            let words = words.to_lowercase();
            judging.book.anaesthetics().iter().any(|drug| words.contains(&drug.name.to_lowercase()))
        };
        self.allergies().into_iter().any(names)
    }

    fn against(&self, judging: &Judging) -> Vec<Ruling> {
        let book = judging.book;
        let screening = self.screening();
        let last = match screening.map(|s| s.previous.frozen).unwrap_or_default() {
            PreviousFreeze::NotAsked => LastFreeze::NotKnown,
            PreviousFreeze::Never => LastFreeze::Never,
            PreviousFreeze::On(day) => LastFreeze::On(day),
        };
        let pregnancy = self.arrival().map(|a| a.pregnancy).filter(|p| *p != Pregnancy::NotKnown);
        let pregnancy = pregnancy.or(screening.map(|s| s.pregnancy)).unwrap_or(Pregnancy::NotKnown);
        let diabetes = screening.map(|s| s.diabetes).unwrap_or_default();
        vec![
            self.contraindicated(judging),
            book.earlier_surgery(screening.map(|s| s.previous.surgery).unwrap_or_default()),
            book.repeat_interval(last, judging.today),
            book.age_and_pregnancy(self.age_years(judging), pregnancy),
            book.hba1c(diabetes, known(screening.and_then(|s| s.hba1c_percent))),
            book.body_mass(self.body_mass(), self.reach()),
        ]
    }

    fn guidance(&self) -> Guidance {
        let planned = self.plan().map(|plan| plan.guidance);
        planned.or_else(|| self.imaging().map(|imaging| imaging.modality)).unwrap_or(Guidance::Ultrasound)
    }

    /// Years that are full today.
    pub fn age_years(&self, judging: &Judging) -> Known<u32> {
        // The mean length of a year of the Gregorian calendar; a birthday may come a day late, never two.
        const DAYS_PER_YEAR: f64 = 365.2425;
        let born = self.referral().map(|referral| referral.patient.born);
        let days = born.map(|born| judging.today.days_since(born));
        match days {
            Some(days) if days >= 0 => Known::Known((days as f64 / DAYS_PER_YEAR) as u32),
            Some(_) | None => Known::NotKnown,
        }
    }

    fn body_mass(&self) -> Known<f64> {
        const CM_PER_M: f64 = 100.0;
        let screening = self.screening();
        let weight_kg = screening.and_then(|s| s.weight_kg).filter(|kg| *kg > 0.0);
        let height_m = screening.and_then(|s| s.height_cm).filter(|cm| *cm > 0.0).map(|cm| cm / CM_PER_M);
        match (weight_kg, height_m) {
            (Some(weight_kg), Some(height_m)) => Known::Known(weight_kg / (height_m * height_m)),
            _ => Known::NotKnown,
        }
    }

    fn reach(&self) -> Known<Reach> {
        let length = self.plan().and_then(|plan| plan.probe_length_mm);
        let depth = self.imaging().and_then(|imaging| imaging.depth_mm);
        match (length, depth) {
            (Some(probe_length_mm), Some(depth_mm)) => Known::Known(Reach { probe_length_mm, depth_mm }),
            _ => Known::NotKnown,
        }
    }

    /// The diagnosis codes.
    pub fn diagnosis_codes(&self) -> Vec<String> {
        self.indication().map(|i| i.diagnoses.iter().map(|d| d.code.clone()).collect()).unwrap_or_default()
    }

    /// N-01 over everybody who has spoken so far. Until two have, there is nothing to compare.
    pub(super) fn site_so_far(&self, judging: &Judging) -> Ruling {
        let said = self.said_sites(judging);
        let spoke: Vec<(&str, Known<&Site>)> =
            said.iter().filter_map(|(who, site)| site.as_ref().map(|site| (*who, Known::Known(site)))).collect();
        judging.book.site(&spoke)
    }

    /// N-01 over everybody who must speak.
    pub(super) fn site_everywhere(&self, judging: &Judging) -> Ruling {
        let said = self.said_sites(judging);
        let all: Vec<(&str, Known<&Site>)> =
            said.iter().map(|(who, site)| (*who, site.as_ref().map_or(Known::NotKnown, Known::Known))).collect();
        judging.book.site(&all)
    }

    /// Who says which nerve and side. A request and a diagnosis may name a side only; then they are held to that.
    fn said_sites(&self, judging: &Judging) -> [(&'static str, Option<Site>); 6] {
        let nerve = self.site().map(|site| site.nerve);
        let at = |side| nerve.clone().map(|nerve| Site { nerve, side });
        let request = self.referral().and_then(|r| r.site.site().or_else(|| at(r.site.side)));
        let sides = self.diagnosed_sides(judging);
        // Of several diagnoses the one that disagrees counts: a mismatch of any is a mismatch.
        let planned_side = self.site().map(|site| site.side);
        let diagnosis = sides.iter().find(|side| Some(**side) != planned_side).or(sides.first()).copied();
        [
            ("request", request),
            (
                "diagnosis",
                diagnosis.and_then(|side| Some(Site { nerve: self.diagnosed_nerve(nerve.as_ref()?, judging), side })),
            ),
            ("image", self.imaging().map(|imaging| imaging.site())),
            ("plan", self.plan().map(|plan| plan.site())),
            ("consent", self.consent().map(|consent| consent.site())),
            ("time-out", self.time_out().map(|time_out| time_out.site())),
        ]
    }

    /// The nerve that the diagnosis codes mean: `nerve` when none names nerves or one of those that do may mean it, else what the
    /// first of them means. Codes of pain alone name none, and speak for no nerve.
    fn diagnosed_nerve(&self, nerve: &str, judging: &Judging) -> String {
        let codes = self.diagnosis_codes();
        let meant: Vec<&[String]> = codes.iter().filter_map(|code| judging.book.nerves_of_code(code)).collect();
        let may_be_any = |code: &String| judging.book.is_focal(code) && judging.book.nerves_of_code(code).is_none();
        let fits = codes.iter().any(may_be_any) || meant.iter().any(|nerves| nerves.iter().any(|one| one == nerve));
        let first = meant.first().and_then(|nerves| nerves.first()).filter(|_| !fits);
        first.cloned().unwrap_or_else(|| nerve.to_owned())
    }

    /// Every side that a diagnosis names, in words or by its code.
    fn diagnosed_sides(&self, judging: &Judging) -> Vec<Side> {
        let diagnoses = self.indication().map(|indication| indication.diagnoses.as_slice()).unwrap_or_default();
        diagnoses.iter().flat_map(|said| [said.side, judging.book.side_of_code(&said.code)]).flatten().collect()
    }
}

fn done(block: &BlockRecord) -> DiagnosticBlock {
    let written = block.drug.is_some() && block.relief_hours.is_some();
    let details = if written { Answer::Yes } else { Answer::NotAsked };
    DiagnosticBlock::Done { before: block.before, after: block.after, details }
}

fn margin(margin_mm: Option<f64>) -> IceMargin {
    match margin_mm {
        None => IceMargin::NotTraced,
        Some(mm) if mm <= 0.0 => IceMargin::Inside,
        Some(mm) => IceMargin::AwayMm(mm),
    }
}
