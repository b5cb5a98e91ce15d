//! What a device must know of the probes, and what it tells them.

use super::super::links::Link;
use super::super::mesh::Mesh;
use super::{Drive, OnGrid, ProbeSet, in_kelvin};

/// What drives a probe, without its time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::solver) enum DriveKind {
    Off,
    Surface,
    Film { film_w_per_k: f64, most_power_w: f64 },
}

/// Links to one tissue: cells with their conductance by psi. Unit: W/K.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::solver) struct Run {
    pub(in crate::solver) kind: u8,
    pub(in crate::solver) pairs: Vec<(u32, f64)>,
}

/// One probe since the last switch.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::solver) struct Acting {
    pub(in crate::solver) drive: DriveKind,
    pub(in crate::solver) cold: Vec<Run>,
    /// Links of a shaft that warms, and how warm (°C).
    pub(in crate::solver) warm: Vec<Run>,
    pub(in crate::solver) shaft_c: f64,
    pub(in crate::solver) covered: Vec<u32>,
    pub(in crate::solver) surface_c: Option<f64>,
}

/// What a probe reads: its surface (°C) while it acts, and what it gives (W).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::solver) struct Reading {
    pub(in crate::solver) surface_c: Option<f64>,
    pub(in crate::solver) given_w: f64,
}

impl ProbeSet {
    pub(in crate::solver) fn acting<'a>(&'a self, mesh: &'a Mesh) -> impl Iterator<Item = Acting> + 'a {
        self.probes.iter().map(|probe| {
            let shaft = probe.shaft.as_ref().filter(|_| probe.is_freezing && !matches!(probe.drive, Drive::Off));
            Acting {
                drive: match probe.drive {
                    Drive::Off => DriveKind::Off,
                    Drive::Surface { .. } => DriveKind::Surface,
                    Drive::Film { film_w_per_k, most_power_w, .. } => DriveKind::Film { film_w_per_k, most_power_w },
                },
                cold: runs(mesh, &probe.links),
                warm: shaft.map(|(links, _)| runs(mesh, links)).unwrap_or_default(),
                shaft_c: shaft.map_or(0.0, |(_, celsius)| *celsius),
                covered: probe.captured.clone(),
                surface_c: probe.surface_c,
            }
        })
    }

    /// The temperature that drives each probe at a time: of its surface, or of the gas behind its film; 0 while off.
    pub(in crate::solver) fn drives_c(&self, at_s: f64) -> impl Iterator<Item = f64> {
        self.probes.iter().map(move |probe| match &probe.drive {
            Drive::Off => 0.0,
            Drive::Surface { table, since_s } => table.at(at_s - since_s),
            Drive::Film { gas_c, since_s, .. } => gas_c.at(at_s - since_s),
        })
    }

    /// Takes over what the device found at the last stage.
    pub(in crate::solver) fn read(&mut self, readings: &[Reading]) {
        let acting = |probe: &OnGrid| !matches!(probe.drive, Drive::Off);
        for (probe, reading) in self.probes.iter_mut().zip(readings) {
            if acting(probe) {
                (probe.surface_c, probe.given_w) = (reading.surface_c, reading.given_w);
            }
        }
    }
}

fn runs(mesh: &Mesh, links: &[Link]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for link in links {
        let (kind, g) = in_kelvin(mesh, link);
        let kind = kind as u8;
        match runs.iter_mut().find(|run| run.kind == kind) {
            Some(run) => run.pairs.push((link.cell, g)),
            None => runs.push(Run { kind, pairs: vec![(link.cell, g)] }),
        }
    }
    runs
}
