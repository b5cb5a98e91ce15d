//! Thermal properties of tissues, from `data/tissues.toml`.
//!
//! Knows: what each tissue does to heat above, in and below its freezing range, and how well each number is known.
//! Does not know: where the tissue is.

use frostline_freeze::{Freezing, LipidMelting, TemperatureTable, Tissue};
use serde::Deserialize;

use super::rows::{CatalogueError, RowCheck, rows_of};
use super::sources::Sourced;
use super::tissue_model::{FreezingCurve, TissueModel};
use super::words::{TISSUES, read_tissue, tissue_word};
use crate::anatomy::TissueKind;

const FILE: &str = "tissues.toml";

/// A tissue before it freezes.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unfrozen {
    /// Density; kept on freezing, so that no mass is lost on a fixed grid.
    pub density_kg_per_m3: f64,
    /// Specific heat capacity.
    pub capacity_j_per_kg_k: f64,
    /// Thermal conductivity.
    pub conductivity_w_per_m_k: f64,
    /// Blood volume that passes per tissue mass. Unit: ml/min/kg.
    pub perfusion_ml_per_min_per_kg: f64,
    /// Heat that the tissue makes by itself.
    pub metabolic_w_per_kg: f64,
}

/// Where a tissue freezes and what it gives off, for both freezing curves.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreezingRange {
    /// The warmest temperature with ice in it.
    pub starts_c: f64,
    /// Where the even range ends: below, all freezable water is ice.
    pub ends_c: f64,
    /// Heat given off over the even range.
    pub latent_j_per_kg: f64,
    /// Heat given off along the water activity curve once all freezable water is ice.
    pub freezable_j_per_kg: f64,
}

/// A frozen tissue at one temperature.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrozenPoint {
    /// At which temperature.
    pub temperature_c: f64,
    /// Thermal conductivity.
    pub conductivity_w_per_m_k: f64,
    /// The lowest conductivity that is thought possible.
    pub lowest_conductivity_w_per_m_k: f64,
    /// The highest conductivity that is thought possible.
    pub highest_conductivity_w_per_m_k: f64,
    /// Specific heat capacity without latent heat.
    pub capacity_j_per_kg_k: f64,
}

/// A frozen tissue: a table over temperature, warmest first; constant beyond its ends, linear between.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frozen {
    /// The rows of the table.
    pub at: Vec<FrozenPoint>,
}

/// Lipid that hardens on cooling, evenly over a range.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lipid {
    /// All of it is liquid above.
    pub liquid_above_c: f64,
    /// All of it is solid below.
    pub solid_below_c: f64,
    /// Heat given off over the range, per mass of tissue.
    pub latent_j_per_kg: f64,
}

/// One tissue.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TissueRow {
    /// Which tissue.
    #[serde(rename = "id", deserialize_with = "read_tissue")]
    pub kind: TissueKind,
    /// Its name in reports.
    pub name: String,
    /// Before it freezes.
    pub unfrozen: Sourced<Unfrozen>,
    /// While it freezes.
    pub freezing: Sourced<FreezingRange>,
    /// Frozen.
    pub frozen: Sourced<Frozen>,
    /// What its lipid does, where that is more than nothing.
    pub lipid: Option<Sourced<Lipid>>,
}

/// All tissues: one row for each kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Tissues {
    rows: Vec<TissueRow>,
    catalogue_model: Sourced<TissueModel>,
    model: TissueModel,
    blood_capacity_j_per_m3_k: f64,
}

impl Tissues {
    /// Reads `tissues.toml`.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the row and the value, also when a tissue is missing.
    pub fn from_toml(text: &str) -> Result<Self, CatalogueError> {
        let file = rows_of(FILE, text, &["tissue", "model"])?;
        let catalogue_model: Sourced<TissueModel> = file.one("model")?;
        let rows: Vec<TissueRow> = file.list("tissue")?;
        rows.iter().try_for_each(check)?;
        for kind in TISSUES {
            if !rows.iter().any(|row| row.kind == kind) {
                return Err(CatalogueError::MissingRow { file: FILE, row: tissue_word(kind).to_owned() });
            }
        }
        let blood_capacity_j_per_m3_k = blood_capacity_j_per_m3_k(&rows)?;
        let model = catalogue_model.value;
        Ok(Self { rows, catalogue_model, model, blood_capacity_j_per_m3_k })
    }

