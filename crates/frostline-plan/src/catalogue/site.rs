//! The catalogue with the limits and goals of one site, each visible as such.

use serde::{Deserialize, Serialize};

use super::Catalogues;
use super::limits::{LimitLevel, Limits};
use super::sources::{Sourced, Status};

/// Row of `sources.toml` that stands for what a site decided.
const SITE: &str = "site";

/// A limit that a site sets otherwise than `data/limits.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteLimit {
    /// Key of a `[[limit]]` of `data/limits.toml`, or of a row of its `[nerve]`.
    pub id: String,
    /// For limits of temperature. Unit: °C.
    pub below_c: Option<f64>,
    /// For limits of length. Unit: mm.
    pub millimetres: Option<f64>,
    /// How serious it is to cross it; as in the catalogue where it is left out.
    pub level: Option<LimitLevel>,
    /// Why, and who decided it.
    pub why: String,
}

/// Goals that a site sets otherwise than `data/limits.toml`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SiteGoals {
    /// Length to disable. Unit: mm.
    pub disabled_mm: Option<f64>,
    /// A cross-section is disabled where all of it was colder. Unit: °C.
    pub below_c: Option<f64>,
    /// Why, and who decided it; may be empty.
    pub why: String,
}

/// A number of the catalogue that a site replaced; said of every plan, whether it matters for it or not.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteChoice {
    /// Which row.
    pub id: String,
    /// What it is, and what the catalogue had.
    pub words: String,
    /// Why, and who decided it; may be empty for goals.
    pub why: String,
    /// Whether less is asked of a plan than by the catalogue.
    pub is_looser: bool,
}

/// A limit of a site that cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SiteLimitError {
    /// No such row.
    #[error("[[limits]] '{id}' is not in data/limits.toml; it has {known}")]
    Unknown {
        /// The key given.
        id: String,
        /// The keys there are.
        known: String,
    },
    /// A number that makes no sense, or the wrong kind of number.
    #[error("[[limits]] or [goals] '{id}': found {found}, expected {expected}")]
    Wrong {
        /// The key.
        id: String,
        /// What was found.
        found: String,
        /// What makes sense.
        expected: String,
    },
    /// Two rows for one limit.
    #[error("[[limits]] '{id}' stands there twice; keep the row that holds")]
    Twice {
        /// The key.
        id: String,
    },
    /// A row that changes nothing.
    #[error("[[limits]] '{id}' sets nothing; give {expected}, or leave the row out")]
    SetsNothing {
        /// The key.
        id: String,
        /// What it may set.
        expected: &'static str,
    },
    /// Without a reason nobody can judge it.
    #[error("[[limits]] '{id}' has no reason; write into why who decided it and for what reason")]
    NoReason {
        /// The key.
        id: String,
    },
}

impl Catalogues {
    /// The same catalogues with the limits and goals of a site. Every one of them names the site as its source, carries its
    /// reason, and says what the catalogue had.
    ///
    /// # Errors
    /// [`SiteLimitError`] for a row that is not there, a number that makes no sense, or a missing reason.
    pub fn with_site(self, limits: &[SiteLimit], goals: &SiteGoals) -> Result<Self, SiteLimitError> {
        let mut changed = self;
        for (n, limit) in limits.iter().enumerate() {
            if limits[..n].iter().any(|before| before.id == limit.id) {
                return Err(SiteLimitError::Twice { id: limit.id.clone() });
            }
            if limit.why.trim().is_empty() {
                return Err(SiteLimitError::NoReason { id: limit.id.clone() });
            }
            changed.limits.set(limit)?;
        }
        changed.limits.aim(goals)?;
        // What the catalogue refuses of its own file is refused of a site.
        changed.limits.check_nerve().map_err(|e| SiteLimitError::Wrong {
            id: "nerve".into(),
            found: e.to_string(),
            expected: "goals and limits of the nerve in their order".into(),
        })?;
        if !limits.is_empty() || goals.disabled_mm.is_some() || goals.below_c.is_some() {
            changed.site.push(format!("{limits:?} {goals:?}"));
        }
        Ok(changed)
    }
}

