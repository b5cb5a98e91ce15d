//! What the kernel reads instead of curves: tables that are even in a state measured in kelvin.
//!
//! The state of a cell is `u = u0 + H / C`, with the heat capacity C above freezing and above all melting of lipid, and with
//! u0 such that there u is the temperature itself, counted from an origin. The heat potential is kept as `psi = starts - origin + theta / k`, with the
//! unfrozen conductivity k: above freezing it, too, is the temperature. So a warm cell needs no table, and heat between two
//! warm cells, of one tissue or of two, is a conductance times the difference of psi. The origin is the temperature of the
//! blood, so that undisturbed tissue is zero, where numbers of single precision are densest.

use super::curve::Curve;
use super::segments::Segments;
use crate::tissue::Freezing;

/// psi and temperature of one tissue by u.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lookup {
    /// At and above this u, psi is u itself, and so is the temperature.
    pub(crate) linear_above_u: f32,
    top_u: f32,
    per_u: f32,
    /// psi below the straight part, where few pieces are enough.
    pub(crate) segments: Option<Segments>,
    /// psi, its step to the next node, temperature, its step.
    nodes: Vec<[f32; 4]>,
    origin_c: f64,
    starts_c: f64,
    freezing_u: f64,
    capacity: f64,
    conductivity: f64,
}

/// Longest distance between two nodes. Over it a capacity that changes by 8 J/(kg K2) bends psi by under 1e-3 K.
/// Unit: K of u.
const SPACING_K: f64 = 0.25;
/// Below this a line goes on straight; liquid nitrogen boils at -196 °C.
const COLDEST_C: f64 = -200.0;

impl Lookup {
    pub(crate) fn of(curve: &Curve, freezing: &Freezing, origin_c: f64) -> Self {
        let starts_c = curve.freezing_starts_c();
        let capacity = curve.unfrozen_capacity();
        let conductivity = curve.k(starts_c + 1.0);
        let linear_above_h = curve.linear_above_h();
        let linear_above_u = curve.celsius(linear_above_h) - origin_c;
        let freezing_u = linear_above_u - linear_above_h / capacity;
        let to_u = |h: f64| freezing_u + h / capacity;
        // A curve has its sharpest bends where freezing starts and ends, so both are nodes.
        let (Freezing::Linear { ends_c: knee_c, .. } | Freezing::WaterActivity { tables_from_c: knee_c, .. }) =
            *freezing;
        let knee_k = -curve.h(knee_c) / capacity;
        let spacing = knee_k / (knee_k / SPACING_K).ceil().max(1.0);
        let above = (linear_above_h / capacity / spacing).ceil();
        let top_u = freezing_u + above * spacing;
        let count = ((top_u - to_u(curve.h(COLDEST_C))) / spacing).ceil() as usize;
        let at = |n: usize| {
            let h = (above - n as f64) * spacing * capacity;
            (starts_c - origin_c + curve.theta(h) / conductivity, curve.celsius(h))
        };
        let nodes = (0..count)
            .map(|n| {
                let (here, next) = (at(n), at(n + 1));
                [here.0 as f32, (next.0 - here.0) as f32, here.1 as f32, (next.1 - here.1) as f32]
            })
            .collect();
        let psi = |u: f64| starts_c - origin_c + curve.theta((u - freezing_u) * capacity) / conductivity;
        let coldest_u = to_u(curve.h(COLDEST_C));
        let mut places_u: Vec<f64> = curve.bends_h().iter().map(|&h| to_u(h)).filter(|&u| u > coldest_u).collect();
        places_u.push(coldest_u);
        let segments = Segments::follow(&psi, &places_u);
        Self {
            linear_above_u: linear_above_u as f32,
            segments,
            top_u: top_u as f32,
            per_u: (1.0 / spacing) as f32,
            nodes,
            origin_c,
            starts_c,
            freezing_u,
            capacity,
            conductivity,
        }
    }

    /// The warm end of the table, nodes per kelvin of u, and psi, its step, temperature and its step at each node.
    #[cfg(feature = "gpu")]
    pub(super) fn table(&self) -> (f32, f32, &[[f32; 4]]) {
        (self.top_u, self.per_u, &self.nodes)
    }

    #[inline(always)]
    fn node(&self, u: f32) -> (&[f32; 4], f32) {
        let x = (self.top_u - u) * self.per_u;
        let n = (x as usize).min(self.nodes.len() - 1);
        (&self.nodes[n], x - n as f32)
    }

    /// Heat potential. Unit: K.
    #[inline(always)]
    pub(crate) fn psi(&self, u: f32) -> f32 {
        if u >= self.linear_above_u {
            return u;
        }
        let (node, share) = self.node(u);
        node[0] + share * node[1]
    }

    /// Temperature. Unit: °C.
    #[inline(always)]
    pub(crate) fn celsius(&self, u: f32) -> f32 {
        if u >= self.linear_above_u {
            return u + self.origin_c as f32;
        }
        let (node, share) = self.node(u);
        node[2] + share * node[3]
    }

    /// State at a temperature. Unit: K.
    pub(crate) fn u_at(&self, curve: &Curve, celsius: f64) -> f64 {
        self.freezing_u + curve.h(celsius) / self.capacity
    }

