//! What bounds the search for plans; from `data/propose.toml`.
//!
//! Knows: allowed angles and distances, what a hand and a transducer need, how much is looked at. Does not know: any patient.

use serde::Deserialize;

use super::rows::{CatalogueError, RowCheck, rows_of};
use super::sources::Sourced;

const FILE: &str = "propose.toml";

/// Angles between shaft and skin.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShaftAngle {
    /// The flattest allowed. Unit: degrees.
    pub least_deg: f64,
}

/// From the wall of the probe to the wall of what must not be pierced. Unit: mm.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clearance {
    /// Bone and joint.
    pub bone_mm: f64,
    /// Artery and vein.
    pub vessel_mm: f64,
    /// Motor and mixed nerves.
    pub motor_nerve_mm: f64,
    /// Other nerves than the target.
    pub sensory_nerve_mm: f64,
    /// Tendon and ligament.
    pub tendon_mm: f64,
}

/// The foot of a transducer.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transducer {
    /// Along its plane. Unit: mm.
    pub length_mm: f64,
    /// Across its plane. Unit: mm.
    pub width_mm: f64,
}

/// Room behind the entry.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Room {
    /// Along the shaft, for hub and hand. Unit: mm.
    pub behind_entry_mm: f64,
}

/// Probes that may be used.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThroughSkin {
    /// Greatest diameter. Unit: mm.
    pub widest_mm: f64,
}

/// Protocols that may be used.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongestProtocol {
    /// All phases together. Unit: s.
    pub longest_s: f64,
}

/// Times that are tried beside those of the protocols.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreezeTimes {
    /// Freezes are so many times as long.
    pub times: Vec<f64>,
    /// The shortest. Unit: s.
    pub least_s: f64,
    /// The longest. Unit: s.
    pub most_s: f64,
    /// Freezes in one plan, at most.
    pub most_cycles: usize,
}

/// Thaws between freezes that are tried beside those of the protocols.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThawTimes {
    /// Thaws are so many times as long.
    pub times: Vec<f64>,
    /// The shortest. Unit: s.
    pub least_s: f64,
    /// The longest. Unit: s.
    pub most_s: f64,
}

/// Where fluid is tried.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FluidTried {
    /// What limits must cost of the guessed chance. Unit: %.
    pub worth_percent: f64,
    /// Where it opens, as shares of the way from nerve or probe to what is protected. Range: 0 to 1.
    pub between: Vec<f64>,
}

/// What may lie on the skin.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SkinContacts {
    /// Keys of `data/surroundings.toml`, the simplest first.
    pub ids: Vec<String>,
    /// Skin that stays this warm is left bare. Unit: °C.
    pub untouched_skin_c: f64,
}

/// Places along the nerve.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Positions {
    /// In one plan, at most.
    pub most: usize,
    /// How far apart, as shares of the wanted length over their number.
    pub spacing_shares: Vec<f64>,
}

/// What is aimed at beyond the goal.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AimBeyond {
    /// More nerve than is wanted. Unit: %.
    pub longer_percent: f64,
}

/// All of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposing {
    /// Angles between shaft and skin.
    pub angle: Sourced<ShaftAngle>,
    /// Distances on the way.
    pub clearance: Sourced<Clearance>,
    /// The foot of the transducer.
    pub transducer: Sourced<Transducer>,
    /// Room behind the entry.
    pub room: Sourced<Room>,
    /// Probes.
    pub probe: Sourced<ThroughSkin>,
    /// Protocols.
    pub protocol: Sourced<LongestProtocol>,
    /// Times of freezes.
    pub freeze: Sourced<FreezeTimes>,
    /// Times of thaws between freezes.
    pub thaw: Sourced<ThawTimes>,
    /// Protective fluid.
    pub fluid: Sourced<FluidTried>,
    /// What may lie on the skin.
    pub contact: Sourced<SkinContacts>,
    /// Places along the nerve.
    pub positions: Sourced<Positions>,
    /// Beyond the goal.
    pub aim: Sourced<AimBeyond>,
}

