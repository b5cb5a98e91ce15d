//! The report of a small caliper case: nothing that was found may be missing from it.

use std::sync::LazyLock;

use frostline_freeze::{Continue, PhaseKind, Schedule, SolverSettings};
use frostline_plan::anatomy::{
    Anatomy, Layer, LayerStack, Marked, Origin, Shape, Side, Structure, StructureKind, TargetNerve, TissueKind,
    TissueMap,
};
use frostline_plan::catalogue::{Catalogues, Status};
use frostline_plan::{
    Accuracy, EvaluateSettings, Evaluation, Plan, PlanParts, PlannedProtocol, ProbePlacement, Resolution, evaluate,
};
use frostline_record::report::{
    Background, Block, Cell, Drawn, Picture, Report, ReportInputs, Row, SlicePicture, report,
};
use frostline_space::{Course, CoursePoint, PatientPoint};

fn along_z(x: f64, y: f64, radius_mm: f64) -> Course {
    let point = |z| CoursePoint { centre: PatientPoint::new(x, y, z), radius_mm };
    Course::through(&[point(-30.0), point(30.0)]).unwrap()
}

fn limb() -> Anatomy {
    let layer = |tissue, bottom_mm| Layer { tissue, bottom_mm };
    let layers = vec![layer(TissueKind::Skin, 2.0), layer(TissueKind::Fat, 12.0), layer(TissueKind::Muscle, 40.0)];
    let structure = |name: &str, kind, shape| Structure { name: name.into(), kind, shape };
    Anatomy {
        side: Side::Right,
        origin: Origin::Calipers,
        tissues: TissueMap::Layers(LayerStack::new(layers).unwrap()),
        nerve: TargetNerve {
            id: "sural".into(),
            course: along_z(0.0, 8.0, 1.0),
            distance_to_target_mm: Marked::NotMarked,
        },
        structures: vec![
            structure(
                "small saphenous vein",
                StructureKind::Vein,
                Marked::Marked(Shape::Course(along_z(5.0, 7.0, 1.5))),
            ),
            structure("peroneal artery", StructureKind::Artery, Marked::NotMarked),
            structure("tibial nerve", StructureKind::MixedNerve, Marked::NotMarked),
        ],
        remarks: vec!["a remark of the reader".into()],
    }
}

fn plan(anatomy: &Anatomy, catalogues: &Catalogues) -> Plan {
    let placement = ProbePlacement {
        probe: "n2o-1.3".into(),
        entry: PatientPoint::new(-8.0, 0.0, 0.0),
        tip: PatientPoint::new(0.5, 8.5, 0.0),
    };
    let schedule = Schedule::of(&[(PhaseKind::Freeze, 60.0)]);
    let protocol = PlannedProtocol { name: "one freeze".into(), schedule };
    let parts = PlanParts { placements: vec![placement], protocol, skin_contact: "room-air".into(), fluid: vec![] };
    Plan::new(parts, anatomy, catalogues).unwrap()
}

struct Case {
    catalogues: Catalogues,
    anatomy: Anatomy,
    plan: Plan,
    evaluation: Evaluation,
}

/// Solved once for all tests, with long steps and the coarsest cells that treat this probe truly.
static CASE: LazyLock<Case> = LazyLock::new(|| {
    let catalogues = Catalogues::bundled().unwrap();
    let anatomy = limb();
    let plan = plan(&anatomy, &catalogues);
    let settings = EvaluateSettings {
        accuracy: Accuracy::Fixed(Resolution { fine_mm: 0.75, coarsest_mm: 6.0, after_s: 0.0 }),
        solver: SolverSettings { step_s: 5.0, ..SolverSettings::default() },
        ..EvaluateSettings::default()
    };
    let evaluation = evaluate(&anatomy, &plan, &catalogues, &settings, &mut |_| Continue::Yes).unwrap();
    Case { catalogues, anatomy, plan, evaluation }
});

fn with_report(check: impl FnOnce(&Report, &Evaluation)) {
    let Case { catalogues, anatomy, plan, evaluation } = &*CASE;
    let inputs = ReportInputs {
        case_name: "a case",
        program: "test",
        anatomy,
        plan,
        catalogues,
        evaluation,
        background: Background::Nothing,
        remarks: &["a remark of the case".to_owned()],
    };
    check(&report(&inputs), evaluation);
}

fn cells_of<'a>(report: &'a Report, id: &'a str) -> impl Iterator<Item = &'a Vec<Cell>> {
    let blocks = report.sections.iter().filter(move |s| s.id == id).flat_map(|s| &s.blocks);
    let rows = blocks.flat_map(|b| if let Block::Table(table) = b { &table.rows[..] } else { &[] });
    rows.filter_map(|row| if let Row::Cells(cells) = row { Some(cells) } else { None })
}