impl Limits {
    fn set(&mut self, own: &SiteLimit) -> Result<(), SiteLimitError> {
        if let Some(limit) = self.limits.iter_mut().find(|limit| limit.id == own.id) {
            let was_c = limit.below.value.celsius;
            let celsius = own.below_c.unwrap_or(was_c);
            wrong_unit(own, own.millimetres, "below_c in °C")?;
            if own.below_c.is_none() && own.level.is_none() {
                return Err(SiteLimitError::SetsNothing { id: own.id.clone(), expected: "below_c or level" });
            }
            within(&own.id, celsius, -200.0, 37.0)?;
            let was = limit.level;
            limit.below = of_site(super::Temperature { celsius }, &own.why, &format!("{was_c} °C"));
            limit.level = own.level.unwrap_or(limit.level);
            let words = format!("{celsius} °C at level {} instead of {was_c} °C at {}", limit.level.word(), was.word());
            let is_looser = celsius < was_c || limit.level.severity() < was.severity();
            self.of_site.push(SiteChoice { id: own.id.clone(), words, why: own.why.clone(), is_looser });
            limit.text = format!("{} (limit of this site, {celsius} instead of {was_c} °C: {})", limit.text, own.why);
            return Ok(());
        }
        self.set_of_nerve(own)
    }

    /// A row of `[nerve]`, which has no level of its own.
    fn set_of_nerve(&mut self, own: &SiteLimit) -> Result<(), SiteLimitError> {
        let nerve = &mut self.nerve;
        let temperature = match own.id.as_str() {
            "caution_below" => Some(&mut nerve.caution_below),
            "stop_below" => Some(&mut nerve.stop_below),
            "also_shown_below" => Some(&mut nerve.also_shown_below),
            _ => None,
        };
        if let Some(row) = temperature {
            wrong_unit(own, own.millimetres, "below_c in °C")?;
            let (celsius, was_c) = (own_number(own, own.below_c, "below_c")?, row.value.celsius);
            let words = format!("{celsius} °C instead of {was_c} °C");
            let is_looser = celsius < was_c;
            self.of_site.push(SiteChoice { id: own.id.clone(), words, why: own.why.clone(), is_looser });
            *row = of_site(super::Temperature { celsius }, &own.why, &format!("{} °C", row.value.celsius));
            return Ok(());
        }
        let length = match own.id.as_str() {
            "shortest_disabled" => Some(&mut nerve.shortest_disabled),
            "motor_nerve_margin" => Some(&mut nerve.motor_nerve_margin),
            _ => None,
        };
        let Some(row) = length else { return Err(self.unknown(&own.id)) };
        wrong_unit(own, own.below_c, "millimetres")?;
        let (millimetres, was_mm) = (own_number(own, own.millimetres, "millimetres")?, row.value.millimetres);
        let words = format!("{millimetres} mm instead of {was_mm} mm");
        let is_looser = millimetres < was_mm;
        self.of_site.push(SiteChoice { id: own.id.clone(), words, why: own.why.clone(), is_looser });
        *row = of_site(super::Length { millimetres }, &own.why, &format!("{} mm", row.value.millimetres));
        Ok(())
    }

    fn aim(&mut self, goals: &SiteGoals) -> Result<(), SiteLimitError> {
        let nerve = &mut self.nerve;
        if let Some(millimetres) = goals.disabled_mm {
            within("disabled_mm", millimetres, 0.1, 100.0)?;
            let was_mm = nerve.wanted_disabled.value.millimetres;
            self.of_site.push(SiteChoice {
                id: "disabled_mm".into(),
                words: format!("{millimetres} mm instead of {was_mm} mm"),
                why: goals.why.clone(),
                is_looser: millimetres < was_mm,
            });
            // Who wants less than the shortest length on purpose is still warned of it by its own rule.
            nerve.wanted_disabled = of_site(super::Length { millimetres }, &goals.why, &format!("{was_mm} mm"));
        }
        if let Some(celsius) = goals.below_c {
            within("below_c", celsius, -200.0, 0.0)?;
            let was_c = nerve.disabled_below.value.celsius;
            self.of_site.push(SiteChoice {
                id: "below_c".into(),
                words: format!("{celsius} °C instead of {was_c} °C"),
                why: goals.why.clone(),
                is_looser: celsius > was_c,
            });
            nerve.disabled_below = of_site(super::Temperature { celsius }, &goals.why, &format!("{was_c} °C"));
        }
        Ok(())
    }

    fn unknown(&self, id: &str) -> SiteLimitError {
        let own = ["caution_below", "stop_below", "also_shown_below", "shortest_disabled", "motor_nerve_margin"];
        let known: Vec<&str> = self.limits.iter().map(|limit| limit.id.as_str()).chain(own).collect();
        SiteLimitError::Unknown { id: id.to_owned(), known: known.join(", ") }
    }
}

/// The one number that a row of `[nerve]` sets.
fn own_number(own: &SiteLimit, found: Option<f64>, expected: &'static str) -> Result<f64, SiteLimitError> {
    if own.level.is_some() {
        let (id, found) = (own.id.clone(), "a level".to_owned());
        return Err(SiteLimitError::Wrong { id, found, expected: format!("{expected} alone; its level is fixed") });
    }
    found.ok_or_else(|| SiteLimitError::SetsNothing { id: own.id.clone(), expected })
}