const SECTIONS: [&str; 12] = [
    "angle",
    "clearance",
    "transducer",
    "room",
    "probe",
    "protocol",
    "freeze",
    "thaw",
    "fluid",
    "contact",
    "positions",
    "aim",
];

impl Proposing {
    /// Reads `propose.toml`.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the row and the value.
    pub fn from_toml(text: &str) -> Result<Self, CatalogueError> {
        let rows = rows_of(FILE, text, &SECTIONS)?;
        let read = Self {
            angle: rows.one("angle")?,
            clearance: rows.one("clearance")?,
            transducer: rows.one("transducer")?,
            room: rows.one("room")?,
            probe: rows.one("probe")?,
            protocol: rows.one("protocol")?,
            freeze: rows.one("freeze")?,
            thaw: rows.one("thaw")?,
            fluid: rows.one("fluid")?,
            contact: rows.one("contact")?,
            positions: rows.one("positions")?,
            aim: rows.one("aim")?,
        };
        read.check()?;
        Ok(read)
    }

    /// What is tried beside what the catalogue has.
    fn check_tried(&self) -> Result<(), CatalogueError> {
        let row = |name| RowCheck::new(FILE, name);
        let freeze = &self.freeze.value;
        freeze.times.iter().try_for_each(|times| row("freeze").between("times", *times, 0.1, 10.0))?;
        row("freeze").between("least_s", freeze.least_s, 1.0, 1800.0)?;
        row("freeze").between("most_s", freeze.most_s, freeze.least_s, 1800.0)?;
        row("freeze").between("most_cycles", freeze.most_cycles as f64, 1.0, 6.0)?;
        let thaw = &self.thaw.value;
        thaw.times.iter().try_for_each(|times| row("thaw").between("times", *times, 0.1, 10.0))?;
        row("thaw").between("least_s", thaw.least_s, 1.0, 1800.0)?;
        row("thaw").between("most_s", thaw.most_s, thaw.least_s, 1800.0)?;
        row("fluid").between("worth_percent", self.fluid.value.worth_percent, 0.0, 100.0)?;
        self.fluid.value.between.iter().try_for_each(|share| row("fluid").between("between", *share, 0.05, 0.95))?;
        let shares = &self.positions.value.spacing_shares;
        shares.iter().try_for_each(|share| row("positions").between("spacing_shares", *share, 0.2, 2.0))
    }

    /// The ranges only catch slips of the pen, not a doubtful value.
    fn check(&self) -> Result<(), CatalogueError> {
        let row = |name| RowCheck::new(FILE, name);
        row("angle").between("least_deg", self.angle.value.least_deg, 1.0, 80.0)?;
        let c = self.clearance.value;
        for (field, found) in [
            ("bone_mm", c.bone_mm),
            ("vessel_mm", c.vessel_mm),
            ("motor_nerve_mm", c.motor_nerve_mm),
            ("sensory_nerve_mm", c.sensory_nerve_mm),
            ("tendon_mm", c.tendon_mm),
        ] {
            row("clearance").between(field, found, 0.0, 30.0)?;
        }
        row("transducer").between("length_mm", self.transducer.value.length_mm, 1.0, 120.0)?;
        row("transducer").between("width_mm", self.transducer.value.width_mm, 1.0, 60.0)?;
        row("room").between("behind_entry_mm", self.room.value.behind_entry_mm, 0.0, 400.0)?;
        row("probe").between("widest_mm", self.probe.value.widest_mm, 0.2, 12.0)?;
        row("protocol").between("longest_s", self.protocol.value.longest_s, 10.0, 7200.0)?;
        row("positions").between("most", self.positions.value.most as f64, 1.0, 6.0)?;
        self.check_tried()?;
        row("aim").between("longer_percent", self.aim.value.longer_percent, 0.0, 100.0)?;
        if self.contact.value.ids.is_empty() {
            return row("contact").wrong(
                "ids",
                "nothing".to_owned(),
                "at least one key of surroundings.toml".to_owned(),
            );
        }
        Ok(())
    }
}
