//! What every case is held against, read once.

use std::sync::Arc;

use frostline_plan::catalogue::{CatalogueError, Catalogues};
use frostline_record::case::{Judging, Pathway, Second};
use frostline_record::documents::Practice;
use frostline_record::follow_up::ScoreProblem;
use frostline_record::rules::{Day, RuleBook};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Rules, lists, atlas, limits, and the time zone, name and telephones of the site. Cheap to clone.
#[derive(Clone)]
pub struct Knowledge(Arc<Known>, Arc<Practice>);

struct Known {
    book: RuleBook,
    pathway: Pathway,
    catalogues: Catalogues,
    zone: TimeZone,
}

/// Why it cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum KnowledgeError {
    /// A file of `data/`.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// A questionnaire of others.
    #[error(transparent)]
    Questionnaire(#[from] ScoreProblem),
    /// The time zone.
    #[error("found the time zone '{found}', expected a name such as America/New_York or Europe/Madrid")]
    TimeZone {
        /// What was found.
        found: String,
    },
}

impl Knowledge {
    /// The files built into the program, at a place with this time zone.
    ///
    /// # Errors
    /// [`KnowledgeError`] for a time zone that nobody knows.
    pub fn bundled(zone: &str) -> Result<Self, KnowledgeError> {
        let wrong = |_| KnowledgeError::TimeZone { found: zone.to_owned() };
        let zone = if zone == "UTC" { TimeZone::UTC } else { TimeZone::get(zone).map_err(wrong)? };
        let (book, pathway, catalogues) = (RuleBook::bundled()?, Pathway::bundled()?, Catalogues::bundled()?);
        Ok(Self(Arc::new(Known { book, pathway, catalogues, zone }), Arc::default()))
    }

    /// The same at a clinic with this name, address and telephones.
    pub fn at_practice(self, practice: Practice) -> Self {
        Self(self.0, Arc::new(practice))
    }

    /// The same at a site that may use these questionnaires of others, by their keys.
    ///
    /// # Errors
    /// [`KnowledgeError::Questionnaire`] for one that nobody lists.
    pub fn with_questionnaires(self, may_use: &[String]) -> Result<Self, KnowledgeError> {
        let known = &self.0;
        let pathway = known.pathway.clone().at_site_with(may_use)?;
        let (book, catalogues, zone) = (known.book.clone(), known.catalogues.clone(), known.zone.clone());
        Ok(Self(Arc::new(Known { book, pathway, catalogues, zone }), self.1))
    }

    /// The clinic, as its documents name it.
    pub fn practice(&self) -> &Practice {
        &self.1
    }

    /// What a case is held against at this time.
    pub fn judging(&self, at: Second) -> Judging<'_> {
        Judging {
            book: &self.0.book,
            pathway: &self.0.pathway,
            nerves: &self.0.catalogues.nerves,
            limits: &self.0.catalogues.limits,
            payer: None,
            now: at.moment(),
            today: self.day_of(at),
            session: &[],
        }
    }

    /// The day at the site.
    pub fn day_of(&self, at: Second) -> Day {
        let time = Timestamp::from_second(at.0).unwrap_or(Timestamp::UNIX_EPOCH);
        let date = time.to_zoned(self.0.zone.clone()).date();
        // Every date that jiff gives is a day of the calendar.
        Day::of_date(i64::from(date.year()), i64::from(date.month()), i64::from(date.day())).unwrap_or(Day(0))
    }

    /// The rules.
    pub fn book(&self) -> &RuleBook {
        &self.0.book
    }

    /// The lists.
    pub fn pathway(&self) -> &Pathway {
        &self.0.pathway
    }

    /// Atlas, limits, probes.
    pub fn catalogues(&self) -> &Catalogues {
        &self.0.catalogues
    }

    /// The time zone of the site.
    pub fn zone(&self) -> &TimeZone {
        &self.0.zone
    }
}
