//! Probes on the grid: which cells they cover, which they touch, and what heat they exchange.

use super::curve::Curve;
use super::links::{Link, Links};
use super::mesh::{Beyond, HELD, METRE, Mesh, SpecialFace};
use super::potential::Potential;
use crate::probe::{Cooling, SceneProbe, Shaft};
use crate::protocol::PhaseKind;
use crate::scene::{Reperfusion, SceneParts};
use crate::table::TimeTable;

/// What sets the temperature of an active surface.
#[derive(Clone, Debug)]
enum Drive {
    /// No heat passes.
    Off,
    /// The surface follows a table.
    Surface { table: TimeTable, since_s: f64 },
    /// The surface lies between tissue and gas.
    Film { gas_c: TimeTable, since_s: f64, film_w_per_k: f64, most_power_w: f64 },
}

/// One probe of the scene.
#[derive(Debug)]
struct OnGrid {
    probe: SceneProbe,
    potential: Potential,
    drive: Drive,
    is_freezing: bool,
    links: Vec<Link>,
    captured: Vec<u32>,
    /// Links of a shaft that is kept warm while the gas is on, and how warm (°C).
    shaft: Option<(Vec<Link>, f64)>,
    /// Temperature of the active surface at the last stage; `None` while off.
    surface_c: Option<f64>,
    /// Heat given to the tissue through the links at the last stage. Unit: W.
    given_w: f64,
}

/// The probes of a scene, as the step sees them.
#[derive(Debug)]
pub(super) struct ProbeSet {
    probes: Vec<OnGrid>,
    links: Links,
    base_g: [Vec<f64>; 3],
    base_special: Vec<SpecialFace>,
    /// Cells inside insulated parts; no heat enters or leaves them.
    closed: Vec<u32>,
    reperfusion: Reperfusion,
    fastest_per_s: f64,
}

impl ProbeSet {
    /// Places the probes; takes insulated shafts out of the mesh for good.
    pub(super) fn of(parts: &SceneParts, mesh: &mut Mesh) -> Self {
        let potentials: Vec<Potential> = parts.probes.iter().map(Potential::of).collect();
        let links = Links::new(&parts.grid, mesh);
        let closed = links.close_insulated(mesh, &potentials);
        let probes = parts.probes.iter().zip(potentials).map(|(probe, potential)| OnGrid {
            shaft: match potential.shaft() {
                Shaft::Insulated => None,
                Shaft::HeldAtLeast { celsius } => {
                    let here = |link: &Link| mesh.kind[link.cell as usize] != HELD;
                    let links = links.warm_shaft(&potential, &closed).into_iter().filter(here);
                    Some((links.collect(), celsius))
                }
            },
            probe: probe.clone(),
            potential,
            drive: Drive::Off,
            is_freezing: false,
            links: Vec::new(),
            captured: Vec::new(),
            surface_c: None,
            given_w: 0.0,
        });
        let probes = probes.collect();
        let mut set = Self {
            probes,
            links,
            base_g: mesh.g.clone(),
            base_special: mesh.special.clone(),
            closed,
            reperfusion: parts.reperfusion,
            fastest_per_s: 0.0,
        };
        set.fastest_per_s = set.bound(mesh);
        set
    }

    pub(super) fn count(&self) -> usize {
        self.probes.len()
    }

    /// Cells that exchange heat with a probe now; a cell may come up more than once.
    pub(super) fn linked_cells(&self) -> impl Iterator<Item = usize> {
        let shafts = self.probes.iter().filter_map(|p| p.shaft.as_ref()).flat_map(|s| &s.0);
        self.probes.iter().flat_map(|p| &p.links).chain(shafts).map(|link| link.cell as usize)
    }

    /// Cells that the probes cover now.
    pub(super) fn covered_cells(&self) -> impl Iterator<Item = usize> {
        self.probes.iter().flat_map(|p| &p.captured).map(|&cell| cell as usize)
    }

    pub(super) fn fastest_per_s(&self) -> f64 {
        self.fastest_per_s
    }

    /// Cells that hold no tissue.
    pub(super) fn closed(&self) -> &[u32] {
        &self.closed
    }

    /// Where each probe lies.
    pub(super) fn potentials(&self) -> impl Iterator<Item = &Potential> {
        self.probes.iter().map(|p| &p.potential)
    }

    /// Surface temperature (while it acts) and heat taken from the tissue (W) of each probe.
    pub(super) fn readings(&self) -> impl Iterator<Item = (Option<f64>, f64)> {
        self.probes.iter().map(|p| (p.surface_c, -p.given_w))
    }

