//! What lies behind the lines of a picture: the image that was taken, or tissues where there is none.

use frostline_formats::ImageVolume;
use frostline_plan::anatomy::{Anatomy, Origin, TissueKind, TissueMap};
use frostline_space::{PatientPoint, Volume};

use super::sheet::Sheet;
use super::slice::{PicturePoint, Pixels, Raster};

/// The image a plan was made on.
#[derive(Clone, Copy, Debug)]
pub enum Background<'a> {
    /// A CT or MR in the frame of the patient.
    Image(&'a ImageVolume),
    /// One ultrasound picture in the frame of the transducer: x across, y into the depth, one slice at some z.
    Frame(&'a ImageVolume),
    /// Nothing was imaged; tissues are drawn.
    Nothing,
}

/// Window for soft tissue where a CT brings none: fat to enhanced muscle, as on any work station. Unit: HU.
const SOFT_TISSUE_HU: (f64, f64) = (40.0, 400.0);

impl Background<'_> {
    /// Pixels of about `pixel_mm` over a sheet.
    pub(super) fn raster(&self, sheet: &Sheet, anatomy: &Anatomy, pixel_mm: f64) -> Raster {
        let columns = (sheet.width_mm / pixel_mm).round().max(1.0) as usize;
        let rows = (sheet.height_mm / pixel_mm).round().max(1.0) as usize;
        let place = |n: usize| {
            let right_mm = ((n % columns) as f64 + 0.5) * sheet.width_mm / columns as f64;
            let down_mm = ((n / columns) as f64 + 0.5) * sheet.height_mm / rows as f64;
            sheet.place(PicturePoint { right_mm, down_mm })
        };
        let places = (0..columns * rows).map(place);
        let pixels = match self.on(sheet) {
            Some(image) => Pixels::Grey(places.map(|p| self.grey(image, p)).collect()),
            None => Pixels::Tissue(places.map(|p| anatomy.tissues.at(p).unwrap_or(TissueKind::Outside)).collect()),
        };
        Raster { columns, rows, pixels }
    }

    /// The image that belongs on a sheet: an ultrasound frame only where the sheet lies in its plane.
    fn on(&self, sheet: &Sheet) -> Option<&ImageVolume> {
        match self {
            Background::Image(image) => Some(image),
            Background::Frame(image) => {
                let corner = |right, down| {
                    sheet.place(PicturePoint { right_mm: right * sheet.width_mm, down_mm: down * sheet.height_mm }).z
                };
                let level = corner(0.0, 0.0);
                let flat = [(1.0, 0.0), (0.0, 1.0)].iter().all(|&(r, d)| (corner(r, d) - level).abs() < 1e-6);
                flat.then_some(*image)
            }
            Background::Nothing => None,
        }
    }

    fn grey(&self, image: &ImageVolume, place: PatientPoint) -> u8 {
        let value = match self {
            // What was seen in one plane is taken to go on along the limb, as the anatomy does.
            Background::Frame(_) => {
                let level = image.volume.grid().voxel_to_patient().offset().z;
                image.volume.linear(PatientPoint::new(place.x, place.y, level))
            }
            _ => image.volume.linear(place),
        };
        let (centre, width) = self.window(image);
        value.map_or(0, |v| (((v - centre) / width + 0.5) * 255.0).round().clamp(0.0, 255.0) as u8)
    }

    fn window(&self, image: &ImageVolume) -> (f64, f64) {
        match (self, image.window) {
            (_, Some(window)) if window.width > 0.0 => (window.centre, window.width),
            (Background::Frame(_), _) => (127.5, 255.0),
            _ => SOFT_TISSUE_HU,
        }
    }

    /// What a picture says about its background.
    pub(super) fn words(&self, anatomy: &Anatomy) -> &'static str {
        match (self, &anatomy.origin) {
            (Background::Image(_), _) => "Grey: the image the plan was made on.",
            (Background::Frame(_), _) => {
                "Grey: the ultrasound picture; it is taken to look the same further along the limb."
            }
            (Background::Nothing, Origin::Calipers) => {
                "No image: flat colours are the layers as measured with calipers."
            }
            (Background::Nothing, _) => "No image: flat colours are the tissues as marked.",
        }
    }
}

/// 0 where a place is not of interest, 1 where it is, between them within a cell; for smooth outlines of voxels.
pub(super) struct Indicator(Volume<f32>);

impl Indicator {
    /// Marks the cells of a tissue map that `inside` picks; `None` where the map has no cells.
    pub fn of(tissues: &TissueMap, inside: impl Fn(TissueKind) -> bool) -> Option<Self> {
        match tissues {
            TissueMap::Voxels(volume) => Some(Self(volume.map(|kind| f32::from(u8::from(inside(*kind)))))),
            TissueMap::Layers(_) | TissueMap::Displaced(_) => None,
        }
    }

    /// Marks the cells of a mask.
    pub fn of_cells(cells: &Volume<bool>) -> Self {
        Self(cells.map(|inside| f32::from(u8::from(*inside))))
    }

    /// The part that is of interest near a place; `None` outside the image.
    pub fn at(&self, place: PatientPoint) -> Option<f64> {
        self.0.linear(place)
    }

    /// The same, beyond the image as at its rim.
    pub fn at_or_nearest(&self, place: PatientPoint) -> f64 {
        self.at(place).unwrap_or_else(|| f64::from(*self.0.at(self.0.grid().nearest_cell(place))))
    }
}
