//! The device: which one, what is compiled for it, and how its memory is filled and read.

use std::sync::{Arc, Mutex};

use super::super::SimulateError;
use super::words as w;

/// A GPU that can simulate, with everything compiled for it.
#[derive(Debug)]
pub struct Gpu {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    pub(super) passes: [Pass; PASSES.len()],
    name: String,
    /// What went wrong last, as the driver says.
    trouble: Arc<Mutex<Option<String>>>,
}

/// One compiled pass.
#[derive(Debug)]
pub(super) struct Pass {
    pub(super) pipeline: wgpu::ComputePipeline,
    pub(super) layout: wgpu::BindGroupLayout,
    pub(super) bindings: &'static [u32],
}

/// Number of each pass.
pub(super) const SOURCES: usize = 0;
pub(super) const BEND: usize = 1;
pub(super) const EXCHANGE: usize = 2;
pub(super) const STAGE: usize = 3;
pub(super) const SETTLE: usize = 4;
pub(super) const NOTE: usize = 5;
pub(super) const SUM_UP: usize = 6;

/// Numbers of the lists in common.wgsl.
pub(super) const BOOK: u32 = 1;
pub(super) const PLAN: u32 = 2;
pub(super) const PROBES: u32 = 3;
pub(super) const PSI: u32 = 4;
pub(super) const JOINT: u32 = 5;
pub(super) const STATE: u32 = 6;
pub(super) const OWN: u32 = 7;
pub(super) const ROWS: u32 = 8;
pub(super) const FACES: u32 = 9;
pub(super) const RECORD: u32 = 10;
pub(super) const BELOW: u32 = 11;
pub(super) const PARTIALS: u32 = 12;
pub(super) const LEDGER: u32 = 13;
/// Lists that no pass writes.
const READ_ONLY: [u32; 3] = [BOOK, PLAN, JOINT];

/// Passes and the lists they use: eight at most, as many as every driver grants.
const PASSES: [(&str, &[u32]); 7] = [
    ("sources", &[BOOK, PLAN, PSI, JOINT, STATE, OWN, RECORD, PARTIALS]),
    ("bend", &[BOOK, PLAN, PSI, JOINT, STATE, OWN, ROWS, FACES]),
    ("exchange", &[BOOK, PLAN, PROBES, PSI]),
    ("stage", &[BOOK, PLAN, PROBES, PSI, JOINT, STATE, OWN, ROWS]),
    ("settle", &[BOOK, PLAN, PROBES, PSI, JOINT, STATE, OWN, LEDGER]),
    ("note", &[BOOK, PLAN, STATE, OWN, ROWS, RECORD, BELOW, PARTIALS]),
    ("sum_up", &[BOOK, PLAN, PARTIALS, LEDGER]),
];

/// What every dispatch is told: slot, stage and two spare words.
pub(super) const NOW_BYTES: u64 = 16;
/// Distance between two of them; no driver asks for more.
pub(super) const NOW_STRIDE: u64 = 256;

const REMEDY: &str = "install such a driver (on Debian and Ubuntu the package mesa-vulkan-drivers holds one that needs no \
                      graphics card)";

