//! What can be done about a doubt, and by how much the chance rises.
//!
//! Two ways to know. Re-weighting: worlds in which the number happens to lie where it would then be known to lie count more,
//! by the ratio of the densities; it costs nothing, and what it is worth is the number of worlds that effectively remain.
//! Drawing again: the same worlds with that number confirmed, solved anew.

use serde::Serialize;

use super::chance::Chance;
use super::placement::Landing;
use super::run::Sample;
use super::world::{World, WorldLaw};
use crate::catalogue::{Catalogues, Factor, Remedy};

/// What a remedy would do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RemedyOutcome {
    /// Key in `data/uncertainty.toml`.
    pub id: String,
    /// What to do.
    pub text: String,
    /// Chance of success then; absent where it is not known.
    pub success: Option<Chance>,
    /// How that is known.
    pub how: How,
    /// Independent worlds that the answer is worth.
    pub worth: f64,
}

/// How the chance after a remedy is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// From the worlds at hand, by the ratio of densities.
    Reweighted,
    /// From worlds that were drawn and solved anew.
    DrawnAgain,
    /// Too few of the worlds at hand lie where the number would be known to lie; draw again, or more.
    TooFewWorlds,
    /// Only new worlds can tell, and none were drawn.
    NotDrawn,
    /// It is known as well as that already.
    KnownAlready,
}

/// Fewer worlds leave an interval of 40 points.
const LEAST_WORTH: f64 = 25.0;

/// A number that is then known, with its new standard deviation in the unit of [`World::value`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Confirmed {
    pub factor: Factor,
    pub sd: f64,
}

/// What a remedy confirms; none where it changes how probes are placed, or where nothing is gained.
pub(crate) fn confirms(remedy: &Remedy, law: &WorldLaw, catalogues: &Catalogues, probe: &str) -> Vec<Confirmed> {
    let (Some(factor), Some(left)) = (remedy.factor, &remedy.left) else { return Vec::new() };
    let mut sd = left.value.half_width() / law.half_width_in_sd();
    if factor == Factor::ProbeOutput {
        // Output is counted in half widths of the probe's own band.
        let Some(probe) = catalogues.probes.find(probe) else { return Vec::new() };
        sd /= probe.uncertainty.value.surface_k;
    }
    let of = |factor| Confirmed { factor, sd };
    let all = match factor {
        Factor::NerveMarking => vec![of(Factor::NerveMarking), of(Factor::NerveMarkingBeside)],
        // The whole error is its three parts.
        Factor::PlacementSize => {
            [Factor::PlacementTowards, Factor::PlacementBeside, Factor::PlacementAlong].map(of).to_vec()
        }
        other => vec![of(other)],
    };
    if all.iter().all(|c| law.median_sd(c.factor) <= c.sd) { Vec::new() } else { all }
}

/// The chance by re-weighting.
pub(crate) fn reweighted(
    remedy: &Remedy,
    law: &WorldLaw,
    confirmed: &[Confirmed],
    samples: &[Sample],
) -> RemedyOutcome {
    let weights: Vec<f64> = samples.iter().map(|s| weight(law, confirmed, &s.world)).collect();
    let sum: f64 = weights.iter().sum();
    let square: f64 = weights.iter().map(|w| w * w).sum();
    let succeeds = weights.iter().zip(samples).filter(|(_, s)| s.is_success()).map(|(w, _)| w).sum::<f64>();
    let worth = if square > 0.0 { sum * sum / square } else { 0.0 };
    let is_enough = worth >= LEAST_WORTH;
    RemedyOutcome {
        id: remedy.id.clone(),
        text: remedy.text.clone(),
        success: is_enough.then(|| Chance::weighted(succeeds / sum, worth)),
        how: if is_enough { How::Reweighted } else { How::TooFewWorlds },
        worth,
    }
}

