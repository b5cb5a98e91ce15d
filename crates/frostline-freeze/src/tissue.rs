//! What a tissue does with heat.

use crate::table::TemperatureTable;

/// A tissue that freezes over a range of temperatures.
///
/// Between `freezing_starts_c` and `freezing_ends_c` the latent heat is spread evenly, the heat capacity is the mean of
/// the unfrozen value and the frozen one at the end of freezing, and the conductivity is linear in temperature from
/// one to the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Tissue {
    /// What it is called.
    pub name: String,
    /// Density, the same frozen and unfrozen. Unit: kg/m3.
    pub density_kg_per_m3: f64,
    /// Conductivity above freezing. Unit: W/(m K).
    pub unfrozen_w_per_m_k: f64,
    /// Specific heat above freezing. Unit: J/(kg K).
    pub unfrozen_j_per_kg_k: f64,
    /// Conductivity of the frozen tissue by temperature. Unit: W/(m K).
    pub frozen_w_per_m_k: TemperatureTable,
    /// Sensible specific heat of the frozen tissue by temperature. Unit: J/(kg K).
    pub frozen_j_per_kg_k: TemperatureTable,
    /// Where the first ice forms. Unit: °C.
    pub freezing_starts_c: f64,
    /// Where the last water that can freeze has frozen; below `freezing_starts_c`. Unit: °C.
    pub freezing_ends_c: f64,
    /// Heat given off by freezing over the whole range. Unit: J/kg.
    pub latent_j_per_kg: f64,
    /// Heat brought by blood per kelvin below the arterial temperature; only above `freezing_starts_c`. Unit: W/(m3 K).
    pub perfusion_w_per_m3_k: f64,
    /// Heat made by the tissue itself; only above `freezing_starts_c`. Unit: W/m3.
    pub metabolic_w_per_m3: f64,
}
