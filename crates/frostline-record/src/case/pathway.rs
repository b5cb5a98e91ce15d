//! `data/pathway.toml`: what must be asked, said and checked on the way; with the list of what may go wrong on it, and
//! what is asked afterwards.

use std::collections::BTreeMap;

use frostline_plan::catalogue::{CatalogueError, Rows, Sources, Status, every_source_is_listed, rows_of};
use serde::{Deserialize, Serialize};

use crate::adverse::AdverseTerms;
use crate::follow_up::{Questionnaires, ScoreProblem};
use crate::rules::{Answer, RuleBook};

const FILE: &str = "pathway.toml";
/// Section with lengths of time in the room.
const ROOM_TIME: &str = "room_time";
/// Section with days at home.
const HOME_DAYS: &str = "home_days";
/// Section with scores of the patient in the room.
const ROOM_SCORE: &str = "room_score";

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Key.
    pub id: String,
    /// What to ask, say or check.
    pub text: String,
    /// Key in `data/sources.toml`.
    pub source: String,
    /// How it came from there.
    pub status: Status,
    /// What a reader should know; may be empty.
    #[serde(default)]
    pub note: String,
}

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ItemList {
    /// Before the first needle.
    SignIn,
    /// Said aloud.
    TimeOut,
    /// At the end.
    SignOut,
    /// Risks that consent talks about.
    Risk,
    /// Evidence that consent talks about.
    Benefit,
    /// Alternatives that consent talks about.
    Alternative,
    /// What the patient must know before going home.
    Instruction,
}

impl ItemList {
    const ALL: [(ItemList, &str); 7] = [
        (ItemList::SignIn, "sign_in"),
        (ItemList::TimeOut, "time_out"),
        (ItemList::SignOut, "sign_out"),
        (ItemList::Risk, "risk"),
        (ItemList::Benefit, "benefit"),
        (ItemList::Alternative, "alternative"),
        (ItemList::Instruction, "instruction"),
    ];

    /// What one line of it is called.
    pub fn word(self) -> &'static str {
        match self {
            ItemList::SignIn => "sign-in",
            ItemList::TimeOut => "time-out",
            ItemList::SignOut => "sign-out",
            ItemList::Risk => "risk",
            ItemList::Benefit => "evidence",
            ItemList::Alternative => "alternative",
            ItemList::Instruction => "instruction",
        }
    }
}

/// A length of time in the room.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoomTime {
    id: String,
    minutes: i64,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "status")]
    _status: Status,
    #[serde(rename = "note")]
    _note: String,
}

/// What waits until some days after the procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Waits {
    /// The dressing stays on.
    Dressing,
    /// Work.
    Work,
    /// Sport.
    Sport,
}

/// How long something waits at home.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HomeDays {
    /// Key.
    pub id: String,
    /// What waits.
    pub waits: Waits,
    /// For so many days after the procedure.
    pub days: i64,
    /// Key in `data/sources.toml`.
    pub source: String,
    /// How it came from there.
    pub status: Status,
    /// What a reader should know; may be empty.
    #[serde(default)]
    pub note: String,
}

/// A score of the patient in the room.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoomScore {
    id: String,
    score: f64,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "status")]
    _status: Status,
    #[serde(rename = "note")]
    _note: String,
}

/// Every list.
#[derive(Clone, Debug, PartialEq)]
pub struct Pathway {
    lists: BTreeMap<ItemList, Vec<Item>>,
    late_after_minutes: i64,
    longest_session_minutes: i64,
    home_days: Vec<HomeDays>,
    pause_at_discomfort: f64,
    terms: AdverseTerms,
    questionnaires: Questionnaires,
}

