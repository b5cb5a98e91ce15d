//! What a tissue does with heat.

use crate::table::TemperatureTable;

/// A tissue that freezes over a range of temperatures.
#[derive(Clone, Debug, PartialEq)]
pub struct Tissue {
    /// What it is called.
    pub name: String,
    /// Density, the same frozen and unfrozen. Unit: kg/m3.
    pub density_kg_per_m3: f64,
    /// Conductivity above freezing. Unit: W/(m K).
    pub unfrozen_w_per_m_k: f64,
    /// Specific heat above freezing, without the melting of lipid. Unit: J/(kg K).
    pub unfrozen_j_per_kg_k: f64,
    /// Conductivity of the frozen tissue by temperature. Unit: W/(m K).
    pub frozen_w_per_m_k: TemperatureTable,
    /// Sensible specific heat of the frozen tissue by temperature. Unit: J/(kg K).
    pub frozen_j_per_kg_k: TemperatureTable,
    /// Where the first ice forms. Unit: °C.
    pub freezing_starts_c: f64,
    /// How the ice grows below `freezing_starts_c`.
    pub freezing: Freezing,
    /// Lipid that hardens on cooling, apart from the water.
    pub lipid: Option<LipidMelting>,
    /// Heat brought by blood per kelvin below the arterial temperature; only above `freezing_starts_c`. Unit: W/(m3 K).
    pub perfusion_w_per_m3_k: f64,
    /// Heat made by the tissue itself; only above `freezing_starts_c`. Unit: W/m3.
    pub metabolic_w_per_m3: f64,
}

/// How the water of a tissue turns into ice below where freezing starts, and latent heat and conductivity with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Freezing {
    /// Evenly between the start and `ends_c`, as published simulations have it. The heat capacity between is the mean of
    /// the unfrozen value and the frozen one at the end of freezing, the conductivity linear from one to the other; below
    /// `ends_c` the frozen tables hold.
    Linear {
        /// Where the last water that can freeze has frozen; below the start. Unit: °C.
        ends_c: f64,
        /// Heat given off over the whole range. Unit: J/kg.
        latent_j_per_kg: f64,
    },
    /// As an ideal solution does (Chen, Schwartzberg): at T the share `1 - start/T` of the water that can freeze is ice, in °C
    /// below 0. Half of it at twice the starting temperature, 80 % at five times, and a tail without end.
    ///
    /// Down to `tables_from_c` conductivity and sensible heat run from the unfrozen values to those of the frozen tables
    /// in proportion to the ice; colder than that the tables hold, which then describe the tissue with the ice that it
    /// has at each temperature.
    WaterActivity {
        /// Heat given off once all the water that can freeze is ice. Unit: J/kg.
        freezable_j_per_kg: f64,
        /// The warmest temperature at which the frozen tables hold; below the start. Unit: °C.
        tables_from_c: f64,
    },
}

/// Lipid that hardens over a range of temperatures, giving off heat evenly. It changes neither conductivity nor blood flow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LipidMelting {
    /// All of it is liquid at and above. Unit: °C.
    pub liquid_above_c: f64,
    /// All of it is solid at and below. Unit: °C.
    pub solid_below_c: f64,
    /// Heat given off over the whole range, per mass of tissue. Unit: J/kg.
    pub latent_j_per_kg: f64,
}

impl Tissue {
    /// Share of the water that can freeze which is ice at a temperature. Range: 0 to 1.
    pub fn ice_share(&self, celsius: f64) -> f64 {
        let starts_c = self.freezing_starts_c;
        if celsius >= starts_c {
            return 0.0;
        }
        match self.freezing {
            Freezing::Linear { ends_c, .. } => ((starts_c - celsius) / (starts_c - ends_c)).min(1.0),
            Freezing::WaterActivity { .. } => 1.0 - starts_c / celsius,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn freezing(freezing: Freezing) -> Tissue {
        Tissue {
            name: "test".into(),
            density_kg_per_m3: 1000.0,
            unfrozen_w_per_m_k: 0.5,
            unfrozen_j_per_kg_k: 3600.0,
            frozen_w_per_m_k: TemperatureTable::constant(1.5),
            frozen_j_per_kg_k: TemperatureTable::constant(2000.0),
            freezing_starts_c: -0.8,
            freezing,
            lipid: None,
            perfusion_w_per_m3_k: 0.0,
            metabolic_w_per_m3: 0.0,
        }
    }

    #[test]
    fn four_fifths_of_the_water_are_ice_at_five_times_the_starting_temperature() {
        let tissue = freezing(Freezing::WaterActivity { freezable_j_per_kg: 200e3, tables_from_c: -10.0 });
        // 1 - 1/2, 1 - 1/5, 1 - 1/20, to rounding.
        for (times, share) in [(1.0, 0.0), (2.0, 0.5), (5.0, 0.8), (20.0, 0.95)] {
            assert!((tissue.ice_share(-0.8 * times) - share).abs() < 1e-15, "{times}");
        }
        assert_eq!(tissue.ice_share(-0.7), 0.0);
    }

    #[test]
    fn a_linear_range_is_half_ice_in_its_middle_and_all_ice_below_its_end() {
        let tissue = freezing(Freezing::Linear { ends_c: -4.8, latent_j_per_kg: 200e3 });
        assert!((tissue.ice_share(-2.8) - 0.5).abs() < 1e-15);
        assert_eq!(tissue.ice_share(-4.9), 1.0);
        assert_eq!(tissue.ice_share(0.0), 0.0);
    }
}