    /// Starts what the schedules say from `now_s` on. Returns the heat that covered cells were given. Unit: J.
    pub(super) fn switch(&mut self, mesh: &mut Mesh, now_s: f64, h: &mut [f64], alive: &mut [u8]) -> f64 {
        mesh.g.clone_from(&self.base_g);
        mesh.special.clone_from(&self.base_special);
        let back = u8::from(self.reperfusion == Reperfusion::OnThaw);
        for probe in &mut self.probes {
            for &cell in &probe.captured {
                alive[cell as usize] = back;
            }
            probe.links.clear();
            probe.captured.clear();
            probe.drive = drive_at(probe, now_s);
            probe.is_freezing = probe.probe.schedule.at(now_s).0 == PhaseKind::Freeze;
            (probe.surface_c, probe.given_w) = (None, 0.0);
        }
        for &cell in &self.closed {
            alive[cell as usize] = 0;
        }
        let active: Vec<usize> =
            (0..self.probes.len()).filter(|&n| !matches!(self.probes[n].drive, Drive::Off)).collect();
        if !active.is_empty() {
            let potentials: Vec<&Potential> = active.iter().map(|&n| &self.probes[n].potential).collect();
            let couplings = self.links.assemble(mesh, &potentials);
            for (&n, coupling) in active.iter().zip(couplings) {
                self.probes[n].links = coupling.links;
                self.probes[n].captured = coupling.captured;
            }
        }
        for probe in &mut self.probes {
            for &cell in &probe.captured {
                alive[cell as usize] = 0;
            }
            if let Drive::Surface { table, since_s } = &probe.drive {
                probe.surface_c = Some(table.at(now_s - since_s));
            }
        }
        self.fastest_per_s = self.bound(mesh);
        self.cover(mesh, h)
    }

    /// Puts covered cells at the surface temperature at the end of a step. Returns the heat they were given. Unit: J.
    pub(super) fn settle(&mut self, mesh: &Mesh, then_s: f64, h: &mut [f64]) -> f64 {
        for probe in &mut self.probes {
            if let Drive::Surface { table, since_s } = &probe.drive {
                probe.surface_c = Some(table.at(then_s - since_s));
            }
        }
        self.cover(mesh, h)
    }

    fn cover(&self, mesh: &Mesh, h: &mut [f64]) -> f64 {
        let mut given_j = 0.0;
        for probe in &self.probes {
            let Some(surface_c) = probe.surface_c else { continue };
            for &cell in &probe.captured {
                let cell = cell as usize;
                let next = mesh.curves[usize::from(mesh.kind[cell])].h(surface_c);
                given_j += (next - h[cell]) * mesh.volume[cell];
                h[cell] = next;
            }
        }
        given_j
    }

    /// Heat from the probes into the cells they touch, at a stage.
    pub(super) fn exchange(
        &mut self,
        mesh: &Mesh,
        time_s: f64,
        theta: &[f64],
        extra_w: &mut [f64],
        rates_w: &mut [f64],
    ) {
        for (probe, rate_w) in self.probes.iter_mut().zip(rates_w) {
            let load = Load::of(&probe.links, mesh, theta);
            let surface_c = match &probe.drive {
                Drive::Off => continue,
                Drive::Surface { table, since_s } => table.at(time_s - since_s),
                Drive::Film { gas_c, since_s, film_w_per_k, most_power_w } => {
                    let gas_c = gas_c.at(time_s - since_s);
                    load.surface_c(&mesh.curves, |surface_c| (film_w_per_k * (surface_c - gas_c)).min(*most_power_w))
                }
            };
            let surface_theta: Vec<f64> = mesh.curves.iter().map(|c| c.theta_at(surface_c)).collect();
            let mut given_w = 0.0;
            for link in &probe.links {
                let cell = link.cell as usize;
                let heat = link.g * (surface_theta[usize::from(mesh.kind[cell])] - theta[cell]);
                extra_w[cell] += heat;
                given_w += heat;
            }
            if let (Some((links, celsius)), true) = (&probe.shaft, probe.is_freezing) {
                for link in links {
                    let cell = link.cell as usize;
                    let warm = mesh.curves[usize::from(mesh.kind[cell])].theta_at(*celsius);
                    let heat = link.g * (warm - theta[cell]).max(0.0);
                    extra_w[cell] += heat;
                    given_w += heat;
                }
            }
            *rate_w = given_w;
            (probe.surface_c, probe.given_w) = (Some(surface_c), given_w);
        }
    }

