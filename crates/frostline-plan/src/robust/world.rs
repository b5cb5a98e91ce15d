//! One possible world: every number that is not known, drawn once.

use super::placement::{Landing, PlacementLaw};
use super::remedy::Confirmed;
use super::sobol::{Sobol, normal_share};
use crate::build_scene::Correction;
use crate::catalogue::{Catalogues, Factor, Spread, Variation};

/// What a world is drawn from.
#[derive(Clone, Debug)]
pub(crate) struct WorldLaw {
    pub placement: PlacementLaw,
    spreads: [Spread; SPREADS],
    half_width_in_sd: f64,
    probes: usize,
    structures: usize,
    confirmed: Vec<Confirmed>,
}

/// Factors with a spread of their own in the catalogue, in the order of their dimensions.
const SPREAD_FACTORS: [Factor; SPREADS] = [
    Factor::FrozenConductivity,
    Factor::NerveMarking,
    Factor::NerveMarkingBeside,
    Factor::TransducerPressure,
    Factor::FatLayer,
    Factor::LatentHeat,
    Factor::Perfusion,
    Factor::BloodTemperature,
];
const SPREADS: usize = 8;
/// The first probe takes dimensions 0 to 3; what follows them:
const PROBE_OUTPUT: usize = 4;
const FIRST_SPREAD: usize = 5;
const REGROWTH: usize = FIRST_SPREAD + SPREADS;
const FIRST_STRUCTURE: usize = REGROWTH + 1;

/// One possible world.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct World {
    /// Where each probe lands.
    pub landings: Vec<Landing>,
    /// Surface of the probes, in half widths of their band.
    pub probe_output: f64,
    /// Value of each of [`SPREAD_FACTORS`].
    values: [f64; SPREADS],
    /// How fast the nerve grows back, as a standard normal number.
    pub regrowth_z: f64,
    /// Where each structure lies across its course, against where it was drawn. Unit: mm.
    pub structures_mm: Vec<[f64; 2]>,
}

impl WorldLaw {
    /// What is drawn for a plan with so many probes and an anatomy with so many structures.
    pub(crate) fn new(catalogues: &Catalogues, placement: PlacementLaw, probes: usize, structures: usize) -> Self {
        let known = &catalogues.uncertainties;
        // Every one of these factors has a spread in the catalogue.
        let spreads = SPREAD_FACTORS.map(|factor| known.spread(factor).unwrap_or(Spread { mean: 0.0, sd: 0.0 }));
        let half_width_in_sd = known.half_width_in_sd();
        Self { placement, spreads, half_width_in_sd, probes, structures, confirmed: Vec::new() }
    }

    /// The same when numbers are confirmed: what scattered more around another mean scatters so much around 0.
    pub(crate) fn knowing(&self, confirmed: &[Confirmed]) -> Self {
        Self { confirmed: confirmed.to_vec(), ..self.clone() }
    }

    /// The same when probes are placed another way.
    pub(crate) fn placing(&self, placement: PlacementLaw) -> Self {
        Self { placement, ..self.clone() }
    }

    /// The world of one point of a sequence.
    pub(crate) fn world(&self, sobol: &Sobol, point: u32) -> World {
        let z = |dimension| sobol.normal(point, dimension);
        let first_extra = FIRST_STRUCTURE + 2 * self.structures;
        let landing = |probe: usize| {
            let first = if probe == 0 { 0 } else { first_extra + 4 * (probe - 1) };
            self.landing([0, 1, 2, 3].map(|d| z(first + d)))
        };
        let values = std::array::from_fn(|n| {
            let spread = self.spreads[n];
            self.drawn(SPREAD_FACTORS[n], spread, z(FIRST_SPREAD + n))
        });
        let marking_sd = self.median_sd(Factor::NerveMarking);
        let marked = |n: usize| [0, 1].map(|d| marking_sd * z(FIRST_STRUCTURE + 2 * n + d));
        World {
            landings: (0..self.probes).map(landing).collect(),
            probe_output: self.drawn(Factor::ProbeOutput, self.output(), z(PROBE_OUTPUT)),
            values,
            regrowth_z: z(REGROWTH),
            structures_mm: (0..self.structures).map(marked).collect(),
        }
    }

    fn landing(&self, z: [f64; 4]) -> Landing {
        let plain = self.placement.landing(z);
        let (across, along) = (plain.size * self.placement.across_mm, plain.size * self.placement.along_mm);
        let of = |factor, mean, sd, z| self.drawn(factor, Spread { mean, sd }, z);
        Landing {
            towards_mm: of(Factor::PlacementTowards, self.placement.towards_mm, across, z[0]),
            beside_mm: of(Factor::PlacementBeside, 0.0, across, z[1]),
            along_mm: of(Factor::PlacementAlong, self.placement.deeper_mm, along, z[2]),
            size: plain.size,
        }
    }

