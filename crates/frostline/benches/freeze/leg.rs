//! L1: a leg. The demo's CT, segmented, with a nerve and a vein; a 1.3 mm nitrous oxide probe through the skin, oblique to
//! the leg; three freezes of 120 s with thaws of 60 s.

use std::path::PathBuf;

use frostline_formats::dicom::{DicomFile, SeriesChoice, decode_frame, read_series};
use frostline_freeze::{SceneBox, SceneDirection, SceneGrid, SceneParts, ScenePoint, SceneProbe, SceneVector};
use frostline_plan::anatomy::{Anatomy, Marked, Shape, Side, Structure, StructureKind, TargetNerve};
use frostline_plan::catalogue::Catalogues;
use frostline_plan::segment::{Outlines, SegmentSettings, mark, tissue_from_ct};
use frostline_plan::{
    BuiltScene, Correction, Filling, Plan, PlanParts, PlannedProtocol, ProbePlacement, Resolution, build_scene,
};
use frostline_space::{Course, CoursePoint, PatientPoint};
use serde::Deserialize;

use crate::{Fault, root};

/// The anatomy of the demo with the plan of L1.
pub struct Leg {
    catalogues: Catalogues,
    anatomy: Anatomy,
    plan: Plan,
}

/// `leg.toml`, which says more about it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LegText {
    image: PathBuf,
    probe: String,
    protocol: String,
    skin_contact: String,
    entry_mm: [f64; 3],
    tip_mm: [f64; 3],
    nerve: TubeText,
    /// A vein.
    vessel: TubeText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TubeText {
    id: String,
    points_mm: Vec<[f64; 3]>,
    radius_mm: f64,
}

impl Leg {
    /// Reads the CT and what is drawn on it.
    pub fn read() -> Result<Self, Fault> {
        let catalogues = Catalogues::bundled()?;
        let text: LegText = toml::from_str(include_str!("leg.toml"))?;
        let anatomy = anatomy_of(&text, &catalogues)?;
        let protocol = catalogues.protocols.find(&text.protocol).ok_or("the catalogue lacks the protocol of L1")?;
        let placement = ProbePlacement { probe: text.probe, entry: place(text.entry_mm), tip: place(text.tip_mm) };
        let parts = PlanParts {
            placements: vec![placement],
            protocol: PlannedProtocol { name: protocol.name.clone(), schedule: protocol.schedule() },
            skin_contact: text.skin_contact,
            fluid: vec![],
        };
        let plan = Plan::new(parts, &anatomy, &catalogues)?;
        Ok(Self { catalogues, anatomy, plan })
    }

    /// The question on a grid.
    pub fn question(&self, cells: LegCells) -> Result<LegQuestion, Fault> {
        match cells {
            LegCells::AlongProbe { fine_mm, coarsest_mm } => {
                let across = SceneDirection::along_z().perpendiculars();
                Ok(LegQuestion { parts: self.built(fine_mm, coarsest_mm)?.scene.parts().clone(), across })
            }
            LegCells::Oblique { fine_mm, coarsest_mm } => {
                // Twice as fine, so that reading it cell by cell moves the tissues by no more than a quarter of a cell.
                let built = self.built(0.5 * fine_mm, coarsest_mm)?;
                Turn::oblique()?.question(&built, fine_mm, coarsest_mm)
            }
        }
    }

    /// L1 with its tip moved and its probe and blood corrected, on cells along the probe.
    pub fn varied(
        &self,
        moved_mm: [f64; 3],
        correction: &Correction,
        (fine_mm, coarsest_mm): (f64, f64),
    ) -> Result<BuiltScene, Fault> {
        let first = &self.plan.placements()[0];
        let [x, y, z] = moved_mm;
        let tip = PatientPoint::new(first.tip.x + x, first.tip.y + y, first.tip.z + z);
        let parts = PlanParts {
            placements: vec![ProbePlacement { tip, ..first.clone() }],
            protocol: self.plan.protocol().clone(),
            skin_contact: self.plan.skin_contact().into(),
            fluid: self.plan.fluid().to_vec(),
        };
        let plan = Plan::new(parts, &self.anatomy, &self.catalogues)?;
        let resolution = Resolution { fine_mm, coarsest_mm, after_s: 0.0 };
        Ok(build_scene(&self.anatomy, &plan, &self.catalogues, correction, &resolution)?)
    }

    fn built(&self, fine_mm: f64, coarsest_mm: f64) -> Result<BuiltScene, Fault> {
        let resolution = Resolution { fine_mm, coarsest_mm, after_s: 0.0 };
        let built = build_scene(&self.anatomy, &self.plan, &self.catalogues, &Correction::none(), &resolution)?;
        holds_every_kind(&built)?;
        Ok(built)
    }
}

/// The cells of L1.
#[derive(Clone, Copy, Debug)]
pub enum LegCells {
    /// As every plan is solved: the probe along z.
    AlongProbe { fine_mm: f64, coarsest_mm: f64 },
    /// The same scene on cells that lie askew to the probe.
    Oblique { fine_mm: f64, coarsest_mm: f64 },
}

impl LegCells {
    pub fn name(self) -> &'static str {
        match self {
            LegCells::AlongProbe { .. } => "probe along the grid, oblique to the leg",
            LegCells::Oblique { .. } => "probe oblique to the grid and to the leg",
        }
    }
}

/// L1 on some cells.
pub struct LegQuestion {
    pub parts: SceneParts,
    /// Two directions across the probe, the same in the leg whatever the cells.
    pub across: (SceneDirection, SceneDirection),
}

