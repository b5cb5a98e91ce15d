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

impl Tissue {
    /// What two tissues are together in a cell that they share, `share` of the volume being `other`. Range: 0 to 1.
    ///
    /// Heat capacity, latent heat, blood flow and metabolism are those of both together. Conductivity is the geometric mean,
    /// which lies between that of layers side by side and that of layers one behind the other, since how they lie in the
    /// cell is not known. Freezing starts and ends between the two; tables hold at the temperatures of either.
    pub fn mixed_with(&self, other: &Tissue, share: f64) -> Tissue {
        let density_kg_per_m3 = mean(self.density_kg_per_m3, other.density_kg_per_m3, share);
        // Specific heats are per mass.
        let by_mass = share * other.density_kg_per_m3 / density_kg_per_m3;
        Tissue {
            name: format!("{} with {:.0} % {}", self.name, 100.0 * share, other.name),
            density_kg_per_m3,
            unfrozen_w_per_m_k: geometric(self.unfrozen_w_per_m_k, other.unfrozen_w_per_m_k, share),
            unfrozen_j_per_kg_k: mean(self.unfrozen_j_per_kg_k, other.unfrozen_j_per_kg_k, by_mass),
            frozen_w_per_m_k: both(&self.frozen_w_per_m_k, &other.frozen_w_per_m_k, |a, b| geometric(a, b, share)),
            frozen_j_per_kg_k: both(&self.frozen_j_per_kg_k, &other.frozen_j_per_kg_k, |a, b| mean(a, b, by_mass)),
            freezing_starts_c: mean(self.freezing_starts_c, other.freezing_starts_c, share),
            freezing: self.freezing.mixed_with(&other.freezing, (share, by_mass)),
            lipid: match (self.lipid, other.lipid) {
                (Some(lipid), None) => Some(lipid.thinned(1.0 - by_mass)),
                (None, Some(lipid)) => Some(lipid.thinned(by_mass)),
                (Some(a), Some(b)) => Some(LipidMelting {
                    liquid_above_c: mean(a.liquid_above_c, b.liquid_above_c, share),
                    solid_below_c: mean(a.solid_below_c, b.solid_below_c, share),
                    latent_j_per_kg: mean(a.latent_j_per_kg, b.latent_j_per_kg, by_mass),
                }),
                (None, None) => None,
            },
            perfusion_w_per_m3_k: mean(self.perfusion_w_per_m3_k, other.perfusion_w_per_m3_k, share),
            metabolic_w_per_m3: mean(self.metabolic_w_per_m3, other.metabolic_w_per_m3, share),
        }
    }
}

impl Freezing {
    /// Of two curves of one model; of two models, that of which there is more.
    fn mixed_with(&self, other: &Freezing, (share, by_mass): (f64, f64)) -> Freezing {
        match (*self, *other) {
            (
                Freezing::Linear { ends_c: a, latent_j_per_kg: la },
                Freezing::Linear { ends_c: b, latent_j_per_kg: lb },
            ) => Freezing::Linear { ends_c: mean(a, b, share), latent_j_per_kg: mean(la, lb, by_mass) },
            (
                Freezing::WaterActivity { freezable_j_per_kg: fa, tables_from_c: a },
                Freezing::WaterActivity { freezable_j_per_kg: fb, tables_from_c: b },
            ) => {
                Freezing::WaterActivity { freezable_j_per_kg: mean(fa, fb, by_mass), tables_from_c: mean(a, b, share) }
            }
            (one, another) => {
                if share > 0.5 {
                    another
                } else {
                    one
                }
            }
        }
    }
}

impl LipidMelting {
    /// The same lipid where it is only a share of the mass.
    fn thinned(self, by_mass: f64) -> Self {
        Self { latent_j_per_kg: by_mass * self.latent_j_per_kg, ..self }
    }
}

fn mean(a: f64, b: f64, share_of_b: f64) -> f64 {
    a + share_of_b * (b - a)
}

/// Of two positive numbers.
fn geometric(a: f64, b: f64, share_of_b: f64) -> f64 {
    mean(a.ln(), b.ln(), share_of_b).exp()
}

/// A table with the rows of two, combined at every temperature of either.
fn both(a: &TemperatureTable, b: &TemperatureTable, combined: impl Fn(f64, f64) -> f64) -> TemperatureTable {
    let mut at_c: Vec<f64> = a.pairs().iter().chain(b.pairs()).map(|row| row.0).collect();
    at_c.sort_by(f64::total_cmp);
    at_c.dedup();
    let rows: Vec<(f64, f64)> = at_c.iter().map(|&c| (c, combined(a.at(c), b.at(c)))).collect();
    // Finite rows at different temperatures are a table; so are those of either.
    TemperatureTable::from_pairs(&rows).unwrap_or_else(|_| a.clone())
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
    fn a_mixture_holds_the_heat_of_both_and_conducts_between_the_two() {
        let wet = Tissue {
            perfusion_w_per_m3_k: 2000.0,
            ..freezing(Freezing::Linear { ends_c: -8.0, latent_j_per_kg: 250e3 })
        };
        let dry = Tissue {
            density_kg_per_m3: 500.0,
            unfrozen_w_per_m_k: 0.2,
            unfrozen_j_per_kg_k: 2000.0,
            freezing: Freezing::Linear { ends_c: -4.0, latent_j_per_kg: 50e3 },
            lipid: Some(LipidMelting { liquid_above_c: 20.0, solid_below_c: -5.0, latent_j_per_kg: 40e3 }),
            ..freezing(Freezing::Linear { ends_c: -8.0, latent_j_per_kg: 250e3 })
        };
        let half = wet.mixed_with(&dry, 0.5);
        // By hand: (1000 x 3600 + 500 x 2000) / 2 = 2.3 MJ/(m3 K), of 750 kg/m3.
        assert!((half.density_kg_per_m3 * half.unfrozen_j_per_kg_k - 2.3e6).abs() < 1.0);
        // (1000 x 250 + 500 x 50) / 2 = 137.5 MJ/m3.
        let Freezing::Linear { ends_c, latent_j_per_kg } = half.freezing else { panic!("{:?}", half.freezing) };
        assert!((half.density_kg_per_m3 * latent_j_per_kg - 137.5e6).abs() < 1.0);
        assert!((ends_c + 6.0).abs() < 1e-12);
        // sqrt(0.5 x 0.2), between 2 / (1/0.5 + 1/0.2) = 0.286 and 0.35.
        assert!((half.unfrozen_w_per_m_k - 0.1_f64.sqrt()).abs() < 1e-12);
        // 500 x 40 / 2 = 10 MJ/m3 of lipid.
        assert!((half.density_kg_per_m3 * half.lipid.unwrap().latent_j_per_kg - 10e6).abs() < 1e-3);
        assert_eq!(half.perfusion_w_per_m3_k, 1000.0);
        let all = |tissue: Tissue| Tissue { name: String::new(), ..tissue };
        assert_eq!(wet.mixed_with(&dry, 0.0).density_kg_per_m3, wet.density_kg_per_m3);
        assert_eq!(all(wet.mixed_with(&wet, 0.375)).freezing, all(wet).freezing);
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
