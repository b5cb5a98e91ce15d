//! V10: what has no exact answer, on the cells that are suggested for it against one run on cells of a quarter millimetre.
//!
//! The recorded numbers are the solver's own, on cells that are equal in all of the ice; how far they moved from cells of
//! 0.5 mm stands beside them. The program that makes them again: `cargo run --release -p frostline-freeze --example
//! fine_runs`.

use super::check::Spread;
use super::invariants::{fat, muscle};
use super::poses::thin_shell_mm3;
use super::{Check, Extent, Suite};
use crate::{
    Backend, Continue, Cooling, FreezeHistory, FreezeScene, Held, Medium, OuterFace, ProbeShape, Reperfusion, SceneBox,
    SceneDirection, SceneGrid, SceneParts, ScenePoint, SceneProbe, SceneVector, Schedule, Shaft, Start,
    TemperatureTable, TimeTable, TipShape, Tissue, radius_along, simulate,
};

/// What lies beside the probes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Beside {
    Muscle,
    /// From this distance along x. Unit: mm.
    Fat(f64),
    /// From this distance along x. Unit: mm.
    Bone(f64),
    /// Air above this distance along x, behind a film. Unit: mm.
    Skin(f64),
    /// A vessel along y, its middle this far along x. Unit: mm.
    Vessel(f64),
}

/// Where ice is measured from, and whereto: along x, y and z, there and back.
const WAYS: [(f64, f64, f64); 6] =
    [(1.0, 0.0, 0.0), (-1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.0, -1.0)];
/// The surfaces that are measured. Unit: °C.
const SURFACES_C: [f64; 2] = [0.0, -20.0];

/// What is compared of a scene at its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FineNumbers {
    /// Of 0 and of -20 °C. Unit: mm3.
    pub volumes_mm3: [f64; 2],
    /// Of 0 and of -20 °C, along the six ways; not a number along a shaft and where the ice
    /// reaches what is held. Unit: mm.
    pub radii_mm: [[f64; 6]; 2],
    /// At three places of the case. Unit: °C.
    pub celsius: [f64; 3],
}

/// A scene without an exact answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FineCase {
    /// What it is.
    pub name: &'static str,
    beside: Beside,
    /// Radius, cold length and surface temperature of all its probes. Unit: mm, mm, °C.
    probe: (f64, f64, f64),
    /// Tips and the direction of all shafts. Unit: mm.
    tips_mm: &'static [(f64, f64, f64)],
    towards: (f64, f64, f64),
    /// Half of the part with the finest cells, which holds all ice. Unit: mm.
    fine_half_mm: f64,
    duration_s: f64,
    /// Cells of the run that is judged. Unit: mm.
    cell_mm: f64,
    /// From 0.25 mm cells.
    pub recorded: FineNumbers,
    /// How far a volume (as a share), a radius (mm) and a temperature (K) moved at most from 0.5 mm cells.
    pub moved: (f64, f64, f64),
}

const MIDDLE: (f64, f64, f64) = (0.65, 4.0, -70.0);
const THIN: (f64, f64, f64) = (0.35, 6.0, -88.0);
const THICK: (f64, f64, f64) = (1.2, 6.0, -120.0);
const OBLIQUE: (f64, f64, f64) = (0.3, 0.1, 1.0);
const ALONG_Z: (f64, f64, f64) = (0.0, 0.0, 1.0);

/// One probe whose cold length is centred on the origin.
const fn one(name: &'static str, beside: Beside, recorded: FineNumbers, moved: (f64, f64, f64)) -> FineCase {
    let (tips_mm, towards): (&[(f64, f64, f64)], _) = (&[(0.0, 0.0, -2.0)], ALONG_Z);
    FineCase {
        name,
        beside,
        probe: MIDDLE,
        tips_mm,
        towards,
        fine_half_mm: 5.5,
        duration_s: 60.0,
        cell_mm: 0.5,
        recorded,
        moved,
    }
}

