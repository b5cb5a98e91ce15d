//! A trace through a volume that stays editable.

use frostline_space::{Course, CoursePoint, PatientPoint, Volume};

use super::click::{Click, Sought, snapped};
use super::error::TraceError;
use super::piece::{TracedPoint, traced_piece};
use super::settings::TraceSettings;

/// A course proposed from clicks, piece by piece.
///
/// A piece depends on its two clicks and the image alone. A change of one click therefore re-traces the pieces that end at
/// it, and leaves every other as it was, to the last bit.
#[derive(Clone, Debug, PartialEq)]
pub struct Tracing {
    sought: Sought,
    settings: TraceSettings,
    clicks: Vec<Click>,
    pieces: Vec<Vec<TracedPoint>>,
}

impl Tracing {
    /// Traces from click to click.
    ///
    /// # Errors
    /// [`TraceError`]: fewer than two clicks, one outside the image, too far apart or too near, too much to look at.
    pub fn through(
        image: &Volume<f32>,
        clicks: &[PatientPoint],
        sought: &Sought,
        settings: &TraceSettings,
    ) -> Result<Self, TraceError> {
        if clicks.len() < 2 {
            return Err(TraceError::TooFewClicks { found: clicks.len() });
        }
        let mut tracing =
            Self { sought: sought.clone(), settings: settings.clone(), clicks: Vec::new(), pieces: Vec::new() };
        for (n, place) in clicks.iter().enumerate() {
            tracing.clicks.push(tracing.click(image, n + 1, *place)?);
        }
        for first in 1..clicks.len() {
            tracing.pieces.push(tracing.piece(image, first)?);
        }
        Ok(tracing)
    }

    /// The clicks, moved to the middle of what they lie on.
    pub fn clicks(&self) -> &[Click] {
        &self.clicks
    }

    /// The points between each click and the next, both included.
    pub fn pieces(&self) -> &[Vec<TracedPoint>] {
        &self.pieces
    }

    /// With one more click in front of click `number` (from 1); `number` one beyond the last adds at the end.
    ///
    /// # Errors
    /// [`TraceError`] as for [`Tracing::through`], and for a number that does not exist.
    pub fn with_click(&self, image: &Volume<f32>, number: usize, place: PatientPoint) -> Result<Self, TraceError> {
        if number < 1 || number > self.clicks.len() + 1 {
            return Err(TraceError::NoSuchClick { number, found: self.clicks.len() });
        }
        let mut changed = self.clone();
        changed.clicks.insert(number - 1, self.click(image, number, place)?);
        // A click at an end adds a piece; one between two others takes the place of theirs.
        if number > 1 && number <= self.clicks.len() {
            changed.pieces.remove(number - 2);
        }
        changed.retraced(image, number, |pieces, at, piece| pieces.insert(at, piece))
    }

    /// With click `number` (from 1) somewhere else.
    ///
    /// # Errors
    /// [`TraceError`] as for [`Tracing::through`], and for a number that does not exist.
    pub fn with_click_moved(
        &self,
        image: &Volume<f32>,
        number: usize,
        place: PatientPoint,
    ) -> Result<Self, TraceError> {
        self.check_number(number)?;
        let mut changed = self.clone();
        changed.clicks[number - 1] = self.click(image, number, place)?;
        changed.retraced(image, number, |pieces, at, piece| pieces[at] = piece)
    }

    /// Without click `number` (from 1).
    ///
    /// # Errors
    /// [`TraceError`] for a number that does not exist, when only one click would remain, or when its neighbours lie too
    /// far apart.
    pub fn without_click(&self, image: &Volume<f32>, number: usize) -> Result<Self, TraceError> {
        self.check_number(number)?;
        if self.clicks.len() == 2 {
            return Err(TraceError::TooFewClicks { found: 1 });
        }
        let mut changed = self.clone();
        changed.clicks.remove(number - 1);
        if number == 1 {
            changed.pieces.remove(0);
        } else if number == self.clicks.len() {
            changed.pieces.pop();
        } else {
            changed.pieces.remove(number - 1);
            changed.pieces[number - 2] = changed.piece(image, number - 1)?;
        }
        Ok(changed)
    }

    /// All points in order, each once; a click's confidence is the lower one of its two pieces.
    pub fn points(&self) -> Vec<TracedPoint> {
        let mut all: Vec<TracedPoint> = Vec::new();
        for piece in &self.pieces {
            let mut rest = piece.as_slice();
            if let (Some(last), Some((first, others))) = (all.last_mut(), piece.split_first()) {
                last.confidence = last.confidence.min(first.confidence);
                last.radius_mm = 0.5 * (last.radius_mm + first.radius_mm);
                rest = others;
            }
            all.extend_from_slice(rest);
        }
        all
    }

    /// The course that is proposed.
    ///
    /// # Errors
    /// [`TraceError::Course`] when neighbouring points fall together.
    pub fn course(&self) -> Result<Course, TraceError> {
        let points: Vec<CoursePoint> =
            self.points().iter().map(|p| CoursePoint { centre: p.centre, radius_mm: p.radius_mm }).collect();
        Ok(Course::through(&points)?)
    }

    fn check_number(&self, number: usize) -> Result<(), TraceError> {
        if number < 1 || number > self.clicks.len() {
            return Err(TraceError::NoSuchClick { number, found: self.clicks.len() });
        }
        Ok(())
    }

    /// Traces the piece before and the piece after a click again.
    fn retraced(
        mut self,
        image: &Volume<f32>,
        number: usize,
        put: impl Fn(&mut Vec<Vec<TracedPoint>>, usize, Vec<TracedPoint>),
    ) -> Result<Self, TraceError> {
        for first in [number.saturating_sub(1), number] {
            if first >= 1 && first < self.clicks.len() {
                let piece = self.piece(image, first)?;
                put(&mut self.pieces, first - 1, piece);
            }
        }
        Ok(self)
    }

    fn click(&self, image: &Volume<f32>, number: usize, place: PatientPoint) -> Result<Click, TraceError> {
        if !place.is_finite() || image.grid().cell_at(place).is_none() {
            let (low, high) = reach(image);
            return Err(TraceError::OutsideImage { number, place, low, high });
        }
        snapped(image, place, &self.sought, &self.settings)
    }

    /// The piece from click `first` (from 1) to the next.
    fn piece(&self, image: &Volume<f32>, first: usize) -> Result<Vec<TracedPoint>, TraceError> {
        let ends = (&self.clicks[first - 1], &self.clicks[first]);
        traced_piece(image, ends, first, (&self.sought, &self.settings))
    }
}

/// Least and largest coordinates of an image.
fn reach(image: &Volume<f32>) -> (PatientPoint, PatientPoint) {
    let corners = image.grid().corners();
    let of = |pick: fn(f64, f64) -> f64| {
        let along = |axis: fn(&PatientPoint) -> f64| corners.iter().map(axis).reduce(pick).unwrap_or(0.0);
        PatientPoint::new(along(|p| p.x), along(|p| p.y), along(|p| p.z))
    };
    (of(f64::min), of(f64::max))
}
