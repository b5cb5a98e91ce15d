//! The pieces that a curve is made of: in each, heat capacity is constant and conductivity linear in temperature.

use crate::table::TemperatureTable;
use crate::tissue::{Freezing, LipidMelting, Tissue};

/// One piece, from the cold end of the piece before it to its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Piece {
    /// Unit: °C; minus infinity for the last one.
    pub(super) cold_c: f64,
    /// Unit: J/(m3 K).
    pub(super) capacity: f64,
    /// Conductivity at the cold end. Unit: W/(m K).
    pub(super) cold_k: f64,
}

/// Longest piece over which a varying heat capacity is taken as constant: 8 J/(kg K2) over 2.5 K is 0.5 % of c.
const LONGEST_PIECE_K: f64 = 2.5;
/// Most that the temperature of a straight piece of H(T) may be off the water activity curve between its ends, to first
/// order; the next order adds 1 %, so that 0.01 K holds. Unit: K.
const STRAIGHT_WITHIN_K: f64 = 0.0098;
/// Most that the conductivity of a straight piece may be off, as a share of it.
const STRAIGHT_WITHIN_SHARE: f64 = 0.005;
/// Longest piece of the water activity curve, far down where it is nearly straight. Unit: K.
const LONGEST_TAIL_K: f64 = 10.0;
/// Below this no piece is cut finer; liquid nitrogen boils at -196 °C.
const COLDEST_C: f64 = -200.0;

/// Where the pieces begin: nothing changes any more above. Unit: °C.
pub(super) fn top_c(tissue: &Tissue) -> f64 {
    let lipid_c = tissue.lipid.map_or(f64::NEG_INFINITY, |lipid| lipid.liquid_above_c);
    tissue.freezing_starts_c.max(lipid_c)
}

/// All pieces from [`top_c`] down. The start of freezing is the end of a piece whenever it lies below the top.
pub(super) fn pieces(tissue: &Tissue) -> Vec<Piece> {
    let (top_c, starts_c) = (top_c(tissue), tissue.freezing_starts_c);
    let mut pieces = Vec::new();
    if top_c > starts_c {
        let capacity = tissue.density_kg_per_m3 * tissue.unfrozen_j_per_kg_k;
        pieces.push(Piece { cold_c: starts_c, capacity, cold_k: tissue.unfrozen_w_per_m_k });
    }
    match tissue.freezing {
        Freezing::Linear { ends_c, latent_j_per_kg } => pieces.extend(linear(tissue, ends_c, latent_j_per_kg)),
        Freezing::WaterActivity { freezable_j_per_kg, tables_from_c } => {
            pieces.extend(WaterActivity::of(tissue, freezable_j_per_kg, tables_from_c).pieces());
        }
    }
    match tissue.lipid {
        None => pieces,
        Some(lipid) => with_lipid(&pieces, tissue, lipid),
    }
}

/// One piece for the range, then the frozen tables.
fn linear(tissue: &Tissue, ends_c: f64, latent_j_per_kg: f64) -> Vec<Piece> {
    let rho = tissue.density_kg_per_m3;
    let (k, c) = (&tissue.frozen_w_per_m_k, &tissue.frozen_j_per_kg_k);
    let warm_capacity = rho * tissue.unfrozen_j_per_kg_k;
    let cold_capacity = rho * c.at(ends_c);
    let range_k = tissue.freezing_starts_c - ends_c;
    let capacity = 0.5 * (warm_capacity + cold_capacity) + rho * latent_j_per_kg / range_k;
    let mut pieces = vec![Piece { cold_c: ends_c, capacity, cold_k: k.at(ends_c) }];
    let mut warm_c = ends_c;
    for cold_c in frozen_rows(k, c, ends_c) {
        let capacity = 0.5 * rho * (c.at(warm_c) + c.at(cold_c));
        pieces.push(Piece { cold_c, capacity, cold_k: k.at(cold_c) });
        warm_c = cold_c;
    }
    // Colder than the last row both tables are held.
    pieces.push(Piece { cold_c: f64::NEG_INFINITY, capacity: rho * c.at(warm_c), cold_k: k.at(warm_c) });
    pieces
}

