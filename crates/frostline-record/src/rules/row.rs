//! A row of `data/rules.toml`, and how it becomes a ruling.

use frostline_plan::catalogue::{CatalogueError, Reading, Rows, Sourced, Sources, Status};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::id::RuleId;
use super::overriding::Overriding;
use super::ruling::{Fact, Ruling, Trust, Verdict};

pub(super) const FILE: &str = "rules.toml";
const NOT_KNOWN: &str = "not known";

/// What a reader sees of a rule.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleRow {
    /// Which rule.
    pub id: RuleId,
    /// Grows whenever the numbers or the meaning of the rule change.
    pub version: u32,
    /// What it is about, in a few words.
    pub title: String,
    /// What must be known before it can decide.
    pub needs: Vec<String>,
    /// Names of what it looks at, for the texts and the record.
    #[serde(default)]
    pub facts: Vec<String>,
    /// Who may go on in spite of it.
    #[serde(rename = "override")]
    pub overriding: Overriding,
    /// Where the rule comes from; key in `data/sources.toml`.
    pub source: String,
    /// How it came from there.
    pub status: Status,
    /// What a reader should know before trusting it.
    #[serde(default)]
    pub note: String,
    #[serde(default)]
    numbers: toml::Table,
    texts: toml::Table,
}

/// One number of a rule as a reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownNumber {
    /// Its name.
    pub name: String,
    /// With its unit, such as `90 days`.
    pub value: String,
    /// Key in `data/sources.toml`.
    pub source: String,
    /// How it came from there.
    pub status: String,
}

impl RuleRow {
    /// The numbers of the rule that lie in the row itself; larger tables have files of their own.
    pub fn numbers(&self) -> Vec<ShownNumber> {
        self.numbers.iter().map(|(name, group)| shown(name, group)).collect()
    }

    /// Refuses a text with a `{name}` that is neither a fact nor a number, since nothing would be put in its place.
    fn check(&self) -> Result<(), CatalogueError> {
        for (name, text) in &self.texts {
            let text = text.as_str().unwrap_or_default();
            let known = |found: &str| self.facts.iter().any(|fact| fact == found) || self.numbers.contains_key(found);
            if let Some(found) = placeholders(text).find(|found| !known(found)) {
                let names = self.facts.iter().chain(self.numbers.keys()).map(String::as_str).collect::<Vec<_>>();
                let problem = format!("texts.{name}: found {{{found}}}, expected one of {}", names.join(", "));
                return Err(unreadable(self.id, problem));
            }
        }
        let empty = |words: &str| words.trim().is_empty();
        if empty(&self.title) || self.needs.is_empty() || self.version == 0 || self.overriding.roles.is_empty() {
            let problem = "expected a title, something under needs, a version from 1 on and a role under override";
            return Err(unreadable(self.id, problem.to_owned()));
        }
        Ok(())
    }
}

/// `{names}` in a text, in order.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

fn shown(name: &str, group: &toml::Value) -> ShownNumber {
    let word = |key: &str| group.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
    let own = |(key, _): &(&String, &toml::Value)| !["source", "status", "note"].contains(&key.as_str());
    let values = group.as_table().into_iter().flatten().filter(own);
    let value = values.map(|(key, value)| format!("{}{}", bare(value), unit(key))).collect::<Vec<_>>().join(", ");
    ShownNumber { name: name.to_owned(), value, source: word("source"), status: word("status") }
}

/// The unit of a number by its key in the file, as it follows the number; counts, ratios and lists have none.
fn unit(key: &str) -> String {
    match key {
        "count" | "ratio" | "nerves" => String::new(),
        "percent" => " %".to_owned(),
        "millimetres" => " mm".to_owned(),
        "celsius" => " C".to_owned(),
        "giga_per_l" => " x 10^9/L".to_owned(),
        "mg_per_dl" => " mg/dL".to_owned(),
        "ml_per_min" => " mL/min".to_owned(),
        "kg_per_m2" => " kg/m2".to_owned(),
        "hours" => " h".to_owned(),
        "minutes" => " min".to_owned(),
        "volts" => " V".to_owned(),
        "gauge" => " G".to_owned(),
        other => format!(" {other}"),
    }
}

