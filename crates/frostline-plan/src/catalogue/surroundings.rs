//! What lies on the skin, flows in vessels and keeps the core warm; from `data/surroundings.toml`.

use serde::Deserialize;

use super::probes::Temperature;
use super::rows::{CatalogueError, RowCheck, rows_of};
use super::sources::Sourced;

const FILE: &str = "surroundings.toml";

/// A film over a surface: heat flows in proportion to the difference of temperatures.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Film {
    /// Temperature on the far side.
    pub celsius: f64,
    /// Heat transfer coefficient.
    pub film_w_per_m2_k: f64,
    /// Heat lost by evaporation besides.
    #[serde(default)]
    pub evaporation_w_per_m2: f64,
}

/// Something that lies on the skin.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SkinCover {
    /// Key: `room-air`, `gel`, `warm-compress`, `ice-pack`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it does to the skin.
    pub film: Sourced<Film>,
}

/// The wall of a vessel in which blood flows.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VesselWall {
    /// Nusselt number of the flow; film = Nu k / D.
    pub nusselt: f64,
    /// Conductivity of blood.
    pub blood_w_per_m_k: f64,
    /// Thinner vessels belong to the perfusion of the tissue.
    pub thinnest_mm: f64,
}

/// What injected fluid looks like, and how much of it there may be.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FluidRow {
    /// Width of the lens it makes, over its greatest thickness.
    pub width_over_thickness: f64,
    /// The most that is injected in one place. Unit: ml.
    pub most_millilitres: f64,
    /// Amounts that are offered. Unit: ml.
    pub offered_millilitres: Vec<f64>,
    /// How long it takes to inject. Unit: s.
    pub takes_s: f64,
}

/// All surroundings.
#[derive(Clone, Debug, PartialEq)]
pub struct BodyAndRoom {
    covers: Vec<SkinCover>,
    core: Sourced<Temperature>,
    arterial: Sourced<Temperature>,
    vessel_wall: Sourced<VesselWall>,
    fluid: Sourced<FluidRow>,
}

impl BodyAndRoom {
    /// Reads `surroundings.toml`.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the row and the value, also when there is no `room-air`.
    pub fn from_toml(text: &str) -> Result<Self, CatalogueError> {
        let rows = rows_of(FILE, text, &["cover", "core", "arterial", "vessel_wall", "fluid"])?;
        let covers: Vec<SkinCover> = rows.list("cover")?;
        for cover in &covers {
            let check = RowCheck::new(FILE, &cover.id);
            check.between("film.celsius", cover.film.value.celsius, -20.0, 60.0)?;
            check.between("film.film_w_per_m2_k", cover.film.value.film_w_per_m2_k, 0.0, 10_000.0)?;
            check.between("film.evaporation_w_per_m2", cover.film.value.evaporation_w_per_m2, 0.0, 500.0)?;
        }
        if !covers.iter().any(|cover| cover.id == ROOM_AIR) {
            return Err(CatalogueError::MissingRow { file: FILE, row: ROOM_AIR.to_owned() });
        }
        let core: Sourced<Temperature> = rows.one("core")?;
        RowCheck::new(FILE, "core").between("celsius", core.value.celsius, 30.0, 42.0)?;
        let arterial: Sourced<Temperature> = rows.one("arterial")?;
        RowCheck::new(FILE, "arterial").between("celsius", arterial.value.celsius, 25.0, 42.0)?;
        let vessel_wall: Sourced<VesselWall> = rows.one("vessel_wall")?;
        let check = RowCheck::new(FILE, "vessel_wall");
        check.between("nusselt", vessel_wall.value.nusselt, 1.0, 1000.0)?;
        check.between("blood_w_per_m_k", vessel_wall.value.blood_w_per_m_k, 0.1, 1.0)?;
        check.between("thinnest_mm", vessel_wall.value.thinnest_mm, 0.1, 20.0)?;
        let fluid: Sourced<FluidRow> = rows.one("fluid")?;
        let check = RowCheck::new(FILE, "fluid");
        check.between("width_over_thickness", fluid.value.width_over_thickness, 1.0, 20.0)?;
        check.between("most_millilitres", fluid.value.most_millilitres, 0.1, 200.0)?;
        for offered in &fluid.value.offered_millilitres {
            check.between("offered_millilitres", *offered, 0.1, fluid.value.most_millilitres)?;
        }
        check.between("takes_s", fluid.value.takes_s, 0.0, 1800.0)?;
        Ok(Self { covers, core, arterial, vessel_wall, fluid })
    }

    /// The cover with this key.
    pub fn cover(&self, id: &str) -> Option<&SkinCover> {
        self.covers.iter().find(|cover| cover.id == id)
    }

    /// Bare skin in a room.
    pub fn room_air(&self) -> &SkinCover {
        // `from_toml` has refused a file without it.
        self.cover(ROOM_AIR).expect("checked when the file was read")
    }

    /// All covers, in the order of the file.
    pub fn covers(&self) -> &[SkinCover] {
        &self.covers
    }

    /// Temperature deep in the limb.
    pub fn core(&self) -> &Sourced<Temperature> {
        &self.core
    }

    /// Temperature of the blood that reaches the tissue.
    pub fn arterial(&self) -> &Sourced<Temperature> {
        &self.arterial
    }

    /// What injected fluid looks like.
    pub fn fluid(&self) -> &Sourced<FluidRow> {
        &self.fluid
    }

    /// Heat transfer from flowing blood to its vessel.
    pub fn vessel_wall(&self) -> &Sourced<VesselWall> {
        &self.vessel_wall
    }
}

impl VesselWall {
    /// Heat transfer coefficient in a vessel of this diameter. Unit: W/(m2 K).
    pub fn film_w_per_m2_k(&self, diameter_mm: f64) -> f64 {
        const MM_PER_M: f64 = 1000.0;
        self.nusselt * self.blood_w_per_m_k / diameter_mm * MM_PER_M
    }
}

const ROOM_AIR: &str = "room-air";
