//! Points, vectors, directions and transforms whose frame is a type.
//!
//! A tracker point cannot be subtracted from a patient point: the compiler refuses. Scalars carry their unit in their
//! name instead.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Add, Mul, Neg, Sub};

/// The patient frame: LPS, millimetres.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patient {}

/// The index frame of an image: column i, row j, slice k; whole numbers are cell centres.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voxel {}

/// A place in the frame `F`. Unit: mm, except in [`Voxel`], where it counts cells.
pub struct Point<F> {
    /// First coordinate (patient left in LPS).
    pub x: f64,
    /// Second coordinate (patient posterior in LPS).
    pub y: f64,
    /// Third coordinate (patient superior in LPS).
    pub z: f64,
    frame: PhantomData<F>,
}

/// A displacement in the frame `F`. Unit: mm, except in [`Voxel`].
pub struct Vector<F> {
    /// First component.
    pub x: f64,
    /// Second component.
    pub y: f64,
    /// Third component.
    pub z: f64,
    frame: PhantomData<F>,
}

/// A vector of length one in the frame `F`.
pub struct Direction<F>(Vector<F>);

/// A place on or in the patient.
pub type PatientPoint = Point<Patient>;
/// A displacement in the patient.
pub type PatientVector = Vector<Patient>;
/// A direction in the patient.
pub type PatientDirection = Direction<Patient>;
/// A place counted in cells of an image.
pub type VoxelPoint = Point<Voxel>;

macro_rules! plain_value {
    ($name:ident) => {
        impl<F> Clone for $name<F> {
            fn clone(&self) -> Self {
                *self
            }
        }
        impl<F> Copy for $name<F> {}
        impl<F> PartialEq for $name<F> {
            fn eq(&self, other: &Self) -> bool {
                self.x == other.x && self.y == other.y && self.z == other.z
            }
        }
        impl<F> fmt::Debug for $name<F> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "({:?}, {:?}, {:?})", self.x, self.y, self.z)
            }
        }
        /// For people: one decimal. `Debug` keeps every digit.
        impl<F> fmt::Display for $name<F> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "({:.1}, {:.1}, {:.1})", self.x, self.y, self.z)
            }
        }
        impl<F> $name<F> {
            /// From its three coordinates.
            pub const fn new(x: f64, y: f64, z: f64) -> Self {
                Self { x, y, z, frame: PhantomData }
            }

            /// True when no coordinate is infinite or not a number.
            pub fn is_finite(self) -> bool {
                self.x.is_finite() && self.y.is_finite() && self.z.is_finite()
            }
        }
    };
}
plain_value!(Point);
plain_value!(Vector);

impl<F> Point<F> {
    /// The zero of the frame.
    pub const fn origin() -> Self {
        Self::new(0.0, 0.0, 0.0)
    }

    /// Distance to `other`, in the unit of the frame (mm in the patient).
    pub fn distance(self, other: Self) -> f64 {
        (self - other).length()
    }

    /// The point a `fraction` of the way to `other` (0 here, 1 there).
    pub fn towards(self, other: Self, fraction: f64) -> Self {
        self + (other - self) * fraction
    }
}

impl<F> Vector<F> {
    /// Length, in the unit of the frame (mm in the patient).
    pub fn length(self) -> f64 {
        self.dot(self).sqrt()
    }

    /// Scalar product.
    pub fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    /// Vector product, right-handed.
    pub fn cross(self, other: Self) -> Self {
        Self::new(
            self.y * other.z - self.z * other.y,
            self.z * other.x - self.x * other.z,
            self.x * other.y - self.y * other.x,
        )
    }

    /// The direction it points to; `None` for the zero vector and for one that is not finite.
    pub fn direction(self) -> Option<Direction<F>> {
        let length = self.length();
        (length > 0.0 && length.is_finite()).then(|| Direction(self * (1.0 / length)))
    }
}

impl<F> Clone for Direction<F> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<F> Copy for Direction<F> {}
impl<F> PartialEq for Direction<F> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<F> fmt::Debug for Direction<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<F> Direction<F> {
    /// Along the first axis of the frame.
    pub const fn along_x() -> Self {
        Self(Vector::new(1.0, 0.0, 0.0))
    }

    /// Along the second axis of the frame.
    pub const fn along_y() -> Self {
        Self(Vector::new(0.0, 1.0, 0.0))
    }

