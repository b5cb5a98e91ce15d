//! Millimetres, frames, volumes and courses: the geometry every other room stands on.
//!
//! Knows: points and directions that carry their frame as a type, affine transforms between frames, image grids that
//! keep their own spacing and obliquity, curves with a radius along them, distances.
//! Does not know: what an image shows, what a nerve is, what heat does. Opens no file and prints nothing.
//!
//! The patient frame is LPS in millimetres: x grows to the patient's left, y to the back (posterior), z to the head
//! (superior), as in DICOM.

mod course;
mod distance;
mod frames;
mod volume;

pub use course::{Course, CourseError, CoursePoint, CourseSample};
pub use distance::{Segment, distance_map_mm};
pub use frames::{
    Direction, Patient, PatientDirection, PatientPoint, PatientVector, Point, Transform, TransformError, Vector, Voxel,
    VoxelPoint, anatomical_letter,
};
pub use volume::{Axis, Grid, GridError, Volume, VolumeError, VoxelIndex, VoxelToPatient};
