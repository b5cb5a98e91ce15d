//! What computes: the CPU, or a GPU where the program was built for one and one is there.

use super::{Continue, Progress, SimulateError, SolverSettings};
use crate::history::FreezeHistory;
use crate::scene::FreezeScene;

/// What computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backend {
    /// The processor, on as many threads as the settings say.
    #[default]
    Cpu,
    /// A GPU, by Vulkan, Metal or DirectX 12; needs the feature `gpu`. It pays for many scenes at once.
    Gpu,
}

/// The name and driver of the GPU that [`Backend::Gpu`] would use.
///
/// # Errors
/// [`SimulateError::NoGpu`] with what was found and what to do.
pub fn gpu_available() -> Result<String, SimulateError> {
    #[cfg(feature = "gpu")]
    return super::Gpu::open("").map(|gpu| gpu.name().to_owned());
    #[cfg(not(feature = "gpu"))]
    Err(not_built())
}

#[cfg(not(feature = "gpu"))]
fn not_built() -> SimulateError {
    SimulateError::NoGpu {
        why: "this program was built without the feature `gpu`".into(),
        remedy: "build it again with `--features gpu`",
    }
}

/// One scene on the GPU.
#[cfg(feature = "gpu")]
pub(super) fn simulate_on_gpu(
    scene: &FreezeScene,
    settings: &SolverSettings,
    keep_at_s: &[f64],
    progress: &mut dyn FnMut(Progress) -> Continue,
) -> Result<FreezeHistory, SimulateError> {
    let gpu = super::Gpu::open("")?;
    let mut answers = gpu.simulate_batch(&[scene], settings, keep_at_s, &mut |_, report| progress(report));
    // One scene has one answer.
    answers.remove(0)
}

/// One scene on the GPU.
#[cfg(not(feature = "gpu"))]
pub(super) fn simulate_on_gpu(
    _scene: &FreezeScene,
    _settings: &SolverSettings,
    _keep_at_s: &[f64],
    _progress: &mut dyn FnMut(Progress) -> Continue,
) -> Result<FreezeHistory, SimulateError> {
    Err(not_built())
}

/// Many scenes on the GPU, all together. `progress` hears how many are done.
#[cfg(feature = "gpu")]
pub(super) fn simulate_many_on_gpu(
    scenes: &[&FreezeScene],
    settings: &SolverSettings,
    progress: &(dyn Fn(usize) -> Continue + Sync),
) -> Vec<Result<FreezeHistory, SimulateError>> {
    let gpu = match super::Gpu::open("") {
        Ok(gpu) => gpu,
        Err(error) => return scenes.iter().map(|_| Err(error.clone())).collect(),
    };
    let mut done = 0;
    gpu.simulate_batch(scenes, settings, &[], &mut |_, report| {
        if report.at_s < report.duration_s {
            return Continue::Yes;
        }
        done += 1;
        progress(done)
    })
}

/// Many scenes on the GPU.
#[cfg(not(feature = "gpu"))]
pub(super) fn simulate_many_on_gpu(
    scenes: &[&FreezeScene],
    _settings: &SolverSettings,
    _progress: &(dyn Fn(usize) -> Continue + Sync),
) -> Vec<Result<FreezeHistory, SimulateError>> {
    scenes.iter().map(|_| Err(not_built())).collect()
}
