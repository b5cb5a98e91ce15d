//! Proposals as one page without network.

use frostline_plan::propose::Proposals;

use super::HandMade;

/// The page.
pub fn page(title: &str, found: &Proposals, hand_made: Option<&HandMade>) -> String {
    format!("<!doctype html><pre>{}</pre>", super::summary(title, found, hand_made))
}
