//! Tissues as the device reads them. Scenes with the same tissue share its tables.

use super::super::mesh::Kind;
use super::words as w;
use super::words::bits;

/// Words of many tissues, with tables behind them.
pub(super) struct Tables<'a> {
    /// Place of the first word in the book.
    first: usize,
    headers: Vec<u32>,
    tables: Vec<u32>,
    known: Vec<(&'a Kind, TablePlaces)>,
    tissues: usize,
}

/// Where the tables of a tissue begin, counted from the first table.
#[derive(Clone, Copy)]
struct TablePlaces {
    psi: usize,
    celsius: usize,
    stretches: usize,
    stretch_count: usize,
}

impl<'a> Tables<'a> {
    /// Room for so many tissues from a place in the book on.
    pub(super) fn new(first: usize, tissues: usize) -> Self {
        Self { first, headers: Vec::new(), tables: Vec::new(), known: Vec::new(), tissues }
    }

    /// Adds a tissue. Returns the place of its words.
    pub(super) fn add(&mut self, kind: &'a Kind) -> u32 {
        let known = self.known.iter().find(|(other, _)| other.lookup == kind.lookup && other.curve == kind.curve);
        let places = known.map(|(_, places)| *places).unwrap_or_else(|| {
            let places = self.write_tables(kind);
            self.known.push((kind, places));
            places
        });
        let place = self.first + self.headers.len();
        self.headers.extend(self.header(kind, places));
        place as u32
    }

    fn header(&self, kind: &Kind, places: TablePlaces) -> [u32; w::KIND_WORDS as usize] {
        let (top_u, per_u, nodes) = kind.lookup.table();
        let tables_at = self.first + self.tissues * w::KIND_WORDS as usize;
        let at = |place: usize| (tables_at + place) as u32;
        let mut words = [0; w::KIND_WORDS as usize];
        for (word, value) in [
            (w::KIND_LINEAR_ABOVE_U, kind.lookup.linear_above_u.to_bits()),
            (w::KIND_TOP_U, top_u.to_bits()),
            (w::KIND_PER_U, per_u.to_bits()),
            (w::KIND_LAST_NODE, nodes.len() as u32 - 1),
            (w::KIND_PSI_AT, at(places.psi)),
            (w::KIND_CELSIUS_AT, at(places.celsius)),
            (w::KIND_STARTS_PSI, bits(kind.lookup.starts_psi())),
            (w::KIND_FREEZING_U, bits(kind.lookup.freezing_u())),
            (w::KIND_STARTS_C, bits(kind.lookup.starts_c())),
            (w::KIND_ORIGIN_C, bits(kind.lookup.origin_c())),
            (w::KIND_MADE, kind.sources.made.to_bits()),
            (w::KIND_SLOPE, kind.sources.slope.to_bits()),
            (w::KIND_CONDUCTIVITY, bits(kind.lookup.conductivity())),
            (w::KIND_STRETCHES_AT, at(places.stretches)),
            (w::KIND_STRETCHES, places.stretch_count as u32),
        ] {
            words[word as usize] = value;
        }
        words
    }

    fn write_tables(&mut self, kind: &Kind) -> TablePlaces {
        let (_, _, nodes) = kind.lookup.table();
        let psi = self.tables.len();
        self.tables.extend(nodes.iter().flat_map(|node| [node[0].to_bits(), node[1].to_bits()]));
        let celsius = self.tables.len();
        self.tables.extend(nodes.iter().flat_map(|node| [node[2].to_bits(), node[3].to_bits()]));
        let stretches = self.tables.len();
        let (lookup, mut stretch_count) = (&kind.lookup, 0);
        for [warm_c, warm_h, warm_theta, capacity, warm_k, slope_k] in kind.curve.stretches() {
            self.tables.extend([
                bits(warm_c),
                bits(lookup.freezing_u() + warm_h / lookup.capacity()),
                bits(capacity / lookup.capacity()),
                bits(lookup.starts_psi() + warm_theta / lookup.conductivity()),
                bits(warm_k / lookup.conductivity()),
                bits(slope_k / lookup.conductivity()),
            ]);
            stretch_count += 1;
        }
        TablePlaces { psi, celsius, stretches, stretch_count }
    }

    /// Headers, then tables.
    pub(super) fn into_words(self) -> impl Iterator<Item = u32> {
        self.headers.into_iter().chain(self.tables)
    }
}
