//! The plain baseline for L1: explicit Euler in enthalpy on cubes with a tissue number per cell, tables for temperature and
//! conductivity by enthalpy, the harmonic mean at faces, and a probe that is whichever cells have their centre inside it.
//!
//! Its cost does not depend on the temperatures, so a part of its steps is timed and no error is stated: it starts warm
//! everywhere rather than from the steady state, and its shaft is insulated.

use frostline_freeze::{Cooling, Medium, PhaseKind, SceneParts, SceneProbe, Tissue};
use rayon::prelude::*;

use crate::Fault;
use crate::cost::Mark;
use crate::leg::{Leg, LegCells};
use crate::plain::time_steps;
use crate::sample::{Limits, Sample, Work};

/// Share of the explicit limit that a step takes.
const SHARE_OF_LIMIT: f64 = 0.99;
/// Rows of a table; linear between them.
const TABLE_ROWS: usize = 1024;
/// The tables reach from here to there. Unit: °C.
const COLDEST_C: f64 = -100.0;
const WARMEST_C: f64 = 60.0;

/// L1 on cubes for the plain kernel.
#[derive(Clone, Copy, Debug)]
pub struct PlainLegTask {
    pub cell_mm: f64,
}

impl PlainLegTask {
    /// A part of a run.
    pub fn run(&self, threads: usize, limits: &Limits) -> Result<Sample, Fault> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        let leg = Leg::read()?;
        let mark = Mark::now();
        let parts = leg.question(LegCells::AlongProbe { fine_mm: self.cell_mm, coarsest_mm: self.cell_mm })?.parts;
        let duration_s = parts.duration_s;
        let mut plain = PlainLeg::of(parts, self.cell_mm)?;
        let total = (duration_s / plain.longest_step_s()).ceil() as usize;
        let step_s = duration_s / total as f64;
        let timed = pool.install(|| time_steps(total, limits.baseline_s, |n| plain.step(n as f64 * step_s, step_s)));
        let cells = plain.enthalpy.len() as u64;
        Ok(Sample {
            variant: "probe as a mask of cells".into(),
            wall_s: timed.wall_s,
            set_up_s: 0.0,
            first_step_s: None,
            simulated_s: duration_s,
            part: timed.part,
            work: Work {
                cells,
                grid_mm: self.cell_mm,
                step_s,
                steps: total as u64,
                stages: total as u64,
                cell_updates: cells * total as u64,
                threads,
            },
            memory_mb: mark.peak_mb(),
            cpu_s: timed.cpu_s,
            errors: None,
            fingerprint: None,
        })
    }
}

/// Enthalpy, temperature and conductivity per cell.
struct PlainLeg {
    size: [usize; 3],
    cell_mm: f64,
    medium: Vec<u8>,
    tables: Vec<Table>,
    enthalpy: Vec<f32>,
    celsius: Vec<f32>,
    k: Vec<f32>,
    active: Vec<usize>,
    probe: SceneProbe,
}

impl PlainLeg {
    fn of(parts: SceneParts, cell_mm: f64) -> Result<Self, Fault> {
        let probe = parts.probes.first().ok_or("L1 has no probe")?.clone();
        let grid = &parts.grid;
        let mut tables: Vec<Table> = parts
            .media
            .iter()
            .map(|medium| match medium {
                Medium::Tissue(tissue) => Table::of(tissue, parts.arterial_c),
                // Half a cell of this conducts as the film does.
                Medium::Held(held) => Table::held(held.celsius, held.film_w_per_m2_k * 0.5e-3 * cell_mm),
            })
            .collect();
        tables.push(Table::held(parts.arterial_c, 0.0));
        let shaft = u8::try_from(tables.len() - 1)?;
        let mut medium = parts.medium;
        let mut active = Vec::new();
        for (n, medium) in medium.iter_mut().enumerate() {
            let from_tip = grid.centre(grid.cell(n)) - probe.tip;
            let along_mm = from_tip.dot(probe.towards_hub.as_vector());
            let off_mm = (from_tip - probe.towards_hub * along_mm).length();
            if off_mm > probe.shape.radius_mm || !(0.0..=probe.shape.total_length_mm()).contains(&along_mm) {
                continue;
            }
            if along_mm <= probe.shape.active_length_mm { active.push(n) } else { *medium = shaft }
        }
        let cells = grid.cell_count();
        let size = [grid.size().i, grid.size().j, grid.size().k];
        let enthalpy = medium.iter().map(|&m| tables[usize::from(m)].enthalpy(parts.arterial_c)).collect();
        let (celsius, k) = (vec![0.0; cells], vec![0.0; cells]);
        Ok(Self { size, cell_mm, medium, tables, enthalpy, celsius, k, active, probe })
    }

