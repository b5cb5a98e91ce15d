//! The view in space: skin, nerve, vessels, probes and ice, from two sides.

use std::sync::Arc;

use frostline_space::{PatientDirection, PatientPoint, PatientVector, anatomical_letter};

use super::background::Indicator;
use super::camera::{Camera, SceneView, ViewSurface};
use super::mesh::{CellField, Mesh, Rim, isosurface};
use super::sheet::square_to;
use super::slice::{EdgeLabels, LegendEntry};
use super::slices::in_transducer_frame;
use super::structures::{Form, Scenery};
use super::{Drawn, Figure, Picture};

/// Half the width of a view, and of the box that surfaces of voxels are cut from.
const HALF_WIDTH_MM: f64 = 18.0;
const HALF_HEIGHT_MM: f64 = 13.5;
const HALF_BOX_MM: f64 = 30.0;
/// Spacing of the samples in that box.
const LATTICE_MM: f64 = 1.0;

/// Two views of one scene.
pub(super) fn view_figures(scenery: &Scenery) -> Vec<Figure> {
    let (surfaces, legend) = surfaces(scenery);
    let middle = scenery.middle();
    let skin = skin_above(&surfaces, middle);
    let along = scenery.inputs.anatomy.nerve.course.nearest(middle).tangent.as_vector();
    // Towards the head, where there is one.
    let along = if along.z < 0.0 { -along } else { along };
    let inwards = square_to(middle - skin, along);
    let side = free_side(&surfaces, middle, inwards.cross(along));
    let views = [
        (
            "Seen through the skin",
            inwards,
            along,
            "Looking straight through the skin at the nerve, which runs upwards.",
        ),
        ("Seen from the side", side, -inwards, "Looking along the skin: the skin is above, the nerve runs across."),
    ];
    views
        .into_iter()
        .filter_map(|(title, look, up, words)| {
            let camera = Camera {
                centre: middle,
                look: look.direction()?,
                up: up.direction()?,
                half_width_mm: HALF_WIDTH_MM,
                half_height_mm: HALF_HEIGHT_MM,
            };
            let view = SceneView {
                surfaces: surfaces.clone(),
                camera,
                legend: legend.clone(),
                labels: labels(&camera, in_transducer_frame(scenery.inputs.anatomy)),
                scale_bar_mm: 10.0,
            };
            Some(Figure {
                title: title.into(),
                caption: format!("{words} Shells enclose all tissue that was ever at or below each temperature."),
                alt: format!("{title}: target nerve, probe and nested shells of ice under a see-through skin. {words}"),
                picture: Picture::View(Box::new(view)),
            })
        })
        .collect()
}

fn surfaces(scenery: &Scenery) -> (Vec<ViewSurface>, Vec<LegendEntry>) {
    let mut surfaces = Vec::new();
    let mut legend: Vec<LegendEntry> = Vec::new();
    let mut add = |drawn: Drawn, words: String, mesh: Mesh| {
        if !mesh.triangles.is_empty() {
            surfaces.push(ViewSurface { drawn, mesh: Arc::new(mesh) });
            legend.push(LegendEntry { drawn, words });
        }
    };
    for thing in &scenery.surroundings {
        add(thing.drawn, thing.words.clone(), surface_of(&thing.form, scenery.middle()));
    }
    for probe in &scenery.probes {
        add(Drawn::Shaft, "probe, shaft".into(), probe.shaft_tube.surface());
        add(Drawn::ActiveLength, "probe, cold part".into(), probe.active_tube.surface());
    }
    add(Drawn::Nerve, "target nerve".into(), scenery.nerve.surface());
    for (rank, celsius) in scenery.isotherms_c.iter().enumerate() {
        let drawn = Drawn::Isotherm { celsius: *celsius, rank };
        add(drawn, format!("ever at or below {celsius:.0} °C"), ice_surface(scenery, *celsius));
    }
    (surfaces, legend)
}