/// The scenes and their fine answers.
pub const FINE_CASES: [FineCase; 10] = [
    FineCase {
        probe: MIDDLE,
        tips_mm: &[(-2.5, 0.1, -2.0), (2.5, 0.1, -2.0)],
        towards: OBLIQUE,
        fine_half_mm: 7.0,
        cell_mm: 0.75,
        ..one(
            "two probes 5 mm apart",
            Beside::Muscle,
            FineNumbers {
                volumes_mm3: [475.30, 163.06],
                radii_mm: [[6.585, 5.467, 4.063, 3.488, 3.994, 4.468], [5.255, 4.109, 2.448, 1.859, 2.465, 2.776]],
                celsius: [-28.16, -0.11, -10.36],
            },
            (0.0052, 0.076, 0.14),
        )
    },
    FineCase {
        tips_mm: &[(-2.5, -1.4, -2.0), (2.5, -1.4, -2.0), (0.1, 2.9, -2.0)],
        fine_half_mm: 7.0,
        cell_mm: 0.75,
        ..one(
            "three probes 5 mm apart",
            Beside::Muscle,
            FineNumbers {
                volumes_mm3: [740.43, 302.71],
                radii_mm: [[5.917, 5.895, 6.440, 5.234, 4.655, 4.934], [4.432, 4.405, 5.093, 3.620, 3.040, 3.289]],
                celsius: [-38.76, -12.91, -5.97],
            },
            (0.0054, 0.040, 0.24),
        )
    },
    FineCase {
        probe: THIN,
        tips_mm: &[(-2.1, 0.2, -3.0), (1.9, 0.1, -3.0)],
        towards: OBLIQUE,
        fine_half_mm: 7.0,
        cell_mm: 0.7,
        ..one(
            "two thin probes 4 mm apart",
            Beside::Muscle,
            FineNumbers {
                volumes_mm3: [570.13, 219.95],
                radii_mm: [[6.381, 4.840, 4.569, 3.680, 4.945, 5.503], [4.990, 3.422, 3.089, 2.169, 3.641, 4.006]],
                celsius: [-40.76, -9.33, -12.02],
            },
            (0.0076, 0.026, 0.12),
        )
    },
    FineCase {
        probe: THICK,
        tips_mm: &[(0.1, 0.2, -3.0)],
        towards: OBLIQUE,
        fine_half_mm: 7.0,
        cell_mm: 0.75,
        ..one(
            "one probe of 2.4 mm",
            Beside::Muscle,
            FineNumbers {
                volumes_mm3: [867.73, 402.31],
                radii_mm: [[6.593, 4.714, 5.982, 5.046, 5.906, 6.897], [5.224, 3.336, 4.595, 3.654, 4.592, 5.570]],
                celsius: [-120.00, -37.43, -26.24],
            },
            (0.0022, 0.045, 0.04),
        )
    },
    one(
        "fat 1.5 mm beside the axis",
        Beside::Fat(1.5),
        FineNumbers {
            volumes_mm3: [230.44, 73.93],
            radii_mm: [[3.327, 3.491, 3.686, 3.686, f64::NAN, 4.468], [2.408, 2.149, 2.295, 2.295, f64::NAN, 3.241]],
            celsius: [-58.59, -17.73, 5.75],
        },
        (0.0263, 0.023, 0.38),
    ),
    one(
        "bone 2 mm beside the axis",
        Beside::Bone(2.0),
        FineNumbers {
            volumes_mm3: [223.88, 70.55],
            radii_mm: [[3.341, 3.475, 3.588, 3.588, f64::NAN, 4.386], [2.495, 2.135, 2.218, 2.218, f64::NAN, 3.186]],
            celsius: [-42.54, -7.09, 12.06],
        },
        (0.0238, 0.021, 0.27),
    ),
    one(
        "skin 2 mm beside the axis",
        Beside::Skin(2.0),
        FineNumbers {
            volumes_mm3: [237.41, 81.93],
            radii_mm: [
                [f64::NAN, 3.565, 3.918, 3.918, f64::NAN, 4.668],
                [f64::NAN, 2.182, 2.404, 2.404, f64::NAN, 3.313],
            ],
            celsius: [-47.68, -24.11, -8.11],
        },
        (0.0193, 0.023, 0.24),
    ),
    one(
        "skin 4 mm beside the axis",
        Beside::Skin(4.0),
        FineNumbers {
            volumes_mm3: [245.61, 62.55],
            radii_mm: [[f64::NAN, 3.521, 3.572, 3.572, f64::NAN, 4.394], [2.282, 2.145, 2.168, 2.168, f64::NAN, 3.164]],
            celsius: [-6.49, 1.05, -7.67],
        },
        (0.0248, 0.023, 0.14),
    ),
    one(
        "skin 6 mm beside the axis",
        Beside::Skin(6.0),
        FineNumbers {
            volumes_mm3: [220.31, 60.25],
            radii_mm: [[3.603, 3.510, 3.527, 3.527, f64::NAN, 4.354], [2.156, 2.140, 2.145, 2.145, f64::NAN, 3.149]],
            celsius: [18.90, 22.31, -7.59],
        },
        (0.0249, 0.032, 0.58),
    ),
    one(
        "a 3 mm vessel 3 mm beside the axis",
        Beside::Vessel(3.0),
        FineNumbers {
            volumes_mm3: [164.30, 50.30],
            radii_mm: [
                [f64::NAN, 3.456, 3.235, 3.235, f64::NAN, 4.243],
                [f64::NAN, 2.111, 2.004, 2.004, f64::NAN, 3.101],
            ],
            celsius: [-48.83, 19.97, -7.10],
        },
        (0.0082, 0.013, 0.89),
    ),
];