fn of_site<T>(value: T, why: &str, was: &str) -> Sourced<T> {
    let note = format!("Set by the site; the catalogue has {was}. {why}");
    Sourced { value, source: SITE.to_owned(), status: Status::Design, note }
}

fn within(id: &str, found: f64, low: f64, high: f64) -> Result<(), SiteLimitError> {
    if (low..=high).contains(&found) {
        return Ok(());
    }
    let (id, found, expected) = (id.to_owned(), found.to_string(), format!("a number from {low} to {high}"));
    Err(SiteLimitError::Wrong { id, found, expected })
}

fn wrong_unit(own: &SiteLimit, other: Option<f64>, expected: &str) -> Result<(), SiteLimitError> {
    match other {
        None => Ok(()),
        Some(found) => Err(SiteLimitError::Wrong {
            id: own.id.clone(),
            found: format!("{found} in another unit"),
            expected: expected.to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anatomy::StructureKind;

    fn skin(below_c: f64, why: &str) -> SiteLimit {
        SiteLimit { id: "skin-frozen".into(), below_c: Some(below_c), millimetres: None, level: None, why: why.into() }
    }

    #[test]
    fn a_limit_of_the_site_replaces_that_of_the_catalogue_and_says_so() {
        let own =
            Catalogues::bundled().unwrap().with_site(&[skin(2.0, "Dr Who, 2026")], &SiteGoals::default()).unwrap();
        let limit = own.limits.for_structure(StructureKind::Skin).find(|l| l.id == "skin-frozen").unwrap();
        assert_eq!((limit.below.value.celsius, limit.below.source.as_str()), (2.0, "site"));
        assert_eq!(limit.below.status, Status::Design);
        assert!(limit.below.note.contains("catalogue has 0 °C") && limit.text.contains("Dr Who, 2026"), "{limit:?}");
        assert!(own.sources.find("site").is_some(), "the source of the site is listed");
    }

    #[test]
    fn a_limit_without_a_reason_or_with_a_wrong_key_is_refused_with_what_there_is() {
        let with = |limit: SiteLimit| Catalogues::bundled().unwrap().with_site(&[limit], &SiteGoals::default());
        assert_eq!(with(skin(2.0, " ")).unwrap_err(), SiteLimitError::NoReason { id: "skin-frozen".into() });
        let wrong = with(SiteLimit { id: "skin-frosen".into(), ..skin(2.0, "x") }).unwrap_err().to_string();
        assert!(wrong.contains("skin-frosen") && wrong.contains("skin-frozen"), "{wrong}");
        let margin = SiteLimit { id: "motor_nerve_margin".into(), ..skin(2.0, "x") };
        assert!(with(margin).unwrap_err().to_string().contains("expected millimetres"));
        assert!(with(skin(f64::NAN, "x")).is_err());
    }

    #[test]
    fn a_row_that_is_there_twice_or_sets_nothing_or_a_level_that_is_fixed_is_refused() {
        let with = |limits: &[SiteLimit]| {
            let found = Catalogues::bundled().unwrap().with_site(limits, &SiteGoals::default());
            found.unwrap_err().to_string()
        };
        assert!(with(&[skin(2.0, "x"), skin(3.0, "y")]).contains("stands there twice"));
        assert!(with(&[SiteLimit { below_c: None, ..skin(2.0, "x") }]).contains("sets nothing"));
        let stop = SiteLimit { id: "stop_below".into(), level: Some(LimitLevel::Warn), ..skin(-150.0, "x") };
        assert!(with(&[stop]).contains("its level is fixed"));
    }

    #[test]
    fn goals_of_the_site_are_what_every_nerve_is_judged_by() {
        let goals = SiteGoals { disabled_mm: Some(8.0), below_c: Some(-40.0), why: "spasticity".into() };
        let own = Catalogues::bundled().unwrap().with_site(&[], &goals).unwrap();
        assert_eq!(own.limits.nerve().wanted_disabled.value.millimetres, 8.0);
        assert_eq!(own.limits.nerve().disabled_below.value.celsius, -40.0);
        assert_ne!(own.site, Catalogues::bundled().unwrap().site, "the fingerprint must see it");
        let short = SiteGoals { disabled_mm: Some(3.0), ..SiteGoals::default() };
        assert!(Catalogues::bundled().unwrap().with_site(&[], &short).is_err(), "shorter than the shortest");
    }
}
