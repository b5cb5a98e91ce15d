//! Assisted marking: proposals for the course of a nerve or vessel that a person accepts or corrects.
//!
//! Knows: how a tube looks in a volume, the cheapest way from click to click along it, and how to draw that way to its
//! middle. Does not know what the tube is: a vein, a tendon and a nerve can look alike, and a trace may change from one to
//! another where they touch. Every trace is a proposal; `docs/trace.md` says how far off it was where that was measured.

pub mod frame;

mod click;
mod error;
mod lattice;
mod piece;
mod ridge;
mod route;
mod settings;
mod tracing;

pub use click::{Click, Sought};
pub use error::TraceError;
pub use lattice::Tone;
pub use piece::TracedPoint;
pub use settings::{
    ClickRange, Detour, EllipseRange, ExpectedEllipse, PointSpacing, RadiusRange, TraceSettings, TraceSettingsError,
};
pub use tracing::Tracing;
