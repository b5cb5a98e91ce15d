//! Probes on the grid.

use super::mesh::{Beyond, HELD, Mesh};

/// The probes of a scene, as the step sees them.
#[derive(Debug, Default)]
pub(super) struct ProbeSet {
    fastest_per_s: f64,
}

impl ProbeSet {
    pub(super) fn of(_parts: &crate::scene::SceneParts, mesh: &Mesh) -> Self {
        Self { fastest_per_s: fastest_per_s(mesh) }
    }

    pub(super) fn fastest_per_s(&self) -> f64 {
        self.fastest_per_s
    }

    pub(super) fn settle(&mut self, _mesh: &Mesh, _then_s: f64, _h: &mut [f64]) -> f64 {
        0.0
    }

    pub(super) fn switch(&mut self, _mesh: &mut Mesh, _now_s: f64, _h: &mut [f64]) -> f64 {
        0.0
    }

    pub(super) fn count(&self) -> usize {
        0
    }

    pub(super) fn linked_cells(&self) -> impl Iterator<Item = usize> {
        std::iter::empty()
    }

    pub(super) fn exchange(
        &mut self,
        _mesh: &Mesh,
        _time_s: f64,
        _theta: &[f64],
        _extra: &mut [f64],
        _rates: &mut [f64],
    ) {
    }
}

/// Upper bound of the fastest decay of any temperature pattern (Gershgorin). Unit: 1/s.
fn fastest_per_s(mesh: &Mesh) -> f64 {
    let n = mesh.kind.len();
    let mut sums = vec![0.0; n];
    for axis in 0..3 {
        for (a, &g) in mesh.g[axis].iter().enumerate() {
            if g > 0.0 {
                sums[a] += 2.0 * g;
                sums[a + mesh.stride[axis]] += 2.0 * g;
            }
        }
    }
    for face in &mesh.special {
        // At worst the interface stays where it is: then each side sees its own half-cell. A neighbour that answers
        // adds as much again to the bound.
        match face.beyond {
            Beyond::Cell { cell, half } => {
                sums[face.cell as usize] += 2.0 * face.half;
                sums[cell as usize] += 2.0 * half;
            }
            Beyond::Wall { .. } => sums[face.cell as usize] += face.half,
        }
    }
    let mut fastest = 0.0_f64;
    for (a, &kind) in mesh.kind.iter().enumerate() {
        if kind != HELD {
            let alpha = mesh.curves[usize::from(kind)].largest_diffusivity(-200.0, 100.0);
            fastest = fastest.max(alpha * sums[a] / mesh.volume[a]);
        }
    }
    fastest
}
