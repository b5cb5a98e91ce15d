//! Sheets through the patient on which pictures are sampled: flat ones, and one that follows a nerve.

use frostline_space::{Course, PatientPoint, PatientVector, anatomical_letter};

use super::slice::{EdgeLabels, PicturePoint};

/// A sheet with a place in the patient for every place of the picture.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sheet {
    /// Width. Unit: mm.
    pub width_mm: f64,
    /// Height. Unit: mm.
    pub height_mm: f64,
    form: Form,
}

#[derive(Clone, Debug, PartialEq)]
enum Form {
    Flat {
        corner: PatientPoint,
        right: PatientVector,
        down: PatientVector,
    },
    /// Upper rim and direction down, every `step_mm` to the right.
    Bent {
        step_mm: f64,
        columns: Vec<(PatientPoint, PatientVector)>,
    },
}

/// Spacing of the columns of a bent sheet; a nerve bends far less than a degree over it.
const COLUMN_MM: f64 = 0.25;

impl Sheet {
    /// A flat sheet around `centre`. `right` and `down` have length one.
    pub fn flat(centre: PatientPoint, right: PatientVector, down: PatientVector, half_mm: (f64, f64)) -> Self {
        let corner = centre - right * half_mm.0 - down * half_mm.1;
        Self { width_mm: 2.0 * half_mm.0, height_mm: 2.0 * half_mm.1, form: Form::Flat { corner, right, down } }
    }

    /// A sheet that follows `course` between two lengths along it, with `up` towards its upper rim.
    pub fn along(course: &Course, from_mm: f64, to_mm: f64, up: PatientVector, half_height_mm: f64) -> Self {
        let count = ((to_mm - from_mm) / COLUMN_MM).ceil().max(1.0) as usize;
        let step_mm = (to_mm - from_mm) / count as f64;
        let columns = (0..=count)
            .map(|n| {
                let sample = course.at(from_mm + n as f64 * step_mm);
                let up = square_to(up, sample.tangent.as_vector());
                (sample.centre + up * half_height_mm, -up)
            })
            .collect();
        Self { width_mm: to_mm - from_mm, height_mm: 2.0 * half_height_mm, form: Form::Bent { step_mm, columns } }
    }

    /// The place in the patient.
    pub fn place(&self, at: PicturePoint) -> PatientPoint {
        match &self.form {
            Form::Flat { corner, right, down } => *corner + *right * at.right_mm + *down * at.down_mm,
            Form::Bent { step_mm, columns } => {
                let position = (at.right_mm / step_mm).clamp(0.0, (columns.len() - 1) as f64);
                let before = (position.floor() as usize).min(columns.len().saturating_sub(2));
                let (a, b) = (columns[before], columns[(before + 1).min(columns.len() - 1)]);
                let part = position - before as f64;
                a.0.towards(b.0, part) + (a.1 + (b.1 - a.1) * part) * at.down_mm
            }
        }
    }

    /// Where a place of the patient lies on a flat sheet, seen square to it.
    pub fn seen(&self, place: PatientPoint) -> Option<PicturePoint> {
        let Form::Flat { corner, right, down } = &self.form else { return None };
        let from = place - *corner;
        Some(PicturePoint { right_mm: from.dot(*right), down_mm: from.dot(*down) })
    }

    /// Letters of the patient at the four rims.
    pub fn letters(&self) -> EdgeLabels {
        let middle =
            |right, down| self.place(PicturePoint { right_mm: right * self.width_mm, down_mm: down * self.height_mm });
        let letter = |from: PatientPoint, to: PatientPoint| {
            (to - from).direction().map(|d| anatomical_letter(d).to_string()).unwrap_or_default()
        };
        let (left, right, top, bottom) = (middle(0.0, 0.5), middle(1.0, 0.5), middle(0.5, 0.0), middle(0.5, 1.0));
        EdgeLabels {
            left: letter(right, left),
            right: letter(left, right),
            top: letter(bottom, top),
            bottom: letter(top, bottom),
        }
    }
}

/// The part of `vector` square to `along` (of length one), with length one.
pub(super) fn square_to(vector: PatientVector, along: PatientVector) -> PatientVector {
    let square = vector - along * vector.dot(along);
    let fallback = along.direction().map(|d| d.perpendiculars().0);
    match (square.direction(), fallback) {
        // Nearly parallel: any direction square to it is as good.
        (Some(direction), _) if square.length() > 1e-6 * vector.length() => direction.as_vector(),
        (_, Some(other)) => other.as_vector(),
        _ => PatientVector::new(0.0, 0.0, 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use frostline_space::CoursePoint;

    #[test]
    fn an_axial_sheet_shows_the_patients_right_on_its_left() {
        let (right, down) = (PatientVector::new(1.0, 0.0, 0.0), PatientVector::new(0.0, 1.0, 0.0));
        let sheet = Sheet::flat(PatientPoint::new(5.0, 6.0, 7.0), right, down, (10.0, 20.0));
        let labels = sheet.letters();
        assert_eq!((labels.left.as_str(), labels.right.as_str()), ("R", "L"));
        assert_eq!((labels.top.as_str(), labels.bottom.as_str()), ("A", "P"));
        let corner = sheet.place(PicturePoint { right_mm: 0.0, down_mm: 0.0 });
        assert!(corner.distance(PatientPoint::new(-5.0, -14.0, 7.0)) < 1e-12);
    }

    #[test]
    fn a_sheet_along_a_nerve_has_the_nerve_on_its_middle_line() {
        let point = |x, y, z| CoursePoint { centre: PatientPoint::new(x, y, z), radius_mm: 1.0 };
        let course = Course::through(&[point(0.0, 0.0, 0.0), point(3.0, 0.0, 20.0), point(0.0, 4.0, 40.0)]).unwrap();
        let sheet = Sheet::along(&course, 5.0, 35.0, PatientVector::new(0.0, -1.0, 0.0), 8.0);
        for right_mm in [0.0, 7.3, 22.0, 30.0] {
            let place = sheet.place(PicturePoint { right_mm, down_mm: 8.0 });
            // Columns lie 0.25 mm apart on a curve of over 30 mm radius: chords miss it by under 0.001 mm.
            assert!(place.distance(course.nearest(place).centre) < 1e-3);
        }
    }
}
