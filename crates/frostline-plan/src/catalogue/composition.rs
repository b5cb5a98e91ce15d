//! Frozen tissue calculated from what it is made of, from `data/composition.toml`.
//!
//! Knows: how water, ice, protein, lipid and mineral mix, and how much of the water is ice at a temperature.
//! Does not know: the structure of a tissue, so conductivity comes as a range between ways of mixing.

use frostline_freeze::Freezing;
use serde::Deserialize;

use super::rows::{CatalogueError, RowCheck, rows_of};
use super::sources::Sourced;
use super::tissues::FrozenPoint;
use super::words::{read_tissue, tissue_word};
use crate::anatomy::TissueKind;

const FILE: &str = "composition.toml";

/// Water and ice.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ice {
    /// Heat of fusion of water.
    pub fusion_j_per_kg: f64,
    /// Water that never freezes per mass of protein. Unit: kg/kg.
    pub bound_per_protein: f64,
}

/// What a tissue is mixed of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Liquid water.
    Water,
    /// Frozen water.
    Ice,
    /// Protein.
    Protein,
    /// Lipid.
    Lipid,
    /// Mineral.
    Ash,
}

impl Part {
    const ALL: [Part; 5] = [Part::Water, Part::Ice, Part::Protein, Part::Lipid, Part::Ash];

    fn word(self) -> &'static str {
        match self {
            Part::Water => "water",
            Part::Ice => "ice",
            Part::Protein => "protein",
            Part::Lipid => "lipid",
            Part::Ash => "ash",
        }
    }
}

/// a + b T + c T^2 with T in °C.
type Polynomial = [f64; 3];

/// What one part does with heat.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartRow {
    id: Part,
    conductivity_w_per_m_k: Polynomial,
    capacity_j_per_kg_k: Polynomial,
    density_kg_per_m3: Polynomial,
    /// Colder than this the polynomials keep their values.
    held_below_c: f64,
}

/// Which mixture the catalogue takes for a tissue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recommended {
    /// The mean of the geometric and the parallel one.
    Mean,
    /// The geometric one.
    Geometric,
    /// The conductivity of the unfrozen tissue.
    Unfrozen,
}

/// What one tissue is made of, as mass fractions that are scaled to sum to 1.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Composition {
    /// Which tissue.
    #[serde(rename = "id", deserialize_with = "read_tissue")]
    pub kind: TissueKind,
    /// Water, bound or not.
    pub water: f64,
    /// Protein.
    pub protein: f64,
    /// Lipid.
    pub lipid: f64,
    /// Mineral.
    pub ash: f64,
    /// Which mixture the catalogue takes.
    pub recommended: Recommended,
    /// The lowest conductivity thought possible, where the literature goes below the geometric mixture.
    pub lowest_w_per_m_k: Option<f64>,
    /// The highest, where the literature goes above the parallel mixture.
    pub highest_w_per_m_k: Option<f64>,
}

/// A tissue at one temperature, mixed of its parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mixture {
    /// Ice per mass of tissue. Unit: kg/kg.
    pub ice_kg_per_kg: f64,
    /// Latent heat given off down to here.
    pub latent_j_per_kg: f64,
    /// Density.
    pub density_kg_per_m3: f64,
    /// Heat capacity without latent heat.
    pub capacity_j_per_kg_k: f64,
    /// Conductivity if heat crossed the parts one after the other; no tissue is below.
    pub series_w_per_m_k: f64,
    /// Conductivity of parts mixed without order.
    pub geometric_w_per_m_k: f64,
    /// Conductivity if the parts lay side by side along the heat; no tissue is above.
    pub parallel_w_per_m_k: f64,
}

/// Compositions of all tissues that have one, and the properties of their parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Compositions {
    ice: Sourced<Ice>,
    parts: [Sourced<PartRow>; 5],
    rows: Vec<Sourced<Composition>>,
}

impl Compositions {
    /// Reads `composition.toml`.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the row and the value, also when a part is missing.
    pub fn from_toml(text: &str) -> Result<Self, CatalogueError> {
        let file = rows_of(FILE, text, &["ice", "component", "composition"])?;
        let ice: Sourced<Ice> = file.one("ice")?;
        let check = RowCheck::new(FILE, "ice");
        check.between("fusion_j_per_kg", ice.value.fusion_j_per_kg, 300e3, 340e3)?;
        check.between("bound_per_protein", ice.value.bound_per_protein, 0.0, 1.0)?;
        let components: Vec<Sourced<PartRow>> = file.list("component")?;
        components.iter().try_for_each(|row| check_part(&row.value))?;
        let part = |part: Part| {
            let found = components.iter().find(|row| row.value.id == part).cloned();
            found.ok_or_else(|| CatalogueError::MissingRow { file: FILE, row: part.word().to_owned() })
        };
        let [water, ice_part, protein, lipid, ash] = Part::ALL.map(part);
        let rows: Vec<Sourced<Composition>> = file.list("composition")?;
        rows.iter().try_for_each(|row| check_composition(&row.value))?;
        Ok(Self { ice, parts: [water?, ice_part?, protein?, lipid?, ash?], rows })
    }

    /// What a tissue is made of.
    pub fn of(&self, kind: TissueKind) -> Option<&Sourced<Composition>> {
        self.rows.iter().find(|row| row.value.kind == kind)
    }

    /// Latent heat of all water that can freeze. Unit: J/kg.
    pub fn freezable_j_per_kg(&self, of: &Composition) -> f64 {
        self.ice.value.fusion_j_per_kg * self.freezable(of)
    }

    /// Water that can freeze. Unit: kg/kg.
    fn freezable(&self, of: &Composition) -> f64 {
        (of.water - self.ice.value.bound_per_protein * of.protein).max(0.0) / of.sum()
    }