fn slices(report: &Report) -> Vec<&SlicePicture> {
    let blocks = report.sections.iter().flat_map(|s| &s.blocks);
    let figures = blocks.flat_map(|b| if let Block::Figures(figures) = b { &figures[..] } else { &[] });
    figures.filter_map(|f| if let Picture::Slice(slice) = &f.picture { Some(slice.as_ref()) } else { None }).collect()
}

#[test]
fn every_finding_stands_in_the_report_with_its_level_and_source() {
    with_report(|report, evaluation| {
        assert!(!evaluation.assessment.findings.is_empty());
        for finding in &evaluation.assessment.findings {
            let wanted = [Cell::Level(finding.level), Cell::text(&finding.text), Cell::text(&finding.source)];
            let stands = cells_of(report, "findings").any(|cells| wanted.iter().all(|cell| cells.contains(cell)));
            assert!(stands, "{finding:?}");
        }
    });
}

#[test]
fn what_nobody_marked_says_so_in_the_table_and_in_the_headline() {
    with_report(|report, _| {
        for name in ["peroneal artery", "tibial nerve"] {
            let row = cells_of(report, "structures").find(|cells| cells.contains(&Cell::text(name)));
            assert!(row.is_some_and(|cells| cells.contains(&Cell::NotMarked)), "{name}");
        }
        // Nobody even named bone: that is as little known as what was named and not marked.
        for label in ["Arteries", "Mixed nerves", "Bone", "Motor nerves"] {
            let fact = report.facts.iter().find(|fact| fact.label == label);
            assert!(fact.is_some_and(|fact| fact.value == "not marked" && fact.level.is_some()), "{label}");
        }
    });
}

#[test]
fn every_cut_shows_ice_and_none_shows_more_of_it_than_there_is() {
    with_report(|report, evaluation| {
        let slices = slices(report);
        assert_eq!(slices.len(), 4);
        let greatest = evaluation.assessment.isotherms.iter().find(|i| i.celsius == 0.0).unwrap();
        for slice in &slices {
            let zero = slice.outlines.iter().find(|o| o.drawn == Drawn::Isotherm { celsius: 0.0, rank: 0 });
            let across = zero.expect("ice in every cut").lines.iter().flat_map(|l| &l.points).map(|p| p.right_mm);
            let (least, most) = across.fold((f64::INFINITY, 0.0_f64), |(l, m), x| (l.min(x), m.max(x)));
            // A cylinder around the probe holds the ice; no cut is wider than its diagonal. Two readings between cells of
            // 0.75 mm agree to a tenth of a cell.
            assert!(
                most - least <= greatest.width_mm.hypot(greatest.length_mm) + 0.15,
                "{} of {} by {} mm",
                most - least,
                greatest.width_mm,
                greatest.length_mm
            );
            // The probe itself is 1.3 mm thick and colder than ice.
            assert!(most - least > 1.3);
        }
    });
}

#[test]
fn remarks_of_reader_and_case_stand_among_the_assumptions() {
    with_report(|report, _| {
        let all = format!("{:?}", report.sections.iter().find(|s| s.id == "assumptions"));
        assert!(all.contains("a remark of the reader") && all.contains("a remark of the case"));
    });
}

#[test]
fn the_freezing_model_stands_among_the_assumptions_and_the_numbers() {
    with_report(|report, _| {
        let words = CASE.catalogues.tissues.model().words();
        let assumptions = format!("{:?}", report.sections.iter().find(|s| s.id == "assumptions"));
        assert!(assumptions.contains(&words), "{words}");
        let row = cells_of(report, "numbers").find(|cells| cells.contains(&Cell::text("freezing model")));
        assert!(
            row.is_some_and(
                |cells| cells.contains(&Cell::text(&words)) && cells.contains(&Cell::Status(Status::Design))
            )
        );
    });
}

#[test]
fn every_tissue_shows_its_frozen_range_and_what_it_is_made_of_with_a_status() {
    with_report(|report, _| {
        let rows: Vec<_> = cells_of(report, "numbers").collect();
        let with = |text: &str| rows.iter().filter(|cells| cells.contains(&Cell::text(text))).count();
        // Skin, fat, muscle and nerve fill cells of this limb.
        assert_eq!((with("frozen conductivity"), with("frozen capacity"), with("made of, by mass")), (4, 4, 4));
        let fat = CASE.catalogues.tissues.row(TissueKind::Fat).unwrap().frozen.value.at[1];
        let range =
            format!("{:.2} to {:.2} at -20", fat.lowest_conductivity_w_per_m_k, fat.highest_conductivity_w_per_m_k);
        assert!(rows.iter().any(|cells| format!("{cells:?}").contains(&range)), "{range}");
        let recalled = rows.iter().find(|cells| cells.contains(&Cell::text("made of, by mass")));
        assert!(recalled.is_some_and(|cells| cells.contains(&Cell::Status(Status::RecalledUnverified))));
        assert_eq!(with("lipid hardens"), 0, "the catalogue leaves it out");
    });
}
