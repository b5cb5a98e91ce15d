//! Where the axes of an NRRD array lie in the patient.

use frostline_space::{PatientPoint, PatientVector};

use super::NrrdError;
use super::header::{Header, wrong};
use crate::axes::StoredAxis;

/// The meaning of the world axes: signs that turn them into LPS.
#[derive(Clone, Copy)]
struct World {
    x_sign: f64,
    y_sign: f64,
    dimension: usize,
}

/// The axes in storage order and the first cell's centre, LPS mm.
pub(super) fn axes_in_patient(
    header: &Header,
    remarks: &mut Vec<String>,
) -> Result<(Vec<StoredAxis>, PatientPoint), NrrdError> {
    let sizes = header.sizes()?;
    match header.field("spacedirections") {
        Some(directions) => by_directions(header, &sizes, directions, remarks),
        None => by_spacings(header, &sizes, remarks),
    }
}

fn by_directions(
    header: &Header,
    sizes: &[usize],
    text: &str,
    remarks: &mut Vec<String>,
) -> Result<(Vec<StoredAxis>, PatientPoint), NrrdError> {
    let world = world(header, remarks)?;
    let mm = unit_mm(header)?;
    let vectors = vectors(text).filter(|found| found.len() == sizes.len());
    let expected = "one vector (or none) per axis, each with one number per space dimension";
    let vectors = vectors.ok_or_else(|| wrong("spacedirections", text, expected))?;
    let mut axes = Vec::new();
    for (size, vector) in sizes.iter().copied().zip(vectors) {
        let step = match vector {
            None => None,
            Some(numbers) if numbers.len() == world.dimension => Some(in_lps(&numbers, world, mm)),
            Some(_) => return Err(wrong("spacedirections", text, expected)),
        };
        axes.push(StoredAxis { size, step });
    }
    let Some(text) = header.field("spaceorigin") else {
        remarks.push("the file does not say where its first cell lies; it was put at the origin".into());
        return Ok((axes, PatientPoint::origin()));
    };
    let origin = vectors_of_one(text).filter(|numbers| numbers.len() == world.dimension);
    let origin = origin.ok_or_else(|| wrong("spaceorigin", text, "one vector with one number per space dimension"))?;
    let from_zero = in_lps(&origin, world, mm);
    Ok((axes, PatientPoint::origin() + from_zero))
}

/// Without directions: spacings along axes that nothing ties to the patient.
fn by_spacings(
    header: &Header,
    sizes: &[usize],
    remarks: &mut Vec<String>,
) -> Result<(Vec<StoredAxis>, PatientPoint), NrrdError> {
    remarks.push(
        "the file does not say how its axes lie in the patient; they were taken as left, posterior, superior".into(),
    );
    let spacings = numbers_per_axis(header, "spacings", sizes.len())?;
    let starts = numbers_per_axis(header, "axismins", sizes.len())?;
    let kinds: Vec<&str> = header.field("kinds").map(|text| text.split_whitespace().collect()).unwrap_or_default();
    let (mut axes, mut start, mut spatial) = (Vec::new(), [0.0; 3], 0);
    for (n, size) in sizes.iter().copied().enumerate() {
        let in_space = matches!(kinds.get(n), None | Some(&("domain" | "space" | "none" | "???")));
        if !in_space || spatial == 3 {
            axes.push(StoredAxis { size, step: None });
            continue;
        }
        let spacing = spacings.as_ref().map(|all| all[n]).filter(|spacing| spacing.is_finite());
        if spacing.is_none() {
            remarks.push(format!("axis {} has no spacing; 1 mm was taken", n + 1));
        }
        let mut step = [0.0; 3];
        step[spatial] = spacing.unwrap_or(1.0);
        start[spatial] = starts.as_ref().map(|all| all[n]).filter(|start| start.is_finite()).unwrap_or(0.0);
        spatial += 1;
        axes.push(StoredAxis { size, step: Some(PatientVector::new(step[0], step[1], step[2])) });
    }
    Ok((axes, PatientPoint::new(start[0], start[1], start[2])))
}

