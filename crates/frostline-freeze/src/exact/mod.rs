//! Exact solutions to be judged by.
//!
//! Lengths in metres and SI units throughout this module, as in the textbooks the formulas come from.

mod axisymmetric;
mod decay;
mod finite_probe;
mod freezing_range;
mod front_fixing;
mod frozen_core;
mod half_space;
mod perfused;
mod sinks;
mod special;
mod stepped_probe;

pub use axisymmetric::{Axisymmetric, AxisymmetricField, Reach};
pub use decay::{DecayingProduct, Layer};
pub use finite_probe::{FINITE_PROBES, FINITE_SURFACES_C, FINITE_TIMES_S, FiniteProbe, finite_medium};
pub use freezing_range::{FreezingRange, RangeConductivity, RangeMedium};
pub use front_fixing::{ColdBody, FrontFixing, FrontHistory, IceProfile};
pub use frozen_core::FrozenCore;
pub use half_space::{FreezingHalfSpace, TwoPhase};
pub use perfused::Perfused;
pub use sinks::{LineSink, PointSink};
pub use stepped_probe::{
    GEL, PERFUSED_MUSCLE, STEPPED, SteppedCase, SteppedRow, quasi_steady_ball_s, quasi_steady_cylinder_s,
};
