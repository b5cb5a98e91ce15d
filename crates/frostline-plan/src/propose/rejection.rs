//! Why a way in is not allowed, and the map of entries on the skin.

use std::collections::BTreeMap;

use frostline_space::PatientPoint;
use serde::Serialize;

/// Why a way in is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rejection {
    /// The way, or the nerve itself, leaves the field of view, where nothing is known.
    OutsideView,
    /// The way leaves the limb and enters it again.
    LeavesLimb,
    /// Hub or hand would meet a limb behind the entry.
    NoRoomBehind,
    /// The shaft slides along the skin.
    TooFlat,
    /// The skin there cannot be reached as the patient lies.
    OutOfReach,
    /// The transducer stands there.
    UnderTransducer,
    /// The probe is too short.
    TooShort,
    /// Part of the cold surface would lie in the skin or outside.
    ColdInSkin,
    /// Through bone, or too near.
    Bone,
    /// Through a joint.
    Joint,
    /// Through an artery, or too near.
    Artery,
    /// Through a vein, or too near.
    Vein,
    /// Through a motor or mixed nerve, or too near.
    MotorNerve,
    /// Through another nerve, or too near.
    SensoryNerve,
    /// Through a tendon, or too near.
    Tendon,
    /// Through the target nerve itself.
    Target,
}

impl Rejection {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Rejection::OutsideView => "the way leaves the image, where nothing is known",
            Rejection::LeavesLimb => "the way leaves the limb",
            Rejection::NoRoomBehind => "no room for hub and hand behind the entry",
            Rejection::TooFlat => "too flat to the skin",
            Rejection::OutOfReach => "out of reach as the patient lies",
            Rejection::UnderTransducer => "the transducer stands there",
            Rejection::TooShort => "the probe is too short",
            Rejection::ColdInSkin => "the cold surface would reach into the skin",
            Rejection::Bone => "bone in the way",
            Rejection::Joint => "a joint in the way",
            Rejection::Artery => "an artery in the way",
            Rejection::Vein => "a vein in the way",
            Rejection::MotorNerve => "a motor or mixed nerve in the way",
            Rejection::SensoryNerve => "another nerve in the way",
            Rejection::Tendon => "a tendon in the way",
            Rejection::Target => "the target nerve itself in the way",
        }
    }
}

/// How many ways were rejected for a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RejectionCount {
    /// The reason.
    pub reason: Rejection,
    /// The reason in words.
    pub words: &'static str,
    /// How many ways.
    pub ways: usize,
}

/// What is known of one entry on the skin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MappedEntry {
    /// Where, LPS (or of the transducer). Unit: mm.
    pub place_mm: [f64; 3],
    /// Along the nerve and across it as seen from outside, for a flat map. Unit: mm.
    pub flat_mm: [f64; 2],
    /// Ways from here that are allowed.
    pub open_ways: usize,
    /// Reasons against the others, most frequent first.
    pub against: Vec<RejectionCount>,
}

/// Counts reasons for all ways and for each entry.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    counts: BTreeMap<Rejection, usize>,
    entries: BTreeMap<[i64; 3], EntryTally>,
    open: usize,
}

#[derive(Clone, Debug)]
struct EntryTally {
    place: PatientPoint,
    flat_mm: [f64; 2],
    open: usize,
    against: BTreeMap<Rejection, usize>,
}

/// Entries in one cube of this size are one entry of the map; a finger cannot point more finely. Unit: mm.
const MAP_CELL_MM: f64 = 3.0;

impl Tally {
    /// A way, the entry it would have where it has one, and what speaks against it.
    pub(super) fn add(&mut self, entry: Option<(PatientPoint, [f64; 2])>, against: Option<Rejection>) {
        match against {
            None => self.open += 1,
            Some(reason) => *self.counts.entry(reason).or_default() += 1,
        }
        let Some((place, flat_mm)) = entry else { return };
        let cell = [place.x, place.y, place.z].map(|mm| (mm / MAP_CELL_MM).round() as i64);
        let new = || EntryTally { place, flat_mm, open: 0, against: BTreeMap::new() };
        let known = self.entries.entry(cell).or_insert_with(new);
        match against {
            None => known.open += 1,
            Some(reason) => *known.against.entry(reason).or_default() += 1,
        }
    }

    /// Adds what another part of the search counted.
    pub(super) fn merge(&mut self, other: Tally) {
        self.open += other.open;
        for (reason, ways) in other.counts {
            *self.counts.entry(reason).or_default() += ways;
        }
        for (cell, entry) in other.entries {
            let known =
                self.entries.entry(cell).or_insert_with(|| EntryTally { open: 0, against: BTreeMap::new(), ..entry });
            known.open += entry.open;
            for (reason, ways) in entry.against {
                *known.against.entry(reason).or_default() += ways;
            }
        }
    }

    /// Ways that are allowed.
    pub fn open(&self) -> usize {
        self.open
    }

    /// All ways that were looked at.
    pub fn all(&self) -> usize {
        self.open + self.counts.values().sum::<usize>()
    }

    /// Reasons against ways, most frequent first.
    pub fn reasons(&self) -> Vec<RejectionCount> {
        counted(&self.counts)
    }

    /// The map of entries.
    pub fn entry_map(&self) -> Vec<MappedEntry> {
        let mapped = |e: &EntryTally| MappedEntry {
            place_mm: [e.place.x, e.place.y, e.place.z],
            flat_mm: e.flat_mm,
            open_ways: e.open,
            against: counted(&e.against),
        };
        self.entries.values().map(mapped).collect()
    }
}

fn counted(counts: &BTreeMap<Rejection, usize>) -> Vec<RejectionCount> {
    let row = |(&reason, &ways): (&Rejection, &usize)| RejectionCount { reason, words: reason.words(), ways };
    let mut rows: Vec<_> = counts.iter().map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.ways));
    rows
}
