//! What a device tells the record, instead of the steps of the CPU.

use super::Recorder;

/// What a device knows of every stored cell at the end of a run.
pub(in crate::solver) struct Extremes {
    pub(in crate::solver) coldest_u: Vec<f32>,
    pub(in crate::solver) coldest_at_s: Vec<f32>,
    /// By isotherm.
    pub(in crate::solver) below_s: Vec<Vec<f32>>,
}

impl Recorder {
    /// The u of each isotherm in each tissue.
    pub(in crate::solver) fn limits_u(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.below.iter().map(|below| below.limit_u.as_slice())
    }

    /// The coldest that each probe's surface has been since it was last asked.
    pub(in crate::solver) fn take_coldest_surfaces(&mut self, coldest_c: impl Iterator<Item = Option<f64>>) {
        for (coldest, now) in self.coldest_surface_c.iter_mut().zip(coldest_c) {
            *coldest = match (*coldest, now) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
    }

    pub(in crate::solver) fn take_extremes(&mut self, extremes: Extremes) {
        self.coldest_u = extremes.coldest_u;
        self.coldest_at_s = extremes.coldest_at_s;
        for (below, seconds) in self.below.iter_mut().zip(extremes.below_s) {
            below.seconds = seconds;
        }
    }
}
