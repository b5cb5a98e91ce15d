//! The case record and the report.
//!
//! Knows: what a report says and shows, as values: sentences, tables, pictures in millimetres, surfaces, curves.
//! Does not know: HTML, SVG, PDF, files, clocks. Those are made from these values by the program.

pub mod case;
pub mod documents;
pub mod report;
pub mod rules;