    /// Along the third axis of the frame.
    pub const fn along_z() -> Self {
        Self(Vector::new(0.0, 0.0, 1.0))
    }

    /// The displacement of length one.
    pub fn as_vector(self) -> Vector<F> {
        self.0
    }

    /// Cosine of the angle to `other`.
    pub fn dot(self, other: Self) -> f64 {
        self.0.dot(other.0)
    }

    /// Two directions that complete this one to a right-handed orthogonal frame `(self, first, second)`.
    pub fn perpendiculars(self) -> (Self, Self) {
        // The axis least parallel to the direction gives the best conditioned product.
        let v = self.0;
        let helper = if v.x.abs() <= v.y.abs() && v.x.abs() <= v.z.abs() {
            Vector::new(1.0, 0.0, 0.0)
        } else if v.y.abs() <= v.z.abs() {
            Vector::new(0.0, 1.0, 0.0)
        } else {
            Vector::new(0.0, 0.0, 1.0)
        };
        let first = v.cross(helper);
        let first = Self(first * (1.0 / first.length()));
        (first, Self(v.cross(first.0)))
    }
}

impl<F> Mul<f64> for Direction<F> {
    type Output = Vector<F>;
    fn mul(self, length: f64) -> Vector<F> {
        self.0 * length
    }
}
impl<F> Neg for Direction<F> {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}
impl<F> Sub for Point<F> {
    type Output = Vector<F>;
    fn sub(self, other: Self) -> Vector<F> {
        Vector::new(self.x - other.x, self.y - other.y, self.z - other.z)
    }
}
impl<F> Add<Vector<F>> for Point<F> {
    type Output = Self;
    fn add(self, by: Vector<F>) -> Self {
        Self::new(self.x + by.x, self.y + by.y, self.z + by.z)
    }
}
impl<F> Sub<Vector<F>> for Point<F> {
    type Output = Self;
    fn sub(self, by: Vector<F>) -> Self {
        Self::new(self.x - by.x, self.y - by.y, self.z - by.z)
    }
}
impl<F> Add for Vector<F> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.x + other.x, self.y + other.y, self.z + other.z)
    }
}
impl<F> Sub for Vector<F> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y, self.z - other.z)
    }
}
impl<F> Mul<f64> for Vector<F> {
    type Output = Self;
    fn mul(self, by: f64) -> Self {
        Self::new(self.x * by, self.y * by, self.z * by)
    }
}
impl<F> Neg for Vector<F> {
    type Output = Self;
    fn neg(self) -> Self {
        self * -1.0
    }
}

/// The letter of the patient side a direction points to most: L, R, P, A, S or I.
pub fn anatomical_letter(direction: PatientDirection) -> char {
    let v = direction.as_vector();
    let (ax, ay, az) = (v.x.abs(), v.y.abs(), v.z.abs());
    if ax >= ay && ax >= az {
        if v.x >= 0.0 { 'L' } else { 'R' }
    } else if ay >= az {
        if v.y >= 0.0 { 'P' } else { 'A' }
    } else if v.z >= 0.0 {
        'S'
    } else {
        'I'
    }
}

/// Why a transform cannot be inverted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "the transform flattens space (determinant {determinant:e}), so it cannot be undone; three independent axes are needed"
)]
pub struct TransformError {
    /// The determinant that was found.
    pub determinant: f64,
}

/// An affine map from places in `A` to places in `B`.
pub struct Transform<A, B> {
    columns: [Vector<B>; 3],
    offset: Point<B>,
    from: PhantomData<A>,
}

impl<A, B> Clone for Transform<A, B> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<A, B> Copy for Transform<A, B> {}
impl<A, B> PartialEq for Transform<A, B> {
    fn eq(&self, other: &Self) -> bool {
        self.columns == other.columns && self.offset == other.offset
    }
}
impl<A, B> fmt::Debug for Transform<A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "columns {:?}, offset {:?}", self.columns, self.offset)
    }
}

impl<A, B> Transform<A, B> {
    /// From the images of the three unit steps of `A` and of its zero.
    pub const fn new(x_step: Vector<B>, y_step: Vector<B>, z_step: Vector<B>, offset: Point<B>) -> Self {
        Self { columns: [x_step, y_step, z_step], offset, from: PhantomData }
    }

