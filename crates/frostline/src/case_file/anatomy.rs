//! From the part of a case that says where things are to an anatomy.

use std::error::Error;
use std::path::{Path, PathBuf};

use frostline_formats::ImageVolume;
use frostline_formats::dicom::{DicomFile, contours_to_mask, read_contours};
use frostline_formats::frame_png::{PixelSize, read_mask_png, read_ultrasound_png};
use frostline_plan::anatomy::{Anatomy, Marked, Shape, Structure};
use frostline_plan::catalogue::Catalogues;
use frostline_plan::label_map::{LabelMapping, mark_labels, tissue_from_labels};
use frostline_plan::layers::{CaliperMeasurement, Target, anatomy_from_calipers};
use frostline_plan::segment::{Outlines, SegmentSettings, mark, tissue_from_ct};
use frostline_plan::ultrasound::anatomy_from_frame;
use frostline_space::Grid;

use super::{
    CaseError, CaseText, FramePicture, FrameRow, ImageRow, LabelsRow, StructureRow, drawn_nerve, drawn_structure,
    kind_of, target_distance,
};
use crate::images::{read_file, read_image, read_labels};

/// An anatomy and the picture it came from.
pub(super) struct ReadAnatomy {
    pub anatomy: Anatomy,
    pub image: Option<ImageVolume>,
    pub frame: Option<FramePicture>,
}

/// The anatomy of a case, by the one way it names.
pub(super) fn anatomy_of(
    case: &CaseText,
    path: &Path,
    folder: &Path,
    catalogues: &Catalogues,
) -> Result<ReadAnatomy, CaseError> {
    match (&case.image, &case.labels, &case.calipers, &case.frame) {
        (Some(image), None, None, None) => from_ct(case, image, folder, catalogues),
        (None, Some(labels), None, None) => from_labels(case, labels, folder),
        (None, None, Some(calipers), None) => from_calipers(case, calipers, path),
        (None, None, None, Some(frame)) => from_frame(case, frame, folder),
        _ => Err(one_anatomy(case, path)),
    }
}

fn one_anatomy(case: &CaseText, path: &Path) -> CaseError {
    let tables = [
        ("[image]", case.image.is_some()),
        ("[labels]", case.labels.is_some()),
        ("[calipers]", case.calipers.is_some()),
        ("[frame]", case.frame.is_some()),
    ];
    let found: Vec<_> = tables.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect();
    let found = if found.is_empty() { "none".to_owned() } else { found.join(" and ") };
    CaseError::OneAnatomy { path: path.into(), found }
}

/// Says which file an anatomy could not be made from.
fn made_from<E: Error + Send + Sync + 'static>(path: &Path) -> impl Fn(E) -> CaseError {
    let path: PathBuf = path.into();
    move |e| CaseError::Anatomy { path: path.clone(), source: Box::new(e) }
}

fn from_ct(case: &CaseText, row: &ImageRow, folder: &Path, catalogues: &Catalogues) -> Result<ReadAnatomy, CaseError> {
    let path = folder.join(&row.path);
    let image = read_image(&path, row.series.as_deref())?;
    let nerve = drawn_nerve(&case.nerve)?;
    let seed = nerve.course.at(nerve.course.length_mm() / 2.0).centre;
    let settings = SegmentSettings::from_catalogue(&catalogues.segmentation, Some(seed)).map_err(made_from(&path))?;
    let tissue = tissue_from_ct(&image, &settings).map_err(made_from(&path))?;
    let structures = structures_on(case, image.volume.grid(), folder)?;
    let outlines = Outlines { side: case.side.side(), nerve, structures };
    let mut anatomy = mark(tissue, outlines).map_err(made_from(&path))?;
    anatomy.remarks.extend(image.remarks.iter().cloned());
    Ok(ReadAnatomy { anatomy, image: Some(image), frame: None })
}

fn from_labels(case: &CaseText, row: &LabelsRow, folder: &Path) -> Result<ReadAnatomy, CaseError> {
    let (path, mapping_path) = (folder.join(&row.path), folder.join(&row.mapping));
    let labels = read_labels(&path)?;
    let text = std::fs::read_to_string(&mapping_path)
        .map_err(|source| CaseError::Open { path: mapping_path.clone(), source })?;
    let mapping: LabelMapping =
        toml::from_str(&text).map_err(|e| CaseError::Text { path: mapping_path, source: Box::new(e) })?;
    let labelled = tissue_from_labels(&labels, &mapping).map_err(made_from(&path))?;
    let structures = structures_on(case, labels.volume.grid(), folder)?;
    let outlines = Outlines { side: case.side.side(), nerve: drawn_nerve(&case.nerve)?, structures };
    let anatomy = mark_labels(labelled, outlines).map_err(made_from(&path))?;
    Ok(ReadAnatomy { anatomy, image: None, frame: None })
}