/// Density of a world when numbers are confirmed, over that with which it was drawn.
fn weight(law: &WorldLaw, confirmed: &[Confirmed], world: &World) -> f64 {
    let ratio = |x: f64, (mean, sd): (f64, f64), known_sd: f64| {
        if sd <= known_sd {
            return 1.0;
        }
        let exponent = 0.5 * ((x - mean) / sd).powi(2) - 0.5 * (x / known_sd).powi(2);
        sd / known_sd * exponent.exp()
    };
    let one = |c: &Confirmed| {
        let across = |l: &Landing| l.size * law.placement.across_mm;
        let per_probe = |of: &dyn Fn(&Landing) -> f64| world.landings.iter().map(of).product::<f64>();
        match c.factor {
            Factor::PlacementTowards => {
                per_probe(&|l| ratio(l.towards_mm, (law.placement.towards_mm, across(l)), c.sd))
            }
            Factor::PlacementBeside => per_probe(&|l| ratio(l.beside_mm, (0.0, across(l)), c.sd)),
            Factor::PlacementAlong => {
                let along = |l: &Landing| (law.placement.deeper_mm, l.size * law.placement.along_mm);
                per_probe(&|l| ratio(l.along_mm, along(l), c.sd))
            }
            other => ratio(world.value(other), (law.mean(other), law.median_sd(other)), c.sd),
        }
    };
    confirmed.iter().map(one).product()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::UncertaintyChoice;
    use crate::robust::judge::Told;
    use crate::robust::placement::PlacementLaw;
    use crate::robust::sobol::Sobol;

    /// Worlds of a law in which the freeze succeeds where the probe lies within 2 mm of its aim across and 3 mm along, and the
    /// nerve within half a millimetre of where it was drawn: what needs no solver.
    fn worlds(law: &WorldLaw, seed: u64, count: u32) -> Vec<Sample> {
        let sobol = Sobol::new(seed);
        let one = |n| {
            let world = law.world(&sobol, n);
            let landing = world.landings[0];
            let is_near = landing.towards_mm.hypot(landing.beside_mm) < 2.0 && landing.along_mm.abs() < 3.0;
            let is_disabled = is_near && world.value(Factor::NerveMarking) < 0.5 && world.probe_output < 0.6;
            let told = Told { disabled_mm: 0.0, is_disabled, stops: vec![], numbers: vec![], cell_updates: 0 };
            Sample { world, told: Ok(told) }
        };
        (0..count).map(one).collect()
    }

    #[test]
    fn what_weights_tell_of_a_remedy_is_what_new_worlds_tell() {
        let catalogues = Catalogues::bundled().unwrap();
        let placement = catalogues.uncertainties.placement("freehand").unwrap();
        let law = WorldLaw::new(&catalogues, PlacementLaw::of(placement), 1, 2);
        let at_hand = worlds(&law, 1, 20_000);
        let mut told = 0;
        for remedy in catalogues.uncertainties.remedies().iter().filter(|r| r.factor.is_some()) {
            let confirmed = confirms(remedy, &law, &catalogues, "n2o-2.0");
            let by_weight = reweighted(remedy, &law, &confirmed, &at_hand);
            let again = worlds(&law.knowing(&confirmed), 2, 20_000);
            let by_worlds = again.iter().filter(|s| s.is_success()).count() as f64 / again.len() as f64;
            // Three standard deviations of the difference of two shares of so many worlds.
            let most = 3.0 * 0.5 * (1.0 / by_weight.worth + 1.0 / again.len() as f64).sqrt();
            let found = by_weight.success.unwrap().probability;
            assert!((found - by_worlds).abs() < most, "{}: {found} {by_worlds} {most}", remedy.id);
            assert!(most < 0.08, "{by_weight:?}");
            told += 1;
        }
        assert_eq!(told, 6);
    }

    #[test]
    fn a_number_that_is_known_as_well_already_is_no_remedy() {
        let catalogues = Catalogues::bundled().unwrap();
        let placement = catalogues.uncertainties.placement("freehand").unwrap();
        let law = WorldLaw::new(&catalogues, PlacementLaw::of(placement), 1, 0);
        let calibrate = catalogues.uncertainties.remedies().iter().find(|r| r.id == "calibrate").unwrap();
        let band_k = catalogues.probes.find("n2o-2.0").unwrap().uncertainty.value.surface_k;
        let confirmed = confirms(calibrate, &law, &catalogues, "n2o-2.0");
        let sobol = Sobol::new(4);
        let (before, after) =
            (law.world(&sobol, 3).probe_output, law.knowing(&confirmed).world(&sobol, 3).probe_output);
        // 4 K are left of the band, in half widths of that band; the same number is drawn.
        assert!((after / before - 4.0 / band_k).abs() < 1e-12, "{before} {after}");
        // The nerve is marked to 0.5 mm from the start, so marking it again to 0.5 mm is no news.
        let choice = UncertaintyChoice { nerve_marking_mm: Some(0.5), ..UncertaintyChoice::default() };
        let marked =
            Catalogues { uncertainties: catalogues.uncertainties.with(&choice).unwrap(), ..catalogues.clone() };
        let law = WorldLaw::new(&marked, PlacementLaw::of(placement), 1, 0);
        let again = catalogues.uncertainties.remedies().iter().find(|r| r.id == "mark-again").unwrap();
        assert!(confirms(again, &law, &marked, "n2o-2.0").is_empty());
    }

    #[test]
    fn too_few_worlds_say_so_instead_of_a_number() {
        let catalogues = Catalogues::bundled().unwrap();
        let placement = catalogues.uncertainties.placement("freehand").unwrap();
        let law = WorldLaw::new(&catalogues, PlacementLaw::of(placement), 1, 0);
        let remedy = &catalogues.uncertainties.remedies()[0];
        let sharp = [Confirmed { factor: Factor::PlacementAlong, sd: 0.01 }];
        let found = reweighted(remedy, &law, &sharp, &worlds(&law, 1, 200));
        assert_eq!((found.success, found.how), (None, How::TooFewWorlds), "{found:?}");
    }
}