impl Pathway {
    /// The file, whose sources must all be in `sources`, the terms of adverse events, and what patients are asked afterwards.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the row; a list without rows is refused.
    pub fn from_toml(
        text: &str,
        (terms, questionnaires): (AdverseTerms, Questionnaires),
        sources: &str,
    ) -> Result<Self, CatalogueError> {
        every_source_is_listed(&[(FILE, text)], &Sources::from_toml(sources)?)?;
        let others = [ROOM_TIME, HOME_DAYS, ROOM_SCORE];
        let names: Vec<&str> = ItemList::ALL.iter().map(|(_, name)| *name).chain(others).collect();
        let rows = rows_of(FILE, text, &names)?;
        let lists = ItemList::ALL.iter().map(|(list, name)| Ok((*list, some(&rows, name)?)));
        let times: Vec<RoomTime> = rows.list(ROOM_TIME)?;
        let minutes = |id: &str| {
            let found = times.iter().find(|time| time.id == id && time.minutes > 0);
            found.map(|time| time.minutes).ok_or_else(|| CatalogueError::MissingRow { file: FILE, row: id.to_owned() })
        };
        let (late_after_minutes, longest_session_minutes) = (minutes("late-after")?, minutes("longest-session")?);
        let scores: Vec<RoomScore> = rows.list(ROOM_SCORE)?;
        let pause = scores.iter().find(|row| row.id == "pause-at" && (0.0..=10.0).contains(&row.score));
        let pause_at_discomfort = pause.map(|row| row.score);
        let pause_at_discomfort =
            pause_at_discomfort.ok_or_else(|| CatalogueError::MissingRow { file: FILE, row: "pause-at".to_owned() })?;
        let lists = lists.collect::<Result<_, CatalogueError>>()?;
        let home_days: Vec<HomeDays> = rows.list(HOME_DAYS)?;
        if home_days.iter().filter(|row| row.waits == Waits::Dressing).count() != 1 {
            return Err(CatalogueError::MissingRow { file: FILE, row: HOME_DAYS.to_owned() });
        }
        if let Some(row) = home_days.iter().find(|row| row.days < 0) {
            let problem = format!("found {} days, expected 0 or more", row.days);
            return Err(CatalogueError::UnreadableRow { file: FILE, row: row.id.clone(), problem });
        }
        Ok(Self {
            lists,
            late_after_minutes,
            longest_session_minutes,
            home_days,
            pause_at_discomfort,
            terms,
            questionnaires,
        })
    }

    /// The lists built into the program.
    ///
    /// # Errors
    /// [`CatalogueError`] when the file was wrong at build time, which a test refuses.
    pub fn bundled() -> Result<Self, CatalogueError> {
        let text = include_str!("../../../../data/pathway.toml");
        let lists = (AdverseTerms::bundled()?, Questionnaires::bundled(&RuleBook::bundled()?)?);
        Self::from_toml(text, lists, include_str!("../../../../data/sources.toml"))
    }

    /// The lines of a list, in the order of the file.
    pub fn items(&self, list: ItemList) -> &[Item] {
        self.lists.get(&list).map_or(&[], Vec::as_slice)
    }

    /// What may go wrong, by its key.
    pub fn terms(&self) -> &AdverseTerms {
        &self.terms
    }

    /// What patients are asked afterwards.
    pub fn questionnaires(&self) -> &Questionnaires {
        &self.questionnaires
    }

    /// The same at a site that may use these questionnaires of others.
    ///
    /// # Errors
    /// [`ScoreProblem::NotListed`] for one that nobody lists.
    pub fn at_site_with(self, may_use: &[String]) -> Result<Self, ScoreProblem> {
        let questionnaires = self.questionnaires.at_site_with(may_use)?;
        Ok(Self { questionnaires, ..self })
    }

    /// The lines that were not answered with yes.
    pub(super) fn not_yes(&self, list: ItemList, answers: &BTreeMap<String, Answer>) -> Vec<&Item> {
        self.items(list).iter().filter(|item| answers.get(&item.id) != Some(&Answer::Yes)).collect()
    }

    /// A line of the log that is signed this long after it happened is shown as a late entry. Unit: min.
    pub fn late_after_minutes(&self) -> i64 {
        self.late_after_minutes
    }

    /// Discomfort, or sensation of cold, at which everybody pauses and asks. Range: 0 to 10.
    pub fn pause_at_discomfort(&self) -> f64 {
        self.pause_at_discomfort
    }

    /// What happened this long after the sign-in belongs to its day, even past midnight. Unit: min.
    pub fn longest_session_minutes(&self) -> i64 {
        self.longest_session_minutes
    }

    /// Kinds of work and sport, each with the days for which it waits.
    pub fn activities(&self) -> impl Iterator<Item = &HomeDays> {
        self.home_days.iter().filter(|row| row.waits != Waits::Dressing)
    }

    /// How long the dressing stays on. Unit: day.
    pub fn dressing_days(&self) -> i64 {
        self.home_days.iter().find(|row| row.waits == Waits::Dressing).map_or(0, |row| row.days)
    }

    /// The lines that were not talked about.
    pub(super) fn untold(&self, list: ItemList, told: &[String]) -> Vec<&Item> {
        self.items(list).iter().filter(|item| !told.contains(&item.id)).collect()
    }

    /// The first key that the list does not have.
    pub(super) fn stranger<'a>(
        &self,
        list: ItemList,
        mut keys: impl Iterator<Item = &'a String>,
    ) -> Option<&'a String> {
        keys.find(|key| !self.items(list).iter().any(|item| item.id == **key))
    }
}

fn some(rows: &Rows, name: &'static str) -> Result<Vec<Item>, CatalogueError> {
    let items: Vec<Item> = rows.list(name)?;
    if items.is_empty() {
        return Err(CatalogueError::MissingRow { file: FILE, row: name.to_owned() });
    }
    Ok(items)
}