    /// The row of a tissue; `None` only for the outside of the body.
    pub fn row(&self, kind: TissueKind) -> Option<&TissueRow> {
        self.rows.iter().find(|row| row.kind == kind)
    }

    /// All rows, in the order of the file.
    pub fn rows(&self) -> &[TissueRow] {
        &self.rows
    }

    /// The same rows, to be varied.
    pub(super) fn rows_mut(&mut self) -> &mut [TissueRow] {
        &mut self.rows
    }

    /// The options that are taken.
    pub fn model(&self) -> TissueModel {
        self.model
    }

    /// The options as the file has them, with their source.
    pub fn catalogue_model(&self) -> &Sourced<TissueModel> {
        &self.catalogue_model
    }

    /// The same tissues with other options.
    pub fn with_model(self, model: TissueModel) -> Self {
        Self { model, ..self }
    }

    /// Heat capacity of flowing blood per volume, the factor of every perfusion. Unit: J/(m3 K).
    pub fn blood_capacity_j_per_m3_k(&self) -> f64 {
        self.blood_capacity_j_per_m3_k
    }

    /// What the heat solver needs to know of a tissue; `None` only for the outside of the body.
    pub fn thermal(&self, kind: TissueKind) -> Option<Tissue> {
        self.thermal_with(kind, self.model)
    }

    /// The same with options of its own.
    pub fn thermal_with(&self, kind: TissueKind, model: TissueModel) -> Option<Tissue> {
        self.row(kind).map(|row| row.thermal(self.blood_capacity_j_per_m3_k, model))
    }
}

fn blood_capacity_j_per_m3_k(rows: &[TissueRow]) -> Result<f64, CatalogueError> {
    let Some(blood) = rows.iter().find(|row| row.kind == TissueKind::Blood) else {
        return Err(CatalogueError::MissingRow { file: FILE, row: tissue_word(TissueKind::Blood).to_owned() });
    };
    Ok(blood.unfrozen.value.density_kg_per_m3 * blood.unfrozen.value.capacity_j_per_kg_k)
}

impl TissueRow {
    /// Heat that passing blood takes away per volume and kelvin, w = omega rho_b c_b. Unit: W/(m3 K).
    pub fn perfusion_w_per_m3_k(&self, blood_capacity_j_per_m3_k: f64) -> f64 {
        const M3_PER_ML: f64 = 1e-6;
        const S_PER_MIN: f64 = 60.0;
        let tissue = self.unfrozen.value;
        let passes_per_s = tissue.perfusion_ml_per_min_per_kg * M3_PER_ML / S_PER_MIN * tissue.density_kg_per_m3;
        passes_per_s * blood_capacity_j_per_m3_k
    }

    /// Heat that the tissue makes per volume. Unit: W/m3.
    pub fn metabolic_w_per_m3(&self) -> f64 {
        self.unfrozen.value.metabolic_w_per_kg * self.unfrozen.value.density_kg_per_m3
    }

    fn thermal(&self, blood_capacity_j_per_m3_k: f64, model: TissueModel) -> Tissue {
        let unfrozen = self.unfrozen.value;
        let lipid = self.lipid.as_ref().filter(|_| model.lipid_crystallisation).map(|lipid| lipid.value);
        Tissue {
            name: self.name.clone(),
            density_kg_per_m3: unfrozen.density_kg_per_m3,
            unfrozen_w_per_m_k: unfrozen.conductivity_w_per_m_k,
            unfrozen_j_per_kg_k: unfrozen.capacity_j_per_kg_k,
            frozen_w_per_m_k: self.frozen.value.table(|at| at.conductivity_w_per_m_k),
            frozen_j_per_kg_k: self.frozen.value.table(|at| at.capacity_j_per_kg_k),
            freezing_starts_c: self.freezing.value.starts_c,
            freezing: self.ice(model.freezing),
            lipid: lipid.map(|lipid| LipidMelting {
                liquid_above_c: lipid.liquid_above_c,
                solid_below_c: lipid.solid_below_c,
                latent_j_per_kg: lipid.latent_j_per_kg,
            }),
            perfusion_w_per_m3_k: self.perfusion_w_per_m3_k(blood_capacity_j_per_m3_k),
            metabolic_w_per_m3: self.metabolic_w_per_m3(),
        }
    }