    /// Upper bound of the fastest decay of any temperature pattern (Gershgorin). Unit: 1/s.
    fn bound(&self, mesh: &Mesh) -> f64 {
        let mut sums = vec![0.0; mesh.kind.len()];
        for axis in 0..3 {
            for (a, &g) in mesh.g[axis].iter().enumerate() {
                if g > 0.0 {
                    sums[a] += 2.0 * g;
                    sums[a + mesh.stride[axis]] += 2.0 * g;
                }
            }
        }
        for face in &mesh.special {
            // At worst the interface stays where it is: then each side sees its own half-cell, and an answering
            // neighbour adds as much again to the bound.
            match face.beyond {
                Beyond::Cell { cell, half } => {
                    sums[face.cell as usize] += 2.0 * face.half;
                    sums[cell as usize] += 2.0 * half;
                }
                Beyond::Wall { .. } => sums[face.cell as usize] += face.half,
            }
        }
        let shafts = self.probes.iter().filter_map(|p| p.shaft.as_ref()).flat_map(|s| &s.0);
        for link in self.probes.iter().flat_map(|p| &p.links).chain(shafts) {
            sums[link.cell as usize] += link.g;
        }
        let coldest_c = self.probes.iter().map(coldest_drive_c).fold(mesh.coldest_held_c(), f64::min);
        let largest: Vec<f64> = mesh.curves.iter().map(|c| c.largest_diffusivity(coldest_c, f64::INFINITY)).collect();
        let cells = mesh.kind.iter().zip(&sums).zip(&mesh.volume);
        cells
            .filter(|&((&kind, _), _)| kind != HELD)
            .map(|((&kind, sum), volume)| largest[usize::from(kind)] * sum / volume)
            .fold(0.0, f64::max)
    }
}

/// The coldest a probe can ever be.
fn coldest_drive_c(probe: &OnGrid) -> f64 {
    let table = match &probe.probe.cooling {
        Cooling::Surface(table) => table,
        Cooling::Film { gas_c, .. } => gas_c,
    };
    let warming = probe.probe.warming.iter().flat_map(|t| t.pairs());
    table.pairs().iter().chain(warming).map(|row| row.1).fold(f64::INFINITY, f64::min)
}

fn drive_at(probe: &OnGrid, now_s: f64) -> Drive {
    let (kind, since_s) = probe.probe.schedule.at(now_s);
    match (kind, &probe.probe.cooling, &probe.probe.warming) {
        (PhaseKind::PassiveThaw, _, _) | (PhaseKind::ActiveThaw, _, None) => Drive::Off,
        (PhaseKind::ActiveThaw, _, Some(table)) => Drive::Surface { table: table.clone(), since_s },
        (PhaseKind::Freeze, Cooling::Surface(table), _) => Drive::Surface { table: table.clone(), since_s },
        (PhaseKind::Freeze, Cooling::Film { gas_c, film_w_per_m2_k, most_power_w }, _) => Drive::Film {
            gas_c: gas_c.clone(),
            since_s,
            film_w_per_k: film_w_per_m2_k * probe.potential.active_area_mm2() * METRE * METRE,
            most_power_w: *most_power_w,
        },
    }
}

/// What the tissue around a probe gives it, by its surface temperature: `sum (g theta) - sum g theta(T)` per tissue.
struct Load {
    /// Sum of g theta and sum of g of each curve.
    sums: Vec<(f64, f64)>,
}

/// Bisections of the surface temperature: 400 K / 2^48 is far below rounding.
const BISECTIONS: usize = 48;
/// Where the surface temperature is looked for. Unit: °C.
const SURFACE_RANGE_C: (f64, f64) = (-250.0, 150.0);

impl Load {
    fn of(links: &[Link], mesh: &Mesh, theta: &[f64]) -> Self {
        let mut sums = vec![(0.0, 0.0); mesh.curves.len()];
        for link in links {
            let cell = link.cell as usize;
            let sum = &mut sums[usize::from(mesh.kind[cell])];
            sum.0 += link.g * theta[cell];
            sum.1 += link.g;
        }
        Self { sums }
    }

    fn taken_w(&self, curves: &[Curve], surface_c: f64) -> f64 {
        self.sums
            .iter()
            .zip(curves)
            .map(|(&(gt, g), c)| if g > 0.0 { gt - g * c.theta_at(surface_c) } else { 0.0 })
            .sum()
    }

    /// Where the tissue gives as much as the gas takes; the first falls with the temperature, the second grows.
    fn surface_c(&self, curves: &[Curve], gas_takes_w: impl Fn(f64) -> f64) -> f64 {
        let (mut low, mut high) = SURFACE_RANGE_C;
        for _ in 0..BISECTIONS {
            let middle = 0.5 * (low + high);
            if self.taken_w(curves, middle) > gas_takes_w(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        0.5 * (low + high)
    }
}
