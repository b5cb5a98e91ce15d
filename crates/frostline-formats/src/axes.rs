//! Axes of a stored array: those along the patient make the grid, at most one other counts frames.

use frostline_space::{Grid, GridError, PatientPoint, PatientVector, VoxelIndex, VoxelToPatient};

use crate::cells::{FrameChoice, FrameError, FrameLayout};

/// Why the axes of a file do not make one volume.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AxesError {
    /// One spatial axis, or more than three.
    #[error("the file has {found} axes in space; an image has 2 or 3")]
    NotAnImage {
        /// Spatial axes found.
        found: usize,
    },
    /// More than one axis of several times, layers or components.
    #[error(
        "the file has {found} axes of times, layers or components with more than one entry; at most one can be chosen from. Split it first"
    )]
    SeveralFrameAxes {
        /// Such axes found.
        found: usize,
    },
    /// No or a wrong choice of frame.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A geometry that does not span space.
    #[error(transparent)]
    Grid(#[from] GridError),
}

/// One axis as stored, fastest first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct StoredAxis {
    pub(crate) size: usize,
    /// From one cell to the next in the patient (LPS, mm); `None` for times, layers and components.
    pub(crate) step: Option<PatientVector>,
}

/// The grid of the spatial axes and where the chosen frame's cells are stored.
pub(crate) fn arrange(
    axes: &[StoredAxis],
    origin: PatientPoint,
    frame: FrameChoice,
    remarks: &mut Vec<String>,
) -> Result<(Grid, FrameLayout), AxesError> {
    let grid = spatial_grid(axes, origin, remarks)?;
    let several = |axis: &&StoredAxis| axis.step.is_none() && axis.size != 1;
    let found = axes.iter().filter(several).count();
    if found > 1 {
        return Err(AxesError::SeveralFrameAxes { found });
    }
    let place = axes.iter().position(|axis| several(&axis));
    let frames = place.map_or(1, |place| axes[place].size);
    // The grid was counted without overflow, and this product is a part of that count.
    let inner = axes[..place.unwrap_or(axes.len())].iter().map(|axis| axis.size).product();
    Ok((grid, FrameLayout { cells: grid.count(), inner, frames, frame: frame.among(frames)? }))
}

fn spatial_grid(axes: &[StoredAxis], origin: PatientPoint, remarks: &mut Vec<String>) -> Result<Grid, AxesError> {
    let spatial: Vec<(usize, PatientVector)> =
        axes.iter().filter_map(|axis| axis.step.map(|step| (axis.size, step))).collect();
    let (size, map) = match spatial[..] {
        [(i, x), (j, y)] => {
            remarks.push("the file is a single slice without thickness; 1 mm was taken".into());
            // Parallel axes have no normal; the zero step is then refused by the grid.
            let normal = x.cross(y).direction().map_or(PatientVector::new(0.0, 0.0, 0.0), |normal| normal * 1.0);
            (VoxelIndex::new(i, j, 1), VoxelToPatient::new(x, y, normal, origin))
        }
        [(i, x), (j, y), (k, z)] => (VoxelIndex::new(i, j, k), VoxelToPatient::new(x, y, z, origin)),
        _ => return Err(AxesError::NotAnImage { found: spatial.len() }),
    };
    Ok(Grid::new(size, map)?)
}
