//! Anatomy from label maps: the Visible Human leg, and small maps made by hand.

mod anatomy_support;

use std::sync::OnceLock;

use anatomy_support::{nerve_through, repository};
use frostline_formats::nifti::read_nifti_labels;
use frostline_formats::{FrameChoice, LabelVolume};
use frostline_plan::anatomy::{Marked, Origin, Shape, StructureKind, TissueKind};
use frostline_plan::label_map::{LabelMapError, LabelMapping, mark_labels, tissue_from_labels};
use frostline_space::{Grid, PatientPoint, PatientVector, Volume, VoxelIndex, VoxelToPatient};

const VISIBLE_HUMAN: &str = r#"
    unlabelled = "fat"
    [[label]]
    labels = [1]
    tissue = "cortical-bone"
    structure = { name = "tibia", kind = "bone" }
    [[label]]
    labels = [2, 3, 4, 5, 6, 7, 8, 9, 10]
    tissue = "cortical-bone"
    structure = { name = "fibula and foot", kind = "bone" }
    [[label]]
    labels = [20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31]
    tissue = "muscle"
    [[label]]
    labels = [60, 61]
    tissue = "cartilage"
    [[label]]
    labels = [62, 63, 64]
    tissue = "tendon"
    structure = { name = "knee ligaments", kind = "tendon" }
"#;

fn mapping(text: &str) -> LabelMapping {
    toml::from_str(text).unwrap()
}

fn visible_human() -> &'static LabelVolume {
    static READ: OnceLock<LabelVolume> = OnceLock::new();
    READ.get_or_init(read_visible_human)
}

fn read_visible_human() -> LabelVolume {
    let path = repository("crates/frostline-formats/tests/data/vhf_right_leg/vhf_right_leg_labels_1mm.nii.gz");
    read_nifti_labels(&std::fs::read(path).unwrap(), FrameChoice::Only).unwrap()
}

fn row_of_labels(labels: Vec<u16>) -> LabelVolume {
    let map = VoxelToPatient::new(
        PatientVector::new(1.0, 0.0, 0.0),
        PatientVector::new(0.0, 1.0, 0.0),
        PatientVector::new(0.0, 0.0, 1.0),
        PatientPoint::origin(),
    );
    let grid = Grid::new(VoxelIndex::new(labels.len(), 1, 1), map).unwrap();
    LabelVolume { volume: Volume::new(grid, labels).unwrap(), names: vec![(3, "popliteal artery".into())] }
}

#[test]
fn the_visible_human_leg_has_the_volumes_of_its_list() {
    let found = tissue_from_labels(visible_human(), &mapping(VISIBLE_HUMAN)).unwrap();
    let count = |kind| found.tissues.values().iter().filter(|t| **t == kind).count();
    // Sums of the voxel counts in labels.csv, which were made with other software.
    assert_eq!(count(TissueKind::CorticalBone), 502_376);
    assert_eq!(count(TissueKind::Muscle), 883_399);
    assert_eq!(count(TissueKind::Cartilage), 1_940);
    assert_eq!(count(TissueKind::Tendon), 1_073);
    let tibia = &found.structures[0];
    assert_eq!((tibia.name.as_str(), tibia.kind), ("tibia", StructureKind::Bone));
    let Marked::Marked(Shape::Cells(cells)) = &tibia.shape else { panic!("{:?}", tibia.name) };
    assert_eq!(cells.values().iter().filter(|inside| **inside).count(), 252_559);
    assert!(found.remarks.iter().any(|r| r.contains("has no outside")), "{:?}", found.remarks);
    assert!(found.remarks.iter().any(|r| r.contains("taken as fat")), "{:?}", found.remarks);
}

#[test]
fn labels_nobody_explained_are_all_listed() {
    let text = VISIBLE_HUMAN.replace("labels = [60, 61]", "labels = [60]").replace("labels = [1]", "labels = [99]");
    let error = tissue_from_labels(visible_human(), &mapping(&text)).unwrap_err();
    assert_eq!(error, LabelMapError::UnknownLabels { labels: "1, 61".into() });
}

#[test]
fn labels_are_found_by_the_names_of_the_file() {
    let text = r#"
        unlabelled = "outside"
        [[label]]
        labels = [1]
        tissue = "muscle"
        [[label]]
        names = ["popliteal artery"]
        tissue = "blood"
        structure = { name = "popliteal artery", kind = "artery" }
    "#;
    let found = tissue_from_labels(&row_of_labels(vec![0, 1, 3]), &mapping(text)).unwrap();
    assert_eq!(found.tissues.values(), [TissueKind::Outside, TissueKind::Muscle, TissueKind::Blood]);
    let absent = tissue_from_labels(&row_of_labels(vec![0, 1, 1]), &mapping(text)).unwrap();
    assert_eq!(absent.structures[0].shape, Marked::NotMarked);
    let error = tissue_from_labels(&row_of_labels(vec![0, 4, 3]), &mapping(&text.replace("popliteal", "tibial")));
    assert_eq!(error, Err(LabelMapError::UnknownLabels { labels: "3 (popliteal artery), 4".into() }));
}

#[test]
fn a_label_in_two_rows_and_a_row_for_zero_are_refused() {
    let rows = |first: u16, second: u16| {
        let row = |label| format!("[[label]]\nlabels = [{label}]\ntissue = \"fat\"\n");
        mapping(&format!("unlabelled = \"outside\"\n{}{}", row(first), row(second)))
    };
    let map = row_of_labels(vec![0, 1]);
    assert_eq!(tissue_from_labels(&map, &rows(1, 1)), Err(LabelMapError::Twice { label: 1, first: 1, second: 2 }));
    assert_eq!(tissue_from_labels(&map, &rows(1, 0)), Err(LabelMapError::Zero { row: 2 }));
}

#[test]
fn a_nerve_on_a_label_map_makes_an_anatomy_with_the_structures_of_the_map() {
    let labelled = tissue_from_labels(visible_human(), &mapping(VISIBLE_HUMAN)).unwrap();
    let grid = *labelled.tissues.grid();
    let place = |k| grid.centre(VoxelIndex::new(60, 100, k));
    let found = mark_labels(labelled, nerve_through(&[place(300), place(320)])).unwrap();
    assert_eq!(found.origin, Origin::LabelMap);
    assert_eq!(found.structures.len(), 3);
}
