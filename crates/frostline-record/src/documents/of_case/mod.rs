//! What the record of a case knows, as what documents are made from. What it does not know stays absent.

mod before;
mod claim;
mod events;
mod letter;
mod log_lines;
mod patient;
mod plan;
mod procedure;
mod said;
mod strength;

pub use claim::claim_of;
pub use letter::letter_of;
pub use patient::{consent_of, discharge_of, preparation_of, visit_of};
pub use plan::plan_of;
pub use procedure::procedure_of;

use super::calendar::{Date, LocalTime};
use super::inputs::{Leg, Practice};
use crate::rules::Moment;

/// What documents need and no case holds: the clinic, the clock where the patient is, the day.
pub struct Surroundings<'a> {
    /// The clinic.
    pub practice: Practice,
    /// How far clocks where the patient is are ahead of universal time at a moment. Unit: min.
    pub minutes_east: &'a dyn Fn(Moment) -> i32,
    /// The day on which the document is made.
    pub made_on: Date,
    /// Program and version.
    pub program: String,
}

impl Surroundings<'_> {
    fn local(&self, moment: Moment) -> LocalTime {
        LocalTime::of(moment, (self.minutes_east)(moment))
    }
}

fn leg(side: frostline_plan::anatomy::Side) -> Leg {
    match side {
        frostline_plan::anatomy::Side::Left => Leg::Left,
        frostline_plan::anatomy::Side::Right => Leg::Right,
    }
}