/// Temperatures below `from_c` at which a table bends; falling.
fn bends(k: &TemperatureTable, c: &TemperatureTable, from_c: f64) -> Vec<f64> {
    let rows = k.pairs().iter().chain(c.pairs()).map(|row| row.0);
    let mut bends: Vec<f64> = rows.filter(|&at| at < from_c && at > COLDEST_C).collect();
    bends.sort_by(|a, b| b.total_cmp(a));
    bends.dedup();
    bends
}

/// The bends of the tables, cut so that no piece with varying capacity is too long; falling.
fn frozen_rows(k: &TemperatureTable, c: &TemperatureTable, ends_c: f64) -> Vec<f64> {
    let mut cut = Vec::new();
    let mut warm = ends_c;
    for cold in bends(k, c, ends_c) {
        let varies = c.at(warm) != c.at(cold);
        let pieces = if varies { ((warm - cold) / LONGEST_PIECE_K).ceil().max(1.0) as usize } else { 1 };
        cut.extend((1..=pieces).map(|n| warm + (cold - warm) * n as f64 / pieces as f64));
        warm = cold;
    }
    cut
}

/// The water activity curve of one tissue: with the ice share `f = 1 - start/T`,
/// `c = c_u + (c_t - c_u) f/f_t + L start/T^2` (start negative: its size), `k = k_u + (k_t - k_u) f/f_t` down to `tables_from_c`
/// (index t), then c and k of the tables and the same latent part.
struct WaterActivity<'a> {
    tissue: &'a Tissue,
    freezable_j_per_kg: f64,
    tables_from_c: f64,
}

impl<'a> WaterActivity<'a> {
    fn of(tissue: &'a Tissue, freezable_j_per_kg: f64, tables_from_c: f64) -> Self {
        Self { tissue, freezable_j_per_kg, tables_from_c }
    }

    fn share(&self, celsius: f64) -> f64 {
        1.0 - self.tissue.freezing_starts_c / celsius
    }

    /// What runs with the ice, between the start (0) and where the tables hold (1).
    fn run(&self, celsius: f64) -> f64 {
        self.share(celsius) / self.share(self.tables_from_c)
    }

    fn k(&self, celsius: f64) -> f64 {
        let (unfrozen, table) = (self.tissue.unfrozen_w_per_m_k, &self.tissue.frozen_w_per_m_k);
        if celsius <= self.tables_from_c {
            return table.at(celsius);
        }
        unfrozen + (table.at(self.tables_from_c) - unfrozen) * self.run(celsius)
    }

    fn sensible_c(&self, celsius: f64) -> f64 {
        let (unfrozen, table) = (self.tissue.unfrozen_j_per_kg_k, &self.tissue.frozen_j_per_kg_k);
        if celsius <= self.tables_from_c {
            return table.at(celsius);
        }
        unfrozen + (table.at(self.tables_from_c) - unfrozen) * self.run(celsius)
    }

    fn latent_c(&self, celsius: f64) -> f64 {
        -self.freezable_j_per_kg * self.tissue.freezing_starts_c / (celsius * celsius)
    }

    /// Mean heat capacity between two temperatures that lie on one side of `tables_from_c`, with no bend of a table
    /// between. Unit: J/(m3 K).
    fn mean_capacity(&self, warm_c: f64, cold_c: f64) -> f64 {
        let starts_c = self.tissue.freezing_starts_c;
        let sensible = if cold_c < self.tables_from_c {
            // Tables are linear between rows.
            0.5 * (self.sensible_c(warm_c) + self.sensible_c(cold_c))
        } else {
            let unfrozen = self.tissue.unfrozen_j_per_kg_k;
            let gain = self.sensible_c(self.tables_from_c) - unfrozen;
            // The mean of 1 - start/T is 1 - start ln(cold/warm) / (cold - warm).
            let share = 1.0 - starts_c * (cold_c / warm_c).ln() / (cold_c - warm_c);
            unfrozen + gain * share / self.share(self.tables_from_c)
        };
        let latent = self.freezable_j_per_kg * (self.share(cold_c) - self.share(warm_c)) / (warm_c - cold_c);
        self.tissue.density_kg_per_m3 * (sensible + latent)
    }

