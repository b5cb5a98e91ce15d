//! A case in a file, as what its documents are made from.

use frostline_plan::catalogue::Catalogues;
use frostline_record::case::{Case, Judging, Pathway, SignedStep};
use frostline_record::documents::{Date, Practice, Surroundings};
use frostline_record::rules::{Moment, RuleBook};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::DocumentInputs;

const SECONDS_PER_MINUTE: i64 = 60;

/// What the signed steps of a case know, with times as clocks of the zone show them.
///
/// # Errors
/// When the steps are no case, or the zone is not known to the system.
pub fn inputs_of_steps(
    steps: Vec<SignedStep>,
    practice: Practice,
    zone: &str,
) -> Result<DocumentInputs, Box<dyn std::error::Error>> {
    let case = Case::from_steps(steps)?;
    let zone = TimeZone::get(zone)?;
    let (book, pathway, catalogues) = (RuleBook::bundled()?, Pathway::bundled()?, Catalogues::bundled()?);
    // A case is never empty; its last step tells what time it was when it was written.
    let last = case.steps().last().map(|step| (step.at.moment(), step.day));
    let (now, today) = last.unwrap_or((Moment(0), frostline_record::rules::Day(0)));
    let (nerves, limits) = (&catalogues.nerves, &catalogues.limits);
    let judging = Judging { book: &book, pathway: &pathway, nerves, limits, payer: None, now, today, session: &[] };
    let minutes_east = |moment: Moment| {
        let at = Timestamp::from_second(moment.0 * SECONDS_PER_MINUTE).unwrap_or_default();
        zone.to_offset(at).seconds() / SECONDS_PER_MINUTE as i32
    };
    let around = Surroundings {
        practice,
        minutes_east: &minutes_east,
        made_on: Date::read(&Timestamp::now().to_zoned(zone.clone()).date().to_string())?,
        program: String::new(),
    };
    Ok(DocumentInputs::of_case(&case, &judging, &around))
}
