//! What others published, laid beside one's own; never without how it was found out, and never only what looks good.

use frostline_plan::catalogue::{Reading, Sources, Status};
use serde::Serialize;

use crate::rules::RuleBook;

/// What stands above every comparison.
pub const NOT_ADJUSTED: &str = "Not adjusted: other patients, other nerves, other devices. Series without a control group look \
better than trials with one, and trials that found no difference are in the list.";

/// What a study measured nearest to a day.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PublishedPoint {
    /// Pain on the day that lies nearest.
    Pain {
        /// Days after the procedure.
        day: i64,
        /// Average, 0 to 10.
        pain: f64,
    },
    /// Only a difference or another scale was published; read what was found.
    OnlyInWords,
}

/// One study.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Beside {
    /// Key.
    pub study: String,
    /// Who, what, how.
    pub name: String,
    /// Such as series or sham-controlled.
    pub design: String,
    /// Patients.
    pub n: u32,
    /// What it found.
    pub found: String,
    /// Pain before; nothing where it was not published.
    pub baseline: Option<f64>,
    /// Pain at the day that lies nearest.
    pub nearest: PublishedPoint,
    /// All that was published: days and pain.
    pub curve: Vec<(i64, f64)>,
    /// Key in `data/sources.toml`.
    pub source: String,
    /// Whether somebody must look the numbers up before relying on them.
    pub check_before_use: bool,
}

/// One's own pain beside all studies.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Days after the procedure.
    pub day: i64,
    /// Own pain then: of a patient, or the median of a group.
    pub own: f64,
    /// How many patients that is.
    pub own_n: usize,
    /// What stands above it.
    pub notice: &'static str,
    /// Every study of the list, in its order.
    pub studies: Vec<Beside>,
}

impl Comparison {
    /// Beside every study, those with nothing but words too.
    pub fn of(book: &RuleBook, day: i64, own: f64, own_n: usize) -> Self {
        let beside = |curve: &crate::rules::PublishedCurve| {
            let measured = &curve.result.value;
            let nearest = measured.points.iter().min_by_key(|(at, _)| (at - day).abs());
            Beside {
                study: curve.id.clone(),
                name: curve.name.clone(),
                design: curve.design.clone(),
                n: curve.n,
                found: curve.found.clone(),
                baseline: measured.baseline.known(),
                nearest: nearest
                    .map_or(PublishedPoint::OnlyInWords, |(day, pain)| PublishedPoint::Pain { day: *day, pain: *pain }),
                curve: measured.points.clone(),
                source: curve.result.source.clone(),
                check_before_use: must_be_checked(book.sources(), &curve.result.source, curve.result.status),
            }
        };
        let studies = book.published_curves().iter().map(beside).collect();
        Self { day, own, own_n, notice: NOT_ADJUSTED, studies }
    }
}

fn must_be_checked(sources: &Sources, source: &str, status: Status) -> bool {
    let secondary = sources.find(source).is_some_and(|source| source.reading == Reading::Secondary);
    secondary || status == Status::RecalledUnverified
}