    /// The longest piece from `warm_c` down that stays within [`STRAIGHT_WITHIN_K`] and [`STRAIGHT_WITHIN_SHARE`]: a chord of
    /// length h is off by `h^2/8 C'/C` kelvin and `h^2/8 k''/k` of k, and both C'/C and k''/k fall on the way down.
    fn longest_k(&self, warm_c: f64) -> f64 {
        const APART_K: f64 = 0.01;
        let latent_c = self.latent_c(warm_c);
        let sensible_c = self.sensible_c(warm_c);
        let sensible_slope = (sensible_c - self.sensible_c(warm_c - APART_K)) / APART_K;
        let capacity_slope = 2.0 * latent_c / -warm_c + sensible_slope.abs();
        let for_t = 8.0 * STRAIGHT_WITHIN_K * (latent_c + sensible_c) / capacity_slope;
        let for_k = 8.0 * STRAIGHT_WITHIN_SHARE * self.k(warm_c) / self.k_bend(warm_c);
        for_t.min(for_k).sqrt().min(LONGEST_TAIL_K)
    }

    /// Second derivative of k by temperature; 0 where the tables hold, whose bends are landmarks. Unit: W/(m K3).
    fn k_bend(&self, celsius: f64) -> f64 {
        if celsius <= self.tables_from_c {
            return 0.0;
        }
        let gain = self.tissue.frozen_w_per_m_k.at(self.tables_from_c) - self.tissue.unfrozen_w_per_m_k;
        let share_bend = 2.0 * self.tissue.freezing_starts_c / (celsius * celsius * celsius);
        (gain * share_bend / self.share(self.tables_from_c)).abs()
    }

    fn pieces(&self) -> Vec<Piece> {
        let (k, c) = (&self.tissue.frozen_w_per_m_k, &self.tissue.frozen_j_per_kg_k);
        let mut landmarks = vec![self.tables_from_c];
        landmarks.extend(bends(k, c, self.tables_from_c));
        landmarks.push(COLDEST_C);
        let mut pieces = Vec::new();
        let mut warm_c = self.tissue.freezing_starts_c;
        for landmark_c in landmarks {
            while warm_c > landmark_c {
                let cold_c = (warm_c - self.longest_k(warm_c)).max(landmark_c);
                let capacity = self.mean_capacity(warm_c, cold_c);
                pieces.push(Piece { cold_c, capacity, cold_k: self.k(cold_c) });
                warm_c = cold_c;
            }
        }
        let capacity = self.tissue.density_kg_per_m3 * (self.sensible_c(warm_c) + self.latent_c(warm_c));
        pieces.push(Piece { cold_c: f64::NEG_INFINITY, capacity, cold_k: self.k(warm_c) });
        pieces
    }
}

/// The same pieces, cut at the ends of the range of the lipid, with its heat between them.
fn with_lipid(pieces: &[Piece], tissue: &Tissue, lipid: LipidMelting) -> Vec<Piece> {
    let range_k = lipid.liquid_above_c - lipid.solid_below_c;
    let more = tissue.density_kg_per_m3 * lipid.latent_j_per_kg / range_k;
    let mut cut = Vec::new();
    let (mut warm_c, mut warm_k) = (top_c(tissue), tissue.unfrozen_w_per_m_k);
    for piece in pieces {
        let whole = (warm_c, warm_k);
        let inside = [lipid.liquid_above_c, lipid.solid_below_c].into_iter();
        let mut ends: Vec<f64> = inside.filter(|&at| at < warm_c && at > piece.cold_c).collect();
        ends.push(piece.cold_c);
        for cold_c in ends {
            let hardens = warm_c <= lipid.liquid_above_c && cold_c >= lipid.solid_below_c;
            let capacity = piece.capacity + if hardens { more } else { 0.0 };
            let cold_k = piece.k_between(whole, cold_c);
            cut.push(Piece { cold_c, capacity, cold_k });
            (warm_c, warm_k) = (cold_c, cold_k);
        }
    }
    cut
}

impl Piece {
    /// Conductivity at a place of the piece whose warm end is given.
    fn k_between(&self, (warm_c, warm_k): (f64, f64), celsius: f64) -> f64 {
        if celsius == self.cold_c || self.cold_c == f64::NEG_INFINITY {
            // The last piece keeps its conductivity.
            return self.cold_k;
        }
        warm_k + (self.cold_k - warm_k) * (warm_c - celsius) / (warm_c - self.cold_c)
    }
}