    /// Heat potential at a temperature. Unit: K.
    pub(crate) fn psi_at(&self, curve: &Curve, celsius: f64) -> f64 {
        self.starts_psi() + curve.theta_at(celsius) / self.conductivity
    }

    /// Kirchhoff's potential of a psi. Unit: W/m.
    pub(crate) fn theta(&self, psi: f64) -> f64 {
        (psi - self.starts_psi()) * self.conductivity
    }

    /// Potential where freezing starts. Unit: K.
    pub(crate) fn starts_psi(&self) -> f64 {
        self.starts_c - self.origin_c
    }

    /// State where freezing starts. Unit: K.
    pub(crate) fn freezing_u(&self) -> f64 {
        self.freezing_u
    }

    /// The temperature that is counted as zero. Unit: °C.
    pub(crate) fn origin_c(&self) -> f64 {
        self.origin_c
    }

    /// Where freezing starts. Unit: °C.
    pub(crate) fn starts_c(&self) -> f64 {
        self.starts_c
    }

    /// Heat capacity above freezing. Unit: J/(m3 K).
    pub(crate) fn capacity(&self) -> f64 {
        self.capacity
    }

    /// Conductivity above freezing. Unit: W/(m K).
    pub(crate) fn conductivity(&self) -> f64 {
        self.conductivity
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::TemperatureTable;
    use crate::tissue::{LipidMelting, Tissue};

    fn muscle() -> Tissue {
        Tissue {
            name: "muscle".into(),
            density_kg_per_m3: 1000.0,
            unfrozen_w_per_m_k: 0.5,
            unfrozen_j_per_kg_k: 3600.0,
            frozen_w_per_m_k: TemperatureTable::from_pairs(&[(-8.0, 1.5), (-40.0, 2.0), (-150.0, 3.0)]).unwrap(),
            frozen_j_per_kg_k: TemperatureTable::from_pairs(&[(-8.0, 2000.0), (-150.0, 1200.0)]).unwrap(),
            freezing_starts_c: -1.0,
            freezing: crate::Freezing::Linear { ends_c: -8.0, latent_j_per_kg: 250e3 },
            lipid: None,
            perfusion_w_per_m3_k: 0.0,
            metabolic_w_per_m3: 0.0,
        }
    }

    #[test]
    fn the_table_follows_the_curve_from_fever_to_liquid_nitrogen() {
        let curve = Curve::of(&muscle());
        let lookup = Lookup::of(&curve, &muscle().freezing, 37.0);
        for n in 0..2350 {
            let celsius = 40.0 - 0.1 * f64::from(n);
            let u = lookup.u_at(&curve, celsius);
            // The curve bends every 2.5 K of T, where its capacity steps by about 1 %. A bend between two nodes, 0.5 K of T
            // or 2.5 K of psi apart (0.7 and 4 K in the coldest ice), puts the straight line off by a quarter of that step.
            let found = f64::from(lookup.celsius(u as f32));
            assert!((found - celsius).abs() < 5e-3, "{celsius} {found}");
            let (found, expected) = (f64::from(lookup.psi(u as f32)), lookup.psi_at(&curve, celsius));
            assert!((found - expected).abs() < 2e-2, "{celsius}: {found} {expected}");
        }
    }

    #[test]
    fn lipid_bends_the_table_above_freezing_and_leaves_it_straight_above_that() {
        let lipid = LipidMelting { liquid_above_c: 20.0, solid_below_c: 5.0, latent_j_per_kg: 40e3 };
        let tissue = Tissue { lipid: Some(lipid), ..muscle() };
        let curve = Curve::of(&tissue);
        let lookup = Lookup::of(&curve, &tissue.freezing, 37.0);
        for celsius in [36.0, 20.0, 19.9, 12.0, 5.0, 1.0, -0.9, -4.0, -30.0] {
            let u = lookup.u_at(&curve, celsius) as f32;
            // The bends at 20 and 5 °C lie between two nodes.
            assert!((f64::from(lookup.celsius(u)) - celsius).abs() < 0.05, "{celsius}");
            assert!((f64::from(lookup.psi(u)) - lookup.psi_at(&curve, celsius)).abs() < 0.05, "{celsius}");
        }
        // 40 kJ/kg over 3600 J/kgK are 11.1 K of u between liquid and solid, beside the 15 K of sensible heat.
        let span = lookup.u_at(&curve, 20.0) - lookup.u_at(&curve, 5.0);
        assert!((span - 15.0 - 40.0 / 3.6).abs() < 1e-9, "{span}");
    }

    #[test]
    fn above_freezing_state_and_potential_are_the_temperature_above_that_of_blood() {
        let curve = Curve::of(&muscle());
        let lookup = Lookup::of(&curve, &muscle().freezing, 37.0);
        assert_eq!((lookup.psi(-12.5), lookup.celsius(-12.5)), (-12.5, 24.5));
        assert!((lookup.u_at(&curve, 24.5) + 12.5).abs() < 1e-12);
        assert!((lookup.psi_at(&curve, 24.5) + 12.5).abs() < 1e-12);
    }
}
