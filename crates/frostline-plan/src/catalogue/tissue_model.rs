//! Which of the physical options for freezing tissue are taken.

use serde::Deserialize;

/// How ice grows below the freezing point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FreezingCurve {
    /// Evenly over the range of the catalogue.
    Linear,
    /// As an ideal solution does, 1 - start/T.
    WaterActivity,
}

impl FreezingCurve {
    /// The word in data and case files.
    pub fn word(self) -> &'static str {
        match self {
            FreezingCurve::Linear => "linear",
            FreezingCurve::WaterActivity => "water-activity",
        }
    }
}

/// The options taken for all tissues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TissueModel {
    /// How ice grows.
    pub freezing: FreezingCurve,
    /// Whether lipid gives off heat where it hardens, in tissues whose row says how.
    pub lipid_crystallisation: bool,
}

/// Options that may be left as the catalogue has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TissueModelChoice {
    /// How ice grows.
    pub freezing: Option<FreezingCurve>,
    /// Whether lipid hardens.
    pub lipid_crystallisation: Option<bool>,
}

impl TissueModel {
    /// The same with what was chosen otherwise.
    pub fn with(self, choice: TissueModelChoice) -> Self {
        Self {
            freezing: choice.freezing.unwrap_or(self.freezing),
            lipid_crystallisation: choice.lipid_crystallisation.unwrap_or(self.lipid_crystallisation),
        }
    }

    /// What it means, for a reader.
    pub fn words(self) -> String {
        let freezing = match self.freezing {
            FreezingCurve::Linear => "ice grows evenly over a range of temperatures (linear)",
            FreezingCurve::WaterActivity => {
                "ice grows as in an ideal solution, 1 - start/T, with latent heat and conductivity following it (water-activity)"
            }
        };
        let lipid = if self.lipid_crystallisation {
            "fat gives off heat where its lipid hardens"
        } else {
            "lipid hardening in fat is left out"
        };
        format!("{freezing}; {lipid}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_chosen_stays_as_it_was() {
        let catalogue = TissueModel { freezing: FreezingCurve::Linear, lipid_crystallisation: true };
        assert_eq!(catalogue.with(TissueModelChoice::default()), catalogue);
        let ice = TissueModelChoice { freezing: Some(FreezingCurve::WaterActivity), ..TissueModelChoice::default() };
        let chosen = catalogue.with(ice);
        assert_eq!(chosen.freezing, FreezingCurve::WaterActivity);
        assert!(chosen.lipid_crystallisation);
        assert_eq!(
            catalogue
                .with(TissueModelChoice { lipid_crystallisation: Some(false), ..ice })
                .words()
                .matches("left out")
                .count(),
            1
        );
    }
}
