//! Tissue and structures from a label map and a mapping of its labels.
//!
//! Knows what the mapping says of each label, and what it says of cells without one; guesses nothing.

use std::collections::BTreeMap;

use frostline_formats::LabelVolume;
use frostline_space::Volume;
use serde::Deserialize;

use crate::anatomy::{Anatomy, Marked, Origin, Shape, Structure, StructureKind, TissueKind};
use crate::layers::{read_structure, read_tissue};
use crate::segment::{MarkError, Outlines, mark_on};

/// What the labels of a map mean, as a person writes it.
///
/// ```
/// use frostline_plan::label_map::LabelMapping;
/// let mapping: LabelMapping = toml::from_str(r#"
///     unlabelled = "fat"                       # what a cell without label is
///     [[label]]
///     labels = [1, 2]
///     tissue = "cortical-bone"
///     [[label]]
///     names = ["popliteal artery"]             # for files that name their labels
///     tissue = "blood"
///     structure = { name = "popliteal artery", kind = "artery" }
/// "#).unwrap();
/// assert_eq!(mapping.label.len(), 2);
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelMapping {
    /// What a cell without label is: "outside" where the map covers the whole limb, else the tissue between.
    #[serde(deserialize_with = "read_tissue")]
    pub unlabelled: TissueKind,
    /// The labels.
    pub label: Vec<LabelRow>,
}

/// What some labels mean.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelRow {
    /// Labels by number.
    #[serde(default)]
    pub labels: Vec<u16>,
    /// Labels by the names the file gives them.
    #[serde(default)]
    pub names: Vec<String>,
    /// What they are made of.
    #[serde(deserialize_with = "read_tissue")]
    pub tissue: TissueKind,
    /// What they are together, where that has limits of its own.
    pub structure: Option<StructureRow>,
}

/// A structure in a label map.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StructureRow {
    /// What people call it.
    pub name: String,
    /// What kind it is.
    #[serde(deserialize_with = "read_structure")]
    pub kind: StructureKind,
}

/// The tissues and structures of a label map.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelTissue {
    /// The tissue of every cell.
    pub tissues: Volume<TissueKind>,
    /// The structures that the mapping names.
    pub structures: Vec<Structure>,
    /// What was noticed.
    pub remarks: Vec<String>,
}

/// Why a mapping does not fit a label map.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelMapError {
    /// Labels that the mapping does not have.
    #[error("the map has labels that the mapping does not explain: {labels}; add each to a [[label]] with its tissue")]
    UnknownLabels {
        /// The labels, with their names where they have one.
        labels: String,
    },
    /// A label that two rows explain.
    #[error("label {label} is in rows {first} and {second} of the mapping; keep it in one")]
    Twice {
        /// The label.
        label: u16,
        /// The first row, from 1.
        first: usize,
        /// The second row, from 1.
        second: usize,
    },
    /// A row for label 0, which is no label.
    #[error(
        "row {row} of the mapping explains label 0, which means \"not labelled\"; say what that is with unlabelled"
    )]
    Zero {
        /// The row, from 1.
        row: usize,
    },
}

/// The tissues and structures of a label map.
///
/// # Errors
/// [`LabelMapError`] listing every label that the mapping does not explain, or explains twice.
pub fn tissue_from_labels(map: &LabelVolume, mapping: &LabelMapping) -> Result<LabelTissue, LabelMapError> {
    let row_of = rows_by_label(map, mapping)?;
    let present = present(&map.volume);
    let unknown: Vec<_> =
        present.iter().filter(|label| !row_of.contains_key(label)).map(|l| described(map, *l)).collect();
    if !unknown.is_empty() {
        return Err(LabelMapError::UnknownLabels { labels: unknown.join(", ") });
    }
    // A table by label, because a map has millions of cells.
    let mut tissue_of = vec![mapping.unlabelled; usize::from(u16::MAX) + 1];
    for (label, row) in &row_of {
        tissue_of[usize::from(*label)] = mapping.label[*row].tissue;
    }
    let tissues = map.volume.map(|label| tissue_of[usize::from(*label)]);
    let structures = mapping.label.iter().enumerate().filter_map(|(n, row)| {
        let named = row.structure.as_ref()?;
        let labels: Vec<u16> = row_of.iter().filter(|(_, row)| **row == n).map(|(label, _)| *label).collect();
        let marked = labels.iter().any(|label| present.contains(label));
        let cells = || Shape::Cells(map.volume.map(|label| labels.contains(label)));
        let shape = if marked { Marked::Marked(cells()) } else { Marked::NotMarked };
        Some(Structure { name: named.name.clone(), kind: named.kind, shape })
    });
    let structures = structures.collect();
    let remarks = remarks(&tissues, mapping);
    Ok(LabelTissue { tissues, structures, remarks })
}

/// The labels that occur, ascending, without 0.
fn present(labels: &Volume<u16>) -> Vec<u16> {
    let mut occurs = vec![false; usize::from(u16::MAX) + 1];
    labels.values().iter().for_each(|label| occurs[usize::from(*label)] = true);
    (1..=u16::MAX).filter(|label| occurs[usize::from(*label)]).collect()
}

/// The row of the mapping that explains each label.
fn rows_by_label(map: &LabelVolume, mapping: &LabelMapping) -> Result<BTreeMap<u16, usize>, LabelMapError> {
    let mut row_of = BTreeMap::new();
    for (n, row) in mapping.label.iter().enumerate() {
        let by_name = map.names.iter().filter(|(_, name)| row.names.contains(name)).map(|(label, _)| *label);
        for label in row.labels.iter().copied().chain(by_name) {
            if label == 0 {
                return Err(LabelMapError::Zero { row: n + 1 });
            }
            if let Some(first) = row_of.insert(label, n).filter(|first| *first != n) {
                return Err(LabelMapError::Twice { label, first: first + 1, second: n + 1 });
            }
        }
    }
    Ok(row_of)
}

fn described(map: &LabelVolume, label: u16) -> String {
    match map.names.iter().find(|(number, _)| *number == label) {
        Some((_, name)) => format!("{label} ({name})"),
        None => label.to_string(),
    }
}

fn remarks(tissues: &Volume<TissueKind>, mapping: &LabelMapping) -> Vec<String> {
    let mut remarks = Vec::new();
    if !tissues.values().contains(&TissueKind::Outside) {
        remarks.push(
            "the label map has no outside, so where the skin lies is not known; distances to the skin mean nothing"
                .to_owned(),
        );
    }
    if mapping.unlabelled != TissueKind::Outside {
        let word = crate::catalogue::tissue_word(mapping.unlabelled);
        remarks.push(format!("cells without a label are taken as {word}, as the mapping says"));
    }
    remarks
}

/// The anatomy from a label map and what a person outlined on it.
///
/// # Errors
/// [`MarkError`] when a point of the nerve lies off the map or outside the limb.
pub fn mark_labels(labelled: LabelTissue, mut outlines: Outlines) -> Result<Anatomy, MarkError> {
    outlines.structures.splice(0..0, labelled.structures);
    mark_on(labelled.tissues, labelled.remarks, outlines, Origin::LabelMap)
}