fn numbers_per_axis(header: &Header, field: &'static str, axes: usize) -> Result<Option<Vec<f64>>, NrrdError> {
    let Some(text) = header.field(field) else { return Ok(None) };
    let numbers: Option<Vec<f64>> = text.split_whitespace().map(|word| word.parse().ok()).collect();
    let numbers = numbers.filter(|numbers| numbers.len() == axes);
    numbers.map(Some).ok_or_else(|| wrong(field, text, "one number per axis"))
}

fn world(header: &Header, remarks: &mut Vec<String>) -> Result<World, NrrdError> {
    let Some(text) = header.field("space") else {
        let text = header.field("spacedimension").ok_or(NrrdError::MissingField { field: "space" })?;
        let dimension = text.parse().ok().filter(|dimension| (2..=4).contains(dimension));
        let dimension = dimension.ok_or_else(|| wrong("spacedimension", text, "2, 3 or 4"))?;
        remarks.push("the file does not name the directions of its space; left, posterior, superior were taken".into());
        return Ok(World { x_sign: 1.0, y_sign: 1.0, dimension });
    };
    let name = text.to_ascii_lowercase();
    let (name, dimension) = match name.strip_suffix("-time") {
        Some(name) => (name.to_owned(), 4),
        None if name.len() == 4 && name.ends_with('t') => (name[..3].to_owned(), 4),
        None => (name, 3),
    };
    let (x_sign, y_sign) = match name.as_str() {
        "left-posterior-superior" | "lps" => (1.0, 1.0),
        "right-anterior-superior" | "ras" => (-1.0, -1.0),
        "left-anterior-superior" | "las" => (1.0, -1.0),
        "scanner-xyz" | "3d-right-handed" | "3d-left-handed" => {
            remarks.push(format!(
                "the file's space is {text:?}, which is not tied to the patient; left, posterior, superior were taken"
            ));
            (1.0, 1.0)
        }
        _ => {
            return Err(wrong(
                "space",
                text,
                "left-posterior-superior, right-anterior-superior or left-anterior-superior",
            ));
        }
    };
    Ok(World { x_sign, y_sign, dimension })
}

/// World numbers to LPS mm; a missing third number is 0, a fourth is time.
fn in_lps(numbers: &[f64], world: World, mm: f64) -> PatientVector {
    let number = |n: usize| numbers.get(n).copied().unwrap_or(0.0) * mm;
    PatientVector::new(world.x_sign * number(0), world.y_sign * number(1), number(2))
}

/// Millimetres in the unit of the space; files that say nothing mean mm.
fn unit_mm(header: &Header) -> Result<f64, NrrdError> {
    let Some(text) = header.field("spaceunits") else { return Ok(1.0) };
    let first = text.split('"').find(|word| !word.trim().is_empty()).unwrap_or("mm");
    match first.trim() {
        "mm" | "millimeter" | "millimetre" | "???" => Ok(1.0),
        "cm" => Ok(10.0),
        "m" => Ok(1000.0),
        "um" | "µm" | "microns" => Ok(0.001),
        _ => Err(wrong("spaceunits", text, "mm, cm, m or um")),
    }
}

/// `(1,0,0) none (0,0,1)`; a vector of NaN also means none.
fn vectors(text: &str) -> Option<Vec<Option<Vec<f64>>>> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("none") {
            found.push(None);
            rest = after.trim_start();
            continue;
        }
        let (inside, after) = rest.strip_prefix('(')?.split_once(')')?;
        let numbers: Vec<f64> = inside.split(',').map(|word| word.trim().parse().ok()).collect::<Option<_>>()?;
        found.push(numbers.iter().any(|number| number.is_finite()).then_some(numbers));
        rest = after.trim_start();
    }
    Some(found)
}

fn vectors_of_one(text: &str) -> Option<Vec<f64>> {
    match &mut vectors(text)?[..] {
        [one] => one.take(),
        _ => None,
    }
}
