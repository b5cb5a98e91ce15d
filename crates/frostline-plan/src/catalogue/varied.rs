//! The catalogues of a world that is a little different from what was assumed.

use super::Catalogues;

/// How much a world differs from the catalogues.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variation {
    /// Conductivity of every frozen tissue, times what the catalogue says.
    pub frozen_conductivity: f64,
    /// Heat that freezing gives off, times what the catalogue says.
    pub latent_heat: f64,
    /// Surface of every probe: its half width of doubt, times this, is added. 1 is the warm end of the band.
    pub probe_output: f64,
}

impl Catalogues {
    /// The same catalogues in a world that differs. Bounds of conductivity move along, so that nothing is out of order.
    pub fn varied(&self, by: &Variation) -> Self {
        let mut varied = self.clone();
        // An approval on such a world does not stand in the one that is there.
        varied.site.push(format!("{by:?}"));
        for row in varied.tissues.rows_mut() {
            row.freezing.value.latent_j_per_kg *= by.latent_heat;
            row.freezing.value.freezable_j_per_kg *= by.latent_heat;
            for at in &mut row.frozen.value.at {
                at.conductivity_w_per_m_k *= by.frozen_conductivity;
                at.lowest_conductivity_w_per_m_k *= by.frozen_conductivity;
                at.highest_conductivity_w_per_m_k *= by.frozen_conductivity;
            }
        }
        for probe in &mut varied.probes.probes {
            let by_k = by.probe_output * probe.uncertainty.value.surface_k;
            probe.cooling.value = probe.cooling.value.warmer(by_k);
        }
        varied
    }
}
