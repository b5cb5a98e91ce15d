//! Probes on the grid: which cells they cover, which they touch, and what heat they exchange.

mod bound;
#[cfg(feature = "gpu")]
pub(super) mod device;

use super::links::{Assembly, Cut, Link, Links, Replaced};
use super::mesh::{HELD, Kind, METRE, Mesh};
use super::potential::{Potential, SolvedFields};
use super::special::Pull;
use super::step::State;
use super::zones::WarmSpeed;
use crate::probe::{Cooling, SceneProbe, Shaft};
use crate::protocol::PhaseKind;
use crate::scene::{Reperfusion, SceneParts};
use crate::table::TimeTable;
use bound::Bounds;

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
    /// How the probes that acted together so far are joined to the mesh; the first are none.
    assemblies: Vec<Joined>,
    /// Which of them are joined now, and what they replaced.
    joined: usize,
    replaced: Replaced,
    /// What the insulated parts take away.
    cut: Cut,
    reperfusion: Reperfusion,
}

/// Probes that act together, by number.
#[derive(Debug, Default)]
struct Joined {
    probes: Vec<usize>,
    assembly: Assembly,
    /// How fast cells can be with them, once that was asked for.
    bound: Option<(f64, WarmSpeed)>,
}

impl ProbeSet {
    /// Places the probes; takes insulated shafts out of the mesh for good.
    pub(super) fn of(parts: &SceneParts, mesh: &mut Mesh, fields: &SolvedFields) -> Self {
        let potentials: Vec<Potential> = parts.probes.iter().map(|probe| Potential::of(probe, fields)).collect();
        let links = Links::new(&parts.grid, mesh);
        let cut = links.cut_insulated(mesh, &potentials);
        let probes = parts.probes.iter().zip(potentials).map(|(probe, potential)| OnGrid {
            shaft: match potential.shaft() {
                Shaft::Insulated => None,
                Shaft::HeldAtLeast { celsius } => {
                    let here = |link: &Link| mesh.kind[link.cell as usize] != HELD;
                    let links = links.warm_shaft(mesh, &potential, &cut.closed).into_iter().filter(here);
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
            assemblies: vec![Joined::default()],
            joined: 0,
            replaced: Replaced::default(),
            cut,
            reperfusion: parts.reperfusion,
        };
        set.find_bound(mesh);
        set
    }

    pub(super) fn count(&self) -> usize {
        self.probes.len()
    }

    /// Cells that the probes cover now.
    pub(super) fn covered_cells(&self) -> impl Iterator<Item = usize> {
        self.probes.iter().flat_map(|p| &p.captured).map(|&cell| cell as usize)
    }

    /// Cells beside the faces that the probes change now.
    pub(super) fn changed_cells(&self) -> impl Iterator<Item = usize> {
        self.assemblies[self.joined].assembly.changed_cells(self.links.strides())
    }

    /// Cells that the probes cover or pull at now, and those along shafts that are kept warm.
    pub(super) fn touched_cells(&self) -> impl Iterator<Item = usize> {
        let shafts = self.probes.iter().filter(|p| p.is_freezing).filter_map(|p| p.shaft.as_ref()).flat_map(|s| &s.0);
        let links = self.probes.iter().flat_map(|p| &p.links).chain(shafts).map(|link| link.cell as usize);
        links.chain(self.covered_cells())
    }

    pub(super) fn fastest_per_s(&self) -> f64 {
        self.bound().0
    }

    /// The same for cells while they are warm.
    pub(super) fn warm_speed(&self) -> &WarmSpeed {
        &self.bound().1
    }

    fn bound(&self) -> &(f64, WarmSpeed) {
        self.assemblies[self.joined].bound.as_ref().expect("found whenever probes are joined")
    }

    /// The coldest and warmest that any probe is ever driven to. Unit: °C.
    pub(super) fn drives_range_c(&self) -> impl Iterator<Item = f64> {
        self.probes.iter().flat_map(|probe| drives_c(probe).map(|row| row.1))
    }

    /// Cells that hold no tissue.
    pub(super) fn closed(&self) -> &[u32] {
        &self.cut.closed
    }

    /// Cells that insulated parts leave less tissue in, and the share that is left.
    pub(super) fn narrowed(&self) -> &[(u32, f32)] {
        &self.cut.narrowed
    }

    /// Where each probe lies.
    pub(super) fn potentials(&self) -> impl Iterator<Item = &Potential> {
        self.probes.iter().map(|p| &p.potential)
    }

    /// Surface temperature (while it acts) and heat taken from the tissue (W) of each probe.
    pub(super) fn readings(&self) -> impl Iterator<Item = (Option<f64>, f64)> {
        self.probes.iter().map(|p| (p.surface_c, -p.given_w))
    }

    /// Targets of a mesh with so many tissues: the cold surface of each probe in each tissue, then its warm shaft.
    fn target(tissues: usize, probe: usize, is_shaft: bool, kind: u8) -> usize {
        (2 * probe + usize::from(is_shaft)) * tissues + usize::from(kind)
    }

    /// How the cold surfaces pull at cells.
    pub(super) fn links(&self, mesh: &Mesh) -> Vec<Pull> {
        self.probes.iter().enumerate().flat_map(|(n, probe)| pulls(mesh, &probe.links, n, false)).collect()
    }

    /// How warm shafts pull at cells while the gas is on.
    pub(super) fn warmers(&self, mesh: &Mesh) -> Vec<Pull> {
        let acting = self.probes.iter().enumerate().filter(|(_, probe)| probe.is_freezing);
        acting.flat_map(|(n, probe)| probe.shaft.iter().flat_map(move |s| pulls(mesh, &s.0, n, true))).collect()
    }

    /// Takes the probes that acted so far out of the mesh, and looks up which act from `now_s` on.
    pub(super) fn part(&mut self, mesh: &mut Mesh, now_s: f64, state: &mut State) {
        let stays = if self.reperfusion == Reperfusion::OnThaw { 0.0 } else { 1.0 };
        for cell in self.covered_cells() {
            state.bloodless[cell] = stays;
        }
        self.choose(mesh, now_s);
    }

    /// Joins the probes that act to the mesh. Returns the heat that covered cells were given. Unit: J.
    pub(super) fn join(&mut self, mesh: &mut Mesh, now_s: f64, state: &mut State) -> f64 {
        self.assemblies[self.joined].assembly.apply(mesh, &mut self.replaced);
        self.find_bound(mesh);
        for probe in &mut self.probes {
            if let Drive::Surface { table, since_s } = &probe.drive {
                probe.surface_c = Some(table.at(now_s - since_s));
            }
        }
        for &cell in &self.cut.closed {
            state.bloodless[cell as usize] = 1.0;
        }
        for cell in self.covered_cells() {
            state.bloodless[cell] = 1.0;
        }
        self.cover(mesh, state)
    }

    /// Joins the probes that act from `now_s` on instead of those that acted so far.
    #[cfg(feature = "gpu")]
    pub(super) fn rejoin(&mut self, mesh: &mut Mesh, now_s: f64) {
        self.choose(mesh, now_s);
        self.assemblies[self.joined].assembly.apply(mesh, &mut self.replaced);
        self.find_bound(mesh);
        for probe in &mut self.probes {
            if let Drive::Surface { table, since_s } = &probe.drive {
                probe.surface_c = Some(table.at(now_s - since_s));
            }
        }
    }

    fn choose(&mut self, mesh: &mut Mesh, now_s: f64) {
        self.replaced.restore(mesh);
        for probe in &mut self.probes {
            probe.links.clear();
            probe.captured.clear();
            probe.drive = drive_at(probe, now_s);
            probe.is_freezing = probe.probe.schedule.at(now_s).0 == PhaseKind::Freeze;
            (probe.surface_c, probe.given_w) = (None, 0.0);
        }
        let active: Vec<usize> =
            (0..self.probes.len()).filter(|&n| !matches!(self.probes[n].drive, Drive::Off)).collect();
        self.joined = self.assemblies.iter().position(|known| known.probes == active).unwrap_or_else(|| {
            let potentials: Vec<&Potential> = active.iter().map(|&n| &self.probes[n].potential).collect();
            let assembly = self.links.assemble(mesh, &potentials);
            self.assemblies.push(Joined { probes: active.clone(), assembly, bound: None });
            self.assemblies.len() - 1
        });
        let assembly = &self.assemblies[self.joined].assembly;
        for (&n, coupling) in active.iter().zip(&assembly.couplings) {
            self.probes[n].links.clone_from(&coupling.links);
            self.probes[n].captured.clone_from(&coupling.captured);
        }
    }

    /// Puts covered cells at the surface temperature at the end of a step. Returns the heat they were given. Unit: J.
    pub(super) fn settle(&mut self, mesh: &Mesh, then_s: f64, state: &mut State) -> f64 {
        for probe in &mut self.probes {
            if let Drive::Surface { table, since_s } = &probe.drive {
                probe.surface_c = Some(table.at(then_s - since_s));
            }
        }
        self.cover(mesh, state)
    }

    fn cover(&self, mesh: &Mesh, state: &mut State) -> f64 {
        let mut given_j = 0.0;
        for probe in &self.probes {
            let Some(surface_c) = probe.surface_c else { continue };
            for &cell in &probe.captured {
                given_j += state.put(mesh, cell as usize, surface_c);
            }
        }
        given_j
    }

    /// Finds the surfaces at a stage and what they pull cells to. `psi` is padded. Adds to the heat given (W).
    pub(super) fn exchange(&mut self, mesh: &Mesh, time_s: f64, psi: &[f32], rates_w: &mut [f64]) -> Vec<f32> {
        let tissues = mesh.kinds.len();
        let mut targets = vec![0.0; 2 * tissues * self.probes.len()];
        for (n, (probe, rate_w)) in self.probes.iter_mut().zip(rates_w).enumerate() {
            let mut given_w = 0.0;
            let guess_c = probe.surface_c;
            let surface_c = match &probe.drive {
                Drive::Off => continue,
                Drive::Surface { table, since_s } => table.at(time_s - since_s),
                Drive::Film { gas_c, since_s, film_w_per_k, most_power_w } => {
                    let gas_c = gas_c.at(time_s - since_s);
                    let gas = Gas { celsius: gas_c, film_w_per_k: *film_w_per_k, most_power_w: *most_power_w };
                    Load::of(&probe.links, mesh, psi).surface_c(&mesh.kinds, &gas, guess_c)
                }
            };
            let mut surface = vec![0.0; tissues];
            for (kind, surface) in mesh.kinds.iter().zip(&mut surface) {
                *surface = kind.lookup.psi_at(&kind.curve, surface_c);
            }
            for link in &probe.links {
                let (kind, g) = in_kelvin(mesh, link);
                given_w += g * (surface[kind] - f64::from(psi[mesh.pad + link.cell as usize]));
            }
            let first = Self::target(tissues, n, false, 0);
            for (target, &surface) in targets[first..].iter_mut().zip(&surface) {
                *target = surface as f32;
            }
            if let (Some((links, celsius)), true) = (&probe.shaft, probe.is_freezing) {
                let first = Self::target(tissues, n, true, 0);
                for (target, kind) in targets[first..].iter_mut().zip(&mesh.kinds) {
                    *target = kind.lookup.psi_at(&kind.curve, *celsius) as f32;
                }
                for link in links {
                    let (kind, g) = in_kelvin(mesh, link);
                    let warm = targets[first + kind] - psi[mesh.pad + link.cell as usize];
                    given_w += g * f64::from(warm.max(0.0));
                }
            }
            *rate_w = given_w;
            (probe.surface_c, probe.given_w) = (Some(surface_c), given_w);
        }
        targets
    }

    /// Finds the bound of [`Self::fastest_per_s`] with the probes that are joined now.
    fn find_bound(&mut self, mesh: &Mesh) {
        if self.assemblies[self.joined].bound.is_none() {
            let bound = Bounds::of(self, mesh).bound();
            self.assemblies[self.joined].bound = Some(bound);
        }
    }
}

/// Tissue of a linked cell, and its link by psi. Unit: W/K.
fn in_kelvin(mesh: &Mesh, link: &Link) -> (usize, f64) {
    let kind = usize::from(mesh.kind[link.cell as usize]);
    (kind, link.g * mesh.kinds[kind].lookup.conductivity())
}

fn pulls<'a>(mesh: &'a Mesh, links: &'a [Link], probe: usize, is_shaft: bool) -> impl Iterator<Item = Pull> + 'a {
    links.iter().map(move |link| {
        let (kind, g) = in_kelvin(mesh, link);
        Pull {
            cell: link.cell,
            target: ProbeSet::target(mesh.kinds.len(), probe, is_shaft, kind as u8) as u16,
            pull: (g * f64::from(mesh.per_capacity[link.cell as usize])) as f32,
        }
    })
}

/// The coldest a probe can ever be.
fn coldest_drive_c(probe: &OnGrid) -> f64 {
    drives_c(probe).map(|row| row.1).fold(f64::INFINITY, f64::min)
}

/// Whatever drives a probe, by time.
fn drives_c(probe: &OnGrid) -> impl Iterator<Item = &(f64, f64)> {
    let table = match &probe.probe.cooling {
        Cooling::Surface(table) => table,
        Cooling::Film { gas_c, .. } => gas_c,
    };
    table.pairs().iter().chain(probe.probe.warming.iter().flat_map(|t| t.pairs()))
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

/// A gas behind a film.
struct Gas {
    celsius: f64,
    film_w_per_k: f64,
    most_power_w: f64,
}

impl Gas {
    /// Heat taken at a surface temperature, and how it grows with it. Unit: W, W/K.
    fn takes(&self, surface_c: f64) -> (f64, f64) {
        let through_film_w = self.film_w_per_k * (surface_c - self.celsius);
        if through_film_w > self.most_power_w { (self.most_power_w, 0.0) } else { (through_film_w, self.film_w_per_k) }
    }
}

/// What the tissue around a probe gives it, by its surface temperature: `sum (g psi) - sum g psi(T)` per tissue.
struct Load {
    /// Sum of g psi and sum of g of each tissue. Unit: W, W/K.
    sums: Vec<(f64, f64)>,
}

/// Newton steps for the surface temperature; where one leaves the bracket it is halved instead.
const MOST_NEWTON_STEPS: usize = 60;
/// Where they stop. Unit: K.
const SURFACE_TOLERANCE_K: f64 = 1e-9;
/// Where the surface temperature is looked for. Unit: °C.
const SURFACE_RANGE_C: (f64, f64) = (-250.0, 150.0);

impl Load {
    fn of(links: &[Link], mesh: &Mesh, psi: &[f32]) -> Self {
        let mut sums = vec![(0.0, 0.0); mesh.kinds.len()];
        for link in links {
            let (kind, g) = in_kelvin(mesh, link);
            sums[kind].0 += g * f64::from(psi[mesh.pad + link.cell as usize]);
            sums[kind].1 += g;
        }
        Self { sums }
    }

    /// Heat given at a surface temperature, and how it falls with it. Unit: W, W/K.
    fn gives(&self, kinds: &[Kind], surface_c: f64) -> (f64, f64) {
        let (mut given_w, mut falls) = (0.0, 0.0);
        for (&(sum, g), kind) in self.sums.iter().zip(kinds).filter(|((_, g), _)| *g > 0.0) {
            given_w += sum - g * kind.lookup.psi_at(&kind.curve, surface_c);
            falls += g * kind.curve.k(surface_c) / kind.lookup.conductivity();
        }
        (given_w, falls)
    }

    /// Where the tissue gives as much as the gas takes; the first falls with the temperature, the second grows.
    fn surface_c(&self, kinds: &[Kind], gas: &Gas, guess_c: Option<f64>) -> f64 {
        let (mut low, mut high) = SURFACE_RANGE_C;
        let mut surface_c = guess_c.unwrap_or(gas.celsius);
        for _ in 0..MOST_NEWTON_STEPS {
            let (given_w, falls) = self.gives(kinds, surface_c);
            let (taken_w, grows) = gas.takes(surface_c);
            if given_w > taken_w {
                low = low.max(surface_c);
            } else {
                high = high.min(surface_c);
            }
            let newton = surface_c + (given_w - taken_w) / (falls + grows).max(f64::MIN_POSITIVE);
            let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
            let moved = (next - surface_c).abs();
            surface_c = next;
            if moved < SURFACE_TOLERANCE_K {
                break;
            }
        }
        surface_c
    }
}
