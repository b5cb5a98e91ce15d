//! How far assisted marking looks; from `data/trace.toml`.

use serde::Deserialize;

use crate::catalogue::Sourced;

/// The radii of structures that are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RadiusRange {
    /// The thinnest. Unit: mm.
    pub least_mm: f64,
    /// The thickest. Unit: mm.
    pub most_mm: f64,
}

/// What is believed of a click.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClickRange {
    /// A click lies this near to the middle of what is meant. Unit: mm.
    pub snap_mm: f64,
    /// Neighbouring clicks lie this near to each other. Unit: mm.
    pub most_apart_mm: f64,
}

/// Spacing of proposed points.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointSpacing {
    /// Unit: mm.
    pub every_mm: f64,
}

/// How much longer than straight a structure may run.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detour {
    /// The longest way over the straight distance.
    pub factor: f64,
}

/// What the ellipse of a nerve in an ultrasound frame may look like.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EllipseRange {
    /// The shortest half axis. Unit: mm.
    pub least_radius_mm: f64,
    /// The longest half axis. Unit: mm.
    pub most_radius_mm: f64,
    /// The farthest it moves from one frame of a sweep to the next. Unit: mm.
    pub most_move_mm: f64,
}

/// The half axes that are expected when nothing better is known.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedEllipse {
    /// Longer half axis. Unit: mm.
    pub long_radius_mm: f64,
    /// Shorter half axis. Unit: mm.
    pub short_radius_mm: f64,
}

/// All settings of assisted marking, each with its source.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TraceSettings {
    /// Radii looked for when none is given.
    pub radii: Sourced<RadiusRange>,
    /// Clicks.
    pub clicks: Sourced<ClickRange>,
    /// Proposed points.
    pub points: Sourced<PointSpacing>,
    /// Longest way.
    pub detour: Sourced<Detour>,
    /// Ellipses in frames.
    pub frame: Sourced<EllipseRange>,
    /// The usual ellipse.
    pub expected_ellipse: Sourced<ExpectedEllipse>,
}

/// Why `trace.toml` cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TraceSettingsError {
    /// Not the keys that are expected.
    #[error("trace.toml: {reason}")]
    Text {
        /// The reader's words.
        reason: String,
    },
    /// A number that cannot be used.
    #[error("trace.toml: {key} is {found}, expected {expected}")]
    Value {
        /// The key.
        key: &'static str,
        /// What it is.
        found: f64,
        /// What it may be.
        expected: &'static str,
    },
}

impl TraceSettings {
    /// The file as it was when the program was built.
    ///
    /// # Errors
    /// [`TraceSettingsError`] as for [`TraceSettings::from_toml`].
    pub fn bundled() -> Result<Self, TraceSettingsError> {
        Self::from_toml(include_str!("../../../../data/trace.toml"))
    }

    /// Reads `trace.toml`.
    ///
    /// # Errors
    /// [`TraceSettingsError`] naming the key, what was found and what was expected.
    pub fn from_toml(text: &str) -> Result<Self, TraceSettingsError> {
        let read: Self =
            toml::from_str(text).map_err(|e| TraceSettingsError::Text { reason: e.message().to_owned() })?;
        let (radii, clicks, frame) = (read.radii.value, read.clicks.value, read.frame.value);
        let positive = "above 0";
        in_range("radii.least_mm", radii.least_mm, 0.0, f64::INFINITY, positive)?;
        in_range("radii.most_mm", radii.most_mm, radii.least_mm, f64::INFINITY, "above least_mm")?;
        in_range("clicks.snap_mm", clicks.snap_mm, 0.0, f64::INFINITY, positive)?;
        in_range("clicks.most_apart_mm", clicks.most_apart_mm, clicks.snap_mm, f64::INFINITY, "above snap_mm")?;
        in_range("points.every_mm", read.points.value.every_mm, 0.1, f64::INFINITY, "above 0.1 mm")?;
        in_range("detour.factor", read.detour.value.factor, 1.0, 3.0, "above 1, at most 3")?;
        in_range("frame.least_radius_mm", frame.least_radius_mm, 0.0, f64::INFINITY, positive)?;
        let above_least = "above least_radius_mm";
        in_range("frame.most_radius_mm", frame.most_radius_mm, frame.least_radius_mm, f64::INFINITY, above_least)?;
        in_range("frame.most_move_mm", frame.most_move_mm, 0.0, 50.0, "above 0, at most 50 mm")?;
        let (long_mm, short_mm) =
            (read.expected_ellipse.value.long_radius_mm, read.expected_ellipse.value.short_radius_mm);
        let (least_mm, most_mm) = (frame.least_radius_mm, frame.most_radius_mm);
        in_range("expected_ellipse.short_radius_mm", short_mm, least_mm, most_mm, "within [frame]")?;
        in_range("expected_ellipse.long_radius_mm", long_mm, short_mm, most_mm, "above the shorter, within [frame]")?;
        Ok(read)
    }
}

/// Above `low` and at most `high`.
fn in_range(
    key: &'static str,
    found: f64,
    low: f64,
    high: f64,
    expected: &'static str,
) -> Result<(), TraceSettingsError> {
    if found > low && found <= high { Ok(()) } else { Err(TraceSettingsError::Value { key, found, expected }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{Catalogues, Sources};

    #[test]
    fn every_row_of_the_bundled_file_names_a_source_that_exists() {
        let read = TraceSettings::bundled().unwrap();
        let sources: Sources = Catalogues::bundled().unwrap().sources;
        let named = [&read.radii.source, &read.clicks.source, &read.points.source, &read.detour.source];
        for id in named.into_iter().chain([&read.frame.source, &read.expected_ellipse.source]) {
            assert!(sources.find(id).is_some(), "{id}");
        }
    }

    #[test]
    fn a_range_upside_down_is_refused_with_its_key() {
        let text = include_str!("../../../../data/trace.toml").replace("most_mm = 6.0", "most_mm = 0.4");
        let error = TraceSettings::from_toml(&text).unwrap_err();
        assert_eq!(error, TraceSettingsError::Value { key: "radii.most_mm", found: 0.4, expected: "above least_mm" });
    }
}
