//! Rulers in the ice: sensors in a row, from which the distance of every isotherm is read at every time.

use frostline_freeze::{FreezeHistory, SceneBox, SceneDirection, ScenePoint, SceneVector, Sensor};

use super::build::SceneFileError;
use super::scene_file::RayRow;

/// A direction along which ice is measured.
#[derive(Clone, Debug)]
pub struct Ray {
    /// What it is called.
    pub name: String,
    from: ScenePoint,
    towards: SceneDirection,
    step_mm: f64,
    marks: usize,
    first_sensor: usize,
}

impl Ray {
    /// A ray with marks every half cell, cut at the rim of the box. Its sensors are stored from `first_sensor` on.
    pub fn new(row: &RayRow, outer: &SceneBox, finest_mm: f64, first_sensor: usize) -> Result<Self, SceneFileError> {
        let [x, y, z] = row.towards;
        let towards = SceneVector::new(x, y, z)
            .direction()
            .ok_or_else(|| SceneFileError::NoDirection { of: row.name.clone(), key: "towards" })?;
        let [x, y, z] = row.from_mm;
        let from = ScenePoint::new(x, y, z);
        if !outer.contains(from) {
            return Err(SceneFileError::OutsideTheBox { of: row.name.clone(), x, y, z });
        }
        let step_mm = finest_mm / 2.0;
        let most = row.length_mm.map_or(MOST_MARKS, |length_mm| (length_mm / step_mm) as usize + 1).min(MOST_MARKS);
        let marks =
            (0..most).take_while(|n| outer.contains(from + towards.as_vector() * (*n as f64 * step_mm))).count();
        Ok(Self { name: row.name.clone(), from, towards, step_mm, marks, first_sensor })
    }

    /// Its marks.
    pub fn sensors(&self) -> impl Iterator<Item = Sensor> + '_ {
        (0..self.marks).map(|n| Sensor {
            name: format!("{} at {:.3} mm", self.name, self.at_mm(n)),
            place: self.from + self.towards.as_vector() * self.at_mm(n),
        })
    }

    fn at_mm(&self, mark: usize) -> f64 {
        mark as f64 * self.step_mm
    }

    /// How far an isotherm reaches along the ray at a time: where the temperature last passes from at or below to
    /// above it. `None` when no mark is that cold. Unit: mm.
    pub fn reach_mm(&self, history: &FreezeHistory, celsius: f64, at_s: f64) -> Option<f64> {
        let profile: Vec<f64> = history.sensors[self.first_sensor..self.first_sensor + self.marks]
            .iter()
            .map(|trace| at_time(&trace.at_s, &trace.celsius, at_s))
            .collect::<Option<_>>()?;
        reach(&profile, celsius).map(|marks| marks * self.step_mm)
    }
}

/// Longer rulers than this would cost more than the scene.
const MOST_MARKS: usize = 2000;

/// In marks; the rim counts when even the last mark is that cold.
fn reach(profile_c: &[f64], celsius: f64) -> Option<f64> {
    let last_cold = profile_c.iter().rposition(|c| *c <= celsius)?;
    let Some(next) = profile_c.get(last_cold + 1) else { return Some(last_cold as f64) };
    let part = (celsius - profile_c[last_cold]) / (next - profile_c[last_cold]);
    Some(last_cold as f64 + part)
}

/// The value at a time, linear between records; `None` outside them.
fn at_time(at_s: &[f64], value: &[f64], time_s: f64) -> Option<f64> {
    let after = at_s.partition_point(|at| *at < time_s);
    if at_s.get(after) == Some(&time_s) {
        return value.get(after).copied();
    }
    let before = after.checked_sub(1)?;
    let part = (time_s - at_s[before]) / (at_s.get(after)? - at_s[before]);
    Some(value[before] + part * (value.get(after)? - value[before]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_isotherm_reaches_to_where_the_temperature_last_passes_it() {
        // Between the marks 1 (-10) and 2 (10), zero lies in the middle.
        assert_eq!(reach(&[-40.0, -10.0, 10.0, 37.0], 0.0), Some(1.5));
        // A warm place inside the ice (a thawing probe) does not shorten it.
        assert_eq!(reach(&[5.0, -10.0, 10.0], 0.0), Some(1.5));
        assert_eq!(reach(&[1.0, 2.0], 0.0), None);
        assert_eq!(reach(&[-1.0, -1.0], 0.0), Some(1.0));
    }

    #[test]
    fn a_value_between_two_records_is_linear_in_time() {
        assert_eq!(at_time(&[0.0, 10.0], &[37.0, 27.0], 5.0), Some(32.0));
        assert_eq!(at_time(&[0.0, 10.0], &[37.0, 27.0], 10.0), Some(27.0));
        assert_eq!(at_time(&[0.0, 10.0], &[37.0, 27.0], 11.0), None);
    }
}
