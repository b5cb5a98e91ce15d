//! Blood flow and metabolism over one step.

use pulp::{Simd, WithSimd};

use super::mesh::{BLOCK, Kind, Mesh};

/// Sources of one chunk: whole registers of cells.
pub(super) struct SourcesOfChunk<'a> {
    pub(super) mesh: &'a Mesh,
    pub(super) psi: &'a [f32],
    /// 1 where blood has stopped for good, 0 elsewhere.
    pub(super) bloodless: &'a [f32],
    pub(super) kind: &'a [u8],
    pub(super) capacity: &'a [f32],
    /// Half of this step over the last one; 0 when there was none.
    pub(super) ahead: f32,
    /// Out: what acts over this step.
    pub(super) sources: &'a mut [f32],
    /// In: what acted one step ago. Out: what acts now.
    pub(super) last: &'a mut [f32],
}

/// Registers whose sources are summed in single precision before they are added in double.
const SUMMED: usize = 16;

impl WithSimd for SourcesOfChunk<'_> {
    /// All sources over the step, and metabolism alone. Unit: W.
    type Output = (f64, f64);

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) -> (f64, f64) {
        let (mut all_w, mut made_w) = (0.0, 0.0);
        let count = self.sources.len() / S::F32_LANES;
        for first in (0..count).step_by(SUMMED) {
            let (mut all, mut made) = (simd.splat_f32s(0.0), simd.splat_f32s(0.0));
            for register in first..(first + SUMMED).min(count) {
                let cells = register * S::F32_LANES..(register + 1) * S::F32_LANES;
                let kinds = &self.kind[cells.clone()];
                let is_one = kinds.iter().all(|&k| k == kinds[0]);
                match self.mesh.kinds.get(usize::from(kinds[0])) {
                    Some(kind) if is_one => (all, made) = self.of_one(simd, kind, register, (all, made)),
                    // All is held: nothing is stored there.
                    None if is_one => {}
                    _ => (all, made) = self.of_many(simd, register, (all, made)),
                }
            }
            all_w += f64::from(simd.reduce_sum_f32s(all));
            made_w += f64::from(simd.reduce_sum_f32s(made));
        }
        (all_w, made_w)
    }
}

impl SourcesOfChunk<'_> {
    /// A register of cells of one tissue. Returns the sums with its own added, lane by lane.
    #[inline(always)]
    fn of_one<S: Simd>(
        &mut self,
        simd: S,
        kind: &Kind,
        register: usize,
        sums: (S::f32s, S::f32s),
    ) -> (S::f32s, S::f32s) {
        let (makes, slope) = (simd.splat_f32s(kind.sources.made), simd.splat_f32s(kind.sources.slope));
        let starts = simd.splat_f32s(kind.lookup.starts_psi() as f32);
        self.of_register(simd, (makes, slope, starts), register, sums)
    }

    /// A register of cells whose tissues are known: what each makes, its slope, and where it freezes.
    #[inline(always)]
    fn of_register<S: Simd>(
        &mut self,
        simd: S,
        (makes, slope, starts): (S::f32s, S::f32s, S::f32s),
        register: usize,
        (all, made): (S::f32s, S::f32s),
    ) -> (S::f32s, S::f32s) {
        let list = |field| S::as_simd_f32s(field).0[register];
        let (psi, bloodless, capacity) = (list(self.psi), list(self.bloodless), list(self.capacity));
        let (source, last) =
            (&mut S::as_mut_simd_f32s(self.sources).0[register], &mut S::as_mut_simd_f32s(self.last).0[register]);
        let zero = simd.splat_f32s(0.0);
        let alive = simd.sub_f32s(simd.splat_f32s(1.0), bloodless);
        let flows = simd.select_f32s(simd.less_than_f32s(starts, psi), alive, zero);
        let now = simd.mul_f32s(flows, simd.sub_f32s(makes, simd.mul_f32s(slope, psi)));
        // Where blood did not flow before there is nothing to look back on.
        let looks_back = simd.less_than_f32s(zero, simd.abs_f32s(*last));
        let then = simd.select_f32s(looks_back, *last, now);
        let ahead = simd.mul_f32s(flows, simd.splat_f32s(self.ahead));
        let over_step = simd.mul_add_e_f32s(ahead, simd.sub_f32s(now, then), now);
        (*source, *last) = (over_step, now);
        let made_here = simd.mul_f32s(flows, makes);
        (simd.mul_add_e_f32s(over_step, capacity, all), simd.mul_add_e_f32s(made_here, capacity, made))
    }

    /// A register of cells of several tissues.
    #[inline(always)]
    fn of_many<S: Simd>(&mut self, simd: S, register: usize, sums: (S::f32s, S::f32s)) -> (S::f32s, S::f32s) {
        let kinds = &self.kind[register * S::F32_LANES..(register + 1) * S::F32_LANES];
        let mut tissue = [[0.0; BLOCK]; 3];
        for (lane, &kind) in kinds.iter().enumerate() {
            // What is held has no capacity and no source.
            let Some(Kind { sources, lookup, .. }) = self.mesh.kinds.get(usize::from(kind)) else { continue };
            tissue[0][lane] = sources.made;
            tissue[1][lane] = sources.slope;
            tissue[2][lane] = lookup.starts_psi() as f32;
        }
        let [makes, slope, starts] = [0, 1, 2].map(|n| S::as_simd_f32s(&tissue[n]).0[0]);
        self.of_register(simd, (makes, slope, starts), register, sums)
    }
}