fn from_calipers(case: &CaseText, measured: &CaliperMeasurement, path: &Path) -> Result<ReadAnatomy, CaseError> {
    nerve_given_once(case)?;
    let mut anatomy = anatomy_from_calipers(measured, &target(case)).map_err(made_from(path))?;
    add_drawn(case, &mut anatomy)?;
    Ok(ReadAnatomy { anatomy, image: None, frame: None })
}

fn from_frame(case: &CaseText, row: &FrameRow, folder: &Path) -> Result<ReadAnatomy, CaseError> {
    let (picture_path, mask_path) = (folder.join(&row.picture), folder.join(&row.mask));
    let [across_mm, down_mm] = row.pixel_mm;
    let pixel = PixelSize::new(across_mm, down_mm).map_err(made_from(&picture_path))?;
    let frame = read_ultrasound_png(&read_file(&picture_path)?, pixel).map_err(made_from(&picture_path))?;
    let mask = read_mask_png(&read_file(&mask_path)?).map_err(made_from(&mask_path))?;
    if (mask.width_px(), mask.height_px()) != (frame.width_px, frame.height_px) {
        return Err(CaseError::MaskSize {
            mask: mask_path,
            mask_px: format!("{} x {}", mask.width_px(), mask.height_px()),
            picture_px: format!("{} x {}", frame.width_px, frame.height_px),
        });
    }
    nerve_given_once(case)?;
    let mut anatomy = anatomy_from_frame(&mask, pixel, &row.reading, &target(case)).map_err(made_from(&mask_path))?;
    add_drawn(case, &mut anatomy)?;
    let frame = FramePicture { frame, skin_row_px: row.reading.skin_row_px };
    Ok(ReadAnatomy { anatomy, image: None, frame: Some(frame) })
}

fn nerve_given_once(case: &CaseText) -> Result<(), CaseError> {
    let nerve = &case.nerve;
    let drawn = nerve.points_mm.is_some() || nerve.radius_mm.is_some() || nerve.radii_mm.is_some();
    if drawn { Err(CaseError::NerveTwice) } else { Ok(()) }
}

fn target(case: &CaseText) -> Target {
    Target {
        side: case.side.side(),
        nerve_id: case.nerve.id.clone(),
        distance_to_target_mm: target_distance(&case.nerve),
    }
}

/// Structures drawn besides what calipers or masks gave.
fn add_drawn(case: &CaseText, anatomy: &mut Anatomy) -> Result<(), CaseError> {
    for row in &case.structure {
        anatomy.structures.push(drawn_structure(row)?);
    }
    Ok(())
}

fn structures_on(case: &CaseText, grid: &Grid, folder: &Path) -> Result<Vec<Structure>, CaseError> {
    case.structure.iter().map(|row| structure_on(row, grid, folder)).collect()
}

/// A structure drawn by points, by contours on the image, or said not to be marked.
fn structure_on(row: &StructureRow, grid: &Grid, folder: &Path) -> Result<Structure, CaseError> {
    let Some(contours) = &row.contours else { return drawn_structure(row) };
    if row.points_mm.is_some() || row.not_marked {
        return Err(CaseError::StructurePlace { name: row.name.clone(), found: "contours and another place" });
    }
    let path = folder.join(&contours.path);
    let bytes = read_file(&path)?;
    let name = path.to_string_lossy();
    let sets = read_contours(DicomFile { name: &name, bytes: &bytes }).map_err(made_from(&path))?;
    let Some(set) = sets.iter().find(|s| s.name == contours.region) else {
        let regions: Vec<_> = sets.iter().map(|s| s.name.as_str()).collect();
        let (wanted, found) = (contours.region.clone(), regions.join(", "));
        return Err(CaseError::NoRegion { path, wanted, found });
    };
    let mask = contours_to_mask(set, grid).map_err(made_from(&path))?;
    Ok(Structure { name: row.name.clone(), kind: kind_of(row)?, shape: Marked::Marked(Shape::Cells(mask)) })
}
