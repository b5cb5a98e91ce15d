//! Exact solutions to be judged by.
//!
//! Lengths in metres and SI units throughout this module, as in the textbooks the formulas come from.

mod half_space;
mod perfused;
mod special;

pub use half_space::{FreezingHalfSpace, TwoPhase};
pub use perfused::Perfused;
