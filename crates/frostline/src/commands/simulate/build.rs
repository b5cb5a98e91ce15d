//! From a scene file to a scene.

use frostline_formats::nifti::NiftiError;
use frostline_freeze::{
    Cooling, FreezeScene, GridError, Medium, OuterFace, Phase, PhaseKind, ProbeShape, Reperfusion, SceneBox,
    SceneError, SceneGrid, SceneParts, ScenePoint, SceneProbe, SceneVector, Schedule, Sensor, Shaft, Start, TableError,
    TimeTable, TipShape, suggested_fine_mm,
};
use frostline_plan::catalogue::{Catalogues, Probe, ProbeNotKnown};

use super::fill::Filling;
use super::rays::Ray;
use super::scene_file::{Faces, FilmRow, PhaseRow, PhaseWord, ProbeRow, SceneFile, Space, StartRow, TipWord};
use super::tissue::{in_range, media};

/// Why a scene file does not make a scene.
#[derive(Debug, thiserror::Error)]
pub enum SceneFileError {
    /// A name that nobody knows.
    #[error("{what} \"{found}\" is not known; known are {known}")]
    NotInCatalogue { what: &'static str, found: String, known: String },
    /// No media or too many.
    #[error("[media] names {found} media; name at least one and at most {most}")]
    MediaCount { found: usize, most: usize },
    /// A number outside its range.
    #[error(
        "\"{of}\": {key} is {found}, expected a number from {least} to {most}; check the unit in the name of the key"
    )]
    OutOfRange { of: String, key: &'static str, found: f64, least: f64, most: f64 },
    /// A freezing curve without its own key.
    #[error("\"{of}\": freezing = \"{curve}\" needs {key}; docs/scene.md says what it is")]
    CurveNeeds { of: String, curve: &'static str, key: &'static str },
    /// A key of the other freezing curve.
    #[error("\"{of}\": {key} means nothing with freezing = \"{curve}\"; remove it or choose the other curve")]
    CurveRefuses { of: String, curve: &'static str, key: &'static str },
    /// Lipid in a tissue whose row has none.
    #[error(
        "\"{of}\": lipid_crystallisation is true, but data/tissues.toml says nothing of lipid in {tissue}; remove it, or take fat"
    )]
    NoLipid { of: String, tissue: String },
    /// A table that is none.
    #[error("\"{of}\", {key}: {source}")]
    Table { of: String, key: &'static str, source: TableError },
    /// Not exactly one way to fill the box.
    #[error("[fill] needs exactly one of uniform = \"name\", [fill.layers] and [fill.labels]")]
    OneFill,
    /// Layers without any.
    #[error("[fill.layers] has no layer; give layer = [{{ medium = \"name\" }}]")]
    NoLayer,
    /// Not an axis.
    #[error("[fill.layers] is along '{found}'; expected x, y or z")]
    Along { found: char },
    /// A layer in the middle without an end.
    #[error("layer {number} has no to_mm; only the last one may go on without end")]
    LayerWithoutEnd { number: usize },
    /// Layers that do not follow each other.
    #[error("layer {number} begins at {from_mm} mm and ends at {to_mm} mm; layers are listed by growing coordinate")]
    LayerOrder { number: usize, from_mm: f64, to_mm: f64 },
    /// A label file that cannot be read.
    #[error("{file}: {source}")]
    Labels { file: String, source: NiftiError },
    /// Not a label.
    #[error("[fill.labels.media] has the key \"{found}\"; keys are the label numbers of the volume")]
    NotALabel { found: String },
    /// A label of the volume that no medium was given.
    #[error("the volume holds label {label}, which has no medium; add {label} = \"name\" to [fill.labels.media]")]
    LabelWithoutMedium { label: u16 },
    /// No box.
    #[error("[space] has no least_mm and most_mm; only a label volume brings its own box")]
    NoBox,
    /// Cells that do not work.
    #[error(transparent)]
    Grid(#[from] GridError),
    /// Not a start temperature.
    #[error("start_c is \"{found}\"; give a temperature or the word \"steady\"")]
    Start { found: String },
    /// A direction of no length.
    #[error("\"{of}\": {key} is (0, 0, 0) or not finite; give a direction")]
    NoDirection { of: String, key: &'static str },
    /// A place outside the box.
    #[error("\"{of}\" lies at ({x}, {y}, {z}) mm, outside the box; move it or make the box larger")]
    OutsideTheBox { of: String, x: f64, y: f64, z: f64 },
    /// A probe without something it needs.
    #[error("probe \"{probe}\" has no {missing}; give it, or a catalogue id that knows it")]
    ProbeNeeds { probe: String, missing: &'static str },
    /// A catalogue probe that is not fully known.
    #[error(transparent)]
    ProbeNotKnown(#[from] ProbeNotKnown),
    /// Both a tolerance and a grid.
    #[error(
        "the scene has surface_mm in [accuracy] and fine_mm in [space]; remove fine_mm to have the cells chosen and the \
         error estimated, or surface_mm to fix the cells"
    )]
    TwoAccuracies,
    /// Nothing says how long to simulate.
    #[error("[time] has no duration_s and no probe has a protocol; give one of them")]
    NoDuration,
    /// The engine refuses the parts.
    #[error(transparent)]
    Scene(#[from] SceneError),
}

/// A scene with what is needed to read its answer.
#[derive(Debug)]
pub struct Experiment {
    /// The question.
    pub scene: FreezeScene,
    /// How many of its sensors the file asked for; those of rays follow.
    pub own_sensors: usize,
    /// Directions along which ice is measured.
    pub rays: Vec<Ray>,
    /// Names of the media in order.
    pub media: Vec<String>,
}

impl Experiment {
    /// From the file and, where it names one, the bytes of its label volume.
    pub fn build(file: &SceneFile, labels: Option<&[u8]>, catalogues: &Catalogues) -> Result<Self, SceneFileError> {
        let media = media(&file.media, catalogues)?;
        let names: Vec<&str> = media.iter().map(|(name, _)| name.as_str()).collect();
        let filling = Filling::from_file(&file.fill, labels, &names)?;
        let probes = file
            .probes
            .iter()
            .enumerate()
            .map(|(n, row)| scene_probe(row, n + 1, catalogues))
            .collect::<Result<Vec<_>, _>>()?;
        let outer = outer_box(&file.space, &filling)?;
        let grid = filling.fitted(grid(&file.space, outer, &probes)?)?;
        let mut sensors = Vec::new();
        for row in &file.sensors {
            sensors.push(Sensor { name: row.name.clone(), place: place_in(&outer, &row.name, row.at_mm)? });
        }
        let own_sensors = sensors.len();
        let mut rays = Vec::new();
        for row in &file.rays {
            let ray = Ray::new(row, &outer, grid.finest_mm(), sensors.len())?;
            sensors.extend(ray.sensors());
            rays.push(ray);
        }
        let cells = filling.cells(&grid)?;
        let media_names = names.into_iter().map(str::to_owned).collect();
        let scene = FreezeScene::new(SceneParts {
            grid,
            medium: cells,
            media: media.into_iter().map(|(_, medium)| medium).collect::<Vec<Medium>>(),
            arterial_c: file.temperatures.arterial_c,
            start: start(&file.temperatures.start_c)?,
            outer: outer_faces(&file.faces),
            reperfusion: if file.temperatures.blood_returns_on_thaw { Reperfusion::OnThaw } else { Reperfusion::Never },
            duration_s: duration_s(file, &probes)?,
            probes,
            sensors,
            isotherms_c: file.isotherms_c.clone(),
        })?;
        Ok(Self { scene, own_sensors, rays, media: media_names })
    }
}

fn point([x, y, z]: [f64; 3]) -> ScenePoint {
    ScenePoint::new(x, y, z)
}

fn place_in(outer: &SceneBox, of: &str, at_mm: [f64; 3]) -> Result<ScenePoint, SceneFileError> {
    let place = point(at_mm);
    if outer.contains(place) {
        return Ok(place);
    }
    Err(SceneFileError::OutsideTheBox { of: of.to_owned(), x: place.x, y: place.y, z: place.z })
}

fn outer_box(space: &Space, filling: &Filling) -> Result<SceneBox, SceneFileError> {
    match (space.least_mm, space.most_mm) {
        (Some(least), Some(most)) => Ok(SceneBox { least: point(least), most: point(most) }),
        _ => filling.bounds().ok_or(SceneFileError::NoBox),
    }
}

/// Fine cells around the cold parts of the probes, growing by a fifth from cell to cell towards the rim.
fn grid(space: &Space, outer: SceneBox, probes: &[SceneProbe]) -> Result<SceneGrid, GridError> {
    const GROWTH: f64 = 1.2;
    let cold_ends: Vec<ScenePoint> = probes
        .iter()
        .flat_map(|probe| [probe.tip, probe.tip + probe.towards_hub.as_vector() * cold_length_mm(&probe.shape)])
        .collect();
    let finest_mm = probes.iter().map(|probe| suggested_fine_mm(&probe.shape)).reduce(f64::min);
    let fine_mm = space.fine_mm.or(finest_mm).unwrap_or(space.coarsest_mm);
    let coarsest_mm = space.coarsest_mm.max(fine_mm);
    match SceneBox::around(&cold_ends, space.fine_margin_mm) {
        Some(focus) => SceneGrid::graded(focus, fine_mm, GROWTH, coarsest_mm, outer),
        None => SceneGrid::uniform(outer, fine_mm),
    }
}

fn cold_length_mm(shape: &ProbeShape) -> f64 {
    shape.dead_tip_mm + shape.active_length_mm
}

fn start(row: &StartRow) -> Result<Start, SceneFileError> {
    match row {
        StartRow::Celsius(celsius) => {
            in_range("temperatures", "start_c", *celsius, -50.0, 100.0)?;
            Ok(Start::Uniform { celsius: *celsius })
        }
        StartRow::Word(word) if word == "steady" => Ok(Start::Steady),
        StartRow::Word(word) => Err(SceneFileError::Start { found: word.clone() }),
    }
}

fn outer_faces(faces: &Faces) -> [OuterFace; 6] {
    let own = [faces.least_x_c, faces.most_x_c, faces.least_y_c, faces.most_y_c, faces.least_z_c, faces.most_z_c];
    own.map(|own| own.or(faces.all_c).map_or(OuterFace::Insulated, |celsius| OuterFace::Held { celsius }))
}

fn duration_s(file: &SceneFile, probes: &[SceneProbe]) -> Result<f64, SceneFileError> {
    let longest_s = probes.iter().map(|probe| probe.schedule.duration_s()).reduce(f64::max);
    let duration_s = file.time.duration_s.or(longest_s).ok_or(SceneFileError::NoDuration)?;
    in_range("time", "duration_s", duration_s, 1e-3, 1e6)?;
    Ok(duration_s)
}

fn scene_probe(row: &ProbeRow, number: usize, catalogues: &Catalogues) -> Result<SceneProbe, SceneFileError> {
    let known = row.catalogue.as_deref().map(|id| catalogue_probe(id, catalogues)).transpose()?;
    let name = row.name.clone().or(row.catalogue.clone()).unwrap_or_else(|| format!("probe {number}"));
    let [x, y, z] = row.towards_hub;
    let towards_hub = SceneVector::new(x, y, z)
        .direction()
        .ok_or_else(|| SceneFileError::NoDirection { of: name.clone(), key: "towards_hub" })?;
    let shape = shape(row, &name, known)?;
    Ok(SceneProbe {
        tip: point(row.tip_mm),
        towards_hub,
        shape,
        cooling: cooling(row, &name, known)?,
        warming: match &row.warming_s_c {
            Some(pairs) => Some(time_table(&name, "warming_s_c", pairs)?),
            None => known.and_then(Probe::warming),
        },
        schedule: schedule(row, &name, catalogues)?,
        name,
    })
}

fn catalogue_probe<'a>(id: &str, catalogues: &'a Catalogues) -> Result<&'a Probe, SceneFileError> {
    catalogues.probes.find(id).ok_or_else(|| SceneFileError::NotInCatalogue {
        what: "probe",
        found: id.to_owned(),
        known: catalogues.probes.all().iter().map(|probe| probe.id.as_str()).collect::<Vec<_>>().join(", "),
    })
}

/// What the file gives goes before the catalogue; without a catalogue, what is optional in a probe is absent.
fn shape(row: &ProbeRow, name: &str, known: Option<&Probe>) -> Result<ProbeShape, SceneFileError> {
    let needs = |missing| SceneFileError::ProbeNeeds { probe: name.to_owned(), missing };
    let d = known.map(|probe| probe.dimensions.value);
    let diameter_mm = row.diameter_mm.or(d.and_then(|d| d.diameter_mm.known())).ok_or_else(|| needs("diameter_mm"))?;
    let active_length_mm =
        row.active_length_mm.or(d.and_then(|d| d.active_length_mm.known())).ok_or_else(|| needs("active_length_mm"))?;
    let dead_tip_mm = row.dead_tip_mm.or(d.map(|d| d.dead_tip_mm)).unwrap_or(0.0);
    let shaft_length_mm = row.shaft_length_mm.or(d.and_then(|d| d.shaft_length_mm.known())).unwrap_or(0.0);
    in_range(name, "diameter_mm", diameter_mm, 0.05, 50.0)?;
    in_range(name, "active_length_mm", active_length_mm, 0.1, 500.0)?;
    in_range(name, "dead_tip_mm", dead_tip_mm, 0.0, 100.0)?;
    in_range(name, "shaft_length_mm", shaft_length_mm, 0.0, 1000.0)?;
    let known_shape = known.and_then(|probe| probe.shape().ok());
    let tip = match row.tip {
        Some(TipWord::Flat) => TipShape::Flat,
        Some(TipWord::Round) => TipShape::Round,
        Some(TipWord::Cone) => TipShape::Cone,
        None => known_shape.map_or(TipShape::Flat, |shape| shape.tip),
    };
    let held = row.shaft_held_at_least_c.map(|celsius| Shaft::HeldAtLeast { celsius });
    let shaft = held.or(known_shape.map(|shape| shape.shaft)).unwrap_or(Shaft::Insulated);
    Ok(ProbeShape { radius_mm: diameter_mm / 2.0, active_length_mm, dead_tip_mm, shaft_length_mm, tip, shaft })
}

fn cooling(row: &ProbeRow, name: &str, known: Option<&Probe>) -> Result<Cooling, SceneFileError> {
    if let Some(pairs) = &row.surface_s_c {
        return Ok(Cooling::Surface(time_table(name, "surface_s_c", pairs)?));
    }
    if let Some(FilmRow { gas_c, film_w_per_m2_k, most_power_w }) = &row.film {
        in_range(name, "film.gas_c", *gas_c, -250.0, 100.0)?;
        in_range(name, "film.film_w_per_m2_k", *film_w_per_m2_k, 1e-3, 1e9)?;
        let most_power_w = most_power_w.unwrap_or(f64::INFINITY);
        in_range(name, "film.most_power_w", most_power_w, 1e-6, f64::INFINITY)?;
        let gas_c = TimeTable::constant(*gas_c);
        return Ok(Cooling::Film { gas_c, film_w_per_m2_k: *film_w_per_m2_k, most_power_w });
    }
    let probe = known
        .ok_or_else(|| SceneFileError::ProbeNeeds { probe: name.to_owned(), missing: "surface_s_c and no film" })?;
    Ok(probe.cooling()?)
}

fn time_table(name: &str, key: &'static str, pairs: &[(f64, f64)]) -> Result<TimeTable, SceneFileError> {
    for (_, celsius) in pairs {
        in_range(name, key, *celsius, -250.0, 100.0)?;
    }
    TimeTable::from_pairs(pairs).map_err(|source| SceneFileError::Table { of: name.to_owned(), key, source })
}

fn schedule(row: &ProbeRow, name: &str, catalogues: &Catalogues) -> Result<Schedule, SceneFileError> {
    if let Some(phases) = &row.phases {
        let phases = phases.iter().map(|phase| phase_of(name, *phase)).collect::<Result<Vec<_>, _>>()?;
        return Ok(Schedule { phases });
    }
    let Some(id) = &row.protocol else {
        return Err(SceneFileError::ProbeNeeds { probe: name.to_owned(), missing: "phases and no protocol" });
    };
    catalogues.protocols.find(id).map(|protocol| protocol.schedule()).ok_or_else(|| SceneFileError::NotInCatalogue {
        what: "protocol",
        found: id.clone(),
        known: catalogues.protocols.all().iter().map(|protocol| protocol.id.as_str()).collect::<Vec<_>>().join(", "),
    })
}

fn phase_of(name: &str, row: PhaseRow) -> Result<Phase, SceneFileError> {
    in_range(name, "phases.seconds", row.seconds, 1e-3, 1e5)?;
    let kind = match row.kind {
        PhaseWord::Freeze => PhaseKind::Freeze,
        PhaseWord::PassiveThaw => PhaseKind::PassiveThaw,
        PhaseWord::ActiveThaw => PhaseKind::ActiveThaw,
    };
    Ok(Phase { kind, duration_s: row.seconds })
}
