//! How fast temperatures can change anywhere: Gershgorin's bound, cell by cell.

use rayon::prelude::*;

use super::super::mesh::{HELD, Kind, Mesh, UNIT};
use super::super::zones::{STIFF_SHARE, WarmSpeed};
use super::{ProbeSet, coldest_drive_c, in_kelvin};

/// What the bound of every cell is made from.
pub(super) struct Bounds<'a> {
    mesh: &'a Mesh,
    speed: Vec<Speed>,
    /// For cells amid others of their kind: along each axis, what both faces pass over capacity and diffusivity. Unit: 1/m2.
    steep: [Vec<f64>; 3],
    /// Cells at which more acts than plain faces, sorted.
    special: Vec<(u32, Special)>,
    /// Cells that are never among the warm ones: a probe pulls at them, or something frozen touches them.
    never_warm: Vec<u32>,
}

/// What acts on one cell beside its plain faces.
#[derive(Clone, Copy, Debug, Default)]
struct Special {
    /// Beside plain faces (W/K), and those of them that act also while it is warm.
    plain: f64,
    warm: f64,
    /// Faces between two tissues, which have no one conductivity. Unit: 1/s.
    mixed: f64,
}

/// The fastest a tissue can be.
struct Speed {
    /// Largest diffusivity over that above freezing.
    most_per_unfrozen: f64,
    /// Unit: W/(m K).
    most_k: f64,
    /// Heat capacity above freezing over the smallest.
    most_per_capacity: f64,
}

impl Speed {
    fn of(kind: &Kind, coldest_c: f64) -> Self {
        let fastest = kind.curve.largest_diffusivity(coldest_c, f64::INFINITY);
        let (most_k, least_capacity) = kind.curve.extremes(coldest_c, f64::INFINITY);
        let capacity = kind.lookup.capacity();
        Self {
            most_per_unfrozen: fastest * capacity / kind.lookup.conductivity(),
            most_k,
            most_per_capacity: capacity / least_capacity,
        }
    }
}

/// What single precision may make of one number found in two ways, as a share.
const ROUNDING: f64 = 1e-5;
/// Cells that are looked at by one thread at a time.
const CELLS_TOGETHER: usize = 1 << 16;

impl<'a> Bounds<'a> {
    pub(super) fn of(set: &ProbeSet, mesh: &'a Mesh) -> Self {
        let coldest_c = set.probes.iter().map(coldest_drive_c).fold(mesh.coldest_held_c(), f64::min);
        let speed: Vec<Speed> = mesh.kinds.iter().map(|kind| Speed::of(kind, coldest_c)).collect();
        let mut acts: Vec<(u32, Special)> = Vec::new();
        for face in &mesh.interfaces {
            let g = f64::from(mesh.passes(usize::from(face.axis), face.a as usize));
            let side = |cell: u32| &speed[usize::from(mesh.kind[cell as usize])];
            let (ga, gb) = (face.half_a * side(face.a).most_k, face.half_b * side(face.b).most_k);
            let both = if ga + gb > 0.0 { ga * gb / (ga + gb) } else { 0.0 };
            for cell in [face.a, face.b] {
                let mixed = 2.0 * both * per_capacity(mesh, cell as usize) * side(cell).most_per_capacity;
                acts.push((cell, Special { plain: -2.0 * g, warm: 0.0, mixed }));
            }
        }
        for wall in &mesh.walls {
            let half = wall.half * mesh.kind_of(wall.cell as usize).lookup.conductivity();
            let g = half.min(wall.beyond.film);
            acts.push((wall.cell, Special { plain: g, warm: g, mixed: 0.0 }));
        }
        let shafts = || set.probes.iter().filter_map(|p| p.shaft.as_ref()).flat_map(|s| &s.0);
        let links = || set.probes.iter().flat_map(|p| &p.links).chain(shafts());
        acts.extend(links().map(|link| (link.cell, Special { plain: in_kelvin(mesh, link).1, warm: 0.0, mixed: 0.0 })));
        // Stable, so that what acts on one cell is summed in its order.
        acts.sort_by_key(|act| act.0);
        let mut special: Vec<(u32, Special)> = Vec::new();
        for (cell, act) in acts {
            match special.last_mut() {
                Some((last, sum)) if *last == cell => {
                    (sum.plain, sum.warm, sum.mixed) =
                        (sum.plain + act.plain, sum.warm + act.warm, sum.mixed + act.mixed);
                }
                _ => special.push((cell, act)),
            }
        }
        let is_frozen = |celsius: f64, cell: u32| celsius < mesh.kind_of(cell as usize).lookup.starts_c();
        let walls = mesh.walls.iter().filter(|wall| is_frozen(wall.beyond.celsius, wall.cell)).map(|wall| wall.cell);
        let never_warm = walls.chain(links().map(|link| link.cell)).collect();
        Self { mesh, speed, steep: mesh.steepness(), special, never_warm }
    }

