//! Which medium fills which cell.

use frostline_formats::nifti::read_nifti_labels;
use frostline_formats::{FrameChoice, LabelVolume};
use frostline_freeze::{GridError, SceneBox, SceneGrid, ScenePoint};
use frostline_space::PatientPoint;

use super::build::SceneFileError;
use super::scene_file::{Fill, LabelsRow, LayersRow};

/// Where media are, checked against their names.
#[derive(Debug)]
pub enum Filling {
    /// The same medium everywhere.
    Uniform(u8),
    /// Flat layers along an axis (0 for x), each with the coordinate at which it ends.
    Layers { axis: usize, layers: Vec<(u8, f64)> },
    /// A label volume; its patient frame is that of the scene.
    Labels { volume: Box<LabelVolume>, media: Vec<(u16, u8)>, outside: u8 },
}

impl Filling {
    /// From the file; `names` are those of the media in order.
    pub fn from_file(fill: &Fill, labels: Option<&[u8]>, names: &[&str]) -> Result<Self, SceneFileError> {
        match (&fill.uniform, &fill.layers, &fill.labels) {
            (Some(medium), None, None) => Ok(Self::Uniform(number_of(medium, names)?)),
            (None, Some(layers), None) => layered(layers, names),
            (None, None, Some(row)) => labelled(row, labels.unwrap_or_default(), names),
            _ => Err(SceneFileError::OneFill),
        }
    }

    /// The box of the label volume; `None` for anything without bounds.
    pub fn bounds(&self) -> Option<SceneBox> {
        let Self::Labels { volume, .. } = self else { return None };
        let corners = volume.volume.grid().corners().map(|place| ScenePoint::new(place.x, place.y, place.z));
        SceneBox::around(&corners, 0.0)
    }

    /// The same grid with the edge nearest to each face between two layers moved onto it, so that no cell is half of
    /// one and half of the other.
    pub fn fitted(&self, grid: SceneGrid) -> Result<SceneGrid, GridError> {
        let Self::Layers { axis, layers } = self else { return Ok(grid) };
        let mut edges_mm = grid.edges_mm().clone();
        for face_mm in layers.iter().map(|(_, to_mm)| *to_mm) {
            move_nearest_edge(&mut edges_mm[*axis], face_mm);
        }
        let [x_mm, y_mm, z_mm] = edges_mm;
        SceneGrid::from_edges(x_mm, y_mm, z_mm)
    }

    /// The number of the medium in every cell.
    pub fn cells(&self, grid: &SceneGrid) -> Result<Vec<u8>, SceneFileError> {
        (0..grid.cell_count()).map(|offset| self.at(grid.centre(grid.cell(offset)))).collect()
    }

    fn at(&self, place: ScenePoint) -> Result<u8, SceneFileError> {
        match self {
            Self::Uniform(medium) => Ok(*medium),
            Self::Layers { axis, layers } => {
                let along_mm = [place.x, place.y, place.z][*axis];
                let layer = layers.iter().find(|(_, to_mm)| along_mm < *to_mm).or(layers.last());
                layer.map(|(medium, _)| *medium).ok_or(SceneFileError::NoLayer)
            }
            Self::Labels { volume, media, outside } => {
                let Some(label) = volume.volume.nearest(PatientPoint::new(place.x, place.y, place.z)) else {
                    return Ok(*outside);
                };
                let found = media.iter().find(|(known, _)| known == label);
                found.map(|(_, medium)| *medium).ok_or(SceneFileError::LabelWithoutMedium { label: *label })
            }
        }
    }
}

/// Moves the inner edge that is nearest to a face onto it; a face outside the box, or in its first or last cell,
/// where the rim must stay, moves nothing.
fn move_nearest_edge(edges_mm: &mut [f64], face_mm: f64) {
    let last = edges_mm.len() - 1;
    let nearest = (1..last).min_by(|&a, &b| (edges_mm[a] - face_mm).abs().total_cmp(&(edges_mm[b] - face_mm).abs()));
    if let Some(n) = nearest.filter(|&n| edges_mm[n - 1] < face_mm && face_mm < edges_mm[n + 1]) {
        edges_mm[n] = face_mm;
    }
}

fn number_of(name: &str, names: &[&str]) -> Result<u8, SceneFileError> {
    // There are at most 255 media, so every place in their order fits.
    names.iter().position(|known| *known == name).map(|place| place as u8).ok_or_else(|| {
        SceneFileError::NotInCatalogue { what: "medium", found: name.to_owned(), known: names.join(", ") }
    })
}

fn layered(row: &LayersRow, names: &[&str]) -> Result<Filling, SceneFileError> {
    let axis = "xyz".find(row.along).ok_or(SceneFileError::Along { found: row.along })?;
    let mut layers = Vec::new();
    let mut from_mm = f64::NEG_INFINITY;
    for (n, layer) in row.layer.iter().enumerate() {
        let last = n + 1 == row.layer.len();
        let to_mm = match layer.to_mm {
            Some(to_mm) => to_mm,
            None if last => f64::INFINITY,
            None => return Err(SceneFileError::LayerWithoutEnd { number: n + 1 }),
        };
        if to_mm.is_nan() || to_mm <= from_mm {
            return Err(SceneFileError::LayerOrder { number: n + 1, from_mm, to_mm });
        }
        layers.push((number_of(&layer.medium, names)?, to_mm));
        from_mm = to_mm;
    }
    if layers.is_empty() { Err(SceneFileError::NoLayer) } else { Ok(Filling::Layers { axis, layers }) }
}

fn labelled(row: &LabelsRow, bytes: &[u8], names: &[&str]) -> Result<Filling, SceneFileError> {
    let volume = read_nifti_labels(bytes, FrameChoice::Only)
        .map_err(|source| SceneFileError::Labels { file: row.file.clone(), source })?;
    let mut media = Vec::new();
    for (label, name) in &row.media {
        let number = label.parse().map_err(|_| SceneFileError::NotALabel { found: label.clone() })?;
        media.push((number, number_of(name, names)?));
    }
    Ok(Filling::Labels { volume: Box::new(volume), media, outside: number_of(&row.outside, names)? })
}
