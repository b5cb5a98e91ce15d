//! What a plan is for: which stretch of the nerve, how much of it, below which temperature.
//!
//! Knows: what is wanted, and by how much an assessed plan falls short of it. Does not know: how to reach it.

use serde::Serialize;

use crate::assess::Assessment;
use crate::catalogue::Catalogues;
use crate::finding::Level;
use crate::nerve_outcome::ProfileSample;

/// Part of the marked course of the nerve. Lengths along the course, from its first point. Unit: mm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stretch {
    /// Anywhere along what was marked.
    Anywhere,
    /// Within this part only.
    Within {
        /// Where it begins.
        from_mm: f64,
        /// Where it ends.
        to_mm: f64,
    },
}

/// What is wanted of a freeze of the target nerve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Goals {
    /// Length of nerve to disable, unbroken and over its whole cross-section. Unit: mm.
    pub disabled_mm: f64,
    /// A cross-section is disabled where all of it was once colder. Unit: °C.
    pub below_c: f64,
    /// Where along the nerve.
    pub stretch: Stretch,
}

/// Why an assessed plan does not do what is wanted.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "why")]
pub enum Shortfall {
    /// Too little nerve is disabled.
    TooLittle {
        /// Unit: mm.
        disabled_mm: f64,
        /// Unit: mm.
        wanted_mm: f64,
    },
    /// A limit at level stop is crossed, or a rule says stop.
    Stop {
        /// Key of the finding.
        finding: String,
        /// Its sentence.
        text: String,
    },
}

impl Goals {
    /// What `data/limits.toml` wants of every nerve, anywhere along what was marked.
    pub fn of(catalogues: &Catalogues) -> Self {
        let nerve = catalogues.limits.nerve();
        Self {
            disabled_mm: nerve.wanted_disabled.value.millimetres,
            below_c: nerve.disabled_below.value.celsius,
            stretch: Stretch::Anywhere,
        }
    }

    /// Longest unbroken stretch of a profile that is disabled where it is wanted. Unit: mm.
    pub fn disabled_mm(&self, profile: &[ProfileSample]) -> f64 {
        let (from_mm, to_mm) = match self.stretch {
            Stretch::Anywhere => (f64::NEG_INFINITY, f64::INFINITY),
            Stretch::Within { from_mm, to_mm } => (from_mm, to_mm),
        };
        let wanted: Vec<_> = profile.iter().filter(|s| (from_mm..=to_mm).contains(&s.along_mm)).copied().collect();
        crate::nerve_outcome::longest_below_mm(&wanted, self.below_c)
    }

    /// Whether so much disabled nerve is what is wanted; never for a goal that is no number.
    pub fn is_enough(&self, disabled_mm: f64) -> bool {
        disabled_mm >= self.disabled_mm
    }

    /// What stands between an assessed plan and success; nothing when it does what is wanted and crosses no stop.
    pub fn shortfalls(&self, assessment: &Assessment) -> Vec<Shortfall> {
        let disabled_mm = self.disabled_mm(&assessment.nerve.profile);
        let too_little = Shortfall::TooLittle { disabled_mm, wanted_mm: self.disabled_mm };
        let stops = assessment.findings.iter().filter(|f| f.level == Level::Stop);
        let stops = stops.map(|f| Shortfall::Stop { finding: f.id.clone(), text: f.text.clone() });
        (!self.is_enough(disabled_mm)).then_some(too_little).into_iter().chain(stops).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(colder_from: f64, colder_to: f64) -> Vec<ProfileSample> {
        let sample = |n: i32| {
            let along_mm = f64::from(n);
            let celsius = if (colder_from..=colder_to).contains(&along_mm) { -30.0 } else { 10.0 };
            ProfileSample { along_mm, least_cold_c: Some(celsius), coldest_c: Some(celsius) }
        };
        (0..=20).map(sample).collect()
    }

    #[test]
    fn only_what_is_disabled_inside_the_wanted_stretch_counts() {
        let anywhere = Goals { disabled_mm: 5.0, below_c: -20.0, stretch: Stretch::Anywhere };
        let all_mm = anywhere.disabled_mm(&profile(4.0, 12.0));
        let within = Goals { stretch: Stretch::Within { from_mm: 0.0, to_mm: 8.0 }, ..anywhere };
        let part_mm = within.disabled_mm(&profile(4.0, 12.0));
        // Between samples 1 mm apart the end is found to within one of them.
        assert!((all_mm - 8.0).abs() <= 2.0 && (part_mm - 4.0).abs() <= 1.0, "{all_mm} {part_mm}");
        let beside = Goals { stretch: Stretch::Within { from_mm: 14.0, to_mm: 20.0 }, ..anywhere };
        assert_eq!(beside.disabled_mm(&profile(4.0, 12.0)), 0.0);
    }

    #[test]
    fn a_goal_that_is_no_number_is_never_met() {
        let goals = |disabled_mm| Goals { disabled_mm, below_c: -20.0, stretch: Stretch::Anywhere };
        assert_eq!([goals(5.0).is_enough(5.0), goals(5.0).is_enough(4.9)], [true, false]);
        assert!(!goals(f64::NAN).is_enough(50.0));
    }
}
