//! Blood flow and metabolism over one step.

use std::ops::Range;

use super::kernel::SourcesOfTissue;
use super::mesh::{Kind, Mesh};

/// Sources of one chunk.
pub(super) struct SourcesOfChunk<'a> {
    pub(super) mesh: &'a Mesh,
    pub(super) psi: &'a [f32],
    pub(super) alive: &'a [f32],
    pub(super) kind: &'a [u8],
    pub(super) capacity: &'a [f32],
    /// Half of this step over the last one; 0 when there was none.
    pub(super) ahead: f32,
    pub(super) arch: pulp::Arch,
}

/// Cells of which sources are summed in single precision before they are added in double.
const SUMMED: usize = 64;

impl SourcesOfChunk<'_> {
    /// Writes what acts over this step and what acts now. Returns all of the first, and metabolism alone. Unit: W.
    pub(super) fn find(&self, sources: &mut [f32], last: &mut [f32]) -> (f64, f64) {
        let kinds = &self.mesh.kinds;
        let (mut all_w, mut made_w) = (0.0, 0.0);
        for first in (0..sources.len()).step_by(SUMMED) {
            let cells = first..(first + SUMMED).min(sources.len());
            let kind = self.kind[first];
            let is_one = self.kind[cells.clone()].iter().all(|k| *k == kind);
            let sums = match kinds.get(usize::from(kind)) {
                Some(kind) if is_one => self.arch.dispatch(SourcesOfTissue {
                    made: kind.sources.made,
                    slope: kind.sources.slope,
                    starts_psi: kind.lookup.starts_psi() as f32,
                    ahead: self.ahead,
                    psi: &self.psi[cells.clone()],
                    alive: &self.alive[cells.clone()],
                    capacity: &self.capacity[cells.clone()],
                    sources: &mut sources[cells.clone()],
                    last: &mut last[cells],
                }),
                _ if is_one => (0.0, 0.0),
                // What is held has no capacity, so any tissue will do for it.
                _ => self.find_in(cells, |n| kinds.get(usize::from(self.kind[n])).unwrap_or(&kinds[0]), sources, last),
            };
            all_w += f64::from(sums.0);
            made_w += f64::from(sums.1);
        }
        (all_w, made_w)
    }

    #[inline(always)]
    fn find_in<'k>(
        &self,
        cells: Range<usize>,
        kind: impl Fn(usize) -> &'k Kind,
        sources: &mut [f32],
        last: &mut [f32],
    ) -> (f32, f32) {
        let (mut all_w, mut made_w) = (0.0, 0.0);
        for n in cells {
            let kind = kind(n);
            let (s, psi, capacity) = (&kind.sources, self.psi[n], self.capacity[n]);
            let is_warm = psi > kind.lookup.starts_psi() as f32 && capacity > 0.0;
            let flows = if is_warm { self.alive[n] } else { 0.0 };
            let now = flows * (s.made - s.slope * psi);
            // Where blood did not flow before there is nothing to look back on.
            let then = if last[n] == 0.0 { now } else { last[n] };
            sources[n] = now + flows * self.ahead * (now - then);
            last[n] = now;
            all_w += sources[n] * capacity;
            made_w += flows * s.made * capacity;
        }
        (all_w, made_w)
    }
}
