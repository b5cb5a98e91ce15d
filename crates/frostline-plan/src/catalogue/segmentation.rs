//! How tissues look in a CT, and what is assumed where an image says nothing; from `data/segmentation.toml`.

use serde::Deserialize;

use super::probes::Temperature;
use super::rows::{CatalogueError, RowCheck, rows_of};
use super::sources::Sourced;
use super::words::read_tissue;
use crate::anatomy::TissueKind;

const FILE: &str = "segmentation.toml";

/// The Hounsfield units of one tissue.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HuBand {
    /// From here.
    pub low_hu: f64,
    /// To just below here.
    pub high_hu: f64,
}

/// Which tissue a band means.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TissueBand {
    /// Which tissue.
    #[serde(rename = "id", deserialize_with = "read_tissue")]
    pub kind: TissueKind,
    /// Its Hounsfield units.
    pub band: Sourced<HuBand>,
}

/// A Hounsfield value.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hounsfield {
    /// Unit: HU.
    pub hu: f64,
}

/// A thickness.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thickness {
    /// Unit: mm.
    pub millimetres: f64,
}

/// How a CT becomes tissues.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segmentation {
    /// Air is below.
    pub air_below: Sourced<Hounsfield>,
    /// Bands of soft tissue and bone: they touch, and none overlap.
    pub band: Vec<TissueBand>,
    /// Skin where no image resolves it.
    pub skin: Sourced<Thickness>,
    /// A temperature at which the limb starts where nothing was measured.
    pub limb_start: Sourced<Temperature>,
}

impl Segmentation {
    /// Reads `segmentation.toml`.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the row and the value.
    pub fn from_toml(text: &str) -> Result<Self, CatalogueError> {
        let rows = rows_of(FILE, text, &["air_below", "band", "skin", "limb_start"])?;
        let read = Self {
            air_below: rows.one("air_below")?,
            band: rows.list("band")?,
            skin: rows.one("skin")?,
            limb_start: rows.one("limb_start")?,
        };
        let check = RowCheck::new(FILE, "band");
        let mut from_hu = read.air_below.value.hu;
        check.between("air_below.hu", from_hu, -900.0, -100.0)?;
        for band in &read.band {
            let HuBand { low_hu, high_hu } = band.band.value;
            // Bands that touch leave no voxel without a tissue and give none two.
            check.between("low_hu (bands must touch)", low_hu, from_hu, from_hu)?;
            check.between("high_hu", high_hu, low_hu + 1.0, 1e5)?;
            from_hu = high_hu;
        }
        check.between("skin.millimetres", read.skin.value.millimetres, 0.3, 6.0)?;
        check.between("limb_start.celsius", read.limb_start.value.celsius, 20.0, 40.0)?;
        Ok(read)
    }

    /// The tissue of a voxel by its Hounsfield units alone: air is outside; above the last band is the last band.
    pub fn tissue_at_hu(&self, hu: f64) -> TissueKind {
        if hu < self.air_below.value.hu {
            return TissueKind::Outside;
        }
        let band = self.band.iter().find(|band| hu < band.band.value.high_hu).or(self.band.last());
        band.map_or(TissueKind::Outside, |band| band.kind)
    }
}
