//! Media of a scene file as the engine wants them.

use std::collections::BTreeMap;

use frostline_freeze::{Freezing, Held, LipidMelting, Medium, TemperatureTable, Tissue};
use frostline_plan::catalogue::{Catalogues, FreezingCurve, TissueModelChoice, tissue_called, tissue_word};

use super::build::SceneFileError;
use super::scene_file::{FromCatalogue, LipidRow, MediumRow, OwnMedium, TableRow};

/// Every medium with the number that stands for it in the cells: its place in the order of names.
pub fn media(
    rows: &BTreeMap<String, MediumRow>,
    catalogues: &Catalogues,
) -> Result<Vec<(String, Medium)>, SceneFileError> {
    if rows.is_empty() || rows.len() > MOST_MEDIA {
        return Err(SceneFileError::MediaCount { found: rows.len(), most: MOST_MEDIA });
    }
    rows.iter().map(|(name, row)| Ok((name.clone(), medium(name, row, catalogues)?))).collect()
}

/// Cells name their medium by one byte.
const MOST_MEDIA: usize = 255;

fn medium(name: &str, row: &MediumRow, catalogues: &Catalogues) -> Result<Medium, SceneFileError> {
    match row {
        MediumRow::Catalogue(from) => catalogue_tissue(name, from, catalogues).map(Medium::Tissue),
        MediumRow::Held(held) => {
            in_range(name, "held_c", held.held_c, -200.0, 100.0)?;
            // Without a film the wall itself is held, which is a film that resists nothing.
            let film_w_per_m2_k = held.film_w_per_m2_k.unwrap_or(f64::INFINITY);
            in_range(name, "film_w_per_m2_k", film_w_per_m2_k, 0.0, f64::INFINITY)?;
            Ok(Medium::Held(Held { name: name.to_owned(), celsius: held.held_c, film_w_per_m2_k }))
        }
        MediumRow::Cover(cover) => {
            let found = catalogues.surroundings.cover(&cover.cover);
            let film = found.ok_or_else(|| SceneFileError::NotInCatalogue {
                what: "skin cover",
                found: cover.cover.clone(),
                known: catalogues
                    .surroundings
                    .covers()
                    .iter()
                    .map(|row| row.id.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            })?;
            let film = film.film.value;
            let (celsius, film_w_per_m2_k) = (film.celsius, film.film_w_per_m2_k);
            Ok(Medium::Held(Held { name: name.to_owned(), celsius, film_w_per_m2_k }))
        }
        MediumRow::Own(own) => own_tissue(name, own).map(Medium::Tissue),
    }
}

fn catalogue_tissue(name: &str, from: &FromCatalogue, catalogues: &Catalogues) -> Result<Tissue, SceneFileError> {
    let choice = TissueModelChoice { freezing: from.freezing, lipid_crystallisation: from.lipid_crystallisation };
    let model = catalogues.tissues.model().with(choice);
    let found = tissue_called(&from.tissue).and_then(|kind| catalogues.tissues.thermal_with(kind, model));
    let mut tissue = found.ok_or_else(|| SceneFileError::NotInCatalogue {
        what: "tissue",
        found: from.tissue.clone(),
        known: catalogues.tissues.rows().iter().map(|row| tissue_word(row.kind)).collect::<Vec<_>>().join(", "),
    })?;
    if from.lipid_crystallisation == Some(true) && tissue.lipid.is_none() {
        return Err(SceneFileError::NoLipid { of: name.to_owned(), tissue: from.tissue.clone() });
    }
    in_range(name, "perfusion_factor", from.perfusion_factor, 0.0, 10.0)?;
    tissue.perfusion_w_per_m3_k *= from.perfusion_factor;
    tissue.metabolic_w_per_m3 *= from.perfusion_factor;
    Ok(tissue)
}

fn own_tissue(name: &str, own: &OwnMedium) -> Result<Tissue, SceneFileError> {
    // The ranges catch slips of the pen (grams for kilograms); metals and gases are far outside on purpose.
    in_range(name, "density_kg_per_m3", own.density_kg_per_m3, 1.0, 30_000.0)?;
    in_range(name, "unfrozen_w_per_m_k", own.unfrozen_w_per_m_k, 1e-3, 1000.0)?;
    in_range(name, "unfrozen_j_per_kg_k", own.unfrozen_j_per_kg_k, 10.0, 20_000.0)?;
    in_range(name, "freezing_starts_c", own.freezing_starts_c, -100.0, 20.0)?;
    in_range(name, "latent_j_per_kg", own.latent_j_per_kg, 0.0, 400e3)?;
    in_range(name, "perfusion_w_per_m3_k", own.perfusion_w_per_m3_k, 0.0, 1e6)?;
    in_range(name, "metabolic_w_per_m3", own.metabolic_w_per_m3, 0.0, 1e6)?;
    Ok(Tissue {
        name: name.to_owned(),
        density_kg_per_m3: own.density_kg_per_m3,
        unfrozen_w_per_m_k: own.unfrozen_w_per_m_k,
        unfrozen_j_per_kg_k: own.unfrozen_j_per_kg_k,
        frozen_w_per_m_k: table(name, "frozen_w_per_m_k", &own.frozen_w_per_m_k)?,
        frozen_j_per_kg_k: table(name, "frozen_j_per_kg_k", &own.frozen_j_per_kg_k)?,
        freezing_starts_c: own.freezing_starts_c,
        freezing: freezing(name, own)?,
        lipid: own.lipid.map(|row| lipid(name, row)).transpose()?,
        perfusion_w_per_m3_k: own.perfusion_w_per_m3_k,
        metabolic_w_per_m3: own.metabolic_w_per_m3,
    })
}

/// Each curve has a key of its own for its cold end; that of the other is refused rather than left unread.
fn freezing(name: &str, own: &OwnMedium) -> Result<Freezing, SceneFileError> {
    let curve = own.freezing.word();
    let needs = |key| SceneFileError::CurveNeeds { of: name.to_owned(), curve, key };
    let refuses = |key| SceneFileError::CurveRefuses { of: name.to_owned(), curve, key };
    let latent_j_per_kg = own.latent_j_per_kg;
    match (own.freezing, own.freezing_ends_c, own.frozen_from_c) {
        (FreezingCurve::Linear, _, Some(_)) => Err(refuses("frozen_from_c")),
        (FreezingCurve::Linear, None, None) => Err(needs("freezing_ends_c")),
        (FreezingCurve::Linear, Some(ends_c), None) => {
            in_range(name, "freezing_ends_c", ends_c, -150.0, own.freezing_starts_c - NARROWEST_RANGE_K)?;
            Ok(Freezing::Linear { ends_c, latent_j_per_kg })
        }
        (FreezingCurve::WaterActivity, Some(_), _) => Err(refuses("freezing_ends_c")),
        (FreezingCurve::WaterActivity, None, None) => Err(needs("frozen_from_c")),
        (FreezingCurve::WaterActivity, None, Some(tables_from_c)) => {
            in_range(name, "freezing_starts_c", own.freezing_starts_c, -100.0, -NARROWEST_RANGE_K)?;
            in_range(name, "frozen_from_c", tables_from_c, -150.0, own.freezing_starts_c - NARROWEST_RANGE_K)?;
            Ok(Freezing::WaterActivity { freezable_j_per_kg: latent_j_per_kg, tables_from_c })
        }
    }
}

fn lipid(name: &str, row: LipidRow) -> Result<LipidMelting, SceneFileError> {
    in_range(name, "lipid.liquid_above_c", row.liquid_above_c, -100.0, 60.0)?;
    in_range(name, "lipid.solid_below_c", row.solid_below_c, -150.0, row.liquid_above_c - NARROWEST_RANGE_K)?;
    in_range(name, "lipid.latent_j_per_kg", row.latent_j_per_kg, 0.0, 400e3)?;
    Ok(LipidMelting {
        liquid_above_c: row.liquid_above_c,
        solid_below_c: row.solid_below_c,
        latent_j_per_kg: row.latent_j_per_kg,
    })
}

/// A narrower range is treated as this by no solver without error; a tenth of a kelvin is what the exact problems use.
const NARROWEST_RANGE_K: f64 = 0.05;

fn table(name: &str, key: &'static str, row: &TableRow) -> Result<TemperatureTable, SceneFileError> {
    let pairs = match row {
        TableRow::Number(value) => vec![(0.0, *value)],
        TableRow::Pairs(pairs) => pairs.clone(),
    };
    for (_, value) in &pairs {
        in_range(name, key, *value, 1e-3, 20_000.0)?;
    }
    TemperatureTable::from_pairs(&pairs).map_err(|source| SceneFileError::Table { of: name.to_owned(), key, source })
}

/// Refuses a number outside its range, and one that is not a number.
pub fn in_range(of: &str, key: &'static str, found: f64, least: f64, most: f64) -> Result<(), SceneFileError> {
    if found >= least && found <= most {
        return Ok(());
    }
    Err(SceneFileError::OutOfRange { of: of.to_owned(), key, found, least, most })
}