    /// The tissue at a temperature, when it starts to freeze at `starts_c`, which is below 0 °C.
    pub fn mixture(&self, of: &Composition, starts_c: f64, celsius: f64) -> Mixture {
        let share = if celsius < starts_c { 1.0 - starts_c / celsius } else { 0.0 };
        // Between 0 °C and where it starts to freeze, water is as at 0 °C.
        let celsius = if celsius < starts_c { celsius } else { celsius.max(0.0) };
        let ice_kg_per_kg = self.freezable(of) * share;
        let sum = of.sum();
        let masses = [of.water / sum - ice_kg_per_kg, ice_kg_per_kg, of.protein / sum, of.lipid / sum, of.ash / sum];
        let total = |value: &dyn Fn(&PartRow) -> f64| -> f64 {
            self.parts.iter().zip(masses).map(|(part, mass)| mass * value(&part.value)).sum()
        };
        let at = |polynomial: &Polynomial, part: &PartRow| part.at(polynomial, celsius);
        let density_kg_per_m3 = 1.0 / total(&|part| 1.0 / at(&part.density_kg_per_m3, part));
        // Mass over density is volume; times the density of the whole it is the share of volume.
        let by_volume = |value: &dyn Fn(f64) -> f64| {
            let of_part =
                |part: &PartRow| value(at(&part.conductivity_w_per_m_k, part)) / at(&part.density_kg_per_m3, part);
            density_kg_per_m3 * total(&of_part)
        };
        Mixture {
            ice_kg_per_kg,
            latent_j_per_kg: self.ice.value.fusion_j_per_kg * ice_kg_per_kg,
            density_kg_per_m3,
            capacity_j_per_kg_k: total(&|part| at(&part.capacity_j_per_kg_k, part)),
            series_w_per_m_k: 1.0 / by_volume(&|k| 1.0 / k),
            geometric_w_per_m_k: by_volume(&f64::ln).exp(),
            parallel_w_per_m_k: by_volume(&|k| k),
        }
    }

    /// The row of the frozen table at a temperature, as the catalogue recommends it for this tissue.
    pub fn frozen(&self, of: &Composition, starts_c: f64, unfrozen_w_per_m_k: f64, celsius: f64) -> FrozenPoint {
        let mixture = self.mixture(of, starts_c, celsius);
        let (low, high) = (mixture.geometric_w_per_m_k, mixture.parallel_w_per_m_k);
        FrozenPoint {
            temperature_c: celsius,
            conductivity_w_per_m_k: match of.recommended {
                Recommended::Mean => 0.5 * (low + high),
                Recommended::Geometric => low,
                Recommended::Unfrozen => unfrozen_w_per_m_k,
            },
            lowest_conductivity_w_per_m_k: of.lowest_w_per_m_k.map_or(low, |lowest| lowest.min(low)),
            highest_conductivity_w_per_m_k: of.highest_w_per_m_k.map_or(high, |highest| highest.max(high)),
            capacity_j_per_kg_k: mixture.capacity_j_per_kg_k,
        }
    }
}

impl Composition {
    fn sum(&self) -> f64 {
        self.water + self.protein + self.lipid + self.ash
    }
}

impl PartRow {
    fn at(&self, [a, b, c]: &Polynomial, celsius: f64) -> f64 {
        let t = celsius.max(self.held_below_c);
        a + t * (b + c * t)
    }
}

/// The even range with the latent heat of the water activity curve: it ends where, summed over temperature from the start
/// down to `down_to_c`, it holds back as much latent heat as the curve, of what both have given off there.
pub fn even_range(starts_c: f64, freezable_j_per_kg: f64, down_to_c: f64) -> Freezing {
    let share = 1.0 - starts_c / down_to_c;
    // The share 1 - start/T summed from the start down, all in K.
    let summed_k = (starts_c - down_to_c) + starts_c * (down_to_c / starts_c).ln();
    let held_back_k = share * (starts_c - down_to_c) - summed_k;
    Freezing::Linear { ends_c: starts_c - 2.0 * held_back_k / share, latent_j_per_kg: share * freezable_j_per_kg }
}

fn check_part(row: &PartRow) -> Result<(), CatalogueError> {
    let check = RowCheck::new(FILE, row.id.word());
    check.between("held_below_c", row.held_below_c, -273.15, 0.0)?;
    // The ranges only catch slips of the pen, at both ends of where the polynomials are used.
    for celsius in [row.held_below_c, 40.0] {
        check.between("conductivity_w_per_m_k", row.at(&row.conductivity_w_per_m_k, celsius), 0.05, 10.0)?;
        check.between("capacity_j_per_kg_k", row.at(&row.capacity_j_per_kg_k, celsius), 300.0, 5000.0)?;
        check.between("density_kg_per_m3", row.at(&row.density_kg_per_m3, celsius), 500.0, 3500.0)?;
    }
    Ok(())
}

fn check_composition(row: &Composition) -> Result<(), CatalogueError> {
    let check = RowCheck::new(FILE, tissue_word(row.kind));
    for (field, found) in [("water", row.water), ("protein", row.protein), ("lipid", row.lipid), ("ash", row.ash)] {
        check.between(field, found, 0.0, 1.0)?;
    }
    // Carbohydrates and rounding leave a little over.
    check.between("water + protein + lipid + ash", row.sum(), 0.97, 1.03)?;
    for (field, found) in [("lowest_w_per_m_k", row.lowest_w_per_m_k), ("highest_w_per_m_k", row.highest_w_per_m_k)] {
        if let Some(found) = found {
            check.between(field, found, 0.05, 10.0)?;
        }
    }
    Ok(())
}