    /// A number from its standard normal one.
    fn drawn(&self, factor: Factor, spread: Spread, z: f64) -> f64 {
        match self.confirmed.iter().find(|c| c.factor == factor && c.sd < spread.sd) {
            Some(known) => known.sd * z,
            None => spread.mean + spread.sd * z,
        }
    }

    /// Output of a probe, in half widths of its band.
    fn output(&self) -> Spread {
        Spread { mean: 0.0, sd: 1.0 / self.half_width_in_sd }
    }

    /// Standard deviation of a factor before anything is confirmed, in the unit of [`World::value`]; that of an insertion of
    /// median size where it is one of placement.
    pub(crate) fn median_sd(&self, factor: Factor) -> f64 {
        match factor {
            Factor::PlacementTowards | Factor::PlacementBeside => self.placement.across_mm,
            Factor::PlacementAlong => self.placement.along_mm,
            Factor::ProbeOutput => self.output().sd,
            other => self.spread(other).sd,
        }
    }

    /// The share of structures that lie less far off than this one, by how far it lies off across its course.
    pub(crate) fn marking_share(&self, off_mm: f64) -> f64 {
        let sd = self.median_sd(Factor::NerveMarking);
        if sd > 0.0 { normal_share(off_mm / sd) } else { 0.5 }
    }

    /// Mean of a factor that has a spread of its own.
    pub(crate) fn mean(&self, factor: Factor) -> f64 {
        self.spread(factor).mean
    }

    /// Spread of a factor that has one of its own; none where it has not.
    fn spread(&self, factor: Factor) -> Spread {
        let found = SPREAD_FACTORS.iter().position(|f| *f == factor).map(|n| self.spreads[n]);
        found.unwrap_or(Spread { mean: 0.0, sd: 0.0 })
    }

    /// Standard deviations in the half width of a band.
    pub(crate) fn half_width_in_sd(&self) -> f64 {
        self.half_width_in_sd
    }
}

/// Every factor that a sensitivity is told of, in the order of the dimensions; the size of the placement error is made of three.
pub(crate) const FACTORS: [Factor; SPREADS + 5] = [
    Factor::PlacementTowards,
    Factor::PlacementBeside,
    Factor::PlacementAlong,
    Factor::PlacementSize,
    Factor::ProbeOutput,
    Factor::FrozenConductivity,
    Factor::NerveMarking,
    Factor::NerveMarkingBeside,
    Factor::TransducerPressure,
    Factor::FatLayer,
    Factor::LatentHeat,
    Factor::Perfusion,
    Factor::BloodTemperature,
];

/// Least share of conductivity and latent heat that a world may have; four standard deviations of the widest row lie above it.
const LEAST_SHARE: f64 = 0.2;

impl World {
    /// The world of the plan itself.
    #[cfg(test)]
    pub(crate) fn without_doubt(probes: usize, structures: usize) -> Self {
        let landing = Landing { towards_mm: 0.0, beside_mm: 0.0, along_mm: 0.0, size: 1.0 };
        Self {
            landings: vec![landing; probes],
            probe_output: 0.0,
            values: [0.0; SPREADS],
            regrowth_z: 0.0,
            structures_mm: vec![[0.0; 2]; structures],
        }
    }

    /// Sets a factor that has a spread of its own.
    #[cfg(test)]
    pub(crate) fn set(&mut self, factor: Factor, value: f64) {
        let n = SPREAD_FACTORS.iter().position(|f| *f == factor).unwrap();
        self.values[n] = value;
    }

    /// The drawn value of a factor, of the first probe where it is one of placement.
    pub(crate) fn value(&self, factor: Factor) -> f64 {
        let first = self.landings.first();
        let of = |pick: fn(&Landing) -> f64| first.map_or(0.0, pick);
        match factor {
            Factor::PlacementTowards => of(|l| l.towards_mm),
            Factor::PlacementBeside => of(|l| l.beside_mm),
            Factor::PlacementAlong => of(|l| l.along_mm),
            Factor::PlacementSize => of(Landing::distance_mm),
            Factor::ProbeOutput => self.probe_output,
            other => SPREAD_FACTORS.iter().position(|f| *f == other).map_or(0.0, |n| self.values[n]),
        }
    }

    /// What differs in the catalogues.
    pub(crate) fn variation(&self) -> Variation {
        Variation {
            frozen_conductivity: (1.0 + self.value(Factor::FrozenConductivity)).max(LEAST_SHARE),
            latent_heat: (1.0 + self.value(Factor::LatentHeat)).max(LEAST_SHARE),
            probe_output: self.probe_output,
        }
    }

    /// What differs in blood and its flow.
    pub(crate) fn correction(&self) -> Correction {
        Correction {
            perfusion_factor: self.value(Factor::Perfusion).exp(),
            blood_offset_k: self.value(Factor::BloodTemperature),
            ..Correction::none()
        }
    }
}
