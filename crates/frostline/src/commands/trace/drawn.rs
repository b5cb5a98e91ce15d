//! How far a trace lies from a course drawn by hand.

use std::path::{Path, PathBuf};

use frostline_plan::trace::TracedPoint;
use frostline_space::{Course, CourseError, CoursePoint, PatientPoint};
use serde::Deserialize;

/// Why there is nothing to compare with.
#[derive(Debug, thiserror::Error)]
pub enum DrawnError {
    /// The case cannot be opened.
    #[error("{path}: {source}; check the path", path = .path.display())]
    Open { path: PathBuf, source: std::io::Error },
    /// The case is not one.
    #[error("{path}: {source}", path = .path.display())]
    Text { path: PathBuf, source: Box<toml::de::Error> },
    /// No such course.
    #[error("{path} has no course called '{name}' with points_mm; it has {found}. Give one of them with --name", path = .path.display())]
    NoCourse { path: PathBuf, name: String, found: String },
    /// The points are no course.
    #[error(transparent)]
    Course(#[from] CourseError),
}

/// What of a case file matters here.
#[derive(Deserialize)]
struct DrawnText {
    nerve: Option<DrawnRow>,
    #[serde(default)]
    structure: Vec<DrawnRow>,
}

#[derive(Deserialize)]
struct DrawnRow {
    name: Option<String>,
    points_mm: Option<Vec<[f64; 3]>>,
}

/// A course drawn by hand; its radii do not matter.
pub struct DrawnCourse(Course);

/// Of the points of a trace from a drawn course.
#[derive(Clone, Copy)]
pub struct Distance {
    pub mean_mm: f64,
    pub most_mm: f64,
}

impl DrawnCourse {
    /// The structure of this name in a case file; "nerve" is the target.
    pub fn read(path: &Path, name: &str) -> Result<Self, DrawnError> {
        let text = std::fs::read_to_string(path).map_err(|source| DrawnError::Open { path: path.into(), source })?;
        let case: DrawnText =
            toml::from_str(&text).map_err(|e| DrawnError::Text { path: path.into(), source: Box::new(e) })?;
        let nerve = case.nerve.into_iter().map(|row| DrawnRow { name: Some("nerve".into()), ..row });
        let named: Vec<(String, Vec<[f64; 3]>)> =
            nerve.chain(case.structure).filter_map(|row| row.name.zip(row.points_mm)).collect();
        let Some((_, points)) = named.iter().find(|(found, _)| found == name) else {
            let found = named.iter().map(|(name, _)| format!("'{name}'")).collect::<Vec<_>>().join(", ");
            let found = if found.is_empty() { "none".to_owned() } else { found };
            return Err(DrawnError::NoCourse { path: path.into(), name: name.into(), found });
        };
        let place = |mm: &[f64; 3]| CoursePoint { centre: PatientPoint::new(mm[0], mm[1], mm[2]), radius_mm: 1.0 };
        Ok(Self(Course::through(&points.iter().map(place).collect::<Vec<_>>())?))
    }

    /// Mean and largest distance of traced points from it.
    pub fn distance(&self, points: &[TracedPoint]) -> Distance {
        let each: Vec<f64> = points.iter().map(|p| self.0.nearest(p.centre).centre.distance(p.centre)).collect();
        Distance {
            mean_mm: each.iter().sum::<f64>() / each.len() as f64,
            most_mm: each.iter().copied().fold(0.0, f64::max),
        }
    }
}