/// Cortical bone: hardly any water to freeze.
fn bone() -> Tissue {
    Tissue {
        name: "bone".into(),
        density_kg_per_m3: 1908.0,
        unfrozen_w_per_m_k: 0.32,
        unfrozen_j_per_kg_k: 1312.8,
        frozen_w_per_m_k: TemperatureTable::constant(0.32),
        frozen_j_per_kg_k: TemperatureTable::constant(1312.8),
        freezing: crate::Freezing::Linear { ends_c: -8.0, latent_j_per_kg: 8e3 },
        perfusion_w_per_m3_k: 1207.0,
        metabolic_w_per_m3: 295.0,
        ..muscle()
    }
}

const VESSEL_RADIUS_MM: f64 = 1.5;
/// Half of the box. Unit: mm.
const HALF_MM: f64 = 20.0;

impl FineCase {
    /// What the CPU finds on cells of one size.
    pub fn numbers(&self, cell_mm: f64) -> FineNumbers {
        self.numbers_of(Suite { extent: Extent::Full, backend: Backend::Cpu }, cell_mm)
    }

    fn numbers_of(&self, suite: Suite, cell_mm: f64) -> FineNumbers {
        let scene = FreezeScene::new(self.parts(cell_mm)).expect("a scene of the suite is valid");
        let settings = suite.settings(2.0 * (cell_mm / 0.5).min(1.0), 2, self.duration_s);
        let history = simulate(&scene, &settings, &mut |_| Continue::Yes).expect("a scene of the suite has an answer");
        let sizes = SURFACES_C.map(|celsius| self.sizes(&history, celsius));
        let celsius = self.places_mm().map(|(x, y, z)| history.last_at(ScenePoint::new(x, y, z)).unwrap_or(f64::NAN));
        FineNumbers { volumes_mm3: sizes.map(|s| s.0), radii_mm: sizes.map(|s| s.1), celsius }
    }

    /// On cells of the size that is judged.
    pub fn judged(&self) -> FineNumbers {
        self.numbers(self.cell_mm)
    }

    fn parts(&self, cell_mm: f64) -> SceneParts {
        let cube = |half: f64| SceneBox {
            least: ScenePoint::new(-half, -half, -half),
            most: ScenePoint::new(half, half, half),
        };
        // A whole number of cells, so that the planes of the scene are faces of cells.
        let focus = cube((self.fine_half_mm / cell_mm).ceil() * cell_mm);
        let grid = SceneGrid::graded(focus, cell_mm, 1.15, 2.5, cube(HALF_MM)).expect("a grid of the suite");
        let other = match self.beside {
            Beside::Fat(_) => Medium::Tissue(fat()),
            Beside::Bone(_) => Medium::Tissue(bone()),
            Beside::Vessel(_) => Medium::Held(Held { name: "blood".into(), celsius: 37.0, film_w_per_m2_k: 750.0 }),
            _ => Medium::Held(Held { name: "air".into(), celsius: 22.0, film_w_per_m2_k: 8.0 }),
        };
        let medium = (0..grid.cell_count()).map(|n| u8::from(self.is_beside(grid.centre(grid.cell(n))))).collect();
        let (x, y, z) = self.towards;
        let towards = SceneVector::new(x, y, z).direction().unwrap_or(SceneDirection::along_z());
        SceneParts {
            medium,
            grid,
            media: vec![Medium::Tissue(muscle()), other],
            arterial_c: 37.0,
            start: Start::Steady,
            outer: [OuterFace::Insulated; 6],
            reperfusion: Reperfusion::Never,
            probes: self.tips_mm.iter().map(|&tip| self.probe(tip, towards)).collect(),
            sensors: Vec::new(),
            isotherms_c: SURFACES_C.to_vec(),
            duration_s: self.duration_s,
        }
    }

    /// Volume and radii of a surface at the end, from the origin.
    fn sizes(&self, history: &FreezeHistory, celsius: f64) -> (f64, [f64; 6]) {
        let record = history.edges.iter().rfind(|r| r.celsius == celsius);
        let field = |place: ScenePoint| history.last_at(place);
        let mut radii = WAYS.map(|(x, y, z)| {
            let way = SceneVector::new(x, y, z).direction();
            let found = way.and_then(|way| radius_along(&field, ScenePoint::origin(), way, celsius));
            found.unwrap_or(f64::NAN)
        });
        // Ice that reaches what is held ends there; what a ray finds beyond is no edge of it.
        let wall_mm = match self.beside {
            Beside::Skin(x) => x,
            Beside::Vessel(x) => x - VESSEL_RADIUS_MM,
            _ => f64::INFINITY,
        };
        if radii[0] > wall_mm {
            radii[0] = f64::NAN;
        }
        (record.map_or(f64::NAN, |r| r.volume_mm3), radii)
    }