impl Gpu {
    /// The best GPU whose name holds `name_has`; an empty text takes any.
    ///
    /// # Errors
    /// [`SimulateError::NoGpu`] with what was found and what to do.
    pub fn open(name_has: &str) -> Result<Self, SimulateError> {
        let mut wanted = wgpu::InstanceDescriptor::new_without_display_handle();
        wanted.backends = wgpu::Backends::PRIMARY;
        let instance = wgpu::Instance::new(wanted);
        let mut found = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY));
        // Stable, so that among equals the first one named by the system is taken.
        found.sort_by_key(|adapter| rank(adapter.get_info().device_type));
        let names: Vec<String> = found.iter().map(|adapter| adapter.get_info().name).collect();
        let Some(n) = names.iter().position(|name| name.contains(name_has)) else {
            let why = if names.is_empty() {
                "no driver names any".to_owned()
            } else {
                format!("none is called {name_has:?} (found: {})", names.join(", "))
            };
            return Err(SimulateError::NoGpu { why, remedy: REMEDY });
        };
        Self::of(&found[n])
    }

    /// What it is called, with its driver.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn of(adapter: &wgpu::Adapter) -> Result<Self, SimulateError> {
        let info = adapter.get_info();
        let name = format!("{} ({}, {} {})", info.name, info.backend, info.driver, info.driver_info);
        let most = adapter.limits();
        let required_limits = wgpu::Limits {
            max_buffer_size: most.max_buffer_size,
            max_storage_buffer_binding_size: most.max_storage_buffer_binding_size,
            ..wgpu::Limits::downlevel_defaults()
        };
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("frostline"),
            required_limits: wgpu::Limits { max_storage_buffers_per_shader_stage: 8, ..required_limits },
            memory_hints: wgpu::MemoryHints::Performance,
            ..Default::default()
        };
        let (device, queue) = pollster::block_on(adapter.request_device(&descriptor))
            .map_err(|error| SimulateError::NoGpu { why: format!("{name} refuses: {error}"), remedy: REMEDY })?;
        let trouble = Arc::new(Mutex::new(None));
        let noted = trouble.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            if let Ok(mut noted) = noted.lock() {
                noted.get_or_insert_with(|| error.to_string());
            }
        }));
        let passes = passes(&device);
        let gpu = Self { device, queue, passes, name, trouble };
        gpu.check()?;
        Ok(gpu)
    }

    /// Fails when the driver has complained since the last look.
    pub(super) fn check(&self) -> Result<(), SimulateError> {
        let noted = self.trouble.lock().map_or_else(|poisoned| poisoned.into_inner().take(), |mut noted| noted.take());
        noted.map_or(Ok(()), |why| Err(self.gave_up(why)))
    }

    pub(super) fn gave_up(&self, why: impl Into<String>) -> SimulateError {
        SimulateError::GpuGaveUp { name: self.name.clone(), why: why.into() }
    }

    /// The longest list it takes. Unit: bytes.
    pub(super) fn longest_bytes(&self) -> u64 {
        let limits = self.device.limits();
        limits.max_buffer_size.min(limits.max_storage_buffer_binding_size)
    }

    /// A list of zeros.
    pub(super) fn buffer(&self, label: &str, bytes: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            // A binding must not be empty.
            size: bytes.max(16).next_multiple_of(16),
            usage: usage | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        })
    }

    /// Waits for everything handed over so far, and looks at a list that can be mapped.
    pub(super) fn read<T>(
        &self,
        buffer: &wgpu::Buffer,
        bytes: u64,
        look: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, SimulateError> {
        let slice = buffer.slice(..bytes);
        let (tell, told) = std::sync::mpsc::channel();
        slice.map_async(wgpu::MapMode::Read, move |outcome| {
            // Nobody listens any more when waiting itself went wrong.
            let _ = tell.send(outcome);
        });
        self.device.poll(wgpu::PollType::wait_indefinitely()).map_err(|error| self.gave_up(error.to_string()))?;
        self.check()?;
        match told.recv() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(self.gave_up(error.to_string())),
            Err(error) => return Err(self.gave_up(error.to_string())),
        }
        let view = slice.get_mapped_range().map_err(|error| self.gave_up(error.to_string()))?;
        let found = look(&view);
        drop(view);
        buffer.unmap();
        Ok(found)
    }
}

/// Real devices first; a software driver last.
fn rank(kind: wgpu::DeviceType) -> u8 {
    match kind {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu => 2,
        wgpu::DeviceType::Other => 3,
        wgpu::DeviceType::Cpu => 4,
    }
}

/// All shaders as one text.
fn source() -> String {
    let parts = [
        include_str!("common.wgsl"),
        include_str!("step.wgsl"),
        include_str!("bend.wgsl"),
        include_str!("probes.wgsl"),
        include_str!("stage.wgsl"),
    ];
    w::as_wgsl() + &parts.join("\n")
}

fn passes(device: &wgpu::Device) -> [Pass; PASSES.len()] {
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some("frostline"),
        source: wgpu::ShaderSource::Wgsl(source().into()),
    });
    PASSES.map(|(entry, bindings)| {
        let mut entries = vec![entry_of(0, wgpu::BufferBindingType::Uniform)];
        entries.extend(bindings.iter().map(|&binding| {
            let read_only = READ_ONLY.contains(&binding);
            entry_of(binding, wgpu::BufferBindingType::Storage { read_only })
        }));
        let layout =
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(entry), entries: &entries });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(entry),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(entry),
            layout: Some(&pipeline_layout),
            module: &module,
            entry_point: Some(entry),
            compilation_options: wgpu::PipelineCompilationOptions {
                // Every sum is written before it is read.
                zero_initialize_workgroup_memory: false,
                ..Default::default()
            },
            cache: None,
        });
        Pass { pipeline, layout, bindings }
    })
}

fn entry_of(binding: u32, ty: wgpu::BufferBindingType) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: binding == 0, min_binding_size: None },
        count: None,
    }
}