    /// Where a place of `A` lies in `B`.
    pub fn apply(&self, point: Point<A>) -> Point<B> {
        self.offset + self.turn(Vector::new(point.x, point.y, point.z))
    }

    /// What a displacement of `A` is in `B`.
    pub fn turn(&self, vector: Vector<A>) -> Vector<B> {
        self.columns[0] * vector.x + self.columns[1] * vector.y + self.columns[2] * vector.z
    }

    /// The images of the three unit steps of `A`.
    pub fn steps(&self) -> [Vector<B>; 3] {
        self.columns
    }

    /// The image of the zero of `A`.
    pub fn offset(&self) -> Point<B> {
        self.offset
    }

    /// The map that first goes from `A` to `B`, then from `B` to `C`.
    pub fn then<C>(&self, next: &Transform<B, C>) -> Transform<A, C> {
        Transform {
            columns: self.columns.map(|column| next.turn(column)),
            offset: next.apply(self.offset),
            from: PhantomData,
        }
    }

    /// The map back.
    ///
    /// # Errors
    /// [`TransformError`] when the three steps are not independent.
    pub fn inverse(&self) -> Result<Transform<B, A>, TransformError> {
        let [a, b, c] = self.columns;
        let determinant = a.dot(b.cross(c));
        let scale = a.length() * b.length() * c.length();
        // Relative to the step lengths: 1e-9 is far below any real image's obliquity and far above rounding.
        if !determinant.is_finite() || determinant.abs() <= scale * 1e-9 {
            return Err(TransformError { determinant });
        }
        let inv = 1.0 / determinant;
        // Rows of the inverse are the cross products of the columns; they become columns of the new transform.
        let (r0, r1, r2) = (b.cross(c) * inv, c.cross(a) * inv, a.cross(b) * inv);
        let columns = [Vector::new(r0.x, r1.x, r2.x), Vector::new(r0.y, r1.y, r2.y), Vector::new(r0.z, r1.z, r2.z)];
        let unshifted: Transform<B, A> = Transform { columns, offset: Point::origin(), from: PhantomData };
        let o = self.offset;
        let back = unshifted.turn(Vector::new(o.x, o.y, o.z));
        Ok(Transform { columns, offset: Point::new(-back.x, -back.y, -back.z), from: PhantomData })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn going_there_and_back_returns_to_the_same_place() {
        let oblique: Transform<Voxel, Patient> = Transform::new(
            Vector::new(0.9, 0.1, 0.0),
            Vector::new(-0.1, 0.9, 0.2),
            Vector::new(0.0, -0.6, 3.0),
            Point::new(-39.0, -7.8, 385.6),
        );
        let start = VoxelPoint::new(12.5, 80.0, 7.25);
        let there = oblique.apply(start);
        let back = oblique.inverse().unwrap().apply(there);
        // Three products of numbers near 100 with 1e-16 rounding each: 1e-12 leaves two digits of room.
        assert!(back.distance(start) < 1e-12, "{back:?}");
    }

    #[test]
    fn a_flat_transform_is_refused() {
        let flat: Transform<Voxel, Patient> = Transform::new(
            Vector::new(1.0, 0.0, 0.0),
            Vector::new(0.0, 1.0, 0.0),
            Vector::new(1.0, 1.0, 0.0),
            Point::origin(),
        );
        assert!(flat.inverse().is_err());
    }

    #[test]
    fn letters_follow_lps() {
        let letter = |x, y, z| anatomical_letter(PatientVector::new(x, y, z).direction().unwrap());
        assert_eq!(letter(1.0, 0.2, 0.0), 'L');
        assert_eq!(letter(-1.0, 0.2, 0.0), 'R');
        assert_eq!(letter(0.0, 2.0, 1.0), 'P');
        assert_eq!(letter(0.0, -2.0, 1.0), 'A');
        assert_eq!(letter(0.0, 0.0, 1.0), 'S');
        assert_eq!(letter(0.0, 0.1, -1.0), 'I');
    }

    #[test]
    fn perpendiculars_complete_a_right_handed_frame() {
        let along = PatientVector::new(0.3, -0.5, 0.8).direction().unwrap();
        let (first, second) = along.perpendiculars();
        assert!(along.dot(first).abs() < 1e-12 && along.dot(second).abs() < 1e-12);
        let triple = along.as_vector().cross(first.as_vector()).dot(second.as_vector());
        assert!((triple - 1.0).abs() < 1e-12);
    }
}
