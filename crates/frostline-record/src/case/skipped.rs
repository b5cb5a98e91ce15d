//! Gates that a kept case passed although they were shut: a case that came from elsewhere, or from an older version that
//! did not ask for as much. Such a case is read, never hidden; what was skipped is told.

use serde::Serialize;
use utoipa::ToSchema;

use super::Case;
use super::gates::Need;
use super::refused::Missing;

/// Something that should have come before a step, and did not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Skipped {
    /// The number of the step.
    pub number: u64,
    /// What was missing before it.
    pub missing: Missing,
}

impl Case {
    /// Every gate that was skipped, as the steps before it stood. Rules are not asked again: what they said then is in
    /// the step.
    pub fn skipped(&self) -> Vec<Skipped> {
        let of_step = |index: usize| {
            let step = &self.steps[index];
            let before = Case { steps: self.steps[..index].to_vec() };
            let missing = before.lacks_before(step, Need::is_of_order);
            missing.into_iter().map(|missing| Skipped { number: step.number, missing }).collect::<Vec<_>>()
        };
        (0..self.steps.len()).flat_map(of_step).collect()
    }
}