/// A value without quotes, and a whole number without a fraction.
fn bare(value: &toml::Value) -> String {
    match value {
        toml::Value::Float(number) => plain(*number),
        toml::Value::String(word) => word.clone(),
        toml::Value::Array(list) => list.iter().map(bare).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// A number for people: two digits behind the point at most.
pub(super) fn plain(number: f64) -> String {
    const DIGITS: f64 = 100.0;
    format!("{}", (number * DIGITS).round() / DIGITS)
}

/// A sentence with `{names}` in it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Words(String);

impl Words {
    fn filled(&self, facts: &[Fact]) -> String {
        facts.iter().fold(self.0.clone(), |text, fact| text.replace(&format!("{{{}}}", fact.name), &fact.value))
    }
}

/// A rule with its numbers `N` and its sentences `T`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule<N, T> {
    row: RuleRow,
    pub(super) numbers: N,
    pub(super) texts: T,
}

/// A rule that holds nothing against a number of its own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoNumbers {}

/// The sentences of a rule; every one must be in the file, and no other.
macro_rules! texts {
    ($name:ident { $($text:ident),* $(,)? }) => {
        #[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name { $($text: $crate::rules::row::Words),* }
    };
}
pub(super) use texts;

/// The numbers of a rule; every one must be in the file with its source, and no other.
macro_rules! numbers {
    ($name:ident { $($number:ident: $unit:ty),* $(,)? }) => {
        #[derive(Clone, Debug, PartialEq, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name { $($number: frostline_plan::catalogue::Sourced<$unit>),* }
    };
}
pub(super) use numbers;

/// A group of rules that are read together.
macro_rules! rule_group {
    ($(#[$doc:meta])* $group:ident { $($rule:ident: $id:ident, $numbers:ty, $texts:ty;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub(super) struct $group { $(pub(super) $rule: $crate::rules::row::Rule<$numbers, $texts>),* }

        impl $group {
            pub(super) fn read(rows: &$crate::rules::row::RuleRows) -> Result<Self, CatalogueError> {
                Ok(Self { $($rule: rows.rule($crate::rules::RuleId::$id)?),* })
            }

            /// The rules that this group decides.
            pub(super) const IDS: &[$crate::rules::RuleId] = &[$($crate::rules::RuleId::$id),*];
        }
    };
}
pub(super) use rule_group;

/// All rows of the file.
pub(super) struct RuleRows(pub(super) Vec<RuleRow>);

impl RuleRows {
    pub(super) fn read(rows: &Rows) -> Result<Self, CatalogueError> {
        let read: Vec<RuleRow> = rows.list("rule")?;
        read.iter().try_for_each(RuleRow::check)?;
        Ok(Self(read))
    }

    pub(super) fn rule<N: DeserializeOwned, T: DeserializeOwned>(
        &self,
        id: RuleId,
    ) -> Result<Rule<N, T>, CatalogueError> {
        let Some(row) = self.0.iter().find(|row| row.id == id) else {
            return Err(CatalogueError::MissingRow { file: FILE, row: id.word().to_owned() });
        };
        let wrong = |part: &str, problem: toml::de::Error| unreadable(id, format!("{part}: {}", problem.message()));
        Ok(Rule {
            row: row.clone(),
            numbers: row.numbers.clone().try_into().map_err(|problem| wrong("numbers", problem))?,
            texts: row.texts.clone().try_into().map_err(|problem| wrong("texts", problem))?,
        })
    }
}

fn unreadable(id: RuleId, problem: String) -> CatalogueError {
    CatalogueError::UnreadableRow { file: FILE, row: id.word().to_owned(), problem }
}

/// A ruling in the making: what the rule looked at so far.
pub(super) struct Judge<'a> {
    row: &'a RuleRow,
    sources: &'a Sources,
    facts: Vec<Fact>,
    doubt: Option<&'static str>,
}

impl<'a> Judge<'a> {
    /// Every fact begins as not known; every number is beside them, so that the record holds what was compared.
    pub(super) fn new<N, T>(rule: &'a Rule<N, T>, sources: &'a Sources) -> Self {
        let unknown = |name: &String| Fact { name: name.clone(), value: NOT_KNOWN.to_owned() };
        let number = |number: ShownNumber| Fact { name: number.name, value: number.value };
        let facts = rule.row.facts.iter().map(unknown).chain(rule.row.numbers().into_iter().map(number)).collect();
        let doubt = doubt(sources, &rule.row.source, rule.row.status.word());
        Self { row: &rule.row, sources, facts, doubt }
    }

    pub(super) fn fact(mut self, name: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        match self.facts.iter_mut().find(|fact| fact.name == name) {
            Some(fact) => fact.value = value,
            None => self.facts.push(Fact { name: name.to_owned(), value }),
        }
        self
    }

    pub(super) fn number(self, name: &str, value: f64) -> Self {
        self.fact(name, plain(value))
    }

    /// A number that may be missing; then it stays not known.
    pub(super) fn number_if(self, name: &str, value: Option<f64>) -> Self {
        match value {
            Some(value) => self.number(name, value),
            None => self,
        }
    }

    /// Something else that the ruling rests on.
    pub(super) fn rests_on<V>(mut self, number: &Sourced<V>) -> Self {
        self.doubt = self.doubt.or(doubt(self.sources, &number.source, number.status.word()));
        self
    }

    /// Decided by the rule itself.
    pub(super) fn rules(self, verdict: Verdict, words: &Words) -> Ruling {
        let (source, status) = (self.row.source.clone(), self.row.status);
        self.decided(verdict, words, source, status)
    }

    /// Decided by one number. Numbers of a row are held one after the other, so a doubt about any of them is one about
    /// the ruling.
    pub(super) fn rules_by<V>(self, verdict: Verdict, words: &Words, number: &Sourced<V>) -> Ruling {
        let mut judge = self.rests_on(number);
        let of_row = judge.row.numbers().iter().find_map(|n| doubt(judge.sources, &n.source, &n.status));
        judge.doubt = judge.doubt.or(of_row);
        judge.decided(verdict, words, number.source.clone(), number.status)
    }

    fn decided(self, verdict: Verdict, words: &Words, source: String, status: Status) -> Ruling {
        let mut text = words.filled(&self.facts);
        let mut trust = Trust::Stated;
        if let Some(why) = self.doubt {
            trust = Trust::CheckBeforeUse;
            text = format!("{text} (check before use: {why})");
        }
        let row = self.row;
        Ruling {
            rule: row.id,
            version: row.version,
            verdict,
            text,
            facts: self.facts,
            source,
            status,
            trust,
            overriding: row.overriding.clone(),
        }
    }
}

/// Why a source must be looked up before anybody relies on it; nothing when it was read, computed or is a choice of ours.
fn doubt(sources: &Sources, source: &str, status: &str) -> Option<&'static str> {
    if sources.find(source).is_some_and(|source| source.reading == Reading::Secondary) {
        return Some("read in a transcription only");
    }
    (status == Status::RecalledUnverified.word()).then_some("recalled, not read in any source")
}
