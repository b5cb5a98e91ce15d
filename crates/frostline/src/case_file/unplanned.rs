//! A case before it has a plan: what is wanted, what is in stock, which limits are the site's own.

use std::path::{Path, PathBuf};

use frostline_formats::ImageVolume;
use frostline_plan::anatomy::Anatomy;
use frostline_plan::catalogue::{Catalogues, SiteGoals};
use frostline_plan::propose::{Access, ProposeSettings, View};
use frostline_plan::{Goals, Plan, Stretch, completed};
use frostline_space::PatientVector;
use serde::Deserialize;

use super::{
    AccuracyRow, CaseError, CaseText, FramePicture, SolverRow, anatomy::anatomy_of, calibration, check_numbers, plan_of,
};

/// A case, read and checked, with or without a plan.
pub struct Unplanned {
    /// What people call it.
    pub title: String,
    /// What the case says about itself, for the report.
    pub story: Vec<String>,
    /// What lies where.
    pub anatomy: Anatomy,
    /// The CT or MR, where there is one.
    pub image: Option<ImageVolume>,
    /// The ultrasound frame, where there is one.
    pub frame: Option<FramePicture>,
    /// What is planned by hand, where the case has a plan.
    pub plan: Option<Plan>,
    /// The catalogues, with calibrations and the limits of the site.
    pub catalogues: Catalogues,
    /// What is wanted.
    pub goals: Goals,
    /// Solver settings that differ from the default.
    pub solver: SolverRow,
    /// How closely it is computed.
    pub accuracy: AccuracyRow,
    stock: Option<StockRow>,
    access: Option<AccessRow>,
}

/// `[goals]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GoalsRow {
    disabled_mm: Option<f64>,
    below_c: Option<f64>,
    from_mm: Option<f64>,
    to_mm: Option<f64>,
    why: Option<String>,
}

/// `[stock]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StockRow {
    probes: Option<Vec<String>>,
    protocols: Option<Vec<String>>,
    skin_contacts: Option<Vec<String>>,
}

/// `[access]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccessRow {
    from: Option<Side>,
    view: Option<ViewRow>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Side {
    Front,
    Back,
    Left,
    Right,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ViewRow {
    InPlane,
    OutOfPlane,
    Either,
    NoTransducer,
}

/// Reads a case file that need not have a plan, and everything it points to.
///
/// # Errors
/// [`CaseError`] naming the file, what was found, what was expected and what to do.
pub fn read_unplanned(path: &Path, bundled: &Catalogues, calibrations: &[PathBuf]) -> Result<Unplanned, CaseError> {
    let text = std::fs::read_to_string(path).map_err(|source| CaseError::Open { path: path.into(), source })?;
    unplanned_of(&text, path, bundled, calibrations)
}

/// The same from the text of a case file; what it points to is taken relative to where `path` lies.
///
/// # Errors
/// As [`read_unplanned`].
pub fn unplanned_of(
    text: &str,
    path: &Path,
    bundled: &Catalogues,
    calibrations: &[PathBuf],
) -> Result<Unplanned, CaseError> {
    let case: CaseText =
        toml::from_str(text).map_err(|e| CaseError::Text { path: path.into(), source: Box::new(e) })?;
    check_numbers(&case)?;
    let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
    let catalogues = calibration::calibrated(bundled, &case.probe, &folder, calibrations)?;
    let catalogues = catalogues.with_tissue_model(case.tissue_model).with_uncertainty(&case.uncertainty)?;
    let catalogues = catalogues.with_site(&case.limits, &site_goals(&case))?;
    if catalogues.nerves.find(&case.nerve.id).is_none() {
        let known: Vec<_> = catalogues.nerves.all().iter().map(|n| n.id.as_str()).collect();
        return Err(CaseError::UnknownNerve { found: case.nerve.id, known: known.join(", ") });
    }
    let read = anatomy_of(&case, path, &folder, &catalogues)?;
    let anatomy = completed(read.anatomy, &catalogues);
    let plan = plan_of(&case, &anatomy, &catalogues)?;
    let goals = goals(&case, &anatomy, &catalogues)?;
    Ok(Unplanned {
        title: case.title,
        story: case.story,
        anatomy,
        image: read.image,
        frame: read.frame,
        plan,
        catalogues,
        goals,
        solver: case.solver,
        accuracy: case.accuracy,
        stock: case.stock,
        access: case.access,
    })
}

fn site_goals(case: &CaseText) -> SiteGoals {
    let row = case.goals.as_ref();
    SiteGoals {
        disabled_mm: row.and_then(|g| g.disabled_mm),
        below_c: row.and_then(|g| g.below_c),
        why: row.and_then(|g| g.why.clone()).unwrap_or_default(),
    }
}

/// What the catalogue with the goals of the site wants, in the stretch the case names.
fn goals(case: &CaseText, anatomy: &Anatomy, catalogues: &Catalogues) -> Result<Goals, CaseError> {
    let marked_mm = anatomy.nerve.course.length_mm();
    let stretch = match case.goals.as_ref().map(|g| (g.from_mm, g.to_mm)) {
        None | Some((None, None)) => Stretch::Anywhere,
        Some((from_mm, to_mm)) => {
            let (from_mm, to_mm) = (from_mm.unwrap_or(0.0), to_mm.unwrap_or(marked_mm));
            if !(from_mm >= 0.0 && to_mm > from_mm && from_mm < marked_mm) {
                let expected = "from_mm before to_mm, both along the marked nerve from its first point";
                return Err(CaseError::BadNumber { key: "goals.from_mm and goals.to_mm", found: from_mm, expected });
            }
            Stretch::Within { from_mm, to_mm }
        }
    };
    Ok(Goals { stretch, ..Goals::of(catalogues) })
}

impl Unplanned {
    /// What bounds the search, from the case and the catalogue.
    pub fn propose_settings(&self) -> ProposeSettings<'static> {
        let mut settings = ProposeSettings::of(&self.catalogues);
        // A CT is taken without a transducer on the skin.
        if self.image.is_some() {
            settings.view = View::NoTransducer;
        }
        if let Some(stock) = &self.stock {
            settings.stock = stock.probes.clone();
            settings.protocols = stock.protocols.clone();
            settings.contacts = stock.skin_contacts.clone().unwrap_or(settings.contacts);
        }
        if let Some(access) = &self.access {
            settings.view = access.view.map_or(settings.view, ViewRow::view);
            settings.access = access.from.map_or(settings.access, Side::access);
        }
        settings
    }
}

impl Side {
    /// LPS: left is +x, back is +y.
    fn access(self) -> Access {
        let vector = match self {
            Side::Front => PatientVector::new(0.0, -1.0, 0.0),
            Side::Back => PatientVector::new(0.0, 1.0, 0.0),
            Side::Left => PatientVector::new(1.0, 0.0, 0.0),
            Side::Right => PatientVector::new(-1.0, 0.0, 0.0),
        };
        vector.direction().map_or(Access::AnySkin, Access::From)
    }
}

impl ViewRow {
    fn view(self) -> View {
        match self {
            ViewRow::InPlane => View::InPlane,
            ViewRow::OutOfPlane => View::OutOfPlane,
            ViewRow::Either => View::Either,
            ViewRow::NoTransducer => View::NoTransducer,
        }
    }
}