/// All tissue that was ever at or below a temperature.
pub(super) fn ice_surface(scenery: &Scenery, celsius: f64) -> Mesh {
    let evaluation = scenery.inputs.evaluation;
    let axes_mm = evaluation.history.grid.centres_mm().each_ref().map(Vec::as_slice);
    let field = CellField { axes_mm, values: &evaluation.history.coldest_c };
    isosurface(&field, celsius, Rim::Closed, |x, y, z| {
        evaluation.built.scene_to_patient.apply(frostline_freeze::ScenePoint::new(x, y, z))
    })
}

fn surface_of(form: &Form, middle: PatientPoint) -> Mesh {
    match form {
        Form::Tube(tube) => tube.surface(),
        Form::Cells(indicator) => voxel_surface(indicator, middle),
        Form::FlatSkin => flat_skin(middle),
    }
}

fn voxel_surface(indicator: &Indicator, middle: PatientPoint) -> Mesh {
    let count = (HALF_BOX_MM / LATTICE_MM) as i32;
    let axis: Vec<f64> = (-count..=count).map(|n| f64::from(n) * LATTICE_MM).collect();
    let place = |x: f64, y: f64, z: f64| middle + PatientVector::new(x, y, z);
    let mut values = Vec::with_capacity(axis.len().pow(3));
    for z in &axis {
        for y in &axis {
            values.extend(axis.iter().map(|x| 0.5 - indicator.at_or_nearest(place(*x, *y, *z)) as f32));
        }
    }
    isosurface(&CellField { axes_mm: [&axis, &axis, &axis], values: &values }, 0.0, Rim::Open, place)
}

fn flat_skin(middle: PatientPoint) -> Mesh {
    let corner = |x: f64, z: f64| PatientPoint::new(middle.x + x * HALF_BOX_MM, 0.0, middle.z + z * HALF_BOX_MM);
    let places = vec![corner(-1.0, -1.0), corner(1.0, -1.0), corner(1.0, 1.0), corner(-1.0, 1.0)];
    Mesh { places, triangles: vec![[0, 1, 2], [0, 2, 3]] }
}

/// The skin nearest to a place; straight above it, where no skin is seen.
fn skin_above(surfaces: &[ViewSurface], middle: PatientPoint) -> PatientPoint {
    let skin = surfaces.iter().filter(|s| s.drawn == Drawn::Skin);
    let flat = PatientPoint::new(middle.x, middle.y.min(0.0) - 1.0, middle.z);
    let corners = skin.flat_map(|s| s.mesh.places.iter().copied()).collect::<Vec<_>>();
    if corners.len() <= 4 {
        return flat;
    }
    corners.into_iter().min_by(|a, b| a.distance(middle).total_cmp(&b.distance(middle))).unwrap_or(flat)
}

/// The way of looking along the skin on which the nearest vessel, nerve or tendon lies behind the ice, not before it.
fn free_side(surfaces: &[ViewSurface], middle: PatientPoint, side: PatientVector) -> PatientVector {
    let hiding = [Drawn::Artery, Drawn::Vein, Drawn::OtherNerve, Drawn::Tendon];
    let corners = surfaces.iter().filter(|s| hiding.contains(&s.drawn)).flat_map(|s| &s.mesh.places);
    let nearest = corners.min_by(|a, b| a.distance(middle).total_cmp(&b.distance(middle)));
    if nearest.is_some_and(|place| (*place - middle).dot(side) < 0.0) { -side } else { side }
}

fn labels(camera: &Camera, transducer: bool) -> EdgeLabels {
    let right = camera.look.as_vector().cross(camera.up.as_vector());
    let word = |v: PatientVector| match v.direction() {
        Some(direction) if transducer => transducer_word(direction).to_owned(),
        Some(direction) => anatomical_letter(direction).to_string(),
        None => String::new(),
    };
    let up = camera.up.as_vector();
    EdgeLabels { left: word(-right), right: word(right), top: word(up), bottom: word(-up) }
}

fn transducer_word(direction: PatientDirection) -> &'static str {
    match anatomical_letter(direction) {
        'L' => "+x",
        'R' => "-x",
        'P' => "depth",
        'A' => "skin",
        'S' => "+z",
        _ => "-z",
    }
}
