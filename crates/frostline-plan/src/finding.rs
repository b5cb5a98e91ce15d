//! What was found about a plan: a level, a sentence, and where the rule comes from.

use serde::{Deserialize, Serialize};

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Within the limits.
    Ok,
    /// Nothing can be said, because something was not marked or not known.
    Unknown,
    /// Outside the comfortable range; a person must decide.
    Warn,
    /// Must not be done as planned.
    Stop,
}

/// One statement about a plan, with the rule's source.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// Stable key, such as `skin.coldest`.
    pub id: String,
    /// How serious.
    pub level: Level,
    /// The sentence for people, with numbers and units.
    pub text: String,
    /// Key of the source in `data/sources.toml`, or `geometry` for what follows from the case itself.
    pub source: String,
}

/// The source of findings that follow from the geometry of the case alone.
pub const FROM_GEOMETRY: &str = "geometry";

impl Finding {
    /// From key, level, sentence and source.
    pub fn new(id: impl Into<String>, level: Level, text: impl Into<String>, source: impl Into<String>) -> Self {
        Self { id: id.into(), level, text: text.into(), source: source.into() }
    }
}

/// The most serious level present: stop over warn over unknown over ok.
pub fn worst(findings: &[Finding]) -> Level {
    findings.iter().map(|f| f.level).max().unwrap_or(Level::Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_stop_outweighs_everything_else() {
        let found = |level| Finding::new("x", level, "", "");
        assert_eq!(worst(&[found(Level::Warn), found(Level::Stop), found(Level::Ok)]), Level::Stop);
        assert_eq!(worst(&[found(Level::Unknown), found(Level::Ok)]), Level::Unknown);
        assert_eq!(worst(&[]), Level::Ok);
    }
}
