//! What the engine computes on.

use frostline_freeze::{Backend, Continue, FreezeHistory, FreezeScene, Progress, SimulateError, SolverSettings};

use crate::Fault;

/// What a row runs on.
#[derive(Clone, Copy, Debug)]
pub struct On {
    pub threads: usize,
    pub backend: Backend,
}

impl On {
    pub const TWO_THREADS: Self = Self { threads: 2, backend: Backend::Cpu };
}

/// The engine, ready to run: a GPU is opened, and everything compiled for it, before any clock starts.
pub enum Engine {
    Cpu,
    #[cfg(feature = "gpu")]
    Gpu(Box<frostline_freeze::Gpu>),
}

type Answer = Result<FreezeHistory, SimulateError>;

impl Engine {
    pub fn open(backend: Backend) -> Result<Self, Fault> {
        match backend {
            Backend::Cpu => Ok(Self::Cpu),
            #[cfg(feature = "gpu")]
            Backend::Gpu => Ok(Self::Gpu(Box::new(frostline_freeze::Gpu::open("")?))),
            #[cfg(not(feature = "gpu"))]
            Backend::Gpu => Err("this bench was built without the feature gpu".into()),
        }
    }

    /// What is said of a run: its pose, and the GPU where there is one.
    pub fn named(&self, variant: &str) -> String {
        match self {
            Self::Cpu => variant.into(),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => format!("{variant}, on {}", gpu.name()),
        }
    }

    /// One scene, with whole fields at some times.
    pub fn one(
        &self,
        scene: &FreezeScene,
        settings: &SolverSettings,
        keep_at_s: &[f64],
        watch: &mut dyn FnMut(Progress) -> Continue,
    ) -> Answer {
        match self {
            Self::Cpu => frostline_freeze::simulate_keeping(scene, settings, keep_at_s, watch),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.simulate_batch(&[scene], settings, keep_at_s, &mut |_, now| watch(now)).remove(0),
        }
    }

    /// Many scenes.
    pub fn many(&self, scenes: &[FreezeScene], settings: &SolverSettings) -> Vec<Answer> {
        match self {
            Self::Cpu => frostline_freeze::simulate_many(scenes, settings, &|_| Continue::Yes),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => {
                let all: Vec<&FreezeScene> = scenes.iter().collect();
                gpu.simulate_batch(&all, settings, &[], &mut |_, _| Continue::Yes)
            }
        }
    }
}