    fn longest_step_s(&self) -> f64 {
        let cell_m = 1e-3 * self.cell_mm;
        let fastest = self.tables.iter().map(Table::fastest_m2_per_s).fold(0.0, f64::max);
        SHARE_OF_LIMIT * cell_m * cell_m / (6.0 * fastest)
    }

    fn step(&mut self, now_s: f64, step_s: f64) {
        let (phase, since_s) = self.probe.schedule.at(now_s);
        if let (PhaseKind::Freeze, Cooling::Surface(table)) = (phase, &self.probe.cooling) {
            let surface_c = table.at(now_s - since_s);
            for &cell in &self.active {
                self.enthalpy[cell] = self.tables[usize::from(self.medium[cell])].enthalpy(surface_c);
            }
        }
        self.look_up(step_s as f32);
        self.advance(step_s);
    }

    /// Temperature and conductivity of every cell, and what blood and metabolism bring during the step.
    fn look_up(&mut self, step_s: f32) {
        let layer = self.size[0] * self.size[1];
        let tables = &self.tables;
        let from = self.enthalpy.par_chunks_mut(layer).zip(self.medium.par_chunks(layer));
        self.celsius.par_chunks_mut(layer).zip(self.k.par_chunks_mut(layer)).zip(from).for_each(
            |((celsius, k), (enthalpy, medium))| {
                let cells = celsius.iter_mut().zip(k).zip(enthalpy).zip(medium);
                for (((celsius, k), enthalpy), &medium) in cells {
                    let table = &tables[usize::from(medium)];
                    (*celsius, *k) = table.at(*enthalpy);
                    let source = if *celsius > table.starts_c { table.made - table.w * *celsius } else { 0.0 };
                    // What is held forgets the heat that flowed into it.
                    *enthalpy = table.moves * (*enthalpy + step_s * source);
                }
            },
        );
    }

    /// Adds what flowed in through six faces. The outermost cells are left as they are.
    fn advance(&mut self, step_s: f64) {
        let [nx, ny, nz] = self.size;
        let layer = nx * ny;
        let cell_m = 1e-3 * self.cell_mm;
        let spread = (step_s / (cell_m * cell_m)) as f32;
        let faces = Faces { celsius: &self.celsius, k: &self.k, width: nx - 2 };
        let inner = self.enthalpy.par_chunks_mut(layer).enumerate().filter(|(z, _)| *z > 0 && *z + 1 < nz);
        inner.for_each(|(z, enthalpy)| {
            for y in 1..ny - 1 {
                let local = y * nx + 1;
                let at = z * layer + local;
                let row = &mut enthalpy[local..local + nx - 2];
                for there in [at - 1, at + 1, at - nx, at + nx, at - layer, at + layer] {
                    faces.add(row, at, there, spread);
                }
            }
        });
    }
}

/// What heat flows by.
struct Faces<'a> {
    celsius: &'a [f32],
    k: &'a [f32],
    /// Cells of a row without its ends.
    width: usize,
}

impl Faces<'_> {
    /// Adds to a row that begins at `at` what comes from the row that begins at `there`.
    #[inline(always)]
    fn add(&self, row: &mut [f32], at: usize, there: usize, spread: f32) {
        let (own_c, own_k) = (&self.celsius[at..at + self.width], &self.k[at..at + self.width]);
        let (other_c, other_k) = (&self.celsius[there..there + self.width], &self.k[there..there + self.width]);
        let others = other_c.iter().zip(other_k);
        for ((heat, (own_c, own_k)), (other_c, other_k)) in row.iter_mut().zip(own_c.iter().zip(own_k)).zip(others) {
            *heat += spread * harmonic(*own_k, *other_k) * (other_c - own_c);
        }
    }
}

/// Of two half cells in series; nothing where either conducts nothing.
#[inline(always)]
fn harmonic(a: f32, b: f32) -> f32 {
    2.0 * a * b / (a + b + f32::MIN_POSITIVE)
}

/// Temperature and conductivity by enthalpy, and the sources of one medium.
struct Table {
    /// Enthalpy of the first row. Unit: J/m3.
    least: f32,
    /// Rows per J/m3.
    per_j: f32,
    rows: Vec<(f32, f32)>,
    starts_c: f32,
    /// Unit: W/m3.
    made: f32,
    /// Unit: W/(m3 K).
    w: f32,
    /// 1 for what changes its temperature, 0 for what is held.
    moves: f32,
}

