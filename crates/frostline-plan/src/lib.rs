//! Anatomy, plan and assessment of a nerve freeze.
//!
//! Knows: what lies where in the limb, the catalogues of probes, tissues, limits and nerves, how a plan becomes a scene
//! for the heat solver, and what its answer means for the nerve and everything near it.
//! Does not know: files, patients by name, screens. Anatomy has no goals; a plan never changes the anatomy.

pub mod anatomy;
pub mod catalogue;
pub mod label_map;
pub mod layers;
pub mod segment;
pub mod ultrasound;