    /// Where temperatures are compared: beside the wall of what is held, on both sides of an interface, in and near the ice.
    fn places_mm(&self) -> [(f64, f64, f64); 3] {
        match self.beside {
            Beside::Muscle => [(1.5, 1.6, 1.0), (0.2, -2.2, -3.5), (4.0, 3.0, 0.0)],
            Beside::Fat(x) | Beside::Bone(x) => [(x - 0.5, 0.0, 0.0), (x + 1.0, 0.0, 0.0), (x + 2.0, 1.0, 0.0)],
            Beside::Skin(x) => [(x - 0.25, 0.0, 0.0), (x - 0.25, 2.0, 1.0), (-3.0, 0.0, 0.0)],
            Beside::Vessel(x) => [(x - 2.0, 0.0, 0.0), (x, 0.0, 2.0), (-3.0, 0.0, 0.0)],
        }
    }

    fn is_beside(&self, at: ScenePoint) -> bool {
        match self.beside {
            Beside::Muscle => false,
            Beside::Fat(x) | Beside::Bone(x) | Beside::Skin(x) => at.x > x,
            Beside::Vessel(x) => (at.x - x).hypot(at.z) < VESSEL_RADIUS_MM,
        }
    }

    fn probe(&self, (x, y, z): (f64, f64, f64), towards_hub: SceneDirection) -> SceneProbe {
        let (radius_mm, active_length_mm, surface_c) = self.probe;
        SceneProbe {
            name: format!("probe at {x}, {y}"),
            tip: ScenePoint::new(x, y, z),
            towards_hub,
            shape: ProbeShape {
                radius_mm,
                active_length_mm,
                dead_tip_mm: 0.0,
                shaft_length_mm: 40.0,
                tip: TipShape::Flat,
                shaft: Shaft::Insulated,
            },
            cooling: Cooling::Surface(TimeTable::constant(surface_c)),
            warming: None,
            schedule: Schedule::one_freeze(self.duration_s),
        }
    }

    fn checks(&self, suite: Suite) -> Vec<Check> {
        let (found, fine, moved) = (self.numbers_of(suite, self.cell_mm), self.recorded, self.moved);
        let mut checks = Vec::new();
        for (n, celsius) in SURFACES_C.into_iter().enumerate() {
            let name = format!("{}, {} s, {celsius} °C", self.name, self.duration_s);
            let note = format!("0.25 mm cells, at most {:.1} % from 0.5 mm ones", 100.0 * moved.0);
            let volume = Check::of("V10", format!("{name}: volume"), "mm3");
            let expected_mm3 = fine.volumes_mm3[n];
            checks.push(volume.near(expected_mm3, found.volumes_mm3[n], thin_shell_mm3(expected_mm3), note));
            let errors = difference(&found.radii_mm[n], &fine.radii_mm[n]);
            let note = format!("0.25 mm cells, at most {:.2} mm from 0.5 mm ones; six ways", moved.1);
            let radii = Check::of("V10", format!("{name}: mean of radii less the fine ones"), "mm");
            checks.push(radii.near(0.0, errors.mean, RADIUS_MM.0, note).with_worst(errors.worst, RADIUS_MM.1));
        }
        let errors = difference(&found.celsius, &fine.celsius);
        let note = format!("0.25 mm cells, at most {:.2} K from 0.5 mm ones; three places", moved.2);
        let places = Check::of("V10", format!("{}: mean of T less the fine ones", self.name), "K");
        checks.push(places.near(0.0, errors.mean, PLACE_K.0, note).with_worst(errors.worst, PLACE_K.1));
        checks
    }
}

/// Mean and worst error of a radius: what R1 is held to, and a third of the coarsest cell in any one direction. Unit: mm.
const RADIUS_MM: (f64, f64) = (0.1, 0.25);
/// The same of a temperature: 0.05 and 0.1 mm in ice of 15 K/mm. Unit: K.
const PLACE_K: (f64, f64) = (0.75, 1.5);

/// Where there is no number in either, there is none to compare.
fn difference(found: &[f64], fine: &[f64]) -> Spread {
    let pairs = found.iter().zip(fine).filter(|(a, b)| !(a.is_nan() && b.is_nan()));
    Spread::of(pairs.map(|(a, b)| a - b))
}

/// The cases on the cells that are judged; in brief two of them.
pub(super) fn fine_runs(suite: Suite) -> Vec<Check> {
    let brief = |case: &FineCase| ["two probes 5 mm apart", "fat 1.5 mm beside the axis"].contains(&case.name);
    let cases = FINE_CASES.iter().filter(|case| suite.is_full() || brief(case));
    cases.flat_map(|case| case.checks(suite)).collect()
}