impl Table {
    fn held(celsius: f64, k: f64) -> Self {
        let row = (celsius as f32, k.min(f64::from(f32::MAX).sqrt()) as f32);
        Self { least: 0.0, per_j: 0.0, rows: vec![row; 2], starts_c: f32::MAX, made: 0.0, w: 0.0, moves: 0.0 }
    }

    fn of(tissue: &Tissue, arterial_c: f64) -> Self {
        let (least, most) = (enthalpy(tissue, COLDEST_C), enthalpy(tissue, WARMEST_C));
        let per_j = (TABLE_ROWS - 1) as f64 / (most - least);
        let rows = (0..TABLE_ROWS)
            .map(|n| {
                let celsius = celsius(tissue, least + n as f64 / per_j);
                (celsius as f32, conductivity(tissue, celsius) as f32)
            })
            .collect();
        let w = tissue.perfusion_w_per_m3_k;
        Self {
            least: least as f32,
            per_j: per_j as f32,
            rows,
            starts_c: tissue.freezing_starts_c as f32,
            made: (w * arterial_c + tissue.metabolic_w_per_m3) as f32,
            w: w as f32,
            moves: 1.0,
        }
    }

    #[inline(always)]
    fn at(&self, enthalpy: f32) -> (f32, f32) {
        let place = ((enthalpy - self.least) * self.per_j).clamp(0.0, (self.rows.len() - 2) as f32);
        let row = place as usize;
        let part = place - row as f32;
        let (a, b) = (self.rows[row], self.rows[row + 1]);
        (a.0 + part * (b.0 - a.0), a.1 + part * (b.1 - a.1))
    }

    fn enthalpy(&self, celsius: f64) -> f32 {
        if self.moves == 0.0 {
            return 0.0;
        }
        let celsius = celsius as f32;
        let row = self.rows.partition_point(|row| row.0 < celsius).clamp(1, self.rows.len() - 1);
        let (a, b) = (self.rows[row - 1].0, self.rows[row].0);
        self.least + (row as f32 - 1.0 + (celsius - a) / (b - a)) / self.per_j
    }

    /// The largest `k dT/dH`.
    fn fastest_m2_per_s(&self) -> f64 {
        if self.moves == 0.0 {
            return 0.0;
        }
        let pairs = self.rows.windows(2).map(|p| p[0].1.max(p[1].1) * (p[1].0 - p[0].0) * self.per_j);
        f64::from(pairs.fold(0.0, f32::max))
    }
}

/// Width of the steps over which enthalpy is summed. Unit: K.
const SUM_STEP_K: f64 = 0.05;

fn capacity(tissue: &Tissue, celsius: f64) -> f64 {
    let (starts_c, ends_c) = (tissue.freezing_starts_c, crate::plain::freezing_range(tissue).0);
    let frozen = |celsius| tissue.frozen_j_per_kg_k.at(celsius);
    let per_kg = if celsius > starts_c {
        tissue.unfrozen_j_per_kg_k
    } else if celsius > ends_c {
        0.5 * (tissue.unfrozen_j_per_kg_k + frozen(ends_c))
            + crate::plain::freezing_range(tissue).1 / (starts_c - ends_c)
    } else {
        frozen(celsius)
    };
    tissue.density_kg_per_m3 * per_kg
}

/// From the coldest end of the table. Unit: J/m3.
fn enthalpy(tissue: &Tissue, at_c: f64) -> f64 {
    let count = ((at_c - COLDEST_C) / SUM_STEP_K).round() as usize;
    (0..count).map(|n| capacity(tissue, COLDEST_C + (n as f64 + 0.5) * SUM_STEP_K) * SUM_STEP_K).sum()
}

fn celsius(tissue: &Tissue, enthalpy: f64) -> f64 {
    let (mut celsius, mut sum) = (COLDEST_C, 0.0);
    loop {
        let slice = capacity(tissue, celsius + 0.5 * SUM_STEP_K) * SUM_STEP_K;
        if sum + slice >= enthalpy || celsius > WARMEST_C {
            return celsius + SUM_STEP_K * (enthalpy - sum) / slice;
        }
        sum += slice;
        celsius += SUM_STEP_K;
    }
}

fn conductivity(tissue: &Tissue, celsius: f64) -> f64 {
    let (starts_c, ends_c) = (tissue.freezing_starts_c, crate::plain::freezing_range(tissue).0);
    let frozen = tissue.frozen_w_per_m_k.at(celsius.min(ends_c));
    let share = ((starts_c - celsius) / (starts_c - ends_c)).clamp(0.0, 1.0);
    tissue.unfrozen_w_per_m_k + share * (frozen - tissue.unfrozen_w_per_m_k)
}