/// Where the axes of a scene come to lie.
struct Turn {
    x: SceneDirection,
    y: SceneDirection,
    z: SceneDirection,
}

/// Fine cells around the active length and growth beyond them, as for a plan. Unit of the first: mm.
const FOCUS_MM: f64 = 8.0;
const GROWTH: f64 = 1.2;

impl Turn {
    fn oblique() -> Result<Self, Fault> {
        let z = SceneVector::new(0.3, 0.1, 1.0).direction().ok_or("a tilt that points nowhere")?;
        let (x, y) = z.perpendiculars();
        Ok(Self { x, y, z })
    }

    fn vector(&self, v: SceneVector) -> SceneVector {
        self.x * v.x + self.y * v.y + self.z * v.z
    }

    fn place(&self, p: ScenePoint) -> ScenePoint {
        ScenePoint::origin() + self.vector(p - ScenePoint::origin())
    }

    fn direction(&self, d: SceneDirection) -> SceneDirection {
        // A turned direction keeps its length of one.
        self.vector(d.as_vector()).direction().unwrap_or(d)
    }

    /// Where a place was before, pulled into `within`.
    fn before(&self, p: ScenePoint, within: &SceneBox) -> ScenePoint {
        let v = p - ScenePoint::origin();
        let part = |d: SceneDirection, least: f64, most: f64| v.dot(d.as_vector()).clamp(least, most);
        let (least, most) = (within.least, within.most);
        ScenePoint::new(part(self.x, least.x, most.x), part(self.y, least.y, most.y), part(self.z, least.z, most.z))
    }

    fn question(&self, built: &BuiltScene, fine_mm: f64, coarsest_mm: f64) -> Result<LegQuestion, Fault> {
        let old = built.scene.parts();
        let turned = |probe: &SceneProbe| SceneProbe {
            tip: self.place(probe.tip),
            towards_hub: self.direction(probe.towards_hub),
            ..probe.clone()
        };
        let probes: Vec<SceneProbe> = old.probes.iter().map(turned).collect();
        let ends = |p: &SceneProbe| [p.tip, p.tip + p.towards_hub * p.shape.active_length_mm];
        let ends: Vec<ScenePoint> = probes.iter().flat_map(ends).collect();
        let around = |mm| SceneBox::around(&ends, mm).ok_or("L1 has no probe");
        let grid = SceneGrid::graded(around(FOCUS_MM)?, fine_mm, GROWTH, coarsest_mm, around(built.margin_mm)?)?;
        let within = old.grid.outer_box();
        let medium = (0..grid.cell_count())
            .map(|n| {
                let place = self.before(grid.centre(grid.cell(n)), &within);
                old.grid.cell_at(place).map(|cell| old.medium[old.grid.offset(cell)])
            })
            .collect::<Option<_>>()
            .ok_or("a place of L1 lies outside its scene")?;
        let (first, second) = SceneDirection::along_z().perpendiculars();
        let parts = SceneParts { grid, medium, probes, sensors: Vec::new(), ..old.clone() };
        Ok(LegQuestion { parts, across: (self.direction(first), self.direction(second)) })
    }
}

/// L1 says that it has skin, fat, muscle, nerve, vessel and bone.
fn holds_every_kind(built: &BuiltScene) -> Result<(), Fault> {
    let name = |filling: &Filling| match filling {
        Filling::Tissue(kind) => format!("{kind:?}"),
        Filling::Mixed(_) => "Mixed".into(),
        Filling::Vessel(_) => "Vessel".into(),
        Filling::Outside => "Outside".into(),
    };
    let names: Vec<String> = built.fillings.iter().map(name).collect();
    for kind in ["Outside", "Skin", "Fat", "Muscle", "Nerve", "Vessel", "CorticalBone"] {
        if !names.iter().any(|name| name == kind) {
            return Err(
                format!("the scene of L1 has no {kind}, only {}; has the case changed?", names.join(", ")).into()
            );
        }
    }
    Ok(())
}

fn anatomy_of(text: &LegText, catalogues: &Catalogues) -> Result<Anatomy, Fault> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(root().join(&text.image))? {
        let path = entry?.path();
        files.push((path.to_string_lossy().into_owned(), std::fs::read(&path)?));
    }
    files.sort();
    let files: Vec<DicomFile> = files.iter().map(|(name, bytes)| DicomFile { name, bytes }).collect();
    let image = read_series(&files, &SeriesChoice::Only, &decode_frame)?;
    let nerve = TargetNerve {
        id: text.nerve.id.clone(),
        course: course(&text.nerve.points_mm, text.nerve.radius_mm)?,
        distance_to_target_mm: Marked::NotMarked,
    };
    let seed = nerve.course.at(nerve.course.length_mm() / 2.0).centre;
    let settings = SegmentSettings::from_catalogue(&catalogues.segmentation, Some(seed))?;
    let tissue = tissue_from_ct(&image, &settings)?;
    let shape = Marked::Marked(Shape::Course(course(&text.vessel.points_mm, text.vessel.radius_mm)?));
    let structures = vec![Structure { name: text.vessel.id.clone(), kind: StructureKind::Vein, shape }];
    Ok(mark(tissue, Outlines { side: Side::Left, nerve, structures })?)
}

fn course(points_mm: &[[f64; 3]], radius_mm: f64) -> Result<Course, Fault> {
    let points: Vec<_> = points_mm.iter().map(|&mm| CoursePoint { centre: place(mm), radius_mm }).collect();
    Ok(Course::through(&points)?)
}

fn place(mm: [f64; 3]) -> PatientPoint {
    PatientPoint::new(mm[0], mm[1], mm[2])
}