    /// Upper bound of the fastest decay of any temperature pattern (1/s), and that of warm cells.
    pub(super) fn bound(self) -> (f64, WarmSpeed) {
        let tissue =
            self.mesh.kind.par_chunks(CELLS_TOGETHER).map(|kinds| kinds.iter().filter(|&&k| k != HELD).count());
        let tissue: usize = tissue.sum();
        if tissue == 0 {
            return (0.0, WarmSpeed::default());
        }
        let slower = ((tissue - 1) as f64 * (1.0 - STIFF_SHARE)) as usize;
        let none = || (0.0_f64, Largest::new(tissue - slower));
        let (fastest, largest) = (0..self.mesh.count.div_ceil(CELLS_TOGETHER))
            .into_par_iter()
            .fold(none, |(mut fastest, mut warm), n| {
                let cells = n * CELLS_TOGETHER..((n + 1) * CELLS_TOGETHER).min(self.mesh.count);
                self.each(cells, |cell, per_s, warm_per_s| {
                    fastest = fastest.max(per_s);
                    warm.take(cell, warm_per_s);
                });
                (fastest, warm)
            })
            .reduce(none, |a, b| (a.0.max(b.0), a.1.with(b.1)));
        let noise = if self.mesh.is_joined_at_once() { 0.0 } else { ROUNDING };
        (fastest, WarmSpeed::of(largest.into_cells(), noise, self.never_warm))
    }

    /// Every cell of tissue with its bound, and its bound while everything is warm. Unit: 1/s.
    fn each(&self, cells: std::ops::Range<usize>, mut f: impl FnMut(u32, f64, f64)) {
        let mesh = self.mesh;
        let mut special =
            self.special[self.special.partition_point(|act| (act.0 as usize) < cells.start)..].iter().peekable();
        for n in cells.filter(|&n| mesh.kind[n] != HELD) {
            while special.next_if(|act| (act.0 as usize) < n).is_some() {}
            let act = special.next_if(|act| act.0 as usize == n);
            let (acts, act) = (act.is_some(), act.map(|act| act.1).unwrap_or_default());
            let most = self.speed[usize::from(mesh.kind[n])].most_per_unfrozen;
            if let Some(warm_per_s) = self.amid_its_kind(n).filter(|_| !acts) {
                f(n as u32, warm_per_s * most, warm_per_s);
                continue;
            }
            let (plain, per_capacity) = (self.plain(n), per_capacity(mesh, n));
            f(n as u32, act.mixed + (plain + act.plain) * per_capacity * most, (plain + act.warm) * per_capacity);
        }
    }
    /// The bound of a cell that is not joined yet, and lies amid others of its kind. Unit: 1/s.
    fn amid_its_kind(&self, n: usize) -> Option<f64> {
        let mesh = self.mesh;
        if mesh.is_joined(n / UNIT) {
            return None;
        }
        let (at, kind) = (mesh.place(n), mesh.kind[n]);
        let is_alike = |axis: usize| {
            let stride = mesh.stride[axis];
            (at[axis] == 0 || mesh.kind[n - stride] == kind)
                && (at[axis] + 1 == mesh.size[axis] || mesh.kind[n + stride] == kind)
        };
        let lookup = &mesh.kinds[usize::from(kind)].lookup;
        let steep = || (0..3).map(|axis| self.steep[axis][at[axis]]).sum::<f64>();
        (0..3).all(is_alike).then(|| 2.0 * steep() * lookup.conductivity() / lookup.capacity())
    }

    /// Twice what all faces of a cell pass. Unit: W/K.
    fn plain(&self, n: usize) -> f64 {
        let mesh = self.mesh;
        (0..3)
            .map(|axis| {
                let behind = n.checked_sub(mesh.stride[axis]).map_or(0.0, |before| mesh.passes(axis, before));
                2.0 * f64::from(behind) + 2.0 * f64::from(mesh.passes(axis, n))
            })
            .sum()
    }
}

fn per_capacity(mesh: &Mesh, cell: usize) -> f64 {
    f64::from(mesh.per_capacity_of(cell))
}

/// The largest of many numbers, with their cells.
struct Largest {
    count: usize,
    cells: Vec<(u32, f64)>,
    /// No smaller number can be among them.
    least: f64,
}

impl Largest {
    fn new(count: usize) -> Self {
        Self { count, cells: Vec::new(), least: f64::NEG_INFINITY }
    }

    fn take(&mut self, cell: u32, number: f64) {
        if number <= self.least {
            return;
        }
        self.cells.push((cell, number));
        if self.cells.len() > 2 * self.count {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        if self.cells.len() > self.count {
            let (_, &mut (_, least), _) = self.cells.select_nth_unstable_by(self.count - 1, |a, b| b.1.total_cmp(&a.1));
            self.least = least;
            self.cells.truncate(self.count);
        }
    }

    fn with(mut self, other: Self) -> Self {
        for (cell, number) in other.cells {
            self.take(cell, number);
        }
        self
    }

    /// Falling.
    fn into_cells(mut self) -> Vec<(u32, f64)> {
        self.shrink();
        self.cells.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        self.cells
    }
}