    fn ice(&self, curve: FreezingCurve) -> Freezing {
        let FreezingRange { ends_c, latent_j_per_kg, freezable_j_per_kg, .. } = self.freezing.value;
        match curve {
            FreezingCurve::Linear => Freezing::Linear { ends_c, latent_j_per_kg },
            FreezingCurve::WaterActivity => Freezing::WaterActivity {
                freezable_j_per_kg,
                // `check_frozen` has refused an empty table, and `check` one that begins above where freezing starts.
                tables_from_c: self.frozen.value.at[0].temperature_c,
            },
        }
    }
}

impl Frozen {
    /// One column over temperature, coldest first as the solver wants it.
    fn table(&self, column: impl Fn(&FrozenPoint) -> f64) -> TemperatureTable {
        let pairs: Vec<(f64, f64)> = self.at.iter().rev().map(|at| (at.temperature_c, column(at))).collect();
        // `check_frozen` has refused an empty table, values that are not finite and temperatures out of order.
        TemperatureTable::from_pairs(&pairs).expect("checked when the row was read")
    }
}

/// The ranges only catch slips of the pen (a factor of ten, a wrong unit), not a doubtful value.
fn check(row: &TissueRow) -> Result<(), CatalogueError> {
    let check = RowCheck::new(FILE, tissue_word(row.kind));
    check.words("name", &row.name)?;
    let unfrozen = row.unfrozen.value;
    check.between("unfrozen.density_kg_per_m3", unfrozen.density_kg_per_m3, 500.0, 3000.0)?;
    check.between("unfrozen.capacity_j_per_kg_k", unfrozen.capacity_j_per_kg_k, 500.0, 5000.0)?;
    check.between("unfrozen.conductivity_w_per_m_k", unfrozen.conductivity_w_per_m_k, 0.05, 2.0)?;
    check.between("unfrozen.perfusion_ml_per_min_per_kg", unfrozen.perfusion_ml_per_min_per_kg, 0.0, 20_000.0)?;
    check.between("unfrozen.metabolic_w_per_kg", unfrozen.metabolic_w_per_kg, 0.0, 50.0)?;
    let freezing = row.freezing.value;
    check.between("freezing.starts_c", freezing.starts_c, -10.0, 0.0)?;
    // Half a kelvin is the narrowest range that is still a range to the solver.
    check.between("freezing.ends_c", freezing.ends_c, -40.0, freezing.starts_c - 0.5)?;
    check.between("freezing.latent_j_per_kg", freezing.latent_j_per_kg, 0.0, 340e3)?;
    check.between("freezing.freezable_j_per_kg", freezing.freezable_j_per_kg, freezing.latent_j_per_kg * 0.9, 340e3)?;
    if let Some(lipid) = &row.lipid {
        check_lipid(&check, lipid.value)?;
    }
    check_frozen(&check, &row.frozen.value)?;
    let warmest_c = row.frozen.value.at[0].temperature_c;
    check.between("frozen.at.temperature_c of the warmest row", warmest_c, -200.0, freezing.starts_c - 0.5)
}

fn check_lipid(check: &RowCheck, lipid: Lipid) -> Result<(), CatalogueError> {
    check.between("lipid.liquid_above_c", lipid.liquid_above_c, -30.0, 30.0)?;
    check.between("lipid.solid_below_c", lipid.solid_below_c, -60.0, lipid.liquid_above_c - 0.5)?;
    check.between("lipid.latent_j_per_kg", lipid.latent_j_per_kg, 0.0, 200e3)
}

fn check_frozen(check: &RowCheck, frozen: &Frozen) -> Result<(), CatalogueError> {
    if frozen.at.is_empty() {
        return check.wrong("frozen.at", "no row".to_owned(), "at least one temperature".to_owned());
    }
    check.growing("frozen.at.temperature_c (negated: warmest first)", frozen.at.iter().map(|at| -at.temperature_c))?;
    for at in &frozen.at {
        check.between("frozen.at.temperature_c", at.temperature_c, -200.0, 0.0)?;
        check.between("frozen.at.capacity_j_per_kg_k", at.capacity_j_per_kg_k, 300.0, 4000.0)?;
        check.between("frozen.at.lowest_conductivity_w_per_m_k", at.lowest_conductivity_w_per_m_k, 0.05, 10.0)?;
        let (lowest, highest) = (at.lowest_conductivity_w_per_m_k, at.highest_conductivity_w_per_m_k);
        check.between("frozen.at.highest_conductivity_w_per_m_k", highest, lowest, 10.0)?;
        check.between("frozen.at.conductivity_w_per_m_k", at.conductivity_w_per_m_k, lowest, highest)?;
    }
    Ok(())
}
